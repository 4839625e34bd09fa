/*
 * test_track.c - a scan clock is followed by a pulse per second, and the truth
 * does not leave the bound.
 *
 * The truth is a closed form: offset, rate, constant drift, and a rate that swings
 * as in a room whose heating cycles. Second k is observed where the truth says,
 * plus Gaussian jitter.
 */
#include "check.h"
#include "host/acq/dates/track.h"
#include "host/signal/noise.h"

#define RATE_HZ 18000.0
#define TAI0_S  INT64_C(1800000000)
#define N_RUN   200
#define PI      3.14159265358979324

struct truth {
	double x0_s;
	double y;
	double d_per_s;
	double swing_per_s; /* the drift's amplitude, of 600 s */
	double jitter_s;
	bool polluted; /* missing, double, wrong seconds, 10 us off */
	uint64_t seed;
};

struct worst {
	double locked_s;   /* error from 10 s after the lock on */
	double holdover_s; /* error in holdover */
	double ratio;      /* of error to bound, at any time */
	double sum_s2;     /* of errors at the end of the lock */
};

/* Date of nominal second s, without TAI0_S, minus s. */
static double gained(const struct truth *h, double s)
{
	double w = 2 * PI / 600, ph = (double)h->seed;
	double swing = sin(ph) - sin(w * s + ph) + w * s * cos(ph);

	return h->x0_s + h->y * s + h->d_per_s * s * s / 2 +
	       h->swing_per_s / (w * w) * swing;
}

/* Nominal second at which second k begins: a fixed point, since |y| << 1. */
static double begin_of(const struct truth *h, double k)
{
	double s = k;

	for (int i = 0; i < 8; i++)
		s = k - gained(h, s);
	return s;
}

static struct cis_track_obs observed(double s, int64_t k)
{
	double n = s * RATE_HZ;

	/* 30 ns, as a good RC edge gives. */
	return (struct cis_track_obs){.scan = (uint64_t)n,
				      .frac = n - floor(n),
				      .tai_s = TAI0_S + k,
				      .u_scan = 30e-9 * RATE_HZ};
}

static double error_at(const struct cis_track *track, const struct truth *h,
		       uint64_t scan)
{
	struct cis_split_time date;
	double s = (double)scan / RATE_HZ;

	assert_true(cis_track_date(track, scan, 0, &date));
	return (double)(date.tai_s - TAI0_S) + date.frac_s - s - gained(h, s);
}

static void check_bound(const struct cis_track *track, const struct truth *h,
			uint64_t scan)
{
	check_close(error_at(track, h, scan), 0,
		    cis_track_bound_s(track, scan));
}

static struct cis_track new_track(void)
{
	const struct cis_track_opts opts = {.rate_hz = RATE_HZ};
	struct cis_track track;

	cis_track_init(&track, &opts);
	return track;
}

static double chance(const struct truth *h, int64_t k)
{
	return cis_noise_uniform(h->seed, 7, (uint64_t)k) / 2 + 0.5;
}

static double jittered(const struct truth *h, int64_t k)
{
	return begin_of(h, (double)k) +
	       h->jitter_s * cis_noise_gauss(h->seed, 3, (uint64_t)k);
}

/* Second k, one in ten of them spoilt somehow. */
static void observe_polluted(struct cis_track *track, const struct truth *h,
			     int64_t k)
{
	double s = jittered(h, k), p = chance(h, k);
	struct cis_track_obs obs = observed(s, k);

	if (p < 0.03)
		return;
	if (p < 0.04)
		obs.tai_s += p < 0.035 ? 1 : -1;
	else if (p < 0.06)
		obs = observed(s + (p < 0.05 ? 10e-6 : -10e-6), k);
	cis_track_observe(track, &obs);
	if (p < 0.07 || p > 0.1)
		return;
	obs = observed(s + (p < 0.08 ? 20e-6 : 5e-3), k);
	cis_track_observe(track, &obs);
}

