/*
 * sink.h - what a PDC makes of the frames that it is sent: asks it for its
 * streams, and compares block by block with what went out.
 *
 * A PMU counts from the first frame of the PDC that lists it. Its data are made
 * anew by the maker, as host/sim/book.h and block_diff.h tell. All calls on the
 * loop's thread.
 */
#ifndef HOST_CLI_SIMULATE_SINK_H
#define HOST_CLI_SIMULATE_SINK_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <uv.h>

#include "cisoid/diag.h"
#include "cisoid/time.h"
#include "host/sim/maker.h"

#define CIS_SINK_LATE_S 1.0
#define CIS_MAX_SINK    16 /* endpoints */

struct cis_sink;

struct cis_sink_config {
	uv_loop_t *loop;
	uint32_t n_spec;
	const char *const *spec;  /* [tcp:|udp:]HOST:PORT[,idcode=N][,words] */
	struct cis_maker *maker;  /* borrowed */
	struct cis_instant start; /* its PMUs are those of then */
	uint32_t first, end;      /* streams that are sent: [first, end) */
	double late_s;
	bool late_counts; /* for the exit status */
	/* After drain(): what was sent has had its time to come back. */
	void (*drained)(void *arg);
	void *arg;
};

/* Reads and looks up; -EINVAL, -EADDRNOTAVAIL with a message. */
int cis_sink_check(const char *spec, struct cis_diag *diag);

/* The PDC is asked from now on, and again while it does not answer. On failure
 * *out may be there none the less: to be closed, and freed after the loop. */
int cis_sink_new(const struct cis_sink_config *sc, struct cis_sink **out,
		 struct cis_diag *diag);

/* Dates of frames less the clock, before the first is sent; 0 unless told. */
void cis_sink_set_shift(struct cis_sink *sink, int64_t shift_ns);

/* A data frame of a stream went out, at `when` by the clock. What was spoilt on
 * purpose (cut, or with a wrong CHK) is not expected back. */
void cis_sink_sent(struct cis_sink *sink, uint32_t stream, const uint8_t *frame,
		   size_t len, struct cis_time when);

/* The last frame was sent. `drained` comes from the loop. */
void cis_sink_drain(struct cis_sink *sink);

/* Closes the connection and the accounts; NULL is allowed. */
void cis_sink_close(struct cis_sink *sink);

/* After close: the table, or the same as an object. */
void cis_sink_report(const struct cis_sink *sink, FILE *out);
json_t *cis_sink_json(const struct cis_sink *sink);

/* After close: 0 all came back whole, 6 no PDC answered, 7 data were lost, 10
 * something came that was not sent so; what is wrong was told. */
int cis_sink_status(const struct cis_sink *sink);

/* After the loop has ended. NULL is allowed. */
void cis_sink_free(struct cis_sink *sink);

#endif
