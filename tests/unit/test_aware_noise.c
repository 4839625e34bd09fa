/*
 * test_aware_noise.c - test-aware fits in white noise are as good as any
 * unbiased estimate can be, and say how good that is.
 *
 * The Cramer-Rao bound: for samples y(t; q) + noise of variance sigma^2 the
 * covariance of any unbiased estimate of g(q) is at least sigma^2 g' F^-1 g'^T,
 * F = sum y' y'^T. Derivatives are those of the signal as its keys describe it,
 * with amplitudes and phases where the fits have cosines and sines.
 */
#include <string.h>

#include "aware_run.h"
#include "signals.h"

#define TWO_PI 6.28318530717958647693

#define N_RUN      24
#define RATE_HZ    1200
#define DURATION_S 0.8
#define SNR_DB     66
#define N_PAR      9

/* The signal of phase A: (1 + k cos(w t + alpha)) and so on; zero where the
 * test has none. */
struct truth {
	enum cis_model model;
	const char *keys;
	double f_hz, rocof_hz_per_s;
	double am, pm, mod_hz; /* pm counts from -180 degrees */
	double tone, tone_hz;
	double step_s, step_mag; /* the new magnitude */
	unsigned n_par;
};

/* Derivatives of a complex a(t) exp(j psi(t)), of frequency and of ROCOF by
 * each parameter, and of the rest of the sample. */
struct slopes {
	double complex e; /* exp(j psi) */
	double complex x[N_PAR];
	double f[N_PAR], rocof[N_PAR];
	double rest[N_PAR];
};

static void slopes_mod(const struct truth *q, double t, struct slopes *s)
{
	double w = TWO_PI * q->mod_hz, ca = cos(w * t), sa = sin(w * t);
	double a = 1 + q->am * ca;
	double complex turn = I * a * s->e;

	/* k, alpha, m, beta, w; cos(w t + beta) with beta = pi at the truth */
	s->x[3] = ca * s->e;
	s->x[4] = -q->am * sa * s->e;
	s->x[5] = -ca * turn;
	s->x[6] = q->pm * sa * turn;
	s->x[7] = -q->am * t * sa * s->e + q->pm * t * sa * turn;
	/* psi' = -m w sin(w t + beta), psi'' = -m w^2 cos(w t + beta) */
	s->f[5] = w * sa / TWO_PI;
	s->f[6] = q->pm * w * ca / TWO_PI;
	s->f[7] = q->pm * (sa + w * t * ca) / TWO_PI;
	s->rocof[5] = w * w * ca / TWO_PI;
	s->rocof[6] = -q->pm * w * w * sa / TWO_PI;
	s->rocof[7] = q->pm * (2 * w * ca - w * w * t * sa) / TWO_PI;
}

static struct slopes slopes_at(const struct truth *q, double t)
{
	bool mod = q->model == CIS_MODEL_MOD;
	bool after = t >= q->step_s && q->model == CIS_MODEL_STEP;
	double a = mod ? 1 + q->am * cos(TWO_PI * q->mod_hz * t) : 1;
	double psi = TWO_PI * (q->f_hz * t + q->rocof_hz_per_s * t * t / 2);
	struct slopes s = {.rest = {0}};

	if (mod)
		psi -= q->pm * cos(TWO_PI * q->mod_hz * t);
	if (after)
		a = q->step_mag;
	s.e = cexp(I * psi);
	/* A, phi, f */
	s.x[after ? 3 : 0] = (after ? 1 : a) * s.e;
	s.x[after ? 4 : 1] = I * a * s.e;
	s.x[2] = I * TWO_PI * t * a * s.e;
	s.f[2] = 1;
	if (q->model == CIS_MODEL_RAMP) {
		s.x[3] = I * TWO_PI * t * t / 2 * a * s.e;
		s.f[3] = t;
		s.rocof[3] = 1;
	}
	if (mod)
		slopes_mod(q, t, &s);
	if (q->model == CIS_MODEL_TONE) {
		double w = TWO_PI * q->tone_hz;

		s.rest[3] = cos(w * t);
		s.rest[4] = -q->tone * sin(w * t);
		s.rest[5] = -q->tone * t * sin(w * t);
	}
	s.rest[q->n_par - 1] = 1;
	return s;
}

