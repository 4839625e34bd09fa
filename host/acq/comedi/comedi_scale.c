/* comedi_scale.c - see comedi_scale.h. */
#include "comedi_scale.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int cis_comedi_scale(comedi_t *dev, const char *path, unsigned subdevice,
		     unsigned chanspec, struct cis_comedi_scale *scale,
		     struct cis_diag *diag)
{
	unsigned chan = CR_CHAN(chanspec), r = CR_RANGE(chanspec);
	comedi_range *range;
	lsampl_t max;
	double unit;

	if (chan >= (unsigned)comedi_get_n_channels(dev, subdevice))
		return cis_fail(diag, -EINVAL,
				"%s: no channel %u; the board has 0 to %d",
				path, chan,
				comedi_get_n_channels(dev, subdevice) - 1);
	range = comedi_get_range(dev, subdevice, chan, r);
	if (!range)
		return cis_fail(diag, -EINVAL,
				"%s: no range %u; channel %u has 0 to %d", path,
				r, chan,
				comedi_get_n_ranges(dev, subdevice, chan) - 1);
	max = comedi_get_maxdata(dev, subdevice, chan);
	if (max == 0 || !(range->max > range->min))
		return cis_fail(diag, -ENODEV,
				"%s: channel %u has no usable range", path,
				chan);
	unit = range->unit == UNIT_mA ? 1e-3 : 1;
	*scale = (struct cis_comedi_scale){
		.coef = {range->min * unit,
			 (range->max - range->min) * unit / max},
		.min = range->min * unit,
		.max = range->max * unit,
		.max_code = max,
		.unit = range->unit,
	};
	return 0;
}

/* Where comedi_soft_calibrate puts it; false: nowhere. */
static bool own_path(comedi_t *dev, unsigned subdevice, char *path, size_t size)
{
	int flags = comedi_get_subdevice_flags(dev, subdevice);
	char *own;
	bool found;

	if (flags < 0 || !(flags & SDF_SOFT_CALIBRATED))
		return false;
	own = comedi_get_default_calibration_path(dev);
	found = own && strlen(own) < size && access(own, R_OK) == 0;
	if (found)
		strcpy(path, own);
	free(own);
	return found;
}

static bool same(const char *a, const char *b)
{
	return a && b && !strcmp(a, b);
}

int cis_comedi_cal_open(comedi_t *dev, unsigned subdevice, const char *asked,
			struct cis_comedi_cal *cal, struct cis_diag *diag)
{
	*cal = (struct cis_comedi_cal){.file = NULL};
	if (!strcmp(asked, "none"))
		return 0;
	if (*asked)
		snprintf(cal->path, sizeof(cal->path), "%s", asked);
	else if (!own_path(dev, subdevice, cal->path, sizeof(cal->path)))
		return 0;
	cal->file = comedi_parse_calibration_file(cal->path);
	if (!cal->file)
		return cis_fail(diag, -EINVAL,
				"calibration: %s cannot be read as a Comedi "
				"calibration",
				cal->path);
	if (same(cal->file->driver_name, comedi_get_driver_name(dev)) &&
	    same(cal->file->board_name, comedi_get_board_name(dev)))
		return 0;
	cis_fail(diag, -EINVAL,
		 "calibration: %s is of a board %s (driver %s), not of %s (%s)",
		 cal->path, cal->file->board_name ? cal->file->board_name : "?",
		 cal->file->driver_name ? cal->file->driver_name : "?",
		 comedi_get_board_name(dev), comedi_get_driver_name(dev));
	cis_comedi_cal_close(cal);
	return -EINVAL;
}

void cis_comedi_cal_close(struct cis_comedi_cal *cal)
{
	if (cal->file)
		comedi_cleanup_calibration(cal->file);
	cal->file = NULL;
}

int cis_comedi_calibrate(const struct cis_comedi_cal *cal, unsigned subdevice,
			 unsigned chanspec, struct cis_comedi_scale *scale,
			 struct cis_diag *diag)
{
	double unit = scale->unit == UNIT_mA ? 1e-3 : 1;
	comedi_polynomial_t p;

	if (!cal->file)
		return 0;
	if (comedi_get_softcal_converter(subdevice, CR_CHAN(chanspec),
					 CR_RANGE(chanspec), COMEDI_TO_PHYSICAL,
					 cal->file, &p) < 0 ||
	    p.order >= COMEDI_MAX_NUM_POLYNOMIAL_COEFFICIENTS)
		return cis_fail(diag, -EINVAL,
				"calibration: %s has no polynomial for channel "
				"%u in range %u",
				cal->path, CR_CHAN(chanspec),
				CR_RANGE(chanspec));
	for (unsigned k = 0; k < COMEDI_MAX_NUM_POLYNOMIAL_COEFFICIENTS; k++)
		scale->coef[k] = k <= p.order ? p.coefficients[k] * unit : 0;
	scale->origin = p.expansion_origin;
	return 0;
}

static lsampl_t code_at(const uint8_t *raw, size_t code_len)
{
	lsampl_t wide;
	sampl_t narrow;

	if (code_len == sizeof(wide)) {
		memcpy(&wide, raw, sizeof(wide));
		return wide;
	}
	memcpy(&narrow, raw, sizeof(narrow));
	return narrow;
}

bool cis_comedi_convert(const struct cis_comedi_scale *s,
			const struct cis_comedi_codes *codes, double *x)
{
	const double *a = s->coef;
	bool clip = false;

	for (uint32_t i = 0; i < codes->n; i++) {
		lsampl_t code =
			code_at(codes->raw + i * codes->step, codes->code_len);
		double d = code - s->origin;

		x[i] = a[0] + d * (a[1] + d * (a[2] + d * a[3]));
		clip = clip || code == 0 || code >= s->max_code;
	}
	return clip;
}
