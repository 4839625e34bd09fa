/* vectors.c - the STM32F405's vector table (RM0090, table 62). */
#include "firmware/port/cortex_m/start.h"
#include "firmware/port/stm32f405/board.h"
#include "firmware/port/stm32f405/registers.h"

__attribute__((section(".vectors.chip"),
	       used)) static const struct port_vectors vectors = {
	.irq[IRQ_TIM2] = tim2_isr,
	.irq[IRQ_USART1] = usart1_isr,
	.irq[IRQ_USART2] = usart2_isr,
};
