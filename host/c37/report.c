/*
 * report.c - reports as blocks of data frames and back; see c37.h.
 *
 * Time quality: "locked" (code 0) is said only while the clock is locked and
 * known to a microsecond; else the code of table 3 that holds the uncertainty.
 */
#include <math.h>

#include "wire.h"

#define LOCKED_UNC_S 1e-6

/* Table 3: code i + 1 says that time is within 10^(i - 9) s. */
static const double within_s[] = {1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4,
				  1e-3, 1e-2, 1e-1, 1,    10};

#define N_WITHIN (sizeof(within_s) / sizeof(within_s[0]))

uint8_t cis_c37_time_quality(const struct cis_time_quality *q)
{
	if (!(q->unc_s >= 0))
		return 0xF;
	if (q->unlocked_s <= 0 && q->unc_s <= LOCKED_UNC_S)
		return 0;
	for (uint8_t i = 0; i < N_WITHIN; i++)
		if (q->unc_s <= within_s[i])
			return (uint8_t)(i + 1);
	return 0xF;
}

uint16_t cis_c37_pmu_tq(const struct cis_time_quality *q)
{
	static const double below_s[] = {1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2};
	uint16_t tq = 0;

	if (!(q->unc_s >= 0))
		return 7;
	while (tq < 6 && !(q->unc_s < below_s[tq]))
		tq++;
	return (uint16_t)(tq + 1);
}

static unsigned unlocked_code(double unlocked_s)
{
	if (unlocked_s < 10)
		return 0;
	if (unlocked_s < 100)
		return 1;
	return unlocked_s < 1000 ? 2 : 3;
}

static bool has_values(const struct cis_c37_block *b, uint16_t n_phasor)
{
	for (uint16_t i = 0; i < n_phasor; i++)
		if (!isnan(creal(b->phasor_rms[i])))
			return true;
	return !isnan(b->freq_hz);
}

/* 2005: bit 15 says invalid or test, bit 14 PMU error. */
static unsigned data_error(const struct cis_report *rep, bool test_mode,
			   bool values, bool of_2005)
{
	if (test_mode)
		return CIS_C37_STAT_TEST;
	if (!values && !of_2005)
		return CIS_C37_STAT_INVALID;
	if (!values || rep->flags & ~CIS_REPORT_UNSYNC)
		return CIS_C37_STAT_ERROR_MASK;
	return 0;
}

/* Bit 13 must be set before the error may exceed what makes 1 % TVE. */
static bool out_of_sync(const struct cis_report *rep, double fnom_hz)
{
	const struct cis_time_quality *q = &rep->time_quality;
	double limit_s = fnom_hz > 55 ? 26e-6 : 31e-6;

	return rep->flags & CIS_REPORT_UNSYNC || cis_c37_time_quality(q) != 0 ||
	       !(q->unc_s < limit_s) || !(q->unlocked_s <= 60);
}

static unsigned stat_of(const struct cis_c37_config *cfg,
			const struct cis_report *rep, double fnom_hz,
			unsigned error)
{
	unsigned stat = error;

	if (out_of_sync(rep, fnom_hz))
		stat |= CIS_C37_STAT_UNSYNC;
	if (cfg->edition != 2005)
		stat |= (unsigned)cis_c37_pmu_tq(&rep->time_quality)
			<< CIS_C37_STAT_TQ_SHIFT;
	stat |= unlocked_code(rep->time_quality.unlocked_s)
		<< CIS_C37_STAT_UNLOCK_SHIFT;
	if (rep->notes & CIS_NOTE_STEP)
		stat |= CIS_C37_STAT_TRIGGER | CIS_C37_STAT_REASON_STEP;
	return stat;
}

void cis_c37_data_from_report(const struct cis_c37_config *cfg, uint16_t pmu,
			      const struct cis_report *rep, bool test_mode,
			      struct cis_c37_data *data)
{
	const struct cis_c37_pmu *p = &cfg->pmu[pmu];
	struct cis_c37_block *b = &data->block[pmu];
	unsigned error;

