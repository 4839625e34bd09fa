/* test_cal_table.c - corrections over frequency and level, and their files. */
#define _GNU_SOURCE /* fmemopen */
#include <errno.h>
#include <string.h>

#include "check.h"
#include "host/acq/cal/cal_table.h"

/* Some sums and products of doubles near 1. */
#define ROUNDING 1e-15

#define GRID                                                    \
	"freq_hz,level_rms,gain,delay_ns,u_gain,u_delay_ns\r\n" \
	"55,100,1.004,400,4e-6,40\r\n"                          \
	"45,50,1.001,100,1e-6,10\r\n"                           \
	"55,50,1.003,300,3e-6,30\r\n"                           \
	"45,100,1.002,200,2e-6,20\r\n"

static int parse(const char *text, size_t len, struct cis_cal_table **out,
		 struct cis_diag *diag)
{
	FILE *f = fmemopen((void *)text, len, "r");
	int err;

	assert_non_null(f);
	err = cis_cal_table_parse(f, "t.csv", out, diag);
	fclose(f);
	return err;
}

static struct cis_cal_table *table(const char *text)
{
	struct cis_cal_table *t;
	struct cis_diag diag = {""};

	if (parse(text, strlen(text), &t, &diag))
		fail_msg("%s", diag.msg);
	return t;
}

/* The four nodes are 1 + 2 u + v in u = (f - 45)/10, v = (L - 50)/50. */
static double plane(double f, double level)
{
	return 1 + 2 * (f - 45) / 10 + (level - 50) / 50;
}

static void between_nodes_it_is_linear_in_both_directions(void **state)
{
	struct cis_cal_table *t = table(GRID);

	(void)state;
	for (double f = 45; f <= 55; f += 1.25) {
		for (double level = 50; level <= 100; level += 12.5) {
			double v[CIS_CAL_N_VALUE], n = plane(f, level);

			assert_true(cis_cal_table_at(t, f, level, v));
			check_close(v[CIS_CAL_GAIN], 1 + 1e-3 * n, ROUNDING);
			check_close(v[CIS_CAL_DELAY], 1e-7 * n, ROUNDING);
			check_close(v[CIS_CAL_PHASE], 0, 0);
			check_close(v[CIS_CAL_U_GAIN], 1e-6 * n, ROUNDING);
			check_close(v[CIS_CAL_U_DELAY], 1e-8 * n, ROUNDING);
		}
	}
	cis_cal_table_free(t);
}

static void a_saddle_is_bilinear(void **state)
{
	struct cis_cal_table *t = table("level_rms,freq_hz,gain\n"
					"0,0.5,1\n0,1.5,1\n1,0.5,1\n1,1.5,2\n");
	double v[CIS_CAL_N_VALUE];

	(void)state;
	assert_true(cis_cal_table_at(t, 0.75, 0.5, v));
	check_close(v[CIS_CAL_GAIN], 1 + 0.25 * 0.5, ROUNDING);
	cis_cal_table_free(t);
}

/* Outside, the edge is held, and what the plane would have added is doubt. */
static void outside_the_edge_is_held_and_doubted(void **state)
{
	static const struct {
		double f, level, edge_f, edge_level;
	} cases[] = {{44, 75, 45, 75},   {57, 75, 55, 75}, {50, 20, 50, 50},
		     {50, 130, 50, 100}, {40, 10, 45, 50}, {60, 200, 55, 100}};
	struct cis_cal_table *t = table(GRID);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		double v[CIS_CAL_N_VALUE];
		double held = plane(cases[i].edge_f, cases[i].edge_level);
		double step = plane(cases[i].f, cases[i].level) - held;

		assert_false(
			cis_cal_table_at(t, cases[i].f, cases[i].level, v));
		check_close(v[CIS_CAL_GAIN], 1 + 1e-3 * held, ROUNDING);
		check_close(v[CIS_CAL_DELAY], 1e-7 * held, ROUNDING);
		check_close(v[CIS_CAL_U_GAIN], hypot(1e-6 * held, 1e-3 * step),
			    1e-14);
		check_close(v[CIS_CAL_U_DELAY], hypot(1e-8 * held, 1e-7 * step),
			    ROUNDING);
	}
	cis_cal_table_free(t);
}

static void noise_on_the_edge_is_not_outside(void **state)
{
	struct cis_cal_table *t = table(GRID);
	double v[CIS_CAL_N_VALUE];

	(void)state;
	assert_true(cis_cal_table_at(t, 44.91, 100.4, v));
	check_close(v[CIS_CAL_GAIN], 1 + 1e-3 * plane(45, 100), ROUNDING);
	assert_false(cis_cal_table_at(t, 44.89, 100, v));
	assert_false(cis_cal_table_at(t, 45, 100.6, v));
	cis_cal_table_free(t);
}

