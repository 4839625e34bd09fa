/* rig.c - see rig.h. */
#include "tests/firmware/rig.h"

#include <stdio.h>
#include <string.h>

/* A period may be a tick longer or shorter by rounding, and another one by the
 * 1 us/s that edges are slewed and the ppm that an oscillator is off. */
#define ODD_TICKS 2

/* Of the 64 bits those that the timer has; the value nearest to `near`. */
static uint64_t whole(uint64_t near, uint32_t tick)
{
	return near + (uint64_t)(int64_t)(int32_t)(tick - (uint32_t)near);
}

static void arm(struct rig *r)
{
	uint32_t tick;

	r->armed = fe_front_next_edge(
		&r->front, (uint32_t)(r->now + r->late_ticks), &tick);
	if (r->armed)
		r->armed_at = whole(r->now, tick);
	else
		r->n_idle++;
}

/* Ticks between edges, as asked for. */
static uint64_t period(const struct rig *r)
{
	return r->front.cfg.tick_hz / r->front.scan.divider.rate_hz;
}

static void edge(struct rig *r)
{
	uint64_t ticks = r->armed_at - r->last_at;

	r->now = r->armed_at;
	r->n_edges++;
	if (r->any && (ticks + ODD_TICKS < period(r) ||
		       ticks > period(r) + 1 + ODD_TICKS))
		r->n_odd++;
	if (r->any && ticks < r->min_ticks)
		r->min_ticks = ticks;
	if (r->any && ticks > r->max_ticks)
		r->max_ticks = ticks;
	if (r->n_starts && !r->after_rise && r->armed_at > r->rise)
		r->after_rise = r->armed_at;
	r->any = true;
	r->last_at = r->armed_at;
	arm(r);
}

static void pulse(struct rig *r)
{
	r->now = r->pulse;
	if (!r->no_pulses)
		fe_front_on_pulse(&r->front, (uint32_t)r->now);
	r->text_from = r->pulse;
	r->text_n = r->n;
	r->text_next = 0;
	r->text_len =
		r->no_sentences ? 0 : sim_gps_text(&r->gps, r->n, r->text);
	r->n++;
	r->pulse += r->second_ticks;
}

static uint64_t byte_at(const struct rig *r)
{
	double s = sim_gps_byte_s(&r->gps, r->text_n, r->text_next);

	return r->text_from + (uint64_t)(s * (double)r->second_ticks);
}

/* Interrupts, in order, until then. */
static void interrupts(struct rig *r, uint64_t until)
{
	for (;;) {
		uint64_t next_edge = r->armed ? r->armed_at : UINT64_MAX;
		uint64_t next_byte =
			r->text_next < r->text_len ? byte_at(r) : UINT64_MAX;
		uint64_t first = next_edge < r->pulse ? next_edge : r->pulse;

		if (next_byte < first)
			first = next_byte;
		if (first > until)
			break;
		if (first == next_byte)
			fe_front_on_gps_byte(&r->front,
					     (uint8_t)r->text[r->text_next++]);
		else if (first == next_edge)
			edge(r);
		else
			pulse(r);
	}
	r->now = until;
}

/* ---- the host ---- */

static void hear(struct rig *r, const char *text)
{
	struct fe_message m;

	switch (fe_message_decode(text, &m)) {
	case FE_MESSAGE_REPORT:
		r->report = m.report;
		r->report_at = r->now;
		r->n_reports++;
		break;
	case FE_MESSAGE_EVENT:
		r->n_events[m.event.name]++;
		r->value[m.event.name] = m.event.value;
		break;
	case FE_MESSAGE_ACK:
	case FE_MESSAGE_NAK:
		r->answer = m;
		r->n_answers++;
		break;
	case FE_MESSAGE_ID:
		r->id = m.id;
		r->n_ids++;
		break;
	case FE_MESSAGE_BAD:
		r->n_bad++;
	}
}

