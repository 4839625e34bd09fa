/*
 * tell.h - what the host is told: lines, and events that are counted.
 *
 * The buffer holds whole lines. Where the host does not read, the oldest are
 * dropped, never a part of one, and their number is told.
 */
#ifndef FIRMWARE_CORE_TELL_H
#define FIRMWARE_CORE_TELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/core/link.h"

/* Nine lines of 70 bytes, a second of reports and events. */
#define FE_TELL_SIZE 640

struct fe_tell {
	char buf[FE_TELL_SIZE];
	uint16_t len;
	bool midway;                /* the first line is given in part */
	uint16_t count[FE_N_EVENT]; /* events not told yet */
	uint32_t told;              /* bits of events told in this second */
};

void fe_tell_init(struct fe_tell *t);

/* A whole line of len bytes; none where len is 0: it could not be written. */
void fe_tell_line(struct fe_tell *t, const struct fe_text *line, size_t len);

/* Now, with a value of its own. */
void fe_tell_event(struct fe_tell *t, const struct fe_event *e);

/* Of those that are told at most once a second, value = how many; n more. */
void fe_tell_count(struct fe_tell *t, enum fe_event_name name, uint32_t n);

/* Tells counted events that were not told in this second yet. */
void fe_tell_counted(struct fe_tell *t, int64_t utc_s);

/* Another second began: each of them may be told again. */
void fe_tell_second(struct fe_tell *t);

/* Up to n bytes for the host; returns how many. */
size_t fe_tell_take(struct fe_tell *t, char *buf, size_t n);

#endif
