/*
 * outlets.c - see outlets.h.
 *
 * UDP and files need no loop and no memory for a stream but when it told its
 * configuration last. Feeds are fleet_feeds.c.
 */
#include "outlets.h"

#include <stdlib.h>

#include "cisoid/log.h"
#include "cisoid/utc.h"
#include "fleet_feeds.h"
#include "host/net/pcap_out.h"
#include "host/net/udp_batch.h"

#define MAX_OUTLET 16
#define WAIT_MS    100 /* at full speed, for a socket */

/* What a stream's receivers know. */
struct told {
	uint32_t edition;
	uint32_t turn; /* of configurations, and 1; 0: none was told */
};

enum kind {
	TO_UDP,
	TO_FILE,
	TO_FEEDS,
};

struct outlet {
	enum kind kind;
	struct cis_udp_batch *udp;
	struct cis_pcap_out *file; /* NULL once closed */
	char name[320];
};

struct cis_outlets {
	struct cis_outlets_config oc;
	unsigned n;
	struct outlet outlet[MAX_OUTLET];
	struct cis_fleet_feeds *feeds; /* NULL: nobody needs them */
	struct told *told;             /* [shard] */
	int64_t turn_tai_s;            /* the second that `turn` is of */
	uint32_t turn;
	struct cis_outlets_stats done; /* of what is closed */
	bool closed;
	uint8_t scratch[CIS_C37_MAX_FRAME];
};

/* ---- sending ---- */

