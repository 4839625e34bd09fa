/* test_match.c - the channel map as told, and as the values propose it. */
#include <errno.h>

#include "compare_run.h"

#define DEG (3.141592653589793238463 / 180)

static struct cis_match_map map; /* large; written by every test */

static const struct cis_match_phasor odd_phasors[] = {
	{"V", CIS_MATCH_VOLTAGE, false},
	{"V-B", CIS_MATCH_VOLTAGE, false},
	{"B", CIS_MATCH_VOLTAGE, false},
	{"V+", CIS_MATCH_VOLTAGE, true},
	{"a,b", CIS_MATCH_VOLTAGE, false},
	{"Line 1=A", CIS_MATCH_UNKNOWN, false},
};

static const struct cis_match_side odd[CIS_N_SIDE] = {{6, odd_phasors},
						      {6, odd_phasors}};

/* ---- told ---- */

static void a_map_is_read_as_it_is_written(void **state)
{
	static const struct {
		const char *text;
		uint32_t n_term, first, second, dut;
		double sign, ratio, deg;
	} cases[] = {
		{"VA=VA", 1, 0, 0, 0, 0, 1, 0},
		{" VA - VB = VC", 2, 0, 1, 2, -1, 1, 0},
		{"VA+VB=VC", 2, 0, 1, 2, 1, 1, 0},
		{"VA*0.001=VB", 1, 0, 0, 1, 0, 0.001, 0},
		{"VA@-30=VB", 1, 0, 0, 1, 0, 1, -30},
		{"VA-VB*1e3@+30=V+", 2, 0, 1, 6, -1, 1000, 30},
		{"va=vb", 1, 0, 0, 1, 0, 1, 0},
		{"V+=V+", 1, 6, 0, 6, 0, 1, 0},
		{"V++VA=V+", 2, 6, 0, 6, 1, 1, 0},
		{"IA*1=VA", 1, 3, 0, 0, 0, 1, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct cis_match *m = &map.match[0];
		struct cis_diag diag = {""};

		assert_int_equal(cis_match_parse(cases[i].text, signal_sides(),
						 &map, &diag),
				 0);
		assert_int_equal(map.n, 1);
		assert_int_equal(m->n_term, cases[i].n_term);
		assert_int_equal(m->term[0].phasor, cases[i].first);
		if (m->n_term == 2) {
			assert_int_equal(m->term[1].phasor, cases[i].second);
			check_close(m->term[1].sign, cases[i].sign, 0);
		}
		assert_int_equal(m->dut, cases[i].dut);
		check_close(m->ratio, cases[i].ratio, 0);
		check_close(m->angle_rad, cases[i].deg * DEG, 1e-15);
		check_close(m->confidence, 1, 0);
	}
}

static void names_that_hold_signs_are_read_whole(void **state)
{
	struct cis_diag diag = {""};

	(void)state;
	assert_int_equal(cis_match_parse("V-B=B,V+=a,b,Line 1=A=V,V-V+=V-B",
					 odd, &map, &diag),
			 0);
	assert_int_equal(map.n, 4);
	assert_int_equal(map.match[0].n_term, 1);
	assert_int_equal(map.match[0].term[0].phasor, 1);
	assert_int_equal(map.match[1].term[0].phasor, 3);
	assert_int_equal(map.match[1].dut, 4);
	assert_int_equal(map.match[2].term[0].phasor, 5);
	assert_int_equal(map.match[2].dut, 0);
	assert_int_equal(map.match[3].n_term, 2);
	assert_int_equal(map.match[3].term[1].phasor, 3);
}

static void bad_maps_are_refused_with_a_reason(void **state)
{
	static const struct {
		const char *text, *says;
	} bad[] = {
		{"", "has no phasor"},
		{"VA", "should read"},
		{"VA=", "has no phasor"},
		{"=VA", "has no phasor"},
		{"VX=VA", "did you mean"},
		{"VA=VA,", "has no phasor"},
		{"VA=VA,VB=VA", "twice"},
		{"VA*=VA", "is no ratio"},
		{"VA*0=VA", "above 0"},
		{"VA*-1=VA", "above 0"},
		{"VA*inf=VA", "is no ratio"},
		{"VA*nan=VA", "is no ratio"},
		{"VA@x=VA", "is no angle"},
		{"VA@30*2=VA", "should read"},
		{"VA-VB-VC-VA=VA", "more than 3"},
		{"VA-=VA", "has no phasor"},
		{"IA=VA", "\"IA\" is a current"},
		{"VA-IB=VA", "\"IB\" is a current"},
	};

	(void)state;
	map.n = 77;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct cis_diag diag = {""};

		assert_int_equal(cis_match_parse(bad[i].text, signal_sides(),
						 &map, &diag),
				 -EINVAL);
		if (!strstr(diag.msg, bad[i].says))
			fail_msg("%s: %s", bad[i].text, diag.msg);
	}
	assert_int_equal(map.n, 77);
}

