/* accept.c - see accept.h. */
#include "accept.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cisoid/judge.h"

/* A date with a non-zero second, so that nothing rests on its being zero. */
#define T0       INT64_C(1791331237)
#define SCAN0    UINT64_C(1000000000) /* the scan at T0 + shift */
#define BLOCK    600
#define N_PHASE  3
#define MAX_SCAN (ACCEPT_RATE_HZ * 64)
#define TWO_PI   6.283185307179586476925
/* The window of the seeding spectrum, and a few samples. */
#define SPARE_S  0.001

double accept_shift_s(unsigned i)
{
	static const double shift_s[ACCEPT_N_SHIFT] = {0, 13e-6, 27.7e-6};

	return shift_s[i];
}

/* The finaliser of MurmurHash3, of i. */
double accept_random(unsigned i)
{
	uint64_t z = i + UINT64_C(0x9E3779B97F4A7C15);

	z = (z ^ z >> 33) * UINT64_C(0xFF51AFD7ED558CCD);
	z = (z ^ z >> 33) * UINT64_C(0xC4CEB9FE1A85EC53);
	return (double)((z ^ z >> 33) >> 11) * 0x1p-53;
}

/* ---- the rig ---- */

static struct cis_estim_config config_of(const struct accept_rig *rig,
					 unsigned profile)
{
	return (struct cis_estim_config){.profile = (enum cis_profile)profile,
					 .n_cycle = 2,
					 .fnom_hz = rig->fnom_hz,
					 .rate = rig->fps,
					 .rate_hz = ACCEPT_RATE_HZ,
					 .max_block = BLOCK,
					 .designs = rig->designs[profile]};
}

static bool in_rig(const struct accept_rig *rig, unsigned profile)
{
	return rig->profiles >> profile & 1;
}

void accept_init(struct accept_rig *rig, double fnom_hz, unsigned fps,
		 unsigned profiles)
{
	memset(rig, 0, sizeof(*rig));
	rig->fnom_hz = fnom_hz;
	rig->fps = (struct cis_rate){fps, 1};
	rig->profiles = profiles;
	for (unsigned p = 0; p < ACCEPT_N_PROFILE; p++) {
		struct cis_estim_config cfg = config_of(rig, p);

		if (!in_rig(rig, p) || p == CIS_PROFILE_LS7)
			continue;
		rig->designs[p] = cis_designs_new(&cfg);
		assert_non_null(rig->designs[p]);
	}
}

void accept_fini(struct accept_rig *rig)
{
	for (unsigned p = 0; p < ACCEPT_N_PROFILE; p++)
		cis_designs_free(rig->designs[p]);
}

void accept_clear(struct accept_rig *rig)
{
	memset(rig->seen, 0, sizeof(rig->seen));
}

/* ---- cases ---- */

void accept_key(struct accept_case *c, const char *key, double value)
{
	struct cis_diag diag = {""};
	char text[32];

	snprintf(text, sizeof(text), "%.17g", value);
	if (cis_signal_set(&c->sig, key, text, &diag))
		fail_msg("%s=%s: %s", key, text, diag.msg);
}

struct accept_case accept_case(const struct accept_rig *rig, const char *keys)
{
	struct accept_case c = {.which = rig->which,
				.from_s = 1,
				.to_s = 1,
				.corner_s = {NAN, NAN},
				.exclusion_s = 0};
	char key[32], value[32];
	int used;

	cis_signal_init(&c.sig);
	accept_key(&c, "fnom", rig->fnom_hz);
	for (; sscanf(keys, " %31[^=]=%31s%n", key, value, &used) == 2;
	     keys += used)
		accept_key(&c, key, strtod(value, NULL));
	return c;
}

/* ---- samples ---- */

struct samples {
	struct cis_scan_clock clock;
	uint64_t first;
	uint32_t n, n_chan;
	double *x; /* [N_PHASE][n] */
};

static double longest_window_s(const struct accept_rig *rig)
{
	double longest_s = 0;

	for (unsigned p = 0; p < ACCEPT_N_PROFILE; p++) {
		struct cis_estim_config cfg = config_of(rig, p);

		if (in_rig(rig, p))
			longest_s = fmax(longest_s, cis_estim_window_s(&cfg));
	}
	return longest_s;
}

