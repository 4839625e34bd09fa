/*
 * test_estim_step.c - reports near a step: each side's own truth.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "estim_run.h"
#include "host/estim/step_fit.h"

#define PI   3.14159265358979323846
#define FS   18000.0
#define HALF 0.25 /* s, of the reference's window at 50 frames/s */

/* ---- the fit alone: sides of any length, in closed form ---- */

struct wave {
	double f_hz[2], peak[2], phase_rad[2]; /* of the sides, at t = 0 */
	double rocof_hz_per_s, am, am_hz;
	double h5, dc;
	double noise; /* standard deviation */
};

static const struct wave plain = {.f_hz = {50.2, 50.2},
				  .peak = {100, 110},
				  .phase_rad = {0.3, 0.3 + PI / 18}};

/* Sum of twelve uniform deviates: normal enough, and the same everywhere. */
static double normal(uint64_t *state)
{
	double sum = -6;

	for (unsigned i = 0; i < 12; i++) {
		uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);

		z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
		z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
		sum += (double)(z >> 11) / 9007199254740992.0;
	}
	return sum;
}

static double phase(const struct wave *w, unsigned side, double t)
{
	return 2 * PI * (w->f_hz[side] * t + w->rocof_hz_per_s * t * t / 2) +
	       w->phase_rad[side];
}

static double peak(const struct wave *w, unsigned side, double t)
{
	return w->peak[side] * (1 + w->am * cos(2 * PI * w->am_hz * t + 1));
}

static double value(const struct wave *w, unsigned side, double t)
{
	double p = phase(w, side, t);

	return peak(w, side, t) * (cos(p) + w->h5 * cos(5 * p + 2)) + w->dc;
}

struct fitted {
	int err;
	double tve, fe_hz; /* relative; 1 */
	struct cis_dyn dyn;
};

/* Samples of [from, to], the step at t = 0, the instant at `at_s`. */
static struct fitted fit(const struct wave *w, double from_s, double to_s,
			 double at_s, uint64_t seed)
{
	static double x[20000];
	struct cis_step_fitter f;
	uint32_t n = (uint32_t)((to_s - from_s) * FS);
	double cut = -from_s * FS - 0.5;
	unsigned side = at_s >= 0;
	struct cis_step_job job = {.s = x,
				   .n = n,
				   .rate_hz = FS,
				   .at = (at_s - from_s) * FS,
				   .cut = &cut,
				   .n_cut = 1,
				   .fnom_hz = 50,
				   .seed_hz = 50};
	struct fitted r = {.dyn = {.dc = -1}};
	double p = phase(w, side, at_s);
	double complex truth = peak(w, side, at_s) * cexp(I * p);

	from_s = -round(-from_s * FS) / FS;
	cut = -from_s * FS - 0.5;
	job.at = (at_s - from_s) * FS;
	for (uint32_t i = 0; i < n; i++) {
		double t = from_s + i / FS;

		x[i] = value(w, t > -0.5 / FS, t) + w->noise * normal(&seed);
	}
	assert_int_equal(cis_step_fitter_init(&f, n, FS, 50), 0);
	r.err = cis_step_fit(&f, &job, &r.dyn);
	cis_step_fitter_fini(&f);
	r.tve = cabs(r.dyn.x[0] - truth) / cabs(truth);
	r.fe_hz = r.dyn.freq_hz - w->f_hz[side] - w->rocof_hz_per_s * at_s;
	return r;
}

static void steady_sides_are_fitted_exactly(void **state)
{
	(void)state;
	for (double at = -0.24; at < 0.25; at += 0.0201) {
		struct fitted r = fit(&plain, at - HALF, at + HALF, at, 1);

		assert_int_equal(r.err, 0);
		/* The 1e-9 %. */
		check_close(r.tve, 0, 1e-11);
		check_close(r.fe_hz, 0, 1e-10);
		check_close(r.dyn.rocof_hz_per_s, 0, 0);
	}
}

static void harmonics_and_offsets_of_a_side_are_its_own(void **state)
{
	struct wave w = plain;

	(void)state;
	w.h5 = 0.1;
	w.dc = 20;
	for (double at = -0.2; at < 0.21; at += 0.04) {
		struct fitted r = fit(&w, at - HALF, at + HALF, at, 1);

		check_close(r.tve, 0, 1e-10);
		check_close(r.dyn.dc, 20, 1e-8);
		/* They are the residual that the report tells of. */
		check_close(r.dyn.resid_rms / (w.peak[at >= 0] / sqrt(2)), 0.1,
			    1e-8);
	}
}

