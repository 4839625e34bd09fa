/* report.h - what the host is told of a second, and what changed. */
#ifndef FIRMWARE_CORE_REPORT_H
#define FIRMWARE_CORE_REPORT_H

#include <stdint.h>

#include "firmware/core/link.h"

struct fe_front;

/* An event, now, with the label's second. */
void fe_report_event(struct fe_front *f, enum fe_event_name name,
		     int64_t value);

/* The label's second; 0 where it is not believed. */
int64_t fe_report_utc_s(const struct fe_front *f);

/* The state, where it is another than told. */
void fe_report_state(struct fe_front *f);

/* The second's T line. */
void fe_report_second(struct fe_front *f);

#endif
