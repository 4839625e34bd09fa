/*
 * servo.c - the edges are kept on the pulses; see servo.h.
 */
#include "firmware/core/servo.h"

#define NS_PER_MS   1e6f
/* Of the rate; the limit is 1e-6, of the truth and not of the model. */
#define SLEW        0.9e-6f
#define PULL_S      2.0f
#define SIGMA       3.0f
/* Of the jitter's variance, what neighbouring pulses share (a receiver's
 * sawtooth stands still at times) and no averaging takes out. */
#define COMMON      0.5f
/* After edge 0 the new length is in force. */
#define LATE_S      0.1f
#define CLOSE_NS    100.0f
#define SETTLED_S   5
#define LOST_S      2
#define STRANGE_S   8
#define NO_LINE_S   10
/* So long a single pulse inside the gate is believed again. */
#define FOLLOW_S    60
#define APART_S     30
#define RECORD_S    30
#define FORGOTTEN_S 60
/* Between two pulses of one second; ringing is faster. */
#define FAR_NS      (10 * NS_PER_MS)
#define STEP_NS     NS_PER_MS

void fe_servo_init(struct fe_servo *s, uint32_t tick_hz)
{
	*s = (struct fe_servo){.state = FE_STATE_INIT};
	fe_osc_init(&s->osc, tick_hz);
	fe_pps_init(&s->pps, tick_hz);
	fe_wander_init(&s->wander);
}

void fe_servo_delay(struct fe_servo *s, uint32_t delay_ns)
{
	uint64_t delay_q32 = (s->osc.nominal_q32 / 1000000000) * delay_ns;

	fe_osc_shift(&s->osc, (int64_t)(s->delay_q32 - delay_q32));
	fe_pps_forget(&s->pps);
	fe_wander_interrupt(&s->wander);
	s->delay_q32 = delay_q32;
}

void fe_servo_label(struct fe_servo *s, bool believed)
{
	s->labelled = believed;
}

static void enter(struct fe_servo *s, enum fe_state state)
{
	s->state = state;
	s->settled_s = 0;
	s->strange_s = 0;
	s->apart_s = 0;
}

void fe_servo_fault(struct fe_servo *s)
{
	enter(s, FE_STATE_FAULT);
	fe_pps_forget(&s->pps);
	fe_wander_interrupt(&s->wander);
}

static float magnitude(float v)
{
	return v < 0 ? -v : v;
}

static bool following(const struct fe_servo *s)
{
	return s->state == FE_STATE_TRACK || s->state == FE_STATE_LOCKED ||
	       (s->state == FE_STATE_HOLDOVER && s->missing_s <= FOLLOW_S);
}

/* Variance of the model's second against UTC. */
static float model_ns2(const struct fe_servo *s)
{
	float away_ns;

	if (!s->missing_s)
		return s->held_ns2;
	away_ns = fe_wander_ns(&s->wander, s->missing_s);
	return s->held_ns2 + away_ns * away_ns;
}

static void take(struct fe_servo *s, uint64_t pulse_q32)
{
	float jitter_ns = fe_pps_jitter_ns(&s->pps);

	s->used = true;
	s->used_q32 = pulse_q32;
	s->missing_s = 0;
	s->apart_s = 0;
	s->held_ns2 = jitter_ns * jitter_ns * (fe_osc_var(&s->osc) + COMMON);
}

static enum fe_pps_verdict follow(struct fe_servo *s, uint64_t pulse_q32)
{
	float late_ns =
		fe_osc_ns(&s->osc, (int64_t)(pulse_q32 - fe_osc_mark(&s->osc)));
	float var = fe_osc_var(&s->osc);
	float gate_ns = fe_pps_gate_ns(&s->pps, var);

	if (s->missing_s)
		gate_ns += SIGMA * fe_wander_ns(&s->wander, s->missing_s);
	if (s->used)
		return FE_PPS_DOUBLE;
	if (magnitude(late_ns) > gate_ns) {
		fe_pps_refuse(&s->pps);
		return FE_PPS_REFUSED;
	}
	fe_pps_learn(&s->pps, late_ns, var);
	fe_osc_pulse(&s->osc, pulse_q32, fe_pps_jitter_ns(&s->pps));
	take(s, pulse_q32);
	return FE_PPS_USED;
}

/* A line of pulses is believed. */
static void begin(struct fe_servo *s, const struct fe_pps_line *line, bool warm)
{
	fe_osc_start(&s->osc, line->mark_q32, line->second_q32,
		     fe_pps_jitter_ns(&s->pps), warm);
	fe_wander_interrupt(&s->wander);
	s->model_s = 0;
	s->modelled = true;
	enter(s, warm ? FE_STATE_TRACK : FE_STATE_ACQUIRE);
}