static void sides_of_different_frequency_are_fitted_one_by_one(void **state)
{
	struct wave w = plain;

	(void)state;
	w.f_hz[1] = 49.1;
	for (double at = -0.2; at < 0.21; at += 0.04) {
		struct fitted r = fit(&w, at - HALF, at + HALF, at, 1);

		check_close(r.tve, 0, 1e-11);
		check_close(r.fe_hz, 0, 1e-9);
	}
}

static void sides_that_move_are_followed(void **state)
{
	struct wave ramp = plain, am = plain;

	(void)state;
	ramp.rocof_hz_per_s = 1;
	am.am = 0.1;
	am.am_hz = 5;
	for (double at = -0.24; at < 0.25; at += 0.0201) {
		struct fitted r = fit(&ramp, at - HALF, at + HALF, at, 1);

		/* pi R t^2 at 60 ms is 0.0113 rad: the term beyond those that
		 * the polynomial has is its cube over 3!, 2.4e-7. */
		check_close(r.tve, 0, 2.4e-7);
		check_close(r.dyn.rocof_hz_per_s, 1, 1e-3);
		/* x = 2 pi 5 Hz 60 ms; the polynomial leaves x^6/(6! 2^5) of
		 * the modulation, and at its ends up to twice that. */
		r = fit(&am, at - HALF, at + HALF, at, 1);
		check_close(r.tve, 0, 2 * 0.1 * 1.9e-3);
		check_close(r.fe_hz, 0, 5e-3);
	}
}

static void
the_uncertainty_of_a_side_is_what_its_errors_scatter_by(void **state)
{
	struct wave w = plain, am = plain;
	double sum[2] = {0}, u[2] = {0}, sum_f = 0, u_f = 0;
	const unsigned n = 300;

	(void)state;
	w.noise = am.noise = 0.1;
	am.rocof_hz_per_s = 1;
	for (unsigned i = 0; i < n; i++) {
		double at = 0.002 * (i % 20);
		struct fitted r[2] = {
			fit(&w, at - HALF, at + HALF, at, 1000000 * i),
			fit(&am, at - HALF, at + HALF, at, 1000000 * i)};

		for (unsigned k = 0; k < 2; k++) {
			const struct cis_dyn *d = &r[k].dyn;
			double a = cis_dyn_u_mag(d), b = cis_dyn_u_phase_rad(d);
			double complex one = 1;

			sum[k] += r[k].tve * r[k].tve;
			u[k] += a * a + b * b;
			if (k)
				continue;
			b = cis_dyn_rates(&d, &one, 1, 50).u_freq_hz;
			sum_f += r[k].fe_hz * r[k].fe_hz;
			u_f += b * b;
		}
	}
	/* The scatter of a standard deviation from 300 trials of two degrees
	 * of freedom, some of which share their samples: 4 %; three times. */
	for (unsigned k = 0; k < 2; k++)
		check_close(sqrt(sum[k] / u[k]), 1, 0.12);
	check_close(sqrt(sum_f / u_f), 1, 0.16);
}

static void a_side_too_short_has_no_fit(void **state)
{
	(void)state;
	for (double len = 0; len < 0.03; len += 0.001) {
		struct fitted r = fit(&plain, -HALF, len + 1e-4, len, 1);

		if (len < 0.0095)
			assert_int_equal(r.err, -ERANGE);
		if (r.err)
			check_close(r.dyn.dc, -1, 0);
		if (len > 0.0205)
			assert_int_equal(r.err, 0);
		if (!r.err)
			check_close(r.tve, 0, 1e-10);
	}
}

static void between_two_steps_there_is_a_side(void **state)
{
	static double x[9000];
	const double cut[] = {3999.5, 5199.5}; /* 66 ms apart */
	const double level[] = {1, 0.4, 0.9}, at[] = {3990, 4002, 5190, 5210};
	struct cis_step_fitter f;

	(void)state;
	for (unsigned i = 0; i < 9000; i++)
		x[i] = level[(i > cut[0]) + (i > cut[1])] *
		       cos(2 * PI * 50.1 * i / FS + 0.5);
	assert_int_equal(cis_step_fitter_init(&f, 9000, FS, 50), 0);
	for (unsigned k = 0; k < 4; k++) {
		struct cis_step_job job = {.s = x,
					   .n = 9000,
					   .rate_hz = FS,
					   .at = at[k],
					   .cut = cut,
					   .n_cut = 2,
					   .fnom_hz = 50,
					   .seed_hz = 50.7};
		struct cis_dyn dyn;

		assert_int_equal(cis_step_fit(&f, &job, &dyn), 0);
		check_close(cabs(dyn.x[0]),
			    level[(at[k] > cut[0]) + (at[k] > cut[1])], 1e-11);
		check_close(dyn.freq_hz, 50.1, 1e-10);
	}
	cis_step_fitter_fini(&f);
}

