// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * libnfdict: making keys, fields and copies of rows
 *
 * Copyright (C) 2025 The nft_dict authors
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

const char *nfdict_version(void)
{
	return NFDICT_VERSION;
}

/* Describes the error in the name of a table or field, or returns NULL. */
const char *nfdict_name_flaw(const char *name, size_t len, int *err)
{
	unsigned char c;
	size_t i;

	*err = -EINVAL;
	if (!len)
		return "name is empty";
	if (len > NFDICT_NAME_MAX) {
		*err = -ENAMETOOLONG;
		return "name is longer than 128 bytes";
	}
	for (i = 0; i < len; i++) {
		c = name[i];
		if (c <= ' ' || c == 0x7f || c == ',')
			return "name has white space, a comma or a control character";
	}
	return NULL;
}

void nfdict_key_int(struct nfdict_key *key, uint64_t num)
{
	key->type = NFDICT_KEY_INT;
	key->len = sizeof(key->num);
	key->reserved = 0;
	key->num = num;
}

/* Checks the length of an address. */
static int addr_check(size_t len, size_t need)
{
	return len == need ? 0 : -EINVAL;
}

/* Checks the bytes of a string. */
static int string_check(const void *data, size_t len, size_t max)
{
	if (len > max)
		return -ENAMETOOLONG;
	return memchr(data, '\0', len) ? -EINVAL : 0;
}

int nfdict_key_bytes(struct nfdict_key *key, enum nfdict_key_type type,
		     const void *data, size_t len)
{
	int err;

	if (!len)
		return -EINVAL;
	switch (type) {
	case NFDICT_KEY_IPV4:
		err = addr_check(len, 4);
		break;
	case NFDICT_KEY_IPV6:
		err = addr_check(len, 16);
		break;
	case NFDICT_KEY_ETHER:
		err = addr_check(len, 6);
		break;
	case NFDICT_KEY_STRING:
		err = string_check(data, len, NFDICT_KEY_STRING_MAX);
		break;
	case NFDICT_KEY_RAW:
		err = len > NFDICT_RAW_MAX ? -ENAMETOOLONG : 0;
		break;
	default:
		return -EINVAL;
	}
	if (err)
		return err;
	key->type = type;
	key->len = len;
	key->reserved = 0;
	memcpy(key->data, data, len);
	return 0;
}

int nfdict_field_num(struct nfdict_field *field, const char *name,
		     enum nfdict_type type, int64_t num)
{
	switch (type) {
	case NFDICT_BOOL:
		if (num < 0 || num > 1)
			return -ERANGE;
		break;
	case NFDICT_INT:
		if (num < INT32_MIN || num > INT32_MAX)
			return -ERANGE;
		break;
	case NFDICT_INT64:
		break;
	default:
		return -EINVAL;
	}
	memset(field, 0, sizeof(*field));
	field->name = name;
	field->name_len = strlen(name);
	field->value.type = type;
	field->value.num = num;
	return 0;
}

static bool is_text(enum nfdict_type type)
{
	return type == NFDICT_LONG_STRING || type == NFDICT_STRING_LIST;
}

int nfdict_field_bytes(struct nfdict_field *field, const char *name,
		       enum nfdict_type type, const void *data, size_t len)
{
	struct nfdict_value list = {};
	int err;

	switch (type) {
	case NFDICT_IPV4_ADDR:
		err = addr_check(len, 4);
		break;
	case NFDICT_IPV6_ADDR:
		err = addr_check(len, 16);
		break;
	case NFDICT_ETHER_ADDR:
		err = addr_check(len, 6);
		break;
	case NFDICT_LONG_STRING:
		err = string_check(data, len, NFDICT_STRING_MAX);
		break;
	case NFDICT_STRING_LIST:
		list.len = len;
		list.str = data;
		if (len > NFDICT_TEXT_MAX)
			return -ENAMETOOLONG;
		if (nfdict_list_flaw(&list, &err))
			return err;
		err = 0;
		break;
	default:
		return -EINVAL;
	}
	if (err)
		return err;
	memset(field, 0, sizeof(*field));
	field->name = name;
	field->name_len = strlen(name);
	field->value.type = type;
	field->value.len = len;
	if (is_text(type))
		field->value.str = data;
	else
		memcpy(field->value.addr, data, len);
	return 0;
}

struct nfdict_row *nfdict_row_copy(const struct nfdict_row *row)
{
	const struct nfdict_field *from;
	struct nfdict_field *field;
	struct nfdict_row *copy;
	size_t text = 0;
	unsigned int i;
	char *pos;

	for (i = 0; i < row->nfields; i++) {
		from = &row->fields[i];
		text += from->name_len;
		if (is_text(from->value.type))
			text += from->value.len;
	}
	copy = malloc(sizeof(*copy) + row->nfields * sizeof(*field) + text);
	if (!copy)
		return NULL;
	*copy = *row;
	copy->fields = (struct nfdict_field *)(copy + 1);
	pos = (char *)(copy->fields + row->nfields);
	for (i = 0; i < row->nfields; i++) {
		field = &copy->fields[i];
		*field = row->fields[i];
		field->name = memcpy(pos, field->name, field->name_len);
		pos += field->name_len;
		if (!is_text(field->value.type))
			continue;
		field->value.str = memcpy(pos, field->value.str,
					  field->value.len);
		pos += field->value.len;
	}
	return copy;
}

void nfdict_row_free(struct nfdict_row *row)
{
	free(row);
}

const struct nfdict_value *nfdict_row_value(const struct nfdict_row *row,
					    const char *name)
{
	size_t len = strlen(name);
	unsigned int i;

	for (i = 0; i < row->nfields; i++)
		if (row->fields[i].name_len == len &&
		    !memcmp(row->fields[i].name, name, len))
			return &row->fields[i].value;
	return NULL;
}
