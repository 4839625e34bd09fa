/*
 * streamer_preview.c - what a request would send: its first frames and how far
 * they are from the truth, what that costs on the line, what is worth knowing.
 *
 * Nothing is opened. The frames are those of the engine's own maker, as if it
 * began now.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cisoid/judge.h"
#include "host/cli/json_value.h"
#include "host/cli/simulate/sim_parts.h"
#include "host/core/angle.h"
#include "streamer_in.h"

#define LEAD_NS  (CIS_NS_PER_S / 50) /* as the engine has it */
#define N_PHASOR (CIS_SIGNAL_N_CHAN + 2)

struct look {
	const struct cis_streamer_request *request;
	const struct cis_sim_config *sc;
	struct cis_sim_play *play;
	struct cis_maker *maker;
	struct cis_instant at;
	const struct cis_c37_config *cfg;
	struct cis_report rep; /* what the first data frame says */
	size_t data_len, config_len;
	json_t *doc;
	uint8_t frame[CIS_C37_MAX_FRAME];
};

/* ---- frames ---- */

static void add_frame(struct look *l, const char *type, int len)
{
	static const char digit[] = "0123456789abcdef";
	json_t *list = json_object_get(l->doc, "frames");
	char *hex = len > 0 ? malloc(2 * (size_t)len + 1) : NULL;

	if (!hex)
		return;
	for (int i = 0; i < len; i++) {
		hex[2 * i] = digit[l->frame[i] >> 4];
		hex[2 * i + 1] = digit[l->frame[i] & 15];
	}
	hex[2 * len] = '\0';
	json_array_append_new(list, json_pack("{s:s, s:i, s:s}", "type", type,
					      "len", len, "hex", hex));
	free(hex);
}

static void add_description(struct look *l, uint8_t time_quality)
{
	struct cis_split_time at = cis_instant_split(l->at);
	int len;

	l->cfg = l->maker->ops->config(l->maker, 0, l->at);
	len = cis_c37_config_encode(l->cfg, CIS_C37_CFG2, at, time_quality,
				    l->frame, sizeof(l->frame));
	l->config_len = len > 0 ? (size_t)len : 0;
	cis_streamer_warn_names(json_object_get(l->doc, "warnings"), l->sc,
				l->frame, l->config_len);
	add_frame(l, "cfg2", len);
	if (l->sc->opts.push == CIS_C37_CFG3 && l->cfg->edition != 2005) {
		len = cis_c37_config_encode(l->cfg, CIS_C37_CFG3, at,
					    time_quality, l->frame,
					    sizeof(l->frame));
		l->config_len = len > 0 ? (size_t)len : l->config_len;
		add_frame(l, "cfg3", len);
	}
	len = cis_c37_header_encode(l->cfg, at, time_quality, l->maker->header,
				    l->frame, sizeof(l->frame));
	add_frame(l, "hdr", len);
}

static void decode(struct look *l, int len)
{
	struct cis_c37_data *data = NULL;

	if (cis_c37_data_new(l->cfg, &data))
		return;
	if (cis_c37_data_decode(l->cfg, l->frame, (size_t)len, data, NULL) > 0)
		cis_c37_data_to_report(l->cfg, 0, data, &l->rep);
	cis_c37_data_free(data);
}

static void add_frames(struct look *l)
{
	struct cis_maker *m = l->maker;
	json_t *warnings = json_object_get(l->doc, "warnings");
	uint8_t quality;
	int len = m->ops->frame(m, 0, l->at, l->frame, sizeof(l->frame));

	quality = len > 0 ? l->frame[CIS_C37_FRACSEC_AT] : 0;
	add_description(l, quality);
	l->data_len = cis_c37_data_len(l->cfg);
	len = m->ops->frame(m, 0, l->at, l->frame, sizeof(l->frame));
	if (len <= 0) {
		json_array_append_new(warnings,
				      json_string("the first PMU says nothing "
						  "at first: an outage"));
		return;
	}
	add_frame(l, "data", len);
	decode(l, len);
}

/* ---- what they say, and what is true ---- */

static json_t *polar(double complex z)
{
	if (isnan(creal(z)) || isnan(cimag(z)))
		return json_null();
	return json_pack("[f, f]", cabs(z), carg(z) / CIS_RAD_PER_DEG);
}

static bool is_error(void *ctx, const char *key)
{
	(void)ctx;
	return !strncmp(key, "err_", 4) || !strcmp(key, "snr_db") ||
	       (strstr(key, "noise") && strcmp(key, "noise") != 0);
}

/* The same PMU without errors and noise; -Exxx. */
static int make_truth(const struct look *l, struct cis_scenario **out)
{
	const char *const *keys = cis_signal_keys();
	struct cis_scenario_base base = {
		.sig = l->sc->sig,
		.first_idcode = l->sc->idcode,
		.count = 1,
		.t0_tai_s = l->sc->t0_tai_s,
		.said = is_error,
		.warn = cis_streamer_warn_nobody,
	};
	int err;

	for (; *keys; keys++)
		if (is_error(NULL, *keys))
			cis_signal_set(&base.sig, *keys,
				       strcmp(*keys, "snr_db") ? "0" : "inf",
				       NULL);
	err = cis_signal_finish(&base.sig, NULL);
	return err ? err
		   : cis_scenario_doc_make(l->request->args.doc, &base, out,
					   NULL);
}

/* The worst of the eight, in percent. */
static double worst_tve(const struct cis_report *is,
			const struct cis_report *truth)
{
	double worst = NAN;

	for (unsigned i = 0; i < N_PHASOR && i < is->n_phasor; i++)
		worst = fmax(worst, 100 * cis_tve(is->phasor_rms[i],
						  truth->phasor_rms[i]));
	return worst;
}

