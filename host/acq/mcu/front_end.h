/*
 * front_end.h - what sources have in common whose scan clock and start are the
 * timing front end's: "clock=mcu:WHERE".
 */
#ifndef HOST_ACQ_FRONT_END_H
#define HOST_ACQ_FRONT_END_H

#include <stdbool.h>
#include <stdint.h>

#include "cisoid/block.h"
#include "cisoid/diag.h"
#include "host/acq/event.h"
#include "host/acq/mcu/mcu.h"

#define CIS_FRONT_END_MAX_DELAY_NS 1000000.0
#define CIS_FRONT_END_WAIT_S       120.0 /* unless told */
#define CIS_FRONT_END_MAX_WAIT_S   3600.0

/* What a source's options say. */
struct cis_front_end_opts {
	char where[CIS_MCU_WHERE_SIZE]; /* "": there is no front end */
	double delay_ns;                /* clock_delay_ns */
	double wait_s;                  /* clock_wait_s */
};

void cis_front_end_defaults(struct cis_front_end_opts *opts);

/* Takes "mcu:WHERE", of len characters. -ENOENT: another word (no message);
 * -EINVAL. */
int cis_front_end_take(struct cis_front_end_opts *opts, const char *word,
		       size_t len, struct cis_diag *diag);

/* The words together, and the rate of the edges. -EINVAL. */
int cis_front_end_check(const struct cis_front_end_opts *opts, double rate_hz,
			struct cis_diag *diag);

struct cis_front_end {
	struct cis_mcu *mcu; /* NULL: there is none */
	double wait_s;
	bool begun;       /* a start has succeeded */
	int64_t since_ns; /* it is waited for, monotonic; 0: it is not */
};

/* Checked before. -EINVAL: it refuses a setting; -ENODEV: everything else that
 * is wrong with it. */
int cis_front_end_open(struct cis_front_end *fe,
		       const struct cis_front_end_opts *opts, double rate_hz,
		       struct cis_diag *diag);
void cis_front_end_close(struct cis_front_end *fe);

/*
 * Whether it can be asked to start: 0, or -EAGAIN with the reason; ask again. Once
 * wait_s are over in which it never could, since it was opened, -ETIME.
 */
int cis_front_end_wait(struct cis_front_end *fe, struct cis_diag *why);

struct cis_front_end_start {
	struct cis_time at; /* of scan 0, a whole second by its label */
	int64_t at_ns;      /* then, on the monotonic clock, to 50 ms */
};

/* Asks for the start of a board that is armed: 0; -EAGAIN, -ETIME as above;
 * -ENXIO: it never will. */
int cis_front_end_start(struct cis_front_end *fe,
			struct cis_front_end_start *start,
			struct cis_diag *why);

/* at_ns anew, by what was heard since: reports that this computer reads late
 * leave it too late. */
void cis_front_end_when(const struct cis_front_end *fe,
			struct cis_front_end_start *start);

/* The quality of a block that was read just now, and CIS_BLOCK_UNSYNC; where there
 * is a front end. Not known once the count of scans is torn. */
void cis_front_end_attest(const struct cis_front_end *fe,
			  struct cis_block *blk);

/* Of things that may come every second. */
#define CIS_FRONT_END_N_OFTEN 7
struct cis_front_end_news {
	int64_t told_ns[CIS_FRONT_END_N_OFTEN]; /* last; monotonic; 0: never */
	int64_t n[CIS_FRONT_END_N_OFTEN];       /* not told yet */
};

/* Whether that is news: what lasts is, once a minute, and e->value is then how
 * many there were since it was. */
bool cis_front_end_is_news(struct cis_front_end_news *news,
			   struct cis_mcu_event *e, int64_t now_ns);

/* The next thing that it told, or that befell the link, where it is news; false:
 * nothing. One thread; NULL has nothing to tell. */
bool cis_front_end_event(struct cis_mcu *mcu, struct cis_front_end_news *news,
			 struct cis_event *ev);

/* How good its time is at the best: its bound while it is locked; else 0, for
 * nobody knows. */
double cis_front_end_best_s(struct cis_mcu *mcu);

#define CIS_LACK_SIZE 160

/* What it lacks, for a person: "is in ACQUIRE, with 3 satellites"; NULL: it can
 * be asked to start. */
const char *cis_front_end_lack(const struct cis_mcu_state *st,
			       char buf[CIS_LACK_SIZE]);

#endif
