/*
 * delayed.h - frames that wait for their time, in memory made once.
 *
 * They leave in the order of their due times, and those of one time in the order
 * in which they came.
 */
#ifndef HOST_SIM_DELAYED_H
#define HOST_SIM_DELAYED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cisoid/diag.h"
#include "cisoid/time.h"

#define CIS_DELAYED_MAX_BYTES (256u << 20)

struct cis_delayed;

struct cis_delayed_config {
	double longest_s;    /* no frame waits longer */
	double frames_per_s; /* that come, doubled ones twice */
	uint32_t at_once;    /* of these, so many in one burst */
	size_t frame_max;    /* bytes */
};

struct cis_delayed_frame {
	struct cis_time due;
	uint32_t stream; /* of the fleet */
	size_t len;
	const uint8_t *frame;
};

/* -EINVAL with a message where more than CIS_DELAYED_MAX_BYTES are needed;
 * -ENOMEM. */
int cis_delayed_new(const struct cis_delayed_config *cfg,
		    struct cis_delayed **out, struct cis_diag *diag);
void cis_delayed_free(struct cis_delayed *d); /* NULL is allowed */

/* Copies the frame. -ENOBUFS when it is full, -EMSGSIZE. */
int cis_delayed_put(struct cis_delayed *d, const struct cis_delayed_frame *f);

/* The one that is due first, or NULL; borrowed until the next call. */
const struct cis_delayed_frame *cis_delayed_first(const struct cis_delayed *d);
/* Takes it away. */
void cis_delayed_pop(struct cis_delayed *d);

/* Whether it has the room that `cfg` asks for, full of others as it may be. */
bool cis_delayed_has_room(const struct cis_delayed *d,
			  const struct cis_delayed_config *cfg);

/* All that waits in `from` waits in `to`, if there is room for it; `from` is
 * empty. */
void cis_delayed_move(struct cis_delayed *from, struct cis_delayed *to);

uint32_t cis_delayed_count(const struct cis_delayed *d);

#endif
