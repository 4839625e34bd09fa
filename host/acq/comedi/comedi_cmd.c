/* comedi_cmd.c - see comedi_cmd.h. */
#include "comedi_cmd.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>

#define MAX_TRIES 8

static unsigned edge_of(const struct cis_comedi_line *line)
{
	return line->line | CR_EDGE | (line->falling ? CR_INVERT : 0);
}

static void fill(const struct cis_comedi_ask *ask, const comedi_cmd *can,
		 comedi_cmd *cmd)
{
	const struct cis_comedi_opts *o = ask->opts;
	bool at_once = !o->has_convert && (can->convert_src & TRIG_NOW);

	*cmd = (comedi_cmd){
		.subdev = ask->subdevice,
		.start_src = o->start.external ? TRIG_EXT : TRIG_NOW,
		.start_arg = o->start.external ? edge_of(&o->start) : 0,
		.scan_begin_src = o->clock.external ? TRIG_EXT : TRIG_TIMER,
		.scan_begin_arg = o->clock.external
					  ? edge_of(&o->clock)
					  : (unsigned)llround(1e9 / o->rate_hz),
		.convert_src = at_once ? TRIG_NOW : TRIG_TIMER,
		.convert_arg = at_once ? 0 : o->convert_ns,
		.scan_end_src = TRIG_COUNT,
		.scan_end_arg = ask->n_chan,
		.stop_src = TRIG_NONE,
		.chanlist = ask->chanlist,
		.chanlist_len = ask->n_chan,
	};
}

/* Which of the sources it does not know. */
static int refuse(const struct cis_comedi_ask *ask, const comedi_cmd *can,
		  const comedi_cmd *cmd, struct cis_diag *diag)
{
	const char *path = ask->opts->dev;

	if (!(can->scan_begin_src & cmd->scan_begin_src))
		return cis_fail(diag, -ENODEV,
				"%s: the board's scans cannot be clocked by %s",
				path,
				ask->opts->clock.external
					? "an external line; use clock=internal"
					: "its own timer; use clock=external:"
					  "LINE");
	if (!(can->start_src & cmd->start_src))
		return cis_fail(diag, -ENODEV,
				"%s: the board cannot be started by %s", path,
				ask->opts->start.external
					? "an external line; use start=now"
					: "software; use start=external:LINE");
	if (!(can->convert_src & cmd->convert_src))
		return cis_fail(diag, -ENODEV,
				"%s: the board has no time from channel to "
				"channel; leave convert_ns out",
				path);
	return cis_fail(diag, -ENODEV,
			"%s: the board cannot sample by start=%s with clock=%s",
			path, ask->opts->start.external ? "external" : "now",
			ask->opts->clock.external ? "external" : "internal");
}

/* A line that was changed is another line. */
static int check_lines(const struct cis_comedi_ask *ask, const comedi_cmd *cmd,
		       struct cis_diag *diag)
{
	const struct cis_comedi_opts *o = ask->opts;
	bool clock_kept = !o->clock.external ||
			  !((cmd->scan_begin_arg ^ edge_of(&o->clock)) &
			    ~(unsigned)CR_EDGE);
	bool start_kept =
		!o->start.external ||
		!((cmd->start_arg ^ edge_of(&o->start)) & ~(unsigned)CR_EDGE);

	if (clock_kept && start_kept)
		return 0;
	return cis_fail(diag, -EINVAL, "%s: the board does not take line %u %s",
			o->dev, clock_kept ? o->start.line : o->clock.line,
			clock_kept ? "to be started by" : "as scan clock");
}

/* Each call mends what the board cannot do, as near as it can; 1 and 2 stay. */
int cis_comedi_cmd_agree(comedi_t *dev, comedi_cmd *cmd)
{
	int step = 3;

	for (int i = 0; i < MAX_TRIES && step > 2; i++)
		step = comedi_command_test(dev, cmd);
	return step;
}

int cis_comedi_cmd(comedi_t *dev, const struct cis_comedi_ask *ask,
		   comedi_cmd *cmd, struct cis_diag *diag)
{
	const char *path = ask->opts->dev;
	comedi_cmd can = {0};
	int step;

	if (comedi_get_cmd_src_mask(dev, ask->subdevice, &can) < 0)
		return cis_fail(diag, -ENODEV, "%s: %s", path,
				comedi_strerror(comedi_errno()));
	fill(ask, &can, cmd);
	step = cis_comedi_cmd_agree(dev, cmd);
	if (step < 0)
		return cis_fail(diag, -ENODEV, "%s: %s", path,
				comedi_strerror(comedi_errno()));
	if (step == 5)
		return cis_fail(diag, -EINVAL,
				"%s: the board cannot sample these channels in "
				"one scan",
				path);
	if (step != 0 ||
	    (cmd->scan_begin_src == TRIG_TIMER && cmd->scan_begin_arg == 0))
		return refuse(ask, &can, cmd, diag);
	return check_lines(ask, cmd, diag);
}

double cis_comedi_cmd_rate_hz(const struct cis_comedi_ask *ask,
			      const comedi_cmd *cmd)
{
	return cmd->scan_begin_src == TRIG_TIMER ? 1e9 / cmd->scan_begin_arg
						 : ask->opts->rate_hz;
}

double cis_comedi_cmd_convert_s(const comedi_cmd *cmd)
{
	return cmd->convert_src == TRIG_TIMER ? cmd->convert_arg * 1e-9 : 0;
}

int cis_comedi_cmd_check(const struct cis_comedi_ask *ask,
			 const comedi_cmd *cmd, struct cis_diag *diag)
{
	const struct cis_comedi_opts *o = ask->opts;
	double rate_hz = cis_comedi_cmd_rate_hz(ask, cmd);
	double scan_s = cis_comedi_cmd_convert_s(cmd) * ask->n_chan;
	double error = fabs(rate_hz / o->rate_hz - 1);

	/* What a double cannot tell is no error of the board's. */
	if (!(error <= o->max_rate_err + 1e-12))
		return cis_fail(diag, -EINVAL,
				"%s: the board cannot sample %u channels at "
				"%g Hz; %.6f Hz is the nearest it offers, off "
				"by %.3g %% with max_rate_error %.3g %%",
				o->dev, (unsigned)ask->n_chan, o->rate_hz,
				rate_hz, error * 100, o->max_rate_err * 100);
	if (scan_s * rate_hz > 1)
		return cis_fail(diag, -EINVAL,
				"%s: %u channels take %.3f us, longer than the "
				"%.3f us from scan to scan",
				o->dev, (unsigned)ask->n_chan, scan_s * 1e6,
				1e6 / rate_hz);
	if (o->has_convert && cmd->convert_arg > o->convert_ns &&
	    cmd->convert_arg - o->convert_ns > o->convert_ns / 2)
		return cis_fail(diag, -EINVAL,
				"%s: convert_ns: the board takes %u ns at "
				"least",
				o->dev, cmd->convert_arg);
	return 0;
}
