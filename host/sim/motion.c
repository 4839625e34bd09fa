/*
 * motion.c - see motion.h.
 *
 * u is the time since an occurrence began. The turns of ramps and islands grow
 * with t and are double-doubles; all others are bounded.
 */
#include "motion.h"

#include <string.h>

#include "host/core/angle.h"
#include "occasion.h"

#define VOLTAGES 7u /* of the bits of channels */

void cis_motion_init(struct cis_motion *m)
{
	memset(m, 0, sizeof(*m));
	for (unsigned c = 0; c < CIS_SIGNAL_N_CHAN; c++)
		m->effect.level[c] = 1;
}

void cis_motion_finish(struct cis_motion *m)
{
	m->effect.turns = dd_rest(m->turns);
	m->effect.freq_hz = m->hz.hi;
}

static void add_freq(struct cis_motion *m, struct dd hz, double hz_per_s)
{
	m->hz = dd_add(m->hz, hz);
	m->effect.rocof_hz_per_s += hz_per_s;
}

/* ---- of the whole PMU ---- */

struct ramp {
	double rocof, for_s, every_s;
};

/* One that is over has risen by D = rocof d, and turned by D (u - d/2). Of n
 * that began `every` apart, the first U ago, that is
 * n D (U - d/2) - D every n (n - 1)/2. */
static struct dd turns_of_ramps(const struct ramp *ramp, double n,
				struct dd first)
{
	struct dd rise = dd_prod(ramp->rocof, ramp->for_s);
	struct dd since = dd_add(first, (struct dd){-ramp->for_s / 2, 0});
	struct dd pairs = dd_scale(dd_prod(n, n - 1), -ramp->every_s / 2);

	return dd_mul(rise, dd_add(dd_scale(since, n), pairs));
}

static void add_ramps(struct cis_motion *m, const struct ramp *ramp,
		      const struct cis_occasion *o)
{
	double rocof = ramp->rocof, n_over = o->n_before;
	struct dd square = dd_mul(o->last, o->last);
	struct dd rise = dd_prod(rocof, ramp->for_s);

	if (cis_occasion_lasts(o, ramp->for_s)) {
		m->turns = dd_add(m->turns, dd_scale(square, rocof / 2));
		add_freq(m, dd_scale(o->last, rocof), rocof);
	} else {
		n_over++;
	}
	if (n_over == 0)
		return;
	m->turns = dd_add(m->turns, turns_of_ramps(ramp, n_over, o->first));
	add_freq(m, dd_scale(rise, n_over), 0);
}

/* The way back is one more, which begins for_s later. */
static void add_ramp(struct cis_motion *m, const struct cis_event *e,
		     double for_s, const struct cis_occasion *o)
{
	struct ramp ramp = {e->ramp.hz_per_s, for_s, e->every_s};
	struct cis_occasion back;

	add_ramps(m, &ramp, o);
	if (!e->ramp.back)
		return;
	back = cis_event_occasion(e, dd_add(o->t, (struct dd){-for_s, 0}));
	ramp.rocof = -ramp.rocof;
	if (back.begun)
		add_ramps(m, &ramp, &back);
}

/* Back in T: hz (1 - s) + 6 s (1 - s) d/T for s = u/T from 0 to 1, where d makes
 * the turns a whole number, the nearest to those without it. */
static void add_resync(struct cis_motion *m, const struct cis_event *e,
		       double for_s, struct dd u)
{
	double hz = e->island.hz, T = e->island.resync_s;
	double s = (u.hi + u.lo) / T;
	struct dd away = dd_prod(hz, for_s);
	double d = -dd_rest(dd_add(away, dd_prod(hz, T / 2)));
	double turns = T * hz * (s - s * s / 2) + d * s * s * (3 - 2 * s);

	m->turns = dd_add(m->turns, dd_add(away, (struct dd){turns, 0}));
	add_freq(m, dd_sum(hz * (1 - s), 6 * s * (1 - s) * d / T),
		 -hz / T + 6 * (1 - 2 * s) * d / (T * T));
}

