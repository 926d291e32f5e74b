// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * libnfdict: the handle: sending, batches, answers, errors
 *
 * Copyright (C) 2025 The nft_dict authors
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>

#include "internal.h"

/* Sets the size of a socket's buffer. Root may exceed the system's limit;
 * others get what that allows.
 */
static void set_buffer(int fd, int forced, int limited, int size)
{
	if (setsockopt(fd, SOL_SOCKET, forced, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, limited, &size, sizeof(size));
}

/* Longest message: the kernel refuses messages that, with some overhead, exceed
 * the send buffer.
 */
static size_t message_max(int fd)
{
	socklen_t len = sizeof(int);
	int size = 0;

	if (getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, &len) ||
	    size < 2 * MESSAGE_SMALL + MESSAGE_EXTRA)
		return 2 * MESSAGE_SMALL;
	size -= MESSAGE_EXTRA;
	return size < MESSAGE_MAX ? size : MESSAGE_MAX;
}

struct nfdict *nfdict_open(void)
{
	struct nfdict *nd;
	int one = 1, fd;

	/* Zeroed, so that padding in messages is zero. */
	nd = calloc(1, sizeof(*nd));
	if (!nd)
		return NULL;
	nd->wait = NFDICT_WAIT;
	nd->socket = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	if (!nd->socket)
		goto err_free;
	if (mnl_socket_bind(nd->socket, 0, MNL_SOCKET_AUTOPID) < 0)
		goto err_close;
	/* If these fail, errors are only less precise. */
	mnl_socket_setsockopt(nd->socket, NETLINK_CAP_ACK, &one, sizeof(one));
	mnl_socket_setsockopt(nd->socket, NETLINK_EXT_ACK, &one, sizeof(one));

