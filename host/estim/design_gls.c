/*
 * design_gls.c - profiles M and R: prefilter, decimate, generalised least
 * squares. docs/estimator.md 3.2.
 */
#include <lapacke.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "design_parts.h"
#include "moments.h"
#include "prefilter.h"
#include "wave.h"

struct gls {
	struct cis_prefilter h;
	struct cis_moments m;
	size_t n_harmonic;
	double point_turns; /* cycles of the seed from point to point */
	size_t half;        /* samples */
	double *c, *s, *col, *point;
};

static bool waves(struct gls *g, double turns)
{
	size_t len = g->half + 1;

	g->c = malloc(4 * len * sizeof(double));
	if (!g->c)
		return false;
	g->s = g->c + len;
	g->col = g->s + len;
	g->point = g->col + len;
	cis_wave(turns, len, g->c, g->s);
	return true;
}

static bool gls_init(struct gls *g, const struct cis_design *d, double seed_hz)
{
	struct cis_comb comb = {0};
	double point_hz;
	bool ok;

	*g = (struct gls){0};
	if (!cis_prefilter_init(&g->h, d))
		return false;
	point_hz = d->rate_hz / (double)g->h.to.by;
	g->half = g->h.to.half * g->h.to.by + g->h.to.reach;
	g->point_turns = seed_hz / point_hz;
	g->n_harmonic =
		cis_columns_harmonics(seed_hz, UINT_MAX, 0.49 * point_hz);
	ok = cis_comb_init(&comb, d, seed_hz, 0.5 * point_hz - 1) &&
	     cis_moments_init(&g->m, &comb, &g->h, seed_hz) &&
	     waves(g, seed_hz / d->rate_hz);
	cis_comb_free(&comb);
	return ok;
}

static void gls_free(struct gls *g)
{
	cis_prefilter_free(&g->h);
	cis_moments_free(&g->m);
	free(g->c);
}

static void phasor_columns(struct cis_part *p, const struct gls *g)
{
	struct cis_carrier at = {g->half, g->c, g->s};

	for (unsigned k = 0; k < CIS_N_FORM; k++) {
		cis_columns_phasor(&at, p->odd, k, g->col);
		cis_prefilter_apply(&g->h, p->odd, g->col, g->point);
		memcpy(p->x + k * p->n, g->point + p->odd,
		       p->n * sizeof(double));
	}
}

/* Lower factor of the part's covariance; free() it. */
static double *factor(const struct cis_part *p, const struct cis_moments *m)
{
	double *c = malloc(p->n * p->n * sizeof(double));
	lapack_int n = (lapack_int)p->n;

	if (!c)
		return NULL;
	cis_moments_cov(m, p, c);
	if (LAPACKE_dpotrf(LAPACK_COL_MAJOR, 'L', n, c, n) == 0)
		return c;
	free(c);
	return NULL;
}

/* In coordinates in which the covariance is 1, the rows are what is known,
 * corrected by what must be exact. */
static bool solve(struct cis_part *p, const struct cis_moments *m)
{
	size_t len = p->m * p->n * sizeof(double);
	double *x = malloc(len), *l = factor(p, m);
	bool ok = x && l;

	if (ok) {
		memcpy(x, p->x, len);
		cis_moments_prior(m, p);
		cis_part_whiten(p, l);
		ok = cis_part_solve(p);
		cis_part_colour(p, l);
		memcpy(p->x, x, len);
	}
	free(x);
	free(l);
	return ok && cis_part_polish(p);
}

static bool one_part(struct cis_part *p, struct gls *g, struct cis_rows *rows)
{
	phasor_columns(p, g);
	if (!cis_columns_rest(p, g->point_turns))
		return false;
	cis_columns_target(p, (double)g->half / rows->rate_hz);
	cis_part_weigh(p, NULL);
	if (!solve(p, &g->m))
		return false;
	for (unsigned f = 0; f < CIS_N_FORM; f++) {
		double *row = rows->g + cis_part_row(p->odd, f) * rows->stride;

		cis_part_half_row(p, f, NULL, g->point);
		cis_prefilter_fuse(&g->h, p->odd, g->point, row);
	}
	return true;
}

bool cis_design_gls(const struct cis_design *d, struct cis_rows *rows)
{
	struct gls g;
	bool ok = gls_init(&g, d, rows->seed_hz);

	for (unsigned odd = 0; ok && odd < 2; odd++) {
		struct cis_part p;

		ok = cis_part_init(&p, odd, g.h.to.half,
				   cis_columns_count(odd, g.n_harmonic)) &&
		     one_part(&p, &g, rows);
		cis_part_free(&p);
	}
	gls_free(&g);
	return ok;
}
