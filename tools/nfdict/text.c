// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * libnfdict: keys, values and types as text
 *
 * Copyright (C) 2025 The nft_dict authors
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nfdict.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

static const char *const type_names[] = {
	[NFDICT_BOOL]		= "bool",
	[NFDICT_INT]		= "int",
	[NFDICT_INT64]		= "int64",
	[NFDICT_IPV4_ADDR]	= "ipv4_addr",
	[NFDICT_IPV6_ADDR]	= "ipv6_addr",
	[NFDICT_ETHER_ADDR]	= "ether_addr",
	[NFDICT_LONG_STRING]	= "long_string",
};

/* The first name of a type is the one that is printed. */
static const struct {
	enum nfdict_key_type type;
	const char *name;
} key_prefixes[] = {
	{ NFDICT_KEY_INT,	"int" },
	{ NFDICT_KEY_IPV4,	"ip" },
	{ NFDICT_KEY_IPV6,	"ip6" },
	{ NFDICT_KEY_ETHER,	"mac" },
	{ NFDICT_KEY_ETHER,	"ether" },
	{ NFDICT_KEY_STRING,	"string" },
	{ NFDICT_KEY_RAW,	"raw" },
};

enum nfdict_type nfdict_type_parse(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(type_names); i++)
		if (type_names[i] && !strcmp(type_names[i], name))
			return i;
	if (!strcmp(name, "integer"))
		return NFDICT_INT;
	return NFDICT_UNSPEC;
}

const char *nfdict_type_name(enum nfdict_type type)
{
	return type < ARRAY_SIZE(type_names) ? type_names[type] : NULL;
}

const char *nfdict_key_type_name(enum nfdict_key_type type)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(key_prefixes); i++)
		if (key_prefixes[i].type == type)
			return key_prefixes[i].name;
	return NULL;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Decimal or, after 0x, hexadecimal: strtoull() alone would take white space,
 * a sign and octal as well.
 */
static int parse_u64(const char *text, uint64_t *num)
{
	int base = 10;
	char *end;

	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
		base = 16;
		text += 2;
	}
	if (hex_digit(*text) < 0)
		return -EINVAL;
	errno = 0;
	*num = strtoull(text, &end, base);
	if (*end || end == text)
		return -EINVAL;
	return errno == ERANGE ? -ERANGE : 0;
}

static int parse_s64(const char *text, int64_t *num)
{
	bool neg = *text == '-';
	uint64_t u;
	int err;

	err = parse_u64(text + neg, &u);
	if (err)
		return err;
	if (u > (uint64_t)INT64_MAX + neg)
		return -ERANGE;
	*num = neg ? (int64_t)(0 - u) : (int64_t)u;
	return 0;
}

/* Six pairs of digits with colons, or as some print them with dashes. */
static int parse_ether(const char *text, uint8_t *addr)
{
	char sep = strlen(text) == 17 ? text[2] : 0;
	int i, hi, lo;

	if (sep != ':' && sep != '-')
		return -EINVAL;
	for (i = 0; i < 6; i++, text += 3) {
		hi = hex_digit(text[0]);
		lo = hex_digit(text[1]);
		if (hi < 0 || lo < 0 || text[2] != (i < 5 ? sep : 0))
			return -EINVAL;
		addr[i] = hi << 4 | lo;
	}
	return 0;
}

static int parse_raw(const char *text, struct nfdict_key *key)
{
	size_t len = strlen(text);
	int hi, lo;
	size_t i;

	if (!len || len % 2)
		return -EINVAL;
	if (len / 2 > NFDICT_RAW_MAX)
		return -ENAMETOOLONG;
	for (i = 0; i < len / 2; i++) {
		hi = hex_digit(text[2 * i]);
		lo = hex_digit(text[2 * i + 1]);
		if (hi < 0 || lo < 0)
			return -EINVAL;
		key->data[i] = hi << 4 | lo;
	}
	key->len = len / 2;
	return 0;
}

static int key_parse_as(struct nfdict_key *key, enum nfdict_key_type type,
			const char *text)
{
	uint64_t num;
	int err;

	key->type = type;
	switch (type) {
	case NFDICT_KEY_INT:
		err = parse_u64(text, &num);
		if (!err)
			nfdict_key_int(key, num);
		return err;
	case NFDICT_KEY_IPV4:
		key->len = 4;
		return inet_pton(AF_INET, text, key->data) == 1 ? 0 : -EINVAL;
	case NFDICT_KEY_IPV6:
		key->len = 16;
		return inet_pton(AF_INET6, text, key->data) == 1 ? 0 : -EINVAL;
	case NFDICT_KEY_ETHER:
		key->len = 6;
		return parse_ether(text, key->data);
	case NFDICT_KEY_STRING:
		return nfdict_key_bytes(key, type, text, strlen(text));
	case NFDICT_KEY_RAW:
		return parse_raw(text, key);
	default:
		return -EINVAL;
	}
}

static enum nfdict_key_type key_prefix(const char *text, size_t *len)
{
	const char *colon = strchr(text, ':');
	unsigned int i;

	if (!colon)
		return NFDICT_KEY_UNSPEC;
	*len = colon - text;
	for (i = 0; i < ARRAY_SIZE(key_prefixes); i++)
		if (strlen(key_prefixes[i].name) == *len &&
		    !memcmp(key_prefixes[i].name, text, *len))
			return key_prefixes[i].type;
	return NFDICT_KEY_UNSPEC;
}

/* Type of a key that has no prefix. Numbers in another form than the one that
 * is printed (a leading 0) are strings: "007" and "7" must not be one user.
 */
static enum nfdict_key_type key_guess(const char *text)
{
	struct nfdict_key key;

