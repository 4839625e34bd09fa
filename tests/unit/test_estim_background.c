/*
 * test_estim_background.c - rows that come when they are made, by another
 * thread: here, when the test says so.
 */
#include <stdio.h>

#include "profiles.h"

#define BLOCK 180

/* A stream, block by block. */
struct stream {
	struct run run;
	struct cis_estim *est;
	uint64_t at;
	struct cis_scan_clock clock;
};

static struct cis_chan_map map;

static void stream_open(struct stream *s, const struct profile *p, bool shared)
{
	s->run = run_of(p);
	s->run.background = true;
	if (!shared)
		s->run.designs = NULL;
	s->at = 0;
	s->clock = run_clock(&s->run);
}

static void stream_start(struct stream *s)
{
	assert_int_equal(cis_signal_finish(&s->run.sig, NULL), 0);
	s->est = run_estim(&s->run, &map);
}

static void stream_push(struct stream *s)
{
	static double x[CIS_SIGNAL_N_CHAN * BLOCK];
	struct cis_block blk = {.clock = s->clock,
				.first_scan = s->at,
				.n_chan = CIS_SIGNAL_N_CHAN,
				.n_scan = BLOCK,
				.stride = BLOCK,
				.x = x};

	run_fill(&s->run, &blk);
	assert_int_equal(cis_estim_push(s->est, &blk), 0);
	s->at += BLOCK;
}

static struct worst stream_run(struct stream *s, double duration_s)
{
	uint64_t end = s->at + (uint64_t)(duration_s * s->clock.rate_hz);
	struct worst w = {.n = 0};

	while (s->at < end) {
		stream_push(s);
		run_pop(&s->run, s->est, run_keep_worst, &w);
	}
	return w;
}

static unsigned make_all(struct stream *s)
{
	unsigned n = 0;

	while (cis_estim_design(s->est))
		n++;
	return n;
}

static void the_nominal_frequency_is_there_from_the_start(void **state)
{
	(void)state;
	for (unsigned i = 0; i < N_PROFILE; i++) {
		struct stream s;
		struct worst w;

		stream_open(&s, &profiles[i], false);
		stream_start(&s);
		w = stream_run(&s, 0.7);
		assert_int_equal(w.flags, 0);
		assert_int_equal(w.notes, 0);
		check_close(w.tve_pct, 0, profiles[i].on_seed.tve_pct);
		/* Those within 1 Hz are wanted all the same. */
		assert_true(cis_estim_wants(s.est));
		assert_in_range(make_all(&s), 4, 8);
		assert_false(cis_estim_wants(s.est));
		cis_estim_free(s.est);
	}
}

/* 1e-4 % is what docs and report.h promise of a report without the note. */
static void a_report_is_right_or_noted_far(void **state)
{
	(void)state;
	for (unsigned i = 0; i < N_PROFILE; i++) {
		unsigned n_far = 0;

		for (unsigned k = 0; k <= 20; k++) {
			struct stream s;
			struct worst w;
			char f[16];

			snprintf(f, sizeof(f), "%.1f", 45 + 0.5 * k);
			stream_open(&s, &profiles[i], false);
			run_key(&s.run, "f", f);
			stream_start(&s);
			w = stream_run(&s, 2 * profiles[i].half_s + 0.1);
			assert_true(w.n > 0);
			assert_int_equal(w.flags, 0);
			if (w.notes & CIS_NOTE_FAR)
				n_far++;
			else
				check_close(w.tve_pct, 0, 1e-4);
			cis_estim_free(s.est);
		}
		/* Nobody's rows of 50 Hz reach from 45 to 55 Hz. */
		assert_in_range(n_far, 1, 20);
	}
}

