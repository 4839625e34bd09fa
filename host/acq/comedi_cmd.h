/*
 * comedi_cmd.h - the command that a board samples by: filled by hand, and agreed
 * with the board.
 *
 * comedi_get_cmd_generic_timed() lets some drivers choose to be started by
 * FOLLOW, with a rate that is not the one asked for.
 */
#ifndef HOST_ACQ_COMEDI_CMD_H
#define HOST_ACQ_COMEDI_CMD_H

#include <comedilib.h>
#include <stdint.h>

#include "cisoid/diag.h"

struct cis_comedi_ask {
	const char *path; /* of the device, for messages */
	unsigned subdevice;
	double rate_hz;
	unsigned *chanlist; /* borrowed by the command */
	uint32_t n_chan;
};

/* Started by software, clocked by the board's timer. -EINVAL, -ENODEV. */
int cis_comedi_cmd(comedi_t *dev, const struct cis_comedi_ask *ask,
		   comedi_cmd *cmd, struct cis_diag *diag);

#endif
