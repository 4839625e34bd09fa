/* listen.c - see listen.h. */
#include "listen.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "cisoid/c37.h"
#include "cisoid/log.h"
#include "cisoid/utc.h"
#include "host/acq/dates/clock.h"
#include "host/net/addr.h"
#include "host/net/client.h"
#include "listen_cfg.h"
#include "listen_files.h"
#include "listen_table.h"
#include "listen_watch.h"

#define MAX_TIMEOUT_MS 1e12
#define TICK_MS        1000
#define STALL_S \
	5 /* without data, unless --timeout says; and three
			  * frames' time */

struct listen {
	const struct cis_listen_config *lc;
	uv_loop_t loop;
	uv_signal_t on_int, on_term;
	uv_timer_t tick, redraw;
	struct cis_client *client;
	struct cis_listen_files files;
	struct cis_listen_table *table;
	struct cis_listen_stats stats;
	struct cis_clock clock;
	char endpoint[CIS_ADDR_SIZE + 8];
	struct cis_client_counts counts; /* at the end */
	enum cis_client_state state;
	bool streaming; /* it came that far */
	bool ended;
	bool drawn; /* the status line */
	struct cis_listen_watch watch;
	int status;
	unsigned silent_s, period_s;
	struct cis_time arrival;
	struct cis_instant first;
	double freq_hz;
	uint64_t frames;
};

static void draw_table(struct listen *l);

/* ---- the end ---- */

static void end(struct listen *l, int status)
{
	if (l->ended)
		return;
	if (l->table)
		draw_table(l);
	l->ended = true;
	l->status = status;
	cis_client_counts(l->client, &l->counts);
	snprintf(l->endpoint, sizeof(l->endpoint), "%s",
		 cis_client_endpoint(l->client));
	cis_client_close(l->client);
	uv_close((uv_handle_t *)&l->tick, NULL);
	uv_close((uv_handle_t *)&l->redraw, NULL);
	uv_close((uv_handle_t *)&l->on_int, NULL);
	uv_close((uv_handle_t *)&l->on_term, NULL);
}

__attribute__((format(printf, 3, 4))) static void
end_with(struct listen *l, int status, const char *fmt, ...)
{
	char msg[500];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(msg, sizeof(msg), fmt, ap);
	va_end(ap);
	cis_cli_fail(&cis_cmd_listen, status, "%s", msg);
	end(l, status);
}

static bool has_goal(const struct listen *l)
{
	return l->lc->count || isfinite(l->lc->duration_s);
}

static bool past_duration(const struct listen *l, struct cis_instant at)
{
	double t_s = cis_split_diff_s(cis_instant_split(at),
				      cis_instant_split(l->first));

	return l->frames > 0 && t_s >= l->lc->duration_s - 1e-9;
}

/* The last frame within the duration is known without waiting for the next. */
static bool reached(const struct listen *l)
{
	if (l->lc->count && l->frames >= l->lc->count)
		return true;
	if (!isfinite(l->lc->duration_s))
		return false;
	for (unsigned i = 0; i < l->stats.n_stream; i++)
		if (!past_duration(l,
				   cis_instant_next(l->stats.stream[i]->last)))
			return false;
	return true;
}

/* ---- frames ---- */

/* Whoever read our output may have had enough; that is no error. */
static void not_written(struct listen *l, int err)
{
	if (err == -EPIPE)
		end(l, CIS_EXIT_OK);
	else if (err)
		end_with(l, CIS_EXIT_STORAGE, "cannot write: %s",
			 strerror(-err));
}

static void on_frame(void *arg, const uint8_t *frame, size_t len, bool crc_ok,
		     struct cis_time arrival)
{
	struct listen *l = arg;

	if (l->ended)
		return;
	l->arrival = arrival;
	cis_listen_stats_frame(&l->stats, frame, len, crc_ok);
	if (!crc_ok)
		cis_listen_watch_crc(&l->watch, frame, len);
	if (cis_listen_files_capture(&l->files, arrival, frame, len))
		end(l, CIS_EXIT_OK);
	else
		not_written(l, cis_listen_out_frame(&l->files.out, frame, len,
						    crc_ok));
}

static void on_config(void *arg, const struct cis_c37_config *cfg)
{
	struct listen *l = arg;

	if (l->ended)
		return;
	if (l->table)
		cis_listen_table_leave(l->table);
	cis_listen_watch_idcode(&l->watch, l->lc->idcode, cfg->idcode);
	if (cis_listen_out_config(&l->files.out, cfg))
		end_with(l, CIS_EXIT_INCOMPLETE,
			 "the configuration has changed and the columns of "
			 "%s no longer fit",
			 l->lc->csv);
}

/* ---- data ---- */

static bool count(struct listen *l, const struct cis_c37_data *data,
		  struct cis_instant at)
{
	struct cis_listen_news news = {.idcode = data->head.idcode,
				       .at = at,
				       .arrival = l->arrival,
				       .was = cis_listen_stats_sums(&l->stats)};

