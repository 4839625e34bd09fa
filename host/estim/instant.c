/* instant.c - see instant.h. */
#include "instant.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "health.h"

/* A prediction is made no further ahead than this. */
#define MAX_AHEAD_S 1.0

int cis_fitter_init(struct cis_fitter *f, const struct cis_estim_config *cfg,
		    struct cis_diag *diag)
{
	double top_hz = CIS_RATE_SLACK * cfg->rate_hz;
	size_t max_n = (size_t)ceil(cis_estim_window_s(cfg) * top_hz) + 2;
	size_t max_seed = (size_t)ceil(CIS_SEED_S * top_hz) + 2;
	bool steps = cfg->profile == CIS_PROFILE_REFERENCE;
	int err;

	*f = (struct cis_fitter){.cfg = cfg,
				 .method = cis_method_of(cfg->profile)};
	err = f->method->open(cfg, &f->self, diag);
	if (err)
		return err;
	f->stepper = steps ? cis_stepper_new(cfg) : NULL;
	f->seed = cis_seed_new(max_seed > max_n ? max_seed : max_n);
	f->fit = calloc(cfg->map->n_chan, sizeof(*f->fit));
	if (f->seed && f->fit && (f->stepper || !steps))
		return 0;
	cis_fitter_fini(f);
	return cis_fail(diag, -ENOMEM, "not enough memory for %u channels",
			(unsigned)cfg->map->n_chan);
}

void cis_fitter_fini(struct cis_fitter *f)
{
	if (f->method)
		f->method->close(f->self);
	cis_stepper_free(f->stepper);
	cis_seed_free(f->seed);
	free(f->fit);
	*f = (struct cis_fitter){.cfg = NULL};
}

uint32_t cis_fitter_length(const struct cis_fitter *f, double rate_hz)
{
	return f->method->length(f->self, rate_hz);
}

uint32_t cis_fitter_lookahead(const struct cis_fitter *f, double rate_hz)
{
	double ahead_s = f->stepper ? cis_step_lookahead_s(f->cfg->fnom_hz) : 0;

	return (uint32_t)ceil(ahead_s * rate_hz);
}

void cis_fitter_forget(struct cis_fitter *f)
{
	f->has_last = false;
}

/* ---- windows ---- */

struct view {
	struct cis_windows w;
	uint32_t block_flags;
};

static struct view look(struct cis_fitter *f, const struct cis_history *h,
			struct cis_split_time t)
{
	double rate_hz = cis_history_clock(h, t)->rate_hz;
	struct view v = {.w = {.n = cis_fitter_length(f, rate_hz),
			       .rate_hz = rate_hz,
			       .fit = f->fit}};

	for (uint32_t c = 0; c < h->n_chan; c++) {
		struct cis_window w = cis_history_window(h, c, t, v.w.n);
		struct cis_chan_fit *cf = &f->fit[c];

		cf->s = cis_history_samples(h, c, &w);
		cf->offset_s = w.offset_s;
		cf->before = CIS_REPORT_GAP;
		if (!cf->s)
			continue;
		cf->before =
			cis_health_samples(&f->cfg->map->chan[c], cf->s, w.n);
		v.block_flags |= cis_history_flags(h, &w);
	}
	return v;
}

/* ---- seed ---- */

static bool predict(const struct cis_fitter *f, struct cis_instant at,
		    struct cis_chirp *seed)
{
	double ahead_s, f_hz;

	if (!f->has_last)
		return false;
	ahead_s = cis_split_diff_s(cis_instant_split(at),
				   cis_instant_split(f->last_at));
	f_hz = f->last.freq_hz + f->last.rocof_hz_per_s * ahead_s;
	if (ahead_s > MAX_AHEAD_S ||
	    !cis_health_in_range(f_hz, f->cfg->fnom_hz))
		return false;
	*seed = (struct cis_chirp){f_hz, f->last.rocof_hz_per_s / 2};
	return true;
}

/* The channel of a quantity with the largest swing within the window. */
static const struct cis_chan_fit *loudest(const struct cis_fitter *f,
					  enum cis_quantity q, uint32_t n)
{
	const struct cis_chan_fit *best = NULL;
	double most = 0;

