/*
 * comparison.h - a PMU against the reference: where reports come from, what is
 * made of them, and how it is shown. The mathematics is cisoid/compare.h.
 *
 *	comparison_feed.c   reports of both sides, in order, to the judge
 *	comparison_map.c    which phasor is which
 *	comparison_live.c   streams, the clock, the user
 *	comparison_shown.c  judged figures, else doubtful ones
 *	comparison_table.c  as text: with comparison_who.c, comparison_errors.c and
 *	                    comparison_cells.c
 *	comparison_json.c, comparison_csv.c  what else is written
 */
#ifndef HOST_CLI_COMPARISON_H
#define HOST_CLI_COMPARISON_H

#include <stdbool.h>
#include <stdio.h>

#include "cisoid/compare.h"
#include "cisoid/judge.h"
#include "host/cli/cli.h"
#include "host/cli/outfile.h"
#include "reports_in.h"

struct cis_comparison_config {
	const char *what[CIS_N_SIDE]; /* files or streams */
	struct cis_reports_pick pick[CIS_N_SIDE];
	const char *map; /* NULL: proposed */
	bool has_limits;
	enum cis_edition edition;
	enum cis_class perf_class;
	enum cis_test test;
	struct cis_unc u; /* NaN: what the reports say */
	enum cis_rule rule;
	uint32_t accept; /* CIS_REPORT_* and CIS_DOUBT_* that are judged */
	double half_window_s;
	uint64_t count;    /* pairs; 0: all */
	double duration_s; /* of data; INFINITY: all */
	double timeout_s;
	const char *csv; /* file or "-"; NULL */
	bool json, force;
};

struct cis_comparison_side {
	struct cis_reports *store; /* a file; or what waits for the map */
	struct cis_reports_live *live;
	size_t cursor;  /* in store: given to the judge so far */
	size_t guessed; /* in store: used for the proposal so far */
	bool begun;     /* `store` is there */
	bool done;      /* nothing more will come */
	struct cis_instant first, last; /* of all that came */
	struct cis_instant before,
		now;      /* the last two that came, of a stream */
	uint64_t n;       /* that came */
	uint64_t outside; /* of these, before or after the other side's */
	uint64_t alone;   /* without a partner, within the common time */
	unsigned silent_s;
	struct cis_match_phasor phasor[CIS_MAX_CHAN];
};

/* All of a comparison; zero it but for `cfg`. */
struct cis_comparison {
	struct cis_comparison_config cfg;
	struct cis_comparison_side side[CIS_N_SIDE];
	struct cis_match_side names[CIS_N_SIDE];
	struct cis_pair *guess_pair;
	struct cis_guess *guess[2]; /* by good reports, by any */
	uint32_t n_guess[2];
	struct cis_warn_list tell; /* of the proposal */
	bool mapped;
	struct cis_match_map map;
	struct cis_pair *pair;
	struct cis_tally *tally;
	struct cis_sweep sweep[CIS_MATCH_MAX];
	struct cis_sweep doubtful_sweep[CIS_MATCH_MAX];
	bool has_row; /* row_first and row_last are set */
	struct cis_instant row_first, row_last;
	uint64_t n_fed, n_pair; /* pairs judged or left out: put, come out */
	bool stopped;           /* by a signal */
	bool full; /* as many pairs, or as much time, as were asked for */
	double half_window_s;          /* in use */
	const struct cis_limit *limit; /* NULL: none */
	struct cis_judgement ruling;
	struct cis_outfile csv;
	const char *incomplete; /* why it ended early; NULL */
	struct cis_diag why;
};

/* ---- comparison.c ---- */

/* Runs it; the exit status. What went wrong was told. */
int cis_comparison_run(const struct cis_comparison_config *cfg);

/* ---- comparison_map.c ---- */

/* The names of both sides; both have begun. */
void cis_comparison_names(struct cis_comparison *c);
/* Uses what waits for a proposal; true: there is enough. */
bool cis_comparison_guess(struct cis_comparison *c);
/* Told, or proposed; -EINVAL, -ENODATA with a message. */
int cis_comparison_map(struct cis_comparison *c, struct cis_diag *diag);

/* ---- comparison_feed.c ---- */

/* Which side goes on: the one with the earlier report; CIS_N_SIDE: wait. */
enum cis_side cis_comparison_turn(const struct cis_comparison *c,
				  const size_t at[CIS_N_SIDE]);
/* Whether the report is within the time that both sides have. */
bool cis_comparison_common(const struct cis_comparison *c,
			   struct cis_instant at);
/* Makes pair and tally, by the map. A message. */
int cis_comparison_start(struct cis_comparison *c, struct cis_diag *diag);
/* Judges what has come; all of it when both sides are done. A negative errno
 * when the CSV cannot be written. */
int cis_comparison_feed(struct cis_comparison *c);
void cis_comparison_finish(struct cis_comparison *c);

/* ---- comparison_live.c ---- */

/* 0, or an exit status after a sentence: at least one side is a stream. */
int cis_comparison_listen(struct cis_comparison *c);

/* ---- what is written ---- */

void cis_comparison_csv_header(struct cis_comparison *c);
void cis_comparison_csv_row(struct cis_comparison *c,
			    const struct cis_row *row);
void cis_comparison_table(FILE *f, const struct cis_comparison *c);
/* -ENOMEM */
int cis_comparison_json(FILE *f, const struct cis_comparison *c);

/* ---- what is shown ---- */

/* Figures of the judged pairs; where there are none, of the doubtful ones. */
struct cis_shown {
	const struct cis_error_stat *stat;
	bool judged; /* false: doubtful, or nothing at all */
};

struct cis_shown cis_comparison_chan(const struct cis_comparison *c, uint32_t i,
				     enum cis_chan_error what);
struct cis_shown cis_comparison_pmu(const struct cis_comparison *c,
				    enum cis_pmu_error what);
/* True: of the judged pairs. */
bool cis_comparison_sweep(const struct cis_comparison *c, uint32_t i,
			  struct cis_sweep_result *out);
/* The largest TVE among doubtful pairs, and its match; NaN: none. */
double cis_comparison_doubtful_tve_pct(const struct cis_comparison *c,
				       uint32_t *match);

/* ---- words ---- */

static inline const struct cis_reports_about *
cis_comparison_about(const struct cis_comparison *c, enum cis_side side)
{
	return cis_reports_about(c->side[side].store);
}

/* Where it comes from: SIMULATED if either side is. */
bool cis_comparison_simulated(const struct cis_comparison *c);
const char *cis_comparison_dut_name(const struct cis_comparison *c,
				    uint32_t match);

#endif
