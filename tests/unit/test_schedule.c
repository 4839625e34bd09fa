/* test_schedule.c - slots, shards, and the order of a simulated fleet. */
#include <stdlib.h>

#include "check.h"
#include "cisoid/utc.h"
#include "host/sim/schedule.h"

#define T0_S INT64_C(2000000000)

static const struct cis_time forever = {.tai_ns = INT64_MAX};

static struct cis_time at_ns(int64_t ns)
{
	return (struct cis_time){.tai_ns = T0_S * CIS_NS_PER_S + ns};
}

static struct cis_schedule make(uint32_t count, bool spread, uint32_t fps,
				uint64_t n)
{
	struct cis_schedule s = {.rate = {fps, 1},
				 .count = count,
				 .shard = {0, count},
				 .spread = spread};

	cis_schedule_begin(&s, at_ns(0), n);
	return s;
}

/* The definition, stream by stream. */
static void a_shard_has_the_streams_of_its_share(void **state)
{
	static const uint32_t counts[] = {1, 2, 3, 7, 100, 999, 20000};
	static const uint32_t parts[] = {1, 2, 3, 7, 64, 20000};

	(void)state;
	for (size_t c = 0; c < sizeof(counts) / sizeof(counts[0]); c++) {
		for (size_t p = 0; p < sizeof(parts) / sizeof(parts[0]); p++) {
			uint32_t count = counts[c], n = parts[p];
			uint32_t end = 0;

			for (uint32_t k = 1; k <= n; k++) {
				struct cis_shard s = cis_shard_of(count, k, n);

				assert_int_equal(s.first, end);
				assert_true(s.end >= s.first);
				for (uint32_t i = s.first; i < s.end; i++)
					assert_int_equal(
						(uint64_t)i * n / count, k - 1);
				end = s.end;
			}
			assert_int_equal(end, count);
		}
	}
}

/* i/count of the period; 1000 PMUs at 50 frames/s are 20 us apart. */
static void each_stream_has_its_own_slot(void **state)
{
	struct cis_schedule s = make(1000, true, 50, 1);

	(void)state;
	for (uint32_t i = 0; i < 1000; i++)
		assert_int_equal(
			cis_time_diff_ns(cis_schedule_slot(&s, s.at, i),
					 at_ns(0)),
			INT64_C(20000) * i);
	s.spread = false;
	assert_int_equal(
		cis_time_diff_ns(cis_schedule_slot(&s, s.at, 999), at_ns(0)),
		0);
}

/* One nanosecond before its slot a frame is not due, at its slot it is. */
static void a_frame_is_due_at_its_slot_and_not_before(void **state)
{
	struct cis_schedule s = make(4, true, 50, 2);
	struct cis_due due;

	(void)state;
	assert_false(cis_schedule_take(&s, at_ns(-1), 10, &due));
	assert_true(cis_schedule_take(&s, at_ns(0), 10, &due));
	assert_int_equal(due.first, 0);
	assert_int_equal(due.n, 1);
	assert_int_equal(cis_time_diff_ns(cis_schedule_next(&s), at_ns(0)),
			 5000000);
	assert_false(cis_schedule_take(&s, at_ns(4999999), 10, &due));
	assert_true(cis_schedule_take(&s, at_ns(14999999), 10, &due));
	assert_int_equal(due.first, 1);
	assert_int_equal(due.n, 2);
	assert_true(cis_schedule_take(&s, at_ns(20000000), 10, &due));
	assert_int_equal(due.first, 3);
	assert_int_equal(due.n, 1);
	assert_true(cis_schedule_take(&s, at_ns(20000000), 10, &due));
	assert_int_equal(due.at.k, 1);
	assert_int_equal(due.n, 1);
	assert_true(cis_schedule_take(&s, forever, 10, &due));
	assert_int_equal(due.n, 3);
	assert_true(cis_schedule_is_over(&s));
	assert_false(cis_schedule_take(&s, forever, 10, &due));
}

static void a_burst_is_due_at_once(void **state)
{
	struct cis_schedule s = make(20000, false, 50, 2);
	struct cis_due due;

	(void)state;
	assert_true(cis_schedule_take(&s, at_ns(0), UINT32_MAX, &due));
	assert_int_equal(due.n, 20000);
	assert_false(cis_schedule_take(&s, at_ns(19999999), UINT32_MAX, &due));
	assert_true(cis_schedule_take(&s, at_ns(20000000), 6, &due));
	assert_int_equal(due.n, 6);
	assert_true(cis_schedule_take(&s, at_ns(20000000), 6, &due));
	assert_int_equal(due.first, 6);
}

