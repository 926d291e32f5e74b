/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libnfdict: tables of the netfilter dictionary, over netlink.
 *
 * Copyright (C) 2025 The nft_dict authors
 */
#ifndef _NFDICT_H
#define _NFDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * DOC: libnfdict
 *
 * The library reads and writes the tables that nf_tables rules look up with
 * the "dict" expression, in the network namespace of the calling process. It
 * needs CAP_NET_ADMIN in the user namespace that owns it.
 *
 * A &struct nfdict is a handle with a netlink socket. A handle must not be used
 * by two threads at the same time; concurrent threads open one each.
 *
 * Functions that return int return 0 (or as documented) on success and a
 * negative errno on failure; nfdict_error() then has the details. Numbers are
 * in host byte order, addresses in network byte order.
 *
 * A call that waits for the kernel returns -EINTR after a signal handler has
 * run, with or without SA_RESTART, and -ETIMEDOUT after the time that
 * nfdict_set_timeout() sets. It is then unknown whether the request took
 * effect.
 *
 * Members named reserved are for extensions and must be 0: initialize
 * structures as a whole, or with the functions of the library.
 */

/* Version of this header; nfdict_version() returns that of the library. */
#define NFDICT_VERSION		"1.0.0"
#define NFDICT_VERSION_NUM	0x010000

/* Longest table or field name in bytes, without a terminating NUL. */
#define NFDICT_NAME_MAX		128
/* Longest string, as a value, in bytes, without a terminating NUL. */
#define NFDICT_STRING_MAX	4095
/* Longest string as a key, in bytes, without a terminating NUL. */
#define NFDICT_KEY_STRING_MAX	254
/* Longest raw key in bytes. */
#define NFDICT_RAW_MAX		64
/* Room for the bytes of a key: more than any class needs today. */
#define NFDICT_KEY_ROOM		256
/* Most members of a list of strings. */
#define NFDICT_LIST_MAX		255
/* Most fields that a row can hold. */
#define NFDICT_FIELDS_MAX	255
/* Longest lifetime of a row in milliseconds. */
#define NFDICT_TIMEOUT_MAX	0xffffffffULL
/* Room for any key or value as text, with a terminating NUL: a list may need a
 * backslash before each byte.
 */
#define NFDICT_TEXT_MAX		(2 * NFDICT_STRING_MAX + 32)
/* Default time to wait for an answer, in milliseconds. */
#define NFDICT_WAIT		30000

/**
 * enum nfdict_key_type - class of a key; keys of two classes are never equal
 *
 * @NFDICT_KEY_UNSPEC: no key
 * @NFDICT_KEY_INT: unsigned number
 * @NFDICT_KEY_IPV4: IPv4 address
 * @NFDICT_KEY_IPV6: IPv6 address
 * @NFDICT_KEY_ETHER: Ethernet address
 * @NFDICT_KEY_STRING: string of 1 to %NFDICT_KEY_STRING_MAX bytes
 * @NFDICT_KEY_RAW: 1 to %NFDICT_RAW_MAX bytes, such as a concatenation
 * @NFDICT_KEY_CT: class of a table only: its keys are of %NFDICT_KEY_INT and
 *	the ids of living connections; rows are deleted with their connection
 * @NFDICT_KEY_DOMAIN: class of a table only: its keys are of
 *	%NFDICT_KEY_STRING and domains or, with a leading dot, suffixes
 */
enum nfdict_key_type {
	NFDICT_KEY_UNSPEC,
	NFDICT_KEY_INT,
	NFDICT_KEY_IPV4,
	NFDICT_KEY_IPV6,
	NFDICT_KEY_ETHER,
	NFDICT_KEY_STRING,
	NFDICT_KEY_RAW,
	NFDICT_KEY_CT,
	NFDICT_KEY_DOMAIN,
};

/**
 * enum nfdict_type - type of a field
 *
 * @NFDICT_UNSPEC: no type: the field is named without a value
 * @NFDICT_BOOL: truth value
 * @NFDICT_INT: signed number, 32 bits
 * @NFDICT_INT64: signed number, 64 bits
 * @NFDICT_IPV4_ADDR: IPv4 address
 * @NFDICT_IPV6_ADDR: IPv6 address
 * @NFDICT_ETHER_ADDR: Ethernet address
 * @NFDICT_LONG_STRING: string of up to %NFDICT_STRING_MAX bytes
 * @NFDICT_STRING_LIST: set of up to %NFDICT_LIST_MAX strings, of at most
 *	%NFDICT_STRING_MAX bytes together, counting one separator between two
 */
