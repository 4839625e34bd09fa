/*
 * roster.h - which PMU is which, in the frames of somebody else.
 *
 * Pure. A PDC may give PMUs other IDCODEs than they came with, and other names
 * to them and to their channels. A station's name is believed first, where it is
 * one of ours and of one alone (16 characters, whatever their case, blanks and
 * underscores alike); else the IDCODE.
 */
#ifndef HOST_SIM_ROSTER_H
#define HOST_SIM_ROSTER_H

#include <stdint.h>

#include "cisoid/c37.h"

struct cis_roster;

/* A unit is a PMU of a stream; units are numbered from 0 on, in order. */
struct cis_roster_unit {
	uint16_t idcode;
	uint16_t pmu; /* index in its stream */
	uint32_t stream;
	char station[17]; /* as far as CFG-2 holds it */
};

/* Room for n_unit; -ENOMEM. */
int cis_roster_new(uint32_t n_unit, struct cis_roster **out);
void cis_roster_free(struct cis_roster *r); /* NULL is allowed */

/* The next unit; there must be room. After the last: sort. */
void cis_roster_add(struct cis_roster *r, const struct cis_c37_pmu *pmu,
		    uint32_t stream, uint16_t index);
void cis_roster_sort(struct cis_roster *r);

uint32_t cis_roster_size(const struct cis_roster *r);
const struct cis_roster_unit *cis_roster_unit(const struct cis_roster *r,
					      uint32_t unit);

#define CIS_ROSTER_NONE UINT32_MAX

/* Which unit somebody's PMU is. */
uint32_t cis_roster_find(const struct cis_roster *r,
			 const struct cis_c37_pmu *theirs);

/*
 * Which of our channels is each of somebody's: to[i] is the index in ours of his
 * channel i, or -1. By name (the first word of his, too: phases are put behind
 * it); where no name is known and he has as many, by position.
 */
void cis_roster_channels(const struct cis_c37_channel *ours, uint16_t n_ours,
			 const struct cis_c37_channel *theirs,
			 uint16_t n_theirs, int16_t *to);

#endif
