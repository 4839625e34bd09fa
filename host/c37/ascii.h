/* ascii.h - names for CFG-1 and CFG-2, which know ASCII only. */
#ifndef HOST_C37_ASCII_H
#define HOST_C37_ASCII_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Writes `utf8` in ASCII: Latin letters without their marks, Cyrillic and Greek
 * by sound, '?' for the rest. Letters that become several characters are
 * written whole or not at all. Returns the length it would have with room
 * enough, as snprintf does.
 */
size_t c37_ascii(const char *utf8, char *out, size_t size);

/* The other way: text of the wire as UTF-8, without trailing blanks; ends at a
 * NUL; '?' for what is no text, be it line ends unless `lines`. `out` has room
 * for n + 1 bytes. */
void c37_text(const unsigned char *wire, size_t n, bool lines, char *out);

#endif
