// SPDX-License-Identifier: GPL-2.0-only
/*
 * /proc/net/dict: the tables of nf_dict as lines of text
 *
 * The interface that daemons used before nfnetlink_dict existed: four nodes,
 * for the root of the namespace:
 *
 *   all     read: every field of every row of every table, one per line
 *   read    write a selection, then read the lines that it selects
 *   write   write one field
 *   delete  delete the rows of a table, a row, or a field
 *
 * What is read:     table: T key_TYPE: K field: F TYPE: V
 * What is written:  table=T,key_TYPE=K,field=F,TYPE=V
 *
 * Each write() is one command, which is checked as a whole before anything
 * changes. Rows whose key is raw data (a concatenation) cannot be expressed
 * here and are omitted.
 *
 * A selection is valid for the namespace until another one is written, and for
 * the descriptor it was written to as long as that is open. So a script can
 * write and read with two descriptors; concurrent readers each write and read
 * with their own descriptor.
 *
 * Clients expect the behaviour of the original module: deleting what does not
 * exist is no error; options may be empty, repeated (the last counts) or, for
 * read and delete, unknown.
 *
 * Copyright (C) 2026 The nft_dict authors
 */
#include <linux/capability.h>
#include <linux/etherdevice.h>
#include <linux/hex.h>
#include <linux/inet.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/refcount.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string_choices.h>
#include <linux/uaccess.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>
#include <net/netfilter/nf_dict.h>

/* Longest command: a string, three names or keys, and the option names. */
#define NF_DICT_PROC_CMD_MAX	(NF_DICT_STRING_MAX + 1024)

/* Characters that would split a line or control a terminal; not the tab. */
#define NF_DICT_PROC_ESCAPED						\
	"\001\002\003\004\005\006\007\010\012\013\014\015\016\017\020\021\022" \
	"\023\024\025\026\027\030\031\032\033\034\035\036\037\177"

static const char nf_dict_proc_escaped[] = NF_DICT_PROC_ESCAPED;
static const char nf_dict_proc_escaped_member[] = NF_DICT_PROC_ESCAPED ",";

/**
 * union nf_dict_proc_datum - the binary form of a key or a value
 * @truth: boolean, 0 or 1
 * @num: number of 32 bits
 * @num64: number of 64 bits
 * @ipv4: IPv4 address
 * @ipv6: IPv6 address
 * @ether: Ethernet address
 */
union nf_dict_proc_datum {
	u8		truth;
	__be32		num;
	__be64		num64;
	__be32		ipv4;
	struct in6_addr	ipv6;
	u8		ether[ETH_ALEN];
};

/**
 * struct nf_dict_proc_cmd - a parsed command
 * @refs: references; a selection has one from the namespace and one from each
 *	descriptor
 * @empty: the value is an empty string
 * @table: name of the table, NULL if there is none
 * @table_len: bytes at @table
 * @field: name of the field, NULL if there is none
 * @field_len: bytes at @field
 * @key: the key; of type %NF_DICT_KEY_UNSPEC if there is none
 * @type: type of the value, %NF_DICT_UNSPEC if there is none
 * @value_len: bytes at @value
 * @value: the value, as an argument for nf_dict_value_init()
 * @key_datum: storage of @key, unless it is a string
 * @value_datum: storage of @value, unless it is a string
 * @text: the command as written; names and strings point into it
 *
 * Has pointers into itself, so it must not be copied.
 */
struct nf_dict_proc_cmd {
	refcount_t			refs;
	bool				empty;
	const char			*table;
	unsigned int			table_len;
	const char			*field;
	unsigned int			field_len;
	struct nf_dict_key		key;
	u8				type;
	unsigned int			value_len;
	const void			*value;
	union nf_dict_proc_datum	key_datum;
	union nf_dict_proc_datum	value_datum;
	char				text[];
};

/**
 * struct nf_dict_proc_net - state of the nodes of a network namespace
 * @lock: protects @selection
 * @selection: the selection written last, a reference; or NULL
 */
struct nf_dict_proc_net {
	spinlock_t		lock; /* for the selection */
	struct nf_dict_proc_cmd	*selection;
};

/**
 * struct nf_dict_proc_reader - an open descriptor of "all" or "read"
 * @net: the namespace; a reference
 * @own: the selection last written to this descriptor, a reference; or NULL
 * @selection: the selection being shown, a reference; NULL if nothing was
 *	selected; not used by "all"
 * @all: this is "all"
 * @table: the table being shown, a reference; NULL if there is none (left)
 * @field: the only field to show, a reference; or NULL
 * @iter: position in @table, if @walking
 * @walking: @iter is in use; otherwise one row is looked up
 *
 * Protected by the seq_file's lock. From start() to stop() of its operations
 * the RCU read lock is held.
 */
