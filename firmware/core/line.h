/*
 * line.h - lines `$...*hh` CR LF: framing, checksum, fields; NMEA and PSYN.
 *
 * hh is the exclusive or of the bytes between `$` and `*`, two hexadecimal
 * digits in upper case. Reading is strict: every value has one spelling, so a
 * line with any single byte changed is refused. docs/mcu-link.md specifies it.
 */
#ifndef FIRMWARE_CORE_LINE_H
#define FIRMWARE_CORE_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of a line with `$`, checksum, CR LF; and of what is between $ and *. */
#define FE_LINE_MAX      96
#define FE_LINE_TEXT_MAX (FE_LINE_MAX - 6)

/* Everything between years 1970 and 2100: 2099-12-31 23:59:59. */
#define FE_UTC_MAX INT64_C(4102444799)

/* ---- bytes to lines ---- */

enum fe_line_result {
	FE_LINE_MORE,  /* nothing yet */
	FE_LINE_WHOLE, /* text is a line's, until the next push */
	FE_LINE_BAD    /* a line or bytes without one were refused */
};

enum fe_line_at {
	FE_LINE_AT_START, /* between lines */
	FE_LINE_AT_NOISE, /* told as bad; until `$` or LF */
	FE_LINE_AT_TEXT,
	FE_LINE_AT_SUM_HIGH,
	FE_LINE_AT_SUM_LOW,
	FE_LINE_AT_CR,
	FE_LINE_AT_LF
};

struct fe_line {
	char text[FE_LINE_TEXT_MAX + 1]; /* between $ and *, NUL-terminated */
	uint8_t len;
	uint8_t sum;
	enum fe_line_at at;
};

void fe_line_init(struct fe_line *l);

/*
 * Total: any byte in any state gives one of the three. BAD comes once for each
 * line refused and once for each run of bytes outside a line (CR and LF between
 * lines are none). A `$` always begins a line: within another it refuses that.
 */
enum fe_line_result fe_line_push(struct fe_line *l, uint8_t byte);

/* ---- fields ---- */

/*
 * A reader's place: the start of a field, NULL behind the last one. Each reader
 * takes one whole field, also where it returns false because there is none or
 * it is not of its kind; outputs are then untouched.
 */
struct fe_fields {
	const char *at;
};

struct fe_fields fe_fields(const char *text);

/* No field is left. */
bool fe_fields_end(const struct fe_fields *f);

/* Any field: where it begins, and its length. */
bool fe_field(struct fe_fields *f, const char **field, size_t *len);

/* The field is `word`. */
bool fe_field_is(struct fe_fields *f, const char *word);

/* 1..size-1 bytes 0x21..0x7e into out, NUL-terminated. */
bool fe_field_word(struct fe_fields *f, char *out, size_t size);

/* Index of the field in words[0..n-1], or -1; NULL words match nothing. */
int fe_field_one_of(struct fe_fields *f, const char *const *words, int n);

/* What a field for an integer held. */
enum fe_int {
	FE_INT_OK,
	FE_INT_EMPTY, /* a field, but nothing in it */
	FE_INT_RANGE, /* an integer, outside min..max */
	FE_INT_NONE   /* no field, or no integer */
};

/* Decimal; `-` only before 1..9, no sign +, no leading zero, no blanks. */
enum fe_int fe_field_i64(struct fe_fields *f, int64_t min, int64_t max,
			 int64_t *v);

/* Exactly four digits 0-9 A-F. */
bool fe_field_hex4(struct fe_fields *f, uint16_t *v);

/* ---- writing ---- */

/* A line being written; once it is full, nothing more is added. */
struct fe_text {
	char s[FE_LINE_MAX + 1];
	uint8_t len;
	bool full;
};

/* `$` and the first word. */
void fe_text_begin(struct fe_text *t, const char *word);

/* A comma and the field. */
void fe_text_word(struct fe_text *t, const char *word);
void fe_text_i64(struct fe_text *t, int64_t v);
void fe_text_hex4(struct fe_text *t, uint16_t v);
/* The number, or an empty field where there is none. */
void fe_text_maybe_i64(struct fe_text *t, bool has, int64_t v);

/*
 * Checksum, CR LF and a NUL behind it. Returns the length of the line, which is
 * t->len then; 0 where it would be longer than FE_LINE_MAX or hold a byte that
 * a line must not.
 */
size_t fe_text_end(struct fe_text *t);

#endif
