// SPDX-License-Identifier: GPL-2.0-only
/*
 * nfdict(8): running the commands in a file, many at a time
 *
 * Copyright (C) 2025 The nft_dict authors
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"

/* Longest line: a row of 255 fields, every byte of them escaped, fits. */
#define LINE_MAX_BYTES	(512 * 1024)

/**
 * struct staged - a table that is being loaded under another name
 *
 * @next: the table staged before it
 * @table: name of the table to be
 * @temp: name of the table that is loaded, and swapped with it
 * @size: as the file's create command says, or as the table has it
 * @timeout: likewise
 * @create: there was a create command
 */
struct staged {
	struct staged *next;
	char table[NFDICT_NAME_MAX + 1];
	char temp[NFDICT_NAME_MAX + 1];
	uint32_t size;
	uint64_t timeout;
	bool create;
};

/**
 * struct input - a file of commands
 *
 * @fd: its descriptor
 * @regular: it is a file, not a pipe or a terminal
 * @eof: nothing is left to read
 * @bytes: size of a file
 * @done: bytes handled
 * @start: next line in @buf
 * @end: end of what is in @buf
 * @buf: what was read
 */
struct input {
	int fd;
	bool regular;
	bool eof;
	uint64_t bytes;
	uint64_t done;
	size_t start;
	size_t end;
	char buf[LINE_MAX_BYTES + 1];
};

static volatile sig_atomic_t stop_signal;

static void on_signal(int sig)
{
	stop_signal = sig;
}

static struct staged *staged_find(struct cli *cli, const char *table)
{
	struct staged *s;

	for (s = cli->staged; s; s = s->next)
		if (!strcmp(s->table, table))
			return s;
	return NULL;
}

static struct staged *staged_new(struct cli *cli, const char *table)
{
	static unsigned int count;
	struct staged *s;

	if (strlen(table) > NFDICT_NAME_MAX) {
		cli_fail(cli, 0, "%s: name is too long", table);
		return NULL;
	}
	s = calloc(1, sizeof(*s));
	if (!s) {
		cli_fail(cli, 0, "%s", strerror(errno));
		return NULL;
	}
	strcpy(s->table, table);
	snprintf(s->temp, sizeof(s->temp), ".restore.%ld.%u",
		 (long)getpid(), ++count);
	return s;
}

static int staged_begin(struct cli *cli, struct staged *s)
{
	int err;

	err = nfdict_table_create(cli->nd, s->temp, s->size, s->timeout,
				  NFDICT_F_EXCL);
	s->next = cli->staged;
	cli->staged = s;
	return err ? cli_kernel_fail(cli, cli->nd, NULL, NULL) : 0;
}

/* The create command of a file that is restored with --swap. */
int staged_create(struct cli *cli, const char *table, uint32_t size,
		  uint64_t timeout)
{
	struct staged *s;

	if (staged_find(cli, table))
		return cli_fail(cli, STATUS_ERROR,
				"%s: was named before it is created", table);
	s = staged_new(cli, table);
	if (!s)
		return STATUS_ERROR;
	s->size = size;
	s->timeout = timeout;
	s->create = true;
	return staged_begin(cli, s);
}

/* Name of the table to write when a file names @table; NULL after an error. */
const char *staged_name(struct cli *cli, const char *table)
{
	struct nfdict_table info;
	struct nfdict *nd2;
	struct staged *s;

	if (!cli->swap || !cli->source)
		return table;
	s = staged_find(cli, table);
	if (s)
		return s->temp;
	s = staged_new(cli, table);
	if (!s)
		return NULL;
	/* The batch keeps the first connection busy. */
	nd2 = cli_second(cli);
	if (!nd2) {
		cli_fail(cli, 0, "netlink: %s", strerror(errno));
		free(s);
		return NULL;
	}
	if (!nfdict_table_get(nd2, table, &info)) {
		s->size = info.size;
		s->timeout = info.timeout;
	} else if (nfdict_error(nd2)->code != -ENOENT) {
		cli_kernel_fail(cli, nd2, table, NULL);
		free(s);
		return NULL;
	}
	return staged_begin(cli, s) ? NULL : s->temp;
}

/* The table that a file means by what the kernel knows as @name. */
const char *staged_table(struct cli *cli, const char *name)
{
	struct staged *s;

	for (s = cli->staged; s; s = s->next)
		if (!strcmp(s->temp, name))
			return s->table;
	return name;
}

/* Puts the loaded tables in place. All went well up to here. */
static int staged_commit(struct cli *cli)
{
	struct staged *s;
	int err = 0;

	for (s = cli->staged; s && !err; s = s->next) {
		err = nfdict_table_create(cli->nd, s->table, s->size,
					  s->timeout,
					  s->create ? NFDICT_F_REPLACE : 0);
		if (!err)
			err = nfdict_table_swap(cli->nd, s->table, s->temp);
	}
	if (!err)
		err = nfdict_batch_flush(cli->nd);
	return err ? cli_kernel_fail(cli, cli->nd, NULL, NULL) : 0;
}

static void staged_end(struct cli *cli)
{
	struct staged *s;

	while (cli->staged) {
		s = cli->staged;
		cli->staged = s->next;
		nfdict_table_delete(cli->nd, s->temp);
		free(s);
	}
}

