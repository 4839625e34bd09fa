/* test_c37_frame.c - heads, check words, times, headers and commands. */
#include <errno.h>
#include <string.h>

#include "annex_d.h"
#include "check.h"
#include "cisoid/c37.h"
#include "cisoid/utc.h"
#include "crc_bitwise.h"

/* The check value of CRC-16/CCITT-FALSE in the CRC catalogues. */
static void the_check_word_is_crc_ccitt(void **state)
{
	(void)state;
	assert_true(cis_c37_crc_ok((const uint8_t *)"123456789\x29\xB1", 11));
	assert_false(cis_c37_crc_ok((const uint8_t *)"123456789\x29\xB0", 11));
	assert_false(cis_c37_crc_ok((const uint8_t *)"1", 1));
}

static void the_head_of_a_frame_is_read(void **state)
{
	uint8_t buf[600];
	size_t len = from_hex(ANNEX_D_CFG2, buf);
	struct cis_c37_head head;

	(void)state;
	assert_int_equal(cis_c37_peek(buf, len, &head), 454);
	assert_int_equal(len, 454);
	assert_int_equal(head.type, CIS_C37_CFG2);
	assert_int_equal(head.version, 1);
	assert_int_equal(head.idcode, 7734);
	assert_int_equal(head.soc, 1149577200);
	assert_int_equal(head.time_quality, 0x56);
	assert_int_equal(head.fracsec, 463000);
	assert_true(cis_c37_crc_ok(buf, len));
}

static void what_cannot_begin_a_frame_is_refused_at_once(void **state)
{
	static const struct {
		const char *hex;
		int want;
	} cases[] = {
		{"", -EAGAIN},          {"aa", -EAGAIN},
		{"aa01", -EAGAIN},      {"aa010034", -EAGAIN},
		{"ab", -EBADMSG},       {"aa61", -EBADMSG}, /* type 6 */
		{"aa81", -EBADMSG},                         /* reserved bit */
		{"aa010011", -EBADMSG}, /* no room for STAT */
		{"aa410010", -EBADMSG}, {"aa310017", -EBADMSG},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cis_c37_head head;
		uint8_t buf[8];
		size_t len = from_hex(cases[i].hex, buf);

		assert_int_equal(cis_c37_peek(buf, len, &head), cases[i].want);
	}
}

/* FRACSEC of TIME_BASE 16777215 and 1000000 cannot hold k/60: it is rounded,
 * and the instant is k/60 all the same. */
static void received_times_are_snapped_to_the_grid(void **state)
{
	static const uint32_t bases[] = {1000000, 16777215, 16777216 - 3, 720};
	struct cis_c37_config cfg = {.data_rate = 60};

	(void)state;
	for (size_t b = 0; b < sizeof(bases) / sizeof(bases[0]); b++) {
		cfg.time_base = bases[b];
		for (uint32_t k = 0; k < 60; k++) {
			uint32_t f = (uint32_t)lround(k / 60.0 * bases[b]);
			struct cis_instant at =
				cis_c37_instant(&cfg, 1700000000, f);

			assert_int_equal(at.k, k);
			assert_int_equal(at.tai_s,
					 cis_tai_from_soc(1700000000));
			assert_int_equal(at.rate.num, 60);
		}
	}
}

static void a_fraction_near_one_is_the_next_second(void **state)
{
	struct cis_c37_config cfg = {.data_rate = 50, .time_base = 1000000};
	struct cis_instant at = cis_c37_instant(&cfg, 1700000000, 999999);

	(void)state;
	assert_int_equal(at.k, 0);
	assert_int_equal(at.tai_s, cis_tai_from_soc(1700000001));
	cfg.data_rate = -5;
	at = cis_c37_instant(&cfg, 1700000000, 0);
	assert_int_equal(at.rate.den, 5);
	assert_int_equal(at.rate.num, 1);
	assert_int_equal(at.tai_s, cis_tai_from_soc(1700000000));
}

static void header_and_command_are_as_in_annex_d(void **state)
{
	struct cis_split_time at = {.tai_s = cis_tai_from_soc(1149591600),
				    .frac_s = 0.77};
	uint8_t want[64], buf[64];
	size_t len = from_hex(ANNEX_D_HEADER, want);
	struct cis_c37_config cfg = {
		.idcode = 7734, .version = 1, .time_base = 1000000};

	(void)state;
	assert_int_equal(cis_c37_header_encode(&cfg, at, 0x0F,
					       "Hello I'm Header Frame.", buf,
					       sizeof(buf)),
			 len);
	assert_memory_equal(buf, want, len);
	len = from_hex(ANNEX_D_COMMAND, want);
	assert_int_equal(cis_c37_command_decode(want, len),
			 CIS_C37_CMD_DATA_ON);
	/* Ours says nothing of time quality: clear it, and the check word. */
	assert_int_equal(
		cis_c37_command_encode(1, 7734, at, 2, buf, sizeof(buf)), len);
	want[10] = 0;
	assert_memory_equal(buf, want, len - 2);
	assert_true(cis_c37_crc_ok(buf, len));
	assert_int_equal(cis_c37_command_encode(1, 7734, at, 2, buf, len - 1),
			 -EMSGSIZE);
}

