/*
 * segment.h - when each scan was taken, from the CFG's rates and the DAT's time
 * stamps.
 */
#ifndef HOST_COMTRADE_SEGMENT_H
#define HOST_COMTRADE_SEGMENT_H

#include "cfg.h"
#include "dat.h"

/*
 * One rate: it gives the times, and the stamps are only checked against it; but
 * where they and the numbers say that rows are missing, that is a gap. No rate, or
 * several: the stamps give them, as far as they can. The caller frees
 * *seg. -EBADMSG when there is neither, -ENOMEM.
 */
int comtrade_segments(const struct comtrade_cfg *cfg,
		      const struct comtrade_dat *dat,
		      struct cis_comtrade_segment **seg, uint32_t *n,
		      const struct comtrade_tell *tell);

/* stamps.c: a run of scans whose rate is the same within 1 %. */
struct comtrade_zone {
	uint64_t first;
	uint64_t n;
	double rate_hz;  /* the mean; 0: none is given */
	uint32_t n_line; /* of the CFG */
};

struct comtrade_stamps {
	const struct comtrade_dat *dat;
	double per_s; /* stamps in a second */
	double wrap;  /* what has to be added so far, where they wrap */
	uint32_t n_wrap;
	double wrap_at; /* 65536 or 2^32 */
};

/* Checks the stamps against a rate that is sure, and tells. Returns how many of
 * them make a second. */
double comtrade_stamps_check(const struct comtrade_cfg *cfg,
			     const struct comtrade_dat *dat, double rate_hz,
			     const struct comtrade_tell *tell);

/*
 * Scans that are missing just before this one: its number and its stamp have
 * both jumped, and by the same. 0 in all other cases. `step` is the distance of
 * stamps.
 */
double comtrade_stamps_hole(const struct comtrade_dat *dat, uint64_t scan,
			    double step);

/* The median distance of neighbours in the zone, 0 when there is none. */
double comtrade_stamps_step(const struct comtrade_stamps *st,
			    const struct comtrade_zone *zone);

/* A stretch of evenly spaced scans; no stamp is valid when n_valid is 0. */
struct comtrade_stretch {
	uint64_t first, end;
	uint64_t n_valid;
	double step;  /* stamps from scan to scan, fitted */
	double start; /* stamp of the first scan, fitted and unwrapped */
};

/* The stretch that begins at `first`; `step` is the distance expected. */
void comtrade_stamps_stretch(struct comtrade_stamps *st,
			     const struct comtrade_zone *zone, uint64_t first,
			     double step, struct comtrade_stretch *out);

/* The largest distance of a stamp from start + k step. */
double comtrade_stamps_stray(const struct comtrade_stamps *st,
			     const struct comtrade_stretch *run, double start,
			     double step);

#endif
