/*
 * feed.c - one stream: frames are made here, endpoints carry them.
 *
 * CFG and HDR are made when somebody asks, with the time of the latest data.
 */
#include "endpoint.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cisoid/log.h"
#include "cisoid/utc.h"

#define QUEUE_S      2.0
#define QUEUE_BYTES  (1u << 20)
#define QUEUE_FRAMES 4 /* at least */
#define STALL_MS     10000
#define SILENT_MS    3600000
#define LINGER_MS    1000
#define RETRY_MS     1000

/* ---- life ---- */

static void endpoint_free(struct cis_endpoint *ep)
{
	if (ep->ops->free)
		ep->ops->free(ep);
	free(ep);
}

static void feed_free(struct cis_feed *feed)
{
	for (unsigned i = 0; i < feed->n_endpoint; i++)
		endpoint_free(feed->endpoint[i]);
	cis_c37_data_free(feed->data);
	cis_c37_config_free(feed->cfg);
	free(feed->header);
	free(feed->slots);
	free(feed);
}

void cis_feed_hold(struct cis_feed *feed)
{
	feed->n_handle++;
}

static void thaw_closed(uv_handle_t *handle)
{
	feed_free(handle->data);
}

static void linger_closed(uv_handle_t *handle)
{
	struct cis_feed *feed = handle->data;

	uv_close((uv_handle_t *)&feed->thaw, thaw_closed);
}

void cis_feed_release(struct cis_feed *feed)
{
	feed->n_handle--;
	if (feed->closing && feed->n_handle == 0)
		uv_close((uv_handle_t *)&feed->linger, linger_closed);
}

static void close_endpoint(struct cis_endpoint *ep, bool now)
{
	if (ep->ops->close)
		ep->ops->close(ep, now);
	else
		cis_endpoint_close(ep);
}

static void close_endpoints(struct cis_feed *feed, bool now)
{
	for (unsigned i = 0; i < feed->n_endpoint; i++)
		close_endpoint(feed->endpoint[i], now);
}

static void linger_over(uv_timer_t *timer)
{
	close_endpoints(timer->data, true);
}

void cis_feed_close(struct cis_feed *feed)
{
	if (!feed || feed->closing)
		return;
	cis_feed_hold(feed);
	feed->closing = true;
	uv_timer_start(&feed->linger, linger_over, LINGER_MS, 0);
	uv_timer_stop(&feed->thaw);
	cis_feed_close(feed->change.coming);
	close_endpoints(feed, false);
	cis_feed_release(feed);
}

/* Names of 255 bytes may make it too long; then it is not sent. */
static void measure_cfg3(struct cis_feed *feed)
{
	int len = cis_feed_encode(feed, CIS_C37_CFG3);

	if (len > 0 && (size_t)len > feed->frame_max)
		feed->frame_max = (size_t)len;
	if (len <= 0 && feed->push == CIS_C37_CFG3)
		feed->push = CIS_C37_CFG2;
}

/* The length of every kind of frame, so that none fails later. */
static int measure(struct cis_feed *feed, struct cis_diag *diag)
{
	static const enum cis_c37_type types[] = {CIS_C37_HDR, CIS_C37_CFG1,
						  CIS_C37_CFG2};

	feed->slot_len = cis_c37_data_len(feed->cfg);
	feed->frame_max = feed->slot_len;
	if (feed->slot_len > CIS_C37_MAX_FRAME)
		return cis_fail(diag, -EMSGSIZE,
				"a data frame would have %zu bytes and may "
				"have %d: too many PMUs or phasors",
				feed->slot_len, CIS_C37_MAX_FRAME);
	for (unsigned i = 0; i < 3; i++) {
		int len = cis_feed_encode(feed, types[i]);

		if (len < 0)
			return cis_fail(diag, -EMSGSIZE,
					"the %s frame would have more than %d "
					"bytes",
					i ? "configuration" : "header",
					CIS_C37_MAX_FRAME);
		if ((size_t)len > feed->frame_max)
			feed->frame_max = (size_t)len;
	}
	measure_cfg3(feed);
	return 0;
}

