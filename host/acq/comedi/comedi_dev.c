/* comedi_dev.c - see comedi_dev.h. */
#include "comedi_dev.h"

#include <errno.h>

static const char *why_not(int err)
{
	switch (err) {
	case ENOENT:
		return "no such device; load a driver for the board, or use "
		       "the source mock";
	case ENXIO:
	case ENODEV:
		return "no board is attached to it; load a driver for the "
		       "board";
	case EACCES:
		return "no permission; is the user in the group that owns it?";
	case ENOTTY:
	case EISDIR:
	case EINVAL:
		return "not a Comedi device";
	default:
		return comedi_strerror(err);
	}
}

int cis_comedi_open(const char *path, comedi_t **out, struct cis_diag *diag)
{
	comedi_t *dev = comedi_open(path);

	if (!dev)
		return cis_fail(diag, -ENODEV, "%s: %s", path,
				why_not(comedi_errno()));
	*out = dev;
	return 0;
}

int cis_comedi_find_inputs(comedi_t *dev, const char *path, int asked,
			   unsigned *subdevice, struct cis_diag *diag)
{
	int s = asked;

	if (s < 0)
		s = comedi_find_subdevice_by_type(dev, COMEDI_SUBD_AI, 0);
	if (s < 0)
		return cis_fail(diag, -ENODEV, "%s: no analogue inputs", path);
	if (s >= comedi_get_n_subdevices(dev) ||
	    comedi_get_subdevice_type(dev, (unsigned)s) != COMEDI_SUBD_AI)
		return cis_fail(diag, -EINVAL,
				"%s: subdevice %d is no analogue input", path,
				s);
	if (!(comedi_get_subdevice_flags(dev, (unsigned)s) & SDF_CMD_READ))
		return cis_fail(diag, -ENODEV,
				"%s: subdevice %d cannot sample by itself",
				path, s);
	*subdevice = (unsigned)s;
	return 0;
}

int cis_comedi_claim(comedi_t *dev, const char *path, unsigned subdevice,
		     struct cis_diag *diag)
{
	if (comedi_get_read_subdevice(dev) != (int)subdevice &&
	    comedi_set_read_subdevice(dev, subdevice) < 0)
		return cis_fail(diag, -ENODEV,
				"%s: subdevice %u cannot be read", path,
				subdevice);
	if (comedi_lock(dev, subdevice) < 0)
		return cis_fail(diag, -ENODEV,
				"%s: subdevice %u is in use by another program",
				path, subdevice);
	return 0;
}

void cis_comedi_describe(comedi_t *dev, unsigned subdevice,
			 struct cis_comedi_facts *facts)
{
	int n_chan = comedi_get_n_channels(dev, subdevice);
	int n_range = comedi_get_n_ranges(dev, subdevice, 0);

	*facts = (struct cis_comedi_facts){
		.board = comedi_get_board_name(dev),
		.driver = comedi_get_driver_name(dev),
		.subdevice = subdevice,
		.flags = comedi_get_subdevice_flags(dev, subdevice),
		.n_chan = n_chan > 0 ? (unsigned)n_chan : 0,
		.n_range = n_range > 0 ? (unsigned)n_range : 0,
		.max_code = comedi_get_maxdata(dev, subdevice, 0),
		.buffer_len = comedi_get_buffer_size(dev, subdevice),
		.max_buffer_len = comedi_get_max_buffer_size(dev, subdevice),
	};
	if (comedi_get_cmd_src_mask(dev, subdevice, &facts->can) < 0)
		facts->can = (comedi_cmd){0};
}
