/*
 * test_handover.c - what interrupt and main loop hand to one another, with a
 * thread in the interrupt's place: that may come between any two instructions,
 * and stay away as well.
 */
#include "check.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "firmware/core/bytes.h"
#include "firmware/core/edges.h"

enum { COUNT = 300000, STEP = 1000, SAME_HIGH = 300 };

/* Of bytes and pulses, of which some are lost: no more will come. */
struct stream {
	union {
		struct fe_bytes bytes;
		struct fe_pulses pulses;
	};
	atomic_bool ended;
};

static bool has_ended(struct stream *s)
{
	sched_yield();
	return atomic_load(&s->ended);
}

static void run(void *(*interrupt)(void *), void *with, void *(*loop)(void *))
{
	pthread_t thread;
	void *wrong;

	assert_int_equal(pthread_create(&thread, NULL, interrupt, with), 0);
	assert_null(loop(with));
	assert_int_equal(pthread_join(thread, &wrong), 0);
	assert_null(wrong);
}

/* ---- bytes: 1 to 255, over and over ---- */

static void *put_bytes(void *with)
{
	struct stream *s = with;

	for (uint32_t i = 0; i < COUNT; i++) {
		fe_bytes_put(&s->bytes, (uint8_t)(i % 255 + 1));
		if (i % 100 == 0)
			sched_yield();
	}
	atomic_store(&s->ended, true);
	return NULL;
}

/* In order, unless it is told that some are lost. */
static void *take_bytes(void *with)
{
	struct stream *s = with;
	uint8_t last = 0, byte = 0;
	bool ended;

	do {
		ended = has_ended(s);
		while (fe_bytes_take(&s->bytes, &byte)) {
			if (byte && last && byte != last % 255 + 1)
				return with;
			last = byte;
		}
	} while (!ended);
	return NULL;
}

static void bytes_are_in_order_or_told_as_lost(void **state)
{
	struct stream s = {.ended = false};

	(void)state;
	fe_bytes_init(&s.bytes);
	run(put_bytes, &s, take_bytes);
}

/* ---- edges: the interrupt takes them ---- */

static void *take_edges(void *with)
{
	struct fe_edges *e = with;
	uint32_t tick;

	for (uint32_t i = 0; i < COUNT; i++) {
		while (!fe_edges_take(e, i * STEP - STEP, &tick))
			sched_yield();
		if (tick != i * STEP ||
		    fe_edges_high(e) != i / SAME_HIGH * SAME_HIGH)
			return with;
	}
	return fe_edges_count(e) ? with : NULL;
}

static void *put_edges(void *with)
{
	for (uint32_t i = 0; i < COUNT; i++) {
		if (i % SAME_HIGH == 0)
			fe_edges_set_high(with, i);
		while (!fe_edges_put(with, i * STEP, i % 100 == 0))
			sched_yield();
		if (fe_edges_whole(with) % 100)
			return with;
	}
	return NULL;
}

static void edges_are_in_order_with_their_lengths(void **state)
{
	struct fe_edges e;

	(void)state;
	fe_edges_init(&e, STEP / 2);
	run(take_edges, &e, put_edges);
	assert_int_equal(fe_edges_whole(&e), 100);
}

/* ---- pulses ---- */

static void *put_pulses(void *with)
{
	struct stream *s = with;

	for (uint32_t i = 1; i <= COUNT; i++) {
		fe_pulses_put(&s->pulses, i);
		if (i % 5 == 0)
			sched_yield();
	}
	atomic_store(&s->ended, true);
	return NULL;
}

static void *take_pulses(void *with)
{
	struct stream *s = with;
	uint32_t tick = 0, last = 0;
	bool ended;

	do {
		ended = has_ended(s);
		while (fe_pulses_take(&s->pulses, &tick)) {
			if (tick <= last)
				return with;
			last = tick;
		}
	} while (!ended);
	return last ? NULL : with;
}

static void pulses_are_in_order(void **state)
{
	struct stream s = {.ended = false};

	(void)state;
	fe_pulses_init(&s.pulses);
	run(put_pulses, &s, take_pulses);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_are_in_order_or_told_as_lost),
		cmocka_unit_test(edges_are_in_order_with_their_lengths),
		cmocka_unit_test(pulses_are_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
