/* front.c - see front.h. */
#include "firmware/core/front.h"

/* What the port needs from being told an edge until its timer has it. */
#define MARGINS_PER_S 1000000u
/* Edges are put into the ring this far ahead. */
#define AHEADS_PER_S  80u
/* The first edge comes that long after the start. */
#define FIRSTS_PER_S  100u

static int64_t ahead_q32(const struct fe_front *f, uint64_t at_q32)
{
	return (int64_t)(at_q32 - f->now_q32);
}

static uint64_t part_of_second(const struct fe_front *f, uint32_t parts)
{
	return ((uint64_t)f->cfg.tick_hz << 32) / parts;
}

static void set_high(struct fe_front *f)
{
	fe_edges_set_high(&f->edges, (uint32_t)(f->divider.step_q32 >> 33));
}

/* One at least, however far ahead, so that the port always has a next one. */
static bool wants_edge(const struct fe_front *f)
{
	int64_t horizon = (int64_t)part_of_second(f, AHEADS_PER_S);
	uint32_t n = fe_edges_count(&f->edges);

	return n == 0 ||
	       (n < FE_EDGES_SIZE && ahead_q32(f, f->divider.at_q32) < horizon);
}

static void fill(struct fe_front *f)
{
	struct fe_edge e;

	while (wants_edge(f)) {
		fe_divider_next(&f->divider, &e);
		fe_edges_put(&f->edges, e.tick, e.second);
	}
}

void fe_front_init(struct fe_front *f, const struct fe_config *cfg,
		   uint32_t now_tick)
{
	f->cfg = *cfg;
	f->now_q32 = (uint64_t)now_tick << 32;
	fe_pulses_init(&f->pulses);
	fe_bytes_init(&f->gps_bytes);
	fe_bytes_init(&f->host_bytes);
	fe_edges_init(&f->edges, cfg->tick_hz / MARGINS_PER_S);
	fe_divider_init(&f->divider,
			f->now_q32 + part_of_second(f, FIRSTS_PER_S),
			part_of_second(f, 1), cfg->rate_hz);
	set_high(f);
	fill(f);
}

void fe_front_on_pulse(struct fe_front *f, uint32_t tick)
{
	fe_pulses_put(&f->pulses, tick);
}

void fe_front_on_gps_byte(struct fe_front *f, uint8_t byte)
{
	fe_bytes_put(&f->gps_bytes, byte);
}

void fe_front_on_host_byte(struct fe_front *f, uint8_t byte)
{
	fe_bytes_put(&f->host_bytes, byte);
}

bool fe_front_next_edge(struct fe_front *f, uint32_t now_tick, uint32_t *tick)
{
	return fe_edges_take(&f->edges, now_tick, tick);
}

uint32_t fe_front_high_ticks(const struct fe_front *f)
{
	return fe_edges_high(&f->edges);
}

void fe_front_poll(struct fe_front *f, uint32_t now_tick)
{
	f->now_q32 = (uint64_t)now_tick << 32;
	fill(f);
}

size_t fe_front_output(struct fe_front *f, char *buf, size_t n)
{
	(void)f;
	(void)buf;
	(void)n;
	return 0;
}

bool fe_front_start_pulse(struct fe_front *f, uint32_t *rise_tick,
			  uint32_t *fall_tick)
{
	(void)f;
	(void)rise_tick;
	(void)fall_tick;
	return false;
}
