// SPDX-License-Identifier: GPL-2.0-only
/*
 * Compares dict tables with native maps of nf_tables, in a guest.
 *
 * Rules are timed by the packets they slow down: a rule repeats the same few
 * expressions many times, UDP packets pass it on the loopback device, and the
 * cost of an empty rule is subtracted. Each round uses another connection and
 * another key of the table, so that some rows are at the head of their bucket
 * and others are not. In a round all variants take turns, several times, so
 * that a disturbance affects all. The shortest time of a variant counts:
 * longer ones include other work of the machine or of the core's other thread.
 *
 * usage: dict-bench packets LOADER ROWS ROUNDS [native]
 *        dict-bench conns LOADER CONNECTIONS ROUNDS
 *        dict-bench patterns LOADER ROUNDS
 *        dict-bench cpus LOADER ROUNDS
 *        dict-bench writes ROUNDS
 *        dict-bench memory ROWS
 *
 * Prints a line for each variant: name, median and quartiles in
 * nanoseconds.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <endian.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netfilter/nfnetlink_dict.h>

#ifndef NFNL_SUBSYS_DICT
#define NFNL_SUBSYS_DICT	13
#endif

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define BATCH		256	/* packets in one system call */
#define CALLS		12	/* system calls in one measurement */
#define PASSES		3	/* measurements of a variant in a round */
#define KEYS		40	/* keys in one packet */
#define PORT		7777	/* of the first round's connection */
#define PER_MESSAGE	1000	/* rows, or set elements, in one message */
#define MESSAGE_ROOM	(4 << 20)
#define KEY(i)		((i) * 2654435761u)	/* spreads, never repeats */

static struct mnl_socket *nl;
static unsigned int portid, seq = 1;
static char *message;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);

	return t.tv_sec * 1e9 + t.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double median(double *v, unsigned int n)
{
	qsort(v, n, sizeof(*v), compare);

	return v[n / 2];
}

/* Returns the lower quartile: other work on the machine only adds time. */
static double quartile(double *t, unsigned int n)
{
	qsort(t, n, sizeof(*t), compare);

	return t[n / 4];
}

static void report(const char *name, double *v, unsigned int n)
{
	double m = median(v, n);

	printf("%-28s %9.2f %9.2f %9.2f\n", name, m, v[n / 4],
	       v[n - 1 - n / 4]);
	fflush(stdout);
}

/* Netlink */

static struct nlmsghdr *header(char *at, unsigned int type, unsigned int flags,
			       unsigned int family, unsigned int res)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(at);
	struct nfgenmsg *nfg;

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	nlh->nlmsg_seq = seq++;
	nfg = mnl_nlmsg_put_extra_header(nlh, sizeof(*nfg));
	nfg->nfgen_family = family;
	nfg->version = NFNETLINK_V0;
	nfg->res_id = htons(res);

	return nlh;
}

/* Sends @len bytes of messages and receives the answer to message @ack. */
static void transact(const char *data, size_t len, unsigned int ack)
{
	char buf[8192];
	ssize_t n;

	if (mnl_socket_sendto(nl, data, len) < 0)
		err(1, "sendto");
	n = mnl_socket_recvfrom(nl, buf, sizeof(buf));
	if (n < 0 || mnl_cb_run(buf, n, ack, portid, NULL, NULL) < 0)
		err(1, "netlink");
}

static void put_number(struct nlmsghdr *nlh, unsigned int f, int value)
{
	struct nlattr *field = mnl_attr_nest_start(nlh, NFDICTA_ROW_FIELD);
	char name[16];

	snprintf(name, sizeof(name), "field%u", f);
	mnl_attr_put_strz(nlh, NFDICTA_FIELD_NAME, name);
	mnl_attr_put_u32(nlh, NFDICTA_FIELD_INT, htonl(value));
	mnl_attr_nest_end(nlh, field);
}

static void put_string(struct nlmsghdr *nlh, const char *name,
		       const char *value)
{
	struct nlattr *field = mnl_attr_nest_start(nlh, NFDICTA_ROW_FIELD);

	mnl_attr_put_strz(nlh, NFDICTA_FIELD_NAME, name);
	mnl_attr_put_strz(nlh, NFDICTA_FIELD_LONG_STRING, value);
	mnl_attr_nest_end(nlh, field);
}

/**
 * struct shape - rows of one kind
 * @table: name of their table
 * @nfields: number of fields, which are numbers
 * @user: the key is a user's name, not a number
 * @domain: the key is a domain suffix of a user
 * @session: two of the fields are strings: the application, the same in all
 *	rows, and the user, another in each
 */
struct shape {
	const char	*table;
	unsigned int	nfields;
	bool		user;
	bool		session;
	bool		domain;
};

static void put_row(struct nlmsghdr *nlh, const struct shape *shape,
		    uint32_t key, unsigned int user, int value)
{
	struct nlattr *row, *nest;
	unsigned int f;
	char name[40];

	if (shape->domain)
		snprintf(name, sizeof(name), ".user%u.b.example.com", user);
	else
		snprintf(name, sizeof(name), "user%u", user);
	row = mnl_attr_nest_start(nlh, NFDICTA_ROW);
	nest = mnl_attr_nest_start(nlh, NFDICTA_ROW_KEY);
	if (shape->user || shape->domain)
		mnl_attr_put_strz(nlh, NFDICTA_KEY_STRING, name);
	else
		mnl_attr_put_u64(nlh, NFDICTA_KEY_INT, htobe64(key));
	mnl_attr_nest_end(nlh, nest);
	nest = mnl_attr_nest_start(nlh, NFDICTA_ROW_FIELDS);
	for (f = 0; f < shape->nfields; f++) {
		if (shape->session && f == 2)
			put_string(nlh, "application", "NETFLIX");
		else if (shape->session && f == 5)
			put_string(nlh, "username", name);
		else
			put_number(nlh, f, value);
	}
	mnl_attr_nest_end(nlh, nest);
	mnl_attr_nest_end(nlh, row);
}

static struct nlmsghdr *rows_header(const char *table)
{
	struct nlmsghdr *nlh;

	nlh = header(message, NFNL_SUBSYS_DICT << 8 | NFDICT_MSG_ROW_NEW,
		     NLM_F_CREATE | NLM_F_ACK, AF_UNSPEC, 0);
	mnl_attr_put_strz(nlh, NFDICTA_TABLE, table);

	return nlh;
}

/* Builds one message with @n rows from KEY(@first) on. */
static size_t rows_message(const struct shape *shape, unsigned int first,
			   unsigned int n, int value, unsigned int *ack)
{
	struct nlmsghdr *nlh = rows_header(shape->table);
	unsigned int i;

	*ack = nlh->nlmsg_seq;
	/* Not as a list, which is an attribute too, of at most 64 KiB. */
	for (i = first; i < first + n; i++)
		put_row(nlh, shape, KEY(i), i, value);

	return nlh->nlmsg_len;
}

static void write_rows(const struct shape *shape, unsigned int n)
{
	unsigned int i, count, ack;
	size_t len;

	for (i = 0; i < n; i += count) {
		count = n - i < PER_MESSAGE ? n - i : PER_MESSAGE;
		len = rows_message(shape, i, count, 5, &ack);
		transact(message, len, ack);
	}
}

