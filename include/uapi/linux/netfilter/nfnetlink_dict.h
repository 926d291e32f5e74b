/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * nfnetlink subsystem NFNL_SUBSYS_DICT: management of dict tables.
 *
 * Integers are in network byte order. Strings need no terminating NUL and may
 * carry one; those that the kernel sends do. Attributes described as nested
 * must have NLA_F_NESTED set, all others must not. Attributes of 64 bits are
 * read at any alignment; the kernel aligns those it sends with the PAD
 * attribute of the same nest where the architecture needs it.
 *
 * A request is checked as a whole first: a malformed one changes nothing. Its
 * rows are then written or deleted one by one, each atomically, up to the first
 * that the table refuses. The extended acknowledgment reports the number of
 * that row in the message, counting from 1.
 *
 * Attributes may be given once, except lists: a message may have any number of
 * NFDICTA_ROWS (each up to 64 KiB), NFDICTA_ROW and NFDICTA_PAIRS.
 *
 * Replies to NFDICT_MSG_TABLE_GET are NFDICT_MSG_TABLE_NEW messages, and
 * replies to NFDICT_MSG_ROW_GET are NFDICT_MSG_ROW_NEW messages with one row,
 * as NFDICTA_ROW. A row whose fields do not fit into one attribute is continued
 * in further NFDICTA_ROW with the same key. If a large row and an
 * acknowledgment are requested, the socket's receive buffer must hold both; for
 * a dump it must hold one message.
 *
 * Events are sent to the multicast group NFNLGRP_DICT, with port id and
 * sequence number of the request that caused them, or 0 if no request did. With
 * NLM_F_ECHO they are also sent to the requester, before the acknowledgment.
 * Events of one request share datagrams. A listener that does not read them
 * fast enough gets ENOBUFS from recvmsg() and should dump the tables again.
 *
 * To receive the events of some tables only, without others filling the buffer,
 * a listener attaches a socket filter (SO_ATTACH_FILTER): NFDICTA_TABLE is the
 * first attribute of a message, and all messages of a datagram have the same
 * table. Only NFDICT_MSG_TABLE_SWAP names a second one.
 */
#ifndef _UAPI_NFNETLINK_DICT_H
#define _UAPI_NFNETLINK_DICT_H

#include <linux/netfilter/nf_dict_common.h>

/**
 * enum nfdict_msg_types - messages of the subsystem and of its events
 *
 * @NFDICT_MSG_UNSPEC: unspecified
 * @NFDICT_MSG_TABLE_NEW: create a table. An existing table is not changed; it
 *	is refused with %NLM_F_EXCL, and %NLM_F_REPLACE sets its size and
 *	timeout and adds fields. %NLM_F_REPLACE without %NLM_F_CREATE does not
 *	create. A different class of keys than that of the existing table is
 *	always refused. Event: table created or changed
 * @NFDICT_MSG_TABLE_GET: one table, or all with %NLM_F_DUMP
 * @NFDICT_MSG_TABLE_DEL: delete a table that no rule uses; event: table gone.
 *	A table declared in the nf_tables ruleset can only be changed and
 *	deleted there (EPERM)
 * @NFDICT_MSG_TABLE_FLUSH: delete all rows of a table; event: table emptied
 * @NFDICT_MSG_TABLE_SWAP: exchange the rows of %NFDICTA_TABLE and
 *	%NFDICTA_TABLE2, and of the pairs in %NFDICTA_PAIRS, in one step. A
 *	table may be named once. Event: one for each pair, with both names
 * @NFDICT_MSG_ROW_NEW: write rows, each atomically. Without flags the row
 *	must exist; the named fields are set, the others kept. %NLM_F_CREATE
 *	creates a missing row (and table); %NLM_F_EXCL refuses an existing
 *	row; %NLM_F_REPLACE removes the fields that are not named.
 *	Event: row created or replaced (%NLM_F_CREATE) with all its fields, or
 *	changed, with the fields written
 * @NFDICT_MSG_ROW_GET: the named rows, all or none, or with %NLM_F_DUMP those
 *	that %NFDICTA_TABLE, %NFDICTA_KEY and %NFDICTA_FIELD select, each of
 *	which may be absent. The dump has every row that exists throughout,
 *	and no row twice. %NLM_F_DUMP_INTR reports that tables were flushed,
 *	swapped, created or deleted meanwhile
 * @NFDICT_MSG_ROW_DEL: delete rows, or, of a row that names fields, only those
 *	fields, all or none; deleting the last field deletes the row. Event:
 *	the same. %NFDICTA_ROW_EXPIRED marks a row whose lifetime ended,
 *	%NFDICTA_ROW_GONE a row deleted with its connection
 */
