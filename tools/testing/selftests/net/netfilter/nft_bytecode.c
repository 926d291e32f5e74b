// SPDX-License-Identifier: GPL-2.0-only
/*
 * Load and list nf_tables rules in the notation of `nft --debug=netlink`, so
 * that a test needs no nft that knows the expression under test.
 *
 * Copyright (c) The nft_dict authors
 *
 * An expression is described by a table: its attributes, and one or more
 * formats that read and write them. Only expressions whose notation is beyond
 * a format (dict, log, queue) have code. To add an expression, add a table.
 *
 * The notation leaves out what nft knows from its types: how long a value is,
 * and whether it is a number in host byte order. resolve_rule() follows the
 * registers through a rule to find both. Values are printed as words of four
 * bytes. They are read as little-endian words on every machine, because nft
 * prints them so on most.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/ether.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_log.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_dict_common.h>

#include "nf_dict_mnl.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define ROUND_UP4(n)	(((n) + 3) & ~3u)

#define DATA_MAX	64	/* bytes in all data registers */
#define SLOTS		16	/* registers of four bytes */
#define FIELDS_MAX	10
#define DEVICES_MAX	4	/* of a flowtable */
#define MSG_ROOM	(512 * 1024)
#define ELEMS_ROOM	48000	/* bytes of set elements in one message */

/* --- errors ------------------------------------------------------------- */

static const char *input_name = "-";

static void print_place(unsigned int line)
{
	if (line)
		fprintf(stderr, "%s:%u: ", input_name, line);
	else
		fprintf(stderr, "nft_bytecode: ");
}

#define die_at(line, ...)						\
	do {								\
		print_place(line);					\
		fprintf(stderr, __VA_ARGS__);				\
		fputc('\n', stderr);					\
		exit(1);						\
	} while (0)

#define die(...)	die_at(0, __VA_ARGS__)

static void *xalloc(size_t size)
{
	void *p = calloc(1, size);

	if (!p)
		die("out of memory");
	return p;
}

static char *xstrndup(const char *s, size_t len)
{
	char *p = strndup(s, len);

	if (!p)
		die("out of memory");
	return p;
}

/* --- names of constants -------------------------------------------------- */

struct names {
	const char *const *name;
	unsigned int n;
};

static const char *const cmp_ops_list[] = {
	[NFT_CMP_EQ] = "eq", [NFT_CMP_NEQ] = "neq", [NFT_CMP_LT] = "lt",
	[NFT_CMP_LTE] = "lte", [NFT_CMP_GT] = "gt", [NFT_CMP_GTE] = "gte",
};

static const struct names cmp_ops = { cmp_ops_list, ARRAY_SIZE(cmp_ops_list) };

static const char *const range_ops_list[] = {
	[NFT_RANGE_EQ] = "eq", [NFT_RANGE_NEQ] = "neq",
};

static const struct names range_ops = {
	range_ops_list, ARRAY_SIZE(range_ops_list)
};

static const char *const byteorder_ops_list[] = {
	[NFT_BYTEORDER_NTOH] = "ntoh", [NFT_BYTEORDER_HTON] = "hton",
};

static const struct names byteorder_ops = {
	byteorder_ops_list, ARRAY_SIZE(byteorder_ops_list)
};

static const char *const payload_bases_list[] = {
	[NFT_PAYLOAD_LL_HEADER] = "link",
	[NFT_PAYLOAD_NETWORK_HEADER] = "network",
	[NFT_PAYLOAD_TRANSPORT_HEADER] = "transport",
	[NFT_PAYLOAD_INNER_HEADER] = "inner",
};

static const struct names payload_bases = {
	payload_bases_list, ARRAY_SIZE(payload_bases_list)
};

static const char *const ct_dirs_list[] = {
	"original", "reply",
};

static const struct names ct_dirs = { ct_dirs_list, ARRAY_SIZE(ct_dirs_list) };

static const char *const nat_types_list[] = {
	[NFT_NAT_SNAT] = "snat", [NFT_NAT_DNAT] = "dnat",
};

static const struct names nat_types = {
	nat_types_list, ARRAY_SIZE(nat_types_list)
};

static const char *const families_list[] = {
	[NFPROTO_INET] = "inet", [NFPROTO_IPV4] = "ip", [NFPROTO_ARP] = "arp",
	[NFPROTO_NETDEV] = "netdev", [NFPROTO_BRIDGE] = "bridge",
	[NFPROTO_IPV6] = "ip6",
};

static const struct names families = {
	families_list, ARRAY_SIZE(families_list)
};

static const char *const limit_types_list[] = {
	[NFT_LIMIT_PKTS] = "packets", [NFT_LIMIT_PKT_BYTES] = "bytes",
};

static const struct names limit_types = {
	limit_types_list, ARRAY_SIZE(limit_types_list)
};

static const char *const dynset_ops_list[] = {
	[NFT_DYNSET_OP_ADD] = "add", [NFT_DYNSET_OP_UPDATE] = "update",
	[NFT_DYNSET_OP_DELETE] = "delete",
};

static const struct names dynset_ops = {
	dynset_ops_list, ARRAY_SIZE(dynset_ops_list)
};

static const char *const numgen_types_list[] = {
	[NFT_NG_INCREMENTAL] = "inc", [NFT_NG_RANDOM] = "random",
};

static const struct names numgen_types = {
	numgen_types_list, ARRAY_SIZE(numgen_types_list)
};

static const char *const rt_keys_list[] = {
	[NFT_RT_CLASSID] = "classid", [NFT_RT_NEXTHOP4] = "nexthop4",
	[NFT_RT_NEXTHOP6] = "nexthop6", [NFT_RT_TCPMSS] = "tcpmss",
	[NFT_RT_XFRM] = "ipsec",
};

static const struct names rt_keys = { rt_keys_list, ARRAY_SIZE(rt_keys_list) };

static const char *const log_flags_list[] = {
	"tcpseq", "tcpopt", "ipopt", "uid", "nflog", "macdecode",
};

static const struct names log_flags = {
	log_flags_list, ARRAY_SIZE(log_flags_list)
};

/* Form of a meta or ct key in a register. */
struct key {
	const char	*name;
	uint8_t		len;
	bool		host;	/* a number in host byte order */
	bool		string;
};

#define HOST(name, len)		{ name, len, true, false }
#define NET(name, len)		{ name, len, false, false }
#define STRING(name, len)	{ name, len, false, true }

static const struct key meta_keys[] = {
	[NFT_META_LEN]		 = HOST("len", 4),
	[NFT_META_PROTOCOL]	 = NET("protocol", 2),
	[NFT_META_PRIORITY]	 = HOST("priority", 4),
	[NFT_META_MARK]		 = HOST("mark", 4),
	[NFT_META_IIF]		 = HOST("iif", 4),
	[NFT_META_OIF]		 = HOST("oif", 4),
	[NFT_META_IIFNAME]	 = STRING("iifname", 16),
	[NFT_META_OIFNAME]	 = STRING("oifname", 16),
	[NFT_META_IIFTYPE]	 = HOST("iiftype", 2),
	[NFT_META_OIFTYPE]	 = HOST("oiftype", 2),
	[NFT_META_SKUID]	 = HOST("skuid", 4),
	[NFT_META_SKGID]	 = HOST("skgid", 4),
	[NFT_META_NFTRACE]	 = NET("nftrace", 1),
	[NFT_META_RTCLASSID]	 = HOST("rtclassid", 4),
	[NFT_META_SECMARK]	 = HOST("secmark", 4),
	[NFT_META_NFPROTO]	 = NET("nfproto", 1),
	[NFT_META_L4PROTO]	 = NET("l4proto", 1),
	[NFT_META_BRI_IIFNAME]	 = STRING("bri_iifname", 16),
	[NFT_META_BRI_OIFNAME]	 = STRING("bri_oifname", 16),
	[NFT_META_PKTTYPE]	 = NET("pkttype", 1),
	[NFT_META_CPU]		 = HOST("cpu", 4),
	[NFT_META_IIFGROUP]	 = HOST("iifgroup", 4),
	[NFT_META_OIFGROUP]	 = HOST("oifgroup", 4),
	[NFT_META_CGROUP]	 = HOST("cgroup", 4),
	[NFT_META_PRANDOM]	 = NET("prandom", 4),
	[NFT_META_SECPATH]	 = NET("secpath", 1),
	[NFT_META_IIFKIND]	 = STRING("iifkind", 16),
	[NFT_META_OIFKIND]	 = STRING("oifkind", 16),
	[NFT_META_BRI_IIFPVID]	 = HOST("bri_iifpvid", 2),
	[NFT_META_BRI_IIFVPROTO] = NET("bri_iifvproto", 2),
	[NFT_META_TIME_NS]	 = HOST("time", 8),
	[NFT_META_TIME_DAY]	 = NET("day", 1),
	[NFT_META_TIME_HOUR]	 = HOST("hour", 4),
	[NFT_META_SDIF]		 = HOST("sdif", 4),
	[NFT_META_SDIFNAME]	 = STRING("sdifname", 16),
	[NFT_META_BRI_BROUTE]	 = NET("broute", 1),
};

static const struct key ct_keys[] = {
	[NFT_CT_STATE]		= HOST("state", 4),
	[NFT_CT_DIRECTION]	= NET("direction", 1),
	[NFT_CT_STATUS]		= HOST("status", 4),
	[NFT_CT_MARK]		= HOST("mark", 4),
	[NFT_CT_SECMARK]	= HOST("secmark", 4),
	[NFT_CT_EXPIRATION]	= HOST("expiration", 4),
	[NFT_CT_HELPER]		= STRING("helper", 16),
	[NFT_CT_L3PROTOCOL]	= NET("l3protocol", 1),
	[NFT_CT_SRC]		= NET("src", 16),
	[NFT_CT_DST]		= NET("dst", 16),
	[NFT_CT_PROTOCOL]	= NET("protocol", 1),
	[NFT_CT_PROTO_SRC]	= NET("proto_src", 2),
	[NFT_CT_PROTO_DST]	= NET("proto_dst", 2),
	[NFT_CT_LABELS]		= NET("label", 16),
	[NFT_CT_PKTS]		= HOST("packets", 8),
	[NFT_CT_BYTES]		= HOST("bytes", 8),
	[NFT_CT_AVGPKT]		= HOST("avgpkt", 8),
	[NFT_CT_ZONE]		= HOST("zone", 2),
	[NFT_CT_EVENTMASK]	= HOST("event", 4),
	[NFT_CT_SRC_IP]		= NET("src_ip", 4),
	[NFT_CT_DST_IP]		= NET("dst_ip", 4),
	[NFT_CT_SRC_IP6]	= NET("src_ip6", 16),
	[NFT_CT_DST_IP6]	= NET("dst_ip6", 16),
	[NFT_CT_ID]		= NET("id", 4),
};

static const struct {
	const char	*name;
	unsigned long long	seconds;
} limit_units[] = {
	{ "second", 1 }, { "minute", 60 }, { "hour", 60 * 60 },
	{ "day", 24 * 60 * 60 }, { "week", 7 * 24 * 60 * 60 },
};

/* --- reading text -------------------------------------------------------- */

/* Position in a line; at_max: the furthest one reached, for error messages. */
struct cursor {
	const char	*at;
	const char	*at_max;
	unsigned int	line;
};

static void skip_blanks(struct cursor *c)
{
	while (*c->at == ' ' || *c->at == '\t')
		c->at++;
	if (c->at > c->at_max)
		c->at_max = c->at;
}

/* True if @ch can be part of a word. */
static bool word_char(char ch)
{
	return isalnum((unsigned char)ch) || ch == '_';
}

/* Take @text if it comes next. */
static bool take(struct cursor *c, const char *text)
{
	size_t len = strlen(text);

	skip_blanks(c);
	if (strncmp(c->at, text, len))
		return false;
	if (len && word_char(text[len - 1]) && word_char(c->at[len]))
		return false;
	c->at += len;
	return true;
}

static bool at_end(struct cursor *c)
{
	skip_blanks(c);
	return !*c->at;
}

static bool take_number(struct cursor *c, unsigned long long *num, int base)
{
	char *end;

	skip_blanks(c);
	if (!isxdigit((unsigned char)*c->at) ||
	    (base == 10 && !isdigit((unsigned char)*c->at)))
		return false;
	errno = 0;
	*num = strtoull(c->at, &end, base);
	if (end == c->at || errno)
		return false;
	c->at = end;
	return true;
}

/* Take all up to the next blank. */
static char *take_word(struct cursor *c)
{
	size_t len;
	char *word;

	skip_blanks(c);
	len = strcspn(c->at, " \t");
	if (!len)
		return NULL;
	word = xstrndup(c->at, len);
	c->at += len;
	return word;
}

static int lookup_name(const struct names *names, const char *s, size_t len)
{
	unsigned int i;

	for (i = 0; i < names->n; i++) {
		if (names->name[i] && strlen(names->name[i]) == len &&
		    !strncmp(names->name[i], s, len))
			return i;
	}
	return -1;
}

static int lookup_key(const struct key *keys, unsigned int n, const char *s,
		      size_t len)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		if (keys[i].name && strlen(keys[i].name) == len &&
		    !strncmp(keys[i].name, s, len))
			return i;
	}
	return -1;
}

static size_t word_len(const struct cursor *c)
{
	size_t len = 0;

	while (word_char(c->at[len]))
		len++;
	return len;
}

/* Take a string in double quotes with \", \\ and \xHH in it. */
static bool take_quoted(struct cursor *c, uint8_t *buf, unsigned int size,
			unsigned int *len)
{
	const char *p;

	skip_blanks(c);
	if (*c->at != '"')
		return false;
	*len = 0;
	for (p = c->at + 1; *p != '"'; p++) {
		unsigned int ch = (unsigned char)*p;

		if (!ch)
			die_at(c->line, "no closing quote: %s", c->at);
		if (ch == '\\') {
			p++;
			if (*p == 'x' && isxdigit((unsigned char)p[1]) &&
			    isxdigit((unsigned char)p[2])) {
				char hex[3] = { p[1], p[2] };

				ch = strtoul(hex, NULL, 16);
				p += 2;
			} else if (*p == '"' || *p == '\\') {
				ch = (unsigned char)*p;
			} else {
				die_at(c->line, "bad escape: %s", p - 1);
			}
		}
		if (*len == size)
			die_at(c->line, "string of more than %u bytes: %s",
			       size, c->at);
		buf[(*len)++] = ch;
	}
	c->at = p + 1;
	return true;
}

static void print_quoted(const uint8_t *s, unsigned int len)
{
	putchar('"');
	for (; len--; s++) {
		if (*s == '"' || *s == '\\')
			printf("\\%c", *s);
		else if (*s < 0x20 || *s > 0x7e)
			printf("\\x%02x", *s);
		else
			putchar(*s);
	}
	putchar('"');
}

/* --- values in words ----------------------------------------------------- */

struct data {
	uint8_t		bytes[DATA_MAX];
	unsigned int	len;		/* 0 until resolved */
	unsigned int	words;
	bool		verdict;
	int32_t		code;
	char		*chain;
};

/*
 * Take up to @max words such as 0x0000000a (with @prefix) or 0000000a. Without
 * the prefix, the words end at a number of fewer than eight digits. With it,
 * /LEN may follow: nft's notation does not say how many bytes of a register a
 * rule such as "ip saddr 192.168.1.0/24" compares.
 */
static bool take_words(struct cursor *c, struct data *d, bool prefix,
		       unsigned int max)
{
	d->words = 0;
	for (;;) {
		unsigned int digits = 0;
		uint32_t word;
		const char *p;

		skip_blanks(c);
		p = c->at;
		if (prefix) {
			if (p[0] != '0' || p[1] != 'x')
				break;
			p += 2;
		}
		while (isxdigit((unsigned char)p[digits]))
			digits++;
		if (!digits || digits > 8 || word_char(p[digits]) ||
		    (!prefix && digits != 8) || d->words == max)
			break;
		word = htole32(strtoul(p, NULL, 16));
		memcpy(d->bytes + 4 * d->words++, &word, 4);
		c->at = p + digits;
	}
	if (d->words && prefix && *c->at == '/') {
		unsigned long long len;

		c->at++;
		if (!take_number(c, &len, 10) || ROUND_UP4(len) != 4 * d->words)
			return false;
		d->len = len;
	}
	return d->words;
}

