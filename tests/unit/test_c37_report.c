/* test_c37_report.c - what STAT and the time quality say of a report. */
#include <string.h>

#include "check.h"
#include "cisoid/c37.h"
#include "cisoid/utc.h"

struct pair {
	struct cis_c37_config *cfg;
	struct cis_c37_data *data;
	struct cis_report rep;
};

static int setup(void **state)
{
	struct pair *p = test_calloc(1, sizeof(*p));

	if (cis_c37_config_new(1, &p->cfg) ||
	    cis_c37_pmu_size(&p->cfg->pmu[0], 3, 0, 0) ||
	    cis_c37_data_new(p->cfg, &p->data))
		return -1;
	p->cfg->pmu[0].format = 0xF;
	p->cfg->data_rate = 60;
	p->rep.at = (struct cis_instant){
		.tai_s = 1700000037, .k = 1, .rate = {60, 1}};
	p->rep.time_quality = (struct cis_time_quality){.unc_s = 50e-9};
	p->rep.freq_hz = 50.01;
	p->rep.n_phasor = 2;
	p->rep.phasor_rms[0] = cis_rect(100, 0);
	p->rep.phasor_rms[1] = cis_rect(NAN, NAN);
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	struct pair *p = *state;

	cis_c37_data_free(p->data);
	cis_c37_config_free(p->cfg);
	test_free(p);
	return 0;
}

static uint16_t stat_of(struct pair *p, bool test_mode)
{
	cis_c37_data_from_report(p->cfg, 0, &p->rep, test_mode, p->data);
	return p->data->block[0].stat;
}

static void a_report_becomes_a_block_and_a_report_again(void **state)
{
	struct pair *p = *state;
	struct cis_report *back = test_calloc(1, sizeof(*back));

	/* Locked, PMU_TQ 1 (below 100 ns), all else clear. */
	assert_int_equal(stat_of(p, false), 1 << 6);
	assert_int_equal(p->data->head.soc, 1700000000); /* TAI - UTC: 37 s */
	assert_int_equal(p->data->head.fracsec, 16667);  /* of 1000000 / 60 */
	assert_int_equal(p->data->head.time_quality, 0);
	check_close(p->data->block[0].freq_hz, 50.01, 0);
	assert_true(isnan(creal(p->data->block[0].phasor_rms[1])));
	assert_true(isnan(creal(p->data->block[0].phasor_rms[2])));
	cis_c37_data_to_report(p->cfg, 0, p->data, back);
	assert_int_equal(back->at.tai_s, 1700000037);
	assert_int_equal(back->at.k, 1);
	assert_int_equal(back->at.rate.num, 60);
	assert_int_equal(back->flags, 0);
	assert_int_equal(back->n_phasor, 3);
	check_close(creal(back->phasor_rms[0]), 100, 0);
	check_close(back->freq_hz, 50.01, 0);
	assert_true(isnan(back->fit[0].u_mag));
	test_free(back);
}

static void data_error_tells_what_to_do_with_the_values(void **state)
{
	struct pair *p = *state;

	p->rep.flags = CIS_REPORT_CLIP;
	assert_int_equal(stat_of(p, false) >> 14, 3);
	assert_int_equal(stat_of(p, true) >> 14, 2);
	p->rep.flags = CIS_REPORT_UNSYNC;
	assert_int_equal(stat_of(p, false) >> 14, 0);
	assert_true(p->data->block[0].stat & CIS_C37_STAT_UNSYNC);
	p->rep.flags = 0;
	assert_int_equal(stat_of(p, true) >> 14, 2);
	p->rep.flags = CIS_REPORT_NOSIGNAL;
	p->rep.phasor_rms[0] = cis_rect(NAN, NAN);
	p->rep.freq_hz = NAN;
	assert_int_equal(stat_of(p, false) >> 14, 1);
}

