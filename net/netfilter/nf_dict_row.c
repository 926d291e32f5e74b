// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rows: lookup, atomic update, arithmetic, deletion and expiry.
 */

/**
 * DOC: Theory of operation
 *
 * A table maps a key to a row; a row holds fields. A row is one object, so a
 * lookup that misses the caches touches a hash bucket and the row::
 *
 *	nf_dict_table     nf_dict_rows       nf_dict_row
 *	+---------+       +----------+       +----------------------------+
 *	| rows ---|------>| ht ------|------>| expires, timeout           |
 *	| size    |       | count    |       | key                        |
 *	| timeout |       | locks[]  |       | seq; ids: name and type,...|
 *	+---------+       +----------+       | values: 64 bits each,  ... |
 *	                                     +--------------------|-------+
 *	                                                          v
 *	                                     nf_dict_atom: id, hash, "NETFLIX"
 *
 * Where a table declares all its fields, a row has the number of a layout in
 * the place of ids, and values as long as their types need. The layout says
 * where each field is, and a rule remembers that, so nothing is searched.
 *
 * Read: a reader holds the RCU read lock, takes no other lock, and writes to
 * no line that it shares.
 *
 * Write: the hash of the key chooses one of the locks in nf_dict_rows, which
 * is held with bottom halves off. One value of the type that is there is
 * stored in place. Any other write builds the successor of the row, passes
 * the references of the row on to it, and replaces the row in the hash table.
 * A reader therefore sees an update as a whole or not at all, and no update
 * is lost. One that reads several values repeats if seq has changed.
 *
 * Atoms: names of fields, strings and IPv6 addresses are interned for each
 * namespace. An exact match of a string compares two pointers. An atom is
 * freed a grace period after its last reference.
 *
 * Verdicts: what a set of patterns found for a string is remembered under the
 * id of the string's atom. An id is never reused, so a verdict can be lost
 * but never belong to another string.
 *
 * Flush and swap: the contents of a table are behind one pointer. A flush
 * replaces it, a swap exchanges those of pairs of tables. Before, the contents
 * are frozen: marked, and each lock taken once, so that writers are through or
 * wait for swap_lock. A reader that goes through several tables repeats if
 * swap_seq of the namespace has changed.
 *
 * Expiry: an expired row is not found from then on. A writer that may sleep,
 * if the table is full, and a work item with a period of rest free its memory;
 * packets never do.
 *
 * Lock order: mutex of the namespace, swap_lock, locks of rows, gc_lock or the
 * lock of an atom.
 */
#include <linux/overflow.h>
#include <linux/random.h>
#include <linux/slab.h>

#include "nf_dict_lookup.h"

/**
 * struct nf_dict_shape - how much there is in a row behind its key
 * @nfields: as &nf_dict_row.nfields
 * @room: as &nf_dict_row.room
 */
struct nf_dict_shape {
	u8	nfields;
	u8	room;
};

/*
 * Prepare to look for @key in @table, whose contents may be domains: @domain has
 * the key's bytes then. If it is no domain, nothing will be found.
 */
static void nf_dict_probe_table(struct nf_dict_probe *probe,
				const struct nf_dict_table *table,
				const struct nf_dict_key *key,
				struct nf_dict_domain *domain)
{
	bool domains = nf_dict_table_key_class(table) == NF_DICT_KEY_DOMAIN;
	const struct nf_dict_key *found = NULL;

	if (unlikely(domains))
		found = nf_dict_domain_key(domain, key);
	nf_dict_probe_init(probe, table->ns, found ?: key);
	probe->domain = found;
}

/*
 * As nf_dict_rows_lookup(). Contents of domains may have come or gone since the
 * key was prepared.
 */
static struct nf_dict_row *
nf_dict_rows_get(struct nf_dict_rows *rows, const struct nf_dict_probe *probe)
{
	bool domains = rows->key_class == NF_DICT_KEY_DOMAIN;

	if (probe->domain != domains)
		return NULL;

	return nf_dict_rows_lookup(rows, probe);
}

static size_t nf_dict_row_size(u8 key_type, unsigned int key_len,
			       const struct nf_dict_shape *shape)
{
	size_t words = nf_dict_key_words(key_type, key_len);

	if (shape->nfields)
		words += nf_dict_ids_words(shape->nfields) + shape->nfields;

	return sizeof(struct nf_dict_row) + words * sizeof(u64) +
	       shape->room * NF_DICT_ROOM_UNIT;
}

/* Memory a row takes: kmalloc() rounds up. */
static size_t nf_dict_row_bytes(const struct nf_dict_row *row)
{
	const struct nf_dict_shape shape = {
		.nfields	= row->nfields,
		.room		= row->room,
	};

	return kmalloc_size_roundup(nf_dict_row_size(row->key_type,
						     row->key_len, &shape));
}

/* Memory a value takes outside of its row, be it shared with others or not. */
static size_t nf_dict_value_bytes(const struct nf_dict_value *value)
{
	if (!nf_dict_type_has_atom(value->type))
		return 0;

	return nf_dict_atom_bytes(nf_dict_value_atom(value));
}

static size_t nf_dict_row_values_bytes(struct nf_dict_ns *ns,
				       const struct nf_dict_row *row)
{
	const struct nf_dict_layout *layout = nf_dict_row_layout(ns, row);
	struct nf_dict_value value;
	size_t bytes = 0;
	unsigned int i;

	for (i = 0; i < nf_dict_row_count(row, layout); i++)
		if (nf_dict_row_get_nth(row, layout, i, &value))
			bytes += nf_dict_value_bytes(&value);

	return bytes;
}

/* Charged to the table's owner, whether a task or a packet writes the row. */
static struct nf_dict_row *nf_dict_row_alloc(const struct nf_dict_table *table,
					     const struct nf_dict_probe *probe,
					     const struct nf_dict_shape *shape,
					     gfp_t gfp)
{
	const struct nf_dict_key *key = probe->key;
	struct mem_cgroup *memcg;
	struct nf_dict_row *row;
	u64 *data, *end;

	memcg = nf_dict_table_charge(table);
	row = kmalloc(nf_dict_row_size(key->type, key->len, shape),
		      gfp | __GFP_ACCOUNT | __GFP_NOWARN);
	nf_dict_table_uncharge(memcg);
	if (!row)
		return NULL;

	row->key_type = key->type;
	row->key_len = key->len;
	row->nfields = shape->nfields;
	row->room = shape->room;
	seqcount_init(&nf_dict_row_fields(row)->seq);

	data = row->data;
	if (key->type == NF_DICT_KEY_STRING)
		*data++ = probe->hash;
	end = (u64 *)nf_dict_row_fields(row);
	end[-1] = 0;
	memcpy(data, key->type == NF_DICT_KEY_INT ? &key->num : key->data,
	       key->len);

	return row;
}

/**
 * nf_dict_row_lookup - look a row up
 * @table: the table
 * @key: the key
 *
 * In a table of domains, the row of this very name or suffix.
 *
 * Context: any, under the RCU read lock, which keeps the row.
 * Return: the row, or NULL if there is none or its lifetime ended.
 */
const struct nf_dict_row *nf_dict_row_lookup(const struct nf_dict_table *table,
					     const struct nf_dict_key *key)
{
	struct nf_dict_domain domain;
	struct nf_dict_probe probe;

	nf_dict_probe_table(&probe, table, key, &domain);

	return nf_dict_table_probe(table, &probe);
}
EXPORT_SYMBOL_GPL(nf_dict_row_lookup);

/**
 * nf_dict_row_search - look for a field where the hint does not say
 * @row: the row
 * @field: name of the field
 * @hint: where it is not; learns where it is
 * @spot: where it is, for nf_dict_row_get(), which says if it is there
 *
 * Context: any, under the RCU read lock; no lock.
 * Return: false if the row has no such field.
 */
