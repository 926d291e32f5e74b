/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Fast path: find a row and a field of it. Inlined into the callers.
 */
#ifndef _NF_DICT_LOOKUP_H
#define _NF_DICT_LOOKUP_H

#include <linux/prefetch.h>
#include <linux/unaligned.h>

#include "nf_dict_hash.h"
#include "nf_dict_layout.h"

/**
 * struct nf_dict_probe - a key prepared for a lookup in a hash table
 * @key: the key
 * @padded: the key's data is zero-padded to whole words, like
 *	&nf_dict_atom.data
 * @domain: the key has the form of a key of a table of domains
 * @hash: for a string, nf_dict_string_hash(), which atoms and rows store
 */
struct nf_dict_probe {
	const struct nf_dict_key	*key;
	bool				padded;
	bool				domain;
	u64				hash;
};

static inline void nf_dict_probe_init(struct nf_dict_probe *probe,
				      const struct nf_dict_ns *ns,
				      const struct nf_dict_key *key)
{
	probe->key = key;
	probe->padded = false;
	probe->domain = false;
	if (key->type == NF_DICT_KEY_STRING)
		probe->hash = nf_dict_string_hash(ns, key->data, key->len);
}

/*
 * Prepare to look up @key in @table. If its contents are domains, @domain
 * stores the key in lower case; a key that is not a domain finds nothing.
 */
static inline void nf_dict_probe_table(struct nf_dict_probe *probe,
				       const struct nf_dict_table *table,
				       const struct nf_dict_key *key,
				       struct nf_dict_domain *domain)
{
	bool domains = nf_dict_table_key_class(table) == NF_DICT_KEY_DOMAIN;
	const struct nf_dict_key *found = NULL;

	if (unlikely(domains))
		found = nf_dict_domain_key(domain, key);
	nf_dict_probe_init(probe, table->ns, found ?: key);
	probe->domain = found;
}

/* @row must outlive @probe, of which @key is a part. */
static inline void nf_dict_probe_row(struct nf_dict_probe *probe,
				     struct nf_dict_key *key,
				     const struct nf_dict_row *row)
{
	nf_dict_row_key(row, key);
	probe->key = key;
	probe->padded = true;
	probe->hash = row->data[0];
}

static __always_inline u32 nf_dict_key_hash(const struct nf_dict_key *key,
					    u64 hash, u32 seed)
{
	u64 num;

	switch (key->type) {
	case NF_DICT_KEY_INT:
		return nf_dict_word_hash(key->num, seed);
	case NF_DICT_KEY_IPV4:
		num = get_unaligned((const u32 *)key->data);
		return nf_dict_word_hash(num, seed + NF_DICT_KEY_IPV4);
	case NF_DICT_KEY_ETHER:
		num = (u64)get_unaligned((const u32 *)key->data) << 16 |
		      get_unaligned((const u16 *)(key->data + sizeof(u32)));
		return nf_dict_word_hash(num, seed + NF_DICT_KEY_ETHER);
	case NF_DICT_KEY_STRING:
		return nf_dict_word_hash(hash, seed + NF_DICT_KEY_STRING);
	}

	return nf_dict_bytes_hash(key->data, key->len, seed + key->type);
}

static __always_inline u32 nf_dict_probe_hash(const struct nf_dict_probe *probe,
					      u32 seed)
{
	return nf_dict_key_hash(probe->key, probe->hash, seed);
}

static inline u32 nf_dict_row_hashfn(const void *data, u32 len, u32 seed)
{
	return nf_dict_probe_hash(data, seed);
}

static inline u32 nf_dict_row_obj_hashfn(const void *data, u32 len, u32 seed)
{
	struct nf_dict_probe probe;
	struct nf_dict_key key;

	nf_dict_probe_row(&probe, &key, data);

	return nf_dict_probe_hash(&probe, seed);
}

static __always_inline bool nf_dict_row_has_key(const struct nf_dict_row *row,
						const struct nf_dict_probe *probe)
{
	const struct nf_dict_key *key = probe->key;
	const u64 *data = row->data, *words = key->data;
	unsigned int i;

	/* Fields come after the key: fetch both at once. */
	prefetch(row->data + 4);

	if (row->key_type != key->type)
		return false;

	switch (key->type) {
	case NF_DICT_KEY_INT:
		return data[0] == key->num;
	case NF_DICT_KEY_IPV4:
		return *(const u32 *)data ==
		       get_unaligned((const u32 *)key->data);
	case NF_DICT_KEY_STRING:
		if (*data++ != probe->hash)
			return false;
		break;
	}

	/* INT and IPV4 have only one length, see nf_dict_key_check(). */
	if (row->key_len != key->len)
		return false;

	if (!probe->padded)
		return !memcmp(data, key->data, key->len);

	/* Both are in whole words. */
	i = 0;
	do {
		if (data[i] != words[i])
			return false;
	} while (++i < DIV_ROUND_UP(key->len, sizeof(u64)));

	return true;
}

static inline int nf_dict_row_cmpfn(struct rhashtable_compare_arg *arg,
				    const void *obj)
{
	return !nf_dict_row_has_key(obj, arg->key);
}

static const struct rhashtable_params nf_dict_row_params = {
	.head_offset		= offsetof(struct nf_dict_row, node),
	.hashfn			= nf_dict_row_hashfn,
	.obj_hashfn		= nf_dict_row_obj_hashfn,
	.obj_cmpfn		= nf_dict_row_cmpfn,
	.automatic_shrinking	= true,
};

