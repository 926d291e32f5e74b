// SPDX-License-Identifier: GPL-2.0-only
/*
 * nfdict(8): running the commands in a file, many at a time
 *
 * Copyright (C) 2025 The nft_dict authors
 */
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"

/* Temporary name of a table that is being loaded: number of the run, number of
 * the table.
 */
#define STAGED_FORMAT	".restore.%lu.%u"

/**
 * struct staged - a table that is being loaded under another name
 *
 * @next: the table staged before it
 * @table: final name of the table
 * @temp: temporary name, under which it is loaded
 * @info: properties from the file's create command, or of the existing table
 * @create: there was a create command
 */
struct staged {
	struct staged *next;
	char table[NFDICT_NAME_MAX + 1];
	char temp[NFDICT_NAME_MAX + 1];
	struct nfdict_table info;
	bool create;
};

/* Number of this run, held by a socket as long as the process lives. */
static unsigned long run_number;
static int run_socket = -1;

/* Binds a socket to a name that represents a run. Such names belong to the
 * network namespace, as tables do, and vanish with the process, however that
 * ends.
 * Return: the socket, or -1: another process has the name.
 */
static int run_bind(unsigned long number)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd, len;

	len = snprintf(addr.sun_path + 1, sizeof(addr.sun_path) - 1,
		       "nfdict.restore.%lu", number);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	if (bind(fd, (struct sockaddr *)&addr,
		 offsetof(struct sockaddr_un, sun_path) + 1 + len)) {
		close(fd);
		return -1;
	}
	return fd;
}

static void run_begin(void)
{
	unsigned int tries;

	run_number = getpid();
	for (tries = 0; tries < 1000 && run_socket < 0; tries++) {
		run_socket = run_bind(run_number);
		if (run_socket < 0)
			/* A process with the same pid in another pid namespace. */
			run_number += 1000000007;
	}
}

struct leftover {
	struct leftover *next;
	char name[NFDICT_NAME_MAX + 1];
};

static int leftover_note(const struct nfdict_table *table, void *data)
{
	struct leftover **list = data, *left;
	unsigned long number;
	unsigned int n;
	int end = 0, fd;

	if (sscanf(table->name, STAGED_FORMAT "%n", &number, &n, &end) != 2 ||
	    table->name[end] || number == run_number)
		return 0;
	fd = run_bind(number);
	if (fd < 0)
		return 0;
	close(fd);
	left = malloc(sizeof(*left));
	if (!left)
		return 0;
	strcpy(left->name, table->name);
	left->next = *list;
	*list = left;
	return 0;
}

/* Deletes the tables left behind by a run that was killed. */
static void leftover_delete(struct cli *cli)
{
	struct leftover *list = NULL, *left;

	nfdict_tables(cli->nd, leftover_note, &list);
	while (list) {
		left = list;
		list = left->next;
		nfdict_table_delete(cli->nd, left->name);
		free(left);
	}
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
		cli_fail(cli, STATUS_USAGE, "%s: name is longer than %d bytes",
			 cli_word(table), NFDICT_NAME_MAX);
		return NULL;
	}
	s = calloc(1, sizeof(*s));
	if (!s) {
		cli_fail(cli, STATUS_ERROR, "%s", strerror(errno));
		return NULL;
	}
	strcpy(s->table, table);
	snprintf(s->temp, sizeof(s->temp), STAGED_FORMAT, run_number, ++count);
	return s;
}

static int staged_begin(struct cli *cli, struct staged *s)
{
	size_t size = s->info.ndecls * sizeof(*s->info.decls);
	struct nfdict_decl *decls = NULL;
	int err;

	/* Keep the declaration for the final table. */
	if (size) {
		decls = malloc(size);
		if (!decls) {
			free(s);
			return cli_fail(cli, STATUS_ERROR, "%s",
					strerror(errno));
		}
		memcpy(decls, s->info.decls, size);
	}
	s->info.decls = decls;
	err = nfdict_table_declare(cli->nd, s->temp, &s->info, NFDICT_F_EXCL);
	s->next = cli->staged;
	cli->staged = s;
	return err ? cli_kernel_fail(cli, cli->nd, NULL, NULL) : 0;
}

