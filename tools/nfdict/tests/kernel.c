// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of libnfdict on a kernel with dict tables, as a daemon uses it. Prints
 * TAP. Run as root in a network namespace of its own.
 *
 * Copyright (C) 2026 The nft_dict authors
 */
#include <errno.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

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
	fflush(stdout);
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

static struct nfdict *open_or_die(void)
{
	struct nfdict *nd = nfdict_open();

	if (!nd) {
		printf("Bail out! %s\n", strerror(errno));
		exit(1);
	}
	return nd;
}

/* Writes a row of one number. */
static int set(struct nfdict *nd, const char *table, uint64_t key, int64_t num,
	       unsigned int flags)
{
	struct nfdict_field field;
	struct nfdict_row row = { .fields = &field, .nfields = 1 };

	nfdict_key_int(&row.key, key);
	nfdict_field_num(&field, "n", NFDICT_INT64, num);
	nfdict_tag(nd, key);
	return nfdict_row_set(nd, table, &row, flags);
}

/* Reads the number from a row; -1 if there is none. */
static int64_t get(struct nfdict *nd, const char *table, uint64_t num)
{
	const struct nfdict_value *value;
	struct nfdict_row *row;
	struct nfdict_key key;
	int64_t result = -1;

	nfdict_key_int(&key, num);
	if (nfdict_row_read(nd, table, &key, &row))
		return -1;
	value = nfdict_row_value(row, "n");
	if (value && value->type == NFDICT_INT64)
		result = value->num;
	nfdict_row_free(row);
	return result;
}

static void test_read(struct nfdict *nd)
{
	struct nfdict_field fields[3];
	struct nfdict_row row = { .fields = fields, .nfields = 3 }, *copy;
	const struct nfdict_value *value;
	struct nfdict_key key;

	begin();
	nfdict_key_parse(&row.key, "user");
	nfdict_field_num(&fields[0], "n", NFDICT_INT, -5);
	nfdict_field_bytes(&fields[1], "s", NFDICT_LONG_STRING, "a b", 3);
	nfdict_field_bytes(&fields[2], "a", NFDICT_IPV4_ADDR, "\1\2\3\4", 4);
	CHECK(!nfdict_row_set(nd, "read", &row, NFDICT_F_CREATE));
	CHECK(!nfdict_row_read(nd, "read", &row.key, &copy));
	/* Another request on the handle does not change the copy. */
	nfdict_key_int(&key, 1);
	CHECK(nfdict_table_get(nd, "none", &(struct nfdict_table){}) == -ENOENT);
	CHECK(copy->nfields == 3 && copy->key.type == NFDICT_KEY_STRING);
	value = nfdict_row_value(copy, "s");
	CHECK(value && value->len == 3 && !memcmp(value->str, "a b", 3));
	value = nfdict_row_value(copy, "n");
	CHECK(value && value->num == -5);
	value = nfdict_row_value(copy, "a");
	CHECK(value && !memcmp(value->addr, "\1\2\3\4", 4));
	CHECK(!nfdict_row_value(copy, "x"));
	nfdict_row_free(copy);
	CHECK(nfdict_row_read(nd, "read", &key, &copy) == -ENOENT && !copy);
	CHECK(!strcmp(nfdict_strerror(nfdict_error(nd)), "row does not exist"));
	CHECK(nfdict_row_read(nd, "none", &key, &copy) == -ENOENT && !copy);
	CHECK(!strcmp(nfdict_strerror(nfdict_error(nd)),
		      "table does not exist"));
	end("a row is read without a callback");
}

/**
 * struct told - errors reported to a callback
 *
 * @n: number of errors
 * @tags: labels of the requests that failed
 * @stop_at: number of the error at which to stop, or 0
 * @text: text of the last error
 */
struct told {
	unsigned int n;
	unsigned long tags[64];
	unsigned int stop_at;
	char text[256];
};

static int tell(const struct nfdict_error *error, void *data)
{
	struct told *told = data;

	if (told->n < ARRAY_SIZE(told->tags))
		told->tags[told->n] = error->tag;
	told->n++;
	nfdict_error_print(error, told->text, sizeof(told->text));
	return told->n == told->stop_at ? error->code : 0;
}

