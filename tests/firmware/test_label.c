/* test_label.c - which second it is, whatever a receiver says. Leap seconds are
 * in test_label_leap.c. */
#include "firmware/core/link.h"
#include "label_seconds.h"

static struct fe_nmea zda(struct fe_second s)
{
	return (struct fe_nmea){
		.kind = FE_NMEA_ZDA, .names = true, .second = s};
}

static struct fe_nmea gga(bool fix)
{
	return (struct fe_nmea){.kind = FE_NMEA_GGA,
				.fix = fix,
				.has_sats = true,
				.sats = fix ? 9 : 0};
}

static void four_seconds_make_a_label(void **state)
{
	struct fe_label l;

	(void)state;
	fe_label_init(&l);
	assert_int_equal(run(&l, DAY_S, 4), FE_LABEL_NOTHING);
	assert_false(l.valid);
	assert_int_equal(pulse(&l), FE_LABEL_GAINED);
	assert_true(l.valid);
	assert_int_equal(l.now.utc_s, DAY_S + 4);
	assert_int_equal(fe_label_flags(&l), FE_FLAG_LABEL);
}

static void before_that_one_that_differs_begins_anew(void **state)
{
	struct fe_label l;
	unsigned n = 0;

	(void)state;
	fe_label_init(&l);
	run_counted(&l, DAY_S, 3, &n);
	assert_int_equal(run_counted(&l, DAY_S + 1000, 4, &n),
			 FE_LABEL_NOTHING);
	assert_int_equal(pulse_counted(&l, &n), FE_LABEL_GAINED);
	assert_int_equal(l.now.utc_s, DAY_S + 1004);
	assert_int_equal(n, 1);
}

/* What a second hears, each second; what becomes of the label. */
static unsigned hear(const struct fe_nmea *n, int count, uint32_t ms,
		     bool moving)
{
	struct fe_label l;
	unsigned news = 0;

	fe_label_init(&l);
	for (int s = 0; s < 10; s++) {
		news |= pulse(&l);
		for (int i = 0; i < count; i++) {
			struct fe_nmea now = n[i];

			now.second.utc_s += moving ? s : 0;
			fe_label_nmea(&l, &now, ms);
		}
	}
	return news;
}

static void a_second_is_named_by_rmc_or_by_zda_with_a_fix(void **state)
{
	const struct fe_nmea void_rmc = {.kind = FE_NMEA_RMC};
	const struct fe_nmea one = rmc(at(DAY_S)), other = zda(at(DAY_S + 1));
	const struct fe_nmea date = zda(at(DAY_S));
	const struct fe_nmea fix = gga(true), none = gga(false);
	const struct fe_nmea rubbish = {.kind = FE_NMEA_BAD};
	const struct {
		struct fe_nmea n[3];
		unsigned news;
	} cases[] = {
		{{one, one, one}, FE_LABEL_GAINED},
		{{one, date, fix}, FE_LABEL_GAINED},
		{{date, fix, date}, FE_LABEL_GAINED},
		{{fix, one, rubbish}, FE_LABEL_GAINED},
		{{date, date, date}, FE_LABEL_NOTHING},
		{{fix, fix, fix}, FE_LABEL_NOTHING},
		{{date, fix, void_rmc}, FE_LABEL_NOTHING},
		{{date, date, none}, FE_LABEL_NOTHING},
		{{one, one, none}, FE_LABEL_NOTHING},
		{{one, one, other}, FE_LABEL_NOTHING},
		{{other, fix, one}, FE_LABEL_NOTHING},
		{{rubbish, rubbish, rubbish}, FE_LABEL_NOTHING},
		{{void_rmc, void_rmc, void_rmc}, FE_LABEL_NOTHING},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(hear(cases[i].n, 3, 100, true), cases[i].news);
		assert_int_equal(hear(cases[i].n, 3, 100, false), 0);
	}
	assert_int_equal(hear(&one, 1, 900, true), FE_LABEL_GAINED);
	assert_int_equal(hear(&one, 1, 901, true), FE_LABEL_NOTHING);
}

static void one_that_is_wrong_is_refused_and_counted(void **state)
{
	static const int64_t wrong_by[] = {-86400, -2, -1, 1, 2, 3600};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong_by) / sizeof(wrong_by[0]); i++) {
		struct fe_label l = valid_at(DAY_S, true);
		unsigned news = 0, n = 0;

		/* Three in a row are not enough, and are forgotten by one. */
		for (int s = 1; s < 100; s++) {
			bool wrong = s % 4 != 0;

			news |= named_counted(
				&l, at(DAY_S + s + (wrong ? wrong_by[i] : 0)),
				&n);
			assert_int_equal(l.now.utc_s, DAY_S + s);
		}
		news |= pulse_counted(&l, &n);
		assert_int_equal(news, FE_LABEL_NOTHING);
		assert_true(l.valid);
		assert_int_equal(n, 75);
	}
}

