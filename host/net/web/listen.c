/* listen.c - the socket of the web server; see web_in.h. */
#define _DEFAULT_SOURCE /* TCP_USER_TIMEOUT */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cisoid/log.h"
#include "web_in.h"

#define N_PORT 20 /* that are tried */

/* A descriptor or a negative errno. */
static int listen_at(const struct sockaddr *sa)
{
	const socklen_t len = sa->sa_family == AF_INET6
				      ? sizeof(struct sockaddr_in6)
				      : sizeof(struct sockaddr_in);
	const int on = 1, gone_ms = CIS_WEB_IDLE_S * 1000;
	int err;
	int fd = socket(sa->sa_family,
			SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	/* Who is gone without a word has no place for longer than who is silent;
	 * connections inherit it. */
	if (!setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) &&
	    !setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &gone_ms,
			sizeof(gone_ms)) &&
	    !bind(fd, sa, len) && !listen(fd, CIS_WEB_MAX_CONNECTION))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

/* The same or the next free one. */
static int listen_near(struct sockaddr *sa, unsigned n_port)
{
	const unsigned port = cis_addr_port_of(sa);
	int fd = -EADDRINUSE;

	for (unsigned i = 0; i < n_port && fd == -EADDRINUSE; i++) {
		if (port + i > UINT16_MAX)
			break;
		cis_addr_set_port(sa, (uint16_t)(port + i));
		fd = listen_at(sa);
	}
	return fd;
}

static void make_url(struct cis_web *web)
{
	const struct cis_guard *guard = &web->guard;
	const bool bracket = strchr(guard->name, ':');

	snprintf(web->url, sizeof(web->url), "http://%s%s%s:%u/%s%s",
		 bracket ? "[" : "", guard->name, bracket ? "]" : "",
		 (unsigned)guard->port, guard->token[0] ? "#token=" : "",
		 guard->token);
}

static int know_it(struct cis_web *web, const char *host, struct cis_diag *diag)
{
	struct sockaddr_storage ss = {0};
	socklen_t len = sizeof(ss);
	struct sockaddr *sa = (struct sockaddr *)&ss;
	int err;

	if (getsockname(web->listen_fd, sa, &len))
		return -errno;
	err = cis_guard_init(&web->guard, host, sa, web->config.names,
			     web->config.n_name);
	if (err)
		return cis_fail(diag, err,
				"web: no random numbers for a token");
	make_url(web);
	return 0;
}

static int listen_to(struct cis_web *web, struct cis_addr *addr,
		     struct cis_diag *diag)
{
	const unsigned n_port =
		web->config.port_given || addr->port == 0 ? 1 : N_PORT;
	struct sockaddr *sa = (struct sockaddr *)&addr->ss[0];
	char words[CIS_ADDR_SIZE];
	int fd = listen_near(sa, n_port);

	if (fd == -EADDRINUSE && web->config.port_given)
		return cis_fail(diag, fd,
				"web: port %u is in use; give another one",
				(unsigned)addr->port);
	if (fd < 0)
		return cis_fail(diag, fd, "web: cannot listen at %s: %s",
				cis_addr_format(sa, words), strerror(-fd));
	web->listen_fd = fd;
	if (cis_addr_port_of(sa) != addr->port)
		cis_log(CIS_LOG_WARN,
			"web: port %u is in use; it is port %u instead",
			(unsigned)addr->port, (unsigned)cis_addr_port_of(sa));
	return know_it(web, addr->host, diag);
}

int cis_web_listen(struct cis_web *web, struct cis_diag *diag)
{
	char spec[CIS_HOST_SIZE + 32];
	struct cis_addr addr;
	int n, err;

	n = snprintf(spec, sizeof(spec), "tcp:%s",
		     web->config.bind ? web->config.bind : "127.0.0.1:8118");
	if (n < 0 || (size_t)n >= sizeof(spec))
		return cis_fail(diag, -EINVAL, "web: HOST:PORT is too long");
	err = cis_addr_parse(spec, &addr, diag);
	if (!err)
		err = cis_addr_only(&addr, 0, diag);
	if (!err)
		err = cis_addr_resolve(&addr, diag);
	return err ? err : listen_to(web, &addr, diag);
}
