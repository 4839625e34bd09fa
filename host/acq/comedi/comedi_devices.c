/* comedi_devices.c - see devices.h. */
#include <errno.h>
#include <glob.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "devices.h"
#include "host/acq/comedi/comedi_cmd.h"
#include "host/acq/comedi/comedi_dev.h"
#include "host/acq/comedi/comedi_opts.h"
#include "host/acq/comedi/comedi_probe.h"
#include "host/core/opt.h"

#define DEVICES "/dev/comedi[0-9]*"
#define N_FIRST 6 /* channels that are asked for unless told */
#define MOST_NS 4e9

bool cis_devices_supported(void)
{
	return true;
}

/* ---- list ---- */

static void look(const char *path, struct cis_device *d)
{
	comedi_t *dev = NULL;
	unsigned inputs;
	int s;

	*d = (struct cis_device){.n_chan = 0};
	snprintf(d->path, sizeof(d->path), "%s", path);
	if (cis_comedi_open(path, &dev, &d->why))
		return;
	snprintf(d->board, sizeof(d->board), "%s", comedi_get_board_name(dev));
	snprintf(d->driver, sizeof(d->driver), "%s",
		 comedi_get_driver_name(dev));
	d->samples = !cis_comedi_find_inputs(dev, path, -1, &inputs, &d->why);
	s = comedi_find_subdevice_by_type(dev, COMEDI_SUBD_AI, 0);
	if (s >= 0)
		d->n_chan = (uint32_t)comedi_get_n_channels(dev, (unsigned)s);
	comedi_close(dev);
}

/* /dev/comedi0_subd1 is a part of /dev/comedi0. */
static bool is_device(const char *path)
{
	return !strchr(path, '_');
}

static int by_number(const void *a, const void *b)
{
	const struct cis_device *x = a, *y = b;
	size_t lx = strlen(x->path), ly = strlen(y->path);

	return lx != ly ? (lx > ly) - (lx < ly) : strcmp(x->path, y->path);
}

uint32_t cis_devices_list(struct cis_device list[CIS_MAX_DEVICE])
{
	uint32_t n = 0;
	glob_t found;

	if (glob(DEVICES, 0, NULL, &found))
		return 0;
	for (size_t i = 0; i < found.gl_pathc && n < CIS_MAX_DEVICE; i++)
		if (is_device(found.gl_pathv[i]))
			look(found.gl_pathv[i], &list[n++]);
	globfree(&found);
	qsort(list, n, sizeof(*list), by_number);
	return n;
}

/* ---- subdevices ---- */

static const char *type_name(int type)
{
	static const struct {
		int type;
		const char *name;
	} names[] = {
		{COMEDI_SUBD_AI, "analogue input"},
		{COMEDI_SUBD_AO, "analogue output"},
		{COMEDI_SUBD_DI, "digital input"},
		{COMEDI_SUBD_DO, "digital output"},
		{COMEDI_SUBD_DIO, "digital input and output"},
		{COMEDI_SUBD_COUNTER, "counter"},
		{COMEDI_SUBD_TIMER, "timer"},
		{COMEDI_SUBD_MEMORY, "memory"},
		{COMEDI_SUBD_CALIB, "calibration"},
		{COMEDI_SUBD_PROC, "processor"},
		{COMEDI_SUBD_SERIAL, "serial"},
		{COMEDI_SUBD_PWM, "pulse width modulation"},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].type == type)
			return names[i].name;
	return "unused";
}

static unsigned bits_of(lsampl_t max_code)
{
	unsigned bits = 0;

	for (; max_code; max_code >>= 1)
		bits++;
	return bits;
}

static void list_subdevices(comedi_t *dev, struct cis_device_facts *facts)
{
	int n = comedi_get_n_subdevices(dev);

	for (unsigned s = 0; (int)s < n && s < CIS_MAX_SUBDEVICE; s++) {
		int type = comedi_get_subdevice_type(dev, s);
		int flags = comedi_get_subdevice_flags(dev, s);
		int n_chan = comedi_get_n_channels(dev, s);

		facts->subdevice[facts->n_subdevice++] = (struct cis_subdevice){
			.type = type_name(type),
			.n_chan = n_chan > 0 ? (uint32_t)n_chan : 0,
			.bits = bits_of(comedi_get_maxdata(dev, s, 0)),
			.samples = type == COMEDI_SUBD_AI &&
				   (flags & SDF_CMD_READ),
			.busy = flags & SDF_BUSY,
		};
	}
}

