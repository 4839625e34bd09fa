/*
 * timing.h - the time that is asked for, of this source: --time,
 * --max-time-error and --start.
 *
 * The functions are called in their order here. Those that return an exit status
 * have told what went wrong.
 */
#ifndef HOST_CLI_TIMING_H
#define HOST_CLI_TIMING_H

#include "cisoid/source.h"
#include "cli.h"
#include "host/acq/dates/dater.h"

struct cis_timing {
	/* Asked for; borrowed. */
	const struct cis_command *cmd; /* for messages */
	const char *source;
	const char *time;   /* "": external if source is, else system */
	double max_error_s; /* INFINITY: any */
	const struct cis_time *start; /* of what has no dates; NULL: now */
	/* Found. */
	struct cis_dater_spec spec;
	struct cis_clock clock; /* that names the second */
	bool declared;          /* the start is a date, not the clock's */
};

/* The source, with the input that has the pulse. Its warnings are told. */
int cis_timing_source(const struct cis_timing *timing, struct cis_source **out);

/* The dater's words, and what stands in for --time where nothing does. */
int cis_timing_choose(struct cis_timing *timing,
		      const struct cis_source_info *info);

/*
 * Refuses, CIS_EXIT_TIME, where the time can never be as good as is asked for:
 * system, none and a front end that is locked are judged by what they are now.
 */
int cis_timing_judge(const struct cis_timing *timing,
		     const struct cis_source_info *info);

/* When scan 0 is to be. A formula begins on the second. */
struct cis_time cis_timing_start(struct cis_timing *timing,
				 const struct cis_source_info *info);

int cis_timing_dater(const struct cis_timing *timing,
		     const struct cis_source_info *info, double fnom_hz,
		     struct cis_dater **out);

#endif
