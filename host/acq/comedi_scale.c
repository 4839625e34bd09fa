/* comedi_scale.c - see comedi_scale.h. */
#include "comedi_scale.h"

#include <errno.h>
#include <string.h>

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
		.offset = range->min * unit,
		.gain = (range->max - range->min) * unit / max,
		.min = range->min * unit,
		.max = range->max * unit,
		.max_code = max,
		.unit = range->unit,
	};
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
	bool clip = false;

	for (uint32_t i = 0; i < codes->n; i++) {
		lsampl_t code =
			code_at(codes->raw + i * codes->step, codes->code_len);

		x[i] = s->offset + s->gain * code;
		clip = clip || code == 0 || code >= s->max_code;
	}
	return clip;
}
