/* addr_words.c - what may follow HOST:PORT: ",key=value..."; see addr.h. */
#include "addr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "host/core/opt.h"

#define MAX_TTL    255
#define MAX_CLIENT 65535
#define N_WORD     6

static const char *const words[] = {"ttl",     "if",    "data",
				    "clients", "allow", "ports"};
static const char *const tcp_words[] = {"data", "clients", "allow", "ports",
					NULL};
static const char *const udp_words[] = {"ttl",   "if",    "clients",
					"allow", "ports", NULL};

/* A word's value as a string, or NULL when it is not there. -EINVAL when it is
 * empty or too long for `buf`. */
static int take_text(const char *opts, const char *key, char *buf, size_t size,
		     struct cis_diag *diag)
{
	size_t len = 0;
	const char *text = cis_opt_text(opts, key, &len);

	buf[0] = '\0';
	if (!text)
		return 0;
	if (len == 0)
		return cis_fail(diag, -EINVAL, "%s: no value", key);
	if (len >= size)
		return cis_fail(diag, -EINVAL, "%s: more than %zu characters",
				key, size - 1);
	memcpy(buf, text, len);
	buf[len] = '\0';
	return 1;
}

static int take_number(const char *opts, const char *key,
		       const unsigned range[2], unsigned *value,
		       struct cis_diag *diag)
{
	char text[16];
	int given = take_text(opts, key, text, sizeof(text), diag);
	size_t len = strlen(text);
	unsigned long v;

	if (given <= 0)
		return given;
	v = strtoul(text, NULL, 10);
	if (strspn(text, "0123456789") != len || len > 9 || v < range[0] ||
	    v > range[1])
		return cis_fail(diag, -EINVAL,
				"%s: %s is not a number from %u to %u", key,
				text, range[0], range[1]);
	*value = (unsigned)v;
	return 1;
}

/* ---- allow=ADDR/BITS+ADDR/BITS ---- */

static void map_ipv4(uint8_t ip[16], const void *v4)
{
	memset(ip, 0, 10);
	ip[10] = ip[11] = 0xFF;
	memcpy(ip + 12, v4, 4);
}

static int take_bits(const char *text, unsigned most, unsigned *bits)
{
	size_t len = strlen(text);
	unsigned long v = strtoul(text, NULL, 10);

	if (len == 0 || len > 3 || strspn(text, "0123456789") != len ||
	    v > most)
		return -EINVAL;
	*bits = (unsigned)v;
	return 0;
}

static int take_subnet(char *text, struct cis_subnet *net,
		       struct cis_diag *diag)
{
	char *slash = strchr(text, '/');
	struct in_addr v4;
	unsigned most, first = 0;

	if (slash)
		*slash = '\0';
	if (inet_pton(AF_INET, text, &v4) == 1) {
		map_ipv4(net->ip, &v4);
		first = 96;
	} else if (inet_pton(AF_INET6, text, net->ip) != 1) {
		return cis_fail(diag, -EINVAL,
				"allow: \"%.60s\" is not an address; write "
				"192.0.2.7 or 192.0.2.0/24, several with +",
				text);
	}
	most = 128 - first;
	net->bits = most;
	if (slash && take_bits(slash + 1, most, &net->bits))
		return cis_fail(diag, -EINVAL,
				"allow: \"%.60s/%.20s\": the bits are a number "
				"from 0 to %u",
				text, slash + 1, most);
	net->bits += first;
	return 0;
}

static int take_allow(const char *opts, struct cis_addr *addr,
		      struct cis_diag *diag)
{
	char text[CIS_MAX_ALLOW * 50], *rest = text, *item;
	int err = take_text(opts, "allow", text, sizeof(text), diag);

	if (err <= 0)
		return err;
	err = 0;
	while (!err && (item = rest)) {
		rest = strchr(item, '+');
		if (rest)
			*rest++ = '\0';
		if (addr->n_allow == CIS_MAX_ALLOW)
			return cis_fail(diag, -EINVAL,
					"allow: more than %d addresses",
					CIS_MAX_ALLOW);
		err = take_subnet(item, &addr->allow[addr->n_allow++], diag);
	}
	return err ? err : 1;
}

static bool in_subnet(const struct cis_subnet *net, const uint8_t ip[16])
{
	unsigned bytes = net->bits / 8, bits = net->bits % 8;

	if (memcmp(net->ip, ip, bytes) != 0)
		return false;
	return !bits || (net->ip[bytes] ^ ip[bytes]) >> (8 - bits) == 0;
}

