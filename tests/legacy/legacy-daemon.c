// SPDX-License-Identifier: GPL-2.0-only
/*
 * A client like the daemons that were written for the original module, which
 * use /proc/net/dict and rely on how it behaved.
 *
 * usage: legacy-daemon [SECONDS]
 *
 * Prints TAP. Run as root; it makes a network namespace of its own. Tests
 * single operations first, then, for SECONDS (default 3), all at once: threads
 * that write sessions and delete them as connections end, others that read
 * single rows, and a cleaner that lists everything and deletes what is left
 * over.
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define DIR		"/proc/net/dict/"
#define THREADS		6
#define NAMES_MAX	4000

static unsigned int tests, failed;

static void result(bool good, const char *what)
{
	printf("%s %u - %s\n", good ? "ok" : "not ok", ++tests, what);
	failed += !good;
}

/* Writes an entry as they do: open, one write, close. Returns 0 or an errno. */
static int put(const char *node, const char *fmt, ...)
{
	char text[8192];
	int fd, len, ret = 0;
	va_list ap;

	va_start(ap, fmt);
	len = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	fd = open(node, O_WRONLY);
	if (fd < 0)
		return errno;
	if (write(fd, text, len) != len)
		ret = errno ?: EIO;
	close(fd);

	return ret;
}

#define set(...)	put(DIR "write", __VA_ARGS__)
#define del(...)	put(DIR "delete", __VA_ARGS__)

/* Reads a descriptor to its end in small parts, as they do; to be freed. */
static char *slurp(int fd)
{
	size_t len = 0, room = 4096;
	char *text = malloc(room);
	ssize_t n;

	while ((n = read(fd, text + len, room - len - 1)) > 0) {
		len += n;
		if (room - len < 1024)
			text = realloc(text, room *= 2);
	}
	text[len] = '\0';

	return text;
}

/* Writes a selection to a descriptor and returns what it then reads from it. */
static char *get(const char *fmt, ...)
{
	char text[512], *answer;
	va_list ap;
	int fd;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	fd = open(DIR "read", O_RDWR);
	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		err(1, "select %s", text);
	answer = slurp(fd);
	close(fd);

	return answer;
}

/**
 * struct entry - a line, split as they do: at blanks and colons
 * @table: name of the table
 * @key_type: such as key_int
 * @key: the key
 * @field: name of the field
 * @type: such as string
 * @value: the rest of the line
 */
struct entry {
	char	table[129];
	char	key_type[16];
	char	key[129];
	char	field[129];
	char	type[16];
	char	value[4096];
};

/* Splits the line at *@text and goes to the next. Returns false at the end. */
static bool next_entry(char **text, struct entry *e, unsigned int *broken)
{
	char *end = strchr(*text, '\n');
	int n = 0;

	if (!end)
		return false;
	*end = '\0';
	if (sscanf(*text, "table: %128s %15[^:]: %128s field: %128s %15[^:]: %n",
		   e->table, e->key_type, e->key, e->field, e->type, &n) != 5 ||
	    !n || strlen(*text + n) >= sizeof(e->value))
		++*broken;
	else
		strcpy(e->value, *text + n);
	*text = end + 1;

	return true;
}

/* Returns the value of a field of a session, "" if it does not exist. */
static const char *session_field(unsigned int id, const char *field)
{
	static __thread struct entry e;
	unsigned int broken = 0;
	char *answer, *text;

	answer = get("table=sessions,key_int=%u,field=%s", id, field);
	text = answer;
	if (!next_entry(&text, &e, &broken) || broken || *text)
		e.value[0] = '\0';
	free(answer);

	return e.value;
}

/* Returns the joined names of @id's certificate, 185 to NAMES_MAX bytes. */
static const char *cert_names(unsigned int id)
{
	static __thread char names[NAMES_MAX + 64];
	unsigned int len = 0, want = 185 + id * 101 % (NAMES_MAX - 184);

	while (len < want)
		len += sprintf(names + len, "%swww%u.example%u.org",
			       len ? "|" : "", len, id);
	names[want] = '\0';

	return names;
}

