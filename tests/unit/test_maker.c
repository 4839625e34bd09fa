/* test_maker.c - the frames of simulated fleets, read back. */
#include <errno.h>
#include <string.h>

#include "check.h"
#include "cisoid/utc.h"
#include "crc_bitwise.h"
#include "host/sim/fleet.h"

#define T0_S INT64_C(2000000000)

struct made {
	struct cis_scenario_parts parts;
	struct cis_scenario *scenario;
	struct cis_fleet fleet;
	struct cis_maker *m;
};

static void begin(struct made *f, uint32_t count, const char *key,
		  const char *value)
{
	struct cis_diag diag;

	memset(f, 0, sizeof(*f));
	f->parts.count = count;
	f->parts.first_idcode = 100;
	cis_signal_init(&f->parts.sig);
	assert_int_equal(cis_signal_set(&f->parts.sig, "f", "50.3", &diag), 0);
	if (key)
		assert_int_equal(
			cis_signal_set(&f->parts.sig, key, value, &diag), 0);
	assert_int_equal(cis_signal_finish(&f->parts.sig, &diag), 0);
	f->fleet = (struct cis_fleet){
		.count = count,
		.stream = {.idcode = 100,
			   .station = "A-SIM",
			   .format = 0xF,
			   .rate = {50, 1},
			   .fnom_hz = 50,
			   .version = 1,
			   .edition = 2011},
		.header = "SIM",
		.t0_stays = true,
		.t0_tai_s = T0_S,
	};
}

static void make(struct made *f, bool concentrated)
{
	const struct cis_instant first = {.tai_s = T0_S, .rate = {50, 1}};
	struct cis_diag diag;

	assert_int_equal(cis_scenario_new(&f->parts, &f->scenario, NULL, &diag),
			 0);
	f->fleet.scenario = f->scenario;
	assert_int_equal((concentrated
				  ? cis_maker_concentrated
				  : cis_maker_fleet)(&f->fleet, &f->m, &diag),
			 0);
	f->m->ops->begin(f->m, first);
}

static void end(struct made *f)
{
	f->m->ops->free(f->m);
	cis_scenario_free(f->scenario);
}

static int frame_of(struct made *f, uint32_t i, struct cis_instant at,
		    uint8_t *buf)
{
	int len = f->m->ops->frame(f->m, i, at, buf, 65535);

	assert_true(len > 0 && (size_t)len <= f->m->frame_max);
	assert_int_equal(crc_bitwise(buf, (size_t)len - 2),
			 buf[len - 2] << 8 | buf[len - 1]);
	return len;
}

static const struct cis_instant some_instant = {
	.tai_s = T0_S + 1234567, .k = 17, .rate = {50, 1}};

/* The phase of 0.3 Hz over the time since t0, and of 17 periods of 50 Hz. */
static void a_frame_says_what_the_formula_says(void **state)
{
	const double turns = 0.3 * (1234567 + 17.0 / 50);
	struct cis_c37_data *data;
	struct cis_diag diag;
	struct made f;
	uint8_t buf[65535];
	int len;

	(void)state;
	begin(&f, 20, NULL, NULL);
	make(&f, false);
	len = frame_of(&f, 19, some_instant, buf);
	assert_int_equal(
		cis_c37_data_new(f.m->ops->config(f.m, 19, some_instant),
				 &data),
		0);
	assert_int_equal(
		cis_c37_data_decode(f.m->ops->config(f.m, 19, some_instant),
				    buf, (size_t)len, data, &diag),
		len);
	assert_int_equal(data->head.idcode, 119);
	assert_int_equal(data->head.fracsec, 340000);
	assert_int_equal(cis_tai_from_soc(data->head.soc), T0_S + 1234567);
	/* Float: 24 bits of 120 V and of pi. */
	check_close(cabs(data->block[0].phasor_rms[0]), 120, 120 * 0x1p-23);
	check_close(remainder(carg(data->block[0].phasor_rms[0]) -
				      6.283185307179586 * turns,
			      6.283185307179586),
		    0, 0x1p-22);
	check_close(data->block[0].freq_hz, 50.3, 50.3 * 0x1p-23);
	cis_c37_data_free(data);
	end(&f);
}

/* Made out of one frame or each by itself: an infinitesimal noise forbids the
 * short cut, and is too small for float. */
static void frames_of_a_fleet_differ_in_their_idcode_alone(void **state)
{
	uint8_t a[65535], b[65535];
	struct made alike, each;
	struct cis_instant at = some_instant;

	(void)state;
	begin(&alike, 300, NULL, NULL);
	make(&alike, false);
	begin(&each, 300, "mag_noise", "1e-30");
	make(&each, false);
	for (unsigned n = 0; n < 3; n++, at = cis_instant_next(at)) {
		for (uint32_t i = 0; i < 300; i++) {
			int len = frame_of(&alike, i, at, a);

			assert_int_equal(frame_of(&each, i, at, b), len);
			assert_memory_equal(a, b, (size_t)len);
			assert_int_equal(a[4] << 8 | a[5], 100 + i);
		}
	}
	end(&alike);
	end(&each);
}

