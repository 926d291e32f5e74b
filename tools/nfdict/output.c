// SPDX-License-Identifier: GPL-2.0-only
/*
 * nfdict(8): rows and tables as commands and as JSON
 *
 * Copyright (C) 2025 The nft_dict authors
 */
#include <inttypes.h>
#include <string.h>

#include "cli.h"

static void out_word(FILE *out, const char *text)
{
	putc(' ', out);
	lex_put(out, text, strlen(text));
}

static void out_verb(FILE *out, const char *verb, bool dash)
{
	fputs(verb, out);
	if (dash)
		fputs(" --", out);
}

static void out_duration(FILE *out, const char *name, uint64_t ms)
{
	fprintf(out, " %s ", name);
	lex_put_duration(out, ms);
}

/* A name with a leading dash would be parsed as an option. */
static bool dashes(const char *table, const struct nfdict_row *row)
{
	unsigned int i;

	for (i = 0; i < row->nfields; i++)
		if (row->fields[i].name[0] == '-')
			return true;
	return table[0] == '-';
}

/**
 * out_fields() - print the fields of a row, each after a space
 * @out: where to
 * @row: row; fields without a value are named only
 */
void out_fields(FILE *out, const struct nfdict_row *row)
{
	const struct nfdict_field *field;
	char text[NFDICT_TEXT_MAX];
	unsigned int i;
	int n;

	for (i = 0; i < row->nfields; i++) {
		field = &row->fields[i];
		putc(' ', out);
		lex_put(out, field->name, field->name_len);
		if (field->value.type == NFDICT_UNSPEC)
			continue;
		fprintf(out, " %s ", nfdict_type_name(field->value.type));
		n = nfdict_value_print(&field->value, text, sizeof(text));
		lex_put(out, text, n < 0 ? 0 : n);
	}
}

/**
 * out_row() - print a row as a command, without a newline
 * @out: where to
 * @verb: the command
 * @table: table of the row
 * @row: row; fields without a value are named only
 * @table_timeout: default lifetime of the table in milliseconds
 * @expires: also print the remaining lifetime of the row
 */
void out_row(FILE *out, const char *verb, const char *table,
	     const struct nfdict_row *row, uint64_t table_timeout,
	     bool expires)
{
	char text[NFDICT_TEXT_MAX];
	int n;

	out_verb(out, verb, dashes(table, row));
	out_word(out, table);
	putc(' ', out);
	n = nfdict_key_print(&row->key, text, sizeof(text));
	lex_put(out, text, n < 0 ? 0 : n);
	out_fields(out, row);
	/* A row without a lifetime says so if its table has one. */
	if (row->timeout || table_timeout)
		out_duration(out, "timeout", row->timeout);
	if (expires && row->expires)
		out_duration(out, "expires", row->expires);
}

/* Prints the command that creates a table, without a newline. */
void out_table(FILE *out, const struct nfdict_table *table)
{
	const char *key_class = nfdict_key_type_name(table->key_class);
	uint32_t i;

	out_name(out, "create", table->name, NULL);
	if (key_class)
		fprintf(out, " key %s", key_class);
	for (i = 0; i < table->ndecls; i++) {
		fputs(" field ", out);
		lex_put(out, table->decls[i].name,
			strlen(table->decls[i].name));
		fprintf(out, " %s", nfdict_type_name(table->decls[i].type) ?:
			"unknown");
	}
	if (table->open)
		fputs(" open", out);
	if (table->size)
		fprintf(out, " size %" PRIu32, table->size);
	if (table->timeout)
		out_duration(out, "timeout", table->timeout);
}

/* Prints a command about one or two tables, without a newline. */
void out_name(FILE *out, const char *verb, const char *table,
	      const char *table2)
{
	out_verb(out, verb, table[0] == '-' || (table2 && table2[0] == '-'));
	out_word(out, table);
	if (table2)
		out_word(out, table2);
}

/* Prints the pair "name": "value". */
void json_name(FILE *out, const char *name, const char *value)
{
	fprintf(out, "\"%s\": ", name);
	json_string(out, value, strlen(value));
}

static void json_duration(FILE *out, const char *name, uint64_t ms)
{
	fprintf(out, ", \"%s\": ", name);
	lex_put_duration(out, ms);
}

/* Most JSON parsers use floating point, which is exact up to 2^53: print larger
 * numbers as strings.
 */