static void a_ramp_goes_on_whoever_makes_the_rows(void **state)
{
	(void)state;
	for (unsigned i = 0; i < N_PROFILE; i++) {
		struct stream s;
		struct worst w;

		stream_open(&s, &profiles[i], false);
		run_key(&s.run, "f", "45");
		run_key(&s.run, "rocof", "5");
		run_key(&s.run, "f_to", "55");
		stream_start(&s);
		w = stream_run(&s, 2.5);
		assert_in_range(w.n, 90, 122);
		assert_int_equal(w.flags, 0);
		assert_true(w.notes & CIS_NOTE_FAR);
		/* Now at 55 Hz: made, it is exact again. */
		assert_true(make_all(&s) > 5);
		stream_run(&s, 0.1);
		w = stream_run(&s, 0.3);
		assert_int_equal(w.notes, 0);
		check_close(w.tve_pct, 0, profiles[i].on_seed.tve_pct);
		check_close(w.fe_hz, 0, profiles[i].on_seed.fe_hz);
		cis_estim_free(s.est);
	}
}

static void rows_made_in_time_leave_no_note(void **state)
{
	(void)state;
	for (unsigned i = 0; i < N_PROFILE; i++) {
		struct stream s;

		stream_open(&s, &profiles[i], true);
		run_key(&s.run, "f", "49");
		run_key(&s.run, "rocof", "1");
		stream_start(&s);
		make_all(&s);
		for (unsigned k = 0; k < 20; k++) {
			struct worst w = stream_run(&s, 0.1);

			assert_int_equal(w.flags | w.notes, 0);
			make_all(&s);
		}
		cis_estim_free(s.est);
	}
}

/* Half as many samples a second from here on. */
static void slow_down(struct stream *s)
{
	s->clock.anchor_scan = s->at;
	s->clock.anchor.tai_ns +=
		(int64_t)((double)s->at / s->clock.rate_hz * 1e9);
	s->clock.rate_hz /= 2;
}

static void another_sampling_rate_waits_for_its_rows(void **state)
{
	(void)state;
	for (unsigned i = 0; i < N_PROFILE; i++) {
		struct stream s;
		struct worst w;

		stream_open(&s, &profiles[i], false);
		stream_start(&s);
		stream_run(&s, 1);
		make_all(&s);
		slow_down(&s);
		w = stream_run(&s, 1);
		assert_int_equal(w.flags, CIS_REPORT_GAP | CIS_REPORT_NOFIT);
		assert_int_equal(make_all(&s), 2);
		w = stream_run(&s, 1);
		assert_int_equal(w.flags, 0);
		check_close(w.tve_pct, 0, profiles[i].on_seed.tve_pct);
		cis_estim_free(s.est);
	}
}

static void in_the_foreground_it_is_made_at_once(void **state)
{
	(void)state;
	for (unsigned i = 0; i < N_PROFILE; i++) {
		struct stream s;
		struct worst w;

		stream_open(&s, &profiles[i], false);
		s.run.background = false;
		stream_start(&s);
		stream_run(&s, 1);
		slow_down(&s);
		stream_run(&s, 1);
		w = stream_run(&s, 0.5);
		assert_int_equal(w.flags, 0);
		check_close(w.tve_pct, 0, profiles[i].on_seed.tve_pct);
		cis_estim_free(s.est);
	}
}

static void ls7_wants_nothing(void **state)
{
	struct stream s = {.run = run_init(50)};

	(void)state;
	s.clock = run_clock(&s.run);
	stream_start(&s);
	stream_run(&s, 0.1);
	assert_false(cis_estim_wants(s.est));
	assert_int_equal(cis_estim_design(s.est), 0);
	cis_estim_free(s.est);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_nominal_frequency_is_there_from_the_start),
		cmocka_unit_test(a_report_is_right_or_noted_far),
		cmocka_unit_test(a_ramp_goes_on_whoever_makes_the_rows),
		cmocka_unit_test(rows_made_in_time_leave_no_note),
		cmocka_unit_test(another_sampling_rate_waits_for_its_rows),
		cmocka_unit_test(in_the_foreground_it_is_made_at_once),
		cmocka_unit_test(ls7_wants_nothing),
	};

	return cmocka_run_group_tests(tests, profiles_setup, profiles_teardown);
}
