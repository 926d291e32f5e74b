// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rows that live and die with their connection: tables of class
 * %NF_DICT_KEY_CT.
 *
 * Why. A connection's id is made of an address and a tuple, so a later
 * connection may have the id of one that ended, and would inherit what was
 * known of it. Daemons miss events, or die, and leave stale rows.
 *
 * The rows are in the hash table of their contents, as in any other table:
 * dumps, flush, swap and limits work as usual. In addition, each living
 * connection of the namespace has an object, &struct nf_dict_conn, for as long
 * as there is such a table:
 *
 *	          .-----------------slot-------------.
 *	          |                                  v
 *	nf_conn --ext--> nf_dict_conn -----> nf_dict_row
 *	                      ^                      ^
 *	id -nf_dict_conns.heads'      id --rows.ht----'
 *
 * - By id it tells which ids are alive, that of a connection not yet confirmed
 *   included. A row is only created for a living one. If several living
 *   connections have one id, only the first has rows, and as nobody knows which
 *   of them is meant, writes by that id are refused, other than by packets of
 *   the first.
 * - From the connection it leads to a row without a hash. Only the rows in the
 *   first table that is written are found so, others as by id. The first packet
 *   that reads such a row notes it in the extension, the slot, where conntrack
 *   has looked already: those that follow touch nothing else but the row.
 *
 * The objects are in as many lists as conntrack's own hash table has. A new one
 * is added at the head, without a look at the others, each of which would be a
 * cache miss. So of those that have one id the last in the list came first, and
 * remains the last until it goes; a lookup by id goes through the whole list.
 *
 * How a connection goes. Conntrack calls nf_dict_conn_del(), once it is marked
 * as dying, or freed before it was confirmed. That marks the object as dead,
 * deletes the rows, and then takes the object out of its list, so that there is
 * no moment at which another connection could have the id and those rows. A
 * writer claims the object under its lock before it creates the first row, and
 * looks again whether it is dead under the row's lock, which the deletion
 * takes, too: either the writer sees that it is dead, or the deletion sees the
 * row. A packet names the object of its connection in the key, and does not
 * change a row once that object is dead, as the row may be that of another
 * connection. Swaps are seen by &nf_dict_ns.swap_seq; a table that is created
 * meanwhile cannot have a row of a connection that is dead already.
 *
 * Contents that were flushed are freed by a worker, later. Before it frees a
 * row it clears what leads to it, and the contents are freed after a grace
 * period, so that a reader who compares their address with that of the table's
 * contents cannot take others for them. A slot that was emptied is filled after
 * a grace period at the earliest, with whatever row: a reader who has found the
 * contents in it finds their row there, or none. Only the extension of a
 * confirmed connection has a slot, as others may move; it is not touched once
 * the object is dead, and of another generation it does not count.
 *
 * Packets in a flowtable meet no rules. A write that changes a field which a
 * rule reads calls &nf_dict_conn_ops.changed, which takes IPS_OFFLOAD from the
 * connection, and its packets meet the rules again. Meanwhile a packet on
 * another CPU, which has read the row as it was, may be about to offload it:
 *
 *	writer					packet
 *	write the row				read the row
 *	note the RCU state in the object	set IPS_OFFLOAD
 *	smp_mb()				(implies a full barrier)
 *	clear IPS_OFFLOAD			look at the RCU state
 *
 * Either the writer clears what the packet has set, or the packet sees the
 * state. If it has read the row as it was, its RCU section began before the
 * state was noted, and the grace period cannot be over: it takes the bit back.
 * A packet that has read the row as it is may do so in vain, and a later one
 * offloads the connection. Nothing is allocated for this, and no callback is
 * queued. Packets that wait request a grace period, at most once a tick, until
 * it is over: a state of one word can miss one, see
 * poll_state_synchronize_rcu().
 */
#include <linux/hash.h>
#include <linux/kmod.h>
#include <linux/module.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <net/net_namespace.h>
#include <net/netfilter/nf_conntrack_dict.h>

#include "nf_dict_lookup.h"

static const struct nf_dict_conn_ops *nf_dict_conn_ops __read_mostly;
static DEFINE_MUTEX(nf_dict_conn_mutex);

struct static_key_false nf_dict_conn_key __read_mostly = STATIC_KEY_FALSE_INIT;
EXPORT_SYMBOL_GPL(nf_dict_conn_key);

