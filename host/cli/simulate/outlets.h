/*
 * outlets.h - where the frames of simulated streams go: UDP addresses and
 * capture files that get all of them unasked, and a feed for each stream where
 * TCP or a listener wants one.
 *
 * Configurations go out unasked at a stream's first frame, when its edition
 * changes, and as often as cfg_every_s says; each in its stream's own turn.
 */
#ifndef HOST_CLI_SIMULATE_OUTLETS_H
#define HOST_CLI_SIMULATE_OUTLETS_H

#include <uv.h>

#include "host/cli/endpoints.h"
#include "host/cli/stream_opts.h"
#include "host/net/watch.h"
#include "host/sim/maker.h"
#include "host/sim/schedule.h"

struct cis_outlets;

struct cis_outlets_config {
	uv_loop_t *loop;
	struct cis_maker *maker; /* stays, as all else that is pointed to */
	struct cis_shard shard;
	const struct cis_endpoints *endpoints;
	struct cis_stream_opts opts;
	bool overwrite; /* pcap:FILE may exist */
	bool flat_out;  /* a full socket is waited for */
};

/* An exit status, with a message; what is in *out is closed and freed in any
 * case. */
int cis_outlets_open(const struct cis_outlets_config *oc,
		     struct cis_outlets **out, struct cis_diag *diag);

/* Endpoint k as it really is: streams first, as they were given; NULL past the
 * last. */
const char *cis_outlets_endpoint(void *outlets, unsigned k);

/* Before the loop runs: the first frames will be those of `at`. */
void cis_outlets_begin(struct cis_outlets *o, struct cis_instant at);

/* A data frame of stream i of `at` was made and goes out at `when`: the
 * configuration that must go before it does. */
void cis_outlets_prepare(struct cis_outlets *o, uint32_t i,
			 struct cis_instant at, struct cis_time when,
			 uint8_t time_quality);

/* What is sent for stream i at `when`. */
void cis_outlets_put(struct cis_outlets *o, uint32_t i, struct cis_time when,
		     const uint8_t *frame, size_t len);

/* What was put is with the system afterwards. */
void cis_outlets_flush(struct cis_outlets *o);

/* What another maker of the same streams will need, before change(). -EINVAL,
 * -ENOMEM with a message; then nothing has changed. */
int cis_outlets_make_room(struct cis_outlets *o, struct cis_maker *maker,
			  struct cis_diag *diag);

/* The frames put from now on are another maker's, the first of them of `at`, and
 * these options hold. */
void cis_outlets_change(struct cis_outlets *o, struct cis_maker *maker,
			struct cis_instant at,
			const struct cis_stream_opts *opts);

/* Whether there are feeds; and of the feed of stream i, what its slowest
 * receiver has still to take. */
bool cis_outlets_have_feeds(const struct cis_outlets *o);
uint64_t cis_outlets_backlog(const struct cis_outlets *o, uint32_t i);
/* Whether a client has data on. */
bool cis_outlets_are_wanted(const struct cis_outlets *o);

/* Of data frames. */
struct cis_outlets_stats {
	uint64_t sent, dropped, refused;
	uint32_t clients;
	int err; /* the first of a file */
};

void cis_outlets_stats(const struct cis_outlets *o,
		       struct cis_outlets_stats *stats);

/*
 * See watch.h. Of all streams it is told who asks and what is answered; data and
 * unasked configurations only of the first stream of the shard, as they go out,
 * so that a fleet costs nothing.
 */
void cis_outlets_set_watch(struct cis_outlets *o,
			   const struct cis_feed_watch *watch);
/* UDP addresses and files, and the clients of the feeds. */
void cis_outlets_clients(const struct cis_outlets *o,
			 void (*each)(void *arg,
				      const struct cis_client_info *info),
			 void *arg);
/* As cis_feed_kick(). */
int cis_outlets_kick(struct cis_outlets *o, uint64_t id);

/* Sends what is queued and closes; NULL is allowed. May come twice. */
void cis_outlets_close(struct cis_outlets *o);
/* As cis_fleet_feeds_when_gone(). */
bool cis_outlets_when_gone(struct cis_outlets *o, void (*gone)(void *arg),
			   void *arg);
/* After that, or the loop has ended. */
void cis_outlets_free(struct cis_outlets *o);

#endif
