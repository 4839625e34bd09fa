/* scan.c - see scan.h. */
#include "firmware/core/scan.h"

#include <stddef.h>

/* What a port needs from being told an edge until its timer has it. */
#define MARGINS_PER_S  1000000u
/* Edges are in the ring that far ahead, if it holds so many. */
#define HORIZONS_PER_S 80u

void fe_scan_init(struct fe_scan *s, uint32_t tick_hz, uint32_t rate_hz,
		  uint64_t now_q32)
{
	uint64_t second_q32 = (uint64_t)tick_hz << 32;

	fe_edges_init(&s->edges, tick_hz / MARGINS_PER_S);
	fe_divider_init(&s->divider, now_q32 + second_q32 / 100, second_q32,
			rate_hz);
	s->n_put = 0;
	s->n_begun = 0;
	s->horizon_q32 = second_q32 / HORIZONS_PER_S;
	s->put_q32 = now_q32;
	s->steer_q32 = 0;
	s->rate_hz = rate_hz;
	s->align = false;
	fe_edges_set_high(&s->edges, fe_divider_half_ticks(&s->divider));
	fe_scan_fill(s, now_q32);
}

/* Whether the edge that comes next is to be edge 0 at align_q32. */
static bool align_here(struct fe_scan *s)
{
	int64_t step = (int64_t)s->divider.step_q32;
	int64_t left = (int64_t)(s->align_q32 - s->divider.at_q32);

	if (!s->align)
		return false;
	while (left < -(step / 4)) {
		s->align_q32 += s->steer_q32;
		left += (int64_t)s->steer_q32;
	}
	if (left > step / 4 * 3)
		return false;
	s->divider.at_q32 = s->align_q32;
	s->divider.index = 0;
	s->align = false;
	return true;
}

static void begin_second(struct fe_scan *s, bool aligned)
{
	struct fe_divider *d = &s->divider;
	struct fe_scan_second *c = &s->coming[s->n_put++ % FE_COMING_SIZE];
	uint32_t half_ticks = fe_divider_half_ticks(d);

	c->edge0_q32 = d->at_q32;
	c->rate_hz = s->rate_hz;
	c->aligned = aligned;
	c->other_rate = d->rate_hz != s->rate_hz;
	fe_divider_set_rate(d, s->rate_hz);
	c->half_ticks = fe_divider_half_ticks(d);
	if (c->other_rate)
		fe_edges_set_high(&s->edges, c->half_ticks);
	if (half_ticks < c->half_ticks)
		c->half_ticks = half_ticks;
}

static void put_edge(struct fe_scan *s)
{
	struct fe_divider *d = &s->divider;
	bool aligned = align_here(s);
	struct fe_edge e;

	if (s->steer_q32 && !s->align &&
	    (aligned || d->index >= d->rate_hz / 8)) {
		fe_divider_set_second(d, s->steer_q32);
		s->steer_q32 = 0;
	}
	if (d->index == 0)
		begin_second(s, aligned);
	fe_divider_next(d, &e);
	fe_edges_put(&s->edges, e.tick, e.second);
	s->put_q32 = e.at_q32;
}

/* The edge put last is beyond the horizon, however far that is, so that there
 * always is a next one when the port asks. */
static bool wants_edge(const struct fe_scan *s, uint64_t now_q32)
{
	int64_t ahead = (int64_t)(s->put_q32 - now_q32);

	return ahead < (int64_t)s->horizon_q32 &&
	       fe_edges_count(&s->edges) < FE_EDGES_SIZE &&
	       s->n_put - s->n_begun < FE_COMING_SIZE;
}

void fe_scan_fill(struct fe_scan *s, uint64_t now_q32)
{
	while (wants_edge(s, now_q32))
		put_edge(s);
}

void fe_scan_steer(struct fe_scan *s, uint64_t second_q32)
{
	s->steer_q32 = second_q32;
}

void fe_scan_align(struct fe_scan *s, uint64_t at_q32, uint64_t second_q32)
{
	s->align_q32 = at_q32;
	s->steer_q32 = second_q32;
	s->align = true;
}

void fe_scan_set_rate(struct fe_scan *s, uint32_t rate_hz)
{
	s->rate_hz = rate_hz;
}

const struct fe_scan_second *fe_scan_coming(const struct fe_scan *s, uint32_t i)
{
	if (i >= s->n_put - s->n_begun)
		return NULL;
	return &s->coming[(s->n_begun + i) % FE_COMING_SIZE];
}

bool fe_scan_begun(struct fe_scan *s, uint64_t now_q32,
		   struct fe_scan_second *out)
{
	const struct fe_scan_second *c = fe_scan_coming(s, 0);

	if (!c || (int64_t)(now_q32 - c->edge0_q32) < 0)
		return false;
	*out = *c;
	s->n_begun++;
	return true;
}
