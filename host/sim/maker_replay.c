/* maker_replay.c - see maker_replay.h. */
#include "maker_replay.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cisoid/utc.h"
#include "recording_parts.h"

struct replay {
	struct cis_maker m;
	struct cis_recording *rec;
	struct cis_speed speed;
	bool loop;
	char *header;
	struct cis_instant origin; /* of place n0 of the grid */
	int64_t n0;
	int64_t period; /* places from one turn of a loop to the next */
	size_t *at;     /* of each stream: the frame asked for last */
};

static const struct replay *replay_of(const struct cis_maker *m)
{
	return (const struct replay *)m;
}

/* ---- the grid ---- */

static bool is_as_recorded(const struct replay *r)
{
	return r->speed.num == r->speed.den;
}

static struct cis_instant later(struct cis_instant at, int64_t n)
{
	int64_t num = at.rate.num, k = at.k + n;

	if (at.rate.den > 1) {
		int64_t soc = cis_utc_from_tai(at.tai_s).soc;

		at.tai_s = cis_tai_from_soc(soc + n * at.rate.den);
		return at;
	}
	at.tai_s += k / num - (k % num < 0);
	at.k = (uint32_t)(k - (k / num - (k % num < 0)) * num);
	return at;
}

static int64_t ceil_div(int64_t a, int64_t b)
{
	return a / b + (a % b > 0);
}

/* The least whole number of seconds that is longer than the recording. */
static int64_t turn_of(const struct replay *r)
{
	int64_t n = r->rec->last - r->rec->first + 1;

	return ceil_div(n, r->m.rate.num) * r->m.rate.num;
}

double cis_maker_replay_turn_gap_s(const struct cis_maker *m)
{
	const struct replay *r = (const struct replay *)m;
	int64_t n = r->period - (r->rec->last - r->rec->first);

	return (double)n / cis_rate_hz(m->rate);
}

static void begin(struct cis_maker *m, struct cis_instant first)
{
	struct replay *r = (struct replay *)m;
	int64_t n = r->rec->first, num = first.rate.num;

	r->origin = first;
	r->origin.k = 0;
	if (is_as_recorded(r)) {
		/* The least shift that leaves no frame before `first`. */
		r->origin.tai_s += ceil_div(first.k - n, num);
		r->n0 = 0;
	} else {
		r->origin.tai_s += first.k > 0;
		r->n0 = n;
	}
	if (!r->loop)
		r->m.end = later(r->origin, r->rec->last + 1 - r->n0);
}

/* The place in the recording, and how often it has begun anew. */
static int64_t place_at(const struct replay *r, struct cis_instant at,
			int64_t *turn)
{
	int64_t n, since;

	*turn = 0;
	if (r->origin.rate.num == 0) /* not begun */
		return r->rec->first;
	n = cis_instant_diff(at, r->origin) + r->n0;
	since = n - r->rec->first;
	if (!r->loop || since < 0)
		return n;
	*turn = since / r->period;
	return n - *turn * r->period;
}

/* ---- frames ---- */

/* The last frame of stream i that is not behind place n; -1: none. Asked in
 * order, it is found at once. */
static int64_t find(const struct cis_maker *m, uint32_t i, int64_t n)
{
	const struct replay *r = replay_of(m);
	const struct cis_recorded_stream *s = &r->rec->stream[i];
	size_t lo = r->at[i], hi = s->n_frame;

	if (lo < hi && s->frame[lo].n <= n) {
		for (unsigned step = 0; step < 2; step++, lo++)
			if (lo + 1 == hi || s->frame[lo + 1].n > n)
				return (int64_t)(r->at[i] = lo);
	} else {
		hi = lo;
		lo = 0;
	}
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (s->frame[mid].n <= n)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo > 0)
		r->at[i] = lo - 1;
	return (int64_t)lo - 1;
}

static void stamp_of(const struct replay *r,
		     const struct cis_recorded_stream *s,
		     const struct cis_recorded *f, struct cis_instant at,
		     struct cis_c37_head *head)
{
	uint32_t base = s->edition[f->edition]->time_base & 0xFFFFFF;
	int64_t tai_s = at.tai_s;

	if (is_as_recorded(r)) {
		/* A stamp that is off the grid stays as far off. */
		int64_t n = at.tai_s * at.rate.num + at.k;

		tai_s = f->tai_s + (n - f->n) / at.rate.num - r->rec->base_s;
		head->fracsec = f->fracsec;
	} else {
		double frac_s = (double)at.k / at.rate.num;

		head->fracsec = (uint32_t)lround(frac_s * base);
	}
	head->soc = (uint32_t)cis_utc_from_tai(tai_s).soc;
	head->time_quality =
		(uint8_t)((f->frame[CIS_C37_FRACSEC_AT] & ~CIS_C37_LEAP_MASK) |
			  cis_c37_leap_bits(tai_s));
}