/* ---- the bound ---- */

struct bound {
	unsigned n;
	double length[N_PAR];   /* of each column */
	double l[N_PAR][N_PAR]; /* Cholesky factor of the scaled F */
};

static struct bound bound_of(const struct truth *q)
{
	struct bound b = {.n = q->n_par};
	double row[N_PAR];

	for (int pass = 0; pass < 2; pass++)
		for (int i = 0; i < RATE_HZ * DURATION_S; i++) {
			struct slopes s = slopes_at(q, (double)i / RATE_HZ);

			for (unsigned k = 0; k < b.n; k++)
				row[k] = creal(s.x[k]) + s.rest[k];
			for (unsigned k = 0; pass == 0 && k < b.n; k++)
				b.length[k] = hypot(b.length[k], row[k]);
			for (unsigned k = 0; pass == 1 && k < b.n; k++)
				for (unsigned j = 0; j <= k; j++)
					b.l[k][j] += row[k] * row[j] /
						     b.length[k] / b.length[j];
		}
	for (unsigned k = 0; k < b.n; k++)
		for (unsigned j = 0; j <= k; j++) {
			for (unsigned i = 0; i < j; i++)
				b.l[k][j] -= b.l[k][i] * b.l[j][i];
			b.l[k][j] =
				j < k ? b.l[k][j] / b.l[j][j] : sqrt(b.l[k][j]);
		}
	return b;
}

/* g F^-1 g^T */
static double variance(const struct bound *b, const double g[])
{
	double y[N_PAR], sum = 0;

	for (unsigned k = 0; k < b->n; k++) {
		y[k] = g[k] / b->length[k];
		for (unsigned i = 0; i < k; i++)
			y[k] -= b->l[k][i] * y[i];
		y[k] /= b->l[k][k];
		sum += y[k] * y[k];
	}
	return sum;
}

/* ---- what the fits do ---- */

/* Sums of squares: errors, uncertainties told, bounds; relative to the peak. */
struct sums {
	double x, f, rocof;
};

struct tally {
	const struct truth *q;
	const struct bound *bound;
	unsigned n;
	uint32_t notes;
	struct sums error, told, best;
};

static void add_bound(struct tally *t, double at_s)
{
	/* Signal of peak 1: the power is 1/2. */
	double sigma2 = 0.5 * pow(10, -SNR_DB / 10.0);
	struct slopes s = slopes_at(t->q, at_s);
	double a = cabs(s.x[1]), re[N_PAR], im[N_PAR];

	if (t->q->model == CIS_MODEL_STEP && at_s >= t->q->step_s)
		a = cabs(s.x[4]);
	for (unsigned k = 0; k < t->bound->n; k++) {
		re[k] = creal(s.x[k] / s.e) / a;
		im[k] = cimag(s.x[k] / s.e) / a;
	}
	t->best.x += sigma2 * (variance(t->bound, re) + variance(t->bound, im));
	/* Of three phases together. */
	t->best.f += sigma2 * variance(t->bound, s.f) / 3;
	t->best.rocof += sigma2 * variance(t->bound, s.rocof) / 3;
}

static void add(void *ctx, const struct cis_report *rep,
		const struct cis_signal_truth *truth)
{
	struct tally *t = ctx;
	struct cis_split_time at = cis_instant_split(rep->at);

	t->n++;
	t->notes |= rep->notes;
	for (unsigned c = 0; c < CIS_SIGNAL_N_CHAN; c++) {
		t->error.x +=
			pow(cis_tve(rep->phasor_rms[c], truth->phasor_rms[c]),
			    2) /
			CIS_SIGNAL_N_CHAN;
		t->told.x += (pow(rep->fit[c].u_mag, 2) +
			      pow(rep->fit[c].u_phase_rad, 2)) /
			     CIS_SIGNAL_N_CHAN;
		t->error.f += pow(rep->fit[c].freq_hz - truth->freq_hz, 2) /
			      CIS_SIGNAL_N_CHAN;
	}
	t->told.f += pow(rep->u_freq_hz, 2);
	t->error.rocof += pow(rep->rocof_hz_per_s - truth->rocof_hz_per_s, 2);
	t->told.rocof += pow(rep->u_rocof_hz_per_s, 2);
	add_bound(t, (double)(at.tai_s - RUN_T0) + at.frac_s);
}

