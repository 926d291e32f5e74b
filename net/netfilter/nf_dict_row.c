// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rows: how they are found and read.
 */

/**
 * DOC: Theory of operation
 *
 * A table maps a key to a row; a row holds fields. A row is one object, so a
 * lookup that misses the caches touches a hash bucket and the row::
 *
 *	nf_dict_table     nf_dict_rows       nf_dict_row
 *	+---------+       +----------+       +----------------------------+
 *	| rows ---|------>| ht ------|------>| expires, timeout           |
 *	| size    |       | count    |       | key                        |
 *	| timeout |       | locks[]  |       | seq; ids: name and type,...|
 *	+---------+       +----------+       | values: 64 bits each,  ... |
 *	                                     +--------------------|-------+
 *	                                                          v
 *	                                     nf_dict_atom: id, hash, "NETFLIX"
 *
 * Where a table declares all its fields, a row has the number of a layout in
 * the place of ids, and values as long as their types need. The layout says
 * where each field is, and a rule remembers that, so nothing is searched.
 *
 * Read: a reader holds the RCU read lock, takes no other lock, and writes to
 * no line that it shares.
 *
 * Write: the hash of the key chooses one of the locks in nf_dict_rows, which
 * is held with bottom halves off. One value of the type that is there is
 * stored in place. Any other write builds the successor of the row, passes
 * the references of the row on to it, and replaces the row in the hash table.
 * A reader therefore sees an update as a whole or not at all, and no update
 * is lost. One that reads several values repeats if seq has changed.
 *
 * Atoms: names of fields, strings, lists of strings and IPv6 addresses are
 * interned for each namespace. An exact match of a string compares two
 * pointers. An atom is freed a grace period after its last reference.
 *
 * Verdicts: what a set of patterns found for a string or a list is remembered
 * under the id of its atom. An id is never reused, so a verdict can be lost but
 * never belong to another string. A table of domains remembers the row of a
 * string likewise (nf_dict_domain.c).
 *
 * Flush and swap: the contents of a table are behind one pointer. A flush
 * replaces it, a swap exchanges those of pairs of tables. Before, the contents
 * are frozen: marked, and each lock taken once, so that writers are through or
 * wait for swap_lock. A reader that goes through several tables repeats if
 * swap_seq of the namespace has changed.
 *
 * Connections: in a table whose keys are connections, rows are created for
 * living ones only, deleted with them, and found from them without a hash
 * (nf_dict_conn.c).
 *
 * Rules: a rule has a use of each table and field that it names, and the
 * ruleset may declare tables. Both take part in a transaction of nf_tables:
 * what they create is hidden until the commit (nf_dict_use.c,
 * nf_dict_ruleset.c). Rows are in no transaction.
 *
 * Expiry: an expired row is not found from then on. A writer that may sleep,
 * if the table is full, and a work item with a period of rest free its memory;
 * packets never do.
 *
 * Lock order: mutex of the namespace; swap_lock; the lock of a row; one of
 * gc_lock, the lock of an atom, of a connection, and of a table's domains.
 */
#include "nf_dict_lookup.h"

/**
 * nf_dict_row_lookup - look a row up
 * @table: the table
 * @key: the key
 *
 * In a table of domains, the row of this very name or suffix.
 *
 * Context: any, under the RCU read lock, which keeps the row.
 * Return: the row, or NULL if there is none or its lifetime ended.
 */
const struct nf_dict_row *nf_dict_row_lookup(const struct nf_dict_table *table,
					     const struct nf_dict_key *key)
{
	struct nf_dict_domain domain;
	struct nf_dict_probe probe;

	nf_dict_probe_table(&probe, table, key, &domain);

	return nf_dict_table_probe(table, &probe);
}
EXPORT_SYMBOL_GPL(nf_dict_row_lookup);

/**
 * nf_dict_row_search - look for a field where the hint does not say
 * @row: the row
 * @field: name of the field
 * @hint: where it is not; learns where it is
 * @spot: where it is, for nf_dict_row_get(), which says if it is there
 *
 * Context: any, under the RCU read lock; no lock.
 * Return: false if the row has no such field.
 */
bool nf_dict_row_search(const struct nf_dict_row *row,
			const struct nf_dict_atom *field, unsigned long *hint,
			u64 *spot)
{
	const struct nf_dict_layout *layout;

	if (row->nfields) {
		/*
		 * Rows of one table tend to have their fields in the same
		 * places. Where they do not, learn no more often than every
		 * 256th jiffy, or readers would pass the hint's cache line
		 * around.
		 */
		if (!nf_dict_row_find(row, field, spot))
			return false;
		if (READ_ONCE(*hint) == NF_DICT_HINT_NONE || !(jiffies & 0xff))
			WRITE_ONCE(*hint, *spot);
		return true;
	}

	layout = nf_dict_row_layout(field->ns, row);
	if (!layout || !nf_dict_layout_find(layout, field, spot))
		return false;
	/* The rows of a table have one layout, which is not to be mixed up. */
	if (BITS_PER_LONG == 64)
		WRITE_ONCE(*hint, *spot);

	return true;
}

