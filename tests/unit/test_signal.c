/*
 * test_signal.c - waveforms and phasors against the formulas of C37.118.1,
 * written out anew in long double.
 */
#include <stdlib.h>

#include "signals.h"

#define PI 3.141592653589793238463L

/* Radians of a unit circle: the phase to half a unit of the last place of a
 * turn, its product with 2 pi, and the cosine. */
#define ROUNDING 2e-15

static const double deg_of[6] = {0, -120, 120, 0, -120, 120};

/* f s less whole turns, exactly: f's fraction has at most 52 bits, and is
 * multiplied by 15 bits of s at a time. */
static long double turns_after(double f_hz, int64_t s)
{
	long double frac = fmodl((long double)f_hz, 1);
	long double high = fmodl(frac * (long double)(s >> 15), 1);

	return fmodl(fmodl(high * 32768, 1) + fmodl(frac * (s & 32767), 1), 1);
}

static long double cos_turns(long double turns)
{
	return cosl(2 * PI * (turns - rintl(turns)));
}

static void check_phasor(double complex x, double rms, long double turns)
{
	check_close(creal(x), (double)(rms * cos_turns(turns)), rms * ROUNDING);
	check_close(cimag(x), (double)(rms * cos_turns(turns - 0.25L)),
		    rms * ROUNDING);
}

/* ---- exact for ever ---- */

static void phases_are_exact_after_1e9_seconds(void **state)
{
	static const struct {
		const char *keys;
		double f_hz;
	} cases[] = {{"v=1 i=1 f=50.1", 50.1},
		     {"v=1 i=1 f=49.987654321", 49.987654321},
		     {"v=1 i=1 fnom=60 f=60", 60},
		     {"v=1 i=1 f=54.9999", 54.9999}};
	static const int64_t seconds[] = {0, 1, 59, 3600, 86400, 999999937};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cis_signal sig = signal_of(cases[i].keys);

		for (size_t j = 0; j < 6; j++)
			for (unsigned k = 0; k < 60; k++) {
				int64_t s = seconds[j];
				double x = k / 60.0;
				long double turns =
					turns_after(cases[i].f_hz, s) +
					(long double)cases[i].f_hz * x;
				struct cis_signal_truth truth;

				check_close(
					cis_signal_sample(&sig, 1, s, x, 0),
					(double)(sqrtl(2) *
						 cos_turns(turns - 1 / 3.0L)),
					sqrt(2) * ROUNDING);
				cis_signal_truth(&sig, s, x, &truth);
				check_phasor(truth.phasor_rms[0], 1,
					     turns - (long double)sig.fnom_hz *
							     x);
				check_close(truth.freq_hz, cases[i].f_hz, 0);
			}
	}
}

/* 45 Hz for 2 s, 10 s at 1 Hz/s, then 55 Hz: 90 + 450 + 50 turns are whole. */
static void a_ramp_ends_where_it_was_told_to(void **state)
{
	struct cis_signal sig =
		signal_of("f=45 rocof=1 rocof_s=2 f_to=55 v=1 i=1");
	struct cis_signal_truth truth;

	(void)state;
	for (int ms = 0; ms < 15000; ms += 7) {
		long double t = ms / 1000.0L, u = t - 2;
		long double turns = 45 * t;
		double f_hz = 45;

		if (ms >= 12000) {
			turns = 590 + 55 * (t - 12);
			f_hz = 55;
		} else if (ms >= 2000) {
			turns += u * u / 2;
			f_hz = 45 + (double)u;
		}
		cis_signal_truth(&sig, ms / 1000, ms % 1000 / 1000.0, &truth);
		/* t is a double here, and off by 1e-16 s: 55e-16 turns. */
		check_phasor(truth.phasor_rms[3], 1, turns - 50 * t);
		check_close(truth.freq_hz, f_hz, 2e-14);
		check_close(truth.rocof_hz_per_s, ms >= 2000 && ms < 12000, 0);
	}
	/* A thousand million seconds later: whole turns of 55 Hz, then 0.3 s. */
	cis_signal_truth(&sig, 1000000012, 0.3, &truth);
	check_phasor(truth.phasor_rms[0], 1, (55 - 50) * (long double)0.3);
	check_close(truth.freq_hz, 55, 0);
}

