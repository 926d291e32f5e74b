// SPDX-License-Identifier: GPL-2.0-only
/*
 * nfdict(8): commands that print tables and rows
 *
 * Copyright (C) 2025 The nft_dict authors
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "cli.h"

/**
 * struct listing - state of a listing
 *
 * @cli: run
 * @each: called for each table
 * @expires: print what is left of a row's lifetime
 * @filter: print some rows only, so nothing about the tables
 * @key: only rows with this one, if @cli->key is set
 * @timeout: default lifetime of the table at hand
 * @ntables: tables printed
 * @nrows: rows of the table at hand printed
 * @status: exit status so far
 */
struct listing {
	struct cli *cli;
	int (*each)(struct listing *list, const struct nfdict_table *table);
	bool expires;
	bool filter;
	struct nfdict_key key;
	uint64_t timeout;
	unsigned int ntables;
	unsigned long nrows;
	int status;
};

static int list_row(const char *table, const struct nfdict_row *row,
		    void *data)
{
	struct listing *list = data;
	struct nfdict_row copy;

	if (list->cli->json) {
		copy = *row;
		if (!list->expires)
			copy.expires = 0;
		fputs(list->nrows++ ? ",\n   {" : "\n   {", stdout);
		json_row(NULL, &copy);
		putchar('}');
	} else {
		out_row("set", table, row, list->timeout, list->expires);
		putchar('\n');
	}
	return 0;
}

static int inconsistent(struct cli *cli, const char *table)
{
	return cli_fail(cli, STATUS_INCONSISTENT,
			"%s%schanged while being listed: rows may be missing or double",
			table ? table : "tables", table ? ": " : " ");
}

static int list_table(struct listing *list, const struct nfdict_table *table)
{
	struct cli *cli = list->cli;
	int err;

	if (cli->json) {
		fputs(list->ntables++ ? ",\n {" : "\n {", stdout);
		if (cli->names)
			json_name("name", table->name);
		else
			json_table(table);
	} else if (cli->names) {
		out_word(table->name);
		putchar('\n');
	} else if (!list->filter) {
		out_table(table->name, table->size, table->timeout);
		putchar('\n');
	}
	if (!cli->names && !cli->terse) {
		list->nrows = 0;
		list->timeout = table->timeout;
		if (cli->json)
			fputs(", \"rows\": [", stdout);
		err = nfdict_rows(cli->nd, table->name,
				  cli->key ? &list->key : NULL, cli->field,
				  list_row, list);
		if (cli->json)
			fputs("]", stdout);
		/* It may have been deleted since, and a field that nobody
		 * uses is not in any row.
		 */
		if (err == -EINTR)
			list->status = inconsistent(cli, table->name);
		else if (err && err != -ENOENT)
			list->status = cli_kernel_fail(cli, cli->nd,
						       table->name, cli->key);
	}
	if (cli->json)
		putchar('}');
	return 0;
}

static int print_stats(struct listing *list, const struct nfdict_table *table)
{
	if (list->cli->json) {
		fputs(list->ntables++ ? ",\n {" : "\n {", stdout);
		json_table(table);
		printf(", \"stats\": {\"rows\": %" PRIu32 ", \"rules\": %" PRIu32
		       ", \"bytes\": %" PRIu64 ", \"drops\": %" PRIu64
		       ", \"expired\": %" PRIu64 "}}", table->rows, table->use,
		       table->bytes, table->drops, table->expired);
		return 0;
	}
	out_word(table->name);
	printf(" rows %" PRIu32 " size %" PRIu32 " rules %" PRIu32
	       " bytes %" PRIu64 " drops %" PRIu64 " expired %" PRIu64 "\n",
	       table->rows, table->size, table->use, table->bytes,
	       table->drops, table->expired);
	return 0;
}

static int each_table(const struct nfdict_table *table, void *data)
{
	struct listing *list = data;

	return list->each(list, table);
}

