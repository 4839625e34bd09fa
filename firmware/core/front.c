/* front.c - see front.h. The parts put together. */
#include "firmware/core/front.h"

/* From a poll to where a start pulse can rise. */
#define AHEADS_PER_S 10000

void fe_front_init(struct fe_front *f, const struct fe_config *cfg,
		   uint32_t now_tick)
{
	f->cfg = *cfg;
	f->now_q32 = (uint64_t)now_tick << 32;
	fe_pulses_init(&f->pulses);
	fe_listen_init(&f->listen);
	fe_scan_init(&f->scan, cfg->tick_hz, cfg->rate_hz, f->now_q32);
	fe_servo_init(&f->servo, cfg->tick_hz);
	fe_label_init(&f->label);
	fe_naming_init(&f->naming, &f->label, &f->tell, cfg->tick_hz);
	fe_seconds_init(&f->seconds, cfg->tick_hz);
	fe_start_init(&f->start);
	fe_commands_init(&f->commands);
	fe_tell_init(&f->tell);
	fe_commands_boot(f);
}

void fe_front_on_pulse(struct fe_front *f, uint32_t tick)
{
	fe_pulses_put(&f->pulses, tick);
}

void fe_front_on_gps_byte(struct fe_front *f, uint8_t byte)
{
	fe_bytes_put(&f->listen.gps_bytes, byte);
}

void fe_front_on_host_byte(struct fe_front *f, uint8_t byte)
{
	fe_bytes_put(&f->listen.host_bytes, byte);
}

bool fe_front_next_edge(struct fe_front *f, uint32_t now_tick, uint32_t *tick)
{
	return fe_edges_take(&f->scan.edges, now_tick, tick);
}

uint32_t fe_front_high_ticks(const struct fe_front *f)
{
	return fe_edges_high(&f->scan.edges);
}

void fe_front_poll(struct fe_front *f, uint32_t now_tick)
{
	f->now_q32 = (uint64_t)now_tick << 32;
	fe_scan_fill(&f->scan, f->now_q32);
	fe_seconds_poll(f);
	fe_listen_poll(f);
	fe_seconds_check(f);
}

size_t fe_front_output(struct fe_front *f, char *buf, size_t n)
{
	return fe_tell_take(&f->tell, buf, n);
}

bool fe_front_start_pulse(struct fe_front *f, uint32_t *rise_tick,
			  uint32_t *fall_tick)
{
	uint32_t now_tick = (uint32_t)(f->now_q32 >> 32);

	if (!fe_start_take(&f->start, now_tick, f->cfg.tick_hz / AHEADS_PER_S))
		return false;
	*rise_tick = f->start.rise_tick;
	*fall_tick = f->start.fall_tick;
	return true;
}
