/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * nf_dict: typed tables in the kernel, written by daemons and rules and looked
 * up by rules at packet speed.
 *
 * A table belongs to a network namespace and maps a key to a row; a row holds
 * fields; a field has a name, a type and a value.
 *
 * Readers hold only the RCU read lock. Writers of a row hold one of the table's
 * spinlocks, which the hash of the key selects. The list of tables, their
 * limits and the rules that use them are protected by a mutex of the namespace.
 */
#ifndef _NF_DICT_H
#define _NF_DICT_H

#include <linux/in6.h>
#include <linux/jump_label.h>
#include <linux/string.h>
#include <linux/types.h>
#include <uapi/linux/netfilter/nf_dict_common.h>

/*
 * In rules, instead of a type: a field of type %NF_DICT_INT or
 * %NF_DICT_INT64, read as an unsigned number. Never stored.
 */
#define NF_DICT_NUMBER		64

/* Most pairs of tables in one swap. */
#define NF_DICT_SWAP_MAX	1024

/* Most patterns of one expression. */
#define NF_DICT_PATTERNS_MAX	1024

struct mem_cgroup;
struct module;
struct net;
struct nf_dict_atom;
struct nf_conn_dict;
struct nf_dict_conn;
struct nf_dict_ns;
struct nf_dict_patterns;
struct nf_dict_row;
struct nf_dict_rows;
struct nf_dict_table;
struct sk_buff;

/**
 * struct nf_dict_key - a key to look up or to write
 * @data: the key's bytes; not used for %NF_DICT_KEY_INT
 * @num: the number, for %NF_DICT_KEY_INT
 * @type: &enum nf_dict_key_type
 * @len: bytes at @data; 8 for %NF_DICT_KEY_INT
 * @conn: if a packet writes and @num is the id of its connection, the object of
 *	that connection: once it has ended the write returns -ENOENT, as the row
 *	may be that of another connection with the same id; otherwise NULL
 *
 * The key borrows @data and is valid as long as that memory: the registers of a
 * rule, a message, or, within one RCU read-side critical section, a row or an
 * atom. @conn is valid within the RCU section in which it was found. A key that
 * is filled in by hand must pass nf_dict_key_check() before use.
 */
struct nf_dict_key {
	const void	*data;
	u64		num;
	u8		type;
	u8		len;

	const struct nf_dict_conn	*conn;
};

/**
 * struct nf_dict_value - a typed value
 * @bits: the value: a number (sign extended), a truth value (0 or 1), an IPv4
 *	or Ethernet address (in the first bytes of memory), or a pointer to the
 *	atom that holds a string, a list of strings or an IPv6 address
 * @type: &enum nf_dict_type
 *
 * nf_dict_value_init() makes a value that owns a reference to its atom, if any;
 * nf_dict_row_read() and nf_dict_row_field() make one that borrows the atom for
 * the RCU read-side critical section.
 */
struct nf_dict_value {
	u64	bits;
	u8	type;
};

/**
 * nf_dict_list_next - iterate over the members of a list
 * @data: nf_dict_value_data() of the list
 * @len: its length in bytes
 * @member: the previous member, or NULL to start
 *
 * Return: the next member, NUL-terminated, or NULL at the end.
 */
static inline const char *nf_dict_list_next(const char *data, unsigned int len,
					    const char *member)
{
	member = member ? member + strlen(member) + 1 : data;

	return member < data + len ? member : NULL;
}

/**
 * struct nf_dict_key_reg - form of a key in nf_tables registers
 * @type: &enum nf_dict_key_type
 * @len: bytes: 1 to 8 for a number, the length of the address, up to
 *	%NF_DICT_RAW_MAX for a string or a raw key
 * @host: a number is in host byte order, otherwise in network byte order
 */
struct nf_dict_key_reg {
	u8	type;
	u8	len;
	bool	host;
};

