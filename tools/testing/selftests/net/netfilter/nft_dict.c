// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of nf_tables' dict expression over raw netlink: attributes that it
 * accepts and dumps, what it refuses without leaving anything behind, what it
 * does to packets, and when it releases its tables.
 *
 * Copyright (c) The nft_dict authors
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include "../../kselftest_harness.h"
#include "nf_dict_mnl.h"

#define MSG_ROOM	(1024 * 1024)
#define ATTRS_MAX	24
#define PORT		4444
#define KEY		0x01020304
/*
 * Timeout in seconds for tests of many transactions. Each waits for a grace
 * period; on an emulated machine with KASAN the harness's 30 s do not suffice.
 */
#define SLOW		300

/* Registers that each rule loads before its dict expression. */
#define REG_KEY		NFT_REG_1	/* KEY, in network order, then zeroes */
#define REG_DATA	NFT_REG_2	/* chosen by the test */
#define REG_EMPTY	NFT_REG_4	/* never loaded */

/* --- attributes ----------------------------------------------------------- */

struct buf {
	size_t	len;
	uint8_t	data[70000];
};

static struct nlattr *buf_put(struct buf *b, uint16_t type, const void *data,
			      size_t len)
{
	struct nlattr *a = (void *)(b->data + b->len);

	memset(a, 0, MNL_ALIGN(sizeof(*a) + len));
	a->nla_type = type;
	a->nla_len = sizeof(*a) + len;
	memcpy(a + 1, data, len);
	b->len += MNL_ALIGN(sizeof(*a) + len);

	return a;
}

static void buf_put_u32(struct buf *b, uint16_t type, uint32_t num)
{
	num = htonl(num);
	buf_put(b, type, &num, sizeof(num));
}

static struct nlattr *buf_nest(struct buf *b, uint16_t type)
{
	return buf_put(b, type | NLA_F_NESTED, "", 0);
}

static void buf_nest_end(struct buf *b, struct nlattr *nest)
{
	nest->nla_len = b->data + b->len - (uint8_t *)nest;
}

/* --- expressions ---------------------------------------------------------- */

struct attr {
	uint16_t	type;	/* with NLA_F_NESTED */
	size_t		len;
	void		*data;
};

struct expr {
	unsigned int	n;
	struct attr	attr[ATTRS_MAX];
};

static struct attr *expr_find(struct expr *e, uint16_t type)
{
	unsigned int i;

	for (i = 0; i < e->n; i++)
		if ((e->attr[i].type & NLA_TYPE_MASK) == type)
			return &e->attr[i];

	return NULL;
}

static void expr_set(struct expr *e, uint16_t type, const void *data,
		     size_t len)
{
	struct attr *a = expr_find(e, type & NLA_TYPE_MASK);

	if (!a)
		a = &e->attr[e->n++];
	a->type = type;
	a->len = len;
	a->data = malloc(len + 1);
	memcpy(a->data, data, len);
}

static void expr_u32(struct expr *e, uint16_t type, uint32_t num)
{
	num = htonl(num);
	expr_set(e, type, &num, sizeof(num));
}

static void expr_del(struct expr *e, uint16_t type)
{
	struct attr *a = expr_find(e, type);

	if (a)
		*a = e->attr[--e->n];
}

/* Pseudo type: send NFT_DICT_FORM_NUMBER and no type. */
#define NUMBER			64

struct level {
	const char	*table;
	const char	*field;
	int		type;
	int		form;
};

static void put_level(struct buf *b, const struct level *l)
{
	struct nlattr *nest = buf_nest(b, NFTA_LIST_ELEM);
	int form = l->type == NUMBER ? NFT_DICT_FORM_NUMBER : l->form;

	if (l->table)
		buf_put(b, NFTA_DICT_LEVEL_TABLE, l->table, strlen(l->table));
	if (l->field)
		buf_put(b, NFTA_DICT_LEVEL_FIELD, l->field, strlen(l->field));
	if (l->type && l->type != NUMBER)
		buf_put_u32(b, NFTA_DICT_LEVEL_TYPE, l->type);
	if (form)
		buf_put_u32(b, NFTA_DICT_LEVEL_FORM, form);
	buf_nest_end(b, nest);
}

static void expr_buf(struct expr *e, uint16_t type, const struct buf *b)
{
	expr_set(e, type | NLA_F_NESTED, b->data, b->len);
}

static void expr_path(struct expr *e, const struct level *l, unsigned int n)
{
	static struct buf b;

	b.len = 0;
	while (n--)
		put_level(&b, l++);
	expr_buf(e, NFTA_DICT_PATH, &b);
}

static void expr_level(struct expr *e, const char *table, const char *field,
		       int type)
{
	expr_path(e, &(struct level){ table, field, type }, 1);
}

static void expr_value(struct expr *e, const void *data, size_t len)
{
	static struct buf b;

	b.len = 0;
	buf_put(&b, NFTA_DATA_VALUE, data, len);
	expr_buf(e, NFTA_DICT_DATA, &b);
}

static void expr_patterns(struct expr *e, const char *const *p, unsigned int n)
{
	static struct buf b;

	b.len = 0;
	while (n--) {
		buf_put(&b, NFTA_LIST_ELEM, *p, strlen(*p));
		p++;
	}
	expr_buf(e, NFTA_DICT_PATTERNS, &b);
}

static void expr_pattern(struct expr *e, const void *pattern, size_t len)
{
	static struct buf b;

	b.len = 0;
	buf_put(&b, NFTA_LIST_ELEM, pattern, len);
	expr_buf(e, NFTA_DICT_PATTERNS, &b);
}

/* An expression with the number in REG_KEY as key and a path of one level. */
static struct expr expr_of(uint32_t op, const char *table, const char *field,
			   int type)
{
	struct expr e = {};

	expr_u32(&e, NFTA_DICT_OP, op);
	expr_u32(&e, NFTA_DICT_SREG, REG_KEY);
	expr_u32(&e, NFTA_DICT_KEY_TYPE, NF_DICT_KEY_INT);
	expr_u32(&e, NFTA_DICT_KEY_LEN, 4);
	expr_level(&e, table, field, type);

	return e;
}

static struct expr expr_const(uint32_t op, const char *table, const char *field,
			      int type, const void *data, size_t len)
{
	struct expr e = expr_of(op, table, field, type);

	expr_value(&e, data, len);

	return e;
}

static struct expr expr_const_int(uint32_t op, const char *table,
				  const char *field, int32_t num)
{
	uint32_t be = htonl(num);

	return expr_const(op, table, field, NF_DICT_INT, &be, sizeof(be));
}

/* With data from REG_DATA, in the form of the field's type or in @form. */
static struct expr expr_source(uint32_t op, const char *table,
			       const char *field, int type, int form,
			       unsigned int len)
{
	struct expr e = expr_of(op, table, field, type);

	expr_path(&e, &(struct level){ table, field, type, form }, 1);
	expr_u32(&e, NFTA_DICT_DATA_SREG, REG_DATA);
	if (len)
		expr_u32(&e, NFTA_DICT_DATA_LEN, len);

	return e;
}

static struct expr expr_load(const char *table, const char *field, int type,
			     unsigned int len)
{
	struct expr e = expr_of(NFT_DICT_LOAD, table, field, type);

	expr_u32(&e, NFTA_DICT_DREG, NFT_REG_3);
	if (len)
		expr_u32(&e, NFTA_DICT_DATA_LEN, len);

	return e;
}

struct load_field {
	const char	*name;
	int		type;
	uint32_t	len;	/* 0: attribute is not sent */
	uint32_t	flags;
};

static void put_load_field(struct buf *b, const struct load_field *f)
{
	struct nlattr *nest = buf_nest(b, NFTA_LIST_ELEM);

	if (f->name)
		buf_put(b, NFTA_DICT_LOAD_NAME, f->name, strlen(f->name));
	if (f->type == NUMBER)
		buf_put_u32(b, NFTA_DICT_LOAD_FORM, NFT_DICT_FORM_NUMBER);
	else if (f->type)
		buf_put_u32(b, NFTA_DICT_LOAD_TYPE, f->type);
	if (f->len)
		buf_put_u32(b, NFTA_DICT_LOAD_LEN, f->len);
	if (f->flags)
		buf_put_u32(b, NFTA_DICT_LOAD_FLAGS, f->flags);
	buf_nest_end(b, nest);
}

static void expr_fields(struct expr *e, const struct load_field *f, unsigned int n)
{
	static struct buf b;

	b.len = 0;
	while (n--)
		put_load_field(&b, f++);
	expr_buf(e, NFTA_DICT_FIELDS, &b);
}

static struct expr expr_match(const char *table, const char *field,
			      const char *pattern)
{
	struct expr e = expr_of(NFT_DICT_MATCH, table, field,
				NF_DICT_LONG_STRING);

	expr_pattern(&e, pattern, strlen(pattern));

	return e;
}

/* A valid expression for each operation and each source of data. */
static const struct sample {
	const char	*name;
	uint32_t	op;
	bool		source;
	bool		fields;
} samples[] = {
	{ "load",	NFT_DICT_LOAD },
	{ "match",	NFT_DICT_MATCH },
	{ "exists",	NFT_DICT_EXISTS },
	{ "set const",	NFT_DICT_SET },
	{ "set reg",	NFT_DICT_SET,	true },
	{ "add const",	NFT_DICT_ADD },
	{ "add reg",	NFT_DICT_ADD,	true },
	{ "sub const",	NFT_DICT_SUB },
	{ "sub reg",	NFT_DICT_SUB,	true },
	{ "delete",	NFT_DICT_DELETE },
	{ "flush",	NFT_DICT_FLUSH },
	{ "load fields", NFT_DICT_LOAD, .fields = true },
};

#define SAMPLES		ARRAY_SIZE(samples)

static struct expr sample(unsigned int i)
{
	const struct load_field g = { "g", NF_DICT_INT };
	const struct sample *s = &samples[i];
	struct expr e;

	switch (s->op) {
	case NFT_DICT_LOAD:
		e = expr_load("t", "f", NUMBER, 4);
		if (s->fields)
			expr_fields(&e, &g, 1);
		return e;
	case NFT_DICT_MATCH:
		return expr_match("t", "f", "*a[b-d]\\*");
	case NFT_DICT_FLUSH:
		return expr_of(s->op, "t", NULL, 0);
	case NFT_DICT_EXISTS:
	case NFT_DICT_DELETE:
		return expr_of(s->op, "t", "f", 0);
	}
	if (s->source)
		return expr_source(s->op, "t", "f", NF_DICT_INT,
				   NFT_DICT_FORM_NUMBER, 4);

	return expr_const_int(s->op, "t", "f", -5);
}

/* --- netlink -------------------------------------------------------------- */

struct answer {
	int		err;
	char		msg[256];
	/* for dumps */
	unsigned int	objects;
	/* of the last object */
	uint8_t		*expr;
	size_t		expr_len;
	struct buf	value;
	uint32_t	value_type;
	uint64_t	drops;
};

static struct mnl_socket *nl;
static uint8_t msg_room[MSG_ROOM], recv_room[MSG_ROOM];

static struct nlmsghdr *msg_put(struct nlmsghdr *prev, uint16_t type,
				uint16_t flags, uint8_t family, uint16_t res)
{
	return nfnl_msg(prev ? mnl_nlmsg_get_payload_tail(prev) : msg_room,
			type, flags, family, res);
}

static struct nlmsghdr *batch_begin(void)
{
	return msg_put(NULL, NFNL_MSG_BATCH_BEGIN, 0, AF_UNSPEC,
		       NFNL_SUBSYS_NFTABLES);
}

static struct nlmsghdr *nft_msg(struct nlmsghdr *prev, uint16_t type,
				uint16_t flags)
{
	return msg_put(prev, NFNL_SUBSYS_NFTABLES << 8 | type, flags,
		       NFPROTO_INET, 0);
}

static void parse_error(const struct nlmsghdr *nlh, struct answer *ans)
{
	struct nfnl_ack ack = nfnl_ack(nlh);

	if (!ans->err)
		ans->err = -ack.err;
	if (*ack.msg)
		snprintf(ans->msg, sizeof(ans->msg), "%s", ack.msg);
}

/* Copies the dict expression's NFTA_EXPR_DATA to @ans. */
static void parse_rule(const struct nlmsghdr *nlh, struct answer *ans)
{
	const struct nlattr *a, *elem, *x, *data;
	bool dict;

	mnl_attr_for_each(a, nlh, sizeof(struct nfgenmsg)) {
		if (mnl_attr_get_type(a) != NFTA_RULE_EXPRESSIONS)
			continue;
		mnl_attr_for_each_nested(elem, a) {
			dict = false;
			data = NULL;
			mnl_attr_for_each_nested(x, elem) {
				if (mnl_attr_get_type(x) == NFTA_EXPR_DATA)
					data = x;
				else
					dict = !strcmp(mnl_attr_get_str(x),
						       "dict");
			}
			if (!dict)
				continue;
			ans->expr_len = mnl_attr_get_payload_len(data);
			ans->expr = malloc(ans->expr_len);
			memcpy(ans->expr, mnl_attr_get_payload(data),
			       ans->expr_len);
		}
	}
}

static void parse_field(const struct nlattr *field, struct answer *ans)
{
	const struct nlattr *a;

	mnl_attr_for_each_nested(a, field) {
		if (mnl_attr_get_type(a) == NFDICTA_FIELD_NAME)
			continue;
		ans->value_type = mnl_attr_get_type(a);
		ans->value.len = mnl_attr_get_payload_len(a);
		memcpy(ans->value.data, mnl_attr_get_payload(a),
		       ans->value.len);
	}
}

static void parse_dict(const struct nlattr *attr, struct answer *ans)
{
	const struct nlattr *a, *b, *c;

	switch (mnl_attr_get_type(attr)) {
	case NFDICTA_ROWS:
		mnl_attr_for_each_nested(a, attr)
			parse_dict(a, ans);
		break;
	case NFDICTA_ROW:
		mnl_attr_for_each_nested(a, attr) {
			if (mnl_attr_get_type(a) != NFDICTA_ROW_FIELDS)
				continue;
			mnl_attr_for_each_nested(b, a)
				parse_field(b, ans);
		}
		break;
	case NFDICTA_STATS:
		mnl_attr_for_each_nested(c, attr) {
			if (mnl_attr_get_type(c) == NFDICTA_STATS_DROPS)
				ans->drops = be64toh(mnl_attr_get_u64(c));
		}
		break;
	}
}

/* Sends all messages up to @last, and receives until @last is answered. */
static struct answer talk(struct nlmsghdr *last, bool batch)
{
	struct answer ans = {};
	const struct nlattr *a;
	struct nlmsghdr *nlh;
	uint32_t wait = last->nlmsg_seq;
	uint8_t *end;
	int len;

	if (batch)
		last = msg_put(last, NFNL_MSG_BATCH_END, 0, AF_UNSPEC,
			       NFNL_SUBSYS_NFTABLES);
	end = mnl_nlmsg_get_payload_tail(last);
	if (mnl_socket_sendto(nl, msg_room, end - msg_room) < 0) {
		ans.err = errno;
		return ans;
	}
	for (;;) {
		len = mnl_socket_recvfrom(nl, recv_room, sizeof(recv_room));
		if (len < 0) {
			ans.err = errno;
			return ans;
		}
		for (nlh = (void *)recv_room; mnl_nlmsg_ok(nlh, len);
		     nlh = mnl_nlmsg_next(nlh, &len)) {
			if (nlh->nlmsg_type == NLMSG_ERROR)
				parse_error(nlh, &ans);
			if (nlh->nlmsg_type == NLMSG_DONE)
				return ans;
			if (nlh->nlmsg_type < NLMSG_MIN_TYPE) {
				/* a refused message before the last one */
				if (nlh->nlmsg_seq == wait)
					return ans;
				continue;
			}
			ans.objects++;
			if (nlh->nlmsg_type ==
			    (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWRULE))
				parse_rule(nlh, &ans);
			else if (nlh->nlmsg_type >> 8 == NFNL_SUBSYS_DICT)
				mnl_attr_for_each(a, nlh,
						  sizeof(struct nfgenmsg))
					parse_dict(a, &ans);
			if (nlh->nlmsg_seq == wait &&
			    !(nlh->nlmsg_flags & NLM_F_MULTI))
				return ans;
		}
	}
}

/* --- rules ---------------------------------------------------------------- */

static struct nlattr *put_expr(struct nlmsghdr *nlh, const char *name)
{
	struct nlattr *elem = mnl_attr_nest_start(nlh, NFTA_LIST_ELEM);

	mnl_attr_put_strz(nlh, NFTA_EXPR_NAME, name);
	mnl_attr_nest_start(nlh, NFTA_EXPR_DATA);

	return elem;
}

static void end_expr(struct nlmsghdr *nlh, struct nlattr *elem)
{
	/* NFTA_EXPR_DATA follows NFTA_EXPR_NAME, which takes up to 12 bytes */
	struct nlattr *name = (void *)(elem + 1);
	struct nlattr *data = (void *)((uint8_t *)name +
				       MNL_ALIGN(name->nla_len));

	mnl_attr_nest_end(nlh, data);
	mnl_attr_nest_end(nlh, elem);
}

static void put_immediate(struct nlmsghdr *nlh, uint32_t reg, const void *data,
			  size_t len)
{
	struct nlattr *elem = put_expr(nlh, "immediate"), *nest;

	mnl_attr_put_u32(nlh, NFTA_IMMEDIATE_DREG, htonl(reg));
	nest = mnl_attr_nest_start(nlh, NFTA_IMMEDIATE_DATA);
	mnl_attr_put(nlh, NFTA_DATA_VALUE, len, data);
	mnl_attr_nest_end(nlh, nest);
	end_expr(nlh, elem);
}

static void put_cmp(struct nlmsghdr *nlh, uint32_t reg, const void *data,
		    size_t len)
{
	struct nlattr *elem = put_expr(nlh, "cmp"), *nest;

	mnl_attr_put_u32(nlh, NFTA_CMP_SREG, htonl(reg));
	mnl_attr_put_u32(nlh, NFTA_CMP_OP, htonl(NFT_CMP_EQ));
	nest = mnl_attr_nest_start(nlh, NFTA_CMP_DATA);
	mnl_attr_put(nlh, NFTA_DATA_VALUE, len, data);
	mnl_attr_nest_end(nlh, nest);
	end_expr(nlh, elem);
}

static void put_drop(struct nlmsghdr *nlh)
{
	struct nlattr *elem = put_expr(nlh, "immediate"), *nest, *verdict;

	mnl_attr_put_u32(nlh, NFTA_IMMEDIATE_DREG, htonl(NFT_REG_VERDICT));
	nest = mnl_attr_nest_start(nlh, NFTA_IMMEDIATE_DATA);
	verdict = mnl_attr_nest_start(nlh, NFTA_DATA_VERDICT);
	mnl_attr_put_u32(nlh, NFTA_VERDICT_CODE, htonl(NF_DROP));
	mnl_attr_nest_end(nlh, verdict);
	mnl_attr_nest_end(nlh, nest);
	end_expr(nlh, elem);
}

static void put_dict(struct nlmsghdr *nlh, const struct expr *e)
{
	struct nlattr *elem = put_expr(nlh, "dict");
	unsigned int i;

	for (i = 0; i < e->n; i++)
		mnl_attr_put(nlh, e->attr[i].type, e->attr[i].len,
			     e->attr[i].data);
	end_expr(nlh, elem);
}

