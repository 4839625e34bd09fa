/*
 * front_end_shown.h - the timing front end of a source, for a person, a program
 * and the log. Sources without one have nothing to show.
 */
#ifndef HOST_CLI_FRONT_END_SHOWN_H
#define HOST_CLI_FRONT_END_SHOWN_H

#include <jansson.h>
#include <stdbool.h>

#include "cisoid/source.h"

/* {"where": "/dev/ttyACM0", "link": true, "board": ..., ...}; null where there is
 * none, and for what is not known. */
json_t *cis_front_end_object(const struct cis_source_info *info);

/* Lines on standard output. */
void cis_front_end_text(const struct cis_source_info *info);

/* What a log says of it, once. */
struct cis_front_end_told {
	bool off; /* its second is not that of this computer's clock */
	uint64_t n_drop;
};

/* What it is, and what samples wait for. */
void cis_front_end_begin(const struct cis_source_info *info);
/* Now and then: what has changed. */
void cis_front_end_look(const struct cis_source_info *info,
			struct cis_front_end_told *told);

#endif
