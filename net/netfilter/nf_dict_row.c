// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rows: lookup and reading.
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
 * If a table declares all its fields, a row has the number of a layout instead
 * of ids, and values as long as their types need. The layout has the place of
 * each field. Rules cache it, so fields need not be searched.
 *
 * Read: a reader holds only the RCU read lock and writes to no shared cache
 * line.
 *
 * Write: the hash of the key selects one of the locks in nf_dict_rows, which is
 * held with bottom halves disabled. A single value whose type does not change
 * is stored in place. Any other write builds the successor of the row, moves
 * the references of the row to it, and replaces the row in the hash table. So a
 * reader sees all of an update or nothing, and no update is lost. A reader of
 * several values retries if seq has changed.
 *
 * Atoms: names of fields, strings, lists of strings and IPv6 addresses are
 * interned for each namespace. An exact match of a string compares two
 * pointers. An atom is freed a grace period after its last reference.
 *
 * Verdicts: the result of a set of patterns for a string or a list is cached
 * under the id of its atom. An id is never reused, so a verdict can be lost but
 * never be taken for that of another string. A table of domains caches the row
 * of a string likewise (nf_dict_domain.c).
 *
 * Flush and swap: a table points to its contents. A flush replaces the pointer,
 * a swap exchanges those of pairs of tables. The contents are frozen first:
 * they are marked, and each lock is taken once, so that all writers have
 * finished or wait for swap_lock. A nested lookup retries if swap_seq of the
 * namespace has changed.
 *
 * Connections: in a table of class %NF_DICT_KEY_CT, rows can be created only
 * for living connections, are deleted with them, and are found through them
 * without a hash (nf_dict_conn.c).
 *
 * Rules: a rule holds a use of each table and field that it names, and the
 * ruleset may declare tables. Both are part of an nf_tables transaction: what
 * they create is hidden until the commit (nf_dict_use.c, nf_dict_ruleset.c).
 * Rows are not part of transactions.
 *
 * Expiry: an expired row is no longer found. Its memory is freed by a work
 * item, which rests between its runs, or by a writer that may sleep, if the
 * table is full; never by packets.
 *
 * Lock order: mutex of the namespace; swap_lock; the lock of a row; one of
 * gc_lock, the lock of an atom, of a connection, and of a table's domains.
 */
#include "nf_dict_lookup.h"

/**
 * nf_dict_row_lookup - look up a row
 * @table: the table
 * @key: the key; in a table of domains, the exact name or suffix
 *
 * Context: any, under the RCU read lock, for which the row is valid.
 * Return: the row, or NULL if there is none or it has expired.
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
 * nf_dict_row_search - find a field whose hint is not valid
 * @row: the row
 * @field: name of the field
 * @hint: the hint; updated, but not each time
 * @spot: set to the place of the field, for nf_dict_row_get(), which returns
 *	whether the row has it
 *
 * Context: any, under the RCU read lock; takes no locks.
 * Return: false if the row has no such field.
 */
bool nf_dict_row_search(const struct nf_dict_row *row,
			const struct nf_dict_atom *field, unsigned long *hint,
			u64 *spot)
{
	const struct nf_dict_layout *layout;

	if (row->nfields) {
		/*
		 * Rows of a table usually have their fields in the same places.
		 * If not, update the hint only every 256th jiffy, as CPUs would
		 * contend for its cache line otherwise.
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
	/* All rows of a table have the same layout. */
	if (BITS_PER_LONG == 64)
		WRITE_ONCE(*hint, *spot);

	return true;
}

/**
 * nf_dict_row_read - read a field of a row
 * @row: the row
 * @field: name of the field
 * @hint: where to look first, see &nf_dict_level.hint, or NULL
 * @value: filled in; borrows its atom for the RCU read-side critical section
 *
 * Context: any, under the RCU read lock; takes no locks.
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
	key->conn = NULL;
	key->data = row->data + (row->key_type == NF_DICT_KEY_STRING);
}
EXPORT_SYMBOL_GPL(nf_dict_row_key);

/**
 * nf_dict_row_places - number of fields of a row, including missing declared
 * ones
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
 * @value: filled in; borrows its atom for the RCU read-side critical section
 *
 * Context: any, under the RCU read lock.
 * Return: name of the field, borrowed likewise, or NULL if the field is
 * missing.
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
 * nf_dict_row_expires - remaining lifetime of a row
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

	/* Rounding up to jiffies may have made it longer than the lifetime. */
	left = jiffies64_to_msecs(expires - now);
	if (timeout && left > timeout)
		left = timeout;

	return max_t(u64, 1, left);
}
EXPORT_SYMBOL_GPL(nf_dict_row_expires);
