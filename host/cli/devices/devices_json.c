/* devices_json.c - boards and what they can do, as JSON. */
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>

#include "devices_parts.h"
#include "host/cli/cli.h"
#include "host/cli/json_value.h"
#include "host/cli/run/corrections.h"

#define DEG_PER_RAD 57.295779513082320877

static int put(json_t *root)
{
	int err;

	if (!root)
		return -ENOMEM;
	cis_cli_json_begun();
	err = json_dumpf(root, stdout, JSON_INDENT(2)) ? -EIO : 0;
	putchar('\n');
	json_decref(root);
	return err;
}

int cis_devices_json_list(const struct cis_device *list, uint32_t n)
{
	json_t *all = json_array();

	for (uint32_t i = 0; i < n; i++) {
		const struct cis_device *d = &list[i];

		json_array_append_new(
			all,
			json_pack("{s:o, s:o, s:o, s:i, s:b, s:o}", "path",
				  cis_json_text(d->path), "board",
				  cis_json_text(d->board), "driver",
				  cis_json_text(d->driver), "inputs",
				  (int)d->n_chan, "samples", (int)d->samples,
				  "why", cis_json_text(d->why.msg)));
	}
	return put(
		json_pack("{s:b, s:o, s:o}", "comedi",
			  (int)cis_devices_supported(), "devices", all, "hint",
			  n ? json_null() : cis_json_text(cis_devices_hint())));
}

static json_t *subdevices(const struct cis_device_facts *f)
{
	json_t *all = json_array();

	for (uint32_t s = 0; s < f->n_subdevice; s++) {
		const struct cis_subdevice *d = &f->subdevice[s];

		json_array_append_new(
			all, json_pack("{s:i, s:s, s:i, s:i, s:b, s:b}",
				       "number", (int)s, "type", d->type,
				       "channels", (int)d->n_chan, "bits",
				       (int)d->bits, "samples", (int)d->samples,
				       "busy", (int)d->busy));
	}
	return all;
}

static json_t *ranges(const struct cis_device_facts *f)
{
	json_t *all = json_array();

	for (uint32_t r = 0; r < f->n_range; r++)
		json_array_append_new(
			all, json_pack("{s:i, s:o, s:o, s:s}", "number", (int)r,
				       "min", cis_json_number(f->range[r].min),
				       "max", cis_json_number(f->range[r].max),
				       "unit", f->range[r].unit));
	return all;
}

static json_t *arefs(const struct cis_device_facts *f)
{
	json_t *all = json_array();

	if (f->diff)
		json_array_append_new(all, json_string("diff"));
	if (f->ground)
		json_array_append_new(all, json_string("ground"));
	if (f->common)
		json_array_append_new(all, json_string("common"));
	if (f->other)
		json_array_append_new(all, json_string("other"));
	return all;
}

static json_t *rate(const struct cis_device_facts *f)
{
	return json_pack("{s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
			 "channels", (int)f->n_asked, "asked_hz",
			 cis_json_number(f->asked_hz), "rate_hz",
			 cis_json_number(f->rate_hz), "period_ns",
			 cis_json_number(f->period_ns), "step_ns",
			 cis_json_number(f->step_ns), "max_hz",
			 cis_json_number(f->max_hz), "convert_ns",
			 cis_json_number(f->convert_ns), "refused",
			 cis_json_text(f->refused.msg), "source_convert_ns",
			 cis_json_number(f->source_convert_ns),
			 "source_refused",
			 cis_json_text(f->source_refused.msg));
}

static json_t *inputs(const struct cis_device_facts *f)
{
	return json_pack(
		"{s:i, s:i, s:i, s:o, s:b, s:o, s:b, s:b, s:b, s:b, s:b, s:o, "
		"s:b, s:o, s:o, s:o, s:o}",
		"subdevice", (int)f->inputs, "channels", (int)f->n_chan, "bits",
		(int)f->bits, "ranges", ranges(f), "ranges_differ",
		(int)f->range_by_chan, "aref", arefs(f), "simultaneous",
		(int)f->simultaneous, "multiplexed", (int)f->multiplexed,
		"external_clock", (int)f->external_clock, "external_start",
		(int)f->external_start, "software_calibration",
		(int)f->software_cal, "calibration_file",
		cis_json_text(f->cal_file), "calibration_file_exists",
		(int)f->has_cal_file, "buffer_bytes",
		cis_json_number(f->buffer_len), "max_buffer_bytes",
		cis_json_number(f->max_buffer_len), "buffer_s",
		cis_json_number(f->buffer_s), "rate", rate(f));
}

