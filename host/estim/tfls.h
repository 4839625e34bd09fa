/*
 * tfls.h - profiles P, M and reference: constant rows, recentred on the
 * frequency found. docs/estimator.md, 2 and 5.
 */
#ifndef HOST_ESTIM_TFLS_H
#define HOST_ESTIM_TFLS_H

#include "method.h"

extern const struct cis_method cis_method_tfls;

#endif