static unsigned int count_words(struct cursor c)
{
	struct data d = {};

	take_words(&c, &d, true, DATA_MAX / 4);
	return d.words;
}

static void print_words(const uint8_t *bytes, unsigned int len,
			const char *prefix)
{
	unsigned int i;

	for (i = 0; i < len; i += 4) {
		uint32_t word = 0;

		memcpy(&word, bytes + i, len - i < 4 ? len - i : 4);
		printf("%s%s%08x", i ? " " : "", prefix, le32toh(word));
	}
}

/* Host-order numbers were read as little-endian ones. */
static void to_host_order(uint8_t *bytes, unsigned int len)
{
#if __BYTE_ORDER == __BIG_ENDIAN
	unsigned int i;

	for (i = 0; i < len / 2; i++) {
		uint8_t b = bytes[i];

		bytes[i] = bytes[len - 1 - i];
		bytes[len - 1 - i] = b;
	}
#else
	(void)bytes;
	(void)len;
#endif
}

static const struct {
	const char	*name;
	int32_t		code;
	bool		chain;
} verdicts[] = {
	{ "accept", NF_ACCEPT }, { "drop", NF_DROP },
	{ "continue", NFT_CONTINUE }, { "break", NFT_BREAK },
	{ "jump", NFT_JUMP, true }, { "goto", NFT_GOTO, true },
	{ "return", NFT_RETURN }, { "queue", NF_QUEUE },
};

static bool take_verdict(struct cursor *c, struct data *d)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(verdicts); i++) {
		if (!take(c, verdicts[i].name))
			continue;
		d->verdict = true;
		d->code = verdicts[i].code;
		if (verdicts[i].chain) {
			if (!take(c, "->"))
				return false;
			d->chain = take_word(c);
			return d->chain;
		}
		return true;
	}
	return false;
}

static void print_verdict(const struct data *d)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(verdicts); i++) {
		if (verdicts[i].code == d->code) {
			printf("%s", verdicts[i].name);
			if (d->chain)
				printf(" -> %s", d->chain);
			return;
		}
	}
	printf("verdict %d", d->code);
}

static void put_data(struct nlmsghdr *nlh, uint16_t attr, const struct data *d)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, attr);
	struct nlattr *verdict;

	if (d->verdict) {
		verdict = mnl_attr_nest_start(nlh, NFTA_DATA_VERDICT);
		mnl_attr_put_u32(nlh, NFTA_VERDICT_CODE, htonl(d->code));
		if (d->chain)
			mnl_attr_put_strz(nlh, NFTA_VERDICT_CHAIN, d->chain);
		mnl_attr_nest_end(nlh, verdict);
	} else {
		mnl_attr_put(nlh, NFTA_DATA_VALUE, d->len, d->bytes);
	}
	mnl_attr_nest_end(nlh, nest);
}

/* --- netlink attributes by number --------------------------------------- */

#define ATTRS_MAX	32

struct attrs {
	const struct nlattr *tb[ATTRS_MAX];
};

static int attrs_cb(const struct nlattr *attr, void *data)
{
	struct attrs *attrs = data;

	if (mnl_attr_get_type(attr) < ATTRS_MAX)
		attrs->tb[mnl_attr_get_type(attr)] = attr;
	return MNL_CB_OK;
}

static void parse_nested(const struct nlattr *nest, struct attrs *attrs)
{
	memset(attrs, 0, sizeof(*attrs));
	mnl_attr_parse_nested(nest, attrs_cb, attrs);
}

static void get_data(const struct nlattr *nest, struct data *d)
{
	const struct nlattr *a;
	struct attrs attrs;

	memset(d, 0, sizeof(*d));
	parse_nested(nest, &attrs);
	a = attrs.tb[NFTA_DATA_VALUE];
	if (a) {
		d->len = mnl_attr_get_payload_len(a);
		if (d->len > DATA_MAX)
			die("the kernel sent a value of %u bytes", d->len);
		memcpy(d->bytes, mnl_attr_get_payload(a), d->len);
		d->words = ROUND_UP4(d->len) / 4;
	} else if (attrs.tb[NFTA_DATA_VERDICT]) {
		parse_nested(attrs.tb[NFTA_DATA_VERDICT], &attrs);
		d->verdict = true;
		a = attrs.tb[NFTA_VERDICT_CODE];
		d->code = a ? (int32_t)ntohl(mnl_attr_get_u32(a)) : 0;
		a = attrs.tb[NFTA_VERDICT_CHAIN];
		if (a)
			d->chain = xstrndup(mnl_attr_get_str(a),
					    mnl_attr_get_payload_len(a));
	}
}

static unsigned long long get_number(const struct nlattr *a)
{
	switch (mnl_attr_get_payload_len(a)) {
	case 1:
		return mnl_attr_get_u8(a);
	case 2:
		return ntohs(mnl_attr_get_u16(a));
	case 4:
		return ntohl(mnl_attr_get_u32(a));
	case 8:
		return be64toh(mnl_attr_get_u64(a));
	}
	die("the kernel sent a number of %u bytes", mnl_attr_get_payload_len(a));
}

static void put_be32(struct nlmsghdr *nlh, uint16_t attr, uint32_t num)
{
	mnl_attr_put_u32(nlh, attr, htonl(num));
}

/* --- expressions --------------------------------------------------------- */

enum field_kind {
	F_U8, F_U16, F_U32, F_U64,	/* decimal */
	F_HEX32,			/* 0x... */
	F_NAME8, F_NAME32,		/* by .names */
	F_META, F_CT,			/* by meta_keys, ct_keys */
	F_SREG, F_DREG,			/* register read, written */
	F_DATA,				/* words or a verdict */
	F_UNIT,				/* by limit_units */
	F_STRING,			/* one word */
	F_SET,				/* name of a set */
	F_EXPR,				/* an expression, named */
	F_FLAG,				/* no value: its format has only text */
};

struct field {
	const char		*name;
	uint16_t		attr;
	uint8_t			kind;	/* enum field_kind */
	const struct names	*names;
	bool			half;	/* F_DATA: half of the words that follow */
};

/*
 * <name> is a field, {...} is optional, blanks separate, and all other text is
 * literal.
 */
struct format {
	const char	*text;
	/* unless 0: the format stands for this attribute with this value */
	uint16_t	attr;
	uint32_t	value;
};

struct expr;
struct rule;

/* What a register holds or has to hold. */
struct reg {
	unsigned int	len;	/* 0: unknown */
	bool		host;	/* number in host byte order */
	bool		string;
	bool		fresh;	/* not used yet: part of a concatenation */
};

struct expr_type {
	const char		*name;
	struct field		fields[FIELDS_MAX];
	struct format		formats[8];
	/* what the expression stores in its F_DREG register */
	struct reg		(*dreg)(const struct rule *rule,
					const struct expr *e);
	/* what it expects in the register of @field */
	struct reg		(*sreg)(const struct rule *rule,
					const struct expr *e,
					const struct field *field);
	/* for notations that formats cannot describe */
	bool			(*parse)(struct cursor *c, struct expr *e);
	void			(*put)(struct nlmsghdr *nlh,
				       const struct expr *e);
	bool			(*get)(const struct attrs *attrs,
				       struct expr *e);
	void			(*print)(const struct expr *e);
};

struct value {
	bool		set;
	unsigned long long	num;
	char		*string;
	struct data	data;
	struct expr	*expr;
	struct set	*target;	/* of F_SET */
};

struct expr {
	const struct expr_type	*type;
	const struct format	*format;
	struct value		v[FIELDS_MAX];
	struct dict		*dict;
	unsigned int		line;
	size_t			offset;		/* of its attribute in the message */
	struct expr		*next;
};

struct set {
	char		*name;
	char		*table;
	unsigned int	family;
	unsigned int	line;
	uint32_t	id;
	uint32_t	flags;
	unsigned long long	timeout;
	uint32_t	size;
	bool		bound;		/* anonymous and used by a rule */
	bool		resolved;
	struct reg	key, data;
	unsigned int	part[SLOTS];	/* lengths of a concatenation's parts */
	unsigned int	parts;
	unsigned int	nelems;
	struct elem	*elems, **last;
	struct set	*next;
};

struct elem {
	struct data	key, key_end, data;
	uint32_t	flags;
	struct elem	*next;
};

struct rule {
	unsigned int	family;
	char		*table, *chain;
	char		*text;
	struct expr	*exprs;
};

static struct value *value_of(struct expr *e, const char *name, size_t len)
{
	unsigned int i;

	for (i = 0; i < FIELDS_MAX && e->type->fields[i].name; i++) {
		if (strlen(e->type->fields[i].name) == len &&
		    !strncmp(e->type->fields[i].name, name, len))
			return &e->v[i];
	}
	die("internal error: %s has no field %.*s", e->type->name, (int)len,
	    name);
}

static unsigned long long num_of(const struct expr *e, const char *name)
{
	return value_of((struct expr *)e, name, strlen(name))->num;
}

static bool has(const struct expr *e, const char *name)
{
	return value_of((struct expr *)e, name, strlen(name))->set;
}

/* --- lengths: what registers hold, by expression ------------------------- */

static struct reg reg_of_key(const struct key *key)
{
	return (struct reg){ .len = key->len, .host = key->host,
			     .string = key->string };
}

static struct reg meta_reg(const struct rule *rule, const struct expr *e)
{
	(void)rule;
	return reg_of_key(&meta_keys[num_of(e, "key")]);
}

static struct reg meta_sreg(const struct rule *rule, const struct expr *e,
			    const struct field *field)
{
	(void)field;
	return meta_reg(rule, e);
}

static struct reg ct_reg(const struct rule *rule, const struct expr *e)
{
	unsigned int key = num_of(e, "key");
	struct reg reg = reg_of_key(&ct_keys[key]);

	if ((key == NFT_CT_SRC || key == NFT_CT_DST) &&
	    rule->family == NFPROTO_IPV4)
		reg.len = 4;
	return reg;
}

static struct reg ct_sreg(const struct rule *rule, const struct expr *e,
			  const struct field *field)
{
	(void)field;
	return ct_reg(rule, e);
}

static struct reg payload_reg(const struct rule *rule, const struct expr *e)
{
	(void)rule;
	return (struct reg){ .len = num_of(e, "len") };
}

static struct reg payload_sreg(const struct rule *rule, const struct expr *e,
			       const struct field *field)
{
	(void)field;
	return payload_reg(rule, e);
}

static struct reg host32_reg(const struct rule *rule, const struct expr *e)
{
	(void)rule;
	(void)e;
	return (struct reg){ .len = 4, .host = true };
}

static struct reg rt_reg(const struct rule *rule, const struct expr *e)
{
	struct reg reg = { .len = 4 };

	(void)rule;
	switch (num_of(e, "key")) {
	case NFT_RT_CLASSID:
		reg.host = true;
		break;
	case NFT_RT_NEXTHOP6:
		reg.len = 16;
		break;
	case NFT_RT_TCPMSS:
		reg.len = 2;
		reg.host = true;
		break;
	case NFT_RT_XFRM:
		reg.len = 1;
		break;
	}
	return reg;
}

static struct reg nat_sreg(const struct rule *rule, const struct expr *e,
			   const struct field *field)
{
	unsigned int family = rule->family;

	switch (field->attr) {
	case NFTA_NAT_REG_ADDR_MIN:
	case NFTA_NAT_REG_ADDR_MAX:
		family = num_of(e, "family");
		return (struct reg){ .len = family == NFPROTO_IPV6 ? 16 : 4 };
	}
	return (struct reg){ .len = 2 };
}

static struct reg port_sreg(const struct rule *rule, const struct expr *e,
			    const struct field *field)
{
	(void)rule;
	(void)e;
	(void)field;
	return (struct reg){ .len = 2 };
}

static struct reg fwd_sreg(const struct rule *rule, const struct expr *e,
			   const struct field *field)
{
	(void)e;
	if (!strcmp(field->name, "addr"))
		return (struct reg){
			.len = rule->family == NFPROTO_IPV6 ? 16 : 4,
		};
	return (struct reg){ .len = 4, .host = true };
}

/* --- dict ----------------------------------------------------------------- */

#define PATTERNS_ROOM	(60 * 1024)

/* Pseudo type in the notation, for NFT_DICT_FORM_NUMBER. */
#define DICT_INTEGER	(NF_DICT_TYPE_MAX + 1)

static const struct {
	const char	*name;
	uint8_t		len;	/* 0: given */
} dict_types[] = {
	[NF_DICT_BOOL]		= { "bool", 1 },
	[NF_DICT_INT]		= { "int", 4 },
	[NF_DICT_INT64]		= { "int64", 8 },
	[NF_DICT_IPV4_ADDR]	= { "ipv4_addr", 4 },
	[NF_DICT_IPV6_ADDR]	= { "ipv6_addr", 16 },
	[NF_DICT_ETHER_ADDR]	= { "ether_addr", 6 },
	[NF_DICT_LONG_STRING]	= { "long_string", 0 },
	[NF_DICT_STRING_LIST]	= { "string_list", 0 },
	[DICT_INTEGER]		= { "integer", 0 },
};

static const struct {
	const char	*name;
	uint8_t		len;	/* 0: given */
} dict_key_types[] = {
	[NF_DICT_KEY_INT]	= { "int", 0 },
	[NF_DICT_KEY_IPV4]	= { "ipv4_addr", 4 },
	[NF_DICT_KEY_IPV6]	= { "ipv6_addr", 16 },
	[NF_DICT_KEY_ETHER]	= { "ether_addr", 6 },
	[NF_DICT_KEY_STRING]	= { "string", 0 },
	[NF_DICT_KEY_RAW]	= { "raw", 0 },
};

static const char *const dict_ops[] = {
	[NFT_DICT_LOAD]		= "load",
	[NFT_DICT_MATCH]	= "match",
	[NFT_DICT_EXISTS]	= "exists",
	[NFT_DICT_SET]		= "set",
	[NFT_DICT_ADD]		= "add",
	[NFT_DICT_SUB]		= "sub",
	[NFT_DICT_DELETE]	= "delete",
	[NFT_DICT_FLUSH]	= "flush",
};

static const char *dict_op_name(unsigned int op)
{
	return op < ARRAY_SIZE(dict_ops) ? dict_ops[op] : NULL;
}

/* One more than the kernel allows, so that tests can see it refused. */
#define DICT_NAME_ROOM		(NF_DICT_NAME_MAX + 1)
#define DICT_STRING_ROOM	(NF_DICT_STRING_MAX + 1)
#define DICT_LEVELS_ROOM	(NF_DICT_LEVELS_MAX + 1)

struct dict_level {
	uint8_t		table[DICT_NAME_ROOM], field[DICT_NAME_ROOM];
	unsigned int	table_len, field_len;
	bool		has_field;
	unsigned int	type;
};

/* The form of a value in a register. */
struct dict_form {
	unsigned int	type;
	unsigned int	len;
	bool		host;
};

struct dict {
	unsigned int	op;
	unsigned int	flags;
	unsigned int	key_type, key_len, key_reg;
	struct dict_level level[DICT_LEVELS_ROOM];
	unsigned int	levels;
	struct dict_form form;		/* of the register */
	bool		has_dreg, has_sreg, has_const;
	unsigned int	reg;
	uint8_t		constant[DICT_STRING_ROOM];
	unsigned int	constant_len;
	uint8_t		*patterns;	/* for each: length, then bytes */
	size_t		patterns_len;
	unsigned int	npatterns;
};

