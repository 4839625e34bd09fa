/*
 * listen_out.h - what listen writes of each frame: a table or lines, CSV, JSON;
 * several at once where they do not meet on standard output.
 */
#ifndef HOST_CLI_LISTEN_OUT_H
#define HOST_CLI_LISTEN_OUT_H

#include "cisoid/c37.h"
#include "host/cli/decode/decode.h"
#include "host/cli/outfile.h"
#include "listen_csv.h"

struct cis_listen_out_config {
	const char *csv; /* file or "-"; NULL: none */
	bool json;       /* every frame, as decode's, on standard output */
	bool lines;      /* a line per PMU and frame, for people */
	bool force;
};

struct cis_listen_out {
	struct cis_listen_out_config cfg;
	struct cis_outfile of; /* of CSV */
	struct cis_listen_csv csv;
	uint16_t csv_idcode; /* its stream */
	bool told_other;
	struct cis_report rep;
	struct cis_decode_book *book; /* for JSON */
	struct cis_capture_frame raw; /* the frame at hand */
};

int cis_listen_out_open(struct cis_listen_out *out,
			const struct cis_listen_out_config *cfg,
			struct cis_diag *diag);

/* Keeps the CSV, or gives it up. */
int cis_listen_out_commit(struct cis_listen_out *out, struct cis_diag *diag);
void cis_listen_out_abort(struct cis_listen_out *out);
void cis_listen_out_free(struct cis_listen_out *out);

/* Each frame as it comes, before the two below. */
int cis_listen_out_frame(struct cis_listen_out *out, const uint8_t *frame,
			 size_t len, bool crc_ok);

/* -EINVAL: the columns of a CSV that has begun no longer fit. */
int cis_listen_out_config(struct cis_listen_out *out,
			  const struct cis_c37_config *cfg);

/* -EPIPE and the like when nobody takes it. */
int cis_listen_out_data(struct cis_listen_out *out,
			const struct cis_c37_config *cfg,
			const struct cis_c37_data *data);

#endif
