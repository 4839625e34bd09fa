/*
 * comedi_opts.h - the options of a Comedi source, read and checked before any
 * device is touched.
 */
#ifndef HOST_ACQ_COMEDI_OPTS_H
#define HOST_ACQ_COMEDI_OPTS_H

#include <stdbool.h>
#include <stdint.h>

#include "cisoid/chan.h"
#include "cisoid/diag.h"
#include "host/acq/mcu/front_end.h"

enum cis_comedi_aref {
	CIS_AREF_ANY, /* differential where the board can, else ground */
	CIS_AREF_DIFF,
	CIS_AREF_GROUND,
	CIS_AREF_COMMON,
	CIS_AREF_OTHER,
};

/* An input for edges, "external:PFI0" or "external:0:falling". */
struct cis_comedi_line {
	bool external; /* false: the board's own clock, or started at once */
	unsigned line;
	bool falling;
};

struct cis_comedi_opts {
	char dev[256];
	int subdevice; /* -1: the first analogue input */
	uint32_t n_chan;
	unsigned chan[CIS_MAX_CHAN]; /* the board's numbers */
	unsigned range;              /* index, as `cisoid devices` lists them */
	enum cis_comedi_aref aref;
	double rate_hz;               /* with an external clock: the clock's */
	double max_rate_err;          /* relative, of the board's own clock */
	struct cis_comedi_line clock; /* of the scans */
	struct cis_comedi_line start; /* the edge is on a whole second */
	/* Whose edges both are; where "": somebody's. */
	struct cis_front_end_opts front_end;
	bool has_convert;
	unsigned
		convert_ns; /* from channel to channel; else as the board can */
	bool has_pps;
	unsigned pps_chan; /* sampled as well, for the dater */
	double buffer_s;   /* length of the driver's buffer; 0: enough */
	/* A file, "" for the board's own where there is one, or "none". */
	char calibration[256];
};

/* "dev=...,rate=...": -EINVAL with a message. */
int cis_comedi_opts_parse(struct cis_comedi_opts *opts, const char *text,
			  struct cis_diag *diag);

#endif
