/* continuity.c - a lost scan, seen in the wave itself; see continuity.h. */
#include "continuity.h"

#include <math.h>

#include "host/core/angle.h"

#define RATIO_MIN    8.0
#define RATIO_SMOOTH 4.0 /* of what goes on after the break */
#define MEMORY       512 /* scans that the rms is taken over */
#define SETTLED      128
#define N_AFTER      3

void cis_continuity_init(struct cis_continuity *watch, uint32_t n_chan,
			 double rate_hz)
{
	*watch = (struct cis_continuity){
		.n_chan = n_chan < CIS_MAX_CHAN ? n_chan : CIS_MAX_CHAN,
		.rate_hz = rate_hz};
}

void cis_continuity_set_freq(struct cis_continuity *watch, double freq_hz)
{
	watch->w = CIS_TWO_PI * freq_hz / watch->rate_hz;
	/* Less than four scans in a period leave nothing to see. */
	if (!(watch->w > 0) || !(watch->w < CIS_TWO_PI / 4))
		watch->w = 0;
}

void cis_continuity_reset(struct cis_continuity *watch)
{
	watch->n_past = 0;
	watch->n_seen = 0;
	watch->n_since = 0;
}

/* Channel c, `back` scans before the newest. */
static double past(const struct cis_continuity *watch, uint32_t back,
		   uint32_t c)
{
	uint64_t scan = watch->next_scan - 1 - back;

	return watch->past[scan % CIS_CONTINUITY_PAST][c];
}

/* e of the newest scan. */
static double misfit(const struct cis_continuity *watch, uint32_t c)
{
	return past(watch, 0, c) - 2 * cos(watch->w) * past(watch, 1, c) +
	       past(watch, 2, c);
}

/* Of a channel without noise, what rounding is worth. */
static double usual_ms(const struct cis_continuity *watch, uint32_t c)
{
	return watch->ms[c] + 1e-12 * watch->power[c];
}

/* Of e to its recent rms; channels without a value do not count. */
static double ratio_now(const struct cis_continuity *watch)
{
	double sum = 0, n = 0;

	for (uint32_t c = 0; c < watch->n_chan; c++) {
		double e = misfit(watch, c), ms = usual_ms(watch, c);

		if (!isfinite(e) || !(ms > 0))
			continue;
		sum += e * e / ms;
		n++;
	}
	return n > 0 ? sqrt(sum / n) : 0;
}

static void learn(struct cis_continuity *watch)
{
	double part;

	if (watch->n_seen < MEMORY)
		watch->n_seen++;
	part = 1.0 / watch->n_seen;
	for (uint32_t c = 0; c < watch->n_chan; c++) {
		double e2 = pow(misfit(watch, c), 2);
		double x2 = pow(past(watch, 0, c), 2);

		if (!isfinite(e2))
			continue;
		/* One disturbance must not blind for long. */
		if (watch->n_seen > SETTLED)
			e2 = fmin(e2,
				  RATIO_MIN * RATIO_MIN * usual_ms(watch, c));
		watch->ms[c] += (e2 - watch->ms[c]) * part;
		watch->power[c] += (x2 - watch->power[c]) * part;
	}
}

/* Jump over slope, for k scans lost; 0 where the slopes say nothing. */
static double jump_per_slope(double w, int k)
{
	double bend = cos((k + 3) * w / 2);

	return fabs(bend) < 0.2 ? 0
				: 2 * sin((k + 1) * w / 2) / (sin(w) * bend);
}

/* Jumps and slopes of all channels at the break, each by its noise. */
struct moments {
	double jj;
	double js;
	double ss;
};

static struct moments look_at_break(const struct cis_continuity *watch)
{
	struct moments m = {0};

	for (uint32_t c = 0; c < watch->n_chan; c++) {
		double jump = past(watch, 2, c) - past(watch, 3, c);
		double slope = (past(watch, 3, c) - past(watch, 5, c) +
				past(watch, 0, c) - past(watch, 2, c)) /
			       4;
		double ms = usual_ms(watch, c);

		if (!isfinite(jump * slope) || !(ms > 0))
			continue;
		m.jj += jump * jump / ms;
		m.js += jump * slope / ms;
		m.ss += slope * slope / ms;
	}
	return m;
}

/* What is left of the jumps where k scans are lost. */
static double left_over(const struct moments *m, double w, int k)
{
	double g = jump_per_slope(w, k);

	return fmax(m->jj - 2 * g * m->js + g * g * m->ss, 0);
}

/* Scans lost, or 0 where no number explains the break. */
static int explain(const struct cis_continuity *watch)
{
	struct moments m = look_at_break(watch);
	double none = left_over(&m, watch->w, 0), least = INFINITY;
	int best = 0;

	for (int k = -CIS_CONTINUITY_MAX; k <= CIS_CONTINUITY_MAX; k++) {
		double left = left_over(&m, watch->w, k);

		if (k != -1 && jump_per_slope(watch->w, k) == 0)
			continue;
		if (left < least) {
			least = left;
			best = k;
		}
	}
	/* A quarter of the jump, and of what one scan more would make. */
	return least < fmin(none, m.ss) / 16 ? best : 0;
}

/* Three scans after a break: whether it was one. */
static bool decide(struct cis_continuity *watch, struct cis_continuity_hit *hit)
{
	int lost = ratio_now(watch) < RATIO_SMOOTH ? explain(watch) : 0;

	watch->n_since = 0;
	if (!lost)
		return false;
	*hit = (struct cis_continuity_hit){.after_scan = watch->next_scan - 4,
					   .lost = lost,
					   .ratio = watch->ratio};
	return true;
}

/* The newest scan has come. */
static bool judge(struct cis_continuity *watch, struct cis_continuity_hit *hit)
{
	if (watch->n_past < 3 || watch->w == 0)
		return false;
	if (watch->n_since > 0) {
		watch->n_since++;
		return watch->n_since == N_AFTER && decide(watch, hit);
	}
	watch->ratio = ratio_now(watch);
	if (watch->n_seen >= SETTLED && watch->n_past >= N_AFTER + 1 &&
	    watch->ratio > RATIO_MIN)
		watch->n_since = 1;
	learn(watch);
	return false;
}

bool cis_continuity_push(struct cis_continuity *watch,
			 const struct cis_block *blk,
			 struct cis_continuity_hit *hit)
{
	struct cis_continuity_hit found;
	bool told = false;

	if (blk->n_chan < watch->n_chan)
		return false;
	if (blk->first_scan != watch->next_scan || (blk->flags & CIS_BLOCK_GAP))
		cis_continuity_reset(watch);
	watch->next_scan = blk->first_scan;
	for (uint32_t i = 0; i < blk->n_scan; i++) {
		double *row =
			watch->past[watch->next_scan % CIS_CONTINUITY_PAST];

		for (uint32_t c = 0; c < watch->n_chan; c++)
			row[c] = cis_block_chan(blk, c)[i];
		watch->next_scan++;
		if (watch->n_past < CIS_CONTINUITY_PAST)
			watch->n_past++;
		if (judge(watch, &found) && !told) {
			*hit = found;
			told = true;
		}
	}
	return told;
}
