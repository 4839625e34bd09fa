/* listen_out.c - see listen_out.h. */
#include "listen_out.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "cisoid/log.h"
#include "cisoid/utc.h"
#include "host/core/angle.h"

#define MAX_SAID 32 /* PMUs of a configuration */

/* ---- open and close ---- */

int cis_listen_out_open(struct cis_listen_out *out,
			const struct cis_listen_out_config *cfg,
			struct cis_diag *diag)
{
	int err;

	memset(out, 0, sizeof(*out));
	out->cfg = *cfg;
	if (cfg->json) {
		out->book = cis_decode_book_new();
		if (!out->book)
			return cis_fail(diag, -ENOMEM, "out of memory");
	}
	if (!cfg->csv)
		return 0;
	err = cis_outfile_open(&out->of, cfg->csv, cfg->force, diag);
	out->of.empty = true;
	return err;
}

int cis_listen_out_commit(struct cis_listen_out *out, struct cis_diag *diag)
{
	int err = 0;

	if (out->of.f)
		err = cis_outfile_commit(&out->of, diag);
	if (!err && (fflush(stdout) || ferror(stdout)))
		err = cis_fail(diag, errno ? -errno : -EIO,
			       "standard output: %s", strerror(errno));
	return err;
}

void cis_listen_out_abort(struct cis_listen_out *out)
{
	if (out->of.f)
		cis_outfile_abort(&out->of);
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
	for (uint16_t i = 0; i < cfg->n_pmu && i < MAX_SAID; i++) {
		const struct cis_c37_pmu *p = &cfg->pmu[i];

		cis_log(CIS_LOG_INFO,
			"configuration station=\"%s\" idcode=%u phasors=%u "
			"analogs=%u digitals=%u data_rate=%d fnom_hz=%g",
			p->station, p->idcode, p->n_phasor, p->n_analog,
			p->n_digital, cfg->data_rate, cis_c37_fnom_hz(p));
	}
	if (cfg->n_pmu > MAX_SAID)
		cis_log(CIS_LOG_INFO, "and %u PMUs more in IDCODE %u",
			cfg->n_pmu - MAX_SAID, cfg->idcode);
}

static void text_pmu(struct cis_listen_out *out,
		     const struct cis_c37_config *cfg, uint16_t i)
{
	const struct cis_c37_pmu *p = &cfg->pmu[i];
	const struct cis_report *rep = &out->rep;
	char utc[CIS_UTC_SIZE], words[CIS_FLAGS_SIZE];
	FILE *f = stdout;

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
			cis_shown_deg(carg(rep->phasor_rms[k]), 3));
	fputc('\n', f);
}

/* ---- JSON ---- */

static int json_frame(struct cis_listen_out *out)
{
	struct cis_decoded d;
	int err = cis_decode_frame(out->book, &out->raw, &d);

	if (!err)
		cis_decode_print_json(stdout, &d);
	return err;
}

/* By the client's configuration, which is in force when the frame says so. */
static int json_data(const struct cis_listen_out *out,
		     const struct cis_c37_config *cfg,
		     const struct cis_c37_data *data)
{
	struct cis_decoded d;
	int err = cis_decode_frame(out->book, &out->raw, &d);

	if (err)
		return err;
	if (!d.data)
		d.note[0] = '\0';
	d.head = data->head;
	d.time_base = cfg->time_base;
	d.cfg = cfg;
	d.data = data;
	cis_decode_print_json(stdout, &d);
	return 0;
}

/* ---- CSV ---- */

/* One table holds one stream: the first. */
static bool is_in_csv(struct cis_listen_out *out, uint16_t idcode)
{
	if (!out->csv.header)
		out->csv_idcode = idcode;
	if (idcode == out->csv_idcode)
		return true;
	if (!out->told_other)
		cis_log(CIS_LOG_WARN,
			"the CSV holds IDCODE %u; that of IDCODE %u and others "
			"wants --idcode and a file of its own",
			out->csv_idcode, idcode);
	out->told_other = true;
	return false;
}

/* ---- all of them ---- */

/* What is watched live is wanted at once. */
static int written(FILE *f)
{
	errno = 0;
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
	if (!out->cfg.json || cis_c37_peek(frame, len, &head) <= 0 ||
	    (crc_ok && head.type == CIS_C37_DATA))
		return 0;
	err = json_frame(out);
	return err ? err : written(stdout);
}

int cis_listen_out_config(struct cis_listen_out *out,
			  const struct cis_c37_config *cfg)
{
	say_config(cfg);
	if (!out->cfg.csv || !is_in_csv(out, cfg->idcode))
		return 0;
	return cis_listen_csv_config(&out->csv, cfg, out->of.f);
}

static void put_lines(struct cis_listen_out *out,
		      const struct cis_c37_config *cfg,
		      const struct cis_c37_data *data)
{
	for (uint16_t i = 0; i < cfg->n_pmu; i++) {
		cis_c37_data_to_report(cfg, i, data, &out->rep);
		text_pmu(out, cfg, i);
	}
}

int cis_listen_out_data(struct cis_listen_out *out,
			const struct cis_c37_config *cfg,
			const struct cis_c37_data *data)
{
	int err = 0;

	if (out->cfg.json)
		err = json_data(out, cfg, data);
	else if (out->cfg.lines)
		put_lines(out, cfg, data);
	if (!err && (out->cfg.json || out->cfg.lines))
		err = written(stdout);
	if (err || !out->cfg.csv || !is_in_csv(out, cfg->idcode))
		return err;
	out->of.empty = false;
	cis_listen_csv_row(&out->csv, cfg, data, out->of.f);
	return written(out->of.f);
}
