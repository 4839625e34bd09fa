/*
 * udp_server.c - a UDP port that answers commands.
 *
 * Answers go to the sender's address; each address has its data on or off by
 * itself. A peer that sends nothing more stays on until it says off, or until
 * all places are taken and a newcomer needs its own: first those go whose
 * system refuses the data (ICMP), then the peer of the newcomer's host that
 * was silent longest, then whoever was silent for an hour.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dialog.h"
#include "door.h"
#include "hosts.h"
#include "udp_refused.h"

#define MAX_PEER 64 /* unless clients=N is given */

struct peer {
	struct sockaddr_storage addr;
	enum cis_c37_type cfg; /* the kind that it asked for last, or DATA */
	char name[CIS_ADDR_SIZE];
	bool failing;
	bool refused;      /* since it last said something */
	uint64_t turn;     /* of what it said last, among all that was said */
	uint64_t heard_ms; /* when that was */
};

/* Whoever asked for a configuration, mostly before data on. */
struct asker {
	struct sockaddr_storage addr;
	enum cis_c37_type cfg;
};

struct server {
	struct cis_endpoint ep;
	uv_udp_t udp;
	bool told_full, told_flood;
	uint64_t n_turn;
	struct cis_talker talker; /* whoever sent the last datagram */
	struct cis_door door;
	struct cis_hosts hosts;
	unsigned n_peer, max_peer;
	struct peer *peer; /* with data on */
	uint64_t n_asker;  /* so far; the last max_peer are known */
	struct asker *asker;
};

static uint64_t now_ms(const struct server *s)
{
	return uv_now(s->ep.feed->loop);
}

/* ---- peers ---- */

static unsigned find(const struct server *s, const struct sockaddr *from)
{
	unsigned i = 0;

	while (i < s->n_peer &&
	       !cis_addr_equal((const struct sockaddr *)&s->peer[i].addr, from))
		i++;
	return i;
}

static void copy_addr(struct sockaddr_storage *to, const struct sockaddr *from)
{
	memset(to, 0, sizeof(*to));
	memcpy(to, from,
	       from->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6)
					   : sizeof(struct sockaddr_in));
}

/* NULL: it has not asked, or long ago. */
static struct asker *asker_of(const struct server *s,
			      const struct sockaddr *who)
{
	for (unsigned i = 0; i < s->max_peer && i < s->n_asker; i++)
		if (cis_addr_equal((struct sockaddr *)&s->asker[i].addr, who))
			return &s->asker[i];
	return NULL;
}

static void asked(struct server *s, const struct sockaddr *who,
		  enum cis_c37_type cfg)
{
	struct asker *a = asker_of(s, who);
	unsigned i = find(s, who);

	if (!a) {
		a = &s->asker[s->n_asker++ % s->max_peer];
		copy_addr(&a->addr, who);
	}
	a->cfg = cfg;
	if (i < s->n_peer)
		s->peer[i].cfg = cfg;
}

static void remove_peer(struct server *s, unsigned i)
{
	struct cis_feed_stats *stats = &s->ep.feed->stats;

	s->peer[i] = s->peer[--s->n_peer];
	s->told_full = false;
	stats->clients--;
	stats->clients_running--;
}

/* Whether `a` gives way to the newcomer rather than `b`. */
static bool gives_way(const struct peer *a, const struct peer *b,
		      const struct sockaddr *newcomer)
{
	bool a_near =
		cis_addr_same_host((const struct sockaddr *)&a->addr, newcomer);
	bool b_near =
		cis_addr_same_host((const struct sockaddr *)&b->addr, newcomer);

	if (a->refused != b->refused)
		return a->refused;
	if (a_near != b_near)
		return a_near;
	return a->turn < b->turn;
}

/* All places are taken: true when one is free now. */
static bool make_room(struct server *s, const struct sockaddr *newcomer)
{
	struct cis_feed *feed = s->ep.feed;
	char name[CIS_ADDR_SIZE];
	struct peer *p;
	uint64_t silent_ms;
	unsigned i = 0;

	for (unsigned k = 1; k < s->n_peer; k++)
		if (gives_way(&s->peer[k], &s->peer[i], newcomer))
			i = k;
	p = &s->peer[i];
	silent_ms = uv_now(feed->loop) - p->heard_ms;
	if (!p->refused && silent_ms < feed->silent_ms &&
	    !cis_addr_same_host((struct sockaddr *)&p->addr, newcomer))
		return false;
	cis_tell(&feed->room->teller, now_ms(s), CIS_LOG_WARN,
		 "peer gives way peer=%s newcomer=%s silent_s=%llu "
		 "reason=\"%s\"",
		 p->name, cis_addr_format(newcomer, name),
		 (unsigned long long)(silent_ms / 1000),
		 p->refused ? "nobody listens" : "all places are taken");
	remove_peer(s, i);
	return true;
}

