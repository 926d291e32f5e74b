/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Fields of a row and their places.
 *
 * If a table declares all its fields, its rows are packed: they store only
 * values, each in as many bytes as its type needs, and a layout has the place
 * of each field. Other rows store ids and values of 64 bits. Only this header
 * and nf_dict_write.c depend on which kind a row is.
 */
#ifndef _NF_DICT_LAYOUT_H
#define _NF_DICT_LAYOUT_H

#include <linux/bitfield.h>

#include "nf_dict_table.h"

/*
 * A spot: the place of a field in a row. If the row is not packed, the index of
 * the field. If it is packed, valid for all rows of the layout: number of the
 * layout, type of the field, offset of the value, and byte and bit that say
 * whether the row has the field (if the value points to an atom, the value
 * itself, which is NULL if the field is missing). Offsets are in &struct
 * nf_dict_row_fields.
 */
#define NF_DICT_SPOT_BIT	GENMASK_ULL(2, 0)
#define NF_DICT_SPOT_VALUE	GENMASK_ULL(19, 8)
#define NF_DICT_SPOT_MARK	GENMASK_ULL(31, 20)
#define NF_DICT_SPOT_TYPE	GENMASK_ULL(37, 32)
#define NF_DICT_SPOT_LAYOUT	GENMASK_ULL(63, 38)

/* The room for values in a packed row is a multiple of this, in bytes. */
#define NF_DICT_ROOM_UNIT	16

/**
 * struct nf_dict_layout - places of the fields in packed rows
 * @rcu: frees it after a grace period
 * @id: stored as the first id of a packed row: a number that is never reused in
 *	the namespace and differs from the ids of names; then the bits of the
 *	first fields
 * @end: used bytes of &struct nf_dict_row_fields
 * @bits: used bits, in @id and in bytes between or after the values
 * @mark: offset of the byte with the last of these bits
 * @n: number of @fields
 * @fields: the fields, in the order of their declaration; a reference to each
 *	name
 *
 * Constant. If the table declares another field, it is replaced by a layout
 * with the same number and the same places of the existing fields.
 */
struct nf_dict_layout {
	struct rcu_head		rcu;
	u32			id;
	u16			end;
	u16			bits;
	u16			mark;
	u8			n;
	struct {
		struct nf_dict_atom	*name;
		u64			spot;
	} fields[] __counted_by(n);
};

int nf_dict_layout_create(struct nf_dict_ns *ns,
			  const struct nf_dict_decls *decls, u32 *id);
void nf_dict_layout_destroy(struct nf_dict_ns *ns, u32 id);
struct nf_dict_layout *nf_dict_layout_alloc(const struct nf_dict_decls *decls);
void nf_dict_layout_grow(struct nf_dict_rows *rows, struct nf_dict_layout *new,
			 const struct nf_dict_decls *decls);

/* Index of a layout in &nf_dict_ns.layouts. */
static inline unsigned long nf_dict_layout_num(u32 id)
{
	return FIELD_GET(NF_DICT_LAYOUT_NUM, id);
}

/* NULL if @id is 0. Under the mutex, or the RCU read lock. */
static inline struct nf_dict_layout *nf_dict_layout_of(struct nf_dict_ns *ns,
						       u32 id)
{
	return id ? xa_load(&ns->layouts, nf_dict_layout_num(id)) : NULL;
}

/* Units of %NF_DICT_ROOM_UNIT that a packed row has after its key. */
static inline u8 nf_dict_layout_room(const struct nf_dict_layout *layout)
{
	return DIV_ROUND_UP(layout->end, NF_DICT_ROOM_UNIT);
}

/*
 * The layout of a row, NULL if it is not packed; under the RCU read lock.
 * Without the row's lock, also NULL if the contents that had the row were
 * freed.
 */
static inline const struct nf_dict_layout *
nf_dict_row_layout(struct nf_dict_ns *ns, const struct nf_dict_row *row)
{
	return row->nfields ? NULL :
	       nf_dict_layout_of(ns, nf_dict_row_ids(row)[0]);
}

/* Find the spot of a field in rows of @layout. */
static inline bool nf_dict_layout_find(const struct nf_dict_layout *layout,
				       const struct nf_dict_atom *field,
				       u64 *spot)
{
	unsigned int i;

	for (i = 0; i < layout->n; i++) {
		if (layout->fields[i].name == field) {
			*spot = layout->fields[i].spot;
			return true;
		}
	}

	return false;
}

/* Widen a value of 4 bytes, which are the first in memory unless a number. */
static __always_inline u64 nf_dict_short_bits(u32 v)
{
	u64 bits = 0;

	memcpy(&bits, &v, sizeof(v));

	return bits;
}

static __always_inline u32 nf_dict_bits_short(u64 bits)
{
	u32 v;

	memcpy(&v, &bits, sizeof(v));

	return v;
}

/*
 * Read a field of a packed row, whose fields are at @fields. Return false if it
 * is missing.
 */
static __always_inline bool
nf_dict_spot_read(const struct nf_dict_row *row,
		  const struct nf_dict_row_fields *fields, u64 spot,
		  struct nf_dict_value *value)
{
	unsigned int mark = FIELD_GET(NF_DICT_SPOT_MARK, spot);
	const u8 *bytes = (const u8 *)fields;
	const void *at = bytes + FIELD_GET(NF_DICT_SPOT_VALUE, spot);

	/* The row may be older than the field. */
	if (unlikely(mark >= row->room * NF_DICT_ROOM_UNIT))
		return false;

