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

/* What is refused is counted as well. */
static inline unsigned pulse(struct fe_label *l)
{
	uint32_t n = l->n_refused;
	unsigned news = fe_label_pulse(l);

	assert_int_equal(news & FE_LABEL_REFUSED ? 1 : 0, l->n_refused - n);
	return news & ~(unsigned)FE_LABEL_REFUSED;
}

/* A second begins; 100 ms later it is named by RMC. */
static inline unsigned named(struct fe_label *l, struct fe_second s)
{
	unsigned news = pulse(l);
	struct fe_nmea n = rmc(s);

	fe_label_nmea(l, &n, 100);
	return news;
}

/* n seconds from utc_s on, rightly named; all their news. */
static inline unsigned run(struct fe_label *l, int64_t utc_s, int n)
{
	unsigned news = 0;

	for (int i = 0; i < n; i++)
		news |= named(l, at(utc_s + i));
	return news;
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
