/*
 * test_block_diff.c - what a PDC's formats make of values is no change, and
 * anything more is.
 *
 * Both sides go over the wire: ours in our format, then what it says in his.
 */
#include "host/sim/block_diff.h"

#include <string.h>

#include "tests/support/check.h"

#define N 3

#define FLOATS                                               \
	(CIS_C37_FMT_PHASOR_FLOAT | CIS_C37_FMT_FREQ_FLOAT | \
	 CIS_C37_FMT_ANALOG_FLOAT)

struct side {
	struct cis_c37_config *cfg;
	struct cis_c37_data *data;
	struct cis_diff_side as;
};

static void make(struct side *s, uint16_t format)
{
	struct cis_c37_pmu *pmu;

	assert_int_equal(cis_c37_config_new(1, &s->cfg), 0);
	pmu = &s->cfg->pmu[0];
	assert_int_equal(cis_c37_pmu_size(pmu, N, 1, 1), 0);
	pmu->format = format;
	pmu->fnom = 1;
	s->cfg->time_base = 1000000;
	s->cfg->data_rate = 50;
	for (uint16_t i = 0; i < N; i++)
		pmu->phasor[i].unit = 1000; /* 10 mV a step */
	assert_int_equal(cis_c37_data_new(s->cfg, &s->data), 0);
	s->as.pmu = pmu;
	s->as.block = &s->data->block[0];
}

static void drop(struct side *s)
{
	cis_c37_data_free(s->data);
	cis_c37_config_free(s->cfg);
}

static void over_the_wire(struct side *s)
{
	uint8_t buf[256];
	int len = cis_c37_data_encode(s->cfg, s->data, buf, sizeof(buf));

	assert_true(len > 0);
	assert_true(cis_c37_data_decode(s->cfg, buf, (size_t)len, s->data,
					NULL) > 0);
}

/* Values of no format's grid. */
static void fill(struct side *s)
{
	struct cis_c37_block *b = &s->data->block[0];

	for (uint16_t i = 0; i < N; i++)
		b->phasor_rms[i] = 118.76543 * cexp(I * (0.3 - 2.1 * i));
	b->freq_hz = 50.0123456;
	b->rocof_hz_per_s = -0.3456;
	b->analog[0] = 123;
	b->digital[0] = 0x5A5A;
	over_the_wire(s);
}

/* What the other makes of it. */
static void copy(const struct side *from, struct side *to)
{
	const struct cis_c37_block *a = &from->data->block[0];
	struct cis_c37_block *b = &to->data->block[0];

	b->stat = a->stat;
	memcpy(b->phasor_rms, a->phasor_rms, N * sizeof(*b->phasor_rms));
	b->freq_hz = a->freq_hz;
	b->rocof_hz_per_s = a->rocof_hz_per_s;
	b->analog[0] = a->analog[0];
	b->digital[0] = a->digital[0];
}

static const int16_t straight[N] = {0, 1, 2};
static const struct cis_diff_map map = {straight, straight};

static enum cis_back diff(const struct side *a, const struct side *b,
			  struct cis_diff *d)
{
	return cis_block_diff(&a->as, &b->as, &map, d);
}

static const uint16_t formats[] = {0, CIS_C37_FMT_POLAR, FLOATS,
				   FLOATS | CIS_C37_FMT_POLAR};

/* All 16 pairs of formats. */
static void another_format_is_no_change(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 16; i++) {
		struct side a, b;
		struct cis_diff d;

		make(&a, formats[i / 4]);
		make(&b, formats[i % 4]);
		fill(&a);
		copy(&a, &b);
		over_the_wire(&b);
		assert_int_equal(diff(&a, &b, &d), CIS_BACK_WHOLE);
		assert_int_equal(d.what, CIS_DIFF_NOTHING);
		drop(&a);
		drop(&b);
	}
}

/* Just above what the format can hold: 3 steps of int16 (one of ours, one of
 * rounding, one to be seen), 2^-18 of single precision. */
static void more_than_the_format_holds_is_a_change(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		bool is_float = formats[i] & CIS_C37_FMT_PHASOR_FLOAT;
		double by = is_float ? 118.8 * 0x1p-18 : 0.03;
		struct side a, b;
		struct cis_diff d;

		make(&a, formats[i]);
		make(&b, formats[i]);
		fill(&a);
		copy(&a, &b);
		b.data->block[0].phasor_rms[2] *= 1 + by / 118.76543;
		over_the_wire(&b);
		assert_int_equal(diff(&a, &b, &d), CIS_BACK_CHANGED);
		assert_int_equal(d.what, CIS_DIFF_PHASOR);
		assert_int_equal(d.channel, 2);
		drop(&a);
		drop(&b);
	}
}

