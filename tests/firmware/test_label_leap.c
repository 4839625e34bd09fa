/* test_label_leap.c - leap seconds, announced and not, whatever a receiver says. */
#include "firmware/core/link.h"
#include "label_seconds.h"

/* 2027-01-01 00:00:00. */
#define YEAR_S INT64_C(1798761600)

/* How a receiver shows an inserted second, from 23:59:59 on. */
static const struct fe_second shown[][4] = {
	{{YEAR_S - 1, false},
	 {YEAR_S - 1, true},
	 {YEAR_S, false},
	 {YEAR_S + 1, false}},
	{{YEAR_S - 1, false},
	 {YEAR_S - 1, false},
	 {YEAR_S, false},
	 {YEAR_S + 1, false}},
	{{YEAR_S - 1, false},
	 {YEAR_S, false},
	 {YEAR_S, false},
	 {YEAR_S + 1, false}},
};

static void an_announced_leap_second_is_counted(void **state)
{
	(void)state;
	for (int how = 0; how < 4; how++) {
		struct fe_label l = valid_at(YEAR_S - 10, true);

		assert_true(fe_label_set_leap(&l, YEAR_S));
		assert_int_equal(fe_label_leap(&l), YEAR_S);
		assert_int_equal(fe_label_flags(&l),
				 FE_FLAG_LABEL | FE_FLAG_LEAP_INSERT);
		assert_int_equal(run(&l, YEAR_S - 9, 8), FE_LABEL_NOTHING);
		for (int i = 0; i < 4; i++) {
			unsigned news =
				how < 3 ? named(&l, shown[how][i]) : pulse(&l);

			assert_int_equal(news, i == 1 ? FE_LABEL_LEAPT : 0);
			assert_true(l.valid);
			assert_int_equal(l.now.utc_s, shown[0][i].utc_s);
			assert_int_equal(l.now.leap, i == 1);
			assert_int_equal(fe_label_flags(&l) & FE_FLAG_IN_LEAP,
					 i == 1 ? FE_FLAG_IN_LEAP : 0);
		}
		assert_int_equal(l.leap_s, 1);
		assert_int_equal(fe_label_leap(&l), 0);
		assert_int_equal(run(&l, YEAR_S + 2, 20), FE_LABEL_NOTHING);
		assert_int_equal(fe_label_flags(&l), FE_FLAG_LABEL);
	}
}

static void an_announced_second_is_left_out(void **state)
{
	struct fe_label l = valid_at(YEAR_S - 10, true);

	(void)state;
	assert_true(fe_label_set_leap(&l, -YEAR_S));
	assert_int_equal(fe_label_leap(&l), -YEAR_S);
	assert_int_equal(fe_label_flags(&l),
			 FE_FLAG_LABEL | FE_FLAG_LEAP_DELETE);
	assert_int_equal(run(&l, YEAR_S - 9, 8), FE_LABEL_NOTHING);
	assert_int_equal(l.now.utc_s, YEAR_S - 2);
	assert_int_equal(named(&l, at(YEAR_S)), FE_LABEL_LEAPT);
	assert_int_equal(l.leap_s, -1);
	assert_int_equal(l.now.utc_s, YEAR_S);
	assert_int_equal(run(&l, YEAR_S + 1, 20), FE_LABEL_NOTHING);
	assert_int_equal(fe_label_flags(&l), FE_FLAG_LABEL);
}

/* Nobody said whether one comes: nothing wrong is ever valid. */
static void an_unannounced_leap_second_costs_the_label_for_seconds(void **state)
{
	(void)state;
	for (int how = 0; how < 3; how++) {
		struct fe_label l = valid_at(YEAR_S - 10, false);
		unsigned all = run(&l, YEAR_S - 9, 8);

		for (int i = 0; i < 20; i++) {
			struct fe_second truth = {YEAR_S - 2 + i, false};

			all |= i < 4 ? named(&l, shown[how][i])
				     : named(&l, at(truth.utc_s));
			if (l.valid)
				assert_int_equal(l.now.utc_s, truth.utc_s);
		}
		assert_int_equal(all, FE_LABEL_LOST | FE_LABEL_GAINED);
		assert_true(l.valid);
	}
}

