// SPDX-License-Identifier: GPL-2.0-only
/*
 * Dict tables over nfnetlink: messages about tables and rows, gets and dumps.
 *
 * Copyright (C) 2026 The nft_dict authors
 */
#include <linux/module.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <net/sock.h>

#include "nfnetlink_dict_internal.h"

/**
 * struct nfdict_dump - a dump under way
 * @table: the table that is dumped now, with a reference; NULL at the end
 * @field: the only field to dump, with a reference, or NULL
 * @iter: the position in the table, while @walking
 * @key: the only key to dump, %NF_DICT_KEY_UNSPEC for all; borrows from the
 *	request, which the dump keeps
 * @ntables: number of tables at the start, if all are dumped
 * @ids: sum of their ids
 * @all: all tables are dumped
 * @walking: @iter is in use
 * @again: the row at @iter has not been dumped yet
 * @interrupted: it is known that the dump is not consistent
 *
 * Allocated by the start of the dump and freed by its end. Serialized by the
 * callback mutex of the socket.
 */
struct nfdict_dump {
	struct nf_dict_table	*table;
	struct nf_dict_atom	*field;
	struct nf_dict_iter	iter;
	struct nf_dict_key	key;
	u64			ntables;
	u64			ids;
	bool			all;
	bool			walking;
	bool			again;
	bool			interrupted;
};

/*
 * Building messages to userspace
 */

/**
 * nfdict_msg_put - start a message to userspace
 * @skb: where to put it
 * @portid: port id of the receiver, or, for an event, of the requester
 * @seq: sequence number of the request
 * @type: &enum nfdict_msg_types
 * @flags: of the message
 *
 * Return: the header, or NULL if there is no room.
 */
struct nlmsghdr *nfdict_msg_put(struct sk_buff *skb, u32 portid, u32 seq,
				int type, int flags)
{
	return nfnl_msg_put(skb, portid, seq,
			    nfnl_msg_type(NFNL_SUBSYS_DICT, type), flags,
			    AF_UNSPEC, NFNETLINK_V0, 0);
}

static size_t nfdict_msg_size(const struct nf_dict_table *table)
{
	return NLMSG_ALIGN(sizeof(struct nfgenmsg)) +
	       nla_total_size(nf_dict_table_name_len(table) + 1);
}

/* Strings are sent with a terminating NUL, for readers in C. */
static int nfdict_put_string(struct sk_buff *skb, int type, const void *data,
			     unsigned int len)
{
	struct nlattr *attr = nla_reserve(skb, type, len + 1);
	char *str;

	if (!attr)
		return -EMSGSIZE;

	str = nla_data(attr);
	memcpy(str, data, len);
	str[len] = '\0';

	return 0;
}

/**
 * nfdict_put_table_name - add the name of a table
 * @skb: the message
 * @type: %NFDICTA_TABLE or %NFDICTA_TABLE2
 * @table: the table
 *
 * Return: 0 or -EMSGSIZE.
 */
int nfdict_put_table_name(struct sk_buff *skb, int type,
			  const struct nf_dict_table *table)
{
	return nfdict_put_string(skb, type, nf_dict_table_name(table),
				 nf_dict_table_name_len(table));
}

static size_t nfdict_key_size(const struct nf_dict_key *key)
{
	return nla_total_size(key->type == NF_DICT_KEY_INT ?
			      nla_total_size_64bit(sizeof(__be64)) :
			      nla_total_size(key->len + 1));
}

static int nfdict_put_key(struct sk_buff *skb, const struct nf_dict_key *key)
{
	struct nlattr *nest;
	int err;

	nest = nla_nest_start(skb, NFDICTA_ROW_KEY);
	if (!nest)
		return -EMSGSIZE;

	/* The attributes have the numbers of the types. */
	switch (key->type) {
	case NF_DICT_KEY_INT:
		err = nla_put_be64(skb, NFDICTA_KEY_INT, cpu_to_be64(key->num),
				   NFDICTA_KEY_PAD);
		break;
	case NF_DICT_KEY_STRING:
		err = nfdict_put_string(skb, NFDICTA_KEY_STRING, key->data,
					key->len);
		break;
	default:
		err = nla_put(skb, key->type, key->len, key->data);
		break;
	}
	if (err)
		return err;

	nla_nest_end(skb, nest);

	return 0;
}

static size_t nfdict_list_size(const struct nf_dict_value *value)
{
	const char *member = NULL, *data;
	unsigned int len;
	size_t size = 0;

	data = nf_dict_value_data(value, &len);
	while ((member = nf_dict_list_next(data, len, member)))
		size += nla_total_size(strlen(member) + 1);

	return nla_total_size(size);
}

