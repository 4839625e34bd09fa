/*
 * teller.h - log lines that strangers cause: some at once, then a few a second.
 *
 * The rest is counted, and the number comes with the next line that is written.
 */
#ifndef HOST_NET_TELLER_H
#define HOST_NET_TELLER_H

#include "cisoid/log.h"
#include "quota.h"

struct cis_teller {
	struct cis_quota quota;
	uint64_t untold;
};

void cis_teller_init(struct cis_teller *t, uint64_t now_ms);

/* As cis_log(). */
__attribute__((format(printf, 4, 5))) void cis_tell(struct cis_teller *t,
						    uint64_t now_ms,
						    enum cis_log_level level,
						    const char *fmt, ...);

#endif