/**
 * struct nf_dict_reg - form of a value in nf_tables registers
 * @type: &enum nf_dict_type, or %NF_DICT_NUMBER for an unsigned number
 * @len: bytes: 1 to 8 for %NF_DICT_NUMBER, at most %NF_DICT_RAW_MAX for a
 *	string, which is padded with NULs if shorter, otherwise
 *	nf_dict_type_len() of the type
 * @host: %NF_DICT_NUMBER is in host byte order, otherwise in network byte order
 */
struct nf_dict_reg {
	u8	type;
	u8	len;
	bool	host;
};

#define NF_DICT_HINT_NONE	0xffUL

/**
 * struct nf_dict_level - one table of a nested lookup
 * @table: the table; the owner of the level holds a use of it, see
 *	nf_dict_table_use()
 * @field: name of the field, or NULL for none; the owner holds a reference
 * @hint: where in a row to look for the field first, %NF_DICT_HINT_NONE if
 *	unknown. Readers update it without a lock, but rarely, so that they do
 *	not dirty a shared cache line
 * @type: type the field must have (&enum nf_dict_type), or %NF_DICT_NUMBER;
 *	%NF_DICT_UNSPEC: any
 * @reads: the @reads argument with which the owner called
 *	nf_dict_table_use_field()
 */
struct nf_dict_level {
	struct nf_dict_table	*table;
	struct nf_dict_atom	*field;
	unsigned long		hint;
	u8			type;
	bool			reads;
};

/* Most fields of one load: each takes at least one 32-bit register. */
#define NF_DICT_LOADS_MAX	16

/**
 * struct nf_dict_load - a field to load into registers
 * @field: name of the field; the owner holds a reference
 * @hint: as &nf_dict_level.hint
 * @form: form of the value in registers, including the type that the field must
 *	have
 */
struct nf_dict_load {
	struct nf_dict_atom	*field;
	unsigned long		hint;
	struct nf_dict_reg	form;
};

/**
 * enum nf_dict_write_flags - how a row is written
 * @NF_DICT_W_CREATE: create the row if it does not exist
 * @NF_DICT_W_EXCL: fail if the row exists
 * @NF_DICT_W_REPLACE: remove the fields that the update does not name
 * @NF_DICT_W_TIMEOUT: use the timeout of the update; otherwise a new row gets
 *	that of the table and an existing row keeps its own
 * @NF_DICT_W_PACKET: on behalf of a packet: does not sleep, and is limited to
 *	%NF_DICT_SIZE_DEFAULT rows if the table has no size
 */
enum nf_dict_write_flags {
	NF_DICT_W_CREATE	= BIT(0),
	NF_DICT_W_EXCL		= BIT(1),
	NF_DICT_W_REPLACE	= BIT(2),
	NF_DICT_W_TIMEOUT	= BIT(3),
	NF_DICT_W_PACKET	= BIT(4),
};

/**
 * enum nf_dict_op - what a write does to a field
 * @NF_DICT_OP_SET: set it, with the type of the value
 * @NF_DICT_OP_NUMBER: set it to a number and keep its type; a missing field
 *	gets the type of the value
 * @NF_DICT_OP_ADD: add to the number, saturating at the limits of its type, or
 *	add members to the list; a missing list becomes the value
 * @NF_DICT_OP_SUB: subtract from the number, or remove members from the list
 */
enum nf_dict_op {
	NF_DICT_OP_SET,
	NF_DICT_OP_NUMBER,
	NF_DICT_OP_ADD,
	NF_DICT_OP_SUB,
};

/**
 * struct nf_dict_field_value - a field and the value to write
 * @field: name of the field; the caller holds and keeps a reference
 * @op: &enum nf_dict_op; other than %NF_DICT_OP_SET only for numbers, or, if
 *	the value is a list, for lists
 * @value: the value, with a reference to its atom, if any
 */
struct nf_dict_field_value {
	struct nf_dict_atom	*field;
	u8			op;
	struct nf_dict_value	value;
};

/**
 * struct nf_dict_update - fields to write to one row in one step
 * @flags: &enum nf_dict_write_flags
 * @timeout: lifetime of the row in milliseconds, 0: no limit
 * @nfields: entries used at @fields
 * @fields: the fields, no name twice
 */