/* Under the RCU read lock. Connections may outlive the other data of @net. */
static struct nf_dict_conns *nf_dict_conns(struct net *net)
{
	struct nf_dict_ns *ns = nf_dict_ns(net);

	return ns ? rcu_dereference(ns->conns) : NULL;
}

static u32 nf_dict_conns_index(const struct nf_dict_conns *conns, u32 id)
{
	return reciprocal_scale(hash_32(id, 32), conns->size);
}

/*
 * Under the RCU read lock. The oldest object of that id in the list, dead or
 * not, or NULL.
 */
static struct nf_dict_conn *nf_dict_conns_find(struct nf_dict_conns *conns,
					       u64 num)
{
	struct nf_dict_conn *conn, *first = NULL;
	u32 id = num;

	if (!conns || num != id)
		return NULL;

	conn = rcu_dereference(conns->heads[nf_dict_conns_index(conns, id)]);
	for (; conn; conn = rcu_dereference(conn->next))
		if (conn->id == id)
			first = conn;

	return first;
}

/* Under the RCU read lock. The object of @ct, dead or not, or NULL. */
static struct nf_dict_conn *nf_dict_conns_find_ct(struct nf_dict_conns *conns,
						  u32 id, const void *ct)
{
	u32 index = nf_dict_conns_index(conns, id);
	struct nf_dict_conn *conn;

	conn = rcu_dereference(conns->heads[index]);
	while (conn && (conn->ct != ct || conn->id != id))
		conn = rcu_dereference(conn->next);

	return conn;
}

/* Under the RCU read lock. Whether a later connection has the same id. */
static bool nf_dict_conns_shared(struct nf_dict_conns *conns,
				 const struct nf_dict_conn *first)
{
	u32 index = nf_dict_conns_index(conns, first->id);
	struct nf_dict_conn *conn;

	conn = rcu_dereference(conns->heads[index]);
	for (; conn && conn != first; conn = rcu_dereference(conn->next))
		if (conn->id == first->id && !READ_ONCE(conn->dead))
			return true;

	return false;
}

/* Add an object. If its connection has one already, return that. */
static struct nf_dict_conn *nf_dict_conns_insert(struct nf_dict_conns *conns,
						 struct nf_dict_conn *conn,
						 bool is_new)
{
	u32 index = nf_dict_conns_index(conns, conn->id);
	struct nf_dict_conn *old = NULL;

	spin_lock_bh(&conns->locks[index % NF_DICT_CONN_LOCKS]);
	if (!is_new)
		old = nf_dict_conns_find_ct(conns, conn->id, conn->ct);
	if (!old) {
		RCU_INIT_POINTER(conn->next,
				 rcu_access_pointer(conns->heads[index]));
		rcu_assign_pointer(conns->heads[index], conn);
	}
	spin_unlock_bh(&conns->locks[index % NF_DICT_CONN_LOCKS]);

	return old;
}

/* Return whether it was in the list. Valid until the end of a grace period. */
static bool nf_dict_conns_remove(struct nf_dict_conns *conns,
				 const struct nf_dict_conn *conn)
{
	u32 index = nf_dict_conns_index(conns, conn->id);
	struct nf_dict_conn __rcu **link = &conns->heads[index];
	struct nf_dict_conn *pos;

	spin_lock_bh(&conns->locks[index % NF_DICT_CONN_LOCKS]);
	while ((pos = rcu_dereference(*link)) && pos != conn)
		link = &pos->next;
	if (pos)
		rcu_assign_pointer(*link, rcu_access_pointer(pos->next));
	spin_unlock_bh(&conns->locks[index % NF_DICT_CONN_LOCKS]);

	return pos;
}

/**
 * nf_dict_conn_gen - generation of the objects of a namespace
 * @net: namespace
 *
 * Context: any, under the RCU read lock.
 * Return: a number that changes when objects are freed other than by
 * nf_dict_conn_del(), as all are with the last table of connections; 0 if there
 * is no such table.
 */
u64 nf_dict_conn_gen(struct net *net)
{
	const struct nf_dict_conns *conns = nf_dict_conns(net);

	return conns ? conns->gen : 0;
}
EXPORT_SYMBOL_GPL(nf_dict_conn_gen);

