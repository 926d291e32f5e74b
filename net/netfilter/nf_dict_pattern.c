// SPDX-License-Identifier: GPL-2.0-only
/*
 * Patterns for strings: ? * [a-z] [!a-z] and backslash escapes.
 *
 * Strings are interned, so the verdict of a set of patterns for a string is
 * cached under the string's id, which is never reused. Once a string has been
 * seen, wildcards and large sets cost as much as an exact comparison.
 *
 * A new string is matched in pieces of 128 bytes, with one bit for each
 * position: each byte of a pattern takes one step for all positions of a piece.
 * From one piece to the next, a pattern keeps one bit for each of its bytes:
 *
 *	pattern  * . e x a m p l e . *		string  | piece 0 | piece 1 | ...
 *	after 0  1 0 1 0 0 0 0 0 0 0 0		"*" and "*.e" match all of piece 0
 *
 * So the number of steps per piece of a string is at most the number of bytes
 * of the pattern, whatever they contain.
 *
 * All members of a list are matched in one pass. No step crosses the NUL
 * between two members, and after it each pattern starts again:
 *
 *	pattern  s a l e s	list  e x e c . s a l e s . p r e s a l e s
 *				after "sa"        1
 *
 * So a list takes as many steps as a string of the same length.
 */
#include <kunit/visibility.h>
#include <linux/bottom_half.h>
#include <linux/irqflags.h>
#include <linux/local_lock.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <net/net_namespace.h>

#include "nf_dict_internal.h"

/*
 * Cached verdicts of a set: one page. If more strings are in use, some of them
 * are evaluated again.
 */
#define NF_DICT_VERDICTS	(4096 / sizeof(atomic64_t))
/* Bytes of a string that one step examines. */
#define NF_DICT_PIECE		128
/* Patterns that are matched with a long string in one pass. */
#define NF_DICT_RUNS		128
/* A verdict: the string's id, then the index of the pattern plus one. */
#define NF_DICT_VERDICT_SHIFT	12
#define NF_DICT_VERDICT_MASK	(BIT(NF_DICT_VERDICT_SHIFT) - 1)

/**
 * struct nf_dict_pattern - one pattern
 * @text: the pattern as it was written, NUL-terminated
 * @exact: the string it matches if it has no wildcards, otherwise NULL; a
 *	reference
 * @len: bytes of @text
 */
struct nf_dict_pattern {
	char			*text;
	struct nf_dict_atom	*exact;
	u8			len;
};

/**
 * struct nf_dict_patterns - a set of patterns, in order
 * @verdicts: cached verdicts, by the string's id; read and written without a
 *	lock, as single words. NULL for a single exact string. A set with
 *	verdicts holds a use of nf_dict_scratch
 * @exact: &nf_dict_pattern.exact of the first pattern, for packets
 * @verdict_base: added to a string's id to find its slot in @verdicts; random,
 *	because @verdicts is page aligned and a string would otherwise use the
 *	same L1 set in all sets of patterns (20 sets of 100 patterns: 11.2
 *	instead of 11.6 ns for each)
 * @count: patterns in @list
 * @max: room in @list
 * @type: type of the values, %NF_DICT_LONG_STRING or %NF_DICT_STRING_LIST
 * @list: the patterns; allocated separately, so that this structure is not page
 *	aligned either
 * @ns: namespace of the strings; the owner of the set holds a table there
 *
 * Once packets can see the set, only @verdicts changes.
 */
struct nf_dict_patterns {
	atomic64_t		*verdicts;
	struct nf_dict_atom	*exact;
	u32			verdict_base;
	unsigned int		count;
	unsigned int		max;
	u8			type;
	struct nf_dict_pattern	*list;
	struct nf_dict_ns	*ns;
};

/**
 * struct nf_dict_posmask - set of positions in a piece of a string or a pattern
 * @low: positions 0 to 63
 * @high: positions 64 to 127
 */
