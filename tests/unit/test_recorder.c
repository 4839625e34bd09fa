/* test_recorder.c - blocks that are recorded are replayed as they were. */
#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cisoid/source.h"
#include "folder.h"
#include "host/acq/recorder.h"
#include "recording.h"

#define N_SCAN 64

static char dir[] = "/tmp/cisoid-recorder-XXXXXX";

struct fixture {
	struct cis_chan_map map;
	char path[300], dat_path[300];
	struct cis_recorder *rec;
	struct cis_block blk;
	double x[2 * N_SCAN];
	double delay_s[2];
};

static int make_dir(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	(void)state;
	folder_remove(dir);
	return 0;
}

/* Names of other files than FILE.cfg and FILE.dat in the folder. */
static unsigned n_stray(void)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	unsigned n = 0;

	assert_non_null(d);
	while ((e = readdir(d))) {
		size_t len = strlen(e->d_name);

		n += e->d_name[0] != '.' &&
		     strcmp(e->d_name + len - 4, ".cfg") != 0 &&
		     strcmp(e->d_name + len - 4, ".dat") != 0;
	}
	closedir(d);
	return n;
}

static int try_open(struct fixture *f, const char *name, bool force,
		    struct cis_diag *diag)
{
	struct cis_recorder_config rc = {.path = f->path,
					 .map = &f->map,
					 .station = "made",
					 .fnom_hz = 50,
					 .force = force};

	snprintf(f->path, sizeof(f->path), "%s/%s.cfg", dir, name);
	snprintf(f->dat_path, sizeof(f->dat_path), "%s/%s.dat", dir, name);
	return cis_recorder_open(&rc, &f->rec, diag);
}

/* Two channels; sample k of all is k on the first, -k on the second. */
static void set_up(struct fixture *f, const char *name)
{
	struct cis_diag diag = {""};

	memset(f, 0, sizeof(*f));
	f->map.n_chan = 2;
	cis_chan_set_name(&f->map, 0, "VA");
	cis_chan_set_name(&f->map, 1, "IA");
	f->map.chan[1].quantity = CIS_CURRENT;
	f->delay_s[1] = 5e-6;
	f->blk = (struct cis_block){
		.clock = {.anchor = cis_time_from_posix(1763680911, 1000),
			  .rate_hz = 1000},
		.n_chan = 2,
		.n_scan = N_SCAN,
		.stride = N_SCAN,
		.delay_s = f->delay_s,
		.x = f->x,
	};
	if (try_open(f, name, false, &diag))
		fail_msg("%s", diag.msg);
}

static void put(struct fixture *f, uint64_t first)
{
	f->blk.first_scan = first;
	for (uint32_t i = 0; i < N_SCAN; i++) {
		f->x[i] = (double)(first + i);
		f->x[N_SCAN + i] = -(double)(first + i);
	}
	assert_int_equal(cis_recorder_put(f->rec, &f->blk), 0);
}

static struct cis_source *finish(struct fixture *f)
{
	struct cis_diag diag = {""};
	struct cis_source *src;
	char spec[400];

	if (cis_recorder_close(f->rec, &diag))
		fail_msg("%s", diag.msg);
	assert_int_equal(n_stray(), 0);
	snprintf(spec, sizeof(spec), "replay:%s", f->path);
	if (cis_source_open(spec, &src, &diag))
		fail_msg("%s", diag.msg);
	assert_int_equal(cis_source_start(src, (struct cis_time){0}, &diag), 0);
	return src;
}

static uint32_t read_back(struct cis_source *src, struct cis_block *blk,
			  double *x, uint32_t room)
{
	*blk = (struct cis_block){
		.n_chan = 2, .n_scan = room, .stride = room, .x = x};
	assert_int_equal(cis_source_read(src, blk, 0), 0);
	return blk->n_scan;
}

