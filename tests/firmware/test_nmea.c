/* test_nmea.c - what is taken from a receiver's sentences, and what is not. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "check.h"
#include "firmware/core/nmea.h"

/* Seconds by date -u -d "... UTC" +%s; layouts by u-blox's and Trimble's
 * manuals, dates moved into this product's years. */
static const struct {
	const char *text;
	struct fe_nmea n;
} good[] = {
	{"GPRMC,083559.00,A,4717.11437,N,00833.91522,E,0.004,77.52,091226,,,A",
	 {.kind = FE_NMEA_RMC,
	  .names = true,
	  .fix = true,
	  .second = {1796805359, false}}},
	{"GNRMC,235959,A,,,,,,,311226,,",
	 {.kind = FE_NMEA_RMC,
	  .names = true,
	  .fix = true,
	  .second = {1798761599, false}}},
	{"GPRMC,000000.000,A,1,N,2,E,3,4,010127",
	 {.kind = FE_NMEA_RMC,
	  .names = true,
	  .fix = true,
	  .second = {1798761600, false}}},
	{"GARMC,235960.00,A,1,N,2,E,3,4,311226,,,D,V",
	 {.kind = FE_NMEA_RMC,
	  .names = true,
	  .fix = true,
	  .second = {1798761599, true}}},
	{"GPRMC,235960,A,1,N,2,E,3,4,280227",
	 {.kind = FE_NMEA_RMC,
	  .names = true,
	  .fix = true,
	  .second = {1803859199, true}}},
	{"GPRMC,120000,A,1,N,2,E,3,4,290228",
	 {.kind = FE_NMEA_RMC,
	  .names = true,
	  .fix = true,
	  .second = {1835438400, false}}},
	{"GPRMC,000000,A,1,N,2,E,3,4,010126",
	 {.kind = FE_NMEA_RMC,
	  .names = true,
	  .fix = true,
	  .second = {1767225600, false}}},
	{"GPRMC,235959,A,1,N,2,E,3,4,311279",
	 {.kind = FE_NMEA_RMC,
	  .names = true,
	  .fix = true,
	  .second = {3471292799, false}}},
	/* between seconds */
	{"GPRMC,083559.20,A,1,N,2,E,3,4,091226,,,A",
	 {.kind = FE_NMEA_RMC, .fix = true, .second = {1796805359, false}}},
	/* void, and modes that are no fix */
	{"GPRMC,083559.00,V,,,,,,,,,,N", {.kind = FE_NMEA_RMC}},
	{"GPRMC,,V,,,,,,,,,,N", {.kind = FE_NMEA_RMC}},
	{"GPRMC,083559,A,1,N,2,E,3,4,091226,,,E",
	 {.kind = FE_NMEA_RMC, .second = {1796805359, false}}},
	{"GPRMC,083559,A,1,N,2,E,3,4,091226,,,S",
	 {.kind = FE_NMEA_RMC, .second = {1796805359, false}}},
	{"GPRMC,083559,A,1,N,2,E,3,4,091226,,,M",
	 {.kind = FE_NMEA_RMC,
	  .names = true,
	  .fix = true,
	  .second = {1796805359, false}}},
	{"GPRMC,083559.00,A,1,N,2,E,3,4,091226,,,N",
	 {.kind = FE_NMEA_RMC, .second = {1796805359, false}}},
	{"GPRMC,083559.09,A,1,N,2,E,3,4,091226,,,D",
	 {.kind = FE_NMEA_RMC, .fix = true, .second = {1796805359, false}}},
	{"GNGGA,123519.00,1,N,2,E,9,255,0.9",
	 {.kind = FE_NMEA_GGA, .has_sats = true, .sats = 255}},
	{"GPXXX,083559", {.kind = FE_NMEA_OTHER}},
	{"GPZDA,082710.00,16,09,2026,00,00",
	 {.kind = FE_NMEA_ZDA, .names = true, .second = {1789547230, false}}},
	{"GLZDA,235960,30,06,2029,-05,30",
	 {.kind = FE_NMEA_ZDA, .names = true, .second = {1877558399, true}}},
	{"GPZDA,,,,,00,00", {.kind = FE_NMEA_ZDA}},
	{"GPZDA,082710.00,,,,00,00", {.kind = FE_NMEA_ZDA}},
	{"GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,",
	 {.kind = FE_NMEA_GGA, .fix = true, .has_sats = true, .sats = 8}},
	{"GNGGA,123519.00,1,N,2,E,5,031,0.9",
	 {.kind = FE_NMEA_GGA, .fix = true, .has_sats = true, .sats = 31}},
	{"GPGGA,123519,,,,,0,00,99.99,,,,,,",
	 {.kind = FE_NMEA_GGA, .has_sats = true}},
	{"GPGGA,,,,,,0,,,,,,,,", {.kind = FE_NMEA_GGA}},
	{"GPGGA,123519,1,N,2,E,6,08,0.9",
	 {.kind = FE_NMEA_GGA, .has_sats = true, .sats = 8}},
	{"GPGGA,123519,1,N,2,E,7,08,0.9",
	 {.kind = FE_NMEA_GGA, .fix = true, .has_sats = true, .sats = 8}},
	{"GPGGA,123519,1,N,2,E,7,00,0.9",
	 {.kind = FE_NMEA_GGA, .has_sats = true}},
	{"GPGGA,123519,1,N,2,E,1,,", {.kind = FE_NMEA_GGA, .fix = true}},
	{"GPGGA,123519,1,N,2,E,7,,", {.kind = FE_NMEA_GGA}},
	{"GPGGA,123519,1,N,2,E,8,08,0.9",
	 {.kind = FE_NMEA_GGA, .has_sats = true, .sats = 8}},
	{"GPGSV,3,1,11,03,03,111,00", {.kind = FE_NMEA_OTHER}},
	{"PUBX,00,081350.00", {.kind = FE_NMEA_OTHER}},
	{"PSYN,T,0", {.kind = FE_NMEA_OTHER}},
	{"PGRMC,A", {.kind = FE_NMEA_OTHER}},
	{"", {.kind = FE_NMEA_OTHER}},
	{",", {.kind = FE_NMEA_OTHER}},
};

