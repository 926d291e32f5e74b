// SPDX-License-Identifier: GPL-2.0-only
/*
 * nfdict(8): words of a command line in a file, and durations
 *
 * Copyright (C) 2025 The nft_dict authors
 *
 * Words are separated by blanks. Between double quotes, blanks are part of the
 * word and a backslash makes: \n newline, \t tab, \r return, \xHH a byte, and
 * of anything else that character. A # that begins a word begins a comment.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Reads the escape after a backslash; moves *src to its last character. */
static int unescape(const char **src, const char **error)
{
	const char *s = *src;
	int hi, lo;

	switch (*s) {
	case 'n':
		return '\n';
	case 't':
		return '\t';
	case 'r':
		return '\r';
	case 'x':
		hi = hex_digit(s[1]);
		lo = hi < 0 ? -1 : hex_digit(s[2]);
		if (lo < 0) {
			*error = "\\x needs two hexadecimal digits";
			return -1;
		}
		if (!hi && !lo) {
			*error = "a NUL byte cannot be stored";
			return -1;
		}
		*src = s + 2;
		return hi << 4 | lo;
	case '\0':
		*error = "unfinished quotes";
		return -1;
	default:
		return (unsigned char)*s;
	}
}

/**
 * lex_words() - split a line into words, in place
 * @line: line without its newline
 * @words: result, room for %WORDS_MAX
 * @error: on failure, what is wrong
 *
 * Return: number of words, or -1.
 */
int lex_words(char *line, char **words, const char **error)
{
	const char *src = line;
	char *dst = line;
	bool quoted;
	int n = 0, c;

	for (;;) {
		src += strspn(src, " \t\r");
		if (!*src || *src == '#')
			return n;
		if (n == WORDS_MAX) {
			*error = "too many words";
			return -1;
		}
		words[n++] = dst;
		for (quoted = false; *src; src++) {
			c = (unsigned char)*src;
			if (c == '"') {
				quoted = !quoted;
				continue;
			}
			if (!quoted && (c == ' ' || c == '\t' || c == '\r'))
				break;
			if (quoted && c == '\\') {
				src++;
				c = unescape(&src, error);
				if (c < 0)
					return -1;
			}
			*dst++ = c;
		}
		if (quoted) {
			*error = "unfinished quotes";
			return -1;
		}
		/* The NUL replaces the blank or a byte before it. */
		if (*src)
			src++;
		*dst++ = '\0';
	}
}

