/*
 * stream.c - cuts a byte stream into frames; see c37.h.
 *
 * While the stream is in step, a frame begins where the last one ended, and a
 * wrong CRC does not matter. Out of step, two bytes that look like SYNC prove
 * nothing: only a whole frame with a good CRC brings the stream into step again.
 */
#include <errno.h>

#include "wire.h"

void cis_c37_splitter_init(struct cis_c37_splitter *s, uint8_t *buf,
			   size_t size)
{
	*s = (struct cis_c37_splitter){.buf = buf, .size = size};
}

static void drop(struct cis_c37_splitter *s, size_t n)
{
	s->fill -= n;
	memmove(s->buf, s->buf + n, s->fill);
}

static void skip(struct cis_c37_splitter *s, size_t n)
{
	if (s->on_skip && n > 0)
		s->on_skip(s->arg, s->buf, n);
	drop(s, n);
	s->skipped += n;
	s->lost = true;
}

void cis_c37_splitter_gap(struct cis_c37_splitter *s)
{
	drop(s, s->done);
	s->done = 0;
	s->to_skip = 0;
	s->skipped += s->fill;
	s->fill = 0;
	s->lost = true;
}

void cis_c37_splitter_refuse(struct cis_c37_splitter *s)
{
	s->done = 0;
	s->lost = true;
}

/* Four bytes of a frame tell its length. */
static bool too_long(const struct cis_c37_splitter *s, size_t at)
{
	return s->fill - at >= 4 && cis_be16(s->buf + at + 2) > s->size;
}

/* Looks for a frame with a good CRC; drops what can be no part of one. */
static int find(struct cis_c37_splitter *s)
{
	struct cis_c37_head head;
	size_t first = s->fill; /* the first place where a frame may begin */

	for (size_t i = 0; i < s->fill; i++) {
		int len = s->buf[i] == 0xAA && !too_long(s, i)
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

/* In step: the frame that begins here does not fit, its bytes are to go. */
static void pass_long(struct cis_c37_splitter *s)
{
	if (s->lost || !too_long(s, 0))
		return;
	s->to_skip = cis_be16(s->buf + 2) - s->fill;
	s->passed += s->fill;
	s->fill = 0;
	s->n_long++;
}

/* How many bytes to take: in step, no more than the frame's own. */
static size_t wanted(const struct cis_c37_splitter *s)
{
	if (s->to_skip)
		return s->to_skip;
	if (s->lost)
		return s->size - s->fill;
	return (s->fill < 4 ? 4 : cis_be16(s->buf + 2)) - s->fill;
}

static size_t take(struct cis_c37_splitter *s, const uint8_t *data, size_t len)
{
	size_t n = wanted(s);

	if (n > len)
		n = len;
	if (s->to_skip) {
		s->to_skip -= n;
		s->passed += n;
	} else {
		memcpy(s->buf + s->fill, data, n);
		s->fill += n;
	}
	return n;
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
		pass_long(s);
		if (*len == 0)
			return -EAGAIN;
		n = take(s, *data, *len);
		*data += n;
		*len -= n;
	}
}
