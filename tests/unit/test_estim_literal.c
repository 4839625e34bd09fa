/*
 * test_estim_literal.c - the estimator against the paper's equations as they
 * stand, (5) to (18), solved by LAPACK.
 *
 * Time origin, columns, unknowns and steps are the paper's; only the end of the
 * iteration is told by its standing still. The report instant is the middle of
 * the window, so that nothing has to be shifted.
 */
#include <lapacke.h>
#include <string.h>

#include "estim_run.h"

#define PI     3.14159265358979323846
#define N      720
#define FS     18000.0
#define CENTRE (N / 2) /* of the report instant, in samples */

struct literal {
	double a0, a1, a2, f_hz, rocof_hz_per_s, phase_rad, dc;
};

/* Equations (5) to (10), t from the middle of the window. */
static void solve(const double *s, double f0, double f1, double theta[7])
{
	static double a[N * 7], b[N];

	for (int i = 0; i < N; i++) {
		double t = (i - (N - 1) / 2.0) / FS;
		double c = cos(2 * PI * t * (f0 + f1 * t));
		double d = sin(2 * PI * t * (f0 + f1 * t));
		double row[7] = {c, d, t * c, t * d, t * t * c, t * t * d, 1};

		for (int k = 0; k < 7; k++)
			a[i * 7 + k] = row[k];
		b[i] = s[i];
	}
	assert_int_equal(
		LAPACKE_dgels(LAPACK_ROW_MAJOR, 'N', N, 7, 1, a, 7, b, 1), 0);
	for (int k = 0; k < 7; k++)
		theta[k] = b[k];
}

/* Equations (11) to (18). */
static struct literal fit(const double *s, double f0)
{
	double f1 = 0, df0 = 1, df1 = 1, x[7] = {0}, a2 = 1;

	for (int pass = 0; pass < 60 && (fabs(df0) > 1e-13 || pass < 4);
	     pass++) {
		solve(s, f0, f1, x);
		a2 = x[0] * x[0] + x[1] * x[1];
		df0 = (x[1] * x[2] - x[0] * x[3]) / (2 * PI * a2);
		df1 = (x[1] * x[4] - x[0] * x[5]) / (2 * PI * a2);
		f0 += df0;
		f1 += df1;
	}
	/* (16) is not legible; with c = A - jB, this is Re(c1 conj(c0))/a0. */
	return (struct literal){.a0 = sqrt(a2),
				.a1 = (x[0] * x[2] + x[1] * x[3]) / sqrt(a2),
				.a2 = (x[0] * x[4] + x[1] * x[5]) / sqrt(a2),
				.f_hz = f0,
				.rocof_hz_per_s = 2 * f1,
				.phase_rad = atan2(-x[1], x[0]),
				.dc = x[6]};
}

struct pair {
	struct literal literal;
	unsigned n;
};

static double sample(double t, unsigned kind)
{
	double p = 2 * PI * (50.1 * t + 0.4 * t * t) + 0.7;
	double x = 0;

	if (kind == 1)
		p += 0.1 * cos(2 * PI * 4.1 * t - 1);
	if (kind == 2)
		x += 0.12 * cos(2 * p + 0.3) + 0.05 * cos(5 * p + 2) + 0.1;
	if (kind == 3)
		x += 0.1 * cos(2 * PI * 70 * t + 1);
	if (kind == 4)
		x += cos(p) * (0.8 * t - 20 * t * t) - 0.2;
	return 100 *
	       (x + cos(p) * (1 + (kind == 1) * 0.1 * cos(2 * PI * 4.1 * t)));
}

/* One window of samples, whose middle is 0.02 s + half a sample period after
 * the first; the grid's instant 0.02 s is made to be that middle. */
static struct cis_report estimate(const double *s)
{
	static struct cis_chan_map map;
	static struct cis_report rep;
	struct cis_estim_config cfg = {.map = &map,
				       .n_cycle = 2,
				       .fnom_hz = 50,
				       .rate = {50, 1},
				       .rate_hz = FS,
				       .max_block = N};
	/* The first scan is half a sample after the second: its date in ns
	 * is 27778, and the rest, 0.2 ns, is of no weight below. */
	struct cis_block blk = {
		.clock = {.anchor = {RUN_T0 * CIS_NS_PER_S + 27778},
			  .rate_hz = FS},
		.n_chan = 1,
		.n_scan = N,
		.stride = N,
		.x = (double *)s};
	struct cis_estim *est;

	map.n_chan = 1;
	strcpy(map.chan[0].name, "V");
	assert_int_equal(cis_estim_new(&cfg, &est, NULL), 0);
	assert_int_equal(cis_estim_push(est, &blk), 0);
	assert_int_equal(cis_estim_pop(est, &rep), 0);
	assert_int_equal(rep.at.k, 1);
	cis_estim_free(est);
	return rep;
}

static void the_estimator_agrees_with_the_equations_as_written(void **state)
{
	(void)state;
	for (unsigned kind = 0; kind < 5; kind++) {
		static double s[N];
		struct cis_report rep;
		struct literal lit;

		for (int i = 0; i < N; i++)
			s[i] = sample((i - (N - 1) / 2.0) / FS, kind);
		lit = fit(s, 50);
		rep = estimate(s);
		/* 0.22 ns between the two instants is 7e-8 rad of phase and
		 * 2e-10 Hz for each Hz/s; the rest agrees to rounding. */
		check_close(rep.freq_hz, lit.f_hz, 1e-8);
		check_close(rep.rocof_hz_per_s, lit.rocof_hz_per_s, 1e-6);
		check_close(sqrt(2) * cabs(rep.phasor_rms[0]), lit.a0, 1e-6);
		check_close(remainder(carg(rep.phasor_rms[0]) - lit.phase_rad,
				      2 * PI),
			    0, 1e-7);
		check_close(rep.fit[0].dc, lit.dc, 1e-9);
		/* 1/T and 1/T^2 of what the magnitude errs by. */
		check_close(sqrt(2) * rep.fit[0].a1_per_s, lit.a1, 1e-4);
		check_close(sqrt(2) * rep.fit[0].a2_per_s2, lit.a2, 1e-2);
		if (kind < 4)
			continue;
		/* The model holds this one: the closed form itself. */
		check_close(lit.f_hz, 50.1, 1e-9);
		check_close(lit.rocof_hz_per_s, 0.8, 1e-7);
		check_close(lit.a1, 80, 1e-6);
		check_close(lit.a2, -2000, 1e-4);
		check_close(lit.dc, -20, 1e-9);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			the_estimator_agrees_with_the_equations_as_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
