/*
 * test_front_pulses.c - faults of pulses and oscillator through the whole core:
 * states, events, edges against true time. See sim_scene.h for what is checked
 * of every second beside what the rows say.
 *
 * Pulses are Gaussian with 20 ns and a sawtooth of 15 ns; the front end locks
 * within 60 s, then edges are within 100 ns of UTC. Faults begin with second
 * 200. "Within 2 s" is by the T line or event that comes before 202.
 */
#include "tests/firmware/scenes.h"

#define US     1e-6
#define MS     1e-3
#define NO_FIX (SIM_INIT | SIM_ACQUIRE | SIM_FAULT)

static const struct sim_scene scenes[] = {
	{
		.name = "nothing_is_wrong",
		.run_s = 400,
		.off_ppm = 30,
		.expect = {WELL(60, END),
			   NO_STEP,
			   TOLD(0, 1, BOOT),
			   TOLD(0, 60, LABEL),
			   {SIM_EXPECT_QUIET, 60, END, FE_EVENT_STATE},
			   {SIM_EXPECT_QUIET, 0, END, FE_EVENT_UNDERRUN},
			   {SIM_EXPECT_QUIET, 0, END, FE_EVENT_NMEA_BAD},
			   {SIM_EXPECT_QUIET, 0, END, FE_EVENT_LINE_BAD}},
	},
	{
		.name = "a_slow_crystal",
		.run_s = 120,
		.off_ppm = -100,
		.expect = {WELL(60, END), NO_STEP},
	},
	{
		.name = "one_pulse_is_missing",
		.run_s = 300,
		.pps = {{SIM_PPS_ABSENT, 200, 201, 0, 0}},
		.expect = {WELL(60, 200),
			   WELL(201, END),
			   NO_STEP,
			   {SIM_EXPECT_STATE, 200, 201, SIM_LOCKED},
			   {SIM_EXPECT_CLEAR, 200, 201, FE_FLAG_PULSE},
			   {SIM_EXPECT_WITHIN, 200, 201, 100}},
	},
	{
		.name = "three_pulses_are_missing",
		.run_s = 300,
		.pps = {{SIM_PPS_ABSENT, 200, 203, 0, 0}},
		.expect = {WELL(60, 200),
			   WELL(263, END),
			   NO_STEP,
			   TOLD(200, 202, PPS_LOST),
			   TOLD(203, 205, PPS_BACK),
			   {SIM_EXPECT_CLEAR, 200, 203, FE_FLAG_PULSE},
			   {SIM_EXPECT_STATE, 201, 203, SIM_HOLDOVER},
			   {SIM_EXPECT_WITHIN, 60, END, 100}},
	},
	{
		.name = "pulses_are_absent_for_an_hour",
		.run_s = 3900,
		.pps = {{SIM_PPS_ABSENT, 200, 3800, 0, 0}},
		.expect = {WELL(60, 200),
			   WELL(3860, END),
			   NO_STEP,
			   TOLD(200, 202, PPS_LOST),
			   TOLD(3800, 3802, PPS_BACK),
			   {SIM_EXPECT_STATE, 201, 3800, SIM_HOLDOVER},
			   {SIM_EXPECT_FLAGS, 60, END,
			    FE_FLAG_LABEL | FE_FLAG_RUNNING}},
	},
	{
		.name = "a_pulse_comes_twice",
		.run_s = 300,
		.pps = {{SIM_PPS_DOUBLE, 200, 201, 0, 0.3}},
		.expect = {WELL(60, END), NO_STEP, TOLD(200, 202, PPS_DOUBLE)},
	},
	{
		.name = "pulses_ring",
		.run_s = 300,
		.pps = {{SIM_PPS_DOUBLE, 200, 260, 0, 2 * US}},
		.expect = {WELL(60, END), NO_STEP, TOLD(200, 202, PPS_DOUBLE)},
	},
	{
		.name = "one_pulse_is_1_us_late",
		.run_s = 300,
		.pps = {{SIM_PPS_LATE, 200, 201, 0, 1 * US}},
		.expect = {WELL(60, 200),
			   WELL(201, END),
			   NO_STEP,
			   TOLD(200, 202, PPS_REFUSED),
			   {SIM_EXPECT_STATE, 200, 201, SIM_LOCKED},
			   {SIM_EXPECT_CLEAR, 200, 201, FE_FLAG_PULSE}},
	},
	{
		.name = "one_pulse_is_100_us_late",
		.run_s = 300,
		.pps = {{SIM_PPS_LATE, 200, 201, 0, 100 * US}},
		.expect = {WELL(60, 200),
			   WELL(201, END),
			   NO_STEP,
			   TOLD(200, 202, PPS_REFUSED),
			   {SIM_EXPECT_STATE, 200, 201, SIM_LOCKED},
			   {SIM_EXPECT_CLEAR, 200, 201, FE_FLAG_PULSE}},
	},
	{
		.name = "one_pulse_is_10_ms_late",
		.run_s = 300,
		.pps = {{SIM_PPS_LATE, 200, 201, 0, 10 * MS}},
		.expect = {WELL(60, 200),
			   WELL(201, END),
			   NO_STEP,
			   TOLD(200, 202, PPS_REFUSED),
			   {SIM_EXPECT_STATE, 200, 201, SIM_LOCKED},
			   {SIM_EXPECT_CLEAR, 200, 201, FE_FLAG_PULSE}},
	},
	{
		.name = "one_pulse_is_early",
		.run_s = 300,
		.pps = {{SIM_PPS_LATE, 200, 201, 0, -100 * US}},
		.expect = {WELL(60, 200),
			   WELL(201, END),
			   NO_STEP,
			   TOLD(199, 202, PPS_REFUSED),
			   {SIM_EXPECT_STATE, 200, 201, SIM_LOCKED}},
	},
	{
		.name = "outliers_come_in_a_burst",
		.run_s = 300,
		.pps = {{SIM_PPS_LATE, 200, 220, 2, 30 * US},
			{SIM_PPS_LATE, 200, 220, 3, -17 * US}},
		.expect = {WELL(60, 200),
			   WELL(280, END),
			   NO_STEP,
			   TOLD(200, 202, PPS_REFUSED),
			   {SIM_EXPECT_STATE, 200, 280,
			    SIM_LOCKED | SIM_HOLDOVER | SIM_TRACK},
			   {SIM_EXPECT_WITHIN, 60, END, 100}},
	},
	/* Another receiver or cable: nobody can tell which of the two is UTC.
	   Below 1 ms edges are moved, never put. */
	{
		.name = "all_pulses_are_5_us_late",
		.run_s = 400,
		.pps = {{SIM_PPS_LATE, 200, END, 0, 5 * US}},
		.expect = {WELL(60, 200),
			   NO_STEP,
			   TOLD(200, 202, PPS_REFUSED),
			   {SIM_EXPECT_SEEN, 200, 202, SIM_HOLDOVER},
			   {SIM_EXPECT_STATE, 320, END, SIM_LOCKED},
			   {SIM_EXPECT_AT, 320, END, 5000},
			   {SIM_EXCEPT_BOUND, 200, END, 0}},
	},
	/* Where they are that far off they are put anew, and it is told. */
	{
		.name = "all_pulses_are_10_ms_late",
		.run_s = 400,
		.pps = {{SIM_PPS_LATE, 200, END, 0, 10 * MS}},
		.expect = {WELL(60, 200),
			   TOLD(202, 320, STEP),
			   {SIM_EXPECT_SEEN, 200, 202, SIM_HOLDOVER},
			   {SIM_EXPECT_STATE, 320, END, SIM_LOCKED},
			   {SIM_EXPECT_AT, 320, END, 10000000},
			   {SIM_EXCEPT_STEP, 200, 320, 0},
			   {SIM_EXCEPT_BOUND, 200, END, 0}},
	},
	{
		.name = "two_pulses_a_second_for_a_minute",
		.run_s = 400,
		.pps = {{SIM_PPS_RATE, 200, 260, 0, 0.5}},
		.expect = {WELL(60, 200),
			   WELL(320, END),
			   NO_STEP,
			   TOLD(200, 202, PPS_DOUBLE),
			   {SIM_EXPECT_SEEN, 200, 212, SIM_FAULT},
			   {SIM_EXPECT_WITHIN, 60, 200, 100}},
	},
	{
		.name = "pulses_0_9_s_apart_for_a_minute",
		.run_s = 400,
		.pps = {{SIM_PPS_RATE, 200, 260, 0, 0.909}},
		.expect = {WELL(60, 200),
			   WELL(320, END),
			   NO_STEP,
			   TOLD(200, 203, PPS_REFUSED),
			   {SIM_EXPECT_STATE, 204, 260,
			    SIM_HOLDOVER | SIM_FAULT}},
	},
	{
		.name = "pulses_0_9_s_apart_from_the_start",
		.run_s = 400,
		.pps = {{SIM_PPS_RATE, 0, 200, 0, 0.909}},
		.expect = {WELL(260, END),
			   {SIM_EXPECT_STATE, 0, 200, NO_FIX},
			   {SIM_EXPECT_SEEN, 0, 60, SIM_FAULT},
			   {SIM_EXPECT_CLEAR, 0, 200, FE_FLAG_RUNNING}},
	},
	{
		.name = "a_receiver_without_a_signal_at_power_up",
		.run_s = 400,
		.pps = {{SIM_PPS_ABSENT, 0, 200, 0, 0}},
		.gps = {{SIM_GPS_SILENT, 0, 200, 0}},
		.say = {{100, "PSYN,START,7,#", 5}},
		.expect = {WELL(260, END),
			   {SIM_EXPECT_STATE, 0, 200, SIM_INIT},
			   {SIM_EXPECT_CLEAR, 0, 200,
			    FE_FLAG_RUNNING | FE_FLAG_LABEL},
			   {SIM_EXPECT_NAK, 100, 101, FE_REASON_STATE}},
	},
	{
		.name = "pulses_come_before_the_fix",
		.run_s = 400,
		.gps = {{SIM_GPS_VOID, 0, 200, 0}},
		.expect = {WELL(260, END),
			   {SIM_EXPECT_STATE, 60, 200, SIM_TRACK},
			   {SIM_EXPECT_WITHIN, 60, END, 100}},
	},
	/* The first pulse that is out of the noise (three deviations, 66 ns) is
	   that of 201; 2 s is what it may take to say so. */
	{
		.name = "the_oscillator_jumps_by_1_ppm",
		.run_s = 400,
		.ramp_ppm = 1,
		.ramp_from_s = 200,
		.ramp_s = 1e-3,
		.expect = {WELL(60, 200),
			   WELL(260, END),
			   NO_STEP,
			   {SIM_EXCEPT_SLEW, 200, 260, 1000},
			   {SIM_EXCEPT_BOUND, 200, 203, 0}},
	},
	/* It takes a second to get there, so that no line of pulses shows it: they
	   are refused for 30 s, and the bound is theirs meanwhile. */
	{
		.name = "the_oscillator_goes_to_half_a_ppm_in_a_second",
		.run_s = 400,
		.ramp_ppm = 0.5,
		.ramp_from_s = 200,
		.ramp_s = 1,
		.expect = {WELL(60, 200),
			   WELL(300, END),
			   NO_STEP,
			   {SIM_EXCEPT_SLEW, 200, 300, 1000},
			   {SIM_EXCEPT_BOUND, 200, 204, 0}},
	},
	/* 0.5 ppm/degree, five degrees: 25 ns t^2, of which 202 is the first
	   that is out of the noise, and 252 when it ends. */
	{
		.name = "it_warms_by_a_tenth_of_a_degree_a_second",
		.run_s = 400,
		.ramp_ppm = 2.5,
		.ramp_from_s = 200,
		.ramp_s = 50,
		.expect = {WELL(60, 200),
			   WELL(310, END),
			   NO_STEP,
			   {SIM_EXPECT_FLAGS, 60, END,
			    FE_FLAG_LABEL | FE_FLAG_RUNNING},
			   {SIM_EXCEPT_BOUND, 200, 204, 0},
			   {SIM_EXCEPT_BOUND, 250, 254, 0}},
	},
};

int main(void)
{
	return run_scenes(scenes, sizeof(scenes) / sizeof(scenes[0]));
}
