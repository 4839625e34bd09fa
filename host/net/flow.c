/*
 * flow.c - see flow.h.
 *
 * A direction of TCP is put in order by sequence number. A hole is given up when
 * the other side acknowledges what lies behind it (the capture lost it, not the
 * network), when too much waits behind it, or at the end.
 */
#include "flow.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pickup.h"

#define N_BUCKET 4096
#define NEARLY   8 /* bytes that a frame may lack or have too many */

/* Behind a hole; and further than this from the next byte is a new stream. */
#define MAX_PENDING (1u << 20)
#define MAX_JUMP    (1 << 24)

/* Bytes without a frame after which a stream is something else. */
#define GIVE_UP_LEN (1u << 17)

struct segment {
	struct segment *next;
	uint32_t seq;
	size_t len;
	uint8_t data[];
};

struct direction {
	char from[CIS_ENDPOINT_SIZE];
	bool has_seq;
	bool has_syn; /* known from its first byte */
	bool ignored; /* not C37.118 */
	uint32_t next_seq;
	size_t pending_len;
	uint64_t taken; /* bytes */
	uint64_t lost;  /* bytes in no frame of splitters that are gone */
	struct segment *pending;
	struct cis_pickup *pickup; /* NULL until a byte has come */
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

static void drop_pending(struct direction *d)
{
	while (d->pending) {
		struct segment *s = d->pending;

		d->pending = s->next;
		free(s);
	}
	d->pending_len = 0;
}

static void flow_free(struct flow *f)
{
	for (unsigned i = 0; i < 2; i++) {
		drop_pending(&f->dir[i]);
		free(f->dir[i].pickup);
	}
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

static void ignore(struct direction *d)
{
	d->ignored = true;
	free(d->pickup);
	d->pickup = NULL;
	drop_pending(d);
}

static int begin(struct direction *d, const uint8_t *data, size_t len)
{
	struct cis_c37_head head;
	bool fits = cis_c37_peek(data, len, &head) != -EBADMSG;

	if (!fits && d->has_syn) {
		ignore(d);
		return 0;
	}
	d->pickup = malloc(sizeof(*d->pickup));
	if (!d->pickup)
		return -ENOMEM;
	cis_pickup_init(d->pickup);
	if (!fits)
		cis_pickup_gap(d->pickup);
	return 0;
}

/* The next bytes of a direction, in order. */
static int put(struct delivery *del, const uint8_t *data, size_t len)
{
	const struct cis_pickup_taker to = {deliver, deliver_piece, del};
	struct direction *d = &del->flow->dir[del->dir];

	d->next_seq += (uint32_t)len;
	d->taken += len;
	if (!d->ignored && !d->pickup && begin(d, data, len))
		return -ENOMEM;
	if (d->pickup) {
		cis_pickup_put(d->pickup, data, len, &to);
		if (!d->pickup->proven && d->taken > GIVE_UP_LEN)
			ignore(d);
	}
	return 0;
}

/* Hands on what waits and has its turn; over the hole, if `jump`. */
static int drain(struct delivery *del, bool jump)
{
	struct direction *d = &del->flow->dir[del->dir];
	int err = 0;

	while (d->pending && !err) {
		struct segment *s = d->pending;
		int32_t ahead = (int32_t)(s->seq - d->next_seq);
		size_t old;

		if (ahead > 0 && !jump)
			break;
		if (ahead > 0) {
			d->next_seq = s->seq;
			del->table->stats->gaps += d->pickup != NULL;
			if (d->pickup)
				cis_pickup_gap(d->pickup);
			ahead = 0;
		}
		jump = false;
		d->pending = s->next;
		d->pending_len -= s->len;
		old = (size_t) - (int64_t)ahead;
		if (old < s->len)
			err = put(del, s->data + old, s->len - old);
		else
			del->table->stats->repeated++;
		free(s);
	}
	return err;
}

static int wait_for_turn(struct direction *d, const struct flow_packet *p)
{
	struct segment **at = &d->pending, *s;

	while (*at && (int32_t)((*at)->seq - p->seq) <= 0)
		at = &(*at)->next;
	s = malloc(sizeof(*s) + p->len);
	if (!s)
		return -ENOMEM;
	s->seq = p->seq;
	s->len = p->len;
	memcpy(s->data, p->data, p->len);
	s->next = *at;
	*at = s;
	d->pending_len += p->len;
	return 0;
}

static void restart(struct direction *d, uint32_t seq, bool syn)
{
	drop_pending(d);
	if (d->pickup)
		d->lost += d->pickup->split.skipped;
	free(d->pickup);
	d->pickup = NULL;
	d->ignored = false;
	d->has_seq = true;
	d->has_syn = syn;
	d->next_seq = seq;
	d->taken = 0;
}

static int take_data(struct delivery *del, const struct flow_packet *p)
{
	struct direction *d = &del->flow->dir[del->dir];
	int32_t ahead;
	size_t old;

	if (!d->has_seq)
		restart(d, p->seq, false);
	ahead = (int32_t)(p->seq - d->next_seq);
	if (ahead > MAX_JUMP || ahead < -MAX_JUMP) {
		restart(d, p->seq, false);
		ahead = 0;
	}
	if (d->ignored) {
		d->next_seq = p->seq + (uint32_t)p->len;
		return 0;
	}
	if (ahead > 0) {
		int err = wait_for_turn(d, p);

		return err || d->pending_len <= MAX_PENDING ? err
							    : drain(del, true);
	}
	old = (size_t) - (int64_t)ahead;
	if (old >= p->len) {
		del->table->stats->repeated++;
		return 0;
	}
	if (put(del, p->data + old, p->len - old))
		return -ENOMEM;
	return drain(del, false);
}

/* What the other side acknowledges has arrived, if not in the capture. */
static int take_ack(struct delivery *del, uint32_t ack)
{
	const struct direction *d = &del->flow->dir[del->dir];
	int err = 0;

	while (!err && d->pending && (int32_t)(ack - d->pending->seq) > 0)
		err = drain(del, true);
	return err;
}

int flow_tcp(struct flow_table *t, const struct flow_packet *p)
{
	struct delivery del = {.table = t}, back;
	struct direction *d;
	int err = 0;

	del.flow = find(t, p, true, &del.dir);
	if (!del.flow)
		return -ENOMEM;
	t->packet = p->number;
	t->time = p->time;
	d = &del.flow->dir[del.dir];
	if (p->syn)
		restart(d, p->seq + 1, true);
	else if (p->len > 0)
		err = take_data(&del, p);
	t->stats->other += p->len > 0 && d->ignored;
	back = del;
	back.dir = 1 - del.dir;
	return !err && p->has_ack ? take_ack(&back, p->ack) : err;
}

static void finish_direction(struct delivery *del)
{
	const struct cis_pickup_taker to = {deliver, deliver_piece, del};
	struct direction *d = &del->flow->dir[del->dir];
	struct cis_capture_stats *stats = del->table->stats;

	while (d->pending && !drain(del, true))
		;
	stats->lost_bytes += d->lost;
	if (d->pickup) {
		size_t lost = cis_pickup_finish(d->pickup, &to);

		stats->lost_bytes += d->pickup->proven ? lost : 0;
		if (!d->pickup->proven)
			deliver_nearly(del, d->pickup->first,
				       d->pickup->first_len);
	}
}

void flow_finish(struct flow_table *t)
{
	for (unsigned b = 0; b < N_BUCKET; b++)
		for (struct flow *f = t->bucket[b]; f; f = f->next)
			for (unsigned i = 0; i < 2; i++)
				finish_direction(&(struct delivery){t, f, i});
}