enum nfdict_msg_types {
	NFDICT_MSG_UNSPEC,
	NFDICT_MSG_TABLE_NEW,
	NFDICT_MSG_TABLE_GET,
	NFDICT_MSG_TABLE_DEL,
	NFDICT_MSG_TABLE_FLUSH,
	NFDICT_MSG_TABLE_SWAP,
	NFDICT_MSG_ROW_NEW,
	NFDICT_MSG_ROW_GET,
	NFDICT_MSG_ROW_DEL,
	__NFDICT_MSG_MAX
};

#define NFDICT_MSG_MAX		(__NFDICT_MSG_MAX - 1)

/**
 * enum nfdict_attributes - attributes of every message
 *
 * @NFDICTA_UNSPEC: unspecified
 * @NFDICTA_TABLE: name of the table (NLA_STRING)
 * @NFDICTA_TABLE2: name of the other table of a swap (NLA_STRING)
 * @NFDICTA_SIZE: most rows of the table, 0: no limit except
 *	%NF_DICT_SIZE_DEFAULT for rows that packets create (NLA_BE32)
 * @NFDICTA_TIMEOUT: default lifetime of a row in milliseconds, 0: no limit
 *	(NLA_BE64, at most %NF_DICT_TIMEOUT_MAX)
 * @NFDICTA_ROWS: rows to write, get or delete (nested list of %NFDICTA_ROW)
 * @NFDICTA_ROW: one row (nested &enum nfdict_row_attributes); also within
 *	%NFDICTA_ROWS
 * @NFDICTA_KEY: dump only the row with this key (nested
 *	&enum nfdict_key_attributes)
 * @NFDICTA_FIELD: get or dump only this field, and only rows that have it
 *	(NLA_STRING)
 * @NFDICTA_STATS: statistics of a table (nested &enum nfdict_stats_attributes)
 * @NFDICTA_PAD: padding
 * @NFDICTA_PAIRS: more pairs of tables to swap in the same step, up to
 *	%NFDICT_PAIRS_MAX in all (nested list of %NFDICTA_PAIR)
 * @NFDICTA_PAIR: one pair (nested: %NFDICTA_TABLE and %NFDICTA_TABLE2), within
 *	%NFDICTA_PAIRS
 * @NFDICTA_KEY_CLASS: class of all keys of the table (NLA_BE32:
 *	&enum nf_dict_key_type); absent: any class. Set when the table is
 *	created; other keys are refused, in requests and in rules. Tables can
 *	be swapped only with tables of the same class
 * @NFDICTA_DECLS: fields that the table declares (nested list of
 *	%NFDICTA_DECL, 1 to %NF_DICT_FIELDS_MAX). Other fields and other types
 *	are refused, in requests and in rules. With %NLM_F_REPLACE, the list
 *	may add fields and must contain all those declared before. Tables can
 *	be swapped only with tables of the same declaration
 * @NFDICTA_DECL: a declared field (nested &enum nfdict_decl_attributes), within
 *	%NFDICTA_DECLS
 * @NFDICTA_OPEN: rows may also have fields that %NFDICTA_DECLS does not name
 *	(NLA_FLAG)
 */
enum nfdict_attributes {
	NFDICTA_UNSPEC,
	NFDICTA_TABLE,
	NFDICTA_TABLE2,
	NFDICTA_SIZE,
	NFDICTA_TIMEOUT,
	NFDICTA_ROWS,
	NFDICTA_ROW,
	NFDICTA_KEY,
	NFDICTA_FIELD,
	NFDICTA_STATS,
	NFDICTA_PAD,
	NFDICTA_PAIRS,
	NFDICTA_PAIR,
	NFDICTA_KEY_CLASS,
	NFDICTA_DECLS,
	NFDICTA_DECL,
	NFDICTA_OPEN,
	__NFDICTA_MAX
};

#define NFDICTA_MAX		(__NFDICTA_MAX - 1)

/* Most pairs of tables in one swap request. */
#define NFDICT_PAIRS_MAX	1024

