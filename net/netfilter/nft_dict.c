// SPDX-License-Identifier: GPL-2.0-only
/*
 * nf_tables expression "dict": rules that look up and write typed tables.
 *
 * Copyright (C) 2026 The nft_dict authors
 *
 * Whatever has a name is resolved when a rule is loaded: a packet finds tables
 * and fields behind pointers, and constants ready to use. Each operation has
 * ops of its own, which know what their packets need and nothing else.
 *
 * nf_tables copies expressions: what packets run is not the memory that init,
 * dump and destroy are called with. So nothing here points to itself, and what
 * packets write (&nf_dict_level.hint) may get lost.
 */

#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netlink.h>
#include <linux/slab.h>
#include <net/netfilter/nf_dict.h>
#include <net/netfilter/nf_tables.h>
#include <net/netfilter/nf_tables_core.h>
#if IS_ENABLED(CONFIG_NF_DICT_CT)
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_dict.h>
#endif

/**
 * enum nft_dict_use - what a rule has of its tables beside references
 * @NFT_DICT_UNUSED: nothing
 * @NFT_DICT_PENDING: a use, whose transaction is not committed
 * @NFT_DICT_USED: a use
 */
enum nft_dict_use {
	NFT_DICT_UNUSED,
	NFT_DICT_PENDING,
	NFT_DICT_USED,
};

/**
 * struct nft_dict_fields - fields of one row that an expression loads
 * @n: number of @loads
 * @loads: the fields; the first is that of the path's last level, which has
 *	the reference
 */
struct nft_dict_fields {
	unsigned int		n;
	struct nf_dict_load	loads[] __counted_by(n);
};

/**
 * struct nft_dict - a dict expression
 * @last: the table that has the row, and the field if there is one
 * @levels: where the path has several tables, all of them in order; the last
 *	one is the same as @last, which borrows its references. NULL where @last
 *	is all there is
 * @nlevels: entries at @levels, or 1
 * @use: &enum nft_dict_use
 * @suspended: the rule is deleted if the transaction at hand succeeds
 * @sreg: register that holds the key into the first table
 * @key: form of that key in registers
 * @op: &enum nft_dict_ops
 * @flags: &enum nft_dict_flags
 * @data_reg: register to load into or to write from, 0 if there is none
 * @form: form of the data in @data_reg; no type if that is an index, or 0
 * @several: %NFT_DICT_LOAD has @fields
 * @patterns: for %NFT_DICT_MATCH
 * @fields: for %NFT_DICT_LOAD of several fields
 * @value: constant to write, if there is no @data_reg
 *
 * Written by init, deactivate and destroy, which nf_tables serializes, and
 * constant in between but for hints. The union comes last because it is left
 * off where it is not needed.
 *
 * Packets may look into the tables until the rule is destroyed, a while after
 * it was deleted. So the rule has references to its tables until then, beside
 * its uses, which end at once: whoever deletes a rule can go on to delete the
 * table.
 */
struct nft_dict {
	struct nf_dict_level		last;
	struct nf_dict_level		*levels;
	u8				nlevels;
	u8				use;
	bool				suspended;
	u8				sreg;
	struct nf_dict_key_reg		key;
	u8				op;
	u8				flags;
	u8				data_reg;
	struct nf_dict_reg		form;
	bool				several;
	union {
		struct nf_dict_patterns	*patterns;
		struct nft_dict_fields	*fields;
		struct nf_dict_value	value;
	};
};

/*
 * Most bytes of all expressions of a rule. nf_tables sends a rule in a message
 * of NLMSG_GOODSIZE, 3,776 bytes with pages of 4 KiB. The longest names of table
 * and chain, user data and headers take 836 of them; the rest is for what the
 * kernel adds to expressions, such as the NUL of a name.
 */
#define NFT_DICT_RULE_SIZE	2560

#define NFT_DICT_SIZE		NFT_EXPR_SIZE(offsetofend(struct nft_dict, several))
#define NFT_DICT_FIELDS_SIZE	NFT_EXPR_SIZE(offsetofend(struct nft_dict, fields))
#define NFT_DICT_MATCH_SIZE	NFT_EXPR_SIZE(offsetofend(struct nft_dict, patterns))
#define NFT_DICT_CONST_SIZE	NFT_EXPR_SIZE(offsetofend(struct nft_dict, value))

/**
 * struct nft_dict_level_request - one table on the path as it was asked for
 * @table: name of the table
 * @field: name of the field, or NULL
 * @type: type of the field, %NF_DICT_NUMBER or %NF_DICT_UNSPEC
 * @number: a plain number is asked for; with a type, as the form of the data
 *	that are written
 */
struct nft_dict_level_request {
	const struct nlattr	*table;
	const struct nlattr	*field;
	u8			type;
	bool			number;
};

/**
 * struct nft_dict_path_request - the path as it was asked for, once valid
 * @levels: tables on the path
 * @nlevels: entries used at @levels
 */
struct nft_dict_path_request {
	struct nft_dict_level_request	levels[NF_DICT_LEVELS_MAX];
	unsigned int			nlevels;
};

/* The message says what is wrong; nf_tables points at the expression. */
#define nft_dict_refuse(ctx, err, msg) ({		\
	NL_SET_ERR_MSG((ctx)->extack, msg);		\
	(err);						\
})

/* Packet path */

static bool nft_dict_key(const struct nft_dict *priv,
			 const struct nft_regs *regs, struct nf_dict_key *key)
{
	return nf_dict_key_from_reg(key, priv->key.type, priv->key.len,
				    priv->key.host, &regs->data[priv->sreg]);
}

static noinline int __nft_dict_own(const struct nft_dict *priv,
				   const struct nft_regs *regs,
				   const struct nft_pktinfo *pkt,
				   struct nf_dict_own *own)
{
#if IS_ENABLED(CONFIG_NF_DICT_CT)
	const struct nf_dict_level *first = priv->levels ?: &priv->last;
	enum ip_conntrack_info ctinfo;
	struct nf_dict_key key;
	struct nf_conn *ct;

	if (nf_dict_table_key_class(first->table) != NF_DICT_KEY_CT)
		return 0;

	ct = nf_ct_get(pkt->skb, &ctinfo);
	if (!ct || !nft_dict_key(priv, regs, &key))
		return 0;

	if (key.num != nf_ct_dict_number(READ_ONCE(ct->id)))
		return 0;

	return nf_dict_conn_own(first->table, ct, nf_ct_dict_ext_find(ct),
				nf_ct_is_confirmed(ct), own) ? 1 : -ENOENT;
#else
	return 0;
#endif
}

/*
 * If the first table has rows of connections, and the key is the id of the
 * packet's, return 1 with @own, or -ENOENT if it has no rows: then a row of that id
 * is another connection's. Otherwise return 0.
 */