/* Builds one transaction with @n elements from KEY(@first) on. */
static size_t elements_message(const char *set, unsigned int first,
			       unsigned int n, bool map, unsigned int *ack)
{
	char *at = message;
	struct nlmsghdr *nlh;
	unsigned int i, per = 500;
	struct nlattr *list = NULL, *elem, *data;

	nlh = header(at, NFNL_MSG_BATCH_BEGIN, 0, AF_UNSPEC,
		     NFNL_SUBSYS_NFTABLES);
	at += nlh->nlmsg_len;
	for (i = first; i < first + n; i++) {
		/* A nest holds at most 64 KiB. */
		if ((i - first) % per == 0) {
			nlh = header(at, NFNL_SUBSYS_NFTABLES << 8 |
				     NFT_MSG_NEWSETELEM,
				     NLM_F_CREATE | NLM_F_ACK, NFPROTO_IPV4, 0);
			*ack = nlh->nlmsg_seq;
			mnl_attr_put_strz(nlh, NFTA_SET_ELEM_LIST_TABLE, "b");
			mnl_attr_put_strz(nlh, NFTA_SET_ELEM_LIST_SET, set);
			list = mnl_attr_nest_start(nlh,
						   NFTA_SET_ELEM_LIST_ELEMENTS);
		}
		elem = mnl_attr_nest_start(nlh, NFTA_LIST_ELEM);
		data = mnl_attr_nest_start(nlh, NFTA_SET_ELEM_KEY);
		mnl_attr_put_u32(nlh, NFTA_DATA_VALUE, htonl(KEY(i)));
		mnl_attr_nest_end(nlh, data);
		if (map) {
			data = mnl_attr_nest_start(nlh, NFTA_SET_ELEM_DATA);
			mnl_attr_put_u32(nlh, NFTA_DATA_VALUE, 5);
			mnl_attr_nest_end(nlh, data);
		}
		mnl_attr_nest_end(nlh, elem);
		if ((i - first) % per == per - 1 || i == first + n - 1) {
			mnl_attr_nest_end(nlh, list);
			/* One answer is enough. */
			if (i != first + n - 1)
				nlh->nlmsg_flags &= ~NLM_F_ACK;
			at += nlh->nlmsg_len;
		}
	}
	nlh = header(at, NFNL_MSG_BATCH_END, 0, AF_UNSPEC,
		     NFNL_SUBSYS_NFTABLES);
	at += nlh->nlmsg_len;

	return at - message;
}

static void write_elements(const char *set, unsigned int n, bool map)
{
	unsigned int i, count, ack;
	size_t len;

	for (i = 0; i < n; i += count) {
		count = n - i < PER_MESSAGE ? n - i : PER_MESSAGE;
		len = elements_message(set, i, count, map, &ack);
		transact(message, len, ack);
	}
}

static void run(const char *command)
{
	if (system(command))
		errx(1, "failed: %s", command);
}

static void netlink_open(void)
{
	int room = 16 << 20;

	nl = mnl_socket_open(NETLINK_NETFILTER);
	if (!nl || mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0)
		err(1, "netlink socket");
	setsockopt(mnl_socket_get_fd(nl), SOL_SOCKET, SO_SNDBUFFORCE, &room,
		   sizeof(room));
	portid = mnl_socket_get_portid(nl);
	message = malloc(MESSAGE_ROOM);
	if (!message)
		err(1, "malloc");
}

/* Packets */

/**
 * struct variant - expressions to time
 * @name: their name in the report
 * @body: the expressions to repeat, NULL for none; %u stands for the offset of
 *	a key in the packet
 * @reference: index of the variant to subtract, -1: none
 * @cold: keys are random ones of the table, otherwise all are the round's
 * @dict: needs the series
 * @once: expressions that come first in each rule
 * @times: how many times all rules together repeat the body, 0: once for each
 *	key. It is the same in variants that are compared, as far as they fit:
 *	costs that occur once in a rule, such as cache misses for code, are
 *	divided by it
 */
struct variant {
	const char	*name;
	const char	*body;
	int		reference;
	bool		cold;
	bool		dict;
	const char	*once;
	unsigned int	times;
};

#define CT_ID		"[ ct load id => reg 1 ]\n"
#define HOT_KEY		"[ payload load 4b @ transport header + 8 => reg 1 ]\n"
#define COLD_KEY	"[ payload load 4b @ transport header + %u => reg 1 ]\n"
/* A rule with dict has at most 2,560 bytes, so a chain has several. */
#define RULES		5
#define STRING_TIMES	20
/* One set of 100 patterns in each rule. */
#define WILD100_TIMES	RULES
#define INT_CMP		"[ cmp eq reg 2 0x05000080 ]\n"
#define MAP_CMP		"[ cmp eq reg 2 0x00000005 ]\n"
#define DICT_STR(p)	"[ dict match key int/4 reg 1 \"conns\" . \"application\" long_string == " p " ]\n"

enum {
	CT_NONE, CT_LOAD, CT_MAP, CT_DICT_INT, CT_DICT_STR,
	HOT_NONE, HOT_MAP, HOT_DICT_INT, HOT_DICT_STR, HOT_WILD, HOT_WILD100,
	HOT_NESTED, HOT_DECL, HOT_DECL_STR,
	HOT_NAME, HOT_DOMAIN, HOT_STR, HOT_LIST,
	COLD_NONE, COLD_MAP, COLD_DICT, COLD_DICT10, COLD_DECL10,
	VARIANTS
};

static char wild100[4096];

static struct variant variants[VARIANTS] = {
	[CT_NONE]	= { "", NULL, -1, false, false,
			    "[ ct load state => reg 1 ]\n" },
	[CT_LOAD]	= { "ct-id", CT_ID, CT_NONE, false, false,
			    "[ ct load state => reg 1 ]\n" },
	[CT_MAP]	= { "ct-id-map-cmp", CT_ID "[ lookup reg 1 set ctmap dreg 2 ]\n" MAP_CMP,
			    CT_NONE, false, false,
			    "[ ct load state => reg 1 ]\n" },
	[CT_DICT_INT]	= { "ct-id-dict-int-cmp", CT_ID "[ dict load key int/4 reg 1 \"conns\" . \"field4\" int => int reg 2 ]\n" INT_CMP,
			    CT_NONE, false, true,
			    "[ ct load state => reg 1 ]\n" },
	[CT_DICT_STR]	= { "ct-id-dict-string", CT_ID DICT_STR("\"NETFLIX\""),
			    CT_NONE, false, true,
			    "[ ct load state => reg 1 ]\n" },
	[HOT_NONE]	= { "", NULL, -1, false, false, HOT_KEY },
	[HOT_MAP]	= { "hot-map-cmp", "[ lookup reg 1 set big dreg 2 ]\n" MAP_CMP,
			    HOT_NONE, false, false, HOT_KEY },
	[HOT_DICT_INT]	= { "hot-dict-int-cmp", "[ dict load key int/4 reg 1 \"conns\" . \"field4\" int => int reg 2 ]\n" INT_CMP,
			    HOT_NONE, false, true, HOT_KEY },
	[HOT_DICT_STR]	= { "hot-dict-string", DICT_STR("\"NETFLIX\""),
			    HOT_NONE, false, true, HOT_KEY,
			    STRING_TIMES },
	[HOT_WILD]	= { "hot-dict-wildcard", DICT_STR("\"NET*[A-Z]X\""),
			    HOT_NONE, false, true, HOT_KEY,
			    STRING_TIMES },
	[HOT_WILD100]	= { "hot-dict-100-wildcards", wild100,
			    HOT_NONE, false, true, HOT_KEY,
			    WILD100_TIMES },
	[HOT_NESTED]	= { "hot-dict-nested", "[ dict load key int/4 reg 1 \"conns\" . \"username\" long_string -> \"people\" . \"field4\" int => int reg 2 ]\n" INT_CMP,
			    HOT_NONE, false, true, HOT_KEY },
	[HOT_DECL]	= { "hot-declared-int-cmp", "[ dict load key int/4 reg 1 \"decl\" . \"field4\" int => int reg 2 ]\n" INT_CMP,
			    HOT_NONE, false, true, HOT_KEY },
	[HOT_DECL_STR]	= { "hot-declared-string", "[ dict match key int/4 reg 1 \"decl\" . \"application\" long_string == \"NETFLIX\" ]\n",
			    HOT_NONE, false, true, HOT_KEY,
			    STRING_TIMES },
	[HOT_NAME]	= { "hot-dict-name", "[ dict load key int/4 reg 1 \"names\" . \"username\" long_string -> \"people\" . \"field4\" int => int reg 2 ]\n" INT_CMP,
			    HOT_NONE, false, true, HOT_KEY },
	[HOT_DOMAIN]	= { "hot-dict-domain", "[ dict load key int/4 reg 1 \"names\" . \"sni\" long_string -> \"domains\" . \"field0\" int => int reg 2 ]\n" INT_CMP,
			    HOT_NONE, false, true, HOT_KEY },
	[HOT_STR]	= { "hot-dict-one-group", "[ dict match key int/4 reg 1 \"names\" . \"group\" long_string == \"sales\" ]\n",
			    HOT_NONE, false, true, HOT_KEY,
			    STRING_TIMES },
	[HOT_LIST]	= { "hot-dict-list", "[ dict match key int/4 reg 1 \"names\" . \"groups\" string_list == \"sales\" ]\n",
			    HOT_NONE, false, true, HOT_KEY,
			    STRING_TIMES },
	[COLD_NONE]	= { "", COLD_KEY, -1, true, false, "" },
	[COLD_MAP]	= { "cold-map-cmp", COLD_KEY "[ lookup reg 1 set big dreg 2 ]\n" MAP_CMP,
			    COLD_NONE, true, false, "" },
	[COLD_DICT]	= { "cold-dict-int-cmp", COLD_KEY "[ dict load key int/4 reg 1 \"thin\" . \"field0\" int => int reg 2 ]\n" INT_CMP,
			    COLD_NONE, true, true, "" },
	[COLD_DICT10]	= { "cold-dict-10-fields", COLD_KEY "[ dict load key int/4 reg 1 \"big\" . \"field4\" int => int reg 2 ]\n" INT_CMP,
			    COLD_NONE, true, true, "" },
	[COLD_DECL10]	= { "cold-declared-10-fields", COLD_KEY "[ dict load key int/4 reg 1 \"decl\" . \"field4\" int => int reg 2 ]\n" INT_CMP,
			    COLD_NONE, true, true, "" },
};