enum nfdict_type {
	NFDICT_UNSPEC,
	NFDICT_BOOL,
	NFDICT_INT,
	NFDICT_INT64,
	NFDICT_IPV4_ADDR,
	NFDICT_IPV6_ADDR,
	NFDICT_ETHER_ADDR,
	NFDICT_LONG_STRING,
	NFDICT_STRING_LIST,
};

/**
 * struct nfdict_key - key of a row
 *
 * @type: a value of &enum nfdict_key_type
 * @len: bytes in @data; 8 for a number
 * @reserved: 0
 * @num: the number, if @type is %NFDICT_KEY_INT
 * @data: address, string (no terminating NUL) or raw bytes otherwise
 */
struct nfdict_key {
	uint16_t type;
	uint16_t len;
	uint32_t reserved;
	union {
		uint64_t num;
		uint8_t data[NFDICT_KEY_ROOM];
	};
};

/**
 * struct nfdict_value - value of a field
 *
 * @type: a value of &enum nfdict_type
 * @len: bytes of the address, the string or the text of the list
 * @reserved: 0
 * @num: value of %NFDICT_BOOL (0 or 1), %NFDICT_INT and %NFDICT_INT64
 * @addr: value of the address types
 * @str: value of %NFDICT_LONG_STRING, @len bytes; borrowed, without a
 *	terminating NUL. Or of %NFDICT_STRING_LIST: its members, separated by
 *	commas; a backslash escapes a comma or backslash within a member. If
 *	filled in by the library, the members are sorted
 */
struct nfdict_value {
	uint16_t type;
	uint16_t len;
	uint32_t reserved;
	union {
		int64_t num;
		uint8_t addr[16];
		const char *str;
	};
};

/**
 * enum nfdict_op - what writing a row does to a field
 *
 * @NFDICT_OP_SET: set it, with the type of the value
 * @NFDICT_OP_ADD: add to the number, or add members to the list
 * @NFDICT_OP_SUB: subtract from the number, or remove members from the list
 *
 * Adding and subtracting is atomic, as in rules: no change by packets is lost.
 * The number saturates at the limits of its type, and the lifetime of the row
 * is not restarted. A missing number is an error. Adding members creates a
 * missing list, and with %NFDICT_F_CREATE a missing row.
 */
enum nfdict_op {
	NFDICT_OP_SET,
	NFDICT_OP_ADD,
	NFDICT_OP_SUB,
};

/**
 * struct nfdict_field - a field of a row
 *
 * @name: its name, @name_len bytes; borrowed, without a terminating NUL
 * @name_len: length of @name
 * @value: its value; of type %NFDICT_UNSPEC if the field is only named
 * @op: what to do with the value, &enum nfdict_op
 * @reserved: 0
 */
struct nfdict_field {
	const char *name;
	size_t name_len;
	struct nfdict_value value;
	uint32_t op;
	uint32_t reserved;
};

/**
 * struct nfdict_row - a row
 *
 * @key: its key
 * @fields: its fields; in a callback, valid until that returns
 * @nfields: number of @fields
 * @has_timeout: @timeout is valid. If a row is written without, a new one gets
 *	the lifetime of its table and an existing one keeps its own
 * @expired: in an event: the row was deleted because its lifetime ended
 * @gone: in an event: the row was deleted with its connection; @fields are its
 *	last ones
 * @timeout: lifetime in milliseconds, 0: no limit
 * @expires: remaining lifetime in milliseconds, 0: no limit; ignored in writes
 * @reserved: 0
 */
struct nfdict_row {
	struct nfdict_key key;
	struct nfdict_field *fields;
	unsigned int nfields;
	bool has_timeout;
	bool expired;
	bool gone;
	uint64_t timeout;
	uint64_t expires;
	uint64_t reserved[4];
};

/**
 * struct nfdict_decl - a field that a table declares
 *
 * @name: its name
 * @reserved8: 0
 * @type: its type, &enum nfdict_type
 * @reserved: 0
 */
struct nfdict_decl {
	char name[NFDICT_NAME_MAX + 1];
	uint8_t reserved8;
	uint16_t type;
	uint32_t reserved;
};

/**
 * struct nfdict_table - a table
 *
 * @name: its name
 * @size: most rows, 0: no limit except 65,535 for rows that packets create
 * @timeout: default lifetime of rows in milliseconds, 0: no limit
 * @rows: rows in the table
 * @use: rules that use it
 * @bytes: memory of its rows, their strings and buckets
 * @drops: writes by packets that were refused
 * @expired: rows whose lifetime ended
 * @key_class: class of all its keys, &enum nfdict_key_type; %NFDICT_KEY_UNSPEC:
 *	any
 * @ndecls: number of @decls, 0: it declares no fields
 * @decls: declared fields. If filled in by the library, valid until the next
 *	call with the handle
 * @open: rows may also have other fields
 * @reserved: for later
 */
