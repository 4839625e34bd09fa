/* test_dialog.c - bytes of a client become commands. */
#include <errno.h>
#include <string.h>

#include "check.h"
#include "host/net/dialog.h"

#define IDCODE 7

struct script {
	uint8_t buf[70000];
	size_t len;
};

static struct script script;

static struct script *anew(void)
{
	script.len = 0;
	return &script;
}

static void say(struct script *s, uint16_t idcode, uint16_t command)
{
	int len = cis_c37_command_encode(
		1, idcode, (struct cis_split_time){0, 0}, command,
		s->buf + s->len, sizeof(s->buf) - s->len);

	assert_true(len > 0);
	s->len += (size_t)len;
}

static void say_long(struct script *s, size_t ext_len)
{
	static const uint8_t ext[65000];
	struct cis_c37_head head = {.version = 2, .idcode = IDCODE};
	int len = cis_c37_extended_encode(&head, ext, ext_len, s->buf + s->len,
					  sizeof(s->buf) - s->len);

	assert_true(len > 0);
	s->len += (size_t)len;
}

static void say_bytes(struct script *s, uint8_t byte, size_t n)
{
	memset(s->buf + s->len, byte, n);
	s->len += n;
}

/* The commands as digits, fed in steps; 'X' when it is to be hung up on. */
static const char *heard(const struct script *s, size_t step)
{
	static struct cis_dialog d;
	static char out[256];
	size_t n = 0;

	cis_dialog_init(&d, IDCODE, 0);
	for (size_t at = 0; at < s->len; at += step) {
		const uint8_t *data = s->buf + at;
		size_t len = s->len - at < step ? s->len - at : step;
		int command;

		while ((command = cis_dialog_next(&d, 0, &data, &len)) >= 0)
			out[n++] = (char)('0' + command);
		if (command == -EPROTO) {
			out[n++] = 'X';
			break;
		}
		assert_int_equal(command, -EAGAIN);
		assert_int_equal(len, 0);
	}
	out[n] = '\0';
	return out;
}

static void commands_are_heard_whatever_the_pieces(void **state)
{
	static const size_t steps[] = {1, 7, 18, 19, 1000};
	struct script *s = anew();

	(void)state;
	for (uint16_t command = 0; command < 10; command++)
		say(s, IDCODE, command);
	say(s, CIS_C37_BROADCAST, CIS_C37_CMD_DATA_ON);
	say(s, IDCODE + 1, CIS_C37_CMD_DATA_ON);
	say_long(s, 20);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		assert_string_equal(heard(s, steps[i]), "0123456080208");
}

static void a_wrong_checksum_is_counted_and_not_obeyed(void **state)
{
	struct script *s = anew();
	static struct cis_dialog d;
	const uint8_t *data = s->buf;

	(void)state;
	say(s, IDCODE, CIS_C37_CMD_DATA_ON);
	s->buf[17] ^= 1;
	cis_dialog_init(&d, IDCODE, 0);
	assert_int_equal(cis_dialog_next(&d, 0, &data, &s->len), 0);
	assert_int_equal(d.n_bad, 1);
}

static void a_command_too_long_is_skipped(void **state)
{
	struct script *s = anew();

	(void)state;
	say(s, IDCODE, CIS_C37_CMD_DATA_ON);
	say_long(s, 1200);
	say(s, IDCODE, CIS_C37_CMD_DATA_OFF);
	say_long(s, 60000);
	say(s, IDCODE, CIS_C37_CMD_SEND_HDR);
	assert_string_equal(heard(s, 18), "213");
	assert_string_equal(heard(s, 4096), "213");
}

static void whoever_talks_garbage_is_hung_up_on(void **state)
{
	struct script *s = anew();

	(void)state;
	say(s, IDCODE, CIS_C37_CMD_DATA_ON);
	say_bytes(s, 'G', 1000);
	say(s, IDCODE, CIS_C37_CMD_DATA_OFF);
	say_bytes(s, 'G', 3000);
	say(s, IDCODE, CIS_C37_CMD_SEND_HDR);
	assert_string_equal(heard(s, 500), "213");
	say_bytes(s, 'G', 3500);
	say(s, IDCODE, CIS_C37_CMD_SEND_HDR);
	assert_string_equal(heard(s, 500), "213X");
}

static void half_a_command_is_forgotten_after_five_seconds(void **state)
{
	static struct cis_dialog d;
	struct script *s = anew();

	(void)state;
	say(s, IDCODE, CIS_C37_CMD_DATA_ON);
	for (uint64_t pause_ms = 5000; pause_ms <= 5001; pause_ms++) {
		const uint8_t *data = s->buf;
		size_t len = 9;

		cis_dialog_init(&d, IDCODE, 1000);
		assert_int_equal(cis_dialog_next(&d, 1000, &data, &len),
				 -EAGAIN);
		len = 9;
		assert_int_equal(
			cis_dialog_next(&d, 1000 + pause_ms, &data, &len),
			pause_ms == 5000 ? CIS_C37_CMD_DATA_ON : -EAGAIN);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_are_heard_whatever_the_pieces),
		cmocka_unit_test(a_wrong_checksum_is_counted_and_not_obeyed),
		cmocka_unit_test(a_command_too_long_is_skipped),
		cmocka_unit_test(whoever_talks_garbage_is_hung_up_on),
		cmocka_unit_test(
			half_a_command_is_forgotten_after_five_seconds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
