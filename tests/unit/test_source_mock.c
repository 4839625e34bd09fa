/* test_source_mock.c - the mock driver behind source.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "cisoid/source.h"

#define N_SCAN 400
#define PI     3.14159265358979323846
#define T0_S   INT64_C(1763680911)

struct fixture {
	struct cis_source *src;
	struct cis_block blk;
	double x[6 * N_SCAN];
};

static void start_at(struct fixture *f, const char *spec, struct cis_time at)
{
	struct cis_diag diag = {""};

	if (cis_source_open(spec, &f->src, &diag))
		fail_msg("%s", diag.msg);
	assert_int_equal(cis_source_start(f->src, at, &diag), 0);
	f->blk = (struct cis_block){
		.n_chan = 6, .n_scan = N_SCAN, .stride = N_SCAN, .x = f->x};
}

static void start(struct fixture *f, const char *spec)
{
	start_at(f, spec, (struct cis_time){T0_S * CIS_NS_PER_S});
}

static void next(struct fixture *f)
{
	f->blk.n_scan = N_SCAN;
	assert_int_equal(cis_source_read(f->src, &f->blk, 0), 0);
	assert_int_equal(f->blk.n_scan, N_SCAN);
}

static void it_says_what_it_is(void **state)
{
	struct fixture f;
	const struct cis_source_info *info;

	(void)state;
	start(&f, "mock:rate=9600,fnom=60,v=66,i=1");
	info = cis_source_info(f.src);
	assert_int_equal(info->origin, CIS_SIMULATED);
	assert_false(info->realtime);
	assert_false(info->dated);
	check_close(info->rate_hz, 9600, 0);
	check_close(info->fnom_hz, 60, 0);
	assert_int_equal(info->map->n_chan, 6);
	assert_int_equal(info->map->n_group, 2);
	assert_string_equal(info->map->chan[0].name, "VA");
	assert_string_equal(info->map->chan[5].name, "IC");
	assert_string_equal(info->map->group[0].name, "V+");
	assert_string_equal(info->map->group[1].name, "I+");
	check_close(info->map->chan[2].nominal_rms, 66, 0);
	check_close(info->map->chan[3].nominal_rms, 1, 0);
	cis_source_close(f.src);
}

/* At 60 Hz and 18 kHz a period is 300 samples: sample n has the phase
 * (n mod 300)/300 of a turn, in whatever hour. Tolerance: 4 roundings of the
 * peak, and the sample's instant to 1e-16 s. */
static void samples_are_exact_after_many_blocks(void **state)
{
	const double peak_v = 100 * sqrt(2);
	struct fixture f;

	(void)state;
	start(&f, "mock:fnom=60,v=100,v_deg=30");
	for (unsigned b = 0; b < 500; b++) {
		next(&f);
		assert_int_equal(f.blk.first_scan, b * N_SCAN);
		assert_int_equal(f.blk.flags, 0);
		assert_null(f.blk.delay_s);
		for (unsigned i = 0; i < N_SCAN; i++) {
			unsigned n = (b * N_SCAN + i) % 300;
			double rad = 2 * PI * (n + 25) / 300.0;

			check_close(cis_block_chan(&f.blk, 0)[i],
				    peak_v * cos(rad), peak_v * 1e-13);
			check_close(cis_block_chan(&f.blk, 1)[i],
				    peak_v * cos(rad - 2 * PI / 3),
				    peak_v * 1e-13);
		}
	}
	cis_source_close(f.src);
}

/* VA at t0, a whole second, is at v_deg; the first scan comes 0.25 s later, a
 * quarter of a turn of 1 Hz more than 50 Hz: sqrt(2) cos(pi/2 + 25 pi). */
static void the_signal_begins_at_the_whole_second(void **state)
{
	struct fixture f;

	(void)state;
	start_at(&f, "mock:f=51,v=1",
		 (struct cis_time){T0_S * CIS_NS_PER_S + CIS_NS_PER_S / 4});
	next(&f);
	check_close(f.x[0], sqrt(2) * cos(2 * PI * 51 * 0.25), 1e-12);
	assert_int_equal(f.blk.clock.anchor.tai_ns,
			 T0_S * CIS_NS_PER_S + CIS_NS_PER_S / 4);
	cis_source_close(f.src);
}

/* 1000 ppm of 10 kHz: scans come at 10010 Hz. Told or not, sample n is that of
 * n/10010 s. */
