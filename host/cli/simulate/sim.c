/*
 * sim.c - see sim.h.
 *
 * Frame n is that of the n-th instant of the k/N grid; the clock is asked anew
 * before each, so nothing accumulates. A start in the past, and full speed, make
 * dates that are declared and not measured: those are locked by definition.
 */
#include "sim.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <string.h>
#include <uv.h>

#include "cisoid/c37.h"
#include "cisoid/log.h"
#include "cisoid/report.h"
#include "cisoid/utc.h"
#include "host/acq/dates/clock.h"
#include "host/cli/leaplist.h"
#include "host/net/feed.h"
#include "host/net/ticker.h"
#include "sim_frame.h"

#define MAX_BATCH   64 /* frames, before the loop looks after its sockets */
#define MAX_LATE_NS (5 * CIS_NS_PER_S)

/* At full speed: for a client to come, and for one to take what it has; after
 * so many waits in vain a frame is made none the less, which shows the server
 * that this client takes nothing. */
#define COME_NS  (CIS_NS_PER_S / 100)
#define TAKE_NS  (CIS_NS_PER_S / 1000)
#define MAX_WAIT 200

struct sim {
	const struct cis_sim_config *sc;
	uv_loop_t loop;
	uv_signal_t on_int, on_term;
	struct cis_ticker ticker;
	struct cis_clock clock;
	struct cis_feed *feed;
	struct cis_feed_stats stats; /* at the end */
	bool declared;               /* the dates are not the clock's */
	int64_t shift_ns;            /* dates less clock */
	struct cis_instant next;
	uint64_t n, n_total; /* frames made or skipped; to make */
	uint64_t skipped;
	bool waiting; /* for a client */
	unsigned n_wait;
	bool ended;
	struct cis_report rep;
};

/* ---- opening ---- */

static int fail(const struct sim *sim, int err, const struct cis_diag *diag)
{
	return cis_cli_fail(sim->sc->endpoints.cmd, cis_exit_for(err), "%s",
			    diag->msg);
}

static int write_connection(const struct sim *sim)
{
	const struct cis_sim_config *sc = sim->sc;
	const struct cis_connection c = {
		.path = sc->connection_file,
		.force = sc->overwrite,
		.idcode = sc->idcode,
		.version = sc->opts.version,
		.n_sends = sc->endpoints.n_stream,
		.rate = sc->rate,
	};

	return cis_endpoints_describe(sc->endpoints.cmd, sim->feed, &c);
}

static int open_feed(struct sim *sim)
{
	const struct cis_sim_config *sc = sim->sc;
	struct cis_diag diag = {""};
	char station[CIS_STATION_SIZE];
	struct cis_feed_config fc = {
		.loop = &sim->loop,
		.header = "cisoid " CISOID_VERSION
			  "; SIM: SIMULATED phasors, made by formula and not "
			  "measured",
		.cfg_every_s = sc->opts.cfg_every_s,
		.push = sc->opts.push,
		.test_mode = sc->test_mode,
		.overwrite = sc->overwrite,
	};
	int err, status;

	cis_station_name(sc->station, true, station);
	if (strcmp(station, sc->station) != 0)
		cis_log(CIS_LOG_WARN,
			"the data are simulated and the station says so: "
			"station=\"%s\"",
			station);
	err = cis_sim_config(sc, station, &fc.cfg, &diag);
	if (err)
		return fail(sim, err, &diag);
	cis_endpoints_warn_rate(sc->rate);
	err = cis_feed_new(&fc, &sim->feed, &diag);
	if (err) {
		cis_c37_config_free(fc.cfg);
		return fail(sim, err, &diag);
	}
	status = cis_endpoints_add(sim->feed, &sc->endpoints);
	return status ? status : write_connection(sim);
}

/* ---- the course of time ---- */

static void set_out(struct sim *sim)
{
	const struct cis_sim_config *sc = sim->sc;
	struct cis_time now = cis_clock_now(&sim->clock);
	struct cis_time start = sc->has_start ? sc->start : now;
	bool past = cis_time_diff_ns(start, now) < 0;
	double frames = ceil(sc->duration_s * cis_rate_hz(sc->rate) - 1e-6);

	sim->next = cis_instant_from(start, sc->rate);
	sim->declared = sc->flat_out || past;
	if (!sim->declared)
		cis_leaplist_check(start);
	if (past)
		sim->shift_ns = cis_time_diff_ns(start, now);
	sim->n_total = frames < 0x1p63 ? (uint64_t)fmax(frames, 1) : UINT64_MAX;
	sim->waiting = sc->flat_out && sc->endpoints.n_stream == 0;
	if (sim->waiting)
		cis_log(CIS_LOG_INFO, "waiting until a client wants data");
}

static int64_t until_next_ns(const struct sim *sim)
{
	struct cis_time now = cis_clock_now(&sim->clock);

	return cis_time_diff_ns(cis_instant_time(sim->next),
				cis_time_add_ns(now, sim->shift_ns));
}

/* Whoever was stopped, or whose clock was set, does not make up for hours. */
static void skip(struct sim *sim, int64_t late_ns)
{
	cis_log(CIS_LOG_WARN, "the clock went on without frames: late=%.3f s",
		(double)late_ns * 1e-9);
	while (sim->n < sim->n_total && until_next_ns(sim) < 0) {
		sim->next = cis_instant_next(sim->next);
		sim->n++;
		sim->skipped++;
	}
}

