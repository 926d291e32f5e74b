// SPDX-License-Identifier: GPL-2.0
/*
 * Unloads the modules of dict tables while they are in use: either this is
 * refused, or processes that hold a descriptor get errors and nothing worse.
 *
 * Nothing else may use the modules meanwhile. All are loaded afterwards.
 */
#define _GNU_SOURCE

#include <arpa/inet.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include "../../kselftest_harness.h"
#include "nf_dict_mnl.h"

#define NODES		"/proc/net/dict/"
#define BUFFER		65536
/* More rows than fit in a dump message or in a page of a listing. */
#define ROWS		5000
#define QUEUE		3
#define QUEUE_RULES						\
	"ip link set lo up && nft -f - 2>/dev/null <<END\n"	\
	"table ip t {\n"					\
	"	chain out {\n"					\
	"		type filter hook output priority 0;\n"	\
	"		ct state new udp dport 5000-5001 queue num 3\n" \
	"	}\n"						\
	"}\n"							\
	"END\n"

static char buffer[BUFFER];

static bool loaded(const char *module)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/module/%s/refcnt", module);

	return !access(path, F_OK);
}

static int load(const char *module)
{
	char command[64];

	snprintf(command, sizeof(command), "modprobe -q %s", module);

	return system(command);
}

static int unload(const char *module)
{
	return syscall(SYS_delete_module, module, O_NONBLOCK) ? -errno : 0;
}

/* Retry, since references may be released in the background. */
static int unload_soon(const char *module)
{
	int ret, i;

	for (i = 0; i < 1000; i++) {
		ret = unload(module);
		if (ret != -EAGAIN && ret != -EBUSY)
			break;
		usleep(10000);
	}

	return ret;
}

static struct nlmsghdr *message(int type, int flags, const char *table)
{
	return dict_msg(buffer, type, flags, table);
}

static int transact(struct mnl_socket *sock, const struct nlmsghdr *nlh)
{
	return nfnl_talk(sock, nlh, buffer, sizeof(buffer));
}

static int write_rows(struct mnl_socket *sock, unsigned int n)
{
	struct nlmsghdr *nlh;
	unsigned int i, j;
	int err;

	for (i = 0; i < n;) {
		nlh = message(NFDICT_MSG_ROW_NEW, NLM_F_CREATE | NLM_F_ACK, "t");
		for (j = 0; j < 500 && i < n; i++, j++)
			put_row(nlh, KEY_INT(i), INT("f", i));
		err = transact(sock, nlh);
		if (err)
			return err;
	}

	return 0;
}

static int open_node(const char *node, int flags)
{
	char path[64];

	snprintf(path, sizeof(path), NODES "%s", node);

	return open(path, flags);
}

static int write_proc(int fd, unsigned int key)
{
	char text[64];
	int len = snprintf(text, sizeof(text),
			   "table=t,key_int=%u,field=f,int=%u", key, key);

	return write(fd, text, len) == len ? 0 : -errno;
}

/* Create or delete a table of class ct. */
static int conn_table(struct mnl_socket *sock, bool create)
{
	struct nlmsghdr *nlh;

	nlh = message(create ? NFDICT_MSG_TABLE_NEW : NFDICT_MSG_TABLE_DEL,
		      NLM_F_ACK | (create ? NLM_F_CREATE | NLM_F_EXCL : 0), "c");
	if (create)
		mnl_attr_put_u32(nlh, NFDICTA_KEY_CLASS, htonl(NF_DICT_KEY_CT));

	return transact(sock, nlh);
}

static int conn_row(struct mnl_socket *sock, uint32_t id)
{
	struct nlmsghdr *nlh;

	nlh = message(NFDICT_MSG_ROW_NEW, NLM_F_CREATE | NLM_F_ACK, "c");
	put_row(nlh, KEY_INT(id), INT("f", 1));

	return transact(sock, nlh);
}

static struct nlmsghdr *queue_message(int type, int flags)
{
	return nfnl_msg(buffer, NFNL_SUBSYS_QUEUE << 8 | type, flags, AF_UNSPEC,
			QUEUE);
}

