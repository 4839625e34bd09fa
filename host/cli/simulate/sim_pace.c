/*
 * sim_pace.c - the course of time.
 *
 * The clock is asked anew at every wakeup, so nothing accumulates; there is at
 * most one in a millisecond, and all that is due by then goes out together. A
 * start in the past, and full speed, make dates that are declared and not
 * measured: those are locked by definition.
 */
#include <math.h>

#include "cisoid/log.h"
#include "host/cli/leaplist.h"
#include "sim_parts.h"

/* Frames that are made before they are handed over: for many the system is
 * called rarely, and clients of feeds are written to one by one. */
#define RUN_UDP   1024
#define RUN_FEEDS 64

#define MAX_PER_TICK 16384 /* then the loop looks after its sockets */
#define MAX_LATE_NS  (5 * CIS_NS_PER_S)
#define LEAST_NS     (CIS_NS_PER_S / 1000) /* between two wakeups */
#define LEAD_NS      (CIS_NS_PER_S / 50) /* to get ready for the first frame */

/* At full speed: for a client to come, and for one to take what it has; after
 * so many waits in vain a frame is made none the less, which shows the server
 * that this client takes nothing. */
#define COME_NS  (CIS_NS_PER_S / 100)
#define TAKE_NS  (CIS_NS_PER_S / 1000)
#define MAX_WAIT 200

static const struct cis_time forever = {.tai_ns = INT64_MAX};

static struct cis_time now_of(const struct cis_sim *sim)
{
	return cis_time_add_ns(cis_clock_now(&sim->clock), sim->shift_ns);
}

uint64_t cis_sim_instants(const struct cis_sim *sim, double duration_s)
{
	const struct cis_instant *end = &sim->maker->end;
	double n = ceil(duration_s * cis_rate_hz(sim->maker->rate) - 1e-6);
	uint64_t most = n < 0x1p63 ? (uint64_t)fmax(n, 1) : UINT64_MAX;
	int64_t left;

	if (end->rate.num == 0)
		return most;
	left = cis_instant_diff(*end, sim->schedule.at);
	if (left <= 0)
		return 0;
	return (uint64_t)left < most ? (uint64_t)left : most;
}

/* The signal begins at t0, or else at the whole second of the start, or of the
 * first frame: its first time stamp then tells. */
void cis_sim_set_out(struct cis_sim *sim)
{
	const struct cis_sim_config *sc = sim->sc;
	struct cis_time now = cis_clock_now(&sim->clock);
	struct cis_time start =
		sc->has_start ? sc->start : cis_time_add_ns(now, LEAD_NS);
	const struct cis_time t0 = {.tai_ns = sc->t0_tai_s * CIS_NS_PER_S};
	bool past = cis_time_diff_ns(start, now) < 0;

	if (sc->has_t0 && cis_time_diff_ns(t0, start) > 0)
		start = t0;
	sim->play->first =
		cis_instant_from(sc->has_t0 ? t0 : start, sim->maker->rate);
	if (!sc->has_t0)
		sim->play->sc.t0_tai_s = sim->play->first.tai_s;
	if (sim->maker->ops->begin)
		sim->maker->ops->begin(sim->maker, sim->play->first);
	sim->schedule.at = cis_instant_from(start, sim->maker->rate);
	sim->n_instant = cis_sim_instants(sim, sc->duration_s);
	cis_schedule_begin(&sim->schedule, start, sim->n_instant);
	cis_outlets_begin(sim->outlets, sim->schedule.at);
	if (cis_schedule_is_over(&sim->schedule))
		cis_log(CIS_LOG_WARN,
			"nothing is sent: the recording, which began at --t0, "
			"is over");
	sim->declared = sc->flat_out || past;
	if (sim->declared && sim->maker->ops->set_quality)
		sim->maker->ops->set_quality(sim->maker, NULL);
	if (!sim->declared)
		cis_leaplist_check(start);
	if (past)
		sim->shift_ns = cis_time_diff_ns(start, now);
	sim->waiting = sc->flat_out && sc->endpoints.n_stream == 0;
	if (sim->waiting)
		cis_log(CIS_LOG_INFO, "waiting until a client wants data");
	sim->pace.began_ns = cis_clock_monotonic_ns();
}

static bool is_over(const struct cis_sim *sim)
{
	return cis_schedule_is_over(&sim->schedule) &&
	       (!sim->delayed || !cis_delayed_first(sim->delayed));
}

/* ---- by the clock ---- */

/* Whoever was stopped, or whose clock was set, does not make up for hours; nor
 * does he fall silent for hours when the clock is set back. */
