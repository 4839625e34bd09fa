/*
 * log.h - what happened, one line an event, to standard error.
 *
 * Only cli and net log. Values are key=value; states are logged when they
 * change, not while they last.
 */
#ifndef CISOID_LOG_H
#define CISOID_LOG_H

#include <stdbool.h>

enum cis_log_level {
	CIS_LOG_ERR,
	CIS_LOG_WARN,
	CIS_LOG_INFO,
	CIS_LOG_DEBUG,
};

/* Lines above `level` are not written. The default is CIS_LOG_INFO. */
void cis_log_set_level(enum cis_log_level level);
/* Whether lines of that level are written. */
bool cis_log_shows(enum cis_log_level level);

__attribute__((format(printf, 2, 3))) void cis_log(enum cis_log_level level,
						   const char *fmt, ...);

#endif