static void what_must_not_be_used_is_flagged_by_the_receiver(void **state)
{
	static const struct {
		uint16_t stat;
		uint8_t quality;
		uint32_t flags;
	} cases[] = {
		{0x0000, 0x0, 0},
		{0x0000, 0x10, 0}, /* a leap second is pending */
		{0x0000, 0x0F, CIS_REPORT_UNSYNC},
		{0x2000, 0x0, CIS_REPORT_UNSYNC},
		{0x4000, 0x0, CIS_REPORT_NOFIT},
		{0x8000, 0x0, CIS_REPORT_NOFIT},
		{0xC000, 0x0, CIS_REPORT_NOFIT},
		/* c37_1100_clean_tcp.pcap: not in sync for over 1000 s */
		{0x21F0, 0x0F, CIS_REPORT_UNSYNC},
	};
	struct pair *p = *state;
	struct cis_report *back = test_calloc(1, sizeof(*back));

	stat_of(p, false);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		p->data->block[0].stat = cases[i].stat;
		p->data->head.time_quality = cases[i].quality;
		cis_c37_data_to_report(p->cfg, 0, p->data, back);
		assert_int_equal(back->flags, cases[i].flags);
	}
	assert_true(isinf(back->time_quality.unc_s));
	check_close(back->time_quality.unlocked_s, 1000, 0);
	test_free(back);
}

/* C37.118.2-2011, tables 3 and 7. */
static void time_quality_is_by_the_tables(void **state)
{
	static const struct {
		double unc_s, unlocked_s;
		uint8_t quality, pmu_tq, unlock;
		bool sync;
	} cases[] = {
		{0, 0, 0x0, 1, 0, true},
		{50e-9, 0, 0x0, 1, 0, true},
		{100e-9, 0, 0x0, 2, 0, true},
		{1e-6, 0, 0x0, 3, 0, true},
		{2e-6, 0, 0x5, 3, 0, false},
		{1e-9, 5, 0x1, 1, 0, false},
		{2e-9, 10, 0x2, 1, 1, false},
		{1e-7, 99, 0x3, 2, 1, false},
		{1e-6, 100, 0x4, 3, 2, false},
		{1e-5, 999, 0x5, 4, 2, false},
		{1e-4, 1000, 0x6, 5, 3, false},
		{1e-3, 1e9, 0x7, 6, 3, false},
		{1e-2, 0, 0x8, 7, 0, false},
		{0.1, 0, 0x9, 7, 0, false},
		{1, 0, 0xA, 7, 0, false},
		{10, 0, 0xB, 7, 0, false},
		{11, 0, 0xF, 7, 0, false},
		{INFINITY, INFINITY, 0xF, 7, 3, false},
		{NAN, 0, 0xF, 7, 0, false},
		{-1, 0, 0xF, 7, 0, false},
		{0, NAN, 0x1, 1, 3, false},
	};
	struct pair *p = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cis_time_quality q = {cases[i].unc_s,
					     cases[i].unlocked_s};
		uint16_t stat;

		assert_int_equal(cis_c37_time_quality(&q), cases[i].quality);
		assert_int_equal(cis_c37_pmu_tq(&q), cases[i].pmu_tq);
		p->rep.time_quality = q;
		stat = stat_of(p, false);
		assert_int_equal(stat >> 4 & 3, cases[i].unlock);
		assert_int_equal(!(stat & CIS_C37_STAT_UNSYNC), cases[i].sync);
		assert_int_equal(p->data->head.time_quality, cases[i].quality);
	}
}

/* C37.118-2005, table 6-4: bits 9-6 are reserved and 0, bit 15 says that data are
 * invalid or of a test, bit 14 PMU error; 13 and 5-4 are as in 2011. */
