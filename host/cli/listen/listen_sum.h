/*
 * listen_sum.h - what a session of listen comes to: sentences at its end, and
 * one JSON object.
 */
#ifndef HOST_CLI_LISTEN_SUM_H
#define HOST_CLI_LISTEN_SUM_H

#include <stdio.h>

#include "listen_stats.h"

struct cis_listen_sum {
	const char *endpoint;
	const struct cis_listen_stats *stats;
	struct cis_client_counts counts;
	struct cis_time_quality clock; /* of this computer */
};

/* On standard error, as information. */
void cis_listen_sum_log(const struct cis_listen_sum *sum);

int cis_listen_sum_json(const struct cis_listen_sum *sum, FILE *f);

#endif