bool nf_dict_row_search(const struct nf_dict_row *row,
			const struct nf_dict_atom *field, unsigned long *hint,
			u64 *spot)
{
	const struct nf_dict_layout *layout;

	if (row->nfields) {
		/*
		 * Rows of one table tend to have their fields in the same
		 * places. Where they do not, learn no more often than every
		 * 256th jiffy, or readers would pass the hint's cache line
		 * around.
		 */
		if (!nf_dict_row_find(row, field, spot))
			return false;
		if (READ_ONCE(*hint) == NF_DICT_HINT_NONE || !(jiffies & 0xff))
			WRITE_ONCE(*hint, *spot);
		return true;
	}

	layout = nf_dict_row_layout(field->ns, row);
	if (!layout || !nf_dict_layout_find(layout, field, spot))
		return false;
	/* The rows of a table have one layout, which is not to be mixed up. */
	if (BITS_PER_LONG == 64)
		WRITE_ONCE(*hint, *spot);

	return true;
}

/**
 * nf_dict_row_read - read a field of a row
 * @row: the row
 * @field: name of the field
 * @hint: where to look first, see &nf_dict_level.hint, or NULL
 * @value: filled in; borrows what it refers to until the end of the RCU
 *	read-side critical section
 *
 * Context: any, under the RCU read lock; no lock.
 * Return: true, or false if the row has no such field.
 */
bool nf_dict_row_read(const struct nf_dict_row *row,
		      const struct nf_dict_atom *field, unsigned long *hint,
		      struct nf_dict_value *value)
{
	unsigned long unknown = NF_DICT_HINT_NONE;

	return nf_dict_row_read_field(row, nf_dict_key_words(row->key_type,
							     row->key_len),
				      field, hint ?: &unknown, value);
}
EXPORT_SYMBOL_GPL(nf_dict_row_read);

/**
 * nf_dict_row_key - key of a row
 * @row: the row
 * @key: filled in; borrows the row
 *
 * Context: any, under the RCU read lock or the row's lock.
 */
void nf_dict_row_key(const struct nf_dict_row *row, struct nf_dict_key *key)
{
	key->type = row->key_type;
	key->len = row->key_len;
	key->num = row->data[0];
	key->data = row->data + (row->key_type == NF_DICT_KEY_STRING);
}
EXPORT_SYMBOL_GPL(nf_dict_row_key);

/**
 * nf_dict_row_places - number of fields that a row has, or has a place for
 * @table: the row's table
 * @row: the row
 *
 * Context: any, under the RCU read lock.
 * Return: the number, at most %NF_DICT_FIELDS_MAX.
 */
unsigned int nf_dict_row_places(const struct nf_dict_table *table,
				const struct nf_dict_row *row)
{
	return nf_dict_row_count(row, nf_dict_row_layout(table->ns, row));
}
EXPORT_SYMBOL_GPL(nf_dict_row_places);

/**
 * nf_dict_row_field - a field of a row by its place
 * @table: the row's table
 * @row: the row
 * @i: the place, less than nf_dict_row_places() in the same RCU read-side
 *	critical section
 * @value: filled in; borrows what it refers to until the end of the RCU
 *	read-side critical section
 *
 * Context: any, under the RCU read lock.
 * Return: name of the field, borrowed likewise; NULL if the row has none there.
 */
const struct nf_dict_atom *nf_dict_row_field(const struct nf_dict_table *table,
					     const struct nf_dict_row *row,
					     unsigned int i,
					     struct nf_dict_value *value)
{
	struct nf_dict_ns *ns = table->ns;
	const struct nf_dict_layout *layout = nf_dict_row_layout(ns, row);

	if (i >= nf_dict_row_count(row, layout) ||
	    !nf_dict_row_get_nth(row, layout, i, value))
		return NULL;

	return nf_dict_row_nth(ns, row, layout, i);
}
EXPORT_SYMBOL_GPL(nf_dict_row_field);

/**
 * nf_dict_row_timeout - lifetime of a row
 * @row: the row
 *
 * Context: any, under the RCU read lock.
 * Return: milliseconds, 0: for ever.
 */
u32 nf_dict_row_timeout(const struct nf_dict_row *row)
{
	return READ_ONCE(row->timeout);
}
EXPORT_SYMBOL_GPL(nf_dict_row_timeout);

/**
 * nf_dict_row_expires - what is left of a row's lifetime
 * @row: the row
 *
 * Context: any, under the RCU read lock.
 * Return: milliseconds, at least 1; 0: it lives for ever.
 */
u64 nf_dict_row_expires(const struct nf_dict_row *row)
{
	u64 expires = nf_dict_row_load(row, &row->expires);
	u32 timeout = nf_dict_row_timeout(row);
	u64 now = get_jiffies_64();
	u64 left;

	if (!expires)
		return 0;
	if (time_after_eq64(now, expires))
		return 1;

	/* In jiffies, and one more, a lifetime may be longer than it was. */
	left = jiffies64_to_msecs(expires - now);
	if (timeout && left > timeout)
		left = timeout;

	return max_t(u64, 1, left);
}
EXPORT_SYMBOL_GPL(nf_dict_row_expires);

static u64 nf_dict_expiry(u32 timeout)
{
	u64 expires;

	if (!timeout)
		return 0;

	expires = get_jiffies_64() + nsecs_to_jiffies64((u64)timeout *
							NSEC_PER_MSEC) + 1;

	return expires ?: 1;
}

static struct nf_dict_lock *
nf_dict_rows_lock_of(struct nf_dict_rows *rows,
		     const struct nf_dict_probe *probe)
{
	u32 hash = nf_dict_probe_hash(probe, rows->lock_seed);

	return &rows->locks[hash & rows->lock_mask];
}

/*
 * Whether @rows are the table's contents, and stay so until the lock that the
 * caller has is given back.
 */
static bool nf_dict_rows_settled(const struct nf_dict_table *table,
				 const struct nf_dict_rows *rows)
{
	/* First, or what has moved could look as if it had not. */
	return !smp_load_acquire(&rows->frozen) &&
	       rows == rcu_access_pointer(table->rows);
}

/*
 * Takes the lock that the key chooses in the table's contents, which stay the
 * table's for as long as it is held.
 */
static struct nf_dict_lock *
nf_dict_table_lock(struct nf_dict_table *table,
		   const struct nf_dict_probe *probe,
		   struct nf_dict_rows **rowsp)
	__acquires(&lock->lock) __acquires(RCU)
{
	struct nf_dict_rows *rows;
	struct nf_dict_lock *lock;

	rcu_read_lock();
	for (;;) {
		rows = rcu_dereference(table->rows);
		lock = nf_dict_rows_lock_of(rows, probe);
		spin_lock_bh(&lock->lock);
		if (likely(nf_dict_rows_settled(table, rows)))
			break;
		spin_unlock_bh(&lock->lock);
		/* Wait until they have moved. */
		spin_lock_bh(&rows->ns->swap_lock);
		spin_unlock_bh(&rows->ns->swap_lock);
	}
	*rowsp = rows;

	return lock;
}

static void nf_dict_table_unlock(struct nf_dict_lock *lock)
	__releases(&lock->lock) __releases(RCU)
{
	spin_unlock_bh(&lock->lock);
	rcu_read_unlock();
}

static void nf_dict_row_notify(struct nf_dict_table *table,
			       enum nf_dict_event_type type,
			       const struct nf_dict_row *row,
			       const struct nf_dict_field_value *fields,
			       unsigned int nfields)
{
	const struct nf_dict_event ev = {
		.type		= type,
		.table		= table,
		.row		= row,
		.fields		= fields,
		.nfields	= nfields,
	};

	nf_dict_notify(table->ns, &ev);
}

static bool nf_dict_row_field_equal(const struct nf_dict_row *a,
				    const struct nf_dict_row *b,
				    const struct nf_dict_atom *field)
{
	struct nf_dict_value x, y;
	bool in_a = a && nf_dict_row_peek(a, field, &x);
	bool in_b = b && nf_dict_row_peek(b, field, &y);

	if (!in_a || !in_b)
		return in_a == in_b;

	return x.type == y.type && x.bits == y.bits;
}

/*
 * A row was replaced, created (@old is NULL) or deleted (@new is NULL), under its
 * lock. If rules see that, packets of its connection have to meet them.
 */
