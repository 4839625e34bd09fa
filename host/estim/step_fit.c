/* step_fit.c - see step_fit.h. */
#include "step_fit.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Samples nearer to a step than this belong to no side. */
#define MARGIN    1.5
/* The side of the instant, and any other, must be this long, in cycles. */
#define MIN_OWN   0.5
#define MIN_OTHER 1.0
/* A residual below this part of the amplitude is rounding. */
#define ROUNDING  1e-12
/* F of the moving phasor against the steady one, from which on it moves; white
 * noise passes it once in 1e9. */
#define MOVES     8
/* Correlation of a residual with its neighbours that is not noise's: this and
 * three standard deviations. */
#define COLOURED  0.1

int cis_step_fitter_init(struct cis_step_fitter *f, uint32_t max_n,
			 double rate_hz, double fnom_hz)
{
	uint32_t side = (uint32_t)ceil(CIS_SIDE_CYCLES * rate_hz / fnom_hz);
	int err;

	*f = (struct cis_step_fitter){.max_n = max_n};
	err = cis_steady_init(&f->steady, max_n / 2 + 1);
	if (!err)
		err = cis_side_init(&f->side, side / 2 + 2);
	f->r = calloc(max_n, sizeof(*f->r));
	f->r_side = calloc(max_n, sizeof(*f->r_side));
	if (!err && f->r && f->r_side)
		return 0;
	cis_step_fitter_fini(f);
	return -ENOMEM;
}

void cis_step_fitter_fini(struct cis_step_fitter *f)
{
	cis_steady_fini(&f->steady);
	cis_side_fini(&f->side);
	free(f->r);
	free(f->r_side);
	*f = (struct cis_step_fitter){.max_n = 0};
}

/* ---- sides ---- */

/* An odd number of the samples first..last, from the end nearer to `at`. */
static struct cis_seg stretch(const double *s, double first, double last,
			      double at)
{
	int64_t a = (int64_t)ceil(first), b = (int64_t)floor(last);

	if (b < a)
		return (struct cis_seg){s, 0};
	if ((b - a) % 2) {
		if (at - (double)a < (double)b - at)
			b--;
		else
			a++;
	}
	return (struct cis_seg){s + (a + b) / 2, (uint32_t)((b - a) / 2)};
}

static struct cis_seg side_of(const struct cis_step_job *job, unsigned i)
{
	double first = i == 0 ? 0 : job->cut[i - 1] + MARGIN;
	double last = i == job->n_cut ? job->n - 1.0 : job->cut[i] - MARGIN;

	return stretch(job->s, fmax(first, 0), fmin(last, job->n - 1.0),
		       job->at);
}

static double cycles(const struct cis_step_job *job, const struct cis_seg *seg)
{
	return (2.0 * seg->half + 1) * job->fnom_hz / job->rate_hz;
}

struct sides {
	struct cis_seg seg[CIS_MAX_SEG]; /* seg[0] is the instant's */
	unsigned n;
};

/* The instant's own, then the nearest that are long enough. */
static bool find_sides(const struct cis_step_job *job, struct sides *out)
{
	unsigned own = 0;

	while (own < job->n_cut && job->cut[own] <= job->at)
		own++;
	out->seg[0] = side_of(job, own);
	out->n = 1;
	if (cycles(job, &out->seg[0]) < MIN_OWN)
		return false;
	for (unsigned d = 1; d <= job->n_cut; d++)
		for (int sign = -1; sign <= 1; sign += 2) {
			int64_t i = (int64_t)own + sign * (int64_t)d;
			struct cis_seg seg;

			if (i < 0 || i > job->n_cut || out->n == CIS_MAX_SEG)
				continue;
			seg = side_of(job, (unsigned)i);
			if (cycles(job, &seg) >= MIN_OTHER)
				out->seg[out->n++] = seg;
		}
	return true;
}

/* What a moving phasor is fitted to: six cycles, the instant as near to the
 * middle as the side allows. */
static struct cis_seg near_part(const struct cis_step_job *job,
				const struct cis_seg *own)
{
	double reach = floor(CIS_SIDE_CYCLES * job->rate_hz / job->fnom_hz / 2);
	double mid = (double)(own->mid - job->s);
	double room = own->half - reach;
	double centre = job->at;

	if (room <= 0)
		return *own;
	centre = fmin(fmax(centre, mid - room), mid + room);
	return stretch(job->s, centre - reach, centre + reach, job->at);
}

/* ---- residuals ---- */

static double energy(const double *r, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += r[i] * r[i];
	return sum;
}

