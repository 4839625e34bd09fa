/*
 * test_front_starts.c - what the host asks for, through the whole core: start
 * pulses against the true second, delays, restarts, lines that are spoilt. See
 * sim_scene.h for what is checked of every second beside what the rows say.
 *
 * A start pulse rises half a period of the scan clock before its second; within
 * a tick and what the edges of that second are off.
 */
#include "tests/firmware/scenes.h"

static const struct sim_scene scenes[] = {
	{
		.name = "a_start",
		.run_s = 120,
		.off_ppm = 30,
		.say = {{100, "PSYN,START,7,#", 3}},
		.expect = {WELL(60, END),
			   NO_STEP,
			   {SIM_EXPECT_ACK, 100, 101, 0},
			   {SIM_EXPECT_FLAGS, 101, 103, FE_FLAG_START},
			   {SIM_EXPECT_START, 102, 104, 103},
			   TOLD(103, 105, STARTED),
			   {SIM_EXPECT_CLEAR, 104, END, FE_FLAG_START}},
	},
	{
		.name = "a_start_asked_for_twice_is_one",
		.run_s = 120,
		.say = {{100, "PSYN,START,7,#", 3},
			{101, "PSYN,START,7,#", 2},
			{105, "PSYN,START,7,#", -2}},
		.expect = {WELL(60, END),
			   {SIM_EXPECT_ACK, 100, 101, 0},
			   {SIM_EXPECT_ACK, 101, 102, 0},
			   {SIM_EXPECT_ACK, 105, 106, 0},
			   {SIM_EXPECT_START, 102, 104, 103},
			   TOLD(103, 105, STARTED)},
	},
	{
		.name = "the_last_of_two_starts_is_meant",
		.run_s = 120,
		.say = {{100, "PSYN,START,7,#", 5}, {101, "PSYN,START,8,#", 7}},
		.expect = {{SIM_EXPECT_ACK, 100, 101, 0},
			   {SIM_EXPECT_ACK, 101, 102, 0},
			   {SIM_EXPECT_START, 107, 109, 108},
			   TOLD(108, 110, STARTED)},
	},
	{
		.name = "a_start_that_cannot_be_is_refused",
		.run_s = 120,
		.say = {{3, "PSYN,START,1,#", 3},
			{100, "PSYN,START,2,#", 0},
			{102, "PSYN,START,3,#", 62},
			{104, "PSYN,START,4,#", -1},
			{106, "PSYN,START,5", 0},
			{108, "PSYN,STOP,6", 0}},
		.expect = {{SIM_EXPECT_NAK, 3, 4, FE_REASON_STATE},
			   {SIM_EXPECT_NAK, 100, 101, FE_REASON_LATE},
			   {SIM_EXPECT_NAK, 102, 103, FE_REASON_RANGE},
			   {SIM_EXPECT_NAK, 104, 105, FE_REASON_LATE},
			   {SIM_EXPECT_NAK, 106, 107, FE_REASON_FIELDS},
			   {SIM_EXPECT_NAK, 108, 109, FE_REASON_COMMAND},
			   QUIET(STARTED)},
	},
	{
		.name = "a_start_in_holdover",
		.run_s = 300,
		.pps = {{SIM_PPS_ABSENT, 200, 260, 0, 0}},
		.say = {{210, "PSYN,START,7,#", 3}},
		.expect = {{SIM_EXPECT_ACK, 210, 211, 0},
			   {SIM_EXPECT_START, 212, 214, 213},
			   TOLD(213, 215, STARTED)},
	},
	/* The second that was asked for is not what it seemed to be. */
	{
		.name = "a_start_while_the_name_of_seconds_jumps",
		.run_s = 300,
		.gps = {{SIM_GPS_WRONG, 200, END, 1}},
		.say = {{201, "PSYN,START,7,#", 10}},
		.expect = {{SIM_EXPECT_ACK, 201, 202, 0},
			   {SIM_EXPECT_NAMED, 204, END, 1},
			   QUIET(STARTED)},
	},
	{
		.name = "a_start_in_an_inserted_second_s_minute",
		.run_s = 400,
		.leap_s = 300,
		.say = {{100, "PSYN,SET,1,leap,#", 200},
			{290, "PSYN,START,2,#", 15}},
		.expect = {WELL(60, END),
			   {SIM_EXPECT_ACK, 290, 291, 0},
			   /* A second later, for there is one more. */
			   {SIM_EXPECT_START, 305, 307, 306},
			   TOLD(306, 308, STARTED)},
	},
	{
		.name = "pulses_that_a_cable_delays",
		.run_s = 200,
		.delay_ns = 50000,
		.say = {{0, "PSYN,SET,1,delay_ns,50000", 0}},
		.expect = {WELL(60, END), NO_STEP, {SIM_EXPECT_ACK, 0, 1, 0}},
	},
	/* Told later it is another place, 5 us away; slewed there. */
	{
		.name = "a_delay_told_while_it_is_locked",
		.run_s = 300,
		.delay_ns = 5000,
		.say = {{100, "PSYN,SET,1,delay_ns,5000", 0}},
		.expect = {{SIM_EXPECT_AT, 60, 100, 5000},
			   {SIM_EXCEPT_BOUND, 0, 101, 0},
			   {SIM_EXPECT_ACK, 100, 101, 0},
			   NO_STEP,
			   WELL(160, END)},
	},
	{
		.name = "the_power_is_switched_off_and_on",
		.run_s = 300,
		.reset_s = 200,
		.expect = {WELL(60, 200),
			   WELL(260, END),
			   TOLD(200, 201, BOOT),
			   TOLD(200, 260, STEP),
			   TOLD(200, 260, LABEL),
			   {SIM_EXCEPT_STEP, 200, 260, 0},
			   {SIM_EXCEPT_BAD, 200, 201, 0}},
	},
	{
		.name = "a_line_with_a_wrong_sum",
		.run_s = 120,
		.say = {{100, "$PSYN,START,7,1767225999*00\r\n", 0}},
		.expect = {WELL(60, END),
			   TOLD(100, 102, LINE_BAD),
			   QUIET(STARTED),
			   {SIM_EXPECT_CLEAR, 0, END, FE_FLAG_START}},
	},
};

int main(void)
{
	return run_scenes(scenes, sizeof(scenes) / sizeof(scenes[0]));
}
