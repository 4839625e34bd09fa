/*
 * test_estim_noise.c - the uncertainties of a report are the scatter that white
 * noise makes.
 */
#include "estim_run.h"

#define N_REP 900

/* Sums of squares of errors, and of the uncertainties told. */
struct tally {
	unsigned n;
	double mag, phase, freq, rocof;
	double u_mag, u_phase, u_freq, u_rocof;
	double resid;
};

static void add(void *ctx, const struct cis_report *rep,
		const struct cis_signal_truth *truth)
{
	struct tally *t = ctx;
	double complex q = rep->phasor_rms[0] / truth->phasor_rms[0];

	t->n++;
	t->mag += pow(cabs(q) - 1, 2);
	t->phase += pow(carg(q), 2);
	t->freq += pow(rep->freq_hz - truth->freq_hz, 2);
	t->rocof += pow(rep->rocof_hz_per_s - truth->rocof_hz_per_s, 2);
	t->u_mag += pow(rep->fit[0].u_mag, 2);
	t->u_phase += pow(rep->fit[0].u_phase_rad, 2);
	t->u_freq += pow(rep->u_freq_hz, 2);
	t->u_rocof += pow(rep->u_rocof_hz_per_s, 2);
	t->resid += pow(rep->fit[0].resid, 2);
}

/*
 * A standard deviation from n independent draws is itself uncertain by
 * 1/sqrt(2 n) of it: 2.4 % for 900; four times that is allowed. Windows of 40 ms
 * at 25 reports a second do not overlap.
 */
static void check_ratio(double told, double seen)
{
	check_close(sqrt(told / seen), 1, 4 / sqrt(2 * N_REP));
}

static void check_noise(const char *f, const char *rocof)
{
	struct run r = run_init(50);
	struct tally t = {.n = 0};

	run_key(&r, "snr_db", "60");
	run_key(&r, "f", f);
	run_key(&r, "rocof", rocof);
	r.rate_hz = 6000;
	r.fps.num = 25;
	r.duration_s = N_REP / 25.0 + 0.1;
	run_all(&r, NULL, add, &t);
	assert_true(t.n >= N_REP - 1);
	check_ratio(t.u_mag, t.mag);
	check_ratio(t.u_phase, t.phase);
	check_ratio(t.u_freq, t.freq);
	check_ratio(t.u_rocof, t.rocof);
	/* 60 dB below the fundamental, less the 7 of 240 degrees of freedom. */
	check_close(sqrt(t.resid / t.n), 1e-3 * sqrt(1 - 7 / 240.0), 1e-5);
}

static void the_scatter_is_what_the_report_says(void **state)
{
	(void)state;
	check_noise("50", "0");
	check_noise("48.5", "0.1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_scatter_is_what_the_report_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
