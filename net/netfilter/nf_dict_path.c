// SPDX-License-Identifier: GPL-2.0-only
/*
 * Nested lookups: the key finds a row in the first table, the value of a field
 * of that row is the key into the next table, and so on.
 */
#include <linux/skbuff.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_dict.h>

#include "nf_dict_lookup.h"
#include "nf_dict_reg.h"

/*
 * Read the field of @level from @row (NULL: there is none), whose key has
 * @key_words words; @value borrows its atom.
 */
static __always_inline bool nf_dict_level_value(struct nf_dict_level *level,
						const struct nf_dict_row *row,
						unsigned int key_words,
						struct nf_dict_value *value)
{
	if (!row || unlikely(nf_dict_row_expired(row)) ||
	    !nf_dict_row_read_field(row, key_words, level->field, &level->hint,
				    value))
		return false;

	if (likely(value->type == level->type))
		return true;

	switch (level->type) {
	case NF_DICT_UNSPEC:
		return true;
	case NF_DICT_NUMBER:
		return value->type == NF_DICT_INT ||
		       value->type == NF_DICT_INT64;
	}

	return false;
}

/* By domain name. Not inlined: the lookup takes much longer than a call. */
static noinline bool nf_dict_domain_read(struct nf_dict_level *level,
					 struct nf_dict_rows *rows,
					 const struct nf_dict_atom *atom,
					 struct nf_dict_value *value)
{
	const struct nf_dict_row *row = nf_dict_domain_find(rows, atom);

	return row &&
	       nf_dict_level_value(level, row,
				   nf_dict_key_words(row->key_type,
						     row->key_len), value);
}

/* Inlined, so that a constant key type leaves only that type's code. */
static __always_inline bool nf_dict_level_find(struct nf_dict_level *level,
					       struct nf_dict_rows *rows,
					       const struct nf_dict_probe *probe,
					       struct nf_dict_value *value)
{
	const struct nf_dict_key *key = probe->key;

	return nf_dict_level_value(level, nf_dict_rows_find(rows, probe),
				   nf_dict_key_words(key->type, key->len),
				   value);
}

/* By number; @rows are the contents of the table. */
static __always_inline bool nf_dict_number_read(struct nf_dict_level *level,
						struct nf_dict_rows *rows,
						u64 num,
						struct nf_dict_value *value)
{
	const struct nf_dict_key key = {
		.type	= NF_DICT_KEY_INT,
		.len	= sizeof(num),
		.num	= num,
		.data	= &num,
	};
	const struct nf_dict_probe probe = { .key = &key };

	return nf_dict_level_find(level, rows, &probe, value);
}

/* By interned string. */
static __always_inline bool nf_dict_string_read(struct nf_dict_level *level,
						const struct nf_dict_atom *atom,
						struct nf_dict_value *value)
{
	const struct nf_dict_key key = {
		.type	= NF_DICT_KEY_STRING,
		.len	= atom->len,
		.data	= atom->data,
	};
	const struct nf_dict_probe probe = {
		.key	= &key,
		.padded	= true,
		.hash	= atom->hash,
	};
	struct nf_dict_rows *rows = rcu_dereference(level->table->rows);

	if (unlikely(rows->key_class == NF_DICT_KEY_DOMAIN))
		return nf_dict_domain_read(level, rows, atom, value);

	/* A longer string cannot be a key. */
	return likely(atom->len <= NF_DICT_KEY_STRING_MAX) &&
	       nf_dict_level_find(level, rows, &probe, value);
}

/* Find the row of a key, or of a suffix of a domain; it may have expired. */
static const struct nf_dict_row *
nf_dict_rows_match(const struct nf_dict_table *table,
		   const struct nf_dict_key *key)
{
	struct nf_dict_rows *rows = rcu_dereference(table->rows);
	struct nf_dict_probe probe;

	if (rows->key_class == NF_DICT_KEY_DOMAIN)
		return key->type == NF_DICT_KEY_STRING ?
		       nf_dict_domain_lookup(rows, key->data, key->len) : NULL;

	nf_dict_probe_init(&probe, table->ns, key);

	return nf_dict_rows_find(rows, &probe);
}

/* Slow path: any key. */
static noinline bool nf_dict_key_read(struct nf_dict_level *level,
				      const struct nf_dict_key *key,
				      struct nf_dict_value *value)
{
	const struct nf_dict_row *row = nf_dict_rows_match(level->table, key);

	return row &&
	       nf_dict_level_value(level, row,
				   nf_dict_key_words(row->key_type,
						     row->key_len), value);
}

/* @value is the key on entry and the value found on return. */
static noinline bool nf_dict_value_read(struct nf_dict_level *level,
					struct nf_dict_value *value)
{
	struct nf_dict_value step = *value;
	struct nf_dict_key key;