/*
 * At most 1.2 times the bound, the figure, and not below it by more than
 * three times the uncertainty of an rms of n draws: seeds stay, so does that.
 */
static void check_best(const char *what, unsigned n, double error, double best)
{
	double ratio = sqrt(error / best), low = 1 - 3 / sqrt(2.0 * n);

	if (sqrt(best) < 1e-12) { /* the model knows it */
		check_close(sqrt(error), 0, 1e-10);
		return;
	}
	print_message("%s: %.3f of the bound\n", what, ratio);
	check_close(ratio, (1.2 + low) / 2, (1.2 - low) / 2);
}

/* What is told is the bound, but for the harmonics' columns. */
static void check_told(double told, double best)
{
	if (sqrt(best) > 1e-12)
		check_close(sqrt(told / best), 1, 0.02);
}

static void check_model(const struct truth *q)
{
	struct bound bound = bound_of(q);
	struct tally t = {.q = q, .bound = &bound};

	for (unsigned i = 0; i < N_RUN; i++) {
		struct aware_run a = aware_init(q->model);
		char seed[16];

		a.run.sig = signal_of(q->keys);
		a.run.sig.snr_db = SNR_DB;
		a.run.rate_hz = RATE_HZ;
		a.run.duration_s = DURATION_S;
		a.harmonics = true;
		snprintf(seed, sizeof(seed), "%u", i + 1);
		run_key(&a.run, "seed", seed);
		cis_aware_free(aware_all(&a, add, &t));
	}
	assert_true(t.n >= N_RUN * 38);
	assert_int_equal(t.notes & CIS_NOTE_BLIND, 0);
	check_best("phasor", 6 * N_RUN, t.error.x, t.best.x);
	check_best("frequency", 6 * N_RUN, t.error.f, 3 * t.best.f);
	check_best("ROCOF", N_RUN, t.error.rocof, t.best.rocof);
	check_told(t.told.x, t.best.x);
	check_told(t.told.f, t.best.f);
	check_told(t.told.rocof, t.best.rocof);
}

static void a_steady_fit_is_as_good_as_can_be(void **state)
{
	(void)state;
	check_model(&(struct truth){.model = CIS_MODEL_STEADY,
				    .keys = "f=50.4",
				    .f_hz = 50.4,
				    .n_par = 4});
}

static void a_ramp_fit_is_as_good_as_can_be(void **state)
{
	(void)state;
	check_model(&(struct truth){.model = CIS_MODEL_RAMP,
				    .keys = "f=49.3 rocof=1",
				    .f_hz = 49.3,
				    .rocof_hz_per_s = 1,
				    .n_par = 5});
}

static void a_modulation_fit_is_as_good_as_can_be(void **state)
{
	(void)state;
	check_model(&(struct truth){
		.model = CIS_MODEL_MOD,
		.keys = "f=50.1 am=0.1 am_hz=3.1 pm=0.1 pm_hz=3.1",
		.f_hz = 50.1,
		.am = 0.1,
		.pm = 0.1,
		.mod_hz = 3.1,
		.n_par = 9});
}

static void a_tone_fit_is_as_good_as_can_be(void **state)
{
	(void)state;
	check_model(&(struct truth){.model = CIS_MODEL_TONE,
				    .keys = "f=49.9 ih=0.1 ih_hz=23",
				    .f_hz = 49.9,
				    .tone = 0.1,
				    .tone_hz = 23,
				    .n_par = 7});
}

static void a_step_fit_is_as_good_as_can_be(void **state)
{
	(void)state;
	check_model(&(struct truth){.model = CIS_MODEL_STEP,
				    .keys = "step_mag=0.1 step_s=0.333",
				    .f_hz = 50,
				    .step_s = 0.333,
				    .step_mag = 1.1,
				    .n_par = 6});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_steady_fit_is_as_good_as_can_be),
		cmocka_unit_test(a_ramp_fit_is_as_good_as_can_be),
		cmocka_unit_test(a_modulation_fit_is_as_good_as_can_be),
		cmocka_unit_test(a_tone_fit_is_as_good_as_can_be),
		cmocka_unit_test(a_step_fit_is_as_good_as_can_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
