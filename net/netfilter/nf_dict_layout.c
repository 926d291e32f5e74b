// SPDX-License-Identifier: GPL-2.0-only
/*
 * Layouts: places of the fields in rows of a table that declares all of them.
 */
#include <linux/slab.h>

#include "nf_dict_layout.h"

/* Bits in the id of a layout, which in other ids are the type of the field. */
#define NF_DICT_LAYOUT_ID_BITS	NF_DICT_ID_SHIFT

/* Offset of the byte with these bits. */
static unsigned int nf_dict_layout_id_mark(void)
{
	unsigned int at = offsetof(struct nf_dict_row_fields, ids);

	return IS_ENABLED(CONFIG_CPU_BIG_ENDIAN) ? at + sizeof(u32) - 1 : at;
}

/* Bytes of a value, and its alignment. */
static unsigned int nf_dict_layout_bytes(u8 type)
{
	switch (type) {
	case NF_DICT_BOOL:
		return sizeof(u8);
	case NF_DICT_INT:
	case NF_DICT_IPV4_ADDR:
		return sizeof(u32);
	default:
		return sizeof(u64);
	}
}

static u8 nf_dict_layout_type(const struct nf_dict_layout *layout,
			      unsigned int i)
{
	return FIELD_GET(NF_DICT_SPOT_TYPE, layout->fields[i].spot);
}

/*
 * Pick the next field from @i on to place: the longest one that leaves no gap,
 * otherwise the shortest one. Return @n if all are placed.
 */
static unsigned int nf_dict_layout_pick(const struct nf_dict_layout *layout,
					unsigned int i)
{
	unsigned int best = layout->n, best_bytes = UINT_MAX, bytes;
	bool best_fits = false, fits, better;

	for (; i < layout->n; i++) {
		if (FIELD_GET(NF_DICT_SPOT_VALUE, layout->fields[i].spot))
			continue;
		bytes = nf_dict_layout_bytes(nf_dict_layout_type(layout, i));
		fits = IS_ALIGNED(layout->end, bytes);
		if (fits)
			better = !best_fits || bytes > best_bytes;
		else
			better = !best_fits && bytes < best_bytes;
		if (!better)
			continue;
		best = i;
		best_bytes = bytes;
		best_fits = fits;
	}

	return best;
}

/* Place the values of the fields from @from on. */
static void nf_dict_layout_place(struct nf_dict_layout *layout,
				 unsigned int from)
{
	unsigned int i, bytes;

	while ((i = nf_dict_layout_pick(layout, from)) < layout->n) {
		bytes = nf_dict_layout_bytes(nf_dict_layout_type(layout, i));
		layout->end = ALIGN(layout->end, bytes);
		layout->fields[i].spot |= FIELD_PREP(NF_DICT_SPOT_VALUE,
						     layout->end);
		layout->end += bytes;
	}
}

/* Place the bits that say whether these fields exist. */
static void nf_dict_layout_mark(struct nf_dict_layout *layout,
				unsigned int from)
{
	unsigned int i, bit;
	u64 *spot;

	for (i = from; i < layout->n; i++) {
		spot = &layout->fields[i].spot;
		if (nf_dict_type_has_atom(nf_dict_layout_type(layout, i))) {
			*spot |= FIELD_PREP(NF_DICT_SPOT_MARK,
					    FIELD_GET(NF_DICT_SPOT_VALUE,
						      *spot));
			continue;
		}
		bit = layout->bits++;
		if (bit >= NF_DICT_LAYOUT_ID_BITS) {
			bit = (bit - NF_DICT_LAYOUT_ID_BITS) % BITS_PER_BYTE;
			if (!bit)
				layout->mark = layout->end++;
		}
		*spot |= FIELD_PREP(NF_DICT_SPOT_MARK, layout->mark) |
			 FIELD_PREP(NF_DICT_SPOT_BIT, bit);
	}
}

