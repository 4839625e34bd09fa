/*
 * udp_batch_in.h - a batch from within: udp_batch_open.c makes it, udp_batch.c
 * sends. Who includes it defines _GNU_SOURCE first, for struct mmsghdr.
 */
#ifndef HOST_NET_UDP_BATCH_IN_H
#define HOST_NET_UDP_BATCH_IN_H

#include <sys/socket.h>

#include "cisoid/c37.h"
#include "udp_batch.h"

#define CIS_UDP_POOL_LEN    (1u << 17)
#define CIS_UDP_MAX_FRAME   2048
#define CIS_UDP_MAX_MESSAGE 128

struct cis_udp_frame {
	uint16_t port;
	uint16_t len;
	bool is_data;
};

/* One message of sendmmsg(), with all that its header points to. */
struct cis_udp_message {
	unsigned n_frame;
	unsigned n_data; /* of them */
	struct iovec data;
	struct sockaddr_storage to;
	_Alignas(struct cmsghdr) uint8_t control[CMSG_SPACE(sizeof(uint16_t))];
};

struct cis_udp_batch {
	int fd;
	bool connected;
	unsigned wait_ms;
	size_t segment_max; /* longer frames are no segments; 0: none are */
	uint16_t first_port, n_port;
	struct sockaddr_storage to;
	socklen_t to_len;
	char name[CIS_ADDR_SIZE + 8];

	unsigned n_frame, n_done; /* of frame[]; n_done were sent or dropped */
	size_t len, done_len;     /* of the pool */
	unsigned first, n_cut;    /* messages that are cut, and not sent yet */
	struct cis_udp_frame frame[CIS_UDP_MAX_FRAME];
	struct cis_udp_message message[CIS_UDP_MAX_MESSAGE];
	struct mmsghdr head[CIS_UDP_MAX_MESSAGE];
	uint8_t pool[CIS_UDP_POOL_LEN];

	unsigned n_failed; /* calls in a row, with the present message first */
	bool refused, back;
	uint64_t refused_ns; /* when it was last */
	bool failing;        /* any other error */
	struct cis_udp_batch_stats stats;
};

#endif
