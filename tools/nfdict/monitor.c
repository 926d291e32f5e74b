// SPDX-License-Identifier: GPL-2.0-only
/*
 * nfdict(8): printing changes as they happen
 *
 * Copyright (C) 2025 The nft_dict authors
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

/* Buffer for events while printing, in bytes of kernel memory. */
#define EVENTS_BUFFER	(8 * 1024 * 1024)
/* How often to repeat a listing during which tables change. */
#define RESYNC_TRIES	10

/**
 * struct known - known properties of a table
 *
 * @next: another table
 * @timeout: default lifetime of its rows in milliseconds
 * @timed: some row has or had a lifetime
 * @name: its name
 */
struct known {
	struct known *next;
	uint64_t timeout;
	bool timed;
	char name[NFDICT_NAME_MAX + 1];
};

/**
 * struct monitor - state of the command
 *
 * @cli: run
 * @ntables: number of @tables
 * @tables: tables to report; none: all
 * @known: tables whose rows were seen
 */
struct monitor {
	struct cli *cli;
	int ntables;
	char **tables;
	struct known *known;
};

/* The commands that apply an event to a copy of the table. A replaced row is
 * reported like a new one.
 */
static const char *const verbs[] = {
	[NFDICT_EV_TABLE_NEW]	= "create",
	[NFDICT_EV_TABLE_DEL]	= "destroy",
	[NFDICT_EV_TABLE_FLUSH]	= "flush",
	[NFDICT_EV_TABLE_SWAP]	= "swap",
	[NFDICT_EV_ROW_NEW]	= "replace",
	[NFDICT_EV_ROW_CHANGE]	= "set",
	[NFDICT_EV_ROW_DEL]	= "delete",
};

static bool wanted(const struct monitor *mon, const char *table)
{
	int i;

	for (i = 0; i < mon->ntables; i++)
		if (!strcmp(mon->tables[i], table))
			return true;
	return !mon->ntables;
}

static struct known *known_table(struct monitor *mon, const char *name)
{
	struct known *known;

	for (known = mon->known; known; known = known->next)
		if (!strcmp(known->name, name))
			return known;
	known = calloc(1, sizeof(*known));
	if (!known) {
		cli_fail(mon->cli, 0, "%s", strerror(errno));
		exit(STATUS_ERROR);
	}
	strcpy(known->name, name);
	known->next = mon->known;
	mon->known = known;
	return known;
}

static void forget_table(struct monitor *mon, const char *name)
{
	struct known **pos, *known;

	for (pos = &mon->known; *pos; pos = &(*pos)->next)
		if (!strcmp((*pos)->name, name)) {
			known = *pos;
			*pos = known->next;
			free(known);
			return;
		}
}

/* Tracks whether rows of the event's table have lifetimes. If so, a row without
 * one must be printed with "timeout 0", for the copy that it is applied to.
 * Unknown tables had no rows when they were listed, or were not listed.
 */
static bool table_timed(struct monitor *mon, const struct nfdict_event *event)
{
	struct known *known = known_table(mon, event->table), *other;

	switch (event->type) {
	case NFDICT_EV_TABLE_DEL:
		forget_table(mon, event->table);
		return false;
	case NFDICT_EV_TABLE_SWAP:
		other = known_table(mon, event->table2);
		known->timed |= other->timed;
		other->timed |= known->timed;
		return false;
	case NFDICT_EV_TABLE_NEW:
		known->timeout = event->timeout;
		break;
	}
	if (event->row && event->row->timeout)
		known->timed = true;
	return known->timed || known->timeout;
}

/* Prints the table of an event. */
static void event_table(const struct nfdict_event *event,
			struct nfdict_table *table)
{
	memset(table, 0, sizeof(*table));
	strcpy(table->name, event->table);
	table->size = event->size;
	table->timeout = event->timeout;
	table->key_class = event->key_class;
	table->ndecls = event->ndecls;
	table->decls = event->decls;
	table->open = event->open;
}

static void json_event(const struct nfdict_event *event, bool timed)
{
	struct nfdict_table table;

	fputs("{", stdout);
	json_name(stdout, "event", verbs[event->type]);
	fputs(", ", stdout);
	if (event->row) {
		json_row(stdout, event->table, event->row,
			 event->type != NFDICT_EV_ROW_DEL && timed);
		if (event->row->expired)
			fputs(", \"expired\": true", stdout);
		if (event->row->gone)
			fputs(", \"gone\": true", stdout);
	} else {
		json_name(stdout, "table", event->table);
		if (event->type == NFDICT_EV_TABLE_SWAP) {
			fputs(", ", stdout);
			json_name(stdout, "table2", event->table2);
		}
		if (event->type == NFDICT_EV_TABLE_NEW) {
			event_table(event, &table);
			json_declared(stdout, &table);
			printf(", \"size\": %" PRIu32 ", \"timeout\": ",
			       event->size);
			lex_put_duration(stdout, event->timeout);
		}
	}
	puts("}");
}

/* Prints the last fields as a comment, as the command deletes the whole row. */
static void print_gone(const struct nfdict_event *event)
{
	struct nfdict_row row = { .key = event->row->key };

	out_row(stdout, verbs[event->type], event->table, &row, 0, false);
	fputs(" # connection gone:", stdout);
	out_fields(stdout, event->row);
}

