// SPDX-License-Identifier: GPL-2.0
/*
 * Every message of the nfnetlink subsystem of dict tables, and every refusal.
 *
 * Each test runs in its own network namespace. Replies and events are printed
 * as lines of text and compared with the expected lines:
 *
 *	table NAME size N timeout N
 *	row TABLE KEY FIELD=VALUE...
 *
 * preceded by the name of the message if it is not a usual reply.
 */
#define _GNU_SOURCE

#include <arpa/inet.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/netfilter.h>
#include "../../kselftest_harness.h"
#include "nf_dict_mnl.h"

/* Room for the largest requests and replies that are tested. */
#define MSG_MAX		(2 * 1024 * 1024)
#define TEXT_MAX	(2 * 1024 * 1024)

/* All requests except dumps ask for an acknowledgment. */
#define REQUEST		(NLM_F_REQUEST | NLM_F_ACK)

/*
 * Requests
 */

static char *request_buf;

static struct nlmsghdr *request(int type, int flags)
{
	if (!request_buf)
		request_buf = malloc(MSG_MAX);

	return dict_msg(request_buf, type, flags, NULL);
}

static void put_table(struct nlmsghdr *nlh, const char *name)
{
	mnl_attr_put_strz(nlh, NFDICTA_TABLE, name);
}

static struct nlattr *rows_start(struct nlmsghdr *nlh)
{
	return mnl_attr_nest_start(nlh, NFDICTA_ROWS);
}

static struct nlattr *row_start(struct nlmsghdr *nlh)
{
	return mnl_attr_nest_start(nlh, NFDICTA_ROW);
}

/*
 * Replies
 */

/* A socket and the result of the last receive. */
struct ctx {
	struct mnl_socket	*sock;
	char			*buf;
	size_t			bufsize;

	/* From the last replies. */
	char			*text;
	size_t			len;
	unsigned int		messages;
	unsigned int		datagrams;
	bool			interrupted;
	size_t			largest;
	uint32_t		pid;	/* of the last message */
	uint32_t		seq;

	/* From the last acknowledgment. */
	char			error[128];
	int			attr;	/* type at the reported offset, or -1 */
	int			missing;
};

FIXTURE(nfnetlink_dict)
{
	struct ctx	ctx;
};

static __printf(2, 3) void say(struct ctx *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	c->len += vsnprintf(c->text + c->len, TEXT_MAX - c->len, fmt, ap);
	va_end(ap);
	if (c->len >= TEXT_MAX) {
		fprintf(stderr, "too much text\n");
		abort();
	}
}

static void say_hex(struct ctx *c, const struct nlattr *attr)
{
	const uint8_t *data = mnl_attr_get_payload(attr);
	int i;

	for (i = 0; i < mnl_attr_get_payload_len(attr); i++)
		say(c, "%02x", data[i]);
}

/* The kernel terminates strings that it sends with a NUL. */
static const char *string(const struct nlattr *attr)
{
	int len = mnl_attr_get_payload_len(attr);
	const char *s = mnl_attr_get_payload(attr);

	if (!len || s[len - 1])
		return "NOT-TERMINATED";

	return s;
}

static unsigned long long be64(const struct nlattr *attr)
{
	return be64toh(mnl_attr_get_u64(attr));
}

static void say_key(struct ctx *c, const struct nlattr *nest)
{
	static const char * const names[] = {
		[NFDICTA_KEY_INT]	= "int",
		[NFDICTA_KEY_IPV4]	= "ipv4",
		[NFDICTA_KEY_IPV6]	= "ipv6",
		[NFDICTA_KEY_ETHER]	= "ether",
		[NFDICTA_KEY_STRING]	= "string",
		[NFDICTA_KEY_RAW]	= "raw",
	};
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, nest) {
		int type = mnl_attr_get_type(attr);

		if (type == NFDICTA_KEY_PAD)
			continue;
		if (type > NFDICTA_KEY_RAW) {
			say(c, " key-%d?", type);
			continue;
		}
		say(c, " %s:", names[type]);
		if (type == NFDICTA_KEY_INT)
			say(c, "%llu", be64(attr));
		else if (type == NFDICTA_KEY_STRING)
			say(c, "%s", string(attr));
		else
			say_hex(c, attr);
	}
}

static void say_list(struct ctx *c, const struct nlattr *nest)
{
	const struct nlattr *attr;
	const char *comma = "";

	say(c, "=[");
	mnl_attr_for_each_nested(attr, nest) {
		say(c, "%s%s", comma, string(attr));
		comma = ",";
	}
	say(c, "]");
}

static void say_field(struct ctx *c, const struct nlattr *nest)
{
	const struct nlattr *attr;

	if (mnl_attr_get_type(nest) != NFDICTA_ROW_FIELD) {
		say(c, " fields-%d?", mnl_attr_get_type(nest));
		return;
	}

	mnl_attr_for_each_nested(attr, nest) {
		switch (mnl_attr_get_type(attr)) {
		case NFDICTA_FIELD_NAME:
			say(c, " %s", string(attr));
			break;
		case NFDICTA_FIELD_BOOL:
			say(c, "=%s", mnl_attr_get_u8(attr) ? "true" : "false");
			break;
		case NFDICTA_FIELD_INT:
			say(c, "=%d", (int32_t)ntohl(mnl_attr_get_u32(attr)));
			break;
		case NFDICTA_FIELD_INT64:
			say(c, "=%lldL", (long long)be64(attr));
			break;
		case NFDICTA_FIELD_IPV4_ADDR:
			say(c, "=ipv4:");
			say_hex(c, attr);
			break;
		case NFDICTA_FIELD_IPV6_ADDR:
			say(c, "=ipv6:");
			say_hex(c, attr);
			break;
		case NFDICTA_FIELD_ETHER_ADDR:
			say(c, "=ether:");
			say_hex(c, attr);
			break;
		case NFDICTA_FIELD_LONG_STRING:
			say(c, "=\"%s\"", string(attr));
			break;
		case NFDICTA_FIELD_STRING_LIST:
			say_list(c, attr);
			break;
		case NFDICTA_FIELD_PAD:
			break;
		default:
			say(c, " field-%d?", mnl_attr_get_type(attr));
			break;
		}
	}
}

static void say_row(struct ctx *c, const struct nlattr *nest)
{
	const struct nlattr *attr, *field;
	unsigned long long timeout = 0, expires = 0;

	mnl_attr_for_each_nested(attr, nest) {
		switch (mnl_attr_get_type(attr)) {
		case NFDICTA_ROW_KEY:
			say_key(c, attr);
			break;
		case NFDICTA_ROW_FIELDS:
			mnl_attr_for_each_nested(field, attr)
				say_field(c, field);
			break;
		case NFDICTA_ROW_TIMEOUT:
			timeout = be64(attr);
			say(c, " timeout %llu", timeout);
			break;
		case NFDICTA_ROW_EXPIRES:
			/* It counts down, so print only whether it is valid. */
			expires = be64(attr);
			say(c, " expires %s", expires && expires <= timeout ?
			    "well" : "badly");
			break;
		case NFDICTA_ROW_EXPIRED:
			say(c, " expired");
			break;
		case NFDICTA_ROW_PAD:
			break;
		default:
			say(c, " row-%d?", mnl_attr_get_type(attr));
			break;
		}
	}
}

static void say_stats(struct ctx *c, const struct nlattr *nest)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, nest) {
		switch (mnl_attr_get_type(attr)) {
		case NFDICTA_STATS_ROWS:
			say(c, " rows %u", ntohl(mnl_attr_get_u32(attr)));
			break;
		case NFDICTA_STATS_USE:
			say(c, " use %u", ntohl(mnl_attr_get_u32(attr)));
			break;
		case NFDICTA_STATS_BYTES:
			say(c, " bytes %s", be64(attr) ? "some" : "0");
			break;
		case NFDICTA_STATS_DROPS:
			say(c, " drops %llu", be64(attr));
			break;
		case NFDICTA_STATS_EXPIRED:
			say(c, " expired %llu", be64(attr));
			break;
		case NFDICTA_STATS_PAD:
			break;
		default:
			say(c, " stats-%d?", mnl_attr_get_type(attr));
			break;
		}
	}
}

static void say_decls(struct ctx *c, const struct nlattr *list)
{
	const struct nlattr *decl, *attr;

	mnl_attr_for_each_nested(decl, list) {
		say(c, " field");
		mnl_attr_for_each_nested(attr, decl) {
			if (mnl_attr_get_type(attr) == NFDICTA_DECL_NAME)
				say(c, " %s", string(attr));
			else
				say(c, " %u", ntohl(mnl_attr_get_u32(attr)));
		}
	}
}

static void say_message(struct ctx *c, const struct nlmsghdr *nlh)
{
	static const char * const names[] = {
		[NFDICT_MSG_TABLE_NEW]		= "table",
		[NFDICT_MSG_TABLE_DEL]		= "table-del",
		[NFDICT_MSG_TABLE_FLUSH]	= "table-flush",
		[NFDICT_MSG_TABLE_SWAP]		= "table-swap",
		[NFDICT_MSG_ROW_NEW]		= "row",
		[NFDICT_MSG_ROW_DEL]		= "row-del",
	};
	unsigned int type = nlh->nlmsg_type & 0xff;
	const struct nlattr *attr;

	if (nlh->nlmsg_type >> 8 != NFNL_SUBSYS_DICT ||
	    type >= MNL_ARRAY_SIZE(names) || !names[type]) {
		say(c, "message-%x?\n", nlh->nlmsg_type);
		return;
	}

	say(c, "%s%s", names[type],
	    nlh->nlmsg_flags & NLM_F_CREATE ? "-create" : "");

	mnl_attr_for_each(attr, nlh, sizeof(struct nfgenmsg)) {
		switch (mnl_attr_get_type(attr)) {
		case NFDICTA_TABLE:
		case NFDICTA_TABLE2:
			say(c, " %s", string(attr));
			break;
		case NFDICTA_SIZE:
			say(c, " size %u", ntohl(mnl_attr_get_u32(attr)));
			break;
		case NFDICTA_TIMEOUT:
			say(c, " timeout %llu", be64(attr));
			break;
		case NFDICTA_KEY_CLASS:
			say(c, " class %u", ntohl(mnl_attr_get_u32(attr)));
			break;
		case NFDICTA_ROW:
			say_row(c, attr);
			break;
		case NFDICTA_STATS:
			say_stats(c, attr);
			break;
		case NFDICTA_DECLS:
			say_decls(c, attr);
			break;
		case NFDICTA_OPEN:
			say(c, " open");
			break;
		case NFDICTA_PAD:
			break;
		default:
			say(c, " attr-%d?", mnl_attr_get_type(attr));
			break;
		}
	}
	say(c, "\n");
}

/* The type of the attribute at an offset into the request. */
static int attr_at(const struct nlmsghdr *nlh, uint32_t off)
{
	const struct nlattr *attr = (const void *)nlh + off;

	if (off < NLMSG_HDRLEN || off + NLA_HDRLEN > nlh->nlmsg_len)
		return -2;

	return attr->nla_type & NLA_TYPE_MASK;
}

static int read_ack(struct ctx *c, const struct nlmsghdr *nlh)
{
	struct nfnl_ack ack = nfnl_ack(nlh);

	snprintf(c->error, sizeof(c->error), "%s", ack.msg);
	if (ack.offs >= 0)
		c->attr = attr_at((void *)request_buf, ack.offs);
	c->missing = ack.missing;

	return ack.err;
}

static void forget(struct ctx *c)
{
	c->len = 0;
	c->text[0] = '\0';
	c->messages = 0;
	c->datagrams = 0;
	c->interrupted = false;
	c->largest = 0;
	c->error[0] = '\0';
	c->attr = -1;
	c->missing = 0;
}

/*
 * Receives one datagram. Returns 1 if the answer goes on, else its result: 0 or
 * a negative error.
 */
static int receive(struct ctx *c)
{
	struct nlmsghdr *nlh;
	ssize_t len;
	int n;

	len = recv(mnl_socket_get_fd(c->sock), c->buf, c->bufsize, MSG_TRUNC);
	if (len < 0)
		return -errno;
	if ((size_t)len > c->bufsize)
		return -EMSGSIZE;

	c->datagrams++;
	n = len;
	for (nlh = (void *)c->buf; mnl_nlmsg_ok(nlh, n);
	     nlh = mnl_nlmsg_next(nlh, &n)) {
		if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
			c->interrupted = true;
		if (nlh->nlmsg_type == NLMSG_ERROR)
			return read_ack(c, nlh);
		if (nlh->nlmsg_type == NLMSG_DONE)
			return *(int *)mnl_nlmsg_get_payload(nlh);

		c->messages++;
		c->pid = nlh->nlmsg_pid;
		c->seq = nlh->nlmsg_seq;
		if (nlh->nlmsg_len > c->largest)
			c->largest = nlh->nlmsg_len;
		say_message(c, nlh);
	}

	return 1;
}

static int transmit(struct ctx *c, const struct nlmsghdr *nlh)
{
	forget(c);
	if (send(mnl_socket_get_fd(c->sock), nlh, nlh->nlmsg_len, 0) < 0)
		return -errno;

	return 0;
}

/* Sends a request and receives the whole answer. */
static int talk(struct ctx *c, const struct nlmsghdr *nlh)
{
	int ret = transmit(c, nlh);

	if (ret)
		return ret;

	do {
		ret = receive(c);
	} while (ret == 1);

	return ret;
}

static int compare_lines(const void *a, const void *b)
{
	return strcmp(*(char * const *)a, *(char * const *)b);
}

/* Sorts the lines of the text: dumps return rows in no particular order. */
static const char *sorted(struct ctx *c)
{
	char *copy, **lines, *line, *save;
	unsigned int i, n = 0;

	if (!c->len)
		return c->text;

	copy = strdup(c->text);
	lines = calloc(c->messages + 1, sizeof(*lines));
	for (line = strtok_r(copy, "\n", &save); line && n <= c->messages;
	     line = strtok_r(NULL, "\n", &save))
		lines[n++] = line;
	qsort(lines, n, sizeof(*lines), compare_lines);

	c->len = 0;
	for (i = 0; i < n; i++)
		say(c, "%s\n", lines[i]);
	free(lines);
	free(copy);

	return c->text;
}

static void init_ctx(struct ctx *c)
{
	c->bufsize = MSG_MAX;
	c->buf = malloc(c->bufsize);
	c->text = malloc(TEXT_MAX);
	c->sock = nfnl_open(4 * MSG_MAX, 0);
	forget(c);
}

static void free_ctx(struct ctx *c)
{
	if (c->sock)
		mnl_socket_close(c->sock);
	free(c->buf);
	free(c->text);
}

/*
 * Receive with a buffer of one page from now on. Use a new socket, since the
 * kernel sizes dump messages by the largest buffer that a socket has used.
 */
static void read_pages(struct ctx *c)
{
	mnl_socket_close(c->sock);
	c->sock = nfnl_open(4 * MSG_MAX, 0);
	c->bufsize = 4096;
}

/* Another socket, such as a listener. Only one can be in use at a time. */
static struct ctx *other(void)
{
	static struct ctx c;

	init_ctx(&c);

	return &c;
}

/* Joins the multicast group for events. */
static int listen_to(struct ctx *c)
{
	int group = NFNLGRP_DICT;

	return mnl_socket_setsockopt(c->sock, NETLINK_ADD_MEMBERSHIP, &group,
				     sizeof(group)) < 0 ? -errno : 0;
}

/*
 * Factor for the lifetimes of rows that expire in a test, and for waits in
 * which nothing must arrive, on a slow machine.
 */
static unsigned int slowness(void)
{
	const char *slow = getenv("KSFT_MACHINE_SLOW");

	return slow && !strcmp(slow, "yes") ? 20 : 1;
}

/* @n rows, or fewer on a slow machine. */
static unsigned int many(unsigned int n)
{
	return slowness() > 1 ? n / 5 : n;
}

/* Receives the pending events; does not wait for more. */
static const char *events(struct ctx *c)
{
	struct timeval soon = { .tv_usec = 1000 };

	forget(c);
	setsockopt(mnl_socket_get_fd(c->sock), SOL_SOCKET, SO_RCVTIMEO, &soon,
		   sizeof(soon));
	while (receive(c) == 1)
		;

	return c->text;
}

/*
 * Requests that many tests need
 */

static int new_table(struct ctx *c, const char *name, uint32_t size, uint64_t timeout)
{
	struct nlmsghdr *nlh = request(NFDICT_MSG_TABLE_NEW,
				       REQUEST | NLM_F_CREATE | NLM_F_EXCL);

	put_table(nlh, name);
	mnl_attr_put_u32(nlh, NFDICTA_SIZE, htonl(size));
	put_be64(nlh, NFDICTA_TIMEOUT, timeout);

	return talk(c, nlh);
}

static int table_request(struct ctx *c, int type, const char *name)
{
	struct nlmsghdr *nlh = request(type, REQUEST);

	put_table(nlh, name);

	return talk(c, nlh);
}

static int write_row_array(struct ctx *c, int flags, const char *table, struct dict_key key,
			   const struct dict_field *fields)
{
	struct nlmsghdr *nlh = request(NFDICT_MSG_ROW_NEW, REQUEST | flags);

	put_table(nlh, table);
	put_row_array(nlh, key, fields);

	return talk(c, nlh);
}

#define write_row(c, flags, table, key, ...)				       \
	write_row_array(c, flags, table, key,				       \
			(const struct dict_field[]){ __VA_ARGS__, END })

static int delete_row_array(struct ctx *c, const char *table, struct dict_key key,
			    const struct dict_field *fields)
{
	struct nlmsghdr *nlh = request(NFDICT_MSG_ROW_DEL, REQUEST);

	put_table(nlh, table);
	put_row_array(nlh, key, fields);

	return talk(c, nlh);
}

#define delete_fields(c, table, key, ...)				       \
	delete_row_array(c, table, key,					       \
			 (const struct dict_field[]){ __VA_ARGS__, END })
#define delete_row(c, table, key)	delete_row_array(c, table, key, &END)

static int read_row(struct ctx *c, const char *table, struct dict_key key)
{
	struct nlmsghdr *nlh = request(NFDICT_MSG_ROW_GET, REQUEST);

	put_table(nlh, table);
	put_row_key(nlh, key);

	return talk(c, nlh);
}

static struct nlmsghdr *dump_request(int type, const char *table)
{
	struct nlmsghdr *nlh = request(type, NLM_F_REQUEST | NLM_F_DUMP);

	if (table)
		put_table(nlh, table);

	return nlh;
}

static const char *dump_rows(struct ctx *c, const char *table)
{
	int ret = talk(c, dump_request(NFDICT_MSG_ROW_GET, table));

	if (ret) {
		forget(c);
		say(c, "error %d\n", ret);
		return c->text;
	}

	return sorted(c);
}

