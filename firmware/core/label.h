/*
 * label.h - which UTC second began with the last edge 0.
 *
 * Sentences after a pulse name its second; from then on seconds are counted. A
 * label is believed after FE_LABEL_CHECKS seconds that were named as counted,
 * and is then kept by counting alone, however long no sentence comes.
 *
 * What contradicts: a single second named otherwise is refused; FE_LABEL_CHECKS
 * of them that agree with one another take the label away (a jump), and the new
 * one has to pass the same checks. Two exceptions:
 * - One second behind, and the first such second came after one without a name
 *   (but not after a minute of them): that is a receiver whose sentences have
 *   become more than a second late. It is not believed; the count goes on, and
 *   is believed again once it is named again.
 * - One second off within seconds of a month's end: that is a leap second one
 *   side does not know of. The label is lost at once, without a jump.
 */
#ifndef FIRMWARE_CORE_LABEL_H
#define FIRMWARE_CORE_LABEL_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/core/nmea.h"

#define FE_LABEL_CHECKS 4

/* Sentences later than this after a second began are not used. */
#define FE_LABEL_LATEST_MS 900

/* What fe_label_pulse() and fe_label_forget() tell, or'ed. */
enum fe_label_news {
	FE_LABEL_NOTHING = 0,
	FE_LABEL_GAINED = 1, /* is valid from now on */
	FE_LABEL_LOST = 2,   /* is no longer valid */
	FE_LABEL_JUMPED = 4, /* sentences say another: jump_s */
	FE_LABEL_LEAPT = 8,  /* leap_s: 1 second inserted, -1 left out */
	/* the second that is over was named otherwise, differently, or only by
	 * sentences that came too late */
	FE_LABEL_REFUSED = 16
};

/* What was said of the second since it began. */
struct fe_label_heard {
	bool rmc, zda; /* named it */
	bool fix, no_fix;
	bool conflict; /* it was named differently */
	bool late;     /* it was named too late */
	struct fe_second second;
};

struct fe_label {
	/* To be set: what fe_label_set_leap() said holds until that second, from
	 * then on nobody has said anything. 0: for good. */
	int64_t leap_till;
	bool valid;
	bool known;           /* `now` is counted, if not believed */
	struct fe_second now; /* began with the last pulse */
	bool has_sats;
	uint8_t sats;   /* of the last GGA, for some seconds */
	int64_t jump_s; /* of the last jump: new less old */
	int leap_s;     /* of the last leap: +1 or -1 */

	bool held;       /* valid once; only chains can replace `now` */
	uint8_t n_agree; /* seconds named as counted, while not valid */
	uint8_t n_rival; /* seconds that named the rival */
	bool rival_late; /* the first of them came after a gap */
	struct fe_second rival;
	uint8_t unnamed;  /* seconds since one was named; stays at 255 */
	uint8_t sats_age; /* seconds since GGA */
	bool leap_told;   /* the host has said whether one comes */
	int64_t leap_at;  /* the second behind it; 0: none */
	bool leap_insert;
	struct fe_label_heard heard;
};

void fe_label_init(struct fe_label *l);

/* The next second begins, by a pulse or by the count of edges. Returns news. */
unsigned fe_label_pulse(struct fe_label *l);

/* The count of seconds is void: begins anew, but for the leap. Returns news. */
unsigned fe_label_forget(struct fe_label *l);

/* A sentence that ended ms after the second began. */
void fe_label_nmea(struct fe_label *l, const struct fe_nmea *n, uint32_t ms);

/*
 * The second after a leap second, as SET leap says it: positive where one is
 * inserted, negative where one is left out, 0 for none. False, and nothing is
 * changed, where that is no month's beginning or, with a valid label, is over.
 *
 * Until something is said, the last second of each month costs the label, until
 * that has been checked anew: a leap second could be there.
 */
bool fe_label_set_leap(struct fe_label *l, int64_t at);

/* As set, and not yet over; 0: none. */
int64_t fe_label_leap(const struct fe_label *l);

/* FE_FLAG_LABEL, _LEAP_INSERT, _LEAP_DELETE and _IN_LEAP (link.h). */
unsigned fe_label_flags(const struct fe_label *l);

#endif
