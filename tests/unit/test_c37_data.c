/* test_c37_data.c - data frames: the standard's example, every FORMAT. */
#include <errno.h>
#include <string.h>

#include "annex_d.h"
#include "check.h"
#include "cisoid/c37.h"

static struct cis_c37_config *annex_d_config(void)
{
	uint8_t buf[600];
	size_t len = from_hex(ANNEX_D_CFG2, buf);
	struct cis_c37_config *cfg = NULL;

	assert_int_equal(cis_c37_config_decode(buf, len, &cfg, NULL), len);
	return cfg;
}

/* The annex says: 134.0 kV at 0, -120, 120 degrees, 500 A, 62.5 Hz. */
static void the_example_of_annex_d_is_read_and_written(void **state)
{
	struct cis_c37_config *cfg = annex_d_config();
	struct cis_c37_data *data;
	uint8_t buf[64], out[64];
	size_t len = from_hex(ANNEX_D_DATA, buf);
	const struct cis_c37_block *b;

	(void)state;
	assert_int_equal(cis_c37_data_new(cfg, &data), 0);
	assert_int_equal(cis_c37_data_len(cfg), len);
	assert_int_equal(cis_c37_data_decode(cfg, buf, len, data, NULL), len);
	b = &data->block[0];
	assert_int_equal(data->head.soc, 1149580800);
	assert_int_equal(data->head.fracsec, 16817);
	assert_int_equal(b->stat, 0);
	check_close(creal(b->phasor_rms[0]), 14635 * 9.15527, 1e-9);
	check_close(cimag(b->phasor_rms[0]), 0, 0);
	check_close(creal(b->phasor_rms[1]), -7318 * 9.15527, 1e-9);
	check_close(cimag(b->phasor_rms[1]), -12676 * 9.15527, 1e-9);
	check_close(creal(b->phasor_rms[3]), 1092 * 0.45776, 1e-9);
	check_close(b->freq_hz, 62.5, 1e-12);
	check_close(b->rocof_hz_per_s, 0, 0);
	check_close(b->analog[1], 1000, 0);
	assert_int_equal(b->digital[0], 0x3C12);
	assert_int_equal(cis_c37_data_encode(cfg, data, out, sizeof(out)), len);
	assert_memory_equal(out, buf, len);
	assert_int_equal(cis_c37_data_encode(cfg, data, out, len - 1),
			 -EMSGSIZE);
	cis_c37_data_free(data);
	cis_c37_config_free(cfg);
}

/* One PMU with a voltage, a current, an analog and a digital word. */
static struct cis_c37_config *small_config(unsigned format)
{
	struct cis_c37_config *cfg;

	assert_int_equal(cis_c37_config_new(1, &cfg), 0);
	assert_int_equal(cis_c37_pmu_size(&cfg->pmu[0], 2, 1, 1), 0);
	cfg->pmu[0].format = (uint16_t)format;
	cfg->pmu[0].phasor[0].unit = 458;           /* 150 V in 32767 */
	cfg->pmu[0].phasor[1].unit = 1u << 24 | 23; /* 7.5 A */
	return cfg;
}

/* Over the wire and back. */
static void send(const struct cis_c37_config *cfg, struct cis_c37_data *data)
{
	uint8_t buf[128];
	int len = cis_c37_data_encode(cfg, data, buf, sizeof(buf));

	assert_int_equal(len, cis_c37_data_len(cfg));
	assert_true(cis_c37_crc_ok(buf, (size_t)len));
	assert_int_equal(cis_c37_data_decode(cfg, buf, (size_t)len, data, NULL),
			 len);
}

static double complex phasor(double rms, double deg)
{
	double rad = deg * 3.14159265358979323846 / 180;

	return cis_rect(rms * cos(rad), rms * sin(rad));
}

/*
 * A component is off by half a step at most: float's is 2^-24 of it, int16's
 * PHUNIT, and for an angle 1e-4 rad.
 */
static double phasor_tol(unsigned format, double rms, double v_per_bit)
{
	double half = v_per_bit / 2;

	if (format & CIS_C37_FMT_PHASOR_FLOAT)
		return rms * 3e-7;
	if (format & CIS_C37_FMT_POLAR)
		return 1.001 * (half + rms * 0.5e-4);
	return 1.001 * half * sqrt(2);
}

