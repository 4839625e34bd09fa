/* test_mock_speed.c - what the mock driver costs at 18 kHz. */
#include <stdio.h>
#include <time.h>

#include "check.h"
#include "cisoid/source.h"

#define RATE_HZ   18000
#define N_SCAN    1800
#define SECONDS   2
#define LIMIT_PCT 10.0 /* of one core: the estimator needs the rest */

static double cpu_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9;
}

static double load_pct(const char *spec)
{
	static double x[6 * N_SCAN];
	struct cis_block blk = {.n_chan = 6, .stride = N_SCAN, .x = x};
	struct cis_source *src;
	struct cis_diag diag = {""};
	double begin_s;

	if (cis_source_open(spec, &src, &diag))
		fail_msg("%s", diag.msg);
	cis_source_start(src, (struct cis_time){0}, &diag);
	begin_s = cpu_s();
	for (unsigned i = 0; i < SECONDS * RATE_HZ / N_SCAN; i++) {
		blk.n_scan = N_SCAN;
		assert_int_equal(cis_source_read(src, &blk, 0), 0);
	}
	begin_s = cpu_s() - begin_s;
	cis_source_close(src);
	return 100 * begin_s / SECONDS;
}

static void six_channels_at_18_khz_leave_a_core_to_the_rest(void **state)
{
	static const char *const specs[] = {
		"mock:rate=18000,f=50.1", "mock:rate=18000,snr_db=70,bits=16",
		"mock:rate=18000,am=0.1,am_hz=1,pm=0.1,pm_hz=2",
		"mock:rate=18000,rocof=1,f_to=55,skew_ns=1000",
		("mock:rate=18000,h3=0.1,h5=0.1,h7=0.1,ih=0.1,ih_hz=83,"
		 "snr_db=60")};

	(void)state;
	for (size_t i = 0; i < sizeof(specs) / sizeof(specs[0]); i++) {
		double pct = load_pct(specs[i]);

		printf("%-66s %5.2f %% of a core\n", specs[i], pct);
		assert_true(pct < LIMIT_PCT);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			six_channels_at_18_khz_leave_a_core_to_the_rest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