struct nfdict_table {
	char name[NFDICT_NAME_MAX + 1];
	uint32_t size;
	uint64_t timeout;
	uint32_t rows;
	uint32_t use;
	uint64_t bytes;
	uint64_t drops;
	uint64_t expired;
	uint32_t key_class;
	uint32_t ndecls;
	const struct nfdict_decl *decls;
	bool open;
	uint64_t reserved[13];
};

/* Flags of nfdict_table_create() and nfdict_row_set(). */
#define NFDICT_F_CREATE		(1U << 0)	/* create what is missing */
#define NFDICT_F_EXCL		(1U << 1)	/* fail if it exists */
#define NFDICT_F_REPLACE	(1U << 2)	/* replace what exists */

/**
 * enum nfdict_at - the part of a request that an error is about
 *
 * @NFDICT_AT_UNKNOWN: the kernel did not say
 * @NFDICT_AT_TABLE: the table
 * @NFDICT_AT_TABLE2: the other table of a swap
 * @NFDICT_AT_SIZE: the size
 * @NFDICT_AT_TIMEOUT: the lifetime
 * @NFDICT_AT_KEY: the key
 * @NFDICT_AT_ROW: the row
 * @NFDICT_AT_FIELD: a field: its name is in &struct nfdict_error
 * @NFDICT_AT_DECL: the declarations of a table
 */
enum nfdict_at {
	NFDICT_AT_UNKNOWN,
	NFDICT_AT_TABLE,
	NFDICT_AT_TABLE2,
	NFDICT_AT_SIZE,
	NFDICT_AT_TIMEOUT,
	NFDICT_AT_KEY,
	NFDICT_AT_ROW,
	NFDICT_AT_FIELD,
	NFDICT_AT_DECL,
};

/**
 * enum nfdict_request - kind of a request
 *
 * @NFDICT_REQUEST_OTHER: a request that changes nothing
 * @NFDICT_REQUEST_TABLE_CREATE: nfdict_table_create()
 * @NFDICT_REQUEST_TABLE_DELETE: nfdict_table_delete()
 * @NFDICT_REQUEST_TABLE_FLUSH: nfdict_table_flush()
 * @NFDICT_REQUEST_TABLE_SWAP: nfdict_table_swap(), nfdict_tables_swap()
 * @NFDICT_REQUEST_ROW_SET: nfdict_row_set()
 * @NFDICT_REQUEST_ROW_DELETE: nfdict_row_delete()
 */
enum nfdict_request {
	NFDICT_REQUEST_OTHER,
	NFDICT_REQUEST_TABLE_CREATE,
	NFDICT_REQUEST_TABLE_DELETE,
	NFDICT_REQUEST_TABLE_FLUSH,
	NFDICT_REQUEST_TABLE_SWAP,
	NFDICT_REQUEST_ROW_SET,
	NFDICT_REQUEST_ROW_DELETE,
};

/**
 * struct nfdict_error - details of a failure
 *
 * @code: negative errno
 * @at: which part of the request it is about, &enum nfdict_at
 * @request: kind of the request, &enum nfdict_request
 * @kernel: the kernel refused the request; otherwise the library did
 * @tag: nfdict_tag() of the request that failed
 * @tag_last: tag of the last request that failed for the same reason: if a
 *	table does not exist or a capability is missing, all rows that were sent
 *	together fail
 * @table: name of the table of the request, or an empty string; truncated if
 *	too long
 * @key: key of the row, of type %NFDICT_KEY_UNSPEC if unknown
 * @message: description of the error, or an empty string; see nfdict_strerror()
 * @field: name of the field that the error is about, or an empty string;
 *	truncated if too long
 * @reserved: for later
 */
struct nfdict_error {
	int code;
	int at;
	int request;
	bool kernel;
	unsigned long tag;
	unsigned long tag_last;
	char table[NFDICT_NAME_MAX + 1];
	struct nfdict_key key;
	char message[160];
	char field[NFDICT_NAME_MAX + 1];
	uint64_t reserved[8];
};

struct nfdict;

/**
 * nfdict_open() - open a handle
 *
 * Return: the handle, or NULL with errno set.
 */
struct nfdict *nfdict_open(void);

/**
 * nfdict_close() - close a handle
 * @nd: handle or NULL
 *
 * Drops the requests of an unfinished batch that were not sent yet.
 */