/*
 * Of those that have one id, only the first may have rows. It stays the first
 * until it goes, as others are added before it in the list.
 */
static bool nf_dict_conn_owns(struct nf_dict_conns *conns,
			      struct nf_dict_conn *conn)
{
	if (likely(READ_ONCE(conn->owner)))
		return true;

	if (nf_dict_conns_find(conns, conn->id) != conn)
		return false;

	WRITE_ONCE(conn->owner, true);

	return true;
}

/**
 * nf_dict_conn_own - find the object of a packet's connection
 * @table: a table that has rows of connections
 * @ct: the connection, to which the caller has a reference
 * @ext: its extension, or NULL
 * @confirmed: it is confirmed, so that its extension does not move any more
 * @own: filled in
 *
 * Context: any but hard interrupts, under the RCU read lock, within which @own
 * is valid.
 * Return: whether the connection may have rows: it has an object, and the rows
 * of its id are not those of another connection.
 */
bool nf_dict_conn_own(const struct nf_dict_table *table, void *ct,
		      struct nf_conn_dict *ext, bool confirmed,
		      struct nf_dict_own *own)
{
	struct nf_dict_conns *conns = rcu_dereference(table->ns->conns);

	own->slot = NULL;
	if (!conns)
		return false;
	if (likely(ext && ext->gen == conns->gen)) {
		if (likely(confirmed))
			own->slot = ext;
		own->conn = READ_ONCE(ext->conn);
		/* If that leads to a row, the object need not be looked at. */
		if (likely(own->conn))
			return likely(READ_ONCE(ext->rows)) ||
			       nf_dict_conn_owns(conns, own->conn);
	}
	own->conn = conns->ops->find(conns->net, ct);

	return own->conn && nf_dict_conn_owns(conns, own->conn);
}
EXPORT_SYMBOL_GPL(nf_dict_conn_own);

/**
 * nf_dict_conn_find - find the object of a connection by its id
 * @net: namespace of the connection
 * @id: id of the connection
 * @ct: the connection
 *
 * Context: any, under the RCU read lock.
 * Return: the object, or NULL if the connection has none.
 */
struct nf_dict_conn *nf_dict_conn_find(struct net *net, u32 id, const void *ct)
{
	struct nf_dict_conns *conns = nf_dict_conns(net);
	struct nf_dict_conn *conn;

	if (!conns)
		return NULL;

	conn = nf_dict_conns_find_ct(conns, id, ct);

	return conn && !READ_ONCE(conn->dead) ? conn : NULL;
}
EXPORT_SYMBOL_GPL(nf_dict_conn_find);

/**
 * nf_dict_conn_add - find or create the object of a connection
 * @net: namespace of the connection
 * @id: its id
 * @ct: the connection
 * @is_new: no other CPU can see the connection yet, so it has no object
 *
 * Context: any but hard interrupts, under the RCU read lock.
 * Return: the object, valid until nf_dict_conn_del(), or NULL: there is no
 * table of connections, the connection has ended, or there is no memory.
 */
struct nf_dict_conn *nf_dict_conn_add(struct net *net, u32 id, void *ct,
				      bool is_new)
{
	struct nf_dict_conns *conns = nf_dict_conns(net);
	struct nf_dict_conn *conn, *old;

	if (!conns)
		return NULL;

	old = is_new ? NULL : nf_dict_conns_find_ct(conns, id, ct);
	if (old)
		return READ_ONCE(old->dead) ? NULL : old;

	conn = kzalloc_obj(*conn, GFP_ATOMIC | __GFP_NOWARN);
	if (!conn)
		return NULL;

	conn->id = id;
	conn->ct = ct;
	conn->changed = get_completed_synchronize_rcu();
	spin_lock_init(&conn->lock);
	seqcount_spinlock_init(&conn->seq, &conn->lock);
	old = nf_dict_conns_insert(conns, conn, is_new);
	if (!old)
		return conn;

	kfree(conn);

	return READ_ONCE(old->dead) ? NULL : old;
}
EXPORT_SYMBOL_GPL(nf_dict_conn_add);