static void read_output(struct rig *r)
{
	char buf[11]; /* what 115200 baud carry in 1 ms */
	size_t n = r->deaf ? 0 : fe_front_output(&r->front, buf, sizeof(buf));

	for (size_t i = 0; i < n; i++) {
		enum fe_line_result got =
			fe_line_push(&r->line, (uint8_t)buf[i]);

		if (got == FE_LINE_WHOLE)
			hear(r, r->line.text);
		r->n_bad += got == FE_LINE_BAD;
	}
}

void rig_bytes(struct rig *r, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		fe_front_on_host_byte(&r->front, (uint8_t)bytes[i]);
}

void rig_say(struct rig *r, const char *text)
{
	char line[128];
	uint8_t sum = 0;

	for (const char *c = text; *c; c++)
		sum ^= (uint8_t)*c;
	snprintf(line, sizeof(line), "$%s*%02X\r\n", text, sum);
	rig_bytes(r, line, strlen(line));
}

bool rig_ask(struct rig *r, const char *text)
{
	unsigned n = r->n_answers;

	rig_say(r, text);
	for (int i = 0; i < 200 && r->n_answers == n; i++)
		rig_ms(r, 1);
	return r->n_answers > n && r->answer.kind == FE_MESSAGE_ACK;
}

/* ---- time ---- */

static void poll(struct rig *r)
{
	uint32_t rise, fall;

	fe_front_poll(&r->front, (uint32_t)r->now);
	if (fe_front_start_pulse(&r->front, &rise, &fall)) {
		r->n_starts++;
		r->rise = whole(r->now, rise);
		r->fall = whole(r->now, fall);
		r->after_rise = 0;
	}
	if (!r->armed)
		arm(r);
	read_output(r);
}

static void run(struct rig *r, uint64_t ticks)
{
	uint64_t until = r->now + ticks;
	uint64_t step = (uint64_t)r->front.cfg.tick_hz / 1000000 * r->poll_us;

	while (r->now < until) {
		uint64_t left = until - r->now;

		interrupts(r, r->now + (left < step ? left : step));
		poll(r);
	}
}

void rig_ms(struct rig *r, uint32_t ms)
{
	run(r, (uint64_t)r->front.cfg.tick_hz / 1000 * ms);
}

void rig_to_second(struct rig *r, uint32_t ms)
{
	uint64_t then = r->pulse + r->front.cfg.tick_hz / 1000 * ms;

	run(r, then - r->now);
}

void rig_stall(struct rig *r, uint32_t us)
{
	interrupts(r, r->now + (uint64_t)r->front.cfg.tick_hz / 1000000 * us);
	poll(r);
}

bool rig_lock(struct rig *r)
{
	for (int i = 0; i < 60; i++) {
		rig_to_second(r, 200);
		if (r->report.state == FE_STATE_LOCKED)
			return true;
	}
	return false;
}

void rig_clear(struct rig *r)
{
	memset(r->n_events, 0, sizeof(r->n_events));
	r->n_odd = 0;
	r->n_idle = 0;
	r->min_ticks = UINT64_MAX;
	r->max_ticks = 0;
}

int64_t rig_utc_s(const struct rig *r)
{
	bool in_leap;

	return sim_gps_utc_s(&r->gps, r->n - 1, &in_leap);
}

void rig_init(struct rig *r, uint32_t rate_hz, uint32_t first_tick)
{
	struct fe_config cfg = {.tick_hz = RIG_TICK_HZ,
				.rate_hz = rate_hz,
				.board = "rig",
				.version = "1.2",
				.boot = 7};

	memset(r, 0, sizeof(*r));
	sim_gps_init(&r->gps);
	r->gps.start_utc_s = 1800000000;
	r->now = (UINT64_C(1) << 32) + first_tick;
	r->second_ticks = RIG_TICK_HZ + 2520; /* 30 ppm */
	r->pulse = r->now + RIG_TICK_HZ / 3;
	r->poll_us = 1000;
	fe_line_init(&r->line);
	fe_front_init(&r->front, &cfg, (uint32_t)r->now);
	rig_clear(r);
	arm(r);
}