static int write_session(unsigned int id)
{
	return set("table=sessions,key_int=%u,field=ip_protocol,int=6", id) ?:
	       set("table=sessions,key_int=%u,field=client,ip=192.168.1.%u",
		   id, id % 256) ?:
	       set("table=sessions,key_int=%u,field=server6,ip6=2001:db8::%x",
		   id, id % 65536) ?:
	       set("table=sessions,key_int=%u,field=session_id,int64=%llu", id,
		   1ULL << 40 | id) ?:
	       set("table=sessions,key_int=%u,field=bypassed,bool=%s", id,
		   id % 2 ? "true" : "false") ?:
	       set("table=sessions,key_int=%u,field=mac,mac=0:1:2:3:%x:%x", id,
		   id % 256, id / 256 % 256) ?:
	       set("table=sessions,key_int=%u,field=cert_dns_names,string=%s",
		   id, cert_names(id)) ?:
	       set("table=sessions,key_int=%u,field=application,string=SSL", id);
}

static void test_entries(void)
{
	unsigned int broken = 0, n = 0, names = 0;
	char *text, *answer;
	struct entry e;
	unsigned int i;
	int ret = 0;

	for (i = 0; i < 100; i++)
		ret = ret ?: write_session(i);
	result(!ret, "each entry in an open, a write and a close");

	answer = get("table=sessions");
	text = answer;
	while (next_entry(&text, &e, &broken)) {
		n++;
		names += !strcmp(e.field, "cert_dns_names") &&
			 !strcmp(e.value, cert_names(atoi(e.key)));
	}
	free(answer);
	result(n == 800 && !broken, "come back as lines");
	result(names == 100, "long strings whole");
	result(!strcmp(session_field(7, "client"), "192.168.1.7") &&
	       !strcmp(session_field(7, "server6"),
		       "2001:0db8:0000:0000:0000:0000:0000:0007") &&
	       !strcmp(session_field(7, "session_id"), "1099511627783") &&
	       !strcmp(session_field(7, "bypassed"), "true") &&
	       !strcmp(session_field(7, "mac"), "00:01:02:03:07:00"),
	       "values in their usual forms");
}

/* Both directions through one descriptor, over and over. */
static void test_one_descriptor(void)
{
	int fd = open(DIR "read", O_RDWR), writer = open(DIR "write", O_WRONLY);
	bool good = fd >= 0 && writer >= 0;
	char text[128], want[128], *answer;
	unsigned int i;

	for (i = 0; i < 50; i++) {
		/* With the NUL, as callers do that write sizeof() bytes. */
		sprintf(text, "table=one,key_string=k%u,field=f,int=%u", i, i);
		good &= write(writer, text, strlen(text) + 1) > 0;
		sprintf(text, "table=one,key_string=k%u\n", i);
		good &= write(fd, text, strlen(text)) > 0;
		answer = slurp(fd);
		sprintf(want, "table: one key_string: k%u field: f int: %u\n",
			i, i);
		good &= !strcmp(answer, want);
		free(answer);
	}
	close(fd);
	close(writer);
	result(good, "one descriptor, written and read in turn");
}

/* fopen() and fprintf(), flushed by fclose(), and fgets(). */
static void test_stdio(void)
{
	char line[8192], buffer[8192];
	unsigned int i, n = 0;
	bool good = true;
	FILE *f;

	for (i = 0; i < 20; i++) {
		f = fopen(DIR "write", "w");
		setvbuf(f, buffer, _IOFBF, sizeof(buffer));
		fprintf(f, "table=stdio,key_int=%u,field=names,string=%s", i,
			cert_names(i));
		good &= !fclose(f);
	}
	f = fopen(DIR "read", "w");
	fprintf(f, "table=stdio\n");
	good &= !fclose(f);
	f = fopen(DIR "read", "r");
	while (fgets(line, sizeof(line), f))
		n++;
	fclose(f);
	result(good && n == 20, "stdio, one stream after the other");

	/* The same selection again, as "grep A read; grep B read" reads it. */
	f = fopen(DIR "read", "r");
	while (fgets(line, sizeof(line), f))
		n++;
	fclose(f);
	result(n == 40, "a selection is there a second time");
}

static void test_destroy(void)
{
	bool good = true;
	unsigned int i;

	/* Connections without a row end, too. */
	for (i = 50; i < 150; i++)
		good &= !del("table=sessions,key_int=%u", i);
	for (i = 0; i < 100; i++)
		good &= !*session_field(i, "application") == (i >= 50);
	good &= !del("table=sessions,key_int=1,field=nosuch");
	good &= !del("table=never,key_ip=192.168.1.1");
	good &= !del("table=never");
	result(good, "deletion on every end of a connection");
	result(!set("table=sessions,key_int=1,field=application,value=") &&
	       !strcmp(session_field(1, "application"), "SSL"),
	       "an empty value changes nothing");
	good = !del("table=sessions") && !del("table=one") && !del("table=stdio");
	result(good && set("table=t,key_ip=1.2.3,field=f,int=1") == EINVAL &&
	       set("table=t,key_int=1,field=f,bool=yes") == EINVAL &&
	       set("table=t,key_int=1,field=f,int=2147483648") == ERANGE,
	       "nonsense is refused");
}

