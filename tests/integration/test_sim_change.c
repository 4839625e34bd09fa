/*
 * test_sim_change.c - something else is simulated while frames flow.
 *
 * Of a signal of magnitude X, frequency f and angle phi, clause 3 of C37.118.1
 * says X at angle phi + 2 pi (f - fnom) (t - t0).
 */
#include "sim_bench.h"

#include "cisoid/utc.h"

#define RATE 200
#define TURN 6.283185307179586

static struct sim_bench s;

struct form {
	double rms, hz, rad;
	double lsb; /* half of the last place of rectangular integers; 0: float */
};

static const struct form of_old = {100, 50.3, 0.5, 0};
static const struct form of_new = {80, 49.2, -1, 0};

#define OLD_KEYS "v=100 f=50.3 va_deg=28.64788975654116"
#define NEW_KEYS "v=80 f=49.2 va_deg=-57.29577951308232"

static double complex value_of(const struct form *form, struct cis_instant at)
{
	double t = (double)(at.tai_s - cis_sim_t0(s.sim)) +
		   (double)at.k / at.rate.num;

	return form->rms *
	       cexp(CMPLX(0, form->rad + remainder(TURN * (form->hz - 50) * t,
						   TURN)));
}

/* Floats have 24 bits: of a magnitude, an angle up to pi, a frequency. */
static void expect_form(const struct sim_data *d, const struct form *form)
{
	double complex must = value_of(form, d->at);
	double tol = form->lsb ? form->lsb * sqrt(2) : form->rms * 0x1p-21;

	assert_false(d->unread);
	check_close(cabs(d->va - must), 0, tol);
	if (!form->lsb)
		check_close(d->freq_hz, form->hz, form->hz * 0x1p-23);
}

/* Each instant of the grid once, in its order, from the first one on. */
static void expect_grid(const struct sim_ear *ear)
{
	for (unsigned k = 1; k < ear->n; k++)
		assert_int_equal(
			cis_instant_diff(ear->data[k].at, ear->data[k - 1].at),
			1);
}

/* Frames are of the old form until `at`, and then of the new one. */
static void expect_change(const struct sim_ear *ear, struct cis_instant at)
{
	unsigned n_old = 0, n_new = 0;

	expect_grid(ear);
	for (unsigned k = 0; k < ear->n; k++) {
		bool is_new = cis_instant_diff(ear->data[k].at, at) >= 0;

		expect_form(&ear->data[k], is_new ? &of_new : &of_old);
		n_new += is_new;
		n_old += !is_new;
	}
	assert_true(n_old > 0 && n_new > 0);
}

/* A client with data on, at listener k: 0 TCP, 1 UDP. */
static struct sim_ear *client(unsigned k)
{
	struct sim_ear *ear = ear_new(&s);

	line_dial(&ear->line, cis_sim_endpoint(s.sim, 1 + k), 0);
	line_command(&ear->line, SIM_IDCODE, CIS_C37_CMD_SEND_CFG2);
	line_command(&ear->line, SIM_IDCODE, CIS_C37_CMD_DATA_ON);
	sim_until(&s, &ear->n, 1);
	return ear;
}

/* All that was sent so far has come. */
static void settle(void)
{
	sim_until(&s, &s.ear[0]->n, (unsigned)sim_frames(&s));
}

/* The instant of the frame that will be sent next. */
static struct cis_instant next_one(void)
{
	settle();
	return cis_instant_next(s.ear[0]->data[s.ear[0]->n - 1].at);
}

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

static struct cis_sim_config with_format(struct cis_sim_config sc,
					 uint16_t format, double announce_s)
{
	sc.opts.format = format;
	sc.announce_s = announce_s;
	return sc;
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
			bool is_new = since >= announce_s * RATE;

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

/* ---- late frames ---- */

static struct cis_sim_config late(struct cis_sim_config sc, double delay_s,
				  double jitter_s)
{
	sc.impair.delay_s = delay_s;
	sc.impair.jitter_s = jitter_s;
	return sc;
}

/* What came, in the order of instants: none is missing, none came twice. */
static void sort(struct sim_ear *ear)
{
	for (unsigned k = 1; k < ear->n; k++)
		for (unsigned j = k;
		     j > 0 &&
		     cis_instant_diff(ear->data[j].at, ear->data[j - 1].at) < 0;
		     j--) {
			struct sim_data swap = ear->data[j];

			ear->data[j] = ear->data[j - 1];
			ear->data[j - 1] = swap;
		}
}

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
		cmocka_unit_test(frames_that_wait_go_out_still),
		cmocka_unit_test(frames_that_wait_may_be_of_another_length),
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