/* Receive packets from the queue, with their conntrack attributes. */
static int queue_bind(struct mnl_socket *sock)
{
	struct nfqnl_msg_config_params params = {
		.copy_range	= htonl(64),
		.copy_mode	= NFQNL_COPY_PACKET,
	};
	struct nfqnl_msg_config_cmd cmd = {
		.command	= NFQNL_CFG_CMD_BIND,
	};
	struct nlmsghdr *nlh;
	int err;

	nlh = queue_message(NFQNL_MSG_CONFIG, NLM_F_ACK);
	mnl_attr_put(nlh, NFQA_CFG_CMD, sizeof(cmd), &cmd);
	err = transact(sock, nlh);
	if (err)
		return err;

	nlh = queue_message(NFQNL_MSG_CONFIG, NLM_F_ACK);
	mnl_attr_put(nlh, NFQA_CFG_PARAMS, sizeof(params), &params);
	mnl_attr_put_u32(nlh, NFQA_CFG_FLAGS, htonl(NFQA_CFG_F_CONNTRACK));
	mnl_attr_put_u32(nlh, NFQA_CFG_MASK, htonl(NFQA_CFG_F_CONNTRACK));

	return transact(sock, nlh);
}

/* Get the next packet's number in the queue and its connection's id. */
static int queue_next(int fd, uint32_t *packet, uint32_t *id)
{
	const struct nlmsghdr *nlh = (struct nlmsghdr *)buffer;
	const struct nfqnl_msg_packet_hdr *hdr;
	const struct nlattr *attr, *ct;

	*packet = 0;
	*id = 0;
	if (recv(fd, buffer, sizeof(buffer), 0) < 0)
		return -errno;
	mnl_attr_for_each(attr, nlh, sizeof(struct nfgenmsg)) {
		switch (mnl_attr_get_type(attr)) {
		case NFQA_PACKET_HDR:
			hdr = mnl_attr_get_payload(attr);
			*packet = ntohl(hdr->packet_id);
			break;
		case NFQA_CT:
			mnl_attr_for_each_nested(ct, attr)
				if (mnl_attr_get_type(ct) == CTA_ID)
					*id = ntohl(mnl_attr_get_u32(ct));
			break;
		}
	}

	return *packet && *id ? 0 : -EPROTO;
}

static int queue_accept(int fd, uint32_t packet)
{
	struct nfqnl_msg_verdict_hdr verdict = {
		.verdict	= htonl(NF_ACCEPT),
		.id		= htonl(packet),
	};
	struct nlmsghdr *nlh = queue_message(NFQNL_MSG_VERDICT, 0);

	mnl_attr_put(nlh, NFQA_VERDICT_HDR, sizeof(verdict), &verdict);

	return send(fd, nlh, nlh->nlmsg_len, 0) < 0 ? -errno : 0;
}

/* A UDP socket on the loopback device that is connected to itself. */
static int udp_socket(unsigned int port)
{
	struct sockaddr_in sa = {
		.sin_family	= AF_INET,
		.sin_port	= htons(port),
		.sin_addr	= { htonl(INADDR_LOOPBACK) },
	};
	struct timeval patience = { .tv_sec = 10 };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (fd < 0)
		return -errno;
	if (bind(fd, (void *)&sa, sizeof(sa)) ||
	    connect(fd, (void *)&sa, sizeof(sa)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience,
		       sizeof(patience))) {
		close(fd);
		return -EINVAL;
	}

	return fd;
}

FIXTURE(nf_dict_unload) {
	struct mnl_socket *sock;
};

FIXTURE_SETUP(nf_dict_unload)
{
	if (unshare(CLONE_NEWNET))
		SKIP(return, "needs root");
	load("nfnetlink_dict");
	load("nf_dict_procfs");
	if (!loaded("nf_dict") || !loaded("nfnetlink_dict") ||
	    !loaded("nf_dict_procfs"))
		SKIP(return, "dict tables are not modules here");
	self->sock = nfnl_open(0, 0);
	ASSERT_NE(NULL, self->sock);
}

FIXTURE_TEARDOWN(nf_dict_unload)
{
	if (self->sock)
		mnl_socket_close(self->sock);
	load("nfnetlink_dict");
	load("nf_dict_procfs");
}

TEST_F(nf_dict_unload, store_in_use)
{
	EXPECT_EQ(-EWOULDBLOCK, unload("nf_dict"));
}

