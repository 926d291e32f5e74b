// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * libnfdict: requests about tables and rows
 *
 * Copyright (C) 2025 The nft_dict authors
 */
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <libmnl/libmnl.h>

#include "internal.h"

/* Stores an error found by the library, with its table and key. */
static int fail_about(struct nfdict *nd, int err, int at, const char *table,
		      const char *why)
{
	nfdict_fail_why(nd, err, at, why);
	snprintf(nd->error.table, sizeof(nd->error.table), "%s", table);
	return err;
}

static int name_check(struct nfdict *nd, const char *name, int at)
{
	const char *why;
	int err;

	why = nfdict_name_flaw(name, strlen(name), &err);
	return why ? fail_about(nd, err, at, name, why) : 0;
}

static void name_put(struct nlmsghdr *nlh, uint16_t type, const char *name)
{
	mnl_attr_put(nlh, type, strlen(name), name);
}

/* Checks that the handle can send a get or dump request now. */
static int ask_check(struct nfdict *nd)
{
	return nd->listening || nd->batch || nd->used ?
	       nfdict_fail(nd, -EBUSY, NFDICT_AT_UNKNOWN) : 0;
}

static void queue_note(struct nfdict *nd, const void *place)
{
	struct request *request = &nd->requests[nd->nrequests++];

	request->offset = (const char *)place - nd->send;
	request->tag = nd->tag;
}

/* Empties the send buffer for a new message. */
static int queue_room(struct nfdict *nd)
{
	if (nd->listening)
		return nfdict_fail(nd, -EBUSY, NFDICT_AT_UNKNOWN);
	return nfdict_flush(nd);
}

/* Starts a message about tables. Return: 0 and the message, or an error. */
static int queue_table(struct nfdict *nd, uint16_t type, uint16_t flags,
		       const char *table, struct nlmsghdr **nlh)
{
	int err = name_check(nd, table, NFDICT_AT_TABLE);

	if (!err)
		err = queue_room(nd);
	if (err)
		return err;
	*nlh = nfdict_message(nd, type, flags);
	queue_note(nd, *nlh);
	name_put(*nlh, NFDICTA_TABLE, table);
	return 0;
}

/* Completes the message, and sends it unless in a batch. */
static int queue_done(struct nfdict *nd, struct nlmsghdr *nlh)
{
	nd->used = nlh->nlmsg_len;
	return nd->batch ? 0 : nfdict_flush(nd);
}

static void decls_put(struct nlmsghdr *nlh, const struct nfdict_table *info)
{
	struct nlattr *list, *decl;
	uint32_t i;

	list = mnl_attr_nest_start(nlh, NFDICTA_DECLS);
	for (i = 0; i < info->ndecls; i++) {
		decl = mnl_attr_nest_start(nlh, NFDICTA_DECL);
		name_put(nlh, NFDICTA_DECL_NAME, info->decls[i].name);
		mnl_attr_put_u32(nlh, NFDICTA_DECL_TYPE,
				 htonl(info->decls[i].type));
		mnl_attr_nest_end(nlh, decl);
	}
	mnl_attr_nest_end(nlh, list);
	if (info->open)
		mnl_attr_put(nlh, NFDICTA_OPEN, 0, NULL);
}

static int decls_check(struct nfdict *nd, const struct nfdict_table *info)
{
	uint32_t i;
	int err;

	if (info->ndecls > NFDICT_FIELDS_MAX)
		return nfdict_fail_why(nd, -E2BIG, NFDICT_AT_DECL,
				       "more than 255 fields");
	for (i = 0; i < info->ndecls; i++) {
		err = name_check(nd, info->decls[i].name, NFDICT_AT_DECL);
		if (err)
			return err;
	}
	/* May exceed the send buffer of an unprivileged process. */
	if (MESSAGE_SMALL + info->ndecls * (NFDICT_NAME_MAX + 24) >
	    nd->message_max)
		return nfdict_fail(nd, -EMSGSIZE, NFDICT_AT_DECL);
	return 0;
}

