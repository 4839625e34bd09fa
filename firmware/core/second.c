/* second.c - see second.h. */
#include "firmware/core/second.h"

#include "firmware/core/front.h"
#include "firmware/core/report.h"

/* After edge 0: the pulse is in, and the host is to hear within 100 ms. */
#define CLOSE_MS 50
/* Pulses are lost where there was none for that long. */
#define LOST_MS  1500

void fe_seconds_init(struct fe_seconds *s, uint32_t tick_hz)
{
	*s = (struct fe_seconds){.nominal_q32 = (uint64_t)tick_hz << 32,
				 .state = FE_STATE_INIT};
}

static bool is_past(const struct fe_front *f, uint64_t at_q32, uint32_t ms)
{
	uint64_t wait_q32 = f->seconds.nominal_q32 / 1000 * ms;

	return (int64_t)(f->now_q32 - at_q32) >= (int64_t)wait_q32;
}

static void tell(struct fe_front *f, enum fe_event_name name, int64_t value)
{
	fe_report_event(&f->tell, &f->label, name, value);
}

/* As the host is told it. */
static enum fe_state state_of(const struct fe_front *f)
{
	if (f->seconds.torn || f->naming.jumped)
		return FE_STATE_FAULT;
	return f->servo.state;
}

/* Where it is another than told. */
static void tell_state(struct fe_front *f)
{
	enum fe_state state = state_of(f);

	if (state == f->seconds.state)
		return;
	f->seconds.state = state;
	tell(f, FE_EVENT_STATE, (int64_t)state);
}

bool fe_seconds_can_start(const struct fe_front *f)
{
	enum fe_state state = state_of(f);

	return (state == FE_STATE_LOCKED || state == FE_STATE_HOLDOVER) &&
	       f->label.valid && f->seconds.aligned &&
	       f->seconds.rate_hz == f->scan.rate_hz;
}

void fe_seconds_look_again(struct fe_front *f)
{
	f->seconds.n_looked = f->scan.n_begun;
}

/* ---- pulses ---- */

static void take_pulse(struct fe_front *f, uint32_t tick)
{
	struct fe_seconds *s = &f->seconds;
	uint64_t at_q32 = (uint64_t)tick << 32;

	switch (fe_servo_pulse(&f->servo, at_q32)) {
	case FE_PPS_DOUBLE:
		fe_tell_count(&f->tell, FE_EVENT_PPS_DOUBLE, 1);
		return;
	case FE_PPS_REFUSED:
		fe_tell_count(&f->tell, FE_EVENT_PPS_REFUSED, 1);
		return;
	case FE_PPS_USED:
		s->pulse = true;
		break;
	case FE_PPS_HELD:
		break;
	}
	s->pulse_q32 = at_q32;
	if (!s->pps)
		tell(f, FE_EVENT_PPS_BACK, s->lost_s);
	s->pps = true;
	s->lost_s = 0;
	if (!s->aligned && s->pulse)
		fe_naming_mark(&f->naming, at_q32);
}

static void take_pulses(struct fe_front *f)
{
	struct fe_seconds *s = &f->seconds;
	uint32_t tick;

	while (fe_pulses_take(&f->pulses, &tick))
		take_pulse(f, tick);
	if (s->pps && is_past(f, s->pulse_q32, LOST_MS)) {
		s->pps = false;
		tell(f, FE_EVENT_PPS_LOST, 0);
	}
}

/* ---- edges 0 ---- */

/* What the label will be in the i-th second to come. */
static int64_t label_to_come(const struct fe_front *f, uint32_t i)
{
	struct fe_label label = f->label;

	for (uint32_t k = 0; k <= i; k++)
		fe_label_pulse(&label);
	return label.now.utc_s;
}

/* Seconds new in the ring: the start pulse may be for one of them. */
static void look_ahead(struct fe_front *f)
{
	struct fe_seconds *s = &f->seconds;

	for (; s->n_looked != f->scan.n_put; s->n_looked++) {
		uint32_t i = s->n_looked - f->scan.n_begun;
		const struct fe_scan_second *c = fe_scan_coming(&f->scan, i);

		if (!c || !fe_start_is_armed(&f->start))
			continue;
		if (c->aligned)
			fe_start_cancel(&f->start);
		else
			fe_start_coming(&f->start, label_to_come(f, i),
					c->edge0_q32, c->half_ticks);
	}
}

static void begin_start(struct fe_front *f)
{
	int64_t utc_s = f->label.now.utc_s;

	if (!f->label.valid)
		fe_start_cancel(&f->start);
	switch (fe_start_begun(&f->start, utc_s)) {
	case FE_START_NOT_YET:
		break;
	case FE_START_DONE:
		tell(f, FE_EVENT_STARTED, utc_s);
		break;
	case FE_START_MISSED:
		fe_tell_count(&f->tell, FE_EVENT_UNDERRUN, 1);
		break;
	}
}

static void close_second(struct fe_front *f)
{
	struct fe_seconds *s = &f->seconds;
	struct fe_servo_status status;
	struct fe_steer steer;

	s->open = false;
	s->rate_hz = s->open_rate_hz;
	fe_servo_label(&f->servo, f->label.valid);
	fe_servo_second(&f->servo, s->edge0_q32, &steer);
	if (steer.align)
		fe_scan_align(&f->scan, steer.at_q32, steer.second_q32);
	else
		fe_scan_steer(&f->scan, steer.second_q32);
	fe_servo_status(&f->servo, &status);
	if (status.aligned) {
		s->aligned = true;
		s->torn = false;
	}
	tell_state(f);
	fe_report_second(f, state_of(f));
	s->pulse = false;
	if (!s->pps)
		s->lost_s++;
}

static void begin_second(struct fe_front *f, const struct fe_scan_second *c)
{
	struct fe_seconds *s = &f->seconds;

	if (s->open)
		close_second(f);
	s->open = true;
	s->edge0_q32 = c->edge0_q32;
	s->open_rate_hz = c->rate_hz;
	s->aligned = s->aligned || c->aligned;
	if (s->aligned)
		fe_naming_mark(&f->naming, c->edge0_q32);
	fe_tell_second(&f->tell);
	if (c->aligned || c->other_rate)
		tell(f, FE_EVENT_STEP, c->rate_hz);
	begin_start(f);
}

void fe_seconds_poll(struct fe_front *f)
{
	struct fe_seconds *s = &f->seconds;
	struct fe_scan_second c;

	take_pulses(f);
	look_ahead(f);
	while (fe_scan_begun(&f->scan, f->now_q32, &c))
		begin_second(f, &c);
	if (!s->aligned)
		fe_naming_count(&f->naming, f->now_q32);
	if (s->open && is_past(f, s->edge0_q32, CLOSE_MS))
		close_second(f);
}

/* ---- what goes wrong ---- */

static void check_edges(struct fe_front *f)
{
	struct fe_seconds *s = &f->seconds;
	uint32_t n = fe_edges_gaps(&f->scan.edges);

	if (n == s->n_gaps)
		return;
	fe_tell_count(&f->tell, FE_EVENT_UNDERRUN, n - s->n_gaps);
	s->n_gaps = n;
	s->torn = true;
	fe_servo_fault(&f->servo);
}

void fe_seconds_check(struct fe_front *f)
{
	check_edges(f);
	tell_state(f);
	if (state_of(f) == FE_STATE_FAULT || !f->label.valid)
		fe_start_cancel(&f->start);
	fe_tell_counted(&f->tell, fe_report_utc_s(&f->label));
}
