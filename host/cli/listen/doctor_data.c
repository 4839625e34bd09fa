/* doctor_data.c - what the doctor thinks of a few seconds of data. */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "doctor_in.h"
#include "doctor_rate.h"

#define WINDOW_S     5
#define WINDOW_MAX_S 60
#define PERIODS      3 /* at rates below 1/s */
#define NEAR_S       2 /* of UTC */
#define STOP_S       1
#define GRID_TICKS   1
#define MANY_BAD     0.1
#define RATE_OFF     0.1
#define RATE_NEAR    0.02

/* ---- every data frame ---- */

static void count_quality(struct doctor *d)
{
	struct doctor_data *g = &d->got;
	unsigned code = d->data->head.time_quality & 0xF;

	if (code > g->worst_quality)
		g->worst_quality = code;
	g->no_lock += code != 0;
	for (uint16_t i = 0; i < d->data->n_pmu; i++) {
		uint16_t stat = d->data->block[i].stat;

		g->n_blocks++;
		g->unsync += (stat & CIS_C37_STAT_UNSYNC) != 0;
		g->invalid += stat >> 14 == 1;
		g->test += stat >> 14 == 2;
		g->error += stat >> 14 == 3;
		g->changing += (stat & CIS_C37_STAT_CFG_CHANGE) != 0;
	}
	g->freq_hz = d->data->block[0].freq_hz;
}

static void count_order(struct doctor_data *g, struct cis_instant at)
{
	int64_t step = g->n ? cis_instant_diff(at, g->at) : 1;

	if (g->n == 0)
		g->begin = at;
	if (step == 0)
		g->duplicates++;
	else if (step < 0)
		g->late++;
	else
		g->gaps += (uint64_t)(step - 1);
	if (step > 0)
		g->at = at;
}

/* The stamp as it is, on the grid or not. */
static struct cis_split_time stamp(const struct doctor *d,
				   struct cis_instant at, bool *on_grid)
{
	const struct cis_c37_head *h = &d->data->head;
	struct cis_split_time t = cis_instant_split(at);
	double frac_s = cis_c37_frac_s(h->fracsec, d->cfg->time_base);
	double off_s = frac_s - t.frac_s;

	off_s -= round(off_s);
	*on_grid = fabs(off_s) * d->cfg->time_base <= GRID_TICKS + 1e-6;
	t.frac_s += off_s;
	return t;
}

void doctor_take_data(struct doctor *d, const struct cis_probe_frame *frame)
{
	struct doctor_data *g = &d->got;
	struct cis_instant at;
	double now_s = cis_probe_now_s(), late_s;
	bool on_grid;

	if (!frame->crc_ok)
		return;
	if (cis_c37_data_decode(d->cfg, frame->p, frame->len, d->data, NULL) <
	    0) {
		g->n_unread++;
		return;
	}
	at = cis_c37_instant(d->cfg, d->data->head.soc, d->data->head.fracsec);
	late_s = cis_split_diff_s(cis_time_split(frame->arrival),
				  stamp(d, at, &on_grid));
	g->off_grid += !on_grid && d->cfg->data_rate != 0;
	count_order(g, at);
	count_quality(d);
	g->late_min_s = g->n ? fmin(g->late_min_s, late_s) : late_s;
	g->late_max_s = g->n ? fmax(g->late_max_s, late_s) : late_s;
	g->late_sum_s += late_s;
	if (g->n < DOCTOR_DELAYS)
		g->delay_s[g->n] = late_s;
	if (g->n == 0)
		g->first_s = now_s;
	g->last_s = now_s;
	g->n++;
}

/* ---- verdicts ---- */

static void judge_crc(struct doctor *d)
{
	uint64_t n = d->heard.n_frame, bad = d->heard.n_bad_crc;
	size_t lost = d->probe.pickup.split.skipped;

	doctor_begin(d, DOCTOR_CRC);
	if (bad == 0 && lost > 0) {
		doctor_cause(d, "FRAMESIZE is not the length of a frame, or "
				"something else is sent between frames");
		doctor_end(d, DOCTOR_WARNING,
			   "%llu frames, all right, and %zu bytes that belong "
			   "to none",
			   (unsigned long long)n, lost);
		return;
	}
	if (bad == 0) {
		doctor_end(d, DOCTOR_OK, "%llu frames, all right",
			   (unsigned long long)n);
		return;
	}
	doctor_cause(d, "the findings at the end say how it is computed "
			"wrongly, where that shows");
	if (bad < n)
		doctor_cause(d, "serial lines and radio links damage bytes; "
				"TCP and UDP do not");
	doctor_end(d,
		   (double)bad >= MANY_BAD * (double)n ? DOCTOR_FAILED
						       : DOCTOR_WARNING,
		   "%llu of %llu frames are wrong", (unsigned long long)bad,
		   (unsigned long long)n);
}