static void tell_full(struct server *s)
{
	if (!s->told_full)
		cis_tell(&s->ep.feed->room->teller, now_ms(s), CIS_LOG_WARN,
			 "peer refused endpoint=%s peers=%u", s->ep.name,
			 s->n_peer);
	s->told_full = true;
	s->ep.feed->stats.denied++;
}

static void heard(struct server *s, struct peer *p)
{
	p->refused = false;
	p->turn = s->n_turn++;
	p->heard_ms = uv_now(s->ep.feed->loop);
}

static void data_on(struct server *s, const struct sockaddr *from)
{
	struct cis_feed_stats *stats = &s->ep.feed->stats;
	const struct asker *a = asker_of(s, from);
	struct peer *p;

	if (find(s, from) < s->n_peer)
		return;
	if (s->n_peer == s->max_peer && !make_room(s, from)) {
		tell_full(s);
		return;
	}
	p = &s->peer[s->n_peer++];
	memset(p, 0, sizeof(*p));
	copy_addr(&p->addr, from);
	p->cfg = a ? a->cfg : CIS_C37_DATA;
	cis_addr_format(from, p->name);
	heard(s, p);
	stats->clients++;
	stats->clients_ever++;
	stats->clients_running++;
	cis_tell(&s->ep.feed->room->teller, now_ms(s), CIS_LOG_INFO,
		 "data on peer=%s", p->name);
}

static void data_off(struct server *s, const struct sockaddr *from)
{
	unsigned i = find(s, from);

	if (i == s->n_peer)
		return;
	cis_tell(&s->ep.feed->room->teller, now_ms(s), CIS_LOG_INFO,
		 "data off peer=%s", s->peer[i].name);
	remove_peer(s, i);
}

/* ---- sending ---- */

static void was_refused(struct server *s, const struct sockaddr *who)
{
	unsigned i = find(s, who);

	s->ep.feed->stats.refused++;
	if (i == s->n_peer)
		return;
	if (!s->peer[i].refused)
		cis_tell(&s->ep.feed->room->teller, now_ms(s), CIS_LOG_INFO,
			 "nobody listens peer=%s", s->peer[i].name);
	s->peer[i].refused = true;
}

static void take_refusals(struct server *s)
{
	struct sockaddr_storage who;

	while (cis_udp_refused(&s->udp, &who))
		was_refused(s, (struct sockaddr *)&who);
}

/* A refusal belongs to an earlier datagram, mostly another peer's. */
static int send_to(struct server *s, const struct sockaddr *to,
		   const uint8_t *frame, size_t len)
{
	uv_buf_t buf = uv_buf_init((char *)frame, (unsigned)len);
	int n = uv_udp_try_send(&s->udp, &buf, 1, to);

	if (n == UV_ECONNREFUSED) {
		take_refusals(s);
		n = uv_udp_try_send(&s->udp, &buf, 1, to);
	}
	if (n == UV_ECONNREFUSED)
		return UV_EAGAIN;
	return n < 0 ? n : 0;
}

static void put(struct cis_endpoint *ep, const uint8_t *frame, size_t len)
{
	struct server *s = (struct server *)ep;
	struct cis_feed_stats *stats = &ep->feed->stats;

	for (unsigned i = 0; i < s->n_peer; i++) {
		struct peer *p = &s->peer[i];
		int err = send_to(s, (struct sockaddr *)&p->addr, frame, len);

		if (err)
			stats->dropped++;
		else
			stats->sent++;
		if (err && err != UV_EAGAIN && !p->failing)
			cis_tell(&ep->feed->room->teller, now_ms(s),
				 CIS_LOG_WARN,
				 "cannot send peer=%s reason=\"%s\"", p->name,
				 uv_strerror(err));
		p->failing = err && err != UV_EAGAIN;
	}
}

/* ---- commands ---- */

static void obey(struct server *s, const struct sockaddr *from, int command)
{
	struct cis_feed *feed = s->ep.feed;
	enum cis_c37_type type;
	int len;

	if (command == CIS_C37_CMD_DATA_ON)
		data_on(s, from);
	else if (command == CIS_C37_CMD_DATA_OFF)
		data_off(s, from);
	if (!cis_dialog_answer(command, &type))
		return;
	if (type == CIS_C37_CFG2 || type == CIS_C37_CFG3)
		asked(s, from, type);
	len = cis_feed_encode(feed, type);
	if (len > 0)
		send_to(s, from, feed->room->scratch, (size_t)len);
}

