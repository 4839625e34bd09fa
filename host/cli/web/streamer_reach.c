/*
 * streamer_reach.c - where an endpoint of the page leads; see
 * streamer_request.h.
 *
 * What was looked at is what is used: a name becomes its address before it is
 * judged, and nobody asks for it again.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "host/net/addr.h"
#include "streamer_request.h"

/* ---- networks ---- */

/* Loopback, private, link-local and multicast; what is said to 0.0.0.0 and ::
 * stays here. */
static bool is_near(const struct sockaddr *sa)
{
	static const struct cis_addr near = {
		.n_allow = 13,
		.allow = {
			{{[10] = 255, [11] = 255, [12] = 127}, 96 + 8},
			{{[10] = 255, [11] = 255, [12] = 10}, 96 + 8},
			{{[10] = 255, [11] = 255, [12] = 172, [13] = 16},
			 96 + 12},
			{{[10] = 255, [11] = 255, [12] = 192, [13] = 168},
			 96 + 16},
			{{[10] = 255, [11] = 255, [12] = 169, [13] = 254},
			 96 + 16},
			{{[10] = 255, [11] = 255, [12] = 224}, 96 + 4},
			{{[10] = 255, [11] = 255, 255, 255, 255, 255}, 128},
			{{[10] = 255, [11] = 255}, 128},
			{{[15] = 1}, 128},
			{{0}, 128},
			{{0xFC}, 7},
			{{0xFE, 0x80}, 10},
			{{0xFF}, 8},
		}};

	return cis_addr_allows(&near, sa);
}

static int refuse_far(const struct sockaddr *sa, struct cis_diag *diag)
{
	char buf[CIS_ADDR_SIZE];

	return cis_fail(diag, -EINVAL,
			"%s is neither of this machine nor of a private, a "
			"link-local or a multicast network; allow_public: true "
			"sends there none the less",
			cis_addr_format(sa, buf));
}

/* ---- names ---- */

static bool is_numeric(const char *host)
{
	char bare[CIS_HOST_SIZE];
	unsigned char ip[16];

	snprintf(bare, sizeof(bare), "%.*s", (int)strcspn(host, "%"), host);
	return inet_pton(AF_INET, bare, ip) == 1 ||
	       inet_pton(AF_INET6, bare, ip) == 1;
}

/* The endpoint with the address that was found, and its words. */
static int rewrite(const struct cis_addr *addr, const char *said,
		   char spec[CIS_STREAMER_SPEC_SIZE], struct cis_diag *diag)
{
	const char *comma = strchr(said, ',');
	char buf[CIS_ADDR_SIZE];
	int len = snprintf(
		spec, CIS_STREAMER_SPEC_SIZE, "%.4s%s%s", said,
		cis_addr_format((const struct sockaddr *)&addr->ss[0], buf),
		comma ? comma : "");

	if (len < CIS_STREAMER_SPEC_SIZE)
		return 0;
	return cis_fail(diag, -EINVAL, "%.60s...: too long", said);
}

static int copy(const char *said, char spec[CIS_STREAMER_SPEC_SIZE],
		struct cis_diag *diag)
{
	size_t len = strlen(said);

	if (len >= CIS_STREAMER_SPEC_SIZE)
		return cis_fail(diag, -EINVAL, "%.60s...: too long", said);
	memcpy(spec, said, len + 1);
	return 0;
}

/* Whether the host is an address now, or may be looked up. */
static int settle(const struct cis_streamer_reach *how, struct cis_addr *addr,
		  struct cis_diag *diag)
{
	if (is_numeric(addr->host))
		return 0;
	if (!strcmp(addr->host, "localhost"))
		strcpy(addr->host, "127.0.0.1");
	else if (how->names == CIS_NAMES_REFUSED)
		return cis_fail(diag, -EINVAL,
				"%.120s: a name, which is not looked up while "
				"samples are measured; give the address",
				addr->host);
	return 0;
}

static int check_data_host(const struct cis_addr *addr, struct cis_diag *diag)
{
	if (!addr->data_host[0] || is_numeric(addr->data_host))
		return 0;
	return cis_fail(diag, -EINVAL,
			"data: \"%.60s\" is a name; give the address here",
			addr->data_host);
}

static int look(const struct cis_streamer_reach *how, struct cis_addr *addr,
		struct cis_diag *diag)
{
	int err = check_data_host(addr, diag);

	if (!err)
		err = cis_addr_resolve(addr, diag);
	if (err || how->allow_public)
		return err;
	if (!how->listens && !is_near((struct sockaddr *)&addr->ss[0]))
		return refuse_far((struct sockaddr *)&addr->ss[0], diag);
	if (addr->data_host[0] && !is_near((struct sockaddr *)&addr->data_ss))
		return refuse_far((struct sockaddr *)&addr->data_ss, diag);
	return 0;
}

/* ---- the whole ---- */

static int check_words(const struct cis_streamer_reach *how,
		       const struct cis_addr *addr, struct cis_diag *diag)
{
	bool tcp = addr->kind == CIS_ADDR_TCP;
	unsigned words = CIS_WORD_PORTS;

	if (how->listens)
		words |= CIS_WORD_CLIENTS | CIS_WORD_ALLOW |
			 (tcp ? CIS_WORD_DATA : 0u);
	else if (!tcp)
		words |= CIS_WORD_TTL | CIS_WORD_IF;
	return cis_addr_only(addr, words, diag);
}

int cis_streamer_reach(const struct cis_streamer_reach *how, const char *said,
		       char spec[CIS_STREAMER_SPEC_SIZE], struct cis_diag *diag)
{
	struct cis_addr addr;
	bool same;
	int err = cis_addr_parse(said, &addr, diag);

	if (err)
		return err;
	if (addr.kind == CIS_ADDR_PCAP)
		return cis_fail(diag, -EINVAL,
				"the page writes no files; use the command "
				"line: cisoid simulate --stream pcap:FILE");
	err = check_words(how, &addr, diag);
	if (!err && !how->listens && addr.port == 0)
		err = cis_fail(diag, -EINVAL,
			       "%.120s: nothing can be sent to port 0", said);
	if (!err)
		err = copy(said, spec, diag);
	same = is_numeric(addr.host);
	if (!err)
		err = settle(how, &addr, diag);
	if (err || (how->names == CIS_NAMES_LATER && !is_numeric(addr.host)))
		return err;
	err = look(how, &addr, diag);
	return err || same ? err : rewrite(&addr, said, spec, diag);
}
