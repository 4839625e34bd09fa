/* be.h - big-endian integers in bytes, assembled byte by byte. */
#ifndef HOST_CORE_BE_H
#define HOST_CORE_BE_H

#include <stdint.h>

static inline uint16_t cis_be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t cis_be32(const uint8_t *p)
{
	return (uint32_t)cis_be16(p) << 16 | cis_be16(p + 2);
}

static inline void cis_put_be16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static inline void cis_put_be32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

#endif
