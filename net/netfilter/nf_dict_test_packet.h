/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For tests: a packet whose connection has the extension of dict tables.
 */
#ifndef _NF_DICT_TEST_PACKET_H
#define _NF_DICT_TEST_PACKET_H

#include <linux/skbuff.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_dict.h>

/**
 * struct nf_dict_test_packet - a packet that only has a connection
 * @skb: the packet
 * @ct: its connection, of which only the id and the extensions are valid
 * @room: extensions of @ct: &struct nf_ct_ext, then &struct nf_conn_dict
 */
struct nf_dict_test_packet {
	struct sk_buff	skb;
	struct nf_conn	ct;
	u64		room[8];
};

/*
 * Makes @p, which is zeroed, a packet of a connection whose id is the number
 * @id. Returns the extension.
 */
static inline struct nf_conn_dict *
nf_dict_test_packet_init(struct nf_dict_test_packet *p, u32 id)
{
	size_t offset = round_up(sizeof(struct nf_ct_ext), sizeof(u64));
#if IS_ENABLED(CONFIG_NF_DICT_CT)
	struct nf_ct_ext *ext = (struct nf_ct_ext *)p->room;

	ext->offset[NF_CT_EXT_DICT] = offset;
	p->ct.ext = ext;
	p->ct.id = (__force u32)cpu_to_be32(id);
	nf_ct_set(&p->skb, &p->ct, IP_CT_ESTABLISHED);
#endif
	BUILD_BUG_ON(offset + sizeof(struct nf_conn_dict) > sizeof(p->room));

	return (struct nf_conn_dict *)((u8 *)p->room + offset);
}

#endif /* _NF_DICT_TEST_PACKET_H */
