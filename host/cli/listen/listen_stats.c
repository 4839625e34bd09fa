/* listen_stats.c - see listen_stats.h. */
#include "listen_stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/core/be.h"

#define AGREE_S 10.0 /* how well time stamps and arrivals go together */

/* A data frame. */
struct came {
	struct cis_instant at;
	struct cis_time arrival;
	uint16_t chk;
};

/* ---- streams ---- */

static struct cis_stream_stats *find(const struct cis_listen_stats *st,
				     uint16_t idcode)
{
	for (unsigned i = 0; i < st->n_stream; i++)
		if (st->stream[i]->idcode == idcode)
			return st->stream[i];
	return NULL;
}

static struct cis_stream_stats *find_or_add(struct cis_listen_stats *st,
					    uint16_t idcode)
{
	struct cis_stream_stats *s = find(st, idcode);

	if (s || st->n_stream == CIS_CLIENT_MAX_STREAM)
		return s;
	s = calloc(1, sizeof(*s));
	if (!s)
		return NULL;
	s->idcode = idcode;
	st->stream[st->n_stream++] = s;
	return s;
}

void cis_listen_stats_free(struct cis_listen_stats *st)
{
	for (unsigned i = 0; i < st->n_stream; i++)
		free(st->stream[i]);
	st->n_stream = 0;
}

/* ---- positions that were seen ---- */

static bool was_seen(const struct cis_stream_stats *s, uint64_t pos)
{
	return s->seen[pos % CIS_SEEN_SPAN / 64] >> pos % 64 & 1;
}

static void mark(struct cis_stream_stats *s, uint64_t pos, bool seen)
{
	uint64_t bit = UINT64_C(1) << pos % 64;
	uint64_t *word = &s->seen[pos % CIS_SEEN_SPAN / 64];

	*word = seen ? *word | bit : *word & ~bit;
}

static void take_place(struct cis_stream_stats *s, uint64_t pos, uint16_t chk)
{
	mark(s, pos, true);
	s->chk[pos % CIS_SEEN_SPAN] = chk;
}

static void go_on(struct cis_stream_stats *s, uint64_t step, uint16_t chk)
{
	if (step >= CIS_SEEN_SPAN)
		memset(s->seen, 0, sizeof(s->seen));
	for (uint64_t i = 1; i < step && step < CIS_SEEN_SPAN; i++)
		mark(s, s->pos + i, false);
	s->pos += step;
	take_place(s, s->pos, chk);
}

/* The first frame, or the first of another rate or time. */
static void begin_at(struct cis_stream_stats *s, const struct came *c)
{
	memset(s->seen, 0, sizeof(s->seen));
	s->placed = true;
	s->pos = CIS_SEEN_SPAN;
	take_place(s, s->pos, c->chk);
	s->last = c->at;
	s->last_at = c->arrival;
	s->has_far = false;
}

/* ---- the grid ---- */

static bool same_rate(struct cis_rate a, struct cis_rate b)
{
	return a.num == b.num && a.den == b.den;
}

static double stamp_diff_s(struct cis_instant a, struct cis_instant b)
{
	return cis_split_diff_s(cis_instant_split(a), cis_instant_split(b));
}

static bool is_stray(const struct cis_stream_stats *s, const struct came *c)
{
	double moved_s = stamp_diff_s(c->at, s->last);
	double took_s =
		(double)cis_time_diff_ns(c->arrival, s->last_at) / CIS_NS_PER_S;

	return fabs(moved_s - took_s) > AGREE_S + 2 / cis_rate_hz(c->at.rate);
}

/* The stray before was the first frame of another time. */
static bool goes_on_from_far(const struct cis_stream_stats *s,
			     struct cis_instant at)
{
	double moved_s;

	if (!s->has_far || !same_rate(at.rate, s->far.rate))
		return false;
	moved_s = stamp_diff_s(at, s->far);
	return moved_s > 0 && moved_s <= AGREE_S + 2 / cis_rate_hz(at.rate);
}

/* `back` places behind the last. */
static enum cis_place earlier_place(const struct cis_stream_stats *s,
				    uint64_t back, uint16_t chk)
{
	if (back >= CIS_SEEN_SPAN || !was_seen(s, s->pos - back))
		return CIS_PLACE_LATE;
	return s->chk[(s->pos - back) % CIS_SEEN_SPAN] == chk
		       ? CIS_PLACE_DUPLICATE
		       : CIS_PLACE_CONTRADICTED;
}

static enum cis_place place(const struct cis_stream_stats *s,
			    const struct came *c)
{
	int64_t step;

	if (!s || !s->placed || !same_rate(c->at.rate, s->last.rate))
		return CIS_PLACE_NEXT;
	step = cis_instant_diff(c->at, s->last);
	if (step == 1)
		return CIS_PLACE_NEXT;
	if (is_stray(s, c))
		return goes_on_from_far(s, c->at) ? CIS_PLACE_NEXT
						  : CIS_PLACE_STRAY;
	if (step > 0)
		return CIS_PLACE_NEXT;
	return earlier_place(s, (uint64_t)-step, c->chk);
}

