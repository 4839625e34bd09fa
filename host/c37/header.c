/* header.c - header frames, text for people, clause 6.5; see c37.h. */
#include <errno.h>

#include "ascii.h"
#include "wire.h"

int cis_c37_header_encode(const struct cis_c37_config *cfg,
			  struct cis_split_time at, uint8_t time_quality,
			  const char *text, uint8_t *buf, size_t size)
{
	size_t text_len = strlen(text);
	size_t len = C37_HEAD_LEN + text_len + C37_CHK_LEN;
	struct cis_c37_head head = {.type = CIS_C37_HDR,
				    .version = cfg->version,
				    .frame_len = (uint16_t)len,
				    .idcode = cfg->idcode,
				    .time_quality = time_quality};
	struct c37_writer w = {.buf = buf};

	if (text_len > CIS_C37_MAX_FRAME || len > CIS_C37_MAX_FRAME ||
	    len > size)
		return -EMSGSIZE;
	c37_stamp(at, cfg->time_base, &head);
	c37_put_head(&w, &head);
	memcpy(buf + w.fill, text, text_len);
	w.fill += text_len;
	return c37_put_chk(&w);
}

int cis_c37_header_decode(const uint8_t *frame, size_t len,
			  char text[CIS_C37_MAX_FRAME])
{
	struct cis_c37_head head;
	struct c37_reader r;
	int frame_len = c37_open(frame, len, &head, &r, NULL);

	if (frame_len < 0 || head.type != CIS_C37_HDR)
		return -EBADMSG;
	c37_text(r.p, r.left, true, text);
	return frame_len;
}
