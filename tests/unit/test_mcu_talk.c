/*
 * test_mcu_talk.c - the link to a timing front end is lost, spoilt, and there again;
 * what it tells is counted. No descriptor, no thread.
 */
#include "host/acq/mcu/front_end.h"
#include "mcu_bench.h"

/* ---- the link ---- */

static void a_restart_takes_all_worth(void **state)
{
	struct bench b;

	(void)state;
	meet(&b);
	say(&b, "PSYN,E,0,BOOT,0");
	assert_true(seqs_of(&b, "$PSYN,QUERY,", NULL) > 0);
	say(&b, "PSYN,ID,1,nucleo,0.1.0,84000000,10000,4712");
	assert_true(isinf(quality(&b, 1).unc_s));
	assert_true(has_event(&b, CIS_MCU_RESTARTED));
	mcu_talk_tick(&b.t, 2 * S);
	assert_false(has_event(&b, CIS_MCU_LINK_DOWN));
	assert_true(asks(&b, ",rate,18000*"));
	assert_false(mcu_talk_ready(&b.t));
}

/* ID and BOOT may be lost on the way; what it was set to is gone all the same. */
static void whatever_is_odd_is_asked_about(void **state)
{
	struct bench b;

	(void)state;
	start(&b);
	sent(&b);
	good(&b, 4);
	assert_int_equal(b.t.ask.out_len, 0);
	report(&b, 5, "INIT", ",,,,18000,0000");
	assert_true(seqs_of(&b, "$PSYN,QUERY,", NULL) > 0);
	assert_false(mcu_talk_ready(&b.t));
	say(&b, ID);
	assert_true(mcu_talk_ready(&b.t));
	sent(&b);
	good(&b, 6);
	say(&b, "PSYN,E,0,BOO,0");
	good(&b, 7);
	assert_true(seqs_of(&b, "$PSYN,QUERY,", NULL) > 0);
	say(&b, ID);
	sent(&b);
	good(&b, 9); /* a report was lost */
	assert_true(seqs_of(&b, "$PSYN,QUERY,", NULL) > 0);
}

static void after_a_reconnect_all_is_set_anew(void **state)
{
	struct bench b;

	(void)state;
	start(&b);
	mcu_talk_end(&b.t, -EIO);
	assert_true(has_event(&b, CIS_MCU_LINK_DOWN));
	/* Its edges go on. */
	check_close(quality(&b, 4).unc_s, 120e-9, 1e-18);
	b.t.n_event = 0;
	mcu_talk_begin(&b.t, 5 * S);
	good(&b, 6); /* whose? */
	assert_false(has_event(&b, CIS_MCU_LINK_UP));
	say(&b, ID);
	assert_true(asks(&b, ",delay_ns,75*"));
	good(&b, 7);
	assert_true(has_event(&b, CIS_MCU_LINK_UP));
	assert_false(b.t.watch.torn);
}

static void what_waited_for_the_connection_is_not_taken_for_now(void **state)
{
	struct bench b;

	(void)state;
	begin(&b);
	b.now_ns = S / 10;
	say(&b, ID);
	say(&b, "PSYN,T,1795287600,LOCKED," GOOD);
	assert_true(isinf(quality(&b, 0.1).unc_s));
	good(&b, 1);
	check_close(quality(&b, 1).unc_s, 120e-9, 1e-18);
}

static void a_line_cut_anywhere_is_one_line(void **state)
{
	struct bench b;
	char line[128];

	(void)state;
	frame("PSYN,T,1795287602,HOLDOVER,-3,30125,350,4,18000,0081", line);
	for (size_t cut = 0; cut <= strlen(line); cut++) {
		meet(&b);
		b.now_ns = 2 * S;
		send_bytes(&b, line, cut);
		send_bytes(&b, line + cut, strlen(line) - cut);
		assert_int_equal(b.t.now.st.servo, CIS_MCU_HOLDOVER);
		assert_int_equal(b.t.now.st.n_bad, 0);
	}
}

