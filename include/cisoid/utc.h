/*
 * utc.h - UTC at the edges: seconds of century, leap seconds, RFC 3339.
 *
 * SOC counts UTC seconds since 1970-01-01 without leap seconds, as C37.118.2
 * and POSIX do: 23:59:60 has the SOC of the 00:00:00 that follows it. Before
 * 1972 TAI - UTC is taken as 10 s. The table ends with the newest leap second
 * known when the program was built.
 */
#ifndef CISOID_UTC_H
#define CISOID_UTC_H

#include <stddef.h>

#include "cisoid/diag.h"
#include "cisoid/time.h"

struct cis_utc {
	int64_t soc;
	int leap; /* 1 within 23:59:60 */
};

struct cis_utc cis_utc_from_tai(int64_t tai_s);
int64_t cis_utc_to_tai(struct cis_utc utc);
int64_t cis_tai_from_soc(int64_t soc);

/* A POSIX time (seconds and ns, as clock_gettime gives it) as TAI. */
struct cis_time cis_time_from_posix(int64_t s, int64_t ns);

#define CIS_UTC_SIZE 40

/*
 * RFC 3339 with Z and `digits` (0..9) decimals, cut and not rounded, so that a
 * second never becomes 60 by mistake. Returns buf.
 */
const char *cis_utc_format(struct cis_time t, unsigned digits,
			   char buf[CIS_UTC_SIZE]);

/*
 * "2026-11-20T23:21:14.5Z"; an offset +hh:mm is allowed, a missing zone is not.
 * -EINVAL, with a message.
 */
int cis_utc_parse(const char *text, struct cis_time *t, struct cis_diag *diag);

/* Civil fields to TAI; month 1..12; second up to 60 where a leap second is.
 * -EINVAL when there is no such date. */
struct cis_civil {
	int year, month, day, hour, minute, second;
};

int cis_utc_from_civil(const struct cis_civil *c, int64_t *tai_s);

#endif