static void nf_dict_row_changed(const struct nf_dict_table *table,
				const struct nf_dict_rows *rows,
				const struct nf_dict_row *old,
				const struct nf_dict_row *new)
{
	const struct nf_dict_field_use *use;

	if (rows->key_class != NF_DICT_KEY_CT)
		return;

	list_for_each_entry_rcu(use, &table->field_uses, list) {
		if (!READ_ONCE(use->reads) ||
		    nf_dict_row_field_equal(old, new, use->field))
			continue;
		nf_dict_conn_changed(rows->ns, (new ?: old)->data[0], true);
		return;
	}
}

/* The same if one value changed in place; @others: see nf_dict_conn_changed(). */
static void nf_dict_row_value_changed(const struct nf_dict_table *table,
				      const struct nf_dict_rows *rows,
				      const struct nf_dict_row *row,
				      const struct nf_dict_atom *field,
				      bool others)
{
	if (rows->key_class == NF_DICT_KEY_CT &&
	    nf_dict_table_reads(table, field))
		nf_dict_conn_changed(rows->ns, row->data[0], others);
}

/* A row that is no longer in the hash table, with all that it refers to. */
static void nf_dict_row_free(struct nf_dict_ns *ns, struct nf_dict_row *row)
{
	const struct nf_dict_layout *layout;
	struct nf_dict_value value;
	unsigned int i;

	rcu_read_lock();
	layout = nf_dict_row_layout(ns, row);
	for (i = 0; i < nf_dict_row_count(row, layout); i++) {
		if (nf_dict_row_get_nth(row, layout, i, &value))
			nf_dict_value_put(&value);
		if (!layout)
			nf_dict_atom_put(nf_dict_row_nth(ns, row, NULL, i));
	}
	rcu_read_unlock();

	kfree_rcu(row, rcu);
}

/* Under the row's lock. */
static void nf_dict_row_unlink(struct nf_dict_table *table,
			       struct nf_dict_rows *rows,
			       struct nf_dict_lock *lock,
			       struct nf_dict_row *row)
{
	rhashtable_remove_fast(&rows->ht, &row->node, nf_dict_row_params);
	if (rows->key_class == NF_DICT_KEY_CT)
		nf_dict_conn_move(rows, row, NULL);
	nf_dict_row_changed(table, rows, row, NULL);
	lock->bytes -= nf_dict_row_bytes(row) +
		       nf_dict_row_values_bytes(rows->ns, row);
	if (atomic_dec_and_test(&rows->count))
		nf_dict_table_emptied(table);
}

/* Note that a row expires at @expires. Most expire later than another one. */
static void nf_dict_rows_note(struct nf_dict_rows *rows, u64 expires)
{
	s64 due = atomic64_read(&rows->due);

	while (expires < (u64)due) {
		if (atomic64_try_cmpxchg(&rows->due, &due, expires)) {
			nf_dict_gc_wake(rows->ns, expires);
			return;
		}
	}
}

/* Under the row's lock, which @row need not be linked for. */
static void nf_dict_row_renew(struct nf_dict_rows *rows,
			      struct nf_dict_row *row, u32 timeout)
{
	u64 expires = nf_dict_expiry(timeout);

	WRITE_ONCE(row->timeout, timeout);
	nf_dict_row_store(row, &row->expires, expires);
	if (expires)
		nf_dict_rows_note(rows, expires);
}

static int nf_dict_update_check(const struct nf_dict_update *u)
{
	unsigned int i, j;

	if (!u->nfields)
		return -EINVAL;
	if (u->nfields > NF_DICT_FIELDS_MAX)
		return -E2BIG;
	for (i = 1; i < u->nfields; i++)
		for (j = 0; j < i; j++)
			if (u->fields[i].field == u->fields[j].field)
				return -EINVAL;

	return 0;
}

/**
 * struct nf_dict_plan - how to apply a write
 * @in_place: it changes one value of a row that is there
 * @spot: where
 * @shape: otherwise, what the row will be like
 */
struct nf_dict_plan {
	bool			in_place;
	u64			spot;
	struct nf_dict_shape	shape;
};

/* The shape of a row with @n fields, if it is not packed. */
static void nf_dict_rows_shape(const struct nf_dict_rows *rows, unsigned int n,
			       struct nf_dict_shape *shape)
{
	const struct nf_dict_layout *layout;

	layout = nf_dict_layout_of(rows->ns, READ_ONCE(rows->layout));
	shape->nfields = layout ? 0 : n;
	shape->room = layout ? nf_dict_layout_room(layout) : 0;
}

/* Decide how to apply @u to @old (NULL: none, or expired), a row of @rows. */
static int nf_dict_update_plan(const struct nf_dict_update *u,
			       const struct nf_dict_rows *rows,
			       const struct nf_dict_row *old,
			       struct nf_dict_plan *plan)
{
	const struct nf_dict_field_value *f = u->fields;
	unsigned int i, n = u->nfields;
	struct nf_dict_value value;

	plan->in_place = false;
	if (!old && !(u->flags & NF_DICT_W_CREATE))
		return -ENOENT;
	if (old && u->flags & NF_DICT_W_EXCL)
		return -EEXIST;

	if (old && !(u->flags & NF_DICT_W_REPLACE)) {
		if (n == 1 && nf_dict_row_find(old, f->field, &plan->spot)) {
			nf_dict_row_get(old, plan->spot, &value);
			plan->in_place = f->op != NF_DICT_OP_SET ||
					 f->value.type == value.type;
			if (plan->in_place)
				return 0;
		}
		n = old->nfields;
		for (i = 0; old->nfields && i < u->nfields; i++)
			n += !nf_dict_row_peek(old, f[i].field, &value);
		if (n > NF_DICT_FIELDS_MAX)
			return -E2BIG;
	}
	nf_dict_rows_shape(rows, n, &plan->shape);

	return 0;
}

/* @num more or less by @amount, but within @min and @max, where it is now. */
static s64 nf_dict_saturate(s64 num, u64 amount, bool subtract, s64 min,
			    s64 max)
{
	u64 room = subtract ? (u64)num - (u64)min : (u64)max - (u64)num;

	if (amount > room)
		return subtract ? min : max;

	return subtract ? (u64)num - amount : (u64)num + amount;
}

/* Return 0, or -EINVAL if @value is not a number. */
static int nf_dict_value_add(struct nf_dict_value *value, u64 amount,
			     bool subtract)
{
	switch (value->type) {
	case NF_DICT_INT:
		value->bits = nf_dict_saturate(value->bits, amount, subtract,
					       S32_MIN, S32_MAX);
		return 0;
	case NF_DICT_INT64:
		value->bits = nf_dict_saturate(value->bits, amount, subtract,
					       S64_MIN, S64_MAX);
		return 0;
	default:
		return -EINVAL;
	}
}

/* The number @num in the type of @value, which it replaces. */
static int nf_dict_value_retype(struct nf_dict_value *value, s64 num)
{
	switch (value->type) {
	case NF_DICT_INT:
		if (num < S32_MIN || num > S32_MAX)
			return -ERANGE;
		break;
	case NF_DICT_INT64:
		break;
	default:
		return -EINVAL;
	}
	value->bits = num;

	return 0;
}

/*
 * Replace what @f says by what the field of @old (NULL: none, or expired)
 * becomes; under the row's lock.
 */
static int nf_dict_field_resolve(struct nf_dict_ns *ns,
				 struct nf_dict_field_value *f,
				 const struct nf_dict_row *old, gfp_t gfp)
{
	bool list = f->value.type == NF_DICT_STRING_LIST;
	bool subtract = f->op == NF_DICT_OP_SUB;
	struct nf_dict_value value;
	s64 num = f->value.bits;
	int err;

	if (!old || !nf_dict_row_peek(old, f->field, &value))
		return f->op == NF_DICT_OP_NUMBER || (list && !subtract) ?
		       0 : -ENOENT;

	if (list)
		return nf_dict_list_change(ns, &f->value, &value, subtract, gfp);
	if (f->op == NF_DICT_OP_NUMBER)
		err = nf_dict_value_retype(&value, num);
	else if (num < 0)
		err = nf_dict_value_add(&value, -(u64)num, !subtract);
	else
		err = nf_dict_value_add(&value, num, subtract);
	if (!err)
		f->value = value;

	return err;
}