static void blocks_are_replayed_as_they_were(void **state)
{
	static double x[2 * 4 * N_SCAN];
	struct fixture f;
	struct cis_recorder_stats stats;
	struct cis_source *src;
	struct cis_block blk;

	(void)state;
	set_up(&f, "plain");
	/* The first block need not begin at the anchor. */
	for (uint64_t k = 0; k < 4; k++)
		put(&f, 1000 + k * N_SCAN);
	cis_recorder_stats(f.rec, &stats);
	assert_int_equal(stats.scans, 4 * N_SCAN);
	assert_int_equal(stats.lost, 0);
	assert_int_equal(stats.bytes, 4 * N_SCAN * 16);
	src = finish(&f);
	assert_int_equal(read_back(src, &blk, x, 4 * N_SCAN), 4 * N_SCAN);
	check_close(blk.clock.rate_hz, 1000, 0);
	assert_int_equal(blk.clock.anchor.tai_ns,
			 f.blk.clock.anchor.tai_ns + CIS_NS_PER_S);
	check_close(blk.delay_s[1], 5e-6, 1e-20);
	for (uint32_t i = 0; i < 4 * N_SCAN; i++) {
		check_close(x[i], 1000 + i, 0);
		check_close(x[4 * N_SCAN + i], -1000.0 - i, 0);
	}
	cis_source_close(src);
}

static void lost_scans_are_filled_so_that_times_stay(void **state)
{
	static double x[2 * 4 * N_SCAN];
	struct fixture f;
	struct cis_recorder_stats stats;
	struct cis_source *src;
	struct cis_block blk;

	(void)state;
	set_up(&f, "gap");
	put(&f, 0);
	put(&f, N_SCAN + 10); /* ten are known to be missing */
	/* The source began anew 20 ms later, and counts on. */
	f.blk.clock.anchor = cis_time_add_ns(f.blk.clock.anchor, 20000000);
	f.blk.flags = CIS_BLOCK_GAP;
	put(&f, 2 * N_SCAN + 10);
	cis_recorder_stats(f.rec, &stats);
	assert_int_equal(stats.lost, 30);
	src = finish(&f);
	assert_int_equal(read_back(src, &blk, x, 4 * N_SCAN), 3 * N_SCAN + 30);
	for (uint32_t i = 0; i < 3 * N_SCAN + 30; i++) {
		bool lost = (i >= N_SCAN && i < N_SCAN + 10) ||
			    (i >= 2 * N_SCAN + 10 && i < 2 * N_SCAN + 30);

		if (lost)
			assert_true(isnan(x[i]));
		else
			check_close(x[i], i < 2 * N_SCAN + 10 ? i : i - 20, 0);
	}
	check_close(blk.clock.rate_hz, 1000, 0);
	cis_source_close(src);
}

/* A clock model that is corrected from block to block: the mean rate is
 * written, here half way between the two. */
static void a_corrected_rate_is_averaged(void **state)
{
	static double x[2 * 2 * N_SCAN];
	struct fixture f;
	struct cis_source *src;
	struct cis_block blk;
	double s = N_SCAN / 1000.0 + N_SCAN / 1001.0;

	(void)state;
	set_up(&f, "mean");
	put(&f, 0);
	f.blk.clock.anchor = cis_time_add_ns(f.blk.clock.anchor, 64000000);
	f.blk.clock.anchor_scan = N_SCAN;
	f.blk.clock.rate_hz = 1001;
	put(&f, N_SCAN);
	src = finish(&f);
	read_back(src, &blk, x, 2 * N_SCAN);
	check_close(blk.clock.rate_hz, 2 * N_SCAN / s, 1e-9);
	cis_source_close(src);
}

