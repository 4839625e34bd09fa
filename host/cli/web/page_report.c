/* page_report.c - reports for the page; see page.h. */
#include <complex.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cisoid/utc.h"
#include "host/acq/event.h"
#include "host/cli/json_value.h"
#include "host/core/angle.h"
#include "page_in.h"

#define MIN_SLOT  256
#define MAX_SLOT  2048
#define MAX_POOL  (8 * 1024 * 1024) /* bytes */
#define US_PER_S  1000000
#define HISTORY_S 10 /* of reports, for who comes when nobody was there */
#define MIN_FLUSH 32 /* reports at a time, where there are more */

/* ---- the ring ---- */

int cis_page_reports_size(struct cis_page_reports *r, uint32_t n_phasor)
{
	const size_t bytes =
		sizeof(*r->sample) +
		n_phasor * (sizeof(*r->phasor_rms) + sizeof(*r->resid));
	size_t n_slot = MAX_POOL / bytes;

	if (n_slot > MAX_SLOT)
		n_slot = MAX_SLOT;
	if (n_slot < MIN_SLOT)
		n_slot = MIN_SLOT;
	cis_page_reports_free(r);
	r->sample = calloc(n_slot, sizeof(*r->sample));
	r->phasor_rms = calloc(n_slot * n_phasor + 1, sizeof(*r->phasor_rms));
	r->resid = calloc(n_slot * n_phasor + 1, sizeof(*r->resid));
	r->hole = calloc(n_slot, sizeof(*r->hole));
	if (!r->sample || !r->phasor_rms || !r->resid || !r->hole) {
		cis_page_reports_free(r);
		return -ENOMEM;
	}
	r->n_slot = (uint32_t)n_slot;
	r->n_phasor = n_phasor;
	for (size_t i = 0; i < n_slot; i++) {
		r->sample[i].phasor_rms = r->phasor_rms + i * n_phasor;
		r->sample[i].resid = r->resid + i * n_phasor;
	}
	return 0;
}

void cis_page_reports_free(struct cis_page_reports *r)
{
	free(r->sample);
	free(r->phasor_rms);
	free(r->resid);
	free(r->hole);
	r->hole = NULL;
	r->sample = NULL;
	r->phasor_rms = NULL;
	r->resid = NULL;
	r->n_slot = 0;
	r->taken = r->put;
}

/* A date that is not known well has no state but what its quality says. */
static const char *state_of(const struct cis_time_quality *q)
{
	if (q->unlocked_s == 0)
		return cis_time_state_name(CIS_TIME_LOCKED);
	return cis_time_state_name(isfinite(q->unlocked_s) ? CIS_TIME_HOLDOVER
							   : CIS_TIME_UNLOCKED);
}

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static void copy(struct cis_page_sample *s, const struct cis_report *rep,
		 uint32_t n_most)
{
	s->at = rep->at;
	s->quality = rep->time_quality;
	s->flags = rep->flags;
	s->notes = rep->notes;
	s->freq_hz = rep->freq_hz;
	s->rocof_hz_per_s = rep->rocof_hz_per_s;
	s->n_phasor = least(rep->n_phasor, n_most);
	s->n_chan = least(rep->n_chan, n_most);
	memcpy(s->phasor_rms, rep->phasor_rms,
	       s->n_phasor * sizeof(*s->phasor_rms));
	for (uint32_t i = 0; i < s->n_chan; i++)
		s->resid[i] = rep->fit[i].resid;
}

/* How many instants of the rate have no report before this one. */
static uint64_t hole_before(struct cis_page_reports *r, struct cis_instant at)
{
	int64_t n = 0;

	if (r->has_last && r->last.rate.num == at.rate.num &&
	    r->last.rate.den == at.rate.den)
		n = cis_instant_diff(at, r->last) - 1;
	r->last = at;
	r->has_last = true;
	return n > 0 ? (uint64_t)n : 0;
}

/* The hole that this report ends: none, where it belongs to it. */
static struct cis_page_hole close_hole(struct cis_page_reports *r,
				       const struct cis_report *rep)
{
	const struct cis_page_hole none = {0};
	const uint64_t n = hole_before(r, rep->at);
	struct cis_page_hole hole;

	r->n_missed += n;
	r->open.n += n;
	if (rep->flags & CIS_REPORT_GAP) {
		r->open.n++;
		r->open.told = true;
		return none;
	}
	hole = r->open;
	r->open = none;
	return hole;
}

