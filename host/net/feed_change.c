/*
 * feed_change.c - a feed's configuration changes while it streams.
 *
 * The new configuration is made ready in a second feed without endpoints. When
 * its time has come, the two exchange what depends on the configuration, and the
 * second one is closed. Frames of the old kind that a slow client has not begun
 * to take by then are lost to it, and counted.
 *
 * STAT bit 10 is set before a change in the 2011 edition (table 7), after it in
 * that of 2005 (table 6-4).
 */
#include "endpoint.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FLAG_2005_S 60

/* ---- CFGCNT ---- */

/* One PMU as a frame shows it, whatever its CFGCNT. */
static int show(const struct cis_c37_config *cfg, uint16_t i,
		enum cis_c37_type type, uint8_t buf[CIS_C37_MAX_FRAME])
{
	struct cis_c37_pmu pmu = cfg->pmu[i];
	struct cis_c37_config one = *cfg;

	pmu.cfgcnt = 0;
	one.n_pmu = 1;
	one.pmu = &pmu;
	return cis_c37_config_encode(&one, type, (struct cis_split_time){0, 0},
				     0, buf, CIS_C37_MAX_FRAME);
}

static bool differs(const struct cis_c37_config *a,
		    const struct cis_c37_config *b, uint16_t i,
		    uint8_t buf[2][CIS_C37_MAX_FRAME])
{
	static const enum cis_c37_type types[] = {CIS_C37_CFG2, CIS_C37_CFG3};

	for (size_t t = 0; t < 2; t++) {
		int len = show(a, i, types[t], buf[0]);

		if (len != show(b, i, types[t], buf[1]) ||
		    (len > 0 && memcmp(buf[0], buf[1], (size_t)len) != 0))
			return true;
	}
	return false;
}

/* Sets the counts of `cfg` and returns how many PMUs differ from `old`;
 * -ENOMEM. */
static int count_changes(const struct cis_c37_config *old,
			 struct cis_c37_config *cfg)
{
	uint8_t(*buf)[CIS_C37_MAX_FRAME] = malloc(2 * sizeof(*buf));
	int n = old->n_pmu != cfg->n_pmu;

	if (!buf)
		return -ENOMEM;
	for (uint16_t i = 0; i < cfg->n_pmu && i < old->n_pmu; i++) {
		bool changed = differs(old, cfg, i, buf) ||
			       (old->edition == 2005) != (cfg->edition == 2005);

		cfg->pmu[i].cfgcnt =
			(uint16_t)(old->pmu[i].cfgcnt + (changed ? 1 : 0));
		n += changed;
	}
	free(buf);
	return n;
}

/* ---- asking for one ---- */

static int check(const struct cis_feed *feed, const struct cis_feed *coming,
		 struct cis_diag *diag)
{
	for (unsigned i = 0; i < feed->n_endpoint; i++)
		if (cis_endpoint_is_udp(feed->endpoint[i]) &&
		    coming->frame_max > CIS_C37_MAX_UDP)
			return cis_fail(diag, -EMSGSIZE,
					"%s: frames of %zu bytes would not fit "
					"into a datagram",
					feed->endpoint[i]->name,
					coming->frame_max);
	return 0;
}

static void forget(struct cis_feed *feed)
{
	cis_feed_close(feed->change.coming);
	feed->change = (struct cis_feed_change){.coming = NULL};
}

static int prepare(struct cis_feed *feed, struct cis_c37_config *cfg,
		   const char *header, struct cis_feed **out,
		   struct cis_diag *diag)
{
	struct cis_feed_config fc = {
		.loop = feed->loop,
		.room = feed->room,
		.queue_s = feed->queue_s,
		.cfg = cfg,
		.header = header ? header : feed->header,
		.push = feed->push,
	};
	int err = cis_feed_new(&fc, out, diag);

	if (err)
		return err;
	err = check(feed, *out, diag);
	if (err) {
		(*out)->cfg = NULL; /* it stays the caller's */
		cis_feed_close(*out);
	}
	return err;
}

int cis_feed_change(struct cis_feed *feed, struct cis_c37_config *cfg,
		    const char *header, double after_s, struct cis_diag *diag)
{
	struct cis_feed *coming;
	int n, err;

	if (cfg->idcode != feed->cfg->idcode)
		return cis_fail(diag, -EINVAL,
				"IDCODE %u cannot become %u while it streams",
				feed->cfg->idcode, cfg->idcode);
	if (!(after_s >= 0 && after_s <= 86400))
		return cis_fail(diag, -EINVAL,
				"a change takes effect within 0 to 86400 s");
	n = count_changes(feed->cfg, cfg);
	if (n < 0)
		return cis_fail(diag, n, "out of memory");
	if (n == 0) {
		forget(feed);
		cis_c37_config_free(cfg);
		return 0;
	}
	err = prepare(feed, cfg, header, &coming, diag);
	if (err)
		return err;
	forget(feed);
	if (cfg->edition == 2005 && after_s == 0)
		after_s = FLAG_2005_S;
	feed->change =
		(struct cis_feed_change){.coming = coming, .after_s = after_s};
	return n;
}

/* ---- at the time of a report ---- */

/* What depends on the configuration, besides the ring. */
struct parts {
	struct cis_c37_config *cfg;
	struct cis_c37_data *data;
	char *header;
	size_t frame_max;
};

static struct parts take(const struct cis_feed *f)
{
	return (struct parts){f->cfg, f->data, f->header, f->frame_max};
}

static void give(struct cis_feed *f, struct parts p)
{
	f->cfg = p.cfg;
	f->data = p.data;
	f->header = p.header;
	f->frame_max = p.frame_max;
}

static void put_in_force(struct cis_feed *feed)
{
	struct cis_feed *coming = feed->change.coming;
	struct parts old = take(feed);

	give(feed, take(coming));
	give(coming, old);
	cis_frame_ring_swap(&feed->ring, &coming->ring);
	feed->edition = feed->cfg->edition;
	feed->push = coming->push; /* CFG-2 where there is no CFG-3 */
	feed->change.coming = NULL;
	cis_feed_close(coming);
	cis_feed_announce(feed);
}

uint16_t cis_feed_change_step(struct cis_feed *feed, struct cis_split_time at)
{
	struct cis_feed_change *ch = &feed->change;
	bool over;

	if (ch->coming && !ch->begun) {
		ch->begun = true;
		ch->from = at;
		ch->of_2005 = ch->coming->cfg->edition == 2005;
	}
	if (!ch->begun)
		return 0;
	over = cis_split_diff_s(at, ch->from) > ch->after_s - 1e-9;
	if (ch->coming && (over || ch->of_2005))
		put_in_force(feed);
	ch->begun = !over;
	return over ? 0 : CIS_C37_STAT_CFG_CHANGE;
}
