/* board.h - the emulated board's interrupts, named in vectors.c. */
#ifndef FIRMWARE_PORT_MPS2_BOARD_H
#define FIRMWARE_PORT_MPS2_BOARD_H

#include <stdbool.h>
#include <stdint.h>

/* What the board has made; the world's report reads it. */
struct board_made {
	uint32_t n_edges;
	uint32_t edge_tick; /* of the last one */
	uint32_t n_starts;
	uint32_t start_rise_tick, start_fall_tick; /* of the last one */
};

extern volatile struct board_made board_made;

struct cmsdk_timer;

/* Has the timer interrupt at that tick, or at once where it is past. */
void timer_start(struct cmsdk_timer *timer, uint32_t at_tick);

/* Acknowledges; false: a short count has come round again before the timer was
 * set to this tick. */
bool timer_is_due(struct cmsdk_timer *timer, uint32_t at_tick);

/* An edge of the scan clock. Interrupts the others. */
void edge_isr(void);

/* A byte from the host, from the receiver. */
void uart0_isr(void);
void uart1_isr(void);

#endif