/* Two clocks are compared; which one is right is another question. */
static void judge_time(struct doctor *d)
{
	const struct doctor_data *g = &d->got;
	double mean_s = g->late_sum_s / (double)g->n;
	bool far = g->late_min_s > NEAR_S || g->late_max_s < -NEAR_S ||
		   fabs(mean_s) > NEAR_S;
	bool ours = !isfinite(d->clock.unc_s);
	bool early = g->late_min_s < -0.001;

	doctor_begin(d, DOCTOR_TIME);
	if (far && fabs(fabs(mean_s) - 3600 * round(fabs(mean_s) / 3600)) < 60)
		doctor_cause(d, "whole hours: local time is sent for UTC");
	else if (far)
		doctor_cause(d, "the device's clock is not set, or the data "
				"are recorded");
	if ((far || early) && ours)
		doctor_cause(d, "this computer's clock is not synchronised: "
				"it may be the wrong one");
	if (g->off_grid)
		doctor_cause(d, "the time of sending is stamped, not the "
				"instant that was measured");
	doctor_end(d,
		   far                    ? DOCTOR_FAILED
		   : g->off_grid || early ? DOCTOR_WARNING
					  : DOCTOR_OK,
		   "arrival less time stamp: %.3f s (%.3f to %.3f); off the "
		   "grid: %llu of %llu%s",
		   mean_s, g->late_min_s, g->late_max_s,
		   (unsigned long long)g->off_grid, (unsigned long long)g->n,
		   ours ? "; this computer's clock is not synchronised" : "");
}

static void judge_quality(struct doctor *d)
{
	const struct doctor_data *g = &d->got;
	bool bad = g->invalid + g->error == g->n_blocks;
	bool some =
		g->unsync || g->invalid || g->error || g->test || g->no_lock;

	doctor_begin(d, DOCTOR_QUALITY);
	if (g->unsync || g->no_lock)
		doctor_cause(d, "the device has no time source: angles cannot "
				"be compared with others'");
	if (g->test)
		doctor_cause(d, "the device is in test mode");
	if (g->invalid || g->error)
		doctor_cause(d, "the device has no signal, or its measurement "
				"failed");
	doctor_end(d,
		   bad    ? DOCTOR_FAILED
		   : some ? DOCTOR_WARNING
			  : DOCTOR_OK,
		   "of %llu: not in sync %llu, test mode %llu, invalid %llu, "
		   "not to be used %llu; worst time quality %X",
		   (unsigned long long)g->n_blocks,
		   (unsigned long long)g->unsync, (unsigned long long)g->test,
		   (unsigned long long)g->invalid, (unsigned long long)g->error,
		   g->worst_quality);
}

/* Frames a second. Where stamps are of no use, arrivals are counted. */
static double rate_hz(struct doctor *d)
{
	struct doctor_data *g = &d->got;
	double came_s = g->last_s - g->first_s, span_s;

	if (d->cfg->data_rate != 0) {
		span_s = (double)cis_instant_diff(g->at, g->begin) /
			 cis_rate_hz(g->at.rate);
		if (span_s > 0)
			return doctor_rate_hz(
				(double)(g->n - 1) / span_s, g->delay_s,
				g->n < DOCTOR_DELAYS ? (size_t)g->n
						     : DOCTOR_DELAYS);
	}
	return came_s > 0 ? (double)(g->n - 1) / came_s : 0;
}