static bool may_speak(struct server *s, const struct sockaddr *from, bool known)
{
	if (cis_hosts_take(&s->hosts, from, known, now_ms(s))) {
		s->told_flood = false;
		return true;
	}
	s->ep.feed->stats.denied++;
	if (!s->told_flood)
		cis_tell(&s->ep.feed->room->teller, now_ms(s), CIS_LOG_WARN,
			 "too many commands, some are ignored endpoint=%s "
			 "peer=%s",
			 s->ep.name, s->talker.name);
	s->told_flood = true;
	return false;
}

/* A datagram holds whole frames, nearly always one. */
static void take(struct server *s, const struct sockaddr *from,
		 const uint8_t *data, size_t len)
{
	struct cis_feed *feed = s->ep.feed;
	unsigned i = find(s, from);
	bool known = i < s->n_peer;
	struct cis_c37_head head;
	bool good;
	int n = 0;

	if (known)
		heard(s, &s->peer[i]);
	cis_addr_format(from, s->talker.name);
	while (len > 0 && (n = cis_c37_peek(data, len, &head)) > 0) {
		if (!may_speak(s, from, known))
			return;
		obey(s, from,
		     cis_talker_hear(&s->talker, now_ms(s), data, (size_t)n,
				     &good));
		feed->stats.bad += !good;
		data += n;
		len -= (size_t)n;
	}
	feed->stats.bad += n <= 0;
}

static void read_buf(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	struct server *s = handle->data;

	(void)suggested;
	*buf = uv_buf_init((char *)s->ep.feed->room->rx,
			   sizeof(s->ep.feed->room->rx));
}

static void read_done(uv_udp_t *udp, ssize_t n, const uv_buf_t *buf,
		      const struct sockaddr *from, unsigned flags)
{
	struct server *s = udp->data;

	(void)flags;
	if (n > 0 && from && cis_door_opens(&s->door, &s->ep, from))
		take(udp->data, from, (const uint8_t *)buf->base, (size_t)n);
	else if (n == UV_ECONNREFUSED && from) /* libuv has read the queue */
		was_refused(udp->data, from);
	if (n <= 0)
		take_refusals(udp->data);
}

/* ---- the endpoint ---- */

static void announce(struct cis_endpoint *ep)
{
	struct server *s = (struct server *)ep;
	struct cis_feed *feed = ep->feed;

	for (unsigned i = 0; i < s->n_peer; i++) {
		const struct peer *p = &s->peer[i];
		bool knows = p->cfg != CIS_C37_DATA && feed->edition != 2005;
		int len = cis_feed_encode(feed, knows ? p->cfg : feed->push);

		if (len > 0)
			send_to(s, (struct sockaddr *)&p->addr,
				feed->room->scratch, (size_t)len);
	}
}

static int start(struct server *s, const struct sockaddr *sa)
{
	struct sockaddr_storage bound;
	int len = sizeof(bound);
	int err = uv_udp_bind(&s->udp, sa, UV_UDP_LINUX_RECVERR);

	if (!err)
		err = uv_udp_recv_start(&s->udp, read_buf, read_done);
	if (!err)
		err = uv_udp_getsockname(&s->udp, (struct sockaddr *)&bound,
					 &len);
	if (!err)
		cis_endpoint_name(&s->ep, "udp", (struct sockaddr *)&bound);
	return err;
}

static int open_server(struct cis_endpoint *ep, struct cis_diag *diag)
{
	struct server *s = (struct server *)ep;
	const struct sockaddr *sa = (struct sockaddr *)&ep->addr.ss[0];
	int err;

	s->max_peer = ep->addr.clients ? ep->addr.clients : MAX_PEER;
	s->peer = calloc(s->max_peer, sizeof(*s->peer));
	s->asker = calloc(s->max_peer, sizeof(*s->asker));
	if (!s->peer || !s->asker)
		return cis_fail(diag, -ENOMEM, "out of memory");
	s->talker.teller = &ep->feed->room->teller;
	s->talker.idcode = ep->feed->idcode;
	cis_hosts_init(&s->hosts, now_ms(s));
	uv_udp_init(ep->feed->loop, &s->udp);
	cis_endpoint_hold(ep, (uv_handle_t *)&s->udp);
	err = start(s, sa);
	return err ? cis_net_fail(diag, err, "udp", sa) : 0;
}

static void free_server(struct cis_endpoint *ep)
{
	struct server *s = (struct server *)ep;

	free(s->peer);
	free(s->asker);
}

const struct cis_endpoint_ops cis_udp_server_ops = {
	.size = sizeof(struct server),
	.words = CIS_WORD_CLIENTS | CIS_WORD_ALLOW,
	.datagrams = true,
	.open = open_server,
	.put = put,
	.announce = announce,
	.free = free_server,
};
