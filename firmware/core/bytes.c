/* bytes.c - see bytes.h. */
#include "firmware/core/bytes.h"

/* Not printable, no CR, no LF: no line has it. */
#define LOST_BYTE 0

void fe_bytes_init(struct fe_bytes *b)
{
	atomic_init(&b->head, 0);
	atomic_init(&b->tail, 0);
	atomic_init(&b->torn, false);
}

void fe_bytes_put(struct fe_bytes *b, uint8_t byte)
{
	uint32_t head = atomic_load_explicit(&b->head, memory_order_relaxed);
	uint32_t tail = atomic_load_explicit(&b->tail, memory_order_acquire);

	if (atomic_load_explicit(&b->torn, memory_order_relaxed))
		return;
	if (head - tail == FE_BYTES_SIZE) {
		atomic_store_explicit(&b->torn, true, memory_order_release);
		return;
	}
	b->byte[head % FE_BYTES_SIZE] = byte;
	atomic_store_explicit(&b->head, head + 1, memory_order_release);
}

bool fe_bytes_take(struct fe_bytes *b, uint8_t *byte)
{
	uint32_t tail = atomic_load_explicit(&b->tail, memory_order_relaxed);
	bool torn = atomic_load_explicit(&b->torn, memory_order_acquire);

	if (tail != atomic_load_explicit(&b->head, memory_order_acquire)) {
		*byte = b->byte[tail % FE_BYTES_SIZE];
		atomic_store_explicit(&b->tail, tail + 1, memory_order_release);
		return true;
	}
	if (!torn)
		return false;
	*byte = LOST_BYTE;
	atomic_store_explicit(&b->torn, false, memory_order_release);
	return true;
}

void fe_pulses_init(struct fe_pulses *p)
{
	atomic_init(&p->head, 0);
	atomic_init(&p->tail, 0);
}

void fe_pulses_put(struct fe_pulses *p, uint32_t tick)
{
	uint32_t head = atomic_load_explicit(&p->head, memory_order_relaxed);
	uint32_t tail = atomic_load_explicit(&p->tail, memory_order_acquire);

	if (head - tail == FE_PULSES_SIZE)
		return;
	p->tick[head % FE_PULSES_SIZE] = tick;
	atomic_store_explicit(&p->head, head + 1, memory_order_release);
}

bool fe_pulses_take(struct fe_pulses *p, uint32_t *tick)
{
	uint32_t tail = atomic_load_explicit(&p->tail, memory_order_relaxed);

	if (tail == atomic_load_explicit(&p->head, memory_order_acquire))
		return false;
	*tick = p->tick[tail % FE_PULSES_SIZE];
	atomic_store_explicit(&p->tail, tail + 1, memory_order_release);
	return true;
}
