// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tables: creation, declaration, flush, swap, deletion and expiry.
 */
#include <linux/memcontrol.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <net/net_namespace.h>

#include "nf_dict_lookup.h"

static void nf_dict_table_notify(const struct nf_dict_table *table,
				 const struct nf_dict_table *table2,
				 enum nf_dict_event_type type)
{
	const struct nf_dict_event ev = {
		.type	= type,
		.table	= table,
		.table2	= table2,
	};

	nf_dict_notify(table->ns, &ev);
}

struct nf_dict_table_key {
	const char	*name;
	unsigned int	len;
	u64		hash;
};

static u32 nf_dict_table_hashfn(const void *data, u32 len, u32 seed)
{
	const struct nf_dict_table_key *key = data;

	return nf_dict_word_hash(key->hash, seed);
}

static u32 nf_dict_table_obj_hashfn(const void *data, u32 len, u32 seed)
{
	const struct nf_dict_table *table = data;

	return nf_dict_word_hash(nf_dict_string_hash(table->ns, table->name,
						     table->name_len), seed);
}

static int nf_dict_table_cmpfn(struct rhashtable_compare_arg *arg,
			       const void *obj)
{
	const struct nf_dict_table_key *key = arg->key;
	const struct nf_dict_table *table = obj;

	return table->name_len != key->len ||
	       memcmp(table->name, key->name, key->len);
}

static const struct rhashtable_params nf_dict_table_params = {
	.head_offset		= offsetof(struct nf_dict_table, node),
	.hashfn			= nf_dict_table_hashfn,
	.obj_hashfn		= nf_dict_table_obj_hashfn,
	.obj_cmpfn		= nf_dict_table_cmpfn,
	.automatic_shrinking	= true,
};

/**
 * nf_dict_table_lookup - look up a table, including hidden ones
 * @ns: namespace
 * @name: its name
 * @len: length of the name in bytes
 *
 * Context: under the mutex.
 * Return: the table, or NULL.
 */
struct nf_dict_table *nf_dict_table_lookup(struct nf_dict_ns *ns,
					   const char *name, unsigned int len)
{
	const struct nf_dict_table_key key = {
		.name	= name,
		.len	= len,
		.hash	= nf_dict_string_hash(ns, name, len),
	};

	return rhashtable_lookup_fast(&ns->names, &key, nf_dict_table_params);
}

/**
 * nf_dict_table_alloc - allocate a table
 * @ns: namespace
 * @name: its name
 * @len: length of the name in bytes
 * @key_class: class that all keys must have
 * @decls: its declaration, or NULL; owned by the table on success
 *
 * Context: process, under the mutex; may sleep.
 * Return: the table, which is not in the list yet, with one reference, for the
 * list; or ERR_PTR: -EOPNOTSUPP if it is to have rows of
 * connections and there is no connection tracking; -ENOMEM.
 */
struct nf_dict_table *nf_dict_table_alloc(struct nf_dict_ns *ns,
					  const char *name, unsigned int len,
					  u8 key_class,
					  struct nf_dict_decls *decls)
{
	struct nf_dict_table *table;
	struct nf_dict_rows *rows;
	int err;

	table = kzalloc(struct_size(table, name, len + 1), GFP_KERNEL_ACCOUNT);
	if (!table)
		return ERR_PTR(-ENOMEM);

	rows = nf_dict_rows_alloc(ns, key_class, decls);
	if (IS_ERR(rows)) {
		kfree(table);
		return ERR_CAST(rows);
	}

	RCU_INIT_POINTER(table->rows, rows);
	table->memcg = get_mem_cgroup_from_mm(current->mm);
	table->ns = ns;
	refcount_set(&table->refs, 1);
	INIT_LIST_HEAD(&table->field_uses);
	table->name_len = len;
	memcpy(table->name, name, len);
	if (key_class == NF_DICT_KEY_CT) {
		err = nf_dict_conns_get(table);
		if (err) {
			mem_cgroup_put(table->memcg);
			nf_dict_rows_put(rows);
			kfree(table);
			return ERR_PTR(err);
		}
	}
	RCU_INIT_POINTER(table->decls, decls);
	refcount_inc(&ns->refs);

	return table;
}

/* Drop the list's reference to an unused table; under the mutex. */
static void nf_dict_table_drop_list(struct nf_dict_table *table)
{
	if (nf_dict_table_class(table) == NF_DICT_KEY_CT)
		nf_dict_conns_put(table);
	if (!table->hidden)
		nf_dict_table_notify(table, NULL, NF_DICT_EV_TABLE_DEL);
	nf_dict_table_put(table);
}

/* Under the mutex. */
static void nf_dict_table_list(struct nf_dict_table *table)
{
	struct nf_dict_ns *ns = table->ns;

	table->id = ++ns->next_table_id;
	table->linked = true;
	list_add_tail(&table->list, &ns->tables);
}

/**
 * nf_dict_table_add - add a table
 * @ns: namespace
 * @name: its name, which no other table has
 * @len: length of the name in bytes
 * @key_class: class that all keys must have
 * @decls: as for nf_dict_table_alloc()
 *
 * Context: process, under the mutex; may sleep.
 * Return: the table, whose only reference is that of the list; or ERR_PTR: as
 * nf_dict_table_alloc().
 */
