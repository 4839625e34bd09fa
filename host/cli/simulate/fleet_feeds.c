/*
 * fleet_feeds.c - see fleet_feeds.h.
 *
 * The configuration of a feed is the maker's, asked for when somebody wants it.
 */
#include "fleet_feeds.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cisoid/log.h"
#include "host/cli/cli.h"
#include "host/cli/endpoints.h"
#include "host/net/switchboard.h"

/* Of more feeds than this, slow clients are given less time. */
#define MANY    100
#define QUEUE_S 0.5

struct cis_fleet_feeds {
	struct cis_fleet_feeds_config fc;
	struct cis_instant at; /* of the latest frame */
	uint32_t n;
	struct cis_feed **feed; /* [shard]; NULL: not made */
	struct cis_feed_room *room;
	struct cis_switchboard *board;
	bool closed;
	struct cis_feed_stats at_end;
};

static const struct cis_c37_config *lend(void *arg, uint32_t i)
{
	struct cis_fleet_feeds *ff = arg;

	return ff->fc.maker->ops->config(ff->fc.maker, i, ff->at);
}

static int open_feed(struct cis_fleet_feeds *ff, uint32_t k,
		     struct cis_diag *diag)
{
	struct cis_maker *m = ff->fc.maker;
	uint32_t i = ff->fc.shard.first + k;
	const struct cis_feed_config fc = {
		.loop = ff->fc.loop,
		.room = ff->room,
		.lend = lend,
		.arg = ff,
		.i = i,
		.data_max = m->frame_max,
		.queue_s = ff->n > MANY ? QUEUE_S : 0,
		.header = m->header,
		.cfg_every_s = ff->fc.opts.cfg_every_s,
		.push = ff->fc.opts.push,
	};

	return cis_feed_new(&fc, &ff->feed[k], diag);
}

static int join(struct cis_fleet_feeds *ff, struct cis_diag *diag)
{
	const struct cis_feed_config fc = {.loop = ff->fc.loop,
					   .room = ff->room};
	int err = cis_switchboard_new(&fc, &ff->board, diag);

	for (uint32_t k = 0; k < ff->n && !err; k++)
		err = cis_switchboard_add(ff->board, ff->feed[k],
					  ff->fc.shard.first + k, diag);
	return err;
}

int cis_fleet_feeds_new(const struct cis_fleet_feeds_config *fc,
			struct cis_fleet_feeds **out, struct cis_diag *diag)
{
	struct cis_fleet_feeds *ff = calloc(1, sizeof(*ff));
	uint32_t n = fc->shard.end - fc->shard.first;
	int err = 0;

	if (ff)
		ff->feed = calloc(n + 1, sizeof(struct cis_feed *));
	if (!ff || !ff->feed) {
		free(ff);
		return cis_fail(diag, -ENOMEM, "out of memory");
	}
	ff->fc = *fc;
	ff->at.rate = fc->maker->rate;
	ff->n = n;
	*out = ff;
	if (cis_feed_room_new(fc->loop, &ff->room))
		return cis_fail(diag, -ENOMEM, "out of memory");
	for (uint32_t k = 0; k < n && !err; k++)
		err = open_feed(ff, k, diag);
	return err ? err : join(ff, diag);
}

static int open_endpoint(struct cis_fleet_feeds *ff, enum cis_feed_role role,
			 const char *spec, struct cis_diag *diag)
{
	return cis_switchboard_open(ff->board, role, spec, diag);
}

int cis_fleet_feeds_open(struct cis_fleet_feeds *ff, enum cis_feed_role role,
			 const char *spec, struct cis_diag *diag)
{
	return cis_exit_for(open_endpoint(ff, role, spec, diag));
}

static int listen_at(void *arg, const char *spec, struct cis_diag *diag)
{
	return open_endpoint(arg, CIS_FEED_LISTEN, spec, diag);
}

int cis_fleet_feeds_open_default(struct cis_fleet_feeds *ff,
				 struct cis_diag *diag)
{
	return cis_exit_for(cis_endpoints_default(listen_at, ff, diag));
}

const char *cis_fleet_feeds_endpoint(const struct cis_fleet_feeds *ff,
				     unsigned k)
{
	return cis_switchboard_endpoint(ff->board, k);
}

