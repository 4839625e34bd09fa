/* test_comtrade_write.c - what is written is read back. */
#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "recording.h"

#define N_CHAN 4
#define N_SCAN 500
#define PI     3.14159265358979323846

struct written {
	struct cis_chan_map map;
	struct cis_comtrade_header head;
	double delay_s[N_CHAN];
	double x[N_CHAN][N_SCAN];
	char cfg[8192];
	uint8_t dat[N_SCAN * (8 + 4 * N_CHAN)];
	struct opened o;
};

static struct written *new_written(enum cis_comtrade_format format)
{
	struct written *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	w->map.n_chan = N_CHAN;
	for (uint32_t c = 0; c < N_CHAN; c++) {
		struct cis_chan *ch = &w->map.chan[c];

		snprintf(ch->name, sizeof(ch->name), "CH%u", (unsigned)c);
		snprintf(ch->phase, sizeof(ch->phase), "%c", "ABCN"[c]);
		ch->quantity = c < 2 ? CIS_VOLTAGE : CIS_CURRENT;
		ch->range_min = c == 3 ? 0 : -10.0 * (c + 1);
		ch->range_max = 10.0 * (c + 1);
		w->delay_s[c] = c * 13e-6;
		for (uint32_t i = 0; i < N_SCAN; i++)
			w->x[c][i] = c == 3 ? 0.05 * i
					    : 9.9 * sin(0.1 * i + c * PI / 3);
	}
	w->head = (struct cis_comtrade_header){
		.station = "made",
		.format = format,
		.fnom_hz = 60,
		.clock = {.anchor = cis_time_from_posix(1763680911, 123456789),
			  .rate_hz = 1e6 / 56},
		.n_scan = N_SCAN,
		.map = &w->map,
		.delay_s = w->delay_s,
	};
	return w;
}

static void write_and_read(struct written *w)
{
	struct cis_comtrade_files files = {.name = "made.cfg"};
	size_t len = 0;
	int cfg_len = cis_comtrade_cfg_encode(&w->head, w->cfg, sizeof(w->cfg));

	assert_true(cfg_len > 0);
	assert_int_equal(strlen(w->cfg), cfg_len);
	for (uint64_t i = 0; i < w->head.n_scan; i++)
		len += cis_comtrade_row_encode(&w->head, i, &w->x[0][i], N_SCAN,
					       w->dat + len);
	assert_int_equal(len, w->head.n_scan * cis_comtrade_row_len(&w->head));
	files.cfg = (const uint8_t *)w->cfg;
	files.cfg_len = (size_t)cfg_len;
	files.dat = w->dat;
	files.dat_len = len;
	if (cis_comtrade_new(&files, &w->o.rec, &w->o.warn, &w->o.diag))
		fail_msg("%s", w->o.diag.msg);
	w->o.info = cis_comtrade_info(w->o.rec);
}

static void done(struct written *w)
{
	cis_comtrade_free(w->o.rec);
	free(w);
}

static void floats_are_kept_to_their_precision(void **state)
{
	struct written *w = new_written(CIS_COMTRADE_FLOAT32);

	(void)state;
	write_and_read(w);
	assert_int_equal(w->o.warn.n, 0);
	for (uint32_t c = 0; c < N_CHAN; c++)
		for (uint32_t i = 0; i < N_SCAN; i++)
			check_close(value_at(&w->o, c, i), w->x[c][i],
				    fabs(w->x[c][i]) * FLT_EPSILON / 2);
	done(w);
}

/* The step is the range over 2^32 - 2; rounding is half of it. */
static void integers_are_kept_to_half_a_step_of_the_range(void **state)
{
	struct written *w = new_written(CIS_COMTRADE_BINARY32);

	(void)state;
	write_and_read(w);
	assert_int_equal(w->o.warn.n, 0);
	for (uint32_t c = 0; c < N_CHAN; c++) {
		const struct cis_chan *ch = &w->map.chan[c];
		double step = (ch->range_max - ch->range_min) / 4294967294.0;

		for (uint32_t i = 0; i < N_SCAN; i++) {
			double x = fmin(w->x[c][i], ch->range_max);

			check_close(value_at(&w->o, c, i), x,
				    0.5 * step + 1e-14);
		}
	}
	done(w);
}

