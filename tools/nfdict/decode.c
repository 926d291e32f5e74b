// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * libnfdict: attributes as tables and rows
 *
 * Copyright (C) 2026 The nft_dict authors
 *
 * The kernel is trusted, but may be of another version: unknown attributes are
 * skipped, and a wrong length is an error (-EPROTO).
 */
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <string.h>

#include <libmnl/libmnl.h>

#include "internal.h"

/* Length of a string attribute, which need not end in NUL. */
static size_t str_len(const struct nlattr *attr)
{
	return strnlen(mnl_attr_get_payload(attr),
		       mnl_attr_get_payload_len(attr));
}

static int get_name(const struct nlattr *attr, char *name)
{
	size_t len = str_len(attr);

	if (len > NFDICT_NAME_MAX)
		return -EPROTO;
	memcpy(name, mnl_attr_get_payload(attr), len);
	name[len] = '\0';
	return 0;
}

static int get_u32(const struct nlattr *attr, uint32_t *num)
{
	if (mnl_attr_get_payload_len(attr) != sizeof(uint32_t))
		return -EPROTO;
	*num = ntohl(mnl_attr_get_u32(attr));
	return 0;
}

static int get_u64(const struct nlattr *attr, uint64_t *num)
{
	if (mnl_attr_get_payload_len(attr) != sizeof(uint64_t))
		return -EPROTO;
	*num = be64toh(mnl_attr_get_u64(attr));
	return 0;
}

int nfdict_message_get(const struct nlmsghdr *nlh, struct message *msg)
{
	const struct nlattr *attr;
	int err = 0;

	if (nlh->nlmsg_len < NLMSG_HDRLEN + sizeof(struct nfgenmsg))
		return -EPROTO;
	/* Not the names, which are long and only read if set. */
	memset(msg, 0, offsetof(struct message, names));
	msg->table = "";
	msg->table2 = "";
	mnl_attr_for_each(attr, nlh, sizeof(struct nfgenmsg)) {
		switch (mnl_attr_get_type(attr)) {
		case NFDICTA_TABLE:
			err = get_name(attr, msg->names[0]);
			msg->table = msg->names[0];
			break;
		case NFDICTA_TABLE2:
			err = get_name(attr, msg->names[1]);
			msg->table2 = msg->names[1];
			break;
		case NFDICTA_SIZE:
			err = get_u32(attr, &msg->size);
			break;
		case NFDICTA_TIMEOUT:
			err = get_u64(attr, &msg->timeout);
			break;
		case NFDICTA_KEY_CLASS:
			err = get_u32(attr, &msg->key_class);
			break;
		case NFDICTA_DECLS:
			msg->decls = attr;
			break;
		case NFDICTA_OPEN:
			msg->open = true;
			break;
		case NFDICTA_STATS:
			msg->stats = attr;
			break;
		}
		if (err)
			return err;
	}
	return 0;
}

static int decl_get(const struct nlattr *nest, struct nfdict_decl *decl)
{
	const struct nlattr *attr;
	uint32_t type;
	int err = 0;

	memset(decl, 0, sizeof(*decl));
	mnl_attr_for_each_nested(attr, nest) {
		switch (mnl_attr_get_type(attr)) {
		case NFDICTA_DECL_NAME:
			err = get_name(attr, decl->name);
			break;
		case NFDICTA_DECL_TYPE:
			err = get_u32(attr, &type);
			if (!err)
				decl->type = type;
			break;
		}
		if (err)
			return err;
	}
	return decl->name[0] ? 0 : -EPROTO;
}

/* Parses the declared fields of a table, if any. Return: their number. */
int nfdict_decls_get(const struct nlattr *list, struct nfdict_decl *decls)
{
	const struct nlattr *attr;
	int err, n = 0;

	if (!list)
		return 0;
	mnl_attr_for_each_nested(attr, list) {
		if (mnl_attr_get_type(attr) != NFDICTA_DECL)
			continue;
		if (n == NFDICT_FIELDS_MAX)
			return -EPROTO;
		err = decl_get(attr, &decls[n++]);
		if (err)
			return err;
	}
	return n;
}