static void test_errors(struct nfdict *nd)
{
	struct told told = {};
	unsigned int i, rows;

	begin();
	for (i = 10; i < 1000; i += 100)
		CHECK(!set(nd, "errors", i, 1, NFDICT_F_CREATE));
	nfdict_batch_begin(nd);
	nfdict_batch_errors(nd, tell, &told);
	for (i = 0; i < 1000; i++)
		CHECK(!set(nd, "errors", i, 2,
			   NFDICT_F_CREATE | NFDICT_F_EXCL));
	CHECK(!nfdict_batch_end(nd));
	CHECK(told.n == 10, "%u", told.n);
	for (i = 0; i < told.n && i < 10; i++)
		CHECK(told.tags[i] == 10 + 100 * i, "%lu", told.tags[i]);
	CHECK(!strcmp(told.text, "errors: 910: row exists already"), "%s",
	      told.text);
	for (i = 0, rows = 0; i < 1000; i++)
		rows += get(nd, "errors", i) == (i % 100 == 10 ? 1 : 2);
	CHECK(rows == 1000, "%u", rows);
	end("every row that is refused is told, all others are written");

	begin();
	memset(&told, 0, sizeof(told));
	nfdict_batch_begin(nd);
	nfdict_batch_errors(nd, tell, &told);
	for (i = 0; i < 5; i++)
		set(nd, "none", i, 2, 0);
	set(nd, "errors", 5, 3, 0);
	CHECK(!nfdict_table_delete(nd, "neither"));
	set(nd, "errors", 6, 3, 0);
	CHECK(!nfdict_batch_end(nd));
	CHECK(told.n == 6 && told.tags[0] == 0 && told.tags[4] == 4 &&
	      told.tags[5] == 5, "%u", told.n);
	CHECK(!strcmp(told.text, "neither: table does not exist"), "%s",
	      told.text);
	CHECK(get(nd, "errors", 5) == 3 && get(nd, "errors", 6) == 3);
	end("so is every row for a table that does not exist");

	begin();
	memset(&told, 0, sizeof(told));
	told.stop_at = 2;
	nfdict_batch_begin(nd);
	nfdict_batch_errors(nd, tell, &told);
	set(nd, "errors", 2000, 4, 0);
	set(nd, "errors", 7, 4, 0);
	set(nd, "errors", 2001, 4, 0);
	set(nd, "errors", 8, 4, 0);
	CHECK(nfdict_batch_end(nd) == -ENOENT);
	CHECK(told.n == 2 && told.tags[1] == 2001, "%u", told.n);
	CHECK(get(nd, "errors", 7) == 4 && get(nd, "errors", 8) == 2);
	end("the callback may stop");

	begin();
	nfdict_batch_begin(nd);
	for (i = 0; i < 3; i++)
		CHECK(!set(nd, "errors", i, 5, 0));
	set(nd, "errors", 3000, 5, 0);
	set(nd, "errors", 3, 5, 0);
	CHECK(nfdict_table_flush(nd, "errors") == -ENOENT);
	CHECK(nfdict_error(nd)->tag == 3000 && nfdict_error(nd)->kernel &&
	      nfdict_error(nd)->request == NFDICT_REQUEST_ROW_SET);
	CHECK(!nfdict_batch_end(nd));
	CHECK(get(nd, "errors", 2) == 5 && get(nd, "errors", 3) == 2);
	end("without one, a batch ends at the first error");
}

static void test_async(struct nfdict *nd)
{
	struct pollfd fd = { .fd = nfdict_fd(nd), .events = POLLIN };
	unsigned int i;

	begin();
	nfdict_batch_begin(nd);
	CHECK(!nfdict_batch_result(nd));
	for (i = 0; i < 100; i++)
		CHECK(!set(nd, "async", i, i, NFDICT_F_CREATE));
	CHECK(poll(&fd, 1, 0) == 0);
	CHECK(!nfdict_batch_send(nd));
	CHECK(poll(&fd, 1, 10000) == 1);
	CHECK(!nfdict_batch_result(nd));
	CHECK(poll(&fd, 1, 0) == 0);
	set(nd, "async", 100, 100, 0);
	CHECK(!nfdict_batch_send(nd));
	/* A request queued meanwhile is not sent before the answer. */
	CHECK(set(nd, "async", 101, 101, NFDICT_F_CREATE) == -ENOENT);
	CHECK(!nfdict_batch_end(nd));
	CHECK(get(nd, "async", 99) == 99 && get(nd, "async", 101) == -1);
	nfdict_batch_begin(nd);
	set(nd, "async", 100, 100, 0);
	CHECK(!nfdict_batch_send(nd));
	CHECK(poll(&fd, 1, 10000) == 1);
	CHECK(nfdict_batch_result(nd) == -ENOENT && nfdict_error(nd)->tag == 100);
	CHECK(!nfdict_batch_end(nd));
	end("a batch is sent, and its result awaited with poll()");
}