/* ---- analogue inputs ---- */

static void list_ranges(comedi_t *dev, const struct cis_comedi_facts *c,
			struct cis_device_facts *facts)
{
	facts->range_by_chan =
		comedi_range_is_chan_specific(dev, c->subdevice) > 0;
	for (unsigned r = 0; r < c->n_range && r < CIS_MAX_RANGE; r++) {
		const comedi_range *range =
			comedi_get_range(dev, c->subdevice, 0, r);

		if (!range)
			break;
		facts->range[facts->n_range++] = (struct cis_device_range){
			.min = range->min,
			.max = range->max,
			.unit = range->unit == UNIT_volt ? "V"
				: range->unit == UNIT_mA ? "mA"
							 : "",
		};
	}
}

static void find_cal_file(comedi_t *dev, struct cis_device_facts *facts)
{
	char *path = comedi_get_default_calibration_path(dev);

	if (!path)
		return;
	snprintf(facts->cal_file, sizeof(facts->cal_file), "%s", path);
	facts->has_cal_file = access(path, R_OK) == 0;
	free(path);
}

static void describe(comedi_t *dev, struct cis_device_facts *facts)
{
	struct cis_comedi_facts c;

	cis_comedi_describe(dev, facts->inputs, &c);
	snprintf(facts->board, sizeof(facts->board), "%s", c.board);
	snprintf(facts->driver, sizeof(facts->driver), "%s", c.driver);
	facts->n_chan = c.n_chan;
	facts->bits = bits_of(c.max_code);
	facts->diff = c.flags & SDF_DIFF;
	facts->ground = c.flags & SDF_GROUND;
	facts->common = c.flags & SDF_COMMON;
	facts->other = c.flags & SDF_OTHER;
	facts->simultaneous = c.can.convert_src & TRIG_NOW;
	facts->multiplexed = c.can.convert_src & TRIG_TIMER;
	facts->external_clock = c.can.scan_begin_src & TRIG_EXT;
	facts->external_start = c.can.start_src & TRIG_EXT;
	facts->software_cal = c.flags & SDF_SOFT_CALIBRATED;
	facts->buffer_len = c.buffer_len;
	facts->max_buffer_len = c.max_buffer_len;
	list_ranges(dev, &c, facts);
	if (facts->software_cal)
		find_cal_file(dev, facts);
}

/* ---- a rate ---- */

static unsigned aref_of(const struct cis_comedi_opts *o,
			const struct cis_device_facts *facts)
{
	switch (o->aref) {
	case CIS_AREF_DIFF:
		return AREF_DIFF;
	case CIS_AREF_COMMON:
		return AREF_COMMON;
	case CIS_AREF_OTHER:
		return AREF_OTHER;
	case CIS_AREF_ANY:
		return facts->diff ? AREF_DIFF : AREF_GROUND;
	default:
		return AREF_GROUND;
	}
}

static void ask_times(struct cis_comedi_probe *p,
		      struct cis_device_facts *facts)
{
	double asked_ns = fmin(1e9 / facts->asked_hz, MOST_NS);
	unsigned convert_ns, least;
	unsigned period_ns = cis_comedi_probe_period(
		p, (unsigned)llround(asked_ns), &convert_ns);

	if (period_ns == 0) {
		cis_fail(&facts->refused, -ENODEV,
			 "it does not sample %u channels in one scan, started "
			 "by software and clocked by its own timer",
			 (unsigned)p->n_chan);
		return;
	}
	facts->period_ns = period_ns;
	facts->rate_hz = 1e9 / period_ns;
	facts->step_ns = cis_comedi_probe_step(p, period_ns);
	least = cis_comedi_probe_period(p, 1, &convert_ns);
	if (least)
		facts->max_hz = 1e9 / least;
	if (!facts->multiplexed)
		return;
	p->convert_src = TRIG_TIMER;
	if (cis_comedi_probe_period(p, (unsigned)llround(asked_ns),
				    &convert_ns))
		facts->convert_ns = convert_ns;
}

