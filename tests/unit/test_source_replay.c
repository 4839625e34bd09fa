/* test_source_replay.c - recordings as a source: options, dates, flags, files. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cisoid/source.h"
#include "folder.h"
#include "recording.h"

static char dir[] = "/tmp/cisoid-replay-XXXXXX";

struct replay {
	struct cis_source *src;
	const struct cis_source_info *info;
	struct cis_block blk;
	double x[CIS_MAX_CHAN * 8];
};

/* ---- files ---- */

static void put_file(const char *name, const void *bytes, size_t len)
{
	char path[300];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, len, f), len);
	fclose(f);
}

static void put_text(const char *name, const char *text)
{
	put_file(name, text, strlen(text));
}

static void put_record(const char *cfg_name, const char *dat_name,
		       const struct recording *r)
{
	static char cfg[65536];

	recording_cfg(r, cfg, sizeof(cfg));
	put_text(cfg_name, cfg);
	if (!dat_name)
		return;
	if (r->dat_len)
		put_file(dat_name, r->dat, r->dat_len);
	else
		put_text(dat_name, r->dat ? r->dat : four_rows);
}

static int remove_dir(void **state)
{
	(void)state;
	folder_remove(dir);
	return 0;
}

static int make_dir(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

/* ---- sources ---- */

static int try_open(const char *name, struct cis_source **src,
		    struct cis_diag *diag)
{
	char spec[400];

	snprintf(spec, sizeof(spec), "replay:%s/%s", dir, name);
	return cis_source_open(spec, src, diag);
}

static void start(struct replay *r, const char *name, struct cis_time at)
{
	struct cis_diag diag = {""};

	if (try_open(name, &r->src, &diag))
		fail_msg("%s", diag.msg);
	r->info = cis_source_info(r->src);
	assert_int_equal(cis_source_start(r->src, at, &diag), 0);
}

static int next(struct replay *r, uint32_t n)
{
	r->blk = (struct cis_block){.n_chan = r->info->map->n_chan,
				    .n_scan = n,
				    .stride = 8,
				    .x = r->x};
	return cis_source_read(r->src, &r->blk, 0);
}

static const struct cis_time epoch = {0};

/* ---- tests ---- */

static void it_says_what_it_is(void **state)
{
	struct replay r;

	(void)state;
	put_record("a.cfg", "a.dat", &(struct recording){.lf = "60\r\n"});
	start(&r, "a.cfg", epoch);
	assert_int_equal(r.info->origin, CIS_REPLAY);
	assert_true(r.info->dated);
	assert_false(r.info->realtime);
	check_close(r.info->fnom_hz, 60, 0);
	check_close(r.info->rate_hz, 1000, 0);
	expect_start(r.info->first, "2020-03-02T04:05:06.250000000Z");
	assert_int_equal(r.info->map->n_chan, 2);
	assert_string_equal(r.info->map->chan[0].name, "VA");
	assert_string_equal(r.info->map->chan[1].unit, "kA");
	assert_int_equal(r.info->map->chan[1].position, 1);
	check_close(r.info->map->chan[0].range_max, 0.5 * 32767 + 0.25, 0);
	check_close(r.info->map->chan[1].range_max, 0, 0);
	assert_int_equal(next(&r, 3), 0);
	assert_int_equal(r.blk.n_scan, 3);
	assert_int_equal(r.blk.flags, 0);
	check_close(r.blk.clock.rate_hz, 1000, 0);
	assert_int_equal(r.blk.clock.anchor.tai_ns, r.info->first.tai_ns);
	check_close(r.blk.delay_s[0], 13e-6, 1e-20);
	check_close(cis_block_chan(&r.blk, 0)[2], 1.75, 0);
	check_close(cis_block_chan(&r.blk, 1)[2], -60e3, 0);
	assert_int_equal(next(&r, 8), 0);
	assert_int_equal(r.blk.n_scan, 1);
	assert_int_equal(r.blk.first_scan, 3);
	assert_int_equal(next(&r, 8), -ENODATA);
	cis_source_close(r.src);
}

static void extensions_are_found_in_any_case(void **state)
{
	static const char *const names[][2] = {
		{"b1.cfg", "b1.DAT"},
		{"b2.CFG", "b2.dat"},
		{"b3.Cfg", "b3.Dat"},
		{"b 4,x=1.cfg", "b 4,x=1.dat"},
	};
	struct replay r;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		put_record(names[i][0], names[i][1],
			   &(struct recording){.head = NULL});
		start(&r, names[i][0], epoch);
		cis_source_close(r.src);
	}
	/* The data file, named by mistake. */
	start(&r, "b1.DAT", epoch);
	cis_source_close(r.src);
	start(&r, "b 4,x=1.cfg,loop=0,time=recorded", epoch);
	cis_source_close(r.src);
}