struct nf_dict_update {
	u32				flags;
	u32				timeout;
	unsigned int			nfields;
	struct nf_dict_field_value	*fields;
};

/**
 * struct nf_dict_decl - a field that a table declares
 * @field: its name
 * @type: its type, &enum nf_dict_type
 */
struct nf_dict_decl {
	struct nf_dict_atom	*field;
	u8			type;
};

/**
 * struct nf_dict_decls - the fields that a table declares
 * @rcu: frees it after a grace period
 * @open: rows may also have undeclared fields, of any type
 * @n: number of @fields, at least one
 * @fields: the fields, in the order of their declaration
 */
struct nf_dict_decls {
	struct rcu_head		rcu;
	bool			open;
	u8			n;
	struct nf_dict_decl	fields[] __counted_by(n);
};

/**
 * struct nf_dict_table_params - properties of a table
 * @size: most rows, 0: unset
 * @timeout: default lifetime of a row in milliseconds, 0: no limit
 * @key_class: class that all keys must have, &enum nf_dict_key_type;
 *	%NF_DICT_KEY_UNSPEC: any
 * @open: rows may also have fields that @decls does not name
 * @ndecls: entries at @decls, 0: the table declares no fields
 * @decls: the declared fields
 */
struct nf_dict_table_params {
	u32	size;
	u32	timeout;
	u8	key_class;
	bool	open;

	unsigned int			ndecls;
	const struct nf_dict_decl	*decls;
};

/**
 * enum nf_dict_ruleset_peers - other declarations of a table in the ruleset
 * @NF_DICT_RULESET_NONE: none: any declaration is allowed
 * @NF_DICT_RULESET_SELF: only that of the object which is declared again:
 *	fields may be added and limits changed
 * @NF_DICT_RULESET_OTHERS: those of other objects: the declarations must be
 *	equal
 */
enum nf_dict_ruleset_peers {
	NF_DICT_RULESET_NONE,
	NF_DICT_RULESET_SELF,
	NF_DICT_RULESET_OTHERS,
};

/**
 * struct nf_dict_stats - statistics of a table
 * @rows: rows, including expired ones that are not reclaimed yet
 * @use: rules that use it
 * @bytes: memory of its rows, of the strings and addresses they refer to, and
 *	of its hash buckets; a shared string is counted in each row
 * @drops: writes by packets that were refused
 * @expired: rows whose lifetime ended
 */
struct nf_dict_stats {
	u32	rows;
	u32	use;
	u64	bytes;
	u64	drops;
	u64	expired;
};

/**
 * enum nf_dict_event_type - what happened
 * @NF_DICT_EV_TABLE_NEW: a table was created, or its size or timeout changed
 * @NF_DICT_EV_TABLE_DEL: a table was deleted
 * @NF_DICT_EV_TABLE_FLUSH: all rows of a table were deleted
 * @NF_DICT_EV_TABLE_SWAP: two tables exchanged their rows
 * @NF_DICT_EV_ROW_NEW: a row was created, or replaced as a whole
 * @NF_DICT_EV_ROW_SET: fields of a row were written
 * @NF_DICT_EV_ROW_DEL: a row was deleted
 * @NF_DICT_EV_ROW_EXPIRED: a row's lifetime ended
 * @NF_DICT_EV_ROW_GONE: a row was deleted with its connection
 * @NF_DICT_EV_FIELD_DEL: fields of a row were deleted
 */
enum nf_dict_event_type {
	NF_DICT_EV_TABLE_NEW,
	NF_DICT_EV_TABLE_DEL,
	NF_DICT_EV_TABLE_FLUSH,
	NF_DICT_EV_TABLE_SWAP,
	NF_DICT_EV_ROW_NEW,
	NF_DICT_EV_ROW_SET,
	NF_DICT_EV_ROW_DEL,
	NF_DICT_EV_ROW_EXPIRED,
	NF_DICT_EV_ROW_GONE,
	NF_DICT_EV_FIELD_DEL,
};

