/*
 * sim_wire.h - the serial line between the simulated board and a host: bytes take
 * their time, both ways.
 */
#ifndef TESTS_FIRMWARE_SIM_WIRE_H
#define TESTS_FIRMWARE_SIM_WIRE_H

#include <stddef.h>

/* Bytes that a slice of sim_front.h can carry at most. */
#define SIM_WIRE_SLICE 16

/* All zero: nothing was said yet. */
struct sim_wire {
	char in[2048]; /* to the board */
	size_t in_len, in_next;
	double in_credit, out_credit; /* bytes that the time was enough for */
	char out[8192];               /* from the board, not taken yet */
	size_t out_len;
};

/* What is under way is lost: the board was switched off. */
void sim_wire_empty(struct sim_wire *w);

/* The host: bytes, or the line of what stands between $ and *. */
void sim_wire_put(struct sim_wire *w, const char *bytes, size_t len);
void sim_wire_say(struct sim_wire *w, const char *text);
/* What came and was not taken, up to size bytes; returns how many. */
size_t sim_wire_take(struct sim_wire *w, char *buf, size_t size);

/* The board, once in each slice: bytes that arrive; returns how many. */
size_t sim_wire_carry(struct sim_wire *w, char buf[SIM_WIRE_SLICE]);
/* And how many it may send, and did. */
size_t sim_wire_room(struct sim_wire *w);
void sim_wire_keep(struct sim_wire *w, const char *buf, size_t len);

#endif