static int nft_dict_own(const struct nft_dict *priv,
			const struct nft_regs *regs,
			const struct nft_pktinfo *pkt, struct nf_dict_own *own)
{
	if (!static_branch_unlikely(&nf_dict_conn_key))
		return 0;

	return __nft_dict_own(priv, regs, pkt, own);
}

/*
 * Key of the row in the last table, for writes; @via has what it borrows. Sets
 * @flags to %NF_DICT_W_CONN if it is the id of the packet's connection, or 0.
 */
static bool nft_dict_row_key(const struct nft_dict *priv,
			     const struct nft_regs *regs,
			     const struct nft_pktinfo *pkt,
			     struct nf_dict_key *key,
			     struct nf_dict_value *via, u32 *flags)
{
	struct nf_dict_own own;
	int is_own = nft_dict_own(priv, regs, pkt, &own);

	if (is_own < 0 || !nft_dict_key(priv, regs, key))
		return false;

	*flags = is_own && !priv->levels ? NF_DICT_W_CONN : 0;

	return !priv->levels ||
	       nf_dict_path_key(priv->levels, priv->nlevels, key, via);
}

/* The field's value, if it has the type that the rule tells. */
static bool nft_dict_read(struct nft_dict *priv, const struct nft_regs *regs,
			  const struct nft_pktinfo *pkt,
			  struct nf_dict_value *value)
{
	struct nf_dict_own own;
	int is_own = nft_dict_own(priv, regs, pkt, &own);

	if (is_own)
		return is_own > 0 &&
		       nf_dict_path_read_conn(priv->levels ?: &priv->last,
					      priv->nlevels, &own, value);

	return nf_dict_path_read_reg(priv->levels ?: &priv->last, priv->nlevels,
				     &priv->key, &regs->data[priv->sreg],
				     value);
}

/* A write that failed ends the rule, and the table's statistics tell. */
static void nft_dict_write_failed(const struct nft_dict *priv,
				  struct nft_regs *regs)
{
	nf_dict_table_drop(priv->last.table);
	regs->verdict.code = NFT_BREAK;
}

void nft_dict_load_eval(const struct nft_expr *expr, struct nft_regs *regs,
			const struct nft_pktinfo *pkt)
{
	struct nft_dict *priv = nft_expr_priv(expr);
	struct nf_dict_value value;
	struct nf_dict_own own;
	int is_own = nft_dict_own(priv, regs, pkt, &own);

	if (unlikely(is_own)) {
		if (is_own < 0 ||
		    !nf_dict_path_read_conn(priv->levels ?: &priv->last,
					    priv->nlevels, &own, &value) ||
		    !nf_dict_value_to_reg(&value, &priv->form,
					  &regs->data[priv->data_reg]))
			regs->verdict.code = NFT_BREAK;
		return;
	}

	if (!nf_dict_path_load(priv->levels ?: &priv->last, priv->nlevels,
			       &priv->key, &regs->data[priv->sreg],
			       &priv->form, &regs->data[priv->data_reg]))
		regs->verdict.code = NFT_BREAK;
}

static void nft_dict_load_fields_eval(const struct nft_expr *expr,
				      struct nft_regs *regs,
				      const struct nft_pktinfo *pkt)
{
	struct nft_dict *priv = nft_expr_priv(expr);
	struct nft_dict_fields *fields = priv->fields;
	struct nf_dict_own own;
	struct nf_dict_key key;
	int is_own = nft_dict_own(priv, regs, pkt, &own);

	if (is_own < 0 || (!is_own && !nft_dict_key(priv, regs, &key)) ||
	    !nf_dict_path_load_fields(priv->levels ?: &priv->last,
				      priv->nlevels, is_own ? &own : NULL, &key,
				      fields->loads, fields->n,
				      &regs->data[priv->data_reg]))
		regs->verdict.code = NFT_BREAK;
}

void nft_dict_match_eval(const struct nft_expr *expr, struct nft_regs *regs,
			 const struct nft_pktinfo *pkt)
{
	struct nft_dict *priv = nft_expr_priv(expr);
	struct nf_dict_value value;
	bool matches;

	/* a string that is not there does not differ from a pattern either */
	if (!nft_dict_read(priv, regs, pkt, &value)) {
		regs->verdict.code = NFT_BREAK;
		return;
	}

	matches = nf_dict_patterns_match(priv->patterns, &value) >= 0;
	if (matches == !!(priv->flags & NFT_DICT_F_INV))
		regs->verdict.code = NFT_BREAK;
}

static void nft_dict_index_eval(const struct nft_expr *expr,
				struct nft_regs *regs,
				const struct nft_pktinfo *pkt)
{
	struct nft_dict *priv = nft_expr_priv(expr);
	struct nf_dict_value value;
	int i = -1;

	if (nft_dict_read(priv, regs, pkt, &value))
		i = nf_dict_patterns_match(priv->patterns, &value);

	if (i < 0)
		regs->verdict.code = NFT_BREAK;
	else if (priv->flags & NFT_DICT_F_DATA_HOST)
		regs->data[priv->data_reg] = i;
	else
		regs->data[priv->data_reg] = (__force u32)htonl(i);
}

static void nft_dict_exists_eval(const struct nft_expr *expr,
				 struct nft_regs *regs,
				 const struct nft_pktinfo *pkt)
{
	struct nft_dict *priv = nft_expr_priv(expr);
	struct nf_dict_value value;

	if (nft_dict_read(priv, regs, pkt, &value) ==
	    !!(priv->flags & NFT_DICT_F_INV))
		regs->verdict.code = NFT_BREAK;
}

/* Gives @value, and the reference it may own, to the field. */
static void nft_dict_write(const struct nft_dict *priv,
			   const struct nf_dict_key *key, u8 op,
			   const struct nf_dict_value *value, u32 flags,
			   struct nft_regs *regs)
{
	struct nf_dict_field_value field = {
		.field	= priv->last.field,
		.op	= op,
		.value	= *value,
	};
	struct nf_dict_update update = {
		.flags		= NF_DICT_W_PACKET | NF_DICT_W_CREATE | flags,
		.nfields	= 1,
		.fields		= &field,
	};
	int err;

	err = nf_dict_row_write(priv->last.table, key, &update);
	if (!err)
		return;

	nf_dict_value_put(&field.value);
	/* A list that is not there to remove from is no match. */
	if (err == -ENOENT && op == NF_DICT_OP_SUB)
		regs->verdict.code = NFT_BREAK;
	else
		nft_dict_write_failed(priv, regs);
}

static u8 nft_dict_set_op(const struct nft_dict *priv)
{
	return priv->last.type == NF_DICT_NUMBER ? NF_DICT_OP_NUMBER :
						   NF_DICT_OP_SET;
}