/* ---- through the estimator ---- */

static const char *const kinds[][2] = {{"step_mag", "0.1"},
				       {"step_mag", "-0.1"},
				       {"step_deg", "10"},
				       {"step_deg", "-10"}};

struct near {
	double step_s;
	struct worst at_step, elsewhere;
	unsigned missed; /* reports near the step without the note */
};

static void visit(void *ctx, const struct cis_report *rep,
		  const struct cis_signal_truth *truth)
{
	struct near *near = ctx;
	struct cis_split_time t = cis_instant_split(rep->at);
	double off = (double)(t.tai_s - RUN_T0) + t.frac_s - near->step_s;
	bool noted = rep->notes & CIS_NOTE_STEP;

	run_keep_worst(noted ? &near->at_step : &near->elsewhere, rep, truth);
	/* The step is dated to half a sample. */
	if (fabs(off) < HALF - 1 / FS)
		near->missed += !noted;
	else if (fabs(off) > HALF + 1 / FS)
		near->missed += noted;
}

/* Rows are made once for all runs at 18 kHz. */
static int share(void **state)
{
	const struct cis_estim_config cfg = {.profile = CIS_PROFILE_REFERENCE,
					     .fnom_hz = 50,
					     .rate = {50, 1}};

	*state = cis_designs_new(&cfg);
	return *state ? 0 : -1;
}

static int unshare(void **state)
{
	cis_designs_free(*state);
	return 0;
}

static struct near run_near(struct run *r, double step_s, const double *delay_s)
{
	struct near near = {.step_s = step_s};
	char text[32];

	snprintf(text, sizeof(text), "%.9f", step_s);
	run_key(r, "step_s", text);
	r->profile = CIS_PROFILE_REFERENCE;
	run_all(r, delay_s, visit, &near);
	return near;
}

/* A step of kind k; three voltages, and three currents 15 degrees ahead, so that
 * 4 angles, 30 degrees apart, are every carrier phase from 15 to 15. */
static struct run step_run(unsigned k, unsigned deg,
			   struct cis_designs *designs)
{
	struct run r = run_init(50);
	char text[16];

	r.duration_s = 1.05;
	r.designs = designs;
	run_key(&r, kinds[k][0], kinds[k][1]);
	snprintf(text, sizeof(text), "%u", deg);
	run_key(&r, "v_deg", text);
	snprintf(text, sizeof(text), "%u", deg + 15);
	run_key(&r, "i_deg", text);
	snprintf(text, sizeof(text), "%u", 1 + deg + k);
	run_key(&r, "seed", text);
	return r;
}

static void reports_near_a_step_are_exact_at_every_phase(void **state)
{
	for (unsigned k = 0; k < 4; k++)
		for (unsigned deg = 0; deg < 120; deg += 30) {
			struct run r = step_run(k, deg, *state);
			struct near near =
				run_near(&r, 0.53 + deg * 1.3e-4, NULL);

			assert_int_equal(near.missed, 0);
			assert_true(near.at_step.n >= 24);
			assert_int_equal(near.at_step.flags, 0);
			/* The figure. */
			check_close(near.at_step.tve_pct, 0, 1e-9);
			check_close(near.at_step.fe_hz, 0, 1e-9);
			check_close(near.at_step.rfe_hz_per_s, 0, 1e-9);
			/* Blind reports are free of it. */
			check_close(near.elsewhere.tve_pct, 0, 1e-9);
		}
}

static void at_80_db_they_are_right_to_1e_3_percent(void **state)
{
	for (unsigned k = 0; k < 4; k++)
		for (unsigned deg = 0; deg < 120; deg += 30) {
			struct run r = step_run(k, deg, *state);
			struct near near;

			run_key(&r, "snr_db", "80");
			near = run_near(&r, 0.53 + deg * 1.3e-4, NULL);
			assert_int_equal(near.missed, 0);
			check_close(near.at_step.tve_pct, 0, 1e-3);
		}
}