static void sample(const struct accept_rig *rig, const struct accept_case *c,
		   struct samples *s)
{
	double pad_s = longest_window_s(rig) / 2 + SPARE_S;
	int64_t ns = T0 * CIS_NS_PER_S + (int64_t)rint(c->shift_s * 1e9);
	double first = floor((c->from_s - pad_s) * ACCEPT_RATE_HZ);
	double last = ceil((c->to_s + pad_s) * ACCEPT_RATE_HZ);

	s->clock = (struct cis_scan_clock){.anchor = {ns},
					   .anchor_scan = SCAN0,
					   .rate_hz = ACCEPT_RATE_HZ};
	s->first = (uint64_t)((double)SCAN0 + first);
	s->n = (uint32_t)(last - first) + 1;
	s->n_chan = c->alone ? 1 : N_PHASE;
	s->x = malloc((size_t)s->n_chan * s->n * sizeof(*s->x));
	assert_non_null(s->x);
	for (uint32_t i = 0; i < s->n; i++) {
		struct cis_split_time t =
			cis_scan_instant(&s->clock, s->first + i);

		for (uint32_t k = 0; k < s->n_chan; k++)
			s->x[(size_t)k * s->n + i] = cis_signal_sample(
				&c->sig, k, t.tai_s - T0,
				t.frac_s + c->offset_s, s->first + i);
	}
}

/* ---- judging ---- */

static bool counts(const struct accept_case *c, double t_s)
{
	const double slack_s = 1e-9;

	if (t_s < c->from_s - slack_s || t_s > c->to_s + slack_s)
		return false;
	for (unsigned i = 0; i < 2; i++)
		if (fabs(t_s + c->offset_s - c->corner_s[i]) <
		    c->exclusion_s - slack_s)
			return false;
	return true;
}

static void add_tve(struct accept_seen *seen, double complex x,
		    double complex truth)
{
	double tve_pct = 100 * cis_tve(x, truth);

	if (isnan(tve_pct))
		fail_msg("a phasor is missing");
	seen->max.tve_pct = fmax(seen->max.tve_pct, tve_pct);
	seen->square.tve_pct += tve_pct * tve_pct;
	seen->n_tve++;
}

static void add_rates(struct accept_seen *seen, double fe_hz,
		      double rfe_hz_per_s)
{
	if (isnan(fe_hz) || isnan(rfe_hz_per_s))
		fail_msg("frequency or ROCOF is missing");
	seen->max.fe_hz = fmax(seen->max.fe_hz, fabs(fe_hz));
	seen->max.rfe_hz_per_s =
		fmax(seen->max.rfe_hz_per_s, fabs(rfe_hz_per_s));
	seen->square.fe_hz += fe_hz * fe_hz;
	seen->square.rfe_hz_per_s += rfe_hz_per_s * rfe_hz_per_s;
}

static bool wanted(const struct accept_case *c, const struct cis_report *rep)
{
	bool noted = rep->notes & CIS_NOTE_STEP;

	return c->which == ACCEPT_SMOOTH || c->which == ACCEPT_ANY ||
	       noted == (c->which == ACCEPT_NOTED);
}

static void judge(const struct accept_case *c, const struct cis_report *rep,
		  struct accept_seen *seen)
{
	struct cis_split_time t = cis_instant_split(rep->at);
	double turns = c->sig.fnom_hz * c->offset_s;
	double complex turn = cexp(CMPLX(0, TWO_PI * (turns - rint(turns))));
	struct cis_signal_truth truth;

	if (!counts(c, (double)(t.tai_s - T0) + t.frac_s))
		return;
	seen->n_seen++;
	seen->n_refused += (rep->notes & CIS_NOTE_BLIND) != 0;
	if ((rep->notes & CIS_NOTE_BLIND) || !wanted(c, rep))
		return;
	seen->n++;
	cis_signal_truth(&c->sig, t.tai_s - T0, t.frac_s + c->offset_s, &truth);
	for (uint32_t k = 0; k < rep->n_chan; k++)
		add_tve(seen, rep->phasor_rms[k], turn * truth.phasor_rms[k]);
	if (rep->n_phasor > rep->n_chan)
		add_tve(seen, rep->phasor_rms[rep->n_chan],
			turn * truth.pos_rms[0]);
	add_rates(seen, rep->freq_hz - truth.freq_hz,
		  rep->rocof_hz_per_s - truth.rocof_hz_per_s);
	seen->flags |= rep->flags;
	seen->notes |= rep->notes;
}

