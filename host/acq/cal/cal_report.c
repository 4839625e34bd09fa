/*
 * cal_report.c - the part of a correction that is made on phasors; see cal.h.
 */
#include <math.h>
#include <string.h>

#include "cal_parts.h"
#include "cisoid/report.h"
#include "host/core/angle.h"

static const double complex alpha = -0.5 + 0.86602540378443864676 * I;

/*
 * What moves a phasor back by d, to first order in the dynamics: the samples
 * were taken d later than they say, so the phasor is that of d later.
 */
static double complex shift(const struct cis_report *rep, uint32_t chan,
			    double d_s)
{
	const struct cis_fit *fit = &rep->fit[chan];
	double rms = cabs(rep->phasor_rms[chan]);
	double turns = rep->freq_hz * d_s;
	double moved = fit->a1_per_s * d_s / rms;

	if (isfinite(rep->rocof_hz_per_s))
		turns -= rep->rocof_hz_per_s * d_s * d_s / 2;
	if (!isfinite(moved))
		moved = 0;
	return (1 - moved) * cexp(-I * CIS_TWO_PI * turns);
}

static void add_u(struct cis_fit *fit, double u_mag, double u_phase_rad)
{
	fit->u_mag = hypot(fit->u_mag, u_mag);
	fit->u_phase_rad = hypot(fit->u_phase_rad, u_phase_rad);
}

static void by_constant(const struct cis_correction *k, double freq_hz,
			struct cis_fit *fit)
{
	if (k->u_gain > 0 || k->u_delay_s > 0)
		add_u(fit, k->u_gain / fabs(k->gain),
		      CIS_TWO_PI * freq_hz * k->u_delay_s);
}

static void by_table(const struct cis_cal_table *table, uint32_t chan,
		     struct cis_report *rep)
{
	struct cis_fit *fit = &rep->fit[chan];
	double complex *phasor = &rep->phasor_rms[chan];
	double v[CIS_CAL_N_VALUE];
	bool within = cis_cal_table_at(table, rep->freq_hz, cabs(*phasor), v);

	if (!within && !(fit->flags & CIS_REPORT_NOSIGNAL))
		rep->notes |= CIS_NOTE_CAL;
	*phasor *= v[CIS_CAL_GAIN] * shift(rep, chan, v[CIS_CAL_DELAY]) *
		   cexp(I * v[CIS_CAL_PHASE]);
	fit->a1_per_s *= v[CIS_CAL_GAIN];
	fit->a2_per_s2 *= v[CIS_CAL_GAIN];
	add_u(fit, v[CIS_CAL_U_GAIN] / v[CIS_CAL_GAIN],
	      hypot(CIS_TWO_PI * rep->freq_hz * v[CIS_CAL_U_DELAY],
		    v[CIS_CAL_U_PHASE]));
}

static void make_sequence(const struct cis_cal *cal, uint32_t g,
			  struct cis_report *rep)
{
	const uint32_t *chan = cal->map.group[g].chan;
	const double complex *x = rep->phasor_rms;

	if (cal->chan[chan[0]].table || cal->chan[chan[1]].table ||
	    cal->chan[chan[2]].table)
		rep->phasor_rms[cal->map.n_chan + g] =
			(x[chan[0]] + alpha * x[chan[1]] +
			 alpha * alpha * x[chan[2]]) /
			3;
}

void cis_cal_report(const struct cis_cal *cal, struct cis_report *rep)
{
	if (!isfinite(rep->freq_hz) || rep->n_chan != cal->map.n_chan)
		return;
	for (uint32_t c = 0; c < rep->n_chan; c++) {
		const struct cis_correction *k = &cal->chan[c];

		by_constant(k, rep->freq_hz, &rep->fit[c]);
		if (k->table && isfinite(cabs(rep->phasor_rms[c])))
			by_table(k->table, c, rep);
	}
	for (uint32_t g = 0; g < cal->map.n_group; g++)
		make_sequence(cal, g, rep);
}
