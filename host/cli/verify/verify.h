/*
 * verify.h - the standard's tests through the real estimator: what a run is
 * asked for, what a point gave, and the row of each test.
 */
#ifndef HOST_CLI_VERIFY_H
#define HOST_CLI_VERIFY_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "cisoid/aware.h"
#include "cisoid/estim.h"
#include "cisoid/judge.h"
#include "cisoid/plan.h"

/* Samples per second of every test signal. */
#define CIS_VERIFY_SAMPLE_HZ 18000
/* t0 of every signal: some second. */
#define CIS_VERIFY_T0_TAI_S  INT64_C(1800000000)
/* The most scans of a push. */
#define CIS_VERIFY_BLOCK     512

struct cis_verify_config {
	struct cis_plan_config plan;
	struct cis_estim_config estim; /* profile, cycles; the rest by open */
	enum cis_model model;          /* NONE: the profile alone */
	bool model_auto;               /* each test with its own */
};

enum cis_verify_error {
	CIS_VERIFY_TVE, /* % */
	CIS_VERIFY_FE,  /* Hz */
	CIS_VERIFY_RFE, /* Hz/s */
	CIS_VERIFY_N_ERROR
};

/* Three channels and their positive sequence. */
#define CIS_VERIFY_N_PHASOR 4

/* One report. */
struct cis_verify_report {
	double t_s; /* after t0; of a step: after the step */
	double error[CIS_VERIFY_N_ERROR]; /* the largest of the phasors */
	/* Of a step, by phasor: TVE, and the stepped quantity: magnitude over
	 * that before the step, or angle from it, rad. */
	double tve_pct[CIS_VERIFY_N_PHASOR], value[CIS_VERIFY_N_PHASOR];
};

/* What one point of the plan gave. */
struct cis_verify_point {
	uint32_t n_expected, n_got; /* reports that count */
	uint32_t n_flagged;         /* of those got */
	uint32_t n_model;           /* whose values are the model's */
	uint32_t flags;             /* all that occurred */
	struct cis_stat error[CIS_VERIFY_N_ERROR];
	double latency_s; /* the largest; NaN: not measured */
	/* Ramps and steps: report by report. */
	uint32_t n_report;
	struct cis_verify_report *report;
};

/*
 * A plan and its results. The workers take the points in order and store what
 * each gave in its own place: nothing depends on how many there are.
 */
struct cis_verify_run {
	struct cis_verify_config cfg;
	struct cis_plan *plan;
	uint32_t n_point;
	struct cis_verify_point *point; /* [n_point] */
	_Atomic uint32_t next, n_done;
	atomic_bool stop; /* leave the rest */
	atomic_int err;   /* of the first worker that failed */
};

/* Completes what is wanted: all tests there are, where none is named. -EINVAL
 * with a message: no such rate, no such test for this class. */
int cis_verify_choose(struct cis_plan_config *cfg, struct cis_diag *diag);

/* The same. */
int cis_verify_open(const struct cis_verify_config *cfg,
		    struct cis_verify_run *run, struct cis_diag *diag);
void cis_verify_close(struct cis_verify_run *run);

/* Whether the profile is asked for responses and latency. */
bool cis_verify_responds(const struct cis_verify_config *cfg);
/* The model that judges a test; NONE: the profile. */
enum cis_model cis_verify_model(const struct cis_verify_config *cfg,
				enum cis_test test);
/* Whether a test says nothing of this profile, and is not run. */
bool cis_verify_skips(const struct cis_verify_config *cfg, enum cis_test test);
bool cis_verify_is_step(enum cis_test test);
/* The point after those that make one ramp or one step with point `from`. */
uint32_t cis_verify_group_end(const struct cis_verify_run *run, uint32_t from);
/* Whether rows name what gave the values. */
bool cis_verify_tells_source(const struct cis_verify_config *cfg);

/* ---- verify_bench.c: one point, by one worker ---- */

struct cis_verify_bench;

/* `new` and `free` of estimators are one thread's at a time: under `lock`,
 * which is borrowed until free. NULL: no memory. */
struct cis_verify_bench *cis_verify_bench_new(struct cis_verify_run *run,
					      pthread_mutex_t *lock);
void cis_verify_bench_free(struct cis_verify_bench *bench);
/* 0, also where the run is to stop; -ENOMEM and the like. */
int cis_verify_bench_point(struct cis_verify_bench *bench, uint32_t i);

/* ---- verify_judge.c: one report ---- */

/* After t0. */
double cis_verify_seconds(struct cis_instant at);
void cis_verify_judge(const struct cis_plan_point *point,
		      const struct cis_report *rep,
		      struct cis_verify_report *out);

/* ---- verify_crew.c: the workers ---- */

struct cis_verify_crew;

/* As many as there are processors this program may use. */
unsigned cis_verify_n_worker(void);
int cis_verify_crew_start(struct cis_verify_run *run, unsigned n_worker,
			  struct cis_verify_crew **out);
bool cis_verify_crew_done(const struct cis_verify_crew *crew);
/* Waits for the workers; 0 or what went wrong. Frees. */
int cis_verify_crew_join(struct cis_verify_crew *crew);

/* ---- verify_row.c: the row of a test ---- */

struct cis_verify_row {
	const struct cis_limit *limit;
	enum cis_test test;
	enum cis_verdict verdict;
	uint32_t n_point, n_expected, n_got, n_flagged, n_model;
	uint32_t flags;                            /* all that occurred */
	struct cis_stat error[CIS_VERIFY_N_ERROR]; /* n 0: not run */
	struct cis_step_result step;               /* the largest; NaN: none */
	double latency_s, latency_limit_s;
	bool responds;  /* `step` or `latency_s` are there */
	char by[64];    /* what gave the values: "m", "model ramp" */
	char note[192]; /* "" or why it fails, or what is unsure */
};

/* Rows of the tests that were wanted, in order; their number. */
unsigned cis_verify_rows(const struct cis_verify_run *run,
			 struct cis_verify_row row[CIS_N_TEST]);

/* ---- what is written ---- */

void cis_verify_table(FILE *f, const struct cis_verify_run *run,
		      const struct cis_verify_row *row, unsigned n);
/* -ENOMEM */
int cis_verify_json(FILE *f, const struct cis_verify_run *run,
		    const struct cis_verify_row *row, unsigned n);
void cis_verify_points(FILE *f, const struct cis_verify_run *run);

/* Makes the folder where there is none, and sees that no picture is there. */
int cis_verify_plots_check(const char *dir, const struct cis_verify_run *run,
			   bool force, struct cis_diag *diag);
int cis_verify_plots(const char *dir, const struct cis_verify_run *run,
		     bool force, struct cis_diag *diag);

/* FAIL if one is, else PASS if one is. */
enum cis_verdict cis_verify_overall(const struct cis_verify_row *row,
				    unsigned n);
const char *cis_verify_verdict(enum cis_verdict verdict); /* "PASS" */
const char *cis_verify_standard(const struct cis_verify_run *run);

#endif
