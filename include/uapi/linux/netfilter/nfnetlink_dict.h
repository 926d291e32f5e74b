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
 * A request is checked as a whole before anything is done: what is malformed
 * changes nothing. Rows are then written or deleted one after the other, each
 * in one step, up to the first that the table refuses. The extended
 * acknowledgment tells that row's number in the message, the first being 1.
 *
 * Attributes are given once, except lists: a message may have any number of
 * NFDICTA_ROWS, which hold 64 KiB at most, of NFDICTA_ROW, and of
 * NFDICTA_PAIRS.
 *
 * Replies to NFDICT_MSG_TABLE_GET are NFDICT_MSG_TABLE_NEW messages, and replies
 * to NFDICT_MSG_ROW_GET are NFDICT_MSG_ROW_NEW messages with one row, as
 * NFDICTA_ROW. A row whose fields do not fit an attribute has further
 * NFDICTA_ROW of the same key with the rest. Where a large row and an
 * acknowledgment are asked for, both have to fit the socket's receive buffer; of
 * a dump one message has to.
 *
 * Events go to the multicast group NFNLGRP_DICT, with port id and sequence number
 * of the request that caused them, or 0 if none did, and with NLM_F_ECHO in
 * the request to its sender, too, before the acknowledgment. Those of one request
 * share datagrams. Whoever does not read them fast enough gets ENOBUFS from
 * recvmsg(), and may dump to catch up.
 *
 * A listener that wants the events of some tables alone attaches a socket filter
 * (SO_ATTACH_FILTER), so that others do not fill its buffer: NFDICTA_TABLE is
 * the first attribute of a message, and all messages of a datagram have the same
 * table. Only NFDICT_MSG_TABLE_SWAP names another one, too.
 */
#ifndef _UAPI_NFNETLINK_DICT_H
#define _UAPI_NFNETLINK_DICT_H

#include <linux/netfilter/nf_dict_common.h>

