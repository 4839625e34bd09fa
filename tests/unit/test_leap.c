/*
 * test_leap.c - leap seconds: the table, what it learns, the bits of FRACSEC.
 *
 * Tests that learn use midnights far in the future, later ones later: what was
 * learnt stays.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "cisoid/c37.h"
#include "cisoid/utc.h"

/* IERS Bulletin C 52: 23:59:60 of 2016-12-31 is TAI second 1483228836, and the
 * 00:00:00 after it has SOC 1483228800. */
#define LEAP_TAI INT64_C(1483228836)
#define LEAP_SOC INT64_C(1483228800)

/* C37.118.2-2011 6.2.2: pending not more than 60 s and not less than 1 s before
 * the leap second, cleared in the second after it; occurred from that one on,
 * for 24 h. */
static void bits_are_set_when_the_clause_says(void **state)
{
	static const struct {
		int64_t from_s; /* after the leap second began */
		uint8_t bits;
	} cases[] = {
		{-86400, 0},
		{-61, 0},
		{-60, CIS_C37_LEAP_PENDING},
		{-1, CIS_C37_LEAP_PENDING},
		{0, CIS_C37_LEAP_PENDING},
		{1, CIS_C37_LEAP_OCCURRED},
		{86400, CIS_C37_LEAP_OCCURRED},
		{86401, 0},
		{100000000, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(cis_c37_leap_bits(LEAP_TAI + cases[i].from_s),
				 cases[i].bits);
}

static void every_second_around_it_is_read_back(void **state)
{
	struct cis_c37_config cfg = {.time_base = 1000000, .data_rate = 50};

	(void)state;
	for (int64_t s = LEAP_TAI - 90; s < LEAP_TAI + 90; s++) {
		uint8_t bits = cis_c37_leap_bits(s);
		struct cis_c37_head head = {
			.soc = (uint32_t)cis_utc_from_tai(s).soc,
			.fracsec = 980000,
			.time_quality = (uint8_t)(bits | 5),
		};
		struct cis_instant at = cis_c37_head_instant(&cfg, &head);

		assert_int_equal(at.tai_s, s);
		assert_int_equal(at.k, 49);
	}
}

/* Bits that say what cannot be are not believed. */
static void bits_without_a_leap_second_are_not_believed(void **state)
{
	struct cis_c37_head head = {.soc = LEAP_SOC};

	(void)state;
	for (unsigned bits = 0; bits < 16; bits++) {
		head.time_quality = (uint8_t)(bits << 4);
		head.soc = LEAP_SOC;
		assert_int_equal(cis_c37_tai_s(&head), bits == 1 || bits == 9
							       ? LEAP_TAI
							       : LEAP_TAI + 1);
		head.soc = LEAP_SOC + 86400;
		assert_int_equal(cis_c37_tai_s(&head), LEAP_TAI + 86401);
		head.soc = LEAP_SOC - 1;
		assert_int_equal(cis_c37_tai_s(&head), LEAP_TAI - 1);
	}
}

/* A frame of every kind has the bits: those of clause 6.2 are common. */
static void all_frames_have_the_bits(void **state)
{
	struct cis_split_time at = {.tai_s = LEAP_TAI, .frac_s = 0.5};
	struct cis_c37_config *cfg;
	struct cis_c37_head head;
	uint8_t buf[256];
	int len;

	(void)state;
	assert_int_equal(cis_c37_config_new(0, &cfg), 0);
	len = cis_c37_config_encode(cfg, CIS_C37_CFG2, at, 0x0B, buf,
				    sizeof(buf));
	assert_true(cis_c37_peek(buf, (size_t)len, &head) > 0);
	assert_int_equal(head.time_quality, 0x1B);
	assert_int_equal(head.soc, LEAP_SOC);
	at.tai_s++;
	len = cis_c37_header_encode(cfg, at, 0x0F, "x", buf, sizeof(buf));
	assert_true(cis_c37_peek(buf, (size_t)len, &head) > 0);
	assert_int_equal(head.time_quality, 0x2F);
	assert_int_equal(head.soc, LEAP_SOC);
	cis_c37_config_free(cfg);
}

/* 2222208000 is 2040-06-02T00:00:00Z; 23:59:59 before it is taken out. */
static void a_deleted_second_is_skipped(void **state)
{
	const int64_t soc = 2222208000;
	int64_t tai = cis_tai_from_soc(soc) - 1; /* of the new 00:00:00 */
	struct cis_civil gone = {2040, 6, 1, 23, 59, 59};
	struct cis_instant at = {.rate = {1, 2}};
	char buf[CIS_UTC_SIZE];
	int64_t s;

	(void)state;
	assert_int_equal(cis_c37_leap_bits(tai), 0);
	assert_int_equal(cis_utc_learn_leap(soc, -1), 0);
	assert_int_equal(cis_utc_learn_leap(soc, -1), 0);
	cis_utc_format((struct cis_time){(tai - 1) * CIS_NS_PER_S}, 0, buf);
	assert_string_equal(buf, "2040-06-01T23:59:58Z");
	cis_utc_format((struct cis_time){tai * CIS_NS_PER_S}, 0, buf);
	assert_string_equal(buf, "2040-06-02T00:00:00Z");
	assert_int_equal(cis_tai_from_soc(soc), tai);
	assert_int_equal(cis_utc_from_civil(&gone, &s), -EINVAL);
	assert_int_equal(cis_c37_leap_bits(tai - 61), 0);
	assert_int_equal(cis_c37_leap_bits(tai - 60), 0);
	for (s = tai - 59; s < tai; s++)
		assert_int_equal(cis_c37_leap_bits(s),
				 CIS_C37_LEAP_PENDING | CIS_C37_LEAP_DELETE);
	for (s = tai; s < tai + 86400; s++)
		assert_int_equal(cis_c37_leap_bits(s),
				 CIS_C37_LEAP_OCCURRED | CIS_C37_LEAP_DELETE);
	assert_int_equal(cis_c37_leap_bits(s), 0);
	/* Every second of an even SOC: none doubled, none left out. */
	at.tai_s = cis_tai_from_soc(soc - 4);
	for (int64_t i = 0; i < 4; i++) {
		struct cis_instant next = cis_instant_next(at);

		assert_int_equal(cis_utc_from_tai(at.tai_s).soc,
				 soc - 4 + 2 * i);
		assert_int_equal(cis_instant_diff(next, at), 1);
		at = next;
	}
}

static void only_later_midnights_are_learnt(void **state)
{
	static const struct {
		int64_t soc;
		int step_s;
	} bad[] = {
		{LEAP_SOC, 1},
		{LEAP_SOC - 86400, 1},
		{0, 1},
		{2300000000, 1},
		{2300054400, 0},
		{2300054400, 2},
		{INT64_MAX / 2, 1},
		{-86400, 1},
		{2222208000, 1},
		{2222208000 - 86400, -1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(cis_utc_learn_leap(bad[i].soc, bad[i].step_s),
				 -EINVAL);
}

static int read_list(const char *text)
{
	FILE *f = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
	int err;

	assert_non_null(f);
	err = cis_utc_read_leaps(f);
	fclose(f);
	return err;
}

/* The form of the IERS: seconds of 1900. 4512067200 is 2042-12-25. */
static void the_list_of_the_iers_is_read(void **state)
{
	static const char *const bad[] = {
		"",
		"# nothing\n",
		"3692217600 37\n", /* no expiry */
		"#@ 4512067200\nmalformed\n",
		"#@ 4512067200\n3692217600 38\n", /* not the known offset */
		"#@ 4512067200\n3692304000 37\n", /* no step */
		"#@ 4512067200\n2272060800\n",    /* no offset */
		"#@ -5\n",
		"#@ 999999999999999\n",
		"<!DOCTYPE html>\n",
	};
	const int64_t before = cis_utc_known_until();
	const int64_t soc = 2271801600; /* 2041-12-28T00:00:00Z */

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(read_list(bad[i]), -EBADMSG);
	assert_int_equal(cis_utc_known_until(), before);
	assert_int_equal(read_list("#\tcomment\n#$\t 3960835200\n#@\t4512067200"
				   "\n2272060800      10      # 1 Jan 1972\n\n"
				   "3692217600      37      # 1 Jan 2017\n"
				   "4431196800 36\n4480790400 37\n"),
			 0);
	assert_int_equal(cis_utc_known_until(), 4512067200 - 2208988800);
	assert_int_equal(cis_tai_from_soc(soc - 1), soc - 1 + 36);
	assert_int_equal(cis_tai_from_soc(soc), soc + 37);
	assert_int_equal(cis_utc_from_tai(soc + 36).leap, 1);
}

/* 2400081660 is 2046-01-20T17:21:00Z. The clock of the computer knows nothing of
 * it: its seconds stay as far apart as they were. */
static void a_rehearsal_ends_any_minute(void **state)
{
	const int64_t soc = 2400081660;
	int64_t before_s = cis_time_from_posix(soc - 1, 0).tai_ns;
	int64_t tai = cis_tai_from_soc(soc); /* of the inserted second */
	char buf[CIS_UTC_SIZE];

	(void)state;
	assert_int_equal(cis_utc_rehearse_leap(soc - 1, 1), -EINVAL);
	assert_int_equal(cis_utc_rehearse_leap(LEAP_SOC - 60, 1), -EINVAL);
	assert_int_equal(cis_utc_rehearse_leap(soc, 0), -EINVAL);
	assert_int_equal(cis_utc_rehearse_leap(soc, 1), 0);
	cis_utc_format((struct cis_time){tai * CIS_NS_PER_S}, 0, buf);
	assert_string_equal(buf, "2046-01-20T17:20:60Z");
	cis_utc_format((struct cis_time){(tai + 1) * CIS_NS_PER_S}, 0, buf);
	assert_string_equal(buf, "2046-01-20T17:21:00Z");
	assert_int_equal(cis_c37_leap_bits(tai - 61), 0);
	assert_int_equal(cis_c37_leap_bits(tai), CIS_C37_LEAP_PENDING);
	assert_int_equal(cis_c37_leap_bits(tai + 1), CIS_C37_LEAP_OCCURRED);
	assert_int_equal(cis_time_from_posix(soc, 0).tai_ns - before_s,
			 CIS_NS_PER_S);
	assert_int_equal(cis_tai_from_soc(soc) - cis_tai_from_soc(soc - 1), 2);
}

/* One that is taken out an hour after the other was put in: what has
 * occurred is told until the minute in which the next one is pending. */
static void rehearsals_may_follow_one_another(void **state)
{
	const int64_t soc = 2400081660 + 3600;
	int64_t tai = cis_tai_from_soc(soc) - 1; /* of the next minute */

	(void)state;
	assert_int_equal(cis_utc_rehearse_leap(soc, -1), 0);
	assert_int_equal(cis_c37_leap_bits(tai - 3598), CIS_C37_LEAP_OCCURRED);
	assert_int_equal(cis_c37_leap_bits(tai - 62), CIS_C37_LEAP_OCCURRED);
	assert_int_equal(cis_c37_leap_bits(tai - 59),
			 CIS_C37_LEAP_PENDING | CIS_C37_LEAP_DELETE);
	assert_int_equal(cis_c37_leap_bits(tai),
			 CIS_C37_LEAP_OCCURRED | CIS_C37_LEAP_DELETE);
	assert_int_equal(cis_utc_from_tai(tai - 1).soc, soc - 2);
	assert_int_equal(cis_utc_from_tai(tai).soc, soc);
}

static void *count_rehearsals(void *n)
{
	struct cis_rehearsal made[CIS_MAX_REHEARSAL];

	*(unsigned *)n = cis_utc_rehearsed(made);
	return NULL;
}

/* 2400192000 is a midnight after those of the tests above. */
static void a_table_of_its_own_is_of_its_thread_alone(void **state)
{
	const int64_t soc = 2400081660, midnight = 2400192000;
	struct cis_rehearsal made[CIS_MAX_REHEARSAL];
	struct cis_utc_table table;
	unsigned n_other = 0;
	pthread_t other;

	(void)state;
	assert_int_equal(cis_utc_rehearsed(made), 2);
	cis_utc_copy(&table);
	cis_utc_use(&table);
	assert_int_equal(cis_utc_rehearsed(made), 0);
	assert_int_equal(cis_tai_from_soc(soc) - cis_tai_from_soc(soc - 1), 1);
	assert_int_equal(cis_utc_rehearse_leap(soc + 60, 1), 0);
	assert_int_equal(cis_utc_rehearsed(made), 1);
	assert_int_equal(made[0].soc, soc + 60);
	assert_int_equal(
		pthread_create(&other, NULL, count_rehearsals, &n_other), 0);
	pthread_join(other, NULL);
	assert_int_equal(n_other, 2);
	assert_int_equal(cis_utc_learn_leap(midnight, 1), 0);
	assert_int_equal(
		cis_tai_from_soc(midnight) - cis_tai_from_soc(midnight - 1), 2);
	cis_utc_end_rehearsals();
	assert_int_equal(cis_utc_rehearsed(made), 0);
	cis_utc_use(NULL);
	assert_int_equal(cis_utc_rehearsed(made), 2);
	assert_int_equal(cis_tai_from_soc(soc) - cis_tai_from_soc(soc - 1), 2);
	assert_int_equal(
		cis_tai_from_soc(midnight) - cis_tai_from_soc(midnight - 1), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bits_are_set_when_the_clause_says),
		cmocka_unit_test(every_second_around_it_is_read_back),
		cmocka_unit_test(bits_without_a_leap_second_are_not_believed),
		cmocka_unit_test(all_frames_have_the_bits),
		cmocka_unit_test(a_deleted_second_is_skipped),
		cmocka_unit_test(only_later_midnights_are_learnt),
		cmocka_unit_test(the_list_of_the_iers_is_read),
		cmocka_unit_test(a_rehearsal_ends_any_minute),
		cmocka_unit_test(rehearsals_may_follow_one_another),
		cmocka_unit_test(a_table_of_its_own_is_of_its_thread_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
