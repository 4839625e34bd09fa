/* crc_bitwise.h - CRC-CCITT by its definition, annex B: one bit at a time. */
#ifndef TESTS_CRC_BITWISE_H
#define TESTS_CRC_BITWISE_H

#include <stddef.h>
#include <stdint.h>

static inline uint16_t crc_bitwise(const uint8_t *p, size_t len)
{
	unsigned crc = 0xFFFF;

	for (size_t i = 0; i < len; i++) {
		crc ^= (unsigned)p[i] << 8;
		for (int bit = 0; bit < 8; bit++)
			crc = (crc << 1 ^ (crc & 0x8000 ? 0x1021 : 0)) & 0xFFFF;
	}
	return (uint16_t)crc;
}

#endif
