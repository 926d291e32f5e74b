// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tables that are declared in the ruleset of nf_tables.
 *
 * A declaration is part of a transaction: it is prepared, without visible
 * effect, and then committed or aborted. Everything that can fail is done when
 * it is prepared.
 *
 * - The table does not exist: it is created, and hidden until the commit.
 * - It exists and is the same: it is kept, with its rows.
 * - It exists and lacks fields: they are added at the commit.
 * - It exists and differs, but the same transaction deletes all declarations
 *   and rules that refer to it: a new table, which new rules of the transaction
 *   use, replaces it at the commit.
 *
 * With its last declaration, a table is removed together with its rows. If
 * rules still use it, it is kept unchanged until the last of them is deleted.
 */
#include <linux/slab.h>

#include "nf_dict_layout.h"

/* What a table declares once the current transaction is committed. */
static const struct nf_dict_decls *
nf_dict_ruleset_decls(const struct nf_dict_table *table)
{
	return table->next.decls ?: nf_dict_decls_of(table);
}

static bool nf_dict_ruleset_same_limits(const struct nf_dict_table *table,
					const struct nf_dict_table_params *params)
{
	if (table->declaring)
		return table->next.size == params->size &&
		       table->next.timeout == params->timeout;

	return table->size == params->size && table->timeout == params->timeout;
}

/* Mark a table hidden. It owns *@decls now. */
static void nf_dict_ruleset_prepare(struct nf_dict_table *table,
				    struct nf_dict_decls **decls)
{
	WRITE_ONCE(table->implicit, true);
	table->hidden = true;
	*decls = NULL;
}

/* Allocate a table that replaces @old, which must be unused by the commit. */
static struct nf_dict_table *
nf_dict_ruleset_succeed(struct nf_dict_table *old, u8 key_class,
			struct nf_dict_decls **decls)
{
	struct nf_dict_table *table;

	if (old->active || old->hidden || old->predecessor)
		return ERR_PTR(-EBUSY);

	table = nf_dict_table_alloc(old->ns, old->name, old->name_len,
				    key_class, *decls);
	if (IS_ERR(table))
		return table;
	nf_dict_ruleset_prepare(table, decls);
	nf_dict_table_succeed(table, old);

	return table;
}

/*
 * Find or create the table of a declaration; under the mutex. Sets *@decls to
 * NULL if the table owns it now.
 */
static struct nf_dict_table *
nf_dict_ruleset_table(struct nf_dict_ns *ns, const char *name, unsigned int len,
		      const struct nf_dict_table_params *params,
		      struct nf_dict_decls **decls,
		      enum nf_dict_ruleset_peers peers)
{
	const struct nf_dict_decls *there;
	struct nf_dict_table *table;
	bool same_class, same_limits;

	table = nf_dict_table_lookup(ns, name, len);
	if (!table) {
		table = nf_dict_table_add(ns, name, len, params->key_class,
					  *decls);
		if (!IS_ERR(table))
			nf_dict_ruleset_prepare(table, decls);
		return table;
	}
	if (table->successor)
		table = table->successor;

	there = nf_dict_ruleset_decls(table);
	same_class = nf_dict_table_class(table) == params->key_class;
	same_limits = nf_dict_ruleset_same_limits(table, params);
	if (same_class && nf_dict_decls_equal(there, *decls) &&
	    (same_limits ||
	     (peers != NF_DICT_RULESET_OTHERS && table->implicit)))
		return table;
	if (peers == NF_DICT_RULESET_OTHERS)
		return ERR_PTR(-EINVAL);
	if (!table->implicit)
		return ERR_PTR(-EEXIST);
	if (same_class && there && !there->open && !table->next.decls &&
	    nf_dict_decls_include(*decls, there)) {
		table->next.layout = nf_dict_layout_alloc(*decls);
		if (!table->next.layout)
			return ERR_PTR(-ENOMEM);
		table->next.decls = *decls;
		*decls = NULL;
		return table;
	}
	if (peers == NF_DICT_RULESET_SELF)
		return ERR_PTR(-EINVAL);

	return nf_dict_ruleset_succeed(table, params->key_class, decls);
}

/**
 * nf_dict_ruleset_declare - declare a table in a transaction of nf_tables
 * @net: namespace
 * @name: name of the table
 * @len: length of the name in bytes
 * @params: its properties
 * @peers: other declarations of it after the commit of the transaction
 *
 * The caller serializes transactions of a namespace.
 *
 * Context: process; may sleep.
 * Return: the table, with a reference, for nf_dict_ruleset_commit() or
 * nf_dict_ruleset_abort(); or ERR_PTR: as nf_dict_name_check(); -EINVAL if
 * another declaration differs, or if a field is named twice; -EEXIST if the
 * table differs and was not created by the ruleset; -EBUSY if it differs and
 * rules use it; -E2BIG if there are too many fields; -EOPNOTSUPP if @params has
 * class %NF_DICT_KEY_CT and connection tracking is not available; -ENOMEM.
 */
