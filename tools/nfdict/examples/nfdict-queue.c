// SPDX-License-Identifier: GPL-2.0-only
/*
 * Example of a daemon that classifies connections for the firewall.
 *
 * It reads packets from an nfqueue until it knows the application and the name
 * of the server, and writes both into the row of the connection. From then on,
 * rules use the row, and packets are no longer queued:
 *
 *   nft add rule inet filter forward \
 *	dict sessions ct id application missing queue num 0 bypass
 *   nft add rule inet filter forward \
 *	dict sessions ct id server_name long_string "*.example.com" reject
 *
 * usage: nfdict-queue [-v] [-q QUEUE] [-t TABLE]
 *
 * Copyright (C) 2025 The nft_dict authors
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netfilter/nfnetlink_queue.h>

#include <nfdict.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* Lifetime of a row in milliseconds, for connections whose end is not noticed.
 * A real daemon would renew the rows of connections that live longer.
 */
#define LIFETIME	(24 * 3600 * 1000ULL)
/* Most bytes of a packet that are of interest. */
#define COPY_MAX	4096

/**
 * struct packet - what a packet says of its connection
 *
 * @application: NULL: not known yet
 * @server_name: not terminated; NULL: not known
 * @server_name_len: its length
 */
struct packet {
	const char *application;
	const char *server_name;
	size_t server_name_len;
};

struct daemon {
	struct mnl_socket *queue;
	unsigned int queue_num;
	struct nfdict *nd;
	const char *table;
	bool verbose;
};

static unsigned int be16(const uint8_t *p)
{
	return p[0] << 8 | p[1];
}

/* The server_name extension of a TLS ClientHello (RFC 6066), if all of it is
 * in this packet.
 */
static void classify_tls(const uint8_t *p, size_t len, struct packet *pkt)
{
	size_t skip, type, size;

	/* Record header, handshake header, version, random. */
	if (len < 5 + 4 + 2 + 32 + 1 || p[0] != 22 || p[1] != 3 || p[5] != 1)
		return;
	pkt->application = "TLS";
	p += 5 + 4 + 2 + 32;
	len -= 5 + 4 + 2 + 32;

	skip = 1 + p[0];			/* session id */
	if (len < skip + 2)
		return;
	p += skip;
	len -= skip;
	skip = 2 + be16(p);			/* cipher suites */
	if (len < skip + 1)
		return;
	p += skip;
	len -= skip;
	skip = 1 + p[0] + 2;			/* compression, length */
	if (len < skip)
		return;
	p += skip;
	len -= skip;

	for (; len >= 4; p += 4 + size, len -= 4 + size) {
		type = be16(p);
		size = be16(p + 2);
		if (len < 4 + size)
			return;
		if (type || size < 5)
			continue;
		/* One list, its first entry: a host name. */
		skip = be16(p + 7);
		if (p[6] || skip + 5 > size)
			return;
		pkt->server_name = (const char *)p + 9;
		pkt->server_name_len = skip;
		return;
	}
}

static void classify_http(const uint8_t *p, size_t len, struct packet *pkt)
{
	static const char *const methods[] = {
		"GET ", "POST ", "HEAD ", "PUT ", "DELETE ", "OPTIONS ",
	};
	const char *start = (const char *)p, *end, *host;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(methods); i++)
		if (len > strlen(methods[i]) &&
		    !memcmp(start, methods[i], strlen(methods[i])))
			break;
	if (i == ARRAY_SIZE(methods))
		return;
	pkt->application = "HTTP";
	host = memmem(start, len, "\r\nHost: ", 8);
	if (!host)
		return;
	host += 8;
	end = memchr(host, '\r', start + len - host);
	if (!end)
		return;
	pkt->server_name = host;
	pkt->server_name_len = end - host;
}