/* Delete the rows of a connection that is dead. */
static void nf_dict_conn_drop_rows(struct nf_dict_ns *ns,
				   const struct nf_dict_conn *conn)
{
	const struct nf_dict_key key = {
		.type	= NF_DICT_KEY_INT,
		.len	= sizeof(u64),
		.num	= conn->id,
	};
	struct nf_dict_table *table;
	unsigned int seq;

	/* Pairs with nf_dict_conns_get(): dead before list, or reverse. */
	smp_mb();
	do {
		seq = read_seqcount_begin(&ns->swap_seq);
		list_for_each_entry_rcu(table, &ns->conn_tables, conn_list)
			nf_dict_row_gone(table, &key);
	} while (read_seqcount_retry(&ns->swap_seq, seq));
}

/* Under the object's lock. */
static void nf_dict_conn_empty_slot(struct nf_dict_conn *conn)
{
	WRITE_ONCE(conn->slot->rows, NULL);
	RCU_INIT_POINTER(conn->slot->row, NULL);
	conn->slot = NULL;
}

/**
 * nf_dict_conn_del - delete the object and the rows of a connection that ended
 * @net: namespace of the connection
 * @conn: its object, which may be deleted already; freed after a grace period
 *
 * Context: any but hard interrupts, under the RCU read lock.
 */
void nf_dict_conn_del(struct net *net, struct nf_dict_conn *conn)
{
	struct nf_dict_conns *conns = nf_dict_conns(net);
	bool dead, used;

	spin_lock_bh(&conn->lock);
	dead = conn->dead;
	used = conn->used;
	if (!dead && conn->slot)
		nf_dict_conn_empty_slot(conn);
	WRITE_ONCE(conn->dead, true);
	spin_unlock_bh(&conn->lock);
	/* Without a table, all objects and rows are freed anyway. */
	if (dead || !conns)
		return;

	if (used)
		nf_dict_conn_drop_rows(conns->ns, conn);

	/* The object may belong to earlier tables, which free it. */
	if (nf_dict_conns_remove(conns, conn))
		kfree_rcu(conn, rcu);
}
EXPORT_SYMBOL_GPL(nf_dict_conn_del);

/**
 * nf_dict_conn_claim - check that rows may be written for an id
 * @ns: namespace
 * @key: the id, and the connection if it is a packet of that which writes
 *
 * Context: any but hard interrupts, under the lock of the row, and thus the RCU
 * read lock.
 * Return: 0; -ENOENT if no living connection has that id, or that of the packet
 * has ended; -ENOTUNIQ if several have it.
 */
int nf_dict_conn_claim(struct nf_dict_ns *ns, const struct nf_dict_key *key)
{
	struct nf_dict_conns *conns = rcu_dereference(ns->conns);
	struct nf_dict_conn *conn = nf_dict_conns_find(conns, key->num);

	if (!conn || (key->conn && key->conn != conn))
		return -ENOENT;

	if (!READ_ONCE(conn->used)) {
		spin_lock_bh(&conn->lock);
		WRITE_ONCE(conn->used, !conn->dead);
		spin_unlock_bh(&conn->lock);
	}
	if (READ_ONCE(conn->dead))
		return -ENOENT;

	if (!key->conn && nf_dict_conns_shared(conns, conn))
		return -ENOTUNIQ;

	return 0;
}

/**
 * nf_dict_conn_link - have the object of a connection point to its row
 * @rows: contents
 * @row: a row that was just inserted
 *
 * Context: any but hard interrupts, under the lock of the row.
 */
void nf_dict_conn_link(struct nf_dict_rows *rows, struct nf_dict_row *row)
{
	struct nf_dict_conns *conns = rcu_dereference(rows->ns->conns);
	struct nf_dict_conn *conn = nf_dict_conns_find(conns, row->data[0]);

	if (!conn)
		return;

	spin_lock_bh(&conn->lock);
	if (conn->rows) {
		WRITE_ONCE(conn->more, true);
	} else {
		write_seqcount_begin(&conn->seq);
		WRITE_ONCE(conn->rows, rows);
		rcu_assign_pointer(conn->row, row);
		write_seqcount_end(&conn->seq);
	}
	spin_unlock_bh(&conn->lock);
}

/*
 * Return whether a grace period has ended since @state was noted. Otherwise
 * request one, at most once a tick, as a request takes a lock of RCU's.
 */
static bool nf_dict_conns_waited(struct nf_dict_conns *conns,
				 unsigned long state)
{
	unsigned long now = jiffies;

	if (likely(poll_state_synchronize_rcu(state)))
		return true;

	if (READ_ONCE(conns->asked) != now) {
		WRITE_ONCE(conns->asked, now);
		start_poll_synchronize_rcu();
	}

	return false;
}

