/* test_line.c - framing, checksum and fields of `$...*hh` lines. */
#include <string.h>

#include "check.h"
#include "firmware/core/line.h"

/* Results of pushing all bytes. */
struct seen {
	unsigned whole, bad;
	char text[FE_LINE_TEXT_MAX + 1]; /* of the last whole line */
};

static struct seen push(struct fe_line *l, const void *bytes, size_t len)
{
	struct seen seen = {0};

	for (size_t i = 0; i < len; i++) {
		switch (fe_line_push(l, ((const uint8_t *)bytes)[i])) {
		case FE_LINE_WHOLE:
			seen.whole++;
			strcpy(seen.text, l->text);
			break;
		case FE_LINE_BAD:
			seen.bad++;
			break;
		case FE_LINE_MORE:
			break;
		}
	}
	return seen;
}

static struct seen push_text(const char *s)
{
	struct fe_line l;

	fe_line_init(&l);
	return push(&l, s, strlen(s));
}

/* Sentences of receivers' manuals: their checksums are others' work. */
static const char *const sentences[] = {
	/* u-blox 6 protocol specification */
	"$GPRMC,083559.00,A,4717.11437,N,00833.91522,E,0.004,77.52,091202,,,A"
	"*57\r\n",
	"$GPZDA,082710.00,16,09,2002,00,00*64\r\n",
	/* NMEA 0183, as cited in gpsd's documentation */
	"$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47\r\n",
	"$GPRMC,123519,A,4807.038,N,01131.000,E,022.4,084.4,230394,003.1,W*6A"
	"\r\n",
};

static void sentences_of_manuals_are_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(sentences) / sizeof(sentences[0]); i++) {
		struct seen seen = push_text(sentences[i]);
		size_t len = strcspn(sentences[i], "*") - 1;

		assert_int_equal(seen.whole, 1);
		assert_int_equal(seen.bad, 0);
		assert_int_equal(strlen(seen.text), len);
		assert_memory_equal(seen.text, sentences[i] + 1, len);
	}
}

/* Each byte, changed into each other byte. */
static void a_line_with_one_byte_changed_is_refused_and_told(void **state)
{
	(void)state;
	for (size_t at = 0; at < strlen(sentences[1]); at++) {
		for (int byte = 0; byte < 256; byte++) {
			char line[FE_LINE_MAX + 1];
			size_t len = strlen(sentences[1]);
			struct seen seen, next;
			struct fe_line l;

			strcpy(line, sentences[1]);
			if (line[at] == (char)byte)
				continue;
			line[at] = (char)byte;
			fe_line_init(&l);
			seen = push(&l, line, len);
			next = push(&l, sentences[1], len);
			assert_int_equal(seen.whole, 0);
			assert_true(seen.bad + next.bad > 0);
			assert_int_equal(next.whole, 1);
		}
	}
}

/* And each byte lost, or sent twice. */
static void a_line_with_a_byte_lost_or_doubled_is_refused(void **state)
{
	const char *good = sentences[1];
	size_t len = strlen(good);

	(void)state;
	for (size_t at = 0; at < len; at++) {
		char line[2 * FE_LINE_MAX];
		struct seen seen;

		memcpy(line, good, at);
		strcpy(line + at, good + at + 1);
		strcat(line, good);
		seen = push_text(line);
		assert_int_equal(seen.whole, 1);
		assert_true(seen.bad > 0);

		memcpy(line, good, at + 1);
		strcpy(line + at + 1, good + at);
		seen = push_text(line);
		/* `$$` begins anew; two LF are a line and an empty one. */
		assert_int_equal(seen.whole, at == 0 || at == len - 1);
		assert_true(seen.bad > 0 || at == len - 1);
	}
}

