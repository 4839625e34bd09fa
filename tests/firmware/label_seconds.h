/*
 * label_seconds.h - a label second by second: pulses, and sentences that name
 * them.
 */
#ifndef TESTS_FIRMWARE_LABEL_SECONDS_H
#define TESTS_FIRMWARE_LABEL_SECONDS_H

#include "check.h"
#include "firmware/core/label.h"

/* A second in the middle of a month: 2026-11-22 00:00:00. */
#define DAY_S INT64_C(1795305600)

static inline struct fe_second at(int64_t utc_s)
{
	return (struct fe_second){utc_s, false};
}

static inline struct fe_nmea rmc(struct fe_second s)
{
	return (struct fe_nmea){
		.kind = FE_NMEA_RMC, .names = true, .fix = true, .second = s};
}

/* News, but that it was refused; *n_refused is one more where it was. */
static inline unsigned pulse_counted(struct fe_label *l, unsigned *n_refused)
{
	unsigned news = fe_label_pulse(l);

	*n_refused += news & FE_LABEL_REFUSED ? 1 : 0;
	return news & ~(unsigned)FE_LABEL_REFUSED;
}

/* A second begins; 100 ms later it is named by RMC. */
static inline unsigned named_counted(struct fe_label *l, struct fe_second s,
				     unsigned *n_refused)
{
	unsigned news = pulse_counted(l, n_refused);
	struct fe_nmea n = rmc(s);

	fe_label_nmea(l, &n, 100);
	return news;
}

/* n seconds from utc_s on, rightly named; all their news. */
static inline unsigned run_counted(struct fe_label *l, int64_t utc_s, int n,
				   unsigned *n_refused)
{
	unsigned news = 0;

	for (int i = 0; i < n; i++)
		news |= named_counted(l, at(utc_s + i), n_refused);
	return news;
}

/* Not counted. */
static inline unsigned pulse(struct fe_label *l)
{
	return pulse_counted(l, &(unsigned){0});
}

static inline unsigned named(struct fe_label *l, struct fe_second s)
{
	return named_counted(l, s, &(unsigned){0});
}

static inline unsigned run(struct fe_label *l, int64_t utc_s, int n)
{
	return run_counted(l, utc_s, n, &(unsigned){0});
}

/* A label that is valid and now in second utc_s, which was named already. */
static inline struct fe_label valid_at(int64_t utc_s, bool leap_told)
{
	struct fe_label l;

	fe_label_init(&l);
	if (leap_told)
		assert_true(fe_label_set_leap(&l, 0));
	assert_int_equal(run(&l, utc_s - 4, 5), FE_LABEL_GAINED);
	assert_true(l.valid);
	assert_int_equal(l.now.utc_s, utc_s);
	return l;
}

#endif