/* f_to - f and its quotient by rocof are no doubles: the phase must go on from
 * ramp to plateau without a jump. */
static void a_ramp_of_odd_numbers_has_no_jump(void **state)
{
	struct cis_signal sig =
		signal_of("f=50.3 rocof=-0.7 rocof_s=0.1 f_to=47.1 v=1");
	double end_s = 0.1 + (47.1 - 50.3) / -0.7;
	struct cis_signal_truth a, b;

	(void)state;
	cis_signal_truth(&sig, 4, end_s - 4 - 1e-9, &a);
	cis_signal_truth(&sig, 4, end_s - 4 + 1e-9, &b);
	/* 2 ns at 2.9 Hz below nominal; and 1 ulp of 4.7 s at 47 Hz. */
	check_close(carg(b.phasor_rms[0] / a.phasor_rms[0]),
		    2 * (double)PI * -2.9 * 2e-9, 2 * (double)PI * 47 * 9e-16);
	check_close(a.freq_hz, 47.1 + 0.7e-9, 1e-14);
	check_close(b.freq_hz, 47.1, 0);
	check_close(a.rocof_hz_per_s, -0.7, 0);
	check_close(b.rocof_hz_per_s, 0, 0);
}

/* Central differences of phase and frequency. With f(t) = ... + pm pm_hz
 * sin(2 pi pm_hz t) they are off by h^2/6 times the next derivative but one. */
static void frequency_and_rocof_are_derivatives_of_the_phase(void **state)
{
	struct cis_signal sig =
		signal_of("f=49.2 rocof=0.5 rocof_s=1 pm=0.1 pm_hz=5 v=1");
	const double h = 1e-4, w = 2 * (double)PI * 5;
	const double f2 = 0.1 * 5 * w * w, f3 = f2 * w;
	struct cis_signal_truth a, m, b;

	(void)state;
	for (int64_t s = 0; s < 4; s++)
		for (unsigned k = 1; k < 100; k++) {
			double x = k / 100.0;

			cis_signal_truth(&sig, s, x - h, &a);
			cis_signal_truth(&sig, s, x, &m);
			cis_signal_truth(&sig, s, x + h, &b);
			check_close(
				m.freq_hz,
				50 + carg(b.phasor_rms[0] / a.phasor_rms[0]) /
						(4 * (double)PI * h),
				f2 * h * h / 6 + 1e-11);
			check_close(m.rocof_hz_per_s,
				    (b.freq_hz - a.freq_hz) / (2 * h),
				    f3 * h * h / 6 + 1e-9);
		}
}

/* ---- each formula ---- */

/* C37.118.1-2011, 5.5.6: Xm [1 + kx cos(w t)] cos(w0 t + ka cos(w t - pi)). */
static void modulation_is_that_of_the_standard(void **state)
{
	struct cis_signal sig = signal_of("am=0.1 am_hz=4.9 pm=0.1 pm_hz=2.3 "
					  "f=51 v=1 v_deg=20");
	struct cis_signal_truth truth;

	(void)state;
	for (int ms = 0; ms < 3000; ms++) {
		double x = ms % 1000 / 1000.0;
		long double t = ms / 1000 + (long double)x;
		long double level =
			1 + 0.1L * cosl(2 * PI * (long double)4.9 * t);
		long double turns =
			51 * t + 20 / 360.0L +
			0.1L * cosl(2 * PI * (long double)2.3 * t - PI) /
				(2 * PI);

		check_close(cis_signal_sample(&sig, 0, ms / 1000, x, 0),
			    (double)(sqrtl(2) * level * cos_turns(turns)),
			    1.1 * sqrt(2) * ROUNDING);
		cis_signal_truth(&sig, ms / 1000, x, &truth);
		check_phasor(truth.phasor_rms[0], (double)level,
			     turns - 50 * t);
	}
	/* cisoid-simulate(1): with pm on, the angle at t0 is less by pm. */
	cis_signal_truth(&sig, 0, 0, &truth);
	check_close(carg(truth.phasor_rms[0]), 20 * (double)PI / 180 - 0.1,
		    1e-15);
}

