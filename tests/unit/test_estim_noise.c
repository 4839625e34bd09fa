/*
 * test_estim_noise.c - the uncertainties of a report are the scatter that white
 * noise makes.
 */
#include "estim_run.h"

/* Sums of squares of errors, and of the uncertainties told. */
struct tally {
	unsigned every; /* counts one report in so many */
	unsigned n_seen, n;
	double mag, phase, freq, rocof;
	double u_mag, u_phase, u_freq, u_rocof;
	double resid, tve;
};

static void add(void *ctx, const struct cis_report *rep,
		const struct cis_signal_truth *truth)
{
	struct tally *t = ctx;
	double complex q = rep->phasor_rms[0] / truth->phasor_rms[0];

	assert_int_equal(rep->flags, 0);
	if (t->n_seen++ % t->every)
		return;
	t->n++;
	t->mag += pow(cabs(q) - 1, 2);
	t->phase += pow(carg(q), 2);
	t->tve += pow(cabs(q - 1), 2);
	t->freq += pow(rep->freq_hz - truth->freq_hz, 2);
	t->rocof += pow(rep->rocof_hz_per_s - truth->rocof_hz_per_s, 2);
	t->u_mag += pow(rep->fit[0].u_mag, 2);
	t->u_phase += pow(rep->fit[0].u_phase_rad, 2);
	t->u_freq += pow(rep->u_freq_hz, 2);
	t->u_rocof += pow(rep->u_rocof_hz_per_s, 2);
	t->resid += pow(rep->fit[0].resid, 2);
}

/* A profile, and how many of its reports have windows of their own. */
struct noise_case {
	enum cis_profile profile;
	const char *f, *rocof;
	uint32_t fps;
	double rate_hz;
	unsigned every, n;
};

/*
 * A standard deviation from n independent draws is itself uncertain by
 * 1/sqrt(2 n) of it; four times that is allowed.
 */
static void check_ratio(double told, double seen, unsigned n)
{
	check_close(sqrt(told / seen), 1, 4 / sqrt(2.0 * n));
}

static struct tally scatter(const struct noise_case *nc, const char *snr_db)
{
	struct run r = run_init(50);
	struct tally t = {.every = nc->every};

	run_key(&r, "snr_db", snr_db);
	run_key(&r, "f", nc->f);
	run_key(&r, "rocof", nc->rocof);
	r.profile = nc->profile;
	r.rate_hz = nc->rate_hz;
	r.fps.num = nc->fps;
	r.duration_s = (double)nc->n * nc->every / nc->fps + 0.1;
	run_all(&r, NULL, add, &t);
	return t;
}

static struct tally check_noise(const struct noise_case *nc)
{
	struct tally t = scatter(nc, "60");

	assert_true(t.n >= nc->n - 1);
	check_ratio(t.u_mag, t.mag, t.n);
	check_ratio(t.u_phase, t.phase, t.n);
	check_ratio(t.u_freq, t.freq, t.n);
	check_ratio(t.u_rocof, t.rocof, t.n);
	return t;
}

static void the_scatter_of_ls7_is_what_the_report_says(void **state)
{
	static const struct noise_case cases[] = {
		{CIS_PROFILE_LS7, "50", "0", 25, 6000, 1, 900},
		{CIS_PROFILE_LS7, "48.5", "0.1", 25, 6000, 1, 900},
	};

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct tally t = check_noise(&cases[i]);

		/* 60 dB below the fundamental, less the 7 of 240 degrees of
		 * freedom. */
		check_close(sqrt(t.resid / t.n), 1e-3 * sqrt(1 - 7 / 240.0),
			    1e-5);
	}
}

/* Rows are for 50 reports a second, and their windows 4, 14 and 25 of these. */
static void the_scatter_of_rows_is_what_the_report_says(void **state)
{
	static const struct noise_case cases[] = {
		{CIS_PROFILE_P, "50", "0", 50, 3000, 5, 600},
		{CIS_PROFILE_P, "48.6", "0.01", 50, 3600, 5, 600},
		{CIS_PROFILE_P, "50.1", "0", 50, 300, 5, 900},
		{CIS_PROFILE_M, "50.1", "0", 50, 1200, 15, 400},
		{CIS_PROFILE_M, "47.2", "0.01", 50, 1300, 15, 400},
		{CIS_PROFILE_REFERENCE, "50.1", "0", 50, 1200, 26, 300},
		{CIS_PROFILE_REFERENCE, "54.3", "-0.01", 50, 1300, 26, 300},
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check_noise(&cases[i]);
}

/* Acceptance: rms of the errors at 80 dB in the band of 18 kHz. */
static void white_noise_of_80_db_costs_no_more_than_promised(void **state)
{
	static const struct {
		struct noise_case nc;
		double tve_pct, fe_hz, rfe_hz_per_s;
	} cases[] = {
		{{CIS_PROFILE_P, "50", "0", 50, 18000, 1, 100},
		 8e-4,
		 1e-4,
		 8e-3},
		{{CIS_PROFILE_M, "50", "0", 50, 18000, 1, 100},
		 7e-4,
		 5e-5,
		 4e-3},
		{{CIS_PROFILE_REFERENCE, "50", "0", 50, 18000, 1, 100},
		 7e-4,
		 5e-5,
		 5e-3},
	};

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct tally t = scatter(&cases[i].nc, "80");

		check_close(100 * sqrt(t.tve / t.n), 0, cases[i].tve_pct);
		check_close(sqrt(t.freq / t.n), 0, cases[i].fe_hz);
		check_close(sqrt(t.rocof / t.n), 0, cases[i].rfe_hz_per_s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_scatter_of_ls7_is_what_the_report_says),
		cmocka_unit_test(the_scatter_of_rows_is_what_the_report_says),
		cmocka_unit_test(
			white_noise_of_80_db_costs_no_more_than_promised),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
