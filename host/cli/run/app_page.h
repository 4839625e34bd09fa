/*
 * app_page.h - the page of `run`: what app knows, told to it.
 *
 * Zero it first; with no address of a page all functions do nothing.
 */
#ifndef HOST_CLI_APP_PAGE_H
#define HOST_CLI_APP_PAGE_H

#include "host/cli/settings.h"
#include "host/cli/web/page_demo.h"
#include "host/cli/web/streamer.h"
#include "host/net/watch.h"
#include "view.h"

struct cis_app_page {
	const struct cis_run_view *view; /* from begin() on */
	struct cis_page *page;
	struct cis_page_demo demo;
	struct cis_streamer *streamer; /* simulated PMUs beside the run */
	bool begun;
	struct cis_tap *tap;            /* for est; NULL: none */
	char *wave;                     /* the text that was made last */
	int64_t wave_ns, wave_asked_ns; /* monotonic */
	enum cis_event_kind fault;      /* that lasts; CIS_N_EVENT_KIND: none */
	int64_t begun_ns;               /* monotonic */
	/* By stream: what its feed tells. */
	struct cis_app_page_stream {
		struct cis_app_page *of;
		const char *name;
		struct cis_feed_watch watch;
	} stream[CIS_APP_MAX_STREAM];
};

/* An exit status; what went wrong was told. */
int cis_app_page_open(struct cis_app_page *p, const struct cis_command *cmd,
		      uv_loop_t *loop, const struct cis_settings_web *web);
/* What est's thread must have before it starts; p->tap. */
void cis_app_page_tap(struct cis_app_page *p,
		      const struct cis_estim_config *ec);
/* Samples come; the view is borrowed until close(). */
void cis_app_page_begin(struct cis_app_page *p,
			const struct cis_run_view *view);
/* Before the feeds are closed. */
void cis_app_page_close(struct cis_app_page *p);
/* When est's thread is gone, and nothing is left on the loop. */
void cis_app_page_free(struct cis_app_page *p);

void cis_app_page_report(struct cis_app_page *p, const struct cis_report *rep);
void cis_app_page_event(struct cis_app_page *p, const struct cis_event *ev);

/* app_metrics.c: cis_page_config's. */
size_t cis_app_metrics(const struct cis_app_page *p, char *text, size_t size);

/* app_wave.c: samples and their fit as JSON, malloc'd; NULL: there are none yet.
 * rest() now and then: when nobody has asked for a while nothing is kept. */
char *cis_app_wave(struct cis_app_page *p);
void cis_app_wave_rest(struct cis_app_page *p);

#endif
