// SPDX-License-Identifier: GPL-2.0-only
/*
 * Management of dict tables over nfnetlink.
 *
 * A request is read twice: the first pass checks everything that can be known
 * without looking at the tables, and changes nothing; the second applies it
 * row by row. So a malformed message leaves nothing behind, and a row that the
 * store refuses is reported by its number, with the rows before it written.
 *
 * Copyright (C) 2026 The nft_dict authors
 */
#include <linux/module.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <net/net_namespace.h>
#include <net/netfilter/nf_dict.h>
#include <net/netlink.h>
#include <net/sock.h>
#include <uapi/linux/netfilter/nfnetlink_dict.h>

static const struct nla_policy nfdict_policy[NFDICTA_MAX + 1] = {
	[NFDICTA_UNSPEC]	= { .strict_start_type = NFDICTA_UNSPEC + 1 },
	[NFDICTA_TABLE]		= { .type = NLA_STRING },
	[NFDICTA_TABLE2]	= { .type = NLA_STRING },
	[NFDICTA_SIZE]		= { .type = NLA_BE32 },
	[NFDICTA_TIMEOUT]	= { .type = NLA_U64 },
	[NFDICTA_ROWS]		= { .type = NLA_NESTED },
	[NFDICTA_ROW]		= { .type = NLA_NESTED },
	[NFDICTA_KEY]		= { .type = NLA_NESTED },
	[NFDICTA_FIELD]		= { .type = NLA_STRING },
};

/**
 * struct nfdict_name - bytes of a message that name something
 * @data: the first byte; no NUL ends the name
 * @len: number of bytes
 */
struct nfdict_name {
	const char	*data;
	unsigned int	len;
};

/**
 * struct nfdict_field - a field of a message
 * @attr: the attribute of the field
 * @name_attr: the attribute of its name
 * @value_attr: the attribute of its value, NULL if it has none
 * @op_attr: the attribute of what to do with it, NULL if it has none
 * @op: &enum nf_dict_op
 * @name: its name
 * @data: bytes of the value, in the form that nf_dict_value_init() takes
 * @len: number of bytes at @data
 */
struct nfdict_field {
	const struct nlattr	*attr;
	const struct nlattr	*name_attr;
	const struct nlattr	*value_attr;
	const struct nlattr	*op_attr;
	enum nf_dict_op		op;
	struct nfdict_name	name;
	const void		*data;
	unsigned int		len;
};

/**
 * struct nfdict_row - a row of a message
 * @attr: the attribute of the row
 * @fields: the list of its fields, NULL if it has none
 * @timeout_attr: the attribute of its lifetime, NULL if it has none
 * @key: its key, which borrows from the message
 * @timeout: its lifetime in milliseconds
 */
struct nfdict_row {
	const struct nlattr	*attr;
	const struct nlattr	*fields;
	const struct nlattr	*timeout_attr;
	struct nf_dict_key	key;
	u32			timeout;
};

/**
 * struct nfdict_batch - the rows of a message on their way into a table
 * @info: the message
 * @table: the table, once it is found
 * @field: the only field a reply is to hold, or NULL
 * @replies: what is to be sent back when all rows are found
 * @portid: who gets them
 * @row: number of the row at hand, from 1
 * @flags: &enum nf_dict_write_flags for rows to write
 * @nnames: entries used at @names
 * @names: names of the fields of the row before, known to be good and different
 *	from each other. Rows of one message use to have the same fields, which
 *	then need no second check, and no lookup.
 * @nheld: entries used at @held
 * @held: what the names stand for, while rows are written; references are held
 * @fields: room for the fields of a row to write
 * @atoms: room for the names of fields to delete
 *
 * Allocated once per message and private to it.
 */
struct nfdict_batch {
	const struct nfnl_info		*info;
	struct nf_dict_table		*table;
	struct nf_dict_atom		*field;
	struct sk_buff_head		replies;
	u32				portid;
	unsigned int			row;
	u32				flags;
	unsigned int			nnames;
	unsigned int			nheld;
	struct nfdict_name		names[NF_DICT_FIELDS_MAX];
	struct nf_dict_atom		*held[NF_DICT_FIELDS_MAX];
	union {
		struct nf_dict_field_value	fields[NF_DICT_FIELDS_MAX];
		struct nf_dict_atom		*atoms[NF_DICT_FIELDS_MAX];
	};
};

/**
 * struct nfdict_dump - a dump under way
 * @table: the table that is told now, of which a reference is held; NULL at
 *	the end
 * @field: the only field to tell, of which a reference is held, or NULL
 * @iter: the place in the table, while @walking
 * @key: the only key to tell, %NF_DICT_KEY_UNSPEC for all; borrows from the
 *	request, which the dump keeps
 * @ntables: number of tables at the start, if all are told
 * @ids: sum of their ids
 * @all: all tables are told
 * @walking: @iter is in use
 * @again: the row at which @iter stands has not been told yet
 * @interrupted: it is known that the dump is not consistent
 *
 * Allocated by the start of the dump and freed by its end. The socket's
 * callback mutex serializes what happens to it.
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

/**
 * struct nfdict_view - what a message tells of a row
 * @table: its table
 * @row: the row
 * @only: the only field to tell, or NULL
 * @fields: the fields to tell, or NULL for those that the row has
 * @names: the names of fields to tell without values, and without the row's
 *	lifetime, or NULL
 * @nfields: number of fields, of the row, at @fields or at @names
 * @keyonly: tell no fields and no lifetime
 * @expired: tell that the row's lifetime ended
 */
struct nfdict_view {
	const struct nf_dict_table		*table;
	const struct nf_dict_row		*row;
	const struct nf_dict_atom		*only;
	const struct nf_dict_field_value	*fields;
	struct nf_dict_atom *const		*names;
	unsigned int				nfields;
	bool					keyonly;
	bool					expired;
};

/*
 * Requests: reading and checking
 */

/* Refuses a request, for a reason that fits the extended acknowledgment. */
static int nfdict_refuse(const struct nfnl_info *info, unsigned int row,
			 const struct nlattr *attr, int err, const char *reason)
{
	if (row)
		NL_SET_ERR_MSG_ATTR_FMT(info->extack, attr, "row %u: %s", row,
					reason);
	else
		NL_SET_ERR_MSG_ATTR_FMT(info->extack, attr, "%s", reason);

	return err;
}

static const char *nfdict_strerror(int err)
{
	switch (err) {
	case -ENOENT:
		return "does not exist";
	case -EEXIST:
		return "exists already";
	case -ENFILE:
		return "the table is full";
	case -E2BIG:
		return "the row would have more than 255 fields";
	case -ENOSPC:
		return "too many names of fields, or strings";
	case -EBUSY:
		return "a hash table is being resized, try again";
	case -ENOMEM:
		return "out of memory";
	default:
		return "refused";
	}
}

