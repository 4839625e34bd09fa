/* comedi_board.c - see comedi_board.h. */
#include "comedi_board.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define BUFFER_S   2.0 /* of samples in the driver's buffer */
#define MAX_BUFFER 1e9 /* bytes */

/* ---- what it is ---- */

static int open_device(struct cis_comedi_board *b, struct cis_diag *diag)
{
	const char *path = b->opts.dev;
	int err = cis_comedi_open(path, &b->dev, diag);

	if (!err)
		err = cis_comedi_find_inputs(b->dev, path, b->opts.subdevice,
					     &b->subdevice, diag);
	if (!err)
		err = cis_comedi_claim(b->dev, path, b->subdevice, diag);
	if (err)
		return err;
	b->flags = comedi_get_subdevice_flags(b->dev, b->subdevice);
	snprintf(b->name, sizeof(b->name), "%s", comedi_get_board_name(b->dev));
	snprintf(b->driver, sizeof(b->driver), "%s",
		 comedi_get_driver_name(b->dev));
	return 0;
}

static int choose_aref(const struct cis_comedi_board *b, unsigned *aref,
		       struct cis_diag *diag)
{
	static const struct {
		const char *name;
		int flag;
		unsigned aref;
	} kinds[] = {
		[CIS_AREF_DIFF] = {"diff", SDF_DIFF, AREF_DIFF},
		[CIS_AREF_GROUND] = {"ground", SDF_GROUND, AREF_GROUND},
		[CIS_AREF_COMMON] = {"common", SDF_COMMON, AREF_COMMON},
		[CIS_AREF_OTHER] = {"other", SDF_OTHER, AREF_OTHER},
	};
	enum cis_comedi_aref want = b->opts.aref;

	if (want == CIS_AREF_ANY)
		want = b->flags & SDF_DIFF ? CIS_AREF_DIFF : CIS_AREF_GROUND;
	else if (!(b->flags & kinds[want].flag))
		return cis_fail(diag, -EINVAL,
				"%s: the board has no inputs of aref=%s",
				b->opts.dev, kinds[want].name);
	*aref = kinds[want].aref;
	return 0;
}

static int set_list(struct cis_comedi_board *b, struct cis_diag *diag)
{
	const struct cis_comedi_opts *o = &b->opts;
	unsigned aref = AREF_GROUND;
	int err = choose_aref(b, &aref, diag);

	b->n_list = o->n_chan + (o->has_pps ? 1 : 0);
	for (uint32_t i = 0; !err && i < b->n_list; i++) {
		unsigned chan = i < o->n_chan ? o->chan[i] : o->pps_chan;

		b->chanlist[i] = CR_PACK(chan, o->range, aref);
		err = cis_comedi_scale(b->dev, o->dev, b->subdevice,
				       b->chanlist[i], &b->scale[i], diag);
	}
	b->code_len =
		b->flags & SDF_LSAMPL ? sizeof(lsampl_t) : sizeof(sampl_t);
	b->scan_len = b->code_len * b->n_list;
	return err;
}

static int calibrate(struct cis_comedi_board *b, struct cis_warn_list *warn,
		     struct cis_diag *diag)
{
	struct cis_comedi_cal cal;
	int err = cis_comedi_cal_open(b->dev, b->subdevice, b->opts.calibration,
				      &cal, diag);

	for (uint32_t i = 0; !err && i < b->n_list; i++)
		err = cis_comedi_calibrate(&cal, b->subdevice, b->chanlist[i],
					   &b->scale[i], diag);
	if (!err && cal.file)
		strcpy(b->calibration, cal.path);
	else if (!err && (b->flags & SDF_SOFT_CALIBRATED))
		cis_warn(warn,
			 "%s: the board leaves calibration to software; its "
			 "nominal range is used",
			 b->opts.dev);
	cis_comedi_cal_close(&cal);
	return err;
}

/* ---- how it samples ---- */

static int agree(struct cis_comedi_board *b, comedi_cmd *cmd,
		 struct cis_diag *diag)
{
	const struct cis_comedi_ask ask = {
		.opts = &b->opts,
		.subdevice = b->subdevice,
		.chanlist = b->chanlist,
		.n_chan = b->n_list,
	};
	int err = cis_comedi_cmd(b->dev, &ask, cmd, diag);

	if (!err)
		err = cis_comedi_cmd_check(&ask, cmd, diag);
	if (err)
		return err;
	b->rate_hz = cis_comedi_cmd_rate_hz(&ask, cmd);
	b->convert_s = cis_comedi_cmd_convert_s(cmd);
	return 0;
}