/* Does list->each for the tables named, or for all. */
static int walk(struct listing *list, int argc, char **argv)
{
	struct cli *cli = list->cli;
	struct nfdict_table table;
	struct nfdict *nd2;
	int i, err;

	/* Rows are asked for while the list of tables is still coming. */
	nd2 = cli_second(cli);
	if (!nd2)
		return cli_fail(cli, STATUS_ERROR, "netlink: %s",
				strerror(errno));
	if (argc == 1) {
		if (cli->json)
			fputs("{\"tables\": [", stdout);
		err = nfdict_tables(nd2, each_table, list);
		if (err == -EINTR)
			list->status = inconsistent(cli, NULL);
		else if (err)
			list->status = cli_kernel_fail(cli, nd2, NULL, NULL);
	} else {
		for (i = 1; i < argc; i++) {
			err = nfdict_table_get(cli->nd, argv[i], &table);
			if (err) {
				list->status = cli_kernel_fail(cli, cli->nd,
							       argv[i], NULL);
				continue;
			}
			if (cli->json && !list->ntables)
				fputs("{\"tables\": [", stdout);
			list->each(list, &table);
		}
		if (cli->json && !list->ntables)
			return list->status;
	}
	if (cli->json)
		puts("]}");
	return list->status;
}

int cmd_list(struct cli *cli, int argc, char **argv)
{
	struct listing list = {
		.cli = cli, .each = list_table, .expires = true,
		.filter = cli->key || cli->field,
	};

	if (cli->key && nfdict_key_parse(&list.key, cli->key))
		return cli_fail(cli, STATUS_USAGE, "key %s: not valid",
				cli->key);
	return walk(&list, argc, argv);
}

int cmd_save(struct cli *cli, int argc, char **argv)
{
	struct listing list = { .cli = cli, .each = list_table };

	cli->names = false;
	cli->terse = false;
	cli->key = NULL;
	cli->field = NULL;
	return walk(&list, argc, argv);
}

int cmd_stats(struct cli *cli, int argc, char **argv)
{
	struct listing list = { .cli = cli, .each = print_stats };

	return walk(&list, argc, argv);
}

struct get {
	struct cli *cli;
	int nfields;
	char **fields;
	const char *key;
	uint64_t timeout;
	int status;
	bool found;
};

static int get_row(const char *table, const struct nfdict_row *row, void *data)
{
	struct get *get = data;
	struct cli *cli = get->cli;
	struct nfdict_row part = *row;
	char text[NFDICT_TEXT_MAX];
	unsigned int f;
	int i;

	get->found = true;
	if (get->nfields) {
		part.fields = cli->row_fields;
		part.nfields = 0;
	}
	for (i = 0; i < get->nfields; i++) {
		for (f = 0; f < row->nfields; f++)
			if (row->fields[f].name_len ==
			    strlen(get->fields[i]) &&
			    !memcmp(row->fields[f].name, get->fields[i],
				    row->fields[f].name_len))
				break;
		if (f == row->nfields) {
			get->status = cli_fail(cli, STATUS_ERROR,
					       "%s: %s: %s: field does not exist",
					       table, get->key,
					       get->fields[i]);
			return 0;
		}
		part.fields[part.nfields++] = row->fields[f];
	}
	if (cli->raw) {
		for (f = 0; f < part.nfields; f++)
			if (nfdict_value_print(&part.fields[f].value, text,
					       sizeof(text)) >= 0)
				puts(text);
	} else if (cli->json) {
		putchar('{');
		json_row(table, &part);
		puts("}");
	} else {
		out_row("set", table, &part, get->timeout, true);
		putchar('\n');
	}
	return 0;
}

int cmd_get(struct cli *cli, int argc, char **argv)
{
	struct get get = {
		.cli = cli, .nfields = argc - 3, .fields = argv + 3,
		.key = argv[2],
	};
	struct nfdict_table table;
	struct nfdict_key key;

	if (get.nfields > NFDICT_FIELDS_MAX)
		return cli_fail(cli, STATUS_USAGE, "more than %d fields",
				NFDICT_FIELDS_MAX);
	if (nfdict_key_parse(&key, argv[2]))
		return cli_fail(cli, STATUS_USAGE, "key %s: not valid",
				argv[2]);
	if (nfdict_table_get(cli->nd, argv[1], &table))
		return cli_kernel_fail(cli, cli->nd, argv[1], NULL);
	get.timeout = table.timeout;
	if (nfdict_row_get(cli->nd, argv[1], &key, get_row, &get))
		return cli_kernel_fail(cli, cli->nd, argv[1], argv[2]);
	if (!get.found)
		return cli_fail(cli, STATUS_ERROR,
				"%s: %s: row does not exist", argv[1],
				argv[2]);
	return get.status;
}