static void noise_is_told_once_and_a_dollar_always_begins(void **state)
{
	static const struct {
		const char *bytes;
		unsigned whole, bad;
	} cases[] = {
		{"", 0, 0},
		{"\r\n\n\r", 0, 0},
		{"noise", 0, 1},
		{"noise\nnoise\r\n", 0, 2},
		{"noise$A*41\r\n", 1, 1},
		{"$A$A*41\r\n", 1, 1},
		{"$A*$A*41\r\n", 1, 1},
		{"$A*4$A*41\r\n", 1, 1},
		{"$A*41$A*41\r\n", 1, 1},
		{"$A*41\r$A*41\r\n", 1, 1},
		{"$A*41\r\n$A*41\r\n", 2, 0},
		{"$A*42\r\n$A*41\r\n", 1, 1},
		{"$A*41\n$A*41\r\n", 1, 1},
		{"$A\r\n$A*41\r\n", 1, 1},
		{"$a\x80*E1\r\n$A*41\r\n", 1, 1},
		{"$J*4A\r\n$j*6A\r\n", 2, 0},
		{"$J*4a\r\n", 0, 1},
		{"$*00\r\n", 1, 0},
		{"$ ~*5E\r\n", 1, 0},
		{"$\x1f\x7f*60\r\n", 0, 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct seen seen = push_text(cases[i].bytes);

		assert_int_equal(seen.whole, cases[i].whole);
		assert_int_equal(seen.bad, cases[i].bad);
	}
}

/* An even number of equal bytes sums to nothing. */
static void the_longest_line_is_taken_and_a_longer_one_is_not(void **state)
{
	char line[FE_LINE_MAX + 3] = "$";
	struct seen seen;

	(void)state;
	memset(line + 1, 'A', 90);
	strcpy(line + 91, "*00\r\n");
	assert_int_equal(strlen(line), 96);
	seen = push_text(line);
	assert_int_equal(seen.whole, 1);
	assert_int_equal(seen.bad, 0);
	memset(line + 1, 'A', 92);
	strcpy(line + 93, "*00\r\n");
	seen = push_text(line);
	assert_int_equal(seen.whole, 0);
	assert_int_equal(seen.bad, 1);
}

static void integers_have_one_spelling(void **state)
{
	static const struct {
		const char *text;
		enum fe_int result;
		int64_t v;
	} cases[] = {
		{"0", FE_INT_OK, 0},
		{"7", FE_INT_OK, 7},
		{"-7", FE_INT_OK, -7},
		{"100", FE_INT_OK, 100},
		{"-100", FE_INT_OK, -100},
		{"101", FE_INT_RANGE, 0},
		{"-101", FE_INT_RANGE, 0},
		{"999999999999999999", FE_INT_RANGE, 0},
		{"9999999999999999999", FE_INT_RANGE, 0},
		{"1000000000000000007", FE_INT_RANGE, 0},
		{"18446744073709551617", FE_INT_RANGE, 0},
		{"-18446744073709551617", FE_INT_RANGE, 0},
		{"", FE_INT_EMPTY, 0},
		{"-", FE_INT_NONE, 0},
		{"-0", FE_INT_NONE, 0},
		{"+7", FE_INT_NONE, 0},
		{"--7", FE_INT_NONE, 0},
		{"07", FE_INT_NONE, 0},
		{"-07", FE_INT_NONE, 0},
		{"00", FE_INT_NONE, 0},
		{" 7", FE_INT_NONE, 0},
		{"7 ", FE_INT_NONE, 0},
		{"7.0", FE_INT_NONE, 0},
		{"0x7", FE_INT_NONE, 0},
		{"1e1", FE_INT_NONE, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fe_fields f = fe_fields(cases[i].text);
		int64_t v = 0;

		assert_int_equal(fe_field_i64(&f, -100, 100, &v),
				 cases[i].result);
		assert_int_equal(v, cases[i].v);
		assert_true(fe_fields_end(&f));
		assert_int_equal(fe_field_i64(&f, -100, 100, &v), FE_INT_NONE);
	}
}

static void fields_are_taken_one_by_one(void **state)
{
	static const char *const words[] = {NULL, "two", "five"};
	struct fe_fields f = fe_fields("one,two,,0AF9,five,");
	const char *s;
	char out[4];
	uint16_t hex = 0;
	size_t len;

	(void)state;
	assert_true(fe_field_is(&f, "one"));
	assert_true(fe_field_word(&f, out, sizeof(out)));
	assert_string_equal(out, "two");
	assert_false(fe_field_word(&f, out, sizeof(out)));
	assert_string_equal(out, "two");
	assert_true(fe_field_hex4(&f, &hex));
	assert_int_equal(hex, 0x0AF9);
	assert_int_equal(fe_field_one_of(&f, words, 3), 2);
	assert_false(fe_fields_end(&f));
	assert_true(fe_field(&f, &s, &len));
	assert_int_equal(len, 0);
	assert_true(fe_fields_end(&f));
	assert_false(fe_field(&f, &s, &len));
	assert_false(fe_field_is(&f, ""));
}

static void words_match_as_a_whole(void **state)
{
	static const char *const none[] = {"on", "onee", "One", "one ", ""};

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		struct fe_fields f = fe_fields(none[i]);
		char out[4];

		assert_false(fe_field_is(&f, "one"));
		f = fe_fields(none[i]);
		if (i == 1 || i > 2)
			assert_false(fe_field_word(&f, out, sizeof(out)));
	}
}

static void hexadecimal_is_four_digits_in_upper_case(void **state)
{
	static const char *const none[] = {"",     "0",     "ABC",
					   "abcd", "00000", "00G0",
					   "0x00", "-001",  "+001"};

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		struct fe_fields f = fe_fields(none[i]);
		uint16_t v = 1;

		assert_false(fe_field_hex4(&f, &v));
		assert_int_equal(v, 1);
	}
}

