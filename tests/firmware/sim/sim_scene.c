/*
 * sim_scene.c - runs a row and holds each second against it.
 */
#include "sim_scene.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { TICK_HZ = 84000000, RATE_HZ = 18000, JULY_2026_S = 1782864000 };

/* The greatest slew, of time. */
#define SLEW_PPB 1000
/* The T line's latest, and what its 96 bytes take at 115200 8N1. */
#define REPORT_S (0.1 + 96 / 11520.)
#define N_EXPECT \
	(sizeof(((struct sim_scene *)0)->expect) / sizeof(struct sim_expect))

struct run {
	const struct sim_scene *scene;
	struct sim_osc osc;
	struct sim_pps pps;
	struct sim_gps gps;
	struct sim_front *front;
	uint32_t rate_hz;
	struct sim_second now, before;
	unsigned met; /* a bit for each expectation of SEEN, TOLD, ACK, ... */
	char *why;
	size_t size;
};

__attribute__((format(printf, 2, 3))) static bool fail(struct run *r,
						       const char *fmt, ...)
{
	int len = snprintf(r->why, r->size, "%s: second %lld: ", r->scene->name,
			   (long long)r->now.n);
	va_list args;

	va_start(args, fmt);
	if (len >= 0 && (size_t)len < r->size)
		vsnprintf(r->why + len, r->size - (size_t)len, fmt, args);
	va_end(args);
	return false;
}

static bool within(const struct sim_expect *e, int64_t n)
{
	return n >= e->from_s && n < e->to_s;
}

/* The values of a kind in this second, added up; false: there is none. */
static bool find(const struct run *r, enum sim_expect_kind kind, int64_t *sum)
{
	bool any = false;

	*sum = 0;
	for (const struct sim_expect *e = r->scene->expect;
	     e < r->scene->expect + N_EXPECT; e++)
		if (e->kind == kind && within(e, r->now.n)) {
			any = true;
			*sum += e->value;
		}
	return any;
}

static bool has(const struct run *r, enum sim_expect_kind kind)
{
	int64_t sum;

	return find(r, kind, &sum);
}

/* ---- what holds always ---- */

static bool check_report(struct run *r)
{
	const struct sim_second *s = &r->now;

	if (s->n_bad && !has(r, SIM_EXCEPT_BAD))
		return fail(r, "%zu lines cannot be read", s->n_bad);
	if (s->n < 2 || has(r, SIM_EXCEPT_STEP))
		return true;
	if (s->n_reports != 1)
		return fail(r, "%zu T lines", s->n_reports);
	if (s->report.flags & FE_FLAG_RUNNING && s->report_at_s > REPORT_S)
		return fail(r, "T after %.4f s", s->report_at_s);
	return true;
}

static bool is_running(const struct sim_second *s)
{
	return s->has_report && s->report.flags & FE_FLAG_RUNNING;
}

static bool check_periods(struct run *r, int64_t exc_ppb)
{
	double nominal_ns = 1e9 / r->rate_hz;
	double tick_ns = 1e9 / TICK_HZ;
	double most_ns =
		nominal_ns * (double)(SLEW_PPB + exc_ppb) * 1e-9 + tick_ns;
	double step_ns = fabs(r->now.first_ns - r->before.first_ns);

	if (r->now.max_period_ns - nominal_ns > most_ns ||
	    nominal_ns - r->now.min_period_ns > most_ns)
		return fail(r, "periods of %.2f to %.2f ns",
			    r->now.min_period_ns, r->now.max_period_ns);
	if (step_ns > (double)(SLEW_PPB + exc_ppb) + tick_ns)
		return fail(r, "edges moved by %.1f ns in a second", step_ns);
	return true;
}

static bool check_edges(struct run *r)
{
	const struct sim_second *s = &r->now;
	int64_t exc_ppb;

	if (!is_running(s) || !is_running(&r->before) ||
	    has(r, SIM_EXCEPT_STEP))
		return true;
	if (s->n_edges != r->rate_hz || s->n_torn || s->n_dry)
		return fail(r, "%u edges, %u out of turn, none %u times",
			    s->n_edges, s->n_torn, s->n_dry);
	if (s->report.edges != r->before.n_edges)
		return fail(r, "T tells %u edges, not %u", s->report.edges,
			    r->before.n_edges);
	find(r, SIM_EXCEPT_SLEW, &exc_ppb);
	return check_periods(r, exc_ppb);
}

