// SPDX-License-Identifier: GPL-2.0-only
/*
 * nfdict(8): administration of the tables that nf_tables rules look up with
 * the "dict" expression
 *
 * Copyright (C) 2025 The nft_dict authors
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

#define VERSION "1.0"

/**
 * cli_fail() - print an error message
 * @cli: run
 * @status: exit status
 * @fmt: message, without the name of the program or of the file
 *
 * Return: @status.
 */
int cli_fail(struct cli *cli, int status, const char *fmt, ...)
{
	va_list args;

	if (cli->quiet)
		return status;
	fflush(stdout);
	fputs("nfdict: ", stderr);
	if (cli->source)
		fprintf(stderr, "%s: line %lu: ", cli->source, cli->line);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	putc('\n', stderr);
	return status;
}

/* Says how a command is used. */
int cli_usage(struct cli *cli, const char *name)
{
	const struct command *command = command_find(name);

	return cli_fail(cli, STATUS_USAGE, "usage: %s%s %s",
			cli->source ? "" : "nfdict ", name, command->usage);
}

/* Does the kernel answer the simplest question? */
static int no_table(const struct nfdict_table *table, void *data)
{
	(void)table;
	(void)data;
	return 1;
}

static bool kernel_lacks_dict(struct cli *cli)
{
	struct nfdict *nd = cli_second(cli);

	return nd && nfdict_tables(nd, no_table, NULL) == -EINVAL;
}

/* What an error means, where the kernel did not say so itself. @row: it is
 * about a row.
 */
static const char *reason(struct cli *cli, const struct nfdict_error *error,
			  bool row)
{
	switch (-error->code) {
	case EPERM:
		return "permission denied: this needs CAP_NET_ADMIN";
	case ENOENT:
		if (error->at == NFDICT_AT_FIELD)
			return "field does not exist";
		if (error->at == NFDICT_AT_TABLE ||
		    error->at == NFDICT_AT_TABLE2 || !row)
			return "table does not exist";
		return "row does not exist";
	case EEXIST:
		return row ? "row exists already" : "table exists already";
	case EBUSY:
		return "table is used by rules";
	case ENFILE:
		return "table is full";
	case E2BIG:
		return "too many fields";
	case ENAMETOOLONG:
		return error->at == NFDICT_AT_TABLE ||
		       error->at == NFDICT_AT_TABLE2 ||
		       error->at == NFDICT_AT_FIELD ?
		       "name or string is too long" : "key is too long";
	case EINVAL:
		if (error->at == NFDICT_AT_UNKNOWN && kernel_lacks_dict(cli))
			return "this kernel has no dictionary tables (nfnetlink_dict)";
		return strerror(EINVAL);
	default:
		return strerror(-error->code);
	}
}

/**
 * cli_kernel_fail() - print what went wrong with a request
 * @cli: run
 * @nd: connection that has the error
 * @table: table that it was about, or NULL
 * @key: key that it was about, or NULL
 *
 * A request of a file may have been sent later than its line was read. Then
 * the error itself tells what it is about.
 *
 * Return: the exit status.
 */
int cli_kernel_fail(struct cli *cli, struct nfdict *nd, const char *table,
		    const char *key)
{
	struct nfdict_error error = *nfdict_error(nd);
	const char *why = error.message;
	char text[NFDICT_TEXT_MAX];
	unsigned long line = cli->line;
	char lines[48] = "";
	bool row;
	int status;

	if (cli->source && error.table[0]) {
		table = staged_table(cli, error.table);
		key = NULL;
		if (nfdict_key_print(&error.key, text, sizeof(text)) >= 0)
			key = text;
	}
	row = key || error.at == NFDICT_AT_ROW;
	if (error.at == NFDICT_AT_TABLE || error.at == NFDICT_AT_TABLE2)
		key = NULL;
	/* What does not exist, the kernel tells by the place. */
	if (!*why || !strcmp(why, "does not exist") ||
	    !strcmp(why, "exists already"))
		why = reason(cli, &error, row);
	if (cli->source) {
		cli->line = error.tag;
		if (error.tag != error.tag_last)
			snprintf(lines, sizeof(lines), "(or up to line %lu) ",
				 error.tag_last);
	}
	status = cli_fail(cli, STATUS_ERROR, "%s%s%s%s%s%s%s%s", lines,
			  table ? table : "", table ? ": " : "",
			  key ? key : "", key ? ": " : "",
			  error.field, error.field[0] ? ": " : "", why);
	cli->line = line;
	return status;
}

/* A second connection, opened when it is first wanted; NULL and errno. */
struct nfdict *cli_second(struct cli *cli)
{
	if (!cli->nd2)
		cli->nd2 = nfdict_open();
	return cli->nd2;
}

