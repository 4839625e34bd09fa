/* decide.c - figures against limits, by a decision rule; see compare.h. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cisoid/compare.h"

/* The number of the bit CIS_LEFT_DUT. */
#define LEFT_DUT 2

const char *cis_rule_sentence(enum cis_rule rule)
{
	static const char *const sentence[] = {
		[CIS_RULE_AUTO] =
			"guard band w = U (k = 2): PASS if max + U <= limit, "
			"FAIL if max - U > limit, else INDETERMINATE; simple "
			"acceptance where U is unknown",
		[CIS_RULE_GUARD_BAND] =
			"guard band w = U (k = 2): PASS if max + U <= limit, "
			"FAIL if max - U > limit, else INDETERMINATE",
		[CIS_RULE_SIMPLE] =
			"simple acceptance: PASS if max <= limit, else FAIL; "
			"the uncertainty is not taken into account",
	};

	return sentence[rule];
}

const char *cis_decision_name(enum cis_decision d)
{
	static const char *const name[] = {
		[CIS_DECIDE_NONE] = "-",
		[CIS_DECIDE_PASS] = "PASS",
		[CIS_DECIDE_INDETERMINATE] = "INDETERMINATE",
		[CIS_DECIDE_FAIL] = "FAIL",
	};

	return name[d];
}

/* ---- one figure ---- */

static void ruled(struct cis_ruling *r, enum cis_decision d, const char *why)
{
	r->decision = d;
	snprintf(r->why, sizeof(r->why), "%s", why);
}

/* "3 of 100 reports of the PMU ..." keep it from a verdict. */
static void count_ruled(struct cis_ruling *r, uint64_t n, uint64_t of,
			const char *what)
{
	r->decision = CIS_DECIDE_INDETERMINATE;
	snprintf(r->why, sizeof(r->why), "%llu of %llu %s",
		 (unsigned long long)n, (unsigned long long)of, what);
}

static void by_maximum(struct cis_ruling *r)
{
	ruled(r, r->max_abs <= r->limit ? CIS_DECIDE_PASS : CIS_DECIDE_FAIL,
	      isnan(r->u) ? "simple acceptance, U unknown" : "");
}

static void by_guard_band(const struct cis_error_stat *stat,
			  struct cis_ruling *r)
{
	if (isnan(stat->upper) || isnan(stat->lower))
		ruled(r, CIS_DECIDE_INDETERMINATE,
		      "the uncertainty is unknown");
	else if (stat->upper <= r->limit)
		ruled(r, CIS_DECIDE_PASS, "");
	else if (stat->lower > r->limit)
		ruled(r, CIS_DECIDE_FAIL, "");
	else
		ruled(r, CIS_DECIDE_INDETERMINATE,
		      "the limit lies within the uncertainty");
}

/* What keeps a decision from standing. */
static void qualify(const struct cis_error_stat *stat,
		    enum cis_confidence confidence, struct cis_ruling *r)
{
	if (r->decision == CIS_DECIDE_FAIL && confidence == CIS_CONF_LOW)
		ruled(r, CIS_DECIDE_INDETERMINATE, "above an unverified limit");
	else if (confidence == CIS_CONF_LOW)
		snprintf(r->why + strlen(r->why),
			 sizeof(r->why) - strlen(r->why), "%sunverified limit",
			 r->why[0] ? ", " : "");
	if (r->decision == CIS_DECIDE_PASS && stat->n_missing > 0)
		count_ruled(r, stat->n_missing, stat->n + stat->n_missing,
			    "values are missing");
}

void cis_decide(const struct cis_error_stat *stat, double limit,
		enum cis_confidence confidence, enum cis_rule rule,
		struct cis_ruling *out)
{
	bool unknown = isnan(stat->upper) || isnan(stat->lower);

