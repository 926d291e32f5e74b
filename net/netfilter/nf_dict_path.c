// SPDX-License-Identifier: GPL-2.0-only
/*
 * The way through several tables: the key finds a row in the first, the value
 * of a field there is the key into the next, and so on.
 */
#include <net/netfilter/nf_conntrack_dict.h>

#include "nf_dict_lookup.h"
#include "nf_dict_reg.h"

/*
 * The value of @level's field in @row, which has a key of @key_words, or is
 * NULL; @value borrows what it refers to.
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

/* By domain, which is slower than a call. */
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

/* The row that @probe finds, in line. */
static __always_inline bool nf_dict_level_find(struct nf_dict_level *level,
					       const struct nf_dict_probe *probe,
					       struct nf_dict_value *value)
{
	struct nf_dict_rows *rows = rcu_dereference(level->table->rows);
	const struct nf_dict_key *key = probe->key;

	return nf_dict_level_value(level, nf_dict_rows_find(rows, probe),
				   nf_dict_key_words(key->type, key->len),
				   value);
}

/* By number. */
static __always_inline bool nf_dict_number_read(struct nf_dict_level *level,
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

	return nf_dict_level_find(level, &probe, value);
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

	/* A longer string is no key. */
	return likely(atom->len <= NF_DICT_KEY_STRING_MAX) &&
	       nf_dict_level_find(level, &probe, value);
}

/* Row that a key leads to, which may have expired, or NULL. */
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

/* @value is the key, and then what it leads to. */
static noinline bool nf_dict_value_read(struct nf_dict_level *level,
					struct nf_dict_value *value)
{
	struct nf_dict_value step = *value;
	struct nf_dict_key key;

	return nf_dict_key_from_value(&key, &step) &&
	       nf_dict_key_read(level, &key, value);
}

/* The row of a connection, which may have expired, or NULL. */
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
 * Goes through more than one table: from the connection @own, or if that is
 * NULL from the key @first, or from the number @num if that is NULL, too.
 *
 * Tables may exchange their contents between two steps; the way is then gone
 * again, or the outcome would be one that there never was.
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
			found = nf_dict_number_read(level, num, &step);
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
			/* No pointer to @step, which is to stay in registers. */
			*value = step;
			found = nf_dict_value_read(level, value);
			step = *value;
		}
		*value = step;
	} while (read_seqcount_retry(&ns->swap_seq, seq));

	return found;
}

/**
 * nf_dict_path_read - read the value at the end of a path
 * @levels: the tables to go through
 * @nlevels: their number, 1 to %NF_DICT_LEVELS_MAX
 * @key: key into the first
 * @value: filled in with the value of the last level's field, of the type it
 *	asks for; borrows what it refers to until the end of the RCU read-side
 *	critical section
 *
 * Context: any, under the RCU read lock; no lock.
 * Return: true, or false if a row or field is missing, a field has another
 * type than its level asks for, or a value on the way is no key.
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
 * nf_dict_path_read_conn - read the value that a connection leads to
 * @levels: the tables to go through, the first of class %NF_DICT_KEY_CT
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

/* Numbers are what most rules look up. */
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
		return nf_dict_number_read(levels, num, value);

	return nf_dict_levels_read(levels, nlevels, NULL, NULL, num, value);
}

/**
 * nf_dict_path_read_reg - read the value that a key in registers leads to
 * @levels: the tables to go through
 * @nlevels: their number, 1 to %NF_DICT_LEVELS_MAX
 * @form: the form of the key into the first
 * @src: its first register
 * @value: as for nf_dict_path_read()
 *
 * The same as nf_dict_key_from_reg() and nf_dict_path_read().
 *
 * Context: any, under the RCU read lock; no lock.
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
 * nf_dict_path_load - load the value that a key in registers leads to
 * @levels: the tables to go through
 * @nlevels: their number, 1 to %NF_DICT_LEVELS_MAX
 * @key_form: the form of the key into the first
 * @src: its first register
 * @form: the form that the value shall have, see nf_dict_value_to_reg()
 * @dest: the first register to load
 *
 * The same as nf_dict_path_read_reg() and nf_dict_value_to_reg(), in one call.
 *
 * Context: any, under the RCU read lock; no lock.
 * Return: true, or false, with undefined registers, if one of them would say
 * so.
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

/* The row at the end of a path, which may have expired, or NULL. */
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
 * nf_dict_path_load_fields - load fields of the row that a key leads to
 * @levels: the tables to go through; the last one's field is not looked at
 * @nlevels: their number, 1 to %NF_DICT_LEVELS_MAX
 * @own: the connection to start from, or NULL
 * @key: key into the first table, if @own is NULL
 * @loads: the fields
 * @nloads: their number, 1 to %NF_DICT_LOADS_MAX
 * @dest: the first register to load; each value begins in the one that follows
 *	the last of the value before
 *
 * One lookup, and the values are those the row had at one moment.
 *
 * Context: any but hard interrupts, under the RCU read lock.
 * Return: true, or false, with undefined registers, if there is no such row, it
 * lacks one of the fields, or one has no such form.
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
 * nf_dict_path_key - find the key into the last table of a path
 * @levels: the tables to go through; the last one's field is not looked at
 * @nlevels: their number, 1 to %NF_DICT_LEVELS_MAX
 * @key: key into the first, replaced by that into the last
 * @value: room for the value that @key borrows then
 *
 * Context: any, under the RCU read lock, within which @key is good; no lock.
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
