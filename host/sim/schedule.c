/* schedule.c - see schedule.h. */
#include "schedule.h"

#include <assert.h>

/* The first i with floor(i n / count) >= k. */
static uint32_t shard_begin(uint32_t count, uint32_t k, uint32_t n)
{
	return (uint32_t)(((uint64_t)k * count + n - 1) / n);
}

struct cis_shard cis_shard_of(uint32_t count, uint32_t k, uint32_t n)
{
	assert(k >= 1 && k <= n);
	return (struct cis_shard){.first = shard_begin(count, k - 1, n),
				  .end = shard_begin(count, k, n)};
}

void cis_schedule_begin(struct cis_schedule *s, struct cis_time t, uint64_t n)
{
	s->at = cis_instant_from(t, s->rate);
	s->next = s->shard.first;
	s->n_left = s->shard.first < s->shard.end ? n : 0;
}

void cis_schedule_back(struct cis_schedule *s, struct cis_time t)
{
	s->at = cis_instant_from(t, s->rate);
	s->next = s->shard.first;
}

/* i/count of the period, cut to whole nanoseconds; count may be exceeded, by
 * whole periods. */
static int64_t offset_ns(const struct cis_schedule *s, uint32_t i)
{
	uint64_t period_ns = (uint64_t)s->rate.den * CIS_NS_PER_S;

	if (!s->spread)
		return 0;
	return (int64_t)(i * period_ns / s->rate.num / s->count);
}

struct cis_time cis_schedule_slot(const struct cis_schedule *s,
				  struct cis_instant at, uint32_t i)
{
	return cis_time_add_ns(cis_instant_time(at), offset_ns(s, i));
}

struct cis_time cis_schedule_next(const struct cis_schedule *s)
{
	return cis_schedule_slot(s, s->at, s->next);
}

/* The first stream that is not due yet, late_ns after the instant. */
static uint32_t due_end(const struct cis_schedule *s, int64_t late_ns)
{
	uint32_t low = s->next, high = s->shard.end;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (offset_ns(s, mid) <= late_ns)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static void advance(struct cis_schedule *s, uint32_t to)
{
	s->next = to;
	if (to < s->shard.end)
		return;
	s->at = cis_instant_next(s->at);
	s->next = s->shard.first;
	s->n_left--;
}

bool cis_schedule_take(struct cis_schedule *s, struct cis_time now,
		       uint32_t max, struct cis_due *due)
{
	uint32_t end;

	if (s->n_left == 0 || max == 0)
		return false;
	end = due_end(s, cis_time_diff_ns(now, cis_instant_time(s->at)));
	if (end == s->next)
		return false;
	if (end - s->next > max)
		end = s->next + max;
	*due = (struct cis_due){
		.at = s->at, .first = s->next, .n = end - s->next};
	advance(s, end);
	return true;
}

uint64_t cis_schedule_skip(struct cis_schedule *s, struct cis_time t)
{
	struct cis_due due;
	uint64_t n = 0;

	t = cis_time_add_ns(t, -1);
	while (cis_schedule_take(s, t, UINT32_MAX, &due))
		n += due.n;
	return n;
}
