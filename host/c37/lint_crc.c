/*
 * lint_crc.c - why a CHK is wrong: the usual mistakes, tried one by one.
 *
 * A mistake that is not there is found by chance once in 65536 tries, so there
 * are few of them and each is a likely one.
 */
#include <stdio.h>

#include "crc.h"
#include "lint_in.h"

#define CCITT 0x1021u

struct kind {
	const char *name;
	uint16_t poly, init, xor_out;
	bool reflected;
};

static uint16_t crc_bits(const struct kind *k, const uint8_t *p, size_t len)
{
	unsigned crc = k->init;

	for (size_t i = 0; i < len; i++) {
		crc ^= k->reflected ? p[i] : (unsigned)p[i] << 8;
		for (int bit = 0; bit < 8; bit++) {
			if (k->reflected)
				crc = crc & 1 ? crc >> 1 ^ k->poly : crc >> 1;
			else
				crc = crc & 0x8000 ? crc << 1 ^ k->poly
						   : crc << 1;
		}
		crc &= 0xFFFF;
	}
	return (uint16_t)(crc ^ k->xor_out);
}

static uint16_t swap(uint16_t v)
{
	return (uint16_t)(v >> 8 | v << 8);
}

static uint32_t crc32_of(const uint8_t *p, size_t len)
{
	uint32_t crc = 0xFFFFFFFF;

	for (size_t i = 0; i < len; i++) {
		crc ^= p[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc & 1 ? crc >> 1 ^ 0xEDB88320 : crc >> 1;
	}
	return ~crc;
}

bool lint_crc_right(const uint8_t *p, size_t len)
{
	return len >= C37_CHK_LEN && cis_c37_crc_ok(p, len);
}

static bool is(struct lint_why *why, enum lint_id id, const char *text)
{
	why->id = id;
	snprintf(why->text, sizeof(why->text), "%s", text);
	return true;
}

/* ---- the same CRC, written or begun otherwise ---- */

static bool swapped(const uint8_t *p, size_t len, struct lint_why *why)
{
	uint16_t crc = c37_crc(p, len - 2);

	if (cis_be16(p + len - 2) != swap(crc))
		return false;
	why->id = LINT_FRM_CRC_ORDER;
	snprintf(why->text, sizeof(why->text),
		 "CHK is %04X, which is %04X with its bytes swapped",
		 cis_be16(p + len - 2), crc);
	return true;
}

static bool other_kind(const uint8_t *p, size_t len, struct lint_why *why)
{
	static const struct kind kinds[] = {
		{"begun with 0000 (XMODEM)", CCITT, 0, 0, false},
		{"begun with 1D0F", CCITT, 0x1D0F, 0, false},
		{"inverted at the end", CCITT, 0xFFFF, 0xFFFF, false},
		{"CRC-16 of Modbus", 0xA001, 0xFFFF, 0, true},
		{"CRC-16 (ARC)", 0xA001, 0, 0, true},
		{"CRC-CCITT reflected (X.25)", 0x8408, 0xFFFF, 0xFFFF, true},
		{"CRC-CCITT reflected (Kermit)", 0x8408, 0, 0, true},
		{"CRC-16 of DNP3", 0xA6BC, 0, 0xFFFF, true},
	};
	uint16_t chk = cis_be16(p + len - 2);

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		uint16_t crc = crc_bits(&kinds[i], p, len - 2);

		if (crc != chk && crc != swap(chk))
			continue;
		why->id = i < 2 ? LINT_FRM_CRC_INIT : LINT_FRM_CRC_KIND;
		snprintf(why->text, sizeof(why->text), "CHK %04X is a CRC %s%s",
			 chk, kinds[i].name,
			 crc == chk ? "" : ", and its bytes are swapped");
		return true;
	}
	return false;
}

static bool wide(const uint8_t *p, size_t len, struct lint_why *why)
{
	const uint8_t *at = p + len - 4;
	uint32_t crc = crc32_of(p, len - 4);

	if (cis_be32(at) != crc &&
	    ((uint32_t)at[3] << 24 | (uint32_t)at[2] << 16 |
	     (uint32_t)at[1] << 8 | at[0]) != crc)
		return false;
	why->chk_len = 4;
	return is(why, LINT_FRM_CRC_KIND,
		  "the last four bytes are a CRC-32; CHK has two");
}

