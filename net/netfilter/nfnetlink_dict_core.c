// SPDX-License-Identifier: GPL-2.0-only
/*
 * Management of dict tables over nfnetlink.
 *
 * A request is parsed twice: the first pass checks everything that does not
 * depend on the tables, and changes nothing; the second one applies it row by
 * row. So a malformed message has no effect, and if the store refuses a row,
 * the error reports its number and the rows before it have been written.
 *
 * Copyright (C) 2026 The nft_dict authors
 */
#include <linux/module.h>
#include <linux/skbuff.h>
#include <linux/slab.h>

#include "nfnetlink_dict_internal.h"

static const struct nla_policy nfdict_pair_policy[NFDICTA_TABLE2 + 1] = {
	[NFDICTA_TABLE]		= { .type = NLA_STRING },
	[NFDICTA_TABLE2]	= { .type = NLA_STRING },
};

static const struct nla_policy nfdict_policy[NFDICTA_MAX + 1] = {
	[NFDICTA_UNSPEC]	= { .strict_start_type = NFDICTA_UNSPEC + 1 },
	[NFDICTA_TABLE]		= { .type = NLA_STRING },
	[NFDICTA_TABLE2]	= { .type = NLA_STRING },
	[NFDICTA_SIZE]		= { .type = NLA_BE32 },
	[NFDICTA_TIMEOUT]	= { .type = NLA_U64 },
	[NFDICTA_ROWS]		= { .type = NLA_NESTED },
	[NFDICTA_ROW]		= { .type = NLA_NESTED },
	[NFDICTA_KEY]		= { .type = NLA_NESTED },
	[NFDICTA_FIELD]		= { .type = NLA_STRING },
	[NFDICTA_PAIRS]		= { .type = NLA_NESTED },
	[NFDICTA_KEY_CLASS]	=
		NLA_POLICY_RANGE(NLA_BE32, NF_DICT_KEY_INT, NF_DICT_KEY_MAX),
	[NFDICTA_DECLS]		= { .type = NLA_NESTED },
	[NFDICTA_OPEN]		= { .type = NLA_FLAG },
};

/* Change the properties of a table that the message contains. */
static int nfdict_table_change(const struct nfnl_info *info,
			       const struct nlattr * const cda[],
			       struct nf_dict_table *table,
			       const struct nf_dict_table_params *params)
{
	u32 timeout = nf_dict_table_timeout(table);
	u32 size = nf_dict_table_size(table);
	const char *reason;
	int err;

	if (params->ndecls) {
		err = nf_dict_table_declare(table, params);
		if (err == -EINVAL)
			reason = "only fields can be added to the declaration";
		else if (err == -EBUSY)
			reason = "table has rows, or rules with other fields";
		else if (err == -EPERM)
			reason = "the ruleset declares the table";
		else
			reason = nfdict_strerror(err);
		if (err)
			return nfdict_refuse(info, 0, cda[NFDICTA_DECLS], err,
					     reason);
	}

	if (cda[NFDICTA_SIZE])
		size = params->size;
	if (cda[NFDICTA_TIMEOUT])
		timeout = params->timeout;
	if (size == nf_dict_table_size(table) &&
	    timeout == nf_dict_table_timeout(table))
		return 0;

	err = nf_dict_table_change(table, size, timeout);
	if (err)
		nfdict_refuse(info, 0, cda[NFDICTA_TABLE], err,
			      err == -EPERM ? "the ruleset declares the table" :
					      nfdict_strerror(err));

	return err;
}

static int nfdict_table_write(const struct nfnl_info *info,
			      const struct nlattr * const cda[],
			      const struct nf_dict_table_params *params)
{
	u16 flags = info->nlh->nlmsg_flags;
	struct nf_dict_table_params like;
	struct nf_dict_table *table;
	int err = 0;

	if ((flags & NLM_F_REPLACE) && !(flags & NLM_F_CREATE)) {
		table = nfdict_table_find(info, cda[NFDICTA_TABLE]);
	} else {
		table = nfdict_table_create(info, cda[NFDICTA_TABLE], params,
					    flags & NLM_F_EXCL);
		/* An existing table may declare fewer fields. */
		if (table == ERR_PTR(-EINVAL) && flags & NLM_F_REPLACE &&
		    params->ndecls) {
			like = *params;
			like.ndecls = 0;
			like.open = false;
			table = nfdict_table_create(info, cda[NFDICTA_TABLE],
						    &like, false);
		}
	}
	if (IS_ERR(table))
		return PTR_ERR(table);

	if (params->key_class &&
	    params->key_class != nf_dict_table_key_class(table))
		err = nfdict_refuse_class(info, 0, cda[NFDICTA_KEY_CLASS],
					  table);
	else if (flags & NLM_F_REPLACE)
		err = nfdict_table_change(info, cda, table, params);

	nf_dict_table_put(table);

	return err;
}

