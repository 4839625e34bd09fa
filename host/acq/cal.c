/* cal.c - see cal.h. */
#include "cal.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/core/near.h"

struct correction {
	double offset, factor;
	double delay_s;
};

struct cis_cal {
	struct cis_chan_map map;
	struct correction chan[CIS_MAX_CHAN];
	double delay_s[CIS_MAX_CHAN]; /* of the block at hand */
};

static int no_such_channel(const struct cis_chan_map *map,
			   const struct cis_cal_chan *c, struct cis_diag *diag)
{
	const char *names[CIS_MAX_CHAN + 1];
	const char *near;

	for (uint32_t i = 0; i < map->n_chan; i++)
		names[i] = map->chan[i].name;
	names[map->n_chan] = NULL;
	near = cis_near(c->name, names);
	return cis_fail(diag, -EINVAL,
			"%.120s: the source has no channel \"%.60s\"%s%.60s%s",
			c->origin, c->name, near ? "; did you mean \"" : "",
			near ? near : "", near ? "\"?" : "");
}

/* Its limits and what it should show, behind the correction. */
static void correct_map(struct cis_chan *chan, const struct correction *k)
{
	double a = (chan->range_min + k->offset) * k->factor;
	double b = (chan->range_max + k->offset) * k->factor;

	chan->nominal_rms *= fabs(k->factor);
	if (chan->range_min == 0 && chan->range_max == 0)
		return;
	chan->range_min = fmin(a, b);
	chan->range_max = fmax(a, b);
}

static int set(struct cis_cal *cal, const struct cis_cal_chan *c,
	       struct cis_diag *diag)
{
	uint32_t i = 0;

	while (i < cal->map.n_chan &&
	       strcmp(cal->map.chan[i].name, c->name) != 0)
		i++;
	if (i == cal->map.n_chan)
		return no_such_channel(&cal->map, c, diag);
	cal->chan[i] = (struct correction){.offset = c->offset,
					   .factor = c->gain * c->ratio,
					   .delay_s = c->delay_s};
	return 0;
}

int cis_cal_new(const struct cis_chan_map *map, const struct cis_cal_chan *list,
		uint32_t n, struct cis_cal **out, struct cis_diag *diag)
{
	struct cis_cal *cal = calloc(1, sizeof(*cal));
	int err = 0;

	if (!cal)
		return cis_fail(diag, -ENOMEM, "out of memory");
	cal->map = *map;
	for (uint32_t i = 0; i < map->n_chan; i++)
		cal->chan[i].factor = 1;
	for (uint32_t i = 0; i < n && !err; i++)
		err = set(cal, &list[i], diag);
	if (err) {
		free(cal);
		return err;
	}
	for (uint32_t i = 0; i < map->n_chan; i++)
		correct_map(&cal->map.chan[i], &cal->chan[i]);
	*out = cal;
	return 0;
}

void cis_cal_free(struct cis_cal *cal)
{
	free(cal);
}

const struct cis_chan_map *cis_cal_map(const struct cis_cal *cal)
{
	return &cal->map;
}

void cis_cal_apply(struct cis_cal *cal, struct cis_block *blk)
{
	for (uint32_t c = 0; c < blk->n_chan; c++) {
		const struct correction *k = &cal->chan[c];
		double *x = cis_block_chan(blk, c);

		cal->delay_s[c] =
			k->delay_s + (blk->delay_s ? blk->delay_s[c] : 0);
		if (k->factor == 1 && k->offset == 0)
			continue;
		for (uint32_t i = 0; i < blk->n_scan; i++)
			x[i] = (x[i] + k->offset) * k->factor;
	}
	blk->delay_s = cal->delay_s;
}