static void what_no_match_uses_is_named(void **state)
{
	struct cis_diag diag;
	char buf[64], tiny[6];

	(void)state;
	assert_int_equal(cis_match_parse("VA=VA,VB=VB,VC=VC,IA=IA,IB=IB",
					 signal_sides(), &map, &diag),
			 0);
	assert_string_equal(cis_match_unused(&map, &signal_sides()[CIS_DUT],
					     buf, sizeof(buf)),
			    "IC, V+, I+");
	assert_string_equal(cis_match_unused(&map, &signal_sides()[CIS_DUT],
					     tiny, sizeof(tiny)),
			    "IC, V");
}

static void a_reference_value_is_sum_ratio_and_turn(void **state)
{
	const double complex x[3] = {CMPLX(0, 3), CMPLX(4, 0), 1};
	struct cis_diag diag;

	(void)state;
	assert_int_equal(
		cis_match_parse("VB-VA*2@90=VC", signal_sides(), &map, &diag),
		0);
	/* 2j (4 - 3j) = 6 + 8j */
	check_close(
		cabs(cis_match_reference(&map.match[0], x, 3) - CMPLX(6, 8)), 0,
		1e-14);
	assert_true(isnan(creal(cis_match_reference(&map.match[0], x, 1))));
}

/* ---- proposed ---- */

/* The PMU reports dut[i] of the signal's truth. */
struct proposal {
	struct cis_match_side side[CIS_N_SIDE];
	struct cis_guess *guess;
	struct cis_warn_list tell;
	struct cis_diag diag;
};

static struct proposal
propose_begin(const char *keys, const struct cis_match_phasor *dut,
	      uint32_t n_dut,
	      double complex (*value)(const struct cis_report *, uint32_t))
{
	struct proposal p = {.side = {signal_sides()[0], {n_dut, dut}}};
	struct cis_signal sig = signal_of(keys);
	struct cis_report *rep = blank_report(instant_of(50, 0));
	bool enough = false;

	assert_int_equal(cis_guess_new(8, n_dut, &p.guess), 0);
	for (uint64_t i = 0; !enough; i++) {
		double complex x[16];

		cis_signal_report(&sig, 1, T0_S, instant_of(50, i), i, rep);
		for (uint32_t j = 0; j < n_dut; j++)
			x[j] = value(rep, j);
		enough = cis_guess_add(p.guess, rep->phasor_rms, x);
		assert_true(i < 100);
	}
	free(rep);
	return p;
}

static int propose_end(struct proposal *p)
{
	int err =
		cis_match_propose(p->guess, p->side, &map, &p->tell, &p->diag);

	cis_guess_free(p->guess);
	return err;
}

static double complex as_it_is(const struct cis_report *rep, uint32_t i)
{
	return 1.003 * rep->phasor_rms[i];
}

static void equal_names_with_equal_values_match(void **state)
{
	struct proposal p =
		propose_begin("f=50.2 i_deg=-20", signal_phasors, 8, as_it_is);

	(void)state;
	assert_int_equal(propose_end(&p), 0);
	assert_int_equal(map.n, 8);
	assert_int_equal(p.tell.n, 0);
	for (uint32_t i = 0; i < 8; i++) {
		assert_int_equal(map.match[i].term[0].phasor, i);
		assert_int_equal(map.match[i].dut, i);
		check_close(map.match[i].ratio, 1, 0);
		assert_true(map.match[i].confidence >= 0.9);
	}
	assert_string_equal(map.match[6].text, "V+=V+");
}

static const struct cis_match_phasor other_names[] = {
	{"PHASE3", CIS_MATCH_UNKNOWN, false},
	{"PHASE1", CIS_MATCH_UNKNOWN, false},
	{"PHASE2", CIS_MATCH_UNKNOWN, false},
	{"AMPS-C", CIS_MATCH_CURRENT, false},
};