static void tell_rate(const struct cis_comedi_board *b,
		      struct cis_warn_list *warn)
{
	if (fabs(b->rate_hz / b->opts.rate_hz - 1) > 1e-12)
		cis_warn(warn,
			 "%s: the board samples at %.6f Hz (a period of %u "
			 "ns), not at %g Hz",
			 b->opts.dev, b->rate_hz, b->cmd.scan_begin_arg,
			 b->opts.rate_hz);
	if (b->opts.has_convert && b->cmd.convert_arg != b->opts.convert_ns)
		cis_warn(warn,
			 "%s: the board takes %u ns from channel to channel, "
			 "not %u ns",
			 b->opts.dev, b->cmd.convert_arg, b->opts.convert_ns);
}

/* Enlarging the buffer past the driver's limit takes privileges; a smaller one
 * only overruns sooner. */
static void set_buffer(struct cis_comedi_board *b, struct cis_warn_list *warn)
{
	bool asked = b->opts.buffer_s > 0;
	double len = (asked ? b->opts.buffer_s : BUFFER_S) * b->rate_hz *
		     (double)b->scan_len;
	unsigned want = (unsigned)fmin(len, MAX_BUFFER);
	int got = comedi_get_buffer_size(b->dev, b->subdevice);

	if (asked || got <= 0 || (unsigned)got < want) {
		if (comedi_get_max_buffer_size(b->dev, b->subdevice) <
		    (int)want)
			comedi_set_max_buffer_size(b->dev, b->subdevice, want);
		comedi_set_buffer_size(b->dev, b->subdevice, want);
		got = comedi_get_buffer_size(b->dev, b->subdevice);
	}
	b->buffer_len = got > 0 ? (size_t)got : want;
	if (asked && b->buffer_len < want)
		cis_warn(warn,
			 "%s: the driver's buffer is %d bytes, not %u; more "
			 "takes privileges",
			 b->opts.dev, got, want);
}

static int set_up(struct cis_comedi_board *b, struct cis_warn_list *warn,
		  struct cis_diag *diag)
{
	int err = open_device(b, diag);

	if (!err)
		err = set_list(b, diag);
	if (!err)
		err = calibrate(b, warn, diag);
	if (!err)
		err = agree(b, &b->cmd, diag);
	if (err)
		return err;
	tell_rate(b, warn);
	set_buffer(b, warn);
	fcntl(comedi_fileno(b->dev), F_SETFL, O_NONBLOCK);
	return 0;
}

int cis_comedi_board_open(struct cis_comedi_board *b,
			  struct cis_warn_list *warn, struct cis_diag *diag)
{
	int err = set_up(b, warn, diag);

	if (err)
		cis_comedi_board_close(b);
	return err;
}

void cis_comedi_board_close(struct cis_comedi_board *b)
{
	if (!b->dev)
		return;
	comedi_cancel(b->dev, b->subdevice);
	comedi_unlock(b->dev, b->subdevice);
	comedi_close(b->dev);
	b->dev = NULL;
}

/* ---- back again ---- */

static bool same_scale(const struct cis_comedi_scale *a,
		       const struct cis_comedi_scale *b)
{
	return a->min == b->min && a->max == b->max &&
	       a->max_code == b->max_code && a->unit == b->unit;
}

static bool same_times(const comedi_cmd *a, const comedi_cmd *b)
{
	return a->scan_begin_src == b->scan_begin_src &&
	       a->scan_begin_arg == b->scan_begin_arg &&
	       a->convert_src == b->convert_src &&
	       a->convert_arg == b->convert_arg && a->start_arg == b->start_arg;
}

/* The scales of `b` stay: they may come from a file. */
static int check_same(struct cis_comedi_board *b,
		      struct cis_comedi_board *found, struct cis_diag *diag)
{
	bool same = !strcmp(b->name, found->name) &&
		    !strcmp(b->driver, found->driver) &&
		    b->subdevice == found->subdevice &&
		    b->code_len == found->code_len;
	int err = agree(found, &found->cmd, diag);

	if (err)
		return err;
	for (uint32_t i = 0; same && i < b->n_list; i++)
		same = same_scale(&b->scale[i], &found->scale[i]);
	if (!same || !same_times(&b->cmd, &found->cmd))
		return cis_fail(diag, -EINVAL,
				"%s: another board than before: %s (driver %s)",
				b->opts.dev, found->name, found->driver);
	return 0;
}

int cis_comedi_board_reopen(struct cis_comedi_board *b, struct cis_diag *diag)
{
	struct cis_comedi_board found = {.opts = b->opts};
	int err;

	cis_comedi_board_close(b);
	err = open_device(&found, diag);
	if (!err)
		err = set_list(&found, diag);
	if (!err)
		err = check_same(b, &found, diag);
	if (err) {
		cis_comedi_board_close(&found);
		return err;
	}
	b->dev = found.dev;
	set_buffer(b, NULL);
	fcntl(comedi_fileno(b->dev), F_SETFL, O_NONBLOCK);
	return 0;
}