	for (uint16_t i = 0; i < p->n_phasor; i++)
		b->phasor_rms[i] = i < rep->n_phasor ? rep->phasor_rms[i]
						     : cis_rect(NAN, NAN);
	b->freq_hz = rep->freq_hz;
	b->rocof_hz_per_s = rep->rocof_hz_per_s;
	error = data_error(rep, test_mode, has_values(b, p->n_phasor),
			   cfg->edition == 2005);
	b->stat = (uint16_t)stat_of(cfg, rep, cis_c37_fnom_hz(p), error);
	data->head.time_quality = cis_c37_time_quality(&rep->time_quality);
	c37_stamp(cis_instant_split(rep->at), cfg->time_base, &data->head);
}

/* The other way: an upper bound of what the codes say. */
static struct cis_time_quality quality_of(uint8_t time_quality, uint16_t stat)
{
	static const double unlocked_s[] = {0, 10, 100, 1000};
	unsigned code = time_quality & 0xF;
	unsigned unlock = stat >> CIS_C37_STAT_UNLOCK_SHIFT & 3;
	struct cis_time_quality q = {.unc_s = INFINITY,
				     .unlocked_s = unlocked_s[unlock]};

	if (code == 0)
		q.unc_s = LOCKED_UNC_S;
	else if (code <= N_WITHIN)
		q.unc_s = within_s[code - 1];
	return q;
}

static uint32_t notes_of(uint16_t stat)
{
	const unsigned step = CIS_C37_STAT_TRIGGER | CIS_C37_STAT_REASON_STEP;

	return (stat & (CIS_C37_STAT_TRIGGER | CIS_C37_STAT_REASON_MASK)) ==
			       step
		       ? CIS_NOTE_STEP
		       : 0;
}

static uint32_t flags_of(const struct cis_c37_head *head, uint16_t stat,
			 bool values)
{
	uint32_t flags = 0;

	if (!values)
		flags |= CIS_REPORT_NOSIGNAL;
	else if (stat & CIS_C37_STAT_ERROR_MASK)
		flags |= CIS_REPORT_NOFIT;
	if (stat & CIS_C37_STAT_UNSYNC || head->time_quality & 0xF)
		flags |= CIS_REPORT_UNSYNC;
	return flags;
}

void cis_c37_data_to_report(const struct cis_c37_config *cfg, uint16_t pmu,
			    const struct cis_c37_data *data,
			    struct cis_report *rep)
{
	const struct cis_c37_pmu *p = &cfg->pmu[pmu];
	const struct cis_c37_block *b = &data->block[pmu];
	const struct cis_c37_head *head = &data->head;
	uint32_t n = p->n_phasor < CIS_MAX_CHAN ? p->n_phasor : CIS_MAX_CHAN;

	memset(rep, 0, sizeof(*rep));
	rep->at = cis_c37_head_instant(cfg, head);
	rep->time_quality = quality_of(head->time_quality, b->stat);
	rep->flags = flags_of(head, b->stat, has_values(b, p->n_phasor));
	rep->notes = notes_of(b->stat);
	rep->freq_hz = b->freq_hz;
	rep->rocof_hz_per_s = b->rocof_hz_per_s;
	rep->u_freq_hz = rep->u_rocof_hz_per_s = NAN;
	rep->n_chan = rep->n_phasor = n;
	for (uint32_t i = 0; i < n; i++) {
		rep->phasor_rms[i] = b->phasor_rms[i];
		rep->fit[i] = (struct cis_fit){.a1_per_s = NAN,
					       .a2_per_s2 = NAN,
					       .dc = NAN,
					       .resid = NAN,
					       .u_mag = NAN,
					       .u_phase_rad = NAN,
					       .freq_hz = NAN};
	}
}
