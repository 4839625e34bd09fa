/*
 * maker.h - makes the frames of simulated streams: a fleet, a concentrator, a
 * recording. What a stream says on one side, how it is sent on the other.
 *
 * Pure: a frame follows from (stream, instant), and streams may be asked in any
 * order. One thread.
 */
#ifndef HOST_SIM_MAKER_H
#define HOST_SIM_MAKER_H

#include <stddef.h>
#include <stdint.h>

#include "cisoid/c37.h"
#include "cisoid/report.h"
#include "cisoid/time.h"

struct cis_maker;

struct cis_maker_ops {
	uint16_t (*idcode)(const struct cis_maker *m, uint32_t i);
	/* Told once, before the first frame: no instant before `first` will be
	 * asked for. May be NULL. */
	void (*begin)(struct cis_maker *m, struct cis_instant first);
	/* The data frame of stream i at `at`: its length, 0 where it sends none,
	 * -EMSGSIZE. */
	int (*frame)(struct cis_maker *m, uint32_t i, struct cis_instant at,
		     uint8_t *buf, size_t size);
	/* Which configuration is in force: a number that changes with it. */
	uint32_t (*edition)(const struct cis_maker *m, uint32_t i,
			    struct cis_instant at);
	/* That configuration; borrowed until the next call of any function. */
	const struct cis_c37_config *(*config)(struct cis_maker *m, uint32_t i,
					       struct cis_instant at);
	/* The time quality of frames for which a scenario says none (that of
	 * the computer's clock, anew with each wakeup); NULL: declared dates,
	 * locked. */
	void (*set_quality)(struct cis_maker *m,
			    const struct cis_time_quality *q);
	/* For one that takes the place of another, successor.h; NULL: it cannot.
	 * Bits of STAT that are set besides, in all data from now on. */
	void (*set_stat)(struct cis_maker *m, uint16_t stat);
	/* CFGCNT of place k of stream i is `count` at `at`. */
	void (*set_count)(struct cis_maker *m, uint32_t i, uint16_t k,
			  struct cis_instant at, uint16_t count);
	/* Phasors are scaled as those of `pmu` where they fit. */
	void (*keep_scales)(struct cis_maker *m, const struct cis_c37_pmu *pmu);
	void (*free)(struct cis_maker *m);
};

/* Every maker's struct begins with it. */
struct cis_maker {
	const struct cis_maker_ops *ops;
	uint32_t n_stream;    /* of the whole fleet; a shard is a part of it */
	struct cis_rate rate; /* all streams lie on this grid */
	size_t frame_max;     /* no data frame is longer */
	const char *header;   /* text of the header frame, of all streams */
	/* After begin: no frame comes from here on; rate.num 0: there is no
	 * end. */
	struct cis_instant end;
};

#endif
