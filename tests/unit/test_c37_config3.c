/*
 * test_c37_config3.c - CFG-3: a frame written out by tables 10 to 12 of the
 * standard, its scales, its fragments; and what no frame can say.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "annex_d.h"
#include "check.h"
#include "cisoid/c37.h"
#include "cisoid/utc.h"
#include "crc_bitwise.h"

#define SOC 1149580800

/* One PMU: a current, an analog, a digital word; int16, polar. */
#define BODY                               \
	"000f4240"                         \
	"0001"                             \
	"06d0a9d0b8d182"                   \
	"1e36"                             \
	"000102030405060708090a0b0c0d0e0f" \
	"0001"                             \
	"0001"                             \
	"0001"                             \
	"0001"                             \
	"024941"                           \
	"0141"                             \
	"0474726970"                       \
	"000000000000000000000000000000"   \
	"00800c5a"                         \
	"3e800000"                         \
	"3f000000"                         \
	"40000000"                         \
	"c0a00000"                         \
	"0005000f"                         \
	"42420000"                         \
	"c2f48000"                         \
	"7f800000"                         \
	"4d"                               \
	"00013880"                         \
	"00009c40"                         \
	"0001"                             \
	"0016"                             \
	"ffce"
#define HEAD "aa5200001e364485360000000000"

static size_t seal(uint8_t *frame, size_t len)
{
	uint16_t chk;

	frame[2] = (uint8_t)((len + 2) >> 8);
	frame[3] = (uint8_t)(len + 2);
	chk = crc_bitwise(frame, len);
	frame[len] = (uint8_t)(chk >> 8);
	frame[len + 1] = (uint8_t)chk;
	return len + 2;
}

static struct cis_c37_config *decode(const uint8_t *buf, size_t len)
{
	struct cis_c37_config *cfg = NULL;
	struct cis_diag diag = {""};

	if (cis_c37_config_decode(buf, len, &cfg, &diag) != (int)len)
		fail_msg("%s", diag.msg);
	return cfg;
}

static void check_pmu(const struct cis_c37_pmu *pmu)
{
	static const uint8_t id[16] = {0, 1, 2,  3,  4,  5,  6,  7,
				       8, 9, 10, 11, 12, 13, 14, 15};

	assert_string_equal(pmu->station, "Щит");
	assert_int_equal(pmu->idcode, 7734);
	assert_memory_equal(pmu->g_pmu_id, id, 16);
	assert_int_equal(pmu->format, CIS_C37_FMT_POLAR);
	assert_string_equal(pmu->phasor[0].name, "IA");
	assert_true(cis_c37_phunit_is_current(pmu->phasor[0].unit));
	assert_int_equal(pmu->phasor[0].unit & 0xFFFFFF, 25000);
	assert_int_equal(pmu->phasor[0].modified, 0x80);
	assert_int_equal(pmu->phasor[0].component, CIS_C37_PHASE_A);
	assert_int_equal(pmu->phasor[0].user, 0x5A);
	check_close((double)pmu->phasor[0].scale, 0.25, 0);
	check_close((double)pmu->phasor[0].offset, 0.5, 0);
	assert_string_equal(pmu->analog[0].name, "A");
	check_close((double)pmu->analog[0].scale, 2, 0);
	check_close((double)pmu->analog[0].offset, -5, 0);
	assert_string_equal(pmu->digital[0].name[0], "trip");
	assert_string_equal(pmu->digital[0].name[15], "");
	assert_int_equal(pmu->digital[0].mask, 0x5000F);
	check_close((double)pmu->position.lat_deg, 48.5, 0);
	check_close((double)pmu->position.lon_deg, -122.25, 0);
	assert_true(isinf(pmu->position.elev_m));
	assert_int_equal(pmu->svc_class, 'M');
	assert_int_equal(pmu->window_us, 80000);
	assert_int_equal(pmu->grp_dly_us, 40000);
	check_close(cis_c37_fnom_hz(pmu), 50, 0);
	assert_int_equal(pmu->cfgcnt, 22);
}