static void a_text_too_long_for_a_frame_is_refused(void **state)
{
	static char text[CIS_C37_MAX_FRAME];
	static uint8_t buf[2 * CIS_C37_MAX_FRAME];
	struct cis_split_time at = {.tai_s = 1700000037};
	struct cis_c37_config cfg = {.idcode = 1, .time_base = 1000000};

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	assert_int_equal(
		cis_c37_header_encode(&cfg, at, 0, text, buf, sizeof(buf)),
		-EMSGSIZE);
	text[CIS_C37_MAX_FRAME - 16] = '\0';
	assert_int_equal(
		cis_c37_header_encode(&cfg, at, 0, text, buf, sizeof(buf)),
		CIS_C37_MAX_FRAME);
	assert_true(cis_c37_crc_ok(buf, CIS_C37_MAX_FRAME));
}

/* Command 8: any bytes behind the command word, up to 65517 of them. */
static void an_extended_command_carries_its_bytes(void **state)
{
	static const struct cis_c37_head head = {
		.version = 2, .idcode = 0x1234, .soc = 7, .fracsec = 9};
	static const size_t lens[] = {0, 1, 2, 1000, CIS_C37_MAX_EXTENDED};
	static uint8_t ext[CIS_C37_MAX_EXTENDED + 1], buf[CIS_C37_MAX_FRAME];
	const uint8_t *got;

	(void)state;
	for (size_t i = 0; i < sizeof(ext); i++)
		ext[i] = (uint8_t)(i * 7);
	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		int len = cis_c37_extended_encode(&head, ext, lens[i], buf,
						  sizeof(buf));

		assert_int_equal(len, 18 + lens[i]);
		assert_memory_equal(buf, "\xAA\x42", 2);
		assert_memory_equal(buf + 4, "\x12\x34\0\0\0\7\0\0\0\x09\0\x08",
				    12);
		assert_true(cis_c37_crc_ok(buf, (size_t)len));
		assert_int_equal(cis_c37_command_decode(buf, (size_t)len),
				 CIS_C37_CMD_EXTENDED);
		assert_int_equal(
			cis_c37_extended_decode(buf, (size_t)len, &got),
			lens[i]);
		assert_memory_equal(got, ext, lens[i]);
		assert_int_equal(cis_c37_extended_encode(&head, ext, lens[i],
							 buf, 17 + lens[i]),
				 -EMSGSIZE);
	}
	assert_int_equal(cis_c37_extended_encode(&head, ext, sizeof(ext), buf,
						 sizeof(buf)),
			 -EMSGSIZE);
	assert_int_equal(cis_c37_extended_decode(buf, 17, &got), -EBADMSG);
	from_hex(ANNEX_D_COMMAND, buf);
	assert_int_equal(cis_c37_extended_decode(buf, 18, &got), -EBADMSG);
}

/* A data frame of a public capture, and the beginning of the next. */
static void a_stream_of_ieee_1344_is_known_as_such(void **state)
{
	uint8_t buf[64];
	size_t len = from_hex("c9db78c003202024f1842d22f18b2cf90079fd64fec3038e"
			      "00d00148ffdfffc30000f280"
			      "c9db78c003482024f1d9",
			      buf);

	(void)state;
	assert_true(cis_c37_is_1344(buf, 36));
	/* The second is cut off: too little is known. */
	assert_false(cis_c37_is_1344(buf, len));
	assert_false(cis_c37_is_1344(buf, 35));
	buf[20] ^= 1;
	assert_false(cis_c37_is_1344(buf, 36));
	len = from_hex(ANNEX_D_COMMAND, buf);
	assert_false(cis_c37_is_1344(buf, len));
	assert_false(cis_c37_is_1344(buf, 0));
}

/* Every length to 300, so that each remainder of the stride is met. */
static void the_check_word_is_that_of_the_definition(void **state)
{
	uint64_t seed = 1;

	(void)state;
	for (size_t len = 0; len <= 300; len++) {
		for (unsigned again = 0; again < 20; again++) {
			uint8_t buf[302];
			uint16_t want;

			for (size_t i = 0; i < len; i++) {
				seed = seed * 6364136223846793005u +
				       1442695040888963407u;
				buf[i] = (uint8_t)(seed >> 33);
			}
			want = crc_bitwise(buf, len);
			buf[len] = (uint8_t)(want >> 8);
			buf[len + 1] = (uint8_t)want;
			assert_true(cis_c37_crc_ok(buf, len + 2));
			buf[len + 1] ^= 1;
			assert_false(cis_c37_crc_ok(buf, len + 2));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_check_word_is_crc_ccitt),
		cmocka_unit_test(the_head_of_a_frame_is_read),
		cmocka_unit_test(what_cannot_begin_a_frame_is_refused_at_once),
		cmocka_unit_test(received_times_are_snapped_to_the_grid),
		cmocka_unit_test(a_fraction_near_one_is_the_next_second),
		cmocka_unit_test(header_and_command_are_as_in_annex_d),
		cmocka_unit_test(a_text_too_long_for_a_frame_is_refused),
		cmocka_unit_test(an_extended_command_carries_its_bytes),
		cmocka_unit_test(the_check_word_is_that_of_the_definition),
		cmocka_unit_test(a_stream_of_ieee_1344_is_known_as_such),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
