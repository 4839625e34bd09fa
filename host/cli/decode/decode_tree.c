/* decode_tree.c - every field of a frame: name, raw, value, unit; see decode.h. */
#include <math.h>
#include <string.h>

#include "cisoid/utc.h"
#include "decode_tree.h"
#include "host/core/angle.h"
#include "host/core/be.h"

#define HEAD_LEN 14

void cis_tree_field(struct cis_tree *w, const char *name, size_t len)
{
	char hex[2 * 16 + 1] = "";

	for (size_t i = 0; i < len && i < 16; i++)
		snprintf(hex + 2 * i, 3, "%02x", w->p[i]);
	fprintf(w->f, "%*s%-*s %-16s  ", w->indent, "", 26 - w->indent, name,
		hex);
	w->p += len;
}

void cis_tree_part(const struct cis_tree *w, const char *name, unsigned raw,
		   const char *meaning)
{
	fprintf(w->f, "%*s%-*s %-16x  %s\n", w->indent + 2, "", 24 - w->indent,
		name, raw, meaning);
}

static void put(struct cis_tree *w, double v, const char *unit)
{
	if (isfinite(v))
		fprintf(w->f, "%.9g%s%s\n", v, unit[0] ? " " : "", unit);
	else
		fprintf(w->f, "no value\n");
}

/* ---- the head ---- */

static void tree_sync(struct cis_tree *w, const struct cis_decoded *d)
{
	static const char *const names[] = {"data",
					    "header",
					    "configuration 1",
					    "configuration 2",
					    "command",
					    "configuration 3"};

	cis_tree_field(w, "SYNC", 2);
	fprintf(w->f, "%s frame, version %u\n", names[d->head.type],
		d->head.version);
}

static void tree_head(struct cis_tree *w, const struct cis_decoded *d)
{
	const struct cis_c37_head *h = &d->head;
	char time[CIS_UTC_SIZE];

	tree_sync(w, d);
	cis_tree_field(w, "FRAMESIZE", 2);
	fprintf(w->f, "%u bytes\n", h->frame_len);
	cis_tree_field(w, "IDCODE", 2);
	fprintf(w->f, "%u\n", h->idcode);
	cis_tree_field(w, "SOC", 4);
	fprintf(w->f, "%u s\n", (unsigned)h->soc);
	cis_tree_field(w, "FRACSEC", 4);
	fprintf(w->f, "%u / %u = %.9f s: %s\n", (unsigned)h->fracsec,
		(unsigned)d->time_base,
		cis_c37_frac_s(h->fracsec, d->time_base),
		cis_decode_time(d, time));
	cis_tree_part(w, "leap second direction", h->time_quality >> 6 & 1,
		      h->time_quality & 0x40 ? "delete" : "add");
	cis_tree_part(w, "leap second occurred", h->time_quality >> 5 & 1, "");
	cis_tree_part(w, "leap second pending", h->time_quality >> 4 & 1, "");
	cis_tree_part(w, "time quality", h->time_quality & 0xF,
		      cis_decode_quality(h->time_quality));
}

/* ---- data ---- */

static void tree_stat(struct cis_tree *w, uint16_t stat)
{
	cis_tree_field(w, "STAT", 2);
	fputc('\n', w->f);
	cis_tree_part(w, "data error", stat >> 14, cis_decode_data_error(stat));
	cis_tree_part(w, "PMU sync", stat >> 13 & 1,
		      stat & CIS_C37_STAT_UNSYNC ? "not in sync" : "in sync");
	cis_tree_part(w, "data sorting", stat >> 12 & 1,
		      stat & CIS_C37_STAT_SORT_ARRIVAL ? "by arrival"
						       : "by time stamp");
	cis_tree_part(w, "trigger", stat >> 11 & 1,
		      stat & CIS_C37_STAT_TRIGGER ? "detected" : "none");
	cis_tree_part(w, "configuration change", stat >> 10 & 1,
		      stat & CIS_C37_STAT_CFG_CHANGE ? "announced" : "none");
	cis_tree_part(w, "data modified", stat >> 9 & 1,
		      stat & CIS_C37_STAT_MODIFIED ? "yes" : "no");
	cis_tree_part(w, "PMU time quality", stat >> 6 & 7,
		      cis_decode_pmu_tq(stat));
	cis_tree_part(w, "unlocked time", stat >> 4 & 3,
		      cis_decode_unlocked(stat));
	cis_tree_part(w, "trigger reason", stat & 15,
		      stat & CIS_C37_STAT_TRIGGER ? cis_decode_trigger(stat)
						  : "");
}

static void tree_phasor(struct cis_tree *w, const struct cis_c37_pmu *pmu,
			uint16_t i, double complex p)
{
	const struct cis_c37_channel *ch = &pmu->phasor[i];
	bool is_float = pmu->format & CIS_C37_FMT_PHASOR_FLOAT;

	cis_tree_field(w, ch->name, is_float ? 8 : 4);
	if (isnan(creal(p))) {
		fputs("no value\n", w->f);
		return;
	}
	fprintf(w->f, "%.9g %s rms, %.6f deg\n", cabs(p),
		cis_c37_phunit_is_current(ch->unit) ? "A" : "V",
		cis_shown_deg(carg(p), 6));
}

