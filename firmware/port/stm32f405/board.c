/*
 * board.c - the STM32F405: TIM2 counts at 84 MHz and makes every edge itself.
 *
 *   PA0  TIM2_CH1  the pulse in             PA9, PA10  USART1, the host
 *   PA1  TIM2_CH2  the scan clock out       PA3        USART2, the receiver
 *   PB10 TIM2_CH3  the start pulse out
 *
 * A channel's output is set for its next match only, from the interrupt of the
 * one before: high by a match, low by the next, so no delay of an interrupt
 * shows in an edge.
 */
#include "firmware/port/stm32f405/board.h"

#include "firmware/port/cortex_m/loop.h"
#include "firmware/port/cortex_m/start.h"
#include "firmware/port/stm32f405/clock.h"
#include "firmware/port/stm32f405/registers.h"

enum {
	HOST_BAUD = 115200,
	PIN_PULSE = 0,
	PIN_SCAN = 1,
	PIN_GPS_RX = 3,
	PIN_HOST_TX = 9,
	PIN_HOST_RX = 10,
	PIN_START = 10, /* of port B */
	AF_TIM2 = 1,
	AF_USART = 7,
	PULL_NONE = 0,
	PULL_UP = 1,
	PULL_DOWN = 2,
	/* Of QEMU's 1 GHz: 83.3 MHz. */
	EMULATED_PSC = 11,
	/* By the LSI, 17 to 47 kHz: 0.7 to 1.9 s. */
	WATCHDOG_COUNTS = 1000
};

/* Where a channel stands. */
enum step {
	STEP_IDLE, /* low, nothing set */
	STEP_RISE, /* high at the next match */
	STEP_FALL  /* low at the next match */
};

const char board_name[] = "stm32f405";
const uint32_t board_tick_hz = CLOCK_TIMER_HZ;

static volatile enum step clock_step, start_step;
static uint32_t start_fall_tick;

static void pin_init(struct stm32_gpio *port, uint32_t pin, uint32_t af,
		     uint32_t pull)
{
	port->AFR[pin / 8] |= af << pin % 8 * 4;
	port->PUPDR = (port->PUPDR & ~(3u << pin * 2)) | pull << pin * 2;
	port->OSPEEDR |= 1u << pin * 2;
	port->MODER = (port->MODER & ~(3u << pin * 2)) | 2u << pin * 2;
}

static void usart_init(struct stm32_usart *usart, uint32_t apb_hz,
		       uint32_t baud)
{
	usart->BRR = (apb_hz + baud / 2) / baud;
	usart->CR1 =
		USART_CR1_UE | USART_CR1_RXNEIE | USART_CR1_TE | USART_CR1_RE;
}

static void set_clock_mode(uint32_t ocm)
{
	TIM2->CCMR1 = TIM_CCMR1_CC1S_TI1 | ocm << TIM_CCMR1_OC2M_SHIFT;
}

static void set_start_mode(uint32_t ocm)
{
	TIM2->CCMR2 = ocm << TIM_CCMR2_OC3M_SHIFT;
}

/* CCMR before CCER: CC1S is written while the channel is off. */
static void timer_init(void)
{
	TIM2->PSC = PORT_EMULATED ? EMULATED_PSC : 0;
	TIM2->ARR = 0xffffffff;
	TIM2->EGR = TIM_EGR_UG;
	set_clock_mode(TIM_OCM_FORCE_INACTIVE);
	set_start_mode(TIM_OCM_FORCE_INACTIVE);
	TIM2->CCER = TIM_CCER_CC1E | TIM_CCER_CC2E | TIM_CCER_CC3E;
	TIM2->SR = 0;
	TIM2->CR1 = TIM_CR1_CEN;
}

static void watchdog_init(void)
{
	IWDG->KR = IWDG_KR_START;
	IWDG->KR = IWDG_KR_UNLOCK;
	IWDG->PR = IWDG_PR_32;
	IWDG->RLR = WATCHDOG_COUNTS;
	IWDG->KR = IWDG_KR_RELOAD;
}

void board_init(void)
{
	watchdog_init();
	clock_init();
	timer_init();
	usart_init(USART1, CLOCK_APB2_HZ, HOST_BAUD);
	usart_init(USART2, CLOCK_APB1_HZ, PORT_GPS_BAUD);
	pin_init(GPIOA, PIN_PULSE, AF_TIM2, PULL_DOWN);
	pin_init(GPIOA, PIN_SCAN, AF_TIM2, PULL_NONE);
	pin_init(GPIOB, PIN_START, AF_TIM2, PULL_NONE);
	pin_init(GPIOA, PIN_GPS_RX, AF_USART, PULL_UP);
	pin_init(GPIOA, PIN_HOST_TX, AF_USART, PULL_NONE);
	pin_init(GPIOA, PIN_HOST_RX, AF_USART, PULL_UP);
}

