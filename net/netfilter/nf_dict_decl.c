// SPDX-License-Identifier: GPL-2.0-only
/*
 * What tables declare: the fields that their rows have, with types.
 */
#include <linux/slab.h>

#include "nf_dict_internal.h"

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
 * nf_dict_decls_type - type that a field is declared with
 * @decls: the declaration
 * @field: name of the field
 *
 * Return: &enum nf_dict_type, %NF_DICT_UNSPEC if it is not declared.
 */
u8 nf_dict_decls_type(const struct nf_dict_decls *decls,
		      const struct nf_dict_atom *field)
{
	unsigned int i;

	for (i = 0; i < decls->n; i++)
		if (decls->fields[i].field == field)
			return decls->fields[i].type;

	return NF_DICT_UNSPEC;
}
EXPORT_SYMBOL_GPL(nf_dict_decls_type);

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
	s64 num = f->value.bits;

	if (f->op != NF_DICT_OP_NUMBER)
		return f->value.type == type ? 0 : -EINVAL;

	switch (type) {
	case NF_DICT_INT:
		if (num < S32_MIN || num > S32_MAX)
			return -ERANGE;
		break;
	case NF_DICT_INT64:
		break;
	default:
		return -EINVAL;
	}
	f->value.type = type;

	return 0;
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

/* Under the mutex. */
static struct nf_dict_field_use *
nf_dict_field_use_find(const struct nf_dict_table *table,
		       const struct nf_dict_atom *field, u8 type)
{
	struct nf_dict_field_use *use;

	list_for_each_entry(use, &table->field_uses, list)
		if (use->field == field && use->type == type)
			return use;

	return NULL;
}

/* Under the mutex. */
static int nf_dict_field_use_add(struct nf_dict_table *table,
				 struct nf_dict_atom *field, u8 type, bool reads)
{
	struct nf_dict_field_use *use;

	use = nf_dict_field_use_find(table, field, type);
	if (!use) {
		use = kzalloc_obj(*use, GFP_KERNEL_ACCOUNT);
		if (!use)
			return -ENOMEM;
		nf_dict_field_hold(field);
		use->field = field;
		use->type = type;
		list_add_tail_rcu(&use->list, &table->field_uses);
	}
	use->count++;
	WRITE_ONCE(use->reads, use->reads + reads);

	return 0;
}

/**
 * nf_dict_table_use_field - have a rule use a field of a table
 * @table: the table, of which the rule has a use
 * @field: name of the field
 * @type: as for nf_dict_decls_fit()
 * @reads: what the rule does depends on the field's value
 * @declared: as for nf_dict_decls_fit()
 *
 * From here on, the table declares nothing that the rule would not comply with.
 *
 * Context: process; may sleep.
 * Return: 0, and the rule calls nf_dict_table_unuse_field() before it gives the
 * table back; as nf_dict_decls_fit(); -ENOMEM.
 */
int nf_dict_table_use_field(struct nf_dict_table *table,
			    struct nf_dict_atom *field, u8 type, bool reads,
			    u8 *declared)
{
	struct nf_dict_ns *ns = table->ns;
	const struct nf_dict_decls *decls;
	int err;

	mutex_lock(&ns->mutex);
	/* The rule comes into effect with what its transaction declares. */
	decls = table->next.decls ?:
		rcu_dereference_protected(table->decls,
					  lockdep_is_held(&ns->mutex));
	err = nf_dict_decls_fit(decls, field, type, declared);
	if (!err)
		err = nf_dict_field_use_add(table, field, type, reads);
	mutex_unlock(&ns->mutex);

	return err;
}
EXPORT_SYMBOL_GPL(nf_dict_table_use_field);

/**
 * nf_dict_table_unuse_field - undo nf_dict_table_use_field()
 * @table: the table
 * @field: what that was called with
 * @type: likewise
 * @reads: likewise
 *
 * Context: process; may sleep. The namespace may be gone.
 */
void nf_dict_table_unuse_field(struct nf_dict_table *table,
			       const struct nf_dict_atom *field, u8 type,
			       bool reads)
{
	struct nf_dict_ns *ns = table->ns;
	struct nf_dict_field_use *use;

	mutex_lock(&ns->mutex);
	use = nf_dict_field_use_find(table, field, type);
	if (WARN_ON_ONCE(!use))
		goto out;
	WRITE_ONCE(use->reads, use->reads - reads);
	if (!--use->count) {
		list_del_rcu(&use->list);
		nf_dict_field_put(use->field);
		kfree_rcu(use, rcu);
	}
out:
	mutex_unlock(&ns->mutex);
}
EXPORT_SYMBOL_GPL(nf_dict_table_unuse_field);

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
