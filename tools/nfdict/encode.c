// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * libnfdict: keys and rows as attributes
 *
 * Copyright (C) 2026 The nft_dict authors
 */
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <string.h>

#include <libmnl/libmnl.h>

#include "internal.h"

/* The types of the library are those of the attributes. */
_Static_assert((int)NFDICT_KEY_INT == (int)NFDICTA_KEY_INT &&
	       (int)NFDICT_KEY_RAW == (int)NFDICTA_KEY_RAW &&
	       (int)NFDICT_KEY_CT == (int)NF_DICT_KEY_CT &&
	       (int)NFDICT_KEY_DOMAIN == (int)NF_DICT_KEY_DOMAIN, "key types");
_Static_assert((int)NFDICT_BOOL == (int)NFDICTA_FIELD_BOOL &&
	       (int)NFDICT_STRING_LIST == (int)NFDICTA_FIELD_STRING_LIST,
	       "field types");
/* The operations are those of the attribute, shifted by one. */
_Static_assert(NFDICT_OP_SET + 1 == (int)NFDICT_FIELD_OP_SET &&
	       NFDICT_OP_ADD + 1 == (int)NFDICT_FIELD_OP_ADD &&
	       NFDICT_OP_SUB + 1 == (int)NFDICT_FIELD_OP_SUB, "operations");
_Static_assert(NFDICT_NAME_MAX == NF_DICT_NAME_MAX &&
	       NFDICT_STRING_MAX == NF_DICT_STRING_MAX &&
	       NFDICT_KEY_STRING_MAX == NF_DICT_KEY_STRING_MAX &&
	       NFDICT_RAW_MAX == NF_DICT_RAW_MAX &&
	       NFDICT_FIELDS_MAX == NF_DICT_FIELDS_MAX &&
	       NFDICT_LIST_MAX == NF_DICT_LIST_MAX &&
	       NFDICT_TIMEOUT_MAX == NF_DICT_TIMEOUT_MAX, "limits");

static size_t attr_size(size_t len)
{
	return MNL_ATTR_HDRLEN + MNL_ALIGN(len);
}

static size_t list_size(const struct nfdict_value *value)
{
	char member[NFDICT_STRING_MAX + 1];
	size_t at = 0, size = 0;
	int len;

	while ((len = nfdict_list_next(value, &at, member, sizeof(member))) > 0)
		size += attr_size(len);
	return size;
}

static size_t value_len(const struct nfdict_value *value)
{
	switch (value->type) {
	case NFDICT_BOOL:
		return sizeof(uint8_t);
	case NFDICT_INT:
		return sizeof(uint32_t);
	case NFDICT_INT64:
		return sizeof(uint64_t);
	case NFDICT_STRING_LIST:
		return list_size(value);
	default:
		return value->len;
	}
}

static size_t field_size(const struct nfdict_field *field)
{
	size_t size = attr_size(0) + attr_size(field->name_len);

	if (field->value.type != NFDICT_UNSPEC)
		size += attr_size(value_len(&field->value));
	if (field->op != NFDICT_OP_SET)
		size += attr_size(sizeof(uint32_t));
	return size;
}

/* Room for fields in a message with one row. */
static size_t fields_room(size_t max)
{
	return max - MESSAGE_SMALL;
}

/* How many of a row's fields, from the first on, fit into a message. */
unsigned int nfdict_row_fit(const struct nfdict_row *row, size_t max)
{
	size_t fields = 0;
	unsigned int i;

	for (i = 0; i < row->nfields; i++) {
		fields += field_size(&row->fields[i]);
		if (fields > fields_room(max))
			break;
	}
	return i;
}

static int key_flaw(const struct nfdict_key *key, struct flaw *flaw)
{
	static const uint8_t lengths[] = {
		[NFDICT_KEY_IPV4] = 4, [NFDICT_KEY_IPV6] = 16,
		[NFDICT_KEY_ETHER] = 6,
	};

	flaw->err = -EINVAL;
	flaw->at = NFDICT_AT_KEY;
	switch (key->type) {
	case NFDICT_KEY_INT:
		return 0;
	case NFDICT_KEY_IPV4:
	case NFDICT_KEY_IPV6:
	case NFDICT_KEY_ETHER:
		flaw->why = "key has a wrong length";
		return key->len == lengths[key->type] ? 0 : -1;
	case NFDICT_KEY_STRING:
	case NFDICT_KEY_RAW:
		break;
	default:
		flaw->why = "key has no type";
		return -1;
	}
	if (!key->len) {
		flaw->why = "key is empty";
		return -1;
	}
	if (key->len > (key->type == NFDICT_KEY_RAW ? NFDICT_RAW_MAX :
						      NFDICT_KEY_STRING_MAX)) {
		flaw->err = -ENAMETOOLONG;
		flaw->why = "key is too long";
		return -1;
	}
	flaw->why = "key has a NUL within";
	return key->type == NFDICT_KEY_STRING &&
	       memchr(key->data, '\0', key->len) ? -1 : 0;
}