/* Before a clock has locked dates are of another, and worse. */
static void what_comes_before_the_lock_is_dated_by_it(void **state)
{
	static double x[2 * 2 * N_SCAN];
	struct fixture f;
	struct cis_source *src;
	struct cis_block blk;
	struct cis_time start;

	(void)state;
	set_up(&f, "lock");
	start = f.blk.clock.anchor;
	f.blk.clock.anchor = cis_time_add_ns(start, 700000);
	f.blk.clock.quality =
		(struct cis_time_quality){.unc_s = 1, .unlocked_s = INFINITY};
	f.blk.flags = CIS_BLOCK_UNSYNC;
	put(&f, 0);
	f.blk.clock = (struct cis_scan_clock){.anchor = start,
					      .rate_hz = 1000.05,
					      .quality = {.unc_s = 1e-6}};
	f.blk.flags = 0;
	put(&f, N_SCAN);
	src = finish(&f);
	read_back(src, &blk, x, 2 * N_SCAN);
	check_close(blk.clock.rate_hz, 1000.05, 1e-9);
	assert_true(llabs(cis_time_diff_ns(blk.clock.anchor, start)) <= 1);
	assert_true(blk.clock.quality.unc_s <= 1e-5);
	assert_int_equal(blk.flags & CIS_BLOCK_UNSYNC, 0);
	cis_source_close(src);
}

/* After a gap a board is dated poorly until its clock is found anew. */
static void a_gap_is_filled_by_dates_that_are_sure(void **state)
{
	static double x[2 * 8 * N_SCAN];
	struct fixture f;
	struct cis_recorder_stats stats;
	struct cis_source *src;
	struct cis_block blk;
	struct cis_time start;

	(void)state;
	set_up(&f, "outage");
	start = f.blk.clock.anchor;
	f.blk.clock.quality.unc_s = 1e-6;
	put(&f, 0);
	/* 100 scans lost, but the date is 18 ms late; one block is so. */
	f.blk.clock.anchor = cis_time_add_ns(start, 118000000);
	f.blk.clock.quality.unc_s = 0.02;
	f.blk.flags = CIS_BLOCK_GAP;
	put(&f, N_SCAN);
	cis_recorder_stats(f.rec, &stats);
	assert_int_equal(stats.lost, N_SCAN);
	f.blk.clock.anchor = cis_time_add_ns(start, 100000000);
	f.blk.clock.quality.unc_s = 1e-6;
	f.blk.flags = 0;
	put(&f, 2 * N_SCAN);
	cis_recorder_stats(f.rec, &stats);
	assert_int_equal(stats.lost, N_SCAN + 100);
	src = finish(&f);
	assert_int_equal(read_back(src, &blk, x, 8 * N_SCAN), 3 * N_SCAN + 100);
	check_close(x[N_SCAN - 1], N_SCAN - 1, 0);
	assert_true(isnan(x[N_SCAN]));
	assert_true(isnan(x[2 * N_SCAN + 99]));
	check_close(x[2 * N_SCAN + 100], 2 * N_SCAN, 0);
	check_close(blk.clock.rate_hz, 1000, 0);
	assert_true(blk.clock.quality.unc_s <= 1e-5);
	cis_source_close(src);
}

static void another_rate_is_not_mixed_in(void **state)
{
	struct fixture f;
	struct cis_recorder_stats stats;

	(void)state;
	set_up(&f, "rates");
	put(&f, 0);
	f.blk.clock.rate_hz = 200;
	put(&f, N_SCAN);
	cis_recorder_stats(f.rec, &stats);
	assert_int_equal(stats.scans, N_SCAN);
	assert_int_equal(stats.lost, N_SCAN);
	cis_source_close(finish(&f));
}

static void what_exists_is_kept_without_force(void **state)
{
	struct fixture f;
	struct cis_diag diag = {""};

	(void)state;
	set_up(&f, "twice");
	put(&f, 0);
	cis_source_close(finish(&f));
	assert_int_equal(try_open(&f, "twice", false, &diag), -EEXIST);
	assert_non_null(strstr(diag.msg, "twice.cfg: exists"));
	assert_int_equal(unlink(f.path), 0);
	assert_int_equal(try_open(&f, "twice", false, &diag), -EEXIST);
	assert_non_null(strstr(diag.msg, "twice.dat: exists"));
	assert_int_equal(try_open(&f, "twice", true, &diag), 0);
	put(&f, 0);
	cis_source_close(finish(&f));
}

