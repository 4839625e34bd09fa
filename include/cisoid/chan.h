/*
 * chan.h - the channel map: what each channel is, and which three are a system.
 */
#ifndef CISOID_CHAN_H
#define CISOID_CHAN_H

#include <stdint.h>

#include "cisoid/diag.h"

#define CIS_MAX_CHAN  256
#define CIS_MAX_GROUP (CIS_MAX_CHAN / 3)
#define CIS_NAME_SIZE 128

enum cis_quantity {
	CIS_VOLTAGE, /* V */
	CIS_CURRENT, /* A */
};

struct cis_chan {
	char name[CIS_NAME_SIZE]; /* UTF-8, unique within the map */
	char phase[8]; /* as recorded: "A", "L1", ""; see map_group */
	char unit[16]; /* as recorded: "kV"; samples are V or A */
	enum cis_quantity quantity;
	uint32_t position;  /* in the source; neighbours differ by one */
	double nominal_rms; /* V or A; 0: not known */
	double range_min;   /* converter's limits, V or A ... */
	double range_max;   /* ... both 0: not known */
};

/* Three channels of one quantity that form a system, phases A, B, C. */
struct cis_group {
	char name[CIS_NAME_SIZE]; /* of its positive sequence: "V+", "Ua:V+" */
	enum cis_quantity quantity;
	uint32_t chan[3];
};

struct cis_chan_map {
	uint32_t n_chan;
	struct cis_chan chan[CIS_MAX_CHAN];
	uint32_t n_group;
	struct cis_group group[CIS_MAX_GROUP];
};

/*
 * Finds the groups: neighbours (by position) of one quantity and unit whose
 * phase - chan[].phase, else the last letter or digit of the name - reads
 * A B C, 1 2 3, R S T or U V W. Voltages come first. One group of a kind is "V+"
 * or "I+"; several are "<first channel>:V+".
 */
void cis_chan_map_group(struct cis_chan_map *map);

/*
 * Keeps the channels of the comma-separated list, in its order, and groups
 * anew. -EINVAL names the one that is not there, and the nearest that is.
 */
int cis_chan_map_select(struct cis_chan_map *map, const char *list,
			uint32_t *index_of, struct cis_diag *diag);

/*
 * "VA=NAME,VB=NAME,...": the channel NAME is known as VA from here on. VA VB VC,
 * where complete, is the only group of voltages as soon as one of them is
 * named; IA IB IC likewise. -EINVAL with a message.
 */
int cis_chan_map_rename(struct cis_chan_map *map, const char *spec,
			struct cis_diag *diag);

/* Cuts to size on a character's border, replaces what is not UTF-8, trims, and
 * makes the name unique in the map so far ("IA#2"). */
void cis_chan_set_name(struct cis_chan_map *map, uint32_t chan,
		       const char *utf8);

#endif
