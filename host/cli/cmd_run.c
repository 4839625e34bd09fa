/* cmd_run.c - the reference PMU: sample, estimate, stream, until stopped. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app.h"
#include "cisoid/c37.h"
#include "cisoid/log.h"
#include "connection.h"
#include "host/cli/run/status.h"
#include "host/net/addr.h"
#include "settings.h"

#define MAX_SET  64
#define MAX_LIST 1024

static const struct cis_option options[] = {
	{"config", 'C', "FILE", "this configuration file and no other"},
	{"set", 0, "S.KEY=VALUE", "one value of the configuration"},
	{"source", 's', "SPEC", "mock:..., replay:FILE.cfg or comedi:..."},
	{"profile", 0, "NAME", "p, m, reference (default) or ls7[:CYCLES]"},
	{"model", 0, "none", "no test-aware fit (there is none yet)"},
	{"fnom", 0, "HZ", "nominal frequency, 50 or 60"},
	{"rate", 0, "FPS", "reports a second; fnom unless told"},
	{"stream", 0, "SPEC", "send unasked: tcp:, udp:HOST:PORT, pcap:FILE"},
	{"listen", 0, "SPEC", "answer commands: tcp:HOST:PORT, udp:..."},
	{"idcode", 0, "N", "IDCODE of the frames, 1 unless told"},
	{"station", 0, "NAME", "station name, at most 16 characters"},
	{"for", 0, "RECEIVER",
	 "as pmuct, openpdc, openpdc-udp, wireshark, strict"},
	{"format", 0, "WORDS", "polar|rect,int|float; polar,float"},
	{"c37", 0, "YEAR", "2005 or 2011: SYNC's version, and STAT"},
	{"cfg", 0, "2|3", "configuration that goes out unasked; 2"},
	{"cfg-every", 0, "S", "and again so often, 0 to 3600 s; 60"},
	{"connection-file", 0, "FILE", "describe the stream for --for pmuct"},
	{"time-base", 0, "N", "parts of a second in FRACSEC; 1000000"},
	{"time", 0, "SOURCE",
	 "external, pps-channel:N, pps:DEV, system or none"},
	{"max-time-error", 0, "T", "refuse or flag time that may be worse"},
	{"web", 0, "HOST:PORT", "the page, or off; 127.0.0.1:8118"},
	{"start", 0, "TIME", "of a formula: RFC 3339, now+10s, next-minute"},
	{"duration", 0, "T", "seconds of data, such as 10s or 5min"},
	{"record", 0, "FILE", "keep reports (.csv) or samples (.cfg)"},
	{"json", 0, NULL, "how it goes, a JSON object a second"},
	{"force", 'f', NULL, "overwrite files"},
	{NULL, 0, NULL, NULL},
};

/* What the command line says; NULL or 0 where it says nothing. */
struct args {
	const char *file;
	uint32_t n_set;
	const char *set[MAX_SET + 1];
	const char *source, *profile, *time, *station, *connection_file, *web;
	struct cis_stream_said said;
	double fnom_hz, max_time_error_s, duration_s;
	struct cis_rate rate;
	bool has_start;
	struct cis_time start;
	uint32_t idcode;
	uint32_t n_send, n_listen, n_record;
	const char *send[CIS_APP_MAX_ENDPOINT];
	const char *listen[CIS_APP_MAX_ENDPOINT];
	const char *record[CIS_MAX_RECORD];
	bool force, json;
};

static int add(const char **list, uint32_t *n, uint32_t max, const char *value,
	       struct cis_diag *diag)
{
	if (*n == max)
		return cis_fail(diag, -EINVAL, "%s: at most %u of these", value,
				(unsigned)max);
	list[(*n)++] = value;
	return 0;
}