bool board_after_watchdog(void)
{
	bool was = RCC->CSR & RCC_CSR_IWDGRSTF;

	RCC->CSR |= RCC_CSR_RMVF;
	return was;
}

void board_start(void)
{
	TIM2->DIER = TIM_CC1 | TIM_CC2 | TIM_CC3;
	port_irq_enable(IRQ_TIM2, 0);
	port_irq_enable(IRQ_USART1, 1);
	port_irq_enable(IRQ_USART2, 1);
}

uint32_t board_now(void)
{
	return TIM2->CNT;
}

static bool is_past(uint32_t tick)
{
	return (int32_t)(tick - TIM2->CNT) <= 0;
}

/*
 * The core gives no edge that is too near to be set in time; should one be past
 * even so, it is made at once, for a match would come a whole count later.
 */
static void set_rise(void)
{
	uint32_t tick;

	if (!fe_front_next_edge(&port_front, TIM2->CNT, &tick)) {
		clock_step = STEP_IDLE;
		return;
	}
	TIM2->CCR2 = tick;
	set_clock_mode(TIM_OCM_ACTIVE_ON_MATCH);
	clock_step = STEP_RISE;
	if (is_past(tick)) {
		set_clock_mode(TIM_OCM_FORCE_ACTIVE);
		TIM2->EGR = TIM_EGR_CC2G;
	}
}

/* A fall whose time is past is made at once. */
static void set_fall(void)
{
	uint32_t tick = TIM2->CCR2 + fe_front_high_ticks(&port_front);

	TIM2->CCR2 = tick;
	set_clock_mode(TIM_OCM_INACTIVE_ON_MATCH);
	clock_step = STEP_FALL;
	if (!is_past(tick))
		return;
	set_clock_mode(TIM_OCM_FORCE_INACTIVE);
	TIM2->SR = ~(uint32_t)TIM_CC2;
	set_rise();
}

static void on_clock_match(void)
{
	if (clock_step == STEP_RISE)
		set_fall();
	else if (clock_step == STEP_FALL)
		set_rise();
}

static void on_start_match(void)
{
	if (start_step == STEP_RISE) {
		TIM2->CCR3 = start_fall_tick;
		set_start_mode(TIM_OCM_INACTIVE_ON_MATCH);
		start_step = STEP_FALL;
		if (!is_past(start_fall_tick))
			return;
	}
	set_start_mode(TIM_OCM_FORCE_INACTIVE);
	start_step = STEP_IDLE;
}

void tim2_isr(void)
{
	uint32_t sr = TIM2->SR & (TIM_CC1 | TIM_CC2 | TIM_CC3);

	TIM2->SR = ~sr;
	if (sr & TIM_CC2)
		on_clock_match();
	if (sr & TIM_CC1)
		fe_front_on_pulse(&port_front, TIM2->CCR1);
	if (sr & TIM_CC3)
		on_start_match();
}

/* Matches that came while nothing was set count for nothing. */
void board_clock_on(void)
{
	if (clock_step != STEP_IDLE)
		return;
	port_irq_off();
	TIM2->SR = ~(uint32_t)TIM_CC2;
	set_rise();
	port_irq_on();
}

void board_start_pulse(uint32_t rise_tick, uint32_t fall_tick)
{
	port_irq_off();
	start_fall_tick = fall_tick;
	TIM2->CCR3 = rise_tick;
	TIM2->SR = ~(uint32_t)TIM_CC3;
	set_start_mode(TIM_OCM_ACTIVE_ON_MATCH);
	start_step = STEP_RISE;
	port_irq_on();
}

/* A byte that is damaged, or behind a gap, goes as one that no line holds. */
static bool take(struct stm32_usart *usart, uint8_t *byte)
{
	uint32_t sr = usart->SR;
	uint32_t dr = usart->DR;

	if (!(sr & (USART_SR_RXNE | USART_SR_ORE)))
		return false;
	*byte = sr & (USART_SR_FE | USART_SR_ORE) ? 0 : (uint8_t)dr;
	return true;
}

void usart1_isr(void)
{
	uint8_t byte;

	if (take(USART1, &byte))
		fe_front_on_host_byte(&port_front, byte);
}

void usart2_isr(void)
{
	uint8_t byte;

	if (take(USART2, &byte))
		fe_front_on_gps_byte(&port_front, byte);
}

bool board_can_send(void)
{
	return USART1->SR & USART_SR_TXE;
}

void board_send(char byte)
{
	USART1->DR = (uint8_t)byte;
}

void board_alive(void)
{
	IWDG->KR = IWDG_KR_RELOAD;
}
