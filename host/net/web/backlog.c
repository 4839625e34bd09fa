/* backlog.c - see backlog.h. */
#include "backlog.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "web.h"

#define MAX_HEAD 128 /* id, name and what stands around the data */

struct entry {
	size_t at;
	size_t len;
};

struct cis_backlog {
	pthread_mutex_t lock;
	uint32_t epoch;
	uint64_t end; /* number of the next; those from end - n on are there */
	unsigned n;
	unsigned n_most;
	size_t at; /* where the next goes */
	size_t size;
	char *bytes;
	struct entry *entries; /* of event i: [i % n_most] */
};

static int init_lock(pthread_mutex_t *lock)
{
	pthread_mutexattr_t attr;
	int err = pthread_mutexattr_init(&attr);

	if (err)
		return -err;
	pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_INHERIT);
	err = pthread_mutex_init(lock, &attr);
	pthread_mutexattr_destroy(&attr);
	return -err;
}

struct cis_backlog *cis_backlog_new(size_t bytes, unsigned n_most,
				    uint32_t epoch)
{
	struct cis_backlog *b = calloc(1, sizeof(*b));

	if (!b)
		return NULL;
	b->bytes = malloc(bytes);
	b->entries = calloc(n_most, sizeof(*b->entries));
	if (!b->bytes || !b->entries || init_lock(&b->lock)) {
		free(b->entries);
		free(b->bytes);
		free(b);
		return NULL;
	}
	b->epoch = epoch;
	b->end = 1;
	b->n_most = n_most;
	b->size = bytes;
	return b;
}

void cis_backlog_free(struct cis_backlog *b)
{
	if (!b)
		return;
	pthread_mutex_destroy(&b->lock);
	free(b->entries);
	free(b->bytes);
	free(b);
}

static const struct entry *entry_of(const struct cis_backlog *b, uint64_t i)
{
	return &b->entries[i % b->n_most];
}

/* Room for len bytes in one piece; what stood there is gone. */
static size_t make_room(struct cis_backlog *b, size_t len)
{
	const size_t old = b->at;
	const bool wraps = len > b->size - old;
	const size_t at = wraps ? 0 : old;

	if (b->n == b->n_most)
		b->n--;
	while (b->n > 0) {
		const struct entry *e = entry_of(b, b->end - b->n);

		if (!(wraps && e->at >= old) &&
		    (e->at >= at + len || e->at + e->len <= at))
			break;
		b->n--;
	}
	return at;
}

/* A line break, blank in JSON, would end the data. */
static void copy_line(char *to, const char *from, size_t len)
{
	memcpy(to, from, len);
	for (size_t i = 0; i < len; i++)
		if (to[i] == '\n' || to[i] == '\r')
			to[i] = ' ';
}

int cis_backlog_put(struct cis_backlog *b, const char *event, const char *json,
		    size_t len)
{
	char head[MAX_HEAD];
	int n_head;
	size_t at, all;

	/* Only this thread moves b->end. */
	n_head = snprintf(head, sizeof(head),
			  "id: %08" PRIx32 "-%" PRIu64 "\nevent: %s\ndata: ",
			  b->epoch, b->end, event);
	if (n_head < 0 || (size_t)n_head >= sizeof(head) ||
	    len > CIS_WEB_MAX_EVENT - MAX_HEAD)
		return -EMSGSIZE;
	all = (size_t)n_head + len + 2;
	if (all > b->size)
		return -EMSGSIZE;
	pthread_mutex_lock(&b->lock);
	at = make_room(b, all);
	memcpy(b->bytes + at, head, (size_t)n_head);
	copy_line(b->bytes + at + n_head, json, len);
	memcpy(b->bytes + at + n_head + len, "\n\n", 2);
	b->entries[b->end % b->n_most] = (struct entry){at, all};
	b->at = at + all;
	b->n++;
	b->end++;
	pthread_mutex_unlock(&b->lock);
	return 0;
}

uint64_t cis_backlog_end(struct cis_backlog *b)
{
	uint64_t end;

	pthread_mutex_lock(&b->lock);
	end = b->end;
	pthread_mutex_unlock(&b->lock);
	return end;
}

uint64_t cis_backlog_after(struct cis_backlog *b, const char *last_id)
{
	uint64_t seen = 0, first, end;
	char epoch[16];
	size_t n;

	pthread_mutex_lock(&b->lock);
	end = b->end;
	first = end - b->n;
	pthread_mutex_unlock(&b->lock);
	if (!last_id)
		return end;
	n = (size_t)snprintf(epoch, sizeof(epoch), "%08" PRIx32 "-", b->epoch);
	if (strncmp(last_id, epoch, n) != 0 || last_id[n] < '0' ||
	    last_id[n] > '9')
		return first;
	seen = strtoull(last_id + n, NULL, 10);
	return seen < end ? seen + 1 : first;
}

size_t cis_backlog_read(struct cis_backlog *b, uint64_t *next, char *buf,
			size_t size, uint64_t *skipped)
{
	size_t len = 0;
	uint64_t first;

	pthread_mutex_lock(&b->lock);
	first = b->end - b->n;
	*skipped = *next < first ? first - *next : 0;
	*next += *skipped;
	for (; *next < b->end; ++*next) {
		const struct entry *e = entry_of(b, *next);

		if (e->len > size - len)
			break;
		memcpy(buf + len, b->bytes + e->at, e->len);
		len += e->len;
	}
	pthread_mutex_unlock(&b->lock);
	return len;
}
