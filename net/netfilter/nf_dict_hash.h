/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Keyed hashes.
 */
#ifndef _NF_DICT_HASH_H
#define _NF_DICT_HASH_H

#include <linux/hash.h>

#include "nf_dict_internal.h"

/*
 * Hash of one word: a number, an address of up to 8 bytes, or the hash of a
 * string. Both halves are multiplied by odd factors that no sender knows. The
 * upper half of such a product is multiply-shift (Dietzfelbinger et al., 1997),
 * which is only universal: with one factor in 300 it puts consecutive numbers
 * into a few buckets. So the sum is folded and multiplied again. Most keys are
 * this short, and jhash takes 3 ns more, of 17 for a whole lookup.
 */
static __always_inline u32 nf_dict_word_hash(u64 num, u32 seed)
{
	u64 factor = (seed * GOLDEN_RATIO_64) | 1;
	u64 sum = (u32)num * factor + (num >> 32) * (ror64(factor, 29) | 1);

	return ((sum ^ sum >> 32) * GOLDEN_RATIO_64) >> 32;
}

/* Hash of longer keys. The seed is mixed into the key of the hash. */
static inline u32 nf_dict_bytes_hash(const void *data, unsigned int len,
				     u32 seed)
{
	hsiphash_key_t key = nf_dict_hash_key;

	key.key[0] ^= seed;

	return hsiphash(data, len, &key);
}

#endif /* _NF_DICT_HASH_H */
