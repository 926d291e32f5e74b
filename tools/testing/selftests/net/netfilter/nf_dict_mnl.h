/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Requests about dict tables with libmnl, for the selftests: sockets, headers,
 * keys, fields, rows and acknowledgments.
 */
#ifndef NF_DICT_MNL_H
#define NF_DICT_MNL_H

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_dict.h>
#include <linux/netlink.h>

/*
 * Open an nfnetlink socket with extended and capped acknowledgments, buffers of
 * @room bytes in both directions (0: the default), as a member of @group (0:
 * none). Return NULL on error.
 */
static inline struct mnl_socket *nfnl_open(int room, int group)
{
	struct mnl_socket *sock = mnl_socket_open(NETLINK_NETFILTER);
	int on = 1, fd;

	if (!sock)
		return NULL;
	fd = mnl_socket_get_fd(sock);
	mnl_socket_setsockopt(sock, NETLINK_EXT_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(sock, NETLINK_CAP_ACK, &on, sizeof(on));
	if (room) {
		setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room));
		setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	}
	if (mnl_socket_bind(sock, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    (group && mnl_socket_setsockopt(sock, NETLINK_ADD_MEMBERSHIP,
					    &group, sizeof(group)) < 0)) {
		mnl_socket_close(sock);
		return NULL;
	}

	return sock;
}

/* Begin a message at @buf, with a new sequence number. */
static inline struct nlmsghdr *nfnl_msg(void *buf, int type, int flags,
					int family, int res_id)
{
	static uint32_t seq;
	struct nfgenmsg *nfg;
	struct nlmsghdr *nlh;

	nlh = mnl_nlmsg_put_header(buf);
	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	nlh->nlmsg_seq = ++seq;
	nfg = mnl_nlmsg_put_extra_header(nlh, sizeof(*nfg));
	nfg->nfgen_family = family;
	nfg->version = NFNETLINK_V0;
	nfg->res_id = htons(res_id);

	return nlh;
}

/* Begin a message about dict tables, about @table unless it is NULL. */
static inline struct nlmsghdr *dict_msg(void *buf, int type, int flags,
					const char *table)
{
	struct nlmsghdr *nlh = nfnl_msg(buf, NFNL_SUBSYS_DICT << 8 | type,
					flags, AF_UNSPEC, 0);

	if (table)
		mnl_attr_put_strz(nlh, NFDICTA_TABLE, table);

	return nlh;
}

/**
 * struct nfnl_ack - an acknowledgment
 * @err: 0 or a negative error
 * @msg: the reason, "" if none is given
 * @offs: offset of the attribute at fault in the request, or -1
 * @missing: type of the attribute that is missing, or 0
 */
struct nfnl_ack {
	int		err;
	const char	*msg;
	int		offs;
	int		missing;
};

static inline struct nfnl_ack nfnl_ack(const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *err = mnl_nlmsg_get_payload(nlh);
	struct nfnl_ack ack = { .err = err->error, .msg = "", .offs = -1 };
	size_t skip = sizeof(*err);
	const struct nlattr *attr;

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return ack;
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
		skip += err->msg.nlmsg_len - NLMSG_HDRLEN;
	mnl_attr_for_each(attr, nlh, skip) {
		switch (mnl_attr_get_type(attr)) {
		case NLMSGERR_ATTR_MSG:
			ack.msg = mnl_attr_get_str(attr);
			break;
		case NLMSGERR_ATTR_OFFS:
			ack.offs = mnl_attr_get_u32(attr);
			break;
		case NLMSGERR_ATTR_MISS_TYPE:
			ack.missing = mnl_attr_get_u32(attr);
			break;
		}
	}

	return ack;
}

/*
 * Send a request and receive its whole answer into @buf. Return 0 or a negative
 * error, either the kernel's or the socket's.
 */
static inline int nfnl_talk(struct mnl_socket *sock, const struct nlmsghdr *nlh,
			    void *buf, size_t size)
{
	int fd = mnl_socket_get_fd(sock), n;
	uint32_t seq = nlh->nlmsg_seq;
	const struct nlmsghdr *reply;
	ssize_t len;

	if (send(fd, nlh, nlh->nlmsg_len, 0) < 0)
		return -errno;
	for (;;) {
		len = recv(fd, buf, size, 0);
		if (len < 0)
			return -errno;
		n = len;
		for (reply = buf; mnl_nlmsg_ok(reply, n);
		     reply = mnl_nlmsg_next(reply, &n))
			if (reply->nlmsg_seq == seq &&
			    (reply->nlmsg_type == NLMSG_ERROR ||
			     reply->nlmsg_type == NLMSG_DONE))
				return *(int *)mnl_nlmsg_get_payload(reply);
	}
}

/**
 * struct dict_key - a key
 * @type: NFDICTA_KEY_*
 * @num: the number if @data is NULL
 * @data: the payload of the attribute
 * @len: bytes at @data
 */
struct dict_key {
	int		type;
	uint64_t	num;
	const void	*data;
	int		len;
};

/**
 * struct dict_field - a field
 * @name: its name; NULL ends an array of fields
 * @type: NFDICTA_FIELD_*, or 0 for the name alone
 * @num: the number if @data is NULL
 * @data: the payload of the attribute; of a list, its members separated by
 *	commas
 * @len: bytes at @data
 * @op: NFDICT_FIELD_OP_*, or 0 for none
 */
struct dict_field {
	const char	*name;
	int		type;
	int64_t		num;
	const void	*data;
	int		len;
	uint32_t	op;
};

