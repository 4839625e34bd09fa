/*
 * scale.c - the factor between a PMU's voltages (currents) and the reference's:
 * an instrument transformer's ratio; see guess.h.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "guess.h"

/* Phasors of one PMU share a factor to this part. */
#define SHARED_PART 0.05
/* A ratio of transformers is a round number; a PMU errs by less than this. */
#define ROUND_PART  0.015
/* Transformers have larger ratios; a PMU may be wrong by smaller ones. */
#define LEAST_RATIO 4

static bool of_quantity(const struct cis_proposal *p, uint32_t dut,
			enum cis_match_quantity q)
{
	return p->side[CIS_DUT].phasor[dut].quantity == q;
}

/* Its ratio is no guess about the system. */
static bool is_plain(const struct cis_candidate *c)
{
	return c->kind != CIS_KIND_NEUTRAL && c->kind != CIS_KIND_LINE_SEQUENCE;
}

static bool fits_somewhere(const struct cis_proposal *p, uint32_t dut,
			   double scale, double part)
{
	for (uint32_t i = 0; i < p->n_candidate; i++) {
		const struct cis_candidate *c = &p->candidate[i];

		if (is_plain(c) && cis_candidate_suits(p, c, dut) &&
		    cis_ratio_fits(cis_proposal_ratio(p, c, dut), scale, part))
			return true;
	}
	return false;
}

static uint32_t votes(const struct cis_proposal *p, enum cis_match_quantity q,
		      double scale, double part)
{
	uint32_t n = 0;

	for (uint32_t j = 0; j < p->guess->n_dut; j++)
		n += of_quantity(p, j, q) && fits_somewhere(p, j, scale, part);
	return n;
}

/* Few digits, if that is within a PMU's error of it. */
static double rounded(double x)
{
	for (int digits = 0; digits < 3; digits++) {
		char text[32];
		double r;

		snprintf(text, sizeof(text), "%.*e", digits, x);
		r = strtod(text, NULL);
		if (fabs(r / x - 1) <= ROUND_PART)
			return r;
	}
	return x;
}

static double round_ratio(double x)
{
	return x < 1 ? 1 / rounded(1 / x) : rounded(x);
}

/* The factor that most phasors share, of those by which one of them fits. */
static double most_shared(const struct cis_proposal *p,
			  enum cis_match_quantity q, uint32_t *most)
{
	double best = 1;

	for (uint32_t j = 0; j < p->guess->n_dut; j++) {
		for (uint32_t i = 0; i < p->n_candidate; i++) {
			const struct cis_candidate *c = &p->candidate[i];
			double complex ratio = cis_proposal_ratio(p, c, j);
			uint32_t n;

			if (!of_quantity(p, j, q) || !is_plain(c) ||
			    !cis_candidate_suits(p, c, j) ||
			    !cis_ratio_fits(ratio, cabs(ratio), SHARED_PART))
				continue;
			n = votes(p, q, cabs(ratio), SHARED_PART);
			if (n <= *most)
				continue;
			*most = n;
			best = cabs(ratio);
		}
	}
	return best;
}

static uint32_t n_of(const struct cis_proposal *p, enum cis_match_quantity q)
{
	uint32_t n = 0;

	for (uint32_t j = 0; j < p->guess->n_dut; j++)
		n += of_quantity(p, j, q);
	return n;
}

void cis_proposal_scale(struct cis_proposal *p, struct cis_warn_list *tell)
{
	static const char *const what[] = {"phasors", "voltages", "currents"};

	for (int i = 0; i <= CIS_MATCH_CURRENT; i++) {
		enum cis_match_quantity q = (enum cis_match_quantity)i;
		uint32_t most = votes(p, q, 1, CIS_FIT_PART);
		double found;

		p->scale[i] = 1;
		if (2 * most >= n_of(p, q))
			continue;
		found = most_shared(p, q, &most);
		if (most < 2 || 2 * most < n_of(p, q) ||
		    fabs(log(found)) < log(LEAST_RATIO * (1 - SHARED_PART)))
			continue;
		p->scale[i] = round_ratio(found);
		cis_warn(tell,
			 "the PMU's %s are %.6g times the reference's: taken "
			 "as a ratio of %.9g; where the true ratio is another, "
			 "give it with --map (VA*%.9g=...)",
			 what[i], found, p->scale[i], p->scale[i]);
	}
}