/* The very command of a source. */
static void ask_source(const struct cis_comedi_probe *p,
		       const struct cis_comedi_opts *o,
		       struct cis_device_facts *facts)
{
	const struct cis_comedi_ask asked = {
		.opts = o,
		.subdevice = p->subdevice,
		.chanlist = p->chanlist,
		.n_chan = p->n_chan,
	};
	comedi_cmd cmd;
	int err = cis_comedi_cmd(p->dev, &asked, &cmd, &facts->source_refused);

	if (!err)
		err = cis_comedi_cmd_check(&asked, &cmd,
					   &facts->source_refused);
	if (!err)
		facts->source_convert_ns = 1e9 * cis_comedi_cmd_convert_s(&cmd);
}

static void ask(comedi_t *dev, const struct cis_comedi_opts *o,
		struct cis_device_facts *facts)
{
	unsigned chanlist[CIS_MAX_CHAN];
	struct cis_comedi_probe p = {
		.dev = dev,
		.subdevice = facts->inputs,
		.chanlist = chanlist,
		.n_chan = o->n_chan,
		.convert_src = facts->simultaneous ? TRIG_NOW : TRIG_TIMER,
	};
	int flags = comedi_get_subdevice_flags(dev, facts->inputs);
	size_t code_len =
		flags & SDF_LSAMPL ? sizeof(lsampl_t) : sizeof(sampl_t);

	facts->n_asked = o->n_chan;
	for (uint32_t i = 0; i < o->n_chan; i++)
		chanlist[i] = CR_PACK(o->chan[i], o->range, aref_of(o, facts));
	ask_times(&p, facts);
	ask_source(&p, o, facts);
	if (facts->rate_hz > 0)
		facts->buffer_s = facts->buffer_len / facts->rate_hz /
				  (double)(code_len * o->n_chan);
}

/* ---- show ---- */

static int check_channels(struct cis_comedi_opts *o, const char *text,
			  const struct cis_device_facts *facts,
			  struct cis_diag *diag)
{
	size_t len;

	if (!cis_opt_text(text, "channels", &len) && o->n_chan > facts->n_chan)
		o->n_chan = facts->n_chan;
	for (uint32_t i = 0; i < o->n_chan; i++)
		if (o->chan[i] >= facts->n_chan)
			return cis_fail(diag, -EINVAL,
					"%s: no channel %u; the board has 0 to "
					"%u",
					o->dev, o->chan[i],
					(unsigned)facts->n_chan - 1);
	if (o->range >= facts->n_range)
		return cis_fail(diag, -EINVAL,
				"%s: no range %u; channel 0 has 0 to %u",
				o->dev, o->range, (unsigned)facts->n_range - 1);
	return o->n_chan ? 0
			 : cis_fail(diag, -ENODEV, "%s: no analogue inputs",
				    o->dev);
}

/* A board without inputs is shown as well, unless they were asked for. */
static int show_inputs(comedi_t *dev, struct cis_comedi_opts *o,
		       const char *text, struct cis_device_facts *facts,
		       struct cis_diag *diag)
{
	int err = cis_comedi_find_inputs(dev, o->dev, o->subdevice,
					 &facts->inputs, &facts->refused);

	if (err && o->subdevice >= 0)
		return cis_fail(diag, err, "%s", facts->refused.msg);
	if (err)
		return 0;
	describe(dev, facts);
	err = check_channels(o, text, facts, diag);
	if (!err)
		ask(dev, o, facts);
	return err;
}

int cis_device_facts(const char *opts, struct cis_device_facts *facts,
		     struct cis_diag *diag)
{
	struct cis_comedi_opts o;
	comedi_t *dev = NULL;
	int err = cis_comedi_opts_parse(&o, opts, diag);

	if (!err)
		err = cis_comedi_open(o.dev, &dev, diag);
	if (err)
		return err;
	*facts = (struct cis_device_facts){.asked_hz = o.rate_hz,
					   .rate_hz = NAN,
					   .period_ns = NAN,
					   .step_ns = NAN,
					   .max_hz = NAN,
					   .convert_ns = NAN,
					   .buffer_s = NAN,
					   .source_convert_ns = NAN};
	snprintf(facts->path, sizeof(facts->path), "%s", o.dev);
	list_subdevices(dev, facts);
	err = show_inputs(dev, &o, opts, facts, diag);
	comedi_close(dev);
	return err;
}
