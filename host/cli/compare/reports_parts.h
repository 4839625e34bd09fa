/*
 * reports_parts.h - the inside of reports_in: what the readers of CSV, of frames
 * and of streams share.
 */
#ifndef HOST_CLI_REPORTS_PARTS_H
#define HOST_CLI_REPORTS_PARTS_H

#include <math.h>
#include <stdio.h>

#include "reports_in.h"

/* A report as it is kept: the struct itself has room for 256 channels. */
struct cis_reports_item {
	struct cis_time raw; /* of a CSV, until the rate is known */
	struct cis_instant at;
	struct cis_time_quality time_quality;
	uint32_t flags, notes;
	double freq_hz, rocof_hz_per_s;
	struct cis_arrival arrival;
};

struct cis_reports {
	struct cis_reports_about about;
	size_t n, cap;
	struct cis_reports_item *item;
	double *value; /* per phasor re, im, and with has_unc u_mag, u_phase */
};

/* ---- reports_csv.c ---- */

int cis_reports_read_csv(FILE *f, const struct cis_reports_pick *pick,
			 struct cis_reports *r, struct cis_warn_list *warn,
			 struct cis_diag *diag);

/* ---- reports_grid.c: the rate, by the spacing ---- */

/* Finds about.rate from raw, and sets at. -EBADMSG, -ENODATA */
int cis_reports_grid(struct cis_reports *r, struct cis_warn_list *warn,
		     struct cis_diag *diag);

/* ---- reports_frames.c ---- */

int cis_reports_read_frames(const char *path,
			    const struct cis_reports_pick *pick,
			    struct cis_reports *r, struct cis_warn_list *warn,
			    struct cis_diag *diag);

/* ---- reports_pmu.c: one PMU of a configuration ---- */

/* The PMU that is picked, or -1: none is. `from` is who sends, or NULL. *many:
 * others were as good, the first was taken. */
int cis_reports_pick_pmu(const struct cis_c37_config *cfg,
			 const struct cis_reports_pick *pick, const char *from,
			 bool *many);
/* Sets all that a configuration says of its PMU i. -EBADMSG: too many
 * phasors, or no rate. */
int cis_reports_describe(struct cis_reports_about *about,
			 const struct cis_c37_config *cfg, uint16_t i,
			 struct cis_diag *diag);
/* Whether the reports of PMU i fit what was described. */
bool cis_reports_fits(const struct cis_reports_about *about,
		      const struct cis_c37_config *cfg, uint16_t i);
/* A block of a frame as a report, and what the frame says besides; `arrived` is
 * NULL where nobody knows. */
struct cis_arrival cis_reports_from_frame(const struct cis_c37_config *cfg,
					  uint16_t i,
					  const struct cis_c37_data *data,
					  const struct cis_time *arrived,
					  struct cis_report *rep);
/* -EINVAL and a sentence: several PMUs fit, of these names. */
int cis_reports_many(const char *what, const char *names,
		     const struct cis_reports_pick *pick,
		     struct cis_diag *diag);
/* "61 NORTH, 62 SOUTH": for messages. Returns buf. */
const char *cis_reports_list(const struct cis_c37_config *cfg, char *buf,
			     size_t size);

#endif