static void an_hour_of_nonsense_moves_nothing(void **state)
{
	struct fe_label l = valid_at(DAY_S, true);
	uint32_t draw = 1;
	unsigned news = 0;

	(void)state;
	for (int s = 1; s <= 3600; s++) {
		draw = draw * 1664525u + 1013904223u;
		news |= named(&l, at(DAY_S + (int64_t)(draw >> 8)));
	}
	assert_int_equal(news, FE_LABEL_NOTHING);
	assert_true(l.valid);
	assert_int_equal(l.now.utc_s, DAY_S + 3600);
}

static void a_day_without_sentences_is_counted(void **state)
{
	struct fe_label l = valid_at(DAY_S, true);
	unsigned news = 0;

	(void)state;
	for (int s = 1; s <= 86400; s++)
		news |= pulse(&l);
	news |= run(&l, DAY_S + 86401, 10);
	assert_int_equal(news, FE_LABEL_NOTHING);
	assert_true(l.valid);
	assert_int_equal(l.now.utc_s, DAY_S + 86410);
}

/* Four seconds take it away, four more are the new one's checks. */
static void four_that_agree_on_another_are_a_jump(void **state)
{
	static const int64_t by_s[] = {-86400, -2, -1, 1, 2, 3600};

	(void)state;
	for (size_t i = 0; i < sizeof(by_s) / sizeof(by_s[0]); i++) {
		struct fe_label l = valid_at(DAY_S, true);
		int64_t s = DAY_S + 1 + by_s[i];

		assert_int_equal(run(&l, s, 4), FE_LABEL_NOTHING);
		assert_int_equal(l.now.utc_s, DAY_S + 4);
		assert_int_equal(named(&l, at(s + 4)),
				 FE_LABEL_LOST | FE_LABEL_JUMPED);
		assert_false(l.valid);
		assert_int_equal(l.jump_s, by_s[i]);
		assert_int_equal(run(&l, s + 5, 3), FE_LABEL_NOTHING);
		assert_int_equal(pulse(&l), FE_LABEL_GAINED);
		assert_int_equal(l.now.utc_s, s + 8);
	}
}

/* More than a second late: one second hears nothing, then each its neighbour. */
static void late_sentences_are_never_believed(void **state)
{
	struct fe_label l = valid_at(DAY_S, true);
	unsigned news = pulse(&l);

	(void)state;
	assert_int_equal(news, FE_LABEL_NOTHING);
	assert_int_equal(run(&l, DAY_S + 1, 4), FE_LABEL_NOTHING);
	assert_int_equal(named(&l, at(DAY_S + 5)),
			 FE_LABEL_LOST | FE_LABEL_JUMPED);
	assert_int_equal(l.jump_s, -1);
	for (int s = 0; s < 3600; s++) {
		/* now and then a right one, or none */
		if (s % 100 == 7)
			news = named(&l, at(DAY_S + 7 + s));
		else if (s % 100 == 9)
			news = pulse(&l);
		else
			news = named(&l, at(DAY_S + 6 + s));
		assert_int_equal(news, FE_LABEL_NOTHING);
		assert_false(l.valid);
	}
	assert_int_equal(run(&l, DAY_S + 3607, 5), FE_LABEL_GAINED);
	assert_int_equal(l.now.utc_s, DAY_S + 3611);
}

/* After more than a minute anything may have happened to the receiver. */
static void after_a_long_silence_one_second_behind_is_a_jump(void **state)
{
	struct fe_label l = valid_at(DAY_S, true);

	(void)state;
	for (int s = 1; s <= 61; s++)
		pulse(&l);
	assert_int_equal(run(&l, DAY_S + 61, 5),
			 FE_LABEL_LOST | FE_LABEL_JUMPED);
	assert_int_equal(run(&l, DAY_S + 66, 4), FE_LABEL_GAINED);
	assert_int_equal(l.now.utc_s, DAY_S + 69);
}

/* So that the host hears of a receiver that has gone wrong at once. */
static void what_is_wrong_different_or_late_is_told_each_second(void **state)
{
	const struct fe_nmea none = gga(false);

	(void)state;
	for (int how = 0; how < 4; how++) {
		struct fe_label l = valid_at(DAY_S, true);
		struct fe_nmea n = rmc(at(DAY_S + 1 + (how == 0)));
		struct fe_nmea other = zda(at(DAY_S + 2));

		fe_label_pulse(&l);
		fe_label_nmea(&l, &n, how == 1 ? 950 : 100);
		if (how == 2)
			fe_label_nmea(&l, &other, 120);
		if (how == 3)
			fe_label_nmea(&l, &none, 120);
		assert_int_equal(fe_label_pulse(&l),
				 how < 3 ? FE_LABEL_REFUSED : 0);
		assert_true(l.valid);
	}
}

