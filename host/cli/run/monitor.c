/* monitor.c - see monitor.h. */
#include "monitor.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cisoid/log.h"
#include "notify.h"

#define LINE_MS     250
#define SECOND_MS   1000
#define FINAL_MS    1000 /* for the reader of the last object */
#define NOTIFY_SIZE 400

static struct cis_status look(const struct cis_monitor *m)
{
	const struct cis_run_view *view = m->view;
	struct cis_status st = {
		.info = view->info,
		.map = view->map,
		.rep = view->newest,
		.now = cis_clock_now(view->clock),
		.running_s =
			1e-9 * (double)(cis_clock_monotonic_ns() - m->begun_ns),
		.fault = m->fault,
		.ended = m->stopping,
	};

	cis_dater_status(view->dater, &st.time);
	cis_pipe_stats(view->pipe, &st.pipe);
	for (uint32_t i = 0; i < view->streams->n; i++) {
		struct cis_feed_stats fs;

		cis_feed_stats(view->streams->feed[i], &fs);
		st.clients += fs.clients;
		st.frames += fs.frames;
		st.sent += fs.sent;
		st.dropped += fs.dropped;
	}
	return st;
}

static void on_line(uv_timer_t *timer)
{
	const struct cis_status st = look(timer->data);

	cis_status_line(&st);
}

static void tell_systemd(const struct cis_status *st, const char *state)
{
	char words[NOTIFY_SIZE - 40], text[NOTIFY_SIZE];

	snprintf(text, sizeof(text), "%sSTATUS=%s", state,
		 cis_status_words(st, words, sizeof(words)));
	cis_notify(text);
}

/* From the first object on, what fails is told on standard error alone. The
 * measurement is not the reader's to end. */
static void tell_json(struct cis_monitor *m, const struct cis_status *st,
		      int wait_ms)
{
	int err = m->json ? cis_status_json(st, wait_ms) : -EAGAIN;

	if (!err)
		cis_cli_json_begun();
	if (err != -EPIPE)
		return;
	m->json = false;
	cis_log(CIS_LOG_WARN, "nobody reads standard output: no more objects "
			      "of --json are written; the run goes on");
}

static void on_second(uv_timer_t *timer)
{
	struct cis_monitor *m = timer->data;
	const struct cis_status st = look(m);

	tell_systemd(&st, "");
	tell_json(m, &st, 0);
	cis_front_end_look(m->view->info, &m->told);
}

static void on_watchdog(uv_timer_t *timer)
{
	const struct cis_monitor *m = timer->data;

	if (cis_pipe_alive(m->view->pipe))
		cis_notify("WATCHDOG=1");
}

/* Once, and what to do. */
static void tell_realtime(const struct cis_realtime *rt)
{
	if (!rt->asked)
		return;
	if (rt->priority > 0)
		cis_log(CIS_LOG_INFO, "acquisition: sched=fifo priority=%d",
			rt->priority);
	else
		cis_log(CIS_LOG_WARN,
			"acquisition without real-time priority (%s): a busy "
			"computer may lose samples; run it as the service, or "
			"allow rtprio %d: see REAL TIME in cisoid-run(1)",
			strerror(rt->fifo_err), CIS_REALTIME_PRIORITY);
	if (rt->locked)
		cis_log(CIS_LOG_INFO, "acquisition: memory=locked");
	else
		cis_log(CIS_LOG_WARN,
			"memory is not locked (%s): a computer that swaps may "
			"lose samples; run it as the service, or allow memlock "
			"unlimited: see REAL TIME in cisoid-run(1)",
			strerror(rt->lock_err));
}

void cis_monitor_init(struct cis_monitor *m, uv_loop_t *loop)
{
	*m = (struct cis_monitor){.begun = false};
	uv_timer_init(loop, &m->line);
	uv_timer_init(loop, &m->second);
	uv_timer_init(loop, &m->watchdog);
	m->line.data = m;
	m->second.data = m;
	m->watchdog.data = m;
}

void cis_monitor_close(struct cis_monitor *m)
{
	uv_close((uv_handle_t *)&m->line, NULL);
	uv_close((uv_handle_t *)&m->second, NULL);
	uv_close((uv_handle_t *)&m->watchdog, NULL);
}

void cis_monitor_begin(struct cis_monitor *m, const struct cis_run_view *view,
		       bool draws, bool json)
{
	/* Three times in the time that is allowed. */
	uint64_t feed_ms = cis_notify_watchdog_us() / 1000 / 3;
	struct cis_status st;

	m->view = view;
	m->draws = draws;
	m->json = json;
	m->begun = true;
	m->begun_ns = cis_clock_monotonic_ns();
	st = look(m);
	tell_realtime(&st.pipe.realtime);
	cis_front_end_begin(view->info);
	tell_systemd(&st, "READY=1\n");
	uv_update_time(m->second.loop);
	uv_timer_start(&m->second, on_second, SECOND_MS, SECOND_MS);
	if (draws)
		uv_timer_start(&m->line, on_line, LINE_MS, LINE_MS);
	if (feed_ms > 0)
		uv_timer_start(&m->watchdog, on_watchdog, feed_ms, feed_ms);
}

void cis_monitor_event(struct cis_monitor *m, const struct cis_event *ev)
{
	if (cis_event_is_fault(ev))
		m->fault = ev->over ? NULL : cis_event_name(ev->kind);
}

void cis_monitor_reloading(const struct cis_monitor *m)
{
	char text[80];

	if (!m->begun)
		return;
	snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%" PRId64,
		 cis_clock_monotonic_ns() / 1000);
	cis_notify(text);
}

void cis_monitor_reloaded(const struct cis_monitor *m)
{
	if (m->begun)
		cis_notify("READY=1");
}

void cis_monitor_stopping(struct cis_monitor *m)
{
	if (m->begun && !m->stopping)
		cis_notify("STOPPING=1");
	m->stopping = true;
}

void cis_monitor_end(struct cis_monitor *m)
{
	struct cis_status st;

	cis_monitor_stopping(m);
	if (!m->begun)
		return;
	st = look(m);
	tell_json(m, &st, FINAL_MS);
	cis_status_end(m->draws);
	m->begun = false;
}
