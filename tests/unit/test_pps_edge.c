/*
 * test_pps_edge.c - edges are found in a stream and dated as well as their noise
 * allows.
 *
 * The wave is the closed form of a pulse through one resistor and one capacitor,
 * with Gaussian noise and a converter's steps of +-10 V.
 */
#include <string.h>

#include "check.h"
#include "host/acq/dates/pps_edge.h"
#include "host/signal/noise.h"

#define RATE_HZ 18000.0
#define N_RUN   200
#define MAX_N   12000
#define STEP_V  5.0
/* Of 1e5 normal values one is beyond. */
#define K_SURE  4.5

struct wave {
	double t0; /* scans */
	double width_s;
	double second_s; /* another pulse so much later; 0: none */
	double tau_s;
	double base_v;
	double slope_v; /* per scan */
	double noise_v;
	int bits;     /* of 20 V; 0: no steps */
	double top_v; /* the converter's end; 0: far off */
	uint32_t n;
	uint64_t seed;
};

static double lsb_v(const struct wave *w)
{
	return w->bits ? 20.0 / (double)(1 << w->bits) : 0;
}

static double rise(double t, double tau)
{
	return t > 0 ? -expm1(-t / tau) : 0;
}

static double pulse(const struct wave *w, double t)
{
	double tau = w->tau_s * RATE_HZ;

	return rise(t, tau) - rise(t - w->width_s * RATE_HZ, tau);
}

static double sample(const struct wave *w, uint32_t i)
{
	double t = i - w->t0, lsb = lsb_v(w);
	double v = w->base_v + w->slope_v * i + STEP_V * pulse(w, t);

	if (w->second_s > 0)
		v += STEP_V * pulse(w, t - w->second_s * RATE_HZ);
	v += w->noise_v * cis_noise_gauss(w->seed, 0, i);
	if (lsb > 0)
		v = lsb * floor(v / lsb + 0.5);
	return w->top_v > 0 ? fmin(v, w->top_v) : v;
}

static void fill(const struct wave *w, double *v)
{
	for (uint32_t i = 0; i < w->n; i++)
		v[i] = sample(w, i);
}

static struct wave usual(uint64_t seed)
{
	return (struct wave){.t0 = 400.5 + cis_noise_uniform(seed, 1, 0) / 2,
			     .width_s = 0.02,
			     .tau_s = 0.5e-3,
			     .base_v = 0.01 * cis_noise_uniform(seed, 2, 0),
			     .noise_v = 0.3e-3,
			     .bits = 16,
			     .n = 1200,
			     .seed = seed};
}

static struct cis_pps_finder new_finder(double top_v)
{
	const struct cis_pps_opts opts = {.rate_hz = RATE_HZ, .top_v = top_v};
	struct cis_pps_finder finder;

	cis_pps_finder_init(&finder, &opts);
	return finder;
}

/* The only edge of the wave. */
static struct cis_pps_edge find_at(const struct wave *w, double top_v)
{
	static double v[MAX_N];
	struct cis_pps_finder finder = new_finder(top_v);
	struct cis_pps_edge edge, more;

	fill(w, v);
	assert_true(cis_pps_finder_push(&finder, 0, v, w->n, &edge));
	assert_false(cis_pps_finder_push(&finder, w->n, v, 0, &more));
	assert_true(edge.frac >= 0 && edge.frac < 1);
	return edge;
}

static double error(const struct cis_pps_edge *edge, const struct wave *w)
{
	return (double)edge->scan + edge->frac - w->t0;
}

static void check_honest(const struct cis_pps_edge *edge, const struct wave *w)
{
	assert_true(edge->fit);
	check_close(error(edge, w), 0, K_SURE * edge->u_scan + edge->bias_scan);
}

/* Solves a x = b in place by elimination; a is symmetric and positive. */
static void eliminate(double a[5][5], double *b)
{
	for (int k = 0; k < 5; k++)
		for (int i = 0; i < 5; i++) {
			double q = a[i][k] / a[k][k];

			if (i == k)
				continue;
			for (int m = 0; m < 5; m++)
				a[i][m] -= q * a[k][m];
			b[i] -= q * b[k];
		}
	for (int k = 0; k < 5; k++)
		b[k] /= a[k][k];
}

/* Cramer-Rao: variance of t0, in scans^2, of the model's five parameters over
 * 64 samples before the edge and 108 (6 ms) after it. */