void nfdict_close(struct nfdict *nd);

/**
 * nfdict_fd() - file descriptor of a handle, for poll(2)
 * @nd: handle
 *
 * Return: the descriptor, which the library owns.
 */
int nfdict_fd(const struct nfdict *nd);

/**
 * nfdict_portid() - netlink port id of a handle
 * @nd: handle
 *
 * Return: the port id, which events caused by its requests have in
 * &nfdict_event.portid.
 */
uint32_t nfdict_portid(const struct nfdict *nd);

/**
 * nfdict_version() - version of the library
 *
 * Return: such as "1.0.0".
 */
const char *nfdict_version(void);

/**
 * nfdict_set_timeout() - limit the time that a call waits for an answer
 * @nd: handle
 * @ms: milliseconds, %NFDICT_WAIT by default; -1: no limit
 *
 * The kernel answers at once, so the limit is only reached if something is
 * wrong. It does not apply to nfdict_events().
 */
void nfdict_set_timeout(struct nfdict *nd, int ms);

/**
 * nfdict_error() - details of the last failure
 * @nd: handle
 *
 * Return: the details, valid until the next call with @nd.
 */
const struct nfdict_error *nfdict_error(const struct nfdict *nd);

/**
 * nfdict_strerror() - describe an error
 * @error: details of a failure
 *
 * Return: such as "row does not exist"; valid as long as @error.
 */
const char *nfdict_strerror(const struct nfdict_error *error);

/**
 * nfdict_error_print() - describe an error with the table, row or field it is
 * about
 * @error: details of a failure
 * @buf: result, with a terminating NUL; truncated if too long
 * @size: bytes in @buf
 *
 * Return: length of the whole text, as snprintf(3).
 */
int nfdict_error_print(const struct nfdict_error *error, char *buf,
		       size_t size);

/**
 * nfdict_table_create() - create a table, or change one
 * @nd: handle
 * @table: its name, 1 to %NFDICT_NAME_MAX bytes without commas, white space
 *	and control characters
 * @size: most rows, 0: no limit except 65,535 for rows that packets create
 * @timeout: default lifetime of its rows in milliseconds, 0: no limit
 * @flags: %NFDICT_F_EXCL: it must not exist; %NFDICT_F_REPLACE: if it exists,
 *	change its size and timeout. Without either, an existing table is not
 *	changed
 *
 * Return: 0, -EEXIST, -EINVAL, -ENAMETOOLONG, -EPERM, ...
 */
int nfdict_table_create(struct nfdict *nd, const char *table, uint32_t size,
			uint64_t timeout, unsigned int flags);

/**
 * nfdict_table_declare() - create or change a table with declared keys and
 * fields
 * @nd: handle
 * @table: its name
 * @info: its size, timeout, key_class, decls and open; other members are
 *	ignored
 * @flags: as for nfdict_table_create(). An existing table must have the given
 *	class of keys, if any, and declare the given fields, if any; with
 *	%NFDICT_F_REPLACE missing fields are added
 *
 * Return: as nfdict_table_create(); -EBUSY if rules use it with other keys, or
 * if fields cannot be declared because of existing rows or rules.
 */
int nfdict_table_declare(struct nfdict *nd, const char *table,
			 const struct nfdict_table *info, unsigned int flags);

/**
 * nfdict_table_delete() - delete a table with its rows
 * @nd: handle
 * @table: its name
 *
 * Return: 0, -ENOENT, -EBUSY if rules use it, ...
 */
int nfdict_table_delete(struct nfdict *nd, const char *table);

/**
 * nfdict_table_flush() - delete all rows of a table
 * @nd: handle
 * @table: its name
 *
 * Return: 0, -ENOENT, ...
 */
int nfdict_table_flush(struct nfdict *nd, const char *table);

/**
 * nfdict_table_swap() - exchange the rows of two tables in one step
 * @nd: handle
 * @table: one
 * @table2: the other
 *
 * Return: 0, -ENOENT, -EINVAL if they are the same, ...
 */
int nfdict_table_swap(struct nfdict *nd, const char *table,
		      const char *table2);

/**
 * nfdict_tables_swap() - exchange the rows of pairs of tables in one step
 * @nd: handle
 * @tables: their names, pair after pair, none twice
 * @n: number of names: twice that of the pairs
 *
 * Nested lookups through several of them see all pairs exchanged or none. The
 * limit is 1,024 pairs whose names fit into a message of 60 KiB.
 *
 * Return: 0, -ENOENT, -EINVAL if a table is named twice, -E2BIG, ...
 */
