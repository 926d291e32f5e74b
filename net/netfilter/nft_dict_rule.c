// SPDX-License-Identifier: GPL-2.0-only
/*
 * nf_tables expression "dict": rules that look up and write typed tables.
 *
 * Copyright (C) 2026 The nft_dict authors
 *
 * Names are resolved when a rule is loaded: a packet finds tables and fields
 * behind pointers, and constants ready to use. Each operation has its own ops,
 * so that packets are not dispatched.
 *
 * nf_tables copies expressions: packets run another copy than init, dump and
 * destroy. So an expression must not point to itself, and what packets write
 * (&nf_dict_level.hint) may get lost.
 */

#include <linux/module.h>
#include <linux/slab.h>

#include "nft_dict_internal.h"

static void nft_dict_level_release(const struct nf_dict_level *level)
{
	if (level->field)
		nf_dict_field_put(level->field);
	nf_dict_table_put(level->table);
}

/* Class of the key that a field of @type is for the next level. */
static u8 nft_dict_key_type_of(u8 type)
{
	switch (type) {
	case NF_DICT_IPV4_ADDR:
		return NF_DICT_KEY_IPV4;
	case NF_DICT_IPV6_ADDR:
		return NF_DICT_KEY_IPV6;
	case NF_DICT_ETHER_ADDR:
		return NF_DICT_KEY_ETHER;
	case NF_DICT_LONG_STRING:
		return NF_DICT_KEY_STRING;
	default:
		return NF_DICT_KEY_INT;
	}
}

/* Class of the keys into the table of level @i. */
static u8 nft_dict_level_key_type(const struct nft_dict *priv, unsigned int i)
{
	return i ? nft_dict_key_type_of(priv->levels[i - 1].type) :
		   priv->key.type;
}

/*
 * Refuse a table. Messages are constant, since nfnetlink keeps no formatted
 * ones until the end of a batch.
 */
static int nft_dict_table_refuse(const struct nft_ctx *ctx, int err,
				 const struct nft_dict_level_request *req)
{
	u8 key_class = NF_DICT_KEY_UNSPEC;
	struct nf_dict_table *table;

	table = nf_dict_table_find(ctx->net, nla_data(req->table),
				   nft_dict_strlen(req->table));
	if (!IS_ERR(table)) {
		if (err == -EINVAL)
			key_class = nf_dict_table_key_class(table);
		nf_dict_table_put(table);
	}

	switch (key_class) {
	case NF_DICT_KEY_INT:
		return nft_dict_refuse(ctx, err, "Table has keys of class int");
	case NF_DICT_KEY_IPV4:
		return nft_dict_refuse(ctx, err,
				       "Table has keys of class ipv4_addr");
	case NF_DICT_KEY_IPV6:
		return nft_dict_refuse(ctx, err,
				       "Table has keys of class ipv6_addr");
	case NF_DICT_KEY_ETHER:
		return nft_dict_refuse(ctx, err,
				       "Table has keys of class ether_addr");
	case NF_DICT_KEY_STRING:
		return nft_dict_refuse(ctx, err,
				       "Table has keys of class string");
	case NF_DICT_KEY_RAW:
		return nft_dict_refuse(ctx, err, "Table has keys of class raw");
	case NF_DICT_KEY_CT:
		return nft_dict_refuse(ctx, err, "Table has keys of class ct");
	case NF_DICT_KEY_DOMAIN:
		return nft_dict_refuse(ctx, err,
				       "Table has keys of class domain");
	default:
		return nft_dict_refuse(ctx, err, "Table cannot be used");
	}
}

/* Refuse a field that the table declares as @declared. */
static int nft_dict_declared_refuse(const struct nft_ctx *ctx, u8 declared)
{
	switch (declared) {
	case NF_DICT_BOOL:
		return nft_dict_refuse(ctx, -EINVAL,
				       "Table declares the field as bool");
	case NF_DICT_INT:
		return nft_dict_refuse(ctx, -EINVAL,
				       "Table declares the field as int");
	case NF_DICT_INT64:
		return nft_dict_refuse(ctx, -EINVAL,
				       "Table declares the field as int64");
	case NF_DICT_IPV4_ADDR:
		return nft_dict_refuse(ctx, -EINVAL,
				       "Table declares the field as ipv4_addr");
	case NF_DICT_IPV6_ADDR:
		return nft_dict_refuse(ctx, -EINVAL,
				       "Table declares the field as ipv6_addr");
	case NF_DICT_ETHER_ADDR:
		return nft_dict_refuse(ctx, -EINVAL,
				       "Table declares the field as ether_addr");
	case NF_DICT_STRING_LIST:
		return nft_dict_refuse(ctx, -EINVAL,
				       "Table declares the field as string_list");
	default:
		return nft_dict_refuse(ctx, -EINVAL,
				       "Table declares the field as long_string");
	}
}

