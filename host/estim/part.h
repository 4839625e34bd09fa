/*
 * part.h - least squares on one parity of a symmetric window.
 *
 * All that the profiles are made of is even or odd in time, so that the even
 * and the odd part of a window are two problems of half the size. The points
 * of a part are i = odd..half of the window; vectors on them are scaled by
 * sqrt 2, for i and -i, or 1 in the middle, so that their dot products are
 * those over the whole window.
 */
#ifndef HOST_ESTIM_PART_H
#define HOST_ESTIM_PART_H

#include <stdbool.h>
#include <stddef.h>

#include "rows.h"

/* Of the eight real forms of a window four see each part:
 * even Re d0, Im d1, Re d2, Im d3; odd Im d0, Re d1, Im d2, Re d3. */
#define CIS_N_FORM 4

struct cis_part {
	unsigned odd;
	size_t n;  /* points */
	size_t m;  /* columns */
	double *x; /* [m][n] */
	double *d; /* [CIS_N_FORM][m]: what a form is to make of a column */
	double *w; /* [CIS_N_FORM][n]: the forms */
};

/* Everything zero; false: no memory, or more columns than points. */
bool cis_part_init(struct cis_part *p, unsigned odd, size_t half, size_t m);
void cis_part_free(struct cis_part *p);

/* Which of the rows.h rows form f of the part is. */
unsigned cis_part_row(unsigned odd, unsigned form);

/* Samples become scaled vectors: x[.][i] *= scale[i] root[i - odd]; NULL: 1. */
void cis_part_weigh(struct cis_part *p, const double *root);

/* And w the half-row of form f, at points 0..half. */
void cis_part_half_row(const struct cis_part *p, unsigned f, const double *root,
		       double *g);

/* The shortest w - w0 with x'w = d, w0 being w orthogonal to x. */
bool cis_part_solve(struct cis_part *p);

/* Takes what is left of d - x'w out of w, twice. */
bool cis_part_polish(struct cis_part *p);

/* x <- a^-1 x, w <- a^-1 w, or w <- a^-T w; a lower, n x n. */
void cis_part_whiten(struct cis_part *p, const double *a);
void cis_part_colour(struct cis_part *p, const double *a);

#endif
