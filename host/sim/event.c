/* event.c - kinds of events, and what they may be told; see cisoid/scenario.h. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "cisoid/scenario.h"
#include "host/core/angle.h"

#define MOST_S    1e9
#define MOST_GAIN 1e6 /* of an oscillation that grows */

const char *cis_event_word(enum cis_event_kind kind)
{
	static const char *const names[] = {
		[CIS_EVENT_RAMP] = "ramp",
		[CIS_EVENT_STEP] = "step",
		[CIS_EVENT_MODULATION] = "modulation",
		[CIS_EVENT_OSCILLATION] = "oscillation",
		[CIS_EVENT_ISLAND] = "island",
		[CIS_EVENT_GPS_LOSS] = "gps_loss",
		[CIS_EVENT_OUTAGE] = "outage",
		[CIS_EVENT_CONFIG] = "config_change",
		[CIS_EVENT_FLAGS] = "flags",
	};

	return names[kind];
}

void cis_event_init(struct cis_event *event, enum cis_event_kind kind)
{
	memset(event, 0, sizeof(*event));
	event->kind = kind;
	event->for_s = INFINITY;
	event->channels = (1u << CIS_SIGNAL_N_CHAN) - 1;
	if (kind == CIS_EVENT_RAMP)
		event->ramp.to_hz = NAN;
	if (kind == CIS_EVENT_ISLAND)
		event->island.resync_s = 5;
	if (kind == CIS_EVENT_GPS_LOSS)
		event->gps_loss.slew = INFINITY;
	if (kind == CIS_EVENT_CONFIG) {
		event->config.announce_s = 60;
		event->config.to.n_analog = event->config.to.n_digital = -1;
		event->config.to.format = -1;
	}
}

/* ---- checks ---- */

/* False for NaN. */
static int within(const char *key, double value, double min, double max,
		  struct cis_diag *diag)
{
	if (value >= min && value <= max)
		return 0;
	return cis_fail(diag, -EINVAL, "%s: %g is not within %g to %g", key,
			value, min, max);
}

static int check_ramp(const struct cis_event *e, struct cis_diag *diag)
{
	bool to = !isnan(e->ramp.to_hz);

	if (within("rocof", e->ramp.hz_per_s, -1000, 1000, diag))
		return -EINVAL;
	if (e->ramp.hz_per_s == 0)
		return cis_fail(diag, -EINVAL,
				"rocof: a ramp of 0 Hz/s is "
				"none");
	if (to && within("to", e->ramp.to_hz, 1, 1000, diag))
		return -EINVAL;
	if (to && !isinf(e->for_s))
		return cis_fail(diag, -EINVAL,
				"to: where the ramp ends is said twice, by to "
				"and by for");
	if (!to && isinf(e->for_s))
		return cis_fail(diag, -EINVAL,
				"for: the ramp never ends; say for how long, "
				"or to what frequency with to");
	return 0;
}

static int check_step(const struct cis_event *e, struct cis_diag *diag)
{
	if (within("mag", e->step.mag, -1, 100, diag) ||
	    within("deg", e->step.rad * CIS_DEG_PER_RAD, -360, 360, diag))
		return -EINVAL;
	if (e->step.mag == 0 && e->step.rad == 0)
		return cis_fail(diag, -EINVAL,
				"mag: the step has neither mag nor deg");
	return 0;
}

static int check_modulation(const struct cis_event *e, struct cis_diag *diag)
{
	if (within("am", e->modulation.am, -1, 1, diag) ||
	    within("am_hz", e->modulation.am_hz, 0, 1000, diag) ||
	    within("pm", e->modulation.pm_rad, -100, 100, diag) ||
	    within("pm_hz", e->modulation.pm_hz, 0, 1000, diag))
		return -EINVAL;
	if (e->modulation.am * e->modulation.am_hz == 0 &&
	    e->modulation.pm_rad * e->modulation.pm_hz == 0)
		return cis_fail(diag, -EINVAL,
				"am: the modulation has neither am with am_hz "
				"nor pm with pm_hz");
	return 0;
}

static int check_oscillation(const struct cis_event *e, struct cis_diag *diag)
{
	double grows = -e->oscillation.damping * CIS_TWO_PI * e->oscillation.hz;

	if (within("hz", e->oscillation.hz, 1e-6, 1000, diag) ||
	    within("mag", e->oscillation.mag, -1, 1, diag) ||
	    within("deg", e->oscillation.rad * CIS_DEG_PER_RAD, -360, 360,
		   diag) ||
	    within("damping", e->oscillation.damping, -1, 1, diag))
		return -EINVAL;
	if (e->oscillation.mag == 0 && e->oscillation.rad == 0)
		return cis_fail(diag, -EINVAL,
				"mag: the oscillation has neither mag nor deg");
	if (grows <= 0)
		return 0;
	if (isinf(e->for_s) || grows * e->for_s > log(MOST_GAIN))
		return cis_fail(diag, -EINVAL,
				"damping: it would grow more than a million "
				"times; end it with for");
	if (fabs(e->oscillation.mag) * exp(grows * e->for_s) > 1)
		return cis_fail(diag, -EINVAL,
				"mag: it grows until the magnitude is below "
				"zero; end it sooner with for");
	return 0;
}

