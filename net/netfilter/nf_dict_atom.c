// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interned bytes: names of fields, strings, lists of strings and IPv6
 * addresses.
 *
 * Equal bytes of the same kind are one object per network namespace. An exact
 * match of a string compares two pointers, and a million rows with the value
 * NETFLIX share one object.
 */
#include <linux/ctype.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <net/net_namespace.h>

#include "nf_dict_hash.h"

/**
 * nf_dict_string_hash - hash of bytes
 * @ns: namespace, which has its own hash key
 * @data: the bytes
 * @len: their number
 *
 * 64 bits, so that collisions are rare and a new seed of a hash table, which is
 * mixed with this hash, separates strings that shared a bucket.
 *
 * Return: the hash, as in &nf_dict_atom.hash.
 */
u64 nf_dict_string_hash(const struct nf_dict_ns *ns, const void *data,
			unsigned int len)
{
	return siphash(data, len, &ns->hash_key);
}
EXPORT_SYMBOL_IF_KUNIT(nf_dict_string_hash);

struct nf_dict_atom_key {
	const void	*data;
	u64		hash;
	u16		len;
	u8		kind;
};

static u32 nf_dict_atom_hashfn(const void *data, u32 len, u32 seed)
{
	const struct nf_dict_atom_key *key = data;

	return nf_dict_word_hash(key->hash, seed);
}

static u32 nf_dict_atom_obj_hashfn(const void *data, u32 len, u32 seed)
{
	const struct nf_dict_atom *atom = data;

	return nf_dict_word_hash(atom->hash, seed);
}

static int nf_dict_atom_cmpfn(struct rhashtable_compare_arg *arg,
			      const void *obj)
{
	const struct nf_dict_atom_key *key = arg->key;
	const struct nf_dict_atom *atom = obj;

	return atom->hash != key->hash || atom->kind != key->kind ||
	       atom->len != key->len ||
	       memcmp(atom->data, key->data, key->len);
}

static const struct rhashtable_params nf_dict_atom_params = {
	.head_offset		= offsetof(struct nf_dict_atom, node),
	.hashfn			= nf_dict_atom_hashfn,
	.obj_hashfn		= nf_dict_atom_obj_hashfn,
	.obj_cmpfn		= nf_dict_atom_cmpfn,
	.automatic_shrinking	= true,
};

static spinlock_t *nf_dict_atom_lock(struct nf_dict_ns *ns, u64 hash)
{
	return &ns->atom_locks[hash % NF_DICT_ATOM_LOCKS];
}

/* Under the RCU read lock or the atom's lock. */
static struct nf_dict_atom *nf_dict_atom_lookup(struct nf_dict_ns *ns,
						struct nf_dict_atom_key *key)
{
	struct nf_dict_atom *atom;

	atom = rhashtable_lookup(&ns->atoms, key, nf_dict_atom_params);
	if (atom && refcount_inc_not_zero(&atom->refs))
		return atom;

	return NULL;
}

static void nf_dict_atom_key_init(struct nf_dict_atom_key *key,
				  const struct nf_dict_ns *ns,
				  enum nf_dict_atom_kind kind,
				  const void *data, unsigned int len)
{
	key->data = data;
	key->kind = kind;
	key->len = len;
	key->hash = nf_dict_string_hash(ns, data, len);
}

static void nf_dict_field_free_rcu(struct rcu_head *rcu)
{
	struct nf_dict_atom *atom = container_of(rcu, struct nf_dict_atom, rcu);

	xa_erase_bh(&atom->ns->field_ids, atom->id);
	kfree(atom);
}

static struct nf_dict_atom *nf_dict_atom_alloc(struct nf_dict_ns *ns,
					       struct nf_dict_atom_key *key,
					       gfp_t gfp)
{
	size_t room = round_up(key->len + 1, sizeof(u64));
	struct nf_dict_atom *atom;
	u32 id;
	int err;

	atom = kmalloc(struct_size(atom, data, room),
		       gfp | __GFP_ACCOUNT | __GFP_NOWARN);
	if (!atom)
		return ERR_PTR(-ENOMEM);

	atom->ns = ns;
	atom->hash = key->hash;
	atom->kind = key->kind;
	atom->len = key->len;
	refcount_set(&atom->refs, 1);
	memcpy(atom->data, key->data, key->len);
	memset(atom->data + key->len, 0, room - key->len);

	if (key->kind == NF_DICT_ATOM_FIELD) {
		err = xa_alloc_bh(&ns->field_ids, &id, atom,
				  XA_LIMIT(1, NF_DICT_FIELD_ID_MAX), gfp);
		if (err) {
			kfree(atom);
			return ERR_PTR(err == -EBUSY ? -ENOSPC : err);
		}
		atom->id = id;
	} else {
		atom->id = atomic64_inc_return(&ns->next_string_id);
	}

	return atom;
}

