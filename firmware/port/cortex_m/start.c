/* start.c - reset and faults of a Cortex-M4F (ARMv7-M ARM, B1 and B3). */
#include "firmware/port/cortex_m/start.h"

#include "firmware/port/cortex_m/boot.h"
#include "firmware/port/cortex_m/loop.h"

extern uint32_t port_data_load[], port_data_start[], port_data_end[];
extern uint32_t port_vectors_start[];
extern uint32_t port_stack_bottom[];
extern uint32_t port_bss_start[], port_bss_end[];

enum {
	PAINT = 0x5ca1ab1e,
	PAINT_CLEAR = 16 /* words below the frame of who paints */
};

static volatile uint32_t *const VTOR = (volatile uint32_t *)0xe000ed08;
static volatile uint32_t *const CPACR = (volatile uint32_t *)0xe000ed88;
static volatile uint32_t *const NVIC_ISER = (volatile uint32_t *)0xe000e100;
static volatile uint8_t *const NVIC_IPR = (volatile uint8_t *)0xe000e400;

static void paint(void)
{
	uint32_t *here = __builtin_frame_address(0);

	for (uint32_t *p = port_stack_bottom; p < here - PAINT_CLEAR; p++)
		*p = PAINT;
}

_Noreturn void port_reset(void)
{
	const uint32_t *from = port_data_load;
	uint32_t *to;

	/* A boot loader that jumps here leaves its own table and mask. */
	*VTOR = (uint32_t)(uintptr_t)port_vectors_start;
	port_irq_on();
	*CPACR |= 0xfu << 20;
	__asm__ volatile("dsb\n\tisb" ::: "memory");
	for (to = port_data_start; to < port_data_end; to++)
		*to = *from++;
	for (to = port_bss_start; to < port_bss_end; to++)
		*to = 0;
	paint();
	port_main();
}

uint32_t port_stack_free(void)
{
	uint32_t n = 0;

	while (port_stack_bottom[n] == PAINT)
		n++;
	return n * (uint32_t)sizeof(PAINT);
}

/* AIRCR = VECTKEY | SYSRESETREQ. */
__attribute__((naked)) void port_fault(void)
{
	__asm__ volatile("ldr r0, =port_boot_fault\n\t"
			 "ldr r1, =%c0\n\t"
			 "str r1, [r0]\n\t"
			 "dsb\n\t"
			 "ldr r0, =0xe000ed0c\n\t"
			 "ldr r1, =0x05fa0004\n\t"
			 "str r1, [r0]\n"
			 "1:\tb 1b\n\t"
			 ".ltorg" ::"i"(PORT_FAULT_WORD));
}

void port_irq_enable(uint32_t irq, uint32_t level)
{
	NVIC_IPR[irq] = (uint8_t)(level << 4);
	NVIC_ISER[irq / 32] = 1u << irq % 32;
}