	for (uint32_t c = 0; c < f->cfg->map->n_chan; c++) {
		const struct cis_chan_fit *cf = &f->fit[c];
		double swing = 0;

		if (f->cfg->map->chan[c].quantity != q ||
		    (cf->before & (CIS_REPORT_GAP | CIS_REPORT_NOSIGNAL)))
			continue;
		for (uint32_t i = 0; i < n; i++)
			swing = fmax(swing, fabs(cf->s[i] - cf->s[0]));
		if (swing > most) {
			most = swing;
			best = cf;
		}
	}
	return best;
}

/* Where to look for a frequency, one after the other. The window alone, where a
 * longer stretch holds mostly what was before. */
struct place {
	enum cis_quantity quantity;
	double length_s; /* at most this, and at least the window */
};

static const struct place places[] = {{CIS_VOLTAGE, CIS_SEED_S},
				      {CIS_VOLTAGE, 0},
				      {CIS_CURRENT, CIS_SEED_S},
				      {CIS_CURRENT, 0}};
#define N_PLACE (sizeof(places) / sizeof(places[0]))

/* From samples that end with the window; false: no such channel. */
static bool spectrum(struct cis_fitter *f, const struct cis_history *h,
		     const struct view *v, const struct place *place,
		     struct cis_chirp *seed)
{
	const struct cis_chan_fit *cf = loudest(f, place->quantity, v->w.n);
	size_t want = (size_t)(place->length_s * v->w.rate_hz), n = v->w.n;
	const double *s, *oldest;

	if (!cf)
		return false;
	s = cf->s;
	oldest = h->x + (size_t)(cf - f->fit) * h->cap;
	while (n < want && s > oldest && isfinite(s[-1])) {
		s--;
		n++;
	}
	seed->f0_hz =
		cis_seed_find(f->seed, s, n, v->w.rate_hz, f->cfg->fnom_hz);
	seed->f1_hz_per_s = 0;
	return true;
}

/* ---- the fit of all channels ---- */

/* From the prediction, else from the first place that leads to a fit. */
static struct cis_system fit_all(struct cis_fitter *f,
				 const struct cis_history *h,
				 const struct view *v, struct cis_instant at)
{
	struct cis_chirp seed = {f->cfg->fnom_hz, 0};
	struct cis_system sys = {.flags = CIS_REPORT_NOFIT};
	bool predicted = predict(f, at, &seed), fitted = predicted;

	if (predicted)
		sys = f->method->fit(f->self, &v->w, seed);
	for (unsigned i = 0; i < N_PLACE && (!fitted || sys.flags); i++) {
		bool again = places[i].length_s == 0;

		if ((again && !(sys.flags & CIS_REPORT_NOFIT)) ||
		    !spectrum(f, h, v, &places[i], &seed))
			continue;
		sys = f->method->fit(f->self, &v->w, seed);
		fitted = true;
		if (predicted && !sys.flags)
			sys.notes |= CIS_NOTE_RESEED;
	}
	if (!fitted)
		sys = f->method->fit(f->self, &v->w, seed);
	return sys;
}

/* Where there is a step, the report is its two sides'. */
static void mind_steps(struct cis_fitter *f, const struct cis_history *h,
		       const struct view *v, struct cis_system *sys)
{
	struct cis_step_case sc = {.hist = h, .w = &v->w, .sys = sys};

	if (f->stepper)
		cis_step_apply(f->stepper, &sc);
}

static struct cis_chirp common(const struct cis_fitter *f,
			       const struct cis_system *sys)
{
	if (sys->flags)
		return (struct cis_chirp){f->cfg->fnom_hz, 0};
	return (struct cis_chirp){sys->rate.freq_hz,
				  sys->rate.rocof_hz_per_s / 2};
}

static void remember(struct cis_fitter *f, struct cis_instant at,
		     const struct cis_system *sys)
{
	f->has_last = sys->flags == 0;
	f->last_at = at;
	f->last = sys->rate;
}

/* ---- the report ---- */

static void head(const struct cis_fitter *f, struct cis_instant at,
		 struct cis_report *rep)
{
	rep->at = at;
	rep->time_quality = (struct cis_time_quality){.unc_s = INFINITY};
	rep->n_chan = f->cfg->map->n_chan;
	rep->n_phasor = rep->n_chan + f->cfg->map->n_group;
	rep->notes = 0;
}

