// SPDX-License-Identifier: GPL-2.0-only
/*
 * nfdict(8): restoring from JSON, as list, save, get and monitor print it
 *
 * Copyright (C) 2026 The nft_dict authors
 *
 * A document is parsed as a stream and never held as a whole. The members of an
 * object may be in any order, except that the name of a table must precede its
 * rows. Unknown members are skipped.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

/* Room for the strings of a row. */
#define ROOM	(NFDICT_FIELDS_MAX * (NFDICT_NAME_MAX + NFDICT_STRING_MAX + 64))
/* Deepest nesting of a skipped value. */
#define DEPTH_MAX	64

/**
 * struct json - a document that is being read
 *
 * @cli: run
 * @in: file
 * @c: next byte; -1: the end, -2: an error was reported
 * @status: exit status, once an error was reported
 * @used: bytes used of @room
 * @room: strings of the row at hand
 */
struct json {
	struct cli *cli;
	struct input *in;
	int c;
	int status;
	size_t used;
	char room[ROOM];
};

/**
 * struct item - a row or an event that is being read
 *
 * @event: what happened, or NULL
 * @table: its table, or NULL
 * @table2: the other one of a swap, or NULL
 * @size: size of a table
 * @timeout: of a table or a row
 * @info: of a table: its keys and fields
 * @has_size: @size was given
 * @has_key: the key was given
 * @gone: the row was deleted with its connection
 * @row: key, fields, timeout
 */
struct item {
	const char *event;
	const char *table;
	const char *table2;
	uint32_t size;
	uint64_t timeout;
	struct nfdict_table info;
	bool has_size;
	bool has_key;
	bool gone;
	struct nfdict_row row;
};

/* Reports an error, unless one was reported before. */
static int fail(struct json *js, const char *what)
{
	if (!js->status) {
		js->status = js->c == -2 ? STATUS_ERROR :
			     cli_fail(js->cli, STATUS_USAGE, "%s%s", what,
				      js->c == -1 ? ", but the text ends" : "");
		js->c = -2;
	}
	return -1;
}

static void next(struct json *js)
{
	/* The character is already on the next line. */
	if (js->c == '\n')
		js->cli->line++;
	js->c = input_char(js->in);
	if (js->c == -2 && !js->status)
		js->status = STATUS_ERROR;
}

static void skip_blanks(struct json *js)
{
	while (js->c == ' ' || js->c == '\t' || js->c == '\n' || js->c == '\r')
		next(js);
}

/* Consumes @c if it is the next character. */
static bool take(struct json *js, int c)
{
	skip_blanks(js);
	if (js->c != c)
		return false;
	next(js);
	return true;
}

static int expect(struct json *js, int c)
{
	char what[32];

	if (take(js, c))
		return 0;
	snprintf(what, sizeof(what), "%c is expected", c);
	return fail(js, what);
}

static int put(struct json *js, int c)
{
	if (js->used == sizeof(js->room))
		return fail(js, "row is too long");
	js->room[js->used++] = c;
	return 0;
}

static int hex4(struct json *js, unsigned int *num)
{
	int i, digit;

	*num = 0;
	for (i = 0; i < 4; i++) {
		digit = js->c | 0x20;
		if (js->c >= '0' && js->c <= '9')
			digit = js->c - '0';
		else if (digit >= 'a' && digit <= 'f')
			digit = digit - 'a' + 10;
		else
			return fail(js, "\\u needs four hexadecimal digits");
		*num = *num << 4 | digit;
		next(js);
	}
	return 0;
}

static int put_utf8(struct json *js, unsigned int c)
{
	if (c < 0x80)
		return put(js, c);
	if (c < 0x800)
		return put(js, 0xc0 | c >> 6) || put(js, 0x80 | (c & 0x3f));
	if (c < 0x10000)
		return put(js, 0xe0 | c >> 12) ||
		       put(js, 0x80 | (c >> 6 & 0x3f)) ||
		       put(js, 0x80 | (c & 0x3f));
	return put(js, 0xf0 | c >> 18) || put(js, 0x80 | (c >> 12 & 0x3f)) ||
	       put(js, 0x80 | (c >> 6 & 0x3f)) || put(js, 0x80 | (c & 0x3f));
}

