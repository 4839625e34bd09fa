/*
 * follow.c - what the servo makes of a pulse; see follow.h.
 */
#include "firmware/core/follow.h"

#include "firmware/core/real.h"

/* Of the jitter's variance, what neighbouring pulses share (a receiver's
 * sawtooth stands still at times) and no averaging takes out. */
#define COMMON      0.5f
/* Pulses that tell of an error nobody expects, and what is usual of their mean
 * square. */
#define MISSED_S    4.0f
#define USUAL       2.0f
/* A line may lie so far beside the bound, which is small with good pulses. */
#define BESIDE_NS   100.0f
/* From one pulse to the next: no oscillator does more. */
#define STRAY_NS    4000.0f
/* The second pulse in a row that is missing: the last is 2 s old. The one after
 * it may still belong to those before. */
#define LOST_S      2
#define PARTED_S    3
#define CROWDED_S   8
#define NO_LINE_S   10
/* So long a single pulse inside the gate is believed again. */
#define FOLLOW_S    60
#define APART_S     30
#define FORGOTTEN_S 60
/* Between two pulses of one second; ringing is faster. */
#define FAR_NS      10e6f

void fe_follow_enter(struct fe_servo *s, enum fe_state state)
{
	s->state = state;
	s->settled_s = 0;
	s->crowded_s = 0;
	s->unlined_s = 0;
	s->apart_s = 0;
}

void fe_servo_fault(struct fe_servo *s)
{
	fe_follow_enter(s, FE_STATE_FAULT);
	fe_pps_forget(&s->pps);
	fe_wander_interrupt(&s->wander);
}

static bool following(const struct fe_servo *s)
{
	return s->state == FE_STATE_TRACK || s->state == FE_STATE_LOCKED ||
	       (s->state == FE_STATE_HOLDOVER && s->missing_s <= FOLLOW_S);
}

/* What the last pulses were off more than the jitter explains. */
static float excess(const struct fe_servo *s)
{
	float jitter_ns = fe_pps_jitter_ns(&s->pps);
	float usual_ns2 =
		USUAL * jitter_ns * jitter_ns * (1 + fe_osc_var(&s->osc));

	return s->missed2_ns2 > usual_ns2 ? s->missed2_ns2 - usual_ns2 : 0;
}

/* Without what recent pulses tell. */
static float model_ns2(const struct fe_servo *s)
{
	float away_ns = 0;

	if (s->missing_s)
		away_ns = fe_wander_ns(&s->wander, s->missing_s);
	return s->held_ns2 + away_ns * away_ns;
}

static void take(struct fe_servo *s, uint64_t pulse_q32)
{
	float jitter_ns = fe_pps_jitter_ns(&s->pps);

	s->used = true;
	s->used_q32 = pulse_q32;
	s->missing_s = 0;
	s->apart = false;
	s->held_ns2 = jitter_ns * jitter_ns * (fe_osc_var(&s->osc) + COMMON);
}

/* A pulse outside the gate. Twice, with none near the middle between them, and
 * no jump to those that were used: it is the oscillator that went another way. */
static bool turned(struct fe_servo *s, uint64_t pulse_q32)
{
	struct fe_pps_line line;
	bool again = s->refused;

	s->refused = true;
	if (!again || s->missing_s > FE_PPS_LINE - 2 ||
	    !fe_pps_find(&s->pps, &line) || !fe_pps_smooth(&s->pps, &line))
		return false;
	fe_osc_start(&s->osc, line.mark_q32, line.second_q32,
		     fe_pps_jitter_ns(&s->pps), FE_OSC_TURNED);
	s->refused = false;
	take(s, pulse_q32);
	return true;
}

/* Pulses that left the gate by little after little: the oscillator may do so. */
static void note_late(struct fe_servo *s, float late_ns, float gate_ns)
{
	bool near = fe_magnitude(s->late_ns) <= gate_ns || s->strays;

	s->strays = near && fe_magnitude(late_ns - s->late_ns) < STRAY_NS;
	s->late_ns = late_ns;
}

/* One alone outside the gate is an outlier, and tells nothing; several may be
 * the receiver's fault, and do not tell how much, unless they strayed. */
static void miss(struct fe_servo *s, float late_ns, float gate_ns)
{
	float most_ns2 = 4 * gate_ns * gate_ns, miss2_ns2 = late_ns * late_ns;

	note_late(s, late_ns, gate_ns);
	if (fe_magnitude(late_ns) > gate_ns && !s->refused)
		return;
	if (miss2_ns2 > most_ns2 && !s->strays)
		miss2_ns2 = most_ns2;
	s->missed2_ns2 += (miss2_ns2 - s->missed2_ns2) / MISSED_S;
}

/* Less than 3/4 of a second after the one of this second. */
static bool again(const struct fe_servo *s, uint64_t pulse_q32)
{
	uint64_t near_q32 = s->osc.nominal_q32 / 4 * 3;

	return !s->missing_s && pulse_q32 - s->used_q32 < near_q32;
}

static enum fe_pps_verdict follow(struct fe_servo *s, uint64_t pulse_q32)
{
	float late_ns =
		fe_osc_ns(&s->osc, (int64_t)(pulse_q32 - fe_osc_mark(&s->osc)));
	float var = fe_osc_var(&s->osc);
	float gate_ns = fe_pps_gate_ns(&s->pps, var);

