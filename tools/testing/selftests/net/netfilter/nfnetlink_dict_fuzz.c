// SPDX-License-Identifier: GPL-2.0
/*
 * Sends valid messages of the nfnetlink subsystem of dict tables, damaged at
 * random, in its own network namespace.
 *
 * usage: nfnetlink_dict_fuzz [-s SEED] [-n MESSAGES] [-t SECONDS]
 *
 * With -n it sends that many messages, else it runs for SECONDS, 10 by default.
 * The same seed gives the same messages. It checks for each message that the
 * kernel answers, that an error is one that the subsystem can return, that a
 * refusal has a message, and that replies, and events on another socket, are
 * well formed. Other errors, such as out-of-bounds accesses, are left to the
 * kernel's checkers (KASAN and others).
 */
#define _GNU_SOURCE

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "../../kselftest.h"
#include "nf_dict_mnl.h"

#define REQUEST_MAX	(128 * 1024)
#define REPLY_MAX	(2 * 1024 * 1024)
/* Without the NUL at the end. */
#define NAME_MAX_LEN	128
#define STRING_MAX	4095
/*
 * Fields with the longest names, and strings of the same length: LONG_FIELDS
 * are sent in one message, and nearly fill an attribute of 64 KiB. A row that
 * has all LONG_NAMES fields is dumped in two parts.
 */
#define LONG_FIELDS	200
#define LONG_NAMES	255
/* All tables are deleted after this many messages. */
#define ROUND		2000
/* Levels of nested attributes: rows, row, fields, field. */
#define DEPTH_MAX	4

static const char * const tables[] = { "a", "b", "sessions" };
static const char * const names[] = {
	"n", "application", "client", "quota-exceeded", "username", "x", "y",
};

static char request[REQUEST_MAX];
static char reply[REPLY_MAX];
static unsigned long accepted, refused, errors[256];
static unsigned long events[NFDICT_MSG_MAX + 1], overruns;
static uint64_t state;

/* xorshift64* */
static uint32_t rnd(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;

	return (state * 2685821657736338717ULL) >> 32;
}

/* Less than @n. */
static uint32_t below(uint32_t n)
{
	return rnd() % n;
}

#define PICK(array)	((array)[below(sizeof(array) / sizeof((array)[0]))])

/*
 * Valid messages
 */

static void rnd_bytes(struct nlmsghdr *nlh, int type, int len)
{
	uint8_t bytes[STRING_MAX];
	int i;

	for (i = 0; i < len; i++)
		bytes[i] = 1 + below(3);
	mnl_attr_put(nlh, type, len, bytes);
}

static void rnd_key(struct nlmsghdr *nlh, int attr)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, attr);

	switch (below(8)) {
	default:
		mnl_attr_put_u64(nlh, NFDICTA_KEY_INT, htobe64(below(64)));
		break;
	case 0:
		rnd_bytes(nlh, NFDICTA_KEY_IPV4, 4);
		break;
	case 1:
		rnd_bytes(nlh, NFDICTA_KEY_IPV6, 16);
		break;
	case 2:
		rnd_bytes(nlh, NFDICTA_KEY_ETHER, 6);
		break;
	case 3:
		mnl_attr_put_strz(nlh, NFDICTA_KEY_STRING, PICK(names));
		break;
	case 4:
		rnd_bytes(nlh, NFDICTA_KEY_RAW, 1 + below(64));
		break;
	}
	mnl_attr_nest_end(nlh, nest);
}

/* Some lists have duplicate members, or too many. */
static void rnd_list(struct nlmsghdr *nlh)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, NFDICTA_FIELD_STRING_LIST);
	int n = below(below(8) ? 6 : NF_DICT_LIST_MAX + 2);

	while (n--)
		rnd_bytes(nlh, NFDICTA_LIST_MEMBER, 1 + below(4));
	mnl_attr_nest_end(nlh, nest);
	if (!below(2))
		mnl_attr_put_u32(nlh, NFDICTA_FIELD_OP,
				 htonl(below(NFDICT_FIELD_OP_MAX + 2)));
}

