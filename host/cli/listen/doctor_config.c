/* doctor_config.c - a PMU's configuration, and why there may be none. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "doctor_in.h"
#include "host/cli/decode/decode.h"

#define CFG3_S   2
#define CFG2_S   3
#define PUSHED_S 65 /* it comes once a minute */

/* A whole one, or the last fragment; with a wrong CRC too, to see what it
 * says. */
static bool read_config(struct doctor *d, const struct cis_probe_frame *frame)
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
		if (!read_config(d, &frame)) {
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
	} else if (doctor_no_frame(d) == 0) {
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
			   (unsigned long long)d->heard.n_data, d->idcode);
	return -ETIMEDOUT;
}

/* ---- asked for, or awaited ---- */

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
	lost = doctor_no_frame(d);
	if (d->heard.n_data) {
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
		   s, (unsigned long long)d->heard.n_data,
		   (unsigned long long)d->heard.n_other_id, lost);
	return -ETIMEDOUT;
}

/* ---- what it says ---- */

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

int doctor_config(struct doctor *d)
{
	int err = d->probe.asks ? ask_cfg3(d) : await_config(d);

	if (!err && d->probe.asks)
		err = ask_cfg2(d);
	return err ? err : parse(d);
}