static void what_is_written_is_read_again(void **state)
{
	struct fe_text t;
	struct seen seen;
	size_t len;

	(void)state;
	fe_text_begin(&t, "PSYN");
	fe_text_i64(&t, 0);
	fe_text_i64(&t, INT64_MIN);
	fe_text_i64(&t, INT64_MAX);
	fe_text_maybe_i64(&t, false, 5);
	fe_text_maybe_i64(&t, true, -5);
	fe_text_hex4(&t, 0xC0DE);
	fe_text_word(&t, "w");
	len = fe_text_end(&t);
	assert_int_equal(len, strlen(t.s));
	assert_int_equal(len, t.len);
	fe_text_word(&t, "behind the end");
	assert_int_equal(t.len, len);
	seen = push_text(t.s);
	assert_int_equal(seen.whole, 1);
	assert_string_equal(seen.text,
			    "PSYN,0,-9223372036854775808,9223372036854775807,,"
			    "-5,C0DE,w");
}

static void what_does_not_fit_is_not_written(void **state)
{
	char word[FE_LINE_MAX] = "";
	struct fe_text t;

	(void)state;
	memset(word, 'x', 89);
	fe_text_begin(&t, "");
	fe_text_word(&t, word);
	assert_int_equal(fe_text_end(&t), 96);
	word[89] = 'x';
	fe_text_begin(&t, "");
	fe_text_word(&t, word);
	assert_int_equal(fe_text_end(&t), 0);
	assert_int_equal(t.len, 0);
	fe_text_i64(&t, INT64_MIN);
	assert_int_equal(fe_text_end(&t), 0);
	fe_text_begin(&t, "a$b");
	assert_int_equal(fe_text_end(&t), 0);
	fe_text_begin(&t, "a\nb");
	assert_int_equal(fe_text_end(&t), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sentences_of_manuals_are_whole),
		cmocka_unit_test(
			a_line_with_one_byte_changed_is_refused_and_told),
		cmocka_unit_test(a_line_with_a_byte_lost_or_doubled_is_refused),
		cmocka_unit_test(noise_is_told_once_and_a_dollar_always_begins),
		cmocka_unit_test(
			the_longest_line_is_taken_and_a_longer_one_is_not),
		cmocka_unit_test(integers_have_one_spelling),
		cmocka_unit_test(fields_are_taken_one_by_one),
		cmocka_unit_test(words_match_as_a_whole),
		cmocka_unit_test(hexadecimal_is_four_digits_in_upper_case),
		cmocka_unit_test(what_is_written_is_read_again),
		cmocka_unit_test(what_does_not_fit_is_not_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
