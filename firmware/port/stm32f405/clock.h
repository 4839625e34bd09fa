/* clock.h - the STM32F405's clocks. */
#ifndef FIRMWARE_PORT_STM32F405_CLOCK_H
#define FIRMWARE_PORT_STM32F405_CLOCK_H

/* In Hz, once clock_init has returned. */
enum {
	CLOCK_TIMER_HZ = 84000000,
	CLOCK_APB1_HZ = 42000000,
	CLOCK_APB2_HZ = 84000000
};

/*
 * Crystal or oscillator, PLL, 168 MHz; and what is used gets its clock. Waits
 * for the crystal for ever: without it there is no time (the watchdog resets).
 * One that stops later is a fault, by the clock security system.
 */
void clock_init(void);

#endif
