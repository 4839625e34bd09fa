/*
 * pps_date.c - one edge: the samples that count, where the fit begins, and what
 * its result is worth; see pps_edge.h.
 *
 * The start: for each time constant of a grid the top and the height that fit
 * best, then t0 where that curve meets the base.
 */
#include <math.h>
#include <string.h>

#include "pps_fit.h"

#define N_TAU      60  /* 0.1 scans to 52 000, each a quarter longer */
#define TAU_BARE   0.3 /* scans: two samples later 1e-3 of the step is left */
#define U_BARE     0.28867513459481288     /* 1/sqrt(12) */
#define TAU_MOST_S (3 * CIS_PPS_TAU_MAX_S) /* beyond, no such network */
#define MAX_OUT    3
#define MIN_PRE    8

/* v = top - height exp(-t/tau) over the samples from `rise` on; sum of squares
 * of what is left. */
static double try_tau(const struct cis_pps_fit *f, double tau, double *top,
		      double *height)
{
	double n = 0, se = 0, see = 0, sv = 0, sve = 0, svv = 0, det;

	for (uint32_t i = 0; i < f->n; i++) {
		double v = f->v[f->from + i] - f->par[CIS_PPS_V0];
		double e;

		if (!f->use[i] || cis_pps_fit_at(f, i) < 0)
			continue;
		e = exp(-cis_pps_fit_at(f, i) / tau);
		n++;
		se += e;
		see += e * e;
		sv += v;
		sve += v * e;
		svv += v * v;
	}
	det = n * see - se * se;
	if (n < 3 || !(det > 0))
		return INFINITY;
	*height = (se * sv - n * sve) / det;
	*top = (sv + *height * se) / n;
	return svv - *top * sv + *height * sve;
}

/* At the top at once. */
static bool begin_bare(struct cis_pps_fit *f)
{
	double sum = 0, n = 0;

	for (uint32_t i = 0; i < f->n; i++)
		if (f->use[i] && cis_pps_fit_at(f, i) >= 0) {
			sum += f->v[f->from + i] - f->par[CIS_PPS_V0];
			n++;
		}
	f->par[CIS_PPS_V1] = sum / n;
	f->par[CIS_PPS_TAU] = 0.1;
	f->par[CIS_PPS_T0] = -0.5;
	return f->par[CIS_PPS_V1] > 0;
}

/* Where to begin; par[CIS_PPS_V0] is known. False where nothing rises. */
static bool begin(struct cis_pps_fit *f)
{
	double best = INFINITY;

	for (int i = 0; i < N_TAU; i++) {
		double tau = 0.1 * pow(1.25, i), top = 0, height = 0;
		double ss =
			tau < f->n ? try_tau(f, tau, &top, &height) : INFINITY;

		if (!(ss < best) || !(top > 0) || !(height > 0))
			continue;
		best = ss;
		f->par[CIS_PPS_V1] = top;
		f->par[CIS_PPS_TAU] = tau;
		f->par[CIS_PPS_T0] = tau * log(height / top);
	}
	if (!(best < INFINITY))
		return begin_bare(f);
	/* Between the last low sample and the first high one, about. */
	f->par[CIS_PPS_T0] = fmin(fmax(f->par[CIS_PPS_T0], -3), 0.5);
	return true;
}

/* A straight line through the samples before the edge, all but the last two, and
 * the rms deviation from it. */
static bool look_before(struct cis_pps_fit *f)
{
	double n = 0, st = 0, stt = 0, sv = 0, stv = 0, svv = 0, det;

	for (uint32_t i = 0; i < f->n && cis_pps_fit_at(f, i) < -2; i++) {
		double t = cis_pps_fit_at(f, i), v = f->v[f->from + i];

		if (!f->use[i])
			continue;
		v -= f->par[CIS_PPS_V0];
		n++;
		st += t;
		stt += t * t;
		sv += v;
		stv += t * v;
		svv += v * v;
	}
	if (n < MIN_PRE)
		return false;
	det = n * stt - st * st;
	f->par[CIS_PPS_SLOPE] = (n * stv - st * sv) / det;
	sv = (sv - f->par[CIS_PPS_SLOPE] * st) / n;
	svv -= sv * (sv * n + 2 * f->par[CIS_PPS_SLOPE] * st) +
	       f->par[CIS_PPS_SLOPE] * f->par[CIS_PPS_SLOPE] * stt;
	f->par[CIS_PPS_V0] += sv;
	f->noise_v = sqrt(fmax(svv, 0) / (n - 2));
	return true;
}

