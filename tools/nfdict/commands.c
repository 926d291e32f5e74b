// SPDX-License-Identifier: GPL-2.0-only
/*
 * nfdict(8): commands that change tables and rows
 *
 * Copyright (C) 2026 The nft_dict authors
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

static int parse_size(struct cli *cli, const char *text, uint32_t *size)
{
	unsigned long num;
	char *end;

	errno = 0;
	num = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno || num > UINT32_MAX)
		return cli_fail(cli, STATUS_USAGE,
				"size %s: not a number from 0 to %" PRIu32,
				cli_word(text), UINT32_MAX);
	*size = num;
	return 0;
}

static int parse_timeout(struct cli *cli, const char *text, uint64_t *ms)
{
	int err = lex_duration(text, ms);

	if (err == -ERANGE)
		return cli_fail(cli, STATUS_USAGE,
				"timeout %s: longer than 49 days",
				cli_word(text));
	if (err)
		return cli_fail(cli, STATUS_USAGE,
				"timeout %s: neither seconds nor like 1h30m",
				cli_word(text));
	return 0;
}

static int parse_class(struct cli *cli, const char *text, uint32_t *key_class)
{
	*key_class = nfdict_key_type_parse(text);
	if (*key_class == NFDICT_KEY_UNSPEC)
		return cli_fail(cli, STATUS_USAGE, "key %s: unknown class",
				cli_word(text));
	return 0;
}

/* Parses a key, and prints an error if it is invalid. */
int cli_key(struct cli *cli, const char *text, struct nfdict_key *key)
{
	if (!nfdict_key_parse(key, text))
		return 0;
	return cli_fail(cli, STATUS_USAGE, "key %s: %s", cli_word(text),
			nfdict_key_flaw(text));
}

/* [FIELD TYPE VALUE]... [timeout N] [expires N]: after the name of a field,
 * "timeout" included, comes a type. For lists, "add" and "sub" are operations
 * only in an update, as a list may have members of these names.
 */
int cli_fields(struct cli *cli, int argc, char **argv, bool update,
	       struct nfdict_row *row)
{
	struct nfdict_field *field;
	enum nfdict_type type;
	uint64_t ignored;
	int i, err;

	memset(row, 0, sizeof(*row));
	row->fields = cli->row_fields;
	for (i = 0; i < argc;) {
		type = i + 1 < argc ? nfdict_type_parse(argv[i + 1]) :
		       NFDICT_UNSPEC;
		if (type == NFDICT_UNSPEC) {
			if (i + 1 < argc && !strcmp(argv[i], "timeout")) {
				err = parse_timeout(cli, argv[i + 1],
						    &row->timeout);
				row->has_timeout = true;
			} else if (i + 1 < argc &&
				   !strcmp(argv[i], "expires")) {
				/* Printed by list; cannot be set. */
				err = parse_timeout(cli, argv[i + 1],
						    &ignored);
			} else if (i + 1 < argc) {
				return cli_fail(cli, STATUS_USAGE,
						"field %s: %s: unknown type",
						cli_word(argv[i]),
						cli_word(argv[i + 1]));
			} else {
				return cli_fail(cli, STATUS_USAGE,
						"field %s: type and value are missing",
						cli_word(argv[i]));
			}
			if (err)
				return err;
			i += 2;
			continue;
		}
		if (i + 2 == argc)
			return cli_fail(cli, STATUS_USAGE,
					"field %s: value is missing",
					cli_word(argv[i]));
		if (row->nfields == NFDICT_FIELDS_MAX)
			return cli_fail(cli, STATUS_USAGE,
					"more than %d fields",
					NFDICT_FIELDS_MAX);
		field = &row->fields[row->nfields++];
		memset(field, 0, sizeof(*field));
		field->name = argv[i];
		field->name_len = strlen(argv[i]);
		/* FIELD TYPE add NUMBER, as in rules. */
		if ((type == NFDICT_INT || type == NFDICT_INT64 ||
		     (update && type == NFDICT_STRING_LIST)) &&
		    i + 3 < argc && (!strcmp(argv[i + 2], "add") ||
				     !strcmp(argv[i + 2], "sub"))) {
			field->op = argv[i + 2][0] == 'a' ? NFDICT_OP_ADD :
							    NFDICT_OP_SUB;
			/* The earlier words are no longer needed. */
			argv[i + 2] = argv[i + 1];
			i++;
		}
		err = nfdict_value_parse(&field->value, type, argv[i + 2]);
		if (err)
			return cli_fail(cli, STATUS_USAGE,
					"field %s: %s %s: %s",
					cli_word(field->name), argv[i + 1],
					cli_word(argv[i + 2]),
					nfdict_value_flaw(type, argv[i + 2]));
		i += 3;
	}
	return 0;
}

