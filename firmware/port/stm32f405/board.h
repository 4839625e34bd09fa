/* board.h - the STM32F405's interrupts, named in vectors.c. */
#ifndef FIRMWARE_PORT_STM32F405_BOARD_H
#define FIRMWARE_PORT_STM32F405_BOARD_H

/* The pulse, the scan clock, the start pulse. Interrupts the other two. */
void tim2_isr(void);

/* A byte from the host, from the receiver. */
void usart1_isr(void);
void usart2_isr(void);

#endif
