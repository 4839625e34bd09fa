/*
 * recording.h - recorded frames, put in order: what a replay plays.
 *
 * Streams are found by IDCODE and sender, their frames kept in memory as they
 * were. finish() sorts them by their stamps, leaves out what came twice and
 * finds the grid that all of them lie on.
 */
#ifndef HOST_SIM_RECORDING_H
#define HOST_SIM_RECORDING_H

#include "cisoid/c37.h"
#include "cisoid/diag.h"
#include "cisoid/time.h"

#define CIS_RECORDED_FROM_SIZE 64

struct cis_recorded {
	uint8_t *frame; /* its length is in its head */
	int64_t tai_s;  /* of SOC and leap-second bits */
	uint32_t fracsec;
	uint32_t edition;
	int64_t n; /* place on the grid, 0 at the first whole second of all */
};

struct cis_recorded_stream {
	uint16_t idcode;                   /* as it is sent */
	uint32_t next;                     /* of the same recorded IDCODE */
	char from[CIS_RECORDED_FROM_SIZE]; /* "10.0.0.1:4712", or "" */
	struct cis_time came;              /* the packet of the first frame */
	bool has_came;
	struct cis_rate rate; /* of its frames, whatever DATA_RATE says */
	size_t n_frame, cap;
	struct cis_recorded *frame;
	uint32_t n_edition;
	struct cis_c37_config **edition;
};

struct cis_recording {
	uint32_t n_stream, cap;
	struct cis_recorded_stream *stream;
	struct cis_rate rate; /* after finish(); den is 1 */
	int64_t base_s;       /* the second of n 0 */
	int64_t first, last;  /* the least and the greatest n */
	uint64_t twice;   /* frames left out: one with its stamp was there */
	uint64_t crowded; /* frames left out: another is in its place of the
			     grid */
	size_t max_bytes;
	/* private */
	size_t left; /* bytes that may still be kept */
	struct chunk *chunk;
	uint32_t *of_idcode;
};

/* At most max_bytes are kept. NULL: no memory. */
struct cis_recording *cis_recording_new(size_t max_bytes);
void cis_recording_free(struct cis_recording *rec); /* NULL is allowed */

/* The number of the stream of these, begun if it is new; -ENOMEM. */
int cis_recording_stream(struct cis_recording *rec, uint16_t idcode,
			 const char *from);

/* Another configuration holds for stream i from the next frame on. Taken, also
 * where it says what the last one said. -ENOMEM. */
int cis_recording_config(struct cis_recording *rec, uint32_t i,
			 struct cis_c37_config *cfg);

/*
 * Keeps a data frame of the stream's configuration; `came` is NULL where nobody
 * knows when. -ENOMEM; -EFBIG: no more may be kept.
 */
int cis_recording_put(struct cis_recording *rec, uint32_t i,
		      const uint8_t *frame, const struct cis_time *came);

/*
 * After the last frame. Streams of one IDCODE and host that do not contradict
 * each other become one; others of the same IDCODE get another one. With a
 * message -ENODATA (no frame), -EBADMSG (no grid, years between two frames),
 * -ENOMEM.
 */
int cis_recording_finish(struct cis_recording *rec, struct cis_warn_list *warn,
			 struct cis_diag *diag);

#endif
