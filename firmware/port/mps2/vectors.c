/* vectors.c - the vector table of Arm's AN386 for the MPS2. */
#include "firmware/port/cortex_m/start.h"
#include "firmware/port/mps2/board.h"
#include "firmware/port/mps2/registers.h"
#include "firmware/port/mps2/world.h"

/* An empty entry is of something that is never enabled. */
__attribute__((section(".vectors"),
	       used)) static const struct port_vectors vectors = {
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
	.irq[IRQ_UART0_RX] = uart0_isr,
	.irq[IRQ_UART1_RX] = uart1_isr,
	.irq[IRQ_TIMER0] = edge_isr,
	.irq[IRQ_TIMER1] = world_isr,
};
