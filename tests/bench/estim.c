/*
 * estim.c - how fast the estimator is, as JSON on standard output.
 *
 * On one core, 18 kHz: the inner loops of profiles P, M and reference with each
 * instruction set of the machine, six channels at a time, each estimate with
 * the scalar operations of docs/estimator.md (2); beside them the bounds of
 * bound.h, all interleaved and each at its best; the whole estimator; LAPACKE's
 * dgels on the problems of solve.h; and how long rows take to design.
 */
#include <cblas.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bound.h"
#include "cisoid/estim.h"
#include "host/estim/design.h"
#include "host/estim/kernel.h"
#include "solve.h"

#define MAX_CHAN 8
#define RATE_HZ  18000.0
#define FNOM_HZ  50.0
#define BLOCK    90
#define PI       3.14159265358979323846

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
	double *x = malloc(MAX_CHAN * n * sizeof(*x));
	uint64_t state = 1;

	if (!x)
		exit(1);
	for (unsigned c = 0; c < MAX_CHAN; c++)
		for (size_t i = 0; i < n; i++) {
			double t = (double)i / RATE_HZ;
			double p = 2 * PI * (50.1 * t - c / 3.0) +
				   0.05 * sin(2 * PI * 1.1 * t);

			x[c * n + i] = 170 * cos(p) + 3 * cos(5 * p) +
				       0.02 * noise(&state);
		}
	return x;
}

static void make_map(struct cis_chan_map *map, uint32_t n_chan)
{
	static const char phase[] = "ABCABCAB";

	memset(map, 0, sizeof(*map));
	map->n_chan = n_chan;
	for (unsigned c = 0; c < n_chan; c++) {
		struct cis_chan *ch = &map->chan[c];

		ch->quantity = c < 3 ? CIS_VOLTAGE : CIS_CURRENT;
		snprintf(ch->name, sizeof(ch->name), "%c%c%u",
			 c < 3 ? 'V' : 'I', phase[c], c / 3);
		ch->phase[0] = phase[c];
		ch->position = c;
	}
	cis_chan_map_group(map);
}

/* ---- kernels and their bounds ---- */

static const struct cis_bound *const bound[] = {
#ifdef __x86_64__
	&cis_bound_avx512,
	&cis_bound_avx2,
#endif
	&cis_bound_base,
};
#define N_SET   (sizeof(bound) / sizeof(bound[0]))
#define N_CHAN  6 /* three voltages, three currents */
#define N_FORM  6 /* instants are on samples */
#define REPORTS 50
#define STEP    360 /* samples from one report to the next */
#define ROUNDS  30

/* Microseconds for one channel. */
struct kernel_us {
	double estimate, apply, load, multiply_add;
};

struct windows {
	const double *x;
	size_t stride; /* from one channel to the next */
	const struct cis_rows *rows;
	unsigned report;
	const double *centre[N_CHAN];
	double sum; /* of all results */
};

/* On to the windows of the next report; after a second, from the start. */
static void advance(struct windows *w)
{
	w->report = (w->report + 1) % REPORTS;
	for (unsigned c = 0; c < N_CHAN; c++)
		w->centre[c] = w->x + c * w->stride + w->rows->half +
			       (size_t)w->report * STEP;
}

struct estimate {
	double peak, phase_rad, freq_hz, rocof_hz_per_s;
};

/* docs/estimator.md, (2). */
static struct estimate equation_2(const double d[CIS_N_ROW], double seed_hz)
{
	double a2 = d[0] * d[0] + d[1] * d[1], per = 1 / a2;
	double re_a = (d[2] * d[0] + d[3] * d[1]) * per;
	double im_a = (d[3] * d[0] - d[2] * d[1]) * per;
	double im_b = (d[5] * d[0] - d[4] * d[1]) * per;

	return (struct estimate){.peak = sqrt(a2),
				 .phase_rad = atan2(d[1], d[0]),
				 .freq_hz = seed_hz + im_a * (1 / (2 * PI)),
				 .rocof_hz_per_s = (im_b - 2 * re_a * im_a) *
						   (1 / (2 * PI))};
}

/* Estimates of REPORTS reports, or their kernel alone; seconds. */
static double run_kernel(const struct cis_kernel *k, struct windows *w,
			 bool scalars)
{
	double d[N_CHAN][CIS_N_ROW], sum = 0, from = cpu_s();

	for (unsigned i = 0; i < REPORTS; i++) {
		advance(w);
		k->apply(w->rows, N_FORM, N_CHAN, w->centre, d);
		for (unsigned c = 0; c < N_CHAN && scalars; c++) {
			struct estimate e = equation_2(d[c], w->rows->seed_hz);

			sum += e.peak + e.phase_rad + e.freq_hz +
			       e.rocof_hz_per_s;
		}
	}
	w->sum += sum;
	return cpu_s() - from;
}