/* A frame depends on its stream and its instant, not on what was asked before. */
static void noise_is_that_of_the_stream_and_the_instant(void **state)
{
	struct cis_instant next = cis_instant_next(some_instant);
	uint8_t a[65535], b[65535], c[65535];
	struct made f, g;
	int len;

	(void)state;
	begin(&f, 10, "mag_noise", "0.01");
	make(&f, false);
	begin(&g, 10, "mag_noise", "0.01");
	make(&g, false);
	len = frame_of(&f, 3, some_instant, a);
	frame_of(&f, 4, some_instant, c);
	frame_of(&g, 9, next, b);
	frame_of(&g, 3, next, b);
	assert_memory_not_equal(a + 16, b + 16, (size_t)len - 18);
	assert_memory_not_equal(a + 16, c + 16, (size_t)len - 18);
	frame_of(&g, 3, some_instant, b);
	assert_memory_equal(a, b, (size_t)len);
	end(&f);
	end(&g);
}

static void each_pmu_has_a_name_and_an_idcode(void **state)
{
	const struct cis_c37_config *cfg;
	struct made f;

	(void)state;
	begin(&f, 20000, NULL, NULL);
	make(&f, false);
	cfg = f.m->ops->config(f.m, 0, some_instant);
	assert_string_equal(cfg->pmu[0].station, "A-SIM-0001");
	assert_int_equal(cfg->idcode, 100);
	cfg = f.m->ops->config(f.m, 19999, some_instant);
	assert_string_equal(cfg->pmu[0].station, "A-SIM-20000");
	assert_int_equal(cfg->idcode, 20099);
	assert_int_equal(cfg->pmu[0].idcode, 20099);
	assert_int_equal(f.m->ops->idcode(f.m, 19999), 20099);
	assert_int_equal(f.m->n_stream, 20000);
	end(&f);
}

/* Blocks are the bodies of the frames that the PMUs send by themselves. */
static void a_concentrator_sends_the_same_values(void **state)
{
	uint8_t all[65535], one[65535];
	struct made f, c;
	int len;

	(void)state;
	begin(&f, 50, "deg_noise", "0.1");
	make(&f, false);
	begin(&c, 50, "deg_noise", "0.1");
	make(&c, true);
	assert_int_equal(c.m->n_stream, 1);
	frame_of(&c, 0, some_instant, all);
	for (uint32_t i = 0; i < 50; i++) {
		len = frame_of(&f, i, some_instant, one) - 16;
		assert_memory_equal(all + 14 + (size_t)len * i, one + 14,
				    (size_t)len);
	}
	end(&f);
	end(&c);
}

/* Bit 13 of STAT and the quality of the head: clause 6.2.2, table 3. */
static void the_time_quality_is_the_one_that_was_set(void **state)
{
	const struct cis_time_quality bad = {.unc_s = 5e-4, .unlocked_s = 0};
	uint8_t buf[65535];
	struct made f;

	(void)state;
	begin(&f, 2, NULL, NULL);
	make(&f, false);
	frame_of(&f, 1, some_instant, buf);
	assert_int_equal(buf[10] & 0xF, 0);
	assert_int_equal(buf[14] & 0x20, 0);
	f.m->ops->set_quality(f.m, &bad);
	frame_of(&f, 1, some_instant, buf);
	assert_int_equal(buf[10] & 0xF, 7); /* within 1 ms */
	assert_int_equal(buf[14] & 0x20, 0x20);
	f.m->ops->set_quality(f.m, NULL);
	frame_of(&f, 1, some_instant, buf);
	assert_int_equal(buf[10] & 0xF, 0);
	end(&f);
}

/* Names alone are 16 bytes of each of the 20000. */
static void too_many_for_one_frame_are_refused(void **state)
{
	struct cis_diag diag;
	struct made f;

	(void)state;
	begin(&f, 20000, NULL, NULL);
	assert_int_equal(cis_scenario_new(&f.parts, &f.scenario, NULL, &diag),
			 0);
	f.fleet.scenario = f.scenario;
	assert_int_equal(cis_maker_concentrated(&f.fleet, &f.m, &diag),
			 -EINVAL);
	cis_scenario_free(f.scenario);
	assert_non_null(strstr(diag.msg, "at most"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_frame_says_what_the_formula_says),
		cmocka_unit_test(
			frames_of_a_fleet_differ_in_their_idcode_alone),
		cmocka_unit_test(noise_is_that_of_the_stream_and_the_instant),
		cmocka_unit_test(each_pmu_has_a_name_and_an_idcode),
		cmocka_unit_test(a_concentrator_sends_the_same_values),
		cmocka_unit_test(the_time_quality_is_the_one_that_was_set),
		cmocka_unit_test(too_many_for_one_frame_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
