/*
 * registers.h - what is used of Arm's MPS2 with the image of AN386: Cortex-M4F
 * with CMSDK peripherals at 25 MHz. Names are those of DDI 0479 (CMSDK) and
 * DAI 0386; QEMU has it as mps2-an386.
 */
#ifndef FIRMWARE_PORT_MPS2_REGISTERS_H
#define FIRMWARE_PORT_MPS2_REGISTERS_H

#include <stdint.h>

struct cmsdk_timer {
	volatile uint32_t CTRL, VALUE, RELOAD, INTSTATUS;
};

enum { TIMER_CTRL_ENABLE = 1 << 0, TIMER_CTRL_IRQ = 1 << 3 };

struct cmsdk_uart {
	volatile uint32_t DATA, STATE, CTRL, INTSTATUS, BAUDDIV;
};

enum {
	UART_STATE_TX_FULL = 1 << 0,
	UART_STATE_RX_FULL = 1 << 1,
	UART_CTRL_TX = 1 << 0,
	UART_CTRL_RX = 1 << 1,
	UART_CTRL_RX_IRQ = 1 << 3,
	UART_INT_RX = 1 << 1
};

struct cmsdk_watchdog {
	volatile uint32_t LOAD, VALUE, CTRL, INTCLR, RIS, MIS;
};

enum { WATCHDOG_CTRL_INTEN = 1 << 0, WATCHDOG_CTRL_RESEN = 1 << 1 };

/* FPGAIO: COUNTER goes up at 25 MHz / (PRESCALE + 1), for ever. */
struct mps2_fpgaio {
	volatile uint32_t LED0, DBGCTRL, BUTTON, reserved_0c;
	volatile uint32_t CLK1HZ, CLK100HZ, COUNTER, PRESCALE, PSCNTR;
};

static struct cmsdk_timer *const TIMER0 = (struct cmsdk_timer *)0x40000000;
static struct cmsdk_timer *const TIMER1 = (struct cmsdk_timer *)0x40001000;
static struct cmsdk_uart *const UART0 = (struct cmsdk_uart *)0x40004000;
static struct cmsdk_uart *const UART1 = (struct cmsdk_uart *)0x40005000;
static struct cmsdk_watchdog *const WATCHDOG =
	(struct cmsdk_watchdog *)0x40008000;
static struct mps2_fpgaio *const FPGAIO = (struct mps2_fpgaio *)0x40028000;

enum { IRQ_UART0_RX = 0, IRQ_UART1_RX = 2, IRQ_TIMER0 = 8, IRQ_TIMER1 = 9 };

#endif
