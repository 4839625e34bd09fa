/* time_shown.h - the state of the time chain, for a person or a program. */
#ifndef HOST_CLI_TIME_SHOWN_H
#define HOST_CLI_TIME_SHOWN_H

#include <jansson.h>

#include "cisoid/source.h"
#include "host/acq/dates/dater.h"

/* On standard output; `info` of the source that is dated. */
void cis_time_text(const struct cis_time_status *st,
		   const struct cis_source_info *info);
void cis_time_json(const struct cis_time_status *st, bool good,
		   const struct cis_source_info *info);

/* Without the verdict, a hint and the system's clock: {"source": "system", "state":
 * "LOCKED", "unc_s": ..., ...}; null for what is not known. */
json_t *cis_time_object(const struct cis_time_status *st,
			const struct cis_source_info *info);

#endif
