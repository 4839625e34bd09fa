/* test_conf.c - the configuration: units, comments, origins, refusals. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "host/core/conf.h"

static const struct cis_conf_key keys[] = {
	{"daq", "driver", NULL, 0, 0, "comedi|mock", "mock", ""},
	{"daq", "rate", "Hz", 300, 1e6, NULL, "18 kHz", ""},
	{"time", "max_error", "s", 1e-9, 10, NULL, "", ""},
	{"stream.*", "listen", NULL, 0, 0, NULL, "", ""},
	{"stream.*", "idcode", "", 1, 65534, NULL, "1", ""},
	{NULL, NULL, NULL, 0, 0, NULL, NULL, NULL},
};

static struct cis_conf conf;

static int read_text(const char *text, struct cis_diag *diag)
{
	char copy[1024];
	FILE *f;
	int err;

	snprintf(copy, sizeof(copy), "%s", text);
	f = fmemopen(copy, strlen(copy), "r");
	assert_non_null(f);
	cis_conf_init(&conf, keys);
	err = cis_conf_read(&conf, f, "t.conf", diag);
	fclose(f);
	return err;
}

static void units_comments_and_indents_are_understood(void **state)
{
	const char *text = "# a comment\n"
			   "[daq]\n"
			   "driver = comedi   # the board\n"
			   "   rate = 20 kHz\n"
			   "\n"
			   "[time]\n"
			   "max_error = 1.5 us\n"
			   "[stream.main]\n"
			   "listen = tcp:0.0.0.0:4712, udp:[::]:4713\n";

	(void)state;
	assert_int_equal(read_text(text, NULL), 0);
	assert_string_equal(cis_conf_get(&conf, "daq", "driver"), "comedi");
	check_close(cis_conf_number(&conf, "daq", "rate"), 20000, 0);
	check_close(cis_conf_number(&conf, "time", "max_error"), 1.5e-6, 1e-21);
	assert_string_equal(cis_conf_get(&conf, "stream.main", "listen"),
			    "tcp:0.0.0.0:4712, udp:[::]:4713");
	assert_string_equal(cis_conf_find(&conf, "daq", "rate")->origin,
			    "t.conf:4");
}

static void what_is_not_said_has_its_preset(void **state)
{
	(void)state;
	assert_int_equal(read_text("[daq]\n", NULL), 0);
	check_close(cis_conf_number(&conf, "daq", "rate"), 18000, 0);
	assert_string_equal(cis_conf_get(&conf, "daq", "driver"), "mock");
	assert_null(cis_conf_find(&conf, "daq", "rate"));
	assert_true(isnan(cis_conf_number(&conf, "time", "max_error")));
}

static void later_values_replace_earlier_ones(void **state)
{
	(void)state;
	assert_int_equal(read_text("[daq]\nrate = 1 kHz\nrate = 2 kHz\n", NULL),
			 0);
	check_close(cis_conf_number(&conf, "daq", "rate"), 2000, 0);
	assert_int_equal(cis_conf_set_text(&conf, "daq.rate=3 kHz", NULL), 0);
	check_close(cis_conf_number(&conf, "daq", "rate"), 3000, 0);
	assert_string_equal(cis_conf_find(&conf, "daq", "rate")->origin,
			    "--set");
}

static void nonsense_is_refused_with_line_and_nearest_name(void **state)
{
	static const struct {
		const char *text, *msg;
	} cases[] = {
		{"[daq]\n\nrat = 18 kHz\n",
		 "t.conf:3: unknown key \"rat\" in [daq]; did you mean "
		 "\"rate\"?"},
		{"[dac]\nrate = 1 kHz\n",
		 "t.conf:2: unknown section [dac]; did you mean [daq]?"},
		{"[daq]\nrate = 18 kV\n",
		 "t.conf:2: rate: bad unit \"kV\"; a value in Hz expected"},
		{"[daq]\nrate = 18000\n", "t.conf:2: rate: no unit in "
					  "\"18000\"; a value in Hz expected"},
		{"[daq]\nrate = fast\n",
		 "t.conf:2: rate: \"fast\" is not a number in Hz"},
		{"[daq]\nrate = nan Hz\n",
		 "t.conf:2: rate: \"nan Hz\" is not a number in Hz"},
		{"[daq]\nrate = 0 Hz\n",
		 "t.conf:2: rate: 0 Hz is not within 300 to 1e+06 Hz"},
		{"[daq]\ndriver = commedi\n",
		 "t.conf:2: driver: \"commedi\" is not one of comedi|mock"},
		{"[stream.a]\nidcode = 1 Hz\n",
		 "t.conf:2: idcode: bad unit \"Hz\"; a bare number expected"},
		{"[daq\n", "t.conf:1: neither [section] nor key = value"},
		{"[daq]\nrate\n",
		 "t.conf:2: neither [section] nor key = value"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cis_diag diag = {""};

		assert_int_equal(read_text(cases[i].text, &diag), -EINVAL);
		assert_string_equal(diag.msg, cases[i].msg);
	}
}

static void the_environment_has_its_say(void **state)
{
	struct cis_diag diag = {""};

	(void)state;
	assert_int_equal(read_text("[daq]\nrate = 1 kHz\n", NULL), 0);
	setenv("CISOID_DAQ_RATE", "5 kHz", 1);
	assert_int_equal(cis_conf_read_env(&conf, NULL), 0);
	check_close(cis_conf_number(&conf, "daq", "rate"), 5000, 0);
	setenv("CISOID_DAQ_RATE", "5 m", 1);
	assert_int_equal(cis_conf_read_env(&conf, &diag), -EINVAL);
	assert_non_null(strstr(diag.msg, "CISOID_DAQ_RATE"));
	unsetenv("CISOID_DAQ_RATE");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(units_comments_and_indents_are_understood),
		cmocka_unit_test(what_is_not_said_has_its_preset),
		cmocka_unit_test(later_values_replace_earlier_ones),
		cmocka_unit_test(
			nonsense_is_refused_with_line_and_nearest_name),
		cmocka_unit_test(the_environment_has_its_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
