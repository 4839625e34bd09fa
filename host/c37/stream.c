/*
 * stream.c - cuts a byte stream into frames; see c37.h.
 *
 * While the stream is in step, a frame begins where the last one ended, and a
 * wrong CRC does not matter. Out of step, two bytes that look like SYNC prove
 * nothing: only a whole frame with a good CRC brings the stream into step again.
 */
#include <errno.h>

#include "wire.h"

void cis_c37_splitter_init(struct cis_c37_splitter *s)
{
	s->fill = 0;
	s->done = 0;
	s->skipped = 0;
	s->lost = false;
}

static void drop(struct cis_c37_splitter *s, size_t n)
{
	s->fill -= n;
	memmove(s->buf, s->buf + n, s->fill);
}

static void skip(struct cis_c37_splitter *s, size_t n)
{
	drop(s, n);
	s->skipped += n;
	s->lost = true;
}

void cis_c37_splitter_gap(struct cis_c37_splitter *s)
{
	drop(s, s->done);
	s->done = 0;
	skip(s, s->fill);
}

void cis_c37_splitter_refuse(struct cis_c37_splitter *s)
{
	s->done = 0;
	s->lost = true;
}

/* Looks for a frame with a good CRC; drops what can be no part of one. */
static int find(struct cis_c37_splitter *s)
{
	struct cis_c37_head head;
	size_t first = s->fill; /* the first place where a frame may begin */

	for (size_t i = 0; i < s->fill; i++) {
		int len = s->buf[i] == 0xAA
				  ? cis_c37_peek(s->buf + i, s->fill - i, &head)
				  : -EBADMSG;

		if (len > 0 && cis_c37_crc_ok(s->buf + i, (size_t)len)) {
			skip(s, i);
			s->lost = false;
			return len;
		}
		if (len == -EAGAIN && first == s->fill)
			first = i;
	}
	skip(s, first);
	return -EAGAIN;
}

static int next_in(struct cis_c37_splitter *s)
{
	struct cis_c37_head head;

	if (!s->lost) {
		int len = cis_c37_peek(s->buf, s->fill, &head);

		if (len != -EBADMSG)
			return len;
	}
	return find(s);
}

/* How many bytes to take: in step, no more than the frame's own. */
static size_t wanted(const struct cis_c37_splitter *s)
{
	if (s->lost)
		return sizeof(s->buf) - s->fill;
	return (s->fill < 4 ? 4 : cis_be16(s->buf + 2)) - s->fill;
}

int cis_c37_splitter_next(struct cis_c37_splitter *s, const uint8_t **data,
			  size_t *len, const uint8_t **frame)
{
	drop(s, s->done);
	s->done = 0;
	for (;;) {
		int frame_len = s->fill ? next_in(s) : -EAGAIN;
		size_t n;

		if (frame_len > 0) {
			s->done = (size_t)frame_len;
			*frame = s->buf;
			return frame_len;
		}
		if (*len == 0)
			return -EAGAIN;
		n = wanted(s);
		if (n > *len)
			n = *len;
		memcpy(s->buf + s->fill, *data, n);
		s->fill += n;
		*data += n;
		*len -= n;
	}
}
