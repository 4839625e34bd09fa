/*
 * comedi_scale.h - from a board's codes to volts or amperes.
 */
#ifndef HOST_ACQ_COMEDI_SCALE_H
#define HOST_ACQ_COMEDI_SCALE_H

#include <comedilib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cisoid/diag.h"

/* Physical value = offset + gain * code. */
struct cis_comedi_scale {
	double offset;
	double gain;
	double min, max; /* the range's ends, V or A */
	lsampl_t max_code;
	unsigned unit; /* UNIT_* */
};

/* What the range of a channel says. -EINVAL, -ENODEV. */
int cis_comedi_scale(comedi_t *dev, const char *path, unsigned subdevice,
		     unsigned chanspec, struct cis_comedi_scale *scale,
		     struct cis_diag *diag);

/* Samples as they lie in the driver's buffer: n, the first at `raw`, each
 * `step` bytes after the one before. */
struct cis_comedi_codes {
	const uint8_t *raw;
	size_t code_len; /* of sampl_t or lsampl_t */
	size_t step;
	uint32_t n;
};

/* True when a code is at an end of the range. */
bool cis_comedi_convert(const struct cis_comedi_scale *scale,
			const struct cis_comedi_codes *codes, double *x);

#endif
