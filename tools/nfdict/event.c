// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * libnfdict: events
 *
 * Copyright (C) 2026 The nft_dict authors
 */
#include <endian.h>
#include <errno.h>
#include <linux/filter.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>

#include "internal.h"

int nfdict_listen(struct nfdict *nd, unsigned int rcvbuf)
{
	int group = NFNLGRP_DICT, size = rcvbuf, fd = nfdict_fd(nd);

	if (nd->batch || nd->used)
		return nfdict_fail(nd, -EBUSY, NFDICT_AT_UNKNOWN);
	/* Root may exceed the system's limit; others get what that allows. */
	if (rcvbuf && setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size,
				 sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (mnl_socket_setsockopt(nd->socket, NETLINK_ADD_MEMBERSHIP, &group,
				  sizeof(group)))
		return nfdict_fail(nd, -errno, NFDICT_AT_UNKNOWN);
	nd->listening = true;
	return 0;
}

/* Offsets in the first event of a datagram; all its events are of one table. */
#define AT_TYPE		(offsetof(struct nlmsghdr, nlmsg_type) + \
			 (__BYTE_ORDER == __BIG_ENDIAN))
#define AT_NAME_LEN	(NLMSG_HDRLEN + sizeof(struct nfgenmsg))
#define AT_NAME		(AT_NAME_LEN + NLA_HDRLEN)
/* Steps for a name: its length, its words, its last bytes, and the end. */
#define STEPS_MAX	(2 * (NFDICT_NAME_MAX / 4 + 3) + 1)

/**
 * struct program - a socket filter that is being built
 *
 * @steps: its steps
 * @n: number of them
 */
struct program {
	struct sock_filter steps[BPF_MAXINSNS];
	unsigned int n;
};

static void step(struct program *p, uint16_t code, uint32_t k)
{
	p->steps[p->n++] = (struct sock_filter)BPF_STMT(code, k);
}

/* Continues if the value at @at is @value, otherwise goes to the next name. */
static void compare(struct program *p, uint16_t size, uint32_t at,
		    uint32_t value)
{
	step(p, BPF_LD | size | BPF_ABS, at);
	step(p, BPF_JMP | BPF_JEQ | BPF_K, value);
}

/* Accepts a datagram about a table; otherwise goes to the next name. */
static void take_table(struct program *p, const char *name)
{
	unsigned int start = p->n, i, at = AT_NAME;
	uint8_t text[NFDICT_NAME_MAX + 1];
	size_t len = strlen(name) + 1, left;
	const uint8_t *b = text;

	memcpy(text, name, len);
	/* The length is in host order, but a filter loads in network order. */
	compare(p, BPF_H, AT_NAME_LEN, htobe16(NLA_HDRLEN + len));
	for (left = len; left >= 4; left -= 4, at += 4, b += 4)
		compare(p, BPF_W, at, (uint32_t)b[0] << 24 | b[1] << 16 |
				      b[2] << 8 | b[3]);
	for (; left; left--, at++, b++)
		compare(p, BPF_B, at, *b);
	step(p, BPF_RET | BPF_K, UINT32_MAX);
	for (i = start; i < p->n - 1; i++)
		if (BPF_CLASS(p->steps[i].code) == BPF_JMP)
			p->steps[i].jf = p->n - i - 1;
}

int nfdict_listen_tables(struct nfdict *nd, const char *const *tables,
			 unsigned int n)
{
	struct sock_fprog filter = {};
	struct program *p;
	int err = 0;
	unsigned int i;

	if (!n) {
		setsockopt(nfdict_fd(nd), SOL_SOCKET, SO_DETACH_FILTER, &err,
			   sizeof(err));
		return 0;
	}
	p = calloc(1, sizeof(*p));
	if (!p)
		return nfdict_fail(nd, -ENOMEM, NFDICT_AT_UNKNOWN);
	compare(p, BPF_B, AT_TYPE, NFDICT_MSG_TABLE_SWAP);
	p->steps[1].jf = 1;
	step(p, BPF_RET | BPF_K, UINT32_MAX);
	for (i = 0; i < n && !err; i++) {
		if (p->n + STEPS_MAX + 1 > BPF_MAXINSNS)
			err = -E2BIG;
		else if (strlen(tables[i]) <= NFDICT_NAME_MAX)
			take_table(p, tables[i]);
	}
	step(p, BPF_RET | BPF_K, 0);
	filter.filter = p->steps;
	filter.len = p->n;
	if (!err && setsockopt(nfdict_fd(nd), SOL_SOCKET, SO_ATTACH_FILTER,
			       &filter, sizeof(filter)))
		err = -errno;
	free(p);
	return err ? nfdict_fail(nd, err, NFDICT_AT_UNKNOWN) : 0;
}

