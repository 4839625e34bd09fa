/*
 * restamp.c - frames that differ from another one in IDCODE or time alone.
 *
 * A CRC is linear: what another IDCODE adds to it depends on the bits that
 * differ and on how many bytes follow them, and on nothing else.
 */
#include <assert.h>

#include "crc.h"
#include "wire.h"

static void set_chk(uint8_t *frame, size_t len)
{
	cis_put_be16(frame + len - C37_CHK_LEN,
		     c37_crc(frame, len - C37_CHK_LEN));
}

void cis_c37_restamp(uint8_t *frame, size_t len,
		     const struct cis_c37_head *head)
{
	assert(len >= C37_HEAD_LEN + C37_CHK_LEN);
	cis_put_be32(frame + CIS_C37_SOC_AT, head->soc);
	cis_put_be32(frame + CIS_C37_FRACSEC_AT,
		     (uint32_t)head->time_quality << 24 |
			     (head->fracsec & 0xFFFFFF));
	set_chk(frame, len);
}

/* The register after one more bit of zero. */
static unsigned shifted(unsigned crc)
{
	return (crc << 1 & 0xFFFF) ^ (crc & 0x8000 ? 0x1021 : 0);
}

/* What a bit of the register has become after n_zero bytes of zeros. */
static unsigned passed(unsigned crc, size_t n_zero)
{
	for (size_t i = 0; i < 8 * n_zero; i++)
		crc = shifted(crc);
	return crc;
}

static void fill_sums(uint16_t sum[256], unsigned first_bit, size_t n_zero)
{
	sum[0] = 0;
	for (unsigned bit = 0; bit < 8; bit++) {
		unsigned step = 1u << bit;
		unsigned crc = passed(1u << (first_bit + bit), n_zero);

		for (unsigned i = 0; i < step; i++)
			sum[step + i] = (uint16_t)(sum[i] ^ crc);
	}
}

/* The IDCODE is added to the register before its own two bytes pass. */
void cis_c37_readdress_init(struct cis_c37_readdress *r, size_t len)
{
	size_t n_zero = len - C37_CHK_LEN - CIS_C37_IDCODE_AT;

	assert(len >= C37_HEAD_LEN + C37_CHK_LEN);
	r->len = len;
	fill_sums(r->low, 0, n_zero);
	fill_sums(r->high, 8, n_zero);
}

void cis_c37_readdress(const struct cis_c37_readdress *r, uint8_t *frame,
		       uint16_t idcode)
{
	unsigned other = cis_be16(frame + CIS_C37_IDCODE_AT) ^ (unsigned)idcode;
	uint8_t *chk = frame + r->len - C37_CHK_LEN;

	cis_put_be16(frame + CIS_C37_IDCODE_AT, idcode);
	cis_put_be16(chk, (uint16_t)(cis_be16(chk) ^ r->high[other >> 8] ^
				     r->low[other & 0xFF]));
}
