/*
 * lint_time.c - the times of a stream's data: on the grid, at the rate of the
 * configuration, in order, none missing.
 *
 * Differences are exact, in 1/TIME_BASE s. Until one step has been that of the
 * configuration, gaps are held back: a stream that has only half the rate
 * misses no frames, its rate is wrong.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cisoid/utc.h"
#include "lint_in.h"

#define MANY_STEPS  8
#define MANY_BACK   3
#define FAR_S       10
#define SLACK_TICKS 2 /* each of two stamps may be rounded or cut */

/* A fraction in whole and parts of a period: rates above and below 1/s. */
struct grid {
	int64_t num, den; /* a step is den/num ticks */
};

static struct grid grid_of(const struct cis_lint *lint)
{
	int64_t base = lint->cfg.time_base;
	int rate = lint->cfg.rate;

	if (lint->clock.pace == LINT_PACE_OTHER)
		return (struct grid){1, lint->clock.step};
	if (rate > 0)
		return (struct grid){rate, base};
	return (struct grid){1, base * -rate};
}

/* Whole steps in `ticks`, to the nearest; *off is what is left, in ticks. */
static int64_t steps_in(struct grid g, int64_t ticks, int64_t *off)
{
	int64_t n, steps;

	if (g.num < 1 || g.den < 1) {
		*off = 0;
		return 0;
	}
	/* Months: such a gap needs not be counted to the frame. */
	if (ticks > INT64_MAX / 4 / g.num) {
		*off = 0;
		return (int64_t)((double)ticks / (double)g.den * (double)g.num);
	}
	n = ticks * g.num;
	steps = (n + g.den / 2) / g.den;
	*off = llabs(n - steps * g.den) / g.num;
	return steps;
}

/* ---- the grid ---- */

static int64_t off_grid(const struct cis_lint *lint, const struct lint_frame *f)
{
	int64_t base = lint->cfg.time_base, off, ticks = f->head.fracsec;

	if (lint->clock.pace == LINT_PACE_OTHER)
		return 0;
	if (lint->cfg.rate < 0)
		return ticks < base - ticks ? ticks : base - ticks;
	steps_in(grid_of(lint), ticks, &off);
	return off;
}

static void say_grid(const struct cis_lint *lint, const struct lint_frame *f,
		     int64_t off)
{
	double base = lint->cfg.time_base;

	lint_say(f, LINT_TIME_GRID, 11, "FRACSEC",
		 "FRACSEC %u / %.0f = %.6f s is %.3f ms off the grid of %d%s",
		 (unsigned)f->head.fracsec, base, f->head.fracsec / base,
		 (double)off / base * 1e3, abs(lint->cfg.rate),
		 lint->cfg.rate > 0 ? " frames/s" : " s");
}

static void check_grid(struct cis_lint *lint, const struct lint_frame *f)
{
	struct lint_clock *c = &lint->clock;
	int64_t off = off_grid(lint, f);

	if (off <= 1)
		return;
	if (c->has_last && c->pace == LINT_PACE_UNKNOWN)
		c->n_off++;
	else
		say_grid(lint, f, off);
}

/* ---- the pace ---- */

static void say_gap(const struct lint_frame *f, int64_t missing)
{
	lint_say(f, LINT_TIME_GAP, 6, "SOC", "%lld frame%s missing",
		 (long long)missing, missing == 1 ? " is" : "s are");
}

static void say_rate(const struct cis_lint *lint, const struct lint_frame *f)
{
	const struct lint_clock *c = &lint->clock;
	double hz = lint->cfg.time_base / (double)c->step;
	double asked =
		lint->cfg.rate > 0 ? lint->cfg.rate : -1.0 / lint->cfg.rate;

	lint_say(f, LINT_TIME_RATE, 6, "SOC",
		 "by their time stamps %.4g frames/s come, DATA_RATE says "
		 "%.4g",
		 hz, asked);
}

/* What was held back can be said now. */
static void settle(struct cis_lint *lint, const struct lint_frame *f,
		   enum lint_pace pace)
{
	struct lint_clock *c = &lint->clock;

	c->pace = pace;
	if (pace == LINT_PACE_OTHER) {
		say_rate(lint, f);
		return;
	}
	if (c->missing)
		say_gap(f, c->missing);
	if (c->n_off && f->p)
		say_grid(lint, f, off_grid(lint, f));
}

