/* doctor_talk.c - the doctor's conversation: from the name to the first data. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "doctor_in.h"
#include "host/cli/decode/decode.h"

#define CONNECT_S 5
#define QUIET_S   0.5 /* without data: off */
#define OFF_S     3
#define CFG3_S    2
#define CFG2_S    3
#define PUSHED_S  65 /* it comes once a minute */
#define HEADER_S  2
#define FIRST_S   5
#define EAGER_S   0.3 /* data may come before they are asked for */
#define REFUSED_S 0.2 /* for the network to say that nobody listens */

/* ---- reach ---- */

static int lookup(struct doctor *d)
{
	struct cis_diag diag = {""};
	char text[CIS_ADDR_SIZE];

	doctor_begin(d, DOCTOR_LOOKUP);
	if (cis_probe_lookup(&d->probe, &diag)) {
		doctor_cause(d, "the name is misspelt");
		doctor_cause(d, "no name service is reached: try the address");
		doctor_end(d, DOCTOR_FAILED, "%.200s", diag.msg);
		return -EADDRNOTAVAIL;
	}
	doctor_end(
		d, DOCTOR_OK, "%s%s",
		cis_addr_format((struct sockaddr *)&d->probe.addr.ss[0], text),
		d->probe.addr.n > 1 ? " and others" : "");
	return 0;
}

static void why_not_reached(struct doctor *d, int err)
{
	if (err == -ECONNREFUSED) {
		doctor_cause(d, "the PMU is there, and the port is closed: "
				"4712 is usual for TCP, 4713 for UDP");
		doctor_cause(d, "its C37.118 output is not switched on, or "
				"is UDP");
	} else if (err == -ETIMEDOUT || err == -EHOSTUNREACH ||
		   err == -ENETUNREACH) {
		doctor_cause(d, "the address is wrong, or the PMU is off");
		doctor_cause(d, "a firewall drops the packets");
		doctor_cause(d, "there is no route to that network");
	} else if (err == -EADDRINUSE) {
		doctor_cause(d, "another program has the port of this "
				"computer");
	}
}

/* A port without a listener is told by the network, after something is sent. */
static int udp_refused(struct doctor *d)
{
	struct cis_probe_frame frame;
	double until_s = cis_probe_now_s() + REFUSED_S;

	if (d->probe.tcp || !d->probe.asks)
		return 0;
	cis_probe_send(&d->probe, d->idcode, CIS_C37_CMD_DATA_OFF);
	while (!d->probe.closed && cis_probe_now_s() < until_s)
		(void)doctor_next(d, until_s, &frame);
	return d->probe.closed ? d->probe.error : 0;
}

int doctor_connect(struct doctor *d)
{
	struct cis_diag diag = {""};
	int err = lookup(d);

	if (err)
		return err;
	doctor_begin(d, DOCTOR_REACH);
	err = cis_probe_open(&d->probe, doctor_timeout_s(d, CONNECT_S), &diag);
	if (!err) {
		err = udp_refused(d);
		if (err)
			snprintf(diag.msg, sizeof(diag.msg),
				 "%s: nobody listens there", d->probe.endpoint);
	}
	if (err) {
		why_not_reached(d, err);
		doctor_end(d, DOCTOR_FAILED, "%.250s", diag.msg);
		return err;
	}
	doctor_end(d, DOCTOR_OK, "%s%s", d->probe.endpoint,
		   d->probe.tcp    ? " is connected"
		   : d->probe.asks ? " does not refuse"
				   : " is this computer's: waiting for "
				     "what comes unasked");
	return 0;
}

/* ---- data off ---- */

static int data_off(struct doctor *d)
{
	double end_s = cis_probe_now_s() + OFF_S, quiet_s;
	uint64_t before = d->n_data;
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
			   (unsigned long long)(d->n_data - before), OFF_S);
		return 0;
	}
	doctor_end(d, DOCTOR_OK, "silence%s",
		   d->n_data ? ", after data that nobody had asked for" : "");
	return 0;
}

/* ---- configuration ---- */

/* A whole one, or the last fragment; with a wrong CRC too, to see what it
 * says. */
static bool read_config(struct doctor *d, const struct cis_probe_frame *frame,
			enum cis_c37_type type)
{
	struct cis_c37_config *cfg = NULL;
	struct cis_c37_data *data;
	int err;

