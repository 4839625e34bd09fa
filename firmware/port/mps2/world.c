/* world.c - see world.h. */
#include "firmware/port/mps2/world.h"

#include "firmware/port/cortex_m/loop.h"
#include "firmware/port/cortex_m/start.h"
#include "firmware/port/mps2/board.h"
#include "firmware/port/mps2/registers.h"
#include "firmware/port/mps2/semihost.h"

enum {
	TICK_HZ = 25000000,
	STATUS_TORN = 71 /* the test has gone */
};

static struct {
	int32_t in, out;
	struct world_event event;
	uint32_t due_tick;
	uint32_t pulse_tick;
} world;

static void next_event(void)
{
	if (world.in < 0) {
		world.event =
			(struct world_event){TICK_HZ, WORLD_PULSE, 0, {0}};
		return;
	}
	if (semihost_read(world.in, &world.event, sizeof(world.event)) != 0)
		semihost_exit(STATUS_TORN);
}

static void arm(void)
{
	world.due_tick += world.event.after_ticks;
	timer_start(TIMER1, world.due_tick);
}

void world_start(void)
{
	world.in = semihost_open("world.in", SEMIHOST_READ_BINARY);
	world.out = -1;
	if (world.in >= 0)
		world.out = semihost_open("world.out", SEMIHOST_WRITE_BINARY);
	world.due_tick = FPGAIO->COUNTER;
	next_event();
	arm();
}

static void report(void)
{
	struct world_report r = {
		.tick = world.due_tick,
		.pulse_tick = world.pulse_tick,
		.n_edges = board_made.n_edges,
		.edge_tick = board_made.edge_tick,
		.n_starts = board_made.n_starts,
		.start_rise_tick = board_made.start_rise_tick,
		.start_fall_tick = board_made.start_fall_tick,
		.stack_free = port_stack_free(),
	};

	if (semihost_write(world.out, &r, sizeof(r)) != 0)
		semihost_exit(STATUS_TORN);
}

/* As a capture would: the pulse's own tick, whenever the interrupt came. */
static void pulse(void)
{
	world.pulse_tick = world.due_tick;
	fe_front_on_pulse(&port_front, world.due_tick);
}

static void happen(const struct world_event *e)
{
	switch (e->kind) {
	case WORLD_REPORT:
		report();
		break;
	case WORLD_PULSE:
		pulse();
		break;
	case WORLD_GPS_BYTE:
		fe_front_on_gps_byte(&port_front, e->value);
		break;
	case WORLD_HOST_BYTE:
		fe_front_on_host_byte(&port_front, e->value);
		break;
	case WORLD_HANG:
		for (;;)
			;
	case WORLD_FAULT:
		__asm__ volatile("udf #0");
		break;
	default:
		semihost_exit(e->value);
	}
}

void world_isr(void)
{
	if (!timer_is_due(TIMER1, world.due_tick))
		return;
	happen(&world.event);
	next_event();
	arm();
}
