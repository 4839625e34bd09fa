/* csv.c - see csv.h. RFC 4180: CR LF, quotes where a name needs them. */
#include "csv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cisoid/utc.h"
#include "host/core/angle.h"

static const char *const fit_columns[] = {"_a1",        "_a2",    "_dc",
					  "_resid_ppm", "_u_ppm", "_u_urad"};
#define N_FIT (sizeof(fit_columns) / sizeof(fit_columns[0]))

/* The first of them that is written. */
static size_t first_column(enum cis_csv_fit fit)
{
	return fit == CIS_CSV_FIT ? 0 : fit == CIS_CSV_U ? N_FIT - 2 : N_FIT;
}

void cis_csv_name(FILE *f, const char *name, const char *suffix)
{
	if (!strpbrk(name, ",\"\r\n")) {
		fprintf(f, ",%s%s", name, suffix);
		return;
	}
	fputs(",\"", f);
	for (const char *s = name; *s; s++) {
		if (*s == '"')
			fputc('"', f);
		fputc(*s, f);
	}
	fprintf(f, "%s\"", suffix);
}

void cis_csv_header(FILE *f, const struct cis_chan_map *map,
		    enum cis_csv_fit fit)
{
	fputs("time_utc,soc,fracsec,freq_hz,rocof_hz_per_s,flags", f);
	for (uint32_t c = 0; c < map->n_chan; c++) {
		cis_csv_name(f, map->chan[c].name, "_rms");
		cis_csv_name(f, map->chan[c].name, "_deg");
	}
	for (uint32_t g = 0; g < map->n_group; g++) {
		cis_csv_name(f, map->group[g].name, "_rms");
		cis_csv_name(f, map->group[g].name, "_deg");
	}
	if (fit == CIS_CSV_TIME || fit == CIS_CSV_U)
		fputs(",time_unc_s", f);
	for (uint32_t c = 0; c < map->n_chan; c++)
		for (size_t i = first_column(fit); i < N_FIT; i++)
			cis_csv_name(f, map->chan[c].name, fit_columns[i]);
	fputs(",notes\r\n", f);
}

/* A comma, and the fewest digits that read back to the same double. */
void cis_csv_number(FILE *f, double v)
{
	char text[32];
	int digits = 15;

	fputc(',', f);
	if (!isfinite(v))
		return;
	do
		snprintf(text, sizeof(text), "%.*g", digits, v);
	while (digits++ < 17 && strtod(text, NULL) != v);
	fputs(text, f);
}

void cis_csv_phasor(FILE *f, double complex x)
{
	double deg = carg(x) * CIS_DEG_PER_RAD;

	cis_csv_number(f, cabs(x));
	cis_csv_number(f, isfinite(cabs(x)) ? (deg <= -180 ? 180 : deg) : NAN);
}

static void put_fit(FILE *f, const struct cis_fit *fit, size_t first)
{
	const double values[N_FIT] = {fit->a1_per_s,    fit->a2_per_s2,
				      fit->dc,          fit->resid * 1e6,
				      fit->u_mag * 1e6, fit->u_phase_rad * 1e6};

	for (size_t i = first; i < N_FIT; i++)
		cis_csv_number(f, values[i]);
}

void cis_csv_time(FILE *f, struct cis_instant at)
{
	struct cis_time t = cis_instant_time(at);
	int64_t whole = cis_time_floor_s(t);
	char utc[CIS_UTC_SIZE];

	fprintf(f, "%s,%lld,0.%09lld", cis_utc_format(t, 9, utc),
		(long long)cis_utc_from_tai(whole).soc,
		(long long)(t.tai_ns - whole * CIS_NS_PER_S));
}

void cis_csv_row(FILE *f, const struct cis_chan_map *map, enum cis_csv_fit fit,
		 const struct cis_report *rep)
{
	char words[CIS_FLAGS_SIZE];

	cis_csv_time(f, rep->at);
	cis_csv_number(f, rep->freq_hz);
	cis_csv_number(f, rep->rocof_hz_per_s);
	fprintf(f, ",%s", cis_report_flags(rep->flags, words));
	for (uint32_t i = 0; i < map->n_chan + map->n_group; i++)
		cis_csv_phasor(f, rep->phasor_rms[i]);
	if (fit == CIS_CSV_TIME || fit == CIS_CSV_U)
		cis_csv_number(f, rep->time_quality.unc_s);
	for (uint32_t c = 0; c < map->n_chan; c++)
		put_fit(f, &rep->fit[c], first_column(fit));
	fprintf(f, ",%s\r\n", cis_report_notes(rep->notes, words));
}