static const char *dump_tables(struct ctx *c)
{
	int ret = talk(c, dump_request(NFDICT_MSG_TABLE_GET, NULL));

	if (ret) {
		forget(c);
		say(c, "error %d\n", ret);
	}

	return c->text;
}

/* Writes @n rows of one field each, with keys from 0. */
static int write_many(struct ctx *c, const char *table, unsigned int n)
{
	unsigned int i, j;
	int ret;

	for (i = 0; i < n;) {
		struct nlmsghdr *nlh = request(NFDICT_MSG_ROW_NEW,
					       REQUEST | NLM_F_CREATE);
		struct nlattr *rows;

		put_table(nlh, table);
		rows = rows_start(nlh);
		for (j = 0; j < 500 && i < n; j++, i++)
			put_row(nlh, KEY_INT(i), INT("n", i));
		mnl_attr_nest_end(nlh, rows);
		ret = talk(c, nlh);
		if (ret)
			return ret;
	}

	return 0;
}

FIXTURE_SETUP(nfnetlink_dict)
{
	if (unshare(CLONE_NEWNET))
		SKIP(return, "needs root");

	memset(self, 0, sizeof(*self));
	init_ctx(&self->ctx);
	ASSERT_NE(NULL, self->ctx.sock);

	if (talk(&self->ctx, dump_request(NFDICT_MSG_TABLE_GET, NULL)))
		SKIP(return, "no NETFILTER_NETLINK_DICT in this kernel");
}

FIXTURE_TEARDOWN(nfnetlink_dict)
{
	free_ctx(&self->ctx);
}

/*
 * Tables
 */

TEST_F(nfnetlink_dict, table_new)
{
	struct ctx *ctx = &self->ctx;

	EXPECT_EQ(0, new_table(ctx, "a", 0, 0));
	EXPECT_EQ(0, new_table(ctx, "b", 0xffffffff, 0xffffffff));
	EXPECT_STREQ("table a size 0 timeout 0 rows 0 use 0 bytes some drops 0 expired 0\n"
		     "table b size 4294967295 timeout 4294967295 rows 0 use 0 bytes some drops 0 expired 0\n",
		     dump_tables(ctx));
}

TEST_F(nfnetlink_dict, table_new_excl)
{
	struct ctx *ctx = &self->ctx;

	EXPECT_EQ(0, new_table(ctx, "a", 1, 2));
	EXPECT_EQ(-EEXIST, new_table(ctx, "a", 3, 4));
	EXPECT_STREQ("table exists already", ctx->error);
	EXPECT_EQ(NFDICTA_TABLE, ctx->attr);
	EXPECT_EQ(0, table_request(ctx, NFDICT_MSG_TABLE_GET, "a"));
	EXPECT_STREQ("table a size 1 timeout 2 rows 0 use 0 bytes some drops 0 expired 0\n",
		     ctx->text);
}

/* Without NLM_F_EXCL or NLM_F_REPLACE an existing table is left unchanged. */
TEST_F(nfnetlink_dict, table_new_again)
{
	struct ctx *ctx = &self->ctx;
	struct nlmsghdr *nlh;

	EXPECT_EQ(0, new_table(ctx, "a", 1, 2));
	nlh = request(NFDICT_MSG_TABLE_NEW, REQUEST | NLM_F_CREATE);
	put_table(nlh, "a");
	mnl_attr_put_u32(nlh, NFDICTA_SIZE, htonl(3));
	EXPECT_EQ(0, talk(ctx, nlh));
	EXPECT_EQ(0, table_request(ctx, NFDICT_MSG_TABLE_GET, "a"));
	EXPECT_STREQ("table a size 1 timeout 2 rows 0 use 0 bytes some drops 0 expired 0\n",
		     ctx->text);
}

TEST_F(nfnetlink_dict, table_new_replace)
{
	struct ctx *ctx = &self->ctx;
	struct nlmsghdr *nlh;

	EXPECT_EQ(0, new_table(ctx, "a", 1, 2));

	nlh = request(NFDICT_MSG_TABLE_NEW, REQUEST | NLM_F_REPLACE);
	put_table(nlh, "a");
	mnl_attr_put_u32(nlh, NFDICTA_SIZE, htonl(3));
	EXPECT_EQ(0, talk(ctx, nlh));
	EXPECT_EQ(0, table_request(ctx, NFDICT_MSG_TABLE_GET, "a"));
	EXPECT_STREQ("table a size 3 timeout 2 rows 0 use 0 bytes some drops 0 expired 0\n",
		     ctx->text);

	nlh = request(NFDICT_MSG_TABLE_NEW,
		      REQUEST | NLM_F_CREATE | NLM_F_REPLACE);
	put_table(nlh, "a");
	put_be64(nlh, NFDICTA_TIMEOUT, 5);
	EXPECT_EQ(0, talk(ctx, nlh));
	EXPECT_EQ(0, table_request(ctx, NFDICT_MSG_TABLE_GET, "a"));
	EXPECT_STREQ("table a size 3 timeout 5 rows 0 use 0 bytes some drops 0 expired 0\n",
		     ctx->text);
}

TEST_F(nfnetlink_dict, table_new_replace_missing)
{
	struct ctx *ctx = &self->ctx;
	struct nlmsghdr *nlh;

	nlh = request(NFDICT_MSG_TABLE_NEW, REQUEST | NLM_F_REPLACE);
	put_table(nlh, "a");
	EXPECT_EQ(-ENOENT, talk(ctx, nlh));
	EXPECT_STREQ("table does not exist", ctx->error);
	EXPECT_EQ(NFDICTA_TABLE, ctx->attr);
	EXPECT_STREQ("", dump_tables(ctx));

	nlh = request(NFDICT_MSG_TABLE_NEW,
		      REQUEST | NLM_F_CREATE | NLM_F_REPLACE);
	put_table(nlh, "a");
	EXPECT_EQ(0, talk(ctx, nlh));
	EXPECT_EQ(0, table_request(ctx, NFDICT_MSG_TABLE_GET, "a"));
}

/* Lengths only: the KUnit tests cover the characters of names. */
TEST_F(nfnetlink_dict, table_names)
{
	struct ctx *ctx = &self->ctx;
	static const struct {
		const char	*name;
		size_t		len;
		int		ret;
		const char	*error;
	} names[] = {
		{ "a", 1, 0, "" },
		{ "a", 2, -EEXIST, "table exists already" },
		{ "", 1, -EINVAL, "name is empty" },
		{ "a,b", 3, -EINVAL, "name has white space" },
		{ "a\0b", 3, -EINVAL, "name has white space" },
		{ "a\0", 3, -EINVAL, "name has white space" },
	};
	char name[130];
	unsigned int i;

	for (i = 0; i < MNL_ARRAY_SIZE(names); i++) {
		struct nlmsghdr *nlh;

		nlh = request(NFDICT_MSG_TABLE_NEW, REQUEST | NLM_F_EXCL);
		mnl_attr_put(nlh, NFDICTA_TABLE, names[i].len, names[i].name);
		EXPECT_EQ(names[i].ret, talk(ctx, nlh)) {
			TH_LOG("name %u", i);
		}
		if (!names[i].ret)
			continue;
		EXPECT_NE(NULL, strstr(ctx->error, names[i].error)) {
			TH_LOG("name %u: %s", i, ctx->error);
		}
		EXPECT_EQ(NFDICTA_TABLE, ctx->attr);
	}

	memset(name, 'x', sizeof(name));
	name[129] = '\0';
	EXPECT_EQ(-ENAMETOOLONG, new_table(ctx, name, 0, 0));
	EXPECT_STREQ("name is longer than 128 bytes", ctx->error);
	name[128] = '\0';
	EXPECT_EQ(0, new_table(ctx, name, 0, 0));
	EXPECT_EQ(0, table_request(ctx, NFDICT_MSG_TABLE_GET, name));
	EXPECT_EQ(0, strncmp(name, ctx->text + strlen("table "), 128));
	EXPECT_EQ(' ', ctx->text[strlen("table ") + 128]);
}

TEST_F(nfnetlink_dict, table_get_missing)
{
	struct ctx *ctx = &self->ctx;

	EXPECT_EQ(-ENOENT, table_request(ctx, NFDICT_MSG_TABLE_GET, "a"));
	EXPECT_STREQ("table does not exist", ctx->error);
	EXPECT_EQ(NFDICTA_TABLE, ctx->attr);

	EXPECT_EQ(-ENOENT, talk(ctx, dump_request(NFDICT_MSG_TABLE_GET, "a")));
	EXPECT_STREQ("table does not exist", ctx->error);
}

TEST_F(nfnetlink_dict, table_dump_one)
{
	struct ctx *ctx = &self->ctx;

	EXPECT_EQ(0, new_table(ctx, "a", 0, 0));
	EXPECT_EQ(0, new_table(ctx, "b", 0, 0));
	EXPECT_EQ(0, talk(ctx, dump_request(NFDICT_MSG_TABLE_GET, "b")));
	EXPECT_EQ(1, ctx->messages);
	EXPECT_EQ(0, strncmp(ctx->text, "table b ", 8));
	EXPECT_FALSE(ctx->interrupted);
}

TEST_F(nfnetlink_dict, table_dump_many)
{
	struct ctx *ctx = &self->ctx;
	char name[16];
	int i;

	for (i = 0; i < 1000; i++) {
		sprintf(name, "table-%d", i);
		ASSERT_EQ(0, new_table(ctx, name, 0, 0));
	}

	read_pages(ctx);
	EXPECT_EQ(0, talk(ctx, dump_request(NFDICT_MSG_TABLE_GET, NULL)));
	EXPECT_EQ(1000, ctx->messages);
	EXPECT_FALSE(ctx->interrupted);
	EXPECT_NE(NULL, strstr(ctx->text, "table table-999 size"));
}

TEST_F(nfnetlink_dict, table_stats)
{
	struct ctx *ctx = &self->ctx;

	EXPECT_EQ(0, new_table(ctx, "a", 3, 0));
	EXPECT_EQ(0, write_many(ctx, "a", 3));
	EXPECT_EQ(0, table_request(ctx, NFDICT_MSG_TABLE_GET, "a"));
	EXPECT_STREQ("table a size 3 timeout 0 rows 3 use 0 bytes some drops 0 expired 0\n",
		     ctx->text);
}

TEST_F(nfnetlink_dict, table_del)
{
	struct ctx *ctx = &self->ctx;

	EXPECT_EQ(0, new_table(ctx, "a", 0, 0));
	EXPECT_EQ(0, write_many(ctx, "a", 3));
	EXPECT_EQ(0, table_request(ctx, NFDICT_MSG_TABLE_DEL, "a"));
	EXPECT_STREQ("", dump_tables(ctx));
	EXPECT_EQ(-ENOENT, table_request(ctx, NFDICT_MSG_TABLE_DEL, "a"));
	EXPECT_STREQ("table does not exist", ctx->error);
	EXPECT_EQ(NFDICTA_TABLE, ctx->attr);

	/* A new table with that name has no rows. */
	EXPECT_EQ(0, new_table(ctx, "a", 0, 0));
	EXPECT_STREQ("", dump_rows(ctx, "a"));
}

TEST_F(nfnetlink_dict, table_flush)
{
	struct ctx *ctx = &self->ctx;

	EXPECT_EQ(0, write_many(ctx, "a", 1000));
	EXPECT_EQ(0, write_many(ctx, "b", 1));
	EXPECT_EQ(0, table_request(ctx, NFDICT_MSG_TABLE_FLUSH, "a"));
	EXPECT_STREQ("row b int:0 n=0\n", dump_rows(ctx, NULL));
	EXPECT_EQ(0, write_row(ctx, NLM_F_CREATE, "a", KEY_INT(7),
			       INT("n", 8)));
	EXPECT_STREQ("row a int:7 n=8\n", dump_rows(ctx, "a"));
	EXPECT_EQ(-ENOENT, table_request(ctx, NFDICT_MSG_TABLE_FLUSH, "c"));
	EXPECT_STREQ("table does not exist", ctx->error);
}

static int swap(struct ctx *c, const char *a, const char *b)
{
	struct nlmsghdr *nlh = request(NFDICT_MSG_TABLE_SWAP, REQUEST);

	put_table(nlh, a);
	mnl_attr_put_strz(nlh, NFDICTA_TABLE2, b);

	return talk(c, nlh);
}

TEST_F(nfnetlink_dict, table_swap)
{
	struct ctx *ctx = &self->ctx;

	EXPECT_EQ(0, new_table(ctx, "a", 10, 0));
	EXPECT_EQ(0, new_table(ctx, "b", 20, 0));
	EXPECT_EQ(0, write_row(ctx, NLM_F_CREATE, "a", KEY_INT(1),
			       INT("n", 1)));
	EXPECT_EQ(0, write_row(ctx, NLM_F_CREATE, "b", KEY_INT(2),
			       INT("n", 2)));
	EXPECT_EQ(0, swap(ctx, "a", "b"));
	EXPECT_STREQ("row a int:2 n=2\nrow b int:1 n=1\n",
		     dump_rows(ctx, NULL));
	EXPECT_EQ(0, table_request(ctx, NFDICT_MSG_TABLE_GET, "a"));
	EXPECT_NE(NULL, strstr(ctx->text, "size 10 "));

	EXPECT_EQ(-EINVAL, swap(ctx, "a", "a"));
	EXPECT_STREQ("table is named twice", ctx->error);
	EXPECT_EQ(NFDICTA_TABLE2, ctx->attr);
	EXPECT_EQ(-ENOENT, swap(ctx, "a", "c"));
	EXPECT_EQ(NFDICTA_TABLE2, ctx->attr);
	EXPECT_EQ(-ENOENT, swap(ctx, "c", "a"));
	EXPECT_EQ(NFDICTA_TABLE, ctx->attr);
}

/* Swaps @n tables, pair after pair. */
static int swap_pairs(struct ctx *c, const char * const *tables, unsigned int n)
{
	struct nlmsghdr *nlh = request(NFDICT_MSG_TABLE_SWAP, REQUEST);
	struct nlattr *pairs, *pair;
	unsigned int i;

	put_table(nlh, tables[0]);
	mnl_attr_put_strz(nlh, NFDICTA_TABLE2, tables[1]);
	pairs = mnl_attr_nest_start(nlh, NFDICTA_PAIRS);
	for (i = 2; i < n; i += 2) {
		pair = mnl_attr_nest_start(nlh, NFDICTA_PAIR);
		put_table(nlh, tables[i]);
		mnl_attr_put_strz(nlh, NFDICTA_TABLE2, tables[i + 1]);
		mnl_attr_nest_end(nlh, pair);
	}
	mnl_attr_nest_end(nlh, pairs);

	return talk(c, nlh);
}

/* Writes a table with the first @n of three fields. */
static int declare(struct ctx *c, int flags, const char *name, unsigned int n,
		   bool open)
{
	static const struct {
		const char	*name;
		uint32_t	type;
	} decls[] = {
		{ "blocked", NF_DICT_BOOL }, { "n", NF_DICT_INT },
		{ "user", NF_DICT_LONG_STRING },
	};
	struct nlmsghdr *nlh = request(NFDICT_MSG_TABLE_NEW, REQUEST | flags);
	struct nlattr *list;
	unsigned int i;

	put_table(nlh, name);
	list = mnl_attr_nest_start(nlh, NFDICTA_DECLS);
	for (i = 0; i < n; i++)
		put_decl(nlh, decls[i].name, decls[i].type);
	mnl_attr_nest_end(nlh, list);
	if (open)
		mnl_attr_put(nlh, NFDICTA_OPEN, 0, NULL);

	return talk(c, nlh);
}

TEST_F(nfnetlink_dict, table_declared)
{
	struct ctx *ctx = &self->ctx;
	struct ctx *c = other();

	ASSERT_EQ(0, listen_to(c));
	EXPECT_EQ(0, declare(ctx, NLM_F_CREATE | NLM_F_EXCL, "a", 2, false));
	EXPECT_STREQ("table a size 0 timeout 0 field blocked 1 field n 2\n",
		     events(c));
	EXPECT_EQ(0, write_row(ctx, NLM_F_CREATE, "a", KEY_INT(1),
			       INT("n", 1)));
	EXPECT_STREQ("row-create a int:1 n=1\n", events(c));

	/* Fields with another type, or not declared, are refused. */
	EXPECT_EQ(-EINVAL, write_row(ctx, NLM_F_CREATE, "a", KEY_INT(1),
				     INT("blocked", 1)));
	EXPECT_STREQ("row 1: table declares the field as bool", ctx->error);
	EXPECT_EQ(NFDICTA_FIELD_INT, ctx->attr);
	EXPECT_EQ(-EINVAL, write_row(ctx, NLM_F_CREATE, "a", KEY_INT(1),
				     INT("m", 1)));
	EXPECT_STREQ("row 1: table declares no such field", ctx->error);
	EXPECT_EQ(NFDICTA_FIELD_NAME, ctx->attr);
	EXPECT_STREQ("row a int:1 n=1\n", dump_rows(ctx, NULL));

	/* Fields can be added to a declaration, and nothing else. */
	EXPECT_EQ(0, declare(ctx, NLM_F_CREATE, "a", 2, false));
	EXPECT_EQ(-EINVAL, declare(ctx, NLM_F_CREATE, "a", 3, false));
	EXPECT_STREQ("table exists and is declared otherwise", ctx->error);
	EXPECT_EQ(0, declare(ctx, NLM_F_REPLACE, "a", 3, false));
	EXPECT_STREQ("table a size 0 timeout 0 field blocked 1 field n 2 field user 7\n",
		     events(c));
	EXPECT_EQ(0, declare(ctx, NLM_F_CREATE | NLM_F_REPLACE, "a", 3, false));
	EXPECT_STREQ("", events(c));
	EXPECT_EQ(-EINVAL, declare(ctx, NLM_F_REPLACE, "a", 2, false));
	EXPECT_STREQ("only fields can be added to the declaration", ctx->error);
	EXPECT_EQ(NFDICTA_DECLS, ctx->attr);
	EXPECT_EQ(-EINVAL, declare(ctx, NLM_F_REPLACE, "a", 3, true));
	EXPECT_EQ(0, table_request(ctx, NFDICT_MSG_TABLE_GET, "a"));
	EXPECT_NE(NULL, strstr(ctx->text,
			       " field blocked 1 field n 2 field user 7 rows 1 "));

	/*
	 * An open table accepts undeclared fields. A table with rows cannot
	 * become declared.
	 */
	EXPECT_EQ(0, declare(ctx, NLM_F_CREATE, "b", 1, true));
	EXPECT_STREQ("table b size 0 timeout 0 field blocked 1 open\n",
		     events(c));
	EXPECT_EQ(0, write_row(ctx, NLM_F_CREATE, "b", KEY_INT(1),
			       INT("m", 1)));
	EXPECT_EQ(-EINVAL, write_row(ctx, NLM_F_CREATE, "b", KEY_INT(1),
				     INT("blocked", 1)));
	EXPECT_EQ(0, write_row(ctx, NLM_F_CREATE, "c", KEY_INT(1),
			       INT("n", 1)));
	EXPECT_EQ(-EBUSY, declare(ctx, NLM_F_REPLACE, "c", 1, false));
	EXPECT_STREQ("table has rows, or rules with other fields", ctx->error);
	EXPECT_EQ(-EMEDIUMTYPE, swap(ctx, "a", "c"));
	EXPECT_STREQ("the tables have other keys or fields", ctx->error);
	free_ctx(c);
}

