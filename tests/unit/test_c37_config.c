/* test_c37_config.c - configuration frames: the standard's example, ours. */
#include <errno.h>
#include <string.h>

#include "annex_d.h"
#include "check.h"
#include "cisoid/c37.h"
#include "cisoid/utc.h"

static struct cis_c37_config *decode(const uint8_t *buf, size_t len)
{
	struct cis_c37_config *cfg = NULL;
	struct cis_diag diag = {""};

	assert_int_equal(cis_c37_config_decode(buf, len, &cfg, &diag), len);
	return cfg;
}

static void the_example_of_annex_d_is_read_and_written(void **state)
{
	/* Its time: 463000 us after SOC 1149577200. */
	struct cis_split_time at = {.tai_s = cis_tai_from_soc(1149577200),
				    .frac_s = 0.463};
	uint8_t buf[600], out[600];
	size_t len = from_hex(ANNEX_D_CFG2, buf);
	struct cis_c37_config *cfg = decode(buf, len);
	const struct cis_c37_pmu *pmu = &cfg->pmu[0];

	(void)state;
	assert_int_equal(cfg->idcode, 7734);
	assert_int_equal(cfg->time_base, 1000000);
	assert_int_equal(cfg->data_rate, 30);
	assert_int_equal(cfg->n_pmu, 1);
	assert_string_equal(pmu->station, "Station A");
	assert_int_equal(pmu->format, CIS_C37_FMT_ANALOG_FLOAT);
	assert_int_equal(pmu->n_phasor, 4);
	assert_int_equal(pmu->n_analog, 3);
	assert_int_equal(pmu->n_digital, 1);
	assert_string_equal(pmu->phasor[3].name, "I1");
	assert_int_equal(pmu->phasor[0].unit, 915527);
	assert_true(cis_c37_phunit_is_current(pmu->phasor[3].unit));
	assert_string_equal(pmu->analog[2].name, "ANALOG3");
	assert_string_equal(pmu->digital[0].name[15], "BREAKER G STATUS");
	assert_int_equal(pmu->digital[0].mask, 0xFFFF);
	check_close(cis_c37_fnom_hz(pmu), 60, 0);
	assert_int_equal(pmu->cfgcnt, 22);
	assert_int_equal(cis_c37_config_encode(cfg, CIS_C37_CFG2, at, 0x56, out,
					       sizeof(out)),
			 len);
	assert_memory_equal(out, buf, len);
	cis_c37_config_free(cfg);
}

static void every_truncation_is_refused(void **state)
{
	uint8_t buf[600];
	size_t len = from_hex(ANNEX_D_CFG2, buf);
	struct cis_c37_config *cfg = NULL;
	struct cis_diag diag;

	(void)state;
	for (size_t n = 0; n < len; n++) {
		/* Cut off; and shorter by its own account. */
		assert_int_equal(cis_c37_config_decode(buf, n, &cfg, &diag),
				 -EBADMSG);
		buf[2] = (uint8_t)(n >> 8);
		buf[3] = (uint8_t)n;
		assert_int_equal(cis_c37_config_decode(buf, len, &cfg, &diag),
				 -EBADMSG);
		assert_null(cfg);
		buf[2] = (uint8_t)(len >> 8);
		buf[3] = (uint8_t)len;
	}
}

