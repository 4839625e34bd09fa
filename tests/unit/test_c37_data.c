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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_example_of_annex_d_is_read_and_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