/**
 * nf_dict_conn_move - have the object point to another row, or to none
 * @rows: contents
 * @old: the row that is replaced or deleted, which is freed after a grace
 *	period
 * @new: its successor, or NULL
 *
 * Context: any but hard interrupts, under the lock of the row; or @rows are not
 * those of a table any more.
 */
void nf_dict_conn_move(struct nf_dict_rows *rows, struct nf_dict_row *old,
		       struct nf_dict_row *new)
{
	struct nf_dict_conns *conns;
	struct nf_dict_conn *conn;

	rcu_read_lock();
	conns = rcu_dereference(rows->ns->conns);
	conn = nf_dict_conns_find(conns, old->data[0]);
	if (conn) {
		spin_lock_bh(&conn->lock);
		if (rcu_access_pointer(conn->row) == old) {
			write_seqcount_begin(&conn->seq);
			WRITE_ONCE(conn->rows, new ? rows : NULL);
			rcu_assign_pointer(conn->row, new);
			write_seqcount_end(&conn->seq);
			if (!conn->dead && conn->slot) {
				if (new) {
					rcu_assign_pointer(conn->slot->row, new);
				} else {
					nf_dict_conn_empty_slot(conn);
					WRITE_ONCE(conn->changed,
						   get_state_synchronize_rcu());
				}
			}
		}
		spin_unlock_bh(&conn->lock);
	}
	rcu_read_unlock();
}

/* Have the extension point to the row that the object points to. */
static void nf_dict_conn_fill_slot(struct nf_dict_conns *conns,
				   struct nf_dict_conn *conn,
				   struct nf_conn_dict *slot)
{
	struct nf_dict_row *row;

	if (!conns || !nf_dict_conns_waited(conns, READ_ONCE(conn->changed)))
		return;

	spin_lock_bh(&conn->lock);
	if (!conn->dead && !conn->slot && conn->rows &&
	    poll_state_synchronize_rcu(conn->changed)) {
		row = rcu_dereference_protected(conn->row,
						lockdep_is_held(&conn->lock));
		rcu_assign_pointer(slot->row, row);
		/* Pairs with nf_dict_own_row() and nf_dict_skb_row(). */
		smp_store_release(&slot->rows, conn->rows);
		conn->slot = slot;
	}
	spin_unlock_bh(&conn->lock);
}

/**
 * nf_dict_conn_row - find the row of a connection
 * @own: the connection
 * @rows: contents of a table of class %NF_DICT_KEY_CT
 *
 * Context: any but hard interrupts, under the RCU read lock. The lock of the
 * object is taken once for a row.
 * Return: the row, expired or not, or NULL.
 */
const struct nf_dict_row *nf_dict_conn_row(const struct nf_dict_own *own,
					   struct nf_dict_rows *rows)
{
	struct nf_dict_conn *conn = own->conn;
	const struct nf_dict_key key = {
		.type	= NF_DICT_KEY_INT,
		.len	= sizeof(u64),
		.num	= conn->id,
	};
	const struct nf_dict_probe probe = { .key = &key };
	const struct nf_dict_row *row;
	const struct nf_dict_rows *of;
	unsigned int seq;

	do {
		seq = read_seqcount_begin(&conn->seq);
		of = READ_ONCE(conn->rows);
		row = rcu_dereference(conn->row);
	} while (read_seqcount_retry(&conn->seq, seq));

	if (likely(of == rows)) {
		if (own->slot)
			nf_dict_conn_fill_slot(rcu_dereference(rows->ns->conns),
					       conn, own->slot);
		return row;
	}

	if (!READ_ONCE(conn->more))
		return NULL;

	row = nf_dict_rows_find(rows, &probe);
	/*
	 * Another connection of that id gets rows once the object of this one is
	 * dead.
	 */
	smp_rmb();

	return READ_ONCE(conn->dead) ? NULL : row;
}

/**
 * nf_dict_conn_changed - take a connection whose row changed from its flowtable
 * @ns: namespace
 * @num: id of the connection
 * @others: do not offload it before all packets are through that may have seen
 *	the old value. Not for what each packet changes, which would never be
 *	offloaded
 *
 * Context: any but hard interrupts, under the lock of the row, and thus the RCU
 * read lock.
 */
