/* decode_json.c - one JSON object a frame, a line each; see decode.h. */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#include "cisoid/utc.h"
#include "decode.h"
#include "host/cli/cli.h"
#include "host/cli/json_value.h"
#include "host/core/angle.h"

static const char *unit_of(uint32_t phunit)
{
	return cis_c37_phunit_is_current(phunit) ? "A" : "V";
}

/* ---- data ---- */

static json_t *phasors(const struct cis_c37_pmu *pmu,
		       const struct cis_c37_block *b)
{
	json_t *list = json_array();

	for (uint16_t i = 0; i < pmu->n_phasor; i++) {
		double complex p = b->phasor_rms[i];
		double deg = carg(p) * CIS_DEG_PER_RAD;

		json_array_append_new(
			list,
			json_pack("{s:s, s:o, s:o}", "name",
				  pmu->phasor[i].name, "rms",
				  cis_json_number(cabs(p)), "deg",
				  cis_json_number(deg <= -180 ? 180 : deg)));
	}
	return list;
}

static json_t *block(const struct cis_c37_pmu *pmu,
		     const struct cis_c37_block *b)
{
	json_t *analogs = json_array(), *digitals = json_array();

	for (uint16_t i = 0; i < pmu->n_analog; i++)
		json_array_append_new(analogs, cis_json_number(b->analog[i]));
	for (uint16_t i = 0; i < pmu->n_digital; i++)
		json_array_append_new(digitals, json_integer(b->digital[i]));
	return json_pack("{s:i, s:i, s:o, s:o, s:o, s:o, s:o}", "idcode",
			 pmu->idcode, "stat", b->stat, "phasors",
			 phasors(pmu, b), "freq_hz",
			 cis_json_number(b->freq_hz), "rocof_hz_per_s",
			 cis_json_number(b->rocof_hz_per_s), "analogs", analogs,
			 "digitals", digitals);
}

static json_t *blocks(const struct cis_decoded *d)
{
	json_t *list = json_array();

	for (uint16_t i = 0; d->data && i < d->data->n_pmu; i++)
		json_array_append_new(
			list, block(&d->cfg->pmu[i], &d->data->block[i]));
	return list;
}

/* ---- configuration ---- */

/* What only CFG-3 says of a channel. */
static void add_phscale(json_t *o, const struct cis_c37_channel *ch)
{
	json_object_set_new(o, "scale", cis_json_number((double)ch->scale));
	json_object_set_new(o, "angle_offset_rad",
			    cis_json_number((double)ch->offset));
	json_object_set_new(o, "modified", json_integer(ch->modified));
	json_object_set_new(o, "component",
			    json_string(cis_decode_component(ch->component)));
	json_object_set_new(o, "user", json_integer(ch->user));
}