struct nf_dict_posmask {
	u64	low;
	u64	high;
};

/**
 * struct nf_dict_run - state of a pattern between two pieces of a string
 * @alive: bit i is set if the string up to the end of the last piece matches
 *	the pattern up to and including the step at byte i
 * @index: index of the pattern
 * @from: the last * whose bit is set, or 0. Steps before it can only lead to
 *	this *, which has been reached
 * @won: this * ends the pattern, so the pattern matches whatever follows
 */
struct nf_dict_run {
	struct nf_dict_posmask	alive;
	u16			index;
	u8			from;
	bool			won;
};

/**
 * struct nf_dict_scratch - per-CPU memory for matching a new string
 * @lock: held with bottom halves disabled, which alone exclude other users
 *	except on PREEMPT_RT
 * @less: for each character, the positions in the current piece of all smaller
 *	characters; the last entry has all positions. The positions of a
 *	character or a range then take two loads. In a list, the entry of
 *	character 1 has the NULs between members
 * @all: positions that a step can match: all but those of a NUL
 * @tries: pieces matched with a pattern, for tests
 * @runs: patterns that are being matched with a string of several pieces
 */
struct nf_dict_scratch {
	local_lock_t		lock;
	struct nf_dict_posmask	less[U8_MAX + 2];
	struct nf_dict_posmask	all;
	u64			tries;
	struct nf_dict_run	runs[NF_DICT_RUNS];
};

/* Exists while any set of patterns has verdicts; too large for the stack. */
static DEFINE_MUTEX(nf_dict_scratch_mutex);
static struct nf_dict_scratch __percpu *nf_dict_scratch;
static unsigned int nf_dict_scratch_users;	/* under the mutex */

static struct nf_dict_scratch __percpu *nf_dict_scratch_alloc(void)
{
	struct nf_dict_scratch __percpu *scratch;
	int cpu;

	scratch = alloc_percpu(struct nf_dict_scratch);
	if (!scratch)
		return NULL;
	for_each_possible_cpu(cpu)
		local_lock_init(&per_cpu_ptr(scratch, cpu)->lock);

	return scratch;
}

/**
 * nf_dict_pattern_tries - count the work of matching, for tests
 *
 * Return: sum over all patterns of the pieces matched with them, while
 * nf_dict_scratch exists.
 */
u64 nf_dict_pattern_tries(void)
{
	u64 tries = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		tries += per_cpu_ptr(nf_dict_scratch, cpu)->tries;

	return tries;
}
EXPORT_SYMBOL_IF_KUNIT(nf_dict_pattern_tries);

static int nf_dict_scratch_get(void)
{
	int err = 0;

	mutex_lock(&nf_dict_scratch_mutex);
	if (!nf_dict_scratch)
		nf_dict_scratch = nf_dict_scratch_alloc();
	if (nf_dict_scratch)
		nf_dict_scratch_users++;
	else
		err = -ENOMEM;
	mutex_unlock(&nf_dict_scratch_mutex);

	return err;
}

static void nf_dict_scratch_put(void)
{
	mutex_lock(&nf_dict_scratch_mutex);
	if (!--nf_dict_scratch_users) {
		free_percpu(nf_dict_scratch);
		nf_dict_scratch = NULL;
	}
	mutex_unlock(&nf_dict_scratch_mutex);
}

/* Prepare @scratch for a piece of @len bytes, at most %NF_DICT_PIECE. */
static void nf_dict_scratch_fill(struct nf_dict_scratch *scratch,
				 const char *s, unsigned int len)
{
	struct nf_dict_posmask *less = scratch->less;
	unsigned int i;

	BUILD_BUG_ON(NF_DICT_PIECE != 2 * BITS_PER_TYPE(u64));

	memset(less, 0, sizeof(scratch->less));
	for (i = 0; i < len; i++) {
		unsigned int c = (unsigned char)s[i] + 1;

		if (i < BITS_PER_TYPE(u64))
			less[c].low |= BIT_ULL(i);
		else
			less[c].high |= BIT_ULL(i - BITS_PER_TYPE(u64));
	}
	for (i = 1; i < ARRAY_SIZE(scratch->less); i++) {
		less[i].low |= less[i - 1].low;
		less[i].high |= less[i - 1].high;
	}
	scratch->all.low = less[U8_MAX + 1].low & ~less[1].low;
	scratch->all.high = less[U8_MAX + 1].high & ~less[1].high;
}