static void rnd_value(struct nlmsghdr *nlh)
{
	switch (below(8)) {
	case 0:
		mnl_attr_put_u8(nlh, NFDICTA_FIELD_BOOL, below(2));
		break;
	case 1:
		mnl_attr_put_u32(nlh, NFDICTA_FIELD_INT, rnd());
		break;
	case 2:
		mnl_attr_put_u64(nlh, NFDICTA_FIELD_INT64, rnd());
		break;
	case 3:
		rnd_bytes(nlh, NFDICTA_FIELD_IPV4_ADDR, 4);
		break;
	case 4:
		rnd_bytes(nlh, NFDICTA_FIELD_IPV6_ADDR, 16);
		break;
	case 5:
		rnd_bytes(nlh, NFDICTA_FIELD_ETHER_ADDR, 6);
		break;
	case 6:
		rnd_bytes(nlh, NFDICTA_FIELD_LONG_STRING,
			  below(below(8) ? 129 : STRING_MAX + 1));
		break;
	case 7:
		rnd_list(nlh);
		break;
	}
}

/* Fields that nearly fill an attribute. */
static void rnd_long_fields(struct nlmsghdr *nlh, bool values)
{
	unsigned int i, first = below(LONG_NAMES);
	struct nlattr *list, *field;
	char name[NAME_MAX_LEN + 1];

	list = mnl_attr_nest_start(nlh, NFDICTA_ROW_FIELDS);
	for (i = 0; i < LONG_FIELDS; i++) {
		field = mnl_attr_nest_start(nlh, NFDICTA_ROW_FIELD);
		snprintf(name, sizeof(name), "%0*u", NAME_MAX_LEN,
			 (first + i) % LONG_NAMES);
		mnl_attr_put_strz(nlh, NFDICTA_FIELD_NAME, name);
		if (values)
			rnd_bytes(nlh, NFDICTA_FIELD_LONG_STRING,
				  NAME_MAX_LEN);
		mnl_attr_nest_end(nlh, field);
	}
	mnl_attr_nest_end(nlh, list);
}

static void rnd_fields(struct nlmsghdr *nlh, bool values)
{
	unsigned int i, n = below(50) ? 1 + below(7) : 255;
	struct nlattr *list, *field;
	char name[16];

	/* Only near the start of a message, to limit its size. */
	if (nlh->nlmsg_len < 1024 && !below(100)) {
		rnd_long_fields(nlh, values);
		return;
	}

	list = mnl_attr_nest_start(nlh, NFDICTA_ROW_FIELDS);
	for (i = 0; i < n; i++) {
		field = mnl_attr_nest_start(nlh, NFDICTA_ROW_FIELD);
		if (n > 7)
			snprintf(name, sizeof(name), "f%u", i);
		mnl_attr_put_strz(nlh, NFDICTA_FIELD_NAME,
				  n > 7 ? name : names[i]);
		if (values)
			rnd_value(nlh);
		mnl_attr_nest_end(nlh, field);
	}
	mnl_attr_nest_end(nlh, list);
}

static void rnd_row(struct nlmsghdr *nlh, int type)
{
	struct nlattr *row = mnl_attr_nest_start(nlh, NFDICTA_ROW);

	rnd_key(nlh, NFDICTA_ROW_KEY);
	if (type == NFDICT_MSG_ROW_NEW) {
		if (!below(4))
			mnl_attr_put_u64(nlh, NFDICTA_ROW_TIMEOUT,
					 htobe64(below(5000)));
		rnd_fields(nlh, true);
	} else if (type == NFDICT_MSG_ROW_DEL && below(2)) {
		rnd_fields(nlh, false);
	}
	mnl_attr_nest_end(nlh, row);
}

