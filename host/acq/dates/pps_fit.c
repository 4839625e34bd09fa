/* pps_fit.c - the minimum of the sum of squares; see pps_fit.h. */
#include "pps_fit.h"

#include <math.h>
#include <string.h>

static double decay(const struct cis_pps_fit *f, const double *par, double t)
{
	return t >= f->first ? exp(-(t - par[CIS_PPS_T0]) / par[CIS_PPS_TAU])
			     : 1;
}

static double model(const struct cis_pps_fit *f, const double *par, double t)
{
	return par[CIS_PPS_V0] + par[CIS_PPS_SLOPE] * t +
	       par[CIS_PPS_V1] * (1 - decay(f, par, t));
}

double cis_pps_fit_resid(const struct cis_pps_fit *f, uint32_t i)
{
	return f->v[f->from + i] - model(f, f->par, cis_pps_fit_at(f, i));
}

void cis_pps_fit_gradient(const struct cis_pps_fit *f, double t, double *j)
{
	const double *par = f->par;
	double e = decay(f, par, t);
	double steep =
		t >= f->first ? par[CIS_PPS_V1] * e / par[CIS_PPS_TAU] : 0;

	j[CIS_PPS_V0] = 1;
	j[CIS_PPS_SLOPE] = t;
	j[CIS_PPS_V1] = 1 - e;
	j[CIS_PPS_T0] = -steep;
	j[CIS_PPS_TAU] = -steep * (t - par[CIS_PPS_T0]) / par[CIS_PPS_TAU];
}

static double sum_of_squares(const struct cis_pps_fit *f, const double *par)
{
	double ss = 0;

	for (uint32_t i = 0; i < f->n; i++) {
		double r =
			f->v[f->from + i] - model(f, par, cis_pps_fit_at(f, i));

		ss += f->use[i] ? r * r : 0;
	}
	return ss;
}

/* The normal matrix and its right side at f->par. */
static void normal(const struct cis_pps_fit *f,
		   double a[CIS_PPS_N_PAR][CIS_PPS_N_PAR], double *b)
{
	double j[CIS_PPS_N_PAR];

	memset(a, 0, sizeof(double[CIS_PPS_N_PAR][CIS_PPS_N_PAR]));
	memset(b, 0, sizeof(double[CIS_PPS_N_PAR]));
	for (uint32_t i = 0; i < f->n; i++) {
		double r;

		if (!f->use[i])
			continue;
		cis_pps_fit_gradient(f, cis_pps_fit_at(f, i), j);
		r = cis_pps_fit_resid(f, i);
		for (int k = 0; k < CIS_PPS_N_PAR; k++) {
			b[k] += j[k] * r;
			for (int m = 0; m <= k; m++)
				a[k][m] += j[k] * j[m];
		}
	}
}

/* Cholesky in the lower triangle; false where a is not positive. */
static bool cholesky(double a[CIS_PPS_N_PAR][CIS_PPS_N_PAR])
{
	for (int k = 0; k < CIS_PPS_N_PAR; k++) {
		double whole = a[k][k];

		for (int m = 0; m <= k; m++) {
			for (int i = 0; i < m; i++)
				a[k][m] -= a[k][i] * a[m][i];
			if (m < k)
				a[k][m] /= a[m][m];
		}
		/* What is left of a sum of some hundred terms is rounding. */
		if (!(a[k][k] > whole * 1e-13))
			return false;
		a[k][k] = sqrt(a[k][k]);
	}
	return true;
}

static void solve(double l[CIS_PPS_N_PAR][CIS_PPS_N_PAR], double *b)
{
	for (int k = 0; k < CIS_PPS_N_PAR; k++) {
		for (int i = 0; i < k; i++)
			b[k] -= l[k][i] * b[i];
		b[k] /= l[k][k];
	}
	for (int k = CIS_PPS_N_PAR - 1; k >= 0; k--) {
		for (int i = k + 1; i < CIS_PPS_N_PAR; i++)
			b[k] -= l[i][k] * b[i];
		b[k] /= l[k][k];
	}
}

/* One trial step with damping lambda; whether it was for the better. */
static bool step(struct cis_pps_fit *f, double lambda, double *moved)
{
	double a[CIS_PPS_N_PAR][CIS_PPS_N_PAR], b[CIS_PPS_N_PAR],
		par[CIS_PPS_N_PAR], ss;

	normal(f, a, b);
	for (int k = 0; k < CIS_PPS_N_PAR; k++)
		a[k][k] *= 1 + lambda;
	if (!cholesky(a))
		return false;
	solve(a, b);
	for (int k = 0; k < CIS_PPS_N_PAR; k++)
		par[k] = f->par[k] + b[k];
	if (!(par[CIS_PPS_TAU] > 0.02) || !(par[CIS_PPS_TAU] < 4 * f->n) ||
	    !(fabs(par[CIS_PPS_T0]) < f->n))
		return false;
	ss = sum_of_squares(f, par);
	if (!(ss <= f->ss))
		return false;
	*moved = fabs(b[CIS_PPS_T0]) + fabs(b[CIS_PPS_TAU]);
	memcpy(f->par, par, sizeof(par));
	f->ss = ss;
	return true;
}

/* With the first sample after t0 given, all is smooth. A step of 1e-7 scan is
 * 6 ps at 18 kHz. */
static void go_down(struct cis_pps_fit *f)
{
	double lambda = 1e-3;

	f->ss = sum_of_squares(f, f->par);
	for (int i = 0; i < 60 && lambda < 1e9; i++) {
		double moved = INFINITY;

		if (step(f, lambda, &moved))
			lambda *= 0.1;
		else
			lambda *= 10;
		if (moved < 1e-7)
			break;
	}
}

/* The best with t0 in (first - 1, first], or *best where that is better. Returns
 * to which side t0 would rather go. */
static int go_down_within(const struct cis_pps_fit *from, double first,
			  struct cis_pps_fit *best)
{
	struct cis_pps_fit f = *from;
	double wish;

	f.first = first;
	f.par[CIS_PPS_T0] = first - 0.5;
	go_down(&f);
	wish = f.par[CIS_PPS_T0];
	f.par[CIS_PPS_T0] = fmin(fmax(wish, first - 1), first);
	f.ss = sum_of_squares(&f, f.par);
	if (f.ss < best->ss)
		*best = f;
	return (wish > first) - (wish < first - 1);
}

/* The sum of squares has a kink where t0 passes a sample, and often a minimum on
 * either side: the lowest counts. */
void cis_pps_fit_descend(struct cis_pps_fit *f)
{
	struct cis_pps_fit best = *f;
	double first = ceil(f->par[CIS_PPS_T0]);
	int side = 1;

	best.ss = INFINITY;
	for (int i = 0; i < 8 && side; i++) {
		side = go_down_within(f, first, &best);
		first += side;
	}
	first = best.first;
	go_down_within(&best, first - 1, &best);
	go_down_within(&best, first + 1, &best);
	*f = best;
}

bool cis_pps_fit_invert(struct cis_pps_fit *f)
{
	double a[CIS_PPS_N_PAR][CIS_PPS_N_PAR], b[CIS_PPS_N_PAR];

	normal(f, a, b);
	if (!cholesky(a))
		return false;
	for (int k = 0; k < CIS_PPS_N_PAR; k++) {
		memset(b, 0, sizeof(b));
		b[k] = 1;
		solve(a, b);
		memcpy(f->inv[k], b, sizeof(b));
	}
	return true;
}
