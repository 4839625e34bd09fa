/* doctor.c - the order of the steps, and what every frame goes through. */
#include "doctor.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doctor_in.h"
#include "host/acq/dates/clock.h"

/* ---- steps ---- */

void doctor_begin(struct doctor *d, enum doctor_id id)
{
	d->now = id;
	d->step[id].at_s = cis_probe_now_s() - d->start_s;
}

void doctor_cause(struct doctor *d, const char *cause)
{
	struct doctor_step *s = &d->step[d->now];

	if (s->n_cause < DOCTOR_MAX_CAUSE)
		s->cause[s->n_cause++] = cause;
}

void doctor_end(struct doctor *d, enum doctor_verdict verdict, const char *fmt,
		...)
{
	struct doctor_step *s = &d->step[d->now];
	va_list ap;

	s->verdict = verdict;
	s->took_s = cis_probe_now_s() - d->start_s - s->at_s;
	va_start(ap, fmt);
	vsnprintf(s->text, sizeof(s->text), fmt, ap);
	va_end(ap);
	if (!d->dc->json)
		doctor_print_step(d, d->now);
}

double doctor_timeout_s(const struct doctor *d, double usual_s)
{
	return d->dc->timeout_s > 0 ? d->dc->timeout_s : usual_s;
}

int doctor_closed(struct doctor *d)
{
	int error = d->probe.error;

	doctor_cause(d, "the device serves fewer clients, and has them");
	doctor_cause(d, "this computer's address is not allowed there");
	doctor_cause(d, "the port is of another service");
	doctor_end(d, DOCTOR_FAILED, "%s",
		   !error ? "the other side closed the connection"
			  : strerror(-error));
	return -EPIPE;
}

/* ---- frames ---- */

static void remember(struct doctor_findings *f,
		     const struct cis_lint_list *found)
{
	size_t n;
	const struct cis_lint_rule *rules = cis_lint_rules(&n);

	for (uint32_t i = 0; i < cis_lint_kept(found); i++) {
		size_t rule = (size_t)(found->at[i].rule - rules);

		if (f->frames[rule]++ == 0)
			f->first[rule] = found->at[i];
	}
}

static void lint(struct doctor *d, const struct cis_probe_frame *frame)
{
	struct cis_lint_list found;

	cis_lint_put(d->found.lint, frame->p, frame->len, &frame->arrival,
		     &found);
	remember(&d->found, &found);
}

/* Bytes in place of a frame. */
static void take_piece(void *arg, const uint8_t *data, size_t len)
{
	struct cis_lint_list found;
	struct doctor *d = arg;

	d->heard.n_piece++;
	cis_lint_frame(data, len, &found);
	remember(&d->found, &found);
}

/* A frame that hid behind a false head. */
static void take_hidden(void *arg, const uint8_t *p, size_t len, bool crc_ok)
{
	struct doctor *d = arg;
	struct cis_probe_frame frame = {p, len, crc_ok, d->probe.arrival};

	d->heard.n_frame++;
	d->heard.n_bad_crc += !crc_ok;
	lint(d, &frame);
}

int doctor_next(struct doctor *d, double until_s, struct cis_probe_frame *frame)
{
	struct cis_c37_head head;
	int n = cis_probe_next(&d->probe, until_s, frame);

	if (n < 0)
		return n;
	d->heard.n_frame++;
	d->heard.n_bad_crc += !frame->crc_ok;
	if (cis_c37_peek(frame->p, frame->len, &head) <= 0) {
		d->heard.no_frame_len += frame->len;
		lint(d, frame);
		return CIS_C37_CMD; /* nothing that was waited for */
	}
	if (d->dc->idcode && head.idcode != d->dc->idcode && frame->crc_ok) {
		d->heard.n_other_id++;
		d->heard.other_id = head.idcode;
		if (!d->probe.asks)
			return CIS_C37_CMD;
	}
	lint(d, frame);
	if (head.type == CIS_C37_DATA) {
		d->heard.n_data++;
		d->heard.n_data_bad += !frame->crc_ok;
	}
	return (int)head.type;
}