static void rnd_rows(struct nlmsghdr *nlh, int type)
{
	struct nlattr *rows;
	int n = 1 + below(4);

	if (!below(4)) {
		while (n--)
			rnd_row(nlh, type);
		return;
	}

	rows = mnl_attr_nest_start(nlh, NFDICTA_ROWS);
	while (n--)
		rnd_row(nlh, type);
	mnl_attr_nest_end(nlh, rows);
}

/* Declares some of the names with random types. */
static void rnd_decls(struct nlmsghdr *nlh)
{
	struct nlattr *list;
	unsigned int i, n = 1 + below(7);

	list = mnl_attr_nest_start(nlh, NFDICTA_DECLS);
	for (i = 0; i < n; i++)
		put_decl(nlh, names[i], 1 + below(NF_DICT_TYPE_MAX));
	mnl_attr_nest_end(nlh, list);
	if (below(2))
		mnl_attr_put(nlh, NFDICTA_OPEN, 0, NULL);
}

static void rnd_pairs(struct nlmsghdr *nlh)
{
	struct nlattr *pairs, *pair;
	int n = 1 + below(3);

	pairs = mnl_attr_nest_start(nlh, NFDICTA_PAIRS);
	while (n--) {
		pair = mnl_attr_nest_start(nlh, NFDICTA_PAIR);
		mnl_attr_put_strz(nlh, NFDICTA_TABLE, PICK(tables));
		mnl_attr_put_strz(nlh, NFDICTA_TABLE2, PICK(tables));
		mnl_attr_nest_end(nlh, pair);
	}
	mnl_attr_nest_end(nlh, pairs);
}

static struct nlmsghdr *make(void)
{
	/* More than half of the messages write rows. */
	int type = below(2) ? NFDICT_MSG_ROW_NEW : 1 + (int)below(NFDICT_MSG_MAX);
	struct nlmsghdr *nlh = dict_msg(request, type, NLM_F_ACK, NULL);

	switch (type) {
	case NFDICT_MSG_TABLE_NEW:
		mnl_attr_put_strz(nlh, NFDICTA_TABLE, PICK(tables));
		if (below(2))
			mnl_attr_put_u32(nlh, NFDICTA_SIZE, htonl(below(100)));
		if (below(2))
			mnl_attr_put_u64(nlh, NFDICTA_TIMEOUT,
					 htobe64(below(5000)));
		if (!below(4))
			rnd_decls(nlh);
		nlh->nlmsg_flags |= below(8) << 8;
		break;
	case NFDICT_MSG_TABLE_GET:
		if (below(2))
			nlh->nlmsg_flags |= NLM_F_DUMP;
		if (!(nlh->nlmsg_flags & NLM_F_DUMP) || !below(4))
			mnl_attr_put_strz(nlh, NFDICTA_TABLE, PICK(tables));
		break;
	case NFDICT_MSG_TABLE_DEL:
	case NFDICT_MSG_TABLE_FLUSH:
		mnl_attr_put_strz(nlh, NFDICTA_TABLE, PICK(tables));
		break;
	case NFDICT_MSG_TABLE_SWAP:
		mnl_attr_put_strz(nlh, NFDICTA_TABLE, PICK(tables));
		mnl_attr_put_strz(nlh, NFDICTA_TABLE2, PICK(tables));
		if (below(2))
			rnd_pairs(nlh);
		break;
	case NFDICT_MSG_ROW_NEW:
		if (below(8))
			nlh->nlmsg_flags |= NLM_F_CREATE;
		if (!below(4))
			nlh->nlmsg_flags |= below(2) ? NLM_F_EXCL :
						       NLM_F_REPLACE;
		mnl_attr_put_strz(nlh, NFDICTA_TABLE, PICK(tables));
		rnd_rows(nlh, type);
		break;
	case NFDICT_MSG_ROW_GET:
		if (below(2)) {
			nlh->nlmsg_flags |= NLM_F_DUMP;
			if (below(2))
				mnl_attr_put_strz(nlh, NFDICTA_TABLE,
						  PICK(tables));
			if (below(2))
				rnd_key(nlh, NFDICTA_KEY);
		} else {
			mnl_attr_put_strz(nlh, NFDICTA_TABLE, PICK(tables));
			rnd_rows(nlh, type);
		}
		if (!below(4))
			mnl_attr_put_strz(nlh, NFDICTA_FIELD, PICK(names));
		break;
	case NFDICT_MSG_ROW_DEL:
		mnl_attr_put_strz(nlh, NFDICTA_TABLE, PICK(tables));
		rnd_rows(nlh, type);
		break;
	}