/* The maximum number of fields, with the longest names. */
TEST_F(nfnetlink_dict, table_declared_most)
{
	struct ctx *ctx = &self->ctx;
	struct nlmsghdr *nlh;
	struct nlattr *list;
	unsigned int i, n;
	char name[129];
	const char *p;

	for (n = 255; n <= 256; n++) {
		nlh = request(NFDICT_MSG_TABLE_NEW, REQUEST | NLM_F_CREATE);
		put_table(nlh, n == 255 ? "a" : "b");
		list = mnl_attr_nest_start(nlh, NFDICTA_DECLS);
		for (i = 0; i < n; i++) {
			snprintf(name, sizeof(name), "%0128u", i);
			put_decl(nlh, name, NF_DICT_INT);
		}
		mnl_attr_nest_end(nlh, list);
		EXPECT_EQ(n == 255 ? 0 : -E2BIG, talk(ctx, nlh));
	}
	EXPECT_STREQ("more than 255 fields", ctx->error);
	EXPECT_EQ(NFDICTA_DECL, ctx->attr);

	EXPECT_EQ(0, table_request(ctx, NFDICT_MSG_TABLE_GET, "a"));
	for (i = 0, p = ctx->text; (p = strstr(p, " field ")); p++)
		i++;
	EXPECT_EQ(255, i);
	EXPECT_EQ(0, talk(ctx, request(NFDICT_MSG_TABLE_GET,
				       NLM_F_REQUEST | NLM_F_DUMP)));
	for (i = 0, p = ctx->text; (p = strstr(p, " field ")); p++)
		i++;
	EXPECT_EQ(255, i);
}

TEST_F(nfnetlink_dict, table_swap_pairs)
{
	static const char * const tables[] = { "a", "b", "c", "d" };
	static const char * const twice[] = { "a", "b", "c", "a" };
	static const char * const gone[] = { "a", "b", "x", "d" };
	const char *before = "row a int:1 n=0\nrow b int:1 n=1\n"
			     "row c int:1 n=2\nrow d int:1 n=3\n";
	struct ctx *ctx = &self->ctx;
	struct ctx *c = other();
	unsigned int i;

	for (i = 0; i < 4; i++)
		EXPECT_EQ(0, write_row(ctx, NLM_F_CREATE, tables[i], KEY_INT(1),
				       INT("n", i)));
	EXPECT_EQ(-EINVAL, swap_pairs(ctx, twice, 4));
	EXPECT_STREQ("table is named twice", ctx->error);
	EXPECT_EQ(NFDICTA_TABLE2, ctx->attr);
	EXPECT_EQ(-ENOENT, swap_pairs(ctx, gone, 4));
	EXPECT_STREQ("table does not exist", ctx->error);
	EXPECT_EQ(NFDICTA_TABLE, ctx->attr);
	EXPECT_STREQ(before, dump_rows(ctx, NULL));

	ASSERT_EQ(0, listen_to(c));
	EXPECT_EQ(0, swap_pairs(ctx, tables, 4));
	EXPECT_STREQ("row a int:1 n=1\nrow b int:1 n=0\n"
		     "row c int:1 n=3\nrow d int:1 n=2\n",
		     dump_rows(ctx, NULL));
	/* One event for each pair. */
	EXPECT_STREQ("table-swap a b\ntable-swap c d\n", events(c));
	free_ctx(c);
}

static int class_table(struct ctx *c, int flags, const char *name,
		       uint32_t key_class)
{
	struct nlmsghdr *nlh = request(NFDICT_MSG_TABLE_NEW,
				       REQUEST | NLM_F_CREATE | flags);

	put_table(nlh, name);
	mnl_attr_put_u32(nlh, NFDICTA_KEY_CLASS, htonl(key_class));

	return talk(c, nlh);
}

TEST_F(nfnetlink_dict, table_key_class)
{
	struct ctx *ctx = &self->ctx;
	struct nlmsghdr *nlh;
	struct ctx *c;

	c = other();
	ASSERT_EQ(0, listen_to(c));
	EXPECT_EQ(0, class_table(ctx, NLM_F_EXCL, "a", NF_DICT_KEY_STRING));
	EXPECT_STREQ("table a size 0 timeout 0 class 5\n", events(c));
	free_ctx(c);
	EXPECT_EQ(0, table_request(ctx, NFDICT_MSG_TABLE_GET, "a"));
	EXPECT_STREQ("table a size 0 timeout 0 class 5 rows 0 use 0 bytes some drops 0 expired 0\n",
		     ctx->text);

	EXPECT_EQ(-EINVAL, write_row(ctx, NLM_F_CREATE, "a", KEY_INT(1),
				     INT("n", 1)));
	EXPECT_STREQ("row 1: table has keys of class string", ctx->error);
	EXPECT_EQ(NFDICTA_ROW, ctx->attr);
	EXPECT_EQ(0, write_row(ctx, NLM_F_CREATE, "a", key_str("k"),
			       INT("n", 1)));
	EXPECT_EQ(-EINVAL, delete_row(ctx, "a", KEY_INT(1)));
	EXPECT_STREQ("row 1: table has keys of class string", ctx->error);

	EXPECT_EQ(0, class_table(ctx, 0, "a", NF_DICT_KEY_STRING));
	EXPECT_EQ(-EINVAL, class_table(ctx, 0, "a", NF_DICT_KEY_INT));
	EXPECT_STREQ("table exists with another class of keys", ctx->error);
	nlh = request(NFDICT_MSG_TABLE_NEW, REQUEST | NLM_F_REPLACE);
	put_table(nlh, "a");
	mnl_attr_put_u32(nlh, NFDICTA_KEY_CLASS, htonl(NF_DICT_KEY_INT));
	EXPECT_EQ(-EINVAL, talk(ctx, nlh));
	EXPECT_STREQ("table has keys of class string", ctx->error);
	EXPECT_EQ(NFDICTA_KEY_CLASS, ctx->attr);

	EXPECT_EQ(0, new_table(ctx, "b", 0, 0));
	EXPECT_EQ(-EMEDIUMTYPE, swap(ctx, "a", "b"));
	EXPECT_STREQ("the tables have other keys or fields", ctx->error);
	EXPECT_EQ(0, class_table(ctx, 0, "c", NF_DICT_KEY_STRING));
	EXPECT_EQ(0, swap(ctx, "a", "c"));
	EXPECT_STREQ("row c string:k n=1\n", dump_rows(ctx, NULL));
}

/* Keys are domain names in lower case; errors have a reason and a position. */
TEST_F(nfnetlink_dict, table_domains)
{
	static const struct {
		const char	*key;
		const char	*error;
	} bad[] = {
		{ "*.example.com", "row 1: domain has a wildcard, .NAME is a suffix, byte 1" },
		{ "a..b", "row 1: label of domain is empty, byte 3" },
		{ ".", "row 1: label of domain is empty, byte 1" },
		{ "a.", "row 1: label of domain is empty, byte 2" },
		{ "sm\xc3\xb8r.no", "row 1: domain is not in ASCII form (xn--), byte 3" },
		{ "a b", "row 1: domain has a character that no name has, byte 2" },
	};
	struct ctx *ctx = &self->ctx;
	char name[256] = "";
	unsigned int i;

	EXPECT_EQ(0, class_table(ctx, NLM_F_EXCL, "a", NF_DICT_KEY_DOMAIN));
	EXPECT_EQ(0, table_request(ctx, NFDICT_MSG_TABLE_GET, "a"));
	EXPECT_STREQ("table a size 0 timeout 0 class 8 rows 0 use 0 bytes some drops 0 expired 0\n",
		     ctx->text);
	EXPECT_EQ(0, write_row(ctx, NLM_F_CREATE, "a",
			       key_str("WWW.Example.com"), INT("n", 1)));
	EXPECT_EQ(0, write_row(ctx, 0, "a", key_str("www.eXample.com"),
			       INT("n", 2)));
	EXPECT_STREQ("row a string:www.example.com n=2\n", dump_rows(ctx, "a"));
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(-EINVAL, write_row(ctx, NLM_F_CREATE, "a",
					     key_str(bad[i].key), INT("n", 1)));
		EXPECT_STREQ(bad[i].error, ctx->error);
		EXPECT_EQ(NFDICTA_ROW, ctx->attr);
		EXPECT_EQ(-EINVAL, delete_row(ctx, "a", key_str(bad[i].key)));
	}
	EXPECT_EQ(-EINVAL, write_row(ctx, NLM_F_CREATE, "a", KEY_INT(1),
				     INT("n", 1)));
	EXPECT_STREQ("row 1: table has keys of class domain", ctx->error);

	memset(name, 'a', 64);
	EXPECT_EQ(-EINVAL, write_row(ctx, NLM_F_CREATE, "a", key_str(name),
				     INT("n", 1)));
	EXPECT_STREQ("row 1: label of domain is longer than 63 bytes, byte 64",
		     ctx->error);
	/* The longest name, with and without a leading dot; a longer one. */
	for (i = 0; i < 254; i++)
		name[i] = i % 2 ? 'a' : '.';
	EXPECT_EQ(0, write_row(ctx, NLM_F_CREATE, "a", key_str(name),
			       INT("n", 1)));
	EXPECT_EQ(0, delete_row(ctx, "a", key_str(name)));
	EXPECT_EQ(0, write_row(ctx, NLM_F_CREATE, "a", key_str(name + 1),
			       INT("n", 1)));
	EXPECT_EQ(0, delete_row(ctx, "a", key_str(name + 1)));
	memset(name, 'a', 254);
	EXPECT_EQ(-EINVAL, write_row(ctx, NLM_F_CREATE, "a", key_str(name),
				     INT("n", 1)));
	EXPECT_STREQ("row 1: domain is longer than 253 bytes, byte 254",
		     ctx->error);

	EXPECT_EQ(0, delete_row(ctx, "a", key_str("WWW.EXAMPLE.COM")));
	EXPECT_STREQ("", dump_rows(ctx, "a"));
}

/*
 * Rows
 */

TEST_F(nfnetlink_dict, row_new_needs_row)
{
	struct ctx *ctx = &self->ctx;

	EXPECT_EQ(-ENOENT, write_row(ctx, 0, "a", KEY_INT(1), INT("n", 1)));
	EXPECT_STREQ("table does not exist", ctx->error);
	EXPECT_STREQ("", dump_tables(ctx));

	EXPECT_EQ(0, new_table(ctx, "a", 0, 0));
	EXPECT_EQ(-ENOENT, write_row(ctx, 0, "a", KEY_INT(1), INT("n", 1)));
	EXPECT_STREQ("row 1: does not exist", ctx->error);
	EXPECT_EQ(NFDICTA_ROW, ctx->attr);
	EXPECT_STREQ("", dump_rows(ctx, "a"));
}

TEST_F(nfnetlink_dict, row_new_create)
{
	struct ctx *ctx = &self->ctx;

	EXPECT_EQ(0, write_row(ctx, NLM_F_CREATE, "a", KEY_INT(1), INT("n", 1),
			       str("s", "x")));
	EXPECT_STREQ("row a int:1 n=1 s=\"x\"\n", dump_rows(ctx, "a"));

	/* The row exists: fields in the request are set, others stay. */
	EXPECT_EQ(0, write_row(ctx, NLM_F_CREATE, "a", KEY_INT(1),
			       str("s", "y"), BOOL("b", 1)));
	EXPECT_STREQ("row a int:1 n=1 s=\"y\" b=true\n", dump_rows(ctx, "a"));
	EXPECT_EQ(0, write_row(ctx, 0, "a", KEY_INT(1), INT("n", 2)));
	EXPECT_STREQ("row a int:1 n=2 s=\"y\" b=true\n", dump_rows(ctx, "a"));

	/* Types may change. */
	EXPECT_EQ(0, write_row(ctx, 0, "a", KEY_INT(1), str("n", "two")));
	EXPECT_STREQ("row a int:1 n=\"two\" s=\"y\" b=true\n",
		     dump_rows(ctx, "a"));
}

TEST_F(nfnetlink_dict, row_new_excl)
{
	struct ctx *ctx = &self->ctx;

	EXPECT_EQ(0, write_row(ctx, NLM_F_CREATE | NLM_F_EXCL, "a", KEY_INT(1),
			       INT("n", 1)));
	EXPECT_EQ(-EEXIST, write_row(ctx, NLM_F_CREATE | NLM_F_EXCL, "a",
				     KEY_INT(1), INT("n", 2)));
	EXPECT_STREQ("row 1: exists already", ctx->error);
	EXPECT_EQ(NFDICTA_ROW, ctx->attr);
	EXPECT_STREQ("row a int:1 n=1\n", dump_rows(ctx, "a"));
}

TEST_F(nfnetlink_dict, row_new_replace)
{
	struct ctx *ctx = &self->ctx;

	EXPECT_EQ(0, new_table(ctx, "a", 0, 0));
	EXPECT_EQ(-ENOENT, write_row(ctx, NLM_F_REPLACE, "a", KEY_INT(1),
				     INT("n", 1)));
	EXPECT_EQ(0, write_row(ctx, NLM_F_CREATE | NLM_F_REPLACE, "a",
			       KEY_INT(1), INT("n", 1), INT("m", 2)));
	EXPECT_EQ(0, write_row(ctx, NLM_F_REPLACE, "a", KEY_INT(1),
			       INT("o", 3)));
	EXPECT_STREQ("row a int:1 o=3\n", dump_rows(ctx, "a"));
}

/* NFDICT_FIELD_OP_ADD and _SUB of members. */
TEST_F(nfnetlink_dict, row_lists)
{
	struct ctx *ctx = &self->ctx;
	struct ctx *c = other();

	EXPECT_EQ(0, new_table(ctx, "a", 0, 0));
	EXPECT_EQ(-ENOENT, write_row(ctx, 0, "a", KEY_INT(1),
				     ADD(list("g", "a"))));
	EXPECT_STREQ("row 1: row or field does not exist", ctx->error);
	EXPECT_EQ(0, write_row(ctx, NLM_F_CREATE, "a", KEY_INT(1),
			       ADD(list("g", "c,a,c"))));
	EXPECT_STREQ("row a int:1 g=[a,c]\n", dump_rows(ctx, "a"));

	/* One field in place, several in one step; events have the result. */
	ASSERT_EQ(0, listen_to(c));
	EXPECT_EQ(0, write_row(ctx, 0, "a", KEY_INT(1), ADD(list("g", "b"))));
	EXPECT_STREQ("row a int:1 g=[a,b,c]\n", events(c));
	EXPECT_EQ(0, write_row(ctx, 0, "a", KEY_INT(1), SUB(list("g", "a,x")),
			       ADD(list("h", "h")), INT("n", 1)));
	EXPECT_STREQ("row a int:1 g=[b,c] h=[h] n=1\n", events(c));
	EXPECT_EQ(0, write_row(ctx, 0, "a", KEY_INT(1), list("h", "")));
	EXPECT_STREQ("row a int:1 h=[]\n", events(c));

	EXPECT_EQ(-EINVAL, write_row(ctx, 0, "a", KEY_INT(1),
				     ADD(list("n", "x"))));
	EXPECT_STREQ("row 1: field is not a list", ctx->error);
	EXPECT_EQ(-ENOENT, write_row(ctx, 0, "a", KEY_INT(1), list("h", "z"),
				     SUB(list("i", "x"))));
	EXPECT_EQ(-EINVAL, write_row(ctx, NLM_F_CREATE | NLM_F_EXCL, "a",
				     KEY_INT(2), ADD(list("g", "x"))));
	EXPECT_STREQ("row 1: adding members and removing them does not replace",
		     ctx->error);
	EXPECT_STREQ("row a int:1 g=[b,c] h=[] n=1\n", dump_rows(ctx, "a"));
	EXPECT_STREQ("", events(c));
}

TEST_F(nfnetlink_dict, row_add)
{
	struct ctx *ctx = &self->ctx;
	struct ctx *c = other();

	EXPECT_EQ(0, new_table(ctx, "a", 0, 0));
	EXPECT_EQ(-ENOENT, write_row(ctx, 0, "a", KEY_INT(1),
				     ADD(INT("n", 1))));
	EXPECT_STREQ("row 1: row or field does not exist", ctx->error);
	EXPECT_EQ(0, write_row(ctx, NLM_F_CREATE, "a", KEY_INT(1), INT("n", 10),
			       INT64("m", 1000000000000), str("s", "x")));
	EXPECT_EQ(-ENOENT, write_row(ctx, 0, "a", KEY_INT(1), INT("n", 5),
				     ADD(INT("o", 1))));
	EXPECT_EQ(-EINVAL, write_row(ctx, 0, "a", KEY_INT(1), INT("n", 5),
				     SUB(INT("s", 1))));
	EXPECT_STREQ("row 1: field is not a number", ctx->error);
	EXPECT_STREQ("row a int:1 n=10 m=1000000000000L s=\"x\"\n",
		     dump_rows(ctx, "a"));

	/* One field in place, several in one step; events have the result. */
	ASSERT_EQ(0, listen_to(c));
	EXPECT_EQ(0, write_row(ctx, 0, "a", KEY_INT(1), ADD(INT("n", 5))));
	EXPECT_STREQ("row a int:1 n=15\n", events(c));
	EXPECT_EQ(0, write_row(ctx, 0, "a", KEY_INT(1), ADD(INT("n", -20)),
			       SUB(INT("m", 1)), str("s", "y")));
	EXPECT_STREQ("row a int:1 n=-5 m=999999999999L s=\"y\"\n", events(c));

	/* The operand may have either type; the field's type limits the sum. */
	EXPECT_EQ(0, write_row(ctx, 0, "a", KEY_INT(1),
			       SUB(INT64("n", INT64_MIN))));
	EXPECT_EQ(0, write_row(ctx, 0, "a", KEY_INT(1),
			       SUB(INT64("m", INT64_MAX)), INT("t", 1)));
	EXPECT_EQ(0, write_row(ctx, 0, "a", KEY_INT(1),
			       SUB(INT64("m", INT64_MAX))));
	EXPECT_STREQ("row a int:1 n=2147483647 m=-9223372036854775808L s=\"y\" t=1\n",
		     dump_rows(ctx, "a"));
	free_ctx(c);
}

