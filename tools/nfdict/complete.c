// SPDX-License-Identifier: GPL-2.0-only
/*
 * nfdict(8): completing a command line, for shells
 *
 * Copyright (C) 2026 The nft_dict authors
 */
#include <stdlib.h>
#include <string.h>

#include "cli.h"

/* Most keys to offer, and most rows to search for names of fields. */
#define OFFERS_MAX	1000

/**
 * struct completion - a command line that is being completed
 *
 * @cli: run
 * @word: the word to complete
 * @command: the command, or NULL if that is being completed
 * @words: words after the command, without options
 * @nwords: number of them
 * @noffers: number of offers
 * @seen: names of fields that were offered
 * @nseen: number of them
 */
struct completion {
	struct cli *cli;
	const char *word;
	const struct command *command;
	char **words;
	int nwords;
	unsigned int noffers;
	char seen[NFDICT_FIELDS_MAX][NFDICT_NAME_MAX + 1];
	unsigned int nseen;
};

static void offer(struct completion *c, const char *text)
{
	if (!strncmp(text, c->word, strlen(c->word))) {
		puts(text);
		c->noffers++;
	}
}

static int offer_table(const struct nfdict_table *table, void *data)
{
	offer(data, table->name);
	return 0;
}

static void offer_tables(struct completion *c)
{
	nfdict_tables(c->cli->nd, offer_table, c);
}

static int offer_key(const char *table, const struct nfdict_row *row,
		     void *data)
{
	struct completion *c = data;
	char text[NFDICT_TEXT_MAX];

	(void)table;
	if (nfdict_key_print(&row->key, text, sizeof(text)) >= 0)
		offer(c, text);
	/* Otherwise the rest of a large table would be read. */
	if (c->noffers == OFFERS_MAX)
		exit(fflush(stdout) ? STATUS_ERROR : STATUS_OK);
	return 0;
}

static void offer_keys(struct completion *c, const char *table)
{
	nfdict_rows(c->cli->nd, table, NULL, NULL, offer_key, c);
}

static int offer_fields_of(const char *table, const struct nfdict_row *row,
			   void *data)
{
	struct completion *c = data;
	unsigned int i, s;

	(void)table;
	for (i = 0; i < row->nfields; i++) {
		if (c->nseen == ARRAY_SIZE(c->seen))
			return 0;
		snprintf(c->seen[c->nseen], sizeof(c->seen[0]), "%.*s",
			 (int)row->fields[i].name_len, row->fields[i].name);
		for (s = 0; s < c->nseen; s++)
			if (!strcmp(c->seen[s], c->seen[c->nseen]))
				break;
		if (s < c->nseen)
			continue;
		offer(c, c->seen[c->nseen++]);
	}
	if (++c->noffers >= OFFERS_MAX)
		exit(fflush(stdout) ? STATUS_ERROR : STATUS_OK);
	return 0;
}

/* Fields of a row or, if that is missing, of the table; NULL: of all tables. */
static void offer_fields(struct completion *c, const char *table,
			 const char *text)
{
	struct nfdict_key key;

	if (text && !nfdict_key_parse(&key, text) &&
	    !nfdict_row_get(c->cli->nd, table, &key, offer_fields_of, c))
		return;
	nfdict_rows(c->cli->nd, table, NULL, NULL, offer_fields_of, c);
}

static void offer_types(struct completion *c)
{
	enum nfdict_type type;

	for (type = NFDICT_BOOL; nfdict_type_name(type); type++)
		offer(c, nfdict_type_name(type));
}

/* Offers what may follow the table and key of a row, if the command has a key:
 * name, type and value of a field, or "timeout" and a duration.
 */
static void offer_row(struct completion *c)
{
	int i;

	for (i = c->command->row; i < c->nwords;) {
		if (!strcmp(c->words[i], "timeout") &&
		    !(i + 1 < c->nwords && nfdict_type_parse(c->words[i + 1]))) {
			if (i + 1 == c->nwords)
				offer_types(c);
			i += 2;
			continue;
		}
		if (i + 1 == c->nwords)
			offer_types(c);
		if (i + 2 == c->nwords &&
		    nfdict_type_parse(c->words[i + 1]) == NFDICT_BOOL) {
			offer(c, "true");
			offer(c, "false");
		}
		/* FIELD TYPE add VALUE */
		if (i + 2 == c->nwords && !strcmp(c->command->name, "update") &&
		    !strncmp(c->words[i + 1], "int", 3)) {
			offer(c, "add");
			offer(c, "sub");
		}
		if (i + 2 < c->nwords && (!strcmp(c->words[i + 2], "add") ||
					  !strcmp(c->words[i + 2], "sub")) &&
		    !strncmp(c->words[i + 1], "int", 3))
			i++;
		i += 3;
	}
	if (i == c->nwords) {
		offer_fields(c, c->words[0],
			     c->command->row > 1 ? c->words[1] : NULL);
		offer(c, "timeout");
	}
}

