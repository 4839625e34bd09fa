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
	uint16_t port;
	bool any_address;           /* bound to all: any IP is ours */
	char token[CIS_TOKEN_SIZE]; /* empty: none is asked for */
};

/* Of the address that it is bound to. */
void cis_guard_init(struct cis_guard *guard, const char *name,
		    const struct sockaddr *sa);

/* Beyond loopback: makes the token. */
int cis_guard_make_token(struct cis_guard *guard);

/* Whether the Host of a request is ours. */
bool cis_guard_host(const struct cis_guard *guard, const char *host);

/* Whether a page of this Origin is the one that `host` serves. */
bool cis_guard_origin(const char *host, const char *origin);

/* In a time that tells nothing. NULL is no token. */
bool cis_guard_token(const struct cis_guard *guard, const char *token);

#endif
