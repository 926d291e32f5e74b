/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the parts of nf_dict share and nobody else needs.
 */
#ifndef _NF_DICT_INTERNAL_H
#define _NF_DICT_INTERNAL_H

#include <kunit/visibility.h>
#include <linux/bits.h>
#include <linux/jiffies.h>
#include <linux/mutex.h>
#include <linux/preempt.h>
#include <linux/refcount.h>
#include <linux/rhashtable.h>
#include <linux/seqlock.h>
#include <linux/slab.h>
#include <linux/siphash.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <net/netfilter/nf_dict.h>

/* Locks over a namespace's atoms: creating and freeing one is rare. */
#define NF_DICT_ATOM_LOCKS	16
/* Most locks over a table's rows; fewer on machines with few CPUs. */
#define NF_DICT_ROW_LOCKS_MAX	32

/* In place of a time: no row has a lifetime. */
#define NF_DICT_NEVER		((u64)S64_MAX)

/**
 * struct nf_dict_ns - all that belongs to one network namespace
 * @net: the namespace, NULL once it is gone; events need it
 * @swap_seq: changes when tables exchange their contents, so that a reader
 *	who goes through several tables sees all of that or nothing; written
 *	under @swap_lock
 * @hash_key: key of the hash of all bytes that are interned, or a string key;
 *	one for each namespace, as hashes show in the order of a dump
 * @refs: references: the namespace's own, and one from each table and each
 *	table's contents, since rules are released after the namespace's
 *	tables are unlinked
 * @swap_lock: held while contents are frozen; row locks are taken within it
 * @mutex: protects @tables, @names, @next_table_id, @next_layout, and of each table its use,
 *	size, timeout and whether it is linked; taken before all spinlocks
 * @tables: tables by rising id; added and removed under @mutex
 * @names: the same tables by name
 * @next_table_id: never reused
 * @atoms: interned bytes, see &struct nf_dict_atom
 * @atom_locks: one, by the atom's hash, is held to add or remove an atom; taken
 *	within a row lock or alone
 * @next_string_id: never reused, so that a remembered verdict cannot be taken
 *	for that of another string
 * @field_ids: finds the field name to an id in a row; an id is free again only
 *	after a grace period, so that a reader of an old row does not get
 *	another field's name
 * @layouts: finds the layout to a packed row, see &struct nf_dict_layout
 * @next_layout: number of the next one, never reused, so that a rule cannot
 *	take what it remembers of one for that of another
 * @conns: the living connections, NULL without a table of their rows; changed
 *	under @mutex
 * @conn_tables: tables of their rows; likewise, and readers go through it
 *	under the RCU read lock
 * @gc_work: reclaims expired rows
 * @reap_work: removes implicit tables that are empty and unused
 * @gc_lock: protects @gc_at and @gc_rest; taken within row locks
 * @gc_at: when @gc_work has something to do, in jiffies, or %NF_DICT_NEVER
 * @gc_rest: when it may run again
 * @free_work: frees the structure, from a context that can wait for RCU
 */
struct nf_dict_ns {
	/* What packets read. */
	struct net		*net;
	seqcount_spinlock_t	swap_seq;
	siphash_key_t		hash_key;

	refcount_t		refs ____cacheline_aligned_in_smp;
	/* Moving the contents of tables. */
	spinlock_t		swap_lock;
	struct mutex		mutex;	/* tables, their uses and limits */
	struct list_head	tables;
	struct rhashtable	names;
	u64			next_table_id;
	struct rhashtable	atoms;
	/* Adding and removing atoms. */
	spinlock_t		atom_locks[NF_DICT_ATOM_LOCKS];
	atomic64_t		next_string_id;
	struct xarray		field_ids;
	struct xarray		layouts;
	u32			next_layout;
	struct nf_dict_conns __rcu *conns;
	struct list_head	conn_tables;
	struct delayed_work	gc_work;
	struct work_struct	reap_work;
	/* When to run gc_work. */
	spinlock_t		gc_lock;
	u64			gc_at;
	u64			gc_rest;
	struct work_struct	free_work;
};