/* The create command of a file that is restored with --swap. */
int staged_create(struct cli *cli, const char *table,
		  const struct nfdict_table *info)
{
	struct staged *s;

	if (staged_find(cli, table))
		return cli_fail(cli, STATUS_USAGE,
				"%s: was named before it is created",
				cli_word(table));
	s = staged_new(cli, table);
	if (!s)
		return cli->status;
	s->info = *info;
	s->create = true;
	return staged_begin(cli, s);
}

/* Temporary name for @table of a file, if any; NULL after an error. */
const char *staged_name(struct cli *cli, const char *table)
{
	struct nfdict *nd2;
	struct staged *s;

	if (!(cli->opts & OPT_SWAP) || !cli->source)
		return table;
	s = staged_find(cli, table);
	if (s)
		return s->temp;
	s = staged_new(cli, table);
	if (!s)
		return NULL;
	/* The first handle is busy with the batch. */
	nd2 = cli_second(cli);
	if (!nd2) {
		cli_fail(cli, STATUS_ERROR, "netlink: %s", strerror(errno));
		free(s);
		return NULL;
	}
	if (nfdict_table_get(nd2, table, &s->info) &&
	    nfdict_error(nd2)->code != -ENOENT) {
		cli_kernel_fail(cli, nd2, table, NULL);
		free(s);
		return NULL;
	}
	return staged_begin(cli, s) ? NULL : s->temp;
}

/* Translates a temporary name back to that in the file. */
const char *staged_table(struct cli *cli, const char *name)
{
	struct staged *s;

	for (s = cli->staged; s; s = s->next)
		if (!strcmp(s->temp, name))
			return s->table;
	return name;
}

/* Swaps the loaded tables into place in one step, after all succeeded. */
static int staged_commit(struct cli *cli)
{
	unsigned int n = 0;
	const char **names;
	struct staged *s;
	int err = 0;

	for (s = cli->staged; s; s = s->next)
		n += 2;
	if (!n)
		return 0;
	names = calloc(n, sizeof(*names));
	if (!names)
		return cli_fail(cli, STATUS_ERROR, "%s", strerror(errno));
	n = 0;
	for (s = cli->staged; s && !err; s = s->next) {
		err = nfdict_table_declare(cli->nd, s->table, &s->info,
					   s->create ? NFDICT_F_REPLACE : 0);
		names[n++] = s->table;
		names[n++] = s->temp;
	}
	if (!err)
		err = nfdict_tables_swap(cli->nd, names, n);
	if (!err)
		err = nfdict_batch_flush(cli->nd);
	free(names);
	return err ? cli_kernel_fail(cli, cli->nd, NULL, NULL) : 0;
}

