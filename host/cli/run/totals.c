/* totals.c - see totals.h. */
#include "totals.h"

#include <inttypes.h>
#include <stdio.h>

#include "cisoid/log.h"

/* The profile with the longest window that data of a length hold. */
static const char *what_fits(const struct cis_estim_config *asked,
			     double length_s, char buf[64])
{
	static const char *const names[] = {"reference", "m", "p", "ls7"};
	struct cis_estim_config ec = *asked;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		double gap_s = (double)ec.rate.den / ec.rate.num;

		cis_estim_parse_profile(names[i], &ec, NULL);
		if (cis_estim_window_s(&ec) + gap_s > length_s)
			continue;
		snprintf(buf, 64, "--profile %s fits", names[i]);
		return buf;
	}
	return "no profile fits";
}

static void tell_no_report(const struct cis_estim_config *ec, double length_s)
{
	double window_s = cis_estim_window_s(ec);
	char fits[64];

	if (length_s >= window_s + 1 / ec->fnom_hz)
		cis_log(CIS_LOG_WARN,
			"no report: no instant of the rate asked for is within "
			"the %.4g s of data",
			length_s);
	else
		cis_log(CIS_LOG_WARN,
			"no report: the data are shorter than the window of "
			"%g ms; %s",
			1e3 * window_s, what_fits(ec, length_s, fits));
}

void cis_totals_tell(const struct cis_pipe *pipe,
		     const struct cis_estim_config *ec)
{
	struct cis_pipe_stats st;

	cis_pipe_stats(pipe, &st);
	cis_log(CIS_LOG_INFO,
		"done: scans=%" PRIu64 " reports=%" PRIu64
		" lost_scans=%" PRIu64 " overruns=%" PRIu64
		" lost_reports=%" PRIu64,
		st.scans, st.reports, st.lost_scans, st.overruns,
		st.lost_reports);
	if (st.reports == 0 && st.refused == 0)
		tell_no_report(ec, (double)st.scans / ec->rate_hz);
}

int cis_totals_judge(const struct cis_pipe *pipe, const struct cis_command *cmd)
{
	struct cis_pipe_stats st;

	cis_pipe_stats(pipe, &st);
	if (st.refused == 0)
		return CIS_EXIT_OK;
	return cis_cli_fail(cmd, CIS_EXIT_INCOMPLETE,
			    "%" PRIu64 " scans have a rate or a delay that the "
			    "estimator cannot take",
			    st.refused);
}
