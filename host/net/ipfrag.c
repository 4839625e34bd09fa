/*
 * ipfrag.c - see ipfrag.h. A few packets are held at a time; the oldest gives
 * way to a new one. Which bytes have come is kept by units of eight, the unit of
 * a fragment's offset.
 */
#include "ipfrag.h"

#include <stdlib.h>
#include <string.h>

#define N_SLOT    16
#define MAX_LEN   65536
#define UNIT      8
#define MAX_UNITS (MAX_LEN / UNIT)

struct slot {
	bool used;
	struct ipfrag key;
	size_t whole_len; /* 0: the last fragment has not come */
	size_t n_units;
	bool have[MAX_UNITS];
	uint8_t data[MAX_LEN];
};

struct ipfrag_table {
	unsigned next; /* to give way */
	struct slot slot[N_SLOT];
};

struct ipfrag_table *ipfrag_new(void)
{
	return calloc(1, sizeof(struct ipfrag_table));
}

void ipfrag_free(struct ipfrag_table *t)
{
	free(t);
}

static bool same(const struct ipfrag *a, const struct ipfrag *b)
{
	return a->id == b->id && a->proto == b->proto &&
	       !memcmp(a->src, b->src, sizeof(a->src)) &&
	       !memcmp(a->dst, b->dst, sizeof(a->dst));
}

static struct slot *slot_of(struct ipfrag_table *t, const struct ipfrag *f)
{
	struct slot *s;

	for (unsigned i = 0; i < N_SLOT; i++)
		if (t->slot[i].used && same(&t->slot[i].key, f))
			return &t->slot[i];
	s = &t->slot[t->next];
	t->next = (t->next + 1) % N_SLOT;
	memset(s, 0, offsetof(struct slot, data));
	s->used = true;
	s->key = *f;
	return s;
}

size_t ipfrag_put(struct ipfrag_table *t, const struct ipfrag *f,
		  const uint8_t **data)
{
	struct slot *s;
	size_t last;

	if (f->len == 0 || f->offset % UNIT || f->offset + f->len > MAX_LEN ||
	    (f->more && f->len % UNIT))
		return 0;
	s = slot_of(t, f);
	memcpy(s->data + f->offset, f->data, f->len);
	last = (f->offset + f->len - 1) / UNIT;
	for (size_t u = f->offset / UNIT; u <= last; u++) {
		s->n_units += !s->have[u];
		s->have[u] = true;
	}
	if (!f->more)
		s->whole_len = f->offset + f->len;
	if (s->whole_len == 0 || s->n_units != (s->whole_len + UNIT - 1) / UNIT)
		return 0;
	s->used = false;
	*data = s->data;
	return s->whole_len;
}
