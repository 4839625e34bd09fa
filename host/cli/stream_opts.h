/*
 * stream_opts.h - how a C37.118 stream is written: by default, as a receiver
 * likes it (--for), and as the user says.
 */
#ifndef HOST_CLI_STREAM_OPTS_H
#define HOST_CLI_STREAM_OPTS_H

#include <stdbool.h>
#include <stdint.h>

#include "cisoid/c37.h"
#include "host/core/conf.h"

/* What holds for one stream. */
struct cis_stream_opts {
	uint16_t format;        /* CIS_C37_FMT_* */
	uint8_t version;        /* SYNC's nibble: 1 = 2005, 2 = 2011 */
	uint16_t edition;       /* what STAT means: 2005 or 2011 */
	uint32_t time_base;     /* parts of a second */
	uint32_t cfg_every_s;   /* unasked configurations; 0: at once alone */
	enum cis_c37_type push; /* which goes out unasked: CFG-2 or CFG-3 */
	double change_s;        /* how long a change is announced */
};

/* What one place says of it; zeros where it says nothing. */
struct cis_stream_said {
	const char *receiver; /* a preset: "pmuct" */
	const char *format;
	uint16_t c37; /* 2005 or 2011 */
	uint32_t time_base;
	uint16_t cfg; /* 2 or 3 */
	bool has_cfg_every, has_change;
	double cfg_every_s, change_s;
};

/* An option of the command line: 1 taken, 0 not one of these, -EINVAL with a
 * message. `value` is borrowed. */
int cis_stream_take(struct cis_stream_said *said, const char *name,
		    const char *value, struct cis_diag *diag);

/* A section [stream.NAME], whose values have been checked. */
void cis_stream_from_conf(struct cis_stream_said *said,
			  const struct cis_conf *conf, const char *section);

/* Where nobody says anything. */
void cis_stream_defaults(struct cis_stream_opts *opts);
/* The preset, if one is named, then the rest. */
void cis_stream_apply(struct cis_stream_opts *opts,
		      const struct cis_stream_said *said);

/* -EINVAL with a message where two of them contradict each other. */
int cis_stream_check(const struct cis_stream_opts *opts, struct cis_diag *diag);

/* -EINVAL with a message that names the presets there are. */
int cis_stream_check_receiver(const char *name, struct cis_diag *diag);

#endif