static int result(struct cli *cli, int err, const char *table,
		  const char *key)
{
	return err ? cli_kernel_fail(cli, cli->nd, table, key) : 0;
}

/* Adds a field to the declaration of a table. */
int cli_declare(struct cli *cli, struct nfdict_table *table, const char *name,
		const char *type)
{
	struct nfdict_decl *decl;

	if (strlen(name) > NFDICT_NAME_MAX)
		return cli_fail(cli, STATUS_USAGE,
				"field %s: name is longer than %d bytes",
				cli_word(name), NFDICT_NAME_MAX);
	if (nfdict_type_parse(type) == NFDICT_UNSPEC)
		return cli_fail(cli, STATUS_USAGE, "field %s: %s: unknown type",
				cli_word(name), cli_word(type));
	if (table->ndecls == NFDICT_FIELDS_MAX)
		return cli_fail(cli, STATUS_USAGE, "more than %d fields",
				NFDICT_FIELDS_MAX);
	table->decls = cli->decls;
	decl = &cli->decls[table->ndecls++];
	memset(decl, 0, sizeof(*decl));
	strcpy(decl->name, name);
	decl->type = nfdict_type_parse(type);
	return 0;
}

/* One property of a table, at argv[*i] of a command. */
static int parse_property(struct cli *cli, int argc, char **argv, int *i,
			  struct nfdict_table *table)
{
	int left = argc - *i;
	char **word = argv + *i;

	*i += 2;
	if (left >= 3 && !strcmp(word[0], "field")) {
		*i += 1;
		return cli_declare(cli, table, word[1], word[2]);
	}
	if (left >= 2 && !strcmp(word[0], "size"))
		return parse_size(cli, word[1], &table->size);
	if (left >= 2 && !strcmp(word[0], "timeout"))
		return parse_timeout(cli, word[1], &table->timeout);
	return cli_usage(cli, argv[0]);
}

static int cmd_create(struct cli *cli, int argc, char **argv)
{
	struct nfdict_table table = {};
	int i, err;

	for (i = 2; i < argc;) {
		if (!strcmp(argv[i], "open")) {
			table.open = true;
			err = 0;
			i++;
		} else if (i + 1 < argc && !strcmp(argv[i], "key")) {
			err = parse_class(cli, argv[i + 1], &table.key_class);
			i += 2;
		} else {
			err = parse_property(cli, argc, argv, &i, &table);
		}
		if (err)
			return err;
	}
	if (table.open && !table.ndecls)
		return cli_fail(cli, STATUS_USAGE,
				"open: a table that declares no fields is open anyway");
	if (cli->opts & OPT_SWAP && cli->source)
		return staged_create(cli, argv[1], &table);
	err = nfdict_table_declare(cli->nd, argv[1], &table,
				   cli->opts & OPT_EXIST ? 0 : NFDICT_F_EXCL);
	return result(cli, err, argv[1], NULL);
}

static int cmd_change(struct cli *cli, int argc, char **argv)
{
	struct nfdict_table table;
	struct nfdict *nd;
	int i, err;

	/* Properties that are not given keep their values. */
	nd = cli_second(cli);
	if (!nd)
		return cli_fail(cli, STATUS_ERROR, "netlink: %s",
				strerror(errno));
	err = nfdict_batch_flush(cli->nd);
	if (err)
		return result(cli, err, argv[1], NULL);
	if (nfdict_table_get(nd, argv[1], &table))
		return cli_kernel_fail(cli, nd, argv[1], NULL);
	if (table.ndecls)
		memcpy(cli->decls, table.decls,
		       table.ndecls * sizeof(*table.decls));
	table.decls = cli->decls;
	for (i = 2; i < argc;) {
		err = parse_property(cli, argc, argv, &i, &table);
		if (err)
			return err;
	}
	err = nfdict_table_declare(cli->nd, argv[1], &table, NFDICT_F_REPLACE);
	return result(cli, err, argv[1], NULL);
}

/* With -exist, it is no error if nothing was deleted. For requests in a file,
 * restore checks this when it reads the answer.
 */
static int delete_result(struct cli *cli, int err, const char *table,
			 const char *key)
{
	if (!cli->source && cli->opts & OPT_EXIST && err == -ENOENT)
		err = 0;
	return result(cli, err, table, key);
}

static int cmd_destroy(struct cli *cli, int argc, char **argv)
{
	int i, err, status;

	for (i = 1; i < argc; i++) {
		err = nfdict_table_delete(cli->nd, argv[i]);
		status = delete_result(cli, err, argv[i], NULL);
		if (status)
			return status;
	}
	return 0;
}

static int cmd_flush(struct cli *cli, int argc, char **argv)
{
	const char *table;
	int i, status;

	for (i = 1; i < argc; i++) {
		table = staged_name(cli, argv[i]);
		if (!table)
			return STATUS_ERROR;
		status = result(cli, nfdict_table_flush(cli->nd, table),
				argv[i], NULL);
		if (status)
			return status;
	}
	return 0;
}

