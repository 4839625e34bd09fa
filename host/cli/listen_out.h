/*
 * listen_out.h - what listen writes of each frame: lines, CSV or JSON.
 */
#ifndef HOST_CLI_LISTEN_OUT_H
#define HOST_CLI_LISTEN_OUT_H

#include "cisoid/c37.h"
#include "decode.h"
#include "listen_csv.h"
#include "outfile.h"

enum cis_listen_kind {
	CIS_LISTEN_TEXT, /* a line per PMU and frame, for people */
	CIS_LISTEN_CSV,  /* as estimate's, from the phasors' names */
	CIS_LISTEN_JSON, /* as decode's */
};

struct cis_listen_out {
	enum cis_listen_kind kind;
	struct cis_outfile of;
	struct cis_listen_csv csv;
	struct cis_report rep;
	struct cis_decode_book *book; /* for JSON */
	struct cis_capture_frame raw; /* the frame at hand */
};

/* `path` is for CSV; the others write to standard output. */
int cis_listen_out_open(struct cis_listen_out *out, enum cis_listen_kind kind,
			const char *path, bool force, struct cis_diag *diag);

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
