/* app_page.c - see app_page.h. */
#include "app_page.h"

#include <stdlib.h>
#include <string.h>

#include "host/cli/front_end_shown.h"
#include "host/cli/json_value.h"

/* ---- the state ---- */

static const char *origin(const struct cis_source_info *info)
{
	static const char *const names[] = {[CIS_LIVE] = "LIVE",
					    [CIS_REPLAY] = "REPLAY",
					    [CIS_SIMULATED] = "SIMULATED"};

	return names[info->origin];
}

static const char *state_of(enum cis_event_kind fault)
{
	switch (fault) {
	case CIS_EVENT_OVERFLOW:
		return "OVERRUN";
	case CIS_EVENT_CLOCK_STOPPED:
	case CIS_EVENT_STALLED:
		return "STOPPED";
	case CIS_EVENT_DEVICE_ERROR:
	case CIS_EVENT_DEVICE_GONE:
		return "NO DEVICE";
	default:
		return "RUNNING";
	}
}

static json_t *acquisition(const struct cis_app_page *p)
{
	struct cis_pipe_stats st;

	cis_pipe_stats(p->view->pipe, &st);
	return json_pack("{s:s, s:o, s:I, s:I, s:o}", "state",
			 state_of(p->fault), "fill_percent",
			 cis_json_number(st.ring.fill_pct), "overruns",
			 (json_int_t)st.overruns, "lost_scans",
			 (json_int_t)st.lost_scans, "device",
			 cis_json_text(p->view->info->detail));
}

static json_t *time_state(const struct cis_app_page *p)
{
	struct cis_time_status st;

	cis_dater_status(p->view->dater, &st);
	return json_pack("{s:s, s:o, s:o, s:o}", "state",
			 cis_time_state_name(st.state), "unc_s",
			 cis_json_number(st.quality.unc_s), "offset_s",
			 cis_json_number(st.last_edge_s), "front_end",
			 cis_front_end_object(p->view->info));
}

struct list {
	json_t *all;
	const char *stream;
};

static void add_client(void *arg, const struct cis_client_info *c)
{
	const struct list *list = arg;

	json_array_append_new(
		list->all,
		json_pack("{s:I, s:o, s:s, s:b, s:b, s:s, s:I, s:I, s:I, s:I, "
			  "s:o}",
			  "id", (json_int_t)c->id, "address",
			  cis_json_text(c->address), "transport", c->transport,
			  "on", c->on, "unasked", c->unasked, "state", c->state,
			  "frames", (json_int_t)c->frames, "bytes",
			  (json_int_t)c->bytes, "dropped",
			  (json_int_t)c->dropped, "bad", (json_int_t)c->bad,
			  "stream", cis_json_text(list->stream)));
}

static json_t *clients(const struct cis_app_page *p)
{
	json_t *all = json_array();

	for (uint32_t i = 0; i < p->view->streams->n; i++) {
		struct list list = {all, p->stream[i].name};

		cis_feed_clients(p->view->streams->feed[i], add_client, &list);
	}
	return all;
}

/* A state is that of the feed: whether anybody gets its data. */
static json_t *streams(const struct cis_app_page *p)
{
	json_t *all = json_array();

	for (uint32_t i = 0; i < p->view->streams->n; i++) {
		const struct cis_feed *feed = p->view->streams->feed[i];
		struct cis_feed_stats fs;
		const char *name;

		cis_feed_stats(feed, &fs);
		for (unsigned k = 0; (name = cis_feed_endpoint(feed, k)); k++)
			json_array_append_new(
				all, json_pack("{s:o, s:s}", "name",
					       cis_json_text(name), "state",
					       fs.clients_running ? "STREAMING"
								  : "WAITING"));
	}
	return all;
}

static json_t *state(void *arg)
{
	struct cis_app_page *p = arg;

	if (!p->begun)
		return NULL;
	cis_app_wave_rest(p);
	return json_pack(
		"{s:s, s:o, s:f, s:f, s:o, s:o, s:o, s:o, s:{s:s}, s:o*}",
		"origin", origin(p->view->info), "station",
		cis_json_text(p->view->station), "rate",
		cis_rate_hz(p->view->ec->rate), "fnom", p->view->ec->fnom_hz,
		"time", time_state(p), "acquisition", acquisition(p), "streams",
		streams(p), "clients", clients(p), "streamer", "state",
		cis_streamer_word(p->streamer), "dut",
		cis_page_demo_state(&p->demo));
}

static size_t metrics(void *arg, char *text, size_t size)
{
	return cis_app_metrics(arg, text, size);
}

static json_t *dut(void *arg, const struct cis_page_sample *sample)
{
	const struct cis_app_page *p = arg;

	return cis_page_demo_report(&p->demo, sample);
}

/* ---- calls ---- */

static bool asks_for(const struct cis_web_call *call, const char *path)
{
	return !strcmp(call->path, path);
}

static char *text(void *arg, const struct cis_web_call *call)
{
	return asks_for(call, "/api/waveform") && !strcmp(call->method, "GET")
		       ? cis_app_wave(arg)
		       : NULL;
}

