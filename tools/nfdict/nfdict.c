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

/* Longest name, key or value in a message; longer ones are truncated. */
#define WORD_SHOWN	64

/**
 * cli_fail() - print an error message
 * @cli: run
 * @status: exit status
 * @fmt: message, without the name of the program or of the file
 *
 * In a file, the commands before the line are run first; if one of them fails,
 * its error is printed instead.
 *
 * Return: exit status.
 */
int cli_fail(struct cli *cli, int status, const char *fmt, ...)
{
	va_list args;

	if (cli->source && !cli->failed) {
		cli->failed = true;
		if (nfdict_batch_flush(cli->nd))
			return cli_kernel_fail(cli, cli->nd, NULL, NULL);
	}
	cli->status = status;
	if (cli->opts & OPT_QUIET)
		return status;
	fflush(stdout);
	fputs("nfdict: ", stderr);
	if (cli->source)
		fprintf(stderr, "%s: ", cli->source);
	if (cli->source && cli->line)
		fprintf(stderr, "line %lu: ", cli->line);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	putc('\n', stderr);
	return status;
}

/* The same for options, whose functions return -1. */
#define option_fail(cli, ...)	(cli_fail(cli, STATUS_USAGE, __VA_ARGS__), -1)

/* Prints the usage of a command. */
int cli_usage(struct cli *cli, const char *name)
{
	const struct command *command = command_find(name);

	return cli_fail(cli, STATUS_USAGE, "usage: %s%s %s",
			cli->source ? "" : "nfdict ", command->name,
			command->usage);
}

/**
 * cli_word() - format a word for a message
 * @text: word
 *
 * Return: the word, truncated if long, and quoted if it has unprintable
 * characters; valid until the fourth call from now.
 */
const char *cli_word(const char *text)
{
	static char bufs[4][8 * WORD_SHOWN];
	static unsigned int next;
	char *buf = bufs[next++ % ARRAY_SIZE(bufs)];
	size_t len = strlen(text), shown = len;
	FILE *out;

	if (len > WORD_SHOWN)
		/* Truncate at the start of a UTF-8 character. */
		for (shown = WORD_SHOWN - 3;
		     shown > WORD_SHOWN - 8 && (text[shown] & 0xc0) == 0x80;)
			shown--;
	out = fmemopen(buf, sizeof(bufs[0]), "w");
	if (!out)
		return "?";
	lex_put(out, text, shown);
	if (shown < len)
		fputs("...", out);
	fclose(out);
	return buf;
}

/**
 * cli_kernel_fail() - print the error of a request
 * @cli: run
 * @nd: handle that has the error
 * @table: table that it was about, or NULL
 * @key: key that it was about, or NULL
 *
 * The request of a file may have been sent after its line was read. The error
 * itself then has its line, table and key.
 *
 * Return: the exit status.
 */
int cli_kernel_fail(struct cli *cli, struct nfdict *nd, const char *table,
		    const char *key)
{
	struct nfdict_error error = *nfdict_error(nd);
	char text[NFDICT_TEXT_MAX];
	unsigned long line = cli->line;
	int status = STATUS_ERROR;

	if (!error.kernel && (error.code == -EINVAL || error.code == -ERANGE ||
			      error.code == -ENAMETOOLONG ||
			      error.code == -E2BIG))
		status = STATUS_USAGE;
	if (cli->source) {
		/* This is the first error. */
		cli->failed = true;
		if (nd == cli->nd)
			cli->line = error.tag >> 1;
		if (error.table[0]) {
			table = staged_table(cli, error.table);
			key = NULL;
			if (nfdict_key_print(&error.key, text,
					     sizeof(text)) >= 0)
				key = text;
		}
	}
	if (error.at == NFDICT_AT_TABLE || error.at == NFDICT_AT_TABLE2) {
		key = NULL;
		if (!error.kernel)
			table = error.table;
	} else if (error.at == NFDICT_AT_UNKNOWN && key) {
		error.at = NFDICT_AT_ROW;
	}
	status = cli_fail(cli, status, "%s%s%s%s%s%s%s",
			  table ? cli_word(table) : "", table ? ": " : "",
			  key ? cli_word(key) : "", key ? ": " : "",
			  error.field[0] ? cli_word(error.field) : "",
			  error.field[0] ? ": " : "", nfdict_strerror(&error));
	cli->line = line;
	return status;
}

/* A second handle, opened on first use; NULL with errno set on failure. */
struct nfdict *cli_second(struct cli *cli)
{
	if (!cli->nd2)
		cli->nd2 = nfdict_open();
	return cli->nd2;
}

