// SPDX-License-Identifier: GPL-2.0
/*
 * Makes each allocation of a request about dict tables fail, one at a time: the
 * n-th one for n = 1, 2, ... until the request makes fewer than n allocations.
 *
 * usage: nfnetlink_dict_fail
 *
 * It checks each time that the request succeeds or returns ENOMEM or ENOBUFS,
 * that it was applied in full or not at all (a message of many rows: up to one
 * of them), and that a listener receives an event for a change, or ENOBUFS.
 * Leaks and double frees are left to the kernel's checkers (KASAN, kmemleak).
 *
 * Needs a kernel with CONFIG_FAILSLAB and CONFIG_FAULT_INJECTION_DEBUG_FS.
 */
#define _GNU_SOURCE

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <unistd.h>

#include "../../kselftest.h"
#include "nf_dict_mnl.h"

#define DEBUGFS		"/sys/kernel/debug"
#define FAILSLAB	DEBUGFS "/failslab"
#define BUFFER		(256 * 1024)
/* Rows in the message of make_rows_new(). */
#define ROWS		20
/* The most fields that a test gives to a row. */
#define FIELDS		9
/* More allocations than any request makes. */
#define FAULTS_MAX	2000

static char request[BUFFER], reply[BUFFER];
static struct mnl_socket *sock;
static int fail_nth, listener;

static void die(const char *what)
{
	ksft_exit_fail_msg("%s: %s\n", what, strerror(errno));
}

/*
 * Faults
 */

static bool put_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) > 0;

	if (fd >= 0)
		close(fd);

	return ok;
}

/* Make the n-th allocation from now on fail; 0: none. */
static void arm(unsigned int n)
{
	char text[16];

	sprintf(text, "%u", n);
	if (pwrite(fail_nth, text, strlen(text), 0) < 0)
		die("fail-nth");
}

/* End failures; return true if there was one. */
static bool disarm(void)
{
	char text[16] = "";

	if (pread(fail_nth, text, sizeof(text) - 1, 0) < 0)
		die("fail-nth");
	arm(0);

	return atoi(text) == 0;
}

/*
 * Messages
 */

static struct mnl_socket *open_socket(int room, int group)
{
	struct mnl_socket *s = nfnl_open(room, group);

	if (!s)
		die("netlink socket");

	return s;
}

static struct nlmsghdr *message(int type, int flags, const char *table)
{
	if ((flags & NLM_F_DUMP) != NLM_F_DUMP)
		flags |= NLM_F_ACK;

	return dict_msg(request, type, flags, table);
}

/* Odd keys are strings. */
static struct dict_key key_of(unsigned int number)
{
	static char name[32];

	if (number % 2 == 0)
		return KEY_INT(number);
	sprintf(name, "key-%u", number);

	return key_str(name);
}

/* Put a row with fields @first to @last, of several types. */
static void put_numbered(struct nlmsghdr *nlh, unsigned int number,
			 unsigned int first, unsigned int last,
			 const char *prefix)
{
	static const char address[] = "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0";
	struct dict_field fields[FIELDS + 1] = {};
	char names[FIELDS][16], texts[FIELDS][64];
	unsigned int i, n;

	for (i = first, n = 0; i <= last; i++, n++) {
		sprintf(names[n], "field%u", i);
		sprintf(texts[n], "%s of %u, %u", prefix, number, i);
		if (!*prefix)
			fields[n] = NAME(names[n]);
		else if (i % 3 == 1)
			fields[n] = str(names[n], texts[n]);
		else if (i % 3 == 2)
			fields[n] = BYTES(names[n], IPV6_ADDR, address, 16);
		else
			fields[n] = INT(names[n], *prefix);
	}
	put_row_array(nlh, key_of(number), fields);
}

static int transact(const struct nlmsghdr *nlh)
{
	return nfnl_talk(sock, nlh, reply, sizeof(reply));
}