static int nfdict_table_new(struct sk_buff *skb, const struct nfnl_info *info,
			    const struct nlattr * const cda[])
{
	u16 flags = info->nlh->nlmsg_flags;
	struct nf_dict_table_params params = {};
	int err;

	err = nfdict_check_attrs(info, BIT(NFDICTA_TABLE) | BIT(NFDICTA_SIZE) |
				       BIT(NFDICTA_TIMEOUT) |
				       BIT(NFDICTA_KEY_CLASS) |
				       BIT(NFDICTA_DECLS) | BIT(NFDICTA_OPEN));
	if (!err)
		err = nfdict_check_present(info, cda, NFDICTA_TABLE,
					   "table is not named");
	if (err)
		return err;

	if ((flags & NLM_F_EXCL) && (flags & NLM_F_REPLACE))
		return nfdict_refuse(info, 0, NULL, -EINVAL,
				     "NLM_F_EXCL and NLM_F_REPLACE exclude each other");
	if (cda[NFDICTA_OPEN] && !cda[NFDICTA_DECLS])
		return nfdict_refuse(info, 0, cda[NFDICTA_OPEN], -EINVAL,
				     "table that declares no fields is open anyway");
	if (cda[NFDICTA_SIZE])
		params.size = ntohl(nla_get_be32(cda[NFDICTA_SIZE]));
	if (cda[NFDICTA_KEY_CLASS])
		params.key_class = ntohl(nla_get_be32(cda[NFDICTA_KEY_CLASS]));
	if (cda[NFDICTA_TIMEOUT])
		err = nfdict_parse_timeout(info, 0, cda[NFDICTA_TIMEOUT],
					   &params.timeout);
	params.open = cda[NFDICTA_OPEN];
	if (!err && cda[NFDICTA_DECLS])
		err = nfdict_parse_decls(info, cda[NFDICTA_DECLS], &params);
	if (!err)
		err = nfdict_table_write(info, cda, &params);
	nfdict_decls_release(&params);

	return err;
}

/* Find the table of a message that only has its name. */
static struct nf_dict_table *
nfdict_table_named(const struct nfnl_info *info,
		   const struct nlattr * const cda[])
{
	int err;

	err = nfdict_check_attrs(info, BIT(NFDICTA_TABLE));
	if (!err)
		err = nfdict_check_present(info, cda, NFDICTA_TABLE,
					   "table is not named");
	if (err)
		return ERR_PTR(err);

	return nfdict_table_find(info, cda[NFDICTA_TABLE]);
}

static int nfdict_table_del(struct sk_buff *skb, const struct nfnl_info *info,
			    const struct nlattr * const cda[])
{
	struct nf_dict_table *table = nfdict_table_named(info, cda);
	int err;

	if (IS_ERR(table))
		return PTR_ERR(table);

	err = nf_dict_table_delete(table);
	if (err)
		nfdict_refuse(info, 0, cda[NFDICTA_TABLE], err,
			      err == -EBUSY ? "table is used by a rule" :
			      err == -EPERM ? "the ruleset declares the table" :
			      err == -ENOENT ? "table does not exist" :
					       nfdict_strerror(err));
	nf_dict_table_put(table);

	return err;
}

static int nfdict_table_flush(struct sk_buff *skb, const struct nfnl_info *info,
			      const struct nlattr * const cda[])
{
	struct nf_dict_table *table = nfdict_table_named(info, cda);
	int err;

	if (IS_ERR(table))
		return PTR_ERR(table);

	err = nf_dict_table_flush(table);
	if (err)
		nfdict_refuse(info, 0, cda[NFDICTA_TABLE], err,
			      nfdict_strerror(err));
	nf_dict_table_put(table);

	return err;
}

/**
 * struct nfdict_swap - the tables of a swap
 * @tables: the tables, pair after pair; references
 * @attrs: the attributes that name them
 * @n: number of entries in both
 * @npairs: number of pairs in the message
 */
struct nfdict_swap {
	struct nf_dict_table	**tables;
	const struct nlattr	**attrs;
	unsigned int		n;
	unsigned int		npairs;
};

