/* verify.c - a run: its plan, its rows, its results; see verify.h. */
#include "verify.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

bool cis_verify_is_step(enum cis_test test)
{
	return test == CIS_TEST_STEP_MAGNITUDE || test == CIS_TEST_STEP_PHASE;
}

bool cis_verify_responds(const struct cis_verify_config *cfg)
{
	return cfg->model == CIS_MODEL_NONE && !cfg->model_auto &&
	       (cfg->estim.profile == CIS_PROFILE_P ||
		cfg->estim.profile == CIS_PROFILE_M);
}

enum cis_model cis_verify_model(const struct cis_verify_config *cfg,
				enum cis_test test)
{
	static const enum cis_model own[CIS_N_TEST] = {
		[CIS_TEST_STEADY_FREQUENCY] = CIS_MODEL_STEADY,
		[CIS_TEST_STEADY_MAGNITUDE_VOLTAGE] = CIS_MODEL_STEADY,
		[CIS_TEST_STEADY_MAGNITUDE_CURRENT] = CIS_MODEL_STEADY,
		[CIS_TEST_STEADY_PHASE] = CIS_MODEL_STEADY,
		[CIS_TEST_HARMONIC] = CIS_MODEL_STEADY,
		[CIS_TEST_OUT_OF_BAND] = CIS_MODEL_TONE,
		[CIS_TEST_MODULATION_AMPLITUDE] = CIS_MODEL_MOD,
		[CIS_TEST_MODULATION_PHASE] = CIS_MODEL_MOD,
		[CIS_TEST_MODULATION_COMBINED] = CIS_MODEL_MOD,
		[CIS_TEST_FREQUENCY_RAMP] = CIS_MODEL_RAMP,
		[CIS_TEST_STEP_MAGNITUDE] = CIS_MODEL_STEP,
		[CIS_TEST_STEP_PHASE] = CIS_MODEL_STEP,
		[CIS_TEST_REPORTING_LATENCY] = CIS_MODEL_NONE,
	};

	return cfg->model_auto ? own[test] : cfg->model;
}

bool cis_verify_tells_source(const struct cis_verify_config *cfg)
{
	return cfg->estim.profile == CIS_PROFILE_REFERENCE || cfg->model_auto ||
	       cfg->model != CIS_MODEL_NONE;
}

bool cis_verify_skips(const struct cis_verify_config *cfg, enum cis_test test)
{
	if (cis_verify_responds(cfg))
		return false;
	if (test == CIS_TEST_REPORTING_LATENCY)
		return true;
	/* It takes no side of a step. */
	return cis_verify_is_step(test) &&
	       cis_verify_model(cfg, test) == CIS_MODEL_NONE &&
	       cfg->estim.profile == CIS_PROFILE_LS7;
}

/* ---- what is wanted ---- */

static int check_tests(const struct cis_plan_config *cfg, struct cis_diag *diag)
{
	struct cis_diag why = {""};

	if (cis_criteria_check(&cfg->criteria, &why))
		return cis_fail(diag, -EINVAL, "%s", why.msg);
	for (int t = 0; t < CIS_N_TEST; t++)
		if (cfg->wanted[t] &&
		    !cis_limit_find(&cfg->criteria, (enum cis_test)t))
			return cis_fail(
				diag, -EINVAL,
				"--test: edition %s has no test %s for class "
				"%s at %u frames/s",
				cis_edition_name(cfg->criteria.edition),
				cis_test_name((enum cis_test)t),
				cfg->criteria.perf_class == CIS_CLASS_P ? "p"
									: "m",
				cfg->criteria.report_rate);
	return 0;
}

/* None named: all there are. */
static void choose_tests(struct cis_plan_config *cfg)
{
	bool any = false;

	for (int t = 0; t < CIS_N_TEST; t++)
		any |= cfg->wanted[t];
	for (int t = 0; t < CIS_N_TEST && !any; t++)
		cfg->wanted[t] = cis_limit_find(&cfg->criteria,
						(enum cis_test)t) != NULL;
}

int cis_verify_choose(struct cis_plan_config *cfg, struct cis_diag *diag)
{
	int err = check_tests(cfg, diag);

	if (!err)
		choose_tests(cfg);
	return err;
}