static int check_island(const struct cis_event *e, struct cis_diag *diag)
{
	if (within("hz", e->island.hz, -1000, 1000, diag) ||
	    within("resync", e->island.resync_s, 1e-3, MOST_S, diag))
		return -EINVAL;
	if (e->island.hz == 0)
		return cis_fail(
			diag, -EINVAL,
			"hz: an island at 0 Hz from the others is none");
	return 0;
}

static int check_gps_loss(const struct cis_event *e, struct cis_diag *diag)
{
	if (within("drift_us_per_s", e->gps_loss.drift * 1e6, -1e4, 1e4,
		   diag) ||
	    within("spread_us_per_s", e->gps_loss.spread * 1e6, 0, 1e4, diag))
		return -EINVAL;
	if (!(e->gps_loss.slew > 0))
		return cis_fail(diag, -EINVAL,
				"slew_us_per_s: %g is not positive",
				e->gps_loss.slew * 1e6);
	return 0;
}

static int check_config(const struct cis_event *e, struct cis_diag *diag)
{
	const struct cis_config_change *to = &e->config.to;

	if (within("announce", e->config.announce_s, 0, MOST_S, diag) ||
	    within("analogs", to->n_analog, -1, 255, diag) ||
	    within("digitals", to->n_digital, -1, 64, diag) ||
	    within("format", to->format, -1, 15, diag))
		return -EINVAL;
	if (!to->station[0] && to->n_analog < 0 && to->n_digital < 0 &&
	    to->format < 0)
		return cis_fail(diag, -EINVAL,
				"station: nothing changes; give station, "
				"analogs, digitals or format");
	return 0;
}

static int check_flags(const struct cis_event *e, struct cis_diag *diag)
{
	if (e->flags.stat == 0)
		return cis_fail(diag, -EINVAL, "flags: none is named");
	return 0;
}

static int check_nothing(const struct cis_event *e, struct cis_diag *diag)
{
	(void)e;
	(void)diag;
	return 0;
}

/* How long one occurrence goes on: GPS comes back, an island is resynchronised
 * after for_s. */
static double lasts_s(const struct cis_event *e)
{
	if (isinf(e->for_s))
		return INFINITY;
	if (e->kind == CIS_EVENT_RAMP && e->ramp.back)
		return 2 * e->for_s;
	if (e->kind == CIS_EVENT_ISLAND)
		return e->for_s + e->island.resync_s;
	if (e->kind == CIS_EVENT_GPS_LOSS)
		return e->for_s *
		       (1 + (fabs(e->gps_loss.drift) + e->gps_loss.spread) /
				    e->gps_loss.slew);
	return e->for_s;
}

/* Only steps for good may be taken one after the other. */
static int check_times(const struct cis_event *e, struct cis_diag *diag)
{
	if (within("at", e->at_s, -MOST_S, MOST_S, diag) ||
	    within("every", e->every_s, 0, MOST_S, diag))
		return -EINVAL;
	if (!(e->for_s > 0) || (!isinf(e->for_s) && e->for_s > MOST_S))
		return cis_fail(diag, -EINVAL,
				"for: %g is not a time of at most %g s",
				e->for_s, MOST_S);
	if (e->every_s == 0 && e->times > 1)
		return cis_fail(diag, -EINVAL,
				"times: %u times, but no every says when",
				(unsigned)e->times);
	if (e->every_s > 0 && e->every_s < 1e-3)
		return cis_fail(diag, -EINVAL, "every: %g s is less than 1 ms",
				e->every_s);
	if (e->every_s > 0 && lasts_s(e) > e->every_s * (1 + 1e-12) &&
	    !(isinf(e->for_s) &&
	      (e->kind == CIS_EVENT_STEP || e->kind == CIS_EVENT_RAMP)))
		return cis_fail(diag, -EINVAL,
				"every: it lasts %g s, longer than the %g s "
				"until it begins anew",
				lasts_s(e), e->every_s);
	return 0;
}

int cis_event_check(const struct cis_event *event, struct cis_diag *diag)
{
	static int (*const checks[])(const struct cis_event *,
				     struct cis_diag *) = {
		[CIS_EVENT_RAMP] = check_ramp,
		[CIS_EVENT_STEP] = check_step,
		[CIS_EVENT_MODULATION] = check_modulation,
		[CIS_EVENT_OSCILLATION] = check_oscillation,
		[CIS_EVENT_ISLAND] = check_island,
		[CIS_EVENT_GPS_LOSS] = check_gps_loss,
		[CIS_EVENT_OUTAGE] = check_nothing,
		[CIS_EVENT_CONFIG] = check_config,
		[CIS_EVENT_FLAGS] = check_flags,
	};

	if (check_times(event, diag) || checks[event->kind](event, diag))
		return -EINVAL;
	if (event->channels == 0 || event->channels >> CIS_SIGNAL_N_CHAN != 0)
		return cis_fail(diag, -EINVAL,
				"channels: none of VA VB VC IA "
				"IB IC is named");
	return 0;
}
