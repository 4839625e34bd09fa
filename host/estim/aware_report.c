/*
 * aware_report.c - reports of a test-aware fit: the blind ones, with the
 * model's values where it holds.
 */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "aware_parts.h"
#include "combine.h"

static void restore(const struct cis_aware *aw, size_t k,
		    struct cis_report *rep)
{
	const struct cis_kept *kept = &aw->kept[k];

	rep->at = kept->at;
	rep->time_quality = kept->time_quality;
	rep->flags = kept->flags;
	rep->notes = kept->notes;
	rep->freq_hz = kept->freq_hz;
	rep->rocof_hz_per_s = kept->rocof_hz_per_s;
	rep->u_freq_hz = kept->u_freq_hz;
	rep->u_rocof_hz_per_s = kept->u_rocof_hz_per_s;
	rep->n_chan = aw->estim.map->n_chan;
	rep->n_phasor = aw->n_phasor;
	memcpy(rep->phasor_rms, aw->phasor + k * rep->n_phasor,
	       rep->n_phasor * sizeof(*aw->phasor));
	memcpy(rep->fit, aw->fit + k * rep->n_chan,
	       rep->n_chan * sizeof(*aw->fit));
}

static void put_channel(const struct cis_aware *aw, uint32_t c,
			double complex turn, struct cis_report *rep)
{
	struct cis_track t = cis_aware_track(aw, c);
	struct cis_lapse at = cis_track_since(&t, cis_instant_split(rep->at));
	struct cis_dyn *d = &aw->of_chan[c].dyn;
	struct cis_fit *fit = &rep->fit[c];
	double to_rms = 1 / sqrt(2);

	*d = (struct cis_dyn){.flags = CIS_REPORT_NOFIT};
	if (aw->chan[c].outcome == CIS_AWARE_IDLE)
		d->flags = CIS_REPORT_NOSIGNAL;
	if (aw->chan[c].outcome != CIS_AWARE_HOLDS)
		return;
	cis_fitted_dyn(&aw->chan[c].fit, at, aw->estim.fnom_hz, d);
	rep->phasor_rms[c] = d->x[0] * turn;
	fit->a1_per_s = d->a1_per_s * to_rms;
	fit->a2_per_s2 = d->a2_per_s2 * to_rms;
	fit->dc = d->dc;
	fit->resid = d->resid_rms / (cabs(d->x[0]) * to_rms);
	fit->u_mag = cis_dyn_u_mag(d);
	fit->u_phase_rad = cis_dyn_u_phase_rad(d);
	fit->freq_hz = d->freq_hz;
}

static void put_groups(const struct cis_aware *aw, double complex turn,
		       struct cis_report *rep)
{
	const struct cis_chan_map *map = aw->estim.map;

	for (uint32_t g = 0; g < map->n_group; g++) {
		const struct cis_group *group = &map->group[g];
		bool all = true;

		for (unsigned i = 0; i < 3; i++)
			all &= aw->chan[group->chan[i]].outcome ==
			       CIS_AWARE_HOLDS;
		if (all)
			rep->phasor_rms[map->n_chan + g] =
				cis_combine_positive(group, aw->of_chan) * turn;
	}
}

static void put_rates(const struct cis_aware *aw, struct cis_report *rep)
{
	const struct cis_chan_map *map = aw->estim.map;
	struct cis_system sys =
		cis_combine(map, aw->of_chan, aw->estim.fnom_hz);
	bool all = sys.flags == 0;

	for (uint32_t c = 0; c < map->n_chan; c++)
		if (cis_aware_makes_frequency(aw, c))
			all &= aw->chan[c].outcome != CIS_AWARE_REFUSED;
	if (!all)
		return;
	rep->freq_hz = sys.rate.freq_hz;
	rep->rocof_hz_per_s = sys.rate.rocof_hz_per_s;
	rep->u_freq_hz = sys.rate.u_freq_hz;
	rep->u_rocof_hz_per_s = sys.rate.u_rocof_hz_per_s;
}

int cis_aware_pop(struct cis_aware *aw, struct cis_report *rep)
{
	double complex turn;

	if (!aw->finished || aw->next == aw->n_kept)
		return -EAGAIN;
	restore(aw, aw->next++, rep);
	for (uint32_t c = 0; c < rep->n_chan; c++)
		if (aw->chan[c].outcome == CIS_AWARE_REFUSED)
			rep->notes |= CIS_NOTE_BLIND;
	if (aw->broken || (rep->flags & CIS_AWARE_BAD))
		return 0;
	turn = cis_combine_turn(aw->estim.fnom_hz, rep->at);
	for (uint32_t c = 0; c < rep->n_chan; c++)
		put_channel(aw, c, turn, rep);
	put_groups(aw, turn, rep);
	put_rates(aw, rep);
	return 0;
}