void nf_dict_conn_changed(struct nf_dict_ns *ns, u64 num, bool others)
{
	struct nf_dict_conns *conns = rcu_dereference(ns->conns);
	struct nf_dict_conn *conn = nf_dict_conns_find(conns, num);

	if (!conn || READ_ONCE(conn->dead))
		return;

	if (others) {
		spin_lock_bh(&conn->lock);
		/* Otherwise this may be the rcu_head already. */
		if (!conn->dead)
			WRITE_ONCE(conn->changed, get_state_synchronize_rcu());
		spin_unlock_bh(&conn->lock);
	}
	conns->ops->changed(conn->ct);
}

/**
 * nf_dict_conn_settled - check whether a connection may be offloaded
 * @net: namespace of the connection
 * @id: id of the connection
 * @ct: the connection
 *
 * Context: any but hard interrupts, under the RCU read lock.
 * Return: false if packets may still be in flight that have read an older
 * value.
 */
bool nf_dict_conn_settled(struct net *net, u32 id, const void *ct)
{
	struct nf_dict_conn *conn = nf_dict_conn_find(net, id, ct);
	struct nf_dict_conns *conns = nf_dict_conns(net);

	return !conn || !conns ||
	       (nf_dict_conns_waited(conns, READ_ONCE(conn->changed)) &&
		nf_dict_conns_waited(conns, READ_ONCE(conns->changed)));
}
EXPORT_SYMBOL_GPL(nf_dict_conn_settled);

static void nf_dict_conns_walk(struct nf_dict_conns *conns)
{
	struct nf_dict_conn *conn;
	u32 i;

	for (i = 0; i < conns->size; i++) {
		rcu_read_lock();
		conn = rcu_dereference(conns->heads[i]);
		for (; conn; conn = rcu_dereference(conn->next))
			if (READ_ONCE(conn->used) && !READ_ONCE(conn->dead))
				conns->ops->changed(conn->ct);
		rcu_read_unlock();
		cond_resched();
	}
}

/**
 * nf_dict_conns_changed - take all connections with rows from their flowtables
 * @ns: namespace
 *
 * Context: process, under the mutex; may sleep.
 */
void nf_dict_conns_changed(struct nf_dict_ns *ns)
{
	struct nf_dict_conns *conns;

	conns = rcu_dereference_protected(ns->conns,
					  lockdep_is_held(&ns->mutex));
	if (!conns)
		return;

	WRITE_ONCE(conns->changed, get_state_synchronize_rcu());
	nf_dict_conns_walk(conns);
}

static void nf_dict_conns_free(struct nf_dict_conns *conns)
{
	struct nf_dict_conn *conn, *next;
	u32 i;

	for (i = 0; i < conns->size; i++) {
		conn = rcu_dereference_raw(conns->heads[i]);
		for (; conn; conn = next) {
			next = rcu_dereference_raw(conn->next);
			kfree(conn);
		}
		cond_resched();
	}
	kvfree(conns->heads);
	kvfree(conns);
}

static void nf_dict_conns_free_work(struct work_struct *work)
{
	struct nf_dict_conns *conns = container_of(to_rcu_work(work),
						   struct nf_dict_conns,
						   free_work);
	struct nf_dict_ns *ns = conns->ns;

	nf_dict_conns_free(conns);
	nf_dict_ns_put(ns);
}

static struct nf_dict_conns *
nf_dict_conns_alloc(struct nf_dict_ns *ns, const struct nf_dict_conn_ops *ops)
{
	struct nf_dict_conns *conns;
	unsigned int i;

	conns = kvzalloc_obj(*conns, GFP_KERNEL_ACCOUNT);
	if (!conns)
		return NULL;

	conns->size = READ_ONCE(*ops->max);
	conns->heads = kvcalloc(conns->size, sizeof(*conns->heads),
				GFP_KERNEL_ACCOUNT);
	if (!conns->heads) {
		kvfree(conns);
		return NULL;
	}
	for (i = 0; i < NF_DICT_CONN_LOCKS; i++)
		spin_lock_init(&conns->locks[i]);
	conns->net = ns->net;
	conns->ns = ns;
	conns->ops = ops;
	conns->gen = get_random_u64() | 1;
	conns->changed = get_completed_synchronize_rcu();
	refcount_inc(&ns->refs);
	INIT_RCU_WORK(&conns->free_work, nf_dict_conns_free_work);

	return conns;
}