/* Add the positions of the characters from @first to @last. */
static __always_inline void
nf_dict_scratch_find(const struct nf_dict_scratch *scratch,
		     unsigned char first, unsigned char last,
		     struct nf_dict_posmask *found)
{
	const struct nf_dict_posmask *from = &scratch->less[first];
	const struct nf_dict_posmask *to = &scratch->less[last + 1];

	found->low |= to->low ^ from->low;
	found->high |= to->high ^ from->high;
}

/*
 * Parse the bracket expression that follows a [ at @p. Return its length, or 0
 * if it is malformed. With @scratch, set @found to the positions it matches.
 */
static unsigned int nf_dict_bracket(const char *p, unsigned int len,
				    const struct nf_dict_scratch *scratch,
				    struct nf_dict_posmask *found)
{
	bool invert = false, first = true;
	unsigned int i = 0;

	if (len && p[0] == '!') {
		invert = true;
		i++;
	}

	/* A leading ] is literal. */
	for (; i < len && (first || p[i] != ']'); first = false) {
		unsigned char low, high;

		if (p[i] == '\\' && ++i == len)
			return 0;
		low = p[i++];
		high = low;
		/* A trailing - is literal. */
		if (i + 1 < len && p[i] == '-' && p[i + 1] != ']') {
			i++;
			if (p[i] == '\\' && ++i == len)
				return 0;
			high = p[i++];
			if (high < low)
				return 0;
		}
		if (scratch)
			nf_dict_scratch_find(scratch, low, high, found);
	}
	if (i >= len)
		return 0;

	if (scratch && invert) {
		found->low = scratch->all.low & ~found->low;
		found->high = scratch->all.high & ~found->high;
	}

	return i + 1;
}

/* Check that a pattern is well formed; set @wild if it has wildcards. */
static int nf_dict_pattern_check(const char *p, unsigned int len, bool *wild)
{
	unsigned int i = 0, n;

	*wild = false;

	while (i < len) {
		switch (p[i++]) {
		case '\0':
			return -EINVAL;
		case '\\':
			if (i++ == len)
				return -EINVAL;
			break;
		case '?':
		case '*':
			*wild = true;
			break;
		case '[':
			n = nf_dict_bracket(p + i, len - i, NULL, NULL);
			if (!n)
				return -EINVAL;
			i += n;
			*wild = true;
			break;
		}
	}

	return memchr(p, 0, len) ? -EINVAL : 0;
}

/*
 * Parse one step other than * of a well-formed pattern. Return its length at @p
 * and set @found to the positions it matches.
 */
static __always_inline unsigned int
nf_dict_pattern_step(const char *p, unsigned int len,
		     const struct nf_dict_scratch *scratch,
		     struct nf_dict_posmask *found)
{
	found->low = 0;
	found->high = 0;

	switch (*p) {
	case '?':
		*found = scratch->all;
		return 1;
	case '[':
		return 1 + nf_dict_bracket(p + 1, len - 1, scratch, found);
	case '\\':
		nf_dict_scratch_find(scratch, p[1], p[1], found);
		return 2;
	}
	nf_dict_scratch_find(scratch, *p, *p, found);

	return 1;
}

static bool nf_dict_posmask_any(const struct nf_dict_posmask *mask)
{
	return mask->low || mask->high;
}

