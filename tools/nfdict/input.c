// SPDX-License-Identifier: GPL-2.0-only
/*
 * nfdict(8): reading a file of commands
 *
 * Copyright (C) 2026 The nft_dict authors
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"

static volatile sig_atomic_t stop_signal;

static void on_signal(int sig)
{
	stop_signal = sig;
}

/* Whether a signal that ends the program was received. */
bool input_stopped(void)
{
	return stop_signal;
}

/* Opens a file; without a name, standard input. Return: exit status. */
int input_open(struct cli *cli, struct input *in, const char *name)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_handler = on_signal }, old;
	struct stat st;
	unsigned int i;

	in->cli = cli;
	in->fd = STDIN_FILENO;
	if (name)
		in->fd = open(name, O_RDONLY | O_CLOEXEC);
	if (in->fd < 0)
		return cli_fail(cli, STATUS_ERROR, "%s: %s", name,
				strerror(errno));
	if (!fstat(in->fd, &st)) {
		if (S_ISDIR(st.st_mode))
			return cli_fail(cli, STATUS_ERROR, "%s: %s",
					name ? name : "standard input",
					strerror(EISDIR));
		in->regular = S_ISREG(st.st_mode);
		in->bytes = in->regular ? st.st_size : 0;
	}
	/* Keep signals ignored that nohup(1) or the like ignores. */
	for (i = 0; i < ARRAY_SIZE(signals); i++)
		if (!sigaction(signals[i], NULL, &old) &&
		    old.sa_handler != SIG_IGN)
			sigaction(signals[i], &action, NULL);
	cli->source = name ? name : "standard input";
	return 0;
}

/* Closes the file, and lets a pending signal end the program. */
int input_close(struct input *in)
{
	in->cli->source = NULL;
	if (in->fd != STDIN_FILENO)
		close(in->fd);
	if (stop_signal) {
		signal(stop_signal, SIG_DFL);
		raise(stop_signal);
	}
	return 0;
}

/* Skips the byte order mark that some editors write. */
static int skip_mark(struct input *in)
{
	const unsigned char *buf = (unsigned char *)in->buf;

	if (in->end >= 2 && ((buf[0] == 0xff && buf[1] == 0xfe) ||
			     (buf[0] == 0xfe && buf[1] == 0xff)))
		return cli_fail(in->cli, STATUS_USAGE,
				"text in UTF-16; it must be UTF-8");
	if (in->end >= 3 && !memcmp(buf, "\xef\xbb\xbf", 3))
		in->start = 3;
	return 0;
}

/* Reads more. Sends the queued requests first if the writer pauses. */
static int refill(struct input *in)
{
	struct pollfd poll_in = { .fd = in->fd, .events = POLLIN };
	struct cli *cli = in->cli;
	bool first = !in->done && !in->end;
	size_t room;
	ssize_t n;

	memmove(in->buf, in->buf + in->start, in->end - in->start);
	in->end -= in->start;
	in->start = 0;
	if (in->end == LINE_MAX_BYTES) {
		cli->line++;
		return cli_fail(cli, STATUS_USAGE, "line is too long");
	}
	if (!in->regular && !poll(&poll_in, 1, 0)) {
		if (nfdict_batch_flush(cli->nd))
			return cli_kernel_fail(cli, cli->nd, NULL, NULL);
		fflush(stdout);
	}
	/* A byte order mark must be complete to be recognized. */
	do {
		room = LINE_MAX_BYTES - in->end;
		if (room > READ_MAX)
			room = READ_MAX;
		n = stop_signal ? -1 : read(in->fd, in->buf + in->end, room);
		if (n > 0)
			in->end += n;
		in->eof = !n;
	} while ((n < 0 && errno == EINTR && !stop_signal) ||
		 (first && n > 0 && in->end < 3));
	if (n < 0)
		return stop_signal ? STATUS_ERROR :
		       cli_fail(cli, STATUS_ERROR, "%s", strerror(errno));
	return first ? skip_mark(in) : 0;
}

/* Returns the next line in *line, NULL at the end. Return: exit status. */
int input_line(struct input *in, char **line)
{
	char *start, *end;
	int status;
	size_t seen = 0, len;

	for (;;) {
		start = in->buf + in->start;
		end = memchr(start + seen, '\n', in->end - in->start - seen);
		if (end)
			break;
		if (in->eof) {
			*line = NULL;
			if (in->start == in->end)
				return 0;
			/* The last line has no newline. */
			end = in->buf + in->end;
			in->end++;
			break;
		}
		seen = in->end - in->start;
		status = refill(in);
		if (status)
			return status;
		/* The byte order mark was skipped. */
		if (in->start)
			seen = 0;
	}
	*end = '\0';
	len = end - start;
	in->start += len + 1;
	in->done += len + 1;
	in->cli->line++;
	if (strlen(start) != len)
		return cli_fail(in->cli, STATUS_USAGE, "a NUL byte");
	*line = start;
	return 0;
}

/* Reads a byte. Return: the byte, -1 at the end, -2 after an error. */
int input_char(struct input *in)
{
	while (in->start == in->end) {
		if (in->eof)
			return -1;
		if (refill(in))
			return -2;
	}
	in->done++;
	return (unsigned char)in->buf[in->start++];
}
