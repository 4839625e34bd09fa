/*
 * test_comtrade_files.c - real recordings: counts, rates, dates and repairs.
 *
 * Expected figures are those that the files' own text and an independent reader
 * give. Skipped where the recordings are absent.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "cisoid/source.h"
#include "recording.h"

#define MAX_TOLD 4

struct expected {
	const char *file;
	uint32_t n_usable;
	uint64_t n_scan;
	double rate_hz;     /* the highest */
	uint32_t n_stretch; /* blocks with another clock */
	const char *start;
	const char *told[MAX_TOLD];
};

static const struct expected files[] = {
	{"comtrade/keating_1999.CFG",
	 8,
	 2048,
	 30707.244140625,
	 1,
	 "2015-11-18T05:33:03.765333000Z",
	 {"no time stamps", "taken as UTC"}},
	/* 7999 steps in 4995.215 ms; regressed to 1e-8. */
	{"comtrade/real_1999_bin.cfg",
	 18,
	 8000,
	 7999 / 4.995215,
	 1,
	 "2021-02-17T22:27:49.159106000Z",
	 {"secondary side on 8 of 18"}},
	{"comtrade/gen60_fault_5760.cfg",
	 26,
	 13248,
	 5760,
	 1,
	 "2007-01-01T12:22:50.407500000Z",
	 {"wrap at 65536, 35 times", "primary side"}},
	{"comtrade/bay110kv_skew_1200.cfg",
	 55,
	 19680,
	 1200,
	 1,
	 "2016-08-22T16:04:22.000000000Z",
	 {"CP1251", "speaks of 19679 samples"}},
	{"comtrade/SEPAM_1997.CFG",
	 6,
	 2400,
	 600,
	 1,
	 "2014-12-04T07:01:48.813000000Z",
	 {"revision 1997", "no time stamps", "speaks of 2399"}},
	{"comtrade/relay_2013_binary32.cfg",
	 37,
	 202,
	 2000,
	 1,
	 "2010-02-22T21:41:29.659551000Z",
	 {"secondary"}},
	{"comtrade/line220kv_4rates.cfg",
	 76,
	 2977,
	 4000,
	 4,
	 "2023-05-12T19:45:26.539616000Z",
	 {"GBK", "gaps (1), the first of 0.17125 s before scan 1256"}},
	{"comtrade/inject5a_1991_ascii.cfg",
	 4,
	 6000,
	 1000,
	 1,
	 "2007-01-01T00:45:13.457000000Z",
	 {"CP866", "does not say"}},
	{"comtrade/ascii_10rates_gbk.cfg",
	 8,
	 950,
	 1000,
	 5,
	 "2012-12-24T17:30:48.384000000Z",
	 {"GBK", "6643 values", "5 of 10 sampling rates",
	  "jump back (3 times)"}},
	{"comtrade/sample_ascii.cfg",
	 4,
	 40,
	 1200,
	 1,
	 "2011-01-12T11:25:30.075011000Z",
	 {"secondary"}},
	{"comtrade/sample_ascii.cff",
	 4,
	 40,
	 1200,
	 1,
	 "2011-01-12T11:25:30.075011000Z",
	 {"secondary"}},
	{"comtrade-malformed/ascii_missing_values.cfg",
	 4,
	 40,
	 1200,
	 1,
	 "2011-01-12T11:25:30.075011000Z",
	 {"4 values are marked missing"}},
	{"comtrade-malformed/trailing_sub_char.cfg",
	 4,
	 40,
	 1200,
	 1,
	 "2011-01-12T11:25:30.075011000Z",
	 {"secondary"}},
	/* 811 steps in 506.453 ms, each stamp good to 1 us. */
	{"comtrade-malformed/dat_truncated_midrecord.cfg",
	 18,
	 812,
	 811 / 0.506453,
	 1,
	 "2021-02-17T22:27:49.159106000Z",
	 {"812 whole ones", "promises 8000 samples"}},
};

