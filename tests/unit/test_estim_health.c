/* test_estim_health.c - what is flagged, what is not, and with what values. */
#include "kept.h"

#define FE_HZ 1e-8 /* as in test_estim.c: what rounding leaves */

/* ---- gaps ---- */

/* From scan 9000 on each block follows a loss. */
static void lose_often(struct cis_block *blk)
{
	if (blk->first_scan >= 9000)
		blk->flags |= CIS_BLOCK_GAP;
}

static void nothing_is_reported_after_the_last_complete_window(void **state)
{
	struct run r = run_init(50);

	(void)state;
	r.spoil = lose_often;
	run_keep(&r);
	/* A block of 500 holds no window of 720; the last whole one ends with
	 * scan 8999 and is that of k = 24. */
	assert_int_equal(kept_count(~0u), 0);
	assert_int_equal(kept.rep[kept.n - 1].at.k, 24);
}

/* One hole: scans 9000 to 9089 never come. */
static void lose_ninety(struct cis_block *blk)
{
	if (blk->first_scan != 9000)
		return;
	blk->first_scan += 90;
	blk->n_scan -= 90;
	blk->x += 90;
}

static void one_gap_costs_the_reports_whose_window_holds_it(void **state)
{
	struct run r = run_init(50);

	(void)state;
	run_key(&r, "f", "50.4");
	r.spoil = lose_ninety;
	run_keep(&r);
	/* 9000 is 0.5 s, 9090 0.505 s; windows reach 20 ms to both sides:
	 * 0.50 and 0.52 s are broken, 0.48 (to 0.50) and 0.54 are whole. */
	assert_int_equal(kept_count(CIS_REPORT_GAP), 2);
	for (unsigned i = 0; i < kept.n; i++) {
		bool gap = kept.rep[i].at.k == 25 || kept.rep[i].at.k == 26;

		assert_int_equal(kept.rep[i].flags, gap ? CIS_REPORT_GAP : 0);
		assert_int_equal(isnan(kept.rep[i].freq_hz), gap);
		assert_int_equal(isnan(creal(kept.rep[i].phasor_rms[0])), gap);
		if (!gap)
			check_close(kept.rep[i].freq_hz, 50.4, FE_HZ);
	}
}

static void lose_a_value(struct cis_block *blk)
{
	if (blk->first_scan == 9000)
		cis_block_chan(blk, 4)[0] = NAN;
}

static void a_missing_value_costs_its_channel_and_flags_the_row(void **state)
{
	struct run r = run_init(50);

	(void)state;
	run_key(&r, "f", "50.4");
	r.spoil = lose_a_value;
	run_keep(&r);
	/* Scan 9000 is the instant k = 25: windows of k = 24 (to scan 8999)
	 * lack it, those of k = 25 and 26 (from scan 9000) hold it. */
	assert_int_equal(kept_count(CIS_REPORT_GAP), 2);
	check_freq(50.4, FE_HZ);
	for (unsigned i = 0; i < kept.n; i++) {
		const struct cis_report *rep = &kept.rep[i];
		bool gap = rep->flags & CIS_REPORT_GAP;

		assert_int_equal(isnan(creal(rep->phasor_rms[4])), gap);
		assert_int_equal(isnan(creal(rep->phasor_rms[7])),
				 gap);                            /* I+ */
		assert_true(isfinite(creal(rep->phasor_rms[6]))); /* V+ */
		assert_int_equal(rep->fit[4].flags, gap ? CIS_REPORT_GAP : 0);
		assert_int_equal(rep->fit[0].flags, 0);
	}
}

static void slow_then_fast(struct cis_block *blk)
{
	/* A stretch at a tenth of the rate in the middle of the recording. */
	if (blk->first_scan >= 9000 && blk->first_scan < 9500) {
		blk->clock.anchor.tai_ns += CIS_NS_PER_S / 2;
		blk->clock.anchor_scan = 9000;
		blk->clock.rate_hz = 200;
	} else if (blk->first_scan >= 9500) {
		blk->clock.anchor.tai_ns += 3 * CIS_NS_PER_S;
		blk->clock.anchor_scan = 9500;
	}
}

static void a_stretch_too_slow_for_a_fit_is_a_gap(void **state)
{
	struct run r = run_init(50);

	(void)state;
	r.fps.num = 10;
	r.spoil = slow_then_fast;
	run_keep(&r);
	/* 0.1 .. 0.4 s are whole; 9000 scans end at 0.5 s; the stretch at 200 Hz
	 * lasts 2.5 s to 3.0 s; 3.1 .. 3.4 s are whole again. */
	assert_int_equal(kept.n, 4 + 27 - 1 + 4);
	assert_int_equal(kept_count(CIS_REPORT_GAP), 26);
}

static void blow_up(struct cis_block *blk)
{
	if (blk->first_scan == 9000) {
		cis_block_chan(blk, 0)[7] = INFINITY;
		cis_block_chan(blk, 1)[7] = 1e300;
		cis_block_chan(blk, 2)[7] = -1e200;
	}
}