static void help(FILE *out)
{
	fputs("Usage: nfdict [OPTION]... COMMAND [OPTION | ARGUMENT]...\n\n"
	      "Commands:\n", out);
	command_help(out);
	fputs("\nOptions:\n"
	      "  -e, -exist, --exist  no error if a table or row exists already, or is missing\n"
	      "  -f, --field FIELD    list: only this field\n"
	      "  -j, --json           print JSON; restore: read it\n"
	      "  -k, --key KEY        list: only rows with this key\n"
	      "  -n, --names          list: only names of tables\n"
	      "  -q, --quiet          no error messages\n"
	      "  -r, --raw            get: only values, unquoted, one per line\n"
	      "      --remaining      save: remaining lifetimes\n"
	      "  -s, --sync           monitor: list the tables first\n"
	      "      --sorted         list, save: sort tables, rows and fields\n"
	      "      --swap           load, restore: replace the contents of tables in one step\n"
	      "  -t, --terse          list: tables without rows\n"
	      "  -h, --help           this text\n"
	      "  -V, --version        version\n"
	      "\nOptions end at --. The value of a field is never an option.\n"
	      "\nA key is a decimal number, an address or else a string; a prefix forces a type:\n"
	      "int: ipv4_addr: ipv6_addr: ether_addr: string: raw:HEX. Types: bool int\n"
	      "int64 ipv4_addr ipv6_addr ether_addr long_string string_list. See nfdict(8).\n",
	      out);
}

static const struct {
	char letter;
	bool arg;
	const char *name;
	unsigned int opt;
} options[] = {
	{ 'e', false, "exist", OPT_EXIST },
	{ 'f', true, "field", OPT_FIELD },
	{ 'j', false, "json", OPT_JSON },
	{ 'k', true, "key", OPT_KEY },
	{ 'n', false, "names", OPT_NAMES },
	{ 'q', false, "quiet", OPT_QUIET },
	{ 'r', false, "raw", OPT_RAW },
	{ 0, false, "remaining", OPT_REMAINING },
	{ 0, false, "sorted", OPT_SORTED },
	{ 's', false, "sync", OPT_SYNC },
	{ 0, false, "swap", OPT_SWAP },
	{ 't', false, "terse", OPT_TERSE },
};

static const char *const others[] = { "-h", "--help", "-V", "--version" };

static bool is_option(const char *word)
{
	/* "-" and negative numbers are not options. */
	return word[0] == '-' && word[1] && !strchr("0123456789.", word[1]);
}

/* Sets an option. Return: 0, 1 if it used @next as its argument, or -1 after an
 * error message.
 */
static int set_option(struct cli *cli, const char *word, unsigned int n,
		      const char *arg, const char *next)
{
	bool took = false;

	if (options[n].arg && !arg) {
		if (!next)
			return option_fail(cli, "%s: argument is missing",
					cli_word(word));
		arg = next;
		took = true;
	} else if (!options[n].arg && arg) {
		return option_fail(cli, "%s: takes no argument",
				cli_word(word));
	}
	if (options[n].opt == OPT_KEY)
		cli->key = arg;
	if (options[n].opt == OPT_FIELD)
		cli->field = arg;
	cli->opts |= options[n].opt;
	return took;
}

/* Sets the options in a word.
 * Return: 0, 1 if @next was used as an argument, -1 after an error message, -2
 * if there is nothing left to do.
 */
static int take_word(struct cli *cli, const char *word, const char *next)
{
	const char *name = word + 2, *equals = strchr(word, '=');
	unsigned int i;
	size_t len;
	int ret;

	/* As in ipset. */
	if (!strcmp(word, "-exist") || !strcmp(word, "-!")) {
		cli->opts |= OPT_EXIST;
		return 0;
	}
	if (!cli->source && (!strcmp(word, "-h") || !strcmp(word, "--help"))) {
		help(stdout);
		return -2;
	}
	if (!cli->source &&
	    (!strcmp(word, "-V") || !strcmp(word, "--version"))) {
		printf("nfdict %s\n", nfdict_version());
		return -2;
	}
	if (word[1] == '-') {
		len = equals ? (size_t)(equals - name) : strlen(name);
		for (i = 0; i < ARRAY_SIZE(options); i++)
			if (strlen(options[i].name) == len &&
			    !memcmp(options[i].name, name, len))
				return set_option(cli, word, i, equals ?
						  equals + 1 : NULL, next);
		goto unknown;
	}
	for (name = word + 1; *name; name++) {
		for (i = 0; i < ARRAY_SIZE(options); i++)
			if (options[i].letter == *name)
				break;
		if (i == ARRAY_SIZE(options))
			goto unknown;
		if (options[i].arg)
			return set_option(cli, word, i,
					  name[1] ? name + 1 : NULL, next);
		ret = set_option(cli, word, i, NULL, NULL);
		if (ret)
			return ret;
	}
	return 0;

unknown:
	return option_fail(cli, "%s: unknown option%s", cli_word(word),
			cli->source ? "" : ", see nfdict --help");
}

/**
 * cli_option_argument() - parse an option without setting it
 * @word: word
 * @opt: set to the option if it takes an argument, otherwise to 0
 * @next: the argument is the next word
 *
 * Return: the word is an option.
 */
