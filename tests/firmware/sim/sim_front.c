/*
 * sim_front.c - the board: timer, capture, compare and two serial lines.
 *
 * Within a second the oscillator is a parabola through its count at the
 * beginning, the middle and the end: exact for a drift, and 1e-3 ns near for a
 * temperature that swings within an hour.
 */
#include "sim_front.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "firmware/core/front.h"
#include "sim_wire.h"

enum { GPS_TEXTS = 4, PULSES = 4 * SIM_PPS_MAX };

/* The count over one second: whole + part + rate u + bend u^2. */
struct span {
	int64_t whole;
	double part, rate, bend, per_rate;
};

struct pulse {
	int64_t n;
	double u;
};

/* Sentences that are still to come, or coming. */
struct gps_text {
	int64_t n;
	size_t len, next;
	char text[SIM_GPS_TEXT];
};

struct sim_front {
	struct sim_front_config cfg;
	struct fe_front front;
	uint32_t boot;
	int64_t n;
	int slice;
	struct span span;

	bool armed; /* the compare register holds a tick */
	uint32_t armed_tick;
	bool any_edge;
	double last_edge_u; /* against the present second */
	uint32_t last_k;    /* place that was nearest to it */
	int32_t slip;       /* places that it is late by beside */
	double period_s, own_u;

	struct pulse pulses[PULSES];
	size_t n_pulses;
	struct gps_text gps[GPS_TEXTS];

	struct sim_wire wire;
	struct fe_line line;

	struct sim_second now, next;
};

/* ---- true time and the count ---- */

static struct span span_of(const struct sim_front *s, int64_t n)
{
	struct sim_count at0 = sim_osc_count(s->cfg.osc, n, 0);
	struct sim_count at1 = sim_osc_count(s->cfg.osc, n, 0.5);
	struct sim_count at2 = sim_osc_count(s->cfg.osc, n + 1, 0);
	double half = (double)(at1.whole - at0.whole) + (at1.part - at0.part);
	double all = (double)(at2.whole - at0.whole) + (at2.part - at0.part);

	return (struct span){
		.whole = at0.whole + s->cfg.first_tick,
		.part = at0.part,
		.rate = 4 * half - all,
		.bend = 2 * all - 4 * half,
		.per_rate = 1 / (4 * half - all),
	};
}

static uint32_t tick_at(const struct sim_front *s, double u)
{
	const struct span *p = &s->span;

	return (uint32_t)(p->whole +
			  (int64_t)floor(p->part +
					 u * (p->rate + u * p->bend)));
}

/* When the timer gets to a tick within 25 s of now. Of the bend, what is left
   out is its square: 1e-18. */
static double time_of(const struct sim_front *s, uint32_t tick)
{
	const struct span *p = &s->span;
	double d = (double)(int32_t)(tick - (uint32_t)p->whole) - p->part;
	double u = d * p->per_rate;

	return u - p->bend * p->per_rate * u * u;
}

/* ---- edges ---- */

/* A second is half a period old before its first edge can come. */
static struct sim_second *owner_of(struct sim_front *s, double *u)
{
	if (*u < s->own_u)
		return &s->now;
	*u -= 1;
	return &s->next;
}

/* Of the second's edges, evenly spread, the nearest; the next one, mostly. */
static uint32_t place_of(const struct sim_front *s, double u)
{
	uint32_t next = s->last_k + 1 == s->cfg.rate_hz ? 0 : s->last_k + 1;

	if (fabs(u - next * s->period_s) < s->period_s / 2)
		return next;
	return (uint32_t)round(u * s->cfg.rate_hz) % s->cfg.rate_hz;
}

static void judge_period(struct sim_second *sec, double period_ns)
{
	if (sec->min_period_ns == 0 || period_ns < sec->min_period_ns)
		sec->min_period_ns = period_ns;
	if (period_ns > sec->max_period_ns)
		sec->max_period_ns = period_ns;
}

/* The edge after the last, which was the next, unless it was not a period
   later: then it is out of turn. How far it is off goes on counting where
   another place becomes the nearest. */
static void follow_edge(struct sim_front *s, struct sim_second *sec, uint32_t k,
			double period_s)
{
	uint32_t next = s->last_k + 1 == s->cfg.rate_hz ? 0 : s->last_k + 1;
	int32_t by = (int32_t)k - (int32_t)next;

	judge_period(sec, period_s * 1e9);
	if (fabs(period_s - s->period_s) > s->period_s / 100) {
		sec->n_torn++;
		s->slip = 0;
	} else if (by) {
		if (abs(by) > 1)
			by += by < 0 ? (int32_t)s->cfg.rate_hz
				     : -(int32_t)s->cfg.rate_hz;
		s->slip += by;
		sec->n_edges += (uint32_t)by;
	}
}