static void an_hour_later(struct cis_block *blk)
{
	if (blk->first_scan >= 9000)
		blk->clock.anchor.tai_ns += 3600 * CIS_NS_PER_S;
}

static void a_week_later(struct cis_block *blk)
{
	if (blk->first_scan >= 9000)
		blk->clock.anchor.tai_ns += 7 * 86400 * CIS_NS_PER_S;
}

static void count_all(void *ctx, const struct cis_report *rep,
		      const struct cis_signal_truth *truth)
{
	unsigned *n = ctx;

	(void)truth;
	n[rep->flags == CIS_REPORT_GAP]++;
}

static void a_hole_of_an_hour_is_filled_and_one_of_a_week_is_not(void **state)
{
	unsigned n[2] = {0, 0};
	struct run r = run_init(50);

	(void)state;
	r.duration_s = 1.1;
	r.fps.num = 10;
	r.spoil = an_hour_later;
	run_all(&r, NULL, count_all, n);
	/* 0.1 .. 0.4 s, and an hour later 0.6 .. 1.0 s; all between, gaps. */
	assert_int_equal(n[0], 4 + 5);
	assert_int_equal(n[1], 36001);
	n[0] = n[1] = 0;
	r.spoil = a_week_later;
	run_all(&r, NULL, count_all, n);
	assert_int_equal(n[0], 4 + 5);
	assert_int_equal(n[1], 0);
}

static void samples_that_are_not_finite_do_no_harm(void **state)
{
	struct run r = run_init(50);

	(void)state;
	r.spoil = blow_up;
	run_keep(&r);
	assert_int_equal(kept_count(CIS_REPORT_GAP), 2);
	check_close(kept.rep[kept.n - 1].freq_hz, 50, FE_HZ);
}

/* ---- channels without a signal ---- */

static void dead_voltages_leave_the_frequency_to_the_currents(void **state)
{
	static void (*const kill[])(struct cis_block *) = {
		voltages_zero, voltages_constant, voltages_noise};

	(void)state;
	for (unsigned k = 0; k < 3; k++) {
		struct run r = run_init(50);

		run_key(&r, "f", "48.3");
		r.spoil = kill[k];
		run_keep(&r);
		assert_int_equal(kept_count(~0u), 0);
		check_freq(48.3, FE_HZ);
		for (unsigned i = 0; i < kept.n; i++) {
			assert_int_equal(kept.rep[i].fit[0].flags,
					 CIS_REPORT_NOSIGNAL);
			check_close(kept.rep[i].fit[0].freq_hz, 48.3, FE_HZ);
			assert_int_equal(kept.rep[i].fit[3].flags, 0);
			/* Nothing but noise, 1/sqrt(3) rms over 720 samples. */
			check_close(cabs(kept.rep[i].phasor_rms[0]), 0, 0.2);
		}
	}
}

static void without_any_signal_the_frequency_is_nominal(void **state)
{
	struct run r = run_init(50);

	(void)state;
	r.spoil = all_noise;
	run_keep(&r);
	assert_int_equal(kept_count(CIS_REPORT_NOSIGNAL), kept.n);
	check_freq(50, FE_HZ);
	check_close(kept.rep[5].rocof_hz_per_s, 0, 0);
}

static void lose_phase_b(struct cis_block *blk)
{
	fill(blk, 1, 2, zero);
}

static void one_phase_lost_changes_the_magnitude_of_v_plus_alone(void **state)
{
	struct run r = run_init(50);

	(void)state;
	run_key(&r, "f", "51.7");
	r.spoil = lose_phase_b;
	run_keep(&r);
	assert_int_equal(kept_count(~0u), 0);
	check_freq(51.7, FE_HZ);
	for (unsigned i = 0; i < kept.n; i++) {
		assert_int_equal(kept.rep[i].notes, 0);
		/* Two of three phases of 120 V; rounding of a sum of three. */
		check_close(cabs(kept.rep[i].phasor_rms[6]), 80, 1e-8);
		assert_int_equal(kept.rep[i].fit[1].flags, CIS_REPORT_NOSIGNAL);
	}
}

static void one_signal_on_all_inputs_is_measured_by_the_first(void **state)
{
	static const char *const keys[] = {"va_deg", "vb_deg", "vc_deg",
					   "ia_deg", "ib_deg", "ic_deg"};
	struct run r = run_init(50);

	(void)state;
	run_key(&r, "f", "49.1");
	for (unsigned i = 0; i < 6; i++)
		run_key(&r, keys[i], "17");
	run_keep(&r);
	assert_int_equal(kept_count(~0u), 0);
	check_freq(49.1, FE_HZ);
}

static void a_frequency_out_of_range_is_no_fit(void **state)
{
	struct run r = run_init(50);

	(void)state;
	run_key(&r, "f", "67");
	run_keep(&r);
	for (unsigned i = 0; i < kept.n; i++) {
		assert_true(kept.rep[i].flags &
			    (CIS_REPORT_NOFIT | CIS_REPORT_NOSIGNAL));
		assert_true(isfinite(creal(kept.rep[i].phasor_rms[0])));
	}
}

