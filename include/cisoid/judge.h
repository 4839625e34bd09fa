/*
 * judge.h - how far a report is from the truth, the limits, and the verdict.
 * IEEE C37.118.1-2011, its amendment 1a-2014, IEC/IEEE 60255-118-1:2018.
 *
 * Pure. A limit or a figure that does not exist is NaN.
 */
#ifndef CISOID_JUDGE_H
#define CISOID_JUDGE_H

#include <complex.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cisoid/diag.h"

enum cis_edition { CIS_EDITION_2011, CIS_EDITION_2014, CIS_EDITION_2018 };
enum cis_class { CIS_CLASS_P, CIS_CLASS_M };
enum cis_confidence { CIS_CONF_LOW, CIS_CONF_MEDIUM, CIS_CONF_HIGH };

/* The tests, named as in host/judge/limits.csv. */
enum cis_test {
	CIS_TEST_STEADY_FREQUENCY,
	CIS_TEST_STEADY_MAGNITUDE_VOLTAGE,
	CIS_TEST_STEADY_MAGNITUDE_CURRENT,
	CIS_TEST_STEADY_PHASE,
	CIS_TEST_HARMONIC,
	CIS_TEST_OUT_OF_BAND,
	CIS_TEST_MODULATION_AMPLITUDE,
	CIS_TEST_MODULATION_PHASE,
	CIS_TEST_MODULATION_COMBINED,
	CIS_TEST_FREQUENCY_RAMP,
	CIS_TEST_STEP_MAGNITUDE,
	CIS_TEST_STEP_PHASE,
	CIS_TEST_REPORTING_LATENCY,
	CIS_N_TEST
};

/* Whose limits. */
struct cis_criteria {
	enum cis_edition edition;
	enum cis_class perf_class;
	unsigned fnom_hz;     /* 50 or 60 */
	unsigned report_rate; /* per second */
};

/* One row of limits.csv. */
struct cis_limit {
	const char *standard; /* "IEC/IEEE 60255-118-1:2018" */
	struct cis_criteria criteria;
	enum cis_test test;
	const char *condition, *parameter, *param_unit;
	double param_min, param_max;
	double level;
	const char *level_unit;
	double tve_pct, fe_hz, rfe_hz_per_s;
	double resp_tve_s, resp_fe_s, resp_rfe_s, delay_s, overshoot_pct;
	double latency_s, exclusion_s;
	const char *source, *note;
	enum cis_confidence confidence;
};

const char *cis_edition_name(enum cis_edition edition); /* "2018" */
/* Of the first `len` bytes. -EINVAL without a message. */
int cis_edition_parse(const char *text, size_t len, enum cis_edition *out);

const char *cis_test_name(enum cis_test test);
/* -EINVAL with a message that names the nearest. */
int cis_test_parse(const char *name, enum cis_test *out, struct cis_diag *diag);

/* All rows, as they stand in limits.csv. */
const struct cis_limit *cis_limit_all(uint32_t *n);

/* The row, or NULL: this edition has no such test for this class and rate. */
const struct cis_limit *cis_limit_find(const struct cis_criteria *c,
				       enum cis_test test);
/* latency_s or exclusion_s of the row as it is meant: whole reporting intervals,
 * which the table rounds (2/60 s to 0.03333). */
double cis_limit_unrounded_s(const struct cis_limit *limit, double s);
/* -EINVAL, naming the rates there are, where the table has none. */
int cis_criteria_check(const struct cis_criteria *c, struct cis_diag *diag);

/* Total vector error, as a fraction: |x - truth| / |truth|. NaN where either is
 * missing or the truth is 0. */
double cis_tve(double complex x, double complex truth);

/* The angle within (-pi, pi]. */
double cis_angle_wrap(double rad);

/* NaN: missing. Against a truth of 0, TVE, magnitude and phase are; so is the
 * phase of a measured 0. */
struct cis_errors {
	double tve_pct;
	double mag_pct;   /* signed, of the magnitude */
	double phase_rad; /* signed, (-pi, pi] */
	double fe_hz;     /* signed */
	double rfe_hz_per_s;
};

/* What is compared: a phasor, frequency, ROCOF. */
struct cis_state {
	double complex x;
	double freq_hz, rocof_hz_per_s;
};

struct cis_errors cis_errors_of(const struct cis_state *measured,
				const struct cis_state *truth);

/* Largest, mean and smallest of what was added; NaN counts as n_missing. Errors
 * are added as magnitudes. Zero it before use. */
struct cis_stat {
	uint64_t n, n_missing;
	double max, min, sum;
};

void cis_stat_add(struct cis_stat *stat, double x);
void cis_stat_merge(struct cis_stat *stat, const struct cis_stat *other);
double cis_stat_mean(const struct cis_stat *stat);

enum cis_verdict {
	CIS_VERDICT_PASS,
	CIS_VERDICT_FAIL,
	/* No limit, not asked of this profile, or above a limit that nobody
	 * verified. */
	CIS_VERDICT_NOT_APPLICABLE,
};

/* Above the limit is a FAIL, unless its confidence is low: then no verdict. A
 * value that is missing, or no value at all, is a FAIL whatever the confidence.
 * On the limit is a PASS. */
enum cis_verdict cis_judge_max(const struct cis_stat *stat, double limit,
			       enum cis_confidence confidence);

/* ---- steps, by equivalent-time sampling ---- */

struct cis_step_point {
	double t_s; /* report instant minus step instant */
	double tve_pct, fe_hz, rfe_hz_per_s; /* errors, magnitudes */
	double value; /* the stepped quantity: rms magnitude, or phase */
};

struct cis_step_result {
	double resp_tve_s, resp_fe_s, resp_rfe_s;
	double delay_s;
	double overshoot_pct, undershoot_pct;
};

/*
 * Sorts the points, and draws straight lines between them. `before` and `after`
 * are the steady values of the stepped quantity, which must not wrap. The
 * thresholds are those of the limit (tve_pct, fe_hz, rfe_hz_per_s; NaN: no such
 * threshold, no such response time).
 *
 * A quantity that never leaves its threshold has a response time of 0; one that
 * is outside at the first point or at the last, INFINITY. Delay is signed, NaN
 * where the mean of both values is never reached. Over- and undershoot are 0 or
 * more. What rests on a missing value (NaN) is missing. -EINVAL: no point
 * before the step or none after it, or no step at all.
 */
int cis_step_judge(struct cis_step_point *points, uint32_t n, double before,
		   double after, const struct cis_limit *limit,
		   struct cis_step_result *out);

#endif