/* ---- other bytes ---- */

static bool fewer(const uint8_t *p, size_t len, struct lint_why *why)
{
	uint16_t chk = cis_be16(p + len - 2);

	for (size_t cut = 1; cut <= 4; cut++) {
		size_t n = len - 2 - cut;
		bool tail = c37_crc(p, n) == chk;

		if (!tail && c37_crc(p + cut, n) != chk)
			continue;
		why->id = LINT_FRM_CRC_SPAN;
		snprintf(why->text, sizeof(why->text),
			 "CHK %04X is computed %zu byte%s short: over the %s "
			 "%zu of the %zu bytes before it",
			 chk, cut, cut == 1 ? "" : "s", tail ? "first" : "last",
			 n, len - 2);
		return true;
	}
	return false;
}

/* CHK counted as two zeros. */
static bool more(const uint8_t *p, size_t len, struct lint_why *why)
{
	const struct kind k = {"CHK's", CCITT, c37_crc(p, len - 2), 0, false};

	if (crc_bits(&k, (const uint8_t[]){0, 0}, 2) != cis_be16(p + len - 2))
		return false;
	return is(why, LINT_FRM_CRC_SPAN,
		  "CHK is computed over two bytes too many: over itself, as "
		  "zeros");
}

/* ---- other lengths ---- */

/* A CHK below 256 written as one byte; or one byte of any other. */
static bool one_byte(const uint8_t *p, size_t len, struct lint_why *why)
{
	uint16_t crc = c37_crc(p, len - 1);
	unsigned last = p[len - 1];

	if (last != (crc & 0xFFu) && last != crc >> 8)
		return false;
	why->id = LINT_FRM_CRC_SHORT;
	why->chk_len = 1;
	snprintf(why->text, sizeof(why->text),
		 "CHK is one byte short: %02X where %04X should be", last, crc);
	return true;
}

/* Where the right CHK ends in 00 or is 0000, a frame shorter by one byte or two
 * has a right one as well, whatever stands in CHK. */
static bool by_zeros(const uint8_t *p, size_t n, size_t len, size_t said)
{
	if (n >= said || said - n > 2)
		return false;
	return n < len ? p[n] != 0xAA : n % 2 && said == n + 1;
}

static bool ends_at(const uint8_t *p, size_t n, size_t said,
		    struct lint_why *why)
{
	if (n == said || n < 16 || !lint_crc_right(p, n))
		return false;
	why->id = LINT_FRM_SIZE;
	why->len = n;
	snprintf(why->text, sizeof(why->text),
		 "FRAMESIZE is %zu; by its CHK the frame has %zu bytes", said,
		 n);
	return true;
}

/* All that is here may be the frame, or it ends near where FRAMESIZE says. */
static bool other_end(const uint8_t *p, size_t len, size_t said,
		      struct lint_why *why)
{
	if (!by_zeros(p, len, len, said) && ends_at(p, len, said, why))
		return true;
	for (size_t n = said > 8 ? said - 8 : 0; n <= said + 8; n++)
		if (n <= len && !by_zeros(p, n, len, said) &&
		    ends_at(p, n, said, why))
			return true;
	return false;
}

static bool constant(const uint8_t *p, size_t len, struct lint_why *why)
{
	uint16_t chk = cis_be16(p + len - 2);

	if (chk != 0 && chk != 0xFFFF)
		return false;
	why->id = LINT_FRM_CRC_NONE;
	snprintf(why->text, sizeof(why->text), "CHK is %04X; it should be %04X",
		 chk, c37_crc(p, len - 2));
	return true;
}

bool lint_crc_why(const uint8_t *p, size_t len, size_t said,
		  struct lint_why *why)
{
	size_t n = said < len ? said : len;

	why->len = n;
	why->chk_len = C37_CHK_LEN;
	if (other_end(p, len, said, why))
		return true;
	if (n < 16)
		return false;
	/* One byte is missing: the likeliest of all. */
	if (said == len + 1 && one_byte(p, n, why))
		return true;
	if (swapped(p, n, why) || other_kind(p, n, why) || fewer(p, n, why) ||
	    more(p, n, why) || wide(p, n, why))
		return true;
	if (n % 2 && one_byte(p, n, why))
		return true;
	return constant(p, n, why);
}
