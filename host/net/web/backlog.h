/*
 * backlog.h - the last events, in a fixed number of bytes, for any reader.
 *
 * One writes, one reads, each in its thread; the lock is held for one memcpy.
 * Events stand in it as they are sent (text/event-stream). Their names are
 * EPOCH-NUMBER; the epoch tells this process from the one before.
 */
#ifndef HOST_NET_WEB_BACKLOG_H
#define HOST_NET_WEB_BACKLOG_H

#include <stddef.h>
#include <stdint.h>

struct cis_backlog;

/* NULL: out of memory. */
struct cis_backlog *cis_backlog_new(size_t bytes, unsigned n_most,
				    uint32_t epoch);
void cis_backlog_free(struct cis_backlog *b);

/* The oldest make room. -EMSGSIZE beyond CIS_WEB_MAX_EVENT or its room. */
int cis_backlog_put(struct cis_backlog *b, const char *event, const char *json,
		    size_t len);

/* The number that the next event will have; the first has 1. */
uint64_t cis_backlog_end(struct cis_backlog *b);

/*
 * Where a reader goes on that has seen `last_id`: NULL, with what comes; of
 * another process or nonsense, with the oldest there is.
 */
uint64_t cis_backlog_after(struct cis_backlog *b, const char *last_id);

/*
 * Whole events from *next on, as many as fit; *next moves on, also past those
 * that are gone, which *skipped counts. Returns the bytes written.
 */
size_t cis_backlog_read(struct cis_backlog *b, uint64_t *next, char *buf,
			size_t size, uint64_t *skipped);

#endif