	if (!cis_listen_stats_data(&l->stats, data, at, l->arrival)) {
		end_with(l, CIS_EXIT_RUNTIME, "out of memory");
		return false;
	}
	news.is = cis_listen_stats_sums(&l->stats);
	cis_listen_watch_data(&l->watch, &news);
	if (l->frames++ == 0)
		l->first = at;
	l->silent_s = 0;
	l->period_s = at.rate.den > 1 ? at.rate.den : 0;
	l->freq_hz = data->n_pmu ? data->block[0].freq_hz : (double)NAN;
	return true;
}

static void on_data(void *arg, const struct cis_c37_config *cfg,
		    const struct cis_c37_data *data)
{
	struct listen *l = arg;
	struct cis_instant at = cis_c37_head_instant(cfg, &data->head);
	enum cis_place place;

	if (l->ended)
		return;
	place = cis_listen_stats_place(&l->stats, data, at, l->arrival);
	if (place != CIS_PLACE_STRAY && past_duration(l, at)) {
		end(l, CIS_EXIT_OK);
		return;
	}
	if (!count(l, data, at))
		return;
	if (l->table)
		cis_listen_table_data(l->table, cfg, data, uv_now(&l->loop));
	not_written(l, cis_listen_out_data(&l->files.out, cfg, data));
	if (reached(l))
		end(l, CIS_EXIT_OK);
}

static void on_state(void *arg, enum cis_client_state state,
		     const char *message)
{
	struct listen *l = arg;

	l->state = state;
	if (state == CIS_CLIENT_STREAMING)
		l->streaming = true;
	if (state == CIS_CLIENT_CONNECTING && message[0]) {
		if (l->table)
			cis_listen_table_leave(l->table);
		cis_log(CIS_LOG_WARN, "%s", message);
		l->watch.lost = true;
		l->silent_s = 0;
	}
	if (state != CIS_CLIENT_CLOSED || l->ended)
		return;
	if (!l->streaming)
		end_with(l, CIS_EXIT_CONNECTION, "%s", message);
	else if (has_goal(l))
		end_with(l, CIS_EXIT_INCOMPLETE, "%s", message);
	else {
		cis_log(CIS_LOG_INFO, "%s", message);
		end(l, CIS_EXIT_OK);
	}
}

/* ---- what a terminal shows ---- */

static void state_words(const struct listen *l, char words[40])
{
	static const char *const names[] = {"CONNECTING", "CONFIG", "STREAMING",
					    "ERROR"};

	if (l->state == CIS_CLIENT_STREAMING && l->silent_s > 1)
		snprintf(words, 40, "STALE (%u s)", l->silent_s);
	else
		snprintf(words, 40, "%s", names[l->state]);
}

static void head_text(struct listen *l, char *text, size_t size)
{
	const struct cis_listen_stats *st = &l->stats;
	struct cis_listen_sums n = cis_listen_stats_sums(st);
	struct cis_client_counts c;
	double fps = 0, asked = 0;
	char words[40];

	for (unsigned i = 0; i < st->n_stream; i++) {
		double measured = cis_stream_stats_fps(st->stream[i]);

		fps += isnan(measured) ? 0 : measured;
		asked += cis_rate_hz(st->stream[i]->rate);
	}
	cis_client_counts(l->client, &c);
	state_words(l, words);
	snprintf(text, size,
		 "%s  %s  %.2f of %.6g frames/s  latency p50 %.3g s  p95 %.3g "
		 "s\nframes %" PRIu64 "  gaps %" PRIu64 "  duplicates %" PRIu64
		 "  late %" PRIu64 "  strays %" PRIu64 "  CRC errors %" PRIu64
		 "  unread %" PRIu64 "  reconnects %u\n",
		 cis_client_endpoint(l->client), words, fps, asked,
		 cis_spread_quantile(&st->latency_s, 0.5),
		 cis_spread_quantile(&st->latency_s, 0.95), n.frames, n.gaps,
		 n.duplicates, n.late, n.strays, st->crc_errors, c.unread,
		 c.reconnects);
}

static void draw_table(struct listen *l)
{
	char head[800];

	head_text(l, head, sizeof(head));
	cis_listen_table_draw(l->table, head);
}

static void on_redraw(uv_timer_t *timer)
{
	draw_table(timer->data);
}

static void draw_status(struct listen *l)
{
	struct cis_listen_sums n = cis_listen_stats_sums(&l->stats);
	bool to_stdout = l->table || l->files.out.cfg.lines ||
			 l->files.out.cfg.json || l->files.out.of.f == stdout;

	if (to_stdout || !isatty(STDERR_FILENO))
		return;
	fprintf(stderr,
		"\r%.4f Hz  frames %" PRIu64 "  gaps %" PRIu64
		"  CRC errors %" PRIu64 " ",
		l->freq_hz, n.frames, n.gaps, l->stats.crc_errors);
	l->drawn = true;
}

/* ---- the clock, and the user ---- */

