/* stamps.c - what the time stamps of a DAT say; see segment.h. */
#include "segment.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WRAP16   65536.0
#define WRAP32   4294967296.0
#define N_MEDIAN 1001

/* ---- the check against a given rate ---- */

struct check {
	uint64_t n, missing, bad, first_bad, first_missing;
	uint64_t wraps;
	double wrap_at;
	double jump;  /* in stamps, of the first bad one */
	double total; /* from the first to the last, wraps undone */
	double span;  /* scans that this took */
};

/* Distances are good to a stamp's rounding and 1 %. */
static bool is_near(double d, double want)
{
	return fabs(d - want) <= 1.5 + 0.01 * fabs(want);
}

static void check_step(struct check *c, double d, double want, uint64_t scan)
{
	if (is_near(d, want))
		c->total += d;
	else if (is_near(d + WRAP16, want) || is_near(d + WRAP32, want)) {
		c->wrap_at = is_near(d + WRAP16, want) ? WRAP16 : WRAP32;
		c->wraps++;
		c->total += d + c->wrap_at;
	} else {
		if (!c->bad) {
			c->first_bad = scan;
			c->jump = d;
		}
		c->bad++;
		c->total += d;
	}
}

double comtrade_stamps_hole(const struct comtrade_dat *dat, uint64_t scan,
			    double step)
{
	double k, d;

	if (scan == 0)
		return 0;
	k = comtrade_dat_number(dat, scan) - comtrade_dat_number(dat, scan - 1);
	d = comtrade_dat_stamp(dat, scan) - comtrade_dat_stamp(dat, scan - 1);
	return k >= 2 && k == floor(k) && is_near(d, k * step) &&
			       !is_near(d, step)
		       ? k - 1
		       : 0;
}

static struct check check_at(const struct comtrade_dat *dat, double step)
{
	struct check c = {.n = dat->n_scan};
	double last = NAN;
	uint64_t last_i = 0;

	for (uint64_t i = 0; i < dat->n_scan; i++) {
		double s = comtrade_dat_stamp(dat, i);

		if (isnan(s)) {
			if (!c.missing)
				c.first_missing = i;
			c.missing++;
			continue;
		}
		if (!isnan(last)) {
			double n = (double)(i - last_i) +
				   comtrade_stamps_hole(dat, i, step);

			check_step(&c, s - last, n * step, i);
			c.span += n;
		}
		last = s;
		last_i = i;
	}
	return c;
}

/* A 32-bit field cannot hold the stamps of a long record: from there on they
 * are missing for good reason. */
static bool past_the_field(const struct check *c, double step)
{
	return c->first_missing + c->missing == c->n &&
	       (double)c->first_missing * step > WRAP32 - 2 * step - 2;
}

static void tell_check(const struct check *c, double per_s, double rate_hz,
		       const struct comtrade_tell *tell)
{
	const char *name = tell->name;

	if (c->missing == c->n) {
		cis_warn(tell->warn,
			 "%s: there are no time stamps; the rate of %.10g Hz "
			 "gives the times",
			 name, rate_hz);
		return;
	}
	if (c->missing && !past_the_field(c, per_s / rate_hz))
		cis_warn(
			tell->warn,
			"%s: %llu of %llu time stamps are missing; the rate of "
			"%.10g Hz gives the times",
			name, (unsigned long long)c->missing,
			(unsigned long long)c->n, rate_hz);
	if (c->wraps)
		cis_warn(tell->warn,
			 "%s: the time stamps wrap at %.0f, %llu times; the "
			 "rate "
			 "of %.10g Hz gives the times",
			 name, c->wrap_at, (unsigned long long)c->wraps,
			 rate_hz);
	if (c->bad && !(c->total > 0))
		cis_warn(tell->warn,
			 "%s: there are no usable time stamps: they do not "
			 "advance; the rate of %.10g Hz gives the times",
			 name, rate_hz);
	else if (2 * c->bad > c->n)
		cis_warn(tell->warn,
			 "%s: the time stamps say %.6g Hz, the CFG says %.10g "
			 "Hz, which is taken",
			 name, c->span * per_s / c->total, rate_hz);
	else if (c->bad)
		cis_warn(
			tell->warn,
			"%s: the time stamps jump by %.6g s after scan %llu, "
			"and in %llu places in all; the rate of %.10g Hz gives "
			"the times",
			name, c->jump / per_s, (unsigned long long)c->first_bad,
			(unsigned long long)c->bad, rate_hz);
}

