/* page_state.c - the state that the page shows, and its channels; see page.h. */
#include <stdlib.h>
#include <string.h>

#include "cisoid/log.h"
#include "host/cli/json_value.h"
#include "page_in.h"

static json_t *channel(const struct cis_page_chan *c)
{
	const char phase[] = {c->phase, '\0'};
	const bool volts = c->quantity == CIS_VOLTAGE;

	return json_pack("{s:o, s:s, s:o, s:s, s:o}", "name",
			 cis_json_text(c->name), "quantity", volts ? "V" : "I",
			 "phase", cis_json_text(phase), "unit",
			 volts ? "V" : "A", "nominal",
			 c->nominal_rms > 0 ? cis_json_number(c->nominal_rms)
					    : json_null());
}

static json_t *channels(const struct cis_page *page)
{
	json_t *all = json_array();

	for (uint32_t i = 0; i < page->n_chan; i++)
		json_array_append_new(all, channel(&page->chan[i]));
	return all;
}

static json_t *object(const struct cis_page *page)
{
	struct cis_web_stats stats;
	json_t *doc, *more;

	cis_web_stats(page->web, &stats);
	doc = json_pack("{s:s, s:s, s:s, s:o, s:I, s:i, s:I, s:I}", "program",
			"cisoid", "version", CISOID_VERSION, "mode",
			page->cfg.mode, "channels", channels(page), "missed",
			(json_int_t)page->reports.n_missed, "readers",
			(int)stats.n_reader, "display_skipped",
			(json_int_t)(stats.n_skipped + page->n_skipped),
			"unshown", (json_int_t)page->frames.n_unshown);
	more = page->cfg.state ? page->cfg.state(page->cfg.arg) : NULL;
	if (more)
		json_object_update(doc, more);
	json_decref(more);
	return doc;
}

char *cis_page_state_text(const struct cis_page *page)
{
	json_t *doc = object(page);
	char *text = json_dumps(doc, JSON_COMPACT);

	json_decref(doc);
	return text;
}

void cis_page_state_tell(struct cis_page *page)
{
	json_t *doc = object(page);
	size_t len =
		json_dumpb(doc, page->text, sizeof(page->text), JSON_COMPACT);

	json_decref(doc);
	page->changed = false;
	if (len == 0 || len > sizeof(page->text))
		return;
	cis_web_set(page->web, "/api/state", page->text, len);
	cis_page_greet(page, "state", len);
	cis_web_publish(page->web, "state", page->text, len);
}

/* The list is taken. */
static void set_channels(struct cis_page *page, struct cis_page_chan *list,
			 uint32_t n)
{
	if (page->watched)
		cis_page_reports_flush(page, true);
	if (!list || cis_page_reports_size(&page->reports, n)) {
		cis_log(CIS_LOG_WARN, "page: out of memory; it shows no "
				      "reports");
		free(list);
		return;
	}
	free(page->chan);
	page->chan = list;
	page->n_chan = n;
	page->reports.has_last = false;
	cis_page_state_tell(page);
}

static double nominal_of(const struct cis_chan_map *map, uint32_t group)
{
	return map->chan[map->group[group].chan[0]].nominal_rms;
}

static void take_map(struct cis_page_chan *list, const struct cis_chan_map *map)
{
	for (uint32_t i = 0; i < map->n_chan; i++) {
		const struct cis_chan *c = &map->chan[i];

		memcpy(list[i].name, c->name, sizeof(list[i].name));
		list[i].quantity = c->quantity;
		list[i].nominal_rms = c->nominal_rms;
	}
	for (uint32_t g = 0; g < map->n_group; g++) {
		const struct cis_group *group = &map->group[g];
		struct cis_page_chan *to = &list[map->n_chan + g];

		for (unsigned k = 0; k < 3; k++)
			list[group->chan[k]].phase = (char)('A' + (int)k);
		memcpy(to->name, group->name, sizeof(to->name));
		to->quantity = group->quantity;
		to->phase = '+';
		to->nominal_rms = nominal_of(map, g);
	}
}

void cis_page_channels_of(struct cis_page *page, const struct cis_chan_map *map)
{
	const uint32_t n = map->n_chan + map->n_group;
	struct cis_page_chan *list;

	if (!page)
		return;
	list = calloc(n + 1, sizeof(*list));
	if (list)
		take_map(list, map);
	set_channels(page, list, n);
}
