/* listen_table.c - see listen_table.h. */
#include "listen_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cisoid/utc.h"
#include "host/core/angle.h"

#define MAX_STREAM 64 /* no terminal shows more */

struct row {
	uint16_t idcode;
	uint64_t drawn_ms;
	char *text;
};

struct cis_listen_table {
	unsigned n_row, n_line; /* lines that stand on the terminal */
	struct row row[MAX_STREAM];
	struct cis_report rep;
};

struct cis_listen_table *cis_listen_table_new(void)
{
	return calloc(1, sizeof(struct cis_listen_table));
}

void cis_listen_table_free(struct cis_listen_table *t)
{
	if (!t)
		return;
	for (unsigned i = 0; i < t->n_row; i++)
		free(t->row[i].text);
	free(t);
}

/* ---- a stream's rows ---- */

static struct row *row_of(struct cis_listen_table *t, uint16_t idcode)
{
	for (unsigned i = 0; i < t->n_row; i++)
		if (t->row[i].idcode == idcode)
			return &t->row[i];
	if (t->n_row == MAX_STREAM)
		return NULL;
	t->row[t->n_row].idcode = idcode;
	return &t->row[t->n_row++];
}

static void write_pmu(FILE *f, const struct cis_c37_pmu *p,
		      const struct cis_report *rep)
{
	char utc[CIS_UTC_SIZE], words[CIS_FLAGS_SIZE];

	fprintf(f, "\n%5u  %-16s  %s  %9.4f Hz  %+9.4f Hz/s  %s\n", p->idcode,
		p->station, cis_utc_format(cis_instant_time(rep->at), 3, utc),
		rep->freq_hz, rep->rocof_hz_per_s,
		cis_report_flags(rep->flags, words));
	for (uint32_t k = 0; k < rep->n_phasor; k++)
		fprintf(f, "       %-16s  %12.3f %s  %8.3f deg\n",
			p->phasor[k].name, cabs(rep->phasor_rms[k]),
			cis_c37_phunit_is_current(p->phasor[k].unit) ? "A"
								     : "V",
			cis_shown_deg(carg(rep->phasor_rms[k]), 3));
}

void cis_listen_table_data(struct cis_listen_table *t,
			   const struct cis_c37_config *cfg,
			   const struct cis_c37_data *data, uint64_t now_ms)
{
	struct row *row = row_of(t, cfg->idcode);
	char *text = NULL;
	size_t size;
	FILE *f;

	if (!row || (row->text && now_ms - row->drawn_ms < CIS_TABLE_MS))
		return;
	f = open_memstream(&text, &size);
	if (!f)
		return;
	for (uint16_t i = 0; i < cfg->n_pmu; i++) {
		cis_c37_data_to_report(cfg, i, data, &t->rep);
		write_pmu(f, &cfg->pmu[i], &t->rep);
	}
	if (fclose(f)) {
		free(text);
		return;
	}
	free(row->text);
	row->text = text;
	row->drawn_ms = now_ms;
}

/* ---- drawing ---- */

/* Bytes of the line's first `width` characters. */
static size_t cut(const char *line, size_t len, unsigned width)
{
	unsigned n = 0;

	for (size_t i = 0; i < len; i++) {
		n += ((unsigned char)line[i] & 0xC0) != 0x80;
		if (n > width)
			return i;
	}
	return len;
}

struct sheet {
	unsigned width, height, n_line, n_left;
};

static void put_lines(struct sheet *sheet, const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\n");

		if (sheet->n_line + 2 < sheet->height) {
			printf("%.*s\n", (int)cut(text, len, sheet->width),
			       text);
			sheet->n_line++;
		} else {
			sheet->n_left++;
		}
		text += len + (text[len] == '\n');
	}
}

static struct sheet sheet_of_terminal(void)
{
	struct winsize ws = {.ws_row = 0};
	struct sheet sheet = {.width = 80, .height = 24};

	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) && ws.ws_row > 0 &&
	    ws.ws_col > 0) {
		sheet.height = ws.ws_row;
		sheet.width = ws.ws_col;
	}
	return sheet;
}

void cis_listen_table_draw(struct cis_listen_table *t, const char *head)
{
	struct sheet sheet = sheet_of_terminal();

	if (t->n_line)
		printf("\033[%uA", t->n_line);
	printf("\033[J");
	put_lines(&sheet, head);
	for (unsigned i = 0; i < t->n_row; i++)
		if (t->row[i].text)
			put_lines(&sheet, t->row[i].text);
	if (sheet.n_left) {
		printf("... and %u lines more\n", sheet.n_left);
		sheet.n_line++;
	}
	t->n_line = sheet.n_line;
	fflush(stdout);
}

void cis_listen_table_leave(struct cis_listen_table *t)
{
	t->n_line = 0;
}
