/* command.c - command frames, clause 6.6; see c37.h. */
#include <errno.h>

#include "wire.h"

#define CMD_LEN (C37_HEAD_LEN + 2 + C37_CHK_LEN)

int cis_c37_command_encode(uint8_t version, uint16_t idcode,
			   struct cis_split_time at, uint16_t command,
			   uint8_t *buf, size_t size)
{
	struct cis_c37_head head = {.type = CIS_C37_CMD,
				    .version = version,
				    .frame_len = CMD_LEN,
				    .idcode = idcode};
	struct c37_writer w = {.buf = buf};

	if (size < CMD_LEN)
		return -EMSGSIZE;
	c37_stamp(at, C37_TIME_BASE, &head);
	c37_put_head(&w, &head);
	c37_put16(&w, command);
	return c37_put_chk(&w);
}

int cis_c37_command_decode(const uint8_t *frame, size_t len)
{
	struct cis_c37_head head;
	struct c37_reader r;

	if (c37_open(frame, len, &head, &r, NULL) < 0 ||
	    head.type != CIS_C37_CMD)
		return -EBADMSG;
	return c37_get16(&r);
}

int cis_c37_extended_encode(const struct cis_c37_head *head, const uint8_t *ext,
			    size_t ext_len, uint8_t *buf, size_t size)
{
	size_t len = CMD_LEN + ext_len;
	struct cis_c37_head to_send = *head;
	struct c37_writer w = {.buf = buf};

	if (ext_len > CIS_C37_MAX_EXTENDED || len > size)
		return -EMSGSIZE;
	to_send.type = CIS_C37_CMD;
	to_send.frame_len = (uint16_t)len;
	c37_put_head(&w, &to_send);
	c37_put16(&w, CIS_C37_CMD_EXTENDED);
	if (ext_len > 0)
		memcpy(buf + w.fill, ext, ext_len);
	w.fill += ext_len;
	return c37_put_chk(&w);
}

int cis_c37_extended_decode(const uint8_t *frame, size_t len,
			    const uint8_t **ext)
{
	struct cis_c37_head head;
	struct c37_reader r;

	if (c37_open(frame, len, &head, &r, NULL) < 0 ||
	    head.type != CIS_C37_CMD || c37_get16(&r) != CIS_C37_CMD_EXTENDED)
		return -EBADMSG;
	*ext = r.p;
	return (int)r.left;
}