static void every_field_is_read_and_written(void **state)
{
	struct cis_split_time at = {.tai_s = cis_tai_from_soc(SOC)};
	uint8_t buf[300], out[300];
	size_t len = seal(buf, from_hex(HEAD "0000" BODY, buf));
	struct cis_c37_config *cfg = decode(buf, len);

	(void)state;
	assert_int_equal(cfg->version, 2);
	assert_int_equal(cfg->idcode, 7734);
	assert_int_equal(cfg->time_base, 1000000);
	assert_int_equal(cfg->data_rate, -50);
	check_pmu(&cfg->pmu[0]);
	assert_int_equal(cis_c37_config_len(cfg, CIS_C37_CFG3), len);
	assert_int_equal(cis_c37_config_encode(cfg, CIS_C37_CFG3, at, 0, out,
					       sizeof(out)),
			 len);
	assert_memory_equal(out, buf, len);
	assert_int_equal(
		cis_c37_config_encode(cfg, CIS_C37_CFG3, at, 0, out, len - 1),
		-EMSGSIZE);
	cis_c37_config_free(cfg);
}

/* Table 11: X' = Y Xm e^(j (phi - theta)), and X' = M X + B. */
static void scales_and_offsets_are_applied_to_data(void **state)
{
	uint8_t buf[300], out[64];
	size_t len = seal(buf, from_hex(HEAD "0000" BODY, buf));
	struct cis_c37_config *cfg = decode(buf, len);
	struct cis_c37_data *data;
	double complex p;

	(void)state;
	/* 12000 at 0.5236 rad; 10 mHz; 0.03 Hz/s; 100. */
	len = seal(buf, from_hex("aa0200001e364485360000000000"
				 "0000"
				 "2ee01474"
				 "000a"
				 "0003"
				 "0064"
				 "0005",
				 buf));
	assert_int_equal(cis_c37_data_len(cfg), len);
	assert_int_equal(cis_c37_data_new(cfg, &data), 0);
	assert_int_equal(cis_c37_data_decode(cfg, buf, len, data, NULL), len);
	p = data->block[0].phasor_rms[0];
	check_close(cabs(p), 3000, 1e-9);
	check_close(carg(p), 0.0236, 1e-12);
	check_close(data->block[0].analog[0], 195, 0);
	assert_int_equal(cis_c37_data_encode(cfg, data, out, sizeof(out)), len);
	assert_memory_equal(out, buf, len);
	cis_c37_data_free(data);
	cis_c37_config_free(cfg);
}

static void every_truncation_is_refused_with_a_reason(void **state)
{
	uint8_t whole[300], buf[300];
	size_t len = from_hex(HEAD "0000" BODY, whole);

	(void)state;
	for (size_t n = 14; n < len; n++) {
		struct cis_c37_config *cfg = NULL;
		struct cis_diag diag = {""};

		memcpy(buf, whole, n);
		assert_int_equal(
			cis_c37_config_decode(buf, seal(buf, n), &cfg, &diag),
			-EBADMSG);
		assert_true(strlen(diag.msg) > 10);
		assert_null(cfg);
	}
}

/* ---- fragments ---- */

/* A configuration of many bytes: n channels with long names. */
static struct cis_c37_config *large(uint16_t n)
{
	struct cis_c37_config *cfg;

	assert_int_equal(cis_c37_config_new(1, &cfg), 0);
	assert_int_equal(cis_c37_pmu_size(&cfg->pmu[0], n, 0, 0), 0);
	cfg->idcode = 77;
	for (uint16_t i = 0; i < n; i++)
		snprintf(cfg->pmu[0].phasor[i].name, CIS_C37_NAME_SIZE,
			 "%0200d", i);
	return cfg;
}

static void check_large(const struct cis_c37_config *cfg, uint16_t n)
{
	assert_int_equal(cfg->idcode, 77);
	assert_int_equal(cfg->pmu[0].n_phasor, n);
	for (uint16_t i = 0; i < n; i++) {
		char name[CIS_C37_NAME_SIZE];

		snprintf(name, sizeof(name), "%0200d", i);
		assert_string_equal(cfg->pmu[0].phasor[i].name, name);
	}
}