static int nfdict_put_list(struct sk_buff *skb,
			   const struct nf_dict_value *value)
{
	const char *member = NULL, *data;
	struct nlattr *nest;
	unsigned int len;

	nest = nla_nest_start(skb, NFDICTA_FIELD_STRING_LIST);
	if (!nest)
		return -EMSGSIZE;

	data = nf_dict_value_data(value, &len);
	while ((member = nf_dict_list_next(data, len, member)))
		if (nla_put_string(skb, NFDICTA_LIST_MEMBER, member))
			return -EMSGSIZE;

	nla_nest_end(skb, nest);

	return 0;
}

static size_t nfdict_value_size(const struct nf_dict_value *value)
{
	unsigned int len;

	switch (value->type) {
	case NF_DICT_BOOL:
		return nla_total_size(sizeof(u8));
	case NF_DICT_INT:
		return nla_total_size(sizeof(__be32));
	case NF_DICT_INT64:
		return nla_total_size_64bit(sizeof(__be64));
	case NF_DICT_STRING_LIST:
		return nfdict_list_size(value);
	default:
		nf_dict_value_data(value, &len);
		return nla_total_size(len + 1);
	}
}

static int nfdict_put_value(struct sk_buff *skb,
			    const struct nf_dict_value *value)
{
	unsigned int len;
	const void *data;

	/* The attributes have the numbers of the types. */
	switch (value->type) {
	case NF_DICT_BOOL:
		return nla_put_u8(skb, NFDICTA_FIELD_BOOL,
				  nf_dict_value_num(value));
	case NF_DICT_INT:
		return nla_put_be32(skb, NFDICTA_FIELD_INT,
				    cpu_to_be32(nf_dict_value_num(value)));
	case NF_DICT_INT64:
		return nla_put_be64(skb, NFDICTA_FIELD_INT64,
				    cpu_to_be64(nf_dict_value_num(value)),
				    NFDICTA_FIELD_PAD);
	case NF_DICT_LONG_STRING:
		data = nf_dict_value_data(value, &len);
		return nfdict_put_string(skb, NFDICTA_FIELD_LONG_STRING, data,
					 len);
	case NF_DICT_STRING_LIST:
		return nfdict_put_list(skb, value);
	default:
		data = nf_dict_value_data(value, &len);
		return nla_put(skb, value->type, len, data);
	}
}

/* The i-th field of a view, NULL if the message leaves it out. */
static const struct nf_dict_atom *
nfdict_view_field(const struct nfdict_view *view, unsigned int i,
		  struct nf_dict_value *value)
{
	const struct nf_dict_atom *name;

	if (view->names) {
		name = view->names[i];
	} else if (view->fields) {
		*value = view->fields[i].value;
		name = view->fields[i].field;
	} else {
		name = nf_dict_row_field(view->table, view->row, i, value);
	}

	return view->only && name != view->only ? NULL : name;
}

static size_t nfdict_field_size(const struct nfdict_view *view,
				const struct nf_dict_atom *name,
				const struct nf_dict_value *value)
{
	size_t size = nla_total_size(nf_dict_atom_len(name) + 1);

	if (!view->names)
		size += nfdict_value_size(value);

	return nla_total_size(size);
}

static int nfdict_put_field(struct sk_buff *skb, const struct nfdict_view *view,
			    const struct nf_dict_atom *name,
			    const struct nf_dict_value *value)
{
	struct nlattr *nest;

	nest = nla_nest_start(skb, NFDICTA_ROW_FIELD);
	if (!nest ||
	    nfdict_put_string(skb, NFDICTA_FIELD_NAME, nf_dict_atom_data(name),
			      nf_dict_atom_len(name)))
		return -EMSGSIZE;
	if (!view->names && nfdict_put_value(skb, value))
		return -EMSGSIZE;

	nla_nest_end(skb, nest);

	return 0;
}

/* The most that an attribute can hold, less what precedes a row's fields. */
static size_t nfdict_row_room(const struct nf_dict_key *key)
{
	return U16_MAX - nla_total_size(0) - nfdict_key_size(key) -
	       2 * nla_total_size_64bit(sizeof(__be64)) -
	       nla_total_size(0) - nla_total_size(0);
}