/* ---- estimating ---- */

static struct cis_block block_at(const struct samples *s, uint32_t n_chan,
				 uint32_t at)
{
	return (struct cis_block){.clock = s->clock,
				  .first_scan = s->first + at,
				  .n_chan = n_chan,
				  .n_scan =
					  s->n - at < BLOCK ? s->n - at : BLOCK,
				  .stride = s->n,
				  .x = s->x + at};
}

static void pop_all(struct cis_estim *est, const struct accept_case *c,
		    struct accept_seen *seen)
{
	static struct cis_report rep;

	while (!cis_estim_pop(est, &rep))
		judge(c, &rep, seen);
}

static void estimate(const struct cis_estim_config *cfg,
		     const struct accept_case *c, const struct samples *s,
		     struct accept_seen *seen)
{
	struct cis_diag diag = {""};
	struct cis_estim *est;

	if (cis_estim_new(cfg, &est, &diag))
		fail_msg("%s", diag.msg);
	for (uint32_t at = 0; at < s->n; at += BLOCK) {
		struct cis_block blk = block_at(s, cfg->map->n_chan, at);

		assert_int_equal(cis_estim_push(est, &blk), 0);
		pop_all(est, c, seen);
	}
	cis_estim_finish(est);
	pop_all(est, c, seen);
	cis_estim_free(est);
}

static void estimate_aware(const struct cis_estim_config *cfg,
			   const struct accept_case *c, const struct samples *s,
			   struct accept_seen *seen)
{
	struct cis_aware_config aware = {.estim = cfg,
					 .model = c->model,
					 .harmonics = c->harmonics,
					 .max_scan = s->n};
	static struct cis_report rep;
	struct cis_diag diag = {""};
	struct cis_aware *aw;

	if (cis_aware_new(&aware, &aw, &diag))
		fail_msg("%s", diag.msg);
	for (uint32_t at = 0; at < s->n; at += BLOCK) {
		struct cis_block blk = block_at(s, cfg->map->n_chan, at);

		assert_int_equal(cis_aware_push(aw, &blk), 0);
	}
	assert_int_equal(cis_aware_finish(aw), 0);
	while (!cis_aware_pop(aw, &rep))
		judge(c, &rep, seen);
	cis_aware_free(aw);
}

static void estimate_view(struct accept_rig *rig, const struct accept_case *c,
			  const struct samples *s, unsigned profile,
			  enum accept_view view)
{
	static struct cis_chan_map map;
	struct cis_estim_config cfg = config_of(rig, profile);
	struct accept_seen *seen = &rig->seen[profile][view];

	cis_signal_map(&c->sig, &map);
	map.n_chan = view == ACCEPT_ALONE ? 1 : s->n_chan;
	cis_chan_map_group(&map);
	cfg.map = &map;
	if (c->model == CIS_MODEL_NONE)
		estimate(&cfg, c, s, seen);
	else
		estimate_aware(&cfg, c, s, seen);
}

static unsigned n_instants(const struct accept_rig *rig,
			   const struct accept_case *c)
{
	unsigned n = 0;
	double first = floor(c->from_s * rig->fps.num);

	for (double k = first; k <= c->to_s * rig->fps.num + 1; k++)
		n += counts(c, k / rig->fps.num);
	return n;
}

void accept_run(struct accept_rig *rig, struct accept_case *c)
{
	unsigned n = n_instants(rig, c);
	struct cis_diag diag = {""};
	struct samples s;

	if (cis_signal_finish(&c->sig, &diag))
		fail_msg("%s", diag.msg);
	sample(rig, c, &s);
	for (unsigned p = 0; p < ACCEPT_N_PROFILE; p++)
		for (unsigned v = 0; in_rig(rig, p) && v < ACCEPT_N_VIEW; v++) {
			struct accept_seen *seen = &rig->seen[p][v];
			unsigned before = seen->n_seen;

			if (v == ACCEPT_SYSTEM && c->alone)
				continue;
			estimate_view(rig, c, &s, p, (enum accept_view)v);
			assert_int_equal(seen->n_seen - before, n);
		}
	free(s.x);
}