/* Reads the rest of a \u escape. */
static int read_unicode(struct json *js)
{
	unsigned int high, low;

	if (hex4(js, &high))
		return -1;
	if (!high)
		return fail(js, "a NUL byte cannot be stored");
	/* A byte that is not UTF-8, as json_string() writes it. */
	if (high >= 0xdc80 && high <= 0xdcff)
		return put(js, high & 0xff);
	if (high < 0xd800 || high > 0xdfff)
		return put_utf8(js, high);
	if (high >= 0xdc00 || js->c != '\\')
		return fail(js, "half of a pair of surrogates");
	next(js);
	if (js->c != 'u')
		return fail(js, "half of a pair of surrogates");
	next(js);
	if (hex4(js, &low))
		return -1;
	if (low < 0xdc00 || low > 0xdfff)
		return fail(js, "half of a pair of surrogates");
	return put_utf8(js, 0x10000 + ((high & 0x3ff) << 10 | (low & 0x3ff)));
}

static int read_escape(struct json *js)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *pos;

	next(js);
	if (js->c == 'u') {
		next(js);
		return read_unicode(js);
	}
	pos = js->c > 0 ? strchr(from, js->c) : NULL;
	if (!pos)
		return fail(js, "an escape that JSON does not have");
	next(js);
	return put(js, to[pos - from]);
}

/* Reads a string. Return: the string, or NULL. */
static const char *read_string(struct json *js)
{
	size_t start = js->used;

	skip_blanks(js);
	if (js->c != '"') {
		fail(js, "a string is expected");
		return NULL;
	}
	next(js);
	while (js->c != '"') {
		if (js->c < 0x20) {
			fail(js, "\" is missing at the end of a string");
			return NULL;
		}
		if (js->c == '\\') {
			if (read_escape(js))
				return NULL;
			continue;
		}
		if (put(js, js->c))
			return NULL;
		next(js);
	}
	next(js);
	return put(js, '\0') ? NULL : js->room + start;
}

/* Reads a number, true, false or null as text. Return: the text, or NULL. */
static const char *read_bare(struct json *js)
{
	size_t start = js->used;

	skip_blanks(js);
	while ((js->c >= '0' && js->c <= '9') || (js->c >= 'a' && js->c <= 'z') ||
	       (js->c > 0 && strchr("+-.E", js->c))) {
		if (put(js, js->c))
			return NULL;
		next(js);
	}
	if (js->used == start) {
		fail(js, "a value is expected");
		return NULL;
	}
	return put(js, '\0') ? NULL : js->room + start;
}

/* Reads a string, or a number, true or false as text. */
static const char *read_scalar(struct json *js, bool *quoted)
{
	skip_blanks(js);
	*quoted = js->c == '"';
	return *quoted ? read_string(js) : read_bare(js);
}

static int skip_value(struct json *js, int depth)
{
	size_t used = js->used;
	bool quoted, object;
	int end;

	skip_blanks(js);
	if (js->c != '{' && js->c != '[') {
		if (!read_scalar(js, &quoted))
			return -1;
		js->used = used;
		return 0;
	}
	if (depth == DEPTH_MAX)
		return fail(js, "nested too deep");
	object = js->c == '{';
	end = object ? '}' : ']';
	next(js);
	if (take(js, end))
		return 0;
	do {
		if (object && (!read_string(js) || expect(js, ':')))
			return -1;
		js->used = used;
		if (skip_value(js, depth + 1))
			return -1;
	} while (take(js, ','));
	return expect(js, end);
}

/* Reads an object; calls @member to read the value of each member. */
static int read_object(struct json *js,
		       int (*member)(struct json *js, const char *name,
				     void *data), void *data)
{
	const char *name;

	if (expect(js, '{'))
		return -1;
	if (take(js, '}'))
		return 0;
	do {
		name = read_string(js);
		if (!name || expect(js, ':') || member(js, name, data))
			return -1;
	} while (take(js, ','));
	return expect(js, '}');
}

static int read_duration(struct json *js, uint64_t *ms)
{
	const char *text;
	bool quoted;

	text = read_scalar(js, &quoted);
	if (!text)
		return -1;
	return lex_duration(text, ms) ? fail(js, "timeout is out of range") : 0;
}

static int read_size(struct json *js, uint32_t *size)
{
	unsigned long num;
	const char *text;
	bool quoted;
	char *end;

	text = read_scalar(js, &quoted);
	if (!text)
		return -1;
	errno = 0;
	num = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno || num > UINT32_MAX)
		return fail(js, "size is no number from 0 to 4294967295");
	*size = num;
	return 0;
}