static void test_add(struct nfdict *nd)
{
	struct nfdict_field fields[2];
	struct nfdict_row row = { .fields = fields, .nfields = 2 };
	struct nfdict_key key;
	unsigned int i;

	begin();
	nfdict_key_int(&key, 1);
	CHECK(!set(nd, "add", 1, 100, NFDICT_F_CREATE));
	CHECK(!nfdict_row_add(nd, "add", &key, "n", 50) && get(nd, "add", 1) == 150);
	CHECK(!nfdict_row_add(nd, "add", &key, "n", -30) && get(nd, "add", 1) == 120);
	nfdict_batch_begin(nd);
	for (i = 0; i < 1000; i++)
		CHECK(!nfdict_row_add(nd, "add", &key, "n", 1));
	CHECK(!nfdict_batch_end(nd) && get(nd, "add", 1) == 1120);
	row.key = key;
	nfdict_field_num(&fields[0], "n", NFDICT_INT64, 20);
	fields[0].op = NFDICT_OP_SUB;
	nfdict_field_num(&fields[1], "other", NFDICT_INT, 7);
	CHECK(!nfdict_row_set(nd, "add", &row, 0) && get(nd, "add", 1) == 1100);
	CHECK(nfdict_row_set(nd, "add", &row, NFDICT_F_CREATE) == -EINVAL &&
	      !nfdict_error(nd)->kernel);
	CHECK(!nfdict_row_add(nd, "add", &key, "n", INT64_MAX) &&
	      get(nd, "add", 1) == INT64_MAX);
	CHECK(nfdict_row_add(nd, "add", &key, "none", 1) == -ENOENT);
	nfdict_key_int(&key, 2);
	CHECK(nfdict_row_add(nd, "add", &key, "n", 1) == -ENOENT);
	CHECK(get(nd, "add", 2) == -1);
	end("numbers are added to");
}

struct heard {
	unsigned int n;
	unsigned int own;
	uint32_t portid;
	char last[NFDICT_NAME_MAX + 1];
};

static int hear(const struct nfdict_event *event, void *data)
{
	struct heard *heard = data;

	heard->n++;
	heard->own += event->portid == heard->portid;
	strcpy(heard->last, event->table);
	return 0;
}

/* Reads all pending events. Return: number of datagrams, or an error. */
static int hear_all(struct nfdict *listener, struct heard *heard)
{
	struct pollfd fd = { .fd = nfdict_fd(listener), .events = POLLIN };
	int datagrams = 0, err;

	heard->n = 0;
	heard->own = 0;
	while (poll(&fd, 1, 100) == 1) {
		err = nfdict_events(listener, hear, heard);
		if (err)
			return err;
		datagrams++;
	}
	return datagrams;
}

static int fill(struct nfdict *nd, const char *table, unsigned int n)
{
	unsigned int i;

	nfdict_batch_begin(nd);
	for (i = 0; i < n; i++)
		set(nd, table, i, i, NFDICT_F_CREATE);
	return nfdict_batch_end(nd);
}

static void test_events(struct nfdict *nd)
{
	struct heard heard = { .portid = nfdict_portid(nd) };
	struct nfdict *listener = open_or_die(), *other = open_or_die();
	char long_name[NFDICT_NAME_MAX + 1] = {};
	const char *tables[100] = { "quiet", "a", long_name };
	int ret;

	begin();
	CHECK(heard.portid && heard.portid != nfdict_portid(other));
	CHECK(!nfdict_listen(listener, 1 << 20));
	CHECK(!set(nd, "quiet", 1, 1, NFDICT_F_CREATE));
	CHECK(hear_all(listener, &heard) > 0 && heard.n == 2 && heard.own == 2,
	      "%u of %u", heard.own, heard.n);
	CHECK(!set(other, "quiet", 1, 3, 0));
	CHECK(hear_all(listener, &heard) == 1 && heard.n == 1 && !heard.own);
	CHECK(!fill(nd, "quiet", 1000));
	ret = hear_all(listener, &heard);
	CHECK(ret > 10 && ret < 100 && heard.n == 1000, "%d, %u", ret, heard.n);
	end("events say whose they are, and come together");
	nfdict_close(listener);

	begin();
	memset(long_name, 'n', NFDICT_NAME_MAX);
	listener = open_or_die();
	CHECK(!nfdict_listen_tables(listener, tables, 3));
	CHECK(!nfdict_listen(listener, 16384));
	CHECK(!fill(nd, "busy", 50000));
	CHECK(!fill(nd, "quiez", 1000) && !fill(nd, "quie", 1000) &&
	      !fill(nd, "quiet2", 1000));
	CHECK(hear_all(listener, &heard) == 0, "%u of %s", heard.n, heard.last);
	CHECK(!set(nd, "quiet", 1, 4, 0));
	CHECK(hear_all(listener, &heard) == 1 && heard.n == 1 &&
	      !strcmp(heard.last, "quiet"));
	CHECK(!set(nd, "a", 1, 4, NFDICT_F_CREATE));
	CHECK(hear_all(listener, &heard) > 0 && heard.n == 2 &&
	      !strcmp(heard.last, "a"));
	CHECK(!set(nd, long_name, 1, 4, NFDICT_F_CREATE));
	CHECK(hear_all(listener, &heard) > 0 && heard.n == 2 &&
	      !strcmp(heard.last, long_name));
	CHECK(!nfdict_table_swap(nd, "busy", "quiet"));
	CHECK(hear_all(listener, &heard) == 1 && heard.n == 1);
	/* The buffer is too small for the events of all tables. */
	CHECK(!nfdict_listen_tables(listener, NULL, 0));
	CHECK(!fill(nd, "busy", 50000));
	CHECK(hear_all(listener, &heard) == -ENOBUFS);
	for (ret = 0; ret < 100; ret++)
		tables[ret] = long_name;
	CHECK(!nfdict_listen_tables(listener, tables, 10));
	CHECK(nfdict_listen_tables(listener, tables, 100) == -E2BIG);
	end("a listener of some tables loses nothing to others");
	nfdict_close(listener);
	nfdict_close(other);
}