struct nf_dict_proc_reader {
	struct net		*net;
	struct nf_dict_proc_cmd	*own;
	struct nf_dict_proc_cmd	*selection;
	bool			all;
	struct nf_dict_table	*table;
	struct nf_dict_atom	*field;
	struct nf_dict_iter	iter;
	bool			walking;
};

static unsigned int nf_dict_proc_net_id __read_mostly;

enum nf_dict_proc_opt_kind {
	NF_DICT_PROC_TABLE,
	NF_DICT_PROC_KEY,
	NF_DICT_PROC_FIELD,
	NF_DICT_PROC_VALUE,
};

/**
 * struct nf_dict_proc_opt - an option of a command
 * @name: its name, with the equals sign
 * @kind: what it sets
 * @type: &enum nf_dict_key_type of a key, &enum nf_dict_type of a value
 */
struct nf_dict_proc_opt {
	const char			*name;
	enum nf_dict_proc_opt_kind	kind;
	u8				type;
};

static const struct nf_dict_proc_opt nf_dict_proc_opts[] = {
	{ "table=",	NF_DICT_PROC_TABLE },
	{ "key_int=",	NF_DICT_PROC_KEY,	NF_DICT_KEY_INT },
	{ "key_ip=",	NF_DICT_PROC_KEY,	NF_DICT_KEY_IPV4 },
	{ "key_ip6=",	NF_DICT_PROC_KEY,	NF_DICT_KEY_IPV6 },
	{ "key_mac=",	NF_DICT_PROC_KEY,	NF_DICT_KEY_ETHER },
	{ "key_string=", NF_DICT_PROC_KEY,	NF_DICT_KEY_STRING },
	{ "field=",	NF_DICT_PROC_FIELD },
	{ "bool=",	NF_DICT_PROC_VALUE,	NF_DICT_BOOL },
	{ "int=",	NF_DICT_PROC_VALUE,	NF_DICT_INT },
	{ "int64=",	NF_DICT_PROC_VALUE,	NF_DICT_INT64 },
	{ "ip=",	NF_DICT_PROC_VALUE,	NF_DICT_IPV4_ADDR },
	{ "ip6=",	NF_DICT_PROC_VALUE,	NF_DICT_IPV6_ADDR },
	{ "mac=",	NF_DICT_PROC_VALUE,	NF_DICT_ETHER_ADDR },
	{ "string=",	NF_DICT_PROC_VALUE,	NF_DICT_LONG_STRING },
	{ "value=",	NF_DICT_PROC_VALUE,	NF_DICT_LONG_STRING },
	{ "list=",	NF_DICT_PROC_VALUE,	NF_DICT_STRING_LIST },
};

static const struct nf_dict_proc_opt *nf_dict_proc_opt_find(const char *text)
{
	unsigned int i;

	/* The first letter excludes most options without a call. */
	for (i = 0; i < ARRAY_SIZE(nf_dict_proc_opts); i++)
		if (*text == *nf_dict_proc_opts[i].name &&
		    strstarts(text, nf_dict_proc_opts[i].name))
			return &nf_dict_proc_opts[i];
	return NULL;
}

static bool nf_dict_proc_opt_is_string(const struct nf_dict_proc_opt *option)
{
	return (option->kind == NF_DICT_PROC_KEY &&
		option->type == NF_DICT_KEY_STRING) ||
	       (option->kind == NF_DICT_PROC_VALUE &&
		(option->type == NF_DICT_LONG_STRING ||
		 option->type == NF_DICT_STRING_LIST));
}

/* A comma ends an option, but in a string only if another option follows. */
static char *nf_dict_proc_opt_end(const struct nf_dict_proc_opt *option,
				  char *text)
{
	char *end = strchrnul(text, ',');

	if (nf_dict_proc_opt_is_string(option)) {
		while (*end && !nf_dict_proc_opt_find(end + 1))
			end = strchrnul(end + 1, ',');
	}
	return end;
}

static int nf_dict_proc_parse_ipv4(const char *text, unsigned int len,
				   __be32 *addr)
{
	const char *end;

	if (len >= INET_ADDRSTRLEN ||
	    !in4_pton(text, len, (u8 *)addr, -1, &end) || end != text + len)
		return -EINVAL;
	return 0;
}

static int nf_dict_proc_parse_ipv6(const char *text, unsigned int len,
				   struct in6_addr *addr)
{
	const char *end;

	if (len >= INET6_ADDRSTRLEN ||
	    !in6_pton(text, len, addr->s6_addr, -1, &end) || end != text + len)
		return -EINVAL;
	return 0;
}

/* Unlike mac_pton(), accept octets of one digit. */
static int nf_dict_proc_parse_ether(const char *text, u8 *addr)
{
	unsigned int i;
	int digit;

	for (i = 0; i < ETH_ALEN; i++) {
		digit = hex_to_bin(*text++);
		if (digit < 0)
			return -EINVAL;
		addr[i] = digit;

		digit = hex_to_bin(*text);
		if (digit >= 0) {
			addr[i] = addr[i] << 4 | digit;
			text++;
		}
		if (*text++ != (i < ETH_ALEN - 1 ? ':' : '\0'))
			return -EINVAL;
	}
	return 0;
}

