/* test_sim_change_flow.c - whatever is changed, however often, and whether or not it
 * can be: every frame comes once. */
#include "sim_forms.h"

/* ---- late frames ---- */

static void frames_that_wait_go_out_still(void **state)
{
	static const double delays_s[][2] = {
		{0.05, 0.02}, {0.2, 0.1}, {0.01, 0}, {0, 0}};
	struct cis_instant at = {.tai_s = 0};
	uint64_t made = 0;

	(void)state;
	sim_open(&s, late(sim_config(OLD_KEYS, 1, RATE), 0.1, 0.05));
	for (unsigned i = 0; i < 4; i++) {
		uint64_t until = sim_frames(&s) + 15;

		while (sim_frames(&s) < until)
			sim_turn(&s);
		if (i == 0)
			made = sim_frames(&s);
		assert_int_equal(
			sim_change(&s, late(sim_config(NEW_KEYS, 1, RATE),
					    delays_s[i][0], delays_s[i][1])),
			0);
	}
	sim_until(&s, &s.ear[0]->n, 140);
	/* Whoever was late has come by now: 0.3 s are 60 frames. */
	sort(s.ear[0]);
	at = s.ear[0]->data[made].at;
	s.ear[0]->n = 60;
	expect_change(s.ear[0], at);
	sim_close(&s);
}

/* Long frames wait while short ones are sent at once, and the other way round. */
static void frames_that_wait_may_be_of_another_length(void **state)
{
	struct cis_sim_config sc = late(sim_config(OLD_KEYS, 1, RATE), 0.1, 0);
	unsigned n_long = 0, n_short = 0;
	uint64_t made;
	size_t len;

	(void)state;
	sc.n_analog = 200;
	sim_open(&s, sc);
	client(0);
	len = s.ear[1]->data[0].len;
	while (sim_frames(&s) < 40)
		sim_turn(&s);
	made = sim_frames(&s);
	assert_int_equal(
		sim_change(&s, late(with_format(sim_config(NEW_KEYS, 1, RATE),
						0, 0),
				    0.02, 0)),
		0);
	assert_int_equal(
		sim_change(&s,
			   with_format(sim_config(NEW_KEYS, 1, RATE), 0, 0)),
		0);
	sim_until(&s, &s.ear[0]->n, 80);
	for (unsigned k = 0; k < s.ear[0]->n; k++) {
		n_long += s.ear[0]->data[k].len == len;
		n_short += s.ear[0]->data[k].len < len;
	}
	assert_int_equal(n_long, made);
	assert_int_equal(n_short, s.ear[0]->n - made);
	sim_close(&s);
}

/* ---- many ---- */

/* From within a frame's own way: the next one is the first of the new signal. */
static void change_now(void *arg, const uint8_t *frame, size_t len)
{
	struct cis_sim_config *sc = arg;

	(void)frame;
	(void)len;
	if (!cis_sim_uses(s.sim, sc->scenario))
		assert_int_equal(cis_sim_change(s.sim, sc, &s.diag), 0);
}

static void whoever_watches_frames_may_change_them(void **state)
{
	struct cis_sim_config sc = sim_config(NEW_KEYS, 1, RATE);
	const struct cis_feed_watch watch = {.data = change_now, .arg = &sc};

	(void)state;
	sc.n_analog = 100;
	sim_open(&s, late(sim_config(OLD_KEYS, 1, RATE), 0.02, 0));
	sim_until(&s, &s.ear[0]->n, 5);
	sc.endpoints = s.sc.endpoints;
	cis_sim_set_watch(s.sim, &watch);
	while (!cis_sim_uses(s.sim, sc.scenario) || cis_sim_is_changing(s.sim))
		sim_turn(&s);
	cis_sim_set_watch(s.sim, NULL);
	cis_scenario_free(s.sc.scenario);
	s.sc = sc;
	sim_until(&s, &s.ear[0]->n, 30);
	sort(s.ear[0]);
	for (unsigned k = 1; k < 20; k++)
		assert_int_equal(cis_instant_diff(s.ear[0]->data[k].at,
						  s.ear[0]->data[0].at),
				 k);
	sim_close(&s);
}

static void a_hundred_changes_in_a_row_lose_nothing(void **state)
{
	struct cis_instant at[101];
	unsigned change = 0;

	(void)state;
	sim_open(&s, sim_config(OLD_KEYS, 1, RATE));
	client(0);
	client(1);
	for (unsigned i = 0; i < 100; i++) {
		bool even = i % 2 == 0;

		at[i] = next_one();
		assert_int_equal(
			sim_change(&s, with_format(sim_config(even ? NEW_KEYS
								   : OLD_KEYS,
							      1, RATE),
						   i % 3 ? 0xF : 0xE, 0)),
			0);
		/* Every other one has a frame, or some. */
		sim_until(&s, &s.ear[0]->n,
			  s.ear[0]->n + (i % 4 == 3 ? 0 : 1 + i % 3));
	}
	sim_until(&s, &s.ear[0]->n, s.ear[0]->n + 3);
	settle();
	for (unsigned e = 0; e < 3; e++) {
		expect_grid(s.ear[e]);
		change = 0;
		for (unsigned k = 0; k < s.ear[e]->n; k++) {
			const struct sim_data *d = &s.ear[e]->data[k];

			while (change < 100 &&
			       cis_instant_diff(d->at, at[change]) >= 0)
				change++;
			expect_form(d, change % 2 ? &of_new : &of_old);
		}
		/* 0xE and 0xF in turn: 67 times it is another one. */
		assert_int_equal(s.ear[e]->cfg[0]->pmu[0].cfgcnt, 67);
	}
	sim_close(&s);
}