static void add_island(struct cis_motion *m, const struct cis_event *e,
		       double for_s, const struct cis_occasion *o)
{
	struct dd u;

	if (cis_occasion_lasts(o, for_s)) {
		m->turns = dd_add(m->turns, dd_scale(o->last, e->island.hz));
		add_freq(m, (struct dd){e->island.hz, 0}, 0);
		return;
	}
	u = dd_add(o->last, (struct dd){-for_s, 0});
	if (u.hi < e->island.resync_s - CIS_SAME_INSTANT_S)
		add_resync(m, e, for_s, u);
}

/* ---- of channels ---- */

/* Turns with their derivatives. */
struct swing {
	double turns, hz, hz_per_s;
};

/* The PMU's frequency is that of its voltages: it moves where all do. */
static void add_swing(struct cis_motion *m, unsigned channels, double level,
		      const struct swing *swing)
{
	for (unsigned c = 0; c < CIS_SIGNAL_N_CHAN; c++) {
		if (!(channels >> c & 1))
			continue;
		m->effect.level[c] *= level;
		m->effect.chan_turns[c] += swing->turns;
	}
	if ((channels & VOLTAGES) == VOLTAGES)
		add_freq(m, (struct dd){swing->hz, 0}, swing->hz_per_s);
}

/* Steps for good add up. */
static void add_step(struct cis_motion *m, const struct cis_event *e,
		     double for_s, const struct cis_occasion *o)
{
	double n = isinf(for_s) ? o->n_before + 1 : 1;
	struct swing swing = {
		.turns = dd_rest(dd_prod(n, e->step.rad / CIS_TWO_PI)),
	};

	if (cis_occasion_lasts(o, for_s))
		add_swing(m, e->channels, pow(1 + e->step.mag, n), &swing);
}

static double phase_rad(double hz, struct dd u)
{
	return CIS_TWO_PI * dd_rest(dd_scale(u, hz));
}

static void add_modulation(struct cis_motion *m, const struct cis_event *e,
			   double for_s, const struct cis_occasion *o)
{
	double pm_rad = e->modulation.pm_rad, hz = e->modulation.pm_hz;
	double am =
		e->modulation.am * sin(phase_rad(e->modulation.am_hz, o->last));
	double x = phase_rad(hz, o->last);
	struct swing swing = {
		.turns = pm_rad / CIS_TWO_PI * sin(x),
		.hz = pm_rad * hz * cos(x),
		.hz_per_s = -pm_rad * CIS_TWO_PI * hz * hz * sin(x),
	};

	if (cis_occasion_lasts(o, for_s))
		add_swing(m, e->channels, 1 + am, &swing);
}

/* x = exp(-z w u) sin(w u); x' = w exp (cos - z sin);
 * x'' = w^2 exp ((z^2 - 1) sin - 2 z cos). */
static void add_oscillation(struct cis_motion *m, const struct cis_event *e,
			    double for_s, const struct cis_occasion *o)
{
	double w = CIS_TWO_PI * e->oscillation.hz, z = e->oscillation.damping;
	double turns = e->oscillation.rad / CIS_TWO_PI;
	double a, s, c;
	struct swing swing;

	if (!cis_occasion_lasts(o, for_s))
		return;
	a = exp(-z * w * o->last.hi);
	s = sin(phase_rad(e->oscillation.hz, o->last));
	c = cos(phase_rad(e->oscillation.hz, o->last));
	swing = (struct swing){
		.turns = turns * a * s,
		.hz = turns * a * w * (c - z * s),
		.hz_per_s = turns * a * w * w * ((z * z - 1) * s - 2 * z * c),
	};
	add_swing(m, e->channels, 1 + e->oscillation.mag * a * s, &swing);
}

void cis_motion_add(struct cis_motion *m, const struct cis_event *e,
		    double for_s, struct dd t)
{
	static void (*const adders[CIS_N_EVENT_KIND])(
		struct cis_motion *, const struct cis_event *, double,
		const struct cis_occasion *) = {
		[CIS_EVENT_RAMP] = add_ramp,
		[CIS_EVENT_STEP] = add_step,
		[CIS_EVENT_MODULATION] = add_modulation,
		[CIS_EVENT_OSCILLATION] = add_oscillation,
		[CIS_EVENT_ISLAND] = add_island,
	};
	struct cis_occasion o;

	if (!adders[e->kind])
		return;
	o = cis_event_occasion(e, t);
	if (o.begun)
		adders[e->kind](m, e, for_s, &o);
}
