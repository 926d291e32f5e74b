// SPDX-License-Identifier: GPL-2.0-only
/*
 * Contents of a table as a whole: allocation, expiry, freezing.
 */
#include <linux/overflow.h>
#include <linux/random.h>
#include <linux/slab.h>

#include "nf_dict_lookup.h"

/* Reclaim a row that the walk found expired, if it still is. */
static bool nf_dict_row_expire(struct nf_dict_table *table,
			       struct nf_dict_rows *rows,
			       struct nf_dict_row *row)
{
	struct nf_dict_probe probe;
	struct nf_dict_lock *lock;
	struct nf_dict_key key;

	nf_dict_probe_row(&probe, &key, row);
	lock = nf_dict_rows_lock_of(rows, &probe);

	spin_lock_bh(&lock->lock);
	/* Not if it has a successor, or has moved to another table. */
	if (!nf_dict_rows_settled(table, rows) ||
	    nf_dict_rows_lookup(rows, &probe) != row ||
	    !nf_dict_row_expired(row)) {
		spin_unlock_bh(&lock->lock);
		return false;
	}
	nf_dict_row_unlink(table, rows, lock, row);
	atomic64_inc(&table->expired);
	nf_dict_row_notify(table, NF_DICT_EV_ROW_EXPIRED, row, NULL, 0);
	spin_unlock_bh(&lock->lock);

	nf_dict_row_free(rows->ns, row);

	return true;
}

/* Reschedule if needed. Return whether the walk may have lost its position. */
static bool nf_dict_walk_pause(struct rhashtable_iter *walk)
{
	const void *place = walk->p;

	rhashtable_walk_stop(walk);
	cond_resched();

	/* If its last row was removed, it only knows how many rows to skip. */
	return rhashtable_walk_start_check(walk) || (place && !walk->p);
}

/* Wait until all current writers have finished; takes each lock once. */
static void nf_dict_rows_sync(struct nf_dict_rows *rows)
{
	unsigned int i;

	for (i = 0; i <= rows->lock_mask; i++) {
		spin_lock_bh(&rows->locks[i].lock);
		spin_unlock_bh(&rows->locks[i].lock);
	}
}

/* Reclaim expired rows, and return when the next one expires. */
static u64 nf_dict_rows_walk(struct nf_dict_table *table,
			     struct nf_dict_rows *rows)
{
	u64 expires, now = get_jiffies_64(), next = NF_DICT_NEVER;
	struct rhashtable_iter walk;
	struct nf_dict_row *row;
	unsigned int n = 0;

	/* Rows written from now on update @due; the walk finds the others. */
	atomic64_set(&rows->due, NF_DICT_NEVER);
	nf_dict_rows_sync(rows);

	rhashtable_walk_enter(&rows->ht, &walk);
	rhashtable_walk_start(&walk);
	while ((row = rhashtable_walk_next(&walk))) {
		if (IS_ERR(row)) {
			/* Resized: the walk restarts in the new hash table. */
			next = now;
			continue;
		}
		if (nf_dict_row_expired(row) &&
		    nf_dict_row_expire(table, rows, row))
			continue;
		expires = nf_dict_row_load(row, &row->expires);
		if (expires)
			next = min(next, expires);
		if (++n % 256 == 0 && nf_dict_walk_pause(&walk))
			next = now;
	}
	rhashtable_walk_stop(&walk);
	rhashtable_walk_exit(&walk);

	nf_dict_rows_note(rows, next);

	return next;
}

/**
 * nf_dict_rows_expire - reclaim expired rows of a table
 * @table: the table, to which the caller has a reference
 *
 * Waits if another task does that already.
 *
 * Context: process; may sleep.
 * Return: when the next row expires, in jiffies, or %NF_DICT_NEVER.
 */
u64 nf_dict_rows_expire(struct nf_dict_table *table)
{
	struct nf_dict_rows *rows;
	u64 next, now;

	rcu_read_lock();
	rows = rcu_dereference(table->rows);
	next = atomic64_read(&rows->due);
	now = get_jiffies_64();
	if (next > now && !mutex_is_locked(&rows->walk_mutex))
		rows = NULL;
	else if (!refcount_inc_not_zero(&rows->refs))
		rows = NULL;
	rcu_read_unlock();
	if (!rows)
		return next;

	mutex_lock(&rows->walk_mutex);
	next = atomic64_read(&rows->due);
	now = get_jiffies_64();
	if (next <= now)
		next = nf_dict_rows_walk(table, rows);
	mutex_unlock(&rows->walk_mutex);
	nf_dict_rows_put(rows);

	return next;
}

/**
 * nf_dict_rows_alloc - allocate empty contents for a table
 * @ns: namespace, to which the contents take a reference
 * @key_class: class that all keys must have, %NF_DICT_KEY_UNSPEC: any
 * @decls: declaration of the table, or NULL
 *
 * Context: process, under the mutex; may sleep.
 * Return: the contents, with one reference, or ERR_PTR(-ENOMEM).
 */
