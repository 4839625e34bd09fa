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
	double announce_s;       /* of another configuration, see change() */
	const char *const *sink; /* where the frames come back */
	uint32_t n_sink;
	double sink_late_s;
	bool sink_late_counts; /* for the exit status */
	struct cis_endpoints endpoints;
};

struct cis_sim;

/* An exit status, with a message. What is pointed to must stay, but for scenarios
 * that are no longer used. To be freed in any case. */
int cis_sim_open(const struct cis_sim_config *sc, uv_loop_t *loop,
		 struct cis_sim **out, struct cis_diag *diag);

/* Endpoint k as it really is, streams first; NULL past the last. */
const char *cis_sim_endpoint(const struct cis_sim *sim, unsigned k);

/* on_end() when the duration is over, or it was stopped: once, when nothing more
 * is sent. */
void cis_sim_start(struct cis_sim *sim, void (*on_end)(void *arg), void *arg);

/*
 * Something else from now on, while frames flow: the signal, its scenario with
 * noise, spread and events, impairments, format, edition, station, analogs,
 * digitals, test mode, sending of configurations, burst, the duration (from the
 * first frame). No frame is lost, doubled or out of its place by it (but what a
 * slow TCP client has not begun to take when it is told another configuration:
 * that is dropped and counted), and no connection is closed. After start(), also
 * from call-backs of a watch.
 *
 * The change is one of the whole fleet: all frames of an instant are old, all of
 * the next one new. The new formula holds from its first frame on; t0, from which
 * signal, events and frame numbers count, stays what it is (cis_sim_t0()) unless
 * `fresh` has another one. So a magnitude may change and no angle moves; with
 * another frequency the angle is at once where that would have brought it since
 * t0. What should begin softly is an event. Delayed frames go out when they are
 * due, as they were made: where the delay becomes less, later ones overtake them.
 *
 * Where PMUs are described anew, their CFGCNT counts on by one and the new
 * configuration goes before the first new data to all who have data on, and to
 * those who get it unasked. Bit 10 of STAT is set in old frames of announce_s
 * seconds before (0: of none), and the change waits for so long; in the edition
 * of 2005 it does not wait, and the bit is set for a minute afterwards. Another
 * magnitude is no other configuration: scales of integers stay where it fits
 * into them and needs a tenth of them at least, those of floats always.
 *
 * A change that has not come yet gives way to the next one, which is announced
 * no longer than the first was to be. Of `fresh` only the scenario must stay, and
 * that of the one before, until cis_sim_uses() says that it is not needed: after
 * a change of one PMU or a concentrator that is not announced, at once.
 *
 * 0, or with a message, and nothing has changed: -EOPNOTSUPP for what cannot change
 * (IDCODE, count, rate, concentrate, shard, endpoints, connection file, pace,
 * start, and anything where there is a recording or a sink), "key: why"; -EINVAL,
 * -ENOMEM.
 */
int cis_sim_change(struct cis_sim *sim, const struct cis_sim_config *fresh,
		   struct cis_diag *diag);

#define CIS_SIM_ANNOUNCE_S 1.0 /* long enough to be seen */

/* Whether a change is announced, or waits for the next instant. */
bool cis_sim_is_changing(const struct cis_sim *sim);
/* Whether frames are, or will be, made of it. */
bool cis_sim_uses(const struct cis_sim *sim,
		  const struct cis_scenario *scenario);
/* TAI second from which the signal counts; after start(). */
int64_t cis_sim_t0(const struct cis_sim *sim);

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

/* The configuration of the first stream of this part, as it is now; borrowed
 * until the next frame. */
const struct cis_c37_config *cis_sim_first_config(const struct cis_sim *sim);

/* Before stop(): closed() once the loop has closed all of it, and it may be freed
 * while the loop goes on. With a sink: never. */
void cis_sim_when_closed(struct cis_sim *sim, void (*closed)(void *arg),
			 void *arg);

/* After that, or the loop has ended; NULL is allowed. */
void cis_sim_free(struct cis_sim *sim);

/* After its end: how it went, on standard error and, asked for, as JSON on
 * standard output. Returns the exit status of the command. */
int cis_sim_tell_end(const struct cis_sim *sim, const struct cis_sim_config *sc,
		     bool json);

/* Opens, runs until the end or SIGINT or SIGTERM, and tells how it went. Returns
 * an exit status; what went wrong was told. */
int cis_sim_run(const struct cis_sim_config *sc, bool json);

#endif
