/*
 * health.h - what a channel's samples and its fit say of themselves.
 */
#ifndef HOST_ESTIM_HEALTH_H
#define HOST_ESTIM_HEALTH_H

#include <stdbool.h>
#include <stddef.h>

#include "cisoid/chan.h"
#include "dyn.h"

/* A report is "disturbed" where the residual's rms exceeds this fraction of
 * the fundamental's: 5 %, a little below the distortion that networks allow. */
#define CIS_DISTURBED 0.05

/* Before the fit, from the samples alone: CIS_REPORT_GAP for a value that is
 * missing, _CLIP for three at the converter's limit, _NOSIGNAL for a constant
 * (variance below 1e-6 of the mean's square). */
uint32_t cis_health_samples(const struct cis_chan *chan, const double *s,
			    size_t n);

/* Frequencies that a fit may find: 0.7 to 1.3 of the nominal one. */
bool cis_health_in_range(double f_hz, double fnom_hz);

/* After it: CIS_REPORT_NOSIGNAL below 1 % of the nominal magnitude, where one
 * is known, or where the magnitude is less than ten times its own standard
 * uncertainty. */
uint32_t cis_health_fit(const struct cis_chan *chan, const struct cis_dyn *dyn);

/* The flags of a fit: those `before` it, those of cis_health_fit(), and of a
 * signal that is out of range CIS_REPORT_NOFIT. */
uint32_t cis_health_flags(const struct cis_chan *chan,
			  const struct cis_dyn *dyn, uint32_t before,
			  double fnom_hz);

#endif