static unsigned int take_dict_type(struct cursor *c)
{
	size_t len;
	unsigned int i;

	skip_blanks(c);
	len = word_len(c);
	for (i = 1; i < ARRAY_SIZE(dict_types); i++) {
		if (len == strlen(dict_types[i].name) &&
		    !strncmp(c->at, dict_types[i].name, len) &&
		    c->at[len] != ':') {
			c->at += len;
			return i;
		}
	}
	return NF_DICT_UNSPEC;
}

/* TYPE[/LEN] [host] reg N */
static bool take_dict_form(struct cursor *c, struct dict *d, uint32_t host_flag)
{
	unsigned long long num;

	d->form.type = take_dict_type(c);
	if (!d->form.type)
		return false;
	d->form.len = dict_types[d->form.type].len;
	if (!d->form.len) {
		if (!take(c, "/") || !take_number(c, &num, 10))
			return false;
		d->form.len = num;
	}
	if (take(c, "host")) {
		d->form.host = true;
		d->flags |= host_flag;
	}
	if (!take(c, "reg") || !take_number(c, &num, 10))
		return false;
	d->reg = num;
	return true;
}

static bool take_dict_key(struct cursor *c, struct dict *d)
{
	unsigned int i;
	unsigned long long num;

	if (!take(c, "key"))
		return false;
	for (i = 1; i < ARRAY_SIZE(dict_key_types); i++) {
		if (take(c, dict_key_types[i].name))
			break;
	}
	if (i == ARRAY_SIZE(dict_key_types))
		return false;
	d->key_type = i;
	d->key_len = dict_key_types[i].len;
	if (!d->key_len) {
		if (!take(c, "/") || !take_number(c, &num, 10))
			return false;
		d->key_len = num;
	}
	if (take(c, "host"))
		d->flags |= NFT_DICT_F_KEY_HOST;
	if (!take(c, "reg") || !take_number(c, &num, 10))
		return false;
	d->key_reg = num;
	return true;
}

static bool take_dict_path(struct cursor *c, struct dict *d)
{
	struct dict_level *l;

	do {
		if (d->levels == DICT_LEVELS_ROOM)
			die_at(c->line, "more than %u tables",
			       DICT_LEVELS_ROOM);
		l = &d->level[d->levels++];
		if (!take_quoted(c, l->table, sizeof(l->table), &l->table_len))
			return false;
		if (!take(c, "."))
			continue;
		if (!take_quoted(c, l->field, sizeof(l->field), &l->field_len))
			return false;
		l->has_field = true;
		l->type = take_dict_type(c);
	} while (take(c, "->"));
	return true;
}

static bool take_dict_constant(struct cursor *c, struct dict *d)
{
	unsigned int type = d->level[d->levels - 1].type;
	char *word, *end;
	long long num;
	int64_t be64;
	int32_t be32;

	d->has_const = true;
	/* Members of a list have a NUL between them. */
	if (type == NF_DICT_LONG_STRING || type == NF_DICT_STRING_LIST)
		return take_quoted(c, d->constant, sizeof(d->constant),
				   &d->constant_len);

	word = take_word(c);
	if (!word)
		return false;
	d->constant_len = dict_types[type].len;
	switch (type) {
	case NF_DICT_BOOL:
		d->constant[0] = !strcmp(word, "true");
		return d->constant[0] || !strcmp(word, "false");
	case NF_DICT_IPV4_ADDR:
		return inet_pton(AF_INET, word, d->constant) == 1;
	case NF_DICT_IPV6_ADDR:
		return inet_pton(AF_INET6, word, d->constant) == 1;
	case NF_DICT_ETHER_ADDR:
		return ether_aton_r(word, (struct ether_addr *)d->constant);
	}
	errno = 0;
	num = strtoll(word, &end, 10);
	if (*end || errno)
		return false;
	if (type == NF_DICT_INT) {
		if (num < INT32_MIN || num > INT32_MAX)
			return false;
		be32 = htobe32(num);
		memcpy(d->constant, &be32, 4);
	} else {
		be64 = htobe64(num);
		memcpy(d->constant, &be64, 8);
		d->constant_len = 8;
	}
	return true;
}

static bool take_dict_pattern(struct cursor *c, struct dict *d)
{
	uint8_t *p = d->patterns + d->patterns_len;
	unsigned int len;

	if (d->patterns_len + DICT_STRING_ROOM + 1 > PATTERNS_ROOM)
		die_at(c->line, "too many patterns");
	if (!take_quoted(c, p + 1, DICT_STRING_ROOM, &len))
		return false;
	*p = len;
	d->patterns_len += 1 + len;
	d->npatterns++;
	return true;
}

static bool take_dict_match(struct cursor *c, struct dict *d)
{
	unsigned long long num;

	if (take(c, "!="))
		d->flags |= NFT_DICT_F_INV;
	else if (!take(c, "=="))
		return false;
	d->patterns = xalloc(PATTERNS_ROOM);
	if (take(c, "{")) {
		while (!take(c, "}")) {
			if (!take_dict_pattern(c, d))
				return false;
		}
	} else if (!take_dict_pattern(c, d)) {
		return false;
	}
	if (take(c, "=>")) {
		if (!take(c, "reg") || !take_number(c, &num, 10))
			return false;
		d->has_dreg = true;
		d->reg = num;
		/* the index of the pattern, in network byte order */
		d->form = (struct dict_form){ .len = 4 };
	}
	return true;
}

static bool dict_parse(struct cursor *c, struct expr *e)
{
	struct dict *d = xalloc(sizeof(*d));
	struct cursor start;
	unsigned int i;

	e->dict = d;
	if (take(c, "missing")) {
		d->op = NFT_DICT_EXISTS;
		d->flags = NFT_DICT_F_INV;
	} else {
		for (i = NFT_DICT_LOAD; i < ARRAY_SIZE(dict_ops); i++) {
			if (take(c, dict_ops[i]))
				break;
		}
		if (i == ARRAY_SIZE(dict_ops))
			return false;
		d->op = i;
	}
	if (!take_dict_key(c, d) || !take_dict_path(c, d))
		return false;

	switch (d->op) {
	case NFT_DICT_LOAD:
		d->has_dreg = true;
		return take(c, "=>") &&
		       take_dict_form(c, d, NFT_DICT_F_DATA_HOST);
	case NFT_DICT_MATCH:
		return take_dict_match(c, d);
	case NFT_DICT_SET:
	case NFT_DICT_ADD:
	case NFT_DICT_SUB:
		start = *c;
		d->has_sreg = take_dict_form(c, d, NFT_DICT_F_DATA_HOST);
		if (d->has_sreg)
			return d->form.type == DICT_INTEGER ||
			       d->form.type == d->level[d->levels - 1].type;
		*c = start;
		return take_dict_constant(c, d);
	}
	return true;
}

/* The NFT_DICT_FORM_* of a level's value; UNSPEC: as the type has it. */
static unsigned int dict_level_form(const struct dict *d,
				    const struct dict_level *l)
{
	bool written = d->has_sreg && l == &d->level[d->levels - 1];

	return l->type == DICT_INTEGER ||
	       (written && d->form.type == DICT_INTEGER) ?
	       NFT_DICT_FORM_NUMBER : NFT_DICT_FORM_UNSPEC;
}

static void dict_put(struct nlmsghdr *nlh, const struct expr *e)
{
	const struct dict *d = e->dict;
	const struct dict_level *l;
	struct nlattr *nest, *item;
	const uint8_t *p;

	put_be32(nlh, NFTA_DICT_OP, d->op);
	if (d->flags)
		put_be32(nlh, NFTA_DICT_FLAGS, d->flags);
	put_be32(nlh, NFTA_DICT_SREG, d->key_reg);
	put_be32(nlh, NFTA_DICT_KEY_TYPE, d->key_type);
	put_be32(nlh, NFTA_DICT_KEY_LEN, d->key_len);

	nest = mnl_attr_nest_start(nlh, NFTA_DICT_PATH);
	for (l = d->level; l < d->level + d->levels; l++) {
		item = mnl_attr_nest_start(nlh, NFTA_LIST_ELEM);
		mnl_attr_put(nlh, NFTA_DICT_LEVEL_TABLE, l->table_len,
			     l->table);
		if (l->has_field)
			mnl_attr_put(nlh, NFTA_DICT_LEVEL_FIELD, l->field_len,
				     l->field);
		if (l->type && l->type != DICT_INTEGER)
			put_be32(nlh, NFTA_DICT_LEVEL_TYPE, l->type);
		if (dict_level_form(d, l))
			put_be32(nlh, NFTA_DICT_LEVEL_FORM,
				 dict_level_form(d, l));
		mnl_attr_nest_end(nlh, item);
	}
	mnl_attr_nest_end(nlh, nest);

	if (d->has_dreg)
		put_be32(nlh, NFTA_DICT_DREG, d->reg);
	if (d->has_sreg)
		put_be32(nlh, NFTA_DICT_DATA_SREG, d->reg);
	if ((d->has_dreg || d->has_sreg) && d->form.type &&
	    !dict_types[d->form.type].len)
		put_be32(nlh, NFTA_DICT_DATA_LEN, d->form.len);
	if (d->has_const) {
		nest = mnl_attr_nest_start(nlh, NFTA_DICT_DATA);
		mnl_attr_put(nlh, NFTA_DATA_VALUE, d->constant_len,
			     d->constant);
		mnl_attr_nest_end(nlh, nest);
	}
	if (d->patterns) {
		nest = mnl_attr_nest_start(nlh, NFTA_DICT_PATTERNS);
		for (p = d->patterns; p < d->patterns + d->patterns_len;
		     p += 1 + *p)
			mnl_attr_put(nlh, NFTA_LIST_ELEM, *p, p + 1);
		mnl_attr_nest_end(nlh, nest);
	}
}

static unsigned int get_bytes(const struct nlattr *a, uint8_t *buf,
			      unsigned int size)
{
	unsigned int len = mnl_attr_get_payload_len(a);

	if (len > size)
		die("the kernel sent a name or value of %u bytes", len);
	memcpy(buf, mnl_attr_get_payload(a), len);
	return len;
}

/* Copy a string without the NUL that may end it. */
static unsigned int get_name(const struct nlattr *a, uint8_t *buf,
			     unsigned int size)
{
	unsigned int len = get_bytes(a, buf, size);

	return len && !buf[len - 1] ? len - 1 : len;
}

static bool dict_get(const struct attrs *attrs, struct expr *e)
{
	const struct nlattr *const *tb = attrs->tb;
	struct dict *d = xalloc(sizeof(*d));
	unsigned int form = NFT_DICT_FORM_UNSPEC;
	const struct nlattr *item;
	struct attrs level;

	e->dict = d;
	if (!tb[NFTA_DICT_OP] || !tb[NFTA_DICT_SREG] ||
	    !tb[NFTA_DICT_KEY_TYPE] || !tb[NFTA_DICT_KEY_LEN] ||
	    !tb[NFTA_DICT_PATH])
		return false;
	d->op = get_number(tb[NFTA_DICT_OP]);
	if (tb[NFTA_DICT_FLAGS])
		d->flags = get_number(tb[NFTA_DICT_FLAGS]);
	d->key_reg = get_number(tb[NFTA_DICT_SREG]);
	d->key_type = get_number(tb[NFTA_DICT_KEY_TYPE]);
	d->key_len = get_number(tb[NFTA_DICT_KEY_LEN]);
	if (!dict_op_name(d->op) || !d->key_type ||
	    d->key_type >= ARRAY_SIZE(dict_key_types))
		return false;

	mnl_attr_for_each_nested(item, tb[NFTA_DICT_PATH]) {
		struct dict_level *l = &d->level[d->levels++];

		if (d->levels == DICT_LEVELS_ROOM)
			return false;
		parse_nested(item, &level);
		if (!level.tb[NFTA_DICT_LEVEL_TABLE])
			return false;
		l->table_len = get_name(level.tb[NFTA_DICT_LEVEL_TABLE],
					l->table, sizeof(l->table));
		if (level.tb[NFTA_DICT_LEVEL_FIELD]) {
			l->has_field = true;
			l->field_len = get_name(level.tb[NFTA_DICT_LEVEL_FIELD],
						l->field, sizeof(l->field));
		}
		if (level.tb[NFTA_DICT_LEVEL_TYPE])
			l->type = get_number(level.tb[NFTA_DICT_LEVEL_TYPE]);
		if (l->type > NF_DICT_TYPE_MAX)
			return false;
		form = NFT_DICT_FORM_UNSPEC;
		if (level.tb[NFTA_DICT_LEVEL_FORM])
			form = get_number(level.tb[NFTA_DICT_LEVEL_FORM]);
		if (form > NFT_DICT_FORM_MAX)
			return false;
		if (form && !l->type)
			l->type = DICT_INTEGER;
	}
	if (!d->levels)
		return false;
	d->form.host = d->flags & NFT_DICT_F_DATA_HOST;
	if (tb[NFTA_DICT_DREG]) {
		d->has_dreg = true;
		d->reg = get_number(tb[NFTA_DICT_DREG]);
		d->form.type = d->level[d->levels - 1].type;
	}
	if (tb[NFTA_DICT_DATA_SREG]) {
		d->has_sreg = true;
		d->reg = get_number(tb[NFTA_DICT_DATA_SREG]);
		d->form.type = form ? DICT_INTEGER :
				      d->level[d->levels - 1].type;
	}
	if (tb[NFTA_DICT_DATA_LEN])
		d->form.len = get_number(tb[NFTA_DICT_DATA_LEN]);
	if (tb[NFTA_DICT_DATA]) {
		parse_nested(tb[NFTA_DICT_DATA], &level);
		if (!level.tb[NFTA_DATA_VALUE])
			return false;
		d->has_const = true;
		d->constant_len = get_bytes(level.tb[NFTA_DATA_VALUE],
					    d->constant, sizeof(d->constant));
	}
	if (tb[NFTA_DICT_PATTERNS]) {
		d->patterns = xalloc(PATTERNS_ROOM);
		mnl_attr_for_each_nested(item, tb[NFTA_DICT_PATTERNS]) {
			uint8_t *p = d->patterns + d->patterns_len;

			if (d->patterns_len + DICT_STRING_ROOM + 1 >
			    PATTERNS_ROOM)
				return false;
			*p = get_bytes(item, p + 1, DICT_STRING_ROOM);
			d->patterns_len += 1 + *p;
			d->npatterns++;
		}
	}
	return true;
}

static void print_dict_form(const struct dict *d)
{
	printf(" %s", dict_types[d->form.type].name);
	if (!dict_types[d->form.type].len)
		printf("/%u", d->form.len);
	if (d->form.host)
		printf(" host");
	printf(" reg %u", d->reg);
}

static void print_dict_constant(const struct dict *d)
{
	unsigned int type = d->level[d->levels - 1].type;
	char buf[INET6_ADDRSTRLEN];
	int64_t be64;
	int32_t be32;

	putchar(' ');
	switch (type) {
	case NF_DICT_LONG_STRING:
	case NF_DICT_STRING_LIST:
		print_quoted(d->constant, d->constant_len);
		break;
	case NF_DICT_BOOL:
		printf("%s", d->constant[0] ? "true" : "false");
		break;
	case NF_DICT_INT:
		memcpy(&be32, d->constant, 4);
		printf("%d", (int32_t)be32toh(be32));
		break;
	case NF_DICT_INT64:
	case DICT_INTEGER:
		memcpy(&be64, d->constant, 8);
		printf("%lld", (long long)be64toh(be64));
		break;
	case NF_DICT_ETHER_ADDR:
		printf("%02x:%02x:%02x:%02x:%02x:%02x", d->constant[0],
		       d->constant[1], d->constant[2], d->constant[3],
		       d->constant[4], d->constant[5]);
		break;
	default:
		inet_ntop(type == NF_DICT_IPV4_ADDR ? AF_INET : AF_INET6,
			  d->constant, buf, sizeof(buf));
		printf("%s", buf);
	}
}

