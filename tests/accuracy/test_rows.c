/*
 * test_rows.c - rows at work on the standard's signals in
 * closed form, at every kind of reporting and sampling rate.
 *
 * Rows alone: the seed is the nearest to the true frequency, the instant is on
 * a sample. Phases are random, from one sequence.
 */
#include <string.h>

#include "rows_apply.h"

struct limit {
	double tve_pct, fe_hz, rfe_hz_per_s;
};

enum kind { SEED, SWEEP, HARMONIC, TONE, AM, PM, AM_PM, RAMP, N_KIND };

struct suite {
	struct cis_design d;
	double half_hz;  /* the frequency range is fnom +- this */
	double fm_hz;    /* highest modulation */
	double harm;     /* of 1 */
	double corner_s; /* ramps are looked at so far from their corners */
	int n;           /* signals of a family, */
	int n_side;      /* on either side of fnom where it sweeps seeds */
	struct limit limit[N_KIND];
};

/* cos(2 pi (f t + ramp t^2/2) + phase + pm cos) (1 + am cos) + tone cos() */
struct wave {
	double f_hz, phase, ramp;
	double am, pm, fm_hz, am_phase, pm_phase;
	double tone, tone_hz, tone_phase;
};

struct bench {
	const struct suite *suite;
	double grid_hz;
	struct cis_rows *rows[128]; /* by seed, from half_hz + 1 below fnom */
	double *s;                  /* the window's middle */
	uint64_t random;
	struct limit worst;
};

static double angle(struct bench *b)
{
	return PI * rows_random(&b->random);
}

static const struct cis_rows *rows_near(struct bench *b, double f_hz)
{
	const struct suite *u = b->suite;
	long first = lround((u->d.fnom_hz - u->half_hz - 1) / b->grid_hz);
	long i = lround(f_hz / b->grid_hz) - first;

	assert_in_range(i, 0, 127);
	if (!b->rows[i])
		b->rows[i] = cis_design_rows(&u->d,
					     b->grid_hz * (double)(first + i));
	assert_non_null(b->rows[i]);
	return b->rows[i];
}

static void sample(const struct wave *w, double rate_hz, long half, double *s)
{
	for (long n = -half; n <= half; n++) {
		double t = (double)n / rate_hz, m = 2 * PI * w->fm_hz * t;
		double turns = w->f_hz * t + w->ramp * t * t / 2;

		s[n] = cos(2 * PI * turns + w->phase);
		if (w->fm_hz > 0)
			s[n] = cos(2 * PI * turns + w->phase +
				   w->pm * cos(m + w->pm_phase)) *
			       (1 + w->am * cos(m + w->am_phase));
		if (w->tone > 0)
			s[n] += w->tone *
				cos(2 * PI * w->tone_hz * t + w->tone_phase);
	}
}

static void look(struct bench *b, const struct wave *w)
{
	double wm = 2 * PI * w->fm_hz;
	double f = w->f_hz - w->pm * w->fm_hz * sin(w->pm_phase);
	double rocof = w->ramp - w->pm * wm * w->fm_hz * cos(w->pm_phase);
	double complex p = (1 + w->am * cos(w->am_phase)) *
			   cexp(I * (w->phase + w->pm * cos(w->pm_phase)));
	const struct cis_rows *rows = rows_near(b, f);
	struct row_estimate e;

	sample(w, rows->rate_hz, (long)rows->half, b->s);
	e = rows_estimate(rows, b->s);
	b->worst.tve_pct =
		fmax(b->worst.tve_pct, 100 * cabs(e.p - p) / cabs(p));
	b->worst.fe_hz = fmax(b->worst.fe_hz, fabs(e.f_hz - f));
	b->worst.rfe_hz_per_s =
		fmax(b->worst.rfe_hz_per_s, fabs(e.rocof_hz_per_s - rocof));
}

static void on_seeds(struct bench *b)
{
	double fnom = b->suite->d.fnom_hz;

	for (int i = -3; i <= 3; i++)
		look(b, &(struct wave){.f_hz = fnom + i * b->grid_hz,
				       .phase = angle(b)});
}

static void sweep(struct bench *b)
{
	const struct suite *u = b->suite;

	for (int i = -u->n_side; i <= u->n_side; i++)
		look(b, &(struct wave){.f_hz = u->d.fnom_hz +
					       u->half_hz * i / u->n_side,
				       .phase = angle(b)});
}

