/* scenario_event.c - see scenario_event.h. */
#include "scenario_event.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "cisoid/utc.h"
#include "host/cli/cli.h"
#include "host/cli/endpoints.h"
#include "host/core/angle.h"

#define MAX_KEY   20
#define MAX_TIMES 1000000000

/* A number of an event: key, place, and what one of the file's unit is here. */
struct param {
	const char *key;
	size_t at;
	double scale;
};

#define AT(member) offsetof(struct cis_event, member)

/* What each kind has besides type, at, for, every, times and pmus. */
static const struct kind {
	struct param param[4]; /* until a key of NULL */
	const char *more[4];   /* keys of other types */
} kinds[] = {
	[CIS_EVENT_RAMP] = {{{"rocof", AT(ramp.hz_per_s), 1},
			     {"to", AT(ramp.to_hz), 1}},
			    {"back"}},
	[CIS_EVENT_STEP] = {{{"mag", AT(step.mag), 1},
			     {"deg", AT(step.rad), CIS_RAD_PER_DEG}},
			    {"channels"}},
	[CIS_EVENT_MODULATION] = {{{"am", AT(modulation.am), 1},
				   {"am_hz", AT(modulation.am_hz), 1},
				   {"pm", AT(modulation.pm_rad), 1},
				   {"pm_hz", AT(modulation.pm_hz), 1}},
				  {"channels"}},
	[CIS_EVENT_OSCILLATION] = {{{"hz", AT(oscillation.hz), 1},
				    {"mag", AT(oscillation.mag), 1},
				    {"deg", AT(oscillation.rad),
				     CIS_RAD_PER_DEG},
				    {"damping", AT(oscillation.damping), 1}},
				   {"channels"}},
	[CIS_EVENT_ISLAND] = {{{"hz", AT(island.hz), 1},
			       {"resync", AT(island.resync_s), 1}},
			      {NULL}},
	[CIS_EVENT_GPS_LOSS] = {{{"drift_us_per_s", AT(gps_loss.drift), 1e-6},
				 {"spread_us_per_s", AT(gps_loss.spread), 1e-6},
				 {"slew_us_per_s", AT(gps_loss.slew), 1e-6}},
				{NULL}},
	[CIS_EVENT_OUTAGE] = {{{NULL, 0, 0}}, {"mode"}},
	[CIS_EVENT_CONFIG] = {{{"announce", AT(config.announce_s), 1}},
			      {"station", "analogs", "digitals", "format"}},
	[CIS_EVENT_FLAGS] = {{{NULL, 0, 0}}, {"flags"}},
};

#define N_KIND (sizeof(kinds) / sizeof(kinds[0]))

static const char *const common[] = {"type",  "at",    "for",
				     "every", "times", "pmus"};

/* ---- kinds and keys ---- */

static int read_kind(const struct cis_json_at *event, unsigned *kind,
		     struct cis_diag *diag)
{
	const char *words[N_KIND + 2] = {NULL};
	struct cis_json_at type = cis_json_member(event, "type");

	for (size_t k = 0; k < N_KIND; k++)
		words[k] = cis_event_word((enum cis_event_kind)k);
	words[N_KIND] = "leap_second";
	if (cis_json_check_type(event, JSON_OBJECT, diag))
		return -EBADMSG;
	if (!type.value)
		return cis_json_fail(event, diag,
				     "there is no \"type\"; give ramp, step, "
				     "... as docs/scenario.md lists them");
	return cis_json_get_word(&type, words, kind, diag);
}

static int check_keys(const struct cis_json_at *event, const struct kind *kind,
		      struct cis_diag *diag)
{
	const char *keys[MAX_KEY] = {NULL};
	size_t n = 0;

	for (size_t i = 0; i < sizeof(common) / sizeof(common[0]); i++)
		keys[n++] = common[i];
	for (size_t i = 0; i < 4 && kind->param[i].key; i++)
		keys[n++] = kind->param[i].key;
	for (size_t i = 0; i < 4 && kind->more[i]; i++)
		keys[n++] = kind->more[i];
	return cis_json_check_keys(event, keys, diag);
}

int cis_scenario_fail(const struct cis_json_at *event, const char *msg,
		      struct cis_diag *diag)
{
	size_t len = strcspn(msg, ":");
	char key[40];
	struct cis_json_at at;

	snprintf(key, sizeof(key), "%.*s", (int)len, msg);
	at = cis_json_member(event, key);
	if (len >= sizeof(key) || strncmp(msg + len, ": ", 2) != 0)
		return cis_json_fail(event, diag, "%.300s", msg);
	return cis_json_fail(&at, diag, "%.300s", msg + len + 2);
}

/* ---- when ---- */

int cis_scenario_at(const struct cis_json_at *event, double *at_s,
		    struct cis_time *date, bool *is_date, struct cis_diag *diag)
{
	struct cis_json_at at = cis_json_member(event, "at");
	struct cis_diag why = {""};