static void dict_print(const struct expr *e)
{
	const struct dict *d = e->dict;
	const struct dict_level *l;
	const uint8_t *p;

	printf(" %s key %s",
	       d->op == NFT_DICT_EXISTS && d->flags & NFT_DICT_F_INV ?
	       "missing" : dict_op_name(d->op),
	       dict_key_types[d->key_type].name);
	if (!dict_key_types[d->key_type].len)
		printf("/%u", d->key_len);
	printf("%s reg %u", d->flags & NFT_DICT_F_KEY_HOST ? " host" : "",
	       d->key_reg);
	for (l = d->level; l < d->level + d->levels; l++) {
		printf(l == d->level ? " " : " -> ");
		print_quoted(l->table, l->table_len);
		if (l->has_field) {
			printf(" . ");
			print_quoted(l->field, l->field_len);
		}
		if (l->type)
			printf(" %s", dict_types[l->type].name);
	}

	switch (d->op) {
	case NFT_DICT_LOAD:
		printf(" =>");
		print_dict_form(d);
		break;
	case NFT_DICT_MATCH:
		printf(d->flags & NFT_DICT_F_INV ? " !=" : " ==");
		if (d->npatterns != 1)
			printf(" {");
		for (p = d->patterns; p && p < d->patterns + d->patterns_len;
		     p += 1 + *p) {
			putchar(' ');
			print_quoted(p + 1, *p);
		}
		if (d->npatterns != 1)
			printf(" }");
		if (d->has_dreg)
			printf(" => reg %u", d->reg);
		break;
	case NFT_DICT_SET:
	case NFT_DICT_ADD:
	case NFT_DICT_SUB:
		if (d->has_sreg)
			print_dict_form(d);
		else
			print_dict_constant(d);
		break;
	}
}

/* --- log and queue: notations with lists of flags ------------------------ */

static const struct field log_fields[] = {
	{ "prefix", NFTA_LOG_PREFIX, F_STRING },
	{ "group", NFTA_LOG_GROUP, F_U16 },
	{ "snaplen", NFTA_LOG_SNAPLEN, F_U32 },
	{ "qthreshold", NFTA_LOG_QTHRESHOLD, F_U16 },
	{ "level", NFTA_LOG_LEVEL, F_U32 },
	{ "flags", NFTA_LOG_FLAGS, F_U32 },
};

enum {
	LOG_PREFIX, LOG_GROUP, LOG_SNAPLEN, LOG_QTHRESHOLD, LOG_LEVEL, LOG_FLAGS,
};

static bool log_parse(struct cursor *c, struct expr *e)
{
	struct value *v = e->v;
	unsigned int i;

	while (!at_end(c)) {
		for (i = 0; i < ARRAY_SIZE(log_fields) - 1; i++) {
			if (take(c, log_fields[i].name))
				break;
		}
		if (i == LOG_PREFIX) {
			v[i].string = take_word(c);
			if (!v[i].string)
				return false;
		} else if (i < LOG_FLAGS) {
			if (!take_number(c, &v[i].num, 10))
				return false;
		} else {
			int bit;

			skip_blanks(c);
			bit = lookup_name(&log_flags, c->at, word_len(c));
			if (bit < 0)
				return false;
			c->at += word_len(c);
			v[i].num |= 1u << bit;
		}
		v[i].set = true;
	}
	return true;
}

static void log_print(const struct expr *e)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(log_fields) - 1; i++) {
		if (!e->v[i].set)
			continue;
		printf(" %s ", log_fields[i].name);
		if (i == LOG_PREFIX)
			printf("%s", e->v[i].string);
		else
			printf("%llu", e->v[i].num);
	}
	for (i = 0; i < log_flags.n; i++) {
		if (e->v[LOG_FLAGS].num & (1u << i))
			printf(" %s", log_flags.name[i]);
	}
}

enum { QUEUE_NUM, QUEUE_TOTAL, QUEUE_FLAGS, QUEUE_SREG };

static bool queue_parse(struct cursor *c, struct expr *e)
{
	struct value *v = e->v;
	unsigned long long last;

	if (take(c, "num")) {
		if (!take_number(c, &v[QUEUE_NUM].num, 10))
			return false;
		v[QUEUE_NUM].set = true;
		last = v[QUEUE_NUM].num;
		if (take(c, "-") &&
		    (!take_number(c, &last, 10) || last < v[QUEUE_NUM].num))
			return false;
		v[QUEUE_TOTAL].set = true;
		v[QUEUE_TOTAL].num = last - v[QUEUE_NUM].num + 1;
	} else if (take(c, "sreg_qnum")) {
		if (!take_number(c, &v[QUEUE_SREG].num, 10))
			return false;
		v[QUEUE_SREG].set = true;
	} else {
		return false;
	}
	if (take(c, "bypass"))
		v[QUEUE_FLAGS].num |= NFT_QUEUE_FLAG_BYPASS;
	if (take(c, "fanout"))
		v[QUEUE_FLAGS].num |= NFT_QUEUE_FLAG_CPU_FANOUT;
	v[QUEUE_FLAGS].set = v[QUEUE_FLAGS].num;
	return true;
}

static void queue_print(const struct expr *e)
{
	const struct value *v = e->v;

	if (v[QUEUE_SREG].set)
		printf(" sreg_qnum %llu", v[QUEUE_SREG].num);
	else
		printf(" num %llu", v[QUEUE_NUM].num);
	if (v[QUEUE_TOTAL].num > 1)
		printf("-%llu",
		       v[QUEUE_NUM].num + v[QUEUE_TOTAL].num - 1);
	if (v[QUEUE_FLAGS].num & NFT_QUEUE_FLAG_BYPASS)
		printf(" bypass");
	if (v[QUEUE_FLAGS].num & NFT_QUEUE_FLAG_CPU_FANOUT)
		printf(" fanout");
}

/* --- the expressions ------------------------------------------------------ */

#define CSUM		"csum_type <ctype> csum_off <coffset> csum_flags <cflags>"
#define NAT_ADDR	"{addr_min reg <amin>} {addr_max reg <amax>} "
#define NAT_PROTO	"{proto_min reg <pmin>} {proto_max reg <pmax>} "
#define DYNSET_REST	"{sreg_data <data>} {timeout <timeout>ms} {expr [ <expr> ]}"
#define NG_MODULUS	"mod <modulus> {offset <offset>}"

static const struct expr_type expr_types[] = {
	{
		.name = "meta",
		.fields = {
			{ "key", NFTA_META_KEY, F_META },
			{ "dreg", NFTA_META_DREG, F_DREG },
			{ "sreg", NFTA_META_SREG, F_SREG },
		},
		.formats = {
			{ "load <key> => reg <dreg>" },
			{ "set <key> with reg <sreg>" },
		},
		.dreg = meta_reg,
		.sreg = meta_sreg,
	}, {
		.name = "payload",
		.fields = {
			{ "len", NFTA_PAYLOAD_LEN, F_U32 },
			{ "base", NFTA_PAYLOAD_BASE, F_NAME32, &payload_bases },
			{ "offset", NFTA_PAYLOAD_OFFSET, F_U32 },
			{ "dreg", NFTA_PAYLOAD_DREG, F_DREG },
			{ "sreg", NFTA_PAYLOAD_SREG, F_SREG },
			{ "ctype", NFTA_PAYLOAD_CSUM_TYPE, F_U32 },
			{ "coffset", NFTA_PAYLOAD_CSUM_OFFSET, F_U32 },
			{ "cflags", NFTA_PAYLOAD_CSUM_FLAGS, F_HEX32 },
		},
		.formats = {
			{ "load <len>b @ <base> header + <offset> => reg <dreg>" },
			{ "write reg <sreg> => <len>b @ <base> header + <offset> " CSUM },
		},
		.dreg = payload_reg,
		.sreg = payload_sreg,
	}, {
		.name = "ct",
		.fields = {
			{ "key", NFTA_CT_KEY, F_CT },
			{ "dreg", NFTA_CT_DREG, F_DREG },
			{ "sreg", NFTA_CT_SREG, F_SREG },
			{ "dir", NFTA_CT_DIRECTION, F_NAME8, &ct_dirs },
		},
		.formats = {
			{ "load <key> => reg <dreg> {, dir <dir>}" },
			{ "set <key> with reg <sreg> {, dir <dir>}" },
		},
		.dreg = ct_reg,
		.sreg = ct_sreg,
	}, {
		.name = "cmp",
		.fields = {
			{ "op", NFTA_CMP_OP, F_NAME32, &cmp_ops },
			{ "sreg", NFTA_CMP_SREG, F_SREG },
			{ "data", NFTA_CMP_DATA, F_DATA },
		},
		.formats = { { "<op> reg <sreg> <data>" } },
	}, {
		.name = "range",
		.fields = {
			{ "op", NFTA_RANGE_OP, F_NAME32, &range_ops },
			{ "sreg", NFTA_RANGE_SREG, F_SREG },
			{ "from", NFTA_RANGE_FROM_DATA, F_DATA, .half = true },
			{ "to", NFTA_RANGE_TO_DATA, F_DATA },
		},
		.formats = { { "<op> reg <sreg> <from> <to>" } },
	}, {
		.name = "immediate",
		.fields = {
			{ "dreg", NFTA_IMMEDIATE_DREG, F_DREG },
			{ "data", NFTA_IMMEDIATE_DATA, F_DATA },
		},
		.formats = { { "reg <dreg> <data>" } },
	}, {
		.name = "bitwise",
		.fields = {
			{ "dreg", NFTA_BITWISE_DREG, F_DREG },
			{ "sreg", NFTA_BITWISE_SREG, F_SREG },
			{ "mask", NFTA_BITWISE_MASK, F_DATA },
			{ "xor", NFTA_BITWISE_XOR, F_DATA },
			{ "data", NFTA_BITWISE_DATA, F_DATA },
			/* not in the notation: resolve_rule() sets it */
			{ "len", NFTA_BITWISE_LEN, F_U32 },
		},
		.formats = {
			{ "reg <dreg> = ( reg <sreg> & <mask> ) ^ <xor>",
			  NFTA_BITWISE_OP, NFT_BITWISE_MASK_XOR },
			{ "reg <dreg> = ( reg <sreg> << <data> )",
			  NFTA_BITWISE_OP, NFT_BITWISE_LSHIFT },
			{ "reg <dreg> = ( reg <sreg> >> <data> )",
			  NFTA_BITWISE_OP, NFT_BITWISE_RSHIFT },
		},
	}, {
		.name = "byteorder",
		.fields = {
			{ "dreg", NFTA_BYTEORDER_DREG, F_DREG },
			{ "op", NFTA_BYTEORDER_OP, F_NAME32, &byteorder_ops },
			{ "sreg", NFTA_BYTEORDER_SREG, F_SREG },
			{ "size", NFTA_BYTEORDER_SIZE, F_U32 },
			{ "len", NFTA_BYTEORDER_LEN, F_U32 },
		},
		.formats = {
			{ "reg <dreg> = <op>(reg <sreg>, <size>, <len>)" },
		},
	}, {
		.name = "lookup",
		.fields = {
			{ "sreg", NFTA_LOOKUP_SREG, F_SREG },
			{ "set", NFTA_LOOKUP_SET, F_SET },
			{ "dreg", NFTA_LOOKUP_DREG, F_DREG },
			{ "flags", NFTA_LOOKUP_FLAGS, F_HEX32 },
		},
		.formats = {
			{ "reg <sreg> set <set> {dreg <dreg>} {<flags>}" },
		},
	}, {
		.name = "dynset",
		.fields = {
			{ "op", NFTA_DYNSET_OP, F_NAME32, &dynset_ops },
			{ "key", NFTA_DYNSET_SREG_KEY, F_SREG },
			{ "set", NFTA_DYNSET_SET_NAME, F_SET },
			{ "data", NFTA_DYNSET_SREG_DATA, F_SREG },
			{ "timeout", NFTA_DYNSET_TIMEOUT, F_U64 },
			{ "expr", NFTA_DYNSET_EXPR, F_EXPR },
		},
		.formats = {
			{ "<op> reg_key <key> set <set> " DYNSET_REST },
		},
	}, {
		.name = "counter",
		.fields = {
			{ "packets", NFTA_COUNTER_PACKETS, F_U64 },
			{ "bytes", NFTA_COUNTER_BYTES, F_U64 },
		},
		.formats = { { "pkts <packets> bytes <bytes>" } },
	}, {
		.name = "reject",
		.fields = {
			{ "type", NFTA_REJECT_TYPE, F_U32 },
			{ "code", NFTA_REJECT_ICMP_CODE, F_U8 },
		},
		/* the kernel dumps no code for a reset, nft prints 0 */
		.formats = { { "type <type> {code <code>}" } },
	}, {
		.name = "nat",
		.fields = {
			{ "type", NFTA_NAT_TYPE, F_NAME32, &nat_types },
			{ "family", NFTA_NAT_FAMILY, F_NAME32, &families },
			{ "amin", NFTA_NAT_REG_ADDR_MIN, F_SREG },
			{ "amax", NFTA_NAT_REG_ADDR_MAX, F_SREG },
			{ "pmin", NFTA_NAT_REG_PROTO_MIN, F_SREG },
			{ "pmax", NFTA_NAT_REG_PROTO_MAX, F_SREG },
			{ "flags", NFTA_NAT_FLAGS, F_HEX32 },
		},
		.formats = {
			{ "<type> <family> " NAT_ADDR NAT_PROTO "{flags <flags>}" },
		},
		.sreg = nat_sreg,
	}, {
		.name = "redir",
		.fields = {
			{ "pmin", NFTA_REDIR_REG_PROTO_MIN, F_SREG },
			{ "pmax", NFTA_REDIR_REG_PROTO_MAX, F_SREG },
			{ "flags", NFTA_REDIR_FLAGS, F_HEX32 },
		},
		.formats = {
			{ NAT_PROTO "{flags <flags>}" },
		},
		.sreg = port_sreg,
	}, {
		.name = "masq",
		.fields = {
			{ "pmin", NFTA_MASQ_REG_PROTO_MIN, F_SREG },
			{ "pmax", NFTA_MASQ_REG_PROTO_MAX, F_SREG },
			{ "flags", NFTA_MASQ_FLAGS, F_HEX32 },
		},
		.formats = {
			{ NAT_PROTO "{flags <flags>}" },
		},
		.sreg = port_sreg,
	}, {
		.name = "log",
		.fields = {
			{ "prefix", NFTA_LOG_PREFIX, F_STRING },
			{ "group", NFTA_LOG_GROUP, F_U16 },
			{ "snaplen", NFTA_LOG_SNAPLEN, F_U32 },
			{ "qthreshold", NFTA_LOG_QTHRESHOLD, F_U16 },
			{ "level", NFTA_LOG_LEVEL, F_U32 },
			{ "flags", NFTA_LOG_FLAGS, F_U32 },
		},
		.parse = log_parse,
		.print = log_print,
	}, {
		.name = "queue",
		.fields = {
			{ "num", NFTA_QUEUE_NUM, F_U16 },
			{ "total", NFTA_QUEUE_TOTAL, F_U16 },
			{ "flags", NFTA_QUEUE_FLAGS, F_U16 },
			{ "sreg", NFTA_QUEUE_SREG_QNUM, F_SREG },
		},
		.parse = queue_parse,
		.print = queue_print,
		.sreg = port_sreg,
	}, {
		.name = "limit",
		.fields = {
			{ "rate", NFTA_LIMIT_RATE, F_U64 },
			{ "unit", NFTA_LIMIT_UNIT, F_UNIT },
			{ "burst", NFTA_LIMIT_BURST, F_U32 },
			{ "type", NFTA_LIMIT_TYPE, F_NAME32, &limit_types },
			{ "flags", NFTA_LIMIT_FLAGS, F_HEX32 },
		},
		.formats = {
			{ "rate <rate>/<unit> burst <burst> type <type> flags <flags>" },
		},
	}, {
		.name = "objref",
		.fields = {
			{ "type", NFTA_OBJREF_IMM_TYPE, F_U32 },
			{ "name", NFTA_OBJREF_IMM_NAME, F_STRING },
		},
		.formats = { { "type <type> name <name>" } },
	}, {
		.name = "quota",
		.fields = {
			{ "bytes", NFTA_QUOTA_BYTES, F_U64 },
			{ "consumed", NFTA_QUOTA_CONSUMED, F_U64 },
			{ "flags", NFTA_QUOTA_FLAGS, F_U32 },
		},
		.formats = {
			{ "bytes <bytes> consumed <consumed> flags <flags>" },
		},
	}, {
		.name = "rt",
		.fields = {
			{ "key", NFTA_RT_KEY, F_NAME32, &rt_keys },
			{ "dreg", NFTA_RT_DREG, F_DREG },
		},
		.formats = { { "load <key> => reg <dreg>" } },
		.dreg = rt_reg,
	}, {
		.name = "numgen",
		.fields = {
			{ "dreg", NFTA_NG_DREG, F_DREG },
			{ "type", NFTA_NG_TYPE, F_NAME32, &numgen_types },
			{ "modulus", NFTA_NG_MODULUS, F_U32 },
			{ "offset", NFTA_NG_OFFSET, F_U32 },
		},
		.formats = {
			{ "reg <dreg> = <type> " NG_MODULUS },
		},
		.dreg = host32_reg,
	}, {
		.name = "hash",
		.fields = {
			{ "dreg", NFTA_HASH_DREG, F_DREG },
			{ "sreg", NFTA_HASH_SREG, F_SREG },
			{ "len", NFTA_HASH_LEN, F_U32 },
			{ "seed", NFTA_HASH_SEED, F_HEX32 },
			{ "modulus", NFTA_HASH_MODULUS, F_U32 },
			{ "offset", NFTA_HASH_OFFSET, F_U32 },
		},
		.formats = {
			{ "reg <dreg> = symhash() % " NG_MODULUS,
			  NFTA_HASH_TYPE, NFT_HASH_SYM },
			{ "reg <dreg> = jhash(reg <sreg>, <len>, <seed>) % " NG_MODULUS,
			  NFTA_HASH_TYPE, NFT_HASH_JENKINS },
		},
		.dreg = host32_reg,
	}, {
		.name = "fwd",
		.fields = {
			{ "dev", NFTA_FWD_SREG_DEV, F_SREG },
			{ "addr", NFTA_FWD_SREG_ADDR, F_SREG },
			{ "nfproto", NFTA_FWD_NFPROTO, F_U32 },
		},
		.formats = {
			{ "sreg_dev <dev> {sreg_addr <addr>} {nfproto <nfproto>}" },
		},
		.sreg = fwd_sreg,
	}, {
		.name = "dup",
		.fields = {
			{ "addr", NFTA_DUP_SREG_ADDR, F_SREG },
			{ "dev", NFTA_DUP_SREG_DEV, F_SREG },
		},
		.formats = { { "{sreg_addr <addr>} {sreg_dev <dev>}" } },
		.sreg = fwd_sreg,
	}, {
		.name = "flow_offload",
		.fields = { { "table", NFTA_FLOW_TABLE_NAME, F_STRING } },
		.formats = { { "flowtable <table>" } },
	}, {
		.name = "notrack",
		.formats = { { "" } },
	}, {
		.name = "dict",
		.parse = dict_parse,
		.put = dict_put,
		.get = dict_get,
		.print = dict_print,
	},
};

