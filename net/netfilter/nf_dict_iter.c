// SPDX-License-Identifier: GPL-2.0-only
/*
 * Walking the rows of a table for a dump. The walk can pause at any row and
 * continue there, whatever was written meanwhile.
 *
 * DOC: No row missing, none twice
 *
 * rhashtable's own walk restarts when the hash table was resized, and may lose
 * its position in a bucket. Here, rows are returned in a fixed order: by
 * bucket, and by key within a bucket. So the last key determines which rows of
 * a hash table were returned:
 *
 *	bucket   0    1    2    3    4    5 ...
 *	        a,d   -    c   b,f   e    g
 *	                       ^ last was b: a, d, c, b were returned, f, e, g not
 *
 * This also holds for rows that were deleted or have moved to another hash
 * table. After a resize, the walk keeps its position in the old hash table,
 * with the seed and the size that determine a key's bucket, starts at the
 * beginning of the new one, and skips rows that were returned according to any
 * of the positions kept.
 *
 * During a resize, the rows of a bucket may be in either hash table. The walk
 * waits for its end, and discards what it found in a bucket if a resize began
 * meanwhile.
 */
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "nf_dict_lookup.h"

/* Buckets and rows to visit before cond_resched(). */
#define NF_DICT_ITER_BURST	256
/* Longest wait for a resize, in jiffies. */
#define NF_DICT_ITER_WAIT	(30 * HZ)

static bool nf_dict_place_is_in(const struct nf_dict_place *place,
				const struct bucket_table *tbl)
{
	return place->tbl == tbl && place->seed == tbl->hash_rnd &&
	       place->size == tbl->size;
}

static void nf_dict_place_init(struct nf_dict_place *place,
			       const struct bucket_table *tbl)
{
	place->tbl = tbl;
	place->seed = tbl->hash_rnd;
	place->size = tbl->size;
	place->bucket = 0;
	place->key_type = NF_DICT_KEY_UNSPEC;
}

/* Whether @row is before @place in that hash table, so that it was returned. */
static bool nf_dict_place_after(const struct nf_dict_place *place,
				const struct nf_dict_row *row)
{
	u32 bucket = nf_dict_row_obj_hashfn(row, 0, place->seed) &
		     (place->size - 1);
	struct nf_dict_key key;
	int cmp;

	if (bucket != place->bucket)
		return bucket < place->bucket;
	if (place->key_type == NF_DICT_KEY_UNSPEC)
		return false;

	nf_dict_row_key(row, &key);
	cmp = key.type - place->key_type ?: key.len - place->key_len ?:
	      memcmp(key.data, place->key, key.len);

	return place->returned ? cmp <= 0 : cmp < 0;
}

static void nf_dict_place_set(struct nf_dict_place *place,
			      const struct nf_dict_row *row)
{
	struct nf_dict_key key;

	BUILD_BUG_ON(sizeof(place->key) < type_max(typeof(row->key_len)));

	nf_dict_row_key(row, &key);
	place->key_type = key.type;
	place->key_len = key.len;
	memcpy(place->key, key.data, key.len);
	place->returned = false;
}

/**
 * nf_dict_iter_init - start to walk a table
 * @iter: the iterator
 * @table: the table, to which the caller holds a reference; the iterator takes
 *	another one
 *
 * Context: process. Undone by nf_dict_iter_exit().
 */
void nf_dict_iter_init(struct nf_dict_iter *iter, struct nf_dict_table *table)
{
	struct nf_dict_rows *rows;

	rcu_read_lock();
	do {
		rows = rcu_dereference(table->rows);
	} while (!refcount_inc_not_zero(&rows->refs));
	nf_dict_place_init(&iter->first,
			   rht_dereference_rcu(rows->ht.tbl, &rows->ht));
	rcu_read_unlock();

	refcount_inc(&table->refs);
	iter->table = table;
	iter->rows = rows;
	iter->first.older = NULL;
	iter->place = &iter->first;
	iter->last = NULL;
	iter->nplaces = 1;
	iter->settled = true;
	iter->inconsistent = false;
}
EXPORT_SYMBOL_GPL(nf_dict_iter_init);

