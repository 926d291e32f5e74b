// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tells nf_dict which connections exist.
 *
 * Conntrack calls this module for each connection that begins or ends, if some
 * namespace has a table of class %NF_DICT_KEY_CT. Extensions can only be added
 * to a new connection. Those that are older than the first such table of their
 * namespace are walked when it is created, and found by their id.
 */
#include <linux/module.h>
#include <net/net_namespace.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_core.h>
#include <net/netfilter/nf_conntrack_dict.h>
#include <net/netfilter/nf_dict.h>

/* Find or create the object of @ct, which other CPUs may see already. */
static struct nf_dict_conn *nf_dict_ct_find(struct net *net, void *ptr)
{
	struct nf_dict_conn *conn;
	struct nf_conn *ct = ptr;
	u32 id;

	if (nf_ct_is_template(ct) || nf_ct_is_dying(ct))
		return NULL;

	id = nf_ct_dict_number(nf_ct_get_id(ct));
	conn = nf_dict_conn_add(net, id, ct, false);

	/* Pairs with nf_ct_delete(): first the bit, then the object. */
	smp_mb();
	if (conn && nf_ct_is_dying(ct)) {
		nf_dict_conn_del(net, conn);
		return NULL;
	}

	return conn;
}

static void nf_dict_ct_add(struct nf_conn *ct)
{
	struct net *net = nf_ct_net(ct);
	struct nf_conn_dict *ext;
	u64 gen;

	gen = nf_dict_conn_gen(net);
	if (!gen)
		return;

	/* Created by ctnetlink: packets see it already. */
	if (nf_ct_is_confirmed(ct)) {
		nf_dict_ct_find(net, ct);
		return;
	}

	ext = nf_ct_ext_add(ct, NF_CT_EXT_DICT, GFP_ATOMIC);
	if (!ext)
		return;

	/* Without an object, packets of the connection try again. */
	ext->conn = nf_dict_conn_add(net, nf_ct_dict_number(nf_ct_get_id(ct)),
				     ct, true);
	ext->gen = gen;
}

static void nf_dict_ct_del(struct nf_conn *ct)
{
	struct nf_conn_dict *ext = nf_ct_dict_ext_find(ct);
	u32 id = nf_ct_dict_number(READ_ONCE(ct->id));
	struct net *net = nf_ct_net(ct);
	struct nf_dict_conn *conn;

	/* Without an id it has no object. */
	if (!id || !nf_dict_conn_gen(net))
		return;

	if (ext)
		WRITE_ONCE(ext->conn, NULL);
	conn = nf_dict_conn_find(net, id, ct);
	if (conn)
		nf_dict_conn_del(net, conn);
}

static bool nf_dict_ct_may_offload(struct nf_conn *ct)
{
	u32 id = nf_ct_dict_number(READ_ONCE(ct->id));

	return !id || nf_dict_conn_settled(nf_ct_net(ct), id, ct);
}

static const struct nf_ct_dict_hook nf_dict_ct_hook = {
	.add		= nf_dict_ct_add,
	.del		= nf_dict_ct_del,
	.may_offload	= nf_dict_ct_may_offload,
};

static int nf_dict_ct_older(struct nf_conn *ct, void *data)
{
	rcu_read_lock();
	nf_dict_ct_find(nf_ct_net(ct), ct);
	rcu_read_unlock();

	/* Keep the connection. */
	return 0;
}

static void nf_dict_ct_enable(struct net *net)
{
	const struct nf_ct_iter_data iter_data = { .net = net };

	static_branch_inc(&nf_ct_dict_key);

	/* Packets that did not see the key have confirmed their connection. */
	synchronize_net();
	nf_ct_iterate_cleanup_net(nf_dict_ct_older, &iter_data);
}

static void nf_dict_ct_disable(struct net *net)
{
	static_branch_dec(&nf_ct_dict_key);
}

/*
 * The connection may have ended and another may have its memory, whose packets
 * then meet the rules once more than necessary.
 */
static void nf_dict_ct_changed(void *ptr)
{
	struct nf_conn *ct = ptr;

	if (!IS_ENABLED(CONFIG_NF_FLOW_TABLE))
		return;

	/* See nf_dict_conn.c. */
	smp_mb();
	if (test_bit(IPS_OFFLOAD_BIT, &ct->status))
		clear_bit(IPS_OFFLOAD_BIT, &ct->status);
}

static const struct nf_dict_conn_ops nf_dict_ct_ops = {
	.owner		= THIS_MODULE,
	.max		= &nf_conntrack_htable_size,
	.enable		= nf_dict_ct_enable,
	.disable	= nf_dict_ct_disable,
	.find		= nf_dict_ct_find,
	.changed	= nf_dict_ct_changed,
};

static int __init nf_dict_ct_init(void)
{
	int err;

	rcu_assign_pointer(nf_ct_dict_hook, &nf_dict_ct_hook);
	err = nf_dict_conn_register(&nf_dict_ct_ops);
	if (err)
		RCU_INIT_POINTER(nf_ct_dict_hook, NULL);

	return err;
}

static void __exit nf_dict_ct_exit(void)
{
	RCU_INIT_POINTER(nf_ct_dict_hook, NULL);
	/* Waits for callers of the hook. */
	nf_dict_conn_unregister(&nf_dict_ct_ops);
}

module_init(nf_dict_ct_init);
module_exit(nf_dict_ct_exit);

MODULE_LICENSE("GPL");
MODULE_AUTHOR("The nft_dict authors");
MODULE_DESCRIPTION("Netfilter dict tables of connections");
