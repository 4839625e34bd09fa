/* profile.c - names and lengths of the profiles; see estim.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cisoid/estim.h"
#include "design.h"
#include "instant.h"

static const struct {
	const char *name;
	enum cis_profile profile;
} names[] = {
	{"p", CIS_PROFILE_P},
	{"m", CIS_PROFILE_M},
	{"reference", CIS_PROFILE_REFERENCE},
	{"ls7", CIS_PROFILE_LS7},
};
#define N_NAME (sizeof(names) / sizeof(names[0]))

/* ":3" -> 3, "" -> 2; 0: nonsense. */
static uint32_t parse_cycles(const char *text)
{
	unsigned long n;
	char *end;

	if (!*text)
		return CIS_MIN_LS7_CYCLE;
	if (text[1] < '0' || text[1] > '9')
		return 0;
	n = strtoul(text + 1, &end, 10);
	return *end || n < CIS_MIN_LS7_CYCLE || n > CIS_MAX_LS7_CYCLE
		       ? 0
		       : (uint32_t)n;
}

int cis_estim_parse_profile(const char *text, struct cis_estim_config *cfg,
			    struct cis_diag *diag)
{
	size_t len = strcspn(text, ":"), i = 0;
	uint32_t n = CIS_MIN_LS7_CYCLE;

	while (i < N_NAME && (strlen(names[i].name) != len ||
			      memcmp(text, names[i].name, len) != 0))
		i++;
	if (i == N_NAME)
		return cis_fail(diag, -EINVAL,
				"no profile \"%s\"; there are: p, m, "
				"reference, ls7[:CYCLES]",
				text);
	if (names[i].profile == CIS_PROFILE_LS7)
		n = parse_cycles(text + len);
	else if (text[len])
		return cis_fail(diag, -EINVAL,
				"profile \"%s\": only ls7 takes a number of "
				"cycles",
				text);
	if (n == 0)
		return cis_fail(diag, -EINVAL,
				"profile \"%s\": ls7 takes %d to %d cycles",
				text, CIS_MIN_LS7_CYCLE, CIS_MAX_LS7_CYCLE);
	cfg->profile = names[i].profile;
	cfg->n_cycle = n;
	return 0;
}

const char *cis_estim_profile_name(const struct cis_estim_config *cfg,
				   char buf[CIS_PROFILE_SIZE])
{
	for (size_t i = 0; i < N_NAME; i++)
		if (names[i].profile == cfg->profile)
			snprintf(buf, CIS_PROFILE_SIZE, "%s", names[i].name);
	if (cfg->profile == CIS_PROFILE_LS7)
		snprintf(buf, CIS_PROFILE_SIZE, "ls7:%u",
			 (unsigned)cfg->n_cycle);
	return buf;
}

double cis_estim_window_s(const struct cis_estim_config *cfg)
{
	struct cis_design design = {.profile = cfg->profile,
				    .fnom_hz = cfg->fnom_hz,
				    .report_hz = (double)cfg->rate.num /
						 cfg->rate.den,
				    .rate_hz = cfg->rate_hz};

	if (cfg->profile == CIS_PROFILE_LS7)
		return cfg->n_cycle / cfg->fnom_hz;
	return 2 * cis_design_shape(&design).half / cfg->rate_hz;
}

double cis_estim_latency_s(const struct cis_estim_config *cfg)
{
	double half_s = cis_estim_window_s(cfg) / 2;

	if (cfg->profile != CIS_PROFILE_REFERENCE)
		return half_s;
	return half_s + cis_step_lookahead_s(cfg->fnom_hz);
}
