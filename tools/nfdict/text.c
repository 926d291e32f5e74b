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
#include <strings.h>

#include "internal.h"

static const char *const type_names[] = {
	[NFDICT_BOOL]		= "bool",
	[NFDICT_INT]		= "int",
	[NFDICT_INT64]		= "int64",
	[NFDICT_IPV4_ADDR]	= "ipv4_addr",
	[NFDICT_IPV6_ADDR]	= "ipv6_addr",
	[NFDICT_ETHER_ADDR]	= "ether_addr",
	[NFDICT_LONG_STRING]	= "long_string",
	[NFDICT_STRING_LIST]	= "string_list",
};

/* The first name of a type is the one that is printed; types of keys and of
 * fields have the same names.
 */
static const struct {
	enum nfdict_key_type type;
	const char *name;
} key_prefixes[] = {
	{ NFDICT_KEY_INT,	"int" },
	{ NFDICT_KEY_IPV4,	"ipv4_addr" },
	{ NFDICT_KEY_IPV4,	"ip" },
	{ NFDICT_KEY_IPV6,	"ipv6_addr" },
	{ NFDICT_KEY_IPV6,	"ip6" },
	{ NFDICT_KEY_ETHER,	"ether_addr" },
	{ NFDICT_KEY_ETHER,	"mac" },
	{ NFDICT_KEY_ETHER,	"ether" },
	{ NFDICT_KEY_STRING,	"string" },
	{ NFDICT_KEY_STRING,	"long_string" },
	{ NFDICT_KEY_RAW,	"raw" },
	{ NFDICT_KEY_CT,	"ct" },
	{ NFDICT_KEY_DOMAIN,	"domain" },
};

enum nfdict_type nfdict_type_parse(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(type_names); i++)
		if (type_names[i] && !strcmp(type_names[i], name))
			return i;
	if (!strcmp(name, "integer"))
		return NFDICT_INT;
	if (!strcmp(name, "string"))
		return NFDICT_LONG_STRING;
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

enum nfdict_key_type nfdict_key_type_parse(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(key_prefixes); i++)
		if (!strcmp(key_prefixes[i].name, name))
			return key_prefixes[i].type;
	return NFDICT_KEY_UNSPEC;
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

/* Decimal or, after 0x, hexadecimal: strtoull() alone would also accept white
 * space, a sign and octal.
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

/* Six pairs of digits, separated by colons or dashes. */
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
	enum nfdict_key_type type;
	char name[16];

	if (!colon)
		return NFDICT_KEY_UNSPEC;
	*len = colon - text;
	if (*len >= sizeof(name))
		return NFDICT_KEY_UNSPEC;
	memcpy(name, text, *len);
	name[*len] = '\0';
	type = nfdict_key_type_parse(name);
	/* These are classes of tables, not of keys. */
	return type == NFDICT_KEY_CT || type == NFDICT_KEY_DOMAIN ?
	       NFDICT_KEY_UNSPEC : type;
}

#define HINT	"; string: makes it a string"
#define DIGITS	"0123456789"
#define HEX	DIGITS "abcdefABCDEF"

/* Whether @text consists of @characters. */
static bool only(const char *text, const char *characters)
{
	return *text && !text[strspn(text, characters)];
}

static unsigned int count(const char *text, char c)
{
	unsigned int n = 0;

	for (; *text; text++)
		n += *text == c;
	return n;
}

/* Whether the first @len bytes are an address. */
static bool starts_with_address(const char *text, size_t len)
{
	struct nfdict_key key;
	char head[64];

	if (len >= sizeof(head))
		return false;
	memcpy(head, text, len);
	head[len] = '\0';
	return (only(head, DIGITS ".") && count(head, '.') == 3) ||
	       !key_parse_as(&key, NFDICT_KEY_IPV4, head) ||
	       !key_parse_as(&key, NFDICT_KEY_IPV6, head) ||
	       !key_parse_as(&key, NFDICT_KEY_ETHER, head);
}

/* Whether @text has six groups of two characters, like an Ethernet address. */
static bool six_pairs(const char *text)
{
	int i;

	if (strlen(text) != 17)
		return false;
	for (i = 2; i < 17; i += 3)
		if (text[i] != ':' && text[i] != '-')
			return false;
	return true;
}

/* Whether @text has groups of hexadecimal digits, like an address. */
static bool hex_groups(const char *text)
{
	const char *twice = strstr(text, "::");

	/* 00:11:22:33:44, fe80:::1 */
	if (only(text, HEX ":") && count(text, ':') > 1)
		return true;
	/* 00-11-22-33-44 */
	if (only(text, HEX "-") && count(text, '-') > 2 &&
	    strspn(text, HEX) == 2)
		return true;
	/* 0011.2233.4455 */
	if (only(text, HEX ".") && strlen(text) == 14 && text[4] == '.' &&
	    text[9] == '.')
		return true;
	/* 2001:db8::g */
	return twice && strspn(text, HEX ":") >= (size_t)(twice - text) + 2;
}