static void size_ring(struct cis_feed *feed)
{
	double fps = feed->cfg->data_rate > 0 ? feed->cfg->data_rate : 0;
	uint64_t n = (uint64_t)(QUEUE_S * fps);

	if (n > QUEUE_BYTES / feed->slot_len)
		n = QUEUE_BYTES / feed->slot_len;
	feed->n_slot = n < QUEUE_FRAMES ? QUEUE_FRAMES : n;
}

static int prepare(struct cis_feed *feed, struct cis_diag *diag)
{
	int err = measure(feed, diag);

	if (err)
		return err;
	size_ring(feed);
	feed->slots = malloc(feed->n_slot * feed->slot_len);
	if (!feed->slots || cis_c37_data_new(feed->cfg, &feed->data))
		return cis_fail(diag, -ENOMEM, "out of memory");
	return 0;
}

int cis_feed_new(const struct cis_feed_config *fc, struct cis_feed **out,
		 struct cis_diag *diag)
{
	struct cis_feed *feed = calloc(1, sizeof(*feed));
	int err;

	if (!feed)
		return cis_fail(diag, -ENOMEM, "out of memory");
	feed->loop = fc->loop;
	feed->cfg = fc->cfg;
	feed->test_mode = fc->test_mode;
	feed->overwrite = fc->overwrite;
	feed->stall_ms = fc->stall_ms ? fc->stall_ms : STALL_MS;
	feed->silent_ms = fc->silent_ms ? fc->silent_ms : SILENT_MS;
	feed->retry_ms = fc->retry_ms ? fc->retry_ms : RETRY_MS;
	feed->cfg_every_s = fc->cfg_every_s;
	feed->push = fc->push == CIS_C37_CFG3 ? CIS_C37_CFG3 : CIS_C37_CFG2;
	feed->time_quality = 0xF;
	cis_teller_init(&feed->teller, uv_now(feed->loop));
	feed->header = strdup(fc->header ? fc->header : "");
	err = feed->header ? prepare(feed, diag)
			   : cis_fail(diag, -ENOMEM, "out of memory");
	if (err) {
		feed->cfg = NULL; /* on failure it stays the caller's */
		feed_free(feed);
		return err;
	}
	uv_timer_init(feed->loop, &feed->linger);
	feed->linger.data = feed;
	uv_timer_init(feed->loop, &feed->thaw);
	feed->thaw.data = feed;
	*out = feed;
	return 0;
}

/* ---- endpoints ---- */

void cis_endpoint_hold(struct cis_endpoint *ep, uv_handle_t *handle)
{
	handle->data = ep;
	ep->handle[ep->n_handle++] = handle;
	ep->n_open++;
	cis_feed_hold(ep->feed);
}

static void handle_closed(uv_handle_t *handle)
{
	struct cis_endpoint *ep = handle->data;
	struct cis_feed *feed = ep->feed;

	ep->n_open--;
	if (ep->discarded && ep->n_open == 0)
		endpoint_free(ep);
	cis_feed_release(feed);
}

void cis_endpoint_close(struct cis_endpoint *ep)
{
	for (unsigned i = 0; i < ep->n_handle; i++)
		if (!uv_is_closing(ep->handle[i]))
			uv_close(ep->handle[i], handle_closed);
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
	return cis_addr_only(addr, ops->words, diag);
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
	err = ops->open(ep, diag);
	if (!err) {
		*out = ep;
		return 0;
	}
	ep->discarded = true;
	cis_endpoint_close(ep);
	if (ep->n_open == 0)
		endpoint_free(ep);
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
	if (feed->n_endpoint == CIS_MAX_ENDPOINT)
		return cis_fail(diag, -EINVAL, "%.120s: more than %d endpoints",
				spec, CIS_MAX_ENDPOINT);
	ops = ops_for(role, addr.kind);
	err = check(feed, ops, &addr, diag);
	if (!err && addr.kind != CIS_ADDR_PCAP)
		err = cis_addr_resolve(&addr, diag);
	if (!err)
		err = make(feed, ops, &addr, &feed->endpoint[feed->n_endpoint],
			   diag);
	if (!err)
		feed->n_endpoint++;
	return err;
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

/* ---- frames ---- */

static struct cis_split_time now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return cis_time_split(cis_time_from_posix(ts.tv_sec, ts.tv_nsec));
}

