/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Private to nf_dict: namespaces and atoms.
 */
#ifndef _NF_DICT_INTERNAL_H
#define _NF_DICT_INTERNAL_H

#include <kunit/visibility.h>
#include <linux/bits.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/rhashtable.h>
#include <linux/seqlock.h>
#include <linux/siphash.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <net/netfilter/nf_dict.h>

/* Locks for the atoms of a namespace: creating and freeing atoms is rare. */
#define NF_DICT_ATOM_LOCKS	16

/**
 * struct nf_dict_ns - all that belongs to one network namespace
 * @net: the namespace, NULL after its exit; events need it
 * @swap_seq: changes when tables exchange their contents, so that a nested
 *	lookup sees all of a swap or nothing; written under @swap_lock
 * @hash_key: key of the hash of interned bytes and of string keys; one for each
 *	namespace, since the order of rows in a dump depends on their hashes
 * @refs: references: the namespace's own, and one from each table and each
 *	table's contents, since rules are released after the namespace's
 *	tables are unlinked
 * @swap_lock: held while contents are frozen; row locks are taken within it
 * @mutex: protects @tables, @names, @next_table_id, @next_layout, and of each
 *	table its use, size, timeout and whether it is linked; taken before all
 *	spinlocks
 * @tables: tables by rising id; added and removed under @mutex
 * @names: the same tables by name
 * @next_table_id: id of the next table, never reused
 * @atoms: interned bytes, see &struct nf_dict_atom
 * @atom_locks: one of them, selected by the atom's hash, is held to add or
 *	remove an atom; taken within a row lock or alone
 * @next_string_id: id of the next string, never reused, so that a cached
 *	verdict cannot be taken for that of another string
 * @field_ids: maps the id of a field in a row to its name; an id is reused only
 *	after a grace period, so that a reader of an old row does not get the
 *	name of another field
 * @layouts: maps the number in a packed row to its &struct nf_dict_layout
 * @next_layout: number of the next layout, never reused, so that a hint of a
 *	rule cannot be taken for another layout
 * @conns: the living connections, NULL if there is no table of class
 *	%NF_DICT_KEY_CT; changed under @mutex
 * @conn_tables: tables of that class; changed under @mutex, read under the RCU
 *	read lock
 * @gc_work: reclaims expired rows
 * @reap_work: removes implicit tables that are empty and unused
 * @gc_lock: protects @gc_at and @gc_rest; taken within row locks
 * @gc_at: when @gc_work is due, in jiffies, or %NF_DICT_NEVER
 * @gc_rest: earliest time for the next run, in jiffies
 * @free_work: frees the structure, in a context that can wait for RCU
 */
struct nf_dict_ns {
	/* Read by packets. */
	struct net		*net;
	seqcount_spinlock_t	swap_seq;
	siphash_key_t		hash_key;

	refcount_t		refs ____cacheline_aligned_in_smp;
	/* Taken to move the contents of tables. */
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
 * enum nf_dict_atom_kind - kind of an atom
 * @NF_DICT_ATOM_FIELD: name of a field
 * @NF_DICT_ATOM_STRING: string value
 * @NF_DICT_ATOM_IPV6: IPv6 address
 * @NF_DICT_ATOM_LIST: list of strings: its members in ascending order,
 *	separated by NULs
 */
enum nf_dict_atom_kind {
	NF_DICT_ATOM_FIELD,
	NF_DICT_ATOM_STRING,
	NF_DICT_ATOM_IPV6,
	NF_DICT_ATOM_LIST,
};

/**
 * struct nf_dict_atom - interned bytes: equal bytes of a kind are one object
 * @node: in &nf_dict_ns.atoms as long as @refs is not zero; the last reference
 *	is dropped, and the atom removed, under the atom's lock
 * @rcu: readers may hold on to an atom until the end of their RCU section
 * @ns: the namespace it belongs to. No reference: the holder of an atom holds
 *	a table, or is within a system call of the namespace
 * @refs: one from each row, value, level and pattern that has it
 * @id: of a string, never reused; of a field name, the index in
 *	&nf_dict_ns.field_ids
 * @hash: nf_dict_string_hash() of the bytes, whatever the kind
 * @len: bytes in @data, without the NUL that follows them
 * @kind: &enum nf_dict_atom_kind
 * @data: the bytes, padded with at least one zero to whole words
 *
 * From @id on, nothing changes during the life of the atom. Packets read that
 * part, so it does not share a line with @refs, which writers dirty.
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
 * Id of a field in a row: the id of its name, then six bits for its type. A
 * packed row has, instead of its first id, the number of its layout with a
 * flag.
 */
#define NF_DICT_ID_SHIFT	6
#define NF_DICT_ID_TYPE		((1U << NF_DICT_ID_SHIFT) - 1)
#define NF_DICT_LAYOUT_NUM	GENMASK(30, NF_DICT_ID_SHIFT)
#define NF_DICT_LAYOUT_FLAG	BIT(31)
#define NF_DICT_FIELD_ID_MAX	((NF_DICT_LAYOUT_FLAG - 1) >> NF_DICT_ID_SHIFT)

static_assert(NF_DICT_TYPE_MAX <= NF_DICT_ID_TYPE);

/**
 * struct nf_dict_net - per-namespace data of the module
 * @ns: the store, which rules may hold longer than the namespace exists; NULL
 *	after the namespace's exit
 */
struct nf_dict_net {
	struct nf_dict_ns	*ns;
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

int nf_dict_value_intern(struct nf_dict_ns *ns, struct nf_dict_value *value,
			 u8 type, const void *data, unsigned int len, gfp_t gfp);
int nf_dict_value_set_num(struct nf_dict_value *value, u8 type, s64 num);

u64 nf_dict_pattern_tries(void);

int nf_dict_list_init(struct nf_dict_ns *ns, struct nf_dict_value *value,
		      const void *data, unsigned int len, gfp_t gfp);
int nf_dict_list_change(struct nf_dict_ns *ns, struct nf_dict_value *value,
			const struct nf_dict_value *list, bool subtract,
			gfp_t gfp);

/* Memory an atom takes: kmalloc() rounds up. */
static inline size_t nf_dict_atom_bytes(const struct nf_dict_atom *atom)
{
	return kmalloc_size_roundup(struct_size(atom, data,
						round_up(atom->len + 1,
							 sizeof(u64))));
}

/* Whether values of a type point to an atom. */
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

#endif /* _NF_DICT_INTERNAL_H */