bool cli_option_argument(const char *word, unsigned int *opt, int *next)
{
	const char *letter = NULL;
	unsigned int i;
	bool found;

	*opt = 0;
	*next = 0;
	if (!is_option(word))
		return false;
	for (i = 0; i < ARRAY_SIZE(options); i++) {
		if (!options[i].arg)
			continue;
		if (word[1] != '-')
			letter = strchr(word, options[i].letter);
		if (letter)
			found = !letter[1];
		else
			found = word[1] == '-' &&
				!strcmp(word + 2, options[i].name);
		if (found) {
			*opt = options[i].opt;
			*next = 1;
			break;
		}
	}
	return true;
}

/* Offers the options of a command (NULL: all options). */
void cli_offer_options(const struct command *command, const char *word)
{
	char text[32];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(options); i++) {
		if (command && !(options[i].opt & (command->opts | OPT_QUIET)))
			continue;
		snprintf(text, sizeof(text), "-%c", options[i].letter);
		if (options[i].letter && !strncmp(text, word, strlen(word)))
			puts(text);
		snprintf(text, sizeof(text), "--%s", options[i].name);
		if (!strncmp(text, word, strlen(word)))
			puts(text);
	}
	if (command)
		return;
	for (i = 0; i < ARRAY_SIZE(others); i++)
		if (!strncmp(others[i], word, strlen(word)))
			puts(others[i]);
}

/* Refuses options that have no meaning for the command. */
static int check_options(struct cli *cli, const struct command *command)
{
	unsigned int wrong = cli->opts & ~command->opts & ~OPT_QUIET;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(options); i++)
		if (wrong & options[i].opt)
			return option_fail(cli,
					"--%s has no meaning with %s; a word that begins with - stands after --",
					options[i].name, command->name);
	return 0;
}

/**
 * cli_options() - parse and remove the options of a command
 * @cli: run, whose options are set
 * @command: the command
 * @argc: words
 * @argv: the command's name and its arguments; options are removed
 *
 * Return: number of words left, -1 after an error message, or -2 if there is
 * nothing left to do.
 */
int cli_options(struct cli *cli, const struct command *command, int argc,
		char **argv)
{
	int i, n = 1, skip = 0, ret;
	bool ended = false;

	for (i = 1; i < argc; i++) {
		if (skip) {
			skip--;
			argv[n++] = argv[i];
			continue;
		}
		if (!ended && !strcmp(argv[i], "--")) {
			ended = true;
			continue;
		}
		if (!ended && is_option(argv[i])) {
			ret = take_word(cli, argv[i],
					i + 1 < argc ? argv[i + 1] : NULL);
			if (ret < 0)
				return ret;
			i += ret;
			continue;
		}
		/* After the name of a field, skip its type and value: they are
		 * not options. "timeout" has only a value.
		 */
		if (command->row && n > (int)command->row) {
			skip = 2;
			if ((!strcmp(argv[i], "timeout") ||
			     !strcmp(argv[i], "expires")) && i + 1 < argc &&
			    !nfdict_type_parse(argv[i + 1]))
				skip = 1;
		}
		argv[n++] = argv[i];
	}
	ret = check_options(cli, command);
	return ret ? ret : n;
}

int main(int argc, char **argv)
{
	static struct cli cli;
	const struct command *command;
	int i, n, status;

	setvbuf(stdout, NULL, _IOFBF, 65536);
	cli.out = stdout;
	if (argc > 1 && !strcmp(argv[1], "--complete"))
		return cli_complete(&cli, argc - 2, argv + 2);
	for (i = 1; i < argc && is_option(argv[i]); i++) {
		if (!strcmp(argv[i], "--")) {
			i++;
			break;
		}
		n = take_word(&cli, argv[i], i + 1 < argc ? argv[i + 1] : NULL);
		if (n < 0)
			return n == -2 ? STATUS_OK : STATUS_USAGE;
		i += n;
	}
	argc -= i;
	argv += i;
	if (!argc) {
		help(stderr);
		return STATUS_USAGE;
	}
	if (!strcmp(argv[0], "help")) {
		help(stdout);
		return STATUS_OK;
	}
	command = command_find(argv[0]);
	if (!command)
		return cli_fail(&cli, STATUS_USAGE,
				"%s: unknown command, see nfdict --help",
				cli_word(argv[0]));
	argc = cli_options(&cli, command, argc, argv);
	if (argc < 0)
		return argc == -2 ? STATUS_OK : STATUS_USAGE;

	status = command_run(&cli, argc, argv, false);
	nfdict_close(cli.nd);
	nfdict_close(cli.nd2);
	errno = 0;
	if ((fflush(stdout) || ferror(stdout)) && status == STATUS_OK)
		status = cli_fail(&cli, STATUS_ERROR, "standard output: %s",
				  errno ? strerror(errno) : "write error");
	return status;
}