/* The bytes of a string, which need not, but may end with a NUL. */
static struct nfdict_name nfdict_string(const struct nlattr *attr)
{
	struct nfdict_name str = {
		.data	= nla_data(attr),
		.len	= nla_len(attr),
	};

	if (str.len && !str.data[str.len - 1])
		str.len--;

	return str;
}

static int nfdict_check_name(const struct nfnl_info *info, unsigned int row,
			     const struct nlattr *attr,
			     const struct nfdict_name *name)
{
	int err = nf_dict_name_check(name->data, name->len);

	if (!err)
		return 0;
	if (err == -ENAMETOOLONG)
		return nfdict_refuse(info, row, attr, err,
				     "name is longer than 128 bytes");
	if (!name->len)
		return nfdict_refuse(info, row, attr, err, "name is empty");

	return nfdict_refuse(info, row, attr, err,
			     "name has white space, a comma or a control character");
}

/* Checks for the flag that tells a list of attributes from data. */
static int nfdict_check_nest(const struct nfnl_info *info, unsigned int row,
			     const struct nlattr *attr, bool nest)
{
	if (!!(attr->nla_type & NLA_F_NESTED) == nest)
		return 0;

	return nfdict_refuse(info, row, attr, -EINVAL,
			     nest ? "NLA_F_NESTED is missing" :
				    "NLA_F_NESTED not expected");
}

static int nfdict_refuse_unknown(const struct nfnl_info *info, unsigned int row,
				 const struct nlattr *attr)
{
	return nfdict_refuse(info, row, attr, -EINVAL, "unknown attribute");
}

static int nfdict_refuse_twice(const struct nfnl_info *info, unsigned int row,
			       const struct nlattr *attr)
{
	return nfdict_refuse(info, row, attr, -EINVAL,
			     "attribute is given twice");
}

static int nfdict_refuse_rest(const struct nfnl_info *info, unsigned int row,
			      const struct nlattr *attr)
{
	return nfdict_refuse(info, row, attr, -EINVAL,
			     "bytes are left over after the attributes");
}

/* Checks a message for attributes that it should not have. */
static int nfdict_check_attrs(const struct nfnl_info *info,
			      unsigned long allowed)
{
	const unsigned long many = BIT(NFDICTA_ROWS) | BIT(NFDICTA_ROW);
	const struct nlattr *attr;
	unsigned long seen = 0;
	int rem;

	nlmsg_for_each_attr(attr, info->nlh, sizeof(struct nfgenmsg), rem) {
		int type = nla_type(attr);

		if (type == NFDICTA_UNSPEC || type > NFDICTA_MAX)
			return nfdict_refuse_unknown(info, 0, attr);
		if (!(allowed & BIT(type)))
			return nfdict_refuse(info, 0, attr, -EINVAL,
					     "attribute has no meaning in this message");
		if (seen & ~many & BIT(type))
			return nfdict_refuse_twice(info, 0, attr);
		seen |= BIT(type);
	}
	if (rem > 0)
		return nfdict_refuse_rest(info, 0, NULL);

	return 0;
}

static int nfdict_check_present(const struct nfnl_info *info,
				const struct nlattr * const cda[], int type,
				const char *reason)
{
	if (cda[type])
		return 0;

	NL_SET_ERR_ATTR_MISS(info->extack, NULL, type);
	return nfdict_refuse(info, 0, NULL, -EINVAL, reason);
}

static int nfdict_check_key(const struct nfnl_info *info, unsigned int row,
			    const struct nlattr *attr, unsigned int len,
			    struct nf_dict_key *key)
{
	int err;

	/* The length of a key has 8 bits. */
	if (len > U8_MAX)
		err = key->type == NF_DICT_KEY_STRING ||
		      key->type == NF_DICT_KEY_RAW ? -ENAMETOOLONG : -EINVAL;
	else
		err = nf_dict_key_check(key);
	if (!err)
		return 0;
	if (err == -ENAMETOOLONG)
		return nfdict_refuse(info, row, attr, err, "key is too long");
	if (!len)
		return nfdict_refuse(info, row, attr, err, "key is empty");
	if (key->type == NF_DICT_KEY_STRING)
		return nfdict_refuse(info, row, attr, err,
				     "key has a NUL within");

	return nfdict_refuse(info, row, attr, err, "key has a wrong length");
}

static int nfdict_parse_key(const struct nfnl_info *info, unsigned int row,
			    const struct nlattr *nest, struct nf_dict_key *key)
{
	const struct nlattr *attr;
	int err, rem;

	err = nfdict_check_nest(info, row, nest, true);
	if (err)
		return err;

	key->type = NF_DICT_KEY_UNSPEC;

	nla_for_each_nested(attr, nest, rem) {
		struct nfdict_name data;
		int type = nla_type(attr);

		if (type == NFDICTA_KEY_UNSPEC || type > NF_DICT_KEY_MAX)
			return nfdict_refuse_unknown(info, row, attr);
		if (key->type != NF_DICT_KEY_UNSPEC)
			return nfdict_refuse(info, row, attr, -EINVAL,
					     "more than one key");
		err = nfdict_check_nest(info, row, attr, false);
		if (err)
			return err;

		key->type = type;

		if (type == NFDICTA_KEY_INT) {
			if (nla_len(attr) != sizeof(__be64))
				return nfdict_refuse(info, row, attr, -EINVAL,
						     "key has a wrong length");
			key->data = NULL;
			key->num = be64_to_cpu(nla_get_be64(attr));
			key->len = sizeof(key->num);
			continue;
		}

		if (type == NFDICTA_KEY_STRING) {
			data = nfdict_string(attr);
		} else {
			data.data = nla_data(attr);
			data.len = nla_len(attr);
		}
		key->data = data.data;
		key->num = 0;
		key->len = data.len;

		err = nfdict_check_key(info, row, attr, data.len, key);
		if (err)
			return err;
	}
	if (rem > 0)
		return nfdict_refuse_rest(info, row, nest);
	if (key->type == NF_DICT_KEY_UNSPEC)
		return nfdict_refuse(info, row, nest, -EINVAL, "no key");

	return 0;
}

static int nfdict_parse_timeout(const struct nfnl_info *info, unsigned int row,
				const struct nlattr *attr, u32 *timeout)
{
	u64 msecs;

	if (nla_len(attr) != sizeof(__be64))
		return nfdict_refuse(info, row, attr, -EINVAL,
				     "timeout has a wrong length");

	msecs = be64_to_cpu(nla_get_be64(attr));
	if (msecs > NF_DICT_TIMEOUT_MAX)
		return nfdict_refuse(info, row, attr, -ERANGE,
				     "timeout is out of range");

	*timeout = msecs;
	return 0;
}

