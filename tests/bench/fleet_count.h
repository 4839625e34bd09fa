/* fleet_count.h - a receiver of a fleet's datagrams, in a process of its own. */
#ifndef TESTS_BENCH_FLEET_COUNT_H
#define TESTS_BENCH_FLEET_COUNT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Shared with the process that counts. */
struct fleet_count {
	atomic_bool over; /* nothing more is sent */
	uint64_t data;    /* data frames that came */
	uint64_t lost;    /* instants of a PMU between two that came */
	uint64_t again;   /* that came twice, or late */
	uint64_t other;   /* datagrams that are no data frames */
	uint32_t pmus;    /* IDCODEs that came */
};

/* A socket on the loopback with the largest buffer that the system gives. It may
 * take the segments of a message in one piece (UDP_GRO), which is much cheaper
 * for both sides. */
int fleet_bind(unsigned *port, bool in_one_piece);

/* Counts what comes to `fd` of streams of `rate` frames a second with a TIME_BASE
 * of 1000000, until it is over and silent. Memory that both see; NULL: none. */
struct fleet_count *fleet_count_start(int fd, unsigned rate, pid_t *pid);

void fleet_count_end(struct fleet_count *c, pid_t pid);

#endif