static double bound_var(const struct wave *w)
{
	double a[5][5] = {{0}}, b[5] = {0, 0, 0, 1, 0}, j[5];
	double tau = w->tau_s * RATE_HZ, lsb = lsb_v(w);

	for (int i = (int)ceil(w->t0) - 64; i < (int)ceil(w->t0) + 108; i++) {
		double t = i - w->t0, e = t > 0 ? exp(-t / tau) : 1;

		j[0] = 1;
		j[1] = t / 100;
		j[2] = 1 - e;
		j[3] = t > 0 ? -STEP_V * e / tau : 0;
		j[4] = j[3] * t / tau;
		for (int k = 0; k < 5; k++)
			for (int m = 0; m < 5; m++)
				a[k][m] += j[k] * j[m];
	}
	eliminate(a, b);
	return b[3] * (w->noise_v * w->noise_v + lsb * lsb / 12);
}

/* Noise of one step of 16 bits. The rms of 200 errors is known to 5 %, their mean
 * to 7 % of it: four times that is allowed. */
static void edges_are_dated_at_the_cramer_rao_bound(void **state)
{
	static const double tau_s[] = {0.1e-3, 0.2e-3, 0.5e-3, 1e-3};

	(void)state;
	for (int k = 0; k < 4; k++) {
		double sum = 0, ss = 0, bound = 0, rms;

		for (uint64_t run = 0; run < N_RUN; run++) {
			struct wave w = usual(run + 1000 * (uint64_t)k);
			struct cis_pps_edge edge;

			w.tau_s = tau_s[k];
			edge = find_at(&w, 0);
			check_honest(&edge, &w);
			assert_false(edge.bare);
			sum += error(&edge, &w);
			ss += error(&edge, &w) * error(&edge, &w);
			bound += bound_var(&w) / N_RUN;
		}
		rms = sqrt(ss / N_RUN);
		print_message("tau %.1f ms: rms %.1f ns, bound %.1f ns\n",
			      tau_s[k] * 1e3, rms / RATE_HZ * 1e9,
			      sqrt(bound) / RATE_HZ * 1e9);
		check_close(rms, sqrt(bound), 0.2 * sqrt(bound));
		check_close(sum / N_RUN, 0, 4 * sqrt(bound / N_RUN));
		assert_true(rms / RATE_HZ < 50e-9);
	}
}

/* A noise of 0.05 steps dithers nothing; of 0.3, most. */
static void twelve_bits_are_told_honestly(void **state)
{
	static const double tau_s[] = {0.1e-3, 0.3e-3, 1e-3};

	(void)state;
	for (int k = 0; k < 6; k++)
		for (uint64_t run = 0; run < N_RUN; run++) {
			struct wave w = usual(run);
			struct cis_pps_edge edge;

			w.bits = 12;
			w.tau_s = tau_s[k % 3];
			w.noise_v = lsb_v(&w) * (k < 3 ? 0.05 : 0.3);
			edge = find_at(&w, 0);
			check_honest(&edge, &w);
			assert_true(edge.u_scan / RATE_HZ < 1e-6);
		}
}

static void pulses_of_any_width_are_dated(void **state)
{
	static const double width_s[] = {1e-3, 1.5e-3, 3e-3, 10e-3, 0.1, 0.5};
	static const double tau_s[] = {0.1e-3, 0.3e-3, 1e-3};

	(void)state;
	for (int k = 0; k < 18; k++)
		for (uint64_t run = 0; run < 20; run++) {
			struct wave w = usual(run);
			struct cis_pps_edge edge;

			w.width_s = width_s[k / 3];
			w.tau_s = tau_s[k % 3];
			w.n = 1200 + (uint32_t)(w.width_s * RATE_HZ);
			edge = find_at(&w, 0);
			check_honest(&edge, &w);
			assert_true(edge.u_scan / RATE_HZ < 100e-9);
			/* Some 1e-4 of the step, over at least one tau. */
			check_close(edge.tau_scan, w.tau_s * RATE_HZ, 0.1);
			check_close(edge.step_v, STEP_V, 0.05);
			check_close(edge.base_v, w.base_v, 1e-3);
		}
}

