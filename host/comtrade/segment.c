/* segment.c - see segment.h. */
#include "segment.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* More stretches than one in so many scans: the stamps mean something else. */
#define MIN_STRETCH  8
#define MAX_RATE_HZ  5e6
/* Thirty years: dates in ns hold 2262. */
#define MAX_LENGTH_S 1e9

struct builder {
	const struct comtrade_cfg *cfg;
	const struct comtrade_dat *dat;
	const struct comtrade_tell *tell;
	struct comtrade_zone *zone;
	uint32_t n_zone;
	struct comtrade_stamps st;
	struct cis_comtrade_segment *seg;
	uint32_t n, room;
	double zero;   /* stamp of scan 0 */
	double last_s; /* of the last scan placed, after scan 0 */
	uint32_t n_gap, n_back;
	uint64_t gap_at, back_at;
	double gap_s, back_s;
	double stray_s;
};

/* ---- zones: the CFG's rates, mended ---- */

/* Ends that agree with the rows there are; tells where they do not. */
static void mend_ends(struct builder *b, uint64_t *end)
{
	const struct comtrade_cfg *cfg = b->cfg;
	uint64_t n = b->dat->n_scan, last = cfg->rate[cfg->n_rate - 1].end;
	uint64_t top = 0;
	uint32_t empty = 0;

	for (uint32_t i = 0; i < cfg->n_rate; i++) {
		uint64_t e = cfg->rate[i].end < n ? cfg->rate[i].end : n;

		empty += e <= top && cfg->rate[i].end <= top;
		top = e > top ? e : top;
		end[i] = top;
	}
	end[cfg->n_rate - 1] = n;
	if (last > n)
		cis_warn(
			b->tell->warn,
			"%s: the CFG promises %llu samples, the data hold %llu",
			b->tell->name, (unsigned long long)last,
			(unsigned long long)n);
	else if (last < n && last > 0)
		cis_warn(b->tell->warn,
			 "%s: the CFG speaks of %llu samples, the data hold "
			 "%llu; all are read",
			 b->tell->name, (unsigned long long)last,
			 (unsigned long long)n);
	if (empty && cfg->n_rate > 1)
		cis_warn(b->tell->warn,
			 "%s: %u of %u sampling rates cover no samples and are "
			 "left out",
			 b->tell->name, (unsigned)empty, (unsigned)cfg->n_rate);
}

static bool is_like(double a, double b)
{
	return fabs(a - b) <= 0.01 * (a < b ? a : b);
}

/* Neighbours within 1 % are one zone of their mean rate. */
static void make_zones(struct builder *b, const uint64_t *end)
{
	uint64_t first = 0;
	double base_hz = 0, zone_s = 0;

	for (uint32_t i = 0; i < b->cfg->n_rate; i++) {
		double hz = b->cfg->rate[i].rate_hz;
		uint64_t n = end[i] - first;
		struct comtrade_zone *z = &b->zone[b->n_zone];

		if (n == 0)
			continue;
		if (b->n_zone > 0 && hz > 0 && is_like(hz, base_hz)) {
			z--;
			z->n += n;
			z->n_line++;
			zone_s += (double)n / hz;
			if (hz != z->rate_hz)
				z->rate_hz = (double)z->n / zone_s;
		} else {
			*z = (struct comtrade_zone){first, n, hz, 1};
			base_hz = hz;
			zone_s = hz > 0 ? (double)n / hz : 0;
			b->n_zone++;
		}
		first = end[i];
	}
}

static int find_zones(struct builder *b)
{
	uint32_t n = b->cfg->n_rate;
	uint64_t *end = calloc(n, sizeof(*end));

	if (!end)
		return -ENOMEM;
	mend_ends(b, end);
	make_zones(b, end);
	free(end);
	return 0;
}

/* ---- segments ---- */

static int append(struct builder *b, uint64_t first, uint64_t n, double rate_hz,
		  double at_s)
{
	double last_s = at_s + (double)(n - 1) / rate_hz;
	struct cis_comtrade_segment *s;

	if (!(fabs(at_s) <= MAX_LENGTH_S && fabs(last_s) <= MAX_LENGTH_S))
		return cis_fail(
			b->tell->diag, -EBADMSG,
			"%s: scans %llu to %llu are %.3g s long, out of "
			"all proportion",
			b->tell->name, (unsigned long long)first,
			(unsigned long long)(first + n - 1), last_s);
	if (b->n == b->room) {
		uint32_t room = b->room ? 2 * b->room : 4;

		s = realloc(b->seg, room * sizeof(*s));
		if (!s)
			return -ENOMEM;
		b->seg = s;
		b->room = room;
	}
	s = &b->seg[b->n++];
	*s = (struct cis_comtrade_segment){
		.first_scan = first, .n_scan = n, .rate_hz = rate_hz};
	s->start = cis_time_add_ns(b->cfg->info.start, llround(at_s * 1e9));
	s->unsync = b->cfg->undated;
	b->last_s = last_s;
	return 0;
}

