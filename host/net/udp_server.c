/*
 * udp_server.c - a UDP port that answers commands, or one port for each feed of
 * a switchboard.
 *
 * Answers go to the sender's address; each address has its data on or off by
 * itself, of one feed or many. A peer that sends nothing more stays on until it
 * says off, or until all places are taken and a newcomer needs its own.
 */
#include <errno.h>
#include <stdlib.h>

#include "board.h"
#include "descriptors.h"
#include "dialog.h"
#include "door.h"
#include "hosts.h"
#include "udp_peers.h"
#include "udp_refused.h"

#define MAX_PEER    64 /* unless clients=N is given */
#define FEED_PLACES 4  /* at least, of each feed of many */

struct port {
	uv_udp_t udp;          /* its data is the endpoint */
	struct cis_feed *feed; /* NULL: that which the command names */
};

struct server {
	struct cis_endpoint ep;
	uint32_t n_port, n_open; /* to be, and initialised */
	struct port *port;
	bool told_full, told_flood;
	struct cis_talker talker; /* whoever sent the last datagram */
	struct cis_feed *named;   /* by its command */
	struct cis_door door;
	struct cis_hosts hosts;
	struct cis_udp_peers peers;
};

static uint64_t now_ms(const struct server *s)
{
	return uv_now(s->ep.feed->loop);
}

static struct server *server_of(const struct port *port)
{
	return port->udp.data;
}

/* ---- places ---- */

static void remove_place(struct server *s, struct cis_udp_place *place)
{
	place->guest.feed->stats.clients_running--;
	s->ep.feed->stats.clients--;
	s->told_full = false;
	cis_guest_go(&place->guest);
	cis_udp_place_free(&s->peers, place);
}

/* All places are taken: true when one is free now. */
static bool make_room(struct server *s, const struct sockaddr *newcomer)
{
	struct cis_feed *home = s->ep.feed;
	struct cis_udp_peer *p = cis_udp_peers_yield(
		&s->peers, newcomer, home->silent_ms, now_ms(s));
	char name[CIS_ADDR_SIZE];

	if (!p)
		return false;
	cis_tell(&home->room->teller, now_ms(s), CIS_LOG_WARN,
		 "peer gives way peer=%s newcomer=%s silent_s=%llu "
		 "reason=\"%s\"",
		 p->name, cis_addr_format(newcomer, name),
		 (unsigned long long)((now_ms(s) - p->heard_ms) / 1000),
		 p->refused ? "nobody listens" : "all places are taken");
	remove_place(s, p->places);
	return true;
}

static void tell_full(struct server *s)
{
	struct cis_feed *home = s->ep.feed;

	if (!s->told_full)
		cis_tell(&home->room->teller, now_ms(s), CIS_LOG_WARN,
			 "peer refused endpoint=%s peers=%u", s->ep.name,
			 s->peers.n);
	s->told_full = true;
	home->stats.denied++;
}

/* ---- sending ---- */

static void was_refused(struct server *s, const struct sockaddr *who)
{
	struct cis_feed *home = s->ep.feed;
	struct cis_udp_peer *p = cis_udp_peers_find(&s->peers, who);

	home->stats.refused++;
	if (!p)
		return;
	if (!p->refused)
		cis_tell(&home->room->teller, now_ms(s), CIS_LOG_INFO,
			 "nobody listens peer=%s", p->name);
	p->refused = true;
}

static void take_refusals(struct port *port)
{
	struct sockaddr_storage who;

	while (cis_udp_refused(&port->udp, &who))
		was_refused(server_of(port), (struct sockaddr *)&who);
}