static int frame(struct cis_maker *m, uint32_t i, struct cis_instant at,
		 uint8_t *buf, size_t size)
{
	const struct replay *r = replay_of(m);
	const struct cis_recorded_stream *s = &r->rec->stream[i];
	struct cis_c37_head head;
	int64_t turn, n = place_at(r, at, &turn);
	int64_t k = find(m, i, n);
	const struct cis_recorded *f;
	size_t len;

	if (k < 0 || s->frame[k].n != n)
		return 0;
	f = &s->frame[k];
	len = cis_recorded_len(f->frame);
	if (len > size)
		return -EMSGSIZE;
	memcpy(buf, f->frame, len);
	stamp_of(r, s, f, at, &head);
	cis_c37_restamp(buf, len, &head);
	return (int)len;
}

/* ---- configurations ---- */

static uint32_t edition_in(const struct cis_maker *m, uint32_t i, int64_t n)
{
	int64_t k = find(m, i, n);

	return replay_of(m)->rec->stream[i].frame[k < 0 ? 0 : k].edition;
}

/* The first configuration of a loop comes again with each turn. */
static uint32_t edition(const struct cis_maker *m, uint32_t i,
			struct cis_instant at)
{
	const struct replay *r = replay_of(m);
	uint32_t n_edition = r->rec->stream[i].n_edition;
	int64_t turn, n = place_at(r, at, &turn);

	if (n_edition == 1)
		return 0;
	return (uint32_t)turn * n_edition + edition_in(m, i, n);
}

static const struct cis_c37_config *config(struct cis_maker *m, uint32_t i,
					   struct cis_instant at)
{
	const struct replay *r = replay_of(m);
	int64_t turn, n = place_at(r, at, &turn);

	return r->rec->stream[i].edition[edition_in(m, i, n)];
}

static uint16_t idcode(const struct cis_maker *m, uint32_t i)
{
	return replay_of(m)->rec->stream[i].idcode;
}

/* ---- life ---- */

static void replay_free(struct cis_maker *m)
{
	struct replay *r = (struct replay *)m;

	cis_recording_free(r->rec);
	free(r->header);
	free(r->at);
	free(r);
}

static const struct cis_maker_ops ops = {
	.idcode = idcode,
	.begin = begin,
	.frame = frame,
	.edition = edition,
	.config = config,
	.free = replay_free,
};

static size_t longest_frame(const struct cis_recording *rec)
{
	size_t most = 0;

	for (uint32_t i = 0; i < rec->n_stream; i++)
		for (size_t k = 0; k < rec->stream[i].n_frame; k++) {
			const uint8_t *f = rec->stream[i].frame[k].frame;
			size_t len = cis_recorded_len(f);

			most = len > most ? len : most;
		}
	return most;
}

static void set_rates(struct replay *r)
{
	struct cis_recording *rec = r->rec;
	struct cis_speed grid = cis_replay_grid(rec, r->speed);

	/* 5/2 a second is every second place of 5 a second. */
	if (grid.num > 1 && grid.den > 1) {
		cis_recording_refine(rec, grid.den);
		grid.den = 1;
	}
	r->m.rate = (struct cis_rate){grid.num, grid.den};
	for (uint32_t i = 0; i < rec->n_stream; i++)
		for (uint32_t e = 0; e < rec->stream[i].n_edition; e++) {
			struct cis_c37_config *cfg = rec->stream[i].edition[e];

			cfg->data_rate =
				cis_replay_data_rate(cfg->data_rate, r->speed);
		}
}

int cis_maker_replay_new(struct cis_recording *rec,
			 const struct cis_maker_replay_opts *opts,
			 struct cis_maker **out, struct cis_diag *diag)
{
	struct cis_speed speed;
	int err = cis_replay_speed(rec, opts->speed, &speed, diag);
	struct replay *r;

	if (err)
		return err;
	r = calloc(1, sizeof(*r));
	if (r) {
		r->header = strdup(opts->header);
		r->at = calloc(rec->n_stream, sizeof(*r->at));
	}
	if (!r || !r->header || !r->at) {
		if (r)
			replay_free(&r->m);
		return cis_fail(diag, -ENOMEM, "out of memory");
	}
	r->rec = rec;
	r->speed = speed;
	r->loop = opts->loop;
	r->m.ops = &ops;
	r->m.header = r->header;
	r->m.n_stream = rec->n_stream;
	r->m.frame_max = longest_frame(rec);
	set_rates(r);
	r->period = turn_of(r);
	*out = &r->m;
	return 0;
}