static void a_step_has_happened_from_its_instant_on(void **state)
{
	struct cis_signal sig =
		signal_of("step_mag=0.1 step_deg=-10 step_s=2.7 v=100");
	struct cis_signal_truth truth;

	(void)state;
	cis_signal_truth(&sig, 2, 0.699999999, &truth);
	check_phasor(truth.phasor_rms[0], 100, 0);
	/* 2 s and 0.7 s are less than the double 2.7 by 2e-16. */
	cis_signal_truth(&sig, 2, 0.7, &truth);
	check_phasor(truth.phasor_rms[0], 110, -10 / 360.0L);
	check_phasor(truth.phasor_rms[1], 110, -130 / 360.0L);
	check_close(truth.freq_hz, 50, 0);
	check_close(cis_signal_sample(&sig, 0, 3, 0, 0),
		    110 * sqrt(2) * cos(10 * (double)PI / 180), 1e-12);
}

/* Harmonics turn n times as fast, and n times as far from phase to phase. */
static void distortion_is_a_fraction_of_the_fundamental(void **state)
{
	struct cis_signal sig = signal_of(
		"f=50.2 v=1 i=2 v_deg=15 i_deg=-5 h3=0.1 h3_deg=40 h5=0.02 "
		"h50=0.01 h50_deg=-90 ih=0.05 ih_hz=83.7 dc=0.03");

	(void)state;
	for (unsigned n = 0; n < 3000; n++) {
		double x = n % 1800 / 1800.0;
		int64_t s = n / 1800;
		long double t = s + (long double)x;

		for (unsigned c = 0; c < 6; c++) {
			long double angle =
				(deg_of[c] + (c < 3 ? 15 : -5)) / 360.0L;
			long double turns = (long double)50.2 * t + angle;
			long double sum =
				cos_turns(turns) +
				0.1L * cos_turns(3 * turns + 40 / 360.0L) +
				0.02L * cos_turns(5 * turns) +
				0.01L * cos_turns(50 * turns - 0.25L) +
				0.05L * cos_turns((long double)83.7 * t +
						  angle) +
				0.03L;
			double peak = sqrt(2) * (c < 3 ? 1 : 2);

			/* A turn is off by 1e-16; 50 times that, times 0.01,
			 * 3 times, times 0.1 ... : the same again. */
			check_close(cis_signal_sample(&sig, c, s, x, 0),
				    peak * (double)sum, peak * 2 * ROUNDING);
		}
	}
}

static void phases_given_one_by_one_prevail_in_any_order(void **state)
{
	static const char *const orders[] = {
		"vb=90 vc_deg=100 v=110 v_deg=10 seq=acb i=3 ia_deg=7",
		"seq=acb v_deg=10 ia_deg=7 v=110 i=3 vc_deg=100 vb=90"};
	static const double rms[6] = {110, 90, 110, 3, 3, 3};
	static const double deg[6] = {10, 130, 100, 7, 120, -120};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct cis_signal sig = signal_of(orders[i]);
		struct cis_signal_truth truth;

		cis_signal_truth(&sig, 5, 0.25, &truth);
		for (unsigned c = 0; c < 6; c++)
			check_phasor(truth.phasor_rms[c], rms[c],
				     deg[c] / 360.0L);
	}
}

