/*
 * udp_server.c - a UDP port that answers commands, or one port for each feed of
 * a switchboard.
 *
 * Its ports are opened, read and closed here; udp_dialog is what is said there,
 * udp_guests who has data on.
 */
#include <errno.h>
#include <stdlib.h>

#include "board.h"
#include "descriptors.h"
#include "door.h"
#include "udp_dialog.h"

#define MAX_PEER    64 /* unless clients=N is given */
#define FEED_PLACES 4  /* at least, of each feed of many */

struct server {
	struct cis_endpoint ep;
	uint32_t n_port, n_open; /* to be, and initialised */
	struct cis_udp_port *port;
	struct cis_door door;
	struct cis_udp_guests guests;
	struct cis_udp_dialog dialog;
};

/* ---- reading ---- */

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
	struct cis_udp_port *port = (struct cis_udp_port *)udp;
	struct server *s = udp->data;

	(void)flags;
	if (n > 0 && from && cis_door_opens(&s->door, &s->ep, from))
		cis_udp_dialog_take(&s->dialog, port, from,
				    (const uint8_t *)buf->base, (size_t)n);
	else if (n == UV_ECONNREFUSED && from) /* libuv has read the queue */
		cis_udp_guests_refused(&s->guests, from);
	if (n <= 0)
		cis_udp_port_take_refusals(port);
}

/* ---- the endpoint ---- */

static void close_server(struct cis_endpoint *ep, bool now)
{
	struct server *s = (struct server *)ep;

	(void)now;
	cis_udp_guests_clear(&s->guests);
	for (uint32_t k = 0; k < s->n_open; k++)
		cis_endpoint_close_one((uv_handle_t *)&s->port[k].udp);
}

static int open_port(struct server *s, struct cis_udp_port *port,
		     struct cis_board_feed f, struct cis_diag *diag)
{
	struct sockaddr_storage sa;
	int err;

	cis_board_shift(&s->ep.addr, f, &sa);
	uv_udp_init(s->ep.feed->loop, &port->udp);
	cis_endpoint_adopt(&s->ep, (uv_handle_t *)&port->udp);
	port->guests = &s->guests;
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
	if (cis_udp_guests_init(&s->guests, ep, most_places(s)))
		return cis_fail(diag, -ENOMEM, "out of memory");
	cis_board_name(ep, "udp", (struct sockaddr *)&ep->addr.ss[0]);
	cis_udp_dialog_init(&s->dialog, &s->guests);
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

static void tell_clients(const struct cis_endpoint *ep,
			 const struct cis_client_visit *visit)
{
	cis_udp_guests_tell(&((const struct server *)ep)->guests, visit);
}

static int kick(struct cis_endpoint *ep, uint64_t id)
{
	return cis_udp_guests_kick(&((struct server *)ep)->guests, id);
}

static void free_server(struct cis_endpoint *ep)
{
	struct server *s = (struct server *)ep;

	cis_udp_guests_free(&s->guests);
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
