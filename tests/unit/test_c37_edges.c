/*
 * test_c37_edges.c - every FORMAT, described by each configuration frame, with
 * the values at the ends of its range: over the wire and back.
 */
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "cisoid/c37.h"

#define PHUNIT 250000 /* 2.5 V or A per bit */

enum edge { ZERO, LARGEST, SMALLEST, NONE, NEGATIVE, N_EDGE };

/* What is sent. */
struct world {
	unsigned format;
	enum cis_c37_type type;
	uint16_t n_pmu, n_phasor, n_analog, n_digital;
	struct cis_c37_config *cfg; /* of the sender */
	struct cis_c37_config *got; /* of the receiver, by the frame */
};

static void describe(const struct world *w, struct cis_c37_pmu *pmu)
{
	assert_int_equal(
		cis_c37_pmu_size(pmu, w->n_phasor, w->n_analog, w->n_digital),
		0);
	pmu->format = (uint16_t)w->format;
	for (uint16_t i = 0; i < w->n_phasor; i++) {
		struct cis_c37_channel *ch = &pmu->phasor[i];

		snprintf(ch->name, sizeof(ch->name), "Ph %u", i);
		ch->unit = (i % 2 ? 1u << 24 : 0) | PHUNIT;
		if (w->type == CIS_C37_CFG3) {
			ch->scale = 2.5f;
			ch->offset = 0.25f * (float)i;
		}
	}
	for (uint16_t i = 0; i < w->n_analog; i++) {
		snprintf(pmu->analog[i].name, CIS_C37_NAME_SIZE, "An %u", i);
		if (w->type == CIS_C37_CFG3) {
			pmu->analog[i].scale = 0.5f;
			pmu->analog[i].offset = -3;
		}
	}
	for (uint16_t i = 0; i < w->n_digital; i++)
		pmu->digital[i].mask = 0xFFFF0000u + i;
}

/* The receiver knows what the configuration frame says, and no more. */
static void open_world(struct world *w)
{
	static uint8_t buf[CIS_C37_MAX_FRAME];
	struct cis_split_time at = {.tai_s = 1700000037};
	int len;

	assert_int_equal(cis_c37_config_new(w->n_pmu, &w->cfg), 0);
	for (uint16_t p = 0; p < w->n_pmu; p++) {
		describe(w, &w->cfg->pmu[p]);
		w->cfg->pmu[p].idcode = (uint16_t)(p + 1);
		snprintf(w->cfg->pmu[p].station, CIS_C37_NAME_SIZE, "PMU %u",
			 p);
	}
	w->cfg->data_rate = -5;
	assert_int_equal(
		cis_c37_config_check(w->cfg, w->type, CIS_C37_MAX_FRAME, NULL),
		0);
	len = cis_c37_config_encode(w->cfg, w->type, at, 0, buf, sizeof(buf));
	assert_int_equal(len, cis_c37_config_len(w->cfg, w->type));
	assert_true(cis_c37_crc_ok(buf, (size_t)len));
	assert_int_equal(cis_c37_config_decode(buf, (size_t)len, &w->got, NULL),
			 len);
	assert_int_equal(w->got->data_rate, -5);
	assert_int_equal(cis_c37_data_len(w->got), cis_c37_data_len(w->cfg));
}

static void close_world(struct world *w)
{
	cis_c37_config_free(w->cfg);
	cis_c37_config_free(w->got);
}

/* In counts of the wire: the ends of int16, and of uint16 for magnitudes. */
static double complex counts(const struct world *w, enum edge edge, unsigned i)
{
	bool polar = w->format & CIS_C37_FMT_POLAR;
	double deg = -40.0 * (i + 1), rad = deg * 3.14159265358979323846 / 180;

	switch (edge) {
	case LARGEST:
		return polar ? 65535 : CMPLX(32767, 32767);
	case SMALLEST:
		return polar ? -65535 : CMPLX(-32767, -32767);
	case NONE:
		return CMPLX(NAN, NAN);
	case NEGATIVE:
		return CMPLX(20000 * cos(rad), 20000 * sin(rad));
	default:
		return 0;
	}
}

static double complex volts(const struct world *w, enum edge edge, unsigned i)
{
	double rad = w->type == CIS_C37_CFG3 ? -0.25 * i : 0;
	double complex x = counts(w, edge, i);
	double re = creal(x) * 2.5, im = cimag(x) * 2.5;

	return CMPLX(re * cos(rad) - im * sin(rad),
		     im * cos(rad) + re * sin(rad));
}

static double scalar(enum edge edge, double most)
{
	const double value[] = {0, most, -most, NAN, round(-0.1 * most)};

	return value[edge];
}

static double analog(const struct world *w, enum edge edge)
{
	double x = scalar(edge, 32767);

	return w->type == CIS_C37_CFG3 ? 0.5 * x - 3 : x;
}

