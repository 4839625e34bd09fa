/*
 * sim_servo.c - the servo on a simulated second; see sim_servo.h.
 */
#include "tests/firmware/sim/sim_servo.h"

#include <math.h>

/* The servo is asked, and obeyed, so many edges of 1000 after edge 0. */
enum { ASKED_PER_MILLE = 125, RATE_HZ = 18000 };

#define Q32 4294967296.0

static uint64_t q32_of(struct sim_count c)
{
	return ((uint64_t)c.whole << 32) + (uint64_t)(c.part * Q32);
}

static double ticks(uint64_t to_q32, uint64_t from_q32)
{
	return (double)(int64_t)(to_q32 - from_q32) / Q32;
}

/* ---- true time of a count within a second ---- */

struct span {
	uint64_t from_q32;
	double c[4]; /* ticks = sum c[i] u^i */
};

/* The cubic through four points; what it leaves out is below 0.1 of the
 * oscillator's noise in a second. */
static struct span span_of(const struct sim_osc *osc, int64_t n)
{
	uint64_t from_q32 = q32_of(sim_osc_count(osc, n, 0));
	struct span s = {.from_q32 = from_q32};
	double y[4], d1, d2, d3;

	for (int i = 0; i < 4; i++)
		y[i] = ticks(q32_of(sim_osc_count(osc, n, i / 3.0)), from_q32);
	/* Newton's forward differences in v = 3 u. */
	d1 = y[1] - y[0];
	d2 = (y[2] - y[1] - d1) / 2;
	d3 = (y[3] - 3 * y[2] + 3 * y[1] - y[0]) / 6;
	s.c[0] = y[0];
	s.c[1] = 3 * (d1 - d2 + 2 * d3);
	s.c[2] = 9 * (d2 - 3 * d3);
	s.c[3] = 27 * d3;
	return s;
}

static double time_in(const struct span *s, uint64_t q32)
{
	double want = ticks(q32, s->from_q32), u = want / s->c[1];

	for (int i = 0; i < 3; i++)
		u = (want - s->c[0] - u * u * (s->c[2] + u * s->c[3])) /
		    s->c[1];
	return u;
}

/* ---- pulses ---- */

static void expect(struct sim_servo *s, int64_t n)
{
	double at_s[SIM_PPS_MAX];
	size_t n_at = sim_pps_pulses(s->pps, n, at_s);

	for (size_t i = 0; i < n_at && s->n_pending < SIM_SERVO_PENDING; i++) {
		struct sim_count c =
			sim_osc_count(s->osc, n, at_s[i] + s->delay_ns * 1e-9);
		uint64_t at_q32 = (uint64_t)c.whole << 32;
		int k = s->n_pending++;

		/* In order, whatever is late. */
		for (; k > 0 && (int64_t)(s->pending_q32[k - 1] - at_q32) > 0;
		     k--)
			s->pending_q32[k] = s->pending_q32[k - 1];
		s->pending_q32[k] = at_q32;
	}
}

static void deliver(struct sim_servo *s, uint64_t until_q32,
		    struct sim_servo_second *out)
{
	int n = 0;

	while (n < s->n_pending && (int64_t)(s->pending_q32[n] - until_q32) < 0)
		out->n_verdicts[fe_servo_pulse(&s->servo,
					       s->pending_q32[n++])]++;
	for (int i = n; i < s->n_pending; i++)
		s->pending_q32[i - n] = s->pending_q32[i];
	s->n_pending -= n;
}

/* ---- edges ---- */

/* i edges of a second's rate_hz, to the last bit. */
static uint64_t part_of(uint64_t second_q32, uint32_t i, uint32_t rate_hz)
{
	return second_q32 / rate_hz * i + second_q32 % rate_hz * i / rate_hz;
}

static void judge(struct sim_servo_second *out,
		  const struct fe_servo_status *told, double off_ns)
{
	if (told->has_error)
		out->ratio = fmax(out->ratio, fabs(off_ns) / told->error_ns);
}