/* Describes a text without a prefix that looks like a mistyped number or
 * address, which must not become a string key that no packet has. NULL: it is a
 * string.
 */
static const char *looks_like(const char *text)
{
	size_t head = strcspn(text, "/%");
	const char *digits = text + (*text == '-' || *text == '+');
	struct nfdict_key key;
	size_t len;

	/* An address copied with a blank. */
	if (text[strspn(text, " \t\r\n")] &&
	    (text[0] == ' ' || text[0] == '\t' ||
	     text[strlen(text) - 1] == ' ' || text[strlen(text) - 1] == '\r')) {
		text += strspn(text, " \t");
		len = strcspn(text, " \t\r\n");
		if (starts_with_address(text, len) ||
		    strspn(text, DIGITS) == len)
			return "white space around an address or a number" HINT;
		return NULL;
	}
	if (only(digits, DIGITS)) {
		if (*text == '-')
			return "negative, which no key is" HINT;
		if (*text == '0' || *text == '+')
			return "not how a number is written" HINT;
		return "a number above 18446744073709551615" HINT;
	}
	if (digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X') &&
	    only(digits + 2, HEX))
		return "hexadecimal, which int: takes" HINT;
	/* 192.168.1.256, 192.168.1, 1.5 */
	if (only(text, DIGITS ".") || only(digits, DIGITS "."))
		return "neither a number nor an address" HINT;
	if (text[head] && starts_with_address(text, head))
		return text[head] == '/' ? "a network, not an address" HINT :
					   "an address with a zone" HINT;
	/* 10.0.0.1:80, 10.0.0.1-10.0.0.9, [::1]:80 */
	head = strspn(text, DIGITS ".");
	if ((text[head] == ':' || text[head] == '-') &&
	    starts_with_address(text, head))
		return "more than an address" HINT;
	if (text[0] == '[' &&
	    starts_with_address(text + 1, strcspn(text + 1, "]")))
		return "an address in brackets" HINT;
	if (six_pairs(text) || hex_groups(text))
		return "not a valid address" HINT;
	/* IP:10.0.0.1, ipv4:10.0.0.1 */
	head = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ46_");
	if (head && text[head] == ':' &&
	    (!strncasecmp(text, "ip", 2) || !strncasecmp(text, "mac", 3) ||
	     !strncasecmp(text, "eth", 3)) &&
	    (!key_parse_as(&key, NFDICT_KEY_IPV4, text + head + 1) ||
	     !key_parse_as(&key, NFDICT_KEY_IPV6, text + head + 1) ||
	     !key_parse_as(&key, NFDICT_KEY_ETHER, text + head + 1)))
		return "unknown prefix of an address" HINT;
	return NULL;
}

/* Type of a key without a prefix; %NFDICT_KEY_UNSPEC and *why if it is refused.
 * Numbers with a leading 0 are refused: "007" and "7" must not be the same
 * user.
 */
static enum nfdict_key_type key_guess(const char *text, const char **why)
{
	struct nfdict_key key;

	*why = NULL;
	if (only(text, DIGITS) && !(text[0] == '0' && text[1]) &&
	    !key_parse_as(&key, NFDICT_KEY_INT, text))
		return NFDICT_KEY_INT;
	if (!key_parse_as(&key, NFDICT_KEY_IPV4, text))
		return NFDICT_KEY_IPV4;
	if (!key_parse_as(&key, NFDICT_KEY_IPV6, text))
		return NFDICT_KEY_IPV6;
	if (!key_parse_as(&key, NFDICT_KEY_ETHER, text))
		return NFDICT_KEY_ETHER;
	*why = looks_like(text);
	return *why ? NFDICT_KEY_UNSPEC : NFDICT_KEY_STRING;
}

int nfdict_key_parse(struct nfdict_key *key, const char *text)
{
	enum nfdict_key_type type;
	const char *why;
	size_t len;

	key->reserved = 0;
	type = key_prefix(text, &len);
	if (type != NFDICT_KEY_UNSPEC)
		return key_parse_as(key, type, text + len + 1);
	return key_parse_as(key, key_guess(text, &why), text);
}