/* A dump in progress holds a reference to the module. */
TEST_F(nf_dict_unload, dump)
{
	struct nlmsghdr *nlh;

	ASSERT_EQ(0, write_rows(self->sock, ROWS));
	nlh = message(NFDICT_MSG_ROW_GET, NLM_F_DUMP, NULL);
	ASSERT_GT(mnl_socket_sendto(self->sock, nlh, nlh->nlmsg_len), 0);
	ASSERT_GT(mnl_socket_recvfrom(self->sock, buffer, sizeof(buffer)), 0);
	EXPECT_EQ(-EWOULDBLOCK, unload("nfnetlink_dict"));

	mnl_socket_close(self->sock);
	self->sock = NULL;
	EXPECT_EQ(0, unload_soon("nfnetlink_dict"));
}

/* A listener gets no events while the module is unloaded, and later ones. */
TEST_F(nf_dict_unload, listener)
{
	int node, listener;
	struct mnl_socket *sock;

	sock = nfnl_open(0, NFNLGRP_DICT);
	ASSERT_NE(NULL, sock);
	listener = mnl_socket_get_fd(sock);
	node = open_node("write", O_WRONLY);
	ASSERT_GE(node, 0);

	/* The table, and the row. */
	EXPECT_EQ(0, write_proc(node, 1));
	EXPECT_GT(recv(listener, buffer, sizeof(buffer), MSG_DONTWAIT), 0);
	EXPECT_GT(recv(listener, buffer, sizeof(buffer), MSG_DONTWAIT), 0);

	ASSERT_EQ(0, unload_soon("nfnetlink_dict"));
	EXPECT_EQ(0, write_proc(node, 2));
	EXPECT_EQ(-1, recv(listener, buffer, sizeof(buffer), MSG_DONTWAIT));

	ASSERT_EQ(0, load("nfnetlink_dict"));
	EXPECT_EQ(0, write_proc(node, 3));
	EXPECT_GT(recv(listener, buffer, sizeof(buffer), MSG_DONTWAIT), 0);
	EXPECT_EQ(-1, recv(listener, buffer, sizeof(buffer), MSG_DONTWAIT));
	close(node);
	mnl_socket_close(sock);
}

/* The nodes are removed; open descriptors of them return errors. */
TEST_F(nf_dict_unload, nodes)
{
	int all, read_node, write_node, delete_node;
	static const char select[] = "table=t";

	ASSERT_EQ(0, write_rows(self->sock, ROWS));
	all = open_node("all", O_RDONLY);
	read_node = open_node("read", O_RDWR);
	write_node = open_node("write", O_WRONLY);
	delete_node = open_node("delete", O_WRONLY);
	ASSERT_GE(all, 0);
	ASSERT_GE(read_node, 0);
	ASSERT_GE(write_node, 0);
	ASSERT_GE(delete_node, 0);

	/* In the middle of two listings. */
	EXPECT_GT(read(all, buffer, 1000), 0);
	EXPECT_EQ(sizeof(select) - 1,
		  write(read_node, select, sizeof(select) - 1));
	EXPECT_GT(read(read_node, buffer, 1000), 0);
	EXPECT_EQ(0, write_proc(write_node, ROWS + 1));

	ASSERT_EQ(0, unload_soon("nf_dict_procfs"));
	EXPECT_LT(read(all, buffer, 1000), 0);
	EXPECT_LT(read(read_node, buffer, 1000), 0);
	EXPECT_NE(0, write_proc(write_node, ROWS + 2));
	EXPECT_LT(write(delete_node, select, sizeof(select) - 1), 0);
	EXPECT_EQ(-1, open_node("all", O_RDONLY));

	/* Old descriptors still fail once there are new nodes. */
	ASSERT_EQ(0, load("nf_dict_procfs"));
	EXPECT_LT(read(all, buffer, 1000), 0);
	close(all);
	all = open_node("all", O_RDONLY);
	EXPECT_GT(read(all, buffer, 1000), 0);
	close(all);
	close(read_node);
	close(write_node);
	close(delete_node);
}

