/*
 * compare.h - a PMU against a reference, report by report.
 *
 * Pure; nothing is allocated after new. Reports of two sides are paired by their
 * instant (struct cis_pair), the pairs judged and counted (struct cis_tally),
 * the figures held against limits (cis_decide), and errors at many frequencies
 * taken apart (struct cis_sweep). The channel map is match.h.
 *
 *	cis_pair_put() for each report that comes, of either side, and
 *	cis_tally_contradict() where it contradicts an earlier one; after each
 *	while (cis_pair_next(pair, &event))
 *		cis_tally_put(tally, &event);
 *		while (cis_tally_next(tally, &row))
 *			show the row
 *	at the end cis_pair_end() for both, the loop; cis_tally_end(), the rows.
 */
#ifndef CISOID_COMPARE_H
#define CISOID_COMPARE_H

#include <complex.h>
#include <stdbool.h>
#include <stdint.h>

#include "cisoid/diag.h"
#include "cisoid/judge.h"
#include "cisoid/match.h"
#include "cisoid/report.h"

/* ---- pairs ---- */

/* What a report does not say of itself. */
struct cis_arrival {
	double latency_s;  /* arrival minus time stamp; NaN: not known */
	double off_grid_s; /* stamp minus the instant k/N; NaN: not known */
	int stat;          /* STAT of the frame; -1: not known */
};

/* A report as the comparison keeps it. */
struct cis_side_report {
	struct cis_instant at;
	struct cis_time_quality time_quality;
	struct cis_arrival arrival;
	bool contradicted; /* by another report of this side and instant */
	uint32_t flags, notes;
	double freq_hz, rocof_hz_per_s;
	double u_freq_hz, u_rocof_hz_per_s; /* standard, NaN: not known */
	uint32_t n_phasor;
	double complex *phasor_rms;
	struct cis_phasor_unc {
		double mag, phase_rad; /* standard; mag relative */
		uint32_t flags;        /* CIS_REPORT_*, of this phasor */
	} * unc;
};

struct cis_pair_config {
	uint32_t n_phasor[CIS_N_SIDE]; /* kept of each report; 0: all */
	uint32_t depth; /* instants held per side; 0: 256; at least 4 */
	/* A report waits for its partner until so many later ones of the other
	 * side are there; 0: 16. At most half the depth. */
	uint32_t wait;
};

struct cis_side_count {
	uint64_t reports;    /* put, whatever became of them */
	uint64_t lost;       /* instants of the own grid between first, last */
	uint64_t duplicates; /* same instant again, same values: dropped */
	/* Same instant, other values: the first one is kept, and marked. */
	uint64_t contradicted;
	uint64_t reordered;  /* came after a later one, and was still used */
	uint64_t too_late;   /* came after its instant was given up: dropped */
	uint64_t off_grid;   /* more than 1 us off k/N: used all the same */
	uint64_t invalid;    /* no instant at all (k >= N, rate 0): dropped */
	uint64_t other_rate; /* no partner: the other's grid has no such */
	uint64_t alone;      /* no partner: it never came */
	uint64_t rate_changes;
	/* Over an hour between neighbours, or back in time: not counted lost. */
	uint64_t jumps;
};

/* One side alone: the other is NULL. Valid until the next call. Instants grow,
 * but for a side whose clock went back: then pairing begins anew from there. */
struct cis_pair_event {
	struct cis_instant at;
	const struct cis_side_report *report[CIS_N_SIDE];
	bool other_rate; /* alone because of the other's rate */
};

struct cis_pair;

/* -EINVAL: a depth below 4 or over 65536; -ENOMEM. */
int cis_pair_new(const struct cis_pair_config *cfg, struct cis_pair **out);
void cis_pair_free(struct cis_pair *pair); /* NULL is allowed */

/*
 * Takes a copy. `arrival` may be NULL: nothing is known. -EAGAIN, and not taken:
 * next() has something to give first; it never is when next() was called until
 * it returned false. -EINVAL: no instant (counted).
 */
int cis_pair_put(struct cis_pair *pair, enum cis_side side,
		 const struct cis_report *rep,
		 const struct cis_arrival *arrival);

