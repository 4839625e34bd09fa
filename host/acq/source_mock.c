/*
 * source_mock.c - samples made by formula: "mock:rate=18000,f=50.1,snr_db=70".
 *
 * Every sample is that of its own instant, exact to rounding: nothing is
 * accumulated. The sample clock may be wrong (clock_ppm), wander (wander_ppm,
 * wander_s) and begin late (start_us), channels may be taken one after the other
 * (skew_ns) or come late (delay_ns_va), and the blocks tell so or not
 * (declared). Of the wander they never tell. A pulse a second may come with the
 * scans (mock_pps.h), after the last channel. A timing front end may start it and
 * attest its dates (mock_mcu.h); the samples remain the formula's.
 */
#include "driver.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cisoid/signal.h"
#include "host/acq/mock_mcu.h"
#include "host/acq/mock_pps.h"
#include "host/core/angle.h"
#include "host/core/near.h"
#include "host/core/opt.h"

#define MIN_RATE_HZ 100
#define MAX_RATE_HZ 1e6
#define MAX_KEY     64 /* characters */
#define MAX_VALUE   CIS_MCU_WHERE_SIZE
#define MAX_KEYS    300 /* the mock's own and the signal's */
#define MAX_TIMING  8192

struct mock {
	struct cis_source src;
	struct cis_signal sig;
	struct cis_mock_pps pps;
	struct cis_mock_mcu mcu;
	bool gap;                    /* flag the next block */
	double rate_hz;              /* as asked for */
	double start_s;              /* how late scan 0 is */
	double wander_hz;            /* of a clock of 1 Hz, peak */
	double wander_s;             /* its period */
	int64_t t0_tai_s;            /* where the signal's t is 0 */
	struct cis_scan_clock truth; /* when scans really are taken */
	struct cis_scan_clock told;  /* when blocks say they are */
	uint64_t next_scan;
	double offset_s[CIS_SIGNAL_N_CHAN]; /* of each channel in its scan */
	double pps_offset_s;
	double timing[MAX_TIMING];
};

static struct mock *mock_of(struct cis_source *src)
{
	return (struct mock *)src;
}

/* ---- options ---- */

/* Families are told once: all keys would not fit into a message. */
static int unknown_key(const char *key, struct cis_diag *diag)
{
	const char *words[MAX_KEYS + 1] = {"rate", "start_us", "wander_ppm",
					   "wander_s"};
	const char *near;
	size_t n = 4;

	for (size_t i = 0; cis_mock_pps_keys[i]; i++)
		words[n++] = cis_mock_pps_keys[i];
	for (size_t i = 0; cis_mock_mcu_keys[i]; i++)
		words[n++] = cis_mock_mcu_keys[i];
	for (size_t i = 0; n < MAX_KEYS && cis_signal_keys()[i]; i++)
		words[n++] = cis_signal_keys()[i];
	near = cis_near(key, words);
	return cis_fail(
		diag, -EINVAL,
		"mock: unknown key \"%.20s\"%s%s%s; there are rate fnom f "
		"rocof "
		"rocof_s f_to v i va..ic v_deg i_deg va_deg..ic_deg seq am "
		"am_hz pm pm_hz step_mag step_deg step_s h2..h50 "
		"h2_deg..h50_deg ih_hz ih dc snr_db noise bits range_v range_a "
		"gain_va..ic delay_ns_va..ic clock_ppm skew_ns declared seed "
		"start_us wander_ppm wander_s clock clock_delay_ns "
		"clock_wait_s pps_...",
		key, near ? "; did you mean \"" : "", near ? near : "",
		near ? "\"?" : "");
}

static int set_number(const char *key, const char *text, const double limits[2],
		      double *to, struct cis_diag *diag)
{
	char *end;
	double value = strtod(text, &end);

	if (end == text || *end || !isfinite(value))
		return cis_fail(
			diag, -EINVAL, "mock: %s: \"%.60s\" is not a number%s",
			key, text,
			strcmp(key, "rate") ? "" : " of samples a second");
	if (value < limits[0] || value > limits[1])
		return cis_fail(
			diag, -EINVAL,
			"mock: %s: %.60s is not within %.10g to %.10g%s", key,
			text, limits[0], limits[1],
			strcmp(key, "rate") ? "" : " samples a second");
	*to = value;
	return 0;
}