static json_t *phasor_channels(const struct cis_c37_pmu *pmu, bool is_cfg3)
{
	json_t *list = json_array();

	for (uint16_t i = 0; i < pmu->n_phasor; i++) {
		const struct cis_c37_channel *ch = &pmu->phasor[i];
		json_t *o = json_pack("{s:s, s:s}", "name", ch->name, "unit",
				      unit_of(ch->unit));

		if (is_cfg3)
			add_phscale(o, ch);
		else
			json_object_set_new(o, "phunit",
					    json_integer(ch->unit));
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *analog_channels(const struct cis_c37_pmu *pmu, bool is_cfg3)
{
	json_t *list = json_array();

	for (uint16_t i = 0; i < pmu->n_analog; i++) {
		const struct cis_c37_channel *ch = &pmu->analog[i];
		json_t *o =
			is_cfg3 ? json_pack("{s:s, s:o, s:o}", "name", ch->name,
					    "scale",
					    cis_json_number((double)ch->scale),
					    "offset",
					    cis_json_number((double)ch->offset))
				: json_pack("{s:s, s:s, s:I}", "name", ch->name,
					    "kind",
					    cis_decode_analog_kind(ch->unit),
					    "anunit", (json_int_t)ch->unit);

		json_array_append_new(list, o);
	}
	return list;
}

static json_t *digital_words(const struct cis_c37_pmu *pmu)
{
	json_t *list = json_array();

	for (uint16_t i = 0; i < pmu->n_digital; i++) {
		const struct cis_c37_digital *w = &pmu->digital[i];
		json_t *names = json_array();

		for (unsigned bit = 0; bit < 16; bit++)
			json_array_append_new(names, json_string(w->name[bit]));
		json_array_append_new(
			list, json_pack("{s:o, s:i, s:i}", "names", names,
					"normal", (int)(w->mask >> 16), "valid",
					(int)(w->mask & 0xFFFF)));
	}
	return list;
}

static json_t *hex(const uint8_t *bytes, size_t n)
{
	char *text = malloc(2 * n + 1);
	json_t *o;

	if (!text)
		return json_null();
	text[0] = '\0';
	for (size_t i = 0; i < n; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	o = json_string(text);
	free(text);
	return o;
}

/* What only CFG-3 says of a PMU. A place that is not known is null. */
static void add_description(json_t *o, const struct cis_c37_pmu *p)
{
	char svc_class[2] = {p->svc_class, '\0'};

	if (svc_class[0] < ' ' || svc_class[0] > '~')
		svc_class[0] = '\0';
	json_object_set_new(o, "g_pmu_id", hex(p->g_pmu_id, 16));
	json_object_set_new(o, "lat_deg",
			    cis_json_number((double)p->position.lat_deg));
	json_object_set_new(o, "lon_deg",
			    cis_json_number((double)p->position.lon_deg));
	json_object_set_new(o, "elev_m",
			    cis_json_number((double)p->position.elev_m));
	json_object_set_new(o, "svc_class", json_string(svc_class));
	json_object_set_new(o, "window_us", json_integer(p->window_us));
	json_object_set_new(o, "grp_dly_us", json_integer(p->grp_dly_us));
}

static json_t *pmus(const struct cis_c37_config *cfg, bool is_cfg3)
{
	json_t *list = json_array();

	for (uint16_t i = 0; i < cfg->n_pmu; i++) {
		const struct cis_c37_pmu *p = &cfg->pmu[i];
		json_t *o = json_pack(
			"{s:s, s:i, s:i, s:o, s:o, s:o, s:f, s:i}", "station",
			p->station, "idcode", p->idcode, "format", p->format,
			"phasors", phasor_channels(p, is_cfg3), "analogs",
			analog_channels(p, is_cfg3), "digitals",
			digital_words(p), "fnom_hz", cis_c37_fnom_hz(p),
			"cfgcnt", p->cfgcnt);

		if (is_cfg3)
			add_description(o, p);
		json_array_append_new(list, o);
	}
	return list;
}

/* ---- any frame ---- */

static void add_head(json_t *o, const struct cis_decoded *d)
{
	char time[CIS_UTC_SIZE];
	const struct cis_c37_head *h = &d->head;

	json_object_set_new(o, "type", json_string(cis_decode_type(h->type)));
	json_object_set_new(o, "version", json_integer(h->version));
	json_object_set_new(o, "idcode", json_integer(h->idcode));
	json_object_set_new(o, "soc", json_integer(h->soc));
	json_object_set_new(
		o, "fracsec",
		json_real(cis_c37_frac_s(h->fracsec, d->time_base)));
	json_object_set_new(o, "fracsec_raw", json_integer(h->fracsec));
	json_object_set_new(o, "time_utc",
			    json_string(cis_decode_time(d, time)));
	json_object_set_new(o, "time_quality",
			    json_integer(h->time_quality & 0xF));
	json_object_set_new(o, "leap", json_integer(h->time_quality >> 4));
	json_object_set_new(o, "crc_ok", json_boolean(d->from->crc_ok));
	if (d->from->from) {
		json_object_set_new(o, "packet",
				    json_integer((json_int_t)d->from->packet));
		json_object_set_new(o, "from", json_string(d->from->from));
		json_object_set_new(o, "to", json_string(d->from->to));
	}
}

static void add_config(json_t *o, const struct cis_decoded *d)
{
	json_object_set_new(o, "time_base", json_integer(d->cfg->time_base));
	json_object_set_new(o, "data_rate", json_integer(d->cfg->data_rate));
	json_object_set_new(o, "pmus",
			    pmus(d->cfg, d->head.type == CIS_C37_CFG3));
}

static void add_command(json_t *o, const struct cis_decoded *d)
{
	json_object_set_new(o, "command", json_integer(d->command));
	json_object_set_new(o, "meaning",
			    json_string(cis_decode_command(d->command)));
	if (d->ext)
		json_object_set_new(o, "extended", hex(d->ext, d->ext_len));
}

static json_t *findings(const struct cis_lint_list *found)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < cis_lint_kept(found); i++) {
		json_t *o = cis_json_finding(&found->at[i]);

		json_object_set_new(o, "times",
				    json_integer(found->at[i].times));
		json_array_append_new(list, o);
	}
	return list;
}

void cis_decode_print_json(FILE *f, const struct cis_decoded *d)
{
	json_t *o = json_object();

	add_head(o, d);
	if (d->head.type == CIS_C37_CFG3)
		json_object_set_new(o, "cont_idx", json_integer(d->cont_idx));
	if (d->head.type == CIS_C37_DATA)
		json_object_set_new(o, "pmus", blocks(d));
	else if (d->cfg)
		add_config(o, d);
	if (d->text)
		json_object_set_new(o, "text", json_string(d->text));
	if (d->head.type == CIS_C37_CMD)
		add_command(o, d);
	if (d->note[0])
		json_object_set_new(o, "note", cis_json_text(d->note));
	json_object_set_new(o, "findings", findings(d->found));
	cis_cli_json_begun();
	json_dumpf(o, f, JSON_COMPACT);
	fputc('\n', f);
	json_decref(o);
}