static void nft_dict_set_eval(const struct nft_expr *expr,
			      struct nft_regs *regs,
			      const struct nft_pktinfo *pkt)
{
	const struct nft_dict *priv = nft_expr_priv(expr);
	struct nf_dict_value value, via;
	struct mem_cgroup *memcg;
	struct nf_dict_key key;
	u32 flags;
	int err;

	if (!nft_dict_row_key(priv, regs, pkt, &key, &via, &flags)) {
		regs->verdict.code = NFT_BREAK;
		return;
	}

	memcg = nf_dict_table_charge(priv->last.table);
	err = nf_dict_value_from_reg(nft_net(pkt), &value, priv->last.type,
				     &priv->form, &regs->data[priv->data_reg]);
	nf_dict_table_uncharge(memcg);
	if (err) {
		nft_dict_write_failed(priv, regs);
		return;
	}

	nft_dict_write(priv, &key, nft_dict_set_op(priv), &value, flags, regs);
}

static void nft_dict_write_const(const struct nft_dict *priv, u8 op,
				 struct nft_regs *regs,
				 const struct nft_pktinfo *pkt)
{
	struct nf_dict_value via;
	struct nf_dict_key key;
	u32 flags;

	if (!nft_dict_row_key(priv, regs, pkt, &key, &via, &flags)) {
		regs->verdict.code = NFT_BREAK;
		return;
	}

	nf_dict_value_hold(&priv->value);
	nft_dict_write(priv, &key, op, &priv->value, flags, regs);
}

static void nft_dict_set_const_eval(const struct nft_expr *expr,
				    struct nft_regs *regs,
				    const struct nft_pktinfo *pkt)
{
	const struct nft_dict *priv = nft_expr_priv(expr);

	nft_dict_write_const(priv, nft_dict_set_op(priv), regs, pkt);
}

static void nft_dict_arith(const struct nft_dict *priv, u64 amount,
			   bool subtract, struct nft_regs *regs,
			   const struct nft_pktinfo *pkt)
{
	struct nf_dict_value via;
	struct nf_dict_key key;
	int err = -ENOENT;
	u32 flags;

	if (nft_dict_row_key(priv, regs, pkt, &key, &via, &flags))
		err = nf_dict_row_add(priv->last.table, &key, priv->last.field,
				      priv->last.type, amount, subtract);

	/* nothing to add to is no match, as it is for reads */
	if (err == -ENOENT)
		regs->verdict.code = NFT_BREAK;
	else if (err)
		nft_dict_write_failed(priv, regs);
}

static void nft_dict_arith_signed(const struct nft_dict *priv, s64 num,
				  struct nft_regs *regs,
				  const struct nft_pktinfo *pkt)
{
	bool subtract = priv->op == NFT_DICT_SUB;

	if (num < 0)
		nft_dict_arith(priv, -(u64)num, !subtract, regs, pkt);
	else
		nft_dict_arith(priv, num, subtract, regs, pkt);
}

static void nft_dict_add_eval(const struct nft_expr *expr,
			      struct nft_regs *regs,
			      const struct nft_pktinfo *pkt)
{
	const struct nft_dict *priv = nft_expr_priv(expr);
	const u32 *src = &regs->data[priv->data_reg];
	struct nf_dict_value value;
	struct nf_dict_key num;

	if (priv->form.type == NF_DICT_NUMBER) {
		/* An amount may be more than the field can hold, and saturates
		 * it then. So it is not made a value but read as keys are, with
		 * all of its 64 bits.
		 */
		nf_dict_key_from_reg(&num, NF_DICT_KEY_INT, priv->form.len,
				     priv->form.host, src);
		nft_dict_arith(priv, num.num, priv->op == NFT_DICT_SUB, regs,
			       pkt);
		return;
	}

	/* a number, so there is nothing to release */
	if (nf_dict_value_from_reg(nft_net(pkt), &value, priv->form.type,
				   &priv->form, src)) {
		nft_dict_write_failed(priv, regs);
		return;
	}

	nft_dict_arith_signed(priv, nf_dict_value_num(&value), regs, pkt);
}

static void nft_dict_add_const_eval(const struct nft_expr *expr,
				    struct nft_regs *regs,
				    const struct nft_pktinfo *pkt)
{
	const struct nft_dict *priv = nft_expr_priv(expr);

	if (priv->last.type == NF_DICT_STRING_LIST)
		nft_dict_write_const(priv, priv->op == NFT_DICT_SUB ?
				     NF_DICT_OP_SUB : NF_DICT_OP_ADD, regs,
				     pkt);
	else
		nft_dict_arith_signed(priv, nf_dict_value_num(&priv->value),
				      regs, pkt);
}

static void nft_dict_delete_eval(const struct nft_expr *expr,
				 struct nft_regs *regs,
				 const struct nft_pktinfo *pkt)
{
	const struct nft_dict *priv = nft_expr_priv(expr);
	struct nf_dict_value via;
	struct nf_dict_key key;
	u32 flags;
	int err;

	if (!nft_dict_row_key(priv, regs, pkt, &key, &via, &flags))
		return;

	/* Deleting a missing field is not an error. */
	err = nf_dict_row_delete_field(priv->last.table, &key,
				       priv->last.field, priv->last.type);
	if (err && err != -ENOENT)
		nft_dict_write_failed(priv, regs);
}

static void nft_dict_flush_eval(const struct nft_expr *expr,
				struct nft_regs *regs,
				const struct nft_pktinfo *pkt)
{
	const struct nft_dict *priv = nft_expr_priv(expr);
	struct nf_dict_value via;
	struct nf_dict_key key;
	u32 flags;
	int err;

	if (!nft_dict_row_key(priv, regs, pkt, &key, &via, &flags))
		return;

	err = nf_dict_row_delete(priv->last.table, &key);
	if (err && err != -ENOENT)
		nft_dict_write_failed(priv, regs);
}

/* Requests */

static const struct nla_policy nft_dict_level_policy[NFTA_DICT_LEVEL_MAX + 1] = {
	[NFTA_DICT_LEVEL_TABLE]	= { .type = NLA_STRING,
				    .len = NF_DICT_NAME_MAX },
	[NFTA_DICT_LEVEL_FIELD]	= { .type = NLA_STRING,
				    .len = NF_DICT_NAME_MAX },
	[NFTA_DICT_LEVEL_TYPE]	=
		NLA_POLICY_RANGE(NLA_BE32, NF_DICT_BOOL, NF_DICT_TYPE_MAX),
	[NFTA_DICT_LEVEL_FORM]	=
		NLA_POLICY_RANGE(NLA_BE32, NFT_DICT_FORM_NUMBER,
				 NFT_DICT_FORM_MAX),
};