static const struct expr_type *find_expr_type(const char *name, size_t len)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(expr_types); i++) {
		if (strlen(expr_types[i].name) == len &&
		    !strncmp(expr_types[i].name, name, len))
			return &expr_types[i];
	}
	return NULL;
}

/* --- reading expressions -------------------------------------------------- */

static struct expr *parse_expr(struct cursor *c);

static bool take_field(struct cursor *c, const struct field *f, struct value *v)
{
	unsigned int words, i;
	size_t len;
	int num;

	switch (f->kind) {
	case F_U8:
	case F_U16:
	case F_U32:
	case F_U64:
	case F_SREG:
	case F_DREG:
		return take_number(c, &v->num, 10);
	case F_HEX32:
		skip_blanks(c);
		return c->at[0] == '0' && c->at[1] == 'x' &&
		       take_number(c, &v->num, 16);
	case F_NAME8:
	case F_NAME32:
	case F_META:
	case F_CT:
		skip_blanks(c);
		len = word_len(c);
		if (f->kind == F_META)
			num = lookup_key(meta_keys, ARRAY_SIZE(meta_keys),
					 c->at, len);
		else if (f->kind == F_CT)
			num = lookup_key(ct_keys, ARRAY_SIZE(ct_keys),
					 c->at, len);
		else
			num = lookup_name(f->names, c->at, len);
		if (num < 0)
			return false;
		v->num = num;
		c->at += len;
		return true;
	case F_DATA:
		if (take_verdict(c, &v->data))
			return true;
		words = count_words(*c);
		if (f->half)
			words /= 2;
		return words && take_words(c, &v->data, true, words);
	case F_UNIT:
		for (i = 0; i < ARRAY_SIZE(limit_units); i++) {
			if (take(c, limit_units[i].name)) {
				v->num = limit_units[i].seconds;
				return true;
			}
		}
		return false;
	case F_STRING:
	case F_SET:
		v->string = take_word(c);
		return v->string;
	case F_EXPR:
		v->expr = parse_expr(c);
		return v->expr;
	}
	return false;
}

/* Read @text up to @end of a format; NULL if the line does not fit. */
static bool take_format(struct cursor *c, struct expr *e, const char *text,
			const char *end)
{
	while (text < end) {
		const char *stop;

		if (*text == ' ') {
			text++;
		} else if (*text == '{') {
			struct expr saved = *e;
			struct cursor start = *c;

			stop = strchr(text, '}');
			if (!take_format(c, e, text + 1, stop)) {
				start.at_max = c->at_max;
				*c = start;
				*e = saved;
			}
			text = stop + 1;
		} else if (*text == '<' && isalpha((unsigned char)text[1])) {
			struct value *v;

			stop = strchr(text, '>');
			v = value_of(e, text + 1, stop - text - 1);
			if (!take_field(c, &e->type->fields[v - e->v], v))
				return false;
			v->set = true;
			text = stop + 1;
		} else {
			char literal[32];
			size_t len = 1;

			while (text + len < end &&
			       !strchr(" {", text[len]) &&
			       !(text[len] == '<' &&
				 isalpha((unsigned char)text[len + 1])))
				len++;
			snprintf(literal, sizeof(literal), "%.*s", (int)len,
				 text);
			if (!take(c, literal))
				return false;
			text += len;
		}
	}
	return true;
}

/* Read "name ..." up to the end of the line or, within another, to " ]". */
static struct expr *parse_expr(struct cursor *c)
{
	const struct expr_type *type;
	struct cursor start;
	struct expr *e;
	unsigned int i;
	size_t len;

	skip_blanks(c);
	len = word_len(c);
	type = find_expr_type(c->at, len);
	if (!type)
		die_at(c->line, "unknown expression: %.*s", (int)len, c->at);
	c->at += len;

	e = xalloc(sizeof(*e));
	e->type = type;
	e->line = c->line;
	if (type->parse) {
		if (!type->parse(c, e))
			return NULL;
		return e;
	}
	start = *c;
	for (i = 0; i < ARRAY_SIZE(type->formats) && type->formats[i].text;
	     i++) {
		const char *text = type->formats[i].text;

		memset(e->v, 0, sizeof(e->v));
		e->format = &type->formats[i];
		if (take_format(c, e, text, text + strlen(text)))
			return e;
		start.at_max = c->at_max;
		*c = start;
	}
	return NULL;
}

/* A line "[ name ... ]". */
static struct expr *parse_expr_line(char *text, unsigned int line)
{
	struct cursor c = { text, text, line };
	struct expr *e;
	char *end;

	end = strrchr(text, ']');
	if (!end || end[1 + strspn(end + 1, " \t")])
		die_at(line, "an expression must end with ]: %s", text);
	*end = 0;
	e = parse_expr(&c);
	if (!e || !at_end(&c)) {
		if (!at_end(&c) && c.at > c.at_max)
			c.at_max = c.at;
		die_at(line, "cannot read this expression%s%s",
		       *c.at_max ? ", from: " : ": it ends too soon",
		       c.at_max);
	}
	return e;
}

/* --- printing expressions ------------------------------------------------- */

static void print_expr(const struct expr *e);

static void print_field(const struct field *f, const struct value *v)
{
	unsigned int i;

	switch (f->kind) {
	case F_HEX32:
		printf("0x%llx", v->num);
		return;
	case F_NAME8:
	case F_NAME32:
		if (v->num < f->names->n && f->names->name[v->num]) {
			printf("%s", f->names->name[v->num]);
			return;
		}
		break;
	case F_META:
		if (v->num < ARRAY_SIZE(meta_keys)) {
			printf("%s", meta_keys[v->num].name);
			return;
		}
		break;
	case F_CT:
		if (v->num < ARRAY_SIZE(ct_keys)) {
			printf("%s", ct_keys[v->num].name);
			return;
		}
		break;
	case F_DATA:
		if (v->data.verdict)
			print_verdict(&v->data);
		else
			print_words(v->data.bytes, v->data.len ?:
				    4 * v->data.words, "0x");
		return;
	case F_UNIT:
		for (i = 0; i < ARRAY_SIZE(limit_units); i++) {
			if (limit_units[i].seconds == v->num) {
				printf("%s", limit_units[i].name);
				return;
			}
		}
		break;
	case F_STRING:
	case F_SET:
		printf("%s", v->string);
		return;
	case F_EXPR:
		print_expr(v->expr);
		return;
	}
	printf("%llu", v->num);
}

/* @blank: print a blank before the next text, if any */
static void print_format(const struct expr *e, const char *text,
			 const char *end, bool *blank)
{
	while (text < end) {
		const char *stop;
		struct value *v;

		if (*text == ' ') {
			*blank = true;
			text++;
			continue;
		}
		if (*text == '{') {
			const char *name = strchr(text, '<');

			stop = strchr(text, '}');
			v = value_of((struct expr *)e, name + 1,
				     strchr(name, '>') - name - 1);
			if (v->set)
				print_format(e, text + 1, stop, blank);
			text = stop + 1;
			continue;
		}
		if (*blank)
			putchar(' ');
		*blank = false;
		if (*text == '<' && isalpha((unsigned char)text[1])) {
			stop = strchr(text, '>');
			v = value_of((struct expr *)e, text + 1,
				     stop - text - 1);
			print_field(&e->type->fields[v - e->v], v);
			text = stop + 1;
		} else {
			putchar(*text++);
		}
	}
}

static void print_expr(const struct expr *e)
{
	bool blank = true;

	printf("%s", e->type->name);
	if (e->type->print)
		e->type->print(e);
	else
		print_format(e, e->format->text,
			     e->format->text + strlen(e->format->text),
			     &blank);
}

/* --- expressions to and from netlink ------------------------------------- */

static void put_expr(struct nlmsghdr *nlh, uint16_t attr, struct expr *e)
{
	struct nlattr *nest, *data;
	unsigned int i;

	e->offset = mnl_nlmsg_size(0) + mnl_nlmsg_get_payload_len(nlh);
	nest = mnl_attr_nest_start(nlh, attr);
	mnl_attr_put_strz(nlh, NFTA_EXPR_NAME, e->type->name);
	data = mnl_attr_nest_start(nlh, NFTA_EXPR_DATA);
	if (e->type->put)
		e->type->put(nlh, e);
	if (e->format && e->format->attr)
		put_be32(nlh, e->format->attr, e->format->value);
	for (i = 0; i < FIELDS_MAX && e->type->fields[i].name; i++) {
		const struct field *f = &e->type->fields[i];
		const struct value *v = &e->v[i];

		if (!v->set)
			continue;
		switch (f->kind) {
		case F_U8:
		case F_NAME8:
			mnl_attr_put_u8(nlh, f->attr, v->num);
			break;
		case F_U16:
			mnl_attr_put_u16(nlh, f->attr, htons(v->num));
			break;
		case F_U64:
		case F_UNIT:
			mnl_attr_put_u64(nlh, f->attr, htobe64(v->num));
			break;
		case F_DATA:
			put_data(nlh, f->attr, &v->data);
			break;
		case F_STRING:
			mnl_attr_put_strz(nlh, f->attr, v->string);
			break;
		case F_SET:
			mnl_attr_put_strz(nlh, f->attr, v->string);
			if (v->target && f->attr == NFTA_LOOKUP_SET)
				put_be32(nlh, NFTA_LOOKUP_SET_ID,
					 v->target->id);
			else if (v->target)
				put_be32(nlh, NFTA_DYNSET_SET_ID,
					 v->target->id);
			break;
		case F_EXPR:
			put_expr(nlh, f->attr, v->expr);
			break;
		default:
			put_be32(nlh, f->attr, v->num);
		}
	}
	mnl_attr_nest_end(nlh, data);
	mnl_attr_nest_end(nlh, nest);
}

/* Does the format fit the attributes that the kernel sent? */
static bool format_fits(const struct expr *e, const struct format *format,
			const struct attrs *attrs)
{
	const char *p = format->text;

	if (format->attr && (!attrs->tb[format->attr] ||
			     get_number(attrs->tb[format->attr]) !=
			     format->value))
		return false;
	while (*p) {
		if (*p == '{') {
			p = strchr(p, '}');
		} else if (*p == '<' && isalpha((unsigned char)p[1])) {
			const char *stop = strchr(p, '>');

			if (!value_of((struct expr *)e, p + 1,
				      stop - p - 1)->set)
				return false;
			p = stop;
		}
		p++;
	}
	return true;
}

static struct expr *get_expr(const struct nlattr *nest)
{
	const struct expr_type *type;
	struct attrs attrs, data;
	struct expr *e;
	unsigned int i;
	const char *name;

	parse_nested(nest, &attrs);
	if (!attrs.tb[NFTA_EXPR_NAME])
		return NULL;
	name = mnl_attr_get_str(attrs.tb[NFTA_EXPR_NAME]);
	type = find_expr_type(name, strlen(name));
	if (!type)
		return NULL;

	memset(&data, 0, sizeof(data));
	if (attrs.tb[NFTA_EXPR_DATA])
		parse_nested(attrs.tb[NFTA_EXPR_DATA], &data);
	e = xalloc(sizeof(*e));
	e->type = type;
	if (type->get)
		return type->get(&data, e) ? e : NULL;

	for (i = 0; i < FIELDS_MAX && type->fields[i].name; i++) {
		const struct field *f = &type->fields[i];
		const struct nlattr *a = data.tb[f->attr];
		struct value *v = &e->v[i];

		if (!a)
			continue;
		v->set = true;
		switch (f->kind) {
		case F_DATA:
			get_data(a, &v->data);
			break;
		case F_STRING:
		case F_SET:
			v->string = xstrndup(mnl_attr_get_str(a),
					     mnl_attr_get_payload_len(a));
			break;
		case F_EXPR:
			v->expr = get_expr(a);
			if (!v->expr)
				return NULL;
			break;
		default:
			v->num = get_number(a);
		}
	}
	if (type->print)
		return e;
	for (i = 0; i < ARRAY_SIZE(type->formats) && type->formats[i].text;
	     i++) {
		if (format_fits(e, &type->formats[i], &data)) {
			e->format = &type->formats[i];
			return e;
		}
	}
	return NULL;
}

/* --- commands ------------------------------------------------------------- */

enum command_kind { C_MESSAGE, C_SET, C_ELEMS, C_RULE };

struct command {
	enum command_kind	kind;
	unsigned int		line;
	unsigned int		family;
	/* C_MESSAGE */
	uint16_t		type, flags;
	char			*table, *chain, *object;
	uint32_t		object_type;
	struct base_chain	*base;
	struct flowtable	*flowtable;
	struct declaration	*dict;
	/* others */
	struct set		*set;
	struct rule		*rule;
	/* position in the batch */
	size_t			offset, end;
	uint32_t		seq;
	struct command		*next;
};

struct base_chain {
	char		*type;
	uint32_t	hook;
	int32_t		priority;
	int		policy;		/* -1: not given */
	char		*device;
};