static void a_wrong_clock_is_told_or_hidden(void **state)
{
	static const double told_hz[] = {10000, 10010};
	static const char *const specs[] = {
		"mock:rate=10000,v=1,clock_ppm=1000,declared=0",
		"mock:rate=10000,v=1,clock_ppm=1000,declared=1"};

	(void)state;
	for (unsigned declared = 0; declared < 2; declared++) {
		struct fixture f;

		start(&f, specs[declared]);
		next(&f);
		check_close(f.blk.clock.rate_hz, told_hz[declared], 1e-11);
		for (unsigned i = 0; i < N_SCAN; i++)
			check_close(f.x[i],
				    sqrt(2) * cos(2 * PI * 50 * i / 10010.0),
				    1e-12);
		cis_source_close(f.src);
	}
}

/* Channel c is taken c x 1 us later and its transducer lags: VB, 10 us. */
static void delays_are_told_or_hidden(void **state)
{
	static const char *const specs[] = {
		"mock:v=1,i=1,seq=abc,skew_ns=1000,delay_ns_vb=10000,"
		"declared=0",
		"mock:v=1,i=1,seq=abc,skew_ns=1000,delay_ns_vb=10000"};
	static const double late_s[] = {0, -9e-6, 2e-6, 3e-6, 4e-6, 5e-6};
	static const double deg[] = {0, -120, 120, 0, -120, 120};

	(void)state;
	for (unsigned declared = 0; declared < 2; declared++) {
		struct fixture f;

		start(&f, specs[declared]);
		next(&f);
		for (unsigned c = 0; c < 6; c++)
			check_close(cis_block_chan(&f.blk, c)[90],
				    sqrt(2) * cos(2 * PI * 50 *
							  (0.005 + late_s[c]) +
						  deg[c] * PI / 180),
				    1e-13);
		if (!declared)
			assert_null(f.blk.delay_s);
		for (unsigned c = 0; declared && c < 6; c++)
			check_close(f.blk.delay_s[c], late_s[c], 1e-20);
		cis_source_close(f.src);
	}
}

/* 1.5 sqrt(2) x 120 V holds the signal; 100 V do not hold its peaks. */
static void a_converter_that_is_too_small_clips(void **state)
{
	struct fixture f;

	(void)state;
	start(&f, "mock:bits=16");
	next(&f);
	assert_int_equal(f.blk.flags, 0);
	check_close(cis_source_info(f.src)->map->chan[0].range_max,
		    1.5 * sqrt(2) * 120, 1e-12);
	cis_source_close(f.src);

	start(&f, "mock:bits=16,range_v=100");
	next(&f);
	assert_int_equal(f.blk.flags, CIS_BLOCK_CLIP);
	check_close(f.x[0], 100 - 200 / 65536.0, 1e-12);
	cis_source_close(f.src);
}

static void noise_is_the_same_however_it_is_read(void **state)
{
	struct fixture f, g;

	(void)state;
	start(&f, "mock:snr_db=40,seed=7");
	start(&g, "mock:snr_db=40,seed=7");
	next(&f);
	for (unsigned i = 0; i < N_SCAN; i++) {
		g.blk.n_scan = 1;
		assert_int_equal(cis_source_read(g.src, &g.blk, 0), 0);
		check_close(g.x[0], f.x[i], 0);
		check_close(g.x[5 * N_SCAN], f.x[5 * N_SCAN + i], 0);
	}
	cis_source_close(f.src);
	cis_source_close(g.src);
}