/* At 18 kHz half a scan is 28 us, and the uniform deviation in it 16.04 us. */
static void bare_edges_are_recognised(void **state)
{
	static const double tau_s[] = {1e-9, 1e-6, 5e-6, 12e-6};

	(void)state;
	for (int k = 0; k < 4; k++)
		for (uint64_t run = 0; run < N_RUN; run++) {
			struct wave w = usual(run);
			struct cis_pps_edge edge;

			w.tau_s = tau_s[k];
			w.width_s = 0.1;
			w.n = 3000;
			edge = find_at(&w, 0);
			assert_true(edge.fit && edge.bare);
			assert_true(edge.u_scan / RATE_HZ >= 16e-6);
			check_close(edge.bias_scan, 0.5, 0);
			check_close(error(&edge, &w), 0, 0.5 + 1e-3);
		}
}

/* An input that ends at 4 V sees 80 % of the pulse. */
static void clipped_tops_do_no_harm(void **state)
{
	(void)state;
	for (uint64_t run = 0; run < N_RUN; run++) {
		struct wave w = usual(run);
		struct cis_pps_edge edge;

		w.top_v = 4;
		w.tau_s = 0.3e-3;
		edge = find_at(&w, w.top_v);
		check_honest(&edge, &w);
		assert_true(edge.u_scan / RATE_HZ < 100e-9);
		edge = find_at(&w, 0);
		check_honest(&edge, &w);
		assert_true(edge.u_scan / RATE_HZ < 100e-9);
	}
}

/* 1 V/s, up and down. */
static void slow_baselines_do_no_harm(void **state)
{
	(void)state;
	for (uint64_t run = 0; run < N_RUN; run++) {
		struct wave w = usual(run);
		struct cis_pps_edge edge;

		w.slope_v = (run & 1 ? 1 : -1) / RATE_HZ;
		edge = find_at(&w, 0);
		check_honest(&edge, &w);
		assert_true(edge.u_scan / RATE_HZ < 50e-9);
	}
}

/* 10 mV of hum of 50 Hz is no straight line: the residual says so, and the
 * bound grows. */
static void hum_is_part_of_the_uncertainty(void **state)
{
	static double v[MAX_N];

	(void)state;
	for (uint64_t run = 0; run < N_RUN; run++) {
		struct cis_pps_finder finder = new_finder(0);
		struct wave w = usual(run);
		struct cis_pps_edge edge;

		fill(&w, v);
		for (uint32_t i = 0; i < w.n; i++)
			v[i] += 0.01 *
				sin(i * 314.159265 / RATE_HZ + (double)run);
		assert_true(cis_pps_finder_push(&finder, 0, v, w.n, &edge));
		check_honest(&edge, &w);
	}
}

/* A sample of 8 V, anywhere but in the steep part itself; and no sample. */
static void single_spikes_do_no_harm(void **state)
{
	static double v[MAX_N];

	(void)state;
	for (uint32_t run = 0; run < N_RUN; run++) {
		struct cis_pps_finder finder = new_finder(0);
		struct wave w = usual(run);
		struct cis_pps_edge edge;

		fill(&w, v);
		v[run < 100 ? 380 - run : 310 + run] += run & 1 ? 8 : -8;
		v[330] = NAN;
		v[480] = NAN;
		assert_true(cis_pps_finder_push(&finder, 0, v, w.n, &edge));
		assert_true(fabs(error(&edge, &w)) < 1);
		check_honest(&edge, &w);
	}
}

/* A pulse of 0.1 ms through 0.5 ms reaches 0.9 V. */
static void glitches_are_no_edges(void **state)
{
	static double v[MAX_N];

	(void)state;
	for (uint64_t run = 0; run < N_RUN; run++) {
		struct cis_pps_finder finder = new_finder(0);
		struct wave w = usual(run);
		struct cis_pps_edge edge;

		w.width_s = 0.1e-3;
		fill(&w, v);
		assert_false(cis_pps_finder_push(&finder, 0, v, w.n, &edge));
		w.tau_s = 0.1e-3;
		fill(&w, v);
		assert_false(cis_pps_finder_push(&finder, w.n, v, w.n, &edge));
	}
}

static void doubles_are_told_in_their_order(void **state)
{
	static const double after_s[] = {6e-3, 10e-3, 20e-3};
	static double v[MAX_N];

	(void)state;
	for (int k = 0; k < 3; k++) {
		struct cis_pps_finder finder = new_finder(0);
		struct wave w = usual(7);
		struct cis_pps_edge edge;

		w.tau_s = 0.1e-3;
		w.width_s = 2e-3;
		w.second_s = after_s[k];
		fill(&w, v);
		assert_true(cis_pps_finder_push(&finder, 0, v, w.n, &edge));
		check_honest(&edge, &w);
		assert_true(cis_pps_finder_push(&finder, w.n, v, 0, &edge));
		w.t0 += after_s[k] * RATE_HZ;
		check_honest(&edge, &w);
		assert_false(cis_pps_finder_push(&finder, w.n, v, 0, &edge));
	}
}