/**
 * nf_dict_row_read - read a field of a row
 * @row: the row
 * @field: name of the field
 * @hint: where to look first, see &nf_dict_level.hint, or NULL
 * @value: filled in; borrows what it refers to until the end of the RCU
 *	read-side critical section
 *
 * Context: any, under the RCU read lock; no lock.
 * Return: true, or false if the row has no such field.
 */
bool nf_dict_row_read(const struct nf_dict_row *row,
		      const struct nf_dict_atom *field, unsigned long *hint,
		      struct nf_dict_value *value)
{
	unsigned long unknown = NF_DICT_HINT_NONE;

	return nf_dict_row_read_field(row, nf_dict_key_words(row->key_type,
							     row->key_len),
				      field, hint ?: &unknown, value);
}
EXPORT_SYMBOL_GPL(nf_dict_row_read);

/**
 * nf_dict_row_key - key of a row
 * @row: the row
 * @key: filled in; borrows the row
 *
 * Context: any, under the RCU read lock or the row's lock.
 */
void nf_dict_row_key(const struct nf_dict_row *row, struct nf_dict_key *key)
{
	key->type = row->key_type;
	key->len = row->key_len;
	key->num = row->data[0];
	key->data = row->data + (row->key_type == NF_DICT_KEY_STRING);
}
EXPORT_SYMBOL_GPL(nf_dict_row_key);

/**
 * nf_dict_row_places - number of fields that a row has, or has a place for
 * @table: the row's table
 * @row: the row
 *
 * Context: any, under the RCU read lock.
 * Return: the number, at most %NF_DICT_FIELDS_MAX.
 */
unsigned int nf_dict_row_places(const struct nf_dict_table *table,
				const struct nf_dict_row *row)
{
	return nf_dict_row_count(row, nf_dict_row_layout(table->ns, row));
}
EXPORT_SYMBOL_GPL(nf_dict_row_places);

/**
 * nf_dict_row_field - a field of a row by its place
 * @table: the row's table
 * @row: the row
 * @i: the place, less than nf_dict_row_places() in the same RCU read-side
 *	critical section
 * @value: filled in; borrows what it refers to until the end of the RCU
 *	read-side critical section
 *
 * Context: any, under the RCU read lock.
 * Return: name of the field, borrowed likewise; NULL if the row has none there.
 */
const struct nf_dict_atom *nf_dict_row_field(const struct nf_dict_table *table,
					     const struct nf_dict_row *row,
					     unsigned int i,
					     struct nf_dict_value *value)
{
	struct nf_dict_ns *ns = table->ns;
	const struct nf_dict_layout *layout = nf_dict_row_layout(ns, row);

	if (i >= nf_dict_row_count(row, layout) ||
	    !nf_dict_row_get_nth(row, layout, i, value))
		return NULL;

	return nf_dict_row_nth(ns, row, layout, i);
}
EXPORT_SYMBOL_GPL(nf_dict_row_field);

/**
 * nf_dict_row_timeout - lifetime of a row
 * @row: the row
 *
 * Context: any, under the RCU read lock.
 * Return: milliseconds, 0: unlimited.
 */
u32 nf_dict_row_timeout(const struct nf_dict_row *row)
{
	return READ_ONCE(row->timeout);
}
EXPORT_SYMBOL_GPL(nf_dict_row_timeout);

/**
 * nf_dict_row_expires - what is left of a row's lifetime
 * @row: the row
 *
 * Context: any, under the RCU read lock.
 * Return: milliseconds, at least 1; 0: unlimited.
 */
u64 nf_dict_row_expires(const struct nf_dict_row *row)
{
	u64 expires = nf_dict_row_load(row, &row->expires);
	u32 timeout = nf_dict_row_timeout(row);
	u64 now = get_jiffies_64();
	u64 left;

	if (!expires)
		return 0;
	if (time_after_eq64(now, expires))
		return 1;

	/* In jiffies, and one more, a lifetime may be longer than it was. */
	left = jiffies64_to_msecs(expires - now);
	if (timeout && left > timeout)
		left = timeout;

	return max_t(u64, 1, left);
}
EXPORT_SYMBOL_GPL(nf_dict_row_expires);