enum cis_place cis_listen_stats_place(const struct cis_listen_stats *st,
				      const struct cis_c37_data *data,
				      struct cis_instant at,
				      struct cis_time arrival)
{
	const struct came c = {at, arrival, st->chk};

	return place(find(st, data->head.idcode), &c);
}

static void put_next(struct cis_stream_stats *s, const struct came *c)
{
	int64_t step;

	if (!s->placed || !same_rate(c->at.rate, s->last.rate)) {
		begin_at(s, c);
		return;
	}
	step = cis_instant_diff(c->at, s->last);
	if (step != 1 && is_stray(s, c)) {
		s->strays--;
		s->jumps++;
		begin_at(s, c);
		return;
	}
	s->gaps += (uint64_t)(step - 1);
	go_on(s, (uint64_t)step, c->chk);
	s->last = c->at;
	s->last_at = c->arrival;
	s->has_far = false;
}

static void put_late(struct cis_stream_stats *s, const struct came *c)
{
	uint64_t back = (uint64_t)-cis_instant_diff(c->at, s->last);

	s->late++;
	if (back >= CIS_SEEN_SPAN)
		return;
	take_place(s, s->pos - back, c->chk);
	/* What is older than the first fills no gap. */
	if (s->filled < s->gaps && back <= s->pos - CIS_SEEN_SPAN)
		s->filled++;
}

static void put(struct cis_stream_stats *s, const struct came *c)
{
	switch (place(s, c)) {
	case CIS_PLACE_NEXT:
		put_next(s, c);
		break;
	case CIS_PLACE_DUPLICATE:
		s->duplicates++;
		break;
	case CIS_PLACE_CONTRADICTED:
		s->contradicted++;
		break;
	case CIS_PLACE_LATE:
		put_late(s, c);
		break;
	case CIS_PLACE_STRAY:
		s->strays++;
		s->far = c->at;
		s->has_far = true;
		break;
	}
}

/* ---- counting ---- */

void cis_listen_stats_frame(struct cis_listen_stats *st, const uint8_t *frame,
			    size_t len, bool crc_ok)
{
	struct cis_c37_head head;

	st->bytes += len;
	st->chk = len < 2 ? 0 : cis_be16(frame + len - 2);
	/* The check word of a series may stand at its end alone. */
	st->crc_errors += !crc_ok && !cis_c37_is_fragment(frame, len);
	if (crc_ok && cis_c37_peek(frame, len, &head) > 0)
		st->n_type[head.type]++;
}

static void count_quality(struct cis_listen_stats *st,
			  const struct cis_c37_data *data)
{
	st->tq_seen[data->head.time_quality & 0xF]++;
	for (uint16_t i = 0; i < data->n_pmu; i++) {
		uint16_t stat = data->block[i].stat;

		st->error_seen[stat >> 14]++;
		st->pmu_tq_seen[stat >> CIS_C37_STAT_TQ_SHIFT & 7]++;
		for (unsigned bit = 0; bit < 16; bit++)
			st->stat_seen[bit] += stat >> bit & 1;
	}
}

const struct cis_stream_stats *
cis_listen_stats_data(struct cis_listen_stats *st,
		      const struct cis_c37_data *data, struct cis_instant at,
		      struct cis_time arrival)
{
	struct cis_stream_stats *s = find_or_add(st, data->head.idcode);
	const struct came c = {at, arrival, st->chk};
	uint64_t unfit;

	if (!s)
		return NULL;
	if (s->frames++ == 0)
		s->first_arrival = arrival;
	s->last_arrival = arrival;
	s->rate = at.rate;
	unfit = s->strays + s->duplicates + s->contradicted;
	put(s, &c);
	count_quality(st, data);
	if (s->strays + s->duplicates + s->contradicted <= unfit)
		cis_spread_add(&st->latency_s,
			       (double)cis_time_diff_ns(arrival,
							cis_instant_time(at)) /
				       CIS_NS_PER_S);
	return s;
}

/* ---- sums ---- */

struct cis_listen_sums cis_listen_stats_sums(const struct cis_listen_stats *st)
{
	struct cis_listen_sums sums = {.frames = 0};

	for (unsigned i = 0; i < st->n_stream; i++) {
		const struct cis_stream_stats *s = st->stream[i];

		sums.frames += s->frames;
		sums.gaps += s->gaps;
		sums.lost += s->gaps - s->filled;
		sums.duplicates += s->duplicates;
		sums.contradicted += s->contradicted;
		sums.late += s->late;
		sums.strays += s->strays;
		sums.jumps += s->jumps;
	}
	return sums;
}

double cis_stream_stats_fps(const struct cis_stream_stats *s)
{
	double took_s =
		(double)cis_time_diff_ns(s->last_arrival, s->first_arrival) /
		CIS_NS_PER_S;

	if (s->frames < 2 || took_s <= 0)
		return (double)NAN;
	return (double)(s->frames - 1) / took_s;
}
