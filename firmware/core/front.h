/*
 * front.h - the whole timing front end; all that a port calls.
 *
 * A port owns one free-running 32-bit timer of tick_hz that captures the pulse
 * and compares for the edges, two serial lines, and one struct fe_front. Ticks
 * are that timer's counts; they may wrap at any time.
 *
 * Calls marked [interrupt] may interrupt those marked [main], and one another
 * where they are not the same function. All others: main loop only.
 */
#ifndef FIRMWARE_CORE_FRONT_H
#define FIRMWARE_CORE_FRONT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/core/bytes.h"
#include "firmware/core/commands.h"
#include "firmware/core/label.h"
#include "firmware/core/link.h"
#include "firmware/core/listen.h"
#include "firmware/core/naming.h"
#include "firmware/core/scan.h"
#include "firmware/core/second.h"
#include "firmware/core/servo.h"
#include "firmware/core/start.h"
#include "firmware/core/tell.h"

struct fe_config {
	/* 1 to 200 MHz: differences of counts are right within 2^31 ticks, and
	 * the core looks 10 s back. */
	uint32_t tick_hz;
	/* Edges a second, 1..FE_RATE_MAX_HZ; FE_STEP_MIN_TICKS apart or more. */
	uint32_t rate_hz;
	/* Words for the ID line, FE_NAME_SIZE with NUL; borrowed for good;
	 * NULL: `0`. */
	const char *board;
	const char *version;
	uint32_t boot; /* another one at each boot */
	bool after_watchdog;
};

struct fe_front {
	struct fe_config cfg;
	uint64_t now_q32; /* of the last poll */
	struct fe_pulses pulses;
	struct fe_listen listen;
	struct fe_scan scan;
	struct fe_servo servo;
	struct fe_label label;
	struct fe_naming naming;
	struct fe_seconds seconds;
	struct fe_start start;
	struct fe_commands commands;
	struct fe_tell tell;
};

/* Everything is in it: 8 KiB of RAM hold it and the stack. */
_Static_assert(sizeof(struct fe_front) <= 5120, "struct fe_front fits");

/* Before the interrupts are let in. The first edges are there after it. `f` stays
 * where it is: parts of it know one another by pointers. */
void fe_front_init(struct fe_front *f, const struct fe_config *cfg,
		   uint32_t now_tick);

/* [interrupt] The timer's count at the rising edge of the pulse. */
void fe_front_on_pulse(struct fe_front *f, uint32_t tick);

/* [interrupt] A byte came from the receiver, from the host. */
void fe_front_on_gps_byte(struct fe_front *f, uint8_t byte);
void fe_front_on_host_byte(struct fe_front *f, uint8_t byte);

/*
 * [interrupt] When the next rising edge of the scan clock is due: asked for
 * once the one before it has risen, now_tick being the timer's count (in a
 * simulation without delays: that edge's tick). The tick is at least a
 * microsecond ahead; edges nearer than that, and past ones, are left out and
 * told to the host. False: there is none, which is told as well; the port
 * leaves the clock low and asks again after the next fe_front_poll().
 */
bool fe_front_next_edge(struct fe_front *f, uint32_t now_tick, uint32_t *tick);

/* [interrupt] How many ticks later it falls: half a period. Of that edge. */
uint32_t fe_front_high_ticks(const struct fe_front *f);

/*
 * [main] All that is not an interrupt's: at least every millisecond. Later does
 * no harm while there are edges in the ring: 5 ms at 50 kHz, 12 ms up to 20 kHz.
 * Puts in edges; so a port whose clock stands asks for one after it.
 */
void fe_front_poll(struct fe_front *f, uint32_t now_tick);

/* [main] Up to n bytes for the host; returns how many. */
size_t fe_front_output(struct fe_front *f, char *buf, size_t n);

/*
 * [main] After each poll. True, once for each: a start pulse is to be made that
 * rises and falls at these ticks, milliseconds ahead; 0.1 ms at least, or it is
 * left out and told to the host.
 */
bool fe_front_start_pulse(struct fe_front *f, uint32_t *rise_tick,
			  uint32_t *fall_tick);

#endif
