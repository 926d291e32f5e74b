// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events for changes of dict tables and rows over nfnetlink.
 *
 * Copyright (C) 2026 The nft_dict authors
 */
#include <linux/sched.h>
#include <linux/skbuff.h>
#include <linux/spinlock.h>
#include <net/net_namespace.h>

#include "nfnetlink_dict_internal.h"

/**
 * struct nfdict_change - a request that changes something
 * @task: the task that executes it, or NULL
 * @net: its namespace
 * @portid: port id of its sender
 * @seq: its sequence number
 * @echo: send the events to the sender, too
 * @skb: queued events, or NULL
 *
 * There is one at a time, under the mutex of the subsystem. Its events share
 * buffers, so that listeners cost the sender little. An event of a packet or a
 * worker is sent at once, after the queued ones. As events of a row are built
 * under its lock, they stay in order.
 */
struct nfdict_change {
	struct task_struct	*task;
	struct net		*net;
	u32			portid;
	u32			seq;
	bool			echo;
	struct sk_buff		*skb;
};

static struct nfdict_change nfdict_change;
/* Protects nfdict_change.skb. */
static DEFINE_SPINLOCK(nfdict_change_lock);

/* The request that the current task executes, or NULL. */
static struct nfdict_change *nfdict_change_current(void)
{
	if (in_task() && READ_ONCE(nfdict_change.task) == current)
		return &nfdict_change;

	return NULL;
}

static void nfdict_event_send(struct sk_buff *skb, struct net *net,
			      const struct nfdict_change *change)
{
	nfnetlink_send(skb, net, change ? change->portid : 0, NFNLGRP_DICT,
		       change && change->echo, GFP_ATOMIC);
}

/* Under the lock. */
static void __nfdict_change_flush(void)
{
	struct sk_buff *skb = nfdict_change.skb;

	if (!skb)
		return;

	nfdict_event_send(skb, nfdict_change.net, &nfdict_change);
	/* Cleared after sending, so that no event overtakes it. */
	WRITE_ONCE(nfdict_change.skb, NULL);
}

static void nfdict_change_flush(void)
{
	if (!READ_ONCE(nfdict_change.skb))
		return;

	spin_lock_bh(&nfdict_change_lock);
	__nfdict_change_flush();
	spin_unlock_bh(&nfdict_change_lock);
}

/*
 * Rows are freed at netns exit, when its sockets may already be gone. The
 * reference count of the namespace drops to zero before that, and the RCU grace
 * period in between waits for readers that saw it in use.
 */
static bool nfdict_event_wanted(struct net *net)
{
	const struct nfdict_change *change = nfdict_change_current();

	return check_net(net) && ((change && change->echo) ||
				  nfnetlink_has_listeners(net, NFNLGRP_DICT));
}

static int nfdict_fill_table_event(struct sk_buff *skb,
				   const struct nf_dict_event *ev, u32 portid,
				   u32 seq)
{
	struct nlmsghdr *nlh;
	int type, err;

	switch (ev->type) {
	case NF_DICT_EV_TABLE_NEW:
		type = NFDICT_MSG_TABLE_NEW;
		break;
	case NF_DICT_EV_TABLE_DEL:
		type = NFDICT_MSG_TABLE_DEL;
		break;
	case NF_DICT_EV_TABLE_FLUSH:
		type = NFDICT_MSG_TABLE_FLUSH;
		break;
	default:
		type = NFDICT_MSG_TABLE_SWAP;
		break;
	}

	nlh = nfdict_msg_put(skb, portid, seq, type, 0);
	if (!nlh)
		return -EMSGSIZE;

	if (type == NFDICT_MSG_TABLE_NEW)
		err = nfdict_put_table(skb, ev->table);
	else
		err = nfdict_put_table_name(skb, NFDICTA_TABLE, ev->table);
	if (!err && type == NFDICT_MSG_TABLE_SWAP)
		err = nfdict_put_table_name(skb, NFDICTA_TABLE2, ev->table2);
	if (err) {
		nlmsg_cancel(skb, nlh);
		return err;
	}

	nlmsg_end(skb, nlh);

	return 0;
}

static size_t nfdict_table_event_size(const struct nf_dict_event *ev)
{
	size_t size = nfdict_table_msg_size(ev->table);

	if (ev->type == NF_DICT_EV_TABLE_SWAP)
		size += nla_total_size(nf_dict_table_name_len(ev->table2) + 1);

	return size;
}

/* Set the contents of a row's event; return the type of the message. */
static int nfdict_event_view(const struct nf_dict_event *ev,
			     struct nfdict_view *view, int *flags)
{
	view->table = ev->table;
	view->row = ev->row;

