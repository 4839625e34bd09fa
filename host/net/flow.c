/* flow.c - see flow.h. */
#include "flow.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "flow_stream.h"

#define N_BUCKET 4096
#define NEARLY   8 /* bytes that a frame may lack or have too many */

struct direction {
	char from[CIS_ENDPOINT_SIZE];
	struct flow_stream stream; /* TCP */
};

struct flow {
	struct flow *next;
	bool tcp;
	bool proven; /* UDP: a good frame has been seen */
	uint32_t pair;
	struct flow_address end[2];
	struct direction dir[2]; /* from end[i] */
};

struct flow_table {
	struct cis_capture_taker to;
	struct cis_capture_stats *stats;
	uint32_t n_flow;
	uint64_t packet;      /* being handled, or the last */
	struct cis_time time; /* its own */
	struct flow *bucket[N_BUCKET];
};

/* What a frame is handed out with. */
struct delivery {
	struct flow_table *table;
	struct flow *flow;
	unsigned dir;
};

/* ---- the table ---- */

struct flow_table *flow_table_new(const struct cis_capture_taker *to)
{
	struct flow_table *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->to = *to;
	t->stats = to->stats;
	return t;
}

static void flow_free(struct flow *f)
{
	for (unsigned i = 0; i < 2; i++)
		flow_stream_free(&f->dir[i].stream);
	free(f);
}

void flow_table_free(struct flow_table *t)
{
	if (!t)
		return;
	for (unsigned b = 0; b < N_BUCKET; b++) {
		while (t->bucket[b]) {
			struct flow *f = t->bucket[b];

			t->bucket[b] = f->next;
			flow_free(f);
		}
	}
	free(t);
}

static uint32_t hash(const struct flow_address *a)
{
	uint32_t h = a->port;

	for (unsigned i = 0; i < sizeof(a->ip); i++)
		h = h * 16777619u ^ a->ip[i];
	return h;
}

static bool same(const struct flow_address *a, const struct flow_address *b)
{
	return a->port == b->port && !memcmp(a->ip, b->ip, sizeof(a->ip));
}

static void print_address(const struct flow_address *a, char *out)
{
	static const uint8_t mapped[12] = {[10] = 0xFF, [11] = 0xFF};
	char ip[INET6_ADDRSTRLEN];

	if (!memcmp(a->ip, mapped, sizeof(mapped))) {
		inet_ntop(AF_INET, a->ip + 12, ip, sizeof(ip));
		snprintf(out, CIS_ENDPOINT_SIZE, "%s:%u", ip, a->port);
	} else {
		inet_ntop(AF_INET6, a->ip, ip, sizeof(ip));
		snprintf(out, CIS_ENDPOINT_SIZE, "[%s]:%u", ip, a->port);
	}
}

static struct flow *flow_new(struct flow_table *t, const struct flow_packet *p,
			     bool tcp)
{
	struct flow *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->tcp = tcp;
	f->pair = t->n_flow++;
	f->end[0] = p->from;
	f->end[1] = p->to;
	print_address(&p->from, f->dir[0].from);
	print_address(&p->to, f->dir[1].from);
	return f;
}

/* The conversation of a packet, begun if it is new, and its direction. */
static struct flow *find(struct flow_table *t, const struct flow_packet *p,
			 bool tcp, unsigned *dir)
{
	uint32_t b = (hash(&p->from) + hash(&p->to) + tcp) % N_BUCKET;
	struct flow *f;

	for (f = t->bucket[b]; f; f = f->next) {
		if (f->tcp != tcp)
			continue;
		for (*dir = 0; *dir < 2; ++*dir)
			if (same(&f->end[*dir], &p->from) &&
			    same(&f->end[1 - *dir], &p->to))
				return f;
	}
	*dir = 0;
	f = flow_new(t, p, tcp);
	if (f) {
		f->next = t->bucket[b];
		t->bucket[b] = f;
	}
	return f;
}

/* ---- frames ---- */

static struct cis_capture_frame frame_of(const struct delivery *d,
					 const uint8_t *frame, size_t len,
					 bool crc_ok)
{
	const struct flow_table *t = d->table;

	return (struct cis_capture_frame){
		.frame = frame,
		.len = len,
		.crc_ok = crc_ok,
		.tcp = d->flow->tcp,
		.packet = t->packet,
		.time = t->time,
		.pair = d->flow->pair,
		.from = d->flow->dir[d->dir].from,
		.to = d->flow->dir[1 - d->dir].from,
	};
}