static int value_flaw(const struct nfdict_value *value, struct flaw *flaw)
{
	static const uint8_t lengths[] = {
		[NFDICT_IPV4_ADDR] = 4, [NFDICT_IPV6_ADDR] = 16,
		[NFDICT_ETHER_ADDR] = 6,
	};

	flaw->err = -EINVAL;
	switch (value->type) {
	case NFDICT_UNSPEC:
		flaw->why = "field has no value";
		return -1;
	case NFDICT_BOOL:
		flaw->why = "truth value is neither 0 nor 1";
		return value->num < 0 || value->num > 1 ? -1 : 0;
	case NFDICT_INT:
		flaw->err = -ERANGE;
		flaw->why = "number is out of range";
		return value->num < INT32_MIN || value->num > INT32_MAX ?
		       -1 : 0;
	case NFDICT_INT64:
		return 0;
	case NFDICT_IPV4_ADDR:
	case NFDICT_IPV6_ADDR:
	case NFDICT_ETHER_ADDR:
		flaw->why = "value has a wrong length";
		return value->len == lengths[value->type] ? 0 : -1;
	case NFDICT_LONG_STRING:
		break;
	case NFDICT_STRING_LIST:
		flaw->why = nfdict_list_flaw(value, &flaw->err);
		return flaw->why ? -1 : 0;
	default:
		flaw->why = "field has no such type";
		return -1;
	}
	if (value->len > NFDICT_STRING_MAX) {
		flaw->err = -ENAMETOOLONG;
		flaw->why = "string is too long";
		return -1;
	}
	flaw->why = "string has a NUL within";
	return memchr(value->str, '\0', value->len) ? -1 : 0;
}

static int op_flaw(const struct nfdict_field *field, struct flaw *flaw)
{
	flaw->err = -EINVAL;
	if (field->op > NFDICT_OP_SUB || field->reserved) {
		flaw->why = "field has an unknown operation";
		return -1;
	}
	flaw->why = "only numbers and members of lists can be added and subtracted";
	return field->op != NFDICT_OP_SET &&
	       field->value.type != NFDICT_INT &&
	       field->value.type != NFDICT_INT64 &&
	       field->value.type != NFDICT_STRING_LIST ? -1 : 0;
}

static const struct nfdict_field *same_field(const struct nfdict_row *row)
{
	const struct nfdict_field *a, *b;
	unsigned int i, j;

	for (i = 1; i < row->nfields; i++) {
		a = &row->fields[i];
		for (j = 0; j < i; j++) {
			b = &row->fields[j];
			if (a->name_len == b->name_len &&
			    a->name[0] == b->name[0] &&
			    !memcmp(a->name, b->name, a->name_len))
				return a;
		}
	}
	return NULL;
}

/* Checks a row as the kernel does when it parses a message: a malformed row
 * would keep the rows before it from being written, too.
 */
static int row_flaw(const struct nfdict_row *row, uint16_t type,
		    struct flaw *flaw)
{
	const struct nfdict_field *field;
	unsigned int i;

	flaw->field = NULL;
	if (key_flaw(&row->key, flaw))
		return -1;

	flaw->err = -EINVAL;
	flaw->at = NFDICT_AT_ROW;
	for (i = 0; i < ARRAY_SIZE(row->reserved); i++)
		if (row->reserved[i]) {
			flaw->why = "row has something in its reserved members";
			return -1;
		}
	if (row->nfields > NFDICT_FIELDS_MAX) {
		flaw->err = -E2BIG;
		flaw->why = "row has too many fields";
		return -1;
	}
	if (type == NFDICT_MSG_ROW_NEW && !row->nfields) {
		flaw->why = "row has no fields";
		return -1;
	}
	if (row->has_timeout && row->timeout > NFDICT_TIMEOUT_MAX) {
		flaw->err = -ERANGE;
		flaw->at = NFDICT_AT_TIMEOUT;
		flaw->why = "timeout is out of range";
		return -1;
	}
	if (type == NFDICT_MSG_ROW_DEL && row->has_timeout) {
		flaw->at = NFDICT_AT_TIMEOUT;
		flaw->why = "what is deleted has no timeout";
		return -1;
	}
	for (i = 0; i < row->nfields; i++) {
		field = &row->fields[i];
		flaw->at = NFDICT_AT_FIELD;
		flaw->field = field;
		flaw->why = nfdict_name_flaw(field->name, field->name_len,
					     &flaw->err);
		if (flaw->why)
			return -1;
		if (type == NFDICT_MSG_ROW_DEL) {
			flaw->err = -EINVAL;
			flaw->why = "what is deleted has no value";
			if (field->value.type != NFDICT_UNSPEC)
				return -1;
		} else if (value_flaw(&field->value, flaw) ||
			   op_flaw(field, flaw)) {
			return -1;
		}
	}
	flaw->err = -EINVAL;
	flaw->field = same_field(row);
	flaw->why = "row has a field twice";
	return flaw->field ? -1 : 0;
}

