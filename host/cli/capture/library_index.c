/* library_index.c - what each recording of a library is; see library.h. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cisoid/utc.h"
#include "host/cli/csv.h"
#include "host/cli/outfile.h"
#include "host/core/angle.h"
#include "library.h"

/* ---- the signal, as keys of mock ---- */

struct keys {
	char text[512];
	size_t len;
};

/* The fewest digits that read back to the same double. */
static void add(struct keys *k, const char *name, double value)
{
	char number[32];
	int digits = 15;

	do
		snprintf(number, sizeof(number), "%.*g", digits, value);
	while (digits++ < 17 && strtod(number, NULL) != value);
	k->len += (size_t)snprintf(k->text + k->len, sizeof(k->text) - k->len,
				   "%s%s=%s", k->len ? "," : "", name, number);
}

static void add_some(struct keys *k, const char *name, double value)
{
	if (value != 0 && !isnan(value))
		add(k, name, value);
}

static void add_harmonics(struct keys *k, const struct cis_signal *sig)
{
	char name[16];

	for (unsigned n = 2; n <= sig->top_harm; n++) {
		if (sig->harm[n] == 0)
			continue;
		snprintf(name, sizeof(name), "h%u", n);
		add(k, name, sig->harm[n]);
		snprintf(name, sizeof(name), "h%u_deg", n);
		add_some(k, name, sig->harm_rad[n] * CIS_DEG_PER_RAD);
	}
}

static void add_signal(struct keys *k, const struct cis_signal *sig)
{
	add(k, "fnom", sig->fnom_hz);
	add(k, "f", sig->f_hz);
	add(k, "v", sig->given.rms[0]);
	add(k, "i", sig->given.rms[1]);
	add(k, "v_deg", sig->given.deg[0]);
	add(k, "i_deg", sig->given.deg[1]);
	add_some(k, "rocof", sig->rocof_hz_per_s);
	add_some(k, "rocof_s", sig->rocof_s);
	add_some(k, "f_to", sig->f_to_hz);
	add_some(k, "am", sig->am);
	add_some(k, "am_hz", sig->am_hz);
	add_some(k, "pm", sig->pm_rad);
	add_some(k, "pm_hz", sig->pm_hz);
	add_some(k, "step_mag", sig->step_mag);
	add_some(k, "step_deg", sig->step_rad * CIS_DEG_PER_RAD);
	add_some(k, "step_s", sig->step_s);
	add_some(k, "ih_hz", sig->ih_hz);
	add_some(k, "ih", sig->ih);
	add_harmonics(k, sig);
}

/* ---- index.csv ---- */

static void put_item(FILE *f, const struct cis_library_config *cfg,
		     const struct cis_plan *plan,
		     const struct cis_library_item *item)
{
	struct cis_plan_point p;
	struct keys keys = {.len = 0};
	char utc[CIS_UTC_SIZE];

	cis_plan_point(plan, item->point, &p);
	/* A ramp is whole here, in verify it has pieces. */
	if (p.test == CIS_TEST_FREQUENCY_RAMP)
		p.param = NAN;
	add_signal(&keys, &p.sig);
	fprintf(f, "%s.cfg,%s", item->name, cis_test_name(p.test));
	cis_csv_number(f, p.param);
	cis_csv_name(f, p.limit->param_unit, "");
	cis_csv_name(f, p.label, "");
	fprintf(f, ",%s", cis_utc_format(cfg->start, 0, utc));
	cis_csv_number(f, item->first_s);
	cis_csv_number(f, item->end_s - item->first_s);
	cis_csv_number(f, item->from_s);
	cis_csv_number(f, item->to_s);
	cis_csv_number(f, p.corner_s[0]);
	cis_csv_number(f, p.corner_s[1]);
	cis_csv_number(f, p.exclusion_s);
	cis_csv_name(f, keys.text, "");
	fputs("\r\n", f);
}

static void put_index(FILE *f, const struct cis_library_config *cfg,
		      const struct cis_plan *plan,
		      const struct cis_library_list *list)
{
	fputs("file,test,parameter,unit,label,t0_utc,first_s,duration_s,from_s,"
	      "to_s,corner1_s,corner2_s,exclusion_s,signal\r\n",
	      f);
	for (uint32_t i = 0; i < list->n; i++)
		put_item(f, cfg, plan, &list->item[i]);
}

/* ---- README.txt ---- */

static void put_readme(FILE *f, const struct cis_library_config *cfg,
		       const struct cis_plan *plan,
		       const struct cis_library_list *list)
{
	const struct cis_criteria *c = &cfg->plan.criteria;
	struct cis_plan_point p;
	char utc[CIS_UTC_SIZE];

	cis_plan_point(plan, 0, &p);
	fprintf(f,
		"Test waveforms of %s, class %s, %u Hz nominal, %u reports/s.\n"
		"%u recordings, COMTRADE of %s, at %.10g samples/s.\n\n",
		p.limit->standard, c->perf_class == CIS_CLASS_P ? "P" : "M",
		c->fnom_hz, c->report_rate, list->n,
		cfg->format == CIS_COMTRADE_BINARY ? "1999" : "2013",
		cfg->rate_hz);
	fputs("Channels VA VB VC IA IB IC, in V and A. They are secondary\n"
	      "quantities, as an amplifier gives them to the PMU. Simulated:\n"
	      "they are formulas, nothing was measured.\n\n",
	      f);
	fprintf(f,
		"index.csv has one line for each recording:\n"
		"  file       the .cfg; its .dat lies beside it\n"
		"  test       of cisoid verify; parameter, unit and label "
		"tell\n"
		"             which condition of it\n"
		"  t0_utc     t = 0 of all formulas; %s\n"
		"  first_s    t of the first sample\n"
		"  duration_s of the recording\n"
		"  from_s     reports with from_s <= t <= to_s are judged, "
		"but\n"
		"  to_s       those nearer than exclusion_s to a corner_s\n"
		"  signal     the formula: SIGNAL KEYS of "
		"cisoid-simulate(1)\n\n",
		cis_utc_format(cfg->start, 0, utc));
	fputs("A test set plays a recording from any whole second of UTC; t "
	      "is\n"
	      "then the time since that second, plus first_s. Report instants\n"
	      "and angles are those of the formula with t0 there.\n"
	      "cisoid capture --source mock:SIGNAL makes a longer one.\n",
	      f);
}

/* ---- files ---- */

static int open_in(const char *dir, const char *name, struct cis_outfile *out,
		   struct cis_diag *diag)
{
	char path[CIS_LIBRARY_PATH + 32];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return cis_outfile_open(out, path, true, diag);
}

int cis_library_index(const struct cis_library_config *cfg,
		      const struct cis_plan *plan,
		      const struct cis_library_list *list, const char *dir,
		      struct cis_diag *diag)
{
	struct cis_outfile out;
	int err = open_in(dir, "index.csv", &out, diag);

	if (err)
		return err;
	put_index(out.f, cfg, plan, list);
	err = cis_outfile_commit(&out, diag);
	if (!err)
		err = open_in(dir, "README.txt", &out, diag);
	if (err)
		return err;
	put_readme(out.f, cfg, plan, list);
	return cis_outfile_commit(&out, diag);
}