int nfdict_table_declare(struct nfdict *nd, const char *table,
			 const struct nfdict_table *info, unsigned int flags)
{
	uint64_t timeout = info->timeout;
	uint32_t size = info->size;
	struct nlmsghdr *nlh;
	int err;

	err = decls_check(nd, info);
	if (err)
		return err;
	if (timeout > NFDICT_TIMEOUT_MAX)
		return fail_about(nd, -ERANGE, NFDICT_AT_TIMEOUT, table,
				  "timeout is out of range");
	err = queue_table(nd, NFDICT_MSG_TABLE_NEW, NLM_F_CREATE |
			  (flags & NFDICT_F_EXCL ? NLM_F_EXCL : 0) |
			  (flags & NFDICT_F_REPLACE ? NLM_F_REPLACE : 0),
			  table, &nlh);
	if (err)
		return err;
	/* 0 is the default of a new table, but changes an existing one. */
	if (size || flags & NFDICT_F_REPLACE)
		mnl_attr_put_u32(nlh, NFDICTA_SIZE, htonl(size));
	if (timeout || flags & NFDICT_F_REPLACE)
		mnl_attr_put_u64(nlh, NFDICTA_TIMEOUT, htobe64(timeout));
	if (info->key_class)
		mnl_attr_put_u32(nlh, NFDICTA_KEY_CLASS,
				 htonl(info->key_class));
	if (info->ndecls)
		decls_put(nlh, info);
	return queue_done(nd, nlh);
}

int nfdict_table_create(struct nfdict *nd, const char *table, uint32_t size,
			uint64_t timeout, unsigned int flags)
{
	const struct nfdict_table info = { .size = size, .timeout = timeout };

	return nfdict_table_declare(nd, table, &info, flags);
}

int nfdict_table_delete(struct nfdict *nd, const char *table)
{
	struct nlmsghdr *nlh;
	int err;

	err = queue_table(nd, NFDICT_MSG_TABLE_DEL, 0, table, &nlh);
	return err ? err : queue_done(nd, nlh);
}

int nfdict_table_flush(struct nfdict *nd, const char *table)
{
	struct nlmsghdr *nlh;
	int err;

	err = queue_table(nd, NFDICT_MSG_TABLE_FLUSH, 0, table, &nlh);
	return err ? err : queue_done(nd, nlh);
}

/* Checks the tables of a swap and that they fit into a message. */
static int swap_check(struct nfdict *nd, const char *const *tables,
		      unsigned int n)
{
	size_t size = MESSAGE_SMALL;
	unsigned int i;
	int err;

	if (!n || n % 2)
		return nfdict_fail(nd, -EINVAL, NFDICT_AT_UNKNOWN);
	for (i = 0; i < n; i++) {
		err = name_check(nd, tables[i],
				 i % 2 ? NFDICT_AT_TABLE2 : NFDICT_AT_TABLE);
		if (err)
			return err;
		size += 2 * MNL_ATTR_HDRLEN + MNL_ALIGN(strlen(tables[i]));
	}
	if (n / 2 > NFDICT_PAIRS_MAX || size > nd->message_max)
		return nfdict_fail_why(nd, -E2BIG, NFDICT_AT_UNKNOWN,
				       "too many tables to swap in one step");
	return 0;
}

int nfdict_tables_swap(struct nfdict *nd, const char *const *tables,
		       unsigned int n)
{
	struct nlattr *pairs, *pair;
	struct nlmsghdr *nlh;
	unsigned int i;
	int err;

	err = swap_check(nd, tables, n);
	if (!err)
		err = queue_table(nd, NFDICT_MSG_TABLE_SWAP, 0, tables[0],
				  &nlh);
	if (err)
		return err;
	name_put(nlh, NFDICTA_TABLE2, tables[1]);
	if (n > 2) {
		pairs = mnl_attr_nest_start(nlh, NFDICTA_PAIRS);
		for (i = 2; i < n; i += 2) {
			pair = mnl_attr_nest_start(nlh, NFDICTA_PAIR);
			name_put(nlh, NFDICTA_TABLE, tables[i]);
			name_put(nlh, NFDICTA_TABLE2, tables[i + 1]);
			mnl_attr_nest_end(nlh, pair);
		}
		mnl_attr_nest_end(nlh, pairs);
	}
	return queue_done(nd, nlh);
}

