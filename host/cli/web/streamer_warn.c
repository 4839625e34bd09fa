/*
 * streamer_warn.c - what is worth knowing of a request that is valid, and what
 * its endpoints will not take.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "host/cli/json_value.h"
#include "host/cli/simulate/sim_parts.h"
#include "host/net/addr.h"
#include "streamer_in.h"

#define FIRST_FREE 1024 /* ports below are root's */

__attribute__((format(printf, 2, 3))) static void warn(json_t *warnings,
						       const char *fmt, ...)
{
	struct cis_diag text;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text.msg, sizeof(text.msg), fmt, ap);
	va_end(ap);
	json_array_append_new(warnings, cis_json_text(text.msg));
}

void cis_streamer_warn_nobody(void *arg, const char *sentence)
{
	(void)arg;
	(void)sentence;
}

/* ---- rate ---- */

/* C37.118.1, 5.4.1: those that a PMU supports, and those it is encouraged to. */
static void warn_rate(json_t *warnings, const struct cis_sim_config *sc)
{
	static const unsigned rates[2][9] = {
		{1, 10, 25, 50, 100, 0},
		{1, 10, 12, 15, 20, 30, 60, 120, 0},
	};
	const unsigned *known = rates[sc->sig.fnom_hz > 55];
	struct cis_rate rate = sc->rate;

	if (rate.den > 1) {
		warn(warnings,
		     "rate 1/%u: DATA_RATE is -%u, which few receivers know; 1 "
		     "or more is safe",
		     (unsigned)rate.den, (unsigned)rate.den);
		return;
	}
	while (*known && *known != rate.num)
		known++;
	if (!*known)
		warn(warnings,
		     "rate %u: not one of the standard's at %g Hz; a receiver "
		     "may refuse it",
		     (unsigned)rate.num, sc->sig.fnom_hz);
}

/* ---- endpoints ---- */

static void warn_port(json_t *warnings, const char *spec)
{
	struct cis_addr addr;

	if (cis_addr_parse(spec, &addr, NULL) || addr.port == 0 ||
	    addr.port >= FIRST_FREE)
		return;
	warn(warnings,
	     "%.120s: port %u is below %d, where services of the system are "
	     "and only root listens",
	     spec, (unsigned)addr.port, FIRST_FREE);
}

static void warn_endpoints(json_t *warnings, const char *const *spec,
			   uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		warn_port(warnings, spec[i]);
		for (uint32_t k = 0; k < i; k++)
			if (!strcmp(spec[i], spec[k]))
				warn(warnings,
				     "%.120s stands there twice: each IDCODE "
				     "is used twice at one address",
				     spec[i]);
	}
}

/* A concentrator's own IDCODE is that of its first PMU. */
void cis_streamer_warn_all(json_t *warnings, const struct cis_sim_config *sc)
{
	const struct cis_endpoints *ep = &sc->endpoints;

	warn_rate(warnings, sc);
	warn_endpoints(warnings, ep->stream, ep->n_stream);
	warn_endpoints(warnings, ep->listen, ep->n_listen);
	if (sc->concentrate && sc->count > 1)
		warn(warnings,
		     "IDCODE %u is used twice, by the stream and by its first "
		     "PMU, as many concentrators do",
		     (unsigned)sc->idcode);
}

/* ---- names ---- */

void cis_streamer_warn_names(json_t *warnings, const struct cis_sim_config *sc,
			     const uint8_t *frame, size_t len)
{
	struct cis_c37_config *cfg = NULL;
	const char *sent;

	if (sc->count > 1 || !len ||
	    cis_c37_config_decode(frame, len, &cfg, NULL) <= 0)
		return;
	sent = cfg->pmu[0].station;
	if (strcmp(sent, sc->station) != 0)
		warn(warnings,
		     "station \"%.60s\" is sent as \"%.60s\": 16 bytes, which "
		     "say that it is simulated",
		     sc->station, sent);
	cis_c37_config_free(cfg);
}

/* ---- what endpoints will not take ---- */

static int refuse(struct cis_streamer_error *error, const char *list,
		  uint32_t i)
{
	error->http = 422;
	error->status = CIS_EXIT_USAGE;
	snprintf(error->field, sizeof(error->field), "%s[%u]", list,
		 (unsigned)i);
	return -EINVAL;
}

static int check_endpoint(const char *spec, struct cis_maker *m, size_t longest,
			  struct cis_diag *diag)
{
	struct cis_addr addr;
	uint32_t room;

	if (cis_addr_parse(spec, &addr, NULL))
		return 0;
	room = 65536u - addr.port;
	if (addr.kind == CIS_ADDR_UDP && longest > CIS_C37_MAX_UDP)
		return cis_fail(diag, -EINVAL,
				"frames of %zu bytes do not fit into a "
				"datagram; use TCP or fewer PMUs",
				longest);
	if (!addr.each_port || m->n_stream <= room)
		return 0;
	return cis_fail(diag, -EINVAL,
			"%.4s%.120s:%u: %u ports from here on would go beyond "
			"65535",
			spec, addr.host, (unsigned)addr.port,
			(unsigned)m->n_stream);
}

int cis_streamer_check_size(const struct cis_streamer_request *request,
			    const struct cis_sim_play *play,
			    struct cis_streamer_error *error)
{
	const struct cis_endpoints *ep = &request->args.sim.endpoints;
	struct cis_maker *m = play->maker;
	const struct cis_instant at = play->first;
	size_t longest =
		cis_c37_config_len(m->ops->config(m, 0, at), CIS_C37_CFG2);

	if (m->frame_max > longest)
		longest = m->frame_max;
	for (uint32_t i = 0; i < ep->n_stream; i++)
		if (check_endpoint(ep->stream[i], m, longest, &error->why))
			return refuse(error, "stream", i);
	for (uint32_t i = 0; i < ep->n_listen; i++)
		if (check_endpoint(ep->listen[i], m, longest, &error->why))
			return refuse(error, "listen", i);
	return 0;
}
