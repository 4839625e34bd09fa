/* vectors.c - the STM32F405's vector table (RM0090, table 62). */
#include "firmware/port/cortex_m/start.h"
#include "firmware/port/stm32f405/board.h"
#include "firmware/port/stm32f405/registers.h"

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
	.irq[IRQ_TIM2] = tim2_isr,
	.irq[IRQ_USART1] = usart1_isr,
	.irq[IRQ_USART2] = usart2_isr,
};
