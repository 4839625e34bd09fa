/* sim_stats.c - how it went: on standard error, and as JSON. */
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cisoid/log.h"
#include "host/cli/json_value.h"
#include "sim_parts.h"

/* How far from even the first stream goes, after its first frame, against when
 * its frames were due: what was left out is a gap of both. */
static void note_rate(struct cis_sim *sim, const struct cis_due *due,
		      struct cis_time now)
{
	struct cis_sim_pace *p = &sim->pace;
	struct cis_time slot =
		cis_schedule_slot(&sim->schedule, due->at, due->first);
	double due_s, off_s;

	if (p->course.n == 0) {
		p->first = now;
		p->first_due = slot;
	}
	due_s = (double)cis_time_diff_ns(slot, p->first_due) * 1e-9;
	off_s = (double)(cis_time_diff_ns(now, p->first) -
			 cis_time_diff_ns(slot, p->first_due)) *
		1e-9;
	cis_slope_add(&p->course, due_s, off_s);
}

void cis_sim_note_pace(struct cis_sim *sim, const struct cis_due *due,
		       struct cis_time now)
{
	struct cis_sim_pace *p = &sim->pace;

	for (uint32_t i = due->first; i < due->first + due->n; i++) {
		struct cis_time slot =
			cis_schedule_slot(&sim->schedule, due->at, i);

		cis_spread_add(&p->late_us,
			       (double)cis_time_diff_ns(now, slot) * 1e-3);
	}
	if (due->first == sim->schedule.shard.first)
		note_rate(sim, due, now);
}

/* How fast the course of the first stream was: no stream has another. Of the
 * frames on it some are not made, and a recording is not on every instant. */
static void measure_paced(const struct cis_sim *sim, struct cis_sim_stats *st)
{
	const struct cis_sim_pace *p = &sim->pace;
	double due = (double)(st->frames + st->skipped);
	double times;

	st->late_p50_s = cis_spread_quantile(&p->late_us, 0.5) * 1e-6;
	st->late_p99_s = cis_spread_quantile(&p->late_us, 0.99) * 1e-6;
	st->late_max_s = p->late_us.n ? p->late_us.max * 1e-6 : (double)NAN;
	times = 1 / (1 + cis_slope_of(&p->course));
	if (!(times > 0))
		return;
	if (sim->sc->maker)
		due += (double)st->silent;
	st->off_ppm = (times - 1) * 1e6;
	st->frames_per_s = st->n_stream * cis_rate_hz(sim->maker->rate) *
			   times * (double)st->frames / due;
}

void cis_sim_stats(const struct cis_sim *sim, struct cis_sim_stats *st)
{
	struct cis_outlets_stats os = {.sent = 0};
	double s;

	*st = sim->stats;
	st->n_stream = sim->schedule.shard.end - sim->schedule.shard.first;
	st->frames_per_s = st->off_ppm = NAN;
	st->late_p50_s = st->late_p99_s = st->late_max_s = NAN;
	if (sim->outlets)
		cis_outlets_stats(sim->outlets, &os);
	st->sent = os.sent;
	st->dropped = os.dropped;
	st->refused = os.refused;
	st->clients = os.clients;
	st->err = os.err;
	if (!sim->sc->flat_out) {
		measure_paced(sim, st);
		return;
	}
	s = (double)((sim->ended ? sim->pace.ended_ns
				 : cis_clock_monotonic_ns()) -
		     sim->pace.began_ns) *
	    1e-9;
	if (st->frames > 0 && s > 0)
		st->frames_per_s = (double)st->frames / s;
}

/* ---- for people ---- */

static void tell_pace(const struct cis_sim_stats *st)
{
	if (isnan(st->frames_per_s))
		return;
	if (isnan(st->off_ppm)) {
		cis_log(CIS_LOG_INFO, "pace: frames_per_s=%.0f",
			st->frames_per_s);
		return;
	}
	cis_log(CIS_LOG_INFO,
		"pace: frames_per_s=%.6f off_ppm=%+.2f late_p50_ms=%.3f "
		"late_p99_ms=%.3f late_max_ms=%.3f",
		st->frames_per_s, st->off_ppm, st->late_p50_s * 1e3,
		st->late_p99_s * 1e3, st->late_max_s * 1e3);
}

