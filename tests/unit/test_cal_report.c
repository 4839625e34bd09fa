/* test_cal_report.c - the correction of phasors, and what is known of it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "cisoid/report.h"
#include "host/acq/cal/cal.h"

/* A few products of complex doubles, relative. */
#define ROUNDING 2e-15

#define PI 3.14159265358979323846

static struct cis_chan_map map;
static char path[] = "/tmp/test_cal_report.XXXXXX";

/* VA VB VC of 100 V, IA IB IC of 5 A, phase A at 30 degrees. */
static void fill(struct cis_report *rep, double freq_hz)
{
	memset(rep, 0, sizeof(*rep));
	rep->freq_hz = freq_hz;
	rep->n_chan = 6;
	rep->n_phasor = 8;
	for (uint32_t c = 0; c < 6; c++) {
		rep->phasor_rms[c] =
			(c < 3 ? 100 : 5) *
			cexp(I * PI * (30 - 120.0 * (c % 3)) / 180);
		rep->fit[c].u_mag = 3e-6;
		rep->fit[c].u_phase_rad = 4e-6;
	}
	rep->phasor_rms[6] = rep->phasor_rms[0];
	rep->phasor_rms[7] = rep->phasor_rms[3];
}

static int setup(void **state)
{
	static const char *const names[] = {"VA", "VB", "VC", "IA", "IB", "IC"};

	(void)state;
	map.n_chan = 6;
	for (uint32_t i = 0; i < 6; i++) {
		cis_chan_set_name(&map, i, names[i]);
		map.chan[i].quantity = i < 3 ? CIS_VOLTAGE : CIS_CURRENT;
		map.chan[i].position = i;
	}
	cis_chan_map_group(&map);
	return map.n_group != 2;
}

