/* mcu_port.c - see mcu_port.h. */
#define _DEFAULT_SOURCE /* cfmakeraw, CRTSCTS, flock */

#include "mcu_port.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#define TCP  "tcp:"
#define UNIX "unix:"

/* ---- words ---- */

struct host_port {
	char host[CIS_MCU_WHERE_SIZE];
	char port[8];
};

static bool is_port(const char *text)
{
	size_t len = strspn(text, "0123456789");
	unsigned port = 0;

	if (len == 0 || len > 5 || text[len])
		return false;
	sscanf(text, "%u", &port);
	return port >= 1 && port <= 65535;
}

/* "HOST:PORT", "[::1]:PORT". */
static bool split(const char *text, struct host_port *hp)
{
	const char *colon = strrchr(text, ':');
	size_t len = colon ? (size_t)(colon - text) : 0;

	if (len == 0 || len >= sizeof(hp->host) || !is_port(colon + 1))
		return false;
	if (text[0] == '[') {
		if (len < 3 || text[len - 1] != ']')
			return false;
		text++;
		len -= 2;
	} else if (memchr(text, ':', len)) {
		return false;
	}
	memcpy(hp->host, text, len);
	hp->host[len] = '\0';
	snprintf(hp->port, sizeof(hp->port), "%.7s", colon + 1);
	return true;
}

static int parse(struct mcu_port *p, const char *where, struct cis_diag *diag)
{
	struct host_port hp;
	size_t len = strlen(where);

	if (len >= sizeof(p->where) || strchr(where, ','))
		return cis_fail(diag, -EINVAL,
				"\"%.80s\": the name of a front end has no "
				"comma and at most %zu characters",
				where, sizeof(p->where) - 1);
	*p = (struct mcu_port){.fd = -1};
	memcpy(p->where, where, len + 1);
	p->path = p->where;
	if (!strncmp(where, TCP, strlen(TCP))) {
		p->kind = MCU_PORT_TCP;
		if (split(where + strlen(TCP), &hp))
			return 0;
	} else if (!strncmp(where, UNIX, strlen(UNIX))) {
		p->kind = MCU_PORT_UNIX;
		p->path += strlen(UNIX);
		if (*p->path &&
		    strlen(p->path) <
			    sizeof(((struct sockaddr_un *)0)->sun_path))
			return 0;
	} else if (where[0] == '/') {
		p->kind = MCU_PORT_TTY;
		return 0;
	}
	return cis_fail(diag, -EINVAL,
			"\"%.80s\" names no front end; write /dev/ttyACM0, "
			"tcp:HOST:PORT or unix:PATH",
			where);
}

int cis_mcu_where_check(const char *where, struct cis_diag *diag)
{
	struct mcu_port p;

	return parse(&p, where, diag);
}

static int look_up(struct mcu_port *p, struct cis_diag *diag)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list, *at;
	struct host_port hp;
	int err;

	split(p->where + strlen(TCP), &hp);
	err = getaddrinfo(hp.host, hp.port, &hints, &list);
	if (err)
		return cis_fail(diag, -EADDRNOTAVAIL, "%s: %s", p->where,
				gai_strerror(err));
	for (at = list; at && p->n_addr < MCU_PORT_MAX_ADDR; at = at->ai_next) {
		memcpy(&p->ss[p->n_addr], at->ai_addr, at->ai_addrlen);
		p->ss_len[p->n_addr++] = at->ai_addrlen;
	}
	freeaddrinfo(list);
	return 0;
}

int mcu_port_init(struct mcu_port *p, const char *where, struct cis_diag *diag)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	int err = parse(p, where, diag);

	if (err || p->kind == MCU_PORT_TTY)
		return err;
	if (p->kind == MCU_PORT_TCP)
		return look_up(p, diag);
	snprintf(un.sun_path, sizeof(un.sun_path), "%s", p->path);
	memcpy(&p->ss[0], &un, sizeof(un));
	p->ss_len[0] = sizeof(un);
	p->n_addr = 1;
	return 0;
}

/* ---- a serial line ---- */

static int tell_open(const struct mcu_port *p, int err, struct cis_diag *diag)
{
	switch (err) {
	case ENOENT:
	case ENXIO:
	case ENODEV:
		return cis_fail(diag, -ENODEV,
				"%s: no such device; is the front end plugged "
				"in? /dev/serial/by-id lists what is",
				p->where);
	case EACCES:
	case EPERM:
		return cis_fail(diag, -EACCES,
				"%s: no right to open it; it takes membership "
				"of the group dialout (adduser USER dialout, "
				"and log in anew)",
				p->where);
	case EBUSY:
	case EWOULDBLOCK:
		return cis_fail(diag, -EBUSY,
				"%s: another program has it; end that (fuser "
				"%s names it)",
				p->where, p->path);
	default:
		return cis_fail(diag, -err, "%s: %s", p->where, strerror(err));
	}
}

/* Raw, 115200 bits a second, 8 bits, no parity, one stop bit, no handshake, and
 * closing it does not drop the lines, which would reset some boards. */