static double run_load(const struct cis_bound *b, struct windows *w)
{
	double from = cpu_s();

	for (unsigned i = 0; i < REPORTS; i++) {
		advance(w);
		b->load(w->rows, N_FORM, N_CHAN, w->centre);
	}
	return cpu_s() - from;
}

static double run_multiply_add(const struct cis_bound *b,
			       const struct windows *w)
{
	double from = cpu_s();

	b->multiply_add((size_t)REPORTS * N_CHAN * N_FORM *
			(w->rows->half + 1));
	return cpu_s() - from;
}

static void least(double *us, double s)
{
	*us = fmin(*us, 1e6 * s / (REPORTS * N_CHAN));
}

static struct kernel_us time_kernel(const struct cis_kernel *k,
				    const struct cis_bound *b,
				    struct windows *w)
{
	struct kernel_us us = {INFINITY, INFINITY, INFINITY, INFINITY};

	for (unsigned i = 0; i < ROUNDS; i++) {
		least(&us.estimate, run_kernel(k, w, true));
		least(&us.apply, run_kernel(k, w, false));
		least(&us.load, run_load(b, w));
		least(&us.multiply_add, run_multiply_add(b, w));
	}
	return us;
}

/* ---- the whole estimator ---- */

struct whole {
	enum cis_profile profile;
	uint32_t n_chan;
	unsigned report_hz;
	double us; /* a channel estimate */
	double core_share_pct;
};

static void run_whole(struct whole *whole, const double *x, size_t n)
{
	static struct cis_chan_map map;
	static struct cis_report rep;
	struct cis_estim_config cfg = {.map = &map,
				       .profile = whole->profile,
				       .n_cycle = 2,
				       .fnom_hz = FNOM_HZ,
				       .rate = {whole->report_hz, 1},
				       .rate_hz = RATE_HZ,
				       .max_block = BLOCK};
	struct cis_estim *est;
	unsigned n_report = 0;
	double used;

	make_map(&map, whole->n_chan);
	if (cis_estim_new(&cfg, &est, NULL))
		exit(1);
	while (cis_estim_design(est) > 0)
		;
	used = cpu_s();
	for (size_t at = 0; at + BLOCK <= n; at += BLOCK) {
		struct cis_block blk = {.clock = {.rate_hz = RATE_HZ},
					.first_scan = at,
					.n_chan = whole->n_chan,
					.n_scan = BLOCK,
					.stride = (uint32_t)n,
					.x = (double *)x + at};

		if (cis_estim_push(est, &blk))
			exit(1);
		while (!cis_estim_pop(est, &rep))
			n_report++;
	}
	used = cpu_s() - used;
	cis_estim_free(est);
	whole->us = 1e6 * used / (n_report * whole->n_chan);
	whole->core_share_pct = 100 * used * RATE_HZ / (double)n;
}

/* ---- dgels ---- */

/* Microseconds for one channel's estimate: the best of a few. */
static double time_dgels(struct solve *s, const double *x)
{
	double us = INFINITY, from = cpu_s(), start;

	for (unsigned i = 0; i < 100 && cpu_s() < from + 0.5; i++) {
		start = cpu_s();
		solve_once(s, x);
		us = fmin(us, 1e6 * (cpu_s() - start));
	}
	return us;
}

/* ---- report ---- */

static const struct {
	enum cis_profile profile;
	const char *name;
} profile[] = {{CIS_PROFILE_P, "p"},
	       {CIS_PROFILE_M, "m"},
	       {CIS_PROFILE_REFERENCE, "reference"}};
#define N_PROFILE (sizeof(profile) / sizeof(profile[0]))

/* Returns what one estimate takes with the widest kernel. */
static double print_kernels(struct windows *w)
{
	double best_us = 0;

	for (size_t i = 0; i < N_SET; i++) {
		const struct cis_kernel *k = cis_kernel_named(bound[i]->name);
		struct kernel_us us;
		double limit;

		if (!k)
			continue;
		us = time_kernel(k, bound[i], w);
		limit = fmax(us.load, us.multiply_add);
		printf("%s\n   {\"set\": \"%s\", "
		       "\"channel_estimates_per_s\": %.0f, "
		       "\"estimate_us\": %.3f, \"apply_us\": %.3f, "
		       "\"load_bound_us\": %.3f, "
		       "\"multiply_add_bound_us\": %.3f, "
		       "\"share_of_bound\": %.2f}",
		       best_us > 0 ? "," : "", k->name, 1e6 / us.estimate,
		       us.estimate, us.apply, us.load, us.multiply_add,
		       limit / us.apply);
		if (k == cis_kernel_best())
			best_us = us.estimate;
	}
	return best_us;
}

