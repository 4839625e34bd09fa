/* map.c - the signal's six channels as a channel map. */
#include <math.h>
#include <string.h>

#include "cisoid/signal.h"

static const char *const names[CIS_SIGNAL_N_CHAN] = {"VA", "VB", "VC",
						     "IA", "IB", "IC"};

static double greatest(const double rms[3])
{
	return fmax(fmax(rms[0], rms[1]), rms[2]);
}

void cis_signal_map(const struct cis_signal *sig, struct cis_chan_map *map)
{
	memset(map, 0, sizeof(*map));
	map->n_chan = CIS_SIGNAL_N_CHAN;
	for (unsigned c = 0; c < CIS_SIGNAL_N_CHAN; c++) {
		struct cis_chan *chan = &map->chan[c];
		bool current = c >= 3;

		cis_chan_set_name(map, c, names[c]);
		chan->phase[0] = names[c][1];
		chan->unit[0] = current ? 'A' : 'V';
		chan->quantity = current ? CIS_CURRENT : CIS_VOLTAGE;
		chan->position = c;
		chan->nominal_rms = greatest(&sig->rms[c - c % 3]);
		if (sig->lsb[current] == 0)
			continue;
		chan->range_max = current ? sig->range_a : sig->range_v;
		chan->range_min = -chan->range_max;
	}
	cis_chan_map_group(map);
}
