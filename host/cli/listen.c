/* listen.c - see listen.h. */
#include "listen.h"

#include <errno.h>
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
#include "host/net/client.h"
#include "host/net/pcap_out.h"
#include "listen_out.h"

#define MAX_TIMEOUT_MS 1e12
#define TICK_MS        1000
#define STALL_S        5 /* without data, and three frames' time */

struct listen {
	const struct cis_listen_config *lc;
	uv_loop_t loop;
	uv_signal_t on_int, on_term;
	uv_timer_t tick;
	struct cis_client *client;
	struct cis_listen_out out;
	struct cis_pcap_out *pcap;
	bool streaming; /* it came that far */
	bool ended;
	bool drawn; /* the status line */
	bool told_idcode;
	int status;
	unsigned silent_s;
	struct cis_instant first, last;
	double freq_hz;
	uint64_t frames, gaps, duplicates, late, crc_errors, unread;
};

static void end(struct listen *l, int status)
{
	if (l->ended)
		return;
	l->ended = true;
	l->status = status;
	l->unread = cis_client_unread(l->client);
	cis_client_close(l->client);
	uv_close((uv_handle_t *)&l->tick, NULL);
	uv_close((uv_handle_t *)&l->on_int, NULL);
	uv_close((uv_handle_t *)&l->on_term, NULL);
}

