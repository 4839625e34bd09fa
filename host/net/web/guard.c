/* guard.c - see guard.h. */
#include "guard.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <unistd.h>

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

static bool is_loopback_ip(const uint8_t ip[16])
{
	static const uint8_t four[12] = {[10] = 0xff, [11] = 0xff};
	static const uint8_t six[16] = {[15] = 1};

	return !memcmp(ip, six, sizeof(six)) ||
	       (!memcmp(ip, four, sizeof(four)) && ip[12] == 127);
}

/* An address as text; IPv4 as ::ffff:a.b.c.d. */
static bool read_ip(const char *host, uint8_t ip[16])
{
	memset(ip, 0, 10);
	memset(ip + 10, 0xff, 2);
	return inet_pton(AF_INET, host, ip + 12) == 1 ||
	       inet_pton(AF_INET6, host, ip) == 1;
}

static bool is_loopback(const char *host)
{
	uint8_t ip[16];

	return !strcasecmp(host, "localhost") ||
	       (read_ip(host, ip) && is_loopback_ip(ip));
}

static int make_token(struct cis_guard *guard)
{
	uint8_t bytes[(CIS_TOKEN_SIZE - 1) / 2];

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return -EIO;
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(guard->token + 2 * i, 3, "%02x", bytes[i]);
	return 0;
}

int cis_guard_init(struct cis_guard *guard, const char *name,
		   const struct sockaddr *sa, const char *const *names,
		   unsigned n_name)
{
	memset(guard, 0, sizeof(*guard));
	guard->port = cis_addr_port_of(sa);
	cis_addr_ip(sa, guard->ip);
	guard->any_address = is_any(sa);
	guard->loopback = is_loopback_ip(guard->ip);
	guard->names = names;
	guard->n_name = n_name;
	snprintf(guard->name, sizeof(guard->name), "%s", name);
	if (guard->any_address &&
	    gethostname(guard->name, sizeof(guard->name) - 1))
		snprintf(guard->name, sizeof(guard->name), "localhost");
	if (guard->loopback && n_name == 0 && is_loopback(guard->name))
		return 0;
	return make_token(guard);
}

/* "host:port", "[::1]"; brackets are taken off. */
static bool split(const char *text, char host[CIS_HOST_SIZE])
{
	const bool bracket = text[0] == '[';
	const char *from = text + bracket;
	const size_t len = strcspn(from, bracket ? "]" : ":");
	const char *rest = from + len;
	size_t n_digit;

	if (len == 0 || len >= CIS_HOST_SIZE)
		return false;
	if (bracket && (*rest != ']' || !memchr(from, ':', len)))
		return false;
	memcpy(host, from, len);
	host[len] = '\0';
	rest += bracket;
	if (*rest == '\0')
		return true;
	n_digit = strspn(rest + 1, "0123456789");
	return *rest == ':' && n_digit > 0 && n_digit <= 5 &&
	       rest[1 + n_digit] == '\0';
}

static bool is_named(const struct cis_guard *guard, const char *host)
{
	if (!strcasecmp(host, guard->name))
		return true;
	for (unsigned i = 0; i < guard->n_name; i++)
		if (!strcasecmp(host, guard->names[i]))
			return true;
	return false;
}

bool cis_guard_host(const struct cis_guard *guard, const char *text)
{
	char host[CIS_HOST_SIZE];
	uint8_t ip[16];

	if (!text || !split(text, host))
		return false;
	if (is_loopback(host) || is_named(guard, host))
		return true;
	return read_ip(host, ip) &&
	       (guard->any_address || !memcmp(ip, guard->ip, sizeof(ip)));
}

bool cis_guard_origin(const char *host, const char *origin)
{
	static const char *const schemes[] = {"http://", "https://"};

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		const size_t n = strlen(schemes[i]);

		if (!strncasecmp(origin, schemes[i], n))
			return !strcasecmp(origin + n, host);
	}
	return false;
}

bool cis_guard_free(const struct cis_guard *guard, const char *text)
{
	char host[CIS_HOST_SIZE];

	return guard->loopback && text && split(text, host) &&
	       is_loopback(host);
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
