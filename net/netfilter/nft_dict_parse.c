// SPDX-License-Identifier: GPL-2.0-only
/*
 * The dict expression: parsing and checking requests.
 */
#include <linux/slab.h>

#include "nft_dict_internal.h"

/*
 * Most bytes of all expressions of a rule. nf_tables sends a rule in a message
 * of NLMSG_GOODSIZE, 3,776 bytes with pages of 4 KiB. The longest names of
 * table and chain, user data and headers take 836 of them; the rest is for what
 * the kernel adds to expressions, such as the NUL of a name.
 */
#define NFT_DICT_RULE_SIZE	2560

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

const struct nla_policy nft_dict_policy[NFTA_DICT_MAX + 1] = {
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
 * struct nft_dict_op - attributes and flags of an operation
 * @attrs: attributes it takes besides those that all take; a bit for each of
 *	&enum nft_dict_attributes
 * @flags: flags it takes besides %NFT_DICT_F_KEY_HOST
 * @field: the last level names a field
 * @type: the field's type is required, otherwise optional
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

/* Whether a level may have a type and a number: only to write a register. */
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

/* Form of data of @type in registers; the attribute @len may be NULL. */
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

/* Parse the register to load @len bytes into. */
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

/* Free all fields but the first, which belongs to the level. */
static void nft_dict_fields_free(struct nft_dict_fields *fields)
{
	unsigned int i;

	for (i = 1; i < fields->n; i++)
		nf_dict_field_put(fields->loads[i].field);
	kfree(fields);
}

/* Parse further fields; the first one is that of the path. */
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

/* Parse the register to write from to the field of @level. */
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

/* Parse the constant to write to a field of @type. */
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

	/* the type of a field that is created */
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

/* Parse what the operation needs besides the path, which ends at @level. */
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

/*
 * If a rule does not fit into its message, listeners miss it, NFT_MSG_GETRULE
 * fails, and a dump stops before it.
 */
static int nft_dict_rule_check(const struct nft_ctx *ctx)
{
	const struct nlattr *exprs = ctx->nla[NFTA_RULE_EXPRESSIONS];

	if (!exprs || nla_len(exprs) <= NFT_DICT_RULE_SIZE)
		return 0;

	return nft_dict_refuse(ctx, -E2BIG,
			       "Rule with dict is larger than 2560 bytes, keep long lists in a table");
}

/**
 * nft_dict_parse - parse and check the request for an expression
 * @ctx: context of the request
 * @priv: the expression; filled in, except its tables and fields
 * @path: names of its tables and fields, filled in; borrows the request
 * @tb: attributes of the request
 *
 * Context: process; may sleep.
 * Return: 0, and the caller releases the data with nft_dict_data_release(); or
 * a negative errno, with a message.
 */
int nft_dict_parse(const struct nft_ctx *ctx, struct nft_dict *priv,
		   struct nft_dict_path_request *path,
		   const struct nlattr * const tb[])
{
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

	err = nft_dict_path_parse(ctx, path, op, tb[NFTA_DICT_PATH]);
	if (err)
		return err;

	err = nft_dict_key_parse(ctx, priv, tb);
	if (err)
		return err;

	return nft_dict_data_parse(ctx, priv, &path->levels[path->nlevels - 1],
				   tb);
}

/**
 * nft_dict_data_release - release the data of nft_dict_parse()
 * @priv: the expression
 */
void nft_dict_data_release(struct nft_dict *priv)
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
