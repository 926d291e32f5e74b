// SPDX-License-Identifier: GPL-2.0-only
/*
 * nfdict(8): output that can be discarded
 *
 * Copyright (C) 2026 The nft_dict authors
 *
 * A listing may turn out to be inconsistent at its end. It is kept until then,
 * in memory if it is short, otherwise in an unlinked file.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

/* Most bytes to keep in memory. */
#define SPOOL_MEMORY	(1024 * 1024)

/**
 * struct spool - output that is kept
 *
 * @fd: file, or -1: there is none yet
 * @broken: no file could be created, all is kept in memory
 * @err: errno of a write that failed, or 0
 * @len: bytes in @buf
 * @size: room of @buf
 * @buf: output that is not in the file
 */
struct spool {
	int fd;
	bool broken;
	int err;
	size_t len;
	size_t size;
	char *buf;
};

static int spool_file(void)
{
	const char *dir = getenv("TMPDIR");
	char name[] = "/tmp/nfdict.XXXXXX";
	int fd;

	fd = open(dir && *dir ? dir : "/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC,
		  0600);
	if (fd < 0) {
		fd = mkostemp(name, O_CLOEXEC);
		if (fd >= 0)
			unlink(name);
	}
	return fd;
}

static int write_all(int fd, const char *buf, size_t len)
{
	ssize_t n;

	for (; len; buf += n, len -= n) {
		n = write(fd, buf, len);
		if (n < 0 && errno != EINTR)
			return -1;
		if (n < 0)
			n = 0;
	}
	return 0;
}

static ssize_t spool_write(void *cookie, const char *data, size_t len)
{
	struct spool *spool = cookie;
	size_t size;
	char *buf;

	if (spool->len + len > SPOOL_MEMORY && !spool->broken) {
		if (spool->fd < 0)
			spool->fd = spool_file();
		spool->broken = spool->fd < 0;
		if (!spool->broken &&
		    (write_all(spool->fd, spool->buf, spool->len) ||
		     write_all(spool->fd, data, len))) {
			spool->err = errno;
			return 0;
		}
		if (!spool->broken) {
			spool->len = 0;
			return len;
		}
	}
	if (spool->len + len > spool->size) {
		size = 2 * (spool->len + len) + 4096;
		buf = realloc(spool->buf, size);
		if (!buf) {
			spool->err = errno;
			return 0;
		}
		spool->buf = buf;
		spool->size = size;
	}
	memcpy(spool->buf + spool->len, data, len);
	spool->len += len;
	return len;
}

static int spool_close(void *cookie)
{
	struct spool *spool = cookie;

	if (spool->fd >= 0)
		close(spool->fd);
	free(spool->buf);
	free(spool);
	return 0;
}

/* Creates a spool and a stream that writes to it; fclose() frees both. */
struct spool *spool_open(FILE **out)
{
	static const cookie_io_functions_t functions = {
		.write = spool_write, .close = spool_close,
	};
	struct spool *spool = calloc(1, sizeof(*spool));

	if (!spool)
		return NULL;
	spool->fd = -1;
	*out = fopencookie(spool, "w", functions);
	if (!*out) {
		free(spool);
		return NULL;
	}
	setvbuf(*out, NULL, _IOFBF, 65536);
	return spool;
}

/* Discards what was written. */
void spool_drop(struct spool *spool, FILE *out)
{
	fflush(out);
	clearerr(out);
	spool->len = 0;
	spool->err = 0;
	if (spool->fd >= 0 &&
	    (ftruncate(spool->fd, 0) || lseek(spool->fd, 0, SEEK_SET)))
		spool->err = errno;
}

/**
 * spool_print() - copy the output to another stream
 * @spool: spool, empty afterwards
 * @out: its stream
 * @to: other stream
 *
 * Return: 0 or a negative errno of the spool; errors of @to stay there.
 */
int spool_print(struct spool *spool, FILE *out, FILE *to)
{
	static char buf[65536];
	ssize_t n;

	fflush(out);
	if (!spool->err && spool->fd >= 0) {
		if (lseek(spool->fd, 0, SEEK_SET))
			spool->err = errno;
		while (!spool->err && (n = read(spool->fd, buf, sizeof(buf)))) {
			if (n < 0 && errno != EINTR)
				spool->err = errno;
			else if (n > 0 && fwrite(buf, 1, n, to) < (size_t)n)
				break;
		}
	}
	if (!spool->err && spool->len)
		fwrite(spool->buf, 1, spool->len, to);
	n = -spool->err;
	spool_drop(spool, out);
	return n;
}
