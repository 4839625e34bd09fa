/*
 * test_mcu_zero.c - when the front end's seconds begin on this computer's clock,
 * by reports that it may read late.
 */
#include "mcu_bench.h"

#define MS INT64_C(1000000)

/* A report is read 0 to 100 ms after its second began: 50 ms are taken off. */
#define ZERO_NS (-TAI_S * S - 50 * MS)

static void late(struct bench *b, int second, int64_t by_ns)
{
	char text[128];

	b->now_ns = second * S + by_ns;
	snprintf(text, sizeof(text), "PSYN,T,%lld,LOCKED,%s",
		 (long long)UTC_S + second, GOOD);
	say(b, text);
}

/* 1 ms a second is far more than any two clocks drift apart. */
static void a_report_that_is_read_late_moves_no_second(void **state)
{
	struct bench b;

	(void)state;
	meet(&b);
	assert_int_equal(b.t.now.st.zero_ns, ZERO_NS);
	late(&b, 2, 650 * MS);
	assert_int_equal(b.t.now.st.zero_ns, ZERO_NS + MS);
	late(&b, 3, 990 * MS);
	assert_int_equal(b.t.now.st.zero_ns, ZERO_NS + 2 * MS);
	good(&b, 4);
	assert_int_equal(b.t.now.st.zero_ns, ZERO_NS);
}

static void nor_is_the_label_off_then(void **state)
{
	struct bench b;

	(void)state;
	meet(&b);
	late(&b, 2, 650 * MS);
	check_close(b.t.now.st.off_s, 0.05, 1e-3 + 1e-12);
	good(&b, 3);
	check_close(b.t.now.st.off_s, 0.05, 1e-12);
}

/* Though the lines that told it were lost. */
static void a_label_that_goes_back_begins_anew(void **state)
{
	struct bench b;
	char text[128];

	(void)state;
	meet(&b);
	b.now_ns = 2 * S;
	snprintf(text, sizeof(text), "PSYN,T,%lld,LOCKED,%s",
		 (long long)UTC_S + 2 - 3600, GOOD);
	say(&b, text);
	assert_int_equal(b.t.now.st.zero_ns, ZERO_NS + 3600 * S);
	assert_int_equal(b.t.now.st.n_named, 1);
}

/* Half a second from 2.85 s on is 3.35 s; by when it was read, 2.5 s. */
static void a_start_is_far_enough_ahead_all_the_same(void **state)
{
	struct mcu_second s;
	struct bench b;

	(void)state;
	meet(&b);
	late(&b, 2, 850 * MS);
	s = mcu_start_second(&b.t.now, b.now_ns, 500);
	assert_int_equal(s.utc_s, UTC_S + 4);
}

static void the_first_report_may_be_the_late_one(void **state)
{
	struct bench b;

	(void)state;
	meet(&b);
	mcu_talk_end(&b.t, -ENODEV);
	assert_int_equal(b.t.now.st.zero_ns, 0);
	mcu_talk_begin(&b.t, 2 * S);
	say(&b, ID);
	late(&b, 3, 800 * MS);
	assert_int_equal(b.t.now.st.zero_ns, ZERO_NS + 800 * MS);
	good(&b, 4);
	assert_int_equal(b.t.now.st.zero_ns, ZERO_NS);
}

static void seconds_without_a_name_begin_nowhere(void **state)
{
	struct bench b;

	(void)state;
	meet(&b);
	b.now_ns = 2 * S;
	say(&b, "PSYN,T,0,TRACK,-12,30125,120,9,18000,00A0");
	assert_int_equal(b.t.now.st.zero_ns, 0);
	good(&b, 3);
	assert_int_equal(b.t.now.st.zero_ns, ZERO_NS);
	say(&b, "PSYN,E,0,LABEL_JUMP,-1");
	assert_int_equal(b.t.now.st.zero_ns, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_report_that_is_read_late_moves_no_second),
		cmocka_unit_test(nor_is_the_label_off_then),
		cmocka_unit_test(a_label_that_goes_back_begins_anew),
		cmocka_unit_test(a_start_is_far_enough_ahead_all_the_same),
		cmocka_unit_test(the_first_report_may_be_the_late_one),
		cmocka_unit_test(seconds_without_a_name_begin_nowhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
