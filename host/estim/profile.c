/* profile.c - names and lengths of the profiles; see estim.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cisoid/estim.h"
#include "instant.h"

int cis_estim_parse_profile(const char *text, struct cis_estim_config *cfg,
			    struct cis_diag *diag)
{
	size_t len = strcspn(text, ":");
	unsigned long n = CIS_MIN_LS7_CYCLE;
	char *end;

	if (len != 3 || memcmp(text, "ls7", 3) != 0)
		return cis_fail(diag, -EINVAL,
				"no profile \"%s\"; there is: ls7[:CYCLES]",
				text);
	if (text[len]) {
		n = strtoul(text + len + 1, &end, 10);
		if (text[len + 1] < '0' || text[len + 1] > '9' || *end ||
		    n < CIS_MIN_LS7_CYCLE || n > CIS_MAX_LS7_CYCLE)
			return cis_fail(diag, -EINVAL,
					"profile \"%s\": ls7 takes %d to %d "
					"cycles",
					text, CIS_MIN_LS7_CYCLE,
					CIS_MAX_LS7_CYCLE);
	}
	cfg->profile = CIS_PROFILE_LS7;
	cfg->n_cycle = (uint32_t)n;
	return 0;
}

const char *cis_estim_profile_name(const struct cis_estim_config *cfg,
				   char buf[CIS_PROFILE_SIZE])
{
	snprintf(buf, CIS_PROFILE_SIZE, "ls7:%u", (unsigned)cfg->n_cycle);
	return buf;
}

double cis_estim_window_s(const struct cis_estim_config *cfg)
{
	return cfg->n_cycle / cfg->fnom_hz;
}