struct event_walk {
	struct nfdict_event event;
	nfdict_event_cb cb;
	void *data;
	bool stopped;
};

static int row_event(const struct nfdict_row *row, void *data)
{
	struct event_walk *walk = data;
	int err;

	walk->event.row = row;
	err = walk->cb(&walk->event, walk->data);
	walk->stopped = err;
	return err;
}

static int message_event(struct nfdict *nd, const struct nlmsghdr *nlh,
			 nfdict_event_cb cb, void *data)
{
	struct event_walk walk = { .cb = cb, .data = data };
	struct nfdict_event *event = &walk.event;
	struct message msg;
	int err;

	if (NFNL_SUBSYS_ID(nlh->nlmsg_type) != NFNL_SUBSYS_DICT)
		return 0;
	switch (NFNL_MSG_TYPE(nlh->nlmsg_type)) {
	case NFDICT_MSG_TABLE_NEW:
		event->type = NFDICT_EV_TABLE_NEW;
		break;
	case NFDICT_MSG_TABLE_DEL:
		event->type = NFDICT_EV_TABLE_DEL;
		break;
	case NFDICT_MSG_TABLE_FLUSH:
		event->type = NFDICT_EV_TABLE_FLUSH;
		break;
	case NFDICT_MSG_TABLE_SWAP:
		event->type = NFDICT_EV_TABLE_SWAP;
		break;
	case NFDICT_MSG_ROW_NEW:
		event->type = nlh->nlmsg_flags & NLM_F_CREATE ?
			      NFDICT_EV_ROW_NEW : NFDICT_EV_ROW_CHANGE;
		break;
	case NFDICT_MSG_ROW_DEL:
		event->type = NFDICT_EV_ROW_DEL;
		break;
	default:
		return 0;
	}
	err = nfdict_message_get(nlh, &msg);
	if (err)
		return nfdict_fail(nd, err, NFDICT_AT_UNKNOWN);
	event->table = msg.table;
	event->table2 = msg.table2;
	event->size = msg.size;
	event->timeout = msg.timeout;
	event->key_class = msg.key_class;
	err = nfdict_decls_get(msg.decls, nd->decls);
	if (err < 0)
		return nfdict_fail(nd, err, NFDICT_AT_UNKNOWN);
	event->ndecls = err;
	event->decls = nd->decls;
	event->open = msg.open;
	event->portid = nlh->nlmsg_pid;
	event->seq = nlh->nlmsg_seq;
	if (event->type < NFDICT_EV_ROW_NEW)
		return cb(event, data);
	err = nfdict_message_rows(nlh, nd->fields, nd->text, row_event, &walk);
	if (err && !walk.stopped)
		nfdict_fail(nd, err, NFDICT_AT_UNKNOWN);
	return err;
}

/* After an event did not fit, the kernel drops all others until the buffer has
 * been read, and reports that once. So discard what is in the buffer, which is
 * all older than a listing that starts now: that listing then misses nothing.
 */
static void drop_events(struct nfdict *nd)
{
	int fd = nfdict_fd(nd);

	while (recv(fd, nd->recv, sizeof(nd->recv), MSG_DONTWAIT) >= 0 ||
	       errno == ENOBUFS || errno == EINTR)
		;
}

int nfdict_events(struct nfdict *nd, nfdict_event_cb cb, void *data)
{
	const struct nlmsghdr *nlh = (const struct nlmsghdr *)nd->recv;
	ssize_t n;
	int left, err;

	err = nfdict_wait(nd, -1);
	if (err)
		return err;
	n = mnl_socket_recvfrom(nd->socket, nd->recv, sizeof(nd->recv));
	if (n < 0) {
		nfdict_fail(nd, -errno, NFDICT_AT_UNKNOWN);
		if (nd->error.code == -ENOBUFS)
			drop_events(nd);
		return nd->error.code;
	}
	for (left = n; mnl_nlmsg_ok(nlh, left);
	     nlh = mnl_nlmsg_next(nlh, &left)) {
		err = message_event(nd, nlh, cb, data);
		if (err)
			return err;
	}
	return 0;
}