	memset(out, 0, sizeof(*out));
	out->limit = limit;
	out->max_abs = stat->n ? stat->max_abs : NAN;
	out->u = stat->n && !unknown ? stat->u_worst : NAN;
	out->rule = rule;
	if (rule == CIS_RULE_AUTO)
		out->rule = unknown ? CIS_RULE_SIMPLE : CIS_RULE_GUARD_BAND;
	if (isnan(limit))
		return;
	if (stat->n == 0) {
		ruled(out, CIS_DECIDE_INDETERMINATE, "nothing was judged");
		return;
	}
	if (out->rule == CIS_RULE_SIMPLE)
		by_maximum(out);
	else
		by_guard_band(stat, out);
	qualify(stat, confidence, out);
}

/* ---- the whole ---- */

/* What is asked, and of what. */
struct question {
	const struct cis_tally *tally;
	const struct cis_limit *limit;
	enum cis_rule rule;
};

/* What a guess is worth: nothing, until someone confirms it. */
static void mind_doubt(enum cis_match_doubt doubt, struct cis_ruling *r)
{
	static const char *const why[] = {
		[CIS_MATCH_SURE] = "",
		[CIS_MATCH_RATIO_GUESSED] =
			"the ratio is a guess from the values; give the true "
			"one with --map",
		[CIS_MATCH_NAME_DISAGREES] =
			"its name is that of another phasor of the reference; "
			"confirm it with --map",
		[CIS_MATCH_BALANCE_ASSUMED] =
			"line to neutral out of one line-to-line voltage is "
			"right in a balanced system only; confirm it with "
			"--map",
		[CIS_MATCH_NO_REFERENCE] =
			"the reference has no value there, or next to none; "
			"--map has it judged all the same",
	};

	if (doubt != CIS_MATCH_SURE && r->decision != CIS_DECIDE_NONE)
		ruled(r, CIS_DECIDE_INDETERMINATE, why[doubt]);
}

static void join(struct cis_ruling *overall, const struct cis_ruling *one,
		 const char *what)
{
	if (one->decision <= overall->decision)
		return;
	*overall = *one;
	if (one->decision == CIS_DECIDE_FAIL)
		snprintf(overall->why, sizeof(overall->why),
			 "%s is above its limit%s%.90s", what,
			 one->why[0] ? "; " : "", one->why);
	else if (one->why[0])
		snprintf(overall->why, sizeof(overall->why), "%s: %.110s", what,
			 one->why);
}

/* Doubtful values are there to be seen, not to be judged. */
static void mind_doubtful(const struct cis_error_stat *judged,
			  const struct cis_error_stat *doubtful, double limit,
			  struct cis_ruling *r)
{
	if (judged->n > 0 || doubtful->n == 0 || isnan(limit))
		return;
	r->limit = limit;
	ruled(r, CIS_DECIDE_INDETERMINATE, "only doubtful reports");
}

/* Which side never had a value. */
static void mind_missing(const struct question *q, uint32_t i,
			 struct cis_ruling *r)
{
	const struct cis_error_stat *stat =
		cis_tally_chan(q->tally, i, CIS_ERR_TVE);

	if (stat->n > 0 || stat->n_missing == 0 ||
	    r->decision == CIS_DECIDE_NONE)
		return;
	if (cis_tally_without(q->tally, i, CIS_REF) == stat->n_missing)
		ruled(r, CIS_DECIDE_INDETERMINATE,
		      "the reference never has a value there, or only 0");
	else if (cis_tally_without(q->tally, i, CIS_DUT) == stat->n_missing)
		ruled(r, CIS_DECIDE_INDETERMINATE,
		      "the PMU never has a value there");
}

/* A phasor for which there is no reference was not measured. */
static void mind_unmatched(const char *names, struct cis_ruling *overall)
{
	if (overall->decision != CIS_DECIDE_PASS || !names[0])
		return;
	overall->decision = CIS_DECIDE_INDETERMINATE;
	snprintf(overall->why, sizeof(overall->why),
		 "not compared, as nothing of the reference fits: %.100s; "
		 "--map chooses what is judged",
		 names);
}

/* What was not judged must not pass. */
static void mind_what_was_left(const struct cis_tally_count *count,
			       struct cis_ruling *overall)
{
	uint64_t flagged = count->left[LEFT_DUT];

