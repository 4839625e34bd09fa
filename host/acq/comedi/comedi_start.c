/*
 * comedi_start.c - a Comedi command is begun, and scan 0 has its date.
 *
 * Started by software, scan 0 lies between the moments before and after
 * comedi_command(), or at most one period later; how long a driver and its board
 * take to start is not known, and 1 ms is allowed for it. Started by an external
 * edge, scan 0 is on the whole second after the board was armed, which is done
 * well within the second before. Started by the timing front end, the board is
 * armed first, and scan 0 is on the second that the front end then agrees to.
 */
#include "comedi_run.h"

#include <errno.h>
#include <math.h>

#define START_LATENCY_S 1e-3
#define MAX_ARM_MS      2000
#define MAX_GO          4
#define LONG_GO_NS      INT64_C(1000000)
#define ARM_FROM_NS     INT64_C(200000000) /* of a second */
#define ARM_UNTIL_NS    INT64_C(700000000)
#define ARMED_BY_NS     INT64_C(900000000)

static int64_t within_second(struct cis_time t)
{
	return t.tai_ns - cis_time_floor_s(t) * CIS_NS_PER_S;
}

/* Scans come, or will: scan 0 at scan0_ns. */
static void set_armed(struct cis_comedi *c, int64_t scan0_ns, int64_t now_ns)
{
	c->scan0_ns = scan0_ns;
	c->armed = true;
	c->arrived = false;
	c->arrived_ns = now_ns;
	c->asked_ns = now_ns;
	c->silent_s = 0;
	cis_arrival_start(&c->arrival, now_ns);
}

/* Scan 0 is at `at` by the system's clock, known to half_s. */
static void set_anchor(struct cis_comedi *c, struct cis_time at, double half_s)
{
	struct cis_time_quality q = cis_clock_quality(&c->clock);
	int64_t now_ns = cis_clock_monotonic_ns();

	c->offset_ns = cis_clock_now(&c->clock).tai_ns - now_ns;
	c->start_unc_s = q.unc_s + half_s;
	c->scan_clock = (struct cis_scan_clock){
		.anchor = at,
		.rate_hz = c->board.rate_hz,
		.quality = {.unc_s = c->start_unc_s,
			    .unlocked_s = q.unlocked_s},
	};
	set_armed(c, at.tai_ns - c->offset_ns, now_ns);
}

static int command(struct cis_comedi *c, struct cis_diag *diag)
{
	struct cis_comedi_board *b = &c->board;

	if (comedi_command(b->dev, &b->cmd) == 0)
		return 0;
	return cis_fail(diag, -ENODEV, "%s: the command is refused: %s",
			b->opts.dev, comedi_strerror(comedi_errno()));
}

/* Scan 0 is some time from before the command to a period after it. Where this
 * computer was busy meanwhile, another try is better. */
static int go(struct cis_comedi *c, struct cis_diag *diag)
{
	int64_t took_ns = INT64_MAX,
		period_ns = llround(1e9 / c->board.rate_hz);
	struct cis_time before;

	for (int i = 0; i < MAX_GO && took_ns > LONG_GO_NS; i++) {
		int err;

		if (i > 0)
			comedi_cancel(c->board.dev, c->board.subdevice);
		before = cis_clock_now(&c->clock);
		err = command(c, diag);
		if (err)
			return err;
		took_ns = cis_time_diff_ns(cis_clock_now(&c->clock), before);
	}
	took_ns += period_ns;
	set_anchor(c, cis_time_add_ns(before, took_ns / 2),
		   (double)took_ns * 0.5e-9 + START_LATENCY_S);
	return 0;
}

/* The edge that starts it comes on the next whole second. -EAGAIN: too near to
 * one. */
static int arm(struct cis_comedi *c, struct cis_diag *diag)
{
	struct cis_time before = cis_clock_now(&c->clock), after;
	int64_t s = cis_time_floor_s(before) + 1;
	int err;

	if (within_second(before) < ARM_FROM_NS ||
	    within_second(before) > ARM_UNTIL_NS)
		return -EAGAIN;
	err = command(c, diag);
	if (err)
		return err;
	after = cis_clock_now(&c->clock);
	if (cis_time_floor_s(after) + 1 != s ||
	    within_second(after) > ARMED_BY_NS) {
		comedi_cancel(c->board.dev, c->board.subdevice);
		return -EAGAIN;
	}
	set_anchor(c, (struct cis_time){.tai_ns = s * CIS_NS_PER_S}, 0);
	return 0;
}

/* By the front end: -EAGAIN, -ETIME, -ENXIO; -ENODEV: the board refuses. */
static int arm_for_front_end(struct cis_comedi *c, struct cis_diag *diag)
{
	struct cis_front_end_start start;
	struct cis_diag *why = &c->base.why;
	int err = cis_front_end_wait(&c->front_end, why);

	if (err)
		return cis_fail(diag, err, "%s", why->msg);
	err = command(c, diag);
	if (err)
		return err;
	err = cis_front_end_start(&c->front_end, &start, why);
	if (err) {
		comedi_cancel(c->board.dev, c->board.subdevice);
		return cis_fail(diag, err, "%s", why->msg);
	}
	c->scan_clock = (struct cis_scan_clock){.anchor = start.at,
						.rate_hz = c->board.rate_hz};
	set_armed(c, start.at_ns, cis_clock_monotonic_ns());
	return 0;
}

/* Waits until it is time to arm; at most max_ms. */
static void wait_to_arm(struct cis_comedi *c, int max_ms)
{
	struct cis_time now = cis_clock_now(&c->clock);
	int64_t in_ns = within_second(now);
	int64_t left_ns = in_ns < ARM_FROM_NS
				  ? ARM_FROM_NS - in_ns
				  : CIS_NS_PER_S + ARM_FROM_NS - in_ns;

	cis_clock_wait(&c->clock, cis_time_add_ns(now, left_ns), max_ms);
}

/* Its reports come once a second. */
static void wait_for_front_end(struct cis_comedi *c, int max_ms)
{
	struct cis_time now = cis_clock_now(&c->clock);

	cis_clock_wait(&c->clock, cis_time_add_ns(now, CIS_NS_PER_S), max_ms);
}

int cis_comedi_begin(struct cis_comedi *c, struct cis_diag *diag)
{
	c->armed = false;
	c->next_scan = 0;
	c->head = c->sound = c->fill = 0;
	c->wait_s = 0;
	return c->board.opts.start.external ? 0 : go(c, diag);
}

int cis_comedi_arm(struct cis_comedi *c, struct cis_diag *diag)
{
	int err;

	if (c->front_end.mcu) {
		err = arm_for_front_end(c, diag);
		return err == -EAGAIN ? 0 : err;
	}
	err = arm(c, diag);
	while (err == -EAGAIN) {
		wait_to_arm(c, MAX_ARM_MS);
		err = arm(c, diag);
	}
	return err;
}

int cis_comedi_arm_later(struct cis_comedi *c, int max_ms)
{
	bool mcu = c->front_end.mcu != NULL;
	int err = mcu ? arm_for_front_end(c, NULL) : arm(c, NULL);

	if (err == -EAGAIN || err == -ETIME)
		(mcu ? wait_for_front_end : wait_to_arm)(c, max_ms);
	if (err == -EAGAIN)
		return -ETIMEDOUT;
	return err == -ENODEV ? cis_comedi_vanish(c) : err;
}
