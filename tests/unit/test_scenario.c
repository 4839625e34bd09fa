/*
 * test_scenario.c - what events do to phasors, frequency and ROCOF, against
 * their formulas written out anew in long double, and against one another: the
 * angle is the integral of the frequency, ROCOF its derivative.
 */
#include <stdlib.h>

#include "fleet.h"

#define PI 3.141592653589793238463L

/* Of a phasor of 1 V: that of the signal and that of the events have each the
 * rounding of a phase (half a unit in the last place of a turn), its product with
 * 2 pi and a cosine, 2e-15; and their product. */
#define ROUNDING 5e-15

/* Sums of some frequencies of 50 Hz, half a unit in the last place each. */
#define FREQ_ROUNDING 4e-14

/* f s less whole turns, exactly: f's fraction has at most 52 bits, and is
 * multiplied by 15 bits of s at a time. */
static long double turns_after(double f_hz, int64_t s)
{
	long double frac = fmodl((long double)f_hz, 1);
	long double high = fmodl(frac * (long double)(s >> 15), 1);

	return fmodl(fmodl(high * 32768, 1) + fmodl(frac * (s & 32767), 1), 1);
}

/* ---- formulas ---- */

/* What an event that began s + x seconds ago does. */
struct done {
	long double turns, level, hz, hz_per_s;
};

static struct done ramp(const struct cis_event *e, int64_t s, long double x)
{
	long double u = (long double)s + x, r = e->ramp.hz_per_s, d = e->for_s;

	if (u < d)
		return (struct done){r * u * u / 2, 1, r * u, r};
	return (struct done){r * d * (u - d / 2), 1, r * d, 0};
}

static struct done triangle(const struct cis_event *e, int64_t s, long double x)
{
	long double u = (long double)s + x, r = e->ramp.hz_per_s, d = e->for_s;
	long double v = 2 * d - u;

	if (u < d)
		return ramp(e, s, x);
	if (v > 0)
		return (struct done){r * (d * d - v * v / 2), 1, r * v, -r};
	return (struct done){r * d * d, 1, 0, 0};
}

static struct done step(const struct cis_event *e, int64_t s, long double x)
{
	if ((long double)s + x >= (long double)e->for_s)
		return (struct done){0, 1, 0, 0};
	return (struct done){e->step.rad / (2 * PI),
			     1 + (long double)e->step.mag, 0, 0};
}

static struct done modulation(const struct cis_event *e, int64_t s,
			      long double x)
{
	long double hz = e->modulation.pm_hz, w = 2 * PI * hz;
	long double a =
		2 * PI *
		(turns_after(e->modulation.am_hz, s) + e->modulation.am_hz * x);
	long double p = 2 * PI * (turns_after(e->modulation.pm_hz, s) + hz * x);
	long double turns = e->modulation.pm_rad / (2 * PI);

	if ((long double)s + x >= (long double)e->for_s)
		return (struct done){0, 1, 0, 0};
	return (struct done){turns * sinl(p), 1 + e->modulation.am * sinl(a),
			     turns * w * cosl(p), -turns * w * w * sinl(p)};
}

/* The imaginary part of exp(c u), c = w (j - z), and its derivatives. */
static struct done oscillation(const struct cis_event *e, int64_t s,
			       long double x)
{
	long double u = (long double)s + x, w = 2 * PI * e->oscillation.hz;
	long double complex c = w * (I - e->oscillation.damping);
	long double complex y = cexpl(c * u);
	long double turns = e->oscillation.rad / (2 * PI);

	if (u >= (long double)e->for_s)
		return (struct done){0, 1, 0, 0};
	return (struct done){turns * cimagl(y),
			     1 + e->oscillation.mag * cimagl(y),
			     turns * cimagl(c * y), turns * cimagl(c * c * y)};
}

/* Away from the others; the way back is looked at below. */
static struct done island(const struct cis_event *e, int64_t s, long double x)
{
	return (struct done){turns_after(e->island.hz, s) + e->island.hz * x, 1,
			     e->island.hz, 0};
}

struct kind {
	struct cis_event event;
	struct done (*done)(const struct cis_event *e, int64_t s,
			    long double x);
};

#define N_KIND 8

