// SPDX-License-Identifier: GPL-2.0-only
/*
 * Going through the rows of a table for a dump, which stops when its reader
 * does and goes on where it stopped, whatever was written meanwhile.
 */
#include "nf_dict_internal.h"

/**
 * nf_dict_iter_init - begin to go through a table
 * @iter: the iterator
 * @table: the table, to which the caller has a reference; the iterator takes
 *	one of its own
 *
 * Context: process. nf_dict_iter_exit() undoes it.
 */
void nf_dict_iter_init(struct nf_dict_iter *iter, struct nf_dict_table *table)
{
	struct nf_dict_rows *rows;

	rcu_read_lock();
	do {
		rows = rcu_dereference(table->rows);
	} while (!refcount_inc_not_zero(&rows->refs));
	rcu_read_unlock();

	refcount_inc(&table->refs);
	iter->table = table;
	iter->rows = rows;
	iter->p = NULL;
	iter->inconsistent = false;
	rhashtable_walk_enter(&rows->ht, &iter->walk);
}
EXPORT_SYMBOL_GPL(nf_dict_iter_init);

/**
 * nf_dict_iter_exit - end
 * @iter: the iterator, stopped
 *
 * Context: process; may sleep.
 */
void nf_dict_iter_exit(struct nf_dict_iter *iter)
{
	rhashtable_walk_exit(&iter->walk);
	nf_dict_rows_put(iter->rows);
	nf_dict_table_put(iter->table);
}
EXPORT_SYMBOL_GPL(nf_dict_iter_exit);

/**
 * nf_dict_iter_start - go on, until nf_dict_iter_stop()
 * @iter: the iterator
 *
 * Context: process. Enters an RCU read-side critical section.
 */
void nf_dict_iter_start(struct nf_dict_iter *iter) __acquires(RCU)
{
	if (rhashtable_walk_start_check(&iter->walk) == -EAGAIN)
		iter->inconsistent = true;
	/*
	 * The walk finds its place again by the row it stopped at. Without
	 * that row it goes by the number of rows it has passed in the bucket,
	 * which may have changed.
	 */
	if (iter->p && !iter->walk.p)
		iter->inconsistent = true;
	if (rcu_access_pointer(iter->table->rows) != iter->rows)
		iter->inconsistent = true;
}
EXPORT_SYMBOL_GPL(nf_dict_iter_start);

/* The walk tells -EAGAIN once when it starts again in a resized hash table. */
static const struct nf_dict_row *nf_dict_iter_skip(struct nf_dict_iter *iter,
						   struct nf_dict_row *row)
{
	for (; row; row = rhashtable_walk_next(&iter->walk)) {
		if (IS_ERR(row))
			iter->inconsistent = true;
		else if (!nf_dict_row_expired(row))
			break;
	}

	return row;
}

/**
 * nf_dict_iter_next - the next row
 * @iter: the iterator, started
 *
 * Context: process, between nf_dict_iter_start() and nf_dict_iter_stop(),
 * which keep the row.
 * Return: the row, or NULL at the end.
 */
const struct nf_dict_row *nf_dict_iter_next(struct nf_dict_iter *iter)
{
	return nf_dict_iter_skip(iter, rhashtable_walk_next(&iter->walk));
}
EXPORT_SYMBOL_GPL(nf_dict_iter_next);

/**
 * nf_dict_iter_peek - the row that nf_dict_iter_next() told last
 * @iter: the iterator, started
 *
 * For a dump that could not place that row and has stopped since.
 *
 * Context: as nf_dict_iter_next().
 * Return: the row, the first one if none was told yet, the one that came in
 * its place if it is gone, or NULL at the end.
 */
const struct nf_dict_row *nf_dict_iter_peek(struct nf_dict_iter *iter)
{
	return nf_dict_iter_skip(iter, rhashtable_walk_peek(&iter->walk));
}
EXPORT_SYMBOL_GPL(nf_dict_iter_peek);

/**
 * nf_dict_iter_stop - pause
 * @iter: the iterator, started
 *
 * Context: process. Leaves the RCU read-side critical section.
 */
void nf_dict_iter_stop(struct nf_dict_iter *iter) __releases(RCU)
{
	if (rcu_access_pointer(iter->table->rows) != iter->rows)
		iter->inconsistent = true;
	iter->p = iter->walk.p;
	rhashtable_walk_stop(&iter->walk);
}
EXPORT_SYMBOL_GPL(nf_dict_iter_stop);
