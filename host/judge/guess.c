/*
 * guess.c - the channel map as the values suggest it; see match.h.
 *
 * A candidate is a reference value that a phasor of the PMU may have: a phasor,
 * a line-to-line voltage, or a line-to-neutral one made of a line-to-line one.
 * Candidates of one kind differ by at least 30 degrees in a balanced system, so
 * that half of it is what a phasor may be off and still fit.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "guess.h"
#include "host/core/angle.h"

/* Of a reference's largest of a quantity: below, a phasor carries nothing. */
#define DEAD 0.01

int cis_guess_new(uint32_t n_ref, uint32_t n_dut, struct cis_guess **out)
{
	struct cis_guess *g = calloc(1, sizeof(*g));
	size_t n = CIS_GUESS_PAIRS;

	if (!g)
		return -ENOMEM;
	g->n_ref = n_ref;
	g->n_dut = n_dut;
	g->ref = calloc(n * (n_ref + 1), sizeof(*g->ref));
	g->dut = calloc(n * (n_dut + 1), sizeof(*g->dut));
	if (!g->ref || !g->dut) {
		cis_guess_free(g);
		return -ENOMEM;
	}
	*out = g;
	return 0;
}

void cis_guess_free(struct cis_guess *guess)
{
	if (!guess)
		return;
	free(guess->ref);
	free(guess->dut);
	free(guess);
}

bool cis_guess_add(struct cis_guess *guess, const double complex *ref_rms,
		   const double complex *dut_rms)
{
	if (guess->n == CIS_GUESS_PAIRS)
		return true;
	memcpy(&guess->ref[(size_t)guess->n * guess->n_ref], ref_rms,
	       guess->n_ref * sizeof(*ref_rms));
	memcpy(&guess->dut[(size_t)guess->n * guess->n_dut], dut_rms,
	       guess->n_dut * sizeof(*dut_rms));
	return ++guess->n == CIS_GUESS_PAIRS;
}

/* ---- candidates ---- */

static double rms_of(const double complex *x, uint32_t n, uint32_t stride)
{
	double sum = 0;
	uint32_t seen = 0;

	for (uint32_t i = 0; i < n; i++) {
		double mag = cabs(x[(size_t)i * stride]);

		if (!isfinite(mag))
			continue;
		sum += mag * mag;
		seen++;
	}
	return seen ? sqrt(sum / seen) : NAN;
}

static bool fits_quantity(enum cis_match_quantity a, enum cis_match_quantity b)
{
	return a == b || a == CIS_MATCH_UNKNOWN || b == CIS_MATCH_UNKNOWN;
}

static bool is_live(const struct cis_proposal *p, uint32_t i)
{
	const struct cis_match_side *ref = &p->side[CIS_REF];
	double top = 0;

	for (uint32_t k = 0; k < ref->n; k++)
		if (ref->phasor[k].quantity == ref->phasor[i].quantity)
			top = fmax(top, p->ref_rms[k]);
	return p->ref_rms[i] > DEAD * top;
}

static void add_candidate(struct cis_proposal *p, struct cis_candidate c)
{
	if (p->n_candidate < p->room)
		p->candidate[p->n_candidate++] = c;
}

/* Two conductors a third of a turn apart, of about one magnitude. */
static bool are_phases(const struct cis_proposal *p, uint32_t a, uint32_t b)
{
	const struct cis_guess *g = p->guess;
	double complex turn = g->ref[a] * conj(g->ref[b]);
	double apart = fabs(carg(turn)) - 120 * CIS_RAD_PER_DEG;
	double ratio = p->ref_rms[a] / p->ref_rms[b];

	return fabs(apart) < 25 * CIS_RAD_PER_DEG && ratio > 0.8 &&
	       ratio < 1.25;
}

static void add_line_to_line(struct cis_proposal *p, uint32_t a)
{
	const struct cis_match_phasor *x = p->side[CIS_REF].phasor;

	for (uint32_t b = 0; b < p->side[CIS_REF].n; b++) {
		if (a == b || x[b].sequence ||
		    x[b].quantity == CIS_MATCH_CURRENT || !is_live(p, b) ||
		    !are_phases(p, a, b))
			continue;
		add_candidate(
			p, (struct cis_candidate){.kind = CIS_KIND_LINE,
						  .n_term = 2,
						  .term = {{a, 1}, {b, -1}},
						  .ratio = 1,
						  .quantity = x[a].quantity});
	}
}