/* Fill in @layout; fields of @old, which may be NULL, keep their places. */
static void nf_dict_layout_fill(struct nf_dict_layout *layout,
				const struct nf_dict_layout *old,
				const struct nf_dict_decls *decls)
{
	unsigned int i, n = 0, known = old ? old->n : 0;
	struct nf_dict_atom *name;
	u64 spot;

	BUILD_BUG_ON(sizeof(struct nf_dict_row_fields) + sizeof(u32) +
		     NF_DICT_FIELDS_MAX * (sizeof(u64) + 1) >
		     FIELD_MAX(NF_DICT_SPOT_VALUE));

	for (; n < known; n++)
		layout->fields[n] = old->fields[n];
	for (i = 0; i < decls->n; i++) {
		name = decls->fields[i].field;
		if (old && nf_dict_layout_find(old, name, &spot))
			continue;
		layout->fields[n].name = name;
		layout->fields[n++].spot =
			FIELD_PREP(NF_DICT_SPOT_LAYOUT,
				   layout->id >> NF_DICT_ID_SHIFT) |
			FIELD_PREP(NF_DICT_SPOT_TYPE, decls->fields[i].type);
	}
	for (i = 0; i < n; i++)
		nf_dict_field_hold(layout->fields[i].name);

	nf_dict_layout_place(layout, known);
	nf_dict_layout_mark(layout, known);
}

static void nf_dict_layout_free(struct nf_dict_layout *layout)
{
	unsigned int i;

	/* Readers of the layout may read the names, freed by RCU as well. */
	for (i = 0; i < layout->n; i++)
		nf_dict_field_put(layout->fields[i].name);
	kfree_rcu(layout, rcu);
}

/**
 * nf_dict_layout_alloc - allocate memory for a layout
 * @decls: declaration of the table
 *
 * Context: process; may sleep.
 * Return: the layout, to free with kfree(), or NULL if there is no memory.
 */
struct nf_dict_layout *nf_dict_layout_alloc(const struct nf_dict_decls *decls)
{
	struct nf_dict_layout *layout;

	layout = kzalloc(struct_size(layout, fields, decls->n),
			 GFP_KERNEL_ACCOUNT);
	if (layout)
		layout->n = decls->n;

	return layout;
}

/**
 * nf_dict_layout_create - create a layout for the contents of a table
 * @ns: namespace
 * @decls: declaration of the table, or NULL
 * @id: set to the id of the layout, or to 0 if rows cannot be packed: there may
 *	be undeclared fields, or all numbers of layouts have been used
 *
 * Context: process, under the mutex; may sleep.
 * Return: 0; -ENOMEM.
 */
int nf_dict_layout_create(struct nf_dict_ns *ns,
			  const struct nf_dict_decls *decls, u32 *id)
{
	struct nf_dict_layout *layout;
	int err;

	*id = 0;
	if (!decls || decls->open ||
	    ns->next_layout > FIELD_MAX(NF_DICT_LAYOUT_NUM))
		return 0;

	layout = nf_dict_layout_alloc(decls);
	if (!layout)
		return -ENOMEM;

	layout->id = NF_DICT_LAYOUT_FLAG |
		     FIELD_PREP(NF_DICT_LAYOUT_NUM, ns->next_layout++);
	layout->end = offsetof(struct nf_dict_row_fields, ids) + sizeof(u32);
	layout->mark = nf_dict_layout_id_mark();
	nf_dict_layout_fill(layout, NULL, decls);

	err = xa_insert_bh(&ns->layouts, nf_dict_layout_num(layout->id), layout,
			   GFP_KERNEL_ACCOUNT);
	if (err) {
		nf_dict_layout_free(layout);
		return err;
	}
	*id = layout->id;

	return 0;
}

/**
 * nf_dict_layout_destroy - undo nf_dict_layout_create()
 * @ns: namespace
 * @id: id of the layout
 *
 * Context: process; may sleep.
 */
void nf_dict_layout_destroy(struct nf_dict_ns *ns, u32 id)
{
	if (id)
		nf_dict_layout_free(xa_erase_bh(&ns->layouts,
						nf_dict_layout_num(id)));
}

/**
 * nf_dict_layout_grow - add fields to the layout of a table's contents
 * @rows: the contents, whose rows are packed
 * @new: what nf_dict_layout_alloc() returned for @decls
 * @decls: its new declaration, which includes all existing fields
 *
 * Existing rows do not change. Cannot fail.
 *
 * Context: process, under the mutex, before the table has the new declaration.
 */
void nf_dict_layout_grow(struct nf_dict_rows *rows, struct nf_dict_layout *new,
			 const struct nf_dict_decls *decls)
{
	struct nf_dict_ns *ns = rows->ns;
	struct nf_dict_layout *old = nf_dict_layout_of(ns, rows->layout);

	new->id = old->id;
	new->end = old->end;
	new->bits = old->bits;
	new->mark = old->mark;
	nf_dict_layout_fill(new, old, decls);

	/* Replaces an entry, so it allocates nothing. */
	xa_store_bh(&ns->layouts, nf_dict_layout_num(new->id), new, GFP_ATOMIC);
	nf_dict_layout_free(old);
}