static int nft_dict_field_use(const struct nft_ctx *ctx,
			      struct nf_dict_table *table,
			      struct nf_dict_atom *field, u8 type, bool reads)
{
	u8 declared;
	int err;

	err = nf_dict_table_use_field(table, field, type, reads, &declared);
	if (err == -ENOENT)
		return nft_dict_refuse(ctx, -EINVAL,
				       "Table declares no such field");
	if (err == -EINVAL)
		return nft_dict_declared_refuse(ctx, declared);

	return err;
}

static int nft_dict_level_init(const struct nft_ctx *ctx,
			       struct nf_dict_level *level,
			       const struct nft_dict_level_request *req,
			       u8 key_type, bool reads)
{
	unsigned int len = nft_dict_strlen(req->table);
	const char *name = nla_data(req->table);
	struct nf_dict_table *table;
	int err;

	table = nf_dict_table_use(ctx->net, name, len, key_type);
	if (IS_ERR(table))
		return nft_dict_table_refuse(ctx, PTR_ERR(table), req);
	nf_dict_table_hold(table);

	level->table = table;
	level->field = NULL;
	level->type = req->type;
	level->hint = NF_DICT_HINT_NONE;
	level->reads = reads;

	if (!req->field)
		return 0;

	level->field = nf_dict_field_get(ctx->net, nla_data(req->field),
					 nft_dict_strlen(req->field),
					 GFP_KERNEL_ACCOUNT);
	if (IS_ERR(level->field)) {
		nf_dict_table_put(table);
		nf_dict_table_use_abort(table, key_type);
		return nft_dict_refuse(ctx, PTR_ERR(level->field),
				       "Field cannot be used");
	}

	err = nft_dict_field_use(ctx, table, level->field, level->type,
				 level->reads);
	if (err) {
		nft_dict_level_release(level);
		nf_dict_table_use_abort(table, key_type);
		return err;
	}

	return 0;
}

static struct nf_dict_level *nft_dict_levels(struct nft_dict *priv)
{
	return priv->levels ?: &priv->last;
}

static void nft_dict_path_suspend(struct nft_dict *priv, bool suspend)
{
	struct nf_dict_table *table;
	unsigned int i;

	if (priv->use == NFT_DICT_UNUSED || priv->suspended == suspend)
		return;

	for (i = 0; i < priv->nlevels; i++) {
		table = nft_dict_levels(priv)[i].table;
		if (suspend)
			nf_dict_table_use_suspend(table);
		else
			nf_dict_table_use_resume(table);
	}
	priv->suspended = suspend;
}

/* Release the uses of the first @n fields after the first one. */
static void nft_dict_fields_unuse(const struct nft_dict *priv, unsigned int n)
{
	const struct nf_dict_load *load;
	unsigned int i;

	for (i = 1; i < n; i++) {
		load = &priv->fields->loads[i];
		nf_dict_table_unuse_field(priv->last.table, load->field,
					  load->form.type, true);
	}
}

static int nft_dict_fields_use(const struct nft_ctx *ctx,
			       const struct nft_dict *priv)
{
	struct nft_dict_fields *fields = priv->fields;
	unsigned int i;
	int err;

	fields->loads[0].field = priv->last.field;
	for (i = 1; i < fields->n; i++) {
		err = nft_dict_field_use(ctx, priv->last.table,
					 fields->loads[i].field,
					 fields->loads[i].form.type, true);
		if (err) {
			nft_dict_fields_unuse(priv, i);
			return err;
		}
	}

	return 0;
}

