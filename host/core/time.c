/* time.c - the grid of report instants; see time.h. */
#include "cisoid/time.h"

#include <math.h>

#include "cisoid/utc.h"

struct cis_time cis_split_rounded(struct cis_split_time t)
{
	return (struct cis_time){.tai_ns = t.tai_s * CIS_NS_PER_S +
					   llround(t.frac_s * 1e9)};
}

struct cis_time cis_instant_time(struct cis_instant i)
{
	int64_t num = i.rate.num;
	int64_t ns = (i.k * CIS_NS_PER_S + num / 2) / num;

	return (struct cis_time){.tai_ns = i.tai_s * CIS_NS_PER_S + ns};
}

/* The first second from tai_s on whose SOC is a multiple of den. */
static int64_t grid_second(int64_t tai_s, uint32_t den)
{
	while (cis_utc_from_tai(tai_s).soc % den ||
	       cis_utc_from_tai(tai_s).leap)
		tai_s++;
	return tai_s;
}

struct cis_instant cis_instant_from(struct cis_time t, struct cis_rate rate)
{
	int64_t s = cis_time_floor_s(t);
	int64_t ns = t.tai_ns - s * CIS_NS_PER_S;
	struct cis_instant i = {.tai_s = s, .rate = rate};

	if (rate.den > 1) {
		i.tai_s = grid_second(ns ? s + 1 : s, rate.den);
		return i;
	}
	/* The smallest k with k/num >= ns. */
	i.k = (uint32_t)((ns * rate.num + CIS_NS_PER_S - 1) / CIS_NS_PER_S);
	if (i.k == rate.num) {
		i.k = 0;
		i.tai_s++;
	}
	return i;
}

struct cis_instant cis_instant_next(struct cis_instant i)
{
	if (i.rate.den > 1) {
		i.tai_s = grid_second(i.tai_s + 1, i.rate.den);
	} else if (++i.k >= i.rate.num) {
		i.k = 0;
		i.tai_s++;
	}
	return i;
}

int64_t cis_instant_diff(struct cis_instant a, struct cis_instant b)
{
	if (a.rate.den > 1)
		return (cis_utc_from_tai(a.tai_s).soc -
			cis_utc_from_tai(b.tai_s).soc) /
		       a.rate.den;
	return (a.tai_s - b.tai_s) * a.rate.num + a.k - b.k;
}
