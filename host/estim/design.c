/*
 * design.c - shapes of the windows, and what all rows are told about
 * themselves once they are made.
 */
#include "design.h"

#include <cblas.h>
#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "design_parts.h"
#include "dyn.h"
#include "wave.h"

double cis_design_report_hz(const struct cis_design *d)
{
	return fmin(fmax(d->report_hz, 10), d->fnom_hz);
}

/* 150 taps at 18 kHz and 50 Hz, 126 at 60 Hz, on either side. */
static size_t prefilter_reach(const struct cis_design *d)
{
	double reach_s = d->fnom_hz < 55 ? 150 / 18000.0 : 126 / 18000.0;

	return d->rate_hz < 1200 ? 0 : (size_t)lround(reach_s * d->rate_hz);
}

struct cis_decimation cis_design_decimation(const struct cis_design *d)
{
	double n_report = d->profile == CIS_PROFILE_M ? 14 : 25;
	double window_s = n_report / cis_design_report_hz(d);
	size_t half = (size_t)lround(0.5 * window_s * d->rate_hz);
	struct cis_decimation to = {.reach = prefilter_reach(d)};

	to.by = d->rate_hz < 1200 ? 1 : (size_t)floor(d->rate_hz / 1200);
	to.half = (half - to.reach) / to.by;
	return to;
}

/* M bends more between seeds than the reference, and so do long windows. */
static double grid_hz(const struct cis_design *d)
{
	bool coarse = d->profile == CIS_PROFILE_REFERENCE &&
		      cis_design_report_hz(d) >= 40;

	return coarse ? 0.5 : 0.25;
}

struct cis_shape cis_design_shape(const struct cis_design *d)
{
	struct cis_shape shape = {.grid_hz = grid_hz(d)};
	struct cis_decimation to;

	if (d->profile == CIS_PROFILE_P) {
		shape.half = (uint32_t)lround(2 * d->rate_hz / d->fnom_hz);
		return shape;
	}
	to = cis_design_decimation(d);
	shape.half = (uint32_t)(to.half * to.by + to.reach);
	return shape;
}

static double gram(const struct cis_rows *rows, unsigned i, unsigned j)
{
	const double *a = rows->g + i * rows->stride;
	const double *b = rows->g + j * rows->stride;

	if (cis_row_is_even(i) != cis_row_is_even(j))
		return 0;
	return 2 * cblas_ddot((int)rows->half, a + 1, 1, b + 1, 1) +
	       a[0] * b[0];
}

static bool weigh_noise(struct cis_rows *rows)
{
	for (unsigned i = 0; i < CIS_N_ROW; i++)
		for (unsigned j = 0; j <= i; j++)
			rows->noise[i][j] = gram(rows, i, j);
	return LAPACKE_dpotrf(LAPACK_ROW_MAJOR, 'L', CIS_N_ROW,
			      &rows->noise[0][0], CIS_N_ROW) == 0;
}

/* The phase of a steady sine of frequency f at which d0 is worst: how far. */
static double error_at(const struct cis_rows *rows, double f_hz, double *wave)
{
	size_t n = rows->half + 1;
	double *c = wave, *s = wave + n, re, im;

	cis_wave(f_hz / rows->rate_hz, n, c, s);
	re = 2 * cblas_ddot((int)n - 1, rows->g + 1, 1, c + 1, 1) + rows->g[0];
	im = -2 * cblas_ddot((int)n, rows->g + rows->stride, 1, s, 1);
	return fmax(fabs(re - 1), fabs(im - 1));
}

static bool within(const struct cis_rows *rows, double off_hz, double *wave)
{
	return error_at(rows, rows->seed_hz - off_hz, wave) <= 1e-6 &&
	       error_at(rows, rows->seed_hz + off_hz, wave) <= 1e-6;
}

static double bisect(const struct cis_rows *rows, double good, double bad,
		     double *wave)
{
	while (bad - good > 1e-3 * bad) {
		double mid = 0.5 * (good + bad);

		if (within(rows, mid, wave))
			good = mid;
		else
			bad = mid;
	}
	return good;
}

static bool find_reach(struct cis_rows *rows)
{
	double step = 0.05 * rows->rate_hz / rows->half, good = 0;
	double *wave = malloc(2 * ((size_t)rows->half + 1) * sizeof(double));

	if (!wave)
		return false;
	while (good + step < 0.5 * rows->seed_hz &&
	       within(rows, good + step, wave))
		good += step;
	rows->reach_hz = bisect(rows, good, good + step, wave);
	free(wave);
	return true;
}

static bool fill(const struct cis_design *d, struct cis_rows *rows)
{
	bool ok = d->profile == CIS_PROFILE_P ? cis_design_p(d, rows)
					      : cis_design_gls(d, rows);

	return ok && weigh_noise(rows) && find_reach(rows);
}

struct cis_rows *cis_design_rows(const struct cis_design *d, double seed_hz)
{
	struct cis_rows *rows;

	if (!(seed_hz > 0))
		return NULL;
	rows = cis_rows_new(cis_design_shape(d).half);
	if (!rows)
		return NULL;
	rows->seed_hz = seed_hz;
	rows->rate_hz = d->rate_hz;
	openblas_set_num_threads(1);
	if (fill(d, rows))
		return rows;
	cis_rows_free(rows);
	return NULL;
}
