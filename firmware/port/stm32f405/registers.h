/*
 * registers.h - the registers of the STM32F405 that are used, named as in its
 * reference manual RM0090; section numbers are those of revision 19.
 */
#ifndef FIRMWARE_PORT_STM32F405_REGISTERS_H
#define FIRMWARE_PORT_STM32F405_REGISTERS_H

#include <stdint.h>

/* 3.9: flash interface. */
struct stm32_flash {
	volatile uint32_t ACR;
};

enum {
	FLASH_ACR_LATENCY_5WS = 5,
	FLASH_ACR_PRFTEN = 1 << 8,
	FLASH_ACR_ICEN = 1 << 9,
	FLASH_ACR_DCEN = 1 << 10
};

/* 7.3: reset and clock control. */
struct stm32_rcc {
	volatile uint32_t CR, PLLCFGR, CFGR, CIR;
	volatile uint32_t AHB1RSTR, AHB2RSTR, AHB3RSTR, reserved_1c;
	volatile uint32_t APB1RSTR, APB2RSTR, reserved_28[2];
	volatile uint32_t AHB1ENR, AHB2ENR, AHB3ENR, reserved_3c;
	volatile uint32_t APB1ENR, APB2ENR, reserved_48[2];
	volatile uint32_t AHB1LPENR, AHB2LPENR, AHB3LPENR, reserved_5c;
	volatile uint32_t APB1LPENR, APB2LPENR, reserved_68[2];
	volatile uint32_t BDCR, CSR;
};

enum {
	RCC_CR_HSION = 1 << 0,
	RCC_CR_HSIRDY = 1 << 1,
	RCC_CR_HSEON = 1 << 16,
	RCC_CR_HSERDY = 1 << 17,
	RCC_CR_HSEBYP = 1 << 18,
	RCC_CR_CSSON = 1 << 19,
	RCC_CR_PLLON = 1 << 24,
	RCC_CR_PLLRDY = 1 << 25,

	RCC_PLLCFGR_PLLN_SHIFT = 6,
	RCC_PLLCFGR_PLLP_2 = 0 << 16,
	RCC_PLLCFGR_PLLSRC_HSE = 1 << 22,
	RCC_PLLCFGR_PLLQ_SHIFT = 24,

	RCC_CFGR_SW_PLL = 2,
	RCC_CFGR_SWS = 3 << 2,
	RCC_CFGR_SWS_PLL = 2 << 2,
	RCC_CFGR_PPRE1_4 = 5 << 10,
	RCC_CFGR_PPRE2_2 = 4 << 13,

	RCC_AHB1ENR_GPIOAEN = 1 << 0,
	RCC_AHB1ENR_GPIOBEN = 1 << 1,
	RCC_APB1ENR_TIM2EN = 1 << 0,
	RCC_APB1ENR_USART2EN = 1 << 17,
	RCC_APB2ENR_USART1EN = 1 << 4,

	RCC_CSR_RMVF = 1 << 24,
	RCC_CSR_IWDGRSTF = 1 << 29
};

/* 8.4: general-purpose pins. */
struct stm32_gpio {
	volatile uint32_t MODER, OTYPER, OSPEEDR, PUPDR, IDR, ODR, BSRR, LCKR;
	volatile uint32_t AFR[2];
};

/* 18.4: general-purpose timers. */
struct stm32_tim {
	volatile uint32_t CR1, CR2, SMCR, DIER, SR, EGR, CCMR1, CCMR2, CCER;
	volatile uint32_t CNT, PSC, ARR, RCR, CCR1, CCR2, CCR3, CCR4;
};

enum {
	TIM_CR1_CEN = 1 << 0,
	TIM_EGR_UG = 1 << 0,
	TIM_EGR_CC2G = 1 << 2,

	/* DIER and SR alike. */
	TIM_CC1 = 1 << 1,
	TIM_CC2 = 1 << 2,
	TIM_CC3 = 1 << 3,

	TIM_CCMR1_CC1S_TI1 = 1 << 0,
	TIM_CCMR1_OC2M_SHIFT = 12,
	TIM_CCMR2_OC3M_SHIFT = 4,
	/* OCxM: what a channel's output does. */
	TIM_OCM_ACTIVE_ON_MATCH = 1,
	TIM_OCM_INACTIVE_ON_MATCH = 2,
	TIM_OCM_FORCE_INACTIVE = 4,
	TIM_OCM_FORCE_ACTIVE = 5,

	TIM_CCER_CC1E = 1 << 0,
	TIM_CCER_CC2E = 1 << 4,
	TIM_CCER_CC3E = 1 << 8
};

/* 30.6: serial lines. */
struct stm32_usart {
	volatile uint32_t SR, DR, BRR, CR1, CR2, CR3, GTPR;
};

enum {
	USART_SR_FE = 1 << 1,
	USART_SR_ORE = 1 << 3,
	USART_SR_RXNE = 1 << 5,
	USART_SR_TXE = 1 << 7,
	USART_CR1_RE = 1 << 2,
	USART_CR1_TE = 1 << 3,
	USART_CR1_RXNEIE = 1 << 5,
	USART_CR1_UE = 1 << 13
};

/* 21.4: independent watchdog. */
struct stm32_iwdg {
	volatile uint32_t KR, PR, RLR, SR;
};

enum {
	IWDG_KR_RELOAD = 0xaaaa,
	IWDG_KR_UNLOCK = 0x5555,
	IWDG_KR_START = 0xcccc,
	IWDG_PR_32 = 3
};

/* Table 1: where they are. */
static struct stm32_tim *const TIM2 = (struct stm32_tim *)0x40000000;
static struct stm32_iwdg *const IWDG = (struct stm32_iwdg *)0x40003000;
static struct stm32_usart *const USART2 = (struct stm32_usart *)0x40004400;
static struct stm32_usart *const USART1 = (struct stm32_usart *)0x40011000;
static struct stm32_gpio *const GPIOA = (struct stm32_gpio *)0x40020000;
static struct stm32_gpio *const GPIOB = (struct stm32_gpio *)0x40020400;
static struct stm32_rcc *const RCC = (struct stm32_rcc *)0x40023800;
static struct stm32_flash *const FLASH = (struct stm32_flash *)0x40023c00;

/* Table 62: positions in the vector table. */
enum { IRQ_TIM2 = 28, IRQ_USART1 = 37, IRQ_USART2 = 38 };

#endif
