/* test_tap.c - the samples about a report, and the curve of its fit. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "estim_run.h"
#include "host/acq/tap.h"

#define BLOCK 180

/* What est's thread does: blocks to the tap and the estimator, reports back. */
struct line {
	struct run run;
	struct cis_estim *est;
	struct cis_tap *tap;
	uint64_t next_scan;
	const double *delay_s;
	struct cis_chan_map map;
	double x[CIS_SIGNAL_N_CHAN * BLOCK];
};

static void open_line(struct line *l, const char *const keys[][2])
{
	struct cis_tap_config cfg = {.n_chan = CIS_SIGNAL_N_CHAN,
				     .rate_hz = 18000,
				     .history_s = 0.3};
	struct cis_diag diag = {""};

	l->run = run_init(50);
	l->run.profile = CIS_PROFILE_REFERENCE;
	for (unsigned i = 0; keys[i][0]; i++)
		run_key(&l->run, keys[i][0], keys[i][1]);
	assert_int_equal(cis_signal_finish(&l->run.sig, &diag), 0);
	l->est = run_estim(&l->run, &l->map);
	assert_int_equal(cis_tap_new(&cfg, &l->tap), 0);
}

static void close_line(struct line *l)
{
	cis_tap_free(l->tap);
	cis_estim_free(l->est);
	free(l);
}

static void push(struct line *l, unsigned n_block, uint32_t flags)
{
	static struct cis_report rep;

	while (n_block-- > 0) {
		struct cis_block blk = {.clock = run_clock(&l->run),
					.first_scan = l->next_scan,
					.flags = flags,
					.n_chan = CIS_SIGNAL_N_CHAN,
					.n_scan = BLOCK,
					.stride = BLOCK,
					.delay_s = l->delay_s,
					.x = l->x};

		run_fill(&l->run, &blk);
		cis_tap_block(l->tap, &blk);
		assert_int_equal(cis_estim_push(l->est, &blk), 0);
		while (!cis_estim_pop(l->est, &rep))
			cis_tap_report(l->tap, &rep);
		l->next_scan += BLOCK;
		flags = 0;
	}
}

static struct line *line_of(const char *const keys[][2])
{
	struct line *l = calloc(1, sizeof(*l));

	assert_non_null(l);
	open_line(l, keys);
	return l;
}

/* The greatest |fit - x| over the channel's peak, all samples and channels;
 * `dc` is how much of what the fit says of dc counts. */
static double worst_of(const struct line *l, const struct cis_tap_view *v,
		       double dc)
{
	double worst = 0;

	for (uint32_t c = 0; c < v->n_chan; c++)
		for (uint32_t i = 0; i < v->n_scan; i++) {
			double x = v->x[c * v->n_scan + i];
			double fit = cis_tap_fit(v, c, 50, i) -
				     (1 - dc) * v->rep.fit[c].dc;
			double d =
				fabs(fit - x) / (sqrt(2) * l->run.sig.rms[c]);

			worst = d > worst ? d : worst;
		}
	return worst;
}

static double resid_of(const struct cis_tap_view *v)
{
	double most = 0;

	for (uint32_t c = 0; c < v->n_chan; c++)
		most = fmax(most, v->rep.fit[c].resid);
	return most;
}

/* By the formula, at the instants that the view says. */
static void samples_are_those_of_their_instants(void **state)
{
	const char *const keys[][2] = {{"f", "50.1"}, {NULL, NULL}};
	struct line *l = line_of(keys);
	const struct cis_tap_view *v;

	(void)state;
	cis_tap_want(l->tap, true);
	push(l, 120, 0);
	v = cis_tap_look(l->tap);
	assert_non_null(v);
	assert_true(v->n_scan / v->rate_hz >= CIS_TAP_S);
	assert_true(v->from_s < 0 && v->from_s + v->n_scan / v->rate_hz > 0);
	for (uint32_t c = 0; c < v->n_chan; c++)
		for (uint32_t i = 0; i < v->n_scan; i += 7) {
			struct cis_split_time t = cis_instant_split(v->rep.at);
			double s = t.frac_s + v->from_s + i / v->rate_hz;
			double x = cis_signal_sample(&l->run.sig, c,
						     t.tai_s - RUN_T0, s, 0);

			/* 1e-12 s of the instant at 314 rad/s, twice. */
			check_close(v->x[c * v->n_scan + i], x,
				    6.3e-10 * l->run.sig.rms[c]);
		}
	close_line(l);
}

/* Below 1e-9 of the wave. Of a frequency between those for which the estimator
 * has rows that holds of the fundamental; its dc, up to 1e-8 of the wave there, is
 * the estimator's. */