void cis_page_report(struct cis_page *page, const struct cis_report *rep)
{
	struct cis_page_reports *r = page ? &page->reports : NULL;
	struct cis_page_sample *s;
	uint64_t i;

	if (!r || r->n_slot == 0)
		return;
	if (r->put - r->taken == r->n_slot) {
		r->taken++;
		page->n_skipped += page->watched;
	}
	i = r->put % r->n_slot;
	s = &r->sample[i];
	r->hole[i] = close_hole(r, rep);
	copy(s, rep, r->n_phasor);
	s->time_state =
		page->time_state ? page->time_state : state_of(&s->quality);
	r->put++;
}

/* ---- as JSON ---- */

json_t *cis_page_phasor(double complex x)
{
	const double deg = CIS_DEG_PER_RAD * carg(x);

	return isfinite(deg) ? json_pack("[ff]", cabs(x), deg) : json_null();
}

static json_t *phasors(const struct cis_page_sample *s)
{
	json_t *all = json_array();

	for (uint32_t i = 0; i < s->n_phasor; i++)
		json_array_append_new(all, cis_page_phasor(s->phasor_rms[i]));
	return all;
}

/* NULL, where no channel has one. */
static json_t *residuals(const struct cis_page_sample *s)
{
	json_t *all;
	bool any = false;

	for (uint32_t i = 0; i < s->n_chan; i++)
		any |= isfinite(s->resid[i]);
	if (!any)
		return NULL;
	all = json_array();
	for (uint32_t i = 0; i < s->n_chan; i++)
		json_array_append_new(all, cis_json_number(1e6 * s->resid[i]));
	return all;
}

static json_t *object(struct cis_page *page, const struct cis_page_sample *s)
{
	const struct cis_utc utc = cis_utc_from_tai(s->at.tai_s);
	const uint64_t num = s->at.rate.num;
	char flags[CIS_FLAGS_SIZE], notes[CIS_FLAGS_SIZE];

	return json_pack(
		"{s:o, s:I, s:I, s:o, s:o, s:o, s:s, s:s, s:o*, s:s, s:o, "
		"s:o*}",
		"t", cis_page_date(cis_instant_time(s->at)), "soc",
		(json_int_t)utc.soc, "fracsec",
		(json_int_t)((s->at.k * (uint64_t)US_PER_S + num / 2) / num),
		"freq_hz", cis_json_number(s->freq_hz), "rocof_hz_per_s",
		cis_json_number(s->rocof_hz_per_s), "phasors", phasors(s),
		"flags", cis_report_flags(s->flags, flags), "notes",
		cis_report_notes(s->notes, notes), "resid_ppm", residuals(s),
		"time_state", s->time_state, "unc_s",
		cis_json_number(s->quality.unc_s), "dut",
		page->cfg.dut ? page->cfg.dut(page->cfg.arg, s) : NULL);
}

static json_t *gap(const struct cis_page *page, const struct cis_page_sample *s,
		   const struct cis_page_hole *hole)
{
	const struct cis_time to = cis_instant_time(s->at);
	const double s_each = (double)s->at.rate.den / s->at.rate.num;
	const struct cis_time from =
		cis_time_add_ns(to, -llround(1e9 * (double)hole->n * s_each));
	const char *why = hole->told ? "samples-missing" : "reports-lost";

	return json_pack("{s:o, s:o, s:I, s:s}", "from", cis_page_date(from),
			 "to", cis_page_date(to), "n", (json_int_t)hole->n,
			 "why", hole->told && page->why ? page->why : why);
}

/* Whoever looks is told of it, and shown no line across. */
static void tell_gap(struct cis_page *page, const struct cis_page_sample *s,
		     const struct cis_page_hole *hole)
{
	cis_page_batch_end(page, "report");
	cis_page_publish(page, "gap", gap(page, s, hole));
	cis_page_batch(page);
	page->why = NULL;
}

/* Who comes after a while gets the last seconds. */
static void leave_old(struct cis_page_reports *r)
{
	const double most = HISTORY_S * cis_rate_hz(r->last.rate);

	while ((double)(r->put - r->taken) > most + MIN_FLUSH)
		r->taken++;
}

void cis_page_reports_flush(struct cis_page *page, bool all)
{
	struct cis_page_reports *r = &page->reports;
	uint64_t until;

	if (r->taken == r->put)
		return;
	leave_old(r);
	until = r->taken + MIN_FLUSH + (r->put - r->taken) / 8;
	if (all || until > r->put)
		until = r->put;
	cis_page_batch(page);
	for (; r->taken < until; r->taken++) {
		const uint64_t i = r->taken % r->n_slot;

		if (r->hole[i].n > 0)
			tell_gap(page, &r->sample[i], &r->hole[i]);
		if (cis_page_batch_add(page, "report",
				       object(page, &r->sample[i])))
			page->n_skipped++;
	}
	cis_page_batch_end(page, "report");
}