int nfdict_stats_get(const struct nlattr *stats, struct nfdict_table *table)
{
	const struct nlattr *attr;
	int err = 0;

	mnl_attr_for_each_nested(attr, stats) {
		switch (mnl_attr_get_type(attr)) {
		case NFDICTA_STATS_ROWS:
			err = get_u32(attr, &table->rows);
			break;
		case NFDICTA_STATS_USE:
			err = get_u32(attr, &table->use);
			break;
		case NFDICTA_STATS_BYTES:
			err = get_u64(attr, &table->bytes);
			break;
		case NFDICTA_STATS_DROPS:
			err = get_u64(attr, &table->drops);
			break;
		case NFDICTA_STATS_EXPIRED:
			err = get_u64(attr, &table->expired);
			break;
		}
		if (err)
			return err;
	}
	return 0;
}

static int key_parse(const struct nlattr *nest, struct nfdict_key *key)
{
	const struct nlattr *attr;
	uint64_t num;
	int type, err;

	mnl_attr_for_each_nested(attr, nest) {
		type = mnl_attr_get_type(attr);
		switch (type) {
		case NFDICTA_KEY_INT:
			err = get_u64(attr, &num);
			if (err)
				return err;
			nfdict_key_int(key, num);
			return 0;
		case NFDICTA_KEY_IPV4:
		case NFDICTA_KEY_IPV6:
		case NFDICTA_KEY_ETHER:
		case NFDICTA_KEY_RAW:
			err = nfdict_key_bytes(key, type,
					       mnl_attr_get_payload(attr),
					       mnl_attr_get_payload_len(attr));
			return err ? -EPROTO : 0;
		case NFDICTA_KEY_STRING:
			err = nfdict_key_bytes(key, type,
					       mnl_attr_get_payload(attr),
					       str_len(attr));
			return err ? -EPROTO : 0;
		}
	}
	return -EPROTO;
}

/* Writes the text of a list at *@text, and advances that. */
static int list_parse(const struct nlattr *nest, struct nfdict_value *value,
		      char **text)
{
	const struct nlattr *attr;
	char *end = *text;

	mnl_attr_for_each_nested(attr, nest) {
		if (mnl_attr_get_type(attr) != NFDICTA_LIST_MEMBER)
			continue;
		end = nfdict_list_put(end, end == *text,
				      mnl_attr_get_payload(attr),
				      str_len(attr));
	}
	value->str = *text;
	if (end - *text > NFDICT_TEXT_MAX)
		return -EPROTO;
	value->len = end - *text;
	*text = end;
	return 0;
}

static int value_parse(const struct nlattr *attr, struct nfdict_value *value,
		       char **text)
{
	static const uint8_t lengths[] = {
		[NFDICTA_FIELD_BOOL]		= 1,
		[NFDICTA_FIELD_INT]		= 4,
		[NFDICTA_FIELD_INT64]		= 8,
		[NFDICTA_FIELD_IPV4_ADDR]	= 4,
		[NFDICTA_FIELD_IPV6_ADDR]	= 16,
		[NFDICTA_FIELD_ETHER_ADDR]	= 6,
	};
	size_t len = mnl_attr_get_payload_len(attr);

	value->type = mnl_attr_get_type(attr);
	if (value->type == NFDICTA_FIELD_STRING_LIST)
		return list_parse(attr, value, text);
	if (value->type != NFDICTA_FIELD_LONG_STRING &&
	    len != lengths[value->type])
		return -EPROTO;

	value->len = 0;
	switch (value->type) {
	case NFDICTA_FIELD_BOOL:
		value->num = mnl_attr_get_u8(attr);
		break;
	case NFDICTA_FIELD_INT:
		value->num = (int32_t)ntohl(mnl_attr_get_u32(attr));
		break;
	case NFDICTA_FIELD_INT64:
		value->num = (int64_t)be64toh(mnl_attr_get_u64(attr));
		break;
	case NFDICTA_FIELD_LONG_STRING:
		value->str = mnl_attr_get_payload(attr);
		value->len = str_len(attr);
		return value->len > NFDICT_STRING_MAX ? -EPROTO : 0;
	default:
		memcpy(value->addr, mnl_attr_get_payload(attr), len);
		value->len = len;
		break;
	}
	return 0;
}

static int field_parse(const struct nlattr *nest, struct nfdict_field *field,
		       char **text)
{
	const struct nlattr *attr;
	int err;

	field->name = NULL;
	field->op = NFDICT_OP_SET;
	field->reserved = 0;
	field->value.type = NFDICT_UNSPEC;
	field->value.reserved = 0;
	mnl_attr_for_each_nested(attr, nest) {
		switch (mnl_attr_get_type(attr)) {
		case NFDICTA_FIELD_NAME:
			field->name = mnl_attr_get_payload(attr);
			field->name_len = str_len(attr);
			break;
		case NFDICTA_FIELD_BOOL ... NFDICTA_FIELD_STRING_LIST:
			err = value_parse(attr, &field->value, text);
			if (err)
				return err;
			break;
		}
	}
	return field->name && field->name_len <= NFDICT_NAME_MAX ?
	       0 : -EPROTO;
}