static void tree_digital(struct cis_tree *w, const struct cis_c37_digital *word,
			 uint16_t value, unsigned i)
{
	char name[24];

	snprintf(name, sizeof(name), "DIGITAL %u", i + 1);
	cis_tree_field(w, name, 2);
	fputc('\n', w->f);
	for (unsigned bit = 0; bit < 16; bit++)
		if (word->mask >> bit & 1 || word->name[bit][0])
			cis_tree_part(w, word->name[bit],
				      (unsigned)value >> bit & 1, "");
}

static void tree_block(struct cis_tree *w, const struct cis_c37_pmu *pmu,
		       const struct cis_c37_block *b)
{
	unsigned f = pmu->format;

	fprintf(w->f, "  PMU %u \"%s\"\n", pmu->idcode, pmu->station);
	tree_stat(w, b->stat);
	for (uint16_t i = 0; i < pmu->n_phasor; i++)
		tree_phasor(w, pmu, i, b->phasor_rms[i]);
	cis_tree_field(w, "FREQ", f & CIS_C37_FMT_FREQ_FLOAT ? 4 : 2);
	put(w, b->freq_hz, "Hz");
	cis_tree_field(w, "DFREQ", f & CIS_C37_FMT_FREQ_FLOAT ? 4 : 2);
	put(w, b->rocof_hz_per_s, "Hz/s");
	for (uint16_t i = 0; i < pmu->n_analog; i++) {
		cis_tree_field(w, pmu->analog[i].name,
			       f & CIS_C37_FMT_ANALOG_FLOAT ? 4 : 2);
		put(w, b->analog[i],
		    cis_decode_analog_kind(pmu->analog[i].unit));
	}
	for (uint16_t i = 0; i < pmu->n_digital; i++)
		tree_digital(w, &pmu->digital[i], b->digital[i], i);
}

/* ---- any frame ---- */

/* Bytes with no meaning of their own, sixteen a line. */
static void tree_bytes(struct cis_tree *w, const char *name, const uint8_t *end)
{
	while (w->p < end) {
		size_t n = end - w->p < 16 ? (size_t)(end - w->p) : 16;

		cis_tree_field(w, name, n);
		fputc('\n', w->f);
	}
}

/* The last fragment shows the configuration that the series makes. */
static void tree_config3(struct cis_tree *w, const struct cis_decoded *d,
			 const uint8_t *end)
{
	if (end - w->p < 2)
		return;
	cis_tree_field(w, "CONT_IDX", 2);
	if (d->cont_idx)
		fprintf(w->f, "part %u%s\n", d->cont_idx,
			d->cont_idx == 0xFFFF ? ", the last" : "");
	else
		fprintf(w->f, "the only frame\n");
	if (d->cont_idx)
		tree_bytes(w, "fragment", end);
	if (d->joined)
		w->p = d->joined + HEAD_LEN + 2;
	if (d->cfg)
		cis_tree_config(w, d->cfg, true);
	if (d->joined)
		w->p = end;
}

static void tree_body(struct cis_tree *w, const struct cis_decoded *d,
		      const uint8_t *end)
{
	if (d->head.type == CIS_C37_CMD) {
		cis_tree_field(w, "CMD", 2);
		fprintf(w->f, "%s\n", cis_decode_command(d->command));
		tree_bytes(w, "EXTFRAME", w->p + d->ext_len);
	} else if (d->text) {
		fprintf(w->f, "%*sDATA: %s\n", w->indent, "", d->text);
		w->p = end;
	} else if (d->data) {
		w->indent += 2;
		for (uint16_t i = 0; i < d->data->n_pmu; i++)
			tree_block(w, &d->cfg->pmu[i], &d->data->block[i]);
		w->indent -= 2;
	} else if (d->head.type == CIS_C37_CFG3) {
		tree_config3(w, d, end);
	} else if (d->cfg && d->head.type != CIS_C37_DATA) {
		cis_tree_config(w, d->cfg, false);
	}
	tree_bytes(w, "?", end); /* what nothing explains */
}

void cis_decode_print_tree(FILE *f, const struct cis_decoded *d)
{
	const struct cis_capture_frame *from = d->from;
	const uint8_t *end = from->frame + d->head.frame_len - 2;
	struct cis_tree w = {.f = f, .p = from->frame, .indent = 2};

	fprintf(f, "%s frame", cis_decode_type(d->head.type));
	if (from->from)
		fprintf(f, ", packet %llu, %s > %s",
			(unsigned long long)from->packet, from->from, from->to);
	fputc('\n', f);
	tree_head(&w, d);
	tree_body(&w, d, end);
	cis_tree_field(&w, "CHK", 2);
	fprintf(f, "%s\n", from->crc_ok ? "right" : "WRONG");
	if (d->note[0])
		fprintf(f, "  note: %s\n", d->note);
	fputc('\n', f);
}
