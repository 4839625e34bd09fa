/*
 * talk.h - the client's inside: what client.c (life), client_tcp.c and
 * client_udp.c (sockets), talk.c (the conversation), talk_ask.c (what is asked
 * for) and talk_streams.c (what is known of each IDCODE) tell each other.
 */
#ifndef HOST_NET_TALK_H
#define HOST_NET_TALK_H

#include <stdbool.h>

#include "client.h"
#include "client_spec.h"

#define CIS_CLIENT_MAX_SERIES \
	(4 * CIS_C37_MAX_FRAME) /* bytes of a CFG-3 in fragments */

/* One IDCODE. */
struct cis_talk_stream {
	uint16_t idcode;
	enum cis_c37_type kind; /* of its configuration */
	bool given;             /* it did not come from the peer */
	uint16_t stat;          /* of the last data frame */
	uint64_t heard_ms;
	struct sockaddr_storage from; /* family 0: not by UDP, or not yet */
	struct cis_c37_config *cfg;
	struct cis_c37_config *coming; /* valid once STAT bit 10 falls */
	struct cis_c37_data *data;
	size_t cfg_len;
	uint8_t *cfg_frame;
};

/* For a configuration. */
struct cis_talk_asking {
	enum cis_c37_command command; /* the one that is asked with */
	unsigned n;                   /* since the last configuration */
	uint64_t started_ms;          /* when the first of them was */
	uint64_t asked_ms;            /* when the last of them was */
};

struct cis_client {
	uv_loop_t *loop;
	const struct cis_client_ops *ops;
	void *arg;
	struct cis_client_spec spec;
	char endpoint[CIS_ADDR_SIZE + 8];
	uint16_t idcode;
	uint16_t ask; /* who is asked where no IDCODE is given */
	enum cis_client_cfg wish;
	bool several;        /* streams of every IDCODE are taken */
	uint64_t timeout_ms; /* for an answer */
	uint64_t pushed_ms;  /* for a configuration that comes unasked */
	uint64_t retry_ms;
	enum cis_client_state state;
	bool commands; /* the peer is asked; else frames come unasked */
	bool closing;
	struct cis_client_counts counts;

	/* ---- sockets ---- */
	unsigned n_handle; /* that the loop has not closed yet */
	bool tcp_open, udp_open;
	bool tcp_busy; /* not closed by the loop yet */
	unsigned next_addr;
	struct sockaddr_storage peer; /* family 0: anybody, or not yet */
	uv_timer_t timer;
	uv_connect_t connect;
	uv_tcp_t tcp;
	uv_udp_t udp;

	/* ---- a peer that is lost ---- */
	bool has_data;    /* since the last connection */
	uint64_t lost_ms; /* when it was; 0: it is not */
	uint64_t backoff_ms;

	/* ---- strangers ---- */
	struct sockaddr_storage stranger; /* the last that was told */
	unsigned n_told;

	/* ---- the conversation ---- */
	struct cis_talk_asking asking;
	uint64_t heard_ms;   /* when data last came */
	struct cis_diag why; /* the last configuration was not read */
	bool told_full, told_unfit, told_other;
	unsigned n_stream;
	size_t cfg_bytes;
	struct cis_talk_stream *stream[CIS_CLIENT_MAX_STREAM];
	struct cis_c37_splitter splitter;
	struct cis_c37_join join;
	uint16_t join_idcode;
	uint8_t split_buf[CIS_C37_MAX_FRAME];
	uint8_t join_buf[CIS_CLIENT_MAX_SERIES];
	uint8_t rx[CIS_C37_MAX_FRAME + 1];
};

/* ---- client.c ---- */

/* The peer is lost: over, or to be dialled again. Tells `state`; when it is
 * over, the memory stays until cis_client_close(). */
__attribute__((format(printf, 2, 3))) void
cis_client_fail(struct cis_client *client, const char *fmt, ...);
void cis_client_set_state(struct cis_client *client,
			  enum cis_client_state state, const char *message);
void cis_client_name(struct cis_client *client, const char *scheme,
		     const struct sockaddr *sa);
/* Lost bytes are noticed by a time-out. */
void cis_client_send(struct cis_client *client, const uint8_t *buf, size_t len);
/* Neither closed nor about to be. */
bool cis_client_alive(const struct cis_client *client);
/* Of a handle of the client's. */
void cis_client_handle_closed(uv_handle_t *handle);

/* ---- client_tcp.c ---- */

/* Tries the addresses in turn, then talks. */
void cis_client_dial(struct cis_client *client);
void cis_client_tcp_close(struct cis_client *client);

/* ---- client_udp.c ---- */

int cis_client_udp_open(struct cis_client *client, struct cis_diag *diag);
void cis_client_udp_close(struct cis_client *client);
void cis_client_udp_send(struct cis_client *client, const uint8_t *buf,
			 size_t len);
/* Counts a datagram of `who`, and tells it if that is new. */
void cis_client_stranger(struct cis_client *client, const struct sockaddr *who,
			 const char *why);

/* ---- talk.c ---- */

/* Connected: data off, configuration asked for. */
void cis_talk_start(struct cis_client *client);
void cis_talk_bytes(struct cis_client *client, const uint8_t *data, size_t len);
void cis_talk_datagram(struct cis_client *client, const uint8_t *data,
		       size_t len, const struct sockaddr *from);

/* ---- talk_ask.c ---- */

struct cis_time cis_talk_now(void);
void cis_talk_command(struct cis_client *client, enum cis_c37_command command);

/* Which configuration is asked for, as is wished and as it went before; CFG-2
 * from now on, where that will do. */
void cis_talk_choose(struct cis_client *client);
void cis_talk_fall_back(struct cis_client *client);

/* Once; or until it comes, or the time-out is over. */
void cis_talk_ask(struct cis_client *client);
void cis_talk_ask_in_turn(struct cis_client *client);

/* One that comes unasked is waited for. */
void cis_talk_wait_ms(struct cis_client *client, uint64_t ms);

/* Over UDP the command to start may be lost; over TCP it cannot. While data do
 * not come it is repeated. */
void cis_talk_prod(struct cis_client *client);

/* ---- talk_streams.c ---- */

struct cis_talk_stream *cis_talk_find(const struct cis_client *client,
				      uint16_t idcode);

/*
 * Takes a configuration frame, new or known. Returns its stream; or NULL when
 * it is not one of ours, cannot be read (`client->why`), or there is no room.
 * *changed: there is a new one, which may be to come.
 */
struct cis_talk_stream *cis_talk_take_config(struct cis_client *client,
					     const uint8_t *frame, size_t len,
					     bool *changed);
/* Puts the configuration that was to come in force. */
int cis_talk_switch(struct cis_talk_stream *s);
void cis_talk_free_streams(struct cis_client *client);

#endif
