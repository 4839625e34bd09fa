/* slope.c - see slope.h. */
#include "slope.h"

#include <math.h>

/* Sums about means that follow: what is far from 0 loses nothing. */
void cis_slope_add(struct cis_slope *s, double x, double y)
{
	double dx = x - s->mean_x, dy = y - s->mean_y;

	s->n++;
	s->mean_x += dx / (double)s->n;
	s->mean_y += dy / (double)s->n;
	s->sum_xx += dx * (x - s->mean_x);
	s->sum_xy += dx * (y - s->mean_y);
}

double cis_slope_of(const struct cis_slope *s)
{
	return s->sum_xx > 0 ? s->sum_xy / s->sum_xx : (double)NAN;
}