static const struct nla_policy nft_dict_field_policy[NFTA_DICT_LOAD_MAX + 1] = {
	[NFTA_DICT_LOAD_NAME]	= { .type = NLA_STRING,
				    .len = NF_DICT_NAME_MAX },
	[NFTA_DICT_LOAD_TYPE]	=
		NLA_POLICY_RANGE(NLA_BE32, NF_DICT_BOOL, NF_DICT_TYPE_MAX),
	[NFTA_DICT_LOAD_FORM]	=
		NLA_POLICY_RANGE(NLA_BE32, NFT_DICT_FORM_NUMBER,
				 NFT_DICT_FORM_MAX),
	[NFTA_DICT_LOAD_LEN]	=
		NLA_POLICY_RANGE(NLA_BE32, 1, NF_DICT_RAW_MAX),
	[NFTA_DICT_LOAD_FLAGS]	= NLA_POLICY_MASK(NLA_BE32,
						  NFT_DICT_F_DATA_HOST),
};

static const struct nla_policy nft_dict_data_policy[NFTA_DATA_MAX + 1] = {
	[NFTA_DATA_VALUE]	= { .type = NLA_BINARY,
				    .len = NF_DICT_STRING_MAX },
};

static const struct nla_policy nft_dict_policy[NFTA_DICT_MAX + 1] = {
	[NFTA_DICT_OP]		=
		NLA_POLICY_RANGE(NLA_BE32, NFT_DICT_LOAD, NFT_DICT_OP_MAX),
	[NFTA_DICT_FLAGS]	= NLA_POLICY_MASK(NLA_BE32, NFT_DICT_F_MASK),
	[NFTA_DICT_SREG]	= { .type = NLA_BE32 },
	[NFTA_DICT_KEY_TYPE]	=
		NLA_POLICY_RANGE(NLA_BE32, NF_DICT_KEY_INT, NF_DICT_KEY_RAW),
	[NFTA_DICT_KEY_LEN]	=
		NLA_POLICY_RANGE(NLA_BE32, 1, NF_DICT_RAW_MAX),
	[NFTA_DICT_PATH]	= NLA_POLICY_NESTED_ARRAY(nft_dict_level_policy),
	[NFTA_DICT_DREG]	= { .type = NLA_BE32 },
	[NFTA_DICT_DATA_SREG]	= { .type = NLA_BE32 },
	[NFTA_DICT_DATA_LEN]	=
		NLA_POLICY_RANGE(NLA_BE32, 1, NF_DICT_RAW_MAX),
	[NFTA_DICT_DATA]	= NLA_POLICY_NESTED(nft_dict_data_policy),
	[NFTA_DICT_PATTERNS]	= { .type = NLA_NESTED },
	[NFTA_DICT_FIELDS]	= NLA_POLICY_NESTED_ARRAY(nft_dict_field_policy),
};

#define NFT_DICT_ATTRS_COMMON	(BIT(NFTA_DICT_OP) | BIT(NFTA_DICT_FLAGS) | \
				 BIT(NFTA_DICT_SREG) | BIT(NFTA_DICT_PATH) | \
				 BIT(NFTA_DICT_KEY_TYPE) | BIT(NFTA_DICT_KEY_LEN))
#define NFT_DICT_ATTRS_WRITE	(BIT(NFTA_DICT_DATA_SREG) | BIT(NFTA_DICT_DATA) | \
				 BIT(NFTA_DICT_DATA_LEN))

/**
 * struct nft_dict_op - what an operation can be asked for
 * @attrs: attributes it takes beside those that all take; a bit for each of
 *	&enum nft_dict_attributes
 * @flags: flags it takes beside %NFT_DICT_F_KEY_HOST
 * @field: the last level names a field
 * @type: it tells its type too, otherwise it may do so
 */
struct nft_dict_op {
	u16	attrs;
	u8	flags;
	bool	field;
	bool	type;
};

static const struct nft_dict_op nft_dict_ops[NFT_DICT_OP_MAX + 1] = {
	[NFT_DICT_LOAD] = {
		.attrs	= BIT(NFTA_DICT_DREG) | BIT(NFTA_DICT_DATA_LEN) |
			  BIT(NFTA_DICT_FIELDS),
		.flags	= NFT_DICT_F_DATA_HOST,
		.field	= true,
		.type	= true,
	},
	[NFT_DICT_MATCH] = {
		.attrs	= BIT(NFTA_DICT_DREG) | BIT(NFTA_DICT_PATTERNS),
		.flags	= NFT_DICT_F_INV | NFT_DICT_F_DATA_HOST,
		.field	= true,
		.type	= true,
	},
	[NFT_DICT_EXISTS] = {
		.flags	= NFT_DICT_F_INV,
		.field	= true,
	},
	[NFT_DICT_SET] = {
		.attrs	= NFT_DICT_ATTRS_WRITE,
		.flags	= NFT_DICT_F_DATA_HOST,
		.field	= true,
		.type	= true,
	},
	[NFT_DICT_ADD] = {
		.attrs	= NFT_DICT_ATTRS_WRITE,
		.flags	= NFT_DICT_F_DATA_HOST,
		.field	= true,
		.type	= true,
	},
	[NFT_DICT_SUB] = {
		.attrs	= NFT_DICT_ATTRS_WRITE,
		.flags	= NFT_DICT_F_DATA_HOST,
		.field	= true,
		.type	= true,
	},
	[NFT_DICT_DELETE] = {
		.field	= true,
	},
	[NFT_DICT_FLUSH] = {
	},
};

/* Length of a name or string without the NUL that may end it. */
static unsigned int nft_dict_strlen(const struct nlattr *attr)
{
	unsigned int len = nla_len(attr);

	if (len && ((const char *)nla_data(attr))[len - 1] == '\0')
		len--;

	return len;
}

static int nft_dict_name_check(const struct nft_ctx *ctx,
			       const struct nlattr *attr)
{
	int err;

	err = nf_dict_name_check(nla_data(attr), nft_dict_strlen(attr));
	if (err)
		return nft_dict_refuse(ctx, err,
				       "Name is empty, too long or has white space, commas or control characters");
	return 0;
}

static int nft_dict_level_parse(const struct nft_ctx *ctx,
				struct nft_dict_level_request *level,
				const struct nlattr *nla)
{
	struct nlattr *tb[NFTA_DICT_LEVEL_MAX + 1];
	int err;

	err = nla_parse_nested(tb, NFTA_DICT_LEVEL_MAX, nla,
			       nft_dict_level_policy, ctx->extack);
	if (err)
		return err;

	if (!tb[NFTA_DICT_LEVEL_TABLE])
		return nft_dict_refuse(ctx, -EINVAL,
				       "Level of the path lacks its table");

	err = nft_dict_name_check(ctx, tb[NFTA_DICT_LEVEL_TABLE]);
	if (err)
		return err;

	if (tb[NFTA_DICT_LEVEL_FIELD]) {
		err = nft_dict_name_check(ctx, tb[NFTA_DICT_LEVEL_FIELD]);
		if (err)
			return err;
	} else if (tb[NFTA_DICT_LEVEL_TYPE] || tb[NFTA_DICT_LEVEL_FORM]) {
		return nft_dict_refuse(ctx, -EINVAL,
				       "Level of the path has a type or form but no field");
	}

	level->table = tb[NFTA_DICT_LEVEL_TABLE];
	level->field = tb[NFTA_DICT_LEVEL_FIELD];
	level->number = tb[NFTA_DICT_LEVEL_FORM];
	if (tb[NFTA_DICT_LEVEL_TYPE])
		level->type = ntohl(nla_get_be32(tb[NFTA_DICT_LEVEL_TYPE]));
	else if (level->number)
		level->type = NF_DICT_NUMBER;
	else
		level->type = NF_DICT_UNSPEC;

	return 0;
}

