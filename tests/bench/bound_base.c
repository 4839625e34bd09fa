/* bound_base.c - the bounds of any machine. */
#define LANES 2

typedef double vec __attribute__((vector_size(LANES * sizeof(double))));

#include "bound_body.h"

const struct cis_bound cis_bound_base = {"base", load, multiply_add};