static void give_up_file(struct cis_outlets *o, struct outlet *to)
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
static bool write_file(struct cis_outlets *o, struct outlet *to,
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

void cis_outlets_put(struct cis_outlets *o, uint32_t i, struct cis_time when,
		     const uint8_t *frame, size_t len)
{
	for (unsigned k = 0; k < o->n; k++) {
		struct outlet *to = &o->outlet[k];

		if (to->kind == TO_UDP)
			cis_udp_batch_put(to->udp, i, frame, len);
		else if (to->kind == TO_FILE &&
			 write_file(o, to, when, frame, len))
			o->done.sent++;
		else if (to->kind == TO_FILE)
			o->done.dropped++;
	}
	if (o->feeds)
		cis_fleet_feeds_put(o->feeds, i, frame, len);
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

static void send_config(struct cis_outlets *o, uint32_t i,
			struct cis_instant at, struct cis_time when,
			uint8_t time_quality)
{
	int len = encode_config(o, i, at, time_quality);

	for (unsigned k = 0; k < o->n && len > 0; k++) {
		struct outlet *to = &o->outlet[k];

		if (to->kind == TO_UDP)
			cis_udp_batch_put_other(to->udp, i, o->scratch,
						(size_t)len);
		else if (to->kind == TO_FILE)
			write_file(o, to, when, o->scratch, (size_t)len);
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
	struct told *told = &o->told[i - o->oc.shard.first];
	uint32_t turn = turn_of(o, at.tai_s);
	uint32_t edition = o->oc.maker->ops->edition(o->oc.maker, i, at);
	bool changed = told->turn && edition != told->edition;

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
		if (o->outlet[k].kind != TO_UDP || !o->outlet[k].udp)
			continue;
		cis_udp_batch_flush(o->outlet[k].udp);
		if (cis_udp_batch_came_back(o->outlet[k].udp))
			tell_again(o);
	}
}

/* ---- opening ---- */

/* Of whatever there will be, a datagram must hold it. */
static int check_datagrams(const struct cis_outlets *o, struct cis_diag *diag)
{
	struct cis_maker *m = o->oc.maker;
	const struct cis_instant at = {.rate = m->rate};
	size_t conf = cis_c37_config_len(
		m->ops->config(m, o->oc.shard.first, at), CIS_C37_CFG2);
	size_t most = conf > m->frame_max ? conf : m->frame_max;

	if (most <= CIS_C37_MAX_UDP)
		return 0;
	return cis_fail(diag, -EINVAL,
			"frames of %zu bytes do not fit into a datagram; use "
			"TCP or fewer PMUs",
			most);
}

static int open_udp(struct cis_outlets *o, struct outlet *to,
		    struct cis_addr *addr, struct cis_diag *diag)
{
	uint32_t n_port = addr->each_port ? o->oc.maker->n_stream : 1;
	int err = cis_addr_only(
		addr, CIS_WORD_TTL | CIS_WORD_IF | CIS_WORD_PORTS, diag);

	if (!err)
		err = cis_addr_resolve(addr, diag);
	if (!err)
		err = cis_udp_batch_open(addr, n_port, &to->udp, diag);
	if (err)
		return cis_exit_for(err);
	if (o->oc.flat_out)
		cis_udp_batch_set_wait(to->udp, WAIT_MS);
	snprintf(to->name, sizeof(to->name), "%s", cis_udp_batch_name(to->udp));
	return 0;
}

static int open_file(struct cis_outlets *o, struct outlet *to,
		     const struct cis_addr *addr, struct cis_diag *diag)
{
	int err = cis_pcap_open(addr->path, o->oc.overwrite, &to->file, diag);

	snprintf(to->name, sizeof(to->name), "pcap:%.310s", addr->path);
	return err ? cis_exit_for_output(err) : 0;
}

static int open_feeds(struct cis_outlets *o, struct cis_diag *diag)
{
	const struct cis_fleet_feeds_config fc = {
		.loop = o->oc.loop,
		.maker = o->oc.maker,
		.shard = o->oc.shard,
		.opts = o->oc.opts,
	};
	int err = o->feeds ? 0 : cis_fleet_feeds_new(&fc, &o->feeds, diag);

	return err ? cis_exit_for(err) : 0;
}

static int open_stream(struct cis_outlets *o, const char *spec,
		       struct cis_diag *diag)
{
	struct outlet *to = &o->outlet[o->n];
	struct cis_addr addr;
	int status;

	if (o->n == MAX_OUTLET) {
		cis_fail(diag, -EINVAL, "--stream: more than %d of them",
			 MAX_OUTLET);
		return CIS_EXIT_USAGE;
	}
	if (cis_addr_parse(spec, &addr, diag))
		return CIS_EXIT_USAGE;
	to->kind = addr.kind == CIS_ADDR_UDP    ? TO_UDP
		   : addr.kind == CIS_ADDR_PCAP ? TO_FILE
						: TO_FEEDS;
	if (to->kind != TO_FEEDS && check_datagrams(o, diag))
		return CIS_EXIT_USAGE;
	if (to->kind == TO_UDP)
		status = open_udp(o, to, &addr, diag);
	else if (to->kind == TO_FILE)
		status = open_file(o, to, &addr, diag);
	else
		status = open_feeds(o, diag);
	if (!status && to->kind == TO_FEEDS)
		status = cis_fleet_feeds_open(o->feeds, CIS_FEED_STREAM, spec,
					      diag);
	o->n += !status;
	return status;
}

static int open_all(struct cis_outlets *o, struct cis_diag *diag)
{
	const struct cis_endpoints *ep = o->oc.endpoints;
	int status = 0;

	for (uint32_t i = 0; i < ep->n_stream && !status; i++)
		status = open_stream(o, ep->stream[i], diag);
	if (!status && (ep->n_listen || !ep->n_stream))
		status = open_feeds(o, diag);
	for (uint32_t i = 0; i < ep->n_listen && !status; i++)
		status = cis_fleet_feeds_open(o->feeds, CIS_FEED_LISTEN,
					      ep->listen[i], diag);
	if (!status && !ep->n_listen && !ep->n_stream)
		status = cis_fleet_feeds_open_default(o->feeds, diag);
	return status;
}

static void tell_endpoints(struct cis_outlets *o)
{
	const char *where;

	for (unsigned k = 0; (where = cis_outlets_endpoint(o, k)); k++)
		cis_log(CIS_LOG_INFO, "%s %s",
			k < o->oc.endpoints->n_stream ? "streaming to"
						      : "listening on",
			where);
}

int cis_outlets_open(const struct cis_outlets_config *oc,
		     struct cis_outlets **out, struct cis_diag *diag)
{
	struct cis_outlets *o = calloc(1, sizeof(*o));
	int status;

	if (o)
		o->told = calloc(oc->shard.end - oc->shard.first + 1,
				 sizeof(*o->told));
	if (!o || !o->told) {
		free(o);
		cis_fail(diag, -ENOMEM, "out of memory");
		return CIS_EXIT_RUNTIME;
	}
	o->oc = *oc;
	*out = o;
	status = open_all(o, diag);
	if (!status)
		tell_endpoints(o);
	return status;
}

/* ---- what there is ---- */

/* Feeds have the tcp: streams and the listeners, each in their order. */
const char *cis_outlets_endpoint(void *outlets, unsigned k)
{
	const struct cis_outlets *o = outlets;
	unsigned of_feeds = 0;

	for (unsigned i = 0; i < o->n && i < k; i++)
		of_feeds += o->outlet[i].kind == TO_FEEDS;
	if (k < o->n && o->outlet[k].kind != TO_FEEDS)
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
	cis_outlets_flush(o);
	for (unsigned k = 0; k < o->n; k++)
		if (o->outlet[k].kind == TO_FILE)
			give_up_file(o, &o->outlet[k]);
	cis_fleet_feeds_close(o->feeds);
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