static void json_number(FILE *out, bool negative, uint64_t magnitude)
{
	const char *quote = magnitude > 1ULL << 53 ? "\"" : "";

	fprintf(out, "%s%s%" PRIu64 "%s", quote, negative ? "-" : "",
		magnitude, quote);
}

static void json_list(FILE *out, const struct nfdict_value *value)
{
	char member[NFDICT_STRING_MAX + 1];
	const char *comma = "";
	size_t at = 0;
	int n;

	putc('[', out);
	while ((n = nfdict_list_next(value, &at, member, sizeof(member))) > 0) {
		fputs(comma, out);
		json_string(out, member, n);
		comma = ", ";
	}
	putc(']', out);
}

static void json_value(FILE *out, const struct nfdict_value *value)
{
	char text[NFDICT_TEXT_MAX];
	int n;

	switch (value->type) {
	case NFDICT_BOOL:
		fputs(value->num ? "true" : "false", out);
		break;
	case NFDICT_INT:
	case NFDICT_INT64:
		json_number(out, value->num < 0, value->num < 0 ?
			    0 - (uint64_t)value->num : (uint64_t)value->num);
		break;
	case NFDICT_STRING_LIST:
		json_list(out, value);
		break;
	default:
		n = nfdict_value_print(value, text, sizeof(text));
		json_string(out, text, n < 0 ? 0 : n);
		break;
	}
}

static void json_key(FILE *out, const struct nfdict_key *key)
{
	char text[NFDICT_TEXT_MAX];
	int n;

	fprintf(out, "\"key\": {\"type\": \"%s\", \"value\": ",
		nfdict_key_type_name(key->type));
	switch (key->type) {
	case NFDICT_KEY_INT:
		json_number(out, false, key->num);
		break;
	case NFDICT_KEY_STRING:
		json_string(out, (const char *)key->data, key->len);
		break;
	case NFDICT_KEY_RAW:
		n = nfdict_key_print(key, text, sizeof(text));
		json_string(out, text + 4, n < 4 ? 0 : n - 4);
		break;
	default:
		n = nfdict_key_print(key, text, sizeof(text));
		json_string(out, text, n < 0 ? 0 : n);
		break;
	}
	putc('}', out);
}

/**
 * json_row() - print a row as members of a JSON object
 * @out: where to
 * @table: its table, or NULL if it was printed before
 * @row: row
 * @table_timeout: default lifetime of the table in milliseconds
 */
void json_row(FILE *out, const char *table, const struct nfdict_row *row,
	      uint64_t table_timeout)
{
	const struct nfdict_field *field;
	unsigned int i;

	if (table) {
		json_name(out, "table", table);
		fputs(", ", out);
	}
	json_key(out, &row->key);
	fputs(", \"fields\": {", out);
	for (i = 0; i < row->nfields; i++) {
		field = &row->fields[i];
		if (i)
			fputs(", ", out);
		json_string(out, field->name, field->name_len);
		if (field->value.type == NFDICT_UNSPEC) {
			fputs(": null", out);
			continue;
		}
		fprintf(out, ": {\"type\": \"%s\", \"value\": ",
			nfdict_type_name(field->value.type));
		json_value(out, &field->value);
		putc('}', out);
	}
	putc('}', out);
	if (row->timeout || table_timeout)
		json_duration(out, "timeout", row->timeout);
	if (row->timeout && row->expires)
		json_duration(out, "expires", row->expires);
}

/* Prints the declaration of a table. */
void json_declared(FILE *out, const struct nfdict_table *table)
{
	const char *name = nfdict_key_type_name(table->key_class);
	uint32_t i;

	if (name) {
		fputs(", ", out);
		json_name(out, "key_class", name);
	}
	if (!table->ndecls)
		return;
	fputs(", \"declared\": {", out);
	for (i = 0; i < table->ndecls; i++) {
		if (i)
			fputs(", ", out);
		json_string(out, table->decls[i].name,
			    strlen(table->decls[i].name));
		fprintf(out, ": \"%s\"",
			nfdict_type_name(table->decls[i].type) ?: "unknown");
	}
	putc('}', out);
	if (table->open)
		fputs(", \"open\": true", out);
}

/* Prints a table's properties as members of a JSON object. */
void json_table(FILE *out, const struct nfdict_table *table)
{
	json_name(out, "name", table->name);
	json_declared(out, table);
	fprintf(out, ", \"size\": %" PRIu32, table->size);
	json_duration(out, "timeout", table->timeout);
}
