/* test_comtrade.c - CFG lines, types of data, encodings, repairs, refusals. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "recording.h"

#define V13    "station,device,2013\r\n"
#define FOOT13 "1\r\n0,0\r\n0,3\r\n"

/* ---- values ---- */

static void check_four_rows(const struct opened *o)
{
	assert_int_equal(o->info->n_scan, 4);
	for (uint64_t i = 0; i < 4; i++) {
		/* 0.5 x + 0.25 V; -2 x kA: all exact in binary. */
		check_close(value_at(o, 0, i), 0.5 * (double)(i + 1) + 0.25, 0);
		check_close(value_at(o, 1, i), -2e4 * (double)(i + 1), 0);
	}
}

static const uint8_t rows16[] = {
	1, 0, 0, 0, 0,    0,    0, 0, 1, 0, 10, 0, 0, 0, /* */
	2, 0, 0, 0, 0xE8, 0x03, 0, 0, 2, 0, 20, 0, 1, 0, /* */
	3, 0, 0, 0, 0xD0, 0x07, 0, 0, 3, 0, 30, 0, 0, 0, /* */
	4, 0, 0, 0, 0xB8, 0x0B, 0, 0, 4, 0, 40, 0, 1, 0,
};
static const uint8_t rows32[] = {
	1, 0, 0, 0, 0,    0,    0, 0, 1, 0, 0, 0, 10, 0, 0, 0, 0, 0, /* */
	2, 0, 0, 0, 0xE8, 0x03, 0, 0, 2, 0, 0, 0, 20, 0, 0, 0, 1, 0, /* */
	3, 0, 0, 0, 0xD0, 0x07, 0, 0, 3, 0, 0, 0, 30, 0, 0, 0, 0, 0, /* */
	4, 0, 0, 0, 0xB8, 0x0B, 0, 0, 4, 0, 0, 0, 40, 0, 0, 0, 1, 0,
};
/* IEEE 754: 1 = 3F800000, 2 = 40000000, 10 = 41200000, 20 = 41A00000 */
static const uint8_t rows_float[] = {
	1,    0,    0, 0, 0,    0,    0, 0, 0, 0, /* */
	0x80, 0x3F, 0, 0, 0x20, 0x41, 0, 0,       /* */
	2,    0,    0, 0, 0xE8, 0x03, 0, 0, 0, 0, /* */
	0x00, 0x40, 0, 0, 0xA0, 0x41, 0, 0,       /* */
	3,    0,    0, 0, 0xD0, 0x07, 0, 0, 0, 0, /* */
	0x40, 0x40, 0, 0, 0xF0, 0x41, 0, 0,       /* */
	4,    0,    0, 0, 0xB8, 0x0B, 0, 0, 0, 0, /* */
	0x80, 0x40, 0, 0, 0x20, 0x42, 0, 0,
};

static void all_revisions_and_types_give_the_same_values(void **state)
{
	static const struct recording cases[] = {
		{.type = "ASCII\r\n"},
		{.type = "ascii\n"},
		{.head = "station,device\r\n",
		 .channels = "1,VA,A,,V,0.5,0.25,13,-32767,32767\r\n"
			     "2,IA,B,,kA,-2,0,0,-100,200\r\n",
		 .status = "1,TRIP,0\r\n",
		 .dates = "03/02/20,04:05:06.25\r\n03/02/20,04:05:06.25\r\n",
		 .foot = ""},
		{.type = "BINARY\r\n",
		 .dat = rows16,
		 .dat_len = sizeof(rows16)},
		{.head = V13,
		 .type = "BINARY32\r\n",
		 .foot = FOOT13,
		 .dat = rows32,
		 .dat_len = sizeof(rows32)},
		{.head = V13,
		 .type = "float32\r\n",
		 .foot = FOOT13,
		 .dat = rows_float,
		 .dat_len = sizeof(rows_float)},
		{.head = V13, .type = "ASCII\r\n", .foot = FOOT13},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct opened o;

		recording_open(&cases[i], &o);
		check_four_rows(&o);
		assert_int_equal(o.info->n_segment, 1);
		check_close(cis_comtrade_segment(o.rec, 0)->rate_hz, 1000, 0);
		expect_start(o.info->start, "2020-03-02T04:05:06.250000000Z");
		check_close(o.info->fnom_hz, 50, 0);
		cis_comtrade_free(o.rec);
	}
}