static void help(FILE *out)
{
	fputs("Usage: nfdict [OPTION]... COMMAND [ARGUMENT]...\n\n"
	      "Commands:\n", out);
	command_help(out);
	fputs("\nOptions, before the command or right after its name:\n"
	      "  -e, -exist, --exist  what exists may be created, what does not may be deleted\n"
	      "  -f, --field FIELD    list: this field only\n"
	      "  -j, --json           print JSON\n"
	      "  -k, --key KEY        list: rows with this key only\n"
	      "  -n, --names          list: names of tables only\n"
	      "  -q, --quiet          no error messages\n"
	      "  -r, --raw            get: values alone, as they are, one a line\n"
	      "  -s, --sync           monitor: list what there is first\n"
	      "  -t, --terse          list: tables without rows\n"
	      "      --swap           restore: into new tables that then replace the old\n"
	      "  -h, --help           this text\n"
	      "  -V, --version        version\n"
	      "\nA key is a decimal number, an address, or else a string; force it with\n"
	      "int: ip: ip6: mac: string: raw:HEX. Types: bool int int64 ipv4_addr\n"
	      "ipv6_addr ether_addr long_string. See nfdict(8).\n", out);
}

/* Takes the options at the head of @argv.
 * Return: how many words they were, or -1 after an error message, or -2 if
 * there is nothing left to do.
 */
static int options(struct cli *cli, int argc, char **argv)
{
	static const struct {
		char letter;
		const char *name;
		size_t flag;
	} flags[] = {
		{ 'e', "exist", offsetof(struct cli, exist) },
		{ 'j', "json", offsetof(struct cli, json) },
		{ 'n', "names", offsetof(struct cli, names) },
		{ 'q', "quiet", offsetof(struct cli, quiet) },
		{ 'r', "raw", offsetof(struct cli, raw) },
		{ 's', "sync", offsetof(struct cli, sync) },
		{ 't', "terse", offsetof(struct cli, terse) },
		{ 0, "swap", offsetof(struct cli, swap) },
	};
	const char *opt, *name;
	unsigned int f;
	int i;

	for (i = 0; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
		opt = argv[i];
		if (!strcmp(opt, "--"))
			return i + 1;
		name = opt[1] == '-' ? opt + 2 : "";
		if (!strcmp(opt, "-h") || !strcmp(name, "help")) {
			help(stdout);
			return -2;
		}
		if (!strcmp(opt, "-V") || !strcmp(name, "version")) {
			puts("nfdict " VERSION);
			return -2;
		}
		if (!strcmp(opt, "-k") || !strcmp(name, "key") ||
		    !strcmp(opt, "-f") || !strcmp(name, "field")) {
			if (++i == argc) {
				cli_fail(cli, 0, "%s: argument is missing",
					 opt);
				return -1;
			}
			if (!strcmp(opt, "-k") || !strcmp(name, "key"))
				cli->key = argv[i];
			else
				cli->field = argv[i];
			continue;
		}
		/* Two that ipset users know. */
		if (!strcmp(opt, "-exist") || !strcmp(opt, "-!")) {
			cli->exist = true;
			continue;
		}
		for (f = 0; f < ARRAY_SIZE(flags); f++)
			if (!strcmp(name, flags[f].name) ||
			    (flags[f].letter && opt[1] == flags[f].letter &&
			     !opt[2]))
				break;
		if (f == ARRAY_SIZE(flags)) {
			cli_fail(cli, 0, "%s: unknown option, see nfdict --help",
				 opt);
			return -1;
		}
		*(bool *)((char *)cli + flags[f].flag) = true;
	}
	return i;
}

int main(int argc, char **argv)
{
	static struct cli cli;
	int n, status;

	setvbuf(stdout, NULL, _IOFBF, 65536);
	n = options(&cli, argc - 1, argv + 1);
	if (n < 0)
		return n == -2 ? STATUS_OK : STATUS_USAGE;
	argc -= n + 1;
	argv += n + 1;
	if (!argc) {
		help(stderr);
		return STATUS_USAGE;
	}
	if (!strcmp(argv[0], "help")) {
		help(stdout);
		return STATUS_OK;
	}
	n = options(&cli, argc - 1, argv + 1);
	if (n < 0)
		return n == -2 ? STATUS_OK : STATUS_USAGE;
	argv[n] = argv[0];
	argc -= n;
	argv += n;

	status = command_run(&cli, argc, argv, false);
	nfdict_close(cli.nd);
	nfdict_close(cli.nd2);
	errno = 0;
	if ((fflush(stdout) || ferror(stdout)) && status == STATUS_OK)
		status = cli_fail(&cli, STATUS_ERROR, "standard output: %s",
				  errno ? strerror(errno) : "write error");
	return status;
}