struct flowtable {
	int32_t		priority;
	char		*devices[DEVICES_MAX];
	unsigned int	ndevices;
};

struct declared_field {
	char		*name;
	uint32_t	type;
};

struct declaration {
	uint32_t		key_class, size, flags;
	uint64_t		timeout;	/* milliseconds */
	unsigned int		n;
	struct declared_field	fields[NF_DICT_FIELDS_MAX];
};

static struct command *commands, **last_command = &commands;
static struct set *sets, **last_set = &sets;

static struct command *add_command(enum command_kind kind, unsigned int line)
{
	struct command *cmd = xalloc(sizeof(*cmd));

	cmd->kind = kind;
	cmd->line = line;
	*last_command = cmd;
	last_command = &cmd->next;
	return cmd;
}

static bool take_family(struct cursor *c, unsigned int *family)
{
	int num;

	skip_blanks(c);
	num = lookup_name(&families, c->at, word_len(c));
	if (num < 0)
		return false;
	c->at += word_len(c);
	*family = num;
	return true;
}

/* --- finding lengths ------------------------------------------------------ */

static unsigned int slot_of(unsigned int line, unsigned long long reg)
{
	if (reg >= NFT_REG_1 && reg <= NFT_REG_4)
		return (reg - NFT_REG_1) * 4;
	if (reg >= NFT_REG32_00 && reg <= NFT_REG32_15)
		return reg - NFT_REG32_00;
	die_at(line, "there is no register %llu", reg);
}

static unsigned int dict_sreg_len(const struct expr *e, unsigned long long reg)
{
	const struct dict *d = e->dict;

	if (d->has_sreg && d->reg == reg)
		return d->form.len;
	return d->key_reg == reg ? d->key_len : 0;
}

static bool dict_sreg_host(const struct expr *e, unsigned long long reg)
{
	const struct dict *d = e->dict;

	if (d->has_sreg && d->reg == reg)
		return d->form.host;
	return d->flags & NFT_DICT_F_KEY_HOST;
}

/* What the next reader of @reg after @e expects there. */
static struct reg next_use(const struct rule *rule, const struct expr *e,
			   unsigned long long reg)
{
	unsigned int i;

	for (e = e->next; e; e = e->next) {
		if (e->dict && dict_sreg_len(e, reg))
			return (struct reg){ .len = dict_sreg_len(e, reg),
					     .host = dict_sreg_host(e, reg) };
		for (i = 0; i < FIELDS_MAX && e->type->fields[i].name; i++) {
			const struct field *f = &e->type->fields[i];

			if (f->kind == F_SREG && e->v[i].set &&
			    e->v[i].num == reg)
				return e->type->sreg ?
				       e->type->sreg(rule, e, f) :
				       (struct reg){};
		}
		for (i = 0; i < FIELDS_MAX && e->type->fields[i].name; i++) {
			if (e->type->fields[i].kind == F_DREG && e->v[i].set &&
			    e->v[i].num == reg)
				return (struct reg){};
		}
	}
	return (struct reg){};
}

/* Cut the words to the length of the register, if only zeroes are cut off. */
static void resolve_data(struct data *d, struct reg with)
{
	static const uint8_t zeros[4];
	unsigned int len = 4 * d->words;

	if (d->verdict || d->len)
		return;
	d->len = len;
	if (ROUND_UP4(with.len) == len &&
	    !memcmp(d->bytes + with.len, zeros, len - with.len)) {
		d->len = with.len;
	} else if (with.string && with.len > len) {
		/* the start of a name, as in "eth*" */
		while (d->len && !d->bytes[d->len - 1])
			d->len--;
	}
	if (with.host && d->len == with.len)
		to_host_order(d->bytes, d->len);
}

static struct set *find_set(const struct rule *rule, const char *name)
{
	struct set *set, *found = NULL;

	for (set = sets; set; set = set->next) {
		if (strcmp(set->name, name) || strcmp(set->table, rule->table))
			continue;
		if (set->flags & NFT_SET_ANONYMOUS) {
			if (!set->bound)
				return set;
		} else if (!set->family || set->family == rule->family) {
			found = set;
		}
	}
	return found;
}

static void resolve_set(const struct rule *rule, struct expr *e,
			struct set *set, const struct reg *regs,
			unsigned int slot, struct reg data)
{
	unsigned int i, words = 0;
	struct elem *elem;

	set->bound = true;
	set->family = rule->family;
	if (set->resolved)
		return;
	set->resolved = true;
	for (elem = set->elems; elem && !words; elem = elem->next)
		words = elem->key.words;

	/* the parts of a concatenation are in consecutive registers */
	i = slot;
	while (i < SLOTS && regs[i].len && (i == slot || regs[i].fresh)) {
		set->part[set->parts++] = regs[i].len;
		i += ROUND_UP4(regs[i].len) / 4;
		if (words && i - slot >= words)
			break;
	}
	if (!words)
		words = i - slot;
	if (!words)
		die_at(e->line, "cannot tell how long the keys of %s are",
		       set->name);
	if (regs[slot].len && ROUND_UP4(regs[slot].len) / 4 == words)
		set->key = regs[slot];
	else
		set->key.len = 4 * words;
	if (data.len)
		set->data = data;

	for (elem = set->elems; elem; elem = elem->next) {
		if (elem->key.words != words && elem->key.words)
			die_at(set->line,
			       "keys of different lengths in set %s",
			       set->name);
		resolve_data(&elem->key, set->key);
		if (elem->key_end.words)
			resolve_data(&elem->key_end, set->key);
		if (elem->data.words) {
			resolve_data(&elem->data, set->data);
			set->data.len = elem->data.len;
		}
	}
}

static void use_set(const struct rule *rule, struct expr *e, struct value *v,
		    const struct reg *regs)
{
	const struct expr_type *type = e->type;
	struct reg data = {};
	unsigned long long key;

	v->target = find_set(rule, v->string);
	if (!v->target) {
		if (!strncmp(v->string, "__", 2))
			die_at(e->line, "no set %s precedes this rule",
			       v->string);
		return;
	}
	if (!strcmp(type->name, "lookup")) {
		key = num_of(e, "sreg");
		if (has(e, "dreg") && num_of(e, "dreg"))
			data = next_use(rule, e, num_of(e, "dreg"));
	} else {
		key = num_of(e, "key");
		if (has(e, "data"))
			data = regs[slot_of(e->line, num_of(e, "data"))];
	}
	resolve_set(rule, e, v->target, regs, slot_of(e->line, key), data);
}

static struct reg result_of(const struct rule *rule, const struct expr *e,
			    const struct reg *regs)
{
	struct reg reg = {};

	if (e->type->dreg)
		return e->type->dreg(rule, e);
	if (!strcmp(e->type->name, "immediate"))
		return (struct reg){ .len = e->v[1].data.len };
	if (!strcmp(e->type->name, "lookup")) {
		if (e->v[1].target)
			reg = e->v[1].target->data;
	} else if (!strcmp(e->type->name, "byteorder")) {
		reg = regs[slot_of(e->line, num_of(e, "sreg"))];
		reg.host = num_of(e, "op") == NFT_BYTEORDER_NTOH;
	} else if (!strcmp(e->type->name, "bitwise")) {
		reg = regs[slot_of(e->line, num_of(e, "sreg"))];
	}
	return reg;
}

static void resolve_expr(const struct rule *rule, struct expr *e,
			 const struct reg *regs)
{
	/* the number of bits that bitwise shifts by */
	const struct reg shift = { .len = 4, .host = true };
	struct value *len = NULL;
	struct reg with = {};
	unsigned int i;

	if (!strcmp(e->type->name, "immediate"))
		with = next_use(rule, e, e->v[0].num);
	if (!strcmp(e->type->name, "bitwise"))
		len = value_of(e, "len", 3);
	for (i = 0; i < FIELDS_MAX && e->type->fields[i].name; i++) {
		const struct field *f = &e->type->fields[i];
		struct value *v = &e->v[i];

		if (!v->set)
			continue;
		if (f->kind == F_SREG && !with.len)
			with = regs[slot_of(e->line, v->num)];
		else if (f->kind == F_SET)
			use_set(rule, e, v, regs);
		else if (f->kind == F_DATA && len &&
			 f->attr == NFTA_BITWISE_DATA)
			resolve_data(&v->data, shift);
		else if (f->kind == F_DATA)
			resolve_data(&v->data, with);
		if (len && f->kind == F_DATA) {
			len->set = true;
			/* mask and xor are of one length */
			if (f->attr == NFTA_BITWISE_MASK)
				with.len = v->data.len;
			len->num = with.len;
		}
	}
}

static void resolve_rule(struct rule *rule)
{
	struct reg regs[SLOTS] = {};
	struct expr *e;
	unsigned int i;

	for (e = rule->exprs; e; e = e->next) {
		struct reg result;

		if (e->dict) {
			const struct dict *d = e->dict;

			if (d->has_dreg) {
				i = slot_of(e->line, d->reg);
				regs[i] = (struct reg){ .len = d->form.len,
							.host = d->form.host,
							.fresh = true };
			}
			continue;
		}
		resolve_expr(rule, e, regs);
		result = result_of(rule, e, regs);
		for (i = 0; i < FIELDS_MAX && e->type->fields[i].name; i++) {
			unsigned int slot;

			if (!e->v[i].set)
				continue;
			if (e->type->fields[i].kind == F_SREG) {
				slot = slot_of(e->line, e->v[i].num);
				while (slot < SLOTS && regs[slot].fresh) {
					unsigned int len = regs[slot].len;

					regs[slot].fresh = false;
					slot += ROUND_UP4(len) / 4 ?: 1;
				}
			}
		}
		for (i = 0; i < FIELDS_MAX && e->type->fields[i].name; i++) {
			if (e->v[i].set && e->v[i].num &&
			    e->type->fields[i].kind == F_DREG) {
				result.fresh = true;
				regs[slot_of(e->line, e->v[i].num)] = result;
			}
		}
	}
}

/* --- reading a file ------------------------------------------------------- */

static const struct {
	const char	*name;
	unsigned int	hook;
} hooks[] = {
	{ "prerouting", NF_INET_PRE_ROUTING }, { "input", NF_INET_LOCAL_IN },
	{ "forward", NF_INET_FORWARD }, { "output", NF_INET_LOCAL_OUT },
	{ "postrouting", NF_INET_POST_ROUTING },
};

static const struct {
	const char	*name;
	int		priority;
} priorities[] = {
	{ "raw", -300 }, { "mangle", -150 }, { "dstnat", -100 },
	{ "filter", 0 }, { "security", 50 }, { "srcnat", 100 },
};

/* PRIORITY: a number, a name, or a name and an offset */
static bool take_priority(struct cursor *c, int32_t *priority)
{
	bool negative = false;
	unsigned long long num = 0;
	unsigned int i;

	*priority = 0;
	for (i = 0; i < ARRAY_SIZE(priorities); i++) {
		if (take(c, priorities[i].name)) {
			*priority = priorities[i].priority;
			break;
		}
	}
	if (take(c, "-"))
		negative = true;
	else
		take(c, "+");
	if (!take_number(c, &num, 10) && i == ARRAY_SIZE(priorities))
		return false;
	*priority += negative ? -(int)num : (int)num;
	return true;
}

/* { hook ingress priority PRIO; devices = { DEV[, DEV]... } } */
static struct flowtable *parse_flowtable(struct cursor *c)
{
	struct flowtable *ft = xalloc(sizeof(*ft));
	size_t len;
	char *word;
	bool more;

	if (!take(c, "{") || !take(c, "hook") || !take(c, "ingress") ||
	    !take(c, "priority") || !take_priority(c, &ft->priority))
		return NULL;
	take(c, ";");
	if (!take(c, "devices") || !take(c, "=") || !take(c, "{"))
		return NULL;
	do {
		word = take_word(c);
		if (!word || ft->ndevices == DEVICES_MAX)
			return NULL;
		ft->devices[ft->ndevices++] = word;
		/* the comma is part of the word */
		len = strcspn(word, ",");
		more = word[len];
		word[len] = '\0';
	} while (more);
	if (!take(c, "}"))
		return NULL;
	take(c, ";");
	return take(c, "}") ? ft : NULL;
}

/* { type TYPE hook HOOK [device DEV] priority PRIO[; policy POLICY[;]] } */
static struct base_chain *parse_base(struct cursor *c, unsigned int family)
{
	struct base_chain *base = xalloc(sizeof(*base));
	unsigned int i;
	char *word;

	base->policy = -1;
	if (!take(c, "type"))
		return NULL;
	base->type = take_word(c);
	if (!base->type || !take(c, "hook"))
		return NULL;
	word = take_word(c);
	if (!word)
		return NULL;
	base->hook = ~0u;
	for (i = 0; i < ARRAY_SIZE(hooks); i++) {
		if (!strcmp(word, hooks[i].name))
			base->hook = hooks[i].hook;
	}
	if (!strcmp(word, "ingress"))
		base->hook = family == NFPROTO_NETDEV ? NF_NETDEV_INGRESS :
							NF_INET_INGRESS;
	else if (!strcmp(word, "egress"))
		base->hook = NF_NETDEV_EGRESS;
	else if (family == NFPROTO_ARP && base->hook == NF_INET_LOCAL_IN)
		base->hook = 0;
	else if (family == NFPROTO_ARP && base->hook == NF_INET_LOCAL_OUT)
		base->hook = 1;
	if (base->hook == ~0u)
		return NULL;
	if (take(c, "device"))
		base->device = take_word(c);
	if (!take(c, "priority") || !take_priority(c, &base->priority))
		return NULL;
	take(c, ";");
	if (take(c, "policy")) {
		if (take(c, "accept"))
			base->policy = NF_ACCEPT;
		else if (take(c, "drop"))
			base->policy = NF_DROP;
		else
			return NULL;
		take(c, ";");
	}
	return take(c, "}") ? base : NULL;
}

static uint32_t take_key_class(struct cursor *c)
{
	unsigned int i;

	if (take(c, "ct"))
		return NF_DICT_KEY_CT;
	for (i = 1; i < ARRAY_SIZE(dict_key_types); i++) {
		if (take(c, dict_key_types[i].name))
			return i;
	}
	return NF_DICT_KEY_UNSPEC;
}

/* NAME : TYPE[, NAME : TYPE]... } */
static bool parse_fields(struct cursor *c, struct declaration *d)
{
	struct declared_field *field;

	do {
		if (d->n == NF_DICT_FIELDS_MAX)
			return false;
		field = &d->fields[d->n++];
		field->name = take_word(c);
		if (!field->name || !take(c, ":"))
			return false;
		field->type = take_dict_type(c);
		if (field->type == DICT_INTEGER)
			field->type = NF_DICT_INT;
		if (!field->type)
			return false;
	} while (take(c, ","));

	return take(c, "}");
}

/* 8h, 30m, 5s, in milliseconds */
static bool parse_time(struct cursor *c, uint64_t *ms)
{
	static const struct {
		const char	*name;
		uint64_t	ms;
	} units[] = {
		{ "d", 86400000 }, { "h", 3600000 }, { "m", 60000 },
		{ "s", 1000 },
	};
	unsigned long long num;
	unsigned int i;

	if (!take_number(c, &num, 10))
		return false;
	for (i = 0; i < ARRAY_SIZE(units); i++) {
		if (take(c, units[i].name)) {
			*ms = num * units[i].ms;
			return true;
		}
	}
	return false;
}

/* [key CLASS;] [fields { ... };] [size N;] [timeout TIME;] [flags open;] } */
static struct declaration *parse_declaration(struct cursor *c)
{
	struct declaration *d = xalloc(sizeof(*d));
	unsigned long long num;

