/*
 * test_link.c - what front end and host say is read as it was written.
 *
 * Checksums are in the document's examples (mcu_link_doc.py), not here: lines
 * are compared without them.
 */
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "tests/firmware/link_again.h"

/* What stands between $ and *. */
static const char *inside(struct fe_text *t, size_t len)
{
	assert_true(len > 6 && len <= FE_LINE_MAX);
	assert_int_equal(strlen(t->s), len);
	t->s[len - 5] = '\0';
	return t->s + 1;
}

/* ---- front end to host ---- */

static void an_id_line_has_its_fields(void **state)
{
	struct fe_message m;

	(void)state;
	assert_int_equal(fe_message_decode("PSYN,ID,1,stm32f405,0.1.0,84000000,"
					   "18000,305419896",
					   &m),
			 FE_MESSAGE_ID);
	assert_int_equal(m.id.protocol, 1);
	assert_string_equal(m.id.board, "stm32f405");
	assert_string_equal(m.id.version, "0.1.0");
	assert_int_equal(m.id.tick_hz, 84000000);
	assert_int_equal(m.id.rate_hz, 18000);
	assert_int_equal(m.id.boot, 305419896);
}

static void another_protocol_shows_whatever_follows(void **state)
{
	struct fe_message m;

	(void)state;
	assert_int_equal(fe_message_decode("PSYN,ID,2", &m), FE_MESSAGE_ID);
	assert_int_equal(m.id.protocol, 2);
	assert_int_equal(fe_message_decode("PSYN,ID,3,what,,,ever", &m),
			 FE_MESSAGE_ID);
	assert_int_equal(m.id.protocol, 3);
}

static void a_report_has_its_fields(void **state)
{
	struct fe_message m;

	(void)state;
	assert_int_equal(fe_message_decode("PSYN,T,1798761600,LOCKED,-12,30123,"
					   "85,9,18000,00E1",
					   &m),
			 FE_MESSAGE_REPORT);
	assert_int_equal(m.report.utc_s, 1798761600);
	assert_int_equal(m.report.state, FE_STATE_LOCKED);
	assert_true(m.report.has_phase && m.report.has_freq &&
		    m.report.has_error && m.report.has_sats);
	assert_int_equal(m.report.phase_ns, -12);
	assert_int_equal(m.report.freq_ppb, 30123);
	assert_int_equal(m.report.error_ns, 85);
	assert_int_equal(m.report.sats, 9);
	assert_int_equal(m.report.edges, 18000);
	assert_int_equal(m.report.flags, FE_FLAG_LABEL | FE_FLAG_PULSE |
						 FE_FLAG_SLEW |
						 FE_FLAG_RUNNING);
}

static void what_is_not_known_is_an_empty_field(void **state)
{
	struct fe_message m;

	(void)state;
	assert_int_equal(fe_message_decode("PSYN,T,0,INIT,,,,,18001,0000", &m),
			 FE_MESSAGE_REPORT);
	assert_false(m.report.has_phase || m.report.has_freq ||
		     m.report.has_error || m.report.has_sats);
	assert_int_equal(m.report.utc_s, 0);
}

/* Every line that is taken is written as it was. */
static const char *const said[] = {
	"PSYN,ID,1,a,b,1,1,0",
	"PSYN,ID,1,sixteen-letters.,sixteen_letters!,1000000000,50000,"
	"4294967295",
	"PSYN,T,0,INIT,,,,,0,0000",
	"PSYN,T,4102444799,HOLDOVER,-2147483648,-2147483648,4294967295,255,"
	"99999,FFFF",
	"PSYN,T,1798761600,ACQUIRE,2147483647,,,0,18000,0020",
	"PSYN,T,1798761600,TRACK,0,0,0,,18000,00A1",
	"PSYN,T,1798761600,FAULT,,-200000,,4,18000,0000",
	"PSYN,E,0,BOOT,4294967295",
	"PSYN,E,1798761600,STATE,3",
	"PSYN,E,1798761600,STEP,-999999999999",
	"PSYN,E,1798761600,LABEL_JUMP,1",
	"PSYN,E,0,LINE_BAD,17",
	"PSYN,ACK,0",
	"PSYN,ACK,65535",
	"PSYN,ACK,7,rate,18000",
	"PSYN,ACK,7,delay_ns,0",
	"PSYN,ACK,7,leap,-1798761600",
	"PSYN,ACK,7,leap_till,1814140801",
	"PSYN,NAK,7,LATE",
};

