/* tally.h - parts of the tally: what a pair is worth, the figures of many, and
 * where the steps are. */
#ifndef HOST_JUDGE_TALLY_H
#define HOST_JUDGE_TALLY_H

#include "cisoid/compare.h"

/* ---- errors of one pair (pair_error.c) ---- */

/* Fills everything of a row but `left`; row->chan has room for the map. */
void cis_row_fill(const struct cis_tally_config *cfg,
		  const struct cis_pair_event *event, struct cis_row *row);

uint32_t cis_doubts_of(const struct cis_side_report *r);

/* ---- figures of many pairs (figures.c) ---- */

struct cis_figures {
	struct cis_error_stat pmu[CIS_N_PMU_ERR];
	struct cis_figures_chan {
		struct cis_error_stat error[CIS_N_CHAN_ERR];
		double first_rad; /* phases are unwrapped about it */
		uint64_t n_without[CIS_N_SIDE]; /* a value of this side */
	} * chan;                               /* [n] */
};

int cis_figures_init(struct cis_figures *f, uint32_t n);
void cis_figures_release(struct cis_figures *f);
/* All but the latency. */
void cis_figures_add(struct cis_figures *f, const struct cis_row *row);

/* ---- jumps of the reference (watch.c) ---- */

#define CIS_WATCH_KEEP 4

/* Third differences of the reports before; see watch.c. */
#define CIS_WATCH_MEMORY 24

struct cis_watch_calm {
	double mag[CIS_WATCH_MEMORY], phase_rad[CIS_WATCH_MEMORY];
	uint32_t n; /* so far; the newest CIS_WATCH_MEMORY are kept */
	uint32_t n_jump,
		n_after; /* reports that jumped; to pass since the last */
};

/*
 * Steps that the reference does not tell. A jump is what neither its frequency
 * nor the fastest modulation of the standard's tests at this rate explains, or
 * what nothing before it was like.
 */
struct cis_watch {
	const struct cis_match_map *map; /* borrowed */
	double fnom_hz;
	uint32_t n; /* reports held, the newest last */
	struct cis_watch_report {
		struct cis_instant at;
		uint32_t notes;
		double freq_hz, rocof_hz_per_s, u_freq_hz;
		struct cis_watch_value {
			double complex x;
			double u_mag, u_phase_rad; /* 0: not known */
		} * value;                         /* [map->n] */
	} report[CIS_WATCH_KEEP];
	/* Grows with every report that is explained: a channel that jumps all
	 * the time carries no signal. [map->n] */
	uint8_t *trust;
	struct cis_watch_calm *calm; /* [map->n] */
};

int cis_watch_init(struct cis_watch *w, const struct cis_match_map *map,
		   double fnom_hz);
void cis_watch_release(struct cis_watch *w);

/* A gap: what follows is not compared with what was. */
void cis_watch_reset(struct cis_watch *w);

/* The next report; true: a jump lies between *from and *to. */
bool cis_watch_put(struct cis_watch *w, const struct cis_side_report *r,
		   struct cis_instant *from, struct cis_instant *to);

#endif