static void each_field_is_looked_at(void **state)
{
	struct side a, b;
	struct cis_diff d;

	(void)state;
	make(&a, FLOATS);
	make(&b, FLOATS);
	fill(&a);
	copy(&a, &b);
	b.data->block[0].freq_hz += 1e-4;
	assert_int_equal(diff(&a, &b, &d), CIS_BACK_CHANGED);
	assert_int_equal(d.what, CIS_DIFF_FREQ);
	copy(&a, &b);
	b.data->block[0].rocof_hz_per_s = 0;
	assert_int_equal(diff(&a, &b, &d), CIS_BACK_CHANGED);
	assert_int_equal(d.what, CIS_DIFF_ROCOF);
	copy(&a, &b);
	b.data->block[0].analog[0] += 0.01;
	assert_int_equal(diff(&a, &b, &d), CIS_BACK_CHANGED);
	assert_int_equal(d.what, CIS_DIFF_ANALOG);
	copy(&a, &b);
	b.data->block[0].digital[0] ^= 1;
	assert_int_equal(diff(&a, &b, &d), CIS_BACK_CHANGED);
	assert_int_equal(d.what, CIS_DIFF_DIGITAL);
	copy(&a, &b);
	b.data->block[0].stat |= CIS_C37_STAT_TRIGGER;
	assert_int_equal(diff(&a, &b, &d), CIS_BACK_CHANGED);
	assert_int_equal(d.what, CIS_DIFF_STAT);
	drop(&a);
	drop(&b);
}

static void what_a_pdc_may_mark_is_no_change(void **state)
{
	struct side a, b;
	struct cis_diff d;

	(void)state;
	make(&a, FLOATS);
	make(&b, FLOATS);
	fill(&a);
	copy(&a, &b);
	b.data->block[0].stat |=
		CIS_C37_STAT_SORT_ARRIVAL | CIS_C37_STAT_UNSYNC;
	assert_int_equal(diff(&a, &b, &d), CIS_BACK_WHOLE);
	assert_int_equal(d.marked,
			 CIS_C37_STAT_SORT_ARRIVAL | CIS_C37_STAT_UNSYNC);
	drop(&a);
	drop(&b);
}

static void filled_in_data_are_missing(void **state)
{
	/* 01 and 11 of 2011, 10 of 2005. */
	static const uint16_t marks[] = {0x4000, 0xC000, 0x8000};
	struct side a, b;
	struct cis_diff d;

	(void)state;
	make(&a, FLOATS);
	make(&b, FLOATS);
	fill(&a);
	for (unsigned i = 0; i < 3; i++) {
		copy(&a, &b);
		b.data->block[0].stat |= marks[i];
		assert_int_equal(diff(&a, &b, &d), CIS_BACK_MISSING);
	}
	copy(&a, &b);
	for (unsigned i = 0; i < N; i++)
		b.data->block[0].phasor_rms[i] = CMPLX(NAN, NAN);
	/* One value is left: that is a change. */
	assert_int_equal(diff(&a, &b, &d), CIS_BACK_CHANGED);
	b.data->block[0].freq_hz = NAN;
	assert_int_equal(diff(&a, &b, &d), CIS_BACK_MISSING);
	drop(&a);
	drop(&b);
}

static void our_own_bad_data_must_stay_bad(void **state)
{
	struct side a, b;
	struct cis_diff d;

	(void)state;
	make(&a, FLOATS);
	make(&b, FLOATS);
	fill(&a);
	a.data->block[0].stat = CIS_C37_STAT_INVALID;
	copy(&a, &b);
	b.data->block[0].phasor_rms[0] = 0;
	assert_int_equal(diff(&a, &b, &d), CIS_BACK_WHOLE);
	b.data->block[0].stat = CIS_C37_STAT_ERROR_MASK;
	assert_int_equal(diff(&a, &b, &d), CIS_BACK_WHOLE);
	b.data->block[0].stat = 0;
	assert_int_equal(diff(&a, &b, &d), CIS_BACK_CHANGED);
	assert_int_equal(d.what, CIS_DIFF_STAT);
	/* In test mode values count. */
	a.data->block[0].stat = CIS_C37_STAT_TEST;
	b.data->block[0].stat = CIS_C37_STAT_TEST;
	assert_int_equal(diff(&a, &b, &d), CIS_BACK_CHANGED);
	assert_int_equal(d.what, CIS_DIFF_PHASOR);
	drop(&a);
	drop(&b);
}

static void channels_are_compared_as_the_map_says(void **state)
{
	static const int16_t turned[N] = {2, -1, 0};
	const struct cis_diff_map other = {turned, straight};
	struct side a, b;
	struct cis_diff d;

	(void)state;
	make(&a, FLOATS);
	make(&b, FLOATS);
	fill(&a);
	copy(&a, &b);
	b.data->block[0].phasor_rms[0] = a.data->block[0].phasor_rms[2];
	b.data->block[0].phasor_rms[1] = 7;
	b.data->block[0].phasor_rms[2] = a.data->block[0].phasor_rms[0];
	assert_int_equal(diff(&a, &b, &d), CIS_BACK_CHANGED);
	assert_int_equal(cis_block_diff(&a.as, &b.as, &other, &d),
			 CIS_BACK_WHOLE);
	b.data->block[0].phasor_rms[2] *= 2;
	assert_int_equal(cis_block_diff(&a.as, &b.as, &other, &d),
			 CIS_BACK_CHANGED);
	assert_int_equal(d.channel, 2);
	assert_int_equal(d.ours, 0);
	drop(&a);
	drop(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(another_format_is_no_change),
		cmocka_unit_test(more_than_the_format_holds_is_a_change),
		cmocka_unit_test(each_field_is_looked_at),
		cmocka_unit_test(what_a_pdc_may_mark_is_no_change),
		cmocka_unit_test(filled_in_data_are_missing),
		cmocka_unit_test(our_own_bad_data_must_stay_bad),
		cmocka_unit_test(channels_are_compared_as_the_map_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