static int count_char(const char *s, char c)
{
	int n = 0;

	for (; *s; s++)
		n += *s == c;

	return n;
}

TEST_F(nfnetlink_dict, row_types)
{
	struct ctx *ctx = &self->ctx;
	static const char * const want[] = {
		"row a int:1 t=true ",
		" f=false ",
		" min=-2147483648 ",
		" max=2147483647 ",
		" min64=-9223372036854775808L ",
		" max64=9223372036854775807L ",
		" neg=-1L ",
		" ip=ipv4:c0000201 ",
		" ip6=ipv6:20010db8000000000000000000000001 ",
		" mac=ether:002000aabbcc ",
		" s=\"NETFLIX\" ",
		" empty=\"\"\n",
	};
	char string[4096];
	unsigned int i;

	memset(string, 's', 4095);
	string[4095] = '\0';

	EXPECT_EQ(0, write_row(ctx, NLM_F_CREATE, "a", KEY_INT(1),
			       BOOL("t", 1), BOOL("f", 0),
			       INT("min", INT32_MIN), INT("max", INT32_MAX),
			       INT64("min64", INT64_MIN),
			       INT64("max64", INT64_MAX), INT64("neg", -1),
			       DATA("ip", IPV4_ADDR, "\300\0\2\1"),
			       DATA("ip6", IPV6_ADDR,
				    " \1\r\270\0\0\0\0\0\0\0\0\0\0\0\1"),
			       DATA("mac", ETHER_ADDR, "\0 \0\252\273\314"),
			       str("s", "NETFLIX"), str("empty", "")));
	dump_rows(ctx, "a");
	for (i = 0; i < MNL_ARRAY_SIZE(want); i++)
		EXPECT_NE(NULL, strstr(ctx->text, want[i]));
	EXPECT_EQ(12, count_char(ctx->text, '='));

	EXPECT_EQ(0, write_row(ctx, NLM_F_CREATE, "b", KEY_INT(1),
			       str("s", string)));
	EXPECT_EQ(0, read_row(ctx, "b", KEY_INT(1)));
	EXPECT_NE(NULL, strstr(ctx->text, string));

	/* A trailing NUL is not part of a string. */
	EXPECT_EQ(0, write_row(ctx, NLM_F_CREATE, "c", KEY_INT(1),
			       DATA("s", LONG_STRING, "x\0")));
	EXPECT_EQ(0, read_row(ctx, "c", KEY_INT(1)));
	EXPECT_STREQ("row c int:1 s=\"x\"\n", ctx->text);
}

#define RAW_16		"0123456789abcdef"
#define RAW_16_HEX	"30313233343536373839616263646566"

TEST_F(nfnetlink_dict, row_keys)
{
	struct ctx *ctx = &self->ctx;
	const struct dict_key keys[] = {
		KEY_INT(0),
		KEY_INT(UINT64_MAX),
		KEY_DATA(IPV4, "\300\0\2\1"),
		KEY_DATA(IPV6, " \1\r\270\0\0\0\0\0\0\0\0\0\0\0\1"),
		KEY_DATA(ETHER, "\0 \0\252\273\314"),
		key_str("user123"),
		KEY_DATA(RAW, "\0"),
		KEY_DATA(RAW, "\300\0\2\1"),
		KEY_DATA(RAW, RAW_16 RAW_16 RAW_16 RAW_16),
	};
	unsigned int i;

	for (i = 0; i < MNL_ARRAY_SIZE(keys); i++)
		EXPECT_EQ(0, write_row(ctx, NLM_F_CREATE | NLM_F_EXCL, "a",
				       keys[i], INT("n", i)));
	EXPECT_STREQ("row a ether:002000aabbcc n=4\n"
		     "row a int:0 n=0\n"
		     "row a int:18446744073709551615 n=1\n"
		     "row a ipv4:c0000201 n=2\n"
		     "row a ipv6:20010db8000000000000000000000001 n=3\n"
		     "row a raw:00 n=6\n"
		     "row a raw:"
		     RAW_16_HEX RAW_16_HEX RAW_16_HEX RAW_16_HEX " n=8\n"
		     "row a raw:c0000201 n=7\n"
		     "row a string:user123 n=5\n",
		     dump_rows(ctx, "a"));
	for (i = 0; i < MNL_ARRAY_SIZE(keys); i++)
		EXPECT_EQ(0, read_row(ctx, "a", keys[i]));
}

/* The maximum number of fields, and one more. */
TEST_F(nfnetlink_dict, row_255_fields)
{
	struct ctx *ctx = &self->ctx;
	struct dict_field fields[256] = {};
	char names[255][8];
	int i;

	for (i = 0; i < 255; i++) {
		sprintf(names[i], "f%d", i);
		fields[i] = INT(names[i], i);
	}
	EXPECT_EQ(0, write_row_array(ctx, NLM_F_CREATE, "a", KEY_INT(1),
				     fields));
	EXPECT_EQ(0, write_row_array(ctx, NLM_F_CREATE, "a", KEY_INT(1),
				     fields));
	EXPECT_EQ(-E2BIG, write_row(ctx, 0, "a", KEY_INT(1), INT("more", 1)));
	EXPECT_STREQ("row 1: the row would have more than 255 fields",
		     ctx->error);
	EXPECT_EQ(0, read_row(ctx, "a", KEY_INT(1)));
	EXPECT_NE(NULL, strstr(ctx->text, " f254=254\n"));
}

static unsigned int count_string(const char *text, const char *s)
{
	unsigned int n = 0;

	while ((text = strstr(text, s))) {
		text += strlen(s);
		n++;
	}

	return n;
}

/*
 * Writes a row of 255 fields with the longest names and strings of @len bytes,
 * in as many messages as needed.
 */
static int write_great_row(struct ctx *c, unsigned int len)
{
	struct dict_field fields[256] = {};
	static char names[255][129], strings[255][4096];
	unsigned int fit = 60000 / (len + 150), i, n;
	struct dict_field end;
	int ret;

	for (i = 0; i < 255; i++) {
		sprintf(names[i], "%0128u", i);
		sprintf(strings[i], "%0*u", len, 1000 + i);
		fields[i] = str(names[i], strings[i]);
	}

	for (i = 0; i < 255; i += n) {
		n = fit < 255 - i ? fit : 255 - i;
		end = fields[i + n];
		fields[i + n].name = NULL;
		ret = write_row_array(c, NLM_F_CREATE, "a", KEY_INT(1),
				      fields + i);
		if (ret)
			return ret;
		fields[i + n] = end;
	}

	return 0;
}

/* The row is larger than an attribute can be, so it is dumped in @parts. */
static void read_great_row(struct __test_metadata *_metadata, struct ctx *ctx,
			   unsigned int len, unsigned int parts)
{
	char want[4400];
	unsigned int i, n;

	for (i = 0; i < 2; i++) {
		EXPECT_EQ(0, i ? read_row(ctx, "a", KEY_INT(1)) :
			     talk(ctx, dump_request(NFDICT_MSG_ROW_GET, "a")));
		EXPECT_EQ(1, ctx->messages);
		EXPECT_GT(ctx->largest, (parts - 1) * 60000);
		EXPECT_LT(ctx->largest, parts * 65536);
		EXPECT_EQ(parts, count_string(ctx->text, " int:1 "));
	}

	for (i = 0, n = 0; i < 255; i++) {
		sprintf(want, " %0128u=\"%0*u\"", i, len, 1000 + i);
		n += count_string(ctx->text, want);
	}
	EXPECT_EQ(255, n);
}

TEST_F(nfnetlink_dict, row_in_two_parts)
{
	struct ctx *ctx = &self->ctx;

	EXPECT_EQ(0, write_great_row(ctx, 128));
	read_great_row(_metadata, ctx, 128, 2);
}

TEST_F(nfnetlink_dict, row_of_the_greatest_size)
{
	struct ctx *ctx = &self->ctx;

	EXPECT_EQ(0, write_great_row(ctx, 4095));
	read_great_row(_metadata, ctx, 4095, 17);
}

/* A thousand rows of ten fields, more than one NFDICTA_ROWS can hold. */
TEST_F(nfnetlink_dict, row_new_many)
{
	struct ctx *ctx = &self->ctx;
	struct nlmsghdr *nlh = request(NFDICT_MSG_ROW_NEW,
				       REQUEST | NLM_F_CREATE);
	struct nlattr *rows;
	int i;

	put_table(nlh, "a");
	rows = rows_start(nlh);
	for (i = 0; i < 1000; i++) {
		if (i % 100 == 99) {
			mnl_attr_nest_end(nlh, rows);
			rows = rows_start(nlh);
		}
		put_row(nlh, KEY_INT(i), INT("session_id", i),
			INT("ip_protocol", 6),
			DATA("client", IPV4_ADDR, "\300\250\1\144"),
			DATA("server", IPV4_ADDR, "\300\0\2\144"),
			INT("client_port", 11223), INT("server_port", 443),
			str("server_country", "US"),
			str("server_cert_cn", "netflix.com"),
			str("application", "NETFLIX"),
			str("username", "user123"));
	}
	mnl_attr_nest_end(nlh, rows);
	EXPECT_GT(nlh->nlmsg_len, 65536 * 4);
	EXPECT_EQ(0, talk(ctx, nlh)) {
		TH_LOG("%s", ctx->error);
	}

	dump_rows(ctx, "a");
	EXPECT_EQ(1000, ctx->messages);
	EXPECT_NE(NULL, strstr(ctx->text,
			       "row a int:998 session_id=998 ip_protocol=6 "));
	EXPECT_EQ(10000, count_char(ctx->text, '='));

	EXPECT_EQ(0, read_row(ctx, "a", KEY_INT(999)));
	EXPECT_NE(NULL, strstr(ctx->text,
			       " client=ipv4:c0a80164 server=ipv4:c0000264 "));
	EXPECT_NE(NULL, strstr(ctx->text,
			       " client_port=11223 server_port=443 "));
	EXPECT_NE(NULL, strstr(ctx->text,
			       " server_cert_cn=\"netflix.com\" "));
	EXPECT_NE(NULL, strstr(ctx->text,
			       " application=\"NETFLIX\" username=\"user123\"\n"));
}

/* The names of fields differ from row to row in all ways. */
TEST_F(nfnetlink_dict, row_new_changing_names)
{
	struct ctx *ctx = &self->ctx;
	struct nlmsghdr *nlh = request(NFDICT_MSG_ROW_NEW,
				       REQUEST | NLM_F_CREATE);

	put_table(nlh, "a");
	put_row(nlh, KEY_INT(1), INT("x", 1), INT("y", 2), INT("z", 3));
	put_row(nlh, KEY_INT(2), INT("x", 1), INT("z", 2));
	put_row(nlh, KEY_INT(3), INT("x", 1), INT("z", 2), INT("y", 3));
	put_row(nlh, KEY_INT(4), INT("y", 1));
	put_row(nlh, KEY_INT(5), INT("y", 1), INT("z", 2), INT("x", 3),
		INT("w", 4));
	EXPECT_EQ(0, talk(ctx, nlh));
	EXPECT_STREQ("row a int:1 x=1 y=2 z=3\n"
		     "row a int:2 x=1 z=2\n"
		     "row a int:3 x=1 z=2 y=3\n"
		     "row a int:4 y=1\n"
		     "row a int:5 y=1 z=2 x=3 w=4\n", dump_rows(ctx, "a"));

	/* A row has a field twice at the place of another field before. */
	nlh = request(NFDICT_MSG_ROW_NEW, REQUEST | NLM_F_CREATE);
	put_table(nlh, "b");
	put_row(nlh, KEY_INT(1), INT("x", 1), INT("y", 2), INT("z", 3));
	put_row(nlh, KEY_INT(2), INT("x", 1), INT("y", 2), INT("x", 3));
	EXPECT_EQ(-EINVAL, talk(ctx, nlh));
	EXPECT_STREQ("row 2: row has a field twice", ctx->error);
}

/* A row that the table refuses ends the request; earlier rows are written. */
TEST_F(nfnetlink_dict, row_new_hundredth_row_refused)
{
	struct ctx *ctx = &self->ctx;
	struct nlmsghdr *nlh;
	struct nlattr *rows;
	int i;

	EXPECT_EQ(0, write_row(ctx, NLM_F_CREATE, "a", KEY_INT(100),
			       INT("n", -1)));

	nlh = request(NFDICT_MSG_ROW_NEW, REQUEST | NLM_F_CREATE | NLM_F_EXCL);
	put_table(nlh, "a");
	rows = rows_start(nlh);
	for (i = 1; i <= 200; i++)
		put_row(nlh, KEY_INT(i), INT("n", i), INT("m", i));
	mnl_attr_nest_end(nlh, rows);
	EXPECT_EQ(-EEXIST, talk(ctx, nlh));
	EXPECT_STREQ("row 100: exists already", ctx->error);
	EXPECT_EQ(NFDICTA_ROW, ctx->attr);

	dump_rows(ctx, "a");
	EXPECT_EQ(100, ctx->messages);
	EXPECT_NE(NULL, strstr(ctx->text, "row a int:99 n=99 m=99\n"));
	EXPECT_NE(NULL, strstr(ctx->text, "row a int:100 n=-1\n"));
	EXPECT_EQ(NULL, strstr(ctx->text, "row a int:101 "));
}

/* A malformed row is found before any row is written. */
TEST_F(nfnetlink_dict, row_new_hundredth_row_malformed)
{
	struct ctx *ctx = &self->ctx;
	struct nlmsghdr *nlh = request(NFDICT_MSG_ROW_NEW,
				       REQUEST | NLM_F_CREATE);
	struct nlattr *rows;
	int i;

	put_table(nlh, "a");
	rows = rows_start(nlh);
	for (i = 1; i <= 200; i++) {
		if (i == 100)
			put_row(nlh, KEY_INT(i), INT("n", i), BOOL("m", 2));
		else
			put_row(nlh, KEY_INT(i), INT("n", i), INT("m", i));
	}
	mnl_attr_nest_end(nlh, rows);
	EXPECT_EQ(-EINVAL, talk(ctx, nlh));
	EXPECT_STREQ("row 100: truth value is neither 0 nor 1", ctx->error);
	EXPECT_EQ(NFDICTA_FIELD_BOOL, ctx->attr);
	EXPECT_STREQ("", dump_tables(ctx));
}

TEST_F(nfnetlink_dict, row_new_full_table)
{
	struct ctx *ctx = &self->ctx;
	struct nlmsghdr *nlh;

	EXPECT_EQ(0, new_table(ctx, "a", 2, 0));
	nlh = request(NFDICT_MSG_ROW_NEW, REQUEST | NLM_F_CREATE);
	put_table(nlh, "a");
	put_row(nlh, KEY_INT(1), INT("n", 1));
	put_row(nlh, KEY_INT(2), INT("n", 2));
	put_row(nlh, KEY_INT(1), INT("n", 3));
	put_row(nlh, KEY_INT(3), INT("n", 4));
	EXPECT_EQ(-ENFILE, talk(ctx, nlh));
	EXPECT_STREQ("row 4: the table is full", ctx->error);
	EXPECT_STREQ("row a int:1 n=3\nrow a int:2 n=2\n",
		     dump_rows(ctx, "a"));
}

TEST_F(nfnetlink_dict, row_get)
{
	struct ctx *ctx = &self->ctx;
	struct nlmsghdr *nlh;

	EXPECT_EQ(0, write_many(ctx, "a", 10));
	EXPECT_EQ(0, write_row(ctx, NLM_F_CREATE, "a", KEY_INT(3),
			       str("s", "x")));

	EXPECT_EQ(0, read_row(ctx, "a", KEY_INT(3)));
	EXPECT_STREQ("row a int:3 n=3 s=\"x\"\n", ctx->text);

	nlh = request(NFDICT_MSG_ROW_GET, REQUEST);
	put_table(nlh, "a");
	put_row_key(nlh, KEY_INT(5));
	put_row_key(nlh, KEY_INT(3));
	EXPECT_EQ(0, talk(ctx, nlh));
	EXPECT_STREQ("row a int:5 n=5\nrow a int:3 n=3 s=\"x\"\n", ctx->text);

	nlh = request(NFDICT_MSG_ROW_GET, REQUEST);
	put_table(nlh, "a");
	put_row_key(nlh, KEY_INT(3));
	mnl_attr_put_strz(nlh, NFDICTA_FIELD, "s");
	EXPECT_EQ(0, talk(ctx, nlh));
	EXPECT_STREQ("row a int:3 s=\"x\"\n", ctx->text);
}

/* Replies share datagrams of up to a page, unless one row is larger. */
TEST_F(nfnetlink_dict, row_get_many)
{
	struct ctx *ctx = &self->ctx;
	struct dict_field fields[201] = {};
	char names[200][8], string[129];
	struct nlmsghdr *nlh;
	int i;

	sprintf(string, "%0128d", 1);
	for (i = 0; i < 200; i++) {
		sprintf(names[i], "f%d", i);
		fields[i] = str(names[i], string);
	}
	EXPECT_EQ(0, write_many(ctx, "a", 1000));
	read_pages(ctx);
	nlh = request(NFDICT_MSG_ROW_GET, REQUEST);
	put_table(nlh, "a");
	for (i = 0; i < 1000; i++)
		put_row_key(nlh, KEY_INT(i));
	EXPECT_EQ(0, talk(ctx, nlh));
	EXPECT_EQ(1000, ctx->messages);
	EXPECT_GT(ctx->datagrams, 1);
	EXPECT_LT(ctx->datagrams, 50);

	/* A large row among small ones. */
	EXPECT_EQ(0, write_row_array(ctx, NLM_F_CREATE, "a", KEY_INT(1000),
				     fields));
	ctx->bufsize = MSG_MAX;
	nlh = request(NFDICT_MSG_ROW_GET, REQUEST);
	put_table(nlh, "a");
	for (i = 999; i < 1001; i++)
		put_row_key(nlh, KEY_INT(i));
	put_row_key(nlh, KEY_INT(0));
	EXPECT_EQ(0, talk(ctx, nlh));
	EXPECT_EQ(3, ctx->messages);
	EXPECT_GT(ctx->largest, 20000);
	EXPECT_EQ(0, strncmp(ctx->text, "row a int:999 n=999\nrow a int:1000 f0=", 38));
	EXPECT_NE(NULL, strstr(ctx->text, "\nrow a int:0 n=0\n"));
}