	if (cis_c37_is_fragment(frame->p, frame->len))
		err = cis_c37_join_put(&d->join, frame->p, frame->len, &cfg,
				       &d->why);
	else
		err = cis_c37_config_decode(frame->p, frame->len, &cfg,
					    &d->why);
	if (err < 0 || cis_c37_data_new(cfg, &data)) {
		cis_c37_config_free(cfg);
		return err == -EAGAIN;
	}
	cis_c37_config_free(d->cfg);
	cis_c37_data_free(d->data);
	d->cfg = cfg;
	d->data = data;
	d->cfg_type = type;
	return true;
}

/* Waits for the frame that answers. 0: none came. */
static int wait_config(struct doctor *d, double until_s, bool any)
{
	enum cis_c37_type want =
		d->now == DOCTOR_CFG3 ? CIS_C37_CFG3 : CIS_C37_CFG2;
	struct cis_probe_frame frame;
	int type;

	while ((type = doctor_next(d, until_s, &frame)) >= 0) {
		if (type != (int)want && !(any && type == CIS_C37_CFG3))
			continue;
		if (!read_config(d, &frame, (enum cis_c37_type)type)) {
			doctor_end(d, DOCTOR_FAILED,
				   "%zu bytes that cannot be read: %.200s",
				   frame.len, d->why.msg);
			return 1;
		}
		if (!d->cfg)
			continue; /* a fragment */
		doctor_end(d, frame.crc_ok ? DOCTOR_OK : DOCTOR_FAILED,
			   "%zu bytes%s", frame.len,
			   frame.crc_ok ? "" : ", with a wrong CRC");
		return 1;
	}
	return type == -EPIPE ? type : 0;
}

static const char no_frame_cause[] =
	"FRAMESIZE is not the length of a frame, or something else is sent: "
	"the findings at the end tell more";

/* Bytes so far that belong to no frame. The rest of one is not waited for. */
static unsigned long long no_frame(struct doctor *d)
{
	return d->no_frame_len + cis_probe_finish(&d->probe);
}

static void why_no_answer(struct doctor *d)
{
	const uint8_t *p = d->probe.seen;

	if (d->probe.n_rx == 0) {
		doctor_cause(d, "the IDCODE is wrong: say the device's with "
				"--idcode");
		doctor_cause(d, "the device serves one client only, and has "
				"one");
		doctor_cause(d, "the device takes no commands on this port, or "
				"none from this address");
		if (!d->probe.tcp)
			doctor_cause(d, "the answers go to another port, or a "
					"firewall drops them");
	} else if (!memcmp(p, "HTTP", 4) || p[0] == '<') {
		doctor_cause(d, "a web server answers, not a PMU: the port is "
				"wrong");
	} else if (!memcmp(p, "SSH-", 4)) {
		doctor_cause(d, "an SSH server answers, not a PMU: the port is "
				"wrong");
	} else if (p[0] != 0xAA) {
		doctor_cause(d, "the port is of another service: what comes is "
				"not C37.118");
	} else if (no_frame(d) > 0) {
		doctor_cause(d, no_frame_cause);
	} else {
		doctor_cause(d, "the device sends data and takes no commands");
		doctor_cause(d, "the IDCODE is wrong: say the device's with "
				"--idcode");
	}
}

static int no_config(struct doctor *d, double waited_s)
{
	char seen[3 * CIS_PROBE_SEEN + 1] = "";

	for (unsigned i = 0; i < d->probe.n_seen && i < 8; i++)
		snprintf(seen + 3 * i, 4, "%02X ", d->probe.seen[i]);
	why_no_answer(d);
	if (d->probe.n_rx == 0)
		doctor_end(d, DOCTOR_FAILED, "no answer in %.3g s; IDCODE %u",
			   waited_s, d->idcode);
	else
		doctor_end(d, DOCTOR_FAILED,
			   "no configuration in %.3g s, but %llu bytes "
			   "(%s...), %llu data frames; IDCODE %u",
			   waited_s, (unsigned long long)d->probe.n_rx, seen,
			   (unsigned long long)d->n_data, d->idcode);
	return -ETIMEDOUT;
}

static int ask_cfg3(struct doctor *d)
{
	double s = doctor_timeout_s(d, CFG3_S);
	int err;

	if (d->dc->cfg == 2)
		return 0;
	doctor_begin(d, DOCTOR_CFG3);
	cis_probe_send(&d->probe, d->idcode, CIS_C37_CMD_SEND_CFG3);
	err = wait_config(d, cis_probe_now_s() + s, false);
	if (err < 0)
		return doctor_closed(d);
	if (err > 0)
		return 0;
	if (d->dc->cfg == 3)
		return no_config(d, s);
	doctor_cause(d, "devices of 2005 do not know CFG-3");
	doctor_end(d, DOCTOR_WARNING, "no answer in %.3g s", s);
	return 0;
}

