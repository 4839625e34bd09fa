/*
 * comedi_run.h - a Comedi board while it samples: how it is started, and what
 * becomes of it when it does not do what it must.
 */
#ifndef HOST_ACQ_COMEDI_RUN_H
#define HOST_ACQ_COMEDI_RUN_H

#include "arrival.h"
#include "host/acq/comedi/comedi_board.h"
#include "host/acq/dates/clock.h"
#include "host/acq/driver.h"

#define CIS_COMEDI_MAX_SCANS 1024 /* in a block */

struct cis_comedi {
	struct cis_source base;
	struct cis_comedi_board board;
	char detail[512];
	double delay_s[CIS_COMEDI_MAX_LIST];
	double *timing; /* [CIS_COMEDI_MAX_SCANS]; NULL */
	struct cis_clock clock;
	struct cis_front_end front_end; /* mcu NULL: there is none */
	struct cis_arrival arrival;
	bool begun; /* a start has succeeded */
	bool gone;  /* opened anew by start() */
	bool gap;   /* flag the next block */
	/* from start to stop */
	bool armed; /* the command runs; else read() begins it */
	struct cis_scan_clock scan_clock;
	double start_unc_s;
	int64_t scan0_ns;   /* scan 0, on the monotonic clock */
	int64_t offset_ns;  /* from that clock to the system's, then */
	int64_t arrived_ns; /* the last samples; or the start */
	int64_t asked_ns;   /* when there were none, last */
	double silent_s;    /* since there were */
	bool arrived;       /* since the start ... */
	bool delivered;     /* ... and ever: a block */
	double wait_s;      /* from samples to samples, smoothed */
	uint64_t next_scan;
	struct cis_time taken_by; /* of the sound samples */
	size_t head, sound, fill; /* in raw: delivered, to be, all */
	size_t raw_len;
	uint8_t *raw; /* twice the driver's buffer */
};

/* A new command. A board that waits for an edge is armed by arm() or, in
 * read()'s time, by arm_later(). */
int cis_comedi_begin(struct cis_comedi *c, struct cis_diag *diag);
int cis_comedi_arm(struct cis_comedi *c, struct cis_diag *diag);

/* -ETIMEDOUT: it is not the time to arm yet, and max_ms are over. -ETIME,
 * -ENXIO: of the front end, in vain. */
int cis_comedi_arm_later(struct cis_comedi *c, int max_ms);

/*
 * What read() answers, -EPIPE or -ENODEV, and why: the board has stopped, read()
 * of its samples failed with err after `got` bytes, samples are not of their
 * time. Before anything was delivered nothing is lost by another start:
 * misdated() makes it, and answers -ETIMEDOUT.
 */
int cis_comedi_lose(struct cis_comedi *c, enum cis_event_kind kind);
int cis_comedi_vanish(struct cis_comedi *c);
int cis_comedi_failed(struct cis_comedi *c, size_t got, int err);
int cis_comedi_misdated(struct cis_comedi *c, enum cis_event_kind kind);

/* The name of samples that stay away, or come too late. */
enum cis_event_kind cis_comedi_stopped(const struct cis_comedi *c);

/* Nothing has arrived. 0: not for too long; else why, as far as the board
 * knows. */
int cis_comedi_ask_why(struct cis_comedi *c, int64_t now_ns);

#endif