/* Under the RCU read lock or the row's lock. Finds expired rows, too. */
static inline struct nf_dict_row *
nf_dict_rows_lookup(struct nf_dict_rows *rows,
		    const struct nf_dict_probe *probe)
{
	return rhashtable_lookup(&rows->ht, probe, nf_dict_row_params);
}

/*
 * The same for packets, under the RCU read lock. Open-coded so that it is
 * inlined: rhashtable_lookup() calls functions for each hash and comparison. A
 * constant key type leaves only that type's code.
 */
static __always_inline const struct nf_dict_row *
nf_dict_rows_find(struct nf_dict_rows *rows, const struct nf_dict_probe *probe)
{
	struct rhashtable *ht = &rows->ht;
	struct rhash_lock_head __rcu *const *bucket;
	const struct nf_dict_row *row;
	struct bucket_table *tbl;
	struct rhash_head *head;
	u32 hash;

	tbl = rht_dereference_rcu(ht->tbl, ht);
	do {
		hash = rht_bucket_index(tbl, nf_dict_probe_hash(probe,
								tbl->hash_rnd));
		bucket = rht_bucket(tbl, hash);
		do {
			rht_for_each_rcu_from(head, rht_ptr_rcu(bucket), tbl,
					      hash) {
				row = container_of(head, struct nf_dict_row,
						   node);
				if (nf_dict_row_has_key(row, probe))
					return row;
			}
			/* A row may have moved to another bucket meanwhile. */
		} while (head != RHT_NULLS_MARKER(bucket));

		/* See new tables, as in __rhashtable_lookup(). */
		smp_rmb();
		tbl = rht_dereference_rcu(tbl->future_tbl, ht);
	} while (unlikely(tbl));

	return NULL;
}

/* Under the RCU read lock. */
static inline const struct nf_dict_row *
nf_dict_table_probe(const struct nf_dict_table *table,
		    const struct nf_dict_probe *probe)
{
	struct nf_dict_row *row;

	row = nf_dict_rows_lookup(rcu_dereference(table->rows), probe);
	if (!row || unlikely(nf_dict_row_expired(row)))
		return NULL;

	return row;
}

/*
 * Read a field of a row, whose fields are at @fields, at the place in @hint.
 * Return false if the hint is not valid for this row; otherwise set *@there to
 * whether the row has the field.
 */
static __always_inline bool
nf_dict_row_read_hint(const struct nf_dict_row *row,
		      const struct nf_dict_row_fields *fields,
		      const struct nf_dict_atom *field, unsigned long hint,
		      struct nf_dict_value *value, bool *there)
{
	const u64 *values;
	u8 i = hint;

#if BITS_PER_LONG == 64
	if (FIELD_GET(NF_DICT_SPOT_LAYOUT, hint) ==
	    fields->ids[0] >> NF_DICT_ID_SHIFT) {
		*there = nf_dict_spot_read(row, fields, hint, value);
		return true;
	}
#endif
	if (unlikely(i >= row->nfields ||
		     fields->ids[i] >> NF_DICT_ID_SHIFT != (u32)field->id))
		return false;

	values = (const u64 *)fields + nf_dict_ids_words(row->nfields);
	value->type = fields->ids[i] & NF_DICT_ID_TYPE;
	value->bits = nf_dict_row_load(row, &values[i]);
	*there = true;

	return true;
}

/*
 * See nf_dict_row_read(). Takes key_words so that the offset of the fields is
 * known before the row is loaded.
 */
static __always_inline bool
nf_dict_row_read_field(const struct nf_dict_row *row, unsigned int key_words,
		       const struct nf_dict_atom *field, unsigned long *hint,
		       struct nf_dict_value *value)
{
	const void *fields = row->data + key_words;
	bool there;
	u64 spot;

	if (likely(nf_dict_row_read_hint(row, fields, field, READ_ONCE(*hint),
					 value, &there)))
		return there;

	return nf_dict_row_search(row, field, hint, &spot) &&
	       nf_dict_row_get(row, spot, value);
}

/*
 * Read several fields consistently. A row that has a successor does not change
 * any more.
 */
static inline bool nf_dict_row_read_fields(const struct nf_dict_row *row,
					   struct nf_dict_load *loads,
					   unsigned int nloads,
					   struct nf_dict_value *values)
{
	const struct nf_dict_row_fields *fields = nf_dict_row_fields(row);
	unsigned int i, seq;
	bool there;
	u64 spot;

	do {
		seq = read_seqcount_begin(&fields->seq);
		for (i = 0; i < nloads; i++) {
			if (unlikely(!nf_dict_row_read_hint(row, fields,
							    loads[i].field,
							    READ_ONCE(loads[i].hint),
							    &values[i],
							    &there)))
				there = nf_dict_row_search(row, loads[i].field,
							   &loads[i].hint,
							   &spot) &&
					nf_dict_row_get(row, spot, &values[i]);
			if (!there)
				return false;
		}
	} while (read_seqcount_retry(&fields->seq, seq));

	return true;
}

static inline struct nf_dict_lock *
nf_dict_rows_lock_of(struct nf_dict_rows *rows,
		     const struct nf_dict_probe *probe)
{
	u32 hash = nf_dict_probe_hash(probe, rows->lock_seed);

	return &rows->locks[hash & rows->lock_mask];
}

/*
 * Whether @rows are the table's contents, and remain so until the caller
 * releases its row lock.
 */
static inline bool nf_dict_rows_settled(const struct nf_dict_table *table,
					const struct nf_dict_rows *rows)
{
	/* Read first: contents that have moved are no longer frozen. */
	return !smp_load_acquire(&rows->frozen) &&
	       rows == rcu_access_pointer(table->rows);
}

#endif /* _NF_DICT_LOOKUP_H */
