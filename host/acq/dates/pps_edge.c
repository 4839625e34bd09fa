/*
 * pps_edge.c - the stream: where an edge is, and which samples tell of it; see
 * pps_edge.h.
 */
#include "pps_edge.h"

#include <math.h>
#include <string.h>

#define MIN_STEP_V 0.5
#define MIN_FILL   16 /* samples that tell a baseline */
#define N_QUIET    32

static uint32_t scans(double rate_hz, double s, uint32_t most)
{
	double n = ceil(rate_hz * s);

	return n < most ? (uint32_t)n : most;
}

void cis_pps_finder_init(struct cis_pps_finder *finder,
			 const struct cis_pps_opts *opts)
{
	uint32_t guard = scans(opts->rate_hz, CIS_PPS_TAU_MAX_S, 256);

	*finder = (struct cis_pps_finder){.opts = *opts};
	if (!(finder->opts.min_step_v > 0))
		finder->opts.min_step_v = MIN_STEP_V;
	finder->n_before = CIS_PPS_PRE + guard;
	finder->n_after = scans(opts->rate_hz, 6 * CIS_PPS_TAU_MAX_S,
				CIS_PPS_WINDOW - finder->n_before);
	finder->n_high = scans(opts->rate_hz, CIS_PPS_MIN_HIGH_S, UINT32_MAX);
	cis_pps_finder_reset(finder);
}

void cis_pps_finder_reset(struct cis_pps_finder *finder)
{
	finder->state = CIS_PPS_FILL;
	finder->n = 0;
	finder->waiting = false;
}

/* Only the `keep` newest samples are of use. */
static void forget(struct cis_pps_finder *finder, uint32_t keep)
{
	if (finder->n <= keep)
		return;
	memmove(finder->v, finder->v + finder->n - keep,
		keep * sizeof(finder->v[0]));
	finder->n = keep;
}

static void begin_low(struct cis_pps_finder *finder, double v)
{
	finder->state = CIS_PPS_FILL;
	finder->n = 0;
	finder->base_v = v;
}

/* The baseline: slowly up, quickly down, so that a pulse that ends is left, but
 * not for a single sample. */
static void follow(struct cis_pps_finder *finder, double v)
{
	double high = finder->n ? fmax(v, finder->v[finder->n - 1]) : v;

	if (finder->n == 0)
		finder->base_v = v;
	else if (high < finder->base_v)
		finder->base_v += (high - finder->base_v) / 4;
	else if (v > finder->base_v)
		finder->base_v += (v - finder->base_v) / 64;
}

static void take_low(struct cis_pps_finder *finder, double v)
{
	bool above = v > finder->base_v + finder->opts.min_step_v / 2;

	if (finder->n == CIS_PPS_WINDOW)
		forget(finder, finder->n_before);
	if (finder->state == CIS_PPS_FILL &&
	    v < finder->base_v - finder->opts.min_step_v / 4)
		begin_low(finder, v); /* still falling */
	if (!above && isfinite(v))
		follow(finder, v);
	if (finder->state == CIS_PPS_FILL && above) {
		begin_low(finder, v);
	} else if (finder->state == CIS_PPS_LOW && above) {
		forget(finder, finder->n_before);
		finder->state = CIS_PPS_RISING;
		finder->rise = finder->n;
		finder->peak_v = finder->base_v;
		finder->n_fallen = 0;
	} else if (finder->n >= MIN_FILL) {
		finder->state = CIS_PPS_LOW;
	}
	finder->v[finder->n++] = v;
}

/* The samples well before the edge: 32 of them, or what there is. */
struct quiet {
	uint32_t from;
	double mean_v;
	double spread_v; /* 1.5 times the worst: 3 standard deviations or more */
};

static struct quiet look_at_quiet(const struct cis_pps_finder *finder)
{
	uint32_t guard = finder->n_before - CIS_PPS_PRE, n = 0;
	uint32_t half = finder->rise / 2;
	uint32_t to = finder->rise - (half < guard ? half : guard);
	struct quiet q = {.from = to > N_QUIET ? to - N_QUIET : 0};

	for (uint32_t i = q.from; i < to; i++)
		if (isfinite(finder->v[i])) {
			q.mean_v += finder->v[i];
			n++;
		}
	q.mean_v /= n;
	for (uint32_t i = q.from; i < to; i++)
		q.spread_v =
			fmax(q.spread_v, 1.5 * fabs(finder->v[i] - q.mean_v));
	return q;
}