/* Add a row with those of its fields from *@from on that fit an attribute. */
static int nfdict_put_row_part(struct sk_buff *skb,
			       const struct nfdict_view *view,
			       unsigned int *from)
{
	struct nf_dict_value value;
	struct nlattr *nest, *list;
	const struct nf_dict_atom *name;
	struct nf_dict_key key;
	u64 expires, timeout;
	size_t room, size;

	nf_dict_row_key(view->row, &key);
	room = nfdict_row_room(&key);

	nest = nla_nest_start(skb, NFDICTA_ROW);
	if (!nest || nfdict_put_key(skb, &key))
		return -EMSGSIZE;

	if (view->expired && nla_put_flag(skb, NFDICTA_ROW_EXPIRED))
		return -EMSGSIZE;

	if (view->gone && nla_put_flag(skb, NFDICTA_ROW_GONE))
		return -EMSGSIZE;

	if (view->keyonly)
		goto end;

	expires = view->names || view->gone ? 0 : nf_dict_row_expires(view->row);
	/* Read once: the lifetime may be restarted meanwhile. */
	timeout = nf_dict_row_timeout(view->row);
	if (expires && timeout) {
		expires = min(expires, timeout);
		if (nla_put_be64(skb, NFDICTA_ROW_TIMEOUT, cpu_to_be64(timeout),
				 NFDICTA_ROW_PAD) ||
		    nla_put_be64(skb, NFDICTA_ROW_EXPIRES, cpu_to_be64(expires),
				 NFDICTA_ROW_PAD))
			return -EMSGSIZE;
	}

	list = nla_nest_start(skb, NFDICTA_ROW_FIELDS);
	if (!list)
		return -EMSGSIZE;

	for (; *from < view->nfields; (*from)++) {
		name = nfdict_view_field(view, *from, &value);
		if (!name)
			continue;

		size = nfdict_field_size(view, name, &value);
		if (size > room)
			break;
		room -= size;

		if (nfdict_put_field(skb, view, name, &value))
			return -EMSGSIZE;
	}

	nla_nest_end(skb, list);
end:
	nla_nest_end(skb, nest);

	return 0;
}

/*
 * Add a row. An attribute holds up to 65,535 bytes, and 255 fields with the
 * longest names and strings need 17 times as much, so a row may need several.
 */
static int nfdict_put_row(struct sk_buff *skb, const struct nfdict_view *view)
{
	unsigned int from = 0;

	do {
		if (nfdict_put_row_part(skb, view, &from))
			return -EMSGSIZE;
	} while (!view->keyonly && from < view->nfields);

	return 0;
}

/**
 * nfdict_row_msg_size - upper bound of the size of a message for a row
 * @view: contents of the message
 *
 * Return: bytes, without the netlink header.
 */
size_t nfdict_row_msg_size(const struct nfdict_view *view)
{
	const struct nf_dict_atom *name;
	struct nf_dict_value value;
	struct nf_dict_key key;
	size_t fields = 0, room;
	unsigned int i;

	nf_dict_row_key(view->row, &key);
	room = nfdict_row_room(&key);

	for (i = 0; !view->keyonly && i < view->nfields; i++) {
		name = nfdict_view_field(view, i, &value);
		if (name)
			fields += nfdict_field_size(view, name, &value);
	}

	/*
	 * One attribute more than fields / room is enough, as fields are small
	 * compared with an attribute.
	 */
	return nfdict_msg_size(view->table) + fields +
	       (fields / room + (fields ? 2 : 1)) * (U16_MAX - room);
}

/**
 * nfdict_fill_row - add a message for a row
 * @skb: where to put it
 * @portid: as for nfdict_msg_put()
 * @seq: likewise
 * @type: likewise
 * @flags: likewise
 * @view: contents of the message
 * @cb: the dump, or NULL
 *
 * Return: 0 or -EMSGSIZE.
 */
int nfdict_fill_row(struct sk_buff *skb, u32 portid, u32 seq, int type,
		    int flags, const struct nfdict_view *view,
		    struct netlink_callback *cb)
{
	struct nlmsghdr *nlh = nfdict_msg_put(skb, portid, seq, type, flags);

	if (!nlh)
		return -EMSGSIZE;

	if (nfdict_put_table_name(skb, NFDICTA_TABLE, view->table) ||
	    nfdict_put_row(skb, view)) {
		nlmsg_cancel(skb, nlh);
		return -EMSGSIZE;
	}

	nlmsg_end(skb, nlh);
	if (cb)
		nl_dump_check_consistent(cb, nlh);

	return 0;
}

