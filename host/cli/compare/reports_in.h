/*
 * reports_in.h - one side of a comparison: reports out of a CSV, a capture or a
 * live stream, and what is known of where they come from.
 *
 * A file is read whole and kept as it stood, in its order. A live stream
 * (reports_live.h) hands its reports on as they come.
 */
#ifndef HOST_CLI_REPORTS_IN_H
#define HOST_CLI_REPORTS_IN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cisoid/c37.h"
#include "cisoid/compare.h"
#include "cisoid/report.h"

/* Which PMU, where there are several. */
struct cis_reports_pick {
	uint16_t idcode;     /* 0: the only one */
	const char *station; /* or HOST:PORT of the sender; NULL: any */
	/* The options' names, for messages. */
	const char *idcode_option, *station_option;
};

enum cis_reports_kind {
	CIS_REPORTS_CSV,
	CIS_REPORTS_FRAMES, /* a capture, or a file of frames */
	CIS_REPORTS_LIVE,
};

struct cis_reports_about {
	const char *what; /* as the user named it; borrowed */
	enum cis_reports_kind kind;
	char station[CIS_C37_NAME_SIZE]; /* "": not told */
	uint16_t idcode;                 /* 0: not told */
	bool simulated;                  /* the station, or a note, says so */
	bool has_unc;                    /* reports tell their uncertainty */
	unsigned fnom_hz;                /* 0: not told */
	double window_s;                 /* of its estimator; 0: not told */
	uint16_t format;                 /* CIS_C37_FMT_*, of frames */
	uint64_t crc_errors;             /* frames with a wrong CRC, left out */
	uint64_t unread; /* frames that no configuration explains */
	struct cis_rate rate;
	/* One channel for each phasor, positive sequences too; no groups. A CSV
	 * tells no quantities: they are guessed from the names. */
	struct cis_chan_map map;
	enum cis_match_quantity quantity[CIS_MAX_CHAN];
};

/* LIVE, REPLAY or SIMULATED. */
const char *cis_reports_origin(const struct cis_reports_about *about);

/* By the name: "IA", "Line I1", "feeder amps" are currents. */
enum cis_match_quantity cis_reports_quantity(const char *name);

/* ---- files ---- */

struct cis_reports;

/* Whether it names a stream, "tcp:..." or "udp:...", and no file. */
bool cis_reports_is_live(const char *what);

/*
 * Reads a CSV of estimate, listen or run, a capture, or a file of frames.
 * -EBADMSG, -ENOENT, -EISDIR: not to be read; -ENODATA: no reports in it;
 * -EINVAL: the pick fits none or several. All with a message.
 */
int cis_reports_read(const char *what, const struct cis_reports_pick *pick,
		     struct cis_reports **out, struct cis_warn_list *warn,
		     struct cis_diag *diag);
void cis_reports_free(struct cis_reports *r); /* NULL is allowed */

const struct cis_reports_about *cis_reports_about(const struct cis_reports *r);
size_t cis_reports_n(const struct cis_reports *r);
struct cis_instant cis_reports_at(const struct cis_reports *r, size_t i);

/* Report i, and what its frame says besides. */
void cis_reports_get(const struct cis_reports *r, size_t i,
		     struct cis_report *rep, struct cis_arrival *arrival);

/* An empty store for the reports of a live stream; NULL: no memory. */
struct cis_reports *cis_reports_store(const struct cis_reports_about *about);
/* Takes over what the stream has counted since. */
void cis_reports_count(struct cis_reports *r,
		       const struct cis_reports_about *about);
/* -ENOMEM */
int cis_reports_put(struct cis_reports *r, const struct cis_report *rep,
		    const struct cis_arrival *arrival);
/* All have been used: none is kept. */
void cis_reports_drop(struct cis_reports *r);

#endif
