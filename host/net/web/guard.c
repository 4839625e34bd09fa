/* guard.c - see guard.h. */
#include "guard.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <unistd.h>

#define HTTP_PORT 80

static bool is_any(const struct sockaddr *sa)
{
	uint8_t ip[16];
	static const uint8_t any4[16] = {[10] = 0xff, [11] = 0xff};

	if (sa->sa_family == AF_INET6)
		return !memcmp(&((const struct sockaddr_in6 *)sa)->sin6_addr,
			       &in6addr_any, 16);
	cis_addr_ip(sa, ip);
	return !memcmp(ip, any4, sizeof(ip));
}

void cis_guard_init(struct cis_guard *guard, const char *name,
		    const struct sockaddr *sa)
{
	memset(guard, 0, sizeof(*guard));
	guard->port = cis_addr_port_of(sa);
	guard->any_address = is_any(sa);
	snprintf(guard->name, sizeof(guard->name), "%s", name);
	if (guard->any_address &&
	    gethostname(guard->name, sizeof(guard->name) - 1))
		snprintf(guard->name, sizeof(guard->name), "localhost");
}

int cis_guard_make_token(struct cis_guard *guard)
{
	uint8_t bytes[(CIS_TOKEN_SIZE - 1) / 2];

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return -EIO;
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(guard->token + 2 * i, 3, "%02x", bytes[i]);
	return 0;
}

/* "host:port", "[::1]"; brackets are taken off. */
static bool split(const char *text, char host[CIS_HOST_SIZE], unsigned *port)
{
	const bool bracket = text[0] == '[';
	const char *from = text + bracket;
	const size_t len = strcspn(from, bracket ? "]" : ":");
	const char *rest = from + len;
	char *end;

	if (len == 0 || len >= CIS_HOST_SIZE || (bracket && *rest != ']'))
		return false;
	memcpy(host, from, len);
	host[len] = '\0';
	rest += bracket;
	*port = HTTP_PORT;
	if (*rest == '\0')
		return true;
	if (rest[0] != ':' || rest[1] < '0' || rest[1] > '9')
		return false;
	*port = (unsigned)strtoul(rest + 1, &end, 10);
	return *end == '\0' && end - rest <= 6;
}

static bool is_ip(const char *host)
{
	uint8_t ip[16];

	return inet_pton(AF_INET, host, ip) == 1 ||
	       inet_pton(AF_INET6, host, ip) == 1;
}

bool cis_guard_host(const struct cis_guard *guard, const char *text)
{
	static const char *const own[] = {"localhost", "127.0.0.1", "::1"};
	char host[CIS_HOST_SIZE];
	unsigned port;

	if (!text || !split(text, host, &port) || port != guard->port)
		return false;
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (!strcasecmp(host, own[i]))
			return true;
	return !strcasecmp(host, guard->name) ||
	       (guard->any_address && is_ip(host));
}

bool cis_guard_origin(const char *host, const char *origin)
{
	static const char scheme[] = "http://";

	return !strncasecmp(origin, scheme, sizeof(scheme) - 1) &&
	       !strcasecmp(origin + sizeof(scheme) - 1, host);
}

bool cis_guard_token(const struct cis_guard *guard, const char *token)
{
	unsigned differs = 0;

	if (!token || strlen(token) != CIS_TOKEN_SIZE - 1)
		return false;
	for (size_t i = 0; i < CIS_TOKEN_SIZE - 1; i++)
		differs |= (unsigned)(guard->token[i] ^ token[i]);
	return differs == 0;
}