const char *nfdict_key_flaw(const char *text)
{
	static const char *const flaws[] = {
		[NFDICT_KEY_INT] = "not a number from 0 to 18446744073709551615",
		[NFDICT_KEY_IPV4] = "not an IPv4 address",
		[NFDICT_KEY_IPV6] = "not an IPv6 address",
		[NFDICT_KEY_ETHER] = "not an Ethernet address",
		[NFDICT_KEY_STRING] = "not a string",
		[NFDICT_KEY_RAW] = "not pairs of hexadecimal digits",
	};
	enum nfdict_key_type type;
	struct nfdict_key key;
	const char *why = NULL;
	size_t len = 0;
	int err;

	type = key_prefix(text, &len);
	if (type != NFDICT_KEY_UNSPEC)
		text += len + 1;
	else
		type = key_guess(text, &why);
	if (why)
		return why;
	if (!*text)
		return "empty";
	err = key_parse_as(&key, type, text);
	if (!err)
		return NULL;
	if (err == -ENAMETOOLONG)
		return type == NFDICT_KEY_RAW ? "longer than 64 bytes" :
						"longer than 254 bytes";
	return flaws[type];
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
	char text[NFDICT_KEY_STRING_MAX + 1];
	const char *why;
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
		if (key->len > NFDICT_KEY_STRING_MAX)
			return -EINVAL;
		memcpy(text, key->data, key->len);
		text[key->len] = '\0';
		plain = key_prefix(text, &len) == NFDICT_KEY_UNSPEC &&
			text[0] != '-' &&
			key_guess(text, &why) == NFDICT_KEY_STRING;
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

int nfdict_list_next(const struct nfdict_value *value, size_t *at, char *buf,
		     size_t size)
{
	size_t n = 0;
	char c;

	/* Past the end: the last member has no comma. */
	if (!value->len || *at > value->len)
		return 0;
	while (*at < value->len) {
		c = value->str[(*at)++];
		if (c == ',')
			goto end;
		if (c == '\\' && *at < value->len)
			c = value->str[(*at)++];
		else if (c == '\\' || !c)
			return -EINVAL;
		if (n + 1 >= size)
			return -ENOSPC;
		buf[n++] = c;
	}
	++*at;
end:
	if (!n || memchr(buf, '\0', n))
		return -EINVAL;
	buf[n] = '\0';
	return n;
}

/* Appends a member to the text of a list at @text. Return: the new end. */
char *nfdict_list_put(char *text, bool first, const char *member, size_t len)
{
	size_t i;

	if (!first)
		*text++ = ',';
	for (i = 0; i < len; i++) {
		if (member[i] == ',' || member[i] == '\\')
			*text++ = '\\';
		*text++ = member[i];
	}
	return text;
}

int nfdict_list_add(char *text, const char *member)
{
	size_t used = strlen(text), len = strlen(member);

	if (!len)
		return -EINVAL;
	if (len > NFDICT_STRING_MAX || used + 2 * len + 2 > NFDICT_TEXT_MAX)
		return -ENAMETOOLONG;
	*nfdict_list_put(text + used, !used, member, len) = '\0';
	return 0;
}

/* Describes the error in a list, or returns NULL. */
const char *nfdict_list_flaw(const struct nfdict_value *value, int *err)
{
	char member[NFDICT_STRING_MAX + 1];
	size_t at = 0, total = 0;
	unsigned int n = 0;
	int len;

	*err = -EINVAL;
	for (;;) {
		len = nfdict_list_next(value, &at, member, sizeof(member));
		if (!len)
			return NULL;
		if (len == -EINVAL)
			return "list has an empty member, or a backslash at its end";
		if (len > 0)
			total += len + !!n;
		if (len < 0 || total > NFDICT_STRING_MAX) {
			*err = -ENAMETOOLONG;
			return "list is longer than 4095 bytes";
		}
		if (++n > NFDICT_LIST_MAX) {
			*err = -E2BIG;
			return "list has more than 255 members";
		}
	}
}

int nfdict_value_parse(struct nfdict_value *value, enum nfdict_type type,
		       const char *text)
{
	size_t len;
	int err;

	value->type = type;
	value->len = 0;
	value->reserved = 0;
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
	case NFDICT_STRING_LIST:
		len = strlen(text);
		if (len > NFDICT_TEXT_MAX)
			return -ENAMETOOLONG;
		value->str = text;
		value->len = len;
		return nfdict_list_flaw(value, &err) ? err : 0;
	default:
		return -EINVAL;
	}
}

const char *nfdict_value_flaw(enum nfdict_type type, const char *text)
{
	static const char *const flaws[] = {
		[NFDICT_BOOL] = "neither true nor false",
		[NFDICT_INT] = "not a number",
		[NFDICT_INT64] = "not a number",
		[NFDICT_IPV4_ADDR] = "not an IPv4 address",
		[NFDICT_IPV6_ADDR] = "not an IPv6 address",
		[NFDICT_ETHER_ADDR] = "not an Ethernet address",
	};
	struct nfdict_value value;
	int err = nfdict_value_parse(&value, type, text);

	if (!err)
		return NULL;
	if (type == NFDICT_STRING_LIST)
		return err == -EINVAL ?
		       "a member is empty, or a backslash stands at the end" :
		       err == -E2BIG ? "more than 255 members" :
				       "longer than 4095 bytes";
	if (err == -ERANGE)
		return type == NFDICT_INT ? "beyond 32 bits; int64 has 64" :
					    "beyond 64 bits";
	if (err == -ENAMETOOLONG)
		return "longer than 4095 bytes";
	return type < ARRAY_SIZE(flaws) && flaws[type] ? flaws[type] :
	       "of an unknown type";
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
	case NFDICT_STRING_LIST:
		n = print_string("", value->str, value->len, buf, size);
		break;
	}
	return n >= (int)size ? -ENOSPC : n;
}