static int nfdict_check_value(const struct nfnl_info *info, unsigned int row,
			      const struct nfdict_field *f)
{
	int type = nla_type(f->value_attr);

	if (type == NF_DICT_LONG_STRING) {
		if (f->len > NF_DICT_STRING_MAX)
			return nfdict_refuse(info, row, f->value_attr,
					     -ENAMETOOLONG,
					     "string is longer than 4095 bytes");
		if (memchr(f->data, '\0', f->len))
			return nfdict_refuse(info, row, f->value_attr, -EINVAL,
					     "string has a NUL within");
		return 0;
	}

	if (f->len != nf_dict_type_len(type))
		return nfdict_refuse(info, row, f->value_attr, -EINVAL,
				     "value has a wrong length");
	if (type == NF_DICT_BOOL && *(const u8 *)f->data > 1)
		return nfdict_refuse(info, row, f->value_attr, -EINVAL,
				     "truth value is neither 0 nor 1");

	return 0;
}

static int nfdict_parse_op(const struct nfnl_info *info, unsigned int row,
			   const struct nlattr *attr, struct nfdict_field *f)
{
	if (f->op_attr)
		return nfdict_refuse_twice(info, row, attr);
	f->op_attr = attr;

	if (nla_len(attr) != sizeof(__be32))
		return nfdict_refuse(info, row, attr, -EINVAL,
				     "operation has a wrong length");

	switch (be32_to_cpu(nla_get_be32(attr))) {
	case NFDICT_FIELD_OP_SET:
		f->op = NF_DICT_OP_SET;
		return 0;
	case NFDICT_FIELD_OP_ADD:
		f->op = NF_DICT_OP_ADD;
		return 0;
	case NFDICT_FIELD_OP_SUB:
		f->op = NF_DICT_OP_SUB;
		return 0;
	default:
		return nfdict_refuse(info, row, attr, -EINVAL,
				     "unknown operation");
	}
}

/* Arithmetic does not create what it works on. */
static int nfdict_check_op(const struct nfdict_batch *b,
			   const struct nfdict_field *f)
{
	const u16 flags = NLM_F_CREATE | NLM_F_EXCL | NLM_F_REPLACE;
	int type = nla_type(f->value_attr);

	if (f->op == NF_DICT_OP_SET)
		return 0;
	if (type != NFDICTA_FIELD_INT && type != NFDICTA_FIELD_INT64)
		return nfdict_refuse(b->info, b->row, f->value_attr, -EINVAL,
				     "only numbers can be added and subtracted");
	if (b->info->nlh->nlmsg_flags & flags)
		return nfdict_refuse(b->info, b->row, f->op_attr, -EINVAL,
				     "adding and subtracting does not create or replace");

	return 0;
}

/* Reads a field; what its name looks like is not checked. */
static int nfdict_parse_field(const struct nfnl_info *info, unsigned int row,
			      const struct nlattr *nest, struct nfdict_field *f)
{
	const struct nlattr *attr;
	int err, rem;

	if (nla_type(nest) != NFDICTA_ROW_FIELD)
		return nfdict_refuse_unknown(info, row, nest);
	err = nfdict_check_nest(info, row, nest, true);
	if (err)
		return err;

	f->attr = nest;
	f->name_attr = NULL;
	f->value_attr = NULL;
	f->op_attr = NULL;
	f->op = NF_DICT_OP_SET;

	nla_for_each_nested(attr, nest, rem) {
		int type = nla_type(attr);

		if (type != NFDICTA_FIELD_NAME && type != NFDICTA_FIELD_OP &&
		    (type == NFDICTA_FIELD_UNSPEC || type > NF_DICT_TYPE_MAX))
			return nfdict_refuse_unknown(info, row, attr);
		err = nfdict_check_nest(info, row, attr, false);
		if (err)
			return err;

		if (type == NFDICTA_FIELD_NAME) {
			if (f->name_attr)
				return nfdict_refuse_twice(info, row, attr);
			f->name_attr = attr;
			f->name = nfdict_string(attr);
			continue;
		}
		if (type == NFDICTA_FIELD_OP) {
			err = nfdict_parse_op(info, row, attr, f);
			if (err)
				return err;
			continue;
		}

		if (f->value_attr)
			return nfdict_refuse(info, row, attr, -EINVAL,
					     "field has more than one value");
		f->value_attr = attr;
		if (type == NFDICTA_FIELD_LONG_STRING) {
			struct nfdict_name str = nfdict_string(attr);

			f->data = str.data;
			f->len = str.len;
		} else {
			f->data = nla_data(attr);
			f->len = nla_len(attr);
		}
	}
	if (rem > 0)
		return nfdict_refuse_rest(info, row, nest);
	if (!f->name_attr)
		return nfdict_refuse(info, row, nest, -EINVAL,
				     "field has no name");

	return 0;
}

/* Reads a row, but for its fields. */
static int nfdict_parse_row(const struct nfnl_info *info, unsigned int row,
			    const struct nlattr *nest, struct nfdict_row *r)
{
	const struct nlattr *attr, *key = NULL;
	int err, rem;

	r->attr = nest;
	r->fields = NULL;
	r->timeout_attr = NULL;
	r->timeout = 0;

	nla_for_each_nested(attr, nest, rem) {
		switch (nla_type(attr)) {
		case NFDICTA_ROW_KEY:
			if (key)
				return nfdict_refuse_twice(info, row, attr);
			key = attr;
			err = nfdict_parse_key(info, row, attr, &r->key);
			break;
		case NFDICTA_ROW_FIELDS:
			if (r->fields)
				return nfdict_refuse_twice(info, row, attr);
			r->fields = attr;
			err = nfdict_check_nest(info, row, attr, true);
			break;
		case NFDICTA_ROW_TIMEOUT:
			if (r->timeout_attr)
				return nfdict_refuse_twice(info, row, attr);
			r->timeout_attr = attr;
			err = nfdict_check_nest(info, row, attr, false);
			if (!err)
				err = nfdict_parse_timeout(info, row, attr,
							   &r->timeout);
			break;
		case NFDICTA_ROW_EXPIRES:
		case NFDICTA_ROW_EXPIRED:
			return nfdict_refuse(info, row, attr, -EINVAL,
					     "the kernel alone sends it");
		default:
			return nfdict_refuse_unknown(info, row, attr);
		}
		if (err)
			return err;
	}
	if (rem > 0)
		return nfdict_refuse_rest(info, row, nest);
	if (!key) {
		NL_SET_ERR_ATTR_MISS(info->extack, nest, NFDICTA_ROW_KEY);
		return nfdict_refuse(info, row, nest, -EINVAL,
				     "row has no key");
	}

	return 0;
}