/* Fortescue: X+ = (Xa + a Xb + a^2 Xc)/3. */
static void sequence_decides_what_is_positive(void **state)
{
	struct cis_signal abc = signal_of("v=100 i=2 v_deg=30");
	struct cis_signal acb = signal_of("v=100 i=2 v_deg=30 seq=acb");
	struct cis_signal one = signal_of("va=90 vb=0 vc=0");
	struct cis_signal_truth truth;

	(void)state;
	cis_signal_truth(&abc, 0, 0, &truth);
	check_phasor(truth.pos_rms[0], 100, 30 / 360.0L);
	check_phasor(truth.pos_rms[1], 2, 0);
	cis_signal_truth(&acb, 0, 0, &truth);
	check_close(cabs(truth.pos_rms[0]), 0, 100 * ROUNDING);
	cis_signal_truth(&one, 0, 0, &truth);
	check_phasor(truth.pos_rms[0], 30, 0);
}

static void gain_is_the_transducers_and_not_the_truths(void **state)
{
	struct cis_signal sig = signal_of("v=1 gain_va=1.01 gain_vb=-1");
	struct cis_signal_truth truth;

	(void)state;
	check_close(cis_signal_sample(&sig, 0, 0, 0, 0), 1.01 * sqrt(2), 1e-15);
	check_close(cis_signal_sample(&sig, 1, 0, 0, 0), 0.5 * sqrt(2), 1e-15);
	cis_signal_truth(&sig, 0, 0, &truth);
	check_phasor(truth.phasor_rms[0], 1, 0);
}

/* ---- noise and quantisation ---- */

#define N_NOISE 40000

struct moments {
	double mean, rms, most, lag1;
};

static struct moments moments_of(const double *x)
{
	struct moments m = {0, 0, 0, 0};

	for (unsigned n = 0; n < N_NOISE; n++) {
		m.mean += x[n] / N_NOISE;
		m.rms += x[n] * x[n] / N_NOISE;
		m.most = fmax(m.most, fabs(x[n]));
		m.lag1 += n ? x[n] * x[n - 1] / N_NOISE : 0;
	}
	m.lag1 /= m.rms;
	m.rms = sqrt(m.rms);
	return m;
}

/* Noise alone: a signal less the same without noise. */
static void noise_of(const char *keys, unsigned chan, double *x)
{
	struct cis_signal sig = signal_of(keys), clean = sig;

	memset(clean.sigma, 0, sizeof(clean.sigma));
	for (uint64_t n = 0; n < N_NOISE; n++)
		x[n] = cis_signal_sample(&sig, chan, 0, (double)n / N_NOISE,
					 n) -
		       cis_signal_sample(&clean, chan, 0, (double)n / N_NOISE,
					 n);
}

/* Of N numbers the mean has sigma/sqrt(N), the rms sigma/sqrt(2 N) (less for
 * uniform noise), a correlation 1/sqrt(N). All to 5 standard deviations. */
static void noise_has_the_power_that_was_asked_for(void **state)
{
	static const struct {
		const char *keys;
		unsigned chan;
		double sigma, most;
	} cases[] = {
		{"snr_db=40 v=100", 0, 1, 6},
		{"snr_db=40 v=100 noise=uniform", 0, 1, 1.7320508075688775},
		{"snr_db=60 i=2", 4, 2e-3, 12e-3},
		{"snr_db=20 v=100 seed=12345678901234567890", 2, 10, 60},
	};
	static double x[N_NOISE];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		double sigma = cases[i].sigma;
		struct moments m;

		noise_of(cases[i].keys, cases[i].chan, x);
		m = moments_of(x);
		check_close(m.mean, 0, 5 * sigma / sqrt(N_NOISE));
		check_close(m.rms, sigma, 5 * sigma / sqrt(2 * N_NOISE));
		check_close(m.lag1, 0, 5 / sqrt(N_NOISE));
		assert_true(m.most <= cases[i].most * (1 + 1e-12));
	}
}

static double correlation(const double *x, const double *y)
{
	double xy = 0;

	for (unsigned n = 0; n < N_NOISE; n++)
		xy += x[n] * y[n] / N_NOISE;
	return xy / (moments_of(x).rms * moments_of(y).rms);
}

