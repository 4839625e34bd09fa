/* guess.h - parts of a proposed channel map; see match.h. */
#ifndef HOST_JUDGE_GUESS_H
#define HOST_JUDGE_GUESS_H

#include "cisoid/match.h"

struct cis_guess {
	uint32_t n_ref, n_dut, n;
	double complex *ref, *dut; /* [CIS_GUESS_PAIRS][n] */
};

/* What a phasor of the PMU may be; the first that fits is preferred. */
enum cis_kind {
	CIS_KIND_SAME,
	CIS_KIND_LINE, /* line to line, of two to neutral */
	CIS_KIND_SEQUENCE,
	CIS_KIND_NEUTRAL,       /* to neutral, of one line to line */
	CIS_KIND_LINE_SEQUENCE, /* of lines to line, of one to neutral */
};

struct cis_candidate {
	enum cis_kind kind;
	uint32_t n_term;
	struct cis_match_term term[CIS_MATCH_MAX_TERM];
	double ratio, angle_rad;
	enum cis_match_quantity quantity;
};

struct cis_proposal {
	const struct cis_guess *guess;
	const struct cis_match_side *side;
	double *ref_rms; /* [n_ref] */
	struct cis_candidate *candidate;
	uint32_t n_candidate, room;
	/* DUT over reference, a factor common to a quantity; by it. */
	double scale[CIS_MATCH_CURRENT + 1];
};

/* How far off a phasor may be and still fit. */
#define CIS_FIT_PART 0.1
#define CIS_FIT_RAD  (15 * 3.141592653589793238463 / 180)

void cis_proposal_candidates(struct cis_proposal *p);

/* PMU over candidate, by least squares over the pairs; NaN: no values. */
double complex cis_proposal_ratio(const struct cis_proposal *p,
				  const struct cis_candidate *c, uint32_t dut);
bool cis_ratio_fits(double complex ratio, double scale, double part);
bool cis_candidate_suits(const struct cis_proposal *p,
			 const struct cis_candidate *c, uint32_t dut);
bool cis_candidate_is_called(const struct cis_proposal *p,
			     const struct cis_candidate *c, const char *name);
struct cis_match cis_candidate_match(const struct cis_candidate *c,
				     double scale, uint32_t dut);

/* ---- scale.c ---- */

/* Finds p->scale; a guessed factor is told. */
void cis_proposal_scale(struct cis_proposal *p, struct cis_warn_list *tell);

#endif