/* Under the mutex: the first table of a namespace. */
static int nf_dict_conns_begin(struct nf_dict_ns *ns)
{
	const struct nf_dict_conn_ops *ops = NULL;
	struct nf_dict_conns *conns;

	mutex_lock(&nf_dict_conn_mutex);
	if (nf_dict_conn_ops && try_module_get(nf_dict_conn_ops->owner))
		ops = nf_dict_conn_ops;
	mutex_unlock(&nf_dict_conn_mutex);
	if (!ops)
		return -EOPNOTSUPP;

	conns = nf_dict_conns_alloc(ns, ops);
	if (!conns) {
		module_put(ops->owner);
		return -ENOMEM;
	}

	static_branch_inc(&nf_dict_conn_key);
	rcu_assign_pointer(ns->conns, conns);
	conns->ops->enable(conns->net);

	return 0;
}

/**
 * nf_dict_conns_request - load the module nf_dict_ct unless it is registered
 *
 * Context: process; may sleep.
 */
void nf_dict_conns_request(void)
{
	bool missing;

	mutex_lock(&nf_dict_conn_mutex);
	missing = !nf_dict_conn_ops;
	mutex_unlock(&nf_dict_conn_mutex);
	if (missing)
		request_module("nf_dict_ct");
}

/**
 * nf_dict_conns_get - begin to have rows of connections in a table
 * @table: the table, which cannot be written to yet
 *
 * Context: process, under the mutex; may sleep.
 * Return: 0; -EOPNOTSUPP if there is no connection tracking; -ENOMEM.
 */
int nf_dict_conns_get(struct nf_dict_table *table)
{
	struct nf_dict_ns *ns = table->ns;
	int err;

	if (list_empty(&ns->conn_tables)) {
		err = nf_dict_conns_begin(ns);
		if (err)
			return err;
	}
	list_add_tail_rcu(&table->conn_list, &ns->conn_tables);
	smp_mb(); /* See nf_dict_conn_drop_rows(). */

	return 0;
}

/**
 * nf_dict_conns_put - undo nf_dict_conns_get()
 * @table: the table, which is freed or added again after a grace period
 *
 * Context: process, under the mutex; may sleep.
 */
void nf_dict_conns_put(struct nf_dict_table *table)
{
	struct nf_dict_ns *ns = table->ns;
	struct nf_dict_conns *conns;

	list_del_rcu(&table->conn_list);
	if (!list_empty(&ns->conn_tables))
		return;

	conns = rcu_dereference_protected(ns->conns,
					  lockdep_is_held(&ns->mutex));
	conns->ops->disable(conns->net);
	RCU_INIT_POINTER(ns->conns, NULL);
	static_branch_dec(&nf_dict_conn_key);
	module_put(conns->ops->owner);
	queue_rcu_work(nf_dict_wq, &conns->free_work);
}

/**
 * nf_dict_conn_register - register the source of connections
 * @ops: its operations
 *
 * Context: process; may sleep.
 * Return: 0; -EBUSY if there is one already.
 */
int nf_dict_conn_register(const struct nf_dict_conn_ops *ops)
{
	int err = 0;

	mutex_lock(&nf_dict_conn_mutex);
	if (nf_dict_conn_ops)
		err = -EBUSY;
	else
		nf_dict_conn_ops = ops;
	mutex_unlock(&nf_dict_conn_mutex);

	return err;
}
EXPORT_SYMBOL_GPL(nf_dict_conn_register);

/**
 * nf_dict_conn_unregister - undo nf_dict_conn_register()
 * @ops: the same; no namespace uses them
 *
 * Context: process; may sleep.
 */
void nf_dict_conn_unregister(const struct nf_dict_conn_ops *ops)
{
	mutex_lock(&nf_dict_conn_mutex);
	WARN_ON_ONCE(nf_dict_conn_ops != ops);
	nf_dict_conn_ops = NULL;
	mutex_unlock(&nf_dict_conn_mutex);
	/* Conntrack may still be calling it. */
	synchronize_rcu();
}
EXPORT_SYMBOL_GPL(nf_dict_conn_unregister);
