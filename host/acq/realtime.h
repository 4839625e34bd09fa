/*
 * realtime.h - asks the system to let nothing get in acq's way.
 *
 * SCHED_FIFO, so that the thread runs whenever a board has samples, and all of
 * the process in memory, so that it never waits for a disk. Both take a right;
 * without it everything works, as long as the computer is not busy.
 */
#ifndef HOST_ACQ_REALTIME_H
#define HOST_ACQ_REALTIME_H

#include <pthread.h>
#include <stdbool.h>

/* Below the kernel's own threads for interrupts, which have 50. */
#define CIS_REALTIME_PRIORITY 40

struct cis_realtime {
	bool asked;   /* for a board; nothing else needs it */
	int priority; /* of SCHED_FIFO; 0: refused with fifo_err */
	int fifo_err; /* errno */
	bool locked;  /* false: refused with lock_err */
	int lock_err;
};

/* The thread runs, and all that it will use is allocated. */
void cis_realtime_ask(struct cis_realtime *rt, pthread_t acq);

/* For top and chrt: at most 15 characters. */
void cis_realtime_name(pthread_t thread, const char *name);

#endif
