/* test_sim_change.c - another signal and another configuration are simulated
 * while frames flow. */
#include "sim_forms.h"

/* ---- a signal ---- */

static void another_signal_holds_from_its_first_frame(void **state)
{
	struct cis_instant at;

	(void)state;
	sim_open(&s, sim_config(OLD_KEYS, 1, RATE));
	client(0);
	client(1);
	sim_until(&s, &s.ear[2]->n, 30);
	at = next_one();
	assert_int_equal(sim_change(&s, sim_config(NEW_KEYS, 1, RATE)), 0);
	assert_false(cis_sim_is_changing(s.sim));
	sim_until(&s, &s.ear[2]->n, 70);
	settle();
	for (unsigned i = 0; i < 3; i++) {
		expect_change(s.ear[i], at);
		assert_int_equal(s.ear[i]->n_config, 1);
	}
	sim_close(&s);
}

/* Bits on and off, and the frame number of the noise: as if it had always been
 * so. A second engine has the new signal from the same t0 on. */
static void t0_and_frame_numbers_stay(void **state)
{
	struct cis_sim_config noisy =
		sim_config("v=100 mag_noise=0.01 seed=5", 1, RATE);
	const struct sim_data *d;
	int64_t t0;

	(void)state;
	sim_open(&s, sim_config("v=100", 1, RATE));
	t0 = cis_sim_t0(s.sim);
	sim_until(&s, &s.ear[0]->n, 10);
	assert_int_equal(sim_change(&s, noisy), 0);
	assert_int_equal(cis_sim_t0(s.sim), t0);
	sim_until(&s, &s.ear[0]->n, 50);
	for (unsigned k = 20; k < 50; k++) {
		struct cis_signal_frame f = {.idcode = SIM_IDCODE,
					     .t0_tai_s = t0};
		struct cis_report rep;
		struct cis_instant first = s.ear[0]->data[0].at;

		d = &s.ear[0]->data[k];
		f.at = d->at;
		f.n = (uint64_t)cis_instant_diff(d->at, first);
		cis_signal_report_with(&noisy.sig, NULL, &f, &rep);
		check_close(cabs(d->va - rep.phasor_rms[0]), 0, 100 * 0x1p-21);
	}
	sim_close(&s);
}

static void a_new_t0_is_taken_where_it_is_told(void **state)
{
	struct cis_sim_config fresh = sim_config(NEW_KEYS, 1, RATE);
	struct cis_instant at;

	(void)state;
	sim_open(&s, sim_config(OLD_KEYS, 1, RATE));
	sim_until(&s, &s.ear[0]->n, 10);
	at = next_one();
	fresh.has_t0 = true;
	fresh.t0_tai_s = cis_sim_t0(s.sim) - 1000;
	assert_int_equal(sim_change(&s, fresh), 0);
	assert_int_equal(cis_sim_t0(s.sim), fresh.t0_tai_s);
	sim_until(&s, &s.ear[0]->n, 20);
	expect_grid(s.ear[0]);
	for (unsigned k = 0; k < s.ear[0]->n; k++)
		if (cis_instant_diff(s.ear[0]->data[k].at, at) >= 0)
			expect_form(&s.ear[0]->data[k], &of_new);
	/* In the future it cannot be. */
	fresh = sim_config(OLD_KEYS, 1, RATE);
	fresh.has_t0 = true;
	fresh.t0_tai_s = cis_sim_t0(s.sim) + 100000;
	assert_int_equal(sim_change(&s, fresh), -EINVAL);
	assert_non_null(strstr(s.diag.msg, "t0:"));
	sim_close(&s);
}

/* ---- a configuration ---- */

/* The scale of 120 % of 80 V (docs/conformance.md: 1.5 times the magnitude fills
 * 32767), and what rounding leaves of it. */
static struct form integers(void)
{
	struct form form = of_new;
	const struct cis_c37_pmu *pmu = &s.ear[0]->cfg[0]->pmu[0];

	form.lsb = (pmu->phasor[0].unit & 0xFFFFFF) * 1e-5 / 2 * 1.001;
	return form;
}