static void put_channel(const struct cis_dyn *d, struct cis_fit *fit)
{
	double peak = cabs(d->x[0]), to_rms = 1 / sqrt(2);

	*fit = (struct cis_fit){
		.a1_per_s = d->a1_per_s * to_rms,
		.a2_per_s2 = d->a2_per_s2 * to_rms,
		.dc = d->dc,
		.resid = peak > 0 ? d->resid_rms / (peak * to_rms) : NAN,
		.u_mag = peak > 0 ? cis_dyn_u_mag(d) : NAN,
		.u_phase_rad = peak > 0 ? cis_dyn_u_phase_rad(d) : NAN,
		.freq_hz = d->freq_hz,
		.flags = d->flags};
}

static void put_rates(const struct cis_system *sys, struct cis_report *rep)
{
	bool lost = sys->flags & (CIS_REPORT_NOFIT | CIS_REPORT_GAP);

	rep->freq_hz = lost ? NAN : sys->rate.freq_hz;
	rep->rocof_hz_per_s = lost ? NAN : sys->rate.rocof_hz_per_s;
	rep->u_freq_hz = sys->rate.u_freq_hz;
	rep->u_rocof_hz_per_s = sys->rate.u_rocof_hz_per_s;
}

/* A source that tells no range of any channel has to be believed. */
static bool ranges_known(const struct cis_chan_map *map)
{
	for (uint32_t c = 0; c < map->n_chan; c++)
		if (map->chan[c].range_max > map->chan[c].range_min)
			return true;
	return false;
}

static uint32_t row_flags(const struct view *v, const struct cis_fitter *f,
			  const struct cis_system *sys)
{
	uint32_t flags = sys->flags;

	if ((v->block_flags & CIS_BLOCK_CLIP) && !ranges_known(f->cfg->map))
		flags |= CIS_REPORT_CLIP;
	if (v->block_flags & CIS_BLOCK_UNSYNC)
		flags |= CIS_REPORT_UNSYNC;
	for (uint32_t c = 0; c < f->cfg->map->n_chan; c++) {
		uint32_t own = f->fit[c].dyn.flags;

		flags |= own & CIS_REPORT_GAP;
		if (!(own & CIS_REPORT_NOSIGNAL))
			flags |= own & CIS_REPORT_CLIP;
	}
	return flags;
}

void cis_fitter_report(struct cis_fitter *f, const struct cis_history *h,
		       struct cis_instant at, struct cis_report *rep)
{
	const struct cis_chan_map *map = f->cfg->map;
	struct cis_split_time t = cis_instant_split(at);
	double complex turn = cis_combine_turn(f->cfg->fnom_hz, at);
	struct view v = look(f, h, t);
	struct cis_system sys = fit_all(f, h, &v, at);

	mind_steps(f, h, &v, &sys);
	f->method->follow(f->self, &v.w, common(f, &sys));
	remember(f, at, &sys);
	head(f, at, rep);
	rep->time_quality = cis_history_clock(h, t)->quality;
	rep->flags = row_flags(&v, f, &sys);
	rep->notes = sys.notes;
	put_rates(&sys, rep);
	for (uint32_t c = 0; c < map->n_chan; c++) {
		rep->phasor_rms[c] = f->fit[c].dyn.x[0] * turn;
		put_channel(&f->fit[c].dyn, &rep->fit[c]);
	}
	for (uint32_t g = 0; g < map->n_group; g++)
		rep->phasor_rms[map->n_chan + g] =
			cis_combine_positive(&map->group[g], f->fit) * turn;
}

void cis_fitter_gap(const struct cis_fitter *f, struct cis_instant at,
		    struct cis_report *rep)
{
	head(f, at, rep);
	rep->flags = CIS_REPORT_GAP;
	rep->freq_hz = NAN;
	rep->rocof_hz_per_s = NAN;
	rep->u_freq_hz = NAN;
	rep->u_rocof_hz_per_s = NAN;
	for (uint32_t i = 0; i < rep->n_phasor; i++)
		rep->phasor_rms[i] = NAN;
	for (uint32_t c = 0; c < rep->n_chan; c++)
		rep->fit[c] = (struct cis_fit){.a1_per_s = NAN,
					       .a2_per_s2 = NAN,
					       .dc = NAN,
					       .resid = NAN,
					       .u_mag = NAN,
					       .u_phase_rad = NAN,
					       .freq_hz = NAN,
					       .flags = CIS_REPORT_GAP};
}