static void write_table(const char *text)
{
	FILE *f;

	strcpy(path + strlen(path) - 6, "XXXXXX");
	f = fdopen(mkstemp(path), "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static struct cis_cal *make(const struct cis_cal_chan *list, uint32_t n)
{
	struct cis_cal *cal;
	struct cis_diag diag = {""};

	if (cis_cal_new(&map, list, n, &cal, &diag))
		fail_msg("%s", diag.msg);
	return cal;
}

static struct cis_cal_chan with_table(const char *name, const char *text)
{
	struct cis_cal_chan c = {.name = name, .gain = 1, .ratio = 1};

	write_table(text);
	strcpy(c.table, path);
	return c;
}

static void check_phasor(double complex x, double complex truth)
{
	check_close(cabs(x - truth) / cabs(truth), 0, ROUNDING);
}

static void gain_delay_and_phase_correct_a_phasor(void **state)
{
	struct cis_cal_chan va =
		with_table("VA", "freq_hz,gain,delay_ns,phase_deg\n"
				 "45,1.01,1000,2\n55,1.03,3000,4\n");
	struct cis_cal *cal = make(&va, 1);
	struct cis_report rep, was;

	(void)state;
	unlink(path);
	fill(&rep, 47.5);
	was = rep;
	cis_cal_report(cal, &rep);
	check_phasor(
		rep.phasor_rms[0],
		was.phasor_rms[0] * 1.015 *
			cexp(I * (2.5 * PI / 180 - 2 * PI * 47.5 * 1.5e-6)));
	for (uint32_t c = 1; c < 6; c++)
		assert_memory_equal(&rep.phasor_rms[c], &was.phasor_rms[c],
				    sizeof(double complex));
	assert_int_equal(rep.notes, 0);
	check_close(rep.freq_hz, was.freq_hz, 0);
	cis_cal_free(cal);
}

static void sequences_are_those_of_the_corrected_phasors(void **state)
{
	struct cis_cal_chan vb = with_table("VB", "gain,phase_deg\n1.3,0.5\n");
	struct cis_cal *cal = make(&vb, 1);
	struct cis_report rep, was;

	(void)state;
	unlink(path);
	fill(&rep, 50);
	was = rep;
	cis_cal_report(cal, &rep);
	/* Two phases as they were, one 1.3 times as long and turned. */
	check_phasor(rep.phasor_rms[6],
		     was.phasor_rms[6] * (2 + 1.3 * cexp(I * 0.5 * PI / 180)) /
			     3);
	assert_memory_equal(&rep.phasor_rms[7], &was.phasor_rms[7],
			    sizeof(double complex));
	cis_cal_free(cal);
}

/* A wave whose frequency and amplitude move, seen d late, in closed form. */
static void a_delay_moves_ramps_too(void **state)
{
	const double d = 1e-4, a1 = 20, rocof = 10, f = 51;
	struct cis_cal_chan va = with_table("VA", "delay_ns\n100000\n");
	struct cis_cal *cal = make(&va, 1);
	struct cis_report rep;

	(void)state;
	unlink(path);
	fill(&rep, f);
	rep.rocof_hz_per_s = rocof;
	rep.fit[0].a1_per_s = a1;
	cis_cal_report(cal, &rep);
	check_phasor(rep.phasor_rms[0],
		     (100 - a1 * d) *
			     cexp(I * (PI / 6 -
				       2 * PI * (f * d - rocof * d * d / 2))));
	cis_cal_free(cal);
}

static void stated_uncertainties_add_in_quadrature(void **state)
{
	struct cis_cal_chan list[2] = {
		with_table("VA", "gain,u_gain,u_delay_ns,u_phase_deg\n"
				 "1.02,2e-5,50,0.001\n"),
		{.name = "IB",
		 .gain = -4,
		 .ratio = 1,
		 .u_gain = 1e-3,
		 .u_delay_s = 1e-6}};
	struct cis_cal *cal = make(list, 2);
	struct cis_report rep;

	(void)state;
	unlink(path);
	for (uint32_t c = 0; c < 6; c++) {
		struct cis_cal_stated is = cis_cal_states_u(cal, c);

		assert_true(is.mag == (c == 0 || c == 4));
		assert_true(is.phase == is.mag);
	}
	fill(&rep, 50);
	cis_cal_report(cal, &rep);
	check_close(rep.fit[0].u_mag, hypot(3e-6, 2e-5 / 1.02), 1e-18);
	check_close(rep.fit[0].u_phase_rad,
		    sqrt(pow(4e-6, 2) + pow(2 * PI * 50 * 50e-9, 2) +
			 pow(0.001 * PI / 180, 2)),
		    1e-18);
	check_close(rep.fit[4].u_mag, hypot(3e-6, 1e-3 / 4), 1e-18);
	check_close(rep.fit[4].u_phase_rad, hypot(4e-6, 2 * PI * 50 * 1e-6),
		    1e-17);
	check_close(rep.fit[1].u_mag, 3e-6, 0);
	cis_cal_free(cal);
}

static void outside_the_table_is_noted_while_there_is_a_signal(void **state)
{
	struct cis_cal_chan va =
		with_table("VA", "level_rms,gain\n200,1.01\n300,1.02\n");
	struct cis_cal *cal = make(&va, 1);
	struct cis_report rep;

	(void)state;
	unlink(path);
	assert_false(cis_cal_states_u(cal, 0).mag);
	assert_false(cis_cal_states_u(cal, 0).phase);
	fill(&rep, 50);
	cis_cal_report(cal, &rep);
	assert_int_equal(rep.notes, CIS_NOTE_CAL);
	check_close(cabs(rep.phasor_rms[0]), 101, 100 * ROUNDING);
	/* A line through the table says 1.00 at 100 V. */
	check_close(rep.fit[0].u_mag, hypot(3e-6, 0.01 / 1.01), 1e-15);
	fill(&rep, 50);
	rep.fit[0].flags = CIS_REPORT_NOSIGNAL;
	cis_cal_report(cal, &rep);
	assert_int_equal(rep.notes, 0);
	cis_cal_free(cal);
}

static void what_has_no_value_gets_none(void **state)
{
	struct cis_cal_chan va = with_table("VA", "gain\n1.01\n");
	struct cis_cal *cal = make(&va, 1);
	struct cis_report rep, was;

	(void)state;
	unlink(path);
	fill(&rep, NAN);
	was = rep;
	cis_cal_report(cal, &rep);
	assert_memory_equal(rep.phasor_rms, was.phasor_rms,
			    sizeof(rep.phasor_rms));
	fill(&rep, 50);
	rep.phasor_rms[0] = CMPLX(NAN, NAN);
	cis_cal_report(cal, &rep);
	assert_true(isnan(cabs(rep.phasor_rms[0])));
	assert_true(isnan(cabs(rep.phasor_rms[6])));
	assert_true(isfinite(cabs(rep.phasor_rms[7])));
	cis_cal_free(cal);
}

static void a_bad_table_is_told_with_the_place_that_names_it(void **state)
{
	struct cis_cal_chan va = with_table("VA", "gain\n0\n");
	struct cis_cal *cal;
	struct cis_diag diag = {""};
	char want[200];

	(void)state;
	va.origin = "lab.conf:7";
	assert_true(cis_cal_new(&map, &va, 1, &cal, &diag) < 0);
	snprintf(want, sizeof(want),
		 "lab.conf:7: table: %s:2:1: gain: 0 is not within 0.5 to 2",
		 path);
	assert_string_equal(diag.msg, want);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gain_delay_and_phase_correct_a_phasor),
		cmocka_unit_test(sequences_are_those_of_the_corrected_phasors),
		cmocka_unit_test(a_delay_moves_ramps_too),
		cmocka_unit_test(stated_uncertainties_add_in_quadrature),
		cmocka_unit_test(
			outside_the_table_is_noted_while_there_is_a_signal),
		cmocka_unit_test(what_has_no_value_gets_none),
		cmocka_unit_test(
			a_bad_table_is_told_with_the_place_that_names_it),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
