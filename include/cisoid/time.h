/*
 * time.h - dates, report instants, and how good they are.
 *
 * Inside the program time is TAI: uniform, with no leap seconds. UTC appears
 * only at the edges (frames, files, screens), where utc.h converts. TAI and
 * UTC seconds roll over together, so report instants are the same in both.
 */
#ifndef CISOID_TIME_H
#define CISOID_TIME_H

#include <stdint.h>

#define CIS_NS_PER_S INT64_C(1000000000)

/* A struct, so that the compiler refuses to mix instants with durations. */
struct cis_time {
	int64_t tai_ns; /* since 1970-01-01 00:00:00 TAI */
};

/* An instant that is not rounded to a nanosecond. */
struct cis_split_time {
	int64_t tai_s;
	double frac_s; /* 0 <= frac_s < 1 */
};

/* How far a date may be from UTC (a bound, k = 3), and for how long it has not
 * been compared with it. unc_s is INFINITY where nobody knows. */
struct cis_time_quality {
	double unc_s;
	double unlocked_s; /* 0 while locked */
};

/* Reports per second, as num/den; one of the two is 1. C37.118.2 DATA_RATE. */
struct cis_rate {
	uint32_t num;
	uint32_t den;
};

/*
 * The instant of a report: k/num of the TAI second tai_s; k is 0 when den > 1,
 * and tai_s then is a multiple of den seconds of UTC (SOC).
 */
struct cis_instant {
	int64_t tai_s;
	uint32_t k;
	struct cis_rate rate;
};

static inline struct cis_time cis_time_add_ns(struct cis_time t, int64_t ns)
{
	return (struct cis_time){.tai_ns = t.tai_ns + ns};
}

/* a - b */
static inline int64_t cis_time_diff_ns(struct cis_time a, struct cis_time b)
{
	return a.tai_ns - b.tai_ns;
}

/* The whole TAI second that holds t. */
static inline int64_t cis_time_floor_s(struct cis_time t)
{
	int64_t s = t.tai_ns / CIS_NS_PER_S;

	return s * CIS_NS_PER_S > t.tai_ns ? s - 1 : s;
}

static inline struct cis_split_time cis_time_split(struct cis_time t)
{
	int64_t s = cis_time_floor_s(t);

	return (struct cis_split_time){
		.tai_s = s,
		.frac_s = (double)(t.tai_ns - s * CIS_NS_PER_S) / 1e9};
}

/* a - b in seconds; exact to the rounding of the difference. */
static inline double cis_split_diff_s(struct cis_split_time a,
				      struct cis_split_time b)
{
	return (double)(a.tai_s - b.tai_s) + (a.frac_s - b.frac_s);
}

/* To the nearest nanosecond: for display and for waiting only. */
struct cis_time cis_split_rounded(struct cis_split_time t);

static inline double cis_rate_hz(struct cis_rate r)
{
	return (double)r.num / r.den;
}

static inline struct cis_split_time cis_instant_split(struct cis_instant i)
{
	return (struct cis_split_time){.tai_s = i.tai_s,
				       .frac_s = (double)i.k / i.rate.num};
}

/* Rounded to the nearest nanosecond: for display and for waiting only. */
struct cis_time cis_instant_time(struct cis_instant i);

/* The first instant of the grid of `rate` that is not before t. */
struct cis_instant cis_instant_from(struct cis_time t, struct cis_rate rate);

struct cis_instant cis_instant_next(struct cis_instant i);

/* Number of report periods from b to a; both of one rate. */
int64_t cis_instant_diff(struct cis_instant a, struct cis_instant b);

#endif
