/* vectors.c - the vector table of Arm's AN386 for the MPS2. */
#include "firmware/port/cortex_m/start.h"
#include "firmware/port/mps2/board.h"
#include "firmware/port/mps2/registers.h"
#include "firmware/port/mps2/world.h"

__attribute__((section(".vectors.chip"),
	       used)) static const struct port_vectors vectors = {
	.irq[IRQ_UART0_RX] = uart0_isr,
	.irq[IRQ_UART1_RX] = uart1_isr,
	.irq[IRQ_TIMER0] = edge_isr,
	.irq[IRQ_TIMER1] = world_isr,
};
