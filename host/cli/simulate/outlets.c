/*
 * outlets.c - see outlets.h.
 *
 * UDP and files need no loop and no memory for a stream but when it told its
 * configuration last. Feeds are fleet_feeds.c; outlets_open.c makes them all.
 */
#include "outlets_parts.h"

#include <errno.h>
#include <stdlib.h>

#include "cisoid/log.h"
#include "cisoid/utc.h"
/* ---- sending ---- */

static void give_up_file(struct cis_outlets *o, struct cis_outlet *to)
{
	struct cis_diag diag = {""};
	int err;

	if (!to->file)
		return;
	err = cis_pcap_close(to->file, &diag);
	to->file = NULL;
	if (!err)
		return;
	cis_log(CIS_LOG_ERR, "%s", diag.msg);
	if (!o->done.err)
		o->done.err = err;
}

/* A file that cannot grow is given up, and its place on the disk too. */
static bool write_file(struct cis_outlets *o, struct cis_outlet *to,
		       struct cis_time when, const uint8_t *frame, size_t len)
{
	struct cis_time us = cis_time_add_ns(when, 500);
	int64_t tai_s = cis_time_floor_s(us);
	int64_t ns = us.tai_ns - tai_s * CIS_NS_PER_S;

	if (to->file && cis_pcap_put(to->file, cis_utc_from_tai(tai_s).soc,
				     (uint32_t)(ns / 1000), frame, len))
		give_up_file(o, to);
	return to->file;
}

static void count(struct cis_outlets *o, struct cis_outlet *to, bool written,
		  size_t len)
{
	if (!written) {
		o->done.dropped++;
		to->dropped++;
		return;
	}
	o->done.sent++;
	to->frames++;
	to->bytes += len;
}

void cis_outlets_put(struct cis_outlets *o, uint32_t i, struct cis_time when,
		     const uint8_t *frame, size_t len)
{
	for (unsigned k = 0; k < o->n; k++) {
		struct cis_outlet *to = &o->outlet[k];

		if (to->kind == CIS_OUTLET_UDP)
			cis_udp_batch_put(to->udp, i, frame, len);
		else if (to->kind == CIS_OUTLET_FILE)
			count(o, to, write_file(o, to, when, frame, len), len);
	}
	if (o->feeds)
		cis_fleet_feeds_put(o->feeds, i, frame, len);
	if (o->watch && o->watch->data && i == o->oc.shard.first)
		o->watch->data(o->watch->arg, frame, len);
}

/* CFG-3 where it is asked for and short enough. */
static int encode_config(struct cis_outlets *o, uint32_t i,
			 struct cis_instant at, uint8_t time_quality)
{
	struct cis_maker *m = o->oc.maker;
	const struct cis_c37_config *cfg = m->ops->config(m, i, at);
	enum cis_c37_type type = o->oc.opts.push;
	int len = 0;

	if (type == CIS_C37_CFG3 && cfg->edition != 2005)
		len = cis_c37_config_encode(cfg, type, cis_instant_split(at),
					    time_quality, o->scratch,
					    sizeof(o->scratch));
	if (len <= 0 || len > CIS_C37_MAX_UDP)
		len = cis_c37_config_encode(cfg, CIS_C37_CFG2,
					    cis_instant_split(at), time_quality,
					    o->scratch, sizeof(o->scratch));
	return len;
}

static void note_sent(const struct cis_outlets *o, const struct cis_outlet *to,
		      uint32_t i, size_t len)
{
	if (o->watch && o->watch->sent && i == o->oc.shard.first)
		o->watch->sent(o->watch->arg, cis_outlet_address(to),
			       o->scratch, len);
}

static void send_config(struct cis_outlets *o, uint32_t i,
			struct cis_instant at, struct cis_time when,
			uint8_t time_quality)
{
	int len = encode_config(o, i, at, time_quality);

	for (unsigned k = 0; k < o->n && len > 0; k++) {
		struct cis_outlet *to = &o->outlet[k];

		if (to->kind == CIS_OUTLET_UDP)
			cis_udp_batch_put_other(to->udp, i, o->scratch,
						(size_t)len);
		else if (to->kind == CIS_OUTLET_FILE)
			write_file(o, to, when, o->scratch, (size_t)len);
		if (to->kind != CIS_OUTLET_FEEDS)
			note_sent(o, to, i, (size_t)len);
	}
}

/* Which turn of configurations a second is in, from 1 on. */
static uint32_t turn_of(struct cis_outlets *o, int64_t tai_s)
{
	uint32_t every_s = o->oc.opts.cfg_every_s;

	if (every_s == 0)
		return 1;
	if (o->turn == 0 || tai_s != o->turn_tai_s) {
		o->turn_tai_s = tai_s;
		o->turn = 1 + (uint32_t)(cis_utc_from_tai(tai_s).soc / every_s);
	}
	return o->turn;
}

void cis_outlets_begin(struct cis_outlets *o, struct cis_instant at)
{
	if (o->feeds)
		cis_fleet_feeds_begin(o->feeds, at);
}

void cis_outlets_prepare(struct cis_outlets *o, uint32_t i,
			 struct cis_instant at, struct cis_time when,
			 uint8_t time_quality)
{
	struct cis_outlet_told *told = &o->told[i - o->oc.shard.first];
	uint32_t turn = turn_of(o, at.tai_s);
	uint32_t edition = o->oc.maker->ops->edition(o->oc.maker, i, at);
	bool changed = told->knows && edition != told->edition;

	told->knows = true;
	if (o->feeds)
		cis_fleet_feeds_at(o->feeds, i, at, changed);
	if (turn == told->turn && !changed)
		return;
	told->turn = turn;
	told->edition = edition;
	send_config(o, i, at, when, time_quality);
}

