// SPDX-License-Identifier: GPL-2.0-only
/*
 * nf_tables object "dict": a dict table that is declared in the ruleset.
 *
 * The object is the declaration. The table belongs to the network namespace,
 * where its name is unique. Several nf_tables tables may declare it, but only
 * with the same properties. Rules can name it whether or not it is declared.
 *
 * Copyright (C) 2026 The nft_dict authors
 */

#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netlink.h>
#include <linux/slab.h>
#include <net/netfilter/nf_dict.h>
#include <net/netfilter/nf_tables.h>

/*
 * Most bytes of the fields in a message. nf_tables sends an object in a message
 * of NLMSG_GOODSIZE, 3,776 bytes with pages of 4 KiB. The longest names, user
 * data, headers and the other attributes take 760 of them.
 */
#define NFT_DICT_OBJ_FIELDS_SIZE	3008

/**
 * enum nft_dict_obj_state - state of a declaration
 * @NFT_DICT_OBJ_PENDING: its transaction is not committed yet
 * @NFT_DICT_OBJ_DECLARED: it is committed
 * @NFT_DICT_OBJ_REMOVED: its deletion is committed
 */
enum nft_dict_obj_state {
	NFT_DICT_OBJ_PENDING,
	NFT_DICT_OBJ_DECLARED,
	NFT_DICT_OBJ_REMOVED,
};

/**
 * struct nft_dict_decl - a declaration
 * @rcu: frees it after a grace period, as dumps may read it
 * @params: properties of the table
 * @fields: its fields, with a reference to each name
 */
struct nft_dict_decl {
	struct rcu_head			rcu;
	struct nf_dict_table_params	params;
	struct nf_dict_decl		fields[];
};

/**
 * struct nft_dict_obj - an object
 * @list: in nft_dict_objs, under its mutex
 * @obj: the object
 * @net: its namespace
 * @nft_table: its nf_tables table, only compared
 * @table: the dict table; a reference
 * @decl: the declaration; replaced by a commit
 * @state: &enum nft_dict_obj_state
 */
struct nft_dict_obj {
	struct list_head		list;
	const struct nft_object		*obj;
	const struct net		*net;
	const struct nft_table		*nft_table;
	struct nf_dict_table		*table;
	struct nft_dict_decl __rcu	*decl;
	enum nft_dict_obj_state		state;
};

/* All objects: few, and only searched in transactions. */
static LIST_HEAD(nft_dict_objs);
static DEFINE_MUTEX(nft_dict_objs_mutex);

static const struct nla_policy nft_dict_obj_policy[NFTA_DICT_OBJ_MAX + 1] = {
	[NFTA_DICT_OBJ_KEY_CLASS]	=
		NLA_POLICY_RANGE(NLA_BE32, NF_DICT_KEY_INT, NF_DICT_KEY_MAX),
	[NFTA_DICT_OBJ_FIELDS]		= { .type = NLA_NESTED },
	[NFTA_DICT_OBJ_SIZE]		= { .type = NLA_BE32 },
	[NFTA_DICT_OBJ_TIMEOUT]		= { .type = NLA_U64 },
	[NFTA_DICT_OBJ_FLAGS]		=
		NLA_POLICY_MASK(NLA_BE32, NFT_DICT_OBJ_F_MASK),
};

static const struct nla_policy
nft_dict_field_policy[NFTA_DICT_FIELD_MAX + 1] = {
	[NFTA_DICT_FIELD_NAME]	= { .type = NLA_STRING,
				    .len = NF_DICT_NAME_MAX },
	[NFTA_DICT_FIELD_TYPE]	=
		NLA_POLICY_RANGE(NLA_BE32, NF_DICT_BOOL, NF_DICT_TYPE_MAX),
};

/* Length of a name without a trailing NUL. */
static unsigned int nft_dict_obj_strlen(const struct nlattr *attr)
{
	unsigned int len = nla_len(attr);

	if (len && ((const char *)nla_data(attr))[len - 1] == '\0')
		len--;

	return len;
}

/* Sets the message and the attribute at fault. */
#define nft_dict_obj_refuse(ctx, attr, err, msg) ({		\
	NL_SET_ERR_MSG_ATTR((ctx)->extack, attr, msg);		\
	(err);							\
})

