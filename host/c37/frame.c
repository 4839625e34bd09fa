/* frame.c - the head and the check word of every frame; see c37.h. */
#include "wire.h"

#include <errno.h>
#include <math.h>

#include "cisoid/utc.h"
#include "crc.h"

bool cis_c37_crc_ok(const uint8_t *frame, size_t len)
{
	if (len < C37_CHK_LEN)
		return false;
	len -= C37_CHK_LEN;
	return c37_crc(frame, len) == cis_be16(frame + len);
}

void cis_c37_seal(uint8_t *frame, size_t len)
{
	cis_put_be16(frame + CIS_C37_FRAMESIZE_AT, (uint16_t)len);
	cis_put_be16(frame + len - C37_CHK_LEN,
		     c37_crc(frame, len - C37_CHK_LEN));
}

/* The shortest frame of a type, and fragment of CFG-3, which may lack CHK; 0 for
 * a type that does not exist. */
static size_t least_len(unsigned type)
{
	static const uint8_t len[] = {
		[CIS_C37_DATA] = 18, [CIS_C37_HDR] = 16, [CIS_C37_CFG1] = 24,
		[CIS_C37_CFG2] = 24, [CIS_C37_CMD] = 18, [CIS_C37_CFG3] = 17,
	};

	return type < sizeof(len) ? len[type] : 0;
}

int cis_c37_peek(const uint8_t *buf, size_t len, struct cis_c37_head *head)
{
	size_t least, frame_len;

	if (len >= 1 && buf[0] != 0xAA)
		return -EBADMSG;
	if (len < 2)
		return -EAGAIN;
	least = buf[1] & 0x80 ? 0 : least_len(buf[1] >> 4);
	if (!least)
		return -EBADMSG;
	if (len < 4)
		return -EAGAIN;
	frame_len = cis_be16(buf + 2);
	if (frame_len < least)
		return -EBADMSG;
	if (len < frame_len)
		return -EAGAIN;
	head->type = (enum cis_c37_type)(buf[1] >> 4);
	head->version = buf[1] & 0x0F;
	head->frame_len = (uint16_t)frame_len;
	head->idcode = cis_be16(buf + 4);
	head->soc = cis_be32(buf + 6);
	head->time_quality = buf[10];
	head->fracsec = cis_be32(buf + 10) & 0xFFFFFF;
	return (int)frame_len;
}

/* SOC, SMPCNT with the type, then the length in bits 12-0; CRC at the end. */
static size_t len_of_1344(const uint8_t *buf, size_t len)
{
	size_t frame_len = len < 8 ? 0 : cis_be16(buf + 6) & 0x1FFF;

	if (frame_len < 12 || frame_len > len ||
	    !cis_c37_crc_ok(buf, frame_len))
		return 0;
	return frame_len;
}

bool cis_c37_is_1344(const uint8_t *buf, size_t len)
{
	size_t first = len_of_1344(buf, len);

	return first && (first == len || len_of_1344(buf + first, len - first));
}

int c37_open(const uint8_t *frame, size_t len, struct cis_c37_head *head,
	     struct c37_reader *body, struct cis_diag *diag)
{
	int frame_len = cis_c37_peek(frame, len, head);

	if (frame_len == -EAGAIN)
		return cis_fail(diag, -EBADMSG,
				"the frame is cut off after %zu bytes", len);
	if (frame_len < 0)
		return cis_fail(diag, -EBADMSG, "not a frame of C37.118");
	*body = (struct c37_reader){
		.p = frame + C37_HEAD_LEN,
		.left = (size_t)frame_len - C37_HEAD_LEN - C37_CHK_LEN,
	};
	return frame_len;
}

void c37_put_head(struct c37_writer *w, const struct cis_c37_head *head)
{
	c37_put16(w, (uint16_t)(0xAA00u | (unsigned)head->type << 4 |
				(head->version & 0x0Fu)));
	c37_put16(w, head->frame_len);
	c37_put16(w, head->idcode);
	c37_put32(w, head->soc);
	c37_put32(w, (uint32_t)head->time_quality << 24 |
			     (head->fracsec & 0xFFFFFF));
}

int c37_put_chk(struct c37_writer *w)
{
	c37_put16(w, c37_crc(w->buf, w->fill));
	return (int)w->fill;
}

void c37_stamp(struct cis_split_time at, uint32_t time_base,
	       struct cis_c37_head *head)
{
	uint32_t base = time_base & 0xFFFFFF;
	double fracsec = round(at.frac_s * base);
	int64_t tai_s = at.tai_s;

	if (fracsec >= base) {
		fracsec = 0;
		tai_s++;
	}
	head->soc = (uint32_t)cis_utc_from_tai(tai_s).soc;
	head->fracsec = (uint32_t)fracsec;
	head->time_quality |= cis_c37_leap_bits(tai_s);
}

uint8_t cis_c37_leap_bits(int64_t tai_s)
{
	struct cis_leap_near near = cis_utc_leap_near(tai_s);
	int64_t minute_s = 60 + near.step_s;
	unsigned bits;

	if (near.step_s == 0 || near.in_s > minute_s || near.in_s <= -86400)
		return 0;
	bits = near.in_s > 0 ? CIS_C37_LEAP_PENDING : CIS_C37_LEAP_OCCURRED;
	return (uint8_t)(bits | (near.step_s < 0 ? CIS_C37_LEAP_DELETE : 0));
}

/* Pending in a second with the SOC of midnight: it is 23:59:60, where the table
 * of leap seconds has one. */
int64_t cis_c37_tai_s(const struct cis_c37_head *head)
{
	struct cis_utc utc = {.soc = head->soc, .leap = 1};
	unsigned bits = head->time_quality & CIS_C37_LEAP_MASK;
	int64_t tai_s = cis_utc_to_tai(utc);

	if (bits == CIS_C37_LEAP_PENDING && cis_utc_from_tai(tai_s).leap)
		return tai_s;
	return cis_tai_from_soc(head->soc);
}

double cis_c37_frac_s(uint32_t fracsec, uint32_t time_base)
{
	time_base &= 0xFFFFFF;
	return time_base ? (double)(fracsec & 0xFFFFFF) / time_base : 0;
}

struct cis_rate cis_c37_rate(int16_t data_rate)
{
	if (data_rate > 0)
		return (struct cis_rate){(uint32_t)data_rate, 1};
	if (data_rate < 0)
		return (struct cis_rate){1, (uint32_t)-data_rate};
	return (struct cis_rate){1, 1};
}

/* A fraction of a whole second and more is what some senders mean. */
static struct cis_instant snap(const struct cis_c37_config *cfg, int64_t tai_s,
			       uint32_t fracsec)
{
	struct cis_instant at = {.rate = cis_c37_rate(cfg->data_rate)};
	double frac_s = cis_c37_frac_s(fracsec, cfg->time_base);
	int64_t k = (int64_t)round(frac_s * at.rate.num);

	at.tai_s = tai_s + k / at.rate.num;
	at.k = (uint32_t)(k % at.rate.num);
	return at;
}

struct cis_instant cis_c37_instant(const struct cis_c37_config *cfg,
				   uint32_t soc, uint32_t fracsec)
{
	return snap(cfg, cis_tai_from_soc(soc), fracsec);
}

struct cis_instant cis_c37_head_instant(const struct cis_c37_config *cfg,
					const struct cis_c37_head *head)
{
	return snap(cfg, cis_c37_tai_s(head), head->fracsec);
}