/* ---- order of phases, limits, time ---- */

static void a_reversed_order_is_noted_and_measured_all_the_same(void **state)
{
	struct run r = run_init(60);
	struct worst w;

	(void)state;
	run_key(&r, "seq", "acb");
	run_key(&r, "f", "61");
	run_key(&r, "rocof", "0.5");
	run_keep(&r);
	for (unsigned i = 0; i < kept.n; i++) {
		assert_int_equal(kept.rep[i].notes, CIS_NOTE_ACB);
		assert_int_equal(kept.rep[i].flags, 0);
		check_close(cabs(kept.rep[i].phasor_rms[6]), 0, 1e-8);
		check_close(kept.rep[i].rocof_hz_per_s, 0.5, 1e-6);
	}
	w = run_worst(&r, NULL);
	check_close(w.fe_hz, 0, FE_HZ);
}

static void clip_voltage_a(struct cis_block *blk)
{
	/* The range of the mock is 1.5 times the peak of 120 V. */
	double top = 1.5 * 120 * sqrt(2);

	if (blk->first_scan == 9000)
		for (uint32_t i = 0; i < 3; i++)
			cis_block_chan(blk, 0)[i] = top;
}

static void three_samples_at_the_limit_are_clipped(void **state)
{
	struct run r = run_init(50);

	(void)state;
	run_key(&r, "bits", "24");
	r.spoil = clip_voltage_a;
	run_keep(&r);
	assert_int_equal(kept_count(CIS_REPORT_CLIP), 2);
	for (unsigned i = 0; i < kept.n; i++)
		assert_true(isfinite(kept.rep[i].freq_hz));
}

static void what_the_block_says_of_its_dates_is_passed_on(void **state)
{
	struct run r = run_init(50);

	(void)state;
	r.flags = CIS_BLOCK_UNSYNC;
	run_keep(&r);
	assert_int_equal(kept_count(CIS_REPORT_UNSYNC), kept.n);
	check_freq(50, FE_HZ);
}

static void distortion_is_noted_and_flags_nothing(void **state)
{
	struct run r = run_init(50);

	(void)state;
	run_key(&r, "h5", "0.08");
	run_keep(&r);
	for (unsigned i = 0; i < kept.n; i++) {
		assert_int_equal(kept.rep[i].notes, CIS_NOTE_DISTURBED);
		assert_int_equal(kept.rep[i].flags, 0);
		/* The window holds ten of its cycles; what its 7 columns take
		 * of it is a small part. */
		check_close(kept.rep[i].fit[0].resid, 0.08, 0.001);
	}
}

/* Another signal from 0.5 s on: from 40 to 60 Hz. */
static void change_frequency(struct cis_block *blk)
{
	for (uint32_t c = 0; c < blk->n_chan && blk->first_scan >= 9000; c++)
		for (uint32_t i = 0; i < blk->n_scan; i++)
			cis_block_chan(blk, c)[i] =
				100 * cos(2 * 3.14159265358979323846 *
					  (60 * (double)(blk->first_scan + i) /
						   18000 -
					   c / 3.0));
}

static void a_jump_of_the_frequency_is_followed(void **state)
{
	struct run r = run_init(50);

	(void)state;
	run_key(&r, "f", "40");
	r.spoil = change_frequency;
	run_keep(&r);
	/* The window of k = 25, and no other, holds both. */
	for (unsigned i = 0; i < kept.n; i++) {
		const struct cis_report *rep = &kept.rep[i];

		if (rep->at.k == 25)
			continue;
		check_close(rep->freq_hz, rep->at.k < 25 ? 40 : 60, FE_HZ);
		assert_int_equal(rep->flags, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			nothing_is_reported_after_the_last_complete_window),
		cmocka_unit_test(
			one_gap_costs_the_reports_whose_window_holds_it),
		cmocka_unit_test(
			a_missing_value_costs_its_channel_and_flags_the_row),
		cmocka_unit_test(a_stretch_too_slow_for_a_fit_is_a_gap),
		cmocka_unit_test(
			a_hole_of_an_hour_is_filled_and_one_of_a_week_is_not),
		cmocka_unit_test(samples_that_are_not_finite_do_no_harm),
		cmocka_unit_test(
			dead_voltages_leave_the_frequency_to_the_currents),
		cmocka_unit_test(without_any_signal_the_frequency_is_nominal),
		cmocka_unit_test(
			one_phase_lost_changes_the_magnitude_of_v_plus_alone),
		cmocka_unit_test(
			one_signal_on_all_inputs_is_measured_by_the_first),
		cmocka_unit_test(a_frequency_out_of_range_is_no_fit),
		cmocka_unit_test(
			a_reversed_order_is_noted_and_measured_all_the_same),
		cmocka_unit_test(three_samples_at_the_limit_are_clipped),
		cmocka_unit_test(what_the_block_says_of_its_dates_is_passed_on),
		cmocka_unit_test(distortion_is_noted_and_flags_nothing),
		cmocka_unit_test(a_jump_of_the_frequency_is_followed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
