/*
 * comedi_start.c - a Comedi command is begun, and scan 0 has its date.
 *
 * Started by software, scan 0 lies between the moments before and after
 * comedi_command(), or at most one period later; how long a driver and its board
 * take to start is not known, and 1 ms is allowed for it. Started by an external
 * edge, scan 0 is on the whole second after the board was armed, which is done
 * well within the second before.
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

/* Scan 0 is at `at` by the system's clock, known to half_ns. */
static void set_anchor(struct cis_comedi *c, struct cis_time at, double half_s)
{
	struct cis_time_quality q = cis_clock_quality(&c->clock);
	int64_t now_ns = cis_clock_monotonic_ns();

	c->offset_ns = cis_clock_now(&c->clock).tai_ns - now_ns;
	c->scan0_ns = at.tai_ns - c->offset_ns;
	c->start_unc_s = q.unc_s + half_s;
	c->scan_clock = (struct cis_scan_clock){
		.anchor = at,
		.rate_hz = c->board.rate_hz,
		.quality = {.unc_s = c->start_unc_s,
			    .unlocked_s = q.unlocked_s},
	};
	c->armed = true;
	c->arrived = false;
	c->arrived_ns = now_ns;
	c->asked_ns = now_ns;
	c->silent_s = 0;
	cis_arrival_start(&c->arrival, now_ns);
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
	int err = arm(c, diag);

	while (err == -EAGAIN) {
		wait_to_arm(c, MAX_ARM_MS);
		err = arm(c, diag);
	}
	return err;
}

int cis_comedi_arm_later(struct cis_comedi *c, int max_ms)
{
	int err = arm(c, NULL);

	if (err == -EAGAIN) {
		wait_to_arm(c, max_ms);
		return -ETIMEDOUT;
	}
	return err ? cis_comedi_vanish(c) : 0;
}
