/* addr.c - see addr.h. */
#include "addr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

static int take_scheme(const char *spec, struct cis_addr *addr,
		       const char **rest, struct cis_diag *diag)
{
	static const char *const schemes[] = {"tcp:", "udp:", "pcap:"};

	for (unsigned i = 0; i < 3; i++) {
		size_t len = strlen(schemes[i]);

		if (strncmp(spec, schemes[i], len) != 0)
			continue;
		addr->kind = (enum cis_addr_kind)i;
		*rest = spec + len;
		return 0;
	}
	return cis_fail(diag, -EINVAL,
			"%.120s: an endpoint is tcp:HOST:PORT, udp:HOST:PORT "
			"or pcap:FILE",
			spec);
}

/* "HOST" or "[V6]" up to its colon; *port is left behind it. */
static int take_host(const char *spec, const char *text,
		     char host[CIS_HOST_SIZE], const char **port,
		     struct cis_diag *diag)
{
	bool v6 = text[0] == '[';
	const char *end = strchr(text, v6 ? ']' : ':');
	bool tcp = spec[0] == 't';
	size_t len;

	text += v6;
	if (!end || (v6 && end[1] != ':'))
		return cis_fail(diag, -EINVAL,
				"%.120s: no port; write %s:%s:%u", spec,
				tcp ? "tcp" : "udp", v6 ? "[ADDRESS]" : "HOST",
				tcp ? 4712 : 4713);
	len = (size_t)(end - text);
	if (len == 0)
		return cis_fail(diag, -EINVAL,
				"%.120s: no host; 0.0.0.0 means every "
				"interface, 127.0.0.1 this machine alone",
				spec);
	if (len >= CIS_HOST_SIZE)
		return cis_fail(diag, -EINVAL, "%.60s...: host name too long",
				spec);
	memcpy(host, text, len);
	host[len] = '\0';
	*port = end + (v6 ? 2 : 1);
	if (!v6 && strcspn(*port, ":") < strcspn(*port, ","))
		return cis_fail(diag, -EINVAL,
				"%.120s: an IPv6 address stands in brackets, "
				"tcp:[::1]:4712",
				spec);
	return 0;
}

int cis_addr_port(const char *spec, const char *text, uint16_t *port,
		  struct cis_diag *diag)
{
	size_t len = strcspn(text, ",");
	unsigned v = 0;

	if (len == 0 || strspn(text, "0123456789") != len)
		return cis_fail(diag, -EINVAL,
				"%.120s: port \"%.*s\" is not a number", spec,
				(int)(len < 40 ? len : 40), text);
	for (size_t i = 0; i < len && v <= 65535; i++)
		v = v * 10 + (unsigned)(text[i] - '0');
	if (v > 65535)
		return cis_fail(diag, -EINVAL,
				"%.120s: port %.40s is over 65535", spec, text);
	*port = (uint16_t)v;
	return 0;
}

int cis_addr_host_port(const char *spec, char host[CIS_HOST_SIZE],
		       uint16_t *port, struct cis_diag *diag)
{
	const char *text = "";
	int err = take_host(spec, strchr(spec, ':') + 1, host, &text, diag);

	return err ? err : cis_addr_port(spec, text, port, diag);
}

static int take_words(const char *spec, const char *text, struct cis_addr *addr,
		      struct cis_diag *diag)
{
	const char *comma = strchr(text, ',');
	struct cis_diag why = {""};

	if (!comma)
		return 0;
	if (!comma[1])
		cis_fail(&why, -EINVAL, "nothing follows the comma");
	else if (!cis_addr_words(comma + 1, addr, &why))
		return 0;
	return cis_fail(diag, -EINVAL, "%.120s: %.300s", spec, why.msg);
}

int cis_addr_parse(const char *spec, struct cis_addr *addr,
		   struct cis_diag *diag)
{
	struct cis_addr a = {.ttl = 1};
	const char *rest = spec;
	int err = take_scheme(spec, &a, &rest, diag);

	if (err)
		return err;
	if (a.kind == CIS_ADDR_PCAP) {
		if (!*rest)
			return cis_fail(diag, -EINVAL,
					"%s: no file name; write pcap:FILE",
					spec);
		a.path = rest;
		*addr = a;
		return 0;
	}
	err = cis_addr_host_port(spec, a.host, &a.port, diag);
	if (!err)
		err = take_words(spec, rest, &a, diag);
	if (!err)
		*addr = a;
	return err;
}

/* IPv4 first: a receiver on "localhost" nearly always means 127.0.0.1. */
static unsigned keep(struct sockaddr_storage *ss, unsigned n,
		     const struct addrinfo *list, int family)
{
	for (; list && n < CIS_MAX_ADDR; list = list->ai_next)
		if (list->ai_family == family)
			memcpy(&ss[n++], list->ai_addr, list->ai_addrlen);
	return n;
}

