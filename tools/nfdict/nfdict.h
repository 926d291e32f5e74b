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
 * A &struct nfdict is a connection to the kernel. One thread at a time may
 * use it; threads that work at once open one each.
 *
 * Functions that return int return 0 (or what they say) on success and a
 * negative errno on failure; nfdict_error() then has the details. Everything
 * is in host byte order but addresses, which are the bytes of the packet.
 *
 * A call that waits for the kernel returns -EINTR when a signal handler has
 * run, with or without SA_RESTART, and -ETIMEDOUT after the time that
 * nfdict_set_timeout() sets; whether the request took effect is not known then.
 *
 * Structures have room to grow: members called reserved must be 0. So
 * initialise a structure as a whole, or with the functions that make it.
 */

/* Version of this header; nfdict_version() is that of the library. */
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
/* Room for the bytes of a key: more than any class of today has. */
#define NFDICT_KEY_ROOM		256
/* Most members of a list of strings. */
#define NFDICT_LIST_MAX		255
/* Most fields that a row can hold. */
#define NFDICT_FIELDS_MAX	255
/* Longest lifetime of a row in milliseconds. */
#define NFDICT_TIMEOUT_MAX	0xffffffffULL
/* Room for any key or value as text, with a terminating NUL: that of a list may
 * have a backslash for each byte.
 */
#define NFDICT_TEXT_MAX		(2 * NFDICT_STRING_MAX + 32)
/* How long to wait for an answer by default, in milliseconds. */
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
 * @NFDICT_KEY_CT: class of a table alone: its keys are of %NFDICT_KEY_INT, and
 *	are ids of living connections, with which its rows go
 * @NFDICT_KEY_DOMAIN: class of a table alone: its keys are of
 *	%NFDICT_KEY_STRING, and are domains, or with a dot in front suffixes
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
 * @NFDICT_UNSPEC: no type: a field that is named without a value
 * @NFDICT_BOOL: truth value
 * @NFDICT_INT: signed number, 32 bits
 * @NFDICT_INT64: signed number, 64 bits
 * @NFDICT_IPV4_ADDR: IPv4 address
 * @NFDICT_IPV6_ADDR: IPv6 address
 * @NFDICT_ETHER_ADDR: Ethernet address
 * @NFDICT_LONG_STRING: string of up to %NFDICT_STRING_MAX bytes
 * @NFDICT_STRING_LIST: set of up to %NFDICT_LIST_MAX strings, which have up to
 *	%NFDICT_STRING_MAX bytes together, with one more between two of them
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
 * @str: value of %NFDICT_LONG_STRING, @len bytes; borrowed, with no
 *	terminating NUL. Or of %NFDICT_STRING_LIST: its members with a comma
 *	between two; a backslash stands before a comma or a backslash that
 *	belongs to a member. In what the library fills in they are in order
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
 * @NFDICT_OP_SET: sets it, whatever it was
 * @NFDICT_OP_ADD: adds to the number that it is, or members to the list
 * @NFDICT_OP_SUB: subtracts from it, or removes members
 *
 * Adding and subtracting is one step, as rules do it: nothing is lost that
 * packets do meanwhile. The number stops at the ends of its type, the row's
 * lifetime goes on, and nothing is created, but a list that members are added to;
 * its row is with %NFDICT_F_CREATE.
 */
enum nfdict_op {
	NFDICT_OP_SET,
	NFDICT_OP_ADD,
	NFDICT_OP_SUB,
};