/* -ENOENT: not one of these. */
static int set_own(struct mock *mock, const char *key, const char *text,
		   struct cis_diag *diag)
{
	const struct {
		const char *name;
		double limits[2];
		double unit;
		double *to;
	} keys[] = {
		{"rate", {MIN_RATE_HZ, MAX_RATE_HZ}, 1, &mock->rate_hz},
		{"start_us", {0, 1e6}, 1e-6, &mock->start_s},
		{"wander_ppm", {-1000, 1000}, 1e-6, &mock->wander_hz},
		{"wander_s", {1, 1e6}, 1, &mock->wander_s},
	};
	double value = 0;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (strcmp(key, keys[i].name) != 0)
			continue;
		if (set_number(key, text, keys[i].limits, &value, diag))
			return -EINVAL;
		*keys[i].to = keys[i].unit * value;
		return 0;
	}
	return -ENOENT;
}

static int set_key(struct mock *mock, const char *key, const char *value,
		   struct cis_diag *diag)
{
	struct cis_diag why;
	int err = set_own(mock, key, value, diag);

	if (err != -ENOENT)
		return err;
	err = cis_mock_pps_set(&mock->pps, key, value, &why);
	if (err == -ENOENT)
		err = cis_mock_mcu_set(&mock->mcu, key, value, &why);
	if (err == -ENOENT)
		err = cis_signal_set(&mock->sig, key, value, &why);
	if (err == -ENOENT)
		return unknown_key(key, diag);
	return err ? cis_fail(diag, err, "mock: %.300s", why.msg) : 0;
}

/* One "key=value" of length len. */
static int set_item(struct mock *mock, const char *item, size_t len,
		    struct cis_diag *diag)
{
	char key[MAX_KEY], value[MAX_VALUE];
	size_t key_len = strcspn(item, "=,");

	if (key_len >= MAX_KEY || len - key_len > MAX_VALUE)
		return cis_fail(diag, -EINVAL, "mock: \"%.60s...\" is too long",
				item);
	snprintf(key, sizeof(key), "%.*s", (int)key_len, item);
	if (key_len == len)
		return cis_fail(diag, -EINVAL,
				"mock: \"%s\" has no value; write key=value",
				key);
	snprintf(value, sizeof(value), "%.*s", (int)(len - key_len - 1),
		 item + key_len + 1);
	return set_key(mock, key, value, diag);
}

static int set_all(struct mock *mock, const char *opts, struct cis_diag *diag)
{
	struct cis_diag why;

	for (const char *item = opts; *item;) {
		size_t len = strcspn(item, ",");
		int err = len ? set_item(mock, item, len, diag) : 0;

		if (err)
			return err;
		item += len + (item[len] == ',');
	}
	if (cis_opt_once(opts, &why) || cis_signal_finish(&mock->sig, &why))
		return cis_fail(diag, -EINVAL, "mock: %.300s", why.msg);
	return 0;
}

/* ---- the driver ---- */

static void describe(struct mock *mock)
{
	const struct cis_signal *sig = &mock->sig;

	cis_signal_map(sig, &mock->src.map);
	mock->src.info = (struct cis_source_info){
		.origin = CIS_SIMULATED,
		.simulated = true,
		.detail = "simulated signal",
		.rate_hz = mock->rate_hz,
		.fnom_hz = sig->fnom_hz,
		.external = mock->mcu.front_end.mcu != NULL,
		.attested = mock->mcu.front_end.mcu != NULL,
		.front_end = mock->mcu.front_end.mcu,
		.delay_s = sig->declared ? mock->offset_s : NULL,
		.map = &mock->src.map,
		.warn = &mock->src.warn,
	};
	for (unsigned c = 0; c < CIS_SIGNAL_N_CHAN; c++)
		mock->offset_s[c] = c * sig->skew_s - sig->delay_s[c];
	mock->pps_offset_s = CIS_SIGNAL_N_CHAN * sig->skew_s;
}

static int open_front_end(struct mock *mock, struct cis_diag *diag)
{
	struct cis_diag why;
	int err = cis_mock_mcu_open(&mock->mcu, mock->rate_hz, &why);

	return err ? cis_fail(diag, err, "mock: %.300s", why.msg) : 0;
}

static int mock_open(const char *opts, struct cis_source **out,
		     struct cis_diag *diag)
{
	struct mock *mock = calloc(1, sizeof(*mock));
	int err;

	if (!mock)
		return cis_fail(diag, -ENOMEM, "mock: out of memory");
	mock->src.ops = &cis_source_mock;
	mock->rate_hz = 18000;
	mock->wander_s = 100;
	cis_signal_init(&mock->sig);
	cis_mock_pps_init(&mock->pps);
	cis_mock_mcu_init(&mock->mcu);
	err = set_all(mock, opts, diag);
	if (!err)
		err = open_front_end(mock, diag);
	if (err) {
		free(mock);
		return err;
	}
	describe(mock);
	*out = &mock->src;
	return 0;
}

static void mock_close(struct cis_source *src)
{
	cis_front_end_close(&mock_of(src)->mcu.front_end);
	free(src);
}