static unsigned int times(const struct variant *v)
{
	return v->times ?: KEYS;
}

/*
 * Loads a variant's rules to a chain of their own, once for all rounds: maps
 * take long to bind.
 */
static void load_rule(const char *loader, unsigned int index)
{
	const struct variant *v = &variants[index];
	unsigned int i;
	FILE *f;

	f = popen(loader, "w");
	if (!f)
		err(1, "%s", loader);
	for (i = 0; i < times(v); i++) {
		/* The reference has the same number of rules. */
		if (i % (times(v) / RULES) == 0)
			fprintf(f, "ip b v%u\n%s", index, v->once);
		if (v->body)
			fprintf(f, v->body, 8 + 4 * i);
	}
	/* Shows that the last repetition was reached. */
	fprintf(f, "[ counter pkts 0 bytes 0 ]\n");
	if (pclose(f))
		errx(1, "cannot load variant %s", v->name);
}

/* Makes packets pass the rules of one variant. */
static void choose_rule(const char *loader, unsigned int index)
{
	FILE *f;

	f = popen(loader, "w");
	if (!f)
		err(1, "%s", loader);
	fprintf(f, "flush chain ip b o\nip b o\n[ immediate reg 0 jump -> v%u ]\n",
		index);
	if (pclose(f))
		errx(1, "cannot jump to variant %s", variants[index].name);
}

/* The chain "o" sends packets to the rule whose number is their mark. */
static void choose_by_mark(unsigned int rules)
{
	char command[512];
	unsigned int v, len;

	len = snprintf(command, sizeof(command),
		       "nft flush chain ip b o; nft 'add rule ip b o meta mark vmap {");
	for (v = 0; v < rules; v++)
		len += snprintf(command + len, sizeof(command) - len,
				" %u : jump v%u,", v, v);
	snprintf(command + len, sizeof(command) - len, " }'");
	run(command);
}

static void set_mark(int fd, int mark)
{
	if (setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)))
		err(1, "SO_MARK");
}

/* Returns the number of packets that came to the end of the rules. */
static unsigned long counted(const char *loader, unsigned int index)
{
	unsigned long packets = 0;
	char command[256];
	FILE *f;

	snprintf(command, sizeof(command),
		 "%s --counters ip b v%u | grep -o 'packets [0-9]*' | tail -n 1",
		 loader, index);
	f = popen(command, "r");
	if (!f || fscanf(f, "packets %lu", &packets) != 1)
		errx(1, "cannot read the counter");
	pclose(f);

	return packets;
}

/*
 * Sends packets and receives them, with @hot as the key or, if the variant is
 * cold, random ones of @rows. Returns nanoseconds per packet, the lower
 * quartile of @calls system calls.
 */
static double send_packets(int fd, const struct variant *v, unsigned int rows,
			   unsigned int hot, unsigned int calls)
{
	static uint32_t data[BATCH][KEYS];
	struct mmsghdr m[BATCH] = {};
	struct iovec iov[BATCH];
	double t[calls], start;
	unsigned int i, j, call;

	for (i = 0; i < BATCH; i++) {
		iov[i] = (struct iovec){ data[i], sizeof(data[i]) };
		m[i].msg_hdr.msg_iov = &iov[i];
		m[i].msg_hdr.msg_iovlen = 1;
	}
	for (call = 0; call < calls; call++) {
		for (i = 0; i < BATCH; i++)
			for (j = 0; j < KEYS; j++)
				data[i][j] = htonl(KEY(v->cold ?
						       random() % rows : hot));
		start = now();
		if (sendmmsg(fd, m, BATCH, 0) != BATCH)
			err(1, "sendmmsg");
		t[call] = (now() - start) / BATCH;
		if (recvmmsg(fd, m, BATCH, 0, NULL) != BATCH)
			err(1, "recvmmsg");
	}
	qsort(t, calls, sizeof(*t), compare);

	return t[calls / 4];
}

static void dict(const char *arguments)
{
	const char *tool = getenv("NFDICT");
	char command[512];

	snprintf(command, sizeof(command), "%s %s", tool ?: "nfdict",
		 arguments);
	run(command);
}