/**
 * struct nfdict_field - a field of a row
 *
 * @name: its name, @name_len bytes; borrowed, with no terminating NUL
 * @name_len: length of @name
 * @value: its value; of type %NFDICT_UNSPEC where fields are only named
 * @op: what to do with it, &enum nfdict_op
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
 * @fields: its fields; what a callback is given is valid until it returns
 * @nfields: number of @fields
 * @has_timeout: whether @timeout counts. A row written without it gets the
 *	lifetime of its table if it is new, and else keeps its own
 * @expired: in an event: the row is gone because its lifetime ended
 * @gone: in an event: the row is gone because its connection is; @fields are
 *	what it had
 * @timeout: lifetime in milliseconds, 0: for ever
 * @expires: milliseconds left of it, 0: never; ignored when writing
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
 * @size: most rows it may hold, 0: no limit of its own
 * @timeout: lifetime in milliseconds of rows that are written without one,
 *	0: for ever
 * @rows: rows it holds
 * @use: rules that use it
 * @bytes: memory that its rows, their strings and buckets take
 * @drops: writes by packets that were refused
 * @expired: rows whose lifetime ended
 * @key_class: class of all its keys, &enum nfdict_key_type; %NFDICT_KEY_UNSPEC:
 *	any
 * @ndecls: number of @decls, 0: it declares no fields
 * @decls: fields that it declares. What the library fills in is valid until the
 *	next call with the connection
 * @open: rows may have other fields, too
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
 * @NFDICT_AT_DECL: what the table is to declare
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
 * enum nfdict_request - what was asked for
 *
 * @NFDICT_REQUEST_OTHER: anything that changes nothing
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
 * @request: what was asked for, &enum nfdict_request
 * @kernel: the kernel refused the request; else the library did
 * @tag: nfdict_tag() of the request that failed
 * @tag_last: of the last one that failed for this reason: where a table does
 *	not exist, or rights are missing, all of its rows that were sent
 *	together
 * @table: name of the table of the request, or an empty string; cut if it is
 *	too long to be one
 * @key: key of the row, of type %NFDICT_KEY_UNSPEC if it is not known
 * @message: what was wrong, or an empty string; see nfdict_strerror()
 * @field: name of the field that the error is about, or an empty string; cut
 *	likewise
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
 * nfdict_open() - open a connection to the kernel
 *
 * Return: the connection, or NULL and errno.
 */
struct nfdict *nfdict_open(void);

/**
 * nfdict_close() - close a connection
 * @nd: connection or NULL
 *
 * Requests of an unfinished batch that were not sent yet are dropped.
 */
void nfdict_close(struct nfdict *nd);

/**
 * nfdict_fd() - file descriptor of a connection, for poll(2)
 * @nd: connection
 *
 * Return: the descriptor; it stays the library's.
 */
int nfdict_fd(const struct nfdict *nd);

/**
 * nfdict_portid() - number of a connection
 * @nd: connection
 *
 * Return: what events that its requests cause have as &nfdict_event.portid.
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
 * @nd: connection
 * @ms: milliseconds, %NFDICT_WAIT by default; -1: as long as it takes
 *
 * The kernel answers at once, so that only a broken one is waited for.
 * nfdict_events() waits for ever.
 */
void nfdict_set_timeout(struct nfdict *nd, int ms);

/**
 * nfdict_error() - details of the last failure
 * @nd: connection
 *
 * Return: the details, valid until the next call with @nd.
 */
const struct nfdict_error *nfdict_error(const struct nfdict *nd);

/**
 * nfdict_strerror() - say what an error means
 * @error: details of a failure
 *
 * Return: such as "row does not exist"; valid as long as @error.
 */
const char *nfdict_strerror(const struct nfdict_error *error);

/**
 * nfdict_error_print() - write an error as text, with what it is about
 * @error: details of a failure
 * @buf: result, with a terminating NUL; cut if it is too long
 * @size: bytes in @buf
 *
 * Return: length of the text, as snprintf(3) has it.
 */
int nfdict_error_print(const struct nfdict_error *error, char *buf,
		       size_t size);

/**
 * nfdict_table_create() - create a table, or change one
 * @nd: connection
 * @table: its name, 1 to %NFDICT_NAME_MAX bytes without commas, white space
 *	and control characters
 * @size: most rows it may hold, 0: no limit but 65,535 for packets
 * @timeout: default lifetime of its rows in milliseconds, 0: for ever
 * @flags: %NFDICT_F_EXCL: it must not exist; %NFDICT_F_REPLACE: if it exists,
 *	change its size and timeout. Without either, a table that exists stays
 *	as it is
 *
 * Return: 0, -EEXIST, -EINVAL, -ENAMETOOLONG, -EPERM, ...
 */
int nfdict_table_create(struct nfdict *nd, const char *table, uint32_t size,
			uint64_t timeout, unsigned int flags);

/**
 * nfdict_table_declare() - create a table that says what it holds, or change one
 * @nd: connection
 * @table: its name
 * @info: its size, timeout, key_class, decls and open; other members do not
 *	count
 * @flags: as nfdict_table_create() has them. A table that exists must have that
 *	class of keys if one is given, and declare those fields if there are
 *	some; with %NFDICT_F_REPLACE fields are added
 *
 * Return: 0, or as nfdict_table_create(); -EBUSY: rules use it with other keys,
 * or it is too late to declare fields.
 */
int nfdict_table_declare(struct nfdict *nd, const char *table,
			 const struct nfdict_table *info, unsigned int flags);

/**
 * nfdict_table_delete() - delete a table with its rows
 * @nd: connection
 * @table: its name
 *
 * Return: 0, -ENOENT, -EBUSY if rules use it, ...
 */
