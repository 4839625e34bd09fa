/*
 * mcu_port.h - a serial line, or a socket that stands for one.
 *
 * Descriptors never block. A TCP host's name is looked up once, by init().
 */
#ifndef HOST_ACQ_MCU_PORT_H
#define HOST_ACQ_MCU_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "cisoid/diag.h"
#include "host/acq/mcu/mcu.h"

#define MCU_PORT_MAX_ADDR 4

enum mcu_port_kind {
	MCU_PORT_TTY,
	MCU_PORT_TCP,
	MCU_PORT_UNIX,
};

struct mcu_port {
	enum mcu_port_kind kind;
	char where[CIS_MCU_WHERE_SIZE]; /* as it was written */
	const char *path;               /* tty, unix: within `where` */
	struct sockaddr_storage ss[MCU_PORT_MAX_ADDR];
	socklen_t ss_len[MCU_PORT_MAX_ADDR];
	unsigned n_addr, next_addr; /* the one to be tried next */
	int fd;                     /* -1: closed */
	bool connecting;            /* until it can be written */
};

/* -EINVAL: not such words; -EADDRNOTAVAIL: a host that is not known. */
int mcu_port_init(struct mcu_port *p, const char *where, struct cis_diag *diag);

/* Opens, or begins to connect; an error has a message and leaves it closed. */
int mcu_port_open(struct mcu_port *p, struct cis_diag *diag);

/* It can be written for the first time; an error closes it. */
int mcu_port_connected(struct mcu_port *p, struct cis_diag *diag);

void mcu_port_close(struct mcu_port *p);

/* The number of bytes, -EAGAIN: none now; else it is to be closed. */
ssize_t mcu_port_read(struct mcu_port *p, void *buf, size_t size);
ssize_t mcu_port_write(struct mcu_port *p, const void *buf, size_t len);

#endif