static bool nf_dict_posmask_test(const struct nf_dict_posmask *mask,
				 unsigned int i)
{
	if (i < BITS_PER_TYPE(u64))
		return mask->low & BIT_ULL(i);

	return mask->high & BIT_ULL(i - BITS_PER_TYPE(u64));
}

static void nf_dict_posmask_set(struct nf_dict_posmask *mask, unsigned int i)
{
	if (i < BITS_PER_TYPE(u64))
		mask->low |= BIT_ULL(i);
	else
		mask->high |= BIT_ULL(i - BITS_PER_TYPE(u64));
}

/* Whether @mask has position @i or a later one. */
static bool nf_dict_posmask_from(const struct nf_dict_posmask *mask,
				 unsigned int i)
{
	if (i < BITS_PER_TYPE(u64))
		return mask->high || mask->low >> i;

	return i < NF_DICT_PIECE &&
	       mask->high >> (i - BITS_PER_TYPE(u64));
}

/* Set the first position in @mask and all that follow it in the piece. */
static void nf_dict_posmask_after(struct nf_dict_posmask *mask,
				  const struct nf_dict_posmask *all)
{
	if (mask->low) {
		mask->low = all->low & -(mask->low & -mask->low);
		mask->high = all->high;
	} else {
		mask->high = all->high & -(mask->high & -mask->high);
	}
}

/* Advance all positions by one, to those in @found; @before is position -1. */
static __always_inline void
nf_dict_posmask_next(struct nf_dict_posmask *mask, bool before,
		     const struct nf_dict_posmask *found)
{
	mask->high = (mask->high << 1 | mask->low >> 63) & found->high;
	mask->low = (mask->low << 1 | before) & found->low;
}

/*
 * Extend each position in @mask, and position -1 if @before, to the end of its
 * member: @all has a gap between two members, so the carry of an addition runs
 * from each position to the end of its member.
 */
static void nf_dict_posmask_fill(struct nf_dict_posmask *mask, bool before,
				 const struct nf_dict_posmask *all)
{
	struct nf_dict_posmask from = *mask, sum;

	nf_dict_posmask_next(&from, before, all);
	mask->low |= from.low;
	mask->high |= from.high;

	sum.low = from.low + all->low;
	sum.high = from.high + all->high + (sum.low < all->low);
	mask->low |= (sum.low ^ all->low) & all->low;
	mask->high |= (sum.high ^ all->high) & all->high;
}

/*
 * Match the pattern @p with a piece of @len bytes, all positions in parallel:
 * bit i of @at is set if the string up to position i of the piece matches the
 * pattern so far, and @before if the string before the piece does.
 *
 * Without @run, the piece is the whole string. Otherwise @run holds the state
 * after the previous pieces, unless this is the @first one.
 *
 * Return whether the string matches or, unless this is the @last piece, may
 * still match.
 */
static __always_inline bool
nf_dict_glob_piece(const char *p, unsigned int plen,
		   const struct nf_dict_scratch *scratch, unsigned int len,
		   struct nf_dict_run *run, bool first, bool last)
{
	const struct nf_dict_posmask *all = &scratch->all;
	struct nf_dict_posmask at = {}, alive = {}, next = {}, found;
	unsigned int i = 0, step;
	bool before = first, here;

	if (!first) {
		i = run->from;
		alive = run->alive;
	}

	while (i < plen) {
		step = i;
		here = !first && nf_dict_posmask_test(&alive, step);

		if (p[step] == '*') {
			i++;
			if (first)
				here = before;
			if (here)
				at = *all;
			else
				nf_dict_posmask_after(&at, all);
		} else {
			i += nf_dict_pattern_step(p + i, plen - i, scratch,
						  &found);
			nf_dict_posmask_next(&at, before, &found);
		}
		before = here;

		if (!last && nf_dict_posmask_test(&at, NF_DICT_PIECE - 1)) {
			if (p[step] == '*') {
				run->from = step;
				run->won = i == plen;
			}
			nf_dict_posmask_set(&next, step);
		}
		if (!nf_dict_posmask_any(&at) && !before &&
		    (first || !nf_dict_posmask_from(&alive, i)))
			break;
	}

