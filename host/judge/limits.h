/* limits.h - limits.csv, compiled in by limits_table.cmake. */
#ifndef HOST_JUDGE_LIMITS_H
#define HOST_JUDGE_LIMITS_H

#include "cisoid/judge.h"

extern const unsigned cis_n_limit;
extern const struct cis_limit cis_limits[];

#endif
