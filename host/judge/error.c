/* error.c - how far a report is from the truth; see judge.h. */
#include <math.h>

#include "cisoid/judge.h"
#include "host/core/angle.h"

#define PI 3.141592653589793238463

static bool is_missing(double complex x)
{
	return isnan(creal(x)) || isnan(cimag(x));
}

double cis_tve(double complex x, double complex truth)
{
	if (is_missing(x) || is_missing(truth) || truth == 0)
		return NAN;
	return cabs(x - truth) / cabs(truth);
}

double cis_angle_wrap(double rad)
{
	double wrapped = remainder(rad, CIS_TWO_PI);

	return wrapped <= -PI ? PI : wrapped;
}

struct cis_errors cis_errors_of(const struct cis_state *measured,
				const struct cis_state *truth)
{
	struct cis_errors e = {
		.tve_pct = 100 * cis_tve(measured->x, truth->x),
		.mag_pct = NAN,
		.phase_rad = NAN,
		.fe_hz = measured->freq_hz - truth->freq_hz,
		.rfe_hz_per_s =
			measured->rocof_hz_per_s - truth->rocof_hz_per_s,
	};
	double mag = cabs(truth->x);

	if (isnan(e.tve_pct))
		return e;
	e.mag_pct = 100 * (cabs(measured->x) - mag) / mag;
	if (measured->x != 0)
		e.phase_rad =
			cis_angle_wrap(carg(measured->x) - carg(truth->x));
	return e;
}
