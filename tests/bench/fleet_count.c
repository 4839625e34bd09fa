/* fleet_count.c - see fleet_count.h. */
#define _GNU_SOURCE /* recvmmsg(), MAP_ANONYMOUS */
#include "fleet_count.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define RCVBUF    (64 << 20)
#define MAX_MSG   256
#define HEAD_LEN  14 /* SYNC to FRACSEC */
#define SILENT_US 300000

struct counter {
	struct fleet_count *c;
	unsigned rate;
	int64_t next
		[65536]; /* instant, counted from 1970; by IDCODE; 0: none */
	struct mmsghdr msg[MAX_MSG];
	struct iovec iov[MAX_MSG];
	uint8_t head[MAX_MSG][HEAD_LEN];
};

static uint32_t u32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

int fleet_bind(unsigned *port)
{
	struct sockaddr_in in = {.sin_family = AF_INET,
				 .sin_addr = {htonl(INADDR_LOOPBACK)}};
	int fd = socket(AF_INET, SOCK_DGRAM, 0), size = RCVBUF;
	socklen_t len = sizeof(in);

	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
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

static void count(struct counter *k, int fd)
{
	for (;;) {
		int n = recvmmsg(fd, k->msg, MAX_MSG, MSG_WAITFORONE, NULL);

		if (n <= 0 && atomic_load(&k->c->over))
			return;
		for (int i = 0; i < n; i++) {
			const uint8_t *head = k->head[i];

			if (k->msg[i].msg_len < HEAD_LEN || head[0] != 0xAA ||
			    head[1] >> 4 != 0)
				k->c->other++;
			else
				note(k, head);
		}
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
		k.iov[i] = (struct iovec){k.head[i], HEAD_LEN};
		k.msg[i].msg_hdr =
			(struct msghdr){.msg_iov = &k.iov[i], .msg_iovlen = 1};
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