/* However it is asked, every frame comes once: by instant, then by stream. */
static void every_frame_comes_once_and_in_order(void **state)
{
	static const uint32_t rates[] = {1, 50, 60, 240};
	struct cis_due due;

	(void)state;
	for (size_t r = 0; r < 4; r++) {
		struct cis_schedule s = make(7, true, rates[r], rates[r]);
		struct cis_instant at = s.at;
		uint64_t n = 0;
		int64_t t = 0;

		while (!cis_schedule_is_over(&s)) {
			while (cis_schedule_take(&s, at_ns(t), 3, &due)) {
				assert_int_equal(due.first, n % 7);
				assert_int_equal(cis_instant_diff(due.at, at),
						 n / 7);
				n += due.n;
			}
			t += 1234567;
		}
		assert_int_equal(n, 7 * rates[r]);
	}
}

/* What the shards send, each in the slots of the whole, is what the whole does. */
static void shards_make_up_the_whole(void **state)
{
	struct cis_schedule whole = make(10, true, 50, 3);
	struct cis_schedule part[3];
	struct cis_due a, b;

	(void)state;
	for (uint32_t k = 0; k < 3; k++) {
		part[k] = whole;
		part[k].shard = cis_shard_of(10, k + 1, 3);
		cis_schedule_begin(&part[k], at_ns(0), 3);
	}
	while (cis_schedule_take(&whole, forever, 1, &a)) {
		unsigned k = a.first * 3 / 10;

		assert_true(cis_schedule_take(&part[k], forever, 1, &b));
		assert_int_equal(a.first, b.first);
		assert_int_equal(cis_instant_diff(a.at, b.at), 0);
		assert_int_equal(
			cis_time_diff_ns(
				cis_schedule_slot(&whole, a.at, a.first),
				cis_schedule_slot(&part[k], b.at, b.first)),
			0);
	}
	for (unsigned k = 0; k < 3; k++)
		assert_true(cis_schedule_is_over(&part[k]));
}

static void an_empty_shard_is_over_at_once(void **state)
{
	struct cis_schedule s = {.rate = {50, 1}, .count = 2, .spread = true};
	struct cis_due due;

	(void)state;
	s.shard = cis_shard_of(2, 2, 5);
	cis_schedule_begin(&s, at_ns(0), 10);
	assert_int_equal(s.shard.first, s.shard.end);
	assert_true(cis_schedule_is_over(&s));
	assert_false(cis_schedule_take(&s, forever, 1, &due));
}

/* Ten periods of three streams, and those of the eleventh that are past. */
static void what_was_missed_is_left_out_and_counted(void **state)
{
	struct cis_schedule s = make(3, true, 10, 100);

	(void)state;
	assert_int_equal(cis_schedule_skip(&s, at_ns(1050000000)), 32);
	assert_int_equal(s.next, 2);
	assert_int_equal(s.n_left, 90);
	cis_schedule_back(&s, at_ns(500000000));
	assert_int_equal(s.at.k, 5);
	assert_int_equal(s.next, 0);
	assert_int_equal(s.n_left, 90);
}

/* Half a minute between frames: the slots are spread over all of it. */
static void seconds_per_frame_have_slots_too(void **state)
{
	struct cis_schedule s = {
		.rate = {1, 30}, .count = 20000, .shard = {0, 20000}};

	(void)state;
	s.spread = true;
	cis_schedule_begin(&s, at_ns(0), 1);
	assert_int_equal(cis_utc_from_tai(s.at.tai_s).soc % 30, 0);
	assert_int_equal(cis_time_diff_ns(cis_schedule_slot(&s, s.at, 19999),
					  cis_instant_time(s.at)),
			 INT64_C(19999) * 1500000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_shard_has_the_streams_of_its_share),
		cmocka_unit_test(each_stream_has_its_own_slot),
		cmocka_unit_test(a_frame_is_due_at_its_slot_and_not_before),
		cmocka_unit_test(a_burst_is_due_at_once),
		cmocka_unit_test(every_frame_comes_once_and_in_order),
		cmocka_unit_test(shards_make_up_the_whole),
		cmocka_unit_test(an_empty_shard_is_over_at_once),
		cmocka_unit_test(what_was_missed_is_left_out_and_counted),
		cmocka_unit_test(seconds_per_frame_have_slots_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
