/*
 * sim_parts.h - the engine from within: sim.c is its life, sim_play.c what it
 * plays, sim_change.c how that changes, sim_pace.c its course of time, sim_send.c
 * the way of a frame, sim_stats.c what it tells, sim_run.c the command.
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

/* What is played, or is to be. */
struct cis_sim_play {
	struct cis_sim_config sc; /* a copy, with a station of its own: */
	char station[CIS_STATION_SIZE];
	struct cis_maker *maker;  /* sc.maker, or its own */
	struct cis_instant first; /* number 0 of frames and fates */
	/* Of one that is to come: */
	struct cis_delayed *delayed; /* NULL: there is room enough */
	struct cis_delayed_config delays;
	uint8_t *frame;    /* of frame_max bytes */
	uint32_t n_differ; /* PMUs that will be described anew */
};

/* From one to another, sim_change.c. */
struct cis_sim_change {
	struct cis_sim_play *coming; /* NULL: none */
	double announce_s;           /* it is announced for so long, since: */
	struct cis_instant from;
	bool told; /* the edition of 2005: one was made, since: */
	struct cis_instant at;
};

struct cis_sim {
	struct cis_sim_play *play;       /* that is in force: */
	const struct cis_sim_config *sc; /* its own */
	struct cis_maker *maker;         /* its own */
	uv_loop_t *loop;
	struct cis_ticker ticker;
	struct cis_clock clock;
	struct cis_outlets *outlets;
	struct cis_sink *sink; /* or NULL */
	struct cis_schedule schedule;
	struct cis_delayed *delayed;      /* NULL: nothing is ever late */
	struct cis_delayed_config delays; /* for which there is room */
	struct cis_sim_change change;
	uint64_t n_instant;      /* as many as the duration says */
	struct cis_instant last; /* that was due; see begun */
	int64_t shift_ns;        /* dates less clock */
	struct cis_time woke;
	void (*on_end)(void *arg);
	void *arg;
	void (*closed)(void *arg);
	void *closed_arg;
	struct cis_sim_pace pace;
	struct cis_sim_stats stats; /* what is counted here */
	uint8_t *frame;             /* of frame_max bytes */
	unsigned n_open;            /* of what the loop has still to close */
	unsigned n_wait;
	bool has_ticker;
	bool impaired;
	bool started;
	bool begun;     /* a frame was due */
	bool ticking;   /* frames are under way */
	bool declared;  /* the dates are not the clock's */
	bool waiting;   /* for a client */
	bool told_over; /* SOC has come to its end */
	bool winding_up;
	bool ended;
};

/* ---- sim_play.c ---- */

/* A copy; its scenario must stay. `before` or NULL: what is told already. -EINVAL,
 * -ENOMEM with a message. */
int cis_sim_play_new(const struct cis_sim_config *sc,
		     const struct cis_sim_play *before,
		     struct cis_sim_play **out, struct cis_diag *diag);
void cis_sim_play_free(struct cis_sim_play *play); /* NULL is allowed */

/* The room that its late frames need; longest_s 0: none is late. */
struct cis_delayed_config cis_sim_delays(const struct cis_sim *sim,
					 const struct cis_sim_play *play);

/* ---- sim_change.c ---- */

/* The frames of `at` are next: puts in force what is due. */
void cis_sim_change_step(struct cis_sim *sim, struct cis_instant at);

/* ---- sim_send.c ---- */

/* Makes and sends what is due, and what has waited for its time until `now`. */
void cis_sim_send(struct cis_sim *sim, const struct cis_due *due);
void cis_sim_send_delayed(struct cis_sim *sim, struct cis_time now);

/* ---- sim_pace.c ---- */

void cis_sim_tick(void *sim);
/* Finds out where in time it begins. */
void cis_sim_set_out(struct cis_sim *sim);
/* Instants of frames that a duration has, after those that there were. */
uint64_t cis_sim_instants(const struct cis_sim *sim, double duration_s);
/* As good as the clock is now, unless dates are declared. */
void cis_sim_set_quality(struct cis_sim *sim);

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
