// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keys and values, and their forms in messages and registers.
 *
 * Numbers of any width and byte order are converted to one 64-bit number, so
 * that a port, a mark and a connection's id find the key that an administrator
 * writes in decimal.
 */
#include <linux/if_ether.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <net/net_namespace.h>

#include "nf_dict_reg.h"

/**
 * nf_dict_key_check - check a key that was filled in by hand
 * @key: the key
 *
 * Return: 0; -EINVAL if its class is unknown, its length is wrong for the
 * class, or a string has a NUL; -ENAMETOOLONG if a string or raw key is too
 * long.
 */
int nf_dict_key_check(const struct nf_dict_key *key)
{
	switch (key->type) {
	case NF_DICT_KEY_INT:
		return key->len == sizeof(u64) ? 0 : -EINVAL;
	case NF_DICT_KEY_IPV4:
		return key->len == sizeof(struct in_addr) ? 0 : -EINVAL;
	case NF_DICT_KEY_IPV6:
		return key->len == sizeof(struct in6_addr) ? 0 : -EINVAL;
	case NF_DICT_KEY_ETHER:
		return key->len == ETH_ALEN ? 0 : -EINVAL;
	case NF_DICT_KEY_STRING:
		if (!key->len)
			return -EINVAL;
		if (key->len > NF_DICT_KEY_STRING_MAX)
			return -ENAMETOOLONG;
		return memchr(key->data, 0, key->len) ? -EINVAL : 0;
	case NF_DICT_KEY_RAW:
		if (!key->len)
			return -EINVAL;
		return key->len > NF_DICT_RAW_MAX ? -ENAMETOOLONG : 0;
	}

	return -EINVAL;
}
EXPORT_SYMBOL_GPL(nf_dict_key_check);

/**
 * nf_dict_key_fits - whether a table accepts keys of a class
 * @key_class: nf_dict_table_key_class()
 * @key_type: class of the key
 *
 * Return: true if it does.
 */
bool nf_dict_key_fits(u8 key_class, u8 key_type)
{
	if (key_class == NF_DICT_KEY_CT)
		key_class = NF_DICT_KEY_INT;
	else if (key_class == NF_DICT_KEY_DOMAIN)
		key_class = NF_DICT_KEY_STRING;

	return key_class == NF_DICT_KEY_UNSPEC || key_class == key_type;
}
EXPORT_SYMBOL_GPL(nf_dict_key_fits);

/**
 * nf_dict_key_class_name - name of a class of keys, for messages
 * @key_class: &enum nf_dict_key_type
 *
 * Return: the name.
 */
const char *nf_dict_key_class_name(u8 key_class)
{
	static const char *const names[NF_DICT_KEY_MAX + 1] = {
		[NF_DICT_KEY_UNSPEC]	= "any",
		[NF_DICT_KEY_INT]	= "int",
		[NF_DICT_KEY_IPV4]	= "ipv4_addr",
		[NF_DICT_KEY_IPV6]	= "ipv6_addr",
		[NF_DICT_KEY_ETHER]	= "ether_addr",
		[NF_DICT_KEY_STRING]	= "string",
		[NF_DICT_KEY_RAW]	= "raw",
		[NF_DICT_KEY_CT]	= "ct",
		[NF_DICT_KEY_DOMAIN]	= "domain",
	};

	return key_class <= NF_DICT_KEY_MAX ? names[key_class] : "unknown";
}
EXPORT_SYMBOL_GPL(nf_dict_key_class_name);

/**
 * nf_dict_key_from_reg - make a key from registers
 * @key: filled in; borrows the registers
 * @type: class of the key, &enum nf_dict_key_type
 * @len: bytes in the registers: 1 to 8 for a number, the length of the address,
 *	up to %NF_DICT_RAW_MAX for a string or a raw key; checked by the caller
 * @host: a number is in host byte order, otherwise in network byte order
 * @src: the first register
 *
 * A string ends at its first NUL or at the end of the registers.
 *
 * Context: any.
 * Return: true, or false if the registers hold an empty string, which cannot be
 * a key.
 */
bool nf_dict_key_from_reg(struct nf_dict_key *key, u8 type, u8 len, bool host,
			  const u32 *src)
{
	return __nf_dict_key_from_reg(key, type, len, host, src);
}
EXPORT_SYMBOL_GPL(nf_dict_key_from_reg);

