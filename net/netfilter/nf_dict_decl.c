// SPDX-License-Identifier: GPL-2.0-only
/*
 * What tables declare: the fields that their rows have, with types.
 */
#include <linux/slab.h>

#include "nf_dict_table.h"

/* Type that a field is declared with, %NF_DICT_UNSPEC if it is not. */
static u8 nf_dict_decls_type(const struct nf_dict_decls *decls,
			     const struct nf_dict_atom *field)
{
	unsigned int i;

	for (i = 0; i < decls->n; i++)
		if (decls->fields[i].field == field)
			return decls->fields[i].type;

	return NF_DICT_UNSPEC;
}

/**
 * nf_dict_decls_alloc - copy a declaration
 * @params: what it is to say
 *
 * Context: process; may sleep.
 * Return: the declaration, which has references to the names; NULL if @params
 * declares nothing; ERR_PTR: -EINVAL if a field is there twice or has no type;
 * -E2BIG if there are too many; -ENOMEM.
 */
struct nf_dict_decls *
nf_dict_decls_alloc(const struct nf_dict_table_params *params)
{
	struct nf_dict_decls *decls;
	unsigned int i, n = params->ndecls;

	if (!n)
		return params->open ? ERR_PTR(-EINVAL) : NULL;
	if (n > NF_DICT_FIELDS_MAX)
		return ERR_PTR(-E2BIG);

	decls = kzalloc(struct_size(decls, fields, n), GFP_KERNEL_ACCOUNT);
	if (!decls)
		return ERR_PTR(-ENOMEM);

	decls->open = params->open;
	for (i = 0; i < n; i++) {
		const struct nf_dict_decl *decl = &params->decls[i];

		if (decl->type == NF_DICT_UNSPEC ||
		    decl->type > NF_DICT_TYPE_MAX ||
		    nf_dict_decls_type(decls, decl->field)) {
			nf_dict_decls_free(decls);
			return ERR_PTR(-EINVAL);
		}
		nf_dict_field_hold(decl->field);
		decls->n++;
		decls->fields[i] = *decl;
	}

	return decls;
}

/**
 * nf_dict_decls_free - free a declaration that packets may still look at
 * @decls: the declaration, or NULL
 *
 * Context: any but hard interrupts.
 */
void nf_dict_decls_free(struct nf_dict_decls *decls)
{
	unsigned int i;

	if (!decls)
		return;

	/* Names are freed after a grace period, too. */
	for (i = 0; i < decls->n; i++)
		nf_dict_field_put(decls->fields[i].field);
	kfree_rcu(decls, rcu);
}

/**
 * nf_dict_decls_include - whether a declaration says all that another does
 * @decls: the declaration, or NULL
 * @other: the other one, or NULL
 *
 * Return: whether both are open or both are not, and all fields of @other are
 * in @decls, with the same types.
 */
bool nf_dict_decls_include(const struct nf_dict_decls *decls,
			   const struct nf_dict_decls *other)
{
	unsigned int i;

	if (!decls || !other)
		return decls == other;
	if (decls->open != other->open)
		return false;
	for (i = 0; i < other->n; i++)
		if (nf_dict_decls_type(decls, other->fields[i].field) !=
		    other->fields[i].type)
			return false;

	return true;
}

/**
 * nf_dict_decls_equal - whether two declarations say the same
 * @a: the one, or NULL
 * @b: the other, or NULL
 *
 * Return: whether they do; the order of fields does not matter.
 */
bool nf_dict_decls_equal(const struct nf_dict_decls *a,
			 const struct nf_dict_decls *b)
{
	return nf_dict_decls_include(a, b) && nf_dict_decls_include(b, a);
}

/* The type that a field gets which is declared as @type. */
static int nf_dict_field_conform(struct nf_dict_field_value *f, u8 type)
{
	if (f->op == NF_DICT_OP_NUMBER)
		return nf_dict_value_set_num(&f->value, type, f->value.bits);

	return f->value.type == type ? 0 : -EINVAL;
}

/**
 * nf_dict_update_conform - check a write against a table's declaration
 * @decls: the declaration
 * @u: what to write; numbers get the type that is declared
 *
 * Context: any, under the RCU read lock.
 * Return: 0; -EINVAL if a field is not declared, or has another type; -ERANGE
 * if a number does not fit the type.
 */
int nf_dict_update_conform(const struct nf_dict_decls *decls,
			   struct nf_dict_update *u)
{
	unsigned int i;
	int err;

