// SPDX-License-Identifier: GPL-2.0-only
/*
 * Parsing and checking requests for dict tables over nfnetlink.
 *
 * Copyright (C) 2026 The nft_dict authors
 */
#include <linux/skbuff.h>
#include <linux/slab.h>

#include "nfnetlink_dict_internal.h"

/**
 * nfdict_refuse - refuse a request with an extended acknowledgment
 * @info: the message
 * @row: number of the row, 0: none
 * @attr: the attribute to point at, or NULL
 * @err: the error
 * @reason: the message
 *
 * Return: @err.
 */
int nfdict_refuse(const struct nfnl_info *info, unsigned int row,
		  const struct nlattr *attr, int err, const char *reason)
{
	if (row)
		NL_SET_ERR_MSG_ATTR_FMT(info->extack, attr, "row %u: %s", row,
					reason);
	else
		NL_SET_ERR_MSG_ATTR_FMT(info->extack, attr, "%s", reason);

	return err;
}

/**
 * nfdict_strerror - message for an error of the store
 * @err: the error
 *
 * Return: the message, for nfdict_refuse().
 */
const char *nfdict_strerror(int err)
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

/**
 * nfdict_string - bytes of a string attribute
 * @attr: the attribute; a trailing NUL is dropped
 *
 * Return: the bytes, borrowed from the message.
 */
struct nfdict_name nfdict_string(const struct nlattr *attr)
{
	struct nfdict_name str = {
		.data	= nla_data(attr),
		.len	= nla_len(attr),
	};

	if (str.len && !str.data[str.len - 1])
		str.len--;

	return str;
}

/**
 * nfdict_check_name - check the name of a table or field
 * @info: the message
 * @row: number of the row, 0: none in particular
 * @attr: the attribute
 * @name: the name
 *
 * Return: 0, or as nf_dict_name_check().
 */
int nfdict_check_name(const struct nfnl_info *info, unsigned int row,
		      const struct nlattr *attr, const struct nfdict_name *name)
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

/* Check for NLA_F_NESTED, which distinguishes attributes from data. */
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

/**
 * nfdict_check_attrs - check a message for attributes that are not allowed
 * @info: the message
 * @allowed: bit mask of &enum nfdict_attributes
 *
 * Return: 0 or -EINVAL.
 */