static void noise_is_repeated_by_its_seed_alone(void **state)
{
	static double x[N_NOISE], y[N_NOISE];

	(void)state;
	noise_of("snr_db=40 seed=3", 0, x);
	noise_of("snr_db=40 seed=3", 0, y);
	assert_memory_equal(x, y, sizeof(x));
	noise_of("snr_db=40 seed=4", 0, y);
	check_close(correlation(x, y), 0, 5 / sqrt(N_NOISE));
	noise_of("snr_db=40 seed=3", 1, y);
	check_close(correlation(x, y), 0, 5 / sqrt(N_NOISE));
}

/* 2^bits levels over +-range: half a step at most, but for the last positive
 * step, which a two's complement converter does not have. */
static void samples_are_rounded_to_the_converters_steps(void **state)
{
	static const struct {
		const char *keys;
		double lsb, range;
	} cases[] = {{"v=100 bits=16 range_v=200", 400 / 65536.0, 200},
		     {"v=100 bits=8", 3 * 1.4142135623730951 * 100 / 256,
		      1.5 * 1.4142135623730951 * 100},
		     {"v=100 bits=12 range_v=100", 200 / 4096.0, 100},
		     {"v=100 bits=32", 3 * 1.4142135623730951 * 100 / 0x1p32,
		      1.5 * 1.4142135623730951 * 100}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cis_signal sig = signal_of(cases[i].keys);
		struct cis_signal clean = signal_of("v=100");
		double lsb = cases[i].lsb, top = cases[i].range - lsb;

		for (unsigned n = 0; n < 1000; n++) {
			double x = cis_signal_sample(&sig, 0, 0, n / 1000.0, n);
			double want =
				cis_signal_sample(&clean, 0, 0, n / 1000.0, n);
			double held = fmin(fmax(want, -cases[i].range), top);

			check_close(x, held, lsb / 2 * (1 + 1e-9));
			check_close(x / lsb, rint(x / lsb), 1e-6);
			assert_int_equal(cis_signal_clips(&sig, 0, x),
					 want >= top - lsb / 2 ||
						 want <= -cases[i].range +
								 lsb / 2);
		}
	}
}

/* ---- what a simulated PMU reports ---- */

static const struct cis_instant at_k7 = {
	.tai_s = 1763680911 + 3, .k = 7, .rate = {50, 1}};

static void report_of(const char *keys, struct cis_report *rep)
{
	struct cis_signal sig = signal_of(keys);

	cis_signal_report(&sig, 7, 1763680911, at_k7, 157, rep);
}

static void a_pmu_without_errors_reports_the_truth(void **state)
{
	struct cis_signal sig = signal_of("f=50.3 rocof=0.1 am=0.1 am_hz=1");
	struct cis_signal_truth truth;
	static struct cis_report rep;

	(void)state;
	cis_signal_truth(&sig, 3, 0.14, &truth);
	cis_signal_report(&sig, 1, 1763680911, at_k7, 0, &rep);
	assert_int_equal(rep.n_chan, 6);
	assert_int_equal(rep.n_phasor, 8);
	assert_int_equal(rep.flags, 0);
	assert_int_equal(rep.at.k, 7);
	for (unsigned c = 0; c < 6; c++)
		assert_true(rep.phasor_rms[c] == truth.phasor_rms[c]);
	assert_true(rep.phasor_rms[6] == truth.pos_rms[0]);
	assert_true(rep.phasor_rms[7] == truth.pos_rms[1]);
	check_close(rep.freq_hz, truth.freq_hz, 0);
	check_close(rep.rocof_hz_per_s, 0.1, 0);
}

/* A time error of e turns the angle by 2 pi f e, also off nominal. */
static void errors_of_a_pmu_are_those_asked_for(void **state)
{
	static struct cis_report clean, rep;

	(void)state;
	report_of("f=52", &clean);
	report_of("f=52 err_pct=1 err_deg=0.5", &rep);
	for (unsigned c = 0; c < 8; c++)
		check_phasor(rep.phasor_rms[c] / clean.phasor_rms[c], 1.01,
			     0.5L / 360);
	report_of("f=52 err_us=100", &rep);
	for (unsigned c = 0; c < 8; c++)
		check_phasor(rep.phasor_rms[c] / clean.phasor_rms[c], 1,
			     52 * 100e-6L);
	check_close(rep.freq_hz, 52, 0);
	/* On a ramp the frequency, too, is that of another instant. */
	report_of("rocof=1 err_us=1000", &rep);
	check_close(rep.freq_hz, 50 + 3.14 + 1e-3, 1e-13);
}