/* Lengths in the packet are not trusted: reads stay within @len bytes. */
static void classify(const uint8_t *p, size_t len, struct packet *pkt)
{
	unsigned int protocol;
	size_t header;

	if (len < 20)
		return;
	if (p[0] >> 4 == 4) {
		header = (p[0] & 15) * 4;
		protocol = p[9];
	} else if (p[0] >> 4 == 6 && len >= 40) {
		header = 40;
		protocol = p[6];
	} else {
		return;
	}
	if (len < header)
		return;
	p += header;
	len -= header;

	if (protocol == IPPROTO_UDP) {
		if (len >= 8)
			pkt->application = be16(p + 2) == 53 ||
					   be16(p) == 53 ? "DNS" : "UDP";
		return;
	}
	if (protocol != IPPROTO_TCP) {
		pkt->application = "OTHER";
		return;
	}
	if (len < 20)
		return;
	header = (p[12] >> 4) * 4;
	if (header < 20 || len <= header)
		return;		/* no data yet: wait for it */
	p += header;
	len -= header;
	classify_tls(p, len, pkt);
	if (!pkt->application)
		classify_http(p, len, pkt);
	if (!pkt->application)
		pkt->application = "TCP";
}

static int write_row(struct daemon *d, uint32_t id, const struct packet *pkt)
{
	struct nfdict_field fields[2];
	struct nfdict_row row = {
		.fields = fields, .has_timeout = true, .timeout = LIFETIME,
	};
	const struct nfdict_error *error;

	nfdict_key_int(&row.key, id);
	nfdict_field_bytes(&fields[row.nfields++], "application",
			   NFDICT_LONG_STRING, pkt->application,
			   strlen(pkt->application));
	/* A string that is too long or has a NUL is not a server name. */
	if (pkt->server_name_len &&
	    !nfdict_field_bytes(&fields[row.nfields], "server_name",
				NFDICT_LONG_STRING, pkt->server_name,
				pkt->server_name_len))
		row.nfields++;
	if (d->verbose)
		printf("%s %u: %s %.*s\n", d->table, id, pkt->application,
		       (int)pkt->server_name_len,
		       pkt->server_name ? pkt->server_name : "");
	if (!nfdict_row_set(d->nd, d->table, &row, NFDICT_F_CREATE))
		return 0;
	error = nfdict_error(d->nd);
	fprintf(stderr, "nfdict-queue: %s: %u: %s\n", d->table, id,
		error->message[0] ? error->message : strerror(-error->code));
	return -1;
}

static struct nlmsghdr *queue_message(struct daemon *d, char *buf, int type)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct nfgenmsg *nfg;

	nlh->nlmsg_type = NFNL_SUBSYS_QUEUE << 8 | type;
	nlh->nlmsg_flags = NLM_F_REQUEST;
	nfg = mnl_nlmsg_put_extra_header(nlh, sizeof(*nfg));
	nfg->nfgen_family = AF_UNSPEC;
	nfg->version = NFNETLINK_V0;
	nfg->res_id = htons(d->queue_num);
	return nlh;
}

static int queue_send(struct daemon *d, struct nlmsghdr *nlh)
{
	return mnl_socket_sendto(d->queue, nlh, nlh->nlmsg_len) < 0 ? -1 : 0;
}

static int queue_request(struct daemon *d, struct nlmsghdr *nlh)
{
	char buf[MNL_SOCKET_BUFFER_SIZE];
	ssize_t n;

	nlh->nlmsg_flags |= NLM_F_ACK;
	nlh->nlmsg_seq = 1;
	if (queue_send(d, nlh))
		return -1;
	n = mnl_socket_recvfrom(d->queue, buf, sizeof(buf));
	return n < 0 ? -1 : mnl_cb_run(buf, n, 1,
				       mnl_socket_get_portid(d->queue), NULL,
				       NULL);
}

static int queue_bind(struct daemon *d)
{
	struct nfqnl_msg_config_cmd cmd = { .command = NFQNL_CFG_CMD_BIND };
	struct nfqnl_msg_config_params params = {
		.copy_range = htonl(COPY_MAX), .copy_mode = NFQNL_COPY_PACKET,
	};
	uint32_t flags = NFQA_CFG_F_CONNTRACK | NFQA_CFG_F_GSO;
	char buf[1024];
	struct nlmsghdr *nlh;
	int one = 1;

	d->queue = mnl_socket_open(NETLINK_NETFILTER);
	if (!d->queue || mnl_socket_bind(d->queue, 0, MNL_SOCKET_AUTOPID))
		return -1;
	nlh = queue_message(d, buf, NFQNL_MSG_CONFIG);
	mnl_attr_put(nlh, NFQA_CFG_CMD, sizeof(cmd), &cmd);
	if (queue_request(d, nlh) < 0)
		return -1;
	nlh = queue_message(d, buf, NFQNL_MSG_CONFIG);
	mnl_attr_put(nlh, NFQA_CFG_PARAMS, sizeof(params), &params);
	mnl_attr_put_u32(nlh, NFQA_CFG_FLAGS, htonl(flags));
	mnl_attr_put_u32(nlh, NFQA_CFG_MASK, htonl(flags));
	if (queue_request(d, nlh) < 0)
		return -1;
	/* Do not fail with ENOBUFS if packets arrive faster than we read. */
	mnl_socket_setsockopt(d->queue, NETLINK_NO_ENOBUFS, &one, sizeof(one));
	return 0;
}

