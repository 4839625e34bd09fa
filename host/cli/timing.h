/*
 * timing.h - what --time and --max-time-error ask for, of this source.
 */
#ifndef HOST_CLI_TIMING_H
#define HOST_CLI_TIMING_H

#include "cisoid/source.h"
#include "cli.h"
#include "host/acq/dates/dater.h"
#include "settings.h"

#define CIS_TIMED_SPEC_SIZE (CIS_SPEC_SIZE + 32)

struct cis_timing {
	const struct cis_command *cmd; /* for messages */
	const char *source;            /* as asked for */
	const char *time;   /* "": external if source is, else system */
	double max_error_s; /* INFINITY: any */
	double fnom_hz;
	bool declared;
};

/* The source as it must be opened: with the input that has the pulse. Returns an
 * exit status; what went wrong was told. */
int cis_timing_source(const struct cis_timing *timing,
		      char spec[CIS_TIMED_SPEC_SIZE]);

/* The dater's words, and what stands in for --time where nothing does. */
int cis_timing_spec(const struct cis_timing *timing,
		    const struct cis_source_info *info,
		    struct cis_dater_spec *spec);

/*
 * Refuses, CIS_EXIT_TIME, where the time can never be as good as is asked for:
 * system, none and a front end that is locked are judged by what they are now.
 */
int cis_timing_judge(const struct cis_timing *timing,
		     const struct cis_source_info *info,
		     const struct cis_dater_spec *spec);

/* The dater, judged before. */
int cis_timing_open(const struct cis_timing *timing,
		    const struct cis_source_info *info,
		    const struct cis_dater_spec *spec, struct cis_dater **out);

#endif