/**
 * struct nf_dict_event - a change, as reported to the listener
 * @type: &enum nf_dict_event_type
 * @nfields: entries at @fields or @names
 * @table: the table
 * @table2: the other table of %NF_DICT_EV_TABLE_SWAP
 * @row: the row after the change, or, if it was deleted, before; for row and
 *	field events
 * @fields: what was written (%NF_DICT_EV_ROW_SET)
 * @names: what was deleted (%NF_DICT_EV_FIELD_DEL)
 */
struct nf_dict_event {
	enum nf_dict_event_type			type;
	unsigned int				nfields;
	const struct nf_dict_table		*table;
	const struct nf_dict_table		*table2;
	const struct nf_dict_row		*row;
	const struct nf_dict_field_value	*fields;
	struct nf_dict_atom *const		*names;
};

/**
 * struct nf_dict_notifier - listener to changes; there is at most one
 * @wanted: returns whether anyone in the namespace listens; if not, no event is
 *	built
 * @event: handles an event
 *
 * Both are called under the RCU read lock, @event with bottom halves disabled;
 * for row events under the spinlock that orders writes to that row, for table
 * events under the mutex of the namespace. They must not sleep and may only
 * call the functions of nf_dict that read what the event points to.
 */
struct nf_dict_notifier {
	bool	(*wanted)(struct net *net);
	void	(*event)(struct net *net, const struct nf_dict_event *ev);
};

/**
 * struct nf_dict_conn_ops - provider of connections; there is at most one
 * @owner: its module
 * @max: number of lists to hold the connections of a namespace, read when it
 *	gets its first table of connections; lists are short if it has about as
 *	many connections at most
 * @enable: start to report the connections of a namespace, including existing
 *	ones, with nf_dict_conn_add() and nf_dict_conn_del()
 * @disable: stop reporting them
 * @find: return the object of a connection to which the caller holds a
 *	reference, and add it if it is missing; called by packets, under the RCU
 *	read lock
 * @changed: end the offload of a connection, so that its next packets traverse
 *	the rules, because a value that rules read has changed. Called under
 *	the RCU read lock, without a reference to the connection, which may be
 *	about to be freed
 *
 * @enable and @disable are called in process context and may sleep.
 */
struct nf_dict_conn_ops {
	struct module	*owner;
	const unsigned int *max;
	void		(*enable)(struct net *net);
	void		(*disable)(struct net *net);
	struct nf_dict_conn *(*find)(struct net *net, void *ct);
	void		(*changed)(void *ct);
};

/**
 * struct nf_dict_own - the connection of the packet that reads
 * @conn: its object
 * @slot: its extension, if that caches or may cache its row
 */
struct nf_dict_own {
	struct nf_dict_conn	*conn;
	struct nf_conn_dict	*slot;
};

/* Most successive hash tables (resizes) in one walk. */
#define NF_DICT_ITER_PLACES_MAX	64

/**
 * struct nf_dict_place - position of a walk in one hash table
 * @older: position in the previous hash table, or NULL
 * @tbl: the hash table, compared but never dereferenced
 * @seed: seed of its hash
 * @size: number of its buckets
 * @bucket: current bucket; all rows of the buckets before it were returned
 * @key_type: &enum nf_dict_key_type of the last key found in that bucket,
 *	%NF_DICT_KEY_UNSPEC if there was none
 * @key_len: bytes of that key
 * @returned: its row was consumed, see nf_dict_iter_peek()
 * @key: that key; the rows of a bucket are returned in ascending order of keys
 */
struct nf_dict_place {
	struct nf_dict_place	*older;
	const void		*tbl;
	u32			seed;
	u32			size;
	u32			bucket;
	u8			key_type;
	u8			key_len;
	bool			returned;
	u8			key[255];
};

