// SPDX-License-Identifier: GPL-2.0-only
/*
 * Declarations: names and types of the fields of a table.
 */
#include <linux/slab.h>

#include "nf_dict_table.h"

/* Declared type of a field, %NF_DICT_UNSPEC if it is not declared. */
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
 * nf_dict_decls_alloc - make a declaration
 * @params: its fields, and whether it is open
 *
 * Context: process; may sleep.
 * Return: the declaration, with references to the names; NULL if @params has no
 * fields; or ERR_PTR: -EINVAL if a field is named twice or has no valid type;
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
 * nf_dict_decls_free - free a declaration after a grace period
 * @decls: the declaration, or NULL
 *
 * Context: any but hard interrupts.
 */
void nf_dict_decls_free(struct nf_dict_decls *decls)
{
	unsigned int i;

	if (!decls)
		return;

	/* Readers may read the names: these are freed by RCU, too. */
	for (i = 0; i < decls->n; i++)
		nf_dict_field_put(decls->fields[i].field);
	kfree_rcu(decls, rcu);
}

/**
 * nf_dict_decls_include - whether a declaration includes another one
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
 * nf_dict_decls_equal - whether two declarations are equal
 * @a: a declaration, or NULL
 * @b: another one, or NULL
 *
 * Return: whether they are; the order of fields does not matter.
 */
bool nf_dict_decls_equal(const struct nf_dict_decls *a,
			 const struct nf_dict_decls *b)
{
	return nf_dict_decls_include(a, b) && nf_dict_decls_include(b, a);
}

/* Convert a value to the declared type of its field. */
static int nf_dict_field_conform(struct nf_dict_field_value *f, u8 type)
{
	if (f->op == NF_DICT_OP_NUMBER)
		return nf_dict_value_set_num(&f->value, type, f->value.bits);

	return f->value.type == type ? 0 : -EINVAL;
}

/**
 * nf_dict_update_conform - check a write against a table's declaration
 * @decls: the declaration
 * @u: what to write; numbers are converted to the declared type
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

		/* The number that is added to has the declared type already. */
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
 * nf_dict_type_name - name of a type, as in rules
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
 * It may be replaced at any time by one with more fields.
 *
 * Context: any, under the RCU read lock, for which the result is valid.
 * Return: the declaration, or NULL if the table declares no fields.
 */
const struct nf_dict_decls *
nf_dict_table_decls(const struct nf_dict_table *table)
{
	return rcu_dereference(table->decls);
}
EXPORT_SYMBOL_GPL(nf_dict_table_decls);

/**
 * nf_dict_decls_fit - check a field of a rule against a declaration
 * @decls: the declaration, or NULL
 * @field: name of the field
 * @type: its type in the rule: &enum nf_dict_type, %NF_DICT_NUMBER, or
 *	%NF_DICT_UNSPEC: any
 * @declared: on -EINVAL, set to the declared type
 *
 * Return: 0; -ENOENT if the field is not declared; -EINVAL if it is declared
 * with another type.
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
 * nf_dict_table_field_check - check a field to write against the declaration of
 *	its table
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
 * nf_dict_table_reads - whether the effect of rules depends on a field
 * @table: the table
 * @field: name of the field, or NULL: any field
 *
 * Context: any, under the RCU read lock.
 * Return: whether a rule reads the field.
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
 * nf_dict_table_uses_fit - check a declaration against the rules of a table
 * @table: the table
 * @decls: its new declaration
 *
 * Context: under the mutex.
 * Return: whether all rules that use the table comply.
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
