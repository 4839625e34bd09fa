/* sim.c - the life of the engine; see sim.h. */
#include "sim.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cisoid/log.h"
#include "host/sim/fleet.h"
#include "sim_parts.h"

/* ---- opening ---- */

static int out_of_memory(struct cis_diag *diag)
{
	cis_fail(diag, -ENOMEM, "out of memory");
	return CIS_EXIT_RUNTIME;
}

static const char *name_station(struct cis_sim *sim)
{
	cis_station_name(sim->sc->station, true, sim->station);
	if (strcmp(sim->station, sim->sc->station) != 0)
		cis_log(CIS_LOG_WARN,
			"the data are simulated and the station says so: "
			"station=\"%s\"",
			sim->station);
	return sim->station;
}

static int make_fleet(struct cis_sim *sim, struct cis_diag *diag)
{
	const struct cis_sim_config *sc = sim->sc;
	const struct cis_fleet fleet = {
		.scenario = sc->scenario,
		.count = sc->count,
		.stream = {.idcode = sc->idcode,
			   .station = name_station(sim),
			   .format = sc->opts.format,
			   .rate = sc->rate,
			   .fnom_hz = sc->sig.fnom_hz,
			   .version = sc->opts.version,
			   .edition = sc->opts.edition,
			   .time_base = sc->opts.time_base},
		.n_analog = sc->n_analog,
		.n_digital = sc->n_digital,
		.test_mode = sc->test_mode,
		.header = "cisoid " CISOID_VERSION
			  "; SIM: SIMULATED phasors, made by formula and not "
			  "measured",
		.t0_stays = sc->has_t0,
		.t0_tai_s = sc->t0_tai_s,
	};
	int err = sc->concentrate
			  ? cis_maker_concentrated(&fleet, &sim->maker, diag)
			  : cis_maker_fleet(&fleet, &sim->maker, diag);

	return cis_exit_for(err);
}

/* What is late waits in memory of its own. */
static int make_impairments(struct cis_sim *sim, struct cis_diag *diag)
{
	const struct cis_impair *imp = &sim->sc->impair;
	const struct cis_maker *m = sim->maker;
	double rate_hz = cis_rate_hz(m->rate);
	struct cis_delayed_config dc = {
		.longest_s = cis_impair_longest_s(imp, 1 / rate_hz),
		.frames_per_s = rate_hz * sim->stats.n_stream,
		.at_once = sim->sc->burst ? sim->stats.n_stream : 1,
		.frame_max = m->frame_max,
	};

	sim->impaired = cis_impair_any(imp);
	if (!sim->impaired || !(dc.longest_s > 0))
		return 0;
	if (imp->share[CIS_FATE_DOUBLED] > 0) {
		dc.frames_per_s *= 2;
		dc.at_once *= 2;
	}
	return cis_exit_for(cis_delayed_new(&dc, &sim->delayed, diag));
}

static void plan(struct cis_sim *sim)
{
	const struct cis_sim_config *sc = sim->sc;
	struct cis_schedule *s = &sim->schedule;

	s->rate = sim->maker->rate;
	s->count = sim->maker->n_stream;
	s->spread = !sc->burst;
	s->shard = sc->n_shard ? cis_shard_of(s->count, sc->shard, sc->n_shard)
			       : (struct cis_shard){.end = s->count};
	sim->stats.n_stream = s->shard.end - s->shard.first;
}

static int open_outlets(struct cis_sim *sim, struct cis_diag *diag)
{
	const struct cis_sim_config *sc = sim->sc;
	const struct cis_outlets_config oc = {
		.loop = sim->loop,
		.maker = sim->maker,
		.shard = sim->schedule.shard,
		.endpoints = &sc->endpoints,
		.opts = sc->opts,
		.overwrite = sc->overwrite,
		.flat_out = sc->flat_out,
	};

	cis_endpoints_warn_rate(sc->rate);
	return cis_outlets_open(&oc, &sim->outlets, diag);
}

static int describe(struct cis_sim *sim, struct cis_diag *diag)
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
	const struct cis_connection_ends ends = {cis_outlets_endpoint,
						 sim->outlets};
	int err = c.path ? cis_connection_write(&c, &ends, diag) : 0;

	return err ? cis_exit_for_output(err) : 0;
}

static void on_drained(void *arg)
{
	cis_sim_stop(arg);
}