static void another_format_is_announced_and_told_before_its_data(void **state)
{
	const double announce_s = 0.1;
	struct cis_instant at;
	struct form ints;

	(void)state;
	sim_open(&s, sim_config(OLD_KEYS, 1, RATE));
	client(0);
	client(1);
	sim_until(&s, &s.ear[2]->n, 10);
	at = next_one();
	assert_int_equal(
		sim_change(&s, with_format(sim_config(NEW_KEYS, 1, RATE), 0,
					   announce_s)),
		0);
	sim_until(&s, &s.ear[2]->n, 60);
	settle();
	ints = integers();
	for (unsigned i = 0; i < 3; i++) {
		const struct sim_ear *ear = s.ear[i];

		expect_grid(ear);
		assert_int_equal(ear->n_config, 2);
		assert_int_equal(ear->cfg[0]->pmu[0].format, 0);
		for (unsigned k = 0; k < ear->n; k++) {
			const struct sim_data *d = &ear->data[k];
			int64_t since = cis_instant_diff(d->at, at);
			bool is_new = since >= (int64_t)(announce_s * RATE);

			assert_int_equal(d->cfgcnt, is_new);
			assert_int_equal(!!(d->stat & CIS_C37_STAT_CFG_CHANGE),
					 since >= 0 && !is_new);
			expect_form(d, is_new ? &ints : &of_old);
		}
	}
	sim_close(&s);
}

/* C37.118-2005, table 6-4. */
static void in_2005_the_bit_follows_the_change(void **state)
{
	struct cis_sim_config sc = sim_config(OLD_KEYS, 1, RATE);
	struct cis_instant at;

	(void)state;
	sc.opts.edition = 2005;
	sim_open(&s, sc);
	sim_until(&s, &s.ear[0]->n, 10);
	at = next_one();
	sc = sim_config(NEW_KEYS, 1, RATE);
	sc.opts.edition = 2005;
	sc.n_analog = 3;
	sc.announce_s = 10;
	assert_int_equal(sim_change(&s, sc), 0);
	sim_until(&s, &s.ear[0]->n, 30);
	expect_change(s.ear[0], at);
	for (unsigned k = 0; k < s.ear[0]->n; k++)
		assert_int_equal(
			!!(s.ear[0]->data[k].stat & CIS_C37_STAT_CFG_CHANGE),
			cis_instant_diff(s.ear[0]->data[k].at, at) >= 0);
	assert_int_equal(s.ear[0]->cfg[0]->pmu[0].n_analog, 3);
	sim_close(&s);
}

static void a_magnitude_alone_is_no_other_configuration(void **state)
{
	static const uint16_t formats[] = {0xF, 0x1};

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		sim_open(&s, with_format(sim_config("v=100", 1, RATE),
					 formats[i], 0));
		sim_until(&s, &s.ear[0]->n, 5);
		assert_int_equal(
			sim_change(&s, with_format(sim_config("v=20", 1, RATE),
						   formats[i], 0)),
			0);
		sim_until(&s, &s.ear[0]->n, 15);
		assert_int_equal(s.ear[0]->n_config, 1);
		/* An integer's scale must hold more, a float's need not. */
		assert_int_equal(sim_change(&s, with_format(sim_config("v=5000",
								       1, RATE),
							    formats[i], 0)),
				 0);
		sim_until(&s, &s.ear[0]->n, 25);
		assert_int_equal(s.ear[0]->n_config, formats[i] == 1 ? 2 : 1);
		check_close(cabs(s.ear[0]->data[24].va), 5000,
			    formats[i] == 1 ? 5000 * 1.5 / 32767
					    : 5000 * 0x1p-21);
		sim_close(&s);
	}
}