static void sentences_say_second_fix_and_satellites(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		const struct fe_nmea *due = &good[i].n;
		struct fe_nmea n;

		if (fe_nmea_decode(good[i].text, &n) != due->kind)
			fail_msg("another kind: %s", good[i].text);
		assert_int_equal(n.names, due->names);
		assert_int_equal(n.fix, due->fix);
		assert_int_equal(n.second.utc_s, due->second.utc_s);
		assert_int_equal(n.second.leap, due->second.leap);
		assert_int_equal(n.has_sats, due->has_sats);
		assert_int_equal(n.sats, due->sats);
	}
}

static const char *const bad[] = {
	"GPRMC",
	"GPRMC,",
	"GPRMC,083559,A",
	"GPRMC,083559,A,1,N,2,E,3,4",
	"GPRMC,083559,A,1,N,2,E,3,4,",
	"GPRMC,,A,1,N,2,E,3,4,091226",
	"GPRMC,083559,,1,N,2,E,3,4,091226",
	"GPRMC,083559,a,1,N,2,E,3,4,091226",
	"GPRMC,083559,AA,1,N,2,E,3,4,091226",
	"GPRMC,83559,A,1,N,2,E,3,4,091226",
	"GPRMC,0835590,A,1,N,2,E,3,4,091226",
	"GPRMC,083559.,A,1,N,2,E,3,4,091226",
	"GPRMC,083559.0x,A,1,N,2,E,3,4,091226",
	"GPRMC, 83559,A,1,N,2,E,3,4,091226",
	"GPRMC,240000,A,1,N,2,E,3,4,091226",
	"GPRMC,086059,A,1,N,2,E,3,4,091226",
	"GPRMC,083561,A,1,N,2,E,3,4,091226",
	"GPRMC,083560,A,1,N,2,E,3,4,311226", /* no end of a day */
	"GPRMC,235960,A,1,N,2,E,3,4,301226", /* no end of a month */
	"GPRMC,235960,A,1,N,2,E,3,4,280228", /* the 29th is */
	"GPRMC,083559,A,1,N,2,E,3,4,310227",
	"GPRMC,083559,A,1,N,2,E,3,4,290227", /* no leap year */
	"GPRMC,083559,A,1,N,2,E,3,4,310426",
	"GPRMC,083559,A,1,N,2,E,3,4,001226",
	"GPRMC,0835,A,1,N,2,E,3,4,091226",
	"GPRMC,083559,A,1,N,2,E,3,4,0912",
	"GPRMC,083559,A,1,N,2,E,3,4,09122a",
	"GPRMC,083559,A,1,N,2,E,3,4,010026",
	"GPRMC,083559,A,1,N,2,E,3,4,011326",
	"GPRMC,083559,A,1,N,2,E,3,4,09122026",
	"GPRMC,235959,A,1,N,2,E,3,4,311225", /* before this was made */
	"GPRMC,083559,A,1,N,2,E,3,4,080407", /* 2026-11-22 less 1024 weeks */
	"GPRMC,083559,A,1,N,2,E,3,4,060180", /* the epoch of GPS */
	"GPZDA,082710.00",
	"GPZDA,082710,16",
	"GPZDA,082710,16,09",
	"GPZDA,082710,16,09,",
	"GPZDA,082710,16,09,26",
	"GPZDA,082710,16,09,2002,00,00",
	"GPZDA,082710,16,09,2100,00,00",
	"GPZDA,082710,32,09,2026,00,00",
	"GPZDA,082710,1,9,2026,00,00",
	"GPGGA",
	"GPGGA,123519,1,N,2,E,1",
	"GPGGA,123519,1,N,2,E,x,08",
	"GPGGA,123519,1,N,2,E,11,08",
	"GPGGA,123519,1,N,2,E,1,8a",
	"GPGGA,123519,1,N,2,E,1,-8",
	"GPGGA,123519,1,N,2,E,1,256",
	"GPGGA,123519,1,N,2,E,1,0008",
	"GPGGA,12351,1,N,2,E,1,08",
};

