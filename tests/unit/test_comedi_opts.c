/* test_comedi_opts.c - options of a Comedi source, and devices that are none. */
#include <errno.h>
#include <string.h>

#include "check.h"
#include "cisoid/source.h"
#include "host/acq/comedi/comedi_opts.h"

static void nothing_given_means_six_channels_at_18_khz(void **state)
{
	struct cis_comedi_opts o;

	(void)state;
	assert_int_equal(cis_comedi_opts_parse(&o, "", NULL), 0);
	assert_string_equal(o.dev, "/dev/comedi0");
	assert_int_equal(o.subdevice, -1);
	assert_int_equal(o.n_chan, 6);
	for (unsigned i = 0; i < 6; i++)
		assert_int_equal(o.chan[i], i);
	assert_int_equal(o.aref, CIS_AREF_ANY);
	assert_true(o.rate_hz == 18000);
	assert_false(o.clock.external || o.start.external);
	assert_false(o.has_convert || o.has_pps);
	assert_string_equal(o.calibration, "");
}

static void every_option_is_read(void **state)
{
	struct cis_comedi_opts o;

	(void)state;
	assert_int_equal(
		cis_comedi_opts_parse(&o,
				      "dev=/dev/comedi3,subdevice=2,"
				      "channels=7+0+12,range=1,aref=ground,"
				      "rate=10000.5,buffer=1.5,"
				      "clock=internal,start=now,"
				      "convert_ns=5000,pps_channel=15,"
				      "max_rate_error=1e-4,"
				      "calibration=/etc/cal",
				      NULL),
		0);
	assert_string_equal(o.dev, "/dev/comedi3");
	assert_int_equal(o.subdevice, 2);
	assert_int_equal(o.n_chan, 3);
	assert_int_equal(o.chan[0], 7);
	assert_int_equal(o.chan[2], 12);
	assert_int_equal(o.range, 1);
	assert_int_equal(o.aref, CIS_AREF_GROUND);
	assert_true(o.rate_hz == 10000.5);
	check_close(o.buffer_s, 1.5, 0);
	assert_true(o.has_convert && o.has_pps);
	assert_int_equal(o.convert_ns, 5000);
	assert_int_equal(o.pps_chan, 15);
	check_close(o.max_rate_err, 1e-4, 0);
	assert_string_equal(o.calibration, "/etc/cal");
}

static void lines_are_numbers_with_an_edge(void **state)
{
	static const struct {
		const char *opts;
		unsigned line;
		bool falling;
	} good[] = {
		{"clock=external:0", 0, false},
		{"clock=external:PFI7", 7, false},
		{"clock=external:3:falling", 3, true},
		{"clock=external:PFI65535:rising", 65535, false},
	};
	struct cis_comedi_opts o;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(cis_comedi_opts_parse(&o, good[i].opts, NULL),
				 0);
		assert_true(o.clock.external && !o.start.external);
		assert_int_equal(o.clock.line, good[i].line);
		assert_int_equal(o.clock.falling, good[i].falling);
	}
	assert_int_equal(cis_comedi_opts_parse(&o, "start=external:2", NULL),
			 0);
	assert_true(o.start.external && !o.clock.external);
	assert_int_equal(o.start.line, 2);
}

/* As docs/hardware.md wires it, unless told. */
static void a_front_end_needs_nothing_but_its_port(void **state)
{
	struct cis_comedi_opts o;

	(void)state;
	assert_int_equal(
		cis_comedi_opts_parse(
			&o, "dev=/dev/comedi0,clock=mcu:/dev/ttyACM0", NULL),
		0);
	assert_string_equal(o.front_end.where, "/dev/ttyACM0");
	assert_true(o.clock.external && o.start.external);
	assert_int_equal(o.clock.line, 0);
	assert_int_equal(o.start.line, 1);
	assert_false(o.clock.falling || o.start.falling);
	check_close(o.front_end.delay_ns, 0, 0);
	assert_int_equal(cis_comedi_opts_parse(
				 &o,
				 "rate=9600,clock=mcu:tcp:[::1]:7000,"
				 "clock_line=PFI7:falling,start=external:3,"
				 "clock_delay_ns=137,clock_wait_s=0",
				 NULL),
			 0);
	assert_string_equal(o.front_end.where, "tcp:[::1]:7000");
	assert_int_equal(o.clock.line, 7);
	assert_true(o.clock.falling);
	assert_int_equal(o.start.line, 3);
	check_close(o.front_end.delay_ns, 137, 0);
	check_close(o.front_end.wait_s, 0, 0);
	assert_int_equal(cis_comedi_opts_parse(&o, "clock=external:0", NULL),
			 0);
	assert_string_equal(o.front_end.where, "");
}

