/* links.c - the connections, and how long one may take to ask; see web_in.h.
 *
 * Idle ones are libmicrohttpd's to close; these are those that send a byte now
 * and then. Where there are too many of one host, or of all together, the one
 * that has been asking longest makes room for the newest: who asks at once is
 * always answered, however many others hold connections open. Of all together it
 * is one of the host that has most, so that no host pushes out another's.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "web_in.h"

static bool same_host(const struct cis_web_link *a,
		      const struct cis_web_link *b)
{
	return !memcmp(a->ip, b->ip, sizeof(a->ip));
}

/* Those of the host of `like`; NULL: of all. */
static unsigned count(const struct cis_web *web,
		      const struct cis_web_link *like)
{
	unsigned n = 0;

	for (const struct cis_web_link *l = web->links; l; l = l->next)
		n += !l->cut && (!like || same_host(l, like));
	return n;
}

unsigned cis_web_links_follow(const struct cis_web *web,
			      const struct cis_web_link *like)
{
	unsigned n = 0;

	for (const struct cis_web_link *l = web->links; l; l = l->next)
		n += l->follows && same_host(l, like);
	return n;
}

static void cut(struct cis_web_link *link)
{
	if (link->fd >= 0)
		shutdown(link->fd, SHUT_RDWR);
	link->cut = true;
}

/* One of the host that has most. */
static const struct cis_web_link *busiest(const struct cis_web *web)
{
	const struct cis_web_link *most = web->links;
	unsigned n, n_most = 0;

	for (const struct cis_web_link *l = web->links; l; l = l->next) {
		n = count(web, l);
		if (n > n_most) {
			n_most = n;
			most = l;
		}
	}
	return most;
}

/* The oldest of that host that nothing is answered to; the newest is first. */
static void cut_oldest(struct cis_web *web, const struct cis_web_link *like)
{
	struct cis_web_link *oldest = NULL;

	for (struct cis_web_link *l = web->links; l; l = l->next)
		if (!l->cut && l->until_ms && same_host(l, like))
			oldest = l;
	if (oldest)
		cut(oldest);
}

/* After `newest` came. */
static void make_room(struct cis_web *web, const struct cis_web_link *newest)
{
	if (count(web, newest) > CIS_WEB_HOST_MOST)
		cut_oldest(web, newest);
	else if (count(web, NULL) > CIS_WEB_MOST)
		cut_oldest(web, busiest(web));
}

/* A host may have all addresses of an IPv6 network. */
static void know_host(struct cis_web_link *link,
		      struct MHD_Connection *connection)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
		connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);

	if (!info || !info->client_addr)
		return;
	cis_addr_ip(info->client_addr, link->ip);
	if (info->client_addr->sa_family == AF_INET6 &&
	    memcmp(link->ip, mapped, sizeof(mapped)) != 0)
		memset(link->ip + 8, 0, 8);
}

static void link_open(struct cis_web *web, struct MHD_Connection *connection,
		      void **out)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
		connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct cis_web_link *link = calloc(1, sizeof(*link));

	*out = link;
	if (!link)
		return;
	link->fd = info ? info->connect_fd : -1;
	know_host(link, connection);
	link->until_ms = cis_web_now_ms() + CIS_WEB_HEADER_MS;
	link->next = web->links;
	if (link->next)
		link->next->prev = link;
	web->links = link;
	make_room(web, link);
}

static void link_close(struct cis_web *web, struct cis_web_link *link)
{
	if (!link)
		return;
	if (link->next)
		link->next->prev = link->prev;
	if (link->prev)
		link->prev->next = link->next;
	else
		web->links = link->next;
	free(link);
}

void cis_web_link(void *cls, struct MHD_Connection *connection, void **link,
		  enum MHD_ConnectionNotificationCode code)
{
	struct cis_web *web = cls;

	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		atomic_fetch_add_explicit(&web->n_connected, 1,
					  memory_order_relaxed);
		atomic_fetch_add_explicit(&web->n_connection, 1,
					  memory_order_relaxed);
		link_open(web, connection, link);
	} else {
		atomic_fetch_sub_explicit(&web->n_connection, 1,
					  memory_order_relaxed);
		link_close(web, *link);
		*link = NULL;
	}
}

struct cis_web_link *cis_web_link_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
		connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info ? info->socket_context : NULL;
}

void cis_web_links_cut(struct cis_web *web, uint64_t now_ms)
{
	for (struct cis_web_link *l = web->links; l; l = l->next)
		if (!l->cut && l->until_ms && now_ms >= l->until_ms)
			cut(l);
}
