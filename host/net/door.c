/* door.c - see door.h. */
#include "door.h"

#include <string.h>

static bool was_told(const struct cis_door *door, const uint8_t ip[16])
{
	for (unsigned i = 0; i < door->n_told; i++)
		if (!memcmp(door->told[i], ip, 16))
			return true;
	return false;
}

static void tell(struct cis_door *door, const struct cis_endpoint *ep,
		 const struct sockaddr *from)
{
	char name[CIS_ADDR_SIZE];
	uint8_t ip[16];

	cis_addr_ip(from, ip);
	if (door->n_told == CIS_DOOR_TOLD || was_told(door, ip))
		return;
	memcpy(door->told[door->n_told++], ip, sizeof(ip));
	cis_tell(&ep->feed->room->teller, uv_now(ep->feed->loop), CIS_LOG_WARN,
		 "not on the allow-list: peer=%s endpoint=%s%s",
		 cis_addr_format(from, name), ep->name,
		 door->n_told == CIS_DOOR_TOLD ? "; others are no longer told"
					       : "");
}

bool cis_door_opens(struct cis_door *door, struct cis_endpoint *ep,
		    const struct sockaddr *from)
{
	if (cis_addr_allows(&ep->addr, from))
		return true;
	ep->feed->stats.denied++;
	tell(door, ep, from);
	return false;
}
