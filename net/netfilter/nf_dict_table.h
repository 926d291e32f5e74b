/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tables, their contents, and connections with rows.
 */
#ifndef _NF_DICT_TABLE_H
#define _NF_DICT_TABLE_H

#include "nf_dict_row.h"

/* Most row locks of a table; fewer on machines with few CPUs. */
#define NF_DICT_ROW_LOCKS_MAX	32

/* In place of a time: no row expires. */
#define NF_DICT_NEVER		((u64)S64_MAX)

/**
 * struct nf_dict_lock - lock for some rows of a table
 * @lock: held with bottom halves disabled to write a row whose key hashes here
 * @bytes: memory of these rows and of the atoms they refer to; under @lock
 */
struct nf_dict_lock {
	spinlock_t	lock;	/* writing to the rows that hash here */
	s64		bytes;
} ____cacheline_aligned_in_smp;

/**
 * struct nf_dict_rows - contents of a table, replaced as a whole by a flush and
 *	exchanged by a swap
 * @ns: the namespace; a reference
 * @lock_seed: seed of the hash that selects a lock
 * @lock_mask: number of locks less one
 * @frozen: about to move to another table: writers wait for
 *	&nf_dict_ns.swap_lock; written under that
 * @key_class: class that all keys have, %NF_DICT_KEY_UNSPEC: any; constant
 * @layout: id of the layout that all rows have, 0: they are not packed; changed
 *	while there are no rows, under the mutex and frozen
 * @domains: for class %NF_DICT_KEY_DOMAIN, see nf_dict_domain.c
 * @due: no row expires before this, in jiffies; %NF_DICT_NEVER if none has a
 *	lifetime
 * @ht: the rows
 * @refs: one for its table, one for each iterator
 * @count: exact number of rows, for the limit
 * @walk_mutex: held to reclaim expired rows
 * @free_work: frees it, a grace period after the last reference was dropped
 * @locks: the row locks; none of them is held while the contents move
 */
struct nf_dict_rows {
	struct nf_dict_ns	*ns;
	u32			lock_seed;
	u32			lock_mask;
	bool			frozen;
	u8			key_class;
	u32			layout;
	atomic64_t		due;
	struct nf_dict_domains	*domains;
	/* Packets that create no row read only its first word. */
	struct rhashtable	ht;
	refcount_t		refs ____cacheline_aligned_in_smp;
	atomic_t		count;
	struct mutex		walk_mutex;	/* reclaiming expired rows */
	struct rcu_work		free_work;
	struct nf_dict_lock	locks[];
};

/**
 * struct nf_dict_table - a table
 * @rows: its contents; changed under &nf_dict_ns.mutex, with the old and new
 *	contents frozen
 * @decls: its declaration, or NULL; written under the mutex, with the contents
 *	frozen
 * @ns: the namespace; a reference
 * @id: unique in the namespace, ascending, never reused
 * @size: most rows, 0: unset; written under the mutex, read without
 * @timeout: default lifetime of a row in milliseconds; likewise
 * @use: rules that use it; under the mutex
 * @pending: rules that will use it if their transaction is committed; likewise
 * @key_uses: number of both by class of their keys; likewise
 * @active: number of both without rules that are about to be deleted; likewise
 * @declared: declarations of it in the ruleset; likewise
 * @declaring: those of a transaction that is not committed yet; likewise
 * @linked: it is in the list; under the mutex
 * @implicit: created for a rule or declared in the ruleset: removed when it is
 *	neither declared nor used and has no rows; under the mutex
 * @ruled: it was declared in the ruleset and is removed with its rows; under
 *	the mutex
 * @hidden: only rules of an uncommitted transaction use it; under the mutex
 * @swapping: named by the current swap; under the mutex
 * @name_len: bytes in @name, without the NUL that follows them
 * @refs: references: the list's, each rule's, and one from each lookup
 * @next: its state if the current transaction succeeds: the declaration if
 *	fields are added, or NULL, memory for its layout, and limits, which are
 *	valid while @declaring is not 0; under the mutex
 * @successor: table that replaces this one if the current transaction
 *	succeeds, or NULL; under the mutex
 * @predecessor: the reverse; a reference, and one @pending of that table
 * @field_uses: fields that these rules have, &struct nf_dict_field_use; written
 *	under the mutex, read under the RCU read lock
 * @list: in &nf_dict_ns.tables, under its mutex
 * @conn_list: in &nf_dict_ns.conn_tables, if it has rows of connections
 * @node: in &nf_dict_ns.names, under its mutex
 * @memcg: memory cgroup of the task that created it, to which rows are charged;
 *	a reference, or NULL
 * @drops: refused writes by packets
 * @expired: rows whose lifetime ended
 * @rcu: frees it after a grace period
 * @name: its name
 */
struct nf_dict_table {
	/* Read by packets. */
	struct nf_dict_rows __rcu	*rows;
	struct nf_dict_ns		*ns;
	struct nf_dict_decls __rcu	*decls;
	u64				id;
	u32				size;
	u32				timeout;
	u32				use;
	u32				pending;
	bool				linked;
	bool				implicit;
	bool				ruled;
	bool				hidden;
	bool				swapping;
	u8				name_len;