static uint8_t reg_key[16], reg_data[16];

/* Rule: load registers, dict, compare NFT_REG_3 if @cmp_len, drop. */
static struct nlmsghdr *put_rule(struct nlmsghdr *prev, const struct expr *e,
				 const void *cmp, size_t cmp_len)
{
	struct nlmsghdr *nlh;
	struct nlattr *list;

	nlh = nft_msg(prev, NFT_MSG_NEWRULE,
		      NLM_F_CREATE | NLM_F_APPEND | NLM_F_ACK);
	mnl_attr_put_strz(nlh, NFTA_RULE_TABLE, "test");
	mnl_attr_put_strz(nlh, NFTA_RULE_CHAIN, "out");
	list = mnl_attr_nest_start(nlh, NFTA_RULE_EXPRESSIONS);
	put_immediate(nlh, REG_KEY, reg_key, sizeof(reg_key));
	put_immediate(nlh, REG_DATA, reg_data, sizeof(reg_data));
	put_dict(nlh, e);
	if (cmp_len)
		put_cmp(nlh, NFT_REG_3, cmp, cmp_len);
	put_drop(nlh);
	mnl_attr_nest_end(nlh, list);

	return nlh;
}

static struct nlmsghdr *put_flush(struct nlmsghdr *prev)
{
	struct nlmsghdr *nlh = nft_msg(prev, NFT_MSG_DELRULE, NLM_F_ACK);

	mnl_attr_put_strz(nlh, NFTA_RULE_TABLE, "test");
	mnl_attr_put_strz(nlh, NFTA_RULE_CHAIN, "out");

	return nlh;
}

static struct answer add_rule_cmp(const struct expr *e, const void *cmp,
				  size_t cmp_len)
{
	return talk(put_rule(batch_begin(), e, cmp, cmp_len), true);
}

static struct answer add_rule(const struct expr *e)
{
	return add_rule_cmp(e, NULL, 0);
}

static int flush_rules(void)
{
	return talk(put_flush(batch_begin()), true).err;
}

static struct answer list_rules(void)
{
	struct nlmsghdr *nlh = nft_msg(NULL, NFT_MSG_GETRULE, NLM_F_DUMP);

	mnl_attr_put_strz(nlh, NFTA_RULE_TABLE, "test");
	mnl_attr_put_strz(nlh, NFTA_RULE_CHAIN, "out");

	return talk(nlh, false);
}

static int setup_chain(void)
{
	struct nlmsghdr *nlh;
	struct nlattr *hook;

	nlh = nft_msg(batch_begin(), NFT_MSG_NEWTABLE, NLM_F_CREATE);
	mnl_attr_put_strz(nlh, NFTA_TABLE_NAME, "test");
	nlh = nft_msg(nlh, NFT_MSG_NEWCHAIN, NLM_F_CREATE | NLM_F_ACK);
	mnl_attr_put_strz(nlh, NFTA_CHAIN_TABLE, "test");
	mnl_attr_put_strz(nlh, NFTA_CHAIN_NAME, "out");
	hook = mnl_attr_nest_start(nlh, NFTA_CHAIN_HOOK);
	mnl_attr_put_u32(nlh, NFTA_HOOK_HOOKNUM, htonl(NF_INET_LOCAL_OUT));
	mnl_attr_put_u32(nlh, NFTA_HOOK_PRIORITY, htonl(0));
	mnl_attr_nest_end(nlh, hook);
	mnl_attr_put_strz(nlh, NFTA_CHAIN_TYPE, "filter");

	return talk(nlh, true).err;
}

/* --- dict tables ---------------------------------------------------------- */

static struct answer list_tables(void)
{
	return talk(dict_msg(msg_room, NFDICT_MSG_TABLE_GET, NLM_F_DUMP,
			     NULL), false);
}

static struct answer table_do(uint16_t type, uint16_t flags, const char *name,
			      uint32_t size)
{
	struct nlmsghdr *nlh = dict_msg(msg_room, type, flags | NLM_F_ACK, name);

	if (size)
		mnl_attr_put_u32(nlh, NFDICTA_SIZE, htonl(size));

	return talk(nlh, false);
}

static int row_write_key(const char *table, struct dict_key key,
			 struct dict_field field)
{
	struct nlmsghdr *nlh = dict_msg(msg_room, NFDICT_MSG_ROW_NEW,
					NLM_F_CREATE | NLM_F_ACK, table);

	put_row(nlh, key, field);

	return talk(nlh, false).err;
}

static int row_write(const char *table, const char *field, int type,
		     const void *data, size_t len)
{
	return row_write_key(table, KEY_INT(KEY), (struct dict_field) {
		.name = field, .type = type, .data = data, .len = len });
}

static int row_write_int(const char *table, const char *field, int32_t num)
{
	return row_write_key(table, KEY_INT(KEY), INT(field, num));
}

static int row_write_string(const char *table, const char *field,
			    const char *string)
{
	return row_write_key(table, KEY_INT(KEY), str(field, string));
}

static int field_delete(const char *table, const char *field)
{
	struct nlmsghdr *nlh = dict_msg(msg_room, NFDICT_MSG_ROW_DEL, NLM_F_ACK,
					table);

	put_row(nlh, KEY_INT(KEY), NAME(field));

	return talk(nlh, false).err;
}

/* The row KEY, which has one field; objects is 0 if it does not exist. */
static struct answer row_read(const char *table)
{
	struct nlmsghdr *nlh = dict_msg(msg_room, NFDICT_MSG_ROW_GET, 0, table);

	put_row_key(nlh, KEY_INT(KEY));

	return talk(nlh, false);
}

static int64_t row_num(const char *table)
{
	struct answer ans = row_read(table);
	uint64_t num64;
	uint32_t num;

	if (ans.value_type == NF_DICT_INT && ans.value.len == sizeof(num)) {
		memcpy(&num, ans.value.data, sizeof(num));
		return (int32_t)ntohl(num);
	}
	if (ans.value_type == NF_DICT_INT64 && ans.value.len == sizeof(num64)) {
		memcpy(&num64, ans.value.data, sizeof(num64));
		return be64toh(num64);
	}

	return INT64_MIN + 7;
}

static uint64_t table_drops(const char *table)
{
	struct nlmsghdr *nlh = dict_msg(msg_room, NFDICT_MSG_TABLE_GET, 0, table);

	return talk(nlh, false).drops;
}

/* --- packets -------------------------------------------------------------- */

/* Bound, since ICMP errors for a closed port would also reach the rule. */
static int udp;

static int setup_netlink(void)
{
	nl = nfnl_open(0, 0);

	return nl ? 0 : -1;
}

static int setup_udp(void)
{
	struct sockaddr_in to = {
		.sin_family		= AF_INET,
		.sin_port		= htons(PORT),
		.sin_addr.s_addr	= htonl(INADDR_LOOPBACK),
	};
	struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP };

	udp = socket(AF_INET, SOCK_DGRAM, 0);
	if (udp < 0 || ioctl(udp, SIOCSIFFLAGS, &ifr) ||
	    bind(udp, (void *)&to, sizeof(to)) ||
	    connect(udp, (void *)&to, sizeof(to)))
		return -1;

	return 0;
}

/* Sends a packet; true if the rule dropped it. */
static bool packet_dropped(void)
{
	return send(udp, "x", 1, 0) < 0 && errno == EPERM;
}

/* Whether a rule of @e, with the comparison if @cmp_len, matches a packet. */
static int matches_cmp(const struct expr *e, const void *cmp, size_t cmp_len)
{
	struct answer ans = add_rule_cmp(e, cmp, cmp_len);
	bool dropped;

	if (ans.err) {
		fprintf(stderr, "# %s: %s\n", strerror(ans.err), ans.msg);
		return -ans.err;
	}
	dropped = packet_dropped();
	if (flush_rules())
		return -EIO;

	return dropped;
}

static int matches(struct expr e)
{
	return matches_cmp(&e, NULL, 0);
}

static int loads(struct expr e, const void *cmp, size_t cmp_len)
{
	return matches_cmp(&e, cmp, cmp_len);
}

/* --- tests ---------------------------------------------------------------- */

FIXTURE(nft_dict)
{
};

FIXTURE_SETUP(nft_dict)
{
	uint32_t key = htonl(KEY);

	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ASSERT_EQ(0, setup_netlink());
	ASSERT_EQ(0, setup_udp());

	memset(reg_key, 0, sizeof(reg_key));
	memset(reg_data, 0, sizeof(reg_data));
	memcpy(reg_key, &key, sizeof(key));

	ASSERT_EQ(0, setup_chain());
	ASSERT_EQ(0, list_tables().err);
}

FIXTURE_TEARDOWN(nft_dict)
{
	close(udp);
	mnl_socket_close(nl);
}

/* Refused with error @want and a message; no rule and no table is left. */
#define EXPECT_REFUSED(want, e) do {					\
	struct answer refused = add_rule(e);				\
									\
	EXPECT_EQ(want, refused.err)					\
		TH_LOG("line %d: %s", __LINE__, refused.msg);		\
	EXPECT_STRNE("", refused.msg)					\
		TH_LOG("line %d: no reason given", __LINE__);		\
	EXPECT_EQ(0, list_rules().objects);				\
	EXPECT_EQ(0, list_tables().objects);				\
} while (0)

#define EXPECT_TAKEN(e) do {						\
	struct answer taken = add_rule(e);				\
									\
	EXPECT_EQ(0, taken.err)						\
		TH_LOG("line %d: %s", __LINE__, taken.msg);		\
	EXPECT_EQ(0, flush_rules());					\
	EXPECT_EQ(0, list_tables().objects);				\
} while (0)

/* Same attributes, except for the NUL that a dump adds to names. */
static bool same_attrs(const void *a, size_t alen, const void *b, size_t blen,
		       unsigned int depth)
{
	const struct nlattr *x = a, *y = b;
	size_t xlen, ylen;

	while (alen && blen) {
		uint16_t xl = mnl_attr_get_payload_len(x);
		uint16_t yl = mnl_attr_get_payload_len(y);

		if (mnl_attr_get_type(x) != mnl_attr_get_type(y))
			return false;
		if (depth < 2 && x->nla_type & NLA_F_NESTED) {
			if (!same_attrs(x + 1, xl, y + 1, yl, depth + 1))
				return false;
		} else {
			if (depth == 2 && yl == xl + 1 &&
			    !((char *)(y + 1))[xl])
				yl--;
			if (xl != yl || memcmp(x + 1, y + 1, xl))
				return false;
		}
		xlen = MNL_ALIGN(x->nla_len);
		ylen = MNL_ALIGN(y->nla_len);
		alen -= xlen < alen ? xlen : alen;
		blen -= ylen < blen ? ylen : blen;
		x = (void *)((uint8_t *)x + xlen);
		y = (void *)((uint8_t *)y + ylen);
	}

	return !alen && !blen;
}

static int by_type(const void *a, const void *b)
{
	const struct attr *x = a, *y = b;

	return (x->type & NLA_TYPE_MASK) - (y->type & NLA_TYPE_MASK);
}

/* Sorts first: dumps have attributes by number, except within the path. */
static bool dumped(const struct expr *sent, const struct answer *ans)
{
	static struct buf want;
	struct expr e = *sent, got = {};
	const struct nlattr *attr;
	static struct buf have;
	unsigned int i;

	for (attr = (void *)ans->expr;
	     mnl_attr_ok(attr, ans->expr + ans->expr_len - (uint8_t *)attr);
	     attr = mnl_attr_next(attr))
		expr_set(&got, attr->nla_type, attr + 1,
			 mnl_attr_get_payload_len(attr));
	qsort(e.attr, e.n, sizeof(e.attr[0]), by_type);
	qsort(got.attr, got.n, sizeof(got.attr[0]), by_type);
	want.len = 0;
	have.len = 0;
	for (i = 0; i < e.n; i++)
		buf_put(&want, e.attr[i].type, e.attr[i].data, e.attr[i].len);
	for (i = 0; i < got.n; i++)
		buf_put(&have, got.attr[i].type, got.attr[i].data,
			got.attr[i].len);

	return same_attrs(want.data, want.len, have.data, have.len, 0);
}

#define EXPECT_DUMPED(e) do {						\
	const struct expr *sent = (e);					\
	struct answer added = add_rule(sent), got;			\
									\
	EXPECT_EQ(0, added.err)						\
		TH_LOG("line %d: %s", __LINE__, added.msg);		\
	got = list_rules();						\
	EXPECT_EQ(1, got.objects);					\
	EXPECT_TRUE(dumped(sent, &got))					\
		TH_LOG("line %d: dump differs", __LINE__);		\
	EXPECT_EQ(0, flush_rules());					\
	EXPECT_EQ(0, list_tables().objects);				\
} while (0)

/* Each length of a type, each limit, and their neighbours. */
static const uint32_t lengths[] = {
	0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 32, 33, 64, 65, 127, 128, 129,
};

TEST_F_TIMEOUT(nft_dict, dump, SLOW)
{
	static const char *const patterns[] = { "", "a", "*b*", "[!c-e]?", "\\*" };
	const struct level path[] = {
		{ "one", "f1", NF_DICT_LONG_STRING },
		{ "two", "f2", NF_DICT_IPV6_ADDR },
		{ "three", "f3", NUMBER },
		{ "four", "f4", NF_DICT_BOOL },
	};
	struct expr e;
	unsigned int i;

	for (i = 0; i < SAMPLES; i++) {
		TH_LOG("%s", samples[i].name);
		e = sample(i);
		EXPECT_DUMPED(&e);
		expr_u32(&e, NFTA_DICT_FLAGS, NFT_DICT_F_KEY_HOST);
		EXPECT_DUMPED(&e);
	}

	e = expr_of(NFT_DICT_LOAD, "t", "f", NF_DICT_BOOL);
	expr_u32(&e, NFTA_DICT_DREG, NFT_REG32_15);
	for (i = 1; i <= 4; i++) {
		expr_path(&e, path + 4 - i, i);
		EXPECT_DUMPED(&e);
	}

	e = expr_match("t", "f", "");
	expr_patterns(&e, patterns, 5);
	EXPECT_DUMPED(&e);
	expr_u32(&e, NFTA_DICT_FLAGS, NFT_DICT_F_INV);
	EXPECT_DUMPED(&e);
	expr_u32(&e, NFTA_DICT_DREG, NFT_REG32_01);
	expr_u32(&e, NFTA_DICT_FLAGS, NFT_DICT_F_DATA_HOST);
	EXPECT_DUMPED(&e);

	e = expr_of(NFT_DICT_EXISTS, "t", "f", NF_DICT_ETHER_ADDR);
	EXPECT_DUMPED(&e);
	expr_u32(&e, NFTA_DICT_FLAGS, NFT_DICT_F_INV);
	EXPECT_DUMPED(&e);
	e = expr_of(NFT_DICT_DELETE, "t", "f", NF_DICT_INT64);
	EXPECT_DUMPED(&e);

	e = expr_const(NFT_DICT_SET, "t", "f", NF_DICT_BOOL, "\1", 1);
	EXPECT_DUMPED(&e);
	e = expr_const(NFT_DICT_SET, "t", "f", NF_DICT_INT,
		       "\x80\0\0\0", 4);
	EXPECT_DUMPED(&e);
	e = expr_const(NFT_DICT_SET, "t", "f", NF_DICT_INT64,
		       "\x80\0\0\0\0\0\0\1", 8);
	EXPECT_DUMPED(&e);
	e = expr_const(NFT_DICT_SUB, "t", "f", NUMBER,
		       "\xff\xff\xff\xff\xff\xff\xff\xff", 8);
	EXPECT_DUMPED(&e);
	e = expr_const(NFT_DICT_SET, "t", "f", NF_DICT_IPV4_ADDR, "abcd", 4);
	EXPECT_DUMPED(&e);
	e = expr_const(NFT_DICT_SET, "t", "f", NF_DICT_IPV6_ADDR,
		       "0123456789abcdef", 16);
	EXPECT_DUMPED(&e);
	e = expr_const(NFT_DICT_SET, "t", "f", NF_DICT_ETHER_ADDR, "abcdef", 6);
	EXPECT_DUMPED(&e);
	e = expr_const(NFT_DICT_SET, "t", "f", NF_DICT_LONG_STRING, "", 0);
	EXPECT_DUMPED(&e);
	e = expr_const(NFT_DICT_SET, "t", "f", NF_DICT_LONG_STRING,
		       "some string", 11);
	EXPECT_DUMPED(&e);

	e = expr_source(NFT_DICT_SET, "t", "f", NF_DICT_LONG_STRING, 0, 16);
	EXPECT_DUMPED(&e);
	e = expr_source(NFT_DICT_SUB, "t", "f", NF_DICT_INT64,
			NFT_DICT_FORM_NUMBER, 2);
	expr_u32(&e, NFTA_DICT_FLAGS, NFT_DICT_F_DATA_HOST);
	EXPECT_DUMPED(&e);
	e = expr_source(NFT_DICT_SET, "t", "f", NF_DICT_INT64, 0, 0);
	EXPECT_DUMPED(&e);
	e = expr_source(NFT_DICT_ADD, "t", "f", NUMBER, 0, 4);
	EXPECT_DUMPED(&e);
}

TEST_F(nft_dict, names)
{
	static struct buf b;
	struct nlattr *nest;
	char name[131];
	struct expr e = sample(2);
	const char *const bad[] = { "", "a,b" };
	unsigned int i;

	memset(name, 'x', sizeof(name));
	name[128] = 0;
	expr_level(&e, name, "f", 0);
	EXPECT_DUMPED(&e);
	expr_level(&e, "t", name, 0);
	EXPECT_DUMPED(&e);

	name[128] = 'x';
	name[129] = 0;
	expr_level(&e, name, "f", 0);
	EXPECT_REFUSED(ERANGE, &e);
	expr_level(&e, "t", name, 0);
	EXPECT_REFUSED(ERANGE, &e);

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		expr_level(&e, bad[i], "f", 0);
		EXPECT_REFUSED(*bad[i] ? EINVAL : ERANGE, &e);
		expr_level(&e, "t", bad[i], 0);
		EXPECT_REFUSED(*bad[i] ? EINVAL : ERANGE, &e);
	}

	/* a NUL within */
	nest = buf_nest(&b, NFTA_LIST_ELEM);
	buf_put(&b, NFTA_DICT_LEVEL_TABLE, "a\0b", 3);
	buf_put(&b, NFTA_DICT_LEVEL_FIELD, "f", 1);
	buf_nest_end(&b, nest);
	expr_buf(&e, NFTA_DICT_PATH, &b);
	EXPECT_REFUSED(EINVAL, &e);
}

