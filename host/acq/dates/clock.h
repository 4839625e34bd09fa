/*
 * clock.h - what time it is, and how good that is.
 *
 * The only place in acq that asks the system. `system` is CLOCK_REALTIME with
 * the kernel's own estimate of its error (adjtimex), `none` the same clock
 * declared worthless.
 *
 * In an inserted leap second CLOCK_REALTIME runs through 23:59:59 twice. The
 * kernel says which of the two it is, so dates go on evenly, to the kernel's
 * own resolution there of 1 us. A clock that smears the leap second (some time
 * servers do) is wrong by up to half a second for hours and does not say so.
 */
#ifndef HOST_ACQ_CLOCK_H
#define HOST_ACQ_CLOCK_H

#include <stdbool.h>

#include "cisoid/diag.h"
#include "cisoid/time.h"

struct timex;

enum cis_clock_kind {
	CIS_CLOCK_SYSTEM,
	CIS_CLOCK_NONE,
};

struct cis_clock {
	enum cis_clock_kind kind;
	bool was_locked;   /* since the program began */
	int64_t locked_ns; /* when it last was, on the monotonic clock */
};

/* "system", "none"; -EINVAL with a message. */
int cis_clock_init(struct cis_clock *clock, const char *text,
		   struct cis_diag *diag);

struct cis_time cis_clock_now(const struct cis_clock *clock);

/* A clock that nobody sets, for intervals. */
int64_t cis_clock_monotonic_ns(void);

/*
 * Locked (unlocked_s 0) while the kernel says that a daemon keeps the clock in
 * step; unc_s then is the kernel's bound (maxerror). Otherwise unc_s is INFINITY,
 * and unlocked_s counts from the last time that the clock was seen locked;
 * INFINITY, where it never was.
 */
struct cis_time_quality cis_clock_quality(struct cis_clock *clock);
/* The second half of it: `q` was found on the clock at now_ns, monotonic. */
void cis_clock_count_unlocked(struct cis_clock *clock, int64_t now_ns,
			      struct cis_time_quality *q);

/* What adjtimex() says, for a person. */
struct cis_clock_kernel {
	bool synchronised;
	double max_error_s;
	int tai_offset_s;   /* TAI - UTC; 0: nobody has told the kernel */
	int known_offset_s; /* the same by our own table */
};

void cis_clock_kernel(struct cis_clock_kernel *kernel);

/* Sleeps until t, at most max_ms; less when a signal arrives. */
void cis_clock_wait(const struct cis_clock *clock, struct cis_time t,
		    int max_ms);

/* What an answer of adjtimex() means; `state` is what it returned. */
struct cis_time cis_clock_timex_date(int state, const struct timex *tx);
struct cis_time_quality cis_clock_timex_quality(int state,
						const struct timex *tx);
/* A leap second at the coming midnight that the table cannot know: the SOC after
 * it, and its direction. */
bool cis_clock_timex_leap(int state, const struct timex *tx, int64_t *soc,
			  int *step_s);

#endif
