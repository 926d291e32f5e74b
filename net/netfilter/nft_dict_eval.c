// SPDX-License-Identifier: GPL-2.0-only
/*
 * The dict expression: evaluation by packets.
 */
#include <linux/kernel.h>
#include <linux/netfilter.h>
#if IS_ENABLED(CONFIG_NF_DICT_CT)
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_dict.h>
#endif

#include "nft_dict_internal.h"

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
 * packet's connection, return 1 with @own, or -ENOENT if that has no rows: a
 * row of that id is then another connection's. Otherwise return 0.
 */
static int nft_dict_own(const struct nft_dict *priv,
			const struct nft_regs *regs,
			const struct nft_pktinfo *pkt, struct nf_dict_own *own)
{
	if (!static_branch_unlikely(&nf_dict_conn_key))
		return 0;

	return __nft_dict_own(priv, regs, pkt, own);
}

/* Find the key of the row to write in the last table; it borrows @via. */
static bool nft_dict_row_key(const struct nft_dict *priv,
			     const struct nft_regs *regs,
			     const struct nft_pktinfo *pkt,
			     struct nf_dict_key *key, struct nf_dict_value *via)
{
	struct nf_dict_own own;
	int is_own = nft_dict_own(priv, regs, pkt, &own);

	if (is_own < 0 || !nft_dict_key(priv, regs, key))
		return false;

	if (priv->levels)
		return nf_dict_path_key(priv->levels, priv->nlevels, key, via);

	if (is_own)
		key->conn = own.conn;

	return true;
}

/* Slow path of nft_dict_read(), if there are tables of connections. */
static noinline bool nft_dict_read_own(struct nft_dict *priv,
				       const struct nft_regs *regs,
				       const struct nft_pktinfo *pkt,
				       struct nf_dict_value *value)
{
	struct nf_dict_level *levels = priv->levels ?: &priv->last;
	struct nf_dict_own own;
	int is_own = __nft_dict_own(priv, regs, pkt, &own);

	if (is_own)
		return is_own > 0 &&
		       nf_dict_path_read_conn(levels, priv->nlevels, &own,
					      value);

	return nf_dict_path_read_reg(levels, priv->nlevels, &priv->key,
				     &regs->data[priv->sreg], value);
}

/* The field's value, if it has the type given by the rule. */
static __always_inline bool nft_dict_read(struct nft_dict *priv,
					  const struct nft_regs *regs,
					  const struct nft_pktinfo *pkt,
					  struct nf_dict_value *value)
{
	const u32 *src = &regs->data[priv->sreg];
	int found = -EAGAIN;

	if (!static_branch_unlikely(&nf_dict_conn_key))
		return nf_dict_path_read_reg(priv->levels ?: &priv->last,
					     priv->nlevels, &priv->key, src,
					     value);

	if (!priv->levels)
		found = nf_dict_path_read_skb(&priv->last, &priv->key, src,
					      pkt->skb, value);
	if (likely(found >= 0))
		return found;

	return nft_dict_read_own(priv, regs, pkt, value);
}

/* A failed write ends the rule and is counted in the table's statistics. */
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
	u32 *dest = &regs->data[priv->data_reg];
	struct nf_dict_value value;
	bool found;

	/* One call is faster, but does not look at the connection. */
	if (static_branch_unlikely(&nf_dict_conn_key))
		found = nft_dict_read(priv, regs, pkt, &value) &&
			nf_dict_value_to_reg(&value, &priv->form, dest);
	else
		found = nf_dict_path_load(priv->levels ?: &priv->last,
					  priv->nlevels, &priv->key,
					  &regs->data[priv->sreg], &priv->form,
					  dest);
	if (!found)
		regs->verdict.code = NFT_BREAK;
}

void nft_dict_load_fields_eval(const struct nft_expr *expr,
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

	/* a missing string does not match, even if the match is inverted */
	if (!nft_dict_read(priv, regs, pkt, &value)) {
		regs->verdict.code = NFT_BREAK;
		return;
	}

	matches = nf_dict_patterns_match(priv->patterns, &value) >= 0;
	if (matches == !!(priv->flags & NFT_DICT_F_INV))
		regs->verdict.code = NFT_BREAK;
}

