/*
 * fuzz_web.c - any bytes as what a browser says of itself, a line each: Host,
 * Origin, token, Last-Event-ID. What is let in is looked at once more, in other
 * words.
 */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "fuzz.h"
#include "host/net/web/backlog.h"
#include "host/net/web/guard.h"

#define N_LINE  4
#define N_EVENT 9

static const char *const names[] = {"pmu.lab"};

static struct cis_guard guard_at(uint32_t ip)
{
	const struct sockaddr_in sin = {.sin_family = AF_INET,
					.sin_port = htons(8118),
					.sin_addr.s_addr = htonl(ip)};
	struct cis_guard guard;

	if (cis_guard_init(&guard, "bench.lab", (const struct sockaddr *)&sin,
			   names, 1))
		abort();
	return guard;
}

/* A name is let in as one of three, with no more than a port behind it; an
 * address has no other letters than these. */
static void check_host(const struct cis_guard *guard, const char *host)
{
	const char *const ours[] = {"localhost", guard->name, names[0]};
	const bool is_let_in = cis_guard_host(guard, host);
	bool known = host[strspn(host, "0123456789abcdefABCDEF.:[]")] == '\0';

	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
		const size_t n = strlen(ours[i]);

		known |= !strncasecmp(host, ours[i], n) &&
			 host[n + strspn(host + n, ":0123456789")] == '\0';
	}
	if ((is_let_in && !known) ||
	    (cis_guard_free(guard, host) && !is_let_in))
		abort();
	if (cis_guard_free(guard, host) && !guard->loopback)
		abort();
}

static void check_origin(const char *host, const char *origin)
{
	const size_t n = strlen(host), all = strlen(origin);

	if (!cis_guard_origin(host, origin))
		return;
	if (all < n || strcasecmp(origin + all - n, host) != 0 ||
	    strncasecmp(origin, "http", 4) != 0)
		abort();
}

static void check_id(const struct cis_backlog *backlog, const char *id)
{
	char same[CIS_BACKLOG_ID_SIZE];
	uint64_t next = 0;

	if (!cis_backlog_after(backlog, id, &next))
		return;
	cis_backlog_id(backlog, next - 1, same);
	if (next == 0 || next > cis_backlog_end(backlog) ||
	    strncmp(same, id, strlen("00000007-")) != 0 ||
	    strtoull(strchr(id, '-') + 1, NULL, 10) != next - 1)
		abort();
}

/* Of its own length each, for the address sanitizer. */
static void split(const uint8_t *data, size_t size, char *lines[N_LINE])
{
	for (unsigned i = 0; i < N_LINE; i++) {
		const uint8_t *end = size ? memchr(data, '\n', size) : NULL;
		const size_t n = end ? (size_t)(end - data) : size;

		lines[i] = malloc(n + 1);
		if (!lines[i])
			abort();
		if (n > 0)
			memcpy(lines[i], data, n);
		lines[i][n] = '\0';
		data += end ? n + 1 : n;
		size -= end ? n + 1 : n;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint32_t ips[] = {INADDR_LOOPBACK, INADDR_ANY, 0x0a010203};
	struct cis_backlog *backlog = cis_backlog_new(1024, 4, 7);
	char *lines[N_LINE];

	if (!backlog)
		abort();
	split(data, size, lines);
	for (size_t i = 0; i < sizeof(ips) / sizeof(ips[0]); i++) {
		const struct cis_guard guard = guard_at(ips[i]);

		check_host(&guard, lines[0]);
		if (cis_guard_token(&guard, lines[2]) !=
		    !strcmp(guard.token, lines[2]))
			abort();
	}
	check_origin(lines[0], lines[1]);
	for (unsigned i = 0; i < N_EVENT; i++)
		if (cis_backlog_put(backlog, "x", lines[3],
				    strnlen(lines[3], 200), i))
			abort();
	check_id(backlog, lines[3]);
	cis_backlog_free(backlog);
	for (unsigned i = 0; i < N_LINE; i++)
		free(lines[i]);
	return 0;
}
