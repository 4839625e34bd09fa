/*
 * watch.h - who is served, and what is said to them: for a person who looks on.
 *
 * Nothing is allocated or formatted for it while frames flow, and a feed that
 * nobody watches pays one comparison for each frame.
 *
 * To kick a client closes its connection, or takes its data away where it has
 * none. It is no ban: it may come back at once, as another client with another
 * id; `allow=` of the endpoint keeps people out.
 */
#ifndef HOST_NET_WATCH_H
#define HOST_NET_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cis_feed;
struct cis_switchboard;

/*
 * Each may be NULL. Called after a frame was handed to its receivers; frames are
 * whole and good until the call returns, and it must not call the feed. `peer` is
 * the address of a cis_client_info.
 */
struct cis_feed_watch {
	/* A data frame was made, whoever gets it. */
	void (*data)(void *arg, const uint8_t *frame, size_t len);
	/* A configuration or header went out, asked for or not. */
	void (*sent)(void *arg, const char *peer, const uint8_t *frame,
		     size_t len);
	/* A command came with a right CRC and for one of our streams. */
	void (*command)(void *arg, const char *peer, const uint8_t *frame,
			size_t len);
	void *arg;
};

/* Whoever gets frames, or could ask for them. */
struct cis_client_info {
	uint64_t id; /* never 0, and never another's */
	/* HOST:PORT of the other end, or a file's name: any bytes, of which what
	 * is too long is cut off. */
	char address[64];
	uint16_t idcode;       /* of the stream that it has; 0: none, or many */
	const char *transport; /* "TCP", "UDP", "TCP+UDP", "FILE" */
	bool on;               /* gets data */
	bool unasked;          /* we send to it, whatever it says */
	uint64_t frames, bytes; /* of data that a socket or the file took */
	uint64_t dropped;       /* data frames that it did not get */
	uint64_t bad; /* commands with a wrong CRC, bytes out of place */
	/* "STREAMING", "CONNECTED": has no data on, "CONNECTING", "CLOSED": a
	 * file that could not grow. */
	const char *state;
};

/* `watch` is borrowed until another one is set or the feed is closed; NULL:
 * nobody watches. */
void cis_feed_set_watch(struct cis_feed *feed,
			const struct cis_feed_watch *watch);

/* Its CFG-2 as it would go out now: its length. `frame` stays good until the next
 * call of any feed of its room. */
size_t cis_feed_config_frame(struct cis_feed *feed, const uint8_t **frame);

/* Those of its endpoints, in no order; each() must not call the feed. */
void cis_feed_clients(const struct cis_feed *feed,
		      void (*each)(void *arg,
				   const struct cis_client_info *info),
		      void *arg);

/* -ENOENT: there is no such client, or it has gone; -EOPNOTSUPP: a UDP address
 * or a file that is sent to unasked. A server that is sent to by TCP is
 * disconnected, and tried again as when it is lost. */
int cis_feed_kick(struct cis_feed *feed, uint64_t id);

/* The same for all feeds of a switchboard, and those who have named none yet. A
 * client of many PMUs at one UDP port is one. */
void cis_switchboard_set_watch(struct cis_switchboard *sb,
			       const struct cis_feed_watch *watch);
void cis_switchboard_clients(const struct cis_switchboard *sb,
			     void (*each)(void *arg,
					  const struct cis_client_info *info),
			     void *arg);
int cis_switchboard_kick(struct cis_switchboard *sb, uint64_t id);

/* What is counted is zeros; STREAMING or CONNECTED. */
struct cis_client_info cis_client_of(uint64_t id, const char *address,
				     const char *transport, bool on);

#endif
