/*
 * dater_shown.h - the state of the time, from acq's thread to all others.
 */
#ifndef HOST_ACQ_DATER_SHOWN_H
#define HOST_ACQ_DATER_SHOWN_H

#include <stdatomic.h>

#include "dater.h"

#define DATER_N_WORDS                                              \
	((sizeof(struct cis_time_status) + sizeof(uint64_t) - 1) / \
	 sizeof(uint64_t))

/* Zero it first. */
struct dater_shown {
	_Atomic uint64_t turn; /* odd while words are written */
	_Atomic uint64_t words[DATER_N_WORDS];
};

/* On acq's thread; it never waits. */
void dater_show(struct dater_shown *shown, const struct cis_time_status *st);
/* On any thread: all of it as it was at one moment. */
void dater_look(const struct dater_shown *shown, struct cis_time_status *st);

#endif