int cis_feed_encode(struct cis_feed *feed, enum cis_c37_type type)
{
	struct cis_split_time at = feed->has_time ? feed->at : now();

	if (type == CIS_C37_HDR)
		return cis_c37_header_encode(feed->cfg, at, feed->time_quality,
					     feed->header, feed->scratch,
					     sizeof(feed->scratch));
	/* A PMU of 2005 does not know CFG-3, and clients ask for CFG-2. */
	if (type == CIS_C37_CFG3 && feed->cfg->edition == 2005)
		return -EINVAL;
	return cis_c37_config_encode(feed->cfg, type, at, feed->time_quality,
				     feed->scratch, sizeof(feed->scratch));
}

static uint8_t *slot(const struct cis_feed *feed, uint64_t n)
{
	return feed->slots + n % feed->n_slot * feed->slot_len;
}

uint64_t cis_feed_oldest(const struct cis_feed *feed)
{
	uint64_t n =
		feed->n_made > feed->n_slot ? feed->n_made - feed->n_slot : 0;

	return n > feed->n_first ? n : feed->n_first;
}

const uint8_t *cis_feed_frame(const struct cis_feed *feed, uint64_t n)
{
	return slot(feed, n);
}

bool cis_feed_config_due(const struct cis_feed *feed, int64_t *last)
{
	int64_t turn = feed->cfg_every_s ? feed->soc / feed->cfg_every_s : 0;

	if (turn == *last)
		return false;
	*last = turn;
	return true;
}

/* SOC has 32 bits. */
static void check_soc(struct cis_feed *feed, int64_t tai_s)
{
	if (cis_utc_from_tai(tai_s).soc <= UINT32_MAX || feed->told_over)
		return;
	feed->told_over = true;
	cis_log(CIS_LOG_WARN, "time stamps begin at 1970 again: SOC ends at "
			      "2106-02-07T06:28:15Z");
}

/* Encodes feed->data and sends it to all who want it. */
static void send_data(struct cis_feed *feed, uint16_t change)
{
	const struct cis_c37_head *head = &feed->data->head;
	uint8_t *frame = slot(feed, feed->n_made);
	int len;

	for (uint16_t i = 0; i < feed->cfg->n_pmu; i++)
		feed->data->block[i].stat |= change;
	len = cis_c37_data_encode(feed->cfg, feed->data, frame, feed->slot_len);
	if (len < 0)
		return;
	feed->soc = head->soc;
	feed->at = cis_instant_split(cis_c37_head_instant(feed->cfg, head));
	feed->time_quality = head->time_quality;
	feed->has_time = true;
	feed->n_made++;
	feed->stats.frames++;
	for (unsigned i = 0; i < feed->n_endpoint; i++)
		feed->endpoint[i]->ops->put(feed->endpoint[i], frame,
					    (size_t)len);
}

void cis_feed_put(struct cis_feed *feed, const struct cis_report *rep)
{
	uint16_t change;

	if (feed->closing)
		return;
	check_soc(feed, rep->at.tai_s);
	change = cis_feed_change_step(feed, cis_instant_split(rep->at));
	cis_c37_data_from_report(feed->cfg, 0, rep, feed->test_mode,
				 feed->data);
	send_data(feed, change);
}

void cis_feed_put_data(struct cis_feed *feed, struct cis_instant at,
		       void (*fill)(void *arg, const struct cis_c37_config *cfg,
				    struct cis_c37_data *data),
		       void *arg)
{
	uint16_t change;

	if (feed->closing)
		return;
	check_soc(feed, at.tai_s);
	change = cis_feed_change_step(feed, cis_instant_split(at));
	fill(arg, feed->cfg, feed->data);
	send_data(feed, change);
}

void cis_feed_stats(const struct cis_feed *feed, struct cis_feed_stats *stats)
{
	*stats = feed->stats;
}

uint64_t cis_feed_backlog(const struct cis_feed *feed)
{
	uint64_t most = 0;

	for (unsigned i = 0; i < feed->n_endpoint; i++) {
		const struct cis_endpoint *ep = feed->endpoint[i];
		uint64_t n = ep->ops->backlog ? ep->ops->backlog(ep) : 0;

		if (n > most)
			most = n;
	}
	return most;
}