static void the_fit_of_a_clean_wave_is_the_wave(void **state)
{
	const char *const all[][3][2] = {
		{{NULL, NULL}},
		{{"va", "63"}, {"ib_deg", "100"}, {NULL, NULL}},
		{{"f", "50.1"}, {NULL, NULL}},
		{{"f", "52.9"}, {"seq", "acb"}, {NULL, NULL}},
	};

	(void)state;
	for (unsigned k = 0; k < sizeof(all) / sizeof(all[0]); k++) {
		struct line *l = line_of(all[k]);
		const struct cis_tap_view *v;

		cis_tap_want(l->tap, true);
		push(l, 200, 0);
		v = cis_tap_look(l->tap);
		assert_non_null(v);
		check_close(worst_of(l, v, k < 2 ? 1 : 0), 0, 1e-9);
		close_line(l);
	}
}

/* The residual is that of the window, rms over rms; one sample has at most three
 * times as much here, where it is the leakage of a sine. */
static void the_fit_is_as_near_as_its_residual_says(void **state)
{
	const char *const all[][4][2] = {
		{{"f", "50.1"}, {NULL, NULL}},
		{{"f", "47.3"}, {"va", "63"}, {"ib_deg", "100"}, {NULL, NULL}},
		{{"h5", "0.02"}, {"h5_deg", "70"}, {NULL, NULL}},
	};

	(void)state;
	for (unsigned k = 0; k < sizeof(all) / sizeof(all[0]); k++) {
		struct line *l = line_of(all[k]);
		const struct cis_tap_view *v;

		cis_tap_want(l->tap, true);
		push(l, 200, 0);
		v = cis_tap_look(l->tap);
		assert_non_null(v);
		assert_true(worst_of(l, v, 1) < 3 * resid_of(v));
		close_line(l);
	}
}

static void channels_of_a_staggered_scan_are_fitted_where_they_are(void **state)
{
	static const double delay_s[] = {0, 5e-6, 10e-6, 15e-6, 20e-6, 25e-6};
	const char *const keys[][2] = {{"f", "50.1"}, {NULL, NULL}};
	struct line *l = line_of(keys);

	(void)state;
	l->delay_s = delay_s;
	cis_tap_want(l->tap, true);
	push(l, 200, 0);
	assert_non_null(cis_tap_look(l->tap));
	check_close(worst_of(l, cis_tap_look(l->tap), 0), 0, 1e-9);
	close_line(l);
}

/* f(t) = 50 + t: no curve of constant frequency follows it. 60 ms about the
 * instant, third order terms are none; the estimator's own bound for a ramp of
 * 1 Hz/s is 1e-6. */
static void the_fit_follows_a_ramp(void **state)
{
	const char *const keys[][2] = {{"rocof", "1"}, {NULL, NULL}};
	struct line *l = line_of(keys);

	(void)state;
	cis_tap_want(l->tap, true);
	push(l, 200, 0);
	assert_non_null(cis_tap_look(l->tap));
	check_close(worst_of(l, cis_tap_look(l->tap), 1), 0, 1e-6);
	close_line(l);
}

static void nothing_is_kept_while_nobody_wants_it(void **state)
{
	const char *const keys[][2] = {{NULL, NULL}};
	struct line *l = line_of(keys);
	struct cis_instant at;

	(void)state;
	push(l, 120, 0);
	assert_null(cis_tap_look(l->tap));
	cis_tap_want(l->tap, true);
	push(l, 1, 0);
	assert_null(cis_tap_look(l->tap));
	push(l, 120, 0);
	assert_non_null(cis_tap_look(l->tap));
	at = cis_tap_look(l->tap)->rep.at;
	cis_tap_want(l->tap, false);
	push(l, 120, 0);
	assert_int_equal(cis_instant_diff(cis_tap_look(l->tap)->rep.at, at), 0);
	close_line(l);
}

static void who_wants_one_again_gets_none_of_before(void **state)
{
	const char *const keys[][2] = {{NULL, NULL}};
	struct line *l = line_of(keys);

	(void)state;
	cis_tap_want(l->tap, true);
	push(l, 120, 0);
	assert_non_null(cis_tap_look(l->tap));
	push(l, 60, 0);
	cis_tap_want(l->tap, false);
	push(l, 120, 0);
	cis_tap_want(l->tap, true);
	assert_null(cis_tap_look(l->tap));
	push(l, 120, 0);
	assert_non_null(cis_tap_look(l->tap));
	cis_tap_want(l->tap, true);
	assert_non_null(cis_tap_look(l->tap));
	close_line(l);
}

