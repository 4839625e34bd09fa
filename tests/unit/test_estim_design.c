/*
 * test_estim_design.c - what rows are: the solution of the formulas as written,
 * folded, with the noise and the reach that they state.
 */
#include "host/estim/design.h"

#include <pthread.h>

#include "rows_apply.h"
#include "rows_literal.h"

struct window {
	double *s[LITERAL_SIGNALS];
	double norm[LITERAL_SIGNALS];
};

static void fill(struct window *w, size_t n)
{
	uint64_t state = 7;

	for (int k = 0; k < LITERAL_SIGNALS; k++) {
		double sum = 0;

		w->s[k] = malloc(n * sizeof(double));
		for (size_t i = 0; i < n; i++) {
			w->s[k][i] = rows_random(&state);
			sum += w->s[k][i] * w->s[k][i];
		}
		w->norm[k] = sqrt(sum);
	}
}

static void drop(struct window *w)
{
	for (int k = 0; k < LITERAL_SIGNALS; k++)
		free(w->s[k]);
}

static double norm_of_row(const struct cis_rows *rows, unsigned row)
{
	double sum = 0;

	for (long n = -(long)rows->half; n <= (long)rows->half; n++)
		sum += pow(row_at(rows, row, n), 2);
	return sqrt(sum);
}

/* The greatest difference over all forms, of the row's and the signal's norm */
static double distance(const struct cis_design *d, double seed_hz)
{
	struct cis_rows *rows = cis_design_rows(d, seed_hz);
	double lit[LITERAL_SIGNALS][8], worst = 0;
	struct window w;

	assert_non_null(rows);
	assert_int_equal(rows->half, literal_half(d));
	fill(&w, 2 * (size_t)rows->half + 1);
	literal_solve(d, seed_hz, w.s, lit);
	for (int k = 0; k < LITERAL_SIGNALS; k++) {
		double complex p[4];

		rows_apply(rows, w.s[k] + rows->half, p);
		for (unsigned f = 0; f < 8; f++) {
			double is = f % 2 ? cimag(p[f / 2]) : creal(p[f / 2]);

			worst = fmax(worst, fabs(is - lit[k][f]) / w.norm[k] /
						    norm_of_row(rows, f));
		}
	}
	drop(&w);
	cis_rows_free(rows);
	return worst;
}

static const struct {
	struct cis_design d;
	double seed_hz;
} p_case[] =
	{
		{{CIS_PROFILE_P, 50, 50, 18000}, 50},
		{{CIS_PROFILE_P, 50, 50, 18001.8}, 47.25},
		{{CIS_PROFILE_P, 60, 30, 18000}, 62.5},
		{{CIS_PROFILE_P, 50, 50, 300}, 51.75},
		{{CIS_PROFILE_P, 60, 60, 4000}, 84},
		{{CIS_PROFILE_P, 50, 10, 9600}, 30},
},
  gls_case[] = {
	  {{CIS_PROFILE_M, 50, 50, 18000}, 50},
	  {{CIS_PROFILE_M, 60, 60, 18000}, 57.25},
	  {{CIS_PROFILE_M, 60, 120, 4000}, 60},
	  {{CIS_PROFILE_M, 50, 25, 300}, 49.5},
	  {{CIS_PROFILE_REFERENCE, 50, 50, 18000}, 50},
	  {{CIS_PROFILE_REFERENCE, 50, 100, 960}, 50.5},
	  {{CIS_PROFILE_REFERENCE, 60, 60, 18001.8}, 62.5},
	  {{CIS_PROFILE_REFERENCE, 50, 50, 51200}, 35},
	  {{CIS_PROFILE_REFERENCE, 50, 25, 2400}, 51},
	  {{CIS_PROFILE_REFERENCE, 60, 10, 360}, 60},
};

static void rows_of_p_solve_the_formulas_as_written(void **state)
{
	(void)state;
	/* Weighted powers of t have a condition of 1e3 at most. */
	for (size_t i = 0; i < sizeof(p_case) / sizeof(p_case[0]); i++)
		check_close(distance(&p_case[i].d, p_case[i].seed_hz), 0,
			    1e3 * 2.2e-16);
}

static void rows_of_m_and_reference_solve_the_formulas_as_written(void **state)
{
	(void)state;
	/* C has a condition of up to 1e12, which keeps 1e-7 of a vector that
	 * C^-1 makes when half its digits go; 1 % of any level of table 3.2 is
	 * 1e-5. */
	for (size_t i = 0; i < sizeof(gls_case) / sizeof(gls_case[0]); i++)
		check_close(distance(&gls_case[i].d, gls_case[i].seed_hz), 0,
			    1e-6);
}

static double gram(const struct cis_rows *rows, unsigned i, unsigned j)
{
	double sum = 0;

	for (long n = -(long)rows->half; n <= (long)rows->half; n++)
		sum += row_at(rows, i, n) * row_at(rows, j, n);
	return sum;
}

static void the_noise_factor_makes_the_rows_own_products(void **state)
{
	(void)state;
	for (size_t c = 0; c < 6; c++) {
		struct cis_rows *rows =
			cis_design_rows(&p_case[c].d, p_case[c].seed_hz);

		assert_non_null(rows);
		for (unsigned i = 0; i < CIS_N_ROW; i++)
			for (unsigned j = 0; j < CIS_N_ROW; j++) {
				double sum = 0, norm = norm_of_row(rows, i) *
						       norm_of_row(rows, j);

				for (unsigned k = 0; k < CIS_N_ROW; k++)
					sum += rows->noise[i][k] *
					       rows->noise[j][k];
				/* Sums of 1e3 terms or so. */
				check_close(sum / norm, gram(rows, i, j) / norm,
					    1e-13);
				if (j > i)
					check_close(rows->noise[i][j], 0, 0);
			}
		cis_rows_free(rows);
	}
}