/**
 * nf_dict_key_from_value - make a key from a value
 * @key: filled in; borrows @value and its atom
 * @value: the value
 *
 * Context: any; the key is valid as long as @value and its atom.
 * Return: true, or false if the value cannot be a key: a negative number, a
 * list, a string that is empty or longer than a key.
 */
bool nf_dict_key_from_value(struct nf_dict_key *key,
			    const struct nf_dict_value *value)
{
	const struct nf_dict_atom *atom = nf_dict_value_atom(value);

	key->data = &value->bits;
	key->conn = NULL;

	switch (value->type) {
	case NF_DICT_BOOL:
	case NF_DICT_INT:
	case NF_DICT_INT64:
		key->type = NF_DICT_KEY_INT;
		key->num = value->bits;
		key->len = sizeof(u64);
		return (s64)value->bits >= 0;
	case NF_DICT_IPV4_ADDR:
		key->type = NF_DICT_KEY_IPV4;
		key->len = sizeof(struct in_addr);
		return true;
	case NF_DICT_ETHER_ADDR:
		key->type = NF_DICT_KEY_ETHER;
		key->len = ETH_ALEN;
		return true;
	case NF_DICT_IPV6_ADDR:
		key->type = NF_DICT_KEY_IPV6;
		break;
	case NF_DICT_LONG_STRING:
		key->type = NF_DICT_KEY_STRING;
		break;
	default:
		return false;
	}

	key->data = atom->data;
	key->len = atom->len;

	return atom->len && atom->len <= NF_DICT_KEY_STRING_MAX;
}
EXPORT_SYMBOL_IF_KUNIT(nf_dict_key_from_value);

/**
 * nf_dict_type_len - length of a type's values in messages and registers
 * @type: &enum nf_dict_type
 *
 * Return: bytes; 0 for types whose length varies, and for unknown types.
 */
unsigned int nf_dict_type_len(u8 type)
{
	switch (type) {
	case NF_DICT_BOOL:
		return sizeof(u8);
	case NF_DICT_INT:
		return sizeof(s32);
	case NF_DICT_INT64:
		return sizeof(s64);
	case NF_DICT_IPV4_ADDR:
		return sizeof(struct in_addr);
	case NF_DICT_IPV6_ADDR:
		return sizeof(struct in6_addr);
	case NF_DICT_ETHER_ADDR:
		return ETH_ALEN;
	}

	return 0;
}
EXPORT_SYMBOL_GPL(nf_dict_type_len);

static enum nf_dict_atom_kind nf_dict_type_kind(u8 type)
{
	switch (type) {
	case NF_DICT_IPV6_ADDR:
		return NF_DICT_ATOM_IPV6;
	case NF_DICT_STRING_LIST:
		return NF_DICT_ATOM_LIST;
	default:
		return NF_DICT_ATOM_STRING;
	}
}

/**
 * nf_dict_value_intern - make a value that points to an atom
 * @ns: namespace
 * @value: filled in; owns a reference
 * @type: type of the value
 * @data: bytes of the atom
 * @len: their number
 * @gfp: as for kmalloc()
 *
 * Context: any but hard interrupts; sleeps if @gfp allows.
 * Return: 0, or as nf_dict_atom_get().
 */
int nf_dict_value_intern(struct nf_dict_ns *ns, struct nf_dict_value *value,
			 u8 type, const void *data, unsigned int len, gfp_t gfp)
{
	struct nf_dict_atom *atom;

	atom = nf_dict_atom_get(ns, nf_dict_type_kind(type), data, len, gfp);
	if (IS_ERR(atom))
		return PTR_ERR(atom);

	value->type = type;
	value->bits = (unsigned long)atom;

	return 0;
}

/* Make a value that fits into a word; its length was checked. */
static void nf_dict_value_copy(struct nf_dict_value *value, u8 type,
			       const void *data, unsigned int len)
{
	value->type = type;
	value->bits = 0;
	memcpy(&value->bits, data, len);
}