static void observe(struct cis_track *track, const struct truth *h, int64_t k)
{
	struct cis_track_obs obs = observed(jittered(h, k), k);

	if (h->polluted && k > 12)
		observe_polluted(track, h, k);
	else
		cis_track_observe(track, &obs);
}

static void look(const struct cis_track *track, const struct truth *h,
		 int64_t k, int64_t n_lock, struct worst *worst)
{
	for (int part = 0; part < 8; part++) {
		uint64_t scan = (uint64_t)((begin_of(h, (double)k) +
					    part / 8.0 + 1e-3) *
					   RATE_HZ);
		double error = fabs(error_at(track, h, scan));

		worst->ratio = fmax(worst->ratio,
				    error / cis_track_bound_s(track, scan));
		if (k >= 10 && k <= n_lock)
			worst->locked_s = fmax(worst->locked_s, error);
		if (k > n_lock)
			worst->holdover_s = fmax(worst->holdover_s, error);
		if (k == n_lock)
			worst->sum_s2 += error * error / 8;
	}
}

static void run(const struct truth *h, int64_t n_lock, int64_t n_holdover,
		struct worst *worst)
{
	struct cis_track track = new_track();

	for (int64_t k = 1; k <= n_lock + n_holdover; k++) {
		if (k <= n_lock)
			observe(&track, h, k);
		if (k >= 3)
			look(&track, h, k, n_lock, worst);
	}
}

static struct truth usual(uint64_t seed, double jitter_s)
{
	return (struct truth){.x0_s = cis_noise_uniform(seed, 1, 0) / 2,
			      .y = seed & 1 ? 30e-6 : -30e-6,
			      .jitter_s = jitter_s,
			      .seed = seed};
}

static struct worst worst_of(struct truth h, int64_t n_lock, int64_t n_holdover)
{
	struct worst worst = {0};

	for (uint64_t seed = 0; seed < N_RUN; seed++) {
		struct truth one = usual(seed, h.jitter_s);

		one.d_per_s = h.d_per_s * cis_noise_uniform(seed, 1, 1);
		one.swing_per_s = h.swing_per_s;
		one.polluted = h.polluted;
		run(&one, n_lock, n_holdover, &worst);
	}
	print_message("jitter %.1f us, drift %.0e, swing %.0e, %3lld s: rms at "
		      "end %.2f us, worst %.2f us; holdover %.2f us; of bound "
		      "%.2f\n",
		      h.jitter_s * 1e6, h.d_per_s, h.swing_per_s,
		      (long long)n_lock, sqrt(worst.sum_s2 / N_RUN) * 1e6,
		      worst.locked_s * 1e6, worst.holdover_s * 1e6,
		      worst.ratio);
	return worst;
}

static const double jitters_s[] = {0.1e-6, 0.3e-6, 1e-6};

/* The end of a straight line through n points of deviation s is known to
 * s sqrt((4n - 2) / (n (n + 1))) = 0.59 s, and 1 s after it to 0.68 s at n = 10.
 * At a jitter of 1 us rms nobody can promise 1 us. */
static void after_ten_seconds_the_error_is_what_a_line_has(void **state)
{
	(void)state;
	for (int k = 0; k < 3; k++) {
		struct truth h = {.jitter_s = jitters_s[k]};
		struct worst worst = worst_of(h, 10, 0);

		/* The rms of 200 is known to 5 %: four times that. */
		assert_true(sqrt(worst.sum_s2 / N_RUN) <
			    0.68 * 1.2 * hypot(jitters_s[k], 30e-9));
		assert_true(worst.ratio < 1);
		if (k < 2)
			assert_true(worst.locked_s < 1e-6);
	}
}

static void sixty_seconds_of_holdover_cost_five_microseconds(void **state)
{
	static const int64_t n_lock[] = {30, 30, 100};

	(void)state;
	for (int k = 0; k < 3; k++) {
		struct truth h = {.jitter_s = jitters_s[k]};
		struct worst worst = worst_of(h, n_lock[k], 60);

		assert_true(worst.holdover_s < 5e-6);
		assert_true(worst.ratio < 1);
	}
}