	if (!last) {
		run->alive = next;
		return nf_dict_posmask_any(&next);
	}
	if (i < plen)
		return false;

	return len ? nf_dict_posmask_test(&at, len - 1) : before;
}

/* Match a string of one piece. */
static bool nf_dict_glob(const char *p, unsigned int plen,
			 const struct nf_dict_scratch *scratch,
			 unsigned int len)
{
	return nf_dict_glob_piece(p, plen, scratch, len, NULL, true, true);
}

/* Match one piece of several. */
static bool nf_dict_glob_next(const struct nf_dict_pattern *p,
			      const struct nf_dict_scratch *scratch,
			      unsigned int len, struct nf_dict_run *run,
			      bool first, bool last)
{
	if (first)
		return nf_dict_glob_piece(p->text, p->len, scratch, len, run,
					  true, false);
	if (!last)
		return nf_dict_glob_piece(p->text, p->len, scratch, len, run,
					  false, false);

	return nf_dict_glob_piece(p->text, p->len, scratch, len, run, false,
				  true);
}

/*
 * Match a pattern with a piece of a list. As above, but the NUL before a member
 * is the position before its first byte. Members may start in any piece, so
 * each piece takes all steps from the first on.
 *
 * @start: the piece starts with a member; @ends: last positions of members
 *
 * Return whether a member that ends in this piece matches.
 */
static bool nf_dict_glob_list(const struct nf_dict_pattern *p,
			      const struct nf_dict_scratch *scratch, bool start,
			      const struct nf_dict_posmask *ends,
			      struct nf_dict_run *run)
{
	struct nf_dict_posmask at = scratch->less[1], next = {}, found;
	unsigned int i = 0, step;
	bool before = start, here;

	while (i < p->len) {
		step = i;
		here = nf_dict_posmask_test(&run->alive, step);

		if (p->text[step] == '*') {
			i++;
			here |= before;
			nf_dict_posmask_fill(&at, here, &scratch->all);
		} else {
			i += nf_dict_pattern_step(p->text + i, p->len - i,
						  scratch, &found);
			nf_dict_posmask_next(&at, before, &found);
		}
		before = here;

		if (nf_dict_posmask_test(&at, NF_DICT_PIECE - 1))
			nf_dict_posmask_set(&next, step);
		if (!nf_dict_posmask_any(&at) && !before &&
		    !nf_dict_posmask_from(&run->alive, i))
			break;
	}
	run->alive = next;

	return i == p->len && (at.low & ends->low || at.high & ends->high);
}

/**
 * nf_dict_patterns_alloc - allocate an empty set of patterns
 * @net: namespace of the strings
 * @max: most patterns of the set, 1 to %NF_DICT_PATTERNS_MAX
 * @type: type of the values to match, %NF_DICT_LONG_STRING or
 *	%NF_DICT_STRING_LIST
 *
 * As long as the set exists, the caller holds a use of a table of that
 * namespace, see nf_dict_table_use().
 *
 * Context: process; may sleep.
 * Return: the set, or ERR_PTR: -EINVAL, -ENOMEM.
 */
struct nf_dict_patterns *nf_dict_patterns_alloc(struct net *net,
						unsigned int max, u8 type)
{
	struct nf_dict_patterns *patterns;

	if (!max || max > NF_DICT_PATTERNS_MAX ||
	    (type != NF_DICT_LONG_STRING && type != NF_DICT_STRING_LIST))
		return ERR_PTR(-EINVAL);

	patterns = kzalloc_obj(*patterns, GFP_KERNEL_ACCOUNT);
	if (!patterns)
		return ERR_PTR(-ENOMEM);

	patterns->list = kvcalloc(max, sizeof(*patterns->list),
				  GFP_KERNEL_ACCOUNT);
	if (!patterns->list) {
		kfree(patterns);
		return ERR_PTR(-ENOMEM);
	}

	patterns->ns = nf_dict_ns(net);
	patterns->max = max;
	patterns->type = type;
	patterns->verdict_base = get_random_u32();

	return patterns;
}
EXPORT_SYMBOL_GPL(nf_dict_patterns_alloc);

