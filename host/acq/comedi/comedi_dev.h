/*
 * comedi_dev.h - Comedi boards: opened, their analogue inputs found and
 * described.
 *
 * This folder is all that knows comedilib; devices.h and comedi_opts.h, by which
 * others ask for boards, do not show it.
 */
#ifndef HOST_ACQ_COMEDI_DEV_H
#define HOST_ACQ_COMEDI_DEV_H

#include <comedilib.h>
#include <stdbool.h>

#include "cisoid/diag.h"

/* -ENODEV with the reason, and what to do. */
int cis_comedi_open(const char *path, comedi_t **out, struct cis_diag *diag);

/* The analogue inputs that sample by themselves: subdevice `asked`, or the first
 * analogue input where that is -1. -EINVAL, -ENODEV. */
int cis_comedi_find_inputs(comedi_t *dev, const char *path, int asked,
			   unsigned *subdevice, struct cis_diag *diag);

/* Makes it the subdevice that is read, and ours. -ENODEV: another program's. */
int cis_comedi_claim(comedi_t *dev, const char *path, unsigned subdevice,
		     struct cis_diag *diag);

/* What a subdevice of analogue inputs says of itself. */
struct cis_comedi_facts {
	const char *board; /* comedilib's */
	const char *driver;
	unsigned subdevice;
	int flags; /* SDF_* */
	unsigned n_chan;
	unsigned n_range;   /* of channel 0 */
	lsampl_t max_code;  /* of channel 0 */
	comedi_cmd can;     /* the sources it knows, as masks; 0: no commands */
	int buffer_len;     /* bytes */
	int max_buffer_len; /* bytes */
};

void cis_comedi_describe(comedi_t *dev, unsigned subdevice,
			 struct cis_comedi_facts *facts);

#endif
