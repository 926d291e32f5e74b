// SPDX-License-Identifier: GPL-2.0-only
/*
 * Network namespaces, events, and the module.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "nf_dict_internal.h"

/* What a namespace has of us: it may go before the last rule is released. */
struct nf_dict_net {
	struct nf_dict_ns	*ns;
};

static unsigned int nf_dict_net_id __read_mostly;
static const struct nf_dict_notifier __rcu *nf_dict_notifier __read_mostly;
static DEFINE_MUTEX(nf_dict_notifier_mutex);

/* Reclaims expired rows and frees what went out of use. */
struct workqueue_struct *nf_dict_wq __read_mostly;
EXPORT_SYMBOL_IF_KUNIT(nf_dict_wq);

/* Of the hash of long keys; each hash table changes it by its seed. */
hsiphash_key_t nf_dict_hash_key __read_mostly;
EXPORT_SYMBOL_IF_KUNIT(nf_dict_hash_key);

/**
 * nf_dict_ns - what belongs to a network namespace
 * @net: the namespace
 *
 * Return: its tables and atoms; NULL if it is going away.
 */
struct nf_dict_ns *nf_dict_ns(const struct net *net)
{
	const struct nf_dict_net *dn = net_generic(net, nf_dict_net_id);

	return READ_ONCE(dn->ns);
}
EXPORT_SYMBOL_IF_KUNIT(nf_dict_ns);

static void nf_dict_ns_free_work(struct work_struct *work)
{
	struct nf_dict_ns *ns = container_of(work, struct nf_dict_ns,
					     free_work);

	/* Conntrack may still look at it. */
	synchronize_rcu();
	/* Field names that wait for a grace period still need @ns. */
	rcu_barrier();
	nf_dict_tables_free(ns);
	nf_dict_atoms_exit(ns);
	kfree(ns);
}

/**
 * nf_dict_ns_put - drop a reference
 * @ns: what belongs to a namespace
 *
 * Context: any but hard interrupts.
 */
void nf_dict_ns_put(struct nf_dict_ns *ns)
{
	if (refcount_dec_and_test(&ns->refs))
		queue_work(nf_dict_wq, &ns->free_work);
}

/**
 * nf_dict_notify - tell the listener of a change
 * @ns: namespace of the change
 * @ev: the change
 *
 * Context: see &struct nf_dict_notifier.
 */
void nf_dict_notify(struct nf_dict_ns *ns, const struct nf_dict_event *ev)
{
	const struct nf_dict_notifier *notifier;
	struct net *net;

	rcu_read_lock();
	net = READ_ONCE(ns->net);
	notifier = rcu_dereference(nf_dict_notifier);
	if (unlikely(notifier) && net && notifier->wanted(net)) {
		local_bh_disable();
		notifier->event(net, ev);
		local_bh_enable();
	}
	rcu_read_unlock();
}

/**
 * nf_dict_notifier_register - become the listener to changes
 * @notifier: the listener
 *
 * Context: process; may sleep.
 * Return: 0; -EBUSY if there is one.
 */
int nf_dict_notifier_register(const struct nf_dict_notifier *notifier)
{
	int err = 0;

	mutex_lock(&nf_dict_notifier_mutex);
	if (rcu_access_pointer(nf_dict_notifier))
		err = -EBUSY;
	else
		rcu_assign_pointer(nf_dict_notifier, notifier);
	mutex_unlock(&nf_dict_notifier_mutex);

	return err;
}
EXPORT_SYMBOL_GPL(nf_dict_notifier_register);

/**
 * nf_dict_notifier_unregister - undo nf_dict_notifier_register()
 * @notifier: the listener, which is not called any more afterwards
 *
 * Context: process; may sleep.
 */
void nf_dict_notifier_unregister(const struct nf_dict_notifier *notifier)
{
	mutex_lock(&nf_dict_notifier_mutex);
	WARN_ON_ONCE(rcu_access_pointer(nf_dict_notifier) != notifier);
	RCU_INIT_POINTER(nf_dict_notifier, NULL);
	mutex_unlock(&nf_dict_notifier_mutex);
	synchronize_rcu();
}
EXPORT_SYMBOL_GPL(nf_dict_notifier_unregister);

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

/* A grace period comes between this and the exit: no event is under way then. */
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
	 * Whoever still has a table may write rows that expire to it. They go
	 * with the table: nothing queues the work from here on.
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
	/* Contents wait for a grace period, then for the workqueue... */
	rcu_barrier();
	/* ... and what they held, the namespaces last, is freed there too. */
	destroy_workqueue(nf_dict_wq);
	rcu_barrier();
}

module_init(nf_dict_init);
module_exit(nf_dict_exit);

MODULE_DESCRIPTION("Netfilter dict: typed tables for rules and daemons");
MODULE_LICENSE("GPL");