static int ask_cfg2(struct doctor *d)
{
	double s = doctor_timeout_s(d, CFG2_S);
	int err;

	if (d->cfg || d->dc->cfg == 3)
		return 0;
	doctor_begin(d, DOCTOR_CFG2);
	cis_probe_send(&d->probe, d->idcode, CIS_C37_CMD_SEND_CFG2);
	err = wait_config(d, cis_probe_now_s() + s, false);
	if (err < 0)
		return doctor_closed(d);
	return err > 0 ? 0 : no_config(d, s);
}

static int await_config(struct doctor *d)
{
	double s = doctor_timeout_s(d, PUSHED_S);
	unsigned long long lost;

	doctor_begin(d, DOCTOR_CFG2);
	if (wait_config(d, cis_probe_now_s() + s, true) > 0)
		return 0;
	lost = no_frame(d);
	if (lost > 0)
		doctor_cause(d, no_frame_cause);
	if (d->n_data) {
		doctor_cause(d, "the sender never sends its configuration: "
				"ask for it, over TCP");
	} else if (lost == 0) {
		doctor_cause(d, "the sender sends to another address or port");
		doctor_cause(d, "a firewall drops the packets; multicast needs "
				",if= and a router that knows");
	}
	doctor_end(d, DOCTOR_FAILED,
		   "none came in %.3g s; data frames: %llu, of another "
		   "IDCODE: %llu; bytes that are no frame: %llu",
		   s, (unsigned long long)d->n_data,
		   (unsigned long long)d->n_other_id, lost);
	return -ETIMEDOUT;
}

static void format_words(unsigned f, char *buf, size_t size)
{
	snprintf(buf, size, "phasors %s %s, FREQ %s",
		 f & CIS_C37_FMT_POLAR ? "polar" : "rectangular",
		 f & CIS_C37_FMT_PHASOR_FLOAT ? "float" : "int16",
		 f & CIS_C37_FMT_FREQ_FLOAT ? "float" : "int16");
}

static int parse(struct doctor *d)
{
	const struct cis_c37_config *cfg = d->cfg;
	unsigned ph = 0, an = 0, dg = 0;
	char format[80], rate[CIS_DECODE_RATE_SIZE];

	doctor_begin(d, DOCTOR_PARSE);
	if (!cfg) {
		doctor_cause(d, "the findings at the end say what is wrong in "
				"the frame");
		doctor_end(d, DOCTOR_FAILED, "%.200s", d->why.msg);
		return -EBADMSG;
	}
	for (uint16_t i = 0; i < cfg->n_pmu; i++) {
		ph += cfg->pmu[i].n_phasor;
		an += cfg->pmu[i].n_analog;
		dg += cfg->pmu[i].n_digital;
	}
	format_words(cfg->pmu[0].format, format, sizeof(format));
	if (d->dc->idcode && cfg->idcode != d->dc->idcode)
		doctor_cause(d, "the device answers to any IDCODE");
	if (cfg->data_rate == 0)
		doctor_cause(d, "receivers cannot tell how often data come; "
				"the findings at the end say why it is 0");
	if (cfg->data_rate < 0)
		doctor_cause(d, "few receivers know rates below one frame a "
				"second");
	doctor_end(d,
		   cfg->data_rate == 0             ? DOCTOR_FAILED
		   : d->step[DOCTOR_PARSE].n_cause ? DOCTOR_WARNING
						   : DOCTOR_OK,
		   "\"%.64s\"%s, IDCODE %u, %u PMU%s: %u phasors, %u analogs, "
		   "%u digital words; %s; %g Hz; %s",
		   cfg->pmu[0].station, cfg->n_pmu > 1 ? " and others" : "",
		   cfg->idcode, cfg->n_pmu, cfg->n_pmu > 1 ? "s" : "", ph, an,
		   dg, format, cis_c37_fnom_hz(&cfg->pmu[0]),
		   cis_decode_rate(cfg->data_rate, rate));
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

	if (!d->probe.asks) {
		err = await_config(d);
		return err ? err : parse(d);
	}
	err = data_off(d);
	if (!err)
		err = ask_cfg3(d);
	if (!err)
		err = ask_cfg2(d);
	if (!err)
		err = parse(d);
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
	if (d->n_data && off_works) {
		doctor_cause(d, "the device sends data before they are "
				"switched on; some receivers take that amiss");
		doctor_end(d, DOCTOR_WARNING,
			   "sent; %llu data frames had come before",
			   (unsigned long long)d->n_data);
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
	unsigned long long lost = no_frame(d);

	if (lost > 0) {
		doctor_cause(d, no_frame_cause);
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
