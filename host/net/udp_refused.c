/* udp_refused.c - see udp_refused.h and ip(7), IP_RECVERR. */
#include "udp_refused.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

static bool is_refusal(struct msghdr *msg)
{
	struct sock_extended_err e;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c;
	     c = CMSG_NXTHDR(msg, c)) {
		bool v4 = c->cmsg_level == IPPROTO_IP &&
			  c->cmsg_type == IP_RECVERR;
		bool v6 = c->cmsg_level == IPPROTO_IPV6 &&
			  c->cmsg_type == IPV6_RECVERR;

		if (!v4 && !v6)
			continue;
		memcpy(&e, CMSG_DATA(c), sizeof(e));
		return e.ee_errno == ECONNREFUSED;
	}
	return false;
}

bool cis_udp_refused_fd(int fd, struct sockaddr_storage *who)
{
	_Alignas(struct cmsghdr) uint8_t control[256];
	struct msghdr msg;

	do {
		msg = (struct msghdr){.msg_name = who,
				      .msg_namelen = sizeof(*who),
				      .msg_control = control,
				      .msg_controllen = sizeof(control)};
		memset(who, 0, sizeof(*who));
		if (recvmsg(fd, &msg, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
			return false;
	} while (!is_refusal(&msg));
	return true;
}

bool cis_udp_refused(const uv_udp_t *udp, struct sockaddr_storage *who)
{
	uv_os_fd_t fd;

	return !uv_fileno((const uv_handle_t *)udp, &fd) &&
	       cis_udp_refused_fd(fd, who);
}
