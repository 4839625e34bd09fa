/* replay_speed.c - speeds that DATA_RATE can tell; see maker_replay.h. */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "maker_replay.h"
#include "recording_parts.h"

#define CLOSE 1e-6

/* a/b in lowest terms; num 0 where it has none of 32 bits. */
static struct cis_speed lowest(uint64_t a, uint64_t b)
{
	uint64_t by = cis_recording_gcd(a, b);

	if (!by || a / by > UINT32_MAX || b / by > UINT32_MAX)
		return (struct cis_speed){0, 1};
	return (struct cis_speed){(uint32_t)(a / by), (uint32_t)(b / by)};
}

int16_t cis_replay_data_rate(int16_t data_rate, struct cis_speed speed)
{
	struct cis_rate r = cis_c37_rate(data_rate);
	struct cis_speed is;

	if (data_rate == 0 || speed.num == speed.den)
		return data_rate;
	is = lowest((uint64_t)r.num * speed.num, (uint64_t)r.den * speed.den);
	if (is.den == 1 && is.num >= 1 && is.num <= CIS_RECORDING_MAX_RATE)
		return (int16_t)is.num;
	if (is.num == 1 && is.den <= CIS_RECORDING_MAX_RATE)
		return (int16_t) - (int)is.den;
	return 0;
}

/* ---- which speeds work ---- */

static bool works_for(const struct cis_recorded_stream *s,
		      struct cis_speed speed)
{
	double rate = (double)s->rate.num * speed.num / speed.den;

	for (uint32_t e = 0; e < s->n_edition; e++) {
		const struct cis_c37_config *cfg = s->edition[e];

		if (cfg->data_rate &&
		    !cis_replay_data_rate(cfg->data_rate, speed))
			return false;
		if (rate > (cfg->time_base & CIS_C37_MAX_TIME_BASE))
			return false;
	}
	return true;
}

struct cis_speed cis_replay_grid(const struct cis_recording *rec,
				 struct cis_speed speed)
{
	struct cis_speed grid =
		lowest((uint64_t)rec->rate.num * speed.num, speed.den);

	if (grid.num > CIS_RECORDING_MAX_GRID ||
	    (grid.num == 1 && grid.den > CIS_RECORDING_MAX_RATE))
		return (struct cis_speed){0, 1};
	return grid;
}

static bool works(const struct cis_recording *rec, struct cis_speed speed)
{
	if (!speed.num || !cis_replay_grid(rec, speed).num)
		return false;
	for (uint32_t i = 0; i < rec->n_stream; i++)
		if (!works_for(&rec->stream[i], speed))
			return false;
	return true;
}

static double value(struct cis_speed s)
{
	return (double)s.num / s.den;
}

/*
 * All speeds that work make DATA_RATE of the first configuration that tells one
 * N or 1/N: number j of those counts from 1/32767 (-32766) over 1 (0) to 32767.
 */
static struct cis_speed candidate(struct cis_rate r, int j)
{
	if (j >= 0)
		return lowest((uint64_t)(j + 1) * r.den, r.num);
	return lowest(r.den, (uint64_t)(1 - j) * r.num);
}

static struct cis_rate first_rate(const struct cis_recording *rec)
{
	for (uint32_t i = 0; i < rec->n_stream; i++) {
		const struct cis_recorded_stream *s = &rec->stream[i];

		for (uint32_t e = 0; e < s->n_edition; e++)
			if (s->edition[e]->data_rate)
				return cis_c37_rate(s->edition[e]->data_rate);
	}
	return rec->rate;
}

/* The first that works from number j on, upwards or downwards; num 0: none. */
static struct cis_speed search(const struct cis_recording *rec,
			       struct cis_rate r, int j, int step)
{
	for (; j > -CIS_RECORDING_MAX_RATE && j < CIS_RECORDING_MAX_RATE;
	     j += step) {
		struct cis_speed s = candidate(r, j);

		if (s.num && (value(s) > CIS_REPLAY_FASTEST ||
			      value(s) < CIS_REPLAY_SLOWEST))
			continue;
		if (works(rec, s))
			return s;
	}
	return (struct cis_speed){0, 1};
}

/* The number of the fastest candidate that is not faster than x. */
static int below(struct cis_rate r, double x)
{
	double rate = x * r.num / r.den;
	double j = rate >= 1 ? floor(rate * (1 + CLOSE)) - 1
			     : 1 - ceil(1 / rate * (1 - CLOSE));

	return (int)fmin(fmax(j, 1 - CIS_RECORDING_MAX_RATE),
			 CIS_RECORDING_MAX_RATE - 1);
}

static void name(struct cis_speed s, char *buf, size_t size)
{
	if (s.den == 1)
		snprintf(buf, size, "%u", (unsigned)s.num);
	else if (s.den && 10000 % s.den == 0)
		snprintf(buf, size, "%.10g", value(s));
	else
		snprintf(buf, size, "%u/%u", (unsigned)s.num, (unsigned)s.den);
}

static int refuse(const struct cis_recording *rec, struct cis_rate r, int j,
		  double x, struct cis_diag *diag)
{
	struct cis_speed less = search(rec, r, j, -1);
	struct cis_speed more = search(rec, r, j + 1, 1);
	char a[32] = "", b[32] = "";

	if (less.num)
		name(less, a, sizeof(a));
	if (more.num)
		name(more, b, sizeof(b));
	return cis_fail(diag, -EINVAL,
			"speed=%.6g: DATA_RATE holds N frames a second or one "
			"in N seconds, and TIME_BASE must be able to stamp "
			"them; the nearest that works is %s%s%s",
			x, a, a[0] && b[0] ? " or " : "", b);
}

int cis_replay_speed(const struct cis_recording *rec, double x,
		     struct cis_speed *speed, struct cis_diag *diag)
{
	struct cis_rate r = first_rate(rec);
	struct cis_speed is;
	int j;

	*speed = (struct cis_speed){1, 1};
	if (x == 1)
		return 0;
	j = below(r, x);
	is = candidate(r, j);
	if (!is.num || fabs(value(is) - x) > CLOSE * x || !works(rec, is))
		return refuse(rec, r, j, x, diag);
	*speed = is;
	return 0;
}
