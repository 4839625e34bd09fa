/*
 * edges.c - see edges.h. An edge's mark: bit 0 says edge 0 of a second, the
 * bits above which length its pulse has.
 */
#include "firmware/core/edges.h"

#define MARK_SECOND 1u

void fe_edges_init(struct fe_edges *e, uint32_t margin_ticks)
{
	for (uint32_t i = 0; i < FE_EDGES_HIGHS; i++)
		e->high[i] = 0;
	atomic_init(&e->head, 0);
	atomic_init(&e->tail, 0);
	atomic_init(&e->n_whole, 0);
	atomic_init(&e->n_missed, 0);
	atomic_init(&e->n_dry, 0);
	e->margin_ticks = margin_ticks;
	e->high_in = 0;
	e->out_mark = 0;
	e->out = false;
	e->n_second = 0;
}

uint32_t fe_edges_count(const struct fe_edges *e)
{
	return atomic_load_explicit(&e->head, memory_order_acquire) -
	       atomic_load_explicit(&e->tail, memory_order_acquire);
}

void fe_edges_set_high(struct fe_edges *e, uint32_t ticks)
{
	e->high_in = (uint8_t)((e->high_in + 1) % FE_EDGES_HIGHS);
	e->high[e->high_in] = ticks;
}

bool fe_edges_put(struct fe_edges *e, uint32_t tick, bool second)
{
	uint32_t head = atomic_load_explicit(&e->head, memory_order_relaxed);
	uint32_t i = head % FE_EDGES_SIZE;

	if (fe_edges_count(e) == FE_EDGES_SIZE)
		return false;
	e->tick[i] = tick;
	e->mark[i] = (uint8_t)((uint32_t)e->high_in << 1 |
			       (second ? MARK_SECOND : 0));
	atomic_store_explicit(&e->head, head + 1, memory_order_release);
	return true;
}

/* The reader alone writes it; the other side only looks. */
static void add_one(_Atomic uint32_t *n)
{
	uint32_t v = atomic_load_explicit(n, memory_order_relaxed);

	atomic_store_explicit(n, v + 1, memory_order_relaxed);
}

/* The whole second is told also where its end was missed. */
static void begin_second(struct fe_edges *e)
{
	atomic_store_explicit(&e->n_whole, e->n_second, memory_order_relaxed);
	e->n_second = 0;
}

/* Who asks for the next edge has seen the one before it rise. */
static void count_last(struct fe_edges *e)
{
	if (!e->out)
		return;
	if (e->out_mark & MARK_SECOND)
		begin_second(e);
	e->n_second++;
	e->out = false;
}

bool fe_edges_take(struct fe_edges *e, uint32_t now_tick, uint32_t *tick)
{
	uint32_t tail = atomic_load_explicit(&e->tail, memory_order_relaxed);

	count_last(e);
	while (tail != atomic_load_explicit(&e->head, memory_order_acquire)) {
		uint32_t at = e->tick[tail % FE_EDGES_SIZE];

		e->out_mark = e->mark[tail % FE_EDGES_SIZE];
		tail++;
		atomic_store_explicit(&e->tail, tail, memory_order_release);
		if ((int32_t)(at - now_tick) >= (int32_t)e->margin_ticks) {
			e->out = true;
			*tick = at;
			return true;
		}
		if (e->out_mark & MARK_SECOND)
			begin_second(e);
		add_one(&e->n_missed);
	}
	add_one(&e->n_dry);
	return false;
}

uint32_t fe_edges_high(const struct fe_edges *e)
{
	return e->high[e->out_mark >> 1];
}

uint32_t fe_edges_whole(const struct fe_edges *e)
{
	return atomic_load_explicit(&e->n_whole, memory_order_relaxed);
}

uint32_t fe_edges_gaps(const struct fe_edges *e)
{
	return atomic_load_explicit(&e->n_missed, memory_order_relaxed) +
	       atomic_load_explicit(&e->n_dry, memory_order_relaxed);
}