static void impossible_counts_are_refused_with_a_reason(void **state)
{
	static const struct {
		size_t at;
		const char *hex, *says;
	} cases[] = {
		{14, "00000000", "TIME_BASE"}, {18, "0000", "NUM_PMU"},
		{18, "ffff", "NUM_PMU"},       {18, "0002", "PMU 2"},
		{40, "ffff", "65535 phasors"}, {42, "ffff", "65535 analogs"},
		{44, "ffff", "65535 digital"}, {40, "0003", "more than"},
		{0, "aa01", "configuration"},  {0, "aa51", "configuration"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cis_c37_config *cfg = NULL;
		struct cis_diag diag = {""};
		uint8_t buf[600];
		size_t len = from_hex(ANNEX_D_CFG2, buf);

		from_hex(cases[i].hex, buf + cases[i].at);
		assert_int_equal(cis_c37_config_decode(buf, len, &cfg, &diag),
				 -EBADMSG);
		if (!strstr(diag.msg, cases[i].says))
			fail_msg("\"%s\" does not say \"%s\"", diag.msg,
				 cases[i].says);
		assert_null(cfg);
	}
}

/* The name of the first phasor after the way over the wire. */
static void over_the_wire(const char *name, char *out)
{
	struct cis_c37_config *cfg, *got;
	uint8_t buf[600];
	int len;

	assert_int_equal(cis_c37_config_new(1, &cfg), 0);
	assert_int_equal(cis_c37_pmu_size(&cfg->pmu[0], 1, 0, 0), 0);
	strcpy(cfg->pmu[0].phasor[0].name, name);
	len = cis_c37_config_encode(cfg, CIS_C37_CFG2,
				    (struct cis_split_time){.tai_s = 1}, 0, buf,
				    sizeof(buf));
	assert_true(len > 0);
	for (size_t i = 0; i < 16; i++)
		assert_in_range(buf[20 + 26 + i], 0x20, 0x7E);
	got = decode(buf, (size_t)len);
	strcpy(out, got->pmu[0].phasor[0].name);
	cis_c37_config_free(got);
	cis_c37_config_free(cfg);
}

static void names_are_written_in_ascii(void **state)
{
	static const char *const cases[][2] = {
		{"VA", "VA"},
		{"", ""},
		{"a name of more than sixteen", "a name of more t"},
		{"Ünür-Straße", "Unur-Strasse"},
		{"Łódź żółć", "Lodz zolc"},
		{"Подстанция", "Podstantsiya"},
		{"Ёлки, Щука", "Yolki, Shchuka"},
		{"объект 1", "obekt 1"},
		/* A letter of four characters does not fit in two. */
		{"14 characters Щ", "14 characters"},
		{"Ua φ Ω", "Ua ph O"},
		{"电压A", "??A"},
		{"50\xC2\xB0", "50deg"},
		{"bad \xFF\xC3 bytes", "bad ?? bytes"},
		{"tab\there", "tab?here"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char got[CIS_C37_NAME_SIZE];

		over_the_wire(cases[i][0], got);
		assert_string_equal(got, cases[i][1]);
	}
}

static void map_of_three(struct cis_chan_map *map)
{
	static const char *const names[] = {"VA", "VB", "VC", "IA"};

	memset(map, 0, sizeof(*map));
	for (uint32_t i = 0; i < 4; i++) {
		strcpy(map->chan[i].name, names[i]);
		map->chan[i].quantity = i < 3 ? CIS_VOLTAGE : CIS_CURRENT;
	}
	map->n_chan = 4;
	map->chan[0].nominal_rms = 100;
	map->chan[1].nominal_rms = 100;
	map->chan[2].nominal_rms = 120;
	map->chan[3].range_min = -10;
	map->chan[3].range_max = 10;
	map->n_group = 1;
	strcpy(map->group[0].name, "V+");
	map->group[0].chan[1] = 1;
	map->group[0].chan[2] = 2;
}

static void our_configuration_describes_the_channel_map(void **state)
{
	static struct cis_chan_map map;
	struct cis_c37_stream_opts opts = {.idcode = 7,
					   .station = "SIM",
					   .format = 0xF,
					   .rate = {1, 5},
					   .fnom_hz = 50};
	struct cis_c37_config *cfg;
	const struct cis_c37_pmu *pmu;

	(void)state;
	map_of_three(&map);
	assert_int_equal(cis_c37_config_for_map(&map, &opts, &cfg, NULL), 0);
	pmu = &cfg->pmu[0];
	assert_int_equal(cfg->data_rate, -5);
	assert_int_equal(cfg->version, 1);
	assert_int_equal(cfg->idcode, 7);
	assert_int_equal(pmu->idcode, 7);
	assert_int_equal(pmu->fnom, 1);
	assert_int_equal(pmu->n_phasor, 5);
	assert_string_equal(pmu->phasor[4].name, "V+");
	/* 32767 counts reach 1.5 x nominal, or the range's rms. */
	assert_int_equal(pmu->phasor[0].unit, ceil(150 / 32767.0 * 1e5));
	assert_int_equal(pmu->phasor[4].unit, ceil(180 / 32767.0 * 1e5));
	assert_int_equal(pmu->phasor[3].unit,
			 1 << 24 | (int)ceil(10 / sqrt(2) / 32767 * 1e5));
	cis_c37_config_free(cfg);
}

static void our_configuration_says_what_cfg_3_asks_for(void **state)
{
	static const struct cis_c37_position place = {48.5f, -122.25f, 12};
	static const uint8_t id[16] = "0123456789abcdef";
	static struct cis_chan_map map;
	struct cis_c37_stream_opts opts = {
		.idcode = 7,
		.station = "Подстанция с длинным именем",
		.format = 0xF,
		.rate = {50, 1},
		.fnom_hz = 50};
	struct cis_c37_config *cfg;
	const struct cis_c37_pmu *pmu;

	(void)state;
	map_of_three(&map);
	assert_int_equal(cis_c37_config_for_map(&map, &opts, &cfg, NULL),
			 -EINVAL);
	opts.long_names = true;
	assert_int_equal(cis_c37_config_for_map(&map, &opts, &cfg, NULL), 0);
	pmu = &cfg->pmu[0];
	/* Nothing is known, and none is claimed. */
	assert_true(isinf(pmu->position.lat_deg));
	assert_int_equal(pmu->svc_class, ' ');
	assert_int_equal(pmu->window_us, 0);
	assert_int_equal(pmu->phasor[1].component, CIS_C37_PHASE_B);
	assert_int_equal(pmu->phasor[4].component, CIS_C37_POSITIVE_SEQ);
	assert_int_equal(pmu->phasor[3].component, CIS_C37_COMPONENT_UNKNOWN);
	cis_c37_config_free(cfg);
	opts.svc_class = 'M';
	opts.window_s = 0.2801234;
	opts.grp_dly_s = 0.14;
	opts.position = &place;
	opts.g_pmu_id = id;
	assert_int_equal(cis_c37_config_for_map(&map, &opts, &cfg, NULL), 0);
	pmu = &cfg->pmu[0];
	assert_memory_equal(pmu->g_pmu_id, id, 16);
	check_close((double)pmu->position.lon_deg, -122.25, 0);
	assert_int_equal(pmu->svc_class, 'M');
	assert_int_equal(pmu->window_us, 280123);
	assert_int_equal(pmu->grp_dly_us, 140000);
	cis_c37_config_free(cfg);
}

/* CFG-3 came with the edition of 2011. */
static void the_version_is_as_asked_but_that_of_cfg_3_is_2(void **state)
{
	static const struct {
		uint8_t version;
		enum cis_c37_type type;
		uint8_t sync;
	} cases[] = {
		{1, CIS_C37_CFG1, 0x21}, {1, CIS_C37_CFG2, 0x31},
		{1, CIS_C37_CFG3, 0x52}, {2, CIS_C37_CFG1, 0x22},
		{2, CIS_C37_CFG2, 0x32}, {2, CIS_C37_CFG3, 0x52},
		{3, CIS_C37_CFG3, 0x53},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cis_split_time at = {.tai_s = 1700000037};
		struct cis_c37_config *cfg;
		uint8_t buf[100];

		assert_int_equal(cis_c37_config_new(1, &cfg), 0);
		assert_int_equal(cfg->version, 1);
		cfg->version = cases[i].version;
		assert_true(cis_c37_config_encode(cfg, cases[i].type, at, 0,
						  buf, sizeof(buf)) > 0);
		assert_int_equal(buf[1], cases[i].sync);
		cis_c37_config_free(cfg);
	}
}

static void what_a_frame_cannot_say_is_refused_with_a_reason(void **state)
{
	static struct cis_chan_map map;
	const struct {
		uint16_t idcode;
		const char *station;
		struct cis_rate rate;
		double fnom_hz;
		const char *says;
		uint32_t time_base;
		uint16_t edition;
	} cases[] = {
		{1, "S", {50, 1}, 50, "TIME_BASE 16777216", 1 << 24, 0},
		{1, "S", {50, 1}, 50, "TIME_BASE 49 is too coarse", 49, 0},
		{1, "S", {50, 1}, 50, "edition", 50, 2014},
		{0, "S", {50, 1}, 50, "idcode", 0, 0},
		{0xFFFF, "S", {50, 1}, 50, "idcode", 0, 0},
		{1, "seventeen letters", {50, 1}, 50, "station", 0, 0},
		{1, "Подстанция Щукино", {50, 1}, 50, "station", 0, 0},
		{1, "S", {32768, 1}, 50, "rate", 0, 0},
		{1, "S", {1, 32768}, 50, "rate", 0, 0},
		{1, "S", {60000, 1001}, 50, "rate", 0, 0},
		{1, "S", {0, 1}, 50, "rate", 0, 0},
		{1, "S", {50, 1}, 400, "frequency", 0, 0},
		{1, "S", {50, 1}, NAN, "frequency", 0, 0},
	};

	(void)state;
	map_of_three(&map);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cis_c37_stream_opts opts = {.idcode = cases[i].idcode,
						   .station = cases[i].station,
						   .format = 0xF,
						   .rate = cases[i].rate,
						   .fnom_hz = cases[i].fnom_hz,
						   .time_base =
							   cases[i].time_base,
						   .edition = cases[i].edition};
		struct cis_c37_config *cfg = NULL;
		struct cis_diag diag = {""};

		assert_int_equal(
			cis_c37_config_for_map(&map, &opts, &cfg, &diag),
			-EINVAL);
		assert_non_null(strstr(diag.msg, cases[i].says));
		assert_null(cfg);
	}
}

static void a_configuration_too_long_for_a_frame_is_refused(void **state)
{
	static uint8_t buf[2 * CIS_C37_MAX_FRAME];
	struct cis_split_time at = {.tai_s = 1};
	struct cis_c37_config *cfg;

	(void)state;
	assert_int_equal(cis_c37_config_new(1, &cfg), 0);
	/* 24 + 30 bytes and 260 for each digital word: 251 of them fit. */
	assert_int_equal(cis_c37_pmu_size(&cfg->pmu[0], 0, 0, 251), 0);
	assert_int_equal(cis_c37_config_encode(cfg, CIS_C37_CFG1, at, 0, buf,
					       sizeof(buf)),
			 24 + 30 + 260 * 251);
	assert_int_equal(cis_c37_config_encode(cfg, CIS_C37_CFG1, at, 0, buf,
					       24 + 30 + 260 * 251 - 1),
			 -EMSGSIZE);
	assert_int_equal(cis_c37_pmu_size(&cfg->pmu[0], 0, 0, 252), 0);
	assert_int_equal(cis_c37_config_encode(cfg, CIS_C37_CFG1, at, 0, buf,
					       sizeof(buf)),
			 -EMSGSIZE);
	cis_c37_config_free(cfg);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_example_of_annex_d_is_read_and_written),
		cmocka_unit_test(every_truncation_is_refused),
		cmocka_unit_test(impossible_counts_are_refused_with_a_reason),
		cmocka_unit_test(names_are_written_in_ascii),
		cmocka_unit_test(our_configuration_describes_the_channel_map),
		cmocka_unit_test(our_configuration_says_what_cfg_3_asks_for),
		cmocka_unit_test(
			the_version_is_as_asked_but_that_of_cfg_3_is_2),
		cmocka_unit_test(
			what_a_frame_cannot_say_is_refused_with_a_reason),
		cmocka_unit_test(
			a_configuration_too_long_for_a_frame_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