static void every_format_keeps_values_to_half_a_step(void **state)
{
	(void)state;
	for (unsigned format = 0; format < 16; format++) {
		struct cis_c37_config *cfg = small_config(format);
		bool f_float = format & CIS_C37_FMT_FREQ_FLOAT;
		struct cis_c37_data *data;
		struct cis_c37_block *b;

		assert_int_equal(cis_c37_data_new(cfg, &data), 0);
		b = &data->block[0];
		for (int deg = -180; deg <= 180; deg += 5) {
			double freq_hz = 50 + deg * 0.0123;
			double rocof = deg * 0.0156;

			b->stat = (uint16_t)(deg + 200);
			b->phasor_rms[0] = phasor(100.3, deg);
			b->phasor_rms[1] = phasor(4.987, -deg);
			b->freq_hz = freq_hz;
			b->rocof_hz_per_s = rocof;
			b->analog[0] = deg;
			b->digital[0] = (uint16_t)(deg * 321);
			send(cfg, data);
			assert_int_equal(b->stat, deg + 200);
			check_close(cabs(b->phasor_rms[0] - phasor(100.3, deg)),
				    0, phasor_tol(format, 100.3, 458e-5));
			check_close(
				cabs(b->phasor_rms[1] - phasor(4.987, -deg)), 0,
				phasor_tol(format, 4.987, 23e-5));
			check_close(b->freq_hz, freq_hz,
				    f_float ? 4e-6 : 0.5001e-3);
			check_close(b->rocof_hz_per_s, rocof,
				    f_float ? 2e-7 : 0.5001e-2);
			check_close(b->analog[0], deg, 0);
			assert_int_equal(b->digital[0], (uint16_t)(deg * 321));
		}
		cis_c37_data_free(data);
		cis_c37_config_free(cfg);
	}
}

static void a_value_that_does_not_exist_stays_so(void **state)
{
	(void)state;
	for (unsigned format = 0; format < 16; format++) {
		struct cis_c37_config *cfg = small_config(format);
		struct cis_c37_data *data;
		struct cis_c37_block *b;

		assert_int_equal(cis_c37_data_new(cfg, &data), 0);
		b = &data->block[0];
		b->phasor_rms[0] = cis_rect(NAN, NAN);
		b->phasor_rms[1] = phasor(5, 30);
		b->freq_hz = b->rocof_hz_per_s = b->analog[0] = NAN;
		send(cfg, data);
		assert_true(isnan(creal(b->phasor_rms[0])));
		assert_true(isnan(cimag(b->phasor_rms[0])));
		assert_true(!isnan(creal(b->phasor_rms[1])));
		assert_true(isnan(b->freq_hz));
		assert_true(isnan(b->rocof_hz_per_s));
		assert_true(isnan(b->analog[0]));
		cis_c37_data_free(data);
		cis_c37_config_free(cfg);
	}
}

/* int16: what is out of range is no value, not the wrong one. */
static void what_does_not_fit_is_no_value(void **state)
{
	static const unsigned formats[] = {0, CIS_C37_FMT_POLAR};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct cis_c37_config *cfg = small_config(formats[i]);
		struct cis_c37_data *data;
		struct cis_c37_block *b;

		assert_int_equal(cis_c37_data_new(cfg, &data), 0);
		b = &data->block[0];
		/* A polar magnitude is unsigned: 65535 counts. */
		b->phasor_rms[0] = phasor(65536 * 458e-5, 0);
		b->phasor_rms[1] = phasor(i ? 65535 * 23e-5 : 32767 * 23e-5, 0);
		b->freq_hz = 50 + 32.768;
		b->rocof_hz_per_s = -327.67;
		b->analog[0] = 1e300;
		send(cfg, data);
		assert_true(isnan(creal(b->phasor_rms[0])));
		check_close(creal(b->phasor_rms[1]),
			    (i ? 65535 : 32767) * 23e-5, 1e-9);
		assert_true(isnan(b->freq_hz));
		check_close(b->rocof_hz_per_s, -327.67, 1e-9);
		assert_true(isnan(b->analog[0]));
		cis_c37_data_free(data);
		cis_c37_config_free(cfg);
	}
}

enum which { PHASOR, FREQ, ROCOF, ANALOG, N_WHICH };

static void set_value(struct cis_c37_block *b, enum which which, double v)
{
	if (which == PHASOR)
		b->phasor_rms[1] = phasor(v, 0);
	else if (which == FREQ)
		b->freq_hz = v;
	else if (which == ROCOF)
		b->rocof_hz_per_s = v;
	else
		b->analog[0] = v;
}

