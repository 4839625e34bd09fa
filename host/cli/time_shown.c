/* time_shown.c - see time_shown.h. */
#include "time_shown.h"

#include <math.h>
#include <stdio.h>

#include "cisoid/utc.h"
#include "cli.h"
#include "front_end_shown.h"
#include "json_value.h"

#define POOR_S    5e-6 /* a good edge is some ten times better */
#define N_SETTLED 8    /* pulses, until the tracker knows the rate */
#define FRESH_S   2.0  /* the last pulse: what is worse is no holdover */

/* "0.41 us" */
static const char *span(double s, char buf[32])
{
	double a = fabs(s);

	if (!isfinite(s))
		snprintf(buf, 32, "not known");
	else if (a < 1e-6)
		snprintf(buf, 32, "%.3g ns", s * 1e9);
	else if (a < 1e-3)
		snprintf(buf, 32, "%.3g us", s * 1e6);
	else if (a < 1)
		snprintf(buf, 32, "%.3g ms", s * 1e3);
	else
		snprintf(buf, 32, "%.3g s", s);
	return buf;
}

static void text_of_pulses(const struct cis_time_status *st)
{
	char buf[32];

	printf("%-14s %llu used, %llu refused", "pulses",
	       (unsigned long long)st->n_edges,
	       (unsigned long long)st->n_outliers);
	if (st->n_unused)
		printf(", %llu not used", (unsigned long long)st->n_unused);
	putchar('\n');
	if (st->why)
		printf("%-14s %s\n", "but", cis_pps_why_text(st->why));
	if (isfinite(st->last_edge_s)) {
		printf("%-14s %s off its prediction", "last pulse",
		       span(st->last_edge_s, buf));
		printf(", %s ago\n", span(st->last_age_s, buf));
	}
	if (st->tau_s > 0)
		printf("%-14s time constant %s\n", "network",
		       span(st->tau_s, buf));
	else if (st->tau_s <= 0)
		printf("%-14s none: a bare edge is known to a sample only\n",
		       "network");
}

/* What to look at where pulses are used and dates are poor; NULL: nothing. */
static const char *hint(const struct cis_time_status *st)
{
	bool follows = st->kind == CIS_DATER_PPS_CHANNEL && st->n_edges > 0 &&
		       st->last_age_s < FRESH_S && !st->why;

	if (!follows || !(st->quality.unc_s > POOR_S))
		return NULL;
	if (st->tau_s <= 0)
		return "a bare edge is not dated better than to a sample; "
		       "slow it down by a resistor and a capacitor, to a time "
		       "constant of 0.1 to 1 ms";
	if (st->n_edges < N_SETTLED)
		return NULL;
	return "the edge is not well known; the pulse should last longer than "
	       "five time constants, and rise by volts";
}

static void text_of_system(void)
{
	struct cis_clock_kernel k;
	char buf[32];

	cis_clock_kernel(&k);
	if (k.synchronised)
		printf("%-14s within %s", "system clock",
		       span(k.max_error_s, buf));
	else
		printf("%-14s not synchronised", "system clock");
	if (k.tai_offset_s == 0)
		printf("; TAI - UTC is %d s, which the kernel does not know\n",
		       k.known_offset_s);
	else
		printf("; TAI - UTC is %d s%s\n", k.tai_offset_s,
		       k.tai_offset_s == k.known_offset_s
			       ? ""
			       : ", by the table of leap seconds another");
}

void cis_time_text(const struct cis_time_status *st,
		   const struct cis_source_info *info)
{
	char buf[CIS_UTC_SIZE];

	if (info->simulated)
		puts("SIMULATED - NOT A CALIBRATION");
	printf("%-14s %s\n", "time source", cis_dater_name(st->kind));
	printf("%-14s %s\n", "state", cis_time_state_name(st->state));
	printf("%-14s %s\n", "uncertainty", span(st->quality.unc_s, buf));
	if (st->quality.unlocked_s > 0)
		printf("%-14s %s\n", "unlocked for",
		       span(st->quality.unlocked_s, buf));
	if (st->at.tai_ns)
		printf("%-14s %s\n", "last sample",
		       cis_utc_format(st->at, 6, buf));
	printf("%-14s %.6f Hz", "scan clock", st->rate_hz);
	if (isfinite(st->ppm))
		printf(", %+.4f ppm", st->ppm);
	putchar('\n');
	if (st->kind == CIS_DATER_PPS_CHANNEL || st->kind == CIS_DATER_PPS_DEV)
		text_of_pulses(st);
	if (st->denied_s > 0)
		printf("%-14s dates are %s off this computer's clock, more "
		       "than that may be:\n%-14s the pulse is inverted, or is "
		       "no second's; or the clock is wrong\n",
		       "contradiction", span(st->denied_s, buf), "");
	if (hint(st))
		printf("%-14s %s\n", "hint", hint(st));
	cis_front_end_text(info);
	text_of_system();
}

json_t *cis_time_object(const struct cis_time_status *st,
			const struct cis_source_info *info)
{
	char at[CIS_UTC_SIZE] = "";

	if (st->at.tai_ns)
		cis_utc_format(st->at, 9, at);
	return json_pack(
		"{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, "
		"s:I, s:I, s:I, s:o, s:o}",
		"source", cis_dater_name(st->kind), "state",
		cis_time_state_name(st->state), "unc_s",
		cis_json_number(st->quality.unc_s), "unlocked_s",
		cis_json_number(st->quality.unlocked_s), "at",
		cis_json_text(at), "rate_hz", cis_json_number(st->rate_hz),
		"ppm", cis_json_number(st->ppm), "last_edge_s",
		cis_json_number(st->last_edge_s), "last_age_s",
		cis_json_number(st->last_age_s), "tau_s",
		cis_json_number(st->tau_s), "denied_s",
		cis_json_number(st->denied_s), "edges", (json_int_t)st->n_edges,
		"outliers", (json_int_t)st->n_outliers, "unused",
		(json_int_t)st->n_unused, "why",
		st->why ? json_string(cis_pps_why_name(st->why)) : json_null(),
		"front_end", cis_front_end_object(info));
}

void cis_time_json(const struct cis_time_status *st, bool good,
		   const struct cis_source_info *info)
{
	json_t *o = cis_time_object(st, info), *system;
	struct cis_clock_kernel k;

	cis_clock_kernel(&k);
	system =
		json_pack("{s:b, s:o, s:i, s:i}", "synchronised",
			  k.synchronised, "max_error_s",
			  cis_json_number(k.synchronised ? k.max_error_s : NAN),
			  "kernel_tai_offset_s", k.tai_offset_s, "tai_offset_s",
			  k.known_offset_s);
	json_object_set_new(o, "simulated", json_boolean(info->simulated));
	json_object_set_new(o, "hint", cis_json_text(hint(st)));
	json_object_set_new(o, "good", json_boolean(good));
	json_object_set_new(o, "system_clock", system);
	cis_cli_json_begun();
	json_dumpf(o, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(o);
}