void nft_dict_index_eval(const struct nft_expr *expr, struct nft_regs *regs,
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

void nft_dict_exists_eval(const struct nft_expr *expr, struct nft_regs *regs,
			  const struct nft_pktinfo *pkt)
{
	struct nft_dict *priv = nft_expr_priv(expr);
	struct nf_dict_value value;

	if (nft_dict_read(priv, regs, pkt, &value) ==
	    !!(priv->flags & NFT_DICT_F_INV))
		regs->verdict.code = NFT_BREAK;
}

/* Write @value, whose reference moves to the field or is dropped. */
static void nft_dict_write(const struct nft_dict *priv,
			   const struct nf_dict_key *key, u8 op,
			   const struct nf_dict_value *value,
			   struct nft_regs *regs)
{
	struct nf_dict_field_value field = {
		.field	= priv->last.field,
		.op	= op,
		.value	= *value,
	};
	struct nf_dict_update update = {
		.flags		= NF_DICT_W_PACKET | NF_DICT_W_CREATE,
		.nfields	= 1,
		.fields		= &field,
	};
	int err;

	err = nf_dict_row_write(priv->last.table, key, &update);
	if (!err)
		return;

	nf_dict_value_put(&field.value);
	/* Removing from a missing list is a mismatch, not a failed write. */
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

void nft_dict_set_eval(const struct nft_expr *expr, struct nft_regs *regs,
		       const struct nft_pktinfo *pkt)
{
	const struct nft_dict *priv = nft_expr_priv(expr);
	struct nf_dict_value value, via;
	struct mem_cgroup *memcg;
	struct nf_dict_key key;
	int err;

	if (!nft_dict_row_key(priv, regs, pkt, &key, &via)) {
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

	nft_dict_write(priv, &key, nft_dict_set_op(priv), &value, regs);
}

static void nft_dict_write_const(const struct nft_dict *priv, u8 op,
				 struct nft_regs *regs,
				 const struct nft_pktinfo *pkt)
{
	struct nf_dict_value via;
	struct nf_dict_key key;

	if (!nft_dict_row_key(priv, regs, pkt, &key, &via)) {
		regs->verdict.code = NFT_BREAK;
		return;
	}

	nf_dict_value_hold(&priv->value);
	nft_dict_write(priv, &key, op, &priv->value, regs);
}

void nft_dict_set_const_eval(const struct nft_expr *expr, struct nft_regs *regs,
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

	if (nft_dict_row_key(priv, regs, pkt, &key, &via))
		err = nf_dict_row_add(priv->last.table, &key, priv->last.field,
				      priv->last.type, amount, subtract);

	/* a missing field is no match, as it is for reads */
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

void nft_dict_add_eval(const struct nft_expr *expr, struct nft_regs *regs,
		       const struct nft_pktinfo *pkt)
{
	const struct nft_dict *priv = nft_expr_priv(expr);
	const u32 *src = &regs->data[priv->data_reg];
	struct nf_dict_value value;
	struct nf_dict_key num;

	if (priv->form.type == NF_DICT_NUMBER) {
		/* The amount may exceed the range of the field, which then
		 * saturates. So it is not converted to a value, but read like a
		 * key, with all of its 64 bits.
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

void nft_dict_add_const_eval(const struct nft_expr *expr, struct nft_regs *regs,
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

/* Delete a field, or a whole row. Deleting a missing one is not an error. */
static void nft_dict_remove(const struct nft_dict *priv, bool whole,
			    struct nft_regs *regs,
			    const struct nft_pktinfo *pkt)
{
	struct nf_dict_value via;
	struct nf_dict_key key;
	int err;

	if (!nft_dict_row_key(priv, regs, pkt, &key, &via))
		return;

	if (whole)
		err = nf_dict_row_delete(priv->last.table, &key);
	else
		err = nf_dict_row_delete_field(priv->last.table, &key,
					       priv->last.field,
					       priv->last.type);
	if (err && err != -ENOENT)
		nft_dict_write_failed(priv, regs);
}

void nft_dict_delete_eval(const struct nft_expr *expr, struct nft_regs *regs,
			  const struct nft_pktinfo *pkt)
{
	nft_dict_remove(nft_expr_priv(expr), false, regs, pkt);
}

void nft_dict_flush_eval(const struct nft_expr *expr, struct nft_regs *regs,
			 const struct nft_pktinfo *pkt)
{
	nft_dict_remove(nft_expr_priv(expr), true, regs, pkt);
}
