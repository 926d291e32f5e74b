// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * libnfdict: the connection: sending, batches, answers, errors
 *
 * Copyright (C) 2025 The nft_dict authors
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>

#include "internal.h"

struct nfdict *nfdict_open(void)
{
	struct nfdict *nd;
	int one = 1;

	/* Zeroed as a whole, so that padding in messages is. */
	nd = calloc(1, sizeof(*nd));
	if (!nd)
		return NULL;
	nd->socket = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	if (!nd->socket)
		goto err_free;
	if (mnl_socket_bind(nd->socket, 0, MNL_SOCKET_AUTOPID) < 0)
		goto err_close;
	nd->portid = mnl_socket_get_portid(nd->socket);
	/* Without these errors are only less precise. */
	mnl_socket_setsockopt(nd->socket, NETLINK_CAP_ACK, &one, sizeof(one));
	mnl_socket_setsockopt(nd->socket, NETLINK_EXT_ACK, &one, sizeof(one));
	return nd;

err_close:
	mnl_socket_close(nd->socket);
err_free:
	free(nd);
	return NULL;
}

void nfdict_close(struct nfdict *nd)
{
	if (!nd)
		return;
	mnl_socket_close(nd->socket);
	free(nd);
}

int nfdict_fd(const struct nfdict *nd)
{
	return mnl_socket_get_fd(nd->socket);
}

const struct nfdict_error *nfdict_error(const struct nfdict *nd)
{
	return &nd->error;
}

void nfdict_tag(struct nfdict *nd, unsigned long tag)
{
	nd->tag = tag;
}

/* Notes a failure that the library itself found. */
int nfdict_fail(struct nfdict *nd, int err, int at)
{
	memset(&nd->error, 0, sizeof(nd->error));
	nd->error.code = err;
	nd->error.at = at;
	nd->error.tag = nd->tag;
	nd->error.tag_last = nd->tag;
	return err;
}

/* The message in the send buffer that an answer belongs to. */
static const struct nlmsghdr *find_sent(struct nfdict *nd, uint32_t seq)
{
	const struct nlmsghdr *nlh = (const struct nlmsghdr *)nd->send;
	int left = nd->used;

	for (; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left))
		if (nlh->nlmsg_seq == seq)
			return nlh;
	return NULL;
}

/* Narrows an error in the message at @start down to a request, if the kernel
 * gave the offset of what it did not like.
 */
static void find_request(struct nfdict *nd, const struct nlmsghdr *sent,
			 uint32_t offset)
{
	uint32_t start = (const char *)sent - nd->send;
	uint32_t end = start + sent->nlmsg_len;
	bool first = true;
	unsigned int i;

	for (i = 0; i < nd->nrequests; i++) {
		if (nd->requests[i].offset < start ||
		    nd->requests[i].offset >= end)
			continue;
		if (offset && nd->requests[i].offset > start + offset)
			break;
		if (first || offset)
			nd->error.tag = nd->requests[i].tag;
		nd->error.tag_last = nd->requests[i].tag;
		first = false;
	}
}

/* The kernel counts the rows of a message; nobody else knows these numbers. */
static const char *skip_row_number(const char *text)
{
	unsigned int row;
	int end = 0;

	if (sscanf(text, "row %u: %n", &row, &end) == 1 && end)
		return text + end;
	return text;
}

/* Notes a failure that the kernel reported, with what it said about it in
 * attributes from @tlvs on.
 */
static int kernel_fail(struct nfdict *nd, const struct nlmsghdr *nlh, int err,
		       size_t tlvs)
{
	const struct nlmsghdr *sent = find_sent(nd, nlh->nlmsg_seq);
	char text[sizeof(nd->error.message)];
	const struct nlattr *attr;
	uint32_t offset = 0;
	size_t len;

	nfdict_fail(nd, err, NFDICT_AT_UNKNOWN);
	if (nlh->nlmsg_flags & NLM_F_ACK_TLVS) {
		mnl_attr_for_each(attr, nlh, tlvs) {
			switch (mnl_attr_get_type(attr)) {
			case NLMSGERR_ATTR_MSG:
				len = mnl_attr_get_payload_len(attr);
				if (len >= sizeof(nd->error.message))
					len = sizeof(nd->error.message) - 1;
				memcpy(text, mnl_attr_get_payload(attr), len);
				text[len] = '\0';
				strcpy(nd->error.message,
				       skip_row_number(text));
				break;
			case NLMSGERR_ATTR_OFFS:
				if (mnl_attr_get_payload_len(attr) ==
				    sizeof(offset))
					offset = mnl_attr_get_u32(attr);
				break;
			}
		}
	}
	if (sent) {
		nfdict_locate(sent, offset, &nd->error);
		find_request(nd, sent, offset);
	}
	return err;
}

/* Value of an NLMSG_ERROR or NLMSG_DONE; notes a failure. */
static int answer_error(struct nfdict *nd, const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *nlerr = mnl_nlmsg_get_payload(nlh);
	size_t len = mnl_nlmsg_get_payload_len(nlh);
	size_t tlvs = sizeof(int);

	if (len < sizeof(int))
		return nlh->nlmsg_type == NLMSG_DONE ? 0 :
		       nfdict_fail(nd, -EPROTO, NFDICT_AT_UNKNOWN);
	if (nlerr->error >= 0)
		return 0;
	if (nlh->nlmsg_type == NLMSG_ERROR) {
		if (len < sizeof(*nlerr))
			return nfdict_fail(nd, -EPROTO, NFDICT_AT_UNKNOWN);
		tlvs = sizeof(*nlerr);
		if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
			tlvs += MNL_ALIGN(nlerr->msg.nlmsg_len) - NLMSG_HDRLEN;
	}
	return kernel_fail(nd, nlh, nlerr->error, tlvs);
}

