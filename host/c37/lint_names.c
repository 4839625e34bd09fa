/* lint_names.c - the names in a configuration frame, clause 6.4. */
#include "lint_in.h"

const char *lint_name(const uint8_t *p, size_t len, char buf[LINT_NAME_SIZE])
{
	size_t n = 0;

	while (len > 0 && (p[len - 1] == ' ' || p[len - 1] == 0))
		len--;
	for (; n < len && n < LINT_NAME_SIZE - 1; n++)
		buf[n] = p[n] >= ' ' && p[n] < 0x7F && p[n] != '"' ? (char)p[n]
								   : '?';
	buf[n] = '\0';
	return buf;
}

/* ---- UTF-8 ---- */

/* Bytes of the letter that begins here; 0: none; -1: it is cut off. */
static int letter(const uint8_t *p, size_t len)
{
	int n = p[0] < 0x80 ? 1 : p[0] < 0xC2 ? 0 : p[0] < 0xE0 ? 2 : 3;

	if (p[0] >= 0xF0)
		n = p[0] < 0xF5 ? 4 : 0;
	for (int i = 1; i < n; i++) {
		if ((size_t)i == len)
			return -1;
		if ((p[i] & 0xC0) != 0x80)
			return 0;
	}
	return n;
}

enum script {
	BLANK,
	ASCII,
	CONTROL,
	UTF8,
	CUT,
	OTHER,
};

static enum script script_of(const uint8_t *p, size_t len)
{
	enum script is = BLANK;

	for (size_t i = 0; i < len;) {
		int n = letter(p + i, len - i);

		if (n < 0)
			return CUT;
		if (n == 0)
			return OTHER;
		if (n > 1)
			is = UTF8;
		else if (is != UTF8 && (p[i] < ' ' || p[i] == 0x7F))
			is = CONTROL;
		else if (is == BLANK && p[i] != ' ')
			is = ASCII;
		i += (size_t)n;
	}
	return is;
}

/* ---- names of 16 bytes ---- */

struct name {
	const uint8_t *p;
	size_t len;
	size_t at;
	const char *field;
	unsigned pmu;
	bool may_be_blank;
};

/* Padding: what follows the last byte that is neither NUL nor blank. Returns
 * the length without it. */
static size_t check_padding(const struct lint_frame *f, const struct name *n)
{
	char text[LINT_NAME_SIZE];
	size_t len = n->len, nul = 0;

	while (len > 0 && (n->p[len - 1] == ' ' || n->p[len - 1] == 0)) {
		len--;
		nul += n->p[len] == 0;
	}
	/* A C string copied into the field has anything behind its NUL. */
	for (size_t i = 0; i < len; i++) {
		if (n->p[i] != 0)
			continue;
		nul++;
		len = i;
	}
	if (nul)
		lint_say(f, LINT_CFG_NAME_PAD, n->at + len, n->field,
			 "\"%s\" of PMU %u is padded with NUL",
			 lint_name(n->p, len, text), n->pmu + 1);
	return len;
}

static void check_name(const struct lint_frame *f, const struct name *n)
{
	char text[LINT_NAME_SIZE];
	size_t len = check_padding(f, n);
	enum script is = script_of(n->p, len);

	/* Only a full name can have been cut. */
	if (is == CUT && len < n->len)
		is = OTHER;
	lint_name(n->p, len, text);
	switch (is) {
	case BLANK:
		if (!n->may_be_blank)
			lint_say(f, LINT_CFG_NAME_BLANK, n->at, n->field,
				 "a name of PMU %u is empty", n->pmu + 1);
		break;
	case CUT:
		lint_say(f, LINT_CFG_NAME_CUT, n->at, n->field,
			 "\"%s\" of PMU %u ends within a letter of UTF-8", text,
			 n->pmu + 1);
		break;
	case ASCII:
		break;
	case CONTROL:
	case UTF8:
	case OTHER:
		lint_say(f, LINT_CFG_NAME_ASCII, n->at, n->field,
			 "\"%s\" of PMU %u is not ASCII", text, n->pmu + 1);
		break;
	}
}

