/*
 * track_filter.c - the three-state clock filter; see track_filter.h.
 *
 * The transition over a step is exact for the Gauss-Markov drift; its noise is
 * taken as that of a random walk, which is never less. Steps are short against
 * the correlation time, so that it is not much more.
 */
#include "track_filter.h"

#include <math.h>
#include <string.h>

/* Correlation time of the drift. */
#define DRIFT_CORR_S   300.0
#define STEP_MOST_S    30.0
#define N_STEP_MOST    1000
/* White frequency noise: Allan deviation 3e-10 at 1 s. Random-walk frequency
 * noise: y walks 1e-10 in a second (twenty times less is good for a quartz). */
#define WHITE_S2_PER_S 9e-20
#define WALK_PER_S     1e-20
/* The steady filter's drift walks 4.5e-12/s in a second: its memory is some
 * (jitter^2 / wander)^(1/6), a minute at 1 us. */
#define STEADY_WANDER  2e-23
#define STEADY_CORR_S  1e6
/* Of the usual drift, what the steady filter begins with. */
#define STEADY_PART    0.02

static double kept(double corr_s, double t)
{
	return exp(-t / corr_s);
}

/* First and second integral of kept(). */
static double kept_1(double corr_s, double t)
{
	return -corr_s * expm1(-t / corr_s);
}

static double kept_2(double corr_s, double t)
{
	return fabs(t) < 1e-3 * corr_s ? t * t / 2 * (1 - t / (3 * corr_s))
				       : corr_s * (t - kept_1(corr_s, t));
}

void cis_track_filter_init(struct cis_track_filter *filter, double max_off,
			   double drift_per_s, bool agile)
{
	double d2 = drift_per_s * drift_per_s;

	*filter = (struct cis_track_filter){.fit = 1};
	filter->corr_s = agile ? DRIFT_CORR_S : STEADY_CORR_S;
	filter->wander = agile ? 2 * d2 / DRIFT_CORR_S : STEADY_WANDER;
	filter->p[1][1] = max_off * max_off;
	filter->p[2][2] = agile ? d2 : d2 * STEADY_PART * STEADY_PART;
}

void cis_track_filter_place(struct cis_track_filter *filter, double var)
{
	for (int k = 1; k < 3; k++)
		filter->p[0][k] = filter->p[k][0] = 0;
	filter->p[0][0] = var;
}

double cis_track_filter_gain(const struct cis_track_filter *filter, double t)
{
	return filter->y * t + filter->d * kept_2(filter->corr_s, t);
}

double cis_track_filter_slope(const struct cis_track_filter *filter, double t)
{
	return filter->y + filter->d * kept_1(filter->corr_s, t);
}

/* q of Zucca and Tavella, (20), for a step of t >= 0. */
static void add_noise(double p[3][3], double wander, double t)
{
	double q[3][3];

	q[0][0] = t * (WHITE_S2_PER_S +
		       t * t * (WALK_PER_S / 3 + wander * t * t / 20));
	q[0][1] = t * t * (WALK_PER_S / 2 + wander * t * t / 8);
	q[0][2] = wander * t * t * t / 6;
	q[1][1] = t * (WALK_PER_S + wander * t * t / 3);
	q[1][2] = wander * t * t / 2;
	q[2][2] = wander * t;
	for (int i = 0; i < 3; i++)
		for (int k = i; k < 3; k++) {
			p[i][k] += q[i][k];
			p[k][i] = p[i][k];
		}
}

/* p = F p F' */
static void transform(double p[3][3], double corr_s, double t)
{
	const double f[3][3] = {{1, t, kept_2(corr_s, t)},
				{0, 1, kept_1(corr_s, t)},
				{0, 0, kept(corr_s, t)}};
	double fp[3][3] = {{0}};

	for (int i = 0; i < 3; i++)
		for (int k = 0; k < 3; k++)
			for (int m = i; m < 3; m++)
				fp[i][k] += f[i][m] * p[m][k];
	memset(p, 0, sizeof(double[3][3]));
	for (int i = 0; i < 3; i++)
		for (int k = 0; k < 3; k++)
			for (int m = k; m < 3; m++)
				p[i][k] += fp[i][m] * f[k][m];
}

static void spread(struct cis_track_filter *filter, double t)
{
	double n = fmin(ceil(t / STEP_MOST_S), N_STEP_MOST);

	for (int i = 0; i < n; i++) {
		transform(filter->p, filter->corr_s, t / n);
		add_noise(filter->p, filter->wander, t / n);
	}
}

void cis_track_filter_predict(struct cis_track_filter *filter, double t)
{
	filter->y = cis_track_filter_slope(filter, t);
	filter->d *= kept(filter->corr_s, t);
	spread(filter, t);
}

double cis_track_filter_var(const struct cis_track_filter *filter, double t)
{
	struct cis_track_filter ahead = *filter;
	double var;

	if (t >= 0) {
		spread(&ahead, t);
		return ahead.p[0][0];
	}
	transform(ahead.p, ahead.corr_s, t);
	var = ahead.p[0][0];
	memset(ahead.p, 0, sizeof(ahead.p));
	add_noise(ahead.p, filter->wander, -t);
	return var + ahead.p[0][0];
}

double cis_track_filter_update(struct cis_track_filter *filter, double innov,
			       double r)
{
	double s = filter->p[0][0] + r, gain[3], row[3];

	memcpy(row, filter->p[0], sizeof(row));
	for (int i = 0; i < 3; i++)
		gain[i] = row[i] / s;
	for (int i = 0; i < 3; i++)
		for (int k = 0; k < 3; k++)
			filter->p[i][k] -= gain[i] * row[k];
	filter->y += gain[1] * innov;
	filter->d += gain[2] * innov;
	filter->fit += (innov * innov / s - filter->fit) / 16;
	return gain[0] * innov;
}

void cis_track_split_normalise(struct cis_split_time *t)
{
	double whole = floor(t->frac_s);

	t->tai_s += (int64_t)whole;
	t->frac_s -= whole;
}
