/*
 * test_stm32f405.c - the STM32F405's interrupts, on memory in the place of its
 * registers and a model of TIM2's capture and compare (RM0090, 18.3.5 to
 * 18.3.9): what leaves its pins, however late the interrupts come.
 *
 * While an interrupt runs the counter stands. Flags are cleared by a 0 written.
 */
#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>

#include "check.h"
#include "firmware/core/line.h"
#include "firmware/port/cortex_m/loop.h"
#include "firmware/port/cortex_m/start.h"
#include "firmware/port/stm32f405/board.h"
#include "firmware/port/stm32f405/clock.h"
#include "firmware/port/stm32f405/registers.h"

#define TICK_HZ    84000000
#define RATE_HZ    18000
#define POLL_TICKS (TICK_HZ / 2000)
#define FIRST      UINT64_C(0xfffff000) /* the counter's wrap is near */
#define N_KEPT     40000

struct fe_front port_front;

struct model {
	uint64_t now; /* in ticks, without a wrap */
	uint64_t poll_at, isr_at;
	uint32_t flags;
	uint32_t latency_ticks; /* of an interrupt, at most */
	uint32_t random;
	bool pending;
	bool scan, start;
	uint64_t rise[N_KEPT], fall[N_KEPT];
	uint32_t n_rise, n_fall;
	uint64_t start_rise, start_fall;
	uint32_t n_start;
};

void clock_init(void)
{
}

void port_irq_enable(uint32_t irq, uint32_t level)
{
	/* The pulse and the edges interrupt all else. */
	assert_int_equal(level, irq == IRQ_TIM2 ? 0 : 1);
}

void port_irq_off(void)
{
}

void port_irq_on(void)
{
}

static uint32_t counter(const struct model *m)
{
	return (uint32_t)m->now;
}

static void set_scan(struct model *m, bool high)
{
	if (high && !m->scan)
		m->rise[m->n_rise++] = m->now;
	if (!high && m->scan)
		m->fall[m->n_fall++] = m->now;
	m->scan = high;
	assert_true(m->n_rise < N_KEPT);
}

static void set_start(struct model *m, bool high)
{
	if (high && !m->start) {
		m->start_rise = m->now;
		m->n_start++;
	}
	if (!high && m->start)
		m->start_fall = m->now;
	m->start = high;
}

static uint32_t scan_mode(void)
{
	return TIM2->CCMR1 >> TIM_CCMR1_OC2M_SHIFT & 7;
}

static uint32_t start_mode(void)
{
	return TIM2->CCMR2 >> TIM_CCMR2_OC3M_SHIFT & 7;
}

/* What the registers force, and the flags that were cleared or set by hand. */
static void take_registers(struct model *m)
{
	if (scan_mode() == TIM_OCM_FORCE_INACTIVE ||
	    scan_mode() == TIM_OCM_FORCE_ACTIVE)
		set_scan(m, scan_mode() == TIM_OCM_FORCE_ACTIVE);
	if (start_mode() == TIM_OCM_FORCE_INACTIVE)
		set_start(m, false);
	m->flags &= TIM2->SR;
	m->flags |= TIM2->EGR & (TIM_CC1 | TIM_CC2 | TIM_CC3);
	TIM2->EGR = 0;
}

static void show_registers(const struct model *m)
{
	TIM2->CNT = counter(m);
	TIM2->SR = m->flags;
}

static void match(struct model *m)
{
	if (counter(m) == TIM2->CCR2) {
		if (scan_mode() == TIM_OCM_ACTIVE_ON_MATCH)
			set_scan(m, true);
		if (scan_mode() == TIM_OCM_INACTIVE_ON_MATCH)
			set_scan(m, false);
		m->flags |= TIM_CC2;
	}
	if (counter(m) == TIM2->CCR3) {
		if (start_mode() == TIM_OCM_ACTIVE_ON_MATCH)
			set_start(m, true);
		if (start_mode() == TIM_OCM_INACTIVE_ON_MATCH)
			set_start(m, false);
		m->flags |= TIM_CC3;
	}
}

static void interrupt(struct model *m)
{
	m->pending = false;
	show_registers(m);
	tim2_isr();
	take_registers(m);
}

static void main_loop(struct model *m)
{
	uint32_t rise, fall;

	m->poll_at += POLL_TICKS;
	show_registers(m);
	fe_front_poll(&port_front, board_now());
	board_clock_on();
	if (fe_front_start_pulse(&port_front, &rise, &fall))
		board_start_pulse(rise, fall);
	take_registers(m);
}

