/*
 * feed_config.c - a feed's frames besides data: configurations and the header.
 *
 * They are made when somebody asks, with the time of the latest data.
 */
#include "endpoint.h"

#include <errno.h>
#include <time.h>

#include "cisoid/utc.h"

const struct cis_c37_config *cis_feed_config_of(const struct cis_feed *feed)
{
	return feed->cfg ? feed->cfg : feed->lend(feed->arg, feed->i);
}

static struct cis_split_time now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return cis_time_split(cis_time_from_posix(ts.tv_sec, ts.tv_nsec));
}

int cis_feed_encode(struct cis_feed *feed, enum cis_c37_type type)
{
	struct cis_split_time at = feed->has_time ? feed->at : now();
	const struct cis_c37_config *cfg = cis_feed_config_of(feed);
	uint8_t *buf = feed->room->scratch;
	size_t size = sizeof(feed->room->scratch);

	if (type == CIS_C37_HDR)
		return cis_c37_header_encode(cfg, at, feed->time_quality,
					     feed->header, buf, size);
	/* A PMU of 2005 does not know CFG-3, and clients ask for CFG-2. */
	if (type == CIS_C37_CFG3 && cfg->edition == 2005)
		return -EINVAL;
	return cis_c37_config_encode(cfg, type, at, feed->time_quality, buf,
				     size);
}

/* ---- how long they are ---- */

/* Names of 255 bytes may make it too long; then it is not sent. */
static void measure_cfg3(struct cis_feed *feed)
{
	int len = cis_feed_encode(feed, CIS_C37_CFG3);

	if (len > 0 && (size_t)len > feed->frame_max)
		feed->frame_max = (size_t)len;
	if (len <= 0 && feed->push == CIS_C37_CFG3)
		feed->push = CIS_C37_CFG2;
}

int cis_feed_measure(struct cis_feed *feed, struct cis_diag *diag)
{
	static const enum cis_c37_type types[] = {CIS_C37_HDR, CIS_C37_CFG1,
						  CIS_C37_CFG2};
	const struct cis_c37_config *cfg = cis_feed_config_of(feed);
	size_t len = cis_c37_data_len(cfg);

	if (len > CIS_C37_MAX_FRAME)
		return cis_fail(diag, -EMSGSIZE,
				"a data frame would have %zu bytes and may "
				"have %d: too many PMUs or phasors",
				len, CIS_C37_MAX_FRAME);
	feed->idcode = cfg->idcode;
	feed->edition = cfg->edition;
	if (!feed->ring.slots && len > feed->ring.frame_size)
		feed->ring.frame_size = len;
	feed->frame_max = feed->ring.frame_size;
	for (unsigned i = 0; i < 3; i++) {
		int n = cis_feed_encode(feed, types[i]);

		if (n < 0)
			return cis_fail(diag, -EMSGSIZE,
					"the %s frame would have more than %d "
					"bytes",
					i ? "configuration" : "header",
					CIS_C37_MAX_FRAME);
		if ((size_t)n > feed->frame_max)
			feed->frame_max = (size_t)n;
	}
	measure_cfg3(feed);
	return 0;
}

/* ---- unasked ---- */

bool cis_feed_config_due(const struct cis_feed *feed, int64_t *last)
{
	int64_t turn = feed->cfg_every_s ? feed->soc / feed->cfg_every_s : 0;

	if (turn == *last)
		return false;
	*last = turn;
	return true;
}

void cis_feed_set_push(struct cis_feed *feed, enum cis_c37_type push,
		       uint32_t cfg_every_s)
{
	feed->cfg_every_s = cfg_every_s;
	feed->push = push == CIS_C37_CFG3 ? CIS_C37_CFG3 : CIS_C37_CFG2;
	if (push == CIS_C37_CFG3)
		measure_cfg3(feed);
}

/* ---- another one ---- */

void cis_feed_announce(struct cis_feed *feed)
{
	cis_frame_ring_forget(&feed->ring);
	for (unsigned i = 0; i < feed->n_endpoint; i++)
		if (feed->endpoint[i]->ops->announce)
			feed->endpoint[i]->ops->announce(feed->endpoint[i]);
	for (struct cis_guest *g = feed->guests; g; g = g->next)
		g->ops->announce(g);
}

int cis_feed_set_config(struct cis_feed *feed, struct cis_diag *diag)
{
	size_t len = cis_c37_data_len(cis_feed_config_of(feed));
	int err = len > feed->ring.frame_size
			  ? cis_fail(diag, -EMSGSIZE,
				     "a data frame would have %zu bytes and "
				     "may have %zu",
				     len, feed->ring.frame_size)
			  : cis_feed_measure(feed, diag);

	if (!err)
		cis_feed_announce(feed);
	return err;
}
