/* report.c - flags and notes in words, the fit as a curve; see report.h. */
#include "cisoid/report.h"

#include <math.h>
#include <string.h>

#include "angle.h"

/* Phasors turn with fnom, which has whole turns in every second. */
double cis_report_wave(const struct cis_report *rep, uint32_t chan,
		       double fnom_hz, double t_s)
{
	const struct cis_fit *fit = &rep->fit[chan];
	const double complex x = rep->phasor_rms[chan];
	const double begin = fnom_hz * rep->at.k / rep->at.rate.num;
	const double turns = begin - floor(begin) + rep->freq_hz * t_s +
			     rep->rocof_hz_per_s * t_s * t_s / 2;
	const double rms =
		cabs(x) + fit->a1_per_s * t_s + fit->a2_per_s2 * t_s * t_s;

	return 1.41421356237309504880 * rms *
		       cos(CIS_TWO_PI * (turns - floor(turns)) + carg(x)) +
	       fit->dc;
}

static const char *join(uint32_t bits, const char *const *words, char *buf)
{
	buf[0] = '\0';
	for (unsigned i = 0; words[i]; i++) {
		if (!(bits & 1u << i))
			continue;
		if (buf[0])
			strcat(buf, "+");
		strcat(buf, words[i]);
	}
	return buf;
}

const char *cis_report_flags(uint32_t flags, char buf[CIS_FLAGS_SIZE])
{
	static const char *const words[] = {"gap",   "clip",   "nosignal",
					    "nofit", "unsync", NULL};

	return flags ? join(flags, words, buf) : strcpy(buf, "ok");
}

const char *cis_report_notes(uint32_t notes, char buf[CIS_FLAGS_SIZE])
{
	static const char *const words[] = {"disturbed", "step",    "reseed",
					    "acb",       "farseed", "blind",
					    "sim",       "uncal",   NULL};

	return join(notes, words, buf);
}