static bool nft_dict_obj_has_field(const struct nft_dict_decl *decl,
				   const struct nf_dict_atom *field)
{
	unsigned int i;

	for (i = 0; i < decl->params.ndecls; i++)
		if (decl->fields[i].field == field)
			return true;

	return false;
}

static int nft_dict_obj_parse_field(const struct nft_ctx *ctx,
				    struct nft_dict_decl *decl,
				    const struct nlattr *nla)
{
	struct nlattr *tb[NFTA_DICT_FIELD_MAX + 1];
	unsigned int n = decl->params.ndecls;
	struct nf_dict_atom *field;
	int err;

	if (nla_type(nla) != NFTA_LIST_ELEM)
		return nft_dict_obj_refuse(ctx, nla, -EINVAL,
					   "Fields are not a list");
	err = nla_parse_nested(tb, NFTA_DICT_FIELD_MAX, nla,
			       nft_dict_field_policy, ctx->extack);
	if (err)
		return err;
	if (!tb[NFTA_DICT_FIELD_NAME] || !tb[NFTA_DICT_FIELD_TYPE])
		return nft_dict_obj_refuse(ctx, nla, -EINVAL,
					   "Field lacks its name or type");

	field = nf_dict_field_get(ctx->net, nla_data(tb[NFTA_DICT_FIELD_NAME]),
				  nft_dict_obj_strlen(tb[NFTA_DICT_FIELD_NAME]),
				  GFP_KERNEL_ACCOUNT);
	if (IS_ERR(field))
		return nft_dict_obj_refuse(ctx, nla, PTR_ERR(field),
					   "Field cannot be used");
	if (nft_dict_obj_has_field(decl, field)) {
		nf_dict_field_put(field);
		return nft_dict_obj_refuse(ctx, nla, -EINVAL,
					   "Field is declared twice");
	}

	decl->fields[n].field = field;
	decl->fields[n].type = ntohl(nla_get_be32(tb[NFTA_DICT_FIELD_TYPE]));
	decl->params.ndecls++;

	return 0;
}

/* @attr is NULL if there are no fields. */
static int nft_dict_obj_count_fields(const struct nft_ctx *ctx,
				     const struct nlattr *attr)
{
	const struct nlattr *nla;
	unsigned int n = 0;
	int rem;

	if (!attr)
		return 0;

	nla_for_each_nested(nla, attr, rem)
		n++;
	if (!n)
		return nft_dict_obj_refuse(ctx, attr, -EINVAL,
					   "List of fields is empty");
	if (n > NF_DICT_FIELDS_MAX)
		return nft_dict_obj_refuse(ctx, attr, -E2BIG,
					   "More than 255 fields");

	return n;
}

static int nft_dict_obj_parse_fields(const struct nft_ctx *ctx,
				     struct nft_dict_decl *decl,
				     const struct nlattr *attr)
{
	unsigned int size = 0, len;
	const struct nlattr *nla;
	int rem, err;

	if (!attr)
		return 0;

	decl->params.decls = decl->fields;
	nla_for_each_nested(nla, attr, rem) {
		err = nft_dict_obj_parse_field(ctx, decl, nla);
		if (err)
			return err;
		len = nf_dict_atom_len(decl->fields[decl->params.ndecls - 1].field);
		size += nla_total_size(nla_total_size(len + 1) +
				       nla_total_size(sizeof(u32)));
	}
	if (size > NFT_DICT_OBJ_FIELDS_SIZE)
		return nft_dict_obj_refuse(ctx, attr, -E2BIG,
					   "Fields take more than 3008 bytes in a message");

	return 0;
}