static int nfdict_put_stats(struct sk_buff *skb, struct nf_dict_table *table)
{
	struct nf_dict_stats stats;
	struct nlattr *nest;

	nf_dict_table_stats(table, &stats);

	nest = nla_nest_start(skb, NFDICTA_STATS);
	if (!nest ||
	    nla_put_be32(skb, NFDICTA_STATS_ROWS, cpu_to_be32(stats.rows)) ||
	    nla_put_be32(skb, NFDICTA_STATS_USE, cpu_to_be32(stats.use)) ||
	    nla_put_be64(skb, NFDICTA_STATS_BYTES, cpu_to_be64(stats.bytes),
			 NFDICTA_STATS_PAD) ||
	    nla_put_be64(skb, NFDICTA_STATS_DROPS, cpu_to_be64(stats.drops),
			 NFDICTA_STATS_PAD) ||
	    nla_put_be64(skb, NFDICTA_STATS_EXPIRED, cpu_to_be64(stats.expired),
			 NFDICTA_STATS_PAD))
		return -EMSGSIZE;

	nla_nest_end(skb, nest);

	return 0;
}

/* Size of the current declaration of a table; fields may be added any time. */
static size_t nfdict_decls_size(const struct nf_dict_table *table)
{
	const struct nf_dict_decls *decls;
	size_t size = 0, len;
	unsigned int i;

	rcu_read_lock();
	decls = nf_dict_table_decls(table);
	for (i = 0; decls && i < decls->n; i++) {
		len = nf_dict_atom_len(decls->fields[i].field);
		size += nla_total_size(nla_total_size(sizeof(__be32)) +
				       nla_total_size(len + 1));
	}
	rcu_read_unlock();

	return size ? nla_total_size(size) + nla_total_size(0) : 0;
}

static int nfdict_put_decl(struct sk_buff *skb, const struct nf_dict_decl *decl)
{
	struct nlattr *nest = nla_nest_start(skb, NFDICTA_DECL);

	if (!nest ||
	    nfdict_put_string(skb, NFDICTA_DECL_NAME,
			      nf_dict_atom_data(decl->field),
			      nf_dict_atom_len(decl->field)) ||
	    nla_put_be32(skb, NFDICTA_DECL_TYPE, cpu_to_be32(decl->type)))
		return -EMSGSIZE;

	nla_nest_end(skb, nest);

	return 0;
}

static int nfdict_put_decls(struct sk_buff *skb,
			    const struct nf_dict_table *table)
{
	const struct nf_dict_decls *decls;
	struct nlattr *list;
	unsigned int i;
	int err = 0;

	rcu_read_lock();
	decls = nf_dict_table_decls(table);
	if (!decls)
		goto out;

	err = -EMSGSIZE;
	list = nla_nest_start(skb, NFDICTA_DECLS);
	if (!list)
		goto out;
	for (i = 0; i < decls->n; i++)
		if (nfdict_put_decl(skb, &decls->fields[i]))
			goto out;
	nla_nest_end(skb, list);
	err = decls->open ? nla_put_flag(skb, NFDICTA_OPEN) : 0;
out:
	rcu_read_unlock();
	return err;
}

/**
 * nfdict_table_msg_size - upper bound of the size of a message for a table
 * @table: the table
 *
 * Return: bytes, without the netlink header.
 */
size_t nfdict_table_msg_size(const struct nf_dict_table *table)
{
	return nfdict_msg_size(table) +
	       nla_total_size(sizeof(__be32)) +			/* SIZE */
	       nla_total_size_64bit(sizeof(__be64)) +		/* TIMEOUT */
	       nla_total_size(sizeof(__be32)) +			/* KEY_CLASS */
	       nfdict_decls_size(table) +
	       nla_total_size(2 * nla_total_size(sizeof(__be32)) +
			      3 * nla_total_size_64bit(sizeof(__be64)));
}

/**
 * nfdict_put_table - add the properties of a table
 * @skb: the message
 * @table: the table
 *
 * Return: 0 or -EMSGSIZE.
 */
int nfdict_put_table(struct sk_buff *skb, const struct nf_dict_table *table)
{
	u8 key_class = nf_dict_table_key_class(table);

	if (nfdict_put_table_name(skb, NFDICTA_TABLE, table) ||
	    nla_put_be32(skb, NFDICTA_SIZE,
			 cpu_to_be32(nf_dict_table_size(table))) ||
	    nla_put_be64(skb, NFDICTA_TIMEOUT,
			 cpu_to_be64(nf_dict_table_timeout(table)),
			 NFDICTA_PAD) ||
	    (key_class &&
	     nla_put_be32(skb, NFDICTA_KEY_CLASS, cpu_to_be32(key_class))))
		return -EMSGSIZE;

	return nfdict_put_decls(skb, table);
}