TEST_F_TIMEOUT(nft_dict, attributes, SLOW)
{
	static const uint16_t numbers[] = {
		NFTA_DICT_OP, NFTA_DICT_FLAGS, NFTA_DICT_SREG,
		NFTA_DICT_KEY_TYPE, NFTA_DICT_KEY_LEN, NFTA_DICT_DREG,
		NFTA_DICT_DATA_SREG, NFTA_DICT_DATA_LEN,
	};
	static const uint16_t nests[] = {
		NFTA_DICT_PATH, NFTA_DICT_DATA, NFTA_DICT_PATTERNS,
		NFTA_DICT_FIELDS,
	};
	static const uint8_t junk[200];
	unsigned int i, j;
	struct expr e;
	uint16_t type;

	for (i = 0; i < SAMPLES; i++) {
		e = sample(i);
		TH_LOG("%s", samples[i].name);

		/* each attribute left out */
		for (j = 0; j < sample(i).n; j++) {
			e = sample(i);
			/* valid: without it, one field is loaded */
			type = e.attr[j].type & NLA_TYPE_MASK;
			if (type == NFTA_DICT_FIELDS)
				continue;
			expr_del(&e, type);
			EXPECT_REFUSED(EINVAL, &e);
		}

		/* each other attribute added, including unknown ones */
		for (type = 1; type <= NFTA_DICT_MAX + 20; type++) {
			e = sample(i);
			if (expr_find(&e, type) || type == NFTA_DICT_FLAGS)
				continue;
			/* valid: stores the index of the pattern */
			if (samples[i].op == NFT_DICT_MATCH &&
			    type == NFTA_DICT_DREG)
				continue;
			if (type == NFTA_DICT_PATTERNS)
				expr_pattern(&e, "a", 1);
			else if (type == NFTA_DICT_DATA)
				expr_value(&e, "\0\0\0\1", 4);
			else
				expr_u32(&e, type, 1);
			EXPECT_REFUSED(EINVAL, &e);
		}

		/* numbers that are too short, too long, too large */
		for (j = 0; j < ARRAY_SIZE(numbers); j++) {
			e = sample(i);
			if (!expr_find(&e, numbers[j]))
				continue;
			expr_set(&e, numbers[j], junk, 0);
			EXPECT_REFUSED(EINVAL, &e);
			expr_set(&e, numbers[j], junk, 2);
			EXPECT_REFUSED(EINVAL, &e);
			expr_set(&e, numbers[j], junk, 8);
			EXPECT_REFUSED(EINVAL, &e);
			expr_set(&e, numbers[j], "\xff\xff\xff\xff", 4);
			EXPECT_REFUSED(numbers[j] == NFTA_DICT_FLAGS ? EINVAL :
				       ERANGE, &e);
		}
		e = sample(i);
		expr_u32(&e, NFTA_DICT_OP, NFT_DICT_OP_UNSPEC);
		EXPECT_REFUSED(ERANGE, &e);

		/* nests that are not flagged, empty or malformed */
		for (j = 0; j < ARRAY_SIZE(nests); j++) {
			type = nests[j];
			e = sample(i);
			if (!expr_find(&e, type))
				continue;
			expr_find(&e, type)->type = type;
			EXPECT_REFUSED(EINVAL, &e);
			e = sample(i);
			expr_set(&e, type | NLA_F_NESTED, "", 0);
			EXPECT_REFUSED(EINVAL, &e);
			expr_set(&e, type | NLA_F_NESTED, "\1\0\0\0", 4);
			EXPECT_REFUSED(EINVAL, &e);
			expr_set(&e, type | NLA_F_NESTED, "\xff\0\1\0", 4);
			EXPECT_REFUSED(EINVAL, &e);
		}
	}
}

TEST_F(nft_dict, flags)
{
	unsigned int i, flag, bit;
	struct expr e;
	bool fits;

	for (i = 0; i < SAMPLES; i++) {
		for (bit = 0; bit < 32; bit += bit == 4 ? 27 : 1) {
			flag = 1U << bit;
			e = sample(i);
			expr_u32(&e, NFTA_DICT_FLAGS, flag);
			switch (flag) {
			case NFT_DICT_F_KEY_HOST:
				fits = true;
				break;
			case NFT_DICT_F_INV:
				fits = samples[i].op == NFT_DICT_MATCH ||
				       samples[i].op == NFT_DICT_EXISTS;
				break;
			case NFT_DICT_F_DATA_HOST:
				fits = samples[i].source ||
				       samples[i].op == NFT_DICT_LOAD;
				break;
			default:
				fits = false;
			}
			if (fits)
				EXPECT_TAKEN(&e);
			else
				EXPECT_REFUSED(EINVAL, &e);
		}
	}

	/* byte orders are numbers' */
	e = sample(2);
	expr_u32(&e, NFTA_DICT_KEY_TYPE, NF_DICT_KEY_IPV4);
	EXPECT_TAKEN(&e);
	expr_u32(&e, NFTA_DICT_FLAGS, NFT_DICT_F_KEY_HOST);
	EXPECT_REFUSED(EINVAL, &e);
	e = expr_load("t", "f", NF_DICT_INT, 0);
	EXPECT_TAKEN(&e);
	expr_u32(&e, NFTA_DICT_FLAGS, NFT_DICT_F_DATA_HOST);
	EXPECT_REFUSED(EINVAL, &e);
	e = expr_match("t", "f", "a");
	expr_u32(&e, NFTA_DICT_DREG, NFT_REG_3);
	EXPECT_TAKEN(&e);
	expr_u32(&e, NFTA_DICT_FLAGS, NFT_DICT_F_INV);
	EXPECT_REFUSED(EINVAL, &e);
}

TEST_F(nft_dict, path)
{
	struct level path[5] = {
		{ "a", "f", NF_DICT_INT },
		{ "b", "f", NF_DICT_INT },
		{ "c", "f", NF_DICT_INT },
		{ "d", "f", NF_DICT_INT },
		{ "e", "f", NF_DICT_INT },
	};
	const struct level both = {
		"t", "f", NF_DICT_INT, NFT_DICT_FORM_NUMBER,
	};
	const struct level unknown = {
		"t", "f", NF_DICT_INT, NFT_DICT_FORM_MAX + 1,
	};
	struct buf b = {};
	struct nlattr *nest;
	unsigned int i;
	struct expr e;

	e = sample(2);
	expr_path(&e, path, 4);
	EXPECT_TAKEN(&e);
	expr_path(&e, path, 5);
	EXPECT_REFUSED(E2BIG, &e);

	/* required in all levels but the last */
	for (i = 0; i < 3; i++) {
		path[i].type = 0;
		expr_path(&e, path, 4);
		EXPECT_REFUSED(EINVAL, &e);
		path[i].field = NULL;
		expr_path(&e, path, 4);
		EXPECT_REFUSED(EINVAL, &e);
		path[i] = (struct level){ NULL, "f", NF_DICT_INT };
		expr_path(&e, path, 4);
		EXPECT_REFUSED(EINVAL, &e);
		path[i] = (struct level){ "a", "f", NUMBER };
		expr_path(&e, path, 4);
		EXPECT_TAKEN(&e);
		path[i] = (struct level){ "a", "f", NF_DICT_INT,
					  NFT_DICT_FORM_NUMBER };
		expr_path(&e, path, 4);
		EXPECT_REFUSED(EINVAL, &e);
		path[i] = (struct level){ "a", "f", NF_DICT_INT };
	}

	/* required or forbidden in the last level */
	for (i = 0; i < SAMPLES; i++) {
		bool type, field;

		e = sample(i);
		type = samples[i].op != NFT_DICT_EXISTS &&
		       samples[i].op != NFT_DICT_DELETE &&
		       samples[i].op != NFT_DICT_FLUSH;
		field = samples[i].op != NFT_DICT_FLUSH;
		if (type) {
			expr_level(&e, "t", "f", 0);
			EXPECT_REFUSED(EINVAL, &e);
		}
		if (field) {
			expr_level(&e, "t", NULL, 0);
			EXPECT_REFUSED(EINVAL, &e);
		} else {
			expr_level(&e, "t", "f", 0);
			EXPECT_REFUSED(EINVAL, &e);
			expr_level(&e, "t", "f", NF_DICT_INT);
			EXPECT_REFUSED(EINVAL, &e);
			expr_level(&e, "t", "f", NUMBER);
			EXPECT_REFUSED(EINVAL, &e);
		}
		/* both type and form: only with data from a register */
		if (!samples[i].source) {
			expr_path(&e, &both, 1);
			EXPECT_REFUSED(EINVAL, &e);
		}
		expr_path(&e, &unknown, 1);
		EXPECT_REFUSED(ERANGE, &e);
		expr_level(&e, "t", NULL, NUMBER);
		EXPECT_REFUSED(EINVAL, &e);
		expr_level(&e, NULL, "f", NF_DICT_INT);
		EXPECT_REFUSED(EINVAL, &e);
		expr_level(&e, "t", NULL, NF_DICT_INT);
		EXPECT_REFUSED(EINVAL, &e);
		expr_level(&e, "t", "f", NF_DICT_TYPE_MAX + 1);
		EXPECT_REFUSED(ERANGE, &e);
	}

	/*
	 * an element of another kind, one that is not a nest, and an unknown
	 * attribute in a level
	 */
	e = sample(2);
	nest = buf_nest(&b, NFTA_LIST_ELEM + 1);
	buf_put(&b, NFTA_DICT_LEVEL_TABLE, "t", 1);
	buf_put(&b, NFTA_DICT_LEVEL_FIELD, "f", 1);
	buf_nest_end(&b, nest);
	expr_buf(&e, NFTA_DICT_PATH, &b);
	EXPECT_REFUSED(EINVAL, &e);
	nest->nla_type = NFTA_LIST_ELEM;
	expr_buf(&e, NFTA_DICT_PATH, &b);
	EXPECT_REFUSED(EINVAL, &e);
	nest->nla_type = NFTA_LIST_ELEM | NLA_F_NESTED;
	expr_buf(&e, NFTA_DICT_PATH, &b);
	EXPECT_TAKEN(&e);
	buf_put(&b, NFTA_DICT_LEVEL_MAX + 1, "t", 1);
	buf_nest_end(&b, nest);
	expr_buf(&e, NFTA_DICT_PATH, &b);
	EXPECT_REFUSED(EINVAL, &e);
}

TEST_F(nft_dict, keys)
{
	static const struct {
		uint32_t	type, min, max;
	} keys[] = {
		{ NF_DICT_KEY_INT,	1,	8 },
		{ NF_DICT_KEY_IPV4,	4,	4 },
		{ NF_DICT_KEY_IPV6,	16,	16 },
		{ NF_DICT_KEY_ETHER,	6,	6 },
		{ NF_DICT_KEY_STRING,	1,	32 },
		{ NF_DICT_KEY_RAW,	1,	32 },
	};
	unsigned int i, j, len;
	struct expr e = sample(2);

	for (i = 0; i < ARRAY_SIZE(keys); i++) {
		expr_u32(&e, NFTA_DICT_KEY_TYPE, keys[i].type);
		for (j = 0; j < ARRAY_SIZE(lengths); j++) {
			len = lengths[j];
			expr_u32(&e, NFTA_DICT_KEY_LEN, len);
			if (len >= keys[i].min && len <= keys[i].max)
				EXPECT_TAKEN(&e);
			else if (!len || len > 64)
				EXPECT_REFUSED(ERANGE, &e);
			else if (keys[i].max == 32)
				/* includes registers that were not loaded */
				EXPECT_REFUSED(ENODATA, &e);
			else
				EXPECT_REFUSED(EINVAL, &e);
		}
	}
	expr_u32(&e, NFTA_DICT_KEY_LEN, 4);
	expr_u32(&e, NFTA_DICT_KEY_TYPE, 0);
	EXPECT_REFUSED(ERANGE, &e);
	expr_u32(&e, NFTA_DICT_KEY_TYPE, NF_DICT_KEY_MAX + 1);
	EXPECT_REFUSED(ERANGE, &e);
}

TEST_F(nft_dict, registers)
{
	struct expr e = sample(2);

	expr_u32(&e, NFTA_DICT_SREG, NFT_REG_VERDICT);
	EXPECT_REFUSED(EINVAL, &e);
	expr_u32(&e, NFTA_DICT_SREG, REG_EMPTY);
	EXPECT_REFUSED(ENODATA, &e);
	expr_u32(&e, NFTA_DICT_SREG, NFT_REG_4 + 1);
	EXPECT_REFUSED(ERANGE, &e);
	expr_u32(&e, NFTA_DICT_SREG, NFT_REG32_15 + 1);
	EXPECT_REFUSED(ERANGE, &e);
	expr_u32(&e, NFTA_DICT_SREG, NFT_REG32_07);
	EXPECT_TAKEN(&e);
	expr_u32(&e, NFTA_DICT_KEY_LEN, 5);
	EXPECT_REFUSED(ENODATA, &e);
	expr_u32(&e, NFTA_DICT_SREG, NFT_REG32_15);
	EXPECT_REFUSED(ERANGE, &e);

	e = expr_load("t", "f", NF_DICT_INT64, 0);
	expr_u32(&e, NFTA_DICT_DREG, NFT_REG32_14);
	EXPECT_TAKEN(&e);
	expr_u32(&e, NFTA_DICT_DREG, NFT_REG32_15);
	EXPECT_REFUSED(ERANGE, &e);
	expr_u32(&e, NFTA_DICT_DREG, NFT_REG_VERDICT);
	EXPECT_REFUSED(EINVAL, &e);
	e = expr_match("t", "f", "a");
	expr_u32(&e, NFTA_DICT_DREG, NFT_REG32_15);
	EXPECT_TAKEN(&e);
	expr_u32(&e, NFTA_DICT_DREG, NFT_REG_VERDICT);
	EXPECT_REFUSED(EINVAL, &e);

	e = expr_source(NFT_DICT_SET, "t", "f", NF_DICT_INT, 0, 0);
	expr_u32(&e, NFTA_DICT_DATA_SREG, REG_EMPTY);
	EXPECT_REFUSED(ENODATA, &e);
	expr_u32(&e, NFTA_DICT_DATA_SREG, NFT_REG_VERDICT);
	EXPECT_REFUSED(EINVAL, &e);
}

TEST_F(nft_dict, forms)
{
	static const uint32_t lens[] = {
		[NF_DICT_BOOL]		= 1,
		[NF_DICT_INT]		= 4,
		[NF_DICT_INT64]		= 8,
		[NF_DICT_IPV4_ADDR]	= 4,
		[NF_DICT_IPV6_ADDR]	= 16,
		[NF_DICT_ETHER_ADDR]	= 6,
	};
	struct expr typed, plain, e;
	uint32_t type, len;
	unsigned int i;
	bool number;

	for (type = NF_DICT_BOOL; type <= NF_DICT_ETHER_ADDR; type++) {
		e = expr_load("t", "f", type, 0);
		EXPECT_TAKEN(&e);
		for (i = 0; i < ARRAY_SIZE(lengths); i++) {
			len = lengths[i];
			expr_u32(&e, NFTA_DICT_DATA_LEN, len);
			if (!len || len > 64)
				EXPECT_REFUSED(ERANGE, &e);
			else if (len == lens[type])
				EXPECT_TAKEN(&e);
			else
				EXPECT_REFUSED(EINVAL, &e);
		}
	}
	e = expr_load("t", "f", NUMBER, 0);
	EXPECT_REFUSED(EINVAL, &e);
	e = expr_load("t", "f", NF_DICT_LONG_STRING, 0);
	EXPECT_REFUSED(EINVAL, &e);
	expr_u32(&e, NFTA_DICT_DREG, NFT_REG_1);
	expr_u32(&e, NFTA_DICT_DATA_LEN, 64);
	EXPECT_TAKEN(&e);
	expr_u32(&e, NFTA_DICT_DATA_LEN, 65);
	EXPECT_REFUSED(ERANGE, &e);
	e = expr_load("t", "f", NUMBER, 8);
	EXPECT_TAKEN(&e);
	expr_u32(&e, NFTA_DICT_DATA_LEN, 9);
	EXPECT_REFUSED(EINVAL, &e);

	/* lists have no form in registers */
	for (len = 0; len <= 64; len += 4) {
		e = expr_load("t", "f", NF_DICT_STRING_LIST, len);
		EXPECT_REFUSED(EINVAL, &e);
		e = expr_source(NFT_DICT_SET, "t", "f", NF_DICT_STRING_LIST, 0,
				len);
		EXPECT_REFUSED(EINVAL, &e);
	}

	/* a register has the field's type; numbers may have the number form */
	for (type = NF_DICT_BOOL; type <= NF_DICT_LONG_STRING; type++) {
		len = type == NF_DICT_LONG_STRING ? 4 : 0;
		number = type == NF_DICT_INT || type == NF_DICT_INT64;

		typed = expr_source(NFT_DICT_SET, "t", "f", type, 0, len);
		EXPECT_TAKEN(&typed);
		plain = expr_source(NFT_DICT_SET, "t", "f", type,
				    NFT_DICT_FORM_NUMBER, 4);
		if (number)
			EXPECT_TAKEN(&plain);
		else
			EXPECT_REFUSED(EINVAL, &plain);

		expr_u32(&typed, NFTA_DICT_OP, NFT_DICT_ADD);
		expr_u32(&plain, NFTA_DICT_OP, NFT_DICT_ADD);
		if (number) {
			EXPECT_TAKEN(&typed);
			EXPECT_TAKEN(&plain);
		} else {
			EXPECT_REFUSED(EINVAL, &typed);
			EXPECT_REFUSED(EINVAL, &plain);
		}
	}
	e = expr_source(NFT_DICT_SET, "t", "f", NUMBER, 0, 4);
	EXPECT_TAKEN(&e);
	e = expr_source(NFT_DICT_ADD, "t", "f", NUMBER, 0, 4);
	EXPECT_TAKEN(&e);

	/* either a constant or a register */
	e = expr_source(NFT_DICT_SET, "t", "f", NF_DICT_INT, 0, 0);
	expr_value(&e, "\0\0\0\1", 4);
	EXPECT_REFUSED(EINVAL, &e);
}

TEST_F(nft_dict, constants)
{
	static const uint32_t lens[] = {
		[NF_DICT_BOOL]		= 1,
		[NF_DICT_INT]		= 4,
		[NF_DICT_INT64]		= 8,
		[NF_DICT_IPV4_ADDR]	= 4,
		[NF_DICT_IPV6_ADDR]	= 16,
		[NF_DICT_ETHER_ADDR]	= 6,
		[NF_DICT_LONG_STRING]	= 0,
		[NF_DICT_STRING_LIST]	= 0,
	};
	uint8_t ones[4096];
	uint32_t type, len;
	unsigned int i;
	struct expr e;

	memset(ones, 1, sizeof(ones));
	for (type = NF_DICT_BOOL; type <= NF_DICT_TYPE_MAX; type++) {
		for (i = 0; i < ARRAY_SIZE(lengths); i++) {
			len = lengths[i];
			e = expr_const(NFT_DICT_SET, "t", "f", type, ones, len);
			if (type == NF_DICT_LONG_STRING ||
			    type == NF_DICT_STRING_LIST || len == lens[type])
				EXPECT_TAKEN(&e);
			else
				EXPECT_REFUSED(EINVAL, &e);
		}
		e = expr_const(NFT_DICT_ADD, "t", "f", type, ones, lens[type]);
		if (type == NF_DICT_INT || type == NF_DICT_INT64 ||
		    type == NF_DICT_STRING_LIST)
			EXPECT_TAKEN(&e);
		else
			EXPECT_REFUSED(EINVAL, &e);
	}
	e = expr_const(NFT_DICT_SET, "t", "f", NF_DICT_STRING_LIST, "a\0b", 3);
	EXPECT_DUMPED(&e);
	e = expr_const(NFT_DICT_SET, "t", "f", NF_DICT_STRING_LIST, "a\0", 2);
	EXPECT_REFUSED(EINVAL, &e);
	e = expr_const(NFT_DICT_SET, "t", "f", NUMBER, ones, 8);
	EXPECT_TAKEN(&e);
	expr_u32(&e, NFTA_DICT_OP, NFT_DICT_SUB);
	EXPECT_TAKEN(&e);
	expr_value(&e, ones, 4);
	EXPECT_REFUSED(EINVAL, &e);
	/* the room in a rule limits constants further than the type does */
	e = expr_const(NFT_DICT_SET, "t", "f", NF_DICT_LONG_STRING, ones, 2000);
	EXPECT_DUMPED(&e);
	e = expr_const(NFT_DICT_SET, "t", "f", NF_DICT_LONG_STRING, ones, 3000);
	EXPECT_REFUSED(E2BIG, &e);
	e = expr_const(NFT_DICT_SET, "t", "f", NF_DICT_LONG_STRING, ones, 4096);
	EXPECT_REFUSED(ERANGE, &e);
	e = expr_const(NFT_DICT_SET, "t", "f", NF_DICT_BOOL, "\2", 1);
	EXPECT_REFUSED(EINVAL, &e);
	e = expr_const(NFT_DICT_SET, "t", "f", NF_DICT_LONG_STRING, "a\0b", 3);
	EXPECT_REFUSED(EINVAL, &e);
}