static bool nfdict_same_name(const struct nfdict_name *a,
			     const struct nfdict_name *b)
{
	return a->len == b->len && !memcmp(a->data, b->data, a->len);
}

/* Checks the fields of a row, with values to write or without to delete. */
static int nfdict_check_fields(struct nfdict_batch *b,
			       const struct nlattr *fields, bool values)
{
	const struct nfnl_info *info = b->info;
	unsigned int i, j, nfields = 0;
	const struct nlattr *attr;
	struct nfdict_field f;
	bool checked = true;
	int err, rem;

	nla_for_each_nested(attr, fields, rem) {
		err = nfdict_parse_field(info, b->row, attr, &f);
		if (err)
			return err;
		if (nfields == NF_DICT_FIELDS_MAX)
			return nfdict_refuse(info, b->row, attr, -E2BIG,
					     "row has more than 255 fields");
		if (values && !f.value_attr)
			return nfdict_refuse(info, b->row, attr, -EINVAL,
					     "field has no value");
		if (!values && f.value_attr)
			return nfdict_refuse(info, b->row, f.value_attr, -EINVAL,
					     "value has no meaning in this message");
		if (!values && f.op_attr)
			return nfdict_refuse(info, b->row, f.op_attr, -EINVAL,
					     "operation has no meaning in this message");
		if (f.value_attr) {
			err = nfdict_check_value(info, b->row, &f);
			if (!err)
				err = nfdict_check_op(b, &f);
			if (err)
				return err;
		}

		if (nfields >= b->nnames ||
		    !nfdict_same_name(&f.name, &b->names[nfields])) {
			err = nfdict_check_name(info, b->row, f.name_attr,
						&f.name);
			if (err)
				return err;
			b->names[nfields] = f.name;
			checked = false;
		}
		nfields++;
	}
	if (rem > 0)
		return nfdict_refuse_rest(info, b->row, fields);
	if (!nfields)
		return nfdict_refuse(info, b->row, fields, -EINVAL,
				     "row has no fields");

	b->nnames = nfields;
	if (checked)
		return 0;

	for (i = 1; i < nfields; i++)
		for (j = 0; j < i; j++)
			if (nfdict_same_name(&b->names[i], &b->names[j]))
				return nfdict_refuse(info, b->row, fields,
						     -EINVAL,
						     "row has a field twice");

	return 0;
}

/* Calls a function for every row of a message, until one fails. */
static int
nfdict_walk_rows(struct nfdict_batch *b,
		 int (*fn)(struct nfdict_batch *b, const struct nlattr *row))
{
	const struct nlattr *attr, *row;
	int err, rem, rem_rows;

	b->row = 0;

	nlmsg_for_each_attr(attr, b->info->nlh, sizeof(struct nfgenmsg), rem) {
		switch (nla_type(attr)) {
		case NFDICTA_ROW:
			b->row++;
			err = fn(b, attr);
			if (err)
				return err;
			break;
		case NFDICTA_ROWS:
			nla_for_each_nested(row, attr, rem_rows) {
				b->row++;
				err = fn(b, row);
				if (err)
					return err;
			}
			if (rem_rows > 0)
				return nfdict_refuse_rest(b->info, 0, attr);
			break;
		}
		cond_resched();
	}

	return 0;
}

static struct nfdict_batch *nfdict_batch_alloc(const struct nfnl_info *info)
{
	struct nfdict_batch *b = kmalloc_obj(*b);

	if (!b)
		return NULL;

	b->info = info;
	b->table = NULL;
	b->field = NULL;
	b->flags = 0;
	b->nnames = 0;
	b->nheld = 0;
	__skb_queue_head_init(&b->replies);

	return b;
}

static void nfdict_batch_free(struct nfdict_batch *b)
{
	__skb_queue_purge(&b->replies);
	while (b->nheld)
		nf_dict_field_put(b->held[--b->nheld]);
	if (b->field)
		nf_dict_field_put(b->field);
	if (b->table)
		nf_dict_table_put(b->table);
	kfree(b);
}

/* Checks all rows of a message. */
static int
nfdict_check_rows(struct nfdict_batch *b,
		  int (*check)(struct nfdict_batch *b, const struct nlattr *row))
{
	int err = nfdict_walk_rows(b, check);

	if (err)
		return err;
	if (b->row)
		return 0;

	NL_SET_ERR_ATTR_MISS(b->info->extack, NULL, NFDICTA_ROWS);
	return nfdict_refuse(b->info, 0, NULL, -EINVAL, "no rows");
}

static struct nf_dict_table *nfdict_table_find(const struct nfnl_info *info,
					       const struct nlattr *attr)
{
	struct nfdict_name name = nfdict_string(attr);
	struct nf_dict_table *table;
	int err;

	err = nfdict_check_name(info, 0, attr, &name);
	if (err)
		return ERR_PTR(err);

	table = nf_dict_table_find(info->net, name.data, name.len);
	if (IS_ERR(table)) {
		err = PTR_ERR(table);
		nfdict_refuse(info, 0, attr, err,
			      err == -ENOENT ? "table does not exist" :
					       nfdict_strerror(err));
	}

	return table;
}

static struct nf_dict_table *nfdict_table_create(const struct nfnl_info *info,
						 const struct nlattr *attr,
						 u32 size, u32 timeout,
						 bool excl)
{
	struct nfdict_name name = nfdict_string(attr);
	struct nf_dict_table *table;
	int err;

	err = nfdict_check_name(info, 0, attr, &name);
	if (err)
		return ERR_PTR(err);

	table = nf_dict_table_create(info->net, name.data, name.len, size,
				     timeout, excl);
	if (IS_ERR(table)) {
		err = PTR_ERR(table);
		nfdict_refuse(info, 0, attr, err,
			      err == -EEXIST ? "table exists already" :
					       nfdict_strerror(err));
	}

	return table;
}

/*
 * Messages to user space: writing
 */

static struct nlmsghdr *nfdict_msg_put(struct sk_buff *skb, u32 portid, u32 seq,
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

/* Strings end with a NUL, for the convenience of readers written in C. */
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

static int nfdict_put_table_name(struct sk_buff *skb, int type,
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
	default:
		data = nf_dict_value_data(value, &len);
		return nla_put(skb, value->type, len, data);
	}
}

/* The i-th field that a message tells, NULL if it is none of those to tell. */
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

/* The most that an attribute can hold, less what a row has beside fields. */
static size_t nfdict_row_room(const struct nf_dict_key *key)
{
	return U16_MAX - nla_total_size(0) - nfdict_key_size(key) -
	       2 * nla_total_size_64bit(sizeof(__be64)) -
	       nla_total_size(0) - nla_total_size(0);
}

