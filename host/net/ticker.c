/* ticker.c - a timerfd watched by uv_poll; see ticker.h. */
#include "ticker.h"

#include <errno.h>
#include <sys/timerfd.h>
#include <unistd.h>

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct cis_ticker *ticker = poll->data;
	uint64_t times;

	(void)events;
	if (status == 0 && read(ticker->fd, &times, sizeof(times)) > 0)
		ticker->tick(ticker->arg);
}

int cis_ticker_init(struct cis_ticker *ticker, uv_loop_t *loop,
		    void (*tick)(void *arg), void *arg)
{
	int err;

	ticker->tick = tick;
	ticker->closed = NULL;
	ticker->arg = arg;
	ticker->fd =
		timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (ticker->fd < 0)
		return -errno;
	err = uv_poll_init(loop, &ticker->poll, ticker->fd);
	if (err) {
		close(ticker->fd);
		return err;
	}
	ticker->poll.data = ticker;
	return uv_poll_start(&ticker->poll, UV_READABLE, on_poll);
}

void cis_ticker_arm(struct cis_ticker *ticker, int64_t in_ns)
{
	/* Zero would disarm it. */
	int64_t ns = in_ns > 0 ? in_ns : 1;
	struct itimerspec when = {
		.it_value = {.tv_sec = (time_t)(ns / 1000000000),
			     .tv_nsec = (long)(ns % 1000000000)},
	};

	timerfd_settime(ticker->fd, 0, &when, NULL);
}

static void closed(uv_handle_t *handle)
{
	struct cis_ticker *ticker = handle->data;

	close(ticker->fd);
	if (ticker->closed)
		ticker->closed(ticker->arg);
}

void cis_ticker_close(struct cis_ticker *ticker)
{
	uv_poll_stop(&ticker->poll);
	uv_close((uv_handle_t *)&ticker->poll, closed);
}