static int take_list(struct args *a, const char *name, const char *value,
		     struct cis_diag *diag)
{
	if (!strcmp(name, "set"))
		return add(a->set, &a->n_set, MAX_SET, value, diag);
	if (!strcmp(name, "stream"))
		return add(a->send, &a->n_send, CIS_APP_MAX_ENDPOINT, value,
			   diag);
	if (!strcmp(name, "listen"))
		return add(a->listen, &a->n_listen, CIS_APP_MAX_ENDPOINT, value,
			   diag);
	return add(a->record, &a->n_record, CIS_MAX_RECORD, value, diag);
}

static int take_number(struct args *a, const char *name, const char *value,
		       struct cis_diag *diag)
{
	if (!strcmp(name, "fnom"))
		return cis_arg_fnom(value, &a->fnom_hz, diag);
	if (!strcmp(name, "rate"))
		return cis_arg_rate(value, &a->rate, diag);
	if (!strcmp(name, "idcode"))
		return cis_arg_u32(name, value, 1, 65534, &a->idcode, diag);
	if (!strcmp(name, "duration"))
		return cis_arg_duration(name, value, &a->duration_s, diag);
	return cis_arg_duration(name, value, &a->max_time_error_s, diag);
}

static int take_model(const char *value, struct cis_diag *diag)
{
	if (!strcmp(value, "none"))
		return 0;
	return cis_fail(diag, -EINVAL,
			"--model: \"%s\" is not known; there is only none",
			value);
}

static int take(void *ctx, const char *name, const char *value,
		struct cis_diag *diag)
{
	static const char *const lists[] = {"set", "stream", "listen",
					    "record"};
	static const char *const numbers[] = {"fnom", "rate", "idcode",
					      "duration", "max-time-error"};
	struct args *a = ctx;
	int taken = cis_stream_take(&a->said, name, value, diag);

	if (taken)
		return taken < 0 ? taken : 0;

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		if (!strcmp(name, lists[i]))
			return take_list(a, name, value, diag);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (!strcmp(name, numbers[i]))
			return take_number(a, name, value, diag);
	if (!strcmp(name, "model"))
		return take_model(value, diag);
	if (!strcmp(name, "start")) {
		a->has_start = true;
		return cis_arg_time(name, value, &a->start, diag);
	}
	if (!strcmp(name, "config"))
		a->file = value;
	else if (!strcmp(name, "source"))
		a->source = value;
	else if (!strcmp(name, "profile"))
		a->profile = value;
	else if (!strcmp(name, "time"))
		a->time = value;
	else if (!strcmp(name, "station"))
		return cis_arg_station(value, &a->station, diag);
	else if (!strcmp(name, "connection-file"))
		a->connection_file = value;
	else if (!strcmp(name, "web"))
		a->web = value;
	else if (!strcmp(name, "force"))
		a->force = true;
	else if (!strcmp(name, "json"))
		a->json = true;
	return 0;
}

/* ---- from configuration and options to app's ---- */

/* Splits endpoints in place into the list. */
static int split(char *text, const char **list, uint32_t *n,
		 struct cis_diag *diag)
{
	for (char *item; (item = cis_addr_next(&text));) {
		int err = add(list, n, CIS_APP_MAX_ENDPOINT, item, diag);

		if (err)
			return err;
	}
	return 0;
}

struct lists {
	char text[2 * CIS_APP_MAX_STREAM][MAX_LIST];
	struct cis_cal_chan cal[CIS_MAX_CHAN];
};

static int stream_from_conf(const struct cis_conf *conf, const char *name,
			    struct cis_app_config *ac, struct lists *lists,
			    struct cis_diag *diag)
{
	struct cis_app_stream *s = &ac->stream[ac->n_stream];
	char *send = lists->text[2 * ac->n_stream];
	char *listen = lists->text[2 * ac->n_stream + 1];
	struct cis_stream_said said;
	char section[64];
	int err;