	return nlh;
}

/*
 * Damage
 */

/**
 * struct place - an attribute of the message
 * @attr: the attribute
 * @nests: the nests that contain it, outermost first
 * @depth: entries used at @nests
 */
struct place {
	struct nlattr	*attr;
	struct nlattr	*nests[DEPTH_MAX];
	int		depth;
};

/* Chooses an attribute at any depth. Returns false if there is none. */
static bool choose(struct nlmsghdr *nlh, struct place *place)
{
	char *pos = request + NLMSG_HDRLEN + sizeof(struct nfgenmsg);
	char *end = request + nlh->nlmsg_len;

	place->depth = 0;
	for (;;) {
		struct nlattr *attr = NULL, *p;
		int len = end - pos, n = 0;

		for (p = (void *)pos; mnl_attr_ok(p, len);
		     len -= MNL_ALIGN(p->nla_len), p = mnl_attr_next(p))
			if (!below(++n))
				attr = p;
		if (!attr)
			return place->depth > 0;

		place->attr = attr;
		if (!(attr->nla_type & NLA_F_NESTED) ||
		    place->depth == DEPTH_MAX || !below(4))
			return true;

		place->nests[place->depth++] = attr;
		pos = mnl_attr_get_payload(attr);
		end = (char *)attr + attr->nla_len;
	}
}

/* Moves all after @pos by @by bytes, and mostly adapts the lengths around. */
static bool move(struct nlmsghdr *nlh, struct place *place, char *pos, int by)
{
	char *end = request + nlh->nlmsg_len;
	int i;

	if (nlh->nlmsg_len + by > REQUEST_MAX)
		return false;

	if (by < 0)
		memmove(pos, pos - by, end - (pos - by));
	else
		memmove(pos + by, pos, end - pos);
	nlh->nlmsg_len += by;

	for (i = 0; i < place->depth; i++)
		if (below(16))
			place->nests[i]->nla_len += by;

	return true;
}

static void damage(struct nlmsghdr *nlh)
{
	static const uint8_t bytes[] = { 0, 1, 2, 0x7f, 0x80, 0xff, ' ', ',' };
	uint32_t head = NLMSG_HDRLEN + sizeof(struct nfgenmsg);
	struct place place;
	struct nlattr *attr;
	char *next;
	int len;

	if (!choose(nlh, &place)) {
		nlh->nlmsg_flags ^= 0x100 << below(4);
		return;
	}
	attr = place.attr;
	len = MNL_ALIGN(attr->nla_len);
	next = (char *)attr + len;
	if (next > request + nlh->nlmsg_len)
		return;

	switch (below(12)) {
	case 0:
		request[head + below(nlh->nlmsg_len - head)] = rnd();
		break;
	case 1:
		attr->nla_len += (int)below(9) - 4;
		break;
	case 2:
		attr->nla_len = below(2) ? below(16) : rnd();
		break;
	case 3:
		attr->nla_type = below(2) ? below(16) :
				 (attr->nla_type & NLA_F_NESTED) | below(16);
		break;
	case 4:
		attr->nla_type ^= below(4) ? NLA_F_NESTED :
					     NLA_F_NET_BYTEORDER;
		break;
	case 5:
		nlh->nlmsg_len = NLMSG_HDRLEN +
				 below(nlh->nlmsg_len - NLMSG_HDRLEN + 1);
		break;
	case 6:
		if (move(nlh, &place, next, len))
			memcpy(next, attr, len);
		break;
	case 7:
		move(nlh, &place, (char *)attr, -len);
		break;
	case 8:
		if (len > NLA_HDRLEN)
			((char *)attr)[NLA_HDRLEN + below(len - NLA_HDRLEN)] =
				PICK(bytes);
		break;
	case 9:
		if (len > NLA_HDRLEN)
			memset((char *)attr + NLA_HDRLEN, PICK(bytes),
			       len - NLA_HDRLEN);
		break;
	case 10:
		/* A longer payload. */
		len = 4 + 4 * below(80);
		if (attr->nla_len + len > 0xffff ||
		    !move(nlh, &place, next, len))
			break;
		memset(next, PICK(bytes), len);
		attr->nla_len += len - below(4);
		break;
	case 11:
		if (below(2))
			nlh->nlmsg_flags ^= 0x100 << below(4);
		else
			nlh->nlmsg_type = NFNL_SUBSYS_DICT << 8 |
					  below(NFDICT_MSG_MAX + 2);
		break;
	}
}