/**
 * enum nfdict_key_attributes - a key: exactly one of these
 *
 * @NFDICTA_KEY_UNSPEC: unspecified
 * @NFDICTA_KEY_INT: number (NLA_BE64)
 * @NFDICTA_KEY_IPV4: IPv4 address (NLA_BINARY, 4 bytes)
 * @NFDICTA_KEY_IPV6: IPv6 address (NLA_BINARY, 16 bytes)
 * @NFDICTA_KEY_ETHER: Ethernet address (NLA_BINARY, 6 bytes)
 * @NFDICTA_KEY_STRING: string (NLA_STRING)
 * @NFDICTA_KEY_RAW: bytes (NLA_BINARY, 1 to %NF_DICT_RAW_MAX)
 * @NFDICTA_KEY_PAD: padding
 *
 * 1 to 63 are the classes of &enum nf_dict_key_type.
 */
enum nfdict_key_attributes {
	NFDICTA_KEY_UNSPEC,
	NFDICTA_KEY_INT,
	NFDICTA_KEY_IPV4,
	NFDICTA_KEY_IPV6,
	NFDICTA_KEY_ETHER,
	NFDICTA_KEY_STRING,
	NFDICTA_KEY_RAW,

	NFDICTA_KEY_PAD = 64,
	__NFDICTA_KEY_MAX
};

#define NFDICTA_KEY_MAX		(__NFDICTA_KEY_MAX - 1)

/**
 * enum nfdict_row_attributes - a row
 *
 * @NFDICTA_ROW_UNSPEC: unspecified
 * @NFDICTA_ROW_KEY: its key (nested &enum nfdict_key_attributes)
 * @NFDICTA_ROW_FIELDS: its fields (nested list of %NFDICTA_ROW_FIELD)
 * @NFDICTA_ROW_FIELD: one field (nested &enum nfdict_field_attributes),
 *	within %NFDICTA_ROW_FIELDS
 * @NFDICTA_ROW_TIMEOUT: its lifetime in milliseconds, 0: no limit (NLA_BE64);
 *	if absent, a new row gets that of the table and an existing row keeps
 *	its own
 * @NFDICTA_ROW_EXPIRES: its remaining lifetime in milliseconds (NLA_BE64); sent
 *	by the kernel only
 * @NFDICTA_ROW_EXPIRED: the row was deleted because its lifetime ended
 *	(NLA_FLAG); sent by the kernel only
 * @NFDICTA_ROW_PAD: padding
 * @NFDICTA_ROW_GONE: the row was deleted with its connection (NLA_FLAG); the
 *	message has its fields as they were. Sent by the kernel only
 */
enum nfdict_row_attributes {
	NFDICTA_ROW_UNSPEC,
	NFDICTA_ROW_KEY,
	NFDICTA_ROW_FIELDS,
	NFDICTA_ROW_FIELD,
	NFDICTA_ROW_TIMEOUT,
	NFDICTA_ROW_EXPIRES,
	NFDICTA_ROW_EXPIRED,
	NFDICTA_ROW_PAD,
	NFDICTA_ROW_GONE,
	__NFDICTA_ROW_MAX
};

#define NFDICTA_ROW_MAX		(__NFDICTA_ROW_MAX - 1)

/**
 * enum nfdict_field_attributes - a field: its name and, to write it, one value
 *
 * @NFDICTA_FIELD_UNSPEC: unspecified
 * @NFDICTA_FIELD_BOOL: truth value (NLA_U8, 0 or 1)
 * @NFDICTA_FIELD_INT: signed number (NLA_BE32)
 * @NFDICTA_FIELD_INT64: signed number (NLA_BE64)
 * @NFDICTA_FIELD_IPV4_ADDR: IPv4 address (NLA_BINARY, 4 bytes)
 * @NFDICTA_FIELD_IPV6_ADDR: IPv6 address (NLA_BINARY, 16 bytes)
 * @NFDICTA_FIELD_ETHER_ADDR: Ethernet address (NLA_BINARY, 6 bytes)
 * @NFDICTA_FIELD_LONG_STRING: string (NLA_STRING)
 * @NFDICTA_FIELD_STRING_LIST: list of strings (nested list of
 *	%NFDICTA_LIST_MEMBER), in any order in requests, sorted by bytes when
 *	sent by the kernel
 * @NFDICTA_FIELD_NAME: name of the field (NLA_STRING)
 * @NFDICTA_FIELD_PAD: padding
 * @NFDICTA_FIELD_OP: what to do with the value (NLA_BE32:
 *	&enum nfdict_field_ops); absent: set the field
 *
 * 1 to 63 are the types of &enum nf_dict_type.
 */