/* Scan 0 is taken at `at`. */
static void set_clocks(struct mock *mock, struct cis_time at)
{
	mock->truth = (struct cis_scan_clock){
		.anchor = cis_time_add_ns(at, llround(1e9 * mock->start_s)),
		.rate_hz = mock->rate_hz * (1 + mock->sig.clock_ppm * 1e-6),
	};
	mock->told = mock->truth;
	if (!mock->sig.declared) {
		mock->told.anchor = at;
		mock->told.rate_hz = mock->rate_hz;
	}
	mock->next_scan = 0;
}

/* A front end starts it later, in read(), and the signal goes on meanwhile. */
static int mock_start(struct cis_source *src, struct cis_time at,
		      struct cis_diag *diag)
{
	struct mock *mock = mock_of(src);

	(void)diag;
	if (!mock->mcu.front_end.begun)
		mock->t0_tai_s = cis_time_floor_s(at);
	mock->mcu.armed = false;
	set_clocks(mock, at);
	return 0;
}

static void mock_stop(struct cis_source *src)
{
	(void)src;
}

static bool any_offset(const struct mock *mock)
{
	for (unsigned c = 0; c < CIS_SIGNAL_N_CHAN; c++)
		if (mock->offset_s[c] != 0)
			return true;
	return false;
}

/* How much later than by the rate alone: the integral of a sine. */
static double wandered_s(const struct mock *mock, uint64_t n)
{
	double turns = (double)n / mock->rate_hz / mock->wander_s;

	if (mock->wander_hz == 0)
		return 0;
	return -mock->wander_hz * mock->wander_s / CIS_TWO_PI *
	       (1 - cos(CIS_TWO_PI * (turns - floor(turns))));
}

/* One scan into place i of the block. */
static void make_scan(struct mock *mock, struct cis_block *blk, uint32_t i)
{
	const struct cis_signal *sig = &mock->sig;
	uint64_t n = blk->first_scan + i;
	struct cis_split_time t = cis_scan_instant(&mock->truth, n);

	t.frac_s += wandered_s(mock, n);
	for (unsigned c = 0; c < CIS_SIGNAL_N_CHAN; c++) {
		double x = cis_signal_sample(sig, c, t.tai_s - mock->t0_tai_s,
					     t.frac_s + mock->offset_s[c], n);

		cis_block_chan(blk, c)[i] = x;
		if (cis_signal_clips(sig, c, x))
			blk->flags |= CIS_BLOCK_CLIP;
	}
	t.frac_s += mock->pps_offset_s;
	if (mock->pps.on)
		mock->timing[i] =
			cis_mock_pps_sample(&mock->pps, t, mock->t0_tai_s, n);
}

/* As cis_mock_mcu_heed(), of the next n_scan. */
static int heed(struct mock *mock, uint32_t n_scan, int timeout_ms)
{
	double after_s = (double)(mock->next_scan + n_scan - 1) / mock->rate_hz;
	int err = cis_mock_mcu_heed(&mock->mcu, llround(1e9 * after_s),
				    timeout_ms, &mock->src.why);

	if (err == -EPIPE) {
		mock->src.fault = CIS_EVENT_SCAN_LOST;
		mock->gap = true;
	}
	if (!err && mock->mcu.front_end.mcu && mock->next_scan == 0)
		set_clocks(mock, mock->mcu.start.at);
	return err;
}

static int mock_read(struct cis_source *src, struct cis_block *blk,
		     int timeout_ms)
{
	struct mock *mock = mock_of(src);
	bool tells = mock->sig.declared && any_offset(mock);
	int err;

	if (mock->pps.on && blk->n_scan > MAX_TIMING)
		blk->n_scan = MAX_TIMING;
	err = heed(mock, blk->n_scan, timeout_ms);
	if (err)
		return err;
	blk->timing = mock->pps.on ? mock->timing : NULL;
	blk->timing_delay_s = tells ? mock->pps_offset_s : 0;
	blk->clock = mock->told;
	blk->first_scan = mock->next_scan;
	blk->flags = mock->gap ? CIS_BLOCK_GAP : 0;
	mock->gap = false;
	blk->delay_s = tells ? mock->offset_s : NULL;
	cis_front_end_attest(&mock->mcu.front_end, blk);
	for (uint32_t i = 0; i < blk->n_scan; i++)
		make_scan(mock, blk, i);
	mock->next_scan += blk->n_scan;
	return 0;
}

const struct cis_source_ops cis_source_mock = {
	.name = "mock",
	.summary = "a signal made by formula",
	.open = mock_open,
	.close = mock_close,
	.start = mock_start,
	.stop = mock_stop,
	.read = mock_read,
};
