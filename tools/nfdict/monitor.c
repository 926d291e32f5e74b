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

/* Room for events while we are busy printing, in bytes of kernel memory. */
#define EVENTS_BUFFER	(8 * 1024 * 1024)
/* How often to list tables that change meanwhile before giving up. */
#define RESYNC_TRIES	10

/**
 * struct known - what is known of a table
 *
 * @next: another table
 * @timeout: default lifetime of its rows in milliseconds
 * @name: its name
 */
struct known {
	struct known *next;
	uint64_t timeout;
	char name[NFDICT_NAME_MAX + 1];
};

/**
 * struct monitor - state of the command
 *
 * @cli: run
 * @ntables: number of @tables
 * @tables: tables to tell of; none: all
 * @known: tables that rows were seen of
 * @timeout: default lifetime of the table being listed
 */
struct monitor {
	struct cli *cli;
	int ntables;
	char **tables;
	struct known *known;
	uint64_t timeout;
};

/* The commands that do to a copy what happened to the table. The kernel tells
 * a row that was replaced like one that is new.
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

/* Default lifetime of rows of a table: a row that has none must say so where
 * its table has one. Events of rows do not tell it.
 */
static uint64_t table_timeout(struct monitor *mon,
			      const struct nfdict_event *event)
{
	struct nfdict_table table;
	struct known **pos, *known;

	for (pos = &mon->known; *pos; pos = &(*pos)->next)
		if (!strcmp((*pos)->name, event->table))
			break;
	known = *pos;
	if (event->type == NFDICT_EV_TABLE_DEL) {
		if (known) {
			*pos = known->next;
			free(known);
		}
		return 0;
	}
	if (!known) {
		known = calloc(1, sizeof(*known));
		if (!known)
			return 0;
		strcpy(known->name, event->table);
		if (event->row &&
		    !nfdict_table_get(mon->cli->nd, event->table, &table))
			known->timeout = table.timeout;
		known->next = mon->known;
		mon->known = known;
	}
	if (event->type == NFDICT_EV_TABLE_NEW)
		known->timeout = event->timeout;
	return known->timeout;
}

static void json_event(const struct nfdict_event *event)
{
	fputs("{", stdout);
	json_name("event", verbs[event->type]);
	fputs(", ", stdout);
	if (event->row) {
		json_row(event->table, event->row);
		if (event->row->expired)
			fputs(", \"expired\": true", stdout);
	} else {
		json_name("table", event->table);
		if (event->type == NFDICT_EV_TABLE_SWAP) {
			fputs(", ", stdout);
			json_name("table2", event->table2);
		}
		if (event->type == NFDICT_EV_TABLE_NEW) {
			printf(", \"size\": %" PRIu32 ", \"timeout\": ",
			       event->size);
			lex_put_duration(stdout, event->timeout);
		}
	}
	puts("}");
}

static int print_event(const struct nfdict_event *event, void *data)
{
	struct monitor *mon = data;
	uint64_t timeout;

	if (!wanted(mon, event->table) && !wanted(mon, event->table2))
		return 0;
	timeout = table_timeout(mon, event);
	if (mon->cli->json) {
		json_event(event);
		return 0;
	}
	if (event->row) {
		out_row(verbs[event->type], event->table, event->row,
			event->type == NFDICT_EV_ROW_NEW ? timeout : 0, false);
		if (event->row->expired)
			fputs(" # expired", stdout);
	} else if (event->type == NFDICT_EV_TABLE_NEW) {
		out_table(event->table, event->size, event->timeout);
	} else {
		printf("%s ", verbs[event->type]);
		out_word(event->table);
		if (event->type == NFDICT_EV_TABLE_SWAP) {
			putchar(' ');
			out_word(event->table2);
		}
	}
	putchar('\n');
	return 0;
}

static int sync_row(const char *table, const struct nfdict_row *row,
		    void *data)
{
	struct nfdict_event event = {
		.type = NFDICT_EV_ROW_NEW, .table = table, .row = row,
	};
	struct monitor *mon = data;

	if (mon->cli->json) {
		json_event(&event);
	} else {
		out_row("replace", table, row, mon->timeout, false);
		putchar('\n');
	}
	return 0;
}

/* Rows are asked for with the other connection, while this one lists. */
static int sync_table(const struct nfdict_table *table, void *data)
{
	struct nfdict_event event = {
		.type = NFDICT_EV_TABLE_NEW, .table = table->name,
		.size = table->size, .timeout = table->timeout,
	};
	struct monitor *mon = data;
	int err;

	if (!wanted(mon, table->name))
		return 0;
	print_event(&event, mon);
	event.type = NFDICT_EV_TABLE_FLUSH;
	print_event(&event, mon);
	mon->timeout = table->timeout;
	err = nfdict_rows(mon->cli->nd, table->name, NULL, NULL, sync_row,
			  mon);
	return err == -ENOENT ? 0 : err;
}

static void mark(struct monitor *mon, const char *event, const char *comment)
{
	if (mon->cli->json)
		printf("{\"event\": \"%s\"}\n", event);
	else
		printf("# %s\n", comment);
}

/* Prints all there is, as commands that make a copy equal to it. */
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
	if (nfdict_listen(events, EVENTS_BUFFER)) {
		status = cli_kernel_fail(cli, events, NULL, NULL);
		goto out;
	}
	if (cli->sync)
		status = resync(&mon, "listing");
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
