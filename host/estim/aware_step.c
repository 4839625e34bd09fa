/*
 * aware_step.c - where a recording steps, to the sample.
 *
 * First where phasors of windows on either side differ most; then where two
 * fits of a fundamental and an offset, one to each side, leave least.
 */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "aware_seed.h"

/* Phasors are of four cycles, four a cycle: these do not overlap. */
#define APART 9

static double turn_per_hop(const struct cis_view *v, size_t without)
{
	double complex sum = 0;

	for (size_t k = 1; k < v->n; k++)
		if (without == 0 || k + APART < without || k > without + APART)
			sum += v->z[k] * conj(v->z[k - 1]);
	return carg(sum);
}

/* The phasor whose neighbours differ most. */
static size_t coarse_step(const struct cis_view *v)
{
	double complex turn = cexp(-I * APART * turn_per_hop(v, 0));
	double most = -1;
	size_t best = 0;

	for (size_t k = APART; k + APART < v->n; k++) {
		double jump = cabs(v->z[k + APART] * turn -
				   v->z[k - APART] * conj(turn));

		if (jump > most) {
			most = jump;
			best = k;
		}
	}
	return best;
}

/* ---- to the sample ---- */

#define N_BASE 3 /* cos, sin, 1 */

/* Sums for a fit of N_BASE columns. */
struct sums {
	double g[N_BASE][N_BASE], b[N_BASE];
};

static void add(struct sums *s, double angle, double y, double sign)
{
	double row[N_BASE] = {cos(angle), sin(angle), 1};

	for (unsigned i = 0; i < N_BASE; i++) {
		s->b[i] += sign * row[i] * y;
		for (unsigned j = 0; j < N_BASE; j++)
			s->g[i][j] += sign * row[i] * row[j];
	}
}

/* Coefficients and, returned, the energy that they explain. */
static double explain(const struct sums *s, double x[N_BASE])
{
	double l[N_BASE][N_BASE], y[N_BASE], sum = 0;

	for (unsigned i = 0; i < N_BASE; i++) {
		y[i] = s->b[i];
		for (unsigned j = 0; j <= i; j++) {
			l[i][j] = s->g[i][j];
			for (unsigned k = 0; k < j; k++)
				l[i][j] -= l[i][k] * l[j][k];
			if (j < i) {
				l[i][j] /= l[j][j];
				y[i] -= l[i][j] * y[j];
			}
		}
		l[i][i] = sqrt(l[i][i]);
		y[i] /= l[i][i];
		sum += y[i] * y[i];
	}
	for (unsigned i = N_BASE; i-- > 0;) {
		x[i] = y[i];
		for (unsigned k = i + 1; k < N_BASE; k++)
			x[i] -= l[k][i] * x[k];
		x[i] /= l[i][i];
	}
	return sum;
}

/* The samples [from, to), and candidates [low, high] for the first one after
 * the step. */
struct span {
	size_t from, low, high, to;
	double f_hz;
};

static double angle_of(const struct cis_track *t, const struct span *p,
		       size_t i)
{
	return 2 * CIS_PI * cis_turns(p->f_hz, cis_track_lapse(t, i));
}

static void set_side(const double x[N_BASE], double *a, double *phi)
{
	*a = hypot(x[0], x[1]);
	*phi = atan2(-x[1], x[0]);
}

/* The sample that begins the new side. */
static size_t fine_step(const struct cis_track *t, const struct span *p,
			struct cis_waveform *w)
{
	const double *s = cis_track_samples(t);
	struct sums left = {.b = {0}}, right = {.b = {0}};
	double most = -INFINITY, x[N_BASE], y[N_BASE];
	size_t best = p->low;

	for (size_t i = p->from; i < p->low; i++)
		add(&left, angle_of(t, p, i), s[i], 1);
	for (size_t i = p->low; i < p->to; i++)
		add(&right, angle_of(t, p, i), s[i], 1);
	for (size_t i = p->low; i <= p->high; i++) {
		double both = explain(&left, x) + explain(&right, y);

		if (both > most) {
			most = both;
			best = i;
			set_side(x, &w->par[CIS_PAR_A], &w->par[CIS_PAR_PHI]);
			set_side(y, &w->par[CIS_PAR_A2], &w->par[CIS_PAR_PHI2]);
		}
		add(&left, angle_of(t, p, i), s[i], 1);
		add(&right, angle_of(t, p, i), s[i], -1);
	}
	return best;
}

static double between(const struct cis_track *t, size_t i)
{
	return (cis_lapse_s(cis_track_lapse(t, i - 1)) +
		cis_lapse_s(cis_track_lapse(t, i))) /
	       2;
}

int cis_aware_seed_step(const struct cis_track *t, const struct cis_view *v,
			double f_hz, struct cis_waveform *w)
{
	size_t cycle = (size_t)(t->rate_hz / f_hz), n = cis_track_n(t), k, mid;
	size_t middle = n / 2;
	struct span p;

	if (v->n < 2 * APART + 2 || n < 8 * cycle)
		return -ENODATA;
	k = coarse_step(v);
	mid = (size_t)((v->first_s + (double)k / v->rate_hz) * t->rate_hz +
		       (double)middle);
	f_hz += turn_per_hop(v, k) * v->rate_hz / (2 * CIS_PI);
	p.f_hz = f_hz;
	p.low = mid > 5 * cycle ? mid - 3 * cycle : 2 * cycle;
	p.high = mid + 3 * cycle + 2 * cycle < n ? mid + 3 * cycle
						 : n - 2 * cycle;
	p.from = p.low > 4 * cycle ? p.low - 4 * cycle : 0;
	p.to = p.high + 4 * cycle < n ? p.high + 4 * cycle : n;
	w->par[CIS_PAR_F] = f_hz;
	w->step_s = between(t, fine_step(t, &p, w));
	return 0;
}

bool cis_aware_step_again(const struct cis_track *t, struct cis_fitted *f)
{
	struct cis_fitted before = *f, after = *f;
	const double *s = cis_track_samples(t);
	size_t n = cis_track_n(t), cycle = (size_t)(t->rate_hz / 50), mid;
	size_t middle = n / 2;
	double least = INFINITY, gain = 0, was = f->wave.step_s;

	before.wave.step_s = INFINITY;
	after.wave.step_s = -INFINITY;
	mid = (size_t)fmax(was * t->rate_hz + (double)middle, 1);
	for (size_t i = mid > cycle ? mid - cycle : 1;
	     i < n && i <= mid + cycle; i++) {
		struct cis_lapse at = cis_track_lapse(t, i);
		double left = s[i] - cis_fitted_at(&before, at);
		double right = s[i] - cis_fitted_at(&after, at);

		if (gain < least) {
			least = gain;
			f->wave.step_s = between(t, i);
		}
		gain += left * left - right * right;
	}
	return fabs(f->wave.step_s - was) * t->rate_hz > 0.5;
}
