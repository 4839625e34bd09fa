/* scenario_make.c - groups and events; see scenario_doc.h. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cisoid/log.h"
#include "host/core/angle.h"
#include "scenario_doc.h"
#include "scenario_event.h"
#include "scenario_keys.h"

/* What goes into a scenario. */
struct made {
	struct cis_pmu_group *group;
	struct cis_event *event;
	uint32_t n_group, n_event;
};

/* ---- groups ---- */

static int check_name(const struct cis_json_at *at, struct cis_diag *diag)
{
	const char *name = at->key;
	size_t len = strlen(name);
	bool good = len > 0 && len < 32 && isalpha((unsigned char)name[0]) &&
		    strcmp(name, "all") != 0;

	for (const char *p = name; *p; p++)
		good = good &&
		       (isalnum((unsigned char)*p) || *p == '-' || *p == '_');
	if (good)
		return 0;
	return cis_json_fail(at, diag,
			     "not the name of a group: a letter, then letters, "
			     "digits, - and _, 31 at most, and not \"all\"");
}

struct group_signal {
	struct cis_signal sig;
	const struct cis_scenario_base *base;
};

static int take_group_key(void *ctx, const char *name, const char *value,
			  struct cis_diag *diag)
{
	struct group_signal *g = ctx;

	if (!strcmp(name, "fnom") || !strcmp(name, "seed"))
		return cis_fail(diag, -EINVAL,
				"one for all PMUs; give it at the top");
	if (g->base->said && g->base->said(g->base->ctx, name))
		return 0;
	return cis_signal_set(&g->sig, name, value, diag);
}

static int read_group(const struct cis_json_at *at,
		      const struct cis_scenario_base *base,
		      struct cis_pmu_group *group, struct cis_diag *diag)
{
	static const char *const keys[] = {"pmus", "signal", NULL};
	struct group_signal g = {.sig = base->sig, .base = base};
	struct cis_json_at pmus, signal;
	struct cis_diag why = {""};

	if (check_name(at, diag) || cis_json_check_keys(at, keys, diag))
		return -EBADMSG;
	pmus = cis_json_member(at, "pmus");
	signal = cis_json_member(at, "signal");
	if (!pmus.value)
		return cis_json_fail(at, diag,
				     "there is no \"pmus\"; give IDCODEs, "
				     "\"1-40,55\"");
	if (cis_scenario_signal_keys(&signal, take_group_key, &g, diag))
		return -EBADMSG;
	if (cis_signal_finish(&g.sig, &why))
		return cis_json_fail(&signal, diag, "%.300s", why.msg);
	group->sig = g.sig;
	snprintf(group->name, sizeof(group->name), "%s", at->key);
	return cis_scenario_pmus(&pmus, NULL, &group->pmus, diag);
}

/* The core knows those that have a signal of their own; of the others the name
 * alone was wanted. */
static int read_groups(const struct cis_json_at *root,
		       const struct cis_scenario_base *base, struct made *made,
		       struct cis_diag *diag)
{
	struct cis_json_at groups = cis_json_member(root, "groups");
	const char *key;
	json_t *value;

	if (cis_json_check_type(&groups, JSON_OBJECT, diag))
		return -EBADMSG;
	made->group = calloc(json_object_size(groups.value) + 1,
			     sizeof(*made->group));
	if (!made->group)
		return cis_fail(diag, -ENOMEM, "out of memory");
	json_object_foreach(groups.value, key, value)
	{
		struct cis_json_at at = cis_json_member(&groups, key);
		struct cis_pmu_group *group = &made->group[made->n_group];
		int err = read_group(&at, base, group, diag);

		if (err || !json_object_get(value, "signal"))
			cis_pmu_set_free(&group->pmus);
		else
			made->n_group++;
		if (err)
			return err;
	}
	return 0;
}

/* ---- events ---- */

static struct cis_json_at events_of(const struct cis_json_at *root)
{
	return cis_json_member(root, "events");
}

/* One that befalls nobody may be meant for more PMUs than are simulated. */
static void warn_of_nobody(const struct cis_json_at *event,
			   const struct cis_scenario_base *base,
			   const struct cis_pmu_set *pmus)
{
	struct cis_json_at at = cis_json_member(event, "pmus");
	uint32_t last = base->first_idcode + base->count - 1;
	struct cis_diag diag;

	if (cis_pmu_set_meets(pmus, base->first_idcode, (uint16_t)last))
		return;
	cis_json_fail(&at, &diag,
		      "none of them is simulated: there are %u to %u",
		      base->first_idcode, (unsigned)last);
	if (base->warn)
		base->warn(base->warn_arg, diag.msg);
	else
		cis_log(CIS_LOG_WARN, "%s", diag.msg);
}