/**
 * nf_dict_iter_exit - end a walk and release its references
 * @iter: the iterator, stopped
 *
 * Context: process; may sleep.
 */
void nf_dict_iter_exit(struct nf_dict_iter *iter)
{
	struct nf_dict_place *older;

	for (; iter->place != &iter->first; iter->place = older) {
		older = iter->place->older;
		kfree(iter->place);
	}
	nf_dict_rows_put(iter->rows);
	nf_dict_table_put(iter->table);
}
EXPORT_SYMBOL_GPL(nf_dict_iter_exit);

/* Go to the start of a new hash table, keeping the position in the old one. */
static void nf_dict_iter_enter(struct nf_dict_iter *iter,
			       const struct nf_dict_place *in)
{
	struct nf_dict_place *place = iter->place;

	/* If nothing was returned from the old one, reuse its position. */
	if (place->bucket || place->key_type != NF_DICT_KEY_UNSPEC) {
		place = NULL;
		if (iter->nplaces < NF_DICT_ITER_PLACES_MAX)
			place = kmalloc(sizeof(*place), GFP_KERNEL_ACCOUNT);
		if (place) {
			place->older = iter->place;
			iter->place = place;
			iter->nplaces++;
		} else {
			place = iter->place;
			iter->inconsistent = true;
		}
	}
	place->tbl = in->tbl;
	place->seed = in->seed;
	place->size = in->size;
	place->bucket = 0;
	place->key_type = NF_DICT_KEY_UNSPEC;
	if (iter->last == place)
		iter->last = NULL;
}

/* Wait for the end of a resize that is in progress. */
static void nf_dict_iter_settle(struct nf_dict_iter *iter)
{
	struct rhashtable *ht = &iter->rows->ht;
	unsigned long end = jiffies + NF_DICT_ITER_WAIT;
	struct nf_dict_place in;
	struct bucket_table *tbl;
	bool same;

	for (;;) {
		rcu_read_lock();
		tbl = rht_dereference_rcu(ht->tbl, ht);
		iter->settled = !rcu_access_pointer(tbl->future_tbl);
		same = nf_dict_place_is_in(iter->place, tbl);
		nf_dict_place_init(&in, tbl);
		rcu_read_unlock();

		if (iter->settled)
			break;
		if (time_after(jiffies, end) || fatal_signal_pending(current)) {
			iter->inconsistent = true;
			break;
		}
		schedule_timeout_killable(1);
	}
	if (!same)
		nf_dict_iter_enter(iter, &in);
}

/**
 * nf_dict_iter_start - continue a walk, until nf_dict_iter_stop()
 * @iter: the iterator
 *
 * Context: process; may sleep. Enters an RCU read-side critical section.
 */
void nf_dict_iter_start(struct nf_dict_iter *iter) __acquires(RCU)
{
	nf_dict_iter_settle(iter);
	rcu_read_lock();
	if (rcu_access_pointer(iter->table->rows) != iter->rows)
		iter->inconsistent = true;
	iter->burst = 0;
}
EXPORT_SYMBOL_GPL(nf_dict_iter_start);

static bool nf_dict_iter_wants(const struct nf_dict_iter *iter,
			       const struct nf_dict_row *row)
{
	const struct nf_dict_place *place;

	if (nf_dict_row_expired(row))
		return false;
	for (place = iter->place; place; place = place->older)
		if (nf_dict_place_after(place, row))
			return false;

	return true;
}

static bool nf_dict_row_before(const struct nf_dict_row *a,
			       const struct nf_dict_row *b)
{
	struct nf_dict_key x, y;

	nf_dict_row_key(a, &x);
	nf_dict_row_key(b, &y);

	return (x.type - y.type ?: x.len - y.len ?:
		memcmp(x.data, y.data, x.len)) < 0;
}