static int nft_dict_obj_parse_params(const struct nft_ctx *ctx,
				     struct nf_dict_table_params *params,
				     const struct nlattr * const tb[])
{
	u64 timeout;

	if (tb[NFTA_DICT_OBJ_KEY_CLASS])
		params->key_class =
			ntohl(nla_get_be32(tb[NFTA_DICT_OBJ_KEY_CLASS]));
	if (tb[NFTA_DICT_OBJ_SIZE])
		params->size = ntohl(nla_get_be32(tb[NFTA_DICT_OBJ_SIZE]));
	if (tb[NFTA_DICT_OBJ_TIMEOUT]) {
		timeout = be64_to_cpu(nla_get_be64(tb[NFTA_DICT_OBJ_TIMEOUT]));
		if (timeout > NF_DICT_TIMEOUT_MAX)
			return nft_dict_obj_refuse(ctx,
						   tb[NFTA_DICT_OBJ_TIMEOUT],
						   -ERANGE, "Timeout is too long");
		params->timeout = timeout;
	}
	if (tb[NFTA_DICT_OBJ_FLAGS])
		params->open = ntohl(nla_get_be32(tb[NFTA_DICT_OBJ_FLAGS])) &
			       NFT_DICT_OBJ_F_OPEN;
	if (params->open && !tb[NFTA_DICT_OBJ_FIELDS])
		return nft_dict_obj_refuse(ctx, tb[NFTA_DICT_OBJ_FLAGS], -EINVAL,
					   "Table that declares no fields is open anyway");

	return 0;
}

static void nft_dict_decl_free(struct nft_dict_decl *decl)
{
	unsigned int i;

	/* Readers may read the names: these are freed by RCU, too. */
	for (i = 0; i < decl->params.ndecls; i++)
		nf_dict_field_put(decl->fields[i].field);
	kfree_rcu(decl, rcu);
}

static struct nft_dict_decl *nft_dict_obj_parse(const struct nft_ctx *ctx,
						const struct nlattr * const tb[])
{
	struct nft_dict_decl *decl;
	int err, n;

	n = nft_dict_obj_count_fields(ctx, tb[NFTA_DICT_OBJ_FIELDS]);
	if (n < 0)
		return ERR_PTR(n);
	decl = kzalloc(struct_size(decl, fields, n), GFP_KERNEL_ACCOUNT);
	if (!decl)
		return ERR_PTR(-ENOMEM);

	err = nft_dict_obj_parse_params(ctx, &decl->params, tb);
	if (!err)
		err = nft_dict_obj_parse_fields(ctx, decl,
						tb[NFTA_DICT_OBJ_FIELDS]);
	if (err) {
		nft_dict_decl_free(decl);
		return ERR_PTR(err);
	}

	return decl;
}

/*
 * The declarations of the table that exist after the commit, other than the one
 * that is being added to @nft_table.
 */
static enum nf_dict_ruleset_peers
nft_dict_obj_peers(const struct net *net, const struct nft_table *nft_table,
		   const char *name, unsigned int len)
{
	enum nf_dict_ruleset_peers peers = NF_DICT_RULESET_NONE;
	const struct nft_dict_obj *priv;

	mutex_lock(&nft_dict_objs_mutex);
	list_for_each_entry(priv, &nft_dict_objs, list) {
		/* The generation of a removed object is not valid. */
		if (priv->net != net || priv->state == NFT_DICT_OBJ_REMOVED ||
		    !nft_is_active_next(net, priv->obj) ||
		    nf_dict_table_name_len(priv->table) != len ||
		    memcmp(nf_dict_table_name(priv->table), name, len))
			continue;
		if (priv->nft_table != nft_table) {
			peers = NF_DICT_RULESET_OTHERS;
			break;
		}
		peers = NF_DICT_RULESET_SELF;
	}
	mutex_unlock(&nft_dict_objs_mutex);

	return peers;
}

static int nft_dict_obj_declare_refuse(const struct nft_ctx *ctx, int err)
{
	const struct nlattr *name = ctx->nla[NFTA_OBJ_NAME];

	switch (err) {
	case -EEXIST:
		return nft_dict_obj_refuse(ctx, name, err,
					   "Dict table differs, and was not created by the ruleset");
	case -EINVAL:
		return nft_dict_obj_refuse(ctx, name, err,
					   "Dict table is declared differently already");
	case -EBUSY:
		return nft_dict_obj_refuse(ctx, name, err,
					   "Dict table differs, and rules use it");
	case -EOPNOTSUPP:
		return nft_dict_obj_refuse(ctx, name, err,
					   "Keys of class ct need connection tracking");
	default:
		return err;
	}
}