static bool check_bound(struct run *r)
{
	const struct fe_report *t = &r->now.report;

	if (!is_running(&r->now) || !t->has_error || has(r, SIM_EXCEPT_BOUND) ||
	    has(r, SIM_EXCEPT_STEP))
		return true;
	if (r->now.max_ns > t->error_ns)
		return fail(r, "%.1f ns off, %u ns told", r->now.max_ns,
			    t->error_ns);
	return true;
}

static bool check_name(struct run *r)
{
	const struct fe_report *t = &r->now.report;
	bool in_leap;
	int64_t off_s, utc_s = sim_gps_utc_s(&r->gps, r->now.n, &in_leap);

	if (!r->now.has_report || !(t->flags & FE_FLAG_LABEL))
		return true;
	find(r, SIM_EXPECT_NAMED, &off_s);
	if (t->utc_s != utc_s + off_s)
		return fail(r, "named %lld, not %lld", (long long)t->utc_s,
			    (long long)(utc_s + off_s));
	if (in_leap != !!(t->flags & FE_FLAG_IN_LEAP) && !off_s)
		return fail(r, "inserted second: flags %04X", t->flags);
	return true;
}

/* ---- what the row says ---- */

static size_t count_told(const struct sim_second *s, int64_t name)
{
	size_t count = 0;

	for (size_t i = 0; i < s->n_told && i < SIM_FRONT_EVENTS; i++)
		count += (int64_t)s->told[i].event.name == name;
	return count;
}

static void meet(struct run *r, size_t i, bool met)
{
	if (met)
		r->met |= 1u << i;
}

static bool answered(const struct sim_second *s, const struct sim_expect *e)
{
	const struct fe_message *m = &s->answer;

	if (!s->has_answer)
		return false;
	if (e->kind == SIM_EXPECT_ACK)
		return m->kind == FE_MESSAGE_ACK;
	return m->kind == FE_MESSAGE_NAK && (int64_t)m->nak.reason == e->value;
}

/* A pulse rises half a period before its second. */
static bool started(const struct run *r, const struct sim_expect *e)
{
	double at_s = (double)(r->now.n - e->value) + r->now.start_at_s;

	return r->now.started && fabs(at_s + 0.5 / r->rate_hz) * 1e9 <=
					 r->now.max_ns + 1e9 / TICK_HZ;
}

static bool check_state(struct run *r, const struct sim_expect *e)
{
	if (!r->now.has_report)
		return true;
	if (!(1u << r->now.report.state & (unsigned)e->value))
		return fail(r, "state %s", fe_state_word(r->now.report.state));
	return true;
}

static bool check_flags(struct run *r, const struct sim_expect *e)
{
	int64_t set = r->now.report.flags & e->value;

	if (r->now.has_report &&
	    set != (e->kind == SIM_EXPECT_FLAGS ? e->value : 0))
		return fail(r, "flags %04X", r->now.report.flags);
	return true;
}

/* The edge nearest to the place: edges are a period apart. */
static bool check_place(struct run *r, double place_ns)
{
	double off_ns = remainder(r->now.first_ns - place_ns, 1e9 / r->rate_hz);

	if (fabs(off_ns) > 100)
		return fail(r, "%.1f ns off its place", off_ns);
	return true;
}

static bool check_one(struct run *r, const struct sim_expect *e, size_t i)
{
	switch (e->kind) {
	case SIM_EXPECT_STATE:
		return check_state(r, e);
	case SIM_EXPECT_SEEN:
		meet(r, i,
		     r->now.has_report &&
			     1u << r->now.report.state & (unsigned)e->value);
		return true;
	case SIM_EXPECT_TOLD:
		meet(r, i, count_told(&r->now, e->value));
		return true;
	case SIM_EXPECT_QUIET:
		if (count_told(&r->now, e->value))
			return fail(
				r, "event %s",
				fe_event_word((enum fe_event_name)e->value));
		return true;
	case SIM_EXPECT_FLAGS:
	case SIM_EXPECT_CLEAR:
		return check_flags(r, e);
	case SIM_EXPECT_WITHIN:
		if (r->now.max_ns > (double)e->value)
			return fail(r, "%.1f ns off UTC", r->now.max_ns);
		return true;
	case SIM_EXPECT_AT:
		return check_place(r, (double)e->value);
	case SIM_EXPECT_ACK:
	case SIM_EXPECT_NAK:
		meet(r, i, answered(&r->now, e));
		return true;
	case SIM_EXPECT_START:
		meet(r, i, started(r, e));
		return true;
	default:
		return true;
	}
}

