/*
 * client_udp.c - a client's UDP socket; see talk.h.
 *
 * The socket is not connected, so that an answer from another host than the one
 * that was asked is seen, and told. IP_RECVERR tells instead that nobody listens.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cisoid/log.h"
#include "multicast.h"
#include "talk.h"
#include "udp_refused.h"

#define UDP_RCVBUF (1 << 20) /* the system may give less */
#define MAX_TOLD   8         /* strangers */

void cis_client_udp_close(struct cis_client *client)
{
	if (!client->udp_open)
		return;
	client->udp_open = false;
	uv_close((uv_handle_t *)&client->udp, cis_client_handle_closed);
}

/* ---- who sends ---- */

/* IPv4 in an IPv6 socket comes as ::ffff:a.b.c.d. */
static void unmap(const struct sockaddr *sa, struct sockaddr_storage *out)
{
	struct sockaddr_in in = {.sin_family = AF_INET};
	struct sockaddr_in6 in6;

	memset(out, 0, sizeof(*out));
	if (sa->sa_family != AF_INET6) {
		memcpy(&in, sa, sizeof(in));
		memcpy(out, &in, sizeof(in));
		return;
	}
	memcpy(&in6, sa, sizeof(in6));
	memcpy(out, &in6, sizeof(in6));
	if (!IN6_IS_ADDR_V4MAPPED(&in6.sin6_addr))
		return;
	memcpy(&in.sin_addr, in6.sin6_addr.s6_addr + 12, 4);
	in.sin_port = in6.sin6_port;
	memset(out, 0, sizeof(*out));
	memcpy(out, &in, sizeof(in));
}

void cis_client_stranger(struct cis_client *client, const struct sockaddr *who,
			 const char *why)
{
	const struct sockaddr *last = (struct sockaddr *)&client->stranger;
	char name[CIS_ADDR_SIZE];

	client->counts.strangers++;
	if (client->n_told >= MAX_TOLD || cis_addr_same_host(who, last))
		return;
	memset(&client->stranger, 0, sizeof(client->stranger));
	memcpy(&client->stranger, who,
	       who->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6)
					  : sizeof(struct sockaddr_in));
	client->n_told++;
	cis_log(CIS_LOG_WARN, "datagrams refused from=%s reason=\"%s\"%s",
		cis_addr_format(who, name), why,
		client->n_told == MAX_TOLD ? "; more are only counted" : "");
}

static bool is_expected(const struct cis_client *client,
			const struct sockaddr *who)
{
	const struct sockaddr *peer = (struct sockaddr *)&client->peer;

	if (client->spec.mixed && !peer->sa_family)
		return false; /* before there is a connection */
	return !peer->sa_family || cis_addr_same_host(who, peer);
}

/* ---- datagrams ---- */

static void read_buf(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	struct cis_client *client = handle->data;

	(void)suggested;
	*buf = uv_buf_init((char *)client->rx, sizeof(client->rx));
}

static void nobody_there(struct cis_client *client)
{
	if (client->commands && !client->spec.mixed &&
	    client->state != CIS_CLIENT_CONNECTING)
		cis_client_fail(client, "%s: nobody listens there",
				client->endpoint);
}

static void udp_read(uv_udp_t *udp, ssize_t n, const uv_buf_t *buf,
		     const struct sockaddr *from, unsigned flags)
{
	struct cis_client *client = udp->data;
	struct sockaddr_storage who;
	bool refused = n == UV_ECONNREFUSED;

	(void)flags;
	if (n > 0 && from) {
		unmap(from, &who);
		if (is_expected(client, (struct sockaddr *)&who))
			cis_talk_datagram(client, (const uint8_t *)buf->base,
					  (size_t)n, (struct sockaddr *)&who);
		else
			cis_client_stranger(client, (struct sockaddr *)&who,
					    "another host was asked");
		return;
	}
	while (n <= 0 && cis_udp_refused(udp, &who))
		refused = true;
	if (refused)
		nobody_there(client);
}

