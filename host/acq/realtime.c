/* realtime.c - see realtime.h. */
#define _GNU_SOURCE /* RLIMIT_RTPRIO, RLIMIT_MEMLOCK, names of threads */
#include "realtime.h"

#include <errno.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>

/* The hard limit, to which the soft one is raised. The type is what getrlimit()
 * takes under _GNU_SOURCE. */
static rlim_t raise_limit(__rlimit_resource_t resource)
{
	struct rlimit lim;

	if (getrlimit(resource, &lim))
		return 0;
	lim.rlim_cur = lim.rlim_max;
	setrlimit(resource, &lim);
	return lim.rlim_max;
}

static int set_fifo(pthread_t thread, int priority)
{
	struct sched_param param = {.sched_priority = priority};

	return pthread_setschedparam(thread, SCHED_FIFO, &param);
}

/* Who may ask for less than that gets what he may. */
static void ask_for_priority(struct cis_realtime *rt, pthread_t thread)
{
	rlim_t limit = raise_limit(RLIMIT_RTPRIO);

	rt->priority = CIS_REALTIME_PRIORITY;
	rt->fifo_err = set_fifo(thread, rt->priority);
	if (rt->fifo_err == EPERM && limit > 0 &&
	    limit < CIS_REALTIME_PRIORITY) {
		rt->priority = (int)limit;
		rt->fifo_err = set_fifo(thread, rt->priority);
	}
	if (rt->fifo_err)
		rt->priority = 0;
}

/* Pages stay once they are there; what is reserved and never used costs nothing.
 * What comes later is locked only where there is no limit, which would make
 * allocations fail. */
static void ask_for_memory(struct cis_realtime *rt)
{
	bool unlimited = raise_limit(RLIMIT_MEMLOCK) == RLIM_INFINITY;

	rt->locked = !mlockall(MCL_ONFAULT | MCL_CURRENT |
			       (unlimited ? MCL_FUTURE : 0));
	rt->lock_err = rt->locked ? 0 : errno;
}

void cis_realtime_name(pthread_t thread, const char *name)
{
	pthread_setname_np(thread, name);
}

void cis_realtime_ask(struct cis_realtime *rt, pthread_t acq)
{
	rt->asked = true;
	ask_for_memory(rt);
	ask_for_priority(rt, acq);
}