static int nf_dict_proc_parse_key(struct nf_dict_proc_cmd *cmd, u8 type,
				  const char *text, unsigned int len)
{
	union nf_dict_proc_datum *datum = &cmd->key_datum;
	struct nf_dict_key *key = &cmd->key;
	int err = 0;

	key->type = type;
	key->data = datum;
	key->conn = NULL;

	switch (type) {
	case NF_DICT_KEY_INT:
		key->len = sizeof(key->num);
		err = kstrtou64(text, 0, &key->num);
		break;
	case NF_DICT_KEY_IPV4:
		key->len = sizeof(datum->ipv4);
		err = nf_dict_proc_parse_ipv4(text, len, &datum->ipv4);
		break;
	case NF_DICT_KEY_IPV6:
		key->len = sizeof(datum->ipv6);
		err = nf_dict_proc_parse_ipv6(text, len, &datum->ipv6);
		break;
	case NF_DICT_KEY_ETHER:
		key->len = sizeof(datum->ether);
		err = nf_dict_proc_parse_ether(text, datum->ether);
		break;
	case NF_DICT_KEY_STRING:
		/* The key's length has 8 bits, the text's has more. */
		if (len > NF_DICT_KEY_STRING_MAX)
			return -ENAMETOOLONG;
		key->len = len;
		key->data = text;
		break;
	}
	return err ?: nf_dict_key_check(key);
}

static int nf_dict_proc_parse_value(struct nf_dict_proc_cmd *cmd, u8 type,
				    char *text, unsigned int len)
{
	union nf_dict_proc_datum *datum = &cmd->value_datum;
	s32 num;
	s64 num64;
	int err;

	/* Handled as if the option was not given. */
	cmd->empty = !len && (type == NF_DICT_LONG_STRING ||
			      type == NF_DICT_STRING_LIST);
	if (cmd->empty)
		return 0;

	cmd->type = type;
	cmd->value = datum;
	cmd->value_len = nf_dict_type_len(type);

	switch (type) {
	case NF_DICT_BOOL:
		datum->truth = !strcmp(text, "true");
		return datum->truth || !strcmp(text, "false") ? 0 : -EINVAL;
	case NF_DICT_INT:
		err = kstrtos32(text, 0, &num);
		if (!err)
			datum->num = cpu_to_be32(num);
		return err;
	case NF_DICT_INT64:
		err = kstrtos64(text, 0, &num64);
		if (!err)
			datum->num64 = cpu_to_be64(num64);
		return err;
	case NF_DICT_IPV4_ADDR:
		return nf_dict_proc_parse_ipv4(text, len, &datum->ipv4);
	case NF_DICT_IPV6_ADDR:
		return nf_dict_proc_parse_ipv6(text, len, &datum->ipv6);
	case NF_DICT_ETHER_ADDR:
		return nf_dict_proc_parse_ether(text, datum->ether);
	default:
		if (len > NF_DICT_STRING_MAX)
			return -ENAMETOOLONG;
		cmd->value = text;
		cmd->value_len = len;
		/* Members have a NUL between them. */
		if (type == NF_DICT_STRING_LIST)
			strreplace(text, ',', '\0');
		return 0;
	}
}

static int nf_dict_proc_parse_option(struct nf_dict_proc_cmd *cmd,
				     const struct nf_dict_proc_opt *option,
				     char *text, unsigned int len)
{
	switch (option->kind) {
	case NF_DICT_PROC_TABLE:
		cmd->table = text;
		cmd->table_len = len;
		return nf_dict_name_check(text, len);
	case NF_DICT_PROC_FIELD:
		cmd->field = text;
		cmd->field_len = len;
		return nf_dict_name_check(text, len);
	case NF_DICT_PROC_KEY:
		return nf_dict_proc_parse_key(cmd, option->type, text, len);
	case NF_DICT_PROC_VALUE:
		return nf_dict_proc_parse_value(cmd, option->type, text, len);
	}
	return -EINVAL;
}

/*
 * Parse @cmd->text, @len bytes and a NUL, and fill in the rest of @cmd. Without
 * @value, ignore options other than table, key and field. Return -ENODATA for
 * an empty command, which has no effect.
 */