static int read_events(const struct cis_json_at *root,
		       const struct cis_scenario_base *base, struct made *made,
		       struct cis_diag *diag)
{
	struct cis_json_at events = events_of(root);
	size_t n = json_array_size(events.value);

	if (cis_json_check_type(&events, JSON_ARRAY, diag))
		return -EBADMSG;
	if (n > CIS_MAX_EVENT)
		return cis_json_fail(&events, diag,
				     "%zu of them, more than %d; \"every\" "
				     "repeats one",
				     n, CIS_MAX_EVENT);
	made->event = calloc(n + 1, sizeof(*made->event));
	if (!made->event)
		return cis_fail(diag, -ENOMEM, "out of memory");
	for (size_t i = 0; i < n; i++) {
		struct cis_json_at at = cis_json_item(&events, i);
		struct cis_event *event = &made->event[made->n_event];

		if (cis_scenario_is_leap(&at))
			continue;
		made->n_event++;
		if (cis_scenario_event(&at, base->t0_tai_s, event, diag))
			return -EBADMSG;
		warn_of_nobody(&at, base, &event->pmus);
	}
	return 0;
}

/* The event that the core refuses: leap seconds are none of its own. */
static int fail_at_event(const struct cis_json_at *root, uint32_t bad,
			 const char *msg, struct cis_diag *diag)
{
	struct cis_json_at events = events_of(root);
	uint32_t n = 0;

	for (size_t i = 0; i < json_array_size(events.value); i++) {
		struct cis_json_at at = cis_json_item(&events, i);

		if (!cis_scenario_is_leap(&at) && n++ == bad)
			return cis_scenario_fail(&at, msg, diag);
	}
	return cis_scenario_fail(root, msg, diag);
}

/* ---- the whole ---- */

static int read_spread(const struct cis_json_at *root,
		       struct cis_pmu_spread *spread, struct cis_diag *diag)
{
	static const char *const spread_keys[] = {"mag", "deg", NULL};
	struct cis_json_at at = cis_json_member(root, "spread");
	struct cis_json_at mag = cis_json_member(&at, "mag");
	struct cis_json_at deg = cis_json_member(&at, "deg");
	double angle_deg = 0;

	if (!at.value)
		return 0;
	if (cis_json_check_keys(&at, spread_keys, diag) ||
	    cis_json_get_number(&mag, &spread->mag, diag) ||
	    cis_json_get_number(&deg, &angle_deg, diag))
		return -EBADMSG;
	if (!(spread->mag >= 0 && spread->mag <= 1))
		return cis_json_fail(&mag, diag, "%g is not within 0 to 1",
				     spread->mag);
	if (!(angle_deg >= 0 && angle_deg <= 360))
		return cis_json_fail(&deg, diag, "%g is not within 0 to 360",
				     angle_deg);
	spread->rad = angle_deg * CIS_RAD_PER_DEG;
	return 0;
}

static void free_made(struct made *made)
{
	for (uint32_t i = 0; i < made->n_group; i++)
		cis_pmu_set_free(&made->group[i].pmus);
	for (uint32_t i = 0; i < made->n_event; i++)
		cis_pmu_set_free(&made->event[i].pmus);
	free(made->group);
	free(made->event);
}

static int make(const struct cis_json_at *root, const struct made *made,
		struct cis_scenario_parts *parts, struct cis_scenario **out,
		struct cis_diag *diag)
{
	struct cis_diag why = {""};
	uint32_t bad;
	int err;

	parts->n_group = made->n_group;
	parts->group = made->group;
	parts->n_event = made->n_event;
	parts->event = made->event;
	err = cis_scenario_new(parts, out, &bad, &why);
	if (err != -EINVAL)
		return err ? cis_fail(diag, err, "%s", why.msg) : 0;
	return fail_at_event(root, bad, why.msg, diag);
}

int cis_scenario_doc_make(const struct cis_scenario_doc *doc,
			  const struct cis_scenario_base *base,
			  struct cis_scenario **out, struct cis_diag *diag)
{
	struct cis_scenario_parts parts = {.sig = base->sig,
					   .first_idcode = base->first_idcode,
					   .count = base->count};
	struct made made = {.n_group = 0};
	struct cis_json_at root;
	int err;

	if (!doc)
		return cis_scenario_new(&parts, out, NULL, diag);
	root = cis_json_root(&doc->json);
	err = read_spread(&root, &parts.spread, diag);
	if (!err)
		err = read_groups(&root, base, &made, diag);
	if (!err)
		err = read_events(&root, base, &made, diag);
	if (!err)
		err = make(&root, &made, &parts, out, diag);
	free_made(&made);
	return err;
}
