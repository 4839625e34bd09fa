/* listen_out.c - see listen_out.h. */
#include "listen_out.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "cisoid/log.h"
#include "cisoid/utc.h"

#define DEG_PER_RAD 57.29577951308232088

int cis_listen_out_open(struct cis_listen_out *out, enum cis_listen_kind kind,
			const char *path, bool force, struct cis_diag *diag)
{
	memset(out, 0, sizeof(*out));
	out->kind = kind;
	if (kind != CIS_LISTEN_CSV)
		path = "-";
	if (kind == CIS_LISTEN_JSON) {
		out->book = cis_decode_book_new();
		if (!out->book)
			return cis_fail(diag, -ENOMEM, "out of memory");
	}
	return cis_outfile_open(&out->of, path, force, diag);
}

void cis_listen_out_free(struct cis_listen_out *out)
{
	cis_decode_book_free(out->book);
	cis_listen_csv_free(&out->csv);
	out->book = NULL;
}

/* ---- lines ---- */

static void say_config(const struct cis_c37_config *cfg)
{
	for (uint16_t i = 0; i < cfg->n_pmu; i++) {
		const struct cis_c37_pmu *p = &cfg->pmu[i];

		cis_log(CIS_LOG_INFO,
			"configuration station=\"%s\" idcode=%u phasors=%u "
			"analogs=%u digitals=%u data_rate=%d fnom_hz=%g",
			p->station, p->idcode, p->n_phasor, p->n_analog,
			p->n_digital, cfg->data_rate, cis_c37_fnom_hz(p));
	}
}

static void text_pmu(struct cis_listen_out *out,
		     const struct cis_c37_config *cfg, uint16_t i)
{
	const struct cis_c37_pmu *p = &cfg->pmu[i];
	const struct cis_report *rep = &out->rep;
	char utc[CIS_UTC_SIZE], words[CIS_FLAGS_SIZE];
	FILE *f = out->of.f;

	fprintf(f, "%s", cis_utc_format(cis_instant_time(rep->at), 6, utc));
	if (cfg->n_pmu > 1)
		fprintf(f, "  %s", p->station);
	fprintf(f, "  %.4f Hz  %+.4f Hz/s  %s", rep->freq_hz,
		rep->rocof_hz_per_s, cis_report_flags(rep->flags, words));
	for (uint32_t k = 0; k < rep->n_phasor; k++)
		fprintf(f, "  %s %.6g %s %.3f deg", p->phasor[k].name,
			cabs(rep->phasor_rms[k]),
			cis_c37_phunit_is_current(p->phasor[k].unit) ? "A"
								     : "V",
			carg(rep->phasor_rms[k]) * DEG_PER_RAD);
	fputc('\n', f);
}

/* ---- JSON ---- */

static int json_frame(struct cis_listen_out *out)
{
	struct cis_decoded d;
	int err = cis_decode_frame(out->book, &out->raw, &d);

	if (!err)
		cis_decode_print_json(out->of.f, &d);
	return err;
}

/* ---- all of them ---- */

/* What is watched live is wanted at once. */
static int written(FILE *f)
{
	if (f == stdout && fflush(f))
		return errno ? -errno : -EIO;
	return ferror(f) ? -EIO : 0;
}

/* Data frames wait until they are known to count. */
int cis_listen_out_frame(struct cis_listen_out *out, const uint8_t *frame,
			 size_t len, bool crc_ok)
{
	struct cis_c37_head head;
	int err;

	out->raw = (struct cis_capture_frame){
		.frame = frame, .len = len, .crc_ok = crc_ok};
	if (out->kind != CIS_LISTEN_JSON ||
	    cis_c37_peek(frame, len, &head) <= 0 ||
	    (crc_ok && head.type == CIS_C37_DATA))
		return 0;
	err = json_frame(out);
	return err ? err : written(out->of.f);
}

int cis_listen_out_config(struct cis_listen_out *out,
			  const struct cis_c37_config *cfg)
{
	say_config(cfg);
	if (out->kind != CIS_LISTEN_CSV)
		return 0;
	return cis_listen_csv_config(&out->csv, cfg, out->of.f);
}

int cis_listen_out_data(struct cis_listen_out *out,
			const struct cis_c37_config *cfg,
			const struct cis_c37_data *data)
{
	FILE *f = out->of.f;
	int err = 0;

	if (out->kind == CIS_LISTEN_JSON)
		err = json_frame(out);
	else if (out->kind == CIS_LISTEN_CSV)
		cis_listen_csv_row(&out->csv, cfg, data, f);
	for (uint16_t i = 0; out->kind == CIS_LISTEN_TEXT && i < cfg->n_pmu;
	     i++) {
		cis_c37_data_to_report(cfg, i, data, &out->rep);
		text_pmu(out, cfg, i);
	}
	return err ? err : written(f);
}