/* 16 bits: the range over 2^16 - 2. */
static void a_recording_of_1999_has_16_bits(void **state)
{
	struct written *w = new_written(CIS_COMTRADE_BINARY);

	(void)state;
	w->head.secondary = true;
	w->x[1][7] = NAN;
	write_and_read(w);
	/* 1999 does not say the zone of its dates; a value is missing. */
	assert_int_equal(w->o.warn.n, 2);
	assert_int_equal(w->o.info->rev_year, 1999);
	assert_int_equal(cis_comtrade_row_len(&w->head), 8 + 2 * N_CHAN);
	assert_true(cis_comtrade_channel(w->o.rec, 0)->has_side);
	assert_false(cis_comtrade_channel(w->o.rec, 0)->is_primary);
	for (uint32_t c = 0; c < N_CHAN; c++) {
		const struct cis_chan *ch = &w->map.chan[c];
		double step = (ch->range_max - ch->range_min) / 65534.0;

		for (uint32_t i = 0; i < N_SCAN; i++) {
			if (c == 1 && i == 7)
				assert_true(isnan(value_at(&w->o, c, i)));
			else
				check_close(value_at(&w->o, c, i),
					    fmin(w->x[c][i], ch->range_max),
					    0.5 * step + 1e-12);
		}
	}
	done(w);
}

/* C37.111-1999, clause 5.3: microseconds, the factor 1, and nothing behind. */
static void a_cfg_of_1999_is_that_of_the_standard(void **state)
{
	struct written *w = new_written(CIS_COMTRADE_BINARY);

	(void)state;
	w->map.n_chan = 1;
	w->head.secondary = true;
	w->head.delay_s = NULL;
	w->head.clock.rate_hz = 4800;
	w->head.clock.quality = (struct cis_time_quality){1e-7, 0};
	assert_true(cis_comtrade_cfg_encode(&w->head, w->cfg, sizeof(w->cfg)) >
		    0);
	/* 1763680911 is 2025-11-20T23:21:51Z; 10 V over 32767 steps. */
	assert_string_equal(w->cfg, "made,cisoid,1999\r\n"
				    "1,1A,0D\r\n"
				    "1,CH0,A,,V,0.0003051850947599719,0,0,"
				    "-32767,32767,1,1,S\r\n"
				    "60\r\n1\r\n4800,500\r\n"
				    "20/11/2025,23:21:51.123456\r\n"
				    "20/11/2025,23:21:51.123456\r\n"
				    "BINARY\r\n1\r\n");
	free(w);
}

static void times_and_descriptions_are_kept_exactly(void **state)
{
	static const double rates_hz[] = {1e6 / 56, 18000, 30707.244140625,
					  1e7 / 3, 0.1};
	(void)state;
	for (size_t k = 0; k < sizeof(rates_hz) / sizeof(rates_hz[0]); k++) {
		struct written *w = new_written(CIS_COMTRADE_BINARY32);

		w->head.clock.rate_hz = rates_hz[k];
		write_and_read(w);
		assert_int_equal(w->o.info->rev_year, 2013);
		assert_int_equal(w->o.info->n_scan, N_SCAN);
		check_close(w->o.info->fnom_hz, 60, 0);
		check_close(cis_comtrade_segment(w->o.rec, 0)->rate_hz,
			    rates_hz[k], 0);
		assert_int_equal(w->o.info->start.tai_ns,
				 w->head.clock.anchor.tai_ns);
		for (uint32_t c = 0; c < N_CHAN; c++) {
			const struct cis_comtrade_channel *ch =
				cis_comtrade_channel(w->o.rec, c);

			assert_string_equal(ch->name, w->map.chan[c].name);
			assert_string_equal(ch->phase, w->map.chan[c].phase);
			assert_int_equal(ch->quantity, w->map.chan[c].quantity);
			check_close(ch->skew_s, w->delay_s[c], 1e-20);
			check_close(ch->max, w->map.chan[c].range_max, 1e-12);
		}
		done(w);
	}
}