void cis_client_udp_send(struct cis_client *client, const uint8_t *buf,
			 size_t len)
{
	uv_buf_t b = uv_buf_init((char *)buf, (unsigned)len);
	const struct sockaddr *peer = (struct sockaddr *)&client->peer;

	if (!client->udp_open || !peer->sa_family)
		return;
	/* An error that is reported belongs to an earlier datagram. */
	if (uv_udp_try_send(&client->udp, &b, 1, peer) < 0)
		uv_udp_try_send(&client->udp, &b, 1, peer);
}

/* ---- open ---- */

static int bind_any(struct cis_client *client, const struct sockaddr *peer)
{
	struct sockaddr_in6 any6 = {.sin6_family = AF_INET6};
	struct sockaddr_in any = {.sin_family = AF_INET};
	bool v6 = peer->sa_family == AF_INET6;

	return uv_udp_bind(&client->udp,
			   v6 ? (struct sockaddr *)&any6
			      : (struct sockaddr *)&any,
			   UV_UDP_LINUX_RECVERR);
}

static int join(struct cis_client *client)
{
	const struct sockaddr *group = (struct sockaddr *)&client->spec.local;
	uv_os_fd_t fd;
	int err = uv_fileno((uv_handle_t *)&client->udp, &fd);

	return err ? err
		   : cis_multicast_join(fd, &client->spec.addr, group, NULL);
}

static void name_bound(struct cis_client *client, char name[CIS_ADDR_SIZE])
{
	struct sockaddr_storage bound;
	int len = sizeof(bound);

	if (!uv_udp_getsockname(&client->udp, (struct sockaddr *)&bound, &len))
		cis_addr_format((struct sockaddr *)&bound, name);
}

/* Frames come here; several programs may hear a group. */
static int bind_local(struct cis_client *client)
{
	const struct sockaddr *sa = (struct sockaddr *)&client->spec.local;
	bool group = cis_addr_is_multicast(sa);
	int err = uv_udp_bind(&client->udp, sa, group ? UV_UDP_REUSEADDR : 0);

	return err || !group ? err : join(client);
}

/* No PMU has the address of every interface. */
static bool is_any(const struct sockaddr *sa)
{
	struct sockaddr_in6 in6;
	struct sockaddr_in in;

	if (sa->sa_family == AF_INET6) {
		memcpy(&in6, sa, sizeof(in6));
		return IN6_IS_ADDR_UNSPECIFIED(&in6.sin6_addr);
	}
	memcpy(&in, sa, sizeof(in));
	return in.sin_addr.s_addr == htonl(INADDR_ANY);
}

/* At an address that is ours and free they come unasked. */
static int open_either(struct cis_client *client)
{
	const struct sockaddr *sa = (struct sockaddr *)&client->spec.local;
	int err = bind_local(client);

	client->commands = err == UV_EADDRINUSE || err == UV_EADDRNOTAVAIL;
	if (!client->commands || cis_addr_is_multicast(sa) || is_any(sa))
		return err;
	client->peer = client->spec.local;
	return bind_any(client, sa);
}

int cis_client_udp_open(struct cis_client *client, struct cis_diag *diag)
{
	const struct sockaddr *sa = (struct sockaddr *)&client->spec.local;
	int rcvbuf = UDP_RCVBUF, err;
	char name[CIS_ADDR_SIZE];

	cis_addr_format(sa, name);
	err = uv_udp_init_ex(client->loop, &client->udp, sa->sa_family);
	if (err)
		return cis_fail(diag, err, "udp:%s: %s", name,
				uv_strerror(err));
	client->udp.data = client;
	client->udp_open = true;
	client->n_handle++;
	uv_recv_buffer_size((uv_handle_t *)&client->udp, &rcvbuf);
	err = client->spec.mixed ? bind_local(client) : open_either(client);
	if (!err)
		err = uv_udp_recv_start(&client->udp, read_buf, udp_read);
	if (err)
		return cis_fail(diag, err, "udp:%s: %s", name,
				uv_strerror(err));
	if (!client->commands || client->spec.mixed) {
		name_bound(client, name);
		cis_log(CIS_LOG_INFO, "listening on udp:%s", name);
	}
	if (!client->spec.mixed)
		snprintf(client->endpoint, sizeof(client->endpoint), "udp:%s",
			 name);
	return 0;
}
