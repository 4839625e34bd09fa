/* encoding.c - which 8-bit encoding a CFG is in, and its text as UTF-8. */
#include "text.h"

#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>

#include "host/core/utf8.h"

static bool is_utf8(const uint8_t *s, size_t len)
{
	uint32_t code;

	for (size_t i = 0, n; i < len; i += n) {
		n = cis_utf8_next(s + i, len - i, &code);
		if (n == 0)
			return false;
	}
	return true;
}

struct census {
	size_t high;   /* bytes from 0x80 */
	size_t lone;   /* of these, with ASCII on both sides */
	size_t cp1251; /* letters in CP1251 */
	size_t cp866;  /* letters in CP866 */
	size_t common; /* bytes of frequent characters in GB 2312 */
	size_t upper;  /* CP1251 capitals */
	bool gbk;      /* all pairs well-formed */
};

static void count_byte(struct census *c, uint8_t b)
{
	c->high++;
	c->upper += b >= 0xC0 && b <= 0xDF;
	c->cp1251 += b >= 0xC0 || b == 0xA8 || b == 0xB8 || b == 0xB9;
	c->cp866 += b <= 0xAF || (b >= 0xE0 && b <= 0xF1) || b == 0xFC;
}

static struct census take_census(const uint8_t *s, size_t len)
{
	struct census c = {.gbk = true};

	for (size_t i = 0; i < len; i++) {
		if (s[i] < 0x80)
			continue;
		count_byte(&c, s[i]);
		if ((i == 0 || s[i - 1] < 0x80) &&
		    (i + 1 == len || s[i + 1] < 0x80))
			c.lone++;
	}
	for (size_t i = 0; i < len && c.gbk; i++) {
		uint8_t a = s[i], b = i + 1 < len ? s[i + 1] : 0;

		if (a < 0x80)
			continue;
		c.gbk = a != 0x80 && a != 0xFF && b >= 0x40 && b != 0x7F &&
			b != 0xFF;
		if (b >= 0xA1 &&
		    ((a >= 0xB0 && a <= 0xD7) || (a >= 0xA1 && a <= 0xA9)))
			c.common += 2;
		i++;
	}
	return c;
}

/*
 * Chinese text is made of pairs from the two first levels of GB 2312, whose
 * second bytes are evenly spread: a third of them are no letters in CP1251.
 * Single high bytes between ASCII letters are accents or signs.
 */
static const char *guess(const uint8_t *s, size_t len)
{
	struct census c = take_census(s, len);
	size_t gbk = c.gbk ? c.common : 0;

	if (2 * c.lone > c.high)
		return "ISO-8859-1";
	if (gbk == c.high && c.cp1251 < c.high)
		return "GBK";
	if (gbk == c.high && c.upper < c.high)
		return "GBK";
	if (c.cp1251 >= c.cp866 && c.cp1251 >= gbk && 4 * c.cp1251 > 3 * c.high)
		return "CP1251";
	if (c.cp866 > gbk && 4 * c.cp866 > 3 * c.high)
		return "CP866";
	return 2 * gbk > c.high ? "GBK" : "ISO-8859-1";
}

static void latin1(const uint8_t *raw, size_t len, char *out)
{
	for (size_t i = 0; i < len; i++) {
		if (raw[i] < 0x80) {
			*out++ = (char)raw[i];
			continue;
		}
		*out++ = (char)(0xC0 | raw[i] >> 6);
		*out++ = (char)(0x80 | (raw[i] & 0x3F));
	}
	*out = '\0';
}

/* `out` has room for 3 len + 1 bytes. False: the system cannot do it. What is
 * not a character becomes '?'. */
static bool convert(const char *from, const uint8_t *raw, size_t len, char *out)
{
	iconv_t cd = iconv_open("UTF-8", from);
	/* iconv() does not write to its input; its type is history. */
	char *in = (char *)(uintptr_t)raw;
	size_t left = len, room = 3 * len;

	if (cd == (iconv_t)-1)
		return false;
	while (left > 0 && iconv(cd, &in, &left, &out, &room) == (size_t)-1) {
		if (errno == E2BIG || left == 0 || room == 0)
			break;
		*out++ = '?';
		room--;
		in++;
		left--;
	}
	*out = '\0';
	iconv_close(cd);
	return true;
}

static const char *unicode_mark(const uint8_t *raw, size_t len, size_t *skip)
{
	*skip = 0;
	if (len >= 3 && raw[0] == 0xEF && raw[1] == 0xBB && raw[2] == 0xBF) {
		*skip = 3;
		return "UTF-8";
	}
	if (len >= 2 && ((raw[0] == 0xFF && raw[1] == 0xFE) ||
			 (raw[0] == 0xFE && raw[1] == 0xFF))) {
		*skip = 2;
		return raw[0] == 0xFF ? "UTF-16LE" : "UTF-16BE";
	}
	return NULL;
}

/* A NUL inside would end the text: it is a blank. */
static void copy(const uint8_t *raw, size_t len, char *out)
{
	for (size_t i = 0; i < len; i++)
		out[i] = raw[i] ? (char)raw[i] : ' ';
	out[len] = '\0';
}

int comtrade_text_decode(const uint8_t *raw, size_t len, char **text,
			 const struct comtrade_tell *tell)
{
	size_t skip;
	const char *enc = unicode_mark(raw, len, &skip);
	char *out;

	raw += skip;
	len -= skip;
	if (len > SIZE_MAX / 4)
		return -ENOMEM;
	out = malloc(3 * len + 1);
	if (!out)
		return -ENOMEM;
	*text = out;
	if ((!enc || !strcmp(enc, "UTF-8")) && is_utf8(raw, len)) {
		copy(raw, len, out);
		return 0;
	}
	if (!enc || !strcmp(enc, "UTF-8"))
		enc = guess(raw, len);
	if (!strcmp(enc, "ISO-8859-1") || !convert(enc, raw, len, out)) {
		latin1(raw, len, out);
		enc = "ISO-8859-1";
	}
	cis_warn(tell->warn, "%s: the text is not UTF-8; %s is assumed",
		 tell->name, enc);
	return 0;
}
