/* scenario_leap.c - leap seconds that are rehearsed; see scenario_doc.h. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cisoid/utc.h"
#include "scenario_doc.h"
#include "scenario_event.h"

#define MAX_LEAP 8
#define MINUTE_S 60

bool cis_scenario_is_leap(const struct cis_json_at *event)
{
	const char *type =
		json_string_value(json_object_get(event->value, "type"));

	return type && !strcmp(type, "leap_second");
}

struct leap {
	int64_t soc;
	int step_s;
	size_t i;
};

/* At the first end of a minute that is not before its "at". */
static int read_leap(const struct cis_json_at *event, int64_t t0_soc,
		     struct leap *leap, struct cis_diag *diag)
{
	static const char *const keys[] = {"type", "at", "kind", NULL};
	static const char *const words[] = {"insert", "delete", NULL};
	struct cis_json_at at = cis_json_member(event, "at");
	struct cis_json_at kind = cis_json_member(event, "kind");
	struct cis_time date;
	double at_s = 0;
	int64_t soc;
	unsigned word = 0;
	bool is_date;

	if (cis_json_check_keys(event, keys, diag) ||
	    cis_scenario_at(event, &at_s, &date, &is_date, diag) ||
	    cis_json_get_word(&kind, words, &word, diag))
		return -EBADMSG;
	if (!(at_s >= 0 && at_s <= 1e9))
		return cis_json_fail(&at, diag, "%g s is not within 0 to 1e9",
				     at_s);
	leap->step_s = word ? -1 : 1;
	soc = is_date ? cis_utc_from_tai(cis_time_floor_s(date)).soc
		      : t0_soc + (int64_t)ceil(at_s);
	if (is_date && (soc % MINUTE_S || date.tai_ns % CIS_NS_PER_S))
		return cis_json_fail(&at, diag,
				     "not the end of a minute; a leap second "
				     "comes before hh:mm:00");
	leap->soc = (soc + MINUTE_S - 1) / MINUTE_S * MINUTE_S;
	return 0;
}

static int by_soc(const void *a, const void *b)
{
	const struct leap *x = a, *y = b;

	return (x->soc > y->soc) - (x->soc < y->soc);
}

static int rehearse(const struct cis_json_at *events, const struct leap *leap,
		    unsigned n, struct cis_diag *diag)
{
	for (unsigned i = 0; i < n; i++) {
		struct cis_json_at event = cis_json_item(events, leap[i].i);
		struct cis_json_at at = cis_json_member(&event, "at");

		if (i > 0 && leap[i].soc == leap[i - 1].soc)
			return cis_json_fail(&at, diag,
					     "a minute has one leap second");
		if (cis_utc_rehearse_leap(leap[i].soc, leap[i].step_s))
			return cis_json_fail(
				&at, diag,
				"a real leap second follows it; give a date "
				"after the last one that is known");
	}
	return 0;
}

int cis_scenario_doc_rehearse(const struct cis_scenario_doc *doc, int64_t soc,
			      struct cis_diag *diag)
{
	struct cis_json_at root = cis_json_root(&doc->json);
	struct cis_json_at events = cis_json_member(&root, "events");
	struct leap leap[MAX_LEAP];
	unsigned n = 0;

	for (size_t i = 0; i < json_array_size(events.value); i++) {
		struct cis_json_at at = cis_json_item(&events, i);
		struct leap *l = &leap[n];

		if (!cis_scenario_is_leap(&at))
			continue;
		if (n == MAX_LEAP)
			return cis_json_fail(&at, diag,
					     "more than %d leap seconds",
					     MAX_LEAP);
		if (read_leap(&at, soc, l, diag))
			return -EBADMSG;
		leap[n++].i = i;
	}
	qsort(leap, n, sizeof(leap[0]), by_soc);
	return rehearse(&events, leap, n, diag);
}
