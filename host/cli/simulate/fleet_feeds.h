/*
 * fleet_feeds.h - a feed for each simulated stream, and the TCP and UDP ports
 * where they are served.
 */
#ifndef HOST_CLI_SIMULATE_FLEET_FEEDS_H
#define HOST_CLI_SIMULATE_FLEET_FEEDS_H

#include "host/cli/stream_opts.h"
#include "host/net/feed.h"
#include "host/net/watch.h"
#include "host/sim/maker.h"
#include "host/sim/schedule.h"

struct cis_fleet_feeds;

struct cis_fleet_feeds_config {
	uv_loop_t *loop;
	struct cis_maker *maker; /* stays until free() */
	struct cis_shard shard;
	struct cis_stream_opts opts;
};

/* -ENOMEM, -EMSGSIZE, with a message; what is in *out is closed and freed in any
 * case. */
int cis_fleet_feeds_new(const struct cis_fleet_feeds_config *fc,
			struct cis_fleet_feeds **out, struct cis_diag *diag);

/* An exit status, with a message. */
int cis_fleet_feeds_open(struct cis_fleet_feeds *ff, enum cis_feed_role role,
			 const char *spec, struct cis_diag *diag);
/* TCP on 127.0.0.1:4712, or the next free port and a warning. */
int cis_fleet_feeds_open_default(struct cis_fleet_feeds *ff,
				 struct cis_diag *diag);

/* Endpoint k as it really is; NULL past the last. */
const char *cis_fleet_feeds_endpoint(const struct cis_fleet_feeds *ff,
				     unsigned k);

/* The first frame will be that of `at`: until then configurations are of then. */
void cis_fleet_feeds_begin(struct cis_fleet_feeds *ff, struct cis_instant at);

/* Stream i has come to `at`; whether its configuration has changed. */
void cis_fleet_feeds_at(struct cis_fleet_feeds *ff, uint32_t i,
			struct cis_instant at, bool changed);
/* Whether some of them go out as datagrams. */
bool cis_fleet_feeds_have_datagrams(const struct cis_fleet_feeds *ff);

/* Room for data frames of so many bytes; -ENOMEM. */
int cis_fleet_feeds_make_room(struct cis_fleet_feeds *ff, size_t data_max);

/* Configurations are those of another maker from now on, of the same streams;
 * whose have changed, at() tells. */
void cis_fleet_feeds_change(struct cis_fleet_feeds *ff, struct cis_maker *maker,
			    const struct cis_stream_opts *opts);

/* A frame, to all who want it. */
void cis_fleet_feeds_put(struct cis_fleet_feeds *ff, uint32_t i,
			 const uint8_t *frame, size_t len);

uint64_t cis_fleet_feeds_backlog(const struct cis_fleet_feeds *ff, uint32_t i);
void cis_fleet_feeds_stats(const struct cis_fleet_feeds *ff,
			   struct cis_feed_stats *stats);

/* See watch.h. */
void cis_fleet_feeds_set_watch(struct cis_fleet_feeds *ff,
			       const struct cis_feed_watch *watch);
void cis_fleet_feeds_clients(const struct cis_fleet_feeds *ff,
			     void (*each)(void *arg,
					  const struct cis_client_info *info),
			     void *arg);
int cis_fleet_feeds_kick(struct cis_fleet_feeds *ff, uint64_t id);

/* As cis_feed_close(); the loop must run on. NULL is allowed. */
void cis_fleet_feeds_close(struct cis_fleet_feeds *ff);
/* Before close(): gone() once nothing of them is left on the loop. False: there
 * is nothing. */
bool cis_fleet_feeds_when_gone(struct cis_fleet_feeds *ff,
			       void (*gone)(void *arg), void *arg);
/* After that, or the loop has ended. NULL is allowed. */
void cis_fleet_feeds_free(struct cis_fleet_feeds *ff);

#endif
