/*
 * flow_stream.c - see flow_stream.h.
 *
 * A hole is given up when the other side acknowledges what lies behind it (the
 * capture lost it, not the network), when too much waits behind it, or at the
 * end.
 */
#include "flow_stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Behind a hole; and further than this from the next byte is a new stream. */
#define MAX_PENDING (1u << 20)
#define MAX_JUMP    (1 << 24)

/* Bytes without a frame after which a stream is something else. */
#define GIVE_UP_LEN (1u << 17)

struct flow_segment {
	struct flow_segment *next;
	uint32_t seq;
	size_t len;
	uint8_t data[];
};

static void drop_pending(struct flow_stream *s)
{
	while (s->pending) {
		struct flow_segment *seg = s->pending;

		s->pending = seg->next;
		free(seg);
	}
	s->pending_len = 0;
}

void flow_stream_free(struct flow_stream *s)
{
	drop_pending(s);
	free(s->pickup);
}

static void ignore(struct flow_stream *s)
{
	s->ignored = true;
	free(s->pickup);
	s->pickup = NULL;
	drop_pending(s);
}

static int begin(struct flow_stream *s, const uint8_t *data, size_t len)
{
	struct cis_c37_head head;
	bool fits = cis_c37_peek(data, len, &head) != -EBADMSG;

	if (!fits && s->has_syn) {
		ignore(s);
		return 0;
	}
	s->pickup = malloc(sizeof(*s->pickup));
	if (!s->pickup)
		return -ENOMEM;
	cis_pickup_init(s->pickup);
	if (!fits)
		cis_pickup_gap(s->pickup);
	return 0;
}

/* The next bytes, in order. */
static int put(struct flow_stream *s, const struct flow_taker *taker,
	       const uint8_t *data, size_t len)
{
	s->next_seq += (uint32_t)len;
	s->taken += len;
	if (!s->ignored && !s->pickup && begin(s, data, len))
		return -ENOMEM;
	if (s->pickup) {
		cis_pickup_put(s->pickup, data, len, &taker->to);
		if (!s->pickup->proven && s->taken > GIVE_UP_LEN)
			ignore(s);
	}
	return 0;
}

/* Hands on what waits and has its turn; over the hole, if `jump`. */
static int drain(struct flow_stream *s, const struct flow_taker *taker,
		 bool jump)
{
	int err = 0;

	while (s->pending && !err) {
		struct flow_segment *seg = s->pending;
		int32_t ahead = (int32_t)(seg->seq - s->next_seq);
		size_t old;

		if (ahead > 0 && !jump)
			break;
		if (ahead > 0) {
			s->next_seq = seg->seq;
			taker->stats->gaps += s->pickup != NULL;
			if (s->pickup)
				cis_pickup_gap(s->pickup);
			ahead = 0;
		}
		jump = false;
		s->pending = seg->next;
		s->pending_len -= seg->len;
		old = (size_t) - (int64_t)ahead;
		if (old < seg->len)
			err = put(s, taker, seg->data + old, seg->len - old);
		else
			taker->stats->repeated++;
		free(seg);
	}
	return err;
}

static int wait_for_turn(struct flow_stream *s, const struct flow_packet *p)
{
	struct flow_segment **at = &s->pending, *seg;

	while (*at && (int32_t)((*at)->seq - p->seq) <= 0)
		at = &(*at)->next;
	seg = malloc(sizeof(*seg) + p->len);
	if (!seg)
		return -ENOMEM;
	seg->seq = p->seq;
	seg->len = p->len;
	memcpy(seg->data, p->data, p->len);
	seg->next = *at;
	*at = seg;
	s->pending_len += p->len;
	return 0;
}

static void restart(struct flow_stream *s, uint32_t seq, bool syn)
{
	drop_pending(s);
	if (s->pickup)
		s->lost += s->pickup->split.skipped;
	free(s->pickup);
	s->pickup = NULL;
	s->ignored = false;
	s->has_seq = true;
	s->has_syn = syn;
	s->next_seq = seq;
	s->taken = 0;
}

static int take_data(struct flow_stream *s, const struct flow_packet *p,
		     const struct flow_taker *taker)
{
	int32_t ahead;
	size_t old;

	if (!s->has_seq)
		restart(s, p->seq, false);
	ahead = (int32_t)(p->seq - s->next_seq);
	if (ahead > MAX_JUMP || ahead < -MAX_JUMP) {
		restart(s, p->seq, false);
		ahead = 0;
	}
	if (s->ignored) {
		s->next_seq = p->seq + (uint32_t)p->len;
		return 0;
	}
	if (ahead > 0) {
		int err = wait_for_turn(s, p);

		return err || s->pending_len <= MAX_PENDING
			       ? err
			       : drain(s, taker, true);
	}
	old = (size_t) - (int64_t)ahead;
	if (old >= p->len) {
		taker->stats->repeated++;
		return 0;
	}
	if (put(s, taker, p->data + old, p->len - old))
		return -ENOMEM;
	return drain(s, taker, false);
}

int flow_stream_take(struct flow_stream *s, const struct flow_packet *p,
		     const struct flow_taker *taker)
{
	if (p->syn)
		restart(s, p->seq + 1, true);
	else if (p->len > 0)
		return take_data(s, p, taker);
	return 0;
}

int flow_stream_acked(struct flow_stream *s, uint32_t ack,
		      const struct flow_taker *taker)
{
	int err = 0;

	while (!err && s->pending && (int32_t)(ack - s->pending->seq) > 0)
		err = drain(s, taker, true);
	return err;
}

void flow_stream_finish(struct flow_stream *s, const struct flow_taker *taker)
{
	while (s->pending && !drain(s, taker, true))
		;
	taker->stats->lost_bytes += s->lost;
	if (s->pickup) {
		size_t lost = cis_pickup_finish(s->pickup, &taker->to);

		taker->stats->lost_bytes += s->pickup->proven ? lost : 0;
	}
}
