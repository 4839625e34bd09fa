/*
 * aware.h - test-aware fits: the exact waveform of a known test, fitted to the
 * whole recording. docs/estimator.md, 9.
 *
 * For recordings, not for streams: reports come after finish(), and what is kept
 * of the blind ones grows with the recording. Pure. new() is called by one thread
 * at a time, as cis_estim_new() is.
 *
 * Each channel is fitted with the model's own parameters; reports are those of
 * the blind estimator (profile of `estim`) with its instants, flags and notes,
 * but phasors, frequency, ROCOF and their uncertainties of the model. Where the
 * model does not hold - the blind estimates of samples and fitted waveform
 * differ by more than four sigma, or the residual is not white - the channel's
 * blind values stay, and reports are noted CIS_NOTE_BLIND. Sequences, frequency
 * and ROCOF are the model's where those of all channels behind them are; of the
 * voltages' frequency, channels without a signal do not count.
 *
 * The recording is one stretch (estim.h): after a gap nothing is fitted.
 */
#ifndef CISOID_AWARE_H
#define CISOID_AWARE_H

#include "cisoid/estim.h"

/* The longest recording: an hour and a half at 18 kHz. */
#define CIS_AWARE_MAX_SCAN 100000000

enum cis_model {
	CIS_MODEL_NONE,
	CIS_MODEL_STEADY, /* A, phi, f */
	CIS_MODEL_RAMP,   /* and R, from a corner to a corner */
	CIS_MODEL_MOD,    /* amplitude and phase modulated at one frequency */
	CIS_MODEL_TONE,   /* steady, and an interharmonic */
	CIS_MODEL_STEP,   /* two phasors, one frequency */
};

struct cis_aware_config {
	const struct cis_estim_config *estim; /* copied; its map borrowed */
	enum cis_model model;
	bool harmonics;  /* fit harmonics 2..50 of f too */
	size_t max_scan; /* most scans that will be pushed */
};

struct cis_aware;

/* "none", "steady", ...; -EINVAL with a message naming them. */
int cis_model_parse(const char *text, enum cis_model *out,
		    struct cis_diag *diag);
const char *cis_model_name(enum cis_model model);

int cis_aware_new(const struct cis_aware_config *cfg, struct cis_aware **out,
		  struct cis_diag *diag);
void cis_aware_free(struct cis_aware *aware); /* NULL is allowed */

/* As cis_estim_push; -ENOSPC beyond max_scan. */
int cis_aware_push(struct cis_aware *aware, const struct cis_block *blk);
/* Fits. 0, whether or not the models hold; -ENOMEM. */
int cis_aware_finish(struct cis_aware *aware);
/* After finish: the next report, or -EAGAIN when there are no more. */
int cis_aware_pop(struct cis_aware *aware, struct cis_report *rep);

/* Why channel `chan` was not fitted, or its fit was refused; "" where it
 * holds. Valid until free. */
const char *cis_aware_why(const struct cis_aware *aware, uint32_t chan);

#endif