int cis_devices_json_facts(const struct cis_device_facts *f,
			   const struct cis_cal *cal)
{
	return put(json_pack(
		"{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "path",
		cis_json_text(f->path), "board", cis_json_text(f->board),
		"driver", cis_json_text(f->driver), "subdevices", subdevices(f),
		"inputs", f->n_chan ? inputs(f) : json_null(), "why",
		cis_json_text(f->n_chan ? "" : f->refused.msg), "corrections",
		cis_corrections_json(cal, NULL)));
}

/* ---- test ---- */

static json_t *channel(const struct cis_devices_test *t, uint32_t c)
{
	const struct cis_selfcheck_chan *ch = &t->found.chan[c];
	const struct cis_chan *chan = &t->map->chan[c];
	const double ends[2] = {chan->range_min, chan->range_max};
	double end = -ends[0] > ends[1] ? -ends[0] : ends[1];
	bool related = ch->signal && t->found.chan[t->against].signal;

	if (!ch->whole)
		return json_pack("{s:o, s:b}", "name",
				 cis_json_text(chan->name), "whole", 0);
	return json_pack(
		"{s:o, s:b, s:s, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, "
		"s:I, s:o, s:o, s:o, s:o, s:o, s:b}",
		"name", cis_json_text(chan->name), "whole", 1, "unit",
		chan->quantity == CIS_CURRENT ? "A" : "V", "signal",
		(int)ch->signal, "rms", cis_json_number(ch->rms),
		"range_percent",
		cis_json_number(end > 0 ? 100 * sqrt(2) * ch->rms / end : NAN),
		"dc", cis_json_number(ch->dc), "noise_rms",
		cis_json_number(ch->noise_rms), "noise_codes",
		cis_json_number(ch->code > 0 ? ch->noise_rms / ch->code : NAN),
		"code", cis_json_number(ch->code > 0 ? ch->code : NAN),
		"thd_percent", cis_json_number(100 * ch->thd), "freq_hz",
		cis_json_number(ch->signal ? ch->freq_hz : NAN), "n_clip",
		(json_int_t)ch->n_clip, "angle_deg",
		cis_json_number(related ? ch->angle_rad * DEG_PER_RAD : NAN),
		"gain", cis_json_number(related ? ch->gain : NAN), "u_gain",
		cis_json_number(related ? ch->u_gain : NAN), "delay_ns",
		cis_json_number(related ? 1e9 * ch->delay_s : NAN),
		"u_delay_ns",
		cis_json_number(related ? 1e9 * ch->u_delay_s : NAN), "common",
		(int)ch->common);
}

static json_t *groups(const struct cis_devices_test *t)
{
	json_t *all = json_array();

	for (uint32_t g = 0; g < t->map->n_group; g++)
		json_array_append_new(
			all,
			json_pack("{s:o, s:s}", "name",
				  cis_json_text(t->map->group[g].name), "order",
				  cis_devices_order_name(cis_selfcheck_order(
					  &t->found, t->map->group[g].chan))));
	return all;
}

int cis_devices_json_test(const struct cis_devices_test *t)
{
	json_t *all = json_array();

	for (uint32_t c = 0; c < t->map->n_chan; c++)
		json_array_append_new(all, channel(t, c));
	return put(json_pack(
		"{s:o, s:o, s:b, s:o, s:o, s:o, s:i, s:o, s:b, s:{s:f, s:f, "
		"s:f}, s:b, s:o, s:o}",
		"source", cis_json_text(t->ask->source), "detail",
		cis_json_text(t->info->detail), "simulated",
		(int)t->info->simulated, "rate_hz", cis_json_number(t->rate_hz),
		"duration_s", cis_json_number(t->n_scan / t->rate_hz),
		"freq_hz", cis_json_number(t->found.freq_hz), "harmonics",
		(int)t->found.n_harm, "against",
		cis_json_text(t->map->chan[t->against].name), "common",
		(int)t->found.common, "rule", "freq_hz", CIS_COMMON_HZ,
		"angle_deg", CIS_COMMON_DEG, "level_percent",
		100 * CIS_COMMON_LEVEL, "clipped", (int)t->clipped, "groups",
		groups(t), "channels", all));
}