/* In a balanced system, where the reference has line-to-line voltages only. */
static void add_line_to_neutral(struct cis_proposal *p, uint32_t a)
{
	for (int sense = -1; sense <= 1; sense += 2)
		add_candidate(
			p,
			(struct cis_candidate){
				.kind = CIS_KIND_NEUTRAL,
				.n_term = 1,
				.term = {{a, 1}},
				.ratio = 1 / sqrt(3),
				.angle_rad = sense * 30 * CIS_RAD_PER_DEG,
				.quantity =
					p->side[CIS_REF].phasor[a].quantity});
}

/* The sequence of VA-VB, VB-VC, VC-VA: sqrt 3 times that of VA, VB, VC, turned
 * by 30 degrees (positive) or -30 (negative). */
static void add_sequence_of_lines(struct cis_proposal *p, uint32_t a)
{
	for (int sense = -1; sense <= 1; sense += 2)
		add_candidate(
			p,
			(struct cis_candidate){
				.kind = CIS_KIND_LINE_SEQUENCE,
				.n_term = 1,
				.term = {{a, 1}},
				.ratio = sqrt(3),
				.angle_rad = sense * 30 * CIS_RAD_PER_DEG,
				.quantity =
					p->side[CIS_REF].phasor[a].quantity});
}

void cis_proposal_candidates(struct cis_proposal *p)
{
	const struct cis_match_side *ref = &p->side[CIS_REF];

	for (uint32_t i = 0; i < ref->n; i++)
		p->ref_rms[i] =
			rms_of(&p->guess->ref[i], p->guess->n, p->guess->n_ref);
	for (uint32_t i = 0; i < ref->n; i++) {
		const struct cis_match_phasor *x = &ref->phasor[i];

		if (!is_live(p, i))
			continue;
		add_candidate(p, (struct cis_candidate){
					 .kind = x->sequence ? CIS_KIND_SEQUENCE
							     : CIS_KIND_SAME,
					 .n_term = 1,
					 .term = {{i, 1}},
					 .ratio = 1,
					 .quantity = x->quantity});
		if (x->quantity == CIS_MATCH_CURRENT)
			continue;
		if (x->sequence) {
			add_sequence_of_lines(p, i);
			continue;
		}
		add_line_to_line(p, i);
		add_line_to_neutral(p, i);
	}
}

/* ---- how a phasor compares with a candidate ---- */

struct cis_match cis_candidate_match(const struct cis_candidate *c,
				     double scale, uint32_t dut)
{
	struct cis_match m = {.n_term = c->n_term,
			      .ratio = c->ratio * scale,
			      .angle_rad = c->angle_rad,
			      .dut = dut};

	memcpy(m.term, c->term, sizeof(c->term));
	return m;
}

double complex cis_proposal_ratio(const struct cis_proposal *p,
				  const struct cis_candidate *c, uint32_t dut)
{
	const struct cis_guess *g = p->guess;
	struct cis_match m = cis_candidate_match(c, 1, dut);
	double complex cross = 0;
	double square = 0;

	for (uint32_t i = 0; i < g->n; i++) {
		double complex is = cis_match_reference(
			&m, &g->ref[(size_t)i * g->n_ref], g->n_ref);
		double complex told = g->dut[(size_t)i * g->n_dut + dut];
		double complex product = told * conj(is);

		if (!isfinite(creal(product)) || !isfinite(cimag(product)))
			continue;
		cross += product;
		square += creal(is * conj(is));
	}
	return square > 0 ? cross / square : cis_rect(NAN, NAN);
}

bool cis_ratio_fits(double complex ratio, double scale, double part)
{
	return fabs(cabs(ratio) / scale - 1) <= part &&
	       fabs(carg(ratio)) < CIS_FIT_RAD;
}

bool cis_candidate_suits(const struct cis_proposal *p,
			 const struct cis_candidate *c, uint32_t dut)
{
	return fits_quantity(c->quantity,
			     p->side[CIS_DUT].phasor[dut].quantity);
}

bool cis_candidate_is_called(const struct cis_proposal *p,
			     const struct cis_candidate *c, const char *name)
{
	return c->n_term == 1 && c->ratio == 1 &&
	       !strcasecmp(p->side[CIS_REF].phasor[c->term[0].phasor].name,
			   name);
}
