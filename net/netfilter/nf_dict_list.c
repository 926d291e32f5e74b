// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lists of strings: a sorted set of members, interned as a whole.
 *
 * The bytes of a list are its members in ascending order, each once, separated
 * by NULs. So equal lists are one atom, for which patterns cache their verdicts
 * as for a string.
 */
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>

#include "nf_dict_internal.h"

/* Append a member to the @len bytes of a list. Return the new length. */
static unsigned int nf_dict_list_append(char *list, unsigned int len,
					const char *member, unsigned int n)
{
	if (len)
		list[len++] = 0;
	memcpy(list + len, member, n);

	return len + n;
}

static int nf_dict_list_cmp(const void *a, const void *b, const void *data)
{
	return strcmp(data + *(const u16 *)a, data + *(const u16 *)b);
}

/*
 * Copy the members of @src, each followed by a NUL, to @list, sorted and
 * without duplicates. Return the length of the list, or an error.
 */
static int nf_dict_list_sort(char *list, const char *src, unsigned int len)
{
	unsigned int i, n = 0, out = 0;
	u16 at[NF_DICT_LIST_MAX];

	for (i = 0; i < len; i += strlen(src + i) + 1) {
		if (!src[i])
			return -EINVAL;
		if (n == ARRAY_SIZE(at))
			return -E2BIG;
		at[n++] = i;
	}
	/* An empty member at the end. */
	if (len && !src[len - 1])
		return -EINVAL;

	sort_r(at, n, sizeof(at[0]), nf_dict_list_cmp, NULL, src);
	for (i = 0; i < n; i++)
		if (!i || strcmp(src + at[i - 1], src + at[i]))
			out = nf_dict_list_append(list, out, src + at[i],
						  strlen(src + at[i]));

	return out;
}

/**
 * nf_dict_list_init - make a value of a list
 * @ns: namespace
 * @value: filled in; owns a reference
 * @data: the members, in any order, separated by NULs
 * @len: bytes at @data
 * @gfp: as for kmalloc()
 *
 * Context: any but hard interrupts; sleeps if @gfp allows.
 * Return: 0; -EINVAL if a member is empty; -E2BIG if there are too many;
 * -ENAMETOOLONG; -ENOMEM; -ENOSPC or -EBUSY, see nf_dict_atom_get(). On error
 * @value is undefined.
 */
int nf_dict_list_init(struct nf_dict_ns *ns, struct nf_dict_value *value,
		      const void *data, unsigned int len, gfp_t gfp)
{
	char *buf, *src;
	int n;

	if (len > NF_DICT_STRING_MAX)
		return -ENAMETOOLONG;

	buf = kmalloc(2 * (len + 1), gfp | __GFP_NOWARN);
	if (!buf)
		return -ENOMEM;
	src = buf + len + 1;
	memcpy(src, data, len);
	src[len] = 0;

	n = nf_dict_list_sort(buf, src, len);
	if (n >= 0)
		n = nf_dict_value_intern(ns, value, NF_DICT_STRING_LIST, buf, n,
					 gfp);
	kfree(buf);

	return n;
}

/*
 * Write the union of @a and @b to @list, or with @subtract the members of @a
 * that are not in @b. Return the length, or -ENAMETOOLONG: too many members or
 * bytes.
 */
static int nf_dict_list_merge(char *list, const struct nf_dict_atom *a,
			      const struct nf_dict_atom *b, bool subtract)
{
	unsigned int i = 0, j = 0, n = 0, len = 0, size;
	const char *member;
	int cmp;

	while (i < a->len || (j < b->len && !subtract)) {
		cmp = i >= a->len ? 1 : j >= b->len ? -1 :
		      strcmp(a->data + i, b->data + j);
		member = cmp > 0 ? b->data + j : a->data + i;
		size = strlen(member);
		if (cmp <= 0)
			i += size + 1;
		if (cmp >= 0)
			j += size + 1;
		if (subtract && cmp >= 0)
			continue;
		if (n++ == NF_DICT_LIST_MAX ||
		    len + !!len + size > NF_DICT_STRING_MAX)
			return -ENAMETOOLONG;
		len = nf_dict_list_append(list, len, member, size);
	}

	return len;
}

/**
 * nf_dict_list_change - add members to a list, or remove them
 * @ns: namespace
 * @value: the members to add or remove; replaced by the resulting list, with a
 *	reference
 * @list: the list, which is not changed
 * @subtract: remove instead of add
 * @gfp: as for kmalloc()
 *
 * Context: any but hard interrupts; sleeps if @gfp allows.
 * Return: 0; -EINVAL if one of the values is not a list; -ENAMETOOLONG if the
 * result has too many members or bytes; -ENOMEM; -ENOSPC or -EBUSY, see
 * nf_dict_atom_get(). On error @value is unchanged.
 */
int nf_dict_list_change(struct nf_dict_ns *ns, struct nf_dict_value *value,
			const struct nf_dict_value *list, bool subtract,
			gfp_t gfp)
{
	struct nf_dict_value result;
	char *buf;
	int n;

	if (value->type != NF_DICT_STRING_LIST ||
	    list->type != NF_DICT_STRING_LIST)
		return -EINVAL;

	buf = kmalloc(NF_DICT_STRING_MAX + 1, gfp | __GFP_NOWARN);
	if (!buf)
		return -ENOMEM;
	n = nf_dict_list_merge(buf, nf_dict_value_atom(list),
			       nf_dict_value_atom(value), subtract);
	if (n >= 0)
		n = nf_dict_value_intern(ns, &result, NF_DICT_STRING_LIST, buf,
					 n, gfp);
	kfree(buf);
	if (n)
		return n;

	nf_dict_value_put(value);
	*value = result;

	return 0;
}