static enum fe_pps_verdict search(struct fe_servo *s, uint64_t pulse_q32)
{
	struct fe_pps_line line;
	float apart_ns;

	if (!fe_pps_find(&s->pps, &line))
		return FE_PPS_HELD;
	if (s->state != FE_STATE_HOLDOVER) {
		begin(s, &line, false);
		take(s, pulse_q32);
		return FE_PPS_USED;
	}
	apart_ns = magnitude(fe_osc_ns(
		&s->osc, (int64_t)(line.mark_q32 - fe_osc_mark(&s->osc))));
	if (apart_ns > SIGMA * fe_root(model_ns2(s)) + CLOSE_NS &&
	    ++s->apart_s < APART_S)
		return FE_PPS_REFUSED;
	begin(s, &line, apart_ns < STEP_NS);
	take(s, pulse_q32);
	return FE_PPS_USED;
}

/* More than one pulse a second, and no ringing. */
static void count(struct fe_servo *s, uint64_t pulse_q32)
{
	uint64_t gap_q32 = pulse_q32 - s->last_q32;
	uint64_t far_q32 = (uint64_t)fe_osc_q32(&s->osc, FAR_NS);

	s->silent_s = 0;
	if (s->n_pulses && gap_q32 < far_q32)
		return;
	s->n_pulses++;
	s->last_q32 = pulse_q32;
	fe_pps_note(&s->pps, pulse_q32);
}

enum fe_pps_verdict fe_servo_pulse(struct fe_servo *s, uint64_t pulse_q32)
{
	enum fe_pps_verdict verdict = FE_PPS_REFUSED;

	/* It came within the tick that was captured. */
	pulse_q32 += (UINT64_C(1) << 31) - s->delay_q32;
	count(s, pulse_q32);
	if (s->state == FE_STATE_INIT)
		enter(s, FE_STATE_ACQUIRE);
	if (s->modelled)
		fe_osc_advance(&s->osc, pulse_q32);
	if (following(s) || (s->state == FE_STATE_ACQUIRE && s->modelled))
		verdict = follow(s, pulse_q32);
	else
		verdict = search(s, pulse_q32);
	if (verdict == FE_PPS_REFUSED && s->state == FE_STATE_HOLDOVER &&
	    following(s))
		verdict = search(s, pulse_q32);
	return verdict;
}

/* ---- the second's end of it ---- */

static void lost(struct fe_servo *s)
{
	if (s->silent_s > FORGOTTEN_S && s->state != FE_STATE_HOLDOVER) {
		enter(s, FE_STATE_INIT);
		fe_pps_forget(&s->pps);
		s->modelled = false;
		s->aligned = false;
		s->aligning = false;
	}
	if (s->missing_s <= LOST_S)
		return;
	if (s->state == FE_STATE_TRACK || s->state == FE_STATE_LOCKED) {
		enter(s, FE_STATE_HOLDOVER);
		fe_pps_forget(&s->pps);
		fe_wander_interrupt(&s->wander);
	}
}

static void judge_pulses(struct fe_servo *s)
{
	bool searching = s->state == FE_STATE_ACQUIRE && !s->modelled;

	s->missing_s = s->used ? 0 : s->missing_s + 1;
	s->silent_s = s->n_pulses ? 0 : s->silent_s + 1;
	if (s->n_pulses > 1)
		s->strange_s++;
	else if (!searching)
		s->strange_s = 0;
	if (searching)
		s->strange_s++;
	if (s->strange_s > (searching ? NO_LINE_S : STRANGE_S) &&
	    s->state != FE_STATE_FAULT && !s->silent_s)
		fe_servo_fault(s);
	if (!s->n_pulses)
		s->apart_s = 0;
	lost(s);
}

static void settle(struct fe_servo *s)
{
	float off_ns = magnitude(fe_osc_ns(&s->osc, s->off_q32));
	float jitter_ns = fe_pps_jitter_ns(&s->pps);
	float close_ns = jitter_ns > CLOSE_NS ? jitter_ns : CLOSE_NS;

	if (s->state == FE_STATE_HOLDOVER &&
	    s->missing_s > fe_wander_drift_s(&s->wander))
		fe_osc_settle(&s->osc);
	if (s->state == FE_STATE_HOLDOVER && s->used)
		enter(s, FE_STATE_TRACK);
	s->settled_s = off_ns < close_ns ? s->settled_s + 1 : 0;
	if (s->state == FE_STATE_TRACK && s->settled_s >= SETTLED_S &&
	    s->labelled)
		s->state = FE_STATE_LOCKED;
	if (s->state == FE_STATE_LOCKED &&
	    (!s->labelled || off_ns > 10 * close_ns))
		enter(s, FE_STATE_TRACK);
}