/* A drift of up to 1e-8/s has to be learnt first. */
static void drift_is_learnt_and_held_over(void **state)
{
	(void)state;
	for (int k = 0; k < 3; k++) {
		struct truth h = {.jitter_s = jitters_s[k], .d_per_s = 1e-8};
		struct worst worst = worst_of(h, 300, 60);

		assert_true(worst.holdover_s < 5e-6);
		assert_true(worst.ratio < 1);
		if (k < 1)
			assert_true(worst.locked_s < 1e-6);
	}
}

static void a_swinging_rate_stays_within_the_bound(void **state)
{
	(void)state;
	for (int k = 0; k < 3; k++) {
		struct truth h = {.jitter_s = jitters_s[k],
				  .swing_per_s = 1e-8};
		struct worst worst = worst_of(h, 300, 120);

		assert_true(worst.ratio < 1);
		if (k < 1)
			assert_true(worst.locked_s < 1e-6);
	}
}

static void spoilt_pulses_do_no_harm(void **state)
{
	(void)state;
	for (int k = 0; k < 3; k++) {
		struct truth h = {.jitter_s = jitters_s[k],
				  .d_per_s = 1e-8,
				  .polluted = true};
		struct worst worst = worst_of(h, 200, 60);

		assert_true(worst.ratio < 1);
		if (k < 1)
			assert_true(worst.locked_s < 1e-6);
	}
}

static void the_third_pulse_locks(void **state)
{
	struct cis_track track = new_track();
	struct truth h = usual(1, 0.1e-6);
	struct cis_scan_clock clock;

	(void)state;
	for (int64_t k = 1; k <= 3; k++) {
		struct cis_track_obs obs = observed(jittered(&h, k), k);

		assert_false(cis_track_clock(&track, 0, &clock));
		assert_true(isinf(cis_track_bound_s(&track, 0)));
		assert_int_equal(cis_track_observe(&track, &obs),
				 k < 3 ? CIS_TRACK_HELD_BACK
				       : CIS_TRACK_LOCKED);
	}
	check_bound(&track, &h, (uint64_t)(3 * RATE_HZ));
	/* Three pulses of 1 us about: the rate is known to some ppm. */
	check_close(cis_track_state(&track, 54000).off, -30e-6, 1e-6);
}

/* Pulses 2 and 4 of six are wrong in some way. */
static void wrong_pulses_do_not_begin_a_lock(void **state)
{
	struct cis_track track = new_track();
	struct truth h = usual(2, 0.1e-6);
	struct cis_track_obs obs;

	(void)state;
	for (int64_t k = 1; k <= 6; k++) {
		obs = observed(jittered(&h, k), k);
		if (k == 2)
			obs.tai_s++;
		if (k == 4)
			obs = observed(begin_of(&h, 4) + 15e-6, 4);
		cis_track_observe(&track, &obs);
		if (track.locked)
			check_bound(&track, &h, obs.scan);
	}
	assert_true(track.locked);
	/* The later of two pulses of one second is not taken. */
	obs = observed(begin_of(&h, 6) + 5e-3, 6);
	assert_int_equal(cis_track_observe(&track, &obs), CIS_TRACK_OUTLIER);
}

static struct cis_track locked_for(const struct truth *h, int64_t n)
{
	struct cis_track track = new_track();

	for (int64_t k = 1; k <= n; k++)
		observe(&track, h, k);
	return track;
}

static void outliers_are_told_and_change_nothing(void **state)
{
	static const double off_s[] = {10e-6, -10e-6, 1e-3, 0.2, 0};
	const struct truth h = usual(3, 0.5e-6);
	const struct cis_track before = locked_for(&h, 30);

	(void)state;
	for (int k = 0; k < 5; k++) {
		struct cis_track track = before;
		struct cis_track_obs obs =
			observed(begin_of(&h, 31) + off_s[k], 31);

		obs.tai_s += off_s[k] == 0;
		assert_int_equal(cis_track_observe(&track, &obs),
				 CIS_TRACK_OUTLIER);
		check_close(error_at(&track, &h, 600000),
			    error_at(&before, &h, 600000), 0);
		check_close(cis_track_bound_s(&track, 600000),
			    cis_track_bound_s(&before, 600000), 0);
		obs = observed(jittered(&h, 32), 32);
		assert_int_equal(cis_track_observe(&track, &obs),
				 CIS_TRACK_USED);
		assert_int_equal(cis_track_state(&track, 0).n_outlier, 1);
	}
}

