/* comedi_cmd.c - see comedi_cmd.h. */
#include "comedi_cmd.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>

#define MAX_TRIES 6

static void fill(comedi_t *dev, const struct cis_comedi_ask *ask,
		 comedi_cmd *cmd)
{
	comedi_cmd mask = {0};
	bool now = comedi_get_cmd_src_mask(dev, ask->subdevice, &mask) == 0 &&
		   (mask.convert_src & TRIG_NOW);

	*cmd = (comedi_cmd){
		.subdev = ask->subdevice,
		.start_src = TRIG_NOW,
		.scan_begin_src = TRIG_TIMER,
		.scan_begin_arg = (unsigned)llround(1e9 / ask->rate_hz),
		.convert_src = now ? TRIG_NOW : TRIG_TIMER,
		.scan_end_src = TRIG_COUNT,
		.scan_end_arg = ask->n_chan,
		.stop_src = TRIG_NONE,
		.chanlist = ask->chanlist,
		.chanlist_len = ask->n_chan,
	};
}

/* Each call mends what the board cannot do, as near as it can; 0 is accepted,
 * 1 and 2 mean that a source does not exist, and stay. */
int cis_comedi_cmd(comedi_t *dev, const struct cis_comedi_ask *ask,
		   comedi_cmd *cmd, struct cis_diag *diag)
{
	int step = -1;

	fill(dev, ask, cmd);
	for (int i = 0; i < MAX_TRIES && step != 0; i++) {
		step = comedi_command_test(dev, cmd);
		if (step < 0)
			return cis_fail(diag, -ENODEV, "%s: %s", ask->path,
					comedi_strerror(comedi_errno()));
		if (step == 1 || step == 2)
			break;
	}
	if (step == 5)
		return cis_fail(diag, -EINVAL,
				"%s: the board cannot sample these channels in "
				"one scan",
				ask->path);
	if (step != 0 || cmd->scan_begin_arg == 0)
		return cis_fail(diag, -ENODEV,
				"%s: the board cannot be started by software "
				"and clocked by its own timer",
				ask->path);
	return 0;
}
