/*
 * comedi_board.h - a Comedi board set up for sampling: its channels, scales,
 * command and buffer.
 */
#ifndef HOST_ACQ_COMEDI_BOARD_H
#define HOST_ACQ_COMEDI_BOARD_H

#include "host/acq/comedi/comedi_cmd.h"
#include "host/acq/comedi/comedi_dev.h"
#include "host/acq/comedi/comedi_opts.h"
#include "host/acq/comedi/comedi_scale.h"

#define CIS_COMEDI_MAX_LIST (CIS_MAX_CHAN + 1) /* the PPS is the last */

struct cis_comedi_board {
	struct cis_comedi_opts opts;
	comedi_t *dev; /* NULL: gone */
	char name[64], driver[64];
	unsigned subdevice;
	int flags; /* SDF_* */
	uint32_t n_list;
	unsigned chanlist[CIS_COMEDI_MAX_LIST];
	struct cis_comedi_scale scale[CIS_COMEDI_MAX_LIST];
	comedi_cmd cmd;
	double rate_hz;
	double convert_s; /* from one channel to the next */
	size_t code_len;  /* bytes of one sample */
	size_t scan_len;
	size_t buffer_len;     /* of the driver's */
	char calibration[256]; /* file; "": nominal ranges */
};

/* Opens what board->opts says. `warn` may be NULL. */
int cis_comedi_board_open(struct cis_comedi_board *board,
			  struct cis_warn_list *warn, struct cis_diag *diag);
void cis_comedi_board_close(struct cis_comedi_board *board);

/*
 * A board that went is opened anew, and must be the same: board, driver, ranges
 * and the command that it agrees to. -ENODEV: not there yet; -EINVAL: another.
 */
int cis_comedi_board_reopen(struct cis_comedi_board *board,
			    struct cis_diag *diag);

#endif