static void other_rates_and_delays_change_nothing(void **state)
{
	const double delay_s[] = {0,       7.9e-6,  15.8e-6,
				  23.7e-6, 31.6e-6, 39.5e-6};
	const double rates[] = {300, 1200, 25600};

	for (unsigned i = 0; i < 3; i++) {
		struct run r = step_run(i, 40, *state);
		struct near near;

		r.rate_hz = rates[i];
		/* Not on a sample, and no report within one of it. */
		near = run_near(&r, 0.5 + 0.0051,
				rates[i] < 5000 ? NULL : delay_s);
		assert_true(near.at_step.n >= 24);
		check_close(near.at_step.tve_pct, 0, 1e-9);
	}
}

static void steps_at_the_ends_of_a_recording_are_no_nonsense(void **state)
{
	for (double step_s = 0.06; step_s < 1.0; step_s += 0.11) {
		struct run r = step_run(0, 70, *state);
		struct near near = run_near(&r, step_s, NULL);

		check_close(near.at_step.tve_pct, 0, 1e-9);
		/* Blind reports that see it at the edge of their windows, as
		 * its samples are too near to the recording's end: 0.01 % at
		 * 0.18 s of 0.25. */
		check_close(near.elsewhere.tve_pct, 0, 0.01);
	}
}

static void a_step_to_nothing_is_a_signal_and_none(void **state)
{
	struct run r = run_init(50);
	struct near near;

	r.designs = *state;
	run_key(&r, "step_mag", "-1");
	run_key(&r, "snr_db", "80");
	near = run_near(&r, 0.5, NULL);
	/* A relative error of nothing is not looked at. */
	assert_int_equal(near.at_step.flags, CIS_REPORT_NOSIGNAL);
	assert_int_equal(near.missed, 0);
}

/* To 30 % for 90 ms. */
static void sag(struct cis_block *blk)
{
	for (uint32_t i = 0; i < blk->n_scan; i++) {
		uint64_t n = blk->first_scan + i;

		for (uint32_t c = 0; c < 3 && n >= 9000 && n < 10620; c++)
			cis_block_chan(blk, c)[i] *= 0.3;
	}
}

static void visit_sag(void *ctx, const struct cis_report *rep,
		      const struct cis_signal_truth *truth)
{
	struct cis_split_time t = cis_instant_split(rep->at);
	double s = (double)(t.tai_s - RUN_T0) + t.frac_s;
	double level = s >= 0.5 && s < 0.59 ? 0.3 : 1;

	++*(unsigned *)ctx;
	for (unsigned c = 0; c < 6; c++)
		check_close(100 * cis_tve(rep->phasor_rms[c],
					  (c < 3 ? level : 1) *
						  truth->phasor_rms[c]),
			    0, 1e-9);
	check_close(rep->freq_hz, truth->freq_hz, 1e-9);
	assert_int_equal(rep->flags, 0);
}

static void a_sag_and_its_end_are_two_steps_of_the_voltages(void **state)
{
	struct run r = run_init(50);
	unsigned n = 0;

	r.profile = CIS_PROFILE_REFERENCE;
	r.designs = *state;
	r.spoil = sag;
	r.duration_s = 1.1;
	run_all(&r, NULL, visit_sag, &n);
	assert_true(n >= 28);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(steady_sides_are_fitted_exactly),
		cmocka_unit_test(harmonics_and_offsets_of_a_side_are_its_own),
		cmocka_unit_test(
			sides_of_different_frequency_are_fitted_one_by_one),
		cmocka_unit_test(sides_that_move_are_followed),
		cmocka_unit_test(
			the_uncertainty_of_a_side_is_what_its_errors_scatter_by),
		cmocka_unit_test(a_side_too_short_has_no_fit),
		cmocka_unit_test(between_two_steps_there_is_a_side),
		cmocka_unit_test(reports_near_a_step_are_exact_at_every_phase),
		cmocka_unit_test(at_80_db_they_are_right_to_1e_3_percent),
		cmocka_unit_test(other_rates_and_delays_change_nothing),
		cmocka_unit_test(
			steps_at_the_ends_of_a_recording_are_no_nonsense),
		cmocka_unit_test(a_step_to_nothing_is_a_signal_and_none),
		cmocka_unit_test(
			a_sag_and_its_end_are_two_steps_of_the_voltages),
	};

	return cmocka_run_group_tests(tests, share, unshare);
}
