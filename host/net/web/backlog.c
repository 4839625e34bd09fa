/* backlog.c - see backlog.h.
 *
 * The ring is a sequence lock without the lock: `first` says which events are
 * whole, and moves on before their bytes are written over. Bytes are moved as
 * words, each atomic, so that a reader that comes too late has old or new ones
 * and no undefined behaviour; it finds out by `first`.
 */
#include "backlog.h"

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "web.h"

#define WORD sizeof(uint64_t)

/* Where an event stands, in words from the first that ever was. */
struct entry {
	atomic_ullong at;
	atomic_ullong len; /* bytes */
	atomic_ullong when_ms;
};

struct cis_backlog {
	uint32_t epoch;
	unsigned n_most;
	size_t n_word;
	atomic_ullong first, end; /* of the events that are there */
	uint64_t at;              /* the writer's: where the next goes */
	_Atomic uint64_t *words;
	struct entry *entries;         /* of event i: [i % n_most] */
	char draft[CIS_WEB_MAX_EVENT]; /* data without line breaks */
};

struct cis_backlog *cis_backlog_new(size_t bytes, unsigned n_most,
				    uint32_t epoch)
{
	struct cis_backlog *b = calloc(1, sizeof(*b));

	if (!b)
		return NULL;
	b->words = malloc(bytes / WORD * sizeof(*b->words));
	b->entries = calloc(n_most, sizeof(*b->entries));
	if (!b->words || !b->entries) {
		cis_backlog_free(b);
		return NULL;
	}
	b->epoch = epoch;
	b->n_most = n_most;
	b->n_word = bytes / WORD;
	/* Every page of it is there before the first event. */
	for (size_t i = 0; i < b->n_word; i++)
		atomic_init(&b->words[i], 0);
	atomic_init(&b->first, 1);
	atomic_init(&b->end, 1);
	return b;
}

void cis_backlog_free(struct cis_backlog *b)
{
	if (!b)
		return;
	free(b->entries);
	free(b->words);
	free(b);
}

/* The order is made by fences. */
static uint64_t get(const atomic_ullong *from)
{
	return atomic_load_explicit(from, memory_order_relaxed);
}

static void set(atomic_ullong *to, uint64_t value)
{
	atomic_store_explicit(to, value, memory_order_relaxed);
}

static struct entry *entry_of(const struct cis_backlog *b, uint64_t i)
{
	return &b->entries[i % b->n_most];
}

static bool has_break(const char *json, size_t len)
{
	return memchr(json, '\n', len) || memchr(json, '\r', len);
}

void cis_backlog_line(char *to, const char *json, size_t len)
{
	for (size_t i = 0; i < len; i++)
		to[i] = json[i] == '\n' || json[i] == '\r' ? ' ' : json[i];
}

/* Those in the way of n words from b->at on, and of the entry, are no more. */
static void make_room(struct cis_backlog *b, uint64_t n)
{
	const uint64_t end = get(&b->end);
	uint64_t first = get(&b->first);

	while (first < end &&
	       (end - first >= b->n_most ||
		get(&entry_of(b, first)->at) + b->n_word < b->at + n))
		first++;
	set(&b->first, first);
	/* Release: who sees a byte of what comes sees `first` as well. */
	atomic_thread_fence(memory_order_release);
}

static void store(_Atomic uint64_t *to, const char *from, size_t n)
{
	uint64_t word;

	for (size_t i = 0; i < n; i++) {
		memcpy(&word, from + i * WORD, WORD);
		atomic_store_explicit(&to[i], word, memory_order_relaxed);
	}
}

/* As many words as there are bytes; returns what is left behind them. */
static size_t put_words(struct cis_backlog *b, const char *from, size_t len)
{
	const size_t at = (size_t)(b->at % b->n_word), n = len / WORD;
	const size_t before = n < b->n_word - at ? n : b->n_word - at;

	store(b->words + at, from, before);
	store(b->words, from + before * WORD, n - before);
	b->at += n;
	return len % WORD;
}

/*
 * Head, data and the end. Data goes straight from the caller's memory into the
 * ring, but for what shares a word with head or end.
 */
static void copy_in(struct cis_backlog *b, const char *head, size_t n_head,
		    const char *json, size_t len)
{
	char edge[CIS_WEB_MAX_HEAD + 2 * WORD] = {0};
	size_t n = (WORD - n_head % WORD) % WORD;

	n = n < len ? n : len;
	memcpy(edge, head, n_head);
	memcpy(edge + n_head, json, n);
	n_head += n;
	if (n < len) {
		put_words(b, edge, n_head);
		n_head = put_words(b, json + n, len - n);
		memcpy(edge, json + len - n_head, n_head);
	}
	memcpy(edge + n_head, "\n\n", 2);
	memset(edge + n_head + 2, 0, WORD);
	put_words(b, edge, n_head + 2 + WORD - 1);
}

