/* limits.c - tests by name, limits by criteria; see judge.h. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "host/core/near.h"
#include "host/judge/limits.h"

static const char *const test_names[CIS_N_TEST + 1] = {
	[CIS_TEST_STEADY_FREQUENCY] = "steady_frequency",
	[CIS_TEST_STEADY_MAGNITUDE_VOLTAGE] = "steady_magnitude_voltage",
	[CIS_TEST_STEADY_MAGNITUDE_CURRENT] = "steady_magnitude_current",
	[CIS_TEST_STEADY_PHASE] = "steady_phase",
	[CIS_TEST_HARMONIC] = "harmonic",
	[CIS_TEST_OUT_OF_BAND] = "out_of_band",
	[CIS_TEST_MODULATION_AMPLITUDE] = "modulation_amplitude",
	[CIS_TEST_MODULATION_PHASE] = "modulation_phase",
	[CIS_TEST_MODULATION_COMBINED] = "modulation_combined",
	[CIS_TEST_FREQUENCY_RAMP] = "frequency_ramp",
	[CIS_TEST_STEP_MAGNITUDE] = "step_magnitude",
	[CIS_TEST_STEP_PHASE] = "step_phase",
	[CIS_TEST_REPORTING_LATENCY] = "reporting_latency",
};

/* Room for a list of reporting rates. */
#define LIST_SIZE 80

static const char *const edition_names[] = {[CIS_EDITION_2011] = "2011",
					    [CIS_EDITION_2014] = "2014",
					    [CIS_EDITION_2018] = "2018"};

const char *cis_edition_name(enum cis_edition edition)
{
	return edition_names[edition];
}

int cis_edition_parse(const char *text, size_t len, enum cis_edition *out)
{
	for (int e = CIS_EDITION_2011; e <= CIS_EDITION_2018; e++)
		if (strlen(edition_names[e]) == len &&
		    !memcmp(text, edition_names[e], len)) {
			*out = (enum cis_edition)e;
			return 0;
		}
	return -EINVAL;
}

const char *cis_test_name(enum cis_test test)
{
	return test_names[test];
}

static int no_such_test(const char *name, struct cis_diag *diag)
{
	const char *near = cis_near(name, test_names);
	char list[256] = "";

	if (near)
		return cis_fail(diag, -EINVAL,
				"there is no test \"%.40s\"; did you mean %s?",
				name, near);
	for (int i = 0; i < CIS_N_TEST; i++)
		snprintf(list + strlen(list), sizeof(list) - strlen(list),
			 "%s%s", i ? " " : "", test_names[i]);
	return cis_fail(diag, -EINVAL,
			"there is no test \"%.40s\"; there are %s", name, list);
}

int cis_test_parse(const char *name, enum cis_test *out, struct cis_diag *diag)
{
	for (int i = 0; i < CIS_N_TEST; i++) {
		if (!strcmp(name, test_names[i])) {
			*out = (enum cis_test)i;
			return 0;
		}
	}
	return no_such_test(name, diag);
}

const struct cis_limit *cis_limit_all(uint32_t *n)
{
	*n = cis_n_limit;
	return cis_limits;
}

static bool same(const struct cis_criteria *a, const struct cis_criteria *b)
{
	return a->edition == b->edition && a->perf_class == b->perf_class &&
	       a->fnom_hz == b->fnom_hz && a->report_rate == b->report_rate;
}

const struct cis_limit *cis_limit_find(const struct cis_criteria *c,
				       enum cis_test test)
{
	for (unsigned i = 0; i < cis_n_limit; i++)
		if (cis_limits[i].test == test &&
		    same(&cis_limits[i].criteria, c))
			return &cis_limits[i];
	return NULL;
}

double cis_limit_unrounded_s(const struct cis_limit *limit, double s)
{
	double rate = limit->criteria.report_rate;

	return rint(s * rate) / rate;
}

/* ---- what there is ---- */

/* "10, 25, 50 and 100"; "" where fnom is unknown. Returns the standard's name.
 * Rows of one rate stand together. */
static const char *rates(const struct cis_criteria *c, char list[LIST_SIZE])
{
	struct cis_criteria at = *c;
	const char *standard = "this edition", *between = "";
	unsigned last = 0;

	list[0] = 0;
	for (unsigned i = 0; i < cis_n_limit; i++) {
		size_t len = strlen(list);

		at.report_rate = cis_limits[i].criteria.report_rate;
		if (!same(&cis_limits[i].criteria, &at) ||
		    at.report_rate == last)
			continue;
		standard = cis_limits[i].standard;
		snprintf(list + len, LIST_SIZE - len, "%s%u", between,
			 at.report_rate);
		last = at.report_rate;
		between = ", ";
	}
	return standard;
}

int cis_criteria_check(const struct cis_criteria *c, struct cis_diag *diag)
{
	char list[LIST_SIZE];
	const char *standard = rates(c, list);

	for (unsigned i = 0; i < cis_n_limit; i++)
		if (same(&cis_limits[i].criteria, c))
			return 0;
	if (!list[0])
		return cis_fail(diag, -EINVAL,
				"there are no limits for %u Hz; the nominal "
				"frequency is 50 or 60",
				c->fnom_hz);
	return cis_fail(diag, -EINVAL,
			"%s has no limits for %u reports/s at %u Hz; it has "
			"%s",
			standard, c->report_rate, c->fnom_hz, list);
}
