/* verify_judge.c - a report against the truth of its point; see verify.h. */
#include <math.h>
#include <string.h>

#include "verify.h"

double cis_verify_seconds(struct cis_instant at)
{
	const struct cis_split_time t0 = {CIS_VERIFY_T0_TAI_S, 0};

	return cis_split_diff_s(cis_instant_split(at), t0);
}

/* What is judged: three channels and their positive sequence. */
static void pick(bool current, const double complex *chan,
		 const double complex *pos,
		 double complex x[CIS_VERIFY_N_PHASOR])
{
	memcpy(x, chan + (current ? 3 : 0), 3 * sizeof(x[0]));
	x[3] = pos[current ? 1 : 0];
}

static void truth_at(const struct cis_signal *sig, struct cis_instant at,
		     struct cis_signal_truth *out)
{
	struct cis_split_time t = cis_instant_split(at);

	cis_signal_truth(sig, t.tai_s - CIS_VERIFY_T0_TAI_S, t.frac_s, out);
}

/* Not fmax(): NaN stays. */
static double larger(double a, double b)
{
	return isnan(a) || a > b ? a : b;
}

/* Against the signal as if it had not stepped. */
static void judge_step(const struct cis_plan_point *p, struct cis_instant at,
		       const double complex x[CIS_VERIFY_N_PHASOR],
		       struct cis_verify_report *out)
{
	double complex was[CIS_VERIFY_N_PHASOR];
	struct cis_signal still = p->sig;
	struct cis_signal_truth truth;

	still.step_s = NAN;
	truth_at(&still, at, &truth);
	pick(p->current, truth.phasor_rms, truth.pos_rms, was);
	for (unsigned i = 0; i < CIS_VERIFY_N_PHASOR; i++)
		out->value[i] = p->test == CIS_TEST_STEP_PHASE
					? carg(x[i] / was[i])
					: cabs(x[i] / was[i]);
	out->t_s -= p->sig.step_s;
}

void cis_verify_judge(const struct cis_plan_point *p,
		      const struct cis_report *rep,
		      struct cis_verify_report *out)
{
	double complex x[CIS_VERIFY_N_PHASOR], is[CIS_VERIFY_N_PHASOR];
	struct cis_signal_truth truth;

	truth_at(&p->sig, rep->at, &truth);
	pick(p->current, rep->phasor_rms, rep->phasor_rms + rep->n_chan, x);
	pick(p->current, truth.phasor_rms, truth.pos_rms, is);
	memset(out, 0, sizeof(*out));
	out->t_s = cis_verify_seconds(rep->at);
	for (unsigned i = 0; i < CIS_VERIFY_N_PHASOR; i++) {
		out->tve_pct[i] = 100 * cis_tve(x[i], is[i]);
		out->error[CIS_VERIFY_TVE] =
			larger(out->error[CIS_VERIFY_TVE], out->tve_pct[i]);
	}
	out->error[CIS_VERIFY_FE] = fabs(rep->freq_hz - truth.freq_hz);
	out->error[CIS_VERIFY_RFE] =
		fabs(rep->rocof_hz_per_s - truth.rocof_hz_per_s);
	if (cis_verify_is_step(p->test))
		judge_step(p, rep->at, x, out);
}