/* This side sends no more. */
void cis_pair_end(struct cis_pair *pair, enum cis_side side);

/* The next instant, in order of time; false: wait for more. */
bool cis_pair_next(struct cis_pair *pair, struct cis_pair_event *event);

const struct cis_side_count *cis_pair_count(const struct cis_pair *pair,
					    enum cis_side side);

/* Compares instants of any two rates exactly: < 0, 0, > 0. */
int cis_instant_compare(struct cis_instant a, struct cis_instant b);

/* ---- errors of pairs, and their statistics ---- */

/* Why a report is doubtful: CIS_REPORT_* and, of STAT alone: */
#define CIS_DOUBT_TEST    (1u << 5) /* in test mode (data error 10) */
#define CIS_DOUBT_ARRIVAL (1u << 6) /* sorted by arrival, stamp not UTC */
#define CIS_N_DOUBT       7
/* Doubts about time and trust, not about the values. */
#define CIS_DOUBT_SOFT    (CIS_REPORT_UNSYNC | CIS_DOUBT_TEST | CIS_DOUBT_ARRIVAL)

/* "unsync+test"; "" for none. Returns buf. */
#define CIS_DOUBT_SIZE 64
const char *cis_doubt_words(uint32_t doubts, char buf[CIS_DOUBT_SIZE]);

/* Why a pair is not judged. */
#define CIS_LEFT_ALONE        (1u << 0) /* no partner */
#define CIS_LEFT_REF          (1u << 1) /* the reference is flagged */
#define CIS_LEFT_DUT          (1u << 2) /* the PMU's report is flagged */
#define CIS_LEFT_STEP         (1u << 3) /* near a jump of the reference */
#define CIS_LEFT_DISTURBED    (1u << 4) /* near a note `disturbed` */
#define CIS_LEFT_OTHER_RATE   (1u << 5) /* no partner by the other's rate */
/* A side says two things of the instant. */
#define CIS_LEFT_CONTRADICTED (1u << 6)
#define CIS_N_LEFT            7
const char *cis_left_words(uint32_t left, char buf[CIS_DOUBT_SIZE]);

/* Expanded uncertainties (k = 2) of errors; NaN: not known. */
struct cis_unc {
	double tve_pct, mag_pct, phase_rad, fe_hz, rfe_hz_per_s;
};

/* "tve=0.05,fe=0.001,rfe=0.1", also me= (%) and pe= (degrees): expanded, k = 2.
 * What is not named becomes NaN. -EINVAL with a message. */
int cis_unc_parse(const char *text, struct cis_unc *out, struct cis_diag *diag);

#define CIS_COVERAGE 2 /* k of all expanded uncertainties here */

struct cis_tally_config {
	const struct cis_match_map *map; /* copied */
	double fnom_hz;
	/* Half the reference's window: so near a step it is not judged. 0:
	 * three cycles. At most 2 s. */
	double half_window_s;
	/* CIS_REPORT_* and CIS_DOUBT_* of each side that do not exclude. */
	uint32_t accept[CIS_N_SIDE];
	/* Takes the place of what the reports say, where not NaN. */
	struct cis_unc given;
	/* Nothing is left out for a jump or a note `disturbed`: for references
	 * that are right beside steps (closed forms, two-sided fits). */
	bool judge_steps;
};

/* Per phasor. TVE in %, ME in %, PE in rad; the delay is PE over 2 pi f. */
enum cis_chan_error {
	CIS_ERR_TVE,
	CIS_ERR_MAG,
	CIS_ERR_PHASE,
	CIS_ERR_DELAY,
	CIS_N_CHAN_ERR
};

/* Per PMU: Hz, Hz/s, s. Latency is the PMU's, of all its reports, paired or not;
 * doubtful where its time is. */
enum cis_pmu_error { CIS_ERR_FE, CIS_ERR_RFE, CIS_ERR_LATENCY, CIS_N_PMU_ERR };

/* Zero it before use; figures mean nothing while n is 0. */
struct cis_error_stat {
	uint64_t n, n_missing;
	double max_abs, max, min, mean, sigma; /* sigma of n - 1; n 1: NaN */
	struct cis_instant worst;              /* where |x| is largest */
	double u_worst;                        /* U there */
	/* Largest |x| + U and |x| - U. NaN while U of one report is unknown. */
	double upper, lower;
	double m2; /* sum of squares about the mean */
};