static void learn(struct cis_lint *lint, const struct lint_frame *f,
		  int64_t ticks, int64_t steps)
{
	struct lint_clock *c = &lint->clock;

	if (c->n_step == 0)
		c->step = ticks;
	else if (llabs(ticks - c->step) > SLACK_TICKS)
		c->uneven = true;
	c->n_step++;
	c->missing += steps > 1 ? steps - 1 : 0;
	if (c->n_step >= MANY_STEPS)
		settle(lint, f, c->uneven ? LINT_PACE_RIGHT : LINT_PACE_OTHER);
}

static void forward(struct cis_lint *lint, const struct lint_frame *f,
		    int64_t ticks)
{
	struct lint_clock *c = &lint->clock;
	int64_t off, steps = steps_in(grid_of(lint), ticks, &off);

	if (c->pace == LINT_PACE_UNKNOWN && steps == 1 && off <= SLACK_TICKS)
		settle(lint, f, LINT_PACE_RIGHT);
	else if (c->pace == LINT_PACE_UNKNOWN)
		learn(lint, f, ticks, steps);
	else if (steps > 1)
		say_gap(f, steps - 1);
}

void lint_clock_end(struct cis_lint *lint, const struct lint_frame *f)
{
	struct lint_clock *c = &lint->clock;

	if (c->pace != LINT_PACE_UNKNOWN || c->n_step == 0)
		return;
	if (c->n_step >= 2 && !c->uneven)
		settle(lint, f, LINT_PACE_OTHER);
	else
		settle(lint, f, LINT_PACE_RIGHT);
}

/* ---- order ---- */

static uint32_t print_of(const struct lint_frame *f)
{
	uint32_t h = 0x811C9DC5;

	for (size_t i = 0; i < f->len; i++)
		h = (h ^ f->p[i]) * 0x01000193;
	return h;
}

/* TAI, which leap seconds do not interrupt; frames in seconds apart count by
 * SOC. */
static int64_t second_of(const struct cis_lint *lint,
			 const struct lint_frame *f)
{
	return lint->cfg.rate > 0 ? cis_c37_tai_s(&f->head)
				  : (int64_t)f->head.soc;
}

static void keep(struct cis_lint *lint, const struct lint_frame *f)
{
	struct lint_clock *c = &lint->clock;

	c->has_last = true;
	c->second = second_of(lint, f);
	c->fracsec = f->head.fracsec;
	c->print = print_of(f);
	c->n_back = 0;
}

static void check_order(struct cis_lint *lint, const struct lint_frame *f)
{
	struct lint_clock *c = &lint->clock;
	int64_t ticks = (second_of(lint, f) - c->second) * lint->cfg.time_base +
			f->head.fracsec - c->fracsec;

	if (ticks > 0) {
		forward(lint, f, ticks);
	} else if (ticks == 0) {
		lint_say(f, LINT_TIME_REPEAT, 6, "SOC",
			 print_of(f) == c->print
				 ? "the same frame again, byte for byte"
				 : "another frame with the same time");
		return;
	} else {
		lint_say(f, LINT_TIME_BACK, 6, "SOC",
			 "%.6f s before an earlier frame",
			 (double)-ticks / lint->cfg.time_base);
		/* A clock that was set does not come back. */
		if (++c->n_back < MANY_BACK)
			return;
	}
	keep(lint, f);
}

/* ---- arrival ---- */

/* It is told when it begins, not while it lasts. */
static void check_arrival(struct lint_clock *c, const struct lint_frame *f,
			  double frac_s, struct cis_time arrival)
{
	int64_t tai_s = cis_time_floor_s(arrival);
	double ns = (double)(arrival.tai_ns - tai_s * CIS_NS_PER_S);
	double late_s =
		(double)(cis_utc_from_tai(tai_s).soc - (int64_t)f->head.soc) +
		ns / 1e9 - frac_s;
	bool far = late_s > FAR_S || late_s < -FAR_S;

	if (far && !c->far)
		lint_say(f, LINT_TIME_FAR, 6, "SOC",
			 "the time is %.3f s %s the arrival",
			 late_s > 0 ? late_s : -late_s,
			 late_s > 0 ? "before" : "after");
	c->far = far;
}

void lint_clock(struct cis_lint *lint, const struct lint_frame *f,
		const struct cis_time *arrival)
{
	uint32_t base = lint->has_cfg ? lint->cfg.time_base : 0;

	if (arrival && lint_was_set(f->head.soc))
		check_arrival(&lint->clock, f,
			      base ? f->head.fracsec / (double)base : 0,
			      *arrival);
	if (base == 0 || f->head.fracsec >= base || lint->cfg.rate == 0)
		return;
	check_grid(lint, f);
	if (lint->clock.has_last)
		check_order(lint, f);
	else
		keep(lint, f);
}