double comtrade_stamps_check(const struct comtrade_cfg *cfg,
			     const struct comtrade_dat *dat, double rate_hz,
			     const struct comtrade_tell *tell)
{
	double per_s = 1e6 / cfg->timemult;
	struct check c;

	/* 2013: stamps are in ns where the dates are; not all writers know. */
	if (cfg->nanoseconds && cfg->info.rev_year >= 2013) {
		c = check_at(dat, 1000 * per_s / rate_hz);
		if (c.bad == 0) {
			tell_check(&c, 1000 * per_s, rate_hz, tell);
			return 1000 * per_s;
		}
	}
	c = check_at(dat, per_s / rate_hz);
	tell_check(&c, per_s, rate_hz, tell);
	return per_s;
}

/* ---- stamps that give the times ---- */

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double comtrade_stamps_step(const struct comtrade_stamps *st,
			    const struct comtrade_zone *zone)
{
	double d[N_MEDIAN];
	size_t n = 0;

	for (uint64_t i = 1; i < zone->n && n < N_MEDIAN; i++) {
		double a = comtrade_dat_stamp(st->dat, zone->first + i - 1);
		double b = comtrade_dat_stamp(st->dat, zone->first + i);

		if (b > a) /* not when one of them is missing */
			d[n++] = b - a;
	}
	if (n == 0)
		return 0;
	qsort(d, n, sizeof(d[0]), compare);
	/* Stamps of 624 and 625 in turn: the mean of the middle is nearer. */
	if (d[n / 4] > 0 && d[3 * n / 4] - d[n / 4] <= 2) {
		double sum = 0;
		size_t lo = n / 4, hi = 3 * n / 4;

		for (size_t i = lo; i <= hi; i++)
			sum += d[i];
		return sum / (double)(hi - lo + 1);
	}
	return d[n / 2];
}

struct fit {
	double n, sx, sy, sxx, sxy; /* relative to the first valid stamp */
	double x0, y0;
};

static void fit_add(struct fit *f, double x, double y)
{
	if (f->n == 0) {
		f->x0 = x;
		f->y0 = y;
	}
	x -= f->x0;
	y -= f->y0;
	f->n++;
	f->sx += x;
	f->sy += y;
	f->sxx += x * x;
	f->sxy += x * y;
}

/* A whole number where that is the same to a hundredth of a stamp. */
static double fit_step(const struct fit *f, double expected, double span)
{
	double det = f->n * f->sxx - f->sx * f->sx, step;

	if (!(det > 0))
		return expected;
	step = (f->n * f->sxy - f->sx * f->sy) / det;
	if (fabs(step - round(step)) * span < 0.01)
		step = round(step);
	return step > 0 ? step : expected;
}

/* The next stamp follows the last valid one of the stretch, perhaps after a
 * wrap of the counter. */
static bool follows(struct comtrade_stamps *st, double d, double want,
		    double step)
{
	static const double wraps[] = {0, WRAP16, WRAP32};
	double room = 0.5 * step + 0.01 * fabs(want - step) + 1;

	for (int i = 0; i < 3; i++) {
		if (!(fabs(d + wraps[i] - want) <= room))
			continue;
		st->wrap += wraps[i];
		if (i > 0) {
			st->n_wrap++;
			st->wrap_at = wraps[i];
		}
		return true;
	}
	return false;
}

void comtrade_stamps_stretch(struct comtrade_stamps *st,
			     const struct comtrade_zone *zone, uint64_t first,
			     double step, struct comtrade_stretch *out)
{
	uint64_t end = zone->first + zone->n, i, last_i = 0;
	struct fit f = {.n = 0};
	double last = NAN;

	for (i = first; i < end; i++) {
		double s = comtrade_dat_stamp(st->dat, i);

		if (isnan(s))
			continue;
		if (!isnan(last) &&
		    !follows(st, s - last, (double)(i - last_i) * step, step))
			break;
		last = s;
		last_i = i;
		fit_add(&f, (double)(i - first), s + st->wrap);
	}
	out->first = first;
	out->end = i;
	out->n_valid = (uint64_t)f.n;
	out->step = fit_step(&f, step, (double)(last_i - first));
	out->start = f.n > 0 ? f.y0 + (f.sy - out->step * f.sx) / f.n -
				       out->step * f.x0
			     : NAN;
}

double comtrade_stamps_stray(const struct comtrade_stamps *st,
			     const struct comtrade_stretch *run, double start,
			     double step)
{
	double most = 0;

	for (uint64_t i = run->first; i < run->end; i++) {
		double s = comtrade_dat_stamp(st->dat, i);
		double d = s - start - (double)(i - run->first) * step;

		if (st->wrap_at > 0)
			d -= st->wrap_at * round(d / st->wrap_at);
		if (fabs(d) > most)
			most = fabs(d);
	}
	return most;
}