static double complex turned_round(const struct cis_report *rep, uint32_t i)
{
	static const uint32_t of[] = {2, 0, 1, 5};

	return rep->phasor_rms[of[i]] * 0.98;
}

static void values_find_their_phases_whatever_the_names(void **state)
{
	struct proposal p =
		propose_begin("f=49.5 i_deg=-40", other_names, 4, turned_round);

	(void)state;
	assert_int_equal(propose_end(&p), 0);
	assert_int_equal(map.n, 4);
	assert_string_equal(map.match[0].text, "VC=PHASE3");
	assert_string_equal(map.match[1].text, "VA=PHASE1");
	assert_string_equal(map.match[2].text, "VB=PHASE2");
	assert_string_equal(map.match[3].text, "IC=AMPS-C");
	assert_true(map.match[0].confidence < 0.9);
}

static const struct cis_match_phasor line_names[] = {
	{"UAB", CIS_MATCH_VOLTAGE, false},
	{"UBC", CIS_MATCH_VOLTAGE, false},
	{"UCA", CIS_MATCH_VOLTAGE, false},
};

static double complex line_to_line(const struct cis_report *rep, uint32_t i)
{
	return rep->phasor_rms[i] - rep->phasor_rms[(i + 1) % 3];
}

static void line_to_line_voltages_are_recognised(void **state)
{
	struct proposal p = propose_begin("f=50", line_names, 3, line_to_line);

	(void)state;
	assert_int_equal(propose_end(&p), 0);
	assert_string_equal(map.match[0].text, "VA-VB=UAB");
	assert_string_equal(map.match[1].text, "VB-VC=UBC");
	assert_string_equal(map.match[2].text, "VC-VA=UCA");
}

/* 1 % off: the ratio is not taken from the values, that would hide it. */
static double complex primary(const struct cis_report *rep, uint32_t i)
{
	return rep->phasor_rms[i] * (i < 3 ? 1100 : 120) * 1.01;
}

static void a_ratio_of_transformers_is_guessed_round_and_told(void **state)
{
	struct proposal p = propose_begin("f=50", signal_phasors, 6, primary);

	(void)state;
	assert_int_equal(propose_end(&p), 0);
	assert_int_equal(map.n, 6);
	check_close(map.match[0].ratio, 1100, 1e-9);
	check_close(map.match[5].ratio, 120, 1e-9);
	assert_true(p.tell.n >= 2);
	assert_true(map.match[0].confidence < 0.9);
	assert_int_equal(map.match[0].doubt, CIS_MATCH_RATIO_GUESSED);
	assert_string_equal(map.match[1].text, "VB*1100=VB");
}

static double complex swapped(const struct cis_report *rep, uint32_t i)
{
	static const uint32_t of[] = {0, 2, 1};

	return rep->phasor_rms[of[i]];
}

static void swapped_phases_are_told(void **state)
{
	struct proposal p = propose_begin("f=50", signal_phasors, 3, swapped);

	(void)state;
	assert_int_equal(propose_end(&p), 0);
	assert_string_equal(map.match[1].text, "VC=VB");
	assert_int_equal(map.match[1].doubt, CIS_MATCH_NAME_DISAGREES);
	assert_int_equal(map.match[0].doubt, CIS_MATCH_SURE);
	assert_int_equal(p.tell.n, 2);
	assert_non_null(strstr(p.tell.warn[0].msg, "swapped"));
}

static double complex far_off(const struct cis_report *rep, uint32_t i)
{
	return rep->phasor_rms[i] * (i == 0 ? 1.4 : 1);
}

static void a_bad_pmu_is_matched_by_its_names(void **state)
{
	struct proposal p = propose_begin("f=50", signal_phasors, 3, far_off);

	(void)state;
	assert_int_equal(propose_end(&p), 0);
	assert_string_equal(map.match[0].text, "VA=VA");
	assert_true(map.match[0].confidence < 0.5);
	assert_non_null(strstr(p.tell.warn[0].msg, "name alone"));
}

/* 20 % off, all alike: an error, no transformer. */
static double complex all_off(const struct cis_report *rep, uint32_t i)
{
	return rep->phasor_rms[i] * 1.2;
}

