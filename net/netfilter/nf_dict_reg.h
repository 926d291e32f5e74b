/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Conversion between registers and keys or values. Inlined for packets.
 */
#ifndef _NF_DICT_REG_H
#define _NF_DICT_REG_H

#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include "nf_dict_internal.h"

#ifdef __LITTLE_ENDIAN
#define NF_DICT_LITTLE_ENDIAN	true
#else
#define NF_DICT_LITTLE_ENDIAN	false
#endif

/* Load the unsigned number of @len bytes, 1 to 8, at @src. */
static __always_inline u64 nf_dict_load_integer(const void *src, u8 len, bool host)
{
	const u8 *p = src;
	u64 num = 0;
	u8 i;

	switch (len) {
	case sizeof(u32):
		return host ? get_unaligned((const u32 *)src) :
			      get_unaligned_be32(src);
	case sizeof(u16):
		return host ? get_unaligned((const u16 *)src) :
			      get_unaligned_be16(src);
	case sizeof(u8):
		return *p;
	case sizeof(u64):
		return host ? get_unaligned((const u64 *)src) :
			      get_unaligned_be64(src);
	}

	if (host && NF_DICT_LITTLE_ENDIAN) {
		for (i = len; i > 0; i--)
			num = num << 8 | p[i - 1];
	} else {
		for (i = 0; i < len; i++)
			num = num << 8 | p[i];
	}

	return num;
}

/* See nf_dict_key_from_reg(). */
static __always_inline bool
__nf_dict_key_from_reg(struct nf_dict_key *key, u8 type, u8 len, bool host,
		       const u32 *src)
{
	key->type = type;
	key->data = src;
	key->conn = NULL;

	switch (type) {
	case NF_DICT_KEY_INT:
		key->num = nf_dict_load_integer(src, len, host);
		key->len = sizeof(u64);
		break;
	case NF_DICT_KEY_STRING:
		key->len = strnlen((const char *)src, len);
		return key->len;
	default:
		key->len = len;
		break;
	}

	return true;
}

/* Return false if @num does not fit. Zero the rest of the last register. */
static __always_inline bool nf_dict_store_integer(u32 *dest, u64 num, u8 len, bool host)
{
	u8 *p = (u8 *)dest;
	u8 i;

	if (len < sizeof(u64) && num >> (len * BITS_PER_BYTE))
		return false;

	if (len == sizeof(u32)) {
		*dest = host ? (u32)num : (__force u32)cpu_to_be32(num);
		return true;
	}

	dest[(len - 1) / sizeof(u32)] = 0;
	if (host && NF_DICT_LITTLE_ENDIAN) {
		for (i = 0; i < len; i++, num >>= 8)
			p[i] = num;
	} else {
		for (i = len; i > 0; i--, num >>= 8)
			p[i - 1] = num;
	}

	return true;
}

/* See nf_dict_value_to_reg(). */
static __always_inline bool
__nf_dict_value_to_reg(const struct nf_dict_value *value,
		       const struct nf_dict_reg *form, u32 *dest)
{
	const struct nf_dict_atom *atom;

	if (form->type == NF_DICT_NUMBER) {
		if (value->type != NF_DICT_INT && value->type != NF_DICT_INT64)
			return false;
		if ((s64)value->bits < 0)
			return false;
		return nf_dict_store_integer(dest, value->bits, form->len,
					     form->host);
	}

	if (value->type != form->type)
		return false;

	switch (value->type) {
	case NF_DICT_INT:
		*dest = (__force u32)cpu_to_be32((u32)value->bits ^ BIT(31));
		return true;
	case NF_DICT_INT64:
		put_unaligned_be64(value->bits ^ BIT_ULL(63), dest);
		return true;
	case NF_DICT_BOOL:
		*dest = 0;
		*(u8 *)dest = value->bits;
		return true;
	case NF_DICT_IPV4_ADDR:
		memcpy(dest, &value->bits, sizeof(struct in_addr));
		return true;
	case NF_DICT_ETHER_ADDR:
		dest[1] = 0;
		memcpy(dest, &value->bits, ETH_ALEN);
		return true;
	case NF_DICT_IPV6_ADDR:
		atom = nf_dict_value_atom(value);
		memcpy(dest, atom->data, sizeof(struct in6_addr));
		return true;
	case NF_DICT_LONG_STRING:
		atom = nf_dict_value_atom(value);
		if (atom->len > form->len)
			return false;
		memset(dest, 0, round_up(form->len, sizeof(u32)));
		memcpy(dest, atom->data, atom->len);
		return true;
	}

	return false;
}

#endif /* _NF_DICT_REG_H */
