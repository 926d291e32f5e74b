// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * libnfdict: keys and rows as attributes
 *
 * Copyright (C) 2026 The nft_dict authors
 */
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>

#include <libmnl/libmnl.h>

#include "internal.h"

/* The types of the library are those of the attributes. */
_Static_assert((int)NFDICT_KEY_INT == (int)NFDICTA_KEY_INT &&
	       (int)NFDICT_KEY_RAW == (int)NFDICTA_KEY_RAW, "key types");
_Static_assert((int)NFDICT_BOOL == (int)NFDICTA_FIELD_BOOL &&
	       (int)NFDICT_LONG_STRING == (int)NFDICTA_FIELD_LONG_STRING,
	       "field types");
_Static_assert(NFDICT_NAME_MAX == NF_DICT_NAME_MAX &&
	       NFDICT_STRING_MAX == NF_DICT_STRING_MAX &&
	       NFDICT_RAW_MAX == NF_DICT_RAW_MAX &&
	       NFDICT_FIELDS_MAX == NF_DICT_FIELDS_MAX &&
	       NFDICT_TIMEOUT_MAX == NF_DICT_TIMEOUT_MAX, "limits");

static size_t attr_size(size_t len)
{
	return MNL_ATTR_HDRLEN + MNL_ALIGN(len);
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
	default:
		return value->len;
	}
}

static size_t field_size(const struct nfdict_field *field)
{
	size_t size = attr_size(0) + attr_size(field->name_len);

	if (field->value.type != NFDICT_UNSPEC)
		size += attr_size(value_len(&field->value));
	return size;
}

/* How many of a row's fields, from the first on, a message can hold. */
unsigned int nfdict_row_fit(const struct nfdict_row *row)
{
	size_t fields = 0;
	unsigned int i;

	for (i = 0; i < row->nfields; i++) {
		fields += field_size(&row->fields[i]);
		if (fields > FIELDS_ROOM)
			break;
	}
	return i;
}

/* Size of a row's attribute, or 0 and in *err why it cannot be sent. -EMSGSIZE
 * says that it can in parts.
 */
size_t nfdict_row_size(const struct nfdict_row *row, int *err, int *at,
		       const struct nfdict_field **culprit)
{
	const struct nfdict_field *field;
	size_t key, fields = 0;
	unsigned int i;

	*culprit = NULL;
	*at = NFDICT_AT_KEY;
	if (row->key.type < NFDICT_KEY_INT || row->key.type > NFDICT_KEY_RAW) {
		*err = -EINVAL;
		return 0;
	}
	if (row->key.len > sizeof(row->key.data)) {
		*err = -ENAMETOOLONG;
		return 0;
	}
	key = row->key.type == NFDICT_KEY_INT ? sizeof(row->key.num) :
	      row->key.len;

	*at = NFDICT_AT_ROW;
	if (row->nfields > NFDICT_FIELDS_MAX) {
		*err = -E2BIG;
		return 0;
	}
	for (i = 0; i < row->nfields; i++) {
		field = &row->fields[i];
		if (field->name_len > NFDICT_NAME_MAX ||
		    value_len(&field->value) > NFDICT_STRING_MAX) {
			*at = NFDICT_AT_FIELD;
			*culprit = field;
			*err = -ENAMETOOLONG;
			return 0;
		}
		fields += field_size(field);
	}
	if (fields > FIELDS_ROOM) {
		*err = -EMSGSIZE;
		return 0;
	}
	if (fields)
		fields = attr_size(fields);
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
	default:
		mnl_attr_put(nlh, value->type, value->len, value->addr);
		break;
	}
}

/* The caller has made room: nfdict_row_size(). */
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
			mnl_attr_nest_end(nlh, field);
		}
		mnl_attr_nest_end(nlh, fields);
	}
	if (row->has_timeout)
		mnl_attr_put_u64(nlh, NFDICTA_ROW_TIMEOUT,
				 htobe64(row->timeout));
	mnl_attr_nest_end(nlh, nest);
}
