/*
 * moments.c - second moments from the comb and from the noise.
 *
 * What is stationary has a Toeplitz covariance; of its halves, even and odd,
 * C[i][j] = c(i - j) +- c(i + j).
 */
#include "moments.h"

#include <math.h>
#include <stdlib.h>

#include "dyn.h"
#include "wave.h"

/* Noise of a sample at 80 dB, of a sine of amplitude 1, but of a density not
 * less than at 18 kHz, where the covariance is near to singular; ridge. */
#define NOISE_VAR     (1e-8 / 2)
#define NOISE_RATE_HZ 18000
#define RIDGE         1e-3

/* cos and sin of one tooth at points 0..2 half. */
struct wave {
	double *c, *s;
};

static void add_cov(struct cis_moments *m, double var, const double *c)
{
	for (size_t k = 0; k <= 2 * m->half; k++)
		m->cov[k] += var * c[k];
}

/* A tooth nu from the seed has p = exp(j 2 pi nu t): derivatives of cos, and
 * of -sin, by parity. */
static void add_with(struct cis_moments *m, double var, double nu_rad,
		     const struct wave *w)
{
	static const double sign[2][CIS_N_FORM] = {{1, 1, -1, -1},
						   {1, -1, -1, 1}};
	double by = var;

	for (unsigned f = 0; f < CIS_N_FORM; f++, by *= nu_rad) {
		double even = sign[0][f] * by, odd = -sign[1][f] * by;

		for (size_t i = 0; i <= m->half; i++) {
			m->with[0][f][i] += even * w->c[i];
			m->with[1][f][i] += odd * w->s[i];
		}
	}
}

static void add_noise(struct cis_moments *m, const struct cis_prefilter *h)
{
	double var = NOISE_VAR * fmax(1, h->rate_hz / NOISE_RATE_HZ);

	for (size_t k = 0; k <= 2 * m->half; k++)
		m->cov[k] += var * cis_prefilter_cov(h, k);
	m->cov[0] += RIDGE * var * cis_prefilter_cov(h, 0);
}

static bool allocate(struct cis_moments *m, struct wave *w)
{
	size_t len = m->half + 1, n = 2 * m->half + 1;
	double *at;

	m->cov = calloc(n + 2 * CIS_N_FORM * len, sizeof(double));
	w->c = malloc(2 * n * sizeof(double));
	if (!m->cov || !w->c)
		return false;
	w->s = w->c + n;
	at = m->cov + n;
	for (unsigned f = 0; f < 2 * CIS_N_FORM; f++, at += len)
		m->with[f / CIS_N_FORM][f % CIS_N_FORM] = at;
	return true;
}

bool cis_moments_init(struct cis_moments *m, const struct cis_comb *comb,
		      const struct cis_prefilter *h, double seed_hz)
{
	double point_s = (double)h->to.by / h->rate_hz;
	struct wave w = {0};
	bool ok;

	*m = (struct cis_moments){.half = h->to.half};
	ok = allocate(m, &w);
	for (size_t i = 0; ok && i < comb->n; i++) {
		const struct cis_tooth *t = &comb->tooth[i];
		double gain = cis_prefilter_gain(h, t->hz);

		cis_wave(t->hz * point_s, 2 * m->half + 1, w.c, w.s);
		add_cov(m, t->var * gain * gain, w.c);
		if (t->of_side)
			add_with(m, t->var * gain,
				 2 * CIS_PI * (t->hz - seed_hz), &w);
	}
	if (ok)
		add_noise(m, h);
	free(w.c);
	return ok;
}

void cis_moments_free(struct cis_moments *m)
{
	free(m->cov);
}

void cis_moments_cov(const struct cis_moments *m, const struct cis_part *p,
		     double *c)
{
	double sign = p->odd ? -1 : 1;

	for (size_t j = 0; j < p->n; j++) {
		const double *apart = m->cov;
		const double *sum = m->cov + 2 * p->odd + j;

		for (size_t i = j; i < p->n; i++)
			c[j * p->n + i] = apart[i - j] + sign * sum[i];
	}
	if (p->odd)
		return;
	c[0] = m->cov[0];
	for (size_t i = 1; i < p->n; i++)
		c[i] = sqrt(2) * m->cov[i];
}

void cis_moments_prior(const struct cis_moments *m, struct cis_part *p)
{
	for (size_t f = 0; f < CIS_N_FORM; f++)
		for (size_t i = 0; i < p->n; i++)
			p->w[f * p->n + i] = (i + p->odd ? sqrt(2) : 1) *
					     m->with[p->odd][f][i + p->odd];
}