/* By an offset of 1 ms, and by a rate of 20 ppm. */
static void a_truth_that_moves_is_followed(void **state)
{
	(void)state;
	for (int kind = 0; kind < 2; kind++) {
		struct truth h = usual(4, 0.1e-6);
		struct cis_track track = locked_for(&h, 60);
		struct cis_track_obs obs;

		if (kind)
			h.y += 20e-6;
		h.x0_s += kind ? -20e-6 * 60 : 1e-3;
		for (int64_t k = 61; k <= 64; k++) {
			obs = observed(jittered(&h, k), k);
			assert_int_equal(cis_track_observe(&track, &obs),
					 k < 64 ? CIS_TRACK_OUTLIER
						: CIS_TRACK_LOCKED);
			if (k > 61)
				check_bound(&track, &h, obs.scan);
		}
		for (int64_t k = 65; k < 100; k++) {
			observe(&track, &h, k);
			check_bound(&track, &h, (uint64_t)k * 18000);
		}
	}
}

/* The count begins at 0 again, at an unknown time. */
static void after_a_restart_the_rate_is_still_known(void **state)
{
	struct truth h = usual(5, 0.1e-6);
	struct cis_track track = locked_for(&h, 60);
	struct cis_track fresh = new_track();

	(void)state;
	cis_track_restart(&track);
	assert_true(isinf(cis_track_bound_s(&track, 0)));
	h.x0_s = 0.3;
	for (int64_t k = 1; k <= 3; k++) {
		assert_false(track.locked);
		observe(&track, &h, k);
		observe(&fresh, &h, k);
	}
	check_bound(&track, &h, 54000);
	check_bound(&track, &h, 200000);
	assert_true(cis_track_bound_s(&track, 200000) <
		    0.3 * cis_track_bound_s(&fresh, 200000));
}

/* After ten minutes one pulse alone is not believed, three are. */
static void pulses_that_return_are_taken_up(void **state)
{
	struct truth h = usual(6, 0.1e-6);
	struct cis_track track = locked_for(&h, 60);

	(void)state;
	for (int64_t k = 660; k < 663; k++) {
		struct cis_track_obs obs = observed(jittered(&h, k), k);

		assert_int_equal(cis_track_observe(&track, &obs),
				 k < 662 ? CIS_TRACK_HELD_BACK
					 : CIS_TRACK_LOCKED);
		check_bound(&track, &h, obs.scan);
	}
	assert_true(cis_track_bound_s(&track, (uint64_t)(662 * RATE_HZ)) <
		    5e-6);
}

/* Put in the middle of their scan; at rates that hit the same place every second,
 * nearly the same, or any. */
static void bare_edges_stay_within_their_bound(void **state)
{
	static const double y[] = {0, 1e-7, 1e-6, 30e-6};

	(void)state;
	for (int i = 0; i < 40; i++) {
		struct truth h = usual((uint64_t)i, 0);
		struct cis_track track = new_track();

		h.y = y[i % 4];
		for (int64_t k = 1; k < 200; k++) {
			struct cis_track_obs obs =
				observed(begin_of(&h, (double)k), k);

			obs.frac = obs.bias_scan = 0.5;
			obs.u_scan = 1 / sqrt(12);
			assert_int_not_equal(cis_track_observe(&track, &obs),
					     CIS_TRACK_OUTLIER);
			if (track.locked)
				check_bound(&track, &h, obs.scan);
		}
		assert_true(cis_track_bound_s(&track, 200 * 18000) > 16e-6);
	}
}