static void half_rows_are_aligned_and_zero_where_they_must_be(void **state)
{
	struct cis_rows *rows =
		cis_design_rows(&gls_case[6].d, gls_case[6].seed_hz);

	(void)state;
	assert_non_null(rows);
	assert_int_equal((uintptr_t)rows->g % 64, 0);
	assert_int_equal(rows->stride % 8, 0);
	assert_in_range(rows->stride, rows->half + 1, rows->half + 8);
	check_close(rows->seed_hz, gls_case[6].seed_hz, 0);
	check_close(rows->rate_hz, gls_case[6].d.rate_hz, 0);
	for (unsigned i = 0; i < CIS_N_ROW; i++) {
		const double *g = rows->g + i * rows->stride;

		if (row_is_odd(i))
			check_close(g[0], 0, 0);
		for (size_t n = rows->half + 1; n < rows->stride; n++)
			check_close(g[n], 0, 0);
	}
	cis_rows_free(rows);
	cis_rows_free(NULL);
}

/* The worst of 16 phases of a steady sine of amplitude 1. */
static double error_at(const struct cis_rows *rows, double f_hz)
{
	long half = (long)rows->half;
	double *s = malloc((2 * (size_t)half + 1) * sizeof(double)), worst = 0;

	for (int k = 0; k < 16; k++) {
		double phase = PI * k / 16;
		double complex d[4];

		for (long n = -half; n <= half; n++)
			s[n + half] =
				cos(2 * PI * f_hz * (double)n / rows->rate_hz +
				    phase);
		rows_apply(rows, s + half, d);
		worst = fmax(worst, cabs(d[0] - cexp(I * phase)));
	}
	free(s);
	return worst;
}

static void within_reach(const struct cis_design *d, double seed_hz)
{
	struct cis_rows *rows = cis_design_rows(d, seed_hz);
	double r;

	assert_non_null(rows);
	r = rows->reach_hz;
	assert_true(r > 0.1);
	for (int i = -9; i <= 9; i++)
		assert_true(error_at(rows, seed_hz + r * i / 9) <= 1.0001e-6);
	r *= 1.01;
	assert_true(fmax(error_at(rows, seed_hz - r),
			 error_at(rows, seed_hz + r)) > 1e-6);
	cis_rows_free(rows);
}

static void a_sine_within_reach_is_right_to_1e_6(void **state)
{
	(void)state;
	for (size_t i = 0; i < 6; i++)
		within_reach(&p_case[i].d, p_case[i].seed_hz);
	for (size_t i = 0; i < 6; i++)
		within_reach(&gls_case[i].d, gls_case[i].seed_hz);
}

/* To the last digit but for what BLAS makes of how its arguments lie in
 * memory, which C's condition magnifies as above. */
static void check_same(const struct cis_rows *a, const struct cis_rows *b)
{
	assert_non_null(a);
	assert_non_null(b);
	assert_int_equal(a->half, b->half);
	for (unsigned i = 0; i < CIS_N_ROW; i++) {
		double tol = 1e-6 * norm_of_row(a, i);

		for (long n = 0; n <= (long)a->half; n++)
			check_close(row_at(a, i, n), row_at(b, i, n), tol);
	}
}

static void fewer_than_10_reports_a_second_are_10(void **state)
{
	struct cis_design one = {CIS_PROFILE_M, 50, 1, 1000}, ten = one;
	struct cis_rows *a, *b;

	(void)state;
	ten.report_hz = 10;
	a = cis_design_rows(&one, 50);
	b = cis_design_rows(&ten, 50);
	check_same(a, b);
	cis_rows_free(a);
	cis_rows_free(b);
}

static void a_seed_that_is_no_frequency_has_no_rows(void **state)
{
	(void)state;
	assert_null(cis_design_rows(&gls_case[0].d, 0));
	assert_null(cis_design_rows(&gls_case[0].d, -50));
	assert_null(cis_design_rows(&p_case[0].d, NAN));
}

static void *design_some(void *arg)
{
	struct cis_rows **rows = arg;

	for (size_t i = 0; i < 4; i++)
		rows[i] = cis_design_rows(&gls_case[i].d, gls_case[i].seed_hz);
	return NULL;
}

static void threads_design_at_once_what_one_designs_alone(void **state)
{
	struct cis_rows *rows[3][4];
	pthread_t thread[2];

	(void)state;
	for (int i = 0; i < 2; i++)
		assert_int_equal(
			pthread_create(&thread[i], NULL, design_some, rows[i]),
			0);
	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_join(thread[i], NULL), 0);
	design_some(rows[2]);
	for (int k = 0; k < 4; k++) {
		check_same(rows[0][k], rows[2][k]);
		check_same(rows[1][k], rows[2][k]);
		for (int i = 0; i < 3; i++)
			cis_rows_free(rows[i][k]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_of_p_solve_the_formulas_as_written),
		cmocka_unit_test(
			rows_of_m_and_reference_solve_the_formulas_as_written),
		cmocka_unit_test(the_noise_factor_makes_the_rows_own_products),
		cmocka_unit_test(
			half_rows_are_aligned_and_zero_where_they_must_be),
		cmocka_unit_test(a_sine_within_reach_is_right_to_1e_6),
		cmocka_unit_test(fewer_than_10_reports_a_second_are_10),
		cmocka_unit_test(a_seed_that_is_no_frequency_has_no_rows),
		cmocka_unit_test(threads_design_at_once_what_one_designs_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