static int nfdict_swap_add(const struct nfnl_info *info, struct nfdict_swap *s,
			   const struct nlattr * const tb[])
{
	struct nf_dict_table *table;
	int type;

	for (type = NFDICTA_TABLE; type <= NFDICTA_TABLE2; type++) {
		table = nfdict_table_find(info, tb[type]);
		if (IS_ERR(table))
			return PTR_ERR(table);
		s->tables[s->n] = table;
		s->attrs[s->n++] = tb[type];
	}

	return 0;
}

/* Parse a list of pairs, and find their tables if @find. */
static int nfdict_swap_pairs(const struct nfnl_info *info,
			     struct nfdict_swap *s, const struct nlattr *pairs,
			     bool find)
{
	struct nlattr *tb[NFDICTA_TABLE2 + 1];
	const struct nlattr *attr;
	int err, rem;

	nla_for_each_nested(attr, pairs, rem) {
		if (nla_type(attr) != NFDICTA_PAIR)
			return nfdict_refuse(info, 0, attr, -EINVAL,
					     "unknown attribute");
		err = nla_parse_nested(tb, NFDICTA_TABLE2, attr,
				       nfdict_pair_policy, info->extack);
		if (err)
			return err;
		if (!tb[NFDICTA_TABLE] || !tb[NFDICTA_TABLE2])
			return nfdict_refuse(info, 0, attr, -EINVAL,
					     "pair lacks a table");
		if (++s->npairs > NFDICT_PAIRS_MAX)
			return nfdict_refuse(info, 0, attr, -E2BIG,
					     "more than 1024 pairs");
		err = find ? nfdict_swap_add(info, s,
					     (const struct nlattr **)tb) : 0;
		if (err)
			return err;
		cond_resched();
	}

	return 0;
}

/* All lists of pairs in the message, after its first pair. */
static int nfdict_swap_lists(const struct nfnl_info *info,
			     struct nfdict_swap *s, bool find)
{
	const struct nlattr *attr;
	int err, rem;

	s->npairs = 1;
	nlmsg_for_each_attr(attr, info->nlh, sizeof(struct nfgenmsg), rem) {
		if (nla_type(attr) != NFDICTA_PAIRS)
			continue;
		err = nfdict_swap_pairs(info, s, attr, find);
		if (err)
			return err;
	}

	return 0;
}

static int nfdict_swap_all(const struct nfnl_info *info, struct nfdict_swap *s,
			   const struct nlattr * const cda[])
{
	unsigned int at = 0;
	int err;

	err = nfdict_swap_add(info, s, cda);
	if (!err)
		err = nfdict_swap_lists(info, s, true);
	if (err)
		return err;

	BUILD_BUG_ON(NFDICT_PAIRS_MAX > NF_DICT_SWAP_MAX);
	err = nf_dict_table_swap(s->tables, s->n / 2, &at);
	if (err)
		nfdict_refuse(info, 0, s->attrs[at], err,
			      err == -EINVAL ? "table is named twice" :
			      err == -ENOENT ? "table does not exist" :
			      err == -EMEDIUMTYPE ? "the tables have other keys or fields" :
						    nfdict_strerror(err));

	return err;
}

static int nfdict_table_swap(struct sk_buff *skb, const struct nfnl_info *info,
			     const struct nlattr * const cda[])
{
	struct nfdict_swap s = {};
	int err;

	err = nfdict_check_attrs(info, BIT(NFDICTA_TABLE) |
				       BIT(NFDICTA_TABLE2) |
				       BIT(NFDICTA_PAIRS));
	if (!err)
		err = nfdict_check_present(info, cda, NFDICTA_TABLE,
					   "table is not named");
	if (!err)
		err = nfdict_check_present(info, cda, NFDICTA_TABLE2,
					   "second table is not named");
	if (err)
		return err;

	err = nfdict_swap_lists(info, &s, false);
	if (err)
		return err;

	s.tables = kvmalloc_array(2 * s.npairs, sizeof(*s.tables), GFP_KERNEL);
	s.attrs = kvmalloc_array(2 * s.npairs, sizeof(*s.attrs), GFP_KERNEL);
	if (s.tables && s.attrs)
		err = nfdict_swap_all(info, &s, cda);
	else
		err = -ENOMEM;

	while (s.n)
		nf_dict_table_put(s.tables[--s.n]);
	kvfree(s.attrs);
	kvfree(s.tables);

	return err;
}

