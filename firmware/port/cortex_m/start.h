/* start.h - from reset to port_main, and what every Cortex-M4 has. */
#ifndef FIRMWARE_PORT_CORTEX_M_START_H
#define FIRMWARE_PORT_CORTEX_M_START_H

#include <stdint.h>

enum {
	PORT_IRQ_COUNT = 82 /* the STM32F405's; others have fewer */
};

/* Reset: FPU on, data and bss laid out, then port_main. */
_Noreturn void port_reset(void);

/* Bytes of the stack that nothing has touched since the reset. */
uint32_t port_stack_free(void);

/* Every fault and every interrupt without a handler: notes that it was one (see
 * boot.h) and resets. Takes no stack, for that may be what is gone. */
void port_fault(void);

/* The chip's part of the vector table, in section .vectors.chip; the core's, in
 * start.c, lies before it. An empty entry is of what is never enabled. */
struct port_vectors {
	void (*irq[PORT_IRQ_COUNT])(void);
};

/* Enables interrupt irq; level 0 interrupts level 1. */
void port_irq_enable(uint32_t irq, uint32_t level);

/* No interrupt between the two; they do not nest. */
static inline void port_irq_off(void)
{
	__asm__ volatile("cpsid i" ::: "memory");
}

static inline void port_irq_on(void)
{
	__asm__ volatile("cpsie i" ::: "memory");
}

#endif
