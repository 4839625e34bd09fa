/*
 * svg.h - charts as SVG: panels below one another, each with two axes.
 *
 * A value that is not finite, or on a logarithmic axis not positive, is left
 * out; a line is broken there. The same data give the same bytes.
 */
#ifndef HOST_CLI_SVG_H
#define HOST_CLI_SVG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum cis_svg_style {
	CIS_SVG_LINE,
	CIS_SVG_DOTS,
	CIS_SVG_LIMIT, /* a level across the panel: y[0]; n is 1, x is NULL */
};

struct cis_svg_series {
	const char *name; /* in the legend; NULL: not there */
	enum cis_svg_style style;
	unsigned colour; /* any number: the palette repeats */
	size_t n;
	const double *x, *y; /* borrowed */
};

struct cis_svg_panel {
	const char *x_label, *y_label;
	bool log_y;
	size_t n_series;
	const struct cis_svg_series *series;
};

/* Write errors are left in the stream. */
void cis_svg_write(FILE *f, const char *title,
		   const struct cis_svg_panel *panels, size_t n);

#endif
