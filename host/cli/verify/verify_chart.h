/*
 * verify_chart.h - one panel of a picture, and the numbers in it.
 */
#ifndef HOST_CLI_VERIFY_CHART_H
#define HOST_CLI_VERIFY_CHART_H

#include "svg.h"

#define CIS_CHART_MAX_SERIES 24

struct cis_chart {
	struct cis_svg_panel panel; /* points to what follows */
	struct cis_svg_series series[CIS_CHART_MAX_SERIES];
	char name[CIS_CHART_MAX_SERIES][80];
	double *data[CIS_CHART_MAX_SERIES]; /* x, then y */
	double limit;
};

/* Errors: the y axis is logarithmic. Labels are borrowed. */
void cis_chart_init(struct cis_chart *chart, const char *x_label,
		    const char *y_label);
void cis_chart_clear(struct cis_chart *chart);

/* A line with room for n values; its number. -ENOMEM: it is left out. */
int cis_chart_series(struct cis_chart *chart, const char *name, size_t n);
/* `series` below 0, or one that is full: nothing happens. */
void cis_chart_value(struct cis_chart *chart, int series, double x, double y);
/* NaN: none. The name is borrowed. */
void cis_chart_limit(struct cis_chart *chart, const char *name, double limit);

#endif
