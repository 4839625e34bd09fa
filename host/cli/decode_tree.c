/* decode_tree.c - every field of a frame: name, raw, value, unit. */
#include <math.h>
#include <string.h>

#include "cisoid/utc.h"
#include "decode.h"
#include "host/core/be.h"

#define DEG_PER_RAD (180 / 3.14159265358979323846)
#define HEAD_LEN    14

/* A walk over the frame's bytes: the decoder has checked the lengths. */
struct walk {
	FILE *f;
	const uint8_t *p;
	int indent;
};

/* Begins the line of a field of `len` bytes; the value is the caller's. */
static const uint8_t *field(struct walk *w, const char *name, size_t len)
{
	const uint8_t *at = w->p;
	char hex[2 * 16 + 1] = "";

	for (size_t i = 0; i < len && i < 16; i++)
		snprintf(hex + 2 * i, 3, "%02x", at[i]);
	fprintf(w->f, "%*s%-*s %-16s  ", w->indent, "", 26 - w->indent, name,
		hex);
	w->p += len;
	return at;
}

/* A field within a word: its bits are shown in the word's own line. */
static void part(const struct walk *w, const char *name, unsigned raw,
		 const char *meaning)
{
	fprintf(w->f, "%*s%-*s %-16x  %s\n", w->indent + 2, "", 24 - w->indent,
		name, raw, meaning);
}

static void put(struct walk *w, double v, const char *unit)
{
	if (isfinite(v))
		fprintf(w->f, "%.9g%s%s\n", v, unit[0] ? " " : "", unit);
	else
		fprintf(w->f, "no value\n");
}

/* ---- the head ---- */

static void tree_sync(struct walk *w, const struct cis_decoded *d)
{
	static const char *const names[] = {"data",
					    "header",
					    "configuration 1",
					    "configuration 2",
					    "command",
					    "configuration 3"};

	field(w, "SYNC", 2);
	fprintf(w->f, "%s frame, version %u\n", names[d->head.type],
		d->head.version);
}

static void tree_head(struct walk *w, const struct cis_decoded *d)
{
	const struct cis_c37_head *h = &d->head;
	char time[CIS_UTC_SIZE];

	tree_sync(w, d);
	field(w, "FRAMESIZE", 2);
	fprintf(w->f, "%u bytes\n", h->frame_len);
	field(w, "IDCODE", 2);
	fprintf(w->f, "%u\n", h->idcode);
	field(w, "SOC", 4);
	fprintf(w->f, "%u s\n", (unsigned)h->soc);
	field(w, "FRACSEC", 4);
	fprintf(w->f, "%u / %u = %.9f s: %s\n", (unsigned)h->fracsec,
		(unsigned)d->time_base,
		cis_c37_frac_s(h->fracsec, d->time_base),
		cis_decode_time(d, time));
	part(w, "leap second direction", h->time_quality >> 6 & 1,
	     h->time_quality & 0x40 ? "delete" : "add");
	part(w, "leap second occurred", h->time_quality >> 5 & 1, "");
	part(w, "leap second pending", h->time_quality >> 4 & 1, "");
	part(w, "time quality", h->time_quality & 0xF,
	     cis_decode_quality(h->time_quality));
}

/* ---- data ---- */

static void tree_stat(struct walk *w, uint16_t stat)
{
	field(w, "STAT", 2);
	fputc('\n', w->f);
	part(w, "data error", stat >> 14, cis_decode_data_error(stat));
	part(w, "PMU sync", stat >> 13 & 1,
	     stat & CIS_C37_STAT_UNSYNC ? "not in sync" : "in sync");
	part(w, "data sorting", stat >> 12 & 1,
	     stat & CIS_C37_STAT_SORT_ARRIVAL ? "by arrival" : "by time stamp");
	part(w, "trigger", stat >> 11 & 1,
	     stat & CIS_C37_STAT_TRIGGER ? "detected" : "none");
	part(w, "configuration change", stat >> 10 & 1,
	     stat & CIS_C37_STAT_CFG_CHANGE ? "announced" : "none");
	part(w, "data modified", stat >> 9 & 1,
	     stat & CIS_C37_STAT_MODIFIED ? "yes" : "no");
	part(w, "PMU time quality", stat >> 6 & 7, cis_decode_pmu_tq(stat));
	part(w, "unlocked time", stat >> 4 & 3, cis_decode_unlocked(stat));
	part(w, "trigger reason", stat & 15,
	     stat & CIS_C37_STAT_TRIGGER ? cis_decode_trigger(stat) : "");
}

