/*
 * outlets_watch.c - who gets the frames of simulated streams; see outlets.h.
 *
 * The outlets have the first ids, the clients of the feeds those that follow.
 */
#include <errno.h>
#include <string.h>

#include "outlets_parts.h"

const char *cis_outlet_address(const struct cis_outlet *to)
{
	return strchr(to->name, ':') + 1;
}

void cis_outlets_set_watch(struct cis_outlets *o,
			   const struct cis_feed_watch *watch)
{
	o->watch = watch;
	if (watch)
		o->of_feeds = *watch;
	o->of_feeds.data = NULL;
	if (o->feeds)
		cis_fleet_feeds_set_watch(o->feeds,
					  watch ? &o->of_feeds : NULL);
}

/* ---- outlets ---- */

static void count_udp(const struct cis_udp_batch *udp,
		      struct cis_client_info *info)
{
	struct cis_udp_batch_stats stats;

	cis_udp_batch_stats(udp, &stats);
	info->frames = stats.sent;
	info->bytes = stats.bytes;
	info->dropped = stats.dropped;
}

static void count_file(const struct cis_outlet *to,
		       struct cis_client_info *info)
{
	info->on = to->file;
	info->state = to->file ? info->state : "CLOSED";
	info->frames = to->frames;
	info->bytes = to->bytes;
	info->dropped = to->dropped;
}

static struct cis_client_info describe(const struct cis_outlets *o, unsigned k)
{
	const struct cis_outlet *to = &o->outlet[k];
	const struct cis_shard *shard = &o->oc.shard;
	struct cis_maker *m = o->oc.maker;
	bool udp = to->kind == CIS_OUTLET_UDP;
	struct cis_client_info info = cis_client_of(
		k + 1, cis_outlet_address(to), udp ? "UDP" : "FILE", true);

	info.unasked = true;
	if (shard->end - shard->first == 1)
		info.idcode = m->ops->idcode(m, shard->first);
	if (udp)
		count_udp(to->udp, &info);
	else
		count_file(to, &info);
	return info;
}

/* ---- all ---- */

struct visit {
	void (*each)(void *arg, const struct cis_client_info *info);
	void *arg;
};

static void visit_client(void *arg, const struct cis_client_info *info)
{
	const struct visit *v = arg;
	struct cis_client_info after = *info;

	after.id += CIS_MAX_OUTLET;
	v->each(v->arg, &after);
}

void cis_outlets_clients(const struct cis_outlets *o,
			 void (*each)(void *arg,
				      const struct cis_client_info *info),
			 void *arg)
{
	struct visit v = {each, arg};

	for (unsigned k = 0; k < o->n && !o->closed; k++) {
		struct cis_client_info info;

		if (o->outlet[k].kind == CIS_OUTLET_FEEDS)
			continue;
		info = describe(o, k);
		each(arg, &info);
	}
	if (o->feeds)
		cis_fleet_feeds_clients(o->feeds, visit_client, &v);
}

int cis_outlets_kick(struct cis_outlets *o, uint64_t id)
{
	if (o->closed || id == 0)
		return -ENOENT;
	if (id > CIS_MAX_OUTLET)
		return o->feeds ? cis_fleet_feeds_kick(o->feeds,
						       id - CIS_MAX_OUTLET)
				: -ENOENT;
	return id <= o->n && o->outlet[id - 1].kind != CIS_OUTLET_FEEDS
		       ? -EOPNOTSUPP
		       : -ENOENT;
}
