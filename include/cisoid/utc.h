/*
 * utc.h - UTC at the edges: seconds of century, leap seconds, RFC 3339.
 *
 * SOC counts UTC seconds since 1970-01-01 without leap seconds, as C37.118.2
 * and POSIX do: 23:59:60 has the SOC of the 00:00:00 that follows it. Before
 * 1972 TAI - UTC is taken as 10 s.
 *
 * The table of leap seconds is that of IERS Bulletin C when the program was
 * built, and what it has learnt since: from the system's leap-seconds.list, and
 * from a kernel that announces one. It belongs to the process, not to a module.
 */
#ifndef CISOID_UTC_H
#define CISOID_UTC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "cisoid/diag.h"
#include "cisoid/time.h"

struct cis_utc {
	int64_t soc;
	int leap; /* 1 within 23:59:60 */
};

struct cis_utc cis_utc_from_tai(int64_t tai_s);
int64_t cis_utc_to_tai(struct cis_utc utc);
int64_t cis_tai_from_soc(int64_t soc);

/*
 * The leap second that counts at a second of TAI: the next one when it is at most
 * a minute (of 61 s) away, else the last one. step_s is +1 (inserted), -1
 * (deleted) or 0 (none is known); in_s seconds later the first second after it
 * begins. in_s is 0 or negative once it is over. An inserted second itself has
 * in_s 1.
 */
struct cis_leap_near {
	int step_s;
	int64_t in_s;
};

struct cis_leap_near cis_utc_leap_near(int64_t tai_s);

/* The SOC up to which all leap seconds are known: the expiry of the list. */
int64_t cis_utc_known_until(void);

/*
 * UTC steps by +1 or -1 just before `soc`, a midnight after the last leap second
 * known. Said twice is said once. -EINVAL: not such a date. From any thread.
 */
int cis_utc_learn_leap(int64_t soc, int step_s);

/*
 * A rehearsal: the same at the end of any minute after the last leap second
 * known. The clock of the computer does not take part in it, so that
 * cis_time_from_posix() goes on as if nothing were. Before all threads. -EINVAL:
 * not such a date.
 */
int cis_utc_rehearse_leap(int64_t soc, int step_s);

/* Those that are rehearsed, in their order; their number. And none of them any
 * more: while no other thread asks what time it is. */
#define CIS_MAX_REHEARSAL 32
struct cis_rehearsal {
	int64_t soc;
	int step_s;
};

unsigned cis_utc_rehearsed(struct cis_rehearsal out[CIS_MAX_REHEARSAL]);
void cis_utc_end_rehearsals(void);

/*
 * A table of a thread's own: who looks at what a rehearsal would be, while
 * others go on. copy() takes what is known and none that is rehearsed, where
 * nobody ends rehearsals meanwhile. From use() on all of this header is by that
 * table in the calling thread, and by that of the process again with NULL; real
 * leap seconds that the thread learns are learnt for all.
 */
struct cis_utc_table {
	int64_t learnt[CIS_MAX_REHEARSAL];
};

void cis_utc_copy(struct cis_utc_table *table);
void cis_utc_use(struct cis_utc_table *table);

/* The IERS's leap-seconds.list. -EBADMSG: it is none, or contradicts what is
 * known; the entries before the bad line hold. */
int cis_utc_read_leaps(FILE *f);

/* A POSIX time (seconds and ns, as clock_gettime gives it) as TAI. */
struct cis_time cis_time_from_posix(int64_t s, int64_t ns);

#define CIS_UTC_SIZE 64

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