	for (i = 0; i < u->nfields; i++) {
		struct nf_dict_field_value *f = &u->fields[i];
		u8 type = nf_dict_decls_type(decls, f->field);

		/* A number that is added to has the right type already. */
		if ((f->op == NF_DICT_OP_ADD || f->op == NF_DICT_OP_SUB) &&
		    f->value.type != NF_DICT_STRING_LIST)
			continue;
		if (type == NF_DICT_UNSPEC && decls->open)
			continue;
		err = type ? nf_dict_field_conform(f, type) : -EINVAL;
		if (err)
			return err;
	}

	return 0;
}

/**
 * nf_dict_type_name - name of a type, as rules have it
 * @type: &enum nf_dict_type, or %NF_DICT_NUMBER
 *
 * Return: the name.
 */
const char *nf_dict_type_name(u8 type)
{
	static const char * const names[] = {
		[NF_DICT_BOOL]		= "bool",
		[NF_DICT_INT]		= "int",
		[NF_DICT_INT64]		= "int64",
		[NF_DICT_IPV4_ADDR]	= "ipv4_addr",
		[NF_DICT_IPV6_ADDR]	= "ipv6_addr",
		[NF_DICT_ETHER_ADDR]	= "ether_addr",
		[NF_DICT_LONG_STRING]	= "long_string",
		[NF_DICT_STRING_LIST]	= "string_list",
	};

	return type < ARRAY_SIZE(names) && names[type] ? names[type] : "number";
}
EXPORT_SYMBOL_GPL(nf_dict_type_name);

/**
 * nf_dict_table_decls - declaration of a table
 * @table: the table, to which the caller has a reference or a use
 *
 * Fields may be added to it at any time, by another one that replaces it.
 *
 * Context: any, under the RCU read lock, within which it is good.
 * Return: the declaration, or NULL: the table declares no fields.
 */
const struct nf_dict_decls *
nf_dict_table_decls(const struct nf_dict_table *table)
{
	return rcu_dereference(table->decls);
}
EXPORT_SYMBOL_GPL(nf_dict_table_decls);

/**
 * nf_dict_decls_fit - check a field that a rule has against a declaration
 * @decls: the declaration, or NULL
 * @field: name of the field
 * @type: type it has in the rule: &enum nf_dict_type, %NF_DICT_NUMBER, or
 *	%NF_DICT_UNSPEC: any
 * @declared: after -EINVAL, the type that is declared
 *
 * Return: 0; -ENOENT if there is no such field; -EINVAL if it has another type.
 */
int nf_dict_decls_fit(const struct nf_dict_decls *decls,
		      const struct nf_dict_atom *field, u8 type, u8 *declared)
{
	if (!decls)
		return 0;

	*declared = nf_dict_decls_type(decls, field);
	if (*declared == NF_DICT_UNSPEC)
		return decls->open ? 0 : -ENOENT;
	if (type == NF_DICT_NUMBER)
		return *declared == NF_DICT_INT || *declared == NF_DICT_INT64 ?
		       0 : -EINVAL;

	return type == NF_DICT_UNSPEC || type == *declared ? 0 : -EINVAL;
}

/**
 * nf_dict_table_field_check - check a field to write against a declaration
 * @table: the table, to which the caller has a reference
 * @field: name of the field
 * @type: as for nf_dict_decls_fit()
 * @declared: likewise
 *
 * Context: any.
 * Return: as nf_dict_decls_fit().
 */
int nf_dict_table_field_check(const struct nf_dict_table *table,
			      const struct nf_dict_atom *field, u8 type,
			      u8 *declared)
{
	int err;

	rcu_read_lock();
	err = nf_dict_decls_fit(nf_dict_table_decls(table), field, type,
				declared);
	rcu_read_unlock();

	return err;
}
EXPORT_SYMBOL_GPL(nf_dict_table_field_check);

/**
 * nf_dict_table_reads - whether what rules do depends on rows of a table
 * @table: the table
 * @field: a field of them, or NULL: any
 *
 * Context: any, under the RCU read lock.
 * Return: whether a rule reads it.
 */
bool nf_dict_table_reads(const struct nf_dict_table *table,
			 const struct nf_dict_atom *field)
{
	const struct nf_dict_field_use *use;

	list_for_each_entry_rcu(use, &table->field_uses, list)
		if (READ_ONCE(use->reads) && (!field || use->field == field))
			return true;

	return false;
}

/**
 * nf_dict_table_uses_fit - check a declaration against the rules that there are
 * @table: the table
 * @decls: what it shall declare
 *
 * Context: under the mutex of the namespace's tables.
 * Return: whether they all comply.
 */
bool nf_dict_table_uses_fit(const struct nf_dict_table *table,
			    const struct nf_dict_decls *decls)
{
	const struct nf_dict_field_use *use;
	u8 declared;

	list_for_each_entry(use, &table->field_uses, list)
		if (nf_dict_decls_fit(decls, use->field, use->type, &declared))
			return false;

	return true;
}
