/*
 * board.h - the feeds behind one endpoint: its own, or those of a switchboard.
 */
#ifndef HOST_NET_BOARD_H
#define HOST_NET_BOARD_H

#include "endpoint.h"

struct cis_board_feed {
	struct cis_feed *feed;
	uint32_t i; /* in the fleet: its port is so many after the first */
};

struct cis_board {
	uint32_t n, size;
	struct cis_board_feed *feed;
	struct cis_feed **by_idcode;
};

/* -ENOMEM. */
int cis_board_new(struct cis_board **out);
void cis_board_free(struct cis_board *board); /* NULL is allowed */

/* -EEXIST: there is one with this IDCODE; -ENOMEM. */
int cis_board_add(struct cis_board *board, struct cis_feed *feed, uint32_t i);

/* How many feeds an endpoint of `home` serves, and which the k-th is. */
uint32_t cis_board_count(const struct cis_feed *home);
struct cis_board_feed cis_board_at(struct cis_feed *home, uint32_t k);

/* The feed that a command with this IDCODE is for, the broadcast where there is
 * only one; NULL: none. */
struct cis_feed *cis_board_called(struct cis_feed *home, uint16_t idcode);

/* ---- ports=each ---- */

/* Whether there are so many ports. -EINVAL with a message. */
int cis_board_ports(struct cis_feed *home, const struct cis_addr *addr,
		    struct cis_diag *diag);

/* The address that feed `f` listens at. */
void cis_board_shift(const struct cis_addr *addr, struct cis_board_feed f,
		     struct sockaddr_storage *sa);

/* The sentence for a system error there. Returns the code. */
int cis_board_fail(struct cis_endpoint *ep, struct cis_board_feed f, int err,
		   struct cis_diag *diag);

/* -EMFILE: so many open files are not allowed, with the remedy. */
int cis_board_no_files(const struct cis_endpoint *ep, uint32_t n_port,
		       struct cis_diag *diag);

/* The endpoint's name: `first` is the address that the first feed has. */
void cis_board_name(struct cis_endpoint *ep, const char *scheme,
		    const struct sockaddr *first);

#endif