TEST_F_TIMEOUT(nft_dict, patterns, SLOW)
{
	static const char *const bad[] = {
		"[", "a[", "[a", "[!", "[!]", "[]", "[z-a]", "[a-", "\\",
		"a\\", "[\\", "[a\\]",
	};
	static const char *const good[] = {
		"", "*", "?", "]", "-", "!", "\\[", "[]]", "[!]]", "[a-]",
		"[\\]]", "[!a-z0-9_]", "**",
	};
	static struct buf b;
	char pattern[129];
	struct expr e;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		e = expr_match("t", "f", bad[i]);
		EXPECT_REFUSED(EINVAL, &e);
	}
	for (i = 0; i < ARRAY_SIZE(good); i++) {
		e = expr_match("t", "f", good[i]);
		EXPECT_DUMPED(&e);
	}

	memset(pattern, '?', sizeof(pattern));
	e = expr_match("t", "f", "");
	expr_pattern(&e, pattern, 128);
	EXPECT_DUMPED(&e);
	expr_pattern(&e, pattern, 129);
	EXPECT_REFUSED(ENAMETOOLONG, &e);
	expr_pattern(&e, "a\0b", 3);
	EXPECT_REFUSED(EINVAL, &e);

	/* strings only */
	e = expr_match("t", "f", "a");
	expr_level(&e, "t", "f", NF_DICT_INT);
	EXPECT_REFUSED(EINVAL, &e);

	/* a bad pattern after good ones, one of another kind, too many */
	buf_put(&b, NFTA_LIST_ELEM, "a", 1);
	buf_put(&b, NFTA_LIST_ELEM, "[", 1);
	e = expr_match("t", "f", "a");
	expr_buf(&e, NFTA_DICT_PATTERNS, &b);
	EXPECT_REFUSED(EINVAL, &e);
	b.len = 0;
	buf_put(&b, NFTA_LIST_ELEM, "a", 1);
	buf_put(&b, NFTA_LIST_ELEM + 1, "b", 1);
	expr_buf(&e, NFTA_DICT_PATTERNS, &b);
	EXPECT_REFUSED(EINVAL, &e);
}

/* Each kind of message that explains a refusal, once. */
#define EXPECT_REASON(want, e) do {					\
	struct expr unfit = e;						\
									\
	EXPECT_STREQ(want, add_rule(&unfit).msg);			\
} while (0)

static struct expr with_u32(struct expr e, uint16_t type, uint32_t num)
{
	expr_u32(&e, type, num);

	return e;
}

static struct expr with_key(uint32_t type, uint32_t len, uint32_t reg)
{
	struct expr e = expr_of(NFT_DICT_EXISTS, "t", "f", 0);

	expr_u32(&e, NFTA_DICT_KEY_TYPE, type);
	expr_u32(&e, NFTA_DICT_KEY_LEN, len);

	return with_u32(e, NFTA_DICT_SREG, reg);
}

static struct expr with_patterns(const char *const *patterns, unsigned int n)
{
	struct expr e = expr_match("t", "f", "a");

	expr_patterns(&e, patterns, n);

	return e;
}

TEST_F(nft_dict, reasons)
{
	static const char *const bad[] = { "a", "b[", "c" };
	struct level path[5], untyped[] = {
		{ "a", "f" }, { "b", "f", NF_DICT_INT },
	};
	char pattern[130] = {};
	struct expr e;
	unsigned int i;

	/* the path, and its names */
	for (i = 0; i < ARRAY_SIZE(path); i++)
		path[i] = (struct level){ "a", "f", NF_DICT_INT };
	e = expr_load("t", "f", NF_DICT_INT, 0);
	expr_path(&e, path, ARRAY_SIZE(path));
	EXPECT_REASON("Path has too many levels", e);
	expr_path(&e, untyped, 2);
	EXPECT_REASON("Level that gives the key of the next lacks field or type",
		      e);
	EXPECT_REASON("Last level lacks the field's type",
		      expr_load("t", "f", 0, 4));
	EXPECT_REASON("Last level lacks a field", expr_load("t", NULL, 0, 4));
	EXPECT_REASON("Last level has a field, but rows are flushed whole",
		      expr_of(NFT_DICT_FLUSH, "t", "f", 0));
	EXPECT_REASON("Name is empty, too long or has white space, commas or control characters",
		      expr_of(NFT_DICT_EXISTS, "t", "a b", 0));

	/* the key */
	EXPECT_REASON("Length of the key does not fit its type",
		      with_key(NF_DICT_KEY_INT, 9, NFT_REG_1));
	EXPECT_REASON("Register of the key is invalid or nothing was loaded into it",
		      with_key(NF_DICT_KEY_RAW, 64, NFT_REG_4));
	EXPECT_REASON("Host byte order is for keys that are numbers",
		      with_u32(with_key(NF_DICT_KEY_STRING, 16, NFT_REG_1),
			       NFTA_DICT_FLAGS, NFT_DICT_F_KEY_HOST));

	/* patterns */
	memset(pattern, 'x', 129);
	EXPECT_REASON("Pattern is too long", expr_match("t", "f", pattern));
	EXPECT_REASON("Pattern has a bracket that is not closed, a backslash at its end or a NUL",
		      with_patterns(bad, 3));
	EXPECT_REASON("Patterns are missing", with_patterns(bad, 0));
	e = with_patterns(bad, 1);
	expr_level(&e, "t", "f", NF_DICT_INT);
	EXPECT_REASON("Patterns are for fields of type long_string or string_list",
		      e);
	e = with_u32(with_patterns(bad, 1), NFTA_DICT_FLAGS, NFT_DICT_F_INV);
	EXPECT_REASON("Index of a pattern cannot be negated",
		      with_u32(e, NFTA_DICT_DREG, NFT_REG_1));

	/* data */
	EXPECT_REASON("Arithmetic is for fields that are numbers or lists",
		      expr_const(NFT_DICT_ADD, "t", "f", NF_DICT_LONG_STRING,
				 "1", 1));
	EXPECT_REASON("Arithmetic is for fields that are numbers or lists",
		      expr_const(NFT_DICT_SUB, "t", "f", NF_DICT_BOOL, "\1", 1));
	EXPECT_REASON("Plain numbers are for fields that are numbers",
		      expr_source(NFT_DICT_SET, "t", "f", NF_DICT_LONG_STRING,
				  NFT_DICT_FORM_NUMBER, 2));
	EXPECT_REASON("Length of the data does not fit their type",
		      expr_load("t", "f", NUMBER, 9));
	EXPECT_REASON("Host byte order is for data that are plain numbers",
		      with_u32(expr_load("t", "f", NF_DICT_INT, 0),
			       NFTA_DICT_FLAGS, NFT_DICT_F_DATA_HOST));
	EXPECT_REASON("Register to load into is invalid",
		      with_u32(expr_load("t", "f", NF_DICT_LONG_STRING, 64),
			       NFTA_DICT_DREG, NFT_REG_2));
	EXPECT_EQ(0, list_rules().objects);
	EXPECT_EQ(0, list_tables().objects);
}

/*
 * A rule of two dict expressions that take @bytes in all, mostly for patterns.
 * Names of table and chain and the user data have the maximum length.
 */
#define LONGEST_NAME	255

static struct nlmsghdr *put_large_rule(struct nlmsghdr *prev, const char *name,
				       size_t bytes)
{
	static const uint8_t userdata[NFT_USERDATA_MAXLEN];
	struct expr e = expr_match("t", "f", "a");
	struct nlattr *list, *elem, *patterns;
	struct nlmsghdr *nlh;
	char pattern[128];
	unsigned int i;
	size_t left, len;

	memset(pattern, '?', sizeof(pattern));
	nlh = nft_msg(prev, NFT_MSG_NEWRULE,
		      NLM_F_CREATE | NLM_F_APPEND | NLM_F_ACK);
	mnl_attr_put_strz(nlh, NFTA_RULE_TABLE, name);
	mnl_attr_put_strz(nlh, NFTA_RULE_CHAIN, name);
	mnl_attr_put(nlh, NFTA_RULE_USERDATA, sizeof(userdata), userdata);
	list = mnl_attr_nest_start(nlh, NFTA_RULE_EXPRESSIONS);
	put_immediate(nlh, REG_KEY, reg_key, sizeof(reg_key));
	put_dict(nlh, &e);
	elem = put_expr(nlh, "dict");
	expr_del(&e, NFTA_DICT_PATTERNS);
	for (i = 0; i < e.n; i++)
		mnl_attr_put(nlh, e.attr[i].type, e.attr[i].len,
			     e.attr[i].data);
	patterns = mnl_attr_nest_start(nlh, NFTA_DICT_PATTERNS);
	left = bytes - ((uint8_t *)mnl_nlmsg_get_payload_tail(nlh) -
			(uint8_t *)(list + 1));
	for (; left; left -= len) {
		len = left < 2 * 64 ? left : 64;
		mnl_attr_put(nlh, NFTA_LIST_ELEM, len - 4, pattern);
	}
	mnl_attr_nest_end(nlh, patterns);
	end_expr(nlh, elem);
	mnl_attr_nest_end(nlh, list);

	return nlh;
}

static struct nlmsghdr *put_named_chain(const char *name)
{
	struct nlmsghdr *nlh;

	nlh = nft_msg(batch_begin(), NFT_MSG_NEWTABLE, NLM_F_CREATE);
	mnl_attr_put_strz(nlh, NFTA_TABLE_NAME, name);
	nlh = nft_msg(nlh, NFT_MSG_NEWCHAIN, NLM_F_CREATE | NLM_F_ACK);
	mnl_attr_put_strz(nlh, NFTA_CHAIN_TABLE, name);
	mnl_attr_put_strz(nlh, NFTA_CHAIN_NAME, name);

	return nlh;
}

static struct nlmsghdr *put_get_rule(const char *name, uint64_t handle)
{
	struct nlmsghdr *nlh = nft_msg(NULL, NFT_MSG_GETRULE, 0);

	mnl_attr_put_strz(nlh, NFTA_RULE_TABLE, name);
	mnl_attr_put_strz(nlh, NFTA_RULE_CHAIN, name);
	mnl_attr_put_u64(nlh, NFTA_RULE_HANDLE, htobe64(handle));

	return nlh;
}

static struct mnl_socket *listen_to(int group)
{
	struct mnl_socket *s = mnl_socket_open2(NETLINK_NETFILTER,
						SOCK_NONBLOCK);

	if (s && (mnl_socket_bind(s, 0, MNL_SOCKET_AUTOPID) ||
		  mnl_socket_setsockopt(s, NETLINK_ADD_MEMBERSHIP, &group,
					sizeof(group))))
		return NULL;

	return s;
}

/* nf_tables' notifications and dumps have room for the largest rule. */
TEST_F(nft_dict, rule_size)
{
	char name[LONGEST_NAME + 1] = {};
	struct mnl_socket *listener;
	const struct nlmsghdr *nlh;
	unsigned int rules = 0;
	const struct nlattr *a;
	uint64_t handle = 0;
	struct answer ans;
	int len;

	memset(name, 'n', LONGEST_NAME);
	ASSERT_EQ(0, talk(put_named_chain(name), true).err);

	listener = listen_to(NFNLGRP_NFTABLES);
	ASSERT_NE(NULL, listener);

	ans = talk(put_large_rule(batch_begin(), name, 2560 + 4), true);
	EXPECT_EQ(E2BIG, ans.err);
	EXPECT_NE(NULL, strstr(ans.msg, "2560 bytes")) TH_LOG("%s", ans.msg);
	EXPECT_EQ(0, list_tables().objects);

	ans = talk(put_large_rule(batch_begin(), name, 2560), true);
	ASSERT_EQ(0, ans.err) TH_LOG("%s", ans.msg);

	/* a listener receives it */
	while ((len = mnl_socket_recvfrom(listener, recv_room,
					  sizeof(recv_room))) > 0) {
		for (nlh = (void *)recv_room; mnl_nlmsg_ok(nlh, len);
		     nlh = mnl_nlmsg_next(nlh, &len)) {
			if ((nlh->nlmsg_type & 0xff) != NFT_MSG_NEWRULE)
				continue;
			rules++;
			mnl_attr_for_each(a, nlh, sizeof(struct nfgenmsg))
				if (mnl_attr_get_type(a) == NFTA_RULE_HANDLE)
					handle = be64toh(mnl_attr_get_u64(a));
		}
	}
	EXPECT_EQ(EAGAIN, errno);
	EXPECT_EQ(1, rules);
	mnl_socket_close(listener);

	/* NFT_MSG_GETRULE returns it */
	ans = talk(put_get_rule(name, handle), false);
	EXPECT_EQ(0, ans.err);
	EXPECT_EQ(1, ans.objects);
}

/* A transaction that fails reverts what its valid rules did. */
TEST_F(nft_dict, transactions)
{
	struct expr good = sample(3), bad = sample(2);
	struct nlmsghdr *nlh;
	struct answer ans;
	unsigned int i;

	expr_u32(&bad, NFTA_DICT_KEY_TYPE, 0);

	for (i = 0; i < 10; i++) {
		nlh = put_rule(batch_begin(), &good, NULL, 0);
		nlh = put_rule(nlh, &bad, NULL, 0);
		ans = talk(nlh, true);
		ASSERT_EQ(ERANGE, ans.err);
		ASSERT_EQ(0, list_rules().objects);
		ASSERT_EQ(0, list_tables().objects);
	}

	/* added and deleted in one */
	nlh = put_rule(batch_begin(), &good, NULL, 0);
	nlh = put_flush(nlh);
	ASSERT_EQ(0, talk(nlh, true).err);
	ASSERT_EQ(0, list_rules().objects);
	ASSERT_EQ(0, list_tables().objects);

	/* deleted, and the transaction fails: still there, still in use */
	ASSERT_EQ(0, add_rule(&good).err);
	for (i = 0; i < 10; i++) {
		nlh = put_flush(batch_begin());
		nlh = put_rule(nlh, &bad, NULL, 0);
		ASSERT_EQ(ERANGE, talk(nlh, true).err);
		ASSERT_EQ(1, list_rules().objects);
		ASSERT_EQ(1, list_tables().objects);
		ASSERT_EQ(EBUSY, table_do(NFDICT_MSG_TABLE_DEL, 0, "t", 0).err);
		ASSERT_EQ(true, packet_dropped());
	}

	/* replaced by itself: the table and its row stay */
	nlh = put_flush(batch_begin());
	nlh = put_rule(nlh, &good, NULL, 0);
	ASSERT_EQ(0, talk(nlh, true).err);
	ASSERT_EQ(-5, row_num("t"));
	ASSERT_EQ(0, flush_rules());
	/* packets wrote to it, so the table outlives the rule */
	ASSERT_EQ(1, list_tables().objects);
}

/* Receives the pending events; returns their number and the last one's type. */
static unsigned int events(struct mnl_socket *s, int *type)
{
	const struct nlmsghdr *nlh;
	unsigned int n = 0;
	int len;

	while ((len = mnl_socket_recvfrom(s, recv_room,
					  sizeof(recv_room))) > 0) {
		for (nlh = (void *)recv_room; mnl_nlmsg_ok(nlh, len);
		     nlh = mnl_nlmsg_next(nlh, &len)) {
			*type = nlh->nlmsg_type & 0xff;
			n++;
		}
	}

	return n;
}

/* What is refused, checked or taken back at once is seen by nobody. */
TEST_F(nft_dict, transactions_leave_no_trace)
{
	struct mnl_socket *listener = listen_to(NFNLGRP_DICT);
	struct expr good = sample(3), bad = sample(2);
	struct nlmsghdr *nlh;
	int type = -1;

	ASSERT_NE(NULL, listener);
	expr_u32(&bad, NFTA_DICT_KEY_TYPE, 0);

	nlh = put_rule(batch_begin(), &good, NULL, 0);
	nlh = put_rule(nlh, &bad, NULL, 0);
	EXPECT_EQ(ERANGE, talk(nlh, true).err);
	EXPECT_EQ(0, events(listener, &type)) TH_LOG("refused");

	/* as nft -c does: nothing says that the batch is complete */
	nlh = put_rule(batch_begin(), &good, NULL, 0);
	EXPECT_EQ(0, talk(nlh, false).err);
	EXPECT_EQ(0, list_rules().objects);
	EXPECT_EQ(0, events(listener, &type)) TH_LOG("checked");

	nlh = put_rule(batch_begin(), &good, NULL, 0);
	nlh = put_flush(nlh);
	EXPECT_EQ(0, talk(nlh, true).err);
	EXPECT_EQ(0, events(listener, &type)) TH_LOG("taken back");

	EXPECT_EQ(0, add_rule(&good).err);
	EXPECT_EQ(1, events(listener, &type));
	EXPECT_EQ(NFDICT_MSG_TABLE_NEW, type);
	EXPECT_EQ(0, flush_rules());
	EXPECT_EQ(1, events(listener, &type));
	EXPECT_EQ(NFDICT_MSG_TABLE_DEL, type);
	mnl_socket_close(listener);
}

/* A table created by rules is removed with its last row, once they are gone. */
TEST_F(nft_dict, table_goes_with_last_row)
{
	struct nlmsghdr *nlh;
	unsigned int i;

	EXPECT_EQ(1, matches(expr_const_int(NFT_DICT_SET, "t", "f", 1)));
	EXPECT_EQ(1, list_tables().objects);
	nlh = dict_msg(msg_room, NFDICT_MSG_ROW_DEL, NLM_F_ACK, "t");
	put_row_key(nlh, KEY_INT(KEY));
	EXPECT_EQ(0, talk(nlh, false).err);
	for (i = 0; i < 1000 && list_tables().objects; i++)
		usleep(10000);
	EXPECT_EQ(0, list_tables().objects);
}

