/*
 * library.h - the standard's tests as recordings, for any test set to play.
 *
 * One COMTRADE recording of each test condition, in a folder that appears whole
 * or not at all, with an index.csv that says what each of them is.
 */
#ifndef HOST_CLI_LIBRARY_H
#define HOST_CLI_LIBRARY_H

#include <stdbool.h>
#include <stdint.h>

#include "cisoid/comtrade.h"
#include "cisoid/plan.h"
#include "interrupt.h"

struct cis_library_config {
	const char *dir;
	struct cis_plan_config plan; /* cis_verify_choose() has been called */
	double rate_hz;              /* samples a second */
	enum cis_comtrade_format format;
	const char *station;   /* says SIM */
	struct cis_time start; /* t0 of every signal: a whole second */
	bool every;            /* all points of verify; else those of a sweep's
				* round values */
	bool force;            /* write into a folder that is not empty */
};

struct cis_library_counts {
	uint32_t files; /* recordings */
	uint64_t bytes; /* of their data */
};

/* -ECANCELED after an interrupt, -EEXIST, -ENOSPC and the like, with a message;
 * nothing is left behind then. */
int cis_library_write(const struct cis_library_config *cfg,
		      struct cis_interrupt *interrupt,
		      struct cis_library_counts *counts, struct cis_diag *diag);

/* ---- library_points.c: what is recorded ---- */

/* One recording: one point of the plan, or all pieces of a ramp. */
struct cis_library_item {
	uint32_t point;      /* of the plan */
	char name[64];       /* of the files, without .cfg */
	double first_s;      /* after t0; a whole second, 0 or before */
	double end_s;        /* a whole second */
	double from_s, to_s; /* where reports count */
};

struct cis_library_list {
	uint32_t n;
	struct cis_library_item *item;
};

/* -ENOMEM */
int cis_library_list(const struct cis_library_config *cfg,
		     const struct cis_plan *plan,
		     struct cis_library_list *list);
void cis_library_list_free(struct cis_library_list *list);

/* ---- library_index.c: what is said of them ---- */

/* index.csv and README.txt in the folder `dir`. */
int cis_library_index(const struct cis_library_config *cfg,
		      const struct cis_plan *plan,
		      const struct cis_library_list *list, const char *dir,
		      struct cis_diag *diag);

/* ---- library_folder.c ---- */

#define CIS_LIBRARY_PATH 4096

struct cis_library_folder {
	const char *dir; /* borrowed */
	bool exists;
	char tmp[CIS_LIBRARY_PATH]; /* in which files are made */
};

/* -EEXIST, -ENOTDIR and the like with a message. */
int cis_library_folder_new(struct cis_library_folder *f, const char *dir,
			   bool force, struct cis_diag *diag);
/* Its files get their place. */
int cis_library_folder_commit(const struct cis_library_folder *f,
			      struct cis_diag *diag);
/* What is not in its place goes. */
void cis_library_folder_drop(const struct cis_library_folder *f);

#endif