	value->type = FIELD_GET(NF_DICT_SPOT_TYPE, spot);
	if (nf_dict_type_has_atom(value->type)) {
		value->bits = nf_dict_row_load(row, at);
		return value->bits;
	}

	if (!(bytes[mark] >> FIELD_GET(NF_DICT_SPOT_BIT, spot) & 1))
		return false;

	switch (value->type) {
	case NF_DICT_BOOL:
		value->bits = READ_ONCE(*(const u8 *)at);
		break;
	case NF_DICT_INT:
		value->bits = (s64)READ_ONCE(*(const s32 *)at);
		break;
	case NF_DICT_IPV4_ADDR:
		value->bits = nf_dict_short_bits(READ_ONCE(*(const u32 *)at));
		break;
	default:
		value->bits = nf_dict_row_load(row, at);
	}

	return true;
}

/* Write the value of an existing field of a packed row. */
static inline void nf_dict_spot_write(struct nf_dict_row_fields *fields,
				      u64 spot, u64 bits)
{
	void *at = (u8 *)fields + FIELD_GET(NF_DICT_SPOT_VALUE, spot);

	switch (FIELD_GET(NF_DICT_SPOT_TYPE, spot)) {
	case NF_DICT_BOOL:
		WRITE_ONCE(*(u8 *)at, bits);
		break;
	case NF_DICT_INT:
		WRITE_ONCE(*(u32 *)at, bits);
		break;
	case NF_DICT_IPV4_ADDR:
		WRITE_ONCE(*(u32 *)at, nf_dict_bits_short(bits));
		break;
	default:
		WRITE_ONCE(*(u64 *)at, bits);
	}
}

/* Add a field to a packed row that is not linked yet, or remove it. */
static inline void nf_dict_spot_mark(struct nf_dict_row_fields *fields,
				     u64 spot, bool there)
{
	u8 *mark = (u8 *)fields + FIELD_GET(NF_DICT_SPOT_MARK, spot);
	u8 bit = 1 << FIELD_GET(NF_DICT_SPOT_BIT, spot);

	if (nf_dict_type_has_atom(FIELD_GET(NF_DICT_SPOT_TYPE, spot)))
		return;
	if (there)
		*mark |= bit;
	else
		*mark &= ~bit;
}

/*
 * Find a field and set @spot to its place. Return false if the row lacks it; if
 * the row is packed and its layout has the field, @spot is set all the same,
 * and valid for all rows of the layout.
 */
static inline bool nf_dict_row_find(const struct nf_dict_row *row,
				    const struct nf_dict_atom *field, u64 *spot)
{
	const u32 *ids = nf_dict_row_ids(row);
	const struct nf_dict_layout *layout;
	struct nf_dict_value value;
	u32 id = field->id;
	unsigned int i;

	if (!row->nfields) {
		layout = nf_dict_row_layout(field->ns, row);
		return layout && nf_dict_layout_find(layout, field, spot) &&
		       nf_dict_spot_read(row, nf_dict_row_fields(row), *spot,
					 &value);
	}

	for (i = 0; i < row->nfields; i++) {
		if (ids[i] >> NF_DICT_ID_SHIFT == id) {
			*spot = i;
			return true;
		}
	}

	return false;
}

/* Read the field at @spot. Return false if it is missing, in a packed row. */
static inline bool nf_dict_row_get(const struct nf_dict_row *row, u64 spot,
				   struct nf_dict_value *value)
{
	if (!row->nfields)
		return nf_dict_spot_read(row, nf_dict_row_fields(row), spot,
					 value);

	value->type = nf_dict_row_ids(row)[spot] & NF_DICT_ID_TYPE;
	value->bits = nf_dict_row_load(row, &nf_dict_row_values(row)[spot]);

	return true;
}

/* Overwrite the value at @spot with one of its type, under the row's lock. */
static inline void nf_dict_row_set(struct nf_dict_row *row, u64 spot, u64 bits)
{
	struct nf_dict_row_fields *fields = nf_dict_row_fields(row);

	nf_dict_row_write_begin(row);
	if (row->nfields)
		WRITE_ONCE(nf_dict_row_values(row)[spot], bits);
	else
		nf_dict_spot_write(fields, spot, bits);
	nf_dict_row_write_end(row);
}

/* nf_dict_row_find() and nf_dict_row_get() in one call. */
static inline bool nf_dict_row_peek(const struct nf_dict_row *row,
				    const struct nf_dict_atom *field,
				    struct nf_dict_value *value)
{
	u64 spot;

	return nf_dict_row_find(row, field, &spot) &&
	       nf_dict_row_get(row, spot, value);
}

/*
 * Iterate over the fields of a row: their number, including fields that a
 * packed row lacks; the i-th field, false if it is missing.
 */
static inline unsigned int
nf_dict_row_count(const struct nf_dict_row *row,
		  const struct nf_dict_layout *layout)
{
	return layout ? layout->n : row->nfields;
}

static inline bool nf_dict_row_get_nth(const struct nf_dict_row *row,
				       const struct nf_dict_layout *layout,
				       unsigned int i,
				       struct nf_dict_value *value)
{
	return nf_dict_row_get(row, layout ? layout->fields[i].spot : i, value);
}

/* Name of the i-th field, under the RCU read lock. */
static inline struct nf_dict_atom *
nf_dict_row_nth(struct nf_dict_ns *ns, const struct nf_dict_row *row,
		const struct nf_dict_layout *layout, unsigned int i)
{
	if (layout)
		return layout->fields[i].name;

	return xa_load(&ns->field_ids,
		       nf_dict_row_ids(row)[i] >> NF_DICT_ID_SHIFT);
}

#endif /* _NF_DICT_LAYOUT_H */
