/* verify_chart.c - see verify_chart.h. */
#include "verify_chart.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

void cis_chart_init(struct cis_chart *chart, const char *x_label,
		    const char *y_label)
{
	memset(chart, 0, sizeof(*chart));
	chart->panel = (struct cis_svg_panel){.x_label = x_label,
					      .y_label = y_label,
					      .log_y = true,
					      .series = chart->series};
}

void cis_chart_clear(struct cis_chart *chart)
{
	for (size_t i = 0; i < CIS_CHART_MAX_SERIES; i++)
		free(chart->data[i]);
}

int cis_chart_series(struct cis_chart *chart, const char *name, size_t n)
{
	size_t i = chart->panel.n_series;

	if (i == CIS_CHART_MAX_SERIES)
		return -ENOMEM;
	chart->data[i] = calloc(2 * n + 1, sizeof(double));
	if (!chart->data[i])
		return -ENOMEM;
	snprintf(chart->name[i], sizeof(chart->name[i]), "%s", name);
	chart->series[i] = (struct cis_svg_series){.name = chart->name[i],
						   .colour = (unsigned)i,
						   .x = chart->data[i],
						   .y = chart->data[i] + n};
	chart->panel.n_series++;
	return (int)i;
}

void cis_chart_value(struct cis_chart *chart, int series, double x, double y)
{
	struct cis_svg_series *s;
	double *data;
	size_t room;

	if (series < 0)
		return;
	s = &chart->series[series];
	data = chart->data[series];
	room = (size_t)(s->y - s->x);
	if (s->n >= room)
		return;
	data[s->n] = x;
	data[room + s->n++] = y;
}

void cis_chart_limit(struct cis_chart *chart, const char *name, double limit)
{
	size_t i = chart->panel.n_series;

	if (isnan(limit) || i == CIS_CHART_MAX_SERIES)
		return;
	chart->limit = limit;
	chart->series[i] = (struct cis_svg_series){.name = name,
						   .style = CIS_SVG_LIMIT,
						   .n = 1,
						   .y = &chart->limit};
	chart->panel.n_series++;
}