/* Free an atom that was never in the hash table. */
static void nf_dict_atom_discard(struct nf_dict_atom *atom)
{
	if (atom->kind == NF_DICT_ATOM_FIELD)
		xa_erase_bh(&atom->ns->field_ids, atom->id);
	/* A dump may have found it by its id, and reads it under RCU. */
	kfree_rcu(atom, rcu);
}

/* Insert @new; if an equal atom exists meanwhile, return that one. */
static struct nf_dict_atom *nf_dict_atom_add(struct nf_dict_ns *ns,
					     struct nf_dict_atom_key *key,
					     struct nf_dict_atom *new)
{
	spinlock_t *lock = nf_dict_atom_lock(ns, key->hash);
	struct nf_dict_atom *atom;
	int err;

	spin_lock_bh(lock);
	rcu_read_lock();
	atom = nf_dict_atom_lookup(ns, key);
	rcu_read_unlock();
	if (!atom) {
		err = rhashtable_insert_fast(&ns->atoms, &new->node,
					     nf_dict_atom_params);
		if (err == -E2BIG)
			err = -ENOSPC;
		atom = err ? ERR_PTR(err) : new;
	}
	spin_unlock_bh(lock);

	return atom;
}

/**
 * nf_dict_atom_get - intern some bytes
 * @ns: namespace
 * @kind: kind of the bytes
 * @data: the bytes, checked by the caller
 * @len: their number, at most %NF_DICT_STRING_MAX
 * @gfp: as for kmalloc(); %__GFP_ACCOUNT is added
 *
 * Context: any but hard interrupts; sleeps if @gfp allows.
 * Return: the atom, with a reference for the caller, or ERR_PTR: -ENOMEM;
 * -ENOSPC: too many names of fields or strings; -EBUSY: the hash table is
 * overfull until its resize has finished.
 */
struct nf_dict_atom *nf_dict_atom_get(struct nf_dict_ns *ns,
				      enum nf_dict_atom_kind kind,
				      const void *data, unsigned int len,
				      gfp_t gfp)
{
	struct nf_dict_atom *atom, *new;
	struct nf_dict_atom_key key;

	nf_dict_atom_key_init(&key, ns, kind, data, len);

	rcu_read_lock();
	atom = nf_dict_atom_lookup(ns, &key);
	rcu_read_unlock();
	if (atom)
		return atom;

	new = nf_dict_atom_alloc(ns, &key, gfp);
	if (IS_ERR(new))
		return new;

	atom = nf_dict_atom_add(ns, &key, new);
	if (atom != new)
		nf_dict_atom_discard(new);

	return atom;
}

/* Drop what was the last reference, unless another one was taken meanwhile. */
static void nf_dict_atom_release(struct nf_dict_atom *atom)
{
	spinlock_t *lock = nf_dict_atom_lock(atom->ns, atom->hash);
	bool last;

	local_bh_disable();
	last = refcount_dec_and_lock(&atom->refs, lock);
	if (last) {
		rhashtable_remove_fast(&atom->ns->atoms, &atom->node,
				       nf_dict_atom_params);
		spin_unlock(lock);
	}
	local_bh_enable();
	if (!last)
		return;

	if (atom->kind == NF_DICT_ATOM_FIELD)
		call_rcu(&atom->rcu, nf_dict_field_free_rcu);
	else
		kfree_rcu(atom, rcu);
}

/**
 * nf_dict_atom_put - drop a reference
 * @atom: the atom, or NULL
 *
 * Context: any but hard interrupts.
 */
void nf_dict_atom_put(struct nf_dict_atom *atom)
{
	if (atom && !refcount_dec_not_one(&atom->refs))
		nf_dict_atom_release(atom);
}

/**
 * nf_dict_name_check - check the name of a table or a field
 * @name: the name
 * @len: its length in bytes
 *
 * Names are used in rules, in text and in comma-separated lists, so they must
 * not contain characters that end a word there.
 *
 * Return: 0; -EINVAL if it is empty or has a NUL, a control character, a comma
 * or white space; -ENAMETOOLONG if it is longer than %NF_DICT_NAME_MAX.
 */
int nf_dict_name_check(const char *name, unsigned int len)
{
	unsigned int i;

	if (!len)
		return -EINVAL;
	if (len > NF_DICT_NAME_MAX)
		return -ENAMETOOLONG;

	for (i = 0; i < len; i++) {
		unsigned char c = name[i];

		if (c <= ' ' || c == 0x7f || c == ',')
			return -EINVAL;
	}

	return 0;
}
EXPORT_SYMBOL_GPL(nf_dict_name_check);

/**
 * nf_dict_field_get - intern the name of a field
 * @net: namespace
 * @name: the name
 * @len: its length in bytes
 * @gfp: as for kmalloc(); %__GFP_ACCOUNT is added
 *
 * Context: any but hard interrupts; sleeps if @gfp allows.
 * Return: the name, with a reference that the caller releases with
 * nf_dict_field_put(), or ERR_PTR: as nf_dict_name_check() and
 * nf_dict_atom_get().
 */
