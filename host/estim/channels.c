/* channels.c - see channels.h. */
#include "channels.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "cisoid/report.h"
#include "health.h"

/*
 * The paper adds (df0, df1) up to six times. On a distorted signal each pass
 * then leaves a tenth or so of the error of the one before, and where six of
 * them end depends on the seed. Here the steps are those of Broyden's method
 * for df0 = df1 = 0: the same end, in three or four passes, and a few more for
 * those that need them.
 */
#define MAX_PASS 10

/* The iteration has arrived; the paper's figures. */
#define DONE_HZ       1e-9
#define DONE_HZ_PER_S 1e-7
/* Where it stands after the last pass it still counts as a fit below this:
 * 1 mHz, a fifth of the tightest limit on a frequency error. */
#define NEAR_HZ       1e-3

int cis_channels_init(struct cis_channels *ch, const struct cis_chan_map *map,
		      double fnom_hz, size_t max_n)
{
	int err;

	*ch = (struct cis_channels){.map = map, .fnom_hz = fnom_hz};
	err = cis_ls7_init(&ch->common, max_n);
	if (!err)
		err = cis_ls7_init(&ch->own, max_n);
	ch->work = malloc(max_n * sizeof(*ch->work));
	if (!err && ch->work)
		return 0;
	cis_channels_fini(ch);
	return -ENOMEM;
}

void cis_channels_fini(struct cis_channels *ch)
{
	cis_ls7_fini(&ch->common);
	cis_ls7_fini(&ch->own);
	free(ch->work);
	ch->work = NULL;
}

static bool in_range(const struct cis_channels *ch, double f_hz)
{
	return f_hz >= 0.7 * ch->fnom_hz && f_hz <= 1.3 * ch->fnom_hz;
}

/* Broyden's iteration. Both unknowns in Hz: f1 times half the window. */
struct search {
	double x[2];
	double step[2]; /* df0, df1 at x */
	double h[2][2]; /* minus the inverse of their derivatives */
};

static void observe(struct search *q, const struct cis_ls7_fit *lf,
		    double half_s)
{
	struct cis_chirp step = cis_ls7_step(lf);

	q->x[0] = lf->seed.f0_hz;
	q->x[1] = lf->seed.f1_hz_per_s * half_s;
	q->step[0] = step.f0_hz;
	q->step[1] = step.f1_hz_per_s * half_s;
}

/* Rank one, so that h takes the change of step to the change of x. */
static void learn(struct search *q, const struct search *old)
{
	double s[2], y[2], hy[2], sh[2], den;

	for (unsigned i = 0; i < 2; i++) {
		s[i] = q->x[i] - old->x[i];
		y[i] = old->step[i] - q->step[i];
	}
	for (unsigned i = 0; i < 2; i++) {
		hy[i] = q->h[i][0] * y[0] + q->h[i][1] * y[1];
		sh[i] = s[0] * q->h[0][i] + s[1] * q->h[1][i];
	}
	den = s[0] * hy[0] + s[1] * hy[1];
	if (!(fabs(den) > 0.01 * (s[0] * s[0] + s[1] * s[1])))
		return;
	for (unsigned i = 0; i < 2; i++)
		for (unsigned j = 0; j < 2; j++)
			q->h[i][j] += (s[i] - hy[i]) * sh[j] / den;
}

static bool arrived(const struct search *q, double half_s)
{
	return fabs(q->step[0]) < DONE_HZ &&
	       fabs(q->step[1]) < DONE_HZ_PER_S * half_s;
}

/* Passes two to the last, each with a design of its own. False when they lead
 * nowhere; `lf` then holds nothing of use. */
static bool iterate(struct cis_channels *ch, const double *s,
		    struct cis_ls7_fit *lf, const struct cis_ls7 **used)
{
	struct search q = {.h = {{1, 0}, {0, 1}}}, old;
	size_t n = ch->common.mgs.n;
	double half_s = ch->common.half_s;

