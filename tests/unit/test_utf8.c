/* test_utf8.c - what is UTF-8 and what is not, by RFC 3629. */
#include <string.h>

#include "check.h"
#include "cisoid/chan.h"
#include "host/core/utf8.h"

/* The ends of each row of the table in section 3. */
static void characters_are_read(void **state)
{
	static const struct {
		const char *text;
		uint32_t code;
	} cases[] = {
		{"\x01", 1},
		{"\x7F", 0x7F},
		{"\xC2\x80", 0x80},
		{"\xDF\xBF", 0x7FF},
		{"\xE0\xA0\x80", 0x800},
		{"\xED\x9F\xBF", 0xD7FF},
		{"\xEE\x80\x80", 0xE000},
		{"\xEF\xBF\xBF", 0xFFFF},
		{"\xF0\x90\x80\x80", 0x10000},
		{"\xF4\x8F\xBF\xBF", 0x10FFFF},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const unsigned char *s = (const unsigned char *)cases[i].text;
		size_t len = strlen(cases[i].text);
		uint32_t code = 0;

		assert_int_equal(cis_utf8_next(s, len + 1, &code), len);
		assert_int_equal(code, cases[i].code);
		assert_int_equal(cis_utf8_next(s, len - 1, &code), 0);
	}
}

static const char *const none[] = {
	"\x80",
	"\xBF",
	"\xFE",
	"\xFF", /* no first */
	"\xC3",
	"\xC3(",
	"\xE2\x82(", /* no next */
	"\xC0\xAF",
	"\xC1\xBF",
	"\xE0\x9F\xBF",     /* overlong */
	"\xF0\x8F\xBF\xBF", /* overlong */
	"\xED\xA0\x80",
	"\xED\xBF\xBF", /* surrogates */
	"\xF4\x90\x80\x80",
	"\xF8\x88\x80\x80\x80", /* too large */
};

static void what_is_no_character_is_refused(void **state)
{
	uint32_t code;

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_int_equal(cis_utf8_next((const unsigned char *)none[i],
					       strlen(none[i]), &code),
				 0);
}

/* Readers of JSON refuse a whole document for one of them. */
static void none_of_them_gets_into_a_name(void **state)
{
	static struct cis_chan_map map;

	(void)state;
	map.n_chan = 1;
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		cis_chan_set_name(&map, 0, none[i]);
		assert_int_equal(map.chan[0].name[0], '?');
		for (const char *s = map.chan[0].name; *s; s++)
			assert_true((unsigned char)*s < 0x80);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(characters_are_read),
		cmocka_unit_test(what_is_no_character_is_refused),
		cmocka_unit_test(none_of_them_gets_into_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
