/* csv.c - see csv.h. RFC 4180: CR LF, quotes where a name needs them. */
#include "csv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cisoid/utc.h"

#define DEG_PER_RAD 57.29577951308232088

static const char *const fit_columns[] = {"a1",        "a2",    "dc",
					  "resid_ppm", "u_ppm", "u_urad"};
#define N_FIT (sizeof(fit_columns) / sizeof(fit_columns[0]))

static void put_name(FILE *f, const char *name, const char *suffix)
{
	if (!strpbrk(name, ",\"\r\n")) {
		fprintf(f, ",%s_%s", name, suffix);
		return;
	}
	fputs(",\"", f);
	for (const char *s = name; *s; s++) {
		if (*s == '"')
			fputc('"', f);
		fputc(*s, f);
	}
	fprintf(f, "_%s\"", suffix);
}

void cis_csv_header(FILE *f, const struct cis_chan_map *map, bool fit)
{
	fputs("time_utc,soc,fracsec,freq_hz,rocof_hz_per_s,flags", f);
	for (uint32_t c = 0; c < map->n_chan; c++) {
		put_name(f, map->chan[c].name, "rms");
		put_name(f, map->chan[c].name, "deg");
	}
	for (uint32_t g = 0; g < map->n_group; g++) {
		put_name(f, map->group[g].name, "rms");
		put_name(f, map->group[g].name, "deg");
	}
	for (uint32_t c = 0; fit && c < map->n_chan; c++)
		for (size_t i = 0; i < N_FIT; i++)
			put_name(f, map->chan[c].name, fit_columns[i]);
	fputs(",notes\r\n", f);
}

/* A comma, and the fewest digits that read back to the same double. */
static void put_number(FILE *f, double v)
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

static void put_phasor(FILE *f, double complex x)
{
	double deg = carg(x) * DEG_PER_RAD;

	put_number(f, cabs(x));
	put_number(f, isfinite(cabs(x)) ? (deg <= -180 ? 180 : deg) : NAN);
}

static void put_fit(FILE *f, const struct cis_fit *fit)
{
	const double values[N_FIT] = {fit->a1_per_s,    fit->a2_per_s2,
				      fit->dc,          fit->resid * 1e6,
				      fit->u_mag * 1e6, fit->u_phase_rad * 1e6};

	for (size_t i = 0; i < N_FIT; i++)
		put_number(f, values[i]);
}

void cis_csv_row(FILE *f, const struct cis_chan_map *map, bool fit,
		 const struct cis_report *rep)
{
	struct cis_time t = cis_instant_time(rep->at);
	int64_t whole = cis_time_floor_s(t);
	char utc[CIS_UTC_SIZE], words[CIS_FLAGS_SIZE];

	fprintf(f, "%s,%lld,0.%09lld", cis_utc_format(t, 9, utc),
		(long long)cis_utc_from_tai(whole).soc,
		(long long)(t.tai_ns - whole * CIS_NS_PER_S));
	put_number(f, rep->freq_hz);
	put_number(f, rep->rocof_hz_per_s);
	fprintf(f, ",%s", cis_report_flags(rep->flags, words));
	for (uint32_t i = 0; i < map->n_chan + map->n_group; i++)
		put_phasor(f, rep->phasor_rms[i]);
	for (uint32_t c = 0; fit && c < map->n_chan; c++)
		put_fit(f, &rep->fit[c]);
	fprintf(f, ",%s\r\n", cis_report_notes(rep->notes, words));
}