static void check_edges(const struct sim_servo *s, uint64_t later_q32,
			const struct span *span, struct sim_servo_second *out)
{
	uint32_t asked = s->rate_hz * ASKED_PER_MILLE / 1000;
	uint32_t apart = s->rate_hz / SIM_SERVO_CHECKS;
	uint32_t i = 0;

	for (int k = 0; k <= SIM_SERVO_CHECKS; k++) {
		uint32_t before = i < asked ? i : asked;
		uint64_t at_q32 = s->edge0_q32 +
				  part_of(s->second_q32, before, s->rate_hz) +
				  part_of(later_q32, i - before, s->rate_hz);
		uint64_t tick_q32 = (at_q32 + (UINT64_C(1) << 31)) >> 32 << 32;
		double true_s = time_in(span, tick_q32);
		double off_ns = (true_s - (double)i / s->rate_hz) * 1e9;

		judge(out, i < asked ? &s->last : &out->status, off_ns);
		out->worst_ns = fmax(out->worst_ns, fabs(off_ns));
		out->sum2_ns2 += off_ns * off_ns;
		out->n_sum2++;
		i = (uint32_t)((uint64_t)k * apart +
			       (uint64_t)out->n * 37 % apart);
	}
}

static double off_rate(const struct span *span, uint64_t second_q32, double u)
{
	double truth = span->c[1] + u * (2 * span->c[2] + u * 3 * span->c[3]);

	return fabs(ticks(second_q32, 0) / truth - 1);
}

void sim_servo_init(struct sim_servo *s, const struct sim_osc *osc,
		    const struct sim_pps *pps)
{
	*s = (struct sim_servo){.osc = osc, .pps = pps, .rate_hz = RATE_HZ};
	fe_servo_init(&s->servo, osc->tick_hz);
	fe_servo_label(&s->servo, true);
	s->second_q32 = (uint64_t)osc->tick_hz << 32;
	s->edge0_q32 = q32_of(sim_osc_count(osc, 0, 0.37));
}

/* The divider goes on to its next edge 0, or to where it was put. */
static void go_on(struct sim_servo *s, const struct fe_steer *steer)
{
	uint32_t asked = s->rate_hz * ASKED_PER_MILLE / 1000;
	uint64_t next_q32 =
		s->edge0_q32 + part_of(s->second_q32, asked, s->rate_hz) +
		part_of(steer->second_q32, s->rate_hz - asked, s->rate_hz);

	s->second_q32 = steer->second_q32;
	s->edge0_q32 = next_q32;
	if (s->ordered && (int64_t)(s->order_q32 - next_q32) <= 0) {
		s->edge0_q32 = s->order_q32;
		s->ordered = false;
	}
}

void sim_servo_second(struct sim_servo *s, struct sim_servo_second *out)
{
	uint64_t asked_q32 =
		s->edge0_q32 + s->second_q32 / 1000 * ASKED_PER_MILLE;
	struct fe_steer steer;
	struct span span;
	double u;

	/* Which second is nearest: from the last one's, two steps do. */
	span = span_of(s->osc, s->n);
	s->n += (int64_t)llround(time_in(&span, s->edge0_q32));
	span = span_of(s->osc, s->n);
	u = time_in(&span, s->edge0_q32);
	*out = (struct sim_servo_second){.n = s->n, .from_ns = u * 1e9};
	for (; s->n_next <= s->n + 1; s->n_next++)
		expect(s, s->n_next);
	deliver(s, asked_q32, out);
	fe_servo_second(&s->servo, s->edge0_q32, &steer);
	fe_servo_status(&s->servo, &out->status);
	out->stepped = steer.align;
	if (steer.align) {
		s->ordered = true;
		s->order_q32 = steer.at_q32;
	}
	check_edges(s, steer.second_q32, &span, out);
	out->off_rate = fmax(off_rate(&span, steer.second_q32, 0.06),
			     off_rate(&span, steer.second_q32, 1));
	s->last = out->status;
	go_on(s, &steer);
}

void sim_servo_run(struct sim_servo *s, int64_t n_seconds,
		   struct sim_servo_second *out)
{
	while (n_seconds-- > 0)
		sim_servo_second(s, out);
}