static int nf_dict_update_resolve(struct nf_dict_ns *ns,
				  struct nf_dict_update *u,
				  const struct nf_dict_row *old)
{
	gfp_t gfp = u->flags & NF_DICT_W_PACKET ? GFP_NOWAIT : GFP_ATOMIC;
	unsigned int i;
	int err;

	for (i = 0; i < u->nfields; i++) {
		if (u->fields[i].op == NF_DICT_OP_SET)
			continue;
		err = nf_dict_field_resolve(ns, &u->fields[i], old, gfp);
		if (err)
			return err;
	}

	return 0;
}

/* Arithmetic alone leaves the row's lifetime as it is. */
static bool nf_dict_update_renews(const struct nf_dict_update *u)
{
	unsigned int i;

	if (u->flags & NF_DICT_W_TIMEOUT)
		return true;
	for (i = 0; i < u->nfields; i++)
		if (u->fields[i].op < NF_DICT_OP_ADD)
			return true;

	return false;
}

static const struct nf_dict_field_value *
nf_dict_update_find(const struct nf_dict_update *u, u32 id)
{
	unsigned int i;

	for (i = 0; i < u->nfields; i++)
		if ((u32)u->fields[i].field->id == id)
			return &u->fields[i];

	return NULL;
}

static void nf_dict_row_put_field(struct nf_dict_row *row, unsigned int i,
				  const struct nf_dict_field_value *f)
{
	nf_dict_row_ids(row)[i] = (u32)f->field->id << NF_DICT_ID_SHIFT |
				  f->value.type;
	nf_dict_row_values(row)[i] = f->value.bits;
}

static void nf_dict_row_build_fields(struct nf_dict_row *row,
				     const struct nf_dict_row *base,
				     const struct nf_dict_update *u)
{
	const struct nf_dict_field_value *f;
	unsigned int i, n = 0;
	u64 spot;

	if (base) {
		for (; n < base->nfields; n++) {
			u32 id = nf_dict_row_ids(base)[n];

			f = nf_dict_update_find(u, id >> NF_DICT_ID_SHIFT);
			if (f) {
				nf_dict_row_put_field(row, n, f);
				continue;
			}
			nf_dict_row_ids(row)[n] = id;
			nf_dict_row_values(row)[n] =
				nf_dict_row_values(base)[n];
		}
	}
	for (i = 0; i < u->nfields; i++)
		if (!base || !nf_dict_row_find(base, u->fields[i].field, &spot))
			nf_dict_row_put_field(row, n++, &u->fields[i]);
}

/* A packed row, that says which fields it has if @base does not say it. */
static void nf_dict_row_pack(struct nf_dict_row *row,
			     const struct nf_dict_row *base, u32 layout)
{
	const size_t head = offsetof(struct nf_dict_row_fields, ids);
	size_t size = row->room * NF_DICT_ROOM_UNIT - head;

	memset(nf_dict_row_ids(row), 0, size);
	/* The layout may have grown since. */
	if (base)
		memcpy(nf_dict_row_ids(row), nf_dict_row_ids(base),
		       base->room * NF_DICT_ROOM_UNIT - head);
	else
		nf_dict_row_ids(row)[0] = layout;
}

/*
 * Fill in @row with the fields of @base, which may be NULL, as @u has them:
 * fields keep their places, new ones come last, or where the layout has them.
 * References are moved by nf_dict_update_settle().
 */
static void nf_dict_row_build(struct nf_dict_rows *rows, struct nf_dict_row *row,
			      const struct nf_dict_row *base,
			      const struct nf_dict_update *u)
{
	const struct nf_dict_layout *layout;
	unsigned int i;
	u64 spot;

	if (row->nfields) {
		nf_dict_row_build_fields(row, base, u);
		return;
	}

	nf_dict_row_pack(row, base, rows->layout);
	layout = nf_dict_row_layout(rows->ns, row);
	for (i = 0; i < u->nfields; i++) {
		/* What is declared is there, see nf_dict_table_extend(). */
		if (WARN_ON_ONCE(!nf_dict_layout_find(layout,
						      u->fields[i].field,
						      &spot)))
			continue;
		nf_dict_spot_mark(nf_dict_row_fields(row), spot, true);
		nf_dict_spot_write(nf_dict_row_fields(row), spot,
				   u->fields[i].value.bits);
	}
}

/*
 * The row that nf_dict_row_build() made takes the references of the fields
 * that stayed and of the values written. What is left is to take one to each
 * name that @base had not, before anyone can drop the row, and to leave the
 * overwritten values to @u.
 */
static void nf_dict_update_settle(struct nf_dict_update *u,
				  const struct nf_dict_row *row,
				  const struct nf_dict_row *base)
{
	unsigned int i;

	for (i = 0; i < u->nfields; i++) {
		struct nf_dict_field_value *f = &u->fields[i];

		if (base && nf_dict_row_peek(base, f->field, &f->value))
			continue;
		if (row->nfields)
			nf_dict_field_hold(f->field);
		f->value.type = NF_DICT_UNSPEC;
	}
}

static u32 nf_dict_table_limit(const struct nf_dict_table *table, u32 flags)
{
	u32 size = READ_ONCE(table->size);

	if (!size)
		return flags & NF_DICT_W_PACKET ? NF_DICT_SIZE_DEFAULT :
						  INT_MAX;

	return min_t(u32, size, INT_MAX);
}

/* What the values of @u take more than those of @base, if that is not NULL. */
static s64 nf_dict_update_bytes(const struct nf_dict_update *u,
				const struct nf_dict_row *base)
{
	struct nf_dict_value value;
	unsigned int i;
	s64 bytes = 0;

	for (i = 0; i < u->nfields; i++) {
		bytes += nf_dict_value_bytes(&u->fields[i].value);
		if (base && nf_dict_row_peek(base, u->fields[i].field, &value))
			bytes -= nf_dict_value_bytes(&value);
	}

	return bytes;
}

/* Change one value in place, under the row's lock. @u takes the old one. */
static void nf_dict_row_write_value(struct nf_dict_table *table,
				    struct nf_dict_rows *rows,
				    struct nf_dict_lock *lock,
				    struct nf_dict_row *row, u64 spot,
				    struct nf_dict_update *u)
{
	u32 timeout = u->flags & NF_DICT_W_TIMEOUT ? u->timeout : row->timeout;
	struct nf_dict_value old;

	nf_dict_row_get(row, spot, &old);
	nf_dict_row_set(row, spot, u->fields[0].value.bits);
	lock->bytes += nf_dict_value_bytes(&u->fields[0].value);
	lock->bytes -= nf_dict_value_bytes(&old);
	if (u->fields[0].value.bits != old.bits)
		nf_dict_row_value_changed(table, rows, row, u->fields[0].field,
					  true);
	if ((timeout || row->timeout) && nf_dict_update_renews(u))
		nf_dict_row_renew(rows, row, timeout);
	nf_dict_row_notify(table, NF_DICT_EV_ROW_SET, row, u->fields, 1);
	u->fields[0].value = old;
}

/* Link a row whose key is not there, under its lock. */
static int nf_dict_row_link(struct nf_dict_rows *rows,
			    struct nf_dict_lock *lock, struct nf_dict_row *row,
			    u32 limit)
{
	int err = -ENFILE;

	/* Counted at once, so that the limit holds. */
	if ((u32)atomic_inc_return(&rows->count) > limit)
		goto err_count;
	err = rhashtable_insert_fast(&rows->ht, &row->node, nf_dict_row_params);
	if (err)
		goto err_count;
	if (rows->key_class == NF_DICT_KEY_CT)
		nf_dict_conn_link(rows, row);
	lock->bytes += nf_dict_row_bytes(row);

	return 0;

err_count:
	atomic_dec(&rows->count);
	return err == -E2BIG ? -ENFILE : err;
}

