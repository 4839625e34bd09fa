/*
 * quota.h - so much a second, and some more at once: what strangers may cost.
 *
 * Pure: the caller tells the time, in ms from any instant.
 */
#ifndef HOST_NET_QUOTA_H
#define HOST_NET_QUOTA_H

#include <stdbool.h>
#include <stdint.h>

struct cis_quota {
	uint32_t per_s;
	uint32_t most;   /* at once, after a rest */
	uint64_t left_m; /* thousandths */
	uint64_t at_ms;
};

/* Full. */
void cis_quota_init(struct cis_quota *q, uint32_t per_s, uint32_t most,
		    uint64_t now_ms);

uint32_t cis_quota_left(struct cis_quota *q, uint64_t now_ms);

/* False when less than n is left; then nothing is taken. */
bool cis_quota_take(struct cis_quota *q, uint32_t n, uint64_t now_ms);

#endif