/* Everything at once */

static volatile bool stop;
static unsigned long wrong, sessions, asked, cleaned;

/* Each writer has ids of its own, and ends a session before the next. */
static void *writer(void *arg)
{
	unsigned int base = (unsigned long)arg * 100000, id, i;

	for (i = 0; !stop; i++) {
		id = base + i % 1000;
		if (write_session(id))
			__sync_fetch_and_add(&wrong, 1);
		/* Every fourth is left to the cleaner, which may be quick. */
		if (i % 4 && strcmp(session_field(id, "cert_dns_names"),
				    cert_names(id)))
			__sync_fetch_and_add(&wrong, 1);
		if (i % 4 && del("table=sessions,key_int=%u", id))
			__sync_fetch_and_add(&wrong, 1);
		/* The same connection ends a second time. */
		if (i % 4 == 1 && del("table=sessions,key_int=%u", id))
			__sync_fetch_and_add(&wrong, 1);
		if (i % 4 && *session_field(id, "application"))
			__sync_fetch_and_add(&wrong, 1);
		__sync_fetch_and_add(&sessions, 1);
	}

	return NULL;
}

/* Reads a row that stays, another one in each thread. */
static void *asker(void *arg)
{
	unsigned int id = 9000000 + (unsigned long)arg;
	char want[32];

	sprintf(want, "stays%u", id);
	while (!stop) {
		if (strcmp(session_field(id, "username"), want))
			__sync_fetch_and_add(&wrong, 1);
		__sync_fetch_and_add(&asked, 1);
	}

	return NULL;
}

/*
 * Lists all and deletes old sessions. Rows that stay are in each listing
 * exactly once, whatever else is written meanwhile.
 */
static void *cleaner(void *arg)
{
	unsigned int broken, stays, id;
	struct entry e;
	char *all, *text;
	int fd;

	while (!stop) {
		fd = open(DIR "all", O_RDONLY);
		all = slurp(fd);
		close(fd);
		broken = 0;
		stays = 0;
		for (text = all; next_entry(&text, &e, &broken);) {
			id = strtoul(e.key, NULL, 10);
			if (id >= 9000000) {
				stays++;
				continue;
			}
			/* Every fourth one, once it has its last field. */
			if (id % 4 || strcmp(e.field, "application"))
				continue;
			if (del("table=sessions,key_int=%u", id))
				__sync_fetch_and_add(&wrong, 1);
			cleaned++;
		}
		if (broken || stays != THREADS)
			__sync_fetch_and_add(&wrong, 1);
		free(all);
	}

	return NULL;
}

static void test_at_once(unsigned int seconds)
{
	pthread_t threads[2 * THREADS + 1];
	unsigned long i;
	int ret = 0;
	char *all;
	int fd;

	for (i = 0; i < THREADS; i++)
		ret = ret ?: set("table=sessions,key_int=%lu,field=username,string=stays%lu",
				 9000000 + i, 9000000 + i);
	for (i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, writer, (void *)i);
	for (i = 0; i < THREADS; i++)
		pthread_create(&threads[THREADS + i], NULL, asker, (void *)i);
	pthread_create(&threads[2 * THREADS], NULL, cleaner, NULL);
	sleep(seconds);
	stop = true;
	for (i = 0; i < 2 * THREADS + 1; i++)
		pthread_join(threads[i], NULL);

	printf("# %lu sessions, %lu questions, %lu cleaned up, %lu wrong\n",
	       sessions, asked, cleaned, wrong);
	result(!ret && !wrong, "writers, readers and a cleaner at once");
	result(sessions > 100 && asked > 100 && cleaned, "all of them came to work");

	ret = del("table=sessions");
	fd = open(DIR "all", O_RDONLY);
	all = slurp(fd);
	close(fd);
	result(!ret && !*all, "nothing is left");
	free(all);
}

int main(int argc, char **argv)
{
	unsigned int seconds = argc > 1 ? atoi(argv[1]) : 3;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (unshare(CLONE_NEWNET) || access(DIR "all", F_OK)) {
		printf("1..0 # SKIP no /proc/net/dict, or not root\n");
		return 4;
	}
	test_entries();
	test_one_descriptor();
	test_stdio();
	test_destroy();
	test_at_once(seconds);
	printf("1..%u\n", tests);

	return failed ? 1 : 0;
}