/* Parses a row into @row and @fields, which borrow from @nest and @text. */
static int row_parse(const struct nlattr *nest, struct nfdict_row *row,
		     struct nfdict_field *fields, char **text)
{
	const struct nlattr *attr, *field;
	int err = 0;

	row->key.type = NFDICT_KEY_UNSPEC;
	row->fields = fields;
	row->nfields = 0;
	row->has_timeout = false;
	row->expired = false;
	row->gone = false;
	row->timeout = 0;
	row->expires = 0;
	memset(row->reserved, 0, sizeof(row->reserved));
	mnl_attr_for_each_nested(attr, nest) {
		switch (mnl_attr_get_type(attr)) {
		case NFDICTA_ROW_KEY:
			err = key_parse(attr, &row->key);
			break;
		case NFDICTA_ROW_FIELDS:
			mnl_attr_for_each_nested(field, attr) {
				if (mnl_attr_get_type(field) !=
				    NFDICTA_ROW_FIELD)
					continue;
				if (row->nfields == NFDICT_FIELDS_MAX)
					return -EPROTO;
				err = field_parse(field,
						  &fields[row->nfields], text);
				if (err)
					return err;
				row->nfields++;
			}
			break;
		case NFDICTA_ROW_TIMEOUT:
			err = get_u64(attr, &row->timeout);
			row->has_timeout = true;
			break;
		case NFDICTA_ROW_EXPIRES:
			err = get_u64(attr, &row->expires);
			break;
		case NFDICTA_ROW_EXPIRED:
			row->expired = true;
			break;
		case NFDICTA_ROW_GONE:
			row->gone = true;
			break;
		}
		if (err)
			return err;
	}
	return row->key.type == NFDICT_KEY_UNSPEC ? -EPROTO : 0;
}

static bool same_key(const struct nfdict_key *a, const struct nfdict_key *b)
{
	return a->type == b->type && a->len == b->len &&
	       !memcmp(a->data, b->data, a->len);
}

/**
 * struct row_reader - state of parsing the rows of a message
 *
 * @fields: room for the fields of two rows
 * @text: remaining room for the text of lists
 * @row: row read last
 * @any: @row is valid
 * @cb: callback for each row
 * @data: for @cb
 */
struct row_reader {
	struct nfdict_field *fields;
	char *text;
	struct nfdict_row row;
	bool any;
	int (*cb)(const struct nfdict_row *row, void *data);
	void *data;
};

/* An attribute holds up to 65,535 bytes. A larger row comes in consecutive
 * parts with the same key.
 */
static int row_read(struct row_reader *reader, const struct nlattr *attr)
{
	struct nfdict_row *row = &reader->row, part;
	int err;

	if (!reader->any) {
		reader->any = true;
		return row_parse(attr, row, reader->fields, &reader->text);
	}
	err = row_parse(attr, &part, reader->fields + NFDICT_FIELDS_MAX,
			&reader->text);
	if (err)
		return err;
	if (!same_key(&row->key, &part.key)) {
		err = reader->cb(row, reader->data);
		if (err)
			return err;
		*row = part;
		row->fields = reader->fields;
		row->nfields = 0;
	}
	if (row->nfields + part.nfields > NFDICT_FIELDS_MAX)
		return -EPROTO;
	memcpy(row->fields + row->nfields, part.fields,
	       part.nfields * sizeof(*part.fields));
	row->nfields += part.nfields;
	return 0;
}

/* Calls @cb for each row of a message; @fields has room for two rows, and @text
 * for twice the size of the message.
 */
int nfdict_message_rows(const struct nlmsghdr *nlh,
			struct nfdict_field *fields, char *text,
			int (*cb)(const struct nfdict_row *row, void *data),
			void *data)
{
	struct row_reader reader = {
		.fields = fields, .text = text, .cb = cb, .data = data,
	};
	const struct nlattr *attr, *nested;
	int err = 0;

	mnl_attr_for_each(attr, nlh, sizeof(struct nfgenmsg)) {
		if (mnl_attr_get_type(attr) == NFDICTA_ROW)
			err = row_read(&reader, attr);
		else if (mnl_attr_get_type(attr) == NFDICTA_ROWS)
			mnl_attr_for_each_nested(nested, attr) {
				err = row_read(&reader, nested);
				if (err)
					break;
			}
		if (err)
			return err;
	}
	return reader.any ? cb(&reader.row, data) : 0;
}