static void an_error_is_not_taken_for_a_ratio(void **state)
{
	struct proposal p = propose_begin("f=50", signal_phasors, 8, all_off);

	(void)state;
	assert_int_equal(propose_end(&p), 0);
	assert_int_equal(map.n, 8);
	for (uint32_t i = 0; i < 8; i++) {
		check_close(map.match[i].ratio, 1, 0);
		assert_int_equal(map.match[i].term[0].phasor, i);
		assert_int_equal(map.match[i].doubt, CIS_MATCH_SURE);
	}
	p = propose_begin("f=50", line_names, 3, all_off);
	assert_int_equal(propose_end(&p), 0);
	assert_string_equal(map.match[1].text, "VB=UBC");
	check_close(map.match[1].ratio, 1, 0);
	assert_true(map.match[1].confidence < 0.5);
	assert_non_null(strstr(p.tell.warn[0].msg, "angle alone"));
}

static const struct cis_match_phasor twins[] = {
	{"X", CIS_MATCH_VOLTAGE, false}};

static void what_fits_two_is_refused(void **state)
{
	struct proposal p = propose_begin("f=50 vb_deg=1", twins, 1, as_it_is);

	(void)state;
	/* VA and VB 1 degree apart: both fit; 0.3 % off is nearer to VA. */
	assert_int_equal(propose_end(&p), 0);
	p = propose_begin("f=50 vb_deg=0.01", twins, 1, as_it_is);
	assert_int_equal(propose_end(&p), -EINVAL);
	assert_non_null(strstr(p.diag.msg, "alike"));
}

static double complex nothing(const struct cis_report *rep, uint32_t i)
{
	(void)rep;
	return i == 0 ? CMPLX(NAN, NAN) : 0;
}

static void values_that_are_missing_match_nothing(void **state)
{
	struct proposal p = propose_begin("f=50", other_names, 4, nothing);
	struct cis_guess *empty;

	(void)state;
	assert_int_equal(propose_end(&p), -EINVAL);
	assert_int_equal(cis_guess_new(8, 4, &empty), 0);
	assert_int_equal(
		cis_match_propose(empty, p.side, &map, &p.tell, &p.diag),
		-ENODATA);
	cis_guess_free(empty);
}

static double complex second_missing(const struct cis_report *rep, uint32_t i)
{
	return i == 1 ? CMPLX(NAN, NAN) : i == 2 ? 1e308 : rep->phasor_rms[i];
}

/* A value may come yet, and what is out of all measure must be judged. */
static void what_was_not_measured_is_matched_by_its_name(void **state)
{
	struct proposal p =
		propose_begin("f=50", signal_phasors, 3, second_missing);

	(void)state;
	assert_int_equal(propose_end(&p), 0);
	assert_int_equal(map.n, 3);
	assert_string_equal(map.match[1].text, "VB=VB");
	assert_string_equal(map.match[2].text, "VC=VC");
	assert_true(map.match[1].confidence < 0.5);
	assert_string_equal(map.unmatched, "");
	assert_non_null(strstr(p.tell.warn[0].msg, "no value yet"));
}

static double complex always_120(const struct cis_report *rep, uint32_t i)
{
	(void)i;
	return rep->phasor_rms[0];
}

static void a_dead_reference_is_matched_by_its_name(void **state)
{
	static const char *const keys[] = {"f=50 vb=0", "f=50 vb=0.5"};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct proposal p =
			propose_begin(keys[i], signal_phasors, 2, always_120);

		assert_int_equal(propose_end(&p), 0);
		assert_int_equal(map.n, 2);
		assert_string_equal(map.match[1].text, "VB=VB");
		assert_int_equal(map.match[1].doubt, CIS_MATCH_NO_REFERENCE);
		assert_int_equal(map.match[0].doubt, CIS_MATCH_SURE);
		assert_int_equal(p.tell.n, 1);
	}
}

static const struct cis_match_phasor lines_and_sequence[] = {
	{"VA", CIS_MATCH_VOLTAGE, false},
	{"UBC", CIS_MATCH_VOLTAGE, false},
	{"UCA", CIS_MATCH_VOLTAGE, false},
	{"V+", CIS_MATCH_VOLTAGE, true},
};