static void harmonics(struct bench *b)
{
	const struct suite *u = b->suite;

	for (int i = 0; i < 2; i++)
		for (int h = 2; h <= 50; h++) {
			double f = u->d.fnom_hz + 0.12 * i;
			struct wave w = {.f_hz = f,
					 .phase = angle(b),
					 .tone = u->harm,
					 .tone_hz = h * f,
					 .tone_phase = angle(b)};

			if (h * f < 0.49 * u->d.rate_hz)
				look(b, &w);
		}
}

/* Two phases, 90 degrees apart, at each tone; densest at the band's edges. */
static void tones(struct bench *b)
{
	const struct suite *u = b->suite;
	double fnom = u->d.fnom_hz, edge = u->d.report_hz / 2;

	if (u->d.report_hz > fnom)
		return;
	for (int k = 0; k < 4 * u->n; k++) {
		double off = edge + (fnom - edge) * pow(k / (4.0 * u->n), 2);
		struct wave w = {.f_hz = fnom + (k / 4 % 3 - 1) * 0.1 * edge,
				 .tone = 0.1,
				 .tone_hz = fnom + (k % 2 ? off : -off),
				 .tone_phase = k / 2 % 2 ? PI / 2 : 0};

		if (w.tone_hz >= 10 && w.tone_hz <= 2 * fnom)
			look(b, &w);
	}
}

/* The highest frequency first; AM and PM together in antiphase. */
static void modulation(struct bench *b, double am, double pm)
{
	const struct suite *u = b->suite;

	for (int i = 0; i < u->n; i++) {
		double fm = u->fm_hz * (i % 2 ? (double)i / u->n : 1);
		struct wave w = {.f_hz = u->d.fnom_hz,
				 .phase = angle(b),
				 .am = am,
				 .pm = pm,
				 .fm_hz = fm,
				 .pm_phase = angle(b)};

		w.am_phase = w.pm_phase + PI;
		look(b, &w);
	}
}

static void ramps(struct bench *b)
{
	const struct suite *u = b->suite;
	double span = u->half_hz - u->corner_s;

	for (int i = -u->n_side; i <= u->n_side; i++)
		look(b,
		     &(struct wave){.f_hz = u->d.fnom_hz + span * i / u->n_side,
				    .phase = angle(b),
				    .ramp = i % 2 ? 1 : -1});
}

static void family(struct bench *b, enum kind kind)
{
	switch (kind) {
	case SEED:
		on_seeds(b);
		break;
	case SWEEP:
		sweep(b);
		break;
	case HARMONIC:
		harmonics(b);
		break;
	case TONE:
		tones(b);
		break;
	case RAMP:
		ramps(b);
		break;
	default:
		modulation(b, kind == PM ? 0 : 0.1, kind == AM ? 0 : 0.1);
	}
}

static void run_suite(const struct suite *u)
{
	struct cis_shape shape = cis_design_shape(&u->d);
	struct bench b = {.suite = u, .grid_hz = shape.grid_hz, .random = 1};
	double *s = malloc((2 * (size_t)shape.half + 1) * sizeof(double));

	b.s = s + shape.half;
	for (enum kind k = 0; k < N_KIND; k++) {
		if (u->limit[k].tve_pct == 0)
			continue;
		b.worst = (struct limit){0};
		family(&b, k);
		check_close(b.worst.tve_pct, 0, u->limit[k].tve_pct);
		check_close(b.worst.fe_hz, 0, u->limit[k].fe_hz);
		check_close(b.worst.rfe_hz_per_s, 0, u->limit[k].rfe_hz_per_s);
	}
	for (int i = 0; i < 128; i++)
		cis_rows_free(b.rows[i]);
	free(s);
}

