/*
 * server_tcp.c - a TCP port where clients come and command their data.
 *
 * With data=udp:[HOST:]PORT the data go by UDP: to the host that commands them,
 * or to the one that the operator named and never to one that a client named.
 * Each frame goes once to a HOST that all share.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "descriptors.h"
#include "door.h"
#include "multicast.h"
#include "tcp_peer.h"

#define BACKLOG    256
#define MAX_CLIENT 1024 /* unless clients=N is given */

struct server {
	struct cis_endpoint ep;
	uv_tcp_t tcp;
	uv_udp_t udp; /* for data aside */
	bool aside;
	struct cis_tcp_peer *clients;
	uint32_t n_client;
	uint32_t max_client;
	bool told_full;
	bool failing; /* to send aside */
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

static const struct cis_tcp_peer_ops peer_ops = {left, closed};

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
	cis_tcp_peer_start(peer);
	enter(s, peer);
}

/* ---- data aside ---- */

static void send_aside(struct server *s, const struct sockaddr *to,
		       const uint8_t *frame, size_t len)
{
	struct cis_feed *feed = s->ep.feed;
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
}

/* Where the data of a client go: its own host, the operator's port. */
static struct sockaddr_storage beside(const struct server *s,
				      const struct cis_tcp_peer *peer)
{
	struct sockaddr_storage to = peer->addr;

	cis_addr_set_port((struct sockaddr *)&to, s->ep.addr.data_port);
	return to;
}

static void put_aside(struct server *s, const uint8_t *frame, size_t len)
{
	bool shared = s->ep.addr.data_host[0];
	bool wanted = false;

	for (struct cis_tcp_peer *p = s->clients; p; p = p->next) {
		struct sockaddr_storage to;

		if (!p->running)
			continue;
		wanted = true;
		to = beside(s, p);
		if (!shared)
			send_aside(s, (struct sockaddr *)&to, frame, len);
	}
	if (shared && wanted)
		send_aside(s, (struct sockaddr *)&s->ep.addr.data_ss, frame,
			   len);
}

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

/* ---- the endpoint ---- */

static void put(struct cis_endpoint *ep, const uint8_t *frame, size_t len)
{
	struct server *s = (struct server *)ep;
	struct cis_tcp_peer *next;

	if (s->aside)
		put_aside(s, frame, len);
	for (struct cis_tcp_peer *p = s->clients; p; p = next) {
		next = p->next; /* pump() may drop p */
		cis_tcp_peer_pump(p);
	}
}

static void announce(struct cis_endpoint *ep)
{
	struct server *s = (struct server *)ep;

	for (struct cis_tcp_peer *p = s->clients; p; p = p->next)
		cis_tcp_peer_announce(p);
}

static void close_server(struct cis_endpoint *ep, bool now)
{
	struct server *s = (struct server *)ep;
	struct cis_tcp_peer *next;

	cis_endpoint_close(ep);
	for (struct cis_tcp_peer *p = s->clients; p; p = next) {
		next = p->next;
		cis_tcp_peer_leave(p, now);
	}
}

static uint64_t backlog(const struct cis_endpoint *ep)
{
	const struct server *s = (const struct server *)ep;
	uint64_t most = 0;

	for (const struct cis_tcp_peer *p = s->clients; p; p = p->next) {
		uint64_t n = cis_tcp_peer_backlog(p);

		if (n > most)
			most = n;
	}
	return most;
}

static void reserve_clients(struct server *s)
{
	uint32_t wanted = s->ep.addr.clients ? s->ep.addr.clients : MAX_CLIENT;

	s->max_client = cis_descriptors_reserve(wanted);
	if (s->max_client < wanted)
		cis_log(CIS_LOG_WARN,
			"%s: only %u of %u clients can be served: this process "
			"may not open more files; raise the hard limit "
			"(ulimit -Hn, or LimitNOFILE= of its service)",
			s->ep.name, s->max_client, wanted);
}

static int open_server(struct cis_endpoint *ep, struct cis_diag *diag)
{
	struct server *s = (struct server *)ep;
	const struct sockaddr *sa = (struct sockaddr *)&ep->addr.ss[0];
	struct sockaddr_storage bound;
	int len = sizeof(bound);
	int err;

	uv_tcp_init(ep->feed->loop, &s->tcp);
	cis_endpoint_hold(ep, (uv_handle_t *)&s->tcp);
	err = uv_tcp_bind(&s->tcp, sa, 0);
	if (!err)
		cis_tcp_peer_buffers(ep->feed, &s->tcp);
	/* A port in use is told by listen. */
	if (!err)
		err = uv_listen((uv_stream_t *)&s->tcp, BACKLOG, arrived);
	if (!err)
		err = uv_tcp_getsockname(&s->tcp, (struct sockaddr *)&bound,
					 &len);
	if (err)
		return cis_net_fail(diag, err, "tcp", sa);
	cis_endpoint_name(ep, "tcp", (struct sockaddr *)&bound);
	reserve_clients(s);
	return ep->addr.words & CIS_WORD_DATA ? open_aside(s, sa, diag) : 0;
}

const struct cis_endpoint_ops cis_tcp_server_ops = {
	.size = sizeof(struct server),
	.words = CIS_WORD_DATA | CIS_WORD_CLIENTS | CIS_WORD_ALLOW,
	.open = open_server,
	.put = put,
	.announce = announce,
	.close = close_server,
	.backlog = backlog,
};
