// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * libnfdict: making keys and fields
 *
 * Copyright (C) 2025 The nft_dict authors
 */
#include <errno.h>
#include <string.h>

#include "nfdict.h"

void nfdict_key_int(struct nfdict_key *key, uint64_t num)
{
	key->type = NFDICT_KEY_INT;
	key->len = sizeof(key->num);
	key->num = num;
}

/* Checks the bytes of an address (exactly @need) or a string. */
static int bytes_check(const void *data, size_t len, size_t need)
{
	if (need)
		return len == need ? 0 : -EINVAL;
	if (len > NFDICT_STRING_MAX)
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
		err = bytes_check(data, len, 4);
		break;
	case NFDICT_KEY_IPV6:
		err = bytes_check(data, len, 16);
		break;
	case NFDICT_KEY_ETHER:
		err = bytes_check(data, len, 6);
		break;
	case NFDICT_KEY_STRING:
		err = bytes_check(data, len, 0);
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
	field->name = name;
	field->name_len = strlen(name);
	field->value.type = type;
	field->value.len = 0;
	field->value.num = num;
	return 0;
}

int nfdict_field_bytes(struct nfdict_field *field, const char *name,
		       enum nfdict_type type, const void *data, size_t len)
{
	int err;

	switch (type) {
	case NFDICT_IPV4_ADDR:
		err = bytes_check(data, len, 4);
		break;
	case NFDICT_IPV6_ADDR:
		err = bytes_check(data, len, 16);
		break;
	case NFDICT_ETHER_ADDR:
		err = bytes_check(data, len, 6);
		break;
	case NFDICT_LONG_STRING:
		err = bytes_check(data, len, 0);
		break;
	default:
		return -EINVAL;
	}
	if (err)
		return err;
	field->name = name;
	field->name_len = strlen(name);
	field->value.type = type;
	field->value.len = len;
	if (type == NFDICT_LONG_STRING)
		field->value.str = data;
	else
		memcpy(field->value.addr, data, len);
	return 0;
}
