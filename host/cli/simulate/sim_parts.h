/*
 * sim_parts.h - the engine from within: sim.c is its life, sim_pace.c its course
 * of time, sim_send.c the way of a frame, sim_stats.c what it tells, sim_run.c
 * the command.
 */
#ifndef HOST_CLI_SIMULATE_SIM_PARTS_H
#define HOST_CLI_SIMULATE_SIM_PARTS_H

#include "host/acq/dates/clock.h"
#include "host/cli/slope.h"
#include "host/cli/spread.h"
#include "host/net/ticker.h"
#include "host/sim/delayed.h"
#include "host/sim/schedule.h"
#include "outlets.h"
#include "sim.h"
#include "sink.h"

struct cis_sim_pace {
	struct cis_time first, first_due; /* of the first stream */
	struct cis_slope course;          /* s off for each s */
	int64_t began_ns, ended_ns;       /* monotonic; at full speed */
	struct cis_spread late_us;
};

struct cis_sim {
	const struct cis_sim_config *sc;
	uv_loop_t *loop;
	struct cis_ticker ticker;
	bool has_ticker;
	struct cis_clock clock;
	char station[CIS_STATION_SIZE];
	struct cis_maker *maker;
	struct cis_outlets *outlets;
	struct cis_sink *sink; /* or NULL */
	struct cis_schedule schedule;
	struct cis_delayed *delayed; /* NULL: nothing is ever late */
	bool impaired;
	struct cis_instant first; /* frame number 0 of all fates */
	bool declared;            /* the dates are not the clock's */
	int64_t shift_ns;         /* dates less clock */
	struct cis_time woke;
	bool waiting; /* for a client */
	unsigned n_wait;
	bool told_over; /* SOC has come to its end */
	bool winding_up;
	bool ended;
	void (*on_end)(void *arg);
	void *arg;
	unsigned n_open; /* of what the loop has still to close */
	void (*closed)(void *arg);
	void *closed_arg;
	struct cis_sim_pace pace;
	struct cis_sim_stats stats; /* what is counted here */
	uint8_t *frame;             /* of frame_max bytes */
};

/* ---- sim_send.c ---- */

/* Makes and sends what is due, and what has waited for its time until `now`. */
void cis_sim_send(struct cis_sim *sim, const struct cis_due *due);
void cis_sim_send_delayed(struct cis_sim *sim, struct cis_time now);

/* ---- sim_pace.c ---- */

void cis_sim_tick(void *sim);
/* Finds out where in time it begins. */
void cis_sim_set_out(struct cis_sim *sim);

/* ---- sim_stats.c ---- */

/* A run was sent; `now` is afterwards. */
void cis_sim_note_pace(struct cis_sim *sim, const struct cis_due *due,
		       struct cis_time now);
void cis_sim_tell(const struct cis_sim_stats *stats,
		  const struct cis_sim_config *sc);
/* On standard output; 0 or an exit status. */
int cis_sim_tell_json(const struct cis_sim_stats *stats,
		      const struct cis_sim_config *sc,
		      const struct cis_sink *sink);

#endif
