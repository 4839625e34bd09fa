/* capture_out.h - a capture of UDP datagrams (raw IP) for another decoder. */
#ifndef TESTS_INTEROP_CAPTURE_OUT_H
#define TESTS_INTEROP_CAPTURE_OUT_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "cisoid/c37.h"
#include "host/core/be.h"

static inline void put_le32(uint8_t *p, uint32_t v)
{
	for (unsigned i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

/* pcap, version 2.4, link type 101: raw IP. */
static inline void write_file_head(FILE *f)
{
	uint8_t head[24] = {0xD4, 0xC3, 0xB2, 0xA1, 2, 0, 4};

	put_le32(head + 16, 262144);
	put_le32(head + 20, 101);
	fwrite(head, 1, sizeof(head), f);
}

/* From a port to 4713; `len` is what an encoder returned. */
static inline void write_packet(FILE *f, uint16_t port, const uint8_t *data,
				int len)
{
	static uint32_t us;
	uint8_t head[16 + 28] = {0};
	uint8_t *ip = head + 16, *udp = ip + 20;

	if (len <= 0)
		exit(EXIT_FAILURE);
	put_le32(head, 1700000000);
	put_le32(head + 4, us++);
	put_le32(head + 8, (uint32_t)len + 28);
	put_le32(head + 12, (uint32_t)len + 28);
	ip[0] = 0x45;
	cis_put_be16(ip + 2, (uint16_t)(len + 28));
	ip[8] = 64;
	ip[9] = 17;
	cis_put_be32(ip + 12, 0x7F000001);
	cis_put_be32(ip + 16, 0x7F000001);
	cis_put_be16(udp, port);
	cis_put_be16(udp + 2, CIS_C37_PORT_UDP);
	cis_put_be16(udp + 4, (uint16_t)(len + 8));
	fwrite(head, 1, sizeof(head), f);
	fwrite(data, 1, (size_t)len, f);
}

#endif
