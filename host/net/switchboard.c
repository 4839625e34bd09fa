/*
 * switchboard.c - see switchboard.h.
 *
 * Its listeners are endpoints of a feed without data, the lobby: there clients
 * wait until they have named a PMU, and then are guests of that one's feed.
 */
#include "switchboard.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "board.h"
#include "cisoid/log.h"
#include "descriptors.h"

struct cis_switchboard {
	struct cis_feed *lobby;
	struct cis_board *board; /* the lobby's */
	bool pushes;             /* feeds have endpoints of their own */
	unsigned n_name;
	char *name[CIS_MAX_ENDPOINT];
};

int cis_switchboard_new(const struct cis_feed_config *fc,
			struct cis_switchboard **out, struct cis_diag *diag)
{
	struct cis_switchboard *sb = calloc(1, sizeof(*sb));
	struct cis_feed_config empty = *fc;
	int err = sb ? cis_board_new(&sb->board) : -ENOMEM;

	empty.cfg = NULL;
	empty.lend = NULL;
	if (!err)
		err = cis_feed_new(&empty, &sb->lobby, NULL);
	if (err) {
		if (sb)
			cis_board_free(sb->board);
		free(sb);
		return cis_fail(diag, err, "out of memory");
	}
	sb->lobby->board = sb->board;
	*out = sb;
	return 0;
}

/* What sockets and datagrams must hold. */
static void widen(struct cis_feed *lobby, const struct cis_feed *feed)
{
	if (feed->frame_max > lobby->frame_max)
		lobby->frame_max = feed->frame_max;
	if (feed->ring.n_slot * feed->ring.frame_size >
	    lobby->ring.n_slot * lobby->ring.frame_size) {
		lobby->ring.n_slot = feed->ring.n_slot;
		lobby->ring.frame_size = feed->ring.frame_size;
	}
}

int cis_switchboard_add(struct cis_switchboard *sb, struct cis_feed *feed,
			uint32_t i, struct cis_diag *diag)
{
	int err = cis_board_add(sb->board, feed, i);

	assert(feed->room == sb->lobby->room);
	if (err == -EEXIST)
		return cis_fail(diag, err,
				"IDCODE %u belongs to two PMUs, which cannot "
				"have one port",
				(unsigned)feed->idcode);
	if (err)
		return cis_fail(diag, err, "out of memory");
	widen(sb->lobby, feed);
	return 0;
}

/* ---- endpoints ---- */

/* That of the lobby's last endpoint, or of the pushes to `addr`. */
static int note_name(struct cis_switchboard *sb, enum cis_feed_role role,
		     const struct cis_addr *addr, struct cis_diag *diag)
{
	const struct cis_feed *of =
		role == CIS_FEED_LISTEN ? sb->lobby : sb->board->feed[0].feed;
	const char *name = of->endpoint[of->n_endpoint - 1]->name;
	char *text = malloc(strlen(name) + 16);

	if (!text)
		return cis_fail(diag, -ENOMEM, "out of memory");
	strcpy(text, name);
	if (role == CIS_FEED_STREAM && addr->each_port && sb->board->n > 1)
		sprintf(text + strlen(text), "-%u", (unsigned)addr->port);
	sb->name[sb->n_name++] = text;
	return 0;
}

static void tell_descriptors(const char *spec, unsigned may, unsigned wanted)
{
	if (may < wanted)
		cis_log(CIS_LOG_WARN,
			"%s: only %u of %u connections can be made: this "
			"process may not open more files; raise the hard limit "
			"(ulimit -Hn, or LimitNOFILE= of its service)",
			spec, may, wanted);
}

/* A connection for each. */
static int push(struct cis_switchboard *sb, const char *spec,
		struct cis_addr *addr, struct cis_diag *diag)
{
	uint16_t port = addr->port;
	struct cis_away *away;
	int err = addr->kind == CIS_ADDR_TCP
			  ? cis_board_ports(sb->lobby, addr, diag)
			  : cis_fail(diag, -EINVAL,
				     "%.120s: not sent to by a switchboard",
				     spec);