	if (s->used || again(s, pulse_q32))
		return FE_PPS_DOUBLE;
	miss(s, late_ns, gate_ns);
	if (fe_magnitude(late_ns) > gate_ns)
		return turned(s, pulse_q32) ? FE_PPS_USED : FE_PPS_REFUSED;
	if (fe_magnitude(late_ns) < gate_ns / 2)
		s->refused = false;
	fe_pps_learn(&s->pps, late_ns, var);
	fe_osc_pulse(&s->osc, pulse_q32, fe_pps_jitter_ns(&s->pps));
	take(s, pulse_q32);
	return FE_PPS_USED;
}

/* A line of pulses is believed. */
static void begin(struct fe_servo *s, const struct fe_pps_line *line, bool warm)
{
	fe_pps_begin(&s->pps, line, !warm);
	fe_osc_start(&s->osc, line->mark_q32, line->second_q32,
		     fe_pps_jitter_ns(&s->pps),
		     warm ? FE_OSC_WARM : FE_OSC_COLD);
	fe_wander_interrupt(&s->wander);
	s->model_s = 0;
	s->modelled = true;
	s->missed2_ns2 = 0;
	s->refused = false;
	fe_follow_enter(s, warm ? FE_STATE_TRACK : FE_STATE_ACQUIRE);
}

static enum fe_pps_verdict search(struct fe_servo *s, uint64_t pulse_q32)
{
	struct fe_pps_line line;
	float apart_ns;

	if (!fe_pps_find(&s->pps, &line))
		return FE_PPS_HELD;
	s->lined = true;
	if (s->state != FE_STATE_HOLDOVER) {
		begin(s, &line, false);
		take(s, pulse_q32);
		return FE_PPS_USED;
	}
	apart_ns = fe_magnitude(fe_osc_ns(
		&s->osc, (int64_t)(line.mark_q32 - fe_osc_mark(&s->osc))));
	s->apart = apart_ns > FE_SIGMA * fe_root(model_ns2(s)) + BESIDE_NS;
	if (s->apart && s->apart_s < APART_S)
		return FE_PPS_REFUSED;
	begin(s, &line, apart_ns < FE_STEP_NS);
	take(s, pulse_q32);
	return FE_PPS_USED;
}

/* False: it is the last one's ringing. */
static bool count(struct fe_servo *s, uint64_t pulse_q32)
{
	uint64_t gap_q32 = pulse_q32 - s->last_q32;
	uint64_t far_q32 = (uint64_t)fe_osc_q32(&s->osc, FAR_NS);

	s->silent_s = 0;
	if (s->n_pulses && gap_q32 < far_q32)
		return false;
	s->n_pulses++;
	s->last_q32 = pulse_q32;
	fe_pps_note(&s->pps, pulse_q32);
	return true;
}

enum fe_pps_verdict fe_servo_pulse(struct fe_servo *s, uint64_t pulse_q32)
{
	enum fe_pps_verdict verdict;
	bool rings;

	/* It came within the tick that was captured. */
	pulse_q32 += (UINT64_C(1) << 31) - s->delay_q32;
	rings = !count(s, pulse_q32);
	if (s->state == FE_STATE_INIT)
		fe_follow_enter(s, FE_STATE_ACQUIRE);
	if (s->modelled)
		fe_osc_advance(&s->osc, pulse_q32);
	if (following(s) || (s->state == FE_STATE_ACQUIRE && s->modelled))
		verdict = follow(s, pulse_q32);
	else
		verdict = rings ? FE_PPS_DOUBLE : search(s, pulse_q32);
	if (verdict == FE_PPS_REFUSED && !rings &&
	    s->state == FE_STATE_HOLDOVER && s->missing_s >= PARTED_S &&
	    following(s))
		verdict = search(s, pulse_q32);
	return verdict;
}

/* ---- once a second ---- */

static void lost(struct fe_servo *s)
{
	if (s->silent_s > FORGOTTEN_S && s->state != FE_STATE_HOLDOVER) {
		fe_follow_enter(s, FE_STATE_INIT);
		fe_pps_forget(&s->pps);
		s->modelled = false;
		s->aligned = false;
		s->aligning = false;
	}
	if (s->missing_s >= LOST_S &&
	    (s->state == FE_STATE_TRACK || s->state == FE_STATE_LOCKED)) {
		fe_follow_enter(s, FE_STATE_HOLDOVER);
		fe_wander_interrupt(&s->wander);
	}
	if (s->missing_s == PARTED_S && s->state == FE_STATE_HOLDOVER)
		fe_pps_forget(&s->pps);
}

/* Too many pulses, or for long none that make a line. */
static bool contradict(struct fe_servo *s)
{
	bool lost_line = s->n_pulses && !s->used && !s->lined;

	s->crowded_s = s->n_pulses > 1 ? s->crowded_s + 1 : 0;
	if (lost_line)
		s->unlined_s++;
	else if (s->n_pulses)
		s->unlined_s = 0;
	return s->crowded_s >= CROWDED_S || s->unlined_s >= NO_LINE_S;
}

void fe_follow_second(struct fe_servo *s)
{
	s->missing_s = s->used ? 0 : s->missing_s + 1;
	s->silent_s = s->n_pulses ? 0 : s->silent_s + 1;
	s->apart_s = s->apart ? s->apart_s + 1 : 0;
	s->apart = false;
	if (contradict(s) && s->state != FE_STATE_FAULT)
		fe_servo_fault(s);
	lost(s);
	s->lined = false;
}

float fe_follow_ns2(const struct fe_servo *s)
{
	return model_ns2(s) + excess(s);
}