static void nft_dict_path_unuse(struct nft_dict *priv)
{
	const struct nf_dict_level *level;
	struct nf_dict_table *table;
	unsigned int i;
	u8 key_type;

	nft_dict_path_suspend(priv, false);
	for (i = 0; i < priv->nlevels; i++) {
		level = &nft_dict_levels(priv)[i];
		table = level->table;
		key_type = nft_dict_level_key_type(priv, i);
		if (priv->use != NFT_DICT_UNUSED && level->field)
			nf_dict_table_unuse_field(table, level->field,
						  level->type, level->reads);
		if (priv->use == NFT_DICT_USED)
			nf_dict_table_unuse(table, key_type);
		else if (priv->use == NFT_DICT_PENDING)
			nf_dict_table_use_abort(table, key_type);
	}
	priv->use = NFT_DICT_UNUSED;
}

static void nft_dict_path_release(struct nft_dict *priv)
{
	unsigned int i;

	for (i = 0; i < priv->nlevels; i++)
		nft_dict_level_release(&nft_dict_levels(priv)[i]);
	kfree(priv->levels);
}

/* Whether the effect of the rule depends on the field of the last table. */
static bool nft_dict_op_reads(u8 op)
{
	switch (op) {
	case NFT_DICT_LOAD:
	case NFT_DICT_MATCH:
	case NFT_DICT_EXISTS:
		return true;
	default:
		return false;
	}
}

static int nft_dict_path_init(const struct nft_ctx *ctx, struct nft_dict *priv,
			      const struct nft_dict_path_request *path)
{
	struct nf_dict_level *levels;
	bool reads;
	int err;

	if (path->nlevels > 1) {
		priv->levels = kcalloc(path->nlevels, sizeof(*levels),
				       GFP_KERNEL_ACCOUNT);
		if (!priv->levels)
			return -ENOMEM;
	}

	levels = nft_dict_levels(priv);
	priv->use = NFT_DICT_PENDING;
	while (priv->nlevels < path->nlevels) {
		reads = priv->nlevels + 1 < path->nlevels ||
			nft_dict_op_reads(priv->op);
		err = nft_dict_level_init(ctx, &levels[priv->nlevels],
					  &path->levels[priv->nlevels],
					  nft_dict_level_key_type(priv,
								  priv->nlevels),
					  reads);
		if (err) {
			nft_dict_path_unuse(priv);
			nft_dict_path_release(priv);
			return err;
		}
		priv->nlevels++;
	}

	if (priv->levels)
		priv->last = levels[priv->nlevels - 1];

	return 0;
}

static int nft_dict_init(const struct nft_ctx *ctx, const struct nft_expr *expr,
			 const struct nlattr * const tb[])
{
	struct nft_dict *priv = nft_expr_priv(expr);
	struct nft_dict_path_request path;
	int err;

	err = nft_dict_parse(ctx, priv, &path, tb);
	if (err)
		return err;

	/* comes last, so that a refused rule creates no table */
	err = nft_dict_path_init(ctx, priv, &path);
	if (err)
		goto err_data;

	if (priv->several) {
		err = nft_dict_fields_use(ctx, priv);
		if (err)
			goto err_path;
	}

	return 0;

err_path:
	nft_dict_path_unuse(priv);
	nft_dict_path_release(priv);
err_data:
	nft_dict_data_release(priv);
	return err;
}

/* The rule is committed: its tables become visible. */
static void nft_dict_commit(const struct nft_ctx *ctx,
			    const struct nft_expr *expr)
{
	struct nft_dict *priv = nft_expr_priv(expr);
	unsigned int i;

	if (priv->use != NFT_DICT_PENDING)
		return;

	for (i = 0; i < priv->nlevels; i++)
		nf_dict_table_use_commit(nft_dict_levels(priv)[i].table);
	priv->use = NFT_DICT_USED;
}

static void nft_dict_unuse(struct nft_dict *priv)
{
	if (priv->several && priv->use != NFT_DICT_UNUSED)
		nft_dict_fields_unuse(priv, priv->fields->n);
	nft_dict_path_unuse(priv);
}

static void nft_dict_deactivate(const struct nft_ctx *ctx,
				const struct nft_expr *expr,
				enum nft_trans_phase phase)
{
	struct nft_dict *priv = nft_expr_priv(expr);

	/* the transaction may still fail and the rule remain */
	if (phase == NFT_TRANS_PREPARE)
		nft_dict_path_suspend(priv, true);
	else
		nft_dict_unuse(priv);
}