static void must(const struct nlmsghdr *nlh)
{
	int err = transact(nlh);

	if (err)
		ksft_exit_fail_msg("a message without a fault: %s\n",
				   strerror(-err));
}

/*
 * State
 */

static uint64_t hash(uint64_t h, const void *data, size_t len)
{
	const uint8_t *p = data;

	while (len--)
		h = (h ^ *p++) * 0x100000001b3ULL;

	return h;
}

/* Leave out padding, which depends on the position in the buffer. */
static uint64_t hash_attr(uint64_t h, const struct nlattr *attr)
{
	const struct nlattr *nested;

	if (attr->nla_len == MNL_ATTR_HDRLEN)
		return h;
	if (!(attr->nla_type & NLA_F_NESTED))
		return hash(h, attr, attr->nla_len);

	h = hash(h, &attr->nla_type, sizeof(attr->nla_type));
	mnl_attr_for_each_nested(nested, attr)
		h = hash_attr(h, nested);

	return h;
}

static uint64_t hash_message(const struct nlmsghdr *nlh)
{
	uint64_t h = hash(0xcbf29ce484222325ULL, &nlh->nlmsg_type,
			  sizeof(nlh->nlmsg_type));
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(struct nfgenmsg))
		if (mnl_attr_get_type(attr) != NFDICTA_STATS)
			h = hash_attr(h, attr);

	return h;
}

/* A hash of all tables and rows that does not depend on their order. */
static uint64_t state(void)
{
	static const int types[] = { NFDICT_MSG_TABLE_GET, NFDICT_MSG_ROW_GET };
	const struct nlmsghdr *nlh;
	uint64_t sum = 0;
	unsigned int i;
	ssize_t len;
	bool done;
	int n;

	for (i = 0; i < 2; i++) {
		nlh = message(types[i], NLM_F_DUMP, NULL);
		if (send(mnl_socket_get_fd(sock), nlh, nlh->nlmsg_len, 0) < 0)
			die("send");
		do {
			len = recv(mnl_socket_get_fd(sock), reply,
				   sizeof(reply), 0);
			if (len < 0)
				die("recv");
			n = len;
			done = false;
			for (nlh = (void *)reply; mnl_nlmsg_ok(nlh, n);
			     nlh = mnl_nlmsg_next(nlh, &n)) {
				if (nlh->nlmsg_type == NLMSG_DONE)
					done = true;
				else
					sum += hash_message(nlh);
			}
		} while (!done);
	}

	return sum;
}

/* Discard the listener's events. Return true if there were or it lost any. */
static bool told(void)
{
	bool any = false;
	ssize_t len;

	for (;;) {
		len = recv(listener, reply, sizeof(reply), MSG_DONTWAIT);
		if (len < 0 && errno == EAGAIN)
			return any;
		if (len < 0 && errno != ENOBUFS)
			die("events");
		any = true;
	}
}

/* Start from the same few tables and rows each time. */
static void begin(void)
{
	static const char * const tables[] = { "a", "b", "new", "proc" };
	unsigned int i;
	int err;

	for (i = 0; i < 4; i++) {
		err = transact(message(NFDICT_MSG_TABLE_DEL, 0, tables[i]));
		if (err && err != -ENOENT)
			ksft_exit_fail_msg("delete %s: %s\n", tables[i],
					   strerror(-err));
	}
	must(message(NFDICT_MSG_TABLE_NEW, NLM_F_CREATE, "b"));
	for (i = 0; i < 4; i++) {
		struct nlmsghdr *nlh = message(NFDICT_MSG_ROW_NEW,
					       NLM_F_CREATE, "a");

		put_numbered(nlh, i, 1, 6, "old");
		must(nlh);
	}
	told();
}

/*
 * Requests
 */

/* Send the request in the buffer, and receive the whole answer. */
static int send_request(void)
{
	return transact((struct nlmsghdr *)request);
}

static void make_table_new(unsigned int part)
{
	struct nlmsghdr *nlh = message(NFDICT_MSG_TABLE_NEW,
				       NLM_F_CREATE | NLM_F_EXCL, "new");

	mnl_attr_put_u32(nlh, NFDICTA_SIZE, htonl(5));
}

