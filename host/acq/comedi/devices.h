/*
 * devices.h - acquisition boards: which there are, and what they can do.
 *
 * Nothing is sampled, and no board is taken from a program that uses it.
 */
#ifndef HOST_ACQ_DEVICES_H
#define HOST_ACQ_DEVICES_H

#include <stdbool.h>
#include <stdint.h>

#include "cisoid/diag.h"

#define CIS_MAX_DEVICE    64
#define CIS_MAX_SUBDEVICE 32
#define CIS_MAX_RANGE     32

/* False: this program was built without Comedi and knows no boards. */
bool cis_devices_supported(void);

struct cis_device {
	char path[64];
	char board[64]; /* "": it cannot be used, `why` says why not */
	char driver[64];
	uint32_t n_chan; /* analogue inputs */
	bool samples;    /* by itself, at a rate */
	struct cis_diag why;
};

/* All of /dev/comedi*, in the order of their numbers: how many. */
uint32_t cis_devices_list(struct cis_device list[CIS_MAX_DEVICE]);

struct cis_subdevice {
	const char *type; /* in words */
	uint32_t n_chan;
	unsigned bits;
	bool samples; /* analogue inputs: by themselves, at a rate */
	bool busy;    /* another program uses it */
};

struct cis_device_range {
	double min, max;
	const char *unit; /* "V", "mA" or "" */
};

/* What a board says of itself; of its analogue inputs; of a rate. */
struct cis_device_facts {
	char path[256];
	char board[64];
	char driver[64];
	uint32_t n_subdevice;
	struct cis_subdevice subdevice[CIS_MAX_SUBDEVICE];

	unsigned inputs; /* number of the subdevice that is described */
	uint32_t n_chan;
	unsigned bits;
	uint32_t n_range; /* of channel 0 */
	struct cis_device_range range[CIS_MAX_RANGE];
	bool range_by_chan;               /* channels differ in ranges */
	bool diff, ground, common, other; /* kinds of aref */
	bool simultaneous; /* all channels of a scan at one instant */
	bool multiplexed;  /* one after the other, by a timer */
	bool external_clock, external_start;
	bool software_cal;  /* calibration is left to the program */
	char cal_file[256]; /* where it is looked for, then */
	bool has_cal_file;
	double buffer_len, max_buffer_len; /* bytes */

	/* By asking it, without sampling, for n_asked channels; NaN where it
	 * does not say. */
	uint32_t n_asked;
	double asked_hz;
	double rate_hz;          /* the nearest that it has */
	double period_ns;        /* of it */
	double step_ns;          /* from this period to the next longer one */
	double max_hz;           /* the fastest */
	double convert_ns;       /* from channel to channel, at its fastest */
	double buffer_s;         /* what the buffer holds of such scans */
	struct cis_diag refused; /* "": it can */

	/* A source with these options: from channel to channel of its scans (0:
	 * at once; NaN: it is refused), and why. */
	double source_convert_ns;
	struct cis_diag source_refused;
};

/*
 * Of the board and rate that a source's options name, "dev=/dev/comedi0,
 * rate=18000,channels=0+1+2". Channels default to the first six, or as many as
 * there are. -EINVAL, -ENODEV with a sentence; -ENOTSUP: see above.
 */
int cis_device_facts(const char *opts, struct cis_device_facts *facts,
		     struct cis_diag *diag);

#endif