/* Put @new in the place of @old, under their lock. */
static void nf_dict_row_replace(struct nf_dict_rows *rows,
				struct nf_dict_lock *lock,
				struct nf_dict_row *old,
				struct nf_dict_row *new)
{
	rhashtable_replace_fast(&rows->ht, &old->node, &new->node,
				nf_dict_row_params);
	if (rows->key_class == NF_DICT_KEY_CT)
		nf_dict_conn_move(rows, old, new);
	lock->bytes += nf_dict_row_bytes(new);
	lock->bytes -= nf_dict_row_bytes(old);
}

/*
 * Write @u to a row of which @old is what is there, expired or not, or NULL;
 * under the row's lock. @new has room for all of it.
 */
static int nf_dict_row_write_new(struct nf_dict_table *table,
				 struct nf_dict_rows *rows,
				 struct nf_dict_lock *lock,
				 struct nf_dict_row *old, bool expired,
				 struct nf_dict_row *new,
				 struct nf_dict_update *u)
{
	const struct nf_dict_row *base = NULL;
	struct nf_dict_key key;
	u32 timeout;
	int err;

	if (u->flags & NF_DICT_W_TIMEOUT)
		timeout = u->timeout;
	else if (old && !expired)
		timeout = old->timeout;
	else
		timeout = READ_ONCE(table->timeout);

	if (old && !expired && !(u->flags & NF_DICT_W_REPLACE))
		base = old;
	if (base && !nf_dict_update_renews(u)) {
		new->timeout = base->timeout;
		new->expires = base->expires;
	} else {
		nf_dict_row_renew(rows, new, timeout);
	}
	nf_dict_row_build(rows, new, base, u);

	if (old) {
		nf_dict_row_replace(rows, lock, old, new);
		if (!base)
			lock->bytes -= nf_dict_row_values_bytes(rows->ns, old);
	} else {
		err = nf_dict_row_link(rows, lock, new,
				       nf_dict_table_limit(table, u->flags));
		if (err) {
			/* It was counted for a moment. */
			if (!atomic_read(&rows->count))
				nf_dict_table_emptied(table);
			return err;
		}
	}

	if (!base && rows->key_class == NF_DICT_KEY_DOMAIN) {
		nf_dict_row_key(new, &key);
		nf_dict_domain_added(rows, &key);
	}
	lock->bytes += nf_dict_update_bytes(u, base);
	nf_dict_row_changed(table, rows, expired ? NULL : old, new);

	if (expired) {
		atomic64_inc(&table->expired);
		nf_dict_row_notify(table, NF_DICT_EV_ROW_EXPIRED, old, NULL, 0);
	}
	if (base)
		nf_dict_row_notify(table, NF_DICT_EV_ROW_SET, new, u->fields,
				   u->nfields);
	else
		nf_dict_row_notify(table, NF_DICT_EV_ROW_NEW, new, NULL, 0);
	nf_dict_update_settle(u, new, base);

	return 0;
}

/*
 * @spare if it is of @shape, otherwise another row. Packets do not
 * get the reserves, nor memory beyond the limit of the owner's cgroup.
 */
static struct nf_dict_row *nf_dict_row_fit(const struct nf_dict_table *table,
					   struct nf_dict_row *spare,
					   const struct nf_dict_probe *probe,
					   const struct nf_dict_shape *shape,
					   u32 flags)
{
	if (spare && spare->nfields == shape->nfields &&
	    spare->room == shape->room)
		return spare;

	kfree(spare);

	return nf_dict_row_alloc(table, probe, shape,
				 flags & NF_DICT_W_PACKET ? GFP_NOWAIT :
							    GFP_ATOMIC);
}

/*
 * Whether contents of domains take a key. Senders of packets do not choose what
 * is a suffix.
 */
static int nf_dict_domain_claim(const struct nf_dict_rows *rows,
				const struct nf_dict_probe *probe,
				const struct nf_dict_update *u)
{
	struct nf_dict_domain domain;

	/* They came, or went, since the key was prepared. */
	if (rows->key_class != NF_DICT_KEY_DOMAIN)
		return -EAGAIN;
	if (!probe->domain)
		return nf_dict_domain_key(&domain, probe->key) ? -EAGAIN :
								 -EINVAL;
	if (u->flags & NF_DICT_W_PACKET &&
	    *(const char *)probe->key->data == '.')
		return -EINVAL;

	return 0;
}

/* Takes @spare, which may be the row if it has the right size, or NULL. */
static int nf_dict_row_apply(struct nf_dict_table *table,
			     const struct nf_dict_probe *probe,
			     struct nf_dict_update *u,
			     struct nf_dict_row *spare)
{
	const struct nf_dict_decls *decls;
	struct nf_dict_lock *lock;
	struct nf_dict_rows *rows;
	struct nf_dict_plan plan;
	struct nf_dict_row *old;
	bool expired;
	int err;

	lock = nf_dict_table_lock(table, probe, &rows);
	err = -EINVAL;
	if (!nf_dict_key_fits(rows->key_class, probe->key->type))
		goto err_unlock;
	if (rows->key_class == NF_DICT_KEY_DOMAIN || probe->domain) {
		err = nf_dict_domain_claim(rows, probe, u);
		if (err)
			goto err_unlock;
	}
	decls = rcu_dereference(table->decls);
	err = decls ? nf_dict_update_conform(decls, u) : 0;
	if (err)
		goto err_unlock;
	if (rows->key_class == NF_DICT_KEY_CT) {
		err = nf_dict_conn_claim(table->ns, probe->key->num,
					 u->flags & NF_DICT_W_CONN);
		if (err)
			goto err_unlock;
	}
	old = nf_dict_rows_lookup(rows, probe);
	expired = old && nf_dict_row_expired(old);

	err = nf_dict_update_resolve(table->ns, u, expired ? NULL : old);
	if (err)
		goto err_unlock;
	err = nf_dict_update_plan(u, rows, expired ? NULL : old, &plan);
	if (err)
		goto err_unlock;

	if (plan.in_place) {
		nf_dict_row_write_value(table, rows, lock, old, plan.spot, u);
		nf_dict_table_unlock(lock);
		kfree(spare);
		nf_dict_update_release(u);
		return 0;
	}

	err = -ENOMEM;
	spare = nf_dict_row_fit(table, spare, probe, &plan.shape, u->flags);
	if (!spare)
		goto err_unlock;
	err = nf_dict_row_write_new(table, rows, lock, old, expired, spare, u);
	if (err)
		goto err_unlock;
	nf_dict_table_unlock(lock);

	nf_dict_update_release(u);
	if (old && (expired || u->flags & NF_DICT_W_REPLACE))
		nf_dict_row_free(table->ns, old);
	else if (old)
		kfree_rcu(old, rcu);

	return 0;

err_unlock:
	nf_dict_table_unlock(lock);
	kfree(spare);
	return err;
}

/*
 * Have the memory for a row ready, so that it is not taken from the reserves
 * under the lock, unless the row changes meanwhile. NULL if none is needed.
 */
static struct nf_dict_row *nf_dict_row_prepare(struct nf_dict_table *table,
					       const struct nf_dict_probe *probe,
					       const struct nf_dict_update *u)
{
	struct nf_dict_plan plan;
	struct nf_dict_row *row;
	int err;

	rcu_read_lock();
	err = nf_dict_update_plan(u, rcu_dereference(table->rows),
				  nf_dict_table_probe(table, probe), &plan);
	rcu_read_unlock();
	if (err)
		return ERR_PTR(err);
	if (plan.in_place)
		return NULL;

	row = nf_dict_row_alloc(table, probe, &plan.shape, GFP_KERNEL);

	return row ?: ERR_PTR(-ENOMEM);
}

/* Make room in a full table. Return whether rows expired since @expired did. */
static bool nf_dict_table_reclaim(struct nf_dict_table *table, s64 expired)
{
	nf_dict_rows_expire(table);

	return atomic64_read(&table->expired) != expired;
}

