/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Private to the dict expression.
 */
#ifndef _NFT_DICT_INTERNAL_H
#define _NFT_DICT_INTERNAL_H

#include <linux/netfilter/nf_tables.h>
#include <linux/netlink.h>
#include <net/netfilter/nf_dict.h>
#include <net/netfilter/nf_tables.h>
#include <net/netfilter/nf_tables_core.h>

/**
 * enum nft_dict_use - what a rule holds of its tables besides references
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
 * @loads: the fields; the first is that of the last level, which holds the
 *	reference
 */
struct nft_dict_fields {
	unsigned int		n;
	struct nf_dict_load	loads[] __counted_by(n);
};

/**
 * struct nft_dict - a dict expression
 * @last: the table that has the row, and the field, if any
 * @levels: for a nested lookup, all tables in order; the last entry equals
 *	@last, which borrows its references. Otherwise NULL
 * @nlevels: entries at @levels, or 1
 * @use: &enum nft_dict_use
 * @suspended: the rule is deleted if the current transaction succeeds
 * @sreg: register that holds the key into the first table
 * @key: form of that key in registers
 * @op: &enum nft_dict_ops
 * @flags: &enum nft_dict_flags
 * @data_reg: register to load into or to write from, 0 if there is none
 * @form: form of the data in @data_reg; without a type if that is an index or 0
 * @several: %NFT_DICT_LOAD has @fields
 * @patterns: for %NFT_DICT_MATCH
 * @fields: for %NFT_DICT_LOAD of several fields
 * @value: constant to write, if there is no @data_reg
 *
 * Written by init, deactivate and destroy, which nf_tables serializes, and
 * otherwise constant, except for hints. The union is last because it is omitted
 * if it is not needed.
 *
 * Packets may still run a deleted rule, so it holds references to its tables
 * until it is destroyed. Its uses end earlier, with the commit, so that the
 * table can be deleted right after the rule.
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

/**
 * struct nft_dict_level_request - one table of the lookup in a request
 * @table: name of the table
 * @field: name of the field, or NULL
 * @type: type of the field, %NF_DICT_NUMBER or %NF_DICT_UNSPEC
 * @number: an unsigned number was requested; with a type, as the form of the
 *	data to write
 */
struct nft_dict_level_request {
	const struct nlattr	*table;
	const struct nlattr	*field;
	u8			type;
	bool			number;
};

/**
 * struct nft_dict_path_request - tables of the lookup in a valid request
 * @levels: the tables
 * @nlevels: entries used at @levels
 */
struct nft_dict_path_request {
	struct nft_dict_level_request	levels[NF_DICT_LEVELS_MAX];
	unsigned int			nlevels;
};

/* Sets the message; nf_tables points at the expression. */
#define nft_dict_refuse(ctx, err, msg) ({		\
	NL_SET_ERR_MSG((ctx)->extack, msg);		\
	(err);						\
})

/* Length of a name or string without a trailing NUL. */
static inline unsigned int nft_dict_strlen(const struct nlattr *attr)
{
	unsigned int len = nla_len(attr);

	if (len && ((const char *)nla_data(attr))[len - 1] == '\0')
		len--;

	return len;
}

extern const struct nla_policy nft_dict_policy[NFTA_DICT_MAX + 1];

int nft_dict_parse(const struct nft_ctx *ctx, struct nft_dict *priv,
		   struct nft_dict_path_request *path,
		   const struct nlattr * const tb[]);
void nft_dict_data_release(struct nft_dict *priv);

void nft_dict_load_fields_eval(const struct nft_expr *expr,
			       struct nft_regs *regs,
			       const struct nft_pktinfo *pkt);
void nft_dict_index_eval(const struct nft_expr *expr, struct nft_regs *regs,
			 const struct nft_pktinfo *pkt);
void nft_dict_exists_eval(const struct nft_expr *expr, struct nft_regs *regs,
			  const struct nft_pktinfo *pkt);
void nft_dict_set_eval(const struct nft_expr *expr, struct nft_regs *regs,
		       const struct nft_pktinfo *pkt);
void nft_dict_set_const_eval(const struct nft_expr *expr, struct nft_regs *regs,
			     const struct nft_pktinfo *pkt);
void nft_dict_add_eval(const struct nft_expr *expr, struct nft_regs *regs,
		       const struct nft_pktinfo *pkt);
void nft_dict_add_const_eval(const struct nft_expr *expr, struct nft_regs *regs,
			     const struct nft_pktinfo *pkt);
void nft_dict_delete_eval(const struct nft_expr *expr, struct nft_regs *regs,
			  const struct nft_pktinfo *pkt);
void nft_dict_flush_eval(const struct nft_expr *expr, struct nft_regs *regs,
			 const struct nft_pktinfo *pkt);

#endif /* _NFT_DICT_INTERNAL_H */