static int nf_dict_patterns_remember(struct nf_dict_patterns *patterns)
{
	if (patterns->verdicts)
		return 0;

	patterns->verdicts = kcalloc(NF_DICT_VERDICTS, sizeof(atomic64_t),
				     GFP_KERNEL_ACCOUNT);
	if (!patterns->verdicts)
		return -ENOMEM;

	if (nf_dict_scratch_get()) {
		kfree(patterns->verdicts);
		patterns->verdicts = NULL;
		return -ENOMEM;
	}

	return 0;
}

/* The string that a pattern without wildcards matches. */
static struct nf_dict_atom *nf_dict_pattern_literal(struct nf_dict_ns *ns,
						    const char *p,
						    unsigned int len)
{
	char text[NF_DICT_PATTERN_MAX];
	unsigned int i, n = 0;

	for (i = 0; i < len; i++) {
		if (p[i] == '\\')
			i++;
		text[n++] = p[i];
	}

	return nf_dict_atom_get(ns, NF_DICT_ATOM_STRING, text, n, GFP_KERNEL);
}

/**
 * nf_dict_patterns_add - add a pattern to a set that packets cannot see yet
 * @patterns: the set
 * @pattern: the pattern
 * @len: its length in bytes
 *
 * Context: process; may sleep.
 * Return: 0; -ENOSPC if the set is full; -ENAMETOOLONG; -EINVAL if the pattern
 * has a NUL, an unclosed bracket, a reversed range or a trailing backslash;
 * -ENOMEM. On error the set is unchanged.
 */
int nf_dict_patterns_add(struct nf_dict_patterns *patterns, const char *pattern,
			 unsigned int len)
{
	struct nf_dict_pattern *p;
	bool wild;
	int err;

	if (patterns->count == patterns->max)
		return -ENOSPC;
	if (len > NF_DICT_PATTERN_MAX)
		return -ENAMETOOLONG;
	err = nf_dict_pattern_check(pattern, len, &wild);
	if (err)
		return err;

	if (wild || patterns->count ||
	    patterns->type == NF_DICT_STRING_LIST) {
		err = nf_dict_patterns_remember(patterns);
		if (err)
			return err;
	}

	p = &patterns->list[patterns->count];
	p->text = kmemdup_nul(pattern, len, GFP_KERNEL_ACCOUNT);
	if (!p->text)
		return -ENOMEM;
	p->len = len;
	p->exact = NULL;

	if (!wild) {
		p->exact = nf_dict_pattern_literal(patterns->ns, pattern, len);
		if (IS_ERR(p->exact)) {
			kfree(p->text);
			return PTR_ERR(p->exact);
		}
	}
	if (!patterns->count++)
		patterns->exact = p->exact;

	return 0;
}
EXPORT_SYMBOL_GPL(nf_dict_patterns_add);

/**
 * nf_dict_patterns_free - free a set
 * @patterns: the set, which no packet can see any more, or NULL
 *
 * Context: process; may sleep.
 */
void nf_dict_patterns_free(struct nf_dict_patterns *patterns)
{
	unsigned int i;

	if (!patterns)
		return;

	for (i = 0; i < patterns->count; i++) {
		nf_dict_atom_put(patterns->list[i].exact);
		kfree(patterns->list[i].text);
	}
	if (patterns->verdicts)
		nf_dict_scratch_put();
	kfree(patterns->verdicts);
	kvfree(patterns->list);
	kfree(patterns);
}
EXPORT_SYMBOL_GPL(nf_dict_patterns_free);

/**
 * nf_dict_patterns_count - number of patterns in a set
 * @patterns: the set
 *
 * Return: the number.
 */
