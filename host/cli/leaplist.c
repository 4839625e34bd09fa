/* leaplist.c - see leaplist.h. */
#include "leaplist.h"

#include <stdio.h>

#include "cisoid/log.h"
#include "cisoid/utc.h"

/* Of Debian's tzdata and of others'. */
#define LIST "/usr/share/zoneinfo/leap-seconds.list"

void cis_leaplist_read(void)
{
	FILE *f = fopen(LIST, "r");

	if (!f)
		return;
	if (cis_utc_read_leaps(f))
		cis_log(CIS_LOG_WARN,
			"%s: not a list of the IERS, not used; install tzdata "
			"anew",
			LIST);
	fclose(f);
}

void cis_leaplist_check(struct cis_time now)
{
	int64_t until = cis_utc_known_until();
	struct cis_time end = cis_time_from_posix(until, 0);
	char buf[CIS_UTC_SIZE];

	if (cis_time_diff_ns(now, end) < 0)
		return;
	cis_utc_format(end, 0, buf);
	cis_log(CIS_LOG_WARN,
		"the list of leap seconds ends with %.10s; a later one is "
		"known "
		"only when the kernel announces it: update tzdata",
		buf);
}