static int cmd_swap(struct cli *cli, int argc, char **argv)
{
	int err;

	if (argc % 2 == 0)
		return cli_usage(cli, argv[0]);
	err = nfdict_tables_swap(cli->nd, (const char *const *)argv + 1,
				 argc - 1);
	if (!err)
		return 0;
	/* The error has the name of the table that it is about. */
	return result(cli, err, nfdict_error(cli->nd)->table[0] ?
		      nfdict_error(cli->nd)->table : NULL, NULL);
}

/* The kernel has no request to rename, since rules refer to the table, not to
 * its name. If no rule uses the table, swap its rows into a new one instead.
 */
static int cmd_rename(struct cli *cli, int argc, char **argv)
{
	struct nfdict_table table;
	int err;

	(void)argc;
	if (nfdict_table_get(cli->nd, argv[1], &table))
		return cli_kernel_fail(cli, cli->nd, argv[1], NULL);
	if (table.use)
		return cli_fail(cli, STATUS_ERROR,
				"%s: table is used by rules",
				cli_word(argv[1]));
	if (nfdict_table_declare(cli->nd, argv[2], &table, NFDICT_F_EXCL))
		return cli_kernel_fail(cli, cli->nd, argv[2], NULL);
	err = nfdict_table_swap(cli->nd, argv[1], argv[2]);
	if (!err) {
		err = nfdict_table_delete(cli->nd, argv[1]);
		if (!err)
			return 0;
		/* A rule may have begun to use the old table. */
		cli_kernel_fail(cli, cli->nd, argv[1], NULL);
		nfdict_table_swap(cli->nd, argv[1], argv[2]);
	} else {
		cli_kernel_fail(cli, cli->nd, argv[1], NULL);
	}
	nfdict_table_delete(cli->nd, argv[2]);
	return STATUS_ERROR;
}

static int write_row(struct cli *cli, int argc, char **argv,
		     unsigned int flags)
{
	struct nfdict_key key;
	struct nfdict_row row;
	const char *table;
	int status;

	status = cli_key(cli, argv[2], &key);
	if (!status)
		status = cli_fields(cli, argc - 3, argv + 3,
				    !(flags & NFDICT_F_CREATE), &row);
	if (status)
		return status;
	row.key = key;
	if (!row.nfields)
		return cli_usage(cli, argv[0]);
	table = staged_name(cli, argv[1]);
	if (!table)
		return STATUS_ERROR;
	return result(cli, nfdict_row_set(cli->nd, table, &row, flags),
		      argv[1], argv[2]);
}

static int cmd_set(struct cli *cli, int argc, char **argv)
{
	return write_row(cli, argc, argv, NFDICT_F_CREATE);
}

static int cmd_add(struct cli *cli, int argc, char **argv)
{
	return write_row(cli, argc, argv, NFDICT_F_CREATE |
			 (cli->opts & OPT_EXIST ? 0 : NFDICT_F_EXCL));
}

static int cmd_replace(struct cli *cli, int argc, char **argv)
{
	return write_row(cli, argc, argv, NFDICT_F_CREATE | NFDICT_F_REPLACE);
}

static int cmd_update(struct cli *cli, int argc, char **argv)
{
	return write_row(cli, argc, argv, 0);
}

static int cmd_delete(struct cli *cli, int argc, char **argv)
{
	struct nfdict_row row = { .fields = cli->row_fields };
	const char *table;
	int i, err, status;

	status = cli_key(cli, argv[2], &row.key);
	if (status)
		return status;
	if (argc - 3 > NFDICT_FIELDS_MAX)
		return cli_fail(cli, STATUS_USAGE, "more than %d fields",
				NFDICT_FIELDS_MAX);
	for (i = 3; i < argc; i++) {
		struct nfdict_field *field = &row.fields[row.nfields++];

		memset(field, 0, sizeof(*field));
		field->name = argv[i];
		field->name_len = strlen(argv[i]);
	}
	table = staged_name(cli, argv[1]);
	if (!table)
		return STATUS_ERROR;
	err = nfdict_row_delete(cli->nd, table, &row);
	return delete_result(cli, err, argv[1], argv[2]);
}

#define ROW_USAGE \
	"TABLE KEY FIELD TYPE VALUE [FIELD TYPE VALUE]... [timeout TIME]"