static int nf_dict_proc_parse(struct nf_dict_proc_cmd *cmd, size_t len,
			      bool value)
{
	const struct nf_dict_proc_opt *option;
	char *text = cmd->text, *end;
	bool last = false, any = false;
	int err;

	/* C strings end in a NUL, the output of echo in a newline. */
	while (len && !text[len - 1])
		len--;
	if (len && text[len - 1] == '\n')
		text[--len] = '\0';

	/* One write is one command. */
	if (memchr(text, '\0', len) || memchr(text, '\n', len))
		return -EINVAL;

	for (; !last && *text; text = end + 1) {
		end = strchrnul(text, ',');
		last = !*end;
		if (end == text)
			continue;

		any = true;
		option = nf_dict_proc_opt_find(text);
		if (!option) {
			if (value)
				return -EINVAL;
			continue;
		}
		text += strlen(option->name);
		end = nf_dict_proc_opt_end(option, text);
		last = !*end;
		*end = '\0';
		if (option->kind == NF_DICT_PROC_VALUE && !value)
			continue;

		/* Commas after a string are empty options. */
		len = end - text;
		while (len && text[len - 1] == ',')
			text[--len] = '\0';

		err = nf_dict_proc_parse_option(cmd, option, text, len);
		if (err)
			return err;
	}

	if (!any)
		return -ENODATA;

	return cmd->table ? 0 : -EINVAL;
}

static void nf_dict_proc_cmd_put(struct nf_dict_proc_cmd *cmd)
{
	if (cmd && refcount_dec_and_test(&cmd->refs))
		kfree(cmd);
}

/* Copy and parse a command; return NULL if it is empty. */
static struct nf_dict_proc_cmd *
nf_dict_proc_cmd_get(const char __user *text, size_t len, bool value)
{
	struct nf_dict_proc_cmd *cmd;
	int err;

	if (len > NF_DICT_PROC_CMD_MAX)
		return ERR_PTR(-EMSGSIZE);

	cmd = kmalloc(struct_size(cmd, text, len + 1), GFP_KERNEL_ACCOUNT);
	if (!cmd)
		return ERR_PTR(-ENOMEM);
	memset(cmd, 0, sizeof(*cmd));
	refcount_set(&cmd->refs, 1);

	err = -EFAULT;
	if (copy_from_user(cmd->text, text, len))
		goto err_free;
	cmd->text[len] = '\0';

	err = nf_dict_proc_parse(cmd, len, value);
	if (err)
		goto err_free;
	return cmd;

err_free:
	kfree(cmd);
	return err == -ENODATA ? NULL : ERR_PTR(err);
}

/* ---- Writing ---- */

static int nf_dict_proc_cmd_write(struct net *net,
				  const struct nf_dict_proc_cmd *cmd)
{
	struct nf_dict_field_value field = {};
	struct nf_dict_update update = {
		.flags		= NF_DICT_W_CREATE,
		.nfields	= 1,
		.fields		= &field,
	};
	const struct nf_dict_table_params params = {};
	struct nf_dict_table *table;
	int err;

	if (cmd->key.type == NF_DICT_KEY_UNSPEC || !cmd->field)
		return -EINVAL;
	if (cmd->type == NF_DICT_UNSPEC)
		return cmd->empty ? 0 : -EINVAL;

	field.field = nf_dict_field_get(net, cmd->field, cmd->field_len,
					GFP_KERNEL);
	if (IS_ERR(field.field))
		return PTR_ERR(field.field);

	err = nf_dict_value_init(net, &field.value, cmd->type, cmd->value,
				 cmd->value_len, GFP_KERNEL);
	if (err) {
		nf_dict_field_put(field.field);
		return err;
	}

	table = nf_dict_table_find(net, cmd->table, cmd->table_len);
	if (table == ERR_PTR(-ENOENT))
		table = nf_dict_table_create(net, cmd->table, cmd->table_len,
					     &params, false);
	if (IS_ERR(table)) {
		err = PTR_ERR(table);
	} else {
		err = nf_dict_row_write(table, &cmd->key, &update);
		nf_dict_table_put(table);
	}
	nf_dict_update_release(&update);
	nf_dict_field_put(field.field);
	return err;
}

static int nf_dict_proc_cmd_delete_field(struct net *net,
					 struct nf_dict_table *table,
					 const struct nf_dict_proc_cmd *cmd)
{
	struct nf_dict_atom *field;
	int err;

	field = nf_dict_field_find(net, cmd->field, cmd->field_len);
	if (IS_ERR(field))
		return PTR_ERR(field);
	err = nf_dict_row_delete_fields(table, &cmd->key, &field, 1);
	nf_dict_field_put(field);
	return err;
}

static int __nf_dict_proc_cmd_delete(struct net *net,
				     const struct nf_dict_proc_cmd *cmd)
{
	bool has_key = cmd->key.type != NF_DICT_KEY_UNSPEC;
	struct nf_dict_table *table;
	int err;

	if (cmd->field && !has_key)
		return -EINVAL;

	table = nf_dict_table_find(net, cmd->table, cmd->table_len);
	if (IS_ERR(table))
		return PTR_ERR(table);

	/*
	 * Keep the table: rules may use it, and its size and timeout may have
	 * been configured.
	 */
	if (!has_key)
		err = nf_dict_table_flush(table);
	else if (!cmd->field)
		err = nf_dict_row_delete(table, &cmd->key);
	else
		err = nf_dict_proc_cmd_delete_field(net, table, cmd);
	nf_dict_table_put(table);
	return err;
}