/*
 * Answers
 */

static bool bytes_ok(const struct nlattr *attr, int max)
{
	int len = mnl_attr_get_payload_len(attr);
	const char *s = mnl_attr_get_payload(attr);

	return len >= 1 && len <= max + 1 && strlen(s) == (size_t)len - 1;
}

/* A name or a key. */
static bool string_ok(const struct nlattr *attr)
{
	return bytes_ok(attr, NAME_MAX_LEN);
}

static bool list_ok(const struct nlattr *nest,
		    bool (*ok)(const struct nlattr *attr))
{
	int len = mnl_attr_get_payload_len(nest);
	struct nlattr *attr = mnl_attr_get_payload(nest);

	while (mnl_attr_ok(attr, len)) {
		if (!ok(attr))
			return false;
		len -= MNL_ALIGN(attr->nla_len);
		attr = mnl_attr_next(attr);
	}

	return len <= 0;
}

static bool key_ok(const struct nlattr *attr)
{
	int len = mnl_attr_get_payload_len(attr);

	switch (mnl_attr_get_type(attr)) {
	case NFDICTA_KEY_INT:
		return len == 8;
	case NFDICTA_KEY_IPV4:
		return len == 4;
	case NFDICTA_KEY_IPV6:
		return len == 16;
	case NFDICTA_KEY_ETHER:
		return len == 6;
	case NFDICTA_KEY_STRING:
		return string_ok(attr) && len > 1;
	case NFDICTA_KEY_RAW:
		return len >= 1 && len <= 64;
	case NFDICTA_KEY_PAD:
		return len == 0;
	}

	return false;
}

static bool member_ok(const struct nlattr *attr)
{
	return mnl_attr_get_type(attr) == NFDICTA_LIST_MEMBER &&
	       bytes_ok(attr, STRING_MAX) &&
	       mnl_attr_get_payload_len(attr) > 1;
}

static bool value_ok(const struct nlattr *attr)
{
	int len = mnl_attr_get_payload_len(attr);

	switch (mnl_attr_get_type(attr)) {
	case NFDICTA_FIELD_BOOL:
		return len == 1 && mnl_attr_get_u8(attr) <= 1;
	case NFDICTA_FIELD_INT:
	case NFDICTA_FIELD_IPV4_ADDR:
		return len == 4;
	case NFDICTA_FIELD_INT64:
		return len == 8;
	case NFDICTA_FIELD_IPV6_ADDR:
		return len == 16;
	case NFDICTA_FIELD_ETHER_ADDR:
		return len == 6;
	case NFDICTA_FIELD_LONG_STRING:
		return bytes_ok(attr, STRING_MAX);
	case NFDICTA_FIELD_STRING_LIST:
		return list_ok(attr, member_ok);
	case NFDICTA_FIELD_NAME:
		return string_ok(attr) && len > 1;
	case NFDICTA_FIELD_PAD:
		return len == 0;
	}

	return false;
}