/* Adds a row, or those of its fields from *@from on that fit an attribute. */
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

	if (view->keyonly)
		goto end;

	expires = view->names ? 0 : nf_dict_row_expires(view->row);
	/* Read once: the row may be renewed meanwhile. */
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
 * Adds a row. An attribute holds up to 65,535 bytes, and 255 fields with the
 * longest names and strings need 17 times that, so a row may need several.
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

/* Bytes that a message for a row needs at most. */
static size_t nfdict_row_msg_size(const struct nfdict_view *view)
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

	/* One attribute more than fields / room is enough, as they are small
	 * next to an attribute.
	 */
	return nfdict_msg_size(view->table) + fields +
	       (fields / room + (fields ? 2 : 1)) * (U16_MAX - room);
}

static int nfdict_fill_row(struct sk_buff *skb, u32 portid, u32 seq, int type,
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

static size_t nfdict_table_msg_size(const struct nf_dict_table *table)
{
	return nfdict_msg_size(table) +
	       nla_total_size(sizeof(__be32)) +			/* SIZE */
	       nla_total_size_64bit(sizeof(__be64)) +		/* TIMEOUT */
	       nla_total_size(2 * nla_total_size(sizeof(__be32)) +
			      3 * nla_total_size_64bit(sizeof(__be64)));
}

static int nfdict_put_table(struct sk_buff *skb,
			    const struct nf_dict_table *table)
{
	if (nfdict_put_table_name(skb, NFDICTA_TABLE, table) ||
	    nla_put_be32(skb, NFDICTA_SIZE,
			 cpu_to_be32(nf_dict_table_size(table))) ||
	    nla_put_be64(skb, NFDICTA_TIMEOUT,
			 cpu_to_be64(nf_dict_table_timeout(table)),
			 NFDICTA_PAD))
		return -EMSGSIZE;

	return 0;
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
	return *(struct nfdict_dump **)cb->ctx;
}

/*
 * Ids of tables rise and are never used again, so for any number of tables the
 * sum of their ids grows if one goes and another comes.
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

/* Makes the next message tell, be it the one that ends the dump. */
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
			/* No row has a field of that name. */
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
 * struct nfdict_dump_request - what the start of a dump needs of a request
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

static int nfdict_dump_tables(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct nfdict_dump *d = nfdict_dump_of(cb);
	struct net *net = sock_net(skb->sk);

	while (d->table) {
		if (nfdict_fill_table(skb, NETLINK_CB(cb->skb).portid,
				      cb->nlh->nlmsg_seq, NLM_F_MULTI,
				      d->table, cb))
			return skb->len;

		nfdict_dump_next_table(net, cb, d);
		cond_resched();
	}

	return 0;
}

/*
 * Tells a row of a dump if it is wanted. If it does not fit, *@need is the
 * size of the message.
 */
static int nfdict_dump_row(struct sk_buff *skb, struct netlink_callback *cb,
			   const struct nfdict_dump *d,
			   const struct nf_dict_row *row, size_t *need)
{
	struct nfdict_view view = {
		.table		= d->table,
		.row		= row,
		.only		= d->field,
		.nfields	= nf_dict_row_nfields(row),
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

			/* This row is larger than the usual message. Make room
			 * for it, and no more, lest the reader need a buffer
			 * for more than the largest row.
			 */
			err = pskb_expand_head(skb, 0, need, GFP_KERNEL);
			if (!err) {
				skb_reserve(skb, skb_tailroom(skb) - need);
				continue;
			}
		}
		if (err)
			return err;

		nfdict_dump_next_table(net, cb, d);
		cond_resched();
	}

	return 0;
}

/*
 * Requests: what they do
 */

static int nfdict_table_new(struct sk_buff *skb, const struct nfnl_info *info,
			    const struct nlattr * const cda[])
{
	u16 flags = info->nlh->nlmsg_flags;
	struct nf_dict_table *table;
	u32 size = 0, timeout = 0;
	int err;

	err = nfdict_check_attrs(info, BIT(NFDICTA_TABLE) | BIT(NFDICTA_SIZE) |
				       BIT(NFDICTA_TIMEOUT));
	if (!err)
		err = nfdict_check_present(info, cda, NFDICTA_TABLE,
					   "table is not named");
	if (err)
		return err;

	if ((flags & NLM_F_EXCL) && (flags & NLM_F_REPLACE))
		return nfdict_refuse(info, 0, NULL, -EINVAL,
				     "NLM_F_EXCL and NLM_F_REPLACE exclude each other");
	if (cda[NFDICTA_SIZE])
		size = ntohl(nla_get_be32(cda[NFDICTA_SIZE]));
	if (cda[NFDICTA_TIMEOUT]) {
		err = nfdict_parse_timeout(info, 0, cda[NFDICTA_TIMEOUT],
					   &timeout);
		if (err)
			return err;
	}

	if ((flags & NLM_F_REPLACE) && !(flags & NLM_F_CREATE))
		table = nfdict_table_find(info, cda[NFDICTA_TABLE]);
	else
		table = nfdict_table_create(info, cda[NFDICTA_TABLE], size,
					    timeout, flags & NLM_F_EXCL);
	if (IS_ERR(table))
		return PTR_ERR(table);

	if (flags & NLM_F_REPLACE) {
		if (!cda[NFDICTA_SIZE])
			size = nf_dict_table_size(table);
		if (!cda[NFDICTA_TIMEOUT])
			timeout = nf_dict_table_timeout(table);
		if (size != nf_dict_table_size(table) ||
		    timeout != nf_dict_table_timeout(table))
			err = nf_dict_table_change(table, size, timeout);
		if (err)
			nfdict_refuse(info, 0, cda[NFDICTA_TABLE], err,
				      nfdict_strerror(err));
	}

	nf_dict_table_put(table);

	return err;
}

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

	if (info->nlh->nlmsg_flags & NLM_F_DUMP) {
		struct nfdict_dump_request req = {
			.info	= info,
			.cda	= cda,
		};
		struct netlink_dump_control c = {
			.start	= nfdict_dump_start,
			.dump	= nfdict_dump_tables,
			.done	= nfdict_dump_done,
			.data	= &req,
			.extack	= info->extack,
			.module	= THIS_MODULE,
		};

		return netlink_dump_start(info->sk, skb, info->nlh, &c);
	}

	err = nfdict_check_present(info, cda, NFDICTA_TABLE,
				   "table is not named");
	if (err)
		return err;

	table = nfdict_table_find(info, cda[NFDICTA_TABLE]);
	if (IS_ERR(table))
		return PTR_ERR(table);

	reply = nlmsg_new(nfdict_table_msg_size(table), GFP_KERNEL);
	if (!reply) {
		err = -ENOMEM;
	} else {
		err = nfdict_fill_table(reply, portid, info->nlh->nlmsg_seq, 0,
					table, NULL);
		if (WARN_ON_ONCE(err))
			kfree_skb(reply);
		else
			err = nfnetlink_unicast(reply, info->net, portid);
	}

	nf_dict_table_put(table);

	return err;
}