/* Daemons delete the row of an ended connection whether or not it exists. */
static int nf_dict_proc_cmd_delete(struct net *net,
				   const struct nf_dict_proc_cmd *cmd)
{
	int err = __nf_dict_proc_cmd_delete(net, cmd);

	return err == -ENOENT ? 0 : err;
}

static ssize_t
nf_dict_proc_change(struct file *file, const char __user *text, size_t len,
		    bool value,
		    int (*change)(struct net *net,
				  const struct nf_dict_proc_cmd *cmd))
{
	struct nf_dict_proc_cmd *cmd;
	int err;

	cmd = nf_dict_proc_cmd_get(text, len, value);
	if (IS_ERR_OR_NULL(cmd))
		return cmd ? PTR_ERR(cmd) : len;

	/* The position stays 0: each write is a separate command. */
	err = change(file->private_data, cmd);
	nf_dict_proc_cmd_put(cmd);
	return err ?: len;
}

static ssize_t nf_dict_proc_write_command(struct file *file,
					  const char __user *text,
					  size_t len, loff_t *ppos)
{
	return nf_dict_proc_change(file, text, len, true,
				   nf_dict_proc_cmd_write);
}

static ssize_t nf_dict_proc_delete_command(struct file *file,
					   const char __user *text,
					   size_t len, loff_t *ppos)
{
	return nf_dict_proc_change(file, text, len, false,
				   nf_dict_proc_cmd_delete);
}

/* ---- Reading ---- */

/* Reset the position. */
static void nf_dict_proc_reader_rewind(struct nf_dict_proc_reader *reader)
{
	if (reader->walking)
		nf_dict_iter_exit(&reader->iter);
	reader->walking = false;
	if (reader->table)
		nf_dict_table_put(reader->table);
	reader->table = NULL;
	if (reader->field)
		nf_dict_field_put(reader->field);
	reader->field = NULL;
}

/* Choose the selection to show from now on. */
static void nf_dict_proc_reader_select(struct nf_dict_proc_reader *reader)
{
	struct nf_dict_proc_net *dpn;
	struct nf_dict_proc_cmd *cmd;

	dpn = net_generic(reader->net, nf_dict_proc_net_id);
	spin_lock(&dpn->lock);
	cmd = reader->own ?: dpn->selection;
	if (cmd)
		refcount_inc(&cmd->refs);
	spin_unlock(&dpn->lock);

	nf_dict_proc_cmd_put(reader->selection);
	reader->selection = cmd;
}

static void nf_dict_proc_reader_walk(struct nf_dict_proc_reader *reader)
{
	nf_dict_iter_init(&reader->iter, reader->table);
	reader->walking = true;
}

static int nf_dict_proc_begin_selection(struct nf_dict_proc_reader *reader)
{
	const struct nf_dict_proc_cmd *cmd;
	struct nf_dict_table *table;
	struct nf_dict_atom *field;

	nf_dict_proc_reader_select(reader);
	cmd = reader->selection;
	if (!cmd)
		return 0;

	table = nf_dict_table_find(reader->net, cmd->table, cmd->table_len);
	if (IS_ERR(table))
		return PTR_ERR(table);
	reader->table = table;

	if (cmd->field) {
		field = nf_dict_field_find(reader->net, cmd->field,
					   cmd->field_len);
		if (IS_ERR(field))
			return PTR_ERR(field);
		reader->field = field;
	}
	if (cmd->key.type == NF_DICT_KEY_UNSPEC)
		nf_dict_proc_reader_walk(reader);
	return 0;
}

/* Find the start. May sleep. */
static int nf_dict_proc_reader_begin(struct nf_dict_proc_reader *reader)
{
	int err;

	nf_dict_proc_reader_rewind(reader);

	if (reader->all) {
		reader->table = nf_dict_table_next(reader->net, NULL);
		if (reader->table)
			nf_dict_proc_reader_walk(reader);
		return 0;
	}

	err = nf_dict_proc_begin_selection(reader);
	if (err)
		nf_dict_proc_reader_rewind(reader);

	/* A missing table or field has no lines. */
	return err == -ENOENT ? 0 : err;
}

static void nf_dict_proc_reader_lock(struct nf_dict_proc_reader *reader)
	__acquires(RCU)
{
	if (reader->walking) {
		nf_dict_iter_start(&reader->iter);
		__acquire(RCU);
	} else {
		rcu_read_lock();
	}
}

