/*
 * cmd_demo.c - no hardware: everything at work in under a minute.
 *
 * The mock driver makes a signal whose truth is known; it goes through the
 * estimator and the server, and a client of our own compares what arrives with
 * the closed form.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "app.h"
#include "cisoid/c37.h"
#include "cisoid/judge.h"
#include "cisoid/signal.h"
#include "host/cli/run/status.h"
#include "host/net/client.h"

#define DURATION_S 8
#define IDCODE     1
#define MARGIN_S   0.04 /* what the standard leaves out beside a corner */

static const struct cis_option options[] = {
	{NULL, 0, NULL, NULL},
};

static const char *const signal_opts[][2] = {
	{"f", "50"},        {"rocof", "1"},  {"rocof_s", "2"},
	{"f_to", "52"},     {"step_s", "6"}, {"step_mag", "0.1"},
	{"step_deg", "10"}, {"v", "120"},    {"i", "5"},
};

#define SOURCE                                                     \
	"mock:rate=18000,f=50,rocof=1,rocof_s=2,f_to=52,step_s=6," \
	"step_mag=0.1,step_deg=10,v=120,i=5"

/* Limits of IEC/IEEE 60255-118-1:2018, class P: steady state and ramp. */
struct section {
	const char *name;
	double from_s, to_s;
	double max_tve_pct, max_fe_hz, max_rfe_hz_per_s; /* INFINITY: none */
	unsigned n;
	double tve_pct, fe_hz, rfe_hz_per_s; /* the largest */
};

static const struct section sections[] = {
	{"steady, 50 Hz", 0, 2, 1, 0.005, 0.4, 0, 0, 0, 0},
	{"ramp, 1 Hz/s", 2, 4, 1, 0.01, 0.4, 0, 0, 0, 0},
	{"steady, 52 Hz", 4, 6, 1, 0.005, 0.4, 0, 0, 0, 0},
	{"after a step, +10 %, +10 deg", 6, DURATION_S, 1, 0.005, 0.4, 0, 0, 0,
	 0},
};

#define N_SECTION (sizeof(sections) / sizeof(sections[0]))

struct demo {
	struct cis_signal sig;
	struct cis_time start;
	struct cis_client *client;
	struct section section[N_SECTION];
	unsigned frames;
	struct cis_report rep;
};

static struct section *section_at(struct demo *d, double t_s)
{
	for (size_t i = 0; i < N_SECTION; i++)
		if (t_s > d->section[i].from_s + MARGIN_S &&
		    t_s < d->section[i].to_s - MARGIN_S)
			return &d->section[i];
	return NULL;
}

static void judge(struct demo *d, struct section *s)
{
	struct cis_split_time at = cis_instant_split(d->rep.at);
	int64_t t_s = at.tai_s - cis_time_floor_s(d->start);
	struct cis_signal_truth truth;

	cis_signal_truth(&d->sig, t_s, at.frac_s, &truth);
	for (unsigned c = 0; c < CIS_SIGNAL_N_CHAN && c < d->rep.n_phasor;
	     c++) {
		double tve = cis_tve(d->rep.phasor_rms[c], truth.phasor_rms[c]);

		s->tve_pct = fmax(s->tve_pct, 100 * tve);
	}
	s->fe_hz = fmax(s->fe_hz, fabs(d->rep.freq_hz - truth.freq_hz));
	s->rfe_hz_per_s = fmax(s->rfe_hz_per_s, fabs(d->rep.rocof_hz_per_s -
						     truth.rocof_hz_per_s));
	s->n++;
}

/* ---- the listener ---- */

static void on_frame(void *arg, const uint8_t *frame, size_t len, bool crc_ok,
		     struct cis_time arrival)
{
	(void)arg;
	(void)frame;
	(void)len;
	(void)crc_ok;
	(void)arrival;
}

static void on_config(void *arg, const struct cis_c37_config *cfg)
{
	(void)arg;
	printf("listener: configuration of \"%s\", %u phasors, %d frames/s\n",
	       cfg->pmu[0].station, (unsigned)cfg->pmu[0].n_phasor,
	       cfg->data_rate);
}

static void on_data(void *arg, const struct cis_c37_config *cfg,
		    const struct cis_c37_data *data)
{
	struct demo *d = arg;
	struct section *s;

	cis_c37_data_to_report(cfg, 0, data, &d->rep);
	d->frames++;
	s = section_at(d, cis_split_diff_s(cis_instant_split(d->rep.at),
					   cis_time_split(d->start)));
	if (s)
		judge(d, s);
}

static void on_state(void *arg, enum cis_client_state state,
		     const char *message)
{
	(void)arg;
	if (state == CIS_CLIENT_STREAMING)
		printf("listener: data on\n");
	if (state == CIS_CLIENT_CLOSED)
		printf("listener: %s\n", message);
}