/**
 * nf_dict_row_write - write fields of a row in one step
 * @table: the table, to which the caller has a reference
 * @key: the key, which was checked
 * @u: what to write, and how. The values that it owns pass to the row: after
 *	success it is empty, after an error it owns what it did
 *
 * Readers see the row as it was or with all of @u. It restarts the row's
 * lifetime unless all it does is arithmetic. A write of one value whose type
 * stays changes it in place. Where the table is full, one that may sleep
 * reclaims expired rows first.
 *
 * Context: any but hard interrupts with %NF_DICT_W_PACKET; otherwise process,
 * may sleep.
 * Return: 0; -ENOENT if there is no row and @u does not create it, or no field
 * to add to, or no living connection has the id that the table needs as its
 * key; -ENOTUNIQ if several have it; -EEXIST if there is a row and @u shall not
 * find one; -ENFILE if the table is full; -EINVAL if @u has no field, or one
 * twice, or a number or list for a field that is none, or if the table has keys
 * of another class or does not declare the field so; -ERANGE if a number does
 * not fit the field's type; -ENAMETOOLONG if a list would have too many members
 * or bytes; -E2BIG if the row would have too many fields; -EBUSY if
 * its hash table is being resized and is overfull meanwhile; -ENOMEM.
 */
int nf_dict_row_write(struct nf_dict_table *table,
		      const struct nf_dict_key *key, struct nf_dict_update *u)
{
	struct nf_dict_domain domain;
	struct nf_dict_probe probe;
	struct nf_dict_row *spare;
	s64 expired;
	int err;

	err = nf_dict_update_check(u);
	if (err)
		return err;

	do {
		nf_dict_probe_table(&probe, table, key, &domain);
		expired = atomic64_read(&table->expired);
		spare = NULL;
		if (!(u->flags & NF_DICT_W_PACKET))
			spare = nf_dict_row_prepare(table, &probe, u);
		if (IS_ERR(spare))
			return PTR_ERR(spare);
		err = nf_dict_row_apply(table, &probe, u, spare);
	} while (err == -EAGAIN ||
		 (err == -ENFILE && !(u->flags & NF_DICT_W_PACKET) &&
		  nf_dict_table_reclaim(table, expired)));

	return err;
}
EXPORT_SYMBOL_GPL(nf_dict_row_write);

/**
 * nf_dict_update_release - drop the values that an update owns
 * @u: the update, written or not; empty afterwards
 *
 * Context: any but hard interrupts.
 */
void nf_dict_update_release(struct nf_dict_update *u)
{
	unsigned int i;

	for (i = 0; i < u->nfields; i++)
		nf_dict_value_put(&u->fields[i].value);
	u->nfields = 0;
}
EXPORT_SYMBOL_GPL(nf_dict_update_release);

/**
 * nf_dict_row_add - add to a number, or subtract from it
 * @table: the table, to which the caller has a reference
 * @key: the key, which was checked
 * @field: name of the field
 * @type: type the field must have: %NF_DICT_INT, %NF_DICT_INT64, or
 *	%NF_DICT_NUMBER for either
 * @amount: how much
 * @subtract: subtract, not add
 *
 * Atomic; stops at the least and the greatest number of the field's type. Does
 * not restart the row's lifetime.
 *
 * Context: any but hard interrupts; does not sleep.
 * Return: 0; -ENOENT if there is no such row or field; -EINVAL if the field
 * has another type.
 */
int nf_dict_row_add(struct nf_dict_table *table, const struct nf_dict_key *key,
		    struct nf_dict_atom *field, u8 type, u64 amount,
		    bool subtract)
{
	struct nf_dict_field_value change;
	struct nf_dict_domain domain;
	struct nf_dict_lock *lock;
	struct nf_dict_rows *rows;
	struct nf_dict_probe probe;
	struct nf_dict_row *row;
	int err = -ENOENT;
	u64 old, spot;

	nf_dict_probe_table(&probe, table, key, &domain);
	lock = nf_dict_table_lock(table, &probe, &rows);

	row = nf_dict_rows_get(rows, &probe);
	if (!row || nf_dict_row_expired(row))
		goto out;
	if (!nf_dict_row_find(row, field, &spot))
		goto out;

	nf_dict_row_get(row, spot, &change.value);
	err = -EINVAL;
	if (change.value.type != type && type != NF_DICT_NUMBER)
		goto out;

	old = change.value.bits;
	err = nf_dict_value_add(&change.value, amount, subtract);
	if (err)
		goto out;

	nf_dict_row_set(row, spot, change.value.bits);
	change.field = field;
	/* A packet that counts must not undo what it is about to do. */
	if (change.value.bits != old)
		nf_dict_row_value_changed(table, rows, row, field, false);
	nf_dict_row_notify(table, NF_DICT_EV_ROW_SET, row, &change, 1);
out:
	nf_dict_table_unlock(lock);
	return err;
}
EXPORT_SYMBOL_GPL(nf_dict_row_add);

/**
 * nf_dict_row_delete - delete a row
 * @table: the table, to which the caller has a reference
 * @key: the key, which was checked
 *
 * Context: any but hard interrupts; does not sleep.
 * Return: 0; -ENOENT if there is no such row.
 */
int nf_dict_row_delete(struct nf_dict_table *table,
		       const struct nf_dict_key *key)
{
	struct nf_dict_domain domain;
	struct nf_dict_lock *lock;
	struct nf_dict_rows *rows;
	struct nf_dict_probe probe;
	struct nf_dict_row *row;

	nf_dict_probe_table(&probe, table, key, &domain);
	lock = nf_dict_table_lock(table, &probe, &rows);
	row = nf_dict_rows_get(rows, &probe);
	if (!row || nf_dict_row_expired(row)) {
		nf_dict_table_unlock(lock);
		return -ENOENT;
	}
	nf_dict_row_unlink(table, rows, lock, row);
	nf_dict_row_notify(table, NF_DICT_EV_ROW_DEL, row, NULL, 0);
	nf_dict_table_unlock(lock);

	nf_dict_row_free(table->ns, row);

	return 0;
}
EXPORT_SYMBOL_GPL(nf_dict_row_delete);

/**
 * nf_dict_row_gone - delete the row of a connection that went
 * @table: table of class %NF_DICT_KEY_CT
 * @key: id of the connection
 *
 * Context: any but hard interrupts, under the RCU read lock; does not sleep.
 */
void nf_dict_row_gone(struct nf_dict_table *table,
		      const struct nf_dict_key *key)
{
	enum nf_dict_event_type type = NF_DICT_EV_ROW_GONE;
	struct nf_dict_lock *lock;
	struct nf_dict_rows *rows;
	struct nf_dict_probe probe;
	struct nf_dict_row *row;

	nf_dict_probe_init(&probe, table->ns, key);
	lock = nf_dict_table_lock(table, &probe, &rows);
	/* It may be about to become a table of connections. */
	row = rows->key_class == NF_DICT_KEY_CT ?
	      nf_dict_rows_lookup(rows, &probe) : NULL;
	if (row) {
		if (nf_dict_row_expired(row)) {
			atomic64_inc(&table->expired);
			type = NF_DICT_EV_ROW_EXPIRED;
		}
		nf_dict_row_unlink(table, rows, lock, row);
		nf_dict_row_notify(table, type, row, NULL, 0);
	}
	nf_dict_table_unlock(lock);

	if (row)
		nf_dict_row_free(table->ns, row);
}

static bool nf_dict_names_field(struct nf_dict_atom *const *fields,
				unsigned int nfields, u32 id)
{
	unsigned int i;

	for (i = 0; i < nfields; i++)
		if ((u32)fields[i]->id == id)
			return true;

	return false;
}

/* Fills in the successor of @old that lacks @fields, whose references go. */
static void nf_dict_row_build_without(struct nf_dict_row *row,
				      struct nf_dict_row *old,
				      struct nf_dict_atom *const *fields,
				      unsigned int nfields)
{
	unsigned int i, n = 0;
	u64 spot;

	row->timeout = old->timeout;
	row->expires = old->expires;

	if (!old->nfields) {
		nf_dict_row_pack(row, old, 0);
		for (i = 0; i < nfields; i++) {
			nf_dict_row_find(old, fields[i], &spot);
			nf_dict_spot_mark(nf_dict_row_fields(row), spot, false);
			nf_dict_spot_write(nf_dict_row_fields(row), spot, 0);
		}
		return;
	}

	for (i = 0; i < old->nfields; i++) {
		u32 id = nf_dict_row_ids(old)[i];

		if (nf_dict_names_field(fields, nfields,
					id >> NF_DICT_ID_SHIFT))
			continue;
		nf_dict_row_ids(row)[n] = id;
		nf_dict_row_values(row)[n++] = nf_dict_row_values(old)[i];
	}
}