/* The transaction that would have deleted the rule was aborted. */
static void nft_dict_activate(const struct nft_ctx *ctx,
			      const struct nft_expr *expr)
{
	nft_dict_path_suspend(nft_expr_priv(expr), false);
}

static void nft_dict_destroy(const struct nft_ctx *ctx,
			     const struct nft_expr *expr)
{
	struct nft_dict *priv = nft_expr_priv(expr);

	nft_dict_unuse(priv);
	/* strings must be released before the tables of their namespace */
	nft_dict_data_release(priv);
	nft_dict_path_release(priv);
}

/* Strings of nf_tables are dumped with a terminating NUL. */
static int nft_dict_name_dump(struct sk_buff *skb, int attr, const char *name,
			      unsigned int len)
{
	struct nlattr *nla;
	char *p;

	nla = nla_reserve(skb, attr, len + 1);
	if (!nla)
		return -EMSGSIZE;

	p = nla_data(nla);
	memcpy(p, name, len);
	p[len] = '\0';

	return 0;
}

static int nft_dict_level_dump(struct sk_buff *skb,
			       const struct nf_dict_level *level, bool number)
{
	const struct nf_dict_table *table = level->table;
	const struct nf_dict_atom *field = level->field;
	struct nlattr *nest;

	nest = nla_nest_start(skb, NFTA_LIST_ELEM);
	if (!nest ||
	    nft_dict_name_dump(skb, NFTA_DICT_LEVEL_TABLE,
			       nf_dict_table_name(table),
			       nf_dict_table_name_len(table)) ||
	    (field && nft_dict_name_dump(skb, NFTA_DICT_LEVEL_FIELD,
					 nf_dict_atom_data(field),
					 nf_dict_atom_len(field))) ||
	    (level->type != NF_DICT_UNSPEC && level->type != NF_DICT_NUMBER &&
	     nla_put_be32(skb, NFTA_DICT_LEVEL_TYPE, htonl(level->type))) ||
	    ((number || level->type == NF_DICT_NUMBER) &&
	     nla_put_be32(skb, NFTA_DICT_LEVEL_FORM,
			  htonl(NFT_DICT_FORM_NUMBER))))
		return -EMSGSIZE;

	nla_nest_end(skb, nest);

	return 0;
}

static int nft_dict_path_dump(struct sk_buff *skb, const struct nft_dict *priv)
{
	const struct nf_dict_level *levels = priv->levels ?: &priv->last;
	unsigned int i, last = priv->nlevels - 1;
	struct nlattr *nest;

	nest = nla_nest_start(skb, NFTA_DICT_PATH);
	if (!nest)
		return -EMSGSIZE;

	for (i = 0; i < priv->nlevels; i++) {
		if (nft_dict_level_dump(skb, &levels[i], i == last &&
					priv->form.type == NF_DICT_NUMBER))
			return -EMSGSIZE;
	}

	nla_nest_end(skb, nest);

	return 0;
}

/* Dump the length if it does not follow from the type. */
static int nft_dict_form_dump(struct sk_buff *skb, int attr,
			      const struct nf_dict_reg *form)
{
	switch (form->type) {
	case NF_DICT_NUMBER:
	case NF_DICT_LONG_STRING:
		return nla_put_be32(skb, attr, htonl(form->len));
	default:
		return 0;
	}
}

static int nft_dict_patterns_dump(struct sk_buff *skb,
				  const struct nf_dict_patterns *patterns)
{
	unsigned int i, len;
	struct nlattr *nest;
	const char *pattern;

	nest = nla_nest_start(skb, NFTA_DICT_PATTERNS);
	if (!nest)
		return -EMSGSIZE;

	for (i = 0; i < nf_dict_patterns_count(patterns); i++) {
		pattern = nf_dict_patterns_get(patterns, i, &len);
		if (nla_put(skb, NFTA_LIST_ELEM, len, pattern))
			return -EMSGSIZE;
	}

	nla_nest_end(skb, nest);

	return 0;
}