static void follow_clock(struct cis_sim *sim, struct cis_time now)
{
	int64_t in_ns =
		cis_time_diff_ns(cis_schedule_next(&sim->schedule), now);
	double period_ns = 1e9 / cis_rate_hz(sim->maker->rate);

	if (cis_schedule_is_over(&sim->schedule))
		return;
	if (in_ns < -MAX_LATE_NS) {
		cis_log(CIS_LOG_WARN,
			"the clock went on without frames: late=%.3f s",
			(double)-in_ns * 1e-9);
		sim->stats.skipped += cis_schedule_skip(&sim->schedule, now);
	} else if (sim->stats.frames > 0 &&
		   (double)(in_ns - MAX_LATE_NS) > period_ns) {
		cis_log(CIS_LOG_WARN, "the clock was set back: by=%.3f s",
			(double)in_ns * 1e-9);
		cis_schedule_back(&sim->schedule, now);
	}
}

void cis_sim_set_quality(struct cis_sim *sim)
{
	struct cis_time_quality quality;

	if (sim->declared || !sim->maker->ops->set_quality)
		return;
	quality = cis_clock_quality(&sim->clock);
	sim->maker->ops->set_quality(sim->maker, &quality);
}

static void send_due(struct cis_sim *sim, struct cis_time now)
{
	bool feeds = cis_outlets_have_feeds(sim->outlets);
	uint32_t most = feeds ? RUN_FEEDS : RUN_UDP;
	struct cis_due due;

	for (uint32_t n = 0; n < MAX_PER_TICK &&
			     cis_schedule_take(&sim->schedule, now, most, &due);
	     n += due.n) {
		cis_sim_send(sim, &due);
		cis_outlets_flush(sim->outlets);
		cis_sim_note_pace(sim, &due, now_of(sim));
	}
	cis_sim_send_delayed(sim, now);
	cis_outlets_flush(sim->outlets);
}

static struct cis_time next_of(const struct cis_sim *sim)
{
	const struct cis_delayed_frame *f =
		sim->delayed ? cis_delayed_first(sim->delayed) : NULL;
	struct cis_time next = cis_schedule_is_over(&sim->schedule)
				       ? forever
				       : cis_schedule_next(&sim->schedule);

	return f && cis_time_diff_ns(f->due, next) < 0 ? f->due : next;
}

static void tick_paced(struct cis_sim *sim)
{
	struct cis_time now = now_of(sim);
	int64_t in_ns;

	follow_clock(sim, now);
	cis_sim_set_quality(sim);
	send_due(sim, now);
	in_ns = cis_time_diff_ns(next_of(sim), now);
	if (in_ns < LEAST_NS)
		in_ns = LEAST_NS;
	cis_ticker_arm(&sim->ticker,
		       in_ns - cis_time_diff_ns(now_of(sim), now));
}

/* ---- as fast as it goes ---- */

/* A second's frames: the server keeps those of two. */
static bool may_put(const struct cis_sim *sim)
{
	return (double)cis_outlets_backlog(sim->outlets, sim->schedule.next) <
	       fmax(cis_rate_hz(sim->maker->rate), 2);
}

/* With feeds one by one, as their clients take them. */
static uint32_t send_all(struct cis_sim *sim)
{
	bool feeds = cis_outlets_have_feeds(sim->outlets);
	uint32_t n = 0;
	struct cis_due due;

	while (n < MAX_PER_TICK && !cis_schedule_is_over(&sim->schedule) &&
	       (!feeds || may_put(sim)) &&
	       cis_schedule_take(&sim->schedule, forever, feeds ? 1 : RUN_UDP,
				 &due)) {
		cis_sim_send(sim, &due);
		n += due.n;
		if (feeds && n == RUN_FEEDS)
			break;
	}
	return n;
}

static void put_one(struct cis_sim *sim)
{
	struct cis_due due;

	if (cis_schedule_take(&sim->schedule, forever, 1, &due))
		cis_sim_send(sim, &due);
}

static void tick_flat_out(struct cis_sim *sim)
{
	uint32_t n;

	if (sim->waiting && !cis_outlets_are_wanted(sim->outlets)) {
		cis_ticker_arm(&sim->ticker, COME_NS);
		return;
	}
	sim->waiting = false;
	if (sim->n_wait == MAX_WAIT)
		put_one(sim);
	n = send_all(sim);
	if (cis_schedule_is_over(&sim->schedule))
		cis_sim_send_delayed(sim, forever);
	cis_outlets_flush(sim->outlets);
	sim->n_wait = n == 0 && sim->n_wait < MAX_WAIT ? sim->n_wait + 1 : 0;
	cis_ticker_arm(&sim->ticker, n == 0 ? TAKE_NS : 0);
}

void cis_sim_tick(void *arg)
{
	struct cis_sim *sim = arg;

	if (sim->winding_up)
		return;
	sim->ticking = true;
	if (sim->sc->flat_out)
		tick_flat_out(sim);
	else
		tick_paced(sim);
	sim->ticking = false;
	if (is_over(sim))
		cis_sim_wind_up(sim);
}
