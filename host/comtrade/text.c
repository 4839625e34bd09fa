/* text.c - see text.h. */
#include "text.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- lines and fields ---- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\0' || c == '\v' || c == '\f';
}

static bool is_end(char c)
{
	return c == '\n' || c == '\r' || c == 0x1A || c == '\0';
}

static char *trim(char *s, char *end)
{
	while (s < end && is_blank(*s))
		s++;
	while (end > s && is_blank(end[-1]))
		end--;
	*end = '\0';
	return s;
}

char *comtrade_line(struct comtrade_lines *lines)
{
	while (*lines->next) {
		char *start = lines->next, *end = start;
		bool crlf;

		while (!is_end(*end))
			end++;
		crlf = end[0] == '\r' && end[1] == '\n';
		lines->next = *end ? end + 1 + crlf : end;
		lines->number++;
		start = trim(start, end);
		if (*start)
			return start;
	}
	return NULL;
}

unsigned comtrade_fields(char *line, char **field, unsigned max)
{
	unsigned n = 0;

	for (char *s = line, *end; s; s = end) {
		end = strchr(s, ',');
		if (n < max)
			field[n] = s;
		n++;
		if (end)
			*end++ = '\0';
	}
	for (unsigned i = 0; i < n && i < max; i++)
		field[i] = trim(field[i], field[i] + strlen(field[i]));
	return n;
}

/* ---- numbers ---- */

/* Up to 2^53 with at most 22 decimals: one division, rounded once. */
static bool short_number(const char *s, size_t len, double *value)
{
	static const double tens[] = {1e0,  1e1,  1e2,  1e3, 1e4,  1e5,
				      1e6,  1e7,  1e8,  1e9, 1e10, 1e11,
				      1e12, 1e13, 1e14, 1e15};
	size_t i = len && (s[0] == '-' || s[0] == '+'), digits = 0,
	       decimals = 0;
	bool dot = false;
	int64_t m = 0;

	for (; i < len; i++) {
		if (s[i] == '.' && !dot) {
			dot = true;
			continue;
		}
		if (s[i] < '0' || s[i] > '9' || ++digits > 15)
			return false;
		m = m * 10 + (s[i] - '0');
		decimals += dot;
	}
	if (digits == 0)
		return false;
	*value = (double)m / tens[decimals];
	if (s[0] == '-')
		*value = -*value;
	return true;
}

bool comtrade_number(const char *text, size_t len, double *value)
{
	char buf[64], *end;
	double v;

	while (len > 0 && is_blank(*text)) {
		text++;
		len--;
	}
	while (len > 0 && is_blank(text[len - 1]))
		len--;
	if (short_number(text, len, value))
		return true;
	if (len == 0 || len >= sizeof(buf))
		return false;
	memcpy(buf, text, len);
	buf[len] = '\0';
	if (strspn(buf, "0123456789+-.eE") != len)
		return false;
	v = strtod(buf, &end);
	if (*end || !isfinite(v))
		return false;
	*value = v;
	return true;
}
