/* replay_channels.c - see replay_channels.h. */
#include "replay_channels.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* How many channels are on the other side of a transformer. */
struct sides {
	uint32_t primary, secondary, unknown, no_ratio;
};

/* The factor of one channel. */
static double side(const struct cis_comtrade_channel *from, bool to_primary,
		   struct sides *n)
{
	bool ratio = from->primary > 0 && from->secondary > 0;

	if (from->is_primary) {
		n->primary += !(ratio && from->primary == from->secondary);
	} else if (ratio && from->primary == from->secondary) {
		n->unknown += !from->has_side;
	} else {
		n->secondary++;
		if (!ratio)
			n->no_ratio++;
		else if (to_primary)
			return from->primary / from->secondary;
	}
	return 1;
}

/* Channel i of the file as the next one of the map; its factor is set. */
static void add_channel(struct cis_replay_channels *ch, uint32_t i,
			struct cis_chan_map *map)
{
	const struct cis_comtrade_channel *from =
		cis_comtrade_channel(ch->rec, i);
	bool clips = from->clips && cis_comtrade_info(ch->rec)->binary;
	uint32_t c = map->n_chan++;
	struct cis_chan *to = &map->chan[c];

	cis_chan_set_name(map, c, from->name);
	strcpy(to->phase, from->phase);
	strcpy(to->unit, from->unit);
	to->quantity = from->quantity;
	to->position = i;
	if (from->clips) {
		to->range_min = from->min * ch->factor[c];
		to->range_max = from->max * ch->factor[c];
	}
	ch->index_of[c] = i;
	ch->delay_s[c] = from->skew_s;
	ch->clip_min[c] = clips ? from->min : -INFINITY;
	ch->clip_max[c] = clips ? from->max : INFINITY;
}

static void tell_sides(const struct cis_replay_opts *opts,
		       const struct sides *n, uint32_t n_chan,
		       struct cis_warn_list *warn)
{
	const char *path = opts->path;

	if (opts->primary) {
		if (n->no_ratio)
			cis_warn(warn,
				 "%s: %u channels have no transformer ratio: "
				 "their values stay as recorded",
				 path, (unsigned)n->no_ratio);
		return;
	}
	if (n->secondary)
		cis_remark(warn,
			   "%s: values are as recorded, which is the secondary "
			   "side on %u of %u channels (--primary converts)",
			   path, (unsigned)n->secondary, (unsigned)n_chan);
	else if (n->primary)
		cis_remark(
			warn,
			"%s: values are as recorded, which is the primary side",
			path);
	if (n->unknown)
		cis_remark(warn,
			   "%s: values are as recorded; the file does not say "
			   "whether that is the primary or the secondary side",
			   path);
}

int cis_replay_channels_init(struct cis_replay_channels *ch,
			     const struct cis_comtrade *rec,
			     const struct cis_replay_opts *opts,
			     struct cis_source *src, struct cis_diag *diag)
{
	const uint32_t n_channel = cis_comtrade_info(rec)->n_channel;
	struct cis_chan_map *map = &src->map;
	struct sides sides = {.primary = 0};
	uint32_t usable = 0;

	ch->rec = rec;
	for (uint32_t i = 0; i < n_channel; i++) {
		const struct cis_comtrade_channel *from =
			cis_comtrade_channel(rec, i);

		if (!from->usable || usable++ >= CIS_MAX_CHAN)
			continue;
		ch->factor[map->n_chan] = side(from, opts->primary, &sides);
		add_channel(ch, i, map);
	}
	if (usable == 0)
		return cis_fail(diag, -EBADMSG,
				"%s: none of its %u analogue channels is a "
				"voltage or a current",
				opts->path, (unsigned)n_channel);
	if (usable > CIS_MAX_CHAN)
		cis_warn(&src->warn,
			 "%s: %u voltages and currents; the first %d are read",
			 opts->path, (unsigned)usable, CIS_MAX_CHAN);
	tell_sides(opts, &sides, map->n_chan, &src->warn);
	cis_chan_map_group(map);
	return 0;
}

bool cis_replay_channels_read(const struct cis_replay_channels *ch, uint32_t c,
			      uint64_t first, uint32_t n, double *x)
{
	bool clip = false;

	cis_comtrade_read(ch->rec, ch->index_of[c], first, n, x);
	for (uint32_t i = 0; i < n; i++) {
		clip |= x[i] <= ch->clip_min[c] || x[i] >= ch->clip_max[c];
		x[i] *= ch->factor[c];
	}
	return clip;
}