	*is_date = json_is_string(at.value);
	if (!at.value)
		return cis_json_fail(event, diag,
				     "there is no \"at\"; give seconds after "
				     "the start, or \"2026-11-21T12:00:00Z\"");
	if (!*is_date)
		return cis_json_get_number(&at, at_s, diag);
	if (cis_utc_parse(json_string_value(at.value), date, &why))
		return cis_json_fail(&at, diag, "%.300s", why.msg);
	return 0;
}

static int read_times(const struct cis_json_at *event, int64_t t0_tai_s,
		      struct cis_event *out, struct cis_diag *diag)
{
	struct cis_json_at for_s = cis_json_member(event, "for");
	struct cis_json_at every = cis_json_member(event, "every");
	struct cis_json_at times = cis_json_member(event, "times");
	struct cis_time date;
	double n = out->times;
	bool is_date;

	if (cis_scenario_at(event, &out->at_s, &date, &is_date, diag) ||
	    cis_json_get_number(&for_s, &out->for_s, diag) ||
	    cis_json_get_number(&every, &out->every_s, diag) ||
	    cis_json_get_number(&times, &n, diag))
		return -EBADMSG;
	if (times.value && !(n >= 1 && n <= MAX_TIMES && n == floor(n)))
		return cis_json_fail(&times, diag,
				     "not a whole number from 1 to %d",
				     MAX_TIMES);
	out->times = (uint32_t)n;
	if (is_date)
		out->at_s =
			(double)(date.tai_ns - t0_tai_s * CIS_NS_PER_S) * 1e-9;
	return 0;
}

/* ---- who ---- */

static int find_group(const struct cis_json_at *at, const char *name,
		      const struct cis_json_at *groups,
		      struct cis_pmu_set *pmus, struct cis_diag *diag)
{
	struct cis_json_at group = cis_json_member(groups, name);
	struct cis_json_at set = cis_json_member(&group, "pmus");

	if (!group.value)
		return cis_json_fail(
			at, diag,
			"there is no group \"%.40s\"; groups names "
			"them, or give IDCODEs, \"1-40,55\"",
			name);
	return cis_scenario_pmus(&set, NULL, pmus, diag);
}

int cis_scenario_pmus(const struct cis_json_at *at,
		      const struct cis_json_at *groups,
		      struct cis_pmu_set *pmus, struct cis_diag *diag)
{
	char buf[CIS_JSON_NUMBER_SIZE];
	struct cis_diag why = {""};
	const char *text = "";
	int err;

	if (!at->value)
		return 0;
	if (json_is_number(at->value))
		text = cis_json_number_text(at->value, buf);
	else if (cis_json_get_text(at, &text, diag))
		return -EBADMSG;
	if (groups && !strcmp(text, "all"))
		return 0;
	if (groups && isalpha((unsigned char)text[0]))
		return find_group(at, text, groups, pmus, diag);
	err = cis_pmu_set_parse(text, pmus, &why);
	return err ? cis_json_fail(at, diag, "%.300s", why.msg) : 0;
}

static int add_channel(const struct cis_json_at *at, unsigned *channels,
		       struct cis_diag *diag)
{
	static const char *const words[] = {"VA", "VB", "VC", "IA", "IB",
					    "IC", "V",  "I",  NULL};
	unsigned c = 0;

	if (cis_json_get_word(at, words, &c, diag))
		return -EBADMSG;
	*channels |= c < 6 ? 1u << c : c == 6 ? 7u : 7u << 3;
	return 0;
}

/* Calls `add` for each item of a list that is there. */
static int each_item(const struct cis_json_at *list, unsigned *bits,
		     int (*add)(const struct cis_json_at *, unsigned *,
				struct cis_diag *),
		     struct cis_diag *diag)
{
	if (!list->value)
		return 0;
	if (cis_json_check_type(list, JSON_ARRAY, diag))
		return -EBADMSG;
	*bits = 0;
	for (size_t i = 0; i < json_array_size(list->value); i++) {
		struct cis_json_at item = cis_json_item(list, i);

		if (add(&item, bits, diag))
			return -EBADMSG;
	}
	return 0;
}

/* ---- what ---- */

static int add_flag(const struct cis_json_at *at, unsigned *stat,
		    struct cis_diag *diag)
{
	static const char *const words[] = {"sync",     "sorting", "trigger",
					    "modified", "test",    "error",
					    NULL};
	static const uint16_t bits[] = {
		CIS_C37_STAT_UNSYNC,  CIS_C37_STAT_SORT_ARRIVAL,
		CIS_C37_STAT_TRIGGER, CIS_C37_STAT_MODIFIED,
		CIS_C37_STAT_TEST,    CIS_C37_STAT_ERROR_MASK,
	};
	unsigned word = 0;