/* A straight ramp of 2 ms is off every exponential by percents. */
static void what_is_no_rc_edge_is_not_dated(void **state)
{
	static double v[MAX_N];
	struct cis_pps_finder finder = new_finder(0);
	struct wave w = usual(1);
	struct cis_pps_edge edge;

	(void)state;
	fill(&w, v);
	for (uint32_t i = 0; i < w.n; i++)
		v[i] = w.base_v + fmin(fmax((i - 400.0) / 36, 0), 1) * STEP_V;
	assert_true(cis_pps_finder_push(&finder, 0, v, w.n, &edge));
	assert_false(edge.fit);
}

static void blocks_of_any_size_give_the_same(void **state)
{
	static const uint32_t sizes[] = {1, 7, 64, 144, 1024};
	static double v[MAX_N];
	struct wave w = usual(3);
	struct cis_pps_edge whole = find_at(&w, 0), edge;

	(void)state;
	fill(&w, v);
	for (int k = 0; k < 5; k++) {
		struct cis_pps_finder finder = new_finder(0);
		int found = 0;

		for (uint32_t i = 0; i < w.n; i += sizes[k])
			found += cis_pps_finder_push(
				&finder, 1000 + i, v + i,
				w.n - i < sizes[k] ? w.n - i : sizes[k], &edge);
		assert_int_equal(found, 1);
		assert_int_equal(edge.scan, whole.scan + 1000);
		check_close(edge.frac, whole.frac, 0);
	}
}

/* Begun in the middle of a pulse; then a gap across the next edge; then one. */
static void gaps_and_half_pulses_are_no_edges(void **state)
{
	static double v[MAX_N];
	struct cis_pps_finder finder = new_finder(0);
	struct wave w = usual(4);
	struct cis_pps_edge edge;

	(void)state;
	fill(&w, v);
	assert_false(cis_pps_finder_push(&finder, 600, v + 600, 600, &edge));
	assert_false(cis_pps_finder_push(&finder, 1200, v, 380, &edge));
	assert_false(cis_pps_finder_push(&finder, 1700, v + 500, 700, &edge));
	assert_true(cis_pps_finder_push(&finder, 2400, v, w.n, &edge));
	edge.scan -= 2400;
	check_honest(&edge, &w);
}

static void noise_is_no_edge(void **state)
{
	static double v[MAX_N];
	struct cis_pps_finder finder = new_finder(0);
	struct wave w = usual(5);
	struct cis_pps_edge edge;

	(void)state;
	w.t0 = 1e9;
	w.noise_v = 0.03; /* The least step is 17 times that. */
	w.n = MAX_N;
	fill(&w, v);
	for (uint64_t k = 0; k < 15; k++)
		assert_false(cis_pps_finder_push(&finder, k * MAX_N, v, MAX_N,
						 &edge));
	for (uint32_t i = 0; i < MAX_N; i++)
		v[i] = i % 3 ? NAN : INFINITY;
	assert_false(cis_pps_finder_push(&finder, 15 * (uint64_t)MAX_N, v,
					 MAX_N, &edge));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edges_are_dated_at_the_cramer_rao_bound),
		cmocka_unit_test(twelve_bits_are_told_honestly),
		cmocka_unit_test(pulses_of_any_width_are_dated),
		cmocka_unit_test(bare_edges_are_recognised),
		cmocka_unit_test(clipped_tops_do_no_harm),
		cmocka_unit_test(slow_baselines_do_no_harm),
		cmocka_unit_test(hum_is_part_of_the_uncertainty),
		cmocka_unit_test(single_spikes_do_no_harm),
		cmocka_unit_test(glitches_are_no_edges),
		cmocka_unit_test(doubles_are_told_in_their_order),
		cmocka_unit_test(what_is_no_rc_edge_is_not_dated),
		cmocka_unit_test(blocks_of_any_size_give_the_same),
		cmocka_unit_test(gaps_and_half_pulses_are_no_edges),
		cmocka_unit_test(noise_is_no_edge),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
