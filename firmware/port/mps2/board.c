/*
 * board.c - QEMU's mps2-an386. Its timers compare with nothing: `now` is
 * FPGAIO's counter, and timer 0, started anew for each edge, interrupts when
 * the edge is due. There it is counted and dated; no pin moves.
 */
#include "firmware/port/mps2/board.h"

#include "firmware/port/cortex_m/loop.h"
#include "firmware/port/cortex_m/start.h"
#include "firmware/port/mps2/registers.h"
#include "firmware/port/mps2/world.h"

enum {
	TICK_HZ = 25000000,
	/* A round of the main loop, in instructions without effect. */
	IDLE_BLOCKS = 60
};

const char board_name[] = "mps2-an386";
const uint32_t board_tick_hz = TICK_HZ;

volatile struct board_made board_made;

static volatile bool clock_runs;
static uint32_t next_edge_tick;

void board_init(void)
{
	FPGAIO->PRESCALE = 0;
	UART0->BAUDDIV = TICK_HZ / 115200;
	UART0->CTRL = UART_CTRL_TX | UART_CTRL_RX | UART_CTRL_RX_IRQ;
	UART1->BAUDDIV = TICK_HZ / 9600;
	UART1->CTRL = UART_CTRL_TX | UART_CTRL_RX | UART_CTRL_RX_IRQ;
	WATCHDOG->LOAD = TICK_HZ;
	WATCHDOG->CTRL = WATCHDOG_CTRL_INTEN | WATCHDOG_CTRL_RESEN;
}

/* A write of RELOAD starts the count from it, in the emulation. */
void timer_start(struct cmsdk_timer *timer, uint32_t at_tick)
{
	uint32_t ahead = at_tick - FPGAIO->COUNTER;

	timer->RELOAD = (int32_t)ahead > 0 ? ahead : 1;
	timer->CTRL = TIMER_CTRL_ENABLE | TIMER_CTRL_IRQ;
}

bool timer_is_due(struct cmsdk_timer *timer, uint32_t at_tick)
{
	timer->INTSTATUS = 1;
	return (int32_t)(at_tick - FPGAIO->COUNTER) <= 0;
}

/* The emulation does not tell. */
bool board_after_watchdog(void)
{
	return false;
}

void board_start(void)
{
	port_irq_enable(IRQ_TIMER0, 0);
	port_irq_enable(IRQ_TIMER1, 1);
	port_irq_enable(IRQ_UART0_RX, 1);
	port_irq_enable(IRQ_UART1_RX, 1);
	world_start();
}

uint32_t board_now(void)
{
	return FPGAIO->COUNTER;
}

static void set_edge(void)
{
	uint32_t now = FPGAIO->COUNTER;

	clock_runs = fe_front_next_edge(&port_front, now, &next_edge_tick);
	if (clock_runs)
		timer_start(TIMER0, next_edge_tick);
	else
		TIMER0->CTRL = 0;
}

void edge_isr(void)
{
	if (!timer_is_due(TIMER0, next_edge_tick) || !clock_runs)
		return;
	board_made.n_edges++;
	board_made.edge_tick = next_edge_tick;
	set_edge();
}

void board_clock_on(void)
{
	if (clock_runs)
		return;
	port_irq_off();
	set_edge();
	port_irq_on();
}

void board_start_pulse(uint32_t rise_tick, uint32_t fall_tick)
{
	board_made.n_starts++;
	board_made.start_rise_tick = rise_tick;
	board_made.start_fall_tick = fall_tick;
}

/* Acknowledged before DATA is read: that lets the next byte in. */
void uart0_isr(void)
{
	UART0->INTSTATUS = UART_INT_RX;
	if (UART0->STATE & UART_STATE_RX_FULL)
		fe_front_on_host_byte(&port_front, (uint8_t)UART0->DATA);
}

void uart1_isr(void)
{
	UART1->INTSTATUS = UART_INT_RX;
	if (UART1->STATE & UART_STATE_RX_FULL)
		fe_front_on_gps_byte(&port_front, (uint8_t)UART1->DATA);
}

bool board_can_send(void)
{
	return !(UART0->STATE & UART_STATE_TX_FULL);
}

void board_send(char byte)
{
	UART0->DATA = (uint8_t)byte;
}

/*
 * One byte goes out in a round, so that a round is about one byte's time at
 * 115200 baud. Emulated instructions that do nothing cost the host next to
 * nothing, reads of a register do.
 */
void board_alive(void)
{
	WATCHDOG->INTCLR = 1;
	for (uint32_t i = 0; i < IDLE_BLOCKS; i++)
		__asm__ volatile(".rept 180\n\tnop\n\t.endr");
}
