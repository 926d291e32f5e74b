// SPDX-License-Identifier: GPL-2.0-only
/*
 * nfdict(8): commands that print tables and rows
 *
 * Copyright (C) 2025 The nft_dict authors
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

/* How often to repeat a listing that was inconsistent. */
#define TRIES	20

/**
 * struct listing - state of a listing
 *
 * @cli: run
 * @each: called for each table
 * @expires: print the remaining lifetimes of rows
 * @remaining: print them as the lifetimes
 * @filter: print only some rows, and not the tables
 * @key: only rows with this key, if set
 * @spool: output of the current table
 * @out: its stream
 * @timeout: default lifetime of rows of the current table
 * @ntables: tables printed
 * @nrows: rows of the current table printed
 * @rows: rows of it, to be sorted
 * @nsort: number of @rows
 * @sort_room: room for as many
 * @status: exit status so far
 */
struct listing {
	struct cli *cli;
	int (*each)(struct listing *list, const struct nfdict_table *table);
	bool expires;
	bool remaining;
	bool filter;
	struct nfdict_key key;
	struct spool *spool;
	FILE *out;
	uint64_t timeout;
	unsigned int ntables;
	unsigned long nrows;
	struct nfdict_row **rows;
	size_t nsort;
	size_t sort_room;
	int status;
};

static void print_row(struct listing *list, const char *table,
		      const struct nfdict_row *row)
{
	struct nfdict_row copy = *row;

	if (list->remaining && copy.expires) {
		copy.timeout = copy.expires;
		copy.has_timeout = true;
	}
	if (!list->expires)
		copy.expires = 0;
	if (list->cli->opts & OPT_JSON) {
		fputs(list->nrows++ ? ",\n   {" : "\n   {", list->out);
		json_row(list->out, NULL, &copy, list->timeout);
		putc('}', list->out);
	} else {
		out_row(list->out, "set", table, &copy, list->timeout,
			list->expires);
		putc('\n', list->out);
	}
}

static int compare_fields(const void *a, const void *b)
{
	const struct nfdict_field *x = a, *y = b;
	size_t len = x->name_len < y->name_len ? x->name_len : y->name_len;
	int order = memcmp(x->name, y->name, len);

	return order ? order : x->name_len < y->name_len ? -1 :
	       x->name_len > y->name_len;
}

static int compare_rows(const void *a, const void *b)
{
	const struct nfdict_key *x = &(*(struct nfdict_row *const *)a)->key;
	const struct nfdict_key *y = &(*(struct nfdict_row *const *)b)->key;
	size_t len = x->len < y->len ? x->len : y->len;
	int order;

	if (x->type != y->type)
		return x->type < y->type ? -1 : 1;
	if (x->type == NFDICT_KEY_INT)
		return x->num < y->num ? -1 : x->num > y->num;
	order = memcmp(x->data, y->data, len);
	return order ? order : x->len < y->len ? -1 : x->len > y->len;
}

static int list_row(const char *table, const struct nfdict_row *row,
		    void *data)
{
	struct listing *list = data;
	struct nfdict_row **rows;
	size_t room;

	if (!(list->cli->opts & OPT_SORTED)) {
		print_row(list, table, row);
		return 0;
	}
	if (list->nsort == list->sort_room) {
		room = 2 * list->sort_room + 64;
		rows = realloc(list->rows, room * sizeof(*rows));
		if (!rows)
			return -ENOMEM;
		list->rows = rows;
		list->sort_room = room;
	}
	list->rows[list->nsort] = nfdict_row_copy(row);
	if (!list->rows[list->nsort])
		return -ENOMEM;
	list->nsort++;
	return 0;
}

/* Sorts and prints the stored rows, if @print, and frees them. */
static void sorted_rows(struct listing *list, const char *table, bool print)
{
	struct nfdict_row *row;
	size_t i;

	if (print && list->nsort)
		qsort(list->rows, list->nsort, sizeof(*list->rows),
		      compare_rows);
	for (i = 0; i < list->nsort; i++) {
		row = list->rows[i];
		if (print) {
			qsort(row->fields, row->nfields, sizeof(*row->fields),
			      compare_fields);
			print_row(list, table, row);
		}
		nfdict_row_free(row);
	}
	list->nsort = 0;
}