/* Some time after it began, the model's errors are the oscillator's. */
static void record(struct fe_servo *s)
{
	if (s->state != FE_STATE_TRACK && s->state != FE_STATE_LOCKED)
		s->model_s = 0;
	else if (s->model_s < RECORD_S)
		s->model_s++;
	else
		fe_wander_second(&s->wander, &s->osc);
}

/* Edges that are elsewhere are put on the first second well ahead. */
static void align(struct fe_servo *s, uint64_t edge0_q32, struct fe_steer *out)
{
	uint64_t step_q32 = fe_osc_next(&s->osc) - fe_osc_mark(&s->osc);
	uint64_t at_q32 = fe_osc_mark(&s->osc);
	int64_t ahead_q32 = (int64_t)(s->osc.nominal_q32 * 2 / 5 * 3);

	while ((int64_t)(at_q32 - edge0_q32) < ahead_q32)
		at_q32 += step_q32;
	*out = (struct fe_steer){
		.align = true, .at_q32 = at_q32, .second_q32 = step_q32};
	s->aligned = false;
	s->aligning = true;
	s->align_q32 = at_q32;
}

static void acquire(struct fe_servo *s, uint64_t edge0_q32,
		    struct fe_steer *out)
{
	int64_t soon_q32 = (int64_t)(s->osc.nominal_q32 / 1000);

	if (s->aligning && (int64_t)(edge0_q32 - s->align_q32) < -soon_q32)
		return;
	s->aligning = false;
	if (magnitude(fe_osc_ns(&s->osc, s->off_q32)) > STEP_NS) {
		align(s, edge0_q32, out);
		return;
	}
	s->aligned = true;
	enter(s, FE_STATE_TRACK);
}

static void steer(struct fe_servo *s, struct fe_steer *out)
{
	float pull_ns = fe_osc_ns(&s->osc, s->off_q32) / PULL_S;
	float most_ns = SLEW * 1e9f;
	uint64_t length_q32;

	s->slewing = magnitude(pull_ns) > most_ns;
	if (s->slewing)
		pull_ns = pull_ns < 0 ? -most_ns : most_ns;
	length_q32 = fe_osc_next(&s->osc) - fe_osc_mark(&s->osc);
	s->gone_ns = LATE_S *
		     magnitude(fe_osc_ns(
			     &s->osc, (int64_t)(s->steered_q32 - length_q32)));
	s->steered_q32 = length_q32 - (uint64_t)fe_osc_q32(&s->osc, pull_ns);
	out->second_q32 = s->steered_q32;
}

void fe_servo_second(struct fe_servo *s, uint64_t edge0_q32,
		     struct fe_steer *out)
{
	*out = (struct fe_steer){.second_q32 = fe_osc_length(&s->osc)};
	s->gone_ns = 0;
	judge_pulses(s);
	s->has_phase = s->used && s->aligned;
	s->slewing = false;
	if (s->modelled) {
		fe_osc_advance(&s->osc, edge0_q32);
		s->off_q32 = (int64_t)(edge0_q32 - fe_osc_mark(&s->osc));
		if (s->state == FE_STATE_ACQUIRE)
			acquire(s, edge0_q32, out);
		settle(s);
		record(s);
		if (s->aligned && !s->aligning)
			steer(s, out);
	}
	if (s->has_phase)
		s->phase_ns = (int32_t)fe_osc_ns(
			&s->osc, (int64_t)(edge0_q32 - s->used_q32));
	s->used = false;
	s->n_pulses = 0;
}

static uint32_t bound_ns(const struct fe_servo *s)
{
	float tick_ns = 4294967296.0f / s->osc.q32_per_ns;
	float off_ns = magnitude(fe_osc_ns(&s->osc, s->off_q32));
	float all_ns = off_ns + s->gone_ns +
		       SIGMA * fe_root(model_ns2(s) + tick_ns * tick_ns / 12);

	return all_ns < 4e9f ? (uint32_t)all_ns + 1 : UINT32_MAX;
}

void fe_servo_status(const struct fe_servo *s, struct fe_servo_status *status)
{
	bool on = s->aligned &&
		  (s->state == FE_STATE_TRACK || s->state == FE_STATE_LOCKED ||
		   s->state == FE_STATE_HOLDOVER);

	*status = (struct fe_servo_status){
		.state = s->state,
		.has_phase = s->has_phase && on,
		.has_freq = s->modelled,
		.has_error = on,
		.phase_ns = s->phase_ns,
		.freq_ppb = (int32_t)fe_osc_off_ns_per_s(&s->osc),
		.slewing = s->slewing,
		.aligned = on,
	};
	if (on)
		status->error_ns = bound_ns(s);
}