static struct nf_dict_table *
nft_dict_obj_declare(const struct nft_ctx *ctx,
		     const struct nf_dict_table_params *params)
{
	const struct nlattr *attr = ctx->nla[NFTA_OBJ_NAME];
	unsigned int len = nft_dict_obj_strlen(attr);
	const char *name = nla_data(attr);
	struct nf_dict_table *table;
	int err;

	err = nf_dict_name_check(name, len);
	if (err) {
		err = nft_dict_obj_refuse(ctx, attr, err,
					  "Name is empty, too long or has white space, commas or control characters");
		return ERR_PTR(err);
	}

	table = nf_dict_ruleset_declare(ctx->net, name, len, params,
					nft_dict_obj_peers(ctx->net, ctx->table,
							   name, len));
	if (IS_ERR(table)) {
		err = nft_dict_obj_declare_refuse(ctx, PTR_ERR(table));
		return ERR_PTR(err);
	}

	return table;
}

static int nft_dict_obj_init(const struct nft_ctx *ctx,
			     const struct nlattr * const tb[],
			     struct nft_object *obj)
{
	struct nft_dict_obj *priv = nft_obj_data(obj);
	struct nft_dict_decl *decl;

	decl = nft_dict_obj_parse(ctx, tb);
	if (IS_ERR(decl))
		return PTR_ERR(decl);

	priv->table = nft_dict_obj_declare(ctx, &decl->params);
	if (IS_ERR(priv->table)) {
		nft_dict_decl_free(decl);
		return PTR_ERR(priv->table);
	}

	RCU_INIT_POINTER(priv->decl, decl);
	priv->state = NFT_DICT_OBJ_PENDING;
	priv->obj = obj;
	priv->net = ctx->net;
	priv->nft_table = ctx->table;
	mutex_lock(&nft_dict_objs_mutex);
	list_add_tail(&priv->list, &nft_dict_objs);
	mutex_unlock(&nft_dict_objs_mutex);

	return 0;
}

static void nft_dict_obj_commit(const struct nft_ctx *ctx,
				struct nft_object *obj)
{
	struct nft_dict_obj *priv = nft_obj_data(obj);

	nf_dict_ruleset_commit(priv->table);
	priv->state = NFT_DICT_OBJ_DECLARED;
}

/* Both objects declare the same table. @newobj is destroyed next. */
static void nft_dict_obj_update(struct nft_object *obj,
				struct nft_object *newobj)
{
	struct nft_dict_obj *new = nft_obj_data(newobj);
	struct nft_dict_obj *priv = nft_obj_data(obj);
	struct nft_dict_decl *decl;

	decl = rcu_dereference_protected(new->decl, true);
	decl = rcu_replace_pointer(priv->decl, decl, true);
	RCU_INIT_POINTER(new->decl, decl);
}

static bool nft_dict_obj_busy(const struct nft_ctx *ctx,
			      const struct nft_object *obj)
{
	const struct nft_dict_obj *priv = nft_obj_data(obj);
	const struct nf_dict_table *table = priv->table;

	return nf_dict_ruleset_busy(table) &&
	       nft_dict_obj_peers(ctx->net, priv->nft_table,
				  nf_dict_table_name(table),
				  nf_dict_table_name_len(table)) !=
	       NF_DICT_RULESET_OTHERS;
}

static void nft_dict_obj_end(struct nft_dict_obj *priv)
{
	/* The name is compared until the object is destroyed. */
	nf_dict_table_hold(priv->table);
	if (priv->state == NFT_DICT_OBJ_DECLARED)
		nf_dict_ruleset_remove(priv->table);
	else
		nf_dict_ruleset_abort(priv->table);
	priv->state = NFT_DICT_OBJ_REMOVED;
}

static void nft_dict_obj_deactivate(const struct nft_ctx *ctx,
				    struct nft_object *obj)
{
	nft_dict_obj_end(nft_obj_data(obj));
}

static void nft_dict_obj_destroy(const struct nft_ctx *ctx,
				 struct nft_object *obj)
{
	struct nft_dict_obj *priv = nft_obj_data(obj);

	mutex_lock(&nft_dict_objs_mutex);
	list_del(&priv->list);
	mutex_unlock(&nft_dict_objs_mutex);

	if (priv->state != NFT_DICT_OBJ_REMOVED)
		nft_dict_obj_end(priv);
	/* Names must be released before the tables of their namespace. */
	nft_dict_decl_free(rcu_dereference_protected(priv->decl, true));
	nf_dict_table_put(priv->table);
}