	snprintf(section, sizeof(section), "stream.%s", name);
	snprintf(send, MAX_LIST, "%s", cis_conf_get(conf, section, "send"));
	snprintf(listen, MAX_LIST, "%s", cis_conf_get(conf, section, "listen"));
	s->idcode = (uint16_t)cis_conf_number(conf, section, "idcode");
	s->station = cis_conf_get(conf, "bench", "name");
	ac->n_stream++;
	cis_stream_from_conf(&said, conf, section);
	cis_stream_defaults(&s->opts);
	cis_stream_apply(&s->opts, &said);
	err = split(send, s->send, &s->n_send, diag);
	if (!err)
		err = split(listen, s->listen, &s->n_listen, diag);
	return err;
}

/* The streams of the files, unless the command line names its own. */
static int set_streams(const struct cis_conf *conf, const struct args *a,
		       struct cis_app_config *ac, struct lists *lists,
		       struct cis_diag *diag)
{
	const char *name;
	int err = 0;

	for (unsigned i = 0; !err && a->n_send + a->n_listen == 0 &&
			     ac->n_stream < CIS_APP_MAX_STREAM &&
			     (name = cis_settings_name(conf, "stream", i));
	     i++)
		err = stream_from_conf(conf, name, ac, lists, diag);
	if (err)
		return err;
	if (ac->n_stream == 0) {
		struct cis_app_stream *s = &ac->stream[ac->n_stream++];

		s->idcode = 1;
		s->station = cis_conf_get(conf, "bench", "name");
		s->n_send = a->n_send;
		s->n_listen = a->n_listen;
		memcpy(s->send, a->send, sizeof(s->send));
		memcpy(s->listen, a->listen, sizeof(s->listen));
		cis_stream_defaults(&s->opts);
	}
	for (uint32_t i = 0; i < ac->n_stream; i++) {
		if (a->idcode)
			ac->stream[i].idcode = (uint16_t)(a->idcode + i);
		if (a->station)
			ac->stream[i].station = a->station;
		cis_stream_apply(&ac->stream[i].opts, &a->said);
		err = cis_stream_check(&ac->stream[i].opts, diag);
		if (err)
			return err;
	}
	ac->stream[0].connection_file = a->connection_file;
	return 0;
}

static double number_or(double option, const struct cis_conf *conf,
			const char *section, const char *key)
{
	return option > 0 ? option : cis_conf_number(conf, section, key);
}

static int set_rest(const struct cis_conf *conf, const struct args *a,
		    struct cis_app_config *ac, struct cis_diag *diag)
{
	const char *rates = cis_conf_get(conf, "reference", "rates");
	double fnom = number_or(a->fnom_hz, conf, "bench", "nominal_freq");
	double max_error =
		number_or(a->max_time_error_s, conf, "time", "max_error");

	if (!isnan(fnom) && fnom != 50 && fnom != 60)
		return cis_fail(diag, -EINVAL,
				"nominal_freq: %g Hz is not 50 Hz or 60 Hz",
				fnom);
	ac->fnom_hz = isnan(fnom) ? 0 : fnom;
	ac->max_time_error_s = isnan(max_error) ? INFINITY : max_error;
	ac->duration_s = a->duration_s > 0 ? a->duration_s : INFINITY;
	ac->profile = a->profile ? a->profile
				 : cis_conf_get(conf, "reference", "profile");
	ac->time = a->time ? a->time : cis_conf_get(conf, "time", "source");
	ac->rate = a->rate;
	ac->has_start = a->has_start;
	ac->start = a->start;
	ac->force = a->force;
	ac->json = a->json;
	ac->ring_s = cis_conf_number(conf, "daq", "ring");
	ac->n_record = a->n_record;
	memcpy(ac->record, a->record, sizeof(ac->record));
	if (!a->rate.num && *rates)
		return cis_arg_rate(rates, &ac->rate, diag);
	return 0;
}

static int configure(const struct args *a, struct cis_app_config *ac,
		     struct cis_conf *conf, char *spec, struct lists *lists)
{
	struct cis_diag diag = {""};
	int err = cis_settings_read(conf, a->file, &diag);