static bool field_ok(const struct nlattr *attr)
{
	return mnl_attr_get_type(attr) == NFDICTA_ROW_FIELD &&
	       list_ok(attr, value_ok);
}

static bool row_ok(const struct nlattr *attr)
{
	int len = mnl_attr_get_payload_len(attr);

	switch (mnl_attr_get_type(attr)) {
	case NFDICTA_ROW_KEY:
		return list_ok(attr, key_ok);
	case NFDICTA_ROW_FIELDS:
		return list_ok(attr, field_ok);
	case NFDICTA_ROW_TIMEOUT:
	case NFDICTA_ROW_EXPIRES:
		return len == 8;
	case NFDICTA_ROW_EXPIRED:
	case NFDICTA_ROW_PAD:
		return len == 0;
	}

	return false;
}

static bool stats_ok(const struct nlattr *attr)
{
	return mnl_attr_get_type(attr) <= NFDICTA_STATS_PAD;
}

static bool decl_part_ok(const struct nlattr *attr)
{
	if (mnl_attr_get_type(attr) == NFDICTA_DECL_NAME)
		return string_ok(attr);

	return mnl_attr_get_type(attr) == NFDICTA_DECL_TYPE &&
	       mnl_attr_get_payload_len(attr) == 4;
}

static bool decl_ok(const struct nlattr *attr)
{
	return mnl_attr_get_type(attr) == NFDICTA_DECL &&
	       list_ok(attr, decl_part_ok);
}

static bool attr_ok(const struct nlattr *attr)
{
	switch (mnl_attr_get_type(attr)) {
	case NFDICTA_TABLE:
	case NFDICTA_TABLE2:
		return string_ok(attr);
	case NFDICTA_SIZE:
	case NFDICTA_KEY_CLASS:
		return mnl_attr_get_payload_len(attr) == 4;
	case NFDICTA_DECLS:
		return list_ok(attr, decl_ok);
	case NFDICTA_OPEN:
		return mnl_attr_get_payload_len(attr) == 0;
	case NFDICTA_TIMEOUT:
		return mnl_attr_get_payload_len(attr) == 8;
	case NFDICTA_ROW:
		return list_ok(attr, row_ok);
	case NFDICTA_STATS:
		return list_ok(attr, stats_ok);
	case NFDICTA_PAD:
		return true;
	}

	return false;
}

static bool attrs_ok(const struct nlmsghdr *nlh)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(struct nfgenmsg))
		if (!attr_ok(attr))
			return false;

	return true;
}

static bool message_ok(const struct nlmsghdr *nlh)
{
	if (nlh->nlmsg_type != (NFNL_SUBSYS_DICT << 8 | NFDICT_MSG_TABLE_NEW) &&
	    nlh->nlmsg_type != (NFNL_SUBSYS_DICT << 8 | NFDICT_MSG_ROW_NEW))
		return false;

	return attrs_ok(nlh);
}

static bool error_ok(const struct nlmsghdr *nlh)
{
	unsigned int type = ((struct nlmsghdr *)request)->nlmsg_type & 0xff;
	const struct nfnl_ack ack = nfnl_ack(nlh);
	int err = ack.err;

	if (err > 0 || err < -255)
		return false;
	errors[-err]++;
	if (!err) {
		accepted++;
		return true;
	}
	refused++;

	switch (err) {
	case -EINVAL:
		/* refused by nfnetlink itself, which gives no message */
		if (type == NFDICT_MSG_UNSPEC || type > NFDICT_MSG_MAX)
			return true;
		break;
	case -ERANGE:
	case -ENAMETOOLONG:
	case -ENOENT:
	case -EEXIST:
	case -ENFILE:
	case -E2BIG:
	/* tables with different declarations */
	case -EBUSY:
	case -EMEDIUMTYPE:
		break;
	default:
		return false;
	}

	return *ack.msg;
}