enum nfdict_field_attributes {
	NFDICTA_FIELD_UNSPEC,
	NFDICTA_FIELD_BOOL,
	NFDICTA_FIELD_INT,
	NFDICTA_FIELD_INT64,
	NFDICTA_FIELD_IPV4_ADDR,
	NFDICTA_FIELD_IPV6_ADDR,
	NFDICTA_FIELD_ETHER_ADDR,
	NFDICTA_FIELD_LONG_STRING,
	NFDICTA_FIELD_STRING_LIST,

	NFDICTA_FIELD_NAME = 64,
	NFDICTA_FIELD_PAD,
	NFDICTA_FIELD_OP,
	__NFDICTA_FIELD_MAX
};

#define NFDICTA_FIELD_MAX	(__NFDICTA_FIELD_MAX - 1)

/**
 * enum nfdict_list_attributes - members of a list
 *
 * @NFDICTA_LIST_UNSPEC: unspecified
 * @NFDICTA_LIST_MEMBER: a member (NLA_STRING, not empty)
 */
enum nfdict_list_attributes {
	NFDICTA_LIST_UNSPEC,
	NFDICTA_LIST_MEMBER,
	__NFDICTA_LIST_MAX
};

#define NFDICTA_LIST_MAX	(__NFDICTA_LIST_MAX - 1)

/**
 * enum nfdict_field_ops - what %NFDICT_MSG_ROW_NEW does to a field
 *
 * @NFDICT_FIELD_OP_UNSPEC: unspecified
 * @NFDICT_FIELD_OP_SET: set the field, with the type of the value
 * @NFDICT_FIELD_OP_ADD: add to the number, or members to the list
 * @NFDICT_FIELD_OP_SUB: subtract from the number, or remove members from the
 *	list
 *
 * To add or subtract, as rules do, the field must exist and be a number of
 * either type. It keeps its type, and the result saturates at the limits of
 * that type. The lifetime of the row is not restarted, unless
 * %NFDICTA_ROW_TIMEOUT is given or another field is set. The flags
 * %NLM_F_CREATE, %NLM_F_EXCL and %NLM_F_REPLACE are refused. The event has the
 * resulting number.
 *
 * Adding members creates a missing list, and with %NLM_F_CREATE a missing row.
 * Adding a member that exists, or removing one that does not, is no error. The
 * event has the resulting list.
 */
enum nfdict_field_ops {
	NFDICT_FIELD_OP_UNSPEC,
	NFDICT_FIELD_OP_SET,
	NFDICT_FIELD_OP_ADD,
	NFDICT_FIELD_OP_SUB,
	__NFDICT_FIELD_OP_MAX
};

#define NFDICT_FIELD_OP_MAX	(__NFDICT_FIELD_OP_MAX - 1)

/**
 * enum nfdict_decl_attributes - a field that a table declares
 *
 * @NFDICTA_DECL_UNSPEC: unspecified
 * @NFDICTA_DECL_NAME: its name (NLA_STRING)
 * @NFDICTA_DECL_TYPE: its type (NLA_BE32: &enum nf_dict_type)
 */
enum nfdict_decl_attributes {
	NFDICTA_DECL_UNSPEC,
	NFDICTA_DECL_NAME,
	NFDICTA_DECL_TYPE,
	__NFDICTA_DECL_MAX
};

#define NFDICTA_DECL_MAX	(__NFDICTA_DECL_MAX - 1)

/**
 * enum nfdict_stats_attributes - statistics of a table
 *
 * @NFDICTA_STATS_UNSPEC: unspecified
 * @NFDICTA_STATS_ROWS: rows it holds (NLA_BE32)
 * @NFDICTA_STATS_USE: rules that use it (NLA_BE32)
 * @NFDICTA_STATS_BYTES: memory of its rows, their strings and buckets
 *	(NLA_BE64); a shared string is counted in each row
 * @NFDICTA_STATS_DROPS: writes by packets that were refused, because the table
 *	is full, memory is short, the stored field has another type, or the
 *	value does not fit (NLA_BE64)
 * @NFDICTA_STATS_EXPIRED: rows whose lifetime ended (NLA_BE64)
 * @NFDICTA_STATS_PAD: padding
 */
enum nfdict_stats_attributes {
	NFDICTA_STATS_UNSPEC,
	NFDICTA_STATS_ROWS,
	NFDICTA_STATS_USE,
	NFDICTA_STATS_BYTES,
	NFDICTA_STATS_DROPS,
	NFDICTA_STATS_EXPIRED,
	NFDICTA_STATS_PAD,
	__NFDICTA_STATS_MAX
};

#define NFDICTA_STATS_MAX	(__NFDICTA_STATS_MAX - 1)

#endif /* _UAPI_NFNETLINK_DICT_H */
