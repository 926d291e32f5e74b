// SPDX-License-Identifier: GPL-2.0-only
/*
 * Uses: references of rules to tables and fields.
 */
#include <linux/slab.h>

#include "nf_dict_table.h"

/**
 * nf_dict_table_use - take a use of a table for a rule
 * @net: namespace
 * @name: name of the table
 * @len: length of the name in bytes
 * @key_type: class of the rule's keys into the table
 *
 * A missing table is created. It is hidden until nf_dict_table_use_commit(),
 * and removed when no rule uses it and it has no rows, unless it is created
 * explicitly meanwhile. A table with a use cannot be deleted.
 *
 * Context: process; may sleep.
 * Return: the table, for nf_dict_table_use_commit() or
 * nf_dict_table_use_abort(), or ERR_PTR: as nf_dict_name_check(); -EINVAL if
 * it has keys of another class; -ENOMEM.
 */
struct nf_dict_table *nf_dict_table_use(struct net *net, const char *name,
					unsigned int len, u8 key_type)
{
	struct nf_dict_ns *ns = nf_dict_ns(net);
	struct nf_dict_table *table;
	int err;

	err = nf_dict_name_check(name, len);
	if (err)
		return ERR_PTR(err);

	mutex_lock(&ns->mutex);
	table = nf_dict_table_lookup(ns, name, len);
	if (table && table->successor)
		table = table->successor;
	if (!table) {
		table = nf_dict_table_add(ns, name, len, NF_DICT_KEY_UNSPEC,
					  NULL);
		if (IS_ERR(table))
			goto out;
		WRITE_ONCE(table->implicit, true);
		table->hidden = true;
	} else if (!nf_dict_key_fits(nf_dict_table_class(table), key_type)) {
		table = ERR_PTR(-EINVAL);
		goto out;
	}
	refcount_inc(&table->refs);
	table->pending++;
	table->active++;
	table->key_uses[key_type]++;
out:
	mutex_unlock(&ns->mutex);
	return table;
}
EXPORT_SYMBOL_GPL(nf_dict_table_use);

/**
 * nf_dict_table_use_commit - commit a use together with its rule
 * @table: table returned by nf_dict_table_use(); the caller releases it with
 *	nf_dict_table_unuse()
 *
 * Context: process; may sleep.
 */
void nf_dict_table_use_commit(struct nf_dict_table *table)
{
	struct nf_dict_ns *ns = table->ns;

	mutex_lock(&ns->mutex);
	table->pending--;
	/* nf_dict_table_stats() reads it without the mutex. */
	WRITE_ONCE(table->use, table->use + 1);
	if (table->hidden)
		nf_dict_table_publish(table);
	mutex_unlock(&ns->mutex);
}
EXPORT_SYMBOL_GPL(nf_dict_table_use_commit);

static void nf_dict_table_release(struct nf_dict_table *table, u8 key_type,
				  bool committed)
{
	struct nf_dict_ns *ns = table->ns;

	refcount_inc(&ns->refs);
	mutex_lock(&ns->mutex);
	if (committed)
		WRITE_ONCE(table->use, table->use - 1);
	else
		table->pending--;
	table->active--;
	table->key_uses[key_type]--;
	smp_mb(); /* See nf_dict_table_emptied(). */
	nf_dict_table_reap(table);
	mutex_unlock(&ns->mutex);

	nf_dict_table_put(table);
	nf_dict_ns_put(ns);
}

/**
 * nf_dict_table_use_abort - release a use that was not committed
 * @table: the table
 * @key_type: as for nf_dict_table_use()
 *
 * Context: process; may sleep. The namespace may be gone.
 */
void nf_dict_table_use_abort(struct nf_dict_table *table, u8 key_type)
{
	nf_dict_table_release(table, key_type, false);
}
EXPORT_SYMBOL_GPL(nf_dict_table_use_abort);

/**
 * nf_dict_table_unuse - release a use that was committed
 * @table: the table, which no packet can reach through the rule any more
 * @key_type: as for nf_dict_table_use()
 *
 * Context: process; may sleep. The namespace may be gone.
 */
void nf_dict_table_unuse(struct nf_dict_table *table, u8 key_type)
{
	nf_dict_table_release(table, key_type, true);
}
EXPORT_SYMBOL_GPL(nf_dict_table_unuse);

/**
 * nf_dict_table_use_suspend - the current transaction deletes the rule of a use
 * @table: the table
 *
 * The same transaction can then declare another table of that name.
 *
 * Context: process; may sleep.
 */
void nf_dict_table_use_suspend(struct nf_dict_table *table)
{
	mutex_lock(&table->ns->mutex);
	table->active--;
	mutex_unlock(&table->ns->mutex);
}
EXPORT_SYMBOL_GPL(nf_dict_table_use_suspend);

/**
 * nf_dict_table_use_resume - undo nf_dict_table_use_suspend()
 * @table: the table
 *
 * Context: process; may sleep. The namespace may be gone.
 */
void nf_dict_table_use_resume(struct nf_dict_table *table)
{
	mutex_lock(&table->ns->mutex);
	table->active++;
	mutex_unlock(&table->ns->mutex);
}
EXPORT_SYMBOL_GPL(nf_dict_table_use_resume);

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
 * nf_dict_table_use_field - take a use of a field for a rule
 * @table: the table, of which the rule holds a use
 * @field: name of the field
 * @type: as for nf_dict_decls_fit()
 * @reads: the effect of the rule depends on the field's value
 * @declared: as for nf_dict_decls_fit()
 *
 * From now on, the table can only declare what the rule complies with.
 *
 * Context: process; may sleep.
 * Return: 0, and the caller releases it with nf_dict_table_unuse_field() before
 * the use of the table; or as nf_dict_decls_fit(); -ENOMEM.
 */
int nf_dict_table_use_field(struct nf_dict_table *table,
			    struct nf_dict_atom *field, u8 type, bool reads,
			    u8 *declared)
{
	struct nf_dict_ns *ns = table->ns;
	const struct nf_dict_decls *decls;
	int err;

	mutex_lock(&ns->mutex);
	/* The rule must comply with what its transaction declares. */
	decls = table->next.decls ?: nf_dict_decls_of(table);
	err = nf_dict_decls_fit(decls, field, type, declared);
	if (!err)
		err = nf_dict_field_use_add(table, field, type, reads);
	mutex_unlock(&ns->mutex);

	return err;
}
EXPORT_SYMBOL_GPL(nf_dict_table_use_field);

/**
 * nf_dict_table_unuse_field - release a use of a field
 * @table: the table
 * @field: as for nf_dict_table_use_field()
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
