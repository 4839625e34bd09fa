/*
 * test_front_mixed.c - faults that meet, drawn at random: edges and names hold
 * through all of them, and a minute after the last one all is well. See
 * sim_scene.h for what is checked of every second.
 *
 * Only faults after which the truth can be known: pulses that lack, single ones
 * that are off, sentences that lack, are late, spoilt or wrong for less than
 * four seconds. The bound is k = 3 and no more: it is not asked for here.
 */
#include <stdio.h>

#include "host/core/draw.h"
#include "tests/firmware/scenes.h"

#define END INT32_MAX

enum { SCENES = 24, RUN_S = 460, LAST_S = 380 };

struct dice {
	uint64_t seed, n;
};

static double unit(struct dice *d)
{
	return cis_draw_unit(d->seed, 0, d->n++);
}

static int64_t between(struct dice *d, int64_t from, int64_t to)
{
	return from + (int64_t)(unit(d) * (double)(to - from));
}

/* Some seconds or a minute or two, all over before LAST_S. */
static int64_t end_of(struct dice *d, int64_t from_s)
{
	int64_t to_s = from_s + between(d, 1, unit(d) < 0.5 ? 6 : 120);

	return to_s < LAST_S ? to_s : LAST_S;
}

static struct sim_pps_fault draw_pps(struct dice *d)
{
	int64_t from_s = between(d, 70, 300), to_s = end_of(d, from_s);
	double sign = unit(d) < 0.5 ? -1 : 1;

	switch (between(d, 0, 4)) {
	case 0:
		return (struct sim_pps_fault){
			SIM_PPS_LATE, from_s, to_s, between(d, 4, 9),
			sign * pow(10, -6 + 4.5 * unit(d))};
	case 1:
		return (struct sim_pps_fault){SIM_PPS_DOUBLE, from_s,
					      from_s + 3, 0,
					      pow(10, -6 + 5.7 * unit(d))};
	case 2:
		return (struct sim_pps_fault){SIM_PPS_ABSENT, from_s, to_s,
					      between(d, 2, 5), 0};
	default:
		return (struct sim_pps_fault){SIM_PPS_ABSENT, from_s, to_s, 0,
					      0};
	}
}

static struct sim_gps_fault draw_gps(struct dice *d)
{
	int64_t from_s = between(d, 0, 300), to_s = end_of(d, from_s);

	switch (between(d, 0, 5)) {
	case 0:
		return (struct sim_gps_fault){SIM_GPS_LATE, from_s, to_s,
					      between(d, 0, 860)};
	case 1:
		from_s += 70;
		return (struct sim_gps_fault){SIM_GPS_WRONG, from_s,
					      from_s + between(d, 1, 4),
					      between(d, -3, 4)};
	case 2:
		return (struct sim_gps_fault){SIM_GPS_VOID, from_s, to_s, 0};
	case 3:
		return (struct sim_gps_fault){SIM_GPS_SILENT, from_s, to_s, 0};
	default:
		return (struct sim_gps_fault){SIM_GPS_CORRUPT, from_s, to_s,
					      between(d, 5, 200)};
	}
}

static void draw_scene(struct sim_scene *c, uint64_t seed, const char *name)
{
	struct dice d = {.seed = seed};

	*c = (struct sim_scene){
		.name = name,
		.run_s = RUN_S,
		.off_ppm = 100 * unit(&d) - 50,
		.expect = {{SIM_EXCEPT_BOUND, 0, END, 0},
			   {SIM_EXPECT_QUIET, 60, END, FE_EVENT_STEP},
			   {SIM_EXPECT_QUIET, 0, END, FE_EVENT_UNDERRUN},
			   {SIM_EXPECT_STATE, LAST_S + 60, END, SIM_LOCKED},
			   {SIM_EXPECT_WITHIN, LAST_S + 60, END, 100}},
	};
	for (int i = 0; i < 3; i++) {
		c->pps[i] = draw_pps(&d);
		c->gps[i] = draw_gps(&d);
	}
}

int main(void)
{
	static struct sim_scene scenes[SCENES];
	static char names[SCENES][32];

	for (uint64_t i = 0; i < SCENES; i++) {
		snprintf(names[i], sizeof(names[i]), "faults_that_meet_%u",
			 (unsigned)i);
		draw_scene(&scenes[i], i, names[i]);
	}
	return run_scenes(scenes, SCENES);
}