/* A second one while the first is announced, and one that needs no announcement:
 * the last one counts. */
static void what_is_announced_gives_way_to_the_next(void **state)
{
	struct cis_instant at;

	(void)state;
	sim_open(&s, sim_config(OLD_KEYS, 1, RATE));
	sim_until(&s, &s.ear[0]->n, 5);
	for (unsigned i = 0; i < 5; i++) {
		struct cis_sim_config sc =
			with_format(sim_config(NEW_KEYS, 1, RATE), 0, 1000);

		sc.endpoints = s.sc.endpoints;
		assert_int_equal(cis_sim_change(s.sim, &sc, &s.diag), 0);
		assert_true(cis_sim_is_changing(s.sim));
		assert_true(cis_sim_uses(s.sim, sc.scenario));
		sim_until(&s, &s.ear[0]->n, s.ear[0]->n + 2);
		assert_true(s.ear[0]->data[s.ear[0]->n - 1].stat &
			    CIS_C37_STAT_CFG_CHANGE);
		at = next_one();
		assert_int_equal(
			sim_change(&s, sim_config(i == 4 ? NEW_KEYS : OLD_KEYS,
						  1, RATE)),
			0);
		assert_false(cis_sim_uses(s.sim, sc.scenario));
		cis_scenario_free(sc.scenario);
		sim_until(&s, &s.ear[0]->n, s.ear[0]->n + 2);
		assert_false(s.ear[0]->data[s.ear[0]->n - 1].stat &
			     CIS_C37_STAT_CFG_CHANGE);
	}
	expect_change(s.ear[0], at);
	assert_int_equal(s.ear[0]->n_config, 1);
	sim_close(&s);
}

/* All frames of an instant are of one signal. */
static void a_thousand_pmus_change_between_two_instants(void **state)
{
	enum { PMUS = 1000, PER_S = 1 };
	struct cis_sim_config sc = sim_config(NEW_KEYS, PMUS, PER_S);
	unsigned n_old = 0, n_new = 0;
	int rcvbuf = 1 << 20;
	struct sim_ear *ear;
	uint64_t made;

	(void)state;
	sim_open(&s, sim_config(OLD_KEYS, PMUS, PER_S));
	ear = s.ear[0];
	setsockopt(ear->line.fd, SOL_SOCKET, SO_RCVBUF, &rcvbuf,
		   sizeof(rcvbuf));
	sim_until(&s, &ear->n, PMUS + PMUS / 2);
	made = sim_frames(&s);
	sc.n_digital = 1;
	assert_int_equal(sim_change(&s, sc), 0);
	sim_until(&s, &ear->n, 3 * PMUS);
	for (unsigned k = 0; k < 3 * PMUS; k++) {
		const struct sim_data *d = &ear->data[k];
		bool is_new = cis_instant_diff(d->at, ear->data[0].at) >=
			      (int64_t)((made + PMUS - 1) / PMUS);

		assert_int_equal(d->idcode, SIM_IDCODE + k % PMUS);
		assert_int_equal(cis_instant_diff(d->at, ear->data[0].at),
				 k / PMUS);
		assert_int_equal(d->cfgcnt, is_new);
		expect_form(d, is_new ? &of_new : &of_old);
		n_old += !is_new;
		n_new += is_new;
	}
	assert_true(n_old > 0 && n_old % PMUS == 0 && n_new % PMUS == 0);
	assert_int_equal(ear->n_config, 2 * PMUS);
	sim_close(&s);
}

static void a_concentrator_changes_too(void **state)
{
	struct cis_sim_config sc = sim_config(OLD_KEYS, 20, RATE);
	struct cis_instant at;

	(void)state;
	sc.concentrate = true;
	sim_open(&s, sc);
	client(0);
	sim_until(&s, &s.ear[1]->n, 10);
	at = next_one();
	sc = sim_config(NEW_KEYS, 20, RATE);
	sc.concentrate = true;
	sc.n_analog = 5;
	assert_int_equal(sim_change(&s, sc), 0);
	sim_until(&s, &s.ear[1]->n, 30);
	for (unsigned e = 0; e < 2; e++) {
		expect_change(s.ear[e], at);
		for (unsigned p = 0; p < 20; p++)
			assert_int_equal(s.ear[e]->cfg[0]->pmu[p].cfgcnt, 1);
	}
	sim_close(&s);
}

/* ---- what cannot be ---- */