/* STAT of a frame with one value of `v`, where it was `stat`. */
static uint16_t stat_of(unsigned format, enum which which, double v,
			uint16_t stat)
{
	struct cis_c37_config *cfg = small_config(format);
	struct cis_c37_data *data;

	assert_int_equal(cis_c37_data_new(cfg, &data), 0);
	data->block[0].stat = stat;
	data->block[0].freq_hz = 50;
	set_value(&data->block[0], which, v);
	send(cfg, data);
	stat = data->block[0].stat;
	cis_c37_data_free(data);
	cis_c37_config_free(cfg);
	return stat;
}

/* Bits 15-14 are 11, "do not use"; what never was a value is no error here. */
static void what_does_not_fit_is_a_data_error(void **state)
{
	static const double fits[N_WHICH] = {5, 51, 5, 5};

	(void)state;
	for (unsigned format = 0; format < 16; format++) {
		for (unsigned w = 0; w < N_WHICH; w++) {
			assert_int_equal(stat_of(format, w, 1e300, 0x2340),
					 0xE340);
			assert_int_equal(stat_of(format, w, 1e300, 0x8000),
					 0x8000);
			assert_int_equal(stat_of(format, w, 1e300, 0x4000),
					 0x4000);
			assert_int_equal(stat_of(format, w, NAN, 0x2340),
					 0x2340);
			assert_int_equal(stat_of(format, w, fits[w], 0x2340),
					 0x2340);
		}
	}
}

/* float: nor is infinity a value. */
static void what_float_does_not_hold_is_no_value(void **state)
{
	static const double large[] = {1e39, -1e300, INFINITY, -INFINITY};

	(void)state;
	for (unsigned i = 0; i < 8; i++) {
		struct cis_c37_config *cfg = small_config(0xE | i % 2);
		struct cis_c37_data *data;
		struct cis_c37_block *b;

		assert_int_equal(cis_c37_data_new(cfg, &data), 0);
		b = &data->block[0];
		b->phasor_rms[0] = cis_rect(1, large[i / 2]);
		b->phasor_rms[1] = cis_rect(3e38, -1);
		b->freq_hz = b->rocof_hz_per_s = b->analog[0] = large[i / 2];
		send(cfg, data);
		assert_true(isnan(creal(b->phasor_rms[0])));
		check_close(creal(b->phasor_rms[1]), 3e38, 3e31);
		assert_true(isnan(b->freq_hz));
		assert_true(isnan(b->rocof_hz_per_s));
		assert_true(isnan(b->analog[0]));
		cis_c37_data_free(data);
		cis_c37_config_free(cfg);
	}
}

/* FORMAT 0, zero counts: STAT, FREQ, DFREQ and nothing else. */
static void zero_counts_mean_no_words(void **state)
{
	struct cis_c37_config *cfg;
	struct cis_c37_data *data;

	(void)state;
	assert_int_equal(cis_c37_config_new(3, &cfg), 0);
	assert_int_equal(cis_c37_data_len(cfg), 16 + 3 * 6);
	assert_int_equal(cis_c37_data_new(cfg, &data), 0);
	data->block[2].freq_hz = 49.5;
	send(cfg, data);
	check_close(data->block[2].freq_hz, 49.5, 1e-12);
	cis_c37_data_free(data);
	cis_c37_config_free(cfg);
}

static void a_frame_of_another_length_is_refused(void **state)
{
	struct cis_c37_config *cfg = annex_d_config();
	struct cis_c37_data *data;
	struct cis_diag diag = {""};
	uint8_t buf[80] = {0};
	size_t len = from_hex(ANNEX_D_DATA, buf);

	(void)state;
	assert_int_equal(cis_c37_data_new(cfg, &data), 0);
	for (size_t n = 0; n < len; n++)
		assert_int_equal(cis_c37_data_decode(cfg, buf, n, data, &diag),
				 -EBADMSG);
	for (size_t n = 0; n < sizeof(buf); n++) {
		buf[3] = (uint8_t)n;
		if (n != len)
			assert_int_equal(cis_c37_data_decode(cfg, buf,
							     sizeof(buf), data,
							     &diag),
					 -EBADMSG);
	}
	assert_int_equal(data->head.soc, 0); /* untouched */
	cis_c37_data_free(data);
	cis_c37_config_free(cfg);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_example_of_annex_d_is_read_and_written),
		cmocka_unit_test(every_format_keeps_values_to_half_a_step),
		cmocka_unit_test(a_value_that_does_not_exist_stays_so),
		cmocka_unit_test(what_does_not_fit_is_no_value),
		cmocka_unit_test(what_does_not_fit_is_a_data_error),
		cmocka_unit_test(what_float_does_not_hold_is_no_value),
		cmocka_unit_test(zero_counts_mean_no_words),
		cmocka_unit_test(a_frame_of_another_length_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