static void an_unannounced_second_left_out_costs_it_as_well(void **state)
{
	struct fe_label l = valid_at(YEAR_S - 10, false);
	unsigned all = run(&l, YEAR_S - 9, 8);

	(void)state;
	for (int i = 0; i < 20; i++) {
		all |= named(&l, at(YEAR_S + i));
		if (l.valid)
			assert_int_equal(l.now.utc_s, YEAR_S + i);
	}
	assert_int_equal(all, FE_LABEL_LOST | FE_LABEL_GAINED);
	assert_true(l.valid);
}

static void without_a_leap_second_a_month_ends_the_same_way(void **state)
{
	struct fe_label l = valid_at(YEAR_S - 10, false);

	(void)state;
	assert_int_equal(run(&l, YEAR_S - 9, 8), FE_LABEL_NOTHING);
	assert_int_equal(named(&l, at(YEAR_S - 1)), FE_LABEL_LOST);
	assert_int_equal(run(&l, YEAR_S, 3), FE_LABEL_NOTHING);
	assert_int_equal(named(&l, at(YEAR_S + 3)), FE_LABEL_GAINED);
	assert_int_equal(l.now.utc_s, YEAR_S + 3);
}

/* What was said ends before the month does, with it, or not yet; the same where it
 * was withdrawn. */
static void what_was_said_holds_until_it_ends(void **state)
{
	static const struct {
		int64_t till;
		bool holds;
	} cases[] = {{0, true},           {YEAR_S, true},
		     {YEAR_S - 1, false}, {YEAR_S - 5, false},
		     {1, false},          {YEAR_S + 86400, true}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fe_label l = valid_at(YEAR_S - 10, true);
		unsigned all;

		l.leap_till = cases[i].till;
		all = run(&l, YEAR_S - 9, 15);
		assert_int_equal(all, cases[i].holds ? FE_LABEL_NOTHING
						     : FE_LABEL_LOST |
							       FE_LABEL_GAINED);
	}
}

static void a_leap_second_that_was_withdrawn_is_not_counted(void **state)
{
	static const int64_t said[] = {YEAR_S, -YEAR_S};

	(void)state;
	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
		struct fe_label l = valid_at(YEAR_S - 10, true);

		assert_true(fe_label_set_leap(&l, said[i]));
		l.leap_till = YEAR_S;
		run(&l, YEAR_S - 9, 1);
		assert_int_equal(fe_label_leap(&l), said[i]);
		l.leap_till = 1;
		run(&l, YEAR_S - 8, 1);
		assert_int_equal(fe_label_leap(&l), 0);
		assert_int_equal(fe_label_flags(&l), FE_FLAG_LABEL);
		assert_int_equal(run(&l, YEAR_S - 7, 6), FE_LABEL_NOTHING);
		assert_int_equal(named(&l, at(YEAR_S - 1)), FE_LABEL_LOST);
		/* Said again, and for good. */
		l.leap_till = 0;
		assert_true(fe_label_set_leap(&l, 0));
		assert_int_equal(run(&l, YEAR_S, 6), FE_LABEL_GAINED);
	}
}

/* An announced one is counted where the list ends with it. */
static void what_is_said_holds_for_its_own_leap_second(void **state)
{
	struct fe_label l = valid_at(YEAR_S - 10, true);

	(void)state;
	assert_true(fe_label_set_leap(&l, YEAR_S));
	l.leap_till = YEAR_S;
	assert_int_equal(run(&l, YEAR_S - 9, 8), FE_LABEL_NOTHING);
	for (int i = 0; i < 4; i++)
		assert_int_equal(named(&l, shown[0][i]),
				 i == 1 ? FE_LABEL_LEAPT : FE_LABEL_NOTHING);
	assert_true(l.valid);
	assert_int_equal(l.now.utc_s, YEAR_S + 1);
}

/* The host was wrong: one second is named wrongly, then none is, and nothing
 * has jumped. */