	if (overall->decision == CIS_DECIDE_FAIL ||
	    overall->decision == CIS_DECIDE_NONE)
		return;
	if (count->judged == 0 && count->doubtful > 0)
		count_ruled(overall, count->doubtful, count->pairs,
			    "pairs are doubtful and none was judged; --accept "
			    "has them judged");
	else if (count->judged == 0)
		ruled(overall, CIS_DECIDE_INDETERMINATE, "nothing was judged");
	else if (overall->decision == CIS_DECIDE_PASS &&
		 count->contradictions > 0)
		count_ruled(overall, count->contradictions, count->pairs,
			    "pairs have a report that contradicts another one "
			    "of the same instant");
	else if (overall->decision == CIS_DECIDE_PASS && flagged > 0)
		count_ruled(overall, flagged, count->pairs,
			    "reports of the PMU are flagged and were not "
			    "judged");
}

/* A latency that nobody measured is not asked for. */
static void decide_pmu(const struct question *q, enum cis_pmu_error what,
		       double most, struct cis_ruling *out)
{
	const struct cis_error_stat *stat = cis_tally_pmu(q->tally, what);
	bool asked = what != CIS_ERR_LATENCY || stat->n > 0;

	cis_decide(stat, asked ? most : NAN, q->limit->confidence, q->rule,
		   out);
	if (what == CIS_ERR_LATENCY && out->decision != CIS_DECIDE_NONE &&
	    stat->n > 0 && stat->max_abs == 0)
		ruled(out, CIS_DECIDE_INDETERMINATE,
		      "every latency is exactly 0: these are no times of "
		      "arrival");
	mind_doubtful(stat, cis_tally_doubtful_pmu(q->tally, what), most, out);
}

static void decide_chan(const struct question *q, uint32_t i,
			struct cis_ruling *out)
{
	const struct cis_error_stat *stat =
		cis_tally_chan(q->tally, i, CIS_ERR_TVE);

	cis_decide(stat, q->limit->tve_pct, q->limit->confidence, q->rule, out);
	mind_missing(q, i, out);
	mind_doubt(cis_tally_match(q->tally, i)->doubt, out);
	mind_doubtful(stat, cis_tally_doubtful_chan(q->tally, i, CIS_ERR_TVE),
		      q->limit->tve_pct, out);
}

int cis_tally_decide(const struct cis_tally *tally,
		     const struct cis_limit *limit, enum cis_rule rule,
		     struct cis_judgement *out, struct cis_diag *diag)
{
	const struct question q = {tally, limit, rule};

	if (limit->test == CIS_TEST_STEP_MAGNITUDE ||
	    limit->test == CIS_TEST_STEP_PHASE)
		return cis_fail(diag, -EINVAL,
				"the figures of %s are thresholds of the "
				"response time, no limits of errors",
				cis_test_name(limit->test));
	memset(out, 0, sizeof(*out));
	out->overall.max_abs = out->overall.u = out->overall.limit = NAN;
	out->overall.rule = rule;
	for (uint32_t i = 0; i < cis_tally_n_match(tally); i++) {
		char what[80];

		snprintf(what, sizeof(what), "TVE of %.70s",
			 cis_tally_match(tally, i)->text);
		decide_chan(&q, i, &out->tve[i]);
		join(&out->overall, &out->tve[i], what);
	}
	decide_pmu(&q, CIS_ERR_FE, limit->fe_hz, &out->fe);
	decide_pmu(&q, CIS_ERR_RFE, limit->rfe_hz_per_s, &out->rfe);
	decide_pmu(&q, CIS_ERR_LATENCY,
		   cis_limit_unrounded_s(limit, limit->latency_s),
		   &out->latency);
	join(&out->overall, &out->fe, "FE");
	join(&out->overall, &out->rfe, "RFE");
	join(&out->overall, &out->latency, "latency");
	mind_what_was_left(cis_tally_count(tally), &out->overall);
	mind_unmatched(cis_tally_unmatched(tally), &out->overall);
	return 0;
}