/* nft_dict loads nf_dict_procfs, since legacy daemons rely on its nodes. */
TEST_F(nf_dict_unload, expression_brings_nodes)
{
	ASSERT_EQ(0, unload_soon("nf_dict_procfs"));
	if (loaded("nft_dict"))
		ASSERT_EQ(0, unload_soon("nft_dict"));
	EXPECT_NE(0, access(NODES "all", F_OK));
	ASSERT_EQ(0, load("nft_dict"));
	if (!loaded("nft_dict"))
		SKIP(return, "the expression is built in");
	EXPECT_TRUE(loaded("nf_dict_procfs"));
	EXPECT_EQ(0, access(NODES "all", F_OK));

	/* Autoloading requests the alias. */
	ASSERT_EQ(0, unload_soon("nf_dict_procfs"));
	ASSERT_EQ(0, unload_soon("nft_dict"));
	ASSERT_EQ(0, load("nft-expr-dict"));
	EXPECT_EQ(0, access(NODES "all", F_OK));
}

/*
 * The first packets of two connections, one of them with a row, are queued
 * while the module is unloaded and loaded again. Both are accepted.
 */
TEST_F(nf_dict_unload, connections)
{
	uint32_t packet[2], id[2];
	struct mnl_socket *sock;
	int udp[2], queue, i;
	char byte = 0;

	load("nf_dict_ct");
	if (!loaded("nf_dict_ct"))
		SKIP(return, "no connection tracking, or it is built in");
	if (system(QUEUE_RULES))
		SKIP(return, "no nft, or no queue");
	sock = nfnl_open(0, 0);
	ASSERT_NE(NULL, sock);
	queue = mnl_socket_get_fd(sock);
	ASSERT_EQ(0, queue_bind(sock));
	udp[0] = udp_socket(5000);
	udp[1] = udp_socket(5001);
	ASSERT_GE(udp[0], 0);
	ASSERT_GE(udp[1], 0);

	ASSERT_EQ(0, conn_table(self->sock, true));
	ASSERT_EQ(1, send(udp[0], &byte, 1, 0));
	ASSERT_EQ(0, queue_next(queue, &packet[0], &id[0]));
	EXPECT_EQ(0, conn_row(self->sock, id[0]));
	EXPECT_EQ(-EWOULDBLOCK, unload("nf_dict_ct"));

	/* Without the table, nothing holds the module. */
	EXPECT_EQ(0, conn_table(self->sock, false));
	ASSERT_EQ(0, unload_soon("nf_dict_ct"));
	ASSERT_EQ(1, send(udp[1], &byte, 1, 0));
	ASSERT_EQ(0, queue_next(queue, &packet[1], &id[1]));
	EXPECT_EQ(0, queue_accept(queue, packet[0]));
	EXPECT_EQ(1, recv(udp[0], &byte, 1, 0));

	/* Creating the table loads the module; the second packet is queued. */
	ASSERT_EQ(0, conn_table(self->sock, true));
	EXPECT_TRUE(loaded("nf_dict_ct"));
	EXPECT_EQ(0, conn_row(self->sock, id[0]));
	EXPECT_EQ(0, queue_accept(queue, packet[1]));
	EXPECT_EQ(1, recv(udp[1], &byte, 1, 0));
	/* Requires that a packet of it has met a rule that uses the table. */
	EXPECT_EQ(-ENOENT, conn_row(self->sock, id[1]));
	EXPECT_EQ(-EWOULDBLOCK, unload("nf_dict_ct"));

	EXPECT_EQ(0, conn_table(self->sock, false));
	EXPECT_EQ(0, unload_soon("nf_dict_ct"));
	for (i = 0; i < 2; i++)
		close(udp[i]);
	mnl_socket_close(sock);
}

/* All modules, with tables full of rows. */
TEST_F(nf_dict_unload, everything)
{
	ASSERT_EQ(0, write_rows(self->sock, ROWS));
	mnl_socket_close(self->sock);
	self->sock = NULL;
	EXPECT_EQ(0, unload_soon("nfnetlink_dict"));
	EXPECT_EQ(0, unload_soon("nf_dict_procfs"));
	if (loaded("nft_dict"))
		EXPECT_EQ(0, unload_soon("nft_dict"));
	if (loaded("nft_dict_obj"))
		EXPECT_EQ(0, unload_soon("nft_dict_obj"));
	if (loaded("nf_dict_ct"))
		EXPECT_EQ(0, unload_soon("nf_dict_ct"));
	EXPECT_EQ(0, unload_soon("nf_dict"));
	EXPECT_FALSE(loaded("nf_dict"));
}

TEST_HARNESS_MAIN