	return nf_dict_key_from_value(&key, &step) &&
	       nf_dict_key_read(level, &key, value);
}

/* Find the row of a connection; it may have expired. */
static __always_inline const struct nf_dict_row *
nf_dict_own_row(const struct nf_dict_own *own, const struct nf_dict_table *table)
{
	struct nf_dict_rows *rows = rcu_dereference(table->rows);
	const struct nf_conn_dict *slot = own->slot;

	/* Pairs with nf_dict_conn_fill_slot(). */
	if (likely(slot && smp_load_acquire(&slot->rows) == rows))
		return rcu_dereference(slot->row);

	return nf_dict_conn_row(own, rows);
}

/* By connection. */
static __always_inline bool nf_dict_conn_read(struct nf_dict_level *level,
					      const struct nf_dict_own *own,
					      struct nf_dict_value *value)
{
	return nf_dict_level_value(level, nf_dict_own_row(own, level->table),
				   nf_dict_key_words(NF_DICT_KEY_INT,
						     sizeof(u64)),
				   value);
}

/*
 * Nested lookup, starting from the connection @own, or else from the key
 * @first, or, if both are NULL, from the number @num.
 *
 * If tables were swapped between two steps, retry: a mix of old and new
 * contents could give a result that was never valid.
 */
static noinline bool nf_dict_levels_read(struct nf_dict_level *levels,
					 unsigned int nlevels,
					 const struct nf_dict_own *own,
					 const struct nf_dict_key *first,
					 u64 num, struct nf_dict_value *value)
{
	const struct nf_dict_level *end = levels + nlevels;
	struct nf_dict_ns *ns = levels->table->ns;
	unsigned int seq;
	bool found;

	do {
		struct nf_dict_level *level = levels;
		struct nf_dict_value step;

		seq = read_seqcount_begin(&ns->swap_seq);
		if (own) {
			found = nf_dict_conn_read(level, own, &step);
		} else if (likely(!first)) {
			found = nf_dict_number_read(level,
						    rcu_dereference(level->table->rows),
						    num, &step);
		} else {
			found = nf_dict_key_read(level, first, value);
			step = *value;
		}
		while (found && ++level != end) {
			if (likely(step.type == NF_DICT_LONG_STRING)) {
				found = nf_dict_string_read(level,
							    nf_dict_value_atom(&step),
							    &step);
				continue;
			}
			/* A pointer to @step would force it to memory. */
			*value = step;
			found = nf_dict_value_read(level, value);
			step = *value;
		}
		*value = step;
	} while (read_seqcount_retry(&ns->swap_seq, seq));

	return found;
}

/**
 * nf_dict_path_read - read the value that a nested lookup finds
 * @levels: the tables of the lookup
 * @nlevels: their number, 1 to %NF_DICT_LEVELS_MAX
 * @key: key into the first table
 * @value: set to the value of the last level's field; borrows its atom for the
 *	RCU read-side critical section
 *
 * Context: any, under the RCU read lock; takes no locks.
 * Return: true, or false if a row or field is missing, a field has another
 * type than its level requires, or an intermediate value cannot be a key.
 */
bool nf_dict_path_read(struct nf_dict_level *levels, unsigned int nlevels,
		       const struct nf_dict_key *key,
		       struct nf_dict_value *value)
{
	if (nlevels == 1)
		return nf_dict_key_read(levels, key, value);

	return nf_dict_levels_read(levels, nlevels, NULL, key, 0, value);
}
EXPORT_SYMBOL_IF_KUNIT(nf_dict_path_read);

/**
 * nf_dict_path_read_conn - read the value that a lookup from a connection finds
 * @levels: the tables of the lookup, the first of class %NF_DICT_KEY_CT
 * @nlevels: their number, 1 to %NF_DICT_LEVELS_MAX
 * @own: the connection
 * @value: as for nf_dict_path_read()
 *
 * Context: any but hard interrupts, under the RCU read lock.
 * Return: as nf_dict_path_read().
 */
bool nf_dict_path_read_conn(struct nf_dict_level *levels, unsigned int nlevels,
			    const struct nf_dict_own *own,
			    struct nf_dict_value *value)
{
	if (nlevels == 1)
		return nf_dict_conn_read(levels, own, value);

	return nf_dict_levels_read(levels, nlevels, own, NULL, 0, value);
}
EXPORT_SYMBOL_GPL(nf_dict_path_read_conn);

static noinline bool
nf_dict_any_reg_read(struct nf_dict_level *levels, unsigned int nlevels,
		     const struct nf_dict_key_reg *form, const u32 *src,
		     struct nf_dict_value *value)
{
	struct nf_dict_key key;

