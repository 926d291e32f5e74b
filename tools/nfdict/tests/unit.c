// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests that need no kernel: text forms, quoting, JSON strings, durations,
 * messages. Prints TAP.
 *
 * Copyright (C) 2025 The nft_dict authors
 */
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <libmnl/libmnl.h>

#include "cli.h"
#include "internal.h"

static int ntests, nfailed;
static bool good;

static void begin(void)
{
	good = true;
}

static void end(const char *name)
{
	ntests++;
	nfailed += !good;
	printf("%sok %d - %s\n", good ? "" : "not ", ntests, name);
}

#define CHECK(cond, ...)						\
	do {								\
		if (!(cond)) {						\
			good = false;					\
			printf("# line %d: %s", __LINE__, #cond);	\
			printf(" " __VA_ARGS__);			\
			putchar('\n');					\
		}							\
	} while (0)

static const char *str(char c, size_t n)
{
	static char bufs[4][NFDICT_STRING_MAX + 2];
	static int i;
	char *buf = bufs[i++ % 4];

	memset(buf, c, n);
	buf[n] = '\0';
	return buf;
}

static void test_keys(void)
{
	static const struct {
		const char *in;
		int type;	/* or negative errno */
		const char *out;
	} tests[] = {
		{ "0", NFDICT_KEY_INT, "0" },
		{ "17", NFDICT_KEY_INT, "17" },
		{ "18446744073709551615", NFDICT_KEY_INT,
		  "18446744073709551615" },
		{ "18446744073709551616", -EINVAL, NULL },
		{ "007", -EINVAL, NULL },
		{ "string:007", NFDICT_KEY_STRING, "string:007" },
		{ "int:007", NFDICT_KEY_INT, "7" },
		{ "int:0x11111166", NFDICT_KEY_INT, "286331238" },
		{ "0x11111166", -EINVAL, NULL },
		{ "-1", -EINVAL, NULL },
		{ "+1", -EINVAL, NULL },
		{ "1.5", -EINVAL, NULL },
		{ "-1.5", -EINVAL, NULL },
		{ " 17", -EINVAL, NULL },
		{ "17 ", -EINVAL, NULL },
		{ "17\r", -EINVAL, NULL },
		{ "int:-1", -EINVAL, NULL },
		{ "int:", -EINVAL, NULL },
		{ "int: 1", -EINVAL, NULL },
		{ "int:+1", -EINVAL, NULL },
		{ "int:1a", -EINVAL, NULL },
		{ "int:18446744073709551616", -ERANGE, NULL },
		{ "192.168.1.100", NFDICT_KEY_IPV4, "192.168.1.100" },
		{ "ip:192.168.1.100", NFDICT_KEY_IPV4, "192.168.1.100" },
		{ "ipv4_addr:10.0.0.1", NFDICT_KEY_IPV4, "10.0.0.1" },
		{ "192.168.1", -EINVAL, NULL },
		{ "192.168.1.256", -EINVAL, NULL },
		{ "192.168.1.1.1", -EINVAL, NULL },
		{ "10.0.0.1/24", -EINVAL, NULL },
		{ "10.0.0.256/24", -EINVAL, NULL },
		{ "10.0.0.1:80", -EINVAL, NULL },
		{ "10.0.0.1-10.0.0.9", -EINVAL, NULL },
		{ " 10.0.0.1", -EINVAL, NULL },
		{ "10.0.0.1\r", -EINVAL, NULL },
		{ "IP:10.0.0.1", -EINVAL, NULL },
		{ "ipv4:10.0.0.1", -EINVAL, NULL },
		{ "1.2.3.4.example.com", NFDICT_KEY_STRING,
		  "1.2.3.4.example.com" },
		{ "string:192.168.1.256", NFDICT_KEY_STRING,
		  "string:192.168.1.256" },
		{ "ip:192.168.1.256", -EINVAL, NULL },
		{ "ip:::1", -EINVAL, NULL },
		{ "::", NFDICT_KEY_IPV6, "::" },
		{ "2001:0db8:ac10:fe01:0000:0000:0000:0000", NFDICT_KEY_IPV6,
		  "2001:db8:ac10:fe01::" },
		{ "ip6:2001:DB8::1", NFDICT_KEY_IPV6, "2001:db8::1" },
		{ "::ffff:1.2.3.4", NFDICT_KEY_IPV6, "::ffff:1.2.3.4" },
		{ "ipv6_addr:::1", NFDICT_KEY_IPV6, "::1" },
		{ "fe80::1%eth0", -EINVAL, NULL },
		{ "2001:db8::/32", -EINVAL, NULL },
		{ "2001:db8::g", -EINVAL, NULL },
		{ "2001:db8:0:0:0:0:0:0:1", -EINVAL, NULL },
		{ "fe80:::1", -EINVAL, NULL },
		{ "[::1]", -EINVAL, NULL },
		{ "[::1]:80", -EINVAL, NULL },
		{ "std::string", NFDICT_KEY_STRING, "std::string" },
		{ "IP:TCP:SSL", NFDICT_KEY_STRING, "IP:TCP:SSL" },
		{ "ip6:1.2.3.4", -EINVAL, NULL },
		{ "00:20:00:aa:bb:cc", NFDICT_KEY_ETHER,
		  "00:20:00:aa:bb:cc" },
		{ "00-20-00-AA-BB-CC", NFDICT_KEY_ETHER,
		  "00:20:00:aa:bb:cc" },
		{ "mac:00:20:00:aa:bb:cc", NFDICT_KEY_ETHER,
		  "00:20:00:aa:bb:cc" },
		{ "ether:00:20:00:aa:bb:cc", NFDICT_KEY_ETHER,
		  "00:20:00:aa:bb:cc" },
		{ "ether_addr:00:20:00:aa:bb:cc", NFDICT_KEY_ETHER,
		  "00:20:00:aa:bb:cc" },
		{ "00:20:00-aa:bb:cc", -EINVAL, NULL },
		{ "00:20:00:aa:bb:cg", -EINVAL, NULL },
		{ "00:11:22:33:44", -EINVAL, NULL },
		{ "00-11-22-33-44", -EINVAL, NULL },
		{ "0011.2233.4455", -EINVAL, NULL },
		{ "mac:00:20:00:aa:bb", -EINVAL, NULL },
		{ "user123", NFDICT_KEY_STRING, "user123" },
		{ "7up", NFDICT_KEY_STRING, "7up" },
		{ "cafe", NFDICT_KEY_STRING, "cafe" },
		{ "2026-11-26", NFDICT_KEY_STRING, "2026-11-26" },
		{ "10:30", NFDICT_KEY_STRING, "10:30" },
		{ "eth0:1", NFDICT_KEY_STRING, "eth0:1" },
		{ "Brett M", NFDICT_KEY_STRING, "Brett M" },
		{ "-x", NFDICT_KEY_STRING, "string:-x" },
		{ "string:42", NFDICT_KEY_STRING, "string:42" },
		{ "string:user123", NFDICT_KEY_STRING, "user123" },
		{ "string:::1", NFDICT_KEY_STRING, "string:::1" },
		{ "string:int:5", NFDICT_KEY_STRING, "string:int:5" },
		{ "string:string:x", NFDICT_KEY_STRING, "string:string:x" },
		{ "http://x", NFDICT_KEY_STRING, "http://x" },
		{ "", -EINVAL, NULL },
		{ "string:", -EINVAL, NULL },
		{ "raw:00fFa0", NFDICT_KEY_RAW, "raw:00ffa0" },
		{ "raw:", -EINVAL, NULL },
		{ "raw:0", -EINVAL, NULL },
		{ "raw:0g", -EINVAL, NULL },
	};
	char buf[NFDICT_TEXT_MAX], text[400];
	struct nfdict_key key, again;
	unsigned int i;
	int ret;

	begin();
	for (i = 0; i < ARRAY_SIZE(tests); i++) {
		ret = nfdict_key_parse(&key, tests[i].in);
		CHECK(!nfdict_key_flaw(tests[i].in) == !ret, "%s", tests[i].in);
		if (tests[i].type < 0) {
			CHECK(ret == tests[i].type, "%s: %d", tests[i].in,
			      ret);
			continue;
		}
		CHECK(!ret && key.type == tests[i].type, "%s: %d, type %d",
		      tests[i].in, ret, key.type);
		ret = nfdict_key_print(&key, buf, sizeof(buf));
		CHECK(ret == (int)strlen(tests[i].out) &&
		      !strcmp(buf, tests[i].out), "%s: %s", tests[i].in, buf);
		CHECK(!nfdict_key_parse(&again, buf) &&
		      again.type == key.type && again.len == key.len &&
		      !memcmp(again.data, key.data, key.len), "%s", buf);
	}
	end("keys are guessed, forced and printed");

	begin();
	CHECK(!nfdict_key_parse(&key, str('x', 254)) && key.len == 254);
	CHECK(nfdict_key_parse(&key, str('x', 255)) == -ENAMETOOLONG);
	CHECK(nfdict_key_print(&key, buf, 10) == -ENOSPC);
	/* All digits, so it needs its prefix: the longest text of a key. */
	sprintf(text, "string:%s", str('7', 254));
	CHECK(!nfdict_key_parse(&key, text) &&
	      key.type == NFDICT_KEY_STRING && key.len == 254);
	CHECK(nfdict_key_print(&key, buf, sizeof(buf)) == 261);
	sprintf(text, "string:mac:%s", str('7', 250));
	CHECK(!nfdict_key_parse(&key, text));
	CHECK(nfdict_key_print(&key, buf, sizeof(buf)) == 261 &&
	      !strcmp(buf, text), "%s", buf);
	sprintf(text, "raw:%s", str('a', 128));
	CHECK(!nfdict_key_parse(&key, text) && key.len == 64);
	CHECK(nfdict_key_print(&key, buf, sizeof(buf)) == 132 &&
	      !strcmp(buf, text));
	sprintf(text, "raw:%s", str('a', 130));
	CHECK(nfdict_key_parse(&key, text) == -ENAMETOOLONG);
	CHECK(nfdict_key_bytes(&key, NFDICT_KEY_IPV4, "abc", 3) == -EINVAL);
	CHECK(nfdict_key_bytes(&key, NFDICT_KEY_STRING, "a\0b", 3) == -EINVAL);
	CHECK(nfdict_key_bytes(&key, NFDICT_KEY_RAW, "a\0b", 3) == 0);
	CHECK(nfdict_key_bytes(&key, NFDICT_KEY_INT, "a", 1) == -EINVAL);
	end("limits of keys");
}

/* @n members of @len bytes. */
static const char *members(unsigned int n, unsigned int len)
{
	static char text[NFDICT_TEXT_MAX + 2];
	unsigned int i;

	memset(text, 'm', sizeof(text));
	for (i = 1; i < n; i++)
		text[i * (len + 1) - 1] = ',';
	text[n * (len + 1) - 1] = '\0';
	return text;
}

static int list_parse(const char *text)
{
	struct nfdict_value value;

	return nfdict_value_parse(&value, NFDICT_STRING_LIST, text);
}

static void test_lists(void)
{
	char text[NFDICT_TEXT_MAX] = "", member[NFDICT_STRING_MAX + 1];
	struct nfdict_value value;
	struct nfdict_field field;
	size_t at = 0;

	CHECK(!list_parse(members(255, 3)));
	CHECK(list_parse(members(256, 3)) == -E2BIG);
	CHECK(!list_parse(members(128, 31)));
	CHECK(!list_parse(members(1, 4095)));
	CHECK(list_parse(members(1, 4096)) == -ENAMETOOLONG);
	CHECK(list_parse(members(2, 2048)) == -ENAMETOOLONG);
	CHECK(list_parse(members(1, 8200)) == -ENAMETOOLONG);

	CHECK(nfdict_list_add(text, "") == -EINVAL);
	CHECK(nfdict_list_add(text, str('x', 4096)) == -ENAMETOOLONG);
	CHECK(!nfdict_list_add(text, "sales, emea"));
	CHECK(!nfdict_list_add(text, "\\"));
	CHECK(!nfdict_list_add(text, "exec"));
	CHECK(!strcmp(text, "sales\\, emea,\\\\,exec"), "%s", text);
	CHECK(!nfdict_value_parse(&value, NFDICT_STRING_LIST, text));
	CHECK(nfdict_list_next(&value, &at, member, sizeof(member)) == 11 &&
	      !strcmp(member, "sales, emea"));
	CHECK(nfdict_list_next(&value, &at, member, sizeof(member)) == 1 &&
	      !strcmp(member, "\\"));
	CHECK(nfdict_list_next(&value, &at, member, 4) == -ENOSPC);
	CHECK(nfdict_field_bytes(&field, "f", NFDICT_STRING_LIST, "a,", 2) ==
	      -EINVAL);
	CHECK(!nfdict_field_bytes(&field, "f", NFDICT_STRING_LIST, "a,b", 3));
	at = 2;
	CHECK(nfdict_list_next(&field.value, &at, member, sizeof(member)) ==
	      1 && *member == 'b');
	CHECK(!nfdict_list_next(&field.value, &at, member, sizeof(member)));
}

static void test_values(void)
{
	static const struct {
		const char *type;
		const char *in;
		const char *out;	/* or NULL */
		int err;
	} tests[] = {
		{ "bool", "true", "true", 0 },
		{ "bool", "0", "false", 0 },
		{ "bool", "yes", NULL, -EINVAL },
		{ "bool", "", NULL, -EINVAL },
		{ "int", "-2147483648", "-2147483648", 0 },
		{ "integer", "2147483647", "2147483647", 0 },
		{ "int", "2147483648", NULL, -ERANGE },
		{ "int", "-2147483649", NULL, -ERANGE },
		{ "int", "0x10", "16", 0 },
		{ "int", "1.5", NULL, -EINVAL },
		{ "int", "--1", NULL, -EINVAL },
		{ "int", "", NULL, -EINVAL },
		{ "int64", "9223372036854775807", "9223372036854775807", 0 },
		{ "int64", "-9223372036854775808", "-9223372036854775808", 0 },
		{ "int64", "9223372036854775808", NULL, -ERANGE },
		{ "int64", "-9223372036854775809", NULL, -ERANGE },
		{ "int64", "99999999999999999999", NULL, -ERANGE },
		{ "ipv4_addr", "10.0.0.1", "10.0.0.1", 0 },
		{ "ipv4_addr", "10.0.0.1/8", NULL, -EINVAL },
		{ "ipv6_addr", "2001:DB8:0:0::1", "2001:db8::1", 0 },
		{ "ipv6_addr", "10.0.0.1", NULL, -EINVAL },
		{ "ether_addr", "00:20:00:AA:bb:cc", "00:20:00:aa:bb:cc", 0 },
		{ "ether_addr", "00:20:00:aa:bb", NULL, -EINVAL },
		{ "long_string", "", "", 0 },
		{ "long_string", "*NEST* \"x\"", "*NEST* \"x\"", 0 },
		{ "string_list", "", "", 0 },
		{ "string_list", "a", "a", 0 },
		{ "string_list", "b,a b,\\,,\\\\", "b,a b,\\,,\\\\", 0 },
		{ "string_list", ",", NULL, -EINVAL },
		{ "string_list", "a,", NULL, -EINVAL },
		{ "string_list", ",a", NULL, -EINVAL },
		{ "string_list", "a,,b", NULL, -EINVAL },
		{ "string_list", "a\\", NULL, -EINVAL },
	};
	struct nfdict_value value;
	char buf[NFDICT_TEXT_MAX];
	enum nfdict_type type;
	unsigned int i;
	int ret;

	begin();
	for (i = 0; i < ARRAY_SIZE(tests); i++) {
		type = nfdict_type_parse(tests[i].type);
		ret = nfdict_value_parse(&value, type, tests[i].in);
		CHECK(ret == tests[i].err, "%s %s: %d", tests[i].type,
		      tests[i].in, ret);
		CHECK(!nfdict_value_flaw(type, tests[i].in) == !ret, "%s %s",
		      tests[i].type, tests[i].in);
		if (ret || !tests[i].out)
			continue;
		ret = nfdict_value_print(&value, buf, sizeof(buf));
		CHECK(ret == (int)strlen(buf) && !strcmp(buf, tests[i].out),
		      "%s: %s", tests[i].in, buf);
	}
	CHECK(!nfdict_value_parse(&value, NFDICT_LONG_STRING, str('x', 4095)));
	CHECK(nfdict_value_print(&value, buf, sizeof(buf)) == 4095 &&
	      !strcmp(buf, str('x', 4095)));
	CHECK(nfdict_value_parse(&value, NFDICT_LONG_STRING, str('x', 4096)) ==
	      -ENAMETOOLONG);
	test_lists();
	CHECK(nfdict_type_parse("string") == NFDICT_LONG_STRING);
	CHECK(nfdict_type_parse("text") == NFDICT_UNSPEC);
	CHECK(nfdict_type_parse("") == NFDICT_UNSPEC);
	CHECK(!nfdict_type_name(NFDICT_UNSPEC) && !nfdict_type_name(9));
	for (i = NFDICT_INT; i <= NFDICT_ETHER_ADDR; i++)
		if (i != NFDICT_INT64)
			CHECK(nfdict_key_type_parse(nfdict_type_name(i)) !=
			      NFDICT_KEY_UNSPEC, "%s", nfdict_type_name(i));
	for (i = NFDICT_KEY_INT; i <= NFDICT_KEY_STRING; i++)
		CHECK(nfdict_type_parse(nfdict_key_type_name(i)) !=
		      NFDICT_UNSPEC, "%s", nfdict_key_type_name(i));
	end("values of every type, and one set of names");
}

static void test_fields(void)
{
	struct nfdict_field field;

	begin();
	CHECK(!nfdict_field_num(&field, "n", NFDICT_INT, INT32_MIN));
	CHECK(nfdict_field_num(&field, "n", NFDICT_INT, 1LL << 31) == -ERANGE);
	CHECK(nfdict_field_num(&field, "n", NFDICT_BOOL, 2) == -ERANGE);
	CHECK(nfdict_field_num(&field, "n", NFDICT_IPV4_ADDR, 2) == -EINVAL);
	CHECK(!nfdict_field_bytes(&field, "a", NFDICT_IPV4_ADDR, "abcd", 4));
	CHECK(nfdict_field_bytes(&field, "a", NFDICT_IPV4_ADDR, "abc", 3) ==
	      -EINVAL);
	CHECK(nfdict_field_bytes(&field, "s", NFDICT_LONG_STRING, "a\0b", 3) ==
	      -EINVAL);
	CHECK(nfdict_field_bytes(&field, "s", NFDICT_LONG_STRING,
				 str('x', 4095), 4095) == 0);
	CHECK(nfdict_field_bytes(&field, "s", NFDICT_LONG_STRING,
				 str('x', 4096), 4096) == -ENAMETOOLONG);
	CHECK(nfdict_field_bytes(&field, "s", NFDICT_INT64, "x", 1) ==
	      -EINVAL);
	end("fields refuse what their type has no room for");
}

static char *put(void (*fn)(FILE *out, const char *text, size_t len),
		 const char *text, size_t len)
{
	static char buf[4096];
	FILE *out = fmemopen(buf, sizeof(buf), "w");

	fn(out, text, len);
	fclose(out);
	return buf;
}

static void test_words(void)
{
	static const struct {
		const char *line;
		int n;
		const char *words[4];
	} tests[] = {
		{ "", 0, { NULL } },
		{ " \t\r", 0, { NULL } },
		{ "# a comment", 0, { NULL } },
		{ "set a 1", 3, { "set", "a", "1" } },
		{ "  set\ta  1 # x", 3, { "set", "a", "1" } },
		{ "a#b \"#c\"", 2, { "a#b", "#c" } },
		{ "\"\" \"a b\"", 2, { "", "a b" } },
		{ "string:\"a b\"c d", 2, { "string:a bc", "d" } },
		{ "\"a\\\"b\\\\c\\n\\x41\\$\" x", 2,
		  { "a\"b\\c\nA$", "x" } },
		{ "DOMAIN\\user", 1, { "DOMAIN\\user" } },
		{ "O'Brien", 1, { "O'Brien" } },
		{ "x\r", 1, { "x" } },
		{ "\"a", -1, { NULL } },
		{ "\"a\\", -1, { NULL } },
		{ "\"\\x4\"", -1, { NULL } },
		{ "\"\\x00\"", -1, { NULL } },
	};
	static char line[65536], *words[WORDS_MAX];
	const char *error;
	unsigned int i;
	int n, w;

	begin();
	for (i = 0; i < ARRAY_SIZE(tests); i++) {
		strcpy(line, tests[i].line);
		error = NULL;
		n = lex_words(line, words, &error);
		CHECK(n == tests[i].n, "%s: %d", tests[i].line, n);
		CHECK((n < 0) == !!error, "%s", tests[i].line);
		for (w = 0; w < n && n == tests[i].n; w++)
			CHECK(!strcmp(words[w], tests[i].words[w]), "%s: %s",
			      tests[i].line, words[w]);
	}
	for (i = 0; i < WORDS_MAX; i++)
		memcpy(line + 2 * i, "x ", 3);
	CHECK(lex_words(line, words, &error) == WORDS_MAX);
	for (i = 0; i <= WORDS_MAX; i++)
		memcpy(line + 2 * i, "x ", 3);
	CHECK(lex_words(line, words, &error) == -1);
	end("lines are split into words");
}

static void test_quotes(void)
{
	static const struct {
		const char *in;
		const char *out;
	} tests[] = {
		{ "", "\"\"" },
		{ "NETFLIX", "NETFLIX" },
		{ "a b", "\"a b\"" },
		{ "IP:TCP:SSL", "IP:TCP:SSL" },
		{ "engineering,exec", "engineering,exec" },
		{ "#x", "\"#x\"" },
		{ "*", "\"*\"" },
		{ "a\"b", "\"a\\\"b\"" },
		{ "a\\b", "\"a\\\\b\"" },
		{ "$HOME`", "\"\\$HOME\\`\"" },
		{ "a\nb\x01", "\"a\\nb\\x01\"" },
		{ "sch\xc3\xb6n", "sch\xc3\xb6n" },
		{ "\xff", "\"\\xff\"" },
		{ "\xc0\x80", "\"\\xc0\\x80\"" },
		{ "\xed\xa0\x80", "\"\\xed\\xa0\\x80\"" },
		{ "\xf4\x90\x80\x80", "\"\\xf4\\x90\\x80\\x80\"" },
		{ "\xe2\x82", "\"\\xe2\\x82\"" },
	};
	static char line[8192], *words[WORDS_MAX];
	unsigned int i, n, len;
	char text[130], *out;
	const char *error;
	int nwords = 0;

	begin();
	for (i = 0; i < ARRAY_SIZE(tests); i++) {
		out = put(lex_put, tests[i].in, strlen(tests[i].in));
		CHECK(!strcmp(out, tests[i].out), "%s: %s", tests[i].in, out);
	}
	end("words are quoted when they must");

	begin();
	srandom(1);
	for (i = 0; i < 100000 && good; i++) {
		len = random() % 128;
		for (n = 0; n < len; n++)
			/* Many special characters, and some of all bytes. */
			text[n] = random() % 2 ? 1 + random() % 255 :
				  " \"\\#$x\t\xc3\xb6"[random() % 9];
		text[len] = '\0';
		sprintf(line, "a %s b", put(lex_put, text, len));
		nwords = lex_words(line, words, &error);
		CHECK(nwords == 3 && !strcmp(words[1], text));
	}
	end("100000 random words survive quoting");
}

static void test_json(void)
{
	static const struct {
		const char *in;
		const char *out;
	} tests[] = {
		{ "", "\"\"" },
		{ "a\"b\\c", "\"a\\\"b\\\\c\"" },
		{ "\n\x01\x7f", "\"\\u000a\\u0001\\u007f\"" },
		{ "sch\xc3\xb6n \xf0\x9f\x98\x80",
		  "\"sch\xc3\xb6n \xf0\x9f\x98\x80\"" },
		{ "\xff\xc3", "\"\\udcff\\udcc3\"" },
	};
	unsigned int i;
	char *out;

	begin();
	for (i = 0; i < ARRAY_SIZE(tests); i++) {
		out = put(json_string, tests[i].in, strlen(tests[i].in));
		CHECK(!strcmp(out, tests[i].out), "%s: %s", tests[i].in, out);
	}
	end("strings as JSON");
}

static void put_ms(FILE *out, const char *text, size_t len)
{
	uint64_t ms;

	memcpy(&ms, text, len);
	lex_put_duration(out, ms);
}

static void test_durations(void)
{
	static const struct {
		const char *in;
		int err;
		uint64_t ms;
		const char *out;
	} tests[] = {
		{ "0", 0, 0, "0" },
		{ "30", 0, 30000, "30" },
		{ "1.5", 0, 1500, "1.5" },
		{ "0.001", 0, 1, "0.001" },
		{ "0.25", 0, 250, "0.25" },
		{ "1h30m", 0, 5400000, "5400" },
		{ "1d2h3m4s5ms", 0, 93784005, "93784.005" },
		{ "500ms", 0, 500, "0.5" },
		{ "5m", 0, 300000, "300" },
		{ "4294967.295", 0, 4294967295, "4294967.295" },
		{ "4294967.296", -ERANGE, 0, NULL },
		{ "4294967295", -ERANGE, 0, NULL },
		{ "50d", -ERANGE, 0, NULL },
		{ "99999999999999999999999", -ERANGE, 0, NULL },
		{ "", -EINVAL, 0, NULL },
		{ "-1", -EINVAL, 0, NULL },
		{ "1.", -EINVAL, 0, NULL },
		{ "1.0005", -EINVAL, 0, NULL },
		{ "1x", -EINVAL, 0, NULL },
		{ "1h30", -EINVAL, 0, NULL },
		{ "h", -EINVAL, 0, NULL },
		{ " 1", -EINVAL, 0, NULL },
	};
	uint64_t ms, again;
	unsigned int i;
	char *out;
	int err;

	begin();
	for (i = 0; i < ARRAY_SIZE(tests); i++) {
		err = lex_duration(tests[i].in, &ms);
		CHECK(err == tests[i].err, "%s: %d", tests[i].in, err);
		if (err || tests[i].err)
			continue;
		CHECK(ms == tests[i].ms, "%s: %llu", tests[i].in,
		      (unsigned long long)ms);
		out = put(put_ms, (char *)&ms, sizeof(ms));
		CHECK(!strcmp(out, tests[i].out), "%s: %s", tests[i].in, out);
		CHECK(!lex_duration(out, &again) && again == ms, "%s", out);
	}
	end("durations");
}

static unsigned long rows_seen, fields_seen;

static int count_row(const struct nfdict_row *row, void *data)
{
	(void)data;
	rows_seen++;
	fields_seen += row->nfields;
	return 0;
}

static struct nlmsghdr *new_message(char *buf)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);

	mnl_nlmsg_put_extra_header(nlh, sizeof(struct nfgenmsg));
	return nlh;
}