static void fill_kinds(struct kind kinds[N_KIND])
{
	static const enum cis_event_kind of[N_KIND] = {
		CIS_EVENT_RAMP,        CIS_EVENT_RAMP,
		CIS_EVENT_STEP,        CIS_EVENT_STEP,
		CIS_EVENT_MODULATION,  CIS_EVENT_OSCILLATION,
		CIS_EVENT_OSCILLATION, CIS_EVENT_ISLAND};
	struct done (*const done[N_KIND])(const struct cis_event *, int64_t,
					  long double) = {
		ramp,       triangle,    step,        step,
		modulation, oscillation, oscillation, island};

	for (unsigned i = 0; i < N_KIND; i++)
		kinds[i] = (struct kind){event_of(of[i], 3), done[i]};
	kinds[0].event.ramp.hz_per_s = -0.7;
	kinds[0].event.for_s = 2.5;
	kinds[1].event.ramp.hz_per_s = 0.3;
	kinds[1].event.for_s = 2;
	kinds[1].event.ramp.back = true;
	kinds[2].event.step.mag = -0.35;
	kinds[2].event.step.rad = 0.3;
	kinds[2].event.for_s = 0.15;
	kinds[3].event.step.rad = -3;
	kinds[4].event.modulation.am = 0.1;
	kinds[4].event.modulation.am_hz = 1.3;
	kinds[4].event.modulation.pm_rad = 0.2;
	kinds[4].event.modulation.pm_hz = 0.9;
	kinds[5].event.oscillation.hz = 0.7;
	kinds[5].event.oscillation.mag = 0.05;
	kinds[5].event.oscillation.rad = 0.4;
	kinds[5].event.oscillation.damping = 0.06;
	kinds[6].event = kinds[5].event;
	kinds[6].event.oscillation.damping = -0.1;
	kinds[6].event.for_s = 5;
	kinds[7].event.island.hz = -0.43;
}

static void check_report(const struct cis_report *rep, const struct done *done,
			 long double base_turns, double f_hz)
{
	static const double behind[] = {0, 1, -1, 0, 1, -1};

	for (unsigned c = 0; c < 6; c++) {
		long double rad =
			2 * PI *
			(fmodl(base_turns + done->turns, 1) - behind[c] / 3);

		check_close(creal(rep->phasor_rms[c]),
			    (double)(done->level * cosl(rad)), ROUNDING);
		check_close(cimag(rep->phasor_rms[c]),
			    (double)(done->level * sinl(rad)), ROUNDING);
	}
	check_close(rep->freq_hz, (double)(f_hz + done->hz), FREQ_ROUNDING);
	check_close(rep->rocof_hz_per_s, (double)done->hz_per_s, 1e-14);
}

/* ---- alone ---- */

/* From 1 s before it to 12 s after it began, and after 3 years. */
static void each_event_follows_its_formula(void **state)
{
	static const int64_t after_s[] = {0, 100000000};
	struct kind kinds[N_KIND];

	(void)state;
	fill_kinds(kinds);
	for (unsigned i = 0; i < N_KIND; i++)
		for (unsigned far = 0; far < 2; far++) {
			struct cis_event event = kinds[i].event;
			struct cis_scenario *sc;

			event.at_s += (double)after_s[far];
			sc = fleet_of("f=50.1 v=1 i=1", 1, 1, &event);
			for (int k = -50; k < 600; k++) {
				int64_t u_s = k < 0 ? -1 : k / 50;
				int64_t s = u_s + (int64_t)event.at_s;
				uint32_t part = (uint32_t)(k + 50) % 50;
				long double x = part / 50.0L;
				struct done none = {0, 1, 0, 0};
				struct done done =
					k < 0 ? none
					      : kinds[i].done(&event, u_s, x);
				struct cis_report rep =
					said_of(sc, 1, s, part, 50);

				check_report(&rep, &done,
					     turns_after(50.1, s) +
						     (50.1 - 50.0L) * x,
					     50.1);
			}
			cis_scenario_free(sc);
		}
}

/* A triangle of 4 s and 0.3 Hz/s adds 0.3 * 2^2 turns, every 10 s; ten million
 * of them are over. */
