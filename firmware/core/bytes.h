/*
 * bytes.h - what interrupts queue for the main loop: bytes of a line, and ticks
 * of pulses. One writer (the interrupt) and one reader each.
 */
#ifndef FIRMWARE_CORE_BYTES_H
#define FIRMWARE_CORE_BYTES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* 22 ms at 115200 baud. A power of two. */
#define FE_BYTES_SIZE  256
/* A power of two. */
#define FE_PULSES_SIZE 8

struct fe_bytes {
	uint8_t byte[FE_BYTES_SIZE];
	_Atomic uint32_t head; /* written, ever */
	_Atomic uint32_t tail; /* read, ever */
	_Atomic bool torn;     /* bytes were lost behind those in the queue */
};

void fe_bytes_init(struct fe_bytes *b);

/* The writer. Where there is no room, all is lost until the queue was read. */
void fe_bytes_put(struct fe_bytes *b, uint8_t byte);

/*
 * The reader. False: nothing there. In the place of bytes that were lost it
 * gives one that no line may hold, so that no line goes together over the gap.
 */
bool fe_bytes_take(struct fe_bytes *b, uint8_t *byte);

struct fe_pulses {
	uint32_t tick[FE_PULSES_SIZE];
	_Atomic uint32_t head; /* written, ever */
	_Atomic uint32_t tail; /* read, ever */
};

void fe_pulses_init(struct fe_pulses *p);

/* The writer. More than fit within two polls are noise: the rest is lost. */
void fe_pulses_put(struct fe_pulses *p, uint32_t tick);

/* The reader. False: none. */
bool fe_pulses_take(struct fe_pulses *p, uint32_t *tick);

#endif
