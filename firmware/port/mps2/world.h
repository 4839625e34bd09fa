/*
 * world.h - what happens to the emulated board, by the timer, in virtual time:
 * pulses and bytes as a test prescribes them, so that each run is like the other
 * however busy the host is.
 *
 * In QEMU's folder the test makes two FIFOs. From `world.in` the board reads
 * events, one after the other; where one says so it writes what it has made to
 * `world.out`, and waits for the next one without the time going on. All words
 * are 32 bits, little-endian. Without the FIFOs there is a pulse each second.
 */
#ifndef FIRMWARE_PORT_MPS2_WORLD_H
#define FIRMWARE_PORT_MPS2_WORLD_H

#include <stdint.h>

enum world_kind {
	WORLD_REPORT = 0,
	WORLD_PULSE = 1,
	WORLD_GPS_BYTE = 2,
	WORLD_HOST_BYTE = 3,
	WORLD_HANG = 4, /* the main loop is not gone on with */
	WORLD_FAULT = 5,
	WORLD_EXIT = 6 /* with value as the emulator's status */
};

struct world_event {
	uint32_t after_ticks; /* after the event before */
	uint8_t kind;
	uint8_t value; /* a byte, a status */
	uint8_t reserved[2];
};

/* See board.h for what was made. */
struct world_report {
	uint32_t tick; /* when the event was due */
	uint32_t pulse_tick;
	uint32_t n_edges;
	uint32_t edge_tick;
	uint32_t n_starts;
	uint32_t start_rise_tick;
	uint32_t start_fall_tick;
	uint32_t stack_free; /* bytes never touched since the start */
};

/* Once, interrupts being on. */
void world_start(void);

/* The next event is due. */
void world_isr(void);

#endif
