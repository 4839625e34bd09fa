/* links.c - the connections, and how long one may take to ask; see web_in.h.
 *
 * Idle ones are libmicrohttpd's to close; these are those that send a byte now
 * and then.
 */
#include <stdlib.h>
#include <sys/socket.h>

#include "web_in.h"

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
	link->until_ms = cis_web_now_ms() + CIS_WEB_HEADER_MS;
	link->next = web->links;
	if (link->next)
		link->next->prev = link;
	web->links = link;
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
		if (l->until_ms && now_ms >= l->until_ms && l->fd >= 0) {
			shutdown(l->fd, SHUT_RDWR);
			l->until_ms = 0;
		}
}
