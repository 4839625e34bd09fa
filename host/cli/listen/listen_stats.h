/*
 * listen_stats.h - what came, counted: each IDCODE on its own grid of k/N.
 *
 * Gaps are places on the grid that were passed over; a frame that comes later
 * after all is late, one that was there already a duplicate. Another frame in a
 * place that is taken contradicts the one before: its time stamp went back, or
 * two senders have one IDCODE. A time stamp that does not go with the arrivals
 * (SOC of 1970, say) is a stray; when the next frame goes on from there, the
 * stream's time has jumped, and no gap is counted.
 */
#ifndef HOST_CLI_LISTEN_STATS_H
#define HOST_CLI_LISTEN_STATS_H

#include "cisoid/c37.h"
#include "host/cli/spread.h"
#include "host/net/client.h"

#define CIS_SEEN_SPAN 1024 /* positions that are remembered */

enum cis_place {
	CIS_PLACE_NEXT, /* or further on, behind a gap */
	CIS_PLACE_DUPLICATE,
	CIS_PLACE_CONTRADICTED,
	CIS_PLACE_LATE,
	CIS_PLACE_STRAY,
};

struct cis_stream_stats {
	uint16_t idcode;
	struct cis_rate rate; /* configured */
	uint64_t frames;      /* all of the following, but gaps */
	uint64_t gaps;
	uint64_t duplicates, contradicted, late, strays, jumps;
	uint64_t filled; /* late ones that filled a gap */
	struct cis_time first_arrival, last_arrival;

	/* ---- the grid ---- */
	bool placed;
	struct cis_instant last;
	struct cis_time last_at; /* arrival of the last that went on */
	struct cis_instant far;  /* where the last stray was */
	bool has_far;
	uint64_t seen[CIS_SEEN_SPAN / 64];
	uint16_t chk[CIS_SEEN_SPAN]; /* of the frame that was seen there */
	uint64_t pos;                /* of `last` */
};

struct cis_listen_stats {
	uint64_t n_type[CIS_C37_CFG3 + 1];
	uint64_t bytes;
	uint64_t crc_errors;
	uint16_t chk;            /* of the last frame of all */
	uint64_t tq_seen[16];    /* message time quality, of data */
	uint64_t stat_seen[16];  /* blocks with that bit of STAT */
	uint64_t error_seen[4];  /* blocks with that data error, bits 15-14 */
	uint64_t pmu_tq_seen[8]; /* STAT bits 8-6 */
	struct cis_spread latency_s; /* arrival less time stamp */
	unsigned n_stream;
	struct cis_stream_stats *stream[CIS_CLIENT_MAX_STREAM];
};

/* Sums over the streams. */
struct cis_listen_sums {
	uint64_t frames, gaps, lost, duplicates, contradicted, late, strays,
		jumps;
};

/* Any frame; before it is counted as data. */
void cis_listen_stats_frame(struct cis_listen_stats *st, const uint8_t *frame,
			    size_t len, bool crc_ok);

/* Where a data frame would lie; nothing is counted. */
enum cis_place cis_listen_stats_place(const struct cis_listen_stats *st,
				      const struct cis_c37_data *data,
				      struct cis_instant at,
				      struct cis_time arrival);

/* Counts a data frame; NULL: no memory. */
const struct cis_stream_stats *
cis_listen_stats_data(struct cis_listen_stats *st,
		      const struct cis_c37_data *data, struct cis_instant at,
		      struct cis_time arrival);

struct cis_listen_sums cis_listen_stats_sums(const struct cis_listen_stats *st);

/* Frames per second by their arrival; NaN from fewer than two. */
double cis_stream_stats_fps(const struct cis_stream_stats *s);

void cis_listen_stats_free(struct cis_listen_stats *st);

#endif
