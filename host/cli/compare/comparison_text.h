/*
 * comparison_text.h - a comparison as text, from within: the cells of its tables
 * and its parts.
 */
#ifndef HOST_CLI_COMPARISON_TEXT_H
#define HOST_CLI_COMPARISON_TEXT_H

#include "comparison.h"

/* ---- comparison_cells.c: widths are columns of the screen, not bytes ---- */

#define CIS_CELL_NAME 14 /* at the left, whose row it is */
#define CIS_CELL      12
#define CIS_CELL_PM   26 /* "0.300000 ± 0.000012" */

void cis_cell_right(FILE *f, int cell, const char *text);
void cis_cell_left(FILE *f, int cell, const char *text);
void cis_cell_number(FILE *f, double v); /* NaN: "-" */
void cis_cell_count(FILE *f, uint64_t n);
/* U to two significant digits, the value to the same decimal place. */
void cis_cell_pm(FILE *f, double v, double u);

/* ---- comparison_who.c ---- */

void cis_comparison_put_who(FILE *f, const struct cis_comparison *c);

/* ---- comparison_errors.c ---- */

void cis_comparison_put_errors(FILE *f, const struct cis_comparison *c);
/* Gain, phase and delay over frequency, where they could be told apart. */
void cis_comparison_put_sweep(FILE *f, const struct cis_comparison *c);

#endif
