/* crc.h - CRC-CCITT of annex B: x^16 + x^12 + x^5 + 1, begun with all ones. */
#ifndef HOST_C37_CRC_H
#define HOST_C37_CRC_H

#include <stddef.h>
#include <stdint.h>

uint16_t c37_crc(const uint8_t *p, size_t len);

#endif