/* ---- names of CFG-3 ---- */

static void check_name3(const struct lint_frame *f, const struct name *n)
{
	enum script is = script_of(n->p, n->len);
	char text[LINT_NAME_SIZE];

	if (is == BLANK && !n->may_be_blank)
		lint_say(f, LINT_CFG_NAME_BLANK, n->at, n->field,
			 n->len ? "a name of PMU %u is blank"
				: "a name of PMU %u has the length 0",
			 n->pmu + 1);
	if (is == CUT || is == OTHER || is == CONTROL)
		lint_say(f, LINT_CFG3_UTF8, n->at, n->field,
			 "\"%s\" of PMU %u is not text in UTF-8",
			 lint_name(n->p, n->len, text), n->pmu + 1);
}

/* ---- one name, and another ---- */

static bool same(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
	while (a_len > 0 && (a[a_len - 1] == ' ' || a[a_len - 1] == 0))
		a_len--;
	while (b_len > 0 && (b[b_len - 1] == ' ' || b[b_len - 1] == 0))
		b_len--;
	return a_len > 0 && a_len == b_len && !memcmp(a, b, a_len);
}

/* The channel name that ends before `at`, against those before it. */
static void check_channel(const struct lint_frame *f, bool cfg3,
			  const struct lint_pmu *pmu, const struct name *n)
{
	size_t at = pmu->names, len;
	char text[LINT_NAME_SIZE];

	while (at < n->at) {
		const uint8_t *p = lint_next_name(f->p, cfg3, &at, &len);

		if (!same(p, len, n->p, n->len))
			continue;
		lint_say(f, LINT_CFG_NAME_TWICE, n->at, "CHNAM",
			 "\"%s\" of PMU %u is there twice",
			 lint_name(p, len, text), n->pmu + 1);
		return;
	}
}

void lint_twice(const struct lint_frame *f, bool cfg3,
		const struct lint_pmu *pmu, const struct lint_pmu *before)
{
	size_t at = pmu->station, at2 = before->station, len, len2;
	const uint8_t *p = lint_next_name(f->p, cfg3, &at, &len);
	const uint8_t *p2 = lint_next_name(f->p, cfg3, &at2, &len2);
	char text[LINT_NAME_SIZE];

	if (pmu->idcode == before->idcode)
		lint_say(f, LINT_CFG_IDCODE_TWICE, at, "IDCODE",
			 "two PMUs have IDCODE %u", pmu->idcode);
	if (same(p, len, p2, len2))
		lint_say(f, LINT_CFG_STATION_TWICE, pmu->station, "STN",
			 "two PMUs are \"%s\"", lint_name(p, len, text));
}

/* ---- all of a PMU ---- */

/* Bits of a digital word may have no use and no name. */
static void check_channels(const struct lint_frame *f, bool cfg3,
			   const struct lint_pmu *pmu, unsigned i)
{
	size_t n = (size_t)pmu->n_phasor + pmu->n_analog;
	size_t n_bit = (size_t)pmu->n_digital * 16;
	struct name name = {.field = "CHNAM", .pmu = i};
	size_t at = pmu->names;

	for (size_t k = 0; k < n + n_bit; k++) {
		name.at = at;
		name.may_be_blank = k >= n;
		name.p = lint_next_name(f->p, cfg3, &at, &name.len);
		if (cfg3)
			check_name3(f, &name);
		else
			check_name(f, &name);
		if (k < n && k < LINT_MAX_COMPARE)
			check_channel(f, cfg3, pmu, &name);
	}
}

void lint_names(const struct lint_frame *f, bool cfg3,
		const struct lint_pmu *pmu, unsigned i)
{
	struct name name = {.field = "STN", .at = pmu->station, .pmu = i};
	size_t at = pmu->station;

	name.p = lint_next_name(f->p, cfg3, &at, &name.len);
	if (cfg3)
		check_name3(f, &name);
	else
		check_name(f, &name);
	check_channels(f, cfg3, pmu, i);
}