/* All fragments of a series to the joiner; how many there were. */
static unsigned put_all(struct cis_c37_join *join, const uint8_t *buf,
			size_t len, struct cis_c37_config **cfg)
{
	struct cis_diag diag = {""};
	unsigned n = 0;

	for (size_t at = 0, step; at < len; at += step, n++) {
		int ret;

		step = (size_t)(buf[at + 2] << 8 | buf[at + 3]);
		assert_true(cis_c37_is_fragment(buf + at, len - at));
		ret = cis_c37_join_put(join, buf + at, len - at, cfg, &diag);
		if (at + step < len)
			assert_int_equal(ret, -EAGAIN);
		else if (ret != (int)len)
			fail_msg("%s", diag.msg);
	}
	return n;
}

static void fragments_of_both_conventions_are_put_together(void **state)
{
	static uint8_t buf[300000], room[300000];
	static const uint16_t max_len[] = {19, 100, 1000, 1472, 65535};
	/* One frame would have 65536 bytes and more. */
	struct cis_c37_config *cfg = large(400);

	(void)state;
	assert_true(cis_c37_config_len(cfg, CIS_C37_CFG3) > 65535);
	for (size_t i = 1; i < 2 * sizeof(max_len) / sizeof(max_len[0]); i++) {
		struct cis_c37_series how = {.at = {.tai_s = 1700000037},
					     .max_len = max_len[i / 2],
					     .one_chk = i % 2};
		struct cis_c37_config *got = NULL;
		struct cis_c37_join join;
		int len = cis_c37_config_encode_series(cfg, &how, buf,
						       sizeof(buf));

		if (how.max_len == 19) { /* more than 65534 fragments */
			assert_int_equal(len, -EMSGSIZE);
			continue;
		}
		assert_true(len > 65535);
		cis_c37_join_init(&join, room, sizeof(room));
		assert_true(put_all(&join, buf, (size_t)len, &got) > 1);
		check_large(got, 400);
		cis_c37_config_free(got);
	}
	cis_c37_config_free(cfg);
}

/* Written by hand: two parts of the frame above, each with its own CHK; and
 * with one CHK over both, or over the frame that they make. */
static void parts_made_by_hand_are_put_together(void **state)
{
	uint8_t body[300], buf[400], room[400], whole[400];
	size_t body_len = from_hex(BODY, body), half = 40;

	(void)state;
	for (int kind = 0; kind < 3; kind++) {
		struct cis_c37_config *cfg = NULL;
		struct cis_c37_join join;
		size_t first, len, whole_len;
		uint8_t *second;

		from_hex(HEAD "0001", buf);
		memcpy(buf + 16, body, half);
		first = seal(buf, 16 + half);
		if (kind > 0) {
			first -= 2;
			buf[3] = (uint8_t)first;
		}
		second = buf + first;
		from_hex(HEAD "ffff", second);
		memcpy(second + 16, body + half, body_len - half);
		len = first + seal(second, 16 + body_len - half);
		memcpy(whole, buf, 16);
		memcpy(whole + 16, body, body_len);
		whole_len = 16 + body_len;
		if (kind > 0) {
			uint16_t chk = kind == 1
					       ? crc_bitwise(buf, len - 2)
					       : crc_bitwise(whole, whole_len);

			buf[len - 2] = (uint8_t)(chk >> 8);
			buf[len - 1] = (uint8_t)chk;
		}
		cis_c37_join_init(&join, room, sizeof(room));
		assert_int_equal(put_all(&join, buf, len, &cfg), 2);
		check_pmu(&cfg->pmu[0]);
		cis_c37_config_free(cfg);
		/* Alone, a part is refused. */
		assert_int_equal(cis_c37_config_decode(buf, first, &cfg, NULL),
				 -EBADMSG);
	}
}