static void refuse(struct cis_sim_config sc, int err, const char *why)
{
	assert_int_equal(sim_change(&s, sc), err);
	if (strncmp(s.diag.msg, why, strlen(why)) != 0)
		fail_msg("%s: %s", why, s.diag.msg);
}

static void a_change_that_fails_leaves_all_as_it_was(void **state)
{
	struct cis_sim_config sc;
	const char *const other[] = {"udp:127.0.0.1:9"};

	(void)state;
	sim_open(&s, sim_config(OLD_KEYS, 1, RATE));
	client(0);
	sim_until(&s, &s.ear[1]->n, 5);
	sc = sim_config(NEW_KEYS, 1, RATE);
	sc.idcode = 8;
	refuse(sc, -EOPNOTSUPP, "idcode:");
	refuse(sim_config(NEW_KEYS, 2, RATE), -EOPNOTSUPP, "count:");
	refuse(sim_config(NEW_KEYS, 1, 50), -EOPNOTSUPP, "rate:");
	sc = sim_config(NEW_KEYS, 1, RATE);
	sc.concentrate = true;
	refuse(sc, -EOPNOTSUPP, "concentrate:");
	sc = sim_config(NEW_KEYS, 1, RATE);
	sc.flat_out = true;
	refuse(sc, -EOPNOTSUPP, "pace:");
	sc = sim_config(NEW_KEYS, 1, RATE);
	sc.has_start = true;
	refuse(sc, -EOPNOTSUPP, "start:");
	sc = sim_config(NEW_KEYS, 1, RATE);
	sc.n_sink = 1;
	refuse(sc, -EOPNOTSUPP, "sink:");
	/* Two frames would have one time stamp. */
	sc = sim_config(NEW_KEYS, 1, RATE);
	sc.opts.time_base = 50;
	assert_int_equal(sim_change(&s, sc), -EINVAL);
	/* More than may wait. */
	refuse(late(sim_config(NEW_KEYS, 1, RATE), 1e5, 0), -EINVAL,
	       "frames that wait");
	sc = sim_config(NEW_KEYS, 1, RATE);
	sc.endpoints = s.sc.endpoints;
	sc.endpoints.stream = other;
	assert_int_equal(cis_sim_change(s.sim, &sc, &s.diag), -EOPNOTSUPP);
	assert_int_equal(strncmp(s.diag.msg, "stream:", 7), 0);
	cis_scenario_free(sc.scenario);
	sim_until(&s, &s.ear[1]->n, 20);
	for (unsigned e = 0; e < 2; e++) {
		expect_grid(s.ear[e]);
		assert_int_equal(s.ear[e]->n_config, 1);
		for (unsigned k = 0; k < s.ear[e]->n; k++)
			expect_form(&s.ear[e]->data[k], &of_old);
	}
	sim_close(&s);
}

static void frames_that_no_datagram_holds_are_refused(void **state)
{
	struct cis_sim_config sc = sim_config(OLD_KEYS, 200, 10);

	(void)state;
	sc.concentrate = true;
	sim_open(&s, sc);
	sim_until(&s, &s.ear[0]->n, 1);
	sc = sim_config(NEW_KEYS, 200, 10);
	sc.concentrate = true;
	sc.n_analog = 20;
	assert_int_equal(sim_change(&s, sc), -EINVAL);
	sim_until(&s, &s.ear[0]->n, 3);
	expect_form(&s.ear[0]->data[2], &of_old);
	assert_int_equal(s.ear[0]->n_config, 1);
	sim_close(&s);
}

static void a_duration_may_become_another_one(void **state)
{
	struct cis_sim_config sc = sim_config(NEW_KEYS, 1, RATE);

	(void)state;
	sim_open(&s, sim_config(OLD_KEYS, 1, RATE));
	sim_until(&s, &s.ear[0]->n, 10);
	sc.duration_s = 0.25;
	assert_int_equal(sim_change(&s, sc), 0);
	while (!s.ended)
		sim_turn(&s);
	assert_int_equal(sim_frames(&s), RATE / 4);
	sc = sim_config(OLD_KEYS, 1, RATE);
	sc.endpoints = s.sc.endpoints;
	assert_int_equal(cis_sim_change(s.sim, &sc, &s.diag), -EINVAL);
	cis_scenario_free(sc.scenario);
	sim_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_that_wait_go_out_still),
		cmocka_unit_test(frames_that_wait_may_be_of_another_length),
		cmocka_unit_test(whoever_watches_frames_may_change_them),
		cmocka_unit_test(a_hundred_changes_in_a_row_lose_nothing),
		cmocka_unit_test(what_is_announced_gives_way_to_the_next),
		cmocka_unit_test(a_thousand_pmus_change_between_two_instants),
		cmocka_unit_test(a_concentrator_changes_too),
		cmocka_unit_test(a_change_that_fails_leaves_all_as_it_was),
		cmocka_unit_test(frames_that_no_datagram_holds_are_refused),
		cmocka_unit_test(a_duration_may_become_another_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