static const struct cis_client_ops ops = {
	.frame = on_frame,
	.config = on_config,
	.data = on_data,
	.state = on_state,
};

static void started(void *arg, uv_loop_t *loop, const char *endpoint,
		    struct cis_time start)
{
	struct demo *d = arg;
	struct cis_diag diag = {""};
	struct cis_client_config cc = {
		.loop = loop,
		.spec = endpoint,
		.idcode = IDCODE,
		.ops = &ops,
		.arg = d,
	};

	d->start = start;
	printf("source:   %s\nserver:   %s, IDCODE %d\n", SOURCE, endpoint,
	       IDCODE);
	if (cis_client_new(&cc, &d->client, &diag))
		cis_cli_fail(&cis_cmd_demo, 0, "%s", diag.msg);
	fflush(stdout);
}

static void ended(void *arg)
{
	struct demo *d = arg;

	if (d->client)
		cis_client_close(d->client);
	d->client = NULL;
}

/* ---- the verdict ---- */

static bool passes(const struct section *s)
{
	return s->n > 0 && s->tve_pct <= s->max_tve_pct &&
	       s->fe_hz <= s->max_fe_hz &&
	       s->rfe_hz_per_s <= s->max_rfe_hz_per_s;
}

static int print_table(const struct demo *d)
{
	bool all = true;

	printf("\n%u frames received; largest errors against the closed form, "
	       "all phases\nSIMULATED - NOT A CALIBRATION\n\n"
	       "%-29s %6s %21s %21s %21s\n",
	       d->frames, "", "frames", "TVE % (limit)", "|FE| Hz (limit)",
	       "|RFE| Hz/s (limit)");
	for (size_t i = 0; i < N_SECTION; i++) {
		const struct section *s = &d->section[i];

		all &= passes(s);
		printf("%-29s %6u %13.2e (%5g) %13.2e (%5g) %13.2e (%5g) %s\n",
		       s->name, s->n, s->tve_pct, s->max_tve_pct, s->fe_hz,
		       s->max_fe_hz, s->rfe_hz_per_s, s->max_rfe_hz_per_s,
		       passes(s) ? "PASS" : "FAIL");
	}
	puts("\nReports within 40 ms of a corner or the step are not judged, "
	     "as the standard has it for ramps.");
	return all ? CIS_EXIT_OK : CIS_EXIT_FAIL;
}

static int set_signal(struct cis_signal *sig, struct cis_diag *diag)
{
	cis_signal_init(sig);
	for (size_t i = 0; i < sizeof(signal_opts) / sizeof(signal_opts[0]);
	     i++) {
		int err = cis_signal_set(sig, signal_opts[i][0],
					 signal_opts[i][1], diag);

		if (err)
			return err;
	}
	return cis_signal_finish(sig, diag);
}

static int take(void *ctx, const char *name, const char *value,
		struct cis_diag *diag)
{
	(void)ctx;
	(void)name;
	(void)value;
	(void)diag;
	return 0;
}

static int run(int argc, char **argv)
{
	struct demo d = {.frames = 0};
	struct cis_app_watch watch = {started, ended, &d};
	bool stopped = false;
	struct cis_app_config ac = {
		.cmd = &cis_cmd_demo,
		.source = SOURCE,
		.profile = "reference",
		.time = "system",
		.max_time_error_s = INFINITY,
		.duration_s = DURATION_S,
		.n_stream = 1,
		.stream[0] = {.idcode = IDCODE,
			      .station = "CISOID-SIM",
			      .n_listen = 1,
			      .listen = {"tcp:127.0.0.1:0"}},
		.watch = &watch,
		.status_line = cis_status_wanted(),
		.stopped = &stopped,
	};
	struct cis_diag diag = {""};
	int status;
	int n = cis_options_parse(&cis_cmd_demo, argc, argv, take, NULL,
				  &status);

	if (n < 0)
		return status;
	if (n > 0)
		return cis_cli_fail(&cis_cmd_demo, CIS_EXIT_USAGE,
				    "\"%s\": no argument is expected here",
				    argv[0]);
	memcpy(d.section, sections, sizeof(sections));
	cis_stream_defaults(&ac.stream[0].opts);
	if (set_signal(&d.sig, &diag))
		return cis_cli_fail(&cis_cmd_demo, CIS_EXIT_RUNTIME, "%s",
				    diag.msg);
	status = cis_app_run(&ac);
	if (status)
		return status;
	if (stopped)
		return cis_cli_fail(
			&cis_cmd_demo, CIS_EXIT_ABORTED,
			"stopped before its end; nothing is judged");
	return print_table(&d);
}

const struct cis_command cis_cmd_demo = {
	.name = "demo",
	.summary = "no hardware: everything at work in under a minute",
	.synopsis = "",
	.options = options,
	.examples = "  cisoid demo\n",
	.run = run,
};