int nfdict_tables_swap(struct nfdict *nd, const char *const *tables,
		       unsigned int n);

/**
 * nfdict_table_get() - read the properties and statistics of a table
 * @nd: handle
 * @table: its name
 * @info: result
 *
 * Return: 0, -ENOENT, ...
 */
int nfdict_table_get(struct nfdict *nd, const char *table,
		     struct nfdict_table *info);

/**
 * typedef nfdict_table_cb - called for a table
 * @info: the table, valid until the callback returns
 * @data: pointer passed by the caller
 *
 * Return: 0 to continue; any other value ends the listing and is its result.
 */
typedef int (*nfdict_table_cb)(const struct nfdict_table *info, void *data);

/**
 * nfdict_tables() - list all tables
 * @nd: handle
 * @cb: called for each; must not use @nd
 * @data: passed to @cb
 *
 * Return: 0; -EINTR if tables were created or deleted meanwhile, so that some
 * may be missing; what @cb returned; ...
 */
int nfdict_tables(struct nfdict *nd, nfdict_table_cb cb, void *data);

/**
 * nfdict_row_set() - write a row
 * @nd: handle
 * @table: its table
 * @row: key, fields and lifetime
 * @flags: 0: set the given fields of an existing row and keep the others;
 *	%NFDICT_F_CREATE: create a missing row and table; additionally
 *	%NFDICT_F_EXCL: the row must not exist; %NFDICT_F_REPLACE: remove the
 *	fields that are not given. To add or subtract: 0
 *
 * Readers see all of the change or nothing, unless the fields do not fit into
 * one message: of 59 KiB, which takes more than 200 fields with the longest
 * names and strings, or what the socket can send (net.core.wmem_max for
 * unprivileged senders). The rest is then added by further messages.
 *
 * Return: 0, -ENOENT, -EEXIST, -ENFILE if the table is full, -EINVAL, ...
 */
int nfdict_row_set(struct nfdict *nd, const char *table,
		   const struct nfdict_row *row, unsigned int flags);

/**
 * nfdict_row_add() - add to a number
 * @nd: handle
 * @table: its table
 * @key: key of its row
 * @field: name of the field
 * @num: number to add; negative: to subtract
 *
 * Same as nfdict_row_set() with %NFDICT_OP_ADD, for example to top up a quota
 * that packets use.
 *
 * Return: 0, -ENOENT, ...
 */
int nfdict_row_add(struct nfdict *nd, const char *table,
		   const struct nfdict_key *key, const char *field,
		   int64_t num);

/**
 * nfdict_row_delete() - delete a row, or fields of it
 * @nd: handle
 * @table: its table
 * @row: key, and names of the fields to delete; none: the whole row
 *
 * Return: 0; -ENOENT if the table, the row or one of the fields is missing, and
 * nothing was deleted; ...
 */
int nfdict_row_delete(struct nfdict *nd, const char *table,
		      const struct nfdict_row *row);

/**
 * typedef nfdict_row_cb - called for a row
 * @table: its table
 * @row: the row; all of it is valid until the callback returns
 * @data: pointer passed by the caller
 *
 * Return: 0 to continue; any other value ends the listing and is its result.
 */
typedef int (*nfdict_row_cb)(const char *table, const struct nfdict_row *row,
			     void *data);

/**
 * nfdict_row_get() - read one row
 * @nd: handle
 * @table: its table
 * @key: its key
 * @cb: called with it; must not use @nd
 * @data: passed to @cb
 *
 * Return: 0, -ENOENT, what @cb returned, ...
 */
int nfdict_row_get(struct nfdict *nd, const char *table,
		   const struct nfdict_key *key, nfdict_row_cb cb, void *data);

/**
 * nfdict_row_read() - read one row, without a callback
 * @nd: handle
 * @table: its table
 * @key: its key
 * @row: result, to free with nfdict_row_free(); NULL on failure
 *
 * Return: 0, -ENOENT, ...
 */
int nfdict_row_read(struct nfdict *nd, const char *table,
		    const struct nfdict_key *key, struct nfdict_row **row);

/**
 * nfdict_row_copy() - copy a row, such as the argument of a callback
 * @row: row
 *
 * Return: a deep copy, to free with nfdict_row_free(), or NULL with errno set.
 */
struct nfdict_row *nfdict_row_copy(const struct nfdict_row *row);

/**
 * nfdict_row_free() - free a copy of a row
 * @row: of nfdict_row_read() or nfdict_row_copy(), or NULL
 */
void nfdict_row_free(struct nfdict_row *row);

