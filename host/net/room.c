/* room.c - see room.h. */
#include "room.h"

#include <errno.h>
#include <stdlib.h>

int cis_feed_room_new(uv_loop_t *loop, struct cis_feed_room **out)
{
	struct cis_feed_room *room = calloc(1, sizeof(*room));

	if (!room)
		return -ENOMEM;
	cis_teller_init(&room->teller, uv_now(loop));
	*out = cis_feed_room_hold(room);
	return 0;
}

struct cis_feed_room *cis_feed_room_hold(struct cis_feed_room *room)
{
	room->n_user++;
	return room;
}

uint64_t cis_feed_room_id(struct cis_feed_room *room)
{
	return ++room->last_id;
}

struct cis_away *cis_feed_room_away(struct cis_feed_room *room)
{
	struct cis_away *away = calloc(1, sizeof(*away));

	if (!away)
		return NULL;
	away->next = room->away;
	room->away = away;
	return away;
}

void cis_feed_room_free(struct cis_feed_room *room)
{
	struct cis_away *next;

	if (!room || --room->n_user > 0)
		return;
	for (struct cis_away *a = room->away; a; a = next) {
		next = a->next;
		free(a);
	}
	if (room->gone)
		room->gone(room->arg);
	free(room);
}

void cis_feed_room_when_gone(struct cis_feed_room *room,
			     void (*gone)(void *arg), void *arg)
{
	room->gone = gone;
	room->arg = arg;
}