	fd = mnl_socket_get_fd(nd->socket);
	set_buffer(fd, SO_SNDBUFFORCE, SO_SNDBUF, SOCKET_BUFFER);
	set_buffer(fd, SO_RCVBUFFORCE, SO_RCVBUF, SOCKET_BUFFER);
	nd->message_max = message_max(fd);
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

uint32_t nfdict_portid(const struct nfdict *nd)
{
	return mnl_socket_get_portid(nd->socket);
}

void nfdict_set_timeout(struct nfdict *nd, int ms)
{
	nd->wait = ms;
}

void nfdict_tag(struct nfdict *nd, unsigned long tag)
{
	nd->tag = tag;
}

/* Stores an error found by the library. */
int nfdict_fail(struct nfdict *nd, int err, int at)
{
	memset(&nd->error, 0, sizeof(nd->error));
	nd->error.code = err;
	nd->error.at = at;
	nd->error.tag = nd->tag;
	nd->error.tag_last = nd->tag;
	return err;
}

int nfdict_fail_why(struct nfdict *nd, int err, int at, const char *why)
{
	nfdict_fail(nd, err, at);
	snprintf(nd->error.message, sizeof(nd->error.message), "%s", why);
	return err;
}

/* Drops the number of the row in the message, which users do not know. */
static const char *skip_row_number(const char *text)
{
	unsigned int row;
	int end = 0;

	if (sscanf(text, "row %u: %n", &row, &end) == 1 && end)
		return text + end;
	return text;
}

static int request_of(uint16_t type)
{
	static const uint8_t requests[] = {
		[NFDICT_MSG_TABLE_NEW]		= NFDICT_REQUEST_TABLE_CREATE,
		[NFDICT_MSG_TABLE_DEL]		= NFDICT_REQUEST_TABLE_DELETE,
		[NFDICT_MSG_TABLE_FLUSH]	= NFDICT_REQUEST_TABLE_FLUSH,
		[NFDICT_MSG_TABLE_SWAP]		= NFDICT_REQUEST_TABLE_SWAP,
		[NFDICT_MSG_ROW_NEW]		= NFDICT_REQUEST_ROW_SET,
		[NFDICT_MSG_ROW_DEL]		= NFDICT_REQUEST_ROW_DELETE,
	};

	type = NFNL_MSG_TYPE(type);
	return type < ARRAY_SIZE(requests) ? requests[type] :
	       NFDICT_REQUEST_OTHER;
}

/**
 * kernel_fail() - store an error reported by the kernel
 * @nd: handle, with the message that failed in its send buffer
 * @nlh: the answer
 * @err: negative errno
 * @tlvs: offset of the extended acknowledgment's attributes in the answer
 *
 * Return: number of the request that failed; those before it have taken
 * effect. -1: all that the message holds failed.
 */
static int kernel_fail(struct nfdict *nd, const struct nlmsghdr *nlh, int err,
		       size_t tlvs)
{
	const struct nlmsghdr *sent = (const struct nlmsghdr *)nd->send;
	char text[sizeof(nd->error.message)];
	const struct nlattr *attr;
	uint32_t offset = 0;
	unsigned int n;
	size_t len;

	nfdict_fail(nd, err, NFDICT_AT_UNKNOWN);
	nd->error.kernel = true;
	nd->error.request = request_of(sent->nlmsg_type);
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
	if (offset >= sent->nlmsg_len)
		offset = 0;
	if (nd->nrequests) {
		nd->error.tag = nd->requests[0].tag;
		nd->error.tag_last = nd->requests[nd->nrequests - 1].tag;
	}
	if (!nfdict_locate(sent, offset, &nd->error) || !nd->nrequests)
		return -1;
	for (n = 1; n < nd->nrequests; n++)
		if (nd->requests[n].offset > offset)
			break;
	nd->error.tag = nd->requests[n - 1].tag;
	nd->error.tag_last = nd->error.tag;
	return n - 1;
}

/* Error of an NLMSG_ERROR or NLMSG_DONE; stores it, and sets *failed to the
 * result of kernel_fail().
 */
static int answer_error(struct nfdict *nd, const struct nlmsghdr *nlh,
			int *failed)
{
	const struct nlmsgerr *nlerr = mnl_nlmsg_get_payload(nlh);
	size_t len = mnl_nlmsg_get_payload_len(nlh);
	size_t tlvs = sizeof(int);

	*failed = -1;
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
	*failed = kernel_fail(nd, nlh, nlerr->error, tlvs);
	return nlerr->error;
}

/* Waits until the socket is readable. poll(2) is never restarted after a
 * signal, unlike recv(2).
 * Return: 0, -ETIMEDOUT, -EINTR, another error.
 */
int nfdict_wait(struct nfdict *nd, int ms)
{
	struct pollfd fd = { .fd = nfdict_fd(nd), .events = POLLIN };
	int n = poll(&fd, 1, ms);

	if (n > 0)
		return 0;
	return nfdict_fail(nd, n ? -errno : -ETIMEDOUT, NFDICT_AT_UNKNOWN);
}

/* Reads a datagram from the kernel. The kernel handles requests synchronously,
 * so the answer is usually there.
 * Return: its length; -EAGAIN if there is none and @wait is false; an error.
 */
static int receive(struct nfdict *nd, bool wait)
{
	struct sockaddr_nl from;
	socklen_t len;
	ssize_t n;
	int err;

	for (;;) {
		len = sizeof(from);
		n = recvfrom(nfdict_fd(nd), nd->recv, sizeof(nd->recv),
			     MSG_DONTWAIT | MSG_TRUNC,
			     (struct sockaddr *)&from, &len);
		if (n > (ssize_t)sizeof(nd->recv))
			return nfdict_fail(nd, -EMSGSIZE, NFDICT_AT_UNKNOWN);
		/* Ignore messages from other processes. */
		if (n >= 0 && len == sizeof(from) && !from.nl_pid)
			return n;
		if (n >= 0 || errno == EINTR)
			continue;
		if (errno != EAGAIN)
			return nfdict_fail(nd, -errno, NFDICT_AT_UNKNOWN);
		if (!wait)
			return -EAGAIN;
		err = nfdict_wait(nd, nd->wait);
		if (err)
			return err;
	}
}

static int send_message(struct nfdict *nd)
{
	ssize_t n;

	do {
		n = mnl_socket_sendto(nd->socket, nd->send, nd->used);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? nfdict_fail(nd, -errno, NFDICT_AT_UNKNOWN) : 0;
}

static void forget_message(struct nfdict *nd)
{
	nd->rows = NULL;
	nd->used = 0;
	nd->nrequests = 0;
	nd->sent = false;
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
	int err, left, failed, result = 0;

	nd->used = nlh->nlmsg_len;
	err = send_message(nd);
	if (err)
		goto out;
	for (;;) {
		left = receive(nd, true);
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
				err = answer_error(nd, answer, &failed);
				goto out;
			}
			if (!result)
				result = cb(nd, answer, data);
		}
	}
out:
	forget_message(nd);
	if (err || result)
		return err ? err : result;
	if (interrupted)
		return nfdict_fail(nd, -EINTR, NFDICT_AT_UNKNOWN);
	return 0;
}

/**
 * nfdict_message() - start the message in the send buffer
 * @nd: handle with an empty send buffer
 * @type: a value of &enum nfdict_msg_types
 * @flags: netlink flags; %NLM_F_REQUEST is added
 *
 * Return: the message.
 */