/* {"type": ..., "value": ...} */
struct typed {
	const char *type;
	const char *text;
	bool quoted;
	bool list;
};

/* Reads an array of strings. Return: the text of the list, or NULL. */
static const char *read_list(struct json *js)
{
	size_t start = js->used;
	const char *c, *member;
	size_t used;

	if (expect(js, '['))
		return NULL;
	if (!take(js, ']')) {
		do {
			char copy[NFDICT_STRING_MAX + 1];

			used = js->used;
			member = read_string(js);
			if (!member)
				return NULL;
			if (!*member || strlen(member) >= sizeof(copy)) {
				fail(js, *member ? "list is too long" :
						   "member of a list is empty");
				return NULL;
			}
			strcpy(copy, member);
			js->used = used;
			if (used > start && put(js, ','))
				return NULL;
			for (c = copy; *c; c++)
				if (((*c == ',' || *c == '\\') &&
				     put(js, '\\')) || put(js, *c))
					return NULL;
		} while (take(js, ','));
		if (expect(js, ']'))
			return NULL;
	}
	return put(js, '\0') ? NULL : js->room + start;
}

static int typed_member(struct json *js, const char *name, void *data)
{
	struct typed *typed = data;

	if (!strcmp(name, "type")) {
		typed->type = read_string(js);
		return typed->type ? 0 : -1;
	}
	if (!strcmp(name, "value")) {
		skip_blanks(js);
		typed->list = js->c == '[';
		typed->text = typed->list ? read_list(js) :
			      read_scalar(js, &typed->quoted);
		return typed->text ? 0 : -1;
	}
	return skip_value(js, 0);
}

static int read_typed(struct json *js, struct typed *typed)
{
	memset(typed, 0, sizeof(*typed));
	if (read_object(js, typed_member, typed))
		return -1;
	if (!typed->type || !typed->text)
		return fail(js, "\"type\" and \"value\" are expected");
	return 0;
}

static int read_key(struct json *js, struct nfdict_key *key)
{
	char text[64 + NFDICT_TEXT_MAX];
	struct typed typed;

	if (read_typed(js, &typed))
		return -1;
	if (typed.list)
		return fail(js, "no key is an array");
	if (nfdict_key_type_parse(typed.type) == NFDICT_KEY_UNSPEC)
		return fail(js, "key has an unknown type");
	/* A text that is truncated here is too long anyway. */
	snprintf(text, sizeof(text), "%s:%s", typed.type, typed.text);
	if (nfdict_key_parse(key, text)) {
		if (!js->status)
			js->status = cli_fail(js->cli, STATUS_USAGE,
					      "key %s: %s", cli_word(typed.text),
					      nfdict_key_flaw(text));
		js->c = -2;
		return -1;
	}
	return 0;
}

static int field_member(struct json *js, const char *name, void *data)
{
	struct nfdict_row *row = data;
	struct nfdict_field *field;
	struct typed typed = {};
	enum nfdict_type type;

	if (row->nfields == NFDICT_FIELDS_MAX)
		return fail(js, "more than 255 fields");
	field = &row->fields[row->nfields++];
	memset(field, 0, sizeof(*field));
	field->name = name;
	field->name_len = strlen(name);
	skip_blanks(js);
	/* The fields of a deletion event have no value. */
	if (js->c == 'n')
		return skip_value(js, 0);
	if (read_typed(js, &typed))
		return -1;
	type = nfdict_type_parse(typed.type);
	if (type == NFDICT_UNSPEC)
		return fail(js, "field has an unknown type");
	if (type == NFDICT_LONG_STRING && !typed.quoted)
		return fail(js, "a string is expected");
	if (typed.list && type != NFDICT_STRING_LIST)
		return fail(js, "only a string_list is an array");
	if (!typed.list && type == NFDICT_STRING_LIST)
		return fail(js, "an array of strings is expected");
	if (nfdict_value_parse(&field->value, type, typed.text)) {
		if (!js->status)
			js->status = cli_fail(js->cli, STATUS_USAGE,
					      "field %s: %s %s: %s",
					      cli_word(name), typed.type,
					      cli_word(typed.text),
					      nfdict_value_flaw(type,
								typed.text));
		js->c = -2;
		return -1;
	}
	return 0;
}