static int nfdict_check_row_new(struct nfdict_batch *b,
				const struct nlattr *attr)
{
	struct nfdict_row r;
	int err;

	err = nfdict_check_row(b, attr, &r);
	if (err)
		return err;

	if (!r.fields) {
		NL_SET_ERR_ATTR_MISS(b->info->extack, attr, NFDICTA_ROW_FIELDS);
		return nfdict_refuse(b->info, b->row, attr, -EINVAL,
				     "row has no fields");
	}

	return nfdict_check_fields(b, r.fields, true);
}

/* The name of the i-th field of a row to write; the batch holds it. */
static struct nf_dict_atom *nfdict_field_get(struct nfdict_batch *b,
					     unsigned int i,
					     const struct nfdict_name *name)
{
	struct nf_dict_atom *field;

	if (i < b->nheld && nfdict_same_name(&b->names[i], name))
		return b->held[i];

	field = nf_dict_field_get(b->info->net, name->data, name->len,
				  GFP_KERNEL);
	if (IS_ERR(field))
		return field;

	/* @i ascends from 0. */
	if (i < b->nheld)
		nf_dict_field_put(b->held[i]);
	else
		b->nheld = i + 1;
	b->held[i] = field;
	b->names[i] = *name;

	return field;
}

static const char *nfdict_write_strerror(const struct nf_dict_update *u,
					 int err)
{
	unsigned int i;

	if (err == -ENOTUNIQ)
		return "several connections have this id";
	/* A missing row would have been created: the connection is missing. */
	if (err == -ENOENT && u->flags & NF_DICT_W_CREATE)
		return "no living connection has this id";

	for (i = 0; i < u->nfields; i++) {
		if (u->fields[i].op == NF_DICT_OP_SET)
			continue;
		if (err == -ENOENT)
			return "row or field does not exist";
		if (err == -EINVAL)
			return u->fields[i].value.type == NF_DICT_STRING_LIST ?
			       "field is not a list" : "field is not a number";
		if (err == -ENAMETOOLONG)
			return "the list would have more than 255 members or 4095 bytes";
	}

	return nfdict_strerror(err);
}

static int nfdict_write_row(struct nfdict_batch *b, const struct nlattr *attr)
{
	const struct nfnl_info *info = b->info;
	struct nf_dict_update update = {
		.flags	= b->flags,
		.fields	= b->fields,
	};
	struct nf_dict_field_value *fv;
	struct nfdict_field f;
	struct nfdict_row r;
	int err, rem;

	err = nfdict_parse_row(info, b->row, attr, &r);
	if (!err)
		err = nfdict_check_key_class(b, &r);
	if (err)
		return err;

	if (r.timeout_attr) {
		update.flags |= NF_DICT_W_TIMEOUT;
		update.timeout = r.timeout;
	}

	nla_for_each_nested(attr, r.fields, rem) {
		err = nfdict_parse_field(info, b->row, attr, &f);
		if (err)
			goto out;

		fv = &update.fields[update.nfields];
		fv->field = nfdict_field_get(b, update.nfields, &f.name);
		if (IS_ERR(fv->field)) {
			err = PTR_ERR(fv->field);
			nfdict_refuse(info, b->row, f.name_attr, err,
				      nfdict_strerror(err));
			goto out;
		}

		err = nfdict_check_declared(b, &f, fv->field);
		if (err)
			goto out;

		fv->op = f.op;
		err = nfdict_value_init(b, &f, &fv->value);
		if (err) {
			nfdict_refuse(info, b->row, f.value_attr, err,
				      nfdict_strerror(err));
			goto out;
		}
		update.nfields++;
	}

	err = nf_dict_row_write(b->table, &r.key, &update);
	if (err)
		nfdict_refuse(info, b->row, r.attr, err,
			      nfdict_write_strerror(&update, err));
out:
	nf_dict_update_release(&update);
	cond_resched();

	return err;
}