/**
 * nfdict_row_value() - find a field of a row
 * @row: row
 * @name: name of the field
 *
 * Return: its value, valid as long as @row, or NULL.
 */
const struct nfdict_value *nfdict_row_value(const struct nfdict_row *row,
					    const char *name);

/**
 * nfdict_rows() - list rows
 * @nd: handle
 * @table: rows of this table, or NULL: of all
 * @key: rows with this key, or NULL: all
 * @field: only this field, and rows that have it, or NULL: all
 * @cb: called for each; must not use @nd
 * @data: passed to @cb
 *
 * Memory use does not depend on the number of rows.
 *
 * The listing has every row that exists throughout, and no row twice.
 *
 * Return: 0; -EINTR if the listing ended, but a table was flushed, swapped,
 * created or deleted meanwhile; -ENOENT; what @cb returned; ...
 */
int nfdict_rows(struct nfdict *nd, const char *table,
		const struct nfdict_key *key, const char *field,
		nfdict_row_cb cb, void *data);

/**
 * nfdict_batch_begin() - collect requests
 * @nd: handle
 *
 * From now on nfdict_table_create(), nfdict_table_delete(),
 * nfdict_table_flush(), nfdict_table_swap(), nfdict_row_set() and
 * nfdict_row_delete() queue their request. Consecutive rows that are written to
 * the same table in the same way share a message. Requests take effect in
 * order.
 *
 * If a request fails, those before it have taken effect and those queued after
 * it are dropped, unless nfdict_batch_errors() was called. The error is
 * returned by the call that sent the request, or by nfdict_batch_end();
 * nfdict_error() reports which request failed. A call that returns an error has
 * not queued its own request; if the library refused that, the queue is
 * unchanged. Other requests fail with -EBUSY until nfdict_batch_end().
 */
void nfdict_batch_begin(struct nfdict *nd);

/**
 * typedef nfdict_error_cb - called for a request that failed
 * @error: details, valid until the callback returns
 * @data: pointer passed by the caller
 *
 * Return: 0 to continue with the requests after it; any other value drops those
 * that are queued, and is the result of the call that sent them.
 */
typedef int (*nfdict_error_cb)(const struct nfdict_error *error, void *data);

/**
 * nfdict_batch_errors() - handle each request of a batch that fails
 * @nd: handle
 * @cb: called for each request that the kernel refuses, in order; must not use
 *	@nd. NULL, the default: stop at the first
 * @data: passed to @cb
 *
 * A call that sends requests returns 0 if @cb returned 0 for all that failed.
 */
void nfdict_batch_errors(struct nfdict *nd, nfdict_error_cb cb, void *data);

/**
 * nfdict_tag() - label the requests that follow
 * @nd: handle
 * @tag: label, such as a line number, for &struct nfdict_error
 */
void nfdict_tag(struct nfdict *nd, unsigned long tag);

/**
 * nfdict_batch_flush() - send the queued requests and continue the batch
 * @nd: handle
 *
 * Return: 0 or the error of the first request that failed.
 */
int nfdict_batch_flush(struct nfdict *nd);

/**
 * nfdict_batch_send() - send the queued requests without waiting for the answer
 * @nd: handle
 *
 * Call nfdict_batch_result() when nfdict_fd() is readable. Requests queued
 * meanwhile are not sent before that.
 *
 * Return: 0 or an error.
 */
int nfdict_batch_send(struct nfdict *nd);

/**
 * nfdict_batch_result() - read the answer to nfdict_batch_send()
 * @nd: handle
 *
 * Return: -EAGAIN if there is no answer yet; 0 or an error as
 * nfdict_batch_flush().
 */
int nfdict_batch_result(struct nfdict *nd);

/**
 * nfdict_batch_end() - send the queued requests and end the batch
 * @nd: handle
 *
 * Return: 0 or the error of the first request that failed.
 */
int nfdict_batch_end(struct nfdict *nd);

/**
 * enum nfdict_event_type - what happened
 *
 * @NFDICT_EV_TABLE_NEW: a table was created, or its size or timeout changed
 * @NFDICT_EV_TABLE_DEL: a table was deleted
 * @NFDICT_EV_TABLE_FLUSH: all rows of a table were deleted
 * @NFDICT_EV_TABLE_SWAP: two tables exchanged their rows
 * @NFDICT_EV_ROW_NEW: a row was created, or replaced; it has all its fields
 * @NFDICT_EV_ROW_CHANGE: a row was changed; it has the fields written
 * @NFDICT_EV_ROW_DEL: a row was deleted, or, if it names fields, those fields
 */
