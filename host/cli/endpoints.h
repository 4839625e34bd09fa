/*
 * endpoints.h - the addresses of a stream, as --stream and --listen give them,
 * and the name by which it is known.
 */
#ifndef HOST_CLI_ENDPOINTS_H
#define HOST_CLI_ENDPOINTS_H

#include <stdbool.h>
#include <stdint.h>

#include "cli.h"
#include "connection.h"
#include "host/net/feed.h"

struct cis_endpoints {
	const struct cis_command *cmd; /* for messages */
	const char *const *stream;     /* unasked: udp:HOST:PORT, pcap:FILE */
	uint32_t n_stream;
	const char *const *listen; /* on command: tcp:, udp: */
	uint32_t n_listen;
};

/*
 * Adds them to the feed and says on standard error where it can be reached.
 * Without any: TCP on 127.0.0.1:4712, or the next free port and a warning.
 * Returns an exit status; what went wrong was told.
 */
int cis_endpoints_add(struct cis_feed *feed, const struct cis_endpoints *ep);

/* TCP on 127.0.0.1:4712, or the next free port and a warning, for who listens
 * there. Returns what `listen` does, but not -EADDRINUSE at the first. */
int cis_endpoints_default(int (*listen)(void *arg, const char *spec,
					struct cis_diag *diag),
			  void *arg, struct cis_diag *diag);

/* Writes c->path, unless it is NULL; an exit status, what went wrong was told. */
int cis_endpoints_describe(const struct cis_command *cmd, struct cis_feed *feed,
			   const struct cis_connection *c);

/* A warning where the rate is below one frame a second. */
void cis_endpoints_warn_rate(struct cis_rate rate);

#define CIS_STATION_SIZE 256

/*
 * The station's name; where the data are not measured (`sim`) it says SIM within
 * its 16 characters: "CISOID" becomes "CISOID-SIM", a long one is cut.
 */
void cis_station_name(const char *name, bool sim, char out[CIS_STATION_SIZE]);

#endif
