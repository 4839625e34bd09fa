/*
 * test_estim_kernel.c - every inner loop of this machine against the sum
 * itself, in long double.
 */
#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "host/estim/kernel.h"

#define MAX_CHAN 9

static const char *const set[] = {"base", "avx2", "avx512"};
#define N_SET (sizeof(set) / sizeof(set[0]))

/* Uniform over +-1, repeatable. */
static double draw(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return (double)(*state >> 11) / 4503599627370496.0 - 1;
}

static struct cis_rows random_rows(uint32_t half, uint64_t *state)
{
	struct cis_rows rows = {.half = half,
				.stride = ((size_t)half + 8) / 8 * 8};
	size_t n = CIS_N_ROW * rows.stride;

	rows.g = aligned_alloc(64, n * sizeof(*rows.g));
	assert_non_null(rows.g);
	for (size_t i = 0; i < n; i++)
		rows.g[i] = i % rows.stride > half ? 0 : draw(state);
	return rows;
}

/* Windows one behind the other in memory that ends where they do, each at
 * another offset from a multiple of the vector. */
struct windows {
	double *mem;
	const double *centre[MAX_CHAN];
};

static struct windows random_windows(uint32_t half, uint64_t *state)
{
	size_t len = 2 * (size_t)half + 1;
	struct windows w = {.mem = malloc(MAX_CHAN * len * sizeof(*w.mem))};

	assert_non_null(w.mem);
	for (size_t i = 0; i < MAX_CHAN * len; i++)
		w.mem[i] = draw(state);
	for (size_t c = 0; c < MAX_CHAN; c++)
		w.centre[c] = w.mem + c * len + half;
	return w;
}

/* Row r takes this of the window: rows.h. */
static const int parity[CIS_N_ROW] = {1, -1, -1, 1, 1, -1, -1, 1};

static long double exact(const struct cis_rows *rows, unsigned r,
			 const double *s, double *magnitude)
{
	const double *g = rows->g + r * rows->stride;
	long double sum = parity[r] > 0 ? (long double)g[0] * s[0] : 0;
	long double size = fabsl(sum);

	for (ptrdiff_t n = 1; n <= (ptrdiff_t)rows->half; n++) {
		long double at = (long double)g[n] * s[n];
		long double mirror = (long double)g[n] * s[-n] * parity[r];

		sum += at + mirror;
		size += fabsl(at) + fabsl(mirror);
	}
	*magnitude = (double)size;
	return sum;
}

/* The tolerance is the one that docs/estimator.md promises. */
static void compare(const struct cis_kernel *k, const struct cis_rows *rows,
		    unsigned n_row, unsigned n_chan, const struct windows *w)
{
	double d[MAX_CHAN + 1][CIS_N_ROW];

	for (unsigned c = 0; c <= MAX_CHAN; c++)
		for (unsigned r = 0; r < CIS_N_ROW; r++)
			d[c][r] = 1e300;
	k->apply(rows, n_row, n_chan, w->centre, d);
	for (unsigned c = 0; c <= MAX_CHAN; c++)
		for (unsigned r = 0; r < CIS_N_ROW; r++) {
			double size, sum;

			if (c >= n_chan || r >= n_row) {
				assert_true(d[c][r] >= 1e300);
				continue;
			}
			sum = (double)exact(rows, r, w->centre[c], &size);
			check_close(d[c][r], sum, 1e-15 * size);
		}
}

static void each_set_sums_to_rounding(void **state)
{
	static const uint32_t half[] = {1,  2,  3,   7,   8,   9,   15,  16,
					17, 63, 255, 256, 257, 720, 721, 2520};
	uint64_t seed = 1;
	unsigned n_seen = 0;

	(void)state;
	for (size_t i = 0; i < N_SET; i++) {
		const struct cis_kernel *k = cis_kernel_named(set[i]);

		if (!k)
			continue;
		n_seen++;
		assert_string_equal(k->name, set[i]);
		for (size_t h = 0; h < sizeof(half) / sizeof(half[0]); h++) {
			struct cis_rows rows = random_rows(half[h], &seed);
			struct windows w = random_windows(half[h], &seed);

			for (unsigned n = 1; n <= MAX_CHAN; n++) {
				compare(k, &rows, 6, n, &w);
				compare(k, &rows, 8, n, &w);
			}
			free(rows.g);
			free(w.mem);
		}
	}
	assert_true(n_seen > 0);
}

/* More channels than a kernel takes at once. */
static void many_channels_are_each_their_own(void **state)
{
	enum { HALF = 40, N = 64 };
	const double *centre[N];
	double d[N][CIS_N_ROW];
	uint64_t seed = 2;
	struct cis_rows rows = random_rows(HALF, &seed);
	double *mem = malloc((N + 2 * HALF) * sizeof(*mem));

	(void)state;
	assert_non_null(mem);
	for (unsigned i = 0; i < N + 2 * HALF; i++)
		mem[i] = draw(&seed);
	for (unsigned c = 0; c < N; c++)
		centre[c] = mem + HALF + c;
	for (size_t i = 0; i < N_SET; i++) {
		const struct cis_kernel *k = cis_kernel_named(set[i]);

		if (!k)
			continue;
		k->apply(&rows, 8, N, centre, d);
		for (unsigned c = 0; c < N; c++)
			for (unsigned r = 0; r < CIS_N_ROW; r++) {
				double size;
				double sum = (double)exact(&rows, r, centre[c],
							   &size);

				check_close(d[c][r], sum, 1e-15 * size);
			}
	}
	free(mem);
	free(rows.g);
}

/* At the middle, amid the vectors, and among the last. */
static void a_sample_that_is_nan_shows_in_its_channel_alone(void **state)
{
	enum { HALF = 721 };
	static const ptrdiff_t at[] = {0, 1, -300, HALF, -HALF};
	uint64_t seed = 3;
	struct cis_rows rows = random_rows(HALF, &seed);
	struct windows w = random_windows(HALF, &seed);
	double d[MAX_CHAN][CIS_N_ROW];

	(void)state;
	for (size_t i = 0; i < N_SET * 5; i++) {
		const struct cis_kernel *k = cis_kernel_named(set[i / 5]);
		double *bad = w.mem + 5 * (2 * HALF + 1) - HALF - 1 + at[i % 5];
		double good = *bad;

		if (!k)
			continue;
		*bad = NAN;
		k->apply(&rows, 8, MAX_CHAN, w.centre, d);
		for (unsigned c = 0; c < MAX_CHAN; c++)
			for (unsigned r = 0; r < CIS_N_ROW; r++)
				assert_int_equal(isnan(d[c][r]) != 0, c == 4);
		*bad = good;
	}
	free(w.mem);
	free(rows.g);
}

static void the_best_is_the_widest_there_is(void **state)
{
	const struct cis_kernel *widest = NULL;

	(void)state;
	for (size_t i = 0; i < N_SET; i++)
		if (cis_kernel_named(set[i]))
			widest = cis_kernel_named(set[i]);
	assert_ptr_equal(cis_kernel_best(), widest);
	assert_non_null(cis_kernel_named("base"));
	assert_null(cis_kernel_named("mmx"));
	assert_null(cis_kernel_named(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_set_sums_to_rounding),
		cmocka_unit_test(many_channels_are_each_their_own),
		cmocka_unit_test(
			a_sample_that_is_nan_shows_in_its_channel_alone),
		cmocka_unit_test(the_best_is_the_widest_there_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