static void the_noise_of_a_pmu_is_that_asked_for(void **state)
{
	struct cis_signal sig = signal_of("v=1 i=1 mag_noise=0.001 "
					  "deg_noise=0.01 ib_deg_noise=0.02 "
					  "ic_noise=0 f_noise_mhz=2");
	static double mag[N_NOISE], rad[N_NOISE], f[N_NOISE], other[N_NOISE];
	static struct cis_report rep;
	double sigma_rad = 0.02 * (double)PI / 180;

	(void)state;
	for (unsigned n = 0; n < N_NOISE; n++) {
		cis_signal_report(&sig, 8, 1763680911, at_k7, n, &rep);
		other[n] = rep.freq_hz - 50;
		cis_signal_report(&sig, 7, 1763680911, at_k7, n, &rep);
		mag[n] = cabs(rep.phasor_rms[0]) - 1;
		rad[n] = carg(rep.phasor_rms[4] *
			      cexp(2.0 / 3 * (double)PI * I));
		f[n] = rep.freq_hz - 50;
		check_close(cabs(rep.phasor_rms[5]), 1, 1e-15);
	}
	check_close(moments_of(mag).rms, 1e-3, 5e-3 / sqrt(2 * N_NOISE));
	check_close(moments_of(rad).rms, sigma_rad,
		    5 * sigma_rad / sqrt(2 * N_NOISE));
	check_close(moments_of(f).rms, 2e-3, 5 * 2e-3 / sqrt(2 * N_NOISE));
	check_close(correlation(mag, rad), 0, 5 / sqrt(N_NOISE));
	check_close(correlation(f, other), 0, 5 / sqrt(N_NOISE));
}

static void uniform_noise_of_a_pmu_has_the_half_width(void **state)
{
	struct cis_signal sig = signal_of("f_noise_mhz=2 noise=uniform");
	static double f[N_NOISE];
	static struct cis_report rep;
	struct moments m;

	(void)state;
	for (unsigned n = 0; n < N_NOISE; n++) {
		cis_signal_report(&sig, 7, 1763680911, at_k7, n, &rep);
		f[n] = rep.freq_hz - 50;
	}
	m = moments_of(f);
	assert_true(m.most <= 2e-3 && m.most > 1.99e-3);
	check_close(m.rms, 2e-3 / sqrt(3), 5 * 2e-3 / sqrt(2 * N_NOISE));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(phases_are_exact_after_1e9_seconds),
		cmocka_unit_test(a_ramp_ends_where_it_was_told_to),
		cmocka_unit_test(a_ramp_of_odd_numbers_has_no_jump),
		cmocka_unit_test(
			frequency_and_rocof_are_derivatives_of_the_phase),
		cmocka_unit_test(modulation_is_that_of_the_standard),
		cmocka_unit_test(a_step_has_happened_from_its_instant_on),
		cmocka_unit_test(distortion_is_a_fraction_of_the_fundamental),
		cmocka_unit_test(phases_given_one_by_one_prevail_in_any_order),
		cmocka_unit_test(sequence_decides_what_is_positive),
		cmocka_unit_test(gain_is_the_transducers_and_not_the_truths),
		cmocka_unit_test(noise_has_the_power_that_was_asked_for),
		cmocka_unit_test(noise_is_repeated_by_its_seed_alone),
		cmocka_unit_test(samples_are_rounded_to_the_converters_steps),
		cmocka_unit_test(a_pmu_without_errors_reports_the_truth),
		cmocka_unit_test(errors_of_a_pmu_are_those_asked_for),
		cmocka_unit_test(the_noise_of_a_pmu_is_that_asked_for),
		cmocka_unit_test(uniform_noise_of_a_pmu_has_the_half_width),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
