/* quota.c - see quota.h. */
#include "quota.h"

void cis_quota_init(struct cis_quota *q, uint32_t per_s, uint32_t most,
		    uint64_t now_ms)
{
	*q = (struct cis_quota){.per_s = per_s,
				.most = most,
				.left_m = UINT64_C(1000) * most,
				.at_ms = now_ms};
}

uint32_t cis_quota_left(struct cis_quota *q, uint64_t now_ms)
{
	uint64_t most_m = UINT64_C(1000) * q->most;
	uint64_t rest_ms = now_ms > q->at_ms ? now_ms - q->at_ms : 0;

	/* Full again: a rest of years must not overflow. */
	if (q->per_s && rest_ms > (most_m - q->left_m) / q->per_s)
		q->left_m = most_m;
	else
		q->left_m += rest_ms * q->per_s;
	q->at_ms = now_ms;
	return (uint32_t)(q->left_m / 1000);
}

bool cis_quota_take(struct cis_quota *q, uint32_t n, uint64_t now_ms)
{
	if (cis_quota_left(q, now_ms) < n)
		return false;
	q->left_m -= UINT64_C(1000) * n;
	return true;
}
