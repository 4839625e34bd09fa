/*
 * leaplist.h - the system's list of leap seconds, kept up to date with tzdata.
 */
#ifndef HOST_CLI_LEAPLIST_H
#define HOST_CLI_LEAPLIST_H

#include "cisoid/time.h"

/* Learns what the program was not built with; warns of a list that is none. */
void cis_leaplist_read(void);

/* Warns where the list has ended before `now`. */
void cis_leaplist_check(struct cis_time now);

#endif
