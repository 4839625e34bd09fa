/* line.c - see line.h. */
#include "firmware/core/line.h"

/* ---- bytes to lines ---- */

void fe_line_init(struct fe_line *l)
{
	l->text[0] = '\0';
	l->len = 0;
	l->sum = 0;
	l->at = FE_LINE_AT_START;
}

/* What may stand between $ and *. */
static bool is_text(uint8_t byte)
{
	return byte >= 0x20 && byte <= 0x7e && byte != '$' && byte != '*';
}

static char hex_digit(unsigned v)
{
	return (char)(v < 10 ? '0' + (int)v : 'A' + (int)v - 10);
}

static enum fe_line_result begin(struct fe_line *l)
{
	enum fe_line_at was = l->at;

	fe_line_init(l);
	l->at = FE_LINE_AT_TEXT;
	return was == FE_LINE_AT_START || was == FE_LINE_AT_NOISE ? FE_LINE_MORE
								  : FE_LINE_BAD;
}

static enum fe_line_result refuse(struct fe_line *l, uint8_t byte)
{
	l->at = byte == '\n' ? FE_LINE_AT_START : FE_LINE_AT_NOISE;
	return FE_LINE_BAD;
}

static enum fe_line_result between(struct fe_line *l, uint8_t byte)
{
	if (byte == '\n')
		l->at = FE_LINE_AT_START;
	if (l->at == FE_LINE_AT_NOISE || byte == '\n' || byte == '\r')
		return FE_LINE_MORE;
	return refuse(l, byte);
}

static enum fe_line_result take_text(struct fe_line *l, uint8_t byte)
{
	if (byte == '*') {
		l->text[l->len] = '\0';
		l->at = FE_LINE_AT_SUM_HIGH;
		return FE_LINE_MORE;
	}
	if (!is_text(byte) || l->len == FE_LINE_TEXT_MAX)
		return refuse(l, byte);
	l->text[l->len++] = (char)byte;
	l->sum ^= byte;
	return FE_LINE_MORE;
}

/* The one byte that may stand here. */
static enum fe_line_result take_one(struct fe_line *l, uint8_t byte, char due)
{
	if (byte != (uint8_t)due)
		return refuse(l, byte);
	if (l->at == FE_LINE_AT_LF) {
		l->at = FE_LINE_AT_START;
		return FE_LINE_WHOLE;
	}
	l->at++;
	return FE_LINE_MORE;
}

enum fe_line_result fe_line_push(struct fe_line *l, uint8_t byte)
{
	if (byte == '$')
		return begin(l);
	switch (l->at) {
	case FE_LINE_AT_TEXT:
		return take_text(l, byte);
	case FE_LINE_AT_SUM_HIGH:
		return take_one(l, byte, hex_digit(l->sum >> 4));
	case FE_LINE_AT_SUM_LOW:
		return take_one(l, byte, hex_digit(l->sum & 15));
	case FE_LINE_AT_CR:
		return take_one(l, byte, '\r');
	case FE_LINE_AT_LF:
		return take_one(l, byte, '\n');
	case FE_LINE_AT_START:
	case FE_LINE_AT_NOISE:
		break;
	}
	return between(l, byte);
}

/* ---- fields ---- */

struct fe_fields fe_fields(const char *text)
{
	return (struct fe_fields){text};
}

bool fe_fields_end(const struct fe_fields *f)
{
	return !f->at;
}

bool fe_field(struct fe_fields *f, const char **field, size_t *len)
{
	const char *s = f->at;
	size_t n = 0;

	if (!s)
		return false;
	while (s[n] != '\0' && s[n] != ',')
		n++;
	f->at = s[n] == ',' ? s + n + 1 : NULL;
	*field = s;
	*len = n;
	return true;
}

static bool same(const char *field, size_t len, const char *word)
{
	for (size_t i = 0; i < len; i++) {
		if (field[i] != word[i]) /* which is so at word's NUL */
			return false;
	}
	return word[len] == '\0';
}

bool fe_field_is(struct fe_fields *f, const char *word)
{
	const char *s;
	size_t len;

	return fe_field(f, &s, &len) && same(s, len, word);
}

bool fe_field_word(struct fe_fields *f, char *out, size_t size)
{
	const char *s;
	size_t len;

	if (!fe_field(f, &s, &len) || len == 0 || len >= size)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (s[i] < 0x21 || s[i] > 0x7e)
			return false;
	}
	for (size_t i = 0; i < len; i++)
		out[i] = s[i];
	out[len] = '\0';
	return true;
}

