/* status.c - see status.h. */
#include "status.h"

#include <complex.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool cis_status_wanted(void)
{
	return isatty(STDERR_FILENO);
}

/* Mean magnitude of the first three voltages. */
static double mean_voltage(const struct cis_status *st)
{
	double sum = 0;
	unsigned n = 0;

	for (uint32_t c = 0; c < st->rep->n_chan && n < 3; c++)
		if (st->map->chan[c].quantity == CIS_VOLTAGE) {
			sum += cabs(st->rep->phasor_rms[c]);
			n++;
		}
	return n ? sum / n : NAN;
}

void cis_status_line(const struct cis_status *st)
{
	char flags[CIS_FLAGS_SIZE];

	if (st->rep->n_chan == 0)
		return;
	fprintf(stderr,
		"\r\033[Kf %.5f Hz  ROCOF %+.4f Hz/s  |V| %.4f V  %s  "
		"clients %u  frames %llu  drops %llu  ring %.0f/%.0f %%",
		st->rep->freq_hz, st->rep->rocof_hz_per_s, mean_voltage(st),
		cis_report_flags(st->rep->flags, flags), (unsigned)st->clients,
		(unsigned long long)st->frames,
		(unsigned long long)(st->dropped + st->pipe.lost_scans +
				     st->pipe.lost_reports),
		st->pipe.ring.fill_pct, st->pipe.ring.high_pct);
	fflush(stderr);
}

void cis_status_end(bool drawn)
{
	if (drawn)
		fputc('\n', stderr);
}

const char *cis_status_words(const struct cis_status *st, char *buf,
			     size_t size)
{
	char flags[CIS_FLAGS_SIZE];
	size_t len;

	snprintf(buf, size, "%s", cis_time_state_name(st->time.state));
	len = strlen(buf);
	if (isfinite(st->time.quality.unc_s))
		snprintf(buf + len, size - len, " %.2g s",
			 st->time.quality.unc_s);
	len = strlen(buf);
	if (st->fault)
		snprintf(buf + len, size - len, ", no samples: %s", st->fault);
	else if (st->rep->n_chan > 0)
		snprintf(buf + len, size - len, ", %.5f Hz %s",
			 st->rep->freq_hz,
			 cis_report_flags(st->rep->flags, flags));
	len = strlen(buf);
	snprintf(buf + len, size - len,
		 ", clients %u, frames %llu, drops %llu, lost scans %llu, "
		 "ring %.0f %% (at most %.0f %%)",
		 (unsigned)st->clients, (unsigned long long)st->frames,
		 (unsigned long long)st->dropped,
		 (unsigned long long)st->pipe.lost_scans,
		 st->pipe.ring.fill_pct, st->pipe.ring.high_pct);
	return buf;
}