static void verdict(struct daemon *d, uint32_t packet_id)
{
	struct nfqnl_msg_verdict_hdr vh = {
		.verdict = htonl(1 /* NF_ACCEPT */), .id = packet_id,
	};
	struct nlmsghdr *nlh;
	char buf[256];

	nlh = queue_message(d, buf, NFQNL_MSG_VERDICT);
	mnl_attr_put(nlh, NFQA_VERDICT_HDR, sizeof(vh), &vh);
	if (queue_send(d, nlh))
		perror("nfdict-queue: answering");
}

static int packet_cb(const struct nlmsghdr *nlh, void *data)
{
	const struct nfqnl_msg_packet_hdr *ph = NULL;
	const struct nlattr *attr, *ct;
	struct daemon *d = data;
	struct packet pkt = {};
	const uint8_t *payload = NULL;
	bool has_ct = false;
	uint32_t id = 0;
	size_t len = 0;

	if (nlh->nlmsg_type != (NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_PACKET))
		return MNL_CB_OK;
	mnl_attr_for_each(attr, nlh, sizeof(struct nfgenmsg)) {
		switch (mnl_attr_get_type(attr)) {
		case NFQA_PACKET_HDR:
			if (mnl_attr_get_payload_len(attr) >= sizeof(*ph))
				ph = mnl_attr_get_payload(attr);
			break;
		case NFQA_PAYLOAD:
			payload = mnl_attr_get_payload(attr);
			len = mnl_attr_get_payload_len(attr);
			break;
		case NFQA_CT:
			mnl_attr_for_each_nested(ct, attr)
				if (mnl_attr_get_type(ct) == CTA_ID &&
				    !mnl_attr_validate(ct, MNL_TYPE_U32)) {
					id = ntohl(mnl_attr_get_u32(ct));
					has_ct = true;
				}
			break;
		}
	}
	if (!ph)
		return MNL_CB_OK;
	if (payload && has_ct)
		classify(payload, len, &pkt);
	/* Write the row before the verdict: the next packet must find it. */
	if (pkt.application)
		write_row(d, id, &pkt);
	verdict(d, ph->packet_id);
	return MNL_CB_OK;
}

int main(int argc, char **argv)
{
	static char buf[4 * COPY_MAX];
	struct daemon d = { .table = "sessions" };
	ssize_t n;
	int opt;

	while ((opt = getopt(argc, argv, "q:t:v")) != -1) {
		switch (opt) {
		case 'q':
			d.queue_num = strtoul(optarg, NULL, 0);
			break;
		case 't':
			d.table = optarg;
			break;
		case 'v':
			d.verbose = true;
			setvbuf(stdout, NULL, _IOLBF, 0);
			break;
		default:
			fprintf(stderr,
				"usage: %s [-v] [-q QUEUE] [-t TABLE]\n",
				argv[0]);
			return 2;
		}
	}
	d.nd = nfdict_open();
	if (!d.nd) {
		perror("nfdict-queue: netlink");
		return 1;
	}
	if (queue_bind(&d)) {
		fprintf(stderr, "nfdict-queue: queue %u: %s\n", d.queue_num,
			strerror(errno));
		return 1;
	}
	for (;;) {
		n = mnl_socket_recvfrom(d.queue, buf, sizeof(buf));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 || mnl_cb_run(buf, n, 0, 0, packet_cb, &d) < 0) {
			perror("nfdict-queue: receive");
			return 1;
		}
	}
}