struct nf_dict_table *nf_dict_table_add(struct nf_dict_ns *ns, const char *name,
					unsigned int len, u8 key_class,
					struct nf_dict_decls *decls)
{
	struct nf_dict_table *table;
	int err;

	table = nf_dict_table_alloc(ns, name, len, key_class, decls);
	if (IS_ERR(table))
		return table;

	err = rhashtable_insert_fast(&ns->names, &table->node,
				     nf_dict_table_params);
	if (err) {
		table->hidden = true;
		RCU_INIT_POINTER(table->decls, NULL);
		nf_dict_table_drop_list(table);
		return ERR_PTR(err);
	}
	nf_dict_table_list(table);

	return table;
}

/* Remove a table from the list, whose reference is dropped; under the mutex. */
static void nf_dict_table_unlink(struct nf_dict_table *table)
{
	struct nf_dict_ns *ns = table->ns;

	list_del(&table->list);
	rhashtable_remove_fast(&ns->names, &table->node, nf_dict_table_params);
	table->linked = false;
	nf_dict_table_drop_list(table);
}

/* Undo nf_dict_table_succeed() and return the predecessor; under the mutex. */
static struct nf_dict_table *
nf_dict_table_disown(struct nf_dict_table *table)
{
	struct nf_dict_table *old = table->predecessor;

	table->predecessor = NULL;
	old->successor = NULL;
	old->pending--;

	return old;
}

/**
 * nf_dict_table_succeed - prepare a table to replace another one of the same
 * name
 * @table: the table, which nf_dict_table_publish() makes visible
 * @old: the other table, which no rule of the next generation uses
 *
 * Rules that are loaded from now on use @table.
 *
 * Context: under the mutex.
 */
void nf_dict_table_succeed(struct nf_dict_table *table,
			   struct nf_dict_table *old)
{
	refcount_inc(&old->refs);
	old->pending++;
	old->successor = table;
	table->predecessor = old;
}

/* Replace the predecessor of a table; under the mutex. */
static void nf_dict_table_replace(struct nf_dict_table *table)
{
	struct nf_dict_table *old = nf_dict_table_disown(table);
	struct nf_dict_ns *ns = table->ns;

	/* After the exit of the namespace it is no longer linked. */
	if (old->linked) {
		rhashtable_replace_fast(&ns->names, &old->node, &table->node,
					nf_dict_table_params);
		list_del(&old->list);
		old->linked = false;
		nf_dict_table_drop_list(old);
		nf_dict_table_list(table);
	}
	nf_dict_table_put(old);
}

/**
 * nf_dict_table_publish - make a table visible
 * @table: the table
 *
 * Context: under the mutex.
 */
void nf_dict_table_publish(struct nf_dict_table *table)
{
	if (table->predecessor)
		nf_dict_table_replace(table);
	table->hidden = false;
	nf_dict_table_notify(table, NULL, NF_DICT_EV_TABLE_NEW);
}

/**
 * nf_dict_table_report - report that a table changed
 * @table: the table
 *
 * Context: under the mutex.
 */
void nf_dict_table_report(const struct nf_dict_table *table)
{
	if (table->linked && !table->hidden)
		nf_dict_table_notify(table, NULL, NF_DICT_EV_TABLE_NEW);
}

/**
 * nf_dict_table_find - look up a table
 * @net: namespace
 * @name: its name
 * @len: length of the name in bytes
 *
 * Context: process; may sleep.
 * Return: the table, with a reference that the caller releases with
 * nf_dict_table_put(), or ERR_PTR: as nf_dict_name_check(); -ENOENT.
 */
struct nf_dict_table *nf_dict_table_find(struct net *net, const char *name,
					 unsigned int len)
{
	struct nf_dict_ns *ns = nf_dict_ns(net);
	struct nf_dict_table *table;
	int err;

	err = nf_dict_name_check(name, len);
	if (err)
		return ERR_PTR(err);

	mutex_lock(&ns->mutex);
	table = nf_dict_table_lookup(ns, name, len);
	if (table && table->hidden)
		table = NULL;
	if (table)
		refcount_inc(&table->refs);
	mutex_unlock(&ns->mutex);

	return table ?: ERR_PTR(-ENOENT);
}
EXPORT_SYMBOL_GPL(nf_dict_table_find);

/* Replace the contents of a table, and return the old ones; under the mutex. */
static struct nf_dict_rows *nf_dict_table_renew(struct nf_dict_table *table,
						struct nf_dict_rows *new)
{
	struct nf_dict_rows *old = nf_dict_table_rows(table);
	struct nf_dict_ns *ns = table->ns;

	spin_lock_bh(&ns->swap_lock);
	nf_dict_rows_freeze(old);
	rcu_assign_pointer(table->rows, new);
	nf_dict_table_notify(table, NULL, NF_DICT_EV_TABLE_FLUSH);
	spin_unlock_bh(&ns->swap_lock);

	return old;
}

/* Whether the ruleset declares a table; under the mutex. */
static bool nf_dict_table_is_declared(const struct nf_dict_table *table)
{
	return table->declared || table->declaring || table->successor;
}

static bool nf_dict_table_empty(const struct nf_dict_table *table)
{
	return !atomic_read(&nf_dict_table_rows(table)->count);
}

/*
 * Give a table a declaration that existing rows and rules may violate: fail if
 * there are rows or such rules; under the mutex.
 */