/**
 * nf_dict_value_init - make a value from its form in messages
 * @net: namespace
 * @value: filled in; owns a reference to its atom, see nf_dict_value_put()
 * @type: &enum nf_dict_type
 * @data: a byte 0 or 1 for a truth value; a number in network byte order; an
 *	address; the bytes of a string, without a NUL; the members of a list,
 *	in any order, separated by NULs
 * @len: bytes at @data
 * @gfp: as for kmalloc(); %__GFP_ACCOUNT is added
 *
 * Context: any but hard interrupts; sleeps if @gfp allows.
 * Return: 0; -EINVAL if the type is unknown, the length is wrong for the type,
 * a truth value is neither 0 nor 1, a string has a NUL, or a member of a list
 * is empty; -E2BIG if a list has too many members; -ENAMETOOLONG; -ENOMEM;
 * -ENOSPC or -EBUSY, see nf_dict_atom_get(). On error @value is undefined.
 */
int nf_dict_value_init(struct net *net, struct nf_dict_value *value, u8 type,
		       const void *data, unsigned int len, gfp_t gfp)
{
	if (type == NF_DICT_LONG_STRING) {
		if (len > NF_DICT_STRING_MAX)
			return -ENAMETOOLONG;
		if (memchr(data, 0, len))
			return -EINVAL;
	} else if (type == NF_DICT_STRING_LIST) {
		return nf_dict_list_init(nf_dict_ns(net), value, data, len,
					 gfp);
	} else if (!len || len != nf_dict_type_len(type)) {
		return -EINVAL;
	}

	switch (type) {
	case NF_DICT_BOOL:
		if (*(const u8 *)data > 1)
			return -EINVAL;
		value->bits = *(const u8 *)data;
		break;
	case NF_DICT_INT:
		value->bits = (s64)(s32)get_unaligned_be32(data);
		break;
	case NF_DICT_INT64:
		value->bits = get_unaligned_be64(data);
		break;
	case NF_DICT_IPV4_ADDR:
	case NF_DICT_ETHER_ADDR:
		nf_dict_value_copy(value, type, data, len);
		break;
	default:
		return nf_dict_value_intern(nf_dict_ns(net), value, type, data,
					    len, gfp);
	}
	value->type = type;

	return 0;
}
EXPORT_SYMBOL_GPL(nf_dict_value_init);

/**
 * nf_dict_value_set_num - make a value from a number
 * @value: filled in
 * @type: its type
 * @num: the number
 *
 * Return: 0; -EINVAL if the type is not a number; -ERANGE if @num does not fit.
 */
int nf_dict_value_set_num(struct nf_dict_value *value, u8 type, s64 num)
{
	if (type != NF_DICT_INT && type != NF_DICT_INT64)
		return -EINVAL;
	if (type == NF_DICT_INT && num != (s32)num)
		return -ERANGE;

	value->type = type;
	value->bits = num;

	return 0;
}

/**
 * nf_dict_value_hold - take another reference to the atom of a value, if any
 * @value: a value that owns a reference
 *
 * Context: any.
 */
void nf_dict_value_hold(const struct nf_dict_value *value)
{
	if (nf_dict_type_has_atom(value->type))
		refcount_inc(&nf_dict_value_atom(value)->refs);
}
EXPORT_SYMBOL_GPL(nf_dict_value_hold);

/**
 * nf_dict_value_put - drop the reference to the atom of a value, if any
 * @value: the value, which owns no reference afterwards
 *
 * Context: any but hard interrupts.
 */
void nf_dict_value_put(struct nf_dict_value *value)
{
	if (nf_dict_type_has_atom(value->type))
		nf_dict_atom_put(nf_dict_value_atom(value));
	value->type = NF_DICT_UNSPEC;
}
EXPORT_SYMBOL_GPL(nf_dict_value_put);

/**
 * nf_dict_value_num - number of a value
 * @value: a truth value or a number
 *
 * Return: the number; 0 or 1 for a truth value.
 */
s64 nf_dict_value_num(const struct nf_dict_value *value)
{
	return value->bits;
}
EXPORT_SYMBOL_GPL(nf_dict_value_num);

/**
 * nf_dict_value_data - bytes of a value
 * @value: an address, a string or a list
 * @len: set to the number of bytes
 *
 * Return: the bytes; those of a string are followed by a NUL, as is each member
 * of a list, see nf_dict_list_next(); members are in ascending order. They are
 * valid as long as @value is and the caller holds, or reads under RCU, what it
 * refers to.
 */
const void *nf_dict_value_data(const struct nf_dict_value *value,
			       unsigned int *len)
{
	if (nf_dict_type_has_atom(value->type)) {
		*len = nf_dict_value_atom(value)->len;
		return nf_dict_value_atom(value)->data;
	}
	*len = nf_dict_type_len(value->type);

	return &value->bits;
}
EXPORT_SYMBOL_GPL(nf_dict_value_data);