static int print_event(const struct nfdict_event *event, void *data)
{
	struct monitor *mon = data;
	struct nfdict_table table;
	bool timed;

	if (!wanted(mon, event->table) && !wanted(mon, event->table2))
		return 0;
	timed = table_timed(mon, event);
	if (mon->cli->opts & OPT_JSON) {
		json_event(event, timed);
		return 0;
	}
	if (event->row && event->row->gone) {
		print_gone(event);
	} else if (event->row) {
		out_row(stdout, verbs[event->type], event->table, event->row,
			event->type != NFDICT_EV_ROW_DEL && timed, false);
		if (event->row->expired)
			fputs(" # expired", stdout);
	} else if (event->type == NFDICT_EV_TABLE_NEW) {
		event_table(event, &table);
		out_table(stdout, &table);
	} else {
		out_name(stdout, verbs[event->type], event->table,
			 event->type == NFDICT_EV_TABLE_SWAP ? event->table2 :
							       NULL);
	}
	putchar('\n');
	return 0;
}

static int sync_row(const char *table, const struct nfdict_row *row,
		    void *data)
{
	struct nfdict_event event = {
		.type = NFDICT_EV_ROW_NEW, .table = table, .table2 = "",
		.row = row,
	};

	return print_event(&event, data);
}

/* The first handle is busy listing tables: get rows with the second. */
static int sync_table(const struct nfdict_table *table, void *data)
{
	struct nfdict_event event = {
		.type = NFDICT_EV_TABLE_NEW, .table = table->name,
		.table2 = "", .size = table->size, .timeout = table->timeout,
		.key_class = table->key_class, .ndecls = table->ndecls,
		.decls = table->decls, .open = table->open,
	};
	struct monitor *mon = data;
	int err;

	if (!wanted(mon, table->name))
		return 0;
	print_event(&event, mon);
	event.type = NFDICT_EV_TABLE_FLUSH;
	print_event(&event, mon);
	err = nfdict_rows(mon->cli->nd, table->name, NULL, NULL, sync_row,
			  mon);
	return err == -ENOENT ? 0 : err;
}

static int learn_table(const struct nfdict_table *table, void *data)
{
	known_table(data, table->name)->timeout = table->timeout;
	return 0;
}

static void mark(struct monitor *mon, const char *event, const char *comment)
{
	if (mon->cli->opts & OPT_JSON)
		printf("{\"event\": \"%s\"}\n", event);
	else
		printf("# %s\n", comment);
}

/* Prints all tables, as commands that make a copy equal to them. */
static int resync(struct monitor *mon, const char *why)
{
	struct nfdict *nd2 = cli_second(mon->cli);
	int err, tries = 0;

	if (!nd2)
		return cli_fail(mon->cli, STATUS_ERROR, "netlink: %s",
				strerror(errno));
	do {
		mark(mon, "resync", why);
		err = nfdict_tables(nd2, sync_table, mon);
	} while (err == -EINTR && ++tries < RESYNC_TRIES);
	if (err == -EINTR) {
		cli_fail(mon->cli, 0,
			 "tables change too fast to be listed: rows may be missing or double");
		err = 0;
	}
	if (err)
		return cli_kernel_fail(mon->cli,
				       nfdict_error(nd2)->code == err ? nd2 :
				       mon->cli->nd, NULL, NULL);
	mark(mon, "synced", "end of the listing");
	fflush(stdout);
	return 0;
}

int cmd_monitor(struct cli *cli, int argc, char **argv)
{
	struct monitor mon = {
		.cli = cli, .ntables = argc - 1, .tables = argv + 1,
	};
	struct nfdict *events;
	int err, status = 0;

	events = nfdict_open();
	if (!events)
		return cli_fail(cli, STATUS_ERROR, "netlink: %s",
				strerror(errno));
	/* Too many for a filter: receive all events and print some. */
	nfdict_listen_tables(events, (const char *const *)mon.tables,
			     mon.ntables);
	if (nfdict_listen(events, EVENTS_BUFFER)) {
		status = cli_kernel_fail(cli, events, NULL, NULL);
		goto out;
	}
	if (cli->opts & OPT_SYNC)
		status = resync(&mon, "listing");
	else if (nfdict_tables(cli->nd, learn_table, &mon) < 0 &&
		 nfdict_error(cli->nd)->code != -EINTR)
		status = cli_kernel_fail(cli, cli->nd, NULL, NULL);
	while (!status) {
		err = nfdict_events(events, print_event, &mon);
		if (err == -ENOBUFS) {
			cli_fail(cli, 0, "events were lost, listing all");
			status = resync(&mon,
					"events were lost, listing");
		} else if (err && err != -EINTR) {
			status = cli_kernel_fail(cli, events, NULL, NULL);
		}
		if (fflush(stdout) || ferror(stdout))
			status = cli_fail(cli, STATUS_ERROR,
					  "standard output: %s",
					  strerror(errno));
	}
out:
	while (mon.known) {
		struct known *known = mon.known;

		mon.known = known->next;
		free(known);
	}
	nfdict_close(events);
	return status;
}