static int receive(struct nfdict *nd)
{
	ssize_t n;

	do {
		n = mnl_socket_recvfrom(nd->socket, nd->recv, sizeof(nd->recv));
	} while (n < 0 && errno == EINTR);
	return n < 0 ? nfdict_fail(nd, -errno, NFDICT_AT_UNKNOWN) : (int)n;
}

static int send_all(struct nfdict *nd)
{
	ssize_t n;

	do {
		n = mnl_socket_sendto(nd->socket, nd->send, nd->used);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? nfdict_fail(nd, -errno, NFDICT_AT_UNKNOWN) : 0;
}

/**
 * nfdict_ask() - send one message, and handle the answers
 * @nd: connection
 * @nlh: message, the only one in the send buffer
 * @cb: called for each answer but errors; when it fails, the answers left are
 *	read and dropped
 * @data: passed to @cb
 *
 * Return: 0, -EINTR after a dump that was not consistent, another error.
 */
int nfdict_ask(struct nfdict *nd, struct nlmsghdr *nlh,
	       int (*cb)(struct nfdict *nd, const struct nlmsghdr *nlh,
			 void *data), void *data)
{
	const struct nlmsghdr *answer;
	bool interrupted = false;
	int err, left, result = 0;

	nd->used = nlh->nlmsg_len;
	err = send_all(nd);
	if (err)
		goto out;
	for (;;) {
		left = receive(nd);
		if (left < 0) {
			err = left;
			goto out;
		}
		answer = (const struct nlmsghdr *)nd->recv;
		for (; mnl_nlmsg_ok(answer, left);
		     answer = mnl_nlmsg_next(answer, &left)) {
			if (answer->nlmsg_seq != nlh->nlmsg_seq)
				continue;
			if (answer->nlmsg_flags & NLM_F_DUMP_INTR)
				interrupted = true;
			if (answer->nlmsg_type == NLMSG_ERROR ||
			    answer->nlmsg_type == NLMSG_DONE) {
				err = answer_error(nd, answer);
				goto out;
			}
			if (!result)
				result = cb(nd, answer, data);
		}
	}
out:
	nd->used = 0;
	nd->nmessages = 0;
	nd->nrequests = 0;
	if (err || result)
		return err ? err : result;
	if (interrupted)
		return nfdict_fail(nd, -EINTR, NFDICT_AT_UNKNOWN);
	return 0;
}

/**
 * nfdict_message() - start a message behind those in the send buffer
 * @nd: connection
 * @type: a value of &enum nfdict_msg_types
 * @flags: netlink flags, but %NLM_F_REQUEST
 *
 * The caller has made room for it.
 *
 * Return: the message.
 */
struct nlmsghdr *nfdict_message(struct nfdict *nd, uint16_t type,
				uint16_t flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(nd->send + nd->used);
	struct nfgenmsg *nfg;

	nlh->nlmsg_type = NFNL_SUBSYS_DICT << 8 | type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	nlh->nlmsg_seq = ++nd->seq;
	nfg = mnl_nlmsg_put_extra_header(nlh, sizeof(*nfg));
	nfg->nfgen_family = 0;	/* NFPROTO_UNSPEC */
	nfg->version = NFNETLINK_V0;
	nfg->res_id = 0;
	return nlh;
}

/**
 * nfdict_flush() - send the queued requests, and read what came of them
 * @nd: connection
 *
 * The kernel handles messages while they are being sent and answers in their
 * order. Only the last one asks for an answer, so it is the last answer, and
 * all others are errors.
 *
 * Return: 0 or the first error.
 */
int nfdict_flush(struct nfdict *nd)
{
	const struct nlmsghdr *answer;
	struct nlmsghdr *nlh = NULL;
	int err, left, result = 0;
	size_t offset;

	if (!nd->used)
		return 0;
	for (offset = 0; offset < nd->used; offset += nlh->nlmsg_len)
		nlh = (struct nlmsghdr *)(nd->send + offset);
	nlh->nlmsg_flags |= NLM_F_ACK;

	result = send_all(nd);
	if (result)
		goto out;
	for (;;) {
		left = receive(nd);
		if (left < 0) {
			result = result ? result : left;
			goto out;
		}
		answer = (const struct nlmsghdr *)nd->recv;
		for (; mnl_nlmsg_ok(answer, left);
		     answer = mnl_nlmsg_next(answer, &left)) {
			if (answer->nlmsg_type != NLMSG_ERROR ||
			    !find_sent(nd, answer->nlmsg_seq))
				continue;
			if (!result) {
				err = answer_error(nd, answer);
				result = err;
			}
			if (answer->nlmsg_seq == nlh->nlmsg_seq)
				goto out;
		}
	}
out:
	nd->open = NULL;
	nd->used = 0;
	nd->nmessages = 0;
	nd->nrequests = 0;
	return result;
}

void nfdict_batch_begin(struct nfdict *nd)
{
	nd->batch = true;
}

int nfdict_batch_flush(struct nfdict *nd)
{
	return nfdict_flush(nd);
}

int nfdict_batch_end(struct nfdict *nd)
{
	nd->batch = false;
	return nfdict_flush(nd);
}
