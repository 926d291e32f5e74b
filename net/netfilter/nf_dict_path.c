// SPDX-License-Identifier: GPL-2.0-only
/*
 * The way through several tables: the key finds a row in the first, the value
 * of a field there is the key into the next, and so on.
 */
#include "nf_dict_lookup.h"
#include "nf_dict_reg.h"

/*
 * The value of @level's field in the row that @probe finds; @value borrows
 * what it refers to.
 */
static __always_inline bool nf_dict_level_read(struct nf_dict_level *level,
					       const struct nf_dict_probe *probe,
					       struct nf_dict_value *value)
{
	const struct nf_dict_row *row;

	row = nf_dict_table_probe(level->table, probe);
	if (!row ||
	    !nf_dict_row_read_field(row, level->field, &level->hint, value))
		return false;

	switch (level->type) {
	case NF_DICT_UNSPEC:
		return true;
	case NF_DICT_INTEGER:
		return value->type == NF_DICT_INT ||
		       value->type == NF_DICT_INT64;
	}

	return value->type == level->type;
}

/* The key that @value is, if it is one. */
static bool nf_dict_probe_from_value(struct nf_dict_probe *probe,
				     struct nf_dict_key *key,
				     const struct nf_dict_value *value)
{
	if (!nf_dict_key_from_value(key, value))
		return false;

	probe->key = key;
	if (value->type == NF_DICT_LONG_STRING)
		probe->hash = nf_dict_value_atom(value)->hash;

	return true;
}

/*
 * Tables may exchange their contents between two steps; the way is then gone
 * again, or the outcome would be one that there never was.
 */
static noinline bool nf_dict_levels_read(struct nf_dict_level *levels,
					 unsigned int nlevels,
					 const struct nf_dict_probe *first,
					 struct nf_dict_value *value)
{
	struct nf_dict_ns *ns = levels->table->ns;
	struct nf_dict_probe probe;
	struct nf_dict_value step;
	struct nf_dict_key key;
	unsigned int i, seq;
	bool found;

	do {
		seq = read_seqcount_begin(&ns->swap_seq);
		found = nf_dict_level_read(&levels[0], first, value);
		for (i = 1; found && i < nlevels; i++) {
			step = *value;
			found = nf_dict_probe_from_value(&probe, &key, &step) &&
				nf_dict_level_read(&levels[i], &probe, value);
		}
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
	struct nf_dict_probe probe;

	nf_dict_probe_init(&probe, key);
	if (likely(nlevels == 1))
		return nf_dict_level_read(levels, &probe, value);

	return nf_dict_levels_read(levels, nlevels, &probe, value);
}
EXPORT_SYMBOL_GPL(nf_dict_path_read);

/* With a @type that is constant the compiler leaves out all the others. */
static __always_inline bool
nf_dict_reg_read(struct nf_dict_level *levels, unsigned int nlevels, u8 type,
		 const struct nf_dict_key_reg *form, const u32 *src,
		 struct nf_dict_value *value)
{
	struct nf_dict_probe probe;
	struct nf_dict_key key;

	if (!__nf_dict_key_from_reg(&key, type, form->len, form->host, src))
		return false;

	nf_dict_probe_init(&probe, &key);
	if (likely(nlevels == 1))
		return nf_dict_level_read(levels, &probe, value);

	return nf_dict_levels_read(levels, nlevels, &probe, value);
}

static noinline bool
nf_dict_reg_read_any(struct nf_dict_level *levels, unsigned int nlevels,
		     const struct nf_dict_key_reg *form, const u32 *src,
		     struct nf_dict_value *value)
{
	return nf_dict_reg_read(levels, nlevels, form->type, form, src, value);
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
bool __flatten
nf_dict_path_read_reg(struct nf_dict_level *levels, unsigned int nlevels,
		      const struct nf_dict_key_reg *form, const u32 *src,
		      struct nf_dict_value *value)
{
	if (likely(form->type == NF_DICT_KEY_INT))
		return nf_dict_reg_read(levels, nlevels, NF_DICT_KEY_INT, form,
					src, value);

	return nf_dict_reg_read_any(levels, nlevels, form, src, value);
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
bool __flatten
nf_dict_path_load(struct nf_dict_level *levels, unsigned int nlevels,
		  const struct nf_dict_key_reg *key_form, const u32 *src,
		  const struct nf_dict_reg *form, u32 *dest)
{
	struct nf_dict_value value;
	bool found;

	if (likely(key_form->type == NF_DICT_KEY_INT))
		found = nf_dict_reg_read(levels, nlevels, NF_DICT_KEY_INT,
					 key_form, src, &value);
	else
		found = nf_dict_reg_read_any(levels, nlevels, key_form, src,
					     &value);

	return found && __nf_dict_value_to_reg(&value, form, dest);
}
EXPORT_SYMBOL_GPL(nf_dict_path_load);

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