	while (!take(c, "}")) {
		if (take(c, "key")) {
			d->key_class = take_key_class(c);
			if (!d->key_class)
				return NULL;
		} else if (take(c, "fields") && take(c, "{")) {
			if (!parse_fields(c, d))
				return NULL;
		} else if (take(c, "size")) {
			if (!take_number(c, &num, 10))
				return NULL;
			d->size = num;
		} else if (take(c, "timeout")) {
			if (!parse_time(c, &d->timeout))
				return NULL;
		} else if (take(c, "flags") && take(c, "open")) {
			d->flags = NFT_DICT_OBJ_F_OPEN;
		} else {
			return NULL;
		}
		if (!take(c, ";"))
			return NULL;
	}

	return d;
}

/* table, chain, counter, dict, flowtable, flush, delete: nft's own syntax */
static bool parse_command(struct cursor *c)
{
	struct command *cmd;
	unsigned int family = NFPROTO_UNSPEC;
	bool del = false, flush = false, dict = false;
	uint16_t type = NFT_MSG_NEWOBJ;

	take(c, "add");
	if (take(c, "flush"))
		flush = true;
	else if (take(c, "delete"))
		del = true;

	if (flush && take(c, "ruleset")) {
		take_family(c, &family);
		cmd = add_command(C_MESSAGE, c->line);
		cmd->type = NFT_MSG_DELTABLE;
		cmd->family = family;
		return at_end(c);
	}
	if (take(c, "table"))
		type = NFT_MSG_NEWTABLE;
	else if (take(c, "chain"))
		type = NFT_MSG_NEWCHAIN;
	else if (!flush && !del && take(c, "flowtable"))
		type = NFT_MSG_NEWFLOWTABLE;
	else if (!flush && take(c, "dict"))
		dict = true;
	else if (flush || !take(c, "counter"))
		return false;

	cmd = add_command(C_MESSAGE, c->line);
	if (!take_family(c, &cmd->family))
		cmd->family = NFPROTO_IPV4;
	cmd->table = take_word(c);
	if (!cmd->table)
		return false;
	if (type == NFT_MSG_NEWCHAIN) {
		cmd->chain = take_word(c);
		if (!cmd->chain)
			return false;
		if (!flush && !del && take(c, "{")) {
			cmd->base = parse_base(c, cmd->family);
			if (!cmd->base)
				return false;
		}
	} else if (type == NFT_MSG_NEWOBJ) {
		cmd->object = take_word(c);
		if (!cmd->object)
			return false;
		cmd->object_type = dict ? NFT_OBJECT_DICT : NFT_OBJECT_COUNTER;
		if (dict && !del) {
			cmd->dict = take(c, "{") ? parse_declaration(c) : NULL;
			if (!cmd->dict)
				return false;
		}
	} else if (type == NFT_MSG_NEWFLOWTABLE) {
		cmd->object = take_word(c);
		cmd->flowtable = cmd->object ? parse_flowtable(c) : NULL;
		if (!cmd->flowtable)
			return false;
	}
	if (flush) {
		cmd->type = NFT_MSG_DELRULE;
	} else if (del) {
		cmd->type = type == NFT_MSG_NEWTABLE ? NFT_MSG_DELTABLE :
			    type == NFT_MSG_NEWCHAIN ? NFT_MSG_DELCHAIN :
						       NFT_MSG_DELOBJ;
	} else {
		cmd->type = type;
		cmd->flags = NLM_F_CREATE;
	}
	return at_end(c);
}

/* "element KEY [- KEY_END] : [DATA] FLAGS [end]", any number of them */
static void parse_elems(struct cursor *c, struct set *set)
{
	while (!at_end(c)) {
		struct elem *elem = xalloc(sizeof(*elem));
		unsigned long long num;

		if (!take(c, "element"))
			goto bad;
		take_words(c, &elem->key, false, SLOTS);
		if (take(c, "-") &&
		    !take_words(c, &elem->key_end, false, SLOTS))
			goto bad;
		if (!take(c, ":"))
			goto bad;
		if (!take_verdict(c, &elem->data))
			take_words(c, &elem->data, false, SLOTS);
		if (!take_number(c, &num, 16) || !take(c, "[end]"))
			goto bad;
		elem->flags = num;
		if (!elem->key.words && !(num & NFT_SET_ELEM_CATCHALL))
			goto bad;
		*set->last = elem;
		set->last = &elem->next;
		set->nelems++;
	}
	return;
bad:
	die_at(c->line, "cannot read this element, from: %s", c->at);
}

/*
 * "NAME TABLE FLAGS [timeout Nms] [size N] ...". nft prints a line of this form
 * for a set, then one for its elements, with 0 for the flags.
 */
static struct set *parse_set(struct cursor *c)
{
	char *name, *table;
	struct command *cmd;
	struct set *set;
	unsigned long long flags, num;

	name = take_word(c);
	table = take_word(c);
	if (!name || !table || !take_number(c, &flags, 16))
		return NULL;

	if (!(flags & NFT_SET_ANONYMOUS)) {
		struct set *found = NULL;

		for (set = sets; set; set = set->next) {
			if (!strcmp(set->name, name) &&
			    !strcmp(set->table, table))
				found = set;
		}
		if (found && !flags) {
			while (take_word(c))
				;
			return found;
		}
	}

	set = xalloc(sizeof(*set));
	set->name = name;
	set->table = table;
	set->line = c->line;
	set->flags = flags;
	set->last = &set->elems;
	while (!at_end(c)) {
		if (take(c, "timeout")) {
			if (!take_number(c, &set->timeout, 10) ||
			    !take(c, "ms"))
				return NULL;
		} else if (take(c, "size")) {
			if (!take_number(c, &num, 10))
				return NULL;
			set->size = num;
		} else if (take(c, "count") || take(c, "policy")) {
			if (!take_number(c, &num, 10))
				return NULL;
		} else if (!take(c, "backend") || !take_word(c)) {
			return NULL;
		}
	}
	*last_set = set;
	last_set = &set->next;
	cmd = add_command(C_SET, c->line);
	cmd->set = set;
	cmd = add_command(C_ELEMS, c->line);
	cmd->set = set;
	return set;
}

/* "FAMILY TABLE CHAIN [HANDLE ...]" */
static struct rule *parse_rule(struct cursor *c, const char *text)
{
	struct rule *rule = xalloc(sizeof(*rule));
	struct command *cmd;

	if (!take_family(c, &rule->family))
		return NULL;
	rule->table = take_word(c);
	rule->chain = take_word(c);
	if (!rule->table || !rule->chain)
		return NULL;
	if (text)
		rule->text = xstrndup(text, strlen(text));
	cmd = add_command(C_RULE, c->line);
	cmd->rule = rule;
	return rule;
}

static void read_file(FILE *file)
{
	char *line = NULL, *text = NULL;
	struct expr **last_expr = NULL;
	struct set *set = NULL;
	unsigned int n = 0;
	size_t size = 0;

	while (getline(&line, &size, file) >= 0) {
		unsigned int family;
		struct cursor c;

		n++;
		line[strcspn(line, "\r\n")] = 0;
		c = (struct cursor){ line, line, n };
		skip_blanks(&c);
		if (!*c.at) {
			free(text);
			text = NULL;
			last_expr = NULL;
			continue;
		}
		if (*c.at == '#') {
			free(text);
			text = xstrndup(c.at + 1 + strspn(c.at + 1, " "),
					strlen(c.at));
			continue;
		}
		if (*c.at == '[') {
			if (!last_expr)
				die_at(n, "an expression outside a rule: %s",
				       c.at);
			*last_expr = parse_expr_line((char *)c.at + 1, n);
			last_expr = &(*last_expr)->next;
			continue;
		}
		if (!strncmp(c.at, "element ", 8)) {
			if (!set)
				die_at(n, "an element outside a set: %s", c.at);
			parse_elems(&c, set);
			continue;
		}
		last_expr = NULL;
		if (take(&c, "add") || take(&c, "table") || take(&c, "chain") ||
		    take(&c, "counter") || take(&c, "dict") ||
		    take(&c, "flowtable") ||
		    take(&c, "flush") || take(&c, "delete")) {
			c.at = line;
			if (!parse_command(&c))
				die_at(n, "cannot read this command: %s", line);
		} else if (take_family(&c, &family)) {
			struct rule *rule;

			c.at = line;
			rule = parse_rule(&c, text);
			if (!rule)
				die_at(n, "a rule begins with its family, table and chain: %s",
				       line);
			last_expr = &rule->exprs;
		} else {
			c.at = line;
			set = parse_set(&c);
			if (!set)
				die_at(n, "neither a command nor a rule nor a set: %s",
				       line);
			/* nft prints a rule's sets before its bytecode */
			continue;
		}
		free(text);
		text = NULL;
	}
	free(text);
	free(line);
}

/* --- building the batch --------------------------------------------------- */

static char *batch;
static size_t batch_len, batch_size;

static struct nlmsghdr *begin_message(uint16_t type, uint16_t flags,
				      unsigned int family, uint16_t res_id)
{
	if (batch_size - batch_len < MSG_ROOM) {
		batch_size = 2 * batch_size + MSG_ROOM;
		batch = realloc(batch, batch_size);
		if (!batch)
			die("out of memory");
	}
	memset(batch + batch_len, 0, MSG_ROOM);
	return nfnl_msg(batch + batch_len, type, flags, family, res_id);
}

static struct nlmsghdr *begin_nft(struct command *cmd, uint16_t type,
				  uint16_t flags, unsigned int family)
{
	struct nlmsghdr *nlh;

	nlh = begin_message(NFNL_SUBSYS_NFTABLES << 8 | type, flags, family, 0);
	if (!cmd->seq) {
		cmd->seq = nlh->nlmsg_seq;
		cmd->offset = batch_len;
	}
	return nlh;
}

static void end_message(struct nlmsghdr *nlh)
{
	batch_len += MNL_ALIGN(nlh->nlmsg_len);
}

static void put_base(struct nlmsghdr *nlh, const struct base_chain *base)
{
	struct nlattr *hook;

	mnl_attr_put_strz(nlh, NFTA_CHAIN_TYPE, base->type);
	hook = mnl_attr_nest_start(nlh, NFTA_CHAIN_HOOK);
	put_be32(nlh, NFTA_HOOK_HOOKNUM, base->hook);
	put_be32(nlh, NFTA_HOOK_PRIORITY, base->priority);
	if (base->device)
		mnl_attr_put_strz(nlh, NFTA_HOOK_DEV, base->device);
	mnl_attr_nest_end(nlh, hook);
	if (base->policy >= 0)
		put_be32(nlh, NFTA_CHAIN_POLICY, base->policy);
}

static void put_flowtable(struct nlmsghdr *nlh, const struct flowtable *ft)
{
	struct nlattr *hook, *devices;
	unsigned int i;

	hook = mnl_attr_nest_start(nlh, NFTA_FLOWTABLE_HOOK);
	put_be32(nlh, NFTA_FLOWTABLE_HOOK_NUM, NF_NETDEV_INGRESS);
	put_be32(nlh, NFTA_FLOWTABLE_HOOK_PRIORITY, ft->priority);
	devices = mnl_attr_nest_start(nlh, NFTA_FLOWTABLE_HOOK_DEVS);
	for (i = 0; i < ft->ndevices; i++)
		mnl_attr_put_strz(nlh, NFTA_DEVICE_NAME, ft->devices[i]);
	mnl_attr_nest_end(nlh, devices);
	mnl_attr_nest_end(nlh, hook);
}

static void put_declaration(struct nlmsghdr *nlh, const struct declaration *d)
{
	struct nlattr *list, *nest;
	unsigned int i;

	if (d->key_class)
		put_be32(nlh, NFTA_DICT_OBJ_KEY_CLASS, d->key_class);
	if (d->n) {
		list = mnl_attr_nest_start(nlh, NFTA_DICT_OBJ_FIELDS);
		for (i = 0; i < d->n; i++) {
			nest = mnl_attr_nest_start(nlh, NFTA_LIST_ELEM);
			mnl_attr_put_strz(nlh, NFTA_DICT_FIELD_NAME,
					  d->fields[i].name);
			put_be32(nlh, NFTA_DICT_FIELD_TYPE, d->fields[i].type);
			mnl_attr_nest_end(nlh, nest);
		}
		mnl_attr_nest_end(nlh, list);
	}
	if (d->size)
		put_be32(nlh, NFTA_DICT_OBJ_SIZE, d->size);
	if (d->timeout)
		mnl_attr_put_u64(nlh, NFTA_DICT_OBJ_TIMEOUT,
				 htobe64(d->timeout));
	if (d->flags)
		put_be32(nlh, NFTA_DICT_OBJ_FLAGS, d->flags);
}

static void put_command(struct command *cmd)
{
	struct nlmsghdr *nlh;
	struct nlattr *nest;

	nlh = begin_nft(cmd, cmd->type, cmd->flags, cmd->family);
	switch (cmd->type) {
	case NFT_MSG_NEWTABLE:
	case NFT_MSG_DELTABLE:
		if (cmd->table)
			mnl_attr_put_strz(nlh, NFTA_TABLE_NAME, cmd->table);
		break;
	case NFT_MSG_NEWCHAIN:
	case NFT_MSG_DELCHAIN:
		mnl_attr_put_strz(nlh, NFTA_CHAIN_TABLE, cmd->table);
		mnl_attr_put_strz(nlh, NFTA_CHAIN_NAME, cmd->chain);
		if (cmd->base)
			put_base(nlh, cmd->base);
		break;
	case NFT_MSG_DELRULE:
		mnl_attr_put_strz(nlh, NFTA_RULE_TABLE, cmd->table);
		if (cmd->chain)
			mnl_attr_put_strz(nlh, NFTA_RULE_CHAIN, cmd->chain);
		break;
	case NFT_MSG_NEWOBJ:
	case NFT_MSG_DELOBJ:
		mnl_attr_put_strz(nlh, NFTA_OBJ_TABLE, cmd->table);
		mnl_attr_put_strz(nlh, NFTA_OBJ_NAME, cmd->object);
		put_be32(nlh, NFTA_OBJ_TYPE, cmd->object_type);
		nest = mnl_attr_nest_start(nlh, NFTA_OBJ_DATA);
		if (cmd->dict)
			put_declaration(nlh, cmd->dict);
		mnl_attr_nest_end(nlh, nest);
		break;
	case NFT_MSG_NEWFLOWTABLE:
		mnl_attr_put_strz(nlh, NFTA_FLOWTABLE_TABLE, cmd->table);
		mnl_attr_put_strz(nlh, NFTA_FLOWTABLE_NAME, cmd->object);
		put_flowtable(nlh, cmd->flowtable);
		break;
	}
	end_message(nlh);
}

static void put_set(struct command *cmd)
{
	const struct set *set = cmd->set;
	struct nlmsghdr *nlh;
	struct nlattr *desc, *list, *field;
	unsigned int i;

	nlh = begin_nft(cmd, NFT_MSG_NEWSET, NLM_F_CREATE, set->family);
	mnl_attr_put_strz(nlh, NFTA_SET_TABLE, set->table);
	mnl_attr_put_strz(nlh, NFTA_SET_NAME, set->name);
	put_be32(nlh, NFTA_SET_FLAGS, set->flags);
	/* the kernel only keeps the types; nft lists this as an integer */
	put_be32(nlh, NFTA_SET_KEY_TYPE, 4);
	put_be32(nlh, NFTA_SET_KEY_LEN, set->key.len);
	if (set->flags & NFT_SET_MAP) {
		if (set->data.len) {
			put_be32(nlh, NFTA_SET_DATA_TYPE, 4);
			put_be32(nlh, NFTA_SET_DATA_LEN, set->data.len);
		} else {
			put_be32(nlh, NFTA_SET_DATA_TYPE, NFT_DATA_VERDICT);
		}
	}
	put_be32(nlh, NFTA_SET_ID, set->id);
	if (set->timeout)
		mnl_attr_put_u64(nlh, NFTA_SET_TIMEOUT, htobe64(set->timeout));
	desc = mnl_attr_nest_start(nlh, NFTA_SET_DESC);
	if (set->size)
		put_be32(nlh, NFTA_SET_DESC_SIZE, set->size);
	if (set->flags & NFT_SET_CONCAT) {
		list = mnl_attr_nest_start(nlh, NFTA_SET_DESC_CONCAT);
		for (i = 0; i < set->parts; i++) {
			field = mnl_attr_nest_start(nlh, NFTA_LIST_ELEM);
			put_be32(nlh, NFTA_SET_FIELD_LEN, set->part[i]);
			mnl_attr_nest_end(nlh, field);
		}
		mnl_attr_nest_end(nlh, list);
	}
	mnl_attr_nest_end(nlh, desc);
	end_message(nlh);
}