	if (!err)
		err = cis_addr_resolve(addr, diag);
	if (err)
		return err;
	away = cis_feed_room_away(sb->lobby->room);
	if (!away)
		return cis_fail(diag, -ENOMEM, "out of memory");
	addr->words &= ~(unsigned)CIS_WORD_PORTS;
	sb->pushes = true;
	tell_descriptors(spec, cis_descriptors_reserve(sb->board->n),
			 sb->board->n);
	for (uint32_t k = 0; k < sb->board->n && !err; k++) {
		struct cis_board_feed f = sb->board->feed[k];
		unsigned shift = addr->each_port ? f.i : 0;

		for (unsigned a = 0; a < addr->n; a++)
			cis_addr_set_port((struct sockaddr *)&addr->ss[a],
					  (uint16_t)(port + shift));
		addr->port = (uint16_t)(port + shift);
		f.feed->away = away;
		err = cis_endpoint_add(f.feed, &cis_tcp_push_ops, addr, diag);
		f.feed->away = NULL;
	}
	return err;
}

int cis_switchboard_open(struct cis_switchboard *sb, enum cis_feed_role role,
			 const char *spec, struct cis_diag *diag)
{
	struct cis_addr addr;
	int err = cis_addr_parse(spec, &addr, diag);

	if (err)
		return err;
	if (sb->n_name == CIS_MAX_ENDPOINT || sb->board->n == 0)
		return cis_fail(diag, -EINVAL, "%.120s: %s", spec,
				sb->board->n ? "too many endpoints"
					     : "there is no PMU");
	if (role == CIS_FEED_LISTEN)
		err = cis_feed_add(sb->lobby, role, spec, diag);
	else
		err = push(sb, spec, &addr, diag);
	if (!err)
		err = note_name(sb, role, &addr, diag);
	return err;
}

const char *cis_switchboard_endpoint(const struct cis_switchboard *sb,
				     unsigned k)
{
	return k < sb->n_name ? sb->name[k] : NULL;
}

bool cis_switchboard_has_datagrams(const struct cis_switchboard *sb)
{
	for (unsigned i = 0; i < sb->lobby->n_endpoint; i++)
		if (cis_endpoint_is_udp(sb->lobby->endpoint[i]))
			return true;
	return false;
}

/* ---- all together ---- */

static void add_stats(struct cis_feed_stats *sum,
		      const struct cis_feed_stats *one)
{
	sum->frames += one->frames;
	sum->sent += one->sent;
	sum->dropped += one->dropped;
	sum->refused += one->refused;
	sum->bad += one->bad;
	sum->denied += one->denied;
	sum->clients_ever += one->clients_ever;
	sum->clients += one->clients;
	sum->clients_running += one->clients_running;
	if (!sum->err)
		sum->err = one->err;
}

void cis_switchboard_stats(const struct cis_switchboard *sb,
			   struct cis_feed_stats *stats)
{
	*stats = sb->lobby->stats;
	for (uint32_t k = 0; k < sb->board->n; k++)
		add_stats(stats, &sb->board->feed[k].feed->stats);
}

/* ---- watch.h ---- */

void cis_switchboard_set_watch(struct cis_switchboard *sb,
			       const struct cis_feed_watch *watch)
{
	for (uint32_t k = 0; k < sb->board->n; k++)
		cis_feed_set_watch(sb->board->feed[k].feed, watch);
}

void cis_switchboard_clients(const struct cis_switchboard *sb,
			     void (*each)(void *arg,
					  const struct cis_client_info *info),
			     void *arg)
{
	cis_feed_clients(sb->lobby, each, arg);
	for (uint32_t k = 0; k < sb->board->n && sb->pushes; k++)
		cis_feed_clients(sb->board->feed[k].feed, each, arg);
}

int cis_switchboard_kick(struct cis_switchboard *sb, uint64_t id)
{
	int err = cis_feed_kick(sb->lobby, id);

	for (uint32_t k = 0; k < sb->board->n && err == -ENOENT; k++)
		err = cis_feed_kick(sb->board->feed[k].feed, id);
	return err;
}

/* ---- the end ---- */

void cis_switchboard_close(struct cis_switchboard *sb)
{
	if (!sb)
		return;
	cis_feed_close(sb->lobby);
	for (unsigned k = 0; k < sb->n_name; k++)
		free(sb->name[k]);
	free(sb);
}