TEST_F(nfnetlink_dict, row_get_missing)
{
	struct ctx *ctx = &self->ctx;
	struct nlmsghdr *nlh;

	EXPECT_EQ(-ENOENT, read_row(ctx, "a", KEY_INT(3)));
	EXPECT_STREQ("table does not exist", ctx->error);
	EXPECT_EQ(0, write_many(ctx, "a", 10));

	/* The string "3" is not the number 3. */
	EXPECT_EQ(-ENOENT, read_row(ctx, "a", key_str("3")));
	EXPECT_STREQ("row 1: does not exist", ctx->error);
	EXPECT_EQ(NFDICTA_ROW, ctx->attr);

	/* Returns all rows or none. */
	nlh = request(NFDICT_MSG_ROW_GET, REQUEST);
	put_table(nlh, "a");
	put_row_key(nlh, KEY_INT(3));
	put_row_key(nlh, KEY_INT(10));
	EXPECT_EQ(-ENOENT, talk(ctx, nlh));
	EXPECT_STREQ("row 2: does not exist", ctx->error);
	EXPECT_EQ(0, ctx->messages);

	nlh = request(NFDICT_MSG_ROW_GET, REQUEST);
	put_table(nlh, "a");
	put_row_key(nlh, KEY_INT(3));
	mnl_attr_put_strz(nlh, NFDICTA_FIELD, "unknown");
	EXPECT_EQ(-ENOENT, talk(ctx, nlh));
	EXPECT_STREQ("field does not exist", ctx->error);
	EXPECT_EQ(NFDICTA_FIELD, ctx->attr);

	EXPECT_EQ(0, write_row(ctx, NLM_F_CREATE, "b", KEY_INT(3),
			       str("s", "x")));
	nlh = request(NFDICT_MSG_ROW_GET, REQUEST);
	put_table(nlh, "a");
	put_row_key(nlh, KEY_INT(3));
	mnl_attr_put_strz(nlh, NFDICTA_FIELD, "s");
	EXPECT_EQ(-ENOENT, talk(ctx, nlh));
	EXPECT_STREQ("row 1: field does not exist", ctx->error);
}

TEST_F(nfnetlink_dict, row_del)
{
	struct ctx *ctx = &self->ctx;
	struct nlmsghdr *nlh;

	EXPECT_EQ(0, write_many(ctx, "a", 5));
	EXPECT_EQ(0, delete_row(ctx, "a", KEY_INT(1)));
	EXPECT_EQ(-ENOENT, delete_row(ctx, "a", KEY_INT(1)));
	EXPECT_STREQ("row 1: does not exist", ctx->error);
	EXPECT_EQ(-ENOENT, delete_row(ctx, "b", KEY_INT(1)));
	EXPECT_STREQ("table does not exist", ctx->error);

	nlh = request(NFDICT_MSG_ROW_DEL, REQUEST);
	put_table(nlh, "a");
	put_row_key(nlh, KEY_INT(2));
	put_row_key(nlh, KEY_INT(7));
	put_row_key(nlh, KEY_INT(3));
	EXPECT_EQ(-ENOENT, talk(ctx, nlh));
	EXPECT_STREQ("row 2: does not exist", ctx->error);
	EXPECT_STREQ("row a int:0 n=0\nrow a int:3 n=3\nrow a int:4 n=4\n",
		     dump_rows(ctx, "a"));
}

TEST_F(nfnetlink_dict, row_del_fields)
{
	struct ctx *ctx = &self->ctx;

	EXPECT_EQ(0, write_row(ctx, NLM_F_CREATE, "a", KEY_INT(1), INT("x", 1),
			       str("y", "s"), INT("z", 3)));
	EXPECT_EQ(0, delete_fields(ctx, "a", KEY_INT(1), NAME("y")));
	EXPECT_STREQ("row a int:1 x=1 z=3\n", dump_rows(ctx, "a"));

	/* Deletes all of the fields or none. */
	EXPECT_EQ(0, write_row(ctx, NLM_F_CREATE, "b", KEY_INT(1),
			       INT("w", 1)));
	EXPECT_EQ(-ENOENT, delete_fields(ctx, "a", KEY_INT(1), NAME("x"),
					 NAME("w")));
	EXPECT_STREQ("row 1: row or field does not exist", ctx->error);
	EXPECT_EQ(NFDICTA_ROW, ctx->attr);
	EXPECT_EQ(-ENOENT, delete_fields(ctx, "a", KEY_INT(1), NAME("x"),
					 NAME("unknown")));
	EXPECT_STREQ("row 1: field does not exist", ctx->error);
	EXPECT_EQ(NFDICTA_FIELD_NAME, ctx->attr);
	EXPECT_EQ(-ENOENT, delete_fields(ctx, "a", KEY_INT(2), NAME("x")));
	EXPECT_STREQ("row a int:1 x=1 z=3\n", dump_rows(ctx, "a"));

	/* A row is deleted with its last field. */
	EXPECT_EQ(0, delete_fields(ctx, "a", KEY_INT(1), NAME("z"),
				   NAME("x")));
	EXPECT_STREQ("", dump_rows(ctx, "a"));
}

static int write_with_timeout(struct ctx *c, const char *table, uint64_t key,
			      uint64_t timeout)
{
	struct nlmsghdr *nlh = request(NFDICT_MSG_ROW_NEW,
				       REQUEST | NLM_F_CREATE);
	struct nlattr *row;

	put_table(nlh, table);
	row = row_start(nlh);
	put_key(nlh, KEY_INT(key));
	put_be64(nlh, NFDICTA_ROW_TIMEOUT, timeout);
	put_fields(nlh, (const struct dict_field[]){ INT("n", key), END });
	mnl_attr_nest_end(nlh, row);

	return talk(c, nlh);
}

TEST_F(nfnetlink_dict, row_timeout)
{
	struct ctx *ctx = &self->ctx;
	unsigned int brief = 100 * slowness();
	char text[64];
	int i;

	EXPECT_EQ(0, new_table(ctx, "a", 0, 100000));
	EXPECT_EQ(0, write_row(ctx, NLM_F_CREATE, "a", KEY_INT(1),
			       INT("n", 1)));
	EXPECT_EQ(0, write_with_timeout(ctx, "a", 2, 0));
	EXPECT_EQ(0, write_with_timeout(ctx, "a", 3, 0xffffffff));
	EXPECT_STREQ("row a int:1 timeout 100000 expires well n=1\n"
		     "row a int:2 n=2\n"
		     "row a int:3 timeout 4294967295 expires well n=3\n",
		     dump_rows(ctx, "a"));
	EXPECT_EQ(0, write_with_timeout(ctx, "a", 4, brief));
	EXPECT_EQ(0, read_row(ctx, "a", KEY_INT(4)));
	snprintf(text, sizeof(text),
		 "row a int:4 timeout %u expires well n=4\n", brief);
	EXPECT_STREQ(text, ctx->text);

	/* An existing row keeps its timeout. */
	EXPECT_EQ(0, write_row(ctx, 0, "a", KEY_INT(2), INT("n", 5)));
	EXPECT_EQ(0, write_row(ctx, 0, "a", KEY_INT(3), INT("n", 6)));
	for (i = 0; i < 1000; i++) {
		if (read_row(ctx, "a", KEY_INT(4)))
			break;
		usleep(10000);
	}
	EXPECT_STREQ("row a int:1 timeout 100000 expires well n=1\n"
		     "row a int:2 n=5\n"
		     "row a int:3 timeout 4294967295 expires well n=6\n",
		     dump_rows(ctx, "a"));
	EXPECT_EQ(-ENOENT, read_row(ctx, "a", KEY_INT(4)));
	EXPECT_EQ(-ENOENT, write_row(ctx, 0, "a", KEY_INT(4), INT("n", 1)));
	EXPECT_EQ(-ENOENT, delete_row(ctx, "a", KEY_INT(4)));
}

/*
 * Dumps
 */

static struct nlmsghdr *filtered(const char *table, const struct dict_key *key,
				 const char *field)
{
	struct nlmsghdr *nlh = dump_request(NFDICT_MSG_ROW_GET, table);

	if (key)
		put_key_as(nlh, NFDICTA_KEY, *key);
	if (field)
		mnl_attr_put_strz(nlh, NFDICTA_FIELD, field);

	return nlh;
}

TEST_F(nfnetlink_dict, dump_filters)
{
	struct ctx *ctx = &self->ctx;
	struct dict_key one = KEY_INT(1), nine = KEY_INT(9), text = key_str("1");

	EXPECT_EQ(0, write_row(ctx, NLM_F_CREATE, "a", KEY_INT(1), INT("x", 1),
			       INT("y", 2)));
	EXPECT_EQ(0, write_row(ctx, NLM_F_CREATE, "a", KEY_INT(2),
			       INT("y", 3)));
	EXPECT_EQ(0, write_row(ctx, NLM_F_CREATE, "b", KEY_INT(1),
			       INT("x", 4)));
	EXPECT_EQ(0, new_table(ctx, "empty", 0, 0));

	EXPECT_STREQ("row a int:1 x=1 y=2\nrow a int:2 y=3\nrow b int:1 x=4\n",
		     dump_rows(ctx, NULL));
	EXPECT_STREQ("row b int:1 x=4\n", dump_rows(ctx, "b"));
	EXPECT_STREQ("", dump_rows(ctx, "empty"));

	EXPECT_EQ(0, talk(ctx, filtered(NULL, &one, NULL)));
	EXPECT_STREQ("row a int:1 x=1 y=2\nrow b int:1 x=4\n", ctx->text);
	EXPECT_EQ(0, talk(ctx, filtered("a", &one, NULL)));
	EXPECT_STREQ("row a int:1 x=1 y=2\n", ctx->text);
	EXPECT_EQ(0, talk(ctx, filtered("a", &nine, NULL)));
	EXPECT_STREQ("", ctx->text);
	EXPECT_EQ(0, talk(ctx, filtered("a", &text, NULL)));
	EXPECT_STREQ("", ctx->text);

	EXPECT_EQ(0, talk(ctx, filtered(NULL, NULL, "x")));
	EXPECT_STREQ("row a int:1 x=1\nrow b int:1 x=4\n", sorted(ctx));
	EXPECT_EQ(0, talk(ctx, filtered("a", NULL, "y")));
	EXPECT_STREQ("row a int:1 y=2\nrow a int:2 y=3\n", sorted(ctx));
	EXPECT_EQ(0, talk(ctx, filtered("a", &one, "y")));
	EXPECT_STREQ("row a int:1 y=2\n", ctx->text);
	EXPECT_EQ(0, talk(ctx, filtered("b", &one, "y")));
	EXPECT_STREQ("", ctx->text);
	EXPECT_EQ(0, talk(ctx, filtered(NULL, NULL, "unknown")));
	EXPECT_STREQ("", ctx->text);

	EXPECT_EQ(-ENOENT, talk(ctx, filtered("c", NULL, NULL)));
	EXPECT_STREQ("table does not exist", ctx->error);
	EXPECT_EQ(NFDICTA_TABLE, ctx->attr);
}

/* Number of rows from @from to @to, of write_many(), that were dumped once. */
static unsigned int count_once(struct ctx *c, const char *table, unsigned int from,
			       unsigned int to)
{
	unsigned char *seen = calloc(to, 1);
	unsigned int i, once = 0;
	char start[32];
	const char *p;
	int len;

	len = sprintf(start, "row %s int:", table);
	for (p = c->text; (p = strstr(p, start)); p += len) {
		unsigned long key = strtoul(p + len, NULL, 10);

		if (key < to && seen[key] < 2)
			seen[key]++;
	}
	for (i = from; i < to; i++)
		once += seen[i] == 1;
	free(seen);

	return once;
}

TEST_F(nfnetlink_dict, dump_many)
{
	struct ctx *ctx = &self->ctx;
	unsigned int n = many(10000);

	EXPECT_EQ(0, write_many(ctx, "a", n));
	EXPECT_EQ(0, write_many(ctx, "b", 100));

	read_pages(ctx);
	EXPECT_EQ(0, talk(ctx, dump_request(NFDICT_MSG_ROW_GET, NULL)));
	EXPECT_EQ(n + 100, ctx->messages);
	EXPECT_FALSE(ctx->interrupted);
	EXPECT_EQ(n, count_once(ctx, "a", 0, n));

	/* With a filter that few rows match. */
	EXPECT_EQ(0, write_row(ctx, 0, "a", KEY_INT(1234), INT("x", 1)));
	EXPECT_EQ(0, talk(ctx, filtered("a", NULL, "x")));
	EXPECT_STREQ("row a int:1234 x=1\n", ctx->text);
}

/* Small and large rows, with a buffer that just fits the large ones. */
TEST_F(nfnetlink_dict, dump_large_rows)
{
	struct ctx *ctx = &self->ctx;
	struct dict_field fields[256] = {};
	char names[255][101], string[129];
	int i, j;

	memset(string, 's', 128);
	string[128] = '\0';
	for (i = 0; i < 255; i++) {
		sprintf(names[i], "%0100d", i);
		fields[i] = str(names[i], string);
	}

	for (j = 0; j < 100; j++) {
		if (j % 20 == 7) {
			EXPECT_EQ(0, write_row_array(ctx, NLM_F_CREATE, "a",
						     KEY_INT(j), fields));
		} else {
			EXPECT_EQ(0, write_row(ctx, NLM_F_CREATE, "a",
					       KEY_INT(j), INT("n", j)));
		}
	}

	read_pages(ctx);
	ctx->bufsize = 65536;
	EXPECT_EQ(0, talk(ctx, dump_request(NFDICT_MSG_ROW_GET, "a")));
	EXPECT_EQ(100, ctx->messages);
	EXPECT_GT(ctx->largest, 60000);
	EXPECT_EQ(100, count_once(ctx, "a", 0, 100));
}

/* Starts a dump, calls @fn in the middle of it, and receives the rest. */
static int dump_during(struct ctx *c, struct nlmsghdr *nlh,
		       void (*fn)(struct ctx *c, struct ctx *during))
{
	struct ctx *during = other();
	int ret;

	read_pages(c);
	ret = transmit(c, nlh);
	if (!ret)
		ret = receive(c);
	if (ret == 1) {
		fn(during, c);
		do {
			ret = receive(c);
		} while (ret == 1);
	}
	free_ctx(during);

	return ret;
}

static void nothing(struct ctx *c, struct ctx *during)
{
}

static void change_values(struct ctx *c, struct ctx *during)
{
	write_many(c, "a", 1000);
}

static void flush_table(struct ctx *c, struct ctx *during)
{
	table_request(c, NFDICT_MSG_TABLE_FLUSH, "a");
}

static void swap_tables(struct ctx *c, struct ctx *during)
{
	new_table(c, "b", 0, 0);
	swap(c, "a", "b");
}

static void grow_table(struct ctx *c, struct ctx *during)
{
	write_many(c, "a", many(20000));
}

static void add_table(struct ctx *c, struct ctx *during)
{
	new_table(c, "new", 0, 0);
}

static void delete_table(struct ctx *c, struct ctx *during)
{
	table_request(c, NFDICT_MSG_TABLE_DEL, "table-1");
}

static void replace_table(struct ctx *c, struct ctx *during)
{
	table_request(c, NFDICT_MSG_TABLE_DEL, "table-999");
	new_table(c, "new", 0, 0);
}

static void delete_rows(struct ctx *c, struct ctx *during)
{
	int i;

	for (i = 0; i < 900; i++)
		delete_row(c, "a", KEY_INT(i));
}

TEST_F(nfnetlink_dict, dump_undisturbed)
{
	struct ctx *ctx = &self->ctx;

	EXPECT_EQ(0, write_many(ctx, "a", 1000));
	EXPECT_EQ(0, dump_during(ctx, dump_request(NFDICT_MSG_ROW_GET, NULL),
				 nothing));
	EXPECT_EQ(1000, ctx->messages);
	EXPECT_FALSE(ctx->interrupted);
	EXPECT_EQ(0, dump_during(ctx, dump_request(NFDICT_MSG_ROW_GET, "a"),
				 change_values));
	EXPECT_EQ(1000, ctx->messages);
	EXPECT_FALSE(ctx->interrupted);
}

TEST_F(nfnetlink_dict, dump_flushed)
{
	struct ctx *ctx = &self->ctx;

	EXPECT_EQ(0, write_many(ctx, "a", 1000));
	EXPECT_EQ(0, dump_during(ctx, dump_request(NFDICT_MSG_ROW_GET, "a"),
				 flush_table));
	EXPECT_TRUE(ctx->interrupted);
}

TEST_F(nfnetlink_dict, dump_swapped)
{
	struct ctx *ctx = &self->ctx;

	EXPECT_EQ(0, write_many(ctx, "a", 1000));
	EXPECT_EQ(0, dump_during(ctx, dump_request(NFDICT_MSG_ROW_GET, "a"),
				 swap_tables));
	EXPECT_TRUE(ctx->interrupted);
}

TEST_F(nfnetlink_dict, dump_resized)
{
	struct ctx *ctx = &self->ctx;

	EXPECT_EQ(0, write_many(ctx, "a", 1000));
	EXPECT_EQ(0, dump_during(ctx, dump_request(NFDICT_MSG_ROW_GET, "a"),
				 grow_table));
	/* Rows added meanwhile may be dumped, but none twice. */
	EXPECT_FALSE(ctx->interrupted);
	EXPECT_EQ(1000, count_once(ctx, "a", 0, 1000));
	EXPECT_EQ(ctx->messages, count_once(ctx, "a", 0, many(20000)));
}

TEST_F(nfnetlink_dict, dump_shrinking)
{
	struct ctx *ctx = &self->ctx;

	EXPECT_EQ(0, write_many(ctx, "a", 1000));
	EXPECT_EQ(0, dump_during(ctx, dump_request(NFDICT_MSG_ROW_GET, "a"),
				 delete_rows));
	EXPECT_FALSE(ctx->interrupted);
	EXPECT_EQ(100, count_once(ctx, "a", 900, 1000));
}

TEST_F(nfnetlink_dict, dump_tables_come_and_go)
{
	static void (* const change[])(struct ctx *c, struct ctx *during) = {
		nothing, delete_table, replace_table, add_table,
	};
	struct ctx *ctx = &self->ctx;
	char name[16];
	unsigned int i;

	for (i = 0; i < 1000; i++) {
		sprintf(name, "table-%d", i);
		ASSERT_EQ(0, new_table(ctx, name, 0, 0));
	}

	for (i = 0; i < MNL_ARRAY_SIZE(change); i++) {
		EXPECT_EQ(0, dump_during(ctx,
					 dump_request(NFDICT_MSG_TABLE_GET,
						      NULL), change[i]));
		EXPECT_EQ(i > 0, ctx->interrupted) {
			TH_LOG("change %u", i);
		}
		if (i == 2) {
			EXPECT_EQ(0, table_request(ctx, NFDICT_MSG_TABLE_DEL,
						   "new"));
		}
	}
}