/* The form of a level is that of its type, unless a register is written. */
static bool nft_dict_level_has_both(const struct nft_dict_level_request *level)
{
	return level->number && level->type != NF_DICT_NUMBER;
}

static int nft_dict_path_parse(const struct nft_ctx *ctx,
			       struct nft_dict_path_request *path,
			       const struct nft_dict_op *op,
			       const struct nlattr *attr)
{
	const struct nft_dict_level_request *last;
	const struct nlattr *nla;
	unsigned int i;
	int rem, err;

	if (!attr)
		return nft_dict_refuse(ctx, -EINVAL, "Path is missing");

	path->nlevels = 0;
	nla_for_each_nested(nla, attr, rem) {
		if (nla_type(nla) != NFTA_LIST_ELEM)
			return nft_dict_refuse(ctx, -EINVAL,
					       "Path is not a list");
		if (path->nlevels == NF_DICT_LEVELS_MAX)
			return nft_dict_refuse(ctx, -E2BIG,
					       "Path has too many levels");
		err = nft_dict_level_parse(ctx, &path->levels[path->nlevels],
					   nla);
		if (err)
			return err;
		path->nlevels++;
	}
	if (!path->nlevels)
		return nft_dict_refuse(ctx, -EINVAL, "Path is empty");

	for (i = 0; i < path->nlevels - 1; i++) {
		if (path->levels[i].type == NF_DICT_UNSPEC)
			return nft_dict_refuse(ctx, -EINVAL,
					       "Level that gives the key of the next lacks field or type");
		if (path->levels[i].type == NF_DICT_STRING_LIST)
			return nft_dict_refuse(ctx, -EINVAL,
					       "Level that gives the key of the next is a list");
		if (nft_dict_level_has_both(&path->levels[i]))
			return nft_dict_refuse(ctx, -EINVAL,
					       "Level that gives the key of the next has both type and form");
	}

	last = &path->levels[i];
	if (op->field && !last->field)
		return nft_dict_refuse(ctx, -EINVAL, "Last level lacks a field");
	if (!op->field && last->field)
		return nft_dict_refuse(ctx, -EINVAL,
				       "Last level has a field, but rows are flushed whole");
	if (op->type && last->type == NF_DICT_UNSPEC)
		return nft_dict_refuse(ctx, -EINVAL,
				       "Last level lacks the field's type");

	return 0;
}

static int nft_dict_key_parse(const struct nft_ctx *ctx, struct nft_dict *priv,
			      const struct nlattr * const tb[])
{
	unsigned int len, want;
	int err;

	if (!tb[NFTA_DICT_SREG] || !tb[NFTA_DICT_KEY_TYPE] ||
	    !tb[NFTA_DICT_KEY_LEN])
		return nft_dict_refuse(ctx, -EINVAL,
				       "Register, type or length of the key is missing");

	priv->key.type = ntohl(nla_get_be32(tb[NFTA_DICT_KEY_TYPE]));
	len = ntohl(nla_get_be32(tb[NFTA_DICT_KEY_LEN]));

	switch (priv->key.type) {
	case NF_DICT_KEY_INT:
		want = min_t(unsigned int, len, sizeof(u64));
		break;
	case NF_DICT_KEY_IPV4:
		want = nf_dict_type_len(NF_DICT_IPV4_ADDR);
		break;
	case NF_DICT_KEY_IPV6:
		want = nf_dict_type_len(NF_DICT_IPV6_ADDR);
		break;
	case NF_DICT_KEY_ETHER:
		want = nf_dict_type_len(NF_DICT_ETHER_ADDR);
		break;
	default:
		want = len;
		break;
	}
	if (len != want)
		return nft_dict_refuse(ctx, -EINVAL,
				       "Length of the key does not fit its type");
	priv->key.len = len;
	priv->key.host = priv->flags & NFT_DICT_F_KEY_HOST;

	if (priv->flags & NFT_DICT_F_KEY_HOST &&
	    priv->key.type != NF_DICT_KEY_INT)
		return nft_dict_refuse(ctx, -EINVAL,
				       "Host byte order is for keys that are numbers");

	err = nft_parse_register_load(ctx, tb[NFTA_DICT_SREG], &priv->sreg, len);
	if (err)
		return nft_dict_refuse(ctx, err,
				       "Register of the key is invalid or nothing was loaded into it");
	return 0;
}

/* Form in registers of data of @type, whose length @len may be NULL. */
static int nft_dict_form_parse(const struct nft_ctx *ctx,
			       struct nf_dict_reg *form, u8 type, bool host,
			       const struct nlattr *len)
{
	if (type == NF_DICT_STRING_LIST)
		return nft_dict_refuse(ctx, -EINVAL,
				       "Lists do not fit registers");

	form->type = type;
	form->host = host;
	if (host && type != NF_DICT_NUMBER)
		return nft_dict_refuse(ctx, -EINVAL,
				       "Host byte order is for data that are plain numbers");

	if (len)
		form->len = ntohl(nla_get_be32(len));
	else if (type != NF_DICT_NUMBER && type != NF_DICT_LONG_STRING)
		form->len = nf_dict_type_len(type);
	else
		return nft_dict_refuse(ctx, -EINVAL,
				       "Length of the data is missing");

	if (nf_dict_reg_check(form))
		return nft_dict_refuse(ctx, -EINVAL,
				       "Length of the data does not fit their type");
	return 0;
}

/* Register to load @len bytes into. */
static int nft_dict_dreg_parse(const struct nft_ctx *ctx, struct nft_dict *priv,
			       unsigned int len,
			       const struct nlattr * const tb[])
{
	int err;

	err = nft_parse_register_store(ctx, tb[NFTA_DICT_DREG], &priv->data_reg,
				       NULL, NFT_DATA_VALUE, len);
	if (err)
		return nft_dict_refuse(ctx, err,
				       "Register to load into is invalid");
	return 0;
}