static void print_table(struct listing *list, const struct nfdict_table *table)
{
	struct cli *cli = list->cli;

	if (cli->opts & OPT_JSON) {
		fputs(list->ntables ? ",\n {" : "\n {", list->out);
		if (cli->opts & OPT_NAMES)
			json_name(list->out, "name", table->name);
		else
			json_table(list->out, table);
	} else if (cli->opts & OPT_NAMES) {
		lex_put(list->out, table->name, strlen(table->name));
		putc('\n', list->out);
	} else if (!list->filter) {
		out_table(list->out, table);
		putc('\n', list->out);
	}
}

/* Prints a table to the spool. Return: 0, -EINTR: inconsistent, or an error. */
static int try_table(struct listing *list, const struct nfdict_table *table)
{
	struct cli *cli = list->cli;
	int err = 0;

	print_table(list, table);
	if (!(cli->opts & (OPT_NAMES | OPT_TERSE))) {
		list->nrows = 0;
		list->timeout = table->timeout;
		if (cli->opts & OPT_JSON)
			fputs(", \"rows\": [", list->out);
		err = nfdict_rows(cli->nd, table->name,
				  cli->opts & OPT_KEY ? &list->key : NULL,
				  cli->opts & OPT_FIELD ? cli->field : NULL,
				  list_row, list);
		/* A field name that does not exist is in no row. */
		if (err == -ENOENT &&
		    nfdict_error(cli->nd)->at == NFDICT_AT_FIELD)
			err = 0;
		sorted_rows(list, table->name, !err);
		if (cli->opts & OPT_JSON)
			putc(']', list->out);
	}
	if (cli->opts & OPT_JSON)
		putc('}', list->out);
	return err;
}

static int list_table(struct listing *list, const struct nfdict_table *table)
{
	struct cli *cli = list->cli;
	unsigned int tries = 0;
	int err;

	while ((err = try_table(list, table)) == -EINTR && ++tries < TRIES)
		spool_drop(list->spool, list->out);
	if (err == -ENOENT) {
		/* The table was deleted meanwhile. */
		spool_drop(list->spool, list->out);
		return 0;
	}
	if (err == -ENOMEM)
		list->status = cli_fail(cli, STATUS_ERROR, "%s",
					strerror(ENOMEM));
	else if (err == -EINTR)
		list->status = cli_fail(cli, STATUS_INCONSISTENT,
					"%s: changes too fast to be listed: rows may be missing or double",
					cli_word(table->name));
	else if (err)
		list->status = cli_kernel_fail(cli, cli->nd, table->name,
					       cli->key);
	list->ntables++;
	err = spool_print(list->spool, list->out, stdout);
	if (err) {
		list->status = cli_fail(cli, STATUS_ERROR,
					"temporary file: %s", strerror(-err));
		return 1;
	}
	return ferror(stdout);
}

static int print_stats(struct listing *list, const struct nfdict_table *table)
{
	if (list->cli->opts & OPT_JSON) {
		fputs(list->ntables++ ? ",\n {" : "\n {", stdout);
		json_table(stdout, table);
		printf(", \"stats\": {\"rows\": %" PRIu32 ", \"rules\": %" PRIu32
		       ", \"bytes\": %" PRIu64 ", \"drops\": %" PRIu64
		       ", \"expired\": %" PRIu64 "}}", table->rows, table->use,
		       table->bytes, table->drops, table->expired);
		return 0;
	}
	lex_put(stdout, table->name, strlen(table->name));
	printf(" rows %" PRIu32 " size %" PRIu32 " rules %" PRIu32
	       " bytes %" PRIu64 " drops %" PRIu64 " expired %" PRIu64 "\n",
	       table->rows, table->size, table->use, table->bytes,
	       table->drops, table->expired);
	return 0;
}

/**
 * struct tables - list of the existing tables
 *
 * @list: the tables
 * @n: number of them
 * @room: room for as many
 */
struct tables {
	struct nfdict_table *list;
	size_t n;
	size_t room;
};

/* Adds a table and copies its declaration, which the library reuses. */
static int note_table(const struct nfdict_table *table, void *data)
{
	size_t room, size = table->ndecls * sizeof(*table->decls);
	struct nfdict_decl *decls = NULL;
	struct tables *tables = data;
	struct nfdict_table *list;

	if (tables->n == tables->room) {
		room = 2 * tables->room + 16;
		list = realloc(tables->list, room * sizeof(*list));
		if (!list)
			return -ENOMEM;
		tables->list = list;
		tables->room = room;
	}
	if (size) {
		decls = malloc(size);
		if (!decls)
			return -ENOMEM;
		memcpy(decls, table->decls, size);
	}
	tables->list[tables->n] = *table;
	tables->list[tables->n++].decls = decls;
	return 0;
}

