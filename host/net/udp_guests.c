/* udp_guests.c - see udp_guests.h. */
#include "udp_guests.h"

#include <errno.h>

#include "udp_refused.h"

static uint64_t now_ms(const struct cis_udp_guests *t)
{
	return uv_now(t->ep->feed->loop);
}

/* ---- places ---- */

static void remove_place(struct cis_udp_guests *t, struct cis_udp_place *place)
{
	place->guest.feed->stats.clients_running--;
	t->ep->feed->stats.clients--;
	t->told_full = false;
	cis_guest_go(&place->guest);
	cis_udp_place_free(&t->peers, place);
}

/* All places are taken: true when one is free now. */
static bool make_room(struct cis_udp_guests *t, const struct sockaddr *newcomer)
{
	struct cis_feed *home = t->ep->feed;
	struct cis_udp_peer *p = cis_udp_peers_yield(
		&t->peers, newcomer, home->silent_ms, now_ms(t));
	char name[CIS_ADDR_SIZE];

	if (!p)
		return false;
	cis_tell(&home->room->teller, now_ms(t), CIS_LOG_WARN,
		 "peer gives way peer=%s newcomer=%s silent_s=%llu "
		 "reason=\"%s\"",
		 p->name, cis_addr_format(newcomer, name),
		 (unsigned long long)((now_ms(t) - p->heard_ms) / 1000),
		 p->refused ? "nobody listens" : "all places are taken");
	remove_place(t, p->places);
	return true;
}

static void tell_full(struct cis_udp_guests *t)
{
	struct cis_feed *home = t->ep->feed;

	if (!t->told_full)
		cis_tell(&home->room->teller, now_ms(t), CIS_LOG_WARN,
			 "peer refused endpoint=%s peers=%u", t->ep->name,
			 t->peers.n);
	t->told_full = true;
	home->stats.denied++;
}

/* ---- sending ---- */

void cis_udp_guests_refused(struct cis_udp_guests *t,
			    const struct sockaddr *who)
{
	struct cis_feed *home = t->ep->feed;
	struct cis_udp_peer *p = cis_udp_peers_find(&t->peers, who);

	home->stats.refused++;
	if (!p)
		return;
	if (!p->refused)
		cis_tell(&home->room->teller, now_ms(t), CIS_LOG_INFO,
			 "nobody listens peer=%s", p->name);
	p->refused = true;
}

void cis_udp_port_take_refusals(struct cis_udp_port *port)
{
	struct sockaddr_storage who;

	while (cis_udp_refused(&port->udp, &who))
		cis_udp_guests_refused(port->guests, (struct sockaddr *)&who);
}

/* A refusal belongs to an earlier datagram, mostly another peer's. */
int cis_udp_port_send(struct cis_udp_port *port, const struct sockaddr *to,
		      const uint8_t *frame, size_t len)
{
	uv_buf_t buf = uv_buf_init((char *)frame, (unsigned)len);
	int n = uv_udp_try_send(&port->udp, &buf, 1, to);

	if (n == UV_ECONNREFUSED) {
		cis_udp_port_take_refusals(port);
		n = uv_udp_try_send(&port->udp, &buf, 1, to);
	}
	if (n == UV_ECONNREFUSED)
		return UV_EAGAIN;
	return n < 0 ? n : 0;
}

static void count(struct cis_guest *g, struct cis_udp_peer *peer, bool went,
		  size_t len)
{
	if (!went) {
		g->feed->stats.dropped++;
		peer->dropped++;
		return;
	}
	g->feed->stats.sent++;
	peer->frames++;
	peer->bytes += len;
}

static void put(struct cis_guest *g, const uint8_t *frame, size_t len)
{
	struct cis_udp_place *place = (struct cis_udp_place *)g;
	struct cis_udp_peer *peer = place->peer;
	struct cis_udp_port *port = place->port;
	struct cis_udp_guests *t = port->guests;
	int err = cis_udp_port_send(port, (struct sockaddr *)&peer->addr, frame,
				    len);

	count(g, peer, !err, len);
	if (err && err != UV_EAGAIN && !peer->failing)
		cis_tell(&t->ep->feed->room->teller, now_ms(t), CIS_LOG_WARN,
			 "cannot send peer=%s reason=\"%s\"", peer->name,
			 uv_strerror(err));
	peer->failing = err && err != UV_EAGAIN;
}

static void announce(struct cis_guest *g)
{
	struct cis_udp_place *place = (struct cis_udp_place *)g;
	bool knows = place->cfg != CIS_C37_DATA && g->feed->edition != 2005;
	int len = cis_feed_encode(g->feed, knows ? place->cfg : g->feed->push);

	if (len > 0 && !cis_udp_port_send(place->port,
					  (struct sockaddr *)&place->peer->addr,
					  g->feed->room->scratch, (size_t)len))
		cis_feed_note_sent(g->feed, place->peer->name, (size_t)len);
}

static void leave(struct cis_guest *g, bool now)
{
	struct cis_udp_place *place = (struct cis_udp_place *)g;

	(void)now;
	remove_place(place->port->guests, place);
}