static void deliver(void *arg, const uint8_t *frame, size_t len, bool crc_ok)
{
	const struct delivery *d = arg;
	struct flow_table *t = d->table;
	struct cis_capture_frame cf = frame_of(d, frame, len, crc_ok);

	t->stats->frames++;
	t->to.take(t->to.arg, &cf);
}

/* Begins like a frame, and has nearly the length that it says. */
static void deliver_nearly(const struct delivery *d, const uint8_t *data,
			   size_t len)
{
	const struct flow_table *t = d->table;
	struct cis_capture_frame cf = frame_of(d, data, len, false);
	size_t said = len < 16 ? 0 : (size_t)data[2] << 8 | data[3];

	if (!t->to.nearly || len < 16 || data[0] != 0xAA ||
	    said + NEARLY < len || said > len + NEARLY)
		return;
	t->to.nearly(t->to.arg, &cf);
}

/* Of a TCP stream. */
static void deliver_piece(void *arg, const uint8_t *data, size_t len)
{
	const struct delivery *d = arg;
	struct cis_capture_frame cf = frame_of(d, data, len, false);

	if (d->table->to.nearly)
		d->table->to.nearly(d->table->to.arg, &cf);
}

/* Length of the frames that a datagram begins with. */
static size_t frames_len(const uint8_t *data, size_t len, bool *good)
{
	struct cis_c37_head head;
	size_t at = 0;
	int n;

	*good = false;
	while (at < len && (n = cis_c37_peek(data + at, len - at, &head)) > 0) {
		*good = *good || cis_c37_crc_ok(data + at, (size_t)n);
		at += (size_t)n;
	}
	return at;
}

int flow_udp(struct flow_table *t, const struct flow_packet *p)
{
	struct delivery d = {.table = t};
	struct cis_c37_head head;
	size_t frames;
	bool good;

	d.flow = find(t, p, false, &d.dir);
	if (!d.flow)
		return -ENOMEM;
	t->packet = p->number;
	t->time = p->time;
	frames = frames_len(p->data, p->len, &good);
	d.flow->proven = d.flow->proven || good;
	if (frames == 0 || !(d.flow->proven || frames == p->len)) {
		deliver_nearly(&d, p->data, p->len);
		t->stats->other += !d.flow->proven;
		t->stats->lost_bytes += d.flow->proven ? p->len : 0;
		return 0;
	}
	for (size_t at = 0; at < frames; at += head.frame_len) {
		(void)cis_c37_peek(p->data + at, frames - at, &head);
		deliver(&d, p->data + at, head.frame_len,
			cis_c37_crc_ok(p->data + at, head.frame_len));
	}
	deliver_nearly(&d, p->data + frames, p->len - frames);
	t->stats->lost_bytes += p->len - frames;
	return 0;
}

/* ---- TCP ---- */

static struct flow_stream *stream_of(const struct delivery *d)
{
	return &d->flow->dir[d->dir].stream;
}

static struct flow_taker taker_for(struct delivery *d)
{
	return (struct flow_taker){{deliver, deliver_piece, d},
				   d->table->stats};
}

static int take_ack(const struct delivery *other, uint32_t ack)
{
	struct delivery d = {other->table, other->flow, 1 - other->dir};
	const struct flow_taker taker = taker_for(&d);

	return flow_stream_acked(stream_of(&d), ack, &taker);
}

int flow_tcp(struct flow_table *t, const struct flow_packet *p)
{
	struct delivery d = {.table = t};
	const struct flow_taker taker = taker_for(&d);
	int err;

	d.flow = find(t, p, true, &d.dir);
	if (!d.flow)
		return -ENOMEM;
	t->packet = p->number;
	t->time = p->time;
	err = flow_stream_take(stream_of(&d), p, &taker);
	t->stats->other += p->len > 0 && stream_of(&d)->ignored;
	return !err && p->has_ack ? take_ack(&d, p->ack) : err;
}

static void finish_direction(struct delivery *d)
{
	const struct flow_taker taker = taker_for(d);
	const struct cis_pickup *pickup;

	flow_stream_finish(stream_of(d), &taker);
	pickup = stream_of(d)->pickup;
	if (pickup && !pickup->proven)
		deliver_nearly(d, pickup->first, pickup->first_len);
}

void flow_finish(struct flow_table *t)
{
	for (unsigned b = 0; b < N_BUCKET; b++)
		for (struct flow *f = t->bucket[b]; f; f = f->next)
			for (unsigned i = 0; i < 2; i++)
				finish_direction(&(struct delivery){t, f, i});
}