	return __nf_dict_key_from_reg(&key, form->type, form->len, form->host,
				      src) &&
	       nf_dict_path_read(levels, nlevels, &key, value);
}

/*
 * The row of @rows that the packet's connection caches, if @num is the id of
 * that connection. Otherwise NULL.
 */
static __always_inline const struct nf_dict_row *
nf_dict_skb_row(const struct nf_dict_rows *rows, const struct sk_buff *skb,
		u64 num)
{
#if IS_ENABLED(CONFIG_NF_DICT_CT)
	const struct nf_dict_conns *conns = rcu_dereference(rows->ns->conns);
	enum ip_conntrack_info ctinfo;
	const struct nf_conn_dict *slot;
	const struct nf_conn *ct;

	ct = nf_ct_get(skb, &ctinfo);
	if (unlikely(!ct || num != nf_ct_dict_number(READ_ONCE(ct->id))))
		return NULL;

	slot = nf_ct_dict_ext_find(ct);
	if (unlikely(!slot || !conns || slot->gen != conns->gen ||
		     !READ_ONCE(slot->conn)))
		return NULL;

	/* Pairs with nf_dict_conn_fill_slot(). */
	if (unlikely(smp_load_acquire(&slot->rows) != rows))
		return NULL;

	return rcu_dereference(slot->row);
#else
	return NULL;
#endif
}

/**
 * nf_dict_path_read_skb - read the value that a lookup of a packet finds
 * @level: the table
 * @form: form of the key in registers
 * @src: first register of the key
 * @skb: the packet
 * @value: as for nf_dict_path_read()
 *
 * As nf_dict_path_read_reg(), for tables that may have rows of connections. One
 * call instead of nf_dict_conn_own() and nf_dict_path_read_conn(): a rule takes
 * 18 ns instead of 26.
 *
 * Context: any, under the RCU read lock; takes no locks.
 * Return: 1 if the value was found, 0 if not, or -EAGAIN: the table has rows of
 * connections, and the packet's does not cache its row.
 */
int nf_dict_path_read_skb(struct nf_dict_level *level,
			  const struct nf_dict_key_reg *form, const u32 *src,
			  const struct sk_buff *skb,
			  struct nf_dict_value *value)
{
	struct nf_dict_rows *rows = rcu_dereference(level->table->rows);
	const struct nf_dict_row *row;
	u64 num;

	if (unlikely(form->type != NF_DICT_KEY_INT))
		return nf_dict_any_reg_read(level, 1, form, src, value);

	num = nf_dict_load_integer(src, form->len, form->host);
	if (rows->key_class != NF_DICT_KEY_CT)
		return nf_dict_number_read(level, rows, num, value);

	row = nf_dict_skb_row(rows, skb, num);
	if (unlikely(!row))
		return -EAGAIN;

	return nf_dict_level_value(level, row,
				   nf_dict_key_words(NF_DICT_KEY_INT,
						     sizeof(num)),
				   value);
}
EXPORT_SYMBOL_GPL(nf_dict_path_read_skb);

/* Most rules look up numbers. */
static __always_inline bool
nf_dict_reg_read(struct nf_dict_level *levels, unsigned int nlevels,
		 const struct nf_dict_key_reg *form, const u32 *src,
		 struct nf_dict_value *value)
{
	u64 num;

	if (unlikely(form->type != NF_DICT_KEY_INT))
		return nf_dict_any_reg_read(levels, nlevels, form, src, value);

	num = nf_dict_load_integer(src, form->len, form->host);
	if (likely(nlevels == 1))
		return nf_dict_number_read(levels,
					   rcu_dereference(levels->table->rows),
					   num, value);

	return nf_dict_levels_read(levels, nlevels, NULL, NULL, num, value);
}

/**
 * nf_dict_path_read_reg - read the value that a lookup by registers finds
 * @levels: the tables of the lookup
 * @nlevels: their number, 1 to %NF_DICT_LEVELS_MAX
 * @form: form of the key into the first table
 * @src: first register of the key
 * @value: as for nf_dict_path_read()
 *
 * nf_dict_key_from_reg() and nf_dict_path_read() in one call.
 *
 * Context: any, under the RCU read lock; takes no locks.
 * Return: as nf_dict_path_read(), and false if the registers hold no key.
 */
bool nf_dict_path_read_reg(struct nf_dict_level *levels, unsigned int nlevels,
			   const struct nf_dict_key_reg *form, const u32 *src,
			   struct nf_dict_value *value)
{
	return nf_dict_reg_read(levels, nlevels, form, src, value);
}
EXPORT_SYMBOL_GPL(nf_dict_path_read_reg);