	if (cis_json_get_word(at, words, &word, diag))
		return -EBADMSG;
	*stat |= bits[word];
	return 0;
}

/* A whole number from 0 to `most`; it stays -1 where there is none. */
static int read_count(const struct cis_json_at *at, int most, int *n,
		      struct cis_diag *diag)
{
	double v = *n;

	if (cis_json_get_number(at, &v, diag))
		return -EBADMSG;
	if (at->value && !(v >= 0 && v <= most && v == floor(v)))
		return cis_json_fail(at, diag,
				     "not a whole number from 0 to %d", most);
	*n = (int)v;
	return 0;
}

/* The sentence without the name of the option. */
static int fail_without_name(const struct cis_json_at *at,
			     const struct cis_diag *why, struct cis_diag *diag)
{
	const char *colon = strchr(why->msg, ':');

	return cis_json_fail(at, diag, "%.300s", colon ? colon + 2 : why->msg);
}

static int read_config(const struct cis_json_at *event,
		       struct cis_config_change *to, struct cis_diag *diag)
{
	struct cis_json_at station = cis_json_member(event, "station");
	struct cis_json_at analogs = cis_json_member(event, "analogs");
	struct cis_json_at digitals = cis_json_member(event, "digitals");
	struct cis_json_at format = cis_json_member(event, "format");
	const char *name = NULL, *list = NULL;
	struct cis_diag why = {""};
	uint16_t bits = 0;

	if (cis_json_get_text(&station, &name, diag) ||
	    cis_json_get_text(&format, &list, diag) ||
	    read_count(&analogs, 255, &to->n_analog, diag) ||
	    read_count(&digitals, 64, &to->n_digital, diag))
		return -EBADMSG;
	if (name && cis_arg_station(name, &name, &why))
		return fail_without_name(&station, &why, diag);
	if (name)
		cis_station_name(name, true, to->station);
	if (list && cis_arg_format(list, &bits, &why))
		return fail_without_name(&format, &why, diag);
	if (list)
		to->format = bits;
	return 0;
}

static int read_more(const struct cis_json_at *event, struct cis_event *out,
		     struct cis_diag *diag)
{
	static const char *const modes[] = {"silent", "invalid", NULL};
	struct cis_json_at channels = cis_json_member(event, "channels");
	struct cis_json_at mode = cis_json_member(event, "mode");
	struct cis_json_at flags = cis_json_member(event, "flags");
	struct cis_json_at back = cis_json_member(event, "back");
	unsigned word = 0;
	int err = each_item(&channels, &out->channels, add_channel, diag);

	if (err)
		return err;
	switch (out->kind) {
	case CIS_EVENT_RAMP:
		out->ramp.back = json_is_true(back.value);
		return cis_json_check_type(&back, JSON_TRUE, diag);
	case CIS_EVENT_OUTAGE:
		err = cis_json_get_word(&mode, modes, &word, diag);
		out->outage.invalid = word;
		return err;
	case CIS_EVENT_FLAGS:
		err = each_item(&flags, &word, add_flag, diag);
		out->flags.stat = (uint16_t)word;
		return err;
	case CIS_EVENT_CONFIG:
		return read_config(event, &out->config.to, diag);
	default:
		return 0;
	}
}

static int read_params(const struct cis_json_at *event, const struct kind *kind,
		       struct cis_event *out, struct cis_diag *diag)
{
	for (size_t i = 0; i < 4 && kind->param[i].key; i++) {
		const struct param *p = &kind->param[i];
		struct cis_json_at at = cis_json_member(event, p->key);
		double v;

		if (!at.value)
			continue;
		if (cis_json_get_number(&at, &v, diag))
			return -EBADMSG;
		v *= p->scale;
		memcpy((char *)out + p->at, &v, sizeof(v));
	}
	return 0;
}

int cis_scenario_event(const struct cis_json_at *event, int64_t t0_tai_s,
		       struct cis_event *out, struct cis_diag *diag)
{
	struct cis_json_at root = cis_json_root(event->doc);
	struct cis_json_at groups = cis_json_member(&root, "groups");
	struct cis_json_at pmus = cis_json_member(event, "pmus");
	struct cis_diag why = {""};
	unsigned kind = 0;

	if (read_kind(event, &kind, diag))
		return -EBADMSG;
	cis_event_init(out, (enum cis_event_kind)kind);
	if (check_keys(event, &kinds[kind], diag) ||
	    read_times(event, t0_tai_s, out, diag) ||
	    read_params(event, &kinds[kind], out, diag) ||
	    read_more(event, out, diag) ||
	    cis_scenario_pmus(&pmus, &groups, &out->pmus, diag))
		return -EBADMSG;
	if (cis_event_check(out, &why))
		return cis_scenario_fail(event, why.msg, diag);
	return 0;
}