/* Right after what there is. */
static double next_s(const struct builder *b)
{
	return b->n ? b->last_s + 1 / b->seg[b->n - 1].rate_hz : 0;
}

/* A stretch that begins before the last one ends cannot be placed. */
static int place(struct builder *b, const struct comtrade_stretch *run,
		 double rate_hz, double start)
{
	double at_s = (start - b->zero) / b->st.per_s;
	double step_s = 1 / rate_hz, behind_s = 0;
	bool back = false;
	int err;

	if (b->n == 0) {
		b->zero = start;
		at_s = 0;
	} else {
		double before_s = 1 / b->seg[b->n - 1].rate_hz;

		behind_s = at_s - b->last_s;
		back = behind_s < 0.25 * fmin(step_s, before_s);
		if (behind_s > 1.5 * fmax(step_s, before_s)) {
			if (!b->n_gap++) {
				b->gap_at = run->first;
				b->gap_s = behind_s;
			}
		}
	}
	if (back) {
		if (!b->n_back++) {
			b->back_at = run->first;
			b->back_s = behind_s;
		}
		at_s = next_s(b);
	}
	err = append(b, run->first, run->end - run->first, rate_hz, at_s);
	if (!err && back)
		b->seg[b->n - 1].unsync = true;
	return err;
}

static int add_stretch(struct builder *b, const struct comtrade_zone *zone,
		       const struct comtrade_stretch *run)
{
	double rate_hz = b->st.per_s / run->step, start = run->start, stray;

	if (run->n_valid == 0)
		return append(b, run->first, run->end - run->first,
			      zone->rate_hz, next_s(b));
	stray = comtrade_stamps_stray(&b->st, run, start, run->step);
	if (zone->rate_hz > 0) {
		double step = b->st.per_s / zone->rate_hz;
		double n = (double)(run->end - run->first - 1);
		double begin = start + (run->step - step) * n / 2;

		/* The given rate explains the stamps as well. */
		if (comtrade_stamps_stray(&b->st, run, begin, step) <= 1.01 ||
		    run->n_valid < 3) {
			rate_hz = zone->rate_hz;
			start = begin;
			stray = 0;
		}
	}
	if (stray > 0.05 * run->step + 1.01 && stray / b->st.per_s > b->stray_s)
		b->stray_s = stray / b->st.per_s;
	return place(b, run, rate_hz, start);
}

/* The distance of stamps to expect; 0 when they contradict the rate. */
static double expected_step(struct builder *b, const struct comtrade_zone *zone)
{
	double step = comtrade_stamps_step(&b->st, zone);
	double want = b->st.per_s / zone->rate_hz;

	if (!(zone->rate_hz > 0))
		return step;
	return fabs(step - want) <= 1 + 0.01 * want ? want : 0;
}

static uint64_t count_stretches(struct builder *b,
				const struct comtrade_zone *zone, double step)
{
	struct comtrade_stamps saved = b->st;
	uint64_t n = 0, end = zone->first + zone->n;

	for (uint64_t i = zone->first; i < end; n++) {
		struct comtrade_stretch run;

		comtrade_stamps_stretch(&b->st, zone, i, step, &run);
		i = run.end;
	}
	b->st = saved;
	return n;
}

static int no_times(struct builder *b)
{
	return cis_fail(b->tell->diag, -EBADMSG,
			"%s: the CFG gives no sampling rate, and the time "
			"stamps do not tell one",
			b->tell->name);
}

static int add_zone(struct builder *b, const struct comtrade_zone *zone)
{
	double step = expected_step(b, zone);
	int err = 0;

	if (!(step > 0) ||
	    count_stretches(b, zone, step) > 4 + zone->n / MIN_STRETCH) {
		if (!(zone->rate_hz > 0))
			return no_times(b);
		cis_warn(b->tell->warn,
			 "%s: the time stamps of scans %llu to %llu do not fit "
			 "the rate of %.10g Hz, which is taken",
			 b->tell->name, (unsigned long long)zone->first,
			 (unsigned long long)(zone->first + zone->n - 1),
			 zone->rate_hz);
		return append(b, zone->first, zone->n, zone->rate_hz,
			      next_s(b));
	}
	for (uint64_t i = zone->first; !err && i < zone->first + zone->n;) {
		struct comtrade_stretch run;

		comtrade_stamps_stretch(&b->st, zone, i, step, &run);
		err = add_stretch(b, zone, &run);
		i = run.end;
	}
	return err;
}