static void channels_are_described(void **state)
{
	struct opened o;
	const struct cis_comtrade_channel *va, *ia;

	(void)state;
	recording_open(&(struct recording){.head = NULL}, &o);
	va = cis_comtrade_channel(o.rec, 0);
	ia = cis_comtrade_channel(o.rec, 1);
	assert_string_equal(o.info->station, "station");
	assert_int_equal(o.info->n_status, 1);
	assert_string_equal(va->name, "VA");
	assert_string_equal(va->phase, "A");
	assert_true(va->usable && va->quantity == CIS_VOLTAGE);
	check_close(va->skew_s, 13e-6, 1e-20);
	assert_false(va->is_primary);
	check_close(va->primary / va->secondary, 100, 0);
	check_close(va->max, 0.5 * 32767 + 0.25, 0);
	assert_true(va->clips);
	assert_true(ia->is_primary && ia->quantity == CIS_CURRENT);
	/* a is negative: the smallest code is the greatest value. */
	check_close(ia->min, -2 * 200 * 1000.0, 0);
	check_close(ia->max, 2 * 100 * 1000.0, 0);
	assert_false(ia->clips);
	cis_comtrade_free(o.rec);
}

static void units_of_voltage_and_current_are_known(void **state)
{
	static const struct {
		const char *unit;
		double to_si; /* 0: not usable */
		enum cis_quantity q;
	} cases[] = {
		{"V", 1, CIS_VOLTAGE},
		{"kV", 1e3, CIS_VOLTAGE},
		{"KV", 1e3, CIS_VOLTAGE},
		{"MV", 1e6, CIS_VOLTAGE},
		{"mV", 1e-3, CIS_VOLTAGE},
		{"mv", 1e-3, CIS_VOLTAGE},
		{"uV", 1e-6, CIS_VOLTAGE},
		{"volt", 1, CIS_VOLTAGE},
		{"Volts", 1, CIS_VOLTAGE},
		{" v ", 1, CIS_VOLTAGE},
		{"A", 1, CIS_CURRENT},
		{"mA", 1e-3, CIS_CURRENT},
		{"kA", 1e3, CIS_CURRENT},
		{"ampere", 1, CIS_CURRENT},
		{"Amperes", 1, CIS_CURRENT},
		{"\xC2\xB5"
		 "A",
		 1e-6, CIS_CURRENT},
		{"", 0, CIS_VOLTAGE},
		{"Hz", 0, CIS_VOLTAGE},
		{"none", 0, CIS_VOLTAGE},
		{"VA", 0, CIS_VOLTAGE},
		{"var", 0, CIS_VOLTAGE},
		{"MW", 0, CIS_VOLTAGE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char lines[400];
		struct opened o;
		const struct cis_comtrade_channel *c;

		snprintf(lines, sizeof(lines),
			 "1,X,A,,%s,0.5,0.25,0,-1,1,1,1,S\r\n" IA_1999,
			 cases[i].unit);
		recording_open(&(struct recording){.channels = lines}, &o);
		c = cis_comtrade_channel(o.rec, 0);
		assert_int_equal(c->usable, cases[i].to_si > 0);
		if (c->usable) {
			assert_int_equal(c->quantity, cases[i].q);
			check_close(c->to_si, cases[i].to_si, 0);
		}
		cis_comtrade_free(o.rec);
	}
}

/* ---- missing values ---- */

static void missing_marks_are_nan_and_counted(void **state)
{
	static const uint8_t bin16[] = {1, 0,    0,    0,  0, 0, 0,
					0, 0x00, 0x80, 10, 0, 0, 0};
	static const uint8_t bin32[] = {1, 0, 0,    0,  0, 0, 0, 0, 0,
					0, 0, 0x80, 10, 0, 0, 0, 0, 0};
	static const uint8_t lowest[] = {1, 0, 0,    0,    0,    0,
					 0, 0, 0xFF, 0xFF, 0x7F, 0xFF,
					 0, 0, 0x20, 0x41, 0,    0};
	static const uint8_t nan32[] = {1, 0,    0,    0, 0, 0,    0,    0, 0,
					0, 0xC0, 0x7F, 0, 0, 0x20, 0x41, 0, 0};
	static const struct recording cases[] = {
		{.dat = "1,0,99999,10,0\r\n"},
		{.dat = "1,0,999999,10,0\r\n"},
		{.dat = "1,0,,10,0\r\n"},
		{.dat = "1,0, ,10,0\r\n"},
		{.head = V13, .foot = FOOT13, .dat = "1,0,99999,10,0\r\n"},
		{.type = "BINARY\r\n", .dat = bin16, .dat_len = sizeof(bin16)},
		{.type = "BINARY32\r\n",
		 .dat = bin32,
		 .dat_len = sizeof(bin32)},
		{.type = "FLOAT32\r\n",
		 .dat = lowest,
		 .dat_len = sizeof(lowest)},
		{.type = "FLOAT32\r\n", .dat = nan32, .dat_len = sizeof(nan32)},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct recording r = cases[i];
		struct opened o;

		r.rates = "1\r\n1000,1\r\n";
		recording_open(&r, &o);
		assert_true(isnan(value_at(&o, 0, 0)));
		check_close(value_at(&o, 1, 0), -2e4, 0);
		expect_warning(&o.warn, "1 values are marked missing");
		cis_comtrade_free(o.rec);
	}
}

/* A 2013 channel whose range holds 99999 may have that value. */
static void a_number_in_range_is_no_mark(void **state)
{
	struct recording r = {
		.head = V13,
		.foot = FOOT13,
		.rates = "1\r\n1000,1\r\n",
		.channels = "1,VA,A,,V,1,0,0,-200000,200000,1,1,S\r\n" IA_1999,
		.dat = "1,0,99999,10,0\r\n"};
	struct opened o;

	(void)state;
	recording_open(&r, &o);
	check_close(value_at(&o, 0, 0), 99999, 0);
	cis_comtrade_free(o.rec);
}

/* ---- encodings ---- */

static void text_becomes_utf8(void **state)
{
	static const struct {
		const char *line, *name, *told;
	} cases[] = {
		{"1,\xE6\xAF\x8D\xE7\xBA\xBF,A,,V,1,0,0,-1,1,1,1,S\r\n",
		 "\xE6\xAF\x8D\xE7\xBA\xBF", NULL},
		/* "mu xian", a busbar, in GBK: C4 B8 CF DF */
		{"1,\xC4\xB8\xCF\xDF,A,,V,1,0,0,-1,1,1,1,S\r\n",
		 "\xE6\xAF\x8D\xE7\xBA\xBF", "GBK"},
		/* "Vvod" with four Cyrillic letters in CP1251 and CP866 */
		{"1,\xC2\xE2\xEE\xE4_1,A,,V,1,0,0,-1,1,1,1,S\r\n",
		 "\xD0\x92\xD0\xB2\xD0\xBE\xD0\xB4_1", "CP1251"},
		{"1,\x82\xA2\xAE\xA4_1,A,,V,1,0,0,-1,1,1,1,S\r\n",
		 "\xD0\x92\xD0\xB2\xD0\xBE\xD0\xB4_1", "CP866"},
		{"1,R\xE9seau,A,,V,1,0,0,-1,1,1,1,S\r\n", "R\xC3\xA9seau",
		 "8859-1"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char lines[400];
		struct opened o;

		snprintf(lines, sizeof(lines), "%s" IA_1999, cases[i].line);
		recording_open(&(struct recording){.channels = lines}, &o);
		assert_string_equal(cis_comtrade_channel(o.rec, 0)->name,
				    cases[i].name);
		if (cases[i].told)
			expect_warning(&o.warn, cases[i].told);
		else
			assert_false(has_warning(&o.warn, "UTF-8"));
		cis_comtrade_free(o.rec);
	}
}

/* ---- shape of the files ---- */

static void odd_line_ends_and_blanks_do_no_harm(void **state)
{
	static const struct recording cases[] = {
		{.head = "station,device,1999\n", .counts = "3,2A,1D\n"},
		{.head = "station,device,1999\r", .counts = "3,2A,1D\r"},
		{.head = "\r\n  station , device , 1999 \r\n\r\n",
		 .counts = " 3 , 2A , 1D \r\n"},
		{.counts = "3,2a,1d\r\n"},
		{.foot = "1\x1A\x1A"},
		{.foot = ""},
		{.foot = "1\r\n\r\n\r\n"},
		{.channels =
			 "1, VA ,A, ,V, 0.5 , 0.25 ,,-32767,32767,1,1, s\r\n"
			 "2,IA,B,,kA,-2.0e0,+0,,-1,1,600,5,p\r\n"},
		{.dat = "1,0,1,10,0\n2,1000,2,20,1\n3,2000,3,30,0\n"
			"4,3000,4,40,1\x1A"},
		{.dat = "\r\n1,0,1,10,0\r2,1000,2,20,1\r\r3,2000,3,30,0\r"
			"4,3000,4,40,1"},
		{.dat = " 1, 0, 1, 10,0\r\n2,1000,+2,2e1,1\r\n3,2000,3.0,30,0"
			"\r\n4,3000,4,40,1\r\n\x1A"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct opened o;

		recording_open(&cases[i], &o);
		check_four_rows(&o);
		/* The zone, and nothing else. */
		assert_int_equal(o.warn.n, 1);
		cis_comtrade_free(o.rec);
	}
}

static void repairs_are_told(void **state)
{
	static const uint8_t rest[] = {1,  0, 0, 0, 0, 0, 0, 0, 1,    0,
				       10, 0, 0, 0, 2, 0, 0, 0, 0xE8, 0x03};
	static const struct {
		struct recording r;
		const char *told;
	} cases[] = {
		{{.head = "s,d,1997\r\n"}, "revision 1997"},
		{{.head = "s,d,x\r\n"}, "is no year"},
		{{.counts = "9,2A,1D\r\n"}, "do not make 9"},
		{{.lf = "mains\r\n"}, "not a line frequency"},
		{{.dates = "00/00/0000,00:00:00\r\n00/00/0000,00:00:00\r\n"},
		 "1970-01-01"},
		{{.dates = "01/13/2020,00:00:00\r\n01/13/2020,00:00:00\r\n"},
		 "other way round"},
		{{.foot = "zero\r\n"}, "factor for the time stamps"},
		{{.head = V13, .foot = "1\r\n"}, "no time code"},
		{{.head = V13, .foot = "1\r\nx,x\r\n"}, "time code is none"},
		{{.head = V13, .foot = "1\r\n0,0\r\nZ,0\r\n"},
		 "time quality code"},
		{{.rates = "1\r\n1000,9\r\n"}, "promises 9 samples"},
		{{.rates = "1\r\n1000,3\r\n"}, "speaks of 3 samples"},
		{{.type = "BINARY\r\n", .dat = rest, .dat_len = sizeof(rest)},
		 "6 bytes are left over"},
		{{.type = "BINARY\r\n"}, "the data are ASCII"},
		{{.dat = "1,0,1,10,0\r\n2,1000,2\r\n"}, "too few fields"},
		{{.dat = "1,0,1,10,0\r\n2,1000,b,7,1\r\n"}, "not numbers"},
		{{.dat = "1,0,1,10,0\r\n2,1000,2,7,1\r\n4,2000,2,7,1\r\n"},
		 "do not go up by one"},
		{{.channels = "1,X,A,,V,0,0.25,0,-1,1,1,1,S\r\n" IA_1999},
		 "factor a is 0"},
		{{.channels = "1,X,A,,V,1,0,1e9,-1,1,1,1,S\r\n" IA_1999},
		 "skew"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct opened o;

		recording_open(&cases[i].r, &o);
		expect_warning(&o.warn, cases[i].told);
		expect_warning(&o.warn, "made.cfg");
		cis_comtrade_free(o.rec);
	}
}

static void a_comma_in_a_name_stays_in_its_field(void **state)
{
	struct recording r = {
		.channels = "1,VA, bus 1,A,,V,0.5,0.25,0,-1,1,1,1,S\r\n"
			    "2,IA,B,,kA,-2,0,0,-1,1,600,5,P,,\r\n"};
	struct opened o;

	(void)state;
	recording_open(&r, &o);
	check_four_rows(&o);
	assert_string_equal(cis_comtrade_channel(o.rec, 0)->phase, "A");
	cis_comtrade_free(o.rec);
}

static void what_cannot_be_understood_is_refused(void **state)
{
	static const uint8_t noise[] = {
		7, 1, 8, 2, 8, 1, 8, 2, 8, 4, 5, 9, 0, 4, 5, 2, 3, 5, 3, 6, 0,
		2, 8, 7, 4, 7, 1, 3, 5, 2, 6, 6, 2, 4, 9, 7, 7, 5, 7, 2, 4, 7};
	static const struct {
		struct recording r;
		const char *why;
	} cases[] = {
		{{.counts = "0,0A,0D\r\n"}, "no analogue channels"},
		{{.counts = "channels\r\n"},
		 "made.cfg:2: a number of channels"},
		{{.counts = "3,999999A,1D\r\n"}, "promises 999999"},
		{{.counts = "3,2A,4000000000D\r\n"}, "promises 2 analogue"},
		{{.counts = "3,-2A,1D\r\n"}, "number of channels"},
		{{.channels = "1,VA,A,,V\r\n" IA_1999},
		 "made.cfg:3: analogue channel 1 expected"},
		{{.channels = "1,VA,A,,V,x,0,0,-1,1,1,1,S\r\n" IA_1999},
		 "are not the numbers"},
		{{.channels = "1,VA,A,,V,nan,0,0,-1,1,1,1,S\r\n" IA_1999},
		 "are not the numbers"},
		{{.channels = "1,VA,A,,V,1e999,0,0,-1,1,1,1,S\r\n" IA_1999},
		 "are not the numbers"},
		{{.status = ""}, "made.cfg:5: status channel 1 expected"},
		{{.rates = "many\r\n1000,4\r\n"}, "number of sampling rates"},
		{{.rates = "99999999\r\n1000,4\r\n"},
		 "number of sampling rates"},
		{{.rates = "1\r\nfast,4\r\n"}, "a sampling rate"},
		{{.rates = "1\r\n-5,4\r\n"}, "a sampling rate"},
		{{.rates = "1\r\nnan,4\r\n"}, "a sampling rate"},
		{{.type = "OCTAL\r\n"}, "not a type of data"},
		{{.type = "", .foot = ""}, "type of the data"},
		{{.dat = ""}, "data are empty"},
		{{.dat = "\r\n\x1A\r\n"}, "data are empty"},
		{{.dat = "1,0\r\n2,1000\r\n"}, "fewer fields"},
		{{.dat = "a\nb\nc\nd\ne\nf\ng\n"}, "fewer fields"},
		{{.type = "BINARY\r\n", .dat = "short"},
		 "less than one record"},
		{{.type = "BINARY\r\n", .dat = noise, .dat_len = sizeof(noise)},
		 "does not fit this CFG"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct opened o;

		if (recording_try(&cases[i].r, &o) != -EBADMSG)
			fail_msg("case %zu is not refused: %s", i, o.diag.msg);
		if (!strstr(o.diag.msg, cases[i].why))
			fail_msg("case %zu: \"%s\"", i, o.diag.msg);
	}
}

/* Every beginning of a CFG is read or refused; none is past the end. */
static void every_beginning_of_a_cfg_is_survived(void **state)
{
	char cfg[4096];
	size_t len;

	(void)state;
	recording_cfg(&(struct recording){.head = NULL}, cfg, sizeof(cfg));
	len = strlen(cfg);
	for (size_t n = 0; n < len; n++) {
		uint8_t *part = malloc(n ? n : 1);
		struct cis_comtrade_files files = {
			.name = "made.cfg",
			.cfg = part,
			.cfg_len = n,
			.dat = (const uint8_t *)four_rows,
			.dat_len = sizeof(four_rows) - 1};
		struct cis_comtrade *rec;
		struct cis_diag diag = {""};
		int err;

		memcpy(part, cfg, n);
		err = cis_comtrade_new(&files, &rec, NULL, &diag);
		if (!err)
			cis_comtrade_free(rec);
		else
			assert_true(err == -EBADMSG && diag.msg[0]);
		free(part);
	}
}

/* ---- CFF ---- */

static void a_combined_file_is_read(void **state)
{
	char cfg[4096], cff[8192];
	struct cis_comtrade_files files = {.name = "made.cff"};
	struct opened o = {.rec = NULL};

	(void)state;
	recording_cfg(&(struct recording){.head = V13, .foot = FOOT13}, cfg,
		      sizeof(cfg));
	snprintf(cff, sizeof(cff),
		 "--- file type: CFG ---\r\n%s--- file type: INF ---\r\n"
		 "made\r\n--- file type: HDR ---\r\n\r\n"
		 "--- FILE TYPE: DAT ASCII ---\r\n%s",
		 cfg, four_rows);
	files.cfg = (const uint8_t *)cff;
	files.cfg_len = strlen(cff);
	assert_int_equal(cis_comtrade_new(&files, &o.rec, &o.warn, &o.diag), 0);
	o.info = cis_comtrade_info(o.rec);
	check_four_rows(&o);
	assert_int_equal(o.warn.n, 0);
	cis_comtrade_free(o.rec);
}

static void a_combined_file_that_is_none_is_refused(void **state)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
		{"", "is empty"},
		{"station,device,2013\r\n", "no CFG section"},
		{"--- file type: CFG ---\r\nstation\r\n", "no DAT section"},
		{"--- file type: CFG ---\r\n--- file type: DAT ASCII ---\r\n",
		 "is empty"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cis_comtrade_files files = {
			.name = "made.cff",
			.cfg = (const uint8_t *)cases[i].text,
			.cfg_len = strlen(cases[i].text)};
		struct cis_comtrade *rec;
		struct cis_diag diag = {""};

		assert_int_equal(cis_comtrade_new(&files, &rec, NULL, &diag),
				 -EBADMSG);
		if (!strstr(diag.msg, cases[i].why))
			fail_msg("case %zu: \"%s\"", i, diag.msg);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_revisions_and_types_give_the_same_values),
		cmocka_unit_test(channels_are_described),
		cmocka_unit_test(units_of_voltage_and_current_are_known),
		cmocka_unit_test(missing_marks_are_nan_and_counted),
		cmocka_unit_test(a_number_in_range_is_no_mark),
		cmocka_unit_test(text_becomes_utf8),
		cmocka_unit_test(odd_line_ends_and_blanks_do_no_harm),
		cmocka_unit_test(repairs_are_told),
		cmocka_unit_test(a_comma_in_a_name_stays_in_its_field),
		cmocka_unit_test(what_cannot_be_understood_is_refused),
		cmocka_unit_test(every_beginning_of_a_cfg_is_survived),
		cmocka_unit_test(a_combined_file_is_read),
		cmocka_unit_test(a_combined_file_that_is_none_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