static const struct cis_guest_ops guest_ops = {put, announce, NULL, leave};

/* ---- data on, data off ---- */

/* A feed has few guests; a peer may have thousands of places. */
static struct cis_udp_place *find(const struct cis_udp_guests *t,
				  const struct cis_udp_peer *peer,
				  const struct cis_feed *feed)
{
	for (struct cis_guest *g = feed->guests; g; g = g->next) {
		struct cis_udp_place *place = (struct cis_udp_place *)g;

		if (g->ops == &guest_ops && place->peer == peer &&
		    place->port->guests == t)
			return place;
	}
	return NULL;
}

static struct cis_udp_place *place_of(const struct cis_udp_guests *t,
				      const struct sockaddr *from,
				      const struct cis_feed *feed)
{
	struct cis_udp_peer *peer = cis_udp_peers_find(&t->peers, from);

	return peer ? find(t, peer, feed) : NULL;
}

void cis_udp_guests_on(struct cis_udp_port *port, const struct sockaddr *from,
		       struct cis_feed *feed)
{
	struct cis_udp_guests *t = port->guests;
	struct cis_feed *home = t->ep->feed;
	struct cis_udp_place *place = place_of(t, from, feed);

	if (place)
		return;
	if (t->peers.n < t->peers.max || make_room(t, from))
		place = cis_udp_place_new(&t->peers, from, now_ms(t));
	if (!place) {
		tell_full(t);
		return;
	}
	place->port = port;
	place->cfg = cis_udp_asked_for(&t->peers, from, feed->idcode);
	if (!place->peer->id)
		place->peer->id = cis_feed_room_id(home->room);
	place->guest.ops = &guest_ops;
	cis_guest_enter(&place->guest, feed);
	home->stats.clients++;
	home->stats.clients_ever++;
	feed->stats.clients_running++;
	cis_tell(&home->room->teller, now_ms(t), CIS_LOG_INFO,
		 "data on peer=%s idcode=%u", place->peer->name,
		 (unsigned)feed->idcode);
}

void cis_udp_guests_off(struct cis_udp_guests *t, const struct sockaddr *from,
			struct cis_feed *feed)
{
	struct cis_udp_place *place = place_of(t, from, feed);

	if (!place)
		return;
	cis_tell(&t->ep->feed->room->teller, now_ms(t), CIS_LOG_INFO,
		 "data off peer=%s idcode=%u", place->peer->name,
		 (unsigned)feed->idcode);
	remove_place(t, place);
}

void cis_udp_guests_asked(struct cis_udp_guests *t, const struct sockaddr *from,
			  const struct cis_feed *feed, enum cis_c37_type cfg)
{
	struct cis_udp_place *place = place_of(t, from, feed);

	cis_udp_asked(&t->peers, from, feed->idcode, cfg);
	if (place)
		place->cfg = cfg;
}

/* ---- who there is ---- */

static struct cis_client_info describe(const struct cis_udp_peer *p)
{
	struct cis_client_info info =
		cis_client_of(p->id, p->name, "UDP", true);

	info.idcode = p->places->next ? 0 : p->places->guest.feed->idcode;
	info.frames = p->frames;
	info.bytes = p->bytes;
	info.dropped = p->dropped;
	info.bad = p->bad;
	return info;
}

void cis_udp_guests_tell(const struct cis_udp_guests *t,
			 const struct cis_client_visit *visit)
{
	const struct cis_udp_peer *p;

	for (unsigned i = 0; i < t->peers.n_hash && t->peers.n; i++)
		for (p = t->peers.bucket[i]; p; p = p->next) {
			struct cis_client_info info = describe(p);

			visit->each(visit->arg, &info);
		}
}

static void remove_peer(struct cis_udp_guests *t, struct cis_udp_peer *p)
{
	struct cis_udp_place *next;

	cis_tell(&t->ep->feed->room->teller, now_ms(t), CIS_LOG_INFO,
		 "peer kicked peer=%s", p->name);
	for (struct cis_udp_place *place = p->places; place; place = next) {
		next = place->next; /* the peer goes with its last place */
		remove_place(t, place);
	}
}

int cis_udp_guests_kick(struct cis_udp_guests *t, uint64_t id)
{
	struct cis_udp_peer *p = NULL;

	for (unsigned i = 0; i < t->peers.n_hash && !p; i++)
		for (p = t->peers.bucket[i]; p && p->id != id;)
			p = p->next;
	if (!p)
		return -ENOENT;
	remove_peer(t, p);
	return 0;
}

/* ---- life ---- */

int cis_udp_guests_init(struct cis_udp_guests *t, struct cis_endpoint *ep,
			unsigned max)
{
	t->ep = ep;
	return cis_udp_peers_init(&t->peers, max);
}

void cis_udp_guests_clear(struct cis_udp_guests *t)
{
	for (unsigned i = 0; i < t->peers.n_hash && t->peers.bucket; i++)
		while (t->peers.bucket[i])
			remove_place(t, t->peers.bucket[i]->places);
}

void cis_udp_guests_free(struct cis_udp_guests *t)
{
	cis_udp_peers_free(&t->peers);
}
