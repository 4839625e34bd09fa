/* comparison_cells.c - see comparison_text.h. */
#include "comparison_text.h"

#include <math.h>

/* Continuation bytes of UTF-8 take no column. */
static int width(const char *s)
{
	int n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xC0) != 0x80;
	return n;
}

void cis_cell_right(FILE *f, int cell, const char *text)
{
	fprintf(f, "%*s%s", cell > width(text) ? cell - width(text) : 0, "",
		text);
}

void cis_cell_left(FILE *f, int cell, const char *text)
{
	fprintf(f, "%s%*s", text, cell > width(text) ? cell - width(text) : 0,
		"");
}

void cis_cell_number(FILE *f, double v)
{
	char text[32] = "-";

	if (!isnan(v))
		snprintf(text, sizeof(text), "%.5g", v);
	cis_cell_right(f, CIS_CELL, text);
}

void cis_cell_pm(FILE *f, double v, double u)
{
	char text[64] = "-";
	int digits;

	if (isnan(v)) {
		cis_cell_right(f, CIS_CELL_PM, text);
		return;
	}
	if (!(u > 0) || !isfinite(u)) {
		snprintf(text, sizeof(text), "%.5g ± unknown", v);
	} else if (u < 1e-9) {
		snprintf(text, sizeof(text), "%.9f ± %.1e",
			 fabs(v) < 0.5e-9 ? 0 : v, u);
	} else {
		digits = 1 - (int)floor(log10(u));
		digits = digits < 0 ? 0 : digits;
		snprintf(text, sizeof(text), "%.*f ± %.*f", digits, v, digits,
			 u);
	}
	cis_cell_right(f, CIS_CELL_PM, text);
}

void cis_cell_count(FILE *f, uint64_t n)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)n);
	cis_cell_right(f, CIS_CELL, text);
}