/* Opens a UDP connection with itself. Returns the socket, and its id in @id. */
static int connection(unsigned int port, unsigned int *id)
{
	struct sockaddr_in sa = {
		.sin_family	= AF_INET,
		.sin_port	= htons(port),
		.sin_addr	= { htonl(INADDR_LOOPBACK) },
	};
	int fd, room = 16 << 20;
	char command[256];
	FILE *f;

	fd = socket(AF_INET, SOCK_DGRAM, 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	if (bind(fd, (void *)&sa, sizeof(sa)) ||
	    connect(fd, (void *)&sa, sizeof(sa)))
		err(1, "socket");
	send_packets(fd, &variants[HOT_NONE], 1, 0, 1);
	snprintf(command, sizeof(command),
		 "conntrack -L -p udp --dport %u -o id 2>/dev/null | sed -n 's/.* id=\\([0-9]*\\).*/\\1/p'",
		 port);
	f = popen(command, "r");
	if (!f || fscanf(f, "%u", id) != 1)
		errx(1, "the flow to port %u has no connection", port);
	pclose(f);

	return fd;
}

/* Returns the number of the key of a round. */
static unsigned int hot_key(unsigned int rows, unsigned int round,
			    unsigned int rounds)
{
	return (unsigned long)rows * round / rounds;
}

/* Writes a domain for each key, and names below them for the rounds' keys. */
static void fill_domains(unsigned int n, unsigned int rows)
{
	static const struct shape domains = { "domains", 1, .domain = true };
	char command[256];
	unsigned int i, user;

	dict("create domains key domain");
	write_rows(&domains, rows);
	for (i = 0; i < n; i++) {
		user = hot_key(rows, i, n);
		snprintf(command, sizeof(command),
			 "set names %u username long_string user%u sni long_string www.user%u.b.example.com group long_string sales groups string_list a,b,c,d,e,f,sales,users",
			 KEY(user), user, user);
		dict(command);
	}
}

/* Writes elements, and rows, for @n connections and for each key. */
static void fill(const unsigned int *ids, unsigned int n, unsigned int rows,
		 bool native)
{
	static const struct shape sessions = { "conns", 10, false, true };
	static const struct shape people = { "people", 10, true };
	static const struct shape big = { "big", 10 };
	static const struct shape thin = { "thin", 1 };
	static const struct shape decl = { "decl", 10, false, true };
	struct nlmsghdr *nlh;
	char command[256];
	unsigned int i;

	for (i = 0; i < n; i++) {
		snprintf(command, sizeof(command),
			 "nft add element ip b ctmap '{ %u : 5 }'", ids[i]);
		run(command);
	}
	write_elements("ctmap", rows, true);
	write_elements("big", rows, true);
	if (native)
		return;

	nlh = rows_header(sessions.table);
	for (i = 0; i < n; i++)
		put_row(nlh, &sessions, ids[i], i, 5);
	transact(message, nlh->nlmsg_len, nlh->nlmsg_seq);
	write_rows(&sessions, rows);
	write_rows(&people, rows);
	write_rows(&big, rows);
	write_rows(&thin, rows);
	dict("create decl key int field field0 int field field1 int field application long_string field field3 int field field4 int field username long_string field field6 int field field7 int field field8 int field field9 int");
	write_rows(&decl, rows);
	fill_domains(n, rows);
}

static void bench_packets(const char *loader, unsigned int rows,
			  unsigned int rounds, bool native)
{
	double ns[VARIANTS][rounds], base[VARIANTS], diff[rounds], least, t;
	unsigned int v, r, n, pass, hot, ids[rounds];
	unsigned int measured = 0, disturbed = 0;
	int fd[rounds];

	n = snprintf(wild100, sizeof(wild100), "%s", "[ dict match key int/4 reg 1 \"conns\" . \"application\" long_string == {");
	for (v = 0; v < 99; v++)
		n += snprintf(wild100 + n, sizeof(wild100) - n, " \"*Q%uZ*\"", v);
	snprintf(wild100 + n, sizeof(wild100) - n, " \"NET*X\" } ]\n");

	/* Connections must stay the same while their ids are keys. */
	run("nft 'flush ruleset; add table ip b; add chain ip b o { type filter hook output priority 0; }; add chain ip b keep { type filter hook output priority 10; }; add rule ip b keep ct state new counter; add map ip b ctmap { typeof ct id : meta mark; }; add map ip b big { type ipv4_addr : mark; }'");
	run("echo 1000000 > /proc/sys/net/netfilter/nf_conntrack_udp_timeout_stream; echo 1000000 > /proc/sys/net/netfilter/nf_conntrack_udp_timeout");
	for (r = 0; r < rounds; r++)
		fd[r] = connection(PORT + r, &ids[r]);
	fill(ids, rounds, rows, native);
	for (v = 0; v < VARIANTS; v++) {
		char command[64];

		if (variants[v].dict && native)
			continue;
		snprintf(command, sizeof(command), "nft add chain ip b v%u", v);
		run(command);
		load_rule(loader, v);
	}

	for (r = 0; r < rounds; r++) {
		double took[VARIANTS][PASSES];

		hot = hot_key(rows, r, rounds);
		for (pass = 0; pass < PASSES; pass++) {
			for (v = 0; v < VARIANTS; v++) {
				if (variants[v].dict && native)
					continue;
				choose_rule(loader, v);
				send_packets(fd[r], &variants[v], rows, hot, 2);
				took[v][pass] = send_packets(fd[r],
							     &variants[v],
							     rows, hot, CALLS);
				if (!pass && !counted(loader, v))
					errx(1, "variant %s: no packet came to its end",
					     variants[v].name);
			}
		}
		for (v = 0; v < VARIANTS; v++) {
			if (variants[v].dict && native)
				continue;
			least = took[v][0];
			for (pass = 1; pass < PASSES; pass++)
				if (took[v][pass] < least)
					least = took[v][pass];
			for (pass = 0; pass < PASSES; pass++)
				disturbed += took[v][pass] > least * 1.1;
			measured += PASSES;
			ns[v][r] = least;
		}
	}
	/* Subtract a median, which is steadier than the values of rounds. */
	for (v = 0; v < VARIANTS; v++) {
		if (variants[v].dict && native)
			continue;
		if (variants[v].reference < 0)
			base[v] = median(ns[v], rounds);
	}
	for (v = 0; v < VARIANTS; v++) {
		if (variants[v].reference < 0 || (variants[v].dict && native))
			continue;
		for (r = 0; r < rounds; r++) {
			t = ns[v][r] - base[variants[v].reference];
			diff[r] = t / times(&variants[v]);
		}
		report(variants[v].name, diff, rounds);
	}
	printf("%-28s %9.2f\n", "percent-disturbed",
	       100.0 * disturbed / measured);
	for (r = 0; r < rounds; r++)
		close(fd[r]);
}

/* Connections: tables of class ct */

#define HOT		24576	/* packets of one connection in a round */
#define NEW		16384	/* new connections of UDP */
#define NEW_TCP		512	/* new ones of TCP, also closed */
#define SESSIONS_RULE(table) \
	CT_ID "[ dict match key int/4 reg 1 \"" table "\" . \"application\" long_string == \"NETFLIX\" ]\n"

enum { CONNS_NONE, CONNS_HASHED, CONNS_CT, CONNS_VARIANTS };

static const char * const conns_bodies[CONNS_VARIANTS] = {
	[CONNS_NONE]	= "",
	[CONNS_HASHED]	= SESSIONS_RULE("hashed"),
	[CONNS_CT]	= SESSIONS_RULE("sessions"),
};

/*
 * Sends a packet to each of @n addresses, those in @order or, without it, from
 * @first on. Each address has a connection, which its first packet opens. A
 * rule drops the packets before they are received. Stores nanoseconds per
 * packet of each system call in @t.
 */
static void send_each(int fd, const uint32_t *order, unsigned int first,
		      unsigned int n, double *t)
{
	static struct sockaddr_in to[BATCH];
	static struct mmsghdr m[BATCH];
	struct iovec iov = { "", 1 };
	unsigned int i, j, address;
	double start;

	for (i = 0; i < n; i += BATCH) {
		for (j = 0; j < BATCH; j++) {
			address = order ? order[i + j] : first + i + j;
			to[j].sin_family = AF_INET;
			to[j].sin_port = htons(PORT);
			to[j].sin_addr.s_addr = htonl(0x7f010000 + address);
			m[j].msg_hdr.msg_name = &to[j];
			m[j].msg_hdr.msg_namelen = sizeof(to[j]);
			m[j].msg_hdr.msg_iov = &iov;
			m[j].msg_hdr.msg_iovlen = 1;
		}
		start = now();
		if (sendmmsg(fd, m, BATCH, 0) != BATCH)
			err(1, "sendmmsg");
		t[i / BATCH] = (now() - start) / BATCH;
	}
}

struct ids {
	uint32_t	*ids;
	unsigned int	n;
	unsigned int	found;
};

static int id_of_tuple(const struct nlattr *attr, void *data)
{
	const struct nlattr **tb = data;

	if (mnl_attr_get_type(attr) <= CTA_MAX)
		tb[mnl_attr_get_type(attr)] = attr;

	return MNL_CB_OK;
}

static int id_of_message(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *tb[CTA_MAX + 1] = {}, *ip[CTA_MAX + 1] = {};
	struct ids *ids = data;
	uint32_t address;

	mnl_attr_parse(nlh, sizeof(struct nfgenmsg), id_of_tuple, tb);
	if (!tb[CTA_TUPLE_ORIG] || !tb[CTA_ID])
		return MNL_CB_OK;
	mnl_attr_parse_nested(tb[CTA_TUPLE_ORIG], id_of_tuple, ip);
	if (!ip[CTA_TUPLE_IP])
		return MNL_CB_OK;
	mnl_attr_parse_nested(ip[CTA_TUPLE_IP], id_of_tuple, tb);
	if (!tb[CTA_IP_V4_DST])
		return MNL_CB_OK;
	address = ntohl(mnl_attr_get_u32(tb[CTA_IP_V4_DST])) - 0x7f010000;
	if (address < ids->n) {
		ids->found += !ids->ids[address];
		ids->ids[address] = ntohl(mnl_attr_get_u32(tb[CTA_ID]));
	}

	return MNL_CB_OK;
}

/* Returns the ids of the connections to the first @n addresses. */
static uint32_t *connection_ids(unsigned int n)
{
	struct ids ids = { calloc(n, sizeof(*ids.ids)), n };
	static char buf[1 << 16];
	struct nlmsghdr *nlh;
	ssize_t len;
	int rc;

	nlh = header(message, NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_GET,
		     NLM_F_DUMP, AF_INET, 0);
	if (!ids.ids || mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) < 0)
		err(1, "conntrack");
	do {
		len = mnl_socket_recvfrom(nl, buf, sizeof(buf));
		rc = len < 0 ? -1 : mnl_cb_run(buf, len, nlh->nlmsg_seq, portid,
					       id_of_message, &ids);
	} while (rc > 0);
	if (rc < 0)
		err(1, "conntrack");
	if (ids.found != n)
		errx(1, "%u of %u connections are tracked", ids.found, n);

	return ids.ids;
}