struct expected {
	const struct nfdict_row *row;
	bool same;
};

static int compare_row(const struct nfdict_row *row, void *data)
{
	struct expected *expected = data;
	const struct nfdict_row *want = expected->row;
	const struct nfdict_value *a, *b;
	unsigned int i;

	expected->same = row->key.type == want->key.type &&
		row->key.len == want->key.len &&
		!memcmp(row->key.data, want->key.data, row->key.len) &&
		row->nfields == want->nfields &&
		row->has_timeout == want->has_timeout &&
		row->timeout == want->timeout;
	for (i = 0; expected->same && i < row->nfields; i++) {
		a = &row->fields[i].value;
		b = &want->fields[i].value;
		expected->same = a->type == b->type && a->len == b->len &&
			row->fields[i].name_len == want->fields[i].name_len &&
			!memcmp(row->fields[i].name, want->fields[i].name,
				row->fields[i].name_len) &&
			(a->type >= NFDICT_LONG_STRING ?
			 !memcmp(a->str, b->str, a->len) :
			 a->len ? !memcmp(a->addr, b->addr, a->len) :
			 a->num == b->num);
	}
	return 0;
}

static size_t row_size(const struct nfdict_row *row, size_t max,
		       struct flaw *flaw)
{
	return nfdict_row_size(row, NFDICT_MSG_ROW_NEW, max, flaw);
}

