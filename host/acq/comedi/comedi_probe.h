/*
 * comedi_probe.h - what times a board offers, found by asking it whether it
 * would carry out a command. None is.
 */
#ifndef HOST_ACQ_COMEDI_PROBE_H
#define HOST_ACQ_COMEDI_PROBE_H

#include <comedilib.h>
#include <stdbool.h>
#include <stdint.h>

/* Started by software, clocked by the board's timer. */
struct cis_comedi_probe {
	comedi_t *dev;
	unsigned subdevice;
	unsigned *chanlist;
	uint32_t n_chan;
	unsigned convert_src; /* TRIG_NOW or TRIG_TIMER */
};

/* The nearest scan period that the board has, ns; 0: it has none. *convert_ns
 * receives the time from channel to channel, as short as it can be. */
unsigned cis_comedi_probe_period(const struct cis_comedi_probe *p,
				 unsigned asked_ns, unsigned *convert_ns);

/* From a period that it has to the next longer one, ns, a mean over a few; NaN:
 * none was found. */
double cis_comedi_probe_step(const struct cis_comedi_probe *p,
			     unsigned period_ns);

#endif