enum nfdict_event_type {
	NFDICT_EV_TABLE_NEW,
	NFDICT_EV_TABLE_DEL,
	NFDICT_EV_TABLE_FLUSH,
	NFDICT_EV_TABLE_SWAP,
	NFDICT_EV_ROW_NEW,
	NFDICT_EV_ROW_CHANGE,
	NFDICT_EV_ROW_DEL,
};

/**
 * struct nfdict_event - a change
 *
 * @type: what happened, &enum nfdict_event_type
 * @table: name of the table
 * @table2: name of the other table of a swap, or an empty string
 * @size: of %NFDICT_EV_TABLE_NEW
 * @timeout: of %NFDICT_EV_TABLE_NEW, in milliseconds
 * @row: the row of a row event, otherwise NULL
 * @portid: port id of the handle whose request caused it, see nfdict_portid();
 *	0 if a packet, the end of a lifetime or /proc did
 * @seq: sequence number of that request, or 0
 * @key_class: of %NFDICT_EV_TABLE_NEW, &enum nfdict_key_type
 * @ndecls: of %NFDICT_EV_TABLE_NEW, see &struct nfdict_table
 * @decls: likewise; valid until the callback returns
 * @open: likewise
 * @reserved: for later
 */
struct nfdict_event {
	int type;
	const char *table;
	const char *table2;
	uint32_t size;
	uint64_t timeout;
	const struct nfdict_row *row;
	uint32_t portid;
	uint32_t seq;
	uint32_t key_class;
	uint32_t ndecls;
	const struct nfdict_decl *decls;
	bool open;
	uint64_t reserved[4];
};

/**
 * typedef nfdict_event_cb - called for an event
 * @event: the event; all of it is valid until the callback returns
 * @data: pointer passed by the caller
 *
 * Return: 0 to continue; any other value ends nfdict_events() and is its
 * result.
 */
typedef int (*nfdict_event_cb)(const struct nfdict_event *event, void *data);

/**
 * nfdict_listen() - subscribe to events
 * @nd: handle; afterwards it can only be used for events
 * @rcvbuf: size of the receive buffer in bytes, 0: the system's default;
 *	limited silently to what the system allows
 *
 * Return: 0, -EPERM, ...
 */
int nfdict_listen(struct nfdict *nd, unsigned int rcvbuf);

/**
 * nfdict_listen_tables() - choose the tables whose events are received
 * @nd: handle, before or after nfdict_listen()
 * @tables: their names
 * @n: number of them, 0: all tables
 *
 * Events of other tables do not fill the receive buffer. Swaps of all tables
 * are received.
 *
 * Return: 0; -E2BIG or -ENOMEM if there are too many for a socket filter (ten
 * always fit); ...
 */
int nfdict_listen_tables(struct nfdict *nd, const char *const *tables,
			 unsigned int n);

/**
 * nfdict_events() - read pending events, or wait for the next one
 * @nd: handle after nfdict_listen()
 * @cb: called for each
 * @data: passed to @cb
 *
 * Reads one datagram. To limit the wait, poll(2) nfdict_fd() first.
 *
 * Return: 0; -ENOBUFS if events were lost because they were not read fast
 * enough: list the tables again (with another handle) and continue reading;
 * -EINTR if a signal was handled; what @cb returned; ...
 */
int nfdict_events(struct nfdict *nd, nfdict_event_cb cb, void *data);

/**
 * nfdict_key_int() - make a key of a number
 * @key: result
 * @num: number, such as a conntrack id
 */
void nfdict_key_int(struct nfdict_key *key, uint64_t num);

/**
 * nfdict_key_bytes() - make a key of bytes
 * @key: result
 * @type: any type but %NFDICT_KEY_INT
 * @data: address in network byte order, string, or raw bytes
 * @len: length of @data
 *
 * Return: 0, -EINVAL if the length is wrong for the type or a string has a NUL,
 * -ENAMETOOLONG.
 */
int nfdict_key_bytes(struct nfdict_key *key, enum nfdict_key_type type,
		     const void *data, size_t len);

/**
 * nfdict_field_num() - make a field of a number or a truth value
 * @field: result
 * @name: its name, borrowed
 * @type: %NFDICT_BOOL, %NFDICT_INT or %NFDICT_INT64
 * @num: its value
 *
 * Return: 0, -EINVAL, -ERANGE.
 */
int nfdict_field_num(struct nfdict_field *field, const char *name,
		     enum nfdict_type type, int64_t num);

/**
 * nfdict_field_bytes() - make a field of an address or a string
 * @field: result
 * @name: its name, borrowed
 * @type: any of the other types
 * @data: address in network byte order, copied, or string, borrowed
 * @len: length of @data
 *
 * Return: 0, -EINVAL, -ENAMETOOLONG.
 */