static void an_axis_that_is_absent_has_no_end(void **state)
{
	struct cis_cal_table *t = table("phase_deg, freq_hz\n 1 , 45\n3,55\n");
	double v[CIS_CAL_N_VALUE];

	(void)state;
	assert_true(cis_cal_table_at(t, 50, 1e6, v));
	check_close(v[CIS_CAL_PHASE], 2 * acos(-1) / 180, ROUNDING);
	check_close(v[CIS_CAL_GAIN], 1, 0);
	cis_cal_table_free(t);
	t = table("gain,u_gain\n1.01,0.001\n");
	assert_true(cis_cal_table_at(t, 1, 0, v));
	check_close(v[CIS_CAL_GAIN], 1.01, 0);
	check_close(v[CIS_CAL_U_GAIN], 0.001, 0);
	cis_cal_table_free(t);
}

static void its_span_is_told(void **state)
{
	struct cis_cal_table *t = table(GRID);
	struct cis_cal_span s = cis_cal_table_span(t);

	(void)state;
	assert_string_equal(s.name, "t.csv");
	assert_int_equal(s.n_row, 4);
	assert_true(s.has_freq && s.has_level);
	check_close(s.freq_hz[0], 45, 0);
	check_close(s.freq_hz[1], 55, 0);
	check_close(s.level_rms[1], 100, 0);
	check_close(s.lowest[CIS_CAL_GAIN], 1.001, 0);
	check_close(s.highest[CIS_CAL_U_DELAY], 40e-9, 1e-22);
	cis_cal_table_free(t);
}

static void a_bad_file_is_refused_at_line_and_column(void **state)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
		{"\n", "t.csv: is empty"},
		{"gain\n", "t.csv: has no rows"},
		{"freq_hz,gian\n",
		 "t.csv:1:2: there is no column \"gian\"; did you mean "
		 "\"gain\"?"},
		{"gain,gain\n", "t.csv:1:2: gain is there twice"},
		{"freq_hz,u_gain\n",
		 "t.csv:1: none of the columns gain, delay_ns, phase_deg: "
		 "nothing to correct"},
		{"gain,delay_ns\n1,2\n\n1,x\n",
		 "t.csv:4:2: delay_ns: \"x\" is not a number"},
		{"gain,delay_ns\n1,\n",
		 "t.csv:2:2: delay_ns: \"\" is not a number"},
		{"gain\nnan\n", "t.csv:2:1: gain: \"nan\" is not a number"},
		{"gain\n1e999\n", "t.csv:2:1: gain: \"1e999\" is not a number"},
		{"gain\n12\n", "t.csv:2:1: gain: 12 is not within 0.5 to 2"},
		{"gain,u_gain\n1,-1\n",
		 "t.csv:2:2: u_gain: -1 is not within 0 to 1"},
		{"gain\n1,2\n", "t.csv:2: has 2 fields, the header 1"},
		{"freq_hz,gain\n50,1\n",
		 "t.csv: freq_hz: one value only; give at least two, or leave "
		 "the column out if the rows hold for all"},
		{"freq_hz,gain\n45,1\n55,1\n45,1\n",
		 "t.csv:4: duplicate row: the same frequency as in line 2"},
		{"freq_hz,gain\n50,1\n50,1.001\n",
		 "t.csv:3: duplicate row: the same frequency as in line 2"},
		{"level_rms,gain\n1,1\n1,1\n",
		 "t.csv:3: duplicate row: the same level as in line 2"},
		{"freq_hz,level_rms,gain\n50,1,1\n50,2,1\n50,1,1\n",
		 "t.csv:4: duplicate row: the same frequency and level as in "
		 "line 2"},
		{"freq_hz,level_rms,gain\n45,1,1\n55,1,1\n45,2,1\n",
		 "t.csv: has no row of freq_hz 55 and level_rms 2; every "
		 "frequency needs every level"},
		{"gain\n1\n1\n",
		 "t.csv:3: duplicate row: it holds for all, as in line 2"},
		{"gain\n\"1\n", "t.csv:2: a quote is opened and not closed"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cis_cal_table *t;
		struct cis_diag diag = {""};

		assert_true(parse(cases[i].text, strlen(cases[i].text), &t,
				  &diag) < 0);
		assert_string_equal(diag.msg, cases[i].why);
	}
}

static void files_that_are_not_there_are_named(void **state)
{
	struct cis_cal_table *t;
	struct cis_diag diag = {""};

	(void)state;
	assert_int_equal(cis_cal_table_read("/nowhere/t.csv", &t, &diag),
			 -ENOENT);
	assert_string_equal(diag.msg,
			    "/nowhere/t.csv: No such file or directory");
	assert_int_equal(cis_cal_table_read("/", &t, &diag), -EINVAL);
	assert_string_equal(diag.msg, "/: is no file");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(between_nodes_it_is_linear_in_both_directions),
		cmocka_unit_test(a_saddle_is_bilinear),
		cmocka_unit_test(outside_the_edge_is_held_and_doubted),
		cmocka_unit_test(noise_on_the_edge_is_not_outside),
		cmocka_unit_test(an_axis_that_is_absent_has_no_end),
		cmocka_unit_test(its_span_is_told),
		cmocka_unit_test(a_bad_file_is_refused_at_line_and_column),
		cmocka_unit_test(files_that_are_not_there_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