static void nf_dict_proc_reader_unlock(struct nf_dict_proc_reader *reader)
	__releases(RCU)
{
	if (reader->walking) {
		nf_dict_iter_stop(&reader->iter);
		__release(RCU);
	} else {
		rcu_read_unlock();
	}
}

/* Go to the next table if all are to be shown. May sleep. */
static void nf_dict_proc_reader_next_table(struct nf_dict_proc_reader *reader)
{
	nf_dict_iter_exit(&reader->iter);
	reader->walking = false;

	if (reader->all) {
		reader->table = nf_dict_table_next(reader->net, reader->table);
		if (reader->table)
			nf_dict_proc_reader_walk(reader);
	} else {
		nf_dict_table_put(reader->table);
		reader->table = NULL;
	}
}

/*
 * Return the next row or, with @resume after a pause, the last one (the next
 * one if that was deleted); NULL at the end. May release the RCU read lock and
 * sleep.
 */
static const struct nf_dict_row *
nf_dict_proc_reader_next(struct nf_dict_proc_reader *reader, bool resume)
	__must_hold(RCU)
{
	const struct nf_dict_row *row;

	while (reader->walking) {
		row = resume ? nf_dict_iter_peek(&reader->iter) :
			       nf_dict_iter_next(&reader->iter);
		if (row)
			return row;

		nf_dict_proc_reader_unlock(reader);
		cond_resched();
		nf_dict_proc_reader_next_table(reader);
		nf_dict_proc_reader_lock(reader);
		resume = false;
	}
	return NULL;
}

static void *nf_dict_proc_seq_start(struct seq_file *m, loff_t *pos)
	__acquires(RCU)
{
	struct nf_dict_proc_reader *reader = m->private;
	const struct nf_dict_row *row = NULL;
	int err = 0;

	if (*pos == 0)
		err = nf_dict_proc_reader_begin(reader);

	nf_dict_proc_reader_lock(reader);
	if (err)
		return ERR_PTR(err);

	if (reader->walking)
		row = nf_dict_proc_reader_next(reader, *pos != 0);
	else if (reader->table && *pos == 0)
		row = nf_dict_row_lookup(reader->table,
					 &reader->selection->key);
	return (void *)row;
}

static void *nf_dict_proc_seq_next(struct seq_file *m, void *v, loff_t *pos)
{
	++*pos;
	return (void *)nf_dict_proc_reader_next(m->private, false);
}

static void nf_dict_proc_seq_stop(struct seq_file *m, void *v)
	__releases(RCU)
{
	nf_dict_proc_reader_unlock(m->private);
}

static void nf_dict_proc_seq_string(struct seq_file *m, const void *data,
				    unsigned int len)
{
	seq_escape_mem(m, data, len, ESCAPE_OCTAL, nf_dict_proc_escaped);
}

/* Escapes a comma within a member, too. */
static void nf_dict_proc_seq_list(struct seq_file *m, const char *data,
				  unsigned int len)
{
	const char *member = NULL;

	while ((member = nf_dict_list_next(data, len, member))) {
		if (member > data)
			seq_putc(m, ',');
		seq_escape_mem(m, member, strlen(member), ESCAPE_OCTAL,
			       nf_dict_proc_escaped_member);
	}
}

static void nf_dict_proc_seq_key(struct seq_file *m,
				 const struct nf_dict_key *key)
{
	switch (key->type) {
	case NF_DICT_KEY_INT:
		seq_printf(m, "key_int: %llu", key->num);
		break;
	case NF_DICT_KEY_IPV4:
		seq_printf(m, "key_ip: %pI4", key->data);
		break;
	case NF_DICT_KEY_IPV6:
		seq_printf(m, "key_ip6: %pI6", key->data);
		break;
	case NF_DICT_KEY_ETHER:
		seq_printf(m, "key_mac: %pM", key->data);
		break;
	case NF_DICT_KEY_STRING:
		seq_puts(m, "key_string: ");
		nf_dict_proc_seq_string(m, key->data, key->len);
		break;
	}
}

static void nf_dict_proc_seq_value(struct seq_file *m,
				   const struct nf_dict_value *value)
{
	const void *data;
	unsigned int len;

	switch (value->type) {
	case NF_DICT_BOOL:
		seq_printf(m, "bool: %s",
			   str_true_false(nf_dict_value_num(value)));
		return;
	case NF_DICT_INT:
		seq_printf(m, "int: %lld", nf_dict_value_num(value));
		return;
	case NF_DICT_INT64:
		seq_printf(m, "int64: %lld", nf_dict_value_num(value));
		return;
	}

	data = nf_dict_value_data(value, &len);
	switch (value->type) {
	case NF_DICT_IPV4_ADDR:
		seq_printf(m, "ip: %pI4", data);
		break;
	case NF_DICT_IPV6_ADDR:
		seq_printf(m, "ip6: %pI6", data);
		break;
	case NF_DICT_ETHER_ADDR:
		seq_printf(m, "mac: %pM", data);
		break;
	case NF_DICT_LONG_STRING:
		seq_puts(m, "string: ");
		nf_dict_proc_seq_string(m, data, len);
		break;
	case NF_DICT_STRING_LIST:
		seq_puts(m, "list: ");
		nf_dict_proc_seq_list(m, data, len);
		break;
	}
}