int nfdict_check_attrs(const struct nfnl_info *info, unsigned long allowed)
{
	const unsigned long many = BIT(NFDICTA_ROWS) | BIT(NFDICTA_ROW) |
				   BIT(NFDICTA_PAIRS);
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

/**
 * nfdict_check_present - check that a message has an attribute
 * @info: the message
 * @cda: its attributes
 * @type: &enum nfdict_attributes
 * @reason: the message if it is missing
 *
 * Return: 0 or -EINVAL.
 */
int nfdict_check_present(const struct nfnl_info *info,
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

/**
 * nfdict_parse_key - read a key
 * @info: the message
 * @row: number of the row, 0: none in particular
 * @nest: the attribute of the key
 * @key: filled in; borrows from the message
 *
 * Return: 0 or a negative error.
 */
int nfdict_parse_key(const struct nfnl_info *info, unsigned int row,
		     const struct nlattr *nest, struct nf_dict_key *key)
{
	const struct nlattr *attr;
	int err, rem;

	err = nfdict_check_nest(info, row, nest, true);
	if (err)
		return err;

	key->type = NF_DICT_KEY_UNSPEC;
	key->conn = NULL;

	nla_for_each_nested(attr, nest, rem) {
		struct nfdict_name data;
		int type = nla_type(attr);

		if (type == NFDICTA_KEY_UNSPEC || type > NFDICTA_KEY_RAW)
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

/**
 * nfdict_parse_timeout - read a lifetime
 * @info: the message
 * @row: number of the row, 0: none in particular
 * @attr: the attribute
 * @timeout: filled in, in milliseconds
 *
 * Return: 0 or a negative error.
 */
int nfdict_parse_timeout(const struct nfnl_info *info, unsigned int row,
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

static int nfdict_check_member(const struct nfnl_info *info, unsigned int row,
			       const struct nlattr *attr)
{
	struct nfdict_name str = nfdict_string(attr);
	int err;

	if (nla_type(attr) != NFDICTA_LIST_MEMBER)
		return nfdict_refuse_unknown(info, row, attr);
	err = nfdict_check_nest(info, row, attr, false);
	if (err)
		return err;
	if (!str.len)
		return nfdict_refuse(info, row, attr, -EINVAL,
				     "member of a list is empty");
	if (memchr(str.data, '\0', str.len))
		return nfdict_refuse(info, row, attr, -EINVAL,
				     "member of a list has a NUL within");

	return 0;
}

static int nfdict_check_list(const struct nfnl_info *info, unsigned int row,
			     const struct nlattr *nest)
{
	unsigned int n = 0, len = 0;
	const struct nlattr *attr;
	int err, rem;

	nla_for_each_nested(attr, nest, rem) {
		err = nfdict_check_member(info, row, attr);
		if (err)
			return err;
		if (n++ == NF_DICT_LIST_MAX)
			return nfdict_refuse(info, row, attr, -E2BIG,
					     "list has more than 255 members");
		len += !!len + nfdict_string(attr).len;
		if (len > NF_DICT_STRING_MAX)
			return nfdict_refuse(info, row, attr, -ENAMETOOLONG,
					     "list is longer than 4095 bytes");
	}
	if (rem > 0)
		return nfdict_refuse_rest(info, row, nest);

	return 0;
}

static int nfdict_check_value(const struct nfnl_info *info, unsigned int row,
			      const struct nfdict_field *f)
{
	int type = nla_type(f->value_attr);

	if (type == NF_DICT_STRING_LIST)
		return nfdict_check_list(info, row, f->value_attr);

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
	if (type == NFDICTA_FIELD_STRING_LIST) {
		if (b->info->nlh->nlmsg_flags & (NLM_F_EXCL | NLM_F_REPLACE))
			return nfdict_refuse(b->info, b->row, f->op_attr, -EINVAL,
					     "adding members and removing them does not replace");
		return 0;
	}
	if (type != NFDICTA_FIELD_INT && type != NFDICTA_FIELD_INT64)
		return nfdict_refuse(b->info, b->row, f->value_attr, -EINVAL,
				     "only numbers and members of lists can be added and subtracted");
	if (b->info->nlh->nlmsg_flags & flags)
		return nfdict_refuse(b->info, b->row, f->op_attr, -EINVAL,
				     "adding and subtracting does not create or replace");

	return 0;
}

/**
 * nfdict_parse_field - read a field
 * @info: the message
 * @row: number of the row
 * @nest: the attribute of the field
 * @f: filled in; the name is not checked
 *
 * Return: 0 or a negative error.
 */
int nfdict_parse_field(const struct nfnl_info *info, unsigned int row,
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
		err = nfdict_check_nest(info, row, attr,
					type == NFDICTA_FIELD_STRING_LIST);
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

/**
 * nfdict_value_init - make the value of a checked field
 * @b: the batch of its row
 * @f: the field
 * @value: filled in, see nf_dict_value_init()
 *
 * Return: 0 or a negative error.
 */
int nfdict_value_init(struct nfdict_batch *b, const struct nfdict_field *f,
		      struct nf_dict_value *value)
{
	int type = nla_type(f->value_attr);
	const void *data = f->data;
	unsigned int len = f->len;
	const struct nlattr *attr;
	struct nfdict_name str;
	int rem;

	if (type == NF_DICT_STRING_LIST) {
		data = b->members;
		len = 0;
		nla_for_each_nested(attr, f->value_attr, rem) {
			str = nfdict_string(attr);
			if (len)
				b->members[len++] = '\0';
			memcpy(b->members + len, str.data, str.len);
			len += str.len;
		}
	}

	return nf_dict_value_init(b->info->net, value, type, data, len,
				  GFP_KERNEL);
}

/**
 * nfdict_parse_row - read a row, except its fields
 * @info: the message
 * @row: number of the row
 * @nest: the attribute of the row
 * @r: filled in
 *
 * Return: 0 or a negative error.
 */
int nfdict_parse_row(const struct nfnl_info *info, unsigned int row,
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
		case NFDICTA_ROW_GONE:
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

/**
 * nfdict_same_name - compare two names
 * @a: a name
 * @b: another name
 *
 * Return: whether they are equal.
 */
bool nfdict_same_name(const struct nfdict_name *a, const struct nfdict_name *b)
{
	return a->len == b->len && !memcmp(a->data, b->data, a->len);
}

/**
 * nfdict_check_fields - check the fields of a row
 * @b: the batch of the row
 * @fields: the list of its fields
 * @values: the fields have values, to write, or have none, to delete
 *
 * Return: 0 or a negative error.
 */
int nfdict_check_fields(struct nfdict_batch *b, const struct nlattr *fields,
			bool values)
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

/**
 * nfdict_walk_rows - call a function for every row of a message
 * @b: the batch
 * @fn: the function; the walk stops if it fails
 *
 * Return: 0 or what @fn returned.
 */
int
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

/**
 * nfdict_batch_alloc - allocate the state for the rows of a message
 * @info: the message
 *
 * Return: a batch, for nfdict_batch_free(), or NULL.
 */
struct nfdict_batch *nfdict_batch_alloc(const struct nfnl_info *info)
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

/**
 * nfdict_batch_free - free a batch and what it holds
 * @b: the batch
 */
void nfdict_batch_free(struct nfdict_batch *b)
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

/**
 * nfdict_check_rows - check all rows of a message
 * @b: the batch
 * @check: checks one row
 *
 * Return: 0; -EINVAL if there is no row; what @check returned.
 */
int
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

/**
 * nfdict_table_find - find the table that an attribute names
 * @info: the message
 * @attr: the attribute
 *
 * Return: the table, with a reference for the caller, or ERR_PTR.
 */
struct nf_dict_table *nfdict_table_find(const struct nfnl_info *info,
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

static const char *nfdict_create_strerror(int err, bool declared)
{
	switch (err) {
	case -EEXIST:
		return "table exists already";
	case -EINVAL:
		return declared ? "table exists and is declared otherwise" :
				  "table exists with another class of keys";
	case -EBUSY:
		return declared ? "rules have other keys or fields, or have written rows" :
				  "rules have keys of another class, or have written rows";
	case -EOPNOTSUPP:
		return "there is no connection tracking";
	default:
		return nfdict_strerror(err);
	}
}

/**
 * nfdict_table_create - create the table that an attribute names, or find it
 * @info: the message
 * @attr: the attribute
 * @params: its properties
 * @excl: fail if the table exists
 *
 * Return: the table, with a reference for the caller, or ERR_PTR.
 */
struct nf_dict_table *nfdict_table_create(const struct nfnl_info *info,
					  const struct nlattr *attr,
					  const struct nf_dict_table_params *params,
					  bool excl)
{
	struct nfdict_name name = nfdict_string(attr);
	struct nf_dict_table *table;
	int err;

	err = nfdict_check_name(info, 0, attr, &name);
	if (err)
		return ERR_PTR(err);

	table = nf_dict_table_create(info->net, name.data, name.len, params,
				     excl);
	if (IS_ERR(table)) {
		err = PTR_ERR(table);
		nfdict_refuse(info, 0, attr, err,
			      nfdict_create_strerror(err, params->ndecls));
	}

	return table;
}

static const struct nla_policy nfdict_decl_policy[NFDICTA_DECL_MAX + 1] = {
	[NFDICTA_DECL_NAME]	= { .type = NLA_STRING },
	[NFDICTA_DECL_TYPE]	=
		NLA_POLICY_RANGE(NLA_BE32, NF_DICT_BOOL, NF_DICT_TYPE_MAX),
};

/* Parse a declared field; on success it has a reference to the name. */
static int nfdict_parse_decl(const struct nfnl_info *info,
			     const struct nlattr *nest,
			     struct nf_dict_decl *decl)
{
	struct nlattr *tb[NFDICTA_DECL_MAX + 1];
	struct nfdict_name name;
	int err;

	if (nla_type(nest) != NFDICTA_DECL)
		return nfdict_refuse_unknown(info, 0, nest);
	err = nla_parse_nested(tb, NFDICTA_DECL_MAX, nest, nfdict_decl_policy,
			       info->extack);
	if (err)
		return err;
	if (!tb[NFDICTA_DECL_NAME] || !tb[NFDICTA_DECL_TYPE])
		return nfdict_refuse(info, 0, nest, -EINVAL,
				     "declaration lacks name or type");

	name = nfdict_string(tb[NFDICTA_DECL_NAME]);
	err = nfdict_check_name(info, 0, tb[NFDICTA_DECL_NAME], &name);
	if (err)
		return err;

	decl->type = ntohl(nla_get_be32(tb[NFDICTA_DECL_TYPE]));
	decl->field = nf_dict_field_get(info->net, name.data, name.len,
					GFP_KERNEL);
	if (!IS_ERR(decl->field))
		return 0;

	err = PTR_ERR(decl->field);
	return nfdict_refuse(info, 0, nest, err, nfdict_strerror(err));
}

/**
 * nfdict_decls_release - undo nfdict_parse_decls()
 * @params: the declaration
 */
void nfdict_decls_release(struct nf_dict_table_params *params)
{
	while (params->ndecls)
		nf_dict_field_put(params->decls[--params->ndecls].field);
	kfree(params->decls);
	params->decls = NULL;
}

/**
 * nfdict_parse_decls - parse the declared fields of a table
 * @info: the message
 * @list: the attribute with their list
 * @params: the declaration, filled in; to be released with
 *	nfdict_decls_release(), also on error
 *
 * Return: 0 or a negative error.
 */
int nfdict_parse_decls(const struct nfnl_info *info, const struct nlattr *list,
		       struct nf_dict_table_params *params)
{
	const struct nlattr *attr;
	struct nf_dict_decl *decls;
	unsigned int i;
	int err, rem;

	err = nfdict_check_nest(info, 0, list, true);
	if (err)
		return err;
	decls = kmalloc_objs(*decls, NF_DICT_FIELDS_MAX);
	if (!decls)
		return -ENOMEM;
	params->decls = decls;

	nla_for_each_nested(attr, list, rem) {
		unsigned int n = params->ndecls;

		if (n == NF_DICT_FIELDS_MAX)
			return nfdict_refuse(info, 0, attr, -E2BIG,
					     "more than 255 fields");
		err = nfdict_parse_decl(info, attr, &decls[n]);
		if (err)
			return err;
		params->ndecls++;
		for (i = 0; i < n; i++)
			if (decls[i].field == decls[n].field)
				return nfdict_refuse(info, 0, attr, -EINVAL,
						     "field is declared twice");
	}
	if (rem > 0)
		return nfdict_refuse_rest(info, 0, list);
	if (!params->ndecls)
		return nfdict_refuse(info, 0, list, -EINVAL, "no fields");

	return 0;
}

/**
 * nfdict_check_declared - check a field of a row against the table's
 * declaration
 * @b: the batch of the row
 * @f: the field
 * @name: its name
 *
 * Return: 0 or -EINVAL.
 */
int nfdict_check_declared(struct nfdict_batch *b, const struct nfdict_field *f,
			  const struct nf_dict_atom *name)
{
	u8 declared, type = NF_DICT_NUMBER;
	char reason[48];
	int err;

	if (f->op == NF_DICT_OP_SET)
		type = nla_type(f->value_attr);
	err = nf_dict_table_field_check(b->table, name, type, &declared);
	if (!err)
		return 0;
	if (err == -ENOENT)
		return nfdict_refuse(b->info, b->row, f->name_attr, -EINVAL,
				     "table declares no such field");

	snprintf(reason, sizeof(reason), "table declares the field as %s",
		 nf_dict_type_name(declared));

	return nfdict_refuse(b->info, b->row, f->value_attr, -EINVAL, reason);
}

/**
 * nfdict_refuse_class - refuse keys of another class than that of the table
 * @info: the message
 * @row: number of the row, 0: none
 * @attr: the attribute to point at
 * @table: the table
 *
 * Return: -EINVAL.
 */
int nfdict_refuse_class(const struct nfnl_info *info, unsigned int row,
			const struct nlattr *attr,
			const struct nf_dict_table *table)
{
	u8 key_class = nf_dict_table_key_class(table);
	char reason[48];

	snprintf(reason, sizeof(reason), "table has keys of class %s",
		 nf_dict_key_class_name(key_class));

	return nfdict_refuse(info, row, attr, -EINVAL, reason);
}

static int nfdict_check_domain(struct nfdict_batch *b,
			       const struct nfdict_row *r)
{
	const char *flaw;
	char reason[96];
	unsigned int at;

	flaw = nf_dict_domain_check(r->key.data, r->key.len, &at);
	if (!flaw)
		return 0;

	snprintf(reason, sizeof(reason), "%s, byte %u", flaw, at);

	return nfdict_refuse(b->info, b->row, r->attr, -EINVAL, reason);
}

/**
 * nfdict_check_key_class - check that a row's key has the class of its table
 * @b: the batch of the row
 * @r: the row
 *
 * Return: 0 or -EINVAL.
 */
int nfdict_check_key_class(struct nfdict_batch *b, const struct nfdict_row *r)
{
	u8 key_class = nf_dict_table_key_class(b->table);

	if (!nf_dict_key_fits(key_class, r->key.type))
		return nfdict_refuse_class(b->info, b->row, r->attr, b->table);

	return key_class == NF_DICT_KEY_DOMAIN ? nfdict_check_domain(b, r) : 0;
}

/**
 * nfdict_check_row - parse a row and check its key
 * @b: the batch of the row
 * @attr: the attribute of the row
 * @r: filled in
 *
 * Return: 0 or a negative error.
 */
int nfdict_check_row(struct nfdict_batch *b, const struct nlattr *attr,
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
