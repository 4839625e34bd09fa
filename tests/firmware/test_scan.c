/*
 * test_scan.c - the scan clock as it is steered. Edges are compared with where
 * they belong in 128 bits: a second is cut evenly, before and after it is given
 * another length.
 */
#include "check.h"

#include "firmware/core/scan.h"

#define ONE     (UINT64_C(1) << 32)
#define TICK_HZ UINT64_C(84000000)

__extension__ typedef __int128 wide;

/* A scan clock whose edges are all taken as soon as they are in the ring. */
struct run {
	struct fe_scan scan;
	uint64_t now_q32;
	uint32_t last;
	uint32_t n; /* edges */
	uint32_t min_ticks, max_ticks;
};

static void take(struct run *r, uint32_t *tick)
{
	uint32_t ticks;

	/* Who asks is at the edge before; here all are ahead of now. */
	assert_true(fe_edges_take(&r->scan.edges, (uint32_t)(r->now_q32 >> 32),
				  tick));
	ticks = *tick - r->last;
	if (r->n && ticks < r->min_ticks)
		r->min_ticks = ticks;
	if (r->n && ticks > r->max_ticks)
		r->max_ticks = ticks;
	r->last = *tick;
	r->n++;
}

static void init(struct run *r, uint32_t rate_hz)
{
	*r = (struct run){.now_q32 = 0xffffff00 * ONE, .min_ticks = UINT32_MAX};
	fe_scan_init(&r->scan, TICK_HZ, rate_hz, r->now_q32);
}

static void go_on(struct run *r)
{
	r->now_q32 += TICK_HZ / 1000 * ONE;
	fe_scan_fill(&r->scan, r->now_q32);
}

/* One second to come after the other, its edges taken one by one. */
static void check_second(struct run *r, uint64_t edge0_q32, uint64_t from_q32,
			 uint64_t to_q32)
{
	uint32_t rate_hz = r->scan.rate_hz;
	uint64_t at_q32 = edge0_q32;

	for (uint32_t k = 0; k < rate_hz; k++) {
		uint32_t tick;
		int64_t off;

		while (!fe_edges_count(&r->scan.edges))
			go_on(r);
		take(r, &tick);
		off = (int64_t)(((uint64_t)tick << 32) - at_q32);
		/* Half a tick, and what 1 / rate_hz units of it leave. */
		check_close((double)off / (double)ONE, 0, 0.5 + 1e-6);
		at_q32 = edge0_q32;
		if (k + 1 <= rate_hz / 8)
			at_q32 +=
				(uint64_t)((wide)from_q32 * (k + 1) / rate_hz);
		else
			at_q32 += (uint64_t)((wide)from_q32 * (rate_hz / 8) /
					     rate_hz) +
				  (uint64_t)((wide)to_q32 *
					     (k + 1 - rate_hz / 8) / rate_hz);
	}
}

static void another_length_goes_from_an_eighth_of_a_second_on(void **state)
{
	static const uint32_t rates_hz[] = {18000, 50000, 17999, 64};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		uint64_t a = TICK_HZ * ONE;
		uint64_t b = a + 84 * ONE + 0x12345678; /* +1 us */
		uint64_t eighth = rates_hz[i] / 8;
		struct fe_scan_second c;
		struct run r;
		uint64_t edge0;

		init(&r, rates_hz[i]);
		edge0 = r.now_q32 + a / 100;
		fe_scan_steer(&r.scan, b);
		check_second(&r, edge0, a, b);
		assert_true(fe_scan_begun(&r.scan, r.now_q32, &c));
		assert_true(c.edge0_q32 == edge0);
		assert_false(c.aligned);
		while (!fe_edges_count(&r.scan.edges))
			go_on(&r);
		edge0 += (uint64_t)((wide)a * (wide)eighth / rates_hz[i]) +
			 (uint64_t)((wide)b * (wide)(rates_hz[i] - eighth) /
				    rates_hz[i]);
		check_close((double)(int64_t)(fe_scan_coming(&r.scan, 0)
						      ->edge0_q32 -
					      edge0),
			    0, 2);
	}
}

/* Wherever in a period it falls, at any rate. */
static void an_edge_0_is_put_where_it_is_asked_for(void **state)
{
	static const uint32_t rates_hz[] = {18000, 50000, 300, 2};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		uint64_t step = TICK_HZ * ONE / rates_hz[i];

		for (uint64_t part = 0; part < 16; part++) {
			struct fe_scan_second c = {.aligned = false};
			uint64_t at, second = (TICK_HZ + 2520) * ONE;
			struct run r;

			init(&r, rates_hz[i]);
			at = r.now_q32 + TICK_HZ * ONE / 5 + step * part / 16;
			fe_scan_align(&r.scan, at, second);
			while (!c.aligned) {
				uint32_t tick;

				while (fe_edges_count(&r.scan.edges))
					take(&r, &tick);
				go_on(&r);
				fe_scan_begun(&r.scan, r.now_q32, &c);
			}
			/* At 2 Hz the edge before is too near at 0.2 s. */
			while ((int64_t)(c.edge0_q32 - at) > 0)
				at += second;
			assert_true(c.edge0_q32 == at);
			assert_true(r.min_ticks >= step / ONE * 3 / 4 - 1);
			assert_true(r.max_ticks <= step / ONE * 7 / 4 + 1);
		}
	}
}

static void the_ring_is_full_for_12_ms_or_as_far_as_it_goes(void **state)
{
	static const struct {
		uint32_t rate_hz, n;
	} cases[] = {{50000, FE_EDGES_SIZE}, {18000, 46}, {1000, 4}, {1, 1}};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct run r;

		/* 12.5 ms ahead, of which there are none in the first 10. */
		init(&r, cases[i].rate_hz);
		assert_in_range(fe_edges_count(&r.scan.edges),
				cases[i].n < 126 ? cases[i].n : 126,
				cases[i].n + 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			another_length_goes_from_an_eighth_of_a_second_on),
		cmocka_unit_test(an_edge_0_is_put_where_it_is_asked_for),
		cmocka_unit_test(
			the_ring_is_full_for_12_ms_or_as_far_as_it_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
