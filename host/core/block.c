/* block.c - where scans lie in time; see block.h. */
#include "cisoid/block.h"

#include <math.h>

/* Whole seconds and the rest of n/rate, the rest in [0, 1) s. fma() keeps the
 * remainder exact although n/rate itself has no room for it. */
static struct cis_split_time scans_to_split(double n, double rate_hz)
{
	double s = floor(n / rate_hz);
	double rest = fma(-s, rate_hz, n) / rate_hz;

	if (rest < 0) {
		rest += 1;
		s -= 1;
	} else if (rest >= 1) {
		rest -= 1;
		s += 1;
	}
	return (struct cis_split_time){.tai_s = (int64_t)s, .frac_s = rest};
}

struct cis_split_time cis_scan_instant(const struct cis_scan_clock *clock,
				       uint64_t n)
{
	double since = (double)(int64_t)(n - clock->anchor_scan);
	struct cis_split_time t = scans_to_split(since, clock->rate_hz);
	struct cis_split_time a = cis_time_split(clock->anchor);

	t.tai_s += a.tai_s;
	t.frac_s += a.frac_s;
	if (t.frac_s >= 1) {
		t.frac_s -= 1;
		t.tai_s++;
	}
	return t;
}

int64_t cis_scan_nearest(const struct cis_scan_clock *clock,
			 struct cis_split_time at, double *offset_s)
{
	struct cis_split_time a = cis_time_split(clock->anchor);
	double whole = (double)(at.tai_s - a.tai_s) * clock->rate_hz;
	double part = (at.frac_s - a.frac_s) * clock->rate_hz;
	double n = floor(whole) + floor(whole - floor(whole) + part + 0.5);
	int64_t scan = (int64_t)clock->anchor_scan + (int64_t)n;
	double offset =
		cis_split_diff_s(at, cis_scan_instant(clock, (uint64_t)scan));

	/* whole rounds for rates that are not integers: mend by one. */
	if (offset * clock->rate_hz > 0.5 + 1e-9) {
		scan++;
		offset = cis_split_diff_s(
			at, cis_scan_instant(clock, (uint64_t)scan));
	} else if (offset * clock->rate_hz < -0.5 - 1e-9) {
		scan--;
		offset = cis_split_diff_s(
			at, cis_scan_instant(clock, (uint64_t)scan));
	}
	*offset_s = offset;
	return scan;
}