/* Reads on. Requests are not kept waiting for a writer that pauses. */
static int refill(struct cli *cli, struct input *in)
{
	struct pollfd poll_in = { .fd = in->fd, .events = POLLIN };
	ssize_t n;
	int err;

	memmove(in->buf, in->buf + in->start, in->end - in->start);
	in->end -= in->start;
	in->start = 0;
	if (in->end == LINE_MAX_BYTES) {
		cli->line++;
		return cli_fail(cli, STATUS_ERROR, "line is too long");
	}
	if (!in->regular && !poll(&poll_in, 1, 0)) {
		err = nfdict_batch_flush(cli->nd);
		if (err)
			return cli_kernel_fail(cli, cli->nd, NULL, NULL);
		fflush(stdout);
	}
	do {
		n = read(in->fd, in->buf + in->end, LINE_MAX_BYTES - in->end);
	} while (n < 0 && errno == EINTR && !stop_signal);
	if (n < 0)
		return stop_signal ? STATUS_ERROR :
		       cli_fail(cli, STATUS_ERROR, "%s", strerror(errno));
	in->eof = !n;
	in->end += n;
	return 0;
}

/* Cuts the next line off; *line is NULL at the end. */
static int next_line(struct cli *cli, struct input *in, char **line)
{
	char *start, *end;
	int status;
	size_t seen = 0, len;

	for (;;) {
		start = in->buf + in->start;
		end = memchr(start + seen, '\n', in->end - in->start - seen);
		if (end)
			break;
		if (in->eof) {
			*line = NULL;
			if (in->start == in->end)
				return 0;
			/* The last line has no newline. */
			end = in->buf + in->end;
			in->end++;
			break;
		}
		seen = in->end - in->start;
		status = refill(cli, in);
		if (status)
			return status;
	}
	*end = '\0';
	len = end - start;
	in->start += len + 1;
	in->done += len + 1;
	cli->line++;
	if (strlen(start) != len)
		return cli_fail(cli, STATUS_ERROR, "a NUL byte");
	*line = start;
	return 0;
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* A line on the terminal, for what takes longer than a second. */
static void progress(struct cli *cli, const struct input *in, double start,
		     double *last)
{
	double t = now();

	if (t - start < 1 || t - *last < 0.2)
		return;
	*last = t;
	fprintf(stderr, "\rnfdict: %s: %lu lines, %.1f s", cli->source,
		cli->line, t - start);
	if (in->regular && in->bytes)
		fprintf(stderr, ", %d%%",
			(int)(100.0 * in->done / in->bytes));
	fputs("\033[K", stderr);
}

static int run_lines(struct cli *cli, struct input *in)
{
	bool tty = isatty(STDERR_FILENO) && !cli->quiet;
	char *words[WORDS_MAX], *line = NULL;
	double start = now(), last = start;
	const char *error;
	int n, status = 0;

	while (!stop_signal) {
		status = next_line(cli, in, &line);
		if (status || !line)
			break;
		n = lex_words(line, words, &error);
		if (n < 0)
			status = cli_fail(cli, STATUS_ERROR, "%s", error);
		if (n > 0) {
			nfdict_tag(cli->nd, cli->line);
			status = command_run(cli, n, words, true);
		}
		if (status)
			break;
		if (tty && cli->line % 1024 == 0)
			progress(cli, in, start, &last);
	}
	if (tty && last > start)
		fputs("\r\033[K", stderr);
	return stop_signal || status ? STATUS_ERROR : 0;
}

static int restore(struct cli *cli, struct input *in)
{
	int status, err;

	nfdict_batch_begin(cli->nd);
	status = run_lines(cli, in);
	/* What was read before a bad line takes effect. Unless it was the
	 * kernel that complained, its complaint comes first.
	 */
	err = nfdict_batch_flush(cli->nd);
	if (err) {
		cli_kernel_fail(cli, cli->nd, NULL, NULL);
		status = STATUS_ERROR;
	}
	if (!status && cli->swap)
		status = staged_commit(cli);
	nfdict_batch_end(cli->nd);
	staged_end(cli);
	return status;
}

int cmd_restore(struct cli *cli, int argc, char **argv)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_handler = on_signal }, old;
	static struct input in;
	struct stat st;
	unsigned int i;
	int status;

	if (argc > 1 && strcmp(argv[1], "-")) {
		in.fd = open(argv[1], O_RDONLY | O_CLOEXEC);
		if (in.fd < 0)
			return cli_fail(cli, STATUS_ERROR, "%s: %s", argv[1],
					strerror(errno));
		cli->source = argv[1];
	} else {
		in.fd = STDIN_FILENO;
		cli->source = "standard input";
	}
	if (!fstat(in.fd, &st) && S_ISREG(st.st_mode)) {
		in.regular = true;
		in.bytes = st.st_size;
	}
	/* Half-loaded tables are removed before a signal ends us; what nohup(1)
	 * and the like ignore stays ignored.
	 */
	for (i = 0; i < ARRAY_SIZE(signals); i++)
		if (!sigaction(signals[i], NULL, &old) &&
		    old.sa_handler != SIG_IGN)
			sigaction(signals[i], &action, NULL);

	status = restore(cli, &in);

	cli->source = NULL;
	if (in.fd != STDIN_FILENO)
		close(in.fd);
	if (stop_signal) {
		signal(stop_signal, SIG_DFL);
		raise(stop_signal);
	}
	return status;
}