static int nft_dict_value_dump(struct sk_buff *skb,
			       const struct nf_dict_value *value)
{
	unsigned int len;
	const void *data;
	__be64 num64;
	__be32 num;
	u8 truth;

	switch (value->type) {
	case NF_DICT_BOOL:
		truth = nf_dict_value_num(value);
		return nla_put(skb, NFTA_DATA_VALUE, sizeof(truth), &truth);
	case NF_DICT_INT:
		num = cpu_to_be32(nf_dict_value_num(value));
		return nla_put(skb, NFTA_DATA_VALUE, sizeof(num), &num);
	case NF_DICT_INT64:
		num64 = cpu_to_be64(nf_dict_value_num(value));
		return nla_put(skb, NFTA_DATA_VALUE, sizeof(num64), &num64);
	default:
		data = nf_dict_value_data(value, &len);
		return nla_put(skb, NFTA_DATA_VALUE, len, data);
	}
}

static int nft_dict_const_dump(struct sk_buff *skb,
			       const struct nf_dict_value *value)
{
	struct nlattr *nest;

	nest = nla_nest_start(skb, NFTA_DICT_DATA);
	if (!nest || nft_dict_value_dump(skb, value))
		return -EMSGSIZE;

	nla_nest_end(skb, nest);

	return 0;
}

static int nft_dict_field_dump(struct sk_buff *skb,
			       const struct nf_dict_load *load)
{
	const struct nf_dict_reg *form = &load->form;
	bool number = form->type == NF_DICT_NUMBER;
	struct nlattr *nest;

	nest = nla_nest_start(skb, NFTA_LIST_ELEM);
	if (!nest ||
	    nft_dict_name_dump(skb, NFTA_DICT_LOAD_NAME,
			       nf_dict_atom_data(load->field),
			       nf_dict_atom_len(load->field)) ||
	    (!number &&
	     nla_put_be32(skb, NFTA_DICT_LOAD_TYPE, htonl(form->type))) ||
	    (number && nla_put_be32(skb, NFTA_DICT_LOAD_FORM,
				    htonl(NFT_DICT_FORM_NUMBER))) ||
	    nft_dict_form_dump(skb, NFTA_DICT_LOAD_LEN, form) ||
	    (form->host && nla_put_be32(skb, NFTA_DICT_LOAD_FLAGS,
					htonl(NFT_DICT_F_DATA_HOST))))
		return -EMSGSIZE;

	nla_nest_end(skb, nest);

	return 0;
}

static int nft_dict_fields_dump(struct sk_buff *skb,
				const struct nft_dict_fields *fields)
{
	struct nlattr *nest;
	unsigned int i;

	nest = nla_nest_start(skb, NFTA_DICT_FIELDS);
	if (!nest)
		return -EMSGSIZE;

	for (i = 1; i < fields->n; i++) {
		if (nft_dict_field_dump(skb, &fields->loads[i]))
			return -EMSGSIZE;
	}

	nla_nest_end(skb, nest);

	return 0;
}

static int nft_dict_data_dump(struct sk_buff *skb, const struct nft_dict *priv)
{
	switch (priv->op) {
	case NFT_DICT_LOAD:
		if (nft_dump_register(skb, NFTA_DICT_DREG, priv->data_reg) ||
		    (priv->several && nft_dict_fields_dump(skb, priv->fields)))
			return -EMSGSIZE;
		return nft_dict_form_dump(skb, NFTA_DICT_DATA_LEN,
					  &priv->form);
	case NFT_DICT_MATCH:
		if (priv->data_reg &&
		    nft_dump_register(skb, NFTA_DICT_DREG, priv->data_reg))
			return -EMSGSIZE;
		return nft_dict_patterns_dump(skb, priv->patterns);
	case NFT_DICT_SET:
	case NFT_DICT_ADD:
	case NFT_DICT_SUB:
		if (!priv->data_reg)
			return nft_dict_const_dump(skb, &priv->value);
		if (nft_dump_register(skb, NFTA_DICT_DATA_SREG,
				      priv->data_reg))
			return -EMSGSIZE;
		return nft_dict_form_dump(skb, NFTA_DICT_DATA_LEN,
					  &priv->form);
	default:
		return 0;
	}
}

