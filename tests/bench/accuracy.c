/*
 * accuracy.c - LS7 against the signals of the paper's tables 1 to 3.
 *
 *     bench_accuracy [quick]
 *
 * One line a test, as docs/accuracy.md has them: maximum, mean and minimum of
 * TVE, |FE| and |RFE| over all reports of all six channels (FE and RFE are one
 * a report). 50 Hz, 18 kHz, 50 reports a second, no noise, ten seconds. `quick`
 * leaves out the sweeps of the modulating frequency.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cisoid/estim.h"
#include "cisoid/judge.h"
#include "cisoid/signal.h"

#define RATE_HZ  18000
#define FPS      50
#define BLOCK    360
#define LENGTH_S 10
#define T0       INT64_C(1791331237)

struct stat {
	double max, sum, min;
	unsigned n;
};

struct result {
	struct stat tve_pct, fe_hz, rfe_hz_per_s;
};

static void note(struct stat *s, double v)
{
	s->max = s->n ? fmax(s->max, v) : v;
	s->min = s->n ? fmin(s->min, v) : v;
	s->sum += v;
	s->n++;
}

static void die(const char *what)
{
	fprintf(stderr, "accuracy: %s\n", what);
	exit(1);
}

static void set(struct cis_signal *sig, const char *key, const char *value)
{
	if (cis_signal_set(sig, key, value, NULL))
		die(key);
}

static void judge(const struct cis_signal *sig, const struct cis_report *rep,
		  struct result *res)
{
	struct cis_split_time t = cis_instant_split(rep->at);
	struct cis_signal_truth truth;

	if (rep->flags)
		die("a report is flagged");
	cis_signal_truth(sig, t.tai_s - T0, t.frac_s, &truth);
	for (unsigned c = 0; c < CIS_SIGNAL_N_CHAN; c++)
		note(&res->tve_pct,
		     100 * cis_tve(rep->phasor_rms[c], truth.phasor_rms[c]));
	note(&res->fe_hz, fabs(rep->freq_hz - truth.freq_hz));
	note(&res->rfe_hz_per_s,
	     fabs(rep->rocof_hz_per_s - truth.rocof_hz_per_s));
}

static void fill(const struct cis_signal *sig, struct cis_block *blk)
{
	for (uint32_t i = 0; i < blk->n_scan; i++) {
		struct cis_split_time t =
			cis_scan_instant(&blk->clock, blk->first_scan + i);

		for (uint32_t c = 0; c < blk->n_chan; c++)
			cis_block_chan(blk, c)[i] = cis_signal_sample(
				sig, c, t.tai_s - T0, t.frac_s, 0);
	}
}

static void measure(struct cis_signal *sig, uint32_t n_cycle,
		    struct result *res)
{
	static struct cis_chan_map map;
	static struct cis_report rep;
	static double x[CIS_SIGNAL_N_CHAN * BLOCK];
	struct cis_estim_config cfg = {.map = &map,
				       .n_cycle = n_cycle,
				       .fnom_hz = 50,
				       .rate = {FPS, 1},
				       .rate_hz = RATE_HZ,
				       .max_block = BLOCK};
	struct cis_block blk = {
		.clock = {.anchor = {T0 * CIS_NS_PER_S}, .rate_hz = RATE_HZ},
		.n_chan = CIS_SIGNAL_N_CHAN,
		.n_scan = BLOCK,
		.stride = BLOCK,
		.x = x};
	struct cis_estim *est;

	if (cis_signal_finish(sig, NULL))
		die("no such signal");
	cis_signal_map(sig, &map);
	if (cis_estim_new(&cfg, &est, NULL))
		die("no estimator");
	for (; blk.first_scan < RATE_HZ * LENGTH_S; blk.first_scan += BLOCK) {
		fill(sig, &blk);
		if (cis_estim_push(est, &blk))
			die("a block is refused");
		while (!cis_estim_pop(est, &rep))
			judge(sig, &rep, res);
	}
	cis_estim_free(est);
}

static void ramp(uint32_t n_cycle, struct result *res)
{
	struct cis_signal sig;

	cis_signal_init(&sig);
	set(&sig, "f", "45");
	set(&sig, "rocof", "1");
	measure(&sig, n_cycle, res);
}

/* Three phases of voltages and three of currents, 30 degrees apart, are six
 * phases of the carrier. */
static void modulation(const char *key, double mod_hz, uint32_t n_cycle,
		       struct result *res)
{
	struct cis_signal sig;
	char hz[8], key_hz[8];

	snprintf(hz, sizeof(hz), "%.1f", mod_hz);
	snprintf(key_hz, sizeof(key_hz), "%s_hz", key);
	cis_signal_init(&sig);
	set(&sig, key, "0.1");
	set(&sig, key_hz, hz);
	set(&sig, "i_deg", "30");
	measure(&sig, n_cycle, res);
}

static void print_stat(const struct stat *s)
{
	printf(" | %.3g / %.3g / %.3g", s->max, s->sum / s->n, s->min);
}

static void print(const char *test, uint32_t n_cycle, const struct result *res)
{
	printf("| %s | %u", test, (unsigned)n_cycle);
	print_stat(&res->tve_pct);
	print_stat(&res->fe_hz);
	print_stat(&res->rfe_hz_per_s);
	puts(" |");
	fflush(stdout);
}

static void ramps(void)
{
	for (uint32_t n = 2; n <= 4; n++) {
		struct result res = {.tve_pct = {.n = 0}};

		ramp(n, &res);
		print("ramp 45 to 55 Hz, 1 Hz/s", n, &res);
	}
}

static void one_modulation(const char *key, const char *name)
{
	for (uint32_t n = 2; n <= 4; n++) {
		struct result res = {.tve_pct = {.n = 0}};

		modulation(key, 4.9, n, &res);
		print(name, n, &res);
	}
}

/* 0.1 to 4.9 Hz in steps of 0.2. */
static void sweep(const char *key, const char *name)
{
	for (uint32_t n = 2; n <= 4; n++) {
		struct result res = {.tve_pct = {.n = 0}};

		for (unsigned i = 0; i < 25; i++)
			modulation(key, 0.1 + 0.2 * i, n, &res);
		print(name, n, &res);
	}
}

int main(int argc, char **argv)
{
	ramps();
	one_modulation("am", "AM 10 %, 4.9 Hz");
	one_modulation("pm", "PM 0.1 rad, 4.9 Hz");
	if (argc > 1 && !strcmp(argv[1], "quick"))
		return 0;
	sweep("am", "AM 10 %, 0.1 to 4.9 Hz");
	sweep("pm", "PM 0.1 rad, 0.1 to 4.9 Hz");
	return 0;
}