static int nfdict_row_new(struct sk_buff *skb, const struct nfnl_info *info,
			  const struct nlattr * const cda[])
{
	u16 flags = info->nlh->nlmsg_flags;
	const struct nf_dict_table_params params = {};
	struct nf_dict_table *table;
	struct nfdict_batch *b;
	int err;

	err = nfdict_check_attrs(info, BIT(NFDICTA_TABLE) | BIT(NFDICTA_ROWS) |
				       BIT(NFDICTA_ROW));
	if (!err)
		err = nfdict_check_present(info, cda, NFDICTA_TABLE,
					   "table is not named");
	if (err)
		return err;

	if ((flags & NLM_F_EXCL) && (flags & NLM_F_REPLACE))
		return nfdict_refuse(info, 0, NULL, -EINVAL,
				     "NLM_F_EXCL and NLM_F_REPLACE exclude each other");
	if ((flags & NLM_F_EXCL) && !(flags & NLM_F_CREATE))
		return nfdict_refuse(info, 0, NULL, -EINVAL,
				     "NLM_F_EXCL needs NLM_F_CREATE");

	b = nfdict_batch_alloc(info);
	if (!b)
		return -ENOMEM;

	err = nfdict_check_rows(b, nfdict_check_row_new);
	if (err)
		goto out;

	if (flags & NLM_F_CREATE) {
		b->flags |= NF_DICT_W_CREATE;
		table = nfdict_table_create(info, cda[NFDICTA_TABLE], &params,
					    false);
	} else {
		table = nfdict_table_find(info, cda[NFDICTA_TABLE]);
	}
	if (IS_ERR(table)) {
		err = PTR_ERR(table);
		goto out;
	}
	b->table = table;

	if (flags & NLM_F_EXCL)
		b->flags |= NF_DICT_W_EXCL;
	if (flags & NLM_F_REPLACE)
		b->flags |= NF_DICT_W_REPLACE;

	err = nfdict_walk_rows(b, nfdict_write_row);
out:
	nfdict_batch_free(b);

	return err;
}

static int nfdict_check_row_del(struct nfdict_batch *b,
				const struct nlattr *attr)
{
	struct nfdict_row r;
	int err;

	err = nfdict_check_row(b, attr, &r);
	if (err)
		return err;

	if (r.timeout_attr)
		return nfdict_refuse(b->info, b->row, r.timeout_attr, -EINVAL,
				     "timeout has no meaning in this message");

	return r.fields ? nfdict_check_fields(b, r.fields, false) : 0;
}

static int nfdict_delete_fields(struct nfdict_batch *b,
				const struct nfdict_row *r)
{
	const struct nfnl_info *info = b->info;
	const struct nlattr *attr;
	struct nf_dict_atom *atom;
	struct nfdict_field f;
	unsigned int n = 0;
	int err = 0, rem;

	nla_for_each_nested(attr, r->fields, rem) {
		err = nfdict_parse_field(info, b->row, attr, &f);
		if (err)
			goto out;

		atom = nf_dict_field_find(info->net, f.name.data, f.name.len);
		if (IS_ERR(atom)) {
			err = PTR_ERR(atom);
			nfdict_refuse(info, b->row, f.name_attr, err,
				      "field does not exist");
			goto out;
		}
		b->atoms[n++] = atom;
	}

	err = nf_dict_row_delete_fields(b->table, &r->key, b->atoms, n);
	if (err)
		nfdict_refuse(info, b->row, r->attr, err,
			      err == -ENOENT ? "row or field does not exist" :
					       nfdict_strerror(err));
out:
	while (n)
		nf_dict_field_put(b->atoms[--n]);

	return err;
}

static int nfdict_delete_row(struct nfdict_batch *b, const struct nlattr *attr)
{
	struct nfdict_row r;
	int err;

	err = nfdict_parse_row(b->info, b->row, attr, &r);
	if (!err)
		err = nfdict_check_key_class(b, &r);
	if (err)
		return err;

	if (r.fields) {
		err = nfdict_delete_fields(b, &r);
	} else {
		err = nf_dict_row_delete(b->table, &r.key);
		if (err)
			nfdict_refuse(b->info, b->row, attr, err,
				      nfdict_strerror(err));
	}
	cond_resched();

	return err;
}

static int nfdict_row_del(struct sk_buff *skb, const struct nfnl_info *info,
			  const struct nlattr * const cda[])
{
	struct nf_dict_table *table;
	struct nfdict_batch *b;
	int err;

	err = nfdict_check_attrs(info, BIT(NFDICTA_TABLE) | BIT(NFDICTA_ROWS) |
				       BIT(NFDICTA_ROW));
	if (!err)
		err = nfdict_check_present(info, cda, NFDICTA_TABLE,
					   "table is not named");
	if (err)
		return err;

	b = nfdict_batch_alloc(info);
	if (!b)
		return -ENOMEM;

	err = nfdict_check_rows(b, nfdict_check_row_del);
	if (err)
		goto out;

	table = nfdict_table_find(info, cda[NFDICTA_TABLE]);
	if (IS_ERR(table)) {
		err = PTR_ERR(table);
		goto out;
	}
	b->table = table;

	err = nfdict_walk_rows(b, nfdict_delete_row);
out:
	nfdict_batch_free(b);

	return err;
}

