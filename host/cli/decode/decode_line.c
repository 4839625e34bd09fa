/* decode_line.c - one readable line a frame; see decode.h. */
#include <math.h>

#include "cisoid/utc.h"
#include "decode.h"
#include "host/core/angle.h"

static void print_number(FILE *f, double v, int digits, const char *unit)
{
	if (isfinite(v))
		fprintf(f, " %.*f %s", digits, v, unit);
	else
		fprintf(f, " - %s", unit);
}

static void print_analog(FILE *f, const char *name, double v)
{
	if (isfinite(v))
		fprintf(f, "  %s %g", name, v);
	else
		fprintf(f, "  %s -", name);
}

static void print_stat(FILE *f, uint16_t stat)
{
	fprintf(f, " %s", cis_decode_data_error(stat));
	if (stat & CIS_C37_STAT_UNSYNC)
		fprintf(f, ", not in sync");
	if (stat & CIS_C37_STAT_TRIGGER)
		fprintf(f, ", trigger: %s", cis_decode_trigger(stat));
	if (stat & CIS_C37_STAT_CFG_CHANGE)
		fprintf(f, ", configuration changes");
	if (stat & CIS_C37_STAT_MODIFIED)
		fprintf(f, ", modified");
	fputc(';', f);
}

static void print_block(FILE *f, const struct cis_c37_pmu *pmu,
			const struct cis_c37_block *b)
{
	fprintf(f, "  \"%s\":", pmu->station);
	print_stat(f, b->stat);
	print_number(f, b->freq_hz, 4, "Hz");
	print_number(f, b->rocof_hz_per_s, 3, "Hz/s");
	for (uint16_t i = 0; i < pmu->n_phasor; i++) {
		const struct cis_c37_channel *ch = &pmu->phasor[i];
		double complex p = b->phasor_rms[i];

		fprintf(f, "  %s", ch->name);
		print_number(f, cabs(p), 3,
			     cis_c37_phunit_is_current(ch->unit) ? "A" : "V");
		print_number(f, cis_shown_deg(carg(p), 3), 3, "deg");
	}
	for (uint16_t i = 0; i < pmu->n_analog; i++)
		print_analog(f, pmu->analog[i].name, b->analog[i]);
	for (uint16_t i = 0; i < pmu->n_digital; i++)
		fprintf(f, "  D%u %04x", i + 1u, b->digital[i]);
}

static void print_config(FILE *f, const struct cis_c37_config *cfg)
{
	char rate[CIS_DECODE_RATE_SIZE];

	fprintf(f, "  %s, TIME_BASE %u", cis_decode_rate(cfg->data_rate, rate),
		(unsigned)cfg->time_base);
	for (uint16_t i = 0; i < cfg->n_pmu; i++) {
		const struct cis_c37_pmu *p = &cfg->pmu[i];

		fprintf(f, "  \"%s\": idcode %u, FORMAT 0x%04x, %g Hz,",
			p->station, p->idcode, p->format, cis_c37_fnom_hz(p));
		for (uint16_t k = 0; k < p->n_phasor; k++)
			fprintf(f, " %s", p->phasor[k].name);
		if (p->n_analog)
			fprintf(f, ", %u analogs", p->n_analog);
		if (p->n_digital)
			fprintf(f, ", %u digital words", p->n_digital);
	}
}

/* A header's text may have lines; a frame has one. */
static void print_text(FILE *f, const char *text)
{
	fputs("  ", f);
	for (; *text; text++)
		fputc((unsigned char)*text < ' ' ? ' ' : *text, f);
}

static void print_command(FILE *f, const struct cis_decoded *d)
{
	fprintf(f, "  %d %s", d->command, cis_decode_command(d->command));
	if (d->ext)
		fprintf(f, ", %zu bytes", d->ext_len);
}

void cis_decode_print_line(FILE *f, const struct cis_decoded *d)
{
	char time[CIS_UTC_SIZE];

	fprintf(f, "%s %-4s %5u", cis_decode_time(d, time),
		cis_decode_type(d->head.type), d->head.idcode);
	if (d->head.type == CIS_C37_CMD)
		print_command(f, d);
	else if (d->head.time_quality & 0xF)
		fprintf(f, "  [time %s]",
			cis_decode_quality(d->head.time_quality));
	for (uint16_t i = 0; d->data && i < d->data->n_pmu; i++)
		print_block(f, &d->cfg->pmu[i], &d->data->block[i]);
	if (d->cfg && d->head.type != CIS_C37_DATA)
		print_config(f, d->cfg);
	if (d->text)
		print_text(f, d->text);
	if (d->note[0])
		fprintf(f, "  (%s)", d->note);
	if (!d->from->crc_ok)
		fputs("  WRONG CRC", f);
	fputc('\n', f);
}
