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
#include "host/acq/comedi/comedi_opts.h"

struct cis_comedi_ask {
	const struct cis_comedi_opts *opts; /* dev, rate, clock, start, ... */
	unsigned subdevice;
	unsigned *chanlist; /* borrowed by the command */
	uint32_t n_chan;
};

/* What comedi_command_test() says last: 0 when the board agrees to a command,
 * whose times it may have changed; 1 or 2: a source that it does not have, 3 to 5:
 * no agreement; below 0: comedi_errno() tells. */
int cis_comedi_cmd_agree(comedi_t *dev, comedi_cmd *cmd);

/* Until the board agrees; it may have changed times. -EINVAL, -ENODEV, with
 * what the board cannot do. */
int cis_comedi_cmd(comedi_t *dev, const struct cis_comedi_ask *ask,
		   comedi_cmd *cmd, struct cis_diag *diag);

/* The rate that was agreed: the board's own, or that of the edges asked for. */
double cis_comedi_cmd_rate_hz(const struct cis_comedi_ask *ask,
			      const comedi_cmd *cmd);

/* From one channel to the next. */
double cis_comedi_cmd_convert_s(const comedi_cmd *cmd);

/* -EINVAL: more than max_rate_error from what was asked for, the channels of a
 * scan take longer than a period, or one takes half as long again as was asked. */
int cis_comedi_cmd_check(const struct cis_comedi_ask *ask,
			 const comedi_cmd *cmd, struct cis_diag *diag);

#endif