static const struct command commands[] = {
	{ "create",
	  "TABLE [key CLASS] [field NAME TYPE]... [open] [size ROWS] [timeout TIME]",
	  "create a table", cmd_create, 1, -1, OPT_EXIST, 0, true },
	{ "change", "TABLE [field NAME TYPE]... [size ROWS] [timeout TIME]",
	  "change the size or timeout of a table, or declare more fields",
	  cmd_change, 3, -1, 0, 0, true },
	{ "destroy", "TABLE...", "delete tables that no rule uses",
	  cmd_destroy, 1, -1, OPT_EXIST, 0, true },
	{ "flush", "TABLE...", "delete all rows of tables",
	  cmd_flush, 1, -1, 0, 0, true },
	{ "swap", "TABLE TABLE [TABLE TABLE]...",
	  "exchange the rows of pairs of tables in one step",
	  cmd_swap, 2, -1, 0, 0, true },
	{ "rename", "TABLE NAME", "rename a table that no rule uses",
	  cmd_rename, 2, 2, 0, 0, false },
	{ "set", ROW_USAGE, "set fields of a row; create a missing row and table",
	  cmd_set, 2, -1, 0, 2, true },
	{ "add", ROW_USAGE, "create a row",
	  cmd_add, 2, -1, OPT_EXIST, 2, true },
	{ "replace", ROW_USAGE, "write a row and remove its other fields",
	  cmd_replace, 2, -1, 0, 2, true },
	{ "update", "TABLE KEY FIELD TYPE [add | sub] VALUE... [timeout TIME]",
	  "set fields of an existing row, or add to them",
	  cmd_update, 2, -1, 0, 2, true },
	{ "delete", "TABLE KEY [FIELD]...", "delete a row, or fields of it",
	  cmd_delete, 2, -1, OPT_EXIST, 0, true },
	{ "get", "TABLE KEY [FIELD]...", "print a row, or fields of it",
	  cmd_get, 2, -1, OPT_JSON | OPT_RAW, 0, false },
	{ "list", "[TABLE]...", "print tables and rows",
	  cmd_list, 0, -1, OPT_JSON | OPT_NAMES | OPT_TERSE | OPT_KEY |
			   OPT_FIELD | OPT_SORTED, 0, false },
	{ "save", "[TABLE]...", "print the commands that rebuild tables",
	  cmd_save, 0, -1, OPT_JSON | OPT_SORTED | OPT_REMAINING, 0,
	  false },
	{ "restore", "[--swap] [FILE]", "run the commands in a file",
	  cmd_restore, 0, 1, OPT_EXIST | OPT_JSON | OPT_SWAP, 0, false },
	{ "load", "[--swap] TABLE FIELD TYPE VALUE... [timeout TIME]",
	  "set fields of the rows of a list of keys, one per line",
	  cmd_load, 4, -1, OPT_SWAP, 1, false },
	{ "stats", "[TABLE]...", "print statistics of tables",
	  cmd_stats, 0, -1, OPT_JSON, 0, false },
	{ "monitor", "[--sync] [TABLE]...", "print changes as they happen",
	  cmd_monitor, 0, -1, OPT_JSON | OPT_SYNC, 0, false },
};

/* Aliases of commands. */
static const struct {
	const char *name;
	const char *command;
} aliases[] = {
	{ "del", "delete" },
	{ "ls", "list" },
	{ "show", "list" },
};

const struct command *command_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(aliases); i++)
		if (!strcmp(name, aliases[i].name))
			name = aliases[i].command;
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		if (!strcmp(name, commands[i].name))
			return &commands[i];
	return NULL;
}

void command_help(FILE *out)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(commands); i++)
		fprintf(out, "  %-8s %s\n           %s\n", commands[i].name,
			commands[i].usage, commands[i].help);
}

/* Prints the names of commands that start with @word. */
void command_offer(const char *word)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(commands); i++)
		if (!strncmp(commands[i].name, word, strlen(word)))
			puts(commands[i].name);
}

/**
 * command_run() - run a command
 * @cli: run
 * @argc: words, without options
 * @argv: the name of an existing command and its arguments
 * @restore: it comes from a file
 *
 * Return: exit status.
 */
int command_run(struct cli *cli, int argc, char **argv, bool restore)
{
	const struct command *command = command_find(argv[0]);

	if (restore && !command->restore)
		return cli_fail(cli, STATUS_USAGE,
				"%s: not possible in a file", argv[0]);
	if (cli->opts & OPT_SWAP && restore &&
	    (!strcmp(command->name, "destroy") ||
	     !strcmp(command->name, "change") ||
	     !strcmp(command->name, "swap")))
		return cli_fail(cli, STATUS_USAGE,
				"%s: not possible with --swap", argv[0]);
	if (argc - 1 < command->min ||
	    (command->max >= 0 && argc - 1 > command->max))
		return cli_usage(cli, argv[0]);
	if (!cli->nd)
		cli->nd = nfdict_open();
	if (!cli->nd)
		return cli_fail(cli, STATUS_ERROR, "netlink: %s",
				strerror(errno));
	return command->run(cli, argc, argv);
}