static void test_messages(void)
{
	static char names[NFDICT_FIELDS_MAX][129];
	static char buf[2 * 65536] __attribute__((aligned(8)));
	static struct nfdict_field fields[NFDICT_FIELDS_MAX];
	static struct nfdict_field room[2 * NFDICT_FIELDS_MAX];
	static char text[4 * 65536];
	static const char *const texts[] = {
		[NFDICT_BOOL] = "true", [NFDICT_INT] = "-5",
		[NFDICT_INT64] = "-5000000000", [NFDICT_IPV4_ADDR] = "1.2.3.4",
		[NFDICT_IPV6_ADDR] = "2001:db8::1",
		[NFDICT_ETHER_ADDR] = "00:11:22:33:44:55",
		[NFDICT_LONG_STRING] = "NETFLIX",
		[NFDICT_STRING_LIST] = "b\\,\\\\,a,long member",
	};
	static const char *const keys[] = {
		"17", "10.0.0.1", "::1", "00:11:22:33:44:55", "user", "raw:00",
	};
	struct nfdict_row row = { .fields = fields };
	struct nfdict_error error = {};
	struct flaw flaw;
	struct expected expected;
	size_t before, size;
	struct nlmsghdr *nlh;
	struct nlattr *nest;
	unsigned int i, k;

	begin();
	for (k = 0; k < ARRAY_SIZE(keys); k++) {
		nfdict_key_parse(&row.key, keys[k]);
		for (row.nfields = 0; row.nfields <= 8; row.nfields++) {
			for (i = 0; i < row.nfields; i++) {
				fields[i].name = nfdict_type_name(i + 1);
				fields[i].name_len = strlen(fields[i].name);
				nfdict_value_parse(&fields[i].value, i + 1,
						   texts[i + 1]);
			}
			row.has_timeout = row.nfields % 2;
			row.timeout = row.has_timeout ? 12345 : 0;
			nlh = new_message(buf);
			before = nlh->nlmsg_len;
			nfdict_row_put(nlh, &row);
			size = nfdict_row_size(&row, row.nfields ?
					       NFDICT_MSG_ROW_NEW :
					       NFDICT_MSG_ROW_GET,
					       MESSAGE_MAX, &flaw);
			CHECK(nlh->nlmsg_len == before + size,
			      "key %u, %u fields: %zu", k, row.nfields, size);
			/* An operation other than set takes an attribute. */
			if (row.nfields > 2) {
				fields[1].op = NFDICT_OP_ADD;
				fields[2].op = NFDICT_OP_SUB;
				CHECK(row_size(&row, MESSAGE_MAX, &flaw) ==
				      size + 16);
				before = nlh->nlmsg_len;
				nfdict_row_put(nlh, &row);
				CHECK(nlh->nlmsg_len == before + size + 16);
				nlh = new_message(buf);
				fields[1].op = NFDICT_OP_SET;
				fields[2].op = NFDICT_OP_SET;
				nfdict_row_put(nlh, &row);
			}
			expected.row = &row;
			expected.same = false;
			CHECK(!nfdict_message_rows(nlh, room, text, compare_row,
						   &expected) && expected.same,
			      "key %u, %u fields", k, row.nfields);
		}
	}
	end("rows survive a message, and have the size that was foretold");

	begin();
	/* Two parts of one row, and another row. */
	row.nfields = 8;
	nlh = new_message(buf);
	nfdict_row_put(nlh, &row);
	nfdict_row_put(nlh, &row);
	nfdict_key_parse(&row.key, "another");
	nfdict_row_put(nlh, &row);
	rows_seen = 0;
	fields_seen = 0;
	CHECK(!nfdict_message_rows(nlh, room, text, count_row, NULL));
	CHECK(rows_seen == 2 && fields_seen == 24, "%lu %lu", rows_seen,
	      fields_seen);
	/* Consecutive parts with too many fields in all. */
	for (i = 0; i < 40; i++)
		nfdict_row_put(nlh, &row);
	CHECK(nfdict_message_rows(nlh, room, text, count_row, NULL) == -EPROTO);
	end("a row in parts is put together");

	begin();
	row.nfields = NFDICT_FIELDS_MAX;
	row.has_timeout = false;
	for (i = 0; i < NFDICT_FIELDS_MAX; i++) {
		sprintf(names[i], "%03u%s", i, str('n', 125));
		fields[i].name = names[i];
		fields[i].name_len = 128;
		fields[i].value.type = NFDICT_LONG_STRING;
		fields[i].value.str = str('v', 128);
		fields[i].value.len = 128;
	}
	CHECK(!row_size(&row, MESSAGE_MAX, &flaw) && flaw.err == -EMSGSIZE);
	row.nfields = nfdict_row_fit(&row, MESSAGE_MAX);
	CHECK(row.nfields > 200 && row.nfields < NFDICT_FIELDS_MAX &&
	      row_size(&row, MESSAGE_MAX, &flaw));
	row.nfields++;
	CHECK(!row_size(&row, MESSAGE_MAX, &flaw) && flaw.err == -EMSGSIZE);
	row.nfields = nfdict_row_fit(&row, 4096);
	CHECK(row.nfields == 11 && row_size(&row, 4096, &flaw), "%u",
	      row.nfields);
	end("rows that fit no message are cut into parts");

	begin();
#define REFUSED(change, undo, error, part)				\
	do {								\
		change;							\
		CHECK(!row_size(&row, MESSAGE_MAX, &flaw) &&		\
		      flaw.err == (error) && flaw.at == (part) && flaw.why,\
		      "%d %d", flaw.err, flaw.at);			\
		undo;							\
		CHECK(row_size(&row, MESSAGE_MAX, &flaw));		\
	} while (0)
	row.nfields = 10;
	REFUSED(fields[9].name_len = 129, fields[9].name_len = 128,
		-ENAMETOOLONG, NFDICT_AT_FIELD);
	CHECK(!flaw.field);
	REFUSED(fields[9].name_len = 0, fields[9].name_len = 128, -EINVAL,
		NFDICT_AT_FIELD);
	REFUSED(names[5][7] = ',', names[5][7] = 'n', -EINVAL,
		NFDICT_AT_FIELD);
	REFUSED(names[5][7] = ' ', names[5][7] = 'n', -EINVAL,
		NFDICT_AT_FIELD);
	REFUSED(names[5][127] = '\0', names[5][127] = 'n', -EINVAL,
		NFDICT_AT_FIELD);
	REFUSED(fields[9].name = names[3], fields[9].name = names[9], -EINVAL,
		NFDICT_AT_FIELD);
	REFUSED(fields[2].value.type = NFDICT_UNSPEC,
		fields[2].value.type = NFDICT_LONG_STRING, -EINVAL,
		NFDICT_AT_FIELD);
	REFUSED(fields[2].op = NFDICT_OP_ADD, fields[2].op = NFDICT_OP_SET,
		-EINVAL, NFDICT_AT_FIELD);
	REFUSED(fields[2].op = 3, fields[2].op = NFDICT_OP_SET, -EINVAL,
		NFDICT_AT_FIELD);
	REFUSED(fields[2].value.type = 99,
		fields[2].value.type = NFDICT_LONG_STRING, -EINVAL,
		NFDICT_AT_FIELD);
	REFUSED(fields[2].value.len = 4096, fields[2].value.len = 128,
		-ENAMETOOLONG, NFDICT_AT_FIELD);
	REFUSED(fields[2].value.str = "\0", fields[2].value.str = str('v', 128),
		-EINVAL, NFDICT_AT_FIELD);
	nfdict_field_num(&fields[0], "b", NFDICT_BOOL, 1);
	REFUSED(fields[0].value.num = 2, fields[0].value.num = 1, -EINVAL,
		NFDICT_AT_FIELD);
	nfdict_field_num(&fields[0], "i", NFDICT_INT, 1);
	REFUSED(fields[0].value.num = 1LL << 31, fields[0].value.num = 1,
		-ERANGE, NFDICT_AT_FIELD);
	REFUSED(row.nfields = NFDICT_FIELDS_MAX + 1, row.nfields = 10, -E2BIG,
		NFDICT_AT_ROW);
	REFUSED(row.nfields = 0, row.nfields = 10, -EINVAL, NFDICT_AT_ROW);
	REFUSED(row.reserved[1] = 1, row.reserved[1] = 0, -EINVAL,
		NFDICT_AT_ROW);
	row.has_timeout = true;
	row.timeout = 1;
	REFUSED(row.timeout = NFDICT_TIMEOUT_MAX + 1, row.timeout = 1, -ERANGE,
		NFDICT_AT_TIMEOUT);
	row.has_timeout = false;
	memset(&row.key, 0, sizeof(row.key));
	nfdict_key_parse(&row.key, "user");
	REFUSED(row.key.type = NFDICT_KEY_UNSPEC,
		row.key.type = NFDICT_KEY_STRING, -EINVAL, NFDICT_AT_KEY);
	REFUSED(row.key.len = 0, row.key.len = 4, -EINVAL, NFDICT_AT_KEY);
	REFUSED(row.key.len = 255, row.key.len = 4, -ENAMETOOLONG,
		NFDICT_AT_KEY);
	REFUSED(row.key.len = 6, row.key.len = 4, -EINVAL, NFDICT_AT_KEY);
	end("rows that the kernel would find malformed are refused");

	begin();
	nlh = new_message(buf);
	mnl_attr_put(nlh, NFDICTA_TABLE, 1, "t");
	nest = mnl_attr_nest_start(nlh, NFDICTA_ROWS);
	nfdict_key_parse(&row.key, "user");
	row.nfields = 2;
	row.has_timeout = false;
	fields[0].name = "first";
	fields[0].name_len = 5;
	fields[1].name = "second";
	fields[1].name_len = 6;
	for (i = 0; i < 2; i++)
		nfdict_value_parse(&fields[i].value, NFDICT_INT, "1");
	nfdict_row_put(nlh, &row);
	before = nlh->nlmsg_len;
	nfdict_row_put(nlh, &row);
	mnl_attr_nest_end(nlh, nest);
	nfdict_locate(nlh, 20, &error);
	CHECK(error.at == NFDICT_AT_TABLE, "%d", error.at);
	nfdict_locate(nlh, before, &error);
	CHECK(error.at == NFDICT_AT_ROW, "%d", error.at);
	nfdict_locate(nlh, before + 4, &error);
	CHECK(error.at == NFDICT_AT_KEY, "%d", error.at);
	nfdict_locate(nlh, nlh->nlmsg_len - 1, &error);
	CHECK(error.at == NFDICT_AT_FIELD && !strcmp(error.field, "second"),
	      "%d %s", error.at, error.field);
	end("the place of an error is found");

	begin();
	for (i = 1; i < 8; i++) {
		nlh = new_message(buf);
		nest = mnl_attr_nest_start(nlh, NFDICTA_ROW);
		nfdict_key_put(nlh, NFDICTA_ROW_KEY, &row.key);
		struct nlattr *list =
			mnl_attr_nest_start(nlh, NFDICTA_ROW_FIELDS);
		struct nlattr *field =
			mnl_attr_nest_start(nlh, NFDICTA_ROW_FIELD);

		mnl_attr_put(nlh, NFDICTA_FIELD_NAME, 1, "n");
		mnl_attr_put(nlh, i, i == NFDICT_LONG_STRING ? 4096 : 3,
			     str('x', 4096));
		mnl_attr_nest_end(nlh, field);
		mnl_attr_nest_end(nlh, list);
		mnl_attr_nest_end(nlh, nest);
		CHECK(nfdict_message_rows(nlh, room, text, count_row, NULL) ==
		      -EPROTO, "type %u", i);
	}
	end("values of a wrong length are not believed");
}

int main(void)
{
	test_keys();
	test_values();
	test_fields();
	test_words();
	test_quotes();
	test_json();
	test_durations();
	test_messages();
	printf("1..%d\n", ntests);
	return nfailed ? 1 : 0;
}
