/*
 * recording_grid.c - the grid of a recording; see recording_parts.h.
 *
 * A stream lies on k/N of its DATA_RATE; where its stamps do not, on the rate
 * that their spacing tells. The grid of all is the coarsest that holds each of
 * them. One a second is the least: a stream that is slower is silent in most.
 */
#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "cisoid/utc.h"
#include "recording_parts.h"

#define DAY_S  86400
#define LONG_S 10 /* a silence that somebody may take for a fault */

/* Clocks further apart than this are not meant to be one. */
#define CLOCKS_S 60

/* Off the grid by so much of a frame is another rate. */
#define CROWD_PCT 10

uint64_t cis_recording_gcd(uint64_t a, uint64_t b)
{
	while (b) {
		uint64_t r = a % b;

		a = b;
		b = r;
	}
	return a;
}

/* The least N that both divide. */
static uint32_t common(uint32_t a, uint32_t b)
{
	uint64_t n = a / cis_recording_gcd(a, b) * b;

	return n > CIS_RECORDING_MAX_GRID ? 0 : (uint32_t)n;
}

/* ---- one stream ---- */

static double frac_of(const struct cis_recorded_stream *s,
		      const struct cis_recorded *f)
{
	return cis_c37_frac_s(f->fracsec, s->edition[f->edition]->time_base);
}

/* The place of a frame among N a second, from second 0 on. */
static int64_t place(const struct cis_recorded_stream *s,
		     const struct cis_recorded *f, uint32_t n)
{
	return f->tai_s * n + llround(frac_of(s, f) * n);
}