/* When the deletion of a rule returns, its tables can be deleted. */
TEST_F(nft_dict, uses)
{
	const struct level path[] = {
		{ "a", "f", NF_DICT_INT },
		{ "b", "f", NF_DICT_INT },
		{ "a", "g", NF_DICT_INT },
	};
	struct expr e = sample(2);
	struct answer ans;
	unsigned int i;

	expr_path(&e, path, 3);
	for (i = 0; i < 10; i++) {
		ASSERT_EQ(0, table_do(NFDICT_MSG_TABLE_NEW, NLM_F_CREATE, "a",
				      0).err);
		ASSERT_EQ(0, table_do(NFDICT_MSG_TABLE_NEW, NLM_F_CREATE, "b",
				      0).err);
		ASSERT_EQ(0, add_rule(&e).err);
		ans = table_do(NFDICT_MSG_TABLE_DEL, 0, "a", 0);
		ASSERT_EQ(EBUSY, ans.err);
		ASSERT_STREQ("table is used by a rule", ans.msg);
		ASSERT_EQ(EBUSY, table_do(NFDICT_MSG_TABLE_DEL, 0, "b", 0).err);
		ASSERT_EQ(0, flush_rules());
		ASSERT_EQ(0, table_do(NFDICT_MSG_TABLE_DEL, 0, "a", 0).err);
		ASSERT_EQ(0, table_do(NFDICT_MSG_TABLE_DEL, 0, "b", 0).err);
		ASSERT_EQ(0, list_tables().objects);
	}
}

static struct nlmsghdr *new_table(const char *table)
{
	return dict_msg(msg_room, NFDICT_MSG_TABLE_NEW,
			NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK, table);
}

/* NLM_F_EXCL succeeds for a table that so far only rules have created. */
TEST_F(nft_dict, table_created_after_rule)
{
	struct expr e = sample(2);
	struct mnl_socket *listener;
	int type = -1;

	ASSERT_EQ(0, add_rule(&e).err);
	listener = listen_to(NFNLGRP_DICT);
	ASSERT_NE(NULL, listener);
	EXPECT_EQ(0, talk(new_table("t"), false).err);
	EXPECT_EQ(1, events(listener, &type));
	EXPECT_EQ(NFDICT_MSG_TABLE_NEW, type);
	EXPECT_EQ(EEXIST, talk(new_table("t"), false).err);

	/* it outlives the rules */
	EXPECT_EQ(0, flush_rules());
	EXPECT_EQ(0, events(listener, &type));
	EXPECT_EQ(0, table_do(NFDICT_MSG_TABLE_DEL, 0, "t", 0).err);
	mnl_socket_close(listener);
}

static int new_table_of(const char *table, uint32_t class)
{
	struct nlmsghdr *nlh = new_table(table);

	mnl_attr_put_u32(nlh, NFDICTA_KEY_CLASS, htonl(class));

	return talk(nlh, false).err;
}

/* A rule with keys of another class than the table's is refused. */
TEST_F(nft_dict, key_class)
{
	struct expr e = expr_load("t", "f", NF_DICT_INT, 0);
	struct answer a;

	ASSERT_EQ(0, new_table_of("t", NF_DICT_KEY_ETHER));
	a = add_rule(&e);
	EXPECT_EQ(EINVAL, a.err);
	EXPECT_STREQ("Table has keys of class ether_addr", a.msg);
	EXPECT_EQ(0, list_rules().objects);
	EXPECT_EQ(0, table_do(NFDICT_MSG_TABLE_DEL, 0, "t", 0).err);
}

/* Names match the longest suffix, both from registers and from a field. */
TEST_F(nft_dict, domains)
{
	struct level path[] = {
		{ "names", "f", NF_DICT_LONG_STRING },
		{ "t", "f", NF_DICT_INT },
	};
	struct expr e = expr_load("t", "f", NF_DICT_INT, 0);
	struct answer a;

	ASSERT_EQ(0, new_table_of("t", NF_DICT_KEY_DOMAIN));
	EXPECT_EQ(0, row_write_key("t", KEY_DATA(STRING, ".example.com"),
				   INT("f", 5)));
	EXPECT_EQ(0, row_write_key("t", KEY_DATA(STRING, "a.example.com"),
				   INT("f", 6)));

	expr_path(&e, path, 2);
	EXPECT_EQ(0, row_write_string("names", "f", "www.example.com"));
	EXPECT_EQ(1, matches(e));
	EXPECT_EQ(0, row_write_string("names", "f", "example.com"));
	EXPECT_EQ(0, matches(e));
	EXPECT_EQ(0, row_write_string("names", "f", "A.example.com"));
	EXPECT_EQ(1, loads(e, "\x80\0\0\6", 4));
	EXPECT_EQ(0, row_write_string("names", "f", "b.a.example.com"));
	EXPECT_EQ(1, loads(e, "\x80\0\0\5", 4));
	EXPECT_EQ(1, loads(e, "\x80\0\0\5", 4));

	/* keys of the domain class are strings, not numbers */
	e = expr_load("t", "f", NF_DICT_INT, 0);
	a = add_rule(&e);
	EXPECT_EQ(EINVAL, a.err);
	EXPECT_STREQ("Table has keys of class domain", a.msg);
	EXPECT_EQ(0, table_do(NFDICT_MSG_TABLE_DEL, 0, "t", 0).err);
	EXPECT_EQ(0, table_do(NFDICT_MSG_TABLE_DEL, 0, "names", 0).err);
}

/* Creates table "t", which declares a number "f" and a string "g". */
static int declare(bool open)
{
	struct nlmsghdr *nlh = new_table("t");
	struct nlattr *list;

	list = mnl_attr_nest_start(nlh, NFDICTA_DECLS);
	put_decl(nlh, "f", NF_DICT_INT);
	put_decl(nlh, "g", NF_DICT_LONG_STRING);
	mnl_attr_nest_end(nlh, list);
	if (open)
		mnl_attr_put(nlh, NFDICTA_OPEN, 0, NULL);

	return talk(nlh, false).err;
}

/* The message names the type that is declared, whichever it is. */
TEST_F(nft_dict, declared_types)
{
	static const char * const names[] = {
		[NF_DICT_BOOL]		= "bool",
		[NF_DICT_INT]		= "int",
		[NF_DICT_INT64]		= "int64",
		[NF_DICT_IPV4_ADDR]	= "ipv4_addr",
		[NF_DICT_IPV6_ADDR]	= "ipv6_addr",
		[NF_DICT_ETHER_ADDR]	= "ether_addr",
		[NF_DICT_LONG_STRING]	= "long_string",
		[NF_DICT_STRING_LIST]	= "string_list",
	};
	struct nlmsghdr *nlh;
	struct nlattr *list;
	char table[8], msg[64];
	struct answer a;
	struct expr e;
	uint32_t type;

	EXPECT_EQ(NF_DICT_TYPE_MAX + 1, ARRAY_SIZE(names));
	for (type = NF_DICT_UNSPEC + 1; type < ARRAY_SIZE(names); type++) {
		snprintf(table, sizeof(table), "t%u", type);
		nlh = new_table(table);
		list = mnl_attr_nest_start(nlh, NFDICTA_DECLS);
		put_decl(nlh, "f", type);
		mnl_attr_nest_end(nlh, list);
		ASSERT_EQ(0, talk(nlh, false).err);

		e = expr_load(table, "f", type == NF_DICT_BOOL ?
			      NF_DICT_INT : NF_DICT_BOOL, 0);
		a = add_rule(&e);
		EXPECT_EQ(EINVAL, a.err);
		snprintf(msg, sizeof(msg), "Table declares the field as %s",
			 names[type]);
		EXPECT_STREQ(msg, a.msg);
	}
}

/* A rule that contradicts a table's declarations is refused at load. */
TEST_F(nft_dict, declared)
{
	struct level path[] = {
		{ "t", "g", NF_DICT_LONG_STRING },
		{ "u", "f", NF_DICT_INT },
	};
	const uint64_t five = htobe64(5), great = htobe64(1ULL << 40);
	struct answer a;
	struct expr e;

	ASSERT_EQ(0, declare(false));
	e = expr_load("t", "f", NF_DICT_BOOL, 0);
	a = add_rule(&e);
	EXPECT_EQ(EINVAL, a.err);
	EXPECT_STREQ("Table declares the field as int", a.msg);
	e = expr_load("t", "h", NF_DICT_INT, 0);
	a = add_rule(&e);
	EXPECT_EQ(EINVAL, a.err);
	EXPECT_STREQ("Table declares no such field", a.msg);
	e = expr_const(NFT_DICT_SET, "t", "f", NF_DICT_INT64, &five, 8);
	EXPECT_EQ(EINVAL, add_rule(&e).err);
	e = expr_const(NFT_DICT_ADD, "t", "g", NUMBER, &five, 8);
	EXPECT_EQ(EINVAL, add_rule(&e).err);
	e = expr_load("u", "f", NF_DICT_INT, 0);
	path[0].type = NF_DICT_IPV4_ADDR;
	expr_path(&e, path, 2);
	EXPECT_EQ(EINVAL, add_rule(&e).err);
	EXPECT_EQ(0, list_rules().objects);
	EXPECT_EQ(1, list_tables().objects);
	EXPECT_EQ(0, table_do(NFDICT_MSG_TABLE_DEL, 0, "t", 0).err);

	/* accepted: declared types, and undeclared fields of an open table */
	ASSERT_EQ(0, declare(true));
	path[0].type = NF_DICT_LONG_STRING;
	expr_path(&e, path, 2);
	EXPECT_EQ(0, add_rule(&e).err);
	e = expr_load("t", "h", NF_DICT_BOOL, 0);
	EXPECT_EQ(0, add_rule(&e).err);
	e = expr_const(NFT_DICT_SET, "t", "f", NUMBER, &five, 8);
	EXPECT_EQ(0, add_rule(&e).err);
	e = expr_const(NFT_DICT_SET, "t", "h", NF_DICT_INT64, &five, 8);
	EXPECT_EQ(0, add_rule(&e).err);
	EXPECT_EQ(0, flush_rules());
	EXPECT_EQ(0, table_do(NFDICT_MSG_TABLE_DEL, 0, "t", 0).err);

	/* declarations that contradict existing rules are refused */
	e = expr_load("t", "f", NF_DICT_BOOL, 0);
	EXPECT_EQ(0, add_rule(&e).err);
	EXPECT_EQ(EBUSY, declare(false));
	EXPECT_EQ(0, flush_rules());
	e = expr_load("t", "f", NF_DICT_INT, 0);
	EXPECT_EQ(0, add_rule(&e).err);
	EXPECT_EQ(0, declare(false));
	e = expr_load("t", "f", NF_DICT_BOOL, 0);
	EXPECT_EQ(EINVAL, add_rule(&e).err);
	EXPECT_EQ(0, flush_rules());
	EXPECT_EQ(0, table_do(NFDICT_MSG_TABLE_DEL, 0, "t", 0).err);

	/* A plain number is written as the type that is declared. */
	ASSERT_EQ(0, declare(false));
	EXPECT_EQ(1, matches(expr_const(NFT_DICT_SET, "t", "f", NUMBER,
					&five, 8)));
	EXPECT_EQ(1, loads(expr_load("t", "f", NF_DICT_INT, 0),
			   "\x80\0\0\5", 4));
	EXPECT_EQ(0, matches(expr_const(NFT_DICT_SET, "t", "f", NUMBER,
					&great, 8)));
	EXPECT_EQ(1, table_drops("t"));
}

/* --- tables that the ruleset declares ------------------------------------- */

struct decl {
	const char	*name;
	uint32_t	type;
};

struct declaration {
	const char		*table;		/* nf_tables table */
	const char		*name;
	uint32_t		key_class;
	uint32_t		size;
	uint64_t		timeout;
	bool			open;
	unsigned int		n;
	struct decl		fields[4];
};

/* Fits the rules of these tests. */
static const struct declaration hosts = {
	.table		= "test",
	.name		= "t",
	.key_class	= NF_DICT_KEY_INT,
	.size		= 1000,
	.timeout	= 3600000,
	.n		= 2,
	.fields		= { { "f", NF_DICT_INT }, { "g", NF_DICT_LONG_STRING } },
};

static struct nlmsghdr *obj_msg(struct nlmsghdr *prev, uint16_t type,
				uint16_t flags, const char *table,
				const char *name)
{
	struct nlmsghdr *nlh = nft_msg(prev, type, flags | NLM_F_ACK);

	mnl_attr_put_strz(nlh, NFTA_OBJ_TABLE, table);
	mnl_attr_put_u32(nlh, NFTA_OBJ_TYPE, htonl(NFT_OBJECT_DICT));
	mnl_attr_put_strz(nlh, NFTA_OBJ_NAME, name);

	return nlh;
}

static void put_declared(struct nlmsghdr *nlh, const struct decl *decl)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, NFTA_LIST_ELEM);

	mnl_attr_put_strz(nlh, NFTA_DICT_FIELD_NAME, decl->name);
	mnl_attr_put_u32(nlh, NFTA_DICT_FIELD_TYPE, htonl(decl->type));
	mnl_attr_nest_end(nlh, nest);
}

static struct nlmsghdr *put_declare(struct nlmsghdr *prev, uint16_t flags,
				    const struct declaration *d)
{
	struct nlmsghdr *nlh = obj_msg(prev, NFT_MSG_NEWOBJ,
				       NLM_F_CREATE | flags, d->table, d->name);
	struct nlattr *data = mnl_attr_nest_start(nlh, NFTA_OBJ_DATA);
	struct nlattr *list;
	unsigned int i;

	if (d->key_class)
		mnl_attr_put_u32(nlh, NFTA_DICT_OBJ_KEY_CLASS,
				 htonl(d->key_class));
	if (d->n) {
		list = mnl_attr_nest_start(nlh, NFTA_DICT_OBJ_FIELDS);
		for (i = 0; i < d->n; i++)
			put_declared(nlh, &d->fields[i]);
		mnl_attr_nest_end(nlh, list);
	}
	if (d->size)
		mnl_attr_put_u32(nlh, NFTA_DICT_OBJ_SIZE, htonl(d->size));
	if (d->timeout)
		mnl_attr_put_u64(nlh, NFTA_DICT_OBJ_TIMEOUT,
				 htobe64(d->timeout));
	if (d->open)
		mnl_attr_put_u32(nlh, NFTA_DICT_OBJ_FLAGS,
				 htonl(NFT_DICT_OBJ_F_OPEN));
	mnl_attr_nest_end(nlh, data);

	return nlh;
}

static struct answer declare_in_ruleset(const struct declaration *d)
{
	return talk(put_declare(batch_begin(), 0, d), true);
}

static struct nlmsghdr *put_undeclare(struct nlmsghdr *prev, const char *table,
				      const char *name)
{
	return obj_msg(prev, NFT_MSG_DELOBJ, 0, table, name);
}

static struct nlmsghdr *put_table(struct nlmsghdr *prev, uint16_t type,
				  const char *name)
{
	struct nlmsghdr *nlh = nft_msg(prev, type, NLM_F_ACK |
				       (type == NFT_MSG_NEWTABLE ?
					NLM_F_CREATE : 0));

	mnl_attr_put_strz(nlh, NFTA_TABLE_NAME, name);

	return nlh;
}

/* As "flush ruleset" does. */
static struct nlmsghdr *put_flush_ruleset(struct nlmsghdr *prev)
{
	return msg_put(prev, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_DELTABLE,
		       NLM_F_ACK, AF_UNSPEC, 0);
}

static struct nlmsghdr *put_chain(struct nlmsghdr *prev)
{
	struct nlmsghdr *nlh = put_table(prev, NFT_MSG_NEWTABLE, "test");
	struct nlattr *hook;

	nlh = nft_msg(nlh, NFT_MSG_NEWCHAIN, NLM_F_CREATE | NLM_F_ACK);
	mnl_attr_put_strz(nlh, NFTA_CHAIN_TABLE, "test");
	mnl_attr_put_strz(nlh, NFTA_CHAIN_NAME, "out");
	hook = mnl_attr_nest_start(nlh, NFTA_CHAIN_HOOK);
	mnl_attr_put_u32(nlh, NFTA_HOOK_HOOKNUM, htonl(NF_INET_LOCAL_OUT));
	mnl_attr_put_u32(nlh, NFTA_HOOK_PRIORITY, htonl(0));
	mnl_attr_nest_end(nlh, hook);
	mnl_attr_put_strz(nlh, NFTA_CHAIN_TYPE, "filter");

	return nlh;
}

static unsigned int declarations(void)
{
	struct nlmsghdr *nlh = nft_msg(NULL, NFT_MSG_GETOBJ, NLM_F_DUMP);

	mnl_attr_put_u32(nlh, NFTA_OBJ_TYPE, htonl(NFT_OBJECT_DICT));

	return talk(nlh, false).objects;
}

/* Whether the object is dumped with the data that were sent. */
static bool declaration_dumped(const struct declaration *d)
{
	struct nlmsghdr *nlh;
	static uint8_t sent[4096];
	static struct buf got;
	const struct nlattr *a, *x;
	size_t sent_len = 0;

	/* libmnl leaves padding as it is */
	memset(msg_room, 0, sizeof(sent));
	got.len = 0;
	nlh = put_declare(NULL, 0, d);
	mnl_attr_for_each(a, nlh, sizeof(struct nfgenmsg)) {
		if (mnl_attr_get_type(a) != NFTA_OBJ_DATA)
			continue;
		sent_len = mnl_attr_get_payload_len(a);
		memcpy(sent, mnl_attr_get_payload(a), sent_len);
	}

	nlh = obj_msg(NULL, NFT_MSG_GETOBJ, 0, d->table, d->name);
	nlh->nlmsg_flags &= ~NLM_F_ACK;
	if (talk(nlh, false).err)
		return false;
	mnl_attr_for_each(a, (struct nlmsghdr *)recv_room,
			  sizeof(struct nfgenmsg)) {
		if (mnl_attr_get_type(a) != NFTA_OBJ_DATA)
			continue;
		mnl_attr_for_each_nested(x, a) {
			if (mnl_attr_get_type(x) == NFTA_DICT_OBJ_PAD)
				continue;
			buf_put(&got, x->nla_type, mnl_attr_get_payload(x),
				mnl_attr_get_payload_len(x));
		}
	}

	return got.len == sent_len && !memcmp(got.data, sent, sent_len);
}