unsigned int nf_dict_patterns_count(const struct nf_dict_patterns *patterns)
{
	return patterns->count;
}
EXPORT_SYMBOL_GPL(nf_dict_patterns_count);

/**
 * nf_dict_patterns_get - a pattern as it was written
 * @patterns: the set
 * @i: its index, less than nf_dict_patterns_count()
 * @len: set to its length in bytes
 *
 * Return: the pattern, NUL-terminated.
 */
const char *nf_dict_patterns_get(const struct nf_dict_patterns *patterns,
				 unsigned int i, unsigned int *len)
{
	*len = patterns->list[i].len;

	return patterns->list[i].text;
}
EXPORT_SYMBOL_GPL(nf_dict_patterns_get);

static bool nf_dict_pattern_equals(const struct nf_dict_pattern *p,
				   const char *text, unsigned int len)
{
	return p->exact->len == len && !memcmp(p->exact->data, text, len);
}

/* Match a string of one piece. */
static int nf_dict_patterns_short(const struct nf_dict_patterns *patterns,
				  const char *text, unsigned int len,
				  struct nf_dict_scratch *scratch)
{
	const struct nf_dict_pattern *p;
	unsigned int i;

	nf_dict_scratch_fill(scratch, text, len);
	for (i = 0; i < patterns->count; i++) {
		p = &patterns->list[i];
		scratch->tries++;
		if (p->exact ? nf_dict_pattern_equals(p, text, len) :
			       nf_dict_glob(p->text, p->len, scratch, len))
			return i;
	}

	return -1;
}

/*
 * Match a string of several pieces with @count patterns from @first on. Each
 * piece is matched with all of them before the next one is prepared, as
 * preparing costs more than matching. A pattern without wildcards is shorter
 * than such a string.
 */
static int nf_dict_patterns_long(const struct nf_dict_patterns *patterns,
				 unsigned int first, unsigned int count,
				 const char *text, unsigned int size,
				 struct nf_dict_scratch *scratch)
{
	struct nf_dict_run *runs = scratch->runs;
	unsigned int at, i, len, n = 0, left;
	bool last;

	for (i = first; i < first + count; i++)
		if (!patterns->list[i].exact)
			runs[n++] = (struct nf_dict_run){ .index = i };

	for (at = 0; at < size && n; at += len) {
		len = min(size - at, NF_DICT_PIECE);
		last = at + len == size;
		nf_dict_scratch_fill(scratch, text + at, len);

		/* A pattern that matches hides later ones. */
		for (i = 0, left = 0; i < n; i++) {
			struct nf_dict_run *run = &runs[i];

			scratch->tries++;
			if (!run->won &&
			    !nf_dict_glob_next(&patterns->list[run->index],
					       scratch, len, run, !at, last))
				continue;
			runs[left++] = *run;
			if (run->won || last)
				break;
		}
		n = left;
		if (n && runs[0].won)
			break;
	}

	return n ? runs[0].index : -1;
}

/* Match a string with all patterns. */
static int nf_dict_patterns_string(const struct nf_dict_patterns *patterns,
				   const char *text, unsigned int len,
				   struct nf_dict_scratch *scratch)
{
	unsigned int i, n;
	int index = -1;

	if (len <= NF_DICT_PIECE)
		return nf_dict_patterns_short(patterns, text, len, scratch);

	for (i = 0; i < patterns->count && index < 0; i += n) {
		n = min(patterns->count - i, NF_DICT_RUNS);
		index = nf_dict_patterns_long(patterns, i, n, text, len,
					      scratch);
	}

	return index;
}

/* Find the last positions of members in a piece of @len bytes at @text. */
static void nf_dict_list_ends(const struct nf_dict_scratch *scratch,
			      const char *text, unsigned int len,
			      struct nf_dict_posmask *ends)
{
	const struct nf_dict_posmask *nul = &scratch->less[1];