/* How many frames share a place with the one before. */
static size_t crowd(const struct cis_recorded_stream *s, uint32_t n)
{
	size_t crowded = 0;

	for (size_t i = 1; i < s->n_frame; i++)
		crowded += place(s, &s->frame[i], n) ==
			   place(s, &s->frame[i - 1], n);
	return crowded;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* The usual spacing of frames; NaN: there is one frame only. */
static int spacing(const struct cis_recorded_stream *s, double *dt_s)
{
	size_t n = s->n_frame - 1;
	double *dt = malloc((n + 1) * sizeof(*dt));

	if (!dt)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		dt[i] = (double)(s->frame[i + 1].tai_s - s->frame[i].tai_s) +
			frac_of(s, &s->frame[i + 1]) - frac_of(s, &s->frame[i]);
	qsort(dt, n, sizeof(*dt), by_size);
	*dt_s = n ? dt[n / 2] : NAN;
	free(dt);
	return 0;
}

/* Of all configurations; num 0: they say none, or have no common one. */
static struct cis_rate told_rate(const struct cis_recorded_stream *s)
{
	struct cis_rate all = {0, 1};

	for (uint32_t e = 0; e < s->n_edition; e++) {
		struct cis_rate r;

		if (s->edition[e]->data_rate == 0)
			return (struct cis_rate){0, 1};
		r = cis_c37_rate(s->edition[e]->data_rate);
		if (e == 0) {
			all = r;
			continue;
		}
		all.num = common(all.num, r.num);
		all.den = (uint32_t)cis_recording_gcd(all.den, r.den);
	}
	return all;
}

static int by_spacing(struct cis_recorded_stream *s, struct cis_warn_list *warn,
		      struct cis_diag *diag)
{
	double dt_s, n;
	int err = spacing(s, &dt_s);

	if (err)
		return cis_fail(diag, err, "out of memory");
	n = isnan(dt_s) ? 1 : round(dt_s < 0.75 ? 1 / dt_s : dt_s);
	if (!(n >= 1 && n <= CIS_RECORDING_MAX_RATE))
		return cis_fail(diag, -EBADMSG,
				"IDCODE %u: DATA_RATE is %d, and frames are "
				"%.9g s apart, which is neither 1/N s nor N s",
				s->idcode, s->edition[0]->data_rate, dt_s);
	s->rate = dt_s < 0.75 ? (struct cis_rate){(uint32_t)n, 1}
			      : (struct cis_rate){1, (uint32_t)n};
	cis_warn(warn,
		 "IDCODE %u: DATA_RATE is %d; by their time stamps frames come "
		 "%s%u%s",
		 s->idcode, s->edition[0]->data_rate,
		 s->rate.den > 1 ? "every " : "",
		 (unsigned)(s->rate.den > 1 ? s->rate.den : s->rate.num),
		 s->rate.den > 1 ? " s" : " times a second");
	return 0;
}

static int stream_rate(struct cis_recorded_stream *s,
		       struct cis_warn_list *warn, struct cis_diag *diag)
{
	s->rate = told_rate(s);
	if (s->rate.num &&
	    100 * crowd(s, s->rate.num) <= CROWD_PCT * s->n_frame)
		return 0;
	return by_spacing(s, warn, diag);
}

/* Years of silence are no gap. */
static int check_gaps(const struct cis_recorded_stream *s,
		      struct cis_diag *diag)
{
	char before[CIS_UTC_SIZE], after[CIS_UTC_SIZE];

	for (size_t i = 1; i < s->n_frame; i++) {
		int64_t a = s->frame[i - 1].tai_s, b = s->frame[i].tai_s;

		if (b - a <= DAY_S)
			continue;
		cis_utc_format((struct cis_time){a * CIS_NS_PER_S}, 0, before);
		cis_utc_format((struct cis_time){b * CIS_NS_PER_S}, 0, after);
		return cis_fail(diag, -EBADMSG,
				"IDCODE %u: time stamps go from %s to %s, with "
				"more than a day between: cut the recording "
				"there",
				s->idcode, before, after);
	}
	return 0;
}

/* ---- all streams ---- */

/* Whole seconds from the stamp of a stream's first frame to its packet. */
static int64_t late_s(const struct cis_recorded_stream *s)
{
	return cis_time_floor_s(s->came) - s->frame[0].tai_s;
}

/* Streams whose clocks differ are put together by when their packets came. */
static void align(struct cis_recording *rec, struct cis_warn_list *warn)
{
	const struct cis_recorded_stream *one = &rec->stream[0];

	for (uint32_t i = 1; i < rec->n_stream && one->has_came; i++) {
		struct cis_recorded_stream *s = &rec->stream[i];
		int64_t by_s;

		if (!s->has_came)
			continue;
		by_s = late_s(s) - late_s(one);
		if (llabs(by_s) <= CLOCKS_S)
			continue;
		for (size_t k = 0; k < s->n_frame; k++)
			s->frame[k].tai_s += by_s;
		cis_warn(warn,
			 "IDCODE %u: its clock is %lld s from that of IDCODE "
			 "%u; its frames go out when they came",
			 s->idcode, (long long)-by_s, one->idcode);
	}
}

static int common_rate(struct cis_recording *rec, struct cis_diag *diag)
{
	rec->rate = (struct cis_rate){1, 1};
	for (uint32_t i = 0; i < rec->n_stream; i++) {
		uint32_t is = rec->stream[i].rate.num;
		uint32_t n = common(rec->rate.num, is);

		if (n == 0)
			return cis_fail(diag, -EBADMSG,
					"IDCODE %u: %u frames a second and the "
					"rates of the others have no common "
					"grid below %d a second",
					rec->stream[i].idcode, (unsigned)is,
					CIS_RECORDING_MAX_GRID);
		rec->rate.num = n;
	}
	return 0;
}

static void find_base(struct cis_recording *rec)
{
	rec->base_s = INT64_MAX;
	for (uint32_t i = 0; i < rec->n_stream; i++)
		if (rec->stream[i].frame[0].tai_s < rec->base_s)
			rec->base_s = rec->stream[i].frame[0].tai_s;
}

/* Each frame's place: first on the stream's own grid, then on that of all. */
static void put_in_place(struct cis_recording *rec,
			 struct cis_recorded_stream *s)
{
	int64_t step;
	size_t n = 0;

	assert(s->rate.num > 0);
	step = rec->rate.num / s->rate.num;
	for (size_t i = 0; i < s->n_frame; i++) {
		struct cis_recorded *f = &s->frame[i];

		f->n = step *
		       (place(s, f, s->rate.num) - rec->base_s * s->rate.num);
		if (n > 0 && s->frame[n - 1].n == f->n)
			rec->crowded++;
		else
			s->frame[n++] = *f;
	}
	s->n_frame = n;
}

static void tell_silence(const struct cis_recording *rec,
			 struct cis_warn_list *warn)
{
	const struct cis_recorded_stream *of = NULL;
	int64_t longest = (int64_t)LONG_S * rec->rate.num;

	for (uint32_t i = 0; i < rec->n_stream; i++) {
		const struct cis_recorded_stream *s = &rec->stream[i];

		for (size_t k = 1; k < s->n_frame; k++) {
			int64_t n = s->frame[k].n - s->frame[k - 1].n;

			if (n <= longest || n <= rec->rate.num * s->rate.den)
				continue;
			longest = n;
			of = s;
		}
	}
	if (of)
		cis_warn(warn,
			 "IDCODE %u: there is a gap of %.1f s; it stays one",
			 of->idcode, (double)longest / rec->rate.num);
}

static int check_span(const struct cis_recording *rec, struct cis_diag *diag)
{
	int64_t latest = INT64_MIN;

	for (uint32_t i = 0; i < rec->n_stream; i++)
		if (rec->stream[i].frame[0].tai_s > latest)
			latest = rec->stream[i].frame[0].tai_s;
	if (latest - rec->base_s <= DAY_S)
		return 0;
	return cis_fail(diag, -EBADMSG,
			"the streams begin more than a day apart: replay them "
			"one by one");
}

int cis_recording_grid(struct cis_recording *rec, struct cis_warn_list *warn,
		       struct cis_diag *diag)
{
	int err = 0;

	for (uint32_t i = 0; !err && i < rec->n_stream; i++) {
		err = check_gaps(&rec->stream[i], diag);
		if (!err)
			err = stream_rate(&rec->stream[i], warn, diag);
	}
	if (!err)
		err = common_rate(rec, diag);
	if (err)
		return err;
	align(rec, warn);
	find_base(rec);
	err = check_span(rec, diag);
	if (err)
		return err;
	rec->first = INT64_MAX;
	rec->last = INT64_MIN;
	for (uint32_t i = 0; i < rec->n_stream; i++) {
		const struct cis_recorded_stream *s = &rec->stream[i];

		put_in_place(rec, &rec->stream[i]);
		if (s->frame[0].n < rec->first)
			rec->first = s->frame[0].n;
		if (s->frame[s->n_frame - 1].n > rec->last)
			rec->last = s->frame[s->n_frame - 1].n;
	}
	tell_silence(rec, warn);
	return 0;
}

void cis_recording_refine(struct cis_recording *rec, uint32_t m)
{
	for (uint32_t i = 0; i < rec->n_stream; i++)
		for (size_t k = 0; k < rec->stream[i].n_frame; k++)
			rec->stream[i].frame[k].n *= m;
	rec->rate.num *= m;
	rec->first *= m;
	rec->last *= m;
}