/* A dump of a table that is deleted meanwhile returns all of its rows. */
TEST_F(nfnetlink_dict, dump_deleted_table)
{
	struct ctx *ctx = &self->ctx;

	EXPECT_EQ(0, write_many(ctx, "table-1", 1000));
	EXPECT_EQ(0, dump_during(ctx,
				 dump_request(NFDICT_MSG_ROW_GET, "table-1"),
				 delete_table));
	EXPECT_STREQ("", dump_tables(ctx));
	EXPECT_EQ(0, write_many(ctx, "table-1", 1000));
	EXPECT_EQ(0, dump_during(ctx, dump_request(NFDICT_MSG_ROW_GET, NULL),
				 delete_table));
	EXPECT_TRUE(ctx->interrupted);
	EXPECT_EQ(1000, count_once(ctx, "table-1", 0, 1000));
}

/* An abandoned dump holds no reference. */
TEST_F(nfnetlink_dict, dump_abandoned)
{
	struct ctx *ctx = &self->ctx;
	struct ctx *c = other();

	EXPECT_EQ(0, write_many(ctx, "a", 1000));
	read_pages(c);
	EXPECT_EQ(0, transmit(c, dump_request(NFDICT_MSG_ROW_GET, NULL)));
	EXPECT_EQ(1, receive(c));
	free_ctx(c);
	EXPECT_EQ(0, table_request(ctx, NFDICT_MSG_TABLE_DEL, "a"));
	EXPECT_STREQ("", dump_tables(ctx));
}

/*
 * Refusals: the expected error, attribute and message, followed by a function
 * body that makes the request, or the refused part of it. No table may have
 * been created.
 */