static double lagged(const double *r, size_t n, size_t lag)
{
	double sum = 0;

	for (size_t i = lag; i < n; i++)
		sum += r[i] * r[i - lag];
	return sum;
}

/* More than noise is left. */
static bool structured(const double *r, size_t n, double peak)
{
	double all = energy(r, n);
	double limit = (COLOURED + 3 / sqrt((double)n)) * all;

	if (all <= (double)n * ROUNDING * ROUNDING * peak * peak)
		return false;
	return fabs(lagged(r, n, 1)) > limit || fabs(lagged(r, n, 2)) > limit;
}

/* ---- steady ---- */

/* What the samples are tried with. */
struct trial {
	const struct cis_step_job *job;
	struct sides sides;
	struct cis_seg part; /* of sides.seg[0] */
	bool harmonics;
	bool steady, moving; /* these fits are there */
	struct cis_side side;
};

/* n sides; f->r: the residual of the instant's own. */
static bool fit_steady(struct cis_step_fitter *f, const struct trial *t,
		       unsigned n)
{
	const struct cis_seg *seg = t->sides.seg;

	if (cis_steady_fit(&f->steady, seg, n, &f->fit) ||
	    (t->harmonics &&
	     cis_steady_refine(&f->steady, seg, n, CIS_STEADY_HARM, &f->fit)))
		return false;
	cis_steady_residual(&f->steady, seg, f->fit.w, &f->fit.seg[0], f->r);
	return true;
}

/* f->r_side: its residual. */
static bool fit_moving(struct cis_step_fitter *f, struct trial *t)
{
	double at = t->job->at - (double)(t->part.mid - t->job->s);

	if (cis_side_fit(&f->side, &t->part, t->harmonics ? CIS_SIDE_HARM : 1,
			 at, &t->side))
		return false;
	cis_side_residual(&f->side, &t->part, f->r_side);
	return true;
}

static void fit_both(struct cis_step_fitter *f, struct trial *t)
{
	t->steady = fit_steady(f, t, t->sides.n);
	if (t->steady)
		t->side.w = f->fit.w;
	t->moving = fit_moving(f, t);
}

/* Whether what neither fit explains is more than noise. */
static bool distorted(const struct cis_step_fitter *f, const struct trial *t)
{
	size_t n = 2 * (size_t)t->part.half + 1;

	return t->moving && structured(f->r_side, n, cabs(t->side.p[0]));
}

/* The steady fit, whose residual over the own side is f->r, explains the part
 * as well as the moving one, whose residual is f->r_side. */
static bool adequate(const struct cis_step_fitter *f, const struct trial *t)
{
	const struct cis_seg *own = &t->sides.seg[0], *part = &t->part;
	const struct cis_side *side = &t->side;
	double peak = cabs(f->fit.seg[0].p[1]);
	size_t n = 2 * (size_t)part->half + 1;
	size_t from =
		(size_t)((part->mid - part->half) - (own->mid - own->half));
	double steady = energy(f->r + from, n);
	double n_free = (double)n - side->n_col;
	/* Two polynomials' worth is what both have. */
	double gain = (steady - side->rss) / (2 * CIS_SIDE_POLY - 3);

	if (steady <= (double)n * ROUNDING * ROUNDING * peak * peak ||
	    n_free < 1 || gain * n_free < MOVES * side->rss)
		return true;
	return side->rss > 0.5 * steady && structured(f->r_side, n, peak);
}

/* ---- results ---- */

/* X = p exp(j (w - wnom) t): X, X', X'' and their noise from those of p, which
 * are per sample, in the carrier's frame. */
struct frame {
	double rate_hz;
	double detune; /* of the carrier, rad/s */
	double complex turn;
};

static void to_x(const struct frame *fr, const double complex p[3],
		 double complex x[3])
{
	double complex jd = I * fr->detune;
	double complex p0 = fr->turn * p[0];
	double complex p1 = fr->turn * p[1] * fr->rate_hz;
	double complex p2 = fr->turn * p[2] * fr->rate_hz * fr->rate_hz;

	x[0] = p0;
	x[1] = p1 + jd * p0;
	x[2] = p2 + 2 * jd * p1 + jd * jd * p0;
}

static void put_noise(const struct frame *fr, unsigned j,
		      const double complex p[3], struct cis_dyn *dyn)
{
	double complex x[3];

	to_x(fr, p, x);
	for (unsigned i = 0; i < 3; i++) {
		dyn->noise[2 * i][j] = creal(x[i]);
		dyn->noise[2 * i + 1][j] = cimag(x[i]);
	}
}