static void what_is_read_is_written_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
		struct fe_message m;
		struct fe_text t;

		assert_int_not_equal(fe_message_decode(said[i], &m),
				     FE_MESSAGE_BAD);
		assert_string_equal(inside(&t, say_again(&m, &t)), said[i]);
	}
}

static void every_word_is_read_and_written(void **state)
{
	struct fe_message m;
	char text[FE_LINE_MAX];

	(void)state;
	for (int i = 0; i < FE_N_STATE; i++) {
		snprintf(text, sizeof(text), "PSYN,T,0,%s,,,,,0,0000",
			 fe_state_word((enum fe_state)i));
		assert_int_equal(fe_message_decode(text, &m),
				 FE_MESSAGE_REPORT);
		assert_int_equal(m.report.state, i);
	}
	for (int i = 0; i < FE_N_EVENT; i++) {
		snprintf(text, sizeof(text), "PSYN,E,0,%s,0",
			 fe_event_word((enum fe_event_name)i));
		assert_int_equal(fe_message_decode(text, &m), FE_MESSAGE_EVENT);
		assert_int_equal(m.event.name, i);
	}
	for (int i = 0; i < FE_N_REASON; i++) {
		snprintf(text, sizeof(text), "PSYN,NAK,0,%s",
			 fe_reason_word((enum fe_reason)i));
		assert_int_equal(fe_message_decode(text, &m), FE_MESSAGE_NAK);
		assert_int_equal(m.nak.reason, i);
	}
	assert_null(fe_state_word((enum fe_state)FE_N_STATE));
	assert_null(fe_event_word((enum fe_event_name)FE_N_EVENT));
	assert_null(fe_reason_word((enum fe_reason) - 1));
	assert_null(fe_key_word((enum fe_key)FE_N_KEY));
}

static const char *const unsaid[] = {
	"",
	"PSYN",
	"PSYN,",
	"PSYN,X",
	"psyn,ACK,1",
	"GPZDA,ACK,1",
	"PSYN,T",
	"PSYN,ID,",
	"PSYN,ID,0",
	"PSYN,ID,-1",
	"PSYN,ID,4294967297",
	"PSYN,ID,1",
	"PSYN,ID,1,a,b,1,1",
	"PSYN,ID,1,a,b,1,1,0,",
	"PSYN,ID,1,,b,1,1,0",
	"PSYN,ID,1,seventeen-letters,b,1,1,0",
	"PSYN,ID,1,a b,b,1,1,0",
	"PSYN,ID,1,a,b,0,1,0",
	"PSYN,ID,1,a,b,1000000001,1,0",
	"PSYN,ID,1,a,b,1,0,0",
	"PSYN,ID,1,a,b,1,50001,0",
	"PSYN,ID,1,a,b,1,1,4294967296",
	"PSYN,T,0,INIT,,,,,0,000",
	"PSYN,T,0,INIT,,,,,0,0000,",
	"PSYN,T,0,INIT,,,,,0",
	"PSYN,T,0,INIT,,,,,,0000",
	"PSYN,T,,INIT,,,,,0,0000",
	"PSYN,T,-1,INIT,,,,,0,0000",
	"PSYN,T,4102444800,INIT,,,,,0,0000",
	"PSYN,T,0,LOST,,,,,0,0000",
	"PSYN,T,0,3,,,,,0,0000",
	"PSYN,T,0,INIT,2147483648,,,,0,0000",
	"PSYN,T,0,INIT,,-2147483649,,,0,0000",
	"PSYN,T,0,INIT,,,-1,,0,0000",
	"PSYN,T,0,INIT,,,4294967296,,0,0000",
	"PSYN,T,0,INIT,,,,256,0,0000",
	"PSYN,T,0,INIT,,,,,100000,0000",
	"PSYN,T,0,INIT,,,,,0,00e1",
	"PSYN,E,0,BOOT",
	"PSYN,E,0,BOOT,",
	"PSYN,E,0,BOOTED,0",
	"PSYN,E,0,BOOT,1000000000000",
	"PSYN,E,0,BOOT,0,0",
	"PSYN,ACK",
	"PSYN,ACK,",
	"PSYN,ACK,65536",
	"PSYN,ACK,-1",
	"PSYN,ACK,1,",
	"PSYN,ACK,1,rate",
	"PSYN,ACK,1,id,0",
	"PSYN,ACK,1,rate,0",
	"PSYN,ACK,1,leap,1",
	"PSYN,ACK,1,leap_till,-1",
	"PSYN,ACK,1,rate,18000,0",
	"PSYN,NAK,1",
	"PSYN,NAK,1,WHY",
	"PSYN,NAK,1,LATE,0",
};

