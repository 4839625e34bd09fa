/*
 * server_tcp.c - a TCP port where clients come and command their data, or one
 * port for each feed of a switchboard.
 *
 * With data=udp:[HOST:]PORT the data go by UDP: to the host that commands them,
 * or to the one that the operator named and never to one that a client named.
 * Each frame goes once to a HOST that all share.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "board.h"
#include "descriptors.h"
#include "door.h"
#include "multicast.h"
#include "tcp_peer.h"

#define BACKLOG      256
#define MAX_CLIENT   1024 /* unless clients=N is given */
/* Besides, of each feed of many, as far as files may be opened. */
#define FEED_CLIENTS 4

struct port {
	uv_tcp_t tcp;          /* its data is the endpoint */
	struct cis_feed *feed; /* NULL: that which the client names */
};

struct server {
	struct cis_endpoint ep;
	uint32_t n_port, n_listen; /* to be, and initialised */
	struct port *port;
	uv_udp_t udp; /* for data aside */
	bool aside;
	struct cis_tcp_peer *clients;
	uint32_t n_client;
	uint32_t max_client;
	bool told_full;
	bool failing; /* to send aside */
	/* The frame that went last to a HOST that all share. */
	const struct cis_feed *aside_feed;
	uint64_t aside_n;
	bool aside_went;
	struct cis_door door;
};

/* ---- clients ---- */

static void left(struct cis_tcp_peer *peer, const char *reason)
{
	struct server *s = (struct server *)peer->ep;
	struct cis_feed *feed = s->ep.feed;

	*peer->link = peer->next;
	if (peer->next)
		peer->next->link = peer->link;
	s->n_client--;
	s->told_full = false;
	feed->stats.clients--;
	cis_tell(&feed->room->teller, uv_now(feed->loop), CIS_LOG_INFO,
		 "client disconnected peer=%s dropped=%llu reason=\"%s\"",
		 peer->dialog.talker.name, (unsigned long long)peer->dropped,
		 reason);
}

static void closed(struct cis_tcp_peer *peer)
{
	free(peer);
}

/* ---- data aside ---- */

static bool send_aside(struct server *s, struct cis_feed *feed,
		       const struct sockaddr *to, const uint8_t *frame,
		       size_t len)
{
	uv_buf_t buf = uv_buf_init((char *)frame, (unsigned)len);
	int n = uv_udp_try_send(&s->udp, &buf, 1, to);
	char name[CIS_ADDR_SIZE];

	if (n >= 0)
		feed->stats.sent++;
	else
		feed->stats.dropped++;
	if (n < 0 && n != UV_EAGAIN && !s->failing)
		cis_tell(&feed->room->teller, uv_now(feed->loop), CIS_LOG_WARN,
			 "cannot send to=udp:%s reason=\"%s\"",
			 cis_addr_format(to, name), uv_strerror(n));
	s->failing = n < 0 && n != UV_EAGAIN;
	return n >= 0;
}

/* Where the data of a client go: its own host, the operator's port. */
static struct sockaddr_storage beside(const struct server *s,
				      const struct cis_tcp_peer *peer)
{
	struct sockaddr_storage to = peer->addr;

	cis_addr_set_port((struct sockaddr *)&to, s->ep.addr.data_port);
	return to;
}

static bool put_aside(struct cis_tcp_peer *peer, const uint8_t *frame,
		      size_t len)
{
	struct server *s = (struct server *)peer->ep;
	struct cis_feed *feed = peer->guest.feed;
	struct sockaddr_storage to = s->ep.addr.data_ss;

	if (!s->ep.addr.data_host[0]) {
		to = beside(s, peer);
	} else if (s->aside_feed == feed && s->aside_n == feed->ring.n_made) {
		return s->aside_went;
	} else {
		s->aside_feed = feed;
		s->aside_n = feed->ring.n_made;
	}
	s->aside_went = send_aside(s, feed, (struct sockaddr *)&to, frame, len);
	return s->aside_went;
}

/* ---- arriving ---- */

static const struct cis_tcp_peer_ops peer_ops = {left, closed, put_aside};