/**
 * enum nf_dict_atom_kind - what an atom holds
 * @NF_DICT_ATOM_FIELD: name of a field
 * @NF_DICT_ATOM_STRING: string value
 * @NF_DICT_ATOM_IPV6: IPv6 address
 * @NF_DICT_ATOM_LIST: list of strings: its members in ascending order, with a
 *	NUL between two
 */
enum nf_dict_atom_kind {
	NF_DICT_ATOM_FIELD,
	NF_DICT_ATOM_STRING,
	NF_DICT_ATOM_IPV6,
	NF_DICT_ATOM_LIST,
};

/**
 * struct nf_dict_atom - interned bytes: equal bytes of a kind are one object
 * @node: in &nf_dict_ns.atoms as long as @refs is not zero; both change to
 *	"gone" under the atom's lock
 * @rcu: readers may hold on to an atom until the end of their RCU section
 * @ns: the namespace it belongs to. No reference: whoever holds an atom holds
 *	a table, or is within a system call of the namespace
 * @refs: one from each row, value, level and pattern that has it
 * @id: of a string, never reused; of a field name, the index in
 *	&nf_dict_ns.field_ids
 * @hash: nf_dict_string_hash() of the bytes, whatever the kind
 * @len: bytes in @data, without the NUL that follows them
 * @kind: &enum nf_dict_atom_kind
 * @data: the bytes, with zeroes up to a whole word, one at least
 *
 * From @id on all stays as it is for the life of the atom. Packets read that,
 * so it does not share a line with @refs, which writers dirty.
 */
struct nf_dict_atom {
	struct rhash_head	node;
	struct rcu_head		rcu;
	struct nf_dict_ns	*ns;
	refcount_t		refs;
	u64			id ____cacheline_aligned_in_smp;
	u64			hash;
	u16			len;
	u8			kind;
	char			data[] __aligned(sizeof(u64));
};

/*
 * A field in a row: the id of its name, then six bits for its type; in place of
 * the first of these, in a packed row, the number of its layout, with a flag.
 */
#define NF_DICT_ID_SHIFT	6
#define NF_DICT_ID_TYPE		((1U << NF_DICT_ID_SHIFT) - 1)
#define NF_DICT_LAYOUT_NUM	GENMASK(30, NF_DICT_ID_SHIFT)
#define NF_DICT_LAYOUT_FLAG	BIT(31)
#define NF_DICT_FIELD_ID_MAX	((NF_DICT_LAYOUT_FLAG - 1) >> NF_DICT_ID_SHIFT)

static_assert(NF_DICT_TYPE_MAX <= NF_DICT_ID_TYPE);

/**
 * struct nf_dict_row - a row: all in one object, so that a lookup that misses
 *	the caches touches the hash bucket and this
 * @node: in &nf_dict_rows.ht
 * @expires: when the row's lifetime ends, in jiffies (64 bits); 0: never
 * @timeout: its lifetime in milliseconds; 0: for ever
 * @key_type: &enum nf_dict_key_type
 * @key_len: bytes of the key
 * @nfields: fields, at least one; 0 in a packed row, see nf_dict_layout.h
 * @room: bytes of a packed row behind the key, in units of
 *	%NF_DICT_ROOM_UNIT
 * @rcu: readers may hold on to a row until the end of their RCU section
 * @data: of a string key, its hash; the key, in whole words; &struct
 *	nf_dict_row_fields with @nfields ids, in whole words; @nfields values of
 *	64 bits. In a packed row, one id, which is its layout's, and values
 *
 * The key, which fields there are, and the ids never change: a write that needs more than new
 * values of the same types makes a new row and replaces this one. @expires,
 * @timeout and the values change in place, under the row's lock; readers have
 * no lock. The row owns references to the atoms it names, and passes them to
 * its successor. Of a packed row, the layout has those to names.
 */
struct nf_dict_row {
	struct rhash_head	node;
	u64			expires;
	u32			timeout;
	u8			key_type;
	u8			key_len;
	u8			nfields;
	u8			room;
	struct rcu_head		rcu;
	u64			data[];
};

/**
 * struct nf_dict_row_fields - which fields a row has
 * @seq: changes with a value, so that a reader of several sees them as they were
 *	at one moment; on 32-bit machines, guards each value and
 *	&nf_dict_row.expires, which are wider than what the machine reads at once
 * @ids: of each field the id of its name, and its type
 *
 * @seq is here because it takes the place of an odd id: there is none in the
 * head of a row.
 */
