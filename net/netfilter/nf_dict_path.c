// SPDX-License-Identifier: GPL-2.0-only
/*
 * The way through several tables: the key finds a row in the first, the value
 * of a field there is the key into the next, and so on.
 */
#include "nf_dict_internal.h"

/*
 * The value of @level's field in the row that @key finds; @value borrows what
 * it refers to.
 */
static bool nf_dict_level_read(struct nf_dict_level *level,
			       const struct nf_dict_key *key,
			       struct nf_dict_value *value)
{
	const struct nf_dict_row *row;

	row = nf_dict_row_lookup(level->table, key);
	if (!row || !nf_dict_row_read(row, level->field, &level->hint, value))
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

/*
 * Tables may exchange their contents between two steps; the way is then gone
 * again, or the outcome would be one that there never was.
 */
static bool nf_dict_levels_read(struct nf_dict_level *levels,
				unsigned int nlevels,
				const struct nf_dict_key *first,
				struct nf_dict_value *value)
{
	struct nf_dict_ns *ns = levels->table->ns;
	struct nf_dict_value step;
	struct nf_dict_key key;
	unsigned int i, seq;
	bool found;

	do {
		seq = read_seqcount_begin(&ns->swap_seq);
		found = nf_dict_level_read(&levels[0], first, value);
		for (i = 1; found && i < nlevels; i++) {
			step = *value;
			found = nf_dict_key_from_value(&key, &step) &&
				nf_dict_level_read(&levels[i], &key, value);
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
	if (nlevels == 1)
		return nf_dict_level_read(levels, key, value);

	return nf_dict_levels_read(levels, nlevels, key, value);
}
EXPORT_SYMBOL_GPL(nf_dict_path_read);

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