/* After lost scans the next view begins behind them. */
static void a_view_never_crosses_a_gap(void **state)
{
	const char *const keys[][2] = {{"f", "50.1"}, {NULL, NULL}};
	struct line *l = line_of(keys);
	const struct cis_tap_view *v;

	(void)state;
	cis_tap_want(l->tap, true);
	push(l, 120, 0);
	l->next_scan += 9001;
	for (unsigned i = 0; i < 200; i++) {
		push(l, 1, i ? 0 : CIS_BLOCK_GAP);
		v = cis_tap_look(l->tap);
		assert_non_null(v);
		/* A report with a gap in its window has no curve. */
		if (!(v->rep.flags & CIS_REPORT_GAP))
			check_close(worst_of(l, v, 0), 0, 1e-9);
	}
	close_line(l);
}

static void what_is_too_large_is_refused(void **state)
{
	struct cis_tap_config cfg = {
		.n_chan = 256, .rate_hz = 1e6, .history_s = 1};
	struct cis_tap *tap = NULL;

	(void)state;
	assert_int_equal(cis_tap_new(&cfg, &tap), -EMSGSIZE);
	cfg.history_s = INFINITY;
	assert_int_equal(cis_tap_new(&cfg, &tap), -EMSGSIZE);
	assert_null(tap);
	cis_tap_free(NULL);
	cis_tap_want(NULL, true);
	assert_null(cis_tap_look(NULL));
}

/* ---- two threads ---- */

#define N_TURN 20000

/* Channel c of scan n is c + 6 n. */
static void *feed(void *arg)
{
	static struct cis_report rep;
	struct cis_tap *tap = arg;
	double x[CIS_SIGNAL_N_CHAN * BLOCK];

	rep.n_chan = CIS_SIGNAL_N_CHAN;
	for (uint64_t k = 0; k < N_TURN; k++) {
		struct cis_block blk = {.clock = {.rate_hz = 18000},
					.first_scan = k * BLOCK,
					.n_chan = CIS_SIGNAL_N_CHAN,
					.n_scan = BLOCK,
					.stride = BLOCK,
					.x = x};
		uint64_t tenth = k > 50 ? (k - 50) / 10 : 0;

		for (unsigned c = 0; c < CIS_SIGNAL_N_CHAN; c++)
			for (unsigned i = 0; i < BLOCK; i++)
				cis_block_chan(&blk, c)[i] =
					(double)(c + 6 * (k * BLOCK + i));
		cis_tap_block(tap, &blk);
		rep.at = (struct cis_instant){
			(int64_t)(tenth / 10), (uint32_t)(tenth % 10), {10, 1}};
		cis_tap_report(tap, &rep);
	}
	return NULL;
}

static bool is_whole(const struct cis_tap_view *v)
{
	for (uint32_t c = 0; c < v->n_chan; c++)
		for (uint32_t i = 0; i < v->n_scan; i++)
			if (v->x[c * v->n_scan + i] != v->x[0] + c + 6.0 * i)
				return false;
	return true;
}

static void who_looks_sees_whole_views_while_they_are_made(void **state)
{
	struct cis_tap_config cfg = {
		.n_chan = CIS_SIGNAL_N_CHAN, .rate_hz = 18000, .history_s = 1};
	const struct cis_tap_view *v = NULL;
	struct cis_tap *tap;
	pthread_t thread;

	(void)state;
	assert_int_equal(cis_tap_new(&cfg, &tap), 0);
	cis_tap_want(tap, true);
	assert_int_equal(pthread_create(&thread, NULL, feed, tap), 0);
	while (!v || cis_instant_time(v->rep.at).tai_ns <
			     (N_TURN / 100 - 2) * CIS_NS_PER_S) {
		v = cis_tap_look(tap);
		assert_true(!v || is_whole(v));
	}
	pthread_join(thread, NULL);
	cis_tap_free(tap);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(samples_are_those_of_their_instants),
		cmocka_unit_test(the_fit_of_a_clean_wave_is_the_wave),
		cmocka_unit_test(the_fit_is_as_near_as_its_residual_says),
		cmocka_unit_test(
			channels_of_a_staggered_scan_are_fitted_where_they_are),
		cmocka_unit_test(the_fit_follows_a_ramp),
		cmocka_unit_test(nothing_is_kept_while_nobody_wants_it),
		cmocka_unit_test(who_wants_one_again_gets_none_of_before),
		cmocka_unit_test(a_view_never_crosses_a_gap),
		cmocka_unit_test(what_is_too_large_is_refused),
		cmocka_unit_test(
			who_looks_sees_whole_views_while_they_are_made),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
