/*
 * doctor_talk.c - the doctor's conversation: data off, the configuration, the
 * header, data on, the first data.
 */
#include <errno.h>
#include <stdio.h>

#include "doctor_in.h"

#define QUIET_S  0.5 /* without data: off */
#define OFF_S    3
#define HEADER_S 2
#define FIRST_S  5
#define EAGER_S  0.3 /* data may come before they are asked for */

static int data_off(struct doctor *d)
{
	double end_s = cis_probe_now_s() + OFF_S, quiet_s;
	uint64_t before = d->heard.n_data;
	struct cis_probe_frame frame;
	int type;

	doctor_begin(d, DOCTOR_OFF);
	if (cis_probe_send(&d->probe, d->idcode, CIS_C37_CMD_DATA_OFF))
		return doctor_closed(d);
	quiet_s = cis_probe_now_s() + QUIET_S;
	do {
		type = doctor_next(d, quiet_s, &frame);
		if (type == CIS_C37_DATA)
			quiet_s = cis_probe_now_s() + QUIET_S;
	} while (type >= 0 && quiet_s < end_s);
	if (type == -EPIPE)
		return doctor_closed(d);
	if (type >= 0) {
		doctor_cause(d, "the device ignores the command, or sends "
				"always");
		doctor_cause(d, "the command has the wrong IDCODE");
		doctor_end(d, DOCTOR_WARNING,
			   "data go on: %llu frames in %d s after it",
			   (unsigned long long)(d->heard.n_data - before),
			   OFF_S);
		return 0;
	}
	doctor_end(d, DOCTOR_OK, "silence%s",
		   d->heard.n_data ? ", after data that nobody had asked for"
				   : "");
	return 0;
}

static int ask_header(struct doctor *d)
{
	double until_s = cis_probe_now_s() + HEADER_S;
	char text[CIS_C37_MAX_FRAME];
	struct cis_probe_frame frame;
	int type;

	doctor_begin(d, DOCTOR_HEADER);
	cis_probe_send(&d->probe, d->idcode, CIS_C37_CMD_SEND_HDR);
	while ((type = doctor_next(d, until_s, &frame)) >= 0) {
		if (type != CIS_C37_HDR ||
		    cis_c37_header_decode(frame.p, frame.len, text) < 0)
			continue;
		snprintf(d->header, sizeof(d->header), "%.190s", text);
		for (char *p = d->header; *p; p++)
			if ((unsigned char)*p < ' ')
				*p = ' ';
		doctor_end(d, DOCTOR_OK, "\"%s\"", d->header);
		return 0;
	}
	if (type == -EPIPE)
		return doctor_closed(d);
	doctor_cause(d, "the device has none, or answers to the IDCODE of a "
			"PMU only");
	doctor_end(d, DOCTOR_WARNING, "no answer in %d s", HEADER_S);
	return 0;
}

int doctor_configure(struct doctor *d)
{
	int err;

	if (!d->probe.asks)
		return doctor_config(d);
	err = data_off(d);
	if (!err)
		err = doctor_config(d);
	return err ? err : ask_header(d);
}

/* ---- data on ---- */

static void data_on(struct doctor *d)
{
	bool off_works = d->step[DOCTOR_OFF].verdict == DOCTOR_OK;
	double until_s = cis_probe_now_s() + EAGER_S;
	struct cis_probe_frame frame;

	while (doctor_next(d, until_s, &frame) >= 0 &&
	       cis_probe_now_s() < until_s)
		;
	doctor_begin(d, DOCTOR_ON);
	cis_probe_send(&d->probe, d->idcode, CIS_C37_CMD_DATA_ON);
	if (d->heard.n_data && off_works) {
		doctor_cause(d, "the device sends data before they are "
				"switched on; some receivers take that amiss");
		doctor_end(d, DOCTOR_WARNING,
			   "sent; %llu data frames had come before",
			   (unsigned long long)d->heard.n_data);
	} else {
		doctor_end(d, DOCTOR_OK, "sent");
	}
}

static double period_s(const struct doctor *d)
{
	int rate = d->cfg->data_rate;

	return rate < 0 ? -rate : 0;
}

static void no_data(struct doctor *d, double wait_s)
{
	unsigned long long lost = doctor_no_frame(d);

	if (lost > 0) {
		doctor_end(d, DOCTOR_FAILED,
			   "none in %.3g s, but %llu bytes came that are no "
			   "frame",
			   wait_s, lost);
		return;
	}
	doctor_cause(d, "the device has nothing to send: its measurement or "
			"its clock is not ready");
	doctor_cause(d, "data go to another address: some devices send them by "
			"UDP only (,data=udp:PORT)");
	doctor_cause(d, "data on was not understood, or is not allowed from "
			"here");
	doctor_end(d, DOCTOR_FAILED, "none in %.3g s", wait_s);
}

int doctor_start(struct doctor *d)
{
	double wait_s = FIRST_S + 2 * period_s(d), until_s;
	struct cis_probe_frame frame;
	int type;

	if (d->probe.asks)
		data_on(d);
	doctor_begin(d, DOCTOR_FIRST);
	until_s = cis_probe_now_s() + wait_s;
	do
		type = doctor_next(d, until_s, &frame);
	while (type >= 0 && type != CIS_C37_DATA);
	if (type == -EPIPE)
		return doctor_closed(d);
	if (type < 0) {
		no_data(d, wait_s);
		return -ETIMEDOUT;
	}
	doctor_end(d, DOCTOR_OK, "%zu bytes", frame.len);
	doctor_take_data(d, &frame);
	return 0;
}