int nfdict_field_bytes(struct nfdict_field *field, const char *name,
		       enum nfdict_type type, const void *data, size_t len);

/**
 * nfdict_key_parse() - read a key from text
 * @key: result
 * @text: the key. Decimal numbers and IPv4, IPv6 and Ethernet addresses are
 *	recognized, malformed ones refused; anything else is a string. A prefix
 *	forces a type: "int:", "ipv4_addr:", "ipv6_addr:", "ether_addr:",
 *	"string:", "raw:" (hexadecimal digits); aliases are "ip:", "ip6:",
 *	"mac:", "ether:", "long_string:"
 *
 * Return: 0, -EINVAL, -ERANGE, -ENAMETOOLONG.
 */
int nfdict_key_parse(struct nfdict_key *key, const char *text);

/**
 * nfdict_key_flaw() - describe why nfdict_key_parse() refuses a text
 * @text: text
 *
 * Return: such as "not an IPv4 address"; NULL if the text is valid.
 */
const char *nfdict_key_flaw(const char *text);

/**
 * nfdict_key_print() - write a key as text that nfdict_key_parse() reads
 * @key: key
 * @buf: result, with a terminating NUL
 * @size: bytes in @buf; %NFDICT_TEXT_MAX are always enough
 *
 * A string is written literally, with a prefix only if it would be parsed as
 * something else.
 *
 * Return: length, or -ENOSPC.
 */
int nfdict_key_print(const struct nfdict_key *key, char *buf, size_t size);

/**
 * nfdict_value_parse() - read a value from text
 * @value: result; a string is borrowed from @text
 * @type: its type
 * @text: text
 *
 * Return: 0, -EINVAL, -ERANGE, -ENAMETOOLONG.
 */
int nfdict_value_parse(struct nfdict_value *value, enum nfdict_type type,
		       const char *text);

/**
 * nfdict_list_next() - read the next member of a list
 * @value: the list
 * @at: position in the list: 0 for the first member; advanced
 * @buf: result, with a terminating NUL
 * @size: bytes in @buf; %NFDICT_STRING_MAX + 1 are always enough
 *
 * Return: length of the member; 0 at the end; -ENOSPC; -EINVAL if the text is
 * not a valid list.
 */
int nfdict_list_next(const struct nfdict_value *value, size_t *at, char *buf,
		     size_t size);

/**
 * nfdict_list_add() - append a member to the text of a list
 * @text: text, %NFDICT_TEXT_MAX bytes; initially empty
 * @member: member
 *
 * The text is for &nfdict_value.str, or for nfdict_value_parse().
 *
 * Return: 0, -EINVAL if the member is empty, -ENAMETOOLONG.
 */
int nfdict_list_add(char *text, const char *member);

/**
 * nfdict_value_flaw() - describe why nfdict_value_parse() refuses a text
 * @type: type of the value
 * @text: text
 *
 * Return: such as "beyond 64 bits"; NULL if the text is valid.
 */
const char *nfdict_value_flaw(enum nfdict_type type, const char *text);

/**
 * nfdict_value_print() - write a value as text that nfdict_value_parse() reads
 * @value: value
 * @buf: result, with a terminating NUL
 * @size: bytes in @buf; %NFDICT_TEXT_MAX are always enough
 *
 * Return: length, or -ENOSPC.
 */
int nfdict_value_print(const struct nfdict_value *value, char *buf,
		       size_t size);

/**
 * nfdict_type_parse() - read the name of a type
 * @name: such as "long_string"; "integer" is an alias of "int", and "string" of
 *	"long_string"
 *
 * Return: the type, or %NFDICT_UNSPEC.
 */
enum nfdict_type nfdict_type_parse(const char *name);

/**
 * nfdict_type_name() - name of a type
 * @type: type of a field
 *
 * Return: its name, or NULL.
 */
const char *nfdict_type_name(enum nfdict_type type);

/**
 * nfdict_key_type_parse() - read the name of a key's type
 * @name: such as "ipv4_addr", or an alias as in nfdict_key_parse()
 *
 * Return: the type, or %NFDICT_KEY_UNSPEC.
 */
enum nfdict_key_type nfdict_key_type_parse(const char *name);

/**
 * nfdict_key_type_name() - name of a key's type
 * @type: type of a key
 *
 * Return: its name, as in rules, or NULL.
 */
const char *nfdict_key_type_name(enum nfdict_key_type type);

#ifdef __cplusplus
}
#endif

#endif /* _NFDICT_H */
