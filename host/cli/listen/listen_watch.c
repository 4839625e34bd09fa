/* listen_watch.c - see listen_watch.h. */
#include "listen_watch.h"

#include <inttypes.h>
#include <math.h>

#include "cisoid/log.h"
#include "cisoid/utc.h"

#define FAR_S 10.0 /* time stamps so far from our clock are told */

void cis_listen_watch_idcode(struct cis_listen_watch *w, uint16_t asked,
			     uint16_t idcode)
{
	/* A PMU that answers to any IDCODE is served, not believed. */
	if (asked && idcode != asked && !w->idcode) {
		cis_log(CIS_LOG_WARN,
			"IDCODE %u was asked for, the configuration is of %u",
			asked, idcode);
		w->idcode = true;
	}
}

void cis_listen_watch_crc(struct cis_listen_watch *w, const uint8_t *frame,
			  size_t len)
{
	/* Fragments may have their check word at the end of the series. */
	if (w->crc || cis_c37_is_fragment(frame, len))
		return;
	cis_log(CIS_LOG_WARN,
		"a frame of %zu bytes has a wrong CRC and is not used; more "
		"are counted",
		len);
	w->crc = true;
}

/* What was lost with the connection. */
static void tell_return(struct cis_listen_watch *w,
			const struct cis_listen_news *news)
{
	double gone_s = (double)cis_time_diff_ns(news->arrival, w->heard) /
			CIS_NS_PER_S;

	if (w->lost)
		cis_log(CIS_LOG_WARN,
			"data again after_s=%.3g lost_frames=%" PRIu64, gone_s,
			news->is.gaps - news->was.gaps);
	w->lost = false;
	w->heard = news->arrival;
}

static void tell_far(struct cis_listen_watch *w,
		     const struct cis_listen_news *news)
{
	double off_s = (double)cis_time_diff_ns(news->arrival,
						cis_instant_time(news->at)) /
		       CIS_NS_PER_S;

	if (w->far || fabs(off_s) < FAR_S)
		return;
	w->far = true;
	cis_log(CIS_LOG_WARN,
		"IDCODE %u: its time stamps are %.6g s %s this computer's "
		"clock",
		news->idcode, fabs(off_s), off_s > 0 ? "behind" : "ahead of");
}

static void tell_time(struct cis_listen_watch *w,
		      const struct cis_listen_news *news)
{
	bool jump = news->is.jumps > news->was.jumps;
	bool stray = news->is.strays > news->was.strays;
	char utc[CIS_UTC_SIZE];

	if ((!jump || w->jump) && (!stray || w->stray))
		return;
	cis_utc_format(cis_instant_time(news->at), 3, utc);
	if (jump)
		cis_log(CIS_LOG_WARN,
			"IDCODE %u: its time has jumped to %s; no gap is "
			"counted",
			news->idcode, utc);
	else
		cis_log(CIS_LOG_WARN,
			"IDCODE %u: the time stamp %s does not go with the "
			"arrivals; such frames are counted as strays",
			news->idcode, utc);
	w->jump |= jump;
	w->stray |= stray;
}

void cis_listen_watch_data(struct cis_listen_watch *w,
			   const struct cis_listen_news *news)
{
	tell_return(w, news);
	tell_time(w, news);
	if (news->is.strays == news->was.strays)
		tell_far(w, news);
}
