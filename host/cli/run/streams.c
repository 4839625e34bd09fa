/* streams.c - see streams.h. */
#include "streams.h"

#include <stdio.h>
#include <string.h>

#include "cisoid/c37.h"
#include "cisoid/log.h"
#include "host/cli/endpoints.h"

#define HEADER_SIZE 1024

static void header_text(const struct cis_streams_config *sc, char *text,
			size_t size)
{
	char profile[CIS_PROFILE_SIZE];
	size_t len;

	snprintf(text, size,
		 "cisoid " CISOID_VERSION "; %s; profile %s, window %g ms, "
		 "%u channels at %.6g Hz",
		 sc->origin == CIS_LIVE     ? "LIVE"
		 : sc->origin == CIS_REPLAY ? "SIM: REPLAY of a recording"
					    : "SIM: SIMULATED samples",
		 cis_estim_profile_name(sc->ec, profile),
		 1e3 * cis_estim_window_s(sc->ec), (unsigned)sc->map->n_chan,
		 sc->rate_hz);
	for (uint32_t i = 0; i < sc->n_cal; i++) {
		len = strlen(text);
		snprintf(text + len, size - len, "%s%s",
			 i ? " " : "; corrected: ", sc->cal[i].name);
	}
}

/* `reference` and `ls7` claim no class. */
static char svc_class(enum cis_profile profile)
{
	if (profile == CIS_PROFILE_P)
		return 'P';
	return profile == CIS_PROFILE_M ? 'M' : 0;
}

static int make_config(const struct cis_streams_config *sc,
		       const struct cis_app_stream *s,
		       struct cis_c37_config **out, struct cis_diag *diag)
{
	char station[CIS_STATION_SIZE];
	struct cis_c37_stream_opts opts = {
		.idcode = s->idcode,
		.station = station,
		.format = s->opts.format,
		.rate = sc->ec->rate,
		.fnom_hz = sc->ec->fnom_hz,
		.version = s->opts.version,
		.edition = s->opts.edition,
		.time_base = s->opts.time_base,
		.svc_class = svc_class(sc->ec->profile),
		.window_s = cis_estim_window_s(sc->ec),
		.grp_dly_s = cis_estim_window_s(sc->ec) / 2,
	};

	cis_station_name(s->station, sc->origin != CIS_LIVE, station);
	return cis_c37_config_for_map(sc->map, &opts, out, diag);
}

static int describe(struct cis_feed *feed, const struct cis_streams_config *sc,
		    const struct cis_app_stream *s)
{
	const struct cis_connection c = {
		.path = s->connection_file,
		.force = sc->overwrite,
		.idcode = s->idcode,
		.version = s->opts.version,
		.n_sends = s->n_send,
		.rate = sc->ec->rate,
	};

	return cis_endpoints_describe(sc->cmd, feed, &c);
}

static int open_stream(struct cis_streams *st,
		       const struct cis_streams_config *sc,
		       const struct cis_app_stream *s,
		       struct cis_feed_room *room)
{
	struct cis_diag diag = {""};
	char header[HEADER_SIZE];
	struct cis_feed_config fc = {
		.loop = sc->loop,
		.room = room,
		.header = header,
		.overwrite = sc->overwrite,
		.cfg_every_s = s->opts.cfg_every_s,
		.push = s->opts.push,
	};
	int err = make_config(sc, s, &fc.cfg, &diag);

	header_text(sc, header, sizeof(header));
	if (!err) {
		err = cis_feed_new(&fc, &st->feed[st->n], &diag);
		if (err)
			cis_c37_config_free(fc.cfg);
	}
	if (err)
		return cis_cli_fail(sc->cmd, cis_exit_for(err), "%s", diag.msg);
	err = cis_endpoints_add(st->feed[st->n++],
				&(struct cis_endpoints){
					.cmd = sc->cmd,
					.stream = s->send,
					.n_stream = s->n_send,
					.listen = s->listen,
					.n_listen = s->n_listen,
				});
	return err ? err : describe(st->feed[st->n - 1], sc, s);
}

int cis_streams_open(struct cis_streams *st,
		     const struct cis_streams_config *sc,
		     const struct cis_app_stream *list, uint32_t n)
{
	struct cis_feed_room *room;
	int status = 0;

	if (n > 0)
		cis_endpoints_warn_rate(sc->ec->rate);
	/* One for all: their clients have different ids. */
	if (cis_feed_room_new(sc->loop, &room))
		return cis_cli_fail(sc->cmd, CIS_EXIT_RUNTIME, "out of memory");
	for (uint32_t i = 0; i < n && !status; i++)
		status = open_stream(st, sc, &list[i], room);
	cis_feed_room_free(room);
	return status;
}

static void change_stream(struct cis_feed *feed,
			  const struct cis_streams_config *sc,
			  const struct cis_app_stream *s)
{
	const char *at = cis_feed_endpoint(feed, 0);
	struct cis_diag diag = {""};
	struct cis_c37_config *cfg;
	int n = make_config(sc, s, &cfg, &diag);

	if (n == 0) {
		n = cis_feed_change(feed, cfg, NULL, s->opts.change_s, &diag);
		if (n < 0)
			cis_c37_config_free(cfg);
	}
	if (n < 0)
		cis_log(CIS_LOG_WARN, "stream unchanged endpoint=%s: %s", at,
			diag.msg);
	else if (n == 0)
		cis_log(CIS_LOG_INFO, "stream as it was endpoint=%s", at);
	else if (s->opts.edition == 2005 || s->opts.change_s <= 0)
		cis_log(CIS_LOG_INFO, "configuration changes endpoint=%s", at);
	else
		cis_log(CIS_LOG_INFO,
			"configuration change announced endpoint=%s in=%g s",
			at, s->opts.change_s);
}

void cis_streams_change(struct cis_streams *st,
			const struct cis_streams_config *sc,
			const struct cis_app_stream *list, uint32_t n)
{
	for (uint32_t i = 0; i < n && i < st->n; i++)
		change_stream(st->feed[i], sc, &list[i]);
}

int cis_streams_close(struct cis_streams *st)
{
	int status = CIS_EXIT_OK;

	for (uint32_t i = 0; i < st->n; i++) {
		struct cis_feed_stats fs;

		cis_feed_stats(st->feed[i], &fs);
		if (fs.err)
			status = CIS_EXIT_STORAGE;
		cis_feed_close(st->feed[i]);
	}
	return status;
}