/* u: expanded, NaN when unknown. */
void cis_error_add(struct cis_error_stat *stat, double x, double u,
		   struct cis_instant at);

/* One pair with its errors: what a table or a file shows. */
struct cis_row {
	struct cis_instant at;
	uint32_t left; /* CIS_LEFT_*; 0: judged */
	/* Left out because of CIS_DOUBT_SOFT of the reference or of what the
	 * PMU says of itself, and nothing else: the errors are there. */
	bool doubtful;
	uint32_t doubts[CIS_N_SIDE];
	bool present[CIS_N_SIDE];
	double freq_hz[CIS_N_SIDE], rocof_hz_per_s[CIS_N_SIDE];
	double latency_s[CIS_N_SIDE];
	double pmu[CIS_N_PMU_ERR], pmu_u[CIS_N_PMU_ERR];
	uint32_t n_chan; /* as the map's matches */
	struct cis_row_chan {
		double complex ref, dut; /* ref: by the match */
		double error[CIS_N_CHAN_ERR], u[CIS_N_CHAN_ERR];
	} * chan;
};

struct cis_tally_count {
	uint64_t pairs;  /* both sides there */
	uint64_t judged; /* of these */
	uint64_t
		left[CIS_N_LEFT]; /* by reason, the bit's number; may overlap */
	/* Of the pairs, by reason; accepted ones too. */
	uint64_t doubt[CIS_N_SIDE][CIS_N_DOUBT];
	uint64_t jumps; /* steps found in the reference that it did not tell */
	uint64_t doubtful; /* of the pairs, not judged but measured */
	/* Of these, by reason; accepted ones not. */
	uint64_t doubtful_by[CIS_N_SIDE][CIS_N_DOUBT];
	uint64_t contradictions; /* told by cis_tally_contradict() */
};

struct cis_tally;

/* -EINVAL with a message. */
int cis_tally_new(const struct cis_tally_config *cfg, struct cis_tally **out,
		  struct cis_diag *diag);
void cis_tally_free(struct cis_tally *tally); /* NULL is allowed */

/* Events in order of time, as cis_pair_next() gives them. -EAGAIN, and not
 * taken: take rows first. */
int cis_tally_put(struct cis_tally *tally, const struct cis_pair_event *event);
/* A side contradicts its report of this instant (cis_side_count.contradicted has
 * grown): it is left out if it has not been given out yet, and nothing passes. */
void cis_tally_contradict(struct cis_tally *tally, struct cis_instant at);
/* Nothing follows: what was held back is judged. */
void cis_tally_end(struct cis_tally *tally);
/*
 * The next row, once it is known whether a step is near. Valid until the next
 * call of put() or next(). Rows enter the statistics as they are given out.
 * Instants that are alone by the other's rate give none; they are counted.
 */
bool cis_tally_next(struct cis_tally *tally, struct cis_row *row);

const struct cis_tally_count *cis_tally_count(const struct cis_tally *tally);
uint32_t cis_tally_n_match(const struct cis_tally *tally);
const struct cis_match *cis_tally_match(const struct cis_tally *tally,
					uint32_t i);
const struct cis_error_stat *cis_tally_chan(const struct cis_tally *tally,
					    uint32_t match,
					    enum cis_chan_error what);
/* Judged pairs in which this side has no value of the match (the reference: none
 * but 0), so that there is no error. */
uint64_t cis_tally_without(const struct cis_tally *tally, uint32_t match,
			   enum cis_side side);
/* As the map has it. */
const char *cis_tally_unmatched(const struct cis_tally *tally);
const struct cis_error_stat *cis_tally_pmu(const struct cis_tally *tally,
					   enum cis_pmu_error what);
/* The same of doubtful pairs (struct cis_row), which no verdict counts. */
const struct cis_error_stat *
cis_tally_doubtful_chan(const struct cis_tally *tally, uint32_t match,
			enum cis_chan_error what);
const struct cis_error_stat *
cis_tally_doubtful_pmu(const struct cis_tally *tally, enum cis_pmu_error what);