static int nfdict_fill_table(struct sk_buff *skb, u32 portid, u32 seq,
			     int flags, struct nf_dict_table *table,
			     struct netlink_callback *cb)
{
	struct nlmsghdr *nlh;

	nlh = nfdict_msg_put(skb, portid, seq, NFDICT_MSG_TABLE_NEW, flags);
	if (!nlh)
		return -EMSGSIZE;

	if (nfdict_put_table(skb, table) || nfdict_put_stats(skb, table)) {
		nlmsg_cancel(skb, nlh);
		return -EMSGSIZE;
	}

	nlmsg_end(skb, nlh);
	if (cb)
		nl_dump_check_consistent(cb, nlh);

	return 0;
}

/*
 * Dumps
 */

static struct nfdict_dump *nfdict_dump_of(struct netlink_callback *cb)
{
	BUILD_BUG_ON(sizeof(struct nfdict_dump *) > sizeof(cb->ctx));

	return *(struct nfdict_dump **)cb->ctx;
}

/*
 * Ids of tables are ascending and never reused, so if tables are deleted and as
 * many created, the sum of the ids grows.
 */
static void nfdict_count_tables(struct net *net, u64 *ntables, u64 *ids)
{
	struct nf_dict_table *table = NULL;

	*ntables = 0;
	*ids = 0;
	while ((table = nf_dict_table_next(net, table))) {
		*ntables += 1;
		*ids += nf_dict_table_id(table);
	}
}

static void nfdict_dump_free(struct nfdict_dump *d)
{
	if (d->walking)
		nf_dict_iter_exit(&d->iter);
	if (d->field)
		nf_dict_field_put(d->field);
	if (d->table)
		nf_dict_table_put(d->table);
	kfree(d);
}

/* Set NLM_F_DUMP_INTR on the next message or on NLMSG_DONE. */
static void nfdict_dump_interrupted(struct netlink_callback *cb,
				    struct nfdict_dump *d)
{
	if (d->interrupted)
		return;

	d->interrupted = true;
	cb->seq++;
}

static int nfdict_dump_select(struct nfdict_dump *d,
			      const struct nfnl_info *info,
			      const struct nlattr * const cda[])
{
	struct nf_dict_table *table;
	struct nf_dict_atom *field;
	struct nfdict_name name;
	int err;

	if (cda[NFDICTA_KEY]) {
		err = nfdict_parse_key(info, 0, cda[NFDICTA_KEY], &d->key);
		if (err)
			return err;
	}

	if (cda[NFDICTA_FIELD]) {
		name = nfdict_string(cda[NFDICTA_FIELD]);
		err = nfdict_check_name(info, 0, cda[NFDICTA_FIELD], &name);
		if (err)
			return err;
	}

	if (cda[NFDICTA_TABLE]) {
		table = nfdict_table_find(info, cda[NFDICTA_TABLE]);
		if (IS_ERR(table))
			return PTR_ERR(table);
		d->table = table;
	} else {
		d->all = true;
		nfdict_count_tables(info->net, &d->ntables, &d->ids);
		d->table = nf_dict_table_next(info->net, NULL);
	}

	if (cda[NFDICTA_FIELD]) {
		field = nf_dict_field_find(info->net, name.data, name.len);
		if (!IS_ERR(field)) {
			d->field = field;
		} else if (PTR_ERR(field) == -ENOENT) {
			/* No row has a field of this name. */
			if (d->table)
				nf_dict_table_put(d->table);
			d->table = NULL;
			d->all = false;
		} else {
			err = PTR_ERR(field);
			return nfdict_refuse(info, 0, cda[NFDICTA_FIELD], err,
					     nfdict_strerror(err));
		}
	}

	return 0;
}

/**
 * struct nfdict_dump_request - a request, for the start of its dump
 * @info: the message
 * @cda: its attributes
 */
struct nfdict_dump_request {
	const struct nfnl_info		*info;
	const struct nlattr * const	*cda;
};

static int nfdict_dump_start(struct netlink_callback *cb)
{
	const struct nfdict_dump_request *req = cb->data;
	struct nfdict_dump *d;
	int err;

	d = kzalloc_obj(*d);
	if (!d)
		return -ENOMEM;

	err = nfdict_dump_select(d, req->info, req->cda);
	if (err) {
		nfdict_dump_free(d);
		return err;
	}

	*(struct nfdict_dump **)cb->ctx = d;
	cb->data = NULL;
	cb->seq = 1;
	cb->prev_seq = 1;

	return 0;
}

