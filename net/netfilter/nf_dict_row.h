/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A row in memory.
 */
#ifndef _NF_DICT_ROW_H
#define _NF_DICT_ROW_H

#include <linux/jiffies.h>
#include <linux/preempt.h>

#include "nf_dict_internal.h"

/**
 * struct nf_dict_row - a row, in one object, so that a lookup that misses the
 *	caches only touches the hash bucket and this
 * @node: in &nf_dict_rows.ht
 * @expires: when the row's lifetime ends, in jiffies (64 bits); 0: never
 * @timeout: its lifetime in milliseconds; 0: unlimited
 * @key_type: &enum nf_dict_key_type
 * @key_len: bytes of the key
 * @nfields: fields, at least one; 0 in a packed row, see nf_dict_layout.h
 * @room: bytes of a packed row after the key, in units of %NF_DICT_ROOM_UNIT
 * @rcu: frees it after a grace period
 * @data: for a string key, its hash; the key, in whole words; &struct
 *	nf_dict_row_fields with @nfields ids, in whole words; @nfields values of
 *	64 bits. In a packed row, one id, which is that of its layout, and
 *	packed values
 *
 * The key and the ids never change: a write that needs more than new values of
 * the same types makes a new row and replaces this one. @expires, @timeout and
 * the values change in place, under the row's lock; readers have no lock. The
 * row owns references to the atoms of its names and values, and passes them to
 * its successor. The names of a packed row are its layout's.
 */
struct nf_dict_row {
	struct rhash_head	node;
	u64			expires;
	u32			timeout;
	u8			key_type;
	u8			key_len;
	u8			nfields;
	u8			room;
	struct rcu_head		rcu;
	u64			data[];
};

/**
 * struct nf_dict_row_fields - which fields a row has
 * @seq: changes with a value, so that a reader of several values sees those of
 *	one moment; on 32-bit machines it guards each value and
 *	&nf_dict_row.expires, which are wider than one access
 * @ids: of each field the id of its name, and its type
 *
 * @seq is here as it fills the padding of an odd number of ids; the head of the
 * row has no room for it.
 */
struct nf_dict_row_fields {
	seqcount_t	seq;
	u32		ids[];
};

bool nf_dict_row_search(const struct nf_dict_row *row,
			const struct nf_dict_atom *field, unsigned long *hint,
			u64 *spot);

/* Words of a key in a row, including the leading hash of a string. */
static __always_inline unsigned int nf_dict_key_words(u8 type, unsigned int len)
{
	return DIV_ROUND_UP(len, sizeof(u64)) + (type == NF_DICT_KEY_STRING);
}

/* Words of @seq and the ids of @nfields fields in a row. */
static __always_inline unsigned int nf_dict_ids_words(unsigned int nfields)
{
	return DIV_ROUND_UP(offsetof(struct nf_dict_row_fields, ids) +
			    nfields * sizeof(u32), sizeof(u64));
}

static inline struct nf_dict_row_fields *
nf_dict_row_fields(const struct nf_dict_row *row)
{
	return (struct nf_dict_row_fields *)
		(row->data + nf_dict_key_words(row->key_type, row->key_len));
}

static inline u32 *nf_dict_row_ids(const struct nf_dict_row *row)
{
	return nf_dict_row_fields(row)->ids;
}

static inline u64 *nf_dict_row_values(const struct nf_dict_row *row)
{
	return (u64 *)nf_dict_row_fields(row) + nf_dict_ids_words(row->nfields);
}

/*
 * Values and expiry change while others read them. 64-bit machines read and
 * write them in one access.
 */
#if BITS_PER_LONG == 64
static inline u64 nf_dict_row_load(const struct nf_dict_row *row, const u64 *p)
{
	return READ_ONCE(*p);
}
#else
static inline u64 nf_dict_row_load(const struct nf_dict_row *row, const u64 *p)
{
	const seqcount_t *s = &nf_dict_row_fields(row)->seq;
	unsigned int seq;
	u64 v;

	do {
		seq = read_seqcount_begin(s);
		v = READ_ONCE(*p);
	} while (read_seqcount_retry(s, seq));

	return v;
}
#endif

static inline void nf_dict_row_write_begin(struct nf_dict_row *row)
{
	/* On PREEMPT_RT the row's lock does not disable preemption. */
	preempt_disable_nested();
	/* Orders the bytes of an atom before the pointer to it. */
	write_seqcount_begin(&nf_dict_row_fields(row)->seq);
}

static inline void nf_dict_row_write_end(struct nf_dict_row *row)
{
	write_seqcount_end(&nf_dict_row_fields(row)->seq);
	preempt_enable_nested();
}

static inline void nf_dict_row_store(struct nf_dict_row *row, u64 *p, u64 v)
{
	nf_dict_row_write_begin(row);
	WRITE_ONCE(*p, v);
	nf_dict_row_write_end(row);
}

static inline bool nf_dict_row_expired(const struct nf_dict_row *row)
{
	u64 expires = nf_dict_row_load(row, &row->expires);

	return expires && time_after_eq64(get_jiffies_64(), expires);
}

#endif /* _NF_DICT_ROW_H */