/* The converter's step: the least difference of two samples in a row. */
static double least_step_v(const struct cis_pps_fit *f)
{
	double least = INFINITY;

	for (uint32_t i = 1; i < f->n; i++) {
		double d = fabs(f->v[f->from + i] - f->v[f->from + i - 1]);

		if (f->use[i] && f->use[i - 1] && d > 0)
			least = fmin(least, d);
	}
	return isfinite(least) ? least : 0;
}

static void choose_samples(struct cis_pps_fit *f)
{
	double top_v = f->opts->top_v > 0 ? f->opts->top_v : INFINITY;

	f->n_used = 0;
	for (uint32_t i = 0; i < f->n; i++) {
		double v = f->v[f->from + i];

		f->use[i] = isfinite(v) && v < top_v;
		f->n_used += f->use[i];
	}
	f->lsb_v = f->opts->lsb_v > 0 ? f->opts->lsb_v : least_step_v(f);
}

static double first_used_v(const struct cis_pps_fit *f)
{
	uint32_t i = 0;

	while (i + 1 < f->n && !f->use[i])
		i++;
	return f->v[f->from + i];
}

static double resid_v(const struct cis_pps_fit *f)
{
	return f->n_used > CIS_PPS_N_PAR
		       ? sqrt(f->ss / (f->n_used - CIS_PPS_N_PAR))
		       : INFINITY;
}

/* What the samples before the edge lead one to expect. */
static double expected_v(const struct cis_pps_fit *f)
{
	return hypot(f->noise_v, f->lsb_v * U_BARE);
}

/* Leaves out the sample farthest off; false where none stands out. */
static bool leave_out(struct cis_pps_fit *f)
{
	double worst = 0, others;
	uint32_t at_i = 0;

	for (uint32_t i = 0; i < f->n; i++) {
		double r = cis_pps_fit_resid(f, i);

		if (f->use[i] && fabs(r) > worst) {
			worst = fabs(r);
			at_i = i;
		}
	}
	others = (f->ss - worst * worst) / (f->n_used - CIS_PPS_N_PAR);
	if (!(worst > 6 * sqrt(fmax(others, 0))))
		return false;
	f->use[at_i] = false;
	f->n_used--;
	return true;
}

/* A top that is cut off without our being told: alike to the last bit. */
static bool leave_top(struct cis_pps_fit *f)
{
	double top = -INFINITY;
	uint32_t n = 0;

	for (uint32_t i = 0; i < f->n; i++)
		if (f->use[i])
			top = fmax(top, f->v[f->from + i]);
	for (uint32_t i = 0; i < f->n; i++)
		n += f->use[i] && f->v[f->from + i] >= top;
	if (n < 3 || f->n_used - n < 2 * CIS_PPS_N_PAR)
		return false;
	for (uint32_t i = 0; i < f->n; i++)
		if (f->v[f->from + i] >= top)
			f->use[i] = false;
	f->n_used -= n;
	return true;
}

static void descend_without_spikes(struct cis_pps_fit *f)
{
	cis_pps_fit_descend(f);
	for (int i = 0; i < MAX_OUT && resid_v(f) > 1.5 * expected_v(f); i++) {
		if (!leave_out(f))
			break;
		cis_pps_fit_descend(f);
	}
}

/* Just before a sample t0 is known well, for that is the steepest; just after it
 * less so. Where the two cannot be told apart, the lesser knowledge counts. */
static bool invert_near_kink(struct cis_pps_fit *f)
{
	struct cis_pps_fit after = *f;

	after.first += 1;
	if (!cis_pps_fit_invert(f))
		return false;
	if (!cis_pps_fit_invert(&after) ||
	    after.inv[CIS_PPS_T0][CIS_PPS_T0] <= f->inv[CIS_PPS_T0][CIS_PPS_T0])
		return true;
	if (f->first - f->par[CIS_PPS_T0] <
	    5 * sqrt(after.inv[CIS_PPS_T0][CIS_PPS_T0]) *
		    fmax(expected_v(f), resid_v(f)))
		memcpy(f->inv, after.inv, sizeof(f->inv));
	return true;
}

/* How far t0 moves when all samples of the flat stretch before the edge, and all
 * of that at the top, are off by one volt. */
static void pull_of_flats(const struct cis_pps_fit *f, double *before,
			  double *top)
{
	double j[CIS_PPS_N_PAR];

	*before = *top = 0;
	for (uint32_t i = 0; i < f->n; i++) {
		double t = cis_pps_fit_at(f, i), g = 0;

		if (!f->use[i])
			continue;
		cis_pps_fit_gradient(f, t, j);
		for (int k = 0; k < CIS_PPS_N_PAR; k++)
			g += f->inv[CIS_PPS_T0][k] * j[k];
		if (t < f->first)
			*before += g;
		else if (-j[CIS_PPS_T0] < f->lsb_v)
			*top += g;
	}
}

