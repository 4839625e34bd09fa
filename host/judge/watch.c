/*
 * watch.c - jumps of a reference that does not tell its steps; see tally.h.
 *
 * Three tests. Two are against what the standard's dynamic tests can produce at the
 * reporting rate Fs: modulations of 10 % and of 0.1 rad up to Fr = min(Fs/5, 5)
 * Hz, with an FE of up to 0.06 Fr (class M). With w = 2 pi Fr and spacing T:
 *
 * - Phase. From one report to the next it should turn by the integral of the
 *   frequency, of which Simpson's and the trapezoidal rule are wrong by no more
 *   than 0.1 (wT)^3 / 12.
 * - Magnitude. The second difference of 1 + 0.1 cos(wt) is at most
 *   0.4 sin^2(wT/2), where the magnitude is 0.9. Below 34 reports/s this exceeds
 *   10 %: steps of the magnitude by the standard's 10 % are then no different
 *   from its modulations.
 *
 * The third finds steps that the reference's filter has smeared into a smooth
 * change of angle and frequency. A modulation that could be taken for one goes on:
 * where its third differences, 0.1 (wT)^3, exceed 0.5 % or 5 mrad, it has a period
 * of no more than 17 reports. So a third difference above that, and half as large
 * again as any of the last 24 reports, is a jump, until it is over or has lasted
 * for as long. At 35 reports/s and below the corners of a ramp of 1 Hz/s are jumps,
 * too: the standard does not judge the reports near them either. A step by the
 * standard's 10 % or 10 degrees is found in windows of up to ten reports.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/core/angle.h"
#include "tally.h"

#define DEPTH_OF_MODULATION 0.1
#define MARGIN              1.1

#define NOVELTY       1.5
#define NOVELTY_LEAST 0.005
#define CALM_ASKED    12 /* reports, before anything can be new */

#define TRUST_START 4
#define TRUST_ASKED 3
#define TRUST_MOST  20
#define TRUST_LOST  2

int cis_watch_init(struct cis_watch *w, const struct cis_match_map *map,
		   double fnom_hz)
{
	memset(w, 0, sizeof(*w));
	w->map = map;
	w->fnom_hz = fnom_hz;
	w->trust = calloc(map->n, sizeof(*w->trust));
	w->calm = calloc(map->n, sizeof(*w->calm));
	if (!w->trust || !w->calm)
		return -ENOMEM;
	memset(w->trust, TRUST_START, map->n);
	for (int i = 0; i < CIS_WATCH_KEEP; i++) {
		w->report[i].value =
			calloc(map->n, sizeof(*w->report[i].value));
		if (!w->report[i].value)
			return -ENOMEM;
	}
	return 0;
}

void cis_watch_release(struct cis_watch *w)
{
	free(w->trust);
	free(w->calm);
	for (int i = 0; i < CIS_WATCH_KEEP; i++)
		free(w->report[i].value);
}

void cis_watch_reset(struct cis_watch *w)
{
	w->n = 0;
}

/* ---- what is held ---- */

static double known(double u)
{
	return u > 0 && isfinite(u) ? u : 0;
}

static void keep(struct cis_watch *w, const struct cis_side_report *r)
{
	struct cis_watch_report first = w->report[0], *to;

	if (w->n == CIS_WATCH_KEEP) {
		memmove(&w->report[0], &w->report[1],
			(CIS_WATCH_KEEP - 1) * sizeof(first));
		w->report[CIS_WATCH_KEEP - 1] = first;
		w->n--;
	}
	to = &w->report[w->n++];
	to->at = r->at;
	to->notes = r->notes;
	to->freq_hz = r->freq_hz;
	to->rocof_hz_per_s = r->rocof_hz_per_s;
	to->u_freq_hz = known(r->u_freq_hz);
	for (uint32_t i = 0; i < w->map->n; i++) {
		const struct cis_match *m = &w->map->match[i];
		uint32_t first_term = m->term[0].phasor;
		struct cis_watch_value *v = &to->value[i];

		v->x = cis_match_reference(m, r->phasor_rms, r->n_phasor);
		v->u_mag = v->u_phase_rad = 0;
		if (first_term >= r->n_phasor)
			continue;
		v->u_mag = known(r->unc[first_term].mag);
		v->u_phase_rad = known(r->unc[first_term].phase_rad);
	}
}

static bool follows(const struct cis_watch *w, struct cis_instant at)
{
	struct cis_instant last;

	if (w->n == 0)
		return true;
	last = w->report[w->n - 1].at;
	return last.rate.num == at.rate.num && last.rate.den == at.rate.den &&
	       cis_instant_diff(at, last) == 1;
}

/* ---- the two tests ---- */

struct grid {
	double dt_s, band_hz, wt; /* spacing, Fr, 2 pi Fr T */
};

static struct grid grid_of(struct cis_rate rate)
{
	double fs_hz = cis_rate_hz(rate);
	double band_hz = fmin(fs_hz / 5, 5);

	return (struct grid){1 / fs_hz, band_hz, CIS_TWO_PI * band_hz / fs_hz};
}

static double simpson_hz(const struct cis_watch_report *a,
			 const struct cis_watch_report *b, double dt_s)
{
	double mean = (a->freq_hz + b->freq_hz) / 2;
	double slope = (a->rocof_hz_per_s - b->rocof_hz_per_s) / 12 * dt_s;

	return isnan(slope) ? mean : mean + slope;
}