static int nft_dict_field_parse(const struct nft_ctx *ctx,
				struct nf_dict_load *load,
				const struct nlattr *nla)
{
	struct nlattr *tb[NFTA_DICT_LOAD_MAX + 1];
	bool host = false;
	u8 type;
	int err;

	err = nla_parse_nested(tb, NFTA_DICT_LOAD_MAX, nla,
			       nft_dict_field_policy, ctx->extack);
	if (err)
		return err;

	if (!tb[NFTA_DICT_LOAD_NAME] ||
	    !tb[NFTA_DICT_LOAD_TYPE] == !tb[NFTA_DICT_LOAD_FORM])
		return nft_dict_refuse(ctx, -EINVAL,
				       "Field lacks its name, or not either type or form");

	err = nft_dict_name_check(ctx, tb[NFTA_DICT_LOAD_NAME]);
	if (err)
		return err;

	if (tb[NFTA_DICT_LOAD_TYPE])
		type = ntohl(nla_get_be32(tb[NFTA_DICT_LOAD_TYPE]));
	else
		type = NF_DICT_NUMBER;
	if (tb[NFTA_DICT_LOAD_FLAGS])
		host = ntohl(nla_get_be32(tb[NFTA_DICT_LOAD_FLAGS])) &
		       NFT_DICT_F_DATA_HOST;

	err = nft_dict_form_parse(ctx, &load->form, type, host,
				  tb[NFTA_DICT_LOAD_LEN]);
	if (err)
		return err;

	load->hint = NF_DICT_HINT_NONE;
	load->field = nf_dict_field_get(ctx->net,
					nla_data(tb[NFTA_DICT_LOAD_NAME]),
					nft_dict_strlen(tb[NFTA_DICT_LOAD_NAME]),
					GFP_KERNEL_ACCOUNT);
	if (IS_ERR(load->field))
		return nft_dict_refuse(ctx, PTR_ERR(load->field),
				       "Field cannot be used");

	return 0;
}

/* All but the first, which is the level's. */
static void nft_dict_fields_free(struct nft_dict_fields *fields)
{
	unsigned int i;

	for (i = 1; i < fields->n; i++)
		nf_dict_field_put(fields->loads[i].field);
	kfree(fields);
}

/* The first one's form is known, and its name comes with the path. */
static int nft_dict_fields_parse(const struct nft_ctx *ctx,
				 struct nft_dict *priv,
				 const struct nlattr * const tb[])
{
	struct nft_dict_fields *fields;
	unsigned int len, n = 1;
	const struct nlattr *nla;
	int rem, err;

	nla_for_each_nested(nla, tb[NFTA_DICT_FIELDS], rem) {
		if (nla_type(nla) != NFTA_LIST_ELEM)
			return nft_dict_refuse(ctx, -EINVAL,
					       "Fields are not a list");
		n++;
	}
	if (n == 1)
		return nft_dict_refuse(ctx, -EINVAL, "Fields are missing");
	if (n > NF_DICT_LOADS_MAX)
		return nft_dict_refuse(ctx, -E2BIG,
				       "More fields than registers");

	fields = kzalloc(struct_size(fields, loads, n), GFP_KERNEL_ACCOUNT);
	if (!fields)
		return -ENOMEM;

	fields->n = 1;
	fields->loads[0].hint = NF_DICT_HINT_NONE;
	fields->loads[0].form = priv->form;
	len = priv->form.len;
	nla_for_each_nested(nla, tb[NFTA_DICT_FIELDS], rem) {
		struct nf_dict_load load = {};

		err = nft_dict_field_parse(ctx, &load, nla);
		if (err)
			goto err_free;
		fields->n++;
		fields->loads[fields->n - 1] = load;
		len = round_up(len, sizeof(u32)) + load.form.len;
	}

	err = nft_dict_dreg_parse(ctx, priv, len, tb);
	if (err)
		goto err_free;

	priv->several = true;
	priv->fields = fields;

	return 0;

err_free:
	nft_dict_fields_free(fields);
	return err;
}

static int nft_dict_load_parse(const struct nft_ctx *ctx, struct nft_dict *priv,
			       u8 type, const struct nlattr * const tb[])
{
	int err;

	if (!tb[NFTA_DICT_DREG])
		return nft_dict_refuse(ctx, -EINVAL,
				       "Register to load into is missing");

	err = nft_dict_form_parse(ctx, &priv->form, type,
				  priv->flags & NFT_DICT_F_DATA_HOST,
				  tb[NFTA_DICT_DATA_LEN]);
	if (err)
		return err;

	if (tb[NFTA_DICT_FIELDS])
		return nft_dict_fields_parse(ctx, priv, tb);

	return nft_dict_dreg_parse(ctx, priv, priv->form.len, tb);
}

static int nft_dict_pattern_add(const struct nft_ctx *ctx,
				struct nf_dict_patterns *patterns,
				const struct nlattr *nla)
{
	int err;

	err = nf_dict_patterns_add(patterns, nla_data(nla), nla_len(nla));
	switch (err) {
	case -EINVAL:
		NL_SET_ERR_MSG_ATTR(ctx->extack, nla,
				    "Pattern has a bracket that is not closed, a backslash at its end or a NUL");
		break;
	case -ENAMETOOLONG:
		NL_SET_ERR_MSG_ATTR(ctx->extack, nla, "Pattern is too long");
		break;
	}

	return err;
}

static int nft_dict_patterns_parse(const struct nft_ctx *ctx,
				   struct nft_dict *priv, u8 type,
				   const struct nlattr *attr)
{
	const struct nlattr *nla;
	unsigned int n = 0;
	int rem, err;

	if (!attr)
		return nft_dict_refuse(ctx, -EINVAL, "Patterns are missing");

	nla_for_each_nested(nla, attr, rem) {
		if (nla_type(nla) != NFTA_LIST_ELEM)
			return nft_dict_refuse(ctx, -EINVAL,
					       "Patterns are not a list");
		n++;
	}
	if (!n)
		return nft_dict_refuse(ctx, -EINVAL, "Patterns are missing");
	priv->patterns = nf_dict_patterns_alloc(ctx->net, n, type);
	if (IS_ERR(priv->patterns))
		return PTR_ERR(priv->patterns);

	nla_for_each_nested(nla, attr, rem) {
		err = nft_dict_pattern_add(ctx, priv->patterns, nla);
		if (err) {
			nf_dict_patterns_free(priv->patterns);
			return err;
		}
	}

	return 0;
}

static int nft_dict_match_parse(const struct nft_ctx *ctx,
				struct nft_dict *priv, u8 type,
				const struct nlattr * const tb[])
{
	int err;

	if (type != NF_DICT_LONG_STRING && type != NF_DICT_STRING_LIST)
		return nft_dict_refuse(ctx, -EINVAL,
				       "Patterns are for fields of type long_string or string_list");

	if (tb[NFTA_DICT_DREG]) {
		if (priv->flags & NFT_DICT_F_INV)
			return nft_dict_refuse(ctx, -EINVAL,
					       "Index of a pattern cannot be negated");

		err = nft_dict_dreg_parse(ctx, priv, sizeof(u32), tb);
		if (err)
			return err;
	} else if (priv->flags & NFT_DICT_F_DATA_HOST) {
		return nft_dict_refuse(ctx, -EINVAL,
				       "Host byte order, but no register to load into");
	}

	return nft_dict_patterns_parse(ctx, priv, type, tb[NFTA_DICT_PATTERNS]);
}

