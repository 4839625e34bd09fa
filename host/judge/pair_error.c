/*
 * pair_error.c - the errors of one pair, and their uncertainty; see compare.h.
 *
 * What is uncertain is the reference. To first order a relative error m + j p of
 * it moves ME by m, PE by p, and TVE by no more than its length.
 */
#include <math.h>
#include <string.h>

#include "host/core/angle.h"
#include "tally.h"

uint32_t cis_doubts_of(const struct cis_side_report *r)
{
	uint32_t doubts = r->flags;
	int stat = r->arrival.stat;

	if (stat < 0)
		return doubts;
	if ((stat & 0xC000) == 0x8000)
		doubts = (doubts & ~CIS_REPORT_NOFIT) | CIS_DOUBT_TEST;
	if (stat & 0x1000)
		doubts |= CIS_DOUBT_ARRIVAL;
	return doubts;
}

/* ---- uncertainty of a reference value ---- */

struct unc {
	double mag, phase_rad; /* standard, of the value */
};

/* What is unknown matters only where it has a weight, beyond rounding. */
static double part(double weight, double u)
{
	return fabs(weight) < 1e-12 && isnan(u) ? 0 : pow(weight * u, 2);
}

/* Each term's own errors are independent: value = sum of w_i (1 + m_i + j p_i),
 * w_i relative to it; ratio and angle cancel. */
static struct unc unc_of_terms(const struct cis_match *m,
			       const struct cis_side_report *r)
{
	double complex sum = 0;
	double mag2 = 0, phase2 = 0;

	for (uint32_t i = 0; i < m->n_term; i++)
		sum += m->term[i].sign * r->phasor_rms[m->term[i].phasor];
	for (uint32_t i = 0; i < m->n_term; i++) {
		uint32_t at = m->term[i].phasor;
		double complex w = m->term[i].sign * r->phasor_rms[at] / sum;
		double um = r->unc[at].mag, up = r->unc[at].phase_rad;

		mag2 += part(creal(w), um) + part(cimag(w), up);
		phase2 += part(cimag(w), um) + part(creal(w), up);
	}
	return (struct unc){sqrt(mag2), sqrt(phase2)};
}

static double freq_of(const struct cis_tally_config *cfg,
		      const struct cis_side_report *ref)
{
	return ref->freq_hz > 0 ? ref->freq_hz : cfg->fnom_hz;
}

/* What time does to a phase is common to all terms. */
static double unc_of_time_rad(const struct cis_tally_config *cfg,
			      const struct cis_side_report *ref)
{
	double unc_s = ref->time_quality.unc_s;

	return unc_s >= 0 && isfinite(unc_s)
		       ? CIS_TWO_PI * freq_of(cfg, ref) * unc_s
		       : NAN;
}

static double either(double given, double computed)
{
	return isnan(given) ? computed : given;
}

/* ---- one phasor ---- */

/* A term that the reference flags has no value. */
static double complex value_of(const struct cis_tally_config *cfg,
			       const struct cis_match *m,
			       const struct cis_side_report *ref)
{
	for (uint32_t i = 0; i < m->n_term; i++) {
		uint32_t at = m->term[i].phasor;

		if (at >= ref->n_phasor ||
		    ref->unc[at].flags & ~cfg->accept[CIS_REF])
			return cis_rect(NAN, NAN);
	}
	return cis_match_reference(m, ref->phasor_rms, ref->n_phasor);
}

static void fill_unc(const struct cis_tally_config *cfg,
		     const struct cis_match *m,
		     const struct cis_side_report *ref,
		     struct cis_row_chan *chan)
{
	struct unc u = unc_of_terms(m, ref);
	double omega = CIS_TWO_PI * freq_of(cfg, ref);
	double k = CIS_COVERAGE;