static void bad_files_are_refused_with_a_sentence(void **state)
{
	static const struct {
		const char *spec, *why;
		int err;
	} cases[] = {
		{"none.cfg", "none.cfg: no such file", -ENOENT},
		{"folder.cfg", "folder.cfg: is a directory", -EISDIR},
		{"empty.cfg", "empty.cfg: is empty", -EBADMSG},
		{"alone.cfg", "no data file", -ENOENT},
		{"hollow.cfg", "hollow.dat: is empty", -EBADMSG},
		{"notes.txt", "ends with .cfg or .cff", -EBADMSG},
		{"junk.cff", "no CFG section", -EBADMSG},
		{"power.cfg", "is a voltage or a current", -EBADMSG},
		{"ok.cfg,loop=2", "loop=2", -EINVAL},
		{"ok.cfg,time=later", "time=later", -EINVAL},
		{"ok.cfg,loop=1,loop=1", "replay: loop is given twice",
		 -EINVAL},
		{"ok.cfg,loop=1,speed=2", "unknown option \"speed\"", -EINVAL},
	};
	char path[300];

	(void)state;
	snprintf(path, sizeof(path), "%s/folder.cfg", dir);
	assert_int_equal(mkdir(path, 0777), 0);
	put_text("empty.cfg", "");
	put_record("alone.cfg", NULL, &(struct recording){.head = NULL});
	put_record("hollow.cfg", "hollow.dat", &(struct recording){.dat = ""});
	put_text("notes.txt", "notes");
	put_text("junk.cff", "junk");
	put_record("ok.cfg", "ok.dat", &(struct recording){.head = NULL});
	put_record("power.cfg", "power.dat",
		   &(struct recording){
			   .channels = "1,P,,,MW,1,0,0,-1,1,1,1,S\r\n"
				       "2,F,,,Hz,1,0,0,-1,1,1,1,S\r\n"});
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cis_source *src;
		struct cis_diag diag = {""};

		assert_int_equal(try_open(cases[i].spec, &src, &diag),
				 cases[i].err);
		if (!strstr(diag.msg, cases[i].why))
			fail_msg("%s: \"%s\"", cases[i].spec, diag.msg);
	}
	assert_int_equal(cis_source_open("replay:", NULL, NULL), -EINVAL);
}

static void values_stay_as_recorded_unless_asked(void **state)
{
	struct replay r;

	(void)state;
	put_record("c.cfg", "c.dat", &(struct recording){.head = NULL});
	start(&r, "c.cfg", epoch);
	expect_warning(r.info->warn, "secondary side on 1 of 2 channels");
	cis_source_close(r.src);
	/* VA is secondary, of 100:1; IA is primary as it is. */
	start(&r, "c.cfg,primary=1", epoch);
	assert_int_equal(next(&r, 1), 0);
	check_close(r.blk.x[0], 75, 0);
	check_close(cis_block_chan(&r.blk, 1)[0], -20e3, 0);
	check_close(r.info->map->chan[0].range_max, 100 * (0.5 * 32767 + 0.25),
		    1e-9);
	cis_source_close(r.src);
}

