/*
 * udp_refused.h - whose datagrams were refused (ICMP: port unreachable).
 *
 * For sockets with IP_RECVERR or IPV6_RECVERR, which UV_UDP_LINUX_RECVERR sets.
 */
#ifndef HOST_NET_UDP_REFUSED_H
#define HOST_NET_UDP_REFUSED_H

#include <stdbool.h>
#include <sys/socket.h>
#include <uv.h>

/* Takes the next one off the socket's queue of errors: false when it is empty.
 * Until then the socket stays ready and its next send may fail. */
bool cis_udp_refused(const uv_udp_t *udp, struct sockaddr_storage *who);
bool cis_udp_refused_fd(int fd, struct sockaddr_storage *who);

#endif
