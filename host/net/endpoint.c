/*
 * endpoint.c - how endpoints of a feed come to be and end; see endpoint.h.
 */
#include "endpoint.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void cis_endpoint_free(struct cis_endpoint *ep)
{
	if (ep->ops->free)
		ep->ops->free(ep);
	free(ep);
}

void cis_endpoint_adopt(struct cis_endpoint *ep, uv_handle_t *handle)
{
	handle->data = ep;
	ep->n_open++;
	cis_feed_hold(ep->feed);
}

void cis_endpoint_hold(struct cis_endpoint *ep, uv_handle_t *handle)
{
	ep->handle[ep->n_handle++] = handle;
	cis_endpoint_adopt(ep, handle);
}

static void handle_closed(uv_handle_t *handle)
{
	struct cis_endpoint *ep = handle->data;
	struct cis_feed *feed = ep->feed;

	ep->n_open--;
	if (ep->discarded && ep->n_open == 0)
		cis_endpoint_free(ep);
	cis_feed_release(feed);
}

void cis_endpoint_close_one(uv_handle_t *handle)
{
	if (!uv_is_closing(handle))
		uv_close(handle, handle_closed);
}

void cis_endpoint_close(struct cis_endpoint *ep)
{
	for (unsigned i = 0; i < ep->n_handle; i++)
		cis_endpoint_close_one(ep->handle[i]);
}

void cis_endpoint_leave(struct cis_endpoint *ep, bool now)
{
	if (ep->ops->close)
		ep->ops->close(ep, now);
	else
		cis_endpoint_close(ep);
}

bool cis_endpoint_is_udp(const struct cis_endpoint *ep)
{
	return ep->ops->datagrams || ep->addr.words & CIS_WORD_DATA;
}

void cis_endpoint_name(struct cis_endpoint *ep, const char *scheme,
		       const struct sockaddr *sa)
{
	char buf[CIS_ADDR_SIZE];

	snprintf(ep->name, sizeof(ep->name), "%s:%s", scheme,
		 cis_addr_format(sa, buf));
}

const char *cis_endpoint_address(const struct cis_endpoint *ep)
{
	return strchr(ep->name, ':') + 1;
}

static const struct cis_endpoint_ops *ops_for(enum cis_feed_role role,
					      enum cis_addr_kind kind)
{
	static const struct cis_endpoint_ops *const ops[2][3] = {
		[CIS_FEED_LISTEN] = {[CIS_ADDR_TCP] = &cis_tcp_server_ops,
				     [CIS_ADDR_UDP] = &cis_udp_server_ops},
		[CIS_FEED_STREAM] = {[CIS_ADDR_TCP] = &cis_tcp_push_ops,
				     [CIS_ADDR_UDP] = &cis_udp_stream_ops,
				     [CIS_ADDR_PCAP] = &cis_pcap_stream_ops},
	};

	return ops[role][kind];
}

/* Frames must fit, and the words must mean something. */
static int check(const struct cis_feed *feed,
		 const struct cis_endpoint_ops *ops,
		 const struct cis_addr *addr, struct cis_diag *diag)
{
	if (!ops)
		return cis_fail(diag, -EINVAL,
				"a file cannot be listened on; use --stream "
				"pcap:FILE");
	if ((ops->datagrams || addr->words & CIS_WORD_DATA) &&
	    feed->frame_max > CIS_C37_MAX_UDP)
		return cis_fail(diag, -EINVAL,
				"frames of %zu bytes do not fit into a "
				"datagram; use TCP or fewer PMUs",
				feed->frame_max);
	return cis_addr_only(addr,
			     feed->board
				     ? ops->words
				     : ops->words & ~(unsigned)CIS_WORD_PORTS,
			     diag);
}

static int make(struct cis_feed *feed, const struct cis_endpoint_ops *ops,
		const struct cis_addr *addr, struct cis_endpoint **out,
		struct cis_diag *diag)
{
	struct cis_endpoint *ep = calloc(1, ops->size);
	int err;

	if (!ep)
		return cis_fail(diag, -ENOMEM, "out of memory");
	ep->ops = ops;
	ep->feed = feed;
	ep->addr = *addr;
	ep->id = cis_feed_room_id(feed->room);
	err = ops->open(ep, diag);
	if (!err) {
		*out = ep;
		return 0;
	}
	ep->discarded = true;
	cis_endpoint_leave(ep, true);
	if (ep->n_open == 0)
		cis_endpoint_free(ep);
	return err;
}

/* Room for one more. */
static int make_room(struct cis_feed *feed, struct cis_diag *diag)
{
	struct cis_endpoint **list;

	if (feed->n_endpoint == CIS_MAX_ENDPOINT)
		return cis_fail(diag, -EINVAL, "more than %d endpoints",
				CIS_MAX_ENDPOINT);
	list = realloc(feed->endpoint,
		       (feed->n_endpoint + 1) * sizeof(struct cis_endpoint *));
	if (!list)
		return cis_fail(diag, -ENOMEM, "out of memory");
	feed->endpoint = list;
	return 0;
}

int cis_endpoint_add(struct cis_feed *feed, const struct cis_endpoint_ops *ops,
		     const struct cis_addr *addr, struct cis_diag *diag)
{
	int err = check(feed, ops, addr, diag);

	if (!err)
		err = make_room(feed, diag);
	if (!err)
		err = make(feed, ops, addr, &feed->endpoint[feed->n_endpoint],
			   diag);
	if (!err)
		feed->n_endpoint++;
	return err;
}

int cis_feed_add(struct cis_feed *feed, enum cis_feed_role role,
		 const char *spec, struct cis_diag *diag)
{
	const struct cis_endpoint_ops *ops;
	struct cis_addr addr;
	int err = cis_addr_parse(spec, &addr, diag);

	if (err)
		return err;
	ops = ops_for(role, addr.kind);
	err = check(feed, ops, &addr, diag);
	if (!err && addr.kind != CIS_ADDR_PCAP)
		err = cis_addr_resolve(&addr, diag);
	return err ? err : cis_endpoint_add(feed, ops, &addr, diag);
}

const char *cis_feed_endpoint(const struct cis_feed *feed, unsigned i)
{
	return i < feed->n_endpoint ? feed->endpoint[i]->name : NULL;
}

int cis_net_fail(struct cis_diag *diag, int err, const char *scheme,
		 const struct sockaddr *sa)
{
	char buf[CIS_ADDR_SIZE];

	cis_addr_format(sa, buf);
	switch (err) {
	case -EADDRINUSE:
		return cis_fail(diag, err,
				"%s:%s: the port is in use; stop the other "
				"program or choose another port",
				scheme, buf);
	case -EADDRNOTAVAIL:
		return cis_fail(diag, err,
				"%s:%s: not an address of this machine", scheme,
				buf);
	case -EACCES:
		return cis_fail(diag, -EADDRNOTAVAIL,
				"%s:%s: not permitted; ports below 1024 need "
				"privileges",
				scheme, buf);
	default:
		return cis_fail(diag, err, "%s:%s: %s", scheme, buf,
				uv_strerror(err));
	}
}