	u.phase_rad = hypot(u.phase_rad, unc_of_time_rad(cfg, ref));
	chan->u[CIS_ERR_TVE] =
		either(cfg->given.tve_pct, 100 * k * hypot(u.mag, u.phase_rad));
	chan->u[CIS_ERR_MAG] = either(cfg->given.mag_pct, 100 * k * u.mag);
	chan->u[CIS_ERR_PHASE] = either(cfg->given.phase_rad, k * u.phase_rad);
	chan->u[CIS_ERR_DELAY] = chan->u[CIS_ERR_PHASE] / omega;
}

static void fill_chan(const struct cis_tally_config *cfg,
		      const struct cis_match *m,
		      const struct cis_pair_event *event,
		      struct cis_row_chan *chan)
{
	const struct cis_side_report *ref = event->report[CIS_REF];
	const struct cis_side_report *dut = event->report[CIS_DUT];
	double complex missing = cis_rect(NAN, NAN);
	struct cis_state is, told;
	struct cis_errors e;

	chan->ref = ref ? value_of(cfg, m, ref) : missing;
	chan->dut = dut && m->dut < dut->n_phasor ? dut->phasor_rms[m->dut]
						  : missing;
	for (int i = 0; i < CIS_N_CHAN_ERR; i++)
		chan->error[i] = chan->u[i] = NAN;
	if (!ref || !dut)
		return;
	is = (struct cis_state){chan->ref, 0, 0};
	told = (struct cis_state){chan->dut, 0, 0};
	e = cis_errors_of(&told, &is);
	chan->error[CIS_ERR_TVE] = e.tve_pct;
	chan->error[CIS_ERR_MAG] = e.mag_pct;
	chan->error[CIS_ERR_PHASE] = e.phase_rad;
	chan->error[CIS_ERR_DELAY] =
		e.phase_rad / (CIS_TWO_PI * freq_of(cfg, ref));
	if (!isnan(e.tve_pct))
		fill_unc(cfg, m, ref, chan);
}

/* ---- the row ---- */

static void fill_side(const struct cis_side_report *r, enum cis_side side,
		      struct cis_row *row)
{
	row->present[side] = r != NULL;
	row->doubts[side] = r ? cis_doubts_of(r) : 0;
	row->freq_hz[side] = r ? r->freq_hz : NAN;
	row->rocof_hz_per_s[side] = r ? r->rocof_hz_per_s : NAN;
	row->latency_s[side] = r ? r->arrival.latency_s : NAN;
}

static void fill_pmu(const struct cis_tally_config *cfg,
		     const struct cis_side_report *ref, struct cis_row *row)
{
	double k = CIS_COVERAGE;

	row->pmu[CIS_ERR_FE] = row->freq_hz[CIS_DUT] - row->freq_hz[CIS_REF];
	row->pmu[CIS_ERR_RFE] =
		row->rocof_hz_per_s[CIS_DUT] - row->rocof_hz_per_s[CIS_REF];
	row->pmu[CIS_ERR_LATENCY] = row->latency_s[CIS_DUT];
	row->pmu_u[CIS_ERR_FE] =
		either(cfg->given.fe_hz, ref ? k * ref->u_freq_hz : NAN);
	row->pmu_u[CIS_ERR_RFE] = either(cfg->given.rfe_hz_per_s,
					 ref ? k * ref->u_rocof_hz_per_s : NAN);
	row->pmu_u[CIS_ERR_LATENCY] = NAN; /* the clock that saw it arrive */
}

void cis_row_fill(const struct cis_tally_config *cfg,
		  const struct cis_pair_event *event, struct cis_row *row)
{
	row->at = event->at;
	for (int s = 0; s < CIS_N_SIDE; s++)
		fill_side(event->report[s], (enum cis_side)s, row);
	fill_pmu(cfg, event->report[CIS_REF], row);
	row->n_chan = cfg->map->n;
	for (uint32_t i = 0; i < row->n_chan; i++)
		fill_chan(cfg, &cfg->map->match[i], event, &row->chan[i]);
}