/* Created, dumped as declared, enforced, and deleted with its rows. */
TEST_F(nft_dict, ruleset)
{
	struct mnl_socket *listener = listen_to(NFNLGRP_NFTABLES);
	struct expr e = expr_load("t", "f", NF_DICT_BOOL, 0);
	struct declaration d = hosts;
	struct answer a;
	int type = -1;

	ASSERT_NE(NULL, listener);
	a = declare_in_ruleset(&d);
	ASSERT_EQ(0, a.err) TH_LOG("%s", a.msg);
	EXPECT_EQ(2, events(listener, &type));
	EXPECT_EQ(1, declarations());
	EXPECT_EQ(1, list_tables().objects);
	EXPECT_TRUE(declaration_dumped(&d));

	EXPECT_EQ(EINVAL, row_write_string("t", "f", "x"));
	EXPECT_EQ(EINVAL, row_write_int("t", "h", 1));
	EXPECT_EQ(0, row_write_int("t", "f", 7));
	a = add_rule(&e);
	EXPECT_EQ(EINVAL, a.err);
	EXPECT_STREQ("Table declares the field as int", a.msg);
	EXPECT_EQ(1, loads(expr_load("t", "f", NF_DICT_INT, 0),
			   "\x80\0\0\7", 4));

	/* The same again: the row stays. */
	EXPECT_EQ(0, declare_in_ruleset(&d).err);
	EXPECT_EQ(7, row_num("t"));
	EXPECT_EQ(EEXIST, talk(put_declare(batch_begin(), NLM_F_EXCL, &d),
			       true).err);

	/* A new limit is applied to the existing table. */
	d.size = 1;
	EXPECT_EQ(0, declare_in_ruleset(&d).err);
	EXPECT_TRUE(declaration_dumped(&d));
	EXPECT_EQ(ENFILE, row_write_key("t", KEY_INT(1), INT("f", 1)));
	EXPECT_EQ(7, row_num("t"));

	/* Only the ruleset can change or delete what it declares. */
	EXPECT_EQ(EPERM, table_do(NFDICT_MSG_TABLE_DEL, 0, "t", 0).err);
	EXPECT_EQ(EPERM, table_do(NFDICT_MSG_TABLE_NEW, NLM_F_REPLACE, "t",
				  5).err);
	EXPECT_EQ(EEXIST, declare(true));
	EXPECT_EQ(0, table_do(NFDICT_MSG_TABLE_NEW, NLM_F_CREATE, "t", 0).err);

	EXPECT_EQ(0, talk(put_undeclare(batch_begin(), "test", "t"), true).err);
	EXPECT_EQ(0, declarations());
	EXPECT_EQ(0, list_tables().objects);
	mnl_socket_close(listener);
}

/* What is refused, checked or taken back at once is seen by nobody. */
TEST_F(nft_dict, ruleset_leaves_no_trace)
{
	struct mnl_socket *listener = listen_to(NFNLGRP_DICT);
	struct expr bad = expr_load("t", "f", NF_DICT_BOOL, 0);
	struct expr good = expr_load("t", "f", NF_DICT_INT, 0);
	struct nlmsghdr *nlh;
	int type = -1;

	ASSERT_NE(NULL, listener);
	nlh = put_declare(batch_begin(), 0, &hosts);
	nlh = put_rule(nlh, &good, NULL, 0);
	nlh = put_rule(nlh, &bad, NULL, 0);
	EXPECT_EQ(EINVAL, talk(nlh, true).err);
	EXPECT_EQ(0, events(listener, &type)) TH_LOG("refused");
	EXPECT_EQ(0, declarations());

	/* as nft -c does: nothing says that the batch is complete */
	nlh = put_declare(batch_begin(), 0, &hosts);
	EXPECT_EQ(0, talk(nlh, false).err);
	EXPECT_EQ(0, events(listener, &type)) TH_LOG("checked");
	EXPECT_EQ(0, declarations());

	nlh = put_declare(batch_begin(), 0, &hosts);
	nlh = put_undeclare(nlh, "test", "t");
	EXPECT_EQ(0, talk(nlh, true).err);
	EXPECT_EQ(0, events(listener, &type)) TH_LOG("taken back");
	EXPECT_EQ(0, declarations());
	EXPECT_EQ(0, list_tables().objects);

	/* A rule can follow the declaration in the same transaction. */
	nlh = put_declare(batch_begin(), 0, &hosts);
	nlh = put_rule(nlh, &good, NULL, 0);
	EXPECT_EQ(0, talk(nlh, true).err);
	EXPECT_EQ(1, events(listener, &type));
	EXPECT_EQ(NFDICT_MSG_TABLE_NEW, type);

	/* Deleted, but the transaction fails: all is restored. */
	EXPECT_EQ(0, row_write_int("t", "f", 7));
	events(listener, &type);
	nlh = put_flush_ruleset(batch_begin());
	nlh = put_chain(nlh);
	nlh = put_rule(nlh, &good, NULL, 0);
	nlh = put_undeclare(nlh, "test", "t");
	EXPECT_EQ(ENOENT, talk(nlh, true).err);
	EXPECT_EQ(0, events(listener, &type)) TH_LOG("restored");
	EXPECT_EQ(1, declarations());
	EXPECT_EQ(7, row_num("t"));
	EXPECT_EQ(EBUSY, talk(put_undeclare(batch_begin(), "test", "t"),
			      true).err);
	EXPECT_EQ(true, packet_dropped());

	/* The rest is destroyed with the test's network namespace. */
	mnl_socket_close(listener);
}

/* As nft -f does of a file that begins with "flush ruleset". */
static struct answer reload(const struct declaration *d, const struct expr *e)
{
	struct nlmsghdr *nlh = put_chain(put_flush_ruleset(batch_begin()));

	nlh = put_declare(nlh, 0, d);

	return talk(put_rule(nlh, e, NULL, 0), true);
}

TEST_F(nft_dict, ruleset_reload)
{
	struct mnl_socket *listener = listen_to(NFNLGRP_DICT);
	struct expr number = expr_load("t", "f", NF_DICT_INT, 0);
	struct expr truth = expr_load("t", "f", NF_DICT_BOOL, 0);
	struct declaration d = hosts;
	uint8_t one = 1;
	struct answer a;
	int type = -1;

	ASSERT_NE(NULL, listener);
	ASSERT_EQ(0, reload(&d, &number).err);
	ASSERT_EQ(0, row_write_int("t", "f", 7));
	events(listener, &type);

	/* The same declaration: the row stays, and there are no events. */
	a = reload(&d, &number);
	EXPECT_EQ(0, a.err) TH_LOG("%s", a.msg);
	EXPECT_EQ(0, events(listener, &type));
	EXPECT_EQ(7, row_num("t"));
	EXPECT_EQ(1, declarations());
	EXPECT_EQ(true, packet_dropped());

	/* One more field: the row stays, and rules can use the field. */
	d.fields[d.n++] = (struct decl){ "h", NF_DICT_BOOL };
	truth = expr_load("t", "h", NF_DICT_BOOL, 0);
	a = reload(&d, &truth);
	EXPECT_EQ(0, a.err) TH_LOG("%s", a.msg);
	EXPECT_EQ(7, row_num("t"));
	EXPECT_EQ(false, packet_dropped());
	EXPECT_EQ(0, row_write("t", "h", NF_DICT_BOOL, &one, 1));
	EXPECT_EQ(true, packet_dropped());

	/* Another declaration, refused: the old table is unchanged. */
	d.fields[0].type = NF_DICT_BOOL;
	EXPECT_EQ(EINVAL, reload(&d, &number).err);
	EXPECT_EQ(0, row_write_int("t", "f", 8));
	EXPECT_EQ(true, packet_dropped());
	events(listener, &type);

	/* Another declaration: a new table, which the new rules use. */
	truth = expr_load("t", "f", NF_DICT_BOOL, 0);
	a = reload(&d, &truth);
	EXPECT_EQ(0, a.err) TH_LOG("%s", a.msg);
	EXPECT_EQ(2, events(listener, &type));
	EXPECT_EQ(NFDICT_MSG_TABLE_NEW, type);
	EXPECT_EQ(1, list_tables().objects);
	EXPECT_EQ(false, packet_dropped());
	EXPECT_EQ(0, row_write("t", "f", NF_DICT_BOOL, &one, 1));
	EXPECT_EQ(true, packet_dropped());

	EXPECT_EQ(0, talk(put_flush_ruleset(batch_begin()), true).err);
	EXPECT_EQ(0, list_tables().objects);
	mnl_socket_close(listener);
}

/* Deleted with its nf_tables table, unless rules of another one use it. */
TEST_F(nft_dict, ruleset_delete)
{
	struct expr e = expr_load("t", "f", NF_DICT_INT, 0);
	struct declaration d = hosts;
	struct nlmsghdr *nlh;

	d.table = "other";
	nlh = put_table(batch_begin(), NFT_MSG_NEWTABLE, "other");
	nlh = put_declare(nlh, 0, &d);
	ASSERT_EQ(0, talk(nlh, true).err);
	ASSERT_EQ(0, row_write_int("t", "f", 7));
	nlh = put_table(batch_begin(), NFT_MSG_DELTABLE, "other");
	EXPECT_EQ(0, talk(nlh, true).err);
	EXPECT_EQ(0, list_tables().objects);

	nlh = put_table(batch_begin(), NFT_MSG_NEWTABLE, "other");
	nlh = put_declare(nlh, 0, &d);
	nlh = put_rule(nlh, &e, NULL, 0);
	ASSERT_EQ(0, talk(nlh, true).err);
	ASSERT_EQ(0, row_write_int("t", "f", 7));
	EXPECT_EQ(EBUSY, talk(put_undeclare(batch_begin(), "other", "t"),
			      true).err);
	nlh = put_table(batch_begin(), NFT_MSG_DELTABLE, "other");
	EXPECT_EQ(0, talk(nlh, true).err);
	EXPECT_EQ(1, list_tables().objects);
	EXPECT_EQ(true, packet_dropped());
	/* Writes through netlink do not make it outlive its rules. */
	EXPECT_EQ(0, row_write_int("t", "f", 8));

	/* While in use it can be declared again, but only the same. */
	d.table = "test";
	d.fields[0].type = NF_DICT_INT64;
	EXPECT_EQ(EBUSY, declare_in_ruleset(&d).err);
	EXPECT_EQ(0, declare_in_ruleset(&hosts).err);
	nlh = put_flush(batch_begin());
	EXPECT_EQ(0, talk(put_undeclare(nlh, "test", "t"), true).err);
	EXPECT_EQ(0, list_tables().objects);
}

/* Several objects can declare the same table if all of them agree. */
TEST_F(nft_dict, ruleset_twice)
{
	struct expr e = expr_load("t", "f", NF_DICT_INT, 0);
	struct declaration d = hosts;
	struct nlmsghdr *nlh;
	struct answer a;

	ASSERT_EQ(0, declare_in_ruleset(&hosts).err);
	nlh = put_table(batch_begin(), NFT_MSG_NEWTABLE, "other");
	ASSERT_EQ(0, talk(nlh, true).err);
	d.table = "other";
	d.fields[0].type = NF_DICT_INT64;
	a = declare_in_ruleset(&d);
	EXPECT_EQ(EINVAL, a.err);
	EXPECT_STREQ("Dict table is declared differently already", a.msg);
	d.fields[0].type = NF_DICT_INT;
	d.n = 1;
	EXPECT_EQ(EINVAL, declare_in_ruleset(&d).err);
	d.n = 2;
	d.size++;
	EXPECT_EQ(EINVAL, declare_in_ruleset(&d).err);
	d.size--;
	d.key_class = NF_DICT_KEY_IPV4;
	EXPECT_EQ(EINVAL, declare_in_ruleset(&d).err);
	d.key_class = NF_DICT_KEY_INT;
	EXPECT_EQ(0, declare_in_ruleset(&d).err);
	EXPECT_EQ(2, declarations());
	EXPECT_EQ(1, list_tables().objects);

	/* Neither object can add a field. */
	d.fields[d.n++] = (struct decl){ "h", NF_DICT_BOOL };
	EXPECT_EQ(EINVAL, declare_in_ruleset(&d).err);

	/* With rules, all objects but one can be deleted. */
	ASSERT_EQ(0, row_write_int("t", "f", 7));
	ASSERT_EQ(0, add_rule(&e).err);
	EXPECT_EQ(0, talk(put_undeclare(batch_begin(), "test", "t"), true).err);
	EXPECT_EQ(7, row_num("t"));
	EXPECT_EQ(EBUSY, talk(put_undeclare(batch_begin(), "other", "t"),
			      true).err);
	EXPECT_EQ(0, declare_in_ruleset(&d).err);
	EXPECT_TRUE(declaration_dumped(&d));
	EXPECT_EQ(0, flush_rules());
	EXPECT_EQ(0, talk(put_undeclare(batch_begin(), "other", "t"),
			  true).err);
	EXPECT_EQ(0, list_tables().objects);
}

/* Fields can be added, which a failed transaction reverts, but not changed. */
TEST_F(nft_dict, ruleset_add_field)
{
	struct expr e = expr_load("t", "h", NF_DICT_BOOL, 0);
	struct expr bad = expr_load("t", "h", NF_DICT_INT, 0);
	struct declaration d = hosts;
	struct nlmsghdr *nlh;
	uint8_t one = 1;

	ASSERT_EQ(0, declare_in_ruleset(&d).err);
	ASSERT_EQ(0, row_write_int("t", "f", 7));
	d.fields[d.n++] = (struct decl){ "h", NF_DICT_BOOL };

	nlh = put_declare(batch_begin(), 0, &d);
	nlh = put_rule(nlh, &bad, NULL, 0);
	EXPECT_EQ(EINVAL, talk(nlh, true).err);
	EXPECT_EQ(EINVAL, row_write("t", "h", NF_DICT_BOOL, &one, 1));
	EXPECT_EQ(EINVAL, add_rule(&e).err);
	EXPECT_TRUE(declaration_dumped(&hosts));

	nlh = put_declare(batch_begin(), 0, &d);
	nlh = put_rule(nlh, &e, NULL, 0);
	EXPECT_EQ(0, talk(nlh, true).err);
	EXPECT_TRUE(declaration_dumped(&d));
	EXPECT_EQ(7, row_num("t"));
	EXPECT_EQ(0, row_write("t", "h", NF_DICT_BOOL, &one, 1));
	EXPECT_EQ(true, packet_dropped());

	EXPECT_EQ(EINVAL, declare_in_ruleset(&hosts).err);
	d.fields[2].type = NF_DICT_INT;
	EXPECT_EQ(EINVAL, declare_in_ruleset(&d).err);
	EXPECT_EQ(true, packet_dropped());
}

/* A declaration has to match a table that exists, and does not change it. */
TEST_F(nft_dict, ruleset_meets_others)
{
	struct expr e = expr_load("t", "f", NF_DICT_INT, 0);
	struct declaration d = hosts;
	struct answer a;

	d.key_class = 0;
	ASSERT_EQ(0, declare(false));
	a = declare_in_ruleset(&d);
	EXPECT_EQ(EEXIST, a.err);
	EXPECT_STREQ("Dict table differs, and was not created by the ruleset",
		     a.msg);
	d.size = 0;
	d.timeout = 0;
	EXPECT_EQ(0, declare_in_ruleset(&d).err);
	EXPECT_EQ(EPERM, table_do(NFDICT_MSG_TABLE_DEL, 0, "t", 0).err);
	EXPECT_EQ(0, talk(put_undeclare(batch_begin(), "test", "t"), true).err);
	EXPECT_EQ(1, list_tables().objects);
	EXPECT_EQ(0, table_do(NFDICT_MSG_TABLE_DEL, 0, "t", 0).err);

	/* a table created by rules can be declared once they are gone */
	ASSERT_EQ(0, add_rule(&e).err);
	EXPECT_EQ(EBUSY, declare_in_ruleset(&hosts).err);
	EXPECT_EQ(0, talk(put_declare(put_flush(batch_begin()), 0, &hosts),
			  true).err);
	EXPECT_EQ(0, add_rule(&e).err);
}

static struct answer declare_fields(unsigned int n, unsigned int len,
				    unsigned int same)
{
	struct nlmsghdr *nlh = obj_msg(batch_begin(), NFT_MSG_NEWOBJ,
				       NLM_F_CREATE, "test", "t");
	struct nlattr *data = mnl_attr_nest_start(nlh, NFTA_OBJ_DATA);
	struct nlattr *list = mnl_attr_nest_start(nlh, NFTA_DICT_OBJ_FIELDS);
	struct decl decl = { .type = NF_DICT_INT };
	unsigned int i;
	char name[200];

	decl.name = name;
	for (i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "%0*x", len, i < same ? 0 : i);
		put_declared(nlh, &decl);
	}
	mnl_attr_nest_end(nlh, list);
	mnl_attr_nest_end(nlh, data);

	return talk(nlh, true);
}

#define EXPECT_NOT_DECLARED(want, request) do {				\
	struct answer refused = request;				\
									\
	EXPECT_EQ(want, refused.err)					\
		TH_LOG("line %d: %s", __LINE__, refused.msg);		\
	EXPECT_EQ(0, declarations());					\
	EXPECT_EQ(0, list_tables().objects);				\
} while (0)

TEST_F(nft_dict, ruleset_refusals)
{
	struct declaration d = hosts;
	struct answer a;

	d.key_class = NF_DICT_KEY_MAX + 1;
	EXPECT_NOT_DECLARED(ERANGE, declare_in_ruleset(&d));
	d = hosts;
	d.timeout = 1ULL << 32;
	EXPECT_NOT_DECLARED(ERANGE, declare_in_ruleset(&d));
	d = hosts;
	d.fields[1].type = NF_DICT_TYPE_MAX + 1;
	EXPECT_NOT_DECLARED(ERANGE, declare_in_ruleset(&d));
	d.fields[1] = d.fields[0];
	EXPECT_NOT_DECLARED(EINVAL, declare_in_ruleset(&d));
	d.fields[1].name = "a b";
	EXPECT_NOT_DECLARED(EINVAL, declare_in_ruleset(&d));
	d = hosts;
	d.name = "a,b";
	EXPECT_NOT_DECLARED(EINVAL, declare_in_ruleset(&d));
	d = hosts;
	d.n = 0;
	d.open = true;
	EXPECT_NOT_DECLARED(EINVAL, declare_in_ruleset(&d));

	EXPECT_NOT_DECLARED(EINVAL, declare_fields(0, 0, 0));
	EXPECT_NOT_DECLARED(E2BIG, declare_fields(256, 2, 256));
	/* 3008 bytes are 94 fields of 32 */
	EXPECT_NOT_DECLARED(E2BIG, declare_fields(95, 15, 0));
	a = declare_fields(94, 15, 0);
	EXPECT_EQ(0, a.err) TH_LOG("%s", a.msg);
	EXPECT_EQ(1, declarations());
}

/* nf_tables' messages have room for the largest declaration. */
TEST_F(nft_dict, ruleset_size)
{
	struct mnl_socket *listener = listen_to(NFNLGRP_NFTABLES);
	char table[LONGEST_NAME + 1] = {}, name[129] = {}, udata[256] = {};
	char field[16];
	struct decl decl = { .name = field, .type = NF_DICT_INT };
	struct nlattr *data, *list;
	struct nlmsghdr *nlh;
	unsigned int i;
	int type = -1;

	ASSERT_NE(NULL, listener);
	memset(table, 'n', LONGEST_NAME);
	memset(name, 'n', 128);
	nlh = put_table(batch_begin(), NFT_MSG_NEWTABLE, table);
	nlh = obj_msg(nlh, NFT_MSG_NEWOBJ, NLM_F_CREATE, table, name);
	data = mnl_attr_nest_start(nlh, NFTA_OBJ_DATA);
	mnl_attr_put_u32(nlh, NFTA_DICT_OBJ_KEY_CLASS, htonl(NF_DICT_KEY_INT));
	mnl_attr_put_u32(nlh, NFTA_DICT_OBJ_SIZE, htonl(1));
	mnl_attr_put_u64(nlh, NFTA_DICT_OBJ_TIMEOUT, htobe64(1));
	mnl_attr_put_u32(nlh, NFTA_DICT_OBJ_FLAGS, htonl(NFT_DICT_OBJ_F_OPEN));
	list = mnl_attr_nest_start(nlh, NFTA_DICT_OBJ_FIELDS);
	for (i = 0; i < 94; i++) {
		snprintf(field, sizeof(field), "%015x", i);
		put_declared(nlh, &decl);
	}
	mnl_attr_nest_end(nlh, list);
	mnl_attr_nest_end(nlh, data);
	mnl_attr_put(nlh, NFTA_OBJ_USERDATA, 256, udata);
	ASSERT_EQ(0, talk(nlh, true).err);
	/* table, object and generation */
	EXPECT_EQ(3, events(listener, &type));
	EXPECT_EQ(EAGAIN, errno);
	EXPECT_EQ(1, declarations());
	mnl_socket_close(listener);
}

