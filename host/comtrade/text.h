/*
 * text.h - the CFG's text: its encoding, lines, fields and numbers.
 */
#ifndef HOST_COMTRADE_TEXT_H
#define HOST_COMTRADE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tell.h"

/*
 * The bytes as UTF-8 with a NUL at the end; the caller frees *text. UTF-8 stays
 * as it is; else the most likely of GBK, CP1251, CP866 and Latin-1 (UTF-16 by
 * its mark) is assumed, and told. -ENOMEM.
 */
int comtrade_text_decode(const uint8_t *raw, size_t len, char **text,
			 const struct comtrade_tell *tell);

/* A walk over lines that end in CR LF, LF, CR or 0x1A; blank ones are skipped.
 * Zero `number` before use. */
struct comtrade_lines {
	char *next;
	unsigned number; /* of the line that was returned last, from 1 */
};

/* The next line, cut out of the text and trimmed; NULL at the end. */
char *comtrade_line(struct comtrade_lines *lines);

/* Splits at commas and trims; returns how many there are, of which at most
 * `max` are in field[]. */
unsigned comtrade_fields(char *line, char **field, unsigned max);

/* A finite decimal number, '.' whatever the locale, blanks allowed around. */
bool comtrade_number(const char *text, size_t len, double *value);

#endif
