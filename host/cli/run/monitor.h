/*
 * monitor.h - tells how a `run` goes, while it goes: the status line, JSON, and
 * systemd with its watchdog.
 *
 * The watchdog is fed while the threads of the pipe live. One that hangs in a
 * driver, or a loop that does not turn, is restarted by systemd; a board that is
 * away is none of its business.
 */
#ifndef HOST_CLI_MONITOR_H
#define HOST_CLI_MONITOR_H

#include <uv.h>

#include "host/cli/front_end_shown.h"
#include "status.h"
#include "view.h"

struct cis_monitor {
	const struct cis_run_view *view;
	bool draws; /* a line on standard error */
	bool json;  /* on standard output, an object a second and a last one */
	uv_timer_t line, second, watchdog;
	int64_t begun_ns;  /* monotonic */
	const char *fault; /* what lasts; NULL */
	struct cis_front_end_told told;
	bool begun, stopping;
};

/* Handles on the loop, which close() closes; begin() when samples come, with a
 * view that is borrowed until end(). */
void cis_monitor_init(struct cis_monitor *m, uv_loop_t *loop);
void cis_monitor_close(struct cis_monitor *m);
void cis_monitor_begin(struct cis_monitor *m, const struct cis_run_view *view,
		       bool draws, bool json);

void cis_monitor_event(struct cis_monitor *m, const struct cis_event *ev);

/* Around the reading of a configuration. */
void cis_monitor_reloading(const struct cis_monitor *m);
void cis_monitor_reloaded(const struct cis_monitor *m);

/* The end has begun; then: all threads are joined, and the figures are final.
 * Either may come when nothing was begun. */
void cis_monitor_stopping(struct cis_monitor *m);
void cis_monitor_end(struct cis_monitor *m);

#endif
