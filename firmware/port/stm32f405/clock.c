/*
 * clock.c - see clock.h. HSE / PLLM = 2 MHz (1 MHz where it is odd), x PLLN /
 * PLLP 2 = 168 MHz; APB1 a quarter of it and its timers half, APB2 half.
 */
#include "firmware/port/stm32f405/clock.h"

#include "firmware/port/stm32f405/registers.h"

enum {
	INPUT_MHZ = PORT_HSE_MHZ % 2 == 0 ? 2 : 1,
	PLLM = PORT_HSE_MHZ / INPUT_MHZ,
	PLLN = 336 / INPUT_MHZ,
	PLLQ = 7
};

_Static_assert(PORT_HSE_MHZ >= 4 && PORT_HSE_MHZ <= 26,
	       "CISOID_HSE_MHZ is what the chip takes");

static void wait_for(const volatile uint32_t *reg, uint32_t mask, uint32_t is)
{
	while ((*reg & mask) != is)
		;
}

/* The chip's boot loader may have left its PLL on. */
static void run_from_hsi(void)
{
	RCC->CR |= RCC_CR_HSION;
	wait_for(&RCC->CR, RCC_CR_HSIRDY, RCC_CR_HSIRDY);
	RCC->CFGR = 0;
	wait_for(&RCC->CFGR, RCC_CFGR_SWS, 0);
	RCC->CR &= ~(uint32_t)(RCC_CR_PLLON | RCC_CR_CSSON | RCC_CR_HSEON);
	wait_for(&RCC->CR, RCC_CR_PLLRDY | RCC_CR_HSERDY, 0);
}

static void run_from_pll(void)
{
	RCC->CR |= PORT_HSE_BYPASS ? RCC_CR_HSEBYP : 0;
	RCC->CR |= RCC_CR_HSEON;
	wait_for(&RCC->CR, RCC_CR_HSERDY, RCC_CR_HSERDY);
	RCC->PLLCFGR = PLLM | PLLN << RCC_PLLCFGR_PLLN_SHIFT |
		       RCC_PLLCFGR_PLLP_2 | RCC_PLLCFGR_PLLSRC_HSE |
		       PLLQ << RCC_PLLCFGR_PLLQ_SHIFT;
	RCC->CR |= RCC_CR_PLLON;
	wait_for(&RCC->CR, RCC_CR_PLLRDY, RCC_CR_PLLRDY);
	FLASH->ACR = FLASH_ACR_LATENCY_5WS | FLASH_ACR_PRFTEN | FLASH_ACR_ICEN |
		     FLASH_ACR_DCEN;
	wait_for(&FLASH->ACR, 0xf, FLASH_ACR_LATENCY_5WS);
	RCC->CFGR = RCC_CFGR_PPRE1_4 | RCC_CFGR_PPRE2_2 | RCC_CFGR_SW_PLL;
	wait_for(&RCC->CFGR, RCC_CFGR_SWS, RCC_CFGR_SWS_PLL);
	RCC->CR |= RCC_CR_CSSON;
}

void clock_init(void)
{
	/* QEMU's netduinoplus2 has no RCC to wait for. */
	if (!PORT_EMULATED) {
		run_from_hsi();
		run_from_pll();
	}
	RCC->AHB1ENR |= RCC_AHB1ENR_GPIOAEN | RCC_AHB1ENR_GPIOBEN;
	RCC->APB1ENR |= RCC_APB1ENR_TIM2EN | RCC_APB1ENR_USART2EN;
	RCC->APB2ENR |= RCC_APB2ENR_USART1EN;
	/* 2.1.13 of the errata: the clock is there two cycles later. */
	(void)RCC->APB2ENR;
	(void)RCC->APB2ENR;
}