static void edge_rose(struct sim_front *s, uint32_t tick)
{
	double at_u = time_of(s, tick), u = at_u, off_ns;
	struct sim_second *sec = owner_of(s, &u);
	uint32_t k = place_of(s, u);

	sec->n_edges++;
	if (s->any_edge)
		follow_edge(s, sec, k, at_u - s->last_edge_u);
	off_ns = (u - ((double)k - s->slip) * s->period_s) * 1e9;
	if ((int32_t)k == s->slip ||
	    (int32_t)k - s->slip == (int32_t)s->cfg.rate_hz)
		sec->first_ns = off_ns;
	if (fabs(off_ns) > sec->max_ns)
		sec->max_ns = fabs(off_ns);
	sec->sum2_ns2 += off_ns * off_ns;
	s->any_edge = true;
	s->last_edge_u = at_u;
	s->last_k = k;
}

/* The compare interrupt, and the port's asking again where it stood still. */
static void arm(struct sim_front *s, uint32_t now_tick)
{
	s->armed = fe_front_next_edge(&s->front, now_tick, &s->armed_tick);
	s->now.n_dry += !s->armed;
}

static void run_edges(struct sim_front *s, uint32_t end_tick)
{
	while (s->armed && (int32_t)(s->armed_tick - end_tick) < 0) {
		edge_rose(s, s->armed_tick);
		arm(s, s->armed_tick);
	}
}

/* ---- pulses ---- */

/* Those of second n, which may come before it or long after. */
static void expect_pulses(struct sim_front *s, int64_t n)
{
	double at_s[SIM_PPS_MAX];
	size_t count = sim_pps_pulses(s->cfg.pps, n, at_s);

	for (size_t i = 0; i < count && s->n_pulses < PULSES; i++) {
		double u = at_s[i] + s->cfg.delay_ns * 1e-9;
		double whole = floor(u);

		s->pulses[s->n_pulses++] =
			(struct pulse){n + (int64_t)whole, u - whole};
	}
}

/* The first that comes before u of this second. */
static bool take_pulse(struct sim_front *s, double end_u, double *u)
{
	size_t best = s->n_pulses;

	for (size_t i = 0; i < s->n_pulses; i++) {
		if (s->pulses[i].n > s->n || s->pulses[i].u >= end_u)
			continue;
		if (best == s->n_pulses || s->pulses[i].u < s->pulses[best].u)
			best = i;
	}
	if (best == s->n_pulses)
		return false;
	*u = s->pulses[best].u;
	s->pulses[best] = s->pulses[--s->n_pulses];
	return true;
}

static void run_pulses(struct sim_front *s, double end_u)
{
	double u;

	while (take_pulse(s, end_u, &u))
		fe_front_on_pulse(&s->front, tick_at(s, u));
}

/* ---- serial lines ---- */

static void expect_gps(struct sim_front *s)
{
	struct gps_text *t = &s->gps[s->n % GPS_TEXTS];

	t->n = s->n;
	t->next = 0;
	t->len = sim_gps_text(s->cfg.gps, s->n, t->text);
}

static void run_gps(struct sim_front *s, double end_u)
{
	for (int64_t n = s->n - GPS_TEXTS + 1; n <= s->n; n++) {
		struct gps_text *t = &s->gps[(n + GPS_TEXTS) % GPS_TEXTS];

		while (t->n == n && t->next < t->len &&
		       (double)(n - s->n) +
				       sim_gps_byte_s(s->cfg.gps, n, t->next) <
			       end_u)
			fe_front_on_gps_byte(&s->front,
					     (uint8_t)t->text[t->next++]);
	}
}

/* After a step edges have other numbers, and are judged by those. */
static void hear_event(struct sim_front *s, const struct fe_event *event,
		       double at_s)
{
	struct sim_second *sec = &s->now;

	if (sec->n_told < SIM_FRONT_EVENTS)
		sec->told[sec->n_told] = (struct sim_told){*event, at_s};
	sec->n_told++;
	if (event->name == FE_EVENT_STEP) {
		sec->first_ns = remainder(sec->first_ns, s->period_s * 1e9);
		sec->max_ns = sec->sum2_ns2 = 0;
		s->slip = 0;
	}
}