/* By what the variance grows where neighbours in the residual are alike, as in
 * hum: (1 + r) / (1 - r) at a correlation of r; that of white noise is within
 * 3/sqrt(n) of zero. */
static double likeness(const struct cis_pps_fit *f)
{
	double sum = 0, before = 0, n = f->n_used, r;

	for (uint32_t i = 0; i < f->n; i++) {
		double resid = cis_pps_fit_resid(f, i);

		resid = f->use[i] ? resid : 0;
		sum += resid * before;
		before = resid;
	}
	r = f->ss > 0 ? sum / f->ss : 0;
	return r > 3 / sqrt(n) ? fmin((1 + r) / (1 - r), n) : 1;
}

/* u and bias of t0, in scans. */
static void judge(const struct cis_pps_fit *f, struct cis_pps_edge *edge)
{
	double sigma = fmax(expected_v(f), resid_v(f));
	double u = sigma * sqrt(f->inv[CIS_PPS_T0][CIS_PPS_T0] * likeness(f));
	double before, top, undithered = 0, dither = 0;

	pull_of_flats(f, &before, &top);
	if (f->lsb_v > 0)
		dither = fmax(f->noise_v * f->noise_v / (f->lsb_v * f->lsb_v) -
				      1.0 / 12,
			      0);
	/* Widrow and Kollar: the mean error of a quantiser falls so with the
	 * variance of the noise at its input, in steps (2 pi^2 = 19.7). */
	undithered = f->lsb_v * exp(-19.739208802178716 * dither);
	edge->bias_scan = undithered / 2 * (fabs(before) + fabs(top));
	u = hypot(u, undithered * U_BARE * hypot(before, top));
	/* A misfit is the same in every edge. */
	if (resid_v(f) > 1.5 * expected_v(f))
		edge->bias_scan += 3 * u;
	edge->u_scan = u;
	edge->fit =
		f->par[CIS_PPS_TAU] < TAU_MOST_S * f->opts->rate_hz &&
		resid_v(f) <= fmax(0.01 * f->par[CIS_PPS_V1], 3 * f->noise_v);
}

static void tell_bare(const struct cis_pps_fit *f, struct cis_pps_edge *edge)
{
	edge->bare = true;
	edge->scan = (uint64_t)f->rise - 1;
	edge->frac = 0.5;
	edge->u_scan = U_BARE;
	edge->bias_scan = 0.5;
	edge->tau_scan = 0;
	edge->fit = true;
}

static bool tell(struct cis_pps_fit *f, struct cis_pps_edge *edge)
{
	double t0 = f->rise + f->par[CIS_PPS_T0];

	*edge = (struct cis_pps_edge){
		.tau_scan = f->par[CIS_PPS_TAU],
		.step_v = f->par[CIS_PPS_V1],
		.base_v = f->par[CIS_PPS_V0] +
			  f->par[CIS_PPS_SLOPE] * f->par[CIS_PPS_T0],
		.resid_v = resid_v(f),
		.noise_v = f->noise_v,
	};
	if (!(f->par[CIS_PPS_V1] > 0) || !(t0 >= 0))
		return false;
	edge->scan = (uint64_t)t0;
	edge->frac = t0 - (double)edge->scan;
	edge->u_scan = edge->bias_scan = INFINITY;
	if (f->par[CIS_PPS_TAU] >= TAU_BARE && invert_near_kink(f))
		judge(f, edge);
	if (f->par[CIS_PPS_TAU] < TAU_BARE ||
	    (f->par[CIS_PPS_TAU] < 1 && edge->u_scan > U_BARE))
		tell_bare(f, edge);
	return true;
}

static void try_without_top(struct cis_pps_fit *f)
{
	struct cis_pps_fit less = *f;

	if (!leave_top(&less) || !begin(&less))
		return;
	descend_without_spikes(&less);
	if (resid_v(&less) < 0.5 * resid_v(f))
		*f = less;
}

bool cis_pps_edge_fit(const struct cis_pps_opts *opts, const double *v,
		      uint32_t n, uint32_t rise, struct cis_pps_edge *edge)
{
	uint32_t from = rise > CIS_PPS_PRE ? rise - CIS_PPS_PRE : 0;
	struct cis_pps_fit f = {.opts = opts,
				.v = v,
				.from = from,
				.n = n - from,
				.rise = rise};

	if (rise < 1 || rise >= n || f.n > CIS_PPS_WINDOW)
		return false;
	choose_samples(&f);
	f.par[CIS_PPS_V0] = first_used_v(&f); /* against rounding */
	if (!look_before(&f) || f.n_used < 2 * CIS_PPS_N_PAR || !begin(&f))
		return false;
	descend_without_spikes(&f);
	if (resid_v(&f) > 1.5 * expected_v(&f))
		try_without_top(&f);
	return tell(&f, edge);
}
