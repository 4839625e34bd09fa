/* events.c - see events.h. */
#include "events.h"

#include <stdio.h>
#include <string.h>

#include "cisoid/log.h"
#include "cisoid/utc.h"

static void front_end_line(const struct cis_event *ev, const char *at,
			   char buf[CIS_EVENT_LINE_SIZE])
{
	char value[32];

	snprintf(value, sizeof(value), "%lld", (long long)ev->value);
	snprintf(buf, CIS_EVENT_LINE_SIZE, "event=%s name=%s value=%s at=%s",
		 cis_event_name(ev->kind), ev->name,
		 ev->word[0] ? ev->word : value, at);
}

static void fault_line(const struct cis_event *ev, const char *at,
		       char buf[CIS_EVENT_LINE_SIZE])
{
	char extent[80] = "";

	if (ev->over)
		snprintf(extent, sizeof(extent),
			 " duration_s=%.6f lost_scans=%llu", ev->duration_s,
			 (unsigned long long)ev->n_lost);
	snprintf(buf, CIS_EVENT_LINE_SIZE,
		 "event=%s over=%d first_lost_scan=%llu at=%s%s",
		 cis_event_name(ev->kind), ev->over,
		 (unsigned long long)ev->first_scan, at, extent);
}

const char *cis_event_line(const struct cis_event *ev,
			   char buf[CIS_EVENT_LINE_SIZE])
{
	char at[CIS_UTC_SIZE];

	cis_utc_format(ev->at, 6, at);
	if (ev->kind == CIS_EVENT_TIME_STATE)
		snprintf(buf, CIS_EVENT_LINE_SIZE,
			 "event=%s state=%s unc_s=%.3g at=%s",
			 cis_event_name(ev->kind),
			 cis_time_state_name(ev->state), ev->unc_s, at);
	else if (ev->kind == CIS_EVENT_FRONT_END)
		front_end_line(ev, at, buf);
	else
		fault_line(ev, at, buf);
	return buf;
}

static bool is_good(const struct cis_event *ev)
{
	if (ev->kind == CIS_EVENT_TIME_STATE)
		return ev->state == CIS_TIME_LOCKED;
	return ev->kind == CIS_EVENT_FRONT_END ? ev->good : ev->over;
}

void cis_event_log(const struct cis_event *ev)
{
	char line[CIS_EVENT_LINE_SIZE];

	cis_log(is_good(ev) ? CIS_LOG_INFO : CIS_LOG_WARN, "%s",
		cis_event_line(ev, line));
}
