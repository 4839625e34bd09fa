/*
 * estim.c - how fast the estimator is, as JSON on standard output.
 *
 * Eight channels at 18 kHz and 200 reports a second: share of one core, and
 * channel estimates per second, beside LAPACKE's dgels on the same problems:
 * as many passes of the same N x 7 system, columns built with sin and cos.
 */
#include <cblas.h>
#include <lapacke.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cisoid/estim.h"

#define N_CHAN  8
#define RATE_HZ 18000.0
#define FPS     200
#define BLOCK   90
#define PI      3.14159265358979323846

static double cpu_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + 1e-9 * (double)ts.tv_nsec;
}

/* Uniform noise of unit variance, repeatable. */
static double noise(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return ((double)(*state >> 11) / 9007199254740992.0 - 0.5) * sqrt(12);
}

/* Each channel wanders in frequency by itself: nobody shares a seed for long. */
static double *make_samples(size_t n)
{
	double *x = malloc(N_CHAN * n * sizeof(*x));
	uint64_t state = 1;

	if (!x)
		exit(1);
	for (unsigned c = 0; c < N_CHAN; c++)
		for (size_t i = 0; i < n; i++) {
			double t = (double)i / RATE_HZ;
			double p = 2 * PI * (50.1 * t - c / 3.0) +
				   0.05 * sin(2 * PI * 1.1 * t);

			x[c * n + i] = 170 * cos(p) + 3 * cos(5 * p) +
				       0.02 * noise(&state);
		}
	return x;
}

static void make_map(struct cis_chan_map *map)
{
	static const char phase[] = "ABCABCAB";

	memset(map, 0, sizeof(*map));
	map->n_chan = N_CHAN;
	for (unsigned c = 0; c < N_CHAN; c++) {
		struct cis_chan *ch = &map->chan[c];

		ch->quantity = c < 3 ? CIS_VOLTAGE : CIS_CURRENT;
		snprintf(ch->name, sizeof(ch->name), "%c%c%u",
			 c < 3 ? 'V' : 'I', phase[c], c / 3);
		ch->phase[0] = phase[c];
		ch->position = c;
	}
	cis_chan_map_group(map);
}

/* CPU seconds for all reports of the samples; their number in *n_report. */
static double run_ours(const double *x, size_t n, unsigned *n_report)
{
	static struct cis_chan_map map;
	static struct cis_report rep;
	struct cis_estim_config cfg = {.map = &map,
				       .n_cycle = 2,
				       .fnom_hz = 50,
				       .rate = {FPS, 1},
				       .rate_hz = RATE_HZ,
				       .max_block = BLOCK};
	struct cis_estim *est;
	double from;

	make_map(&map);
	if (cis_estim_new(&cfg, &est, NULL))
		exit(1);
	from = cpu_s();
	for (size_t at = 0; at + BLOCK <= n; at += BLOCK) {
		struct cis_block blk = {.clock = {.rate_hz = RATE_HZ},
					.first_scan = at,
					.n_chan = N_CHAN,
					.n_scan = BLOCK,
					.stride = (uint32_t)n,
					.x = (double *)x + at};

		if (cis_estim_push(est, &blk))
			exit(1);
		while (!cis_estim_pop(est, &rep))
			++*n_report;
	}
	from = cpu_s() - from;
	cis_estim_free(est);
	return from;
}

#define N_ROW  720
#define PASSES 3

/* Seconds for one channel estimate of three passes by dgels. */
static double run_dgels(const double *x, unsigned n_estimate)
{
	static double a[N_ROW * 7], b[N_ROW];
	double from = cpu_s();

	for (unsigned e = 0; e < n_estimate; e++) {
		for (unsigned pass = 0; pass < PASSES; pass++) {
			double f0 = 50.1 + 1e-4 * pass;

			for (unsigned i = 0; i < N_ROW; i++) {
				double u = (i - 359.5) / 359.5;
				double p = 2 * PI * f0 * (i - 359.5) / RATE_HZ;

				a[i] = cos(p);
				a[i + N_ROW] = sin(p);
				a[i + 2 * N_ROW] = u * a[i];
				a[i + 3 * N_ROW] = u * a[i + N_ROW];
				a[i + 4 * N_ROW] = u * u * a[i];
				a[i + 5 * N_ROW] = u * u * a[i + N_ROW];
				a[i + 6 * N_ROW] = 1;
				b[i] = x[e * 90 + i];
			}
			LAPACKE_dgels(LAPACK_COL_MAJOR, 'N', N_ROW, 7, 1, a,
				      N_ROW, b, N_ROW);
		}
	}
	return (cpu_s() - from) / n_estimate;
}

int main(int argc, char **argv)
{
	double seconds = argc > 1 ? atof(argv[1]) : 5, used, lapack;
	size_t n = (size_t)(seconds * RATE_HZ);
	double *x = make_samples(n);
	unsigned n_report = 0;

	openblas_set_num_threads(1);
	used = run_ours(x, n, &n_report);
	lapack = run_dgels(x, (unsigned)(n / 90) - 8);
	printf("{\"bench\": \"estim\", \"profile\": \"ls7:2\", "
	       "\"channels\": %d, \"rate_hz\": %g, \"reports_per_s\": %d, "
	       "\"core_share_pct\": %.2f, "
	       "\"channel_estimates_per_s\": %.0f, "
	       "\"us_per_channel_estimate\": %.2f, "
	       "\"dgels_us_per_channel_estimate\": %.2f}\n",
	       N_CHAN, RATE_HZ, FPS, 100 * used / seconds,
	       n_report * N_CHAN / used, 1e6 * used / (n_report * N_CHAN),
	       1e6 * lapack);
	free(x);
	return 0;
}