static void nf_dict_proc_seq_field(struct seq_file *m,
				   const struct nf_dict_key *key,
				   const struct nf_dict_atom *field,
				   const struct nf_dict_value *value)
{
	const struct nf_dict_proc_reader *reader = m->private;

	seq_puts(m, "table: ");
	seq_write(m, nf_dict_table_name(reader->table),
		  nf_dict_table_name_len(reader->table));
	seq_putc(m, ' ');
	nf_dict_proc_seq_key(m, key);
	seq_puts(m, " field: ");
	seq_write(m, nf_dict_atom_data(field), nf_dict_atom_len(field));
	seq_putc(m, ' ');
	nf_dict_proc_seq_value(m, value);
	seq_putc(m, '\n');
}

/* One call shows a whole row, so that its fields are of one version of it. */
static int nf_dict_proc_seq_show(struct seq_file *m, void *v)
{
	const struct nf_dict_proc_reader *reader = m->private;
	const struct nf_dict_row *row = v;
	const struct nf_dict_atom *field;
	struct nf_dict_value value;
	struct nf_dict_key key;
	unsigned int i;

	nf_dict_row_key(row, &key);
	if (key.type == NF_DICT_KEY_RAW)
		return 0;

	if (reader->field) {
		if (nf_dict_row_read(row, reader->field, NULL, &value))
			nf_dict_proc_seq_field(m, &key, reader->field, &value);
		return 0;
	}

	for (i = 0; i < nf_dict_row_places(reader->table, row); i++) {
		/* seq_file will show the row again with a larger buffer. */
		if (seq_has_overflowed(m))
			break;
		field = nf_dict_row_field(reader->table, row, i, &value);
		if (field)
			nf_dict_proc_seq_field(m, &key, field, &value);
	}
	return 0;
}

static const struct seq_operations nf_dict_proc_seq_ops = {
	.start	= nf_dict_proc_seq_start,
	.next	= nf_dict_proc_seq_next,
	.stop	= nf_dict_proc_seq_stop,
	.show	= nf_dict_proc_seq_show,
};

static ssize_t nf_dict_proc_select(struct file *file, const char __user *text,
				   size_t len, loff_t *ppos)
{
	struct seq_file *m = file->private_data;
	struct nf_dict_proc_reader *reader = m->private;
	struct nf_dict_proc_cmd *cmd, *last;
	struct nf_dict_proc_net *dpn;

	cmd = nf_dict_proc_cmd_get(text, len, false);
	if (IS_ERR_OR_NULL(cmd))
		return cmd ? PTR_ERR(cmd) : len;

	/* The next read() starts at the first line of the new selection. */
	mutex_lock(&m->lock);
	nf_dict_proc_reader_rewind(reader);
	last = cmd;
	refcount_inc(&cmd->refs);
	dpn = net_generic(reader->net, nf_dict_proc_net_id);
	spin_lock(&dpn->lock);
	swap(dpn->selection, last);
	spin_unlock(&dpn->lock);
	swap(reader->own, cmd);
	m->index = 0;
	m->count = 0;
	m->from = 0;
	m->read_pos = 0;
	mutex_unlock(&m->lock);
	*ppos = 0;

	nf_dict_proc_cmd_put(cmd);
	nf_dict_proc_cmd_put(last);
	return len;
}

/* ---- The nodes ---- */

/*
 * As for /proc/net/nf_conntrack, the mode decides who may read: the root of the
 * namespace, with or without capabilities, and its group. Any write, even of a
 * selection, needs CAP_NET_ADMIN.
 */
static struct net *nf_dict_proc_get_net(const struct inode *inode,
					const struct file *file)
{
	struct net *net = maybe_get_net(pde_data(inode));

	if (!net)
		return ERR_PTR(-ENXIO);
	if (file->f_mode & FMODE_WRITE &&
	    !ns_capable(net->user_ns, CAP_NET_ADMIN)) {
		put_net(net);
		return ERR_PTR(-EPERM);
	}
	return net;
}

static int nf_dict_proc_open(struct inode *inode, struct file *file)
{
	struct net *net = nf_dict_proc_get_net(inode, file);

	if (IS_ERR(net))
		return PTR_ERR(net);
	file->private_data = net;
	return 0;
}

static int nf_dict_proc_release(struct inode *inode, struct file *file)
{
	put_net(file->private_data);
	return 0;
}

