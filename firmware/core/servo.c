/*
 * servo.c - the edges are kept on the pulses; see servo.h.
 */
#include "firmware/core/servo.h"

#include "firmware/core/follow.h"
#include "firmware/core/real.h"

/* Edges move by so much in a second, or a little when the rate is not known so
 * well: the limit is meant of the truth and not of the model. */
#define SLEW_NS   980.0f
#define LITTLE_NS 100.0f
#define PULL_S    2.0f
/* After edge 0 the new length is in force. */
#define LATE_S    0.125f
#define CLOSE_NS  100.0f
#define FAR_OFF   10.0f
/* Of the jitter's variance; all filters come below it in some seconds. */
#define KNOWN     0.5f
#define SETTLED_S 5
#define RECORD_S  30

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

/* Of edges against UTC, FE_SIGMA standard deviations. */
static float bound_ns(const struct fe_servo *s)
{
	float tick_ns = 4294967296.0f / s->osc.q32_per_ns;
	float var_ns2 = fe_follow_ns2(s) + tick_ns * tick_ns / 12;

	return fe_magnitude(fe_osc_ns(&s->osc, s->off_q32)) + s->gone_ns +
	       FE_SIGMA * fe_root(var_ns2);
}

/* The model knows the second better than the pulses do, and the edges are
 * there. */
static bool close_by(const struct fe_servo *s, float far)
{
	float jitter_ns = fe_pps_jitter_ns(&s->pps);
	float near_ns = jitter_ns > CLOSE_NS ? jitter_ns : CLOSE_NS;
	float off_ns = fe_magnitude(fe_osc_ns(&s->osc, s->off_q32));

	return fe_osc_var(&s->osc) < far * KNOWN && off_ns < far * near_ns;
}

static void settle(struct fe_servo *s)
{
	if (s->missing_s > fe_wander_drift_s(&s->wander))
		fe_osc_settle(&s->osc);
	if (s->state == FE_STATE_HOLDOVER && s->used)
		fe_follow_enter(s, FE_STATE_TRACK);
	s->settled_s = close_by(s, 1) ? s->settled_s + 1 : 0;
	if (s->state == FE_STATE_TRACK && s->settled_s >= SETTLED_S &&
	    s->labelled)
		s->state = FE_STATE_LOCKED;
	if (s->state == FE_STATE_LOCKED &&
	    (!s->labelled || !close_by(s, FAR_OFF)))
		fe_follow_enter(s, FE_STATE_TRACK);
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
	s->steered_q32 = step_q32;
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
	if (fe_magnitude(fe_osc_ns(&s->osc, s->off_q32)) > FE_STEP_NS) {
		align(s, edge0_q32, out);
		return;
	}
	s->aligned = true;
	fe_follow_enter(s, FE_STATE_TRACK);
}

static float slew_ns(const struct fe_servo *s)
{
	float left_ns = SLEW_NS - FE_SIGMA * fe_pps_jitter_ns(&s->pps) *
					  fe_root(fe_osc_length_var(&s->osc));

	return left_ns > LITTLE_NS ? left_ns : LITTLE_NS;
}

static void steer(struct fe_servo *s, struct fe_steer *out)
{
	float pull_ns = fe_osc_ns(&s->osc, s->off_q32) / PULL_S;
	float most_ns = slew_ns(s);
	uint64_t length_q32 = fe_osc_next(&s->osc) - fe_osc_mark(&s->osc);
	int64_t before_q32 = (int64_t)(s->steered_q32 - length_q32);

	s->slewing = fe_magnitude(pull_ns) > most_ns;
	if (s->slewing)
		pull_ns = pull_ns < 0 ? -most_ns : most_ns;
	s->gone_ns = LATE_S * fe_magnitude(fe_osc_ns(&s->osc, before_q32));
	s->steered_q32 = length_q32 - (uint64_t)fe_osc_q32(&s->osc, pull_ns);
	out->second_q32 = s->steered_q32;
}

void fe_servo_second(struct fe_servo *s, uint64_t edge0_q32,
		     struct fe_steer *out)
{
	*out = (struct fe_steer){.second_q32 = fe_osc_length(&s->osc)};
	s->gone_ns = 0;
	fe_follow_second(s);
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

/* Upwards; what is no number is the greatest. */
static uint32_t whole_ns(float ns)
{
	return ns < 4e9f ? (uint32_t)ns + 1 : UINT32_MAX;
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
		status->error_ns = whole_ns(bound_ns(s));
}
