/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libnfdict: what its parts share
 *
 * Copyright (C) 2025 The nft_dict authors
 */
#ifndef _NFDICT_INTERNAL_H
#define _NFDICT_INTERNAL_H

#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_dict.h>
#include <linux/netlink.h>

#include "nfdict.h"

/* Older headers of the system do not know the subsystem. */
#ifndef NFNL_SUBSYS_DICT
#define NFNL_SUBSYS_DICT	13
#endif
#ifndef NFNLGRP_DICT
#define NFNLGRP_DICT		10
#endif

/* Most bytes of a send: what the default socket buffer takes. */
#define SEND_MAX	(128 * 1024)
/* Most bytes of a message: the length of an attribute has 16 bits. */
#define ROWS_MAX	(60 * 1024)
/* Most bytes of a row's fields in it. */
#define FIELDS_ROOM	(ROWS_MAX - 1024)
/* Most messages of a send: an error for each must fit the receive buffer. */
#define MESSAGES_MAX	64
/* Most requests (rows, or messages about tables) of a send. */
#define REQUESTS_MAX	4096
/* No datagram of the kernel is larger. */
#define RECV_MAX	(128 * 1024)

/**
 * struct request - a request in the send buffer
 *
 * @offset: where it starts: a row's attribute, or a message
 * @tag: the caller's label
 */
struct request {
	uint32_t offset;
	unsigned long tag;
};

/**
 * struct nfdict - a connection
 *
 * @socket: the netlink socket
 * @portid: its address
 * @seq: sequence number of the last message
 * @listening: events only
 * @batch: requests are collected
 * @tag: label of the next request
 * @error: last failure
 * @open: message that takes further rows, or NULL
 * @rows: its list of rows
 * @open_type: its type
 * @open_flags: its flags
 * @open_table: its table
 * @used: bytes in @send
 * @nmessages: messages in @send
 * @nrequests: requests in @send
 * @requests: these, in order
 * @fields: fields of the row that is being received, and of the next
 * @send: messages to send
 * @recv: datagram received
 */
struct nfdict {
	struct mnl_socket *socket;
	unsigned int portid;
	uint32_t seq;
	bool listening;
	bool batch;
	unsigned long tag;
	struct nfdict_error error;
	struct nlmsghdr *open;
	struct nlattr *rows;
	uint16_t open_type;
	uint16_t open_flags;
	char open_table[NFDICT_NAME_MAX + 1];
	size_t used;
	unsigned int nmessages;
	unsigned int nrequests;
	struct request requests[REQUESTS_MAX];
	struct nfdict_field fields[2 * NFDICT_FIELDS_MAX];
	char send[SEND_MAX] __attribute__((aligned(8)));
	char recv[RECV_MAX] __attribute__((aligned(8)));
};

/* encode.c */
size_t nfdict_row_size(const struct nfdict_row *row, int *err, int *at,
		       const struct nfdict_field **culprit);
unsigned int nfdict_row_fit(const struct nfdict_row *row);
void nfdict_row_put(struct nlmsghdr *nlh, const struct nfdict_row *row);
void nfdict_key_put(struct nlmsghdr *nlh, uint16_t type,
		    const struct nfdict_key *key);

/* decode.c */

/**
 * struct message - what a message of the kernel says, but for rows
 *
 * @table: name of the table, or an empty string
 * @table2: name of the other table, or an empty string
 * @size: size of the table, or 0
 * @timeout: default lifetime of the table's rows, or 0
 * @stats: figures of the table, or NULL
 * @names: room for the names
 */
struct message {
	const char *table;
	const char *table2;
	uint32_t size;
	uint64_t timeout;
	const struct nlattr *stats;
	char names[2][NFDICT_NAME_MAX + 1];
};

int nfdict_message_get(const struct nlmsghdr *nlh, struct message *msg);
int nfdict_stats_get(const struct nlattr *stats, struct nfdict_table *table);
int nfdict_message_rows(const struct nlmsghdr *nlh,
			struct nfdict_field *fields,
			int (*cb)(const struct nfdict_row *row, void *data),
			void *data);
void nfdict_locate(const struct nlmsghdr *nlh, uint32_t offset,
		   struct nfdict_error *error);

/* socket.c */
int nfdict_fail(struct nfdict *nd, int err, int at);
struct nlmsghdr *nfdict_message(struct nfdict *nd, uint16_t type,
				uint16_t flags);
int nfdict_ask(struct nfdict *nd, struct nlmsghdr *nlh,
	       int (*cb)(struct nfdict *nd, const struct nlmsghdr *nlh,
			 void *data), void *data);
int nfdict_flush(struct nfdict *nd);

#endif /* _NFDICT_INTERNAL_H */
