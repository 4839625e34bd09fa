/*
 * test_mcu_state.c - what a timing front end says becomes state and quality; no
 * descriptor, no thread.
 */
#include "mcu_bench.h"

/* ---- who it is ---- */

static void before_it_speaks_nothing_is_known(void **state)
{
	struct cis_mcu_state st;
	struct bench b;

	(void)state;
	begin(&b);
	mcu_now_state(&b.t.now, S, &st);
	assert_false(st.up || st.known || st.heard || st.label);
	assert_true(isnan(st.age_s) && isnan(st.error_s) && isnan(st.off_s));
	assert_true(isinf(quality(&b, 1).unc_s));
	assert_true(isinf(quality(&b, 1).unlocked_s));
	assert_memory_equal(b.t.ask.out, "$PSYN,QUERY,42,id*", 18);
}

/* A list of leap seconds that holds until 2027. */
static int renew_list(void **state)
{
	char text[] = "#@\t4007750400\n";
	FILE *f = fmemopen(text, strlen(text), "r");
	int err = f ? cis_utc_read_leaps(f) : -1;

	(void)state;
	if (f)
		fclose(f);
	return err;
}

/* That there is no leap second is told by a list that knows. */
static void a_list_that_has_ended_tells_of_no_leap_second(void **state)
{
	struct bench b;

	(void)state;
	begin(&b);
	b.now_ns = 2000000000 * S; /* in 2090 */
	say(&b, ID);
	assert_true(asks(&b, ",delay_ns,75*"));
	assert_false(asks(&b, ",leap,"));
}

static void settings_follow_its_identity(void **state)
{
	struct bench b;

	(void)state;
	begin(&b);
	say(&b, "PSYN,ID,1,nucleo,0.1.0,84000000,10000,4711");
	assert_string_equal(b.t.now.st.board, "nucleo");
	assert_string_equal(b.t.now.st.version, "0.1.0");
	assert_int_equal(b.t.now.st.tick_hz, 84000000);
	/* By the computer's clock; IERS Bulletin C announces none. */
	assert_true(asks(&b, "$PSYN,SET,43,leap,0*"));
	assert_true(asks(&b, "$PSYN,SET,44,rate,18000*"));
	assert_true(asks(&b, "$PSYN,SET,45,delay_ns,75*"));
	say(&b, "PSYN,ACK,44,rate,18000");
	good(&b, 1);
	assert_false(mcu_talk_ready(&b.t));
	say(&b, "PSYN,ACK,45,delay_ns,75");
	assert_true(mcu_talk_ready(&b.t));
}

static void a_rate_that_is_so_already_is_not_set(void **state)
{
	struct bench b;

	(void)state;
	begin(&b);
	say(&b, ID);
	assert_false(asks(&b, ",rate,"));
	assert_true(asks(&b, ",delay_ns,75*"));
}

static void what_has_no_answer_is_sent_again_unchanged(void **state)
{
	struct bench b;

	(void)state;
	begin(&b);
	sent(&b);
	mcu_talk_tick(&b.t, S / 10);
	assert_int_equal(b.t.ask.out_len, 0);
	mcu_talk_tick(&b.t, S);
	assert_memory_equal(b.t.ask.out, "$PSYN,QUERY,42,id*", 18);
}

static void a_refused_setting_is_told_in_a_sentence(void **state)
{
	struct cis_diag diag;
	struct bench b;

	(void)state;
	begin(&b);
	say(&b, "PSYN,ID,1,nucleo,0.1.0,84000000,10000,4711");
	refuse(&b, "$PSYN,SET,", "STATE"); /* delay: not now, but soon */
	assert_int_equal(mcu_talk_refused(&b.t, &diag), 0);
	say(&b, "PSYN,NAK,44,RANGE");
	assert_int_equal(mcu_talk_refused(&b.t, &diag), -EINVAL);
	assert_non_null(strstr(diag.msg, "refuses rate=18000: RANGE"));
	assert_true(has_event(&b, CIS_MCU_REFUSED));
	sent(&b);
	mcu_talk_tick(&b.t, 2 * S);
	assert_true(asks(&b, ",delay_ns,75*"));
	assert_false(asks(&b, ",rate,"));
}

