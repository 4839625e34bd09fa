/*
 * reports_live.h - reports out of a live stream, as they come.
 */
#ifndef HOST_CLI_REPORTS_LIVE_H
#define HOST_CLI_REPORTS_LIVE_H

#include <uv.h>

#include "reports_in.h"

struct cis_reports_live;

struct cis_reports_live_ops {
	/* The configuration is there: `about` is whole. */
	void (*begin)(void *arg);
	void (*report)(void *arg, const struct cis_report *rep,
		       const struct cis_arrival *arrival);
	/* Nothing more will come; `err` is -ENOTCONN before begin(), else
	 * -ENODATA. */
	void (*end)(void *arg, int err, const char *message);
};

struct cis_reports_live_config {
	uv_loop_t *loop;
	const char *what;
	struct cis_reports_pick pick;
	double timeout_s;                       /* 0: the usual */
	const struct cis_reports_live_ops *ops; /* borrowed */
	void *arg;
};

/* Call-backs come from the loop only. */
int cis_reports_live_new(const struct cis_reports_live_config *cfg,
			 struct cis_reports_live **out, struct cis_diag *diag);
const struct cis_reports_about *
cis_reports_live_about(struct cis_reports_live *live);
/* Closes the connection; no call-back comes after it. */
void cis_reports_live_close(struct cis_reports_live *live);
/* After the loop has ended. NULL is allowed. */
void cis_reports_live_free(struct cis_reports_live *live);

#endif
