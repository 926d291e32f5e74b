// SPDX-License-Identifier: GPL-2.0-only
/*
 * nfdict(8): rows and tables as commands and as JSON
 *
 * Copyright (C) 2025 The nft_dict authors
 */
#include <inttypes.h>
#include <string.h>

#include "cli.h"

void out_word(const char *text)
{
	lex_put(stdout, text, strlen(text));
}

static void out_timeouts(const struct nfdict_row *row, uint64_t table_timeout,
			 bool expires)
{
	/* A row that stays for ever says so where its table does not. */
	if (row->timeout || table_timeout) {
		fputs(" timeout ", stdout);
		lex_put_duration(stdout, row->timeout);
	}
	if (expires && row->expires) {
		fputs(" expires ", stdout);
		lex_put_duration(stdout, row->expires);
	}
}

/**
 * out_row() - print a row as a command, without a newline
 * @verb: the command
 * @table: table of the row
 * @row: row; fields without a value are named only
 * @table_timeout: default lifetime of the table in milliseconds
 * @expires: print what is left of the row's lifetime, too
 */
void out_row(const char *verb, const char *table,
	     const struct nfdict_row *row, uint64_t table_timeout,
	     bool expires)
{
	const struct nfdict_field *field;
	char text[NFDICT_TEXT_MAX];
	unsigned int i;
	int n;

	fputs(verb, stdout);
	putchar(' ');
	out_word(table);
	putchar(' ');
	n = nfdict_key_print(&row->key, text, sizeof(text));
	lex_put(stdout, text, n < 0 ? 0 : n);
	for (i = 0; i < row->nfields; i++) {
		field = &row->fields[i];
		putchar(' ');
		lex_put(stdout, field->name, field->name_len);
		if (field->value.type == NFDICT_UNSPEC)
			continue;
		printf(" %s ", nfdict_type_name(field->value.type));
		n = nfdict_value_print(&field->value, text, sizeof(text));
		lex_put(stdout, text, n < 0 ? 0 : n);
	}
	out_timeouts(row, table_timeout, expires);
}

/* Prints the command that creates a table, without a newline. */
void out_table(const char *table, uint32_t size, uint64_t timeout)
{
	fputs("create ", stdout);
	out_word(table);
	if (size)
		printf(" size %" PRIu32, size);
	if (timeout) {
		fputs(" timeout ", stdout);
		lex_put_duration(stdout, timeout);
	}
}

/* Prints the pair "name": "value". */
void json_name(const char *name, const char *value)
{
	printf("\"%s\": ", name);
	json_string(stdout, value, strlen(value));
}

static void json_duration(const char *name, uint64_t ms)
{
	printf(", \"%s\": ", name);
	lex_put_duration(stdout, ms);
}

/**
 * json_row() - print a row as members of a JSON object
 * @table: its table, or NULL where that is known
 * @row: row
 */
void json_row(const char *table, const struct nfdict_row *row)
{
	const struct nfdict_field *field;
	char text[NFDICT_TEXT_MAX];
	unsigned int i;
	int n;

	if (table) {
		json_name("table", table);
		fputs(", ", stdout);
	}
	printf("\"key\": {\"type\": \"%s\", \"value\": ",
	       nfdict_key_type_name(row->key.type));
	switch (row->key.type) {
	case NFDICT_KEY_INT:
		printf("%" PRIu64, row->key.num);
		break;
	case NFDICT_KEY_STRING:
		json_string(stdout, (const char *)row->key.data,
			    row->key.len);
		break;
	case NFDICT_KEY_RAW:
		n = nfdict_key_print(&row->key, text, sizeof(text));
		json_string(stdout, text + 4, n < 4 ? 0 : n - 4);
		break;
	default:
		n = nfdict_key_print(&row->key, text, sizeof(text));
		json_string(stdout, text, n < 0 ? 0 : n);
		break;
	}
	fputs("}, \"fields\": {", stdout);
	for (i = 0; i < row->nfields; i++) {
		field = &row->fields[i];
		if (i)
			fputs(", ", stdout);
		json_string(stdout, field->name, field->name_len);
		if (field->value.type == NFDICT_UNSPEC) {
			fputs(": null", stdout);
			continue;
		}
		printf(": {\"type\": \"%s\", \"value\": ",
		       nfdict_type_name(field->value.type));
		n = nfdict_value_print(&field->value, text, sizeof(text));
		if (field->value.type <= NFDICT_INT64)
			fputs(text, stdout);
		else
			json_string(stdout, text, n < 0 ? 0 : n);
		putchar('}');
	}
	putchar('}');
	if (row->timeout) {
		json_duration("timeout", row->timeout);
		if (row->expires)
			json_duration("expires", row->expires);
	}
}

/* Prints a table's properties as members of a JSON object. */
void json_table(const struct nfdict_table *table)
{
	json_name("name", table->name);
	printf(", \"size\": %" PRIu32, table->size);
	json_duration("timeout", table->timeout);
}