/* Nor does it fall silent for hours when the clock is set back. */
static void go_back(struct sim *sim, int64_t early_ns)
{
	struct cis_time now = cis_clock_now(&sim->clock);

	cis_log(CIS_LOG_WARN, "the clock was set back: by=%.3f s",
		(double)early_ns * 1e-9);
	sim->next = cis_instant_from(cis_time_add_ns(now, sim->shift_ns),
				     sim->sc->rate);
}

static void follow_clock(struct sim *sim)
{
	int64_t in_ns = until_next_ns(sim);
	double period_ns = 1e9 / cis_rate_hz(sim->sc->rate);

	if (in_ns < -MAX_LATE_NS)
		skip(sim, -in_ns);
	else if (sim->n > 0 && (double)(in_ns - MAX_LATE_NS) > period_ns)
		go_back(sim, in_ns);
}

/* ---- frames ---- */

static void fill(void *arg, const struct cis_c37_config *cfg,
		 struct cis_c37_data *data)
{
	struct sim *sim = arg;
	struct cis_time_quality quality;
	const struct cis_sim_instant now = {
		.at = sim->next,
		.t0_tai_s = sim->sc->t0_tai_s,
		.n = sim->n,
		.quality = sim->declared ? NULL : &quality,
	};

	if (!sim->declared)
		quality = cis_clock_quality(&sim->clock);
	cis_sim_fill(sim->sc, &now, cfg, &sim->rep, data);
}

static void put_frame(struct sim *sim)
{
	cis_feed_put_data(sim->feed, sim->next, fill, sim);
	sim->next = cis_instant_next(sim->next);
	sim->n++;
}

static void finish(struct sim *sim)
{
	if (sim->ended)
		return;
	sim->ended = true;
	uv_close((uv_handle_t *)&sim->on_int, NULL);
	uv_close((uv_handle_t *)&sim->on_term, NULL);
	cis_ticker_close(&sim->ticker);
	cis_feed_close(sim->feed);
	if (sim->feed)
		cis_feed_stats(sim->feed, &sim->stats);
}

/* A second's frames: the server keeps those of two. */
static bool may_put(struct sim *sim)
{
	return (double)cis_feed_backlog(sim->feed) <
	       fmax(cis_rate_hz(sim->sc->rate), 2);
}

static bool is_wanted(struct sim *sim)
{
	struct cis_feed_stats stats;

	cis_feed_stats(sim->feed, &stats);
	return stats.clients_running > 0;
}

static void tick_flat_out(struct sim *sim)
{
	unsigned i;

	if (sim->waiting && !is_wanted(sim)) {
		cis_ticker_arm(&sim->ticker, COME_NS);
		return;
	}
	sim->waiting = false;
	if (sim->n_wait == MAX_WAIT)
		put_frame(sim);
	for (i = 0; i < MAX_BATCH && sim->n < sim->n_total && may_put(sim); i++)
		put_frame(sim);
	sim->n_wait = i == 0 && sim->n_wait < MAX_WAIT ? sim->n_wait + 1 : 0;
	cis_ticker_arm(&sim->ticker, i == 0 ? TAKE_NS : 0);
}

static void tick_paced(struct sim *sim)
{
	follow_clock(sim);
	for (unsigned i = 0;
	     i < MAX_BATCH && sim->n < sim->n_total && until_next_ns(sim) <= 0;
	     i++)
		put_frame(sim);
	cis_ticker_arm(&sim->ticker, until_next_ns(sim));
}

static void tick(void *arg)
{
	struct sim *sim = arg;

	if (sim->sc->flat_out)
		tick_flat_out(sim);
	else
		tick_paced(sim);
	if (sim->n >= sim->n_total)
		finish(sim);
}

static void on_signal(uv_signal_t *handle, int signum)
{
	(void)signum;
	finish(handle->data);
}

/* ---- from beginning to end ---- */

static int open_loop(struct sim *sim)
{
	if (uv_loop_init(&sim->loop))
		return -ENOMEM;
	if (cis_ticker_init(&sim->ticker, &sim->loop, tick, sim)) {
		uv_loop_close(&sim->loop);
		return -ENOMEM;
	}
	uv_signal_init(&sim->loop, &sim->on_int);
	uv_signal_init(&sim->loop, &sim->on_term);
	sim->on_int.data = sim;
	sim->on_term.data = sim;
	/* Once: the second signal kills. */
	uv_signal_start_oneshot(&sim->on_int, on_signal, SIGINT);
	uv_signal_start_oneshot(&sim->on_term, on_signal, SIGTERM);
	return 0;
}

static int tell_totals(const struct sim *sim)
{
	cis_log(CIS_LOG_INFO, "done: frames=%llu sent=%llu dropped=%llu",
		(unsigned long long)sim->stats.frames,
		(unsigned long long)sim->stats.sent,
		(unsigned long long)sim->stats.dropped);
	if (sim->skipped)
		cis_log(CIS_LOG_WARN, "%llu frames were not made in time",
			(unsigned long long)sim->skipped);
	return sim->stats.err ? CIS_EXIT_STORAGE : CIS_EXIT_OK;
}

int cis_sim_run(const struct cis_sim_config *sc)
{
	struct sim sim = {.sc = sc, .clock = {.kind = CIS_CLOCK_SYSTEM}};
	int status;

	if (open_loop(&sim))
		return cis_cli_fail(sc->endpoints.cmd, CIS_EXIT_RUNTIME,
				    "cannot make an event loop");
	status = open_feed(&sim);
	if (status) {
		finish(&sim);
	} else {
		set_out(&sim);
		cis_ticker_arm(&sim.ticker, 0);
	}
	uv_run(&sim.loop, UV_RUN_DEFAULT);
	uv_loop_close(&sim.loop);
	return status ? status : tell_totals(&sim);
}
