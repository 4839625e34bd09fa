/*
 * ticker.h - wakes the loop at an instant, to the microsecond.
 *
 * libuv's own timers are whole milliseconds.
 */
#ifndef HOST_NET_TICKER_H
#define HOST_NET_TICKER_H

#include <stdint.h>

#include <uv.h>

struct cis_ticker {
	uv_poll_t poll;
	int fd;
	void (*tick)(void *arg);
	void (*closed)(void *arg); /* may be set after init(); NULL */
	void *arg;
};

/* A negative errno on failure; then there is nothing to close. */
int cis_ticker_init(struct cis_ticker *ticker, uv_loop_t *loop,
		    void (*tick)(void *arg), void *arg);

/* tick() once, in so many ns from now; at once when that is past. */
void cis_ticker_arm(struct cis_ticker *ticker, int64_t in_ns);

/* The ticker must stay until the loop has closed it. */
void cis_ticker_close(struct cis_ticker *ticker);

#endif