	ends->low = nul->low >> 1 | nul->high << 63;
	ends->high = nul->high >> 1;
	if (!text[len])
		nf_dict_posmask_set(ends, len - 1);
}

/* Match a list with @count patterns from @first on. */
static int nf_dict_patterns_members(const struct nf_dict_patterns *patterns,
				    unsigned int first, unsigned int count,
				    const char *text, unsigned int size,
				    struct nf_dict_scratch *scratch)
{
	struct nf_dict_run *runs = scratch->runs;
	struct nf_dict_posmask ends;
	unsigned int at, i, len;
	int index = -1;

	for (i = 0; i < count; i++)
		runs[i] = (struct nf_dict_run){};

	for (at = 0; at < size && count; at += len) {
		len = min(size - at, NF_DICT_PIECE);
		nf_dict_scratch_fill(scratch, text + at, len);
		nf_dict_list_ends(scratch, text + at, len, &ends);

		/* Only patterns before the one that matches are of interest. */
		for (i = 0; i < count; i++) {
			scratch->tries++;
			if (nf_dict_glob_list(&patterns->list[first + i],
					      scratch, !at || !text[at - 1],
					      &ends, &runs[i])) {
				index = first + i;
				count = i;
			}
		}
	}

	return index;
}

/* Find the first pattern that matches any member of a list. */
static int nf_dict_patterns_list(const struct nf_dict_patterns *patterns,
				 const char *text, unsigned int len,
				 struct nf_dict_scratch *scratch)
{
	unsigned int i, n;
	int index = -1;

	for (i = 0; i < patterns->count && index < 0; i += n) {
		n = min(patterns->count - i, NF_DICT_RUNS);
		index = nf_dict_patterns_members(patterns, i, n, text, len,
						 scratch);
	}

	return index;
}

static int nf_dict_patterns_eval(const struct nf_dict_patterns *patterns,
				 const struct nf_dict_atom *atom)
{
	struct nf_dict_scratch *scratch;
	int index;

	local_bh_disable();
	local_lock_nested_bh(&nf_dict_scratch->lock);
	scratch = this_cpu_ptr(nf_dict_scratch);
	if (patterns->type == NF_DICT_STRING_LIST)
		index = nf_dict_patterns_list(patterns, atom->data, atom->len,
					      scratch);
	else
		index = nf_dict_patterns_string(patterns, atom->data, atom->len,
						scratch);
	local_unlock_nested_bh(&nf_dict_scratch->lock);
	local_bh_enable();

	return index;
}

/**
 * nf_dict_patterns_match - match a value with a set of patterns
 * @patterns: the set, of the value's namespace
 * @value: the value
 *
 * A list matches a pattern if one of its members does.
 *
 * Context: any but hard interrupts, under the RCU read lock.
 * Return: the index of the first pattern that matches, or -1 if none does or
 * the value is not of the set's type.
 */
int nf_dict_patterns_match(struct nf_dict_patterns *patterns,
			   const struct nf_dict_value *value)
{
	const struct nf_dict_atom *atom = nf_dict_value_atom(value);
	atomic64_t *slot;
	u64 verdict;
	int i;

	if (value->type != patterns->type)
		return -1;
	if (!patterns->verdicts)
		return patterns->exact == atom ? 0 : -1;

	slot = &patterns->verdicts[(atom->id + patterns->verdict_base) %
				   NF_DICT_VERDICTS];
	/* If the ids are equal, the index plus one remains. */
	verdict = atomic64_read(slot) ^ atom->id << NF_DICT_VERDICT_SHIFT;
	if (verdict <= NF_DICT_VERDICT_MASK)
		return (int)verdict - 1;

	i = nf_dict_patterns_eval(patterns, atom);
	atomic64_set(slot, atom->id << NF_DICT_VERDICT_SHIFT | (i + 1));

	return i;
}
EXPORT_SYMBOL_GPL(nf_dict_patterns_match);
