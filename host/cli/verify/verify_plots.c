/*
 * verify_plots.c - the folder of pictures: one of each sweep, one report by
 * report of ramps and steps; see verify.h.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/cli/outfile.h"
#include "verify.h"
#include "verify_draw.h"

struct picture {
	enum cis_test test;
	/* Report by report against time: ramps, steps. Else a sweep, the worst
	 * of each point against the parameter. */
	bool trace;
};

static bool has_points(const struct cis_verify_run *run, enum cis_test test)
{
	return run->cfg.plan.wanted[test] &&
	       !cis_verify_skips(&run->cfg, test) &&
	       test != CIS_TEST_REPORTING_LATENCY;
}

static bool has_picture(const struct cis_verify_run *run, struct picture p)
{
	bool step = cis_verify_is_step(p.test);

	if (!has_points(run, p.test))
		return false;
	return p.trace ? step || p.test == CIS_TEST_FREQUENCY_RAMP : !step;
}

/* From *i on, which begins at 0. */
static bool next_picture(const struct cis_verify_run *run, unsigned *i,
			 struct picture *p)
{
	while (*i < 2 * CIS_N_TEST) {
		*p = (struct picture){(enum cis_test)(*i / 2), *i % 2};
		++*i;
		if (has_picture(run, *p))
			return true;
	}
	return false;
}

static int path_of(const char *dir, struct picture p, char path[4096],
		   struct cis_diag *diag)
{
	int len = snprintf(path, 4096, "%s/%s%s.svg", dir,
			   cis_test_name(p.test), p.trace ? "_trace" : "");

	if (len >= 4000)
		return cis_fail(diag, -ENAMETOOLONG, "%.60s...: name too long",
				dir);
	return 0;
}

/* ---- the folder ---- */

static int check_folder(const char *dir, struct cis_diag *diag)
{
	struct stat st;

	if (mkdir(dir, 0777) && errno != EEXIST)
		return cis_fail(diag, -errno, "--plots %s: %s", dir,
				strerror(errno));
	if (stat(dir, &st) || !S_ISDIR(st.st_mode))
		return cis_fail(diag, -ENOTDIR, "--plots %s: is not a folder",
				dir);
	if (access(dir, W_OK | X_OK))
		return cis_fail(diag, -errno, "--plots %s: %s", dir,
				strerror(errno));
	return 0;
}

int cis_verify_plots_check(const char *dir, const struct cis_verify_run *run,
			   bool force, struct cis_diag *diag)
{
	int err = check_folder(dir, diag);
	struct picture p;
	char path[4096];

	for (unsigned i = 0; !err && next_picture(run, &i, &p);) {
		err = path_of(dir, p, path, diag);
		if (!err && !force && !access(path, F_OK))
			err = cis_fail(diag, -EEXIST,
				       "%s: exists; --force overwrites it",
				       path);
	}
	return err;
}

/* ---- files ---- */

static int write_picture(const char *path, const struct cis_verify_run *run,
			 struct picture p, struct cis_diag *diag)
{
	const struct cis_criteria *c = &run->cfg.plan.criteria;
	char profile[CIS_PROFILE_SIZE], title[160];
	struct cis_outfile out;
	int err = cis_outfile_open(&out, path, true, diag);

	if (err)
		return err;
	snprintf(title, sizeof(title),
		 "%s: profile %s, class %s, %u Hz, %u "
		 "frames/s",
		 cis_test_name(p.test),
		 cis_estim_profile_name(&run->cfg.estim, profile),
		 c->perf_class == CIS_CLASS_P ? "P" : "M", c->fnom_hz,
		 c->report_rate);
	if (p.trace)
		cis_verify_draw_trace(out.f, run, p.test, title);
	else
		cis_verify_draw_sweep(out.f, run, p.test, title);
	return cis_outfile_commit(&out, diag);
}

int cis_verify_plots(const char *dir, const struct cis_verify_run *run,
		     bool force, struct cis_diag *diag)
{
	int err = cis_verify_plots_check(dir, run, force, diag);
	struct picture p;
	char path[4096];

	for (unsigned i = 0; !err && next_picture(run, &i, &p);) {
		err = path_of(dir, p, path, diag);
		if (!err)
			err = write_picture(path, run, p, diag);
	}
	return err;
}