static int nfdict_table_del(struct sk_buff *skb, const struct nfnl_info *info,
			    const struct nlattr * const cda[])
{
	struct nf_dict_table *table;
	int err;

	err = nfdict_check_attrs(info, BIT(NFDICTA_TABLE));
	if (!err)
		err = nfdict_check_present(info, cda, NFDICTA_TABLE,
					   "table is not named");
	if (err)
		return err;

	table = nfdict_table_find(info, cda[NFDICTA_TABLE]);
	if (IS_ERR(table))
		return PTR_ERR(table);

	err = nf_dict_table_delete(table);
	if (err)
		nfdict_refuse(info, 0, cda[NFDICTA_TABLE], err,
			      err == -EBUSY ? "table is used by a rule" :
			      err == -ENOENT ? "table does not exist" :
					       nfdict_strerror(err));
	nf_dict_table_put(table);

	return err;
}

static int nfdict_table_flush(struct sk_buff *skb, const struct nfnl_info *info,
			      const struct nlattr * const cda[])
{
	struct nf_dict_table *table;
	int err;

	err = nfdict_check_attrs(info, BIT(NFDICTA_TABLE));
	if (!err)
		err = nfdict_check_present(info, cda, NFDICTA_TABLE,
					   "table is not named");
	if (err)
		return err;

	table = nfdict_table_find(info, cda[NFDICTA_TABLE]);
	if (IS_ERR(table))
		return PTR_ERR(table);

	err = nf_dict_table_flush(table);
	if (err)
		nfdict_refuse(info, 0, cda[NFDICTA_TABLE], err,
			      nfdict_strerror(err));
	nf_dict_table_put(table);

	return err;
}

static int nfdict_table_swap(struct sk_buff *skb, const struct nfnl_info *info,
			     const struct nlattr * const cda[])
{
	struct nf_dict_table *a, *b;
	int err;

	err = nfdict_check_attrs(info,
				 BIT(NFDICTA_TABLE) | BIT(NFDICTA_TABLE2));
	if (!err)
		err = nfdict_check_present(info, cda, NFDICTA_TABLE,
					   "table is not named");
	if (!err)
		err = nfdict_check_present(info, cda, NFDICTA_TABLE2,
					   "second table is not named");
	if (err)
		return err;

	a = nfdict_table_find(info, cda[NFDICTA_TABLE]);
	if (IS_ERR(a))
		return PTR_ERR(a);

	b = nfdict_table_find(info, cda[NFDICTA_TABLE2]);
	if (IS_ERR(b)) {
		err = PTR_ERR(b);
		goto out;
	}

	err = nf_dict_table_swap(a, b);
	if (err)
		nfdict_refuse(info, 0, cda[NFDICTA_TABLE2], err,
			      err == -EINVAL ? "a table cannot be swapped with itself" :
					       nfdict_strerror(err));
	nf_dict_table_put(b);
out:
	nf_dict_table_put(a);

	return err;
}

/* Checks what rows of all messages have in common. */
static int nfdict_check_row(struct nfdict_batch *b, const struct nlattr *attr,
			    struct nfdict_row *r)
{
	int err;

	if (nla_type(attr) != NFDICTA_ROW)
		return nfdict_refuse_unknown(b->info, b->row, attr);

	err = nfdict_check_nest(b->info, b->row, attr, true);
	if (err)
		return err;

	return nfdict_parse_row(b->info, b->row, attr, r);
}

static int nfdict_check_row_new(struct nfdict_batch *b,
				const struct nlattr *attr)
{
	struct nfdict_row r;
	int err;

	err = nfdict_check_row(b, attr, &r);
	if (err)
		return err;

	if (!r.fields) {
		NL_SET_ERR_ATTR_MISS(b->info->extack, attr, NFDICTA_ROW_FIELDS);
		return nfdict_refuse(b->info, b->row, attr, -EINVAL,
				     "row has no fields");
	}

	return nfdict_check_fields(b, r.fields, true);
}

/* The name of the i-th field of a row to write, which the batch keeps. */
static struct nf_dict_atom *nfdict_field_get(struct nfdict_batch *b,
					     unsigned int i,
					     const struct nfdict_name *name)
{
	struct nf_dict_atom *field;

	if (i < b->nheld && nfdict_same_name(&b->names[i], name))
		return b->held[i];

	field = nf_dict_field_get(b->info->net, name->data, name->len,
				  GFP_KERNEL);
	if (IS_ERR(field))
		return field;

	/* Places are asked for one after the other. */
	if (i < b->nheld)
		nf_dict_field_put(b->held[i]);
	else
		b->nheld = i + 1;
	b->held[i] = field;
	b->names[i] = *name;

	return field;
}

static const char *nfdict_write_strerror(const struct nf_dict_update *u,
					 int err)
{
	unsigned int i;

	for (i = 0; i < u->nfields; i++) {
		if (u->fields[i].op == NF_DICT_OP_SET)
			continue;
		if (err == -ENOENT)
			return "row or field does not exist";
		if (err == -EINVAL)
			return "field is not a number";
	}

	return nfdict_strerror(err);
}

static int nfdict_write_row(struct nfdict_batch *b, const struct nlattr *attr)
{
	const struct nfnl_info *info = b->info;
	struct nf_dict_update update = {
		.flags	= b->flags,
		.fields	= b->fields,
	};
	struct nf_dict_field_value *fv;
	struct nfdict_field f;
	struct nfdict_row r;
	int err, rem;

	err = nfdict_parse_row(info, b->row, attr, &r);
	if (err)
		return err;

	if (r.timeout_attr) {
		update.flags |= NF_DICT_W_TIMEOUT;
		update.timeout = r.timeout;
	}

	nla_for_each_nested(attr, r.fields, rem) {
		err = nfdict_parse_field(info, b->row, attr, &f);
		if (err)
			goto out;

		fv = &update.fields[update.nfields];
		fv->field = nfdict_field_get(b, update.nfields, &f.name);
		if (IS_ERR(fv->field)) {
			err = PTR_ERR(fv->field);
			nfdict_refuse(info, b->row, f.name_attr, err,
				      nfdict_strerror(err));
			goto out;
		}

		fv->op = f.op;
		err = nf_dict_value_init(info->net, &fv->value,
					 nla_type(f.value_attr), f.data, f.len,
					 GFP_KERNEL);
		if (err) {
			nfdict_refuse(info, b->row, f.value_attr, err,
				      nfdict_strerror(err));
			goto out;
		}
		update.nfields++;
	}

	err = nf_dict_row_write(b->table, &r.key, &update);
	if (err)
		nfdict_refuse(info, b->row, r.attr, err,
			      nfdict_write_strerror(&update, err));
out:
	nf_dict_update_release(&update);
	cond_resched();

	return err;
}