static double find_tve(const struct look *l)
{
	struct cis_scenario *truth = NULL;
	const struct cis_signal_frame frame = {
		.idcode = l->sc->idcode,
		.t0_tai_s = l->play->first.tai_s,
		.at = l->at,
		.n = (uint64_t)cis_instant_diff(l->at, l->play->first),
	};
	struct cis_report rep;
	struct cis_pmu_now now;

	if (make_truth(l, &truth))
		return (double)NAN;
	cis_scenario_now(truth, frame.idcode, frame.t0_tai_s, l->at, &now);
	now.late_s = now.late_per_s = 0;
	cis_scenario_report(truth, &frame, &now, &rep);
	cis_scenario_free(truth);
	return worst_tve(&l->rep, &rep);
}

static void add_values(struct look *l)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < N_PHASOR; i++)
		json_array_append_new(
			list, i < l->rep.n_phasor ? polar(l->rep.phasor_rms[i])
						  : json_null());
	json_object_set_new(l->doc, "phasors", list);
	json_object_set_new(l->doc, "tve_percent",
			    cis_json_number(find_tve(l)));
	json_object_set_new(l->doc, "freq_hz", cis_json_number(l->rep.freq_hz));
	json_object_set_new(l->doc, "rocof_hz_per_s",
			    cis_json_number(l->rep.rocof_hz_per_s));
}

/* ---- how much ---- */

static void add_rates(struct look *l)
{
	double n = l->maker->n_stream;
	double each = 8 * (double)l->data_len * cis_rate_hz(l->maker->rate);
	double every_s = l->sc->opts.cfg_every_s;
	double config = every_s > 0 && l->sc->endpoints.n_stream
				? 8 * (double)l->config_len * n / every_s
				: 0;

	json_object_set_new(l->doc, "streams", json_integer((json_int_t)n));
	json_object_set_new(l->doc, "bits_per_s_each", json_real(each));
	json_object_set_new(l->doc, "bits_per_s", json_real(n * each));
	json_object_set_new(l->doc, "config_bits_per_s", json_real(config));
}

static void add_impairments(struct look *l)
{
	const struct cis_impair *imp = &l->sc->impair;
	double frames = 60 * cis_rate_hz(l->maker->rate) * l->maker->n_stream;
	json_t *all = json_object();

	for (unsigned k = CIS_FATE_SENT + 1; k < CIS_N_FATE; k++) {
		double share = k == CIS_FATE_STOPPED
				       ? imp->stop_s / imp->stop_every_s
				       : imp->share[k];

		if (cis_impair_asks(imp, k))
			json_object_set_new(all, cis_fate_name(k),
					    cis_json_number(share * frames));
	}
	if (imp->delay_s > 0 || imp->jitter_s > 0)
		json_object_set_new(all, "delayed", json_real(frames));
	json_object_set_new(l->doc, "impair_per_min", all);
}

/* ---- the whole ---- */

/* As cis_sim_set_out() does. */
static void set_out(struct look *l)
{
	struct cis_clock clock = {.kind = CIS_CLOCK_SYSTEM};
	const struct cis_sim_config *sc = l->sc;
	struct cis_time now = cis_clock_now(&clock);
	struct cis_time start =
		sc->has_start ? sc->start : cis_time_add_ns(now, LEAD_NS);
	const struct cis_time t0 = {.tai_ns = sc->t0_tai_s * CIS_NS_PER_S};
	struct cis_time_quality quality = cis_clock_quality(&clock);
	struct cis_maker *m = l->maker;

	if (sc->has_t0 && cis_time_diff_ns(t0, start) > 0)
		start = t0;
	l->play->first = cis_instant_from(sc->has_t0 ? t0 : start, m->rate);
	m->ops->begin(m, l->play->first);
	if (cis_time_diff_ns(start, now) >= 0)
		m->ops->set_quality(m, &quality);
	l->at = cis_instant_from(start, m->rate);
}

static int open_play(struct look *l, struct cis_streamer_error *error)
{
	struct cis_sim_play *quiet = calloc(1, sizeof(*quiet));
	struct cis_diag why = {"out of memory"};
	int err = -ENOMEM;

	/* The engine tells that a station is simulated; here it is a warning. */
	if (quiet) {
		cis_station_name(l->sc->station, true, quiet->station);
		err = cis_sim_play_new(l->sc, quiet, &l->play, &why);
	}
	free(quiet);
	if (!err) {
		l->maker = l->play->maker;
		return 0;
	}
	cis_streamer_request_blame(l->request, cis_exit_for(err), why.msg,
				   error);
	return err;
}

json_t *cis_streamer_preview(const struct cis_streamer_request *request,
			     json_t *warnings, struct cis_streamer_error *error)
{
	struct look *l = calloc(1, sizeof(*l));
	json_t *doc = NULL;

	if (!l) {
		cis_streamer_fail(error, 500, CIS_EXIT_RUNTIME,
				  "out of memory");
		return NULL;
	}
	l->request = request;
	l->sc = &request->args.sim;
	if (!open_play(l, error)) {
		l->doc = json_pack("{s:[], s:O}", "frames", "warnings",
				   warnings);
		cis_streamer_warn_all(warnings, l->sc);
		set_out(l);
		add_frames(l);
		add_values(l);
		add_rates(l);
		add_impairments(l);
		doc = l->doc;
		if (cis_streamer_check_size(request, l->play, error)) {
			json_decref(doc);
			doc = NULL;
		}
		cis_sim_play_free(l->play);
	}
	free(l);
	return doc;
}
