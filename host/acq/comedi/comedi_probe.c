/* comedi_probe.c - see comedi_probe.h. */
#include "comedi_probe.h"

#include <math.h>

#include "comedi_cmd.h"

#define N_STEP      3       /* periods that are looked at */
#define MAX_STEP_NS 1048576 /* longer steps are not looked for */

unsigned cis_comedi_probe_period(const struct cis_comedi_probe *p,
				 unsigned asked_ns, unsigned *convert_ns)
{
	comedi_cmd cmd = {
		.subdev = p->subdevice,
		.start_src = TRIG_NOW,
		.scan_begin_src = TRIG_TIMER,
		.scan_begin_arg = asked_ns,
		.convert_src = p->convert_src,
		.scan_end_src = TRIG_COUNT,
		.scan_end_arg = p->n_chan,
		.stop_src = TRIG_NONE,
		.chanlist = p->chanlist,
		.chanlist_len = p->n_chan,
	};

	if (cis_comedi_cmd_agree(p->dev, &cmd) != 0)
		return 0;
	*convert_ns = p->convert_src == TRIG_TIMER ? cmd.convert_arg : 0;
	return cmd.scan_begin_arg;
}

static unsigned period(const struct cis_comedi_probe *p, unsigned asked_ns)
{
	unsigned convert_ns;

	return cis_comedi_probe_period(p, asked_ns, &convert_ns);
}

/* The next longer period; 0: none. Boards round up, down, or to the nearest:
 * the least that must be asked for lies between `same` and `more`. */
static unsigned next_period(const struct cis_comedi_probe *p, unsigned from_ns)
{
	unsigned same = 0, more = 1, found;

	while ((found = period(p, from_ns + more)) <= from_ns) {
		if (found == 0 || more >= MAX_STEP_NS)
			return 0;
		same = more;
		more *= 2;
	}
	while (more - same > 1) {
		unsigned mid = same + (more - same) / 2;

		found = period(p, from_ns + mid);
		if (found > from_ns)
			more = mid;
		else
			same = mid;
	}
	return period(p, from_ns + more);
}

double cis_comedi_probe_step(const struct cis_comedi_probe *p,
			     unsigned period_ns)
{
	unsigned at = period_ns;

	for (int i = 0; i < N_STEP; i++) {
		at = next_period(p, at);
		if (at == 0)
			return NAN;
	}
	return (double)(at - period_ns) / N_STEP;
}