#define REFUSAL(test, message, ret, type, reason)			       \
static void refuse_##test(struct nlmsghdr *nlh);			       \
TEST_F(nfnetlink_dict, refuse_##test)					       \
{									       \
	struct ctx *ctx = &self->ctx;					       \
	struct nlmsghdr *nlh = request(NFDICT_MSG_##message,		       \
				       REQUEST | NLM_F_CREATE);		       \
									       \
	refuse_##test(nlh);						       \
	EXPECT_EQ(-(ret), talk(ctx, nlh));				       \
	EXPECT_STREQ(reason, ctx->error);				       \
	EXPECT_EQ(type, ctx->attr);					       \
	EXPECT_STREQ("", dump_tables(ctx));				       \
}									       \
static void refuse_##test(struct nlmsghdr *nlh)

/* The body fills the second row of a message. */
#define REFUSED_ROW(test, message, ret, type, reason)			       \
static void row_##test(struct nlmsghdr *nlh);				       \
REFUSAL(test, message, ret, type, "row 2: " reason)			       \
{									       \
	struct nlattr *row;						       \
									       \
	put_table(nlh, "t");						       \
	put_row(nlh, KEY_INT(1), INT("n", 1));				       \
	row = row_start(nlh);						       \
	row_##test(nlh);						       \
	mnl_attr_nest_end(nlh, row);					       \
}									       \
static void row_##test(struct nlmsghdr *nlh)

/* The body fills the key of a valid row. */
#define REFUSED_KEY(test, ret, type, reason)				       \
static void key_##test(struct nlmsghdr *nlh);				       \
REFUSED_ROW(test, ROW_NEW, ret, type, reason)				       \
{									       \
	struct nlattr *key = mnl_attr_nest_start(nlh, NFDICTA_ROW_KEY);	       \
									       \
	key_##test(nlh);						       \
	mnl_attr_nest_end(nlh, key);					       \
	put_fields(nlh, (const struct dict_field[]){ INT("n", 1), END });	       \
}									       \
static void key_##test(struct nlmsghdr *nlh)

/* The body fills a field of a valid row. */
#define REFUSED_FIELD(test, ret, type, reason)				       \
static void field_##test(struct nlmsghdr *nlh);				       \
REFUSED_ROW(test, ROW_NEW, ret, type, reason)				       \
{									       \
	struct nlattr *fields, *field;					       \
									       \
	put_key(nlh, KEY_INT(2));					       \
	fields = mnl_attr_nest_start(nlh, NFDICTA_ROW_FIELDS);		       \
	field = mnl_attr_nest_start(nlh, NFDICTA_ROW_FIELD);		       \
	field_##test(nlh);						       \
	mnl_attr_nest_end(nlh, field);					       \
	mnl_attr_nest_end(nlh, fields);					       \
}									       \
static void field_##test(struct nlmsghdr *nlh)

static void put_name(struct nlmsghdr *nlh)
{
	mnl_attr_put_strz(nlh, NFDICTA_FIELD_NAME, "n");
}

static void put_bytes(struct nlmsghdr *nlh, int type, int len)
{
	char bytes[4096];

	memset(bytes, 'x', sizeof(bytes));
	mnl_attr_put(nlh, type, len, bytes);
}

/* The body adds the value to a field with a name. */
#define REFUSED_VALUE(test, ret, type, reason)				       \
static void value_##test(struct nlmsghdr *nlh);				       \
REFUSED_FIELD(test, ret, type, reason)					       \
{									       \
	put_name(nlh);							       \
	value_##test(nlh);						       \
}									       \
static void value_##test(struct nlmsghdr *nlh)

#define REFUSED_LENGTH(test, type, len)					       \
static void value_##test(struct nlmsghdr *nlh);				       \
REFUSED_VALUE(test, EINVAL, type, "value has a wrong length")		       \
{									       \
	put_bytes(nlh, type, len);					       \
}

#define REFUSED_KEY_LENGTH(test, type, len)				       \
static void key_##test(struct nlmsghdr *nlh);				       \
REFUSED_KEY(test, EINVAL, type, "key has a wrong length")		       \
{									       \
	put_bytes(nlh, type, len);					       \
}

/* The body adds an attribute to a valid row. */
#define REFUSED_ROW_ATTR(test, ret, type, reason)			       \
static void attr_##test(struct nlmsghdr *nlh);				       \
REFUSED_ROW(test, ROW_NEW, ret, type, reason)				       \
{									       \
	put_key(nlh, KEY_INT(1));					       \
	attr_##test(nlh);						       \
	put_fields(nlh, (const struct dict_field[]){ INT("n", 1), END });      \
}									       \
static void attr_##test(struct nlmsghdr *nlh)

/* The body fills NFDICTA_DECLS. */
#define REFUSED_DECLS(test, ret, type, reason)				       \
static void decls_##test(struct nlmsghdr *nlh);				       \
REFUSAL(test, TABLE_NEW, ret, type, reason)				       \
{									       \
	struct nlattr *list;						       \
									       \
	put_table(nlh, "t");						       \
	list = mnl_attr_nest_start(nlh, NFDICTA_DECLS);			       \
	decls_##test(nlh);						       \
	mnl_attr_nest_end(nlh, list);					       \
}									       \
static void decls_##test(struct nlmsghdr *nlh)

/* Appends bytes to a nest that are not a valid attribute. */
static void put_rest(struct nlmsghdr *nlh)
{
	memset(mnl_nlmsg_get_payload_tail(nlh), 0, 4);
	nlh->nlmsg_len += 4;
}

REFUSAL(table_unnamed, TABLE_NEW, EINVAL, -1, "table is not named")
{
}

REFUSAL(table_del_unnamed, TABLE_DEL, EINVAL, -1, "table is not named")
{
}

REFUSAL(table_flush_unnamed, TABLE_FLUSH, EINVAL, -1, "table is not named")
{
}

REFUSAL(table_get_unnamed, TABLE_GET, EINVAL, -1, "table is not named")
{
}

REFUSAL(table_swap_unnamed, TABLE_SWAP, EINVAL, -1, "second table is not named")
{
	put_table(nlh, "t");
}

REFUSED_DECLS(declared_twice, EINVAL, NFDICTA_DECL, "field is declared twice")
{
	put_decl(nlh, "f", NF_DICT_INT);
	put_decl(nlh, "f", NF_DICT_BOOL);
}

REFUSAL(declared_nothing, TABLE_NEW, EINVAL, NFDICTA_DECLS, "no fields")
{
	put_table(nlh, "t");
	mnl_attr_nest_end(nlh, mnl_attr_nest_start(nlh, NFDICTA_DECLS));
}

REFUSED_DECLS(declared_half, EINVAL, NFDICTA_DECL,
	      "declaration lacks name or type")
{
	struct nlattr *decl;

	decl = mnl_attr_nest_start(nlh, NFDICTA_DECL);
	mnl_attr_put_strz(nlh, NFDICTA_DECL_NAME, "f");
	mnl_attr_nest_end(nlh, decl);
}

REFUSED_DECLS(declared_type, ERANGE, NFDICTA_DECL_TYPE, "integer out of range")
{
	put_decl(nlh, "f", NF_DICT_TYPE_MAX + 1);
}

REFUSED_DECLS(declared_name, EINVAL, NFDICTA_DECL_NAME,
	      "name has white space, a comma or a control character")
{
	put_decl(nlh, "f g", NF_DICT_INT);
}

REFUSAL(open_alone, TABLE_NEW, EINVAL, NFDICTA_OPEN,
	"table that declares no fields is open anyway")
{
	put_table(nlh, "t");
	mnl_attr_put(nlh, NFDICTA_OPEN, 0, NULL);
}

REFUSAL(table_swap_half, TABLE_SWAP, EINVAL, NFDICTA_PAIR, "pair lacks a table")
{
	struct nlattr *pairs, *pair;

	put_table(nlh, "t");
	mnl_attr_put_strz(nlh, NFDICTA_TABLE2, "t");
	pairs = mnl_attr_nest_start(nlh, NFDICTA_PAIRS);
	pair = mnl_attr_nest_start(nlh, NFDICTA_PAIR);
	put_table(nlh, "t");
	mnl_attr_nest_end(nlh, pair);
	mnl_attr_nest_end(nlh, pairs);
}

REFUSAL(table_swap_no_pair, TABLE_SWAP, EINVAL, NFDICTA_ROW, "unknown attribute")
{
	struct nlattr *pairs;

	put_table(nlh, "t");
	mnl_attr_put_strz(nlh, NFDICTA_TABLE2, "t");
	pairs = mnl_attr_nest_start(nlh, NFDICTA_PAIRS);
	mnl_attr_put_strz(nlh, NFDICTA_ROW, "t");
	mnl_attr_nest_end(nlh, pairs);
}

REFUSAL(table_timeout_range, TABLE_NEW, ERANGE, NFDICTA_TIMEOUT,
	"timeout is out of range")
{
	put_table(nlh, "t");
	put_be64(nlh, NFDICTA_TIMEOUT, 1ULL << 32);
}

REFUSAL(table_timeout_length, TABLE_NEW, EINVAL, NFDICTA_TIMEOUT,
	"invalid attribute length")
{
	put_table(nlh, "t");
	mnl_attr_put_u32(nlh, NFDICTA_TIMEOUT, 1);
}

REFUSAL(table_size_length, TABLE_NEW, EINVAL, NFDICTA_SIZE,
	"invalid attribute length")
{
	put_table(nlh, "t");
	mnl_attr_put_u64(nlh, NFDICTA_SIZE, 1);
}

REFUSAL(table_class_range, TABLE_NEW, ERANGE, NFDICTA_KEY_CLASS,
	"integer out of range")
{
	put_table(nlh, "t");
	mnl_attr_put_u32(nlh, NFDICTA_KEY_CLASS, htonl(NF_DICT_KEY_MAX + 1));
}

REFUSAL(table_name_no_payload, TABLE_NEW, ERANGE, NFDICTA_TABLE,
	"Attribute failed policy validation")
{
	mnl_attr_put(nlh, NFDICTA_TABLE, 0, NULL);
}

REFUSAL(table_twice, TABLE_NEW, EINVAL, NFDICTA_TABLE,
	"attribute is given twice")
{
	put_table(nlh, "t");
	put_table(nlh, "u");
}

REFUSAL(table_excl_replace, TABLE_NEW, EINVAL, -1,
	"NLM_F_EXCL and NLM_F_REPLACE exclude each other")
{
	nlh->nlmsg_flags |= NLM_F_EXCL | NLM_F_REPLACE;
	put_table(nlh, "t");
}

REFUSAL(table_stats, TABLE_NEW, EINVAL, NFDICTA_STATS, "Unsupported attribute")
{
	put_table(nlh, "t");
	mnl_attr_nest_end(nlh, mnl_attr_nest_start(nlh, NFDICTA_STATS));
}

REFUSAL(table_with_row, TABLE_NEW, EINVAL, NFDICTA_ROW,
	"attribute has no meaning in this message")
{
	put_table(nlh, "t");
	put_row(nlh, KEY_INT(1), INT("n", 1));
}

REFUSAL(unknown_attribute, TABLE_NEW, EINVAL, NFDICTA_MAX + 1,
	"unknown attribute")
{
	put_table(nlh, "t");
	mnl_attr_put_u32(nlh, NFDICTA_MAX + 1, 1);
}

REFUSAL(attribute_0, TABLE_NEW, EINVAL, 0, "unknown attribute")
{
	put_table(nlh, "t");
	mnl_attr_put_u32(nlh, 0, 1);
}

REFUSAL(name_nested, TABLE_NEW, EINVAL, NFDICTA_TABLE,
	"NLA_F_NESTED not expected")
{
	mnl_attr_put_strz(nlh, NFDICTA_TABLE | NLA_F_NESTED, "t");
}

REFUSAL(message_truncated, TABLE_NEW, EINVAL, -1,
	"bytes are left over after the attributes")
{
	struct nlattr *attr;

	put_table(nlh, "t");
	attr = mnl_nlmsg_get_payload_tail(nlh);
	mnl_attr_put_u32(nlh, NFDICTA_SIZE, 1);
	attr->nla_len = 9;
}

REFUSAL(message_rest, TABLE_NEW, EINVAL, -1,
	"bytes are left over after the attributes")
{
	put_table(nlh, "t");
	put_rest(nlh);
}

REFUSAL(rows_unnamed_table, ROW_NEW, EINVAL, -1, "table is not named")
{
	put_row(nlh, KEY_INT(1), INT("n", 1));
}

REFUSAL(rows_excl_replace, ROW_NEW, EINVAL, -1,
	"NLM_F_EXCL and NLM_F_REPLACE exclude each other")
{
	nlh->nlmsg_flags |= NLM_F_EXCL | NLM_F_REPLACE;
	put_table(nlh, "t");
	put_row(nlh, KEY_INT(1), INT("n", 1));
}

REFUSAL(rows_excl_without_create, ROW_NEW, EINVAL, -1,
	"NLM_F_EXCL needs NLM_F_CREATE")
{
	nlh->nlmsg_flags &= ~NLM_F_CREATE;
	nlh->nlmsg_flags |= NLM_F_EXCL;
	put_table(nlh, "t");
	put_row(nlh, KEY_INT(1), INT("n", 1));
}

REFUSAL(rows_missing, ROW_NEW, EINVAL, -1, "no rows")
{
	put_table(nlh, "t");
}

REFUSAL(rows_empty, ROW_NEW, EINVAL, -1, "no rows")
{
	put_table(nlh, "t");
	mnl_attr_nest_end(nlh, rows_start(nlh));
}

REFUSAL(rows_not_nested, ROW_NEW, EINVAL, NFDICTA_ROWS,
	"NLA_F_NESTED is missing")
{
	put_table(nlh, "t");
	mnl_attr_put_u64(nlh, NFDICTA_ROWS, 1);
}

REFUSAL(rows_of_something_else, ROW_NEW, EINVAL, NFDICTA_KEY,
	"row 1: unknown attribute")
{
	struct nlattr *rows;

	put_table(nlh, "t");
	rows = rows_start(nlh);
	put_key_as(nlh, NFDICTA_KEY, KEY_INT(1));
	mnl_attr_nest_end(nlh, rows);
}

REFUSAL(rows_rest, ROW_NEW, EINVAL, NFDICTA_ROWS,
	"bytes are left over after the attributes")
{
	struct nlattr *rows;

	put_table(nlh, "t");
	rows = rows_start(nlh);
	put_row(nlh, KEY_INT(1), INT("n", 1));
	put_rest(nlh);
	mnl_attr_nest_end(nlh, rows);
}

/* The length of the row exceeds that of the list that contains it. */
REFUSAL(row_longer_than_rows, ROW_NEW, EINVAL, NFDICTA_ROWS,
	"bytes are left over after the attributes")
{
	struct nlattr *rows, *row;

	put_table(nlh, "t");
	rows = rows_start(nlh);
	row = mnl_nlmsg_get_payload_tail(nlh);
	put_row(nlh, KEY_INT(1), INT("n", 1));
	mnl_attr_nest_end(nlh, rows);
	row->nla_len += 4;
}

REFUSAL(row_not_nested_in_rows, ROW_NEW, EINVAL, NFDICTA_ROW,
	"row 1: NLA_F_NESTED is missing")
{
	struct nlattr *rows;

	put_table(nlh, "t");
	rows = rows_start(nlh);
	mnl_attr_put_u32(nlh, NFDICTA_ROW, 1);
	mnl_attr_nest_end(nlh, rows);
}

REFUSAL(rows_with_key_filter, ROW_NEW, EINVAL, NFDICTA_KEY,
	"attribute has no meaning in this message")
{
	put_table(nlh, "t");
	put_key_as(nlh, NFDICTA_KEY, KEY_INT(1));
	put_row(nlh, KEY_INT(1), INT("n", 1));
}

REFUSED_ROW(row_empty, ROW_NEW, EINVAL, NFDICTA_ROW, "row has no key")
{
}

REFUSED_ROW(row_without_key, ROW_NEW, EINVAL, NFDICTA_ROW, "row has no key")
{
	put_fields(nlh, (const struct dict_field[]){ INT("n", 1), END });
}

REFUSED_ROW(row_without_fields, ROW_NEW, EINVAL, NFDICTA_ROW,
	    "row has no fields")
{
	put_key(nlh, KEY_INT(1));
}

REFUSED_ROW(row_with_empty_fields, ROW_NEW, EINVAL, NFDICTA_ROW_FIELDS,
	    "row has no fields")
{
	put_key(nlh, KEY_INT(1));
	put_fields(nlh, &END);
}

REFUSED_ROW_ATTR(row_key_twice, EINVAL, NFDICTA_ROW_KEY,
		 "attribute is given twice")
{
	put_key(nlh, KEY_INT(2));
}

REFUSED_ROW(row_fields_twice, ROW_NEW, EINVAL, NFDICTA_ROW_FIELDS,
	    "attribute is given twice")
{
	put_key(nlh, KEY_INT(1));
	put_fields(nlh, (const struct dict_field[]){ INT("n", 1), END });
	put_fields(nlh, (const struct dict_field[]){ INT("m", 1), END });
}

REFUSED_ROW(row_fields_not_nested, ROW_NEW, EINVAL, NFDICTA_ROW_FIELDS,
	    "NLA_F_NESTED is missing")
{
	put_key(nlh, KEY_INT(1));
	mnl_attr_put_u32(nlh, NFDICTA_ROW_FIELDS, 1);
}

REFUSED_ROW_ATTR(row_timeout_twice, EINVAL, NFDICTA_ROW_TIMEOUT,
		 "attribute is given twice")
{
	put_be64(nlh, NFDICTA_ROW_TIMEOUT, 1);
	put_be64(nlh, NFDICTA_ROW_TIMEOUT, 1);
}

REFUSED_ROW_ATTR(row_timeout_range, ERANGE, NFDICTA_ROW_TIMEOUT,
		 "timeout is out of range")
{
	put_be64(nlh, NFDICTA_ROW_TIMEOUT, 1ULL << 32);
}

REFUSED_ROW_ATTR(row_timeout_length, EINVAL, NFDICTA_ROW_TIMEOUT,
		 "timeout has a wrong length")
{
	mnl_attr_put_u32(nlh, NFDICTA_ROW_TIMEOUT, 1);
}

REFUSED_ROW_ATTR(row_timeout_nested, EINVAL, NFDICTA_ROW_TIMEOUT,
		 "NLA_F_NESTED not expected")
{
	put_be64(nlh, NFDICTA_ROW_TIMEOUT | NLA_F_NESTED, 1);
}

REFUSED_ROW_ATTR(row_expires, EINVAL, NFDICTA_ROW_EXPIRES,
		 "the kernel alone sends it")
{
	put_be64(nlh, NFDICTA_ROW_EXPIRES, 1);
}

REFUSED_ROW_ATTR(row_expired, EINVAL, NFDICTA_ROW_EXPIRED,
		 "the kernel alone sends it")
{
	mnl_attr_put(nlh, NFDICTA_ROW_EXPIRED, 0, NULL);
}

REFUSED_ROW_ATTR(row_unknown_attribute, EINVAL, NFDICTA_ROW_MAX + 1,
		 "unknown attribute")
{
	mnl_attr_put_u32(nlh, NFDICTA_ROW_MAX + 1, 1);
}

REFUSED_ROW(row_rest, ROW_NEW, EINVAL, NFDICTA_ROW,
	    "bytes are left over after the attributes")
{
	put_key(nlh, KEY_INT(1));
	put_fields(nlh, (const struct dict_field[]){ INT("n", 1), END });
	put_rest(nlh);
}

REFUSED_ROW(row_field_outside, ROW_NEW, EINVAL, NFDICTA_ROW_FIELD,
	    "unknown attribute")
{
	put_key(nlh, KEY_INT(1));
	put_field(nlh, INT("n", 1));
}

REFUSED_ROW(row_key_not_nested, ROW_NEW, EINVAL, NFDICTA_ROW_KEY,
	    "NLA_F_NESTED is missing")
{
	put_be64(nlh, NFDICTA_ROW_KEY, 1);
}

REFUSED_ROW(row_256_fields, ROW_NEW, E2BIG, NFDICTA_ROW_FIELD,
	    "row has more than 255 fields")
{
	struct dict_field fields[257] = {};
	static char names[256][8];
	int i;

	for (i = 0; i < 256; i++) {
		sprintf(names[i], "f%d", i);
		fields[i] = INT(names[i], i);
	}
	put_key(nlh, KEY_INT(1));
	put_fields(nlh, fields);
}

REFUSED_ROW(row_same_field_twice, ROW_NEW, EINVAL, NFDICTA_ROW_FIELDS,
	    "row has a field twice")
{
	put_key(nlh, KEY_INT(1));
	put_fields(nlh, (const struct dict_field[])
		   { INT("n", 1), INT("m", 1), BOOL("n", 1), END });
}

REFUSED_ROW(row_fields_rest, ROW_NEW, EINVAL, NFDICTA_ROW_FIELDS,
	    "bytes are left over after the attributes")
{
	struct nlattr *fields;

	put_key(nlh, KEY_INT(1));
	fields = mnl_attr_nest_start(nlh, NFDICTA_ROW_FIELDS);
	put_field(nlh, INT("n", 1));
	put_rest(nlh);
	mnl_attr_nest_end(nlh, fields);
}

REFUSED_ROW(row_fields_of_something_else, ROW_NEW, EINVAL, NFDICTA_ROW_KEY,
	    "unknown attribute")
{
	struct nlattr *fields;

	put_key(nlh, KEY_INT(1));
	fields = mnl_attr_nest_start(nlh, NFDICTA_ROW_FIELDS);
	put_key(nlh, KEY_INT(1));
	mnl_attr_nest_end(nlh, fields);
}

REFUSED_KEY(key_empty, EINVAL, NFDICTA_ROW_KEY, "no key")
{
}

REFUSED_KEY(key_two, EINVAL, NFDICTA_KEY_IPV4, "more than one key")
{
	put_be64(nlh, NFDICTA_KEY_INT, 1);
	mnl_attr_put_u32(nlh, NFDICTA_KEY_IPV4, 1);
}

REFUSED_KEY(key_unknown, EINVAL, NFDICTA_KEY_MAX + 1, "unknown attribute")
{
	put_be64(nlh, NFDICTA_KEY_MAX + 1, 1);
}

REFUSED_KEY(key_nested, EINVAL, NFDICTA_KEY_INT, "NLA_F_NESTED not expected")
{
	put_be64(nlh, NFDICTA_KEY_INT | NLA_F_NESTED, 1);
}

REFUSED_KEY(key_rest, EINVAL, NFDICTA_ROW_KEY,
	    "bytes are left over after the attributes")
{
	put_be64(nlh, NFDICTA_KEY_INT, 1);
	put_rest(nlh);
}

REFUSED_KEY_LENGTH(key_int_length, NFDICTA_KEY_INT, 4)
REFUSED_KEY_LENGTH(key_ipv4_length, NFDICTA_KEY_IPV4, 5)
REFUSED_KEY_LENGTH(key_ipv6_length, NFDICTA_KEY_IPV6, 15)
REFUSED_KEY_LENGTH(key_ether_length, NFDICTA_KEY_ETHER, 7)

REFUSED_KEY(key_ether_length_modulo_256, EINVAL, NFDICTA_KEY_ETHER,
	    "key has a wrong length")
{
	char bytes[262] = "";

	mnl_attr_put(nlh, NFDICTA_KEY_ETHER, sizeof(bytes), bytes);
}

REFUSED_KEY(key_string_empty, EINVAL, NFDICTA_KEY_STRING, "key is empty")
{
	mnl_attr_put_strz(nlh, NFDICTA_KEY_STRING, "");
}

REFUSED_KEY(key_string_255, ENAMETOOLONG, NFDICTA_KEY_STRING, "key is too long")
{
	put_bytes(nlh, NFDICTA_KEY_STRING, 255);
}

REFUSED_KEY(key_string_256, ENAMETOOLONG, NFDICTA_KEY_STRING, "key is too long")
{
	put_bytes(nlh, NFDICTA_KEY_STRING, 256);
}

REFUSED_KEY(key_string_nul, EINVAL, NFDICTA_KEY_STRING, "key has a NUL within")
{
	mnl_attr_put(nlh, NFDICTA_KEY_STRING, 3, "a\0b");
}

REFUSED_KEY(key_raw_empty, EINVAL, NFDICTA_KEY_RAW, "key is empty")
{
	mnl_attr_put(nlh, NFDICTA_KEY_RAW, 0, NULL);
}

REFUSED_KEY(key_raw_65, ENAMETOOLONG, NFDICTA_KEY_RAW, "key is too long")
{
	put_bytes(nlh, NFDICTA_KEY_RAW, 65);
}

REFUSED_FIELD(field_empty, EINVAL, NFDICTA_ROW_FIELD, "field has no name")
{
}

REFUSED_FIELD(field_without_name, EINVAL, NFDICTA_ROW_FIELD,
	      "field has no name")
{
	mnl_attr_put_u32(nlh, NFDICTA_FIELD_INT, 1);
}

REFUSED_FIELD(field_without_value, EINVAL, NFDICTA_ROW_FIELD,
	      "field has no value")
{
	put_name(nlh);
}

REFUSED_VALUE(field_two_values, EINVAL, NFDICTA_FIELD_BOOL,
	      "field has more than one value")
{
	mnl_attr_put_u32(nlh, NFDICTA_FIELD_INT, 1);
	mnl_attr_put_u8(nlh, NFDICTA_FIELD_BOOL, 1);
}

REFUSED_VALUE(field_name_twice, EINVAL, NFDICTA_FIELD_NAME,
	      "attribute is given twice")
{
	put_name(nlh);
	mnl_attr_put_u32(nlh, NFDICTA_FIELD_INT, 1);
}

REFUSED_FIELD(field_name_empty, EINVAL, NFDICTA_FIELD_NAME, "name is empty")
{
	mnl_attr_put(nlh, NFDICTA_FIELD_NAME, 0, NULL);
	mnl_attr_put_u32(nlh, NFDICTA_FIELD_INT, 1);
}

REFUSED_FIELD(field_name_129, ENAMETOOLONG, NFDICTA_FIELD_NAME,
	      "name is longer than 128 bytes")
{
	put_bytes(nlh, NFDICTA_FIELD_NAME, 129);
	mnl_attr_put_u32(nlh, NFDICTA_FIELD_INT, 1);
}

REFUSED_FIELD(field_name_space, EINVAL, NFDICTA_FIELD_NAME,
	      "name has white space, a comma or a control character")
{
	mnl_attr_put_strz(nlh, NFDICTA_FIELD_NAME, "a b");
	mnl_attr_put_u32(nlh, NFDICTA_FIELD_INT, 1);
}

REFUSED_VALUE(field_unknown_attribute, EINVAL, NFDICTA_FIELD_MAX + 1,
	      "unknown attribute")
{
	mnl_attr_put_u32(nlh, NFDICTA_FIELD_MAX + 1, 1);
}

REFUSED_VALUE(field_op_length, EINVAL, NFDICTA_FIELD_OP,
	      "operation has a wrong length")
{
	mnl_attr_put_u32(nlh, NFDICTA_FIELD_INT, 1);
	mnl_attr_put_u8(nlh, NFDICTA_FIELD_OP, NFDICT_FIELD_OP_ADD);
}

REFUSED_VALUE(field_op_unknown, EINVAL, NFDICTA_FIELD_OP, "unknown operation")
{
	mnl_attr_put_u32(nlh, NFDICTA_FIELD_INT, 1);
	mnl_attr_put_u32(nlh, NFDICTA_FIELD_OP, htonl(NFDICT_FIELD_OP_MAX + 1));
}

REFUSED_VALUE(field_op_unspecified, EINVAL, NFDICTA_FIELD_OP,
	      "unknown operation")
{
	mnl_attr_put_u32(nlh, NFDICTA_FIELD_INT, 1);
	mnl_attr_put_u32(nlh, NFDICTA_FIELD_OP, NFDICT_FIELD_OP_UNSPEC);
}

REFUSED_VALUE(field_op_twice, EINVAL, NFDICTA_FIELD_OP,
	      "attribute is given twice")
{
	mnl_attr_put_u32(nlh, NFDICTA_FIELD_INT, 1);
	mnl_attr_put_u32(nlh, NFDICTA_FIELD_OP, htonl(NFDICT_FIELD_OP_SET));
	mnl_attr_put_u32(nlh, NFDICTA_FIELD_OP, htonl(NFDICT_FIELD_OP_SET));
}

REFUSED_VALUE(field_op_type, EINVAL, NFDICTA_FIELD_BOOL,
	      "only numbers and members of lists can be added and subtracted")
{
	mnl_attr_put_u8(nlh, NFDICTA_FIELD_BOOL, 1);
	mnl_attr_put_u32(nlh, NFDICTA_FIELD_OP, htonl(NFDICT_FIELD_OP_ADD));
}

REFUSED_VALUE(field_op_create, EINVAL, NFDICTA_FIELD_OP,
	      "adding and subtracting does not create or replace")
{
	mnl_attr_put_u32(nlh, NFDICTA_FIELD_INT, 1);
	mnl_attr_put_u32(nlh, NFDICTA_FIELD_OP, htonl(NFDICT_FIELD_OP_SUB));
}

static void put_members(struct nlmsghdr *nlh, int type, int n, int len)
{
	struct nlattr *nest;

	put_name(nlh);
	nest = mnl_attr_nest_start(nlh, NFDICTA_FIELD_STRING_LIST);
	while (n--)
		put_bytes(nlh, type, len);
	mnl_attr_nest_end(nlh, nest);
}

REFUSED_FIELD(list_256, E2BIG, NFDICTA_LIST_MEMBER,
	      "list has more than 255 members")
{
	put_members(nlh, NFDICTA_LIST_MEMBER, 256, 1);
}

REFUSED_FIELD(list_4096, ENAMETOOLONG, NFDICTA_LIST_MEMBER,
	      "list is longer than 4095 bytes")
{
	put_members(nlh, NFDICTA_LIST_MEMBER, 1, 4096);
}

/* The separator between two members counts. */
REFUSED_FIELD(list_4097, ENAMETOOLONG, NFDICTA_LIST_MEMBER,
	      "list is longer than 4095 bytes")
{
	put_members(nlh, NFDICTA_LIST_MEMBER, 2, 2048);
}

REFUSED_FIELD(list_member_empty, EINVAL, NFDICTA_LIST_MEMBER,
	      "member of a list is empty")
{
	put_members(nlh, NFDICTA_LIST_MEMBER, 1, 0);
}

REFUSED_FIELD(list_unknown, EINVAL, NFDICTA_LIST_MAX + 1, "unknown attribute")
{
	put_members(nlh, NFDICTA_LIST_MAX + 1, 1, 1);
}

REFUSED_VALUE(list_no_nest, EINVAL, NFDICTA_FIELD_STRING_LIST,
	      "NLA_F_NESTED is missing")
{
	mnl_attr_put_u32(nlh, NFDICTA_FIELD_STRING_LIST, 1);
}

REFUSED_FIELD(list_member_nul, EINVAL, NFDICTA_LIST_MEMBER,
	      "member of a list has a NUL within")
{
	struct nlattr *nest;

	put_name(nlh);
	nest = mnl_attr_nest_start(nlh, NFDICTA_FIELD_STRING_LIST);
	mnl_attr_put(nlh, NFDICTA_LIST_MEMBER, 3, "a\0b");
	mnl_attr_nest_end(nlh, nest);
}

REFUSED_FIELD(list_rest, EINVAL, NFDICTA_FIELD_STRING_LIST,
	      "bytes are left over after the attributes")
{
	struct nlattr *nest;

	put_name(nlh);
	nest = mnl_attr_nest_start(nlh, NFDICTA_FIELD_STRING_LIST);
	put_rest(nlh);
	mnl_attr_nest_end(nlh, nest);
}

REFUSED_VALUE(field_rest, EINVAL, NFDICTA_ROW_FIELD,
	      "bytes are left over after the attributes")
{
	mnl_attr_put_u32(nlh, NFDICTA_FIELD_INT, 1);
	put_rest(nlh);
}

REFUSED_VALUE(value_nested, EINVAL, NFDICTA_FIELD_INT,
	      "NLA_F_NESTED not expected")
{
	mnl_attr_put_u32(nlh, NFDICTA_FIELD_INT | NLA_F_NESTED, 1);
}

REFUSED_VALUE(value_bool_2, EINVAL, NFDICTA_FIELD_BOOL,
	      "truth value is neither 0 nor 1")
{
	mnl_attr_put_u8(nlh, NFDICTA_FIELD_BOOL, 2);
}

REFUSED_LENGTH(value_bool_length, NFDICTA_FIELD_BOOL, 4)
REFUSED_LENGTH(value_bool_empty, NFDICTA_FIELD_BOOL, 0)
REFUSED_LENGTH(value_int_length, NFDICTA_FIELD_INT, 8)
REFUSED_LENGTH(value_int64_length, NFDICTA_FIELD_INT64, 4)
REFUSED_LENGTH(value_ipv4_length, NFDICTA_FIELD_IPV4_ADDR, 3)
REFUSED_LENGTH(value_ipv6_length, NFDICTA_FIELD_IPV6_ADDR, 17)
REFUSED_LENGTH(value_ether_length, NFDICTA_FIELD_ETHER_ADDR, 8)

REFUSED_VALUE(value_string_4096, ENAMETOOLONG, NFDICTA_FIELD_LONG_STRING,
	      "string is longer than 4095 bytes")
{
	put_bytes(nlh, NFDICTA_FIELD_LONG_STRING, 4096);
}

REFUSED_VALUE(value_string_nul, EINVAL, NFDICTA_FIELD_LONG_STRING,
	      "string has a NUL within")
{
	mnl_attr_put(nlh, NFDICTA_FIELD_LONG_STRING, 3, "a\0b");
}

REFUSAL(get_with_fields, ROW_GET, EINVAL, NFDICTA_ROW_FIELDS,
	"row 1: rows are named by their key alone")
{
	put_table(nlh, "t");
	put_row(nlh, KEY_INT(1), NAME("n"));
}

REFUSAL(get_with_key, ROW_GET, EINVAL, NFDICTA_KEY,
	"attribute has no meaning in this message")
{
	put_table(nlh, "t");
	put_key_as(nlh, NFDICTA_KEY, KEY_INT(1));
}

REFUSAL(get_without_rows, ROW_GET, EINVAL, -1, "no rows")
{
	put_table(nlh, "t");
}

REFUSAL(dump_with_rows, ROW_GET, EINVAL, NFDICTA_ROW,
	"attribute has no meaning in this message")
{
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	put_row_key(nlh, KEY_INT(1));
}

REFUSAL(dump_bad_key, ROW_GET, EINVAL, NFDICTA_KEY_ETHER,
	"key has a wrong length")
{
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	put_key_as(nlh, NFDICTA_KEY, KEY_DATA(ETHER, "12345"));
}

REFUSAL(dump_bad_field, ROW_GET, EINVAL, NFDICTA_FIELD,
	"name has white space, a comma or a control character")
{
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	mnl_attr_put_strz(nlh, NFDICTA_FIELD, "a,b");
}

REFUSAL(del_with_value, ROW_DEL, EINVAL, NFDICTA_FIELD_INT,
	"row 1: value has no meaning in this message")
{
	put_table(nlh, "t");
	put_row(nlh, KEY_INT(1), INT("n", 1));
}

REFUSAL(del_with_op, ROW_DEL, EINVAL, NFDICTA_FIELD_OP,
	"row 1: operation has no meaning in this message")
{
	put_table(nlh, "t");
	put_row(nlh, KEY_INT(1), ADD(NAME("n")));
}

REFUSAL(del_with_timeout, ROW_DEL, EINVAL, NFDICTA_ROW_TIMEOUT,
	"row 1: timeout has no meaning in this message")
{
	struct nlattr *row;

	put_table(nlh, "t");
	row = row_start(nlh);
	put_key(nlh, KEY_INT(1));
	put_be64(nlh, NFDICTA_ROW_TIMEOUT, 1);
	mnl_attr_nest_end(nlh, row);
}

REFUSAL(del_field_twice, ROW_DEL, EINVAL, NFDICTA_ROW_FIELDS,
	"row 1: row has a field twice")
{
	put_table(nlh, "t");
	put_row(nlh, KEY_INT(1), NAME("n"), NAME("n"));
}

/* An empty list of fields must not delete the whole row. */
REFUSAL(del_empty_fields, ROW_DEL, EINVAL, NFDICTA_ROW_FIELDS,
	"row 1: row has no fields")
{
	struct nlattr *row;

	put_table(nlh, "t");
	row = row_start(nlh);
	put_key(nlh, KEY_INT(1));
	put_fields(nlh, &END);
	mnl_attr_nest_end(nlh, row);
}

#define NFDICT_MSG_UNKNOWN	(NFDICT_MSG_MAX + 1)

REFUSAL(unknown_message, UNKNOWN, EINVAL, -1, "")
{
	put_table(nlh, "t");
}

REFUSAL(unspecified_message, UNSPEC, EINVAL, -1, "")
{
	put_table(nlh, "t");
}

/*
 * Events
 */

TEST_F(nfnetlink_dict, events_tables)
{
	struct ctx *ctx = &self->ctx;
	struct ctx *c = other();

	ASSERT_EQ(0, listen_to(c));
	EXPECT_EQ(0, new_table(ctx, "a", 1, 2));
	EXPECT_STREQ("table a size 1 timeout 2\n", events(c));
	EXPECT_EQ(-EEXIST, new_table(ctx, "a", 1, 2));
	EXPECT_STREQ("", events(c));
	EXPECT_EQ(0, new_table(ctx, "b", 0, 0));
	EXPECT_EQ(0, swap(ctx, "a", "b"));
	EXPECT_EQ(0, table_request(ctx, NFDICT_MSG_TABLE_FLUSH, "b"));
	EXPECT_EQ(0, table_request(ctx, NFDICT_MSG_TABLE_DEL, "a"));
	EXPECT_STREQ("table b size 0 timeout 0\n"
		     "table-swap a b\n"
		     "table-flush b\n"
		     "table-del a\n", events(c));
	free_ctx(c);
}

TEST_F(nfnetlink_dict, events_table_changed)
{
	struct ctx *ctx = &self->ctx;
	struct ctx *c = other();
	struct nlmsghdr *nlh;

	EXPECT_EQ(0, new_table(ctx, "a", 1, 2));
	ASSERT_EQ(0, listen_to(c));
	nlh = request(NFDICT_MSG_TABLE_NEW, REQUEST | NLM_F_REPLACE);
	put_table(nlh, "a");
	mnl_attr_put_u32(nlh, NFDICTA_SIZE, htonl(5));
	EXPECT_EQ(0, talk(ctx, nlh));
	EXPECT_STREQ("table a size 5 timeout 2\n", events(c));
	free_ctx(c);
}

TEST_F(nfnetlink_dict, events_rows)
{
	struct ctx *ctx = &self->ctx;
	struct ctx *c = other();

	ASSERT_EQ(0, listen_to(c));
	EXPECT_EQ(0, write_row(ctx, NLM_F_CREATE, "a", key_str("user123"),
			       INT("x", 1), str("y", "s")));
	EXPECT_STREQ("table a size 0 timeout 0\n"
		     "row-create a string:user123 x=1 y=\"s\"\n", events(c));

	/* Updates in place and by replacement: events have what was written. */
	EXPECT_EQ(0, write_row(ctx, 0, "a", key_str("user123"), INT("x", 2)));
	EXPECT_EQ(0, write_row(ctx, 0, "a", key_str("user123"), INT("x", 3),
			       INT("z", 4)));
	EXPECT_STREQ("row a string:user123 x=2\n"
		     "row a string:user123 x=3 z=4\n", events(c));

	EXPECT_EQ(0, delete_fields(ctx, "a", key_str("user123"), NAME("z"),
				   NAME("y")));
	EXPECT_STREQ("row-del a string:user123 z y\n", events(c));

	EXPECT_EQ(0, write_row(ctx, NLM_F_REPLACE, "a", key_str("user123"),
			       INT("w", 1)));
	EXPECT_STREQ("row-create a string:user123 w=1\n", events(c));

	EXPECT_EQ(0, delete_fields(ctx, "a", key_str("user123"), NAME("w")));
	EXPECT_STREQ("row-del a string:user123\n", events(c));

	EXPECT_EQ(0, write_row(ctx, NLM_F_CREATE, "a", KEY_INT(1),
			       INT("x", 1)));
	EXPECT_EQ(0, delete_row(ctx, "a", KEY_INT(1)));
	EXPECT_STREQ("row-create a int:1 x=1\nrow-del a int:1\n", events(c));

	/* Refused requests cause no events. */
	EXPECT_EQ(-ENOENT, delete_row(ctx, "a", KEY_INT(1)));
	EXPECT_EQ(-ENOENT, write_row(ctx, 0, "a", KEY_INT(1), INT("x", 1)));
	EXPECT_STREQ("", events(c));
	free_ctx(c);
}

/* Events have the sender's port ID and sequence number; NLM_F_ECHO works. */
TEST_F(nfnetlink_dict, events_origin)
{
	struct ctx *ctx = &self->ctx;
	unsigned int brief = 50 * slowness(), i;
	struct ctx *c = other();
	struct nlmsghdr *nlh;

	ASSERT_EQ(0, listen_to(c));
	nlh = request(NFDICT_MSG_ROW_NEW, REQUEST | NLM_F_CREATE);
	put_table(nlh, "a");
	put_row(nlh, KEY_INT(1), INT("n", 1));
	EXPECT_EQ(0, talk(ctx, nlh));
	EXPECT_STREQ("", ctx->text);
	events(c);
	EXPECT_EQ(2, c->messages);
	EXPECT_EQ(mnl_socket_get_portid(ctx->sock), c->pid);
	EXPECT_EQ(nlh->nlmsg_seq, c->seq);

	/* NLM_F_ECHO returns the sum, and only once to a listener. */
	for (i = 0; i < 2; i++) {
		nlh = request(NFDICT_MSG_ROW_NEW, REQUEST | NLM_F_ECHO);
		put_table(nlh, "a");
		put_row(nlh, KEY_INT(1), ADD(INT("n", 5)));
		EXPECT_EQ(0, talk(ctx, nlh));
		EXPECT_STREQ(i ? "row a int:1 n=11\n" : "row a int:1 n=6\n",
			     ctx->text);
		EXPECT_EQ(mnl_socket_get_portid(ctx->sock), ctx->pid);
		EXPECT_EQ(nlh->nlmsg_seq, ctx->seq);
		EXPECT_STREQ("", events(ctx));
		EXPECT_EQ(0, listen_to(ctx));
	}
	events(c);
	EXPECT_EQ(2, c->messages);

	/* No port ID and sequence number if the garbage collection deletes. */
	EXPECT_EQ(0, write_with_timeout(ctx, "a", 2, brief));
	events(c);
	for (i = 0; i < 200; i++) {
		usleep(50000);
		if (*events(c))
			break;
	}
	EXPECT_STREQ("row-del a int:2 expired\n", c->text);
	EXPECT_EQ(0, c->pid);
	EXPECT_EQ(0, c->seq);
	free_ctx(c);
}

/* The events of one request share datagrams and are in order. */
TEST_F(nfnetlink_dict, events_packed)
{
	struct ctx *ctx = &self->ctx;
	struct ctx *c = other();
	const char *line;
	char want[64];
	unsigned int i;

	EXPECT_EQ(0, new_table(ctx, "a", 0, 0));
	ASSERT_EQ(0, listen_to(c));
	EXPECT_EQ(0, write_many(ctx, "a", 500));
	events(c);
	EXPECT_EQ(500, c->messages);
	EXPECT_LT(c->datagrams, 50);
	for (i = 0, line = c->text; i < 500; i++) {
		snprintf(want, sizeof(want), "row-create a int:%u n=%u\n", i,
			 i);
		ASSERT_EQ(0, strncmp(want, line, strlen(want)))
			TH_LOG("event %u", i);
		line += strlen(want);
	}
	free_ctx(c);
}

/*
 * A socket filter that passes only the events of table "a". The name is the
 * first attribute of every message, and all messages of a datagram are about
 * the same table. Swaps are an exception: they name two, so all of them pass.
 */
static uint32_t as_loaded(const struct nlattr *attr)
{
	uint32_t word;

	/* The filter loads in network byte order. */
	memcpy(&word, attr, sizeof(word));

	return ntohl(word);
}

static int filter_table_a(struct ctx *c)
{
	enum { TYPE = 4, ATTR = NLMSG_HDRLEN + sizeof(struct nfgenmsg) };
	const struct nlattr attr = { .nla_len = 6, .nla_type = NFDICTA_TABLE };
	const uint16_t swap = NFNL_SUBSYS_DICT << 8 | NFDICT_MSG_TABLE_SWAP;
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, TYPE),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(swap), 4, 0),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ATTR),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, as_loaded(&attr), 0, 3),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, ATTR + NLA_HDRLEN),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 'a' << 8, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0xffffffff),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog prog = {
		.len	= MNL_ARRAY_SIZE(code),
		.filter	= code,
	};

	return setsockopt(mnl_socket_get_fd(c->sock), SOL_SOCKET,
			  SO_ATTACH_FILTER, &prog, sizeof(prog)) ? -errno : 0;
}

