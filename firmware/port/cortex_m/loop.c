/* loop.c - see loop.h. */
#include "firmware/port/cortex_m/loop.h"

#include "firmware/port/cortex_m/boot.h"

struct fe_front port_front;

static void begin(void)
{
	struct port_boot boot = port_boot();
	struct fe_config cfg = {
		.tick_hz = board_tick_hz,
		.rate_hz = PORT_RATE_HZ,
		.board = board_name,
		.version = PORT_VERSION,
		.boot = boot.word,
	};

	board_init();
	cfg.after_watchdog = board_after_watchdog() || boot.after_fault;
	fe_front_init(&port_front, &cfg, board_now());
	board_start();
}

static void pass_on(void)
{
	uint32_t rise_tick, fall_tick;
	char byte;

	if (fe_front_start_pulse(&port_front, &rise_tick, &fall_tick))
		board_start_pulse(rise_tick, fall_tick);
	if (board_can_send() && fe_front_output(&port_front, &byte, 1) == 1)
		board_send(byte);
}

_Noreturn void port_main(void)
{
	begin();
	for (;;) {
		fe_front_poll(&port_front, board_now());
		board_clock_on();
		pass_on();
		board_alive();
	}
}
