/*
 * events.h - what happened to the samples and their time, a line of log each.
 */
#ifndef HOST_CLI_EVENTS_H
#define HOST_CLI_EVENTS_H

#include "host/acq/event.h"

/*
 * event=overflow over=0 first_lost_scan=N at=DATE
 * event=overflow over=1 first_lost_scan=N at=DATE duration_s=S lost_scans=N
 * event=time state=LOCKED unc_s=S at=DATE
 * event=front-end name=PPS_LOST value=N at=DATE
 */
#define CIS_EVENT_LINE_SIZE 192
const char *cis_event_line(const struct cis_event *ev,
			   char buf[CIS_EVENT_LINE_SIZE]);

/* A warning; that a fault is over, or the time locked, is information. */
void cis_event_log(const struct cis_event *ev);

#endif
