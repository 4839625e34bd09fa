/*
 * recording_parts.h - a recording from within: recording.c keeps frames,
 * recording_finish.c puts them in order, recording_grid.c in their places.
 */
#ifndef HOST_SIM_RECORDING_PARTS_H
#define HOST_SIM_RECORDING_PARTS_H

#include "host/core/be.h"
#include "recording.h"

#define CIS_NO_STREAM UINT32_MAX

static inline size_t cis_recorded_len(const uint8_t *frame)
{
	return cis_be16(frame + CIS_C37_FRAMESIZE_AT);
}

/* Frees what it holds. */
void cis_recorded_clear(struct cis_recorded_stream *s);

/* Whether both configurations describe the same data. A CFG-3 between CFG-2s that
 * describe the same is no change. */
bool cis_recorded_same(const struct cis_c37_config *a,
		       const struct cis_c37_config *b);

/* Takes cfg, unless it fails: -ENOMEM. */
int cis_recorded_edition(struct cis_recorded_stream *s,
			 struct cis_c37_config *cfg);

/* ---- recording_grid.c ---- */

#define CIS_RECORDING_MAX_RATE 32767  /* DATA_RATE */
#define CIS_RECORDING_MAX_GRID 100000 /* places a second */

/* The greatest number that divides both; 0 of two zeros. */
uint64_t cis_recording_gcd(uint64_t a, uint64_t b);

/* Finds rate, base_s, first, last and each frame's n. */
int cis_recording_grid(struct cis_recording *rec, struct cis_warn_list *warn,
		       struct cis_diag *diag);

/* A grid that is m times as fine. */
void cis_recording_refine(struct cis_recording *rec, uint32_t m);

#endif
