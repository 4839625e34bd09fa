/* report.h - what the host is told of a second, and what changed. */
#ifndef FIRMWARE_CORE_REPORT_H
#define FIRMWARE_CORE_REPORT_H

#include <stdint.h>

#include "firmware/core/label.h"
#include "firmware/core/link.h"
#include "firmware/core/tell.h"

struct fe_front;

/* The label's second; 0 where it is not believed. */
int64_t fe_report_utc_s(const struct fe_label *l);

/* An event, now, with the label's second. */
void fe_report_event(struct fe_tell *t, const struct fe_label *l,
		     enum fe_event_name name, int64_t value);

/* The second's T line, in that state. */
void fe_report_second(struct fe_front *f, enum fe_state state);

#endif
