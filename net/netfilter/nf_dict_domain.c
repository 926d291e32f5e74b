// SPDX-License-Identifier: GPL-2.0-only
/*
 * Domains as keys: a name finds its own row, or else the row of the longest
 * suffix that it has at the boundary of a label.
 *
 * Such a table has string keys in one form: lower-case names, and, with a dot in
 * front, suffixes. "a.b.example.com" finds the first of these that is there:
 *
 *	a.b.example.com  .b.example.com  .example.com  .com
 *
 * Each is a lookup in the same hash table, and each is the name from some byte
 * on. A bitmap has the numbers of labels that suffixes in the table have; others
 * are not looked for.
 *
 * Which one it was is remembered for an interned string, in an array of words
 * under the string's id, as patterns remember their verdict. A new row may be a
 * longer match. So the array also has the number of rows created so far, and
 * what was remembered under another number is not used.
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
/* Strings whose row is remembered for a table. */
#define NF_DICT_DOMAIN_SLOTS	512

/*
 * What is remembered of a string is one word: its id, the number of rows created
 * when it was looked up, and where in the string the key begins. Strings whose
 * id is larger are not remembered: the 2^36th and later ones.
 */
#define NF_DICT_DOMAIN_ID_BITS	36
#define NF_DICT_DOMAIN_GEN_BITS	20
#define NF_DICT_DOMAIN_AT_BITS	8
#define NF_DICT_DOMAIN_GEN_MASK	(BIT(NF_DICT_DOMAIN_GEN_BITS) - 1)
#define NF_DICT_DOMAIN_AT_MASK	(BIT(NF_DICT_DOMAIN_AT_BITS) - 1)
/* The key begins nowhere: there is no row. */
#define NF_DICT_DOMAIN_NONE	NF_DICT_DOMAIN_AT_MASK

/**
 * struct nf_dict_domain_slot - what is remembered of a string
 * @tag: as above; read and written without a lock
 * @hash: hash of the key, likewise. Another one's, if it was written at the same
 *	time, finds no row, and then it is looked for anew
 */
struct nf_dict_domain_slot {
	atomic64_t	tag;
	u64		hash;
};

/**
 * struct nf_dict_domains - what a table of domains has beside its rows
 * @slots: what is remembered
 * @base: added to a string's id to find its slot, see
 *	&nf_dict_patterns.verdict_base
 * @gen: rows created. While its lower bits are 0, which they are each time that
 *	they begin anew, nothing is remembered, and all that was is forgotten
 * @lock: held to change @gen, within a row lock
 * @epoch: how often they began anew
 * @labels: bit i is set if there was a suffix of i labels
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
 * nf_dict_domain_check - check a domain that shall be a key
 * @name: the name, or with a dot in front the suffix
 * @len: its length in bytes
 * @at: set to the place of what is wrong, in bytes, the first of which is 1
 *
 * Return: NULL, or what is wrong with it, for messages.
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
 * nf_dict_domain_key - bring a key into the form that keys of such a table have
 * @domain: filled in; has the bytes of @key
 * @key: the key
 *
 * Return: the key in that form, or NULL if it is no domain.
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

/* A row that did not expire. */
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

/* Labels of a name, or 0 if it is none. Packets bring what characters they like. */
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

/* The row of a lower-case name; sets where its key begins, and the key's hash. */
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
 * nf_dict_domain_lookup - look a domain up
 * @rows: contents of a table of domains
 * @name: the name
 * @len: its length in bytes
 *
 * Context: any, under the RCU read lock.
 * Return: its row, or that of the longest suffix that it has and whose lifetime
 * did not end, or NULL.
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

/* Look an interned name up that is not remembered in @slot. */
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

	/* If all is forgotten from here on, the tag becomes another one. */
	old = atomic64_read_acquire(&slot->tag);
	/* At least as many rows are there. */
	gen = smp_load_acquire(&rows->domains->gen);

	nf_dict_domain_lower(lower, atom->data, atom->len);
	row = nf_dict_domain_walk(rows, lower, atom->len, &at, &hash);
	if (!row)
		at = NF_DICT_DOMAIN_NONE;

	/* With another case, what the key begins at is not its bytes. */
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
 * nf_dict_domain_find - look an interned domain up
 * @rows: contents of a table of domains
 * @atom: the name
 *
 * As nf_dict_domain_lookup(), and remembers what it finds.
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
	/* The number, then the tag, of which none is older. */
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

/* All that was remembered is for numbers that are about to come again. */
static void nf_dict_domains_forget(struct nf_dict_domains *domains)
{
	unsigned int i;

	/* No string has the id 0, and no two of these words are the same. */
	domains->epoch++;
	for (i = 0; i < NF_DICT_DOMAIN_SLOTS; i++)
		atomic64_set(&domains->slots[i].tag, domains->epoch &
			     (BIT(NF_DICT_DOMAIN_GEN_BITS +
				  NF_DICT_DOMAIN_AT_BITS) - 1));
}

/**
 * nf_dict_domain_added - note a row that was not there before
 * @rows: contents of a table of domains, that have the row now
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
		/* Who sees a word that was forgotten sees that, too. */
		smp_wmb();
		nf_dict_domains_forget(domains);
		gen++;
	}
	/* Who sees the number sees the row, and its bit. */
	smp_store_release(&domains->gen, gen);
	spin_unlock(&domains->lock);
}

/**
 * nf_dict_domain_age - have the numbers of rows begin anew soon, for tests
 * @rows: contents of a table of domains
 * @left: how many rows can be created before
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
 * nf_dict_domains_alloc - prepare contents for domains
 *
 * Context: process; may sleep.
 * Return: what belongs to them, or NULL: no memory.
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
 * nf_dict_domains_free - free what belongs to contents
 * @domains: this, which no reader sees any more, or NULL
 */
void nf_dict_domains_free(struct nf_dict_domains *domains)
{
	if (!domains)
		return;

	kfree(domains->slots);
	kfree(domains);
}