static void figures_at_50_hz_and_50_reports_are_reached(void **state)
{
	/* docs/accuracy.md; on a seed rounding alone. */
	static const struct suite suite[] = {
		{{CIS_PROFILE_P, 50, 50, 18000},
		 2,
		 2,
		 0.01,
		 0.04,
		 40,
		 40,
		 {{1e-10, 1e-11, 1e-9},
		  {1e-7, 1e-9, 5e-8},
		  {6e-4, 6e-4, 1.5e-2},
		  {0, 0, 0},
		  {5e-4, 2e-6, 5e-5},
		  {5e-4, 1e-5, 2.5e-2},
		  {7e-4, 2e-5, 4e-2},
		  {3e-5, 2e-7, 3e-4}}},
		{{CIS_PROFILE_M, 50, 50, 18000},
		 5,
		 5,
		 0.1,
		 0.14,
		 90,
		 90,
		 {{1e-10, 1e-11, 1e-9},
		  {5e-6, 8e-7, 1e-5},
		  {3e-4, 2e-5, 4e-3},
		  {6e-3, 8e-4, 8e-2},
		  {1e-3, 2e-5, 5e-3},
		  {2e-3, 4e-4, 4e-2},
		  {5e-3, 1.1e-3, 7e-2},
		  {1e-4, 1e-5, 6e-4}}},
		{{CIS_PROFILE_REFERENCE, 50, 50, 18000},
		 5,
		 5,
		 0.1,
		 0.25,
		 90,
		 90,
		 {{1e-10, 1e-11, 1e-9},
		  {1e-6, 2e-7, 5e-6},
		  {5e-5, 2e-6, 3e-4},
		  {3e-4, 4e-5, 5e-3},
		  {3e-5, 5e-7, 2e-4},
		  {2e-4, 5e-5, 3e-3},
		  {5e-4, 8e-5, 6e-3},
		  {3e-5, 4e-6, 3e-4}}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(suite) / sizeof(suite[0]); i++)
		run_suite(&suite[i]);
}

/* Limits of class M (class P for profile P) in the 2014 and 2018 editions, in
 * closed form, divided by `inside`. */
static struct suite of_standard(struct cis_design d, double inside)
{
	bool p = d.profile == CIS_PROFILE_P;
	double fr = d.report_hz, fm = p ? fmin(fr / 10, 2) : fmin(fr / 5, 5);
	struct limit mod = {3, (p ? 0.03 : 0.06) * fm, 0.18 * PI * fm * fm};
	struct suite u = {.d = d,
			  .half_hz = p ? 2 : fmin(fr / 5, 5),
			  .fm_hz = fm,
			  .harm = p ? 0.01 : 0.1,
			  .corner_s = (p ? 2 : 7) / fr,
			  .n = 8,
			  .n_side = 2};

	u.limit[SEED] =
		(struct limit){1e-10 * inside, 1e-11 * inside, 1e-9 * inside};
	u.limit[SWEEP] = (struct limit){1, 0.005, p ? 0.4 : 0.1};
	u.limit[HARMONIC] = (struct limit){1, p || fr <= 20 ? 0.005 : 0.025,
					   p ? 0.4 : INFINITY};
	if (!p)
		u.limit[TONE] = (struct limit){1.3, 0.01, INFINITY};
	u.limit[AM] = u.limit[PM] = mod;
	u.limit[RAMP] = (struct limit){1, 0.01, p ? 0.4 : 0.2};
	for (int k = 0; k < N_KIND; k++) {
		u.limit[k].tve_pct /= inside;
		u.limit[k].fe_hz /= inside;
		u.limit[k].rfe_hz_per_s /= inside;
	}
	return u;
}

/* Sampled slowly: a decimation by two leaves as many points as any. */
static void at_every_rate(enum cis_profile profile, double inside)
{
	static const struct cis_design d[] = {
		{0, 50, 10, 2400},  {0, 50, 25, 2400}, {0, 50, 50, 2400},
		{0, 50, 100, 2400}, {0, 60, 10, 2400}, {0, 60, 12, 2400},
		{0, 60, 15, 2400},  {0, 60, 20, 2400}, {0, 60, 30, 2400},
		{0, 60, 60, 2400},  {0, 60, 120, 2400}};

	for (size_t i = 0; i < sizeof(d) / sizeof(d[0]); i++) {
		struct suite u = of_standard(d[i], inside);

		u.d.profile = profile;
		run_suite(&u);
	}
}

static void the_reference_is_ten_times_inside_at_every_rate(void **state)
{
	(void)state;
	at_every_rate(CIS_PROFILE_REFERENCE, 10);
}

static void m_is_inside_at_every_rate(void **state)
{
	(void)state;
	at_every_rate(CIS_PROFILE_M, 1);
}

static void all_are_ten_times_inside_at_every_sampling_rate(void **state)
{
	static const double rate_hz[] = {360,  960,     1200,  2399,
					 4000, 18001.8, 51200, 100000};

	(void)state;
	for (size_t i = 0; i < sizeof(rate_hz) / sizeof(rate_hz[0]); i++)
		for (enum cis_profile profile = CIS_PROFILE_P;
		     profile <= CIS_PROFILE_REFERENCE; profile++) {
			double fnom = i % 2 ? 50 : 60;
			struct suite u = of_standard(
				(struct cis_design){profile, fnom, fnom,
						    rate_hz[i]},
				10);

			run_suite(&u);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(figures_at_50_hz_and_50_reports_are_reached),
		cmocka_unit_test(
			the_reference_is_ten_times_inside_at_every_rate),
		cmocka_unit_test(m_is_inside_at_every_rate),
		cmocka_unit_test(
			all_are_ten_times_inside_at_every_sampling_rate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