/**
 * nf_dict_path_load - load the value that a lookup by registers finds
 * @levels: the tables of the lookup
 * @nlevels: their number, 1 to %NF_DICT_LEVELS_MAX
 * @key_form: form of the key into the first table
 * @src: first register of the key
 * @form: form of the value, see nf_dict_value_to_reg()
 * @dest: first register to load
 *
 * nf_dict_path_read_reg() and nf_dict_value_to_reg() in one call.
 *
 * Context: any, under the RCU read lock; takes no locks.
 * Return: true, or false, with @dest undefined, if one of these returns false.
 */
bool nf_dict_path_load(struct nf_dict_level *levels, unsigned int nlevels,
		       const struct nf_dict_key_reg *key_form, const u32 *src,
		       const struct nf_dict_reg *form, u32 *dest)
{
	struct nf_dict_value value;

	return nf_dict_reg_read(levels, nlevels, key_form, src, &value) &&
	       __nf_dict_value_to_reg(&value, form, dest);
}
EXPORT_SYMBOL_GPL(nf_dict_path_load);

/* Find the row in the last table of a nested lookup; it may have expired. */
static const struct nf_dict_row *
nf_dict_path_row(struct nf_dict_level *levels, unsigned int nlevels,
		 const struct nf_dict_own *own,
		 const struct nf_dict_key *first)
{
	const struct nf_dict_table *table = levels[nlevels - 1].table;
	struct nf_dict_value via;
	struct nf_dict_key key;

	if (nlevels > 1) {
		if (!nf_dict_levels_read(levels, nlevels - 1, own, first, 0,
					 &via) ||
		    !nf_dict_key_from_value(&key, &via))
			return NULL;
		first = &key;
	} else if (own) {
		return nf_dict_own_row(own, table);
	}

	return nf_dict_rows_match(table, first);
}

/**
 * nf_dict_path_load_fields - load fields of the row that a nested lookup finds
 * @levels: the tables of the lookup; the field of the last one is ignored
 * @nlevels: their number, 1 to %NF_DICT_LEVELS_MAX
 * @own: the connection to start from, or NULL
 * @key: key into the first table, if @own is NULL
 * @loads: the fields
 * @nloads: their number, 1 to %NF_DICT_LOADS_MAX
 * @dest: first register to load; each value starts at the next free 32-bit
 *	register
 *
 * One lookup and one consistent read of the row.
 *
 * Context: any but hard interrupts, under the RCU read lock.
 * Return: true, or false, with @dest undefined, if the row or one of the fields
 * is missing, or a value does not fit its form.
 */
bool nf_dict_path_load_fields(struct nf_dict_level *levels,
			      unsigned int nlevels,
			      const struct nf_dict_own *own,
			      const struct nf_dict_key *key,
			      struct nf_dict_load *loads, unsigned int nloads,
			      u32 *dest)
{
	struct nf_dict_value values[NF_DICT_LOADS_MAX];
	struct nf_dict_ns *ns = levels->table->ns;
	const struct nf_dict_row *row;
	unsigned int i, seq;
	bool found;

	do {
		seq = read_seqcount_begin(&ns->swap_seq);
		row = nf_dict_path_row(levels, nlevels, own, key);
		found = row && !nf_dict_row_expired(row) &&
			nf_dict_row_read_fields(row, loads, nloads, values);
	} while (nlevels > 1 && read_seqcount_retry(&ns->swap_seq, seq));

	if (!found)
		return false;

	for (i = 0; i < nloads; i++) {
		if (!__nf_dict_value_to_reg(&values[i], &loads[i].form, dest))
			return false;
		dest += DIV_ROUND_UP(loads[i].form.len, sizeof(u32));
	}

	return true;
}
EXPORT_SYMBOL_GPL(nf_dict_path_load_fields);

/**
 * nf_dict_path_key - find the key into the last table of a nested lookup
 * @levels: the tables of the lookup; the field of the last one is ignored
 * @nlevels: their number, 1 to %NF_DICT_LEVELS_MAX
 * @key: key into the first table, replaced by the key into the last one
 * @value: storage for the value that @key then borrows
 *
 * Context: any, under the RCU read lock, for which @key is valid; takes no
 * locks.
 * Return: true, or false as nf_dict_path_read(); @key is undefined then.
 */
bool nf_dict_path_key(struct nf_dict_level *levels, unsigned int nlevels,
		      struct nf_dict_key *key, struct nf_dict_value *value)
{
	if (nlevels == 1)
		return true;

	return nf_dict_path_read(levels, nlevels - 1, key, value) &&
	       nf_dict_key_from_value(key, value);
}
EXPORT_SYMBOL_GPL(nf_dict_path_key);
