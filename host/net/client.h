/*
 * client.h - a C37.118 client: asks for the configuration, starts the data.
 *
 * tcp:HOST:PORT connects; with ,data=udp:[HOST:]PORT the data come by UDP to
 * that local port. udp:HOST:PORT waits there for frames sent unasked when the
 * address is one of this machine's and free, or a multicast group (,if=NAME or
 * an address: where to join); otherwise it sends commands to the PMU at that
 * address. All calls and call-backs on the loop's thread.
 */
#ifndef HOST_NET_CLIENT_H
#define HOST_NET_CLIENT_H

#include <uv.h>

#include "cisoid/c37.h"
#include "cisoid/diag.h"

/* What a client remembers of streams on one port, whoever sends. */
#define CIS_CLIENT_MAX_STREAM 256
#define CIS_CLIENT_MAX_CFG    (1u << 20) /* bytes of their configurations */

struct cis_client;

enum cis_client_state {
	CIS_CLIENT_CONNECTING, /* or waiting to, after a loss: see message */
	CIS_CLIENT_CONFIG,     /* connected; configuration asked for */
	CIS_CLIENT_STREAMING,  /* data on */
	CIS_CLIENT_CLOSED,     /* by the peer or by an error: see message */
};

/* Which configuration frame is asked for. */
enum cis_client_cfg {
	CIS_CLIENT_CFG_ANY, /* 3, and 2 from who does not answer; the first
			       that comes holds */
	CIS_CLIENT_CFG_2 = 2,
	CIS_CLIENT_CFG_3 = 3, /* the other kind is ignored */
};

/* Any of them may be NULL. */
struct cis_client_ops {
	/* Every frame as it arrived, before anything else is called. */
	void (*frame)(void *arg, const uint8_t *frame, size_t len, bool crc_ok,
		      struct cis_time arrival);
	/* A new configuration; borrowed until the next one of its IDCODE. */
	void (*config)(void *arg, const struct cis_c37_config *cfg);
	/* A data frame with a good CRC; borrowed during the call. */
	void (*data)(void *arg, const struct cis_c37_config *cfg,
		     const struct cis_c37_data *data);
	void (*state)(void *arg, enum cis_client_state state,
		      const char *message);
	/* A command went out. */
	void (*sent)(void *arg, enum cis_c37_command command);
};

struct cis_client_config {
	uv_loop_t *loop;
	const char *spec;
	uint16_t idcode;     /* 0: commands go to `ask`, streams of all are
				taken */
	uint16_t ask;        /* 0: 1 */
	uint64_t timeout_ms; /* for a connection or an answer; 0: 5 s, and 65 s
				for a configuration that comes unasked */
	const struct cis_client_ops *ops; /* borrowed */
	void *arg;
	enum cis_client_cfg cfg;
	/* Once data have come, a peer that is lost is dialled again, 1 s later
	 * and less and less often, for so long. 0: never. */
	uint64_t retry_ms;
	/* Without an IDCODE, every stream that comes is taken, each with its own
	 * configuration. Else the first one, and the others are counted. */
	bool all_streams;
};

struct cis_client_counts {
	uint64_t unread;    /* data without a configuration, or unlike it */
	uint64_t wrong_len; /* of these: of another length than it says */
	uint64_t other;     /* frames of streams that are not taken */
	uint64_t strangers; /* datagrams from a host that was not expected */
	uint64_t truncated; /* datagrams that end before a frame of theirs */
	uint64_t skipped;   /* bytes that belong to no frame */
	unsigned reconnects;
};

int cis_client_new(const struct cis_client_config *cc, struct cis_client **out,
		   struct cis_diag *diag);

/*
 * A configuration frame from elsewhere, to be called before the loop runs: it is
 * used, told by `config` once connected, and none is asked for. The call may be
 * repeated, for other streams. -EBADMSG with a message when it cannot be read,
 * -ENOENT when it is not of the IDCODE that is wanted, -EAGAIN when more fragments
 * of it are to come.
 */
int cis_client_give_config(struct cis_client *client, const uint8_t *frame,
			   size_t len, struct cis_diag *diag);

/* What is connected to or listened on, "udp:127.0.0.1:4713". */
const char *cis_client_endpoint(const struct cis_client *client);

/* Data frames that came before the configuration, or did not fit it. */
uint64_t cis_client_unread(const struct cis_client *client);
void cis_client_counts(const struct cis_client *client,
		       struct cis_client_counts *counts);

/* Data off, close; freed by the loop. */
void cis_client_close(struct cis_client *client);

#endif