static int row_member(struct json *js, const char *name, void *data)
{
	struct item *item = data;

	if (!strcmp(name, "key")) {
		item->has_key = true;
		return read_key(js, &item->row.key);
	}
	if (!strcmp(name, "fields"))
		return read_object(js, field_member, &item->row);
	if (!strcmp(name, "timeout")) {
		item->row.has_timeout = true;
		if (read_duration(js, &item->row.timeout))
			return -1;
		item->timeout = item->row.timeout;
		return 0;
	}
	return skip_value(js, 0);
}

static void item_begin(struct json *js, struct item *item)
{
	memset(item, 0, sizeof(*item));
	item->row.fields = js->cli->row_fields;
}

/* Stores the exit status of a request. */
static int done(struct json *js, int err)
{
	if (err && !js->status)
		js->status = cli_kernel_fail(js->cli, js->cli->nd, NULL, NULL);
	return err ? -1 : 0;
}

static int write_row(struct json *js, struct item *item, const char *table,
		     unsigned int flags, bool delete)
{
	const char *name;

	if (!item->has_key)
		return fail(js, "row has no key");
	name = staged_name(js->cli, table);
	if (!name) {
		js->status = js->cli->status;
		return -1;
	}
	restore_tag(js->cli);
	return done(js, delete ?
		    nfdict_row_delete(js->cli->nd, name, &item->row) :
		    nfdict_row_set(js->cli->nd, name, &item->row, flags));
}

static int read_bool(struct json *js, bool *value)
{
	const char *text;
	bool quoted;

	text = read_scalar(js, &quoted);
	if (!text)
		return -1;
	*value = !strcmp(text, "true");
	return *value || !strcmp(text, "false") ? 0 :
	       fail(js, "true or false is expected");
}

/* The class of a table's keys. */
static int read_class(struct json *js, uint32_t *key_class)
{
	const char *text = read_string(js);

	if (!text)
		return -1;
	*key_class = nfdict_key_type_parse(text);
	return *key_class == NFDICT_KEY_UNSPEC ?
	       fail(js, "unknown class of keys") : 0;
}

static int declared_member(struct json *js, const char *name, void *data)
{
	struct nfdict_table *info = data;
	const char *type = read_string(js);

	if (!type)
		return -1;
	if (!cli_declare(js->cli, info, name, type))
		return 0;
	js->status = js->cli->status;
	js->c = -2;
	return -1;
}

/* Reads the declaration of a table: class of keys, fields. */
static int info_member(struct json *js, const char *name,
		       struct nfdict_table *info)
{
	if (!strcmp(name, "key_class"))
		return read_class(js, &info->key_class);
	if (!strcmp(name, "declared"))
		return read_object(js, declared_member, info);
	if (!strcmp(name, "open"))
		return read_bool(js, &info->open);
	return 1;
}

/**
 * struct table - a table that is being read
 *
 * @name: its name
 * @info: its size, default lifetime and class of keys
 * @created: the table was created in the kernel
 * @changed: size or timeout came after its rows
 */
struct table {
	char name[NFDICT_NAME_MAX + 1];
	struct nfdict_table info;
	bool created;
	bool changed;
};

static int table_create(struct json *js, struct table *table)
{
	struct cli *cli = js->cli;

	if (!table->name[0])
		return fail(js, "the name of a table is expected before its rows");
	table->created = true;
	table->changed = false;
	restore_tag(cli);
	if (cli->opts & OPT_SWAP) {
		js->status = staged_create(cli, table->name, &table->info);
		return js->status ? -1 : 0;
	}
	return done(js, nfdict_table_declare(cli->nd, table->name, &table->info,
					     cli->opts & OPT_EXIST ?
					     0 : NFDICT_F_EXCL));
}

static int table_member(struct json *js, const char *name, void *data)
{
	struct table *table = data;
	struct item item;
	const char *text;
	int err;

	if (!strcmp(name, "name")) {
		text = read_string(js);
		if (!text)
			return -1;
		if (strlen(text) > NFDICT_NAME_MAX)
			return fail(js, "name is longer than 128 bytes");
		strcpy(table->name, text);
		return 0;
	}
	if (!strcmp(name, "size") || !strcmp(name, "timeout")) {
		table->changed = true;
		return *name == 's' ? read_size(js, &table->info.size) :
				      read_duration(js, &table->info.timeout);
	}
	err = info_member(js, name, &table->info);
	if (err <= 0 && table->created)
		return fail(js, "what a table declares is expected before rows");
	if (err <= 0)
		return err;
	if (strcmp(name, "rows"))
		return skip_value(js, 0);

	if (table_create(js, table) || expect(js, '['))
		return -1;
	if (take(js, ']'))
		return 0;
	do {
		js->used = 0;
		item_begin(js, &item);
		if (read_object(js, row_member, &item) ||
		    write_row(js, &item, table->name, NFDICT_F_CREATE, false))
			return -1;
	} while (take(js, ','));
	return expect(js, ']');
}