static int nfdict_dump_done(struct netlink_callback *cb)
{
	nfdict_dump_free(nfdict_dump_of(cb));
	return 0;
}

static int nfdict_dump(struct sk_buff *skb, const struct nfnl_info *info,
		       const struct nlattr * const cda[],
		       int (*dump)(struct sk_buff *skb,
				   struct netlink_callback *cb))
{
	struct nfdict_dump_request req = {
		.info	= info,
		.cda	= cda,
	};
	struct netlink_dump_control c = {
		.start	= nfdict_dump_start,
		.dump	= dump,
		.done	= nfdict_dump_done,
		.data	= &req,
		.extack	= info->extack,
		.module	= THIS_MODULE,
	};

	return netlink_dump_start(info->sk, skb, info->nlh, &c);
}

static void nfdict_dump_next_table(struct net *net, struct netlink_callback *cb,
				   struct nfdict_dump *d)
{
	u64 ntables, ids;

	if (!d->all) {
		nf_dict_table_put(d->table);
		d->table = NULL;
		return;
	}

	d->table = nf_dict_table_next(net, d->table);
	if (d->table)
		return;

	nfdict_count_tables(net, &ntables, &ids);
	if (ntables != d->ntables || ids != d->ids)
		nfdict_dump_interrupted(cb, d);
}

/*
 * The next message is larger than usual. Make room for it, and no more, so that
 * the reader's buffer need not be larger than the largest message.
 */
static int nfdict_dump_grow(struct sk_buff *skb, size_t need)
{
	int err = pskb_expand_head(skb, 0, need, GFP_KERNEL);

	if (!err)
		skb_reserve(skb, skb_tailroom(skb) - need);

	return err;
}

static int nfdict_dump_tables(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct nfdict_dump *d = nfdict_dump_of(cb);
	struct net *net = sock_net(skb->sk);
	int err;

	while (d->table) {
		err = nfdict_fill_table(skb, NETLINK_CB(cb->skb).portid,
					cb->nlh->nlmsg_seq, NLM_F_MULTI,
					d->table, cb);
		if (err && skb->len)
			return skb->len;
		if (err) {
			err = nfdict_dump_grow(skb,
					       nlmsg_total_size(nfdict_table_msg_size(d->table)));
			if (err)
				return err;
			continue;
		}

		nfdict_dump_next_table(net, cb, d);
		cond_resched();
	}

	return 0;
}

/*
 * Dump a row if it is wanted. If it does not fit, *@need is the size of the
 * message.
 */
static int nfdict_dump_row(struct sk_buff *skb, struct netlink_callback *cb,
			   const struct nfdict_dump *d,
			   const struct nf_dict_row *row, size_t *need)
{
	struct nfdict_view view = {
		.table		= d->table,
		.row		= row,
		.only		= d->field,
		.nfields	= nf_dict_row_places(d->table, row),
	};
	struct nf_dict_value value;
	int err;

	if (d->field && !nf_dict_row_read(row, d->field, NULL, &value))
		return 0;

	err = nfdict_fill_row(skb, NETLINK_CB(cb->skb).portid,
			      cb->nlh->nlmsg_seq, NFDICT_MSG_ROW_NEW,
			      NLM_F_MULTI, &view, cb);
	if (err)
		*need = nlmsg_total_size(nfdict_row_msg_size(&view));

	return err;
}

static int nfdict_dump_key(struct sk_buff *skb, struct netlink_callback *cb,
			   struct nfdict_dump *d, size_t *need)
{
	const struct nf_dict_row *row;
	int err = 0;

	rcu_read_lock();
	row = nf_dict_row_lookup(d->table, &d->key);
	if (row)
		err = nfdict_dump_row(skb, cb, d, row, need);
	rcu_read_unlock();

	return err;
}

static int nfdict_dump_walk(struct sk_buff *skb, struct netlink_callback *cb,
			    struct nfdict_dump *d, size_t *need)
{
	const struct nf_dict_row *row;
	int err = 0;

	if (!d->walking) {
		nf_dict_iter_init(&d->iter, d->table);
		d->walking = true;
		d->again = false;
	}

	nf_dict_iter_start(&d->iter);