static void nonsense_is_refused_by_name(void **state)
{
	static const struct {
		const char *opts, *word;
	} bad[] = {
		{"rates=1", "rates"},
		{"rate=0", "rate"},
		{"clock=internal,clock=mcu:/a", "clock is given twice"},
		{"rate=-5", "rate"},
		{"rate=nan", "rate"},
		{"rate=1e300", "rate"},
		{"channels=", "channels"},
		{"channels=0+", "channels"},
		{"channels=+0", "channels"},
		{"channels=0;1", "channels"},
		{"channels=-1", "channels"},
		{"channels=70000", "channels"},
		{"channels=4294967297", "channels"},
		{"range=0.5", "range"},
		{"range=-1", "range"},
		{"range=256", "range"},
		{"subdevice=1e99", "subdevice"},
		{"aref=earth", "aref"},
		{"aref=", "aref"},
		{"dev=", "dev"},
		{"buffer=1e30", "buffer"},
		{"buffer_s=0", "buffer_s"},
		{"buffer_s=0,buffer=1", "buffer_s"},
		{"clock=external", "clock"},
		{"clock=external:", "clock"},
		{"clock=external:PFI", "clock"},
		{"clock=external:65536", "clock"},
		{"clock=external:99999999999999999999", "clock"},
		{"clock=external:1:both", "clock"},
		{"clock=mcu", "clock"},
		{"clock=mcu:", "clock"},
		{"clock=mcu:tcp:", "clock"},
		{"clock=mcu:tcp:nowhere", "clock"},
		{"clock=mcu:/dev/ttyACM0,start=now", "start"},
		{"clock=mcu:/dev/ttyACM0,start=internal", "start"},
		{"clock=mcu:/dev/ttyACM0,clock_line=", "clock_line"},
		{"clock=mcu:/dev/ttyACM0,clock_line=x", "clock_line"},
		{"clock=mcu:/dev/ttyACM0,clock_line=65536", "clock_line"},
		{"clock=mcu:/dev/ttyACM0,rate=18000.5", "rate"},
		{"clock=mcu:/dev/ttyACM0,rate=50001", "rate"},
		{"clock=mcu:/dev/ttyACM0,clock_delay_ns=-1", "clock_delay_ns"},
		{"clock=mcu:/dev/ttyACM0,clock_delay_ns=0.5", "clock_delay_ns"},
		{"clock=mcu:/dev/ttyACM0,clock_delay_ns=1e7", "clock_delay_ns"},
		{"clock=mcu:/dev/ttyACM0,clock_delay_ns=nan", "clock_delay_ns"},
		{"clock=mcu:/dev/ttyACM0,clock_wait_s=-1", "clock_wait_s"},
		{"clock=mcu:/dev/ttyACM0,clock_wait_s=1e9", "clock_wait_s"},
		{"clock_line=2", "clock_line"},
		{"clock=external:0,clock_delay_ns=100", "clock_delay_ns"},
		{"clock=internal,clock_wait_s=1", "clock_wait_s"},
		{"clock=now", "clock"},
		{"start=internal", "start"},
		{"start=external:-1", "start"},
		{"convert_ns=0", "convert_ns"},
		{"convert_ns=1.5", "convert_ns"},
		{"convert_ns=1e300", "convert_ns"},
		{"pps_channel=", "pps_channel"},
		{"pps_channel=-1", "pps_channel"},
		{"max_rate_error=0.5", "max_rate_error"},
		{"max_rate_error=nan", "max_rate_error"},
		{"calibration=", "calibration"},
	};
	struct cis_comedi_opts o = {.n_chan = 99};
	struct cis_diag diag;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(cis_comedi_opts_parse(&o, bad[i].opts, &diag),
				 -EINVAL);
		assert_non_null(strstr(diag.msg, bad[i].word));
		assert_int_equal(o.n_chan, 99);
	}
}

static void more_channels_than_the_map_holds_are_refused(void **state)
{
	char text[16 + 2 * (CIS_MAX_CHAN + 1)] = "channels=0";
	struct cis_comedi_opts o;

	(void)state;
	for (int i = 1; i < CIS_MAX_CHAN; i++)
		strcat(text, "+0");
	assert_int_equal(cis_comedi_opts_parse(&o, text, NULL), 0);
	assert_int_equal(o.n_chan, CIS_MAX_CHAN);
	strcat(text, "+0");
	assert_int_equal(cis_comedi_opts_parse(&o, text, NULL), -EINVAL);
}

static void what_is_no_board_is_told_from_one(void **state)
{
	static const char *const devs[] = {"/nonexistent/comedi0", "/",
					   "/dev/null", "/etc/passwd"};

	(void)state;
	for (size_t i = 0; i < sizeof(devs) / sizeof(devs[0]); i++) {
		struct cis_source *src = NULL;
		struct cis_diag diag;
		char spec[64] = "comedi:dev=";

		strcat(spec, devs[i]);
		assert_int_equal(cis_source_open(spec, &src, &diag), -ENODEV);
		assert_non_null(strstr(diag.msg, devs[i]));
		assert_null(src);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_given_means_six_channels_at_18_khz),
		cmocka_unit_test(every_option_is_read),
		cmocka_unit_test(lines_are_numbers_with_an_edge),
		cmocka_unit_test(a_front_end_needs_nothing_but_its_port),
		cmocka_unit_test(nonsense_is_refused_by_name),
		cmocka_unit_test(more_channels_than_the_map_holds_are_refused),
		cmocka_unit_test(what_is_no_board_is_told_from_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
