/*
 * test_mcu_meet.c - who is at the other end: a timing front end that is met and set,
 * or something else. No descriptor, no thread.
 */
#include "mcu_bench.h"

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
	/* NTP's 4007750400, where the list of this test ends. */
	assert_true(asks(&b, "$PSYN,SET,43,leap_till,1798761600*"));
	/* By the computer's clock; IERS Bulletin C announces none. */
	assert_true(asks(&b, "$PSYN,SET,44,leap,0*"));
	assert_true(asks(&b, "$PSYN,SET,45,rate,18000*"));
	assert_true(asks(&b, "$PSYN,SET,46,delay_ns,75*"));
	say(&b, "PSYN,ACK,45,rate,18000");
	good(&b, 1);
	assert_false(mcu_talk_ready(&b.t));
	say(&b, "PSYN,ACK,46,delay_ns,75");
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
	say(&b, "PSYN,NAK,45,RANGE");
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

/* To it what is said of leap seconds holds for good, and nobody need know. */
static void an_older_front_end_does_without_leap_till(void **state)
{
	struct bench b;

	(void)state;
	begin(&b);
	say(&b, ID);
	assert_true(asks(&b, "$PSYN,SET,43,leap_till,"));
	say(&b, "PSYN,NAK,43,KEY");
	assert_false(has_event(&b, CIS_MCU_REFUSED));
	sent(&b);
	good(&b, 1);
	mcu_talk_tick(&b.t, 2 * S);
	assert_true(asks(&b, ",delay_ns,")); /* has no answer yet */
	assert_false(asks(&b, ",leap_till,"));
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
		cmocka_unit_test(an_older_front_end_does_without_leap_till),
		cmocka_unit_test(another_version_of_the_link_is_refused),
		cmocka_unit_test(the_sentence_says_what_is_at_the_other_end),
		cmocka_unit_test(words_that_name_no_front_end_are_refused),
	};

	return cmocka_run_group_tests(tests, renew_list, NULL);
}