static void offer_classes(struct completion *c)
{
	enum nfdict_key_type type;

	for (type = NFDICT_KEY_INT; nfdict_key_type_name(type); type++)
		offer(c, nfdict_key_type_name(type));
}

/* Offers what may follow the words of create (@new) or change. */
static void offer_properties(struct completion *c, bool new)
{
	int i = 1;

	while (i < c->nwords) {
		const char *word = c->words[i];
		int left = c->nwords - i;

		if (!strcmp(word, "open")) {
			i++;
		} else if (!strcmp(word, "field")) {
			if (left == 2)
				offer_types(c);
			if (left <= 2)
				return;
			i += 3;
		} else {
			if (left == 1 && !strcmp(word, "key"))
				offer_classes(c);
			if (left == 1)
				return;
			i += 2;
		}
	}
	offer(c, "field");
	offer(c, "size");
	offer(c, "timeout");
	if (new) {
		offer(c, "key");
		offer(c, "open");
	}
}

static void offer_words(struct completion *c)
{
	const char *name = c->command->name;
	bool exists = strcmp(name, "create");

	if (!strcmp(name, "restore"))
		return;		/* a file: the shell knows them */
	if (!c->nwords) {
		if (exists)
			offer_tables(c);
		return;
	}
	if (!strcmp(name, "create") || !strcmp(name, "change"))
		offer_properties(c, !exists);
	else if (!strcmp(name, "swap") ||
		 (c->command->max < 0 && c->command->min < 2))
		offer_tables(c);	/* any number of them */
	else if (!strcmp(name, "rename"))
		return;
	else if (c->command->row && c->nwords >= (int)c->command->row)
		offer_row(c);
	else if (c->nwords == 1)
		offer_keys(c, c->words[0]);
	else
		offer_fields(c, c->words[0], c->words[1]);
}

/* Offers arguments of an option. */
static void offer_argument(struct completion *c, unsigned int opt)
{
	int i;

	for (i = 0; i < c->nwords || !i; i++) {
		const char *table = c->nwords ? c->words[i] : NULL;

		if (opt == OPT_KEY)
			offer_keys(c, table);
		else
			offer_fields(c, table, NULL);
	}
}

/**
 * cli_complete() - print the completions of a word, one per line
 * @cli: run
 * @argc: words
 * @argv: the words after "nfdict" up to the one to complete, which may be empty
 *
 * Return: exit status.
 */
int cli_complete(struct cli *cli, int argc, char **argv)
{
	static struct completion c;
	unsigned int opt = 0;
	bool ended = false;
	int i, arg;

	if (!argc)
		return STATUS_USAGE;
	c.cli = cli;
	c.word = argv[argc - 1];
	c.words = calloc(argc, sizeof(*c.words));
	if (!c.words)
		return STATUS_ERROR;
	for (i = 0; i < argc - 1; i++) {
		opt = 0;
		if (!ended && !strcmp(argv[i], "--")) {
			ended = true;
		} else if (!ended && cli_option_argument(argv[i], &opt, &arg)) {
			/* The argument is the next word. */
			if (arg && ++i < argc - 1)
				opt = 0;
		} else if (!c.command) {
			c.command = command_find(argv[i]);
			if (!c.command)
				return STATUS_OK;
		} else {
			c.words[c.nwords++] = argv[i];
		}
	}
	cli->nd = nfdict_open();
	if (opt && arg) {
		/* Tables may follow the word. */
		if (cli->nd)
			offer_argument(&c, opt);
	} else if (!ended && c.word[0] == '-') {
		cli_offer_options(c.command, c.word);
	} else if (!c.command) {
		command_offer(c.word);
	} else if (cli->nd) {
		offer_words(&c);
	}
	free(c.words);
	return STATUS_OK;
}