/* Rounded to 1 ns; the rate is good for a second to the drift's d/2. */
static void the_linear_clock_is_that_of_its_scan(void **state)
{
	struct truth h = usual(8, 0.1e-6);
	struct cis_track track;
	struct cis_split_time date;
	struct cis_scan_clock clock;

	(void)state;
	h.d_per_s = 1e-8;
	track = locked_for(&h, 100);
	for (uint64_t n = 1790000; n < 1840000; n += 7777) {
		assert_true(cis_track_clock(&track, n, &clock));
		cis_track_date(&track, n, 0, &date);
		check_close(
			cis_split_diff_s(cis_time_split(clock.anchor), date), 0,
			0.5e-9 + 1e-15);
		assert_int_equal(clock.anchor_scan, n);
		check_close(clock.quality.unc_s, cis_track_bound_s(&track, n),
			    0);
		cis_track_date(&track, n + 18000, 0, &date);
		check_close(cis_split_diff_s(
				    cis_scan_instant(&clock, n + 18000), date),
			    0, 0.5e-9 + 1e-8);
	}
}

static void state_tells_what_was_found(void **state)
{
	struct truth h = usual(9, 0.3e-6);
	struct cis_track track = new_track();
	struct cis_track_state s = cis_track_state(&track, 0);

	(void)state;
	assert_false(s.locked);
	check_close(s.rate_hz, RATE_HZ, 0);
	track = locked_for(&h, 200);
	s = cis_track_state(&track, 201 * 18000);
	/* y is of the period: the rate is 1/(1 + 30e-6). */
	check_close(s.off, -30e-6, 1e-8);
	check_close(s.rate_hz, RATE_HZ / (1 + 30e-6), 1e-8 * RATE_HZ);
	/* The deviation of some 64 values is known to 9 %. */
	check_close(s.jitter_s, 0.3e-6, 4 * 0.09 * 0.3e-6);
	check_close(s.since_s, 1, 0.6);
	assert_int_equal(s.n_used, 200);
}

static void nonsense_is_an_outlier(void **state)
{
	struct truth h = usual(10, 0.1e-6);
	struct cis_track track = locked_for(&h, 20);
	struct cis_track_obs obs = observed(begin_of(&h, 21), 21);
	double day_s;

	(void)state;
	obs.frac = NAN;
	assert_int_equal(cis_track_observe(&track, &obs), CIS_TRACK_OUTLIER);
	obs.frac = 0;
	obs.u_scan = INFINITY;
	assert_int_equal(cis_track_observe(&track, &obs), CIS_TRACK_OUTLIER);
	obs = observed(begin_of(&h, 5), 21);
	assert_int_equal(cis_track_observe(&track, &obs), CIS_TRACK_OUTLIER);
	/* A day on the bound is worthless, but a number. */
	day_s = cis_track_bound_s(&track, UINT64_C(18000) * 86400);
	assert_true(day_s > 1e-3 && isfinite(day_s));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_third_pulse_locks),
		cmocka_unit_test(wrong_pulses_do_not_begin_a_lock),
		cmocka_unit_test(outliers_are_told_and_change_nothing),
		cmocka_unit_test(a_truth_that_moves_is_followed),
		cmocka_unit_test(after_a_restart_the_rate_is_still_known),
		cmocka_unit_test(pulses_that_return_are_taken_up),
		cmocka_unit_test(bare_edges_stay_within_their_bound),
		cmocka_unit_test(the_linear_clock_is_that_of_its_scan),
		cmocka_unit_test(state_tells_what_was_found),
		cmocka_unit_test(nonsense_is_an_outlier),
		cmocka_unit_test(
			after_ten_seconds_the_error_is_what_a_line_has),
		cmocka_unit_test(
			sixty_seconds_of_holdover_cost_five_microseconds),
		cmocka_unit_test(drift_is_learnt_and_held_over),
		cmocka_unit_test(a_swinging_rate_stays_within_the_bound),
		cmocka_unit_test(spoilt_pulses_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