/* How many addresses there are in ss[CIS_MAX_ADDR]. */
static int resolve(const char *host, uint16_t port, int socktype,
		   struct sockaddr_storage *ss, struct cis_diag *diag)
{
	struct addrinfo *list;
	struct addrinfo hints = {.ai_flags = AI_NUMERICSERV,
				 .ai_socktype = socktype};
	char digits[8];
	unsigned n;
	int err;

	snprintf(digits, sizeof(digits), "%u", (unsigned)port);
	err = getaddrinfo(host, digits, &hints, &list);
	if (err)
		return cis_fail(diag, -EADDRNOTAVAIL,
				"no address for \"%.120s\": %s", host,
				gai_strerror(err));
	n = keep(ss, 0, list, AF_INET);
	n = keep(ss, n, list, AF_INET6);
	freeaddrinfo(list);
	if (!n)
		return cis_fail(diag, -EADDRNOTAVAIL,
				"no IP address for \"%.120s\"", host);
	return (int)n;
}

int cis_addr_resolve(struct cis_addr *addr, struct cis_diag *diag)
{
	struct sockaddr_storage data[CIS_MAX_ADDR] = {{.ss_family = AF_UNSPEC}};
	int n = 0;

	if (addr->data_host[0])
		n = resolve(addr->data_host, addr->data_port, SOCK_DGRAM, data,
			    diag);
	if (n < 0)
		return n;
	addr->data_ss = data[0];
	n = resolve(addr->host, addr->port,
		    addr->kind == CIS_ADDR_TCP ? SOCK_STREAM : SOCK_DGRAM,
		    addr->ss, diag);
	if (n < 0)
		return n;
	addr->n = (unsigned)n;
	return 0;
}

static void read_in(const struct sockaddr *sa, struct sockaddr_in *in)
{
	memcpy(in, sa, sizeof(*in));
}

static void read_in6(const struct sockaddr *sa, struct sockaddr_in6 *in6)
{
	memcpy(in6, sa, sizeof(*in6));
}

const char *cis_addr_format(const struct sockaddr *sa, char buf[CIS_ADDR_SIZE])
{
	char host[INET6_ADDRSTRLEN] = "?";
	struct sockaddr_in6 in6;
	struct sockaddr_in in;

	if (sa->sa_family == AF_INET6) {
		read_in6(sa, &in6);
		inet_ntop(AF_INET6, &in6.sin6_addr, host, sizeof(host));
		snprintf(buf, CIS_ADDR_SIZE, "[%s]:%u", host,
			 (unsigned)ntohs(in6.sin6_port));
		return buf;
	}
	read_in(sa, &in);
	inet_ntop(AF_INET, &in.sin_addr, host, sizeof(host));
	snprintf(buf, CIS_ADDR_SIZE, "%s:%u", host,
		 (unsigned)ntohs(in.sin_port));
	return buf;
}

bool cis_addr_same_host(const struct sockaddr *a, const struct sockaddr *b)
{
	struct sockaddr_in6 x6, y6;
	struct sockaddr_in x, y;

	if (a->sa_family != b->sa_family)
		return false;
	if (a->sa_family == AF_INET6) {
		read_in6(a, &x6);
		read_in6(b, &y6);
		return x6.sin6_scope_id == y6.sin6_scope_id &&
		       !memcmp(&x6.sin6_addr, &y6.sin6_addr,
			       sizeof(x6.sin6_addr));
	}
	read_in(a, &x);
	read_in(b, &y);
	return x.sin_addr.s_addr == y.sin_addr.s_addr;
}

uint16_t cis_addr_port_of(const struct sockaddr *sa)
{
	struct sockaddr_in6 in6;
	struct sockaddr_in in;

	if (sa->sa_family == AF_INET6) {
		read_in6(sa, &in6);
		return ntohs(in6.sin6_port);
	}
	read_in(sa, &in);
	return ntohs(in.sin_port);
}

void cis_addr_set_port(struct sockaddr *sa, uint16_t port)
{
	struct sockaddr_in6 in6;
	struct sockaddr_in in;

	if (sa->sa_family == AF_INET6) {
		read_in6(sa, &in6);
		in6.sin6_port = htons(port);
		memcpy(sa, &in6, sizeof(in6));
	} else {
		read_in(sa, &in);
		in.sin_port = htons(port);
		memcpy(sa, &in, sizeof(in));
	}
}

bool cis_addr_equal(const struct sockaddr *a, const struct sockaddr *b)
{
	return cis_addr_same_host(a, b) &&
	       cis_addr_port_of(a) == cis_addr_port_of(b);
}

bool cis_addr_is_multicast(const struct sockaddr *sa)
{
	struct sockaddr_in6 in6;
	struct sockaddr_in in;

	if (sa->sa_family == AF_INET6) {
		read_in6(sa, &in6);
		return IN6_IS_ADDR_MULTICAST(&in6.sin6_addr);
	}
	read_in(sa, &in);
	return ntohl(in.sin_addr.s_addr) >> 28 == 0xE;
}