int nfdict_table_delete(struct nfdict *nd, const char *table);

/**
 * nfdict_table_flush() - delete all rows of a table
 * @nd: connection
 * @table: its name
 *
 * Return: 0, -ENOENT, ...
 */
int nfdict_table_flush(struct nfdict *nd, const char *table);

/**
 * nfdict_table_swap() - exchange the rows of two tables in one step
 * @nd: connection
 * @table: one
 * @table2: the other
 *
 * Return: 0, -ENOENT, -EINVAL if they are the same, ...
 */
int nfdict_table_swap(struct nfdict *nd, const char *table,
		      const char *table2);

/**
 * nfdict_tables_swap() - exchange the rows of pairs of tables in one step
 * @nd: connection
 * @tables: their names, pair after pair, none twice
 * @n: number of names: twice that of the pairs
 *
 * Rules that go through several of them see all pairs exchanged, or none. Up to
 * 1,024 pairs, as far as their names fit a message of 60 KiB.
 *
 * Return: 0, -ENOENT, -EINVAL if a table is named twice, -E2BIG, ...
 */
int nfdict_tables_swap(struct nfdict *nd, const char *const *tables,
		       unsigned int n);

/**
 * nfdict_table_get() - read the properties and figures of a table
 * @nd: connection
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
 * @data: the caller's
 *
 * Return: 0 to go on; any other value ends the listing and is its result.
 */
typedef int (*nfdict_table_cb)(const struct nfdict_table *info, void *data);

/**
 * nfdict_tables() - list all tables
 * @nd: connection
 * @cb: called for each; must not use @nd
 * @data: passed to @cb
 *
 * Return: 0; -EINTR if tables came or went meanwhile, so that some may have
 * been missed; what @cb returned; ...
 */
int nfdict_tables(struct nfdict *nd, nfdict_table_cb cb, void *data);

/**
 * nfdict_row_set() - write a row
 * @nd: connection
 * @table: its table
 * @row: key, fields and lifetime
 * @flags: 0: set the fields given of a row that exists, others stay;
 *	%NFDICT_F_CREATE: create the row, and the table, if need be;
 *	%NFDICT_F_EXCL as well: the row must not exist;
 *	%NFDICT_F_REPLACE: drop the fields that are not given. With fields that
 *	are added to or subtracted from, 0
 *
 * Readers see all of the change or nothing, unless the fields take more than
 * 59 KiB, as only more than 200 with the longest names and strings do, or than
 * the socket sends at once (net.core.wmem_max, for those who may not exceed
 * it): those that do not fit a message are added by further ones.
 *
 * Return: 0, -ENOENT, -EEXIST, -ENFILE if the table is full, -EINVAL, ...
 */
int nfdict_row_set(struct nfdict *nd, const char *table,
		   const struct nfdict_row *row, unsigned int flags);

/**
 * nfdict_row_add() - add to a number
 * @nd: connection
 * @table: its table
 * @key: key of its row
 * @field: its name
 * @num: what to add; negative: what to subtract
 *
 * As a field with %NFDICT_OP_ADD, such as to top up a quota that packets use.
 *
 * Return: 0, -ENOENT, ...
 */
int nfdict_row_add(struct nfdict *nd, const char *table,
		   const struct nfdict_key *key, const char *field,
		   int64_t num);

/**
 * nfdict_row_delete() - delete a row, or fields of it
 * @nd: connection
 * @table: its table
 * @row: key, and names of the fields to delete; none: the row
 *
 * Return: 0, -ENOENT if the table, the row or one of the fields is missing:
 * then nothing was deleted; ...
 */
int nfdict_row_delete(struct nfdict *nd, const char *table,
		      const struct nfdict_row *row);

/**
 * typedef nfdict_row_cb - called for a row
 * @table: its table
 * @row: the row; all of it is valid until the callback returns
 * @data: the caller's
 *
 * Return: 0 to go on; any other value ends the listing and is its result.
 */
typedef int (*nfdict_row_cb)(const char *table, const struct nfdict_row *row,
			     void *data);

/**
 * nfdict_row_get() - read one row
 * @nd: connection
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
 * @nd: connection
 * @table: its table
 * @key: its key
 * @row: result, to be freed with nfdict_row_free(); NULL on failure
 *
 * Return: 0, -ENOENT, ...
 */
int nfdict_row_read(struct nfdict *nd, const char *table,
		    const struct nfdict_key *key, struct nfdict_row **row);

