/* watch.c - see watch.h. */
#include "watch.h"

#include <errno.h>
#include <stdio.h>

#include "endpoint.h"

void cis_feed_set_watch(struct cis_feed *feed,
			const struct cis_feed_watch *watch)
{
	feed->watch = watch;
}

size_t cis_feed_config_frame(struct cis_feed *feed, const uint8_t **frame)
{
	int len = cis_feed_encode(feed, CIS_C37_CFG2);

	*frame = feed->room->scratch;
	return len > 0 ? (size_t)len : 0;
}

void cis_feed_clients(const struct cis_feed *feed,
		      void (*each)(void *arg,
				   const struct cis_client_info *info),
		      void *arg)
{
	const struct cis_client_visit visit = {each, arg};

	for (unsigned i = 0; i < feed->n_endpoint; i++)
		feed->endpoint[i]->ops->clients(feed->endpoint[i], &visit);
}

static int kick_at(struct cis_endpoint *ep, uint64_t id)
{
	if (ep->ops->kick)
		return ep->ops->kick(ep, id);
	return id == ep->id ? -EOPNOTSUPP : -ENOENT;
}

int cis_feed_kick(struct cis_feed *feed, uint64_t id)
{
	int err = -ENOENT;

	for (unsigned i = 0; i < feed->n_endpoint && err == -ENOENT; i++)
		err = kick_at(feed->endpoint[i], id);
	return err;
}

struct cis_client_info cis_client_of(uint64_t id, const char *address,
				     const char *transport, bool on)
{
	struct cis_client_info info = {
		.id = id,
		.transport = transport,
		.on = on,
		.state = on ? "STREAMING" : "CONNECTED",
	};

	snprintf(info.address, sizeof(info.address), "%s", address);
	return info;
}

struct cis_client_info cis_client_unasked(const struct cis_endpoint *ep,
					  const char *transport)
{
	struct cis_client_info info = cis_client_of(
		ep->id, cis_endpoint_address(ep), transport, true);

	info.idcode = ep->feed->idcode;
	info.unasked = true;
	return info;
}