static void make_table_change(unsigned int part)
{
	struct nlmsghdr *nlh = message(NFDICT_MSG_TABLE_NEW, NLM_F_REPLACE, "a");

	mnl_attr_put_u64(nlh, NFDICTA_TIMEOUT, htobe64(3600000));
}

static void make_table_get(unsigned int part)
{
	message(NFDICT_MSG_TABLE_GET, 0, "a");
}

static void make_table_del(unsigned int part)
{
	message(NFDICT_MSG_TABLE_DEL, 0, "a");
}

static void make_table_flush(unsigned int part)
{
	message(NFDICT_MSG_TABLE_FLUSH, 0, "a");
}

static void make_table_swap(unsigned int part)
{
	struct nlmsghdr *nlh = message(NFDICT_MSG_TABLE_SWAP, 0, "a");

	mnl_attr_put_strz(nlh, NFDICTA_TABLE2, "b");
}

static void make_row_new(unsigned int part)
{
	struct nlmsghdr *nlh = message(NFDICT_MSG_ROW_NEW, NLM_F_CREATE, "a");

	put_numbered(nlh, 9, 1, 9, "new");
}

static void make_row_new_in_new_table(unsigned int part)
{
	struct nlmsghdr *nlh;

	/* The table is kept even if writing the row fails. */
	if (!part) {
		message(NFDICT_MSG_TABLE_NEW, NLM_F_CREATE, "new");
		return;
	}
	nlh = message(NFDICT_MSG_ROW_NEW, NLM_F_CREATE, "new");
	put_numbered(nlh, 1, 1, 3, "new");
}

static void make_row_set_in_place(unsigned int part)
{
	struct nlmsghdr *nlh = message(NFDICT_MSG_ROW_NEW, 0, "a");

	put_numbered(nlh, 1, 3, 3, "new");
}

static void make_row_set_string(unsigned int part)
{
	struct nlmsghdr *nlh = message(NFDICT_MSG_ROW_NEW, 0, "a");

	put_numbered(nlh, 1, 4, 4, "new");
}

static void make_row_set_more(unsigned int part)
{
	struct nlmsghdr *nlh = message(NFDICT_MSG_ROW_NEW, 0, "a");

	put_numbered(nlh, 2, 5, 12, "new");
}

static void make_row_replace(unsigned int part)
{
	struct nlmsghdr *nlh = message(NFDICT_MSG_ROW_NEW, NLM_F_REPLACE, "a");

	put_numbered(nlh, 2, 20, 24, "new");
}

/* The first @part rows of the message; each row is a state of its own. */
static void make_rows_new(unsigned int part)
{
	struct nlmsghdr *nlh = message(NFDICT_MSG_ROW_NEW, NLM_F_CREATE, "b");
	unsigned int i;

	for (i = 0; i < part; i++)
		put_numbered(nlh, i, 1, 3, "new");
}

static void make_row_get(unsigned int part)
{
	struct nlmsghdr *nlh = message(NFDICT_MSG_ROW_GET, 0, "a");
	unsigned int i;

	for (i = 0; i < 4; i++)
		put_row_key(nlh, key_of(i));
}

static void make_row_del(unsigned int part)
{
	struct nlmsghdr *nlh = message(NFDICT_MSG_ROW_DEL, 0, "a");

	put_row_key(nlh, key_of(1));
}

static void make_row_del_fields(unsigned int part)
{
	struct nlmsghdr *nlh = message(NFDICT_MSG_ROW_DEL, 0, "a");

	put_numbered(nlh, 2, 2, 5, "");
}

static void make_dump_tables(unsigned int part)
{
	message(NFDICT_MSG_TABLE_GET, NLM_F_DUMP, NULL);
}

static void make_dump_rows(unsigned int part)
{
	message(NFDICT_MSG_ROW_GET, NLM_F_DUMP, NULL);
}

