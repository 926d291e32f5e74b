/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Dict tables whose rows are deleted with their connection.
 */
#ifndef _NF_CONNTRACK_DICT_H
#define _NF_CONNTRACK_DICT_H

#include <linux/jump_label.h>
#include <linux/rcupdate.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_extend.h>

struct nf_dict_conn;
struct nf_dict_row;
struct nf_dict_rows;

/**
 * struct nf_conn_dict - extension of a connection
 * @conn: the object that nf_dict has for the connection, or NULL
 * @gen: generation of the other members, which are stale if it differs from
 *	nf_dict_conn_gen()
 * @rows: contents of the table that has @row, or NULL
 * @row: row of the connection in @rows, cached for packets; NULL if it is being
 *	deleted
 */
struct nf_conn_dict {
	struct nf_dict_conn		*conn;
	u64				gen;
	const struct nf_dict_rows	*rows;
	struct nf_dict_row __rcu	*row;
};

/**
 * struct nf_ct_dict_hook - callbacks of conntrack
 * @add: a connection is new; the caller holds a reference to @ct or the lock of
 *	its hash bucket
 * @del: a connection is dying, or is freed before it was confirmed
 * @may_offload: returns whether no packet can still act on old rows of the
 *	connection
 *
 * All are called under the RCU read lock and must not sleep.
 */
struct nf_ct_dict_hook {
	void (*add)(struct nf_conn *ct);
	void (*del)(struct nf_conn *ct);
	bool (*may_offload)(struct nf_conn *ct);
};

/* The id in the byte order in which rules and userspace use it; 0: unknown. */
static inline u32 nf_ct_dict_number(u32 id)
{
	return be32_to_cpu((__force __be32)id);
}

#if IS_ENABLED(CONFIG_NF_DICT_CT)
DECLARE_STATIC_KEY_FALSE(nf_ct_dict_key);
extern const struct nf_ct_dict_hook __rcu *nf_ct_dict_hook;

static inline struct nf_conn_dict *nf_ct_dict_ext_find(const struct nf_conn *ct)
{
	return nf_ct_ext_find(ct, NF_CT_EXT_DICT);
}

static inline void nf_ct_dict_add(struct nf_conn *ct)
{
	const struct nf_ct_dict_hook *hook;

	if (!static_branch_unlikely(&nf_ct_dict_key))
		return;

	rcu_read_lock();
	hook = rcu_dereference(nf_ct_dict_hook);
	if (hook)
		hook->add(ct);
	rcu_read_unlock();
}

static inline void nf_ct_dict_del(struct nf_conn *ct)
{
	const struct nf_ct_dict_hook *hook;

	if (!static_branch_unlikely(&nf_ct_dict_key))
		return;

	rcu_read_lock();
	hook = rcu_dereference(nf_ct_dict_hook);
	if (hook)
		hook->del(ct);
	rcu_read_unlock();
}

/*
 * Called by a packet after its rule has set IPS_OFFLOAD: return whether what
 * the rules read about the connection is still valid.
 */
static inline bool nf_ct_dict_may_offload(struct nf_conn *ct)
{
	const struct nf_ct_dict_hook *hook;
	bool may;

	if (!static_branch_unlikely(&nf_ct_dict_key))
		return true;

	rcu_read_lock();
	hook = rcu_dereference(nf_ct_dict_hook);
	may = !hook || hook->may_offload(ct);
	rcu_read_unlock();

	return may;
}
#else
static inline void nf_ct_dict_add(struct nf_conn *ct)
{
}

static inline void nf_ct_dict_del(struct nf_conn *ct)
{
}

static inline bool nf_ct_dict_may_offload(struct nf_conn *ct)
{
	return true;
}
#endif /* CONFIG_NF_DICT_CT */

#endif /* _NF_CONNTRACK_DICT_H */
