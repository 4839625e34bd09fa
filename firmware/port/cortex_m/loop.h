/* loop.h - the main loop of both ports, and what it wants of a board. */
#ifndef FIRMWARE_PORT_CORTEX_M_LOOP_H
#define FIRMWARE_PORT_CORTEX_M_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/core/front.h"

/* The device. Interrupts give it what they capture. */
extern struct fe_front port_front;

/* Never returns; called by port_reset. */
_Noreturn void port_main(void);

/* A board's name in the ID line and the clock of its timer. */
extern const char board_name[];
extern const uint32_t board_tick_hz;

/* Clocks, pins, timer and serial lines; no interrupt yet. */
void board_init(void);

/* Was the last reset the watchdog's? Once, after board_init. */
bool board_after_watchdog(void);

/* Interrupts on; port_front is there. */
void board_start(void);

/* The timer's count. */
uint32_t board_now(void);

/* Has the scan clock go on where it stands for want of an edge. */
void board_clock_on(void);

/* A start pulse is to rise and to fall at these ticks, which are ahead. */
void board_start_pulse(uint32_t rise_tick, uint32_t fall_tick);

/* May a byte for the host be given to board_send? */
bool board_can_send(void);
void board_send(char byte);

/* Once in each round of the loop: it is alive. */
void board_alive(void);

#endif