static void late_ones_that_split_over_two_seconds_are_none(void **state)
{
	struct fe_label l = valid_at(DAY_S, true);
	unsigned news = 0;

	(void)state;
	for (int s = 1; s < 100; s++) {
		struct fe_nmea late = zda(at(DAY_S + s - 1));

		news |= named(&l, at(DAY_S + s));
		fe_label_nmea(&l, &late, 5);
	}
	assert_int_equal(news, FE_LABEL_NOTHING);
	assert_true(l.valid);
}

/* Four in a row, with nothing else between. */
static void a_late_receiver_has_to_pass_all_checks_again(void **state)
{
	struct fe_label l = valid_at(DAY_S, true);
	int64_t s = DAY_S + 6;

	(void)state;
	pulse(&l);
	assert_int_equal(run(&l, DAY_S + 1, 5),
			 FE_LABEL_LOST | FE_LABEL_JUMPED);
	for (int i = 0; i < 10; i++, s += 4) {
		assert_int_equal(run(&l, s + 1, 3), FE_LABEL_NOTHING);
		assert_int_equal(named(&l, at(s + 3)), FE_LABEL_NOTHING);
	}
	assert_int_equal(run(&l, s + 1, 4), FE_LABEL_NOTHING);
	assert_int_equal(pulse(&l), FE_LABEL_GAINED);
}

static void a_label_that_was_late_is_replaced_by_another(void **state)
{
	struct fe_label l = valid_at(DAY_S, true);
	unsigned news = pulse(&l);

	(void)state;
	news |= run(&l, DAY_S + 1, 5);
	assert_int_equal(news, FE_LABEL_LOST | FE_LABEL_JUMPED);
	assert_int_equal(run(&l, DAY_S + 1000, 5), FE_LABEL_JUMPED);
	assert_int_equal(run(&l, DAY_S + 1005, 4), FE_LABEL_GAINED);
	assert_int_equal(l.now.utc_s, DAY_S + 1008);
}

static void what_is_forgotten_is_checked_anew(void **state)
{
	struct fe_label l = valid_at(DAY_S, true);

	(void)state;
	assert_int_equal(fe_label_forget(&l), FE_LABEL_LOST);
	assert_int_equal(fe_label_forget(&l), FE_LABEL_NOTHING);
	assert_int_equal(run(&l, DAY_S + 100, 3), FE_LABEL_NOTHING);
	assert_int_equal(fe_label_forget(&l), FE_LABEL_NOTHING);
	assert_int_equal(run(&l, DAY_S + 103, 4), FE_LABEL_NOTHING);
	assert_int_equal(pulse(&l), FE_LABEL_GAINED);
}

static void satellites_are_told_for_some_seconds(void **state)
{
	struct fe_label l;
	struct fe_nmea n = gga(true);

	(void)state;
	fe_label_init(&l);
	assert_false(l.has_sats);
	pulse(&l);
	assert_false(l.has_sats);
	fe_label_nmea(&l, &n, 950);
	assert_true(l.has_sats);
	assert_int_equal(l.sats, 9);
	for (int s = 0; s < 2; s++)
		pulse(&l);
	assert_true(l.has_sats);
	pulse(&l);
	assert_false(l.has_sats);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(four_seconds_make_a_label),
		cmocka_unit_test(before_that_one_that_differs_begins_anew),
		cmocka_unit_test(a_second_is_named_by_rmc_or_by_zda_with_a_fix),
		cmocka_unit_test(one_that_is_wrong_is_refused_and_counted),
		cmocka_unit_test(an_hour_of_nonsense_moves_nothing),
		cmocka_unit_test(a_day_without_sentences_is_counted),
		cmocka_unit_test(four_that_agree_on_another_are_a_jump),
		cmocka_unit_test(late_sentences_are_never_believed),
		cmocka_unit_test(
			after_a_long_silence_one_second_behind_is_a_jump),
		cmocka_unit_test(
			what_is_wrong_different_or_late_is_told_each_second),
		cmocka_unit_test(
			late_ones_that_split_over_two_seconds_are_none),
		cmocka_unit_test(a_late_receiver_has_to_pass_all_checks_again),
		cmocka_unit_test(a_label_that_was_late_is_replaced_by_another),
		cmocka_unit_test(what_is_forgotten_is_checked_anew),
		cmocka_unit_test(satellites_are_told_for_some_seconds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
