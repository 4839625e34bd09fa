/* descriptors.c - see descriptors.h and getrlimit(2). */
#include "descriptors.h"

#include <dirent.h>
#include <sys/resource.h>

#define SPARE   32    /* for the log, captures and what the system opens */
#define GUESS   64    /* open files where /proc does not tell */
#define AT_ONCE 16384 /* other ports will want some too */

static rlim_t count_open(void)
{
	DIR *dir = opendir("/proc/self/fd");
	rlim_t n = 0;

	if (!dir)
		return GUESS;
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

unsigned cis_descriptors_reserve(unsigned wanted)
{
	rlim_t used = count_open() + SPARE, need = used + wanted;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return wanted;
	if (limit.rlim_cur < need) {
		rlim_t old = limit.rlim_cur;

		limit.rlim_cur = need > AT_ONCE ? need : AT_ONCE;
		if (limit.rlim_cur > limit.rlim_max)
			limit.rlim_cur = limit.rlim_max;
		if (setrlimit(RLIMIT_NOFILE, &limit))
			limit.rlim_cur = old;
	}
	if (limit.rlim_cur >= need)
		return wanted;
	return limit.rlim_cur > used ? (unsigned)(limit.rlim_cur - used) : 0;
}