	if (text[strspn(text, "0123456789")] == '\0')
		return (text[0] == '0' && text[1]) ||
		       key_parse_as(&key, NFDICT_KEY_INT, text) ?
		       NFDICT_KEY_STRING : NFDICT_KEY_INT;
	if (!key_parse_as(&key, NFDICT_KEY_IPV4, text))
		return NFDICT_KEY_IPV4;
	if (!key_parse_as(&key, NFDICT_KEY_IPV6, text))
		return NFDICT_KEY_IPV6;
	if (!key_parse_as(&key, NFDICT_KEY_ETHER, text))
		return NFDICT_KEY_ETHER;
	return NFDICT_KEY_STRING;
}

int nfdict_key_parse(struct nfdict_key *key, const char *text)
{
	enum nfdict_key_type type;
	size_t len;

	type = key_prefix(text, &len);
	if (type != NFDICT_KEY_UNSPEC)
		return key_parse_as(key, type, text + len + 1);
	return key_parse_as(key, key_guess(text), text);
}

static int print_ether(const uint8_t *addr, char *buf, size_t size)
{
	return snprintf(buf, size, "%02x:%02x:%02x:%02x:%02x:%02x",
			addr[0], addr[1], addr[2], addr[3], addr[4], addr[5]);
}

static int print_inet(int family, const void *addr, char *buf, size_t size)
{
	return inet_ntop(family, addr, buf, size) ? (int)strlen(buf) : -ENOSPC;
}

static int print_string(const char *prefix, const void *str, size_t len,
			char *buf, size_t size)
{
	size_t plen = strlen(prefix);

	if (plen + len >= size)
		return -ENOSPC;
	memcpy(buf, prefix, plen);
	memcpy(buf + plen, str, len);
	buf[plen + len] = '\0';
	return plen + len;
}

int nfdict_key_print(const struct nfdict_key *key, char *buf, size_t size)
{
	char text[NFDICT_STRING_MAX + 1];
	bool plain;
	size_t len;
	int n = -EINVAL, i;

	switch (key->type) {
	case NFDICT_KEY_INT:
		n = snprintf(buf, size, "%llu", (unsigned long long)key->num);
		break;
	case NFDICT_KEY_IPV4:
		n = print_inet(AF_INET, key->data, buf, size);
		break;
	case NFDICT_KEY_IPV6:
		n = print_inet(AF_INET6, key->data, buf, size);
		break;
	case NFDICT_KEY_ETHER:
		n = print_ether(key->data, buf, size);
		break;
	case NFDICT_KEY_STRING:
		if (key->len > NFDICT_STRING_MAX)
			return -EINVAL;
		memcpy(text, key->data, key->len);
		text[key->len] = '\0';
		plain = key_prefix(text, &len) == NFDICT_KEY_UNSPEC &&
			key_guess(text) == NFDICT_KEY_STRING;
		n = print_string(plain ? "" : "string:", text, key->len, buf,
				 size);
		break;
	case NFDICT_KEY_RAW:
		if (key->len > NFDICT_RAW_MAX)
			return -EINVAL;
		if (size < 5 + 2U * key->len)
			return -ENOSPC;
		n = sprintf(buf, "raw:");
		for (i = 0; i < key->len; i++)
			n += sprintf(buf + n, "%02x", key->data[i]);
		break;
	}
	return n >= (int)size ? -ENOSPC : n;
}

int nfdict_value_parse(struct nfdict_value *value, enum nfdict_type type,
		       const char *text)
{
	size_t len;
	int err;

	value->type = type;
	value->len = 0;
	switch (type) {
	case NFDICT_BOOL:
		value->num = !strcmp(text, "true") || !strcmp(text, "1");
		return value->num || !strcmp(text, "false") ||
		       !strcmp(text, "0") ? 0 : -EINVAL;
	case NFDICT_INT:
		err = parse_s64(text, &value->num);
		if (err)
			return err;
		return value->num < INT32_MIN || value->num > INT32_MAX ?
		       -ERANGE : 0;
	case NFDICT_INT64:
		return parse_s64(text, &value->num);
	case NFDICT_IPV4_ADDR:
		value->len = 4;
		return inet_pton(AF_INET, text, value->addr) == 1 ? 0 : -EINVAL;
	case NFDICT_IPV6_ADDR:
		value->len = 16;
		return inet_pton(AF_INET6, text, value->addr) == 1 ?
		       0 : -EINVAL;
	case NFDICT_ETHER_ADDR:
		value->len = 6;
		return parse_ether(text, value->addr);
	case NFDICT_LONG_STRING:
		len = strlen(text);
		if (len > NFDICT_STRING_MAX)
			return -ENAMETOOLONG;
		value->str = text;
		value->len = len;
		return 0;
	default:
		return -EINVAL;
	}
}

int nfdict_value_print(const struct nfdict_value *value, char *buf,
		       size_t size)
{
	int n = -EINVAL;

	switch (value->type) {
	case NFDICT_BOOL:
		n = snprintf(buf, size, "%s", value->num ? "true" : "false");
		break;
	case NFDICT_INT:
	case NFDICT_INT64:
		n = snprintf(buf, size, "%lld", (long long)value->num);
		break;
	case NFDICT_IPV4_ADDR:
		n = print_inet(AF_INET, value->addr, buf, size);
		break;
	case NFDICT_IPV6_ADDR:
		n = print_inet(AF_INET6, value->addr, buf, size);
		break;
	case NFDICT_ETHER_ADDR:
		n = print_ether(value->addr, buf, size);
		break;
	case NFDICT_LONG_STRING:
		n = print_string("", value->str, value->len, buf, size);
		break;
	}
	return n >= (int)size ? -ENOSPC : n;
}