static void the_edition_of_2005_has_another_stat(void **state)
{
	struct pair *p = *state;

	p->cfg->edition = 2005;
	assert_int_equal(stat_of(p, false), 0);
	p->rep.time_quality = (struct cis_time_quality){1e-3, 150};
	assert_int_equal(stat_of(p, false), 0x2020);
	assert_int_equal(stat_of(p, true), 0xA020);
	p->rep.time_quality = (struct cis_time_quality){0, 0};
	p->rep.flags = CIS_REPORT_GAP;
	assert_int_equal(stat_of(p, false), 0xC000);
	p->rep.phasor_rms[0] = cis_rect(NAN, NAN);
	p->rep.freq_hz = NAN;
	assert_int_equal(stat_of(p, false), 0xC000);
}

/* Table 7: bit 11 a trigger, reasons 8 to 15 are the user's own; 8 is ours. */
static void a_step_is_told_and_understood(void **state)
{
	static const uint16_t others[] = {0x0000, 0x0008, 0x0800,
					  0x0809, 0x0807, 0x080F};
	struct pair *p = *state;
	struct cis_report *back = test_calloc(1, sizeof(*back));

	p->rep.notes = CIS_NOTE_STEP | CIS_NOTE_DISTURBED;
	assert_int_equal(stat_of(p, false), 0x0848);
	cis_c37_data_to_report(p->cfg, 0, p->data, back);
	assert_int_equal(back->notes, CIS_NOTE_STEP);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		p->data->block[0].stat = others[i];
		cis_c37_data_to_report(p->cfg, 0, p->data, back);
		assert_int_equal(back->notes, 0);
	}
	test_free(back);
}

/* Every instant of every rate comes back, whatever TIME_BASE rounds it to, as
 * long as no two have one stamp. */
static void any_time_base_that_holds_the_rate_will_do(void **state)
{
	static const uint32_t bases[] = {1,    50,    60,      99,      100,
					 1000, 65536, 1000000, 16777215};
	static const uint32_t rates[] = {1, 10, 25, 30, 50, 60, 100, 120, 999};
	struct pair *p = *state;
	struct cis_report *back = test_calloc(1, sizeof(*back));

	for (size_t b = 0; b < sizeof(bases) / sizeof(bases[0]); b++)
		for (size_t r = 0; r < sizeof(rates) / sizeof(rates[0]); r++) {
			p->cfg->time_base = bases[b];
			p->cfg->data_rate = (int16_t)rates[r];
			p->rep.at.rate.num = rates[r];
			for (uint32_t k = 0;
			     k < rates[r] && bases[b] >= rates[r]; k++) {
				p->rep.at.k = k;
				stat_of(p, false);
				cis_c37_data_to_report(p->cfg, 0, p->data,
						       back);
				assert_int_equal(back->at.k, k);
				assert_int_equal(back->at.tai_s,
						 p->rep.at.tai_s);
				/* 6.2: round(k / N x TIME_BASE), integers */
				assert_int_equal(p->data->head.fracsec,
						 ((uint64_t)2 * k * bases[b] +
						  rates[r]) /
							 (2 * rates[r]));
			}
		}
	test_free(back);
}

/* 0.995 of a second in 1/100 s rounds to the next one. */
static void rounding_may_carry_into_the_next_second(void **state)
{
	struct pair *p = *state;

	p->cfg->time_base = 100;
	p->rep.at.rate.num = 200;
	p->rep.at.k = 199;
	stat_of(p, false);
	assert_int_equal(p->data->head.soc, 1700000001);
	assert_int_equal(p->data->head.fracsec, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_report_becomes_a_block_and_a_report_again, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			data_error_tells_what_to_do_with_the_values, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			what_must_not_be_used_is_flagged_by_the_receiver, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			the_edition_of_2005_has_another_stat, setup, teardown),
		cmocka_unit_test_setup_teardown(a_step_is_told_and_understood,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			any_time_base_that_holds_the_rate_will_do, setup,
			teardown),
		cmocka_unit_test_setup_teardown(time_quality_is_by_the_tables,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			rounding_may_carry_into_the_next_second, setup,
			teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
