/* status_json.c - how a `run` goes, as JSON; see status.h. */
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "cisoid/utc.h"
#include "host/cli/json_value.h"
#include "host/cli/time_shown.h"
#include "status.h"

static json_t *date(struct cis_time t)
{
	char text[CIS_UTC_SIZE];

	return json_string(cis_utc_format(t, 6, text));
}

static json_t *count(uint64_t n)
{
	return json_integer((json_int_t)n);
}

static json_t *ring(const struct cis_ring_level *r)
{
	return json_pack("{s:f, s:f, s:f, s:f, s:f}", "size_s", r->size_s,
			 "fill_pct", r->fill_pct, "fill_s", r->fill_s,
			 "high_water_pct", r->high_pct, "high_water_s",
			 r->high_s);
}

static json_t *events(const struct cis_pipe_stats *ps)
{
	json_t *all = json_object();

	for (unsigned i = 0; i < CIS_N_EVENT_KIND; i++)
		json_object_set_new(all, cis_event_name(i),
				    count(ps->events[i]));
	return all;
}

static json_t *realtime(const struct cis_realtime *rt)
{
	if (!rt->asked)
		return json_null();
	return json_pack("{s:i, s:b}", "priority", rt->priority,
			 "memory_locked", rt->locked);
}

static json_t *acquisition(const struct cis_status *st)
{
	static const char *const origins[] = {[CIS_LIVE] = "live",
					      [CIS_REPLAY] = "replay",
					      [CIS_SIMULATED] = "simulated"};
	const struct cis_pipe_stats *ps = &st->pipe;

	return json_pack(
		"{s:o, s:s, s:s, s:f, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
		"source", cis_json_text(st->info->detail), "origin",
		origins[st->info->origin], "state",
		st->ended   ? "ended"
		: st->fault ? st->fault
			    : "running",
		"rate_hz", st->info->rate_hz, "scans", count(ps->scans),
		"lost_scans", count(ps->lost_scans), "refused_scans",
		count(ps->refused), "overruns", count(ps->overruns), "ring",
		ring(&ps->ring), "events", events(ps), "realtime",
		realtime(&ps->realtime));
}

static json_t *newest(const struct cis_report *rep)
{
	char flags[CIS_FLAGS_SIZE], notes[CIS_FLAGS_SIZE];

	if (rep->n_chan == 0)
		return json_null();
	return json_pack("{s:o, s:o, s:o, s:o, s:s, s:s}", "at",
			 date(cis_instant_time(rep->at)), "freq_hz",
			 cis_json_number(rep->freq_hz), "rocof_hz_per_s",
			 cis_json_number(rep->rocof_hz_per_s), "time_unc_s",
			 cis_json_number(rep->time_quality.unc_s), "flags",
			 cis_report_flags(rep->flags, flags), "notes",
			 cis_report_notes(rep->notes, notes));
}

static json_t *object(const struct cis_status *st)
{
	return json_pack(
		"{s:s, s:o, s:f, s:o, s:o, s:{s:o, s:o, s:o}, s:{s:o, s:o, "
		"s:o, s:o}}",
		"type", st->ended ? "final" : "state", "at", date(st->now),
		"running_s", st->running_s, "time",
		cis_time_object(&st->time, st->info), "acquisition",
		acquisition(st), "reports", "made", count(st->pipe.reports),
		"lost", count(st->pipe.lost_reports), "newest", newest(st->rep),
		"streams", "clients", count(st->clients), "frames",
		count(st->frames), "sent", count(st->sent), "drops",
		count(st->dropped));
}

/* A pipe that is ready takes 4096 bytes, more than an object has. */
static int ready(int wait_ms)
{
	struct pollfd pfd = {.fd = STDOUT_FILENO, .events = POLLOUT};

	if (poll(&pfd, 1, wait_ms) <= 0)
		return -EAGAIN;
	return pfd.revents & (POLLERR | POLLHUP | POLLNVAL) ? -EPIPE : 0;
}

int cis_status_json(const struct cis_status *st, int wait_ms)
{
	int err = ready(wait_ms);
	json_t *doc = err ? NULL : object(st);

	if (!doc)
		return err ? err : -EAGAIN;
	json_dumpf(doc, stdout, JSON_COMPACT | JSON_REAL_PRECISION(12));
	putchar('\n');
	fflush(stdout);
	json_decref(doc);
	return 0;
}