struct nf_dict_table *
nf_dict_ruleset_declare(struct net *net, const char *name, unsigned int len,
			const struct nf_dict_table_params *params,
			enum nf_dict_ruleset_peers peers)
{
	struct nf_dict_decls *decls = nf_dict_params_decls(name, len, params);
	struct nf_dict_ns *ns = nf_dict_ns(net);
	struct nf_dict_table *table;

	if (IS_ERR(decls))
		return ERR_CAST(decls);

	mutex_lock(&ns->mutex);
	table = nf_dict_ruleset_table(ns, name, len, params, &decls, peers);
	if (!IS_ERR(table)) {
		refcount_inc(&table->refs);
		table->declaring++;
		table->next.size = params->size;
		table->next.timeout = params->timeout;
	}
	mutex_unlock(&ns->mutex);
	nf_dict_decls_free(decls);

	return table;
}
EXPORT_SYMBOL_GPL(nf_dict_ruleset_declare);

/* Apply the declaration; return whether the table changed. Under the mutex. */
static bool nf_dict_ruleset_apply(struct nf_dict_table *table)
{
	bool changed = false;

	if (table->implicit && (table->size != table->next.size ||
				table->timeout != table->next.timeout)) {
		WRITE_ONCE(table->size, table->next.size);
		WRITE_ONCE(table->timeout, table->next.timeout);
		changed = true;
	}
	if (table->next.decls) {
		nf_dict_table_extend(table, table->next.decls,
				     table->next.layout);
		table->next.decls = NULL;
		table->next.layout = NULL;
		changed = true;
	}

	return changed;
}

/**
 * nf_dict_ruleset_commit - commit a declaration
 * @table: table returned by nf_dict_ruleset_declare(); the caller releases it
 *	with nf_dict_ruleset_remove()
 *
 * Context: process; may sleep.
 */
void nf_dict_ruleset_commit(struct nf_dict_table *table)
{
	struct nf_dict_ns *ns = table->ns;
	bool changed;

	mutex_lock(&ns->mutex);
	changed = nf_dict_ruleset_apply(table);
	table->declaring--;
	table->declared++;
	table->ruled = true;
	if (table->hidden)
		nf_dict_table_publish(table);
	else if (changed)
		nf_dict_table_report(table);
	mutex_unlock(&ns->mutex);
}
EXPORT_SYMBOL_GPL(nf_dict_ruleset_commit);

static void nf_dict_ruleset_release(struct nf_dict_table *table, bool committed)
{
	struct nf_dict_ns *ns = table->ns;

	refcount_inc(&ns->refs);
	mutex_lock(&ns->mutex);
	if (committed)
		table->declared--;
	else
		table->declaring--;
	if (!table->declaring) {
		nf_dict_decls_free(table->next.decls);
		table->next.decls = NULL;
		kfree(table->next.layout);
		table->next.layout = NULL;
	}
	nf_dict_table_reap(table);
	mutex_unlock(&ns->mutex);

	nf_dict_table_put(table);
	nf_dict_ns_put(ns);
}

/**
 * nf_dict_ruleset_abort - abort a declaration
 * @table: the table, whose declaration was not committed
 *
 * Context: process; may sleep. The namespace may be gone.
 */
void nf_dict_ruleset_abort(struct nf_dict_table *table)
{
	nf_dict_ruleset_release(table, false);
}
EXPORT_SYMBOL_GPL(nf_dict_ruleset_abort);

/**
 * nf_dict_ruleset_remove - delete a declaration that was committed
 * @table: the table
 *
 * Context: process; may sleep. The namespace may be gone.
 */
void nf_dict_ruleset_remove(struct nf_dict_table *table)
{
	nf_dict_ruleset_release(table, true);
}
EXPORT_SYMBOL_GPL(nf_dict_ruleset_remove);

/**
 * nf_dict_ruleset_busy - whether rules still use a declared table
 * @table: the table
 *
 * Context: process; may sleep.
 * Return: whether a rule uses it that the current transaction does not delete.
 */
bool nf_dict_ruleset_busy(const struct nf_dict_table *table)
{
	struct nf_dict_ns *ns = table->ns;
	bool busy;

	mutex_lock(&ns->mutex);
	busy = table->active;
	mutex_unlock(&ns->mutex);

	return busy;
}
EXPORT_SYMBOL_GPL(nf_dict_ruleset_busy);