/* A refusal belongs to an earlier datagram, mostly another peer's. */
static int send_to(struct port *port, const struct sockaddr *to,
		   const uint8_t *frame, size_t len)
{
	uv_buf_t buf = uv_buf_init((char *)frame, (unsigned)len);
	int n = uv_udp_try_send(&port->udp, &buf, 1, to);

	if (n == UV_ECONNREFUSED) {
		take_refusals(port);
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
	struct port *port = place->port;
	struct server *s = server_of(port);
	int err = send_to(port, (struct sockaddr *)&peer->addr, frame, len);

	count(g, peer, !err, len);
	if (err && err != UV_EAGAIN && !peer->failing)
		cis_tell(&s->ep.feed->room->teller, now_ms(s), CIS_LOG_WARN,
			 "cannot send peer=%s reason=\"%s\"", peer->name,
			 uv_strerror(err));
	peer->failing = err && err != UV_EAGAIN;
}

static void announce(struct cis_guest *g)
{
	struct cis_udp_place *place = (struct cis_udp_place *)g;
	bool knows = place->cfg != CIS_C37_DATA && g->feed->edition != 2005;
	int len = cis_feed_encode(g->feed, knows ? place->cfg : g->feed->push);

	if (len > 0 &&
	    !send_to(place->port, (struct sockaddr *)&place->peer->addr,
		     g->feed->room->scratch, (size_t)len))
		cis_feed_note_sent(g->feed, place->peer->name, (size_t)len);
}

static void leave(struct cis_guest *g, bool now)
{
	struct cis_udp_place *place = (struct cis_udp_place *)g;

	(void)now;
	remove_place(server_of(place->port), place);
}

static const struct cis_guest_ops guest_ops = {put, announce, NULL, leave};

/* ---- commands ---- */

/* A feed has few guests; a peer may have thousands of places. */
static struct cis_udp_place *find(const struct server *s,
				  const struct cis_udp_peer *peer,
				  const struct cis_feed *feed)
{
	for (struct cis_guest *g = feed->guests; g; g = g->next) {
		struct cis_udp_place *place = (struct cis_udp_place *)g;

		if (g->ops == &guest_ops && place->peer == peer &&
		    server_of(place->port) == s)
			return place;
	}
	return NULL;
}

static struct cis_udp_place *place_of(const struct server *s,
				      const struct sockaddr *from,
				      const struct cis_feed *feed)
{
	struct cis_udp_peer *peer = cis_udp_peers_find(&s->peers, from);

	return peer ? find(s, peer, feed) : NULL;
}

static void data_on(struct port *port, const struct sockaddr *from,
		    struct cis_feed *feed)
{
	struct server *s = server_of(port);
	struct cis_feed *home = s->ep.feed;
	struct cis_udp_place *place = place_of(s, from, feed);

	if (place)
		return;
	if (s->peers.n < s->peers.max || make_room(s, from))
		place = cis_udp_place_new(&s->peers, from, now_ms(s));
	if (!place) {
		tell_full(s);
		return;
	}
	place->port = port;
	place->cfg = cis_udp_asked_for(&s->peers, from, feed->idcode);
	if (!place->peer->id)
		place->peer->id = cis_feed_room_id(home->room);
	place->guest.ops = &guest_ops;
	cis_guest_enter(&place->guest, feed);
	home->stats.clients++;
	home->stats.clients_ever++;
	feed->stats.clients_running++;
	cis_tell(&home->room->teller, now_ms(s), CIS_LOG_INFO,
		 "data on peer=%s idcode=%u", place->peer->name,
		 (unsigned)feed->idcode);
}

static void data_off(struct port *port, const struct sockaddr *from,
		     struct cis_feed *feed)
{
	struct server *s = server_of(port);
	struct cis_udp_place *place = place_of(s, from, feed);

	if (!place)
		return;
	cis_tell(&s->ep.feed->room->teller, now_ms(s), CIS_LOG_INFO,
		 "data off peer=%s idcode=%u", place->peer->name,
		 (unsigned)feed->idcode);
	remove_place(s, place);
}

static void asked(struct server *s, const struct sockaddr *from,
		  struct cis_feed *feed, enum cis_c37_type cfg)
{
	struct cis_udp_place *place = place_of(s, from, feed);

	cis_udp_asked(&s->peers, from, feed->idcode, cfg);
	if (place)
		place->cfg = cfg;
}

static void obey(struct port *port, const struct sockaddr *from, int command)
{
	struct server *s = server_of(port);
	struct cis_feed *feed = port->feed ? port->feed : s->named;
	enum cis_c37_type type;
	int len;

	if (command == CIS_C37_CMD_DATA_ON)
		data_on(port, from, feed);
	else if (command == CIS_C37_CMD_DATA_OFF)
		data_off(port, from, feed);
	if (!cis_dialog_answer(command, &type))
		return;
	if (type == CIS_C37_CFG2 || type == CIS_C37_CFG3)
		asked(s, from, feed, type);
	len = cis_feed_encode(feed, type);
	if (len > 0 && !send_to(port, from, feed->room->scratch, (size_t)len))
		cis_feed_note_sent(feed, s->talker.name, (size_t)len);
}

static bool may_speak(struct server *s, const struct sockaddr *from, bool known)
{
	struct cis_feed *home = s->ep.feed;

	if (cis_hosts_take(&s->hosts, from, known, now_ms(s))) {
		s->told_flood = false;
		return true;
	}
	home->stats.denied++;
	if (!s->told_flood)
		cis_tell(&home->room->teller, now_ms(s), CIS_LOG_WARN,
			 "too many commands, some are ignored endpoint=%s "
			 "peer=%s",
			 s->ep.name, s->talker.name);
	s->told_flood = true;
	return false;
}

/* On a port of many. */
static bool admits(void *arg, uint16_t idcode)
{
	struct server *s = arg;

	s->named = cis_board_called(s->ep.feed, idcode);
	return s->named != NULL;
}

static void heard(void *arg, const uint8_t *frame, size_t len)
{
	const struct server *s = arg;
	const struct cis_feed_watch *watch = s->named->watch;

	if (watch && watch->command)
		watch->command(watch->arg, s->talker.name, frame, len);
}

/* A peer may have gone by its last command. */
static void count_bad(struct server *s, const struct sockaddr *from, unsigned n)
{
	struct cis_udp_peer *peer =
		n ? cis_udp_peers_find(&s->peers, from) : NULL;

	s->ep.feed->stats.bad += n;
	if (peer)
		peer->bad += n;
}

/* A datagram holds whole frames, nearly always one. */
static void take(struct port *port, const struct sockaddr *from,
		 const uint8_t *data, size_t len)
{
	struct server *s = server_of(port);
	struct cis_udp_peer *peer = cis_udp_peers_find(&s->peers, from);
	bool known = peer != NULL; /* a command may be its last */
	unsigned n_bad = 0;
	struct cis_c37_head head;
	bool good;
	int n = 0;

	if (peer)
		cis_udp_peers_heard(&s->peers, peer, now_ms(s));
	cis_addr_format(from, s->talker.name);
	s->talker.admits = port->feed ? NULL : admits;
	s->talker.idcode = port->feed ? port->feed->idcode : 0;
	s->named = port->feed;
	while (len > 0 && (n = cis_c37_peek(data, len, &head)) > 0) {
		if (!may_speak(s, from, known))
			break;
		obey(port, from,
		     cis_talker_hear(&s->talker, now_ms(s), data, (size_t)n,
				     &good));
		n_bad += !good;
		data += n;
		len -= (size_t)n;
	}
	count_bad(s, from, n_bad + (n <= 0));
}

static void read_buf(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	struct server *s = handle->data;
	struct cis_feed_room *room = s->ep.feed->room;

	(void)suggested;
	*buf = uv_buf_init((char *)room->rx, sizeof(room->rx));
}

static void read_done(uv_udp_t *udp, ssize_t n, const uv_buf_t *buf,
		      const struct sockaddr *from, unsigned flags)
{
	struct port *port = (struct port *)udp;
	struct server *s = server_of(port);

	(void)flags;
	if (n > 0 && from && cis_door_opens(&s->door, &s->ep, from))
		take(port, from, (const uint8_t *)buf->base, (size_t)n);
	else if (n == UV_ECONNREFUSED && from) /* libuv has read the queue */
		was_refused(s, from);
	if (n <= 0)
		take_refusals(port);
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

static void tell_clients(const struct cis_endpoint *ep,
			 const struct cis_client_visit *visit)
{
	const struct cis_udp_peers *t = &((const struct server *)ep)->peers;
	const struct cis_udp_peer *p;

	for (unsigned i = 0; i < t->n_hash && t->n; i++)
		for (p = t->bucket[i]; p; p = p->next) {
			struct cis_client_info info = describe(p);

			visit->each(visit->arg, &info);
		}
}

static void remove_peer(struct server *s, struct cis_udp_peer *p)
{
	struct cis_udp_place *next;

	cis_tell(&s->ep.feed->room->teller, now_ms(s), CIS_LOG_INFO,
		 "peer kicked peer=%s", p->name);
	for (struct cis_udp_place *place = p->places; place; place = next) {
		next = place->next; /* the peer goes with its last place */
		remove_place(s, place);
	}
}

static int kick(struct cis_endpoint *ep, uint64_t id)
{
	struct server *s = (struct server *)ep;
	struct cis_udp_peer *p = NULL;

	for (unsigned i = 0; i < s->peers.n_hash && !p; i++)
		for (p = s->peers.bucket[i]; p && p->id != id;)
			p = p->next;
	if (!p)
		return -ENOENT;
	remove_peer(s, p);
	return 0;
}

/* ---- the endpoint ---- */

static void close_server(struct cis_endpoint *ep, bool now)
{
	struct server *s = (struct server *)ep;

	(void)now;
	for (unsigned i = 0; i < s->peers.n_hash && s->peers.bucket; i++)
		while (s->peers.bucket[i])
			remove_place(s, s->peers.bucket[i]->places);
	for (uint32_t k = 0; k < s->n_open; k++)
		cis_endpoint_close_one((uv_handle_t *)&s->port[k].udp);
}

static int open_port(struct server *s, struct port *port,
		     struct cis_board_feed f, struct cis_diag *diag)
{
	struct sockaddr_storage sa;
	int err;

	cis_board_shift(&s->ep.addr, f, &sa);
	uv_udp_init(s->ep.feed->loop, &port->udp);
	cis_endpoint_adopt(&s->ep, (uv_handle_t *)&port->udp);
	s->n_open++;
	err = uv_udp_bind(&port->udp, (struct sockaddr *)&sa,
			  UV_UDP_LINUX_RECVERR);
	if (!err)
		err = uv_udp_recv_start(&port->udp, read_buf, read_done);
	return err ? cis_board_fail(&s->ep, f, err, diag) : 0;
}

static int open_ports(struct server *s, struct cis_diag *diag)
{
	struct cis_feed *home = s->ep.feed;
	bool each = s->ep.addr.each_port;
	int err = 0;

	s->n_port = each ? cis_board_count(home) : 1;
	s->port = calloc(s->n_port, sizeof(*s->port));
	if (!s->port)
		return cis_fail(diag, -ENOMEM, "out of memory");
	if (each && cis_descriptors_reserve(s->n_port) < s->n_port)
		return cis_board_no_files(&s->ep, s->n_port, diag);
	for (uint32_t k = 0; k < s->n_port && !err; k++) {
		struct cis_board_feed f = cis_board_at(home, k);

		if (!home->board || each)
			s->port[k].feed = f.feed;
		err = open_port(s, &s->port[k], f, diag);
	}
	return err;
}

static unsigned most_places(const struct server *s)
{
	uint32_t n = FEED_PLACES * cis_board_count(s->ep.feed);

	if (s->ep.addr.clients)
		return s->ep.addr.clients;
	return n > MAX_PEER ? n : MAX_PEER;
}

static int open_server(struct cis_endpoint *ep, struct cis_diag *diag)
{
	struct server *s = (struct server *)ep;
	struct sockaddr_storage bound;
	int len = sizeof(bound);
	int err = cis_board_ports(ep->feed, &ep->addr, diag);

	if (err)
		return err;
	if (cis_udp_peers_init(&s->peers, most_places(s)))
		return cis_fail(diag, -ENOMEM, "out of memory");
	cis_board_name(ep, "udp", (struct sockaddr *)&ep->addr.ss[0]);
	s->talker.teller = &ep->feed->room->teller;
	s->talker.heard = heard;
	s->talker.arg = s;
	cis_hosts_init(&s->hosts, cis_board_count(ep->feed), now_ms(s));
	err = open_ports(s, diag);
	if (err)
		return err;
	err = uv_udp_getsockname(&s->port[0].udp, (struct sockaddr *)&bound,
				 &len);
	if (err)
		return cis_net_fail(diag, err, "udp",
				    (struct sockaddr *)&ep->addr.ss[0]);
	cis_board_name(ep, "udp", (struct sockaddr *)&bound);
	return 0;
}

static void free_server(struct cis_endpoint *ep)
{
	struct server *s = (struct server *)ep;

	cis_udp_peers_free(&s->peers);
	free(s->port);
}

const struct cis_endpoint_ops cis_udp_server_ops = {
	.size = sizeof(struct server),
	.words = CIS_WORD_CLIENTS | CIS_WORD_ALLOW | CIS_WORD_PORTS,
	.datagrams = true,
	.open = open_server,
	.close = close_server,
	.free = free_server,
	.clients = tell_clients,
	.kick = kick,
};
