/*
 * sim_gps.h - a simulated receiver's sentences: RMC, ZDA and GGA after each
 * second, and what can be wrong with them.
 *
 * Seconds of the simulation count from 0 without leap seconds; the receiver
 * knows what UTC calls each.
 */
#ifndef TESTS_FIRMWARE_SIM_GPS_H
#define TESTS_FIRMWARE_SIM_GPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum sim_gps_kind {
	SIM_GPS_LATE,  /* sentences begin `value` ms later */
	SIM_GPS_WRONG, /* they name a second `value` too high */
	SIM_GPS_VOID,  /* the receiver says that it has no fix */
	SIM_GPS_SILENT,
	SIM_GPS_CORRUPT, /* one byte in `value` is another one */
};

/* Holds for the seconds from_s <= n < to_s. */
struct sim_gps_fault {
	enum sim_gps_kind kind;
	int64_t from_s, to_s, value;
};

enum { SIM_GPS_FAULTS = 32, SIM_GPS_TEXT = 320 };

struct sim_gps {
	int64_t start_utc_s; /* POSIX second that is second 0 */
	int64_t leap_utc_s;  /* +S: one is inserted before S; -S: the one before
			       S is left out; 0: none */
	uint32_t lead_ms;    /* from the second to the first byte */
	uint32_t sats;
	uint64_t seed;
	struct sim_gps_fault faults[SIM_GPS_FAULTS];
	size_t n_faults;
};

/* 1 January 2026, sentences 120 ms after the second, nine satellites. */
void sim_gps_init(struct sim_gps *g);

/* Adds a fault; those of one kind add up. */
void sim_gps_fault(struct sim_gps *g, struct sim_gps_fault fault);

/* Ends all faults of a kind with second n. */
void sim_gps_mend(struct sim_gps *g, enum sim_gps_kind kind, int64_t n);

/* What UTC calls second n: 23:59:59 twice where in_leap tells the second. */
int64_t sim_gps_utc_s(const struct sim_gps *g, int64_t n, bool *in_leap);

/* All bytes that follow second n into buf of SIM_GPS_TEXT; their count. */
size_t sim_gps_text(const struct sim_gps *g, int64_t n, char *buf);

/* When byte i of them has come (9600 bit/s), in seconds after second n. */
double sim_gps_byte_s(const struct sim_gps *g, int64_t n, size_t i);

#endif
