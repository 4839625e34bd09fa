/* test_tell.c - lines for the host: whole ones, the newest, and counts. */
#include "check.h"

#include <string.h>

#include "firmware/core/tell.h"

/* All that is there, n bytes at a time. */
static size_t read_all(struct fe_tell *t, char *out, size_t n)
{
	size_t len = 0;
	size_t got;

	while ((got = fe_tell_take(t, out + len, n)) > 0)
		len += got;
	out[len] = '\0';
	return len;
}

static void put(struct fe_tell *t, int64_t value)
{
	struct fe_event e = {
		.utc_s = 1800000000, .name = FE_EVENT_STATE, .value = value};

	fe_tell_event(t, &e);
}

static void lines_come_out_as_they_went_in(void **state)
{
	static const char want[] = "$PSYN,E,1800000000,STATE,3*3C\r\n"
				   "$PSYN,E,1800000000,STATE,4*3B\r\n";
	char out[2 * FE_TELL_SIZE];

	(void)state;
	for (size_t n = 1; n < 70; n++) {
		struct fe_tell t;

		fe_tell_init(&t);
		put(&t, 3);
		put(&t, 4);
		assert_int_equal(read_all(&t, out, n), sizeof(want) - 1);
		assert_string_equal(out, want);
		assert_int_equal(read_all(&t, out, n), 0);
	}
}

/* The host stops reading after `begun` bytes. */
static void check_dropping(size_t begun)
{
	char out[2 * FE_TELL_SIZE];
	size_t n = strlen("$PSYN,E,1800000000,STATE,3*3C\r\n");
	struct fe_tell t;
	struct fe_line line;
	int64_t first = -1;
	unsigned n_lines = 0;

	fe_tell_init(&t);
	fe_line_init(&line);
	for (int i = 0; i < 4; i++)
		put(&t, i);
	assert_int_equal(fe_tell_take(&t, out, begun), begun);
	for (int i = 4; i < 100; i++)
		put(&t, i % 10);
	read_all(&t, out + begun, 7);
	for (size_t i = 0; out[i]; i++) {
		struct fe_message m;

		switch (fe_line_push(&line, (uint8_t)out[i])) {
		case FE_LINE_WHOLE:
			assert_int_equal(fe_message_decode(line.text, &m),
					 FE_MESSAGE_EVENT);
			/* Those read or begun, then the newest. */
			if (n_lines == (begun + n - 1) / n)
				first = m.event.value;
			else if (first >= 0)
				assert_int_equal(m.event.value,
						 (first + 1) % 10);
			if (first >= 0)
				first = m.event.value;
			n_lines++;
			break;
		case FE_LINE_BAD:
			fail();
			break;
		case FE_LINE_MORE:
			break;
		}
	}
	assert_int_equal(first, 9);
	/* What is not in what was read is counted. */
	assert_int_equal(n_lines + t.count[FE_EVENT_LINES_LOST], 100);
	assert_in_range(n_lines, FE_TELL_SIZE / n - 1, FE_TELL_SIZE / n + 3);
}

static void whole_old_lines_are_dropped_and_counted(void **state)
{
	(void)state;
	for (size_t begun = 0; begun < 100; begun++)
		check_dropping(begun);
}

static void what_is_counted_is_told_once_a_second(void **state)
{
	char out[2 * FE_TELL_SIZE];
	struct fe_tell t;

	(void)state;
	fe_tell_init(&t);
	fe_tell_count(&t, FE_EVENT_LINE_BAD, 1);
	fe_tell_counted(&t, 0);
	read_all(&t, out, 50);
	assert_non_null(strstr(out, ",0,LINE_BAD,1*"));
	fe_tell_count(&t, FE_EVENT_LINE_BAD, 2);
	fe_tell_count(&t, FE_EVENT_NMEA_BAD, 1);
	fe_tell_counted(&t, 0);
	fe_tell_count(&t, FE_EVENT_LINE_BAD, 100000);
	fe_tell_counted(&t, 0);
	read_all(&t, out, 50);
	assert_null(strstr(out, "LINE_BAD"));
	assert_non_null(strstr(out, ",0,NMEA_BAD,1*"));
	fe_tell_second(&t);
	fe_tell_counted(&t, 5);
	read_all(&t, out, 50);
	assert_non_null(strstr(out, ",5,LINE_BAD,65535*"));
	fe_tell_second(&t);
	fe_tell_counted(&t, 6);
	assert_int_equal(read_all(&t, out, 50), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_come_out_as_they_went_in),
		cmocka_unit_test(whole_old_lines_are_dropped_and_counted),
		cmocka_unit_test(what_is_counted_is_told_once_a_second),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