struct nf_dict_row_fields {
	seqcount_t	seq;
	u32		ids[];
};

/**
 * struct nf_dict_lock - lock over some of the rows of a table
 * @lock: held with bottom halves off to write to a row whose key hashes here
 * @bytes: memory of those rows and of the strings that they refer to; under
 *	@lock
 */
struct nf_dict_lock {
	spinlock_t	lock;	/* writing to the rows that hash here */
	s64		bytes;
} ____cacheline_aligned_in_smp;

/**
 * struct nf_dict_rows - the contents of a table, which flush replaces and swap
 *	exchanges as a whole
 * @ns: the namespace; a reference
 * @lock_seed: seed of the hash that chooses a lock
 * @lock_mask: number of locks less one
 * @frozen: about to move to another table: whoever wants to write waits for
 *	&nf_dict_ns.swap_lock; written under that
 * @key_class: class that all keys have, %NF_DICT_KEY_UNSPEC: any; constant
 * @layout: id of the layout that all rows have, 0: they are not packed; changed
 *	while there are no rows, under the mutex and frozen
 * @domains: what those of class %NF_DICT_KEY_DOMAIN have beside their rows
 * @due: no row expires before this, in jiffies; %NF_DICT_NEVER if none has a
 *	lifetime
 * @ht: the rows
 * @refs: one from the table that has it, one from each iterator
 * @count: rows, so that the limit holds exactly
 * @walk_mutex: held to reclaim expired rows
 * @free_work: frees it, a grace period after the last reference went
 * @locks: the locks; none of them is held while the contents move
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
	/* Of this, packets that create no row read the first word. */
	struct rhashtable	ht;
	refcount_t		refs ____cacheline_aligned_in_smp;
	atomic_t		count;
	struct mutex		walk_mutex;	/* reclaiming expired rows */
	struct rcu_work		free_work;
	struct nf_dict_lock	locks[];
};

/**
 * struct nf_dict_table - a table
 * @rows: its contents; changed under &nf_dict_ns.mutex and all locks of the
 *	contents concerned
 * @decls: what it declares, or NULL; written under the mutex, and where that is
 *	new, with the contents frozen
 * @ns: the namespace; a reference
 * @id: of the namespace's, never reused, rising
 * @size: most rows, 0: unset; written under the mutex, read without
 * @timeout: default lifetime of a row in milliseconds; likewise
 * @use: rules that use it; under the mutex
 * @pending: rules that will use it if their transaction succeeds; likewise
 * @key_uses: of both, those with keys of a class; likewise
 * @active: of both, those whose rule is not about to be deleted; likewise
 * @declared: declarations of it in the ruleset; likewise
 * @declaring: those of a transaction that is not committed; likewise
 * @linked: it is in the list; under the mutex
 * @implicit: created for a rule, or declared in the ruleset: removed when it is
 *	not declared, no rule uses it, and it has no rows; under the mutex
 * @ruled: it was declared in the ruleset, so that it is removed with its rows;
 *	under the mutex
 * @hidden: only rules of an uncommitted transaction use it; under the mutex
 * @swapping: named by the swap at hand; under the mutex
 * @name_len: bytes in @name, without the NUL that follows them
 * @refs: references: the list's, each rule's, and those of whoever looked it up
 * @next: what it will be like if the transaction at hand succeeds: fields that
 *	are added, or NULL, room for their layout, and limits, which count while
 *	@declaring is not 0; under the mutex
 * @successor: table that takes the place of this one if the transaction at
 *	hand succeeds, or NULL; under the mutex
 * @predecessor: the reverse; a reference, and one @pending of that table
 * @field_uses: fields that these rules have, &struct nf_dict_field_use; written
 *	under the mutex, read under the RCU read lock
 * @list: in &nf_dict_ns.tables, under its mutex
 * @conn_list: in &nf_dict_ns.conn_tables, if it has rows of connections
 * @node: in &nf_dict_ns.names, under its mutex
 * @memcg: memory cgroup of the task that created it, which rows are charged to;
 *	a reference, or NULL
 * @drops: writes by packets that were refused
 * @expired: rows whose lifetime ended
 * @rcu: a packet may still look into the table
 * @name: its name
 */