/* ---- verdicts ---- */

enum cis_rule {
	/* Guard band of U where U is known, else simple acceptance: the ruling
	 * and its sentence say which. */
	CIS_RULE_AUTO,
	/* PASS when max + U <= limit, FAIL when max - U > limit, else
	 * INDETERMINATE; so also where U is unknown. */
	CIS_RULE_GUARD_BAND,
	CIS_RULE_SIMPLE, /* max against the limit, whatever U */
};

/* The rule in a sentence, to print beside every verdict. */
const char *cis_rule_sentence(enum cis_rule rule);

enum cis_decision {
	CIS_DECIDE_NONE, /* no limit: not asked */
	CIS_DECIDE_PASS,
	CIS_DECIDE_INDETERMINATE,
	CIS_DECIDE_FAIL,
};

const char *cis_decision_name(enum cis_decision d); /* "-", "PASS", ... */

struct cis_ruling {
	enum cis_decision decision;
	enum cis_rule rule; /* as applied: never AUTO */
	double max_abs, u;  /* U at the worst; NaN: not known */
	double limit;       /* NaN: none */
	char why[200];      /* "" for a plain PASS or FAIL */
};

/* One figure. A limit of low confidence makes no FAIL. Missing values, or no
 * values at all: INDETERMINATE, unless those that are there FAIL. */
void cis_decide(const struct cis_error_stat *stat, double limit,
		enum cis_confidence confidence, enum cis_rule rule,
		struct cis_ruling *out);

struct cis_judgement {
	struct cis_ruling tve[CIS_MATCH_MAX]; /* as the map's matches */
	struct cis_ruling fe, rfe, latency;
	struct cis_ruling overall; /* decision and why; the worst of all */
};

/*
 * All figures against one row of limits, by the judged pairs alone. What was left
 * out because the PMU flagged it keeps the whole from PASS (INDETERMINATE),
 * unless accepted; so does a match that was guessed (enum cis_match_doubt), and
 * a phasor of the PMU for which a proposed map has no reference. The limits of
 * step tests are thresholds: such a row is refused with -EINVAL.
 */
int cis_tally_decide(const struct cis_tally *tally,
		     const struct cis_limit *limit, enum cis_rule rule,
		     struct cis_judgement *out, struct cis_diag *diag);

/* ---- errors over frequency: gain, phase and delay ---- */

/* Zero it before use. One for each phasor. */
struct cis_sweep {
	uint64_t n;
	double first_rad; /* phases are unwrapped about it */
	double sum_w, sum_w2;
	double freq_hz, mag_pct, phase_rad; /* weighted means */
	double c_ff, c_fp, c_pp, c_mm;      /* weighted sums about the means */
	double min_hz, max_hz;
};

/* u_rad: standard, of this phase; NaN or 0: as good as any other. All of a sweep
 * are known or none is. Missing values are passed over. */
void cis_sweep_add(struct cis_sweep *sweep, double freq_hz, double mag_pct,
		   double phase_rad, double u_rad);
/* A judged row's match i; rows that are left out are passed over. */
void cis_sweep_add_row(struct cis_sweep *sweep, const struct cis_row *row,
		       uint32_t i);
/* The same of a doubtful row; others are passed over. */
void cis_sweep_add_doubtful(struct cis_sweep *sweep, const struct cis_row *row,
			    uint32_t i);

/*
 * ME = mag_pct; PE = phase_rad + 2 pi f delay_s: positive when the PMU samples
 * late. Standard errors come from the scatter about the line alone: they are no
 * uncertainty, neither the reference's nor the format's is in them. Where the
 * frequencies are too near each other, phase and delay are one: separated is
 * false, phase_rad is the mean PE, delay_s NaN, and `why` says so.
 */
struct cis_sweep_result {
	uint64_t n;
	bool separated;
	double mean_hz, min_hz, max_hz;
	double mag_pct, se_mag_pct;
	double phase_rad, se_phase_rad;
	double delay_s, se_delay_s;
	char why[200];
};

void cis_sweep_solve(const struct cis_sweep *sweep,
		     struct cis_sweep_result *out);

#endif