/**
 * nfdict_row_size() - check a row and compute the size of its attribute
 * @row: row
 * @type: type of its message
 * @max: most bytes of a message
 * @flaw: set to the error
 *
 * Return: the size, or 0 if the row cannot be sent.
 */
size_t nfdict_row_size(const struct nfdict_row *row, uint16_t type, size_t max,
		       struct flaw *flaw)
{
	size_t key, fields = 0;
	unsigned int i;

	if (row_flaw(row, type, flaw))
		return 0;
	for (i = 0; i < row->nfields; i++)
		fields += field_size(&row->fields[i]);
	if (fields > fields_room(max)) {
		flaw->err = -EMSGSIZE;
		flaw->at = NFDICT_AT_ROW;
		flaw->why = "row is too long for a message";
		return 0;
	}
	if (fields)
		fields = attr_size(fields);
	key = row->key.type == NFDICT_KEY_INT ? sizeof(row->key.num) :
	      row->key.len;
	return attr_size(0) + attr_size(attr_size(key)) + fields +
	       (row->has_timeout ? attr_size(sizeof(uint64_t)) : 0);
}

void nfdict_key_put(struct nlmsghdr *nlh, uint16_t type,
		    const struct nfdict_key *key)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, type);

	if (key->type == NFDICT_KEY_INT)
		mnl_attr_put_u64(nlh, NFDICTA_KEY_INT, htobe64(key->num));
	else
		mnl_attr_put(nlh, key->type, key->len, key->data);
	mnl_attr_nest_end(nlh, nest);
}

static void list_put(struct nlmsghdr *nlh, const struct nfdict_value *value)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, value->type);
	char member[NFDICT_STRING_MAX + 1];
	size_t at = 0;
	int len;

	while ((len = nfdict_list_next(value, &at, member, sizeof(member))) > 0)
		mnl_attr_put(nlh, NFDICTA_LIST_MEMBER, len, member);
	mnl_attr_nest_end(nlh, nest);
}

static void value_put(struct nlmsghdr *nlh, const struct nfdict_value *value)
{
	switch (value->type) {
	case NFDICT_UNSPEC:
		break;
	case NFDICT_BOOL:
		mnl_attr_put_u8(nlh, value->type, value->num);
		break;
	case NFDICT_INT:
		mnl_attr_put_u32(nlh, value->type, htonl(value->num));
		break;
	case NFDICT_INT64:
		mnl_attr_put_u64(nlh, value->type, htobe64(value->num));
		break;
	case NFDICT_LONG_STRING:
		mnl_attr_put(nlh, value->type, value->len, value->str);
		break;
	case NFDICT_STRING_LIST:
		list_put(nlh, value);
		break;
	default:
		mnl_attr_put(nlh, value->type, value->len, value->addr);
		break;
	}
}

/* The caller has made room according to nfdict_row_size(). */
void nfdict_row_put(struct nlmsghdr *nlh, const struct nfdict_row *row)
{
	struct nlattr *nest, *fields, *field;
	unsigned int i;

	nest = mnl_attr_nest_start(nlh, NFDICTA_ROW);
	nfdict_key_put(nlh, NFDICTA_ROW_KEY, &row->key);
	if (row->nfields) {
		fields = mnl_attr_nest_start(nlh, NFDICTA_ROW_FIELDS);
		for (i = 0; i < row->nfields; i++) {
			field = mnl_attr_nest_start(nlh, NFDICTA_ROW_FIELD);
			mnl_attr_put(nlh, NFDICTA_FIELD_NAME,
				     row->fields[i].name_len,
				     row->fields[i].name);
			value_put(nlh, &row->fields[i].value);
			if (row->fields[i].op != NFDICT_OP_SET)
				mnl_attr_put_u32(nlh, NFDICTA_FIELD_OP,
						 htonl(row->fields[i].op + 1));
			mnl_attr_nest_end(nlh, field);
		}
		mnl_attr_nest_end(nlh, fields);
	}
	if (row->has_timeout)
		mnl_attr_put_u64(nlh, NFDICTA_ROW_TIMEOUT,
				 htobe64(row->timeout));
	mnl_attr_nest_end(nlh, nest);
}
