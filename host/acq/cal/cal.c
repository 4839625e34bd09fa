/* cal.c - see cal.h. */
#include "cal.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cal_parts.h"
#include "host/core/near.h"

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
static void correct_map(struct cis_chan *chan, const struct cis_correction *k)
{
	double a = (chan->range_min + k->offset) * k->factor;
	double b = (chan->range_max + k->offset) * k->factor;

	chan->nominal_rms *= fabs(k->factor);
	if (chan->range_min == 0 && chan->range_max == 0)
		return;
	chan->range_min = fmin(a, b);
	chan->range_max = fmax(a, b);
}

static int read_table(const struct cis_cal_chan *c, struct cis_cal_table **out,
		      struct cis_diag *diag)
{
	struct cis_diag why = {""};
	int err = cis_cal_table_read(c->table, out, &why);

	return err ? cis_fail(diag, err, "%.120s: table: %s", c->origin,
			      why.msg)
		   : 0;
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
	cal->chan[i] = (struct cis_correction){.said = true,
					       .offset = c->offset,
					       .gain = c->gain,
					       .ratio = c->ratio,
					       .factor = c->gain * c->ratio,
					       .delay_s = c->delay_s,
					       .u_gain = c->u_gain,
					       .u_delay_s = c->u_delay_s};
	return c->table[0] ? read_table(c, &cal->chan[i].table, diag) : 0;
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
		cal->chan[i] = (struct cis_correction){
			.gain = 1, .ratio = 1, .factor = 1};
	for (uint32_t i = 0; i < n && !err; i++)
		err = set(cal, &list[i], diag);
	if (err) {
		cis_cal_free(cal);
		return err;
	}
	for (uint32_t i = 0; i < map->n_chan; i++)
		correct_map(&cal->map.chan[i], &cal->chan[i]);
	*out = cal;
	return 0;
}

void cis_cal_free(struct cis_cal *cal)
{
	for (uint32_t i = 0; cal && i < cal->map.n_chan; i++)
		cis_cal_table_free(cal->chan[i].table);
	free(cal);
}

const struct cis_chan_map *cis_cal_map(const struct cis_cal *cal)
{
	return &cal->map;
}

struct cis_cal_info cis_cal_info(const struct cis_cal *cal, uint32_t chan)
{
	const struct cis_correction *k = &cal->chan[chan];

	return (struct cis_cal_info){.corrected = k->said,
				     .name = cal->map.chan[chan].name,
				     .offset = k->offset,
				     .gain = k->gain,
				     .ratio = k->ratio,
				     .delay_s = k->delay_s,
				     .u_gain = k->u_gain,
				     .u_delay_s = k->u_delay_s,
				     .table = k->table};
}

struct cis_cal_stated cis_cal_states_u(const struct cis_cal *cal, uint32_t chan)
{
	const struct cis_correction *k = &cal->chan[chan];
	struct cis_cal_stated is = {k->u_gain > 0, k->u_delay_s > 0};
	struct cis_cal_span span;

	if (!k->table)
		return is;
	span = cis_cal_table_span(k->table);
	is.mag |= span.highest[CIS_CAL_U_GAIN] > 0;
	is.phase |= span.highest[CIS_CAL_U_DELAY] > 0 ||
		    span.highest[CIS_CAL_U_PHASE] > 0;
	return is;
}

void cis_cal_apply(struct cis_cal *cal, struct cis_block *blk)
{
	for (uint32_t c = 0; c < blk->n_chan; c++) {
		const struct cis_correction *k = &cal->chan[c];
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
