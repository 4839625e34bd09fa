/*
 * connection.h - a stream described for PMU Connection Tester: its .PmuConnection
 * file, a SOAP envelope with one ConnectionSettings.
 */
#ifndef HOST_CLI_CONNECTION_H
#define HOST_CLI_CONNECTION_H

#include <stdbool.h>
#include <stdint.h>

#include "cisoid/diag.h"
#include "cisoid/time.h"

struct cis_connection {
	const char *path;
	bool force; /* it may exist */
	uint16_t idcode;
	uint8_t version;  /* SYNC's nibble */
	uint32_t n_sends; /* of the endpoints, the first: unasked */
	struct cis_rate rate;
};

/* Only PMU Connection Tester reads it: -EINVAL unless --for says pmuct. */
int cis_connection_allowed(const char *path, const char *receiver,
			   struct cis_diag *diag);

/* The endpoints of a stream: number i as it really is, "tcp:127.0.0.1:4712";
 * NULL past the last. */
struct cis_connection_ends {
	const char *(*name)(void *arg, unsigned i);
	void *arg;
};

/* Describes the first of the endpoints that listens; where none does, the first
 * to which is sent. -EINVAL where there is none by network, or the file's own
 * error; with a message. */
int cis_connection_write(const struct cis_connection *c,
			 const struct cis_connection_ends *ends,
			 struct cis_diag *diag);

#endif
