/* app_metrics.c - counters and states of a `run` for Prometheus. */
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "app_page.h"
#include "host/acq/mcu/mcu.h"

struct text {
	char *at;
	size_t left;
};

/* What does not fit is left out, line by line. */
__attribute__((format(printf, 2, 3))) static void line(struct text *t,
						       const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(t->at, t->left, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= t->left)
		return;
	t->at += n;
	t->left -= (size_t)n;
}

static void head(struct text *t, const char *name, const char *type,
		 const char *help)
{
	line(t, "# HELP cisoid_%s %s\n# TYPE cisoid_%s %s\n", name, help, name,
	     type);
}

static void counter(struct text *t, const char *name, const char *help,
		    uint64_t n)
{
	head(t, name, "counter", help);
	line(t, "cisoid_%s %" PRIu64 "\n", name, n);
}

/* What nobody knows is NaN, as is usual there. */
static void gauge(struct text *t, const char *name, const char *help, double v)
{
	head(t, name, "gauge", help);
	if (isinf(v))
		line(t, "cisoid_%s %sInf\n", name, v > 0 ? "+" : "-");
	else if (isnan(v))
		line(t, "cisoid_%s NaN\n", name);
	else
		line(t, "cisoid_%s %.9g\n", name, v);
}

static void acquisition(struct text *t, const struct cis_app_page *p)
{
	struct cis_pipe_stats st;

	cis_pipe_stats(p->view->pipe, &st);
	counter(t, "scans_total", "Scans taken.", st.scans);
	counter(t, "lost_scans_total", "Scans known to be missing.",
		st.lost_scans);
	counter(t, "overruns_total", "Overruns of the device or the ring.",
		st.overruns);
	gauge(t, "ring_fill_ratio", "How full the ring of samples is.",
	      st.ring.fill_pct / 100);
	gauge(t, "ring_high_ratio", "How full it was at most.",
	      st.ring.high_pct / 100);
	counter(t, "reports_total", "Reports made.", st.reports);
	counter(t, "lost_reports_total", "Reports made and not taken in time.",
		st.lost_reports);
	head(t, "events_total", "counter",
	     "Faults of the samples, and changes of the time's state.");
	for (unsigned i = 0; i < CIS_N_EVENT_KIND; i++)
		line(t, "cisoid_events_total{kind=\"%s\"} %" PRIu64 "\n",
		     cis_event_name(i), st.events[i]);
	head(t, "acquisition_up", "gauge", "1 while samples come.");
	line(t, "cisoid_acquisition_up %d\n", p->fault == CIS_N_EVENT_KIND);
}

static void time_of(struct text *t, const struct cis_app_page *p)
{
	struct cis_time_status st;

	cis_dater_status(p->view->dater, &st);
	head(t, "time_state", "gauge", "1 for the state that holds.");
	for (enum cis_time_state s = CIS_TIME_LOCKED; s <= CIS_TIME_FREE_RUN;
	     s++)
		line(t, "cisoid_time_state{state=\"%s\"} %d\n",
		     cis_time_state_name(s), s == st.state);
	gauge(t, "time_uncertainty_seconds", "Bound of the error of the time.",
	      st.quality.unc_s);
	gauge(t, "time_unlocked_seconds", "Since the time was last compared.",
	      st.quality.unlocked_s);
	gauge(t, "time_edge_age_seconds", "Since the last pulse.",
	      st.last_age_s);
}

static void front_end(struct text *t, struct cis_mcu *mcu)
{
	struct cis_mcu_state st;

	if (!mcu)
		return;
	cis_mcu_state(mcu, &st);
	gauge(t, "front_end_up", "1 while the timing front end is heard.",
	      st.up);
	gauge(t, "front_end_error_seconds", "Bound of its edges' error.",
	      st.heard ? st.error_s : NAN);
	counter(t, "front_end_bad_lines_total", "Lines of it that were spoilt.",
		st.n_bad);
	counter(t, "front_end_bad_sentences_total",
		"Of its receiver, that it refused.", st.n_bad_sentence);
	counter(t, "front_end_lost_lines_total",
		"Lines for which it had no room.", st.n_lost_line);
	counter(t, "front_end_dropped_events_total",
		"Events of it that nobody took in time.", st.n_drop);
}

static void streams(struct text *t, const struct cis_app_page *p)
{
	struct cis_feed_stats all = {0}, fs;

	for (uint32_t i = 0; i < p->view->streams->n; i++) {
		cis_feed_stats(p->view->streams->feed[i], &fs);
		all.clients += fs.clients;
		all.clients_running += fs.clients_running;
		all.frames += fs.frames;
		all.sent += fs.sent;
		all.dropped += fs.dropped;
		all.bad += fs.bad;
		all.denied += fs.denied;
	}
	gauge(t, "clients", "Clients connected.", all.clients);
	gauge(t, "clients_running", "Clients with data on.",
	      all.clients_running);
	counter(t, "frames_total", "Data frames made.", all.frames);
	counter(t, "frames_sent_total", "Data frames handed to a socket.",
		all.sent);
	counter(t, "frames_dropped_total", "Data frames dropped for the slow.",
		all.dropped);
	counter(t, "bad_commands_total", "Commands with a wrong CRC.", all.bad);
	counter(t, "denied_total", "Clients and commands turned away.",
		all.denied);
}

/* Before the first report nothing is known of its age. */
static double report_age_s(const struct cis_app_page *p)
{
	const struct cis_report *rep = p->view->newest;
	struct cis_time now = cis_clock_now(p->view->clock);

	if (rep->n_chan == 0)
		return NAN;
	return 1e-9 * (double)cis_time_diff_ns(now, cis_instant_time(rep->at));
}

size_t cis_app_metrics(const struct cis_app_page *p, char *text, size_t size)
{
	struct text t = {text, size};

	if (!p->begun)
		return 0;
	gauge(&t, "running_seconds", "Since samples were asked for.",
	      1e-9 * (double)(cis_clock_monotonic_ns() - p->begun_ns));
	acquisition(&t, p);
	time_of(&t, p);
	front_end(&t, p->view->info->front_end);
	gauge(&t, "report_age_seconds",
	      "The clock less the instant of the newest report.",
	      report_age_s(p));
	streams(&t, p);
	return size - t.left;
}