/**
 * struct nf_dict_iter - position in a table, for a dump
 * @table: the table; a reference
 * @rows: the contents that are walked; a reference
 * @place: position in the current hash table; leads to those in previous ones
 * @last: position of the row that was returned last, or NULL
 * @nplaces: number of positions
 * @burst: buckets and rows visited since nf_dict_iter_start()
 * @settled: no resize was in progress then
 * @inconsistent: the table was flushed or swapped meanwhile and has other rows
 *	now; or rows may have been missed or returned twice, because memory was
 *	short or the table was resized too often
 * @first: the first position
 *
 * The caller serializes calls with the same iterator.
 */
struct nf_dict_iter {
	struct nf_dict_table	*table;
	struct nf_dict_rows	*rows;
	struct nf_dict_place	*place;
	struct nf_dict_place	*last;
	unsigned int		nplaces;
	unsigned int		burst;
	bool			settled;
	bool			inconsistent;
	struct nf_dict_place	first;
};

/* Tables: nf_dict_table.c */
struct nf_dict_table *nf_dict_table_find(struct net *net, const char *name,
					 unsigned int len);
struct nf_dict_table *
nf_dict_table_create(struct net *net, const char *name, unsigned int len,
		     const struct nf_dict_table_params *params, bool excl);
struct nf_dict_table *nf_dict_table_next(struct net *net,
					 struct nf_dict_table *prev);
void nf_dict_table_hold(struct nf_dict_table *table);
void nf_dict_table_put(struct nf_dict_table *table);
int nf_dict_table_change(struct nf_dict_table *table, u32 size, u32 timeout);
int nf_dict_table_declare(struct nf_dict_table *table,
			  const struct nf_dict_table_params *params);
int nf_dict_table_delete(struct nf_dict_table *table);
int nf_dict_table_flush(struct nf_dict_table *table);
int nf_dict_table_swap(struct nf_dict_table *const *tables,
		       unsigned int npairs, unsigned int *at);
void nf_dict_table_stats(struct nf_dict_table *table,
			 struct nf_dict_stats *stats);
const char *nf_dict_table_name(const struct nf_dict_table *table);
unsigned int nf_dict_table_name_len(const struct nf_dict_table *table);
u32 nf_dict_table_size(const struct nf_dict_table *table);
u32 nf_dict_table_timeout(const struct nf_dict_table *table);
u8 nf_dict_table_key_class(const struct nf_dict_table *table);
u64 nf_dict_table_id(const struct nf_dict_table *table);
void nf_dict_table_drop(struct nf_dict_table *table);
struct mem_cgroup *nf_dict_table_charge(const struct nf_dict_table *table);
void nf_dict_table_uncharge(struct mem_cgroup *memcg);

/* Tables and fields that rules use: nf_dict_use.c */
struct nf_dict_table *nf_dict_table_use(struct net *net, const char *name,
					unsigned int len, u8 key_type);
void nf_dict_table_use_commit(struct nf_dict_table *table);
void nf_dict_table_use_abort(struct nf_dict_table *table, u8 key_type);
void nf_dict_table_unuse(struct nf_dict_table *table, u8 key_type);
void nf_dict_table_use_suspend(struct nf_dict_table *table);
void nf_dict_table_use_resume(struct nf_dict_table *table);
int nf_dict_table_use_field(struct nf_dict_table *table,
			    struct nf_dict_atom *field, u8 type, bool reads,
			    u8 *declared);
void nf_dict_table_unuse_field(struct nf_dict_table *table,
			       const struct nf_dict_atom *field, u8 type,
			       bool reads);

/* Tables that the ruleset declares: nf_dict_ruleset.c */
struct nf_dict_table *
nf_dict_ruleset_declare(struct net *net, const char *name, unsigned int len,
			const struct nf_dict_table_params *params,
			enum nf_dict_ruleset_peers peers);
void nf_dict_ruleset_commit(struct nf_dict_table *table);
void nf_dict_ruleset_abort(struct nf_dict_table *table);
void nf_dict_ruleset_remove(struct nf_dict_table *table);
bool nf_dict_ruleset_busy(const struct nf_dict_table *table);