static void tell_again(struct cis_outlets *o)
{
	uint32_t n = o->oc.shard.end - o->oc.shard.first;

	for (uint32_t i = 0; i < n; i++)
		o->told[i].turn = 0;
}

void cis_outlets_flush(struct cis_outlets *o)
{
	for (unsigned k = 0; k < o->n; k++) {
		if (o->outlet[k].kind != CIS_OUTLET_UDP || !o->outlet[k].udp)
			continue;
		cis_udp_batch_flush(o->outlet[k].udp);
		if (cis_udp_batch_came_back(o->outlet[k].udp))
			tell_again(o);
	}
}

/* ---- another maker ---- */

static bool have_datagrams(const struct cis_outlets *o)
{
	for (unsigned k = 0; k < o->n; k++)
		if (o->outlet[k].kind != CIS_OUTLET_FEEDS)
			return true;
	return o->feeds && cis_fleet_feeds_have_datagrams(o->feeds);
}

int cis_outlets_make_room(struct cis_outlets *o, struct cis_maker *maker,
			  struct cis_diag *diag)
{
	if (have_datagrams(o) && cis_outlets_check_datagrams(o, maker, diag))
		return -EINVAL;
	if (o->feeds && cis_fleet_feeds_make_room(o->feeds, maker->frame_max))
		return cis_fail(diag, -ENOMEM, "out of memory");
	return 0;
}

/* Who connected before the first frame may have been told of the old maker. */
static void note_editions(struct cis_outlets *o, struct cis_instant at)
{
	struct cis_maker *m = o->oc.maker;
	uint32_t first = o->oc.shard.first;

	for (uint32_t i = first; i < o->oc.shard.end; i++) {
		struct cis_outlet_told *told = &o->told[i - first];

		if (!told->knows)
			told->edition = m->ops->edition(m, i, at);
		told->knows = true;
	}
}

void cis_outlets_change(struct cis_outlets *o, struct cis_maker *maker,
			struct cis_instant at,
			const struct cis_stream_opts *opts)
{
	bool push = opts->push != o->oc.opts.push;

	note_editions(o, at);
	o->oc.maker = maker;
	o->oc.opts = *opts;
	o->turn = 0;
	if (push)
		tell_again(o);
	if (o->feeds)
		cis_fleet_feeds_change(o->feeds, maker, opts);
}

/* ---- what there is ---- */

/* Feeds have the tcp: streams and the listeners, each in their order. */
const char *cis_outlets_endpoint(void *outlets, unsigned k)
{
	const struct cis_outlets *o = outlets;
	unsigned of_feeds = 0;

	for (unsigned i = 0; i < o->n && i < k; i++)
		of_feeds += o->outlet[i].kind == CIS_OUTLET_FEEDS;
	if (k < o->n && o->outlet[k].kind != CIS_OUTLET_FEEDS)
		return o->outlet[k].name;
	if (k >= o->n)
		of_feeds += k - o->n;
	return o->feeds ? cis_fleet_feeds_endpoint(o->feeds, of_feeds) : NULL;
}

bool cis_outlets_have_feeds(const struct cis_outlets *o)
{
	return o->feeds;
}

uint64_t cis_outlets_backlog(const struct cis_outlets *o, uint32_t i)
{
	return o->feeds ? cis_fleet_feeds_backlog(o->feeds, i) : 0;
}

bool cis_outlets_are_wanted(const struct cis_outlets *o)
{
	struct cis_feed_stats stats = {.frames = 0};

	if (o->feeds)
		cis_fleet_feeds_stats(o->feeds, &stats);
	return stats.clients_running > 0;
}

static void add_udp(const struct cis_udp_batch *udp,
		    struct cis_outlets_stats *stats)
{
	struct cis_udp_batch_stats us;

	cis_udp_batch_stats(udp, &us);
	stats->sent += us.sent;
	stats->dropped += us.dropped;
	stats->refused += us.refused;
}

void cis_outlets_stats(const struct cis_outlets *o,
		       struct cis_outlets_stats *stats)
{
	struct cis_feed_stats fs = {.frames = 0};

	*stats = o->done;
	for (unsigned k = 0; k < o->n; k++)
		if (o->outlet[k].udp)
			add_udp(o->outlet[k].udp, stats);
	if (o->feeds)
		cis_fleet_feeds_stats(o->feeds, &fs);
	stats->sent += fs.sent;
	stats->dropped += fs.dropped;
	stats->refused += fs.refused;
	stats->clients = fs.clients;
}

/* ---- the end ---- */

void cis_outlets_close(struct cis_outlets *o)
{
	if (!o || o->closed)
		return;
	o->closed = true;
	o->watch = NULL;
	cis_outlets_flush(o);
	for (unsigned k = 0; k < o->n; k++)
		if (o->outlet[k].kind == CIS_OUTLET_FILE)
			give_up_file(o, &o->outlet[k]);
	cis_fleet_feeds_close(o->feeds);
}

bool cis_outlets_when_gone(struct cis_outlets *o, void (*gone)(void *arg),
			   void *arg)
{
	return o && cis_fleet_feeds_when_gone(o->feeds, gone, arg);
}

void cis_outlets_free(struct cis_outlets *o)
{
	if (!o)
		return;
	for (unsigned k = 0; k < o->n; k++)
		cis_udp_batch_close(o->outlet[k].udp);
	cis_fleet_feeds_free(o->feeds);
	free(o->told);
	free(o);
}
