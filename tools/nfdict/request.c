// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * libnfdict: requests about tables and rows
 *
 * Copyright (C) 2025 The nft_dict authors
 */
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <string.h>

#include <libmnl/libmnl.h>

#include "internal.h"

/* More than any message without rows takes. */
#define MESSAGE_SMALL	1024

/* The kernel checks the rest. An empty string it refuses without a reason. */
static int name_check(struct nfdict *nd, const char *name, int at)
{
	if (strlen(name) > NFDICT_NAME_MAX)
		return nfdict_fail(nd, -ENAMETOOLONG, at);
	if (*name)
		return 0;
	nfdict_fail(nd, -EINVAL, at);
	strcpy(nd->error.message, "name is empty");
	return -EINVAL;
}

static void name_put(struct nlmsghdr *nlh, uint16_t type, const char *name)
{
	mnl_attr_put(nlh, type, strlen(name), name);
}

/* Can this connection take a question now? */
static int ask_check(struct nfdict *nd)
{
	return nd->listening || nd->batch || nd->used ?
	       nfdict_fail(nd, -EBUSY, NFDICT_AT_UNKNOWN) : 0;
}

/* Makes room in the send buffer for a request of @size bytes. */
static int queue_room(struct nfdict *nd, size_t size)
{
	if (nd->listening)
		return nfdict_fail(nd, -EBUSY, NFDICT_AT_UNKNOWN);
	if (nd->used + size > SEND_MAX || nd->nmessages == MESSAGES_MAX ||
	    nd->nrequests == REQUESTS_MAX)
		return nfdict_flush(nd);
	return 0;
}

static void queue_note(struct nfdict *nd, const void *place)
{
	struct request *request = &nd->requests[nd->nrequests++];

	request->offset = (const char *)place - nd->send;
	request->tag = nd->tag;
}

/* Starts a message about tables. */
static struct nlmsghdr *queue_table(struct nfdict *nd, uint16_t type,
				    uint16_t flags, const char *table)
{
	struct nlmsghdr *nlh;

	if (name_check(nd, table, NFDICT_AT_TABLE) ||
	    queue_room(nd, MESSAGE_SMALL))
		return NULL;
	nd->open = NULL;
	nlh = nfdict_message(nd, type, flags);
	queue_note(nd, nlh);
	name_put(nlh, NFDICTA_TABLE, table);
	return nlh;
}

/* Completes it, and sends it unless requests are being collected. */
static int queue_done(struct nfdict *nd, struct nlmsghdr *nlh)
{
	nd->used += nlh->nlmsg_len;
	nd->nmessages++;
	return nd->batch ? 0 : nfdict_flush(nd);
}

int nfdict_table_create(struct nfdict *nd, const char *table, uint32_t size,
			uint64_t timeout, unsigned int flags)
{
	struct nlmsghdr *nlh;

	nlh = queue_table(nd, NFDICT_MSG_TABLE_NEW, NLM_F_CREATE |
			  (flags & NFDICT_F_EXCL ? NLM_F_EXCL : 0) |
			  (flags & NFDICT_F_REPLACE ? NLM_F_REPLACE : 0),
			  table);
	if (!nlh)
		return nd->error.code;
	/* 0 is the default of a new table, and a change of an old one. */
	if (size || flags & NFDICT_F_REPLACE)
		mnl_attr_put_u32(nlh, NFDICTA_SIZE, htonl(size));
	if (timeout || flags & NFDICT_F_REPLACE)
		mnl_attr_put_u64(nlh, NFDICTA_TIMEOUT, htobe64(timeout));
	return queue_done(nd, nlh);
}

int nfdict_table_delete(struct nfdict *nd, const char *table)
{
	struct nlmsghdr *nlh;

	nlh = queue_table(nd, NFDICT_MSG_TABLE_DEL, 0, table);
	return nlh ? queue_done(nd, nlh) : nd->error.code;
}

int nfdict_table_flush(struct nfdict *nd, const char *table)
{
	struct nlmsghdr *nlh;

	nlh = queue_table(nd, NFDICT_MSG_TABLE_FLUSH, 0, table);
	return nlh ? queue_done(nd, nlh) : nd->error.code;
}

int nfdict_table_swap(struct nfdict *nd, const char *table, const char *table2)
{
	struct nlmsghdr *nlh;

	if (name_check(nd, table2, NFDICT_AT_TABLE2))
		return nd->error.code;
	nlh = queue_table(nd, NFDICT_MSG_TABLE_SWAP, 0, table);
	if (!nlh)
		return nd->error.code;
	name_put(nlh, NFDICTA_TABLE2, table2);
	return queue_done(nd, nlh);
}