static void on_alarm(int sig)
{
	(void)sig;
}

static int no_event(const struct nfdict_event *event, void *data)
{
	(void)event;
	(void)data;
	return 0;
}

static void test_waits(void)
{
	struct itimerval timer = { .it_value = { .tv_usec = 100000 } };
	struct sigaction action = {
		.sa_handler = on_alarm, .sa_flags = SA_RESTART,
	};
	struct nfdict *nd = open_or_die();

	/* Simulate a request that the kernel does not answer. */
	begin();
	nfdict_batch_begin(nd);
	set(nd, "waits", 1, 1, NFDICT_F_CREATE);
	nd->sent = true;
	CHECK(nfdict_batch_result(nd) == -EAGAIN);
	nfdict_set_timeout(nd, 50);
	CHECK(nfdict_batch_flush(nd) == -ETIMEDOUT);
	CHECK(!strcmp(nfdict_strerror(nfdict_error(nd)),
		      "the kernel does not answer"));
	CHECK(!nfdict_batch_end(nd));
	end("a wait ends after its time");

	begin();
	sigaction(SIGALRM, &action, NULL);
	nfdict_set_timeout(nd, -1);
	nfdict_batch_begin(nd);
	set(nd, "waits", 1, 1, NFDICT_F_CREATE);
	nd->sent = true;
	setitimer(ITIMER_REAL, &timer, NULL);
	CHECK(nfdict_batch_end(nd) == -EINTR);
	CHECK(!nfdict_listen(nd, 0));
	setitimer(ITIMER_REAL, &timer, NULL);
	CHECK(nfdict_events(nd, no_event, NULL) == -EINTR);
	end("a signal ends every wait");
	nfdict_close(nd);
}

static void drop_capabilities(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2] = {};

	CHECK(!syscall(SYS_capset, &header, data));
}

/* nfnetlink answers the first message of many, and drops the others. */
static void test_rights(struct nfdict *nd)
{
	struct told told = {};

	begin();
	drop_capabilities();
	alarm(20);
	nfdict_batch_begin(nd);
	nfdict_table_create(nd, "rights", 0, 0, 0);
	CHECK(set(nd, "rights", 1, 1, NFDICT_F_CREATE) == -EPERM);
	set(nd, "rights", 2, 1, NFDICT_F_CREATE);
	CHECK(set(nd, "rights2", 3, 1, NFDICT_F_CREATE) == -EPERM);
	set(nd, "rights2", 4, 1, NFDICT_F_CREATE);
	CHECK(nfdict_batch_end(nd) == -EPERM);
	nfdict_batch_begin(nd);
	nfdict_batch_errors(nd, tell, &told);
	nfdict_tag(nd, 1);
	nfdict_table_create(nd, "rights", 0, 0, 0);
	set(nd, "rights", 2, 1, NFDICT_F_CREATE);
	set(nd, "rights", 3, 1, NFDICT_F_CREATE);
	CHECK(!nfdict_batch_end(nd));
	CHECK(told.n == 3 && told.tags[0] == 1 && told.tags[1] == 2 &&
	      told.tags[2] == 3, "%u", told.n);
	alarm(0);
	end("capabilities that are dropped end a batch, and do not hang it");
}

int main(void)
{
	struct nfdict *nd = open_or_die();

	begin();
	CHECK(!strcmp(nfdict_version(), NFDICT_VERSION));
	end("the library has the header's version");
	test_read(nd);
	test_errors(nd);
	test_async(nd);
	test_add(nd);
	test_events(nd);
	test_waits();
	test_rights(nd);
	nfdict_close(nd);
	printf("1..%d\n", ntests);
	return nfailed ? 1 : 0;
}
