/* test_signal_keys.c - signal keys: which there are, and what they refuse. */
#include <errno.h>

#include "signals.h"

static void every_key_of_the_list_exists(void **state)
{
	struct cis_signal sig;
	size_t n = 0;

	(void)state;
	cis_signal_init(&sig);
	for (const char *const *key = cis_signal_keys(); *key; key++, n++) {
		struct cis_diag diag = {""};

		assert_int_equal(cis_signal_set(&sig, *key, "?", &diag),
				 -EINVAL);
		/* The message begins with the key. */
		assert_int_equal(strncmp(diag.msg, *key, strlen(*key)), 0);
	}
	/* SIGNAL KEYS of cisoid-simulate(1): 10 to f_to .. seq, 12 by phase, 7 dynamic, 98 harmonics, 7
	 * disturbances, 3 + 12 noises, noise, 3 errors, 12 transducer, 4. */
	assert_int_equal(n, 10 + 12 + 7 + 98 + 7 + 15 + 1 + 3 + 12 + 4);
}

static void other_keys_do_not(void **state)
{
	static const char *const keys[] = {
		"",      "F",       "h1",       "h51",     "h3_",
		"h03_d", "h3_degs", "vd",       "va_",     "va_rad",
		"gain_", "gain_v",  "delay_va", "delayus", "h-3"};

	(void)state;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		struct cis_signal sig;

		cis_signal_init(&sig);
		assert_int_equal(cis_signal_set(&sig, keys[i], "1", NULL),
				 -ENOENT);
	}
}

static void defaults_are_those_of_the_manual(void **state)
{
	struct cis_signal sig = signal_of("");

	(void)state;
	check_close(sig.fnom_hz, 50, 0);
	check_close(sig.f_hz, 50, 0);
	check_close(sig.rms[2], 120, 0);
	check_close(sig.rms[5], 5, 0);
	assert_true(isinf(sig.snr_db));
	assert_true(sig.declared);
	assert_int_equal(sig.seed, 1);
	sig = signal_of("fnom=60");
	check_close(sig.f_hz, 60, 0);
	/* 1.5 sqrt(2) times the greatest of three. */
	sig = signal_of("vb=200 bits=16");
	check_close(sig.range_v, 300 * sqrt(2), 1e-12);
	check_close(sig.range_a, 7.5 * sqrt(2), 1e-14);
}

static void bad_values_are_refused_with_a_reason(void **state)
{
	static const struct {
		const char *key, *value, *says;
	} cases[] = {
		{"fnom", "55", "neither 50 nor 60"},
		{"fnom", "nan", "not a number"},
		{"f", "0", "not within 1 to 1000"},
		{"f", "1001", "not within"},
		{"f", "nan", "not a number"},
		{"f", "inf", "not within"},
		{"f", "", "not a number"},
		{"f", "50Hz", "not a number"},
		{"f", "50,1", "not a number"},
		{"v", "-1", "not within"},
		{"va", "-0.001", "not within"},
		{"ic", "inf", "not within"},
		{"rocof", "1e300", "not within"},
		{"am", "1.5", "not within -1 to 1"},
		{"bits", "33", "whole number from 0 to 32"},
		{"bits", "-1", "whole number"},
		{"bits", "12.5", "whole number"},
		{"snr_db", "nan", "not a number"},
		{"snr_db", "-inf", "not within"},
		{"seq", "bac", "neither abc nor acb"},
		{"noise", "pink", "neither gauss nor uniform"},
		{"declared", "yes", "neither 0 nor 1"},
		{"seed", "-1", "whole number"},
		{"seed", "1.5", "whole number"},
		{"seed", "99999999999999999999", "whole number"},
		{"h3", "nan", "not a number"},
		{"clock_ppm", "1e6", "not within"},
		{"mag_noise", "-0.1", "not within"},
		{"range_v", "0", "not within"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cis_signal sig;
		struct cis_diag diag = {""};

		cis_signal_init(&sig);
		assert_int_equal(cis_signal_set(&sig, cases[i].key,
						cases[i].value, &diag),
				 -EINVAL);
		if (!strstr(diag.msg, cases[i].says))
			fail_msg("%s=%s: %s", cases[i].key, cases[i].value,
				 diag.msg);
	}
}

static void keys_that_lack_another_are_refused(void **state)
{
	static const struct {
		const char *keys[3][2];
		const char *says;
	} cases[] = {
		{{{"step_mag", "0.1"}}, "give step_s"},
		{{{"step_deg", "10"}}, "give step_s"},
		{{{"ih", "0.1"}}, "give ih_hz"},
		{{{"f_to", "55"}}, "never reached"},
		{{{"f_to", "55"}, {"rocof", "-1"}}, "never reached"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cis_signal sig;
		struct cis_diag diag = {""};

		cis_signal_init(&sig);
		for (size_t k = 0; k < 3 && cases[i].keys[k][0]; k++)
			assert_int_equal(
				cis_signal_set(&sig, cases[i].keys[k][0],
					       cases[i].keys[k][1], &diag),
				0);
		assert_int_equal(cis_signal_finish(&sig, &diag), -EINVAL);
		assert_non_null(strstr(diag.msg, cases[i].says));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_key_of_the_list_exists),
		cmocka_unit_test(other_keys_do_not),
		cmocka_unit_test(defaults_are_those_of_the_manual),
		cmocka_unit_test(bad_values_are_refused_with_a_reason),
		cmocka_unit_test(keys_that_lack_another_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