/* The successor took the references of all other fields. */
static void nf_dict_row_free_fields(struct nf_dict_row *row,
				    struct nf_dict_atom *const *fields,
				    unsigned int nfields)
{
	struct nf_dict_value value;
	unsigned int i;

	rcu_read_lock();
	for (i = 0; i < nfields; i++) {
		nf_dict_row_peek(row, fields[i], &value);
		nf_dict_value_put(&value);
		if (row->nfields)
			nf_dict_atom_put(fields[i]);
	}
	rcu_read_unlock();
	kfree_rcu(row, rcu);
}

/* Under the RCU read lock. */
static unsigned int nf_dict_row_nfields(struct nf_dict_ns *ns,
					const struct nf_dict_row *row)
{
	const struct nf_dict_layout *layout = nf_dict_row_layout(ns, row);
	struct nf_dict_value value;
	unsigned int i, n = 0;

	for (i = 0; i < nf_dict_row_count(row, layout); i++)
		n += nf_dict_row_get_nth(row, layout, i, &value);

	return n;
}

static void nf_dict_fields_notify(struct nf_dict_table *table,
				  const struct nf_dict_row *row,
				  struct nf_dict_atom *const *fields,
				  unsigned int nfields)
{
	const struct nf_dict_event ev = {
		.type		= NF_DICT_EV_FIELD_DEL,
		.table		= table,
		.row		= row,
		.names		= fields,
		.nfields	= nfields,
	};

	nf_dict_notify(table->ns, &ev);
}

/* Whether @row has a field of that name, and of @type if that says one. */
static bool nf_dict_row_has(const struct nf_dict_row *row,
			    const struct nf_dict_atom *field, u8 type)
{
	struct nf_dict_value value;

	if (!nf_dict_row_peek(row, field, &value))
		return false;

	switch (type) {
	case NF_DICT_UNSPEC:
		return true;
	case NF_DICT_NUMBER:
		return value.type == NF_DICT_INT || value.type == NF_DICT_INT64;
	default:
		return value.type == type;
	}
}

static int __nf_dict_row_delete_fields(struct nf_dict_table *table,
				       const struct nf_dict_key *key,
				       struct nf_dict_atom *const *fields,
				       unsigned int nfields, u8 type)
{
	struct nf_dict_row *old, *new = NULL;
	struct nf_dict_shape shape;

	struct nf_dict_domain domain;
	struct nf_dict_lock *lock;
	struct nf_dict_rows *rows;
	struct nf_dict_probe probe;
	unsigned int i, n;
	int err;

	if (!nfields)
		return -EINVAL;
	for (i = 1; i < nfields; i++)
		if (nf_dict_names_field(fields, i, fields[i]->id))
			return -EINVAL;

	nf_dict_probe_table(&probe, table, key, &domain);
	lock = nf_dict_table_lock(table, &probe, &rows);

	err = -ENOENT;
	old = nf_dict_rows_get(rows, &probe);
	if (!old || nf_dict_row_expired(old))
		goto err_unlock;
	for (i = 0; i < nfields; i++)
		if (!nf_dict_row_has(old, fields[i], type))
			goto err_unlock;

	n = nf_dict_row_nfields(rows->ns, old);
	if (nfields == n) {
		nf_dict_row_unlink(table, rows, lock, old);
		nf_dict_row_notify(table, NF_DICT_EV_ROW_DEL, old, NULL, 0);
		nf_dict_table_unlock(lock);
		nf_dict_row_free(table->ns, old);
		return 0;
	}

	nf_dict_rows_shape(rows, n - nfields, &shape);
	new = nf_dict_row_alloc(table, &probe, &shape, GFP_ATOMIC);
	err = -ENOMEM;
	if (!new)
		goto err_unlock;
	nf_dict_row_build_without(new, old, fields, nfields);
	nf_dict_row_replace(rows, lock, old, new);
	nf_dict_row_changed(table, rows, old, new);
	lock->bytes += nf_dict_row_values_bytes(rows->ns, new);
	lock->bytes -= nf_dict_row_values_bytes(rows->ns, old);
	nf_dict_fields_notify(table, new, fields, nfields);
	nf_dict_table_unlock(lock);

	nf_dict_row_free_fields(old, fields, nfields);

	return 0;

err_unlock:
	nf_dict_table_unlock(lock);
	return err;
}

/**
 * nf_dict_row_delete_fields - delete fields of a row
 * @table: the table, to which the caller has a reference
 * @key: the key, which was checked
 * @fields: names of the fields, none twice
 * @nfields: their number, at least one
 *
 * All of them in one step, or none. A row without fields does not exist: the
 * row goes with its last field. The row's lifetime goes on.
 *
 * Context: any but hard interrupts; does not sleep.
 * Return: 0; -ENOENT if there is no such row, or it lacks one of the fields;
 * -EINVAL if there is no field, or one twice; -ENOMEM.
 */
int nf_dict_row_delete_fields(struct nf_dict_table *table,
			      const struct nf_dict_key *key,
			      struct nf_dict_atom *const *fields,
			      unsigned int nfields)
{
	return __nf_dict_row_delete_fields(table, key, fields, nfields,
					   NF_DICT_UNSPEC);
}
EXPORT_SYMBOL_GPL(nf_dict_row_delete_fields);

/**
 * nf_dict_row_delete_field - delete a field of a row if it has a type
 * @table: the table, to which the caller has a reference
 * @key: the key, which was checked
 * @field: name of the field
 * @type: &enum nf_dict_type, or %NF_DICT_NUMBER; %NF_DICT_UNSPEC: any
 *
 * As nf_dict_row_delete_fields().
 *
 * Context: any but hard interrupts; does not sleep.
 * Return: 0; -ENOENT if there is no such row, or no such field of that type;
 * -ENOMEM.
 */
int nf_dict_row_delete_field(struct nf_dict_table *table,
			     const struct nf_dict_key *key,
			     struct nf_dict_atom *field, u8 type)
{
	return __nf_dict_row_delete_fields(table, key, &field, 1, type);
}
EXPORT_SYMBOL_GPL(nf_dict_row_delete_field);

/* Reclaim a row that the walk found expired, if it still is. */
static bool nf_dict_row_expire(struct nf_dict_table *table,
			       struct nf_dict_rows *rows,
			       struct nf_dict_row *row)
{
	struct nf_dict_probe probe;
	struct nf_dict_lock *lock;
	struct nf_dict_key key;

	nf_dict_probe_row(&probe, &key, row);
	lock = nf_dict_rows_lock_of(rows, &probe);

	spin_lock_bh(&lock->lock);
	/* Not if it has a successor, or is the contents of another table. */
	if (!nf_dict_rows_settled(table, rows) ||
	    nf_dict_rows_lookup(rows, &probe) != row ||
	    !nf_dict_row_expired(row)) {
		spin_unlock_bh(&lock->lock);
		return false;
	}
	nf_dict_row_unlink(table, rows, lock, row);
	atomic64_inc(&table->expired);
	nf_dict_row_notify(table, NF_DICT_EV_ROW_EXPIRED, row, NULL, 0);
	spin_unlock_bh(&lock->lock);

	nf_dict_row_free(rows->ns, row);

	return true;
}

/* Let others run. Return whether the walk may have lost its place meanwhile. */
static bool nf_dict_walk_pause(struct rhashtable_iter *walk)
{
	const void *place = walk->p;

	rhashtable_walk_stop(walk);
	cond_resched();

	/* Without the row it stopped at it goes by the number of rows. */
	return rhashtable_walk_start_check(walk) || (place && !walk->p);
}