static void what_is_given_up_leaves_no_file(void **state)
{
	struct fixture f;
	struct cis_diag diag = {""};

	(void)state;
	set_up(&f, "given-up");
	put(&f, 0);
	cis_recorder_abort(f.rec);
	assert_int_not_equal(access(f.path, F_OK), 0);
	assert_int_not_equal(access(f.dat_path, F_OK), 0);
	set_up(&f, "nothing");
	assert_int_equal(cis_recorder_close(f.rec, &diag), -ENODATA);
	assert_non_null(strstr(diag.msg, "no samples"));
	assert_int_not_equal(access(f.path, F_OK), 0);
	assert_int_equal(n_stray(), 0);
	cis_recorder_abort(NULL);
}

/* A limit on the size of files stands for a full device. */
static void what_fits_on_a_full_device_is_kept(void **state)
{
	static double x[2 * N_SCAN];
	struct rlimit old, limit;
	struct fixture f;
	struct cis_diag diag = {""};
	struct cis_source *src;
	struct cis_block blk;
	char spec[400];
	int err = 0;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	limit = old;
	limit.rlim_cur = 600000;
	signal(SIGXFSZ, SIG_IGN);
	set_up(&f, "full");
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	for (uint64_t k = 0; k < 2000 && !err; k++) {
		f.blk.first_scan = k * N_SCAN;
		err = cis_recorder_put(f.rec, &f.blk);
	}
	assert_int_equal(err, -EFBIG);
	assert_int_equal(cis_recorder_put(f.rec, &f.blk), -EFBIG);
	assert_int_equal(cis_recorder_close(f.rec, &diag), -EFBIG);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_non_null(strstr(diag.msg, "samples are kept"));
	assert_int_equal(n_stray(), 0);
	snprintf(spec, sizeof(spec), "replay:%s", f.path);
	assert_int_equal(cis_source_open(spec, &src, &diag), 0);
	assert_int_equal(cis_source_info(src)->warn->n, 0);
	cis_source_start(src, (struct cis_time){0}, &diag);
	assert_int_equal(read_back(src, &blk, x, N_SCAN), N_SCAN);
	cis_source_close(src);
}

static void bad_names_are_refused_with_a_reason(void **state)
{
	static const struct {
		const char *path, *why;
		int err;
	} cases[] = {
		{"/tmp/a.cff", "name the .cfg", -EINVAL},
		{"a", "name the .cfg", -EINVAL},
		{"", "name the .cfg", -EINVAL},
		{"/no-such-folder/a.cfg", "No such file", -ENOENT},
	};
	struct cis_chan_map map = {.n_chan = 1};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cis_recorder_config rc = {.path = cases[i].path,
						 .map = &map};
		struct cis_recorder *rec;
		struct cis_diag diag = {""};

		assert_int_equal(cis_recorder_open(&rc, &rec, &diag),
				 cases[i].err);
		if (!strstr(diag.msg, cases[i].why))
			fail_msg("%s: \"%s\"", cases[i].path, diag.msg);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_are_replayed_as_they_were),
		cmocka_unit_test(lost_scans_are_filled_so_that_times_stay),
		cmocka_unit_test(a_corrected_rate_is_averaged),
		cmocka_unit_test(what_comes_before_the_lock_is_dated_by_it),
		cmocka_unit_test(a_gap_is_filled_by_dates_that_are_sure),
		cmocka_unit_test(another_rate_is_not_mixed_in),
		cmocka_unit_test(what_exists_is_kept_without_force),
		cmocka_unit_test(what_is_given_up_leaves_no_file),
		cmocka_unit_test(what_fits_on_a_full_device_is_kept),
		cmocka_unit_test(bad_names_are_refused_with_a_reason),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
