/* doctor_out.c - the doctor's report: lines as it goes on, or one document. */
#include <jansson.h>
#include <math.h>
#include <stdio.h>

#include "cisoid/utc.h"
#include "doctor_in.h"
#include "host/cli/json_value.h"

static const struct doctor_title titles[DOCTOR_N] = {
	[DOCTOR_LOOKUP] = {"lookup", "name lookup", "NET-LOOKUP"},
	[DOCTOR_REACH] = {"reach", "reachability", "NET-REACH"},
	[DOCTOR_OFF] = {"data_off", "data off", "DUT-OFF"},
	[DOCTOR_CFG3] = {"cfg3", "CFG-3", "DUT-CFG3"},
	[DOCTOR_CFG2] = {"cfg2", "CFG-2", "DUT-CFG2"},
	[DOCTOR_PARSE] = {"configuration", "configuration", "DUT-CONFIG"},
	[DOCTOR_HEADER] = {"header", "header", "DUT-HEADER"},
	[DOCTOR_ON] = {"data_on", "data on", "DUT-ON"},
	[DOCTOR_FIRST] = {"first_frame", "first data", "DUT-DATA"},
	[DOCTOR_CRC] = {"crc", "CRC", "DUT-CRC"},
	[DOCTOR_TIME] = {"time", "time stamps", "DUT-TIME"},
	[DOCTOR_QUALITY] = {"quality", "quality bits", "DUT-QUALITY"},
	[DOCTOR_RATE] = {"rate", "rate", "DUT-RATE"},
	[DOCTOR_ORDER] = {"order", "gaps, duplicates", "DUT-ORDER"},
	[DOCTOR_STOP] = {"stop", "data off again", "DUT-STOP"},
	[DOCTOR_LINT] = {"standard", "the standard", "DUT-FRAMES"},
};

static const char *const verdicts[] = {"not done", "ok", "warning", "FAILED"};

static char letter(enum doctor_verdict verdict)
{
	return verdict == DOCTOR_FAILED ? 'E' : 'W';
}

static const char *start_text(const struct doctor *d, char *buf)
{
	return cis_utc_format(d->start, 3, buf);
}

/* ---- lines ---- */

void doctor_print_head(const struct doctor *d)
{
	char time[CIS_UTC_SIZE];

	printf("doctor: %s, IDCODE %u, %s\n", d->dc->spec, d->idcode,
	       start_text(d, time));
	if (isfinite(d->clock.unc_s))
		printf("this computer's clock: synchronised, within %.3g s\n",
		       d->clock.unc_s);
	else
		printf("this computer's clock: not synchronised; how far it "
		       "is from UTC is not known\n");
	fflush(stdout);
}

void doctor_print_step(const struct doctor *d, enum doctor_id id)
{
	const struct doctor_step *s = &d->step[id];

	printf("%9.3f s  %-8s  %-16s  %s\n", s->at_s, verdicts[s->verdict],
	       titles[id].name, s->text);
	for (unsigned i = 0; i < s->n_cause; i++)
		printf("%41s%s: %s\n", "",
		       s->verdict == DOCTOR_FAILED ? "likely" : "why",
		       s->cause[i]);
	fflush(stdout);
}

static void print_findings(const struct doctor *d)
{
	for (size_t i = 0; i < DOCTOR_MAX_RULE; i++) {
		const struct cis_lint_finding *at = &d->found.first[i];

		if (!d->found.frames[i])
			continue;
		printf("  %s (%s) in %llu frame%s: %s; %s\n", at->rule->code,
		       at->rule->clause, (unsigned long long)d->found.frames[i],
		       d->found.frames[i] == 1 ? "" : "s", at->text,
		       at->rule->advice);
	}
}

static unsigned count(const struct doctor *d, enum doctor_verdict verdict)
{
	unsigned n = 0;

	for (int i = 0; i < DOCTOR_N; i++)
		n += d->step[i].verdict == verdict;
	return n;
}