int nfdict_table_swap(struct nfdict *nd, const char *table, const char *table2)
{
	const char *const tables[] = { table, table2 };

	return nfdict_tables_swap(nd, tables, ARRAY_SIZE(tables));
}

static int row_fail(struct nfdict *nd, const char *table,
		    const struct nfdict_row *row, const struct flaw *flaw)
{
	const struct nfdict_field *field = flaw->field;

	fail_about(nd, flaw->err, flaw->at, table, flaw->why);
	if (flaw->at != NFDICT_AT_KEY)
		nd->error.key = row->key;
	if (field)
		snprintf(nd->error.field, sizeof(nd->error.field), "%.*s",
			 (int)field->name_len, field->name);
	return flaw->err;
}

/* Whether this row can be added to the message in the send buffer. */
static bool queue_joins(const struct nfdict *nd, uint16_t type, uint16_t flags,
			const char *table, size_t size)
{
	return nd->rows && !nd->sent && nd->open_type == type &&
	       nd->open_flags == flags && !strcmp(nd->open_table, table) &&
	       nd->nrequests < REQUESTS_MAX &&
	       nd->used + size <= nd->message_max;
}

/* Queues a row, in the current message if that is of the same kind. */
static int queue_row(struct nfdict *nd, uint16_t type, uint16_t flags,
		     const char *table, const struct nfdict_row *row)
{
	struct nlmsghdr *nlh = (struct nlmsghdr *)nd->send;
	struct flaw flaw;
	size_t size;
	int err;

	err = name_check(nd, table, NFDICT_AT_TABLE);
	if (err)
		return err;
	size = nfdict_row_size(row, type, nd->message_max, &flaw);
	if (!size)
		return row_fail(nd, table, row, &flaw);

	if (!queue_joins(nd, type, flags, table, size)) {
		err = queue_room(nd);
		if (err)
			return err;
		nlh = nfdict_message(nd, type, flags);
		nd->open_type = type;
		nd->open_flags = flags;
		strcpy(nd->open_table, table);
		name_put(nlh, NFDICTA_TABLE, table);
		nd->rows = mnl_attr_nest_start(nlh, NFDICTA_ROWS);
	}
	queue_note(nd, mnl_nlmsg_get_payload_tail(nlh));
	nfdict_row_put(nlh, row);
	mnl_attr_nest_end(nlh, nd->rows);
	nd->used = nlh->nlmsg_len;
	return nd->batch ? 0 : nfdict_flush(nd);
}

/* Writes a row that is too long for a message: the first part as requested,
 * then the other fields, unless the first part was refused.
 */
static int queue_parts(struct nfdict *nd, uint16_t flags, const char *table,
		       const struct nfdict_row *row)
{
	struct nfdict_row part = *row;
	unsigned long failures;
	int err;

	err = queue_room(nd);
	failures = nd->failures;
	while (!err && nd->failures == failures &&
	       part.fields < row->fields + row->nfields) {
		part.nfields = row->nfields - (part.fields - row->fields);
		part.nfields = nfdict_row_fit(&part, nd->message_max);
		err = queue_row(nd, NFDICT_MSG_ROW_NEW, flags, table, &part);
		if (!err)
			err = nfdict_flush(nd);
		flags &= NLM_F_CREATE;
		part.fields += part.nfields;
	}
	return err;
}

int nfdict_row_set(struct nfdict *nd, const char *table,
		   const struct nfdict_row *row, unsigned int flags)
{
	uint16_t nlflags = 0;
	struct flaw flaw;
	unsigned int i;

	for (i = 0; flags && i < row->nfields; i++)
		if (row->fields[i].op != NFDICT_OP_SET) {
			flaw.err = -EINVAL;
			flaw.at = NFDICT_AT_FIELD;
			flaw.field = &row->fields[i];
			flaw.why =
"what is added to must be there, so the row cannot be created or replaced";
			return row_fail(nd, table, row, &flaw);
		}
	if (flags & NFDICT_F_CREATE)
		nlflags |= NLM_F_CREATE;
	if (flags & NFDICT_F_EXCL)
		nlflags |= NLM_F_EXCL;
	if (flags & NFDICT_F_REPLACE)
		nlflags |= NLM_F_REPLACE;
	/* Few fields always fit. */
	if (row->nfields > 1 &&
	    row->nfields > (nd->message_max - MESSAGE_SMALL) / FIELD_MAX &&
	    !nfdict_row_size(row, NFDICT_MSG_ROW_NEW, nd->message_max, &flaw) &&
	    flaw.err == -EMSGSIZE)
		return queue_parts(nd, nlflags, table, row);
	return queue_row(nd, NFDICT_MSG_ROW_NEW, nlflags, table, row);
}