/* Back from where the threshold was crossed to the first sample that stands
 * above the noise and a slow baseline. */
static uint32_t first_risen(const struct cis_pps_finder *finder,
			    const struct quiet *q)
{
	double rise_v = fmax(q->spread_v, finder->opts.min_step_v / 25);
	uint32_t i = finder->rise;

	while (i > 1 && finder->v[i - 1] > q->mean_v + rise_v)
		i--;
	return i;
}

/* Back to where the pulse before had not yet died away: two samples in a row
 * above. */
static uint32_t first_low(const struct cis_pps_finder *finder,
			  const struct quiet *q)
{
	double level = q->mean_v + q->spread_v;
	uint32_t i = q->from;

	while (i > 1 && !(finder->v[i - 1] > level && finder->v[i - 2] > level))
		i--;
	return i > 1 ? i : 0;
}

/* The samples before `end` are all there is of the rising stretch. */
static void date(struct cis_pps_finder *finder, uint32_t end)
{
	struct quiet q = look_at_quiet(finder);
	uint32_t low = first_low(finder, &q);
	uint32_t rise = first_risen(finder, &q);
	struct cis_pps_edge edge;

	if (finder->waiting || rise <= low ||
	    !cis_pps_edge_fit(&finder->opts, finder->v + low, end - low,
			      rise - low, &edge) ||
	    edge.step_v < finder->opts.min_step_v)
		return;
	edge.scan += finder->next_scan - finder->n + low;
	finder->edge = edge;
	finder->waiting = true;
}

/* The last that is as high as the highest may have begun to fall already; those
 * before it have not. */
static uint32_t last_high(const struct cis_pps_finder *finder)
{
	double level = finder->peak_v - look_at_quiet(finder).spread_v;
	uint32_t i = finder->n - 1;

	while (i > finder->rise && !(finder->v[i] >= level))
		i--;
	return i;
}

/* As if there had been nothing; what comes next may be an edge. */
static void erase_glitch(struct cis_pps_finder *finder)
{
	for (uint32_t i = finder->rise; i < finder->n; i++)
		finder->v[i] = NAN;
	finder->state = CIS_PPS_LOW;
}

static void end_pulse(struct cis_pps_finder *finder, double v)
{
	uint32_t end = last_high(finder);

	if (end - finder->rise + 1 < finder->n_high) {
		erase_glitch(finder);
		return;
	}
	date(finder, end);
	begin_low(finder, v);
}

/* The pulse has fallen when two samples in a row are 15 % below the highest two
 * in a row, or near the base. */
static void take_rising(struct cis_pps_finder *finder, double v)
{
	double height = fmin(v, finder->v[finder->n - 1]);
	double fallen_v = finder->base_v + finder->opts.min_step_v / 4;

	finder->peak_v = fmax(finder->peak_v, height);
	height = finder->peak_v - finder->base_v;
	fallen_v = fmax(fallen_v, finder->peak_v - 0.15 * height);
	finder->n_fallen = v < fallen_v ? finder->n_fallen + 1 : 0;
	finder->v[finder->n++] = v;
	if (finder->n_fallen >= 2) {
		end_pulse(finder, v);
	} else if (finder->n - finder->rise >= finder->n_after) {
		date(finder, finder->n);
		finder->state = CIS_PPS_HIGH;
	}
}

static void take_high(struct cis_pps_finder *finder, double v)
{
	double height = finder->peak_v - finder->base_v;

	if (v < finder->base_v + 0.3 * height)
		begin_low(finder, v);
}

static void take(struct cis_pps_finder *finder, double v)
{
	finder->next_scan++;
	if (finder->state == CIS_PPS_RISING)
		take_rising(finder, v);
	else if (finder->state == CIS_PPS_HIGH)
		take_high(finder, v);
	else
		take_low(finder, v);
}

bool cis_pps_finder_push(struct cis_pps_finder *finder, uint64_t first_scan,
			 const double *v, uint32_t n, struct cis_pps_edge *edge)
{
	bool told = false;

	if (first_scan != finder->next_scan)
		cis_pps_finder_reset(finder);
	finder->next_scan = first_scan;
	for (uint32_t i = 0; i <= n; i++) {
		if (finder->waiting && !told) {
			*edge = finder->edge;
			finder->waiting = false;
			told = true;
		}
		if (i < n)
			take(finder, v[i]);
	}
	return told;
}