static void missing_values_stay_missing(void **state)
{
	(void)state;
	for (int f = 0; f < 2; f++) {
		struct written *w = new_written((enum cis_comtrade_format)f);

		w->x[1][7] = NAN;
		write_and_read(w);
		assert_true(isnan(value_at(&w->o, 1, 7)));
		assert_true(isfinite(value_at(&w->o, 1, 8)));
		expect_warning(&w->o.warn, "1 values are marked missing");
		done(w);
	}
}

/* 2^32 us are 71.6 minutes: 100 s a sample reach that after 43. */
static void stamps_that_do_not_fit_are_left_out_silently(void **state)
{
	struct written *w = new_written(CIS_COMTRADE_FLOAT32);

	(void)state;
	w->head.clock.rate_hz = 0.01;
	write_and_read(w);
	assert_int_equal(w->o.warn.n, 0);
	assert_int_equal(w->dat[42 * 24 + 7], 4200000000u >> 24);
	assert_int_equal(w->dat[43 * 24 + 7], 0xFF);
	done(w);
}

static void quality_is_written_where_it_is_known(void **state)
{
	static const struct {
		double unc_s;
		bool unsync;
		double read_s; /* NAN: not said */
	} cases[] = {
		{1e-6, false, 0},
		{2e-3, false, 1e-2},
		{INFINITY, false, NAN},
		{1e-6, true, 1e-6},
		{3e-6, true, 1e-5},
		{0, true, 1e-9},
		{10, true, 10},
		{11, true, INFINITY},
		{INFINITY, true, INFINITY},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct written *w = new_written(CIS_COMTRADE_FLOAT32);
		double got, want = cases[i].read_s;

		w->head.clock.quality.unc_s = cases[i].unc_s;
		w->head.unsync = cases[i].unsync;
		write_and_read(w);
		got = w->o.info->quality.unc_s;
		if (isnan(want))
			assert_true(isnan(got));
		else if (isinf(want))
			assert_true(isinf(got));
		else
			check_close(got, want, 1e-12 * want);
		done(w);
	}
}

static void names_do_not_break_the_file(void **state)
{
	struct written *w = new_written(CIS_COMTRADE_FLOAT32);

	(void)state;
	w->head.station = "bay 1, north\n";
	strcpy(w->map.chan[0].name, "U,a");
	strcpy(w->map.chan[1].name, "\xE6\xAF\x8D\xE7\xBA\xBF");
	write_and_read(w);
	assert_string_equal(w->o.info->station, "bay 1; north");
	assert_string_equal(cis_comtrade_channel(w->o.rec, 0)->name, "U;a");
	assert_string_equal(cis_comtrade_channel(w->o.rec, 1)->name,
			    "\xE6\xAF\x8D\xE7\xBA\xBF");
	done(w);
}

static void too_small_a_buffer_and_no_range_are_refused(void **state)
{
	struct written *w = new_written(CIS_COMTRADE_BINARY32);
	struct cis_diag diag = {""};

	(void)state;
	for (size_t n = 0; n < 200; n++)
		assert_int_equal(cis_comtrade_cfg_encode(&w->head, w->cfg, n),
				 -EMSGSIZE);
	assert_int_equal(cis_comtrade_check_range(&w->head, &diag), 0);
	w->map.chan[2].range_max = w->map.chan[2].range_min;
	assert_int_equal(cis_comtrade_check_range(&w->head, &diag), -EINVAL);
	assert_non_null(strstr(diag.msg, "CH2"));
	w->head.format = CIS_COMTRADE_FLOAT32;
	assert_int_equal(cis_comtrade_check_range(&w->head, &diag), 0);
	free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(floats_are_kept_to_their_precision),
		cmocka_unit_test(integers_are_kept_to_half_a_step_of_the_range),
		cmocka_unit_test(a_recording_of_1999_has_16_bits),
		cmocka_unit_test(a_cfg_of_1999_is_that_of_the_standard),
		cmocka_unit_test(times_and_descriptions_are_kept_exactly),
		cmocka_unit_test(missing_values_stay_missing),
		cmocka_unit_test(stamps_that_do_not_fit_are_left_out_silently),
		cmocka_unit_test(quality_is_written_where_it_is_known),
		cmocka_unit_test(names_do_not_break_the_file),
		cmocka_unit_test(too_small_a_buffer_and_no_range_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