static void time_now_moves_dates_by_whole_seconds(void **state)
{
	struct cis_time at = cis_time_from_posix(1763680911, 500000000);
	struct replay r;

	(void)state;
	put_record("d.cfg", "d.dat", &(struct recording){.head = NULL});
	start(&r, "d.cfg,time=now", at);
	assert_false(r.info->dated);
	assert_int_equal(next(&r, 8), 0);
	/* .250 of the first second in which that is not over. */
	assert_int_equal(r.blk.clock.anchor.tai_ns,
			 cis_time_from_posix(1763680912, 250000000).tai_ns);
	at = cis_time_from_posix(1763680911, 250000000);
	assert_int_equal(cis_source_start(r.src, at, NULL), 0);
	assert_int_equal(next(&r, 8), 0);
	assert_int_equal(r.blk.clock.anchor.tai_ns, at.tai_ns);
	cis_source_close(r.src);
}

static void a_loop_goes_on_in_the_next_second_after_a_gap(void **state)
{
	struct replay r;
	struct cis_time first;

	(void)state;
	put_record("e.cfg", "e.dat", &(struct recording){.head = NULL});
	start(&r, "e.cfg,loop=1", epoch);
	assert_int_equal(next(&r, 8), 0);
	first = r.blk.clock.anchor;
	for (uint64_t pass = 1; pass < 5; pass++) {
		struct cis_split_time t;

		assert_int_equal(next(&r, 8), 0);
		assert_int_equal(r.blk.flags, CIS_BLOCK_GAP);
		assert_int_equal(r.blk.first_scan, 4 * pass);
		t = cis_scan_instant(&r.blk.clock, r.blk.first_scan);
		check_close(cis_split_diff_s(t, cis_time_split(first)),
			    (double)pass, 1e-12);
		check_close(r.blk.x[0], 0.75, 0);
	}
	cis_source_close(r.src);
}

static void gaps_and_dates_of_no_worth_are_flagged(void **state)
{
	/* Two rows, a gap of 1 s, two rows, a jump back, two rows. */
	static const char rows[] =
		"1,0,1,1,0\r\n2,1000,2,1,0\r\n3,2000,3,1,0\r\n"
		"4,1003000,4,1,0\r\n5,1004000,5,1,0\r\n6,1005000,5,1,0\r\n"
		"7,3000,6,1,0\r\n8,4000,7,1,0\r\n9,5000,7,1,0\r\n";
	struct recording rec = {.dat = rows,
				.rates = "2\r\n1000,2\r\n1000,9\r\n"};
	static const uint32_t flags[] = {0, CIS_BLOCK_GAP,
					 CIS_BLOCK_GAP | CIS_BLOCK_UNSYNC};
	struct replay r;

	(void)state;
	put_record("f.cfg", "f.dat", &rec);
	start(&r, "f.cfg", epoch);
	for (uint64_t i = 0; i < 3; i++) {
		assert_int_equal(next(&r, 8), 0);
		assert_int_equal(r.blk.first_scan, 3 * i);
		assert_int_equal(r.blk.n_scan, 3);
		assert_int_equal(r.blk.flags, flags[i]);
		assert_int_equal(r.blk.clock.anchor_scan, 3 * i);
		/* No record of before 2013 says how good its time is. */
		assert_true(isinf(r.blk.clock.quality.unc_s));
	}
	assert_int_equal(next(&r, 8), -ENODATA);
	cis_source_close(r.src);
}