static void a_broken_series_is_refused_with_a_reason(void **state)
{
	static uint8_t buf[20000], room[20000];
	struct cis_c37_series how = {.at = {.tai_s = 1700000037},
				     .max_len = 1000};
	struct cis_c37_config *cfg = large(20), *got = NULL;
	int len = cis_c37_config_encode_series(cfg, &how, buf, sizeof(buf));
	const uint8_t *part[5];
	struct cis_c37_join join;
	struct cis_diag diag;

	(void)state;
	for (int i = 0; i < 5; i++)
		part[i] = buf + 1000 * i;
	assert_int_equal(len, 16 * 5 + 2 * 5 + 8 + 52 + 20 * 213);
	cis_c37_join_init(&join, room, sizeof(room));
	/* The first is missing. */
	assert_int_equal(cis_c37_join_put(&join, part[1], 1000, &got, &diag),
			 -EBADMSG);
	assert_non_null(strstr(diag.msg, "without its beginning"));
	/* One between is missing. */
	assert_int_equal(cis_c37_join_put(&join, part[0], 1000, &got, &diag),
			 -EAGAIN);
	assert_int_equal(cis_c37_join_put(&join, part[2], 1000, &got, &diag),
			 -EBADMSG);
	assert_non_null(strstr(diag.msg, "part 3"));
	/* What is dropped stays dropped. */
	assert_int_equal(cis_c37_join_put(&join, part[3], 1000, &got, &diag),
			 -EBADMSG);
	/* A beginning begins anew; a changed bit is found. */
	assert_int_equal(cis_c37_join_put(&join, part[0], 1000, &got, &diag),
			 -EAGAIN);
	buf[1500] ^= 1;
	for (int i = 0; i < 4; i++)
		assert_int_equal(
			cis_c37_join_put(&join, part[i], 1000, &got, &diag),
			-EAGAIN);
	assert_int_equal(cis_c37_join_put(&join, part[4], 1000, &got, &diag),
			 -EBADMSG);
	assert_non_null(strstr(diag.msg, "CHK"));
	buf[1500] ^= 1;
	/* No more than the memory given. */
	cis_c37_join_init(&join, room, 2500);
	(void)cis_c37_join_put(&join, part[0], 1000, &got, &diag);
	(void)cis_c37_join_put(&join, part[1], 1000, &got, &diag);
	assert_int_equal(cis_c37_join_put(&join, part[2], 1000, &got, &diag),
			 -EMSGSIZE);
	assert_null(got);
	cis_c37_config_free(cfg);
}

/* ---- limits ---- */

static void set_name(char *to, const char *name)
{
	snprintf(to, CIS_C37_NAME_SIZE, "%s", name);
}

/* Two PMUs that any frame can describe. */
static struct cis_c37_config *pair(void)
{
	struct cis_c37_config *cfg;

	assert_int_equal(cis_c37_config_new(2, &cfg), 0);
	for (uint16_t i = 0; i < 2; i++) {
		struct cis_c37_pmu *pmu = &cfg->pmu[i];

		assert_int_equal(cis_c37_pmu_size(pmu, 2, 1, 1), 0);
		pmu->idcode = (uint16_t)(i + 1);
		set_name(pmu->station, i ? "South" : "North");
		set_name(pmu->phasor[0].name, "VA");
		set_name(pmu->phasor[1].name, "VB");
		set_name(pmu->analog[0].name, "T");
	}
	return cfg;
}

enum wrong {
	NOTHING,
	LONG_STATION,
	LONG_CHANNEL,
	LONG_BIT,
	SAME_IDCODE,
	SAME_STATION,
	SAME_CHANNEL,
	SAME_IN_ASCII,
	ANGLE,
	FINE_SCALE,
	ANALOG_SCALE,
	TOO_LONG,
};

static void spoil(struct cis_c37_config *cfg, enum wrong wrong)
{
	struct cis_c37_pmu *pmu = &cfg->pmu[1];

	if (wrong == LONG_STATION)
		set_name(pmu->station, "seventeen letters");
	if (wrong == LONG_CHANNEL)
		set_name(pmu->analog[0].name, "seventeen letters");
	if (wrong == LONG_BIT)
		set_name(pmu->digital[0].name[3], "seventeen letters");
	if (wrong == SAME_IDCODE)
		pmu->idcode = 1;
	if (wrong == SAME_STATION)
		set_name(pmu->station, "North");
	if (wrong == SAME_CHANNEL)
		set_name(pmu->analog[0].name, "VA");
	if (wrong == SAME_IN_ASCII)
		set_name(pmu->phasor[1].name, "VÄ");
	if (wrong == ANGLE || wrong == FINE_SCALE)
		pmu->phasor[1].scale = wrong == ANGLE ? 1.0f : 1e-6f;
	if (wrong == ANGLE)
		pmu->phasor[1].offset = 0.1f;
	if (wrong == ANALOG_SCALE)
		pmu->analog[0].scale = 2;
	if (wrong == TOO_LONG)
		assert_int_equal(cis_c37_pmu_size(pmu, 0, 0, 4000), 0);
}

