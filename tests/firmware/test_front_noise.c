/*
 * test_front_noise.c - whatever comes on its lines, the front end loses no edge
 * and doubles none, unless it tells so.
 */
#include "check.h"

#include <stdio.h>

#include "tests/firmware/rig.h"

/* Ten minutes of noise on both lines, at the speed of each. */
static void random_bytes_on_both_lines_move_no_edge(void **state)
{
	struct rig r;
	uint64_t n_edges;
	uint32_t noise = 1;

	(void)state;
	rig_init(&r, 18000, 0);
	assert_true(rig_lock(&r));
	rig_to_second(&r, 500);
	rig_clear(&r);
	n_edges = r.n_edges;
	for (int ms = 0; ms < 600000; ms++) {
		for (int i = 0; i < 12; i++) {
			noise = noise * 1664525 + 1013904223;
			fe_front_on_host_byte(&r.front, (uint8_t)(noise >> 24));
			if (i == 0)
				fe_front_on_gps_byte(&r.front,
						     (uint8_t)(noise >> 16));
		}
		rig_ms(&r, 1);
	}
	/* 600 s of the rig's timer are 600 - 0.018 of its pulses. */
	assert_in_range(r.n_edges - n_edges, 600 * 18000 - 325,
			600 * 18000 - 323);
	assert_int_equal(r.n_odd, 0);
	assert_int_equal(r.n_idle, 0);
	assert_int_equal(r.n_bad, 0);
	assert_int_equal(r.n_events[FE_EVENT_UNDERRUN], 0);
	assert_int_equal(r.n_events[FE_EVENT_STEP], 0);
	assert_in_range(r.n_events[FE_EVENT_LINE_BAD], 599, 602);
	assert_in_range(r.n_events[FE_EVENT_NMEA_BAD], 500, 602);
	assert_int_equal(r.report.state, FE_STATE_LOCKED);
}

/* ---- whatever comes ---- */

static uint32_t draw(uint32_t *seed, uint32_t below)
{
	*seed = *seed * 1664525 + 1013904223;
	return (uint32_t)((uint64_t)*seed * below >> 32);
}

/* Something happens to pulses, sentences or the host's line. */
static void disturb(struct rig *r, uint32_t *seed)
{
	char text[80];

	switch (draw(seed, 14)) {
	case 0:
		r->no_pulses = !r->no_pulses;
		break;
	case 1:
		r->no_sentences = !r->no_sentences;
		break;
	case 2: /* anything up to a second away */
		r->pulse += draw(seed, RIG_TICK_HZ);
		break;
	case 3: /* within what is slewed */
		r->pulse += draw(seed, RIG_TICK_HZ / 2000);
		break;
	case 4: /* another oscillator, up to 300 ppm off */
		r->second_ticks = RIG_TICK_HZ - 25200 + draw(seed, 50400);
		break;
	case 5: /* a storm */
		for (int i = 0; i < 30; i++) {
			fe_front_on_pulse(&r->front, (uint32_t)r->now);
			rig_ms(r, draw(seed, 40));
		}
		break;
	case 6:
		fe_front_on_pulse(&r->front, draw(seed, UINT32_MAX));
		break;
	case 7:
		/* One behind, after silence, would never be believed. */
		r->gps.start_utc_s += draw(seed, 3);
		break;
	case 8:
		snprintf(text, sizeof(text), "PSYN,START,%u,%lld",
			 draw(seed, 65536),
			 (long long)(rig_utc_s(r) + draw(seed, 5)));
		rig_say(r, text);
		break;
	case 9:
		snprintf(text, sizeof(text), "PSYN,SET,%u,delay_ns,%u",
			 draw(seed, 65536), draw(seed, 1000));
		rig_say(r, text);
		break;
	case 10: /* within the ring's depth */
		rig_stall(r, draw(seed, 11000));
		break;
	case 11:
		r->deaf = !r->deaf;
		break;
	default:
		break;
	}
}

/*
 * 18000 edges a second, each a period after the one before, and a report of
 * each second: unless a step was told.
 */
static void no_edge_is_lost_or_doubled_but_where_it_is_told(void **state)
{
	uint32_t seed = 20260101;
	struct rig r;
	bool stepped = true;

	(void)state;
	rig_init(&r, 18000, 0xff000000);
	for (int i = 0; i < 4000; i++) {
		uint64_t n_edges = r.n_edges;
		uint32_t ms = draw(&seed, 1500);
		unsigned n_reports;

		disturb(&r, &seed);
		n_edges = r.n_edges;
		n_reports = r.n_reports;
		rig_ms(&r, ms);
		if (r.n_odd) {
			/* It is told when the second has begun. */
			r.deaf = false;
			rig_ms(&r, 200);
			assert_true(r.n_events[FE_EVENT_STEP] > 0);
			stepped = true;
		} else if (!stepped) {
			/* 200 ppm, and one on either side. */
			uint64_t want = (uint64_t)ms * 18;

			assert_in_range(r.n_edges - n_edges + 8, want,
					want + 16);
			if (!r.deaf && ms > 200)
				assert_true(r.report.edges == 18000);
			if (!r.deaf && ms > 1200)
				assert_true(r.n_reports > n_reports);
		} else {
			rig_ms(&r, 2200);
			stepped = false;
		}
		assert_int_equal(r.n_idle, 0);
		assert_int_equal(r.n_events[FE_EVENT_UNDERRUN], 0);
		assert_int_equal(r.n_bad, 0);
		rig_clear(&r);
	}
	/* And it finds back, by 1 us/s where it is 1 ms off. */
	r.no_pulses = r.no_sentences = r.deaf = false;
	r.second_ticks = RIG_TICK_HZ + 2520;
	rig_ms(&r, 1200000);
	assert_true(rig_lock(&r));
	assert_int_equal(r.report.utc_s, rig_utc_s(&r));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_bytes_on_both_lines_move_no_edge),
		cmocka_unit_test(
			no_edge_is_lost_or_doubled_but_where_it_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
