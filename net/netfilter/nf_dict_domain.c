// SPDX-License-Identifier: GPL-2.0-only
/*
 * Domains as keys: a name finds its own row, or else the row of its longest
 * suffix that starts at a label.
 *
 * The keys of such a table are strings: lower-case names and, with a leading
 * dot, suffixes. "a.b.example.com" finds the first of these that exists:
 *
 *	a.b.example.com  .b.example.com  .example.com  .com
 *
 * Each is a substring of the name and takes one lookup in the same hash table.
 * A bitmap has the numbers of labels of all suffixes in the table, so that
 * other lengths are skipped.
 *
 * For interned strings the result is cached in an array, indexed by the
 * string's id, as patterns cache their verdicts. A new row may be a longer
 * match, so each entry has the number of rows created when it was made (the
 * generation) and is stale when the number has changed.
 */
#include <kunit/visibility.h>
#include <linux/bitmap.h>
#include <linux/ctype.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "nf_dict_lookup.h"

/* Most labels of a name: one byte and a dot each. */
#define NF_DICT_LABELS_MAX	127
/* Longest label, in bytes. */
#define NF_DICT_LABEL_MAX	63
/* Entries in the cache of a table. */
#define NF_DICT_DOMAIN_SLOTS	512

/*
 * The tag of a cache entry: the string's id, the generation, and the offset of
 * the key in the string. Strings with larger ids (from the 2^36th on) are not
 * cached.
 */
#define NF_DICT_DOMAIN_ID_BITS	36
#define NF_DICT_DOMAIN_GEN_BITS	20
#define NF_DICT_DOMAIN_AT_BITS	8
#define NF_DICT_DOMAIN_GEN_MASK	(BIT(NF_DICT_DOMAIN_GEN_BITS) - 1)
#define NF_DICT_DOMAIN_AT_MASK	(BIT(NF_DICT_DOMAIN_AT_BITS) - 1)
/* Instead of the offset: there is no row. */
#define NF_DICT_DOMAIN_NONE	NF_DICT_DOMAIN_AT_MASK

/**
 * struct nf_dict_domain_slot - cached result for a string
 * @tag: as above; read and written without a lock
 * @hash: hash of the key, likewise. After a concurrent write it may belong to
 *	another string; it then finds no row, and the lookup is repeated
 */
struct nf_dict_domain_slot {
	atomic64_t	tag;
	u64		hash;
};

/**
 * struct nf_dict_domains - additional state of a table of domains
 * @slots: the cache
 * @base: added to a string's id to find its slot, see
 *	&nf_dict_patterns.verdict_base
 * @gen: the generation: number of rows created. When its lower bits wrap to 0,
 *	the cache is cleared; nothing is cached while they are 0
 * @lock: held to change @gen; taken within a row lock
 * @epoch: how often the lower bits have wrapped
 * @labels: bit i is set if a suffix with i labels was ever created
 */
struct nf_dict_domains {
	struct nf_dict_domain_slot	*slots;
	u32				base;
	u32				gen;
	spinlock_t			lock;	/* changing gen */
	u32				epoch;
	DECLARE_BITMAP(labels, NF_DICT_LABELS_MAX + 1);
};

/**
 * nf_dict_domain_check - check whether a name can be a key of a table of
 * domains
 * @name: the name, or, with a leading dot, the suffix
 * @len: its length in bytes
 * @at: set to the position of the error in bytes, counting from 1
 *
 * Context: any.
 * Return: NULL, or a message that describes the error.
 */
const char *nf_dict_domain_check(const char *name, unsigned int len,
				 unsigned int *at)
{
	unsigned int dot = len && name[0] == '.', label = 0, i;

	*at = NF_DICT_DOMAIN_MAX + dot + 1;
	if (len - dot > NF_DICT_DOMAIN_MAX)
		return "domain is longer than 253 bytes";

	for (i = dot; i < len; i++) {
		unsigned char c = name[i];

		*at = i + 1;
		if (c == '*')
			return "domain has a wildcard, .NAME is a suffix";
		if (c >= 0x80)
			return "domain is not in ASCII form (xn--)";
		if (c <= ' ' || c == 0x7f || c == ',')
			return "domain has a character that no name has";
		if (c != '.') {
			if (++label > NF_DICT_LABEL_MAX)
				return "label of domain is longer than 63 bytes";
			continue;
		}
		if (!label)
			return "label of domain is empty";
		label = 0;
	}
	*at = len;

	return label ? NULL : "label of domain is empty";
}
EXPORT_SYMBOL_GPL(nf_dict_domain_check);

static void nf_dict_domain_lower(char *dest, const char *name, unsigned int len)
{
	unsigned int i;

	for (i = 0; i < len; i++)
		dest[i] = tolower(name[i]);
}

/**
 * nf_dict_domain_key - check a key and convert it to lower case
 * @domain: storage for the result
 * @key: the key
 *
 * Context: any.
 * Return: the key in lower case, which borrows @domain, or NULL if @key is not
 * a domain.
 */
