/* watcher.h - keeps what a watch is told, and who is listed as a client. */
#ifndef TESTS_WATCHER_H
#define TESTS_WATCHER_H

#include "feed_bench.h"
#include "host/net/watch.h"

#define WATCH_CLIENTS 1100
#define WATCH_FRAMES  16

struct watched {
	char peer[64];
	uint8_t frame[512];
	size_t len;
};

struct watcher {
	struct cis_feed_watch watch;
	unsigned n_data, n_sent, n_command;
	struct watched data; /* the last */
	struct watched sent[WATCH_FRAMES], command[WATCH_FRAMES];
	unsigned n;
	struct cis_client_info client[WATCH_CLIENTS];
};

static inline void watch_keep(struct watched *w, const char *peer,
			      const uint8_t *frame, size_t len)
{
	snprintf(w->peer, sizeof(w->peer), "%s", peer);
	w->len = len;
	memcpy(w->frame, frame,
	       len < sizeof(w->frame) ? len : sizeof(w->frame));
}

static inline void watch_data(void *arg, const uint8_t *frame, size_t len)
{
	struct watcher *w = arg;

	w->n_data++;
	watch_keep(&w->data, "", frame, len);
}

static inline void watch_sent(void *arg, const char *peer, const uint8_t *frame,
			      size_t len)
{
	struct watcher *w = arg;

	watch_keep(&w->sent[w->n_sent++ % WATCH_FRAMES], peer, frame, len);
}

static inline void watch_command(void *arg, const char *peer,
				 const uint8_t *frame, size_t len)
{
	struct watcher *w = arg;

	watch_keep(&w->command[w->n_command++ % WATCH_FRAMES], peer, frame,
		   len);
}

static inline void watcher_init(struct watcher *w)
{
	memset(w, 0, sizeof(*w));
	w->watch = (struct cis_feed_watch){watch_data, watch_sent,
					   watch_command, w};
}

static inline void watch_client(void *arg, const struct cis_client_info *info)
{
	struct watcher *w = arg;

	assert_true(w->n < WATCH_CLIENTS);
	w->client[w->n++] = *info;
}

/* How many clients a feed has; they are in client[]. */
static inline unsigned watch_list(struct watcher *w,
				  const struct cis_feed *feed)
{
	w->n = 0;
	cis_feed_clients(feed, watch_client, w);
	return w->n;
}

/* The address of a line's own end. */
static inline void watch_name(const struct line *l, char name[CIS_ADDR_SIZE])
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);

	assert_int_equal(getsockname(l->fd, (struct sockaddr *)&ss, &len), 0);
	cis_addr_format((struct sockaddr *)&ss, name);
}

/* The one that a line is, among those listed. */
static inline const struct cis_client_info *watch_find(const struct watcher *w,
						       const struct line *l)
{
	char name[CIS_ADDR_SIZE];

	watch_name(l, name);
	for (unsigned i = 0; i < w->n; i++)
		if (strcmp(w->client[i].address, name) == 0)
			return &w->client[i];
	fail_msg("no client %s among %u", name, w->n);
	return NULL;
}

/* What was said or heard is that of this line. */
static inline void watch_is_of(const struct watched *w, const struct line *l)
{
	char name[CIS_ADDR_SIZE];

	watch_name(l, name);
	assert_string_equal(w->peer, name);
}

#endif