__attribute__((format(printf, 3, 4))) static void
end_with(struct listen *l, int status, const char *fmt, ...)
{
	char msg[400];
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

/* ---- counting ---- */

/* Where the frame lies on the grid; false: it was there already. */
static void place(struct listen *l, struct cis_instant at)
{
	int64_t step;

	if (l->frames == 0 || at.rate.num != l->last.rate.num ||
	    at.rate.den != l->last.rate.den) {
		l->last = at;
		return;
	}
	step = cis_instant_diff(at, l->last);
	if (step == 0)
		l->duplicates++;
	else if (step < 0)
		l->late++;
	else
		l->gaps += (uint64_t)(step - 1);
	if (step > 0)
		l->last = at;
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
	return isfinite(l->lc->duration_s) &&
	       past_duration(l, cis_instant_next(l->last));
}

/* ---- the client ---- */

/* Whoever read our output may have had enough; that is no error. */
static void not_written(struct listen *l, int err)
{
	if (err == -EPIPE)
		end(l, CIS_EXIT_OK);
	else if (err)
		end_with(l, CIS_EXIT_STORAGE, "cannot write: %s",
			 strerror(-err));
}

/* A capture that takes no more ends it; its close tells why. */
static void capture(struct listen *l, struct cis_time arrival,
		    const uint8_t *frame, size_t len)
{
	int64_t tai_s = cis_time_floor_s(arrival);
	int64_t ns = arrival.tai_ns - tai_s * CIS_NS_PER_S;
	int err = cis_pcap_put(l->pcap, cis_utc_from_tai(tai_s).soc,
			       (uint32_t)(ns / 1000), frame, len);

	if (err == -EMSGSIZE)
		cis_log(CIS_LOG_WARN, "frame too long for a capture bytes=%zu",
			len);
	else if (err)
		end(l, CIS_EXIT_OK);
}

static void on_frame(void *arg, const uint8_t *frame, size_t len, bool crc_ok,
		     struct cis_time arrival)
{
	struct listen *l = arg;

	if (l->ended)
		return;
	l->crc_errors += !crc_ok;
	if (l->pcap)
		capture(l, arrival, frame, len);
	not_written(l, cis_listen_out_frame(&l->out, frame, len, crc_ok));
}

/* A PMU that answers to any IDCODE is served, not believed. */
static void check_idcode(struct listen *l, uint16_t idcode)
{
	uint16_t asked = l->lc->idcode;

	if (asked && idcode != asked && !l->told_idcode) {
		cis_log(CIS_LOG_WARN,
			"IDCODE %u was asked for, the configuration is of %u",
			asked, idcode);
		l->told_idcode = true;
	}
}

static void on_config(void *arg, const struct cis_c37_config *cfg)
{
	struct listen *l = arg;

	check_idcode(l, cfg->idcode);
	if (cis_listen_out_config(&l->out, cfg))
		end_with(l, CIS_EXIT_INCOMPLETE,
			 "the configuration has changed and the columns of "
			 "%s no longer fit",
			 l->lc->csv);
}

static void on_data(void *arg, const struct cis_c37_config *cfg,
		    const struct cis_c37_data *data)
{
	struct listen *l = arg;
	struct cis_instant at = cis_c37_head_instant(cfg, &data->head);

	if (l->ended)
		return;
	if (past_duration(l, at)) {
		end(l, CIS_EXIT_OK);
		return;
	}
	if (l->frames == 0)
		l->first = at;
	place(l, at);
	l->frames++;
	l->silent_s = 0;
	l->freq_hz = data->block[0].freq_hz;
	not_written(l, cis_listen_out_data(&l->out, cfg, data));
	if (reached(l))
		end(l, CIS_EXIT_OK);
}

static void on_state(void *arg, enum cis_client_state state,
		     const char *message)
{
	struct listen *l = arg;

	if (state == CIS_CLIENT_STREAMING)
		l->streaming = true;
	if (state == CIS_CLIENT_CONNECTING && message[0])
		cis_log(CIS_LOG_WARN, "%s", message);
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

/* ---- the clock, and the user ---- */

static void on_signal(uv_signal_t *handle, int signum)
{
	(void)signum;
	end(handle->data, CIS_EXIT_OK);
}

static void draw(struct listen *l)
{
	if (l->out.of.f == stdout || !isatty(STDERR_FILENO))
		return;
	fprintf(stderr, "\r%.4f Hz  frames %llu  gaps %llu  CRC errors %llu ",
		l->freq_hz, (unsigned long long)l->frames,
		(unsigned long long)l->gaps, (unsigned long long)l->crc_errors);
	l->drawn = true;
}

/* Who asked for so much data is told when no more come. */
static void on_tick(uv_timer_t *timer)
{
	struct listen *l = timer->data;
	unsigned limit_s = STALL_S;

	if (!l->streaming)
		return;
	draw(l);
	if (l->frames && l->last.rate.den > 1)
		limit_s += 3 * l->last.rate.den;
	l->silent_s++;
	if (has_goal(l) && l->silent_s > limit_s)
		end_with(l, CIS_EXIT_INCOMPLETE, "%s: no data for %u s",
			 cis_client_endpoint(l->client), limit_s);
	else if (l->silent_s == limit_s + 1)
		cis_log(CIS_LOG_WARN, "no data for %u s", limit_s);
}

/* ---- run ---- */

static int open_files(struct listen *l)
{
	const struct cis_listen_config *lc = l->lc;
	struct cis_diag diag = {""};
	enum cis_listen_kind kind = lc->csv    ? CIS_LISTEN_CSV
				    : lc->json ? CIS_LISTEN_JSON
					       : CIS_LISTEN_TEXT;
	int err = cis_listen_out_open(&l->out, kind, lc->csv, lc->force, &diag);

	if (!err && lc->pcap)
		err = cis_pcap_open(lc->pcap, lc->force, &l->pcap, &diag);
	if (!err)
		return 0;
	cis_outfile_abort(&l->out.of);
	return cis_cli_fail(&cis_cmd_listen, cis_exit_for_output(err), "%s",
			    diag.msg);
}

/* Nothing was received: nothing is kept. */
static void close_files(struct listen *l)
{
	struct cis_diag diag = {""};
	int err = 0;

	if (!l->streaming)
		cis_outfile_abort(&l->out.of);
	else
		err = cis_outfile_commit(&l->out.of, &diag);
	if (l->pcap && !l->streaming)
		cis_pcap_abort(l->pcap);
	else if (l->pcap && !err)
		err = cis_pcap_close(l->pcap, &diag);
	if (err && err != -EPIPE && l->status == CIS_EXIT_OK)
		l->status = cis_cli_fail(&cis_cmd_listen, cis_exit_for(err),
					 "%s", diag.msg);
}

static void start_handles(struct listen *l)
{
	uv_timer_init(&l->loop, &l->tick);
	uv_signal_init(&l->loop, &l->on_int);
	uv_signal_init(&l->loop, &l->on_term);
	l->tick.data = l->on_int.data = l->on_term.data = l;
	uv_timer_start(&l->tick, on_tick, TICK_MS, TICK_MS);
	/* A second signal finds the default action. */
	uv_signal_start_oneshot(&l->on_int, on_signal, SIGINT);
	uv_signal_start_oneshot(&l->on_term, on_signal, SIGTERM);
}

static void summary(const struct listen *l)
{
	if (!l->streaming)
		return;
	if (l->drawn)
		fputc('\n', stderr);
	cis_log(CIS_LOG_INFO,
		"frames=%llu gaps=%llu duplicates=%llu late=%llu "
		"crc_errors=%llu unread=%llu",
		(unsigned long long)l->frames, (unsigned long long)l->gaps,
		(unsigned long long)l->duplicates, (unsigned long long)l->late,
		(unsigned long long)l->crc_errors,
		(unsigned long long)l->unread);
}

static void session(struct listen *l)
{
	static const struct cis_client_ops ops = {.frame = on_frame,
						  .config = on_config,
						  .data = on_data,
						  .state = on_state};
	const struct cis_listen_config *lc = l->lc;
	double timeout_ms = ceil(fmin(lc->timeout_s * 1e3, MAX_TIMEOUT_MS));
	double retry_ms = ceil(fmin(lc->retry_s * 1e3, MAX_TIMEOUT_MS));
	struct cis_client_config cc = {.loop = &l->loop,
				       .spec = lc->spec,
				       .idcode = lc->idcode,
				       .timeout_ms = (uint64_t)timeout_ms,
				       .cfg = (enum cis_client_cfg)lc->cfg,
				       .retry_ms = (uint64_t)retry_ms,
				       .ops = &ops,
				       .arg = l};
	struct cis_diag diag = {""};
	int err;

	uv_loop_init(&l->loop);
	err = cis_client_new(&cc, &l->client, &diag);
	if (err) {
		l->status = cis_cli_fail(&cis_cmd_listen, cis_exit_for(err),
					 "%s", diag.msg);
	} else {
		start_handles(l);
	}
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
	status = open_files(l);
	if (!status) {
		session(l);
		close_files(l);
		summary(l);
		status = l->status;
	}
	cis_listen_out_free(&l->out);
	free(l);
	return status;
}
