/*
 * interrupt.h - SIGINT and SIGTERM, seen between two pieces of work.
 *
 * The second signal ends the program at once. libuv's handlers run whichever
 * thread a signal comes to: libraries have threads of their own.
 */
#ifndef HOST_CLI_INTERRUPT_H
#define HOST_CLI_INTERRUPT_H

#include <stdbool.h>
#include <uv.h>

struct cis_interrupt {
	uv_loop_t loop;
	uv_signal_t signals[2];
	bool came;
};

void cis_interrupt_watch(struct cis_interrupt *in);
void cis_interrupt_unwatch(struct cis_interrupt *in);
/* Whether one has come. */
bool cis_interrupted(struct cis_interrupt *in);

#endif