static void what_cannot_be_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct fe_nmea n;

		if (fe_nmea_decode(bad[i], &n) != FE_NMEA_BAD)
			fail_msg("taken: %s", bad[i]);
		assert_false(n.names || n.fix || n.has_sats);
	}
}

/* Against the C library's calendar: every day of the years that may be. */
static void every_day_is_the_calendars(void **state)
{
	unsigned months = 0;

	(void)state;
	for (time_t t = FE_NMEA_UTC_MIN; t < 4102444800; t += 86400) {
		char text[64];
		struct fe_nmea n;
		struct tm tm;

		gmtime_r(&t, &tm);
		snprintf(text, sizeof(text), "GPZDA,000000,%02d,%02d,%04d",
			 tm.tm_mday, tm.tm_mon + 1, tm.tm_year + 1900);
		assert_int_equal(fe_nmea_decode(text, &n), FE_NMEA_ZDA);
		assert_int_equal(n.second.utc_s, t);
		assert_int_equal(fe_nmea_begins_month(t), tm.tm_mday == 1);
		assert_false(fe_nmea_begins_month(t + 1));
		months += tm.tm_mday == 1;
	}
	assert_int_equal(months, (2100 - 2026) * 12);
	assert_true(fe_nmea_begins_month(0));
	assert_false(fe_nmea_begins_month(-86400));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sentences_say_second_fix_and_satellites),
		cmocka_unit_test(what_cannot_be_is_refused),
		cmocka_unit_test(every_day_is_the_calendars),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
