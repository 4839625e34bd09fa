/*
 * comedi_fault.c - what ails a Comedi board: asked where no samples arrive, and
 * told by what it answers.
 */
#include "comedi_run.h"

#include <errno.h>
#include <math.h>

#define MAX_ASK_S     0.12
#define STALL_S       0.7 /* without samples */
#define FIRST_STALL_S 1.0 /* from the start to the first */
#define N_STALL_WAITS 4   /* as long as so many between samples */
#define MAX_SILENT    2   /* starts that nobody hears of */
#define N_STALL_SCANS 8

int cis_comedi_lose(struct cis_comedi *c, enum cis_event_kind kind)
{
	c->base.fault = kind;
	c->gap = true;
	return -EPIPE;
}

int cis_comedi_vanish(struct cis_comedi *c)
{
	c->gone = true;
	c->gap = true;
	return -ENODEV;
}

/* Comedi tells an overrun from a driver's error by what was in the buffer
 * alone. */
int cis_comedi_failed(struct cis_comedi *c, size_t got, int err)
{
	if (err != EPIPE && err != 0)
		return cis_comedi_vanish(c);
	return cis_comedi_lose(
		c, got >= c->board.buffer_len - c->board.buffer_len / 8
			   ? CIS_EVENT_OVERFLOW
			   : CIS_EVENT_DEVICE_ERROR);
}

int cis_comedi_misdated(struct cis_comedi *c, enum cis_event_kind kind)
{
	if (c->delivered || c->arrival.n_bad > MAX_SILENT)
		return cis_comedi_lose(c, kind);
	comedi_cancel(c->board.dev, c->board.subdevice);
	return cis_comedi_begin(c, NULL) ? cis_comedi_vanish(c) : -ETIMEDOUT;
}

enum cis_event_kind cis_comedi_stopped(const struct cis_comedi *c)
{
	return c->board.opts.clock.external ? CIS_EVENT_CLOCK_STOPPED
					    : CIS_EVENT_STALLED;
}

static double patience_s(const struct cis_comedi *c)
{
	double s = c->arrived ? fmax(STALL_S, N_STALL_WAITS * c->wait_s)
			      : FIRST_STALL_S;

	return s + N_STALL_SCANS / c->board.rate_hz;
}

int cis_comedi_ask_why(struct cis_comedi *c, int64_t now_ns)
{
	int flags;

	/* While this computer stands still nobody can say what the board does. */
	c->silent_s += fmin((double)(now_ns - c->asked_ns) * 1e-9, MAX_ASK_S);
	c->asked_ns = now_ns;
	if (now_ns < c->scan0_ns)
		c->silent_s = 0;
	if (c->silent_s <= patience_s(c))
		return 0;
	flags = comedi_get_subdevice_flags(c->board.dev, c->board.subdevice);
	if (flags < 0)
		return cis_comedi_vanish(c);
	if (!(flags & SDF_RUNNING) || !(flags & SDF_BUSY))
		return cis_comedi_lose(c, CIS_EVENT_DEVICE_ERROR);
	return cis_comedi_lose(c, cis_comedi_stopped(c));
}