static int nf_dict_table_restrict(struct nf_dict_table *table,
				  struct nf_dict_decls *decls)
{
	struct nf_dict_rows *rows = nf_dict_table_rows(table);
	struct nf_dict_ns *ns = table->ns;
	u32 layout;
	int err;

	if (!nf_dict_table_uses_fit(table, decls))
		return -EBUSY;
	err = nf_dict_layout_create(ns, decls, &layout);
	if (err)
		return err;

	spin_lock_bh(&ns->swap_lock);
	nf_dict_rows_freeze(rows);
	if (atomic_read(&rows->count)) {
		err = -EBUSY;
	} else {
		WRITE_ONCE(rows->layout, layout);
		rcu_assign_pointer(table->decls, decls);
	}
	nf_dict_rows_thaw(rows);
	spin_unlock_bh(&ns->swap_lock);
	if (err)
		nf_dict_layout_destroy(ns, layout);

	return err;
}

/**
 * nf_dict_table_extend - add fields to the declaration of a table that is not
 * open
 * @table: the table
 * @decls: its new declaration, which includes the old one; the table takes it
 * @layout: what nf_dict_layout_alloc() returned for @decls, likewise
 *
 * No row has the fields that are added. Does not fail.
 *
 * Context: under the mutex.
 */
void nf_dict_table_extend(struct nf_dict_table *table,
			  struct nf_dict_decls *decls,
			  struct nf_dict_layout *layout)
{
	struct nf_dict_decls *old = nf_dict_decls_of(table);
	struct nf_dict_rows *rows = nf_dict_table_rows(table);
	struct nf_dict_ns *ns = table->ns;

	if (rows->layout)
		nf_dict_layout_grow(rows, layout, decls);
	else
		kfree(layout);

	/* The layout has a place for each field before it can be written. */
	spin_lock_bh(&ns->swap_lock);
	nf_dict_rows_freeze(rows);
	rcu_assign_pointer(table->decls, decls);
	nf_dict_rows_thaw(rows);
	spin_unlock_bh(&ns->swap_lock);
	nf_dict_decls_free(old);
}

/* Change the declaration to @new, owned on success; under the mutex. */
static int nf_dict_table_redeclare(struct nf_dict_table *table,
				   struct nf_dict_decls *new)
{
	struct nf_dict_decls *old = nf_dict_decls_of(table);
	struct nf_dict_layout *layout;
	int err;

	if (old && !nf_dict_decls_include(new, old))
		return -EINVAL;

	if (old && !old->open) {
		layout = nf_dict_layout_alloc(new);
		if (!layout)
			return -ENOMEM;
		nf_dict_table_extend(table, new, layout);
		return 0;
	}

	err = nf_dict_table_restrict(table, new);
	if (!err)
		nf_dict_decls_free(old);

	return err;
}

/**
 * nf_dict_table_declare - change the declaration of an existing table
 * @table: the table, to which the caller has a reference
 * @params: the fields, and whether the table is open
 *
 * Fields may be added to those declared before. If the table is open, or
 * declares nothing yet, it must have no rows and no rules that violate the
 * declaration.
 *
 * Context: process; may sleep.
 * Return: 0; -ENOENT if the table was deleted; -EINVAL if a field declared
 * before is missing or has another type, or if one is named twice; -EBUSY if
 * there are such rows or rules; -EPERM if the ruleset declares the table;
 * -ENOMEM.
 */
int nf_dict_table_declare(struct nf_dict_table *table,
			  const struct nf_dict_table_params *params)
{
	struct nf_dict_ns *ns = table->ns;
	struct nf_dict_decls *decls;
	int err = -ENOENT;

	decls = nf_dict_decls_alloc(params);
	if (IS_ERR_OR_NULL(decls))
		return decls ? PTR_ERR(decls) : -EINVAL;

	mutex_lock(&ns->mutex);
	if (!table->linked)
		goto out;
	err = 0;
	if (nf_dict_decls_equal(nf_dict_decls_of(table), decls))
		goto out;
	err = -EPERM;
	if (!nf_dict_table_is_declared(table))
		err = nf_dict_table_redeclare(table, decls);
	if (err)
		goto out;
	decls = NULL;
	nf_dict_table_notify(table, NULL, NF_DICT_EV_TABLE_NEW);
out:
	mutex_unlock(&ns->mutex);
	nf_dict_decls_free(decls);

	return err;
}
EXPORT_SYMBOL_GPL(nf_dict_table_declare);

/* Whether the keys of all rules of a table fit a class; under the mutex. */
static bool nf_dict_table_keys_fit(const struct nf_dict_table *table,
				   u8 key_class)
{
	unsigned int type;

	for (type = 0; type <= NF_DICT_KEY_MAX; type++)
		if (table->key_uses[type] && !nf_dict_key_fits(key_class, type))
			return false;

	return true;
}

/* Replace empty contents, and the declaration if @decls is not NULL. */
static int nf_dict_table_replace_empty(struct nf_dict_table *table,
				       struct nf_dict_rows *new,
				       struct nf_dict_decls *decls)
{
	struct nf_dict_rows *old = nf_dict_table_rows(table);
	struct nf_dict_ns *ns = table->ns;
	int err = 0;