static int call_page(void *arg, const struct cis_web_call *call, json_t **reply)
{
	const struct cis_app_page *p = arg;

	if (!asks_for(call, "/api/waveform"))
		return cis_streamer_call(p->streamer, call, reply);
	if (strcmp(call->method, "GET") != 0)
		return 405;
	if (p->tap) { /* samples are kept from the first question on */
		*reply = json_pack("{s:[]}", "channels");
		return 200;
	}
	*reply = cis_page_error(
		"E-RUN", "the samples of a window do not fit into 64 MiB", NULL,
		NULL);
	return 404;
}

/* ---- frames ---- */

static void show(const struct cis_app_page_stream *s, bool in, const char *peer,
		 const uint8_t *frame, size_t len)
{
	const struct cis_page_frame f = {
		.in = in,
		.stream = s->name,
		.peer = peer,
		.frame = frame,
		.len = len,
		.when = cis_clock_now(s->of->view->clock),
	};

	cis_page_frame(s->of->page, &f);
}

static void on_data(void *arg, const uint8_t *frame, size_t len)
{
	show(arg, false, NULL, frame, len);
}

static void on_sent(void *arg, const char *peer, const uint8_t *frame,
		    size_t len)
{
	show(arg, false, peer, frame, len);
}

static void on_command(void *arg, const char *peer, const uint8_t *frame,
		       size_t len)
{
	show(arg, true, peer, frame, len);
}

/* What the frames mean is known before anybody has asked for it. */
static void show_config(const struct cis_app_page_stream *s,
			struct cis_feed *feed)
{
	struct cis_page_frame f = {
		.unsent = true,
		.stream = s->name,
		.when = cis_clock_now(s->of->view->clock),
	};

	f.len = cis_feed_config_frame(feed, &f.frame);
	if (f.len > 0)
		cis_page_frame(s->of->page, &f);
}

static void watch(struct cis_app_page *p, uint32_t i)
{
	struct cis_app_page_stream *s = &p->stream[i];

	s->of = p;
	s->name = cis_feed_endpoint(p->view->streams->feed[i], 0);
	s->watch = (struct cis_feed_watch){
		.data = on_data,
		.sent = on_sent,
		.command = on_command,
		.arg = s,
	};
	cis_feed_set_watch(p->view->streams->feed[i], &s->watch);
	show_config(s, p->view->streams->feed[i]);
}

/* ---- life ---- */

int cis_app_page_open(struct cis_app_page *p, const struct cis_command *cmd,
		      uv_loop_t *loop, const struct cis_settings_web *web)
{
	const struct cis_page_config pc = {
		.cmd = cmd,
		.loop = loop,
		.bind = web->listen,
		.given = web->given,
		.names = web->name,
		.n_name = web->n_name,
		.mode = "run",
		.state = state,
		.call = call_page,
		.text = text,
		.metrics = metrics,
		.dut = dut,
		.arg = p,
	};
	int status;

	p->fault = CIS_N_EVENT_KIND;
	if (!web->listen)
		return 0;
	if (cis_streamer_new(cmd, loop, true, &p->streamer))
		return cis_cli_fail(cmd, CIS_EXIT_RUNTIME, "out of memory");
	status = cis_page_open(&pc, &p->page);
	cis_streamer_set_page(p->streamer, p->page);
	return status;
}

void cis_app_page_tap(struct cis_app_page *p, const struct cis_estim_config *ec)
{
	const struct cis_tap_config tc = {
		.n_chan = ec->map->n_chan,
		.rate_hz = ec->rate_hz,
		.history_s = cis_estim_latency_s(ec),
	};

	if (p->page && cis_tap_new(&tc, &p->tap))
		p->tap = NULL;
}

void cis_app_page_begin(struct cis_app_page *p, const struct cis_run_view *view)
{
	if (!p->page)
		return;
	p->view = view;
	p->begun = true;
	p->begun_ns = cis_clock_monotonic_ns();
	for (uint32_t i = 0; i < view->streams->n; i++)
		watch(p, i);
	cis_page_demo_init(&p->demo, view->source,
			   cis_time_floor_s(view->start), view->cal);
	cis_page_channels_of(p->page, view->map);
}

void cis_app_page_close(struct cis_app_page *p)
{
	cis_streamer_close(p->streamer);
	if (p->streamer)
		cis_streamer_set_page(p->streamer, NULL);
	cis_page_close(p->page);
	p->page = NULL;
	for (uint32_t i = 0; p->begun && i < p->view->streams->n; i++)
		cis_feed_set_watch(p->view->streams->feed[i], NULL);
	p->begun = false;
}

void cis_app_page_free(struct cis_app_page *p)
{
	cis_streamer_free(p->streamer);
	cis_tap_free(p->tap);
	free(p->wave);
}

void cis_app_page_report(struct cis_app_page *p, const struct cis_report *rep)
{
	cis_page_report(p->page, rep);
}

void cis_app_page_event(struct cis_app_page *p, const struct cis_event *ev)
{
	if (cis_event_is_fault(ev))
		p->fault = ev->over ? CIS_N_EVENT_KIND : ev->kind;
	cis_page_event(p->page, ev);
}