static void the_time_quality_of_2013_is_passed_on(void **state)
{
	static const struct {
		const char *foot;
		double unc_s;
		uint32_t flags;
	} cases[] = {
		{"1\r\n0,0\r\n0,3\r\n", 0, 0},
		/* Unlocked, but not by what makes 1 % TVE. */
		{"1\r\n0,0\r\n4,3\r\n", 1e-6, 0},
		{"1\r\n0,0\r\n5,3\r\n", 1e-5, 0},
		{"1\r\n0,0\r\n6,3\r\n", 1e-4, CIS_BLOCK_UNSYNC},
		{"1\r\n0,0\r\nF,3\r\n", INFINITY, CIS_BLOCK_UNSYNC},
		{"1\r\n0,0\r\n", INFINITY, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct replay r;

		put_record("g.cfg", "g.dat",
			   &(struct recording){.head = "s,d,2013\r\n",
					       .foot = cases[i].foot});
		start(&r, "g.cfg", epoch);
		assert_int_equal(next(&r, 8), 0);
		assert_int_equal(r.blk.flags, cases[i].flags);
		if (isinf(cases[i].unc_s))
			assert_true(isinf(r.blk.clock.quality.unc_s));
		else
			check_close(r.blk.clock.quality.unc_s, cases[i].unc_s,
				    1e-18);
		cis_source_close(r.src);
	}
}

/* VA's range is that of 16 bits; IA's is no converter's. */
static void samples_at_the_converters_limit_are_flagged(void **state)
{
	static const uint8_t rows[] = {
		1, 0, 0, 0, 0,    0,  0, 0, 0xFE, 0x7F, 200, 0, 0, 0, /* */
		2, 0, 0, 0, 0xE8, 3,  0, 0, 0xFF, 0x7F, 10,  0, 0, 0, /* */
		3, 0, 0, 0, 0xD0, 7,  0, 0, 0x02, 0x80, 10,  0, 0, 0, /* */
		4, 0, 0, 0, 0xB8, 11, 0, 0, 0x01, 0x80, 10,  0, 0, 0};
	struct replay r;

	(void)state;
	put_record("h.cfg", "h.dat",
		   &(struct recording){.type = "BINARY\r\n",
				       .dat = rows,
				       .dat_len = sizeof(rows)});
	start(&r, "h.cfg", epoch);
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(next(&r, 1), 0);
		assert_int_equal(r.blk.flags, i % 2 ? CIS_BLOCK_CLIP : 0);
	}
	cis_source_close(r.src);
}

static void channels_past_the_limit_are_left_out(void **state)
{
	static char lines[300 * 40], row[8 + 300 * 4];
	struct recording rec = {.counts = "300,300A,0D\r\n",
				.channels = lines,
				.status = "",
				.rates = "1\r\n1000,1\r\n",
				.dat = row};
	size_t at = 0, to = 0;
	struct replay r;

	(void)state;
	to += (size_t)snprintf(row, sizeof(row), "1,0");
	for (unsigned i = 0; i < 300; i++) {
		at += (size_t)snprintf(lines + at, sizeof(lines) - at,
				       "%u,X,,,V,1,0,0,-1,1,1,1,P\r\n", i + 1);
		to += (size_t)snprintf(row + to, sizeof(row) - to, ",%u", i);
	}
	put_record("i.cfg", "i.dat", &rec);
	start(&r, "i.cfg", epoch);
	assert_int_equal(r.info->map->n_chan, CIS_MAX_CHAN);
	expect_warning(r.info->warn,
		       "300 voltages and currents; the first 256");
	assert_string_equal(r.info->map->chan[255].name, "X#256");
	assert_int_equal(next(&r, 1), 0);
	check_close(cis_block_chan(&r.blk, 255)[0], 255, 0);
	cis_source_close(r.src);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_says_what_it_is),
		cmocka_unit_test(extensions_are_found_in_any_case),
		cmocka_unit_test(bad_files_are_refused_with_a_sentence),
		cmocka_unit_test(values_stay_as_recorded_unless_asked),
		cmocka_unit_test(time_now_moves_dates_by_whole_seconds),
		cmocka_unit_test(a_loop_goes_on_in_the_next_second_after_a_gap),
		cmocka_unit_test(gaps_and_dates_of_no_worth_are_flagged),
		cmocka_unit_test(the_time_quality_of_2013_is_passed_on),
		cmocka_unit_test(samples_at_the_converters_limit_are_flagged),
		cmocka_unit_test(channels_past_the_limit_are_left_out),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