static void make_dump_filtered(unsigned int part)
{
	struct nlmsghdr *nlh = message(NFDICT_MSG_ROW_GET, NLM_F_DUMP, "a");

	put_key_as(nlh, NFDICTA_KEY, key_of(2));
	mnl_attr_put_strz(nlh, NFDICTA_FIELD, "field3");
}

static int proc_write(const char *node, const char *text)
{
	int fd = open(node, O_WRONLY), err = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		err = -errno;
	close(fd);

	return err;
}

static int send_proc_new(void)
{
	return proc_write("/proc/net/dict/write",
			  "table=a,key_int=40,field=field40,string=forty");
}

static int send_proc_set(void)
{
	return proc_write("/proc/net/dict/write",
			  "table=a,key_int=2,field=field1,string=two");
}

static int send_proc_delete(void)
{
	return proc_write("/proc/net/dict/delete", "table=a,key_int=2");
}

static int proc_read(int fd)
{
	ssize_t len;

	do {
		len = read(fd, reply, 100);
	} while (len > 0);

	return len ? -errno : 0;
}

static int send_proc_all(void)
{
	int fd = open("/proc/net/dict/all", O_RDONLY), err;

	if (fd < 0)
		return -errno;
	err = proc_read(fd);
	close(fd);

	return err;
}

static int send_proc_read(void)
{
	static const char select[] = "table=a,key_int=2";
	int fd = open("/proc/net/dict/read", O_RDWR), err = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, select, strlen(select)) < 0)
		err = -errno;
	if (!err)
		err = proc_read(fd);
	close(fd);

	return err;
}

/**
 * struct trial - a request to try with all faults
 * @name: what it does
 * @make: makes the message, or the first @part rows of it
 * @send: sends it; returns an error
 * @parts: number of parts that can take effect one after the other; 0: all or
 *	nothing
 * @changes: it changes something
 */
struct trial {
	const char	*name;
	void		(*make)(unsigned int part);
	int		(*send)(void);
	unsigned int	parts;
	bool		changes;
};