/* A rule may reference the object with objref; packets ignore it. */
TEST_F(nft_dict, ruleset_reference)
{
	struct nlattr *list, *elem;
	struct nlmsghdr *nlh;

	ASSERT_EQ(0, declare_in_ruleset(&hosts).err);
	nlh = nft_msg(batch_begin(), NFT_MSG_NEWRULE,
		      NLM_F_CREATE | NLM_F_APPEND | NLM_F_ACK);
	mnl_attr_put_strz(nlh, NFTA_RULE_TABLE, "test");
	mnl_attr_put_strz(nlh, NFTA_RULE_CHAIN, "out");
	list = mnl_attr_nest_start(nlh, NFTA_RULE_EXPRESSIONS);
	elem = put_expr(nlh, "objref");
	mnl_attr_put_u32(nlh, NFTA_OBJREF_IMM_TYPE, htonl(NFT_OBJECT_DICT));
	mnl_attr_put_strz(nlh, NFTA_OBJREF_IMM_NAME, "t");
	end_expr(nlh, elem);
	put_drop(nlh);
	mnl_attr_nest_end(nlh, list);
	ASSERT_EQ(0, talk(nlh, true).err);
	EXPECT_EQ(false, packet_dropped());
}

TEST_F(nft_dict, load)
{
	static const uint8_t mac[6] = { 2, 3, 4, 5, 6, 7 };
	struct expr e;

	/* no such row, then no such field: no match */
	EXPECT_EQ(0, matches(expr_load("t", "f", NF_DICT_INT, 0)));
	EXPECT_EQ(0, row_write_int("t", "g", 1));
	EXPECT_EQ(0, matches(expr_load("t", "f", NF_DICT_INT, 0)));

	/* signed numbers, in their form */
	EXPECT_EQ(0, row_write_int("t", "f", 5));
	EXPECT_EQ(1, loads(expr_load("t", "f", NF_DICT_INT, 0),
			   "\x80\0\0\5", 4));
	EXPECT_EQ(0, loads(expr_load("t", "f", NF_DICT_INT, 0),
			   "\0\0\0\5", 4));
	EXPECT_EQ(0, matches(expr_load("t", "f", NF_DICT_INT64, 0)));
	EXPECT_EQ(0, matches(expr_load("t", "f", NF_DICT_BOOL, 0)));
	EXPECT_EQ(0, row_write_int("t", "f", -1));
	EXPECT_EQ(1, loads(expr_load("t", "f", NF_DICT_INT, 0),
			   "\x7f\xff\xff\xff", 4));
	/* a plain number is not negative */
	EXPECT_EQ(0, matches(expr_load("t", "f", NUMBER, 4)));

	/* plain numbers, in either byte order and any width that they fit in */
	EXPECT_EQ(0, row_write("t", "f", NF_DICT_INT64,
			       "\0\0\0\0\0\x1\x2\x3", 8));
	e = expr_load("t", "f", NUMBER, 4);
	EXPECT_EQ(1, loads(e, "\0\1\2\3", 4));
	EXPECT_EQ(0, matches(expr_load("t", "f", NUMBER, 2)));
	EXPECT_EQ(1, loads(expr_load("t", "f", NUMBER, 8),
			   "\0\0\0\0\0\1\2\3", 8));
	expr_u32(&e, NFTA_DICT_FLAGS, NFT_DICT_F_DATA_HOST);
	EXPECT_EQ(1, loads(e, &(uint32_t){ 0x010203 }, 4));

	EXPECT_EQ(0, row_write("t", "f", NF_DICT_BOOL, "\1", 1));
	EXPECT_EQ(1, loads(expr_load("t", "f", NF_DICT_BOOL, 0), "\1", 1));
	EXPECT_EQ(0, loads(expr_load("t", "f", NF_DICT_BOOL, 0), "\0", 1));

	EXPECT_EQ(0, row_write("t", "f", NF_DICT_ETHER_ADDR, mac, 6));
	EXPECT_EQ(1, loads(expr_load("t", "f", NF_DICT_ETHER_ADDR, 0), mac, 6));
	EXPECT_EQ(0, row_write("t", "f", NF_DICT_IPV4_ADDR, "\1\2\3\4", 4));
	EXPECT_EQ(1, loads(expr_load("t", "f", NF_DICT_IPV4_ADDR, 0),
			   "\1\2\3\4", 4));
	EXPECT_EQ(0, row_write("t", "f", NF_DICT_IPV6_ADDR,
			       "0123456789abcdef", 16));
	EXPECT_EQ(1, loads(expr_load("t", "f", NF_DICT_IPV6_ADDR, 0),
			   "0123456789abcdef", 16));

	EXPECT_EQ(0, row_write_string("t", "f", "0123456789"));
	EXPECT_EQ(1, loads(expr_load("t", "f", NF_DICT_LONG_STRING, 12),
			   "0123456789\0\0", 12));
	EXPECT_EQ(1, loads(expr_load("t", "f", NF_DICT_LONG_STRING, 10),
			   "0123456789", 10));
	EXPECT_EQ(0, matches(expr_load("t", "f", NF_DICT_LONG_STRING, 9)));
}

/* One lookup loads several fields into consecutive registers. */
TEST_F(nft_dict, load_fields)
{
	static const struct load_field fields[] = {
		{ "g", NUMBER, 2 },
		{ "h", NF_DICT_LONG_STRING, 5 },
	}, refused[] = {
		{ NULL, NF_DICT_INT },
		{ "", NF_DICT_INT },
		{ "a b", NF_DICT_INT },
		{ "g", 0 },
		{ "g", NF_DICT_TYPE_MAX + 1 },
		{ "g", NUMBER },
		{ "g", NUMBER, 9 },
		{ "g", NF_DICT_LONG_STRING },
		{ "g", NF_DICT_INT, 8 },
		{ "g", NF_DICT_STRING_LIST },
		{ "g", NF_DICT_STRING_LIST, 4 },
		{ "g", NF_DICT_INT, 0, NFT_DICT_F_DATA_HOST },
		{ "g", NUMBER, 4, NFT_DICT_F_INV },
	};
	struct level path[] = {
		{ "sessions", "f", NF_DICT_LONG_STRING },
		{ "t", "f", NF_DICT_INT },
	};
	struct expr e = expr_load("t", "f", NF_DICT_INT, 0);
	struct load_field many[16];
	unsigned int i;

	expr_fields(&e, fields, 2);
	EXPECT_DUMPED(&e);

	/* all of them, or no match */
	EXPECT_EQ(0, row_write_int("t", "f", 5));
	EXPECT_EQ(0, row_write_int("t", "g", 0x102));
	EXPECT_EQ(0, matches(e));
	EXPECT_EQ(0, row_write_string("t", "h", "abc"));
	EXPECT_EQ(1, loads(e, "\x80\0\0\5\1\2\0\0abc\0\0\0\0\0", 16));
	EXPECT_EQ(0, loads(e, "\x80\0\0\5\1\2\0\0abd\0\0\0\0\0", 16));
	EXPECT_EQ(0, row_write_int("t", "g", 0x10000));
	EXPECT_EQ(0, matches(e));
	EXPECT_EQ(0, row_write_string("t", "g", "x"));
	EXPECT_EQ(0, matches(e));

	/* a number in host byte order, and the row at the end of a path */
	many[0] = (struct load_field){ "g", NUMBER, 4, NFT_DICT_F_DATA_HOST };
	expr_fields(&e, many, 1);
	expr_path(&e, path, 2);
	EXPECT_EQ(0, row_write_string("sessions", "f", "bob"));
	EXPECT_EQ(0, row_write_key("t", KEY_DATA(STRING, "bob"),
				   INT("f", 7)));
	EXPECT_EQ(0, matches(e));
	EXPECT_EQ(0, row_write_key("t", KEY_DATA(STRING, "bob"),
				   INT("g", 1)));
	EXPECT_EQ(1, loads(e, (uint32_t[]){ htonl(0x80000007), 1 }, 8));
	EXPECT_EQ(0, table_do(NFDICT_MSG_TABLE_DEL, 0, "t", 0).err);
	EXPECT_EQ(0, table_do(NFDICT_MSG_TABLE_DEL, 0, "sessions", 0).err);

	/* attributes of a field that are missing, invalid or superfluous */
	e = expr_load("t", "f", NF_DICT_INT, 0);
	for (i = 0; i < ARRAY_SIZE(refused); i++) {
		expr_fields(&e, &refused[i], 1);
		EXPECT_NE(0, add_rule(&e).err)
			TH_LOG("field %u was taken", i);
		EXPECT_EQ(0, list_rules().objects);
		EXPECT_EQ(0, list_tables().objects);
	}

	/* as many fields as there are registers */
	for (i = 0; i < 16; i++)
		many[i] = (struct load_field){ "g", NF_DICT_INT };
	expr_u32(&e, NFTA_DICT_DREG, NFT_REG_1);
	expr_fields(&e, many, 15);
	EXPECT_DUMPED(&e);
	expr_fields(&e, many, 16);
	EXPECT_REFUSED(E2BIG, &e);
	many[14].type = NF_DICT_INT64;
	expr_fields(&e, many, 15);
	EXPECT_REFUSED(ERANGE, &e);

	/* each field is checked against declarations, and counts as a use */
	ASSERT_EQ(0, declare(false));
	e = expr_load("t", "f", NF_DICT_INT, 0);
	expr_fields(&e, fields, 2);
	EXPECT_EQ(EINVAL, add_rule(&e).err);
	many[0] = (struct load_field){ "g", NF_DICT_LONG_STRING, 8 };
	many[1] = (struct load_field){ "f", NF_DICT_BOOL };
	expr_fields(&e, many, 2);
	EXPECT_EQ(EINVAL, add_rule(&e).err);
	many[1].type = NF_DICT_INT;
	expr_fields(&e, many, 2);
	EXPECT_EQ(0, add_rule(&e).err);
	EXPECT_EQ(0, flush_rules());
	EXPECT_EQ(0, table_do(NFDICT_MSG_TABLE_DEL, 0, "t", 0).err);
	many[0] = (struct load_field){ "g", NF_DICT_INT };
	expr_fields(&e, many, 1);
	EXPECT_EQ(0, add_rule(&e).err);
	EXPECT_EQ(EBUSY, declare(false));
	EXPECT_EQ(0, flush_rules());
	EXPECT_EQ(0, declare(false));
	EXPECT_EQ(0, table_do(NFDICT_MSG_TABLE_DEL, 0, "t", 0).err);
}

TEST_F(nft_dict, match)
{
	static const char *const patterns[] = { "YOUTUBE", "NET*", "NETFLIX" };
	struct expr e, inv;

	e = expr_match("t", "f", "NETFLIX");
	inv = e;
	expr_u32(&inv, NFTA_DICT_FLAGS, NFT_DICT_F_INV);

	/* a missing field or another type never matches, inverted or not */
	EXPECT_EQ(0, matches(e));
	EXPECT_EQ(0, matches(inv));
	EXPECT_EQ(0, row_write_int("t", "f", 1));
	EXPECT_EQ(0, matches(e));
	EXPECT_EQ(0, matches(inv));

	EXPECT_EQ(0, row_write_string("t", "f", "NETFLIX"));
	EXPECT_EQ(1, matches(e));
	EXPECT_EQ(0, matches(inv));
	EXPECT_EQ(0, matches(expr_match("t", "f", "netflix")));
	EXPECT_EQ(0, matches(expr_match("t", "f", "NETFLI")));
	EXPECT_EQ(0, matches(expr_match("t", "f", "NETFLIXX")));
	EXPECT_EQ(1, matches(expr_match("t", "f", "*FL*")));
	EXPECT_EQ(1, matches(expr_match("t", "f", "?ETFLI[W-Z]")));
	EXPECT_EQ(0, matches(expr_match("t", "f", "?ETFLI[!W-Z]")));

	EXPECT_EQ(0, row_write_string("t", "f", "GMAIL"));
	EXPECT_EQ(0, matches(e));
	EXPECT_EQ(1, matches(inv));

	/* several patterns, and the index of the one that matched */
	expr_patterns(&e, patterns, 3);
	expr_patterns(&inv, patterns, 3);
	EXPECT_EQ(0, matches(e));
	EXPECT_EQ(1, matches(inv));
	EXPECT_EQ(0, row_write_string("t", "f", "NETFLIX"));
	EXPECT_EQ(1, matches(e));
	EXPECT_EQ(0, matches(inv));
	expr_u32(&e, NFTA_DICT_DREG, NFT_REG_3);
	EXPECT_EQ(1, loads(e, "\0\0\0\1", 4));
	expr_u32(&e, NFTA_DICT_FLAGS, NFT_DICT_F_DATA_HOST);
	EXPECT_EQ(1, loads(e, &(uint32_t){ 1 }, 4));
	EXPECT_EQ(0, row_write_string("t", "f", "YOUTUBE"));
	EXPECT_EQ(1, loads(e, &(uint32_t){ 0 }, 4));
	EXPECT_EQ(0, row_write_string("t", "f", "GMAIL"));
	EXPECT_EQ(0, matches(e));
}

TEST_F(nft_dict, exists)
{
	struct expr e = expr_of(NFT_DICT_EXISTS, "t", "f", 0), inv = e, typed;

	expr_u32(&inv, NFTA_DICT_FLAGS, NFT_DICT_F_INV);
	EXPECT_EQ(0, matches(e));
	EXPECT_EQ(1, matches(inv));
	EXPECT_EQ(0, row_write_int("t", "g", 1));
	EXPECT_EQ(0, matches(e));
	EXPECT_EQ(1, matches(inv));
	EXPECT_EQ(0, row_write_string("t", "f", ""));
	EXPECT_EQ(1, matches(e));
	EXPECT_EQ(0, matches(inv));

	typed = expr_of(NFT_DICT_EXISTS, "t", "f", NF_DICT_LONG_STRING);
	EXPECT_EQ(1, matches(typed));
	typed = expr_of(NFT_DICT_EXISTS, "t", "f", NF_DICT_INT);
	EXPECT_EQ(0, matches(typed));
	typed = expr_of(NFT_DICT_EXISTS, "t", "g", NUMBER);
	EXPECT_EQ(1, matches(typed));
}

TEST_F(nft_dict, nested)
{
	static const char *const names[] = { "bob", "carol" };
	struct level path[] = {
		{ "sessions", "username", NF_DICT_LONG_STRING },
		{ "users", "group", NF_DICT_IPV4_ADDR },
		{ "groups", "class", NF_DICT_INT64 },
		{ "classes", "blocked", NF_DICT_BOOL },
	};
	struct expr e = expr_load("x", "y", NF_DICT_BOOL, 0), set, del;

	expr_path(&e, path, 4);
	EXPECT_EQ(0, loads(e, "\1", 1));
	EXPECT_EQ(0, row_write_string("sessions", "username", names[0]));
	EXPECT_EQ(0, loads(e, "\1", 1));
	EXPECT_EQ(0, row_write_key("users", KEY_DATA(STRING, "bob"),
				   DATA("group", IPV4_ADDR, "\1\2\3\4")));
	EXPECT_EQ(0, loads(e, "\1", 1));
	EXPECT_EQ(0, row_write_key("groups", KEY_DATA(IPV4, "\1\2\3\4"),
				   INT64("class", 7)));
	EXPECT_EQ(0, loads(e, "\1", 1));
	EXPECT_EQ(0, row_write_key("classes", KEY_INT(7),
				   BOOL("blocked", false)));
	EXPECT_EQ(0, loads(e, "\1", 1));
	EXPECT_EQ(1, loads(e, "\0", 1));

	/* writes follow the path and change the last table */
	set = expr_const(NFT_DICT_SET, "x", "y", NF_DICT_BOOL, "\1", 1);
	expr_path(&set, path, 4);
	EXPECT_EQ(1, matches(set));
	EXPECT_EQ(1, loads(e, "\1", 1));

	/* if the path ends early nothing is written; that is not counted */
	EXPECT_EQ(0, row_write_string("sessions", "username", names[1]));
	EXPECT_EQ(0, matches(set));
	EXPECT_EQ(0, loads(e, "\1", 1));
	EXPECT_EQ(0, table_drops("classes"));
	path[0].type = NF_DICT_INT;
	EXPECT_EQ(0, row_write_string("sessions", "username", names[0]));
	expr_path(&e, path, 4);
	EXPECT_EQ(0, loads(e, "\1", 1));

	path[0].type = NF_DICT_LONG_STRING;
	path[3] = (struct level){ "classes" };
	del = expr_of(NFT_DICT_FLUSH, "x", NULL, 0);
	expr_path(&del, path, 4);
	EXPECT_EQ(1, matches(del));
	path[3] = (struct level){ "classes", "blocked", NF_DICT_BOOL };
	expr_path(&e, path, 4);
	EXPECT_EQ(0, loads(e, "\1", 1));
}

TEST_F(nft_dict, keys_of_packets)
{
	static const char *const text = "a string of 26 characters";
	struct expr e = expr_of(NFT_DICT_EXISTS, "t", "f", 0);

	/* the same number in any width and byte order */
	EXPECT_EQ(0, row_write_key("t", KEY_INT(0x0102), BOOL("f", true)));
	EXPECT_EQ(0, matches(e));
	expr_u32(&e, NFTA_DICT_KEY_LEN, 2);
	EXPECT_EQ(1, matches(e));
	expr_u32(&e, NFTA_DICT_FLAGS, NFT_DICT_F_KEY_HOST);
	memcpy(reg_key, &(uint32_t){ 0x0102 }, 4);
	expr_u32(&e, NFTA_DICT_KEY_LEN, 4);
	EXPECT_EQ(1, matches(e));
	expr_u32(&e, NFTA_DICT_FLAGS, 0);
	memcpy(reg_key, "\0\0\0\0\0\0\1\2", 8);
	expr_u32(&e, NFTA_DICT_KEY_LEN, 8);
	EXPECT_EQ(1, matches(e));
	memcpy(reg_key, "\0\1\2", 3);
	expr_u32(&e, NFTA_DICT_KEY_LEN, 3);
	EXPECT_EQ(1, matches(e));

	/* keys of different classes differ */
	EXPECT_EQ(0, row_write_key("t", KEY_DATA(IPV4, "\1\1\1\1"),
				   BOOL("f", true)));
	memcpy(reg_key, "\1\1\1\1", 4);
	expr_u32(&e, NFTA_DICT_KEY_LEN, 4);
	EXPECT_EQ(0, matches(e));
	expr_u32(&e, NFTA_DICT_KEY_TYPE, NF_DICT_KEY_RAW);
	EXPECT_EQ(0, matches(e));
	expr_u32(&e, NFTA_DICT_KEY_TYPE, NF_DICT_KEY_IPV4);
	EXPECT_EQ(1, matches(e));

	/* strings end at a NUL or with the registers; empty ones have no row */
	EXPECT_EQ(0, row_write_key("t", KEY_BYTES(STRING, text, 16),
				   BOOL("f", true)));
	memcpy(reg_key, text, 16);
	expr_u32(&e, NFTA_DICT_KEY_TYPE, NF_DICT_KEY_STRING);
	expr_u32(&e, NFTA_DICT_KEY_LEN, 16);
	EXPECT_EQ(1, matches(e));
	expr_u32(&e, NFTA_DICT_KEY_LEN, 32);
	EXPECT_EQ(1, matches(e));
	expr_u32(&e, NFTA_DICT_KEY_LEN, 15);
	EXPECT_EQ(0, matches(e));
	reg_key[0] = 0;
	EXPECT_EQ(0, matches(e));
	expr_u32(&e, NFTA_DICT_FLAGS, NFT_DICT_F_INV);
	EXPECT_EQ(1, matches(e));
}