static void on_signal(uv_signal_t *handle, int signum)
{
	(void)signum;
	end(handle->data, CIS_EXIT_OK);
}

/* Who asked for so much data is told when no more come. */
static void on_tick(uv_timer_t *timer)
{
	struct listen *l = timer->data;
	double usual_s = l->lc->timeout_s > 0 ? l->lc->timeout_s : STALL_S;
	double limit_s = ceil(usual_s) + 3.0 * l->period_s;

	if (l->state != CIS_CLIENT_STREAMING)
		return;
	draw_status(l);
	l->silent_s++;
	if (has_goal(l) && l->silent_s > limit_s)
		end_with(l, CIS_EXIT_INCOMPLETE,
			 "%s: no data for %.0f s; --timeout waits longer",
			 cis_client_endpoint(l->client), limit_s);
	else if (l->silent_s > limit_s && l->silent_s <= limit_s + 1)
		cis_log(CIS_LOG_WARN, "no data for %.0f s", limit_s);
}

/* ---- run ---- */

static void start_handles(struct listen *l)
{
	uv_timer_init(&l->loop, &l->tick);
	uv_timer_init(&l->loop, &l->redraw);
	uv_signal_init(&l->loop, &l->on_int);
	uv_signal_init(&l->loop, &l->on_term);
	l->tick.data = l->redraw.data = l;
	l->on_int.data = l->on_term.data = l;
	uv_timer_start(&l->tick, on_tick, TICK_MS, TICK_MS);
	if (l->table)
		uv_timer_start(&l->redraw, on_redraw, 0, CIS_TABLE_MS);
	/* A second signal finds the default action. */
	uv_signal_start_oneshot(&l->on_int, on_signal, SIGINT);
	uv_signal_start_oneshot(&l->on_term, on_signal, SIGTERM);
}

/* Nothing was received: nothing is kept. */
static void finish(struct listen *l)
{
	const struct cis_listen_sum sum = {
		.endpoint = l->endpoint,
		.stats = &l->stats,
		.counts = l->counts,
		.clock = cis_clock_quality(&l->clock)};
	struct cis_diag diag = {""};
	int err = cis_listen_files_close(&l->files, l->streaming ? &sum : NULL,
					 &diag);

	if (err && err != -EPIPE && l->status == CIS_EXIT_OK)
		l->status = cis_cli_fail(&cis_cmd_listen, cis_exit_for(err),
					 "%s", diag.msg);
	if (!l->streaming)
		return;
	if (l->drawn)
		fputc('\n', stderr);
	cis_listen_sum_log(&sum);
}

static int open_client(struct listen *l, struct cis_diag *diag)
{
	static const struct cis_client_ops ops = {.frame = on_frame,
						  .config = on_config,
						  .data = on_data,
						  .state = on_state};
	const struct cis_listen_config *lc = l->lc;
	double timeout_ms = ceil(fmin(lc->timeout_s * 1e3, MAX_TIMEOUT_MS));
	double retry_ms = ceil(fmin(lc->retry_s * 1e3, MAX_TIMEOUT_MS));
	const struct cis_client_config cc = {
		.loop = &l->loop,
		.spec = lc->spec,
		.idcode = lc->idcode,
		.timeout_ms = (uint64_t)timeout_ms,
		.cfg = (enum cis_client_cfg)lc->cfg,
		.retry_ms = (uint64_t)retry_ms,
		.all_streams = true,
		.ops = &ops,
		.arg = l};
	int err = cis_client_new(&cc, &l->client, diag);

	if (err || !lc->cfg_file)
		return err;
	err = cis_listen_give_configs(l->client, l->files.out.book,
				      lc->cfg_file, diag);
	if (err)
		cis_client_close(l->client);
	return err;
}

static void session(struct listen *l)
{
	struct cis_diag diag = {""};
	int err;

	uv_loop_init(&l->loop);
	err = open_client(l, &diag);
	if (err)
		l->status = cis_cli_fail(&cis_cmd_listen,
					 err == -EBADMSG ? CIS_EXIT_INVALID
							 : cis_exit_for(err),
					 "%s", diag.msg);
	else
		start_handles(l);
	uv_run(&l->loop, UV_RUN_DEFAULT);
	uv_loop_close(&l->loop);
}

int cis_listen_run(const struct cis_listen_config *lc)
{
	struct listen *l = calloc(1, sizeof(*l));
	int status;

	if (!l)
		return cis_cli_fail(&cis_cmd_listen, CIS_EXIT_RUNTIME,
				    "out of memory");
	l->lc = lc;
	cis_clock_init(&l->clock, "system", NULL);
	status = cis_listen_files_open(&l->files, lc);
	if (!status) {
		if (l->files.table)
			l->table = cis_listen_table_new();
		session(l);
		finish(l);
		status = l->status;
	}
	cis_listen_files_free(&l->files);
	cis_listen_table_free(l->table);
	cis_listen_stats_free(&l->stats);
	free(l);
	return status;
}