/* The length of the head of the next event; 0: too long. */
static size_t make_head(const struct cis_backlog *b, const char *event,
			char head[CIS_WEB_MAX_HEAD])
{
	char id[CIS_BACKLOG_ID_SIZE];
	int n;

	cis_backlog_id(b, get(&b->end), id);
	n = snprintf(head, CIS_WEB_MAX_HEAD, "id: %s\nevent: %s\ndata: ", id,
		     event);
	return n < 0 || n + 2 >= CIS_WEB_MAX_HEAD ? 0 : (size_t)n;
}

int cis_backlog_put(struct cis_backlog *b, const char *event, const char *json,
		    size_t len, uint64_t now_ms)
{
	const uint64_t end = get(&b->end), at = b->at;
	struct entry *entry = entry_of(b, end);
	char head[CIS_WEB_MAX_HEAD];
	const size_t n_head = make_head(b, event, head);
	const size_t all = n_head + len + 2;

	if (n_head == 0 || len > CIS_WEB_MAX_EVENT - CIS_WEB_MAX_HEAD ||
	    all + WORD > b->n_word * WORD)
		return -EMSGSIZE;
	if (has_break(json, len)) {
		cis_backlog_line(b->draft, json, len);
		json = b->draft;
	}
	make_room(b, (all + WORD - 1) / WORD);
	copy_in(b, head, n_head, json, len);
	set(&entry->at, at);
	set(&entry->len, all);
	set(&entry->when_ms, now_ms);
	/* Release: whoever sees that there is one more sees all of it. */
	atomic_store_explicit(&b->end, end + 1, memory_order_release);
	return 0;
}

uint64_t cis_backlog_end(const struct cis_backlog *b)
{
	return atomic_load_explicit(&b->end, memory_order_acquire);
}

/* Whether what was read of event i was there all the time. */
static bool was_there(const struct cis_backlog *b, uint64_t i)
{
	/* Acquire: `first` is read after that which is asked about. */
	atomic_thread_fence(memory_order_acquire);
	return get(&b->first) <= i;
}

uint64_t cis_backlog_since(const struct cis_backlog *b, uint64_t from_ms)
{
	uint64_t i = cis_backlog_end(b);

	while (i > 1 && was_there(b, i - 1)) {
		const uint64_t when_ms = get(&entry_of(b, i - 1)->when_ms);

		if (when_ms < from_ms || !was_there(b, i - 1))
			break;
		i--;
	}
	return i;
}

bool cis_backlog_after(const struct cis_backlog *b, const char *last_id,
		       uint64_t *next)
{
	char epoch[16];
	uint64_t seen;
	char *rest;
	size_t n;

	if (!last_id)
		return false;
	n = (size_t)snprintf(epoch, sizeof(epoch), "%08" PRIx32 "-", b->epoch);
	if (strncmp(last_id, epoch, n) != 0 || last_id[n] < '0' ||
	    last_id[n] > '9')
		return false;
	seen = strtoull(last_id + n, &rest, 10);
	if (*rest || seen >= cis_backlog_end(b))
		return false;
	*next = seen + 1;
	return true;
}

void cis_backlog_id(const struct cis_backlog *b, uint64_t i,
		    char id[CIS_BACKLOG_ID_SIZE])
{
	snprintf(id, CIS_BACKLOG_ID_SIZE, "%08" PRIx32 "-%" PRIu64, b->epoch,
		 i);
}

static void copy_out(const struct cis_backlog *b, uint64_t from, char *to,
		     size_t len)
{
	size_t at = (size_t)(from % b->n_word), n;
	uint64_t word;

	for (size_t done = 0; done < len; done += n) {
		word = atomic_load_explicit(&b->words[at],
					    memory_order_relaxed);
		n = len - done < WORD ? len - done : WORD;
		memcpy(to + done, &word, n);
		if (++at == b->n_word)
			at = 0;
	}
}

/* The bytes of event i, 0 when it is gone; *fits is false when size is less. */
static size_t read_one(const struct cis_backlog *b, uint64_t i, char *buf,
		       size_t size, bool *fits)
{
	const struct entry *entry = entry_of(b, i);
	const uint64_t at = get(&entry->at), len = get(&entry->len);

	*fits = true;
	if (!was_there(b, i))
		return 0;
	*fits = len <= size;
	if (!*fits)
		return 0;
	copy_out(b, at, buf, (size_t)len);
	return was_there(b, i) ? (size_t)len : 0;
}

size_t cis_backlog_read(const struct cis_backlog *b, uint64_t *next, char *buf,
			size_t size, uint64_t *skipped)
{
	const uint64_t end = cis_backlog_end(b);
	size_t len = 0, n;
	bool fits = true;

	*skipped = 0;
	while (*next < end) {
		n = read_one(b, *next, buf + len, size - len, &fits);
		if (!fits || (n == 0 && len > 0))
			break;
		if (n > 0) {
			len += n;
			++*next;
			continue;
		}
		/* Gone, and nothing is before it that was read. */
		n = get(&b->first) - *next;
		*skipped += n;
		*next += n;
	}
	return len;
}