static void hear(struct sim_front *s, const char *text, double at_s)
{
	struct sim_second *sec = &s->now;
	struct fe_message m;

	switch (fe_message_decode(text, &m)) {
	case FE_MESSAGE_REPORT:
		sec->has_report = true;
		sec->report_at_s = at_s;
		sec->report = m.report;
		sec->n_reports++;
		break;
	case FE_MESSAGE_EVENT:
		hear_event(s, &m.event, at_s);
		break;
	case FE_MESSAGE_ACK:
	case FE_MESSAGE_NAK:
		sec->has_answer = true;
		sec->answer = m;
		break;
	case FE_MESSAGE_ID:
		sec->n_ids++;
		break;
	case FE_MESSAGE_BAD:
		sec->n_bad++;
	}
}

static void run_output(struct sim_front *s, double end_u)
{
	char buf[SIM_WIRE_SLICE];
	size_t len = fe_front_output(&s->front, buf, sim_wire_room(&s->wire));

	sim_wire_keep(&s->wire, buf, len);
	for (size_t i = 0; i < len; i++) {
		enum fe_line_result r = fe_line_push(&s->line, (uint8_t)buf[i]);

		if (r == FE_LINE_WHOLE)
			hear(s, s->line.text, end_u);
		s->now.n_bad += r == FE_LINE_BAD;
	}
}

static void run_input(struct sim_front *s)
{
	char buf[SIM_WIRE_SLICE];
	size_t len = sim_wire_carry(&s->wire, buf);

	for (size_t i = 0; i < len; i++)
		fe_front_on_host_byte(&s->front, (uint8_t)buf[i]);
}

void sim_front_put(struct sim_front *s, const char *bytes, size_t len)
{
	sim_wire_put(&s->wire, bytes, len);
}

void sim_front_say(struct sim_front *s, const char *text)
{
	sim_wire_say(&s->wire, text);
}

size_t sim_front_take(struct sim_front *s, char *buf, size_t size)
{
	return sim_wire_take(&s->wire, buf, size);
}

/* ---- life ---- */

static void power_on(struct sim_front *s, bool watchdog)
{
	uint32_t now_tick = tick_at(s, (double)s->slice / SIM_FRONT_SLICES);

	fe_front_init(&s->front,
		      &(struct fe_config){
			      .tick_hz = s->cfg.tick_hz,
			      .rate_hz = s->cfg.rate_hz,
			      .board = "sim",
			      .version = "sim",
			      .boot = ++s->boot,
			      .after_watchdog = watchdog,
		      },
		      now_tick);
	fe_line_init(&s->line);
	sim_wire_empty(&s->wire);
	s->any_edge = false;
	s->slip = 0;
	arm(s, now_tick);
}

struct sim_front *sim_front_new(const struct sim_front_config *cfg)
{
	struct sim_front *s = calloc(1, sizeof(*s));

	assert(s);
	s->cfg = *cfg;
	s->period_s = 1. / cfg->rate_hz;
	s->own_u = 1 - s->period_s / 2;
	s->next.n = 1;
	s->span = span_of(s, 0);
	expect_pulses(s, 0);
	expect_pulses(s, 1);
	expect_gps(s);
	power_on(s, false);
	return s;
}

void sim_front_free(struct sim_front *s)
{
	free(s);
}

void sim_front_reset(struct sim_front *s, bool watchdog)
{
	power_on(s, watchdog);
}

static void run_start(struct sim_front *s)
{
	uint32_t rise_tick, fall_tick;

	if (!fe_front_start_pulse(&s->front, &rise_tick, &fall_tick))
		return;
	s->now.started = true;
	s->now.start_at_s = time_of(s, rise_tick);
}

static void end_second(struct sim_front *s, struct sim_second *out)
{
	*out = s->now;
	s->slice = 0;
	s->n++;
	s->now = s->next;
	s->next = (struct sim_second){.n = s->n + 1};
	s->last_edge_u -= 1;
	s->span = span_of(s, s->n);
	expect_pulses(s, s->n + 1);
	expect_gps(s);
}

bool sim_front_slice(struct sim_front *s, struct sim_second *out)
{
	double end_u = (double)(s->slice + 1) / SIM_FRONT_SLICES;
	uint32_t now_tick = tick_at(s, end_u);

	run_edges(s, now_tick);
	run_pulses(s, end_u);
	run_gps(s, end_u);
	run_input(s);
	fe_front_poll(&s->front, now_tick);
	if (!s->armed)
		arm(s, now_tick);
	run_start(s);
	run_output(s, end_u);
	if (++s->slice < SIM_FRONT_SLICES)
		return false;
	end_second(s, out);
	return true;
}

void sim_front_second(struct sim_front *s, struct sim_second *out)
{
	while (!sim_front_slice(s, out))
		;
}