int nfdict_row_add(struct nfdict *nd, const char *table,
		   const struct nfdict_key *key, const char *field,
		   int64_t num)
{
	struct nfdict_field add;
	struct nfdict_row row = { .key = *key, .fields = &add, .nfields = 1 };

	nfdict_field_num(&add, field, NFDICT_INT64, num);
	add.op = NFDICT_OP_ADD;
	return nfdict_row_set(nd, table, &row, 0);
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
	table.key_class = msg.key_class;
	err = nfdict_decls_get(msg.decls, nd->decls);
	if (err < 0)
		return nfdict_fail(nd, err, NFDICT_AT_UNKNOWN);
	table.ndecls = err;
	table.decls = nd->decls;
	table.open = msg.open;
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
	err = nfdict_message_rows(nlh, nd->fields, nd->text, row_answer_one,
				  walk);
	if (err && !walk->stopped)
		nfdict_fail(nd, err, NFDICT_AT_UNKNOWN);
	return err;
}

/* A row larger than the receive buffer leaves no room for the acknowledgment.
 * In a dump, that is sent after the row was read.
 */
static int row_get_large(struct nfdict *nd, const char *table,
			 const struct nfdict_key *key, struct row_walk *walk)
{
	struct nlmsghdr *nlh;
	int err;

	nlh = nfdict_message(nd, NFDICT_MSG_ROW_GET, NLM_F_DUMP);
	name_put(nlh, NFDICTA_TABLE, table);
	nfdict_key_put(nlh, NFDICTA_KEY, key);
	err = nfdict_ask(nd, nlh, row_answer, walk);
	/* The row was deleted meanwhile. */
	if (!err && !walk->table)
		err = nfdict_fail(nd, -ENOENT, NFDICT_AT_ROW);
	return err;
}

int nfdict_row_get(struct nfdict *nd, const char *table,
		   const struct nfdict_key *key, nfdict_row_cb cb, void *data)
{
	struct row_walk walk = { .cb = cb, .data = data };
	struct nfdict_row row = { .key = *key };
	struct nlmsghdr *nlh;
	struct flaw flaw;
	int err;

	if (ask_check(nd) || name_check(nd, table, NFDICT_AT_TABLE))
		return nd->error.code;
	if (!nfdict_row_size(&row, NFDICT_MSG_ROW_GET, nd->message_max, &flaw))
		return row_fail(nd, table, &row, &flaw);
	nlh = nfdict_message(nd, NFDICT_MSG_ROW_GET, NLM_F_ACK);
	name_put(nlh, NFDICTA_TABLE, table);
	nfdict_row_put(nlh, &row);
	err = nfdict_ask(nd, nlh, row_answer, &walk);
	if (err == -ENOBUFS && !walk.table)
		err = row_get_large(nd, table, key, &walk);
	return err;
}

static int row_keep(const char *table, const struct nfdict_row *row,
		    void *data)
{
	struct nfdict_row **copy = data;

	(void)table;
	*copy = nfdict_row_copy(row);
	return *copy ? 0 : -errno;
}

int nfdict_row_read(struct nfdict *nd, const char *table,
		    const struct nfdict_key *key, struct nfdict_row **row)
{
	int err;

	*row = NULL;
	err = nfdict_row_get(nd, table, key, row_keep, row);
	if (!err && !*row)
		err = nfdict_fail(nd, -ENOENT, NFDICT_AT_ROW);
	if (err) {
		nfdict_row_free(*row);
		*row = NULL;
	}
	return err;
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