static void what_no_front_end_says_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(unsaid) / sizeof(unsaid[0]); i++) {
		struct fe_message m = {.kind = FE_MESSAGE_ID};

		if (fe_message_decode(unsaid[i], &m) != FE_MESSAGE_BAD)
			fail_msg("taken: %s", unsaid[i]);
		assert_int_equal(m.kind, FE_MESSAGE_BAD);
	}
}

static void what_a_line_cannot_hold_is_not_written(void **state)
{
	struct fe_id id = {
		.board = "a", .version = "b", .tick_hz = 1, .rate_hz = 1};
	struct fe_report r = {.utc_s = -1};
	struct fe_text t;

	(void)state;
	assert_true(fe_id_encode(&id, &t) > 0);
	for (size_t i = 0; i < 6; i++) {
		struct fe_id none = id;

		none.tick_hz = i == 0 ? 0 : i == 1 ? 1000000001 : 1;
		none.rate_hz = i == 2 ? 0 : i == 3 ? 50001 : 1;
		none.board[0] = i == 4 ? ' ' : 'a';
		none.version[0] = i == 5 ? '\0' : 'b';
		assert_int_equal(fe_id_encode(&none, &t), 0);
	}
	strcpy(id.board, "a,b");
	assert_int_equal(fe_id_encode(&id, &t), 0);
	memset(id.board, 'x', sizeof(id.board));
	assert_int_equal(fe_id_encode(&id, &t), 0);
	strcpy(id.board, "");
	assert_int_equal(fe_id_encode(&id, &t), 0);
	assert_int_equal(fe_report_encode(&r, &t), 0);
	r = (struct fe_report){.state = (enum fe_state)FE_N_STATE};
	assert_int_equal(fe_report_encode(&r, &t), 0);
}

static void answers_without_a_word_are_not_written(void **state)
{
	static const struct fe_ack none[] = {
		{.has_value = true, .key = FE_KEY_ID},
		{.has_value = true, .key = (enum fe_key)FE_N_KEY},
		{.has_value = true, .key = FE_KEY_RATE, .value = 0},
		{.has_value = true, .key = FE_KEY_LEAP, .value = 1},
	};
	const struct fe_nak nak = {.reason = (enum fe_reason)FE_N_REASON};
	const struct fe_event events[] = {
		{.name = (enum fe_event_name)FE_N_EVENT},
		{.utc_s = -1},
		{.utc_s = FE_UTC_MAX + 1},
	};
	struct fe_text t;

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_int_equal(fe_ack_encode(&none[i], &t), 0);
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		assert_int_equal(fe_event_encode(&events[i], &t), 0);
	assert_int_equal(fe_nak_encode(&nak, &t), 0);
}

/* A count that has run away is still told. */
static void large_values_are_written_as_their_bound(void **state)
{
	const struct fe_report r = {.edges = UINT32_MAX};
	const struct fe_event e = {.name = FE_EVENT_STEP, .value = INT64_MIN};
	struct fe_text t;

	(void)state;
	assert_string_equal(inside(&t, fe_report_encode(&r, &t)),
			    "PSYN,T,0,INIT,,,,,99999,0000");
	assert_string_equal(inside(&t, fe_event_encode(&e, &t)),
			    "PSYN,E,0,STEP,-999999999999");
}

/* ---- host to front end ---- */