static void bad_specs_are_refused_with_a_reason(void **state)
{
	static const struct {
		const char *spec, *says;
	} cases[] = {
		{"mock:rate=0", "rate: 0 is not within"},
		{"mock:rate=nan", "rate: \"nan\" is not a number"},
		{"mock:rate=inf", "rate: \"inf\" is not a number"},
		{"mock:rate=-5", "not within"},
		{"mock:rate=99", "not within 100 to 1000000"},
		{"mock:rate=1e7", "not within"},
		{"mock:rate=", "not a number"},
		{"mock:rate", "has no value"},
		{"mock:=5", "unknown key \"\""},
		{"mock:rat=5", "did you mean \"rate\"?"},
		{"mock:rocf=5", "did you mean \"rocof\"?"},
		{"mock:colour=5", "there are rate fnom f rocof"},
		{"mock:f=abc", "mock: f: \"abc\" is not a number"},
		{"mock:f=50,f=5000", "f: 5000 is not within 1 to 1000"},
		{"mock:f=50,v=1,f=51", "mock: f is given twice; give it once"},
		{"mock:clock=mcu:/a,clock=mcu:/b", "clock is given twice"},
		{"mock:pps_v=1,pps_v=1", "pps_v is given twice"},
		{"mock:step_mag=0.1", "give step_s"},
		{"mock:rate=18000;f=50", "\"18000;f=50\" is not a number"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cis_source *src = NULL;
		struct cis_diag diag = {""};

		assert_int_equal(cis_source_open(cases[i].spec, &src, &diag),
				 -EINVAL);
		assert_null(src);
		if (!strstr(diag.msg, cases[i].says))
			fail_msg("%s: %s", cases[i].spec, diag.msg);
	}
}

static void the_list_of_keys_fits_into_the_message(void **state)
{
	struct cis_source *src = NULL;
	struct cis_diag diag = {""};

	(void)state;
	assert_int_equal(cis_source_open("mock:delay_ns_vaa_and_more_of_it=1",
					 &src, &diag),
			 -EINVAL);
	assert_non_null(strstr(diag.msg, "declared seed"));
}

/* 2 ms after each whole second it has risen by 1 - exp(-2/0.5); the pulse of
 * second 2 is missing. 100 scans a block: 5.6 ms. Tolerance: of the scan's
 * instant, 1e-12 s, where the slope is 5 V / 0.5 ms. */
static void a_pulse_a_second_comes_with_the_scans(void **state)
{
	struct fixture f;

	(void)state;
	start(&f, "mock:rate=18000,clock_ppm=30,start_us=700,declared=0,"
		  "pps_channel=7,pps_tau_us=500,pps_width_ms=50,pps_off_s=2,"
		  "pps_on_s=3");
	for (uint64_t n = 0; n < 3 * 18000 + N_SCAN; n += N_SCAN) {
		next(&f);
		assert_non_null(f.blk.timing);
		check_close(f.blk.clock.rate_hz, 18000, 0);
		assert_true(f.blk.clock.anchor.tai_ns == T0_S * CIS_NS_PER_S);
		for (uint32_t i = 0; i < N_SCAN; i++) {
			double t = 700e-6 +
				   (double)(n + i) / (18000 * (1 + 30e-6));
			double after = t - floor(t), v = 0;

			if (floor(t) != 2 && after < 0.05)
				v = 5 * (1 - exp(-after / 500e-6));
			else if (floor(t) != 2)
				v = 5 * (exp(-(after - 0.05) / 500e-6) -
					 exp(-after / 500e-6));
			check_close(f.blk.timing[i], v, 1e-8);
		}
	}
	cis_source_close(f.src);
}

/* The rate goes up and down by 20 ppm in 10 s: the date of a scan by
 * 20e-6 * 10 s / (2 pi) * 2 at the most, in the middle. The
 * phase of a wave of 50 Hz tells it. */
static void the_clock_may_wander(void **state)
{
	const double most_s = 20e-6 * 10 / PI;
	struct fixture f;
	uint32_t at = 90000 % N_SCAN;

	(void)state;
	start(&f, "mock:wander_ppm=20,wander_s=10,v=1,v_deg=-90");
	for (uint64_t n = 0; n <= 90000; n += N_SCAN)
		next(&f);
	/* Scan 90000 is 5 s after the start, less this. */
	check_close(cis_block_chan(&f.blk, 0)[at],
		    -sqrt(2) * sin(2 * PI * 50 * most_s), 1e-12);
	cis_source_close(f.src);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_says_what_it_is),
		cmocka_unit_test(samples_are_exact_after_many_blocks),
		cmocka_unit_test(the_signal_begins_at_the_whole_second),
		cmocka_unit_test(a_wrong_clock_is_told_or_hidden),
		cmocka_unit_test(delays_are_told_or_hidden),
		cmocka_unit_test(a_converter_that_is_too_small_clips),
		cmocka_unit_test(noise_is_the_same_however_it_is_read),
		cmocka_unit_test(bad_specs_are_refused_with_a_reason),
		cmocka_unit_test(the_list_of_keys_fits_into_the_message),
		cmocka_unit_test(a_pulse_a_second_comes_with_the_scans),
		cmocka_unit_test(the_clock_may_wander),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
