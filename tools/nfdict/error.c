// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * libnfdict: errors as text
 *
 * Copyright (C) 2026 The nft_dict authors
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "internal.h"

const struct nfdict_error *nfdict_error(const struct nfdict *nd)
{
	return &nd->error;
}

static bool about_table(const struct nfdict_error *error)
{
	return error->at == NFDICT_AT_TABLE || error->at == NFDICT_AT_TABLE2;
}

static bool about_row(const struct nfdict_error *error)
{
	return error->at == NFDICT_AT_ROW || error->at == NFDICT_AT_KEY;
}

const char *nfdict_strerror(const struct nfdict_error *error)
{
	/* For these, the offset tells which object is meant. */
	if (error->message[0] && strcmp(error->message, "does not exist") &&
	    strcmp(error->message, "exists already"))
		return error->message;
	switch (-error->code) {
	case EPERM:
		return "permission denied: this needs CAP_NET_ADMIN";
	case ENOENT:
		if (error->at == NFDICT_AT_FIELD)
			return "field does not exist";
		return about_row(error) ? "row does not exist" :
		       "table does not exist";
	case EEXIST:
		return about_row(error) ? "row exists already" :
		       "table exists already";
	case EBUSY:
		return error->kernel ? "table is used by rules" :
		       "the handle is busy with a batch, or listens";
	case ENFILE:
		return "the table is full";
	case E2BIG:
		return "too many fields";
	case ENAMETOOLONG:
		return "name or string is too long";
	case ETIMEDOUT:
		return "the kernel does not answer";
	case ENOBUFS:
		return "messages of the kernel were lost";
	case EINVAL:
		/* The kernel reports an offset for each error of its own. */
		if (error->kernel && error->at == NFDICT_AT_UNKNOWN)
			return "this kernel has no dict tables (nfnetlink_dict)";
		return strerror(EINVAL);
	default:
		return strerror(-error->code);
	}
}

int nfdict_error_print(const struct nfdict_error *error, char *buf,
		       size_t size)
{
	char key[NFDICT_TEXT_MAX];
	bool has_key = !about_table(error) &&
		       error->key.type != NFDICT_KEY_UNSPEC &&
		       nfdict_key_print(&error->key, key, sizeof(key)) >= 0;

	return snprintf(buf, size, "%s%s%s%s%s%s%s", error->table,
			error->table[0] ? ": " : "", has_key ? key : "",
			has_key ? ": " : "", error->field,
			error->field[0] ? ": " : "", nfdict_strerror(error));
}
