/*
 * client.h - a C37.118 client: asks for the configuration, starts the data.
 *
 * tcp:HOST:PORT connects. udp:HOST:PORT waits there for frames sent unasked when
 * the address is one of this machine's and free; otherwise it sends commands to
 * the PMU at that address. All calls and call-backs on the loop's thread.
 */
#ifndef HOST_NET_CLIENT_H
#define HOST_NET_CLIENT_H

#include <uv.h>

#include "cisoid/c37.h"
#include "cisoid/diag.h"

struct cis_client;

enum cis_client_state {
	CIS_CLIENT_CONNECTING,
	CIS_CLIENT_CONFIG,    /* connected; configuration asked for */
	CIS_CLIENT_STREAMING, /* data on */
	CIS_CLIENT_CLOSED,    /* by the peer or by an error: see message */
};

struct cis_client_ops {
	/* Every frame as it arrived, before anything else is called. */
	void (*frame)(void *arg, const uint8_t *frame, size_t len, bool crc_ok,
		      struct cis_time arrival);
	/* A new configuration; borrowed until the next one. */
	void (*config)(void *arg, const struct cis_c37_config *cfg);
	/* A data frame with a good CRC; borrowed during the call. */
	void (*data)(void *arg, const struct cis_c37_config *cfg,
		     const struct cis_c37_data *data);
	void (*state)(void *arg, enum cis_client_state state,
		      const char *message);
};

struct cis_client_config {
	uv_loop_t *loop;
	const char *spec;
	uint16_t idcode;     /* 0: commands go to 1, streams of all are taken */
	uint64_t timeout_ms; /* for a connection or an answer; 0: 5 s, and 65 s
				for a configuration that comes unasked */
	const struct cis_client_ops *ops; /* borrowed */
	void *arg;
};

int cis_client_new(const struct cis_client_config *cc, struct cis_client **out,
		   struct cis_diag *diag);

/* What is connected to or listened on, "udp:127.0.0.1:4713". */
const char *cis_client_endpoint(const struct cis_client *client);

/* Data frames that came before the configuration, or did not fit it. */
uint64_t cis_client_unread(const struct cis_client *client);

/* Data off, close; freed by the loop. */
void cis_client_close(struct cis_client *client);

#endif