/* Only those that a conversation of this kind has. */
static bool was_due(const struct doctor *d, int id)
{
	if (!d->probe.asks)
		return id != DOCTOR_OFF && id != DOCTOR_CFG3 &&
		       id != DOCTOR_HEADER && id != DOCTOR_ON &&
		       id != DOCTOR_STOP;
	return id != DOCTOR_CFG2 || !d->cfg;
}

static void print_not_done(const struct doctor *d)
{
	bool any = false;

	for (int i = 0; i < DOCTOR_N; i++) {
		if (d->step[i].verdict != DOCTOR_NOT_DONE || !was_due(d, i))
			continue;
		printf("%s%s", any ? ", " : "             not done  ",
		       titles[i].name);
		any = true;
	}
	if (any)
		putchar('\n');
}

void doctor_print_end(const struct doctor *d, int status)
{
	print_not_done(d);
	print_findings(d);
	printf("%s: steps failed %u, warnings %u\n",
	       status ? "not well" : "well", count(d, DOCTOR_FAILED),
	       count(d, DOCTOR_WARNING));
	fflush(stdout);
}

/* ---- one document ---- */

static json_t *step(const struct doctor *d, int id)
{
	const struct doctor_step *s = &d->step[id];
	static const char *const words[] = {"not done", "ok", "warning",
					    "failed"};
	json_t *o =
		json_pack("{s:s, s:s, s:s}", "step", titles[id].key, "title",
			  titles[id].name, "verdict", words[s->verdict]);
	json_t *causes = json_array();
	char code[32];

	for (unsigned i = 0; i < s->n_cause; i++)
		json_array_append_new(causes, json_string(s->cause[i]));
	if (s->verdict != DOCTOR_NOT_DONE) {
		json_object_set_new(o, "at_s", json_real(s->at_s));
		json_object_set_new(o, "took_s", json_real(s->took_s));
		json_object_set_new(o, "text", cis_json_text(s->text));
	}
	if (s->verdict == DOCTOR_FAILED || s->verdict == DOCTOR_WARNING) {
		snprintf(code, sizeof(code), "%c-%s", letter(s->verdict),
			 titles[id].code);
		json_object_set_new(o, "code", json_string(code));
	}
	json_object_set_new(o, "causes", causes);
	return o;
}

static json_t *findings(const struct doctor *d)
{
	json_t *list = json_array();

	for (size_t i = 0; i < DOCTOR_MAX_RULE; i++) {
		json_t *o;

		if (!d->found.frames[i])
			continue;
		o = cis_json_finding(&d->found.first[i]);
		json_object_set_new(
			o, "frames",
			json_integer((json_int_t)d->found.frames[i]));
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *clock_json(const struct doctor *d)
{
	bool known = isfinite(d->clock.unc_s);

	return json_pack("{s:b, s:o}", "synchronised", known, "uncertainty_s",
			 known ? json_real(d->clock.unc_s) : json_null());
}

void doctor_print_json(const struct doctor *d, int status)
{
	json_t *steps = json_array();
	char time[CIS_UTC_SIZE];
	json_t *o;

	for (int i = 0; i < DOCTOR_N; i++)
		json_array_append_new(steps, step(d, i));
	o = json_pack("{s:o, s:i, s:s, s:o, s:s, s:o, s:o, s:I, s:i}",
		      "endpoint", cis_json_text(d->dc->spec), "idcode",
		      d->idcode, "started_utc", start_text(d, time), "clock",
		      clock_json(d), "verdict",
		      status                     ? "failed"
		      : count(d, DOCTOR_WARNING) ? "warnings"
						 : "ok",
		      "steps", steps, "findings", findings(d), "frames",
		      (json_int_t)d->heard.n_frame, "exit_status", status);
	cis_cli_json_begun();
	json_dumpf(o, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(o);
}