int fe_field_one_of(struct fe_fields *f, const char *const *words, int n)
{
	const char *s;
	size_t len;

	if (!fe_field(f, &s, &len))
		return -1;
	for (int i = 0; i < n; i++) {
		if (words[i] && same(s, len, words[i]))
			return i;
	}
	return -1;
}

/* Digits without a leading zero; false where they are none. Eighteen of them
 * fit; more are a number outside every range. */
static bool read_digits(const char *s, size_t len, int64_t *v, bool *huge)
{
	*v = 0;
	*huge = len > 18;
	if (len == 0 || (s[0] == '0' && len > 1))
		return false;
	for (size_t i = 0; i < len; i++) {
		if (s[i] < '0' || s[i] > '9')
			return false;
		if (!*huge)
			*v = *v * 10 + (s[i] - '0');
	}
	return true;
}

enum fe_int fe_field_i64(struct fe_fields *f, int64_t min, int64_t max,
			 int64_t *v)
{
	const char *s;
	size_t len;
	int64_t got;
	bool minus, huge;

	if (!fe_field(f, &s, &len))
		return FE_INT_NONE;
	if (len == 0)
		return FE_INT_EMPTY;
	minus = s[0] == '-';
	if (!read_digits(s + minus, len - minus, &got, &huge) ||
	    (minus && s[1] == '0'))
		return FE_INT_NONE;
	if (minus)
		got = -got;
	if (huge || got < min || got > max)
		return FE_INT_RANGE;
	*v = got;
	return FE_INT_OK;
}

bool fe_field_hex4(struct fe_fields *f, uint16_t *v)
{
	const char *s;
	size_t len;
	unsigned got = 0;

	if (!fe_field(f, &s, &len) || len != 4)
		return false;
	for (size_t i = 0; i < 4; i++) {
		unsigned digit = 0;

		while (digit < 16 && s[i] != hex_digit(digit))
			digit++;
		if (digit == 16)
			return false;
		got = got << 4 | digit;
	}
	*v = (uint16_t)got;
	return true;
}

/* ---- writing ---- */

/* Room is kept for *hh, CR and LF. */
static void put(struct fe_text *t, char c)
{
	t->full = t->full || t->len == 1 + FE_LINE_TEXT_MAX;
	if (t->full)
		return;
	t->s[t->len++] = c;
}

static void put_all(struct fe_text *t, const char *s)
{
	for (; *s != '\0'; s++)
		put(t, *s);
}

void fe_text_begin(struct fe_text *t, const char *word)
{
	t->len = 0;
	t->full = false;
	put(t, '$');
	put_all(t, word);
}

void fe_text_word(struct fe_text *t, const char *word)
{
	put(t, ',');
	put_all(t, word);
}

void fe_text_i64(struct fe_text *t, int64_t v)
{
	uint64_t left = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
	char digits[20];
	int n = 0;

	put(t, ',');
	if (v < 0)
		put(t, '-');
	do {
		digits[n++] = (char)('0' + (int)(left % 10));
		left /= 10;
	} while (left > 0);
	while (n > 0)
		put(t, digits[--n]);
}

void fe_text_maybe_i64(struct fe_text *t, bool has, int64_t v)
{
	if (has)
		fe_text_i64(t, v);
	else
		put(t, ',');
}

void fe_text_hex4(struct fe_text *t, uint16_t v)
{
	put(t, ',');
	for (int shift = 12; shift >= 0; shift -= 4)
		put(t, hex_digit((unsigned)v >> shift & 15));
}

/* Nothing more is added to a line that is whole, or none. */
static size_t end_with(struct fe_text *t, uint8_t len)
{
	t->len = len;
	t->full = true;
	return len;
}

size_t fe_text_end(struct fe_text *t)
{
	uint8_t sum = 0;
	char *end = t->s + t->len;

	for (size_t i = 1; i < t->len; i++) {
		if (!is_text((uint8_t)t->s[i]))
			return end_with(t, 0);
		sum ^= (uint8_t)t->s[i];
	}
	if (t->full)
		return end_with(t, 0);
	end[0] = '*';
	end[1] = hex_digit(sum >> 4);
	end[2] = hex_digit(sum & 15);
	end[3] = '\r';
	end[4] = '\n';
	end[5] = '\0';
	return end_with(t, (uint8_t)(t->len + 5));
}