/* Events of other tables do not overrun a listener with a filter. */
TEST_F(nfnetlink_dict, events_of_a_table)
{
	struct ctx *ctx = &self->ctx;
	struct ctx *c = other();
	int size = 16384;

	EXPECT_EQ(0, new_table(ctx, "a", 0, 0));
	EXPECT_EQ(0, new_table(ctx, "b", 0, 0));
	setsockopt(mnl_socket_get_fd(c->sock), SOL_SOCKET, SO_RCVBUFFORCE,
		   &size, sizeof(size));
	ASSERT_EQ(0, filter_table_a(c));
	ASSERT_EQ(0, listen_to(c));
	EXPECT_EQ(0, write_many(ctx, "b", 5000));
	EXPECT_EQ(0, write_row(ctx, NLM_F_CREATE, "aa", KEY_INT(1),
			       INT("n", 1)));
	EXPECT_EQ(0, write_row(ctx, NLM_F_CREATE, "a", KEY_INT(1),
			       INT("n", 1)));
	EXPECT_EQ(0, swap(ctx, "b", "a"));
	EXPECT_EQ(0, table_request(ctx, NFDICT_MSG_TABLE_DEL, "b"));
	EXPECT_EQ(0, table_request(ctx, NFDICT_MSG_TABLE_DEL, "a"));
	EXPECT_STREQ("row-create a int:1 n=1\n"
		     "table-swap b a\n"
		     "table-del a\n", events(c));
	free_ctx(c);
}

TEST_F(nfnetlink_dict, events_expiry)
{
	struct ctx *ctx = &self->ctx;
	unsigned int brief = 50 * slowness();
	struct ctx *c = other();
	char text[64];
	int i;

	EXPECT_EQ(0, new_table(ctx, "a", 0, 0));
	ASSERT_EQ(0, listen_to(c));
	EXPECT_EQ(0, write_with_timeout(ctx, "a", 1, brief));
	snprintf(text, sizeof(text),
		 "row-create a int:1 timeout %u expires well n=1\n", brief);
	EXPECT_STREQ(text, events(c));

	/* A worker deletes the row soon after it expires. */
	for (i = 0; i < 200; i++) {
		usleep(50000);
		if (*events(c))
			break;
	}
	EXPECT_STREQ("row-del a int:1 expired\n", c->text);
	EXPECT_EQ(0, table_request(ctx, NFDICT_MSG_TABLE_GET, "a"));
	EXPECT_STREQ("table a size 0 timeout 0 rows 0 use 0 bytes some drops 0 expired 1\n",
		     ctx->text);
	free_ctx(c);
}

/* Events that nearly fill an attribute. */
TEST_F(nfnetlink_dict, events_large_row)
{
	struct ctx *ctx = &self->ctx;
	struct dict_field fields[201] = {};
	char names[200][129], string[4096];
	struct ctx *c = other();
	int i;

	ASSERT_EQ(0, listen_to(c));
	sprintf(string, "%0128d", 1);
	for (i = 0; i < 200; i++) {
		sprintf(names[i], "%0128d", i);
		fields[i] = str(names[i], string);
	}
	EXPECT_EQ(0, write_row_array(ctx, NLM_F_CREATE, "a", KEY_INT(1),
				     fields));
	events(c);
	EXPECT_EQ(2, c->messages);
	EXPECT_GT(c->largest, 50000);

	/* Fifteen of the longest strings need about as much. */
	sprintf(string, "%04095d", 1);
	for (i = 0; i < 15; i++)
		fields[i] = str(names[i], string);
	fields[15].name = NULL;
	EXPECT_EQ(0, write_row_array(ctx, 0, "a", KEY_INT(1), fields));
	events(c);
	EXPECT_EQ(1, c->messages);
	EXPECT_GT(c->largest, 60000);
	EXPECT_EQ(15, count_string(c->text, string));
	free_ctx(c);
}

/* A listener that does not receive gets ENOBUFS once its buffer is full. */
TEST_F(nfnetlink_dict, events_overrun)
{
	struct ctx *ctx = &self->ctx;
	int size = 4096, i, ret;
	struct ctx *c = other();

	setsockopt(mnl_socket_get_fd(c->sock), SOL_SOCKET, SO_RCVBUFFORCE,
		   &size, sizeof(size));
	ASSERT_EQ(0, listen_to(c));
	EXPECT_EQ(0, write_many(ctx, "a", 1000));

	for (i = 0; i < 1000; i++) {
		ret = receive(c);
		if (ret != 1)
			break;
	}
	EXPECT_EQ(-ENOBUFS, ret);

	/* It receives later events again. */
	size = 4 * MSG_MAX;
	setsockopt(mnl_socket_get_fd(c->sock), SOL_SOCKET, SO_RCVBUFFORCE,
		   &size, sizeof(size));
	events(c);
	EXPECT_EQ(0, write_row(ctx, 0, "a", KEY_INT(7), INT("n", 8)));
	EXPECT_STREQ("row a int:7 n=8\n", events(c));
	free_ctx(c);
}

/*
 * Access
 */

static int drop_net_admin(void)
{
	struct __user_cap_header_struct hdr = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &hdr, data))
		return -1;
	data[0].effective &= ~(1 << CAP_NET_ADMIN);
	data[0].permitted &= ~(1 << CAP_NET_ADMIN);

	return syscall(SYS_capset, &hdr, data);
}

TEST_F(nfnetlink_dict, capability)
{
	struct ctx *ctx = &self->ctx;
	struct ctx *c;

	EXPECT_EQ(0, write_many(ctx, "a", 1));
	ASSERT_EQ(0, drop_net_admin());

	c = other();
	ASSERT_NE(NULL, c->sock);
	EXPECT_EQ(-EPERM, new_table(c, "b", 0, 0));
	EXPECT_EQ(-EPERM, write_row(c, 0, "a", KEY_INT(0), INT("n", 7)));
	EXPECT_EQ(-EPERM, delete_row(c, "a", KEY_INT(0)));
	EXPECT_EQ(-EPERM, read_row(c, "a", KEY_INT(0)));
	EXPECT_EQ(-EPERM, table_request(c, NFDICT_MSG_TABLE_GET, "a"));
	EXPECT_EQ(-EPERM, table_request(c, NFDICT_MSG_TABLE_FLUSH, "a"));
	EXPECT_EQ(-EPERM, table_request(c, NFDICT_MSG_TABLE_DEL, "a"));
	EXPECT_EQ(-EPERM, talk(c, dump_request(NFDICT_MSG_ROW_GET, NULL)));
	EXPECT_EQ(-EPERM, talk(c, dump_request(NFDICT_MSG_TABLE_GET, NULL)));
	EXPECT_EQ(-EPERM, listen_to(c));

	/* Sockets opened before lose access as well. */
	EXPECT_EQ(-EPERM, write_row(ctx, 0, "a", KEY_INT(0), INT("n", 7)));
	free_ctx(c);
}

/* Root of a user namespace has access only to its own network namespaces. */
TEST_F(nfnetlink_dict, user_namespace)
{
	struct ctx *ctx = &self->ctx;
	struct ctx *c;

	EXPECT_EQ(0, write_many(ctx, "a", 1));
	if (unshare(CLONE_NEWUSER))
		SKIP(return, "no user namespaces");

	c = other();
	EXPECT_EQ(-EPERM, new_table(c, "b", 0, 0));
	EXPECT_EQ(-EPERM, read_row(c, "a", KEY_INT(0)));
	free_ctx(c);

	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	c = other();
	EXPECT_EQ(0, write_many(c, "b", 1));
	EXPECT_STREQ("row b int:0 n=0\n", dump_rows(c, NULL));
	EXPECT_EQ(0, listen_to(c));
	free_ctx(c);
}

/* A socket belongs to the namespace it was opened in. */
TEST_F(nfnetlink_dict, network_namespace)
{
	struct ctx *ctx = &self->ctx;
	struct ctx *c;

	EXPECT_EQ(0, write_many(ctx, "a", 1));
	EXPECT_EQ(0, listen_to(ctx));
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	c = other();
	EXPECT_STREQ("", dump_tables(c));
	EXPECT_EQ(-ENOENT, read_row(c, "a", KEY_INT(0)));
	EXPECT_EQ(0, write_row(c, NLM_F_CREATE, "a", KEY_INT(5),
			       INT("m", 1)));
	EXPECT_STREQ("row a int:5 m=1\n", dump_rows(c, NULL));

	EXPECT_STREQ("", events(ctx));
	EXPECT_STREQ("row a int:0 n=0\n", dump_rows(ctx, NULL));
	EXPECT_EQ(0, write_row(ctx, 0, "a", KEY_INT(0), INT("n", 1)));
	EXPECT_STREQ("row a int:5 m=1\n", dump_rows(c, NULL));
	free_ctx(c);
}

/* Rows of a namespace that exits cause no events in another one. */
TEST_F(nfnetlink_dict, namespace_exit)
{
	struct ctx *ctx = &self->ctx;
	int status;
	pid_t pid;

	ASSERT_EQ(0, listen_to(ctx));
	pid = fork();
	ASSERT_GE(pid, 0);
	if (!pid) {
		struct ctx *c;

		if (unshare(CLONE_NEWNET))
			_exit(1);
		c = other();
		if (write_many(c, "a", 1000) ||
		    write_with_timeout(c, "a", 1, 10))
			_exit(2);
		_exit(0);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	usleep(200000 * slowness());
	EXPECT_STREQ("", events(ctx));
}

TEST_HARNESS_MAIN
