/*
 * leaps.h - the table of leap seconds: what the program was built with, then
 * what it has learnt.
 */
#ifndef HOST_CORE_LEAPS_H
#define HOST_CORE_LEAPS_H

#include <stdbool.h>
#include <stdint.h>

#include "cisoid/utc.h"

/* From this SOC on, TAI - UTC is offset_s. */
struct cis_leap {
	int64_t soc;
	int offset_s;
	bool rehearsed;
};

/*
 * The last entry `e` for which at(e) <= value, where at() is the entry's SOC or
 * its TAI second; *next is the entry after it. False: there is no such entry,
 * and *next is the first. An entry that does not exist has offset_s 0. By the
 * clock of the computer (POSIX) those of a rehearsal never are.
 */
enum cis_leap_scale { CIS_LEAP_SOC, CIS_LEAP_TAI, CIS_LEAP_POSIX };
bool cis_leap_find(enum cis_leap_scale scale, int64_t value,
		   struct cis_leap *last, struct cis_leap *next);

#endif
