/*
 * maker_replay.h - a recording played again: its frames with new time stamps.
 *
 * At speed 1 stamps are the recorded ones plus whole seconds, so that angles
 * stay true; at speed X frame n of the grid is n periods of an X times faster
 * one behind the first, which lies on a whole second. Everything but SOC,
 * FRACSEC, leap-second bits, CHK and DATA_RATE is as it was recorded.
 */
#ifndef HOST_SIM_MAKER_REPLAY_H
#define HOST_SIM_MAKER_REPLAY_H

#include "cisoid/diag.h"
#include "maker.h"
#include "recording.h"

#define CIS_REPLAY_SLOWEST 0.01
#define CIS_REPLAY_FASTEST 100.0

struct cis_maker_replay_opts {
	double speed;       /* 1: as recorded */
	bool loop;          /* begins anew on a whole second behind its end */
	const char *header; /* copied */
};

/*
 * Takes `rec`, which has been finished, unless it fails: -EINVAL with a message
 * that names the nearest speeds that DATA_RATE can tell, -ENOMEM.
 */
int cis_maker_replay_new(struct cis_recording *rec,
			 const struct cis_maker_replay_opts *opts,
			 struct cis_maker **out, struct cis_diag *diag);

/* From the last frame of a turn of a loop to the first of the next one. */
double cis_maker_replay_turn_gap_s(const struct cis_maker *maker);

/* ---- replay_speed.c ---- */

/* A speed as a fraction, in lowest terms. */
struct cis_speed {
	uint32_t num, den;
};

/*
 * The speed nearest to x, to 1e-6 of it, that makes the DATA_RATE of each
 * configuration one that exists and that its TIME_BASE can stamp.
 */
int cis_replay_speed(const struct cis_recording *rec, double x,
		     struct cis_speed *speed, struct cis_diag *diag);

/* The grid of the recording at that speed, frames a second; num 0: too fine. */
struct cis_speed cis_replay_grid(const struct cis_recording *rec,
				 struct cis_speed speed);

/* DATA_RATE at that speed; 0 where it cannot be told. */
int16_t cis_replay_data_rate(int16_t data_rate, struct cis_speed speed);

#endif
