// SPDX-License-Identifier: GPL-2.0-only
/*
 * Network namespaces as the rest of the store sees them, and their events.
 */
#include <linux/module.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "nf_dict_internal.h"

unsigned int nf_dict_net_id __read_mostly;

/* Reclaims expired rows and frees unused objects. */
struct workqueue_struct *nf_dict_wq __read_mostly;
EXPORT_SYMBOL_IF_KUNIT(nf_dict_wq);

/* Key of the hash of long keys; each hash table mixes in its seed. */
hsiphash_key_t nf_dict_hash_key __read_mostly;
EXPORT_SYMBOL_IF_KUNIT(nf_dict_hash_key);

static const struct nf_dict_notifier __rcu *nf_dict_notifier __read_mostly;
static DEFINE_MUTEX(nf_dict_notifier_mutex);

/**
 * nf_dict_ns - the store of a network namespace
 * @net: the namespace
 *
 * Context: any.
 * Return: its tables and atoms; NULL once the namespace is being removed.
 */
struct nf_dict_ns *nf_dict_ns(const struct net *net)
{
	const struct nf_dict_net *dn = net_generic(net, nf_dict_net_id);

	return READ_ONCE(dn->ns);
}
EXPORT_SYMBOL_IF_KUNIT(nf_dict_ns);

/**
 * nf_dict_ns_put - drop a reference to the store of a namespace
 * @ns: the store
 *
 * Context: any but hard interrupts.
 */
void nf_dict_ns_put(struct nf_dict_ns *ns)
{
	if (refcount_dec_and_test(&ns->refs))
		queue_work(nf_dict_wq, &ns->free_work);
}

/**
 * nf_dict_notify - report a change to the listener
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
 * nf_dict_notifier_register - register the listener to changes
 * @notifier: the listener
 *
 * Context: process; may sleep.
 * Return: 0; -EBUSY if there is a listener already.
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
 * @notifier: the listener, which is no longer called when this returns
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

MODULE_DESCRIPTION("Netfilter dict: typed tables for rules and daemons");
MODULE_LICENSE("GPL");
