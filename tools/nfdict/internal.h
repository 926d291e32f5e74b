/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libnfdict: internal declarations
 *
 * Copyright (C) 2025 The nft_dict authors
 */
#ifndef _NFDICT_INTERNAL_H
#define _NFDICT_INTERNAL_H

#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_dict.h>
#include <linux/netlink.h>

#include "nfdict.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* Older system headers lack the subsystem. */
#ifndef NFNL_SUBSYS_DICT
#define NFNL_SUBSYS_DICT	13
#endif
#ifndef NFNLGRP_DICT
#define NFNLGRP_DICT		10
#endif

/* Longest message in bytes: the length of an attribute has 16 bits. */
#define MESSAGE_MAX	(60 * 1024)
/* Upper bound of the bytes of a field. */
#define FIELD_MAX	(NFDICT_NAME_MAX + NFDICT_STRING_MAX + 32 + \
			 NFDICT_LIST_MAX * 8)
/* Upper bound of a message without rows, and of a row without fields. */
#define MESSAGE_SMALL	1024
/* Upper bound of the kernel's overhead for a message. */
#define MESSAGE_EXTRA	64
/* Most rows of a message. */
#define REQUESTS_MAX	4096
/* Size of the send and receive buffers of the socket in bytes. */
#define SOCKET_BUFFER	(256 * 1024)
/* Longest datagram from the kernel: a row with the most fields and the longest
 * names and strings, and headers.
 */
#define RECV_MAX	(NFDICT_FIELDS_MAX * (FIELD_MAX + 8) + 4096)

/**
 * struct request - a request in the send buffer
 *
 * @offset: where it starts: a row's attribute, or the message
 * @tag: the caller's label
 */
struct request {
	uint32_t offset;
	unsigned long tag;
};

/**
 * struct nfdict - a handle
 *
 * The send buffer has one message only: the kernel stops at the first row of a
 * message that it refuses, but would continue with the next message.
 *
 * @socket: the netlink socket
 * @seq: sequence number of the last message
 * @wait: how long to wait for an answer, in milliseconds; -1: no limit
 * @message_max: longest message that the socket sends
 * @listening: subscribed to events, cannot send requests
 * @batch: a batch was started
 * @sent: the message was sent, and its answer was not read yet
 * @failures: requests of batches that failed
 * @tag: label of the next request
 * @error: last failure
 * @error_cb: called for every failure of a batch, or NULL
 * @error_data: for @error_cb
 * @rows: list of rows of the message in @send, or NULL: it has none
 * @open_type: type of the message
 * @open_flags: its flags
 * @open_table: its table
 * @used: bytes in @send
 * @nrequests: requests in @send
 * @requests: the requests, in order
 * @fields: fields of the row that is being received, and of the next
 * @text: text of the lists in the datagram received
 * @decls: declared fields of the table received last
 * @send: message to send
 * @recv: datagram received
 */
struct nfdict {
	struct mnl_socket *socket;
	uint32_t seq;
	int wait;
	size_t message_max;
	bool listening;
	bool batch;
	bool sent;
	unsigned long failures;
	unsigned long tag;
	struct nfdict_error error;
	nfdict_error_cb error_cb;
	void *error_data;
	struct nlattr *rows;
	uint16_t open_type;
	uint16_t open_flags;
	char open_table[NFDICT_NAME_MAX + 1];
	size_t used;
	unsigned int nrequests;
	struct request requests[REQUESTS_MAX];
	struct nfdict_field fields[2 * NFDICT_FIELDS_MAX];
	char text[2 * RECV_MAX];
	struct nfdict_decl decls[NFDICT_FIELDS_MAX];
	char send[MESSAGE_MAX] __attribute__((aligned(8)));
	char recv[RECV_MAX] __attribute__((aligned(8)));
};

/* types.c */
const char *nfdict_name_flaw(const char *name, size_t len, int *err);

/* text.c */
char *nfdict_list_put(char *text, bool first, const char *member, size_t len);
const char *nfdict_list_flaw(const struct nfdict_value *value, int *err);

/* encode.c */

/**
 * struct flaw - why a row cannot be sent
 *
 * @err: negative errno; -EMSGSIZE: it can be sent in parts
 * @at: part of the row that is wrong, &enum nfdict_at
 * @field: the field that is wrong, or NULL
 * @why: description of the error
 */
struct flaw {
	int err;
	int at;
	const struct nfdict_field *field;
	const char *why;
};

size_t nfdict_row_size(const struct nfdict_row *row, uint16_t type, size_t max,
		       struct flaw *flaw);
unsigned int nfdict_row_fit(const struct nfdict_row *row, size_t max);
void nfdict_row_put(struct nlmsghdr *nlh, const struct nfdict_row *row);
void nfdict_key_put(struct nlmsghdr *nlh, uint16_t type,
		    const struct nfdict_key *key);

/* decode.c */

/**
 * struct message - a parsed message from the kernel, except rows
 *
 * @table: name of the table, or an empty string
 * @table2: name of the other table, or an empty string
 * @size: size of the table, or 0
 * @timeout: default lifetime of the table's rows, or 0
 * @key_class: class of the table's keys, or 0
 * @decls: list of declared fields, or NULL
 * @open: rows may also have other fields
 * @stats: statistics of the table, or NULL
 * @names: room for the names
 */
struct message {
	const char *table;
	const char *table2;
	uint32_t size;
	uint64_t timeout;
	uint32_t key_class;
	const struct nlattr *decls;
	bool open;
	const struct nlattr *stats;
	char names[2][NFDICT_NAME_MAX + 1];
};

int nfdict_message_get(const struct nlmsghdr *nlh, struct message *msg);
int nfdict_decls_get(const struct nlattr *list, struct nfdict_decl *decls);
int nfdict_stats_get(const struct nlattr *stats, struct nfdict_table *table);
int nfdict_message_rows(const struct nlmsghdr *nlh,
			struct nfdict_field *fields, char *text,
			int (*cb)(const struct nfdict_row *row, void *data),
			void *data);
bool nfdict_locate(const struct nlmsghdr *nlh, uint32_t offset,
		   struct nfdict_error *error);

/* socket.c */
int nfdict_fail(struct nfdict *nd, int err, int at);
int nfdict_fail_why(struct nfdict *nd, int err, int at, const char *why);
struct nlmsghdr *nfdict_message(struct nfdict *nd, uint16_t type,
				uint16_t flags);
int nfdict_ask(struct nfdict *nd, struct nlmsghdr *nlh,
	       int (*cb)(struct nfdict *nd, const struct nlmsghdr *nlh,
			 void *data), void *data);
int nfdict_flush(struct nfdict *nd);
int nfdict_wait(struct nfdict *nd, int ms);

#endif /* _NFDICT_INTERNAL_H */
