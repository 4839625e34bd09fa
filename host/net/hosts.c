/* hosts.c - see hosts.h. */
#include "hosts.h"

#include <string.h>

#include "addr.h"

#define HOST_PER_S 16
#define HOST_MOST  256
#define ALL_PER_S  512
#define ALL_MOST   2048
#define PMU_PER_S  1
#define PMU_MOST   8

void cis_hosts_init(struct cis_hosts *h, uint32_t n_pmu, uint64_t now_ms)
{
	h->n = 0;
	h->more = n_pmu - 1;
	cis_quota_init(&h->all, ALL_PER_S + PMU_PER_S * h->more,
		       ALL_MOST + PMU_MOST * h->more, now_ms);
}

/* The one that was silent longest gives way. */
static struct cis_host *oldest(struct cis_hosts *h)
{
	unsigned i = 0;

	for (unsigned k = 1; k < h->n; k++)
		if (h->host[k].quota.at_ms < h->host[i].quota.at_ms)
			i = k;
	return &h->host[i];
}

static struct cis_host *find(struct cis_hosts *h, const uint8_t ip[16],
			     uint64_t now_ms)
{
	struct cis_host *host;

	for (unsigned i = 0; i < h->n; i++)
		if (!memcmp(h->host[i].ip, ip, 16))
			return &h->host[i];
	host = h->n < CIS_MAX_HOST ? &h->host[h->n++] : oldest(h);
	memcpy(host->ip, ip, 16);
	cis_quota_init(&host->quota, HOST_PER_S + PMU_PER_S * h->more,
		       HOST_MOST + PMU_MOST * h->more, now_ms);
	return host;
}

bool cis_hosts_take(struct cis_hosts *h, const struct sockaddr *from,
		    bool known, uint64_t now_ms)
{
	uint8_t ip[16];

	cis_addr_ip(from, ip);
	return cis_quota_take(&find(h, ip, now_ms)->quota, 1, now_ms) &&
	       (known || cis_quota_take(&h->all, 1, now_ms));
}
