/*
 * sim_scene.h - a fault and what must come of it, as a row of a table.
 *
 * A scene runs the whole core (sim_front.h) from power-up. Beside what its row
 * says, this must hold in every scene and second:
 *
 *   - one T line in each second, there 0.1 s after the second began;
 *   - once edges are aligned, none is lost, doubled or out of turn, each second
 *     has rate_hz of them, the front end counts as many, and no period is off by
 *     more than a tick and the greatest slew;
 *   - edges lie within the error that the T line tells;
 *   - the second's name in the T line, where it is believed, is the true one;
 *   - every line of the front end can be read.
 *
 * Where a row must except a while from one of these it says so (EXCEPT).
 */
#ifndef TESTS_FIRMWARE_SIM_SCENE_H
#define TESTS_FIRMWARE_SIM_SCENE_H

#include "tests/firmware/sim/sim_front.h"

/* Bits of states. */
#define SIM_INIT     (1u << FE_STATE_INIT)
#define SIM_ACQUIRE  (1u << FE_STATE_ACQUIRE)
#define SIM_TRACK    (1u << FE_STATE_TRACK)
#define SIM_LOCKED   (1u << FE_STATE_LOCKED)
#define SIM_HOLDOVER (1u << FE_STATE_HOLDOVER)
#define SIM_FAULT    (1u << FE_STATE_FAULT)

enum sim_expect_kind {
	SIM_EXPECT_END,    /* of the row's list */
	SIM_EXPECT_STATE,  /* each T: one of the bits in `value` */
	SIM_EXPECT_SEEN,   /* one T at least is in one of these states */
	SIM_EXPECT_TOLD,   /* event `value` at least once */
	SIM_EXPECT_QUIET,  /* event `value` never */
	SIM_EXPECT_FLAGS,  /* each T has the flags in `value` set */
	SIM_EXPECT_CLEAR,  /* and these not */
	SIM_EXPECT_WITHIN, /* edges within `value` ns of UTC */
	SIM_EXPECT_AT,     /* edges within 100 ns of `value` ns after UTC */
	SIM_EXPECT_NAMED,  /* names are `value` s too high; believed or not */
	SIM_EXPECT_ACK,    /* an answer came, and it was ACK; NAK for `value` */
	SIM_EXPECT_NAK,
	SIM_EXPECT_START, /* the pulse before second `value`, and only it */
	SIM_EXCEPT_STEP,  /* edges may be put elsewhere, which is told */
	SIM_EXCEPT_BOUND, /* edges may be farther off than told */
	SIM_EXCEPT_SLEW,  /* the oscillator itself is that much off in ppb */
	SIM_EXCEPT_BAD,   /* lines end halfway: it was switched off */
};

/* In the seconds from_s <= n < to_s. */
struct sim_expect {
	enum sim_expect_kind kind;
	int64_t from_s, to_s;
	int64_t value;
};

struct sim_say {
	int64_t at_s;     /* the line goes out as this second begins */
	const char *text; /* `#` is put for the second's own POSIX name ... */
	int64_t plus_s;   /* ... and so many seconds more; `$`: as it is */
};

struct sim_scene {
	const char *name;
	int64_t run_s;
	int64_t reset_s; /* switched off and on as this second begins */
	int64_t leap_s;  /* +n: second n is an inserted one; -n: what would have
			   been the name of n is left out */
	int64_t month_s; /* second n begins a month, without one */
	double delay_ns;
	uint32_t rate_hz; /* 0: 18000 */
	struct sim_pps_fault pps[3];
	struct sim_gps_fault gps[3];
	double ramp_ppm, ramp_from_s, ramp_s; /* of the oscillator */
	double off_ppm;
	struct sim_say say[6];
	struct sim_expect expect[14];
};

/* False: *why is a sentence. */
bool sim_scene_run(const struct sim_scene *scene, char *why, size_t size);

#endif
