/*
 * settings.h - what `run` is to do: built-in values, configuration files,
 * environment, --set, and its own options, in this order.
 */
#ifndef HOST_CLI_SETTINGS_H
#define HOST_CLI_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "cisoid/diag.h"
#include "host/acq/cal/cal.h"
#include "host/core/conf.h"

/* The table of all keys; ends with a NULL section. */
extern const struct cis_conf_key cis_settings_keys[];

/*
 * Files and environment; `file` (of -C) instead of all other files, or NULL.
 * -EINVAL: one of them says nonsense; -ENOENT, -EISDIR, -EACCES: `file` cannot
 * be read; always with a sentence.
 */
int cis_settings_read(struct cis_conf *conf, const char *file,
		      struct cis_diag *diag);

/* Whether a value is from this file. */
bool cis_settings_reads(const struct cis_conf *conf, const char *path);

/* Then --set, in order; the list ends with NULL. */
int cis_settings_set(struct cis_conf *conf, const char *const *list,
		     struct cis_diag *diag);

/* -EINVAL with file and line: a value that no part of the program would take. */
int cis_settings_check(const struct cis_conf *conf, struct cis_diag *diag);

/* The corrections of all [channel.NAME], at most `max`: how many. Names and
 * origins are conf's. */
uint32_t cis_settings_channels(const struct cis_conf *conf,
			       struct cis_cal_chan *list, uint32_t max);

/* Where the table of "channel.VA" is: beside the file that names it; "": it has
 * none. */
void cis_settings_table(const struct cis_conf *conf, const char *section,
			char path[CIS_CAL_PATH]);

#define CIS_WEB_NAMES 16

struct cis_settings_web {
	const char *listen; /* HOST:PORT; NULL: no page */
	bool given;         /* by a person, not the preset */
	uint32_t n_name;
	const char *name[CIS_WEB_NAMES]; /* in text */
	char text[CIS_CONF_TEXT];
};

/* Where the page is to be; `said` is --web's, or NULL. What it points to is
 * conf's and said's. -EINVAL with a message. */
int cis_settings_web(const struct cis_conf *conf, const char *said,
		     struct cis_settings_web *web, struct cis_diag *diag);
/* -EINVAL with a message: neither HOST:PORT nor "off". */
int cis_settings_check_web(const char *listen, struct cis_diag *diag);
bool cis_settings_web_off(const char *listen);
/* Splits the list in place. -EINVAL with a message. */
int cis_settings_web_names(char *text, struct cis_settings_web *web,
			   struct cis_diag *diag);

#define CIS_SPEC_SIZE 4608

/* The source as one string, "mock:rate=18000,fnom=50". */
int cis_settings_source(const struct cis_conf *conf, char spec[CIS_SPEC_SIZE],
			struct cis_diag *diag);

/*
 * Name number i (from 0) of the sections of a kind: "main" for [stream.main].
 * NULL past the last.
 */
const char *cis_settings_name(const struct cis_conf *conf, const char *kind,
			      unsigned i);

#endif