static int set_line(int fd)
{
	struct termios tio;

	if (tcgetattr(fd, &tio))
		return -errno;
	cfmakeraw(&tio);
	tio.c_cflag &= ~(tcflag_t)(CSTOPB | CRTSCTS | HUPCL);
	tio.c_cflag |= CLOCAL | CREAD;
	tio.c_cc[VMIN] = 1;
	tio.c_cc[VTIME] = 0;
	if (cfsetispeed(&tio, B115200) || cfsetospeed(&tio, B115200) ||
	    tcsetattr(fd, TCSANOW, &tio))
		return -errno;
	/* It returns 0 when any of these could be set. */
	if (tcgetattr(fd, &tio))
		return -errno;
	return cfgetospeed(&tio) == B115200 ? 0 : -EINVAL;
}

static int set_up(const struct mcu_port *p, int fd, struct cis_diag *diag)
{
	int err;

	/* The lock is for programs of a user who may open it all the same. */
	if (ioctl(fd, TIOCEXCL) || flock(fd, LOCK_EX | LOCK_NB))
		return tell_open(p, errno, diag);
	err = set_line(fd);
	if (err)
		return cis_fail(diag, err,
				"%s: cannot be set to 115200 baud, 8N1: %s",
				p->where, strerror(-err));
	tcflush(fd, TCIOFLUSH);
	return 0;
}

static int open_tty(struct mcu_port *p, struct cis_diag *diag)
{
	struct stat st;
	int fd, err;

	if (stat(p->path, &st))
		return tell_open(p, errno, diag);
	fd = S_ISCHR(st.st_mode)
		     ? open(p->path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
		     : -1;
	if (fd < 0 && S_ISCHR(st.st_mode))
		return tell_open(p, errno, diag);
	if (fd < 0 || !isatty(fd)) {
		if (fd >= 0)
			close(fd);
		return cis_fail(diag, -ENODEV, "%s: is no serial line%s",
				p->where,
				S_ISSOCK(st.st_mode) ? "; write unix: before "
						       "the path of a socket"
						     : "");
	}
	err = set_up(p, fd, diag);
	if (err) {
		close(fd);
		return err;
	}
	p->fd = fd;
	return 0;
}

/* ---- sockets ---- */

static int tell_connect(const struct mcu_port *p, int err,
			struct cis_diag *diag)
{
	if (p->kind == MCU_PORT_UNIX && err == ENOENT)
		return cis_fail(diag, -ENODEV, "%s: no such socket", p->where);
	if (p->kind == MCU_PORT_UNIX && err == EACCES)
		return cis_fail(diag, -EACCES, "%s: no right to connect",
				p->where);
	return cis_fail(diag, -err, "%s: %s%s", p->where, strerror(err),
			err == ECONNREFUSED ? "; nobody listens there" : "");
}

static int open_socket(struct mcu_port *p, struct cis_diag *diag)
{
	const unsigned i = p->next_addr;
	const int one = 1;
	int fd, err;

	p->next_addr = (i + 1) % p->n_addr;
	fd = socket(p->ss[i].ss_family,
		    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return tell_connect(p, errno, diag);
	if (p->kind == MCU_PORT_TCP)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (connect(fd, (const struct sockaddr *)&p->ss[i], p->ss_len[i]) &&
	    errno != EINPROGRESS) {
		err = errno;
		close(fd);
		return tell_connect(p, err, diag);
	}
	p->fd = fd;
	p->connecting = true;
	return 0;
}

/* TCP to a port of this computer that nobody has may meet itself. */
static bool is_own_peer(const struct mcu_port *p)
{
	struct sockaddr_storage own = {0}, peer = {0};
	socklen_t own_len = sizeof(own), peer_len = sizeof(peer);

	return p->kind == MCU_PORT_TCP &&
	       !getsockname(p->fd, (struct sockaddr *)&own, &own_len) &&
	       !getpeername(p->fd, (struct sockaddr *)&peer, &peer_len) &&
	       own_len == peer_len && !memcmp(&own, &peer, own_len);
}

int mcu_port_connected(struct mcu_port *p, struct cis_diag *diag)
{
	socklen_t len = sizeof(int);
	int err = 0;

	p->connecting = false;
	if (getsockopt(p->fd, SOL_SOCKET, SO_ERROR, &err, &len))
		err = errno;
	if (!err && is_own_peer(p))
		err = ECONNREFUSED;
	if (!err)
		return 0;
	mcu_port_close(p);
	return tell_connect(p, err, diag);
}

/* ---- both ---- */

int mcu_port_open(struct mcu_port *p, struct cis_diag *diag)
{
	return p->kind == MCU_PORT_TTY ? open_tty(p, diag)
				       : open_socket(p, diag);
}

void mcu_port_close(struct mcu_port *p)
{
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
	p->connecting = false;
}

/* A line that was hung up reads as ended, or as EIO. */
ssize_t mcu_port_read(struct mcu_port *p, void *buf, size_t size)
{
	ssize_t n = read(p->fd, buf, size);

	if (n > 0)
		return n;
	if (n == 0)
		return -ENODEV;
	return errno == EINTR || errno == EWOULDBLOCK ? -EAGAIN : -errno;
}

ssize_t mcu_port_write(struct mcu_port *p, const void *buf, size_t len)
{
	ssize_t n = p->kind == MCU_PORT_TTY
			    ? write(p->fd, buf, len)
			    : send(p->fd, buf, len, MSG_NOSIGNAL);

	if (n >= 0)
		return n;
	return errno == EINTR || errno == EWOULDBLOCK ? -EAGAIN : -errno;
}