static int nft_dict_obj_dump_field(struct sk_buff *skb,
				   const struct nf_dict_decl *decl)
{
	struct nlattr *nest;

	/* The name is NUL-terminated. */
	nest = nla_nest_start(skb, NFTA_LIST_ELEM);
	if (!nest ||
	    nla_put(skb, NFTA_DICT_FIELD_NAME,
		    nf_dict_atom_len(decl->field) + 1,
		    nf_dict_atom_data(decl->field)) ||
	    nla_put_be32(skb, NFTA_DICT_FIELD_TYPE, htonl(decl->type)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);

	return 0;
}

static int nft_dict_obj_dump_fields(struct sk_buff *skb,
				    const struct nf_dict_table_params *params)
{
	struct nlattr *nest;
	unsigned int i;

	nest = nla_nest_start(skb, NFTA_DICT_OBJ_FIELDS);
	if (!nest)
		return -EMSGSIZE;
	for (i = 0; i < params->ndecls; i++)
		if (nft_dict_obj_dump_field(skb, &params->decls[i]))
			return -EMSGSIZE;
	nla_nest_end(skb, nest);

	return 0;
}

static int nft_dict_obj_dump_params(struct sk_buff *skb,
				    const struct nf_dict_table_params *params)
{
	if ((params->key_class &&
	     nla_put_be32(skb, NFTA_DICT_OBJ_KEY_CLASS,
			  htonl(params->key_class))) ||
	    (params->ndecls && nft_dict_obj_dump_fields(skb, params)) ||
	    (params->size &&
	     nla_put_be32(skb, NFTA_DICT_OBJ_SIZE, htonl(params->size))) ||
	    (params->timeout &&
	     nla_put_be64(skb, NFTA_DICT_OBJ_TIMEOUT,
			  cpu_to_be64(params->timeout), NFTA_DICT_OBJ_PAD)) ||
	    (params->open &&
	     nla_put_be32(skb, NFTA_DICT_OBJ_FLAGS,
			  htonl(NFT_DICT_OBJ_F_OPEN))))
		return -EMSGSIZE;

	return 0;
}

static int nft_dict_obj_dump(struct sk_buff *skb, struct nft_object *obj,
			     bool reset)
{
	const struct nft_dict_obj *priv = nft_obj_data(obj);
	int err;

	rcu_read_lock();
	err = nft_dict_obj_dump_params(skb,
				       &rcu_dereference(priv->decl)->params);
	rcu_read_unlock();

	return err;
}

/* Rules refer to the table, not to the declaration: this never matches. */
static void nft_dict_obj_eval(struct nft_object *obj, struct nft_regs *regs,
			      const struct nft_pktinfo *pkt)
{
	regs->verdict.code = NFT_BREAK;
}

static struct nft_object_type nft_dict_obj_type;

static const struct nft_object_ops nft_dict_obj_ops = {
	.type		= &nft_dict_obj_type,
	.size		= sizeof(struct nft_dict_obj),
	.eval		= nft_dict_obj_eval,
	.init		= nft_dict_obj_init,
	.commit		= nft_dict_obj_commit,
	.update		= nft_dict_obj_update,
	.busy		= nft_dict_obj_busy,
	.deactivate	= nft_dict_obj_deactivate,
	.destroy	= nft_dict_obj_destroy,
	.dump		= nft_dict_obj_dump,
};

static struct nft_object_type nft_dict_obj_type __read_mostly = {
	.type		= NFT_OBJECT_DICT,
	.ops		= &nft_dict_obj_ops,
	.maxattr	= NFTA_DICT_OBJ_MAX,
	.policy		= nft_dict_obj_policy,
	.owner		= THIS_MODULE,
};

static int __init nft_dict_obj_module_init(void)
{
	return nft_register_obj(&nft_dict_obj_type);
}

static void __exit nft_dict_obj_module_exit(void)
{
	nft_unregister_obj(&nft_dict_obj_type);
}

module_init(nft_dict_obj_module_init);
module_exit(nft_dict_obj_module_exit);

MODULE_LICENSE("GPL");
MODULE_AUTHOR("The nft_dict authors");
MODULE_DESCRIPTION("nf_tables object that declares a dict table");
MODULE_ALIAS_NFT_OBJ(NFT_OBJECT_DICT);