static int nft_dict_dump(struct sk_buff *skb, const struct nft_expr *expr,
			 bool reset)
{
	const struct nft_dict *priv = nft_expr_priv(expr);

	if (nla_put_be32(skb, NFTA_DICT_OP, htonl(priv->op)) ||
	    (priv->flags &&
	     nla_put_be32(skb, NFTA_DICT_FLAGS, htonl(priv->flags))) ||
	    nft_dump_register(skb, NFTA_DICT_SREG, priv->sreg) ||
	    nla_put_be32(skb, NFTA_DICT_KEY_TYPE, htonl(priv->key.type)) ||
	    nla_put_be32(skb, NFTA_DICT_KEY_LEN, htonl(priv->key.len)) ||
	    nft_dict_path_dump(skb, priv) || nft_dict_data_dump(skb, priv))
		return -1;

	return 0;
}

static struct nft_expr_type nft_dict_type;

/* The private data of an operation ends with the member @_last. */
#define NFT_DICT_OPS(_name, _last)					\
static const struct nft_expr_ops nft_dict_##_name##_ops = {		\
	.type		= &nft_dict_type,				\
	.size		= NFT_EXPR_SIZE(offsetofend(struct nft_dict,	\
						    _last)),		\
	.eval		= nft_dict_##_name##_eval,			\
	.init		= nft_dict_init,				\
	.activate	= nft_dict_activate,				\
	.deactivate	= nft_dict_deactivate,				\
	.commit		= nft_dict_commit,				\
	.destroy	= nft_dict_destroy,				\
	.dump		= nft_dict_dump,				\
}

NFT_DICT_OPS(load, several);
NFT_DICT_OPS(load_fields, fields);
NFT_DICT_OPS(match, patterns);
NFT_DICT_OPS(index, patterns);
NFT_DICT_OPS(exists, several);
NFT_DICT_OPS(set, several);
NFT_DICT_OPS(set_const, value);
NFT_DICT_OPS(add, several);
NFT_DICT_OPS(add_const, value);
NFT_DICT_OPS(delete, several);
NFT_DICT_OPS(flush, several);

static const struct nft_expr_ops *
nft_dict_select_ops(const struct nft_ctx *ctx, const struct nlattr * const tb[])
{
	if (!tb[NFTA_DICT_OP])
		return ERR_PTR(nft_dict_refuse(ctx, -EINVAL,
					       "Operation is missing"));

	switch (ntohl(nla_get_be32(tb[NFTA_DICT_OP]))) {
	case NFT_DICT_LOAD:
		return tb[NFTA_DICT_FIELDS] ? &nft_dict_load_fields_ops :
					      &nft_dict_load_ops;
	case NFT_DICT_MATCH:
		return tb[NFTA_DICT_DREG] ? &nft_dict_index_ops :
					    &nft_dict_match_ops;
	case NFT_DICT_EXISTS:
		return &nft_dict_exists_ops;
	case NFT_DICT_SET:
		return tb[NFTA_DICT_DATA_SREG] ? &nft_dict_set_ops :
						 &nft_dict_set_const_ops;
	case NFT_DICT_ADD:
	case NFT_DICT_SUB:
		return tb[NFTA_DICT_DATA_SREG] ? &nft_dict_add_ops :
						 &nft_dict_add_const_ops;
	case NFT_DICT_DELETE:
		return &nft_dict_delete_ops;
	case NFT_DICT_FLUSH:
		return &nft_dict_flush_ops;
	default:
		return ERR_PTR(nft_dict_refuse(ctx, -EOPNOTSUPP,
					       "Operation is unknown"));
	}
}

static struct nft_expr_type nft_dict_type __read_mostly = {
	.name		= "dict",
	.select_ops	= nft_dict_select_ops,
	.policy		= nft_dict_policy,
	.maxattr	= NFTA_DICT_MAX,
	.flags		= NFT_EXPR_STRICT,
	.owner		= THIS_MODULE,
};

static int __init nft_dict_module_init(void)
{
	return nft_register_expr(&nft_dict_type);
}

static void __exit nft_dict_module_exit(void)
{
	nft_unregister_expr(&nft_dict_type);
}

module_init(nft_dict_module_init);
module_exit(nft_dict_module_exit);

MODULE_LICENSE("GPL");
MODULE_AUTHOR("The nft_dict authors");
MODULE_DESCRIPTION("nf_tables expression that looks up and writes dict tables");
MODULE_ALIAS_NFT_EXPR("dict");
/* Daemons for the original module expect its nodes besides the expression. */
MODULE_SOFTDEP("post: nf_dict_procfs");