#define KEY_INT(n)	((struct dict_key){ .type = NFDICTA_KEY_INT,	       \
					    .num = (n) })
#define KEY_BYTES(t, d, n)						       \
	((struct dict_key){ .type = NFDICTA_KEY_##t, .data = (d), .len = (n) })
/* @d is a string constant; its NUL is not sent. */
#define KEY_DATA(t, d)	KEY_BYTES(t, d, sizeof(d) - 1)

#define INT(f, n)	((struct dict_field){ .name = (f), .num = (n),	       \
					      .type = NFDICTA_FIELD_INT })
#define INT64(f, n)	((struct dict_field){ .name = (f), .num = (n),	       \
					      .type = NFDICTA_FIELD_INT64 })
#define BOOL(f, n)	((struct dict_field){ .name = (f), .num = (n),	       \
					      .type = NFDICTA_FIELD_BOOL })
#define BYTES(f, t, d, n)						       \
	((struct dict_field){ .name = (f), .type = NFDICTA_FIELD_##t,	       \
			      .data = (d), .len = (n) })
#define DATA(f, t, d)	BYTES(f, t, d, sizeof(d) - 1)
/* The same field with an operation. */
#define ADD(f)		with_op(f, NFDICT_FIELD_OP_ADD)
#define SUB(f)		with_op(f, NFDICT_FIELD_OP_SUB)
#define NAME(f)		((struct dict_field){ .name = (f) })
#define END		((struct dict_field){ .name = NULL })

static inline struct dict_field with_op(struct dict_field f, uint32_t op)
{
	f.op = op;

	return f;
}

static inline struct dict_key key_str(const char *s)
{
	return KEY_BYTES(STRING, s, strlen(s));
}

static inline struct dict_field str(const char *name, const char *s)
{
	return BYTES(name, LONG_STRING, s, strlen(s));
}

static inline struct dict_field list(const char *name, const char *s)
{
	return BYTES(name, STRING_LIST, s, strlen(s));
}

static inline void put_be64(struct nlmsghdr *nlh, int type, uint64_t v)
{
	mnl_attr_put_u64(nlh, type, htobe64(v));
}

static inline void put_key_as(struct nlmsghdr *nlh, int type,
			      struct dict_key key)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, type);

	if (key.data)
		mnl_attr_put(nlh, key.type, key.len, key.data);
	else
		put_be64(nlh, key.type, key.num);
	mnl_attr_nest_end(nlh, nest);
}

static inline void put_key(struct nlmsghdr *nlh, struct dict_key key)
{
	put_key_as(nlh, NFDICTA_ROW_KEY, key);
}

static inline void put_list(struct nlmsghdr *nlh, const char *members)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, NFDICTA_FIELD_STRING_LIST);
	size_t len;

	for (; *members; members += len + (members[len] == ',')) {
		len = strcspn(members, ",");
		mnl_attr_put(nlh, NFDICTA_LIST_MEMBER, len, members);
	}
	mnl_attr_nest_end(nlh, nest);
}

static inline void put_value(struct nlmsghdr *nlh, const struct dict_field *f)
{
	if (f->type == NFDICTA_FIELD_STRING_LIST)
		put_list(nlh, f->data);
	else if (f->data)
		mnl_attr_put(nlh, f->type, f->len, f->data);
	else if (f->type == NFDICTA_FIELD_BOOL)
		mnl_attr_put_u8(nlh, f->type, f->num);
	else if (f->type == NFDICTA_FIELD_INT)
		mnl_attr_put_u32(nlh, f->type, htonl(f->num));
	else if (f->type == NFDICTA_FIELD_INT64)
		put_be64(nlh, f->type, f->num);
}

static inline void put_field(struct nlmsghdr *nlh, struct dict_field f)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, NFDICTA_ROW_FIELD);

	mnl_attr_put(nlh, NFDICTA_FIELD_NAME, strlen(f.name), f.name);
	put_value(nlh, &f);
	if (f.op)
		mnl_attr_put_u32(nlh, NFDICTA_FIELD_OP, htonl(f.op));
	mnl_attr_nest_end(nlh, nest);
}

static inline void put_fields(struct nlmsghdr *nlh, const struct dict_field *f)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, NFDICTA_ROW_FIELDS);

	for (; f->name; f++)
		put_field(nlh, *f);
	mnl_attr_nest_end(nlh, nest);
}

/* Put a row; without NFDICTA_ROW_FIELDS if @fields is empty. */
static inline void put_row_array(struct nlmsghdr *nlh, struct dict_key key,
				 const struct dict_field *fields)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, NFDICTA_ROW);

	put_key(nlh, key);
	if (fields->name)
		put_fields(nlh, fields);
	mnl_attr_nest_end(nlh, nest);
}

#define put_row(nlh, key, ...)						       \
	put_row_array(nlh, key, (const struct dict_field[]){ __VA_ARGS__, END })
#define put_row_key(nlh, key)	put_row_array(nlh, key, &END)

/* Put an NFDICTA_DECL: a field @name of @type. */
static inline void put_decl(struct nlmsghdr *nlh, const char *name,
			    uint32_t type)
{
	struct nlattr *decl = mnl_attr_nest_start(nlh, NFDICTA_DECL);

	mnl_attr_put_strz(nlh, NFDICTA_DECL_NAME, name);
	mnl_attr_put_u32(nlh, NFDICTA_DECL_TYPE, htonl(type));
	mnl_attr_nest_end(nlh, decl);
}

#endif /* NF_DICT_MNL_H */