static void repeats_add_up_for_years(void **state)
{
	struct cis_event event = event_of(CIS_EVENT_RAMP, 0);
	struct cis_scenario *sc;

	(void)state;
	event.ramp.hz_per_s = 0.3;
	event.ramp.back = true;
	event.for_s = 2;
	event.every_s = 10;
	sc = fleet_of("f=50.1 v=1 i=1", 1, 1, &event);
	for (uint32_t k = 0; k < 500; k++) {
		int64_t n = 10000000, s = 10 * n + k / 50;
		long double x = k % 50 / 50.0L;
		struct done done = triangle(&event, k / 50, x);
		struct cis_report rep = said_of(sc, 1, s, k % 50, 50);

		done.turns += turns_after(0.3 * 4, n);
		check_report(&rep, &done,
			     turns_after(50.1, s) + (50.1 - 50.0L) * x, 50.1);
	}
	cis_scenario_free(sc);
}

/* 2 Hz/s for 0.5 s, three times, 1.5 s apart: 1 Hz each, for good. */
static void ramps_end_after_their_number_of_times(void **state)
{
	struct cis_event event = event_of(CIS_EVENT_RAMP, 1);
	struct cis_scenario *sc;

	(void)state;
	event.ramp.hz_per_s = 2;
	event.for_s = 0.5;
	event.every_s = 1.5;
	event.times = 3;
	sc = fleet_of("f=50.1 v=1 i=1", 1, 1, &event);
	for (uint32_t k = 0; k < 500; k++) {
		struct done sum = {0, 1, 0, 0};
		struct cis_report rep = said_of(sc, 1, k / 50, k % 50, 50);

		for (int i = 0; i < 3; i++) {
			long double u = k / 50.0L - 1 - 1.5L * i;
			struct done one = ramp(&event, 0, u);

			if (u < 0)
				continue;
			sum.turns += one.turns;
			sum.hz += one.hz;
			sum.hz_per_s += one.hz_per_s;
		}
		check_report(&rep, &sum,
			     turns_after(50.1, k / 50) +
				     (50.1 - 50.0L) * (k % 50 / 50.0L),
			     50.1);
	}
	cis_scenario_free(sc);
}

/* Ten steps of 7 degrees and 1 %, one a second, on IA alone. */
static void steps_for_good_add_up_on_their_channels(void **state)
{
	struct cis_event event = event_of(CIS_EVENT_STEP, 1);
	struct cis_scenario *sc;

	(void)state;
	event.step.mag = 0.01;
	event.step.rad = (double)(7 * PI / 180);
	event.every_s = 1;
	event.times = 10;
	event.channels = 1 << 3;
	sc = fleet_of("v=1 i=1", 1, 1, &event);
	for (uint32_t k = 0; k < 13 * 50; k++) {
		double n = fmin(k / 50, 10);
		struct cis_report rep = said_of(sc, 1, k / 50, k % 50, 50);
		long double level = powl(1.01, (long double)n);

		check_close(creal(rep.phasor_rms[0]), 1, ROUNDING);
		check_close(creal(rep.phasor_rms[3]),
			    (double)(level * cosl(n * 7 * PI / 180)),
			    2 * ROUNDING);
		check_close(cimag(rep.phasor_rms[3]),
			    (double)(level * sinl(n * 7 * PI / 180)),
			    2 * ROUNDING);
		check_close(rep.freq_hz, 50, 0);
	}
	cis_scenario_free(sc);
}

/* ---- an island comes back ---- */

/* It ends at the angle and the frequency of the others, and on the way neither
 * jumps: from one frame to the next the frequency changes by what ROCOF allows. */
static void an_island_comes_back_to_the_others(void **state)
{
	static const double hz[] = {-0.43, 0.01, 2.7, -0.5};

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		struct cis_event event = event_of(CIS_EVENT_ISLAND, 1);
		struct cis_scenario *sc;
		double last_hz = 0, most = 0;

		event.island.hz = hz[i];
		event.for_s = 7;
		event.island.resync_s = 4;
		sc = fleet_of("f=50.1 v=1 i=1", 1, 1, &event);
		for (uint32_t k = 0; k < 600; k++) {
			struct cis_report rep =
				said_of(sc, 1, 8 + k / 100, k % 100, 100);

			if (k > 0 && k <= 400)
				check_close(rep.freq_hz, last_hz,
					    most / 100 + FREQ_ROUNDING);
			last_hz = rep.freq_hz;
			/* It is a line in time: the ends of each interval. */
			most = fabs(hz[i]) / 4 + 6 * 0.5 / 16;
			if (k >= 400) {
				struct done none = {0, 1, 0, 0};
				int64_t s = 8 + k / 100;
				long double x = k % 100 / 100.0L;

				check_report(&rep, &none,
					     turns_after(50.1, s) +
						     (50.1 - 50.0L) * x,
					     50.1);
			}
		}
		cis_scenario_free(sc);
	}
}