/* Writes a row for each id, except those that two connections have. */
static void fill_sessions(const char *table, const uint32_t *sorted,
			  unsigned int n)
{
	const struct shape shape = { table, 3, false, true };
	struct nlmsghdr *nlh = NULL;
	unsigned int i, rows = 0;

	for (i = 0; i < n; i++) {
		if ((i && sorted[i - 1] == sorted[i]) ||
		    (i + 1 < n && sorted[i + 1] == sorted[i]))
			continue;
		if (!nlh)
			nlh = rows_header(table);
		put_row(nlh, &shape, sorted[i], i, 5);
		if (++rows % PER_MESSAGE)
			continue;
		transact(message, nlh->nlmsg_len, nlh->nlmsg_seq);
		nlh = NULL;
	}
	if (nlh)
		transact(message, nlh->nlmsg_len, nlh->nlmsg_seq);
}

static int compare_ids(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static void load_conns_rule(const char *loader, unsigned int index,
			    unsigned int times)
{
	unsigned int i;
	FILE *f;

	f = popen(loader, "w");
	if (!f)
		err(1, "%s", loader);
	for (i = 0; i < times; i++) {
		if (i % (KEYS / RULES) == 0)
			fprintf(f, "ip b v%u\n", index);
		fputs(conns_bodies[index % CONNS_VARIANTS], f);
	}
	fprintf(f, "[ counter pkts 0 bytes 0 ]\n");
	if (pclose(f))
		errx(1, "cannot load rule %u", index);
}

/*
 * Sends a batch to each of the addresses in @order, of which there are @n,
 * batches of the variants in turn: a disturbance of the machine lasts longer
 * than a batch and affects all. @mark is that of the first variant. Stores in
 * @ns the lower quartile of each variant's batches, per packet.
 */
static void send_in_turn(int fd, const uint32_t *order, unsigned int n,
			 unsigned int mark, unsigned int round,
			 double ns[CONNS_VARIANTS])
{
	unsigned int v, i, batches = n / BATCH / CONNS_VARIANTS;
	double t[CONNS_VARIANTS][batches];

	for (i = 0; i < batches * CONNS_VARIANTS; i++) {
		v = (i + round) % CONNS_VARIANTS;
		set_mark(fd, mark + v);
		send_each(fd, order + i * BATCH, 0, BATCH,
			  &t[v][i / CONNS_VARIANTS]);
	}
	for (v = 0; v < CONNS_VARIANTS; v++)
		ns[v] = quartile(t[v], batches);
}

static void report_conns(const char *name, double ns[][CONNS_VARIANTS],
			 unsigned int rounds, unsigned int times)
{
	static const char * const names[CONNS_VARIANTS] = {
		[CONNS_HASHED]	= "hashed",
		[CONNS_CT]	= "ct",
	};
	unsigned int v, r;
	double diff[rounds];
	char full[64];

	for (v = CONNS_HASHED; v < CONNS_VARIANTS; v++) {
		for (r = 0; r < rounds; r++)
			diff[r] = (ns[r][v] - ns[r][CONNS_NONE]) / times;
		snprintf(full, sizeof(full), "%s-%s", name, names[v]);
		report(full, diff, rounds);
	}
}

/* Times rules hot, on one connection, and cold, one packet for each in turn. */
static void bench_sessions(const char *loader, int fd, unsigned int n,
			   unsigned int rounds)
{
	double hot[rounds][CONNS_VARIANTS], cold[rounds][CONNS_VARIANTS];
	uint32_t *order = calloc(n, sizeof(*order)), swap, same[HOT];
	double t[n / BATCH];
	unsigned int v, r, i, j;

	if (!order)
		err(1, "calloc");
	for (i = 0; i < n; i++)
		order[i] = i;
	for (i = n - 1; i; i--) {
		j = random() % (i + 1);
		swap = order[i];
		order[i] = order[j];
		order[j] = swap;
	}
	for (v = 0; v < 2 * CONNS_VARIANTS; v++) {
		char command[64];

		snprintf(command, sizeof(command), "nft add chain ip b v%u", v);
		run(command);
		load_conns_rule(loader, v, v < CONNS_VARIANTS ? KEYS : 1);
	}
	/* The first packet of a connection stores where its row is. */
	choose_rule(loader, CONNS_VARIANTS + CONNS_CT);
	send_each(fd, order, 0, n, t);
	choose_by_mark(2 * CONNS_VARIANTS);
	for (r = 0; r < rounds; r++) {
		for (i = 0; i < HOT; i++)
			same[i] = order[r];
		send_in_turn(fd, same, HOT, 0, r, hot[r]);
		send_in_turn(fd, order, n, CONNS_VARIANTS, r, cold[r]);
	}
	for (v = 0; v < 2 * CONNS_VARIANTS; v++) {
		if (!counted(loader, v))
			errx(1, "rule %u: no packet came to its end", v);
	}
	free(order);
	report_conns("conns-hot", hot, rounds, KEYS);
	report_conns("conns-cold", cold, rounds, 1);
}

/* A network namespace in which connections are opened. */
struct space {
	int	net;
	int	udp;
	int	listener;
};

static void enter(const struct space *s)
{
	if (setns(s->net, CLONE_NEWNET))
		err(1, "setns");
}

/* Moves this process to a new namespace, which is to open connections. */
static void prepare_space(struct space *s)
{
	struct sockaddr_in sa = {
		.sin_family	= AF_INET,
		.sin_port	= htons(PORT),
		.sin_addr	= { htonl(INADDR_LOOPBACK) },
	};
	int one = 1;

	if (unshare(CLONE_NEWNET))
		err(1, "unshare");
	run("ip link set lo up");
	s->net = open("/proc/self/ns/net", O_RDONLY);
	s->udp = socket(AF_INET, SOCK_DGRAM, 0);
	s->listener = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(s->listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (s->net < 0 || bind(s->udp, (void *)&sa, sizeof(sa)) ||
	    bind(s->listener, (void *)&sa, sizeof(sa)) ||
	    listen(s->listener, 16))
		err(1, "namespace");
	run("nft 'add table ip b; add chain ip b keep { type filter hook output priority 10; }; add rule ip b keep ct state new counter; add chain ip b end { type filter hook prerouting priority -400; }; add rule ip b end udp dport 7777 drop'");
	run("cd /proc/sys/net/netfilter && echo 1000000 | tee nf_conntrack_udp_timeout_stream nf_conntrack_udp_timeout >/dev/null");
}

/*
 * Uses memory that new connections get afterwards: what the guest has never
 * used costs page faults of the host.
 */
static void use_memory(size_t size)
{
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (p == MAP_FAILED)
		err(1, "mmap");
	munmap(p, size);
}

/* Returns nanoseconds for a TCP connection with itself, until it is closed. */
static double open_tcp(const struct space *s)
{
	struct sockaddr_in sa = {
		.sin_family	= AF_INET,
		.sin_port	= htons(PORT),
		.sin_addr	= { htonl(INADDR_LOOPBACK) },
	};
	struct linger linger = { .l_onoff = 1 };
	double start;
	int a, b;

	enter(s);
	start = now();
	a = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(a, (void *)&sa, sizeof(sa)))
		err(1, "connect");
	b = accept(s->listener, NULL, NULL);
	if (b < 0)
		err(1, "accept");
	/* Ports are few: reset, so that none stays in TIME_WAIT. */
	setsockopt(a, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	close(a);
	close(b);

	return now() - start;
}

/*
 * Reports @without, and as the time with a table the median of that plus what
 * each round took longer with the table.
 */
static void report_pair(const char *name, double *without, double *with,
			unsigned int rounds)
{
	double all[rounds], base;
	char full[64];
	unsigned int r;

	memcpy(all, without, sizeof(all));
	base = median(all, rounds);
	for (r = 0; r < rounds; r++)
		all[r] = base + with[r] - without[r];
	report(name, without, rounds);
	snprintf(full, sizeof(full), "%s-with-table", name);
	report(full, all, rounds);
}

/*
 * Times new connections with a table of class ct and without one: in two
 * namespaces at the same time, a batch in each in turn, so that a disturbance
 * of the machine affects both. Each round the other one has the table, and the
 * connections get the memory of those of the round before. Those of the
 * namespace this started in stay, in the hash table that all share.
 */
static void bench_new(unsigned int rounds)
{
	double udp[2][rounds], tcp[2][rounds], t[2][NEW / BATCH], u[2][NEW_TCP];
	struct space spaces[2];
	unsigned int r, i, k, with;

	use_memory(1 << 30);
	prepare_space(&spaces[0]);
	prepare_space(&spaces[1]);
	/* The first round is not counted. */
	for (i = 0; i < 2; i++)
		for (r = 0; r < NEW; r += BATCH)
			send_each(spaces[i].udp, NULL, r, BATCH, t[0]);
	for (r = 0; r < rounds; r++) {
		for (i = 0; i < 2; i++) {
			enter(&spaces[i]);
			run("conntrack -F >/dev/null 2>&1");
		}
		enter(&spaces[r % 2]);
		dict("create new key ct");
		/* Wait for work that this started in the background. */
		sleep(2);
		for (i = 0; i < 2 * NEW / BATCH; i++) {
			k = i % 2;
			send_each(spaces[k].udp, NULL, i / 2 * BATCH, BATCH,
				  &t[k ^ r % 2][i / 2]);
		}
		for (i = 0; i < 2 * NEW_TCP; i++) {
			k = i % 2;
			u[k ^ r % 2][i / 2] = open_tcp(&spaces[k]);
		}
		/* The namespace with the table comes first. */
		for (with = 0; with < 2; with++) {
			udp[with][r] = quartile(t[!with], NEW / BATCH);
			tcp[with][r] = quartile(u[!with], NEW_TCP);
		}
		enter(&spaces[r % 2]);
		dict("destroy new");
	}
	report_pair("new-udp", udp[0], udp[1], rounds);
	report_pair("new-tcp", tcp[0], tcp[1], rounds);
}

static void bench_conns(const char *loader, unsigned int n, unsigned int rounds)
{
	struct sockaddr_in sa = {
		.sin_family	= AF_INET,
		.sin_port	= htons(PORT),
		.sin_addr	= { htonl(INADDR_LOOPBACK) },
	};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	uint32_t *ids;

	if (rounds > 64 || n < 100000 || n > 8 << 20)
		errx(2, "up to 64 rounds, and 100000 to %u connections",
		     8 << 20);
	n -= n % BATCH;
	if (bind(fd, (void *)&sa, sizeof(sa)))
		err(1, "socket");
	run("nft 'flush ruleset; add table ip b; add chain ip b o { type filter hook output priority 0; }; add chain ip b keep { type filter hook output priority 10; }; add rule ip b keep ct state new counter; add chain ip b end { type filter hook prerouting priority -400; }; add rule ip b end udp dport 7777 drop'");
	run("cd /proc/sys/net/netfilter && echo 1000000 | tee nf_conntrack_udp_timeout_stream nf_conntrack_udp_timeout >/dev/null && echo 1048576 >nf_conntrack_buckets && echo 8000000 >nf_conntrack_max");
	dict("create sessions key ct");
	dict("create hashed");
	send_each(fd, NULL, 0, n, malloc(n / BATCH * sizeof(double)));
	ids = connection_ids(n);
	qsort(ids, n, sizeof(*ids), compare_ids);
	fill_sessions("sessions", ids, n);
	fill_sessions("hashed", ids, n);
	free(ids);
	bench_sessions(loader, fd, n, rounds);
	close(fd);
	run("nft flush ruleset");
	dict("destroy sessions");
	dict("destroy hashed");
	bench_new(rounds);
}

/* Two CPUs */

#define CPU_ROWS	1000
#define CPU_CALLS	100	/* system calls in one measurement */

/* A write to a row that no CPU looks up. */
#define WRITE_OTHER	"[ payload load 4b @ network header + 12 => reg 1 ]\n" \
			"[ dict set key int/4 reg 1 \"conns\" . \"field5\" int 6 ]\n"

enum { CPUS_NONE, CPUS_READ, CPUS_FIND, CPUS_SUB, CPUS_QUOTA, CPUS_VARIANTS };

/*
 * A packet takes about 2 us and each repetition 10 ns: with two CPUs that
 * send, one write a packet is about one a microsecond.
 */
static const struct variant cpu_variants[CPUS_VARIANTS] = {
	[CPUS_NONE]	= { "none", NULL, -1, false, true, HOT_KEY },
	[CPUS_READ]	= { "read", "[ dict load key int/4 reg 1 \"conns\" . \"field4\" int => int reg 2 ]\n" INT_CMP,
			    CPUS_NONE, false, true, HOT_KEY },
	/* The lookup that is part of "sub", without a writer. */
	[CPUS_FIND]	= { "find", "[ dict load key int/4 reg 1 \"conns\" . \"field6\" int => int reg 2 ]\n",
			    CPUS_NONE, false, true, HOT_KEY },
	[CPUS_SUB]	= { "sub", "[ dict sub key int/4 reg 1 \"conns\" . \"field6\" int 1 ]\n",
			    CPUS_NONE, false, true, HOT_KEY },
	[CPUS_QUOTA]	= { "quota", NULL, CPUS_NONE, false, false, "" },
};

/* Shared by the processes of one measurement. */
struct race {
	atomic_uint	ready;
	double		ns[2][CPUS_VARIANTS];
};

/* One sender: batches of the variants in turn, each begun by all at once. */
static void race_one(struct race *race, int fd, unsigned int cpus, unsigned int i)
{
	double t[CPUS_VARIANTS][CPU_CALLS];
	unsigned int n, v, key;
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(i, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		err(1, "CPU %u", i);
	for (n = 0; n < CPUS_VARIANTS * CPU_CALLS; n++) {
		v = n % CPUS_VARIANTS;
		key = v == CPUS_SUB || v == CPUS_FIND ? 1 : 1 + 500 * i;
		set_mark(fd, v);
		atomic_fetch_add(&race->ready, 1);
		while (atomic_load(&race->ready) < cpus * (n + 1))
			;
		t[v][n / CPUS_VARIANTS] =
			send_packets(fd, &cpu_variants[CPUS_NONE], CPU_ROWS,
				     key, 1);
	}
	for (v = 0; v < CPUS_VARIANTS; v++)
		race->ns[i][v] = quartile(t[v], CPU_CALLS);
}

/*
 * Sends from @cpus processes at once, one on each CPU, with a connection each.
 * Stores the variants' nanoseconds per packet, the mean of the processes, in
 * @ns.
 */
static void race(struct race *race, const int *fd, unsigned int cpus,
		 double ns[CPUS_VARIANTS])
{
	unsigned int i, v;
	int status;

	atomic_store(&race->ready, 0);
	for (i = 0; i < cpus; i++) {
		if (fork())
			continue;
		race_one(race, fd[i], cpus, i);
		_exit(0);
	}
	for (i = 0; i < cpus; i++)
		if (wait(&status) < 0 || status)
			errx(1, "a sender failed");
	for (v = 0; v < CPUS_VARIANTS; v++) {
		ns[v] = 0;
		for (i = 0; i < cpus; i++)
			ns[v] += race->ns[i][v] / cpus;
	}
}

/* Loads the rules of a variant to chain "v@index". */
static void load_cpu_rule(const char *loader, unsigned int index)
{
	const struct variant *v = &cpu_variants[index];
	char command[1024];
	unsigned int i, n;
	FILE *f;

	snprintf(command, sizeof(command), "nft add chain ip b v%u", index);
	run(command);
	if (index == CPUS_QUOTA) {
		n = snprintf(command, sizeof(command), "nft add rule ip b v%u",
			     index);
		for (i = 0; i < KEYS / RULES; i++)
			n += snprintf(command + n, sizeof(command) - n,
				      " quota name q");
		run("nft add quota ip b q '{ 1000000 mbytes; }'");
		for (i = 0; i < RULES; i++)
			run(command);
		return;
	}
	f = popen(loader, "w");
	if (!f)
		err(1, "%s", loader);
	if (index == CPUS_READ)
		fprintf(f, "ip b v%u\n" WRITE_OTHER, index);
	for (i = 0; i < KEYS; i++) {
		if (i % (KEYS / RULES) == 0)
			fprintf(f, "ip b v%u\n%s", index, v->once);
		if (v->body)
			fputs(v->body, f);
	}
	if (pclose(f))
		errx(1, "cannot load variant %s", v->name);
}

static void bench_cpus(const char *loader, unsigned int rounds)
{
	static const struct shape sessions = { "conns", 10, false, true };
	double ns[2][rounds][CPUS_VARIANTS], diff[rounds];
	unsigned int v, r, cpus, id;
	struct race *shared;
	char name[32];
	int fd[2];

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		errx(1, "this needs two CPUs");
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		err(1, "mmap");
	run("nft 'flush ruleset; add table ip b; add chain ip b o { type filter hook output priority 0; }; add chain ip b keep { type filter hook output priority 10; }; add rule ip b keep ct state new counter'");
	for (r = 0; r < 2; r++)
		fd[r] = connection(PORT + r, &id);
	write_rows(&sessions, CPU_ROWS);
	for (v = 0; v < CPUS_VARIANTS; v++)
		load_cpu_rule(loader, v);
	choose_by_mark(CPUS_VARIANTS);
	for (r = 0; r < rounds; r++)
		for (cpus = 1; cpus <= 2; cpus++)
			race(shared, fd, cpus, ns[cpus - 1][r]);
	for (cpus = 1; cpus <= 2; cpus++) {
		for (v = CPUS_NONE + 1; v < CPUS_VARIANTS; v++) {
			for (r = 0; r < rounds; r++)
				diff[r] = (ns[cpus - 1][r][v] -
					   ns[cpus - 1][r][CPUS_NONE]) / KEYS;
			snprintf(name, sizeof(name), "cpus-%u-%s", cpus,
				 cpu_variants[v].name);
			report(name, diff, rounds);
		}
	}
}

/* Patterns */

#define UNSEEN		1024	/* twice as many strings as are remembered */
#define FEW		16	/* packets in one measurement */

/**
 * struct unseen - patterns, and strings that their set has not seen
 * @name: their name in the report
 * @len: bytes of a string
 * @number: number of patterns
 * @worst: patterns of which all positions stay possible at every byte of the
 *	string, otherwise some that few strings come near
 */
struct unseen {
	const char	*name;
	unsigned int	len;
	unsigned int	number;
	bool		worst;
};

/* As many patterns of 128 bytes as fit a rule. */
#define WORST		17

static const struct unseen unseen[] = {
	{ "unseen-none", 128, 0 },
	{ "unseen-128", 128, 1 },
	{ "unseen-4095", 4095, 1 },
	{ "unseen-128-worst-one", 128, 1, true },
	{ "unseen-4095-worst-one", 4095, 1, true },
	{ "unseen-128-worst", 128, WORST, true },
	{ "unseen-4095-worst", 4095, WORST, true },
};

/* Writes rows with strings of a's that end in a number. */
static void write_strings(const struct unseen *u)
{
	static char string[4096];
	struct nlattr *row, *nest;
	struct nlmsghdr *nlh;
	unsigned int i;

	memset(string, 'a', u->len);
	for (i = 0; i < UNSEEN; i++) {
		snprintf(string + u->len - 6, 7, "%06u", i);
		nlh = rows_header("unseen");
		row = mnl_attr_nest_start(nlh, NFDICTA_ROW);
		nest = mnl_attr_nest_start(nlh, NFDICTA_ROW_KEY);
		mnl_attr_put_u64(nlh, NFDICTA_KEY_INT, htobe64(KEY(i)));
		mnl_attr_nest_end(nlh, nest);
		nest = mnl_attr_nest_start(nlh, NFDICTA_ROW_FIELDS);
		put_string(nlh, "text", string);
		mnl_attr_nest_end(nlh, nest);
		mnl_attr_nest_end(nlh, row);
		transact(message, nlh->nlmsg_len, nlh->nlmsg_seq);
	}
}

static void load_patterns(const char *loader, const struct unseen *u)
{
	char pattern[129];
	unsigned int i;
	FILE *f;

	run("nft 'flush ruleset; add table ip b; add chain ip b o { type filter hook output priority 0; }'");
	f = popen(loader, "w");
	if (!f)
		err(1, "%s", loader);
	fprintf(f, "ip b o\n" HOT_KEY);
	if (u->number) {
		memset(pattern, 'a', sizeof(pattern));
		strcpy(pattern, u->worst ? "*" : "*blocked*");
		if (u->worst)
			pattern[1] = 'a';
		fprintf(f, "[ dict match key int/4 reg 1 \"unseen\" . \"text\" long_string == {");
		for (i = 0; i < u->number; i++) {
			if (u->worst)
				snprintf(pattern + 126, 3, "%02u", 50 + i);
			fprintf(f, " \"%s\"", pattern);
		}
		fprintf(f, " } ]\n");
	}
	fprintf(f, "[ counter pkts 0 bytes 0 ]\n");
	if (pclose(f))
		errx(1, "cannot load %s", u->name);
}

static void bench_patterns(const char *loader, unsigned int rounds)
{
	static uint32_t data[FEW];
	struct mmsghdr m[FEW] = {};
	double ns[ARRAY_SIZE(unseen)][rounds], start, t;
	unsigned int r, i, j, pass, next = 0, id;
	struct iovec iov[FEW];
	int fd;

	run("nft 'flush ruleset; add table ip b; add chain ip b o { type filter hook output priority 0; }; add rule ip b o ct state new counter'");
	fd = connection(PORT, &id);
	for (i = 0; i < FEW; i++) {
		iov[i] = (struct iovec){ &data[i], sizeof(data[i]) };
		m[i].msg_hdr.msg_iov = &iov[i];
		m[i].msg_hdr.msg_iovlen = 1;
	}
	for (i = 0; i < ARRAY_SIZE(unseen); i++) {
		write_strings(&unseen[i]);
		load_patterns(loader, &unseen[i]);
		for (r = 0; r < rounds; r++) {
			for (pass = 0; pass < 20 * PASSES; pass++) {
				for (j = 0; j < FEW; j++)
					data[j] = htonl(KEY(next++ % UNSEEN));
				start = now();
				if (sendmmsg(fd, m, FEW, 0) != FEW)
					err(1, "sendmmsg");
				t = (now() - start) / FEW;
				if (recvmmsg(fd, m, FEW, 0, NULL) != FEW)
					err(1, "recvmmsg");
				if (!pass || t < ns[i][r])
					ns[i][r] = t;
			}
		}
	}
	t = median(ns[0], rounds);
	for (i = 1; i < ARRAY_SIZE(unseen); i++) {
		for (r = 0; r < rounds; r++)
			ns[i][r] -= t;
		report(unseen[i].name, ns[i], rounds);
	}
	close(fd);
}

/* Writes */

/*
 * Returns nanoseconds to overwrite a field of a row of @nfields through /proc.
 * One system call writes many, so that its own cost hardly counts.
 */
static double overwrite(int fd, unsigned int nfields, unsigned int round)
{
	static char lines[500][64];
	struct iovec iov[ARRAY_SIZE(lines)];
	unsigned int i;
	double start;

	for (i = 0; i < ARRAY_SIZE(lines); i++) {
		iov[i].iov_base = lines[i];
		iov[i].iov_len = snprintf(lines[i], sizeof(lines[i]),
					  "table=o,key_int=%u,field=f%u,string=v%u",
					  nfields, i % nfields,
					  (round + i) % 7);
	}
	start = now();
	if (writev(fd, iov, ARRAY_SIZE(lines)) < 0)
		err(1, "write to /proc");

	return (now() - start) / ARRAY_SIZE(lines);
}

static void bench_writes(unsigned int rounds)
{
	static const struct shape shape = { "w", 10 };
	double field[rounds], element[rounds], proc[rounds], start;
	double one[rounds], sixty[rounds];
	unsigned int r, i, n = 20000, ack;
	static char *copies[64];
	static size_t lens[64];
	static unsigned int acks[64];
	char line[128];
	int fd, len;

	if (n / PER_MESSAGE > ARRAY_SIZE(copies))
		errx(1, "too many rows");
	fd = open("/proc/net/dict/write", O_WRONLY);
	if (fd < 0)
		err(1, "/proc/net/dict/write");
	for (r = 0; r < rounds; r++) {
		/* Messages are made beforehand: only the kernel is timed. */
		for (i = 0; i < n / PER_MESSAGE; i++) {
			lens[i] = rows_message(&shape, i * PER_MESSAGE,
					       PER_MESSAGE, r, &acks[i]);
			copies[i] = malloc(lens[i]);
			memcpy(copies[i], message, lens[i]);
		}
		start = now();
		for (i = 0; i < n / PER_MESSAGE; i++)
			transact(copies[i], lens[i], acks[i]);
		field[r] = (now() - start) / n / 10;
		for (i = 0; i < n / PER_MESSAGE; i++)
			free(copies[i]);

		run("nft 'flush ruleset; add table ip b; add set ip b s { type ipv4_addr; }'");
		for (i = 0; i < n / PER_MESSAGE; i++) {
			lens[i] = elements_message("s", i * PER_MESSAGE,
						   PER_MESSAGE, false, &ack);
			acks[i] = ack;
			copies[i] = malloc(lens[i]);
			memcpy(copies[i], message, lens[i]);
		}
		start = now();
		for (i = 0; i < n / PER_MESSAGE; i++)
			transact(copies[i], lens[i], acks[i]);
		element[r] = (now() - start) / n;
		for (i = 0; i < n / PER_MESSAGE; i++)
			free(copies[i]);

		start = now();
		for (i = 0; i < n; i++) {
			len = snprintf(line, sizeof(line),
				       "table=p,key_int=%u,field=field%u,int=%u",
				       KEY(i / 10), i % 10, r);
			if (write(fd, line, len) != len)
				err(1, "write to /proc");
		}
		proc[r] = (now() - start) / n;

		/* The first call creates fields, the second overwrites them. */
		overwrite(fd, 1, r);
		one[r] = overwrite(fd, 1, r + 1);
		overwrite(fd, 60, r);
		sixty[r] = overwrite(fd, 60, r + 1);

		/* Half of the rounds write rows that are there already. */
		if (r & 1) {
			dict("flush w");
			dict("flush p");
		}
	}
	close(fd);
	report("netlink-field", field, rounds);
	report("netlink-set-element", element, rounds);
	report("proc-write", proc, rounds);
	report("proc-overwrite-1-field", one, rounds);
	report("proc-overwrite-60-fields", sixty, rounds);
}

/* Memory */

/* Returns kilobytes of kernel memory in use, without the page cache. */
static double kernel_memory(void)
{
	char line[128];
	double kb, sum = 0;
	FILE *f;

	/* Let memory be freed that waits for a grace period. */
	usleep(300000);
	f = fopen("/proc/meminfo", "r");
	if (!f)
		err(1, "/proc/meminfo");
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "Slab: %lf", &kb) == 1 ||
		    sscanf(line, "VmallocUsed: %lf", &kb) == 1)
			sum += kb;
	fclose(f);

	return sum;
}

/*
 * Adds a session as in the user's guide: ten fields, of which the server's name
 * is one of a thousand, the client's and the user's one of 500.
 */
static void write_session(struct nlmsghdr *nlh, unsigned int i)
{
	static const char * const apps[] = {
		"DNS", "NETFLIX", "GMAIL", "BITTORRENT", "SSL", "HTTP", "QUIC",
	};
	struct nlattr *row, *key, *fields, *field;
	uint32_t ip;
	char s[64];

	row = mnl_attr_nest_start(nlh, NFDICTA_ROW);
	key = mnl_attr_nest_start(nlh, NFDICTA_ROW_KEY);
	mnl_attr_put_u64(nlh, NFDICTA_KEY_INT, htobe64(KEY(i)));
	mnl_attr_nest_end(nlh, key);
	fields = mnl_attr_nest_start(nlh, NFDICTA_ROW_FIELDS);
	field = mnl_attr_nest_start(nlh, NFDICTA_ROW_FIELD);
	mnl_attr_put_strz(nlh, NFDICTA_FIELD_NAME, "session_id");
	mnl_attr_put_u64(nlh, NFDICTA_FIELD_INT64, htobe64(12341210 + i));
	mnl_attr_nest_end(nlh, field);
	field = mnl_attr_nest_start(nlh, NFDICTA_ROW_FIELD);
	mnl_attr_put_strz(nlh, NFDICTA_FIELD_NAME, "client");
	ip = htonl(0xc0a80000 | i % 500);
	mnl_attr_put(nlh, NFDICTA_FIELD_IPV4_ADDR, 4, &ip);
	mnl_attr_nest_end(nlh, field);
	field = mnl_attr_nest_start(nlh, NFDICTA_ROW_FIELD);
	mnl_attr_put_strz(nlh, NFDICTA_FIELD_NAME, "client_port");
	mnl_attr_put_u32(nlh, NFDICTA_FIELD_INT, htonl(1024 + i % 60000));
	mnl_attr_nest_end(nlh, field);
	put_string(nlh, "client_country", "XL");
	put_string(nlh, "server_country", i % 3 ? "US" : "CN");
	snprintf(s, sizeof(s), "www.server%u.example.org", i % 1000);
	put_string(nlh, "dns_prediction", s);
	put_string(nlh, "application", apps[i % ARRAY_SIZE(apps)]);
	snprintf(s, sizeof(s), "IP/TCP/%s", apps[i % ARRAY_SIZE(apps)]);
	put_string(nlh, "application_chain", s);
	snprintf(s, sizeof(s), "host-%u", i % 500);
	put_string(nlh, "client_hostname", s);
	snprintf(s, sizeof(s), "user%u", i % 500);
	put_string(nlh, "username", s);
	mnl_attr_nest_end(nlh, fields);
	mnl_attr_nest_end(nlh, row);
}

#define SESSION_FIELDS	"field session_id int64 field client ipv4_addr " \
			"field client_port int field client_country long_string " \
			"field server_country long_string " \
			"field dns_prediction long_string " \
			"field application long_string " \
			"field application_chain long_string " \
			"field client_hostname long_string " \
			"field username long_string"

/* Prints the bytes that each of @rows sessions takes, with its bucket. */
static void measure_memory(const char *table, const char *declares,
			   const char *name, unsigned int rows)
{
	double before, after;
	struct nlmsghdr *nlh;
	unsigned int i, j;
	char command[512];

	snprintf(command, sizeof(command), "create %s key int %s", table,
		 declares);
	dict(command);
	before = kernel_memory();
	for (i = 0; i < rows; i += PER_MESSAGE) {
		nlh = rows_header(table);
		for (j = i; j < i + PER_MESSAGE && j < rows; j++)
			write_session(nlh, j);
		transact(message, nlh->nlmsg_len, nlh->nlmsg_seq);
	}
	after = kernel_memory();
	printf("%-28s %9.1f\n", name, (after - before) * 1024 / rows);
	snprintf(command, sizeof(command), "stats %s", table);
	dict(command);
}

static void bench_memory(unsigned int rows)
{
	measure_memory("memory", "", "memory-per-row", rows);
	measure_memory("declared", SESSION_FIELDS, "memory-per-declared-row",
		       rows);
}

int main(int argc, char **argv)
{
	netlink_open();
	if (argc >= 5 && !strcmp(argv[1], "packets"))
		bench_packets(argv[2], atoi(argv[3]), atoi(argv[4]),
			      argc > 5);
	else if (argc == 5 && !strcmp(argv[1], "conns"))
		bench_conns(argv[2], atoi(argv[3]), atoi(argv[4]));
	else if (argc == 4 && !strcmp(argv[1], "patterns"))
		bench_patterns(argv[2], atoi(argv[3]));
	else if (argc == 4 && !strcmp(argv[1], "cpus"))
		bench_cpus(argv[2], atoi(argv[3]));
	else if (argc == 3 && !strcmp(argv[1], "writes"))
		bench_writes(atoi(argv[2]));
	else if (argc == 3 && !strcmp(argv[1], "memory"))
		bench_memory(atoi(argv[2]));
	else
		errx(2, "usage: see the head of dict-bench.c");

	return 0;
}
