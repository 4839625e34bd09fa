/*
 * guard.h - who may ask: names of this server, origins of pages, the token.
 *
 * A page of somebody else's must neither read nor write here, though the
 * browser that shows it can reach us: Host tells whose name it used (DNS
 * rebinding), Origin whose page it is.
 */
#ifndef HOST_NET_WEB_GUARD_H
#define HOST_NET_WEB_GUARD_H

#include <stdbool.h>
#include <stdint.h>

#include "host/net/addr.h"

#define CIS_TOKEN_SIZE 33

struct cis_guard {
	char name[CIS_HOST_SIZE]; /* what it is bound to, or the machine's */
	uint8_t ip[16];           /* IPv4 as ::ffff:a.b.c.d */
	uint16_t port;
	bool any_address; /* bound to all: any IP is ours */
	bool loopback;    /* bound to that */
	const char *const *names;
	unsigned n_name;
	char token[CIS_TOKEN_SIZE]; /* empty: none is asked for */
};

/*
 * Of the address that it is bound to, and the names by which a proxy asks, which
 * are the caller's and stay. The token is made where one can be asked for; -EIO:
 * no random numbers.
 */
int cis_guard_init(struct cis_guard *guard, const char *name,
		   const struct sockaddr *sa, const char *const *names,
		   unsigned n_name);

/*
 * Whether the Host of a request is ours: a loopback name, what it is bound to,
 * or one of the names; at any port, which a tunnel or a proxy may choose.
 */
bool cis_guard_host(const struct cis_guard *guard, const char *host);

/* Whether a page of this Origin is the one that `host` serves. */
bool cis_guard_origin(const char *host, const char *origin);

/* Whether who asks for this Host needs no token: all is loopback. */
bool cis_guard_free(const struct cis_guard *guard, const char *host);

/* In a time that tells nothing. NULL is no token. */
bool cis_guard_token(const struct cis_guard *guard, const char *token);

#endif