static void an_older_front_end_does_without_what_is_nothing(void **state)
{
	struct bench b;

	(void)state;
	begin(&b);
	b.t.cfg.delay_ns = 0;
	say(&b, ID);
	refuse(&b, "$PSYN,SET,", "KEY");
	good(&b, 1);
	assert_int_equal(mcu_talk_refused(&b.t, NULL), 0);
	assert_true(mcu_talk_ready(&b.t));
}

static void another_version_of_the_link_is_refused(void **state)
{
	struct cis_diag diag;
	struct bench b;

	(void)state;
	begin(&b);
	say(&b, "PSYN,ID,2,nucleo,9.0,something,else");
	good(&b, 1);
	assert_false(mcu_talk_ready(&b.t));
	assert_true(isinf(quality(&b, 1).unc_s));
	assert_int_equal(mcu_talk_broken(&b.t, S), -EPROTO);
	assert_int_equal(mcu_talk_why(&b.t, 3, &diag), -EPROTO);
	assert_non_null(strstr(diag.msg, "version 2 of the link"));
}

static void the_sentence_says_what_is_at_the_other_end(void **state)
{
	static const struct {
		const char *said, *sentence;
	} cases[] = {
		{"", "silent for 3 s"},
		{"\xf0\x80\xff", "silent"}, /* a disturbance */
		{"\xf8\x80\xf8\x80\xff\x80\xf8\x80\xf8\x80\xff\x80\xf8\x80"
		 "\xf8\x80",
		 "115200 baud"},
		{"login: $PSYN,QUERY,42,id*7A\r\n", "gives back what is sent"},
		{"$GPZDA,190000.00,21,11,2026,00,00*60\r\n", "GPS receiver"},
		{"$PSYN,T,0,INIT,,,,,0,0000*15\r\n", "does not answer"},
		{"$PSYN,ID,1,a,b,84000000,18000,1*02\r\n", "does not report"},
	};
	struct cis_diag diag;
	struct bench b;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[128] = "", line[128];
		const char *dollar = strchr(cases[i].said, '$');

		/* The checksums are put right here. */
		if (dollar) {
			sscanf(dollar, "$%127[^*]", text);
			frame(text, line);
		}
		begin(&b);
		send_bytes(&b, cases[i].said,
			   dollar ? (size_t)(dollar - cases[i].said)
				  : strlen(cases[i].said));
		if (dollar)
			send_bytes(&b, line, strlen(line));
		assert_int_equal(mcu_talk_why(&b.t, 3, &diag), -ENODEV);
		if (!strstr(diag.msg, cases[i].sentence))
			fail_msg("case %zu: %s", i, diag.msg);
	}
}

/* ---- what its time is worth ---- */

static void a_report_is_read_in_its_units(void **state)
{
	struct cis_mcu_state st;
	struct bench b;

	(void)state;
	meet(&b);
	mcu_now_state(&b.t.now, S + S / 4, &st);
	assert_true(st.up && st.heard && st.label && st.running && st.pulse);
	assert_false(st.slewing || st.armed || st.in_leap);
	assert_int_equal(st.servo, CIS_MCU_LOCKED);
	assert_int_equal(st.utc_s, UTC_S + 1);
	assert_int_equal(st.tai_s, TAI_S + 1);
	assert_int_equal(st.n_edge, 18000);
	assert_int_equal(st.sats, 9);
	/* Integers in ns: exact to the rounding of doubles. */
	check_close(st.phase_s, -12e-9, 1e-22);
	check_close(st.freq_ppb, 30125, 0);
	check_close(st.error_s, 120e-9, 1e-22);
	check_close(st.age_s, 0.25, 1e-12);
	/* A report is heard up to 0.1 s after its second. */
	check_close(st.off_s, 0, 0.1);
}

static void unknown_fields_are_not_zeros(void **state)
{
	struct bench b;

	(void)state;
	meet(&b);
	report(&b, 2, "LOCKED", ",,,,18000,0081");
	assert_true(isnan(b.t.now.st.phase_s) && isnan(b.t.now.st.freq_ppb));
	assert_true(isnan(b.t.now.st.error_s));
	assert_int_equal(b.t.now.st.sats, -1);
	assert_true(isinf(quality(&b, 2).unc_s));
}