static bool is_met_once(enum sim_expect_kind kind)
{
	return kind == SIM_EXPECT_SEEN || kind == SIM_EXPECT_TOLD ||
	       kind == SIM_EXPECT_ACK || kind == SIM_EXPECT_NAK ||
	       kind == SIM_EXPECT_START;
}

static bool check_row(struct run *r)
{
	for (size_t i = 0; i < N_EXPECT; i++) {
		const struct sim_expect *e = &r->scene->expect[i];

		if (within(e, r->now.n) && !check_one(r, e, i))
			return false;
		if (is_met_once(e->kind) && r->now.n == e->to_s - 1 &&
		    !(r->met & 1u << i))
			return fail(r, "expectation %zu was not met", i);
	}
	if (r->now.started && !has(r, SIM_EXPECT_START))
		return fail(r, "a start pulse");
	return true;
}

/* ---- the run ---- */

static void say(struct run *r, int64_t n)
{
	for (size_t i = 0; i < 6 && r->scene->say[i].text; i++) {
		const struct sim_say *s = &r->scene->say[i];
		const char *hash = strchr(s->text, '#');
		char text[96];
		bool in_leap;

		if (s->at_s != n)
			continue;
		if (hash)
			snprintf(text, sizeof(text), "%.*s%lld%s",
				 (int)(hash - s->text), s->text,
				 (long long)(sim_gps_utc_s(&r->gps, n,
							   &in_leap) +
					     s->plus_s),
				 hash + 1);
		if (*s->text == '$')
			sim_front_put(r->front, s->text, strlen(s->text));
		else
			sim_front_say(r->front, hash ? text : s->text);
	}
}

static void set_up(struct run *r)
{
	const struct sim_scene *c = r->scene;

	r->rate_hz = c->rate_hz ? c->rate_hz : RATE_HZ;
	r->osc = (struct sim_osc){
		.tick_hz = TICK_HZ,
		.off_ppm = c->off_ppm,
		.ramp_ppm = c->ramp_ppm,
		.ramp_from_s = c->ramp_from_s,
		.ramp_s = c->ramp_s,
		.white = 1e-10,
		.walk = 1e-11,
		.seed = 11,
	};
	r->pps = (struct sim_pps){
		.jitter_ns = 20,
		.sawtooth_ns = 15,
		.sawtooth_s = 17.3,
		.seed = 12,
	};
	sim_gps_init(&r->gps);
	for (size_t i = 0; i < 3; i++) {
		if (c->pps[i].to_s)
			r->pps.fault[r->pps.n_faults++] = c->pps[i];
		if (c->gps[i].to_s)
			sim_gps_fault(&r->gps, c->gps[i]);
	}
	/* Where leap seconds are: before a July. */
	if (c->month_s)
		r->gps.start_utc_s = JULY_2026_S - c->month_s;
	if (c->leap_s > 0) {
		r->gps.leap_utc_s = JULY_2026_S;
		r->gps.start_utc_s = JULY_2026_S - c->leap_s;
	}
	if (c->leap_s < 0) {
		r->gps.leap_utc_s = -JULY_2026_S;
		r->gps.start_utc_s = JULY_2026_S + c->leap_s - 1;
	}
	r->front = sim_front_new(&(struct sim_front_config){
		.tick_hz = TICK_HZ,
		.rate_hz = RATE_HZ,
		.first_tick = UINT32_MAX - 5 * TICK_HZ / 2,
		.delay_ns = c->delay_ns,
		.osc = &r->osc,
		.pps = &r->pps,
		.gps = &r->gps,
	});
}

bool sim_scene_run(const struct sim_scene *scene, char *why, size_t size)
{
	struct run r = {.scene = scene, .why = why, .size = size};
	bool good = true;

	set_up(&r);
	for (int64_t n = 0; good && n < scene->run_s; n++) {
		if (scene->reset_s && n == scene->reset_s)
			sim_front_reset(r.front, false);
		say(&r, n);
		r.before = r.now;
		sim_front_second(r.front, &r.now);
		good = check_report(&r) && check_edges(&r) && check_bound(&r) &&
		       check_name(&r) && check_row(&r);
	}
	sim_front_free(r.front);
	return good;
}