/* Receives the whole answer. Returns false, and says why, if it is wrong. */
static bool read_answer(int fd, uint32_t seq)
{
	const struct nlmsghdr *nlh;
	const struct nlmsgerr *e;
	ssize_t len;
	int n;

	for (;;) {
		len = recv(fd, reply, sizeof(reply), MSG_TRUNC);
		if (len < 0) {
			ksft_print_msg("no answer: %s\n", strerror(errno));
			return false;
		}
		if ((size_t)len > sizeof(reply)) {
			ksft_print_msg("an answer of %zd bytes\n", len);
			return false;
		}

		n = len;
		for (nlh = (void *)reply; mnl_nlmsg_ok(nlh, n);
		     nlh = mnl_nlmsg_next(nlh, &n)) {
			if (nlh->nlmsg_seq != seq) {
				ksft_print_msg("an answer to another message\n");
				return false;
			}
			switch (nlh->nlmsg_type) {
			case NLMSG_ERROR:
				e = mnl_nlmsg_get_payload(nlh);
				if (error_ok(nlh))
					return true;
				ksft_print_msg("error %d, unknown or without a reason\n",
					       e->error);
				return false;
			case NLMSG_DONE:
				accepted++;
				errors[0]++;
				return true;
			}
			if (!message_ok(nlh)) {
				ksft_print_msg("a malformed reply\n");
				return false;
			}
		}
	}
}

/* Receives pending events. Returns false, and says why, if one is malformed. */
static bool read_events(int fd)
{
	const struct nlmsghdr *nlh;
	unsigned int type;
	ssize_t len;
	int n;

	for (;;) {
		len = recv(fd, reply, sizeof(reply), MSG_DONTWAIT | MSG_TRUNC);
		if (len < 0 && errno == ENOBUFS) {
			overruns++;
			continue;
		}
		if (len < 0) {
			if (errno == EAGAIN)
				return true;
			ksft_print_msg("events: %s\n", strerror(errno));
			return false;
		}
		if ((size_t)len > sizeof(reply)) {
			ksft_print_msg("an event of %zd bytes\n", len);
			return false;
		}

		n = len;
		for (nlh = (void *)reply; mnl_nlmsg_ok(nlh, n);
		     nlh = mnl_nlmsg_next(nlh, &n)) {
			type = nlh->nlmsg_type & 0xff;
			if (nlh->nlmsg_type >> 8 != NFNL_SUBSYS_DICT ||
			    type > NFDICT_MSG_MAX || !attrs_ok(nlh)) {
				ksft_print_msg("a malformed event\n");
				return false;
			}
			events[type]++;
		}
	}
}

/*
 * The run
 */

static bool exchange(int fd, struct nlmsghdr *nlh)
{
	uint32_t seq = nlh->nlmsg_seq;

	if (send(fd, nlh, nlh->nlmsg_len, 0) < 0) {
		ksft_print_msg("send: %s\n", strerror(errno));
		return false;
	}

	return read_answer(fd, seq);
}

/* The name is the first attribute of a message about a table. */
static const char *table_name(const struct nlmsghdr *nlh)
{
	return mnl_attr_get_str(mnl_nlmsg_get_payload_offset(nlh,
				sizeof(struct nfgenmsg)));
}

/* Dumps the names of all tables and deletes them. */
static bool clear(int fd)
{
	/* If there are more tables, another round deletes them. */
	static char names[64][NAME_MAX_LEN + 1];
	const struct nlmsghdr *nlh;
	unsigned int i, n;
	ssize_t len;
	bool done;
	int left;

	do {
		nlh = dict_msg(request, NFDICT_MSG_TABLE_GET, NLM_F_DUMP, NULL);
		n = 0;
		done = send(fd, nlh, nlh->nlmsg_len, 0) < 0;
		while (!done) {
			len = recv(fd, reply, sizeof(reply), 0);
			if (len < 0)
				return false;
			left = len;
			for (nlh = (void *)reply; mnl_nlmsg_ok(nlh, left);
			     nlh = mnl_nlmsg_next(nlh, &left)) {
				if (nlh->nlmsg_type == NLMSG_DONE)
					done = true;
				else if (n < ARRAY_SIZE(names))
					snprintf(names[n++], sizeof(names[0]), "%s",
						 table_name(nlh));
			}
		}
		for (i = 0; i < n; i++)
			if (!exchange(fd, dict_msg(request, NFDICT_MSG_TABLE_DEL,
						   NLM_F_ACK, names[i])))
				return false;
	} while (n);

	return true;
}

