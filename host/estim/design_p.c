/*
 * design_p.c - profile P: weighted least squares over four cycles.
 * docs/estimator.md 3.1.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "design_parts.h"
#include "kaiser.h"
#include "wave.h"

#define BETA         12
#define TOP_HARMONIC 50

/* The carrier, and the roots of the weights; one allocation. */
struct window {
	size_t half;
	double turns;
	double *c, *s, *col, *root;
};

static bool window_init(struct window *w, size_t half, double turns)
{
	size_t len = half + 1;

	*w = (struct window){.half = half, .turns = turns};
	w->c = malloc(4 * len * sizeof(double));
	if (!w->c)
		return false;
	w->s = w->c + len;
	w->col = w->s + len;
	w->root = w->col + len;
	cis_wave(turns, len, w->c, w->s);
	for (size_t i = 0; i < len; i++)
		w->root[i] = sqrt(cis_kaiser(BETA, i, half));
	return true;
}

static void phasor_columns(struct cis_part *p, const struct window *w)
{
	struct cis_carrier at = {w->half, w->c, w->s};

	for (unsigned k = 0; k < 4; k++) {
		cis_columns_phasor(&at, p->odd, k, w->col);
		memcpy(p->x + k * p->n, w->col + p->odd, p->n * sizeof(double));
	}
}

static bool one_part(struct cis_part *p, const struct window *w,
		     struct cis_rows *rows)
{
	const double *root = w->root + p->odd;

	phasor_columns(p, w);
	if (!cis_columns_rest(p, w->turns))
		return false;
	cis_columns_target(p, (double)w->half / rows->rate_hz);
	cis_part_weigh(p, root);
	if (!cis_part_solve(p))
		return false;
	for (unsigned f = 0; f < CIS_N_FORM; f++)
		cis_part_half_row(p, f, root,
				  rows->g + cis_part_row(p->odd, f) *
						    rows->stride);
	return true;
}

bool cis_design_p(const struct cis_design *d, struct cis_rows *rows)
{
	size_t n_harmonic = cis_columns_harmonics(rows->seed_hz, TOP_HARMONIC,
						  0.49 * d->rate_hz);
	struct window w;
	bool ok = window_init(&w, rows->half, rows->seed_hz / d->rate_hz);

	for (unsigned odd = 0; ok && odd < 2; odd++) {
		struct cis_part p;

		ok = cis_part_init(&p, odd, rows->half,
				   cis_columns_count(odd, n_harmonic)) &&
		     one_part(&p, &w, rows);
		cis_part_free(&p);
	}
	free(w.c);
	return ok;
}
