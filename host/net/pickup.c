/* pickup.c - see pickup.h. */
#include "pickup.h"

#include <errno.h>
#include <string.h>

#include "host/core/be.h"

#define HEAD_LEN 6 /* SYNC, FRAMESIZE, IDCODE */

/* ---- pieces ---- */

static void give(const struct cis_pickup *p, const uint8_t *piece, size_t len)
{
	if (len > 0 && p->to && p->to->piece)
		p->to->piece(p->to->arg, piece, len);
}

static void hand_out(struct cis_pickup *p, size_t len)
{
	if (p->cut || p->piece[0] != 0xAA)
		return;
	if (p->proven || p->suspects) {
		give(p, p->piece, len);
	} else if (p->first_len == 0) {
		memcpy(p->first, p->piece, len);
		p->first_len = len;
	}
}

static void end_piece(struct cis_pickup *p)
{
	if (p->piece_len > 0)
		hand_out(p, p->piece_len);
	p->piece_len = 0;
}

static bool is_head(const struct cis_pickup *p, const uint8_t *at)
{
	return at[0] == 0xAA && at[1] >> 4 <= CIS_C37_CFG3 &&
	       cis_be16(at + 4) == p->idcode;
}

/* The last bytes may be the head of the next piece. */
static void cut_at_head(struct cis_pickup *p)
{
	size_t at = p->piece_len - HEAD_LEN;

	if (!p->proven && !p->cut && at == 0)
		p->idcode = cis_be16(p->piece + 4);
	if (!is_head(p, p->piece + at))
		return;
	if (at > 0)
		hand_out(p, at);
	memmove(p->piece, p->piece + at, HEAD_LEN);
	p->piece_len = HEAD_LEN;
	p->cut = false;
}

static void skipped(void *arg, const uint8_t *data, size_t len)
{
	struct cis_pickup *p = arg;

	for (size_t i = 0; i < len; i++) {
		if (p->piece_len == sizeof(p->piece)) {
			end_piece(p);
			p->cut = true;
		}
		p->piece[p->piece_len++] = data[i];
		if (p->piece_len >= HEAD_LEN)
			cut_at_head(p);
	}
}

/* ---- frames ---- */

void cis_pickup_init(struct cis_pickup *p)
{
	p->proven = p->suspects = p->cut = false;
	p->idcode = 0;
	p->to = NULL;
	p->piece_len = p->first_len = 0;
	cis_c37_splitter_init(&p->split, p->buf, sizeof(p->buf));
	p->split.on_skip = skipped;
	p->split.arg = p;
}

void cis_pickup_gap(struct cis_pickup *p)
{
	p->piece_len = 0;
	p->cut = true;
	cis_c37_splitter_gap(&p->split);
}

static bool another_follows(const uint8_t *data, size_t len)
{
	struct cis_c37_head head;

	return cis_c37_peek(data, len, &head) != -EBADMSG;
}

/* A frame that is believed: what was skipped ends before it. */
static void believe(struct cis_pickup *p, const uint8_t *frame, bool crc_ok)
{
	end_piece(p);
	p->cut = false;
	if (!crc_ok)
		return;
	p->idcode = cis_be16(frame + 4);
	if (!p->proven)
		give(p, p->first, p->first_len);
	p->proven = true;
}

int cis_pickup_next(struct cis_pickup *p, const uint8_t **data, size_t *len,
		    const uint8_t **frame, const struct cis_pickup_taker *to)
{
	int n;

	p->to = to;
	while ((n = cis_c37_splitter_next(&p->split, data, len, frame)) > 0) {
		bool ok = cis_c37_crc_ok(*frame, (size_t)n);

		if (ok || another_follows(*data, *len)) {
			believe(p, *frame, ok);
			break;
		}
		cis_c37_splitter_refuse(&p->split);
	}
	return n;
}

void cis_pickup_put(struct cis_pickup *p, const uint8_t *data, size_t len,
		    const struct cis_pickup_taker *to)
{
	const uint8_t *frame;
	int n;

	while ((n = cis_pickup_next(p, &data, &len, &frame, to)) > 0)
		to->frame(to->arg, frame, (size_t)n,
			  cis_c37_crc_ok(frame, (size_t)n));
}

/* A recording may end in the midst of a frame, which is nobody's mistake; a byte
 * that is missing after a stream out of step, or a single one, may be. */
static void finish_piece(struct cis_pickup *p, bool was_lost)
{
	const struct cis_c37_splitter *s = &p->split;
	bool nearly =
		s->fill >= HEAD_LEN && cis_be16(s->buf + 2) == s->fill + 1;

	if ((was_lost && !p->cut) || p->piece_len > 0 || nearly)
		skipped(p, s->buf, s->fill);
	end_piece(p);
}

size_t cis_pickup_finish(struct cis_pickup *p,
			 const struct cis_pickup_taker *to)
{
	bool was_lost = p->split.lost;
	const uint8_t *none = NULL, *frame;
	size_t len = 0;
	int n = cis_pickup_next(p, &none, &len, &frame, to);

	/* What waits for the rest of a frame may hide whole ones. */
	while (n != -EAGAIN || !p->split.lost) {
		if (n > 0)
			to->frame(to->arg, frame, (size_t)n,
				  cis_c37_crc_ok(frame, (size_t)n));
		else
			cis_c37_splitter_refuse(&p->split);
		n = cis_pickup_next(p, &none, &len, &frame, to);
	}
	finish_piece(p, was_lost);
	cis_c37_splitter_gap(&p->split);
	return p->split.skipped;
}
