/* events.c - see events.h. */
#include "events.h"

#include <stdio.h>
#include <string.h>

#include "cisoid/log.h"
#include "cisoid/utc.h"

const char *cis_event_line(const struct cis_event *ev,
			   char buf[CIS_EVENT_LINE_SIZE])
{
	const char *name = cis_event_name(ev->kind);
	char at[CIS_UTC_SIZE], extent[80] = "";

	cis_utc_format(ev->at, 6, at);
	if (ev->over)
		snprintf(extent, sizeof(extent),
			 " duration_s=%.6f lost_scans=%llu", ev->duration_s,
			 (unsigned long long)ev->n_lost);
	if (ev->kind == CIS_EVENT_TIME_STATE)
		snprintf(buf, CIS_EVENT_LINE_SIZE,
			 "event=%s state=%s unc_s=%.3g at=%s", name,
			 cis_time_state_name(ev->state), ev->unc_s, at);
	else
		snprintf(buf, CIS_EVENT_LINE_SIZE,
			 "event=%s over=%d first_lost_scan=%llu at=%s%s", name,
			 ev->over, (unsigned long long)ev->first_scan, at,
			 extent);
	return buf;
}

void cis_event_log(const struct cis_event *ev)
{
	bool good = ev->kind == CIS_EVENT_TIME_STATE
			    ? ev->state == CIS_TIME_LOCKED
			    : ev->over;
	char line[CIS_EVENT_LINE_SIZE];

	cis_log(good ? CIS_LOG_INFO : CIS_LOG_WARN, "%s",
		cis_event_line(ev, line));
}