	spin_lock_bh(&ns->swap_lock);
	nf_dict_rows_freeze(old);
	if (atomic_read(&old->count)) {
		nf_dict_rows_thaw(old);
		err = -EBUSY;
	} else {
		/* Publish it first: readers of the contents must see it. */
		if (decls)
			rcu_assign_pointer(table->decls, decls);
		rcu_assign_pointer(table->rows, new);
	}
	spin_unlock_bh(&ns->swap_lock);
	nf_dict_rows_put(err ? new : old);

	return err;
}

/*
 * Set the class of keys and the declaration of a table that was created for
 * rules; under the mutex. @decls is owned by the table on success; on error
 * nothing changes.
 */
static int nf_dict_table_set(struct nf_dict_table *table, u8 key_class,
			     struct nf_dict_decls *decls)
{
	struct nf_dict_decls *old = nf_dict_decls_of(table);
	struct nf_dict_rows *rows;
	int err;

	if (key_class == NF_DICT_KEY_UNSPEC && !decls)
		return 0;
	if (decls && old && !nf_dict_decls_include(decls, old))
		return -EINVAL;
	if (!nf_dict_table_keys_fit(table, key_class) ||
	    (decls && !nf_dict_table_uses_fit(table, decls)))
		return -EBUSY;

	rows = nf_dict_rows_alloc(table->ns, key_class, decls ?: old);
	if (IS_ERR(rows))
		return PTR_ERR(rows);

	/* Before rows can be created. */
	if (key_class == NF_DICT_KEY_CT) {
		err = nf_dict_conns_get(table);
		if (err) {
			nf_dict_rows_put(rows);
			return err;
		}
	}

	err = nf_dict_table_replace_empty(table, rows, decls);
	if (!err && decls)
		nf_dict_decls_free(old);
	if (err && key_class == NF_DICT_KEY_CT) {
		nf_dict_conns_put(table);
		/* Readers of the list must be done before it is added again. */
		synchronize_rcu();
	}

	return err;
}

/* Whether a table has the class of keys and the declaration given, if any. */
static bool nf_dict_table_like(const struct nf_dict_table *table, u8 key_class,
			       const struct nf_dict_decls *decls)
{
	if (key_class && key_class != nf_dict_table_class(table))
		return false;

	return !decls || nf_dict_decls_equal(nf_dict_decls_of(table), decls);
}

/* Return an existing table if it is as requested; under the mutex. */
static struct nf_dict_table *
nf_dict_table_existing(struct nf_dict_table *table, u8 key_class,
		       const struct nf_dict_decls *decls, bool excl)
{
	/* A transaction is about to create or replace it. */
	if (table->hidden || table->successor)
		return ERR_PTR(-EBUSY);
	if (excl)
		return ERR_PTR(-EEXIST);
	if (!nf_dict_table_like(table, key_class, decls))
		return ERR_PTR(-EINVAL);
	refcount_inc(&table->refs);

	return table;
}

/**
 * nf_dict_params_decls - check the name and properties of a table
 * @name: its name
 * @len: length of the name in bytes
 * @params: its properties
 *
 * Context: process; may sleep.
 * Return: its declaration, or NULL; or ERR_PTR: as nf_dict_name_check() and
 * nf_dict_decls_alloc().
 */
struct nf_dict_decls *
nf_dict_params_decls(const char *name, unsigned int len,
		     const struct nf_dict_table_params *params)
{
	struct nf_dict_decls *decls;
	int err;

	err = nf_dict_name_check(name, len);
	if (err)
		return ERR_PTR(err);
	decls = nf_dict_decls_alloc(params);
	/* Without the mutex, as it loads a module. */
	if (!IS_ERR(decls) && params->key_class == NF_DICT_KEY_CT)
		nf_dict_conns_request();

	return decls;
}

/**
 * nf_dict_table_create - create a table, or find the one of that name
 * @net: namespace
 * @name: its name
 * @len: length of the name in bytes
 * @params: its properties
 * @excl: fail if the table exists
 *
 * An existing table is not changed, unless it was only created for rules and
 * the ruleset does not declare it.
 *
 * Context: process; may sleep.
 * Return: the table, with a reference that the caller releases with
 * nf_dict_table_put(), or ERR_PTR: as nf_dict_name_check(); -EEXIST; -EINVAL if
 * the table exists and has another class of keys or other fields than @params,
 * or if @params has a field twice; -EBUSY if rules use it with other keys or
 * fields, or have written rows, or if an nf_tables transaction is about to
 * create it; -EOPNOTSUPP if @params has class %NF_DICT_KEY_CT and connection
 * tracking is not available; -ENOMEM.
 */
struct nf_dict_table *
nf_dict_table_create(struct net *net, const char *name, unsigned int len,
		     const struct nf_dict_table_params *params, bool excl)
{
	struct nf_dict_decls *decls = nf_dict_params_decls(name, len, params);
	struct nf_dict_ns *ns = nf_dict_ns(net);
	struct nf_dict_table *table;
	int err;

	if (IS_ERR(decls))
		return ERR_CAST(decls);

	mutex_lock(&ns->mutex);
	table = nf_dict_table_lookup(ns, name, len);
	if (table && (!table->implicit || table->ruled ||
		      nf_dict_table_is_declared(table))) {
		table = nf_dict_table_existing(table, params->key_class, decls,
					       excl);
		goto out;
	}
	if (table) {
		err = nf_dict_table_set(table, params->key_class, decls);
		if (err)
			table = ERR_PTR(err);
	} else {
		table = nf_dict_table_add(ns, name, len, params->key_class,
					  decls);
	}
	if (IS_ERR(table))
		goto out;

	decls = NULL;
	WRITE_ONCE(table->implicit, false);
	WRITE_ONCE(table->size, params->size);
	WRITE_ONCE(table->timeout, params->timeout);
	refcount_inc(&table->refs);
	nf_dict_table_publish(table);
out:
	mutex_unlock(&ns->mutex);
	nf_dict_decls_free(decls);

	return table;
}
EXPORT_SYMBOL_GPL(nf_dict_table_create);

