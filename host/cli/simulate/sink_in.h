/*
 * sink_in.h - the sink's inside: what sink.c (life), sink_compare.c (blocks) and
 * sink_report.c tell each other.
 */
#ifndef HOST_CLI_SIMULATE_SINK_IN_H
#define HOST_CLI_SIMULATE_SINK_IN_H

#include "host/cli/spread.h"
#include "host/net/client.h"
#include "host/sim/block_diff.h"
#include "host/sim/book.h"
#include "host/sim/roster.h"
#include "sink.h"

#define CIS_SINK_SPEC_SIZE 512

/* A stream of the PDC, against our PMUs. */
struct cis_sink_stream {
	const struct cis_sink_link *link;
	uint16_t idcode;
	uint16_t n_block;
	bool begun;
	uint32_t stride;    /* it sends every so manieth of our instants */
	uint32_t *unit;     /* [n_block], or CIS_ROSTER_NONE */
	uint32_t *first;    /* [n_block] in channel: phasors, then analogs */
	uint32_t *shape;    /* [n_block] of ours that `channel` is for */
	int16_t *channel;   /* ours of theirs, or -1 */
	uint32_t n_known;   /* blocks that are ours */
	uint32_t n_foreign; /* that are not */
	uint64_t frames;
};

/* A connection to the PDC. */
struct cis_sink_link {
	struct cis_sink *sink;
	char spec[CIS_SINK_SPEC_SIZE]; /* for the client */
	uint16_t idcode;               /* asked for; 0: anybody's */
	struct cis_client *client;
	uv_timer_t timer;
	unsigned n_failed; /* attempts in a row that came to nothing */
	bool answered;     /* a configuration came, ever */
	char why[300];     /* the last attempt came to nothing */
};

struct cis_sink {
	struct cis_sink_config sc;

	/* ---- life ---- */
	unsigned n_link;
	struct cis_sink_link link[CIS_MAX_SINK];
	struct cis_client_counts counts; /* of clients that were closed */
	uv_timer_t timer;
	bool draining, closed;
	int64_t shift_ns; /* dates of frames less the clock */
	uint64_t drain_until_ms;

	/* ---- accounts ---- */
	struct cis_roster *roster;
	struct cis_book *book;
	uint32_t *time_base; /* of each of our streams */
	unsigned n_stream;
	struct cis_sink_stream stream[CIS_CLIENT_MAX_STREAM];
	uint64_t *listed; /* bits: units that some PDC stream has, ever */
	struct cis_time arrived;
	struct cis_spread latency_s; /* arrival less sending */
	struct cis_spread wait_s;    /* arrival less time stamp */
	uint64_t n_diff[CIS_DIFF_N]; /* blocks changed, by what */
	uint64_t n_marked[16];       /* blocks whole, by bit of STAT */
	uint64_t n_off_grid;         /* frames between our instants */
	uint64_t n_crc;              /* frames with a wrong CHK */
	unsigned n_told;             /* changes that were told */

	/* ---- what was sent, made anew ---- */
	uint8_t *buf; /* [maker->frame_max] */
	struct cis_c37_data *data;
	uint16_t n_pmu;
	uint16_t *room;   /* [n_pmu][3]: phasors, analogs, digitals */
	bool made;        /* `data` is of: */
	uint32_t made_of; /* stream, */
	struct cis_instant made_at;
	const struct cis_c37_config *made_cfg; /* within one frame of theirs */
};

/* ---- sink_compare.c ---- */

int cis_sink_open_accounts(struct cis_sink *sink, struct cis_diag *diag);
void cis_sink_free_accounts(struct cis_sink *sink);
void cis_sink_config(const struct cis_sink_link *link,
		     const struct cis_c37_config *cfg);
void cis_sink_data(const struct cis_sink_link *link,
		   const struct cis_c37_config *cfg,
		   const struct cis_c37_data *data);
/*
 * The instant of ours that a frame is of, whatever its DATA_RATE and however
 * coarse its TIME_BASE. False: it lies between two.
 */
bool cis_sink_instant(const struct cis_sink *sink, uint32_t time_base,
		      const struct cis_c37_head *head, struct cis_instant *at);
bool cis_sink_is_listed(const struct cis_sink *sink, uint32_t unit);

/* ---- sink_lineup.c ---- */

/* -ENOMEM; then the stream has no block. */
int cis_sink_line_up(struct cis_sink *sink, const struct cis_c37_config *cfg,
		     struct cis_sink_stream *s);
/* Which of our channels theirs are, of block i. */
struct cis_diff_map cis_sink_channels(struct cis_sink_stream *s, uint16_t i,
				      const struct cis_c37_pmu *ours,
				      const struct cis_c37_pmu *theirs);
void cis_sink_lineup_free(struct cis_sink_stream *s);

/* ---- sink_made.c ---- */

/* Our side of a unit at an instant, until the next call; false where the maker
 * makes none. */
bool cis_sink_make(struct cis_sink *sink, uint32_t unit, struct cis_instant at,
		   struct cis_diff_side *ours);

#endif