static struct cis_feed *feed_of(const struct cis_fleet_feeds *ff, uint32_t i)
{
	return ff->feed[i - ff->fc.shard.first];
}

void cis_fleet_feeds_begin(struct cis_fleet_feeds *ff, struct cis_instant at)
{
	ff->at = at;
}

void cis_fleet_feeds_at(struct cis_fleet_feeds *ff, uint32_t i,
			struct cis_instant at, bool changed)
{
	struct cis_diag diag = {""};

	ff->at = at;
	if (changed && cis_feed_set_config(feed_of(ff, i), &diag))
		cis_log(CIS_LOG_ERR, "%s", diag.msg);
}

bool cis_fleet_feeds_have_datagrams(const struct cis_fleet_feeds *ff)
{
	return cis_switchboard_has_datagrams(ff->board);
}

int cis_fleet_feeds_make_room(struct cis_fleet_feeds *ff, size_t data_max)
{
	int err = 0;

	for (uint32_t k = 0; k < ff->n && !err; k++)
		err = cis_feed_make_room(ff->feed[k], data_max);
	return err;
}

void cis_fleet_feeds_change(struct cis_fleet_feeds *ff, struct cis_maker *maker,
			    const struct cis_stream_opts *opts)
{
	struct cis_stream_opts *old = &ff->fc.opts;
	bool push = opts->push != old->push ||
		    opts->cfg_every_s != old->cfg_every_s;

	ff->fc.maker = maker;
	ff->fc.opts = *opts;
	for (uint32_t k = 0; k < ff->n && push; k++)
		cis_feed_set_push(ff->feed[k], opts->push, opts->cfg_every_s);
}

/* A frame may be cut off before its time quality. */
void cis_fleet_feeds_put(struct cis_fleet_feeds *ff, uint32_t i,
			 const uint8_t *frame, size_t len)
{
	if (len > CIS_C37_FRACSEC_AT)
		cis_feed_put_frame(feed_of(ff, i), ff->at,
				   frame[CIS_C37_FRACSEC_AT], frame, len);
}

uint64_t cis_fleet_feeds_backlog(const struct cis_fleet_feeds *ff, uint32_t i)
{
	return cis_feed_backlog(feed_of(ff, i));
}

void cis_fleet_feeds_stats(const struct cis_fleet_feeds *ff,
			   struct cis_feed_stats *stats)
{
	memset(stats, 0, sizeof(*stats));
	if (ff->closed)
		*stats = ff->at_end;
	else if (ff->board)
		cis_switchboard_stats(ff->board, stats);
}

void cis_fleet_feeds_set_watch(struct cis_fleet_feeds *ff,
			       const struct cis_feed_watch *watch)
{
	if (!ff->closed)
		cis_switchboard_set_watch(ff->board, watch);
}

void cis_fleet_feeds_clients(const struct cis_fleet_feeds *ff,
			     void (*each)(void *arg,
					  const struct cis_client_info *info),
			     void *arg)
{
	if (!ff->closed)
		cis_switchboard_clients(ff->board, each, arg);
}

int cis_fleet_feeds_kick(struct cis_fleet_feeds *ff, uint64_t id)
{
	return ff->closed ? -ENOENT : cis_switchboard_kick(ff->board, id);
}

bool cis_fleet_feeds_when_gone(struct cis_fleet_feeds *ff,
			       void (*gone)(void *arg), void *arg)
{
	if (!ff || !ff->room || ff->closed)
		return false;
	cis_feed_room_when_gone(ff->room, gone, arg);
	return true;
}

void cis_fleet_feeds_close(struct cis_fleet_feeds *ff)
{
	if (!ff || ff->closed)
		return;
	/* The loop frees them all. */
	cis_fleet_feeds_stats(ff, &ff->at_end);
	ff->closed = true;
	cis_switchboard_close(ff->board);
	for (uint32_t k = 0; k < ff->n; k++)
		cis_feed_close(ff->feed[k]);
	cis_feed_room_free(ff->room);
}

void cis_fleet_feeds_free(struct cis_fleet_feeds *ff)
{
	if (!ff)
		return;
	free(ff->feed);
	free(ff);
}
