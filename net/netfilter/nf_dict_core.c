// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module, and init and exit of network namespaces.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "nf_dict_table.h"

static void nf_dict_ns_free_work(struct work_struct *work)
{
	struct nf_dict_ns *ns = container_of(work, struct nf_dict_ns,
					     free_work);

	/* Conntrack may still read it. */
	synchronize_rcu();
	/* Field names that wait for a grace period still need @ns. */
	rcu_barrier();
	nf_dict_tables_free(ns);
	nf_dict_atoms_exit(ns);
	kfree(ns);
}

static int __net_init nf_dict_net_init(struct net *net)
{
	struct nf_dict_net *dn = net_generic(net, nf_dict_net_id);
	struct nf_dict_ns *ns;
	int err;

	ns = kzalloc_obj(*ns, GFP_KERNEL_ACCOUNT);
	if (!ns)
		return -ENOMEM;

	err = nf_dict_atoms_init(ns);
	if (err)
		goto err_free;
	err = nf_dict_tables_init(ns);
	if (err)
		goto err_atoms;
	ns->net = net;
	refcount_set(&ns->refs, 1);
	INIT_WORK(&ns->free_work, nf_dict_ns_free_work);
	dn->ns = ns;

	return 0;

err_atoms:
	nf_dict_atoms_exit(ns);
err_free:
	kfree(ns);
	return err;
}

/* End all events: a grace period passes between this and the exit. */
static void __net_exit nf_dict_net_pre_exit(struct net *net)
{
	const struct nf_dict_net *dn = net_generic(net, nf_dict_net_id);

	WRITE_ONCE(dn->ns->net, NULL);
}

static void __net_exit nf_dict_net_exit(struct net *net)
{
	struct nf_dict_net *dn = net_generic(net, nf_dict_net_id);
	struct nf_dict_ns *ns = dn->ns;

	nf_dict_tables_exit(ns);
	WRITE_ONCE(dn->ns, NULL);
	/*
	 * Rules that hold a table may still write rows that expire. Such rows
	 * are freed with the table, not by this work.
	 */
	disable_delayed_work_sync(&ns->gc_work);
	disable_work_sync(&ns->reap_work);
	nf_dict_ns_put(ns);
}

static struct pernet_operations nf_dict_net_ops = {
	.init		= nf_dict_net_init,
	.pre_exit	= nf_dict_net_pre_exit,
	.exit		= nf_dict_net_exit,
	.id		= &nf_dict_net_id,
	.size		= sizeof(struct nf_dict_net),
};

static int __init nf_dict_init(void)
{
	int err;

	get_random_bytes(&nf_dict_hash_key, sizeof(nf_dict_hash_key));
	nf_dict_wq = alloc_workqueue("nf_dict", WQ_UNBOUND, 0);
	if (!nf_dict_wq)
		return -ENOMEM;

	err = register_pernet_subsys(&nf_dict_net_ops);
	if (err)
		destroy_workqueue(nf_dict_wq);

	return err;
}

static void __exit nf_dict_exit(void)
{
	unregister_pernet_subsys(&nf_dict_net_ops);
	/* Contents wait for a grace period before their work is queued. */
	rcu_barrier();
	/* Their work may queue that of their namespace: drain both. */
	destroy_workqueue(nf_dict_wq);
	rcu_barrier();
}

module_init(nf_dict_init);
module_exit(nf_dict_exit);
