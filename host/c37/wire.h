/*
 * wire.h - what the message families of C37.118.2 share: cursors over a
 * frame's bytes, its head and its check word.
 */
#ifndef HOST_C37_WIRE_H
#define HOST_C37_WIRE_H

#include <stdbool.h>
#include <string.h>

#include "cisoid/c37.h"
#include "host/core/be.h"

#define C37_HEAD_LEN  14 /* SYNC, FRAMESIZE, IDCODE, SOC, FRACSEC */
#define C37_CHK_LEN   2
#define C37_NAME_LEN  16 /* of CFG-1 and CFG-2 */
#define C37_TIME_BASE 1000000
#define C37_NO_VALUE  INT16_MIN

/* A reader past its end gives zeros and remembers. */
struct c37_reader {
	const uint8_t *p;
	size_t left;
	bool failed;
};

/* A writer's room is checked before it begins. */
struct c37_writer {
	uint8_t *buf;
	size_t fill;
	bool lost; /* a value that its field cannot hold */
};

static inline const uint8_t *c37_take(struct c37_reader *r, size_t n)
{
	const uint8_t *p = r->p;

	if (n > r->left) {
		r->failed = true;
		return NULL;
	}
	r->p += n;
	r->left -= n;
	return p;
}

static inline uint16_t c37_get16(struct c37_reader *r)
{
	const uint8_t *p = c37_take(r, 2);

	return p ? cis_be16(p) : 0;
}

static inline uint32_t c37_get32(struct c37_reader *r)
{
	const uint8_t *p = c37_take(r, 4);

	return p ? cis_be32(p) : 0;
}

static inline float c37_get_f32(struct c37_reader *r)
{
	uint32_t bits = c37_get32(r);
	float f;

	memcpy(&f, &bits, sizeof(f));
	return f;
}

static inline void c37_put16(struct c37_writer *w, uint16_t v)
{
	cis_put_be16(w->buf + w->fill, v);
	w->fill += 2;
}

static inline void c37_put32(struct c37_writer *w, uint32_t v)
{
	cis_put_be32(w->buf + w->fill, v);
	w->fill += 4;
}

static inline uint32_t c37_float_bits(float f)
{
	uint32_t bits;

	memcpy(&bits, &f, sizeof(bits));
	return bits;
}

static inline void c37_put_float(struct c37_writer *w, float f)
{
	c37_put32(w, c37_float_bits(f));
}

static inline void c37_put_f32(struct c37_writer *w, double v)
{
	c37_put_float(w, (float)v);
}

/* SOC, FRACSEC and leap-second bits of an instant; rounding may carry into the
 * next second. Bits that head->time_quality has already stay. */
void c37_stamp(struct cis_split_time at, uint32_t time_base,
	       struct cis_c37_head *head);

/* Writes the head; head->frame_len is sent as it is. */
void c37_put_head(struct c37_writer *w, const struct cis_c37_head *head);
/* Appends CHK and returns the length of the frame. */
int c37_put_chk(struct c37_writer *w);

/*
 * Checks the head of a frame that must be whole and sets the reader on its
 * body, CHK left out. Returns the frame's length or -EBADMSG with a message.
 */
int c37_open(const uint8_t *frame, size_t len, struct cis_c37_head *head,
	     struct c37_reader *body, struct cis_diag *diag);

#endif
