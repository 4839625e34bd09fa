/* page.c - the life of the page and its timers; see page.h. */
#include "page_in.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cisoid/log.h"
#include "host/acq/event.h"
#include "host/web/files.h"

#define FLUSH_MS  100
#define SECOND_MS 1000
#define IDLE_MS   15000 /* and nobody was there: no JSON of reports */

/* ---- calls ---- */

static const char *words_of(int status)
{
	switch (status) {
	case 404:
		return "there is no such path";
	case 405:
		return "not with this method";
	default:
		return "it went wrong; the log of the program says why";
	}
}

/* Who asks before it was told first is answered by the loop. */
static char *state_text(struct cis_page *page, const struct cis_web_call *call)
{
	if (strcmp(call->method, "GET") != 0 ||
	    strcmp(call->path, "/api/state") != 0)
		return NULL;
	return cis_page_state_text(page);
}

static int take_call(void *arg, const struct cis_web_call *call, char **text)
{
	struct cis_page *page = arg;
	json_t *reply = NULL;
	int status = 404;

	*text = state_text(page, call);
	if (!*text && page->cfg.text)
		*text = page->cfg.text(page->cfg.arg, call);
	if (*text)
		return 200;
	if (page->cfg.call)
		status = page->cfg.call(page->cfg.arg, call, &reply);
	if (!status)
		return 0;
	if (!reply && status >= 400)
		reply = cis_page_error("E-WEB", words_of(status), NULL, NULL);
	*text = json_dumps(reply, JSON_COMPACT | JSON_ENCODE_ANY);
	json_decref(reply);
	return status;
}

void cis_page_answer(struct cis_page *page, const struct cis_web_call *call,
		     int status, char *text)
{
	cis_web_reply(page->web, call, status, text);
}

/* ---- timers ---- */

/* Also who asks for events once a second only, and leaves. */
static void look_for_readers(struct cis_page *page)
{
	const uint64_t now_ms = uv_now(page->cfg.loop);
	struct cis_web_stats stats;

	cis_web_stats(page->web, &stats);
	if (stats.n_reader > 0 || stats.n_connected != page->n_connected) {
		page->n_connected = stats.n_connected;
		page->seen_ms = now_ms;
		page->watched = true;
	} else if (now_ms - page->seen_ms > IDLE_MS) {
		page->watched = false;
	}
}

static void on_flush(uv_timer_t *timer)
{
	struct cis_page *page = timer->data;

	look_for_readers(page);
	if (page->changed)
		cis_page_state_tell(page);
	if (page->watched)
		cis_page_reports_flush(page, false);
	cis_page_frames_flush(page);
}

static void on_second(uv_timer_t *timer)
{
	struct cis_page *page = timer->data;

	cis_page_state_tell(page);
	cis_page_metrics_tell(page);
}

/* A page that is watched keeps no program alive. */
static void start_timer(struct cis_page *page, uv_timer_t *timer,
			uv_timer_cb on_time, uint64_t period_ms)
{
	uv_timer_init(page->cfg.loop, timer);
	timer->data = page;
	page->n_handle++;
	uv_timer_start(timer, on_time, 0, period_ms);
	uv_unref((uv_handle_t *)timer);
}

/* ---- opening ---- */

static int open_web(struct cis_page *page, struct cis_diag *diag)
{
	const struct cis_page_config *cfg = &page->cfg;
	const struct cis_web_config wc = {
		.loop = cfg->loop,
		.bind = cfg->bind,
		.port_given = cfg->given,
		.names = cfg->names,
		.n_name = (unsigned)cfg->n_name,
		.files = cis_web_files,
		.n_file = cis_web_n_file,
		.call = take_call,
		.arg = page,
	};

	return cis_web_open(&wc, &page->web, diag);
}

/* Who did not ask for a page does without. */
static int no_page(const struct cis_page_config *cfg, int err,
		   const struct cis_diag *diag)
{
	if (cfg->given)
		return cis_cli_fail(cfg->cmd, cis_exit_for(err), "%s",
				    diag->msg);
	cis_log(err == -EOPNOTSUPP ? CIS_LOG_INFO : CIS_LOG_WARN, "no page: %s",
		diag->msg);
	return 0;
}

int cis_page_open(const struct cis_page_config *cfg, struct cis_page **out)
{
	struct cis_page *page = calloc(1, sizeof(*page));
	struct cis_diag diag = {"out of memory"};
	int err = -ENOMEM;

	*out = NULL;
	if (page) {
		page->cfg = *cfg;
		err = open_web(page, &diag);
	}
	if (err) {
		free(page);
		return no_page(cfg, err, &diag);
	}
	start_timer(page, &page->flush, on_flush, FLUSH_MS);
	start_timer(page, &page->second, on_second, SECOND_MS);
	page->changed = true;
	cis_log(CIS_LOG_INFO, "page: %s", cis_web_url(page->web));
	*out = page;
	return 0;
}

static void on_closed(uv_handle_t *handle)
{
	struct cis_page *page = handle->data;

	if (--page->n_handle > 0)
		return;
	cis_page_reports_free(&page->reports);
	cis_page_frames_free(&page->frames);
	free(page->chan);
	free(page);
}

void cis_page_close(struct cis_page *page)
{
	if (!page)
		return;
	if (page->watched)
		cis_page_reports_flush(page, true);
	on_flush(&page->flush);
	cis_web_close(page->web);
	page->web = NULL;
	uv_close((uv_handle_t *)&page->flush, on_closed);
	uv_close((uv_handle_t *)&page->second, on_closed);
}

/* ---- what it is told ---- */

void cis_page_changed(struct cis_page *page)
{
	if (page)
		page->changed = true;
}

void cis_page_event(struct cis_page *page, const struct cis_event *ev)
{
	if (!page)
		return;
	page->changed = true;
	if (ev->kind == CIS_EVENT_TIME_STATE)
		page->time_state = cis_time_state_name(ev->state);
	else if (cis_event_is_fault(ev))
		page->why = cis_event_name(ev->kind);
}
