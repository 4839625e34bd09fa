/*
 * impair.h - what a bad network, or a bad PMU, does to frames.
 *
 * Pure: the fate of a data frame follows from (seed, IDCODE, frame number since
 * t0), so processes that share a fleet agree. Fates exclude one another: a frame
 * has one.
 */
#ifndef HOST_SIM_IMPAIR_H
#define HOST_SIM_IMPAIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cisoid/diag.h"

enum cis_fate_kind {
	CIS_FATE_SENT,       /* nothing happens to it, but a delay */
	CIS_FATE_LOST,       /* not sent: single frames, or bursts */
	CIS_FATE_STOPPED,    /* not sent: the PMU is silent for a while */
	CIS_FATE_DOUBLED,    /* sent twice, one right behind the other */
	CIS_FATE_REORDERED,  /* sent behind a later one */
	CIS_FATE_BAD_CRC,    /* one bit behind the head is wrong */
	CIS_FATE_TRUNCATED,  /* the end is missing, FRAMESIZE is as before */
	CIS_FATE_BAD_LENGTH, /* two bytes less than the configuration says;
			      * FRAMESIZE and CHK are right */
	CIS_FATE_BACKWARD,   /* the time stamp goes back; CHK is right */
	CIS_N_FATE
};

/* Where a reordered frame finds none of the next so many that goes out whole and
 * in its place, it is sent in its own. */
#define CIS_IMPAIR_REACH 8

struct cis_impair {
	uint64_t seed;
	double share[CIS_N_FATE]; /* of all frames; SENT, STOPPED: not used */
	double burst_len; /* mean of runs of lost frames; 0: each by itself */
	uint32_t back_s;  /* how far time stamps go back */
	/* Each frame is late by delay_s and 0 to jitter_s, evenly spread. */
	double delay_s, jitter_s;
	/* The last stop_s of every stop_every_s since t0 are silent; or 0. */
	double stop_s, stop_every_s;
};

struct cis_fate {
	enum cis_fate_kind kind;
	double delay_s; /* 0 where it is not sent */
};

struct cis_impair_counts {
	uint64_t n[CIS_N_FATE];
	uint64_t delayed; /* of all that were sent: by delay_s or jitter_s */
};

/* Which frame: of whom, its number since t0, its time since t0, and the time
 * between two. */
struct cis_impair_frame {
	uint16_t idcode;
	uint64_t n;
	double t_s;
	double period_s;
};

/*
 * "loss=1%,burst=5,dup=0.1%,reorder=0.1%,crc=0.1%,trunc=0.1%,length=0.1%,
 * back=0.1%/2s,delay=20ms,jitter=5ms,stop=2s/60s"; what is not in it is nought,
 * and the seed stays. -EINVAL with a message.
 */
int cis_impair_parse(const char *text, struct cis_impair *imp,
		     struct cis_diag *diag);

/* Whether frames of that kind are asked for (SENT: always). */
bool cis_impair_asks(const struct cis_impair *imp, enum cis_fate_kind kind);
/* Whether anything happens at all. */
bool cis_impair_any(const struct cis_impair *imp);

struct cis_fate cis_impair_fate(const struct cis_impair *imp,
				const struct cis_impair_frame *which);

/* No frame is later than this. */
double cis_impair_longest_s(const struct cis_impair *imp, double period_s);

/*
 * Changes a whole data frame as its fate says and returns the bytes to send, at
 * most `len`; of other kinds nothing is changed. n is that of the fate.
 */
size_t cis_impair_spoil(const struct cis_impair *imp, enum cis_fate_kind kind,
			uint64_t n, uint8_t *frame, size_t len);

/* "lost", "bad_crc": the word for JSON and summaries. */
const char *cis_fate_name(enum cis_fate_kind kind);

#endif
