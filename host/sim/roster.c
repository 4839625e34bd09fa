/* roster.c - see roster.h. */
#include "roster.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define N_IDCODE 65536

struct name {
	char key[17];
	uint32_t unit;
};

struct cis_roster {
	uint32_t n, size;
	struct cis_roster_unit *unit;
	struct name *name;   /* sorted */
	uint32_t *by_idcode; /* [N_IDCODE] */
};

/* ---- names ---- */

static char plain(char c)
{
	if (c >= 'a' && c <= 'z')
		return (char)(c - 'a' + 'A');
	return c == '_' ? ' ' : c;
}

static void make_key(const char *name, char key[17])
{
	size_t n = 0;

	memset(key, 0, 17);
	while (n < 16 && name[n]) {
		key[n] = plain(name[n]);
		n++;
	}
	while (n > 0 && key[n - 1] == ' ')
		key[--n] = '\0';
}

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct name *)a)->key,
		      ((const struct name *)b)->key);
}

/* ---- new ---- */

int cis_roster_new(uint32_t n_unit, struct cis_roster **out)
{
	struct cis_roster *r = calloc(1, sizeof(*r));

	if (!r)
		return -ENOMEM;
	r->size = n_unit;
	r->unit = calloc(n_unit ? n_unit : 1, sizeof(*r->unit));
	r->name = calloc(n_unit ? n_unit : 1, sizeof(*r->name));
	r->by_idcode = malloc(N_IDCODE * sizeof(*r->by_idcode));
	if (!r->unit || !r->name || !r->by_idcode) {
		cis_roster_free(r);
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < N_IDCODE; i++)
		r->by_idcode[i] = CIS_ROSTER_NONE;
	*out = r;
	return 0;
}

void cis_roster_free(struct cis_roster *r)
{
	if (!r)
		return;
	free(r->unit);
	free(r->name);
	free(r->by_idcode);
	free(r);
}

void cis_roster_add(struct cis_roster *r, const struct cis_c37_pmu *pmu,
		    uint32_t stream, uint16_t index)
{
	struct cis_roster_unit *u = &r->unit[r->n];

	assert(r->n < r->size);
	u->idcode = pmu->idcode;
	u->pmu = index;
	u->stream = stream;
	memcpy(u->station, pmu->station, sizeof(u->station) - 1);
	make_key(pmu->station, r->name[r->n].key);
	r->name[r->n].unit = r->n;
	if (r->by_idcode[pmu->idcode] == CIS_ROSTER_NONE)
		r->by_idcode[pmu->idcode] = r->n;
	r->n++;
}

void cis_roster_sort(struct cis_roster *r)
{
	qsort(r->name, r->n, sizeof(*r->name), compare);
}

uint32_t cis_roster_size(const struct cis_roster *r)
{
	return r->n;
}

const struct cis_roster_unit *cis_roster_unit(const struct cis_roster *r,
					      uint32_t unit)
{
	return &r->unit[unit];
}

/* ---- PMUs ---- */

static bool is_like(const struct cis_roster *r, uint32_t i,
		    const struct name *found)
{
	return i < r->n && !strcmp(r->name[i].key, found->key);
}

static uint32_t by_name(const struct cis_roster *r, const char *station)
{
	struct name want = {.unit = 0};
	const struct name *found;
	uint32_t i;

	make_key(station, want.key);
	if (!want.key[0])
		return CIS_ROSTER_NONE;
	found = bsearch(&want, r->name, r->n, sizeof(want), compare);
	if (!found)
		return CIS_ROSTER_NONE;
	i = (uint32_t)(found - r->name);
	if (is_like(r, i + 1, found) || (i > 0 && is_like(r, i - 1, found)))
		return CIS_ROSTER_NONE;
	return found->unit;
}

uint32_t cis_roster_find(const struct cis_roster *r,
			 const struct cis_c37_pmu *theirs)
{
	uint32_t unit = by_name(r, theirs->station);

	return unit == CIS_ROSTER_NONE ? r->by_idcode[theirs->idcode] : unit;
}

/* ---- channels ---- */

static bool same_word(const char *ours, const char *theirs)
{
	size_t i = 0;

	while (ours[i] && plain(ours[i]) == plain(theirs[i]))
		i++;
	return !ours[i] && (!theirs[i] || plain(theirs[i]) == ' ');
}

static int16_t find_channel(const struct cis_c37_channel *ours, uint16_t n_ours,
			    const char *theirs)
{
	for (uint16_t i = 0; i < n_ours; i++)
		if (same_word(ours[i].name, theirs))
			return (int16_t)i;
	return -1;
}

void cis_roster_channels(const struct cis_c37_channel *ours, uint16_t n_ours,
			 const struct cis_c37_channel *theirs,
			 uint16_t n_theirs, int16_t *to)
{
	bool any = false;

	for (uint16_t i = 0; i < n_theirs; i++) {
		to[i] = find_channel(ours, n_ours, theirs[i].name);
		any |= to[i] >= 0;
	}
	if (any || n_ours != n_theirs)
		return;
	for (uint16_t i = 0; i < n_theirs; i++)
		to[i] = (int16_t)i;
}