static void tell_all(const struct builder *b)
{
	const struct comtrade_tell *t = b->tell;

	if (b->st.n_wrap)
		cis_warn(t->warn,
			 "%s: the time stamps wrap at %.0f, %u times: mended",
			 t->name, b->st.wrap_at, (unsigned)b->st.n_wrap);
	if (b->n_gap)
		cis_warn(t->warn,
			 "%s: the time stamps leave gaps (%u), the first of "
			 "%.6g "
			 "s "
			 "before scan %llu",
			 t->name, (unsigned)b->n_gap, b->gap_s,
			 (unsigned long long)b->gap_at);
	if (b->n_back)
		cis_warn(t->warn,
			 "%s: the time stamps jump back (%u times), first by "
			 "%.6g "
			 "s at scan %llu; what follows is placed right after "
			 "and not synchronized",
			 t->name, (unsigned)b->n_back, -b->back_s,
			 (unsigned long long)b->back_at);
	if (b->stray_s > 0)
		cis_warn(t->warn,
			 "%s: the time stamps stray by up to %.3g s from even "
			 "spacing, which is taken",
			 t->name, b->stray_s);
}

/* Stamps in a second: in ns where a record of 2013 has dates in ns, unless
 * only us make sense. */
static double stamps_per_s(struct builder *b)
{
	double us = 1e6 / b->cfg->timemult, step;

	b->st.per_s = 1000 * us;
	if (!b->cfg->nanoseconds || b->cfg->info.rev_year < 2013)
		return us;
	step = comtrade_stamps_step(&b->st, &b->zone[0]);
	if (b->zone[0].rate_hz > 0)
		return expected_step(b, &b->zone[0]) > 0 ? 1000 * us : us;
	return step > 0 && 1000 * us / step > MAX_RATE_HZ ? us : 1000 * us;
}

/* Too many holes are none: every second scan was left out, or the like. */
static bool has_holes(const struct builder *b, double step)
{
	uint64_t n = 0;

	for (uint64_t i = 1; i < b->dat->n_scan; i++)
		n += comtrade_stamps_hole(b->dat, i, step) > 0;
	return n > 0 && n <= 4 + b->dat->n_scan / MIN_STRETCH;
}

/* Evenly spaced, but for rows that are missing. */
static int one_rate(struct builder *b, double rate_hz)
{
	double per_s = comtrade_stamps_check(b->cfg, b->dat, rate_hz, b->tell);
	double step = per_s / rate_hz;
	bool holes = has_holes(b, step);
	uint64_t n = b->dat->n_scan, first = 0;
	double lost = 0;
	int err = 0;

	for (uint64_t i = 1; i <= n && !err; i++) {
		double hole = 0;

		if (holes && i < n)
			hole = comtrade_stamps_hole(b->dat, i, step);
		if (hole == 0 && i < n)
			continue;
		err = append(b, first, i - first, rate_hz,
			     ((double)first + lost) / rate_hz);
		if (i < n && !b->n_gap++) {
			b->gap_at = i;
			b->gap_s = (hole + 1) / rate_hz;
		}
		lost += hole;
		first = i;
	}
	return err;
}

static int build(struct builder *b)
{
	int err = find_zones(b);

	if (err)
		return err;
	if (b->n_zone == 1 && b->zone[0].n_line == 1 &&
	    b->zone[0].rate_hz > 0) {
		err = one_rate(b, b->zone[0].rate_hz);
		if (!err)
			tell_all(b);
		return err;
	}
	b->st.per_s = stamps_per_s(b);
	for (uint32_t i = 0; !err && i < b->n_zone; i++)
		err = add_zone(b, &b->zone[i]);
	if (!err)
		tell_all(b);
	return err;
}

int comtrade_segments(const struct comtrade_cfg *cfg,
		      const struct comtrade_dat *dat,
		      struct cis_comtrade_segment **seg, uint32_t *n,
		      const struct comtrade_tell *tell)
{
	struct comtrade_zone *zone = calloc(cfg->n_rate, sizeof(*zone));
	struct builder b = {.cfg = cfg,
			    .dat = dat,
			    .tell = tell,
			    .zone = zone,
			    .st = {.dat = dat}};
	int err = zone ? build(&b) : -ENOMEM;

	free(zone);
	if (err) {
		free(b.seg);
		return err == -ENOMEM
			       ? cis_fail(tell->diag, err,
					  "%s: not enough memory", tell->name)
			       : err;
	}
	*seg = b.seg;
	*n = b.n;
	return 0;
}
