/* test_delayed.c - waiting frames leave in the order of their times. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "host/sim/delayed.h"

static struct cis_delayed *delayed_of(double longest_s, double frames_per_s)
{
	struct cis_delayed_config cfg = {.longest_s = longest_s,
					 .frames_per_s = frames_per_s,
					 .frame_max = 64};
	struct cis_delayed *d = NULL;
	struct cis_diag diag = {""};

	if (cis_delayed_new(&cfg, &d, &diag))
		fail_msg("%s", diag.msg);
	return d;
}

/* The frame says which it was. */
static int put(struct cis_delayed *d, int64_t due_ns, uint32_t which)
{
	uint8_t bytes[60];
	struct cis_delayed_frame f = {.due = {due_ns},
				      .stream = which,
				      .len = 4 + which % 57,
				      .frame = bytes};

	memset(bytes, (int)(which & 0xFF), sizeof(bytes));
	return cis_delayed_put(d, &f);
}

static void check_bytes(const struct cis_delayed_frame *f)
{
	assert_int_equal(f->len, 4 + f->stream % 57);
	for (size_t i = 0; i < f->len; i++)
		assert_int_equal(f->frame[i], f->stream & 0xFF);
}

static void frames_leave_by_due_time_then_by_their_coming(void **state)
{
	enum { SIZE = 1001, N = 20000 };
	struct cis_delayed *d = delayed_of(1, SIZE - 1);
	unsigned rng = 1, came = 0, left = 0;
	int64_t newest_due = -1;
	uint32_t newest = 0;

	(void)state;
	while (left < N) {
		/* Times from `came` on, several frames at each. */
		for (; came < N && cis_delayed_count(d) < SIZE; came++) {
			rng = rng * 1103515245u + 12345u;
			assert_int_equal(
				put(d, came / 4 + (rng >> 16) % 50, came), 0);
		}
		if (came < N)
			assert_int_equal(put(d, 0, 0), -ENOBUFS);
		/* Those before the earliest that may come. */
		for (const struct cis_delayed_frame *f;
		     (f = cis_delayed_first(d)) &&
		     (came == N || f->due.tai_ns < (int64_t)came / 4);
		     left++) {
			assert_true(f->due.tai_ns >= newest_due);
			if (f->due.tai_ns == newest_due)
				assert_true(f->stream > newest);
			newest_due = f->due.tai_ns;
			newest = f->stream;
			check_bytes(f);
			cis_delayed_pop(d);
		}
	}
	assert_null(cis_delayed_first(d));
	cis_delayed_pop(d);
	assert_int_equal(cis_delayed_count(d), 0);
	cis_delayed_free(d);
}

static void there_is_room_for_all_that_can_wait(void **state)
{
	struct cis_delayed_config cfg = {.longest_s = 0.1,
					 .frames_per_s = 50,
					 .at_once = 20,
					 .frame_max = 64};
	struct cis_delayed *d;

	(void)state;
	assert_int_equal(cis_delayed_new(&cfg, &d, NULL), 0);
	/* 5 in 0.1 s, and 20 more at its end. */
	for (uint32_t i = 0; i < 25; i++)
		assert_int_equal(put(d, 0, i), 0);
	cis_delayed_free(d);
}

static void frames_may_move_to_a_larger_room(void **state)
{
	struct cis_delayed *from = delayed_of(1, 10), *to;
	struct cis_delayed_config cfg = {
		.longest_s = 1, .frames_per_s = 10, .frame_max = 64};

	(void)state;
	assert_true(cis_delayed_has_room(from, &cfg));
	cfg.frames_per_s = 11;
	assert_false(cis_delayed_has_room(from, &cfg));
	cfg.frames_per_s = 10;
	cfg.frame_max = 65;
	assert_false(cis_delayed_has_room(from, &cfg));
	assert_int_equal(cis_delayed_new(&cfg, &to, NULL), 0);
	put(to, 15, 100);
	/* Two of each time: they stay in the order of their coming. */
	for (uint32_t i = 0; i < 10; i++)
		assert_int_equal(put(from, 10 * (5 - i / 2), i), 0);
	cis_delayed_move(from, to);
	assert_int_equal(cis_delayed_count(from), 0);
	assert_int_equal(cis_delayed_count(to), 11);
	for (uint32_t i = 0; i < 11; i++) {
		const uint32_t order[] = {8, 9, 100, 6, 7, 4, 5, 2, 3, 0, 1};
		const struct cis_delayed_frame *f = cis_delayed_first(to);

		assert_int_equal(f->stream, order[i]);
		check_bytes(f);
		cis_delayed_pop(to);
	}
	cis_delayed_free(from);
	cis_delayed_free(to);
}

static void longer_frames_are_refused(void **state)
{
	struct cis_delayed *d = delayed_of(1, 10);
	uint8_t bytes[65] = {0};
	struct cis_delayed_frame f = {.len = 65, .frame = bytes};

	(void)state;
	assert_int_equal(cis_delayed_put(d, &f), -EMSGSIZE);
	f.len = 64;
	assert_int_equal(cis_delayed_put(d, &f), 0);
	cis_delayed_free(d);
}

static void too_much_memory_is_refused_with_a_reason(void **state)
{
	static const struct cis_delayed_config cases[] = {
		{.longest_s = 3600, .frames_per_s = 1e6, .frame_max = 100},
		{.longest_s = 1, .frames_per_s = 50, .frame_max = 100 << 20},
		{.longest_s = (double)INFINITY, .frames_per_s = 1},
		{.longest_s = (double)NAN, .frames_per_s = 1},
		{.longest_s = 1, .frames_per_s = 1e300, .frame_max = 100},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cis_delayed *d = NULL;
		struct cis_diag diag = {""};

		assert_int_equal(cis_delayed_new(&cases[i], &d, &diag),
				 -EINVAL);
		assert_non_null(strstr(diag.msg, "256 MiB are allowed"));
		assert_null(d);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_leave_by_due_time_then_by_their_coming),
		cmocka_unit_test(there_is_room_for_all_that_can_wait),
		cmocka_unit_test(frames_may_move_to_a_larger_room),
		cmocka_unit_test(longer_frames_are_refused),
		cmocka_unit_test(too_much_memory_is_refused_with_a_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