static void dump_request(void)
{
	uint32_t i, len = ((struct nlmsghdr *)request)->nlmsg_len;
	char line[3 * 16 + 1];

	for (i = 0; i < len && i < 4096; i++) {
		sprintf(line + 3 * (i % 16), " %02x", (uint8_t)request[i]);
		if (i % 16 == 15 || i == len - 1)
			ksft_print_msg("%04x%s\n", i & ~15, line);
	}
}

int main(int argc, char *argv[])
{
	unsigned long seed = 1, max = 0, count = 0, i;
	struct timeval patience = { .tv_sec = 60 };
	int opt, fd, seconds = 10, damages;
	struct mnl_socket *sock, *listener;
	struct nlmsghdr *nlh;
	bool ok = true;
	time_t end;

	while ((opt = getopt(argc, argv, "s:n:t:")) != -1) {
		switch (opt) {
		case 's':
			seed = strtoul(optarg, NULL, 0);
			break;
		case 'n':
			max = strtoul(optarg, NULL, 0);
			break;
		case 't':
			seconds = atoi(optarg);
			break;
		default:
			fprintf(stderr, "usage: %s [-s SEED] [-n MESSAGES] [-t SECONDS]\n",
				argv[0]);
			return KSFT_FAIL;
		}
	}

	ksft_print_header();
	ksft_set_plan(1);
	if (unshare(CLONE_NEWNET))
		ksft_exit_skip("needs root\n");

	sock = nfnl_open(8 * REPLY_MAX, 0);
	if (!sock)
		ksft_exit_skip("no nfnetlink: %s\n", strerror(errno));
	fd = mnl_socket_get_fd(sock);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));

	listener = nfnl_open(0, NFNLGRP_DICT);
	if (!listener)
		ksft_exit_skip("no events: %s\n", strerror(errno));

	state = seed * 0x9e3779b97f4a7c15ULL + 1;
	end = time(NULL) + seconds;
	do {
		if (count % ROUND == 0 && !clear(fd)) {
			ok = false;
			break;
		}
		nlh = make();
		count++;
		/* Some are undamaged, so that there are rows to work on. */
		damages = below(4);
		while (damages--)
			damage(nlh);
		nlh->nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
		ok = exchange(fd, nlh);
		if (!ok) {
			ksft_print_msg("message %lu of seed %lu:\n", count,
				       seed);
			dump_request();
		} else if (below(64) == 0) {
			/* Rarely, so that some events are lost. */
			ok = read_events(mnl_socket_get_fd(listener));
		}
	} while (ok && (max ? count < max : time(NULL) < end));

	if (ok && !clear(fd))
		ok = false;
	mnl_socket_close(listener);
	mnl_socket_close(sock);

	ksft_print_msg("seed %lu: %lu messages, %lu accepted, %lu refused\n",
		       seed, count, accepted, refused);
	for (i = 0; i <= NFDICT_MSG_MAX; i++)
		ksft_print_msg("%8lu events of type %lu\n", events[i], i);
	ksft_print_msg("%8lu times events were lost\n", overruns);
	for (i = 1; i < 256; i++)
		if (errors[i])
			ksft_print_msg("%8lu %s\n", errors[i], strerror(i));
	/* Fail if nearly all messages were accepted, or nearly all refused. */
	if (count > 10000 && (accepted < count / 20 || refused < count / 20 ||
			      !events[NFDICT_MSG_ROW_NEW]))
		ok = false;
	ksft_test_result(ok, "damaged messages\n");
	ksft_finished();
}
