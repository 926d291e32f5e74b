/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Private to nfnetlink_dict.
 */
#ifndef _NFNETLINK_DICT_INTERNAL_H
#define _NFNETLINK_DICT_INTERNAL_H

#include <linux/netfilter/nfnetlink.h>
#include <net/netfilter/nf_dict.h>
#include <net/netlink.h>
#include <uapi/linux/netfilter/nfnetlink_dict.h>

/**
 * struct nfdict_name - a name in a message
 * @data: the first byte; not NUL-terminated
 * @len: number of bytes
 */
struct nfdict_name {
	const char	*data;
	unsigned int	len;
};

/**
 * struct nfdict_field - a field of a message
 * @attr: the attribute of the field
 * @name_attr: the attribute of its name
 * @value_attr: the attribute of its value, NULL if it has none
 * @op_attr: the attribute of its operation, NULL if it has none
 * @op: &enum nf_dict_op
 * @name: its name
 * @data: bytes of the value, as an argument for nf_dict_value_init()
 * @len: number of bytes at @data
 */
struct nfdict_field {
	const struct nlattr	*attr;
	const struct nlattr	*name_attr;
	const struct nlattr	*value_attr;
	const struct nlattr	*op_attr;
	enum nf_dict_op		op;
	struct nfdict_name	name;
	const void		*data;
	unsigned int		len;
};

/**
 * struct nfdict_row - a row of a message
 * @attr: the attribute of the row
 * @fields: the list of its fields, NULL if it has none
 * @timeout_attr: the attribute of its lifetime, NULL if it has none
 * @key: its key, which borrows from the message
 * @timeout: its lifetime in milliseconds
 */
struct nfdict_row {
	const struct nlattr	*attr;
	const struct nlattr	*fields;
	const struct nlattr	*timeout_attr;
	struct nf_dict_key	key;
	u32			timeout;
};

/**
 * struct nfdict_batch - state of processing the rows of a message
 * @info: the message
 * @table: the table, once it is found
 * @field: the only field to include in replies, or NULL
 * @replies: messages to send once all rows are found
 * @portid: port id of their receiver
 * @row: number of the current row, from 1
 * @flags: &enum nf_dict_write_flags for rows to write
 * @nnames: entries used at @names
 * @names: names of the fields of the previous row, which are valid and
 *	distinct. Rows of a message usually have the same fields, which then
 *	need neither another check nor a lookup
 * @nheld: entries used at @held
 * @held: the interned names, while rows are written; references
 * @members: room for the members of a list, separated by NULs
 * @fields: room for the fields of a row to write
 * @atoms: room for the names of fields to delete
 *
 * Allocated for each message.
 */
struct nfdict_batch {
	const struct nfnl_info		*info;
	struct nf_dict_table		*table;
	struct nf_dict_atom		*field;
	struct sk_buff_head		replies;
	u32				portid;
	unsigned int			row;
	u32				flags;
	unsigned int			nnames;
	unsigned int			nheld;
	struct nfdict_name		names[NF_DICT_FIELDS_MAX];
	struct nf_dict_atom		*held[NF_DICT_FIELDS_MAX];
	char				members[NF_DICT_STRING_MAX];
	union {
		struct nf_dict_field_value	fields[NF_DICT_FIELDS_MAX];
		struct nf_dict_atom		*atoms[NF_DICT_FIELDS_MAX];
	};
};

/**
 * struct nfdict_view - what a message contains of a row
 * @table: its table
 * @row: the row
 * @only: the only field to include, or NULL
 * @fields: the fields to include, or NULL for those that the row has
 * @names: the names of fields to include without values, and without the row's
 *	lifetime, or NULL
 * @nfields: number of fields, of the row, at @fields or at @names
 * @keyonly: include no fields and no lifetime
 * @expired: the row's lifetime ended
 * @gone: the row was deleted with its connection; include no lifetime
 */
struct nfdict_view {
	const struct nf_dict_table		*table;
	const struct nf_dict_row		*row;
	const struct nf_dict_atom		*only;
	const struct nf_dict_field_value	*fields;
	struct nf_dict_atom *const		*names;
	unsigned int				nfields;
	bool					keyonly;
	bool					expired;
	bool					gone;
};