	if (!err && cis_settings_set(conf, a->set, &diag))
		return cis_cli_fail(ac->cmd, CIS_EXIT_USAGE, "%s", diag.msg);
	if (!err)
		err = cis_settings_check(conf, &diag);
	if (!err && !a->source)
		err = cis_settings_source(conf, spec, &diag);
	if (!err)
		err = set_streams(conf, a, ac, lists, &diag);
	if (!err)
		err = set_rest(conf, a, ac, &diag);
	if (!err)
		err = cis_settings_web(conf, a->web, &ac->web, &diag);
	ac->conf_file = a->file;
	ac->source = a->source ? a->source : spec;
	ac->cal = lists->cal;
	ac->n_cal = cis_settings_channels(conf, lists->cal, CIS_MAX_CHAN);
	return err ? cis_cli_fail(ac->cmd, CIS_EXIT_INVALID, "%s", diag.msg)
		   : 0;
}

/* What was read, and all that it points to. */
struct read {
	const struct args *args;
	struct cis_app_config ac;
	struct cis_conf conf;
	struct lists lists;
	char spec[CIS_SPEC_SIZE];
};

static int read_all(struct read *r, const struct args *a)
{
	memset(r, 0, sizeof(*r));
	r->args = a;
	r->ac.cmd = &cis_cmd_run;
	return configure(a, &r->ac, &r->conf, r->spec, &r->lists);
}

static const struct cis_app_config *reread(void *arg)
{
	struct read *r = arg;

	return read_all(r, r->args) ? NULL : &r->ac;
}

static int run_with(const struct args *a, struct read r[2])
{
	int status;

	if (!r)
		return cis_cli_fail(&cis_cmd_run, CIS_EXIT_RUNTIME,
				    "out of memory");
	status = read_all(&r[0], a);
	if (status)
		return status;
	r[1].args = a;
	r[0].ac.status_line = cis_status_wanted() && !a->json;
	r[0].ac.reread = reread;
	r[0].ac.reread_arg = &r[1];
	return cis_app_run(&r[0].ac);
}

/* What is wrong whatever the files say. */
static int check_alone(const struct args *a, struct cis_diag *diag)
{
	struct cis_stream_opts opts;
	struct cis_diag why = {""};

	if (a->web && cis_settings_check_web(a->web, &why))
		return cis_fail(diag, -EINVAL, "--web: %s", why.msg);
	cis_stream_defaults(&opts);
	cis_stream_apply(&opts, &a->said);
	return cis_stream_check(&opts, diag);
}

static int run(int argc, char **argv)
{
	struct args a = {0};
	struct cis_diag diag = {""};
	struct read *r;
	int status;
	int n = cis_options_parse(&cis_cmd_run, argc, argv, take, &a, &status);

	if (n < 0)
		return status;
	if (n > 0)
		return cis_cli_fail(&cis_cmd_run, CIS_EXIT_USAGE,
				    "\"%s\": no argument is expected here",
				    argv[0]);
	if (cis_connection_allowed(a.connection_file, a.said.receiver, &diag) ||
	    check_alone(&a, &diag))
		return cis_cli_fail(&cis_cmd_run, CIS_EXIT_USAGE, "%s",
				    diag.msg);
	r = calloc(2, sizeof(*r));
	status = run_with(&a, r);
	free(r);
	return status;
}

const struct cis_command cis_cmd_run = {
	.name = "run",
	.summary = "the reference PMU: sample, estimate, stream, until stopped",
	.synopsis = "[-C FILE] [--source SPEC] [options]",
	.options = options,
	.examples = "  cisoid run --source mock:f=50.1 --duration 10s\n"
		    "  cisoid run --source replay:fault.cfg --rate 60 "
		    "--stream udp:127.0.0.1:4713\n",
	.run = run,
};
