/* central.c - see central.h. */
#include "central.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "clones.h"
#include "dyn.h"

/* Sums run in this many parts side by side. */
#define N_LANE 8

/* The model of a sample t from the middle is the sum of coef[k] d[k]. */
static void coefficients(const struct cis_central *c, double rate_hz, int n,
			 double coef[6])
{
	const double *at = c->wave + (n + (int)c->half);
	double t = n / rate_hz;

	coef[0] = at[0];
	coef[1] = at[2 * c->half + 1];
	for (unsigned k = 2; k < 6; k++)
		coef[k] = coef[k - 2] * t / (k < 4 ? 1 : 2);
}

/* Weight of sample n in the form k. */
static double weight(const struct cis_rows *rows, unsigned k, int n)
{
	double g = rows->g[k * rows->stride + (size_t)abs(n)];

	if (cis_row_is_even(k))
		return g;
	return n > 0 ? g : n < 0 ? -g : 0;
}

/* Variance of one sample minus its model, for unit noise on the samples. */
static double variance(const struct cis_central *c, const struct cis_rows *rows,
		       int n)
{
	double coef[6], var = 1;

	coefficients(c, rows->rate_hz, n, coef);
	for (unsigned k = 0; k < 6; k++)
		var -= 2 * coef[k] * weight(rows, k, n);
	for (unsigned j = 0; j < CIS_N_ROW; j++) {
		double g = 0;

		for (unsigned k = 0; k < 6; k++)
			g += coef[k] * rows->noise[k][j];
		var += g * g;
	}
	return var;
}

static double sum_of_weights(const struct cis_central *c)
{
	return 2 * c->half - 1 + 2 * c->edge;
}

/* One sample at least, where a fit leaves next to nothing. */
static double freedom(const struct cis_central *c, const struct cis_rows *rows)
{
	int half = (int)c->half;
	double sum = 0, sum_sq = 2 * c->half - 1 + 2 * c->edge * c->edge;

	for (int n = -half; n <= half; n++)
		sum += (abs(n) == half ? c->edge : 1) * variance(c, rows, n);
	return fmax(sum - sum_sq / sum_of_weights(c), 1);
}

int cis_central_init(struct cis_central *c, const struct cis_rows *rows)
{
	double per_cycle = rows->rate_hz / rows->seed_hz;
	uint32_t half = (uint32_t)ceil((per_cycle - 1) / 2);

	c->half = half < rows->half ? half : rows->half;
	c->edge = fmin((per_cycle - (2 * c->half - 1)) / 2, 1);
	c->wave = malloc(2 * (2 * c->half + 1) * sizeof(*c->wave));
	if (!c->wave)
		return -ENOMEM;
	for (uint32_t i = 0; i <= 2 * c->half; i++) {
		double n = (double)i - c->half;
		double p = 2 * CIS_PI * rows->seed_hz * n / rows->rate_hz;

		c->wave[i] = cos(p);
		c->wave[2 * c->half + 1 + i] = -sin(p);
	}
	c->freedom = freedom(c, rows);
	return 0;
}

void cis_central_fini(struct cis_central *c)
{
	free(c->wave);
	c->wave = NULL;
}

/* What a sum and a sum of squares are made of. */
struct sums {
	double y[N_LANE], yy[N_LANE];
};

static inline double residual_at(const struct cis_central *c, double dt,
				 const double *s, const double d[6], int n)
{
	const double *re = c->wave + c->half, *im = re + 2 * c->half + 1;
	double t = n * dt;
	double p = d[0] + t * (d[2] + t * 0.5 * d[4]);
	double q = d[1] + t * (d[3] + t * 0.5 * d[5]);

	return s[n] - p * re[n] - q * im[n];
}

/* Sums of the residual less `zero` over all samples but the outermost two. */
CLONES
static void add_inner(const struct cis_central *c, double rate_hz,
		      const double *s, const double d[6], double zero,
		      struct sums *sums)
{
	int from = -(int)c->half + 1, n_inner = 2 * (int)c->half - 1;
	int n_whole = n_inner / N_LANE * N_LANE;
	double dt = 1 / rate_hz;

	for (int i = 0; i < n_whole; i += N_LANE)
		for (int l = 0; l < N_LANE; l++) {
			double y =
				residual_at(c, dt, s, d, from + i + l) - zero;

			sums->y[l] += y;
			sums->yy[l] += y * y;
		}
	for (int i = n_whole; i < n_inner; i++) {
		double y = residual_at(c, dt, s, d, from + i) - zero;

		sums->y[0] += y;
		sums->yy[0] += y * y;
	}
}

struct cis_residual cis_central_residual(const struct cis_central *c,
					 double rate_hz, const double *s,
					 const double d[6])
{
	int half = (int)c->half;
	double dt = 1 / rate_hz, n = sum_of_weights(c);
	/* From one of them, lest a large offset hide the rest. */
	double zero = residual_at(c, dt, s, d, -half);
	double last = residual_at(c, dt, s, d, half) - zero;
	double y = c->edge * last, yy = c->edge * last * last, rss;
	struct sums sums = {{0}, {0}};

	add_inner(c, rate_hz, s, d, zero, &sums);
	for (unsigned l = 0; l < N_LANE; l++) {
		y += sums.y[l];
		yy += sums.yy[l];
	}
	rss = fmax(yy - y * y / n, 0);
	return (struct cis_residual){.dc = zero + y / n,
				     .rms = sqrt(rss / n),
				     .sigma = sqrt(rss / c->freedom)};
}