static void a_changed_byte_changes_nothing_else(void **state)
{
	char line[128];
	struct bench b;

	(void)state;
	frame("PSYN,T,1795287602,HOLDOVER,-3,30125,350,4,18000,0081", line);
	for (size_t i = 0; i < strlen(line); i++) {
		for (unsigned flip = 1; flip < 256; flip += flip) {
			meet(&b);
			line[i] = (char)(line[i] ^ (char)flip);
			send_bytes(&b, line, strlen(line));
			send_bytes(&b, "\r\n", 2);
			line[i] = (char)(line[i] ^ (char)flip);
			assert_int_equal(b.t.now.st.servo, CIS_MCU_LOCKED);
			assert_true(b.t.now.st.n_bad > 0);
		}
	}
}

/* ---- what it tells ---- */

static void events_that_nobody_takes_are_counted(void **state)
{
	struct bench b;

	(void)state;
	meet(&b);
	b.t.n_event = 0;
	for (int i = 0; i < MCU_TALK_EVENTS + 3; i++)
		say(&b, "PSYN,E,1795287602,NMEA_BAD,1");
	assert_int_equal(b.t.n_event, MCU_TALK_EVENTS);
	assert_int_equal(b.t.now.st.n_drop, 3);
	assert_int_equal(b.t.now.st.n_event, MCU_TALK_EVENTS + 3);
}

/* What a front end counts is added up here, whoever takes the events. */
static void what_it_counts_is_added_up(void **state)
{
	struct bench b;

	(void)state;
	meet(&b);
	say(&b, "PSYN,E,1795287602,NMEA_BAD,3");
	say(&b, "PSYN,E,1795287603,NMEA_BAD,65535");
	say(&b, "PSYN,E,1795287603,NMEA_BAD,-7"); /* as no front end says */
	say(&b, "PSYN,E,1795287603,LINES_LOST,2");
	say(&b, "PSYN,E,1795287604,PPS_REFUSED,9");
	assert_int_equal(b.t.now.st.n_bad_sentence, 65538);
	assert_int_equal(b.t.now.st.n_lost_line, 2);
	/* Not a new count: how many there were since the link was opened. */
	say(&b, "PSYN,ID,1,nucleo,0.1.0,84000000,18000,4712");
	say(&b, "PSYN,E,0,NMEA_BAD,1");
	assert_int_equal(b.t.now.st.n_bad_sentence, 65539);
}

/* Once a minute, and then with all there were. */
static void what_lasts_is_news_once_a_minute(void **state)
{
	static const struct {
		const char *name;
		int64_t value;
		int64_t at_s;
		bool news;
		int64_t told;
	} cases[] = {
		{"NMEA_BAD", 3, 1, true, 3},
		{"NMEA_BAD", 5, 2, false, 0},
		{"LINES_LOST", 1, 2, true, 1},
		{"NMEA_BAD", 1, 60, false, 0},
		{"NMEA_BAD", 2, 61, true, 8},
		{"NMEA_BAD", 4, 121, true, 4},
		{"STATE", 4, 122, true, 4},
		{"STATE", 3, 123, true, 3},
		{"STEP", 18000, 124, true, 18000},
		{"STEP", 18000, 125, false, 0},
		{"STEP", 18000, 184, true, 18000},
	};
	struct cis_mcu_event down = {.kind = CIS_MCU_LINK_DOWN, .value = -5};
	struct cis_front_end_news news = {.told_ns = {0}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cis_mcu_event e = {.kind = CIS_MCU_TOLD,
					  .value = cases[i].value};

		snprintf(e.name, sizeof(e.name), "%s", cases[i].name);
		assert_int_equal(
			cis_front_end_is_news(&news, &e, cases[i].at_s * S),
			cases[i].news);
		if (cases[i].news)
			assert_int_equal(e.value, cases[i].told);
	}
	assert_true(cis_front_end_is_news(&news, &down, 185 * S));
	assert_int_equal(down.value, -5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_restart_takes_all_worth),
		cmocka_unit_test(whatever_is_odd_is_asked_about),
		cmocka_unit_test(after_a_reconnect_all_is_set_anew),
		cmocka_unit_test(
			what_waited_for_the_connection_is_not_taken_for_now),
		cmocka_unit_test(a_line_cut_anywhere_is_one_line),
		cmocka_unit_test(a_changed_byte_changes_nothing_else),
		cmocka_unit_test(events_that_nobody_takes_are_counted),
		cmocka_unit_test(what_it_counts_is_added_up),
		cmocka_unit_test(what_lasts_is_news_once_a_minute),
	};

	return cmocka_run_group_tests(tests, renew_list, NULL);
}
