/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * nfdict(8): internal declarations
 *
 * Copyright (C) 2026 The nft_dict authors
 */
#ifndef _NFDICT_CLI_H
#define _NFDICT_CLI_H

#include <stdio.h>

#include "nfdict.h"

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#endif

/* Exit statuses, as in iptables and ipset. */
#define STATUS_OK		0
#define STATUS_ERROR		1
#define STATUS_USAGE		2
#define STATUS_INCONSISTENT	3

/* Most words of a command: a row with all its fields, and the other words. */
#define WORDS_MAX	(3 * NFDICT_FIELDS_MAX + 16)

/* Options. */
#define OPT_EXIST	(1U << 0)
#define OPT_FIELD	(1U << 1)
#define OPT_JSON	(1U << 2)
#define OPT_KEY		(1U << 3)
#define OPT_NAMES	(1U << 4)
#define OPT_QUIET	(1U << 5)
#define OPT_RAW		(1U << 6)
#define OPT_REMAINING	(1U << 7)
#define OPT_SORTED	(1U << 8)
#define OPT_SWAP	(1U << 9)
#define OPT_SYNC	(1U << 10)
#define OPT_TERSE	(1U << 11)

/**
 * struct cli - state of a run
 *
 * @nd: handle
 * @nd2: another handle, for use while the first is busy; see cli_second()
 * @out: where rows and tables are printed
 * @opts: options given, OPT_...
 * @key: argument of %OPT_KEY
 * @field: argument of %OPT_FIELD
 * @source: name of the file that commands come from, or NULL
 * @line: number of the line in it, 0: none
 * @failed: an error in the file was found
 * @status: exit status for the last error
 * @staged: tables that are being loaded for %OPT_SWAP
 * @row_fields: fields of the row that is being read from text
 * @decls: fields of the table that is being declared
 */
struct cli {
	struct nfdict *nd;
	struct nfdict *nd2;
	FILE *out;
	unsigned int opts;
	const char *key;
	const char *field;
	const char *source;
	unsigned long line;
	bool failed;
	int status;
	struct staged *staged;
	struct nfdict_field row_fields[NFDICT_FIELDS_MAX];
	struct nfdict_decl decls[NFDICT_FIELDS_MAX];
};

/**
 * struct command - a command
 *
 * @name: its name
 * @usage: its arguments, for --help
 * @help: what it does
 * @run: function that runs it
 * @min: least number of words after the name
 * @max: most words, -1: any number
 * @opts: valid options
 * @row: number of words after which fields follow (name, type, value); 0: none
 * @restore: allowed in files for restore
 */
struct command {
	const char *name;
	const char *usage;
	const char *help;
	int (*run)(struct cli *cli, int argc, char **argv);
	int min, max;
	unsigned int opts;
	unsigned int row;
	bool restore;
};

/* nfdict.c */
int cli_fail(struct cli *cli, int status, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
int cli_usage(struct cli *cli, const char *command);
int cli_kernel_fail(struct cli *cli, struct nfdict *nd, const char *table,
		    const char *key);
const char *cli_word(const char *text);
struct nfdict *cli_second(struct cli *cli);
int cli_options(struct cli *cli, const struct command *command, int argc,
		char **argv);

bool cli_option_argument(const char *word, unsigned int *opt, int *next);
void cli_offer_options(const struct command *command, const char *word);

/* complete.c */
int cli_complete(struct cli *cli, int argc, char **argv);

/* lex.c */
int lex_words(char *line, char **words, const char **error);
void lex_put(FILE *out, const char *text, size_t len);
void json_string(FILE *out, const char *text, size_t len);
int lex_duration(const char *text, uint64_t *ms);
void lex_put_duration(FILE *out, uint64_t ms);

/* output.c */
void out_row(FILE *out, const char *verb, const char *table,
	     const struct nfdict_row *row, uint64_t table_timeout,
	     bool expires);
void out_fields(FILE *out, const struct nfdict_row *row);
void out_table(FILE *out, const struct nfdict_table *table);
void out_name(FILE *out, const char *verb, const char *table,
	      const char *table2);
void json_row(FILE *out, const char *table, const struct nfdict_row *row,
	      uint64_t table_timeout);
void json_table(FILE *out, const struct nfdict_table *table);
void json_declared(FILE *out, const struct nfdict_table *table);
void json_name(FILE *out, const char *name, const char *value);

/* spool.c */
struct spool;
struct spool *spool_open(FILE **out);
void spool_drop(struct spool *spool, FILE *out);
int spool_print(struct spool *spool, FILE *out, FILE *to);

/* commands.c */
const struct command *command_find(const char *name);
int command_run(struct cli *cli, int argc, char **argv, bool restore);
void command_help(FILE *out);
void command_offer(const char *word);
int cli_key(struct cli *cli, const char *text, struct nfdict_key *key);
int cli_fields(struct cli *cli, int argc, char **argv, bool update,
	       struct nfdict_row *row);

/* list.c */
int cmd_list(struct cli *cli, int argc, char **argv);
int cmd_save(struct cli *cli, int argc, char **argv);
int cmd_get(struct cli *cli, int argc, char **argv);
int cmd_stats(struct cli *cli, int argc, char **argv);

/* input.c */

/* Longest line: fits a row of 255 fields with every byte escaped. */
#define LINE_MAX_BYTES	(NFDICT_FIELDS_MAX * 4 * \
			 (NFDICT_NAME_MAX + NFDICT_STRING_MAX + 8))
/* Most bytes per read(). */
#define READ_MAX	(512 * 1024)

/**
 * struct input - a file of commands
 *
 * @cli: run
 * @fd: its descriptor
 * @regular: it is a file, not a pipe or a terminal
 * @eof: nothing is left to read
 * @bytes: size of a regular file
 * @done: bytes handled
 * @start: next byte in @buf
 * @end: end of what is in @buf
 * @buf: bytes read
 */
struct input {
	struct cli *cli;
	int fd;
	bool regular;
	bool eof;
	uint64_t bytes;
	uint64_t done;
	size_t start;
	size_t end;
	char buf[LINE_MAX_BYTES + 1];
};

bool input_stopped(void);
int input_open(struct cli *cli, struct input *in, const char *name);
int input_close(struct input *in);
int input_line(struct input *in, char **line);
int input_char(struct input *in);

/* restore.c */
int cmd_restore(struct cli *cli, int argc, char **argv);
int cmd_load(struct cli *cli, int argc, char **argv);
int cli_declare(struct cli *cli, struct nfdict_table *table, const char *name,
		const char *type);
int staged_create(struct cli *cli, const char *table,
		  const struct nfdict_table *info);
const char *staged_name(struct cli *cli, const char *table);
const char *staged_table(struct cli *cli, const char *name);
void restore_tag(struct cli *cli);

/* json.c */
int json_restore(struct cli *cli, struct input *in);

/* monitor.c */
int cmd_monitor(struct cli *cli, int argc, char **argv);

#endif /* _NFDICT_CLI_H */
