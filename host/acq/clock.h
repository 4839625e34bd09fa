/*
 * clock.h - what time it is, and how good that is.
 *
 * The only place in acq that asks the system. `system` is CLOCK_REALTIME with
 * the kernel's own estimate of its error (adjtimex), `none` the same clock
 * declared worthless.
 */
#ifndef HOST_ACQ_CLOCK_H
#define HOST_ACQ_CLOCK_H

#include "cisoid/diag.h"
#include "cisoid/time.h"

enum cis_clock_kind {
	CIS_CLOCK_SYSTEM,
	CIS_CLOCK_NONE,
};

struct cis_clock {
	enum cis_clock_kind kind;
};

/* "system", "none"; -EINVAL with a message. */
int cis_clock_init(struct cis_clock *clock, const char *text,
		   struct cis_diag *diag);

struct cis_time cis_clock_now(const struct cis_clock *clock);
struct cis_time_quality cis_clock_quality(const struct cis_clock *clock);

/* Sleeps until t, at most max_ms. */
void cis_clock_wait(const struct cis_clock *clock, struct cis_time t,
		    int max_ms);

#endif
