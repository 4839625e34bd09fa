/* angle.h - turns, radians, degrees. */
#ifndef HOST_CORE_ANGLE_H
#define HOST_CORE_ANGLE_H

#include <math.h>

#define CIS_TWO_PI      6.283185307179586476925
#define CIS_DEG_PER_RAD 57.29577951308232088
#define CIS_RAD_PER_DEG 0.017453292519943295769

/* Degrees for text with so many decimals: as it reads, in (-180, 180]. */
static inline double cis_shown_deg(double rad, int n_decimal)
{
	double deg = rad * CIS_DEG_PER_RAD;

	return deg <= -180 + 0.5 * pow(10, -n_decimal) ? 180 : deg;
}

#endif