/* Only what was asked for. */
static void tell_impairments(const struct cis_sim_stats *st,
			     const struct cis_sim_config *sc)
{
	char text[512] = "";
	size_t fill = 0;

	if (!cis_impair_any(&sc->impair))
		return;
	for (unsigned k = CIS_FATE_SENT + 1; k < CIS_N_FATE; k++)
		if (cis_impair_asks(&sc->impair, k))
			fill += (size_t)snprintf(
				text + fill, sizeof(text) - fill, " %s=%llu",
				cis_fate_name(k),
				(unsigned long long)st->impair.n[k]);
	if (st->impair.delayed)
		snprintf(text + fill, sizeof(text) - fill, " delayed=%llu",
			 (unsigned long long)st->impair.delayed);
	cis_log(CIS_LOG_INFO, "impaired:%s", text);
}

void cis_sim_tell(const struct cis_sim_stats *st,
		  const struct cis_sim_config *sc)
{
	cis_log(CIS_LOG_INFO, "done: frames=%llu sent=%llu dropped=%llu",
		(unsigned long long)st->frames, (unsigned long long)st->sent,
		(unsigned long long)st->dropped);
	tell_pace(st);
	tell_impairments(st, sc);
	if (st->skipped)
		cis_log(CIS_LOG_WARN, "%llu frames were not made in time",
			(unsigned long long)st->skipped);
	if (st->overfull)
		cis_log(CIS_LOG_WARN,
			"%llu frames found no room to wait in and are lost",
			(unsigned long long)st->overfull);
}

/* ---- as JSON ---- */

static json_t *count(uint64_t n)
{
	return json_integer((json_int_t)n);
}

static json_t *impairments(const struct cis_sim_stats *st,
			   const struct cis_sim_config *sc)
{
	json_t *all;

	if (!cis_impair_any(&sc->impair))
		return json_null();
	all = json_object();
	for (unsigned k = 0; k < CIS_N_FATE; k++)
		if (cis_impair_asks(&sc->impair, k))
			json_object_set_new(all, cis_fate_name(k),
					    count(st->impair.n[k]));
	json_object_set_new(all, "delayed", count(st->impair.delayed));
	return all;
}

static json_t *document(const struct cis_sim_stats *st,
			const struct cis_sim_config *sc)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, "
			 "s:{s:o, s:o, s:o}, s:o}",
			 "streams", count(st->n_stream), "frames",
			 count(st->frames), "silent", count(st->silent),
			 "skipped", count(st->skipped), "sent", count(st->sent),
			 "dropped", count(st->dropped), "refused",
			 count(st->refused), "frames_per_s",
			 cis_json_number(st->frames_per_s), "off_ppm",
			 cis_json_number(st->off_ppm), "late_s", "p50",
			 cis_json_number(st->late_p50_s), "p99",
			 cis_json_number(st->late_p99_s), "max",
			 cis_json_number(st->late_max_s), "impaired",
			 impairments(st, sc));
}

int cis_sim_tell_json(const struct cis_sim_stats *st,
		      const struct cis_sim_config *sc,
		      const struct cis_sink *sink)
{
	json_t *doc = document(st, sc);
	int err;

	if (sink)
		json_object_set_new(doc, "sink", cis_sink_json(sink));
	errno = ENOMEM; /* jansson leaves it */
	err = doc ? json_dumpf(doc, stdout, JSON_INDENT(2)) : -1;
	err = err || putchar('\n') == EOF || fflush(stdout) == EOF ? errno : 0;
	json_decref(doc);
	cis_cli_json_begun();
	/* A reader who left is no fault. */
	return err && err != EPIPE
		       ? cis_cli_fail(NULL, CIS_EXIT_STORAGE,
				      "standard output: %s", strerror(err))
		       : CIS_EXIT_OK;
}