static int nfdict_row_new(struct sk_buff *skb, const struct nfnl_info *info,
			  const struct nlattr * const cda[])
{
	u16 flags = info->nlh->nlmsg_flags;
	struct nf_dict_table *table;
	struct nfdict_batch *b;
	int err;

	err = nfdict_check_attrs(info, BIT(NFDICTA_TABLE) | BIT(NFDICTA_ROWS) |
				       BIT(NFDICTA_ROW));
	if (!err)
		err = nfdict_check_present(info, cda, NFDICTA_TABLE,
					   "table is not named");
	if (err)
		return err;

	if ((flags & NLM_F_EXCL) && (flags & NLM_F_REPLACE))
		return nfdict_refuse(info, 0, NULL, -EINVAL,
				     "NLM_F_EXCL and NLM_F_REPLACE exclude each other");
	if ((flags & NLM_F_EXCL) && !(flags & NLM_F_CREATE))
		return nfdict_refuse(info, 0, NULL, -EINVAL,
				     "NLM_F_EXCL needs NLM_F_CREATE");

	b = nfdict_batch_alloc(info);
	if (!b)
		return -ENOMEM;

	err = nfdict_check_rows(b, nfdict_check_row_new);
	if (err)
		goto out;

	if (flags & NLM_F_CREATE) {
		b->flags |= NF_DICT_W_CREATE;
		table = nfdict_table_create(info, cda[NFDICTA_TABLE], 0, 0,
					    false);
	} else {
		table = nfdict_table_find(info, cda[NFDICTA_TABLE]);
	}
	if (IS_ERR(table)) {
		err = PTR_ERR(table);
		goto out;
	}
	b->table = table;

	if (flags & NLM_F_EXCL)
		b->flags |= NF_DICT_W_EXCL;
	if (flags & NLM_F_REPLACE)
		b->flags |= NF_DICT_W_REPLACE;

	err = nfdict_walk_rows(b, nfdict_write_row);
out:
	nfdict_batch_free(b);

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
 * Adds the message that tells a row of the batch. As many as fit share a buffer,
 * so that what waits to be sent is in proportion to what was asked for.
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

	/* The row may outgrow the buffer while that is allocated. */
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
			view.nfields = nf_dict_row_nfields(view.row);
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
		struct nfdict_dump_request req = {
			.info	= info,
			.cda	= cda,
		};
		struct netlink_dump_control c = {
			.start	= nfdict_dump_start,
			.dump	= nfdict_dump_rows,
			.done	= nfdict_dump_done,
			.data	= &req,
			.extack	= info->extack,
			.module	= THIS_MODULE,
		};

		err = nfdict_check_attrs(info, BIT(NFDICTA_TABLE) |
					       BIT(NFDICTA_KEY) |
					       BIT(NFDICTA_FIELD));
		if (err)
			return err;

		return netlink_dump_start(info->sk, skb, info->nlh, &c);
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

static int nfdict_check_row_del(struct nfdict_batch *b,
				const struct nlattr *attr)
{
	struct nfdict_row r;
	int err;

	err = nfdict_check_row(b, attr, &r);
	if (err)
		return err;

	if (r.timeout_attr)
		return nfdict_refuse(b->info, b->row, r.timeout_attr, -EINVAL,
				     "timeout has no meaning in this message");

	return r.fields ? nfdict_check_fields(b, r.fields, false) : 0;
}

static int nfdict_delete_fields(struct nfdict_batch *b,
				const struct nfdict_row *r)
{
	const struct nfnl_info *info = b->info;
	const struct nlattr *attr;
	struct nf_dict_atom *atom;
	struct nfdict_field f;
	unsigned int n = 0;
	int err = 0, rem;

	nla_for_each_nested(attr, r->fields, rem) {
		err = nfdict_parse_field(info, b->row, attr, &f);
		if (err)
			goto out;

		atom = nf_dict_field_find(info->net, f.name.data, f.name.len);
		if (IS_ERR(atom)) {
			err = nfdict_refuse(info, b->row, f.name_attr,
					    PTR_ERR(atom),
					    "field does not exist");
			goto out;
		}
		b->atoms[n++] = atom;
	}

	err = nf_dict_row_delete_fields(b->table, &r->key, b->atoms, n);
	if (err)
		nfdict_refuse(info, b->row, r->attr, err,
			      err == -ENOENT ? "row or field does not exist" :
					       nfdict_strerror(err));
out:
	while (n)
		nf_dict_field_put(b->atoms[--n]);

	return err;
}

static int nfdict_delete_row(struct nfdict_batch *b, const struct nlattr *attr)
{
	struct nfdict_row r;
	int err;

	err = nfdict_parse_row(b->info, b->row, attr, &r);
	if (err)
		return err;

	if (r.fields) {
		err = nfdict_delete_fields(b, &r);
	} else {
		err = nf_dict_row_delete(b->table, &r.key);
		if (err)
			nfdict_refuse(b->info, b->row, attr, err,
				      nfdict_strerror(err));
	}
	cond_resched();

	return err;
}

static int nfdict_row_del(struct sk_buff *skb, const struct nfnl_info *info,
			  const struct nlattr * const cda[])
{
	struct nf_dict_table *table;
	struct nfdict_batch *b;
	int err;

	err = nfdict_check_attrs(info, BIT(NFDICTA_TABLE) | BIT(NFDICTA_ROWS) |
				       BIT(NFDICTA_ROW));
	if (!err)
		err = nfdict_check_present(info, cda, NFDICTA_TABLE,
					   "table is not named");
	if (err)
		return err;

	b = nfdict_batch_alloc(info);
	if (!b)
		return -ENOMEM;

	err = nfdict_check_rows(b, nfdict_check_row_del);
	if (err)
		goto out;

	table = nfdict_table_find(info, cda[NFDICTA_TABLE]);
	if (IS_ERR(table)) {
		err = PTR_ERR(table);
		goto out;
	}
	b->table = table;

	err = nfdict_walk_rows(b, nfdict_delete_row);
out:
	nfdict_batch_free(b);

	return err;
}

/*
 * Requests that change nothing do not take part in the mutex of the subsystem,
 * so that a long dump keeps nobody from writing. They are called in a read-side
 * critical section of RCU, which they have to leave because they sleep.
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

static int nfdict_table_get_rcu(struct sk_buff *skb,
				const struct nfnl_info *info,
				const struct nlattr * const cda[])
{
	return nfdict_get(skb, info, cda, nfdict_table_get);
}

static int nfdict_row_get_rcu(struct sk_buff *skb, const struct nfnl_info *info,
			      const struct nlattr * const cda[])
{
	return nfdict_get(skb, info, cda, nfdict_row_get);
}

/*
 * Events
 */

/**
 * struct nfdict_change - a request that changes something
 * @task: the task that executes it, or NULL
 * @net: its namespace
 * @portid: port id of its sender
 * @seq: its sequence number
 * @echo: send the events to the sender, too
 * @skb: events that were not sent yet, or NULL
 *
 * There is one at a time, under the mutex of the subsystem. Its events share
 * buffers, so that listeners cost the sender little. Events of packets and
 * workers are sent alone, after those that wait: since events of a row are made
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
	/* Cleared after the send, so that others do not overtake it. */
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
 * A namespace that goes away takes its rows along, when its sockets may be gone
 * already. Its reference count drops to zero before that, and the RCU grace
 * period in between waits for whoever saw it in use.
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

/* Set what the event of a row says of it; return the type of the message. */
static int nfdict_event_view(const struct nf_dict_event *ev,
			     struct nfdict_view *view, int *flags)
{
	view->table = ev->table;
	view->row = ev->row;

	switch (ev->type) {
	case NF_DICT_EV_ROW_NEW:
		*flags = NLM_F_CREATE;
		view->nfields = nf_dict_row_nfields(ev->row);
		return NFDICT_MSG_ROW_NEW;
	case NF_DICT_EV_ROW_SET:
		view->fields = ev->fields;
		view->nfields = ev->nfields;
		return NFDICT_MSG_ROW_NEW;
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

	/* Whoever misses an event learns that, and can ask for a dump. */
	if (!done)
		nfnetlink_set_err(net, 0, NFNLGRP_DICT, -ENOBUFS);
}

/* Execute a request that changes something; its events refer to it. */
static int nfdict_change_call(struct sk_buff *skb, const struct nfnl_info *info,
			      const struct nlattr * const cda[])
{
	static int (*const calls[])(struct sk_buff *skb,
				    const struct nfnl_info *info,
				    const struct nlattr * const cda[]) = {
		[NFDICT_MSG_TABLE_NEW]		= nfdict_table_new,
		[NFDICT_MSG_TABLE_DEL]		= nfdict_table_del,
		[NFDICT_MSG_TABLE_FLUSH]	= nfdict_table_flush,
		[NFDICT_MSG_TABLE_SWAP]		= nfdict_table_swap,
		[NFDICT_MSG_ROW_NEW]		= nfdict_row_new,
		[NFDICT_MSG_ROW_DEL]		= nfdict_row_del,
	};
	int err;

	nfdict_change.net = info->net;
	nfdict_change.portid = NETLINK_CB(skb).portid;
	nfdict_change.seq = info->nlh->nlmsg_seq;
	nfdict_change.echo = nlmsg_report(info->nlh);
	WRITE_ONCE(nfdict_change.task, current);

	err = calls[NFNL_MSG_TYPE(info->nlh->nlmsg_type)](skb, info, cda);

	WRITE_ONCE(nfdict_change.task, NULL);
	nfdict_change_flush();

	return err;
}

static const struct nf_dict_notifier nfdict_notifier = {
	.wanted	= nfdict_event_wanted,
	.event	= nfdict_event,
};

static const struct nfnl_callback nfdict_callbacks[NFDICT_MSG_MAX + 1] = {
	[NFDICT_MSG_TABLE_NEW] = {
		.call		= nfdict_change_call,
		.type		= NFNL_CB_MUTEX,
		.attr_count	= NFDICTA_MAX,
		.policy		= nfdict_policy,
	},
	[NFDICT_MSG_TABLE_GET] = {
		.call		= nfdict_table_get_rcu,
		.type		= NFNL_CB_RCU,
		.attr_count	= NFDICTA_MAX,
		.policy		= nfdict_policy,
	},
	[NFDICT_MSG_TABLE_DEL] = {
		.call		= nfdict_change_call,
		.type		= NFNL_CB_MUTEX,
		.attr_count	= NFDICTA_MAX,
		.policy		= nfdict_policy,
	},
	[NFDICT_MSG_TABLE_FLUSH] = {
		.call		= nfdict_change_call,
		.type		= NFNL_CB_MUTEX,
		.attr_count	= NFDICTA_MAX,
		.policy		= nfdict_policy,
	},
	[NFDICT_MSG_TABLE_SWAP] = {
		.call		= nfdict_change_call,
		.type		= NFNL_CB_MUTEX,
		.attr_count	= NFDICTA_MAX,
		.policy		= nfdict_policy,
	},
	[NFDICT_MSG_ROW_NEW] = {
		.call		= nfdict_change_call,
		.type		= NFNL_CB_MUTEX,
		.attr_count	= NFDICTA_MAX,
		.policy		= nfdict_policy,
	},
	[NFDICT_MSG_ROW_GET] = {
		.call		= nfdict_row_get_rcu,
		.type		= NFNL_CB_RCU,
		.attr_count	= NFDICTA_MAX,
		.policy		= nfdict_policy,
	},
	[NFDICT_MSG_ROW_DEL] = {
		.call		= nfdict_change_call,
		.type		= NFNL_CB_MUTEX,
		.attr_count	= NFDICTA_MAX,
		.policy		= nfdict_policy,
	},
};

static const struct nfnetlink_subsystem nfdict_subsys = {
	.name		= "dict",
	.subsys_id	= NFNL_SUBSYS_DICT,
	.cb_count	= NFDICT_MSG_MAX + 1,
	.cb		= nfdict_callbacks,
	.owner		= THIS_MODULE,
};

static int __init nfnetlink_dict_init(void)
{
	int err;

	BUILD_BUG_ON(sizeof(struct nfdict_dump *) >
		     sizeof_field(struct netlink_callback, ctx));

	err = nf_dict_notifier_register(&nfdict_notifier);
	if (err)
		return err;

	err = nfnetlink_subsys_register(&nfdict_subsys);
	if (err)
		nf_dict_notifier_unregister(&nfdict_notifier);

	return err;
}

static void __exit nfnetlink_dict_exit(void)
{
	nfnetlink_subsys_unregister(&nfdict_subsys);
	nf_dict_notifier_unregister(&nfdict_notifier);
}

module_init(nfnetlink_dict_init);
module_exit(nfnetlink_dict_exit);

MODULE_LICENSE("GPL");
MODULE_AUTHOR("The nft_dict authors");
MODULE_DESCRIPTION("Netfilter dict tables over nfnetlink");
MODULE_ALIAS_NFNL_SUBSYS(NFNL_SUBSYS_DICT);
