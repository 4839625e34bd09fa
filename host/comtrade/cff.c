/* cff.c - see cff.h. Sections begin with "--- file type: CFG ---". */
#include "cff.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct heading {
	char type[4];        /* "CFG", "DAT", ... */
	double dat_len;      /* "DAT BINARY: 702"; -1: not given */
	const uint8_t *next; /* the byte after the heading's line */
};

static const uint8_t *line_end(const uint8_t *s, const uint8_t *end)
{
	while (s < end && *s != '\n' && *s != '\r')
		s++;
	return s;
}

static const uint8_t *line_next(const uint8_t *s, const uint8_t *end)
{
	if (s < end && *s == '\r')
		s++;
	if (s < end && *s == '\n')
		s++;
	return s;
}

/* "--- file type: DAT BINARY: 702 ---" */
static bool parse_heading(const uint8_t *s, const uint8_t *end,
			  struct heading *h)
{
	const uint8_t *stop = line_end(s, end);
	size_t len = (size_t)(stop - s);
	char text[100], *t, *colon;

	if (len < 3 || len >= sizeof(text) || s[0] != '-' || s[1] != '-' ||
	    s[2] != '-')
		return false;
	memcpy(text, s, len);
	text[len] = '\0';
	t = text + strspn(text, "- \t");
	if (strncasecmp(t, "file type", 9) != 0)
		return false;
	t += 9 + strspn(t + 9, ": \t");
	memcpy(h->type, t, strnlen(t, 3));
	h->type[strnlen(t, 3)] = '\0';
	colon = strchr(t, ':');
	h->dat_len = colon ? strtod(colon + 1, NULL) : -1;
	h->next = line_next(stop, end);
	return true;
}

static void take_dat(const struct heading *h, const uint8_t *end,
		     struct comtrade_parts *parts,
		     const struct comtrade_tell *tell)
{
	size_t left = (size_t)(end - h->next);

	parts->dat = h->next;
	parts->dat_len = left;
	if (h->dat_len >= 1 && h->dat_len <= (double)left)
		parts->dat_len = (size_t)h->dat_len;
	else if (h->dat_len > (double)left)
		cis_warn(tell->warn,
			 "%s: promises %.0f bytes of data, but ends after %zu",
			 tell->name, h->dat_len, left);
}

int comtrade_cff_split(const uint8_t *buf, size_t len,
		       struct comtrade_parts *parts,
		       const struct comtrade_tell *tell)
{
	const uint8_t *end = buf + len, *s = buf;
	struct comtrade_parts p = {.cfg = NULL};
	bool in_cfg = false;
	unsigned line = 0;

	if (len >= 3 && !memcmp(s, "\xEF\xBB\xBF", 3))
		s += 3;
	for (; s < end && !p.dat; line++) {
		struct heading h;

		if (!parse_heading(s, end, &h)) {
			s = line_next(line_end(s, end), end);
			if (in_cfg)
				p.cfg_len = (size_t)(s - p.cfg);
			continue;
		}
		in_cfg = !strcasecmp(h.type, "CFG") && !p.cfg;
		if (in_cfg) {
			p.cfg = h.next;
			p.cfg_line = line + 1;
		} else if (!strcasecmp(h.type, "DAT")) {
			take_dat(&h, end, &p, tell);
		}
		s = h.next;
	}
	if (!p.cfg || !p.dat)
		return cis_fail(
			tell->diag, -EBADMSG,
			"%s: is not a combined COMTRADE file: it has no "
			"%s section",
			tell->name, p.cfg ? "DAT" : "CFG");
	*parts = p;
	return 0;
}