static void put_derived(struct cis_dyn *dyn, double fnom_hz)
{
	double complex a = dyn->x[1] / dyn->x[0], b = dyn->x[2] / dyn->x[0];
	double peak = cabs(dyn->x[0]);

	cis_dyn_put_rates(dyn, fnom_hz);
	dyn->a1_per_s = peak * creal(a);
	dyn->a2_per_s2 = peak * (creal(b) + cimag(a) * cimag(a)) / 2;
}

static struct frame frame_of(const struct cis_step_job *job,
			     const struct cis_seg *seg, double w)
{
	double t = job->at - (double)(seg->mid - job->s);

	return (struct frame){.rate_hz = job->rate_hz,
			      .detune = w * job->rate_hz -
					2 * CIS_PI * job->fnom_hz,
			      .turn = cexp(I * w * t)};
}

static void clear(struct cis_dyn *dyn)
{
	memset(dyn->noise, 0, sizeof(dyn->noise));
}

static void put_steady(const struct cis_step_fitter *f,
		       const struct cis_step_job *job,
		       const struct cis_seg *own, const struct cis_steady *fit,
		       struct cis_dyn *dyn)
{
	const struct cis_steady_seg *sol = &fit->seg[0];
	struct frame fr = frame_of(job, own, fit->w);
	double t = job->at - (double)(own->mid - job->s);
	double n = 2.0 * own->half + 1, rss = energy(f->r, (size_t)n);
	double n_free = fmax(n - 2.0 * sol->top - 2, 1), harm = 0;
	double complex p = sol->p[1], by_w = sol->along + I * t * p;
	const double complex held[3] = {p, 0, 0};
	double u_w = sqrt(fit->var_w);

	clear(dyn);
	to_x(&fr, held, dyn->x);
	put_derived(dyn, job->fnom_hz);
	dyn->rocof_hz_per_s = 0;
	put_noise(&fr, 0, (double complex[3]){sqrt(sol->var_re), 0, 0}, dyn);
	put_noise(&fr, 1, (double complex[3]){I * sqrt(sol->var_im), 0, 0},
		  dyn);
	/* An error of w is seen as p' = j p, and p'' = 0, at the instant. */
	put_noise(&fr, 2, (double complex[3]){by_w * u_w, I * p * u_w, 0}, dyn);
	for (unsigned k = 2; k <= sol->top; k++)
		harm += creal(sol->p[k] * conj(sol->p[k])) / 2;
	dyn->dc = sol->dc;
	dyn->resid_rms = sqrt(rss / n + harm);
	dyn->sigma = sqrt(rss / n_free);
}

static void put_side(const struct cis_step_job *job, const struct cis_seg *part,
		     const struct cis_side *side, struct cis_dyn *dyn)
{
	struct frame fr = frame_of(job, part, side->w);
	double n = 2.0 * part->half + 1;

	clear(dyn);
	to_x(&fr, side->p, dyn->x);
	put_derived(dyn, job->fnom_hz);
	for (unsigned j = 0; j < 6; j++) {
		double complex p[3];

		for (unsigned i = 0; i < 3; i++)
			p[i] = side->noise[2 * i][j] +
			       I * side->noise[2 * i + 1][j];
		put_noise(&fr, j, p, dyn);
	}
	dyn->dc = side->dc;
	dyn->resid_rms = sqrt(side->rss / n + side->harm);
	dyn->sigma = sqrt(side->rss / fmax(n - side->n_col, 1));
}

/* ---- the choice ---- */

int cis_step_fit(struct cis_step_fitter *f, const struct cis_step_job *job,
		 struct cis_dyn *dyn)
{
	double w = 2 * CIS_PI * job->seed_hz / job->rate_hz;
	struct trial t = {.job = job, .side = {.w = w}};

	f->fit.w = w;
	if (job->n > f->max_n || !find_sides(job, &t.sides))
		return -ERANGE;
	t.part = near_part(job, &t.sides.seg[0]);
	fit_both(f, &t);
	if (distorted(f, &t)) {
		t.harmonics = true;
		f->fit.w = t.side.w;
		fit_both(f, &t);
	}
	if (t.moving && !(t.steady && adequate(f, &t))) {
		f->fit.w = t.side.w;
		t.steady = t.sides.n > 1 && fit_steady(f, &t, 1) &&
			   adequate(f, &t);
	}
	if (!t.moving && !t.steady)
		return -ERANGE;
	if (t.steady)
		put_steady(f, job, &t.sides.seg[0], &f->fit, dyn);
	else
		put_side(job, &t.part, &t.side, dyn);
	return 0;
}