/* Frames that arrived a second, and those that the configuration promises. */
static void judge_rate(struct doctor *d, double window_s)
{
	const struct doctor_data *g = &d->got;
	double want_hz = d->cfg->data_rate < 0 ? -1.0 / d->cfg->data_rate
					       : d->cfg->data_rate;
	double hz = rate_hz(d);
	double off = want_hz > 0 ? fabs(hz / want_hz - 1) : 1;
	enum doctor_verdict verdict = off <= RATE_NEAR  ? DOCTOR_OK
				      : off <= RATE_OFF ? DOCTOR_WARNING
							: DOCTOR_FAILED;

	doctor_begin(d, DOCTOR_RATE);
	if (verdict != DOCTOR_OK && want_hz > 0) {
		if (hz < want_hz)
			doctor_cause(d, "frames are lost, or the link is too "
					"slow");
		doctor_cause(d, "the configuration is not what the device "
				"sends");
		if (g->duplicates)
			doctor_cause(d, "frames come twice");
	} else if (verdict != DOCTOR_OK) {
		doctor_cause(d, "DATA_RATE is 0");
	}
	doctor_end(d, verdict,
		   "%.4g frames/s came in %.3g s, %.4g are configured", hz,
		   window_s, want_hz);
}

static void judge_order(struct doctor *d)
{
	const struct doctor_data *g = &d->got;

	doctor_begin(d, DOCTOR_ORDER);
	if (g->gaps)
		doctor_cause(d, "frames are lost on the way (UDP), dropped by "
				"the device, or sent less often than "
				"configured");
	if (g->duplicates)
		doctor_cause(d, "two senders use one IDCODE, or the network "
				"doubles datagrams");
	doctor_end(d,
		   g->gaps || g->duplicates || g->late ? DOCTOR_WARNING
						       : DOCTOR_OK,
		   "missing %llu, twice %llu, out of order %llu",
		   (unsigned long long)g->gaps,
		   (unsigned long long)g->duplicates,
		   (unsigned long long)g->late);
}

/* ---- the window ---- */

static double window(const struct doctor *d)
{
	int rate = d->cfg->data_rate;
	double s = rate < 0 ? -rate * PERIODS + 1 : WINDOW_S;

	return s < WINDOW_S ? WINDOW_S : s > WINDOW_MAX_S ? WINDOW_MAX_S : s;
}

/* Returns -EPIPE when the other side left in the middle. */
static int collect(struct doctor *d, double window_s)
{
	double until_s = cis_probe_now_s() + window_s;
	struct cis_probe_frame frame;
	int type;

	while ((type = doctor_next(d, until_s, &frame)) >= 0) {
		if (type == CIS_C37_DATA)
			doctor_take_data(d, &frame);
		if (cis_probe_now_s() > until_s)
			break;
	}
	return type == -EPIPE ? type : 0;
}

static void say_left(struct doctor *d)
{
	doctor_begin(d, DOCTOR_STOP);
	doctor_cause(d, "the device thinks that the client is too slow, or "
			"allows one at a time");
	doctor_end(d, DOCTOR_FAILED,
		   "the other side closed the connection while data came");
}

void doctor_judge(struct doctor *d)
{
	double window_s = window(d);
	int err = collect(d, window_s);

	judge_crc(d);
	if (d->got.n == 0 && d->got.n_unread > 0) {
		doctor_begin(d, DOCTOR_RATE);
		doctor_cause(d, "data and configuration differ: the findings "
				"at the end say how");
		doctor_end(d, DOCTOR_FAILED,
			   "%llu data frames, none of the length that the "
			   "configuration says",
			   (unsigned long long)d->got.n_unread);
	}
	/* A few good ones among many wrong are good by chance. */
	if (d->got.n > 0 && 2 * d->heard.n_data_bad < d->heard.n_data) {
		judge_time(d);
		judge_quality(d);
		judge_rate(d, window_s);
		if (d->cfg->data_rate != 0)
			judge_order(d);
	}
	if (err)
		say_left(d);
}

/* ---- data off at the end ---- */

void doctor_stop(struct doctor *d)
{
	double end_s = cis_probe_now_s() + 3 * STOP_S;
	double quiet_s = cis_probe_now_s() + STOP_S;
	struct cis_probe_frame frame;
	int type;

	if (!d->probe.asks || d->probe.closed)
		return;
	doctor_begin(d, DOCTOR_STOP);
	cis_probe_send(&d->probe, d->idcode, CIS_C37_CMD_DATA_OFF);
	do {
		type = doctor_next(d, quiet_s, &frame);
		if (type == CIS_C37_DATA)
			quiet_s = cis_probe_now_s() + STOP_S;
	} while (type >= 0 && quiet_s < end_s);
	if (type < 0) {
		doctor_end(d, DOCTOR_OK, "silence");
		return;
	}
	doctor_cause(d, "the device ignores data off: other clients on a slow "
			"link will miss that");
	doctor_end(d, DOCTOR_WARNING, "data go on after it");
}