/*
 * The table after @prev, whose reference is dropped, or the first one. If @prev
 * was deleted meanwhile, the next one is found by its id, since ids ascend.
 */
static struct nf_dict_table *nf_dict_table_after(struct nf_dict_ns *ns,
						 struct nf_dict_table *prev)
{
	struct nf_dict_table *table, *next = NULL;

	mutex_lock(&ns->mutex);
	table = prev && prev->linked ? prev :
		list_entry(&ns->tables, struct nf_dict_table, list);
	list_for_each_entry_continue(table, &ns->tables, list) {
		if (!table->hidden && (!prev || table->id > prev->id)) {
			refcount_inc(&table->refs);
			next = table;
			break;
		}
	}
	mutex_unlock(&ns->mutex);
	if (prev)
		nf_dict_table_put(prev);

	return next;
}

/**
 * nf_dict_table_next - iterate over the tables of a namespace
 * @net: namespace
 * @prev: the previous table, whose reference is dropped, or NULL to start
 *
 * In order of creation, so that no table is returned twice. @prev may have been
 * deleted meanwhile.
 *
 * Context: process; may sleep.
 * Return: the next table, with a reference for the caller, or NULL.
 */
struct nf_dict_table *nf_dict_table_next(struct net *net,
					 struct nf_dict_table *prev)
{
	return nf_dict_table_after(nf_dict_ns(net), prev);
}
EXPORT_SYMBOL_GPL(nf_dict_table_next);

/**
 * nf_dict_table_hold - take another reference to a table
 * @table: the table, to which the caller has a reference or a use
 *
 * Context: any.
 */
void nf_dict_table_hold(struct nf_dict_table *table)
{
	refcount_inc(&table->refs);
}
EXPORT_SYMBOL_GPL(nf_dict_table_hold);

/**
 * nf_dict_table_put - drop a reference to a table
 * @table: the table
 *
 * Context: any but hard interrupts.
 */
void nf_dict_table_put(struct nf_dict_table *table)
{
	struct nf_dict_ns *ns = table->ns;

	if (!refcount_dec_and_test(&table->refs))
		return;

	nf_dict_rows_put(rcu_dereference_protected(table->rows, true));
	nf_dict_decls_free(rcu_dereference_protected(table->decls, true));
	nf_dict_decls_free(table->next.decls);
	kfree(table->next.layout);
	mem_cgroup_put(table->memcg);
	kfree_rcu(table, rcu);
	nf_dict_ns_put(ns);
}
EXPORT_SYMBOL_GPL(nf_dict_table_put);

/**
 * nf_dict_table_charge - start to charge memory to a table's owner
 * @table: the table, to which the caller has a reference
 *
 * This is the cgroup of the task that created the table or loaded the first
 * rule that names it. Packets have none of their own.
 *
 * Context: any but hard interrupts; does not sleep.
 * Return: argument for nf_dict_table_uncharge().
 */
struct mem_cgroup *nf_dict_table_charge(const struct nf_dict_table *table)
{
	return set_active_memcg(table->memcg);
}
EXPORT_SYMBOL_GPL(nf_dict_table_charge);

/**
 * nf_dict_table_uncharge - undo nf_dict_table_charge()
 * @memcg: its return value
 *
 * Context: as nf_dict_table_charge().
 */
void nf_dict_table_uncharge(struct mem_cgroup *memcg)
{
	set_active_memcg(memcg);
}
EXPORT_SYMBOL_GPL(nf_dict_table_uncharge);

/* Whether a table is no longer needed; under the mutex. */
static bool nf_dict_table_unneeded(const struct nf_dict_table *table)
{
	return table->implicit && !table->use && !table->pending &&
	       !table->declared && !table->declaring &&
	       (table->ruled || nf_dict_table_empty(table));
}

/**
 * nf_dict_table_reap - remove a table if it is no longer needed
 * @table: the table
 *
 * Context: under the mutex.
 */
void nf_dict_table_reap(struct nf_dict_table *table)
{
	struct nf_dict_table *old;

	if (!nf_dict_table_unneeded(table))
		return;
	if (table->linked) {
		nf_dict_table_unlink(table);
		return;
	}
	if (!table->predecessor)
		return;

	old = nf_dict_table_disown(table);
	nf_dict_table_drop_list(table);
	if (old->linked && nf_dict_table_unneeded(old))
		nf_dict_table_unlink(old);
	nf_dict_table_put(old);
}

/**
 * nf_dict_table_emptied - the last row of a table was deleted
 * @table: the table, to which the caller has a reference
 *
 * A worker removes the table if it is no longer needed.
 *
 * Context: any but hard interrupts.
 */