/**
 * nf_dict_reg_check - check the form of a value in registers
 * @form: the form
 *
 * Return: 0 or -EINVAL.
 */
int nf_dict_reg_check(const struct nf_dict_reg *form)
{
	switch (form->type) {
	case NF_DICT_NUMBER:
		return form->len && form->len <= sizeof(u64) ? 0 : -EINVAL;
	case NF_DICT_LONG_STRING:
		return form->len && form->len <= NF_DICT_RAW_MAX ? 0 : -EINVAL;
	}

	return form->len && form->len == nf_dict_type_len(form->type) ?
	       0 : -EINVAL;
}
EXPORT_SYMBOL_GPL(nf_dict_reg_check);

/**
 * nf_dict_value_to_reg - load a value into registers
 * @value: the value
 * @form: the form to use there, which nf_dict_reg_check() accepts
 * @dest: the first register; what a datum leaves of its last register is zero
 *
 * Signed numbers get network byte order and an inverted sign bit, so that
 * memcmp() orders them.
 *
 * Context: any; takes no locks.
 * Return: true, or false, with @dest undefined, if the value has another type
 * or does not fit: for %NF_DICT_NUMBER, a negative number or one with too many
 * bits; a string longer than the registers.
 */
bool nf_dict_value_to_reg(const struct nf_dict_value *value,
			  const struct nf_dict_reg *form, u32 *dest)
{
	return __nf_dict_value_to_reg(value, form, dest);
}
EXPORT_SYMBOL_GPL(nf_dict_value_to_reg);

/**
 * nf_dict_value_from_reg - make a value from registers
 * @net: namespace
 * @value: filled in; owns what it refers to, see nf_dict_value_put()
 * @type: type of the value; %NF_DICT_NUMBER makes a %NF_DICT_INT64
 * @form: the form of the datum in the registers, which nf_dict_reg_check()
 *	accepts: of the same type, or a plain number for a number
 * @src: the first register
 *
 * Context: any but hard interrupts; does not sleep.
 * Return: 0; -ERANGE if a number does not fit the type; -EINVAL if the form
 * cannot give the type; -ENOMEM; -ENOSPC or -EBUSY, see nf_dict_atom_get().
 */
int nf_dict_value_from_reg(struct net *net, struct nf_dict_value *value,
			   u8 type, const struct nf_dict_reg *form,
			   const u32 *src)
{
	u64 num;

	if (type == NF_DICT_NUMBER)
		type = NF_DICT_INT64;

	if (form->type == NF_DICT_NUMBER) {
		num = nf_dict_load_integer(src, form->len, form->host);
		switch (type) {
		case NF_DICT_INT:
			if (num > S32_MAX)
				return -ERANGE;
			break;
		case NF_DICT_INT64:
			if (num > S64_MAX)
				return -ERANGE;
			break;
		default:
			return -EINVAL;
		}
		value->type = type;
		value->bits = num;
		return 0;
	}

	/* An int can be stored as an int64. */
	if (form->type != type &&
	    !(form->type == NF_DICT_INT && type == NF_DICT_INT64))
		return -EINVAL;

	switch (form->type) {
	case NF_DICT_BOOL:
		value->bits = !!*(const u8 *)src;
		break;
	case NF_DICT_INT:
		value->bits = (s64)(s32)(get_unaligned_be32(src) ^ BIT(31));
		break;
	case NF_DICT_INT64:
		value->bits = get_unaligned_be64(src) ^ BIT_ULL(63);
		break;
	case NF_DICT_IPV4_ADDR:
	case NF_DICT_ETHER_ADDR:
		nf_dict_value_copy(value, type, src, nf_dict_type_len(type));
		break;
	case NF_DICT_IPV6_ADDR:
		return nf_dict_value_intern(nf_dict_ns(net), value, type, src,
					    sizeof(struct in6_addr),
					    GFP_NOWAIT);
	case NF_DICT_LONG_STRING:
		return nf_dict_value_intern(nf_dict_ns(net), value, type, src,
					    strnlen((const char *)src,
						    form->len), GFP_NOWAIT);
	default:
		return -EINVAL;
	}
	value->type = type;

	return 0;
}
EXPORT_SYMBOL_GPL(nf_dict_value_from_reg);