const struct nf_dict_key *nf_dict_domain_key(struct nf_dict_domain *domain,
					     const struct nf_dict_key *key)
{
	unsigned int at;

	if (key->type != NF_DICT_KEY_STRING ||
	    nf_dict_domain_check(key->data, key->len, &at))
		return NULL;

	nf_dict_domain_lower(domain->name, key->data, key->len);
	domain->key = *key;
	domain->key.data = domain->name;

	return &domain->key;
}

static u64 nf_dict_domain_tag(u64 id, u32 gen)
{
	return id << (NF_DICT_DOMAIN_GEN_BITS + NF_DICT_DOMAIN_AT_BITS) |
	       (gen & NF_DICT_DOMAIN_GEN_MASK) << NF_DICT_DOMAIN_AT_BITS;
}

/* Look up one key; ignore an expired row. */
static __always_inline const struct nf_dict_row *
nf_dict_domain_probe(struct nf_dict_rows *rows, const char *name,
		     unsigned int len, u64 hash)
{
	const struct nf_dict_key key = {
		.type	= NF_DICT_KEY_STRING,
		.len	= len,
		.data	= name,
	};
	const struct nf_dict_probe probe = { .key = &key, .hash = hash };
	const struct nf_dict_row *row = nf_dict_rows_find(rows, &probe);

	return row && likely(!nf_dict_row_expired(row)) ? row : NULL;
}

/* Count the labels of a name, whose bytes are arbitrary; 0: malformed. */
static unsigned int nf_dict_domain_labels(const char *name, unsigned int len)
{
	unsigned int label = 0, labels = 1, i;

	for (i = 0; i < len; i++) {
		if (name[i] != '.') {
			if (++label > NF_DICT_LABEL_MAX)
				return 0;
			continue;
		}
		if (!label)
			return 0;
		label = 0;
		labels++;
	}

	return label ? labels : 0;
}

/* Look up a lower-case name; set the offset and the hash of the key found. */
static const struct nf_dict_row *
nf_dict_domain_walk(struct nf_dict_rows *rows, const char *name,
		    unsigned int len, unsigned int *at, u64 *hash)
{
	unsigned int labels = nf_dict_domain_labels(name, len), i;
	const struct nf_dict_row *row;

	if (!labels)
		return NULL;

	for (i = 0; i < len; i++) {
		if (i && (name[i] != '.' ||
			  !test_bit(--labels, rows->domains->labels)))
			continue;
		*at = i;
		*hash = nf_dict_string_hash(rows->ns, name + i, len - i);
		row = nf_dict_domain_probe(rows, name + i, len - i, *hash);
		if (row)
			return row;
	}

	return NULL;
}

/**
 * nf_dict_domain_lookup - look up a domain
 * @rows: contents of a table of domains
 * @name: the name
 * @len: its length in bytes
 *
 * Context: any, under the RCU read lock.
 * Return: its row, or else that of its longest suffix, ignoring expired rows,
 * or NULL.
 */
const struct nf_dict_row *nf_dict_domain_lookup(struct nf_dict_rows *rows,
						const char *name,
						unsigned int len)
{
	char lower[NF_DICT_DOMAIN_MAX];
	unsigned int at;
	u64 hash;

	if (len > NF_DICT_DOMAIN_MAX)
		return NULL;
	nf_dict_domain_lower(lower, name, len);

	return nf_dict_domain_walk(rows, lower, len, &at, &hash);
}

/* Look up an interned name that is not in the cache, and cache the result. */
static noinline const struct nf_dict_row *
nf_dict_domain_learn(struct nf_dict_rows *rows, const struct nf_dict_atom *atom,
		     struct nf_dict_domain_slot *slot)
{
	unsigned int at = NF_DICT_DOMAIN_NONE;
	const struct nf_dict_row *row;
	char lower[NF_DICT_DOMAIN_MAX];
	u64 hash = 0;
	s64 old;
	u32 gen;

	if (atom->len > NF_DICT_DOMAIN_MAX)
		return NULL;

	/* Clearing the cache from here on changes the tag. */
	old = atomic64_read_acquire(&slot->tag);
	/* The lookup sees at least the rows of this generation. */
	gen = smp_load_acquire(&rows->domains->gen);

	nf_dict_domain_lower(lower, atom->data, atom->len);
	row = nf_dict_domain_walk(rows, lower, atom->len, &at, &hash);
	if (!row)
		at = NF_DICT_DOMAIN_NONE;

	/* Not cached if the case differs: cached lookups use atom->data. */
	if (!(gen & NF_DICT_DOMAIN_GEN_MASK) ||
	    atom->id >> NF_DICT_DOMAIN_ID_BITS ||
	    (row && memcmp(lower + at, atom->data + at, atom->len - at)))
		return row;