static void put_elems(struct command *cmd)
{
	const struct set *set = cmd->set;
	const struct elem *elem = set->elems;
	struct nlattr *list, *item;
	struct nlmsghdr *nlh;

	while (elem) {
		nlh = begin_nft(cmd, NFT_MSG_NEWSETELEM, NLM_F_CREATE,
				set->family);
		mnl_attr_put_strz(nlh, NFTA_SET_ELEM_LIST_TABLE, set->table);
		mnl_attr_put_strz(nlh, NFTA_SET_ELEM_LIST_SET, set->name);
		put_be32(nlh, NFTA_SET_ELEM_LIST_SET_ID, set->id);
		list = mnl_attr_nest_start(nlh, NFTA_SET_ELEM_LIST_ELEMENTS);
		for (; elem && nlh->nlmsg_len < ELEMS_ROOM; elem = elem->next) {
			item = mnl_attr_nest_start(nlh, NFTA_LIST_ELEM);
			if (elem->flags)
				put_be32(nlh, NFTA_SET_ELEM_FLAGS, elem->flags);
			if (elem->key.len)
				put_data(nlh, NFTA_SET_ELEM_KEY, &elem->key);
			if (elem->key_end.len)
				put_data(nlh, NFTA_SET_ELEM_KEY_END,
					 &elem->key_end);
			if (elem->data.len || elem->data.verdict)
				put_data(nlh, NFTA_SET_ELEM_DATA, &elem->data);
			mnl_attr_nest_end(nlh, item);
		}
		mnl_attr_nest_end(nlh, list);
		end_message(nlh);
	}
}

/* nft keeps a rule's comment as the first string of its user data. */
#define COMMENT_TYPE	0
#define COMMENT_MAX	(NFT_USERDATA_MAXLEN - 3)

static void put_rule(struct command *cmd)
{
	struct rule *rule = cmd->rule;
	uint8_t udata[NFT_USERDATA_MAXLEN];
	struct nlmsghdr *nlh;
	struct nlattr *list;
	struct expr *e;
	size_t len;

	nlh = begin_nft(cmd, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND,
			rule->family);
	mnl_attr_put_strz(nlh, NFTA_RULE_TABLE, rule->table);
	mnl_attr_put_strz(nlh, NFTA_RULE_CHAIN, rule->chain);
	list = mnl_attr_nest_start(nlh, NFTA_RULE_EXPRESSIONS);
	for (e = rule->exprs; e; e = e->next)
		put_expr(nlh, NFTA_LIST_ELEM, e);
	/* the length of an attribute has 16 bits */
	if ((char *)mnl_nlmsg_get_payload_tail(nlh) - (char *)list > UINT16_MAX)
		die_at(cmd->line, "this rule is longer than 64 KiB");
	mnl_attr_nest_end(nlh, list);
	if (rule->text) {
		len = strlen(rule->text);
		if (len > COMMENT_MAX)
			len = COMMENT_MAX;
		udata[0] = COMMENT_TYPE;
		udata[1] = len + 1;
		memcpy(udata + 2, rule->text, len);
		udata[2 + len] = 0;
		mnl_attr_put(nlh, NFTA_RULE_USERDATA, len + 3, udata);
	}
	end_message(nlh);
}

static void build_batch(void)
{
	struct command *cmd;
	struct set *set;
	uint32_t id = 1;

	for (cmd = commands; cmd; cmd = cmd->next) {
		if (cmd->kind == C_RULE)
			resolve_rule(cmd->rule);
	}
	for (set = sets; set; set = set->next) {
		set->id = id++;
		if (!set->resolved)
			die_at(set->line, "no rule uses set %s", set->name);
	}

	end_message(begin_message(NFNL_MSG_BATCH_BEGIN, 0, AF_UNSPEC,
				  NFNL_SUBSYS_NFTABLES));
	for (cmd = commands; cmd; cmd = cmd->next) {
		switch (cmd->kind) {
		case C_MESSAGE:
			put_command(cmd);
			break;
		case C_SET:
			put_set(cmd);
			break;
		case C_ELEMS:
			put_elems(cmd);
			break;
		case C_RULE:
			put_rule(cmd);
			break;
		}
		cmd->end = batch_len;
	}
	end_message(begin_message(NFNL_MSG_BATCH_END, 0, AF_UNSPEC,
				  NFNL_SUBSYS_NFTABLES));
}

/* --- talking to the kernel ------------------------------------------------ */

static struct mnl_socket *open_socket(void)
{
	struct mnl_socket *nl = nfnl_open(0, 0);

	if (!nl)
		die("cannot open a netlink socket: %s", strerror(errno));
	return nl;
}

static void report_refusal(const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *err = mnl_nlmsg_get_payload(nlh);
	struct nfnl_ack ack = nfnl_ack(nlh);
	const char *what = "the batch";
	const struct expr *e, *bad = NULL;
	struct command *cmd;
	unsigned int line = 0;

	for (cmd = commands; cmd; cmd = cmd->next) {
		uint32_t next = cmd->next ? cmd->next->seq : 0;

		if (!cmd->seq || err->msg.nlmsg_seq < cmd->seq ||
		    (next && err->msg.nlmsg_seq >= next))
			continue;
		line = cmd->line;
		what = cmd->kind == C_RULE ? "rule" :
		       cmd->kind == C_SET ? "set" :
		       cmd->kind == C_ELEMS ? "elements of the set" : "command";
		if (cmd->kind != C_RULE || ack.offs < 0)
			continue;
		for (e = cmd->rule->exprs; e; e = e->next) {
			if (e->offset <= (uint32_t)ack.offs)
				bad = e;
		}
		if (bad && bad->offset <= (uint32_t)ack.offs) {
			line = bad->line;
			what = bad->type->name;
		}
	}
	if (line)
		fprintf(stderr, "%s:%u: ", input_name, line);
	fprintf(stderr, "%s refused: %s%s%s\n", what, strerror(-ack.err),
		*ack.msg ? ": " : "", ack.msg);
}

static void send_batch(void)
{
	struct mnl_socket *nl = open_socket();
	int size = batch_len + 4096, refused = 0;
	char buf[65536];
	ssize_t len;

	if (setsockopt(mnl_socket_get_fd(nl), SOL_SOCKET, SO_SNDBUFFORCE,
		       &size, sizeof(size)))
		setsockopt(mnl_socket_get_fd(nl), SOL_SOCKET, SO_SNDBUF, &size,
			   sizeof(size));
	if (mnl_socket_sendto(nl, batch, batch_len) < 0)
		die("cannot send: %s", strerror(errno));

	/* the batch has run in sendto(), so all answers are queued */
	for (;;) {
		struct nlmsghdr *nlh = (struct nlmsghdr *)buf;
		int left;

		len = recv(mnl_socket_get_fd(nl), buf, sizeof(buf),
			   MSG_DONTWAIT);
		if (len < 0 && errno == EAGAIN)
			break;
		if (len < 0)
			die("cannot receive: %s", strerror(errno));
		left = len;
		for (; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left)) {
			const struct nlmsgerr *err;

			if (nlh->nlmsg_type != NLMSG_ERROR)
				continue;
			err = mnl_nlmsg_get_payload(nlh);
			if (err->error) {
				report_refusal(nlh);
				refused++;
			}
		}
	}
	mnl_socket_close(nl);
	if (refused)
		exit(1);
}

/* --- listing -------------------------------------------------------------- */

struct list_filter {
	const char	*chain;
	bool		counters;
};

static void print_counters(const char *text, const struct attrs *rule,
			   unsigned int family)
{
	const struct nlattr *item;
	const struct expr *e;

	mnl_attr_for_each_nested(item, rule->tb[NFTA_RULE_EXPRESSIONS]) {
		e = get_expr(item);
		if (!e || strcmp(e->type->name, "counter"))
			continue;
		printf("%s %s %s %llu: packets %llu bytes %llu%s%s\n",
		       families.name[family],
		       mnl_attr_get_str(rule->tb[NFTA_RULE_TABLE]),
		       mnl_attr_get_str(rule->tb[NFTA_RULE_CHAIN]),
		       get_number(rule->tb[NFTA_RULE_HANDLE]),
		       num_of(e, "packets"), num_of(e, "bytes"),
		       text ? "  # " : "", text ?: "");
	}
}

static int list_cb(const struct nlmsghdr *nlh, void *data)
{
	const struct nfgenmsg *nfg = mnl_nlmsg_get_payload(nlh);
	const struct list_filter *filter = data;
	const struct nlattr *item;
	const char *text = NULL;
	struct attrs rule = {};
	struct expr *e;

	mnl_attr_parse(nlh, sizeof(*nfg), attrs_cb, &rule);
	if (!rule.tb[NFTA_RULE_TABLE] || !rule.tb[NFTA_RULE_CHAIN] ||
	    !rule.tb[NFTA_RULE_HANDLE] || !rule.tb[NFTA_RULE_EXPRESSIONS])
		return MNL_CB_OK;
	if (filter->chain &&
	    strcmp(filter->chain, mnl_attr_get_str(rule.tb[NFTA_RULE_CHAIN])))
		return MNL_CB_OK;
	item = rule.tb[NFTA_RULE_USERDATA];
	if (item) {
		const uint8_t *udata = mnl_attr_get_payload(item);
		unsigned int len = mnl_attr_get_payload_len(item);

		if (len > 2 && udata[0] == COMMENT_TYPE && udata[1] &&
		    udata[1] + 2u <= len && !udata[1 + udata[1]])
			text = (const char *)udata + 2;
	}
	if (filter->counters) {
		print_counters(text, &rule, nfg->nfgen_family);
		return MNL_CB_OK;
	}
	if (text)
		printf("# %s\n", text);
	printf("%s %s %s\n", families.name[nfg->nfgen_family],
	       mnl_attr_get_str(rule.tb[NFTA_RULE_TABLE]),
	       mnl_attr_get_str(rule.tb[NFTA_RULE_CHAIN]));
	mnl_attr_for_each_nested(item, rule.tb[NFTA_RULE_EXPRESSIONS]) {
		e = get_expr(item);
		if (!e)
			die("the kernel sent an expression that this program does not know");
		printf("  [ ");
		print_expr(e);
		printf(" ]\n");
	}
	putchar('\n');
	return MNL_CB_OK;
}

static int list_rules(char **args, bool counters)
{
	struct list_filter filter = { .counters = counters };
	struct mnl_socket *nl = open_socket();
	unsigned int family = NFPROTO_UNSPEC;
	struct nlmsghdr *nlh;
	ssize_t len;
	char *dump;
	int num;

	if (*args) {
		num = lookup_name(&families, *args, strlen(*args));
		if (num < 0)
			die("unknown family: %s", *args);
		family = num;
		args++;
	}
	/* a rule may be as long as an attribute */
	dump = xalloc(MSG_ROOM);
	/*
	 * The kernel sizes dump messages by the largest buffer received into so
	 * far, and a rule larger than the first message ends the dump. So
	 * receive something into the large buffer before the dump.
	 */
	nlh = begin_message(NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETGEN, 0,
			    NFPROTO_UNSPEC, 0);
	if (mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) < 0 ||
	    mnl_socket_recvfrom(nl, dump, MSG_ROOM) < 0)
		die("cannot ask for the generation: %s", strerror(errno));

	nlh = begin_message(NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETRULE,
			    NLM_F_DUMP, family, 0);
	if (*args)
		mnl_attr_put_strz(nlh, NFTA_RULE_TABLE, *args++);
	if (*args)
		filter.chain = *args;
	if (mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) < 0)
		die("cannot send: %s", strerror(errno));
	do {
		len = mnl_socket_recvfrom(nl, dump, MSG_ROOM);
		if (len < 0)
			die("cannot receive: %s", strerror(errno));
		len = mnl_cb_run(dump, len, 0, mnl_socket_get_portid(nl),
				 list_cb, &filter);
	} while (len > 0);
	if (len < 0)
		die("cannot list: %s", strerror(errno));
	mnl_socket_close(nl);
	return 0;
}

/* Print the rules that were read in the form in which the kernel dumps them. */
static void print_rules(void)
{
	struct command *cmd;
	struct expr *e;

	for (cmd = commands; cmd; cmd = cmd->next) {
		if (cmd->kind != C_RULE)
			continue;
		if (cmd->rule->text)
			printf("# %s\n", cmd->rule->text);
		printf("%s %s %s\n", families.name[cmd->rule->family],
		       cmd->rule->table, cmd->rule->chain);
		for (e = cmd->rule->exprs; e; e = e->next) {
			printf("  [ ");
			print_expr(e);
			printf(" ]\n");
		}
		putchar('\n');
	}
}

static const char help[] =
"usage: nft_bytecode [--check] [FILE]\n"
"       nft_bytecode --list [FAMILY [TABLE [CHAIN]]]\n"
"       nft_bytecode --counters [FAMILY [TABLE [CHAIN]]]\n"
"\n"
"Loads tables, chains, sets and rules from FILE or standard input into\n"
"nf_tables, all or nothing. With --check, reads FILE and prints its rules. With\n"
"--list, prints the kernel's rules in the same notation; with --counters, one\n"
"line for each counter.\n"
"\n"
"  flush ruleset\n"
"  table ip filter\n"
"  chain ip filter forward { type filter hook forward priority 0; policy accept; }\n"
"  # tcp dport { 80, 443 } counter drop\n"
"  __set%d filter 3 size 2\n"
"  __set%d filter 0\n"
"          element 00005000  : 0 [end]     element 0000bb01  : 0 [end]\n"
"  ip filter forward\n"
"    [ meta load l4proto => reg 1 ]\n"
"    [ cmp eq reg 1 0x00000006 ]\n"
"    [ payload load 2b @ transport header + 2 => reg 1 ]\n"
"    [ lookup reg 1 set __set%d ]\n"
"    [ counter pkts 0 bytes 0 ]\n"
"    [ immediate reg 0 drop ]\n"
"\n"
"/LEN after the words of a value says how many of their bytes it has, where that\n"
"is not what the register holds. chain takes `device DEV` after the hook; flush and\n"
"delete take table and chain; `counter FAMILY TABLE NAME` makes a named counter,\n"
"`flowtable FAMILY TABLE NAME { hook ingress priority 0; devices = { DEV, ... }; }`\n"
"a flowtable, and\n"
"`dict FAMILY TABLE NAME { key CLASS; fields { NAME : TYPE, ... }; size N;\n"
"timeout TIME; flags open; }` declares a dict table; each part may be absent.\n"
"A comment line right above a rule is kept with it.\n";

int main(int argc, char **argv)
{
	bool check = false;
	FILE *file = stdin;

	if (argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))) {
		fputs(help, stdout);
		return 0;
	}
	if (argc > 1 && !strcmp(argv[1], "--list") && argc <= 5)
		return list_rules(argv + 2, false);
	if (argc > 1 && !strcmp(argv[1], "--counters") && argc <= 5)
		return list_rules(argv + 2, true);
	if (argc > 1 && !strcmp(argv[1], "--check")) {
		check = true;
		argc--;
		argv++;
	}
	if (argc > 2 || (argc == 2 && argv[1][0] == '-' && argv[1][1])) {
		fputs(help, stderr);
		return 2;
	}
	if (argc == 2 && strcmp(argv[1], "-")) {
		input_name = argv[1];
		file = fopen(input_name, "r");
		if (!file)
			die("%s: %s", input_name, strerror(errno));
	}
	read_file(file);
	build_batch();
	if (check)
		print_rules();
	else
		send_batch();
	return 0;
}