void nf_dict_table_emptied(struct nf_dict_table *table)
{
	/*
	 * The count of rows was written, and the use is read next. Pairs with
	 * nf_dict_table_release(), which writes the use and reads the count.
	 */
	smp_mb();
	if (READ_ONCE(table->implicit) && !READ_ONCE(table->use))
		queue_work(nf_dict_wq, &table->ns->reap_work);
}

static void nf_dict_reap(struct work_struct *work)
{
	struct nf_dict_ns *ns = container_of(work, struct nf_dict_ns,
					     reap_work);
	struct nf_dict_table *table, *next;

	mutex_lock(&ns->mutex);
	list_for_each_entry_safe(table, next, &ns->tables, list)
		nf_dict_table_reap(table);
	mutex_unlock(&ns->mutex);
}

/**
 * nf_dict_table_change - change the limits of a table
 * @table: the table, to which the caller has a reference
 * @size: most rows, 0: unset; existing rows are kept
 * @timeout: default lifetime of rows in milliseconds, 0: unlimited; existing
 *	rows keep theirs
 *
 * Context: process; may sleep.
 * Return: 0; -ENOENT if the table was deleted; -EPERM if the ruleset declares
 * it.
 */
int nf_dict_table_change(struct nf_dict_table *table, u32 size, u32 timeout)
{
	struct nf_dict_ns *ns = table->ns;
	int err = -ENOENT;

	mutex_lock(&ns->mutex);
	if (nf_dict_table_is_declared(table)) {
		err = -EPERM;
	} else if (table->linked) {
		WRITE_ONCE(table->implicit, false);
		WRITE_ONCE(table->size, size);
		WRITE_ONCE(table->timeout, timeout);
		nf_dict_table_notify(table, NULL, NF_DICT_EV_TABLE_NEW);
		err = 0;
	}
	mutex_unlock(&ns->mutex);

	return err;
}
EXPORT_SYMBOL_GPL(nf_dict_table_change);

/**
 * nf_dict_table_delete - delete a table with its rows
 * @table: the table, to which the caller has and keeps a reference
 *
 * Context: process; may sleep.
 * Return: 0; -EBUSY if a rule uses it; -EPERM if the ruleset declares it;
 * -ENOENT if it was deleted before.
 */
int nf_dict_table_delete(struct nf_dict_table *table)
{
	struct nf_dict_ns *ns = table->ns;
	int err = 0;

	mutex_lock(&ns->mutex);
	if (!table->linked)
		err = -ENOENT;
	else if (nf_dict_table_is_declared(table))
		err = -EPERM;
	else if (table->use || table->pending)
		err = -EBUSY;
	else
		nf_dict_table_unlink(table);
	mutex_unlock(&ns->mutex);

	return err;
}
EXPORT_SYMBOL_GPL(nf_dict_table_delete);

/*
 * The tables have other rows now. If rules read them, the packets of all
 * connections must traverse the rules again, which takes one walk for all
 * tables; under the mutex.
 */
static void nf_dict_tables_changed(struct nf_dict_table *const *tables,
				   unsigned int n)
{
	bool reads = false;
	unsigned int i;

	rcu_read_lock();
	for (i = 0; i < n && !reads; i++)
		reads = nf_dict_table_class(tables[i]) == NF_DICT_KEY_CT &&
			nf_dict_table_reads(tables[i], NULL);
	rcu_read_unlock();
	if (reads)
		nf_dict_conns_changed(tables[0]->ns);
}

/**
 * nf_dict_table_flush - delete all rows of a table in one step
 * @table: the table, to which the caller has a reference
 *
 * Context: process; may sleep. The rows are freed later, by a worker.
 * Return: 0; -ENOENT if the table was deleted; -ENOMEM.
 */
int nf_dict_table_flush(struct nf_dict_table *table)
{
	struct nf_dict_ns *ns = table->ns;
	struct nf_dict_rows *rows;
	int err = -ENOENT;

	mutex_lock(&ns->mutex);
	if (!table->linked)
		goto out;

	rows = nf_dict_rows_alloc(ns, nf_dict_table_class(table),
				  nf_dict_decls_of(table));
	err = PTR_ERR_OR_ZERO(rows);
	if (err)
		goto out;
	rows = nf_dict_table_renew(table, rows);
	nf_dict_tables_changed(&table, 1);
	nf_dict_table_reap(table);
	nf_dict_rows_put(rows);
out:
	mutex_unlock(&ns->mutex);
	return err;
}
EXPORT_SYMBOL_GPL(nf_dict_table_flush);

/* Whether two tables can exchange their rows; under the mutex. */
static bool nf_dict_tables_alike(const struct nf_dict_table *a,
				 const struct nf_dict_table *b)
{
	return nf_dict_table_class(a) == nf_dict_table_class(b) &&
	       nf_dict_decls_equal(nf_dict_decls_of(a), nf_dict_decls_of(b));
}

/* Check whether the tables can be swapped; under the mutex. */
static int nf_dict_swap_check(struct nf_dict_table *const *tables,
			      unsigned int n, unsigned int *at)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < n && !err; i++) {
		if (!tables[i]->linked)
			err = -ENOENT;
		else if (tables[i]->swapping)
			err = -EINVAL;
		else if (i % 2 && !nf_dict_tables_alike(tables[i - 1],
							tables[i]))
			err = -EMEDIUMTYPE;
		else
			tables[i]->swapping = true;
		*at = i;
	}
	if (err)
		i--;
	while (i)
		tables[--i]->swapping = false;

	return err;
}

