/*
 * comedi_scale.h - from a board's codes to volts or amperes.
 *
 * By the ends of the range, or by the polynomial of a board that leaves
 * calibration to software.
 */
#ifndef HOST_ACQ_COMEDI_SCALE_H
#define HOST_ACQ_COMEDI_SCALE_H

#include <comedilib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cisoid/diag.h"

/* Physical value = sum of coef[k] (code - origin)^k. */
struct cis_comedi_scale {
	double coef[COMEDI_MAX_NUM_POLYNOMIAL_COEFFICIENTS];
	double origin;
	double min, max; /* the range's ends, V or A */
	lsampl_t max_code;
	unsigned unit; /* UNIT_* */
};

/* What the range of a channel says. -EINVAL, -ENODEV. */
int cis_comedi_scale(comedi_t *dev, const char *path, unsigned subdevice,
		     unsigned chanspec, struct cis_comedi_scale *scale,
		     struct cis_diag *diag);

/* A board's calibration, read from a file. */
struct cis_comedi_cal {
	comedi_calibration_t *file; /* NULL: none */
	char path[256];
};

/*
 * `asked` is a file; "": that of the board, where it calibrates by software and
 * has one (none is no error); "none". -EINVAL: it cannot be read, or is another
 * board's.
 */
int cis_comedi_cal_open(comedi_t *dev, unsigned subdevice, const char *asked,
			struct cis_comedi_cal *cal, struct cis_diag *diag);
void cis_comedi_cal_close(struct cis_comedi_cal *cal);

/* Replaces the nominal scale; nothing where there is no file. -EINVAL: the file
 * does not have this channel in this range. */
int cis_comedi_calibrate(const struct cis_comedi_cal *cal, unsigned subdevice,
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
