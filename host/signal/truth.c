/* truth.c - the phasors of the signal, and a PMU that reports them. */
#include <math.h>
#include <string.h>

#include "noise.h"
#include "phase.h"

static double complex unit_phasor(double turns)
{
	double rad = CIS_TWO_PI * (turns - rint(turns));

	return cis_rect(cos(rad), sin(rad));
}

static void positive_sequences(const double complex *phasor_rms,
			       double complex *pos_rms)
{
	const double complex a = cis_rect(-0.5, 0.866025403784438646764);

	for (unsigned g = 0; g < 2; g++) {
		const double complex *x = &phasor_rms[3 * g];

		pos_rms[g] = (x[0] + a * x[1] + conj(a) * x[2]) / 3;
	}
}

static const struct cis_signal_effect no_effect = {
	.level = {1, 1, 1, 1, 1, 1},
};

/* The signal of instant t, against a cosine that is stamp_s into its second.
 * fnom is an integer: whole seconds hold whole turns of it. A PMU whose seconds
 * are longer counts more turns in each. */
static void truth_at(const struct cis_signal *sig,
		     const struct cis_signal_effect *effect, struct dd t,
		     double stamp_s, struct cis_signal_truth *out)
{
	double turns = cis_signal_turns(sig, t) -
		       dd_rest(dd_prod(sig->fnom_hz, stamp_s)) +
		       cis_signal_extra_turns(sig, t) + effect->turns;
	double level = cis_signal_level(sig, t);
	double rate = 1 + effect->late_per_s;

	for (unsigned c = 0; c < CIS_SIGNAL_N_CHAN; c++)
		out->phasor_rms[c] =
			level * effect->level[c] * sig->rms[c] *
			unit_phasor(turns + sig->angle_rad[c] / CIS_TWO_PI +
				    effect->chan_turns[c]);
	out->freq_hz = (cis_signal_freq_hz(sig, t) + effect->freq_hz) * rate;
	out->rocof_hz_per_s =
		(cis_signal_rocof_hz_per_s(sig, t) + effect->rocof_hz_per_s) *
		(rate * rate);
}

void cis_signal_truth(const struct cis_signal *sig, int64_t s, double frac_s,
		      struct cis_signal_truth *out)
{
	truth_at(sig, &no_effect, cis_signal_time(s, frac_s), frac_s, out);
	positive_sequences(out->phasor_rms, out->pos_rms);
}

/* Quantities of a frame that have noise of their own. */
enum {
	MAGNITUDE = 0,
	ANGLE = CIS_SIGNAL_N_CHAN,
	FREQUENCY = 2 * CIS_SIGNAL_N_CHAN,
};

/* size is the standard deviation, or the half width when noise is uniform. */
static double draw(const struct cis_signal *sig, uint64_t what, uint64_t n,
		   double size)
{
	if (size == 0)
		return 0;
	return size * (sig->noise_uniform
			       ? cis_noise_uniform(sig->seed, what, n)
			       : cis_noise_gauss(sig->seed, what, n));
}

static double complex reported(const struct cis_signal *sig, uint16_t idcode,
			       unsigned chan, uint64_t n, double complex truth)
{
	double mag = draw(sig, cis_noise_of_pmu(idcode, MAGNITUDE + chan), n,
			  sig->mag_noise[chan]);
	double rad = draw(sig, cis_noise_of_pmu(idcode, ANGLE + chan), n,
			  sig->angle_noise_rad[chan]);

	if (mag == 0 && rad == 0 && sig->err_mag == 0 && sig->err_rad == 0)
		return truth;
	return truth * ((1 + mag) * (1 + sig->err_mag)) *
	       unit_phasor((rad + sig->err_rad) / CIS_TWO_PI);
}

static void start_report(struct cis_instant at, struct cis_report *rep)
{
	rep->at = at;
	rep->time_quality = (struct cis_time_quality){0, 0};
	rep->flags = 0;
	rep->notes = 0;
	rep->u_freq_hz = rep->u_rocof_hz_per_s = NAN;
	rep->n_chan = CIS_SIGNAL_N_CHAN;
	rep->n_phasor = CIS_SIGNAL_N_CHAN + 2;
	memset(rep->fit, 0, CIS_SIGNAL_N_CHAN * sizeof(rep->fit[0]));
}

void cis_signal_report_with(const struct cis_signal *sig,
			    const struct cis_signal_effect *effect,
			    const struct cis_signal_frame *frame,
			    struct cis_report *rep)
{
	struct cis_split_time stamp = cis_instant_split(frame->at);
	struct dd t =
		cis_signal_time(stamp.tai_s - frame->t0_tai_s, stamp.frac_s);
	struct cis_signal_truth truth;

	if (!effect)
		effect = &no_effect;
	t = dd_add(t, dd_sum(sig->err_s, effect->late_s));
	truth_at(sig, effect, t, stamp.frac_s, &truth);
	start_report(frame->at, rep);
	for (unsigned c = 0; c < CIS_SIGNAL_N_CHAN; c++)
		rep->phasor_rms[c] = reported(sig, frame->idcode, c, frame->n,
					      truth.phasor_rms[c]);
	positive_sequences(rep->phasor_rms,
			   &rep->phasor_rms[CIS_SIGNAL_N_CHAN]);
	rep->freq_hz = truth.freq_hz +
		       draw(sig, cis_noise_of_pmu(frame->idcode, FREQUENCY),
			    frame->n, sig->f_noise_hz);
	rep->rocof_hz_per_s = truth.rocof_hz_per_s;
}

void cis_signal_report(const struct cis_signal *sig, uint16_t idcode,
		       int64_t t0_tai_s, struct cis_instant at, uint64_t n,
		       struct cis_report *rep)
{
	const struct cis_signal_frame frame = {idcode, t0_tai_s, at, n};

	cis_signal_report_with(sig, NULL, &frame, rep);
}