	refcount_t			refs ____cacheline_aligned_in_smp;
	u32				active;
	u32				declared;
	u32				declaring;
	struct {
		struct nf_dict_decls	*decls;
		struct nf_dict_layout	*layout;
		u32			size;
		u32			timeout;
	}				next;
	struct nf_dict_table		*successor;
	struct nf_dict_table		*predecessor;
	u32				key_uses[NF_DICT_KEY_MAX + 1];
	struct list_head		field_uses;
	struct list_head		list;
	struct list_head		conn_list;
	struct rhash_head		node;
	struct mem_cgroup		*memcg;
	atomic64_t			drops;
	atomic64_t			expired;
	struct rcu_head			rcu;
	char				name[];
};

/**
 * struct nf_dict_field_use - a field that rules use
 * @list: in &nf_dict_table.field_uses
 * @field: its name; a reference
 * @type: its type in these rules
 * @count: number of these rules
 * @reads: how many of them depend on its value
 * @rcu: frees it after a grace period, as writers may read it
 */
struct nf_dict_field_use {
	struct list_head	list;
	struct nf_dict_atom	*field;
	u8			type;
	u32			count;
	u32			reads;
	struct rcu_head		rcu;
};

/**
 * struct nf_dict_conn - a living connection, see nf_dict_conn.c
 * @seq: guards @rows and @row for readers
 * @id: its id
 * @dead: it has ended, and its rows are being deleted; set under @lock
 * @used: it may have a row; set under @lock, before the first is created
 * @owner: it is the first connection with its id, and remains so until its end
 * @more: it may have rows other than @row
 * @lock: held to write @rows, @row, @dead, @used, @changed and @slot; taken
 *	within a row lock
 * @rows: contents that have @row, or NULL
 * @row: a row, or NULL; both are written under @lock
 * @ct: the connection, without a reference
 * @next: in a list of &nf_dict_conns.heads, the one added before this
 * @changed: the RCU state when a value that rules read last changed, or @slot
 *	was emptied; written under @lock
 * @slot: extension of the connection that leads to @row, or NULL; likewise. It
 *	and @changed share memory with @rcu, as a dead one needs neither
 * @rcu: readers may hold on to it until the end of their RCU section
 */
struct nf_dict_conn {
	seqcount_spinlock_t		seq;
	u32				id;
	bool				dead;
	bool				used;
	bool				owner;
	bool				more;
	spinlock_t			lock;	/* what changes of this */
	const struct nf_dict_rows	*rows;
	struct nf_dict_row __rcu	*row;
	void				*ct;
	struct nf_dict_conn __rcu	*next;
	union {
		struct {
			unsigned long		changed;
			struct nf_conn_dict	*slot;
		};
		struct rcu_head		rcu;
	};
};

#define NF_DICT_CONN_LOCKS	256

/**
 * struct nf_dict_conns - the living connections of a namespace
 * @net: the namespace
 * @ns: what belongs to it; a reference
 * @gen: random number that tells valid pointers to objects from those that
 *	another instance of this structure left behind
 * @ops: the module that reports connections; a reference to it
 * @changed: the RCU state when rules last came to see other rows of all
 * @free_work: frees it a grace period after it went out of use
 * @heads: lists of these, by id, the one added last first
 * @size: number of @heads
 * @asked: when a grace period was last requested, in jiffies; in another cache
 *	line than the members that packets read
 * @locks: held to add to @heads or to remove, each for some of them
 */
struct nf_dict_conns {
	struct net			*net;
	struct nf_dict_ns		*ns;
	u64				gen;
	const struct nf_dict_conn_ops	*ops;
	unsigned long			changed;
	struct rcu_work			free_work;
	struct nf_dict_conn __rcu	**heads;
	u32				size;
	unsigned long			asked ____cacheline_aligned_in_smp;
	spinlock_t			locks[NF_DICT_CONN_LOCKS]; /* changing heads */
};

/**
 * struct nf_dict_domain - a key of a table of domains, in lower case
 * @key: the key, which borrows @name
 * @name: its bytes
 */
struct nf_dict_domain {
	struct nf_dict_key	key;
	char			name[NF_DICT_KEY_STRING_MAX];
};

const struct nf_dict_key *nf_dict_domain_key(struct nf_dict_domain *domain,
					     const struct nf_dict_key *key);
const struct nf_dict_row *nf_dict_domain_lookup(struct nf_dict_rows *rows,
						const char *name,
						unsigned int len);
const struct nf_dict_row *nf_dict_domain_find(struct nf_dict_rows *rows,
					      const struct nf_dict_atom *atom);
void nf_dict_domain_added(struct nf_dict_rows *rows,
			  const struct nf_dict_key *key);
void nf_dict_domain_age(struct nf_dict_rows *rows, u32 left);
struct nf_dict_domains *nf_dict_domains_alloc(void);
void nf_dict_domains_free(struct nf_dict_domains *domains);