static void staged_end(struct cli *cli)
{
	struct staged *s;

	while (cli->staged) {
		s = cli->staged;
		cli->staged = s->next;
		nfdict_table_delete(cli->nd, s->temp);
		free((void *)s->info.decls);
		free(s);
	}
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* Shows progress on the terminal after the first second. */
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

/* Labels the requests that follow with the line, and whether a missing object
 * is no error.
 */
void restore_tag(struct cli *cli)
{
	nfdict_tag(cli->nd, cli->line << 1 | !!(cli->opts & OPT_EXIST));
}

/* Handles a request that the kernel refused. */
static int request_failed(const struct nfdict_error *error, void *data)
{
	(void)data;
	if (error->code == -ENOENT && error->tag & 1 &&
	    (error->request == NFDICT_REQUEST_TABLE_DELETE ||
	     error->request == NFDICT_REQUEST_ROW_DELETE))
		return 0;
	return error->code;
}

static int run_words(struct cli *cli, int n, char **words)
{
	const struct command *command = command_find(words[0]);
	unsigned int opts = cli->opts;
	int status;

	if (!command)
		return cli_fail(cli, STATUS_USAGE, "%s: unknown command",
				cli_word(words[0]));
	/* The line's own options, and those of restore that apply to it. */
	cli->opts = 0;
	n = cli_options(cli, command, n, words);
	if (n < 0) {
		cli->opts |= opts;
		return cli->status;
	}
	cli->opts |= opts;
	restore_tag(cli);
	status = command_run(cli, n, words, true);
	cli->opts = opts;
	return status;
}

/**
 * struct load - a list of keys that is being loaded
 *
 * @table: table to write
 * @row: row that each key gets
 * @keys: number of keys so far
 */
struct load {
	const char *table;
	struct nfdict_row row;
	unsigned long keys;
};

/* Handles a line of a list. */
static int load_words(struct cli *cli, int n, char **words, struct load *load)
{
	const char *table;
	int status;

	if (n > 1)
		return cli_fail(cli, STATUS_USAGE,
				"%s: one key a line; one with blanks is quoted",
				cli_word(words[1]));
	status = cli_key(cli, words[0], &load->row.key);
	if (status)
		return status;
	restore_tag(cli);
	table = staged_name(cli, load->table);
	if (!table)
		return STATUS_ERROR;
	load->keys++;
	if (nfdict_row_set(cli->nd, table, &load->row, NFDICT_F_CREATE))
		return cli_kernel_fail(cli, cli->nd, load->table, words[0]);
	return 0;
}

static int run_lines(struct cli *cli, struct input *in, struct load *load)
{
	bool tty = isatty(STDERR_FILENO) && !(cli->opts & OPT_QUIET);
	char *words[WORDS_MAX], *line = NULL;
	double start = now(), last = start;
	const char *error;
	int n, status = 0;

	while (!input_stopped()) {
		status = input_line(in, &line);
		if (status || !line)
			break;
		n = lex_words(line, words, &error);
		if (n < 0)
			status = cli_fail(cli, STATUS_USAGE, "%s", error);
		if (n > 0)
			status = load ? load_words(cli, n, words, load) :
				 run_words(cli, n, words);
		if (status)
			break;
		if (tty && cli->line % 1024 == 0)
			progress(cli, in, start, &last);
	}
	if (tty && last > start)
		fputs("\r\033[K", stderr);
	return status;
}

/* Runs the commands in a file, or, with @load, loads its keys. */
static int restore(struct cli *cli, struct input *in, struct load *load)
{
	int status;

	if (cli->opts & OPT_SWAP) {
		run_begin();
		leftover_delete(cli);
	}
	nfdict_batch_begin(cli->nd);
	nfdict_batch_errors(cli->nd, request_failed, NULL);
	status = cli->opts & OPT_JSON ? json_restore(cli, in) :
		 run_lines(cli, in, load);
	/* Send what is queued, so that all earlier lines take effect. */
	if (!cli->failed && nfdict_batch_flush(cli->nd))
		status = cli_kernel_fail(cli, cli->nd, NULL, NULL);
	if (!cli->failed && input_stopped()) {
		unsigned long line = cli->line;

		cli->line = 0;
		status = cli_fail(cli, STATUS_ERROR,
				  cli->opts & OPT_SWAP ?
				  "interrupted after line %lu: nothing has changed" :
				  "interrupted after line %lu, which has taken effect",
				  line);
	}
	/* For example after a failed download. */
	if (!status && cli->opts & OPT_SWAP && load && !load->keys) {
		cli->line = 0;
		status = cli_fail(cli, STATUS_ERROR,
				  "no keys: nothing has changed");
	}
	if (!status && cli->opts & OPT_SWAP)
		status = staged_commit(cli);
	nfdict_batch_end(cli->nd);
	staged_end(cli);
	return status;
}

int cmd_restore(struct cli *cli, int argc, char **argv)
{
	bool file = argc > 1 && strcmp(argv[1], "-");
	static struct input in;
	int status;

	status = input_open(cli, &in, file ? argv[1] : NULL);
	if (status)
		return status;
	status = restore(cli, &in, NULL);
	input_close(&in);
	return status;
}

int cmd_load(struct cli *cli, int argc, char **argv)
{
	struct load load = { .table = argv[1] };
	static struct input in;
	int status;

	status = cli_fields(cli, argc - 2, argv + 2, false, &load.row);
	if (status)
		return status;
	if (!load.row.nfields)
		return cli_usage(cli, argv[0]);
	status = input_open(cli, &in, NULL);
	if (status)
		return status;
	status = restore(cli, &in, &load);
	input_close(&in);
	return status;
}