static int read_table(struct json *js)
{
	struct table table = {};
	const char *name;

	js->used = 0;
	if (read_object(js, table_member, &table))
		return -1;
	if (!table.created)
		return table_create(js, &table);
	if (!table.changed)
		return 0;
	/* In an object sorted by name they follow the rows. */
	name = staged_name(js->cli, table.name);
	table.info.ndecls = 0;
	return done(js, nfdict_table_declare(js->cli->nd, name, &table.info,
					     NFDICT_F_REPLACE));
}

static int item_member(struct json *js, const char *name, void *data)
{
	struct item *item = data;
	const char **text = NULL;
	int err;

	if (!strcmp(name, "tables")) {
		if (item->event || item->table || item->table2 ||
		    item->has_key)
			return fail(js, "a row or an event has no tables");
		if (expect(js, '['))
			return -1;
		if (take(js, ']'))
			return 0;
		do {
			if (read_table(js))
				return -1;
		} while (take(js, ','));
		return expect(js, ']');
	}
	if (!strcmp(name, "event"))
		text = &item->event;
	else if (!strcmp(name, "table"))
		text = &item->table;
	else if (!strcmp(name, "table2"))
		text = &item->table2;
	if (text) {
		*text = read_string(js);
		return *text ? 0 : -1;
	}
	if (!strcmp(name, "size")) {
		item->has_size = true;
		return read_size(js, &item->size);
	}
	if (!strcmp(name, "gone"))
		item->gone = true;
	err = info_member(js, name, &item->info);
	return err <= 0 ? err : row_member(js, name, item);
}

/* Applies a row, or an event about a row or a table. */
static int apply_item(struct json *js, struct item *item)
{
	const char *event = item->event ? item->event : "set";
	struct nfdict *nd = js->cli->nd;
	const char *table = item->table;
	struct nfdict_table info = item->info;

	/* A document of tables, or a mark of monitor. */
	if (!table && (!item->event || !strcmp(event, "resync") ||
		       !strcmp(event, "synced")))
		return 0;
	if (!table)
		return fail(js, "\"table\" is missing");
	if (!strcmp(event, "set"))
		return write_row(js, item, table, NFDICT_F_CREATE, false);
	if (!strcmp(event, "replace"))
		return write_row(js, item, table,
				 NFDICT_F_CREATE | NFDICT_F_REPLACE, false);
	/* The event has the last fields of the row; delete the whole row. */
	if (item->gone)
		item->row.nfields = 0;
	if (!strcmp(event, "delete"))
		return write_row(js, item, table, 0, true);
	if (js->cli->opts & OPT_SWAP)
		return fail(js, "not possible with --swap");
	info.size = item->size;
	info.timeout = item->timeout;
	restore_tag(js->cli);
	if (!strcmp(event, "create"))
		return done(js, nfdict_table_declare(nd, table, &info,
						     NFDICT_F_REPLACE));
	if (!strcmp(event, "destroy"))
		return done(js, nfdict_table_delete(nd, table));
	if (!strcmp(event, "flush"))
		return done(js, nfdict_table_flush(nd, table));
	if (!strcmp(event, "swap") && item->table2)
		return done(js, nfdict_table_swap(nd, table, item->table2));
	return fail(js, "unknown event");
}

/**
 * json_restore() - restore from a JSON file
 * @cli: run, whose handle has started a batch
 * @in: file
 *
 * Return: exit status.
 */
int json_restore(struct cli *cli, struct input *in)
{
	static struct json js;
	struct item item;

	js.cli = cli;
	js.in = in;
	cli->line = 1;
	next(&js);
	for (;;) {
		skip_blanks(&js);
		if (js.c < 0 || input_stopped())
			return js.status;
		js.used = 0;
		item_begin(&js, &item);
		if (read_object(&js, item_member, &item) ||
		    apply_item(&js, &item))
			return js.status ? js.status : STATUS_ERROR;
	}
}