static bool within(const struct nlattr *attr, const char *place)
{
	return place >= (const char *)attr &&
	       place < (const char *)attr + MNL_ALIGN(attr->nla_len);
}

static void locate_in_row(const struct nlattr *row, const char *place,
			  struct nfdict_error *error)
{
	const struct nlattr *attr, *field, *name;

	error->at = NFDICT_AT_ROW;
	mnl_attr_for_each_nested(attr, row) {
		if (mnl_attr_get_type(attr) == NFDICTA_ROW_KEY)
			key_parse(attr, &error->key);
		if (!within(attr, place))
			continue;
		if (mnl_attr_get_type(attr) == NFDICTA_ROW_KEY)
			error->at = NFDICT_AT_KEY;
		else if (mnl_attr_get_type(attr) == NFDICTA_ROW_TIMEOUT)
			error->at = NFDICT_AT_TIMEOUT;
		else if (mnl_attr_get_type(attr) == NFDICTA_ROW_FIELDS)
			mnl_attr_for_each_nested(field, attr) {
				if (!within(field, place))
					continue;
				error->at = NFDICT_AT_FIELD;
				mnl_attr_for_each_nested(name, field)
					if (mnl_attr_get_type(name) ==
					    NFDICTA_FIELD_NAME)
						get_name(name, error->field);
			}
	}
}

static void locate_in_pairs(const struct nlattr *pairs, const char *place,
			    struct nfdict_error *error)
{
	const struct nlattr *pair, *attr;

	mnl_attr_for_each_nested(pair, pairs)
		mnl_attr_for_each_nested(attr, pair) {
			if (!within(attr, place))
				continue;
			error->at = mnl_attr_get_type(attr) == NFDICTA_TABLE2 ?
				    NFDICT_AT_TABLE2 : NFDICT_AT_TABLE;
			get_name(attr, error->table);
		}
}

static void locate_in_decls(const struct nlattr *list, const char *place,
			    struct nfdict_error *error)
{
	const struct nlattr *decl, *attr;

	error->at = NFDICT_AT_DECL;
	mnl_attr_for_each_nested(decl, list) {
		if (!within(decl, place))
			continue;
		mnl_attr_for_each_nested(attr, decl)
			if (mnl_attr_get_type(attr) == NFDICTA_DECL_NAME)
				get_name(attr, error->field);
	}
}

/**
 * nfdict_locate() - find the part of a request that an error is about
 * @nlh: the request
 * @offset: offset in it that the kernel reported, 0: unknown
 * @error: table, key, field and @at are set
 *
 * Return: whether it is a row or part of one.
 */
bool nfdict_locate(const struct nlmsghdr *nlh, uint32_t offset,
		   struct nfdict_error *error)
{
	const char *place = (const char *)nlh + offset;
	const struct nlattr *attr, *row;
	bool found = false;

	mnl_attr_for_each(attr, nlh, sizeof(struct nfgenmsg)) {
		if (mnl_attr_get_type(attr) == NFDICTA_TABLE)
			get_name(attr, error->table);
		if (!within(attr, place))
			continue;
		switch (mnl_attr_get_type(attr)) {
		case NFDICTA_TABLE:
			error->at = NFDICT_AT_TABLE;
			break;
		case NFDICTA_TABLE2:
			error->at = NFDICT_AT_TABLE2;
			get_name(attr, error->table);
			break;
		case NFDICTA_PAIRS:
			locate_in_pairs(attr, place, error);
			break;
		case NFDICTA_DECLS:
			locate_in_decls(attr, place, error);
			break;
		case NFDICTA_OPEN:
			error->at = NFDICT_AT_DECL;
			break;
		case NFDICTA_SIZE:
			error->at = NFDICT_AT_SIZE;
			break;
		case NFDICTA_TIMEOUT:
			error->at = NFDICT_AT_TIMEOUT;
			break;
		case NFDICTA_KEY:
			error->at = NFDICT_AT_KEY;
			break;
		case NFDICTA_FIELD:
			error->at = NFDICT_AT_FIELD;
			get_name(attr, error->field);
			break;
		case NFDICTA_ROW:
			locate_in_row(attr, place, error);
			found = true;
			break;
		case NFDICTA_ROWS:
			mnl_attr_for_each_nested(row, attr)
				if (within(row, place)) {
					locate_in_row(row, place, error);
					found = true;
				}
			break;
		}
	}
	return found;
}
