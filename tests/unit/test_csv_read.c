/* test_csv_read.c - records of RFC 4180, and what is none. */
#define _GNU_SOURCE /* fmemopen */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "host/core/csv_read.h"

/* Fields of all records, '|' between fields and '/' after records; then the
 * error, if there is one. */
static void read_all(const char *text, size_t len, char *out, size_t size)
{
	FILE *f = fmemopen((void *)text, len, "r");
	struct cis_csv_reader r;
	struct cis_diag diag = {""};
	int n;

	assert_non_null(f);
	out[0] = '\0';
	cis_csv_reader_init(&r, f, "t.csv");
	while ((n = cis_csv_read(&r, &diag)) > 0) {
		for (size_t i = 0; i < r.n_field; i++) {
			size_t at = strlen(out);

			snprintf(out + at, size - at, "%s%s", i ? "|" : "",
				 cis_csv_field(&r, i));
		}
		strncat(out, "/", size - strlen(out) - 1);
	}
	if (n < 0)
		strncat(out, diag.msg, size - strlen(out) - 1);
	cis_csv_reader_free(&r);
	fclose(f);
}

static void records_are_cut_as_the_rfc_says(void **state)
{
	static const struct {
		const char *text, *fields;
	} cases[] = {
		{"a,b\r\n1,2\r\n", "a|b/1|2/"},
		{"a,b\n1,2", "a|b/1|2/"},
		{"a,b\r1,2\r", "a|b/1|2/"},
		{"\n\r\n\ra\n", "a/"},
		{",\n", "|/"},
		{"a,,\n", "a||/"},
		{"\"a,b\",\"c\"\n", "a,b|c/"},
		{"\"a\"\"b\"\n", "a\"b/"},
		{"\"a\nb\"\r\nc\n", "a\nb/c/"},
		{"a\"b\n", "a\"b/"},
		{"\xEF\xBB\xBFx\n", "x/"},
		{"\"\"\n", ""},
		{"a\n\"b", "a/t.csv:2: a quote is opened and not closed"},
		{"a\n\n\"b\nc\"\n\"", "a/b\nc/t.csv:5: a quote is opened and "
				      "not closed"},
	};
	char out[200];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		read_all(cases[i].text, strlen(cases[i].text), out,
			 sizeof(out));
		assert_string_equal(out, cases[i].fields);
	}
}

static void a_zero_byte_is_no_text(void **state)
{
	char out[200];

	(void)state;
	read_all("a\n1\0\n", 5, out, sizeof(out));
	assert_string_equal(out, "a/t.csv:2: is no text: it holds a zero byte");
}

static void a_line_without_end_is_refused(void **state)
{
	size_t len = 3u << 20;
	char *text = malloc(len), out[200];

	(void)state;
	assert_non_null(text);
	memset(text, 'x', len);
	read_all(text, len, out, sizeof(out));
	free(text);
	assert_string_equal(out, "t.csv:1: the line is too long");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_are_cut_as_the_rfc_says),
		cmocka_unit_test(a_zero_byte_is_no_text),
		cmocka_unit_test(a_line_without_end_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