/* ---- angle, frequency and ROCOF agree ---- */

#define PER_S 1000

/* First derivative by differences of order 8; its error is h^8/630 times the
 * ninth derivative: for swings below 3 Hz and 1 turn, at 1 ms, 1e-15 Hz. */
static double slope(const double at[9])
{
	return PER_S *
	       (4 / 5.0 * (at[5] - at[3]) - 1 / 5.0 * (at[6] - at[2]) +
		4 / 105.0 * (at[7] - at[1]) - 1 / 280.0 * (at[8] - at[0]));
}

/* Twice the sum of the factors, over h. */
#define SLOPE_ROUNDING (2.1 * PER_S)

static double random_in(double min, double max)
{
	return min + (max - min) * rand() / RAND_MAX;
}

/* Begins and ends at half seconds alone. */
static struct cis_event random_event(void)
{
	static const enum cis_event_kind of[] = {
		CIS_EVENT_RAMP,        CIS_EVENT_RAMP,   CIS_EVENT_STEP,
		CIS_EVENT_MODULATION,  CIS_EVENT_ISLAND, CIS_EVENT_GPS_LOSS,
		CIS_EVENT_OSCILLATION,
	};
	struct cis_event e = event_of(of[rand() % 7], rand() % 20 / 2.0);

	e.for_s = (1 + rand() % 6) / 2.0;
	e.every_s = rand() % 2 ? 10 + rand() % 5 : 0;
	if (e.kind == CIS_EVENT_RAMP) {
		e.ramp.hz_per_s = random_in(-1, 1);
		e.ramp.back = rand() % 2;
	} else if (e.kind == CIS_EVENT_STEP) {
		e.step.mag = random_in(-0.2, 0.2);
		e.step.rad = random_in(-1, 1);
	} else if (e.kind == CIS_EVENT_MODULATION) {
		e.modulation.am = random_in(-0.2, 0.2);
		e.modulation.am_hz = random_in(0.1, 3);
		e.modulation.pm_rad = random_in(-0.5, 0.5);
		e.modulation.pm_hz = random_in(0.1, 3);
	} else if (e.kind == CIS_EVENT_OSCILLATION) {
		e.oscillation.hz = random_in(0.1, 3);
		e.oscillation.mag = random_in(-0.2, 0.2);
		e.oscillation.rad = random_in(-0.5, 0.5);
		e.oscillation.damping = random_in(0, 0.2);
	} else if (e.kind == CIS_EVENT_ISLAND) {
		e.island.hz = random_in(-1, 1);
		e.island.resync_s = 1.5;
	} else {
		e.gps_loss.drift = random_in(-1e-4, 1e-4);
		e.gps_loss.spread = 1e-5;
		e.gps_loss.slew = rand() % 2 ? 3e-4 : INFINITY;
	}
	return e;
}

/* k/PER_S after s + 237 ms: nowhere near a half second, but for the end of a
 * slew, which is told by `steady`. */
static bool sample(const struct cis_scenario *sc, int64_t s, double turns[9],
		   double hz[9], struct cis_report *middle)
{
	double first = now_of(sc, 1, s, 237 - 4, PER_S).late_per_s;
	bool steady = true;

	for (uint32_t k = 0; k < 9; k++) {
		struct cis_report rep = said_of(sc, 1, s, 237 - 4 + k, PER_S);
		struct cis_pmu_now now = now_of(sc, 1, s, 237 - 4 + k, PER_S);

		turns[k] = carg(rep.phasor_rms[0]) / (2 * (double)PI);
		if (k > 0)
			turns[k] -= rint(turns[k] - turns[k - 1]);
		hz[k] = rep.freq_hz;
		steady = steady && now.late_per_s == first;
		if (k == 4)
			*middle = rep;
	}
	return steady;
}

