/* channels.c - see channels.h. */
#include "channels.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

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

struct channels {
	const struct cis_estim_config *cfg;
	struct cis_ls7 common; /* of the common seed */
	struct cis_ls7 own;    /* of one channel's own seed */
	double *work;
};

static void ls7_close(void *self)
{
	struct channels *ch = self;

	if (!ch)
		return;
	cis_ls7_fini(&ch->common);
	cis_ls7_fini(&ch->own);
	free(ch->work);
	free(ch);
}

static int ls7_open(const struct cis_estim_config *cfg, void **self,
		    struct cis_diag *diag)
{
	double top_hz = CIS_RATE_SLACK * cfg->rate_hz;
	size_t max_n = (size_t)ceil(cis_estim_window_s(cfg) * top_hz) + 2;
	struct channels *ch = calloc(1, sizeof(*ch));

	if (ch) {
		ch->cfg = cfg;
		ch->work = malloc(max_n * sizeof(*ch->work));
	}
	if (!ch || !ch->work || cis_ls7_init(&ch->common, max_n) ||
	    cis_ls7_init(&ch->own, max_n)) {
		ls7_close(ch);
		return cis_fail(diag, -ENOMEM,
				"not enough memory for %u channels at %g Hz",
				(unsigned)cfg->map->n_chan, cfg->rate_hz);
	}
	*self = ch;
	return 0;
}

static uint32_t ls7_length(const void *self, double rate_hz)
{
	const struct channels *ch = self;

	return (uint32_t)lround(cis_estim_window_s(ch->cfg) * rate_hz);
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
static bool iterate(struct channels *ch, const double *s,
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

		if (!cis_health_in_range(seed.f0_hz, ch->cfg->fnom_hz) ||
		    !isfinite(seed.f1_hz_per_s))
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

static void fit_one(struct channels *ch, const struct cis_chan *chan,
		    struct cis_chan_fit *cf)
{
	const struct cis_ls7 *used = &ch->common;
	struct cis_ls7_fit first, lf;
	double off = cf->offset_s;

	cis_ls7_solve(used, cf->s, ch->work, &first);
	lf = first;
	cis_ls7_dyn(used, &lf, off, ch->cfg->fnom_hz, &cf->dyn);
	cf->dyn.flags = cf->before | cis_health_fit(chan, &cf->dyn);
	if (cf->dyn.flags & CIS_REPORT_NOSIGNAL)
		return;
	if (!iterate(ch, cf->s, &lf, &used)) {
		cf->dyn.flags |= CIS_REPORT_NOFIT;
		return;
	}
	cis_ls7_dyn(used, &lf, off, ch->cfg->fnom_hz, &cf->dyn);
	cf->dyn.flags = cf->before | cis_health_fit(chan, &cf->dyn);
	if (!cis_health_in_range(cf->dyn.freq_hz, ch->cfg->fnom_hz))
		cf->dyn.flags |= CIS_REPORT_NOFIT;
}

static struct cis_system ls7_fit(void *self, const struct cis_windows *w,
				 struct cis_chirp seed)
{
	struct channels *ch = self;
	const struct cis_chan_map *map = ch->cfg->map;

	cis_ls7_design(&ch->common, w->n, w->rate_hz, seed);
	for (uint32_t c = 0; c < map->n_chan; c++) {
		if (w->fit[c].before & CIS_REPORT_GAP)
			cis_chan_fit_nothing(&w->fit[c], CIS_REPORT_GAP);
		else
			fit_one(ch, &map->chan[c], &w->fit[c]);
	}
	return cis_combine(map, w->fit, ch->cfg->fnom_hz);
}

static void ls7_follow(void *self, const struct cis_windows *w,
		       struct cis_chirp at)
{
	const uint32_t lost = CIS_REPORT_NOSIGNAL | CIS_REPORT_NOFIT;
	struct channels *ch = self;
	bool designed = false;

	for (uint32_t c = 0; c < ch->cfg->map->n_chan; c++) {
		struct cis_chan_fit *cf = &w->fit[c];
		uint32_t flags = cf->dyn.flags;
		struct cis_ls7_fit lf;

		if (!(flags & lost))
			continue;
		if (!designed)
			cis_ls7_design(&ch->common, w->n, w->rate_hz, at);
		designed = true;
		cis_ls7_solve(&ch->common, cf->s, ch->work, &lf);
		cis_ls7_dyn(&ch->common, &lf, cf->offset_s, ch->cfg->fnom_hz,
			    &cf->dyn);
		cf->dyn.freq_hz = at.f0_hz;
		cf->dyn.rocof_hz_per_s = 2 * at.f1_hz_per_s;
		cf->dyn.flags = flags;
	}
}

const struct cis_method cis_method_ls7 = {
	.open = ls7_open,
	.close = ls7_close,
	.length = ls7_length,
	.fit = ls7_fit,
	.follow = ls7_follow,
};
