/* mgs.c - see mgs.h. */
#include "mgs.h"

#include <math.h>

#include "clones.h"
#include "dot.h"

#define N_COL CIS_MGS_COL
#define N_SUM 16

/* As cis_dot(), of as many sums as the widest clone has room for. */
static inline double dot(size_t n, const double *restrict a,
			 const double *restrict b)
{
	double s[N_SUM] = {0};
	size_t i = 0;

	for (; i + N_SUM <= n; i += N_SUM)
		for (size_t k = 0; k < N_SUM; k++)
			s[k] += a[i + k] * b[i + k];
	for (; i < n; i++)
		s[0] += a[i] * b[i];
	for (size_t half = N_SUM / 2; half > 0; half /= 2)
		for (size_t k = 0; k < half; k++)
			s[k] += s[k + half];
	return s[0];
}

CLONES void cis_mgs_factor(struct cis_mgs *m)
{
	for (size_t k = 0; k < N_COL; k++) {
		double *q = m->q + k * m->stride;
		double norm = sqrt(dot(m->n, q, q));
		double inv = norm > 0 ? 1 / norm : 0;

		for (size_t i = 0; i < m->n; i++)
			q[i] *= inv;
		m->r[k][k] = norm;
		for (size_t j = k + 1; j < N_COL; j++) {
			double *x = m->q + j * m->stride;

			m->r[k][j] = dot(m->n, q, x);
			cis_subtract(m->n, m->r[k][j], q, x);
		}
	}
}

CLONES double cis_mgs_solve(const struct cis_mgs *m, double *y,
			    double theta[N_COL])
{
	for (size_t k = 0; k < N_COL; k++) {
		const double *q = m->q + k * m->stride;

		theta[k] = dot(m->n, q, y);
		cis_subtract(m->n, theta[k], q, y);
	}
	for (size_t k = N_COL; k-- > 0;) {
		for (size_t j = k + 1; j < N_COL; j++)
			theta[k] -= m->r[k][j] * theta[j];
		theta[k] = m->r[k][k] > 0 ? theta[k] / m->r[k][k] : 0;
	}
	return dot(m->n, y, y);
}

void cis_mgs_inverse(const struct cis_mgs *m, double inv[N_COL][N_COL])
{
	for (size_t j = 0; j < N_COL; j++) {
		for (size_t i = 0; i < N_COL; i++)
			inv[i][j] = 0;
		if (!(m->r[j][j] > 0))
			continue;
		inv[j][j] = 1 / m->r[j][j];
		for (size_t i = j; i-- > 0;) {
			double s = 0;

			for (size_t k = i + 1; k <= j; k++)
				s += m->r[i][k] * inv[k][j];
			if (m->r[i][i] > 0)
				inv[i][j] = -s / m->r[i][i];
		}
	}
}
