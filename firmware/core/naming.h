/*
 * naming.h - seconds are counted for the label, and named by the receiver.
 *
 * What counts them are edges 0 where they are aligned, before that pulses, and
 * where these are missing the timer.
 */
#ifndef FIRMWARE_CORE_NAMING_H
#define FIRMWARE_CORE_NAMING_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/core/label.h"
#include "firmware/core/tell.h"

struct fe_naming {
	struct fe_label *label;
	struct fe_tell *tell; /* what becomes of the label */
	uint32_t tick_hz;
	uint64_t mark_q32;  /* where the label's second began */
	int64_t late_utc_s; /* the second that was named too late */
	bool marked;        /* mark_q32 is one */
	bool late;          /* a name was, as said of late_utc_s */
	bool jumped;        /* the label did, and is not back yet */
};

/* Label and tell are borrowed for good. */
void fe_naming_init(struct fe_naming *s, struct fe_label *label,
		    struct fe_tell *tell, uint32_t tick_hz);

/*
 * A second began at at_q32: the label goes on to it, over missing ones. Where
 * that is no whole number of seconds after the last, the label is void.
 */
void fe_naming_mark(struct fe_naming *s, uint64_t at_q32);

/* Pulses may be missing: seconds that nothing else has begun. */
void fe_naming_count(struct fe_naming *s, uint64_t now_q32);

/* What the receiver said, with when. */
struct fe_naming_heard {
	const struct fe_nmea *nmea;
	uint64_t began_q32; /* the sentence did */
	uint64_t now_q32;
};

/* It said which second it is: if the sentence began in the second before, nothing
 * named so is used. */
void fe_naming_nmea(struct fe_naming *s, const struct fe_naming_heard *h);

/* How far ahead second utc_s is; of use only where the label is believed. */
int64_t fe_naming_until_ms(const struct fe_naming *s, int64_t utc_s,
			   uint64_t now_q32);

#endif