	row = d->again ? nf_dict_iter_peek(&d->iter) :
			 nf_dict_iter_next(&d->iter);
	while (row) {
		err = nfdict_dump_row(skb, cb, d, row, need);
		if (err)
			break;
		row = nf_dict_iter_next(&d->iter);
	}

	nf_dict_iter_stop(&d->iter);

	if (d->iter.inconsistent)
		nfdict_dump_interrupted(cb, d);

	d->again = err;
	if (!err) {
		nf_dict_iter_exit(&d->iter);
		d->walking = false;
	}

	return err;
}

static int nfdict_dump_rows(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct nfdict_dump *d = nfdict_dump_of(cb);
	struct net *net = sock_net(skb->sk);
	size_t need;
	int err;

	while (d->table) {
		if (d->key.type != NF_DICT_KEY_UNSPEC)
			err = nfdict_dump_key(skb, cb, d, &need);
		else
			err = nfdict_dump_walk(skb, cb, d, &need);

		if (err == -EMSGSIZE) {
			if (skb->len)
				return skb->len;

			err = nfdict_dump_grow(skb, need);
			if (!err)
				continue;
		}
		if (err)
			return err;

		nfdict_dump_next_table(net, cb, d);
		cond_resched();
	}

	return 0;
}

/*
 * Gets
 */

static int nfdict_table_get(struct sk_buff *skb, const struct nfnl_info *info,
			    const struct nlattr * const cda[])
{
	u32 portid = NETLINK_CB(skb).portid;
	struct nf_dict_table *table;
	struct sk_buff *reply;
	int err;

	err = nfdict_check_attrs(info, BIT(NFDICTA_TABLE));
	if (err)
		return err;

	if (info->nlh->nlmsg_flags & NLM_F_DUMP)
		return nfdict_dump(skb, info, cda, nfdict_dump_tables);

	err = nfdict_check_present(info, cda, NFDICTA_TABLE,
				   "table is not named");
	if (err)
		return err;

	table = nfdict_table_find(info, cda[NFDICTA_TABLE]);
	if (IS_ERR(table))
		return PTR_ERR(table);

	do {
		reply = nlmsg_new(nfdict_table_msg_size(table), GFP_KERNEL);
		if (!reply) {
			err = -ENOMEM;
			break;
		}
		err = nfdict_fill_table(reply, portid, info->nlh->nlmsg_seq, 0,
					table, NULL);
		if (err)
			kfree_skb(reply);
		/* Fields may have been declared meanwhile. */
	} while (err == -EMSGSIZE);
	if (!err)
		err = nfnetlink_unicast(reply, info->net, portid);

	nf_dict_table_put(table);

	return err;
}

static int nfdict_check_row_get(struct nfdict_batch *b,
				const struct nlattr *attr)
{
	struct nfdict_row r;
	int err;

	err = nfdict_check_row(b, attr, &r);
	if (err)
		return err;

	attr = r.fields ?: r.timeout_attr;
	if (attr)
		return nfdict_refuse(b->info, b->row, attr, -EINVAL,
				     "rows are named by their key alone");

	return 0;
}

/*
 * Add the message for a row of the batch. As many as fit share a buffer, so
 * that the memory queued is in proportion to the request.
 */
static int nfdict_read_row(struct nfdict_batch *b, const struct nlattr *attr)
{
	const struct nfnl_info *info = b->info;
	struct nfdict_view view = {
		.table	= b->table,
		.only	= b->field,
	};
	struct sk_buff *skb = skb_peek_tail(&b->replies);
	struct sk_buff *fresh = NULL;
	struct nf_dict_value value;
	struct nfdict_row r;
	size_t size = 0;
	int err;

	err = nfdict_parse_row(info, b->row, attr, &r);
	if (err)
		return err;

	/* The row may outgrow the buffer during its allocation. */
	for (;;) {
		rcu_read_lock();
		view.row = nf_dict_row_lookup(b->table, &r.key);
		if (!view.row) {
			err = nfdict_refuse(info, b->row, attr, -ENOENT,
					    "does not exist");
		} else if (b->field && !nf_dict_row_read(view.row, b->field,
							 NULL, &value)) {
			err = nfdict_refuse(info, b->row, attr, -ENOENT,
					    "field does not exist");
		} else {
			view.nfields = nf_dict_row_places(b->table, view.row);
			err = -EMSGSIZE;
			if (skb)
				err = nfdict_fill_row(skb, b->portid,
						      info->nlh->nlmsg_seq,
						      NFDICT_MSG_ROW_NEW, 0,
						      &view, NULL);
			if (err)
				size = nfdict_row_msg_size(&view);
		}
		rcu_read_unlock();

		if (err != -EMSGSIZE)
			break;

		kfree_skb(fresh);
		fresh = nlmsg_new(max_t(size_t, size, NLMSG_DEFAULT_SIZE),
				  GFP_KERNEL);
		if (!fresh)
			return -ENOMEM;
		skb = fresh;
	}
	if (err)
		kfree_skb(fresh);
	else if (fresh)
		__skb_queue_tail(&b->replies, fresh);
	cond_resched();

	return err;
}