static void a_wrong_announcement_is_found_out_in_the_next_second(void **state)
{
	static const struct {
		int64_t told;
		bool shown;
	} cases[] = {
		{0, true}, {YEAR_S, false}, {-YEAR_S, false}, {-YEAR_S, true}};

	(void)state;
	for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
		struct fe_label l = valid_at(YEAR_S - 10, true);
		unsigned all = 0, n_wrong = 0;

		assert_true(fe_label_set_leap(&l, cases[c].told));
		for (int i = 1; i < 40; i++) {
			struct fe_second truth = at(YEAR_S - 10 + i);

			if (cases[c].shown && i >= 10)
				truth.utc_s--;
			truth.leap = cases[c].shown && i == 10;
			all |= named(&l, truth);
			n_wrong += l.valid && (l.now.utc_s != truth.utc_s ||
					       l.now.leap != truth.leap);
		}
		all &= ~(unsigned)FE_LABEL_LEAPT;
		assert_int_equal(all, FE_LABEL_LOST | FE_LABEL_GAINED);
		assert_true(l.valid);
		assert_in_range(n_wrong, 1, 2);
	}
}

/* Elsewhere a second 60 is a wrong name as any other. */
static void a_leap_second_far_from_here_is_refused(void **state)
{
	static const struct fe_second none[] = {{YEAR_S - 1, true},
						{1793491199, true}};

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		struct fe_label l = valid_at(DAY_S, true);
		unsigned n = 0;

		assert_int_equal(named_counted(&l, none[i], &n),
				 FE_LABEL_NOTHING);
		assert_int_equal(run_counted(&l, DAY_S + 2, 20, &n),
				 FE_LABEL_NOTHING);
		assert_true(l.valid);
		assert_int_equal(n, 1);
	}
}

/* Sooner it is a leap second's doubt, later a wrong name as any other. */
static void a_month_that_began_long_ago_is_no_doubt(void **state)
{
	static const int begun_s[] = {-1, 0, 9, 10, 11, 3600};

	(void)state;
	for (size_t i = 0; i < sizeof(begun_s) / sizeof(begun_s[0]); i++) {
		struct fe_label l = valid_at(YEAR_S + begun_s[i] - 1, true);
		unsigned news = named(&l, at(YEAR_S + begun_s[i] + 1));

		news |= pulse(&l);
		assert_int_equal(news, begun_s[i] < 10 ? FE_LABEL_LOST
						       : FE_LABEL_NOTHING);
	}
}

static void a_leap_second_is_announced_for_a_months_beginning(void **state)
{
	static const int64_t none[] = {
		YEAR_S - 86400, YEAR_S + 86400, DAY_S,    YEAR_S + 1,
		4102531200,     INT64_MAX,      INT64_MIN};
	struct fe_label l = valid_at(DAY_S, true);

	(void)state;
	assert_true(fe_label_set_leap(&l, YEAR_S));
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		assert_false(fe_label_set_leap(&l, none[i]));
		if (none[i] > INT64_MIN)
			assert_false(fe_label_set_leap(&l, -none[i]));
	}
	/* 2026-11-01 is over */
	assert_false(fe_label_set_leap(&l, 1793491200));
	assert_int_equal(fe_label_leap(&l), YEAR_S);
	fe_label_forget(&l);
	assert_int_equal(fe_label_leap(&l), YEAR_S);
	/* not known to be over; it is, once the label is valid */
	assert_true(fe_label_set_leap(&l, 1793491200));
	assert_int_equal(run(&l, DAY_S, 5), FE_LABEL_GAINED);
	assert_int_equal(fe_label_leap(&l), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_announced_leap_second_is_counted),
		cmocka_unit_test(an_announced_second_is_left_out),
		cmocka_unit_test(
			an_unannounced_leap_second_costs_the_label_for_seconds),
		cmocka_unit_test(
			an_unannounced_second_left_out_costs_it_as_well),
		cmocka_unit_test(
			without_a_leap_second_a_month_ends_the_same_way),
		cmocka_unit_test(what_was_said_holds_until_it_ends),
		cmocka_unit_test(
			a_leap_second_that_was_withdrawn_is_not_counted),
		cmocka_unit_test(what_is_said_holds_for_its_own_leap_second),
		cmocka_unit_test(
			a_wrong_announcement_is_found_out_in_the_next_second),
		cmocka_unit_test(a_leap_second_far_from_here_is_refused),
		cmocka_unit_test(a_month_that_began_long_ago_is_no_doubt),
		cmocka_unit_test(
			a_leap_second_is_announced_for_a_months_beginning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