/* Declared fields: nf_dict_decl.c */
const struct nf_dict_decls *
nf_dict_table_decls(const struct nf_dict_table *table);
int nf_dict_table_field_check(const struct nf_dict_table *table,
			      const struct nf_dict_atom *field, u8 type,
			      u8 *declared);
const char *nf_dict_type_name(u8 type);

/* Names, strings and other interned bytes: nf_dict_atom.c */
int nf_dict_name_check(const char *name, unsigned int len);
struct nf_dict_atom *nf_dict_field_get(struct net *net, const char *name,
				       unsigned int len, gfp_t gfp);
struct nf_dict_atom *nf_dict_field_find(struct net *net, const char *name,
					unsigned int len);
void nf_dict_field_hold(struct nf_dict_atom *field);
void nf_dict_field_put(struct nf_dict_atom *field);
const char *nf_dict_atom_data(const struct nf_dict_atom *atom);
unsigned int nf_dict_atom_len(const struct nf_dict_atom *atom);
u64 nf_dict_atom_id(const struct nf_dict_atom *atom);

/* Keys, values and their forms in registers: nf_dict_value.c */
int nf_dict_key_check(const struct nf_dict_key *key);
bool nf_dict_key_fits(u8 key_class, u8 key_type);
const char *nf_dict_domain_check(const char *name, unsigned int len,
				 unsigned int *at);
const char *nf_dict_key_class_name(u8 key_class);
bool nf_dict_key_from_reg(struct nf_dict_key *key, u8 type, u8 len, bool host,
			  const u32 *src);
bool nf_dict_key_from_value(struct nf_dict_key *key,
			    const struct nf_dict_value *value);
unsigned int nf_dict_type_len(u8 type);
int nf_dict_value_init(struct net *net, struct nf_dict_value *value, u8 type,
		       const void *data, unsigned int len, gfp_t gfp);
void nf_dict_value_hold(const struct nf_dict_value *value);
void nf_dict_value_put(struct nf_dict_value *value);
s64 nf_dict_value_num(const struct nf_dict_value *value);
const void *nf_dict_value_data(const struct nf_dict_value *value,
			       unsigned int *len);
int nf_dict_reg_check(const struct nf_dict_reg *form);
bool nf_dict_value_to_reg(const struct nf_dict_value *value,
			  const struct nf_dict_reg *form, u32 *dest);
int nf_dict_value_from_reg(struct net *net, struct nf_dict_value *value,
			   u8 type, const struct nf_dict_reg *form,
			   const u32 *src);

/* Patterns: nf_dict_pattern.c */
struct nf_dict_patterns *nf_dict_patterns_alloc(struct net *net,
						unsigned int max, u8 type);
int nf_dict_patterns_add(struct nf_dict_patterns *patterns, const char *pattern,
			 unsigned int len);
void nf_dict_patterns_free(struct nf_dict_patterns *patterns);
unsigned int nf_dict_patterns_count(const struct nf_dict_patterns *patterns);
const char *nf_dict_patterns_get(const struct nf_dict_patterns *patterns,
				 unsigned int i, unsigned int *len);
int nf_dict_patterns_match(struct nf_dict_patterns *patterns,
			   const struct nf_dict_value *value);

/* Reading rows: nf_dict_row.c */
const struct nf_dict_row *nf_dict_row_lookup(const struct nf_dict_table *table,
					     const struct nf_dict_key *key);
bool nf_dict_row_read(const struct nf_dict_row *row,
		      const struct nf_dict_atom *field, unsigned long *hint,
		      struct nf_dict_value *value);
void nf_dict_row_key(const struct nf_dict_row *row, struct nf_dict_key *key);
unsigned int nf_dict_row_places(const struct nf_dict_table *table,
				const struct nf_dict_row *row);
const struct nf_dict_atom *nf_dict_row_field(const struct nf_dict_table *table,
					     const struct nf_dict_row *row,
					     unsigned int i,
					     struct nf_dict_value *value);
u32 nf_dict_row_timeout(const struct nf_dict_row *row);
u64 nf_dict_row_expires(const struct nf_dict_row *row);