	WRITE_ONCE(slot->hash, hash);
	atomic64_cmpxchg(&slot->tag, old,
			 nf_dict_domain_tag(atom->id, gen) | at);

	return row;
}

/**
 * nf_dict_domain_find - look up an interned domain
 * @rows: contents of a table of domains
 * @atom: the name
 *
 * As nf_dict_domain_lookup(), with a cache.
 *
 * Context: any, under the RCU read lock.
 * Return: as nf_dict_domain_lookup().
 */
const struct nf_dict_row *nf_dict_domain_find(struct nf_dict_rows *rows,
					      const struct nf_dict_atom *atom)
{
	struct nf_dict_domains *domains = rows->domains;
	struct nf_dict_domain_slot *slot;
	const struct nf_dict_row *row;
	u64 tag, at;

	slot = &domains->slots[(atom->id + domains->base) %
			       NF_DICT_DOMAIN_SLOTS];
	/* Read the generation before the tag, which is then at least as new. */
	tag = nf_dict_domain_tag(atom->id, smp_load_acquire(&domains->gen));
	at = atomic64_read(&slot->tag) ^ tag;
	if (likely(at <= NF_DICT_DOMAIN_AT_MASK &&
		   !(atom->id >> NF_DICT_DOMAIN_ID_BITS))) {
		if (at == NF_DICT_DOMAIN_NONE)
			return NULL;
		row = nf_dict_domain_probe(rows, atom->data + at,
					   atom->len - at,
					   READ_ONCE(slot->hash));
		if (row)
			return row;
	}

	return nf_dict_domain_learn(rows, atom, slot);
}

/* Clear the cache before its generations are used again. */
static void nf_dict_domains_forget(struct nf_dict_domains *domains)
{
	unsigned int i;

	/* No string has the id 0; a different value each time, for cmpxchg. */
	domains->epoch++;
	for (i = 0; i < NF_DICT_DOMAIN_SLOTS; i++)
		atomic64_set(&domains->slots[i].tag, domains->epoch &
			     (BIT(NF_DICT_DOMAIN_GEN_BITS +
				  NF_DICT_DOMAIN_AT_BITS) - 1));
}

/**
 * nf_dict_domain_added - invalidate the cache after a row was created
 * @rows: contents of a table of domains, which now have the row
 * @key: its key
 *
 * Context: under the row's lock.
 */
void nf_dict_domain_added(struct nf_dict_rows *rows,
			  const struct nf_dict_key *key)
{
	struct nf_dict_domains *domains = rows->domains;
	const char *name = key->data;
	u32 gen;

	if (name[0] == '.')
		set_bit(nf_dict_domain_labels(name + 1, key->len - 1),
			domains->labels);

	spin_lock(&domains->lock);
	gen = domains->gen + 1;
	if (!(gen & NF_DICT_DOMAIN_GEN_MASK)) {
		WRITE_ONCE(domains->gen, gen);
		/* A reader that sees a cleared tag sees this generation. */
		smp_wmb();
		nf_dict_domains_forget(domains);
		gen++;
	}
	/* A reader that sees this generation sees the row and its bit. */
	smp_store_release(&domains->gen, gen);
	spin_unlock(&domains->lock);
}

/**
 * nf_dict_domain_age - make the generation wrap soon, for tests
 * @rows: contents of a table of domains
 * @left: number of rows that can be created before it wraps
 *
 * Context: any but hard interrupts.
 */
void nf_dict_domain_age(struct nf_dict_rows *rows, u32 left)
{
	struct nf_dict_domains *domains = rows->domains;

	spin_lock_bh(&domains->lock);
	WRITE_ONCE(domains->gen,
		   (domains->gen | NF_DICT_DOMAIN_GEN_MASK) - left);
	spin_unlock_bh(&domains->lock);
}
EXPORT_SYMBOL_IF_KUNIT(nf_dict_domain_age);

/**
 * nf_dict_domains_alloc - allocate the additional state of a table of domains
 *
 * Context: process; may sleep.
 * Return: the state, or NULL if there is no memory.
 */
struct nf_dict_domains *nf_dict_domains_alloc(void)
{
	struct nf_dict_domains *domains;

	domains = kzalloc_obj(*domains, GFP_KERNEL_ACCOUNT);
	if (!domains)
		return NULL;

	domains->slots = kcalloc(NF_DICT_DOMAIN_SLOTS,
				 sizeof(*domains->slots), GFP_KERNEL_ACCOUNT);
	if (!domains->slots) {
		kfree(domains);
		return NULL;
	}
	domains->base = get_random_u32();
	domains->gen = 1;
	spin_lock_init(&domains->lock);

	return domains;
}

/**
 * nf_dict_domains_free - free the additional state of a table of domains
 * @domains: the state, which no reader can see any more, or NULL
 */
void nf_dict_domains_free(struct nf_dict_domains *domains)
{
	if (!domains)
		return;

	kfree(domains->slots);
	kfree(domains);
}