/* Execute a request that changes something; its events have its port id. */
static int nfdict_change_call(struct sk_buff *skb, const struct nfnl_info *info,
			      const struct nlattr * const cda[])
{
	static int (*const calls[])(struct sk_buff *skb,
				    const struct nfnl_info *info,
				    const struct nlattr * const cda[]) = {
		[NFDICT_MSG_TABLE_NEW]		= nfdict_table_new,
		[NFDICT_MSG_TABLE_DEL]		= nfdict_table_del,
		[NFDICT_MSG_TABLE_FLUSH]	= nfdict_table_flush,
		[NFDICT_MSG_TABLE_SWAP]		= nfdict_table_swap,
		[NFDICT_MSG_ROW_NEW]		= nfdict_row_new,
		[NFDICT_MSG_ROW_DEL]		= nfdict_row_del,
	};
	int err;

	nfdict_change_begin(skb, info);

	err = calls[NFNL_MSG_TYPE(info->nlh->nlmsg_type)](skb, info, cda);
	nfdict_change_end();

	return err;
}

static const struct nfnl_callback nfdict_callbacks[NFDICT_MSG_MAX + 1] = {
	[NFDICT_MSG_TABLE_NEW] = {
		.call		= nfdict_change_call,
		.type		= NFNL_CB_MUTEX,
		.attr_count	= NFDICTA_MAX,
		.policy		= nfdict_policy,
	},
	[NFDICT_MSG_TABLE_GET] = {
		.call		= nfdict_table_get_rcu,
		.type		= NFNL_CB_RCU,
		.attr_count	= NFDICTA_MAX,
		.policy		= nfdict_policy,
	},
	[NFDICT_MSG_TABLE_DEL] = {
		.call		= nfdict_change_call,
		.type		= NFNL_CB_MUTEX,
		.attr_count	= NFDICTA_MAX,
		.policy		= nfdict_policy,
	},
	[NFDICT_MSG_TABLE_FLUSH] = {
		.call		= nfdict_change_call,
		.type		= NFNL_CB_MUTEX,
		.attr_count	= NFDICTA_MAX,
		.policy		= nfdict_policy,
	},
	[NFDICT_MSG_TABLE_SWAP] = {
		.call		= nfdict_change_call,
		.type		= NFNL_CB_MUTEX,
		.attr_count	= NFDICTA_MAX,
		.policy		= nfdict_policy,
	},
	[NFDICT_MSG_ROW_NEW] = {
		.call		= nfdict_change_call,
		.type		= NFNL_CB_MUTEX,
		.attr_count	= NFDICTA_MAX,
		.policy		= nfdict_policy,
	},
	[NFDICT_MSG_ROW_GET] = {
		.call		= nfdict_row_get_rcu,
		.type		= NFNL_CB_RCU,
		.attr_count	= NFDICTA_MAX,
		.policy		= nfdict_policy,
	},
	[NFDICT_MSG_ROW_DEL] = {
		.call		= nfdict_change_call,
		.type		= NFNL_CB_MUTEX,
		.attr_count	= NFDICTA_MAX,
		.policy		= nfdict_policy,
	},
};

static const struct nfnetlink_subsystem nfdict_subsys = {
	.name		= "dict",
	.subsys_id	= NFNL_SUBSYS_DICT,
	.cb_count	= NFDICT_MSG_MAX + 1,
	.cb		= nfdict_callbacks,
	.owner		= THIS_MODULE,
};

static int __init nfnetlink_dict_init(void)
{
	int err;

	err = nf_dict_notifier_register(&nfdict_notifier);
	if (err)
		return err;

	err = nfnetlink_subsys_register(&nfdict_subsys);
	if (err)
		nf_dict_notifier_unregister(&nfdict_notifier);

	return err;
}

static void __exit nfnetlink_dict_exit(void)
{
	nfnetlink_subsys_unregister(&nfdict_subsys);
	nf_dict_notifier_unregister(&nfdict_notifier);
}

module_init(nfnetlink_dict_init);
module_exit(nfnetlink_dict_exit);

MODULE_LICENSE("GPL");
MODULE_AUTHOR("The nft_dict authors");
MODULE_DESCRIPTION("Netfilter dict tables over nfnetlink");
MODULE_ALIAS_NFNL_SUBSYS(NFNL_SUBSYS_DICT);