static bool phase_jumps(const struct cis_watch *w, uint32_t i,
			const struct grid *g)
{
	const struct cis_watch_report *a = &w->report[w->n - 2], *b = a + 1;
	const struct cis_watch_value *p = &a->value[i], *q = &b->value[i];
	double turn =
		CIS_TWO_PI * g->dt_s * (simpson_hz(a, b, g->dt_s) - w->fnom_hz);
	double off = cis_angle_wrap(carg(q->x) - carg(p->x) - turn);
	double bound = MARGIN * (CIS_TWO_PI * 0.06 * g->band_hz * g->dt_s +
				 DEPTH_OF_MODULATION * pow(g->wt, 3) / 12);
	double u =
		hypot(hypot(p->u_phase_rad, q->u_phase_rad),
		      CIS_TWO_PI * g->dt_s * hypot(a->u_freq_hz, b->u_freq_hz));

	return fabs(off) > bound + CIS_COVERAGE * u;
}

static bool magnitude_jumps(const struct cis_watch *w, uint32_t i,
			    const struct grid *g)
{
	const struct cis_watch_report *a = &w->report[w->n - 3];
	double first = cabs(a[0].value[i].x), mid = cabs(a[1].value[i].x);
	double last = cabs(a[2].value[i].x);
	double depth = DEPTH_OF_MODULATION / (1 - DEPTH_OF_MODULATION);
	double bound = MARGIN * 4 * depth * pow(sin(g->wt / 2), 2);
	double u = a[0].value[i].u_mag + 2 * a[1].value[i].u_mag +
		   a[2].value[i].u_mag;

	return fabs(first - 2 * mid + last) >
	       (bound + CIS_COVERAGE * u) * fmax(first, last);
}

/* ---- the third test ---- */

struct third {
	double mag, phase_rad; /* differences, magnitudes */
};

static struct third third_of(const struct cis_watch *w, uint32_t i)
{
	double mag[4], rad[4], top = 0, u_mag = 0, u_rad = 0;

	for (uint32_t k = 0; k < 4; k++) {
		const struct cis_watch_value *v =
			&w->report[w->n - 4 + k].value[i];

		mag[k] = cabs(v->x);
		rad[k] = carg(v->x);
		top = fmax(top, mag[k]);
		u_mag = fmax(u_mag, v->u_mag);
		u_rad = fmax(u_rad, v->u_phase_rad);
	}
	/* 8: the sum of the weights 1 3 3 1. */
	return (struct third){fabs(mag[3] - 3 * mag[2] + 3 * mag[1] - mag[0]) /
					      top -
				      8 * CIS_COVERAGE * u_mag,
			      fabs(cis_angle_wrap(rad[3] - 3 * rad[2] +
						  3 * rad[1] - rad[0])) -
				      8 * CIS_COVERAGE * u_rad};
}

static bool is_new(double x, const double *before, uint32_t n)
{
	double most = 0;

	for (uint32_t k = 0; k < n; k++)
		most = fmax(most, before[k]);
	return x > NOVELTY_LEAST && x > NOVELTY * most;
}

/* Neither what jumps is remembered as calm nor what follows: a step has two ends
 * in a filter. Unless it goes on and on. */
static bool is_novel(struct cis_watch *w, uint32_t i)
{
	struct cis_watch_calm *c = &w->calm[i];
	struct third t = third_of(w, i);
	uint32_t n = c->n < CIS_WATCH_MEMORY ? c->n : CIS_WATCH_MEMORY;
	bool novel = n >= CALM_ASKED && (is_new(t.mag, c->mag, n) ||
					 is_new(t.phase_rad, c->phase_rad, n));

	if (novel && ++c->n_jump <= CIS_WATCH_MEMORY) {
		c->n_after = CALM_ASKED;
		return true;
	}
	if (!novel && c->n_after > 0 && --c->n_after > 0)
		return false;
	c->n_jump = c->n_after = 0;
	c->mag[c->n % CIS_WATCH_MEMORY] = t.mag;
	c->phase_rad[c->n % CIS_WATCH_MEMORY] = t.phase_rad;
	c->n++;
	return novel;
}

/* ---- together ---- */

static bool told(const struct cis_watch *w, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (w->report[w->n - 1 - i].notes & CIS_NOTE_STEP)
			return true;
	return false;
}

/* Of the newest n reports; by what is not known there is no jump. */
static bool jumps(struct cis_watch *w, uint32_t i, bool phase, bool magnitude)
{
	struct grid g = grid_of(w->report[0].at.rate);
	bool jump = (phase && phase_jumps(w, i, &g)) ||
		    (magnitude && magnitude_jumps(w, i, &g));
	uint8_t trust = w->trust[i];

	if (!jump)
		w->trust[i] = trust < TRUST_MOST ? trust + 1 : trust;
	else
		w->trust[i] = trust > TRUST_LOST ? trust - TRUST_LOST : 0;
	return jump && trust >= TRUST_ASKED;
}

bool cis_watch_put(struct cis_watch *w, const struct cis_side_report *r,
		   struct cis_instant *from, struct cis_instant *to)
{
	bool phase, magnitude, third, jump = false;

	if (!follows(w, r->at))
		cis_watch_reset(w);
	keep(w, r);
	phase = w->n >= 2 && !told(w, 2);
	magnitude = w->n >= 3 && !told(w, 3);
	third = w->n >= 4 && !told(w, 4);
	for (uint32_t i = 0; i < w->map->n; i++) {
		jump |= jumps(w, i, phase, magnitude);
		if (third)
			jump |= is_novel(w, i);
	}
	*to = r->at;
	*from = w->report[w->n > 1 ? w->n - 2 : 0].at;
	return jump;
}