/* Nothing to read, but no error: some clients read all four nodes. */
static ssize_t nf_dict_proc_read(struct file *file, char __user *text,
				 size_t len, loff_t *ppos)
{
	return 0;
}

static int nf_dict_proc_open_reader(struct inode *inode, struct file *file,
				    bool all)
{
	struct net *net = nf_dict_proc_get_net(inode, file);
	struct nf_dict_proc_reader *reader;

	if (IS_ERR(net))
		return PTR_ERR(net);

	reader = __seq_open_private(file, &nf_dict_proc_seq_ops,
				    sizeof(*reader));
	if (!reader) {
		put_net(net);
		return -ENOMEM;
	}
	reader->net = net;
	reader->all = all;
	return 0;
}

static int nf_dict_proc_all_open(struct inode *inode, struct file *file)
{
	return nf_dict_proc_open_reader(inode, file, true);
}

static int nf_dict_proc_read_open(struct inode *inode, struct file *file)
{
	return nf_dict_proc_open_reader(inode, file, false);
}

static int nf_dict_proc_reader_release(struct inode *inode, struct file *file)
{
	struct seq_file *m = file->private_data;
	struct nf_dict_proc_reader *reader = m->private;

	nf_dict_proc_reader_rewind(reader);
	nf_dict_proc_cmd_put(reader->selection);
	nf_dict_proc_cmd_put(reader->own);
	put_net(reader->net);
	return seq_release_private(inode, file);
}

static const struct proc_ops nf_dict_proc_all_ops = {
	.proc_open	= nf_dict_proc_all_open,
	.proc_read_iter	= seq_read_iter,
	.proc_lseek	= seq_lseek,
	.proc_release	= nf_dict_proc_reader_release,
};

static const struct proc_ops nf_dict_proc_read_ops = {
	.proc_open	= nf_dict_proc_read_open,
	.proc_read_iter	= seq_read_iter,
	.proc_write	= nf_dict_proc_select,
	.proc_lseek	= seq_lseek,
	.proc_release	= nf_dict_proc_reader_release,
};

static const struct proc_ops nf_dict_proc_write_ops = {
	.proc_open	= nf_dict_proc_open,
	.proc_read	= nf_dict_proc_read,
	.proc_write	= nf_dict_proc_write_command,
	.proc_lseek	= noop_llseek,
	.proc_release	= nf_dict_proc_release,
};

static const struct proc_ops nf_dict_proc_delete_ops = {
	.proc_open	= nf_dict_proc_open,
	.proc_read	= nf_dict_proc_read,
	.proc_write	= nf_dict_proc_delete_command,
	.proc_lseek	= noop_llseek,
	.proc_release	= nf_dict_proc_release,
};

/*
 * All nodes are readable, as in the original module. With these modes, root can
 * write with CAP_NET_ADMIN alone, without CAP_DAC_OVERRIDE.
 */
static int __net_init nf_dict_proc_net_init(struct net *net)
{
	struct nf_dict_proc_net *dpn = net_generic(net, nf_dict_proc_net_id);
	struct proc_dir_entry *dir;

	spin_lock_init(&dpn->lock);

	dir = proc_net_mkdir(net, "dict", net->proc_net);
	if (!dir)
		return -ENOMEM;

	if (!proc_create_data("all", 0440, dir, &nf_dict_proc_all_ops, net) ||
	    !proc_create_data("read", 0640, dir, &nf_dict_proc_read_ops, net) ||
	    !proc_create_data("write", 0640, dir, &nf_dict_proc_write_ops,
			      net) ||
	    !proc_create_data("delete", 0640, dir, &nf_dict_proc_delete_ops,
			      net)) {
		remove_proc_subtree("dict", net->proc_net);
		return -ENOMEM;
	}
	return 0;
}

static void __net_exit nf_dict_proc_net_exit(struct net *net)
{
	struct nf_dict_proc_net *dpn = net_generic(net, nf_dict_proc_net_id);

	/* Also ends the use of descriptors that are still open. */
	remove_proc_subtree("dict", net->proc_net);
	nf_dict_proc_cmd_put(dpn->selection);
}

static struct pernet_operations nf_dict_proc_net_ops = {
	.init	= nf_dict_proc_net_init,
	.exit	= nf_dict_proc_net_exit,
	.id	= &nf_dict_proc_net_id,
	.size	= sizeof(struct nf_dict_proc_net),
};

static int __init nf_dict_proc_init(void)
{
	return register_pernet_subsys(&nf_dict_proc_net_ops);
}

static void __exit nf_dict_proc_exit(void)
{
	unregister_pernet_subsys(&nf_dict_proc_net_ops);
}

module_init(nf_dict_proc_init);
module_exit(nf_dict_proc_exit);

MODULE_LICENSE("GPL");
MODULE_AUTHOR("The nft_dict authors");
MODULE_DESCRIPTION("Legacy /proc/net/dict nodes for the tables of nf_dict");
