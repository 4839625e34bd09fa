/* utf8.h - one character of UTF-8, RFC 3629. */
#ifndef HOST_CORE_UTF8_H
#define HOST_CORE_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* Bytes of the character at s, which has `left` bytes, and its code; 0 when it
 * is none: cut off, overlong, a surrogate, past U+10FFFF. */
size_t cis_utf8_next(const unsigned char *s, size_t left, uint32_t *code);

#endif
