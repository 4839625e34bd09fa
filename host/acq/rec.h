/*
 * rec.h - the rec thread: it drains ring 2 into a recording.
 *
 * offer() is called by acq: it copies a block and never waits. When the disk is
 * slower than the board the recording loses blocks and counts their scans; the
 * stream never does.
 */
#ifndef HOST_ACQ_REC_H
#define HOST_ACQ_REC_H

#include "host/acq/recorder.h"

struct cis_rec;

/* Opens the recording and starts the thread; max_block is the largest n_scan
 * that will be offered. Errors as cis_recorder_open(). */
int cis_rec_open(const struct cis_recorder_config *rc, uint32_t max_block,
		 double rate_hz, struct cis_rec **out, struct cis_diag *diag);

void cis_rec_offer(struct cis_rec *rec, const struct cis_block *blk);

/* Scans that did not get into the recording. */
uint64_t cis_rec_lost(const struct cis_rec *rec);

/* Writes what is queued, ends the thread and closes the recording; frees `rec`,
 * also when it fails. Errors as cis_recorder_close(). */
int cis_rec_close(struct cis_rec *rec, struct cis_diag *diag);

/* The same, but no files remain. NULL is allowed. */
void cis_rec_abort(struct cis_rec *rec);

#endif
