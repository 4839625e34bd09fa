/* test_c37_restamp.c - frames made out of others: IDCODE, time and CHK. */
#include <string.h>

#include "annex_d.h"
#include "check.h"
#include "cisoid/c37.h"
#include "crc_bitwise.h"

static uint16_t be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

/* The check word is that of the definition, bit by bit; nothing else changes. */
static void another_idcode_has_its_own_check_word(void **state)
{
	static const size_t lens[] = {16, 17, 18, 52, 92, 454, 65535};
	static const uint16_t idcodes[] = {1, 0x1234, 0x00FF, 0xFF00, 65534};
	static uint8_t frame[65535], was[65535];

	(void)state;
	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		struct cis_c37_readdress r;
		size_t len = lens[i];

		for (size_t b = 0; b < len; b++)
			frame[b] = (uint8_t)(b * b * 7 + 3 * b + 1);
		frame[len - 2] = (uint8_t)(crc_bitwise(frame, len - 2) >> 8);
		frame[len - 1] = (uint8_t)crc_bitwise(frame, len - 2);
		memcpy(was, frame, len);
		cis_c37_readdress_init(&r, len);
		for (size_t k = 0; k < 5; k++) {
			cis_c37_readdress(&r, frame, idcodes[k]);
			assert_int_equal(be16(frame + 4), idcodes[k]);
			assert_int_equal(be16(frame + len - 2),
					 crc_bitwise(frame, len - 2));
			assert_memory_equal(frame, was, 4);
			assert_memory_equal(frame + 6, was + 6, len - 8);
		}
		cis_c37_readdress(&r, frame, be16(was + 4));
		assert_memory_equal(frame, was, len);
	}
}

/* A wrong check word is wrong afterwards, too, in the same bits. */
static void a_wrong_check_word_stays_wrong(void **state)
{
	uint8_t frame[600];
	size_t len = from_hex(ANNEX_D_DATA, frame);
	struct cis_c37_readdress r;

	(void)state;
	frame[len - 1] ^= 0x40;
	cis_c37_readdress_init(&r, len);
	cis_c37_readdress(&r, frame, 4711);
	assert_int_equal(be16(frame + len - 2),
			 crc_bitwise(frame, len - 2) ^ 0x40);
}

static void another_time_has_its_own_check_word(void **state)
{
	const struct cis_c37_head other = {
		.soc = 0xFEDCBA98, .fracsec = 0x123456, .time_quality = 0x2F};
	uint8_t frame[600], was[600];
	size_t len = from_hex(ANNEX_D_DATA, frame);
	struct cis_c37_head head;

	(void)state;
	memcpy(was, frame, len);
	cis_c37_restamp(frame, len, &other);
	assert_int_equal(cis_c37_peek(frame, len, &head), (int)len);
	assert_int_equal(head.soc, 0xFEDCBA98);
	assert_int_equal(head.fracsec, 0x123456);
	assert_int_equal(head.time_quality, 0x2F);
	assert_int_equal(be16(frame + len - 2), crc_bitwise(frame, len - 2));
	assert_memory_equal(frame, was, 6);
	assert_memory_equal(frame + 14, was + 14, len - 16);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(another_idcode_has_its_own_check_word),
		cmocka_unit_test(a_wrong_check_word_stays_wrong),
		cmocka_unit_test(another_time_has_its_own_check_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
