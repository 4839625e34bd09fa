/*
 * sim_play.c - what is played: a configuration of the engine, and the maker of
 * its frames.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cisoid/log.h"
#include "host/sim/fleet.h"
#include "sim_parts.h"

static void name_station(struct cis_sim_play *play,
			 const struct cis_sim_play *before)
{
	const char *given = play->sc.station;

	cis_station_name(given, true, play->station);
	play->sc.station = play->station;
	if (strcmp(play->station, given) != 0 &&
	    !(before && !strcmp(play->station, before->station)))
		cis_log(CIS_LOG_WARN,
			"the data are simulated and the station says so: "
			"station=\"%s\"",
			play->station);
}

static int make_fleet(struct cis_sim_play *play, struct cis_diag *diag)
{
	const struct cis_sim_config *sc = &play->sc;
	const struct cis_fleet fleet = {
		.scenario = sc->scenario,
		.count = sc->count,
		.stream = {.idcode = sc->idcode,
			   .station = sc->station,
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

	return sc->concentrate
		       ? cis_maker_concentrated(&fleet, &play->maker, diag)
		       : cis_maker_fleet(&fleet, &play->maker, diag);
}

int cis_sim_play_new(const struct cis_sim_config *sc,
		     const struct cis_sim_play *before,
		     struct cis_sim_play **out, struct cis_diag *diag)
{
	struct cis_sim_play *play = calloc(1, sizeof(*play));
	int err = 0;

	if (!play)
		return cis_fail(diag, -ENOMEM, "out of memory");
	play->sc = *sc;
	play->maker = sc->maker;
	if (!play->maker) {
		name_station(play, before);
		err = make_fleet(play, diag);
	}
	if (err)
		free(play);
	else
		*out = play;
	return err;
}

void cis_sim_play_free(struct cis_sim_play *play)
{
	if (!play)
		return;
	if (play->maker != play->sc.maker)
		play->maker->ops->free(play->maker);
	cis_delayed_free(play->delayed);
	free(play->frame);
	free(play);
}

/* What is late waits in memory of its own. */
struct cis_delayed_config cis_sim_delays(const struct cis_sim *sim,
					 const struct cis_sim_play *play)
{
	const struct cis_impair *imp = &play->sc.impair;
	double rate_hz = cis_rate_hz(play->maker->rate);
	struct cis_delayed_config dc = {
		.longest_s = cis_impair_longest_s(imp, 1 / rate_hz),
		.frames_per_s = rate_hz * sim->stats.n_stream,
		.at_once = play->sc.burst ? sim->stats.n_stream : 1,
		.frame_max = play->maker->frame_max,
	};

	if (!cis_impair_any(imp))
		dc.longest_s = 0;
	if (imp->share[CIS_FATE_DOUBLED] > 0) {
		dc.frames_per_s *= 2;
		dc.at_once *= 2;
	}
	return dc;
}