/**
 * enum nfdict_msg_types - messages of the subsystem and of its events
 *
 * @NFDICT_MSG_UNSPEC: unspecified
 * @NFDICT_MSG_TABLE_NEW: create a table. One that exists stays as it is, but
 *	is refused with %NLM_F_EXCL, and with %NLM_F_REPLACE takes the size
 *	and timeout given, and fields added; %NLM_F_REPLACE without %NLM_F_CREATE does not create.
 *	One whose keys have another class than the one given is always refused.
 *	Event: table created or changed
 * @NFDICT_MSG_TABLE_GET: one table, or all with %NLM_F_DUMP
 * @NFDICT_MSG_TABLE_DEL: delete a table that no rule uses; event: table gone.
 *	What the ruleset of nf_tables declares is changed and deleted there
 *	alone (EPERM)
 * @NFDICT_MSG_TABLE_FLUSH: delete all rows of a table; event: table emptied
 * @NFDICT_MSG_TABLE_SWAP: exchange the rows of %NFDICTA_TABLE and
 *	%NFDICTA_TABLE2, and of the pairs in %NFDICTA_PAIRS, in one step; no
 *	table may be there twice. Event: one for each pair, with both names
 * @NFDICT_MSG_ROW_NEW: write rows, each atomically. Without flags the row
 *	must exist and the fields named are set, others stay; %NLM_F_CREATE
 *	creates the row (and the table) if need be; %NLM_F_EXCL refuses a row
 *	that exists; %NLM_F_REPLACE drops the fields not named.
 *	Event: row created or replaced (%NLM_F_CREATE) with all its fields, or
 *	changed, with the fields written
 * @NFDICT_MSG_ROW_GET: the rows named, all or none, or with %NLM_F_DUMP those
 *	that %NFDICTA_TABLE, %NFDICTA_KEY and %NFDICTA_FIELD select, each of
 *	which may be absent. A row that is there throughout is in the dump,
 *	and none is twice; where a table was flushed or swapped meanwhile, or
 *	tables came or went, the dump says so with %NLM_F_DUMP_INTR
 * @NFDICT_MSG_ROW_DEL: delete rows, or of a row that names fields those
 *	fields, all or none. Event: the same; a row goes with its last field.
 *	%NFDICTA_ROW_EXPIRED tells a row whose lifetime ended from one that was
 *	deleted, and %NFDICTA_ROW_GONE one that went with its connection
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
 * @NFDICTA_SIZE: most rows of the table, 0: no limit but
 *	%NF_DICT_SIZE_DEFAULT for rows that packets create (NLA_BE32)
 * @NFDICTA_TIMEOUT: default lifetime of a row in milliseconds, 0: for ever
 *	(NLA_BE64, at most %NF_DICT_TIMEOUT_MAX)
 * @NFDICTA_ROWS: rows to write, get or delete (nested list of %NFDICTA_ROW)
 * @NFDICTA_ROW: one row (nested &enum nfdict_row_attributes); also within
 *	%NFDICTA_ROWS
 * @NFDICTA_KEY: dump rows of this key only (nested
 *	&enum nfdict_key_attributes)
 * @NFDICTA_FIELD: get or dump this field only, and rows that have it
 *	(NLA_STRING)
 * @NFDICTA_STATS: figures of a table (nested &enum nfdict_stats_attributes)
 * @NFDICTA_PAD: padding
 * @NFDICTA_PAIRS: more pairs of tables to swap in the same step, up to
 *	%NFDICT_PAIRS_MAX in all (nested list of %NFDICTA_PAIR)
 * @NFDICTA_PAIR: one pair (nested: %NFDICTA_TABLE and %NFDICTA_TABLE2), within
 *	%NFDICTA_PAIRS
 * @NFDICTA_KEY_CLASS: class of all keys of the table (NLA_BE32:
 *	&enum nf_dict_key_type); absent where keys of any class are taken. Set
 *	when the table is created; other keys are refused, in requests and in
 *	rules. Tables are only swapped with those of the same class
 * @NFDICTA_DECLS: fields that the rows of the table have (nested list of
 *	%NFDICTA_DECL, 1 to %NF_DICT_FIELDS_MAX). Other fields and other types
 *	are refused, in requests and in rules. With %NLM_F_REPLACE, fields are
 *	added to those of a table; all that it has must be in the list. Tables
 *	are only swapped with those that declare the same
 * @NFDICTA_DECL: one of them (nested &enum nfdict_decl_attributes), within
 *	%NFDICTA_DECLS
 * @NFDICTA_OPEN: rows may have other fields than %NFDICTA_DECLS, too (NLA_FLAG)
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

/* Most pairs of tables that one request can swap. */
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
 * @NFDICTA_ROW_TIMEOUT: its lifetime in milliseconds, 0: for ever (NLA_BE64);
 *	without it a new row has its table's and an existing row keeps its own
 * @NFDICTA_ROW_EXPIRES: milliseconds that are left of it (NLA_BE64); the
 *	kernel alone sends it
 * @NFDICTA_ROW_EXPIRED: this row is gone because its lifetime ended
 *	(NLA_FLAG); the kernel alone sends it
 * @NFDICTA_ROW_PAD: padding
 * @NFDICTA_ROW_GONE: this row is gone because its connection is (NLA_FLAG); the
 *	message has its fields as they were. The kernel alone sends it
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
 * enum nfdict_field_attributes - a field: its name, and to write it one value
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
 *	%NFDICTA_LIST_MEMBER); in requests in any order, from the kernel in that
 *	of their bytes
 * @NFDICTA_FIELD_NAME: name of the field (NLA_STRING)
 * @NFDICTA_FIELD_PAD: padding
 * @NFDICTA_FIELD_OP: what to do with the value (NLA_BE32:
 *	&enum nfdict_field_ops); without it the field is set
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
 * @NFDICTA_LIST_MEMBER: one of them (NLA_STRING, not empty)
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
 * @NFDICT_FIELD_OP_SET: set it, whatever it was
 * @NFDICT_FIELD_OP_ADD: add to the number, or members to the list
 * @NFDICT_FIELD_OP_SUB: subtract from the number, or remove members from the
 *	list
 *
 * Adding and subtracting is as rules do it: the field must be there and be a
 * number, of either type, keeps its type, and stops at the least and the
 * greatest number of that; a row's lifetime goes on, unless
 * %NFDICTA_ROW_TIMEOUT is given or another field is set. A message that does so
 * takes none of %NLM_F_CREATE, %NLM_F_EXCL and %NLM_F_REPLACE. Its event has the
 * number that the field became.
 *
 * A list to which members are added need not be there, and %NLM_F_CREATE creates
 * its row. What is a member already is not added, and what is none not removed.
 * The event has the list that results.
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
 * enum nfdict_stats_attributes - figures of a table
 *
 * @NFDICTA_STATS_UNSPEC: unspecified
 * @NFDICTA_STATS_ROWS: rows it holds (NLA_BE32)
 * @NFDICTA_STATS_USE: rules that use it (NLA_BE32)
 * @NFDICTA_STATS_BYTES: memory of its rows, their strings and buckets
 *	(NLA_BE64); a string that several rows have is counted for each
 * @NFDICTA_STATS_DROPS: writes by packets refused for want of room or memory,
 *	or because the stored field has another type (NLA_BE64)
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