/**
 * nfdict_row_copy() - copy a row, such as one that a callback is given
 * @row: row
 *
 * Return: a copy with all it refers to, for nfdict_row_free(); NULL and errno.
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
 * @nd: connection
 * @table: rows of this table, or NULL: of all
 * @key: rows with this key, or NULL: all
 * @field: only this field, and rows that have it, or NULL: all
 * @cb: called for each; must not use @nd
 * @data: passed to @cb
 *
 * Memory use does not depend on the number of rows.
 *
 * A row that is there throughout is in the listing, and none is twice.
 *
 * Return: 0; -EINTR if the listing is complete but there are other rows now,
 * because a table was flushed or swapped, or came or went meanwhile;
 * -ENOENT; what @cb returned; ...
 */
int nfdict_rows(struct nfdict *nd, const char *table,
		const struct nfdict_key *key, const char *field,
		nfdict_row_cb cb, void *data);

/**
 * nfdict_batch_begin() - collect requests
 * @nd: connection
 *
 * From now on nfdict_table_create(), nfdict_table_delete(),
 * nfdict_table_flush(), nfdict_table_swap(), nfdict_row_set() and
 * nfdict_row_delete() queue their request; many rows in a row that are written
 * to a table in the same way are sent together. Requests take effect in their
 * order.
 *
 * When one fails, all before it have taken effect, and those that were queued
 * behind it are dropped; nfdict_batch_errors() has it otherwise. The error is
 * returned by whichever of these calls sent the request, or by
 * nfdict_batch_end(), and nfdict_error() tells which request it was. The
 * request of a call that failed is not queued, and what a call itself refuses
 * leaves the queue as it is. Requests of other kinds end in -EBUSY until
 * nfdict_batch_end().
 */
void nfdict_batch_begin(struct nfdict *nd);

/**
 * typedef nfdict_error_cb - called for a request that failed
 * @error: details, valid until the callback returns
 * @data: the caller's
 *
 * Return: 0 to go on with the requests behind it; any other value drops those
 * that are queued, and is the result of the call that sent them.
 */
typedef int (*nfdict_error_cb)(const struct nfdict_error *error, void *data);

/**
 * nfdict_batch_errors() - be told of every request of a batch that fails
 * @nd: connection
 * @cb: called for each that the kernel refuses, in their order; must not use
 *	@nd. NULL: stop at the first, as at the beginning
 * @data: passed to @cb
 *
 * A call that sent requests returns 0 if @cb did so for all that failed.
 */
void nfdict_batch_errors(struct nfdict *nd, nfdict_error_cb cb, void *data);

/**
 * nfdict_tag() - label the requests that follow
 * @nd: connection
 * @tag: label, such as a line number, for &struct nfdict_error
 */
void nfdict_tag(struct nfdict *nd, unsigned long tag);

/**
 * nfdict_batch_flush() - send what is queued, and go on collecting
 * @nd: connection
 *
 * Return: 0 or the error of the first request that failed.
 */
int nfdict_batch_flush(struct nfdict *nd);

/**
 * nfdict_batch_send() - send what is queued, without waiting for the answer
 * @nd: connection
 *
 * Call nfdict_batch_result() when nfdict_fd() is readable. What is queued
 * meanwhile waits for the answer.
 *
 * Return: 0 or an error.
 */
int nfdict_batch_send(struct nfdict *nd);

/**
 * nfdict_batch_result() - read what came of nfdict_batch_send()
 * @nd: connection
 *
 * Return: -EAGAIN if there is no answer yet; 0 or an error as
 * nfdict_batch_flush() has it.
 */
int nfdict_batch_result(struct nfdict *nd);

/**
 * nfdict_batch_end() - send what is queued, and stop collecting
 * @nd: connection
 *
 * Return: 0 or the error of the first request that failed.
 */
int nfdict_batch_end(struct nfdict *nd);

/**
 * enum nfdict_event_type - what happened
 *
 * @NFDICT_EV_TABLE_NEW: a table was created, or its size or timeout changed
 * @NFDICT_EV_TABLE_DEL: a table is gone
 * @NFDICT_EV_TABLE_FLUSH: all rows of a table are gone
 * @NFDICT_EV_TABLE_SWAP: two tables exchanged their rows
 * @NFDICT_EV_ROW_NEW: a row was created, or replaced; it has all its fields
 * @NFDICT_EV_ROW_CHANGE: a row was changed; it has the fields written
 * @NFDICT_EV_ROW_DEL: a row is gone, or, if it names fields, those fields
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
 * @row: the row of a row event, else NULL
 * @portid: number of the connection whose request caused it, see
 *	nfdict_portid(); 0 if a packet, a lifetime's end or /proc did
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
 * @data: the caller's
 *
 * Return: 0 to go on; any other value ends nfdict_events() and is its result.
 */
