/*
 * listen_watch.h - what listen tells while it happens: each kind of trouble
 * once, all of them in the counts.
 */
#ifndef HOST_CLI_LISTEN_WATCH_H
#define HOST_CLI_LISTEN_WATCH_H

#include <stdbool.h>

#include "cisoid/c37.h"
#include "listen_stats.h"

struct cis_listen_watch {
	bool idcode, crc, stray, jump, far; /* told */
	bool lost;                          /* the connection; no data since */
	struct cis_time heard;              /* when the last data came */
};

/* A configuration of `idcode` where `asked` (0: any) was asked for. */
void cis_listen_watch_idcode(struct cis_listen_watch *w, uint16_t asked,
			     uint16_t idcode);

/* A frame whose check word is wrong. */
void cis_listen_watch_crc(struct cis_listen_watch *w, const uint8_t *frame,
			  size_t len);

/* A data frame; `was` is the sums before it was counted. */
struct cis_listen_news {
	uint16_t idcode;
	struct cis_instant at;
	struct cis_time arrival;
	struct cis_listen_sums was, is;
};

void cis_listen_watch_data(struct cis_listen_watch *w,
			   const struct cis_listen_news *news);

#endif
