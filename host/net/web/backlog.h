/*
 * backlog.h - the last events, in a fixed number of bytes, for any reader.
 *
 * One thread puts, one reads. Who puts waits for nobody, and takes no lock: it
 * copies its event into the ring, whoever reads there. Who reads looks
 * afterwards whether what it copied was still there, and drops what was not.
 *
 * Events stand in it as they are sent (text/event-stream). Their names are
 * EPOCH-NUMBER; the epoch tells this process from the one before.
 */
#ifndef HOST_NET_WEB_BACKLOG_H
#define HOST_NET_WEB_BACKLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CIS_BACKLOG_ID_SIZE 40

struct cis_backlog;

/* NULL: out of memory. `bytes` is a multiple of 8. */
struct cis_backlog *cis_backlog_new(size_t bytes, unsigned n_most,
				    uint32_t epoch);
void cis_backlog_free(struct cis_backlog *b);

/*
 * The oldest make room; now_ms counts from any instant. -EMSGSIZE beyond
 * CIS_WEB_MAX_EVENT or its room.
 */
int cis_backlog_put(struct cis_backlog *b, const char *event, const char *json,
		    size_t len, uint64_t now_ms);

/* The number that the next event will have; the first has 1. */
uint64_t cis_backlog_end(const struct cis_backlog *b);

/* A copy as the data of an event: without line breaks, which are blank in JSON
 * and would end it. */
void cis_backlog_line(char *to, const char *json, size_t len);

/* The first that was put at `from_ms` or later; end() where there is none. */
uint64_t cis_backlog_since(const struct cis_backlog *b, uint64_t from_ms);

/*
 * Where a reader goes on that has seen `last_id`. False when that tells nothing:
 * NULL, of another process, or nonsense.
 */
bool cis_backlog_after(const struct cis_backlog *b, const char *last_id,
		       uint64_t *next);

/* The name of event i. */
void cis_backlog_id(const struct cis_backlog *b, uint64_t i,
		    char id[CIS_BACKLOG_ID_SIZE]);

/*
 * Whole events from *next on, as many as fit; *next moves on, also past those
 * that are gone, which *skipped counts. Returns the bytes written.
 */
size_t cis_backlog_read(const struct cis_backlog *b, uint64_t *next, char *buf,
			size_t size, uint64_t *skipped);

#endif