/* Wait for all who are writing now. Takes one lock after the other. */
static void nf_dict_rows_sync(struct nf_dict_rows *rows)
{
	unsigned int i;

	for (i = 0; i <= rows->lock_mask; i++) {
		spin_lock_bh(&rows->locks[i].lock);
		spin_unlock_bh(&rows->locks[i].lock);
	}
}

/* Reclaim expired rows, and return when the next one expires. */
static u64 nf_dict_rows_walk(struct nf_dict_table *table,
			     struct nf_dict_rows *rows)
{
	u64 expires, now = get_jiffies_64(), next = NF_DICT_NEVER;
	struct rhashtable_iter walk;
	struct nf_dict_row *row;
	unsigned int n = 0;

	/* Rows that are written from here on are noted, others are met. */
	atomic64_set(&rows->due, NF_DICT_NEVER);
	nf_dict_rows_sync(rows);

	rhashtable_walk_enter(&rows->ht, &walk);
	rhashtable_walk_start(&walk);
	while ((row = rhashtable_walk_next(&walk))) {
		if (IS_ERR(row)) {
			/* Resized: it starts again, in the new one. */
			next = now;
			continue;
		}
		if (nf_dict_row_expired(row) &&
		    nf_dict_row_expire(table, rows, row))
			continue;
		expires = nf_dict_row_load(row, &row->expires);
		if (expires)
			next = min(next, expires);
		if (++n % 256 == 0 && nf_dict_walk_pause(&walk))
			next = now;
	}
	rhashtable_walk_stop(&walk);
	rhashtable_walk_exit(&walk);

	nf_dict_rows_note(rows, next);

	return next;
}

/**
 * nf_dict_rows_expire - reclaim a table's expired rows, if there may be some
 * @table: the table, to which the caller has a reference
 *
 * Waits for whoever does that already.
 *
 * Context: process; may sleep, and does now and then in a large table.
 * Return: when the next row expires, in jiffies, or %NF_DICT_NEVER.
 */
u64 nf_dict_rows_expire(struct nf_dict_table *table)
{
	struct nf_dict_rows *rows;
	u64 next, now;

	rcu_read_lock();
	rows = rcu_dereference(table->rows);
	next = atomic64_read(&rows->due);
	now = get_jiffies_64();
	if (next > now && !mutex_is_locked(&rows->walk_mutex))
		rows = NULL;
	else if (!refcount_inc_not_zero(&rows->refs))
		rows = NULL;
	rcu_read_unlock();
	if (!rows)
		return next;

	mutex_lock(&rows->walk_mutex);
	next = atomic64_read(&rows->due);
	now = get_jiffies_64();
	if (next <= now)
		next = nf_dict_rows_walk(table, rows);
	mutex_unlock(&rows->walk_mutex);
	nf_dict_rows_put(rows);

	return next;
}

/**
 * nf_dict_rows_alloc - make empty contents for a table
 * @ns: namespace, of which the contents take a reference
 * @key_class: class that all keys must have, %NF_DICT_KEY_UNSPEC: any
 * @decls: what the table declares, or NULL
 *
 * Context: process, under the mutex; may sleep.
 * Return: the contents, with one reference, or ERR_PTR(-ENOMEM).
 */
struct nf_dict_rows *nf_dict_rows_alloc(struct nf_dict_ns *ns, u8 key_class,
					const struct nf_dict_decls *decls)
{
	unsigned int i, locks;
	struct nf_dict_rows *rows;
	int err;

	locks = roundup_pow_of_two(num_possible_cpus() * 4);
	if (num_possible_cpus() == 1)
		locks = 1;
	locks = min_t(unsigned int, locks, NF_DICT_ROW_LOCKS_MAX);

	rows = kzalloc(struct_size(rows, locks, locks), GFP_KERNEL_ACCOUNT);
	if (!rows)
		return ERR_PTR(-ENOMEM);

	err = nf_dict_layout_create(ns, decls, &rows->layout);
	if (err)
		goto err_rows;
	if (key_class == NF_DICT_KEY_DOMAIN) {
		rows->domains = nf_dict_domains_alloc();
		err = -ENOMEM;
		if (!rows->domains)
			goto err_layout;
	}
	err = rhashtable_init(&rows->ht, &nf_dict_row_params);
	if (err)
		goto err_domains;

	for (i = 0; i < locks; i++)
		spin_lock_init(&rows->locks[i].lock);
	rows->lock_mask = locks - 1;
	rows->lock_seed = get_random_u32();
	rows->key_class = key_class;
	atomic64_set(&rows->due, NF_DICT_NEVER);
	mutex_init(&rows->walk_mutex);
	refcount_set(&rows->refs, 1);
	refcount_inc(&ns->refs);
	rows->ns = ns;

	return rows;

err_domains:
	nf_dict_domains_free(rows->domains);
err_layout:
	nf_dict_layout_destroy(ns, rows->layout);
err_rows:
	kfree(rows);
	return ERR_PTR(err);
}

static void nf_dict_rows_free_row(void *ptr, void *arg)
{
	struct nf_dict_rows *rows = arg;

	if (rows->key_class == NF_DICT_KEY_CT)
		nf_dict_conn_move(rows, ptr, NULL);
	nf_dict_row_free(rows->ns, ptr);
}

static void nf_dict_rows_free_work(struct work_struct *work)
{
	struct nf_dict_rows *rows = container_of(to_rcu_work(work),
						 struct nf_dict_rows,
						 free_work);
	struct nf_dict_ns *ns = rows->ns;

	rhashtable_free_and_destroy(&rows->ht, nf_dict_rows_free_row, rows);
	nf_dict_layout_destroy(ns, rows->layout);
	mutex_destroy(&rows->walk_mutex);
	nf_dict_domains_free(rows->domains);
	/* Not earlier than the rows, which connections led to. */
	kfree_rcu(rows, free_work.rcu);
	nf_dict_ns_put(ns);
}

/**
 * nf_dict_rows_put - drop a reference to contents
 * @rows: the contents; the last reference frees them, after a grace period
 *	and in a worker, which may take its time with a million rows
 *
 * Context: any but hard interrupts.
 */
void nf_dict_rows_put(struct nf_dict_rows *rows)
{
	if (!refcount_dec_and_test(&rows->refs))
		return;

	INIT_RCU_WORK(&rows->free_work, nf_dict_rows_free_work);
	queue_rcu_work(nf_dict_wq, &rows->free_work);
}

/**
 * nf_dict_rows_freeze - keep all writers out
 * @rows: the contents of a table, of which there may be any number
 *
 * Those who are writing have done so when this returns. Others wait until the
 * caller gives the lock back. No two row locks are held at once.
 *
 * Context: under &nf_dict_ns.swap_lock.
 */
void nf_dict_rows_freeze(struct nf_dict_rows *rows)
{
	lockdep_assert_held(&rows->ns->swap_lock);
	WRITE_ONCE(rows->frozen, true);
	nf_dict_rows_sync(rows);
}

/**
 * nf_dict_rows_thaw - undo nf_dict_rows_freeze()
 * @rows: the contents
 *
 * Context: as nf_dict_rows_freeze().
 */
void nf_dict_rows_thaw(struct nf_dict_rows *rows)
{
	/* After the move: see nf_dict_rows_settled(). */
	smp_store_release(&rows->frozen, false);
}

/**
 * nf_dict_rows_bytes - memory of rows, of what their values refer to, and of
 *	buckets
 * @rows: the contents
 *
 * Context: process, under the RCU read lock.
 * Return: bytes.
 */
u64 nf_dict_rows_bytes(struct nf_dict_rows *rows)
{
	const struct bucket_table *tbl = rht_dereference_rcu(rows->ht.tbl,
							     &rows->ht);
	s64 bytes = 0;
	unsigned int i;

	for (i = 0; i <= rows->lock_mask; i++) {
		spin_lock_bh(&rows->locks[i].lock);
		bytes += rows->locks[i].bytes;
		spin_unlock_bh(&rows->locks[i].lock);
	}

	return bytes + struct_size(rows, locks, rows->lock_mask + 1) +
	       struct_size(tbl, buckets, tbl->size);
}