static void enter(struct server *s, struct cis_tcp_peer *peer)
{
	struct cis_feed *feed = s->ep.feed;

	peer->next = s->clients;
	peer->link = &s->clients;
	if (peer->next)
		peer->next->link = &peer->next;
	s->clients = peer;
	s->n_client++;
	feed->stats.clients++;
	feed->stats.clients_ever++;
	peer->aside = s->aside;
	peer->id = cis_feed_room_id(feed->room);
	cis_tell(&feed->room->teller, uv_now(feed->loop), CIS_LOG_INFO,
		 "client connected peer=%s clients=%u",
		 peer->dialog.talker.name, s->n_client);
}

static bool is_full(struct server *s)
{
	struct cis_feed *feed = s->ep.feed;

	if (s->n_client < s->max_client)
		return false;
	feed->stats.denied++;
	if (!s->told_full)
		cis_tell(&feed->room->teller, uv_now(feed->loop), CIS_LOG_WARN,
			 "client refused endpoint=%s clients=%u", s->ep.name,
			 s->n_client);
	s->told_full = true;
	return true;
}

static void arrived(uv_stream_t *stream, int status)
{
	const struct port *port = (struct port *)stream;
	struct server *s = stream->data;
	struct sockaddr_storage from = {.ss_family = AF_INET};
	int len = sizeof(from);
	struct cis_tcp_peer *peer;

	if (status < 0 || !(peer = cis_tcp_peer_new(&s->ep, &peer_ops)))
		return;
	if (uv_accept(stream, (uv_stream_t *)&peer->tcp) ||
	    uv_tcp_getpeername(&peer->tcp, (struct sockaddr *)&from, &len) ||
	    !cis_door_opens(&s->door, &s->ep, (struct sockaddr *)&from) ||
	    is_full(s)) {
		cis_tcp_peer_discard(peer);
		return;
	}
	cis_tcp_peer_start(peer, port->feed);
	enter(s, peer);
}

/* ---- the endpoint ---- */

static int open_aside(struct server *s, const struct sockaddr *own,
		      struct cis_diag *diag)
{
	struct cis_addr *addr = &s->ep.addr;
	struct sockaddr *data = (struct sockaddr *)&addr->data_ss;
	bool shared = addr->data_host[0];
	struct sockaddr_storage from;
	uv_os_fd_t fd;
	int err;

	if (!addr->data_port)
		return cis_fail(diag, -EINVAL,
				"%s: data=udp: nothing can be sent to port 0",
				s->ep.name);
	err = uv_udp_init_ex(s->ep.feed->loop, &s->udp,
			     shared ? data->sa_family : own->sa_family);
	if (err)
		return cis_net_fail(diag, err, "udp", shared ? data : own);
	cis_endpoint_hold(&s->ep, (uv_handle_t *)&s->udp);
	s->aside = true;
	if (shared && !uv_fileno((uv_handle_t *)&s->udp, &fd) &&
	    cis_addr_is_multicast(data))
		return cis_multicast_send(fd, addr, &addr->data_ss, diag);
	if (shared)
		return 0;
	/* A client knows the data by the address that it commands. */
	memcpy(&from, own, sizeof(from));
	cis_addr_set_port((struct sockaddr *)&from, 0);
	err = uv_udp_bind(&s->udp, (struct sockaddr *)&from, 0);
	return err ? cis_net_fail(diag, err, "udp", own) : 0;
}

static void close_server(struct cis_endpoint *ep, bool now)
{
	struct server *s = (struct server *)ep;
	struct cis_tcp_peer *next;

	cis_endpoint_close(ep);
	for (uint32_t k = 0; k < s->n_listen; k++)
		cis_endpoint_close_one((uv_handle_t *)&s->port[k].tcp);
	for (struct cis_tcp_peer *p = s->clients; p; p = next) {
		next = p->next;
		cis_tcp_peer_leave(p, now);
	}
}

static void tell_clients(const struct cis_endpoint *ep,
			 const struct cis_client_visit *visit)
{
	const struct server *s = (const struct server *)ep;

	for (struct cis_tcp_peer *p = s->clients; p; p = p->next) {
		struct cis_client_info info = cis_tcp_peer_info(p);

		visit->each(visit->arg, &info);
	}
}

static int kick(struct cis_endpoint *ep, uint64_t id)
{
	struct cis_tcp_peer *p = ((struct server *)ep)->clients;

	while (p && p->id != id)
		p = p->next;
	if (!p)
		return -ENOENT;
	cis_tcp_peer_drop(p, "kicked");
	return 0;
}