/* The fourth: (UAB + a UBC + a^2 UCA) / 3. */
static double complex lines_of(const struct cis_report *rep, uint32_t i)
{
	const double complex a = CMPLX(-0.5, sqrt(0.75));
	double complex sum = 0, turn = 1;

	if (i < 3)
		return line_to_line(rep, i);
	for (uint32_t n = 0; n < 3; n++, turn *= a)
		sum += turn * line_to_line(rep, n);
	return sum / 3;
}

static void the_sequence_of_lines_is_that_of_phases_turned(void **state)
{
	struct proposal p =
		propose_begin("f=50", lines_and_sequence, 4, lines_of);

	(void)state;
	assert_int_equal(propose_end(&p), 0);
	assert_int_equal(map.n, 4);
	assert_int_equal(map.match[3].n_term, 1);
	assert_int_equal(map.match[3].term[0].phasor, 6);
	check_close(map.match[3].ratio, sqrt(3), 1e-15);
	check_close(map.match[3].angle_rad, 30 * DEG, 1e-15);
	assert_int_equal(map.match[3].doubt, CIS_MATCH_SURE);
	/* VA has the values of VA-VB: both terms are told. */
	assert_int_equal(p.tell.n, 1);
	assert_non_null(strstr(p.tell.warn[0].msg, "the values of VA-VB,"));
	assert_int_equal(map.match[0].doubt, CIS_MATCH_NAME_DISAGREES);
}

/* A positive sequence that is off so far, of phases, is an error. */
static double complex sequence_off(const struct cis_report *rep, uint32_t i)
{
	return i < 2 ? rep->phasor_rms[i] : lines_of(rep, 3);
}

static void without_lines_no_sequence_is_turned(void **state)
{
	static const struct cis_match_phasor dut[] = {
		{"VA", CIS_MATCH_VOLTAGE, false},
		{"VB", CIS_MATCH_VOLTAGE, false},
		{"V+", CIS_MATCH_VOLTAGE, true},
	};
	struct proposal p = propose_begin("f=50", dut, 3, sequence_off);

	(void)state;
	assert_int_equal(propose_end(&p), 0);
	assert_int_equal(map.n, 3);
	assert_true(map.match[2].doubt != CIS_MATCH_SURE ||
		    map.match[2].ratio == 1);
}

static const struct cis_match_phasor with_a_stranger[] = {
	{"VA", CIS_MATCH_VOLTAGE, false},
	{"VB", CIS_MATCH_VOLTAGE, false},
	{"V0", CIS_MATCH_VOLTAGE, true},
};

static double complex third_missing(const struct cis_report *rep, uint32_t i)
{
	return i == 2 ? CMPLX(NAN, NAN) : rep->phasor_rms[i];
}

static void what_nothing_fits_is_named(void **state)
{
	struct proposal p =
		propose_begin("f=50", with_a_stranger, 3, third_missing);

	(void)state;
	assert_int_equal(propose_end(&p), 0);
	assert_int_equal(map.n, 2);
	assert_string_equal(map.unmatched, "V0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_map_is_read_as_it_is_written),
		cmocka_unit_test(names_that_hold_signs_are_read_whole),
		cmocka_unit_test(bad_maps_are_refused_with_a_reason),
		cmocka_unit_test(what_no_match_uses_is_named),
		cmocka_unit_test(a_reference_value_is_sum_ratio_and_turn),
		cmocka_unit_test(equal_names_with_equal_values_match),
		cmocka_unit_test(values_find_their_phases_whatever_the_names),
		cmocka_unit_test(line_to_line_voltages_are_recognised),
		cmocka_unit_test(
			a_ratio_of_transformers_is_guessed_round_and_told),
		cmocka_unit_test(swapped_phases_are_told),
		cmocka_unit_test(a_bad_pmu_is_matched_by_its_names),
		cmocka_unit_test(an_error_is_not_taken_for_a_ratio),
		cmocka_unit_test(what_fits_two_is_refused),
		cmocka_unit_test(values_that_are_missing_match_nothing),
		cmocka_unit_test(what_was_not_measured_is_matched_by_its_name),
		cmocka_unit_test(a_dead_reference_is_matched_by_its_name),
		cmocka_unit_test(what_nothing_fits_is_named),
		cmocka_unit_test(
			the_sequence_of_lines_is_that_of_phases_turned),
		cmocka_unit_test(without_lines_no_sequence_is_turned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
