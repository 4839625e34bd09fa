/* fleet_count.c - see fleet_count.h. */
#define _GNU_SOURCE /* recvmmsg(), MAP_ANONYMOUS */
#include "fleet_count.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define RCVBUF    (64 << 20)
#define MAX_MSG   64
#define HEAD_LEN  14 /* SYNC to FRACSEC */
#define SILENT_US 300000

struct counter {
	struct fleet_count *c;
	unsigned rate;
	int64_t next
		[65536]; /* instant, counted from 1970; by IDCODE; 0: none */
	struct mmsghdr msg[MAX_MSG];
	struct iovec iov[MAX_MSG];
	uint8_t bytes[MAX_MSG][65536];
	_Alignas(struct cmsghdr)
		uint8_t control[MAX_MSG][CMSG_SPACE(sizeof(int))];
};

static uint32_t u32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

int fleet_bind(unsigned *port, bool in_one_piece)
{
	struct sockaddr_in in = {.sin_family = AF_INET,
				 .sin_addr = {htonl(INADDR_LOOPBACK)}};
	int fd = socket(AF_INET, SOCK_DGRAM, 0), size = RCVBUF, one = 1;
	socklen_t len = sizeof(in);

	/* Beyond the limit where that is allowed: on a busy machine the counter
	 * must wait. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (in_one_piece)
		setsockopt(fd, IPPROTO_UDP, UDP_GRO, &one, sizeof(one));
	if (fd < 0 || bind(fd, (struct sockaddr *)&in, len) ||
	    getsockname(fd, (struct sockaddr *)&in, &len))
		return -1;
	*port = ntohs(in.sin_port);
	return fd;
}

static void note(struct counter *k, const uint8_t *head)
{
	unsigned idcode = (unsigned)head[4] << 8 | head[5];
	uint64_t us = u32(head + 10) & 0xFFFFFF;
	int64_t at = (int64_t)u32(head + 6) * k->rate +
		     (int64_t)((us * k->rate + 500000) / 1000000);
	int64_t *next = &k->next[idcode];

	k->c->data++;
	if (*next == 0)
		k->c->pmus++;
	else if (at > *next)
		k->c->lost += (uint64_t)(at - *next);
	else if (at < *next)
		k->c->again++;
	if (at >= *next)
		*next = at + 1;
}

static void note_datagram(struct counter *k, const uint8_t *p, size_t len)
{
	if (len < HEAD_LEN || p[0] != 0xAA || p[1] >> 4 != 0)
		k->c->other++;
	else
		note(k, p);
}

/* The size of the datagrams that came in one piece. */
static size_t segment_len(const struct mmsghdr *m)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(&m->msg_hdr);
	int len;

	if (!c || c->cmsg_level != IPPROTO_UDP || c->cmsg_type != UDP_GRO)
		return m->msg_len;
	memcpy(&len, CMSG_DATA(c), sizeof(len));
	return (size_t)len;
}

static void note_message(struct counter *k, unsigned i)
{
	size_t left = k->msg[i].msg_len, len = segment_len(&k->msg[i]);
	const uint8_t *p = k->bytes[i];

	while (left > 0) {
		size_t n = left < len ? left : len;

		note_datagram(k, p, n);
		p += n;
		left -= n;
	}
	k->msg[i].msg_hdr.msg_controllen = sizeof(k->control[i]);
}

static void count(struct counter *k, int fd)
{
	for (;;) {
		int n = recvmmsg(fd, k->msg, MAX_MSG, MSG_WAITFORONE, NULL);

		if (n <= 0 && atomic_load(&k->c->over))
			return;
		for (int i = 0; i < n; i++)
			note_message(k, (unsigned)i);
	}
}

struct fleet_count *fleet_count_start(int fd, unsigned rate, pid_t *pid)
{
	const struct timeval silent = {.tv_usec = SILENT_US};
	static struct counter k;

	k.rate = rate;
	k.c = mmap(NULL, sizeof(*k.c), PROT_READ | PROT_WRITE,
		   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (k.c == MAP_FAILED)
		return NULL;
	memset(k.c, 0, sizeof(*k.c));
	for (unsigned i = 0; i < MAX_MSG; i++) {
		k.iov[i] = (struct iovec){k.bytes[i], sizeof(k.bytes[i])};
		k.msg[i].msg_hdr =
			(struct msghdr){.msg_iov = &k.iov[i],
					.msg_iovlen = 1,
					.msg_control = k.control[i],
					.msg_controllen = sizeof(k.control[i])};
	}
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &silent, sizeof(silent));
	*pid = fork();
	if (*pid == 0) {
		count(&k, fd);
		_exit(0);
	}
	return k.c;
}

void fleet_count_end(struct fleet_count *c, pid_t pid)
{
	atomic_store(&c->over, true);
	waitpid(pid, NULL, 0);
}
