/* start.c - see start.h. */
#include "firmware/core/start.h"

#include "firmware/core/divider.h"

void fe_start_init(struct fe_start *s)
{
	s->stage = FE_START_NONE;
	s->utc_s = 0;
	s->rise_tick = 0;
	s->fall_tick = 0;
}

void fe_start_arm(struct fe_start *s, int64_t utc_s)
{
	s->stage = FE_START_ARMED;
	s->utc_s = utc_s;
}

bool fe_start_cancel(struct fe_start *s)
{
	bool was = fe_start_is_armed(s);

	s->stage = FE_START_NONE;
	return was;
}

bool fe_start_is_armed(const struct fe_start *s)
{
	return s->stage != FE_START_NONE;
}

bool fe_start_is_taken(const struct fe_start *s)
{
	return s->stage == FE_START_TAKEN;
}

void fe_start_coming(struct fe_start *s, int64_t utc_s, uint64_t edge0_q32,
		     uint32_t half_ticks)
{
	if (s->stage != FE_START_ARMED || utc_s != s->utc_s)
		return;
	s->rise_tick = fe_divider_tick(edge0_q32) - half_ticks;
	s->fall_tick = s->rise_tick + 2 * half_ticks;
	s->stage = FE_START_READY;
}

bool fe_start_take(struct fe_start *s, uint32_t now_tick, uint32_t ahead_ticks)
{
	if (s->stage != FE_START_READY ||
	    (int32_t)(s->rise_tick - now_tick) < (int32_t)ahead_ticks)
		return false;
	s->stage = FE_START_TAKEN;
	return true;
}

enum fe_start_result fe_start_begun(struct fe_start *s, int64_t utc_s)
{
	enum fe_start_stage stage = s->stage;

	if (stage == FE_START_NONE || utc_s < s->utc_s)
		return FE_START_NOT_YET;
	s->stage = FE_START_NONE;
	return stage == FE_START_TAKEN ? FE_START_DONE : FE_START_MISSED;
}
