// SPDX-License-Identifier: GPL-2.0-only
/*
 * Layouts: where rows have their fields if their table declares all of them.
 */
#include <linux/slab.h>

#include "nf_dict_layout.h"

/* Bits in the id of a layout, where other rows have the type of a field. */
#define NF_DICT_LAYOUT_ID_BITS	NF_DICT_ID_SHIFT

/* Offset of the byte with these. */
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
 * Of the fields from @i on that have no place yet, one that leaves no gap, the
 * longest; otherwise the shortest. Return @n if all have their place.
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

/* Find a place for the values of the fields from @from on. */
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

/* The same for the bits that say whether they are there. */
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

/* Fill in @layout, with the fields of @old, unless NULL, where that has them. */
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

	/* Names are freed after a grace period, too. */
	for (i = 0; i < layout->n; i++)
		nf_dict_field_put(layout->fields[i].name);
	kfree_rcu(layout, rcu);
}

/**
 * nf_dict_layout_alloc - allocate room for a layout
 * @decls: what the table declares
 *
 * Context: process; may sleep.
 * Return: a layout, which kfree() frees; NULL if there is no memory.
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
 * nf_dict_layout_create - make a layout for the contents of a table
 * @ns: namespace
 * @decls: what the table declares, or NULL
 * @id: what the layout has as its id, 0 if rows are not to be packed: the table
 *	may have other fields, or the namespace had as many layouts as there are
 *	numbers
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
 * @id: what that set
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
 * nf_dict_layout_grow - add to the layout of a table's contents
 * @rows: the contents, whose rows are packed
 * @new: what nf_dict_layout_alloc() returned for @decls
 * @decls: its new declaration, with all fields that there are
 *
 * Rows that are there stay as they are. Does not fail.
 *
 * Context: process, under the mutex, but before the table declares it.
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

	/* Replaces an entry, and so takes no memory. */
	xa_store_bh(&ns->layouts, nf_dict_layout_num(new->id), new, GFP_ATOMIC);
	nf_dict_layout_free(old);
}
