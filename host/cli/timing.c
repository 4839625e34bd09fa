/* timing.c - see timing.h. */
#include "timing.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cisoid/log.h"
#include "host/acq/mcu/front_end.h"
#include "settings.h"

#define TIMED_SPEC_SIZE (CIS_SPEC_SIZE + 32)

/* How well a board's start by software is known, at the best. */
#define START_S 1e-3

static int fail(const struct cis_timing *t, int err,
		const struct cis_diag *diag)
{
	return cis_cli_fail(t->cmd, cis_exit_for(err), "%s", diag->msg);
}

/* The source's words as it must be opened. */
static int source_words(const struct cis_timing *t, char words[TIMED_SPEC_SIZE])
{
	struct cis_dater_spec time = {.kind = CIS_DATER_SYSTEM};
	struct cis_diag diag = {""};
	size_t len = strlen(t->source);
	int err = 0;

	if (len >= CIS_SPEC_SIZE)
		return cis_cli_fail(t->cmd, CIS_EXIT_USAGE,
				    "--source is too long");
	if (*t->time)
		err = cis_dater_parse(t->time, &time, &diag);
	if (err)
		return fail(t, err, &diag);
	memcpy(words, t->source, len + 1);
	/* A recording refuses by itself, and better. */
	if (time.kind == CIS_DATER_PPS_CHANNEL &&
	    strncmp(words, "replay:", 7) != 0)
		snprintf(words + len, TIMED_SPEC_SIZE - len, "%spps_channel=%u",
			 !strchr(words, ':')     ? ":"
			 : words[len - 1] == ':' ? ""
						 : ",",
			 time.channel);
	return CIS_EXIT_OK;
}

int cis_timing_source(const struct cis_timing *t, struct cis_source **out)
{
	char words[TIMED_SPEC_SIZE];
	struct cis_diag diag = {""};
	int err, status = source_words(t, words);

	if (status)
		return status;
	err = cis_source_open(words, out, &diag);
	if (err)
		return fail(t, err, &diag);
	cis_cli_warn(cis_source_info(*out)->warn);
	return CIS_EXIT_OK;
}

int cis_timing_choose(struct cis_timing *t, const struct cis_source_info *info)
{
	const char *words = info->external ? "external" : "system";
	struct cis_diag diag = {""};
	int err = cis_dater_parse(*t->time ? t->time : words, &t->spec, &diag);

	if (err)
		return fail(t, err, &diag);
	t->clock.kind = cis_dater_clock(t->spec.kind);
	return CIS_EXIT_OK;
}

/* ---- good enough? ---- */

static int judge_clock(const struct cis_timing *t)
{
	bool none = t->spec.kind == CIS_DATER_NONE;
	struct cis_clock clock = {.kind = t->clock.kind};
	struct cis_time_quality q = cis_clock_quality(&clock);

	if (q.unc_s <= t->max_error_s)
		return CIS_EXIT_OK;
	if (none)
		return cis_cli_fail(
			t->cmd, CIS_EXIT_TIME,
			"--time none runs free, so that --max-time-error "
			"cannot be kept; choose another --time, or leave the "
			"option out");
	if (!isfinite(q.unc_s))
		return cis_cli_fail(
			t->cmd, CIS_EXIT_TIME,
			"this computer's clock is not synchronised, so that "
			"--max-time-error cannot be kept; start chrony or ntp, "
			"or leave the option out");
	return cis_cli_fail(t->cmd, CIS_EXIT_TIME,
			    "the time may be off by %g s, more than the %g s "
			    "of --max-time-error",
			    q.unc_s, t->max_error_s);
}

/* Pulses and edges are the second's; which one it is the clock says. */
static void judge_second(const struct cis_source_info *info,
			 const struct cis_dater_spec *spec)
{
	bool counts = spec->kind == CIS_DATER_EXTERNAL ||
		      spec->kind == CIS_DATER_PPS_CHANNEL;
	struct cis_clock clock = {.kind = CIS_CLOCK_SYSTEM};

	if (!counts || !info->realtime ||
	    (info->attested && spec->kind == CIS_DATER_EXTERNAL))
		return;
	if (!isfinite(cis_clock_quality(&clock).unc_s))
		cis_log(CIS_LOG_WARN,
			"this computer's clock is not synchronised, and it "
			"names the second: dates may be whole seconds off, and "
			"an inverted pulse is not seen; start chrony or ntp");
}

int cis_timing_judge(const struct cis_timing *t,
		     const struct cis_source_info *info)
{
	const struct cis_dater_spec *spec = &t->spec;
	bool by_clock = spec->kind == CIS_DATER_SYSTEM ||
			spec->kind == CIS_DATER_NONE ||
			spec->kind == CIS_DATER_PPS_DEV;
	double best_s = spec->error_s;

	judge_second(info, spec);
	if (!isfinite(t->max_error_s))
		return CIS_EXIT_OK;
	if (spec->kind == CIS_DATER_EXTERNAL && info->attested)
		best_s = cis_front_end_best_s(info->front_end) +
			 (spec->error_told ? spec->error_s : 0);
	if (by_clock)
		best_s = info->realtime ? START_S : 0;
	if (best_s > t->max_error_s)
		return cis_cli_fail(t->cmd, CIS_EXIT_TIME,
				    "the time source %s is good to %g s at the "
				    "best, less good than the %g s of "
				    "--max-time-error",
				    cis_dater_name(spec->kind), best_s,
				    t->max_error_s);
	if (by_clock && spec->kind != CIS_DATER_PPS_DEV)
		return judge_clock(t);
	return CIS_EXIT_OK;
}

/* ---- in force ---- */

struct cis_time cis_timing_start(struct cis_timing *t,
				 const struct cis_source_info *info)
{
	struct cis_time now = cis_clock_now(&t->clock);

	t->declared = false;
	if (t->start && (info->realtime || info->dated)) {
		cis_log(CIS_LOG_WARN, "--start is not used: the samples %s",
			info->dated ? "have their own dates"
				    : "begin when the board does");
		return now;
	}
	if (t->start) {
		t->declared = cis_time_diff_ns(*t->start, now) < 0;
		return *t->start;
	}
	/* The first samples of a formula are past already. */
	if (!info->realtime)
		now.tai_ns = cis_time_floor_s(now) * CIS_NS_PER_S;
	return now;
}

int cis_timing_dater(const struct cis_timing *t,
		     const struct cis_source_info *info, double fnom_hz,
		     struct cis_dater **out)
{
	const struct cis_dater_config cfg = {
		.spec = t->spec,
		.info = info,
		.declared = t->declared,
		.fnom_hz = fnom_hz,
		.max_error_s = t->max_error_s,
	};
	struct cis_diag diag = {""};
	int err = cis_dater_new(&cfg, out, &diag);

	return err ? fail(t, err, &diag) : CIS_EXIT_OK;
}
