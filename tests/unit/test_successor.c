/*
 * test_successor.c - makers that take the place of others: CFGCNT, table 9 of
 * C37.118.2, counts the changes; PHUNIT, table 10, is the value of a last place
 * of integers.
 */
#include <string.h>

#include "fleet.h"
#include "host/sim/fleet.h"
#include "host/sim/successor.h"

#define PMUS 3
#define RATE 50

enum { FLOATS = 0xF, INTEGERS = 0x1 };

struct made {
	struct cis_scenario *scenario;
	struct cis_maker *m;
};

struct shape {
	const char *keys;
	uint16_t format, n_analog;
	const struct cis_event *event; /* or NULL */
	bool concentrated;
};

static struct made make(const struct shape *shape)
{
	struct made made = {
		fleet_of(shape->keys, PMUS, !!shape->event, shape->event),
		NULL};
	const struct cis_fleet fleet = {
		.scenario = made.scenario,
		.count = PMUS,
		.stream = {.idcode = 1,
			   .station = "A-SIM",
			   .format = shape->format,
			   .rate = {RATE, 1},
			   .fnom_hz = 50,
			   .version = 1,
			   .edition = 2011},
		.n_analog = shape->n_analog,
		.t0_stays = true,
	};
	struct cis_diag diag = {""};

	if ((shape->concentrated ? cis_maker_concentrated
				 : cis_maker_fleet)(&fleet, &made.m, &diag))
		fail_msg("%s", diag.msg);
	made.m->ops->begin(made.m, instant_of(0, 0, RATE));
	return made;
}

static void end(struct made *made)
{
	made->m->ops->free(made->m);
	cis_scenario_free(made->scenario);
}

static struct cis_succession follow(const struct made *old,
				    const struct made *fresh, int64_t s)
{
	const struct cis_succession succession = {
		.old = old->m,
		.fresh = fresh->m,
		.shard = {0, old->m->n_stream},
		.last = instant_of(s - 1, RATE - 1, RATE),
		.at = instant_of(s, 0, RATE),
	};

	cis_succession_keep_scales(&succession);
	return succession;
}

static uint16_t count_of(const struct made *made, uint32_t i, uint16_t k,
			 int64_t s)
{
	return made->m->ops->config(made->m, i, instant_of(s, 0, RATE))
		->pmu[k]
		.cfgcnt;
}

static uint32_t edition_of(const struct made *made, uint32_t i, int64_t s)
{
	return made->m->ops->edition(made->m, i, instant_of(s, 0, RATE));
}

static void counts_go_on_where_something_is_described_anew(void **state)
{
	const struct shape a = {"v=100", FLOATS, 0, NULL, false},
			   b = {"v=50 f=51", FLOATS, 0, NULL, false},
			   c = {"v=50", FLOATS, 1, NULL, false};
	struct made old = make(&a), same = make(&b), other = make(&c);
	struct cis_succession s;

	(void)state;
	old.m->ops->set_count(old.m, 1, 0, instant_of(9, 0, RATE), 65535);
	s = follow(&old, &same, 10);
	assert_int_equal(cis_succession_differs(&s), 0);
	assert_int_equal(cis_succession_count(&s), 0);
	s = follow(&same, &other, 20);
	assert_int_equal(cis_succession_differs(&s), PMUS);
	assert_int_equal(cis_succession_count(&s), PMUS);
	for (uint32_t i = 0; i < PMUS; i++) {
		assert_int_equal(count_of(&same, i, 0, 10), i == 1 ? 65535 : 0);
		assert_int_equal(edition_of(&same, i, 10),
				 edition_of(&old, i, 9));
		assert_int_equal(count_of(&other, i, 0, 20), i == 1 ? 0 : 1);
		assert_int_not_equal(edition_of(&other, i, 20),
				     edition_of(&same, i, 19));
	}
	end(&old);
	end(&same);
	end(&other);
}

/* PMU 2 alone is in a change of its own when the rest comes to look like it. */
static void pmus_that_stay_as_they_are_do_not_count(void **state)
{
	struct cis_event event = event_of(CIS_EVENT_CONFIG, 5);
	const struct shape a = {"v=100", FLOATS, 0, &event, false},
			   b = {"v=100", FLOATS, 2, NULL, false};
	struct made old, fresh;
	struct cis_succession s;

	(void)state;
	event.pmus = set_of("2");
	event.config.to.n_analog = 2;
	old = make(&a);
	fresh = make(&b);
	s = follow(&old, &fresh, 10);
	assert_int_equal(cis_succession_count(&s), 2);
	for (uint32_t i = 0; i < PMUS; i++)
		assert_int_equal(count_of(&fresh, i, 0, 10), 1);
	assert_int_equal(edition_of(&fresh, 1, 10), edition_of(&old, 1, 9));
	cis_pmu_set_free(&event.pmus);
	end(&old);
	end(&fresh);
}

