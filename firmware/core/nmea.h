/*
 * nmea.h - sentences of a receiver: RMC, ZDA and GGA of any talker.
 *
 * Read is what the label needs: which UTC second, and whether the receiver has
 * a fix. The text is a line's between $ and *, its checksum proven (line.h).
 */
#ifndef FIRMWARE_CORE_NMEA_H
#define FIRMWARE_CORE_NMEA_H

#include <stdbool.h>
#include <stdint.h>

/*
 * 2026-01-01 00:00:00 UTC. No sentence comes from before this was written, but
 * a receiver whose count of weeks has rolled over goes back 1024 weeks (19.6
 * years) and says so with status A: until 2045 that is always before 2026.
 */
#define FE_NMEA_UTC_MIN INT64_C(1767225600)

enum fe_nmea_kind {
	FE_NMEA_OTHER, /* another sentence; nothing was read */
	FE_NMEA_BAD,   /* one of these three, but it cannot be true */
	FE_NMEA_RMC,
	FE_NMEA_ZDA,
	FE_NMEA_GGA
};

/* A second of UTC. 23:59:60 is 23:59:59 with `leap`. */
struct fe_second {
	int64_t utc_s;
	bool leap;
};

struct fe_nmea {
	enum fe_nmea_kind kind;
	bool names; /* `second` is set: RMC with a fix, ZDA */
	struct fe_second second;
	bool fix;      /* it says that it has one: see below */
	bool has_sats; /* GGA */
	uint8_t sats;  /* used */
};

/*
 * Times are hhmmss, with or without a fraction; one that is not zero belongs to
 * a sentence between seconds, which names none. Refused as BAD: fields that are
 * missing or of another form, dates that are none, hour 24, a second 60 that
 * does not end a month, and what lies before FE_NMEA_UTC_MIN or after 2099.
 * RMC's year is of 1980..2079.
 *
 * A fix is RMC's status A, but in its modes E N S (estimated, none, simulated);
 * GGA's quality 1 to 5, and 7 with satellites: the position of a timing receiver
 * was put in by hand.
 */
enum fe_nmea_kind fe_nmea_decode(const char *text, struct fe_nmea *n);

/* The second is the first of a month. */
bool fe_nmea_begins_month(int64_t utc_s);

#endif
