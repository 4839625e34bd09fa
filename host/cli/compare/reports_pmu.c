/* reports_pmu.c - one PMU of a configuration; see reports_parts.h. */
#include <errno.h>
#include <string.h>

#include "cisoid/utc.h"
#include "reports_parts.h"

static bool pmu_fits(const struct cis_c37_pmu *pmu,
		     const struct cis_reports_pick *pick, const char *from)
{
	if (pick->idcode && pmu->idcode != pick->idcode)
		return false;
	return !pick->station || !strcmp(pick->station, pmu->station) ||
	       (from && !strcmp(pick->station, from));
}

int cis_reports_pick_pmu(const struct cis_c37_config *cfg,
			 const struct cis_reports_pick *pick, const char *from,
			 bool *many)
{
	struct cis_reports_pick any = *pick;
	int first = -1;
	unsigned n = 0;

	for (uint16_t i = 0; i < cfg->n_pmu; i++)
		if (pmu_fits(&cfg->pmu[i], pick, from) && n++ == 0)
			first = i;
	*many = n > 1;
	if (n > 0 || !pick->idcode || pick->idcode != cfg->idcode)
		return first;
	/* The IDCODE is that of the stream. */
	any.idcode = 0;
	return cis_reports_pick_pmu(cfg, &any, from, many);
}

static void describe_channel(struct cis_reports_about *about, uint32_t c,
			     const struct cis_c37_channel *phasor)
{
	bool current = cis_c37_phunit_is_current(phasor->unit);
	struct cis_chan_map *map = &about->map;

	cis_chan_set_name(map, c, phasor->name);
	map->chan[c].quantity = current ? CIS_CURRENT : CIS_VOLTAGE;
	map->chan[c].position = c;
	map->n_chan = c + 1;
	about->quantity[c] = current ? CIS_MATCH_CURRENT : CIS_MATCH_VOLTAGE;
}

int cis_reports_describe(struct cis_reports_about *about,
			 const struct cis_c37_config *cfg, uint16_t i,
			 struct cis_diag *diag)
{
	const struct cis_c37_pmu *pmu = &cfg->pmu[i];
	int rate = cfg->data_rate;

	if (rate == 0)
		return cis_fail(diag, -EBADMSG,
				"%.160s: its configuration says DATA_RATE 0",
				about->what);
	if (pmu->n_phasor > CIS_MAX_CHAN)
		return cis_fail(diag, -EBADMSG,
				"%.160s: has %u phasors; %d can be compared",
				about->what, pmu->n_phasor, CIS_MAX_CHAN);
	memset(&about->map, 0, sizeof(about->map));
	for (uint16_t c = 0; c < pmu->n_phasor; c++)
		describe_channel(about, c, &pmu->phasor[c]);
	strcpy(about->station, pmu->station);
	about->simulated = strstr(pmu->station, "SIM") != NULL;
	about->idcode = pmu->idcode;
	about->fnom_hz = (unsigned)cis_c37_fnom_hz(pmu);
	about->window_s = pmu->window_us > 0 ? pmu->window_us * 1e-6 : 0;
	about->format = pmu->format;
	about->rate = rate > 0 ? (struct cis_rate){(uint32_t)rate, 1}
			       : (struct cis_rate){1, (uint32_t)-rate};
	return 0;
}

bool cis_reports_fits(const struct cis_reports_about *about,
		      const struct cis_c37_config *cfg, uint16_t i)
{
	struct cis_reports_about other = {.what = about->what};

	if (i >= cfg->n_pmu || cis_reports_describe(&other, cfg, i, NULL))
		return false;
	if (other.rate.num != about->rate.num ||
	    other.rate.den != about->rate.den ||
	    other.fnom_hz != about->fnom_hz ||
	    other.map.n_chan != about->map.n_chan)
		return false;
	for (uint32_t c = 0; c < other.map.n_chan; c++)
		if (other.map.chan[c].quantity != about->map.chan[c].quantity ||
		    strcmp(other.map.chan[c].name, about->map.chan[c].name) !=
			    0)
			return false;
	return true;
}

/* FRACSEC less k/N; the instant may lie in the second before or after. What a
 * unit of FRACSEC cannot hold is no fault. */
static double off_grid_s(const struct cis_c37_config *cfg,
			 const struct cis_c37_head *head, struct cis_instant at)
{
	double frac_s = cis_c37_frac_s(head->fracsec, cfg->time_base);
	double off_s = (double)(cis_c37_tai_s(head) - at.tai_s) +
		       (frac_s - (double)at.k / at.rate.num);

	return fabs(off_s) < 1.0 / cfg->time_base ? 0 : off_s;
}

struct cis_arrival cis_reports_from_frame(const struct cis_c37_config *cfg,
					  uint16_t i,
					  const struct cis_c37_data *data,
					  const struct cis_time *arrived,
					  struct cis_report *rep)
{
	struct cis_arrival arrival = {.latency_s = NAN,
				      .stat = data->block[i].stat};
	struct cis_time stamp;

	cis_c37_data_to_report(cfg, i, data, rep);
	stamp = cis_instant_time(rep->at);
	arrival.off_grid_s = off_grid_s(cfg, &data->head, rep->at);
	if (arrived)
		arrival.latency_s =
			(double)cis_time_diff_ns(*arrived, stamp) / 1e9;
	return arrival;
}

int cis_reports_many(const char *what, const char *names,
		     const struct cis_reports_pick *pick, struct cis_diag *diag)
{
	return cis_fail(diag, -EINVAL,
			"%.80s: has several PMUs (%.200s): --%s or --%s "
			"chooses",
			what, names, pick->idcode_option, pick->station_option);
}

const char *cis_reports_list(const struct cis_c37_config *cfg, char *buf,
			     size_t size)
{
	buf[0] = '\0';
	for (uint16_t i = 0; i < cfg->n_pmu; i++) {
		size_t len = strlen(buf);

		snprintf(buf + len, size - len, "%s%u %.40s", len ? ", " : "",
			 cfg->pmu[i].idcode, cfg->pmu[i].station);
	}
	return buf;
}