typedef int (*nfdict_event_cb)(const struct nfdict_event *event, void *data);

/**
 * nfdict_listen() - subscribe to events
 * @nd: connection; afterwards it serves events only
 * @rcvbuf: bytes of events that may wait for being read, 0: the system's
 *	default; what the system does not allow is cut silently
 *
 * Return: 0, -EPERM, ...
 */
int nfdict_listen(struct nfdict *nd, unsigned int rcvbuf);

/**
 * nfdict_listen_tables() - choose the tables to hear of
 * @nd: connection, before or after nfdict_listen()
 * @tables: their names
 * @n: number of them, 0: all tables
 *
 * Events of other tables do not take room from those that wait to be read. Swaps
 * are told of any tables.
 *
 * Return: 0; -E2BIG or -ENOMEM if they are too many for a socket filter, as ten
 * are not; ...
 */
int nfdict_listen_tables(struct nfdict *nd, const char *const *tables,
			 unsigned int n);

/**
 * nfdict_events() - read the events that are waiting, or wait for the next
 * @nd: connection that nfdict_listen() was called for
 * @cb: called for each
 * @data: passed to @cb
 *
 * Reads what the kernel sent at once. To wait no longer than wanted, poll(2)
 * nfdict_fd().
 *
 * Return: 0; -ENOBUFS if events were lost because they were not read fast
 * enough, up to now: list the tables (with another connection) to know what is
 * true, and go on reading; -EINTR if a signal came; what @cb returned; ...
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
 * Return: 0, -EINVAL if the type does not have that length or a string has a
 * NUL, -ENAMETOOLONG.
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
 * @text: the key. A decimal number, an IPv4, an IPv6 or an Ethernet address is
 *	one, anything else a string, unless it looks like one of those: then it
 *	is refused. A prefix forces a type: "int:", "ipv4_addr:", "ipv6_addr:",
 *	"ether_addr:", "string:", "raw:" (hexadecimal digits); other names are
 *	"ip:", "ip6:", "mac:", "ether:", "long_string:"
 *
 * Return: 0, -EINVAL, -ERANGE, -ENAMETOOLONG.
 */
int nfdict_key_parse(struct nfdict_key *key, const char *text);

/**
 * nfdict_key_flaw() - say why nfdict_key_parse() refuses a text
 * @text: text
 *
 * Return: such as "not an IPv4 address"; NULL if it takes it.
 */
const char *nfdict_key_flaw(const char *text);

/**
 * nfdict_key_print() - write a key as text that nfdict_key_parse() reads
 * @key: key
 * @buf: result, with a terminating NUL
 * @size: bytes in @buf; %NFDICT_TEXT_MAX are always enough
 *
 * A string is written as it is, with a prefix only if it would be taken for
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
 * @at: where it is in the list: 0 for the first; moved on
 * @buf: result, with a terminating NUL
 * @size: bytes in @buf; %NFDICT_STRING_MAX + 1 are always enough
 *
 * Return: length of the member; 0 if there are no more; -ENOSPC; -EINVAL if the
 * text is none of a list.
 */
int nfdict_list_next(const struct nfdict_value *value, size_t *at, char *buf,
		     size_t size);

/**
 * nfdict_list_add() - add a member to the text of a list that is being made
 * @text: text, %NFDICT_TEXT_MAX bytes; empty in the beginning
 * @member: member
 *
 * The text is for &nfdict_value.str, or for nfdict_value_parse().
 *
 * Return: 0, -EINVAL if the member is empty, -ENAMETOOLONG.
 */
int nfdict_list_add(char *text, const char *member);

/**
 * nfdict_value_flaw() - say why nfdict_value_parse() refuses a text
 * @type: type of the value
 * @text: text
 *
 * Return: such as "beyond 64 bits"; NULL if it takes it.
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
 * @name: such as "long_string"; "integer" is another name of "int", and
 *	"string" of "long_string"
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
 * @name: such as "ipv4_addr", or another name of a prefix
 *
 * Return: the type, or %NFDICT_KEY_UNSPEC.
 */
enum nfdict_key_type nfdict_key_type_parse(const char *name);

/**
 * nfdict_key_type_name() - name of a key's type
 * @type: type of a key
 *
 * Return: its name, as rules and types of fields have it, or NULL.
 */
const char *nfdict_key_type_name(enum nfdict_key_type type);

#ifdef __cplusplus
}
#endif

#endif /* _NFDICT_H */