/* Writing rows: nf_dict_write.c */
int nf_dict_row_write(struct nf_dict_table *table,
		      const struct nf_dict_key *key, struct nf_dict_update *u);
void nf_dict_update_release(struct nf_dict_update *u);
int nf_dict_row_add(struct nf_dict_table *table, const struct nf_dict_key *key,
		    struct nf_dict_atom *field, u8 type, u64 amount,
		    bool subtract);
int nf_dict_row_delete(struct nf_dict_table *table,
		       const struct nf_dict_key *key);
int nf_dict_row_delete_fields(struct nf_dict_table *table,
			      const struct nf_dict_key *key,
			      struct nf_dict_atom *const *fields,
			      unsigned int nfields);
int nf_dict_row_delete_field(struct nf_dict_table *table,
			     const struct nf_dict_key *key,
			     struct nf_dict_atom *field, u8 type);

/* Nested lookups: nf_dict_path.c */
bool nf_dict_path_key(struct nf_dict_level *levels, unsigned int nlevels,
		      struct nf_dict_key *key, struct nf_dict_value *value);
bool nf_dict_path_read(struct nf_dict_level *levels, unsigned int nlevels,
		       const struct nf_dict_key *key,
		       struct nf_dict_value *value);
bool nf_dict_path_read_conn(struct nf_dict_level *levels, unsigned int nlevels,
			    const struct nf_dict_own *own,
			    struct nf_dict_value *value);
int nf_dict_path_read_skb(struct nf_dict_level *level,
			  const struct nf_dict_key_reg *form, const u32 *src,
			  const struct sk_buff *skb,
			  struct nf_dict_value *value);
bool nf_dict_path_read_reg(struct nf_dict_level *levels, unsigned int nlevels,
			   const struct nf_dict_key_reg *form, const u32 *src,
			   struct nf_dict_value *value);
bool nf_dict_path_load(struct nf_dict_level *levels, unsigned int nlevels,
		       const struct nf_dict_key_reg *key_form, const u32 *src,
		       const struct nf_dict_reg *form, u32 *dest);
bool nf_dict_path_load_fields(struct nf_dict_level *levels,
			      unsigned int nlevels,
			      const struct nf_dict_own *own,
			      const struct nf_dict_key *key,
			      struct nf_dict_load *loads, unsigned int nloads,
			      u32 *dest);

/* Dumps: nf_dict_iter.c */
void nf_dict_iter_init(struct nf_dict_iter *iter, struct nf_dict_table *table);
void nf_dict_iter_exit(struct nf_dict_iter *iter);
void nf_dict_iter_start(struct nf_dict_iter *iter);
const struct nf_dict_row *nf_dict_iter_next(struct nf_dict_iter *iter);
const struct nf_dict_row *nf_dict_iter_peek(struct nf_dict_iter *iter);
void nf_dict_iter_stop(struct nf_dict_iter *iter);

/* Rows of connections: nf_dict_conn.c; the key is on while a table has them */
DECLARE_STATIC_KEY_FALSE(nf_dict_conn_key);
u64 nf_dict_conn_gen(struct net *net);
bool nf_dict_conn_own(const struct nf_dict_table *table, void *ct,
		      struct nf_conn_dict *ext, bool confirmed,
		      struct nf_dict_own *own);
struct nf_dict_conn *nf_dict_conn_add(struct net *net, u32 id, void *ct,
				      bool is_new);
struct nf_dict_conn *nf_dict_conn_find(struct net *net, u32 id, const void *ct);
void nf_dict_conn_del(struct net *net, struct nf_dict_conn *conn);
bool nf_dict_conn_settled(struct net *net, u32 id, const void *ct);
int nf_dict_conn_register(const struct nf_dict_conn_ops *ops);
void nf_dict_conn_unregister(const struct nf_dict_conn_ops *ops);

/* Events: nf_dict_ns.c */
int nf_dict_notifier_register(const struct nf_dict_notifier *notifier);
void nf_dict_notifier_unregister(const struct nf_dict_notifier *notifier);

#endif /* _NF_DICT_H */