/* How many connections there may be at once. A port for each feed needs open
 * files of its own. */
static int reserve_clients(struct server *s, struct cis_diag *diag)
{
	uint32_t n_feed = cis_board_count(s->ep.feed);
	uint32_t least = n_feed > MAX_CLIENT ? n_feed : MAX_CLIENT;
	uint32_t most = n_feed > 1 ? least + FEED_CLIENTS * n_feed : least;
	uint32_t n;

	s->n_port = s->ep.addr.each_port ? n_feed : 1;
	if (s->ep.addr.clients)
		least = most = s->ep.addr.clients;
	n = cis_descriptors_reserve(s->n_port - 1 + most);
	if (s->n_port > 1 && n < s->n_port)
		return cis_board_no_files(&s->ep, s->n_port, diag);
	s->max_client = n - (s->n_port - 1);
	if (s->max_client < least)
		cis_log(CIS_LOG_WARN,
			"%s: only %u of %u clients can be served: this process "
			"may not open more files; raise the hard limit "
			"(ulimit -Hn, or LimitNOFILE= of its service)",
			s->ep.name, s->max_client, least);
	return 0;
}

static int listen_at(struct server *s, struct port *port,
		     struct cis_board_feed f, struct cis_diag *diag)
{
	uint32_t n = cis_board_count(s->ep.feed) / s->n_port;
	struct sockaddr_storage sa;
	int err;

	cis_board_shift(&s->ep.addr, f, &sa);
	uv_tcp_init(s->ep.feed->loop, &port->tcp);
	cis_endpoint_adopt(&s->ep, (uv_handle_t *)&port->tcp);
	s->n_listen++;
	err = uv_tcp_bind(&port->tcp, (struct sockaddr *)&sa, 0);
	if (!err)
		cis_tcp_peer_buffers(s->ep.feed, &port->tcp);
	/* A port in use is told by listen. */
	if (!err)
		err = uv_listen((uv_stream_t *)&port->tcp,
				n > BACKLOG ? (int)n : BACKLOG, arrived);
	return err ? cis_board_fail(&s->ep, f, err, diag) : 0;
}

static int open_ports(struct server *s, struct cis_diag *diag)
{
	struct cis_feed *home = s->ep.feed;
	int err = 0;

	s->port = calloc(s->n_port, sizeof(*s->port));
	if (!s->port)
		return cis_fail(diag, -ENOMEM, "out of memory");
	for (uint32_t k = 0; k < s->n_port && !err; k++) {
		struct cis_board_feed f = cis_board_at(home, k);

		if (!home->board || s->ep.addr.each_port)
			s->port[k].feed = f.feed;
		err = listen_at(s, &s->port[k], f, diag);
	}
	return err;
}

static int open_server(struct cis_endpoint *ep, struct cis_diag *diag)
{
	struct server *s = (struct server *)ep;
	const struct sockaddr *sa = (struct sockaddr *)&ep->addr.ss[0];
	struct sockaddr_storage bound;
	int len = sizeof(bound);
	int err = cis_board_ports(ep->feed, &ep->addr, diag);

	cis_board_name(ep, "tcp", sa);
	if (!err)
		err = reserve_clients(s, diag);
	if (!err)
		err = open_ports(s, diag);
	if (err)
		return err;
	err = uv_tcp_getsockname(&s->port[0].tcp, (struct sockaddr *)&bound,
				 &len);
	if (err)
		return cis_net_fail(diag, err, "tcp", sa);
	cis_board_name(ep, "tcp", (struct sockaddr *)&bound);
	return ep->addr.words & CIS_WORD_DATA ? open_aside(s, sa, diag) : 0;
}

static void free_server(struct cis_endpoint *ep)
{
	free(((struct server *)ep)->port);
}

const struct cis_endpoint_ops cis_tcp_server_ops = {
	.size = sizeof(struct server),
	.words = CIS_WORD_DATA | CIS_WORD_CLIENTS | CIS_WORD_ALLOW |
		 CIS_WORD_PORTS,
	.open = open_server,
	.close = close_server,
	.free = free_server,
	.clients = tell_clients,
	.kick = kick,
};