static void events_go_on_counting(void **state)
{
	struct cis_sim_config sc = sim_config(NEW_KEYS, 1, RATE);
	struct cis_event event = event_of(CIS_EVENT_CONFIG, 0);
	const struct cis_instant *first;

	(void)state;
	sim_open(&s, sim_config(OLD_KEYS, 1, RATE));
	client(0);
	sim_until(&s, &s.ear[1]->n, 10);
	first = &s.ear[1]->data[0].at;
	event.at_s = (double)(first->tai_s - cis_sim_t0(s.sim)) +
		     (first->k + 200) / (double)RATE;
	event.config.announce_s = 0.05;
	event.config.to.n_analog = 2;
	sc.n_digital = 1;
	sim_events(&sc, 1, &event);
	assert_int_equal(sim_change(&s, sc), 0);
	sim_until(&s, &s.ear[1]->n, 240);
	expect_grid(s.ear[1]);
	assert_int_equal(s.ear[1]->n_config, 3);
	assert_int_equal(s.ear[1]->cfg[0]->pmu[0].n_analog, 2);
	assert_int_equal(s.ear[1]->cfg[0]->pmu[0].n_digital, 1);
	assert_int_equal(s.ear[1]->cfg[0]->pmu[0].cfgcnt, 2);
	assert_int_equal(s.ear[1]->data[199].cfgcnt, 1);
	assert_int_equal(s.ear[1]->data[200].cfgcnt, 2);
	for (unsigned k = 0; k < 240; k++)
		assert_false(s.ear[1]->data[k].unread);
	sim_close(&s);
}

/* Whoever gets configurations unasked gets the other kind at once, and bit 10 is
 * for what they say alone. */
static void unasked_configurations_may_be_of_another_kind(void **state)
{
	struct cis_sim_config sc = sim_config(NEW_KEYS, 1, RATE);
	struct cis_instant at;

	(void)state;
	sim_open(&s, sim_config(OLD_KEYS, 1, RATE));
	client(0);
	sim_until(&s, &s.ear[1]->n, 5);
	at = next_one();
	sc.opts.push = CIS_C37_CFG3;
	sc.announce_s = 1000;
	assert_int_equal(sim_change(&s, sc), 0);
	assert_false(cis_sim_is_changing(s.sim));
	sim_until(&s, &s.ear[1]->n, 15);
	expect_change(s.ear[0], at);
	assert_int_equal(s.ear[0]->n_config, 2);
	assert_int_equal(s.ear[0]->kind, CIS_C37_CFG3);
	assert_int_equal(s.ear[1]->n_config, 1);
	assert_int_equal(s.ear[1]->kind, CIS_C37_CFG2);
	sim_close(&s);
}

/* SYNC, STAT, TIME_BASE. */
static void another_version_and_time_base_are_told(void **state)
{
	struct cis_sim_config sc = sim_config(NEW_KEYS, 1, RATE);
	struct cis_instant at;

	(void)state;
	sim_open(&s, sim_config(OLD_KEYS, 1, RATE));
	client(0);
	sim_until(&s, &s.ear[1]->n, 5);
	at = next_one();
	sc.opts.version = 2;
	sc.opts.time_base = 16777000;
	assert_int_equal(sim_change(&s, sc), 0);
	sim_until(&s, &s.ear[1]->n, 15);
	for (unsigned e = 0; e < 2; e++) {
		expect_change(s.ear[e], at);
		assert_int_equal(s.ear[e]->n_config, 2);
		assert_int_equal(s.ear[e]->cfg[0]->time_base, 16777000);
		assert_int_equal(s.ear[e]->cfg[0]->version, 2);
		assert_int_equal(s.ear[e]->cfg[0]->pmu[0].cfgcnt, 1);
	}
	sim_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(another_signal_holds_from_its_first_frame),
		cmocka_unit_test(t0_and_frame_numbers_stay),
		cmocka_unit_test(a_new_t0_is_taken_where_it_is_told),
		cmocka_unit_test(
			another_format_is_announced_and_told_before_its_data),
		cmocka_unit_test(in_2005_the_bit_follows_the_change),
		cmocka_unit_test(a_magnitude_alone_is_no_other_configuration),
		cmocka_unit_test(events_go_on_counting),
		cmocka_unit_test(unasked_configurations_may_be_of_another_kind),
		cmocka_unit_test(another_version_and_time_base_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