/* The first row of the current bucket that was not returned yet, or NULL. */
static const struct nf_dict_row *
nf_dict_iter_bucket(struct nf_dict_iter *iter, const struct bucket_table *tbl)
{
	const struct nf_dict_row *row, *first = NULL;
	struct rhash_head *head;

	rht_for_each_rcu(head, tbl, iter->place->bucket) {
		row = container_of(head, struct nf_dict_row, node);
		if (nf_dict_iter_wants(iter, row) &&
		    (!first || nf_dict_row_before(row, first)))
			first = row;
		iter->burst++;
	}

	return first;
}

/* The next row, NULL at the end, or ERR_PTR(-EAGAIN): pause and retry. */
static const struct nf_dict_row *nf_dict_iter_find(struct nf_dict_iter *iter)
{
	struct rhashtable *ht = &iter->rows->ht;
	struct nf_dict_place *place = iter->place;
	const struct nf_dict_row *row;
	struct bucket_table *tbl;

	tbl = rht_dereference_rcu(ht->tbl, ht);
	if (!nf_dict_place_is_in(place, tbl))
		return ERR_PTR(-EAGAIN);

	while (place->bucket < place->size) {
		row = nf_dict_iter_bucket(iter, tbl);
		/* Rows move only after future_tbl was set. */
		smp_rmb();
		if (iter->settled && rcu_access_pointer(tbl->future_tbl))
			return ERR_PTR(-EAGAIN);
		if (row) {
			nf_dict_place_set(place, row);
			iter->last = place;
			return row;
		}
		place->bucket++;
		place->key_type = NF_DICT_KEY_UNSPEC;
		if (++iter->burst >= NF_DICT_ITER_BURST)
			return ERR_PTR(-EAGAIN);
	}

	return NULL;
}

/**
 * nf_dict_iter_peek - the row that nf_dict_iter_next() returned last
 * @iter: the iterator, started
 *
 * For a dump that had no room for that row and has paused since.
 *
 * Context: as nf_dict_iter_next().
 * Return: that row, the next one if it was deleted, the first one if none was
 * returned yet, or NULL at the end.
 */
const struct nf_dict_row *nf_dict_iter_peek(struct nf_dict_iter *iter)
{
	const struct nf_dict_row *row;

	for (;;) {
		row = nf_dict_iter_find(iter);
		if (!IS_ERR(row))
			return row;
		nf_dict_iter_stop(iter);
		cond_resched();
		nf_dict_iter_start(iter);
	}
}
EXPORT_SYMBOL_GPL(nf_dict_iter_peek);

/**
 * nf_dict_iter_next - advance to the next row
 * @iter: the iterator, started
 *
 * Every row that exists from nf_dict_iter_init() to the end of the walk is
 * returned, and no row twice, unless &nf_dict_iter.inconsistent gets set.
 *
 * Context: process, between nf_dict_iter_start() and nf_dict_iter_stop(). May
 * leave the RCU read-side critical section and sleep, so the row is valid only
 * until the next call.
 * Return: the row, or NULL at the end.
 */
const struct nf_dict_row *nf_dict_iter_next(struct nf_dict_iter *iter)
{
	if (iter->last)
		iter->last->returned = true;
	if (iter->burst >= NF_DICT_ITER_BURST) {
		nf_dict_iter_stop(iter);
		cond_resched();
		nf_dict_iter_start(iter);
	}

	return nf_dict_iter_peek(iter);
}
EXPORT_SYMBOL_GPL(nf_dict_iter_next);

/**
 * nf_dict_iter_stop - pause a walk
 * @iter: the iterator, started
 *
 * Context: process. Leaves the RCU read-side critical section.
 */
void nf_dict_iter_stop(struct nf_dict_iter *iter) __releases(RCU)
{
	if (rcu_access_pointer(iter->table->rows) != iter->rows)
		iter->inconsistent = true;
	rcu_read_unlock();
}
EXPORT_SYMBOL_GPL(nf_dict_iter_stop);
