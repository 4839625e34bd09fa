/*
 * streamer_begin.c - the command line of `simulate` as a request of the page.
 *
 * What the page cannot ask for (recordings, files, parts of a fleet) is not in
 * it.
 */
#include <stdlib.h>
#include <string.h>

#include "cisoid/signal.h"
#include "host/cli/json_value.h"
#include "streamer_in.h"

/* Where an option stands in a request: beside the scenario, within it, or
 * nowhere. */
static const struct place {
	const char *option, *key;
	enum { IN_SCENARIO, BESIDE, ENDPOINT, IS_TRUE, TRUE_IN_SCENARIO } kind;
} places[] = {
	{"fnom", "fnom", IN_SCENARIO},
	{"rate", "rate", IN_SCENARIO},
	{"count", "count", IN_SCENARIO},
	{"seed", "seed", IN_SCENARIO},
	{"idcode", "idcode", IN_SCENARIO},
	{"station", "station", IN_SCENARIO},
	{"analogs", "analogs", IN_SCENARIO},
	{"digitals", "digitals", IN_SCENARIO},
	{"format", "format", IN_SCENARIO},
	{"send", "send", IN_SCENARIO},
	{"impair", "impair", IN_SCENARIO},
	{"concentrate", "concentrate", TRUE_IN_SCENARIO},
	{"stream", "stream", ENDPOINT},
	{"listen", "listen", ENDPOINT},
	{"c37", "c37", BESIDE},
	{"cfg", "cfg", BESIDE},
	{"cfg-every", "cfg_every", BESIDE},
	{"time-base", "time_base", BESIDE},
	{"for", "for", BESIDE},
	{"duration", "duration", BESIDE},
	{"start", "start", BESIDE},
	{"test-mode", "test_mode", IS_TRUE},
};

/* Texts that a scenario takes as such stay texts. */
static json_t *value_of(const char *option, const char *text)
{
	static const char *const texts[] = {"station", "format", "send",
					    "impair",  "for",    "duration",
					    "start"};
	char *end;
	double number = strtod(text, &end);
	json_t *whole = NULL;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (!strcmp(texts[i], option))
			return cis_json_text(text);
	if (end == text || *end)
		return cis_json_text(text);
	if (strspn(text, "0123456789-") == strlen(text))
		whole = json_loads(text, JSON_DECODE_ANY, NULL);
	if (whole)
		return whole;
	whole = json_real(number);
	return whole ? whole : cis_json_text(text);
}

/* No group says otherwise. */
static void set_signal(json_t *scenario, const char *key, json_t *value)
{
	json_t *signal = json_object_get(scenario, "signal");
	const char *name;
	json_t *group;

	if (!signal) {
		signal = json_object();
		json_object_set_new(scenario, "signal", signal);
	}
	json_object_set_new(signal, key, value);
	json_object_foreach(json_object_get(scenario, "groups"), name, group)
	{
		json_object_del(json_object_get(group, "signal"), key);
	}
}

static bool is_signal_key(const char *option)
{
	const char *const *keys = cis_signal_keys();

	while (*keys && strcmp(*keys, option) != 0)
		keys++;
	return *keys;
}

static void add_endpoint(json_t *said, const char *key, const char *spec)
{
	if (!strncmp(spec, "pcap:", 5))
		return;
	if (!json_object_get(said, key))
		json_object_set_new(said, key, json_array());
	json_array_append_new(json_object_get(said, key), cis_json_text(spec));
}

static void add(json_t *said, json_t *scenario, const struct cis_sim_said *o)
{
	const struct place *p = places;
	const struct place *end = places + sizeof(places) / sizeof(places[0]);

	while (p < end && strcmp(p->option, o->name) != 0)
		p++;
	if (p == end) {
		if (o->value && is_signal_key(o->name))
			set_signal(scenario, o->name,
				   value_of(o->name, o->value));
	} else if (p->kind == ENDPOINT) {
		add_endpoint(said, p->key, o->value);
	} else if (p->kind == IS_TRUE || p->kind == TRUE_IN_SCENARIO) {
		json_object_set_new(p->kind == IS_TRUE ? said : scenario,
				    p->key, json_true());
	} else {
		json_object_set_new(p->kind == BESIDE ? said : scenario, p->key,
				    value_of(o->name, o->value));
	}
}

json_t *cis_streamer_said(const struct cis_sim_args *args)
{
	json_t *said = json_object();
	json_t *scenario = args->doc ? json_deep_copy(args->doc->json.root)
				     : json_object();

	json_object_set_new(said, "scenario", scenario);
	for (size_t i = 0; i < args->n_option; i++)
		add(said, scenario, &args->option[i]);
	return said;
}