static int open_sink(struct cis_sim *sim, struct cis_diag *diag)
{
	const struct cis_sim_config *sc = sim->sc;
	struct cis_time start =
		sc->has_start ? sc->start : cis_clock_now(&sim->clock);
	const struct cis_sink_config config = {
		.loop = sim->loop,
		.n_spec = sc->n_sink,
		.spec = sc->sink,
		.maker = sim->maker,
		.start = cis_instant_from(start, sim->maker->rate),
		.first = sim->schedule.shard.first,
		.end = sim->schedule.shard.end,
		.late_s = sc->sink_late_s,
		.late_counts = sc->sink_late_counts,
		.drained = on_drained,
		.arg = sim,
	};

	return sc->n_sink
		       ? cis_exit_for(cis_sink_new(&config, &sim->sink, diag))
		       : 0;
}

static int open_parts(struct cis_sim *sim, struct cis_diag *diag)
{
	int status = sim->maker ? 0 : make_fleet(sim, diag);

	if (status)
		return status;
	plan(sim);
	sim->frame = malloc(sim->maker->frame_max);
	if (!sim->frame ||
	    cis_ticker_init(&sim->ticker, sim->loop, cis_sim_tick, sim))
		return out_of_memory(diag);
	sim->has_ticker = true;
	status = make_impairments(sim, diag);
	if (!status)
		status = open_outlets(sim, diag);
	if (!status)
		status = describe(sim, diag);
	return status ? status : open_sink(sim, diag);
}

int cis_sim_open(const struct cis_sim_config *sc, uv_loop_t *loop,
		 struct cis_sim **out, struct cis_diag *diag)
{
	struct cis_sim *sim = calloc(1, sizeof(*sim));

	*out = sim;
	if (!sim)
		return out_of_memory(diag);
	sim->sc = sc;
	sim->maker = sc->maker;
	sim->loop = loop;
	sim->clock.kind = CIS_CLOCK_SYSTEM;
	return open_parts(sim, diag);
}

/* ---- running ---- */

void cis_sim_start(struct cis_sim *sim, void (*on_end)(void *arg), void *arg)
{
	sim->on_end = on_end;
	sim->arg = arg;
	cis_sim_set_out(sim);
	if (sim->sink)
		cis_sink_set_shift(sim->sink, sim->shift_ns);
	cis_ticker_arm(&sim->ticker, 0);
}

void cis_sim_wind_up(struct cis_sim *sim)
{
	if (!sim || sim->ended || sim->winding_up)
		return;
	sim->winding_up = true;
	if (sim->sink)
		cis_sink_drain(sim->sink);
	else
		cis_sim_stop(sim);
}

static void part_closed(void *arg)
{
	struct cis_sim *sim = arg;

	if (--sim->n_open == 0 && sim->closed)
		sim->closed(sim->closed_arg);
}

void cis_sim_stop(struct cis_sim *sim)
{
	if (!sim || sim->ended)
		return;
	sim->ended = true;
	sim->pace.ended_ns = cis_clock_monotonic_ns();
	sim->n_open = 1u + (sim->has_ticker ? 1 : 0) + (sim->sink ? 1 : 0);
	if (cis_outlets_when_gone(sim->outlets, part_closed, sim))
		sim->n_open++;
	sim->ticker.closed = part_closed;
	if (sim->has_ticker)
		cis_ticker_close(&sim->ticker);
	cis_outlets_close(sim->outlets);
	cis_sink_close(sim->sink);
	if (sim->on_end)
		sim->on_end(sim->arg);
	part_closed(sim);
}

void cis_sim_when_closed(struct cis_sim *sim, void (*closed)(void *arg),
			 void *arg)
{
	sim->closed = closed;
	sim->closed_arg = arg;
}

/* ---- who looks on ---- */

void cis_sim_set_watch(struct cis_sim *sim, const struct cis_feed_watch *watch)
{
	cis_outlets_set_watch(sim->outlets, watch);
}

void cis_sim_clients(const struct cis_sim *sim,
		     void (*each)(void *arg,
				  const struct cis_client_info *info),
		     void *arg)
{
	cis_outlets_clients(sim->outlets, each, arg);
}

int cis_sim_kick(struct cis_sim *sim, uint64_t id)
{
	return cis_outlets_kick(sim->outlets, id);
}

void cis_sim_free(struct cis_sim *sim)
{
	if (!sim)
		return;
	cis_outlets_free(sim->outlets);
	cis_sink_free(sim->sink);
	cis_delayed_free(sim->delayed);
	if (sim->maker && sim->maker != sim->sc->maker)
		sim->maker->ops->free(sim->maker);
	free(sim->frame);
	free(sim);
}