/* Length of the UTF-8 sequence at @s, 0 if it is invalid. */
static size_t utf8_len(const unsigned char *s, size_t len)
{
	size_t need, i;
	uint32_t c;

	if (s[0] < 0x80)
		return 1;
	if (s[0] >= 0xc2 && s[0] <= 0xdf) {
		need = 2;
		c = s[0] & 0x1f;
	} else if ((s[0] & 0xf0) == 0xe0) {
		need = 3;
		c = s[0] & 0x0f;
	} else if (s[0] >= 0xf0 && s[0] <= 0xf4) {
		need = 4;
		c = s[0] & 0x07;
	} else {
		return 0;
	}
	if (need > len)
		return 0;
	for (i = 1; i < need; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	if ((need == 3 && c < 0x800) || (need == 4 && c < 0x10000) ||
	    (c >= 0xd800 && c <= 0xdfff) || c > 0x10ffff)
		return 0;
	return need;
}

static bool plain(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || (c && strchr("_.,:/@%+=^-", c));
}

/**
 * lex_put() - write a word in the syntax of lex_words()
 * @out: where to
 * @text: the word
 * @len: its length
 *
 * Shells parse it alike, except control characters and bytes that are not
 * UTF-8.
 */
void lex_put(FILE *out, const char *text, size_t len)
{
	const unsigned char *s = (const unsigned char *)text;
	bool quotes = !len;
	size_t i, n;

	for (i = 0; i < len && !quotes; i += n) {
		n = utf8_len(s + i, len - i);
		if (!n || (n == 1 && !plain(s[i])))
			quotes = true;
	}
	if (!quotes) {
		fwrite(text, 1, len, out);
		return;
	}
	putc('"', out);
	for (i = 0; i < len; i += n) {
		n = utf8_len(s + i, len - i);
		if (n > 1) {
			fwrite(s + i, 1, n, out);
			continue;
		}
		if (!n || s[i] < 0x20 || s[i] == 0x7f) {
			n = 1;
			if (s[i] == '\n')
				fputs("\\n", out);
			else if (s[i] == '\t')
				fputs("\\t", out);
			else if (s[i] == '\r')
				fputs("\\r", out);
			else
				fprintf(out, "\\x%02x", s[i]);
			continue;
		}
		if (strchr("\"\\$`", s[i]))
			putc('\\', out);
		putc(s[i], out);
	}
	putc('"', out);
}

/**
 * json_string() - write a string as JSON
 * @out: where to
 * @text: string
 * @len: its length
 *
 * JSON is UTF-8. A byte that is not valid UTF-8 becomes the lone surrogate
 * U+DC00 + byte, like Python's surrogateescape, so that nothing is lost.
 */
void json_string(FILE *out, const char *text, size_t len)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t i, n;

	putc('"', out);
	for (i = 0; i < len; i += n) {
		n = utf8_len(s + i, len - i);
		if (!n) {
			n = 1;
			fprintf(out, "\\udc%02x", s[i]);
		} else if (n > 1) {
			fwrite(s + i, 1, n, out);
		} else if (s[i] == '"' || s[i] == '\\') {
			fprintf(out, "\\%c", s[i]);
		} else if (s[i] < 0x20 || s[i] == 0x7f) {
			fprintf(out, "\\u%04x", s[i]);
		} else {
			putc(s[i], out);
		}
	}
	putc('"', out);
}

/**
 * lex_duration() - read a duration
 * @text: seconds with up to three decimals, or in nft's notation: 1d2h3m4s5ms
 * @ms: result, in milliseconds
 *
 * Return: 0, -EINVAL, -ERANGE.
 */
int lex_duration(const char *text, uint64_t *ms)
{
	static const struct {
		const char *name;
		uint64_t ms;
	} units[] = {
		{ "d", 86400000 }, { "h", 3600000 }, { "ms", 1 },
		{ "m", 60000 }, { "s", 1000 },
	};
	uint64_t num, scale, total = 0;
	unsigned int i;
	char *end;

	if (!*text)
		return -EINVAL;
	while (*text) {
		if (*text < '0' || *text > '9')
			return -EINVAL;
		errno = 0;
		num = strtoull(text, &end, 10);
		/* Seven more digits fit into 64 bits: no overflow below. */
		if (errno || num > NFDICT_TIMEOUT_MAX)
			return -ERANGE;
		if (!total && (!*end || *end == '.')) {
			total = num * 1000;
			for (scale = 100; *end && *++end; scale /= 10) {
				if (*end < '0' || *end > '9' || !scale)
					return -EINVAL;
				total += (*end - '0') * scale;
			}
			if (end[-1] == '.')
				return -EINVAL;
			break;
		}
		for (i = 0; i < ARRAY_SIZE(units); i++)
			if (!strncmp(end, units[i].name,
				     strlen(units[i].name)))
				break;
		if (i == ARRAY_SIZE(units))
			return -EINVAL;
		total += num * units[i].ms;
		if (total > NFDICT_TIMEOUT_MAX)
			return -ERANGE;
		text = end + strlen(units[i].name);
	}
	if (total > NFDICT_TIMEOUT_MAX)
		return -ERANGE;
	*ms = total;
	return 0;
}

/* Writes a duration in seconds, without needless decimals. */
void lex_put_duration(FILE *out, uint64_t ms)
{
	char frac[8];
	size_t n;

	fprintf(out, "%" PRIu64, ms / 1000);
	if (!(ms % 1000))
		return;
	n = snprintf(frac, sizeof(frac), ".%03u", (unsigned int)(ms % 1000));
	while (frac[n - 1] == '0')
		frac[--n] = '\0';
	fputs(frac, out);
}
