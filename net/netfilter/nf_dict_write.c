// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rows: writes, arithmetic and deletion, each in one step.
 */
#include <linux/overflow.h>
#include <linux/slab.h>

#include "nf_dict_lookup.h"

/**
 * struct nf_dict_shape - size of a row after its key
 * @nfields: as &nf_dict_row.nfields
 * @room: as &nf_dict_row.room
 */
struct nf_dict_shape {
	u8	nfields;
	u8	room;
};

/*
 * As nf_dict_rows_lookup(), under the row's lock. Since the key was prepared,
 * the table may have become a table of domains or ceased to be one. Or the
 * connection of the packet that writes may have ended: then the row may be that
 * of another connection with the same id.
 */
static struct nf_dict_row *
nf_dict_rows_get(struct nf_dict_rows *rows, const struct nf_dict_probe *probe)
{
	bool domains = rows->key_class == NF_DICT_KEY_DOMAIN;

	if (probe->domain != domains)
		return NULL;
	if (probe->key->conn && READ_ONCE(probe->key->conn->dead))
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

/* Memory of a row, as rounded up by kmalloc(). */
static size_t nf_dict_row_bytes(const struct nf_dict_row *row)
{
	const struct nf_dict_shape shape = {
		.nfields	= row->nfields,
		.room		= row->room,
	};

	return kmalloc_size_roundup(nf_dict_row_size(row->key_type,
						     row->key_len, &shape));
}

/* Memory a value takes outside of its row, even if other rows share it. */
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

static u64 nf_dict_expiry(u32 timeout)
{
	u64 expires;

	if (!timeout)
		return 0;

	expires = get_jiffies_64() + nsecs_to_jiffies64((u64)timeout *
							NSEC_PER_MSEC) + 1;

	return expires ?: 1;
}

/*
 * Take the lock that the key chooses in the table's contents. They remain the
 * table's contents while the lock is held.
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
		/* Wait until the contents have moved. */
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

/**
 * nf_dict_row_notify - report that a row changed
 * @table: the table
 * @type: what happened
 * @row: the row
 * @fields: as &nf_dict_event.fields
 * @nfields: their number
 *
 * Context: under the row's lock.
 */
void nf_dict_row_notify(struct nf_dict_table *table,
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
 * A row was replaced, created (@old is NULL) or deleted (@new is NULL), under
 * its lock. If rules read a changed field, end the offload of the connection.
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

/* The same after a change in place; @others: see nf_dict_conn_changed(). */
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

/**
 * nf_dict_row_free - free a row and drop its references
 * @ns: namespace
 * @row: the row, which is no longer in the hash table
 *
 * Context: any but hard interrupts.
 */
void nf_dict_row_free(struct nf_dict_ns *ns, struct nf_dict_row *row)
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

/**
 * nf_dict_row_unlink - remove a row from the hash table
 * @table: the table
 * @rows: its contents
 * @lock: the row's lock, which the caller holds
 * @row: the row
 *
 * Context: any but hard interrupts.
 */
void nf_dict_row_unlink(struct nf_dict_table *table, struct nf_dict_rows *rows,
			struct nf_dict_lock *lock, struct nf_dict_row *row)
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

/**
 * nf_dict_rows_note - update the time at which the first row expires
 * @rows: the contents that have the row
 * @expires: when a row expires, in jiffies; usually later than another one
 *
 * Context: any but hard interrupts.
 */
void nf_dict_rows_note(struct nf_dict_rows *rows, u64 expires)
{
	s64 due = atomic64_read(&rows->due);

	while (expires < (u64)due) {
		if (atomic64_try_cmpxchg(&rows->due, &due, expires)) {
			nf_dict_gc_wake(rows->ns, expires);
			return;
		}
	}
}

/* Under the lock of the row, which need not be linked yet. */
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
 * @in_place: it only changes one value of an existing row
 * @spot: place of this value
 * @shape: otherwise, size of the new row
 */
struct nf_dict_plan {
	bool			in_place;
	u64			spot;
	struct nf_dict_shape	shape;
};

/* The shape of a row, with @n fields if it is not packed. */
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

/* Add @amount to @num, or subtract it, and stay within @min and @max. */
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

/*
 * Replace the operand in @f by the resulting value of the field of @old (NULL:
 * no row, or expired); under the row's lock.
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
		err = nf_dict_value_set_num(&value, value.type, num);
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

/* Arithmetic alone does not restart the row's lifetime. */
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

/* Begin a packed row: copy of @base, or empty with the number of @layout. */
static void nf_dict_row_pack(struct nf_dict_row *row,
			     const struct nf_dict_row *base, u32 layout)
{
	const size_t head = offsetof(struct nf_dict_row_fields, ids);
	size_t size = row->room * NF_DICT_ROOM_UNIT - head;

	memset(nf_dict_row_ids(row), 0, size);
	/* The layout may have grown since @base was made. */
	if (base)
		memcpy(nf_dict_row_ids(row), nf_dict_row_ids(base),
		       base->room * NF_DICT_ROOM_UNIT - head);
	else
		nf_dict_row_ids(row)[0] = layout;
}

/*
 * Fill in @row with the fields of @base, which may be NULL, and those of @u.
 * Fields keep their places; new ones are last, or where the layout puts them.
 * nf_dict_update_settle() moves the references.
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
		/* All declared fields have one, see nf_dict_table_extend(). */
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
 * The row built by nf_dict_row_build() takes over the references of the fields
 * kept and of the values written. Take one to each name that @base lacks,
 * before anyone can free the row, and leave the overwritten values to @u.
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

/* Memory that the values of @u take beyond those of @base (may be NULL). */
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

/* Change one value in place, under the row's lock. @u gets the old value. */
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

/* Link a row with a new key, under its lock. */
static int nf_dict_row_link(struct nf_dict_rows *rows,
			    struct nf_dict_lock *lock, struct nf_dict_row *row,
			    u32 limit)
{
	int err = -ENFILE;

	/* Count and check in one step, so that the limit is exact. */
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

/* Replace @old by @new, under their lock. */
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
 * Write @u to @new, which has room for it, and put @new in the place of @old
 * (expired, or NULL: none); under the row's lock.
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
			/* A deletion may have counted the new row. */
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
 * Return @spare if it has the right @shape, otherwise a new row. Packets do not
 * use memory reserves, nor exceed the limit of the owner's cgroup.
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
 * Whether contents of domains take a key. Packets cannot write suffixes, since
 * their senders would choose them.
 */
static int nf_dict_domain_claim(const struct nf_dict_rows *rows,
				const struct nf_dict_probe *probe,
				const struct nf_dict_update *u)
{
	struct nf_dict_domain domain;

	/* The contents changed since the key was prepared. */
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

/* Consumes @spare, which becomes the row if it fits, or NULL. */
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
		err = nf_dict_conn_claim(table->ns, probe->key);
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
 * Allocate the row before the lock is taken, so that the reserves are only used
 * if the row changes in between. Return NULL if none is needed.
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

/* Make room in a full table. Return whether rows expired since @expired. */
static bool nf_dict_table_reclaim(struct nf_dict_table *table, s64 expired)
{
	nf_dict_rows_expire(table);

	return atomic64_read(&table->expired) != expired;
}

/**
 * nf_dict_row_write - write fields of a row in one step
 * @table: the table, to which the caller has a reference
 * @key: the key, which was checked
 * @u: what to write, and how. On success its values move to the row and it is
 *	empty; on error it keeps them
 *
 * Readers see the row as before or with all of @u. Restarts the row's lifetime
 * unless @u is only arithmetic. A single value whose type does not change is
 * written in place. If the table is full, a caller that may sleep reclaims
 * expired rows first.
 *
 * Context: any but hard interrupts with %NF_DICT_W_PACKET; otherwise process,
 * may sleep.
 * Return: 0; -ENOENT if there is no row and @u does not create it, or no field
 * to add to, or no living connection has the id that the table needs as its
 * key; -ENOTUNIQ if several have it; -EEXIST if there is a row and @u is to
 * create it; -ENFILE if the table is full; -EINVAL if @u has no field, or one
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
 * nf_dict_update_release - release the values of an update
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
 * @amount: the amount
 * @subtract: subtract instead of add
 *
 * Atomic; saturates at the limits of the field's type. Does not restart the
 * row's lifetime.
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
	/* A packet that counts must not end the offload of its own flow. */
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
 * nf_dict_row_gone - delete the row of a connection that ended
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
	/* The table may be about to get the class %NF_DICT_KEY_CT. */
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

/* Fill in the successor of @old without @fields. */
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

/* Drop the references of @fields; the successor has those of the others. */
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

/* Whether @row has a field of this name and, if @type says so, of this type. */
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
	struct nf_dict_event ev = {
		.type		= NF_DICT_EV_FIELD_DEL,
		.table		= table,
		.names		= fields,
		.nfields	= nfields,
	};
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
	ev.row = new;
	nf_dict_notify(table->ns, &ev);
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
 * All of them in one step, or none. A row without fields does not exist: it is
 * deleted with its last field. The row's lifetime is not restarted.
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
 * nf_dict_row_delete_field - delete a field of a row if it has a given type
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
