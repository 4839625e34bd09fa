/* test_opt.c - "key=value,key=value". */
#include <errno.h>
#include <string.h>

#include "check.h"
#include "host/core/opt.h"

static const char *const keys[] = {"rate", "dev", "range", NULL};

static void known_keys_pass(void **state)
{
	struct cis_diag diag;

	(void)state;
	assert_int_equal(cis_opt_check("", keys, &diag), 0);
	assert_int_equal(cis_opt_check("rate=1,dev=/x,range", keys, &diag), 0);
}

static void unknown_keys_are_named_with_those_that_exist(void **state)
{
	struct cis_diag diag;

	(void)state;
	assert_int_equal(cis_opt_check("rate=1,ranges=2", keys, &diag),
			 -EINVAL);
	assert_string_equal(diag.msg, "unknown option \"ranges\"; did you mean "
				      "\"range\"?; there are rate dev range");
}

static void a_key_given_twice_is_named(void **state)
{
	static const struct {
		const char *opts, *says;
	} cases[] = {
		{"", NULL},
		{",,", NULL},
		{"rate=1,rates=1,dev=rate=1,rat=1,", NULL},
		{"rate=1,dev=/a,rate=1", "rate is given twice; give it once"},
		{"dev,,dev=/x", "dev is given twice; give it once"},
		{"dev=a,dev", "dev is given twice; give it once"},
	};
	struct cis_diag diag;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int err = cis_opt_once(cases[i].opts, &diag);

		assert_int_equal(err, cases[i].says ? -EINVAL : 0);
		if (cases[i].says)
			assert_string_equal(diag.msg, cases[i].says);
	}
	assert_int_equal(cis_opt_check("rate=1,rate=2", keys, &diag), -EINVAL);
	assert_non_null(strstr(diag.msg, "rate is given twice"));
}

static void numbers_are_read_and_nonsense_is_refused(void **state)
{
	static const char *const bad[] = {"rate",     "rate=",   "rate=x",
					  "rate=nan", "rate=1x", "rate=inf"};
	struct cis_diag diag;
	double v = 7;

	(void)state;
	assert_int_equal(cis_opt_f64("dev=x", "rate", &v, &diag), 0);
	assert_true(v == 7);
	assert_int_equal(cis_opt_f64("dev=x,rate=18e3", "rate", &v, &diag), 0);
	assert_true(v == 18000);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(cis_opt_f64(bad[i], "rate", &v, &diag),
				 -EINVAL);
		assert_non_null(strstr(diag.msg, "rate"));
	}
}

static void texts_end_at_the_comma(void **state)
{
	size_t len = 99;
	const char *text =
		cis_opt_text("range=/a,rate=1,dev=/dev/x,", "dev", &len);

	(void)state;
	assert_int_equal(len, strlen("/dev/x"));
	assert_memory_equal(text, "/dev/x", len);
	assert_null(cis_opt_text("device=1", "dev", &len));
	assert_non_null(cis_opt_text("dev", "dev", &len));
	assert_int_equal(len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_keys_pass),
		cmocka_unit_test(unknown_keys_are_named_with_those_that_exist),
		cmocka_unit_test(a_key_given_twice_is_named),
		cmocka_unit_test(numbers_are_read_and_nonsense_is_refused),
		cmocka_unit_test(texts_end_at_the_comma),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
