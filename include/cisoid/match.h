/*
 * match.h - which phasor of the PMU is which of the reference.
 *
 * Pure. The reference value of a PMU's phasor is a sum of reference phasors
 * times a ratio, turned by an angle. It is told as text or proposed from a few
 * paired reports.
 */
#ifndef CISOID_MATCH_H
#define CISOID_MATCH_H

#include <complex.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cisoid/chan.h"
#include "cisoid/diag.h"
#include "cisoid/report.h"

enum cis_side { CIS_REF, CIS_DUT, CIS_N_SIDE };

enum cis_match_quantity {
	CIS_MATCH_UNKNOWN, /* fits everything */
	CIS_MATCH_VOLTAGE,
	CIS_MATCH_CURRENT,
};

/* One phasor of a side, in the order of its reports. */
struct cis_match_phasor {
	const char *name; /* borrowed */
	enum cis_match_quantity quantity;
	bool sequence; /* a symmetrical component, not a conductor */
};

struct cis_match_side {
	uint32_t n;
	const struct cis_match_phasor *phasor; /* borrowed */
};

/* Why a match that was proposed carries no verdict until a person confirms it
 * with a map of his own. */
enum cis_match_doubt {
	CIS_MATCH_SURE,
	CIS_MATCH_RATIO_GUESSED,   /* rounded from values that may be wrong */
	CIS_MATCH_NAME_DISAGREES,  /* the name belongs to another phasor */
	CIS_MATCH_BALANCE_ASSUMED, /* to neutral, out of one line to line */
	/* By name, where the reference has no value or next to none. */
	CIS_MATCH_NO_REFERENCE,
};

#define CIS_MATCH_MAX_TERM  3
#define CIS_MATCH_MAX       256
#define CIS_MATCH_TEXT      320
#define CIS_MATCH_UNMATCHED 100

struct cis_match {
	uint32_t n_term;
	struct cis_match_term {
		uint32_t phasor; /* of the reference */
		double sign;     /* 1 or -1 */
	} term[CIS_MATCH_MAX_TERM];
	double ratio, angle_rad;
	uint32_t dut; /* phasor of the PMU */
	/* 1: told. Else what the proposal says of itself: 0.9 and more by name
	 * and value, 0.7 by value alone, 0.4 and less: look at it. */
	double confidence;
	enum cis_match_doubt doubt;
	char text[CIS_MATCH_TEXT]; /* "VA-VB*0.001@30=UAB" */
};

struct cis_match_map {
	uint32_t n;
	struct cis_match match[CIS_MATCH_MAX];
	/* Phasors of the PMU that a proposal found nothing for, "a, b"; cut.
	 * A map that was told leaves out what it leaves out. */
	char unmatched[CIS_MATCH_UNMATCHED];
};

/*
 * "A=B,...": A is a reference phasor or a sum or difference of up to three
 * (`VA-VB`), then optionally `*RATIO` and `@DEGREES`, in this order; B a phasor
 * of the PMU. Where a name holds such a sign, the longest name that fits is
 * meant; where letters differ in case only, the exact one. A voltage is no
 * current, unless a RATIO is written. -EINVAL with a
 * message that names the nearest; *out is then untouched.
 */
int cis_match_parse(const char *text, const struct cis_match_side side[2],
		    struct cis_match_map *out, struct cis_diag *diag);

/* The PMU's phasors that no match uses, as "a, b"; cut to size. */
const char *cis_match_unused(const struct cis_match_map *map,
			     const struct cis_match_side *dut, char *buf,
			     size_t size);

/* What the PMU's phasor should be; NaN where a term is missing. */
double complex cis_match_reference(const struct cis_match *match,
				   const double complex *phasor_rms,
				   uint32_t n_phasor);

/* ---- a proposal ---- */

#define CIS_GUESS_PAIRS 8

struct cis_guess;

int cis_guess_new(uint32_t n_ref, uint32_t n_dut, struct cis_guess **out);
void cis_guess_free(struct cis_guess *guess); /* NULL is allowed */

/* One paired report, phasors in each side's order (n_ref, n_dut of them).
 * Returns whether enough have been seen; more are ignored. */
bool cis_guess_add(struct cis_guess *guess, const double complex *ref_rms,
		   const double complex *dut_rms);

/*
 * Proposes a reference for each phasor of the PMU, by name (alone, where either
 * side has no value yet), quantity, magnitude and angle: equal, as line-to-line
 * voltage, or by a factor of 4 or more common to all voltages (to all currents);
 * smaller ones are errors. What a person should know of it (names that agree where values do not,
 * a guessed factor, phasors without a reference) goes to `tell`. -EINVAL:
 * nothing fits, or several fit equally well; -ENODATA: no values.
 */
int cis_match_propose(const struct cis_guess *guess,
		      const struct cis_match_side side[2],
		      struct cis_match_map *out, struct cis_warn_list *tell,
		      struct cis_diag *diag);

#endif
