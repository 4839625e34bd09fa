/* clock.c - the system's clock as TAI; see clock.h. */
#define _DEFAULT_SOURCE /* adjtimex */

#include "clock.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/timex.h>
#include <time.h>

#include "cisoid/utc.h"

#define DAY_S 86400

int cis_clock_init(struct cis_clock *clock, const char *text,
		   struct cis_diag *diag)
{
	if (!strcmp(text, "system"))
		*clock = (struct cis_clock){.kind = CIS_CLOCK_SYSTEM};
	else if (!strcmp(text, "none"))
		*clock = (struct cis_clock){.kind = CIS_CLOCK_NONE};
	else
		return cis_fail(diag, -EINVAL,
				"\"%s\": no such time source; there are system "
				"and none",
				text);
	return 0;
}

struct cis_time cis_clock_timex_date(int state, const struct timex *tx)
{
	int64_t ns = tx->time.tv_usec * (tx->status & STA_NANO ? 1 : 1000);
	struct cis_time t = cis_time_from_posix(tx->time.tv_sec, ns);

	/* The second of the two 23:59:59 is 23:59:60. */
	return cis_time_add_ns(t, state == TIME_OOP ? CIS_NS_PER_S : 0);
}

bool cis_clock_timex_leap(int state, const struct timex *tx, int64_t *soc,
			  int *step_s)
{
	int64_t day = tx->time.tv_sec / DAY_S + 1;
	char buf[CIS_UTC_SIZE];

	if (state != TIME_INS && state != TIME_DEL && state != TIME_OOP)
		return false;
	*soc = day * DAY_S;
	*step_s = state == TIME_DEL ? -1 : 1;
	cis_utc_format(cis_time_from_posix(*soc, 0), 0, buf);
	return *soc >= cis_utc_known_until() && !strncmp(buf + 8, "01", 2);
}

/* The kernel steps at the next midnight. */
static void heed_leap(int state, const struct timex *tx)
{
	int64_t soc;
	int step_s;

	if (cis_clock_timex_leap(state, tx, &soc, &step_s))
		cis_utc_learn_leap(soc, step_s);
}

struct cis_time cis_clock_now(const struct cis_clock *clock)
{
	struct timespec ts;
	struct timex tx = {.modes = 0};
	int state;

	(void)clock;
	clock_gettime(CLOCK_REALTIME, &ts);
	/* clock_gettime() does not tell an inserted second from the one before
	 * it, and overshoots by a tick; adjtimex() does, and does not. */
	if (ts.tv_sec % DAY_S == DAY_S - 1 || ts.tv_sec % DAY_S == 0) {
		state = adjtimex(&tx);
		heed_leap(state, &tx);
		if (state == TIME_OOP)
			return cis_clock_timex_date(state, &tx);
	}
	return cis_time_from_posix(ts.tv_sec, ts.tv_nsec);
}

struct cis_time_quality cis_clock_timex_quality(int state,
						const struct timex *tx)
{
	struct cis_time_quality q = {.unc_s = INFINITY, .unlocked_s = INFINITY};
	int pps = STA_PPSTIME | STA_PPSFREQ;

	if (state < 0 || state == TIME_ERROR || (tx->status & STA_UNSYNC))
		return q;
	/* The bound holds for all but the simple clients, which set it to 0 and
	 * estimate nothing: 10 ms is what asking over a network gives. */
	q.unc_s = fmax((double)tx->maxerror, 3.0 * (double)tx->esterror);
	q.unc_s = fmax(q.unc_s, 1) * 1e-6;
	if (tx->esterror <= 0 && (tx->status & STA_PLL) && !(tx->status & pps))
		q.unc_s = fmax(q.unc_s, 10e-3);
	q.unlocked_s = 0;
	return q;
}

void cis_clock_count_unlocked(struct cis_clock *clock, int64_t now_ns,
			      struct cis_time_quality *q)
{
	if (q->unlocked_s <= 0) {
		clock->was_locked = true;
		clock->locked_ns = now_ns;
	} else if (clock->was_locked) {
		q->unlocked_s = (double)(now_ns - clock->locked_ns) / 1e9;
	}
}

int64_t cis_clock_monotonic_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * CIS_NS_PER_S + ts.tv_nsec;
}

struct cis_time_quality cis_clock_quality(struct cis_clock *clock)
{
	struct timex tx = {.modes = 0};
	int state = clock->kind == CIS_CLOCK_NONE ? -1 : adjtimex(&tx);
	struct cis_time_quality q = cis_clock_timex_quality(state, &tx);

	heed_leap(state, &tx);
	cis_clock_count_unlocked(clock, cis_clock_monotonic_ns(), &q);
	return q;
}

void cis_clock_kernel(struct cis_clock_kernel *kernel)
{
	struct timex tx = {.modes = 0};
	int state = adjtimex(&tx);
	struct cis_time_quality q = cis_clock_timex_quality(state, &tx);
	int64_t tai_s = cis_time_from_posix(tx.time.tv_sec, 0).tai_ns;

	*kernel = (struct cis_clock_kernel){
		.synchronised = q.unlocked_s <= 0,
		.max_error_s = (double)tx.maxerror * 1e-6,
		.tai_offset_s = tx.tai,
		.known_offset_s =
			(int)(tai_s / CIS_NS_PER_S - (int64_t)tx.time.tv_sec),
	};
}

void cis_clock_wait(const struct cis_clock *clock, struct cis_time t,
		    int max_ms)
{
	int64_t left_ns = cis_time_diff_ns(t, cis_clock_now(clock));
	int64_t max_ns = max_ms * INT64_C(1000000);
	struct timespec until;
	int64_t ns;

	if (left_ns <= 0 || max_ms <= 0)
		return;
	/* On the monotonic clock: setting the other one back must not stop us. */
	clock_gettime(CLOCK_MONOTONIC, &until);
	ns = until.tv_nsec + (left_ns < max_ns ? left_ns : max_ns);
	until.tv_sec += ns / CIS_NS_PER_S;
	until.tv_nsec = ns % CIS_NS_PER_S;
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
}
