/* combine.c - see combine.h. */
#include "combine.h"

#include <math.h>
#include <stdbool.h>

#include "health.h"

/* |V-| must exceed |V+| by this much before the order counts as reversed: with
 * one phase alone they are equal. */
#define ACB_MARGIN 1.01

static const double complex alpha = -0.5 + 0.86602540378443864676 * I;

/* A group in which neither sequence reaches this part of its largest phase has
 * one signal on all inputs: no rotation to measure. */
#define MIN_SEQUENCE 0.1

/* A frequency known no better than this comes from the pick-up of idle inputs:
 * real recordings give 0.06 Hz at worst, a sawtooth on two cycles 0.5 Hz. */
#define MAX_U_HZ 0.6

struct source {
	const struct cis_dyn *dyn[3];
	double complex w[3];
	uint32_t n;
	uint32_t flags;
	uint32_t notes;
};

static double complex sequence(const struct cis_group *g,
			       const struct cis_chan_fit *fit,
			       double complex turn)
{
	return (fit[g->chan[0]].dyn.x[0] + turn * fit[g->chan[1]].dyn.x[0] +
		turn * turn * fit[g->chan[2]].dyn.x[0]) /
	       3;
}

double complex cis_combine_positive(const struct cis_group *group,
				    const struct cis_chan_fit *fit)
{
	return sequence(group, fit, alpha);
}

static uint32_t disturbed(const struct cis_dyn *d)
{
	bool large = d->resid_rms > CIS_DISTURBED * cabs(d->x[0]) / sqrt(2);

	return large && !(d->flags & CIS_REPORT_NOSIGNAL) ? CIS_NOTE_DISTURBED
							  : 0;
}

static double largest_phase(const struct cis_group *g,
			    const struct cis_chan_fit *fit)
{
	return fmax(cabs(fit[g->chan[0]].dyn.x[0]),
		    fmax(cabs(fit[g->chan[1]].dyn.x[0]),
			 cabs(fit[g->chan[2]].dyn.x[0])));
}

static struct source from_group(const struct cis_group *g,
				const struct cis_chan_fit *fit)
{
	double positive = cabs(sequence(g, fit, alpha));
	double negative = cabs(sequence(g, fit, conj(alpha)));
	bool acb = negative > ACB_MARGIN * positive;
	bool rotates =
		fmax(positive, negative) > MIN_SEQUENCE * largest_phase(g, fit);
	double complex turn = acb ? conj(alpha) : alpha;
	struct source s = {.w = {1.0 / 3, turn / 3, turn * turn / 3},
			   .n = 3,
			   .flags = CIS_REPORT_NOSIGNAL,
			   .notes = acb ? CIS_NOTE_ACB : 0};

	for (unsigned i = 0; i < 3; i++) {
		const struct cis_dyn *d = &fit[g->chan[i]].dyn;

		s.dyn[i] = d;
		s.notes |= disturbed(d);
		if (rotates && !(d->flags & CIS_REPORT_NOSIGNAL))
			s.flags &= ~CIS_REPORT_NOSIGNAL;
	}
	for (unsigned i = 0; i < 3; i++)
		s.flags |=
			s.dyn[i]->flags & (CIS_REPORT_NOFIT | CIS_REPORT_GAP);
	return s;
}

static struct source from_channel(const struct cis_chan_fit *fit)
{
	return (struct source){.dyn = {&fit->dyn},
			       .w = {1},
			       .n = 1,
			       .flags = fit->dyn.flags,
			       .notes = disturbed(&fit->dyn)};
}

/* The i-th candidate of one quantity; false past the last. */
static bool candidate(const struct cis_chan_map *map,
		      const struct cis_chan_fit *fit, enum cis_quantity q,
		      uint32_t i, struct source *s)
{
	for (uint32_t g = 0; g < map->n_group; g++) {
		if (map->group[g].quantity != q || i-- > 0)
			continue;
		*s = from_group(&map->group[g], fit);
		return true;
	}
	for (uint32_t c = 0; c < map->n_chan; c++) {
		if (map->chan[c].quantity != q || i-- > 0)
			continue;
		*s = from_channel(&fit[c]);
		return true;
	}
	return false;
}

struct cis_system cis_combine(const struct cis_chan_map *map,
			      const struct cis_chan_fit *fit, double fnom_hz)
{
	static const enum cis_quantity order[] = {CIS_VOLTAGE, CIS_CURRENT};
	const uint32_t bad =
		CIS_REPORT_GAP | CIS_REPORT_NOSIGNAL | CIS_REPORT_NOFIT;
	struct cis_system sys = {
		.rate = {fnom_hz, 0, NAN, NAN},
	};
	bool first = true;

	for (unsigned q = 0; q < 2; q++) {
		struct source s;

		for (uint32_t i = 0; candidate(map, fit, order[q], i, &s);
		     i++) {
			struct cis_rate_of rate =
				cis_dyn_rates(s.dyn, s.w, s.n, fnom_hz);

			if (!(rate.u_freq_hz < MAX_U_HZ))
				s.flags |= CIS_REPORT_NOSIGNAL;
			/* What is missing says nothing of a signal. */
			if (s.flags & CIS_REPORT_GAP)
				s.flags &= ~CIS_REPORT_NOSIGNAL;
			if (first)
				sys.flags = s.flags & bad;
			first = false;
			if (s.flags & bad)
				continue;
			return (struct cis_system){.notes = s.notes,
						   .rate = rate};
		}
	}
	return sys;
}

/* fnom is a whole number: whole turns are taken out before the division. */
double complex cis_combine_turn(double fnom_hz, struct cis_instant at)
{
	uint64_t turns = (uint64_t)fnom_hz * at.k % at.rate.num;
	double angle = -2 * CIS_PI * (double)turns / at.rate.num;

	return cexp(I * angle) / sqrt(2);
}