static void fill(const struct world *w, enum edge edge,
		 struct cis_c37_data *data)
{
	for (uint16_t p = 0; p < w->n_pmu; p++) {
		struct cis_c37_block *b = &data->block[p];
		double fnom_hz = cis_c37_fnom_hz(&w->cfg->pmu[p]);

		b->stat = (uint16_t)(0xFFFF >> edge);
		for (unsigned i = 0; i < w->n_phasor; i++)
			b->phasor_rms[i] = volts(w, edge, i);
		b->freq_hz = fnom_hz + scalar(edge, 32767) / 1000;
		b->rocof_hz_per_s = scalar(edge, 32767) / 100;
		for (unsigned i = 0; i < w->n_analog; i++)
			b->analog[i] = analog(w, edge);
		for (unsigned i = 0; i < w->n_digital; i++)
			b->digital[i] = (uint16_t)(0xFFFF * (edge & 1) + i);
	}
}

/* Close, or both do not exist. */
static void check_value(double got, double want, double tol)
{
	if (isnan(want))
		assert_true(isnan(got));
	else
		check_close(got, want, tol);
}

/*
 * Half a step of each component: 2.5 V of int16, 1e-4 rad of its angles, and
 * 2^-24 of a float, whose angle of pi is off by 9e-8.
 */
static double phasor_tol(const struct world *w, double rms)
{
	if (w->format & CIS_C37_FMT_PHASOR_FLOAT)
		return 2e-7 * rms;
	if (w->format & CIS_C37_FMT_POLAR)
		return 1.0001 * hypot(1.25, rms * 0.5e-4);
	return 1.0001 * hypot(1.25, 1.25);
}

static void check_block(const struct world *w, enum edge edge, uint16_t p,
			const struct cis_c37_block *b)
{
	bool is_float = w->format & CIS_C37_FMT_FREQ_FLOAT;
	double fnom_hz = cis_c37_fnom_hz(&w->cfg->pmu[p]);

	assert_int_equal(b->stat, 0xFFFF >> edge);
	for (unsigned i = 0; i < w->n_phasor; i++) {
		double complex want = volts(w, edge, i);
		double complex off = b->phasor_rms[i] - want;

		check_value(cabs(off), edge == NONE ? NAN : 0,
			    phasor_tol(w, cabs(want)));
	}
	check_value(b->freq_hz, fnom_hz + scalar(edge, 32767) / 1000,
		    is_float ? 4e-6 : 1e-9);
	check_value(b->rocof_hz_per_s, scalar(edge, 32767) / 100,
		    is_float ? 2e-5 : 1e-9);
	for (unsigned i = 0; i < w->n_analog; i++)
		check_value(b->analog[i], analog(w, edge), 0);
	for (unsigned i = 0; i < w->n_digital; i++)
		assert_int_equal(b->digital[i],
				 (uint16_t)(0xFFFF * (edge & 1) + i));
}

static void there_and_back(const struct world *w, enum edge edge)
{
	static uint8_t buf[CIS_C37_MAX_FRAME];
	struct cis_c37_data *sent, *read;
	int len;

	assert_int_equal(cis_c37_data_new(w->cfg, &sent), 0);
	assert_int_equal(cis_c37_data_new(w->got, &read), 0);
	fill(w, edge, sent);
	len = cis_c37_data_encode(w->cfg, sent, buf, sizeof(buf));
	assert_int_equal(len, cis_c37_data_len(w->cfg));
	assert_true(cis_c37_crc_ok(buf, (size_t)len));
	assert_int_equal(
		cis_c37_data_decode(w->got, buf, (size_t)len, read, NULL), len);
	for (uint16_t p = 0; p < w->n_pmu; p++)
		check_block(w, edge, p, &read->block[p]);
	cis_c37_data_free(sent);
	cis_c37_data_free(read);
}

static void every_format_keeps_the_ends_of_its_range(void **state)
{
	static const enum cis_c37_type types[] = {CIS_C37_CFG1, CIS_C37_CFG2,
						  CIS_C37_CFG3};
	static const uint16_t counts_of[][4] = {
		/* PMUs, phasors, analogs, digital words. */
		{1, 3, 0, 0},    {4, 3, 0, 0}, {1, 0, 40, 20},
		{4, 17, 40, 20}, {1, 0, 0, 0}, {1, 8, 1, 1},
	};

	(void)state;
	for (unsigned n = 0; n < 16 * 3 * 6; n++) {
		const uint16_t *c = counts_of[n / 48];
		struct world w = {.format = n % 16,
				  .type = types[n / 16 % 3],
				  .n_pmu = c[0],
				  .n_phasor = c[1],
				  .n_analog = c[2],
				  .n_digital = c[3]};

		open_world(&w);
		for (enum edge edge = 0; edge < N_EDGE; edge++)
			there_and_back(&w, edge);
		close_world(&w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_format_keeps_the_ends_of_its_range),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