/* The plan without the tests that are skipped; NULL where nothing is left. */
static int open_plan(struct cis_verify_run *run, struct cis_diag *diag)
{
	struct cis_plan_config cfg = run->cfg.plan;
	bool any = false;

	for (int t = 0; t < CIS_N_TEST; t++) {
		if (cis_verify_skips(&run->cfg, (enum cis_test)t))
			cfg.wanted[t] = false;
		any |= cfg.wanted[t];
	}
	return any ? cis_plan_new(&cfg, &run->plan, diag) : 0;
}

/* Whether the estimator can be made; its rows. */
static int open_designs(struct cis_estim_config *cfg, struct cis_diag *diag)
{
	struct cis_chan_map *map = calloc(1, sizeof(*map));
	struct cis_signal sig;
	struct cis_estim *est;
	int err;

	if (!map)
		return cis_fail(diag, -ENOMEM, "not enough memory");
	cis_signal_init(&sig);
	cis_signal_map(&sig, map);
	cfg->map = map;
	err = cis_estim_new(cfg, &est, diag);
	if (!err) {
		cis_estim_free(est);
		cfg->designs = cis_designs_new(cfg);
	}
	cfg->map = NULL;
	free(map);
	return err;
}

static int open_estim(struct cis_verify_run *run, struct cis_diag *diag)
{
	struct cis_estim_config *cfg = &run->cfg.estim;

	cfg->fnom_hz = run->cfg.plan.criteria.fnom_hz;
	cfg->rate = (struct cis_rate){run->cfg.plan.criteria.report_rate, 1};
	cfg->rate_hz = CIS_VERIFY_SAMPLE_HZ;
	cfg->max_block = CIS_VERIFY_BLOCK;
	return open_designs(cfg, diag);
}

int cis_verify_open(const struct cis_verify_config *cfg,
		    struct cis_verify_run *run, struct cis_diag *diag)
{
	int err;

	memset(run, 0, sizeof(*run));
	run->cfg = *cfg;
	err = cis_verify_choose(&run->cfg.plan, diag);
	if (err)
		return err;
	err = open_estim(run, diag);
	if (!err)
		err = open_plan(run, diag);
	if (!err) {
		run->n_point = run->plan ? cis_plan_size(run->plan) : 0;
		run->point = calloc(run->n_point + 1u, sizeof(*run->point));
		if (!run->point)
			err = cis_fail(diag, -ENOMEM, "not enough memory");
	}
	if (err)
		cis_verify_close(run);
	return err;
}

void cis_verify_close(struct cis_verify_run *run)
{
	for (uint32_t i = 0; run->point && i < run->n_point; i++)
		free(run->point[i].report);
	free(run->point);
	cis_plan_free(run->plan);
	cis_designs_free(run->cfg.estim.designs);
	run->point = NULL;
	run->plan = NULL;
	run->cfg.estim.designs = NULL;
}

static bool belongs(const struct cis_plan_point *a,
		    const struct cis_plan_point *b)
{
	if (a->test != b->test)
		return false;
	if (cis_verify_is_step(a->test))
		return a->step == b->step;
	return a->test == CIS_TEST_FREQUENCY_RAMP &&
	       a->sig.rocof_hz_per_s == b->sig.rocof_hz_per_s;
}

uint32_t cis_verify_group_end(const struct cis_verify_run *run, uint32_t from)
{
	struct cis_plan_point first, p;
	uint32_t i = from + 1;

	cis_plan_point(run->plan, from, &first);
	for (; i < run->n_point; i++) {
		cis_plan_point(run->plan, i, &p);
		if (!belongs(&first, &p))
			break;
	}
	return i;
}

/* ---- names ---- */

const char *cis_verify_verdict(enum cis_verdict verdict)
{
	static const char *const names[] = {[CIS_VERDICT_PASS] = "PASS",
					    [CIS_VERDICT_FAIL] = "FAIL",
					    [CIS_VERDICT_NOT_APPLICABLE] =
						    "n/a"};

	return names[verdict];
}

const char *cis_verify_standard(const struct cis_verify_run *run)
{
	for (int t = 0; t < CIS_N_TEST; t++) {
		const struct cis_limit *limit = cis_limit_find(
			&run->cfg.plan.criteria, (enum cis_test)t);

		if (limit)
			return limit->standard;
	}
	return "";
}