static void tree_phasor(struct walk *w, const struct cis_c37_pmu *pmu,
			uint16_t i, double complex p)
{
	const struct cis_c37_channel *ch = &pmu->phasor[i];
	bool is_float = pmu->format & CIS_C37_FMT_PHASOR_FLOAT;

	field(w, ch->name, is_float ? 8 : 4);
	if (isnan(creal(p))) {
		fputs("no value\n", w->f);
		return;
	}
	fprintf(w->f, "%.9g %s rms, %.6f deg\n", cabs(p),
		cis_c37_phunit_is_current(ch->unit) ? "A" : "V",
		carg(p) * DEG_PER_RAD);
}

static void tree_digital(struct walk *w, const struct cis_c37_digital *word,
			 uint16_t value, unsigned i)
{
	char name[24];

	snprintf(name, sizeof(name), "DIGITAL %u", i + 1);
	field(w, name, 2);
	fputc('\n', w->f);
	for (unsigned bit = 0; bit < 16; bit++)
		if (word->mask >> bit & 1 || word->name[bit][0])
			part(w, word->name[bit], (unsigned)value >> bit & 1,
			     "");
}

static void tree_block(struct walk *w, const struct cis_c37_pmu *pmu,
		       const struct cis_c37_block *b)
{
	unsigned f = pmu->format;

	fprintf(w->f, "  PMU %u \"%s\"\n", pmu->idcode, pmu->station);
	tree_stat(w, b->stat);
	for (uint16_t i = 0; i < pmu->n_phasor; i++)
		tree_phasor(w, pmu, i, b->phasor_rms[i]);
	field(w, "FREQ", f & CIS_C37_FMT_FREQ_FLOAT ? 4 : 2);
	put(w, b->freq_hz, "Hz");
	field(w, "DFREQ", f & CIS_C37_FMT_FREQ_FLOAT ? 4 : 2);
	put(w, b->rocof_hz_per_s, "Hz/s");
	for (uint16_t i = 0; i < pmu->n_analog; i++) {
		field(w, pmu->analog[i].name,
		      f & CIS_C37_FMT_ANALOG_FLOAT ? 4 : 2);
		put(w, b->analog[i],
		    cis_decode_analog_kind(pmu->analog[i].unit));
	}
	for (uint16_t i = 0; i < pmu->n_digital; i++)
		tree_digital(w, &pmu->digital[i], b->digital[i], i);
}

/* ---- configuration ---- */

static void tree_name(struct walk *w, const char *label, const char *name)
{
	field(w, label, 16);
	fprintf(w->f, "\"%s\"\n", name);
}

static void tree_names(struct walk *w, const struct cis_c37_pmu *pmu)
{
	for (uint16_t i = 0; i < pmu->n_phasor; i++)
		tree_name(w, "CHNAM phasor", pmu->phasor[i].name);
	for (uint16_t i = 0; i < pmu->n_analog; i++)
		tree_name(w, "CHNAM analog", pmu->analog[i].name);
	for (uint16_t i = 0; i < pmu->n_digital; i++)
		for (unsigned bit = 0; bit < 16; bit++)
			tree_name(w, "CHNAM digital",
				  pmu->digital[i].name[bit]);
}

static void tree_units(struct walk *w, const struct cis_c37_pmu *pmu)
{
	for (uint16_t i = 0; i < pmu->n_phasor; i++) {
		uint32_t unit = pmu->phasor[i].unit;

		field(w, "PHUNIT", 4);
		fprintf(w->f, "%s: %.9g %s per bit\n", pmu->phasor[i].name,
			(unit & 0xFFFFFF) * 1e-5,
			cis_c37_phunit_is_current(unit) ? "A" : "V");
	}
	for (uint16_t i = 0; i < pmu->n_analog; i++) {
		uint32_t unit = pmu->analog[i].unit;

		field(w, "ANUNIT", 4);
		fprintf(w->f, "%s: %s, scale %u\n", pmu->analog[i].name,
			cis_decode_analog_kind(unit),
			(unsigned)(unit & 0xFFFFFF));
	}
	for (uint16_t i = 0; i < pmu->n_digital; i++) {
		uint32_t mask = pmu->digital[i].mask;

		field(w, "DIGUNIT", 4);
		fprintf(w->f, "normal %04x, valid %04x\n",
			(unsigned)(mask >> 16), (unsigned)(mask & 0xFFFF));
	}
}