struct nlmsghdr *nfdict_message(struct nfdict *nd, uint16_t type,
				uint16_t flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(nd->send);
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

/* Sends the queued message, unless it has been sent. */
static int start(struct nfdict *nd)
{
	struct nlmsghdr *nlh = (struct nlmsghdr *)nd->send;
	int err;

	if (!nd->used || nd->sent)
		return 0;
	nlh->nlmsg_flags |= NLM_F_ACK;
	err = send_message(nd);
	if (err)
		forget_message(nd);
	else
		nd->sent = true;
	return err;
}

/* Keeps only the rows after number @n in the message, to send them again.
 * Return: whether there are any.
 */
static bool keep_rows_behind(struct nfdict *nd, unsigned int n)
{
	struct nlmsghdr *nlh = (struct nlmsghdr *)nd->send;
	unsigned int i, gone = n + 1;
	uint32_t start, cut;

	nd->sent = false;
	if (!nd->rows || gone >= nd->nrequests) {
		forget_message(nd);
		return false;
	}
	start = nd->requests[0].offset;
	cut = nd->requests[gone].offset - start;
	memmove(nd->send + start, nd->send + start + cut,
		nd->used - start - cut);
	/* Keep the padding of later messages zero. */
	memset(nd->send + nd->used - cut, 0, cut);
	nd->used -= cut;
	nlh->nlmsg_len -= cut;
	nlh->nlmsg_seq = ++nd->seq;
	nd->rows->nla_len -= cut;
	nd->nrequests -= gone;
	for (i = 0; i < nd->nrequests; i++) {
		nd->requests[i].offset = nd->requests[i + gone].offset - cut;
		nd->requests[i].tag = nd->requests[i + gone].tag;
	}
	return true;
}

/* Reports the failure of request @failed, or of all (-1), to the callback.
 * Return: the result for the caller, 0 to continue; @nd->used is not 0 if there
 * is more to send.
 */
static int tell_failed(struct nfdict *nd, int err, int failed)
{
	struct nlmsghdr *nlh = (struct nlmsghdr *)nd->send;
	unsigned int n;
	int result = 0;

	nd->failures++;
	if (!nd->batch || !nd->error_cb || !nd->nrequests) {
		forget_message(nd);
		return err;
	}
	if (failed >= 0) {
		result = nd->error_cb(&nd->error, nd->error_data);
		if (result || !keep_rows_behind(nd, failed))
			forget_message(nd);
		return result;
	}
	for (n = 0; n < nd->nrequests && !result; n++) {
		nd->error.tag = nd->requests[n].tag;
		nd->error.tag_last = nd->error.tag;
		/* Set the key if the request is a row. */
		if (nd->rows) {
			int at = nd->error.at;

			nfdict_locate(nlh, nd->requests[n].offset,
				      &nd->error);
			nd->error.at = at;
		}
		result = nd->error_cb(&nd->error, nd->error_data);
	}
	forget_message(nd);
	return result;
}

/* Reads the answer to the message that was sent. Return: -EAGAIN: there is no
 * answer yet; 0: it took effect, unless @nd->used says that there is more to
 * send; or an error.
 */
static int finish(struct nfdict *nd, bool wait)
{
	const struct nlmsghdr *nlh = (const struct nlmsghdr *)nd->send;
	const struct nlmsghdr *answer;
	int err, left, failed;

	for (;;) {
		left = receive(nd, wait);
		if (left == -EAGAIN)
			return left;
		if (left < 0) {
			forget_message(nd);
			return left;
		}
		answer = (const struct nlmsghdr *)nd->recv;
		for (; mnl_nlmsg_ok(answer, left);
		     answer = mnl_nlmsg_next(answer, &left)) {
			if (answer->nlmsg_type != NLMSG_ERROR ||
			    answer->nlmsg_seq != nlh->nlmsg_seq)
				continue;
			err = answer_error(nd, answer, &failed);
			if (err)
				return tell_failed(nd, err, failed);
			forget_message(nd);
			return 0;
		}
	}
}

/**
 * nfdict_flush() - send the queued requests and read the answers
 * @nd: connection
 *
 * Return: 0 or the first error.
 */
int nfdict_flush(struct nfdict *nd)
{
	int err = 0;

	while (nd->used && !err) {
		err = start(nd);
		if (!err)
			err = finish(nd, true);
	}
	return err;
}

void nfdict_batch_begin(struct nfdict *nd)
{
	nd->batch = true;
}

void nfdict_batch_errors(struct nfdict *nd, nfdict_error_cb cb, void *data)
{
	nd->error_cb = cb;
	nd->error_data = data;
}

int nfdict_batch_flush(struct nfdict *nd)
{
	return nfdict_flush(nd);
}

int nfdict_batch_send(struct nfdict *nd)
{
	return start(nd);
}

int nfdict_batch_result(struct nfdict *nd)
{
	int err;

	while (nd->used) {
		err = start(nd);
		if (!err)
			err = finish(nd, false);
		if (err)
			return err;
	}
	return 0;
}

int nfdict_batch_end(struct nfdict *nd)
{
	int err = nfdict_flush(nd);

	nd->batch = false;
	nd->error_cb = NULL;
	return err;
}