static void read_through(struct cis_source *src, uint64_t *n, uint32_t *stretch)
{
	static double x[CIS_MAX_CHAN * 256];
	struct cis_time last = {INT64_MIN};
	int err;

	*n = 0;
	*stretch = 0;
	assert_int_equal(cis_source_start(src, (struct cis_time){0}, NULL), 0);
	for (;;) {
		struct cis_block blk = {
			.n_chan = cis_source_info(src)->map->n_chan,
			.n_scan = 256,
			.stride = 256,
			.x = x};

		err = cis_source_read(src, &blk, 0);
		if (err)
			break;
		assert_int_equal(blk.first_scan, *n);
		*n += blk.n_scan;
		*stretch += blk.clock.anchor.tai_ns != last.tai_ns;
		last = blk.clock.anchor;
	}
	assert_int_equal(err, -ENODATA);
}

static void every_readable_recording_is_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		const struct expected *e = &files[i];
		const struct cis_source_info *info;
		struct cis_source *src;
		struct cis_diag diag;
		char spec[4096];
		uint64_t n;
		uint32_t stretch;

		snprintf(spec, sizeof(spec), "replay:%s/%s", CISOID_DATA,
			 e->file);
		if (cis_source_open(spec, &src, &diag))
			fail_msg("%s", diag.msg);
		info = cis_source_info(src);
		assert_int_equal(info->map->n_chan, e->n_usable);
		check_close(info->rate_hz, e->rate_hz, 3e-6 * e->rate_hz);
		if (e->rate_hz == round(e->rate_hz))
			check_close(info->rate_hz, e->rate_hz, 0);
		expect_start(info->first, e->start);
		for (size_t k = 0; k < MAX_TOLD && e->told[k]; k++)
			expect_warning(info->warn, e->told[k]);
		read_through(src, &n, &stretch);
		assert_int_equal(n, e->n_scan);
		assert_int_equal(stretch, e->n_stretch);
		cis_source_close(src);
	}
}

static void the_unreadable_are_refused_with_a_sentence(void **state)
{
	static const struct {
		const char *file, *why;
		int err;
	} cases[] = {
		{"comtrade-malformed/cfg_without_dat.cfg", "no data file",
		 -ENOENT},
		{"comtrade/sample_float32.cff", "a voltage or a current",
		 -EBADMSG},
		{"comtrade", "is a directory", -EISDIR},
		{"comtrade/none.cfg", "no such file", -ENOENT},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char spec[4096];
		struct cis_source *src;
		struct cis_diag diag = {""};

		snprintf(spec, sizeof(spec), "replay:%s/%s", CISOID_DATA,
			 cases[i].file);
		assert_int_equal(cis_source_open(spec, &src, &diag),
				 cases[i].err);
		assert_non_null(strstr(diag.msg, cases[i].why));
		assert_non_null(strstr(diag.msg, cases[i].file));
	}
}

static void names_and_skew_of_other_alphabets_are_kept(void **state)
{
	struct cis_source *src;
	const struct cis_chan_map *map;
	double x[55];
	struct cis_block blk = {.n_chan = 55, .n_scan = 1, .stride = 1, .x = x};

	(void)state;
	assert_int_equal(cis_source_open("replay:" CISOID_DATA
					 "/comtrade/bay110kv_skew_1200.cfg",
					 &src, NULL),
			 0);
	map = cis_source_info(src)->map;
	/* "Ua_1SSh-110_TN_110kV" in Cyrillic */
	assert_string_equal(map->chan[0].name,
			    "Ua_1\xD0\xA1\xD0\xA8-110_\xD0\xA2\xD0\x9D_110"
			    "\xD0\xBA\xD0\x92");
	cis_source_start(src, (struct cis_time){0}, NULL);
	assert_int_equal(cis_source_read(src, &blk, 0), 0);
	for (uint32_t c = 0; c < 6; c++)
		check_close(blk.delay_s[c], c * 13e-6, 1e-18);
	cis_source_close(src);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_readable_recording_is_read),
		cmocka_unit_test(the_unreadable_are_refused_with_a_sentence),
		cmocka_unit_test(names_and_skew_of_other_alphabets_are_kept),
	};

	if (access(CISOID_DATA "/comtrade", R_OK))
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