/* Reading and checking requests: nfnetlink_dict_parse.c */
int nfdict_refuse(const struct nfnl_info *info, unsigned int row,
		  const struct nlattr *attr, int err, const char *reason);
const char *nfdict_strerror(int err);
struct nfdict_name nfdict_string(const struct nlattr *attr);
int nfdict_check_name(const struct nfnl_info *info, unsigned int row,
		      const struct nlattr *attr, const struct nfdict_name *name);
int nfdict_check_attrs(const struct nfnl_info *info, unsigned long allowed);
int nfdict_check_present(const struct nfnl_info *info,
			 const struct nlattr * const cda[], int type,
			 const char *reason);
int nfdict_parse_key(const struct nfnl_info *info, unsigned int row,
		     const struct nlattr *nest, struct nf_dict_key *key);
int nfdict_parse_timeout(const struct nfnl_info *info, unsigned int row,
			 const struct nlattr *attr, u32 *timeout);
int nfdict_parse_field(const struct nfnl_info *info, unsigned int row,
		       const struct nlattr *nest, struct nfdict_field *f);
int nfdict_parse_row(const struct nfnl_info *info, unsigned int row,
		     const struct nlattr *nest, struct nfdict_row *r);
int nfdict_value_init(struct nfdict_batch *b, const struct nfdict_field *f,
		      struct nf_dict_value *value);
bool nfdict_same_name(const struct nfdict_name *a, const struct nfdict_name *b);
int nfdict_check_fields(struct nfdict_batch *b, const struct nlattr *fields,
			bool values);
int
nfdict_walk_rows(struct nfdict_batch *b,
		 int (*fn)(struct nfdict_batch *b, const struct nlattr *row));
struct nfdict_batch *nfdict_batch_alloc(const struct nfnl_info *info);
void nfdict_batch_free(struct nfdict_batch *b);
int
nfdict_check_rows(struct nfdict_batch *b,
		  int (*check)(struct nfdict_batch *b, const struct nlattr *row));
struct nf_dict_table *nfdict_table_find(const struct nfnl_info *info,
					const struct nlattr *attr);
struct nf_dict_table *nfdict_table_create(const struct nfnl_info *info,
					  const struct nlattr *attr,
					  const struct nf_dict_table_params *params,
					  bool excl);
int nfdict_parse_decls(const struct nfnl_info *info, const struct nlattr *list,
		       struct nf_dict_table_params *params);
void nfdict_decls_release(struct nf_dict_table_params *params);
int nfdict_check_declared(struct nfdict_batch *b, const struct nfdict_field *f,
			  const struct nf_dict_atom *name);
int nfdict_refuse_class(const struct nfnl_info *info, unsigned int row,
			const struct nlattr *attr,
			const struct nf_dict_table *table);
int nfdict_check_key_class(struct nfdict_batch *b, const struct nfdict_row *r);
int nfdict_check_row(struct nfdict_batch *b, const struct nlattr *attr,
		     struct nfdict_row *r);

/* Messages to userspace, gets and dumps: nfnetlink_dict_dump.c */
struct nlmsghdr *nfdict_msg_put(struct sk_buff *skb, u32 portid, u32 seq,
				int type, int flags);
int nfdict_put_table_name(struct sk_buff *skb, int type,
			  const struct nf_dict_table *table);
size_t nfdict_row_msg_size(const struct nfdict_view *view);
int nfdict_fill_row(struct sk_buff *skb, u32 portid, u32 seq, int type,
		    int flags, const struct nfdict_view *view,
		    struct netlink_callback *cb);
size_t nfdict_table_msg_size(const struct nf_dict_table *table);
int nfdict_put_table(struct sk_buff *skb, const struct nf_dict_table *table);
int nfdict_table_get_rcu(struct sk_buff *skb, const struct nfnl_info *info,
			 const struct nlattr * const cda[]);
int nfdict_row_get_rcu(struct sk_buff *skb, const struct nfnl_info *info,
		       const struct nlattr * const cda[]);

/* Events: nfnetlink_dict_event.c */
extern const struct nf_dict_notifier nfdict_notifier;

void nfdict_change_begin(const struct sk_buff *skb,
			 const struct nfnl_info *info);
void nfdict_change_end(void);

#endif /* _NFNETLINK_DICT_INTERNAL_H */