static void quality_follows_the_state(void **state)
{
	static const struct {
		const char *name, *rest;
		double unc_s, unlocked_s;
	} cases[] = {
		{"LOCKED", "-12,30125,120,9,18000,00A1", 120e-9, 0},
		{"LOCKED", "-12,30125,900,9,18000,00E1", 900e-9, 3},
		{"TRACK", "-12,30125,4000,9,18000,00E1", 4e-6, 3},
		{"HOLDOVER", ",30125,350,,18000,0081", 350e-9, 3},
		{"LOCKED", "-12,30125,120,9,18000,00A0", INFINITY, 3},
		{"HOLDOVER", ",30125,350,,18000,0080", INFINITY, 3},
		{"INIT", ",,50,,18000,0001", INFINITY, 3},
		{"ACQUIRE", "5,,50,,18000,0001", INFINITY, 3},
		{"FAULT", "5,,50,,18000,0081", INFINITY, 3},
	};
	struct bench b;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cis_time_quality q;

		meet(&b);
		report(&b, 2, cases[i].name, cases[i].rest);
		q = quality(&b, 4); /* the good one was heard at 1 s */
		if (isinf(cases[i].unc_s))
			assert_true(isinf(q.unc_s));
		else
			check_close(q.unc_s, cases[i].unc_s, 1e-18);
		check_close(q.unlocked_s, cases[i].unlocked_s, 1e-9);
	}
}

/* Told at once, not only with the next report. */
static void an_event_of_the_state_is_the_state(void **state)
{
	struct bench b;
	struct cis_time_quality q;

	(void)state;
	meet(&b);
	b.now_ns += S / 10;
	say(&b, "PSYN,E,1795287601,STATE,4");
	assert_int_equal(b.t.now.st.servo, CIS_MCU_HOLDOVER);
	q = quality(&b, 2);
	check_close(q.unlocked_s, 1, 1e-9);
	assert_true(isfinite(q.unc_s));
	say(&b, "PSYN,E,1795287601,STATE,17");
	assert_int_equal(b.t.now.st.servo, CIS_MCU_HOLDOVER);
}

/* 1 us a second, and 7.5e-9/s of drift: half of that times the square. */
static void silence_costs_time_and_drift(void **state)
{
	struct bench b;

	(void)state;
	meet(&b);
	check_close(quality(&b, 2.9).unc_s, 120e-9, 1e-18);
	check_close(quality(&b, 2.9).unlocked_s, 0, 0);
	check_close(quality(&b, 11).unc_s, 120e-9 + 10e-6 + 375e-9, 1e-15);
	check_close(quality(&b, 11).unlocked_s, 10, 1e-9);
	mcu_talk_tick(&b.t, 2 * S);
	assert_false(has_event(&b, CIS_MCU_LINK_DOWN));
	mcu_talk_tick(&b.t, 4 * S);
	assert_true(has_event(&b, CIS_MCU_LINK_DOWN));
	assert_int_equal(mcu_talk_broken(&b.t, 5 * S), 0);
	assert_int_equal(mcu_talk_broken(&b.t, 7 * S), -ETIMEDOUT);
}

static void never_locked_is_unlocked_for_ever(void **state)
{
	struct bench b;

	(void)state;
	begin(&b);
	say(&b, ID);
	report(&b, 1, "HOLDOVER", ",30125,350,,18000,0081");
	check_close(quality(&b, 1).unc_s, 350e-9, 1e-18);
	assert_true(isinf(quality(&b, 1).unlocked_s));
}

static void a_label_is_compared_with_the_computers_clock(void **state)
{
	struct bench b;

	(void)state;
	meet(&b);
	b.now_ns = 2 * S;
	say(&b, "PSYN,T,1795287612,LOCKED,1,1,120,9,18000,00A1");
	/* It says 12 s past UTC_S when the clock says 2. */
	check_close(b.t.now.st.off_s, 10, 0.1);
}

/* ---- leap seconds ---- */

static void an_inserted_second_is_a_second_of_its_own(void **state)
{
	static const struct {
		int64_t utc_s;
		const char *flags;
	} line[] = {{LEAP_SOC - 2, "00A3"},
		    {LEAP_SOC - 1, "00A3"},
		    {LEAP_SOC - 1, "00AB"},
		    {LEAP_SOC, "00A1"},
		    {LEAP_SOC + 1, "00A1"}};
	struct bench b;

	(void)state;
	begin(&b);
	say(&b, ID);
	acknowledge(&b, "$PSYN,SET,");
	mcu_watch_start(&b.t.watch, LEAP_SOC + 36 - 60, 18000);
	for (int i = 0; i < 5; i++) {
		report_at(&b, line[i].utc_s, line[i].flags);
		/* TAI - UTC was 36 s until then. */
		assert_int_equal(b.t.now.st.tai_s, LEAP_SOC + 36 - 2 + i);
	}
	assert_false(b.t.watch.torn);
}