static int row_fail(struct nfdict *nd, int err, int at,
		    const struct nfdict_field *field)
{
	size_t len;

	nfdict_fail(nd, err, at);
	if (field) {
		len = field->name_len > NFDICT_NAME_MAX ? NFDICT_NAME_MAX :
		      field->name_len;
		memcpy(nd->error.field, field->name, len);
	}
	return err;
}

/* Queues a row, in the message before it if that is of the same kind. */
static int queue_row(struct nfdict *nd, uint16_t type, uint16_t flags,
		     const char *table, const struct nfdict_row *row)
{
	const struct nfdict_field *field;
	int err, at;
	size_t size;

	if (name_check(nd, table, NFDICT_AT_TABLE))
		return nd->error.code;
	size = nfdict_row_size(row, &err, &at, &field);
	if (!size)
		return row_fail(nd, err, at, field);

	if (nd->open && (nd->open_type != type || nd->open_flags != flags ||
			 strcmp(nd->open_table, table) ||
			 nd->rows->nla_len + size > ROWS_MAX))
		nd->open = NULL;
	err = queue_room(nd, size + (nd->open ? 0 : MESSAGE_SMALL));
	if (err)
		return err;
	if (!nd->open) {
		nd->open = nfdict_message(nd, type, flags);
		nd->open_type = type;
		nd->open_flags = flags;
		strcpy(nd->open_table, table);
		name_put(nd->open, NFDICTA_TABLE, table);
		nd->rows = mnl_attr_nest_start(nd->open, NFDICTA_ROWS);
		nd->nmessages++;
	}
	queue_note(nd, mnl_nlmsg_get_payload_tail(nd->open));
	nfdict_row_put(nd->open, row);
	mnl_attr_nest_end(nd->open, nd->rows);
	nd->used = (char *)mnl_nlmsg_get_payload_tail(nd->open) - nd->send;
	return nd->batch ? 0 : nfdict_flush(nd);
}

/* The kernel would not see this if the fields came in different messages. */
static const struct nfdict_field *same_field(const struct nfdict_row *row)
{
	unsigned int i, j;

	for (i = 1; i < row->nfields; i++)
		for (j = 0; j < i; j++)
			if (row->fields[i].name_len == row->fields[j].name_len &&
			    !memcmp(row->fields[i].name, row->fields[j].name,
				    row->fields[i].name_len))
				return &row->fields[i];
	return NULL;
}

/* A row that is too long for a message: the first part is written as asked, the
 * fields of the others are added to it.
 */
static int queue_parts(struct nfdict *nd, uint16_t flags, const char *table,
		       const struct nfdict_row *row)
{
	const struct nfdict_field *twice = same_field(row);
	struct nfdict_row part = *row;
	int err;

	if (twice) {
		row_fail(nd, -EINVAL, NFDICT_AT_FIELD, twice);
		strcpy(nd->error.message, "row has a field twice");
		return -EINVAL;
	}
	do {
		part.nfields = row->nfields - (part.fields - row->fields);
		part.nfields = nfdict_row_fit(&part);
		err = queue_row(nd, NFDICT_MSG_ROW_NEW, flags, table, &part);
		flags &= NLM_F_CREATE;
		part.fields += part.nfields;
	} while (!err && part.fields < row->fields + row->nfields);

	return err;
}

int nfdict_row_set(struct nfdict *nd, const char *table,
		   const struct nfdict_row *row, unsigned int flags)
{
	const struct nfdict_field *field;
	uint16_t nlflags = 0;
	int err, at;

	if (flags & NFDICT_F_CREATE)
		nlflags |= NLM_F_CREATE;
	if (flags & NFDICT_F_EXCL)
		nlflags |= NLM_F_EXCL;
	if (flags & NFDICT_F_REPLACE)
		nlflags |= NLM_F_REPLACE;
	if (!nfdict_row_size(row, &err, &at, &field) && err == -EMSGSIZE)
		return queue_parts(nd, nlflags, table, row);
	return queue_row(nd, NFDICT_MSG_ROW_NEW, nlflags, table, row);
}

int nfdict_row_delete(struct nfdict *nd, const char *table,
		      const struct nfdict_row *row)
{
	return queue_row(nd, NFDICT_MSG_ROW_DEL, 0, table, row);
}

