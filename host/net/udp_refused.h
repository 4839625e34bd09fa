/*
 * udp_refused.h - whose datagrams were refused (ICMP: port unreachable).
 *
 * For sockets that are bound with UV_UDP_LINUX_RECVERR and send to many.
 */
#ifndef HOST_NET_UDP_REFUSED_H
#define HOST_NET_UDP_REFUSED_H

#include <stdbool.h>
#include <sys/socket.h>
#include <uv.h>

/* Takes the next one off the socket's queue of errors: false when it is empty.
 * Until then the socket stays ready and its next send may fail. */
bool cis_udp_refused(const uv_udp_t *udp, struct sockaddr_storage *who);

#endif