struct nf_dict_table {
	/* What packets read. */
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
 * struct nf_dict_field_use - a field that rules have
 * @list: in &nf_dict_table.field_uses
 * @field: its name; a reference
 * @type: type it has in these rules
 * @count: their number
 * @reads: how many of them depend on its value
 * @rcu: writers may look at it until the end of their RCU section
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
 * @dead: it has gone, and its rows are being deleted; set under @lock
 * @used: it may have a row; set under @lock, before the first is created
 * @shared: another living connection has the same id
 * @more: it may have rows other than @row
 * @lock: held to write @rows, @row, @dead, @used, @changed and @slot; taken within
 *	a row lock
 * @rows: contents that have @row, or NULL
 * @row: a row, or NULL; both are written under @lock
 * @ct: the connection, without a reference
 * @node: in &nf_dict_conns.ht
 * @changed: the RCU state when rules last came to see another value, or @slot
 *	was emptied; written under @lock
 * @slot: extension of the connection that leads to @row, or NULL; likewise. Both
 *	are in the memory of @rcu, as they do not matter of the dead
 * @rcu: readers may hold on to it until the end of their RCU section
 */
struct nf_dict_conn {
	seqcount_spinlock_t		seq;
	u32				id;
	bool				dead;
	bool				used;
	bool				shared;
	bool				more;
	spinlock_t			lock;	/* what changes of this */
	const struct nf_dict_rows	*rows;
	struct nf_dict_row __rcu	*row;
	void				*ct;
	struct rhash_head		node;
	union {
		struct {
			unsigned long		changed;
			struct nf_conn_dict	*slot;
		};
		struct rcu_head		rcu;
	};
};

/**
 * struct nf_dict_conns - the living connections of a namespace
 * @net: the namespace
 * @ns: what belongs to it; a reference
 * @gen: any number, so that nobody takes a pointer to an object that went with
 *	others for valid
 * @ops: who tells of connections; a reference to its module
 * @changed: the RCU state when rules last came to see other rows of all
 * @free_work: frees it a grace period after it went out of use
 * @ht: these, by id; not in the line of what packets read
 * @awaited: the RCU state for which a grace period was last requested
 */
struct nf_dict_conns {
	struct net			*net;
	struct nf_dict_ns		*ns;
	u64				gen;
	const struct nf_dict_conn_ops	*ops;
	unsigned long			changed;
	struct rcu_work			free_work;
	struct rhashtable		ht ____cacheline_aligned_in_smp;
	unsigned long			awaited;
};

/**
 * struct nf_dict_net - what a network namespace has of the store
 * @ns: its tables and atoms, which the last rule may release after the
 *	namespace has gone; NULL from the namespace's exit on
 */
struct nf_dict_net {
	struct nf_dict_ns	*ns;
};

/**
 * struct nf_dict_domain - a key of a table of domains, in the form these have
 * @key: the key, which borrows @name
 * @name: its bytes
 */
struct nf_dict_domain {
	struct nf_dict_key	key;
	char			name[NF_DICT_KEY_STRING_MAX];
};

extern unsigned int nf_dict_net_id;
extern struct workqueue_struct *nf_dict_wq;
extern hsiphash_key_t nf_dict_hash_key;

struct nf_dict_ns *nf_dict_ns(const struct net *net);
void nf_dict_ns_put(struct nf_dict_ns *ns);
void nf_dict_notify(struct nf_dict_ns *ns, const struct nf_dict_event *ev);

u64 nf_dict_string_hash(const struct nf_dict_ns *ns, const void *data,
			unsigned int len);
int nf_dict_atoms_init(struct nf_dict_ns *ns);
void nf_dict_atoms_exit(struct nf_dict_ns *ns);
struct nf_dict_atom *nf_dict_atom_get(struct nf_dict_ns *ns,
				      enum nf_dict_atom_kind kind,
				      const void *data, unsigned int len,
				      gfp_t gfp);
void nf_dict_atom_put(struct nf_dict_atom *atom);

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

u64 nf_dict_pattern_tries(void);

int nf_dict_list_init(struct nf_dict_ns *ns, struct nf_dict_value *value,
		      const void *data, unsigned int len, gfp_t gfp);
int nf_dict_list_change(struct nf_dict_ns *ns, struct nf_dict_value *value,
			const struct nf_dict_value *list, bool subtract,
			gfp_t gfp);

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

void nf_dict_row_gone(struct nf_dict_table *table,
		      const struct nf_dict_key *key);

int nf_dict_conn_claim(struct nf_dict_ns *ns, u64 num, bool own);
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

/* Memory an atom takes: kmalloc() rounds up. */
static inline size_t nf_dict_atom_bytes(const struct nf_dict_atom *atom)
{
	return kmalloc_size_roundup(struct_size(atom, data,
						round_up(atom->len + 1,
							 sizeof(u64))));
}

/* Of the values of a type that points to an atom. */
static inline bool nf_dict_type_has_atom(u8 type)
{
	return type == NF_DICT_LONG_STRING || type == NF_DICT_IPV6_ADDR ||
	       type == NF_DICT_STRING_LIST;
}

static inline struct nf_dict_atom *
nf_dict_value_atom(const struct nf_dict_value *value)
{
	return (struct nf_dict_atom *)(unsigned long)value->bits;
}

bool nf_dict_row_search(const struct nf_dict_row *row,
			const struct nf_dict_atom *field, unsigned long *hint,
			u64 *spot);

/* Words that a key takes in a row. The hash of a string comes first. */
static __always_inline unsigned int nf_dict_key_words(u8 type, unsigned int len)
{
	return DIV_ROUND_UP(len, sizeof(u64)) + (type == NF_DICT_KEY_STRING);
}

/* Words that the ids of @nfields fields take in a row. */
static __always_inline unsigned int nf_dict_ids_words(unsigned int nfields)
{
	return DIV_ROUND_UP(offsetof(struct nf_dict_row_fields, ids) +
			    nfields * sizeof(u32), sizeof(u64));
}

static inline struct nf_dict_row_fields *
nf_dict_row_fields(const struct nf_dict_row *row)
{
	return (struct nf_dict_row_fields *)
		(row->data + nf_dict_key_words(row->key_type, row->key_len));
}

static inline u32 *nf_dict_row_ids(const struct nf_dict_row *row)
{
	return nf_dict_row_fields(row)->ids;
}

static inline u64 *nf_dict_row_values(const struct nf_dict_row *row)
{
	return (u64 *)nf_dict_row_fields(row) + nf_dict_ids_words(row->nfields);
}

/*
 * Values and expiry change under readers' eyes. 64-bit machines read and write
 * them at once.
 */
#if BITS_PER_LONG == 64
static inline u64 nf_dict_row_load(const struct nf_dict_row *row, const u64 *p)
{
	return READ_ONCE(*p);
}
#else
static inline u64 nf_dict_row_load(const struct nf_dict_row *row, const u64 *p)
{
	const seqcount_t *s = &nf_dict_row_fields(row)->seq;
	unsigned int seq;
	u64 v;

	do {
		seq = read_seqcount_begin(s);
		v = READ_ONCE(*p);
	} while (read_seqcount_retry(s, seq));

	return v;
}
#endif

static inline void nf_dict_row_write_begin(struct nf_dict_row *row)
{
	/* The row's lock does not do that on PREEMPT_RT. */
	preempt_disable_nested();
	/* This orders an atom's bytes before the pointer to it. */
	write_seqcount_begin(&nf_dict_row_fields(row)->seq);
}

static inline void nf_dict_row_write_end(struct nf_dict_row *row)
{
	write_seqcount_end(&nf_dict_row_fields(row)->seq);
	preempt_enable_nested();
}

static inline void nf_dict_row_store(struct nf_dict_row *row, u64 *p, u64 v)
{
	nf_dict_row_write_begin(row);
	WRITE_ONCE(*p, v);
	nf_dict_row_write_end(row);
}

static inline bool nf_dict_row_expired(const struct nf_dict_row *row)
{
	u64 expires = nf_dict_row_load(row, &row->expires);

	return expires && time_after_eq64(get_jiffies_64(), expires);
}

#endif /* _NF_DICT_INTERNAL_H */