/* Exchange the rows of @tables, in pairs; under the mutex. */
static void nf_dict_swap(struct nf_dict_ns *ns,
			 struct nf_dict_table *const *tables, unsigned int n)
{
	struct nf_dict_rows *a, *b;
	unsigned int i;

	spin_lock_bh(&ns->swap_lock);
	for (i = 0; i < n; i++)
		nf_dict_rows_freeze(nf_dict_table_rows(tables[i]));

	write_seqcount_begin(&ns->swap_seq);
	for (i = 0; i < n; i += 2) {
		a = nf_dict_table_rows(tables[i]);
		b = nf_dict_table_rows(tables[i + 1]);
		rcu_assign_pointer(tables[i]->rows, b);
		rcu_assign_pointer(tables[i + 1]->rows, a);
	}
	write_seqcount_end(&ns->swap_seq);

	for (i = 0; i < n; i += 2)
		nf_dict_table_notify(tables[i], tables[i + 1],
				     NF_DICT_EV_TABLE_SWAP);
	for (i = 0; i < n; i++)
		nf_dict_rows_thaw(nf_dict_table_rows(tables[i]));
	spin_unlock_bh(&ns->swap_lock);
}

/**
 * nf_dict_table_swap - exchange the rows of pairs of tables in one step
 * @tables: the tables, pair after pair, all of one namespace; the caller has a
 *	reference to each
 * @npairs: number of pairs, 1 to %NF_DICT_SWAP_MAX
 * @at: on -EINVAL and -ENOENT, set to the index of the table at fault
 *
 * The tables keep their names, limits and uses. A nested lookup through several
 * of them sees all pairs exchanged or none.
 *
 * Context: process; may sleep.
 * Return: 0; -EINVAL if a table is named twice; -ENOENT if one was deleted;
 * -EMEDIUMTYPE if a pair has keys of different classes or declares different
 * fields; -E2BIG if there are too many.
 */
int nf_dict_table_swap(struct nf_dict_table *const *tables,
		       unsigned int npairs, unsigned int *at)
{
	struct nf_dict_ns *ns = tables[0]->ns;
	unsigned int i, n = 2 * npairs;
	u64 due = NF_DICT_NEVER;
	int err;

	if (npairs > NF_DICT_SWAP_MAX)
		return -E2BIG;

	mutex_lock(&ns->mutex);
	err = nf_dict_swap_check(tables, n, at);
	if (err)
		goto out;

	nf_dict_swap(ns, tables, n);
	/* nf_dict_gc() may have missed rows that moved during its run. */
	for (i = 0; i < n; i++)
		due = min_t(u64, due,
			    atomic64_read(&nf_dict_table_rows(tables[i])->due));
	nf_dict_gc_wake(ns, due);
	nf_dict_tables_changed(tables, n);
	for (i = 0; i < n; i++)
		nf_dict_table_reap(tables[i]);
out:
	mutex_unlock(&ns->mutex);
	return err;
}
EXPORT_SYMBOL_GPL(nf_dict_table_swap);

/**
 * nf_dict_table_stats - statistics of a table
 * @table: the table, to which the caller has a reference
 * @stats: filled in; the values are not read atomically together
 *
 * Context: process.
 */
void nf_dict_table_stats(struct nf_dict_table *table,
			 struct nf_dict_stats *stats)
{
	struct nf_dict_rows *rows;

	rcu_read_lock();
	rows = rcu_dereference(table->rows);
	stats->rows = atomic_read(&rows->count);
	stats->bytes = nf_dict_rows_bytes(rows);
	rcu_read_unlock();

	stats->use = READ_ONCE(table->use);
	stats->drops = atomic64_read(&table->drops);
	stats->expired = atomic64_read(&table->expired);
}
EXPORT_SYMBOL_GPL(nf_dict_table_stats);

/**
 * nf_dict_table_name - name of a table
 * @table: the table, to which the caller has a reference
 *
 * Return: the name, NUL-terminated.
 */
const char *nf_dict_table_name(const struct nf_dict_table *table)
{
	return table->name;
}
EXPORT_SYMBOL_GPL(nf_dict_table_name);

/**
 * nf_dict_table_name_len - length of a table's name
 * @table: the table, to which the caller has a reference
 *
 * Return: bytes, without the NUL.
 */
unsigned int nf_dict_table_name_len(const struct nf_dict_table *table)
{
	return table->name_len;
}
EXPORT_SYMBOL_GPL(nf_dict_table_name_len);

/**
 * nf_dict_table_size - most rows of a table
 * @table: the table, to which the caller has a reference
 *
 * Return: rows, 0: unset.
 */
u32 nf_dict_table_size(const struct nf_dict_table *table)
{
	return READ_ONCE(table->size);
}
EXPORT_SYMBOL_GPL(nf_dict_table_size);

/**
 * nf_dict_table_timeout - default lifetime of a table's rows
 * @table: the table, to which the caller has a reference
 *
 * Return: milliseconds, 0: unlimited.
 */
u32 nf_dict_table_timeout(const struct nf_dict_table *table)
{
	return READ_ONCE(table->timeout);
}
EXPORT_SYMBOL_GPL(nf_dict_table_timeout);

/**
 * nf_dict_table_key_class - class that all keys of a table have
 * @table: the table, to which the caller has a reference
 *
 * Return: &enum nf_dict_key_type; %NF_DICT_KEY_UNSPEC: any.
 */
