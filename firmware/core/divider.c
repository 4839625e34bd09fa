/*
 * divider.c - see divider.h. A second is cut as a line on a screen is drawn:
 * what does not divide is summed and given out one unit at a time.
 */
#include "firmware/core/divider.h"

void fe_divider_init(struct fe_divider *d, uint64_t at_q32, uint64_t second_q32,
		     uint32_t rate_hz)
{
	d->at_q32 = at_q32;
	d->index = 0;
	d->second_q32 = second_q32;
	fe_divider_set_rate(d, rate_hz);
}

void fe_divider_set_second(struct fe_divider *d, uint64_t second_q32)
{
	d->second_q32 = second_q32;
	d->step_q32 = second_q32 / d->rate_hz;
	d->rest = (uint32_t)(second_q32 % d->rate_hz);
}

void fe_divider_set_rate(struct fe_divider *d, uint32_t rate_hz)
{
	d->rate_hz = rate_hz;
	d->sum = 0;
	fe_divider_set_second(d, d->second_q32);
}

uint32_t fe_divider_half_ticks(const struct fe_divider *d)
{
	return (uint32_t)(d->step_q32 >> 33);
}

uint32_t fe_divider_tick(uint64_t at_q32)
{
	return (uint32_t)((at_q32 + (UINT64_C(1) << 31)) >> 32);
}

void fe_divider_next(struct fe_divider *d, struct fe_edge *e)
{
	e->at_q32 = d->at_q32;
	e->tick = fe_divider_tick(d->at_q32);
	e->second = d->index == 0;
	d->at_q32 += d->step_q32;
	d->sum += d->rest;
	if (d->sum >= d->rate_hz) {
		d->sum -= d->rate_hz;
		d->at_q32++;
	}
	d->index++;
	if (d->index == d->rate_hz)
		d->index = 0;
}