static const struct {
	const char *text;
	struct fe_command c;
} commands[] = {
	{"PSYN,START,0,1798761600",
	 {.verb = FE_VERB_START, .seq = 0, .utc_s = 1798761600}},
	{"PSYN,START,65535,4102444799",
	 {.verb = FE_VERB_START, .seq = 65535, .utc_s = FE_UTC_MAX}},
	{"PSYN,SET,1,rate,18000",
	 {.verb = FE_VERB_SET, .seq = 1, .key = FE_KEY_RATE, .value = 18000}},
	{"PSYN,SET,1,delay_ns,0",
	 {.verb = FE_VERB_SET, .seq = 1, .key = FE_KEY_DELAY_NS}},
	{"PSYN,SET,1,delay_ns,1000000",
	 {.verb = FE_VERB_SET,
	  .seq = 1,
	  .key = FE_KEY_DELAY_NS,
	  .value = 1000000}},
	{"PSYN,SET,2,leap,1798761600",
	 {.verb = FE_VERB_SET,
	  .seq = 2,
	  .key = FE_KEY_LEAP,
	  .value = 1798761600}},
	{"PSYN,SET,2,leap,-1798761600",
	 {.verb = FE_VERB_SET,
	  .seq = 2,
	  .key = FE_KEY_LEAP,
	  .value = -1798761600}},
	{"PSYN,SET,2,leap,0",
	 {.verb = FE_VERB_SET, .seq = 2, .key = FE_KEY_LEAP}},
	{"PSYN,SET,2,leap_till,4102444799",
	 {.verb = FE_VERB_SET,
	  .seq = 2,
	  .key = FE_KEY_LEAP_TILL,
	  .value = FE_UTC_MAX}},
	{"PSYN,QUERY,3,id",
	 {.verb = FE_VERB_QUERY, .seq = 3, .key = FE_KEY_ID}},
	{"PSYN,QUERY,3,leap",
	 {.verb = FE_VERB_QUERY, .seq = 3, .key = FE_KEY_LEAP}},
};

static void commands_are_read_as_they_were_written(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		enum fe_reason reason;
		struct fe_command c;
		struct fe_text t;
		size_t len = fe_command_encode(&commands[i].c, &t);

		assert_string_equal(inside(&t, len), commands[i].text);
		assert_int_equal(
			fe_command_decode(commands[i].text, &c, &reason),
			FE_COMMAND_OK);
		assert_true(fe_command_same(&c, &commands[i].c));
	}
}

static const struct {
	const char *text;
	enum fe_reason reason;
} refused[] = {
	{"PSYN,STOP,7", FE_REASON_COMMAND},
	{"PSYN,T,7,LOCKED", FE_REASON_COMMAND},
	{"PSYN,start,7,1", FE_REASON_COMMAND},
	{"PSYN,,7", FE_REASON_COMMAND},
	{"PSYN,START,7", FE_REASON_FIELDS},
	{"PSYN,START,7,", FE_REASON_FIELDS},
	{"PSYN,START,7,now", FE_REASON_FIELDS},
	{"PSYN,START,7,01", FE_REASON_FIELDS},
	{"PSYN,START,7,1,2", FE_REASON_FIELDS},
	{"PSYN,START,7,-1,2", FE_REASON_FIELDS},
	{"PSYN,START,7,-1", FE_REASON_RANGE},
	{"PSYN,START,7,4102444800", FE_REASON_RANGE},
	{"PSYN,START,7,99999999999999999999", FE_REASON_RANGE},
	{"PSYN,SET,7", FE_REASON_FIELDS},
	{"PSYN,SET,7,", FE_REASON_KEY},
	{"PSYN,SET,7,Rate,1", FE_REASON_KEY},
	{"PSYN,SET,7,id,1", FE_REASON_KEY},
	{"PSYN,SET,7,rate", FE_REASON_FIELDS},
	{"PSYN,SET,7,rate,", FE_REASON_FIELDS},
	{"PSYN,SET,7,rate,18000.0", FE_REASON_FIELDS},
	{"PSYN,SET,7,rate,18000,", FE_REASON_FIELDS},
	{"PSYN,SET,7,rate,0", FE_REASON_RANGE},
	{"PSYN,SET,7,rate,50001", FE_REASON_RANGE},
	{"PSYN,SET,7,rate,9999999999999", FE_REASON_RANGE},
	{"PSYN,SET,7,delay_ns,-1", FE_REASON_RANGE},
	{"PSYN,SET,7,delay_ns,1000001", FE_REASON_RANGE},
	{"PSYN,SET,7,leap,1798761601", FE_REASON_RANGE},
	{"PSYN,SET,7,leap,4102531200", FE_REASON_RANGE},
	{"PSYN,SET,7,leap_till,-1", FE_REASON_RANGE},
	{"PSYN,QUERY,7", FE_REASON_FIELDS},
	{"PSYN,QUERY,7,", FE_REASON_KEY},
	{"PSYN,QUERY,7,state", FE_REASON_KEY},
	{"PSYN,QUERY,7,id,", FE_REASON_FIELDS},
};

