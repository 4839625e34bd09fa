/*
 * edges.h - the ring of coming edges: the main loop puts them in, the compare
 * interrupt takes them out and counts.
 *
 * One writer and one reader; either may interrupt the other.
 */
#ifndef FIRMWARE_CORE_EDGES_H
#define FIRMWARE_CORE_EDGES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* 14 ms at 18 kHz, 5 ms at 50 kHz. A power of two. */
#define FE_EDGES_SIZE  256
/* Lengths of pulses that may be in the ring at a time. A power of two. */
#define FE_EDGES_HIGHS 4

struct fe_edges {
	uint32_t tick[FE_EDGES_SIZE];
	uint8_t mark[FE_EDGES_SIZE];
	uint32_t high[FE_EDGES_HIGHS]; /* ticks that an edge's pulse lasts */
	_Atomic uint32_t head;         /* written, ever */
	_Atomic uint32_t tail;         /* read, ever */
	uint32_t margin_ticks;
	uint8_t high_in; /* which length the writer is at */

	/* The reader's. */
	uint8_t out_mark;  /* of the edge taken last */
	bool out;          /* it has not been counted as risen */
	uint32_t n_second; /* edges risen since the last edge 0, with it */
	_Atomic uint32_t n_whole;  /* of the whole second before that */
	_Atomic uint32_t n_missed; /* edges that were past, ever */
	_Atomic uint32_t n_dry;    /* times that there was none, ever */
};

/*
 * An edge less than margin_ticks ahead counts as past: what the port needs from
 * the time it is told an edge until the timer has it.
 */
void fe_edges_init(struct fe_edges *e, uint32_t margin_ticks);

/* Edges in the ring. Either side. */
uint32_t fe_edges_count(const struct fe_edges *e);

/* The writer: how long the pulses last of all edges put from now on. */
void fe_edges_set_high(struct fe_edges *e, uint32_t ticks);

/* The writer. False: full. `second` is edge 0 of one. */
bool fe_edges_put(struct fe_edges *e, uint32_t tick, bool second);

/*
 * The reader: the next edge that is not past at now_tick. Those that are past
 * are left out and counted as missed. False: none, counted as dry.
 */
bool fe_edges_take(struct fe_edges *e, uint32_t now_tick, uint32_t *tick);

/* Edges of the last whole second, between two edges 0. Either side. */
uint32_t fe_edges_whole(const struct fe_edges *e);

/* Edges missed and times that there was none, ever. Either side. */
uint32_t fe_edges_gaps(const struct fe_edges *e);

/* The reader: how long the pulse lasts of the edge taken last. */
uint32_t fe_edges_high(const struct fe_edges *e);

#endif