unsigned long long doctor_no_frame(struct doctor *d)
{
	unsigned long long len =
		d->heard.no_frame_len + cis_probe_finish(&d->probe);

	if (len > 0)
		doctor_cause(d, "FRAMESIZE is not the length of a frame, or "
				"something else is sent: the findings at the "
				"end tell more");
	return len;
}

/* ---- all of it ---- */

static void examine(struct doctor *d)
{
	if (doctor_connect(d) || doctor_configure(d) || doctor_start(d))
		return;
	doctor_judge(d);
	doctor_stop(d);
}

static void tell_findings(struct doctor *d)
{
	struct doctor_findings *f = &d->found;
	struct cis_lint_list found;
	unsigned errors = 0, warnings = 0, remarks = 0;

	cis_probe_finish(&d->probe);
	if (d->heard.n_frame + d->heard.n_piece == 0)
		return;
	doctor_begin(d, DOCTOR_LINT);
	cis_lint_end(f->lint, &found);
	remember(f, &found);
	for (size_t i = 0; i < DOCTOR_MAX_RULE; i++) {
		char severity;

		if (!f->frames[i])
			continue;
		severity = cis_lint_severity(f->first[i].rule);
		errors += severity == 'E';
		warnings += severity == 'W';
		remarks += severity == 'I';
	}
	doctor_end(
		d,
		errors     ? DOCTOR_FAILED
		: warnings ? DOCTOR_WARNING
			   : DOCTOR_OK,
		"in %llu frames%s %u kinds of error, %u of warning, %u remarks",
		(unsigned long long)d->heard.n_frame,
		d->heard.n_piece ? " and pieces of such" : "", errors, warnings,
		remarks);
}

/* Over UDP nobody was there if nothing came. */
static int status_of(const struct doctor *d)
{
	bool failed = false;

	if (d->step[DOCTOR_LOOKUP].verdict == DOCTOR_FAILED ||
	    d->step[DOCTOR_REACH].verdict == DOCTOR_FAILED)
		return CIS_EXIT_CONNECTION;
	if (!d->probe.tcp && d->probe.n_rx == 0)
		return CIS_EXIT_CONNECTION;
	for (int i = 0; i < DOCTOR_N; i++)
		failed = failed || d->step[i].verdict == DOCTOR_FAILED;
	return failed ? CIS_EXIT_INCOMPLETE : CIS_EXIT_OK;
}

static int run(struct doctor *d)
{
	struct cis_clock clock;
	struct cis_diag diag = {""};
	int status, err = cis_probe_init(&d->probe, d->dc->spec, &diag);

	if (err)
		return cis_cli_fail(&cis_cmd_listen, CIS_EXIT_USAGE, "%s",
				    diag.msg);
	d->probe.to = (struct cis_pickup_taker){take_hidden, take_piece, d};
	if (cis_lint_new(&d->found.lint))
		return cis_cli_fail(&cis_cmd_listen, CIS_EXIT_RUNTIME,
				    "out of memory");
	(void)cis_clock_init(&clock, "system", &diag);
	d->clock = cis_clock_quality(&clock);
	d->start = cis_clock_now(&clock);
	d->start_s = cis_probe_now_s();
	if (!d->dc->json)
		doctor_print_head(d);
	examine(d);
	tell_findings(d);
	cis_probe_close(&d->probe);
	status = status_of(d);
	if (d->dc->json)
		doctor_print_json(d, status);
	else
		doctor_print_end(d, status);
	return status;
}

int cis_doctor_run(const struct cis_doctor_config *dc)
{
	struct doctor *d = calloc(1, sizeof(*d));
	int status;

	if (!d)
		return cis_cli_fail(&cis_cmd_listen, CIS_EXIT_RUNTIME,
				    "out of memory");
	d->dc = dc;
	d->idcode = dc->idcode ? dc->idcode : 1;
	cis_c37_join_init(&d->join, d->joined, sizeof(d->joined));
	status = run(d);
	cis_lint_free(d->found.lint);
	cis_c37_data_free(d->data);
	cis_c37_config_free(d->cfg);
	free(d);
	return status;
}