struct nf_dict_atom *nf_dict_field_get(struct net *net, const char *name,
				       unsigned int len, gfp_t gfp)
{
	int err = nf_dict_name_check(name, len);

	if (err)
		return ERR_PTR(err);

	return nf_dict_atom_get(nf_dict_ns(net), NF_DICT_ATOM_FIELD, name, len,
				gfp);
}
EXPORT_SYMBOL_GPL(nf_dict_field_get);

/**
 * nf_dict_field_find - look up the name of a field
 * @net: namespace
 * @name: the name
 * @len: its length in bytes
 *
 * Context: any but hard interrupts.
 * Return: the name, with a reference that the caller releases with
 * nf_dict_field_put(), or ERR_PTR: as nf_dict_name_check(); -ENOENT if the name
 * is not in use.
 */
struct nf_dict_atom *nf_dict_field_find(struct net *net, const char *name,
					unsigned int len)
{
	struct nf_dict_ns *ns = nf_dict_ns(net);
	struct nf_dict_atom_key key;
	struct nf_dict_atom *atom;
	int err;

	err = nf_dict_name_check(name, len);
	if (err)
		return ERR_PTR(err);

	nf_dict_atom_key_init(&key, ns, NF_DICT_ATOM_FIELD, name, len);
	rcu_read_lock();
	atom = nf_dict_atom_lookup(ns, &key);
	rcu_read_unlock();

	return atom ?: ERR_PTR(-ENOENT);
}
EXPORT_SYMBOL_GPL(nf_dict_field_find);

/**
 * nf_dict_field_hold - take another reference to the name of a field
 * @field: the name, to which the caller holds a reference
 *
 * Context: any.
 */
void nf_dict_field_hold(struct nf_dict_atom *field)
{
	refcount_inc(&field->refs);
}

/**
 * nf_dict_field_put - drop a reference to the name of a field
 * @field: the name, or NULL
 *
 * Context: any but hard interrupts.
 */
void nf_dict_field_put(struct nf_dict_atom *field)
{
	nf_dict_atom_put(field);
}
EXPORT_SYMBOL_GPL(nf_dict_field_put);

/**
 * nf_dict_atom_data - bytes of an atom
 * @atom: the atom, which the caller holds or reads under RCU
 *
 * Return: its bytes, followed by a NUL.
 */
const char *nf_dict_atom_data(const struct nf_dict_atom *atom)
{
	return atom->data;
}
EXPORT_SYMBOL_GPL(nf_dict_atom_data);

/**
 * nf_dict_atom_len - length of an atom
 * @atom: the atom, which the caller holds or reads under RCU
 *
 * Return: number of its bytes, without the NUL.
 */
unsigned int nf_dict_atom_len(const struct nf_dict_atom *atom)
{
	return atom->len;
}
EXPORT_SYMBOL_GPL(nf_dict_atom_len);

/**
 * nf_dict_atom_id - number of an atom
 * @atom: the atom, which the caller holds or reads under RCU
 *
 * Return: for the name of a field, an id that is unique while the name exists;
 * otherwise one that is never reused in the namespace.
 */
u64 nf_dict_atom_id(const struct nf_dict_atom *atom)
{
	return atom->id;
}
EXPORT_SYMBOL_IF_KUNIT(nf_dict_atom_id);

/**
 * nf_dict_atoms_init - prepare a namespace for atoms
 * @ns: namespace
 *
 * Return: 0 or -ENOMEM.
 */
int nf_dict_atoms_init(struct nf_dict_ns *ns)
{
	unsigned int i;

	for (i = 0; i < NF_DICT_ATOM_LOCKS; i++)
		spin_lock_init(&ns->atom_locks[i]);
	xa_init_flags(&ns->field_ids, XA_FLAGS_ALLOC1 | XA_FLAGS_LOCK_BH);
	get_random_bytes(&ns->hash_key, sizeof(ns->hash_key));

	return rhashtable_init(&ns->atoms, &nf_dict_atom_params);
}
EXPORT_SYMBOL_IF_KUNIT(nf_dict_atoms_init);

/**
 * nf_dict_atoms_exit - undo nf_dict_atoms_init()
 * @ns: namespace, whose atoms are all freed, after their grace periods
 */
void nf_dict_atoms_exit(struct nf_dict_ns *ns)
{
	WARN_ON_ONCE(atomic_read(&ns->atoms.nelems));
	rhashtable_destroy(&ns->atoms);
	WARN_ON_ONCE(!xa_empty(&ns->field_ids));
	xa_destroy(&ns->field_ids);
}
EXPORT_SYMBOL_IF_KUNIT(nf_dict_atoms_exit);
