/* start.c - reset and faults of a Cortex-M4F (ARMv7-M ARM, B1 and B3). */
#include "firmware/port/cortex_m/start.h"

#include "firmware/port/cortex_m/boot.h"
#include "firmware/port/cortex_m/loop.h"

extern uint32_t port_data_load[], port_data_start[], port_data_end[];
extern uint32_t port_vectors_start[];
extern uint32_t port_stack_bottom[], port_stack_top[];
extern uint32_t port_bss_start[], port_bss_end[];

enum {
	PAINT = 0x5ca1ab1e,
	PAINT_CLEAR = 16 /* words below the frame of who paints */
};

static volatile uint32_t *const VTOR = (volatile uint32_t *)0xe000ed08;
static volatile uint32_t *const CPACR = (volatile uint32_t *)0xe000ed88;
static volatile uint32_t *const NVIC_ISER = (volatile uint32_t *)0xe000e100;
static volatile uint8_t *const NVIC_IPR = (volatile uint8_t *)0xe000e400;

/* Words from one symbol of the linker script to another. */
static uint32_t n_words(const uint32_t *from, const uint32_t *to)
{
	return ((uint32_t)(uintptr_t)to - (uint32_t)(uintptr_t)from) / 4;
}

static void paint(void)
{
	uint32_t n = n_words(port_stack_bottom, __builtin_frame_address(0));

	for (uint32_t i = 0; i + PAINT_CLEAR < n; i++)
		port_stack_bottom[i] = PAINT;
}

static void lay_out(void)
{
	uint32_t n_data = n_words(port_data_start, port_data_end);
	uint32_t n_bss = n_words(port_bss_start, port_bss_end);

	for (uint32_t i = 0; i < n_data; i++)
		port_data_start[i] = port_data_load[i];
	for (uint32_t i = 0; i < n_bss; i++)
		port_bss_start[i] = 0;
}

/*
 * The FPU's registers are stacked lazily, as the chip comes up: an interrupt
 * that does not calculate pays for their room (sizes.py has it), not for time.
 */
_Noreturn void port_reset(void)
{
	/* A boot loader that jumps here leaves its own table and mask. */
	*VTOR = (uint32_t)(uintptr_t)port_vectors_start;
	port_irq_on();
	*CPACR |= 0xfu << 20;
	__asm__ volatile("dsb\n\tisb" ::: "memory");
	lay_out();
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

/* The first part of the vector table (B1.5.2, B1.5.3). */
__attribute__((section(".vectors.core"), used)) static const struct {
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
} exceptions = {
	.stack_top = port_stack_top,
	.reset = port_reset,
	.nmi = port_fault,
	.hard_fault = port_fault,
	.mem_manage = port_fault,
	.bus_fault = port_fault,
	.usage_fault = port_fault,
	.sv_call = port_fault,
	.debug_monitor = port_fault,
	.pend_sv = port_fault,
	.sys_tick = port_fault,
};