	observe(&q, lf, half_s);
	for (unsigned pass = 1; pass < MAX_PASS && !arrived(&q, half_s);
	     pass++) {
		struct cis_chirp seed = {q.x[0] + q.h[0][0] * q.step[0] +
						 q.h[0][1] * q.step[1],
					 (q.x[1] + q.h[1][0] * q.step[0] +
					  q.h[1][1] * q.step[1]) /
						 half_s};

		if (!in_range(ch, seed.f0_hz) || !isfinite(seed.f1_hz_per_s))
			return false;
		cis_ls7_design(&ch->own, n, ch->common.rate_hz, seed);
		cis_ls7_solve(&ch->own, s, ch->work, lf);
		*used = &ch->own;
		old = q;
		observe(&q, lf, half_s);
		learn(&q, &old);
	}
	return fabs(q.step[0]) < NEAR_HZ;
}

static void fit_one(struct cis_channels *ch, const struct cis_chan *chan,
		    struct cis_chan_fit *cf)
{
	const struct cis_ls7 *used = &ch->common;
	struct cis_ls7_fit first, lf;
	double off = cf->offset_s;

	cis_ls7_solve(used, cf->s, ch->work, &first);
	lf = first;
	cis_ls7_dyn(used, &lf, off, ch->fnom_hz, &cf->dyn);
	cf->dyn.flags = cf->before | cis_health_fit(chan, &cf->dyn);
	if (cf->dyn.flags & CIS_REPORT_NOSIGNAL)
		return;
	if (!iterate(ch, cf->s, &lf, &used)) {
		cf->dyn.flags |= CIS_REPORT_NOFIT;
		return;
	}
	cis_ls7_dyn(used, &lf, off, ch->fnom_hz, &cf->dyn);
	cf->dyn.flags = cf->before | cis_health_fit(chan, &cf->dyn);
	if (!in_range(ch, cf->dyn.freq_hz))
		cf->dyn.flags |= CIS_REPORT_NOFIT;
}

static void fit_nothing(struct cis_chan_fit *cf)
{
	cf->dyn = (struct cis_dyn){.x = {NAN, NAN, NAN},
				   .a1_per_s = NAN,
				   .a2_per_s2 = NAN,
				   .dc = NAN,
				   .freq_hz = NAN,
				   .rocof_hz_per_s = NAN,
				   .resid_rms = NAN,
				   .sigma = NAN,
				   .flags = CIS_REPORT_GAP};
}

void cis_channels_fit(struct cis_channels *ch, size_t n, double rate_hz,
		      struct cis_chirp seed, struct cis_chan_fit *fit)
{
	cis_ls7_design(&ch->common, n, rate_hz, seed);
	for (uint32_t c = 0; c < ch->map->n_chan; c++) {
		if (fit[c].before & CIS_REPORT_GAP)
			fit_nothing(&fit[c]);
		else
			fit_one(ch, &ch->map->chan[c], &fit[c]);
	}
}

void cis_channels_follow(struct cis_channels *ch, size_t n, double rate_hz,
			 struct cis_chirp at, struct cis_chan_fit *fit)
{
	const uint32_t lost = CIS_REPORT_NOSIGNAL | CIS_REPORT_NOFIT;
	bool designed = false;

	for (uint32_t c = 0; c < ch->map->n_chan; c++) {
		struct cis_dyn *dyn = &fit[c].dyn;
		struct cis_ls7_fit lf;
		uint32_t flags = dyn->flags;

		if (!(flags & lost))
			continue;
		if (!designed)
			cis_ls7_design(&ch->common, n, rate_hz, at);
		designed = true;
		cis_ls7_solve(&ch->common, fit[c].s, ch->work, &lf);
		cis_ls7_dyn(&ch->common, &lf, fit[c].offset_s, ch->fnom_hz,
			    dyn);
		dyn->freq_hz = at.f0_hz;
		dyn->rocof_hz_per_s = 2 * at.f1_hz_per_s;
		dyn->flags = flags;
	}
}
