/* board.c - see board.h. */
#include "board.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define N_IDCODE 65536
#define MAX_PORT 65535

int cis_board_new(struct cis_board **out)
{
	struct cis_board *board = calloc(1, sizeof(*board));

	if (board)
		board->by_idcode = calloc(N_IDCODE, sizeof(struct cis_feed *));
	if (!board || !board->by_idcode) {
		free(board);
		return -ENOMEM;
	}
	*out = board;
	return 0;
}

void cis_board_free(struct cis_board *board)
{
	if (!board)
		return;
	free(board->feed);
	free(board->by_idcode);
	free(board);
}

static int make_room(struct cis_board *board)
{
	uint32_t size = board->size ? 2 * board->size : 16;
	struct cis_board_feed *list;

	if (board->n < board->size)
		return 0;
	list = realloc(board->feed, size * sizeof(*list));
	if (!list)
		return -ENOMEM;
	board->feed = list;
	board->size = size;
	return 0;
}

int cis_board_add(struct cis_board *board, struct cis_feed *feed, uint32_t i)
{
	if (board->by_idcode[feed->idcode])
		return -EEXIST;
	if (make_room(board))
		return -ENOMEM;
	board->feed[board->n++] = (struct cis_board_feed){feed, i};
	board->by_idcode[feed->idcode] = feed;
	return 0;
}

uint32_t cis_board_count(const struct cis_feed *home)
{
	return home->board ? home->board->n : 1;
}

struct cis_board_feed cis_board_at(struct cis_feed *home, uint32_t k)
{
	return home->board ? home->board->feed[k]
			   : (struct cis_board_feed){home, 0};
}

struct cis_feed *cis_board_called(struct cis_feed *home, uint16_t idcode)
{
	struct cis_feed *feed = NULL;

	if (idcode == CIS_C37_BROADCAST)
		feed = cis_board_count(home) == 1 ? cis_board_at(home, 0).feed
						  : NULL;
	else if (home->board)
		feed = home->board->by_idcode[idcode];
	else if (idcode == home->idcode)
		feed = home;
	return feed && !feed->closing && !home->closing ? feed : NULL;
}

/* ---- ports ---- */

static const char *scheme_of(const struct cis_addr *addr)
{
	return addr->kind == CIS_ADDR_TCP ? "tcp" : "udp";
}

int cis_board_ports(struct cis_feed *home, const struct cis_addr *addr,
		    struct cis_diag *diag)
{
	struct cis_board_feed last =
		cis_board_at(home, cis_board_count(home) - 1);

	if (!addr->each_port)
		return 0;
	if (addr->port == 0)
		return cis_fail(diag, -EINVAL,
				"%s:%.120s:0: ports=each counts from a port; "
				"which one is the first?",
				scheme_of(addr), addr->host);
	if (addr->port + last.i <= MAX_PORT)
		return 0;
	return cis_fail(diag, -EINVAL,
			"%s:%.120s:%u: ports=each: the PMU with IDCODE %u "
			"would have port %llu of %d; the first port may be %d",
			scheme_of(addr), addr->host, (unsigned)addr->port,
			(unsigned)last.feed->idcode,
			(unsigned long long)addr->port + last.i, MAX_PORT,
			last.i < MAX_PORT ? MAX_PORT - (int)last.i : 0);
}

void cis_board_shift(const struct cis_addr *addr, struct cis_board_feed f,
		     struct sockaddr_storage *sa)
{
	*sa = addr->ss[0];
	if (addr->each_port)
		cis_addr_set_port((struct sockaddr *)sa,
				  (uint16_t)(addr->port + f.i));
}

int cis_board_fail(struct cis_endpoint *ep, struct cis_board_feed f, int err,
		   struct cis_diag *diag)
{
	struct sockaddr_storage sa;
	struct cis_diag why = {""};

	cis_board_shift(&ep->addr, f, &sa);
	err = cis_net_fail(&why, err, scheme_of(&ep->addr),
			   (struct sockaddr *)&sa);
	return ep->addr.each_port
		       ? cis_fail(diag, err, "%s (IDCODE %u of ports=each)",
				  why.msg, (unsigned)f.feed->idcode)
		       : cis_fail(diag, err, "%s", why.msg);
}

int cis_board_no_files(const struct cis_endpoint *ep, uint32_t n_port,
		       struct cis_diag *diag)
{
	return cis_fail(diag, -EMFILE,
			"%.120s: %u ports need more open files than this "
			"process may have; raise the hard limit (ulimit -Hn, "
			"or LimitNOFILE= of its service), or use ports=shared",
			ep->name, (unsigned)n_port);
}

void cis_board_name(struct cis_endpoint *ep, const char *scheme,
		    const struct sockaddr *first)
{
	uint32_t n = cis_board_count(ep->feed);
	size_t len;

	cis_endpoint_name(ep, scheme, first);
	len = strlen(ep->name);
	if (ep->addr.each_port && n > 1)
		snprintf(ep->name + len, sizeof(ep->name) - len, "-%u",
			 (unsigned)(ep->addr.port +
				    cis_board_at(ep->feed, n - 1).i));
}
