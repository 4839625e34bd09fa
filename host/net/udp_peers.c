/* udp_peers.c - see udp_peers.h. */
#include "udp_peers.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#define MAX_HASH 65536
#define N_WAY    4 /* askers of one hash that are remembered */

int cis_udp_peers_init(struct cis_udp_peers *t, unsigned max)
{
	t->max = max;
	t->n_hash = N_WAY;
	while (t->n_hash < 2 * max && t->n_hash < MAX_HASH)
		t->n_hash *= 2;
	t->bucket = calloc(t->n_hash, sizeof(struct cis_udp_peer *));
	t->asker = calloc(t->n_hash, sizeof(*t->asker));
	return t->bucket && t->asker ? 0 : -ENOMEM;
}

void cis_udp_peers_free(struct cis_udp_peers *t)
{
	free(t->bucket);
	free(t->asker);
}

/* FNV-1a. */
static uint32_t mix(uint32_t h, const void *data, size_t len)
{
	const uint8_t *p = data;

	for (size_t i = 0; i < len; i++)
		h = (h ^ p[i]) * 16777619;
	return h;
}

static uint32_t hash(const struct cis_udp_peers *t, const struct sockaddr *sa,
		     uint16_t idcode)
{
	uint16_t more[2] = {cis_addr_port_of(sa), idcode};
	uint8_t ip[16];
	uint32_t h;

	cis_addr_ip(sa, ip);
	h = mix(mix(2166136261, ip, sizeof(ip)), more, sizeof(more));
	return (h ^ h >> 16) & (t->n_hash - 1);
}

static void copy_addr(struct sockaddr_storage *to, const struct sockaddr *from)
{
	memset(to, 0, sizeof(*to));
	memcpy(to, from,
	       from->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6)
					   : sizeof(struct sockaddr_in));
}

static bool is_at(const struct sockaddr_storage *ss, const struct sockaddr *sa)
{
	return cis_addr_equal((const struct sockaddr *)ss, sa);
}

/* ---- peers and places ---- */

struct cis_udp_peer *cis_udp_peers_find(const struct cis_udp_peers *t,
					const struct sockaddr *sa)
{
	struct cis_udp_peer *p = t->bucket[hash(t, sa, 0)];

	while (p && !is_at(&p->addr, sa))
		p = p->next;
	return p;
}

void cis_udp_peers_heard(struct cis_udp_peers *t, struct cis_udp_peer *peer,
			 uint64_t now_ms)
{
	peer->refused = false;
	peer->turn = t->n_turn++;
	peer->heard_ms = now_ms;
}

static struct cis_udp_peer *obtain(struct cis_udp_peers *t,
				   const struct sockaddr *sa, uint64_t now_ms)
{
	struct cis_udp_peer **bucket = &t->bucket[hash(t, sa, 0)];
	struct cis_udp_peer *p = cis_udp_peers_find(t, sa);

	if (p || !(p = calloc(1, sizeof(*p))))
		return p;
	copy_addr(&p->addr, sa);
	cis_addr_format(sa, p->name);
	cis_udp_peers_heard(t, p, now_ms);
	p->next = *bucket;
	*bucket = p;
	return p;
}

static void drop_if_empty(struct cis_udp_peers *t, struct cis_udp_peer *peer)
{
	struct cis_udp_peer **p =
		&t->bucket[hash(t, (struct sockaddr *)&peer->addr, 0)];

	if (peer->places)
		return;
	while (*p != peer)
		p = &(*p)->next;
	*p = peer->next;
	free(peer);
}

struct cis_udp_place *cis_udp_place_new(struct cis_udp_peers *t,
					const struct sockaddr *sa,
					uint64_t now_ms)
{
	struct cis_udp_place *place = NULL;
	struct cis_udp_peer *peer;

	if (t->n == t->max || !(peer = obtain(t, sa, now_ms)))
		return NULL;
	place = calloc(1, sizeof(*place));
	if (!place) {
		drop_if_empty(t, peer);
		return NULL;
	}
	place->peer = peer;
	place->next = peer->places;
	place->link = &peer->places;
	if (place->next)
		place->next->link = &place->next;
	peer->places = place;
	t->n++;
	return place;
}

void cis_udp_place_free(struct cis_udp_peers *t, struct cis_udp_place *place)
{
	struct cis_udp_peer *peer = place->peer;

	*place->link = place->next;
	if (place->next)
		place->next->link = place->link;
	free(place);
	t->n--;
	drop_if_empty(t, peer);
}

/* ---- who gives way ---- */

static bool is_near(const struct cis_udp_peer *p, const struct sockaddr *sa)
{
	return cis_addr_same_host((const struct sockaddr *)&p->addr, sa);
}

/* Whether `a` gives way to the newcomer rather than `b`. */
static bool gives_way(const struct cis_udp_peer *a,
		      const struct cis_udp_peer *b,
		      const struct sockaddr *newcomer)
{
	bool a_near = is_near(a, newcomer), b_near = is_near(b, newcomer);

	if (a->refused != b->refused)
		return a->refused;
	if (a_near != b_near)
		return a_near;
	return a->turn < b->turn;
}

struct cis_udp_peer *cis_udp_peers_yield(const struct cis_udp_peers *t,
					 const struct sockaddr *newcomer,
					 uint64_t silent_ms, uint64_t now_ms)
{
	struct cis_udp_peer *best = NULL;

	for (unsigned i = 0; i < t->n_hash; i++)
		for (struct cis_udp_peer *p = t->bucket[i]; p; p = p->next)
			if (!is_at(&p->addr, newcomer) &&
			    (!best || gives_way(p, best, newcomer)))
				best = p;
	if (best && (best->refused || is_near(best, newcomer) ||
		     now_ms - best->heard_ms >= silent_ms))
		return best;
	return NULL;
}

/* ---- who asked ---- */

/* The way that has it, or else the one to be overwritten. */
static struct cis_udp_asker *way(const struct cis_udp_peers *t,
				 const struct sockaddr *sa, uint16_t idcode)
{
	uint32_t h = hash(t, sa, idcode);
	unsigned i = 0;

	while (i < N_WAY) {
		struct cis_udp_asker *a = &t->asker[(h + i) & (t->n_hash - 1)];

		if (!a->addr.ss_family ||
		    (a->idcode == idcode && is_at(&a->addr, sa)))
			return a;
		i++;
	}
	return &t->asker[(h + t->n_turn % N_WAY) & (t->n_hash - 1)];
}

void cis_udp_asked(struct cis_udp_peers *t, const struct sockaddr *sa,
		   uint16_t idcode, enum cis_c37_type cfg)
{
	struct cis_udp_asker *a = way(t, sa, idcode);

	copy_addr(&a->addr, sa);
	a->idcode = idcode;
	a->cfg = cfg;
}

enum cis_c37_type cis_udp_asked_for(const struct cis_udp_peers *t,
				    const struct sockaddr *sa, uint16_t idcode)
{
	const struct cis_udp_asker *a = way(t, sa, idcode);

	return a->addr.ss_family && a->idcode == idcode && is_at(&a->addr, sa)
		       ? a->cfg
		       : CIS_C37_DATA;
}