u8 nf_dict_table_key_class(const struct nf_dict_table *table)
{
	u8 key_class;

	rcu_read_lock();
	key_class = rcu_dereference(table->rows)->key_class;
	rcu_read_unlock();

	return key_class;
}
EXPORT_SYMBOL_GPL(nf_dict_table_key_class);

/**
 * nf_dict_table_id - id of a table
 * @table: the table, to which the caller has a reference
 *
 * Return: an id that is unique in the namespace, never reused, and ascending in
 * the order of creation.
 */
u64 nf_dict_table_id(const struct nf_dict_table *table)
{
	return table->id;
}
EXPORT_SYMBOL_GPL(nf_dict_table_id);

/**
 * nf_dict_table_drop - count a refused write by a packet
 * @table: the table
 *
 * Context: any.
 */
void nf_dict_table_drop(struct nf_dict_table *table)
{
	atomic64_inc(&table->drops);
}
EXPORT_SYMBOL_GPL(nf_dict_table_drop);

/**
 * nf_dict_tables_init - prepare a namespace for tables
 * @ns: namespace
 *
 * Return: 0 or -ENOMEM.
 */
int nf_dict_tables_init(struct nf_dict_ns *ns)
{
	mutex_init(&ns->mutex);
	INIT_LIST_HEAD(&ns->tables);
	xa_init_flags(&ns->layouts, XA_FLAGS_LOCK_BH);
	INIT_LIST_HEAD(&ns->conn_tables);
	spin_lock_init(&ns->swap_lock);
	seqcount_spinlock_init(&ns->swap_seq, &ns->swap_lock);
	spin_lock_init(&ns->gc_lock);
	ns->gc_at = NF_DICT_NEVER;
	INIT_DELAYED_WORK(&ns->gc_work, nf_dict_gc);
	INIT_WORK(&ns->reap_work, nf_dict_reap);

	return rhashtable_init(&ns->names, &nf_dict_table_params);
}

/**
 * nf_dict_tables_exit - unlink all tables of a namespace at its exit
 * @ns: namespace; rules that are not released yet keep their tables
 *
 * Context: process; may sleep.
 */
void nf_dict_tables_exit(struct nf_dict_ns *ns)
{
	struct nf_dict_table *table, *next;

	mutex_lock(&ns->mutex);
	list_for_each_entry_safe(table, next, &ns->tables, list)
		nf_dict_table_unlink(table);
	mutex_unlock(&ns->mutex);
}

/**
 * nf_dict_tables_free - undo nf_dict_tables_init()
 * @ns: namespace, without tables
 *
 * Context: process; may sleep.
 */
void nf_dict_tables_free(struct nf_dict_ns *ns)
{
	rhashtable_destroy(&ns->names);
	WARN_ON_ONCE(!xa_empty(&ns->layouts));
	xa_destroy(&ns->layouts);
	mutex_destroy(&ns->mutex);
}

/* Under gc_lock. A delay is cut to an hour; the work then reschedules. */
static void nf_dict_gc_schedule(struct nf_dict_ns *ns)
{
	u64 now = get_jiffies_64(), at = max(ns->gc_at, ns->gc_rest);
	u64 delay = at > now ? min_t(u64, at - now, 3600 * HZ) : 0;

	mod_delayed_work(nf_dict_wq, &ns->gc_work, delay);
}

/**
 * nf_dict_gc_wake - schedule the reclaim of expired rows
 * @ns: namespace
 * @due: when a row expires, in jiffies, or %NF_DICT_NEVER
 *
 * The work does not run before its rest has ended, see nf_dict_gc().
 *
 * Context: any but hard interrupts.
 */
void nf_dict_gc_wake(struct nf_dict_ns *ns, u64 due)
{
	spin_lock_bh(&ns->gc_lock);
	if (due < ns->gc_at) {
		ns->gc_at = due;
		nf_dict_gc_schedule(ns);
	}
	spin_unlock_bh(&ns->gc_lock);
}

/**
 * nf_dict_gc - reclaim expired rows of a namespace
 * @work: &nf_dict_ns.gc_work
 *
 * Runs when a row may have expired, walks the tables that may have such rows,
 * and then rests at least 32 times as long as it ran, so that it takes at most
 * about 3 % of a CPU. Packets cannot make it run earlier.
 */
void nf_dict_gc(struct work_struct *work)
{
	struct nf_dict_ns *ns = container_of(to_delayed_work(work),
					     struct nf_dict_ns, gc_work);
	u64 start = get_jiffies_64(), next = NF_DICT_NEVER, now;
	struct nf_dict_table *table = NULL;

	/* Rows that become due after this are noted again. */
	spin_lock_bh(&ns->gc_lock);
	ns->gc_at = NF_DICT_NEVER;
	spin_unlock_bh(&ns->gc_lock);

	while ((table = nf_dict_table_after(ns, table)))
		next = min(next, nf_dict_rows_expire(table));

	now = get_jiffies_64();
	spin_lock_bh(&ns->gc_lock);
	ns->gc_rest = now + max_t(u64, HZ, 32 * (now - start));
	ns->gc_at = min(ns->gc_at, next);
	if (ns->gc_at != NF_DICT_NEVER)
		nf_dict_gc_schedule(ns);
	spin_unlock_bh(&ns->gc_lock);
}
