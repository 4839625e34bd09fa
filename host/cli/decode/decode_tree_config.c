/*
 * decode_tree_config.c - the fields of configuration frames, 1 and 2 alike, and
 * 3; see decode_tree.h.
 */
#include <math.h>
#include <string.h>

#include "decode_tree.h"

static void tree_name(struct cis_tree *w, const char *label, const char *name,
		      bool is_cfg3)
{
	cis_tree_field(w, label, is_cfg3 ? 1u + *w->p : 16);
	fprintf(w->f, "\"%s\"\n", name);
}

static void tree_names(struct cis_tree *w, const struct cis_c37_pmu *pmu,
		       bool is_cfg3)
{
	for (uint16_t i = 0; i < pmu->n_phasor; i++)
		tree_name(w, "CHNAM phasor", pmu->phasor[i].name, is_cfg3);
	for (uint16_t i = 0; i < pmu->n_analog; i++)
		tree_name(w, "CHNAM analog", pmu->analog[i].name, is_cfg3);
	for (uint16_t i = 0; i < pmu->n_digital; i++)
		for (unsigned bit = 0; bit < 16; bit++)
			tree_name(w, "CHNAM digital", pmu->digital[i].name[bit],
				  is_cfg3);
}

static void tree_phunit(struct cis_tree *w, const struct cis_c37_channel *ch)
{
	cis_tree_field(w, "PHUNIT", 4);
	fprintf(w->f, "%s: %.9g %s per bit\n", ch->name,
		(ch->unit & 0xFFFFFF) * 1e-5,
		cis_c37_phunit_is_current(ch->unit) ? "A" : "V");
}

static void tree_phscale(struct cis_tree *w, const struct cis_c37_channel *ch)
{
	cis_tree_field(w, "PHSCALE", 12);
	fprintf(w->f, "%s: x %.9g %s, - %.9g rad, %s\n", ch->name,
		(double)ch->scale,
		cis_c37_phunit_is_current(ch->unit) ? "A" : "V",
		(double)ch->offset, cis_decode_component(ch->component));
	cis_tree_part(w, "modified", ch->modified,
		      ch->modified ? "see table 11" : "no");
	cis_tree_part(w, "user", ch->user, "");
}

static void tree_anunit(struct cis_tree *w, const struct cis_c37_channel *ch)
{
	cis_tree_field(w, "ANUNIT", 4);
	fprintf(w->f, "%s: %s, scale %u\n", ch->name,
		cis_decode_analog_kind(ch->unit),
		(unsigned)(ch->unit & 0xFFFFFF));
}

static void tree_anscale(struct cis_tree *w, const struct cis_c37_channel *ch)
{
	cis_tree_field(w, "ANSCALE", 8);
	fprintf(w->f, "%s: x %.9g + %.9g\n", ch->name, (double)ch->scale,
		(double)ch->offset);
}

static void tree_units(struct cis_tree *w, const struct cis_c37_pmu *pmu,
		       bool is_cfg3)
{
	for (uint16_t i = 0; i < pmu->n_phasor; i++) {
		if (is_cfg3)
			tree_phscale(w, &pmu->phasor[i]);
		else
			tree_phunit(w, &pmu->phasor[i]);
	}
	for (uint16_t i = 0; i < pmu->n_analog; i++) {
		if (is_cfg3)
			tree_anscale(w, &pmu->analog[i]);
		else
			tree_anunit(w, &pmu->analog[i]);
	}
	for (uint16_t i = 0; i < pmu->n_digital; i++) {
		uint32_t mask = pmu->digital[i].mask;

		cis_tree_field(w, "DIGUNIT", 4);
		fprintf(w->f, "normal %04x, valid %04x\n",
			(unsigned)(mask >> 16), (unsigned)(mask & 0xFFFF));
	}
}

static void tree_format(struct cis_tree *w, unsigned format)
{
	cis_tree_field(w, "FORMAT", 2);
	fprintf(w->f, "%s, phasors %s, analogs %s, frequency %s\n",
		format & CIS_C37_FMT_POLAR ? "polar" : "rectangular",
		format & CIS_C37_FMT_PHASOR_FLOAT ? "float" : "int16",
		format & CIS_C37_FMT_ANALOG_FLOAT ? "float" : "int16",
		format & CIS_C37_FMT_FREQ_FLOAT ? "float" : "int16");
}

static void tree_count(struct cis_tree *w, const char *name, unsigned n)
{
	cis_tree_field(w, name, 2);
	fprintf(w->f, "%u\n", n);
}

static void tree_place(struct cis_tree *w, const char *name, float v,
		       const char *unit)
{
	cis_tree_field(w, name, 4);
	if (isfinite(v))
		fprintf(w->f, "%.9g %s\n", (double)v, unit);
	else
		fprintf(w->f, "not known\n");
}

static void tree_description(struct cis_tree *w, const struct cis_c37_pmu *pmu)
{
	char c = pmu->svc_class;

	tree_place(w, "PMU_LAT", pmu->position.lat_deg, "deg north");
	tree_place(w, "PMU_LON", pmu->position.lon_deg, "deg east");
	tree_place(w, "PMU_ELEV", pmu->position.elev_m, "m");
	cis_tree_field(w, "SVC_CLASS", 1);
	if (c == 'P' || c == 'M')
		fprintf(w->f, "%c\n", c);
	else
		fprintf(w->f, "none of P and M\n");
	cis_tree_field(w, "WINDOW", 4);
	fprintf(w->f, "%d us\n", (int)pmu->window_us);
	cis_tree_field(w, "GRP_DLY", 4);
	fprintf(w->f, "%d us\n", (int)pmu->grp_dly_us);
}

static void tree_pmu(struct cis_tree *w, const struct cis_c37_pmu *pmu,
		     unsigned i, bool is_cfg3)
{
	fprintf(w->f, "  PMU %u\n", i + 1);
	tree_name(w, "STN", pmu->station, is_cfg3);
	tree_count(w, "IDCODE", pmu->idcode);
	if (is_cfg3) {
		cis_tree_field(w, "G_PMU_ID", 16);
		fputc('\n', w->f);
	}
	tree_format(w, pmu->format);
	tree_count(w, "PHNMR", pmu->n_phasor);
	tree_count(w, "ANNMR", pmu->n_analog);
	tree_count(w, "DGNMR", pmu->n_digital);
	tree_names(w, pmu, is_cfg3);
	tree_units(w, pmu, is_cfg3);
	if (is_cfg3)
		tree_description(w, pmu);
	cis_tree_field(w, "FNOM", 2);
	fprintf(w->f, "%g Hz\n", cis_c37_fnom_hz(pmu));
	tree_count(w, "CFGCNT", pmu->cfgcnt);
}

void cis_tree_config(struct cis_tree *w, const struct cis_c37_config *cfg,
		     bool is_cfg3)
{
	char rate[CIS_DECODE_RATE_SIZE];

	cis_tree_field(w, "TIME_BASE", 4);
	fprintf(w->f, "%u per s\n", (unsigned)cfg->time_base);
	tree_count(w, "NUM_PMU", cfg->n_pmu);
	w->indent += 2;
	for (uint16_t i = 0; i < cfg->n_pmu; i++)
		tree_pmu(w, &cfg->pmu[i], i, is_cfg3);
	w->indent -= 2;
	cis_tree_field(w, "DATA_RATE", 2);
	fprintf(w->f, "%s\n", cis_decode_rate(cfg->data_rate, rate));
}