static int nfdict_row_get(struct sk_buff *skb, const struct nfnl_info *info,
			  const struct nlattr * const cda[])
{
	struct nf_dict_table *table;
	struct nf_dict_atom *field;
	struct nfdict_name name;
	struct nfdict_batch *b;
	struct sk_buff *reply;
	int err;

	if (info->nlh->nlmsg_flags & NLM_F_DUMP) {
		err = nfdict_check_attrs(info, BIT(NFDICTA_TABLE) |
					       BIT(NFDICTA_KEY) |
					       BIT(NFDICTA_FIELD));
		if (err)
			return err;

		return nfdict_dump(skb, info, cda, nfdict_dump_rows);
	}

	err = nfdict_check_attrs(info, BIT(NFDICTA_TABLE) | BIT(NFDICTA_ROWS) |
				       BIT(NFDICTA_ROW) | BIT(NFDICTA_FIELD));
	if (!err)
		err = nfdict_check_present(info, cda, NFDICTA_TABLE,
					   "table is not named");
	if (err)
		return err;

	b = nfdict_batch_alloc(info);
	if (!b)
		return -ENOMEM;

	b->portid = NETLINK_CB(skb).portid;

	err = nfdict_check_rows(b, nfdict_check_row_get);
	if (err)
		goto out;

	table = nfdict_table_find(info, cda[NFDICTA_TABLE]);
	if (IS_ERR(table)) {
		err = PTR_ERR(table);
		goto out;
	}
	b->table = table;

	if (cda[NFDICTA_FIELD]) {
		name = nfdict_string(cda[NFDICTA_FIELD]);
		err = nfdict_check_name(info, 0, cda[NFDICTA_FIELD], &name);
		if (err)
			goto out;
		field = nf_dict_field_find(info->net, name.data, name.len);
		if (IS_ERR(field)) {
			err = PTR_ERR(field);
			nfdict_refuse(info, 0, cda[NFDICTA_FIELD], err,
				      "field does not exist");
			goto out;
		}
		b->field = field;
	}

	err = nfdict_walk_rows(b, nfdict_read_row);
	if (err)
		goto out;

	while ((reply = __skb_dequeue(&b->replies))) {
		err = nfnetlink_unicast(reply, info->net, b->portid);
		if (err)
			break;
	}
out:
	nfdict_batch_free(b);

	return err;
}

/*
 * Requests that change nothing do not take the mutex of the subsystem, so that
 * a long dump does not block writers. They are called in an RCU read-side
 * critical section, which they leave because they sleep.
 */
static int nfdict_get(struct sk_buff *skb, const struct nfnl_info *info,
		      const struct nlattr * const cda[],
		      int (*get)(struct sk_buff *skb,
				 const struct nfnl_info *info,
				 const struct nlattr * const cda[]))
{
	int err;

	if (!try_module_get(THIS_MODULE))
		return -EINVAL;

	rcu_read_unlock();
	err = get(skb, info, cda);
	rcu_read_lock();
	module_put(THIS_MODULE);

	return err;
}

/**
 * nfdict_table_get_rcu - %NFDICT_MSG_TABLE_GET
 * @skb: the request
 * @info: the message
 * @cda: its attributes
 *
 * Context: RCU read-side critical section, which it leaves and enters again.
 * Return: 0 or a negative error.
 */
int nfdict_table_get_rcu(struct sk_buff *skb, const struct nfnl_info *info,
			 const struct nlattr * const cda[])
{
	return nfdict_get(skb, info, cda, nfdict_table_get);
}

/**
 * nfdict_row_get_rcu - %NFDICT_MSG_ROW_GET
 * @skb: the request
 * @info: the message
 * @cda: its attributes
 *
 * Context: as nfdict_table_get_rcu().
 * Return: 0 or a negative error.
 */
int nfdict_row_get_rcu(struct sk_buff *skb, const struct nfnl_info *info,
		       const struct nlattr * const cda[])
{
	return nfdict_get(skb, info, cda, nfdict_row_get);
}
