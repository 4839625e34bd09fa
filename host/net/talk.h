/*
 * talk.h - the client's inside: what client.c (sockets) and talk.c (frames) tell
 * each other.
 */
#ifndef HOST_NET_TALK_H
#define HOST_NET_TALK_H

#include <stdbool.h>

#include "client.h"
#include "host/net/addr.h"

struct cis_client {
	uv_loop_t *loop;
	const struct cis_client_ops *ops;
	void *arg;
	struct cis_addr addr;
	char endpoint[CIS_ADDR_SIZE + 8];
	uint16_t idcode;
	uint64_t timeout_ms; /* for an answer */
	uint64_t pushed_ms;  /* for a configuration that comes unasked */
	enum cis_client_state state;
	bool commands; /* the peer is asked; else frames come unasked */
	bool closing;

	unsigned n_handle; /* that the loop has not closed yet */
	unsigned next_addr;
	uv_timer_t timer;
	uv_connect_t connect;
	union {
		uv_handle_t any;
		uv_stream_t stream;
		uv_tcp_t tcp;
		uv_udp_t udp;
	} sock;

	unsigned n_asked;  /* since the last configuration */
	uint64_t asked_ms; /* when it was last asked for */
	uint64_t heard_ms; /* when data last came */
	uint64_t n_unread;
	uint16_t stat;       /* of the last data frame */
	struct cis_diag why; /* the last configuration was not read */
	struct cis_c37_config *cfg;
	struct cis_c37_config *coming; /* valid once STAT bit 10 falls */
	struct cis_c37_data *data;
	size_t cfg_len;
	uint8_t cfg_frame[CIS_C37_MAX_FRAME];
	struct cis_c37_splitter splitter;
	uint8_t split_buf[CIS_C37_MAX_FRAME];
	uint8_t rx[CIS_C37_MAX_FRAME + 1];
};

/* ---- client.c ---- */

/* Over: tells `state`, keeps the memory until cis_client_close(). */
__attribute__((format(printf, 2, 3))) void
cis_client_fail(struct cis_client *client, const char *fmt, ...);
void cis_client_set_state(struct cis_client *client,
			  enum cis_client_state state);
/* Lost bytes are noticed by a time-out. */
void cis_client_send(struct cis_client *client, const uint8_t *buf, size_t len);

/* ---- talk.c ---- */

/* Connected: data off, configuration asked for. */
void cis_talk_start(struct cis_client *client);
void cis_talk_bytes(struct cis_client *client, const uint8_t *data, size_t len);
void cis_talk_datagram(struct cis_client *client, const uint8_t *data,
		       size_t len);
void cis_talk_command(struct cis_client *client, enum cis_c37_command command);

#endif
