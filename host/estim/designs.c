/*
 * designs.c - see designs.h.
 *
 * A rate's designs are published with release and read with acquire; slots fill
 * from the first on, and stay. The rate that is wanted is one number: of two
 * threads that want another each, one asks again.
 */
#include "designs.h"

#include <errno.h>
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>

/* Sampling rates that one set of designs can serve; a recording with more uses
 * the nearest. */
#define MAX_RATE 16
/* Rows serve a sampling rate this near to their own: the frequency then falls
 * on another seed, and nothing else changes. */
#define NEAR     0.01

struct cis_designs {
	struct cis_design base; /* without its rate_hz */
	_Atomic(struct cis_rated *) rated[MAX_RATE];
	_Atomic double wanted_hz; /* 0: none */
};

static struct cis_design design_of(const struct cis_estim_config *cfg)
{
	return (struct cis_design){.profile = cfg->profile,
				   .fnom_hz = cfg->fnom_hz,
				   .report_hz = (double)cfg->rate.num /
						cfg->rate.den};
}

struct cis_designs *cis_designs_new(const struct cis_estim_config *cfg)
{
	struct cis_designs *designs;

	if (cfg->profile == CIS_PROFILE_LS7)
		return NULL;
	designs = calloc(1, sizeof(*designs));
	if (!designs)
		return NULL;
	designs->base = design_of(cfg);
	for (unsigned i = 0; i < MAX_RATE; i++)
		atomic_init(&designs->rated[i], NULL);
	atomic_init(&designs->wanted_hz, 0);
	return designs;
}

bool cis_designs_suit(const struct cis_designs *designs,
		      const struct cis_estim_config *cfg)
{
	struct cis_design d = design_of(cfg);

	return d.profile == designs->base.profile &&
	       d.fnom_hz == designs->base.fnom_hz &&
	       d.report_hz == designs->base.report_hz;
}

/* ---- one seed ---- */

static void free_seed(void *item)
{
	struct cis_seed_rows *sr = item;

	cis_central_fini(&sr->central);
	cis_rows_free(sr->rows);
	free(sr);
}

static void *make_seed(const void *ctx, double seed_hz)
{
	const struct cis_design *design = ctx;
	struct cis_seed_rows *sr = calloc(1, sizeof(*sr));

	if (!sr)
		return NULL;
	sr->rows = cis_design_rows(design, seed_hz);
	if (sr->rows && !cis_central_init(&sr->central, sr->rows))
		return sr;
	free_seed(sr);
	return NULL;
}

/* ---- one sampling rate ---- */

static void free_rated(struct cis_rated *rated)
{
	if (!rated)
		return;
	cis_bank_free(rated->bank);
	free(rated);
}

static struct cis_rated *new_rated(const struct cis_designs *designs,
				   double rate_hz)
{
	struct cis_rated *rated = calloc(1, sizeof(*rated));
	struct cis_bank_kind kind = {.low_hz = 0.6 * designs->base.fnom_hz,
				     .high_hz = 1.4 * designs->base.fnom_hz,
				     .make = make_seed,
				     .free = free_seed};

	if (!rated)
		return NULL;
	rated->design = designs->base;
	rated->design.rate_hz = rate_hz;
	rated->shape = cis_design_shape(&rated->design);
	kind.grid_hz = rated->shape.grid_hz;
	kind.ctx = &rated->design;
	rated->bank = cis_bank_new(&kind);
	if (rated->bank)
		return rated;
	free_rated(rated);
	return NULL;
}

static struct cis_rated *rated_at(const struct cis_designs *designs, unsigned i)
{
	return atomic_load_explicit(&designs->rated[i], memory_order_acquire);
}

void cis_designs_free(struct cis_designs *designs)
{
	if (!designs)
		return;
	for (unsigned i = 0; i < MAX_RATE; i++)
		free_rated(rated_at(designs, i));
	free(designs);
}

/* By how much the rates differ; what is nearer serves better. */
static double away(const struct cis_rated *rated, double rate_hz)
{
	return fabs(rate_hz / rated->design.rate_hz - 1);
}

/* The nearest there is; *room: the first free slot, MAX_RATE: none. */
static struct cis_rated *nearest(const struct cis_designs *designs,
				 double rate_hz, unsigned *room)
{
	struct cis_rated *best = NULL;

	for (*room = 0; *room < MAX_RATE; ++*room) {
		struct cis_rated *rated = rated_at(designs, *room);

		if (!rated)
			break;
		if (!best || away(rated, rate_hz) < away(best, rate_hz))
			best = rated;
	}
	return best;
}

static bool serves(const struct cis_rated *rated, double rate_hz, unsigned room)
{
	return rated && (away(rated, rate_hz) <= NEAR || room == MAX_RATE);
}

const struct cis_rated *cis_designs_get(struct cis_designs *designs,
					double rate_hz)
{
	unsigned room;
	struct cis_rated *rated = nearest(designs, rate_hz, &room);

	if (serves(rated, rate_hz, room))
		return rated;
	atomic_store_explicit(&designs->wanted_hz, rate_hz,
			      memory_order_relaxed);
	return NULL;
}

const struct cis_rated *cis_designs_make(struct cis_designs *designs,
					 double rate_hz)
{
	for (;;) {
		unsigned room;
		struct cis_rated *rated = nearest(designs, rate_hz, &room);
		struct cis_rated *none = NULL;

		if (serves(rated, rate_hz, room))
			return rated;
		rated = new_rated(designs, rate_hz);
		if (!rated ||
		    atomic_compare_exchange_strong_explicit(
			    &designs->rated[room], &none, rated,
			    memory_order_release, memory_order_relaxed))
			return rated;
		free_rated(rated); /* another thread was first: look again */
	}
}

struct cis_shape cis_designs_shape(const struct cis_designs *designs,
				   double rate_hz)
{
	unsigned room;
	const struct cis_rated *rated = nearest(designs, rate_hz, &room);
	struct cis_design design = designs->base;

	if (serves(rated, rate_hz, room))
		return rated->shape;
	design.rate_hz = rate_hz;
	return cis_design_shape(&design);
}

/* ---- in the background ---- */

bool cis_designs_wants(const struct cis_designs *designs)
{
	if (atomic_load_explicit(&designs->wanted_hz, memory_order_relaxed) > 0)
		return true;
	for (unsigned i = 0; i < MAX_RATE && rated_at(designs, i); i++)
		if (cis_bank_wants(rated_at(designs, i)->bank))
			return true;
	return false;
}

/* A new rate begins with the rows of the nominal frequency. */
static int make_rate(struct cis_designs *designs, double rate_hz)
{
	const struct cis_rated *rated = cis_designs_make(designs, rate_hz);

	if (!rated)
		return -ENOMEM;
	cis_bank_want(rated->bank,
		      cis_bank_index(rated->bank, designs->base.fnom_hz));
	return 1;
}

int cis_designs_make_one(struct cis_designs *designs)
{
	double wanted_hz = atomic_exchange_explicit(&designs->wanted_hz, 0,
						    memory_order_relaxed);

	if (wanted_hz > 0)
		return make_rate(designs, wanted_hz);
	for (unsigned i = 0; i < MAX_RATE && rated_at(designs, i); i++) {
		int made = cis_bank_make_one(rated_at(designs, i)->bank);

		if (made)
			return made;
	}
	return 0;
}