static void tree_format(struct walk *w, unsigned format)
{
	field(w, "FORMAT", 2);
	fprintf(w->f, "%s, phasors %s, analogs %s, frequency %s\n",
		format & CIS_C37_FMT_POLAR ? "polar" : "rectangular",
		format & CIS_C37_FMT_PHASOR_FLOAT ? "float" : "int16",
		format & CIS_C37_FMT_ANALOG_FLOAT ? "float" : "int16",
		format & CIS_C37_FMT_FREQ_FLOAT ? "float" : "int16");
}

static void tree_count(struct walk *w, const char *name, unsigned n)
{
	field(w, name, 2);
	fprintf(w->f, "%u\n", n);
}

static void tree_pmu(struct walk *w, const struct cis_c37_pmu *pmu, unsigned i)
{
	fprintf(w->f, "  PMU %u\n", i + 1);
	tree_name(w, "STN", pmu->station);
	tree_count(w, "IDCODE", pmu->idcode);
	tree_format(w, pmu->format);
	tree_count(w, "PHNMR", pmu->n_phasor);
	tree_count(w, "ANNMR", pmu->n_analog);
	tree_count(w, "DGNMR", pmu->n_digital);
	tree_names(w, pmu);
	tree_units(w, pmu);
	field(w, "FNOM", 2);
	fprintf(w->f, "%g Hz\n", cis_c37_fnom_hz(pmu));
	tree_count(w, "CFGCNT", pmu->cfgcnt);
}

static void tree_config(struct walk *w, const struct cis_c37_config *cfg)
{
	field(w, "TIME_BASE", 4);
	fprintf(w->f, "%u per s\n", (unsigned)cfg->time_base);
	tree_count(w, "NUM_PMU", cfg->n_pmu);
	w->indent += 2;
	for (uint16_t i = 0; i < cfg->n_pmu; i++)
		tree_pmu(w, &cfg->pmu[i], i);
	w->indent -= 2;
	field(w, "DATA_RATE", 2);
	if (cfg->data_rate < 0)
		fprintf(w->f, "1 frame in %d s\n", -cfg->data_rate);
	else
		fprintf(w->f, "%d frames/s\n", cfg->data_rate);
}

/* ---- any frame ---- */

/* Bytes that nothing explains. */
static void tree_rest(struct walk *w, const uint8_t *end)
{
	while (w->p < end) {
		size_t n = end - w->p < 16 ? (size_t)(end - w->p) : 16;

		field(w, "?", n);
		fputc('\n', w->f);
	}
}

static void tree_body(struct walk *w, const struct cis_decoded *d,
		      const uint8_t *end)
{
	if (d->head.type == CIS_C37_CMD) {
		field(w, "CMD", 2);
		fprintf(w->f, "%s\n", cis_decode_command(d->command));
	} else if (d->text) {
		fprintf(w->f, "%*sDATA: %s\n", w->indent, "", d->text);
		w->p = end;
	} else if (d->data) {
		w->indent += 2;
		for (uint16_t i = 0; i < d->data->n_pmu; i++)
			tree_block(w, &d->cfg->pmu[i], &d->data->block[i]);
		w->indent -= 2;
	} else if (d->cfg && d->head.type != CIS_C37_DATA) {
		tree_config(w, d->cfg);
	}
	tree_rest(w, end);
}

void cis_decode_print_tree(FILE *f, const struct cis_decoded *d)
{
	const struct cis_capture_frame *from = d->from;
	const uint8_t *end = from->frame + d->head.frame_len - 2;
	struct walk w = {.f = f, .p = from->frame, .indent = 2};

	fprintf(f, "%s frame", cis_decode_type(d->head.type));
	if (from->from)
		fprintf(f, ", packet %llu, %s > %s",
			(unsigned long long)from->packet, from->from, from->to);
	fputc('\n', f);
	tree_head(&w, d);
	tree_body(&w, d, end);
	field(&w, "CHK", 2);
	fprintf(f, "%s\n", from->crc_ok ? "right" : "WRONG");
	if (d->note[0])
		fprintf(f, "  note: %s\n", d->note);
	fputc('\n', f);
}
