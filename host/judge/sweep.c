/*
 * sweep.c - errors at many frequencies, taken apart; see compare.h.
 *
 * PE = phase + 2 pi f delay by weighted least squares. Sums are kept about the
 * running means (West, "Updating mean and variance estimates", 1979), so that
 * 50 Hz does not eat the digits of a sweep of 1 Hz.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cisoid/compare.h"
#include "host/core/angle.h"

/* The phase at 0 Hz is an extrapolation from the mean frequency: below this
 * part of it, errors of PE grow a hundredfold and more. */
#define LEAST_SPREAD 0.01

void cis_sweep_add(struct cis_sweep *sweep, double freq_hz, double mag_pct,
		   double phase_rad, double u_rad)
{
	double w = u_rad > 0 && isfinite(u_rad) ? 1 / (u_rad * u_rad) : 1;
	double df, dp, dm, part;

	if (!isfinite(freq_hz) || !isfinite(mag_pct) || !isfinite(phase_rad))
		return;
	if (sweep->n++ == 0) {
		sweep->first_rad = phase_rad;
		sweep->min_hz = sweep->max_hz = freq_hz;
	}
	phase_rad =
		sweep->first_rad + cis_angle_wrap(phase_rad - sweep->first_rad);
	sweep->min_hz = fmin(sweep->min_hz, freq_hz);
	sweep->max_hz = fmax(sweep->max_hz, freq_hz);
	df = freq_hz - sweep->freq_hz;
	dp = phase_rad - sweep->phase_rad;
	dm = mag_pct - sweep->mag_pct;
	part = w / (sweep->sum_w + w);
	sweep->c_ff += w * (1 - part) * df * df;
	sweep->c_fp += w * (1 - part) * df * dp;
	sweep->c_pp += w * (1 - part) * dp * dp;
	sweep->c_mm += w * (1 - part) * dm * dm;
	sweep->freq_hz += part * df;
	sweep->phase_rad += part * dp;
	sweep->mag_pct += part * dm;
	sweep->sum_w += w;
	sweep->sum_w2 += w * w;
}

static void add(struct cis_sweep *sweep, const struct cis_row *row, uint32_t i)
{
	const struct cis_row_chan *chan = &row->chan[i];

	cis_sweep_add(sweep, row->freq_hz[CIS_REF], chan->error[CIS_ERR_MAG],
		      chan->error[CIS_ERR_PHASE],
		      chan->u[CIS_ERR_PHASE] / CIS_COVERAGE);
}

void cis_sweep_add_row(struct cis_sweep *sweep, const struct cis_row *row,
		       uint32_t i)
{
	if (!row->left)
		add(sweep, row, i);
}

void cis_sweep_add_doubtful(struct cis_sweep *sweep, const struct cis_row *row,
			    uint32_t i)
{
	if (row->doubtful)
		add(sweep, row, i);
}

/* Standard error of a weighted mean of scatter c / sum_w. */
static double se_of_mean(const struct cis_sweep *s, double c)
{
	double effective = s->sum_w * s->sum_w / s->sum_w2;

	return effective > 1 ? sqrt(fmax(c, 0) / s->sum_w / (effective - 1))
			     : NAN;
}

static void not_separated(const struct cis_sweep *s,
			  struct cis_sweep_result *out)
{
	out->phase_rad = cis_angle_wrap(s->phase_rad);
	out->se_phase_rad = se_of_mean(s, s->c_pp);
	out->delay_s = out->se_delay_s = NAN;
	if (s->n == 0)
		snprintf(out->why, sizeof(out->why), "nothing was judged");
	else
		snprintf(out->why, sizeof(out->why),
			 "frequencies from %.6g to %.6g Hz are too near each "
			 "other to tell a phase error from a delay; sweep over "
			 "%.2g Hz or more",
			 s->min_hz, s->max_hz, 4 * LEAST_SPREAD * s->freq_hz);
}

static void separate(const struct cis_sweep *s, struct cis_sweep_result *out)
{
	double slope = s->c_fp / s->c_ff; /* rad per Hz */
	double rest = fmax(s->c_pp - slope * s->c_fp, 0);
	double effective = s->sum_w * s->sum_w / s->sum_w2;
	double variance = rest / (effective - 2); /* of unit weight */
	double var_slope = variance / s->c_ff;

	out->separated = true;
	out->delay_s = slope / CIS_TWO_PI;
	out->se_delay_s = sqrt(var_slope) / CIS_TWO_PI;
	out->phase_rad = cis_angle_wrap(s->phase_rad - slope * s->freq_hz);
	out->se_phase_rad =
		sqrt(variance / s->sum_w + s->freq_hz * s->freq_hz * var_slope);
}

void cis_sweep_solve(const struct cis_sweep *sweep,
		     struct cis_sweep_result *out)
{
	double spread_hz = sqrt(sweep->c_ff / sweep->sum_w);

	memset(out, 0, sizeof(*out));
	out->n = sweep->n;
	out->mean_hz = sweep->n ? sweep->freq_hz : NAN;
	out->min_hz = sweep->n ? sweep->min_hz : NAN;
	out->max_hz = sweep->n ? sweep->max_hz : NAN;
	out->mag_pct = sweep->n ? sweep->mag_pct : NAN;
	out->se_mag_pct = sweep->n ? se_of_mean(sweep, sweep->c_mm) : NAN;
	if (sweep->n > 2 && sweep->sum_w * sweep->sum_w > 2.5 * sweep->sum_w2 &&
	    spread_hz >= LEAST_SPREAD * sweep->freq_hz)
		separate(sweep, out);
	else
		not_separated(sweep, out);
}