#define MESSAGE(f, parts, changes)					\
	{ #f, make_##f, send_request, parts, changes }
#define PROC(f, changes)						\
	{ #f, NULL, send_##f, 0, changes }

static const struct trial trials[] = {
	MESSAGE(table_new, 0, true),
	MESSAGE(table_change, 0, true),
	MESSAGE(table_get, 0, false),
	MESSAGE(table_del, 0, true),
	MESSAGE(table_flush, 0, true),
	MESSAGE(table_swap, 0, true),
	MESSAGE(row_new, 0, true),
	MESSAGE(row_new_in_new_table, 1, true),
	MESSAGE(row_set_in_place, 0, true),
	MESSAGE(row_set_string, 0, true),
	MESSAGE(row_set_more, 0, true),
	MESSAGE(row_replace, 0, true),
	MESSAGE(rows_new, ROWS, true),
	MESSAGE(row_get, 0, false),
	MESSAGE(row_del, 0, true),
	MESSAGE(row_del_fields, 0, true),
	MESSAGE(dump_tables, 0, false),
	MESSAGE(dump_rows, 0, false),
	MESSAGE(dump_filtered, 0, false),
	PROC(proc_new, true),
	PROC(proc_set, true),
	PROC(proc_delete, true),
	PROC(proc_all, false),
	PROC(proc_read, false),
};

static bool try_fault(const struct trial *t, unsigned int n,
		      const uint64_t *states, unsigned int nstates, bool *hit)
{
	uint64_t now;
	unsigned int i;
	bool heard;
	int err;

	begin();
	if (t->make)
		t->make(t->parts ?: 1);
	arm(n);
	err = t->send();
	*hit = disarm();
	heard = told();

	if (err && err != -ENOMEM && err != -ENOBUFS) {
		ksft_print_msg("fault %u: %s\n", n, strerror(-err));
		return false;
	}
	if (err && !*hit) {
		ksft_print_msg("no fault: %s\n", strerror(-err));
		return false;
	}
	/* The socket may have the rest of a dump queued, or miss an answer. */
	if (err) {
		mnl_socket_close(sock);
		sock = open_socket(0, 0);
	}

	now = state();
	for (i = nstates; i && now != states[i - 1]; i--)
		;
	if (!i) {
		ksft_print_msg("fault %u: neither as before nor as it should be\n",
			       n);
		return false;
	}
	if (!err && i != nstates) {
		ksft_print_msg("fault %u: told that all is well, but it is not\n",
			       n);
		return false;
	}
	if (t->changes && i > 1 && !heard) {
		ksft_print_msg("fault %u: the listener does not know\n", n);
		return false;
	}

	return true;
}

static void try_all(const struct trial *t)
{
	uint64_t states[ROWS + 2];
	unsigned int i, n, nstates = 0;
	bool hit = true, ok = true, changed;

	/* The valid states: before, and after each part. */
	begin();
	states[nstates++] = state();
	for (i = t->parts == 1 ? 0 : 1; i <= (t->parts ?: 1); i++) {
		begin();
		if (t->make)
			t->make(i);
		if (t->send())
			ksft_exit_fail_msg("%s fails without a fault\n",
					   t->name);
		states[nstates++] = state();
	}
	changed = states[0] != states[nstates - 1];
	if (t->changes != changed)
		ksft_exit_fail_msg("%s does not do what it should\n", t->name);

	for (n = 1; ok && hit && n < FAULTS_MAX; n++)
		ok = try_fault(t, n, states, nstates, &hit);
	/* All but the last run must have had a fault, and at least one did. */
	if (ok && (hit || n < 3)) {
		ksft_print_msg("%u faults: too many or too few\n", n - 2);
		ok = false;
	}
	ksft_test_result(ok, "%s: %u faults\n", t->name, n - 2);
}

static void mount_debugfs(void)
{
	if (!access(FAILSLAB, F_OK))
		return;
	if (mount("debugfs", DEBUGFS, "debugfs", 0, NULL) ||
	    access(FAILSLAB, F_OK))
		ksft_exit_skip("needs CONFIG_FAILSLAB and its files in debugfs\n");
}

int main(void)
{
	const unsigned int ntrials = ARRAY_SIZE(trials);
	struct mnl_socket *other;
	unsigned int i;

	ksft_print_header();
	if (geteuid() || unshare(CLONE_NEWNET))
		ksft_exit_skip("needs root\n");
	fail_nth = open("/proc/thread-self/fail-nth", O_RDWR);
	if (fail_nth < 0)
		ksft_exit_skip("needs CONFIG_FAULT_INJECTION\n");
	mount_debugfs();
	if (system("modprobe -q nf_dict_procfs"))
		ksft_print_msg("no module nf_dict_procfs\n");
	sock = open_socket(0, 0);
	if (transact(message(NFDICT_MSG_TABLE_GET, NLM_F_DUMP, NULL)))
		ksft_exit_skip("no NETFILTER_NETLINK_DICT in this kernel\n");

	other = open_socket(4 * BUFFER, NFNLGRP_DICT);
	listener = mnl_socket_get_fd(other);

	/* Include GFP_KERNEL allocations, and do not log each failure. */
	if (!put_file(FAILSLAB "/ignore-gfp-wait", "N"))
		die(FAILSLAB "/ignore-gfp-wait");
	put_file(FAILSLAB "/verbose", "0");

	ksft_set_plan(ntrials);
	for (i = 0; i < ntrials; i++) {
		if (!trials[i].make && access("/proc/net/dict/all", F_OK)) {
			ksft_test_result_skip("%s\n", trials[i].name);
			continue;
		}
		try_all(&trials[i]);
	}

	put_file(FAILSLAB "/ignore-gfp-wait", "Y");
	put_file(FAILSLAB "/verbose", "2");
	mnl_socket_close(other);
	mnl_socket_close(sock);
	ksft_finished();
}