struct table_walk {
	nfdict_table_cb cb;
	void *data;
};

static int table_answer(struct nfdict *nd, const struct nlmsghdr *nlh,
			void *data)
{
	struct nfdict_table table = {};
	struct table_walk *walk = data;
	struct message msg;
	int err;

	err = nfdict_message_get(nlh, &msg);
	if (!err && msg.stats)
		err = nfdict_stats_get(msg.stats, &table);
	if (err)
		return nfdict_fail(nd, err, NFDICT_AT_UNKNOWN);
	strcpy(table.name, msg.table);
	table.size = msg.size;
	table.timeout = msg.timeout;
	return walk->cb(&table, walk->data);
}

static int table_copy(const struct nfdict_table *table, void *data)
{
	*(struct nfdict_table *)data = *table;
	return 0;
}

int nfdict_table_get(struct nfdict *nd, const char *table,
		     struct nfdict_table *info)
{
	struct table_walk walk = { .cb = table_copy, .data = info };
	struct nlmsghdr *nlh;

	if (ask_check(nd) || name_check(nd, table, NFDICT_AT_TABLE))
		return nd->error.code;
	nlh = nfdict_message(nd, NFDICT_MSG_TABLE_GET, NLM_F_ACK);
	name_put(nlh, NFDICTA_TABLE, table);
	return nfdict_ask(nd, nlh, table_answer, &walk);
}

int nfdict_tables(struct nfdict *nd, nfdict_table_cb cb, void *data)
{
	struct table_walk walk = { .cb = cb, .data = data };
	struct nlmsghdr *nlh;

	if (ask_check(nd))
		return nd->error.code;
	nlh = nfdict_message(nd, NFDICT_MSG_TABLE_GET, NLM_F_DUMP);
	return nfdict_ask(nd, nlh, table_answer, &walk);
}

struct row_walk {
	nfdict_row_cb cb;
	void *data;
	const char *table;
	bool stopped;
};

static int row_answer_one(const struct nfdict_row *row, void *data)
{
	struct row_walk *walk = data;
	int err = walk->cb(walk->table, row, walk->data);

	walk->stopped = err;
	return err;
}

static int row_answer(struct nfdict *nd, const struct nlmsghdr *nlh,
		      void *data)
{
	struct row_walk *walk = data;
	struct message msg;
	int err;

	err = nfdict_message_get(nlh, &msg);
	if (err)
		return nfdict_fail(nd, err, NFDICT_AT_UNKNOWN);
	walk->table = msg.table;
	err = nfdict_message_rows(nlh, nd->fields, row_answer_one, walk);
	if (err && !walk->stopped)
		nfdict_fail(nd, err, NFDICT_AT_UNKNOWN);
	return err;
}

int nfdict_row_get(struct nfdict *nd, const char *table,
		   const struct nfdict_key *key, nfdict_row_cb cb, void *data)
{
	struct row_walk walk = { .cb = cb, .data = data };
	struct nfdict_row row = { .key = *key };
	const struct nfdict_field *field;
	struct nlmsghdr *nlh;
	int err, at;

	if (ask_check(nd) || name_check(nd, table, NFDICT_AT_TABLE))
		return nd->error.code;
	if (!nfdict_row_size(&row, &err, &at, &field))
		return nfdict_fail(nd, err, at);
	nlh = nfdict_message(nd, NFDICT_MSG_ROW_GET, NLM_F_ACK);
	name_put(nlh, NFDICTA_TABLE, table);
	nfdict_row_put(nlh, &row);
	return nfdict_ask(nd, nlh, row_answer, &walk);
}

int nfdict_rows(struct nfdict *nd, const char *table,
		const struct nfdict_key *key, const char *field,
		nfdict_row_cb cb, void *data)
{
	struct row_walk walk = { .cb = cb, .data = data };
	struct nlmsghdr *nlh;

	if (ask_check(nd) ||
	    (table && name_check(nd, table, NFDICT_AT_TABLE)) ||
	    (field && name_check(nd, field, NFDICT_AT_FIELD)))
		return nd->error.code;
	nlh = nfdict_message(nd, NFDICT_MSG_ROW_GET, NLM_F_DUMP);
	if (table)
		name_put(nlh, NFDICTA_TABLE, table);
	if (key)
		nfdict_key_put(nlh, NFDICTA_KEY, key);
	if (field)
		name_put(nlh, NFDICTA_FIELD, field);
	return nfdict_ask(nd, nlh, row_answer, &walk);
}