static void a_coming_leap_second_is_set(void **state)
{
	struct bench b;

	(void)state;
	begin(&b);
	say(&b, ID);
	acknowledge(&b, "$PSYN,SET,");
	report_at(&b, LEAP_SOC - 86400, "00A1");
	assert_true(asks(&b, ",leap,1483228800*"));
	sent(&b);
	report_at(&b, LEAP_SOC - 86399, "00A1");
	assert_int_equal(b.t.ask.out_len, 0);
	report_at(&b, LEAP_SOC - 1, "00AB");
	assert_int_equal(b.t.ask.out_len, 0);
	report_at(&b, LEAP_SOC, "00A1");
	assert_true(asks(&b, ",leap,0*"));
}

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

static void words_that_name_no_front_end_are_refused(void **state)
{
	static const char *const good_words[] = {
		"/dev/ttyACM0", "/dev/serial/by-id/usb-ST_a:b-if02",
		"tcp:localhost:4000", "tcp:[::1]:4000", "unix:/run/front"};
	/* Longer than a socket's name may be. */
	static const char far_too_long[] =
		"unix:/123456789012345678901234567890123456789012345678901234"
		"5678901234567890123456789012345678901234567890123456789";
	const char *const bad_words[] = {
		"",
		"ttyACM0",
		"tcp:",
		"tcp:localhost",
		"tcp::4000",
		"tcp:localhost:0",
		"tcp:localhost:65536",
		"tcp:localhost:4000x",
		"tcp:::1:4000",
		"tcp:[]:4000",
		"unix:",
		"/dev/ttyACM0,rate=3",
		"udp:localhost:4000",
		far_too_long,
	};
	struct cis_diag diag;

	(void)state;
	for (size_t i = 0; i < sizeof(good_words) / sizeof(good_words[0]); i++)
		assert_int_equal(cis_mcu_where_check(good_words[i], &diag), 0);
	for (size_t i = 0; i < sizeof(bad_words) / sizeof(bad_words[0]); i++) {
		diag.msg[0] = '\0';
		assert_int_equal(cis_mcu_where_check(bad_words[i], &diag),
				 -EINVAL);
		assert_true(diag.msg[0]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(before_it_speaks_nothing_is_known),
		cmocka_unit_test(a_list_that_has_ended_tells_of_no_leap_second),
		cmocka_unit_test(settings_follow_its_identity),
		cmocka_unit_test(a_rate_that_is_so_already_is_not_set),
		cmocka_unit_test(what_has_no_answer_is_sent_again_unchanged),
		cmocka_unit_test(a_refused_setting_is_told_in_a_sentence),
		cmocka_unit_test(
			an_older_front_end_does_without_what_is_nothing),
		cmocka_unit_test(another_version_of_the_link_is_refused),
		cmocka_unit_test(the_sentence_says_what_is_at_the_other_end),
		cmocka_unit_test(a_report_is_read_in_its_units),
		cmocka_unit_test(unknown_fields_are_not_zeros),
		cmocka_unit_test(quality_follows_the_state),
		cmocka_unit_test(an_event_of_the_state_is_the_state),
		cmocka_unit_test(silence_costs_time_and_drift),
		cmocka_unit_test(never_locked_is_unlocked_for_ever),
		cmocka_unit_test(a_label_is_compared_with_the_computers_clock),
		cmocka_unit_test(an_inserted_second_is_a_second_of_its_own),
		cmocka_unit_test(a_coming_leap_second_is_set),
		cmocka_unit_test(a_restart_takes_all_worth),
		cmocka_unit_test(whatever_is_odd_is_asked_about),
		cmocka_unit_test(after_a_reconnect_all_is_set_anew),
		cmocka_unit_test(
			what_waited_for_the_connection_is_not_taken_for_now),
		cmocka_unit_test(a_line_cut_anywhere_is_one_line),
		cmocka_unit_test(a_changed_byte_changes_nothing_else),
		cmocka_unit_test(events_that_nobody_takes_are_counted),
		cmocka_unit_test(words_that_name_no_front_end_are_refused),
	};

	return cmocka_run_group_tests(tests, renew_list, NULL);
}
