/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Dict tables whose rows go when their connection does.
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
 * @conn: what nf_dict has of the connection, or NULL
 * @gen: the generation of all of this; of another one, it is not valid any more
 * @rows: contents of a table that have @row, or NULL
 * @row: its row there, so that packets look at nothing else; NULL if it is
 *	being deleted
 */
struct nf_conn_dict {
	struct nf_dict_conn		*conn;
	u64				gen;
	const struct nf_dict_rows	*rows;
	struct nf_dict_row __rcu	*row;
};

/**
 * struct nf_ct_dict_hook - what is told of connections
 * @add: one begins; the caller has a reference to @ct, or the lock of its hash
 *	bucket
 * @del: one goes: it is dying, or freed before it was confirmed
 * @may_offload: whether all packets that the rules see have seen the rows of the
 *	connection as they are
 *
 * All are called under the RCU read lock.
 */
struct nf_ct_dict_hook {
	void (*add)(struct nf_conn *ct);
	void (*del)(struct nf_conn *ct);
	bool (*may_offload)(struct nf_conn *ct);
};

/* The number that rules and user space know the id as; 0 if it is not known. */
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
 * Called by a packet whose rules have put IPS_OFFLOAD on its connection: whether
 * what they read of it is still so.
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