static bool nft_dict_type_numeric(u8 type)
{
	switch (type) {
	case NF_DICT_INT:
	case NF_DICT_INT64:
	case NF_DICT_NUMBER:
		return true;
	default:
		return false;
	}
}

/* Register to write from to the field of @level. */
static int nft_dict_source_parse(const struct nft_ctx *ctx,
				 struct nft_dict *priv,
				 const struct nft_dict_level_request *level,
				 const struct nlattr * const tb[])
{
	int err;

	if (tb[NFTA_DICT_DATA])
		return nft_dict_refuse(ctx, -EINVAL,
				       "Both a register and a constant to write");
	if (level->type == NF_DICT_STRING_LIST)
		return nft_dict_refuse(ctx, -EINVAL,
				       "Lists are written as constants");
	if (level->number && !nft_dict_type_numeric(level->type))
		return nft_dict_refuse(ctx, -EINVAL,
				       "Plain numbers are for fields that are numbers");

	err = nft_dict_form_parse(ctx, &priv->form,
				  level->number ? NF_DICT_NUMBER : level->type,
				  priv->flags & NFT_DICT_F_DATA_HOST,
				  tb[NFTA_DICT_DATA_LEN]);
	if (err)
		return err;

	err = nft_parse_register_load(ctx, tb[NFTA_DICT_DATA_SREG],
				      &priv->data_reg, priv->form.len);
	if (err)
		return nft_dict_refuse(ctx, err,
				       "Register to write from is invalid or nothing was loaded into it");
	return 0;
}

/* Constant to write to a field of @type. */
static int nft_dict_const_parse(const struct nft_ctx *ctx,
				struct nft_dict *priv, u8 type,
				const struct nlattr * const tb[])
{
	struct nlattr *data[NFTA_DATA_MAX + 1];
	int err;

	if (!tb[NFTA_DICT_DATA])
		return nft_dict_refuse(ctx, -EINVAL,
				       "Neither a register nor a constant to write");
	if (tb[NFTA_DICT_DATA_LEN] || priv->flags & NFT_DICT_F_DATA_HOST)
		return nft_dict_refuse(ctx, -EINVAL,
				       "Constant has a form of data in registers");

	err = nla_parse_nested(data, NFTA_DATA_MAX, tb[NFTA_DICT_DATA],
			       nft_dict_data_policy, ctx->extack);
	if (err)
		return err;
	if (!data[NFTA_DATA_VALUE])
		return nft_dict_refuse(ctx, -EINVAL, "Constant has no value");

	/* the type that a field comes into being with */
	if (type == NF_DICT_NUMBER)
		type = NF_DICT_INT64;

	err = nf_dict_value_init(ctx->net, &priv->value, type,
				 nla_data(data[NFTA_DATA_VALUE]),
				 nla_len(data[NFTA_DATA_VALUE]),
				 GFP_KERNEL_ACCOUNT);
	if (err)
		return nft_dict_refuse(ctx, err,
				       "Constant to write does not fit the field's type");
	return 0;
}

static int nft_dict_write_parse(const struct nft_ctx *ctx,
				struct nft_dict *priv,
				const struct nft_dict_level_request *level,
				const struct nlattr * const tb[])
{
	if (priv->op != NFT_DICT_SET && level->type != NF_DICT_STRING_LIST &&
	    !nft_dict_type_numeric(level->type))
		return nft_dict_refuse(ctx, -EINVAL,
				       "Arithmetic is for fields that are numbers or lists");

	if (tb[NFTA_DICT_DATA_SREG])
		return nft_dict_source_parse(ctx, priv, level, tb);

	return nft_dict_const_parse(ctx, priv, level->type, tb);
}

/* What the operation needs beside the path, which ends at @level. */
static int nft_dict_data_parse(const struct nft_ctx *ctx, struct nft_dict *priv,
			       const struct nft_dict_level_request *level,
			       const struct nlattr * const tb[])
{
	if (!tb[NFTA_DICT_DATA_SREG] && nft_dict_level_has_both(level))
		return nft_dict_refuse(ctx, -EINVAL,
				       "Last level has both type and form, but no register is written from");

	switch (priv->op) {
	case NFT_DICT_LOAD:
		return nft_dict_load_parse(ctx, priv, level->type, tb);
	case NFT_DICT_MATCH:
		return nft_dict_match_parse(ctx, priv, level->type, tb);
	case NFT_DICT_SET:
	case NFT_DICT_ADD:
	case NFT_DICT_SUB:
		return nft_dict_write_parse(ctx, priv, level, tb);
	default:
		return 0;
	}
}

static void nft_dict_data_release(struct nft_dict *priv)
{
	switch (priv->op) {
	case NFT_DICT_LOAD:
		if (priv->several)
			nft_dict_fields_free(priv->fields);
		break;
	case NFT_DICT_MATCH:
		nf_dict_patterns_free(priv->patterns);
		break;
	case NFT_DICT_SET:
	case NFT_DICT_ADD:
	case NFT_DICT_SUB:
		if (!priv->data_reg)
			nf_dict_value_put(&priv->value);
		break;
	}
}

/* Rules */

static void nft_dict_level_release(const struct nf_dict_level *level)
{
	if (level->field)
		nf_dict_field_put(level->field);
	nf_dict_table_put(level->table);
}

/* Class of the keys that a field of @type gives to the next level. */
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

/* Refuse a table. A batch keeps messages that are constant, not formatted ones. */
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

/*
 * Refuse a field that the table declares as @declared. A batch keeps messages
 * that are constant, but not those that are formatted.
 */
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

/* Of all fields but the first, the first @n. */
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

/* Whether what the rule does depends on the field of the last table. */
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

/*
 * If a rule does not fit its message, listeners miss it, NFT_MSG_GETRULE fails,
 * and a dump ends before it.
 */
static int nft_dict_rule_check(const struct nft_ctx *ctx)
{
	const struct nlattr *exprs = ctx->nla[NFTA_RULE_EXPRESSIONS];

	if (!exprs || nla_len(exprs) <= NFT_DICT_RULE_SIZE)
		return 0;

	return nft_dict_refuse(ctx, -E2BIG,
			       "Rule with dict is larger than 2560 bytes, keep long lists in a table");
}