/* beside_us: what to compare dgels with; 0: the whole estimator. */
static void print_rest(struct whole *whole, const double *x, size_t n,
		       double beside_us)
{
	struct solve s;
	double us;

	run_whole(whole, x, n);
	if (solve_init(&s, whole->profile))
		exit(1);
	us = time_dgels(&s, x);
	printf("  \"estimator\": {\"channels\": %u, \"reports_per_s\": %u, "
	       "\"channel_estimates_per_s\": %.0f, \"estimate_us\": %.3f, "
	       "\"core_share_pct\": %.2f},\n"
	       "  \"dgels\": {\"rows\": %zu, \"columns\": %zu, "
	       "\"passes\": %u, \"estimate_us\": %.1f, \"ratio\": %.0f}}",
	       (unsigned)whole->n_chan, whole->report_hz, 1e6 / whole->us,
	       whole->us, whole->core_share_pct, s.n_row, s.n_col, s.n_pass, us,
	       us / (beside_us > 0 ? beside_us : whole->us));
	solve_fini(&s);
}

static void print_profile(size_t i, const double *x, size_t n)
{
	struct cis_design d = {profile[i].profile, FNOM_HZ, 50, RATE_HZ};
	struct whole whole = {profile[i].profile, N_CHAN, 50, 0, 0};
	struct cis_rows *rows = cis_design_rows(&d, FNOM_HZ);
	struct windows w = {.x = x, .stride = n, .rows = rows};
	double best_us;

	if (!rows)
		exit(1);
	printf(" {\"profile\": \"%s\", \"window\": %u, \"kernels\": [",
	       profile[i].name, 2 * (unsigned)rows->half + 1);
	best_us = print_kernels(&w);
	if (!isfinite(w.sum))
		exit(1);
	printf("],\n");
	print_rest(&whole, x, n, best_us);
	printf(",\n");
	cis_rows_free(rows);
}

/* The best of three, or the one that takes long. */
static double design_ms(const struct cis_design *d)
{
	double ms = INFINITY;

	for (unsigned i = 0; i < 3 && !(i > 0 && ms > 200); i++) {
		double from = cpu_s();

		cis_rows_free(cis_design_rows(d, d->fnom_hz + i));
		ms = fmin(ms, 1e3 * (cpu_s() - from));
	}
	return ms;
}

static void print_designs(void)
{
	static const double rate[][2] = {
		{50, 50}, {60, 60}, {50, 25}, {60, 30}, {50, 10}};

	printf("\"designs\": [");
	for (size_t i = 0; i < N_PROFILE; i++)
		for (size_t k = 0; k < sizeof(rate) / sizeof(rate[0]); k++) {
			struct cis_design d = {profile[i].profile, rate[k][0],
					       rate[k][1], RATE_HZ};

			printf("%s\n {\"profile\": \"%s\", "
			       "\"fnom_hz\": %g, \"reports_per_s\": %g, "
			       "\"seed_ms\": %.1f}",
			       i + k ? "," : "", profile[i].name, d.fnom_hz,
			       d.report_hz, design_ms(&d));
		}
	printf("]");
}

int main(int argc, char **argv)
{
	double seconds = argc > 1 ? atof(argv[1]) : 5;
	/* Odd, so that channels lie at all offsets from a vector. */
	size_t n = (size_t)(fmax(seconds, 2) * RATE_HZ) | 1;
	struct whole ls7 = {CIS_PROFILE_LS7, MAX_CHAN, 200, 0, 0};
	double *x = make_samples(n);

	openblas_set_num_threads(1);
	printf("{\"bench\": \"estim\", \"rate_hz\": %g, \"channels\": %d,\n"
	       "\"profiles\": [\n",
	       RATE_HZ, N_CHAN);
	for (size_t i = 0; i < N_PROFILE; i++)
		print_profile(i, x, n);
	printf(" {\"profile\": \"ls7:2\",\n");
	print_rest(&ls7, x, n, 0);
	printf("],\n");
	print_designs();
	printf("}\n");
	free(x);
	return 0;
}