/* ---- verdict ---- */

static void print(const char *test, const char *profile, const char *view,
		  const struct accept_figures *got,
		  const struct accept_figures *asked)
{
	printf("| %s | %s | %s | %.1e / %.1e / %.1e | %g / %g / %g |\n", test,
	       profile, view, got->tve_pct, got->fe_hz, got->rfe_hz_per_s,
	       asked->tve_pct, asked->fe_hz, asked->rfe_hz_per_s);
}

static bool within(const struct accept_figures *got,
		   const struct accept_figures *asked)
{
	return got->tve_pct <= asked->tve_pct && got->fe_hz <= asked->fe_hz &&
	       got->rfe_hz_per_s <= asked->rfe_hz_per_s;
}

static struct accept_figures rms_of(const struct accept_seen *seen)
{
	return (struct accept_figures){
		sqrt(seen->square.tve_pct / seen->n_tve),
		sqrt(seen->square.fe_hz / seen->n),
		sqrt(seen->square.rfe_hz_per_s / seen->n)};
}

static bool undisturbed(const struct accept_rig *rig,
			const struct accept_seen *seen)
{
	return seen->flags == 0 &&
	       (rig->which != ACCEPT_SMOOTH || !(seen->notes & CIS_NOTE_STEP));
}

/* What is compared with what is asked: maxima or root mean squares, of the
 * views up to the last one. */
struct how {
	bool rms;
	enum accept_view first, last;
};

static bool passes(const struct accept_rig *rig, const char *test,
		   const struct accept_asked *asked, struct how how)
{
	static const char *const views[] = {"three phases", "one phase"};
	struct cis_estim_config cfg = config_of(rig, asked->profile);
	char name[CIS_PROFILE_SIZE];
	bool good = true;

	cis_estim_profile_name(&cfg, name);
	for (unsigned v = how.first; v < ACCEPT_N_VIEW; v++) {
		const struct accept_seen *seen = &rig->seen[asked->profile][v];
		struct accept_figures got = how.rms ? rms_of(seen) : seen->max;

		if (seen->n_refused > 0)
			printf("| %s | %s | %s | %u of %u refused | |\n", test,
			       name, views[v], seen->n_refused, seen->n_seen);
		if (seen->n == 0)
			continue;
		print(test, name, views[v], &got, &asked->at_most);
		good = good && undisturbed(rig, seen) &&
		       (v > how.last || within(&got, &asked->at_most));
		if (!undisturbed(rig, seen))
			print_error("%s, %s: flags %#x, notes %#x\n", test,
				    name, (unsigned)seen->flags,
				    (unsigned)seen->notes);
	}
	return good;
}

static void check(const struct accept_rig *rig, const char *test,
		  const struct accept_asked *asked, unsigned n_asked,
		  struct how how)
{
	bool good = true;

	for (unsigned i = 0; i < n_asked; i++)
		if (in_rig(rig, asked[i].profile))
			good = passes(rig, test, &asked[i], how) && good;
	if (!good)
		fail_msg("%s: not as good as asked", test);
}

void accept_show(const struct accept_rig *rig, const char *test,
		 const struct accept_asked *asked)
{
	(void)passes(rig, test, asked,
		     (struct how){false, ACCEPT_SYSTEM, ACCEPT_ALONE});
}

void accept_check(const struct accept_rig *rig, const char *test,
		  const struct accept_asked *asked, unsigned n_asked)
{
	check(rig, test, asked, n_asked,
	      (struct how){false, ACCEPT_SYSTEM, ACCEPT_ALONE});
}

void accept_check_system(const struct accept_rig *rig, const char *test,
			 const struct accept_asked *asked, unsigned n_asked)
{
	check(rig, test, asked, n_asked,
	      (struct how){false, ACCEPT_SYSTEM, ACCEPT_SYSTEM});
}

void accept_check_rms(const struct accept_rig *rig, const char *test,
		      const struct accept_asked *asked, unsigned n_asked)
{
	check(rig, test, asked, n_asked,
	      (struct how){true, ACCEPT_ALONE, ACCEPT_ALONE});
}
