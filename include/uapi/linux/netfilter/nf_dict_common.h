/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Limits and type names shared by the nf_tables expression "dict" and the
 * nfnetlink subsystem that manages its tables.
 */
#ifndef _UAPI_NF_DICT_COMMON_H
#define _UAPI_NF_DICT_COMMON_H

/* Longest table or field name, in bytes, without a terminating NUL. */
#define NF_DICT_NAME_MAX	128
/* Longest string, in bytes, without a terminating NUL. */
#define NF_DICT_STRING_MAX	4095
/* Longest string as a key, in bytes, without a terminating NUL. */
#define NF_DICT_KEY_STRING_MAX	254
/* Longest domain, in bytes, without the leading dot of a suffix. */
#define NF_DICT_DOMAIN_MAX	253
/* Longest pattern, in bytes. */
#define NF_DICT_PATTERN_MAX	128
/* Longest raw key, in bytes: all the data registers of nf_tables. */
#define NF_DICT_RAW_MAX		64
/* Most fields that a row can hold. */
#define NF_DICT_FIELDS_MAX	255
/* Most members of a list of strings. */
#define NF_DICT_LIST_MAX	255
/* Most tables in one nested lookup. */
#define NF_DICT_LEVELS_MAX	4
/* Rows that packets may create in a table whose size was not set. */
#define NF_DICT_SIZE_DEFAULT	65535
/* Longest lifetime of a row, in milliseconds: 32 bits, about 49 days. */
#define NF_DICT_TIMEOUT_MAX	0xffffffffU

/**
 * enum nf_dict_key_type - class of a row's key
 *
 * Keys of different classes are never equal.
 *
 * @NF_DICT_KEY_UNSPEC: no key
 * @NF_DICT_KEY_INT: unsigned number of up to 64 bits, independent of the width
 *	and byte order it was loaded with
 * @NF_DICT_KEY_IPV4: IPv4 address, 4 bytes
 * @NF_DICT_KEY_IPV6: IPv6 address, 16 bytes
 * @NF_DICT_KEY_ETHER: Ethernet address, 6 bytes
 * @NF_DICT_KEY_STRING: 1 to %NF_DICT_KEY_STRING_MAX bytes without a NUL
 * @NF_DICT_KEY_RAW: 1 to %NF_DICT_RAW_MAX bytes, such as a concatenation
 * @NF_DICT_KEY_CT: class of a table only: its keys are of class
 *	%NF_DICT_KEY_INT and the ids of living connections. A row cannot be
 *	created for any other id and is deleted with its connection
 * @NF_DICT_KEY_DOMAIN: class of a table only: its keys are of class
 *	%NF_DICT_KEY_STRING and domain names: labels of 1 to 63 bytes, separated
 *	by dots, up to %NF_DICT_DOMAIN_MAX bytes of ASCII (xn--). Case is
 *	ignored and stored as lower case. A leading dot makes it a suffix. Rules
 *	that look up a name find its row, or else the row of its longest
 *	suffix: a.b.example has the suffixes .b.example and .example
 *
 * At most 63 classes, as &enum nfdict_key_attributes has room for.
 */
enum nf_dict_key_type {
	NF_DICT_KEY_UNSPEC,
	NF_DICT_KEY_INT,
	NF_DICT_KEY_IPV4,
	NF_DICT_KEY_IPV6,
	NF_DICT_KEY_ETHER,
	NF_DICT_KEY_STRING,
	NF_DICT_KEY_RAW,
	NF_DICT_KEY_CT,
	NF_DICT_KEY_DOMAIN,
	/* private: */
	__NF_DICT_KEY_MAX
};

#define NF_DICT_KEY_MAX		(__NF_DICT_KEY_MAX - 1)

/**
 * enum nf_dict_type - type of a field
 *
 * @NF_DICT_UNSPEC: no type
 * @NF_DICT_BOOL: truth value
 * @NF_DICT_INT: signed number, 32 bits
 * @NF_DICT_INT64: signed number, 64 bits
 * @NF_DICT_IPV4_ADDR: IPv4 address
 * @NF_DICT_IPV6_ADDR: IPv6 address
 * @NF_DICT_ETHER_ADDR: Ethernet address
 * @NF_DICT_LONG_STRING: 0 to %NF_DICT_STRING_MAX bytes without a NUL
 * @NF_DICT_STRING_LIST: set of 0 to %NF_DICT_LIST_MAX strings, not empty and
 *	without a NUL; at most %NF_DICT_STRING_MAX bytes together, counting one
 *	separator between two strings
 *
 * At most 63 types, as &enum nfdict_field_attributes has room for.
 */
enum nf_dict_type {
	NF_DICT_UNSPEC,
	NF_DICT_BOOL,
	NF_DICT_INT,
	NF_DICT_INT64,
	NF_DICT_IPV4_ADDR,
	NF_DICT_IPV6_ADDR,
	NF_DICT_ETHER_ADDR,
	NF_DICT_LONG_STRING,
	NF_DICT_STRING_LIST,
	/* private: */
	__NF_DICT_TYPE_MAX
};

#define NF_DICT_TYPE_MAX	(__NF_DICT_TYPE_MAX - 1)

#endif /* _UAPI_NF_DICT_COMMON_H */