struct nf_dict_decls *
nf_dict_decls_alloc(const struct nf_dict_table_params *params);
void nf_dict_decls_free(struct nf_dict_decls *decls);
bool nf_dict_decls_include(const struct nf_dict_decls *decls,
			   const struct nf_dict_decls *other);
bool nf_dict_decls_equal(const struct nf_dict_decls *a,
			 const struct nf_dict_decls *b);
int nf_dict_decls_fit(const struct nf_dict_decls *decls,
		      const struct nf_dict_atom *field, u8 type, u8 *declared);
bool nf_dict_table_uses_fit(const struct nf_dict_table *table,
			    const struct nf_dict_decls *decls);
bool nf_dict_table_reads(const struct nf_dict_table *table,
			 const struct nf_dict_atom *field);
int nf_dict_update_conform(const struct nf_dict_decls *decls,
			   struct nf_dict_update *u);

struct nf_dict_rows *nf_dict_rows_alloc(struct nf_dict_ns *ns, u8 key_class,
					const struct nf_dict_decls *decls);
void nf_dict_rows_put(struct nf_dict_rows *rows);
void nf_dict_rows_freeze(struct nf_dict_rows *rows);
void nf_dict_rows_thaw(struct nf_dict_rows *rows);
u64 nf_dict_rows_bytes(struct nf_dict_rows *rows);
u64 nf_dict_rows_expire(struct nf_dict_table *table);
void nf_dict_rows_note(struct nf_dict_rows *rows, u64 expires);
void nf_dict_row_notify(struct nf_dict_table *table,
			enum nf_dict_event_type type,
			const struct nf_dict_row *row,
			const struct nf_dict_field_value *fields,
			unsigned int nfields);
void nf_dict_row_unlink(struct nf_dict_table *table, struct nf_dict_rows *rows,
			struct nf_dict_lock *lock, struct nf_dict_row *row);
void nf_dict_row_free(struct nf_dict_ns *ns, struct nf_dict_row *row);

void nf_dict_row_gone(struct nf_dict_table *table,
		      const struct nf_dict_key *key);

int nf_dict_conn_claim(struct nf_dict_ns *ns, const struct nf_dict_key *key);
void nf_dict_conn_link(struct nf_dict_rows *rows, struct nf_dict_row *row);
void nf_dict_conn_move(struct nf_dict_rows *rows, struct nf_dict_row *old,
		       struct nf_dict_row *new);
const struct nf_dict_row *nf_dict_conn_row(const struct nf_dict_own *own,
					   struct nf_dict_rows *rows);
void nf_dict_conn_changed(struct nf_dict_ns *ns, u64 num, bool others);
void nf_dict_conns_changed(struct nf_dict_ns *ns);
void nf_dict_conns_request(void);
int nf_dict_conns_get(struct nf_dict_table *table);
void nf_dict_conns_put(struct nf_dict_table *table);

struct nf_dict_table *nf_dict_table_lookup(struct nf_dict_ns *ns,
					   const char *name, unsigned int len);
struct nf_dict_table *nf_dict_table_alloc(struct nf_dict_ns *ns,
					  const char *name, unsigned int len,
					  u8 key_class,
					  struct nf_dict_decls *decls);
struct nf_dict_table *nf_dict_table_add(struct nf_dict_ns *ns, const char *name,
					unsigned int len, u8 key_class,
					struct nf_dict_decls *decls);
struct nf_dict_decls *
nf_dict_params_decls(const char *name, unsigned int len,
		     const struct nf_dict_table_params *params);
void nf_dict_table_extend(struct nf_dict_table *table,
			  struct nf_dict_decls *decls,
			  struct nf_dict_layout *layout);
void nf_dict_table_succeed(struct nf_dict_table *table,
			   struct nf_dict_table *old);
void nf_dict_table_publish(struct nf_dict_table *table);
void nf_dict_table_report(const struct nf_dict_table *table);
void nf_dict_table_reap(struct nf_dict_table *table);
int nf_dict_tables_init(struct nf_dict_ns *ns);
void nf_dict_tables_exit(struct nf_dict_ns *ns);
void nf_dict_tables_free(struct nf_dict_ns *ns);
void nf_dict_table_emptied(struct nf_dict_table *table);
void nf_dict_gc(struct work_struct *work);
void nf_dict_gc_wake(struct nf_dict_ns *ns, u64 due);

/* Under the mutex. */
static inline struct nf_dict_rows *
nf_dict_table_rows(const struct nf_dict_table *table)
{
	return rcu_dereference_protected(table->rows,
					 lockdep_is_held(&table->ns->mutex));
}

/* Likewise. */
static inline u8 nf_dict_table_class(const struct nf_dict_table *table)
{
	return nf_dict_table_rows(table)->key_class;
}

/* Likewise. */
static inline struct nf_dict_decls *
nf_dict_decls_of(const struct nf_dict_table *table)
{
	return rcu_dereference_protected(table->decls,
					 lockdep_is_held(&table->ns->mutex));
}

#endif /* _NF_DICT_TABLE_H */