static void bad_commands_are_refused_with_the_reason(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		enum fe_reason reason = (enum fe_reason)FE_N_REASON;
		struct fe_command c;

		if (fe_command_decode(refused[i].text, &c, &reason) !=
			    FE_COMMAND_NAK ||
		    c.seq != 7)
			fail_msg("no NAK: %s", refused[i].text);
		assert_string_equal(fe_reason_word(reason),
				    fe_reason_word(refused[i].reason));
	}
}

static const char *const nobodys[] = {
	"",
	"PSYN",
	"PSYN,SET",
	"PSYN,SET,",
	"PSYN,SET,-1,rate,1",
	"PSYN,SET,65536,rate,1",
	"PSYN,SET,07,rate,1",
	"PSYN,SET,rate,1",
	"PSYN,STOP",
	"PSYNC,SET,7,rate,1",
	"GPZDA,082710.00,16,09,2002,00,00",
};

static void without_a_sequence_number_nobody_is_answered(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(nobodys) / sizeof(nobodys[0]); i++) {
		enum fe_reason reason;
		struct fe_command c;

		if (fe_command_decode(nobodys[i], &c, &reason) !=
		    FE_COMMAND_BAD)
			fail_msg("taken: %s", nobodys[i]);
	}
}

static void only_the_same_command_is_a_repetition(void **state)
{
	const struct fe_command c = {.verb = FE_VERB_SET,
				     .seq = 1,
				     .utc_s = 2,
				     .key = FE_KEY_LEAP,
				     .value = 3};
	struct fe_command other[5] = {c, c, c, c, c};

	(void)state;
	assert_true(fe_command_same(&c, &c));
	other[0].verb = FE_VERB_QUERY;
	other[1].seq++;
	other[2].utc_s++;
	other[3].key = FE_KEY_RATE;
	other[4].value++;
	for (size_t i = 0; i < 5; i++)
		assert_false(fe_command_same(&c, &other[i]));
}

static void what_a_command_cannot_be_is_not_written(void **state)
{
	static const struct fe_command none[] = {
		{.verb = (enum fe_verb)FE_N_VERB},
		{.verb = FE_VERB_START, .utc_s = -1},
		{.verb = FE_VERB_START, .utc_s = FE_UTC_MAX + 1},
		{.verb = FE_VERB_SET, .key = FE_KEY_ID},
		{.verb = FE_VERB_SET, .key = FE_KEY_RATE},
		{.verb = FE_VERB_SET, .key = FE_KEY_LEAP, .value = 1},
		{.verb = FE_VERB_QUERY, .key = (enum fe_key)FE_N_KEY},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		struct fe_text t;

		assert_int_equal(fe_command_encode(&none[i], &t), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_id_line_has_its_fields),
		cmocka_unit_test(another_protocol_shows_whatever_follows),
		cmocka_unit_test(a_report_has_its_fields),
		cmocka_unit_test(what_is_not_known_is_an_empty_field),
		cmocka_unit_test(what_is_read_is_written_the_same),
		cmocka_unit_test(every_word_is_read_and_written),
		cmocka_unit_test(what_no_front_end_says_is_refused),
		cmocka_unit_test(what_a_line_cannot_hold_is_not_written),
		cmocka_unit_test(answers_without_a_word_are_not_written),
		cmocka_unit_test(large_values_are_written_as_their_bound),
		cmocka_unit_test(commands_are_read_as_they_were_written),
		cmocka_unit_test(bad_commands_are_refused_with_the_reason),
		cmocka_unit_test(without_a_sequence_number_nobody_is_answered),
		cmocka_unit_test(only_the_same_command_is_a_repetition),
		cmocka_unit_test(what_a_command_cannot_be_is_not_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
