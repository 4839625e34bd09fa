/* start.h - from reset to port_main, and what every Cortex-M4 has. */
#ifndef FIRMWARE_PORT_CORTEX_M_START_H
#define FIRMWARE_PORT_CORTEX_M_START_H

#include <stdint.h>

/* Top of the stack, by the linker script: the table's first word. */
extern uint32_t port_stack_top[];

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

/* The vector table: the core's exceptions, then the chip's interrupts. */
struct port_vectors {
	uint32_t *stack_top;
	void (*reset)(void);
	void (*nmi)(void);
	void (*hard_fault)(void);
	void (*mem_manage)(void);
	void (*bus_fault)(void);
	void (*usage_fault)(void);
	void (*reserved_7[4])(void);
	void (*sv_call)(void);
	void (*debug_monitor)(void);
	void (*reserved_13)(void);
	void (*pend_sv)(void);
	void (*sys_tick)(void);
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
