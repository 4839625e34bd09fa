/*
 * mcu_thread.h - the thread that keeps the link: between mcu.c and
 * mcu_thread.c.
 */
#ifndef HOST_ACQ_MCU_THREAD_H
#define HOST_ACQ_MCU_THREAD_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "host/acq/mcu/mcu_port.h"
#include "host/acq/mcu/mcu_shown.h"
#include "host/acq/mcu/mcu_talk.h"
#include "host/core/ring.h"

/* What start() wants and is told; under `lock`. */
struct mcu_wish {
	bool on, taken, done;
	int lead_ms;
	int err;
	int64_t tai_s;
	struct cis_diag why;
};

struct cis_mcu {
	struct cis_mcu_config cfg;
	pthread_t thread;
	int wake_fd; /* eventfd: look at stop and wish */
	_Atomic bool stop;

	/* The thread's own; open()'s before it runs. */
	struct mcu_port port;
	struct mcu_talk talk;
	int64_t begun_ns, again_ns; /* connecting since; next attempt */
	unsigned n_tried;           /* since it was last ready */
	struct cis_diag why;        /* of the last that failed */

	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct mcu_wish wish;

	/* From the thread to all. */
	struct mcu_shown shown;
	_Atomic bool torn;
	struct cis_ring *events;
};

/* What has to be done until until_ns, or until somebody wants something. */
void mcu_thread_turn(struct cis_mcu *m, int64_t until_ns);

/* The whole thread: turns, until `stop`. */
void *mcu_thread_run(void *arg);

#endif