TEST_F(nft_dict, set)
{
	struct answer ans;
	struct expr e;

	/* creates table, row and field */
	EXPECT_EQ(1, matches(expr_const_int(NFT_DICT_SET, "t", "f", -7)));
	EXPECT_EQ(-7, row_num("t"));
	EXPECT_EQ(1, matches(expr_const_int(NFT_DICT_SET, "t", "f", 8)));
	EXPECT_EQ(8, row_num("t"));

	/* another type replaces it */
	EXPECT_EQ(1, matches(expr_const(NFT_DICT_SET, "t", "f",
					NF_DICT_LONG_STRING, "hello", 5)));
	ans = row_read("t");
	EXPECT_EQ(NF_DICT_LONG_STRING, ans.value_type);
	EXPECT_EQ(0, memcmp(ans.value.data, "hello", 5));
	EXPECT_EQ(1, matches(expr_match("t", "f", "hello")));

	/* repeated writes: references stay balanced */
	e = expr_const(NFT_DICT_SET, "t", "f", NF_DICT_LONG_STRING, "world", 5);
	EXPECT_EQ(0, add_rule(&e).err);
	for (int i = 0; i < 1000; i++)
		ASSERT_TRUE(packet_dropped());
	EXPECT_EQ(0, flush_rules());
	EXPECT_EQ(1, matches(expr_match("t", "f", "world")));

	/* from registers */
	memcpy(reg_data, "\x7f\xff\xff\xfe", 4);
	EXPECT_EQ(1, matches(expr_source(NFT_DICT_SET, "t", "f", NF_DICT_INT,
					 0, 0)));
	EXPECT_EQ(-2, row_num("t"));
	EXPECT_EQ(1, matches(expr_source(NFT_DICT_SET, "t", "f", NF_DICT_INT,
					 NFT_DICT_FORM_NUMBER, 4)));
	EXPECT_EQ(0x7ffffffe, row_num("t"));
	EXPECT_EQ(1, matches(expr_source(NFT_DICT_SET, "t", "f", NUMBER, 0,
					 2)));
	EXPECT_EQ(0x7fff, row_num("t"));
	EXPECT_EQ(NF_DICT_INT, row_read("t").value_type);
	EXPECT_EQ(1, matches(expr_const(NFT_DICT_SET, "t", "f", NUMBER,
					"\0\0\0\0\0\0\0\7", 8)));
	EXPECT_EQ(7, row_num("t"));
	EXPECT_EQ(NF_DICT_INT, row_read("t").value_type);
	memcpy(reg_data, "abcde\0fg", 8);
	EXPECT_EQ(1, matches(expr_source(NFT_DICT_SET, "t", "f",
					 NF_DICT_LONG_STRING, 0, 16)));
	EXPECT_EQ(1, matches(expr_match("t", "f", "abcde")));
	EXPECT_EQ(0, table_drops("t"));

	/* a number that does not fit ends the rule and is counted */
	memset(reg_data, 0xff, 16);
	EXPECT_EQ(0, matches(expr_source(NFT_DICT_SET, "t", "f", NF_DICT_INT,
					 NFT_DICT_FORM_NUMBER, 4)));
	EXPECT_EQ(1, table_drops("t"));

	/* so is a new row if the table is full; existing rows are written */
	EXPECT_EQ(0, table_do(NFDICT_MSG_TABLE_NEW, NLM_F_REPLACE, "t", 1).err);
	EXPECT_EQ(1, matches(expr_const_int(NFT_DICT_SET, "t", "f", 1)));
	reg_key[0]++;
	EXPECT_EQ(0, matches(expr_const_int(NFT_DICT_SET, "t", "f", 2)));
	EXPECT_EQ(2, table_drops("t"));
	EXPECT_EQ(1, row_num("t"));
}

/* A plain number does not change a field's type, on which other rules rely. */
TEST_F(nft_dict, set_number)
{
	struct expr e = expr_source(NFT_DICT_SET, "t", "f", NUMBER, 0, 4);

	memcpy(reg_data, "\0\0\0\5", 4);
	EXPECT_EQ(1, matches(e));
	EXPECT_EQ(NF_DICT_INT64, row_read("t").value_type);
	EXPECT_EQ(0, row_write_int("t", "f", 1));
	EXPECT_EQ(1, matches(e));
	EXPECT_EQ(NF_DICT_INT, row_read("t").value_type);
	EXPECT_EQ(5, row_num("t"));
	EXPECT_EQ(0, table_drops("t"));

	/* one that does not fit is refused, and counted */
	memset(reg_data, 0xff, 4);
	EXPECT_EQ(0, matches(e));
	EXPECT_EQ(1, table_drops("t"));
	EXPECT_EQ(5, row_num("t"));
	EXPECT_EQ(0, row_write_string("t", "f", "text"));
	EXPECT_EQ(0, matches(e));
	EXPECT_EQ(2, table_drops("t"));
	EXPECT_EQ(NF_DICT_LONG_STRING, row_read("t").value_type);
}

TEST_F(nft_dict, add)
{
	struct expr e;

	/* no field to add to: no match, not counted as a failure */
	EXPECT_EQ(0, matches(expr_const_int(NFT_DICT_ADD, "t", "f", 1)));
	EXPECT_EQ(0, row_write_string("t", "f", "text"));
	EXPECT_EQ(0, matches(expr_const_int(NFT_DICT_ADD, "t", "g", 1)));
	EXPECT_EQ(0, table_drops("t"));
	/* another type is a failure */
	EXPECT_EQ(0, matches(expr_const_int(NFT_DICT_ADD, "t", "f", 1)));
	EXPECT_EQ(1, table_drops("t"));

	EXPECT_EQ(0, row_write_int("t", "f", 10));
	EXPECT_EQ(1, matches(expr_const_int(NFT_DICT_ADD, "t", "f", 5)));
	EXPECT_EQ(15, row_num("t"));
	EXPECT_EQ(1, matches(expr_const_int(NFT_DICT_ADD, "t", "f", -20)));
	EXPECT_EQ(-5, row_num("t"));
	EXPECT_EQ(1, matches(expr_const_int(NFT_DICT_SUB, "t", "f", 5)));
	EXPECT_EQ(-10, row_num("t"));
	EXPECT_EQ(1, matches(expr_const_int(NFT_DICT_SUB, "t", "f", -30)));
	EXPECT_EQ(20, row_num("t"));

	/* saturates, also when the amount is the least number */
	EXPECT_EQ(1, matches(expr_const_int(NFT_DICT_SUB, "t", "f",
					    INT32_MIN)));
	EXPECT_EQ(INT32_MAX, row_num("t"));
	EXPECT_EQ(1, matches(expr_const_int(NFT_DICT_ADD, "t", "f", 1)));
	EXPECT_EQ(INT32_MAX, row_num("t"));
	EXPECT_EQ(0, row_write_int("t", "f", -3));
	EXPECT_EQ(1, matches(expr_const_int(NFT_DICT_ADD, "t", "f",
					    INT32_MIN)));
	EXPECT_EQ(INT32_MIN, row_num("t"));

	/* from registers: plain numbers of any width, signed numbers */
	memset(reg_data, 0xff, 16);
	EXPECT_EQ(1, matches(expr_source(NFT_DICT_ADD, "t", "f", NF_DICT_INT,
					 NFT_DICT_FORM_NUMBER, 8)));
	EXPECT_EQ(INT32_MAX, row_num("t"));
	memcpy(reg_data, "\x7f\xff\xff\xff", 4);
	EXPECT_EQ(1, matches(expr_source(NFT_DICT_ADD, "t", "f", NF_DICT_INT,
					 0, 0)));
	EXPECT_EQ(INT32_MAX - 1, row_num("t"));
	EXPECT_EQ(1, matches(expr_source(NFT_DICT_SUB, "t", "f", NF_DICT_INT,
					 0, 0)));
	EXPECT_EQ(INT32_MAX, row_num("t"));
	e = expr_source(NFT_DICT_SUB, "t", "f", NUMBER, 0, 4);
	expr_u32(&e, NFTA_DICT_FLAGS, NFT_DICT_F_DATA_HOST);
	memcpy(reg_data, &(uint32_t){ INT32_MAX - 100 }, 4);
	EXPECT_EQ(1, matches(e));
	EXPECT_EQ(100, row_num("t"));
	EXPECT_EQ(1, table_drops("t"));

	EXPECT_EQ(0, row_write("t", "f", NF_DICT_INT64,
			       "\0\0\0\1\0\0\0\0", 8));
	EXPECT_EQ(0, matches(expr_const_int(NFT_DICT_SUB, "t", "f", 1)));
	EXPECT_EQ(2, table_drops("t"));
	EXPECT_EQ(1, matches(expr_const(NFT_DICT_SUB, "t", "f", NUMBER,
					"\0\0\0\0\0\0\0\1", 8)));
	EXPECT_EQ(UINT32_MAX, row_num("t"));
	EXPECT_EQ(1, matches(expr_const(NFT_DICT_SUB, "t", "f", NF_DICT_INT64,
					"\x80\0\0\0\0\0\0\0", 8)));
	EXPECT_EQ(INT64_MAX, row_num("t"));
}

TEST_F(nft_dict, delete)
{
	struct expr e;

	/* deleting a missing field or row is a match */
	EXPECT_EQ(1, matches(expr_of(NFT_DICT_DELETE, "t", "f", 0)));
	EXPECT_EQ(1, matches(expr_of(NFT_DICT_FLUSH, "t", NULL, 0)));

	EXPECT_EQ(0, row_write_int("t", "f", 1));
	EXPECT_EQ(0, row_write_int("t", "g", 2));
	EXPECT_EQ(1, matches(expr_of(NFT_DICT_DELETE, "t", "f", 0)));
	EXPECT_EQ(0, matches(expr_of(NFT_DICT_EXISTS, "t", "f", 0)));
	EXPECT_EQ(2, row_num("t"));

	/* with a type, only a field of that type is deleted */
	EXPECT_EQ(1, matches(expr_of(NFT_DICT_DELETE, "t", "g",
				     NF_DICT_BOOL)));
	EXPECT_EQ(2, row_num("t"));
	EXPECT_EQ(1, matches(expr_of(NFT_DICT_DELETE, "t", "g", NUMBER)));
	EXPECT_EQ(ENOENT, row_read("t").err);

	EXPECT_EQ(0, row_write_int("t", "f", 1));
	EXPECT_EQ(0, row_write_int("t", "g", 2));
	e = expr_of(NFT_DICT_FLUSH, "t", NULL, 0);
	EXPECT_EQ(1, matches(e));
	EXPECT_EQ(ENOENT, row_read("t").err);
	EXPECT_EQ(0, table_drops("t"));
}

static int write_file(const char *dir, const char *name, const char *text)
{
	char path[256];
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY);
	if (fd < 0)
		return -errno;
	len = write(fd, text, strlen(text));
	close(fd);

	return len == (ssize_t)strlen(text) ? 0 : -errno;
}

static long read_number(const char *dir, const char *name)
{
	char path[256], text[32] = {};
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_RDONLY);
	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
		return -1;
	close(fd);

	return atol(text);
}

/* A rule with which each packet writes the row whose key is its payload. */
static struct nlmsghdr *put_writer(struct nlmsghdr *prev, const char *table)
{
	struct expr e = expr_const_int(NFT_DICT_SET, table, "f", 1);
	struct nlattr *list, *elem;
	struct nlmsghdr *nlh;

	nlh = nft_msg(prev, NFT_MSG_NEWRULE,
		      NLM_F_CREATE | NLM_F_APPEND | NLM_F_ACK);
	mnl_attr_put_strz(nlh, NFTA_RULE_TABLE, "test");
	mnl_attr_put_strz(nlh, NFTA_RULE_CHAIN, "out");
	list = mnl_attr_nest_start(nlh, NFTA_RULE_EXPRESSIONS);
	elem = put_expr(nlh, "payload");
	mnl_attr_put_u32(nlh, NFTA_PAYLOAD_DREG, htonl(REG_KEY));
	mnl_attr_put_u32(nlh, NFTA_PAYLOAD_BASE,
			 htonl(NFT_PAYLOAD_TRANSPORT_HEADER));
	mnl_attr_put_u32(nlh, NFTA_PAYLOAD_OFFSET, htonl(8));
	mnl_attr_put_u32(nlh, NFTA_PAYLOAD_LEN, htonl(4));
	end_expr(nlh, elem);
	put_dict(nlh, &e);
	mnl_attr_nest_end(nlh, list);

	return nlh;
}

static void send_numbers(uint32_t from, uint32_t to)
{
	char text[4];

	for (; from < to; from++) {
		memcpy(text, &from, sizeof(text));
		send(udp, text, sizeof(text), 0);
		recv(udp, text, sizeof(text), MSG_DONTWAIT);
	}
}

#define OWNER	"nft_dict_owner"

/* What packets write is charged to the cgroup that created the table. */
TEST_F_TIMEOUT(nft_dict, memory_is_the_owners, SLOW)
{
	char root[] = "/tmp/nft_dict.XXXXXX", owner[64], text[32];
	long before, after;
	int status;
	pid_t pid;

	ASSERT_EQ(0, unshare(CLONE_NEWNS));
	ASSERT_EQ(0, mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL));
	ASSERT_NE(NULL, mkdtemp(root));
	if (mount("none", root, "cgroup2", 0, NULL) ||
	    write_file(root, "cgroup.subtree_control", "+memory"))
		SKIP(return, "no memory controller of cgroup2");
	snprintf(owner, sizeof(owner), "%s/" OWNER, root);
	ASSERT_TRUE(!mkdir(owner, 0700) || errno == EEXIST);

	pid = fork();
	ASSERT_NE(-1, pid);
	if (!pid) {
		if (write_file(owner, "cgroup.procs", "0"))
			_exit(1);
		mnl_socket_close(nl);
		if (setup_netlink())
			_exit(2);
		_exit(table_do(NFDICT_MSG_TABLE_NEW, NLM_F_CREATE, "t", 0).err);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	ASSERT_EQ(0, status);

	ASSERT_EQ(0, talk(put_writer(batch_begin(), "t"), true).err);
	before = read_number(owner, "memory.current");
	send_numbers(0, 30000);
	after = read_number(owner, "memory.current");
	EXPECT_GT(after - before, 1500000) TH_LOG("%ld, %ld", before, after);
	EXPECT_EQ(0, table_drops("t"));

	/* writes fail at its limit */
	snprintf(text, sizeof(text), "%ld", after + 300000);
	ASSERT_EQ(0, write_file(owner, "memory.max", text));
	send_numbers(30000, 60000);
	EXPECT_LE(read_number(owner, "memory.current"), after + 300000);
	EXPECT_LT(1000, table_drops("t"));

	EXPECT_EQ(0, flush_rules());
	EXPECT_EQ(0, table_do(NFDICT_MSG_TABLE_DEL, 0, "t", 0).err);
	rmdir(owner);
	umount2(root, MNT_DETACH);
	rmdir(root);
}

/**
 * struct sender - a process that sends packets
 * @dropped: number of packets that a rule dropped
 * @passed: number of packets that passed
 * @stop: set by the test to end the process
 */
struct sender {
	unsigned long	dropped;
	unsigned long	passed;
	bool		stop;
};

/*
 * Packets add to a field and match another with patterns while a writer changes
 * their row: it writes values in place, and adds and deletes fields, for which
 * the row is replaced. No packet misses the row, and every one is counted.
 */
TEST_F_TIMEOUT(nft_dict, writers, SLOW)
{
	static const char *const strings[] = { "NETFLIX", "YOUTUBE", "DNS" };
	unsigned long dropped = 0, passed = 0;
	struct sender *senders;
	unsigned int i, n = 2;
	struct expr e;
	time_t end;

	ASSERT_EQ(0, row_write_int("t", "f", 0));
	ASSERT_EQ(0, row_write_string("t", "s", strings[0]));
	e = expr_match("t", "s", "*FACEBOOK*");
	ASSERT_EQ(0, add_rule(&e).err);
	e = expr_const_int(NFT_DICT_ADD, "t", "f", 1);
	ASSERT_EQ(0, add_rule(&e).err);

	senders = mmap(NULL, n * sizeof(*senders), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, senders);
	for (i = 0; i < n; i++) {
		pid_t pid = fork();

		ASSERT_LE(0, pid);
		if (pid)
			continue;
		/* A failing assertion ends the test without setting @stop. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		while (!__atomic_load_n(&senders[i].stop, __ATOMIC_RELAXED)) {
			if (packet_dropped())
				senders[i].dropped++;
			else
				senders[i].passed++;
		}
		_exit(0);
	}

	end = time(NULL) + 3;
	for (i = 0; time(NULL) < end; i++) {
		EXPECT_EQ(0, row_write_string("t", "s", strings[i % 3]));
		EXPECT_EQ(0, row_write_int("t", "g", i));
		EXPECT_EQ(0, row_write_int("t", "g", -i));
		EXPECT_EQ(0, row_read("t").err);
		EXPECT_EQ(0, field_delete("t", "g"));
	}

	for (i = 0; i < n; i++)
		__atomic_store_n(&senders[i].stop, true, __ATOMIC_RELAXED);
	for (i = 0; i < n; i++)
		ASSERT_LT(0, wait(NULL));
	for (i = 0; i < n; i++) {
		EXPECT_LT(0, senders[i].dropped);
		dropped += senders[i].dropped;
		passed += senders[i].passed;
	}
	EXPECT_EQ(0, field_delete("t", "s"));
	EXPECT_EQ(dropped, row_num("t"));
	EXPECT_EQ(0, passed);
	EXPECT_EQ(0, table_drops("t"));
	munmap(senders, n * sizeof(*senders));
}

/* Skip everything if the kernel lacks what is tested. */
static void need_kernel(void)
{
	struct expr e = sample(0);
	struct answer ans;

	if (unshare(CLONE_NEWNET))
		ksft_exit_skip("needs root: %s\n", strerror(errno));
	if (setup_netlink())
		ksft_exit_skip("no nfnetlink: %s\n", strerror(errno));
	if (setup_chain())
		ksft_exit_skip("no NF_TABLES in this kernel\n");
	if (list_tables().err)
		ksft_exit_skip("no NETFILTER_NETLINK_DICT in this kernel\n");
	ans = add_rule(&e);
	if (ans.err == ENOENT || ans.err == EOPNOTSUPP)
		ksft_exit_skip("no NFT_DICT in this kernel\n");
	mnl_socket_close(nl);
}

int main(int argc, char **argv)
{
	/* With options, tests are listed, or selected by hand. */
	if (argc == 1)
		need_kernel();

	return test_harness_run(argc, argv);
}