static uint64_t sooner(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Ticks from now to the count; a whole round where it is now. */
static uint64_t ticks_to(const struct model *m, uint32_t count)
{
	uint32_t ticks = count - counter(m);

	return ticks ? ticks : UINT64_C(1) << 32;
}

static void pend(struct model *m)
{
	if (m->pending || !(m->flags & TIM2->DIER))
		return;
	m->random = m->random * 1664525 + 1013904223;
	m->pending = true;
	m->isr_at = m->now + (m->random >> 8) % (m->latency_ticks + 1);
}

static void run_to(struct model *m, uint64_t end)
{
	while (m->now < end) {
		uint64_t next = sooner(end, m->poll_at);

		next = sooner(next, m->now + ticks_to(m, TIM2->CCR2));
		next = sooner(next, m->now + ticks_to(m, TIM2->CCR3));
		if (m->pending)
			next = sooner(next, m->isr_at);
		if (next > m->now) {
			m->now = next;
			match(m);
		}
		if (m->pending && m->now >= m->isr_at)
			interrupt(m);
		pend(m);
		if (m->now >= m->poll_at)
			main_loop(m);
		if (m->pending && m->isr_at <= m->now)
			interrupt(m);
		pend(m);
	}
}

static void pulse(struct model *m)
{
	TIM2->CCR1 = counter(m);
	m->flags |= TIM_CC1;
	pend(m);
}

/* A model that lives in the registers' place; skipped where it cannot. */
static struct model *model_new(uint32_t latency_ticks)
{
	static struct model m;
	struct fe_config cfg = {
		.tick_hz = TICK_HZ, .rate_hz = RATE_HZ, .board = board_name};

	memset((void *)(uintptr_t)0x40000000, 0, 0x24000);
	m = (struct model){.now = FIRST, .latency_ticks = latency_ticks};
	m.poll_at = m.now;
	board_init();
	take_registers(&m);
	m.flags = 0;
	show_registers(&m);
	fe_front_init(&port_front, &cfg, board_now());
	board_start();
	return &m;
}

/* Without pulses a second is TICK_HZ ticks: the grid is known. */
static void check_grid(const struct model *m, uint32_t n_seconds)
{
	assert_in_range(m->n_rise, n_seconds * RATE_HZ - 200,
			n_seconds * RATE_HZ);
	for (uint32_t i = 0; i < m->n_rise; i++) {
		double due = (double)m->rise[0] + (double)i * TICK_HZ / RATE_HZ;

		check_close((double)m->rise[i], due, 1);
	}
}

static void check_high(const struct model *m)
{
	for (uint32_t i = 0; i + 1 < m->n_fall; i++)
		check_close((double)(m->fall[i] - m->rise[i]),
			    0.5 * TICK_HZ / RATE_HZ, 1);
}

static void edges_are_on_their_ticks_and_high_for_half_a_period(void **state)
{
	struct model *m = model_new(100);

	(void)state;
	run_to(m, FIRST + (uint64_t)2 * TICK_HZ);
	check_grid(m, 2);
	check_high(m);
}

/* Each may come as late as the next one is due. */
static void late_interrupts_move_no_edge(void **state)
{
	struct model *m = model_new(TICK_HZ / RATE_HZ / 2 - 100);

	(void)state;
	run_to(m, FIRST + (uint64_t)2 * TICK_HZ);
	check_grid(m, 2);
	check_high(m);
}

/* The clock goes on by itself, on the grid, with edges left out. */
static void an_interrupt_far_too_late_leaves_edges_out_and_no_more(void **state)
{
	struct model *m = model_new(100);
	uint64_t period = TICK_HZ / RATE_HZ;

	(void)state;
	run_to(m, FIRST + TICK_HZ / 10);
	m->latency_ticks = (uint32_t)(20 * period);
	run_to(m, FIRST + TICK_HZ / 5);
	m->latency_ticks = 100;
	run_to(m, FIRST + TICK_HZ / 2);
	assert_true(m->n_rise < 9000 - 100 && m->n_rise > 4000);
	for (uint32_t i = 0; i < m->n_rise; i++) {
		double n =
			(double)(m->rise[i] - m->rise[0]) * RATE_HZ / TICK_HZ;

		check_close(n, floor(n + 0.5), 2.0 * RATE_HZ / TICK_HZ);
	}
}

static void a_pulse_is_told_by_its_own_tick(void **state)
{
	struct model *m = model_new(2000);
	uint32_t tick;

	(void)state;
	run_to(m, FIRST + 1234567);
	pulse(m);
	m->poll_at = m->now + TICK_HZ;
	run_to(m, m->now + 100000);
	assert_true(fe_pulses_take(&port_front.pulses, &tick));
	assert_int_equal(tick, (uint32_t)(FIRST + 1234567));
	assert_false(fe_pulses_take(&port_front.pulses, &tick));
}

static void a_start_pulse_is_made_once_at_its_ticks(void **state)
{
	struct model *m = model_new(2000);
	uint64_t rise, fall;

	(void)state;
	run_to(m, FIRST + TICK_HZ / 10);
	rise = m->now + 500000;
	fall = rise + TICK_HZ / RATE_HZ;
	show_registers(m);
	board_start_pulse((uint32_t)rise, (uint32_t)fall);
	take_registers(m);
	run_to(m, m->now + (UINT64_C(1) << 24));
	assert_int_equal(m->n_start, 1);
	assert_int_equal(m->start_rise, rise);
	assert_int_equal(m->start_fall, fall);
	assert_false(m->start);
}

/* Where that would be too late the pulse ends at once, not a round later. */
static void a_start_pulse_ends_when_its_interrupt_is_late(void **state)
{
	struct model *m = model_new(0);
	uint64_t rise;

	(void)state;
	run_to(m, FIRST + TICK_HZ / 10);
	rise = m->now + 500000;
	show_registers(m);
	board_start_pulse((uint32_t)rise, (uint32_t)rise + 2);
	take_registers(m);
	m->latency_ticks = 100;
	run_to(m, m->now + (UINT64_C(1) << 24));
	assert_int_equal(m->n_start, 1);
	assert_in_range(m->start_fall - rise, 1, 101);
	assert_false(m->start);
}

static void a_byte_that_is_damaged_is_one_no_line_holds(void **state)
{
	uint8_t byte;

	(void)state;
	model_new(0);
	USART1->DR = 'P';
	USART1->SR = USART_SR_RXNE;
	usart1_isr();
	USART1->SR = USART_SR_RXNE | USART_SR_FE;
	usart1_isr();
	USART1->SR = 0;
	usart1_isr();
	assert_true(fe_bytes_take(&port_front.listen.host_bytes, &byte));
	assert_int_equal(byte, 'P');
	assert_true(fe_bytes_take(&port_front.listen.host_bytes, &byte));
	assert_int_equal(byte, 0);
	assert_false(fe_bytes_take(&port_front.listen.host_bytes, &byte));
}

static void baud_rates_are_within_a_percent(void **state)
{
	(void)state;
	model_new(0);
	check_close((double)CLOCK_APB2_HZ / USART1->BRR, 115200, 1152);
	check_close((double)CLOCK_APB1_HZ / USART2->BRR, 9600, 96);
}

/* RM0090 and datasheet DS8626, table 9: which pins, and whose they are. */
static void pins_are_those_of_the_wiring_table(void **state)
{
	(void)state;
	model_new(0);
	assert_int_equal(GPIOA->MODER,
			 2u << 0 | 2u << 2 | 2u << 6 | 2u << 18 | 2u << 20);
	assert_int_equal(GPIOB->MODER, 2u << 20);
	assert_int_equal(GPIOA->AFR[0], 1u << 0 | 1u << 4 | 7u << 12);
	assert_int_equal(GPIOA->AFR[1], 7u << 4 | 7u << 8);
	assert_int_equal(GPIOB->AFR[1], 1u << 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			edges_are_on_their_ticks_and_high_for_half_a_period),
		cmocka_unit_test(late_interrupts_move_no_edge),
		cmocka_unit_test(
			an_interrupt_far_too_late_leaves_edges_out_and_no_more),
		cmocka_unit_test(a_pulse_is_told_by_its_own_tick),
		cmocka_unit_test(a_start_pulse_is_made_once_at_its_ticks),
		cmocka_unit_test(a_start_pulse_ends_when_its_interrupt_is_late),
		cmocka_unit_test(a_byte_that_is_damaged_is_one_no_line_holds),
		cmocka_unit_test(baud_rates_are_within_a_percent),
		cmocka_unit_test(pins_are_those_of_the_wiring_table),
	};
	void *at = (void *)(uintptr_t)0x40000000;

	if (mmap(at, 0x24000, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1,
		 0) != at)
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