/* Changes of the fresh scenario before it begins are no news; later ones are. */
static void events_count_on_from_there(void **state)
{
	struct cis_event event = event_of(CIS_EVENT_CONFIG, 5);

	(void)state;
	event.every_s = 10;
	event.for_s = 5;
	event.config.to.n_analog = 2;
	for (unsigned i = 0; i < 2; i++) {
		const struct shape a = {"v=100", FLOATS, 0, NULL, i},
				   b = {"v=100", FLOATS, 1, &event, i};
		struct made old = make(&a), fresh = make(&b);
		uint32_t last = i ? 0 : PMUS - 1;
		uint16_t k = i ? PMUS - 1 : 0;
		struct cis_succession s;

		old.m->ops->set_count(old.m, last, k, instant_of(0, 0, RATE),
				      7);
		s = follow(&old, &fresh, 1001);
		assert_int_equal(cis_succession_count(&s), PMUS);
		assert_int_equal(count_of(&fresh, last, k, 1001), 8);
		assert_int_equal(count_of(&fresh, last, k, 1005), 9);
		assert_int_equal(count_of(&fresh, last, k, 1010), 10);
		assert_int_not_equal(edition_of(&fresh, last, 1005),
				     edition_of(&fresh, last, 1001));
		end(&old);
		end(&fresh);
	}
}

static void integers_keep_a_scale_that_fits(void **state)
{
	static const struct {
		const char *keys;
		uint16_t format;
		bool differs;
	} cases[] = {
		{"v=100", INTEGERS, false},      {"v=50", INTEGERS, false},
		{"v=10", INTEGERS, false},       {"v=9", INTEGERS, true},
		{"v=100.1", INTEGERS, true},     {"v=9", FLOATS, false},
		{"v=1e5", FLOATS, false},        {"v=100 i=4", INTEGERS, false},
		{"v=100 i=500", INTEGERS, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct shape a = {"v=100 i=5", cases[i].format, 0, NULL,
					false},
				   b = {cases[i].keys, cases[i].format, 0, NULL,
					false};
		struct made old = make(&a), fresh = make(&b);
		struct cis_succession s = follow(&old, &fresh, 10);

		if (!!cis_succession_differs(&s) != cases[i].differs)
			fail_msg("%s", cases[i].keys);
		end(&old);
		end(&fresh);
	}
}

/* Integers that an event will bring need their scale from the beginning. */
static void a_scale_fits_what_events_bring(void **state)
{
	struct cis_event event = event_of(CIS_EVENT_CONFIG, 100);
	const struct shape a = {"v=100", FLOATS, 0, NULL, false},
			   b = {"v=5000", FLOATS, 0, &event, false};
	struct made old, fresh;
	struct cis_succession s;

	(void)state;
	event.config.to.format = INTEGERS;
	old = make(&a);
	fresh = make(&b);
	s = follow(&old, &fresh, 10);
	assert_int_equal(cis_succession_differs(&s), PMUS);
	end(&old);
	end(&fresh);
}

static void bits_of_stat_may_be_set_besides(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		const struct shape a = {"v=100", FLOATS, 0, NULL, i};
		struct made made = make(&a);
		const struct cis_instant at = instant_of(3, 0, RATE);
		uint8_t buf[2000];

		for (unsigned on = 0; on < 3; on++) {
			made.m->ops->set_stat(
				made.m, on == 1 ? CIS_C37_STAT_CFG_CHANGE : 0);
			assert_true(made.m->ops->frame(made.m, 0, at, buf,
						       sizeof(buf)) > 0);
			assert_int_equal(buf[14] & 0x04, on == 1 ? 0x04 : 0);
		}
		end(&made);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			counts_go_on_where_something_is_described_anew),
		cmocka_unit_test(pmus_that_stay_as_they_are_do_not_count),
		cmocka_unit_test(events_count_on_from_there),
		cmocka_unit_test(integers_keep_a_scale_that_fits),
		cmocka_unit_test(a_scale_fits_what_events_bring),
		cmocka_unit_test(bits_of_stat_may_be_set_besides),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
