/*
 * rig.h - a port without a board: the front end's calls in the order of a timer
 * that counts exactly, and every edge looked at.
 *
 * Time is the timer's count in 64 bits. Pulses are ideal unless a test makes
 * its own; a receiver names them. What can be held up is the main loop
 * (rig_stall) and the compare interrupt (late_ticks).
 */
#ifndef TESTS_FIRMWARE_RIG_H
#define TESTS_FIRMWARE_RIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/core/front.h"
#include "tests/firmware/sim/sim_gps.h"

#define RIG_TICK_HZ 84000000u

struct rig {
	struct fe_front front;
	struct sim_gps gps;
	uint64_t now;          /* ticks */
	uint64_t second_ticks; /* of UTC, whole */
	uint64_t pulse;        /* when the next second of UTC begins */
	int64_t n;             /* its number */
	bool no_pulses, no_sentences;
	bool deaf;           /* the host reads nothing */
	uint32_t late_ticks; /* that the compare interrupt comes later */
	uint32_t poll_us;    /* between two polls */

	/* Edges. */
	bool armed;
	uint64_t armed_at;
	uint64_t last_at;
	bool any;
	uint64_t n_edges;
	uint64_t n_odd;  /* not a period after the one before */
	uint64_t n_idle; /* times that there was none */
	uint64_t min_ticks,
		max_ticks; /* between two edges, and since cleared */

	/* Start pulse. */
	unsigned n_starts;
	uint64_t rise, fall;
	uint64_t after_rise; /* first edge after it */

	/* Said by the front end. */
	struct fe_line line;
	struct fe_report report;
	uint64_t report_at;
	unsigned n_reports, n_ids, n_bad;
	unsigned n_events[FE_N_EVENT];
	int64_t value[FE_N_EVENT]; /* of the last one */
	unsigned n_answers;
	struct fe_message answer;
	struct fe_id id;

	/* The receiver's bytes of this second. */
	char text[SIM_GPS_TEXT];
	size_t text_len, text_next;
	uint64_t text_from;
	int64_t text_n;
};

void rig_init(struct rig *r, uint32_t rate_hz, uint32_t first_tick);

/* Runs on. */
void rig_ms(struct rig *r, uint32_t ms);

/* Runs on until so many ms after the next second of UTC began. */
void rig_to_second(struct rig *r, uint32_t ms);

/* The main loop does not run for so long; interrupts do. */
void rig_stall(struct rig *r, uint32_t us);

/* Until LOCKED; false where it is not within 60 s. */
bool rig_lock(struct rig *r);

/* Bytes on the host's line; a line of what stands between $ and *. */
void rig_bytes(struct rig *r, const char *bytes, size_t len);
void rig_say(struct rig *r, const char *text);

/* Says it and runs on for a ms: true where it was answered by an ACK. */
bool rig_ask(struct rig *r, const char *text);

/* Events and extremes so far are forgotten. */
void rig_clear(struct rig *r);

/* The UTC second of the present one. */
int64_t rig_utc_s(const struct rig *r);

#endif