static void what_no_frame_can_say_is_told(void **state)
{
	/* NULL: that frame can say it. */
	static const struct {
		enum wrong wrong;
		const char *cfg2, *cfg3;
	} cases[] = {
		{NOTHING, NULL, NULL},
		{LONG_STATION, "holds 16", NULL},
		{LONG_CHANNEL, "holds 16", NULL},
		{LONG_BIT, "holds 16", NULL},
		{SAME_IDCODE, "IDCODE 1", "IDCODE 1"},
		{SAME_STATION, "same station", "same station"},
		{SAME_CHANNEL, "called \"VA\"", "called \"VA\""},
		{SAME_IN_ASCII, "called", NULL},
		{ANGLE, "angle offset", NULL},
		{FINE_SCALE, "PHUNIT", NULL},
		{ANALOG_SCALE, "only CFG-3", NULL},
		{TOO_LONG, "bytes", "bytes"},
	};

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(cases) / sizeof(cases[0]); i++) {
		struct cis_c37_config *cfg = pair();
		const char *says =
			i % 2 ? cases[i / 2].cfg3 : cases[i / 2].cfg2;
		struct cis_diag diag = {""};
		int err;

		spoil(cfg, cases[i / 2].wrong);
		err = cis_c37_config_check(cfg,
					   i % 2 ? CIS_C37_CFG3 : CIS_C37_CFG2,
					   CIS_C37_MAX_FRAME, &diag);
		assert_int_equal(err, says ? -EINVAL : 0);
		if (says && !strstr(diag.msg, says))
			fail_msg("\"%s\" does not say \"%s\"", diag.msg, says);
		cis_c37_config_free(cfg);
	}
}

/* 65535 bytes by TCP, 65507 by UDP; the data frame counts too. */
static void a_frame_has_room_to_the_last_byte(void **state)
{
	struct cis_c37_config *cfg;
	struct cis_diag diag;

	(void)state;
	assert_int_equal(cis_c37_config_new(1, &cfg), 0);
	assert_int_equal(cis_c37_pmu_size(&cfg->pmu[0], 0, 0, 251), 0);
	/* 24 + 30 bytes, and 260 for each digital word. */
	assert_int_equal(cis_c37_config_len(cfg, CIS_C37_CFG2), 65314);
	assert_int_equal(cis_c37_config_check(cfg, CIS_C37_CFG2, 65314, &diag),
			 0);
	assert_int_equal(cis_c37_config_check(cfg, CIS_C37_CFG2, 65313, &diag),
			 -EINVAL);
	/* CFG-3: 26 + 52 + 20 bytes for each without names; its data frame has
	 * 2 bytes for each. */
	assert_int_equal(cis_c37_pmu_size(&cfg->pmu[0], 0, 0, 3272), 0);
	assert_int_equal(cis_c37_config_len(cfg, CIS_C37_CFG3), 65518);
	assert_int_equal(cis_c37_config_check(cfg, CIS_C37_CFG3,
					      CIS_C37_MAX_FRAME, &diag),
			 0);
	assert_int_equal(
		cis_c37_config_check(cfg, CIS_C37_CFG3, CIS_C37_MAX_UDP, &diag),
		-EINVAL);
	cis_c37_config_free(cfg);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field_is_read_and_written),
		cmocka_unit_test(scales_and_offsets_are_applied_to_data),
		cmocka_unit_test(every_truncation_is_refused_with_a_reason),
		cmocka_unit_test(
			fragments_of_both_conventions_are_put_together),
		cmocka_unit_test(parts_made_by_hand_are_put_together),
		cmocka_unit_test(a_broken_series_is_refused_with_a_reason),
		cmocka_unit_test(what_no_frame_can_say_is_told),
		cmocka_unit_test(a_frame_has_room_to_the_last_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
