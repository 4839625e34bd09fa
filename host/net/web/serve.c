/* serve.c - the thread of the web server; see web_in.h. */
#define _GNU_SOURCE /* SCHED_BATCH */
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "cisoid/log.h"
#include "web_in.h"

#define POOL_SIZE (4 * CIS_WEB_MAX_HEADER) /* of one connection */

uint64_t cis_web_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

void cis_web_wake(const struct cis_web *web)
{
	const uint64_t one = 1;
	ssize_t n = write(web->wake_fd, &one, sizeof(one));

	(void)n; /* full: it is awake */
}

static void drain(int fd)
{
	uint64_t count;
	ssize_t n = read(fd, &count, sizeof(count));

	(void)n;
}

static int timeout_ms(struct MHD_Daemon *daemon)
{
	MHD_UNSIGNED_LONG_LONG ms;

	if (MHD_get_timeout(daemon, &ms) == MHD_YES && ms < CIS_WEB_TICK_MS)
		return (int)ms;
	return CIS_WEB_TICK_MS;
}

static void wait_for_work(struct cis_web *web)
{
	const union MHD_DaemonInfo *info =
		MHD_get_daemon_info(web->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	struct pollfd fds[2] = {
		{.fd = info->epoll_fd, .events = POLLIN},
		{.fd = web->wake_fd, .events = POLLIN},
	};

	poll(fds, 2, timeout_ms(web->daemon));
	if (fds[1].revents)
		drain(web->wake_fd);
}

static bool stops(const struct cis_web *web)
{
	/* Acquire: with all that was published before. */
	return atomic_load_explicit(&web->stop, memory_order_acquire);
}

/* Calls that the loop takes no more. */
static void give_up_calls(struct cis_web *web)
{
	struct cis_job *job;

	while ((job = cis_calls_asked(&web->calls))) {
		job->status = MHD_HTTP_SERVICE_UNAVAILABLE;
		job->reply = NULL;
		cis_calls_done(&web->calls, job);
	}
}

/*
 * Waking this thread must not put off who wakes it: a batch thread, also where
 * that one has a realtime policy, which threads inherit.
 */
static void stand_back(void)
{
	const struct sched_param param = {0};

	if (sched_setscheduler(0, SCHED_BATCH, &param))
		cis_log(CIS_LOG_DEBUG, "web: no batch thread: %s",
			strerror(errno));
}

static void *serve(void *arg)
{
	struct cis_web *web = arg;
	uint64_t now_ms;

	stand_back();
	while (!stops(web)) {
		wait_for_work(web);
		now_ms = cis_web_now_ms();
		cis_web_requests_answered(web);
		cis_web_readers_wake(web, now_ms);
		if (now_ms - web->tick_ms >= CIS_WEB_TICK_MS) {
			cis_web_links_cut(web, now_ms);
			web->tick_ms = now_ms;
		}
		MHD_run(web->daemon);
	}
	give_up_calls(web);
	cis_web_requests_answered(web);
	cis_web_readers_wake(web, cis_web_now_ms());
	MHD_run(web->daemon);
	MHD_stop_daemon(web->daemon);
	return NULL;
}

static int start_thread(struct cis_web *web)
{
	sigset_t all, before;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = pthread_create(&web->thread, NULL, serve, web);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return -err;
}

static struct MHD_Daemon *start_daemon(struct cis_web *web)
{
	return MHD_start_daemon(
		MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL,
		cis_web_request, web, MHD_OPTION_LISTEN_SOCKET, web->listen_fd,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned)CIS_WEB_MAX_CONNECTION,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)POOL_SIZE,
		MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)CIS_WEB_IDLE_S,
		MHD_OPTION_NOTIFY_CONNECTION, cis_web_link, web,
		MHD_OPTION_NOTIFY_COMPLETED, cis_web_request_end, web,
		MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
}

int cis_web_serve(struct cis_web *web, struct cis_diag *diag)
{
	int err;

	web->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (web->wake_fd < 0)
		return cis_fail(diag, -errno, "web: no descriptor left");
	web->daemon = start_daemon(web);
	if (!web->daemon)
		return cis_fail(diag, -ENOMEM,
				"web: the server does not start");
	web->listen_fd = -1; /* the daemon's now */
	err = start_thread(web);
	if (!err)
		return 0;
	MHD_stop_daemon(web->daemon);
	web->daemon = NULL;
	return cis_fail(diag, err, "web: no thread: %s", strerror(-err));
}