static void angle_frequency_and_rocof_agree(void **state)
{
	unsigned n_steady = 0;

	(void)state;
	srand(1);
	for (unsigned round = 0; round < 200; round++) {
		struct cis_event event[8];
		struct cis_scenario *sc;

		for (unsigned i = 0; i < 8; i++)
			event[i] = random_event();
		sc = fleet_of("f=50.1 v=1 i=1 pm=0.1 pm_hz=1.7", 1, 8, event);
		for (int64_t s = 0; s < 25; s++) {
			double turns[9], hz[9];
			struct cis_report rep = {.freq_hz = NAN};

			if (!sample(sc, s, turns, hz, &rep))
				continue;
			n_steady++;
			/* The angle of a phasor of 0.1 V and more. */
			check_close(rep.freq_hz, 50 + slope(turns),
				    SLOPE_ROUNDING * 10 * ROUNDING /
					    (2 * (double)PI));
			check_close(rep.rocof_hz_per_s, slope(hz),
				    SLOPE_ROUNDING * FREQ_ROUNDING);
		}
		cis_scenario_free(sc);
	}
	assert_true(n_steady > 200 * 25 * 9 / 10);
}

/* ---- together ---- */

/* Turns and frequencies add up, levels are multiplied. */
static void events_that_meet_are_added(void **state)
{
	struct kind kinds[N_KIND];
	struct cis_event event[N_KIND];
	struct cis_scenario *sc;

	(void)state;
	fill_kinds(kinds);
	for (unsigned i = 0; i < N_KIND; i++)
		event[i] = kinds[i].event;
	sc = fleet_of("f=50.1 v=1 i=1", 1, N_KIND, event);
	for (uint32_t k = 0; k < 500; k++) {
		long double x = k % 50 / 50.0L;
		struct done sum = {0, 1, 0, 0};
		struct cis_report rep = said_of(sc, 1, 3 + k / 50, k % 50, 50);
		long double rad;

		for (unsigned i = 0; i < N_KIND; i++) {
			struct done one = kinds[i].done(&event[i], k / 50, x);

			sum.turns += one.turns;
			sum.level *= one.level;
			sum.hz += one.hz;
			sum.hz_per_s += one.hz_per_s;
		}
		rad = 2 * PI *
		      (sum.turns + turns_after(50.1, 3 + k / 50) +
		       (50.1 - 50.0L) * x);
		check_close(creal(rep.phasor_rms[0]),
			    (double)(sum.level * cosl(rad)), N_KIND * ROUNDING);
		check_close(cimag(rep.phasor_rms[0]),
			    (double)(sum.level * sinl(rad)), N_KIND * ROUNDING);
		check_close(rep.freq_hz, (double)(50.1 + sum.hz),
			    N_KIND * FREQ_ROUNDING);
		check_close(rep.rocof_hz_per_s, (double)sum.hz_per_s,
			    N_KIND * 1e-14);
	}
	cis_scenario_free(sc);
}

/* 0.02 and 0.3 are no doubles; the frame at that time is the first. */
static void an_event_is_in_force_at_its_own_instant(void **state)
{
	struct cis_event event = event_of(CIS_EVENT_STEP, 0.02);
	struct cis_scenario *sc;

	(void)state;
	event.step.mag = 1;
	event.every_s = 0.3;
	event.for_s = 0.1;
	sc = fleet_of("v=1", 1, 1, &event);
	for (uint32_t s = 0; s < 3000000; s += 29999)
		for (uint32_t k = 0; k < 50; k++) {
			struct cis_report rep = said_of(sc, 1, s, k, 50);
			uint64_t n = (uint64_t)s * 50 + k + 15 - 1;
			bool on = n % 15 < 5 && n >= 15;

			check_close(creal(rep.phasor_rms[0]), on ? 2 : 1,
				    2 * ROUNDING);
		}
	cis_scenario_free(sc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_event_follows_its_formula),
		cmocka_unit_test(repeats_add_up_for_years),
		cmocka_unit_test(ramps_end_after_their_number_of_times),
		cmocka_unit_test(steps_for_good_add_up_on_their_channels),
		cmocka_unit_test(an_island_comes_back_to_the_others),
		cmocka_unit_test(angle_frequency_and_rocof_agree),
		cmocka_unit_test(events_that_meet_are_added),
		cmocka_unit_test(an_event_is_in_force_at_its_own_instant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
