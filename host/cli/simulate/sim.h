/*
 * sim.h - simulated streams: what a maker says, sent when it is due.
 *
 * One engine for one PMU, thousands, a concentrator or a recording. It lives on a
 * loop of the caller's.
 */
#ifndef HOST_CLI_SIMULATE_SIM_H
#define HOST_CLI_SIMULATE_SIM_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "cisoid/scenario.h"
#include "cisoid/signal.h"
#include "cisoid/time.h"
#include "host/cli/endpoints.h"
#include "host/cli/stream_opts.h"
#include "host/net/watch.h"
#include "host/sim/impair.h"
#include "host/sim/maker.h"

struct cis_sim_config {
	struct cis_signal sig; /* finished */
	struct cis_rate rate;
	uint16_t idcode;
	struct cis_stream_opts opts;
	uint32_t count;               /* PMUs: idcode, idcode + 1, ... */
	bool concentrate;             /* all of them in one frame */
	uint16_t n_analog, n_digital; /* of each */
	const char *connection_file;  /* for PMU Connection Tester; or NULL */
	const char *station;
	bool test_mode;
	bool overwrite; /* pcap:FILE may exist */
	bool flat_out;  /* as fast as it goes, instead of by the clock */
	bool burst;     /* all at the instant, instead of each in its slot */
	uint32_t shard,
		n_shard; /* part 1 to n_shard of the streams; 0, 0: all */
	bool has_start, has_t0;
	struct cis_time start;         /* of the frames */
	int64_t t0_tai_s;              /* of the signal; has_t0: it must stay */
	double duration_s;             /* of data; INFINITY: until stopped */
	struct cis_scenario *scenario; /* of sig, and what happens to it */
	struct cis_maker *maker; /* of a recording; stays the caller's; NULL */
	struct cis_impair impair;
	const char *const *sink; /* where the frames come back */
	uint32_t n_sink;
	double sink_late_s;
	bool sink_late_counts; /* for the exit status */
	struct cis_endpoints endpoints;
};

struct cis_sim;

/* An exit status, with a message. What is pointed to must stay. To be freed in
 * any case. */
int cis_sim_open(const struct cis_sim_config *sc, uv_loop_t *loop,
		 struct cis_sim **out, struct cis_diag *diag);

/* on_end() when the duration is over, or it was stopped: once, when nothing more
 * is sent. */
void cis_sim_start(struct cis_sim *sim, void (*on_end)(void *arg), void *arg);

/* Sends nothing more; with a sink, waits until what was sent has had its time to
 * come back. Then on_end(). */
void cis_sim_wind_up(struct cis_sim *sim);

/* May come at any time and twice; the loop must run until it has nothing left to
 * do. */
void cis_sim_stop(struct cis_sim *sim);

struct cis_sim_stats {
	uint32_t n_stream; /* of this part */
	uint64_t frames;   /* data frames that were due and made */
	uint64_t silent;   /* due, but their PMU says nothing */
	uint64_t skipped;  /* not made in time */
	uint64_t sent, dropped, refused;
	uint64_t overfull; /* too many frames were waiting to be late */
	struct cis_impair_counts impair;
	double frames_per_s; /* measured; NaN: too few */
	double off_ppm;      /* from what was asked for; NaN: at full speed */
	/* How long after its slot a frame was sent; NaN at full speed. */
	double late_p50_s, late_p99_s, late_max_s;
	uint32_t clients;
	int err; /* the first of a file */
};

void cis_sim_stats(const struct cis_sim *sim, struct cis_sim_stats *stats);

/* See watch.h; data only of the first stream of this part, as they are sent,
 * impaired or not. The ids are those of this engine. */
void cis_sim_set_watch(struct cis_sim *sim, const struct cis_feed_watch *watch);
void cis_sim_clients(const struct cis_sim *sim,
		     void (*each)(void *arg,
				  const struct cis_client_info *info),
		     void *arg);
int cis_sim_kick(struct cis_sim *sim, uint64_t id);

/* Before stop(): closed() once the loop has closed all of it, and it may be freed
 * while the loop goes on. With a sink: never. */
void cis_sim_when_closed(struct cis_sim *sim, void (*closed)(void *arg),
			 void *arg);

/* After that, or the loop has ended; NULL is allowed. */
void cis_sim_free(struct cis_sim *sim);

/* Opens, runs until the end or SIGINT or SIGTERM, and tells how it went. Returns
 * an exit status; what went wrong was told. */
int cis_sim_run(const struct cis_sim_config *sc, bool json);

#endif