struct nf_dict_rows *nf_dict_rows_alloc(struct nf_dict_ns *ns, u8 key_class,
					const struct nf_dict_decls *decls)
{
	unsigned int i, locks;
	struct nf_dict_rows *rows;
	int err;

	locks = roundup_pow_of_two(num_possible_cpus() * 4);
	if (num_possible_cpus() == 1)
		locks = 1;
	locks = min_t(unsigned int, locks, NF_DICT_ROW_LOCKS_MAX);

	rows = kzalloc(struct_size(rows, locks, locks), GFP_KERNEL_ACCOUNT);
	if (!rows)
		return ERR_PTR(-ENOMEM);

	err = nf_dict_layout_create(ns, decls, &rows->layout);
	if (err)
		goto err_rows;
	if (key_class == NF_DICT_KEY_DOMAIN) {
		rows->domains = nf_dict_domains_alloc();
		err = -ENOMEM;
		if (!rows->domains)
			goto err_layout;
	}
	err = rhashtable_init(&rows->ht, &nf_dict_row_params);
	if (err)
		goto err_domains;

	for (i = 0; i < locks; i++)
		spin_lock_init(&rows->locks[i].lock);
	rows->lock_mask = locks - 1;
	rows->lock_seed = get_random_u32();
	rows->key_class = key_class;
	atomic64_set(&rows->due, NF_DICT_NEVER);
	mutex_init(&rows->walk_mutex);
	refcount_set(&rows->refs, 1);
	refcount_inc(&ns->refs);
	rows->ns = ns;

	return rows;

err_domains:
	nf_dict_domains_free(rows->domains);
err_layout:
	nf_dict_layout_destroy(ns, rows->layout);
err_rows:
	kfree(rows);
	return ERR_PTR(err);
}

static void nf_dict_rows_free_row(void *ptr, void *arg)
{
	struct nf_dict_rows *rows = arg;

	if (rows->key_class == NF_DICT_KEY_CT)
		nf_dict_conn_move(rows, ptr, NULL);
	nf_dict_row_free(rows->ns, ptr);
}

static void nf_dict_rows_free_work(struct work_struct *work)
{
	struct nf_dict_rows *rows = container_of(to_rcu_work(work),
						 struct nf_dict_rows,
						 free_work);
	struct nf_dict_ns *ns = rows->ns;

	rhashtable_free_and_destroy(&rows->ht, nf_dict_rows_free_row, rows);
	nf_dict_layout_destroy(ns, rows->layout);
	mutex_destroy(&rows->walk_mutex);
	nf_dict_domains_free(rows->domains);
	/* Readers may still compare this address with that in a slot. */
	kfree_rcu(rows, free_work.rcu);
	nf_dict_ns_put(ns);
}

/**
 * nf_dict_rows_put - drop a reference to contents
 * @rows: the contents; after the last reference was dropped, a worker frees
 *	them after a grace period
 *
 * Context: any but hard interrupts.
 */
void nf_dict_rows_put(struct nf_dict_rows *rows)
{
	if (!refcount_dec_and_test(&rows->refs))
		return;

	INIT_RCU_WORK(&rows->free_work, nf_dict_rows_free_work);
	queue_rcu_work(nf_dict_wq, &rows->free_work);
}

/**
 * nf_dict_rows_freeze - exclude all writers
 * @rows: the contents of a table; any number of contents may be frozen
 *
 * Writes in progress are complete when this returns. Later ones wait until the
 * caller releases the lock. No two row locks are held at once.
 *
 * Context: under &nf_dict_ns.swap_lock.
 */
void nf_dict_rows_freeze(struct nf_dict_rows *rows)
{
	lockdep_assert_held(&rows->ns->swap_lock);
	WRITE_ONCE(rows->frozen, true);
	nf_dict_rows_sync(rows);
}

/**
 * nf_dict_rows_thaw - undo nf_dict_rows_freeze()
 * @rows: the contents
 *
 * Context: as nf_dict_rows_freeze().
 */
void nf_dict_rows_thaw(struct nf_dict_rows *rows)
{
	/* After the move, pairs with nf_dict_rows_settled(). */
	smp_store_release(&rows->frozen, false);
}

/**
 * nf_dict_rows_bytes - memory of rows, their atoms, and hash buckets
 * @rows: the contents
 *
 * Context: process, under the RCU read lock.
 * Return: bytes.
 */
u64 nf_dict_rows_bytes(struct nf_dict_rows *rows)
{
	const struct bucket_table *tbl = rht_dereference_rcu(rows->ht.tbl,
							     &rows->ht);
	s64 bytes = 0;
	unsigned int i;

	for (i = 0; i <= rows->lock_mask; i++) {
		spin_lock_bh(&rows->locks[i].lock);
		bytes += rows->locks[i].bytes;
		spin_unlock_bh(&rows->locks[i].lock);
	}

	return bytes + struct_size(rows, locks, rows->lock_mask + 1) +
	       struct_size(tbl, buckets, tbl->size);
}