static void drop_tables(struct tables *tables)
{
	while (tables->n)
		free((void *)tables->list[--tables->n].decls);
}

static int compare_tables(const void *a, const void *b)
{
	const struct nfdict_table *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static void walk_all(struct listing *list)
{
	struct tables tables = {};
	struct cli *cli = list->cli;
	unsigned int tries = 0;
	size_t i;
	int err;

	do {
		drop_tables(&tables);
		err = nfdict_tables(cli->nd, note_table, &tables);
	} while (err == -EINTR && ++tries < TRIES);
	if (err == -ENOMEM)
		list->status = cli_fail(cli, STATUS_ERROR, "%s",
					strerror(ENOMEM));
	else if (err == -EINTR)
		list->status = cli_fail(cli, STATUS_INCONSISTENT,
					"tables change too fast to be listed: some may be missing or double");
	else if (err)
		list->status = cli_kernel_fail(cli, cli->nd, NULL, NULL);
	if (cli->opts & OPT_JSON && (!err || err == -EINTR))
		fputs("{\"tables\": [", stdout);
	if (cli->opts & OPT_SORTED && tables.n)
		qsort(tables.list, tables.n, sizeof(*tables.list),
		      compare_tables);
	for (i = 0; i < tables.n; i++)
		if (list->each(list, &tables.list[i]))
			break;
	if (cli->opts & OPT_JSON && (!err || err == -EINTR))
		puts("]}");
	drop_tables(&tables);
	free(tables.list);
}

static void walk_named(struct listing *list, int argc, char **argv)
{
	struct cli *cli = list->cli;
	struct nfdict_table table;
	bool any = false;
	int i;

	for (i = 1; i < argc; i++) {
		if (nfdict_table_get(cli->nd, argv[i], &table)) {
			list->status = cli_kernel_fail(cli, cli->nd, argv[i],
						       NULL);
			continue;
		}
		if (cli->opts & OPT_JSON && !any)
			fputs("{\"tables\": [", stdout);
		any = true;
		if (list->each(list, &table))
			break;
	}
	if (cli->opts & OPT_JSON && any)
		puts("]}");
}

/* Calls list->each for the named tables, or for all. Return: exit status. */
static int walk(struct listing *list, int argc, char **argv)
{
	list->spool = spool_open(&list->out);
	if (!list->spool)
		return cli_fail(list->cli, STATUS_ERROR, "%s",
				strerror(errno));
	if (argc == 1)
		walk_all(list);
	else
		walk_named(list, argc, argv);
	free(list->rows);
	fclose(list->out);
	return list->status;
}

int cmd_list(struct cli *cli, int argc, char **argv)
{
	struct listing list = {
		.cli = cli, .each = list_table, .expires = true,
		.filter = cli->opts & (OPT_KEY | OPT_FIELD),
	};

	if (cli->opts & OPT_KEY && cli_key(cli, cli->key, &list.key))
		return cli->status;
	return walk(&list, argc, argv);
}

int cmd_save(struct cli *cli, int argc, char **argv)
{
	struct listing list = {
		.cli = cli, .each = list_table,
		.remaining = cli->opts & OPT_REMAINING,
	};

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
					       cli_word(table),
					       cli_word(get->key),
					       cli_word(get->fields[i]));
			return 0;
		}
		part.fields[part.nfields++] = row->fields[f];
	}
	if (cli->opts & OPT_RAW) {
		for (f = 0; f < part.nfields; f++)
			if (nfdict_value_print(&part.fields[f].value, text,
					       sizeof(text)) >= 0)
				puts(text);
	} else if (cli->opts & OPT_JSON) {
		putchar('{');
		json_row(stdout, table, &part, get->timeout);
		puts("}");
	} else {
		out_row(stdout, "set", table, &part, get->timeout, true);
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
	if (cli_key(cli, argv[2], &key))
		return cli->status;
	if (nfdict_table_get(cli->nd, argv[1], &table))
		return cli_kernel_fail(cli, cli->nd, argv[1], NULL);
	get.timeout = table.timeout;
	if (nfdict_row_get(cli->nd, argv[1], &key, get_row, &get))
		return cli_kernel_fail(cli, cli->nd, argv[1], argv[2]);
	if (!get.found)
		return cli_fail(cli, STATUS_ERROR,
				"%s: %s: row does not exist",
				cli_word(argv[1]), cli_word(argv[2]));
	return get.status;
}
