/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * nfdict(8): what its parts share
 *
 * Copyright (C) 2026 The nft_dict authors
 */
#ifndef _NFDICT_CLI_H
#define _NFDICT_CLI_H

#include <stdio.h>

#include "nfdict.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* Exit statuses; those that iptables and ipset have. */
#define STATUS_OK		0
#define STATUS_ERROR		1
#define STATUS_USAGE		2
#define STATUS_INCONSISTENT	3

/* Most words of a command: a row with all its fields, and some. */
#define WORDS_MAX	(3 * NFDICT_FIELDS_MAX + 16)

/**
 * struct cli - state of a run
 *
 * @nd: connection
 * @nd2: another one, for questions while the first is busy; see cli_second()
 * @json: print JSON
 * @exist: no error if what is to be created exists, or what is to be deleted
 *	does not
 * @quiet: no error messages
 * @names: list names only
 * @terse: list tables without rows
 * @raw: print values as they are
 * @swap: restore: load into new tables, then swap
 * @sync: monitor: list what there is first
 * @key: list rows with this key only
 * @field: list this field only
 * @source: name of the file that commands come from, or NULL
 * @line: number of the line in it
 * @staged: tables that are being loaded for @swap
 * @row_fields: fields of the row that is being read from text
 */
struct cli {
	struct nfdict *nd;
	struct nfdict *nd2;
	bool json;
	bool exist;
	bool quiet;
	bool names;
	bool terse;
	bool raw;
	bool swap;
	bool sync;
	const char *key;
	const char *field;
	const char *source;
	unsigned long line;
	struct staged *staged;
	struct nfdict_field row_fields[NFDICT_FIELDS_MAX];
};

/* nfdict.c */
int cli_fail(struct cli *cli, int status, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
int cli_usage(struct cli *cli, const char *command);
int cli_kernel_fail(struct cli *cli, struct nfdict *nd, const char *table,
		    const char *key);
struct nfdict *cli_second(struct cli *cli);

/* lex.c */
int lex_words(char *line, char **words, const char **error);
void lex_put(FILE *out, const char *text, size_t len);
void json_string(FILE *out, const char *text, size_t len);
int lex_duration(const char *text, uint64_t *ms);
void lex_put_duration(FILE *out, uint64_t ms);

/* output.c */
void out_row(const char *verb, const char *table,
	     const struct nfdict_row *row, uint64_t table_timeout,
	     bool expires);
void out_table(const char *table, uint32_t size, uint64_t timeout);
void out_word(const char *text);
void json_row(const char *table, const struct nfdict_row *row);
void json_table(const struct nfdict_table *table);
void json_name(const char *name, const char *value);

/* commands.c */
const struct command *command_find(const char *name);
int command_run(struct cli *cli, int argc, char **argv, bool restore);
void command_help(FILE *out);

struct command {
	const char *name;
	const char *usage;
	const char *help;
	int (*run)(struct cli *cli, int argc, char **argv);
	int min, max;		/* words after the name; max -1: any number */
	bool restore;		/* allowed in files for restore */
};

/* list.c */
int cmd_list(struct cli *cli, int argc, char **argv);
int cmd_save(struct cli *cli, int argc, char **argv);
int cmd_get(struct cli *cli, int argc, char **argv);
int cmd_stats(struct cli *cli, int argc, char **argv);

/* restore.c */
int cmd_restore(struct cli *cli, int argc, char **argv);
int staged_create(struct cli *cli, const char *table, uint32_t size,
		  uint64_t timeout);
const char *staged_name(struct cli *cli, const char *table);
const char *staged_table(struct cli *cli, const char *name);

/* monitor.c */
int cmd_monitor(struct cli *cli, int argc, char **argv);

#endif /* _NFDICT_CLI_H */