static int nft_dict_init(const struct nft_ctx *ctx, const struct nft_expr *expr,
			 const struct nlattr * const tb[])
{
	struct nft_dict *priv = nft_expr_priv(expr);
	struct nft_dict_path_request path;
	const struct nft_dict_op *op;
	unsigned int i;
	int err;

	priv->op = ntohl(nla_get_be32(tb[NFTA_DICT_OP]));
	op = &nft_dict_ops[priv->op];

	for (i = 1; i <= NFTA_DICT_MAX; i++) {
		if (tb[i] && !((NFT_DICT_ATTRS_COMMON | op->attrs) & BIT(i))) {
			NL_SET_ERR_MSG_ATTR(ctx->extack, tb[i],
					    "Attribute is not for this operation");
			return -EINVAL;
		}
	}

	if (tb[NFTA_DICT_FLAGS])
		priv->flags = ntohl(nla_get_be32(tb[NFTA_DICT_FLAGS]));
	if (priv->flags & ~(NFT_DICT_F_KEY_HOST | op->flags))
		return nft_dict_refuse(ctx, -EINVAL,
				       "Flag is not for this operation");

	err = nft_dict_rule_check(ctx);
	if (err)
		return err;

	err = nft_dict_path_parse(ctx, &path, op, tb[NFTA_DICT_PATH]);
	if (err)
		return err;

	err = nft_dict_key_parse(ctx, priv, tb);
	if (err)
		return err;

	err = nft_dict_data_parse(ctx, priv, &path.levels[path.nlevels - 1],
				  tb);
	if (err)
		return err;

	/* comes last, so that nothing refused brings a table into being */
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

/* The rule is in effect: others may see its tables. */
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

	/* the transaction may still fail, and the rule stay */
	if (phase == NFT_TRANS_PREPARE)
		nft_dict_path_suspend(priv, true);
	else
		nft_dict_unuse(priv);
}

/* The transaction that was to delete the rule failed. */
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
	/* strings are held no longer than the tables of their namespace */
	nft_dict_data_release(priv);
	nft_dict_path_release(priv);
}

/* Strings of nf_tables are dumped with a NUL. */
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

/* The length where it does not follow from the type. */
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

static const struct nft_expr_ops nft_dict_load_ops = {
	.type		= &nft_dict_type,
	.size		= NFT_DICT_SIZE,
	.eval		= nft_dict_load_eval,
	.init		= nft_dict_init,
	.activate	= nft_dict_activate,
	.deactivate	= nft_dict_deactivate,
	.commit		= nft_dict_commit,
	.destroy	= nft_dict_destroy,
	.dump		= nft_dict_dump,
};

static const struct nft_expr_ops nft_dict_load_fields_ops = {
	.type		= &nft_dict_type,
	.size		= NFT_DICT_FIELDS_SIZE,
	.eval		= nft_dict_load_fields_eval,
	.init		= nft_dict_init,
	.activate	= nft_dict_activate,
	.deactivate	= nft_dict_deactivate,
	.commit		= nft_dict_commit,
	.destroy	= nft_dict_destroy,
	.dump		= nft_dict_dump,
};

static const struct nft_expr_ops nft_dict_match_ops = {
	.type		= &nft_dict_type,
	.size		= NFT_DICT_MATCH_SIZE,
	.eval		= nft_dict_match_eval,
	.init		= nft_dict_init,
	.activate	= nft_dict_activate,
	.deactivate	= nft_dict_deactivate,
	.commit		= nft_dict_commit,
	.destroy	= nft_dict_destroy,
	.dump		= nft_dict_dump,
};

static const struct nft_expr_ops nft_dict_index_ops = {
	.type		= &nft_dict_type,
	.size		= NFT_DICT_MATCH_SIZE,
	.eval		= nft_dict_index_eval,
	.init		= nft_dict_init,
	.activate	= nft_dict_activate,
	.deactivate	= nft_dict_deactivate,
	.commit		= nft_dict_commit,
	.destroy	= nft_dict_destroy,
	.dump		= nft_dict_dump,
};

static const struct nft_expr_ops nft_dict_exists_ops = {
	.type		= &nft_dict_type,
	.size		= NFT_DICT_SIZE,
	.eval		= nft_dict_exists_eval,
	.init		= nft_dict_init,
	.activate	= nft_dict_activate,
	.deactivate	= nft_dict_deactivate,
	.commit		= nft_dict_commit,
	.destroy	= nft_dict_destroy,
	.dump		= nft_dict_dump,
};

static const struct nft_expr_ops nft_dict_set_ops = {
	.type		= &nft_dict_type,
	.size		= NFT_DICT_SIZE,
	.eval		= nft_dict_set_eval,
	.init		= nft_dict_init,
	.activate	= nft_dict_activate,
	.deactivate	= nft_dict_deactivate,
	.commit		= nft_dict_commit,
	.destroy	= nft_dict_destroy,
	.dump		= nft_dict_dump,
};

static const struct nft_expr_ops nft_dict_set_const_ops = {
	.type		= &nft_dict_type,
	.size		= NFT_DICT_CONST_SIZE,
	.eval		= nft_dict_set_const_eval,
	.init		= nft_dict_init,
	.activate	= nft_dict_activate,
	.deactivate	= nft_dict_deactivate,
	.commit		= nft_dict_commit,
	.destroy	= nft_dict_destroy,
	.dump		= nft_dict_dump,
};

static const struct nft_expr_ops nft_dict_add_ops = {
	.type		= &nft_dict_type,
	.size		= NFT_DICT_SIZE,
	.eval		= nft_dict_add_eval,
	.init		= nft_dict_init,
	.activate	= nft_dict_activate,
	.deactivate	= nft_dict_deactivate,
	.commit		= nft_dict_commit,
	.destroy	= nft_dict_destroy,
	.dump		= nft_dict_dump,
};

static const struct nft_expr_ops nft_dict_add_const_ops = {
	.type		= &nft_dict_type,
	.size		= NFT_DICT_CONST_SIZE,
	.eval		= nft_dict_add_const_eval,
	.init		= nft_dict_init,
	.activate	= nft_dict_activate,
	.deactivate	= nft_dict_deactivate,
	.commit		= nft_dict_commit,
	.destroy	= nft_dict_destroy,
	.dump		= nft_dict_dump,
};

static const struct nft_expr_ops nft_dict_delete_ops = {
	.type		= &nft_dict_type,
	.size		= NFT_DICT_SIZE,
	.eval		= nft_dict_delete_eval,
	.init		= nft_dict_init,
	.activate	= nft_dict_activate,
	.deactivate	= nft_dict_deactivate,
	.commit		= nft_dict_commit,
	.destroy	= nft_dict_destroy,
	.dump		= nft_dict_dump,
};

static const struct nft_expr_ops nft_dict_flush_ops = {
	.type		= &nft_dict_type,
	.size		= NFT_DICT_SIZE,
	.eval		= nft_dict_flush_eval,
	.init		= nft_dict_init,
	.activate	= nft_dict_activate,
	.deactivate	= nft_dict_deactivate,
	.commit		= nft_dict_commit,
	.destroy	= nft_dict_destroy,
	.dump		= nft_dict_dump,
};

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
/* Daemons of before nfnetlink_dict expect the nodes along with the expression. */
MODULE_SOFTDEP("post: nf_dict_procfs");
