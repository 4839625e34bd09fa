/* sim.c - the life of the engine; see sim.h. */
#include "sim.h"

#include <errno.h>
#include <stdlib.h>

#include "cisoid/log.h"
#include "sim_parts.h"

/* ---- opening ---- */

static int out_of_memory(struct cis_diag *diag)
{
	cis_fail(diag, -ENOMEM, "out of memory");
	return CIS_EXIT_RUNTIME;
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
	int status = 0;

	plan(sim);
	sim->frame = malloc(sim->maker->frame_max);
	if (!sim->frame ||
	    cis_ticker_init(&sim->ticker, sim->loop, cis_sim_tick, sim))
		return out_of_memory(diag);
	sim->has_ticker = true;
	sim->impaired = cis_impair_any(&sim->sc->impair);
	sim->delays = cis_sim_delays(sim, sim->play);
	if (sim->delays.longest_s > 0)
		status = cis_exit_for(
			cis_delayed_new(&sim->delays, &sim->delayed, diag));
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
	int err;

	*out = sim;
	if (!sim)
		return out_of_memory(diag);
	sim->sc = sc;
	sim->loop = loop;
	sim->clock.kind = CIS_CLOCK_SYSTEM;
	err = cis_sim_play_new(sc, NULL, &sim->play, diag);
	if (err)
		return cis_exit_for(err);
	sim->sc = &sim->play->sc;
	sim->maker = sim->play->maker;
	return open_parts(sim, diag);
}

const char *cis_sim_endpoint(const struct cis_sim *sim, unsigned k)
{
	return sim->outlets ? cis_outlets_endpoint(sim->outlets, k) : NULL;
}

/* ---- running ---- */

void cis_sim_start(struct cis_sim *sim, void (*on_end)(void *arg), void *arg)
{
	sim->on_end = on_end;
	sim->arg = arg;
	sim->started = true;
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

const struct cis_c37_config *cis_sim_first_config(const struct cis_sim *sim)
{
	return sim->maker->ops->config(sim->maker, sim->schedule.shard.first,
				       sim->schedule.at);
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
	cis_sim_play_free(sim->change.coming);
	cis_sim_play_free(sim->play);
	free(sim->frame);
	free(sim);
}
