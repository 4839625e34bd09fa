/*
 * test_front_names.c - faults of what the receiver says, through the whole core:
 * which second it is, and that edges and pulses do not care. See sim_scene.h
 * for what is checked of every second beside what the rows say; there, that a
 * name that is believed is the true one.
 *
 * The sentences of a second come 0.12 to 0.32 s after it, behind its T line. So
 * four of them that say another thing from 200 on show in that of 204.
 */
#include "tests/firmware/scenes.h"

/* Whatever is said, edges stay where they are. */
#define EDGES_STAY                              \
	NO_STEP,                                \
	{                                       \
		SIM_EXPECT_WITHIN, 60, END, 100 \
	}

static const struct sim_scene scenes[] = {
	{
		.name = "sentences_come_late_for_a_minute",
		.run_s = 300,
		.gps = {{SIM_GPS_LATE, 200, 260, 850}},
		.expect = {WELL(60, END), EDGES_STAY, QUIET(LABEL_LOST),
			   QUIET(LABEL_JUMP)},
	},
	/* They would name the second before: nothing is believed. */
	{
		.name = "sentences_always_come_late",
		.run_s = 300,
		.gps = {{SIM_GPS_LATE, 0, END, 850}},
		.expect = {EDGES_STAY,
			   QUIET(LABEL),
			   {SIM_EXPECT_CLEAR, 0, END, FE_FLAG_LABEL},
			   {SIM_EXPECT_STATE, 60, END, SIM_TRACK}},
	},
	/* They name the second before; that is never believed, for as long as it
	   lasts. The first second is without a name, so is the last. */
	{
		.name = "sentences_come_more_than_a_second_late",
		.run_s = 500,
		.gps = {{SIM_GPS_LATE, 200, 400, 1100}},
		.expect = {WELL(60, 205),
			   WELL(465, END),
			   EDGES_STAY,
			   TOLD(200, 203, NMEA_BAD),
			   TOLD(204, 206, LABEL_LOST),
			   {SIM_EXPECT_SEEN, 204, 207, SIM_FAULT},
			   {SIM_EXPECT_CLEAR, 205, 400, FE_FLAG_LABEL},
			   {SIM_EXPECT_FLAGS, 60, END, FE_FLAG_RUNNING}},
	},
	/* Sentences that are on the wire when the next second begins: RMC and
	   ZDA come in time. */
	{
		.name = "sentences_end_with_the_second",
		.run_s = 300,
		.gps = {{SIM_GPS_LATE, 0, END, 600}},
		.expect = {WELL(60, END), EDGES_STAY},
	},
	{
		.name = "sentences_are_wrong_once",
		.run_s = 300,
		.gps = {{SIM_GPS_WRONG, 200, 201, 1}},
		.expect = {WELL(60, END), EDGES_STAY, QUIET(LABEL_LOST),
			   QUIET(LABEL_JUMP), TOLD(200, 202, NMEA_BAD)},
	},
	{
		.name = "sentences_are_wrong_for_three_seconds",
		.run_s = 300,
		.gps = {{SIM_GPS_WRONG, 200, 203, -1}},
		.expect = {WELL(60, END), EDGES_STAY, QUIET(LABEL_LOST),
			   QUIET(LABEL_JUMP), TOLD(200, 202, NMEA_BAD)},
	},
	/* Believed again with 264, and an acquisition later all is well. */
	{
		.name = "sentences_are_wrong_for_a_minute",
		.run_s = 400,
		.gps = {{SIM_GPS_WRONG, 200, 260, 1}},
		.expect = {WELL(60, 204),
			   WELL(330, END),
			   EDGES_STAY,
			   TOLD(203, 205, LABEL_JUMP),
			   TOLD(263, 265, LABEL_JUMP),
			   {SIM_EXPECT_SEEN, 203, 206, SIM_FAULT},
			   {SIM_EXPECT_CLEAR, 204, 206, FE_FLAG_LABEL},
			   {SIM_EXPECT_CLEAR, 264, 266, FE_FLAG_LABEL},
			   {SIM_EXPECT_NAMED, 204, 264, 1}},
	},
	/* The pulse that was one second's is said to be another's: a whole
	   second off, and nobody can know which is right. */
	{
		.name = "a_whole_second_off_from_now_on",
		.run_s = 400,
		.gps = {{SIM_GPS_WRONG, 200, END, -1}},
		.expect = {WELL(60, 204),
			   WELL(264, END),
			   EDGES_STAY,
			   TOLD(203, 205, LABEL_JUMP),
			   {SIM_EXPECT_SEEN, 203, 206, SIM_FAULT},
			   {SIM_EXPECT_CLEAR, 204, 206, FE_FLAG_LABEL},
			   {SIM_EXPECT_NAMED, 204, END, -1}},
	},
	{
		.name = "sentences_are_wrong_by_years",
		.run_s = 300,
		.gps = {{SIM_GPS_WRONG, 200, END, -619315200}},
		.expect = {WELL(60, END), EDGES_STAY, QUIET(LABEL_JUMP),
			   TOLD(200, 202, NMEA_BAD)},
	},
	{
		.name = "no_sentences_for_an_hour",
		.run_s = 3900,
		.gps = {{SIM_GPS_SILENT, 200, 3800, 0}},
		.expect = {WELL(60, END), EDGES_STAY, QUIET(LABEL_LOST)},
	},
	{
		.name = "neither_pulses_nor_sentences_for_an_hour",
		.run_s = 3900,
		.pps = {{SIM_PPS_ABSENT, 200, 3800, 0, 0}},
		.gps = {{SIM_GPS_SILENT, 200, 3800, 0}},
		.expect = {WELL(60, 200),
			   WELL(3860, END),
			   QUIET(LABEL_LOST),
			   {SIM_EXPECT_STATE, 201, 3800, SIM_HOLDOVER},
			   {SIM_EXPECT_FLAGS, 60, END,
			    FE_FLAG_LABEL | FE_FLAG_RUNNING},
			   {SIM_EXPECT_QUIET, 60, END, FE_EVENT_STEP}},
	},
	{
		.name = "no_fix_for_a_minute",
		.run_s = 300,
		.gps = {{SIM_GPS_VOID, 200, 260, 0}},
		.expect = {WELL(60, END), EDGES_STAY, QUIET(LABEL_LOST)},
	},
	{
		.name = "a_byte_in_a_hundred_is_wrong",
		.run_s = 1000,
		.gps = {{SIM_GPS_CORRUPT, 0, END, 100}},
		.expect = {WELL(60, END), EDGES_STAY, QUIET(LABEL_LOST),
			   QUIET(LABEL_JUMP), TOLD(0, 5, NMEA_BAD)},
	},
	{
		.name = "a_byte_in_ten_is_wrong",
		.run_s = 300,
		.gps = {{SIM_GPS_CORRUPT, 0, END, 10}},
		.expect = {EDGES_STAY,
			   QUIET(LABEL),
			   TOLD(0, 2, NMEA_BAD),
			   {SIM_EXPECT_STATE, 60, END, SIM_TRACK}},
	},
	{
		.name = "a_leap_second_that_was_announced",
		.run_s = 400,
		.leap_s = 300,
		.say = {{100, "PSYN,SET,1,leap,#", 201 - 1}},
		.expect = {WELL(60, END),
			   EDGES_STAY,
			   QUIET(LABEL_JUMP),
			   {SIM_EXPECT_ACK, 100, 101, 0},
			   TOLD(299, 302, LEAP),
			   {SIM_EXPECT_FLAGS, 101, 300, FE_FLAG_LEAP_INSERT},
			   {SIM_EXPECT_CLEAR, 301, END, FE_FLAG_LEAP_INSERT}},
	},
	/* Where nobody has told whether there is one, the end of a month takes
	   the name away until sentences have given it again. */
	{
		.name = "a_leap_second_that_nobody_announced",
		.run_s = 400,
		.leap_s = 300,
		.expect = {WELL(60, 299),
			   WELL(310, END),
			   EDGES_STAY,
			   QUIET(LABEL_JUMP),
			   TOLD(299, 301, LABEL_LOST),
			   {SIM_EXPECT_STATE, 299, 310,
			    SIM_LOCKED | SIM_TRACK}},
	},
	{
		.name = "the_end_of_a_month_of_which_nobody_told",
		.run_s = 400,
		.month_s = 300,
		.expect = {WELL(60, 299),
			   WELL(310, END),
			   EDGES_STAY,
			   QUIET(LABEL_JUMP),
			   TOLD(299, 301, LABEL_LOST),
			   {SIM_EXPECT_STATE, 299, 310,
			    SIM_LOCKED | SIM_TRACK}},
	},
	{
		.name = "the_end_of_a_month_without_a_leap_second",
		.run_s = 400,
		.month_s = 300,
		.say = {{100, "PSYN,SET,1,leap,0", 0}},
		.expect = {WELL(60, END),
			   EDGES_STAY,
			   QUIET(LABEL_JUMP),
			   QUIET(LABEL_LOST),
			   QUIET(LEAP),
			   {SIM_EXPECT_ACK, 100, 101, 0}},
	},
	{
		.name = "a_second_left_out_that_was_announced",
		.run_s = 400,
		.leap_s = -300,
		.say = {{100, "PSYN,SET,1,leap,-#", 201}},
		.expect = {WELL(60, END),
			   EDGES_STAY,
			   QUIET(LABEL_JUMP),
			   {SIM_EXPECT_ACK, 100, 101, 0},
			   TOLD(299, 302, LEAP),
			   {SIM_EXPECT_FLAGS, 101, 300, FE_FLAG_LEAP_DELETE},
			   {SIM_EXPECT_CLEAR, 301, END, FE_FLAG_LEAP_DELETE}},
	},
	{
		.name = "a_second_left_out_that_nobody_announced",
		.run_s = 400,
		.leap_s = -300,
		.expect = {WELL(60, 300),
			   WELL(310, END),
			   EDGES_STAY,
			   QUIET(LABEL_JUMP),
			   TOLD(300, 302, LABEL_LOST),
			   {SIM_EXPECT_STATE, 300, 310,
			    SIM_LOCKED | SIM_TRACK}},
	},
};

int main(void)
{
	return run_scenes(scenes, sizeof(scenes) / sizeof(scenes[0]));
}
