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

struct fe_front;
struct fe_nmea;

struct fe_naming {
	uint64_t mark_q32;  /* where the label's second began */
	int64_t late_utc_s; /* the second that was named too late */
	bool marked;        /* mark_q32 is one */
	bool late;          /* a name was, as said of late_utc_s */
	bool jumped;        /* the label did, and is not back yet */
};

void fe_naming_init(struct fe_naming *s);

/*
 * A second began at at_q32: the label goes on to it, over missing ones. Where
 * that is no whole number of seconds after the last, the label is void.
 */
void fe_naming_mark(struct fe_front *f, uint64_t at_q32);

/* Pulses may be missing: seconds that nothing else has begun. */
void fe_naming_count(struct fe_front *f);

/* The receiver said which second it is, in a sentence that began at began_q32:
 * if that was in the second before, nothing named so is used. */
void fe_naming_nmea(struct fe_front *f, const struct fe_nmea *n,
		    uint64_t began_q32);

/* How far ahead second utc_s is; of use only where the label is believed. */
int64_t fe_naming_until_ms(const struct fe_front *f, int64_t utc_s);

#endif