void cis_addr_ip(const struct sockaddr *sa, uint8_t ip[16])
{
	struct sockaddr_in6 in6;
	struct sockaddr_in in;

	if (sa->sa_family == AF_INET6) {
		memcpy(&in6, sa, sizeof(in6));
		memcpy(ip, &in6.sin6_addr, 16);
	} else {
		memcpy(&in, sa, sizeof(in));
		map_ipv4(ip, &in.sin_addr);
	}
}

bool cis_addr_allows(const struct cis_addr *addr, const struct sockaddr *sa)
{
	uint8_t ip[16];

	cis_addr_ip(sa, ip);
	for (unsigned i = 0; i < addr->n_allow; i++)
		if (in_subnet(&addr->allow[i], ip))
			return true;
	return addr->n_allow == 0;
}

/* ---- data=udp:[HOST:]PORT ---- */

static int take_data(const char *opts, struct cis_addr *addr,
		     struct cis_diag *diag)
{
	char text[CIS_HOST_SIZE + 16];
	int given = take_text(opts, "data", text, sizeof(text), diag);

	if (given <= 0)
		return given;
	if (strncmp(text, "udp:", 4) != 0)
		return cis_fail(diag, -EINVAL,
				"data: \"%.60s\" is neither udp:PORT nor "
				"udp:HOST:PORT",
				text);
	if (strchr(text + 4, ':')) {
		given = cis_addr_host_port(text, addr->data_host,
					   &addr->data_port, diag);
		return given ? given : 1;
	}
	given = cis_addr_port(text, text + 4, &addr->data_port, diag);
	return given ? given : 1;
}

/* ---- ports=each, ports=shared ---- */

static int take_ports(const char *opts, struct cis_addr *addr,
		      struct cis_diag *diag)
{
	char text[16];
	int given = take_text(opts, "ports", text, sizeof(text), diag);

	if (given <= 0)
		return given;
	addr->each_port = !strcmp(text, "each");
	if (!addr->each_port && strcmp(text, "shared") != 0)
		return cis_fail(diag, -EINVAL,
				"ports: \"%s\" is neither each nor shared",
				text);
	return 1;
}

/* ---- all ---- */

int cis_addr_words(const char *opts, struct cis_addr *addr,
		   struct cis_diag *diag)
{
	static const unsigned ttl[] = {0, MAX_TTL}, clients[] = {1, MAX_CLIENT};
	bool tcp = addr->kind == CIS_ADDR_TCP;
	int given[N_WORD] = {0};

	if (cis_opt_check(opts, tcp ? tcp_words : udp_words, diag))
		return -EINVAL;
	given[0] = take_number(opts, "ttl", ttl, &addr->ttl, diag);
	given[1] = take_text(opts, "if", addr->interface,
			     sizeof(addr->interface), diag);
	given[2] = take_data(opts, addr, diag);
	given[3] = take_number(opts, "clients", clients, &addr->clients, diag);
	given[4] = take_allow(opts, addr, diag);
	given[5] = take_ports(opts, addr, diag);
	for (unsigned i = 0; i < N_WORD; i++) {
		if (given[i] < 0)
			return given[i];
		addr->words |= given[i] ? 1u << i : 0;
	}
	return 0;
}

int cis_addr_only(const struct cis_addr *addr, unsigned allowed,
		  struct cis_diag *diag)
{
	unsigned i = 0;

	while (i < N_WORD && !(addr->words & ~allowed & 1u << i))
		i++;
	if (i == N_WORD)
		return 0;
	return cis_fail(diag, -EINVAL,
			"%s:%.120s:%u: \"%s\" means nothing here%s",
			addr->kind == CIS_ADDR_TCP ? "tcp" : "udp", addr->host,
			(unsigned)addr->port, words[i],
			i < 2    ? "; it belongs to multicast"
			: i == 5 ? "; it is for many PMUs"
				 : "");
}

/* ---- lists ---- */

static bool is_word(const char *item)
{
	size_t len = strspn(item, "abcdefghijklmnopqrstuvwxyz_");

	return len > 0 && item[len] == '=';
}

char *cis_addr_next(char **list)
{
	static const char blanks[] = ", \t";
	char *item = *list + strspn(*list, blanks);
	char *end = item + strcspn(item, blanks);

	if (!*item)
		return NULL;
	for (;;) {
		char *next = end + strspn(end, blanks);
		size_t len;

		if (!is_word(next) || !strncmp(item, "pcap:", 5))
			break;
		len = strcspn(next, blanks);
		*end++ = ',';
		memmove(end, next, len);
		end += len;
		/* What was between them is blank now. */
		memset(end, ' ', (size_t)(next + len - end));
	}
	if (*end)
		*end++ = '\0';
	*list = end;
	return item;
}