	switch (ev->type) {
	case NF_DICT_EV_ROW_NEW:
		*flags = NLM_F_CREATE;
		view->nfields = nf_dict_row_places(ev->table, ev->row);
		return NFDICT_MSG_ROW_NEW;
	case NF_DICT_EV_ROW_SET:
		view->fields = ev->fields;
		view->nfields = ev->nfields;
		return NFDICT_MSG_ROW_NEW;
	case NF_DICT_EV_ROW_GONE:
		view->gone = true;
		view->nfields = nf_dict_row_places(ev->table, ev->row);
		return NFDICT_MSG_ROW_DEL;
	case NF_DICT_EV_FIELD_DEL:
		view->names = ev->names;
		view->nfields = ev->nfields;
		return NFDICT_MSG_ROW_DEL;
	case NF_DICT_EV_ROW_EXPIRED:
		view->expired = true;
		fallthrough;
	default:
		view->keyonly = true;
		return NFDICT_MSG_ROW_DEL;
	}
}

/*
 * Add an event to @skb. If that is NULL or full, add it to a new buffer of at
 * least @room bytes. Return the buffer used, or NULL.
 */
static struct sk_buff *nfdict_event_put(struct sk_buff *skb,
					const struct nf_dict_event *ev,
					const struct nfdict_change *change,
					size_t room)
{
	u32 portid = change ? change->portid : 0;
	u32 seq = change ? change->seq : 0;
	struct nfdict_view view = {};
	int type = 0, flags = 0, err;
	struct sk_buff *fresh = NULL;
	size_t size;

	if (ev->row)
		type = nfdict_event_view(ev, &view, &flags);

	for (;;) {
		err = -EMSGSIZE;
		if (skb && ev->row)
			err = nfdict_fill_row(skb, portid, seq, type, flags,
					      &view, NULL);
		else if (skb)
			err = nfdict_fill_table_event(skb, ev, portid, seq);
		if (!err)
			return skb;
		if (fresh)
			break;

		size = ev->row ? nfdict_row_msg_size(&view) :
				 nfdict_table_event_size(ev);
		fresh = nlmsg_new(max(size, room), GFP_ATOMIC);
		if (!fresh)
			return NULL;
		skb = fresh;
	}
	kfree_skb(fresh);

	return NULL;
}

/* Queue the event until its request is done or the buffer is full. */
static bool nfdict_event_queue(const struct nf_dict_event *ev,
			       struct nfdict_change *change)
{
	struct sk_buff *skb;

	spin_lock_bh(&nfdict_change_lock);
	skb = nfdict_event_put(change->skb, ev, change, NLMSG_DEFAULT_SIZE);
	if (skb && skb != change->skb) {
		__nfdict_change_flush();
		WRITE_ONCE(change->skb, skb);
	}
	/*
	 * All messages of a datagram are for the same table, but each swap of a
	 * request is for another one.
	 */
	if (skb && ev->type == NF_DICT_EV_TABLE_SWAP)
		__nfdict_change_flush();
	spin_unlock_bh(&nfdict_change_lock);

	return skb;
}

static void nfdict_event(struct net *net, const struct nf_dict_event *ev)
{
	struct nfdict_change *change = nfdict_change_current();
	struct sk_buff *skb;
	bool done;

	if (change) {
		done = nfdict_event_queue(ev, change);
	} else {
		skb = nfdict_event_put(NULL, ev, NULL, 0);
		nfdict_change_flush();
		if (skb)
			nfdict_event_send(skb, net, NULL);
		done = skb;
	}

	/* A listener that misses an event gets an error, and can dump. */
	if (!done)
		nfnetlink_set_err(net, 0, NFNLGRP_DICT, -ENOBUFS);
}

/**
 * nfdict_change_begin - start a request that changes something
 * @skb: the request
 * @info: the message
 *
 * Events of this task up to nfdict_change_end() have its port id and sequence
 * number.
 *
 * Context: process, under the mutex of the subsystem.
 */
void nfdict_change_begin(const struct sk_buff *skb,
			 const struct nfnl_info *info)
{
	nfdict_change.net = info->net;
	nfdict_change.portid = NETLINK_CB(skb).portid;
	nfdict_change.seq = info->nlh->nlmsg_seq;
	nfdict_change.echo = nlmsg_report(info->nlh);
	WRITE_ONCE(nfdict_change.task, current);
}

/**
 * nfdict_change_end - end a request after nfdict_change_begin()
 *
 * Sends the queued events.
 *
 * Context: as nfdict_change_begin().
 */
void nfdict_change_end(void)
{
	WRITE_ONCE(nfdict_change.task, NULL);
	nfdict_change_flush();
}

/* The listener that sends the events of the store. */
const struct nf_dict_notifier nfdict_notifier = {
	.wanted	= nfdict_event_wanted,
	.event	= nfdict_event,
};
